"""Progress of a load: bars on a terminal, lines in a log."""

import sys

from dlt.common.runtime.collector import Collector, LogCollector, TqdmCollector


def make_progress(*, quiet: bool) -> Collector | None:
    """The way to show progress that fits where the command runs; None: not at all."""
    if quiet:
        return None
    if sys.stderr.isatty():
        return TqdmCollector(single_bar=True)
    return LogCollector(log_period=10, logger=sys.stderr, dump_system_stats=False)
