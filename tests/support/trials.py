"""Runs in processes of their own, to which something happens at a named point.

To kill one tells what a run leaves behind, to pause one what another meets, and so on: `Trial` has
the list. All are forks of one process, since to import dlt takes a second and a run less than one:

    with Trials() as trials:
        trials.run(Trial("command", warehouse, url, effect="kill", phase="commit", number=2))

A point is the moment before something that may change what is on disk or in the database: a file is
opened to be written, renamed or removed, a statement is sent, a transaction committed. How many of
them each phase has, the end of a run tells to which nothing happened.
"""

import ctypes
import json
import os
import re
import resource
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, cast

from .warehouses import DATASET, Kind, Warehouse

ROOT = Path(__file__).resolve().parents[2]

Way = Literal["plain", "command", "plain_rebuild", "command_rebuild", "command_findings"]
Effect = Literal["kill", "pause", "sigterm", "sigint"]

SIGNALS = {"kill": signal.SIGKILL, "sigterm": signal.SIGTERM, "sigint": signal.SIGINT}


@dataclass(frozen=True)
class Trial:
    """A run, and what happens to it.

    Attributes:
        way: What is run.
        warehouse: Where it loads to.
        url: Root of the API.
        effect: What happens; None: nothing.
        phase: The phase in which it happens: a step of dlt (`extract`, `normalize`, `load`),
            `job of <table>` and `commit` within the last of them, `swap` and `tidy` within a
            rebuild, `views`, or `start` for what is before and between them.
        number: How many points of the phase come before.
        file_limit: Bytes beyond which no file can grow, as on a disk that is full.
        is_limit_fatal: Whether the kernel kills who tries.
        clock: Seconds by which the clock is off.
        is_bound: Whether permissions bind the process even where it is root's.
    """

    way: Way
    warehouse: Warehouse
    url: str
    effect: Effect | None = None
    phase: str = "start"
    number: int = 0
    file_limit: int | None = None
    is_limit_fatal: bool = False
    clock: float = 0.0
    is_bound: bool = False


@dataclass(frozen=True)
class Ended:
    """How a run ended.

    Attributes:
        exit_code: Its exit code; None: it was killed.
        killed_by: The signal that killed it.
        points: Number of points in each phase.
        out: What it printed.
        error: What it printed on stderr.
    """

    exit_code: int | None
    killed_by: int | None
    points: dict[str, int] = field(default_factory=dict)
    out: str = ""
    error: str = ""


class Trials:
    """Starts runs."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> "Trials":
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server.stdin and self._server.stdout
        self._server.stdin.close()
        self._server.stdout.close()
        self._server.wait()

    def run(self, trial: Trial) -> Ended:
        """Runs one to its end."""
        return self.start(trial).end()

    def start(self, trial: Trial) -> "Running":
        """Starts one."""
        warehouse = trial.warehouse
        server = warehouse.postgres
        request = asdict(replace(trial, warehouse=None)) | {  # type: ignore[arg-type]
            "kind": warehouse.kind,
            "folder": str(warehouse.folder),
            "database": warehouse.database,
            "database_url": server and server.url(warehouse.database),
        }
        return Running(self, self.ask("start", **request))

    def ask(self, do: str, **arguments: Any) -> Any:
        """Asks the process that forks; see `_serve`."""
        assert self._server.stdin and self._server.stdout
        self._server.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self._server.stdin.flush()
        return json.loads(self._server.stdout.readline())


@dataclass(frozen=True)
class Running:
    """A run that was started."""

    trials: Trials
    pid: int

    def until_paused(self) -> bool:
        """Waits for the point at which it pauses; whether it came there before its end."""
        return bool(self.trials.ask("until_paused", pid=self.pid))

    def resume(self) -> None:
        """Lets it go on."""
        self.trials.ask("resume", pid=self.pid)

    def end(self) -> Ended:
        """Waits for its end."""
        return Ended(**self.trials.ask("end", pid=self.pid))


# What follows runs in the process that forks, and in its children.


class _Child:
    """A child, and the ends of the pipes to it: a file of its own might find no space."""

    def __init__(self) -> None:
        self.pipes = {name: os.pipe() for name in ("out", "error", "report", "paused", "resume")}

    def keep(self, *, is_child: bool) -> None:
        """Closes the ends that are the other's."""
        for name, (reads, writes) in self.pipes.items():
            os.close(reads if (name == "resume") != is_child else writes)

    def read(self, name: str) -> str:
        """All that it has sent; waits until it has closed the pipe."""
        with os.fdopen(self.pipes[name][0]) as stream:
            return stream.read()


