"""What the destination already has: read from the ledger before a run.

A run counts once its load package is complete, which dlt says in `_dlt_loads` (status 0).
"""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from dlt.common import logger
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.schema.typing import LOADS_TABLE_NAME
from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.destinations.sql_client import SqlClientBase
from dlt.pipeline.pipeline import Pipeline

from .declaration import Table
from .exceptions import AmpersandError
from .platform_tables import COLLECTION_ENTRIES, OPERATIONS
from .tables import (
    COLLECTION_LISTINGS,
    EXTRACTION_RUNS,
    LISTING_INTEGRATIONS,
    MODEL_VERSION,
    PROJECT_LISTINGS,
    PROJECTS,
    TABLES_BY_NAME,
)

REBUILD_SCOPE = "rebuild"
MANIFESTS_SCOPE = "manifests"
"""Scope of runs that loaded manifests from files; what they list is declared, and not deployed."""

_MOST_VALUES = 1_000
"""Values in a query at most: SQL Server takes 2,100 parameters, BigQuery 10,000."""


@dataclass(frozen=True)
class Committed:
    """What earlier runs have loaded.

    Attributes:
        listing_keys: Latest listing of each project, by project id.
        selections: Tables that hold all rows of that listing, made by this model.
        integrations: Number of integrations in that listing.
        tables: Tables that some run has made.
        project_ids: Id of the project that had a name last, by name in lower case.
        listed_by: (project id, credential) of every listing.
        last_run_id: Latest run; empty: none.
        model_is_current: Whether all rows were made by this version of the model.
        dropped: Tables that were there and are there no more.
    """

    listing_keys: Mapping[str, str] = field(default_factory=dict)
    selections: Mapping[str, frozenset[str]] = field(default_factory=dict)
    integrations: Mapping[str, int] = field(default_factory=dict)
    tables: frozenset[str] = frozenset()
    project_ids: Mapping[str, str] = field(default_factory=dict)
    listed_by: frozenset[tuple[str, str]] = frozenset()
    last_run_id: str = ""
    model_is_current: bool = True
    dropped: tuple[str, ...] = ()

    def loaded_listing(self, project_id: str, selection: frozenset[str]) -> str | None:
        """Key of the project's latest listing, where all selected tables have its rows."""
        is_whole = self.selections.get(project_id, frozenset()) >= selection
        return self.listing_keys.get(project_id) if self.model_is_current and is_whole else None

    def refuse_dropped(self) -> None:
        """Raises an error where the load would fail.

        Raises:
            TablesDropped: Tables are gone that dlt takes to be there.
        """
        if self.dropped:
            raise TablesDropped(
                f"somebody dropped {', '.join(self.dropped)}; dlt does not make tables a second "
                "time: run `ampersand rebuild` (in Python: ampersand.rebuild(pipeline)), which "
                "does, and fills them from the stored content"
            )

    def next_run_id(self) -> str:
        """An id that sorts after those of all earlier runs, even if the clock was set back."""
        now = time.time_ns() // 1000
        last = int(self.last_run_id.partition("-")[0] or 0)
        return f"{max(now, last + 1):016d}-{token_hex(3)}"


@dataclass(frozen=True)
class KnownListing:
    """The latest listing of a collection.

    Attributes:
        listing_key: Its key.
        selection: Tables that hold all rows of it.
    """

    listing_key: str
    selection: frozenset[str]


@dataclass(frozen=True)
class KnownOperations:
    """What is loaded of an installation's operations.

    Attributes:
        until: When the latest of them was created.
        ids: Ids of those that were created then.
    """

    until: datetime
    ids: frozenset[str]

    def has(self, operation_id: str, created: datetime | None) -> bool:
        """Whether an operation is among them, by its id and when it was created."""
        if created is None:
            return False
        return created < self.until or (created == self.until and operation_id in self.ids)


