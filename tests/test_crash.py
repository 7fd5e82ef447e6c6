"""A run that is killed at any moment leaves what was there before; the run after it heals all.

`make crash` tries all of these, `make test` some. A case is named after the phase in which a run
dies, and how far into it. Where and how far is drawn once, from a seed.
"""

import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

import duckdb
import pytest

from ampersand.tables import CORE_TABLES, MODEL_VERSION
from ampersand_pipelines.sandbox import SandboxServer
from tests.support.acme import changed as changed_acme
from tests.support.trials import Trial, Trials, Way
from tests.support.warehouses import DATASET, Kind, Row, Warehouse

SEED = 20260101

STEPS = (
    "extract",
    "normalize",
    "load",
    *(f"job of {table.name}" for table in CORE_TABLES),
    "commit",
)
PHASES: dict[str, tuple[str, ...]] = {
    "first": (*STEPS, "views"),
    "changes": (*STEPS, "views"),
    "rebuild": ("extract", "normalize", "load", "commit", "swap", "tidy", "views"),
}
"""What is run on what: a first load into an empty database, a load after changes, a rebuild of what
an older model made; and the phases of each."""


class Point(NamedTuple):
    """Where a run is killed."""

    kind: Kind
    way: Way
    action: str
    phase: str
    share: float

    def __str__(self) -> str:
        place = self.phase.replace(" ", "_")
        return f"{self.kind}-{self.way}-{self.action}-{place}-{round(self.share * 100):02}%"


WRITING = "writing the database"
"""No phase: the kernel kills the run while the file grows, be it in the midst of a commit."""


def _points() -> list[Point]:
    random = Random(SEED)
    points: list[Point] = []

    def add(kind: Kind, way: Way, action: str, *phases: str) -> None:
        points.extend(Point(kind, way, action, phase, random.random()) for phase in phases)

    add("duckdb", "command", "changes", "start", *PHASES["changes"])
    add("duckdb", "plain", "changes", *PHASES["changes"])
    for phase in PHASES["first"]:
        add("duckdb", random.choice(("plain", "command")), "first", phase)
    add("duckdb", "command_rebuild", "rebuild", *PHASES["rebuild"])
    add("duckdb", "plain_rebuild", "rebuild", *PHASES["rebuild"])
    add("duckdb", "command", "changes", *[WRITING] * 7)
    add("duckdb", "command", "first", *[WRITING] * 6)
    add("postgres", "command", "changes", *PHASES["changes"])
    add("postgres", "plain_rebuild", "rebuild", "swap", "tidy", "commit", "views")
    return points


POINTS = _points()

USUAL = frozenset(
    Random(SEED).sample([p for p in POINTS if p[:3] == ("duckdb", "plain", "changes")], 6)
)
"""Those of `make test`: of one run, so that it is counted and read once. With plain dlt nothing but
the next `pipeline.run(ampersand_source())` heals."""


Seen = dict[str, Counter[Row]]


@dataclass(frozen=True)
class Scene:
    """What a run finds, and what comes of one that nothing happens to.

    Attributes:
        url: Root of the API.
        origin: The warehouse that it finds.
        before: What a reader sees in it.
        after: What a reader sees after the run.
        content: The rows after the run.
        size: Bytes of the database after the run.
        points: Number of points in each phase of the run.
    """

    url: str
    origin: Warehouse
    before: Seen
    after: Seen
    content: Seen
    size: int
    points: dict[str, int]


def _aged(warehouse: Warehouse) -> None:
    """Makes the rows look as if an older version of the model had made them."""
    warehouse.execute(
        f"UPDATE extraction_runs SET model_version = {MODEL_VERSION - 1}",
        "UPDATE revisions SET display_name = 'as an older model put it', has_read = NULL",
        "UPDATE revision_objects SET object_name = 'other' WHERE action = 'read'",
        "DELETE FROM revision_fields",
        "DELETE FROM revision_unmapped_properties WHERE property_name = 'comingSoon'",
    )


@pytest.fixture(scope="module")
def changed() -> Iterator[SandboxServer]:
    """An API that has other things to tell than the warehouses were loaded with."""
    with SandboxServer(changed_acme().account) as api:
        yield api


@pytest.fixture(scope="module")
def _scenes() -> dict[tuple[str, ...], Scene]:
    return {}


