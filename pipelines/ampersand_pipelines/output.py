"""Rows as a table for people, as CSV, or as JSON."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Answer:
    """The result of a query.

    Attributes:
        columns: Names of its columns.
        rows: Its rows.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]

    def records(self) -> Iterator[dict[str, Any]]:
        """Yields each row by column."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)


def render(answer: Answer, output_format: str) -> str:
    """An answer as text: as `table`, `csv` or `json`."""
    return {"table": as_table, "csv": as_csv, "json": as_json}[output_format](answer)


def as_table(answer: Answer) -> str:
    """The answer as a table for people.

    It fits the terminal, where there is one: long texts are wrapped. Where the output goes into a
    file or to another program, every row is one line.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in answer.columns:
        table.add_column(name, overflow="fold")
    for row in answer.rows:
        table.add_row(*map(shown, row))
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = max(console.measure(table, options=_UNBOUNDED).maximum, 1)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().rstrip("\n").split("\n"))


def as_csv(answer: Answer) -> str:
    """The answer as CSV with a header; NULL is empty, times are in ISO 8601.

    It may be opened in a spreadsheet: a text that this would take for a formula has a `'` before
    it, which spreadsheets hide. JSON has every text as it is.
    """
    rows = [[_no_formula(_plain(value)) for value in row] for row in answer.rows]
    return "\n".join(map(_csv_line, [answer.columns, *rows]))


def as_json(answer: Answer) -> str:
    """The answer as a JSON array with one object per row; times are in ISO 8601."""
    rows = [{name: _plain(value) for name, value in row.items()} for row in answer.records()]
    return json.dumps(rows, indent=2, ensure_ascii=False)


def shown(value: Any) -> str:
    """A value in a table for people; times are in UTC, to the second."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


_UNBOUNDED = Console(width=1_000_000).options


def _csv_line(row: Sequence[Any]) -> str:
    text = io.StringIO()
    end = "\r\n"  # the writer quotes the texts that have a character of it
    csv.writer(text, lineterminator=end).writerow(row)
    return text.getvalue().removesuffix(end)


def _no_formula(value: Any) -> Any:
    """Source: OWASP, "CSV Injection", for what begins a formula."""
    is_formula = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if is_formula else value


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