@dataclass(frozen=True)
class CommittedCollections:
    """What earlier runs have loaded of all that is no integration.

    Attributes:
        listings: By id of the project and name of the collection.
        operations: By ids of the project and of the installation.
        running: When each operation was created that was not over when it was last seen, by ids of
            the project and of the operation.
    """

    listings: Mapping[tuple[str, str], KnownListing] = field(default_factory=dict)
    operations: Mapping[tuple[str, str], KnownOperations] = field(default_factory=dict)
    running: Mapping[tuple[str, str], datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Declared:
    """What earlier runs have loaded of manifests.

    Attributes:
        runs: (run id, project id) of each listing, also of those that could not be read.
        listing_keys: Latest listing of each project, by project id.
        revision_keys: Revisions that have all their rows.
    """

    runs: frozenset[tuple[str, str]] = frozenset()
    listing_keys: Mapping[str, str] = field(default_factory=dict)
    revision_keys: frozenset[str] = frozenset()


class TablesDropped(AmpersandError):
    """Tables are gone that dlt takes to be there, so that nothing could be loaded."""


def own_schema(pipeline: Pipeline) -> str:
    """Name of the dlt schema that holds our tables; empty, which means its default: none yet."""
    for name in pipeline.schema_names:
        if EXTRACTION_RUNS.name in pipeline.schemas[name].tables:
            return name
    return ""


def read_committed(pipeline: Pipeline) -> Committed:
    """Asks the destination what earlier runs have loaded.

    A pipeline without a destination has loaded nothing. Where the destination cannot be asked,
    nothing counts as loaded either, so that everything is loaded again.
    """
    if not pipeline.destination:
        return Committed()
    dropped: tuple[str, ...] = ()
    try:
        schema_name = own_schema(pipeline)
        with pipeline.destination_client(schema_name) as client:
            if isinstance(client, SqlJobClientBase):
                dropped = _dropped_tables(client)
                return _read(client.sql_client, dropped)
        with pipeline.sql_client(schema_name) as sql_client:
            return _read(sql_client)
    except DestinationUndefinedEntity:
        return Committed(dropped=dropped)
    except ConfigurationException:
        raise  # the load would stop at it as well, after all the work
    except Exception as error:
        logger.warning(
            "The destination could not be asked what it has already (%s); everything is loaded "
            "again, which is slower and harms nothing.",
            type(error).__name__,
        )
        return Committed()


def read_declared(
    pipeline: Pipeline, project_ids: Collection[str], selection: frozenset[str]
) -> Declared:
    """Asks the destination what earlier runs have loaded of manifests.

    Args:
        pipeline: The pipeline that loads.
        project_ids: Ids of the projects that they are declared for.
        selection: Tables that are wanted now: a revision counts as loaded if all had its rows.
    """
    try:
        with pipeline.sql_client(own_schema(pipeline)) as client:
            return _read_declared(client, tuple(project_ids), selection)
    except DestinationUndefinedEntity:
        return Declared()


def _read_declared(
    client: SqlClientBase[Any], project_ids: tuple[str, ...], selection: frozenset[str]
) -> Declared:
    qualified = client.make_qualified_table_name
    places = ", ".join(["%s"] * len(project_ids))
    listed = client.execute_sql(
        f"{_runs(client)} "  # noqa: S608, own names
        "SELECT p.run_id, p.project_id, p.outcome, p.listing_key, r.selection, r.model_version "
        f"FROM {qualified(PROJECT_LISTINGS.name)} p JOIN runs r ON r.run_id = p.run_id "
        f"WHERE r.scope = %s AND p.project_id IN ({places}) ORDER BY p.run_id",
        MANIFESTS_SCOPE,
        *project_ids,
    )
    rows = list(listed or ())
    whole = {
        listing_key
        for *_, listing_key, selected, model_version in rows
        if listing_key and model_version == MODEL_VERSION and _names(selected) >= selection
    }
    found: list[Any] = []
    if whole:
        found = [
            row
            for row in client.execute_sql(
                "SELECT listing_key, revision_key "  # noqa: S608, own names
                f"FROM {qualified(LISTING_INTEGRATIONS.name)} WHERE project_id IN ({places})",
                *project_ids,
            )
            or ()
            if row[0] in whole
        ]
    return Declared(
        runs=frozenset((run_id, project_id) for run_id, project_id, *_ in rows),
        listing_keys={
            project_id: listing_key
            for _, project_id, outcome, listing_key, *_ in rows
            if outcome != "failed"
        },
        revision_keys=frozenset(revision_key for _, revision_key in found if revision_key),
    )


def revisions_of(pipeline: Pipeline, listing_keys: Collection[str]) -> frozenset[str]:
    """Keys of the revisions in listings; where the destination cannot be asked, none."""
    return _keys_of(pipeline, LISTING_INTEGRATIONS, "revision_key", listing_keys)


def entries_of(pipeline: Pipeline, listing_keys: Collection[str]) -> frozenset[str]:
    """Keys of the entries in listings of collections; as above."""
    return _keys_of(pipeline, COLLECTION_ENTRIES, "entry_key", listing_keys)


def _keys_of(
    pipeline: Pipeline, table: Table, column: str, listing_keys: Collection[str]
) -> frozenset[str]:
    try:
        with pipeline.sql_client(own_schema(pipeline)) as client:
            query = (
                f"SELECT {column} FROM {client.make_qualified_table_name(table.name)} "  # noqa: S608, own name
                f"WHERE {column} IS NOT NULL AND listing_key"
            )
            return frozenset(key for (key,) in _rows_of(client, query, listing_keys))
    except Exception as error:
        logger.warning(
            "The destination could not be asked what it has of the last listings (%s); all is "
            "loaded again, which is slower and harms nothing.",
            type(error).__name__,
        )
        return frozenset()


def _rows_of(
    client: SqlClientBase[Any], query: str, values: Collection[str]
) -> Iterator[Sequence[Any]]:
    """The rows of a query that ends with what is to be one of some values, asked for in parts."""
    all_values = list(values)
    for start in range(0, len(all_values), _MOST_VALUES):
        part = all_values[start : start + _MOST_VALUES]
        places = ", ".join(["%s"] * len(part))
        yield from client.execute_sql(f"{query} IN ({places})", *part) or ()


def runs_of_operations(pipeline: Pipeline, operation_keys: Collection[str]) -> dict[str, str]:
    """The run that saw each operation in its state, by key, of those that count; as above."""
    try:
        with pipeline.sql_client(own_schema(pipeline)) as client:
            query = (
                f"{_runs(client)} SELECT o.operation_key, o.run_id "  # noqa: S608, own names
                f"FROM {client.make_qualified_table_name(OPERATIONS.name)} o "
                "JOIN runs r ON r.run_id = o.run_id WHERE o.operation_key"
            )
            rows = _rows_of(client, query, operation_keys)
            return {key: run_id for key, run_id in rows}  # noqa: C416, for the types
    except DestinationUndefinedEntity:
        return {}
    except Exception as error:
        logger.warning(
            "The destination could not be asked which operations it has (%s); until this run is "
            "loaded, those that it reads again may be missing.",
            type(error).__name__,
        )
        return {}


def read_collections(pipeline: Pipeline, *, with_operations: bool) -> CommittedCollections:
    """Asks the destination what earlier runs have loaded of all that is no integration.

    Where it cannot be asked, nothing counts as loaded, so that everything is loaded again.

    Args:
        pipeline: The pipeline.
        with_operations: Whether operations are wanted.
    """
    if not pipeline.destination:
        return CommittedCollections()
    try:
        with pipeline.sql_client(own_schema(pipeline)) as client:
            listings = _listings_of_collections(client)
            if not with_operations:
                return CommittedCollections(listings)
            try:
                return CommittedCollections(listings, *_operations(client))
            except DestinationUndefinedEntity:
                return CommittedCollections(listings)
    except DestinationUndefinedEntity:
        return CommittedCollections()
    except Exception as error:
        logger.warning(
            "The destination could not be asked what it has of installations and the like (%s); "
            "everything is loaded again, which is slower and harms nothing.",
            type(error).__name__,
        )
        return CommittedCollections()


def _listings_of_collections(client: SqlClientBase[Any]) -> dict[tuple[str, str], KnownListing]:
    table = client.make_qualified_table_name(COLLECTION_LISTINGS.name)
    rows = client.execute_sql(
        f"""
        {_runs(client)}
        SELECT c.project_id, c.collection, c.listing_key, r.selection
        FROM (
            SELECT p.project_id, p.collection, MAX(p.run_id) AS run_id
            FROM {table} p JOIN runs r ON r.run_id = p.run_id
            WHERE p.outcome IN ('listed', 'unchanged') AND p.listing_key IS NOT NULL
            GROUP BY p.project_id, p.collection
        ) n
        JOIN {table} c ON c.project_id = n.project_id AND c.collection = n.collection
            AND c.run_id = n.run_id
        JOIN {table} p ON p.project_id = c.project_id AND p.collection = c.collection
            AND p.listing_key = c.listing_key AND p.outcome = 'listed'
        JOIN runs r ON r.run_id = p.run_id AND r.model_version = {MODEL_VERSION}
        GROUP BY c.project_id, c.collection, c.listing_key, r.selection
        """  # noqa: S608, own names
    )
    found: dict[tuple[str, str], KnownListing] = {}
    for project_id, collection, listing_key, selection in rows or ():
        before = found.get((project_id, collection))
        names = _names(selection) | (before.selection if before else frozenset())
        found[project_id, collection] = KnownListing(listing_key, names)
    return found


def _operations(
    client: SqlClientBase[Any],
) -> tuple[dict[tuple[str, str], KnownOperations], dict[tuple[str, str], datetime]]:
    """What is loaded of operations, up to the last run that read all that was new of a project's.

    What runs before it loaded that failed, or were never committed, it has read as well; its row
    may tell the earlier run all the same, where a destination does not change rows that are there.
    """
    operations = client.make_qualified_table_name(OPERATIONS.name)
    listings = client.make_qualified_table_name(COLLECTION_LISTINGS.name)
    common = f"""
        {_runs(client)},
        counting AS (
            SELECT o.installation_id, o.operation_id, o.project_id, o.create_time, o.status,
                o.run_id
            FROM {operations} o
            JOIN (
                SELECT p.project_id, MAX(p.run_id) AS run_id
                FROM {listings} p JOIN runs r ON r.run_id = p.run_id
                WHERE p.collection = 'operations' AND p.outcome IN ('listed', 'unchanged')
                GROUP BY p.project_id
            ) l ON l.project_id = o.project_id AND l.run_id >= o.run_id
        )
    """  # noqa: S608, own names
    latest = client.execute_sql(
        f"""
        {common}
        SELECT DISTINCT c.project_id, c.installation_id, c.operation_id, c.create_time
        FROM counting c
        JOIN (
            SELECT project_id, installation_id, MAX(create_time) AS create_time
            FROM counting GROUP BY project_id, installation_id
        ) m ON m.project_id = c.project_id AND m.installation_id = c.installation_id
            AND m.create_time = c.create_time
        """  # noqa: S608, own names
    )
    ids: dict[tuple[str, str, datetime], set[str]] = {}
    for project_id, installation_id, operation_id, created in latest or ():
        ids.setdefault((project_id, installation_id, _utc(created)), set()).add(operation_id)
    running = client.execute_sql(
        f"""
        {common}
        SELECT c.operation_id, c.project_id, c.create_time
        FROM counting c
        JOIN (
            SELECT project_id, operation_id, MAX(run_id) AS run_id
            FROM counting GROUP BY project_id, operation_id
        ) m ON m.project_id = c.project_id AND m.operation_id = c.operation_id
            AND m.run_id = c.run_id
        WHERE c.status = 'in_progress' AND c.create_time IS NOT NULL
        """  # noqa: S608, own names
    )
    return (
        {
            (project_id, installation_id): KnownOperations(until, frozenset(operation_ids))
            for (project_id, installation_id, until), operation_ids in ids.items()
        },
        {
            (project_id, operation_id): _utc(created)
            for operation_id, project_id, created in running or ()
        },
    )


def _utc(moment: datetime | str) -> datetime:
    """A time from the destination, some of which give it without a zone, SQLite as a text."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def needs_rebuild(pipeline: Pipeline) -> bool:
    """Whether `rebuild` has something to mend.

    That is so where an older version of the model made the rows, or somebody dropped a table.
    """
    committed = read_committed(pipeline)
    return bool(committed.dropped) or not committed.model_is_current


def _dropped_tables(client: SqlJobClientBase) -> tuple[str, ...]:
    """Tables that dlt has made and that are not there.

    It does not make them again: it compares versions of schemas, and this one it has stored.
    """
    known = sorted(TABLES_BY_NAME.keys() & client.schema.tables.keys())
    if not known:
        return ()
    gone = [name for name, columns in client.get_storage_tables(known) if not columns]
    if gone and client.get_stored_schema_by_hash(client.schema.stored_version_hash) is None:
        return ()  # the dataset is new, or older than the pipeline's schema; dlt makes them
    return tuple(gone)


def _runs(client: SqlClientBase[Any]) -> str:
    """The beginning of a query: the runs that count."""
    return f"""
        WITH runs AS (
            SELECT r.run_id, r.scope, r.selection, r.model_version
            FROM {client.make_qualified_table_name(EXTRACTION_RUNS.name)} r
            WHERE r._dlt_load_id IN (
                SELECT l.load_id FROM {client.make_qualified_table_name(LOADS_TABLE_NAME)} l
                WHERE l.status = 0
            )
        )
    """  # noqa: S608, own names


def _read(client: SqlClientBase[Any], dropped: tuple[str, ...] = ()) -> Committed:
    """Asks for little, however many runs the ledger holds: the database does the counting."""
    qualified = {
        table.name: client.make_qualified_table_name(table.name)
        for table in (EXTRACTION_RUNS, PROJECT_LISTINGS, PROJECTS)
    }
    common = _runs(client)
    listed = (
        f"{qualified['project_listings']} p JOIN runs r ON r.run_id = p.run_id "
        f"WHERE p.outcome IN ('listed', 'unchanged') AND r.scope <> '{MANIFESTS_SCOPE}'"
    )

    def rows(sql: str, *parameters: str) -> list[Any]:
        return list(client.execute_sql(common + sql, *parameters) or [])

    runs = rows(
        "SELECT selection, model_version, CASE WHEN scope = %s THEN 1 ELSE 0 END, MAX(run_id) "
        "FROM runs GROUP BY 1, 2, 3",
        REBUILD_SCOPE,
    )
    seen = rows(
        f"SELECT p.project_id, p.credential, p.project_key, MAX(p.run_id) FROM {listed} "  # noqa: S608
        "GROUP BY p.project_id, p.credential, p.project_key ORDER BY 4"
    )
    latest = rows(
        "SELECT c.project_id, c.listing_key, c.integrations, r.selection, r.model_version, "  # noqa: S608
        "MAX(r.run_id) "
        f"FROM (SELECT p.project_id, MAX(p.run_id) AS run_id FROM {listed} GROUP BY 1) n "
        f"JOIN {qualified['project_listings']} c "
        "ON c.project_id = n.project_id AND c.run_id = n.run_id "
        f"LEFT JOIN {qualified['project_listings']} p ON p.project_id = c.project_id "
        "AND p.listing_key = c.listing_key AND p.outcome = 'listed' "
        "LEFT JOIN runs r ON r.run_id = p.run_id GROUP BY 1, 2, 3, 4, 5"
    )
    rebuilt = max((run_id for _, _, is_rebuild, run_id in runs if is_rebuild), default="")
    selections: dict[str, frozenset[str]] = {}
    for project_id, _, _, selection, model_version, run_id in latest:
        # a rebuild makes what content tells; the rest, or a table that was dropped, it does not
        if model_version == MODEL_VERSION and run_id > rebuilt:
            selections[project_id] = selections.get(project_id, frozenset()) | _names(selection)
    tables = frozenset[str]().union(*(_names(selection) for selection, *_ in runs))
    tables -= frozenset(dropped)
    names = {}
    if PROJECTS.name in tables:
        names = dict(
            rows(
                f"SELECT project_key, LOWER(name) FROM {qualified['projects']} "  # noqa: S608
                "WHERE name IS NOT NULL"
            )
        )
    return Committed(
        listing_keys={project_id: listing_key for project_id, listing_key, *_ in latest},
        selections=selections,
        integrations={project_id: number for project_id, _, number, *_ in latest},
        tables=tables,
        # a name may have passed from one project to another: the later one has it
        project_ids={names[key]: project_id for project_id, _, key, _ in seen if key in names},
        listed_by=frozenset((project_id, credential) for project_id, credential, *_ in seen),
        last_run_id=max((run_id for *_, run_id in runs), default=""),
        model_is_current=_model_is_current(runs),
        dropped=dropped,
    )


def _names(selection: str | None) -> frozenset[str]:
    return frozenset((selection or "").split())


def _model_is_current(runs: list[Any]) -> bool:
    """Whether no run of an older model came after the last rebuild by this model."""
    older = max((run_id for _, model, _, run_id in runs if model < MODEL_VERSION), default="")
    rebuilt = [
        run_id for _, model, is_rebuild, run_id in runs if is_rebuild and model == MODEL_VERSION
    ]
    return older <= max(rebuilt, default="")