def _serve() -> None:
    """Answers requests, a line of JSON each, until there are no more.

    What a child imported is imported here as well, so that it need not be by the next.
    """
    children: dict[int, _Child] = {}

    def start(**trial: Any) -> int:
        child = _Child()
        pid = os.fork()
        child.keep(is_child=pid == 0)
        if pid == 0:
            code = 70
            try:
                code = _run_child(child, trial)
            except BaseException:
                sys.excepthook(*sys.exc_info())
            finally:
                os._exit(code)
        children[pid] = child
        return pid

    def until_paused(pid: int) -> bool:
        return bool(os.read(children[pid].pipes["paused"][0], 1))

    def resume(pid: int) -> None:
        os.write(children[pid].pipes["resume"][1], b"\n")

    def end(pid: int) -> dict[str, Any]:
        child = children.pop(pid)
        os.close(child.pipes["resume"][1])
        with ThreadPoolExecutor() as pool:  # one at a time might leave it waiting at a full pipe
            out, error, told, _ = pool.map(child.read, ("out", "error", "report", "paused"))
        _, status = os.waitpid(pid, 0)
        report = json.loads(told or "{}")
        for module in report.get("modules", ()):
            with suppress(Exception):  # what can only be imported there
                import_module(module)
        return {
            "exit_code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
            "killed_by": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
            "points": report.get("points", {}),
            "out": out,
            "error": error,
        }

    actions: dict[str, Callable[..., Any]] = {
        action.__name__: action for action in (start, until_paused, resume, end)
    }
    for line in sys.stdin:
        request = json.loads(line)
        sys.stdout.write(json.dumps(actions[request.pop("do")](**request)) + "\n")
        sys.stdout.flush()


@dataclass(frozen=True)
class _Server:
    """A PostgreSQL server that somebody else started."""

    address: str

    def url(self, database: str) -> str:
        return self.address


def _run_child(child: _Child, trial: dict[str, Any]) -> int:
    """Is the run; returns its exit code."""
    for name, stream in (("out", 1), ("error", 2)):
        os.dup2(child.pipes[name][1], stream)
        os.close(child.pipes[name][1])
    points = _Points()

    def pause() -> None:
        os.write(child.pipes["paused"][1], b"\n")
        os.read(child.pipes["resume"][0], 1)

    if trial["effect"]:
        act = pause
        if trial["effect"] in SIGNALS:
            number = SIGNALS[trial["effect"]]

            def act() -> None:
                os.kill(os.getpid(), number)

        points.expect(trial["phase"], trial["number"], act)
    kind: Kind = trial["kind"]
    warehouse = Warehouse(kind, Path(trial["folder"]))
    if trial["database_url"]:
        warehouse.postgres = cast(Any, _Server(trial["database_url"]))
        warehouse.database = trial["database"]
    if trial["clock"]:
        _set_clock(trial["clock"])
    if trial["is_bound"] and os.geteuid() == 0:
        _drop_power_over_permissions()
    if trial["file_limit"] is not None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL if trial["is_limit_fatal"] else signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (trial["file_limit"],) * 2)
    points.watch()
    code = _run(trial["way"], warehouse, trial["url"])
    points.watched = False
    sys.stdout.flush()
    sys.stderr.flush()
    report = {"points": points.counts, "modules": list(sys.modules)}
    with os.fdopen(child.pipes["report"][1], "w") as pipe:
        json.dump(report, pipe)
    return code


def _run(way: Way, warehouse: Warehouse, url: str) -> int:
    from ampersand import create_views, rebuild
    from ampersand_pipelines.cli import main

    from .acme import KEY
    from .drivers import run_plainly

    if way == "plain":
        return run_plainly(warehouse, url).exit_code
    if way == "plain_rebuild":
        rebuild(warehouse.pipeline())
        create_views(warehouse.pipeline())
        return 0
    os.environ |= {"AMP_API_KEY": KEY, "AMP_API_URL": url, "RUNTIME__DLTHUB_TELEMETRY": "false"}
    os.environ["SOURCES__AMPERSAND__MAX_ATTEMPTS"] = "1"
    _, _, command = way.partition("_")
    arguments = [command or "load", "--dataset", DATASET]
    arguments += ["--pipelines-dir", str(warehouse.pipelines_dir)]
    if warehouse.postgres:
        os.environ["DESTINATION__POSTGRES__CREDENTIALS"] = warehouse.postgres.url(
            warehouse.database
        )
        arguments += ["--destination", "postgres"]
    else:
        arguments += ["--duckdb", str(warehouse.file)]
    if not command:
        arguments += ["--quiet", "--json"]
    return main(arguments)


_NAMES = re.compile(r'[/"]([a-z_]+)(?:"|\.[0-9a-f]{10}\.)')
"""Names of tables in a statement, and the one that a file of dlt is for."""

_FILE_EVENTS = frozenset(
    ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate", "shutil.rmtree")
)


