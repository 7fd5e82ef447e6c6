"""What a DuckDB takes of the machine while rows are merged into it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient

from ampersand import duckdb_limits
from ampersand.duckdb_limits import limits

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


def _threads(client: DuckDbSqlClient) -> int:
    ((threads,),) = client.execute_sql("SELECT current_setting('threads')") or []
    return int(threads)


def test_little_memory_is_taken_until_the_last_merge_ends(connect: Connect):
    client, other = connect(), connect()
    client.execute_sql("SET GLOBAL threads = 4")
    client.execute_sql("SET GLOBAL memory_limit = '4 GiB'")
    with limits.during_merge(client) as limit:
        assert limit == 320 * 2**20
        with limits.during_merge(other):
            assert _limit(client) == _limit(other) == "320.0 MiB"
        assert _limit(client) == "320.0 MiB"
    assert _limit(client) == "4.0 GiB"


@pytest.mark.parametrize(("threads", "then"), [(1, 1), (2, 1), (3, 1), (8, 4)])
def test_one_merge_takes_half_of_the_threads(connect: Connect, threads: int, then: int):
    """Else merges that run at the same time take more of the processor than they need."""
    client = connect()
    client.execute_sql(f"SET GLOBAL threads = {threads}")
    with limits.during_merge(client) as limit:
        assert limit == then * 160 * 2**20
        assert _threads(client) == then
    assert _threads(client) == threads


@pytest.mark.parametrize("told", [{"threads": 3}, {"worker_threads": 3}])
def test_threads_that_somebody_has_set_stay(connect: Connect, tmp_path: Path, told: dict[str, int]):
    client = connect(DuckDbCredentials(str(tmp_path / "mine.duckdb"), global_config=told))
    with limits.during_merge(client) as limit:
        assert limit == 3 * 160 * 2**20
        assert _threads(client) == 3
    assert _threads(client) == 3


def test_where_one_setting_cannot_be_made_the_other_is_not_made_either(connect: Connect):
    client = connect()
    client.execute_sql("SET GLOBAL threads = 4")
    client.execute_sql("SET GLOBAL external_threads = 3")  # threads cannot be fewer
    before = _limit(client)
    with limits.during_merge(client) as limit:
        assert limit is None
        assert (_limit(client), _threads(client)) == (before, 4)
    assert (_limit(client), _threads(client)) == (before, 4)


def test_memory_is_given_back_after_an_error(connect: Connect):
    client = connect()
    before = _limit(client)
    with pytest.raises(KeyError), limits.during_merge(client):
        raise KeyError
    assert _limit(client) == before


def test_error_is_told_also_where_memory_cannot_be_given_back(connect: Connect):
    client = connect()
    with pytest.raises(KeyError), limits.during_merge(client):
        client.native_connection.close()
        raise KeyError


def test_limit_that_is_lifted_does_not_come_back(connect: Connect):
    client = connect()
    before = _limit(client)
    with limits.during_merge(client):
        limits.lift(client)
        assert _limit(client) == before
        with limits.during_merge(client) as limit:
            assert limit is None
            assert _limit(client) == before


def test_lower_limit_stays(connect: Connect):
    client = connect()
    client.execute_sql("SET GLOBAL memory_limit = '64 MiB'")
    with limits.during_merge(client) as limit:
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
    with limits.during_merge(client) as limit:
        assert limit is None
        assert _limit(client) == "8.0 GiB"


def test_connection_that_somebody_brings_is_left_alone(connect: Connect):
    with duckdb.connect(":memory:") as connection:
        client = connect(connection)
        before = _limit(client)
        with limits.during_merge(client) as limit:
            assert limit is None
            assert _limit(client) == before
        client.close_connection()


@pytest.mark.parametrize("size", ["18.7 GiB", "9.9 GiB", "4.0 GiB", "1.1 TiB", "900.3 MiB"])
def test_limit_is_the_same_however_often_it_is_given_back(connect: Connect, size: str):
    client = connect()
    client.execute_sql(f"SET GLOBAL memory_limit = '{duckdb_limits._bytes(size)} bytes'")
    assert _limit(client) == size
    for _ in range(3):
        with limits.during_merge(client):
            pass
        assert _limit(client) == size


def test_no_limit_at_all_is_more_than_ours(connect: Connect):
    client = connect()
    client.execute_sql("SET GLOBAL memory_limit = '-1'")
    before = _limit(client)
    with limits.during_merge(client) as limit:
        assert limit
    assert _limit(client) == before
