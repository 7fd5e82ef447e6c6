"""Log lines on stderr: the command's own, the source's and dlt's, all in one form.

The form is dlt's setting `log_format` under `[runtime]`: `JSON` for one JSON object a line, or a
format of one's own; without it, the time in UTC, the level where it is a warning or worse, the
text, and the run.
"""

import logging
import sys
import time

import dlt
from dlt.common.configuration.specs import RuntimeConfiguration

from ampersand.exceptions import one_line


def set_up_logs(*, without_ledger: bool = False) -> logging.Logger:
    """Gives all log lines one form, and returns the log for the command's own.

    Args:
        without_ledger: Whether the failures of projects and keys are left out, which the summary
            tells.
    """
    context = dlt.current.run_context()
    log_format = context.runtime_config.log_format  # dlt sets its log up when first asked for it
    dlt_log = logging.getLogger(context.name)
    handler = _ToStderr()
    if log_format == RuntimeConfiguration.log_format:
        handler.setFormatter(_Lines())
    else:
        handler.setFormatter(next((each.formatter for each in dlt_log.handlers), None))
    if without_ledger:
        handler.addFilter(lambda record: not getattr(record, "in_ledger", False))
    own_log = logging.getLogger("ampersand")
    own_log.setLevel(logging.INFO)
    for log in (dlt_log, own_log):
        log.propagate = False
        log.handlers = [handler]
    return own_log


class _ToStderr(logging.Handler):
    """Writes to what is stderr at the time."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(f"{self.format(record)}\n")
        sys.stderr.flush()


class _Lines(logging.Formatter):
    converter = time.gmtime  # type: ignore[assignment]
    default_time_format = "%Y-%m-%dT%H:%M:%SZ"
    default_msec_format = ""

    def format(self, record: logging.LogRecord) -> str:
        level = f"{record.levelname} " if record.levelno > logging.INFO else ""
        error = record.exc_info[1] if record.exc_info else None
        cause = f": {type(error).__name__}: {one_line(str(error))}" if error else ""
        run_id = getattr(record, "run_id", None)
        run = f" (run {run_id})" if run_id else ""
        return f"{self.formatTime(record)} {level}{record.getMessage()}{cause}{run}"
