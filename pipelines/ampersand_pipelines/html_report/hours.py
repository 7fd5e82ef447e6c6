"""How the scheduled reads of a day spread over its hours."""

from collections.abc import Iterable
from datetime import datetime

from cronsim import CronSim

HOURS = range(24)


def reads_by_hour(
    schedules: Iterable[tuple[str | None, str, float, int]],
) -> dict[str, list[float]]:
    """Scheduled reads that begin in each hour of an average day, by provider.

    Args:
        schedules: Provider, cron expression, its runs on an average day, and number of objects that
            are read so. It comes equally often in each hour that it names.
    """
    by_provider: dict[str, list[float]] = {}
    for provider, schedule, runs_per_day, objects in schedules:
        reads = by_provider.setdefault(provider or "", [0.0] * len(HOURS))
        hours = CronSim(schedule, datetime(2024, 1, 1)).hours  # noqa: DTZ001, schedules have no zone
        for hour in hours:
            reads[hour] += float(runs_per_day) * objects / len(hours)
    return by_provider
