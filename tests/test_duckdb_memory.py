"""How much memory a DuckDB takes while rows are merged into it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient

from ampersand import duckdb_memory
from ampersand.duckdb_memory import memory

Connect = Callable[..., DuckDbSqlClient]


@pytest.fixture
def connect(tmp_path: Path) -> Iterator[Connect]:
    """Makes clients with an open connection."""
    clients = []

    def make(credentials: Any = None) -> DuckDbSqlClient:
        pipeline = dlt.pipeline(
            "limits",
            destination=dlt.destinations.duckdb(credentials or str(tmp_path / "limits.duckdb")),
            dataset_name="data",
            pipelines_dir=str(tmp_path / "pipelines"),
        )
        client = pipeline.sql_client()
        client.open_connection()
        clients.append(client)
        assert isinstance(client, DuckDbSqlClient)
        return client

    yield make
    for client in clients:
        client.close_connection()


def _limit(client: DuckDbSqlClient) -> str:
    ((limit,),) = client.execute_sql("SELECT current_setting('memory_limit')") or []
    return str(limit)


def test_little_memory_is_taken_until_the_last_merge_ends(connect: Connect):
    client, other = connect(), connect()
    client.execute_sql("SET GLOBAL threads = 2")
    client.execute_sql("SET GLOBAL memory_limit = '4 GiB'")
    with memory.limited(client) as limit:
        assert limit == 256 * 2**20
        with memory.limited(other):
            assert _limit(client) == _limit(other) == "256.0 MiB"
        assert _limit(client) == "256.0 MiB"
    assert _limit(client) == "4.0 GiB"


def test_memory_is_given_back_after_an_error(connect: Connect):
    client = connect()
    before = _limit(client)
    with pytest.raises(KeyError), memory.limited(client):
        raise KeyError
    assert _limit(client) == before


def test_error_is_told_also_where_memory_cannot_be_given_back(connect: Connect):
    client = connect()
    with pytest.raises(KeyError), memory.limited(client):
        client.native_connection.close()
        raise KeyError


def test_limit_that_is_lifted_does_not_come_back(connect: Connect):
    client = connect()
    before = _limit(client)
    with memory.limited(client):
        memory.lift(client)
        assert _limit(client) == before
        with memory.limited(client) as limit:
            assert limit is None
            assert _limit(client) == before


def test_lower_limit_stays(connect: Connect):
    client = connect()
    client.execute_sql("SET GLOBAL memory_limit = '64 MiB'")
    with memory.limited(client) as limit:
        assert limit is None
        assert _limit(client) == "64.0 MiB"


@pytest.mark.parametrize(
    "told",
    [
        {"global_config": {"memory_limit": "8 GiB"}},
        {"global_config": {"max_memory": "8 GiB"}},
        {"global_config": {"MEMORY_LIMIT": "8 GiB"}},
        {"pragmas": ["memory_limit='8 GiB'"]},
        {"statements": ["SET memory_limit='8 GiB'"]},
    ],
)
def test_limit_that_somebody_has_set_stays(connect: Connect, tmp_path: Path, told: dict[str, Any]):
    client = connect(DuckDbCredentials(str(tmp_path / "mine.duckdb"), **told))
    with memory.limited(client) as limit:
        assert limit is None
        assert _limit(client) == "8.0 GiB"


def test_connection_that_somebody_brings_is_left_alone(connect: Connect):
    with duckdb.connect(":memory:") as connection:
        client = connect(connection)
        before = _limit(client)
        with memory.limited(client) as limit:
            assert limit is None
            assert _limit(client) == before
        client.close_connection()


@pytest.mark.parametrize("size", ["18.7 GiB", "9.9 GiB", "4.0 GiB", "1.1 TiB", "900.3 MiB"])
def test_limit_is_the_same_however_often_it_is_given_back(connect: Connect, size: str):
    client = connect()
    client.execute_sql(f"SET GLOBAL memory_limit = '{duckdb_memory._bytes(size)} bytes'")
    assert _limit(client) == size
    for _ in range(3):
        with memory.limited(client):
            pass
        assert _limit(client) == size


def test_no_limit_at_all_is_more_than_ours(connect: Connect):
    client = connect()
    client.execute_sql("SET GLOBAL memory_limit = '-1'")
    before = _limit(client)
    with memory.limited(client) as limit:
        assert limit
    assert _limit(client) == before
