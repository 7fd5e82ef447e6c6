"""Tables and views in a DuckDB in memory, for questions about what is not to be loaded for good."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from ampersand.declaration import ColumnType
from ampersand.ledger import MANIFESTS_SCOPE, Declared
from ampersand.manifest_files import Manifest
from ampersand.manifests import Declaration, batches, elements
from ampersand.normalize import arrow_schema
from ampersand.tables import (
    LISTING_INTEGRATIONS,
    MODEL_VERSION,
    PROJECTS,
    REVISION_CHILDREN,
    REVISIONS,
    TABLES,
    TABLES_BY_NAME,
)
from ampersand.views import VIEWS, VIEWS_BY_NAME
from ampersand.views.rendering import SQL_TYPES, query

from .output import Answer
from .reading import Asked

_OF_REVISIONS = (REVISIONS, *REVISION_CHILDREN)

_EVERYTHING = frozenset(TABLES_BY_NAME)
_LOAD_ID = "load"
"""The load package of all that is put in."""


def empty_database(views: Iterable[str] = VIEWS_BY_NAME) -> duckdb.DuckDBPyConnection:
    """The tables, empty, with views over them.

    Args:
        views: Names of the views that are wanted; those that they read come along.
    """
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("CREATE TABLE _dlt_loads (load_id TEXT, status BIGINT)")
    for table in TABLES:
        columns = [f"{column.name} {SQL_TYPES[column.type]}" for column in table.columns]
        columns += ["_dlt_load_id TEXT"] if table.ledger else []
        connection.execute(f"CREATE TABLE {table.name} ({', '.join(columns)})")
    names = {name: name for name in ["_dlt_loads", *TABLES_BY_NAME, *VIEWS_BY_NAME]}
    wanted = _with_sources(views)
    for view in VIEWS:
        if view.name in wanted:
            connection.execute(f"CREATE VIEW {view.name} AS {query(view, 'duckdb', names)}")
    return connection


class InMemory:
    """A dataset in memory, empty at first.

    Args:
        views: Names of the views that are wanted; those that they read come along.
    """

    def __init__(self, views: Iterable[str]) -> None:
        """Makes it; see the class."""
        self._connection = empty_database(views)
        self._connection.execute("INSERT INTO _dlt_loads VALUES (?, 0)", [_LOAD_ID])

    def insert(self, batches: Iterable[Mapping[str, Any]]) -> None:
        """Puts in rows: per table an Arrow table, or a list of dicts."""
        for batch in batches:
            for name, rows in batch.items():
                if not isinstance(rows, pa.Table):
                    rows = pa.Table.from_pylist(rows, arrow_schema(name))
                self._connection.register("rows", rows)
                load_id = f", '{_LOAD_ID}' AS _dlt_load_id" if TABLES_BY_NAME[name].ledger else ""
                self._connection.execute(
                    f"INSERT INTO {name} BY NAME SELECT *{load_id} FROM rows"  # noqa: S608, own names
                )
                self._connection.unregister("rows")

    def declare(
        self,
        manifests: Sequence[Manifest],
        project_ids: Sequence[str],
        *,
        as_deployed: bool = False,
    ) -> None:
        """Puts in what manifests declare.

        Args:
            manifests: The manifests.
            project_ids: Ids of the projects that they are for.
            as_deployed: Whether they count as deployed, so that they are what is there now.
        """
        self.insert(
            batches(
                [Declaration(elements(manifests))],
                project_ids,
                _EVERYTHING,
                missing=frozenset(),
                declared=Declared(),
                run_id=lambda _: "declared",
                scope="all" if as_deployed else MANIFESTS_SCOPE,
            )
        )

    def copy_deployed(self, dataset: Asked) -> None:
        """Puts in what is deployed now in a dataset.

        Raises:
            NothingLoaded: A table is not there.
        """
        projects = dataset.ask(
            "SELECT project_id, project_key, listing_key, listed_at FROM {current_projects}",
            ["current_projects"],
        )
        runs: list[dict[str, Any]] = []
        listings: list[dict[str, Any]] = []
        for number, row in enumerate(projects.records()):
            run = {"run_id": f"deployed-{number}", "scope": "all", "model_version": MODEL_VERSION}
            runs.append({**run, "started_at": _typed("timestamp", row.pop("listed_at"))})
            copied = {"run_id": run["run_id"], "credential": "copied", "outcome": "listed"}
            listings.append({**row, **copied})
        self.insert([{"extraction_runs": runs, "project_listings": listings}])
        for table, key, view in (
            (PROJECTS, "project_key", "current_projects"),
            (LISTING_INTEGRATIONS, "listing_key", "current_projects"),
            *((table, "revision_key", "current_integrations") for table in _OF_REVISIONS),
        ):
            columns = ", ".join(column.name for column in table.columns)
            rows = dataset.ask(
                f"SELECT {columns} FROM {{{table.name}}} "  # noqa: S608, own names
                f"WHERE {key} IN (SELECT {key} FROM {{{view}}})",
                [table.name, view],
            )
            types = [column.type for column in table.columns]
            values = [map(_typed, types, row) for row in rows.rows]
            self.insert(
                [{table.name: [dict(zip(rows.columns, row, strict=True)) for row in values]}]
            )

    def ask(self, sql: str, views: Sequence[str], *parameters: Any) -> Answer:
        """Asks a question, as `Dataset.ask` takes it."""
        names = {view: view for view in views}
        statement = sql.format_map(names).replace("%s", "?")
        cursor = self._connection.execute(statement, parameters)
        columns = [column[0] for column in cursor.description or ()]
        return Answer(columns, cursor.fetchall())

    def close(self) -> None:
        """Gives it up."""
        self._connection.close()


def _typed(type_: ColumnType, value: Any) -> Any:
    """A value as its type has it: SQLite has texts and numbers for times and truth values."""
    if type_ == "timestamp" and isinstance(value, str):
        return datetime.fromisoformat(value)
    return bool(value) if type_ == "bool" and value is not None else value


def _with_sources(views: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = [*views]
    while waiting:
        name = waiting.pop()
        if name in VIEWS_BY_NAME and name not in found:
            found.add(name)
            waiting += VIEWS_BY_NAME[name].sources()
    return found
