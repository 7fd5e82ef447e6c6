"""What is loaded besides integrations: the same promises as theirs, from the API to the views."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed
from dlt.pipeline.pipeline import Pipeline

from ampersand import (
    MODEL_VERSION,
    ConfigurationError,
    ampersand_source,
    create_views,
    merging,
    open_views,
)
from ampersand.client import AmpersandClient
from ampersand.exceptions import NotFound
from ampersand.ledger import runs_of_operations
from ampersand.platform import _moment
from ampersand.platform_tables import PLATFORM_TABLES
from ampersand.resources import AmpersandSource
from ampersand.tables import (
    COLLECTION_LISTINGS,
    CORE_TABLES,
    DEFAULT_COLLECTIONS,
    TABLES,
    TABLES_OF_COLLECTIONS,
)
from ampersand.views import VIEWS
from ampersand_pipelines.cli import main
from ampersand_pipelines.exit_codes import ExitCode
from ampersand_pipelines.sandbox import Account, Failure, SandboxServer, bundled_account
from ampersand_pipelines.sandbox import Platform as AccountPlatform
from tests.support.drivers import rows_written
from tests.support.obstacles import obstruct
from tests.support.warehouses import DATASET, Kind, Warehouse

NewWarehouse = Callable[[Kind], Warehouse]
USUAL = (COLLECTION_LISTINGS.name,)
EVERYTHING = list(TABLES_OF_COLLECTIONS)


@pytest.fixture
def account() -> Account:
    """The bundled account."""
    return bundled_account()


@pytest.fixture
def api(account: Account) -> Iterator[SandboxServer]:
    """Serves it."""
    with SandboxServer(account) as running:
        yield running


@pytest.fixture
def production(account: Account) -> AccountPlatform:
    """What the project lanternfish-production has besides integrations."""
    return max(account.platform.values(), key=lambda each: len(each.installations))


@pytest.fixture
def production_id(account: Account, production: AccountPlatform) -> str:
    """The id of that project."""
    return next(key for key, each in account.platform.items() if each is production)


class Loaded:
    """A database, and loads into it.

    Attributes:
        rows: Number of rows that the last load wrote, per table.
    """

    def __init__(self, warehouse: Warehouse, api: SandboxServer) -> None:
        self.warehouse = warehouse
        self.api = api
        self.rows: dict[str, int] = {}

    def load(self, **settings: Any) -> "Loaded":
        """Loads, by default everything."""
        settings = {"api_key": "any", "collections": EVERYTHING, "max_attempts": 1, **settings}
        pipeline: Pipeline = self.warehouse.pipeline()
        self.api.requests.clear()
        source = ampersand_source(base_url=self.api.url, **settings)
        pipeline.run(source, **self.warehouse.table_format)
        create_views(pipeline)
        written = rows_written(pipeline)
        self.rows = {name: n for name, n in written.items() if not name.startswith("_dlt")}
        return self

    def ask(self, *queries: str) -> list[tuple[Any, ...]]:
        """Rows of queries over plain names, `{name}` where a destination may want more."""
        with open_views(self.warehouse.pipeline()) as client:
            return [
                tuple(row)
                for sql in queries
                for row in client.execute_sql(
                    re.sub(r"\{(\w+)\}", lambda m: client.make_qualified_table_name(m[1]), sql)
                )
                or ()
            ]

    def outcomes(self) -> dict[str, str]:
        """What came of each collection of production in the last run."""
        return dict(
            self.ask(
                "SELECT collection, outcome FROM collection_listings WHERE run_id = "
                "(SELECT MAX(run_id) FROM extraction_runs) AND project_id IN ('', "
                "(SELECT MAX(project_id) FROM projects WHERE name = 'lanternfish-production'))"
            )
        )


@pytest.fixture
def empty(new_warehouse: NewWarehouse, api: SandboxServer) -> Loaded:
    """An empty DuckDB."""
    return Loaded(new_warehouse("duckdb"), api)


@pytest.fixture(scope="module")
def _loaded_once(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    folder = tmp_path_factory.mktemp("loaded")
    with SandboxServer(bundled_account()) as api:
        return Loaded(Warehouse("duckdb", folder), api).load()


@pytest.fixture
def loaded(_loaded_once: Loaded, api: SandboxServer, tmp_path: Path) -> Loaded:
    """A DuckDB into which everything has been loaded."""
    copied = Loaded(_loaded_once.warehouse.copy(tmp_path / "copy"), api)
    copied.rows = _loaded_once.rows
    return copied


def _ids(entries: list[dict[str, Any]]) -> set[str]:
    return {entry["id"] for entry in entries}


def test_everything_but_operations_is_loaded_by_default(api: SandboxServer) -> None:
    source = ampersand_source(api_key="any", base_url=api.url, collections=None)
    assert set(source.selected_resources) == {table.name for table in TABLES} - {"operations"}
    assert set(DEFAULT_COLLECTIONS) == TABLES_OF_COLLECTIONS.keys() - {"operations"}


def test_what_is_selected_brings_what_it_needs(api: SandboxServer) -> None:
    source = ampersand_source(api_key="any", base_url=api.url, collections=[])
    assert set(source.selected_resources) == {table.name for table in CORE_TABLES}
    assert isinstance(source, AmpersandSource)
    chosen = set(source.with_resources("installation_objects").selected_resources)
    assert chosen >= {"installation_objects", "collection_entries", "collection_listings"}


@pytest.mark.parametrize(
    ("names", "message"),
    [(["installation"], "there is no collection installation; there are"), ("topics", "a list")],
)
def test_a_collection_that_there_is_not_is_refused(names: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        ampersand_source(api_key="any", collections=names)


def test_only_what_is_selected_is_asked_for(empty: Loaded) -> None:
    empty.load(collections=["destinations"])
    asked = {request.path.rpartition("/")[2] for request in empty.api.requests}
    assert asked == {"projects", "integrations", "destinations"}
    assert empty.rows.keys() >= {"destinations", "collection_entries", "collection_listings"}
    assert "installations" not in empty.rows


def test_every_table_and_view_is_there_after_the_first_load(loaded: Loaded) -> None:
    assert loaded.rows.keys() == {table.name for table in TABLES}
    for view in VIEWS:
        loaded.ask(f"SELECT * FROM {view.name} LIMIT 1")


@pytest.mark.parametrize(
    "kind",
    [
        "duckdb",
        *(pytest.param(kind, marks=pytest.mark.thorough) for kind in ("postgres", "sqlite")),
        *(
            pytest.param(kind, marks=pytest.mark.warehouse)
            for kind in ("mariadb", "ducklake", "delta", "iceberg")
        ),
    ],
)
def test_what_is_there_now_is_what_the_api_says(
    kind: Kind, new_warehouse: NewWarehouse, api: SandboxServer, account: Account
) -> None:
    """On each destination, whatever changed meanwhile, and every view can be read there."""
    loaded = Loaded(new_warehouse(kind), api).load()
    platforms = list(account.platform.values())
    for platform in platforms:
        platform.destinations.pop()
        platform.installations[0]["config"]["content"]["read"]["objects"].popitem()
        platform.connections.reverse()
    loaded.load()
    for name, expected in {
        "current_destinations": [each for p in platforms for each in p.destinations],
        "current_installations": [each for p in platforms for each in p.installations],
        "current_connections": [each for p in platforms for each in p.connections],
        "current_provider_apps": [each for p in platforms for each in p.provider_apps],
    }.items():
        column = name.removeprefix("current_").removesuffix("s") + "_id"
        rows = loaded.ask(f"SELECT {column} FROM {{{name}}}")
        assert sorted(row[0] for row in rows) == sorted(each["id"] for each in expected), name
    selected = loaded.ask("SELECT * FROM {current_installation_objects}")
    assert len(selected) == sum(
        len(action["objects"])
        for platform in platforms
        for installation in platform.installations
        for action in installation["config"]["content"].values()
        if isinstance(action, dict) and "objects" in action
    )
    loaded.ask(*(f"SELECT COUNT(*) FROM {{{view.name}}}" for view in VIEWS))


def test_a_run_without_changes_loads_the_ledger_alone(loaded: Loaded) -> None:
    loaded.load()
    assert loaded.rows.keys() == {table.name for table in TABLES if table.ledger}
    assert set(loaded.outcomes().values()) == {"unchanged"}


@pytest.mark.thorough
def test_another_order_is_no_change(loaded: Loaded, production: AccountPlatform) -> None:
    production.installations.reverse()
    production.destinations.reverse()
    loaded.load()
    assert set(loaded.outcomes().values()) == {"unchanged"}


def test_a_change_loads_the_entry_alone(loaded: Loaded, production: AccountPlatform) -> None:
    production.installations[3]["healthStatus"] = "unhealthy"
    production.installations[3]["lastOperationStatus"] = "failure"
    loaded.load()
    assert loaded.rows["installations"] == 1
    assert loaded.rows["installation_configs"] == 1
    assert loaded.rows["collection_entries"] == len(production.installations)
    assert {name for name, outcome in loaded.outcomes().items() if outcome == "listed"} == {
        "installations"
    }


@pytest.mark.thorough
def test_history_stays_and_what_is_gone_is_gone(
    loaded: Loaded, production: AccountPlatform
) -> None:
    gone = production.installations.pop()
    loaded.load()
    now = {row[0] for row in loaded.ask("SELECT installation_id FROM current_installations")}
    ever = {row[0] for row in loaded.ask("SELECT installation_id FROM installations")}
    assert gone["id"] in ever - now
    production.installations.append(gone)
    loaded.load()
    now = {row[0] for row in loaded.ask("SELECT installation_id FROM current_installations")}
    assert now >= _ids(production.installations)


@pytest.mark.parametrize("empty", [pytest.param([], marks=pytest.mark.thorough), b"null"])
def test_an_empty_list_is_empty(
    loaded: Loaded, production: AccountPlatform, account: Account, empty: Any
) -> None:
    others = sum(
        len(each.destinations) for each in account.platform.values() if each is not production
    )
    production.destinations = empty
    loaded.load()
    assert loaded.ask("SELECT COUNT(*) FROM current_destinations") == [(others,)]


@pytest.mark.parametrize(
    "status", [403, *(pytest.param(status, marks=pytest.mark.thorough) for status in (404, 500))]
)
def test_a_list_that_fails_stays_as_it_was(
    loaded: Loaded, production: AccountPlatform, production_id: str, account: Account, status: int
) -> None:
    before = loaded.ask("SELECT installation_id FROM current_installations ORDER BY 1")
    production.installations.pop()
    production.destinations.pop()
    account.failures[f"/projects/{production_id}/installations"] = Failure(status)
    loaded.load()
    assert loaded.outcomes()["installations"] == "failed"
    assert loaded.outcomes()["destinations"] == "listed"
    assert loaded.ask("SELECT installation_id FROM current_installations ORDER BY 1") == before
    ((error,),) = loaded.ask("SELECT error FROM collection_listings WHERE outcome = 'failed'")
    assert str(status) in error
    del account.failures[f"/projects/{production_id}/installations"]
    loaded.load()
    assert len(loaded.ask("SELECT installation_id FROM current_installations")) < len(before)


@pytest.mark.thorough
def test_the_command_says_what_failed_and_exits_with_3(
    account: Account,
    api: SandboxServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for project_id in account.platform:
        account.failures[f"/projects/{project_id}/connections"] = Failure(403)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AMP_API_KEY", "any")
    monkeypatch.delenv("SOURCES__AMPERSAND__COLLECTIONS")
    options = ["load", "--base-url", api.url, "--duckdb", "file.duckdb", "--quiet"]
    assert main([*options, "--pipelines-dir", str(tmp_path / "dlt")]) == ExitCode.PARTLY_LOADED
    summary = " ".join(capsys.readouterr().out.split())
    assert "FAILED connections of lanternfish-production: " in summary
    assert "403" in summary
    assert "the setting collections leaves it out" in summary
    assert "Besides connections 0, destinations 16, installations 33" in summary.replace(
        "providers 24, ", ""
    )
    chosen = ["--collection", "destinations", "--pipelines-dir", str(tmp_path / "dlt")]
    assert main([*options, *chosen]) == ExitCode.DONE


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(name, marks=() if name in USUAL else pytest.mark.thorough)
        for name in (*(table.name for table in PLATFORM_TABLES), COLLECTION_LISTINGS.name)
    ],
)
def test_failure_of_one_table_is_invisible_and_heals(
    loaded: Loaded, production: AccountPlatform, table: str
) -> None:
    names = "SELECT name FROM current_destinations ORDER BY 1"
    operations = "SELECT operation_key, run_id FROM current_operations ORDER BY 1"
    before = loaded.ask(names)
    ran = loaded.ask(operations)
    production.destinations.pop()
    clear = obstruct(loaded.warehouse, table)
    with pytest.raises(PipelineStepFailed):
        loaded.load(full=True)
    assert loaded.ask(names) == before
    assert loaded.ask(operations) == ran
    clear()
    with pytest.warns(DeprecationWarning, match="The 'warn' method"):
        loaded.load()  # what is pending
    loaded.load()
    assert len(loaded.ask(names)) == len(before) - 1
    assert loaded.rows.keys() == {table.name for table in TABLES if table.ledger}


def test_what_is_no_entry_is_told_without_its_value(
    empty: Loaded, production: AccountPlatform
) -> None:
    odd = deepcopy(production.destinations[0])
    production.destinations += [7, None, {"name": "no id"}, odd, {"id": "d", "name": ["secret"]}]
    production.destinations[0]["brandNew"] = {"secret": 1}
    empty.load(collections=["destinations"])
    rows = empty.ask(
        "SELECT reason, property_name, value FROM revision_unmapped_properties "
        "WHERE parent_table = 'destinations' ORDER BY 1, 2"
    )
    assert rows == [
        ("duplicate_id", None, None),
        ("no_id", None, None),
        ("not_an_object", None, None),
        ("not_an_object", None, None),
        ("unknown_property", "brandNew", None),
        ("wrong_type", "name", None),
    ]
    assert len(empty.ask("SELECT * FROM current_dropped_properties")) == len(rows)


def _operations(production: AccountPlatform) -> list[dict[str, Any]]:
    """The operations of the installation that has most."""
    found: list[dict[str, Any]] = max(production.operations.values(), key=len)
    return found


def _new(operation: dict[str, Any], number: int, **changes: Any) -> dict[str, Any]:
    created = f"2026-07-01T00:00:{number:02d}Z"
    return {**deepcopy(operation), "id": f"new-{number}", "createTime": created, **changes}


def _begin(operations: list[dict[str, Any]]) -> dict[str, Any]:
    """Puts an operation `runs` that began lately, and is not over, below a later one that is."""
    lately = dlt.common.pendulum.now("UTC").subtract(days=1).isoformat()
    running = _new(operations[0], 0, id="runs", createTime=lately, status="in_progress")
    operations[:0] = [{**running, "id": "later", "status": "success"}, running]
    return running


def _operations_path(project_id: str, installation: dict[str, Any]) -> str:
    return (
        f"/projects/{project_id}/integrations/{installation['integrationId']}"
        f"/installations/{installation['id']}/operations"
    )


@pytest.mark.parametrize(
    "text", [None, 7, "soon", "2026-01-02T03:04:05", "0001-01-01T00:00:00+05:00"]
)
def test_what_is_no_moment_is_none(text: Any) -> None:
    assert _moment(text) is None


def test_only_new_operations_are_read(
    loaded: Loaded, production: AccountPlatform, account: Account
) -> None:
    assert loaded.rows["operations"] == sum(
        len(operations)
        for platform in account.platform.values()
        for operations in platform.operations.values()
    )
    operations = _operations(production)
    operations[:0] = [_new(operations[0], 2, status="failure"), _new(operations[0], 1)]
    loaded.load()
    assert loaded.rows["operations"] == 2
    assert loaded.ask(
        "SELECT operation_id, status FROM current_operations WHERE operation_id LIKE 'new-%' "
        "ORDER BY 1"
    ) == [("new-1", operations[1]["status"]), ("new-2", "failure")]


def test_new_operations_take_one_small_page_of_each_installation(
    loaded: Loaded, production: AccountPlatform
) -> None:
    loaded.load()
    without_changes = [request.path for request in loaded.api.requests]
    assert "operations" not in loaded.rows
    most = _operations(production)
    for number, operations in enumerate(filter(None, production.operations.values())):
        operations[:0] = [_new(operations[0], number, id=f"new-{number}")]
    loaded.load()
    assert loaded.rows["operations"] == number + 1
    assert sorted(request.path for request in loaded.api.requests) == sorted(without_changes)
    asked = [path for path in without_changes if path.partition("?")[0].endswith("/operations")]
    known = [path for path in asked if path.endswith("?pageSize=200")]
    # of an installation without operations nothing is known, and its page is empty
    assert 0 < len(asked) - len(known) <= len(production.operations) - number - 1

    most[:0] = [_new(most[0], 59, id=f"many-{each}") for each in range(300)]
    loaded.load()
    assert loaded.rows["operations"] == 300
    assert len(loaded.api.requests) == len(without_changes) + 1


@pytest.mark.thorough
def test_files_that_are_merged_twice_are_loaded_once(
    empty: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As dlt does after a kill."""
    merge = merging._MergeJob.run

    def twice(self: merging._MergeJob) -> None:
        merge(self)
        merge(self)

    monkeypatch.setattr(merging._MergeJob, "run", twice)
    empty.load()
    for table in TABLES:
        keys = ", ".join(table.key)
        ((repeated,),) = empty.ask(
            f"SELECT COUNT(*) FROM (SELECT 1 FROM {table.name} GROUP BY {keys} HAVING COUNT(*) > 1)"
        )
        assert (table.name, repeated) == (table.name, 0)


