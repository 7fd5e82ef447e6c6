"""Writes docs/*.md, and the blocks of README.md that show a question and its answer.

    python docs/generate.py            writes them
    python docs/generate.py --check    fails when they are not what it would write

All of it comes from the declarations in `sources/ampersand/tables.py`, `views/` and `rules.py`, and
from their examples, run against the demo's database; docs/faults.md comes from what the tests have
seen, `tests/cases/faults.json`. A block of README.md lies between
`<!-- run: NAME -->` and `<!-- end -->`, where NAME is that of a table or view, or `demo` for what
the demo tells.
"""

import argparse
import difflib
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import sqlglot

from ampersand.declaration import Column, Example, JsonText, Rows, Table
from ampersand.declaration import Path as PropertyPath
from ampersand.platform_tables import PLATFORM_TABLES
from ampersand.rules import RULES, Rule
from ampersand.tables import (
    COLLECTION_LISTINGS,
    CORE_TABLES,
    EXTRACTION_RUNS,
    TABLES,
    TABLES_BY_NAME,
)
from ampersand.views import VIEWS, View
from ampersand.views.declaration import DIALECT
from ampersand.views.findings import FINDINGS, RELATIONS
from ampersand.views.rendering import column_descriptions
from ampersand_pipelines.demo import DATASET, DEFAULT_FILE, load_demo
from ampersand_pipelines.output import Answer
from ampersand_pipelines.report import fit
from ampersand_pipelines.wording import counted

ROOT = Path(__file__).resolve().parents[1]

MOST_ROWS = 10
"""Rows of an answer that are shown; the rest is counted."""

WIDTH = 100
"""Characters that fit beside each other where people read this."""


@dataclass(frozen=True)
class Varying:
    """What differs between two runs of the demo and is therefore masked.

    Attributes:
        pattern: Finds it in a line of text, or in a cell written as `column: value`.
        mask: What stands there instead.
        numbered: Whether several values in one output are told apart, in their order.
    """

    pattern: str
    mask: str
    numbered: bool = False


VARYING = (
    Varying(r"\b\d{16}-[0-9a-f]{6}\b", "run", numbered=True),
    Varying(r"(?<=(_at|rom|_to): )\d{4}-\d\d-\d\d.*", "time", numbered=True),
    Varying(r"(?<=^seconds: )\S+|\b\d+\.\d(?= s\b)", "seconds"),
    Varying(r"(?<=127\.0\.0\.1:)\d+", "port"),
)
"""All that is masked. The rest of what is shown is the same in every run."""

TELLING: Mapping[str, tuple[str, ...]] = {
    "projects": ("project_id", "name"),
    "listing_integrations": ("name", "provider"),
    "revisions": ("project_id", "integration_id", "create_time", "content"),
    "revision_objects": ("action", "object_name", "map_to_name", "destination_name", "schedule"),
    "revision_fields": ("is_required", "field_name", "map_to_name"),
    "revision_subscribe_events": ("event_type", "event_name", "destination_name"),
    "revision_watch_fields": ("watch_field",),
    "revision_schema_watch_events": ("event_type", "destination_name"),
    "revision_unmapped_properties": ("json_path", "value", "reason"),
    "extraction_runs": ("started_at", "scope"),
    "credential_listings": ("outcome", "projects"),
    "project_listings": ("outcome", "integrations"),
    "destinations": ("project_id", "name", "destination_type", "url_host"),
    "installations": ("integration_id", "connection_id", "group_name", "health_status"),
    "installation_configs": ("installation_id", "revision_id"),
    "installation_objects": ("action", "object_name", "destination_name"),
    "installation_fields": ("purpose", "name", "field_name"),
    "installation_value_mappings": ("delivered_value", "provider_value"),
    "installation_filters": ("field_name", "operator"),
    "installation_events": ("event_type", "enabled"),
    "connections": ("connection_id", "provider", "auth_scheme", "status"),
    "providers": ("provider", "supports_read", "supports_write", "supports_subscribe"),
    "provider_modules": ("module", "supports_read", "supports_write", "supports_subscribe"),
    "provider_apps": ("provider", "client_id", "scopes"),
    "topics": ("topic_id", "name"),
    "topic_event_routes": ("topic_id", "event_type"),
    "topic_destination_routes": ("topic_id", "destination_id"),
    "operations": ("installation_id", "action_type", "status", "result", "create_time"),
    "collection_entries": ("collection", "entry_key"),
    "collection_listings": ("outcome", "entries"),
}
"""Columns that the diagram shows besides keys and references."""

