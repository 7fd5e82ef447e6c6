"""What the exit codes of the command line mean."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of `ampersand`."""

    DONE = 0
    """Everything that was asked for is done."""
    FAILED = 1
    """It failed, and nothing changed."""
    USAGE = 2
    """Usage or configuration: nothing was tried."""
    PARTLY_LOADED = 3
    """Some projects failed; the others are loaded, and those that failed are as they were."""
    GATE = 4
    """A gate that was asked for found something."""
    NO_VIEWS = 5
    """The data is loaded, but views or comments could not be made."""
    INTERRUPTED = 130
    """Interrupted by Ctrl-C."""
    TERMINATED = 143
    """Terminated by SIGTERM."""


RETRYABLE = (ExitCode.FAILED, ExitCode.PARTLY_LOADED)
"""Codes after which the same command may succeed a little later, without anybody's doing."""
