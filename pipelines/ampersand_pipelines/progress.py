"""Progress of a load: bars on a terminal, a few lines in a log."""

import logging
import sys
import time
from collections.abc import Collection

from dlt.common.runtime.collector import TqdmCollector
from dlt.common.runtime.collector_base import Collector

LOG_PERIOD = 10.0
"""Seconds between two lines of one step."""


def make_progress(log: logging.Logger, *, quiet: bool, dry_run: bool = False) -> Collector | None:
    """The way to show progress that fits where the command runs; None: not at all.

    Args:
        log: Where lines are written.
        quiet: Whether none is wanted.
        dry_run: Whether only the extraction is of interest.
    """
    if quiet:
        return None
    if dry_run:
        return LineCollector(log, steps=("Extract",))
    if sys.stderr.isatty():
        return TqdmCollector()
    return LineCollector(log)


class LineCollector(Collector):
    """Writes one line when a step ends, and one now and then while it lasts.

    dlt's own `LogCollector` writes a line per table each time, which buries what matters in the
    log of a nightly run.

    Args:
        log: Where lines are written.
        steps: Steps of dlt whose progress is written.
    """

    def __init__(
        self, log: logging.Logger, steps: Collection[str] = ("Extract", "Normalize", "Load")
    ) -> None:
        self.step = ""
        self._log = log
        self._steps = steps
        self._run_id: str | None = None
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
        """Counts, as dlt asks; the source's message is the id of the run."""
        if name == "Resources":  # all tables come from one
            return
        if message:
            self._run_id = message
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
        if not self.step.startswith(tuple(self._steps)):
            return
        parts = [
            f"{name.lower()} {self._counts.get(name, 0):,} of {total:,}"
            for name, total in self._totals.items()
        ]
        rows = sum(count for name, count in self._counts.items() if name not in self._totals)
        if rows:
            parts.append(f"rows {rows:,}")
        context = {"run_id": self._run_id} if self._run_id else {}
        self._log.info("%s: %s", self.step, ", ".join(parts), extra=context)
