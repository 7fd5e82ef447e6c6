"""How rows get into a DuckDB: straight from their files."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dlt
import pyarrow as pa
import pytest
from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient
from dlt.load.load import Load
from dlt.pipeline.exceptions import PipelineStepFailed
from dlt.pipeline.pipeline import Pipeline

from ampersand import ampersand_source, duckdb_limits, extraction, merging
from ampersand.merging import with_direct_merges
from ampersand.tables import INTEGRATION_TABLES
from ampersand_pipelines.sandbox import SandboxServer
from tests.support.acme import KEY, Acme
from tests.support.warehouses import DATASET, Warehouse

FIELDS = "revision_fields"


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse("duckdb", tmp_path)


@pytest.fixture(scope="module")
def api() -> Iterator[SandboxServer]:
    with SandboxServer(Acme().account) as api:
        yield api


@pytest.fixture(scope="module")
def expected(api: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """The rows of each table of content after an ordinary load."""
    warehouse = Warehouse("duckdb", tmp_path_factory.mktemp("expected"))
    warehouse.pipeline().run(_source(api))
    return _counts(warehouse)


def _source(api: SandboxServer) -> Any:
    return ampersand_source(api_key=KEY, base_url=api.url, full=True)


def _counts(warehouse: Warehouse) -> dict[str, int]:
    """Number of rows of each table of content: the ledger has more with each run.

    Fails where two have the same key, or a table has none.
    """
    counts = {}
    for table in INTEGRATION_TABLES:
        key = ", ".join(table.key)
        ((rows, keys),) = warehouse.rows(
            f"SELECT COUNT(*), COUNT(DISTINCT ({key})) FROM {DATASET}.{table.name}"
        )
        assert rows == keys > 0, table.name
        if not table.ledger:
            counts[table.name] = rows
    return counts


def _staged(warehouse: Warehouse, table: str) -> int:
    ((rows,),) = warehouse.rows(f"SELECT COUNT(*) FROM {DATASET}_staging.{table}")
    return int(rows)


@pytest.mark.parametrize("naming", ["snake_case", "sql_cs_v1"])
def test_capabilities_are_those_of_dlts_duckdb(
    naming: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """They are told without the configuration, which dlt would resolve each time."""
    monkeypatch.setenv("SCHEMA__NAMING", naming)
    schema = dlt.Schema("any")
    usual = dlt.destinations.duckdb(str(tmp_path / "any.duckdb"), max_table_nesting=3)
    direct = with_direct_merges(usual)
    for convention in (None, schema.naming):
        expected = dict(usual.capabilities(naming=convention))
        expected["loader_parallelism_strategy"] = "table-sequential"
        expected["max_parallel_load_jobs"] = duckdb_limits.MERGES_AT_ONCE
        expected["loader_file_format_selector"] = merging._file_format
        assert dict(direct.capabilities(naming=convention)) == expected


def test_rows_are_written_once(
    warehouse: Warehouse,
    api: SandboxServer,
    expected: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
):
    """Neither into a staging table before, nor by a job of dlt's afterwards.

    And nobody looks into the staging tables, which takes a connection each.
    """
    looked: list[str] = []
    is_staged = merging._Client._is_staged

    def noted(self: merging._Client, table: str) -> bool:
        looked.append(table)
        return is_staged(self, table)

    monkeypatch.setattr(merging._Client, "_is_staged", noted)
    info = warehouse.pipeline().run(_source(api))
    jobs = {
        (job.job_file_info.table_name, job.job_file_info.file_format)
        for package in info.load_packages
        for job in package.jobs["completed_jobs"]
    }
    names = {table.name for table in INTEGRATION_TABLES}
    assert {job for job in jobs if job[0] in names} == {(name, "parquet") for name in names}
    assert _counts(warehouse) == expected
    assert not any(_staged(warehouse, table.name) for table in INTEGRATION_TABLES)
    assert not looked


def test_rows_that_are_there_are_replaced(
    warehouse: Warehouse, api: SandboxServer, expected: dict[str, int]
):
    warehouse.pipeline().run(_source(api))
    warehouse.execute(f"UPDATE {DATASET}.{FIELDS} SET field_name = 'changed by hand'")
    warehouse.pipeline().run(_source(api))
    assert _counts(warehouse) == expected
    by_hand = f"SELECT * FROM {DATASET}.{FIELDS} WHERE field_name = 'changed by hand'"
    assert warehouse.rows(by_hand) == []


@pytest.fixture
def two_clients(
    warehouse: Warehouse, api: SandboxServer
) -> Callable[[], tuple[Pipeline, Pipeline]]:
    """Extracts; returns the pipeline, which merges directly, and one with dlt's own client.

    A new process loads what is pending by dlt's own, before it asks this source.
    """

    def extract() -> tuple[Pipeline, Pipeline]:
        pipeline = warehouse.pipeline()
        pipeline.extract(_source(api))
        pipeline.normalize()
        return pipeline, warehouse.pipeline()

    return extract


def test_what_an_interrupted_run_left_is_merged_directly(
    warehouse: Warehouse,
    api: SandboxServer,
    two_clients: Callable[[], tuple[Pipeline, Pipeline]],
    expected: dict[str, int],
):
    """By the pipeline that was there when the source was made."""
    _, pipeline = two_clients()
    _source(api)
    pipeline.load()
    assert _counts(warehouse) == expected
    assert not any(_staged(warehouse, table.name) for table in INTEGRATION_TABLES)


@pytest.mark.parametrize("is_new", [True, False])
def test_pipeline_of_somebody_else_is_left_alone(
    warehouse: Warehouse, api: SandboxServer, is_new: bool
):
    pipeline = warehouse.pipeline()
    if not is_new:
        pipeline.run([{"number": 1}], table_name="numbers")
    _source(api)
    assert type(pipeline.destination) is dlt.destinations.duckdb


@pytest.mark.parametrize(
    ("chosen", "is_kept"),
    [
        ({"max_parallel_load_jobs": 1}, True),
        ({"loader_parallelism_strategy": "sequential"}, True),
        ({"loader_parallelism_strategy": "parallel"}, False),
    ],
)
def test_what_somebody_chose_is_kept_where_it_does_no_harm(chosen: dict[str, Any], is_kept: bool):
    direct = with_direct_merges(dlt.destinations.duckdb("any.duckdb", **chosen))
    capabilities = dict(direct.capabilities())
    assert all((capabilities[name] == value) is is_kept for name, value in chosen.items())


def test_destination_that_a_run_is_given_merges_in_transactions(
    warehouse: Warehouse,
    api: SandboxServer,
    expected: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
):
    """It is dlt's own that loads then: of rows that are replaced, none may be missing meanwhile."""
    destination = dlt.destinations.duckdb(str(warehouse.file))

    def run() -> None:
        pipeline = dlt.pipeline(
            "ampersand", pipelines_dir=str(warehouse.pipelines_dir), dataset_name=DATASET
        )
        pipeline.run(_source(api), destination=destination)

    execute_query = DuckDbSqlClient.execute_query

    def broken_off(self: DuckDbSqlClient, query: Any, *arguments: Any, **options: Any) -> Any:
        before, insert, _ = str(query).partition(f'INSERT INTO "{DATASET}"."{FIELDS}"')
        if insert and "DELETE FROM" in before:
            with execute_query(self, before):
                raise RuntimeError
        return execute_query(self, query, *arguments, **options)

    run()
    with monkeypatch.context() as patch, pytest.raises(PipelineStepFailed):
        patch.setattr(DuckDbSqlClient, "execute_query", broken_off)
        run()
    assert _counts(warehouse) == expected


