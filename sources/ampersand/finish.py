"""What is done in the destination after a load: views and comments."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, nullcontext
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple

from dlt.common.configuration import with_config
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.schema.typing import LOADS_TABLE_NAME
from dlt.destinations.exceptions import DatabaseException
from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.destinations.sql_client import SqlClientBase, WithSchemas, WithSqlClient
from dlt.pipeline.pipeline import Pipeline

from .declaration import Table
from .exceptions import AmpersandError, ConfigurationError, one_line
from .ledger import needs_rebuild, own_schema
from .rebuild import rebuild
from .tables import EXTRACTION_RUNS, TABLES
from .views import VIEWS, View
from .views.answers import personal_data_patterns as patterns_view
from .views.declaration import literal
from .views.rendering import DESCRIBED_WITHIN, column_descriptions, makeable, query, statements

if TYPE_CHECKING:  # it imports DuckDB
    from typing import TypeGuard

    from dlt.destinations.impl.duckdb.sql_client import WithTableScanners

_ALL = frozenset({"TABLE", "VIEW", "COLUMN"})
_COMMENTED: Mapping[str, frozenset[str]] = {
    "duckdb": _ALL,
    "postgres": _ALL,
    "mysql": frozenset({"TABLE"}),  # MariaDB's columns are commented by being declared anew
}
"""What takes comments, by dialect. These dialects are tested, and have `CREATE OR REPLACE VIEW`;
elsewhere views are replaced by statements that describe them (`DESCRIBED_WITHIN`), or dropped and
made again, without comments.
"""

_SEVERAL_AT_ONCE = frozenset({"duckdb", "postgres"})
"""Dialects that take several statements at once; there are hundreds of comments."""

_DEFINITIONS = {
    "duckdb": """
        SELECT view_name, NULL FROM duckdb_views()
        WHERE database_name = current_database() AND schema_name = %s
        """,
    "postgres": """
        SELECT c.relname, pg_get_viewdef(c.oid)
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind = 'v' AND (n.nspname = %s OR n.oid = pg_my_temp_schema())
        """,
    "mysql": """
        SELECT table_name, view_definition FROM information_schema.views WHERE table_schema = %s
        """,
}
"""Queries for name and text of each view in a dataset, and of the temporary ones. DuckDB's text of
a view changes when it opens the file again, so it tells nothing; but whoever replaces a view there
takes its comments away, which shows as well.
"""

_SCANS = """
    SELECT v.view_name, v.sql, c.columns
    FROM duckdb_views() AS v
    JOIN (
        SELECT table_name, schema_name,
            STRING_AGG('"' || column_name || '" ' || data_type, ', ' ORDER BY column_index)
                AS columns
        FROM duckdb_columns() GROUP BY ALL
    ) AS c ON c.table_name = v.view_name AND c.schema_name = v.schema_name
    WHERE NOT v.internal
    """
"""Name, text and columns of each view in a DuckDB."""

_COMMENTS = {
    "duckdb": """
        WITH own AS (SELECT current_database() AS database_name, %s AS schema_name)
        SELECT table_name, NULL, comment FROM duckdb_tables() NATURAL JOIN own
        UNION ALL SELECT view_name, NULL, comment FROM duckdb_views() NATURAL JOIN own
        UNION ALL SELECT table_name, column_name, comment FROM duckdb_columns() NATURAL JOIN own
        """,
    "postgres": """
        SELECT c.relname, a.attname, d.description
        FROM pg_description AS d
        JOIN pg_class AS c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        LEFT JOIN pg_attribute AS a
            ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0
        WHERE n.nspname = %s
        """,
    "mysql": """
        SELECT table_name, NULL, table_comment FROM information_schema.tables
        WHERE table_schema = %s AND table_type = 'BASE TABLE'
        """,
}
"""Queries for relation, column (NULL: the relation itself) and text of each comment."""


_SEALED = EXTRACTION_RUNS
"""The table whose comment tells what views and comments were made of (`_seal`)."""

_SEAL = "Seal of the views: "


class ViewsNotCreated(AmpersandError):
    """The data is loaded, but views or comments could not be made."""


def create_views(
    pipeline: Pipeline, personal_data_patterns: dict[str, list[str]] | None = None
) -> list[str]:
    """Makes the views and comments; to be called after each load, as often as one likes.

    Views are made over the tables that exist. Where rows were made by an older version of the
    model, they are first made again from the stored content. A lake (dlt's `filesystem`) has no
    place for views: there `open_views` makes them, for a connection.

    Args:
        pipeline: The pipeline that loaded `ampersand_source()`.
        personal_data_patterns: What the view `personal_data_patterns` holds: for each kind of
            personal data, patterns of SQL's `LIKE` for names in lower case without `_`, `-`, `.`
            and blanks. Also read from `[sources.ampersand.personal_data_patterns]` in
            `.dlt/config.toml`. None: those of `ampersand.views.answers`.

    Returns:
        Names of the views; of a lake none.

    Raises:
        ViewsNotCreated: The destination refused, or cannot be asked in SQL; or the patterns cannot
            be used.
    """
    replaced = _replaced_views(personal_data_patterns)
    if needs_rebuild(pipeline):
        rebuild(pipeline)
    try:
        with pipeline.destination_client(own_schema(pipeline)) as client:
            if isinstance(client, WithSqlClient) and issubclass(
                client.sql_client_class, WithSchemas
            ):
                return []
            if not isinstance(client, SqlJobClientBase):
                raise ViewsNotCreated(
                    f"views cannot be made in the destination {pipeline.destination}: it has no SQL"
                )
            existing = {
                name
                for name, columns in client.get_storage_tables(
                    [*(table.name for table in TABLES), LOADS_TABLE_NAME]
                )
                if columns
            }
            is_ducklake = client.config.destination_type == "ducklake"
            return _make(client.sql_client, frozenset(existing), replaced, is_ducklake=is_ducklake)
    except AmpersandError:
        raise
    except Exception as error:
        raise ViewsNotCreated(
            "the data is loaded, but its views could not be made "
            f"({type(error).__name__}: {one_line(str(error))}); grant the right to create "
            "views in the dataset, drop what depends on the old ones, close what locks it, or make "
            "room on the disk"
        ) from error


@contextmanager
def open_views(
    pipeline: Pipeline, personal_data_patterns: dict[str, list[str]] | None = None
) -> Iterator[SqlClientBase[Any]]:
    """A connection in which tables and views can be asked, wherever the rows are.

    Where `create_views` made the views, it is dlt's `pipeline.sql_client()`. A lake keeps no views:
    dlt reads its tables through a DuckDB in memory, in which the views are made anew.

    Args:
        pipeline: The pipeline that loaded `ampersand_source()`.
        personal_data_patterns: As `create_views` takes them; only for a lake.

    Raises:
        ViewsNotCreated: The patterns cannot be used.

    Example:
        >>> with open_views(pipeline) as client:
        ...     client.execute_sql("SELECT project_name, name FROM current_integrations")
    """
    schema_name = own_schema(pipeline)
    client = pipeline.sql_client(schema_name)
    if _is_of_lake(client) and not schema_name:
        pipeline.sync_destination()  # what tables there are is known by their schema alone
        client = pipeline.sql_client(own_schema(pipeline))
    with client:
        if _is_of_lake(client):
            _make_for_connection(client, _replaced_views(personal_data_patterns))
        yield client


def _is_of_lake(client: SqlClientBase[Any]) -> "TypeGuard[WithTableScanners]":
    return isinstance(client, WithSchemas)


def _make_for_connection(client: "WithTableScanners", replaced: Mapping[str, View]) -> None:
    """Makes the views over those that dlt makes of the tables.

    To make a view is to open all tables below it, and most views lie upon others: hundreds of
    openings, each of which asks a server several times. So they are made over empty tables of the
    same columns, in whose place the real ones are put afterwards.
    """
    try:
        client.create_views_for_all_tables()
    except DestinationUndefinedEntity:
        return  # nothing is loaded yet
    connection = client.native_connection
    own = {LOADS_TABLE_NAME, *(table.name for table in TABLES)}
    of_tables = [row for row in connection.execute(_SCANS).fetchall() if row[0] in own]
    views, names = _views(client, {name for name, _, _ in of_tables}, replaced)
    for name, _, columns in of_tables:
        connection.execute(f"DROP VIEW {names[name]}")
        connection.execute(f"CREATE TABLE {names[name]} ({columns})")
    for view in views:
        connection.execute(f"CREATE VIEW {names[view.name]} AS {query(view, 'duckdb', names)}")
    for name, statement, _ in of_tables:
        connection.execute(f"DROP TABLE {names[name]}")
        connection.execute(statement)


def _views(
    client: SqlClientBase[Any], existing: Set[str], replaced: Mapping[str, View]
) -> tuple[list[View], dict[str, str]]:
    """The views over the tables that exist, and the qualified names of tables and views."""
    views = [replaced.get(view.name, view) for view in makeable(frozenset(existing))]
    names = {
        name: client.make_qualified_table_name(name)
        for name in [*existing, *(view.name for view in views)]
    }
    return views, names


def replacements(patterns: dict[str, list[str]] | None) -> dict[str, View]:
    """The views that are not made as declared, by name.

    Args:
        patterns: As `create_views` takes them.

    Raises:
        ConfigurationError: The patterns cannot be used.
    """
    if patterns is None:
        patterns = _configured_patterns()
    return {} if patterns is None else {"personal_data_patterns": patterns_view(patterns)}


def _replaced_views(patterns: dict[str, list[str]] | None) -> dict[str, View]:
    try:
        return replacements(patterns)
    except (ConfigurationError, ConfigurationException) as error:
        raise ViewsNotCreated(
            f"the data is loaded, but its views could not be made: {one_line(str(error))}"
        ) from error


@with_config(sections=("sources", "ampersand"))
def _configured_patterns(
    personal_data_patterns: dict[str, list[str]] | None = None,
) -> dict[str, list[str]] | None:
    return personal_data_patterns


def _make(
    client: SqlClientBase[Any],
    existing: frozenset[str],
    replaced: Mapping[str, View],
    *,
    is_ducklake: bool = False,
) -> list[str]:
    """Makes views and comments over the tables that exist; returns the names of the views."""
    dialect = client.capabilities.sqlglot_dialect or "duckdb"
    seal = _seal(client, dialect, existing, replaced)
    if dialect in _COMMENTED:
        found = _read(client, dialect)
        if found.seal == f"{seal}:{found.digest}":
            return [view.name for view in VIEWS if view.name in found.views]
    views, names = _views(client, existing, replaced)
    if dialect in DESCRIBED_WITHIN:  # never without a view for a moment
        _execute(client, [s for view in views for s in statements(view, dialect, names)])
        return [view.name for view in views]
    queries = {view.name: query(view, dialect, names) for view in views}
    anew = [f"DROP VIEW IF EXISTS {names[name]}" for name in reversed(queries)]
    anew += [f"CREATE VIEW {names[name]} AS {text}" for name, text in queries.items()]
    if dialect not in _COMMENTED:
        _execute(client, anew)
        return list(queries)
    outdated = _outdated(client, queries) if dialect == "postgres" else queries
    try:
        _execute(client, [f"CREATE OR REPLACE VIEW {names[n]} AS {t}" for n, t in outdated.items()])
    except DatabaseException:  # columns that changed cannot be replaced everywhere
        _execute(client, anew)
    there = _read(client, dialect).comments
    tables = [table for table in TABLES if table.name in existing]
    missing = [
        comment
        for comment in _comments(views, tables, are_view_columns_described=not is_ducklake)
        if comment.kind in _COMMENTED[dialect]
        and (comment.relation, comment.column, comment.text) not in there
    ]
    _execute(client, [_comment_on(client, comment) for comment in missing])
    seal += f":{_read(client, dialect).digest}"
    sealed = _Comment("TABLE", _SEALED.name, None, f"{_comment_of(_SEALED)} {_SEAL}{seal}")
    _execute(client, [_comment_on(client, sealed)])
    return list(queries)


def _seal(
    client: SqlClientBase[Any],
    dialect: str,
    existing: frozenset[str],
    replaced: Mapping[str, View],
) -> str:
    """A digest of all that views and comments are made of.

    To make the views takes longer than all else of a run without changes. So what they were made
    of, and what the database had then, is noted in a comment: when both are as they were, there is
    nothing to do.
    """
    parts = [dialect, version("sqlglot"), client.make_qualified_table_name("x"), *sorted(existing)]
    for table in TABLES:
        parts += [table.name, _comment_of(table)]
        parts += [f"{column.name}:{column.type}:{column.description}" for column in table.columns]
    for view in VIEWS:
        view = replaced.get(view.name, view)
        parts += [view.name, view.description, view.sql, *sorted(view.optional)]
        parts += [f"{name}:{text}" for name, text in view.columns.items()]
    return _digest(parts)


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:16]


class _Found(NamedTuple):
    """What a dataset has.

    Attributes:
        views: Names of its views.
        comments: Relation, column (None: the relation itself) and text of each comment.
        seal: What was noted when they were made; None: nothing.
        digest: A digest of its views and of the comments.
    """

    views: frozenset[str]
    comments: frozenset[tuple[str, str | None, str]]
    seal: str | None
    digest: str


def _read(client: SqlClientBase[Any], dialect: str) -> _Found:
    views: Sequence[Any] = client.execute_sql(_DEFINITIONS[dialect], client.dataset_name) or ()
    comments: Sequence[Any] = client.execute_sql(_COMMENTS[dialect], client.dataset_name) or ()
    seal = None
    others = []
    for relation, column, text in comments:
        if relation == _SEALED.name and column is None:
            seal = str(text).partition(_SEAL)[2] or None
        elif text is not None:
            others.append((relation, column, text))
    texts = sorted("\x00".join(map(str, row)) for row in (*views, *others))
    return _Found(frozenset(name for name, _ in views), frozenset(others), seal, _digest(texts))


def _outdated(client: SqlClientBase[Any], queries: Mapping[str, str]) -> Mapping[str, str]:
    """The views of PostgreSQL that are not there yet, or not like this, out of queries by name.

    To replace one shuts out who reads it, waits for who is reading it, and may deadlock with who
    reads several. So none is replaced without need. PostgreSQL stores queries in words of its own:
    what it makes of a temporary view shows whether two are the same.
    """
    probes = {f"probe_{number}": name for number, name in enumerate(queries)}
    made = [f"CREATE TEMPORARY VIEW {probe} AS {queries[name]}" for probe, name in probes.items()]
    try:
        with client.begin_transaction():
            client.execute_sql(";\n".join(made))
            found = client.execute_sql(_DEFINITIONS["postgres"], client.dataset_name) or []
            client.execute_sql(";\n".join(f"DROP VIEW pg_temp.{probe}" for probe in probes))
    except DatabaseException:  # they read views that are not there yet
        return queries
    texts: dict[str, str] = {name: text for name, text in found}  # noqa: C416, for the types
    return {
        name: queries[name]
        for probe, name in probes.items()
        if name not in texts or texts[name] != texts[probe]
    }


def _execute(client: SqlClientBase[Any], statements: Sequence[str]) -> None:
    """Executes statements, all or none where the destination has transactions for them."""
    if statements and client.capabilities.sqlglot_dialect in _SEVERAL_AT_ONCE:
        statements = [";\n".join(statements)]
    # BigQuery has transactions, but refuses views in them
    has_transactions = client.capabilities.supports_ddl_transactions
    with client.begin_transaction() if has_transactions else nullcontext():
        for statement in statements:
            client.execute_sql(statement)


class _Comment(NamedTuple):
    kind: str
    relation: str
    column: str | None
    text: str


def _comments(
    views: Sequence[View], tables: Sequence[Table], *, are_view_columns_described: bool
) -> Iterator[_Comment]:
    for table in tables:
        if table is not _SEALED:
            yield _Comment("TABLE", table.name, None, _comment_of(table))
        for column in table.columns:
            yield _Comment("COLUMN", table.name, column.name, column.description)
    for view in views:
        yield _Comment("VIEW", view.name, None, view.description)
        if not are_view_columns_described:
            continue
        for name, text in column_descriptions(view).items():
            yield _Comment("COLUMN", view.name, name, text)


def _comment_of(table: Table) -> str:
    return f"{table.description} One row per {table.grain}."


def _comment_on(client: SqlClientBase[Any], comment: _Comment) -> str:
    name = client.make_qualified_table_name(comment.relation)
    if comment.column is not None:
        name += f".{client.escape_column_name(comment.column)}"
    if client.capabilities.sqlglot_dialect == "mysql":
        return f"ALTER TABLE {name} COMMENT {literal(comment.text)}"
    return f"COMMENT ON {comment.kind} {name} IS {literal(comment.text)}"
