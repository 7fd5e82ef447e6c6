"""What changed since a moment."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ampersand import ConfigurationError

from .output import Answer
from .reading import Dataset
from .wording import counted

_SPAN = re.compile(r"(\d{1,5})([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def since(text: str, now: datetime | None = None) -> datetime:
    """Reads a moment.

    Args:
        text: A span before now (`12h`, `7d`, `4w`), or a day or time in ISO 8601, in UTC where it
            names no zone.
        now: The time; for tests.

    Raises:
        ConfigurationError: It is neither.
    """
    span = _SPAN.fullmatch(text)
    if span:
        return (now or datetime.now(UTC)) - timedelta(**{_UNITS[span[2]]: int(span[1])})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(
            f"{text!r} is no moment: give a span such as 12h, 7d or 4w, or a day such as 2026-03-01"
        ) from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_changes(dataset: Dataset, moment: datetime) -> Answer:
    """The changes that were first seen since a moment, the latest first."""
    return dataset.ask(
        """
        SELECT first_seen_at, project_name, integration_name, change, kind, action,
            object_name, field_name, event_type, event_name, property, old_value, new_value
        FROM {revision_changes}
        WHERE first_seen_at >= %s
        ORDER BY first_seen_at DESC, project_name, integration_name,
            CASE kind WHEN 'project' THEN 0 WHEN 'integration' THEN 1 WHEN 'revision' THEN 2
                WHEN 'object' THEN 3 ELSE 4 END,
            action, object_name, field_name, event_type, property
        """,
        ["revision_changes"],
        moment,
    )


def first_load(dataset: Dataset) -> str | None:
    """Why nothing can have changed, in one line, where no project was listed a second time."""
    (numbers,) = dataset.ask(
        """
        SELECT (SELECT COUNT(*) FROM {current_integrations}), COUNT(p.run_id),
            COUNT(*) - COUNT(p.run_id)
        FROM {project_history} AS h
        LEFT JOIN {current_projects} AS p
            ON p.project_id = h.project_id AND p.run_id = h.from_run_id
        """,
        ["current_integrations", "project_history", "current_projects"],
    ).rows
    integrations, once, more_often = numbers
    if not once or more_often:
        return None
    return (
        f"So far there is only a first load, of {counted(integrations, 'integration')} in "
        f"{counted(once, 'project')}; changes show from the second one on."
    )


def for_people(changes: Answer) -> Answer:
    """The changes as a table that fits a terminal: when, where, and what in one line."""
    rows = []
    for row in changes.records():
        where = "/".join(filter(None, (row["project_name"], row["integration_name"])))
        rows.append((row["first_seen_at"], where, describe(row)))
    return Answer(("first_seen_at", "where", "change"), rows)


def describe(row: Mapping[str, Any]) -> str:
    """A change in one line.

    Args:
        row: A row of `revision_changes`, by column.
    """
    thing = " ".join(filter(None, (row["action"], row["object_name"])))
    event = " ".join(filter(None, (row["event_type"], row["event_name"])))
    name = " ".join(filter(None, (thing, event, row["field_name"])))
    kind = row["kind"].replace("_", " ")
    subject = f"{kind} {name}".rstrip()
    if row["change"] != "changed":
        detail = row["old_value"] if row["change"] == "removed" else row["new_value"]
        return f"{subject} {row['change']}" + (f" ({detail})" if detail else "")
    old, new = ("unset" if row[side] is None else row[side] for side in ("old_value", "new_value"))
    return f"{subject}: {row['property']} {old} -> {new}"
