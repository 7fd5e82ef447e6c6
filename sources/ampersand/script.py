"""The views as a script, for an engine that reads the tables from where they lie."""

from collections.abc import Mapping, Sequence
from typing import Any

from dlt import destinations
from dlt.common.destination import Destination
from dlt.common.schema.typing import LOADS_TABLE_NAME

from .exceptions import ConfigurationError
from .finish import replacements
from .settings import loaded_tables
from .views.rendering import makeable, statements

_NAMED_LIKE: Mapping[str, type[Destination[Any, Any]]] = {
    "athena": destinations.athena,
    "bigquery": destinations.bigquery,
    "databricks": destinations.databricks,
    "duckdb": destinations.duckdb,
    "postgres": destinations.postgres,
    "redshift": destinations.redshift,
    "snowflake": destinations.snowflake,
    "spark": destinations.databricks,
    "trino": destinations.athena,
}
"""The dialects, as sqlglot calls them, and dlt's destination whose rules for names hold there."""

DIALECTS = tuple(_NAMED_LIKE)
"""The dialects in which the views can be had."""


def view_statements(
    dialect: str,
    dataset: str,
    catalog: str | None = None,
    personal_data_patterns: dict[str, list[str]] | None = None,
    collections: Sequence[str] | None = None,
) -> list[str]:
    """The statements that make the views, in an order in which they can be made.

    For engines in which `create_views` makes none: those that read a lake, or tables of another
    database. Nothing is asked; the engine must see `loaded_tables()`, and dlt's `_dlt_loads`.

    Args:
        dialect: Dialect of the engine, as sqlglot calls it.
        dataset: The schema that has the tables; the views come into it.
        catalog: What holds the schema (on BigQuery, the project); None: the engine's own choice.
        personal_data_patterns: As `create_views` takes them.
        collections: As `loaded_tables` takes them: of what is not loaded there are no views.

    Raises:
        ConfigurationError: There is no such dialect or collection, or the patterns cannot be used.
    """
    if dialect not in DIALECTS:
        raise ConfigurationError(
            f"there is no dialect {dialect}; the views can be had in: {', '.join(DIALECTS)}"
        )
    replaced = replacements(personal_data_patterns)
    existing = frozenset((LOADS_TABLE_NAME, *(table.name for table in loaded_tables(collections))))
    views = [replaced.get(view.name, view) for view in makeable(existing)]
    capabilities = _NAMED_LIKE[dialect]().capabilities()

    def qualified(name: str) -> str:
        path = [catalog, dataset, name] if catalog else [dataset, name]
        folded = map(capabilities.casefold_identifier, path)
        return ".".join(map(capabilities.escape_identifier, folded))

    relations = existing.union(view.name for view in views)
    names = {name: qualified(name) for name in relations}
    return [
        statement for view in views for statement in statements(view, dialect, names, pretty=True)
    ]
