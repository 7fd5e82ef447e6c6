"""How rows get into a DuckDB: straight from their files, and with little of its memory."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient
from dlt.pipeline.exceptions import PipelineStepFailed

from ampersand import ampersand_source, merging
from ampersand.merging import sparing
from ampersand.tables import INTEGRATION_TABLES
from ampersand_pipelines.sandbox import SandboxServer
from tests.support.acme import KEY, Acme
from tests.support.warehouses import DATASET, Warehouse

CONTENT = [table for table in INTEGRATION_TABLES if not table.ledger]


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse("duckdb", tmp_path)


@pytest.fixture(scope="module")
def api() -> Iterator[SandboxServer]:
    with SandboxServer(Acme().account) as api:
        yield api


def _source(api: SandboxServer) -> Any:
    return ampersand_source(api_key=KEY, base_url=api.url, full=True)


def _counts(warehouse: Warehouse) -> dict[str, int]:
    """Number of rows of each table of content.

    Fails where two have the same key.
    """
    counts = {}
    for table in CONTENT:
        key = ", ".join(table.key)
        ((rows, keys),) = warehouse.rows(
            f"SELECT COUNT(*), COUNT(DISTINCT ({key})) FROM {DATASET}.{table.name}"
        )
        assert rows == keys, table.name
        counts[table.name] = rows
    return counts


def test_rows_are_written_once(warehouse: Warehouse, api: SandboxServer):
    """Neither into a staging table before, nor by a job of dlt's afterwards."""
    info = warehouse.pipeline().run(_source(api))
    merged_by_dlt = {
        job.job_file_info.table_name
        for package in info.load_packages
        for job in package.jobs["completed_jobs"]
        if job.job_file_info.file_format == "sql"
    }
    assert "extraction_runs" in merged_by_dlt
    assert not merged_by_dlt & {table.name for table in CONTENT}
    assert all(_counts(warehouse).values())
    for table in CONTENT:
        assert warehouse.rows(f"SELECT * FROM {DATASET}_staging.{table.name}") == []


def test_rows_that_are_there_are_replaced(warehouse: Warehouse, api: SandboxServer):
    warehouse.pipeline().run(_source(api))
    before = _counts(warehouse)
    warehouse.execute(f"UPDATE {DATASET}.revision_fields SET field_name = 'changed by hand'")
    warehouse.pipeline().run(_source(api))
    # each run has a listing of its own only where something has changed
    assert _counts(warehouse) == before
    assert (
        warehouse.rows(
            f"SELECT * FROM {DATASET}.revision_fields WHERE field_name = 'changed by hand'"
        )
        == []
    )


@pytest.mark.parametrize("begins_with_ours", [True, False])
def test_what_one_has_begun_the_other_finishes(
    warehouse: Warehouse, api: SandboxServer, begins_with_ours: bool
):
    """A new process loads what is pending by dlt's own client, before it asks this source."""
    pipeline = warehouse.pipeline()
    pipeline.extract(_source(api))
    pipeline.normalize()
    (job,) = warehouse.pipelines_dir.glob("*/load/normalized/*/new_jobs/revision_fields.*")
    content = job.read_bytes()
    job.write_bytes(b"not what was extracted")
    ours, plain = pipeline, warehouse.pipeline()
    first, second = (ours, plain) if begins_with_ours else (plain, ours)
    with pytest.raises(PipelineStepFailed):
        first.load()
    (job,) = warehouse.pipelines_dir.glob("*/load/normalized/*/*_jobs/revision_fields.*")
    job.write_bytes(content)
    second.load()
    assert all(_counts(warehouse).values())


def test_what_needs_more_memory_gets_it(
    warehouse: Warehouse, api: SandboxServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(merging, "_MEMORY_PER_THREAD", 1_000_000)
    warehouse.pipeline().run(_source(api))
    assert all(_counts(warehouse).values())
    assert str(warehouse.file) in sparing._given_up


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
    with sparing(client):
        with sparing(other) as is_limited:
            assert is_limited
            assert _limit(client) == _limit(other) == "256.0 MiB"
        assert _limit(client) == "256.0 MiB"
    assert _limit(client) == "4.0 GiB"


def test_memory_is_given_back_after_an_error(connect: Connect):
    client = connect()
    before = _limit(client)
    with pytest.raises(KeyError), sparing(client):
        raise KeyError
    assert _limit(client) == before


def test_who_gives_up_gets_all_memory_from_then_on(connect: Connect):
    client = connect()
    before = _limit(client)
    with sparing(client):
        sparing.give_up(client)
        assert _limit(client) == before
    with sparing(client) as is_limited:
        assert not is_limited
        assert _limit(client) == before


def test_lower_limit_stays(connect: Connect):
    client = connect()
    client.execute_sql("SET GLOBAL memory_limit = '64 MiB'")
    with sparing(client) as is_limited:
        assert not is_limited
        assert _limit(client) == "64.0 MiB"


def test_limit_that_somebody_has_set_stays(connect: Connect, tmp_path: Path):
    mine = DuckDbCredentials(str(tmp_path / "mine.duckdb"), global_config={"memory_limit": "8 GiB"})
    client = connect(mine)
    with sparing(client) as is_limited:
        assert not is_limited
        assert _limit(client) == "8.0 GiB"


def test_connection_that_somebody_brings_is_left_in_peace(connect: Connect):
    with duckdb.connect(":memory:") as connection:
        client = connect(connection)
        before = _limit(client)
        with sparing(client) as is_limited:
            assert not is_limited
            assert _limit(client) == before
        client.close_connection()


@pytest.mark.parametrize("size", ["18.7 GiB", "9.9 GiB", "4.0 GiB", "1.1 TiB", "900.3 MiB"])
def test_limit_is_the_same_however_often_it_is_given_back(connect: Connect, size: str):
    client = connect()
    client.execute_sql(f"SET GLOBAL memory_limit = '{merging._bytes(size)} bytes'")
    assert _limit(client) == size
    for _ in range(3):
        with sparing(client):
            pass
        assert _limit(client) == size
