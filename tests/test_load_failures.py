"""A load that fails changes nothing that a reader sees; the next run heals it."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from ampersand import ampersand_source
from ampersand.tables import CORE_TABLES
from ampersand_pipelines.cli import main
from ampersand_pipelines.exit_codes import ExitCode
from ampersand_pipelines.pipeline import Target, make_pipeline
from ampersand_pipelines.sandbox import SandboxServer
from tests.support.acme import KEY, Acme
from tests.support.acme import changed as changed_acme
from tests.support.drivers import Command, run_plainly
from tests.support.obstacles import obstruct
from tests.support.warehouses import DATASET, Kind, Row, Warehouse

# dlt says in a deprecated way that it loads what is pending instead of what it was given.
pytestmark = pytest.mark.filterwarnings("ignore:The 'warn' method is deprecated:DeprecationWarning")


@dataclass
class Case:
    """A warehouse, an account that has changed since it was loaded, and what is to come of it."""

    warehouse: Warehouse
    url: str
    before: dict[str, Counter[Row]]
    views_after: dict[str, Counter[Row]]
    content_after: dict[str, Counter[Row]]

    def check_before(self) -> None:
        """Readers see what they saw before the load."""
        assert self.warehouse.views() == self.before

    def check_healed(self) -> None:
        """All is as if nothing had gone wrong."""
        assert self.warehouse.views() == self.views_after
        assert self.warehouse.content() == self.content_after


@pytest.fixture(scope="module")
def changed() -> Iterator[SandboxServer]:
    """An API that has other things to tell than the warehouses were loaded with."""
    with SandboxServer(changed_acme().account) as api:
        yield api


@pytest.fixture(scope="module")
def _outcomes() -> dict[Kind, tuple[Any, Any, Any]]:
    return {}


@pytest.fixture
def case(
    loaded_warehouse: Callable[..., Warehouse],
    changed: SandboxServer,
    _outcomes: dict[Kind, tuple[Any, Any, Any]],
) -> Callable[[Kind], Case]:
    """Makes a case on a kind of database; an undisturbed load tells what is to come of it."""

    def make(kind: Kind) -> Case:
        if kind not in _outcomes:
            undisturbed = loaded_warehouse(kind, "undisturbed")
            before = undisturbed.views()
            run_plainly(undisturbed, changed.url)
            _outcomes[kind] = (before, undisturbed.views(), undisturbed.content())
        return Case(loaded_warehouse(kind), changed.url, *_outcomes[kind])

    return make


TABLE_NAMES = [*(table.name for table in CORE_TABLES), "_dlt_loads"]
USUAL = {
    "duckdb": ("revision_objects", "project_listings", "_dlt_loads"),
    "sqlite": ("project_listings",),
    "postgres": (),
}


@pytest.mark.parametrize(
    ("kind", "table"),
    [
        pytest.param(kind, name, marks=() if name in usual else pytest.mark.thorough)
        for kind, usual in USUAL.items()
        for name in TABLE_NAMES
    ],
)
def test_failure_of_one_table_is_invisible_and_heals(
    kind: Kind, table: str, case: Callable[[Kind], Case]
) -> None:
    trial = case(kind)
    clear = obstruct(trial.warehouse, table)
    with pytest.raises(PipelineStepFailed):
        run_plainly(trial.warehouse, trial.url)
    trial.check_before()
    clear()
    run_plainly(trial.warehouse, trial.url)
    trial.check_healed()


def test_command_tells_of_a_failure_and_heals(
    case: Callable[[Kind], Case], command: Command
) -> None:
    trial = case("duckdb")
    clear = obstruct(trial.warehouse, "revision_objects")
    failed = command(trial.warehouse, trial.url)
    assert failed.exit_code == ExitCode.FAILED
    assert "obstacle" in failed.error
    trial.check_before()
    clear()
    assert command(trial.warehouse, trial.url).exit_code == ExitCode.DONE
    trial.check_healed()


@pytest.mark.parametrize("table", ["revision_objects", "project_listings"])
def test_package_with_a_broken_file_is_aborted_by_hand(
    table: str, case: Callable[[Kind], Case]
) -> None:
    trial = case("duckdb")
    pipeline = trial.warehouse.pipeline()
    pipeline.extract(ampersand_source(api_key=KEY, base_url=trial.url))
    pipeline.normalize()
    jobs = trial.warehouse.pipelines_dir.glob(f"*/load/normalized/*/new_jobs/{table}.*")
    (job,) = jobs
    job.write_bytes(b"not what was extracted")
    with pytest.raises(PipelineStepFailed):
        pipeline.load()
    trial.check_before()
    pipeline.abort_packages()
    run_plainly(trial.warehouse, trial.url)
    trial.check_healed()


@pytest.mark.thorough
@pytest.mark.parametrize("step", ["extract", "normalize"])
def test_pending_package_is_loaded_first(step: str, case: Callable[[Kind], Case]) -> None:
    trial = case("duckdb")
    pipeline = trial.warehouse.pipeline()
    older = changed_acme()
    older.deploy("alpha", "crm", 3)
    with SandboxServer(older.account) as api:
        pipeline.extract(ampersand_source(api_key=KEY, base_url=api.url))
    if step == "normalize":
        pipeline.normalize()
    trial.check_before()
    run_plainly(trial.warehouse, trial.url)  # loads what is pending, and nothing else
    assert ("crm", "crm-3") in trial.warehouse.state().integrations.values()
    run_plainly(trial.warehouse, trial.url)
    assert trial.warehouse.views() == trial.views_after


def test_command_loads_what_is_pending_and_then_what_is_new(
    case: Callable[[Kind], Case], command: Command
) -> None:
    trial = case("duckdb")
    older = changed_acme()
    older.deploy("alpha", "crm", 3)
    with SandboxServer(older.account) as api:
        trial.warehouse.pipeline().extract(ampersand_source(api_key=KEY, base_url=api.url))
    assert command(trial.warehouse, trial.url).exit_code == ExitCode.DONE
    assert trial.warehouse.views() == trial.views_after
    revisions = trial.warehouse.rows("SELECT revision_id FROM revisions")
    assert ("crm-3",) in revisions


@pytest.mark.thorough
def test_what_is_pending_for_one_database_is_not_loaded_into_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AMP_API_KEY", KEY)
    load = ["load", "--json", "--quiet", "--duckdb"]
    one, other = tmp_path / "one.duckdb", tmp_path / "other.duckdb"
    acme = Acme()
    with SandboxServer(acme.account) as api:
        monkeypatch.setenv("AMP_API_URL", api.url)
        assert main([*load, str(one)]) == main([*load, str(other)]) == ExitCode.DONE
        acme.deploy("alpha", "crm", 3)
        pipeline = make_pipeline(Target(duckdb_file=str(one)))
        pipeline.extract(ampersand_source(api_key=KEY, base_url=api.url))
        acme.deploy("alpha", "crm", 2)
        capsys.readouterr()
        for file, has_pending in ((other, False), (one, True)):
            assert main([*load, str(file)]) == ExitCode.DONE
            assert json.loads(capsys.readouterr().out)["loaded_pending"] is has_pending
    revisions = "SELECT revision_id FROM ampersand_data.revisions WHERE revision_id LIKE 'crm%'"
    for file, expected in ((one, {"crm-1", "crm-2", "crm-3"}), (other, {"crm-1", "crm-2"})):
        with duckdb.connect(str(file)) as connection:
            assert {
                revision for (revision,) in connection.execute(revisions).fetchall()
            } == expected


def test_pending_package_that_is_older_than_what_is_loaded_changes_nothing(
    case: Callable[[Kind], Case], changed: SandboxServer
) -> None:
    trial = case("duckdb")
    late = trial.warehouse.pipeline("late")
    with SandboxServer(Acme().account) as api:
        late.extract(ampersand_source(api_key=KEY, base_url=api.url, full=True))
    run_plainly(trial.warehouse, trial.url)
    late.normalize()
    late.load()
    assert trial.warehouse.views() == trial.views_after


@pytest.mark.thorough
def test_first_run_that_fails_is_made_good_by_the_next(
    new_warehouse: Callable[[Kind], Warehouse], case: Callable[[Kind], Case]
) -> None:
    warehouse = new_warehouse("duckdb")
    pipeline = warehouse.pipeline()
    with SandboxServer(Acme().account) as api:
        pipeline.extract(ampersand_source(api_key=KEY, base_url=api.url))
        pipeline.normalize()
        (job,) = warehouse.pipelines_dir.glob("*/load/normalized/*/new_jobs/revisions.*")
        content = job.read_bytes()
        job.write_bytes(b"not what was extracted")
        with pytest.raises(PipelineStepFailed):
            pipeline.load()
        for name in ("listing_integrations", "project_listings"):
            assert warehouse.rows(f"SELECT COUNT(*) FROM {name}") > [(0,)]
        pending = next(warehouse.pipelines_dir.glob("*/load/normalized/*/new_jobs/revisions.*"))
        pending.write_bytes(content)
        run_plainly(warehouse, api.url)
    assert warehouse.views() == case("duckdb").before


def test_run_that_is_committed_twice_counts_once(case: Callable[[Kind], Case]) -> None:
    """As after a kill in between: dlt commits again, and looks for nothing."""
    trial = case("duckdb")
    integrations = trial.warehouse.rows("SELECT * FROM integrations ORDER BY ALL")
    trial.warehouse.execute("INSERT INTO _dlt_loads FROM _dlt_loads")
    trial.check_before()
    assert trial.warehouse.rows("SELECT * FROM integrations ORDER BY ALL") == integrations


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_reader_sees_the_state_before_or_after(kind: Kind, case: Callable[[Kind], Case]) -> None:
    trial = case(kind)
    query = (
        "SELECT i.project_id, i.revision_id, COUNT(f.field_key) FROM current_integrations i "
        "LEFT JOIN current_fields f ON f.project_id = i.project_id "
        "AND f.integration_id = i.integration_id GROUP BY i.project_id, i.revision_id"
    )
    seen: list[list[Row]] = []
    done = threading.Event()

    def read() -> None:
        with ExitStack() as stack:
            connection: Any
            if kind == "duckdb":
                connection = stack.enter_context(duckdb.connect(str(trial.warehouse.file)))
            else:
                assert trial.warehouse.postgres
                url = trial.warehouse.postgres.url(trial.warehouse.database)
                connection = psycopg2.connect(url)
                stack.callback(connection.close)
                connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute(f"SET search_path = {DATASET}")
            while True:
                last = done.is_set()
                cursor.execute(query)
                state = sorted(cursor.fetchall())
                if state not in seen:
                    seen.append(state)
                if last:
                    return

    reader = threading.Thread(target=read)
    reader.start()
    try:
        run_plainly(trial.warehouse, trial.url)
    finally:
        done.set()
        reader.join()
    before = [("p-alpha", "billing-1", 2), ("p-alpha", "crm-1", 2), ("p-beta", "desk-1", 2)]
    after = [("p-alpha", "crm-2", 3), ("p-beta", "desk-1", 2), ("p-gamma", "shop-1", 2)]
    assert seen == [before, after]