class _Points:
    """Tells the phases of a run and counts the points in each."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.watched = True
        self._phase = "start"
        self._is_committing = False
        self._expected: tuple[str, int] | None = None
        self._act: Callable[[], None] = lambda: None
        self._lock = threading.Lock()

    def expect(self, phase: str, number: int, act: Callable[[], None]) -> None:
        """Lets something happen at a point, by its number in a phase, or where the phase ends."""
        self._expected, self._act = (phase, number), act

    def watch(self) -> None:
        """Begins."""
        from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient
        from dlt.destinations.impl.postgres.sql_client import Psycopg2SqlClient
        from dlt.pipeline.pipeline import Pipeline

        import ampersand
        from ampersand_pipelines import load

        from . import drivers

        self._frame(Pipeline, "extract", "extract")
        self._frame(Pipeline, "normalize", "normalize")
        self._frame(Pipeline, "load", "load")
        rebuilding = sys.modules["ampersand.rebuild"]
        self._frame(rebuilding, "_swap", "swap")
        self._frame(rebuilding, "_rebuild", "tidy")
        for module in (load, drivers, ampersand):
            self._frame(module, "create_views", "views")
        for client in (DuckDbSqlClient, Psycopg2SqlClient):
            self._before(client, "execute_query")
            self._before(client, "commit_transaction")
        sys.addaudithook(self._audit)

    def _frame(self, owner: Any, name: str, phase: str) -> None:
        """Gives a name to what happens while a function runs."""
        original = getattr(owner, name)

        @wraps(original)
        def framed(*args: Any, **kwargs: Any) -> Any:
            before, self._phase = self._phase, phase
            try:
                return original(*args, **kwargs)
            finally:
                self._meet_end(phase)
                self._phase, self._is_committing = before, False

        setattr(owner, name, framed)

    def _before(self, client: Any, name: str) -> None:
        original = getattr(client, name)

        @wraps(original)
        def watched(instance: Any, *args: Any, **kwargs: Any) -> Any:
            self._meet(str(args[0]) if args else name)
            return original(instance, *args, **kwargs)

        setattr(client, name, watched)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.watched:
            return
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, str) and flags & (os.O_WRONLY | os.O_RDWR):
                self._meet(path)
        elif event in _FILE_EVENTS:
            self._meet(str(arguments[0]))
        elif event == "socket.connect" and self._phase == "extract":
            self._meet("")

    def _meet(self, text: str) -> None:
        """A point, of which a path or statement says what it is about."""
        with self._lock:
            label = self._label(text)
            number = self.counts[label]
            self.counts[label] += 1
            is_expected = self._expected == (label, number)
            if is_expected:
                self._expected = None
        if is_expected:
            self._act()

    def _meet_end(self, phase: str) -> None:
        """The end of a phase, and of those within it, at the latest."""
        if self._expected and (
            self._expected[0] == phase
            or (phase == "load" and self._expected[0].startswith(("job of", "commit")))
        ):
            self._expected = None
            self._act()

    def _label(self, text: str) -> str:
        if self._phase != "load":
            return self._phase
        self._is_committing |= text.startswith("INSERT") and '"_dlt_loads"' in text
        if self._is_committing:
            return "commit"
        names = set(_NAMES.findall(text)) - {DATASET, f"{DATASET}_staging"}
        tables = names & _table_names()
        return f"job of {tables.pop()}" if len(tables) == 1 else "load"


def _table_names() -> frozenset[str]:
    from ampersand.tables import CORE_TABLES

    return frozenset(table.name for table in CORE_TABLES)


def _set_clock(seconds: float) -> None:
    """Sets the clock, as far as this process reads it through Python."""
    import time
    from datetime import datetime, timedelta

    import dlt.common.time
    import pendulum

    import ampersand.extraction

    true_time, true_time_ns, true_now = time.time, time.time_ns, pendulum.now

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(seconds=seconds)

    def shifted_time() -> float:
        return true_time() + seconds

    time.time, time.time_ns = shifted_time, lambda: true_time_ns() + int(seconds * 1e9)
    pendulum.now = lambda tz=None: true_now(tz).add(seconds=seconds)
    ampersand.extraction.datetime = Shifted  # type: ignore[attr-defined]
    dlt.common.time.increasing_precise_time._last = 0  # it remembers the true time
    for module in list(sys.modules.values()):
        if vars(module).get("precise_time") is true_time:
            vars(module)["precise_time"] = shifted_time


_CAPABILITIES_VERSION = 0x20080522
_OVERRIDING_PERMISSIONS = 1 << 1 | 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH of Linux."""


def _drop_power_over_permissions() -> None:
    """Lets permissions bind this process of root's, as they bind everybody else."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; then their upper halves
    assert libc.capget(header, sets) == 0
    for index in range(3):
        sets[index] &= ~_OVERRIDING_PERMISSIONS
    assert libc.capset(header, sets) == 0, ctypes.get_errno()


if __name__ == "__main__":
    import tests.support.drivers
    import tests.support.trials

    tests.support.trials._serve()
