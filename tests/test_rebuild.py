"""Rows made by an older version of the model, or lost, are made again from the stored content."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from ampersand import ampersand_source, create_views, needs_rebuild, rebuild
from ampersand.decoded import DecodedListing
from ampersand.lossless_json import decode_page
from ampersand.normalize import normalize_listings, normalize_projects
from ampersand.rebuild import RebuildFailed
from ampersand.tables import MODEL_VERSION
from ampersand_pipelines.cli import main
from ampersand_pipelines.sandbox import SandboxServer
from tests.support.acme import KEY, Acme
from tests.support.drivers import Command, Run, run_plainly
from tests.support.warehouses import DATASET, Kind, Row, Warehouse

CASES = Path(__file__).parent / "cases"

# dlt says in a deprecated way that it loads what is pending instead of what it was given.
pytestmark = pytest.mark.filterwarnings("ignore:The 'warn' method is deprecated:DeprecationWarning")

Content = dict[str, Counter[Row]]


def _acme() -> Acme:
    """Acme with a second revision, and with unheard-of properties at every level."""
    acme = Acme()
    acme.deploy("alpha", "crm", 2)
    revision = acme.integration("alpha", "crm")["latestRevision"]
    revision["contentType"] = "application/json"
    revision["content"]["display name"] = "CRM"
    acme.integration("alpha", "crm")["colour"] = "green"
    return acme


@pytest.fixture
def history(loaded_warehouse: Callable[..., Warehouse]) -> Callable[[Kind], Warehouse]:
    """Makes a warehouse that holds revisions which are not the latest."""

    def make(kind: Kind) -> Warehouse:
        warehouse = loaded_warehouse(kind)
        with SandboxServer(_acme().account) as api:
            run_plainly(warehouse, api.url)
        return warehouse

    return make


FALSE_TEXT = "as an older model put it"


def _age(warehouse: Warehouse) -> None:
    """Makes the rows look as if an older version of the model had made them."""
    warehouse.execute(
        f"UPDATE extraction_runs SET model_version = {MODEL_VERSION - 1}",
        f"UPDATE revisions SET display_name = '{FALSE_TEXT}', content_hash = '{FALSE_TEXT}'",
        "UPDATE revisions SET has_read = NULL, watch_schema_min_interval_minutes = 1",
        f"UPDATE revision_objects SET object_name = '{FALSE_TEXT}' WHERE action = 'read'",
        "DELETE FROM revision_objects WHERE action = 'write'",
        "DELETE FROM revision_fields",
        "UPDATE revision_subscribe_events SET event_key = event_key || ':older'",
        "DELETE FROM revision_watch_fields",
        "DELETE FROM revision_schema_watch_events",
        "DELETE FROM revision_unmapped_properties WHERE property_name = 'comingSoon'",
    )


def _by_create_views(warehouse: Warehouse, command: Command) -> None:
    create_views(warehouse.pipeline())


def _by_rebuild(warehouse: Warehouse, command: Command) -> None:
    assert rebuild(warehouse.pipeline()) == 4


def _by_plain_run(warehouse: Warehouse, command: Command) -> None:
    with SandboxServer(_acme().account) as api:
        run_plainly(warehouse, api.url)


def _by_load_command(warehouse: Warehouse, command: Command) -> None:
    with SandboxServer(_acme().account) as api:
        outcome = command(warehouse, api.url)
    assert outcome.exit_code == 0


def _by_rebuild_command(warehouse: Warehouse, command: Command) -> None:
    arguments = ["--duckdb", str(warehouse.file), "--dataset", DATASET]
    assert main(["rebuild", *arguments, "--pipelines-dir", str(warehouse.pipelines_dir)]) == 0


WAYS = {
    "create_views": _by_create_views,
    "rebuild": _by_rebuild,
    "plain_run": _by_plain_run,
    "load_command": _by_load_command,
    "rebuild_command": _by_rebuild_command,
}


@pytest.mark.parametrize(
    ("kind", "way"),
    [
        ("duckdb", "create_views"),
        *(
            pytest.param("duckdb", way, marks=pytest.mark.thorough)
            for way in ("load_command", "rebuild", "plain_run", "rebuild_command")
        ),
        pytest.param("sqlite", "create_views", marks=pytest.mark.thorough),
        pytest.param("postgres", "create_views", marks=pytest.mark.thorough),
    ],
)
def test_rows_of_an_older_model_are_made_again(
    kind: Kind, way: str, history: Callable[[Kind], Warehouse], command: Command
) -> None:
    warehouse = history(kind)
    content, views = warehouse.content(), warehouse.views()
    _age(warehouse)
    assert needs_rebuild(warehouse.pipeline())
    WAYS[way](warehouse, command)
    assert warehouse.content() == content
    assert warehouse.views() == views
    assert not needs_rebuild(warehouse.pipeline())


def test_rebuilding_what_is_current_changes_nothing(
    history: Callable[[Kind], Warehouse],
) -> None:
    warehouse = history("duckdb")
    content = warehouse.content()
    for _ in range(2):
        rebuild(warehouse.pipeline())
    assert warehouse.content() == content
    assert not warehouse.rows(
        "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'rebuilt%'"
    )


@pytest.mark.thorough
def test_rebuild_leaves_a_pipeline_that_runs_on(history: Callable[[Kind], Warehouse]) -> None:
    warehouse = history("duckdb")
    _age(warehouse)
    pipeline = warehouse.pipeline()
    rebuild(pipeline)
    acme = _acme()
    acme.deploy("beta", "desk", 2)
    with SandboxServer(acme.account) as api:
        pipeline.run(ampersand_source(api_key=KEY, base_url=api.url))
    assert ("desk", "desk-2") in warehouse.state().integrations.values()


@pytest.mark.thorough
def test_failed_swap_leaves_the_old_rows_and_heals(history: Callable[[Kind], Warehouse]) -> None:
    warehouse = history("duckdb")
    content = warehouse.content()
    _age(warehouse)
    old = warehouse.content()
    warehouse.execute(
        "ALTER TABLE revision_watch_fields ADD COLUMN obstacle INTEGER",
        "ALTER TABLE revision_watch_fields ALTER obstacle SET NOT NULL",
    )
    with pytest.raises(RebuildFailed, match="obstacle"):
        create_views(warehouse.pipeline())
    assert warehouse.content() == old
    warehouse.execute("ALTER TABLE revision_watch_fields DROP COLUMN obstacle")
    create_views(warehouse.pipeline())
    assert warehouse.content() == content


@pytest.mark.parametrize(
    "table",
    [
        "revision_objects",
        pytest.param("revision_fields", marks=pytest.mark.thorough),
        pytest.param("revision_unmapped_properties", marks=pytest.mark.thorough),
    ],
)
def test_dropped_table_is_refused_until_it_is_rebuilt(
    table: str, history: Callable[[Kind], Warehouse]
) -> None:
    warehouse = history("duckdb")
    content, views = warehouse.content(), warehouse.views()
    outside = "SELECT * FROM revision_unmapped_properties WHERE reason <> 'unknown_property'"
    assert not warehouse.rows(outside)
    warehouse.execute(f"DROP TABLE {table}")
    with SandboxServer(_acme().account) as api:
        with pytest.raises(PipelineStepFailed, match="ampersand rebuild"):
            run_plainly(warehouse, api.url)
        assert not warehouse.pipeline().has_pending_data
        create_views(warehouse.pipeline())
        run_plainly(warehouse, api.url)
    assert warehouse.views() == views
    if table != "revision_unmapped_properties":  # what lay outside revisions came with old listings
        assert warehouse.content() == content


@pytest.mark.parametrize(
    "table",
    [
        "revisions",
        *(
            pytest.param(name, marks=pytest.mark.thorough)
            for name in ("projects", "listing_integrations", "extraction_runs")
        ),
    ],
)
def test_dropped_table_that_cannot_be_rebuilt_is_filled_by_the_next_run(
    table: str, history: Callable[[Kind], Warehouse], command: Command
) -> None:
    warehouse = history("duckdb")
    views = warehouse.views()
    warehouse.execute(f"DROP TABLE {table}")
    with SandboxServer(_acme().account) as api:
        assert command(warehouse, api.url).exit_code == 0
    assert warehouse.views() == views


@pytest.mark.thorough
def test_table_dropped_under_a_pending_package_is_rebuilt(
    history: Callable[[Kind], Warehouse],
) -> None:
    warehouse = history("duckdb")
    acme = _acme()
    acme.deploy("beta", "desk", 2)
    with SandboxServer(acme.account) as api:
        warehouse.pipeline().extract(ampersand_source(api_key=KEY, base_url=api.url))
        warehouse.execute("DROP TABLE revision_fields")
        with pytest.raises(PipelineStepFailed):
            run_plainly(warehouse, api.url)
        rebuild(warehouse.pipeline())
    state = warehouse.state()
    assert ("desk", "desk-2") in state.integrations.values()
    assert state.fields == {"p-alpha": 5, "p-beta": 3}


def test_nothing_to_rebuild_is_an_error(new_warehouse: Callable[[Kind], Warehouse]) -> None:
    with pytest.raises(RebuildFailed, match="nothing to rebuild"):
        rebuild(new_warehouse("duckdb").pipeline())


def test_rebuild_makes_only_what_was_ever_selected(
    new_warehouse: Callable[[Kind], Warehouse],
) -> None:
    warehouse = new_warehouse("duckdb")
    with SandboxServer(_acme().account) as api:
        run_plainly(warehouse, api.url, Run(select=["projects", "revisions", "revision_fields"]))
    content = warehouse.content()
    warehouse.execute("DELETE FROM revision_fields")
    rebuild(warehouse.pipeline())
    assert warehouse.content() == content


def test_golden_rows_change_only_with_the_model_version(update_golden: bool) -> None:
    case = (CASES / "model_listing.json").read_bytes()
    document = json.loads(case)
    listing = decode_page(json.dumps(document["integrations"]).encode())
    batches: list[dict[str, Any]] = [
        normalize_projects([(document["project"], "listing")]),
        normalize_listings([DecodedListing(document["project"]["id"], "listing", listing)]),
    ]
    rows: dict[str, list[dict[str, Any]]] = {}
    for batch in batches:
        for name, table in batch.items():
            rows.setdefault(name, []).extend(
                {column: _plain(value) for column, value in row.items() if value is not None}
                for row in table.to_pylist()
            )
    now = {"model_version": MODEL_VERSION, "rows": rows}
    golden = CASES / "model_golden.json"
    if update_golden:
        golden.write_text(json.dumps(now, indent=1) + "\n")
    before = json.loads(golden.read_text())
    if before["model_version"] == MODEL_VERSION:
        assert now["rows"] == before["rows"], (
            "the same answer gives other rows than before: raise MODEL_VERSION in "
            "sources/ampersand/tables.py, so that datasets are rebuilt, then run "
            "`pytest tests/test_rebuild.py --update-golden`"
        )
    assert now == before, "MODEL_VERSION was raised: run `pytest --update-golden`"


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool) else value.isoformat()
