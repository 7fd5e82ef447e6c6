"""The source as dlt's users know sources, and what is made in the database beside the tables."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import dlt
import psycopg2
import pytest
from dlt.extract import DltSource
from dlt.pipeline.exceptions import PipelineStepFailed

from ampersand import (
    ConfigurationError,
    ViewsNotCreated,
    ampersand_source,
    create_views,
)
from ampersand.tables import ALWAYS_SELECTED, CORE_TABLES
from ampersand.views.rendering import column_descriptions
from ampersand_pipelines.cli import main
from ampersand_pipelines.exit_codes import ExitCode
from ampersand_pipelines.sandbox import SandboxServer
from tests.support.acme import KEY, Acme
from tests.support.core import CORE_VIEWS
from tests.support.drivers import Run, causes, rows_written, run_plainly
from tests.support.postgres import Postgres
from tests.support.warehouses import DATASET, Kind, Warehouse, lost

NewWarehouse = Callable[[Kind], Warehouse]
LoadedWarehouse = Callable[[Kind], Warehouse]


@pytest.fixture
def acme() -> Acme:
    return Acme()


@pytest.fixture
def api(acme: Acme) -> Iterator[SandboxServer]:
    with SandboxServer(acme.account) as server:
        yield server


def _source(api: SandboxServer, **arguments: Any) -> DltSource:
    source: DltSource = ampersand_source(api_key=KEY, base_url=api.url, max_attempts=1, **arguments)
    return source


def _tables(warehouse: Warehouse) -> set[str]:
    rows = warehouse.rows(
        f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{DATASET}' "
        "AND table_type = 'BASE TABLE'"
    )
    return {name for (name,) in rows if not name.startswith("_dlt")}


def _views(warehouse: Warehouse) -> set[str]:
    rows = warehouse.rows(
        f"SELECT table_name FROM information_schema.views WHERE table_schema = '{DATASET}'"
    )
    return {name for (name,) in rows}


def test_one_resource_for_each_table(api: SandboxServer) -> None:
    assert set(_source(api).selected_resources) == {table.name for table in CORE_TABLES}


def test_every_table_is_made_even_without_rows(
    acme: Acme, api: SandboxServer, new_warehouse: NewWarehouse
) -> None:
    acme.account.projects.clear()
    warehouse = new_warehouse("duckdb")
    run_plainly(warehouse, api.url)
    assert _tables(warehouse) == {table.name for table in CORE_TABLES}
    assert _views(warehouse) == {view.name for view in CORE_VIEWS}


def test_with_resources_selects(api: SandboxServer, new_warehouse: NewWarehouse) -> None:
    warehouse = new_warehouse("duckdb")
    outcome = run_plainly(warehouse, api.url, Run(select=["revision_objects"]))
    assert _tables(warehouse) == {"revision_objects", *ALWAYS_SELECTED}
    assert outcome.rows.keys() - {"_dlt_pipeline_state"} == _tables(warehouse)


def test_views_are_made_over_the_tables_that_are_there(
    api: SandboxServer, new_warehouse: NewWarehouse
) -> None:
    warehouse = new_warehouse("duckdb")
    run_plainly(warehouse, api.url, Run(select=["revision_objects"]))
    assert _views(warehouse) == {
        "current_projects",
        "current_integrations",
        "integrations",
        "project_freshness",
        "project_history",
        "integration_history",
        "revision_changes",
        "current_objects",
        "current_read_objects",
        "current_write_objects",
        "current_subscribe_objects",
        "object_coverage",
        "scheduled_reads",
        "backfill_policies",
        "personal_data_patterns",
        "declared_integrations",
    }
    assert warehouse.rows("SELECT DISTINCT name FROM current_projects") == [(None,)]
    assert warehouse.rows("SELECT COUNT(*) FROM current_integrations") == [(3,)]
    assert warehouse.rows("SELECT COUNT(*) FROM current_objects") == [(12,)]


@pytest.mark.parametrize(
    "kind",
    ["duckdb", *(pytest.param(k, marks=pytest.mark.thorough) for k in ("sqlite", "postgres"))],
)
def test_what_was_not_selected_before_is_loaded_later(
    kind: Kind, api: SandboxServer, new_warehouse: NewWarehouse, loaded_warehouse: LoadedWarehouse
) -> None:
    warehouse = new_warehouse(kind)
    selected = Run(select=["revision_objects"])
    run_plainly(warehouse, api.url, selected)
    assert not run_plainly(warehouse, api.url, selected).rows.get("revision_objects")
    run_plainly(warehouse, api.url)
    assert warehouse.views() == loaded_warehouse(kind).views()
    assert warehouse.content() == loaded_warehouse(kind).content()


def test_selecting_less_does_not_lose_what_was_selected(
    acme: Acme, api: SandboxServer, loaded_warehouse: LoadedWarehouse
) -> None:
    warehouse = loaded_warehouse("duckdb")
    acme.deploy("alpha", "crm", 2)
    run_plainly(warehouse, api.url, Run(select=["revision_objects"]))
    run_plainly(warehouse, api.url)
    assert warehouse.state().fields == {"p-alpha": 5, "p-beta": 2}


@pytest.mark.thorough
def test_what_is_loaded_bit_by_bit_is_what_is_loaded_at_once(
    acme: Acme, api: SandboxServer, loaded_warehouse: LoadedWarehouse, new_warehouse: NewWarehouse
) -> None:
    """Of a listing that changed only new revisions are loaded; none may be missing in the end."""
    bit_by_bit = loaded_warehouse("duckdb")
    acme.deploy("alpha", "crm", 2)
    run_plainly(bit_by_bit, api.url, Run(select=["revision_objects"]))
    acme.deploy("alpha", "billing", 2)
    acme.deploy("beta", "desk", 2)
    run_plainly(bit_by_bit, api.url)
    acme.deploy("alpha", "web", 1)
    acme.integration("beta", "desk")["unheardOf"] = True
    run_plainly(bit_by_bit, api.url)
    at_once = new_warehouse("duckdb")
    run_plainly(at_once, api.url)
    assert bit_by_bit.views() == at_once.views()
    assert lost(at_once.content(), bit_by_bit.content()) == {}


@pytest.mark.parametrize("table", ALWAYS_SELECTED)
def test_table_that_must_be_loaded_cannot_be_deselected(
    table: str, api: SandboxServer, new_warehouse: NewWarehouse
) -> None:
    source = _source(api)
    source.resources[table].selected = False
    with pytest.raises(PipelineStepFailed) as failure:
        new_warehouse("duckdb").pipeline().run(source)
    (error,) = [e for e in causes(failure.value) if isinstance(e, ConfigurationError)]
    assert table in str(error)
    assert not api.requests


def test_full_writes_everything_again_and_changes_nothing(
    api: SandboxServer, loaded_warehouse: LoadedWarehouse
) -> None:
    warehouse = loaded_warehouse("duckdb")
    views, content = warehouse.views(), warehouse.content()
    outcome = run_plainly(warehouse, api.url, Run(full=True))
    assert outcome.rows["revisions"] == 3
    assert warehouse.views() == views
    assert warehouse.content() == content


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_full_changes_nothing_elsewhere(
    kind: Kind, api: SandboxServer, loaded_warehouse: LoadedWarehouse
) -> None:
    warehouse = loaded_warehouse(kind)
    views, content = warehouse.views(), warehouse.content()
    run_plainly(warehouse, api.url, Run(full=True))
    assert warehouse.views() == views
    assert warehouse.content() == content


def test_limited_source_says_nothing_that_is_not_so(
    api: SandboxServer, new_warehouse: NewWarehouse, loaded_warehouse: LoadedWarehouse
) -> None:
    warehouse = new_warehouse("duckdb")
    pipeline = warehouse.pipeline()
    pipeline.run(_source(api).add_limit(1))  # content, but no ledger: the run does not count
    create_views(pipeline)
    assert warehouse.rows("SELECT COUNT(*) FROM revisions") == [(3,)]
    run_plainly(warehouse, api.url)
    assert warehouse.views() == loaded_warehouse("duckdb").views()


def test_extracts_without_a_destination(api: SandboxServer, tmp_path: Path) -> None:
    pipeline = dlt.pipeline("adrift", pipelines_dir=str(tmp_path))
    (steps,) = pipeline.extract(_source(api)).metrics.values()
    assert steps[0]["table_metrics"]["revisions"].items_count == 3


def test_can_be_iterated_without_a_pipeline(api: SandboxServer) -> None:
    source = _source(api).with_resources("revisions")
    tables = [item for item in source if hasattr(item, "num_rows")]
    assert sum(table.num_rows for table in tables if "content_hash" in table.column_names) == 3


@pytest.mark.thorough
def test_two_pipelines_load_into_one_dataset(
    acme: Acme, api: SandboxServer, loaded_warehouse: LoadedWarehouse, tmp_path: Path
) -> None:
    warehouse = loaded_warehouse("duckdb")

    def run_other() -> dict[str, int]:
        pipeline = dlt.pipeline(
            "other",
            destination=warehouse.destination(),
            dataset_name=DATASET,
            pipelines_dir=str(tmp_path / "others"),
        )
        pipeline.run(_source(api))
        create_views(pipeline)
        return rows_written(pipeline)

    views, content = warehouse.views(), warehouse.content()
    assert not run_other().get("revisions")  # it knows what the first one has loaded
    assert (warehouse.views(), warehouse.content()) == (views, content)
    acme.deploy("alpha", "crm", 2)
    run_other()
    acme.deploy("alpha", "crm", 1)  # back to what the first pipeline loaded last
    run_plainly(warehouse, api.url)
    assert warehouse.views() == views


def test_source_beside_another_one_in_a_pipeline(
    api: SandboxServer, new_warehouse: NewWarehouse, loaded_warehouse: LoadedWarehouse
) -> None:
    warehouse = new_warehouse("duckdb")
    pipeline = warehouse.pipeline()
    pipeline.run([{"id": 1}], table_name="of_somebody_else")
    for _ in range(2):
        pipeline.run(_source(api))
        create_views(pipeline)
    assert not rows_written(pipeline).get("revisions")
    assert warehouse.views() == loaded_warehouse("duckdb").views()


COMMENTS = {
    "duckdb": """
        SELECT table_name, NULL, comment FROM duckdb_tables() WHERE schema_name = '{0}'
        UNION ALL SELECT view_name, NULL, comment FROM duckdb_views() WHERE schema_name = '{0}'
        UNION ALL SELECT table_name, column_name, comment FROM duckdb_columns()
        WHERE schema_name = '{0}'
    """,
    "postgres": """
        SELECT c.relname, a.attname, CASE WHEN a.attname IS NULL
            THEN obj_description(c.oid, 'pg_class') ELSE col_description(c.oid, a.attnum) END
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN (
            SELECT attrelid, attname, attnum FROM pg_attribute WHERE attnum > 0
            UNION ALL SELECT oid, NULL, NULL FROM pg_class
        ) a ON a.attrelid = c.oid
        WHERE n.nspname = '{0}' AND c.relkind IN ('r', 'v')
    """,
    "mariadb": """
        SELECT table_name, NULL, table_comment FROM information_schema.tables
        WHERE table_schema = '{0}' AND table_type = 'BASE TABLE'
    """,
}
COMMENTS["ducklake"] = COMMENTS["duckdb"]

OF_LANES = [pytest.param(kind, marks=pytest.mark.warehouse) for kind in ("ducklake", "mariadb")]


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_every_table_view_and_column_has_a_comment(
    kind: Kind, loaded_warehouse: LoadedWarehouse
) -> None:
    rows = loaded_warehouse(kind).rows(COMMENTS[kind].format(DATASET))
    comments = {
        (table, column): comment
        for table, column, comment in rows
        if not table.startswith("_dlt") and not (column or "").startswith("_dlt")
    }
    assert [key for key, comment in comments.items() if not comment] == []
    for table in CORE_TABLES:
        assert comments[table.name, None].startswith(table.description)
        for column in table.columns:
            assert comments[table.name, column.name] == column.description
    for view in CORE_VIEWS:
        assert comments[view.name, None] == view.description
        for name, text in column_descriptions(view).items():
            assert comments[view.name, name] == text


@pytest.mark.parametrize("kind", ["duckdb", "sqlite", "postgres", *OF_LANES])
def test_views_can_be_made_again(kind: Kind, loaded_warehouse: LoadedWarehouse) -> None:
    warehouse = loaded_warehouse(kind)
    views = warehouse.views()
    for _ in range(2):
        assert create_views(warehouse.pipeline()) == [view.name for view in CORE_VIEWS]
    assert warehouse.views() == views


@pytest.mark.parametrize("kind", ["duckdb", "postgres", *OF_LANES])
@pytest.mark.parametrize(
    "damage",
    [
        "DROP VIEW manifest_findings",
        "DROP VIEW manifest_findings; CREATE VIEW manifest_findings AS SELECT 1 AS rule_id",
        "COMMENT ON COLUMN revisions.content IS 'something else'",
        "COMMENT ON TABLE extraction_runs IS NULL",
    ],
    ids=["view_dropped", "view_replaced", "comment_changed", "seal_lost"],
)
def test_what_somebody_changed_is_mended(
    kind: Kind, damage: str, loaded_warehouse: LoadedWarehouse
) -> None:
    if kind == "mariadb":  # which has no such statement
        damage = re.sub(r"COMMENT ON TABLE (\S+) IS NULL", r"ALTER TABLE \1 COMMENT ''", damage)
        damage = re.sub(r"COMMENT ON COLUMN (\w+)\S+ IS", r"ALTER TABLE \1 COMMENT", damage)
    warehouse = loaded_warehouse(kind)
    columns = "SELECT rule_id, message FROM manifest_findings ORDER BY 1, 2"
    findings = warehouse.rows(columns)
    comments = warehouse.rows(COMMENTS[kind].format(DATASET))
    warehouse.execute(*damage.split("; "))
    create_views(warehouse.pipeline())
    assert warehouse.rows(columns) == findings
    assert sorted(map(str, warehouse.rows(COMMENTS[kind].format(DATASET)))) == sorted(
        map(str, comments)
    )


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_what_is_as_it_was_is_left_alone(
    kind: Kind, loaded_warehouse: LoadedWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = loaded_warehouse(kind)
    pipeline = warehouse.pipeline()
    with pipeline.sql_client() as client:
        dialect = type(client)
    original = dialect.execute_query
    statements: list[str] = []

    def noting(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        statements.append(str(query).split()[0])
        return original(self, query, *args, **kwargs)

    monkeypatch.setattr(dialect, "execute_query", noting)
    create_views(pipeline)
    assert statements
    assert set(statements) <= {"SELECT", "WITH"}


@pytest.mark.parametrize("kind", ["duckdb", "sqlite", "postgres"])
def test_older_views_are_replaced(kind: Kind, loaded_warehouse: LoadedWarehouse) -> None:
    warehouse = loaded_warehouse(kind)
    views = warehouse.views()
    cascade = "CASCADE" if kind == "postgres" else ""
    prefix = f"{DATASET}." if kind == "sqlite" else ""
    warehouse.execute(
        f"DROP VIEW {prefix}current_integrations {cascade}",
        f"CREATE VIEW {prefix}current_integrations AS SELECT 1 AS something_else",
        f"DROP VIEW {prefix}integrations",
    )
    create_views(warehouse.pipeline())
    assert warehouse.views() == views
    assert warehouse.rows("SELECT COUNT(*) FROM integrations") == [(3,)]


def test_views_of_postgres_are_left_alone_while_somebody_reads_them(
    loaded_warehouse: LoadedWarehouse, postgres: Postgres
) -> None:
    warehouse = loaded_warehouse("postgres")
    name = warehouse.database
    postgres.execute("postgres", f"ALTER DATABASE {name} SET lock_timeout = '1s'")
    with closing(psycopg2.connect(postgres.url(name))) as reader, reader.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {DATASET}.current_fields")
        create_views(warehouse.pipeline())


def _without_right_to_create(warehouse: Warehouse, postgres: Postgres) -> str:
    """Makes a role that may load, but makes no views; returns the address for it."""
    name = warehouse.database
    role = f"loader_of_{name}"
    tables = ", ".join(f"{DATASET}.{t}" for t in _all_tables(postgres, name, DATASET))
    staged = _all_tables(postgres, name, f"{DATASET}_staging")
    postgres.execute(
        name,
        f"CREATE ROLE {role} LOGIN",
        f"GRANT USAGE ON SCHEMA {DATASET} TO {role}",
        f"GRANT USAGE, CREATE ON SCHEMA {DATASET}_staging TO {role}",
        f"GRANT ALL ON {tables} TO {role}",
        *(f"ALTER TABLE {DATASET}_staging.{table} OWNER TO {role}" for table in staged),
    )
    return postgres.url(name, user=role)


def _all_tables(postgres: Postgres, database: str, schema: str) -> list[str]:
    rows = postgres.execute(
        database,
        "SELECT table_name FROM information_schema.tables "
        f"WHERE table_schema = '{schema}' AND table_type = 'BASE TABLE'",
    )
    return [name for (name,) in rows]


def test_without_the_right_to_create_views_the_data_is_loaded(
    acme: Acme,
    api: SandboxServer,
    loaded_warehouse: LoadedWarehouse,
    postgres: Postgres,
) -> None:
    warehouse = loaded_warehouse("postgres")
    url = _without_right_to_create(warehouse, postgres)
    warehouse.execute(f"DROP VIEW {DATASET}.manifest_findings")
    acme.deploy("alpha", "crm", 2)
    pipeline = dlt.pipeline(
        "ampersand",
        destination=dlt.destinations.postgres(url),
        dataset_name=DATASET,
        pipelines_dir=str(warehouse.pipelines_dir),
    )
    pipeline.run(_source(api))
    with pytest.raises(ViewsNotCreated, match="grant the right to create views"):
        create_views(pipeline)
    assert ("crm", "crm-2") in warehouse.state().integrations.values()


def test_command_says_so_when_it_may_not_create_views(
    api: SandboxServer,
    loaded_warehouse: LoadedWarehouse,
    postgres: Postgres,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    warehouse = loaded_warehouse("postgres")
    monkeypatch.setenv(
        "DESTINATION__POSTGRES__CREDENTIALS", _without_right_to_create(warehouse, postgres)
    )
    monkeypatch.setenv("AMP_API_KEY", KEY)
    warehouse.execute(f"DROP VIEW {DATASET}.manifest_findings")
    arguments = ["--destination", "postgres", "--dataset", DATASET, "--base-url", api.url]
    exit_code = main(
        ["load", *arguments, "--pipelines-dir", str(warehouse.pipelines_dir), "--quiet"]
    )
    captured = capsys.readouterr()
    assert exit_code == ExitCode.NO_VIEWS, captured.err
    assert "views could not be made" in captured.out
