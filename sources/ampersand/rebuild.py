"""Make all rows again from the stored content, history included and without the API.

The new rows are loaded beside the old ones, then swapped in one transaction together with the
ledger's row that says so. A reader sees the old rows or the new ones; after a kill, the old ones.
"""

import json
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dlt
from dlt.common import logger
from dlt.common.destination import Destination
from dlt.common.utils import uniq_id
from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.destinations.sql_client import SqlClientBase
from dlt.extract import DltResource
from dlt.pipeline.pipeline import Pipeline
from dlt.version import __version__ as dlt_version

from .declaration import Column, ContentHash, Derived, Path, Present, Table
from .exceptions import AmpersandError, one_line
from .extraction import RunBatch
from .ledger import REBUILD_SCOPE, Committed, own_schema, read_committed
from .normalize import StoredRevision, arrow_schema, normalize_revisions
from .pending import settle
from .resources import LISTINGS, choose_strategy, table_resources
from .tables import (
    CONTENT_TABLES,
    EXTRACTION_RUNS,
    MODEL_VERSION,
    REVISION_CHILDREN,
    REVISION_UNMAPPED_PROPERTIES,
    REVISIONS,
)

_PREFIX = "rebuilt_"
_CHUNK = 5000
"""Revisions read and normalised at a time."""

_REBUILT = (REVISIONS, *REVISION_CHILDREN)
_IN_CONTENT = (
    " AND (json_path = '$.latestRevision.content' OR json_path LIKE '$.latestRevision.content.%'"
    " OR json_path LIKE '$.latestRevision.content[%')"
)


class RebuildFailed(AmpersandError):
    """The rows could not be made again; those of the older model are as they were."""


def rebuild(pipeline: Pipeline) -> int:
    """Makes the rows of every stored revision again with this version of the model.

    Tables that somebody dropped are made as well. Of what is no part of a revision's content the
    next run loads what is there now.

    Args:
        pipeline: The pipeline that loaded `ampersand_source()`. What an interrupted run left
            pending is loaded first.

    Returns:
        Number of revisions.

    Raises:
        RebuildFailed: There is nothing to rebuild, or the destination refused.
    """
    try:
        with pipeline.destination_client(own_schema(pipeline)) as client:
            if not isinstance(client, SqlJobClientBase):
                raise RebuildFailed(
                    f"the destination {pipeline.destination.destination_name} has no transactions, "
                    "in which rows could be swapped; load into a new dataset, and keep this one "
                    "for its history"
                )
        dropped = _make_dropped_tables(pipeline)
        settle(pipeline)
        while pipeline.has_pending_data:
            pipeline.run()
        committed = read_committed(pipeline)
        tables = [table for table in _REBUILT if table.name in committed.tables]
        if REVISIONS not in tables:
            if dropped:
                return 0
            raise RebuildFailed(
                "nothing to rebuild: the dataset has no table revisions that counts"
            )
        logger.info("All rows are made again from the stored content (model %d).", MODEL_VERSION)
        return _rebuild(pipeline, committed, tables)
    except AmpersandError:
        raise
    except Exception as error:
        raise RebuildFailed(
            f"the rows could not be made again ({type(error).__name__}: {one_line(str(error))}); "
            "they are as they were"
        ) from error


def _make_dropped_tables(pipeline: Pipeline) -> tuple[str, ...]:
    """Makes tables again that somebody dropped, empty; returns their names."""
    dropped = read_committed(pipeline).dropped
    if dropped:
        logger.warning("Tables that were dropped are made again: %s.", ", ".join(dropped))
        with pipeline.destination_client(own_schema(pipeline)) as client:
            client.update_stored_schema(only_tables=dropped, force=True)
    return dropped


