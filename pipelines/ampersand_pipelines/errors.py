"""Errors as one line for the operator, with the exit code that goes with them."""

from collections.abc import Iterator

from dlt.common.configuration.exceptions import ConfigurationException
from dlt.pipeline.exceptions import PipelineStepFailed

from ampersand import AmpersandError, ConfigurationError
from ampersand.exceptions import one_line

from .exit_codes import ExitCode
from .sandbox import ManifestError

_PENDING = (
    "; what was extracted stays pending and is loaded by the next run, or dropped with "
    "`dlt pipeline ampersand drop-pending-packages`"
)


def interruption(error: BaseException) -> KeyboardInterrupt | None:
    """The interruption behind an error that dlt raised because of one."""
    found = (cause for cause in _chain(error) if isinstance(cause, KeyboardInterrupt))
    return next(found, None)


def explain(error: BaseException) -> tuple[str, ExitCode]:
    """What to tell the operator, and how to exit."""
    chain = list(_chain(error))
    for cause in chain:
        if isinstance(cause, ConfigurationError | ManifestError):
            return str(cause), ExitCode.USAGE
        if isinstance(cause, AmpersandError):
            return str(cause), ExitCode.FAILED
    for cause in chain:
        if isinstance(cause, ConfigurationException):
            return one_line(str(cause), 1000), ExitCode.USAGE
    step = next((cause.step for cause in chain if isinstance(cause, PipelineStepFailed)), None)
    deepest = chain[-1]
    text = f"{type(deepest).__name__}: {one_line(str(deepest), 1000)}"
    if step is None:
        return text, ExitCode.FAILED
    return f"the step {step} failed: {text}{_PENDING if step != 'extract' else ''}", ExitCode.FAILED


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        inner = getattr(error, "exception", None)
        error = error.__cause__ or (inner if isinstance(inner, BaseException) else None)
