"""Real databases to load into, and what the views of one say."""

import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

import dlt
import duckdb
import psycopg2
from dlt.pipeline.pipeline import Pipeline

from ampersand.tables import INTEGRATION_TABLES

from .postgres import Postgres

DATASET = "ampersand_data"

Kind = Literal[
    "duckdb",
    "sqlite",
    "postgres",
    "ducklake",
    "ducklake_postgres",
    "delta",
    "delta_s3",
    "iceberg",
    "iceberg_s3",
    "mariadb",
]
WITH_A_LANE: tuple[Kind, ...] = (
    *("ducklake", "ducklake_postgres", "delta", "delta_s3", "iceberg", "iceberg_s3", "mariadb"),
)
"""Kinds that need what `make test-warehouses` installs."""

Row = tuple[Any, ...]


@dataclass
class State:
    """What is there now, and what there ever was, as the views say.

    Attributes:
        projects: Name of each current project, by id.
        integrations: Name and revision id of each current integration, by `<project>/<id>`.
        removed: Integrations that are there no more, in the same form.
        objects: Number of current object entries, by project id.
        fields: Number of current field entries, by project id.
    """

    projects: dict[str, str] = field(default_factory=dict)
    integrations: dict[str, tuple[str, str]] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    objects: dict[str, int] = field(default_factory=dict)
    fields: dict[str, int] = field(default_factory=dict)