EXAMPLES: Mapping[str, Example] = {
    **{table.name: table.example for table in TABLES},
    **{view.name: view.example for view in VIEWS},
}

DESCRIPTIONS: Mapping[str, str] = {
    **{table.name: f"One row per {table.grain}. {table.description}" for table in TABLES},
    **{view.name: view.description for view in VIEWS},
}

QUESTIONS = (
    "integration_inventory",
    "object_coverage",
    "destination_usage",
    "field_lineage",
    "personal_data_fields",
    "broad_access",
    "scheduled_reads",
    "backfill_policies",
    "object_freshness",
    "effective_watch_fields",
    "environment_differences",
    "unified_model_gaps",
    "install_mapping_effort",
    "revision_changes",
    "unmapped_properties_summary",
    "manifest_findings",
    "outdated_installations",
    "object_adoption",
    "destination_status",
    "installation_health",
    "operation_outcomes",
    "broken_connections",
    "mapped_fields",
    "unsupported_capabilities",
    "adoption_by_month",
    "integration_history",
    "revision_fields",
)
"""The tables and views whose questions docs/questions.md answers, in its order."""


class Demo:
    """The demo, loaded.

    Attributes:
        transcript: What it told meanwhile.
    """

    def __init__(self, folder: Path) -> None:
        """Loads it.

        Args:
            folder: An empty folder for the database and dlt's working files.
        """
        told: list[str] = []
        load_demo(folder / DEFAULT_FILE, folder / "pipelines", told.append)
        self.transcript = "\n\n".join(told).replace(f"{folder}/", "")
        self._connection = duckdb.connect(str(folder / DEFAULT_FILE), read_only=True)
        self._connection.execute(f"SET schema = '{DATASET}'; SET TimeZone = 'UTC'")

    def close(self) -> None:
        """Lets go of the database."""
        self._connection.close()

    def ask(self, sql: str) -> Answer:
        """Runs a query."""
        result = self._connection.execute(sql)
        return Answer([column[0] for column in result.description or ()], result.fetchall())

    def types(self, name: str) -> dict[str, str]:
        """The columns of a table or view and their types, as DuckDB reports them."""
        return {row[0]: row[1] for row in self.ask(f"DESCRIBE {name}").rows}


def mask(texts: Sequence[str]) -> list[str]:
    """The lines or cells of one output, without what varies."""
    masked = list(texts)
    for varying in VARYING:
        pattern = re.compile(varying.pattern)
        found = sorted({match[0] for text in masked for match in pattern.finditer(text)})
        masked = [pattern.sub(_masking(varying, found), text) for text in masked]
    return masked


def _masking(varying: Varying, found: Sequence[str]) -> Callable[[re.Match[str]], str]:
    if varying.numbered and len(found) > 1:
        return lambda match: f"<{varying.mask} {found.index(match[0]) + 1}>"
    return lambda _: f"<{varying.mask}>"


def as_text(answer: Answer) -> str:
    """An answer as a table of plain text."""
    labels = [f"{name}: " for name in answer.columns]
    labelled = [
        label + _cell(value)
        for row in answer.rows
        for label, value in zip(labels, row, strict=True)
    ]
    cells = iter(mask(labelled))
    rows = [[next(cells).removeprefix(label) for label in labels] for _ in answer.rows]
    shown = rows[:MOST_ROWS]
    widths = [max(map(len, column)) for column in zip(answer.columns, *shown, strict=True)]
    to_the_right = [_are_numbers(column) for column in zip(*answer.rows, strict=True)]

    def line(texts: Sequence[str]) -> str:
        return "  ".join(
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(texts, widths, to_the_right, strict=True)
        ).rstrip()

    lines = [line(answer.columns), line(["-" * width for width in widths]), *map(line, shown)]
    if len(rows) > len(shown):
        lines.append(f"... and {counted(len(rows) - len(shown), 'more row')}")
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return str(value)


def _are_numbers(values: Sequence[Any]) -> bool:
    kinds = {type(value) for value in values} - {type(None)}
    return bool(kinds) and kinds <= {int, float}


def example(name: str, demo: Demo) -> str:
    """The question of a table or view, the SQL that answers it, and the answer."""
    asked = EXAMPLES[name]
    sql = inspect.cleandoc(asked.sql)
    answer = demo.ask(sql)
    text = _fence("text", as_text(answer)) if answer.rows else f"No rows: {asked.no_rows}."
    question = textwrap.fill(f"**{asked.question}** {asked.why}", WIDTH)
    return f"{question}\n\n{_fence('sql', sql)}\n\n{text}"


