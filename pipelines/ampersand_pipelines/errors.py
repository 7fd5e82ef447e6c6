"""Errors as one line for the operator, with the exit code that goes with them."""

import errno
import os
import re
from collections.abc import Iterable, Iterator

import duckdb
from dlt.common.configuration.container import Container
from dlt.common.configuration.exceptions import (
    ConfigFieldMissingException,
    ConfigurationException,
    ConfigValueCannotBeCoercedException,
    LookupTrace,
    LookupTraces,
)
from dlt.common.pipeline import PipelineContext
from dlt.destinations.exceptions import DatabaseException, DestinationConnectionError
from dlt.pipeline.exceptions import PipelineStepFailed
from dlt.pipeline.pipeline import Pipeline

from ampersand import AmpersandError, ConfigurationError, NothingListed
from ampersand.exceptions import one_line

from .exit_codes import ExitCode
from .pipeline import PIPELINE_NAME, FolderNotWritable
from .wording import first

_LOCKED = re.compile(
    r'Could not set lock on file "(?P<file>.+?)"'
    r"(?:: Conflicting lock is held in (?:(?P<program>.+?) \()?PID (?P<pid>\d+))?"
)
"""How DuckDB says that another process has the file; whose it is, it does not always know."""

_NO_DATABASE = re.compile(r'The file "(?P<file>.+?)" exists, but it is not a valid DuckDB database')

_NO_SPACE = re.compile(
    "|".join(map(os.strerror, (errno.ENOSPC, errno.EDQUOT, errno.EFBIG))), re.IGNORECASE
)
"""How the operating system says that a disk, or somebody's share of it, is full."""

_STORING = (OSError, duckdb.Error, DatabaseException, DestinationConnectionError)

_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "Sequence": """a list, such as '["my-project"]'""",
}

_SHOWN = 5
"""Reasons shown before the rest is only counted."""


def interruption(error: BaseException) -> KeyboardInterrupt | None:
    """The interruption behind an error that dlt raised because of one."""
    found = (cause for cause in _chain(error) if isinstance(cause, KeyboardInterrupt))
    return next(found, None)


def explain(error: BaseException) -> tuple[str, ExitCode]:
    """What to tell the operator, and how to exit."""
    chain = list(_chain(error))
    step = next((cause.step for cause in chain if isinstance(cause, PipelineStepFailed)), None)
    what_is_left = _pending() if step not in (None, "extract") else ""
    if isinstance(error, FolderNotWritable):
        return str(error), ExitCode.FAILED
    for cause in reversed(chain):
        if isinstance(cause, _STORING) and _NO_SPACE.search(_text(cause)):
            return _no_space(cause) + what_is_left, ExitCode.FAILED
    for cause in chain:
        if isinstance(cause, DestinationConnectionError | duckdb.IOException):
            return _no_connection(cause) + what_is_left, ExitCode.FAILED
    for cause in chain:
        if isinstance(cause, ConfigurationError):
            return str(cause), ExitCode.USAGE
        if isinstance(cause, NothingListed):
            return _nothing_listed(cause), ExitCode.FAILED
        if isinstance(cause, AmpersandError):
            return str(cause), ExitCode.FAILED
    for cause in chain:
        if isinstance(cause, ConfigFieldMissingException):
            return _missing(cause), ExitCode.USAGE
        if isinstance(cause, ConfigValueCannotBeCoercedException):
            return _of_another_type(cause), ExitCode.USAGE
        if isinstance(cause, ConfigurationException):
            return one_line(str(cause), 1000), ExitCode.USAGE
    deepest = chain[-1]
    text = f"{type(deepest).__name__}: {one_line(str(deepest), 1000)}"
    if step is None:
        return text, ExitCode.FAILED
    return f"the step {step} failed: {text}{what_is_left}", ExitCode.FAILED


def _text(error: BaseException) -> str:
    """What an error says, without what dlt says around it."""
    return str(getattr(error, "inner_exc", None) or error)


