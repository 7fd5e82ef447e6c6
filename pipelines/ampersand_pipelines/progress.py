"""Progress of a load: bars on a terminal, a few lines in a log."""

import sys
import time
from datetime import UTC, datetime
from typing import TextIO

from dlt.common.runtime.collector import TqdmCollector
from dlt.common.runtime.collector_base import Collector

LOG_PERIOD = 10.0
"""Seconds between two lines of one step."""


def make_progress(*, quiet: bool) -> Collector | None:
    """The way to show progress that fits where the command runs; None: not at all."""
    if quiet:
        return None
    if sys.stderr.isatty():
        return TqdmCollector()
    return LineCollector(sys.stderr)


class LineCollector(Collector):
    """Writes one line when a step ends, and one now and then while it lasts.

    dlt's own `LogCollector` writes a line per table each time, which buries what matters in the
    log of a nightly run.

    Args:
        stream: Where to write.
    """

    def __init__(self, stream: TextIO) -> None:
        self.step = ""
        self._stream = stream
        self._counts: dict[str, int] = {}
        self._totals: dict[str, int] = {}
        self._last = 0.0

    def update(
        self,
        name: str,
        inc: int = 1,
        total: int | None = None,
        inc_total: int | None = None,
        message: str | None = None,
        label: str | None = None,
    ) -> None:
        """Counts, as dlt asks."""
        if name == "Resources":  # all tables come from one
            return
        key = f"{name} {label}" if label else name
        self._counts[key] = self._counts.get(key, 0) + inc
        if total is not None:
            self._totals[key] = total
        if inc_total is not None:
            self._totals[key] = self._totals.get(key, 0) + inc_total
        if time.monotonic() - self._last >= LOG_PERIOD:
            self._write()

    def _start(self, step: str) -> None:
        self._counts, self._totals = {}, {}
        self._last = time.monotonic()

    def _stop(self) -> None:
        # what dlt counts beside the tables, that is, the step's own work, tells enough
        if self._totals:
            self._write()

    def _write(self) -> None:
        self._last = time.monotonic()
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        parts = [
            f"{name.lower()} {self._counts.get(name, 0):,} of {total:,}"
            for name, total in self._totals.items()
        ]
        rows = sum(count for name, count in self._counts.items() if name not in self._totals)
        if rows:
            parts.append(f"rows {rows:,}")
        print(f"{now} {self.step}: {', '.join(parts)}", file=self._stream, flush=True)
