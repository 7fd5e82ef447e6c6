"""The ways to run a load: the two lines of plain dlt, and the command."""

import json
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pytest
from dlt.extract import DltSource
from dlt.pipeline.exceptions import PipelineStepFailed
from dlt.pipeline.pipeline import Pipeline

from ampersand import NothingListed, ampersand_source, create_views
from ampersand.tables import TABLES_OF_COLLECTIONS
from ampersand_pipelines.cli import main
from ampersand_pipelines.sandbox import SandboxServer, bundled_account

from .acme import KEY
from .warehouses import DATASET, Warehouse


@dataclass(frozen=True)
class Run:
    """The arguments of a run.

    Attributes:
        projects: Projects that it is limited to.
        keys: Keys by project, instead of the one that sees everything.
        select: Tables to load.
        full: Whether unchanged listings are loaded again.
    """

    projects: Sequence[str] | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    select: Sequence[str] = ()
    full: bool = False


@dataclass
class Outcome:
    """What came of a run.

    Attributes:
        exit_code: As the command has it; plain dlt tells 0 and 1 only.
        rows: Number of rows written per table.
        error: What was raised or printed.
    """

    exit_code: int
    rows: dict[str, int] = field(default_factory=dict)
    error: str = ""


class Driver(Protocol):
    """Runs a load."""

    def __call__(self, warehouse: Warehouse, url: str, run: Run) -> Outcome:
        """Runs a load into a warehouse from the API at `url`."""


def run_plainly(warehouse: Warehouse, url: str, run: Run | None = None) -> Outcome:
    """The two lines of plain dlt."""
    run = run or Run()
    pipeline = warehouse.pipeline()
    source: DltSource = ampersand_source(
        projects=run.projects,
        api_key=None if run.keys else KEY,
        api_keys=dict(run.keys) or None,
        base_url=url,
        max_attempts=1,
        full=run.full,
    )
    if run.select:
        source = source.with_resources(*run.select)
    try:
        pipeline.run(source, **warehouse.table_format)
    except PipelineStepFailed as error:
        if not any(isinstance(cause, NothingListed) for cause in causes(error)):
            raise
        return Outcome(1, error=str(error))
    create_views(pipeline)
    return Outcome(0, rows_written(pipeline))


def load_bundled(warehouse: Warehouse) -> None:
    """Loads the bundled account, with all that there is beside integrations."""
    pipeline = warehouse.pipeline()
    with SandboxServer(bundled_account()) as api:
        collections = list(TABLES_OF_COLLECTIONS)
        source = ampersand_source(api_key=KEY, base_url=api.url, collections=collections)
        pipeline.run(source, **warehouse.table_format)
    create_views(pipeline)


def rows_written(pipeline: Pipeline) -> dict[str, int]:
    """Rows per table that the last run normalised; none where it only loaded what was pending."""
    trace = pipeline.last_trace
    normalized = trace.last_normalize_info if trace else None
    return dict(normalized.row_counts) if normalized else {}


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


class Command:
    """The command `ampersand load`, in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, warehouse: Warehouse, url: str, run: Run | None = None) -> Outcome:
        """Runs the command."""
        run = run or Run()
        arguments = ["load", "--json", "--quiet", "--base-url", url, "--dataset", DATASET]
        arguments += ["--duckdb", str(warehouse.file)]
        arguments += ["--pipelines-dir", str(warehouse.pipelines_dir)]
        arguments += [f"--project={project}" for project in run.projects or ()]
        arguments += [f"--select={table}" for table in run.select]
        arguments += ["--full"] if run.full else []
        environment: dict[str, str] = {"SOURCES__AMPERSAND__MAX_ATTEMPTS": "1"}
        if run.keys:
            environment["SOURCES__AMPERSAND__API_KEYS"] = json.dumps(dict(run.keys))
        else:
            environment["AMP_API_KEY"] = KEY
        before = signal.getsignal(signal.SIGTERM)
        with self._monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            self._capsys.readouterr()
            try:
                exit_code = main(arguments)
            finally:
                signal.signal(signal.SIGTERM, before)
        captured = self._capsys.readouterr()
        report: dict[str, Any] = json.loads(captured.out) if captured.out else {}
        assert report.get("exit_code", exit_code) == exit_code
        return Outcome(exit_code, report.get("rows", {}), captured.err)