def _rebuild(pipeline: Pipeline, committed: Committed, tables: list[Table]) -> int:
    started_at = datetime.now(UTC)
    # dlt adds to the tables what this version of the model declares and an older one did not
    pipeline.run(_declared_tables(committed.tables, pipeline.destination))
    beside = dlt.pipeline(
        f"{pipeline.pipeline_name}_rebuild",
        destination=pipeline.destination,
        dataset_name=pipeline.dataset_name,
        pipelines_dir=pipeline.pipelines_dir,
    )
    beside.config.restore_from_destination = False  # its state is of no further use
    try:
        beside.drop()
        info = beside.run(_rebuilt_rows(pipeline))
        with pipeline.sql_client(own_schema(pipeline)) as client:
            count = _swap(
                client,
                [table.name for table in tables],
                [
                    committed.next_run_id(),
                    REBUILD_SCOPE,
                    " ".join(sorted(table.name for table in tables)),
                    started_at,
                    MODEL_VERSION,
                    json.dumps({"dlt": dlt_version, "python": platform.python_version()}),
                    0,
                    0,
                    "{}",
                    info.loads_ids[0],
                    uniq_id(),
                ],
            )
        with beside.destination_client() as job_client:
            if isinstance(job_client, SqlJobClientBase):
                job_client.drop_tables(*(_PREFIX + table.name for table in _REBUILT))
    finally:
        beside.drop()
        pipeline.activate()
    return count


@dlt.source(name="ampersand", section="ampersand", max_table_nesting=0)
def _declared_tables(
    existing: frozenset[str], destination: Destination[Any, Any] | None
) -> list[DltResource]:
    tables = [table for table in CONTENT_TABLES if table.name in existing]

    def batches() -> Iterator[RunBatch]:
        yield {table.name: arrow_schema(table.name).empty_table() for table in tables}

    resources = table_resources(batches, tables)
    choose_strategy(resources, destination)
    return resources


@dlt.source(name="ampersand_rebuild", section="ampersand", max_table_nesting=0)
def _rebuilt_rows(pipeline: Pipeline) -> list[DltResource]:
    def batches() -> Iterator[RunBatch]:
        yield {table.name: arrow_schema(table.name).empty_table() for table in _REBUILT}
        with pipeline.sql_client(own_schema(pipeline)) as client:
            name = client.make_qualified_table_name(REVISIONS.name)
            with client.execute_query(f"SELECT revision_key, content FROM {name}") as cursor:  # noqa: S608
                while rows := cursor.fetchmany(_CHUNK):
                    yield dict(normalize_revisions([StoredRevision.read(*row) for row in rows]))

    resources = table_resources(batches, _REBUILT, prefix=_PREFIX)
    for resource in resources:
        if resource.name != LISTINGS:
            resource.apply_hints(write_disposition="replace")
    return resources


def _is_of_content(column: Column) -> bool:
    """Whether a column of `revisions` is made from the content, which itself stays."""
    origin = column.origin
    if isinstance(origin, Derived):
        return _is_of_content(REVISIONS.column(origin.column))
    if isinstance(origin, Path | Present):
        return origin.by_kind["revision"].startswith("content.")
    return isinstance(origin, ContentHash)


def _swap(client: SqlClientBase[Any], tables: list[str], run: list[Any]) -> int:
    """Replaces the old rows by the new ones and writes the ledger, in one transaction."""
    qualified = client.make_qualified_table_name
    rebuilt = qualified(_PREFIX + REVISIONS.name)
    with client.begin_transaction():
        for name in tables:
            old, new = qualified(name), qualified(_PREFIX + name)
            if name == REVISIONS.name:
                assignments = ", ".join(
                    f"{column.name} = n.{column.name}"
                    for column in REVISIONS.columns
                    if _is_of_content(column)
                )
                client.execute_sql(
                    f"UPDATE {old} SET {assignments} FROM {new} AS n "  # noqa: S608, own names
                    f"WHERE {old}.revision_key = n.revision_key"
                )
                continue
            only = _IN_CONTENT if name == REVISION_UNMAPPED_PROPERTIES.name else ""
            client.execute_sql(
                f"DELETE FROM {old} WHERE revision_key IN "  # noqa: S608, own names
                f"(SELECT revision_key FROM {rebuilt}){only}"
            )
            columns = ", ".join(arrow_schema(name).names)
            client.execute_sql(f"INSERT INTO {old} ({columns}) SELECT {columns} FROM {new}")  # noqa: S608
        columns = ", ".join(
            [*(column.name for column in EXTRACTION_RUNS.columns), "_dlt_load_id", "_dlt_id"]
        )
        places = ", ".join(["%s"] * len(run))
        client.execute_sql(
            f"INSERT INTO {qualified(EXTRACTION_RUNS.name)} ({columns}) VALUES ({places})",  # noqa: S608
            *run,
        )
        counted = client.execute_sql(f"SELECT COUNT(*) FROM {rebuilt}")  # noqa: S608
        return int(counted[0][0]) if counted else 0