@pytest.mark.thorough
def test_an_operation_that_ran_is_asked_for_until_it_is_over(
    loaded: Loaded, production: AccountPlatform
) -> None:
    operations = _operations(production)
    running = _begin(operations)
    loaded.load()
    status = "SELECT status FROM current_operations WHERE operation_id = 'runs'"
    assert loaded.ask(status) == [("in_progress",)]
    loaded.load()
    assert "operations" not in loaded.rows
    running["status"] = "success"
    operations.remove(running)
    production.operations["elsewhere"] = [running]  # as if it were far down
    loaded.load()
    assert loaded.ask(status) == [("success",)]
    loaded.load()
    assert "operations" not in loaded.rows


def test_a_running_operation_that_cannot_be_had_fails_nothing_else(
    loaded: Loaded, production: AccountPlatform, production_id: str, account: Account
) -> None:
    operations = _operations(production)
    running = _begin(operations)
    loaded.load()
    operations.remove(running)
    account.failures[f"/projects/{production_id}/operations/runs"] = Failure(500)
    loaded.load()
    assert loaded.outcomes()["operations"] == "unchanged"
    told = "SELECT error FROM collection_listings WHERE error IS NOT NULL"
    ((error,),) = loaded.ask(told)
    assert error == "1 running and not to be had (500 Internal Server Error)"
    account.failures.clear()
    production.operations["elsewhere"] = [{**running, "status": "success"}]
    loaded.load()
    assert loaded.rows["operations"] == 1
    assert len(loaded.ask(told)) == 1