def transcript(demo: Demo) -> str:
    """What the demo tells, in lines of a readable length."""
    lines = mask(demo.transcript.split("\n"))
    return _fence("text", fit("\n".join(lines), WIDTH))


def _fence(language: str, text: str) -> str:
    return f"```{language}\n{text}\n```"


def diagram(tables: Sequence[Table]) -> str:
    """Tables in Mermaid's language: keys, references and the most telling columns."""
    lines = ["erDiagram", "    direction LR"]
    for table in tables:
        lines += [f"    {relation}" for relation in _relations(table)]
    for table in tables:
        lines.append(f"    {table.name} {{")
        lines += [
            f"        {column.type} {column.name}{_marks(table, column)}"
            for column in table.columns
            if column.name in (*table.key, *TELLING[table.name]) or column.references
        ]
        lines.append("    }")
    return _fence("mermaid", "\n".join(lines))


def _relations(table: Table) -> Iterator[str]:
    """References of a table, without those that follow from its other references."""
    parents = [target for target, _ in _targets(table).values()]
    for name, (parent, column) in _targets(table).items():
        if any(parent in [target for target, _ in _targets(other).values()] for other in parents):
            continue
        one = "|o" if table.column(name).nullable else "||"
        many = "}o"
        yield f"{parent.name} {one if parent.key == (column,) else many}--o{{ {table.name} : {name}"


def _marks(table: Table, column: Column) -> str:
    marks = ["PK"] * (column.name in table.key) + ["FK"] * bool(column.references)
    return " " + ", ".join(marks) if marks else ""


def _targets(table: Table) -> dict[str, tuple[Table, str]]:
    """The table and column that each reference of a table points to, by its column."""
    targets = {}
    for column in table.columns:
        if column.references:
            parent, _, name = column.references.partition(".")
            targets[column.name] = (TABLES_BY_NAME[parent], name)
    return targets


def tables_page(demo: Demo) -> str:
    """The whole of docs/tables.md."""
    tables = [("table", "one row per")]
    tables += [(_link(table.name), table.grain) for table in TABLES]
    views = [("view", "what it shows")]
    views += [(_link(view.name), view.description) for view in VIEWS]
    parts = [
        "<!-- Made by docs/generate.py from tables.py and views/: change those, and run "
        "`make docs`. -->",
        "# Tables and views",
        "Tables hold history: every distinct content ever seen stays, under a key made of the "
        "content. Views show what is there now, with the ids and names of project and integration "
        "in every row, so that most questions need no join. On DuckDB and PostgreSQL, all "
        "descriptions are in the database too. Types are those of DuckDB.",
        "Every answer on this page is real: `make docs` loads [the demo](#the-demo) and runs the "
        "query. Only what differs from run to run is masked, like `<time>`.",
        _markdown_table(tables),
        _markdown_table(views),
        "## How the tables hang together",
        "What follows from other lines is left out: whatever is below `revision_objects` has its "
        "`revision_key` too.",
        diagram(CORE_TABLES),
        "Beside the integrations, in the same dataset. `collection_entries` says which rows of "
        "`destinations`, `installations` and so on a listing has, by `entry_key`.",
        diagram((EXTRACTION_RUNS, *PLATFORM_TABLES, COLLECTION_LISTINGS)),
        "## Tables",
        *(table_section(table, demo) for table in TABLES),
        "## Views",
        *(view_section(view, demo) for view in VIEWS),
        "## The demo",
        "What the answers are about: a made-up company's integrations, loaded, changed and loaded "
        "again.",
        transcript(demo),
    ]
    return "\n\n".join(parts) + "\n"


def table_section(table: Table, demo: Demo) -> str:
    """The section of a table."""
    types = demo.types(table.name)
    targets = _targets(table).items()
    referring = [
        child.name
        for child in TABLES
        if table in [target for target, _ in _targets(child).values()]
    ]
    facts = {
        "Key": [f"`{name}`" for name in table.key],
        "In the API's answer": [f"`{place}`" for place in _places(table)],
        "References": [f"`{name}` to {_link(target.name)}" for name, (target, _) in targets],
        "Referenced by": [_link(name) for name in referring],
    }
    rows = [("column", "type", "description")]
    for column in table.columns:
        type_ = types[column.name] + ("" if column.nullable else " NOT NULL")
        rows.append((f"`{column.name}`", type_, column.description + _source(column)))
    parts = [
        f"### {table.name}",
        _linked(DESCRIPTIONS[table.name]),
        example(table.name, demo),
        "\n".join(f"- {title}: {', '.join(texts)}" for title, texts in facts.items() if texts),
        _markdown_table(rows),
    ]
    return "\n\n".join(parts)


