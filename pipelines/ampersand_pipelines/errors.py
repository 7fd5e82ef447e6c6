"""Errors as one line for the operator, with the exit code that goes with them."""

import re
from collections.abc import Iterator

import duckdb
from dlt.common.configuration.container import Container
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.pipeline import PipelineContext
from dlt.destinations.exceptions import DestinationConnectionError
from dlt.pipeline.exceptions import PipelineStepFailed
from dlt.pipeline.pipeline import Pipeline

from ampersand import AmpersandError, ConfigurationError
from ampersand.exceptions import one_line

from .exit_codes import ExitCode
from .pipeline import PIPELINE_NAME
from .sandbox import ManifestError

_LOCKED = re.compile(
    r'Could not set lock on file "(?P<file>.+?)"'
    r"(?:: Conflicting lock is held in (?:(?P<program>.+?) \()?PID (?P<pid>\d+))?"
)
"""How DuckDB says that another process has the file; whose it is, it does not always know."""


def interruption(error: BaseException) -> KeyboardInterrupt | None:
    """The interruption behind an error that dlt raised because of one."""
    found = (cause for cause in _chain(error) if isinstance(cause, KeyboardInterrupt))
    return next(found, None)


def explain(error: BaseException) -> tuple[str, ExitCode]:
    """What to tell the operator, and how to exit."""
    chain = list(_chain(error))
    step = next((cause.step for cause in chain if isinstance(cause, PipelineStepFailed)), None)
    what_is_left = _pending() if step not in (None, "extract") else ""
    for cause in chain:
        if isinstance(cause, DestinationConnectionError | duckdb.IOException):
            locked = _LOCKED.search(str(cause))
            if locked:
                return _in_use(locked) + what_is_left, ExitCode.FAILED
    for cause in chain:
        if isinstance(cause, ConfigurationError | ManifestError):
            return str(cause), ExitCode.USAGE
        if isinstance(cause, AmpersandError):
            return str(cause), ExitCode.FAILED
    for cause in chain:
        if isinstance(cause, ConfigurationException):
            return one_line(str(cause), 1000), ExitCode.USAGE
    deepest = chain[-1]
    text = f"{type(deepest).__name__}: {one_line(str(deepest), 1000)}"
    if step is None:
        return text, ExitCode.FAILED
    return f"the step {step} failed: {text}{what_is_left}", ExitCode.FAILED


def _in_use(locked: re.Match[str]) -> str:
    who = ", ".join(filter(None, (locked["pid"] and f"PID {locked['pid']}", locked["program"])))
    return (
        f"another process{f' ({who})' if who else ''} has the database {locked['file']} open, and "
        "DuckDB lets one at a time write to a file; wait until it is done, or close it (notebooks "
        "and DuckDB's command line keep their file open), and run this again"
    )


def _pending() -> str:
    context = Container()[PipelineContext]
    pipeline = context.pipeline() if context.is_active() else None
    folder = f"--pipelines-dir {pipeline.pipelines_dir} " if isinstance(pipeline, Pipeline) else ""
    return (
        "; what was extracted stays pending and is loaded by the next run, or dropped with "
        f"`dlt pipeline {folder}{PIPELINE_NAME} abort-packages`"
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        inner = getattr(error, "exception", None)
        error = error.__cause__ or (inner if isinstance(inner, BaseException) else None)