@pytest.mark.parametrize("begins_directly", [True, False])
@pytest.mark.parametrize("files", [1, 2])
def test_what_one_has_begun_the_other_finishes(
    warehouse: Warehouse,
    two_clients: Callable[[], tuple[Pipeline, Pipeline]],
    expected: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
    begins_directly: bool,
    files: int,
):
    """Also where a file of a table was loaded, and the other could not be."""
    if files > 1:
        monkeypatch.setattr(extraction, "BATCH_BYTES", 1)
        monkeypatch.setenv("DATA_WRITER__FILE_MAX_ITEMS", "1")
        monkeypatch.setenv("DATA_WRITER__BUFFER_MAX_ITEMS", "1")
    direct, plain = two_clients()
    jobs = sorted(warehouse.pipelines_dir.glob(f"*/load/normalized/*/new_jobs/{FIELDS}.*"))
    assert len(jobs) >= files
    name = ".".join(jobs[-1].name.split(".")[:2])
    content = jobs[-1].read_bytes()
    jobs[-1].write_bytes(b"not what was extracted")
    first, second = (direct, plain) if begins_directly else (plain, direct)
    with pytest.raises(PipelineStepFailed):
        first.load()
    (job,) = warehouse.pipelines_dir.glob(f"*/load/normalized/*/*_jobs/{name}.*")
    job.write_bytes(content)
    second.load()
    assert _counts(warehouse) == expected