def _places(table: Table) -> list[str]:
    """Where the rows of a table lie, below an entry of the list that the API sends."""
    by_kind = {rows.kind: rows for other in TABLES for rows in other.rows}

    def place(rows: Rows) -> str:
        above = place(by_kind[rows.parent]) if rows.parent else ""
        return f"{above}.{rows.path}".strip(".")

    return list(filter(None, map(place, table.rows)))


def _source(column: Column) -> str:
    """A sentence that names the property which a column holds, below the row's own place."""
    if isinstance(column.origin, JsonText):
        return f" From `{column.origin.property_name}`."
    if not isinstance(column.origin, PropertyPath):
        return ""
    paths = dict.fromkeys(column.origin.by_kind.values())
    return f" From {' or '.join(f'`{path}`' if path else 'the entry itself' for path in paths)}."


def view_section(view: View, demo: Demo) -> str:
    """The section of a view."""
    descriptions = column_descriptions(view)
    rows = [("column", "type", "description")]
    for name, type_ in demo.types(view.name).items():
        rows.append((f"`{name}`", type_, descriptions[name]))
    parts = [
        f"### {view.name}",
        view.description,
        example(view.name, demo),
        f"- Made of: {', '.join(_link(name) for name in EXAMPLES if name in view.sources())}",
        _markdown_table(rows),
    ]
    return "\n\n".join(parts)


def questions_page(demo: Demo) -> str:
    """The whole of docs/questions.md."""
    examples = [(name, EXAMPLES[name]) for name in QUESTIONS]
    parts = [
        "<!-- Made by docs/generate.py from views/: change those, and run `make docs`. -->",
        "# Questions, and where the answers are",
        "Each has a table or view that answers it; the examples run on the demo's company (`make "
        "demo`) and their answers are real. Columns are described in [tables.md](tables.md).",
        "An integration has the same name in several projects, as in staging and in production: "
        "where you group by `integration_name`, group by `project_name` too.",
        "\n".join(
            f"{number}. [{ask.question}](#question-{number})"
            for number, (_, ask) in enumerate(examples, 1)
        ),
    ]
    for number, (name, _) in enumerate(examples, 1):
        more = " The rules are in [rules.md](rules.md)." if name == FINDINGS.name else ""
        parts += [
            f"## Question {number}",
            example(name, demo),
            f"Note on [{name}](tables.md#{name}): {DESCRIPTIONS[name]}{more}",
        ]
    return "\n\n".join(parts) + "\n"


def rules_page() -> str:
    """The whole of docs/rules.md."""
    rows = [("rule", "severity", "what should be")]
    rows += [(f"[{rule.id}](#{rule.id.lower()})", rule.severity, rule.title) for rule in RULES]
    relations = [f"{name} AS ({textwrap.dedent(sql)}\n)" for name, sql in RELATIONS.items()]
    parts = [
        "<!-- Made by docs/generate.py from rules.py and views/findings.py: change those, and run "
        "`make docs`. -->",
        "# Rules for manifests",
        f"The view [{FINDINGS.name}](tables.md#{FINDINGS.name}) has a row for each place where a "
        "manifest that is there now breaks one of these rules; `ampersand findings` shows them, "
        "without those of severity `info` unless they are asked for, and `ampersand findings "
        "--fail-on error` fails where there are errors. With `--manifests` it looks at files that "
        "are yet to be deployed. The view is there once all tables have been loaded.",
        f"Severities: {FINDINGS.columns['severity']} No live API was asked: the rules are those of "
        "the vendor's published validator and documentation, and a few of this project.",
        _markdown_table(rows),
        *(rule_section(rule) for rule in RULES),
        "## What the rules look at",
        "The conditions above are about rows of these relations, each called `x`.",
        _fence("sql", "WITH\n" + ",\n".join(relations)),
    ]
    return "\n\n".join(parts) + "\n"


