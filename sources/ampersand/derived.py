"""Values that are computed at extraction because SQL cannot: what a cron expression means."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from cronsim import CronSim, CronSimError

_FIRST_DAY = date(2024, 1, 1)
_DAYS = 1461  # four years, so that leap days and weekdays average out
_MINUTES_PER_DAY = 24 * 60


class _Rhythm(NamedTuple):
    runs_per_day: float
    min_interval_minutes: int


def runs_per_day(schedule: str) -> float | None:
    """Average number of runs a day of a cron expression; None: no five-part cron expression."""
    rhythm = _rhythm(schedule)
    return rhythm and rhythm.runs_per_day


def min_interval_minutes(schedule: str) -> int | None:
    """Shortest time between two runs of a cron expression in minutes; None: as above."""
    rhythm = _rhythm(schedule)
    return rhythm and rhythm.min_interval_minutes


@lru_cache(maxsize=4096)
def _rhythm(schedule: str) -> _Rhythm | None:
    if len(schedule.split()) != 5:  # the parser also takes a field for seconds
        return None
    try:
        cron = CronSim(schedule, datetime(2024, 1, 1))  # noqa: DTZ001, schedules have no zone
    except CronSimError:
        return None
    times = sorted(hour * 60 + minute for hour in cron.hours for minute in cron.minutes)
    days = [
        day
        for day in range(_DAYS)
        for when in (_FIRST_DAY + timedelta(days=day),)
        if when.month in cron.months and cron.match_day(when)
    ]
    if not days:
        return None
    gaps = [later - earlier for earlier, later in pairwise(times)]
    days.append(days[0] + _DAYS)
    days_apart = min(later - earlier for earlier, later in pairwise(days))
    gaps.append(days_apart * _MINUTES_PER_DAY - times[-1] + times[0])
    return _Rhythm(len(times) * (len(days) - 1) / _DAYS, min(gaps))
