"""The dlt side: one resource per table, all fed by one extraction."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import dlt
import pyarrow as pa
from dlt.common.destination import Destination
from dlt.common.destination.capabilities import DestinationCapabilitiesContext
from dlt.common.schema.typing import TTableReferenceInline, TTableSchema, TTableSchemaColumns
from dlt.extract import DltResource, DltSource
from dlt.pipeline.pipeline import Pipeline

from .declaration import Table
from .exceptions import ConfigurationError
from .extraction import RunBatch
from .tables import (
    ALWAYS_SELECTED,
    OF_ANY_COLLECTION,
    TABLES,
    TABLES_BY_NAME,
    TABLES_OF_COLLECTIONS,
    tables_with,
)

LISTINGS = "listings"
"""Name of the resource that extracts; it feeds the others and has no table."""

MERGED_DIRECTLY = "x-merged-directly"
"""Hint of a table: a file is merged straight into it, where that can be done (`merging.py`)."""

_STRATEGIES = ("insert-only", "upsert", "delete-insert")
"""Ways to write a row once under its key, fastest first."""

_MUCH = 120_000_000
"""Bytes in Arrow tables from which on DuckLake loads one table at a time, and else two.

A merge may hold all rows of a table in memory, and dlt would merge all tables at the same time. Of
so much a single merge keeps all cores busy, and so no time is lost.
"""

_DUCKDB = "dlt.destinations.duckdb"
_DUCKLAKE = "dlt.destinations.ducklake"

Extract = Callable[[Pipeline, frozenset[str]], Iterator[RunBatch]]
"""Extracts the tables named and yields their rows."""


class AmpersandSource(DltSource):
    """A dlt source that always loads its ledger: without it, nothing that is loaded counts."""

    def with_resources(self, *resource_names: str) -> DltSource:
        """Selects tables to load; those that must be loaded as well come with them."""
        return super().with_resources(*resource_names, *_coming_along(resource_names))


def make_resources(extract: Extract, collections: Iterable[str]) -> list[DltResource]:
    """Makes the resource that extracts and one transformer per table.

    Args:
        extract: Called once a run, with the pipeline and the names of the selected tables.
        collections: Names of the collections whose tables are selected.
    """

    def listings() -> Iterator[RunBatch]:
        source = dlt.current.source()
        selection = frozenset(source.selected_resources) & TABLES_BY_NAME.keys()
        missing = [name for name in _coming_along(selection) if name not in selection]
        if missing:
            raise ConfigurationError(
                f"some tables must always be loaded: select {', '.join(missing)}, "
                "or use source.with_resources(...), which does"
            )
        pipeline = dlt.current.pipeline()
        merge_directly(pipeline)
        choose_strategy(source.selected_resources.values(), pipeline.destination)
        size = 0
        for batch in extract(pipeline, selection):
            size += sum(rows.nbytes for rows in batch.values() if isinstance(rows, pa.Table))
            yield batch
        limit_jobs(pipeline.destination, size)

    resources = table_resources(listings, TABLES)
    wanted = {table.name for table in tables_with(collections)}
    for resource in resources:
        if resource.name in TABLES_BY_NAME:
            resource.selected = resource.name in wanted
    return resources


def merge_directly(pipeline: Pipeline) -> None:
    """Has a pipeline into a DuckDB merge files straight into their tables from now on."""
    destination = pipeline.destination
    if destination and destination.destination_type == _DUCKDB:
        from .merging import with_direct_merges  # it needs DuckDB

        direct = with_direct_merges(destination)
        if direct is not destination:
            pipeline.destination = direct


def _coming_along(names: Iterable[str]) -> tuple[str, ...]:
    """The tables without which those named would not count."""
    of_collections = any(
        name in tables for name in names for tables in TABLES_OF_COLLECTIONS.values()
    )
    return (*ALWAYS_SELECTED, *(sorted(OF_ANY_COLLECTION) if of_collections else ()))


def table_resources(
    batches: Callable[[], Iterator[RunBatch]], tables: Sequence[Table], prefix: str = ""
) -> list[DltResource]:
    """Makes a resource that yields batches, and one transformer per table that picks its rows.

    Args:
        batches: Yields the rows of all tables.
        tables: The tables wanted.
        prefix: Put before the name of each.
    """

    def one_at_a_time() -> Iterator[RunBatch | None]:
        for batch in batches():
            yield batch
            # dlt takes turns between this and the transformers: it would ask for the next batch
            # after one table of this one, and in the end hold nearly all of them. None passes a
            # turn; `pick` takes out what it picks.
            for _ in tables:
                if batch:
                    yield None

    base = dlt.resource(one_at_a_time, name=LISTINGS, selected=False)
    return [base, *(_table_resource(table, base, prefix) for table in tables)]


def column_hints(table: Table) -> TTableSchemaColumns:
    """The columns of a table as dlt describes them."""
    hints: TTableSchemaColumns = {}
    for column in table.columns:
        hints[column.name] = {
            "name": column.name,
            "data_type": column.type,
            "nullable": column.nullable,
            "description": column.description,
        }
        if column.type == "timestamp":
            hints[column.name] |= {"timezone": True, "precision": 6}
        if column.name in table.key:
            hints[column.name]["primary_key"] = True
    if table.ledger:
        # dlt would have it unique, and after a kill it may stage a row twice
        hints["_dlt_id"] = {"name": "_dlt_id", "data_type": "text", "nullable": False}
        hints["_dlt_id"] |= {"row_key": True, "unique": False}
    return hints


def references(table: Table) -> list[TTableReferenceInline]:
    """What the columns of a table point to."""
    found: list[TTableReferenceInline] = []
    for column in table.columns:
        if column.references:
            other, other_column = column.references.split(".")
            found.append(
                {
                    "columns": [column.name],
                    "referenced_table": other,
                    "referenced_columns": [other_column],
                }
            )
    return found


def merge_strategy(capabilities: DestinationCapabilitiesContext, table: TTableSchema) -> str | None:
    """The best way that a destination has to write a row once under its key; None: it has none.

    After a kill, dlt may copy a file into its staging table a second time, and only delete-insert
    looks for rows that are staged twice. It must be one transaction, though, or a reader would find
    rows missing.

    Args:
        capabilities: What the destination can do.
        table: A table, as dlt describes it: some destinations differ by its format.
    """
    supported = capabilities.supported_merge_strategies or ()
    if capabilities.merge_strategies_selector:
        supported = capabilities.merge_strategies_selector(supported, table_schema=table)
    if capabilities.supports_transactions and "delete-insert" in supported:
        return "delete-insert"
    return next((name for name in _STRATEGIES if name in supported), None)


def choose_strategy(
    resources: Iterable[DltResource], destination: Destination[Any, Any] | None
) -> None:
    """Fits the write disposition to the destination, which is known only when the run begins.

    Raises:
        ConfigurationError: The destination can only append: a row would be there several times.
    """
    if not destination:
        return
    capabilities = destination.capabilities()
    declared: bool | None = capabilities.supports_transactions
    if declared is None and capabilities.supports_ddl_transactions:
        # dlt leaves it open for DuckDB, PostgreSQL and others, and then executes the statements of
        # a merge one by one
        destination.caps_params["supports_transactions"] = True
        capabilities.supports_transactions = True
    if capabilities.sqlglot_dialect == "mysql":
        from .mysql import LongTexts  # it needs SQLAlchemy

        destination.caps_params["type_mapper"] = LongTexts
    strategies: dict[Any, str | None] = {}
    for resource in resources:
        if resource.name == LISTINGS:
            continue
        kind = resource.table_format
        if kind not in strategies:
            strategies[kind] = merge_strategy(capabilities, resource.compute_table_schema())
        strategy = strategies[kind]
        if strategy is None:
            raise ConfigurationError(_only_appends(destination))
        resource.apply_hints(write_disposition=_disposition(strategy))


def _only_appends(destination: Destination[Any, Any]) -> str:
    formats = destination.capabilities().supported_table_formats
    name = destination.destination_name
    if not formats:
        return (
            f"the destination {name} cannot write a row once under its key, and so would hold rows "
            "several times: choose another destination"
        )
    choice = " or ".join(f'table_format="{each}"' for each in formats)
    return (
        f"the destination {name} can only append to files without a table format, and so would "
        f"hold rows several times: run the pipeline with {choice} (the command has --table-format)"
    )


def limit_jobs(destination: Destination[Any, Any] | None, size: int) -> None:
    """Lets few tables be loaded at the same time where dlt merges them in this process.

    Args:
        destination: Where the rows are loaded to.
        size: Bytes of the rows as Arrow tables.
    """
    if destination and destination.destination_type == _DUCKLAKE:
        destination.caps_params["max_parallel_load_jobs"] = 1 if size >= _MUCH else 2


def _disposition(strategy: str) -> Any:
    # dlt's types do not know the strategy insert-only, which dlt itself does
    return {"disposition": "merge", "strategy": strategy}


def _table_resource(table: Table, base: DltResource, prefix: str) -> DltResource:
    def pick(batch: RunBatch) -> Any:
        return batch.pop(table.name, None)

    resource: DltResource = dlt.transformer(
        pick,
        data_from=base,
        name=prefix + table.name,
        write_disposition=_disposition(_STRATEGIES[0]),
        columns=column_hints(table),
        references=references(table),
    )
    description = f"{table.description} One row per {table.grain}."
    resource.apply_hints(additional_table_hints={"description": description, MERGED_DIRECTLY: True})
    return resource