def test_operations_that_are_none_are_told(
    empty: Loaded,
    account: Account,
    production: AccountPlatform,
    production_id: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    installation = production.installations[0]
    path = _operations_path(production_id, installation)
    known = production.operations[installation["id"]][0]
    page = ["nonsense", {"id": None}, {"id": 1}, known, known]
    answer = json.dumps({"results": page, "pagination": {"done": True}}).encode()
    account.failures[path] = Failure(200, answer, {"Content-Type": "application/json"})
    monkeypatch.setenv("AMP_API_KEY", "any")
    arguments = ["--base-url", empty.api.url, "--collection", "operations"]
    assert main(["load", *arguments, "--duckdb", str(empty.warehouse.file)]) == ExitCode.DONE
    told = " ".join(capsys.readouterr().out.split())
    what = "1 left out (duplicate_id), 2 left out (no_id), 1 left out (not_an_object)"
    assert f"incomplete operations of lanternfish-production: {what}" in told


@pytest.mark.parametrize(("fails", "outcome"), [(1, "listed"), (2, "failed")])
def test_the_catalog_is_asked_for_with_each_key(
    fails: int, outcome: str, empty: Loaded, account: Account
) -> None:
    keys = {project_id: f"key-of-{project_id}" for project_id in account.platform}
    account.keys = {key: {project_id} for project_id, key in keys.items()}
    account.failures["/providers"] = Failure(500, times=fails)
    empty.load(api_key=None, api_keys=keys, collections=["providers"])
    found = empty.ask("SELECT project_id, outcome FROM collection_listings")
    assert (len(keys), found) == (2, [("", outcome)])


@pytest.mark.thorough
def test_more_operations_than_a_query_takes_are_asked_for_in_parts(loaded: Loaded) -> None:
    there = dict(loaded.ask("SELECT operation_key, run_id FROM operations"))
    keys = [*map(str, range(2500)), *there]
    assert runs_of_operations(loaded.warehouse.pipeline(), keys) == there


@pytest.mark.thorough
def test_operations_in_another_order_are_read_to_the_end(
    empty: Loaded, production: AccountPlatform
) -> None:
    operations = _operations(production)
    operations.reverse()
    empty.load()
    operations.append(_new(operations[-1], 1))
    empty.load()
    assert empty.ask("SELECT COUNT(*) FROM operations WHERE operation_id = 'new-1'") == [(1,)]


@pytest.mark.thorough
def test_operations_that_could_not_be_read_whole_are_read_again(
    empty: Loaded, production: AccountPlatform, production_id: str, account: Account
) -> None:
    one, other = production.installations[:2]
    path = _operations_path(production_id, one)
    account.failures[path] = Failure(500)
    empty.load()
    assert empty.outcomes()["operations"] == "failed"
    production.operations[other["id"]][:0] = [_new(production.operations[other["id"]][0], 1)]
    del account.failures[path]
    empty.load()
    expected = {each["id"] for operations in production.operations.values() for each in operations}
    found = {row[0] for row in empty.ask("SELECT operation_id FROM current_operations")}
    assert found >= expected


@pytest.mark.thorough
def test_names_can_be_hashed_and_still_be_joined(empty: Loaded) -> None:
    empty.load(personal_hash_key="salt")
    groups = empty.ask("SELECT DISTINCT group_name FROM current_installations")
    assert all(name.startswith("hashed:") for (name,) in groups)
    assert empty.ask(
        "SELECT COUNT(*) FROM current_installations AS i JOIN current_connections AS c "
        "ON c.connection_id = i.connection_id WHERE c.group_ref <> i.group_ref"
    ) == [(0,)]


def test_names_that_are_data_name_nothing(empty: Loaded, production: AccountPlatform) -> None:
    """Objects and fields are keys of maps in the answer: rows here, whatever they are called."""
    objects = production.installations[0]["config"]["content"]["read"]["objects"]
    chosen = deepcopy(next(iter(objects.values())))
    names = ["Contact", "contact", "a/b.c-d", "'; DROP", "größe", "x" * 300, "_dlt_id"]
    for name in names:
        objects[name] = {**chosen, "objectName": name, "selectedFields": dict.fromkeys(names, True)}
    empty.load(collections=["installations"])
    installation_id = production.installations[0]["id"]
    found = empty.ask(
        "SELECT object_name FROM current_installation_objects "
        f"WHERE installation_id = '{installation_id}'"
    )
    assert {name for (name,) in found} >= set(names)
    fields = empty.ask(
        "SELECT object_name, COUNT(DISTINCT name) FROM current_installation_fields "
        f"WHERE installation_id = '{installation_id}' AND purpose = 'selected' "
        "AND object_name = 'größe' GROUP BY object_name"
    )
    assert fields == [("größe", len(names))]
    assert empty.rows.keys() <= {table.name for table in TABLES}


def test_the_ledger_knows_what_it_took(empty: Loaded) -> None:
    empty.load(collections=["providers", "destinations"])
    rows = empty.ask(
        "SELECT collection, project_id = '' AS is_global, entries > 0, requests, bytes > 0, error "
        "FROM collection_listings ORDER BY collection, project_id"
    )
    assert rows == [
        ("destinations", False, True, 1, True, None),
        ("destinations", False, True, 1, True, None),
        ("providers", True, True, 1, True, None),
    ]
    ((counts,),) = empty.ask("SELECT counts FROM extraction_runs")
    assert json.loads(counts)["destinations"] == empty.rows["destinations"]


@pytest.mark.parametrize(
    "kind", ["sqlite", *(pytest.param(kind, marks=pytest.mark.thorough) for kind in ("postgres",))]
)
def test_operations_are_known_again_elsewhere(
    kind: Kind, new_warehouse: NewWarehouse, api: SandboxServer
) -> None:
    """SQLite tells times as texts."""
    loaded = Loaded(new_warehouse(kind), api).load(collections=["operations"])
    loaded.load(collections=["operations"])
    assert loaded.rows.keys() == {table.name for table in CORE_TABLES if table.ledger} | {
        "collection_listings"
    }


def test_operations_fail_where_installations_cannot_be_listed(
    empty: Loaded, account: Account
) -> None:
    for project_id in account.platform:
        account.failures[f"/projects/{project_id}/installations"] = Failure(403)
    empty.load(collections=["operations"])
    assert empty.ask("SELECT collection, outcome FROM collection_listings") == [
        ("operations", "failed")
    ] * len(account.platform)


@pytest.mark.thorough
def test_operations_that_end_with_404_on_a_later_page_are_read_again(
    empty: Loaded, production: AccountPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an installation that is still there: what is further down would never be read."""
    operations = _operations(production)
    last = operations[-1]
    monkeypatch.setattr("ampersand.client.PAGE_SIZE", len(operations) - 1)
    broken = f"pageSize={len(operations) - 1}&pageToken="
    fetch = AmpersandClient._fetch

    def without_later_pages(self: AmpersandClient, url: str, call: Any) -> Any:
        if broken in url:
            raise NotFound("404 Not Found")
        return fetch(self, url, call)

    with monkeypatch.context() as patch:
        patch.setattr(AmpersandClient, "_fetch", without_later_pages)
        empty.load(collections=["operations"])
    empty.load(collections=["operations"])
    found = {row[0] for row in empty.ask("SELECT operation_id FROM current_operations")}
    assert last["id"] in found


@pytest.mark.thorough
def test_ids_may_be_the_same_in_two_projects(
    empty: Loaded, production: AccountPlatform, account: Account
) -> None:
    (other,) = [each for each in account.platform.values() if each is not production]
    integration_id = other.installations[0]["integrationId"]
    copied = {**deepcopy(production.installations[0]), "integrationId": integration_id}
    other.installations.append(copied)
    old = {**deepcopy(_operations(production)[0]), "installationId": copied["id"]}
    other.operations[copied["id"]] = [{**old, "createTime": "2020-01-01T00:00:00Z"}]
    empty.load(collections=["operations"])
    new = {**old, "id": "new", "createTime": "2020-01-02T00:00:00Z"}
    other.operations[copied["id"]].insert(0, new)
    empty.load(collections=["operations"])
    assert empty.rows["operations"] == 1


def test_what_no_column_takes_is_told_of_what_did_not_change_too(
    empty: Loaded, production: AccountPlatform
) -> None:
    production.destinations[0]["createTime"] = "yesterday"
    empty.load(collections=["destinations"])
    told = "SELECT json_path, reason FROM current_dropped_properties"
    before = empty.ask(told)
    assert [reason for _, reason in before] == ["wrong_type"]
    production.destinations[1]["name"] = "another"
    empty.load(collections=["destinations"])
    assert empty.rows["destinations"] == 1
    assert empty.ask(told) == before


@pytest.mark.thorough
def test_what_no_column_takes_of_operations_is_told_too(
    empty: Loaded, production: AccountPlatform
) -> None:
    _operations(production)[0]["metadata"]["news"] = "never kept"
    empty.load()
    told = "SELECT collection, property_name, reason, parent_key FROM current_dropped_properties"
    ((collection, name, reason, key),) = empty.ask(told)
    assert (collection, name, reason) == ("operations", "news", "unknown_property")
    assert empty.ask(f"SELECT COUNT(*) FROM operations WHERE operation_key = '{key}'") == [(1,)]


def test_a_month_is_the_same_for_whoever_asks(empty: Loaded, production: AccountPlatform) -> None:
    production.installations[0]["createTime"] = "2026-03-01T00:30:00Z"
    empty.load(collections=["installations"])
    with duckdb.connect(str(empty.warehouse.file)) as connection:
        connection.execute(f"USE {DATASET}")
        found = []
        for zone in ("UTC", "America/Los_Angeles"):
            connection.execute(f"SET TimeZone = '{zone}'")
            months = connection.execute("SELECT month FROM adoption_by_month ORDER BY month")
            found.append(months.fetchall())
    assert found[0] == found[1]
    assert ("2026-03",) in found[0]


@pytest.fixture
def _insert_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on BigQuery, Databricks and lakes: a row that is there stays as it is."""
    monkeypatch.setattr("ampersand.resources.merge_strategy", lambda *_: "insert-only")


@pytest.mark.thorough
@pytest.mark.usefixtures("_insert_only")
def test_what_a_failed_run_loaded_is_known_after_the_next_one(
    empty: Loaded, production: AccountPlatform, production_id: str, account: Account
) -> None:
    one = production.installations[0]
    path = _operations_path(production_id, one)
    account.failures[path] = Failure(500)
    empty.load(collections=["operations"])
    del account.failures[path]
    empty.load(collections=["operations"])
    empty.load(collections=["operations"])
    assert "operations" not in empty.rows


@pytest.mark.thorough
@pytest.mark.usefixtures("_insert_only")
def test_operations_of_a_run_that_was_lost_are_there_after_the_next_one(
    empty: Loaded, production: AccountPlatform
) -> None:
    empty.load(collections=["operations"])
    count = "SELECT COUNT(*) FROM current_operations"
    ((before,),) = empty.ask(count)
    operations = _operations(production)
    operations.insert(0, _new(operations[0], 1))
    clear = obstruct(empty.warehouse, "collection_listings")
    with pytest.raises(PipelineStepFailed):
        empty.load(collections=["operations"])
    clear()
    assert empty.ask(count) == [(before,)]
    shutil.rmtree(empty.warehouse.pipelines_dir)  # and with it what is pending
    empty.load(collections=["operations"])
    assert empty.ask(count) == [(before + 1,)]


@pytest.mark.thorough
def test_rows_of_an_older_model_are_made_again(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what is no part of a revision, the next run makes them."""
    with loaded.warehouse.pipeline().sql_client() as client:
        client.execute_sql("UPDATE extraction_runs SET model_version = model_version - 1")
        client.execute_sql("UPDATE destinations SET name = NULL")
    monkeypatch.setattr("ampersand.platform.MODEL_VERSION", MODEL_VERSION + 1)  # in keys
    loaded.load()
    assert loaded.ask("SELECT COUNT(*) FROM current_destinations WHERE name IS NULL") == [(0,)]


@pytest.mark.thorough
def test_an_operation_that_ends_while_it_is_read_is_there_once(
    empty: Loaded, production: AccountPlatform
) -> None:
    operations = _operations(production)
    operations[:0] = [_new(operations[0], 1, status="success")]
    first = {**operations[0], "status": "in_progress"}
    production.operations["elsewhere"] = [first]
    one, other = production.installations[:2]
    production.operations[one["id"]] = [first]
    production.operations[other["id"]] = [operations[0]]
    empty.load()
    assert empty.ask("SELECT status FROM current_operations WHERE operation_id = 'new-1'") == [
        ("success",)
    ]