@pytest.fixture
def scene(
    _scenes: dict[tuple[str, ...], Scene],
    changed: SandboxServer,
    loaded_warehouse: Callable[..., Warehouse],
    new_warehouse: Callable[[Kind], Warehouse],
    tmp_path_factory: pytest.TempPathFactory,
    trials: Trials,
) -> Callable[[Point], Scene]:
    """Makes what a point of a run needs; points of equal runs share it."""

    def make(point: Point) -> Scene:
        if point[:3] not in _scenes:
            origin = (new_warehouse if point.action == "first" else loaded_warehouse)(point.kind)
            if point.action == "rebuild":
                _aged(origin)
            outcome = origin.copy(tmp_path_factory.mktemp("outcome"))
            ended = trials.run(Trial(point.way, outcome, changed.url))
            assert ended.exit_code == 0, ended.error
            _scenes[point[:3]] = Scene(
                changed.url,
                origin,
                before=_seen(origin, point.action),
                after=_seen(outcome, point.action),
                content=outcome.content(),
                size=outcome.file.stat().st_size if point.kind == "duckdb" else 0,
                points=ended.points,
            )
        return _scenes[point[:3]]

    return make


def _seen(warehouse: Warehouse, action: str) -> Seen:
    """What a reader sees: the views, or what the rows of a rebuild say."""
    if action == "rebuild":
        return warehouse.content()
    if action == "first" and not _has_views(warehouse):
        return {}
    return warehouse.views()


def _has_views(warehouse: Warehouse) -> bool:
    if not warehouse.file.exists():
        return False
    with duckdb.connect(str(warehouse.file)) as connection:
        views = connection.execute("FROM duckdb_views() WHERE schema_name = ?", [DATASET])
        return bool(views.fetchall())


def _doubled(warehouse: Warehouse) -> dict[str, list[Row]]:
    """Rows of which there are several under one key."""
    found = {}
    for table in CORE_TABLES:
        key = ", ".join(table.key)
        found[table.name] = warehouse.rows(
            f"SELECT {key} FROM {table.name} GROUP BY {key} HAVING COUNT(*) > 1"
        )
    return {name: rows for name, rows in found.items() if rows}


@contextmanager
def _read(warehouse: Warehouse, action: str) -> Iterator[list[Seen]]:
    """Lets somebody read on and on where the database allows it; yields what they saw."""
    seen: list[Seen] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            state = _seen(warehouse, action)
            if state not in seen:
                seen.append(state)

    reader = threading.Thread(target=read)
    if warehouse.kind == "postgres" and action != "rebuild":
        reader.start()
    try:
        yield seen
    finally:
        done.set()
        if reader.ident:
            reader.join()


def _trial(point: Point, warehouse: Warehouse, scene: Scene) -> Trial:
    if point.phase == WRITING:
        limit = int(point.share * scene.size)
        return Trial(point.way, warehouse, scene.url, file_limit=limit, is_limit_fatal=True)
    number = int(point.share * scene.points[point.phase])
    return Trial(point.way, warehouse, scene.url, "kill", point.phase, number)


@pytest.mark.parametrize(
    "point",
    [pytest.param(p, id=str(p), marks=() if p in USUAL else pytest.mark.crash) for p in POINTS],
)
def test_killed_run_is_invisible_and_heals(
    point: Point, scene: Callable[[Point], Scene], tmp_path: Any, trials: Trials
) -> None:
    made = scene(point)
    warehouse = made.origin.copy(tmp_path / "killed")
    with _read(warehouse, point.action) as seen:
        killed = trials.run(_trial(point, warehouse, made))
        seen.append(_seen(warehouse, point.action))
        assert killed.killed_by in (signal.SIGKILL, signal.SIGXFSZ), killed
        healed = trials.run(Trial(point.way, warehouse, made.url))
        assert healed.exit_code == 0, healed.error
    assert [state for state in seen if state not in (made.before, made.after)] == []
    assert _seen(warehouse, point.action) == made.after
    assert warehouse.content() == made.content
    assert _doubled(warehouse) == {}
    if point.kind == "duckdb":
        assert {path.name for path in warehouse.folder.iterdir()} == {
            warehouse.file.name,
            warehouse.pipelines_dir.name,
        }
