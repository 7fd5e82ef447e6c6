"""Errors as one line for the operator, with the exit code that goes with them."""

from collections.abc import Iterator

from dlt.common.configuration.container import Container
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.pipeline import PipelineContext
from dlt.pipeline.exceptions import PipelineStepFailed
from dlt.pipeline.pipeline import Pipeline

from ampersand import AmpersandError, ConfigurationError
from ampersand.exceptions import one_line

from .exit_codes import ExitCode
from .pipeline import PIPELINE_NAME
from .sandbox import ManifestError


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
    what_is_left = _pending() if step != "extract" else ""
    return f"the step {step} failed: {text}{what_is_left}", ExitCode.FAILED


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
