import pytest
from hypothesis import given
from hypothesis import strategies as st

import tests.support.json_texts  # noqa: F401, the settings of hypothesis
from ampersand.derived import min_interval_minutes, runs_per_day

HOUR = 60
DAY = 24 * HOUR
YEARS = 28 * 365 + 7  # 28 years, in which each date falls on each weekday equally often


@pytest.mark.parametrize(
    ("schedule", "runs", "interval"),
    [
        ("* * * * *", 1440, 1),
        ("*/10 * * * *", 144, 10),
        ("*/30 * * * *", 48, 30),
        ("*/60 * * * *", 24, HOUR),
        ("*/20 * * * *", 72, 20),
        # 0, 7, ... 56, then 0 again: the last gap of each hour is the shortest
        ("*/7 * * * *", 9 * 24, 4),
        ("5/20 * * * *", 72, 20),
        ("0 * * * *", 24, HOUR),
        ("0 */6 * * *", 4, 6 * HOUR),
        ("0 */24 * * *", 1, DAY),
        # 0, 5, 10, 15, 20 o'clock, then midnight
        ("0 */5 * * *", 5, 4 * HOUR),
        ("0 0 * * *", 1, DAY),
        ("59 23 * * *", 1, DAY),
        ("0,15,20 * * * *", 72, 5),
        ("0 8-17 * * *", 10, HOUR),
        ("0 8-17/3 * * *", 4, 3 * HOUR),
        ("50 23 * * *", 1, DAY),
        # 23:50 and 0:00 are ten minutes apart
        ("0,50 0,23 * * *", 4, 10),
        ("0 0 * * MON", 1 / 7, 7 * DAY),
        ("0 0 * * mon", 1 / 7, 7 * DAY),
        ("0 0 * * 1", 1 / 7, 7 * DAY),
        ("0 0 * * 0", 1 / 7, 7 * DAY),
        ("0 0 * * 7", 1 / 7, 7 * DAY),
        ("0 0 * * MON-FRI", 5 / 7, DAY),
        ("0 12 * * MON,THU", 2 / 7, 3 * DAY),
        ("0 0 1 * *", 28 * 12 / YEARS, 28 * DAY),
        ("0 0 1,15 * *", 28 * 24 / YEARS, 14 * DAY),
        ("0 0 31 * *", 28 * 7 / YEARS, 31 * DAY),
        ("0 0 * JAN *", 28 * 31 / YEARS, DAY),
        ("0 0 1 1 *", 28 / YEARS, 365 * DAY),
        ("0 0 1 1,12 *", 28 * 2 / YEARS, 31 * DAY),
        ("0 0 29 2 *", 7 / YEARS, (4 * 365 + 1) * DAY),
        # Sundays, since the star lets both the date and the weekday count
        ("0 0 29 2 */7", 1 / YEARS, YEARS * DAY),
        ("0 0 L * *", 28 * 12 / YEARS, 28 * DAY),
        # a day of the month or a weekday, where both are set; a seventh of the firsts is both
        ("0 0 1 * MON", (YEARS / 7 + 28 * 12 * 6 / 7) / YEARS, DAY),
        # four in each February, and one leap day
        ("0 0 31 2 MON", (28 * 4 + 1) / YEARS, 7 * DAY),
        (" 0   0 * *  * ", 1, DAY),
    ],
)
def test_what_a_schedule_means(schedule: str, runs: float, interval: int):
    assert runs_per_day(schedule) == pytest.approx(runs, rel=1e-12)
    assert min_interval_minutes(schedule) == interval


@pytest.mark.parametrize(
    "schedule",
    [
        "",
        " ",
        "never",
        "@daily",
        "@every 10m",
        "every 10 minutes",
        "a b c d e",
        "* * * *",
        "0 */10 * * * *",
        "* * * * * * *",
        "60 * * * *",
        "0 24 * * *",
        "0 0 0 * *",
        "0 0 32 * *",
        "0 0 * 13 *",
        "0 0 * * 8",
        "0 0 31 2 *",
        "0 0 30-31 FEB *",
        "*/0 * * * *",
        "5-1 * * * *",
        "-1 * * * *",
        "1, * * * *",
        "² * * * *",
        "٣ * * * *",
        "9" * 5000 + " * * * *",
        "*/" + "9" * 5000 + " * * * *",
        "é\x00\U0001f600 * * * *",
    ],
    ids=lambda schedule: schedule[:20] or "empty",
)
def test_what_is_no_five_part_cron_expression_means_nothing(schedule: str):
    assert runs_per_day(schedule) is None
    assert min_interval_minutes(schedule) is None


_PART = st.text("0123456789*/,-LWl#?", max_size=5) | st.sampled_from(
    ["*", "0", "*/10", "1-5", "MON", "jan", "L", "LW", "5L", "MON#2", "1#9", "9" * 4301]
)


@given(st.lists(_PART, min_size=5, max_size=5).map(" ".join) | st.text(max_size=20))
def test_no_text_is_too_odd(schedule: str):
    runs, interval = runs_per_day(schedule), min_interval_minutes(schedule)
    assert (runs is None) is (interval is None)
    if runs is not None and interval is not None:
        # the shortest time between two runs is no longer than the average
        assert 0 < runs * interval <= DAY * (1 + 1e-9)
