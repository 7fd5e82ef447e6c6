"""What is made of the declared views: queries in a destination's dialect, and descriptions."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from sqlglot import exp

from ..declaration import Table
from ..tables import TABLES_BY_NAME
from . import VIEWS, VIEWS_BY_NAME
from .declaration import View, parse

SQL_TYPES = {
    "text": "TEXT",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
}

DESCRIBED_WITHIN: Mapping[str, str] = {
    "bigquery": "OPTIONS (description = {})",
    "databricks": "COMMENT {}",
    "snowflake": "COMMENT = {}",
    "spark": "COMMENT {}",
    "trino": "COMMENT {}",
}
"""What says in `CREATE VIEW` what the view is, by dialect. In all of them `CREATE OR REPLACE VIEW`
takes whatever columns."""

_ZONE_OF_SESSION = frozenset({"duckdb", "postgres", "redshift", "snowflake"})
"""Dialects that show a time in the session's time zone unless `AT TIME ZONE` names another."""

_COMMENT_ON = frozenset({"duckdb", "postgres", "redshift"})
"""Dialects that have `COMMENT ON VIEW`."""


def makeable(existing: frozenset[str]) -> Iterator[View]:
    """Yields the views whose tables exist, in an order in which they can be made."""
    there = set(existing)
    for view in VIEWS:
        if view.sources() - view.optional <= there:
            there.add(view.name)
            yield view


def statements(
    view: View, dialect: str, names: Mapping[str, str], *, pretty: bool = False
) -> list[str]:
    """What makes a view, or replaces it, with its description.

    Args:
        view: The view.
        dialect: As `query` takes it, of an engine with `CREATE OR REPLACE VIEW`.
        names: As `query` takes it.
        pretty: Whether the query is laid out for people.
    """
    name = names[view.name]
    text = query(view, dialect, names, pretty=pretty)
    described = exp.Literal.string(view.description).sql(dialect=dialect)
    if dialect in DESCRIBED_WITHIN:
        clause = DESCRIBED_WITHIN[dialect].format(described)
        return [f"CREATE OR REPLACE VIEW {name} {clause} AS\n{text}"]
    created = f"CREATE OR REPLACE VIEW {name} AS\n{text}"
    if dialect in _COMMENT_ON:
        return [created, f"COMMENT ON VIEW {name} IS {described}"]
    return [f"-- {view.description}\n{created}"]


def query(view: View, dialect: str, names: Mapping[str, str], *, pretty: bool = False) -> str:
    """The query of a view for a destination.

    Args:
        view: The view.
        dialect: Dialect of the destination, as sqlglot calls it.
        names: Qualified and quoted name of each table and view that exists.
        pretty: Whether it is laid out for people.
    """
    sources = sorted(view.sources() & names.keys())
    named = tuple((name, names[name]) for name in sources)
    return _query(view.sql, view.optional, dialect, named, pretty)


@cache
def _query(
    sql: str,
    optional: frozenset[str],
    dialect: str,
    named: tuple[tuple[str, str], ...],
    pretty: bool,
) -> str:
    names = dict(named)
    tree = parse(sql).copy()
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in list(tree.find_all(exp.Table)):
        if table.name in optional and table.name not in names:
            table.replace(_empty(TABLES_BY_NAME[table.name]).subquery(table.alias_or_name))
        elif table.name not in own:
            qualified = exp.to_table(names[table.name], dialect=dialect)
            table.set("db", qualified.args.get("db"))
            table.set("catalog", qualified.args.get("catalog"))
            table.set("this", qualified.this)
    finished = tree if dialect in _ZONE_OF_SESSION else tree.transform(_as_stored, copy=False)
    if dialect == "mysql":
        finished = finished.transform(_trimmed_by_pattern, copy=False)
    # MariaDB takes words for reserved that are names here, such as position
    return finished.sql(dialect=dialect, copy=False, pretty=pretty, identify=dialect == "mysql")


def _as_stored(node: exp.Expression) -> exp.Expression:
    """A time without `AT TIME ZONE`: it is stored in UTC."""
    return node.this if isinstance(node, exp.AtTimeZone) else node


def _trimmed_by_pattern(node: exp.Expression) -> exp.Expression:
    """`LTRIM` of several characters, as MySQL and MariaDB can do it: theirs takes a text as one."""
    if not isinstance(node, exp.Trim) or node.args.get("position") != "LEADING":
        return node
    characters = re.escape(node.expression.name)
    pattern = exp.Literal.string(f"^[{characters}]*")
    return exp.RegexpReplace(this=node.this, expression=pattern, replacement=exp.Literal.string(""))


def _empty(table: Table) -> exp.Select:
    """A query for the columns of a table that finds no row."""
    nulls = [
        exp.cast(exp.null(), SQL_TYPES[column.type]).as_(column.name) for column in table.columns
    ]
    return exp.select(*nulls).where(exp.false())


def column_descriptions(view: View) -> dict[str, str]:
    """The description of each column of a view: its own, else that of the column it shows."""
    described = {name: _description(view.name, name) for name in parse(view.sql).named_selects}
    return {name: text for name, text in described.items() if text}


@cache
def _description(view_name: str, name: str) -> str | None:
    view = VIEWS_BY_NAME[view_name]
    tree = parse(view.sql)
    return view.columns.get(name) or _selected(tree, name, tree)


def _selected(query: exp.Query, name: str, tree: exp.Query) -> str | None:
    """The description of what a query inside a view selects under a name; None: it computes it."""
    select = query.find(exp.Select)  # of a union, the first: searched level by level
    if select is None:
        return None
    for selection in select.selects:
        column = selection.unalias()
        if selection.is_star:
            text = _shown(select, column.text("table"), name, tree)
        elif selection.alias_or_name == name and isinstance(column, exp.Column):
            text = _shown(select, column.table, column.name, tree)
        else:
            continue
        if text:
            return text
    return None


def _shown(select: exp.Select, alias: str, name: str, tree: exp.Query) -> str | None:
    """The description of a column of one of a query's sources, or of any when none is named."""
    for clause in (select.find(exp.From), *(select.args.get("joins") or ())):
        if clause and alias in ("", clause.this.alias_or_name):
            text = _described(clause.this.name, name, tree)
            if text:
                return text
    return None


def _described(source: str, name: str, tree: exp.Query) -> str | None:
    """The description of a column of a table, of a view, or of a subquery that a view names."""
    for cte in tree.ctes:
        if cte.alias == source:
            return _selected(cte.this, name, tree)
    if source in TABLES_BY_NAME:
        columns = TABLES_BY_NAME[source].columns
        return next((column.description for column in columns if column.name == name), None)
    return _description(source, name) if source in VIEWS_BY_NAME else None