def _no_space(error: BaseException) -> str:
    pipeline = _pipeline()
    if isinstance(error, OSError) and pipeline:
        place = f"dlt's working files in {pipeline.pipelines_dir}"
    else:
        place = "the database"
    return (
        f"there is no space left for {place} ({one_line(_text(error))}); make room, and run this "
        "again: what was loaded before is as it was"
    )


def _nothing_listed(error: NothingListed) -> str:
    if len(error.reasons) == 1:
        return str(error)
    listed = [f"  {reason}" for reason in first(error.reasons, _SHOWN)]
    return "\n".join(["no project could be listed:", *listed])


def _missing(error: ConfigFieldMissingException) -> str:
    """What is to be set, and where; dlt lists every place that it looked in."""
    keys = [key for traces in error.traces.values() for key in _keys(traces)]
    names = list(dict.fromkeys(key.rpartition(".")[2] for key in keys))
    sections = list(dict.fromkeys(key.rpartition(".")[0] for key in keys))
    section = next((each for each in sections if each.startswith("destination.")), sections[0])
    variables = ", ".join(f"{section}.{name}".upper().replace(".", "__") for name in names)
    return (
        f"not set: {', '.join(names)}; set them under [{section}] in .dlt/secrets.toml, "
        f"or in the environment: {variables}"
    )


def _keys(traces: Iterable[LookupTrace | LookupTraces]) -> Iterator[str]:
    """Yields every key that was looked for, as the files of `.dlt/` have it."""
    for trace in traces:
        if isinstance(trace, LookupTrace):
            yield trace.key.lower().replace("__", ".")  # the environment has them the other way
        else:
            for inner in trace.traces.values():
                yield from _keys(inner)


def _of_another_type(error: ConfigValueCannotBeCoercedException) -> str:
    """Which setting cannot be read, without its value, which may be a secret."""
    name = error.field_name
    if name == "api_keys":
        return (
            "api_keys cannot be read as keys by project: write a line per project under "
            "[sources.ampersand.api_keys] in .dlt/secrets.toml, or set "
            'SOURCES__AMPERSAND__API_KEYS=\'{"<project>": "<its API key>"}\''
        )
    type_name = getattr(error.hint, "__name__", str(error.hint))
    kind = _KINDS.get(type_name, type_name)
    return (
        f"the setting {name} cannot be read as {kind}: look at it in .dlt/config.toml, "
        f".dlt/secrets.toml, and the environment (its name ends in {name.upper()})"
    )


def _no_connection(error: BaseException) -> str:
    text = _text(error)
    locked = _LOCKED.search(text)
    if locked:
        return _in_use(locked)
    other_file = _NO_DATABASE.search(text)
    if other_file:
        return f"{other_file['file']} is there, and is no DuckDB database; name another file"
    return f"the database cannot be opened: {one_line(text, 1000)}"


def _in_use(locked: re.Match[str]) -> str:
    who = ", ".join(filter(None, (locked["pid"] and f"PID {locked['pid']}", locked["program"])))
    return (
        f"another process{f' ({who})' if who else ''} has the database {locked['file']} open, and "
        "DuckDB lets one at a time write to a file; wait until it is done, or close it (notebooks "
        "and DuckDB's command line keep their file open), and run this again"
    )


def _pending() -> str:
    pipeline = _pipeline()
    folder = f"--pipelines-dir {pipeline.pipelines_dir} " if pipeline else ""
    return (
        "; what was extracted stays pending and is loaded by the next run, or dropped with "
        f"`dlt pipeline {folder}{PIPELINE_NAME} abort-packages`"
    )


def _pipeline() -> Pipeline | None:
    """The pipeline that was made last."""
    context = Container()[PipelineContext]
    pipeline = context.pipeline() if context.is_active() else None
    return pipeline if isinstance(pipeline, Pipeline) else None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        inner = getattr(error, "exception", None)
        error = error.__cause__ or (inner if isinstance(inner, BaseException) else None)