def rule_section(rule: Rule) -> str:
    """The section of a rule."""
    queries = [
        sqlglot.transpile(
            f"SELECT {check.message} FROM {check.over} AS x WHERE {check.where}",  # noqa: S608, only shown
            read=DIALECT,
            write=DIALECT,
            pretty=True,
        )[0]
        for check in rule.checks
    ]
    parts = [
        f"## {rule.id}",
        f"**{rule.title}.** {rule.reason}",
        f"- Severity: `{rule.severity}`\n- What to do: {rule.remedy}\n- Source: {rule.source}",
        _fence("sql", "\nUNION ALL\n".join(queries)),
    ]
    return "\n\n".join(parts)


BY_HAND = ("operations.md", "destinations.md")
"""Pages with blocks that are made."""

FAULTS = Path("tests", "cases", "faults.json")
WAREHOUSES = Path("tests", "cases", "warehouses.json")
"""What an operator sees of each fault; `tests/test_faults.py` compares it with what happens."""

_TOLD = re.compile(
    r"(ampersand: no project could be listed: )?(GET \S+: )?(project \S+: )?(?P<what>.*?)"
    r"(\. Remedy: (?P<remedy>.*?))?(\. Request id: .*)?"
)
"""The parts of a message."""


def faults_page(faults: Sequence[Mapping[str, Any]]) -> str:
    """The whole of docs/faults.md.

    Args:
        faults: What the tests have seen: the entries of `FAULTS`.
    """
    (usual,) = [fault for fault in faults if fault["what"] == "503 for ever"]
    parts = [
        "<!-- Made by docs/generate.py from tests/cases/faults.json, which tests/test_faults.py "
        "compares with what happens: change tests/support/faults.py, and run the tests with "
        "--update-golden and then `make docs`. -->",
        "# What the API may do, and what a load makes of it",
        "Each line of these tables is tested with a server that does it, on the list of projects "
        "and on the list of integrations of one project of several, after a load for which all was "
        "well. There are two verdicts:",
        _markdown_table(
            [
                ("verdict", "list of projects", "one project of several"),
                ("loads", "exit code 0, all is loaded", "exit code 0, all is loaded"),
                (
                    "fails closed",
                    "exit code 1, and the database stays as it was, byte for byte",
                    "exit code 3: the other projects are loaded, and all that is known of this one "
                    "stays as it was",
                ),
            ]
        ),
        "Whatever happens, the key is sent to the API alone, and is in no output, no log and no "
        "file. Nothing has to be repaired after a failure: the next run loads what this one could "
        "not. A page of 50 MB on either list is loaded, with less than 600 MB of memory "
        "(tests/test_memory.py): 37,000 integrations of one project, or 330,000 projects of which "
        "one is loaded.",
        "The test's loads send a request twice before they give up; by default it is five times, "
        "with pauses between them (`max_attempts`). What is told is one line, which begins with "
        "the address and the project; of the whole load, and of one project in its summary:",
        _fence(
            "text",
            fit(
                f"{usual['projects']['message']}\n\n"
                f"  FAILED       beta: {usual['integrations']['message']}; it stays as it was",
                WIDTH,
            ),
        ),
    ]
    heads = ("what the server does", "verdict", "list of projects", "one project")
    for group, of_group in groupby(faults, itemgetter("group")):
        rows = [(*heads, "what is told", "what to do"), *map(_fault_row, of_group)]
        parts += [f"## {group}", _markdown_table(rows)]
    return "\n\n".join(parts) + "\n"


def _fault_row(fault: Mapping[str, Any]) -> tuple[str, ...]:
    places = [fault["projects"], fault["integrations"]]
    told = [_TOLD.fullmatch(place["message"]) for place in places if place]
    whats = dict.fromkeys(match["what"] for match in told if match and match["what"])
    remedies = dict.fromkeys(match["remedy"] for match in told if match and match["remedy"])
    return (
        fault["what"],
        "loads" if fault["loads"] else "**fails closed**",
        *(
            f"exit code {place['exit_code']}, {counted(place['requests'], 'request')}"
            if place
            else "whatever is asked"
            for place in places
        ),
        "; or ".join(f"`{what}`" for what in whats),
        "; or ".join(remedies) or ("" if whats else "nothing"),
    )


def _link(name: str) -> str:
    return f"[{name}](#{name})"


def _linked(text: str) -> str:
    """A text in which names of tables and views are links; those that are plain words are not."""
    names = "|".join(name for name in EXAMPLES if "_" in name)
    return re.sub(rf"(?<![`\w])(?:{names})(?![`\w])", lambda match: _link(match[0]), text)


