"""How a view is declared."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import sqlglot
from sqlglot import exp

from ..declaration import PROJECT_ID, Example, Path, Present, Table

DIALECT = "duckdb"
"""The dialect in which the views are written."""


@dataclass(frozen=True)
class View:
    """A view.

    Attributes:
        name: Its name.
        description: What a row is, as `One row per ...`, and what it answers.
        sql: Its query, in the dialect `DIALECT`, over tables and views by their plain names.
        columns: Descriptions of the columns that no table has under the same name.
        example: A question that it answers, with SQL.
        optional: Tables that it can do without, where they were never selected: what they would
            say is NULL then.
    """

    name: str
    description: str
    sql: str
    columns: Mapping[str, str] = field(default_factory=dict)
    example: Example = field(kw_only=True)
    optional: frozenset[str] = field(default=frozenset(), kw_only=True)

    @property
    def grain(self) -> str:
        """What one row is, in a few words: how the description begins."""
        return re.split("[.:;]", self.description.removeprefix("One row per "), maxsplit=1)[0]

    def sources(self) -> frozenset[str]:
        """Names of the tables and views that it reads."""
        return _sources(self.sql)


@cache
def parse(sql: str) -> exp.Query:
    """The syntax tree of a view's query; not to be changed."""
    tree = sqlglot.parse_one(sql, dialect=DIALECT)
    if not isinstance(tree, exp.Query):
        raise TypeError("a view is made of a query")
    return tree


@cache
def _sources(sql: str) -> frozenset[str]:
    tree = parse(sql)
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    return frozenset(table.name for table in tree.find_all(exp.Table)) - own


INTEGRATION_COLUMNS = """
        i.project_id, i.project_name, i.integration_id, i.name AS integration_name, i.provider,
        i.revision_id"""

CONTEXT = {
    "project_id": PROJECT_ID,
    "project_name": "Name of the project.",
    "integration_name": "Name of the integration.",
    "provider": "Key of the provider in Ampersand's catalog.",
    "revision_id": "Id that the API gave the revision.",
}


def count(condition: str) -> str:
    """How many rows meet a condition, for a query: `COUNT(*) FILTER` is not everywhere."""
    return f"COUNT(CASE WHEN {condition} THEN 1 END)"


def literal(text: str) -> str:
    """A text as it is written in SQL."""
    return "'" + text.replace("'", "''") + "'"


def columns_of(table: Table, alias: str, *, without: tuple[str, ...] = (), kind: str = "") -> str:
    """The columns of a table, for a query; only those of one kind of row where `kind` is given."""
    names = [
        column.name
        for column in table.columns
        if column.name not in without
        and not (
            kind and isinstance(column.origin, Path | Present) and kind not in column.origin.by_kind
        )
    ]
    return ", ".join(f"{alias}.{name}" for name in names)
