"""What is done in the destination after a load: views and comments."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from dlt.common.configuration import with_config
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.destinations.exceptions import DatabaseException
from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.destinations.sql_client import SqlClientBase
from dlt.pipeline.pipeline import Pipeline

from .exceptions import AmpersandError, ConfigurationError, one_line
from .ledger import needs_rebuild, own_schema
from .rebuild import rebuild
from .tables import TABLES, Table
from .views import View
from .views.answers import personal_data_patterns as patterns_view
from .views.rendering import column_descriptions, makeable, query

_LOADS = "_dlt_loads"
_TESTED = frozenset({"duckdb", "postgres"})
"""Dialects that take comments, several statements at once (there are hundreds of comments), and
`CREATE OR REPLACE VIEW`, as tested. Elsewhere views are dropped and made again, without comments.
"""

_TEMPORARY = {"duckdb": "temp", "postgres": "pg_temp"}
"""The schema of temporary views."""

_DEFINITIONS = {
    "duckdb": """
        SELECT view_name, substr(sql, strpos(sql, ' AS ')) FROM duckdb_views()
        WHERE database_name = 'temp'
            OR (database_name = current_database() AND schema_name = %s)
        """,
    "postgres": """
        SELECT c.relname, pg_get_viewdef(c.oid)
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind = 'v' AND (n.nspname = %s OR n.oid = pg_my_temp_schema())
        """,
}
"""Queries for name and text of each view in a dataset, and of the temporary ones."""

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
}
"""Queries for relation, column (NULL: the relation itself) and text of each comment."""


class ViewsNotCreated(AmpersandError):
    """The data is loaded, but views or comments could not be made."""


def create_views(
    pipeline: Pipeline, personal_data_patterns: dict[str, list[str]] | None = None
) -> list[str]:
    """Makes the views and comments; to be called after each load, as often as one likes.

    Views are made over the tables that exist. Where rows were made by an older version of the
    model, they are first made again from the stored content.

    Args:
        pipeline: The pipeline that loaded `ampersand_source()`.
        personal_data_patterns: What the view `personal_data_patterns` holds: for each kind of
            personal data, patterns of SQL's `LIKE` for names in lower case without `_`, `-`, `.`
            and blanks. Also read from `[sources.ampersand.personal_data_patterns]` in
            `.dlt/config.toml`. None: those of `ampersand.views.answers`.

    Returns:
        Names of the views.

    Raises:
        ViewsNotCreated: The destination refused, or cannot be asked in SQL; or the patterns cannot
            be used.
    """
    replaced = _replaced_views(personal_data_patterns)
    if needs_rebuild(pipeline):
        rebuild(pipeline)
    try:
        with pipeline.destination_client(own_schema(pipeline)) as client:
            if not isinstance(client, SqlJobClientBase):
                raise ViewsNotCreated(
                    f"views cannot be made in the destination {pipeline.destination}: it has no SQL"
                )
            existing = {
                name
                for name, columns in client.get_storage_tables(
                    [*(table.name for table in TABLES), _LOADS]
                )
                if columns
            }
            views = [replaced.get(view.name, view) for view in makeable(frozenset(existing))]
            _make(client.sql_client, views, [t for t in TABLES if t.name in existing])
    except AmpersandError:
        raise
    except Exception as error:
        raise ViewsNotCreated(
            "the data is loaded, but its views could not be made "
            f"({type(error).__name__}: {one_line(str(error))}); grant the right to create "
            "views in the dataset, drop what depends on the old ones, or close what locks it"
        ) from error
    return [view.name for view in views]


def _replaced_views(patterns: dict[str, list[str]] | None) -> dict[str, View]:
    """The views that are not made as declared, by name."""
    try:
        if patterns is None:
            patterns = _configured_patterns()
        return {} if patterns is None else {"personal_data_patterns": patterns_view(patterns)}
    except (ConfigurationError, ConfigurationException) as error:
        raise ViewsNotCreated(
            f"the data is loaded, but its views could not be made: {one_line(str(error))}"
        ) from error


@with_config(sections=("sources", "ampersand"))
def _configured_patterns(
    personal_data_patterns: dict[str, list[str]] | None = None,
) -> dict[str, list[str]] | None:
    return personal_data_patterns


def _make(client: SqlClientBase[Any], views: Sequence[View], tables: Sequence[Table]) -> None:
    dialect = client.capabilities.sqlglot_dialect or "duckdb"
    names = {
        name: client.make_qualified_table_name(name)
        for name in [_LOADS, *(table.name for table in tables), *(view.name for view in views)]
    }
    queries = {view.name: query(view, dialect, names) for view in views}
    anew = [f"DROP VIEW IF EXISTS {names[name]}" for name in reversed(queries)]
    anew += [f"CREATE VIEW {names[name]} AS {text}" for name, text in queries.items()]
    if dialect not in _TESTED:
        _execute(client, anew)
        return
    outdated = _outdated(client, dialect, queries)
    try:
        _execute(client, [f"CREATE OR REPLACE VIEW {names[n]} AS {t}" for n, t in outdated.items()])
    except DatabaseException:  # columns that changed cannot be replaced everywhere
        _execute(client, anew)
    there = {
        tuple(row) for row in client.execute_sql(_COMMENTS[dialect], client.dataset_name) or ()
    }
    missing = [
        comment
        for comment in _comments(views, tables)
        if (comment.relation, comment.column, comment.text) not in there
    ]
    _execute(client, [_comment_on(client, comment) for comment in missing])


def _outdated(
    client: SqlClientBase[Any], dialect: str, queries: Mapping[str, str]
) -> Mapping[str, str]:
    """The views that are not there yet, or not like this, out of queries by plain name.

    To replace a view of PostgreSQL shuts out who reads it, waits for who is reading it, and may
    deadlock with who reads several; and a view of DuckDB that is replaced loses its comments. So
    none is replaced without need. Databases store queries in words of their own: what they make of
    a temporary view shows whether two are the same.
    """
    probes = {f"probe_{number}": name for number, name in enumerate(queries)}
    made = [f"CREATE TEMPORARY VIEW {probe} AS {queries[name]}" for probe, name in probes.items()]
    try:
        with client.begin_transaction():
            client.execute_sql(";\n".join(made))
            found = client.execute_sql(_DEFINITIONS[dialect], client.dataset_name) or []
            client.execute_sql(";\n".join(f"DROP VIEW {_TEMPORARY[dialect]}.{p}" for p in probes))
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
    if statements and client.capabilities.sqlglot_dialect in _TESTED:
        statements = [";\n".join(statements)]
    with client.begin_transaction():
        for statement in statements:
            client.execute_sql(statement)


class _Comment(NamedTuple):
    kind: str
    relation: str
    column: str | None
    text: str


def _comments(views: Sequence[View], tables: Sequence[Table]) -> Iterator[_Comment]:
    for table in tables:
        text = f"{table.description} One row per {table.grain}."
        yield _Comment("TABLE", table.name, None, text)
        for column in table.columns:
            yield _Comment("COLUMN", table.name, column.name, column.description)
    for view in views:
        yield _Comment("VIEW", view.name, None, view.description)
        for name, text in column_descriptions(view).items():
            yield _Comment("COLUMN", view.name, name, text)


def _comment_on(client: SqlClientBase[Any], comment: _Comment) -> str:
    name = client.make_qualified_table_name(comment.relation)
    if comment.column is not None:
        name += f".{client.escape_column_name(comment.column)}"
    return f"COMMENT ON {comment.kind} {name} IS {_literal(comment.text)}"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
