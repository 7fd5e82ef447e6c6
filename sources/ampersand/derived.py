"""Values that are computed at extraction because SQL cannot: what a cron expression means."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from cronsim import CronSim, CronSimError

_FIRST_DAY = date(2024, 1, 1)
_DAYS = 28 * 365 + 7
"""28 years, in which each date falls on each weekday equally often."""

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
    parts = schedule.split()
    if len(parts) != 5:  # the parser also takes a field for seconds
        return None
    cron = _parse(schedule)
    days = _days(*parts[2:])
    if cron is None or days is None:
        return None
    times = sorted(hour * 60 + minute for hour in cron.hours for minute in cron.minutes)
    overnight = days.shortest_gap * _MINUTES_PER_DAY - times[-1] + times[0]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    return _Rhythm(len(times) * days.number / _DAYS, min([*gaps, overnight]))


class _Days(NamedTuple):
    number: int
    shortest_gap: int


@lru_cache(maxsize=1024)
def _days(day: str, month: str, weekday: str) -> _Days | None:
    """On which of the days a schedule runs; apart, since most schedules run daily."""
    cron = _parse(f"0 0 {day} {month} {weekday}")
    if cron is None:
        return None
    days = [
        number
        for number in range(_DAYS)
        for when in (_FIRST_DAY + timedelta(days=number),)
        if when.month in cron.months and cron.match_day(when)
    ]
    if not days:
        return None
    gaps = [later - earlier for earlier, later in pairwise([*days, days[0] + _DAYS])]
    return _Days(len(days), min(gaps))


def _parse(schedule: str) -> CronSim | None:
    try:
        return CronSim(schedule, datetime(2024, 1, 1))  # noqa: DTZ001, schedules have no zone
    except (CronSimError, ValueError):  # ValueError: a number of thousands of digits
        return None
