"""What a run meets on its machine: full disks, other runs, signals, a clock that was set back.

It fails with one line that says what to do and leaves what was there; the next run heals.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from shutil import rmtree

import pytest

from ampersand.tables import CORE_TABLES
from ampersand_pipelines.exit_codes import ExitCode
from ampersand_pipelines.sandbox import SandboxServer
from tests.support.acme import changed
from tests.support.drivers import run_plainly
from tests.support.trials import Effect, Ended, Trial, Trials, Way
from tests.support.warehouses import Kind, Row, Warehouse

DAY = 24 * 3600.0
PHASES = ("start", "extract", "normalize", "load")
BROUGHT_TO_THE_END = ("job of projects", "commit")
"""Phases after which dlt may have nothing left to interrupt: all jobs have begun by then."""

Seen = dict[str, Counter[Row]]
crash = pytest.mark.crash


@dataclass
class Case:
    """A warehouse, an account that has changed since it was loaded, and what is to come of it."""

    warehouse: Warehouse
    url: str
    before: Seen
    views: Seen
    content: Seen

    def trial(self, way: Way = "command") -> Trial:
        """A run that loads the changes."""
        return Trial(way, self.warehouse, self.url)

    def check_healed(self) -> None:
        """All is as if nothing had gone wrong, and nothing is left behind."""
        assert self.warehouse.views() == self.views
        assert self.warehouse.content() == self.content
        for table in CORE_TABLES:
            key = ", ".join(table.key)
            doubled = f"SELECT {key} FROM {table.name} GROUP BY {key} HAVING COUNT(*) > 1"
            assert self.warehouse.rows(doubled) == []
        left = {path.name for path in self.warehouse.folder.iterdir()}
        assert left <= {self.warehouse.file.name, self.warehouse.pipelines_dir.name, "others"}


@pytest.fixture(scope="module")
def api() -> Iterator[SandboxServer]:
    """An API that has other things to tell than the warehouses were loaded with."""
    with SandboxServer(changed().account) as server:
        yield server


@pytest.fixture(scope="module")
def _outcomes() -> dict[Kind, tuple[Seen, Seen, Seen]]:
    return {}


@pytest.fixture
def case(
    loaded_warehouse: Callable[..., Warehouse],
    api: SandboxServer,
    _outcomes: dict[Kind, tuple[Seen, Seen, Seen]],
) -> Callable[[Kind], Case]:
    """Makes a case on a kind of database; an undisturbed load tells what is to come of it."""

    def make(kind: Kind) -> Case:
        if kind not in _outcomes:
            undisturbed = loaded_warehouse(kind, "undisturbed")
            before = undisturbed.views()
            run_plainly(undisturbed, api.url)
            _outcomes[kind] = before, undisturbed.views(), undisturbed.content()
        return Case(loaded_warehouse(kind), api.url, *_outcomes[kind])

    return make


def _message(ended: Ended, exit_code: ExitCode = ExitCode.FAILED) -> str:
    """The one line that a run ended with, beside warnings."""
    assert ended.exit_code == exit_code, ended
    assert "Traceback" not in ended.error
    *log, last = ended.error.splitlines()
    assert [line for line in log if " WARNING " not in line] == []
    assert last.startswith("ampersand: ")
    return last


@pytest.mark.parametrize(
    ("way", "limit", "what"),
    [
        pytest.param("command", 0, "dlt's working files cannot be written to", marks=crash),
        pytest.param("command", 20_000, "no space left for dlt's working files in", marks=crash),
        pytest.param("command_rebuild", 60_000, "no space left for the database", marks=crash),
    ],
    ids=["at-once", "extract", "rebuild"],
)
def test_full_disk(
    way: Way, limit: int, what: str, case: Callable[[Kind], Case], trials: Trials
) -> None:
    full = case("duckdb")
    content = full.warehouse.content()
    ended = trials.run(replace(full.trial(way), file_limit=limit))
    message = _message(ended)
    assert what in message
    assert str(full.warehouse.folder) in message
    assert full.warehouse.views() == full.before
    assert full.warehouse.content() == content
    if way == "command_rebuild":
        assert trials.run(full.trial(way)).exit_code == 0
    assert trials.run(full.trial()).exit_code == 0
    full.check_healed()


@pytest.mark.parametrize(
    "limit", [pytest.param(size, marks=crash) for size in (4_000, 9_000, 60_000, 150_000, 250_000)]
)
def test_disk_that_is_full_at_the_first_load(
    limit: int, new_warehouse: Callable[[Kind], Warehouse], api: SandboxServer, trials: Trials
) -> None:
    warehouse = new_warehouse("duckdb")
    ended = trials.run(Trial("command", warehouse, api.url, file_limit=limit))
    if ended.exit_code != ExitCode.NO_VIEWS:
        message = _message(ended)
        assert "there is no space left for the database" in message
        assert f"{warehouse.file}" in message
        assert limit > 10_000 or not warehouse.file.exists()
    assert trials.run(Trial("command", warehouse, api.url)).exit_code == 0
    undisturbed = Warehouse("duckdb", warehouse.folder / "others")
    undisturbed.folder.mkdir()
    run_plainly(undisturbed, api.url)
    Case(warehouse, api.url, {}, undisturbed.views(), undisturbed.content()).check_healed()


@pytest.mark.parametrize(
    ("what", "message"),
    [
        pytest.param("folder", "the database cannot be opened: ", marks=crash),
        pytest.param("file", "the database cannot be opened: ", marks=crash),
        pytest.param("pipelines", "dlt's working files cannot be written to ", marks=crash),
    ],
)
def test_what_cannot_be_written(
    what: str,
    message: str,
    new_warehouse: Callable[[Kind], Warehouse],
    case: Callable[[Kind], Case],
    trials: Trials,
) -> None:
    found = case("duckdb")
    if what == "folder":  # where there is a database already, only its log cannot be made
        found.warehouse.file.unlink()
    path = {
        "folder": found.warehouse.folder,
        "file": found.warehouse.file,
        "pipelines": found.warehouse.pipelines_dir,
    }[what]
    mode = path.stat().st_mode
    path.chmod(mode & ~0o222)
    told = _message(trials.run(replace(found.trial(), is_bound=True)))
    assert told.startswith(f"ampersand: {message}")
    assert "Permission denied" in told
    assert str(path) in told
    path.chmod(mode)
    if what != "folder":
        assert found.warehouse.views() == found.before
    assert trials.run(replace(found.trial(), is_bound=True)).exit_code == 0
    assert found.warehouse.views() == found.views


@pytest.mark.parametrize(
    ("kind", "way", "phase", "has_own_folder", "message"),
    [
        ("duckdb", "command", "extract", False, "is under way with the same working files"),
        pytest.param("duckdb", "command_rebuild", "load", False, "is under way", marks=crash),
        pytest.param("duckdb", "command", "extract", True, "run is loading into", marks=crash),
        pytest.param("postgres", "command", "load", False, "is under way", marks=crash),
        ("postgres", "command", "load", True, "another run is loading into postgres, dataset"),
        pytest.param("postgres", "command_rebuild", "commit", True, "is loading", marks=crash),
    ],
)
def test_second_run_is_refused_and_mixes_nothing(
    kind: Kind,
    way: Way,
    phase: str,
    has_own_folder: bool,
    message: str,
    case: Callable[[Kind], Case],
    trials: Trials,
) -> None:
    shared = case(kind)
    first = trials.start(replace(shared.trial(), effect="pause", phase=phase, number=20))
    assert first.until_paused()
    other = shared.warehouse
    if has_own_folder:
        other = replace(shared.warehouse, folder=shared.warehouse.folder / "others")
        other.folder.mkdir()
        if kind == "duckdb":
            (other.folder / other.file.name).symlink_to(shared.warehouse.file)
    second = trials.run(Trial(way, other, shared.url))
    told = _message(second)
    assert message in told
    assert told.endswith("run this again")
    assert (f"PID {first.pid}" in told) == (not has_own_folder)
    first.resume()
    ended = first.end()
    assert ended.exit_code == 0, ended
    shared.check_healed()
    assert trials.run(Trial(way, other, shared.url)).exit_code == 0
    shared.check_healed()


@crash
@pytest.mark.parametrize(("kind", "phase"), [("duckdb", "extract"), ("postgres", "load")])
def test_questions_are_answered_while_a_run_is_under_way(
    kind: Kind, phase: str, case: Callable[[Kind], Case], trials: Trials
) -> None:
    loading = case(kind)
    first = trials.start(replace(loading.trial(), effect="pause", phase=phase, number=40))
    assert first.until_paused()
    assert trials.run(loading.trial("command_findings")).exit_code == 0
    first.resume()
    assert first.end().exit_code == 0
    loading.check_healed()


@pytest.mark.parametrize(
    ("kind", "way", "is_folder_new"),
    [
        ("duckdb", "command", True),
        *(
            pytest.param(kind, way, is_folder_new, marks=crash)
            for kind in ("duckdb", "postgres")
            for way in ("plain", "command")
            for is_folder_new in (False, True)
            if (kind, way, is_folder_new) != ("duckdb", "command", True)
        ),
    ],
)
def test_clock_that_is_set_back_between_two_runs(
    kind: Kind, way: Way, is_folder_new: bool, case: Callable[[Kind], Case], trials: Trials
) -> None:
    late = case(kind)
    if is_folder_new:
        rmtree(late.warehouse.pipelines_dir)
    assert trials.run(replace(late.trial(way), clock=-30 * DAY)).exit_code == 0
    late.check_healed()
    runs = late.warehouse.rows("SELECT run_id, started_at FROM extraction_runs ORDER BY started_at")
    assert len(runs) == 2
    assert sorted(runs, reverse=True) == runs


@crash
@pytest.mark.parametrize("phase", [*PHASES, *BROUGHT_TO_THE_END, "views"])
@pytest.mark.parametrize("effect", ["sigterm", "sigint"])
def test_interrupted_run_says_so_and_heals(
    effect: Effect, phase: str, case: Callable[[Kind], Case], trials: Trials
) -> None:
    stopped = case("duckdb")
    ended = trials.run(replace(stopped.trial(), effect=effect, phase=phase, number=3))
    exit_code = ExitCode.TERMINATED if effect == "sigterm" else ExitCode.INTERRUPTED
    if phase not in BROUGHT_TO_THE_END or ended.exit_code:
        message = _message(ended, exit_code)
        assert message == "ampersand: interrupted; what was loaded before is as it was"
    assert stopped.warehouse.views() in (stopped.before, stopped.views)
    assert trials.run(stopped.trial()).exit_code == 0
    stopped.check_healed()
