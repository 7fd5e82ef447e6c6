"""What changed since a moment."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ampersand import ConfigurationError

from .output import Answer, shown
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
        ConfigurationError: It is neither, or yet to come.
    """
    now = now or datetime.now(UTC)
    span = _SPAN.fullmatch(text)
    if span:
        return now - timedelta(**{_UNITS[span[2]]: int(span[1])})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(
            f"{text!r} is no moment: give a span such as 12h, 7d or 4w, or a day such as 2026-03-01"
        ) from None
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment > now:
        raise ConfigurationError(
            f"{text!r} is yet to come: it is {now:%Y-%m-%d %H:%M} UTC now, and a moment without a "
            "zone is in UTC"
        )
    return moment


def read_changes(dataset: Dataset, moment: datetime) -> Answer:
    """The changes that were first seen since a moment, the latest first."""
    return dataset.ask(
        """
        SELECT first_seen_at, project_name, integration_name, change, kind, action,
            object_name, field_name, event_type, event_name, property, old_value, new_value,
            project_id, integration_id
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


def not_compared(dataset: Dataset, moment: datetime, *, changed: bool) -> str | None:
    """Why some project or all cannot have changed, in one line; None: all were compared.

    A change shows when a project is listed a second time.

    Args:
        dataset: The dataset.
        moment: The moment since which changes are told.
        changed: Whether there are any.
    """
    rows = dataset.ask(
        """
        SELECT COALESCE(p.name, h.project_id), COALESCE(p.run_id = h.run_id, FALSE),
            COALESCE(i.integrations, 0), p.listed_at, p.listed_at >= %s
        FROM (
            SELECT project_id, MIN(from_run_id) AS run_id FROM {project_history} GROUP BY project_id
        ) AS h
        LEFT JOIN {current_projects} AS p ON p.project_id = h.project_id
        LEFT JOIN (
            SELECT project_id, COUNT(*) AS integrations
            FROM {current_integrations} GROUP BY project_id
        ) AS i ON i.project_id = h.project_id
        ORDER BY 1
        """,
        ["current_integrations", "project_history", "current_projects"],
        moment,
    ).rows
    if not rows:
        return "So far no project has been loaded; changes show from the second load on."
    once = [name for name, is_once, *_ in rows if is_once]
    if len(once) == len(rows):
        integrations = sum(number for _, _, number, *_ in rows)
        return (
            f"So far there is only a first load, of {counted(integrations, 'integration')} in "
            f"{counted(len(once), 'project')}; changes show from the second one on."
        )
    listed = [at for *_, at, _ in rows if at is not None]
    if listed and not changed and not any(is_since for *_, is_since in rows):
        return (
            f"No project has been listed since {shown(moment)} UTC: the last load that did so "
            f"began at {shown(max(listed))} UTC."
        )
    if once:
        names = counted(len(once), "project") if len(once) > _MOST_NAMED else " and ".join(once)
        return f"Of {names} there is only a first load so far; changes show from the second one on."
    return None


def nothing_changed(dataset: Dataset, moment: datetime) -> str:
    """That there is no change, in one line, and since when that can be told."""
    first = dataset.ask("SELECT MIN(valid_from) FROM {project_history}", ["project_history"])
    began = first.rows[0][0]
    if began > moment:
        return f"Nothing changed since the first load, at {shown(began)} UTC."
    return f"Nothing changed since {shown(moment)} UTC."


def for_people(changes: Answer) -> Answer:
    """The changes as a table: when, where, and what in one line each.

    Projects and integrations that were removed come first. That an integration has a new revision
    is left out where something else tells what is new in it.
    """
    rows = list(changes.records())
    told = {_deployment(row) for row in rows if row["property"] != "revision_id"}
    rows = [row for row in rows if row["property"] != "revision_id" or _deployment(row) not in told]
    rows.sort(key=_rank)
    return Answer(
        ("first seen (UTC)", "where", "what"),
        [
            (
                row["first_seen_at"],
                "/".join(filter(None, (row["project_name"], row["integration_name"]))),
                describe(row),
            )
            for row in rows
        ],
    )


def for_terminal(changes: Answer) -> str:
    """The changes, those that an integration had at once below each other."""
    groups: dict[tuple[datetime, str], list[str]] = {}
    for at, where, what in for_people(changes).rows:
        groups.setdefault((at, where), []).append(what)
    return "\n\n".join(
        "\n".join([f"{where}  {shown(at)} UTC", *(f"- {what}" for what in texts)])
        for (at, where), texts in groups.items()
    )


def describe(row: Mapping[str, Any]) -> str:
    """A change in one line, for example `added: required field email of read object contact`.

    Args:
        row: A row of `revision_changes`, by column.
    """
    old, new = (_one_line(row[side]) for side in ("old_value", "new_value"))
    thing = _thing(row)
    if row["property"] == "revision_id":
        return f"deployed again: nothing else changed, revision {old} -> {new}"
    if row["change"] == "changed":
        return f"changed: {row['property']} of {thing}: {old} -> {new}"
    detail = old if row["change"] == "removed" else new
    if detail != _UNSET:
        kind = row["kind"]
        if kind == "field":
            thing = f"{detail} {thing}"
        elif kind == "object":
            thing += f", delivered to {detail}"
        elif kind == "revision":
            thing += f", revision {detail}"
        else:
            thing += f", enabled: {detail}"
    return f"{row['change']}: {thing}"


_UNSET = "unset"

_MOST_NAMED = 5
"""Projects that are named before they are only counted."""


def _deployment(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What is the same for all that one run saw change in an integration."""
    return row["first_seen_at"], row["project_id"], row["integration_id"]


def _rank(row: Mapping[str, Any]) -> int:
    if row["change"] != "removed":
        return 2
    return {"project": 0, "integration": 1}.get(row["kind"], 2)


def _thing(row: Mapping[str, Any]) -> str:
    """What changed, in words."""
    kind = row["kind"]
    of_object = _named(f"of {row['action']} object", row["object_name"])
    if kind in ("project", "integration"):
        return _named(kind, row[f"{kind}_name"])
    if kind == "revision":
        return "the manifest"
    if kind == "object":
        return of_object.removeprefix("of ")
    if kind == "field":
        return f"{_named('field', row['field_name'])} {of_object}"
    if kind == "schema_watch_event":
        return f"{row['event_type']} watch on the schema of {row['object_name']}"
    event = f"{_named(row['event_type'] + ' event', row['event_name'])} {of_object}"
    return f"watched field {row['field_name']} of {event}" if kind == "watch_field" else event


def _named(noun: str, name: str | None) -> str:
    return f"{noun} {name}" if name else noun


def _one_line(value: str | None) -> str:
    return _UNSET if value is None else " ".join(value.split())