def _markdown_table(rows: Iterable[Sequence[str]]) -> str:
    header, *others = ([text.replace("|", r"\|") for text in row] for row in rows)
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *others))


_DESTINATIONS = {
    "duckdb": "DuckDB",
    "postgres": "PostgreSQL",
    "sqlite": "SQLite",
    "ducklake": "DuckLake, catalog in DuckDB, on disk",
    "ducklake_postgres": "DuckLake, catalog in PostgreSQL, on disk",
    "delta": "Delta, on disk",
    "delta_s3": "Delta, on S3",
    "iceberg": "Iceberg, on disk",
    "iceberg_s3": "Iceberg, on S3",
    "mariadb": "MariaDB",
}
"""What the tests' kinds of destinations are."""


def _warehouses_table() -> str:
    """How long the loads took that tests/test_warehouse_loads.py made, by destination."""
    rows: list[Sequence[str]] = [
        (
            "destination",
            "through",
            "strategy",
            "integrations",
            "seconds, first load",
            "without changes",
        )
    ]
    for kind, load in json.loads((ROOT / WAREHOUSES).read_bytes()).items():
        rows.append(
            (
                _DESTINATIONS[kind],
                load["version"],
                load["strategy"],
                f"{load['integrations']:,}",
                f"{load['seconds']:.1f}",
                f"{load['seconds_without_changes']:.1f}",
            )
        )
    return _markdown_table(rows)


def with_blocks(text: str, demo: Demo) -> str:
    """A Markdown text with its blocks written anew.

    Raises:
        ValueError: A block has a name that nothing has, or no end.
    """
    others: Mapping[str, Callable[[], str]] = {
        "demo": lambda: transcript(demo),
        "warehouses": _warehouses_table,
    }

    def block(match: re.Match[str]) -> str:
        name = match["name"]
        if match["end"] is None:
            raise ValueError(f"<!-- run: {name} --> has no <!-- end -->")
        if name not in (*EXAMPLES, *others):
            raise ValueError(f"<!-- run: {name} -->: no table or view is called so")
        content = others[name]() if name in others else example(name, demo)
        return f"<!-- run: {name} -->\n\n{content}\n\n<!-- end -->"

    pattern = r"<!-- run: (?P<name>.*?) -->(?:(?:(?!<!-- run: ).)*?(?P<end><!-- end -->))?"
    return re.sub(pattern, block, text, flags=re.DOTALL)


def generate(root: Path, demo: Demo) -> dict[Path, str]:
    """What each file should hold, by its path."""
    by_hand = [root / "README.md", *(root / "docs" / name for name in BY_HAND)]
    return {
        root / "docs" / "tables.md": tables_page(demo),
        root / "docs" / "questions.md": questions_page(demo),
        root / "docs" / "rules.md": rules_page(),
        root / "docs" / "faults.md": faults_page(json.loads((root / FAULTS).read_bytes())),
        **{path: with_blocks(path.read_text(encoding="utf-8"), demo) for path in by_hand},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the files, or compares them, and returns the exit code."""
    parser = argparse.ArgumentParser(description="Write docs/ and README.md's answers.")
    parser.add_argument("--check", action="store_true", help="compare only; fail when stale")
    check = parser.parse_args(arguments).check
    with (
        TemporaryDirectory(prefix="ampersand-docs-") as folder,
        closing(Demo(Path(folder))) as demo,
    ):
        files = generate(ROOT, demo)
    return write(files, ROOT, check=check)


def write(files: Mapping[Path, str], root: Path, *, check: bool) -> int:
    """Writes files, or compares them, says what came of it, and returns the exit code.

    Args:
        files: What each should hold, by its path.
        root: The folder that they are named from.
        check: Compare only.
    """
    stale = []
    for path, text in files.items():
        name = str(path.relative_to(root))
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        if old == text:
            continue
        stale.append(name)
        if check:
            lines = old.splitlines(keepends=True), text.splitlines(keepends=True)
            sys.stdout.writelines(difflib.unified_diff(*lines, name, f"{name}, as it should be"))
        else:
            path.write_text(text, encoding="utf-8")
            print(f"{name} written")
    if stale and check:
        print(f"{' and '.join(stale)}: not what `make docs` writes. Run it.", file=sys.stderr)
        return 1
    if not stale:
        names = ", ".join(str(path.relative_to(root)) for path in files)
        print(f"{names}: as `make docs` writes them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
