"""What the commands print: a load's summary, for people and as JSON, and results as tables."""

import json
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from .load import CollectionOutcome, LoadReport, ProjectOutcome
from .wording import counted, first

_MANIFEST = "$.latestRevision.content."
"""Where nearly everything lies that is unmapped; left out for people."""

_DRY_RUN = "Dry run, nothing loaded; nor was it looked at what is loaded already"

_NUMBER = re.compile(r"(?<=\w) (?=[\d,]*\d(,|$))")
"""The blank between a name and its number, which stay together."""

_TITLE = re.compile(r" *(- |\d+\. |\S+( \S+)* {2,})?")
"""What a line begins with that its text has to its left."""

_SHOWN = 5
"""Names listed before the rest is only counted."""


def load_summary(report: LoadReport, place: str, *, dry_run: bool = False) -> str:
    """The summary of a load, for a terminal or a log."""
    return "\n".join(_lines(report, place, dry_run))


def load_json(report: LoadReport, place: str, exit_code: int, *, dry_run: bool = False) -> str:
    """The summary of a load as one JSON object."""
    return json.dumps(
        {"exit_code": exit_code, "place": place, "dry_run": dry_run, **asdict(report)},
        default=_jsonable,
        indent=2,
        ensure_ascii=False,
    )


def failed_in_words(outcome: CollectionOutcome) -> str:
    """What went wrong with a collection, and how to do without it."""
    return f"{_in_words(outcome)} (the setting collections leaves it out)"


def _in_words(outcome: CollectionOutcome) -> str:
    of_project = f" of {outcome.name or outcome.project_id}" if outcome.project_id else ""
    return f"{outcome.collection}{of_project}: {outcome.error}"


def gone_in_words(report: LoadReport) -> str:
    """How much is gone since the last run."""
    gone = [counted(len(report.gone), "integration")]
    if report.gone_projects:
        projects = counted(len(report.gone_projects), "project")
        gone.append(f"{projects} ({_some(report.gone_projects)})")
    return " and ".join(gone)


def text_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A query's result as an aligned table."""
    cells = [[("" if value is None else str(value)) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    lines = [columns, ["-" * width for width in widths], *cells]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def fit(text: str, width: int) -> str:
    """Breaks lines that are too long; what follows stands under the text of the line's first part.

    Args:
        text: Paragraphs, lists with `- ` or `1. `, or rows of a title and a text, blanks between
            the two.
        width: Columns of the terminal.
    """
    return "\n".join(
        textwrap.fill(
            _NUMBER.sub("\N{NO-BREAK SPACE}", line),
            width,
            subsequent_indent=" " * len(_TITLE.match(line)[0]),  # type: ignore[index]
            break_long_words=False,
            break_on_hyphens=False,
        ).replace("\N{NO-BREAK SPACE}", " ")
        for line in text.split("\n")
    )


def _jsonable(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no JSON value")


def _lines(report: LoadReport, place: str, dry_run: bool) -> Iterator[str]:
    seconds = ", ".join(f"{step} {value:.1f} s" for step, value in report.seconds.items())
    yield _DRY_RUN if dry_run else f"Loaded into {place}"
    if report.loaded_pending:
        yield "First, what an interrupted run had left was loaded."
    if report.rebuilt is not None:
        revisions = counted(report.rebuilt, "revision")
        yield f"First, the rows of {revisions} were made again (older model)."
    outcomes = Counter(project.outcome for project in report.projects)
    listed, unchanged, failed = outcomes["listed"], outcomes["unchanged"], len(report.failed)
    if dry_run:
        yield _row("Projects", f"{listed} listed, {failed} failed")
    else:
        yield _row(
            "Projects",
            f"{listed + unchanged} listed ({listed} loaded, {unchanged} unchanged), "
            f"{failed} failed, {len(report.gone_projects)} gone, "
            f"{len(report.uncovered)} not covered",
        )
    for project in report.failed:
        was_there = project.outcome == "failed" and not dry_run
        stays = "; it stays as it was" if was_there else ""
        yield _row("  FAILED", f"{_project(project)}: {project.error}{stays}")
    for error in report.failed_keys:
        yield _row("  FAILED", f"a key's list of projects: {error}")
    for each in report.failed_collections:
        yield _row("  FAILED", f"{failed_in_words(each)}; what is known of it stays")
    for each in report.incomplete_collections:
        yield _row("  incomplete", _in_words(each))
    for uncovered in report.uncovered[:_SHOWN]:
        since = uncovered.since.strftime("%Y-%m-%d %H:%M UTC")
        yield _row("  not covered", f"{uncovered.name or uncovered.project_id} since {since}")
    if len(report.uncovered) > _SHOWN:
        yield _row("", f"and {len(report.uncovered) - _SHOWN} more")
    if dry_run:
        yield _row("Integrations", f"{report.current:,} listed")
    else:
        yield _row(
            "Integrations",
            f"{len(report.new):,} new, {len(report.changed):,} changed, {len(report.gone):,} gone; "
            f"{report.current:,} now",
        )
        is_first = len(report.new) == report.current
        for what, names in (
            ("new", [] if is_first else report.new),
            ("changed", report.changed),
            ("gone", report.gone),
        ):
            if names:
                yield _row(f"  {what}", _some(f"{name.project}/{name.name}" for name in names))
    entries: Counter[str] = Counter()
    for collection in report.collections:
        entries[collection.collection] += collection.entries or 0
    if report.collections:
        found = [f"{name.replace('_', ' ')} {number:,}" for name, number in entries.items()]
        yield _row("Besides", _some(found, len(found)).replace("operations", "new operations"))
    if report.many_are_gone:
        yield (
            f"WARNING: gone since the last run: {gone_in_words(report)}. Look whether this was "
            "meant; what they were stays in the tables."
        )
    rows = {name: number for name, number in report.rows.items() if number}
    yield _row(
        "Rows counted" if dry_run else "Rows sent",
        _some((f"{name} {number:,}" for name, number in rows.items()), 20) or "none",
    )
    if report.unmapped:
        total = sum(report.unmapped.values())
        paths = _some(
            f"{path.removeprefix(_MANIFEST)} ({number:,})"
            for path, number in report.unmapped.items()
        )
        yield _row("Unmapped", f"{counted(total, 'value')} that no column holds: {paths}")
    yield _row("API", f"{counted(report.requests, 'request')}, {counted(report.bytes, 'byte')}")
    if not dry_run:
        yield _row("Time", seconds)
        yield _row("Run", report.run_id)
    if report.views_error:
        yield f"ERROR: {report.views_error}"


def _row(title: str, text: str) -> str:
    return f"{title:<14} {text}"


def _project(project: ProjectOutcome) -> str:
    return project.name or project.project_id


def _some(texts: Iterable[str], shown: int = _SHOWN) -> str:
    return ", ".join(first(texts, shown))
