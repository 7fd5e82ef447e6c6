"""Ids and times that are made up, and the same whenever they are made."""

import uuid
from datetime import UTC, datetime, timedelta

FIRST_DAY = datetime(2025, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
"""Until when the bundled account tells what happened; its clock stands still."""

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_OID, "ampersand sandbox")


def invented_id(*parts: str) -> uuid.UUID:
    """The id of the thing that these texts name."""
    return uuid.uuid5(_NAMESPACE, "\n".join(parts))


def moment(seed: uuid.UUID, start: datetime, days: int) -> datetime:
    """Some moment in the days after a start, the same for each seed."""
    return start + timedelta(microseconds=seed.int % (days * 86_400 * 1_000_000))


def go_time(time: datetime) -> str:
    """Write a time as Go does: UTC, and no zeros at the end of the fraction."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").removesuffix(".") + "Z"
