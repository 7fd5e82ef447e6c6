"""What is done in the destination after a load: views and comments."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dlt.destinations.exceptions import DatabaseException
from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.destinations.sql_client import SqlClientBase
from dlt.pipeline.pipeline import Pipeline

from .exceptions import AmpersandError, one_line
from .ledger import needs_rebuild, own_schema
from .rebuild import rebuild
from .tables import TABLES, Table
from .views import View, column_descriptions, makeable, query

_LOADS = "_dlt_loads"
_COMMENTING = frozenset({"duckdb", "postgres"})
"""Dialects in which tables, views and their columns take comments, as tested."""

_REPLACING = frozenset({"duckdb", "postgres"})
"""Dialects in which a view can be replaced without dropping it."""

_SCRIPTING = frozenset({"duckdb", "postgres"})
"""Dialects in which several statements go to the server at once: there are some 400 comments."""


class ViewsNotCreated(AmpersandError):
    """The data is loaded, but views or comments could not be made."""


def create_views(pipeline: Pipeline) -> list[str]:
    """Makes the views and comments; to be called after each load, as often as one likes.

    Views are made over the tables that exist. Where rows were made by an older version of the
    model, they are first made again from the stored content.

    Args:
        pipeline: The pipeline that loaded `ampersand_source()`.

    Returns:
        Names of the views.

    Raises:
        ViewsNotCreated: The destination refused, or cannot be asked in SQL.
    """
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
            views = list(makeable(frozenset(existing)))
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


def _make(client: SqlClientBase[Any], views: Sequence[View], tables: Sequence[Table]) -> None:
    dialect = client.capabilities.sqlglot_dialect or "duckdb"
    names = {
        name: client.make_qualified_table_name(name)
        for name in [_LOADS, *(table.name for table in tables), *(view.name for view in views)]
    }
    queries = {names[view.name]: query(view, dialect, names) for view in views}
    outdated = _outdated(client, queries) if dialect == "postgres" else queries
    anew = [f"DROP VIEW IF EXISTS {name}" for name in reversed(queries)]
    anew += [f"CREATE VIEW {name} AS {text}" for name, text in queries.items()]
    if dialect in _REPLACING:
        try:
            _execute(client, [f"CREATE OR REPLACE VIEW {n} AS {t}" for n, t in outdated.items()])
        except DatabaseException:  # columns that changed cannot be replaced everywhere
            _execute(client, anew)
    else:
        _execute(client, anew)
    if dialect in _COMMENTING:
        _execute(client, list(_comments(client, views, tables)))


def _outdated(client: SqlClientBase[Any], queries: Mapping[str, str]) -> Mapping[str, str]:
    """The views of PostgreSQL that are not there yet, or not like this.

    To replace one shuts out who reads it, waits for who is reading it, and may deadlock with who
    reads several. So none is replaced without need.
    """
    probes = {name: f"outdated_{number}" for number, name in enumerate(queries)}
    made = [f"CREATE TEMPORARY VIEW {probes[name]} AS {text}" for name, text in queries.items()]
    different = ", ".join(
        f"pg_get_viewdef(to_regclass('pg_temp.{probe}')) "
        f"IS DISTINCT FROM pg_get_viewdef(to_regclass({_literal(name)}))"
        for name, probe in probes.items()
    )
    dropped = [f"DROP VIEW pg_temp.{probe}" for probe in probes.values()]
    try:
        with client.begin_transaction():
            client.execute_sql(";\n".join(made))
            (answer,) = client.execute_sql(f"SELECT {different}") or []
            client.execute_sql(";\n".join(dropped))
    except DatabaseException:  # they read views that are not there yet
        return queries
    return {name: queries[name] for name, is_so in zip(queries, answer, strict=True) if is_so}


def _execute(client: SqlClientBase[Any], statements: Sequence[str]) -> None:
    """Executes statements, all or none where the destination has transactions for them."""
    if statements and client.capabilities.sqlglot_dialect in _SCRIPTING:
        statements = [";\n".join(statements)]
    with client.begin_transaction():
        for statement in statements:
            client.execute_sql(statement)


def _comments(
    client: SqlClientBase[Any], views: Sequence[View], tables: Sequence[Table]
) -> Iterator[str]:
    for table in tables:
        name = client.make_qualified_table_name(table.name)
        text = f"{table.description} One row per {table.grain}."
        yield f"COMMENT ON TABLE {name} IS {_literal(text)}"
        for column in table.columns:
            at = f"{name}.{client.escape_column_name(column.name)}"
            yield f"COMMENT ON COLUMN {at} IS {_literal(column.description)}"
    for view in views:
        name = client.make_qualified_table_name(view.name)
        yield f"COMMENT ON VIEW {name} IS {_literal(view.description)}"
        for column_name, text in column_descriptions(view).items():
            at = f"{name}.{client.escape_column_name(column_name)}"
            yield f"COMMENT ON COLUMN {at} IS {_literal(text)}"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