@dataclass
class Warehouse:
    """A database with a dataset of ours, and the folder where dlt keeps its working files.

    Attributes:
        kind: The kind of database.
        folder: Holds the database, unless a server does, and the pipelines folder.
        postgres: The server, where there is one.
        database: Name of the database on the server.
    """

    no_table: ClassVar[tuple[type[Exception], ...]] = (
        duckdb.CatalogException,
        sqlite3.OperationalError,
        psycopg2.errors.UndefinedTable,
    )
    """What the drivers raise where a table is missing."""

    kind: Kind
    folder: Path
    postgres: Postgres | None = None
    database: str = ""

    @property
    def table_format(self) -> dict[str, Any]:
        """The format of its tables, as `pipeline.run` takes it; empty: it has but one."""
        return {}

    @property
    def file(self) -> Path:
        """The database's file."""
        return self.folder / f"warehouse.{self.kind}"

    @property
    def pipelines_dir(self) -> Path:
        """Where dlt keeps its working files."""
        return self.folder / "pipelines"

    def destination(self) -> Any:
        """The destination, as dlt takes it."""
        if self.kind == "duckdb":
            return dlt.destinations.duckdb(str(self.file))
        if self.kind == "sqlite":
            return dlt.destinations.sqlalchemy(f"sqlite:///{self.file}")
        assert self.postgres
        return dlt.destinations.postgres(self.postgres.url(self.database))

    def pipeline(self, name: str = "ampersand") -> Pipeline:
        """A pipeline into the dataset."""
        return dlt.pipeline(
            name,
            destination=self.destination(),
            dataset_name=DATASET,
            pipelines_dir=str(self.pipelines_dir),
        )

    def copy(self, folder: Path) -> "Warehouse":
        """A copy that may be written to, in a folder that exists."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        if self.postgres is None:
            return Warehouse(self.kind, folder)
        return Warehouse(self.kind, folder, self.postgres, self.postgres.create(self.database))

    def delete_database(self) -> None:
        """Deletes the database, as somebody would who starts anew."""
        if self.postgres:
            self.postgres.drop(self.database)
            self.postgres.create(name=self.database)
        for path in self.folder.glob(f"{self.file.stem}*"):
            path.unlink()

    def restore(self, backup: "Warehouse") -> None:
        """Puts the database of a backup in place of this one; dlt's working files stay."""
        if self.postgres:
            self.postgres.drop(self.database)
            self.postgres.create(backup.database, self.database)
        for path in backup.folder.glob(f"{self.file.stem}*"):
            shutil.copy(path, self.folder)

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        """A cursor of the database's own driver, in which our names need no schema."""
        connection: Any
        if self.kind == "duckdb":
            connection = duckdb.connect(str(self.file))
        elif self.kind == "sqlite":
            connection = sqlite3.connect(self.file, isolation_level=None)
        else:
            assert self.postgres
            connection = psycopg2.connect(self.postgres.url(self.database))
            connection.autocommit = True
        with closing(connection):
            cursor = connection.cursor()
            if self.kind == "duckdb":
                cursor.execute("SET TimeZone = 'UTC'")
            if self.kind == "sqlite":
                file = self.file.with_name(f"{self.file.stem}__{DATASET}{self.file.suffix}")
                cursor.execute(f"ATTACH '{file}' AS {DATASET}")
            else:
                cursor.execute(f"SET search_path = {DATASET}")
            yield cursor

    def execute(self, *statements: str) -> None:
        """Executes statements."""
        with self._cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def rows(self, query: str) -> list[Row]:
        """The rows of a query."""
        with self._cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def table(self, query: str) -> tuple[list[str], list[Row]]:
        """The names of the columns of a query, and its rows."""
        with self._cursor() as cursor:
            cursor.execute(query)
            rows = list(cursor.fetchall())
            return [column[0] for column in cursor.description], rows

    def content(self) -> dict[str, Counter[Row]]:
        """All rows of the tables of content, without dlt's own columns."""
        found = {}
        with self._cursor() as cursor:
            for table in INTEGRATION_TABLES:
                columns = ", ".join(column.name for column in table.columns)
                with suppress(*self.no_table):
                    cursor.execute(f"SELECT {columns} FROM {table.name}")
                    found[table.name] = Counter(
                        tuple(map(_comparable, row)) for row in cursor.fetchall()
                    )
        return found

    def state(self) -> State:
        """What the views say."""
        with self._cursor() as cursor:

            def rows(query: str) -> list[Row]:
                cursor.execute(query)
                return list(cursor.fetchall())

            state = State(dict(rows("SELECT project_id, name FROM current_projects")))
            for project, identifier, name, revision in rows(
                "SELECT project_id, integration_id, name, revision_id FROM current_integrations"
            ):
                state.integrations[f"{project}/{identifier}"] = (name, revision)
            for project, identifier, is_current, removed_at in rows(
                "SELECT project_id, integration_id, is_current, removed_at FROM integrations"
            ):
                key = f"{project}/{identifier}"
                assert bool(is_current) == (removed_at is None), key
                assert bool(is_current) == (key in state.integrations), key
                if not is_current:
                    state.removed.add(key)
            count = "SELECT project_id, COUNT(*) FROM {} GROUP BY project_id"
            state.objects.update(rows(count.format("current_objects")))
            state.fields.update(rows(count.format("current_fields")))
        return state

    def views(self) -> dict[str, Counter[Row]]:
        """Everything that the current views say at one moment, but for when it was listed."""
        found = {}
        with self._cursor() as cursor:
            if self.kind == "postgres":
                cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            for name in CURRENT_VIEWS:
                cursor.execute(f"SELECT * FROM {name}")
                names = [column[0] for column in cursor.description]
                kept = [n for n, c in enumerate(names) if c not in ("listed_at", "run_id")]
                found[name] = Counter(
                    tuple(str(row[index]) for index in kept) for row in cursor.fetchall()
                )
        return found


def _comparable(value: Any) -> str:
    """A value as text; JSON without the order of its keys, of which any one may be kept."""
    if isinstance(value, str) and value.startswith("{"):
        with suppress(RecursionError):
            return json.dumps(json.loads(value), sort_keys=True)
    return str(value)


CURRENT_VIEWS: Sequence[str] = (
    "current_projects",
    "current_integrations",
    "current_revisions",
    "current_objects",
    "current_read_objects",
    "current_write_objects",
    "current_subscribe_objects",
    "current_fields",
    "current_subscribe_events",
    "current_watch_fields",
    "current_schema_watch_events",
    "current_unmapped_properties",
)


def lost(before: Mapping[str, Counter[Row]], after: Mapping[str, Counter[Row]]) -> dict[str, Any]:
    """Rows that were there before and are not now."""
    return {name: gone for name in before if (gone := before[name] - after[name])}
