"""What a report consists of, before it is a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import compress
from typing import Any, Literal

from ampersand.rules import Severity

Kind = Literal["text", "number", "trouble", "mark", "heat", "bar", "time", "day", "flag", "state"]
"""How a column is shown: `trouble`, a number that should be 0; `mark`, a number of which most are
0; `heat`, a number with a colour as strong as it is large among all of its table; `bar`, a number
with its length; `flag`, yes or no; `state`, a word that is good or bad."""

NUMBERS = frozenset({"number", "trouble", "mark", "heat", "bar"})

Value = str | int | float | bool | datetime | None

MOST_ROWS = 1_000
"""Rows of a table that are in the report before the rest is only counted."""


def moment(value: Any) -> datetime | None:
    """A time as databases have it, in UTC: some tell no zone, SQLite tells texts."""
    if value is None:
        return None
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        title: Its heading.
        kind: How its values are shown.
    """

    title: str
    kind: Kind = "text"

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return self.kind in NUMBERS

    def value(self, raw: Any) -> Value:
        """A value of a database as a value of this column."""
        if raw is None:
            return None
        if self.kind in ("time", "day"):
            return moment(raw)
        if self.kind == "flag":
            return bool(raw)
        if self.is_number:
            number = float(raw)
            return int(number) if number.is_integer() else number
        return str(raw)


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        title: What it shows.
        columns: Its columns; the first is the heading of each row.
        rows: Its rows, at most `MOST_ROWS`.
        total: Number of rows that there are.
        note: What to know to read it.
        nothing: What it says instead of a table without rows.
        is_collapsed: Whether the reader has to open it.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    total: int
    note: str = ""
    nothing: str = "None."
    is_collapsed: bool = False

    @property
    def most(self) -> float:
        """The largest number that has a length or a strength of colour."""
        places = [n for n, column in enumerate(self.columns) if column.kind in ("bar", "heat")]
        numbers = [row[place] for row in self.rows for place in places]
        return max((float(n) for n in numbers if isinstance(n, int | float)), default=0) or 1


def table(
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Any]],
    *,
    note: str = "",
    nothing: str = "None.",
    is_collapsed: bool = False,
) -> Table:
    """Makes a table of what a database answered; columns in which it says nothing are left out."""
    shown = [
        tuple(column.value(raw) for column, raw in zip(columns, row, strict=True))
        for row in rows[:MOST_ROWS]
    ]
    told = [
        not place or any(row[place] not in (None, "") for row in shown)
        for place in range(len(columns))
    ]
    return Table(
        title,
        list(compress(columns, told)),
        [tuple(compress(row, told)) for row in shown],
        len(rows),
        note,
        nothing,
        is_collapsed,
    )


@dataclass(frozen=True)
class Chart:
    """A chart of columns.

    Attributes:
        title: What it shows.
        unit: What is counted, in the plural.
        points: Label and number of each column, from left to right.
    """

    title: str
    unit: str
    points: Sequence[tuple[str, float]]

    @property
    def most(self) -> float:
        """The largest number."""
        return max((number for _, number in self.points), default=0) or 1


@dataclass(frozen=True)
class Note:
    """A sentence, where there is nothing else to show."""

    text: str


@dataclass(frozen=True)
class RuleFindings:
    """Where a rule is broken.

    Attributes:
        rule_id: Id of the rule.
        severity: How bad it is.
        title: What should be.
        remedy: What to do.
        source: Who says so.
        places: The places.
    """

    rule_id: str
    severity: Severity
    title: str
    remedy: str
    source: str
    places: Table


Part = Table | Chart | Note | RuleFindings


@dataclass(frozen=True)
class Section:
    """A section of the report.

    Attributes:
        id: What links to it say after `#`.
        title: Its heading.
        lead: What it tells, and whom.
        parts: What it has, from top to bottom.
    """

    id: str
    title: str
    lead: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Figure:
    """A number at the top of the report.

    Attributes:
        label: What it counts.
        value: The number; None: not loaded.
        section: Id of the section that has more.
        tone: `good`, `warning` or `bad`; empty: neither.
    """

    label: str
    value: int | None
    section: str
    tone: Literal["", "good", "warning", "bad"] = ""


@dataclass(frozen=True)
class Report:
    """A report.

    Attributes:
        place: Where the data is, for people.
        projects: Names of the projects.
        as_of: When the latest run began that listed a project; None: no project was listed.
        figures: The account at a glance.
        sections: Everything else.
    """

    place: str
    projects: Sequence[str]
    as_of: datetime | None
    figures: Sequence[Figure]
    sections: Sequence[Section]