class _Killed(BaseException):
    """Ends a load as a kill does, which nothing handles."""


@pytest.mark.parametrize("begins_directly", [True, False])
@pytest.mark.parametrize("table", [FIELDS, "project_listings"])
def test_file_that_was_loaded_before_a_kill_counts(
    warehouse: Warehouse,
    two_clients: Callable[[], tuple[Pipeline, Pipeline]],
    expected: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
    begins_directly: bool,
    table: str,
):
    """dlt notes that the file is loaded, and only then looks what has to follow."""
    direct, plain = two_clients()
    create_followup_jobs = Load.create_followup_jobs

    def killed(self: Load, load_id: str, state: Any, job: Any, schema: Any) -> Any:
        if job.job_file_info().table_name == table:
            raise _Killed
        return create_followup_jobs(self, load_id, state, job, schema)

    first, second = (direct, plain) if begins_directly else (plain, direct)
    with monkeypatch.context() as patch, pytest.raises(_Killed):
        patch.setattr(Load, "create_followup_jobs", killed)
        first.load()
    second.load()
    assert _counts(warehouse) == expected


def test_rows_of_two_sources_in_one_run_are_there_once(
    warehouse: Warehouse,
    api: SandboxServer,
    expected: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
):
    """They are in two files of a table, which are merged one after the other."""
    merged: Counter[str] = Counter()
    under_way: Counter[str] = Counter()
    most: Counter[str] = Counter()
    run = merging._MergeJob.run

    def noted(self: merging._MergeJob) -> None:
        table = self.load_table_name
        merged[table] += 1
        under_way[table] += 1
        most[table] = max(most[table], under_way[table])
        run(self)
        under_way[table] -= 1

    monkeypatch.setattr(merging._MergeJob, "run", noted)
    warehouse.pipeline().run([_source(api), _source(api)])
    assert _counts(warehouse) == expected
    assert merged[FIELDS] == 2
    assert set(most.values()) == {1}


def test_rows_that_somebody_doubled_are_there_once(
    warehouse: Warehouse, api: SandboxServer, expected: dict[str, int]
):
    source = _source(api)
    source.revision_fields.add_map(lambda table: pa.concat_tables([table, table]))
    warehouse.pipeline().run(source)
    assert _counts(warehouse) == expected


def test_rows_are_one_for_each_key_that_somebody_chose(warehouse: Warehouse, api: SandboxServer):
    source = _source(api)
    source.revision_fields.apply_hints(primary_key="revision_key")
    for column in source.revision_fields.columns.values():
        column["primary_key"] = column["name"] == "revision_key"
    warehouse.pipeline().run(source)
    ((rows, keys),) = warehouse.rows(
        f"SELECT COUNT(*), COUNT(DISTINCT revision_key) FROM {DATASET}.{FIELDS}"
    )
    assert rows == keys > 0


def test_nested_tables_of_somebody_arrive(
    warehouse: Warehouse, api: SandboxServer, expected: dict[str, int]
):
    def tagged(table: pa.Table) -> list[dict[str, Any]]:
        return [{**row, "tags": [{"name": "a"}, {"name": "b"}]} for row in table.to_pylist()]

    for _ in range(2):
        source = _source(api)
        source.max_table_nesting = 2
        source.revision_fields.max_table_nesting = 2
        source.revision_fields.add_map(tagged)
        warehouse.pipeline().run(source, loader_file_format="parquet")
    assert _counts(warehouse) == expected
    ((tags,),) = warehouse.rows(f"SELECT COUNT(*) FROM {DATASET}.{FIELDS}__tags")
    assert tags == 2 * expected[FIELDS]


def test_folder_may_be_called_like_a_partition(
    tmp_path: Path, api: SandboxServer, expected: dict[str, int]
):
    warehouse = Warehouse("duckdb", tmp_path / "revision_key=1")
    warehouse.folder.mkdir()
    warehouse.pipeline().run(_source(api))
    assert _counts(warehouse) == expected


def test_what_needs_more_memory_gets_it(
    warehouse: Warehouse,
    api: SandboxServer,
    expected: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    monkeypatch.setattr(duckdb_limits, "_MEMORY_PER_THREAD", 1_000_000)
    warehouse.pipeline().run(_source(api))
    assert _counts(warehouse) == expected
    assert "could not be merged with" in caplog.text
