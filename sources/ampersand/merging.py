"""Merges the rows of a file straight into their table, where the database is in this process.

dlt copies a file into a staging table and merges that into the table: each row is written,
compressed and put on the disk twice. A DuckDB in this process reads the file itself, and so once is
enough; and what it is not going to read again need not stay in its memory.
"""

import math
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dlt
from dlt.common import logger
from dlt.common.destination import Destination
from dlt.common.destination.client import (
    FollowupJobRequest,
    HasFollowupJobs,
    LoadJob,
    RunnableLoadJob,
)
from dlt.common.destination.typing import PreparedTableSchema
from dlt.common.schema.utils import get_nested_tables
from dlt.common.storages.load_package import LoadJobInfo, ParsedLoadJobFileName
from dlt.destinations.exceptions import DatabaseException
from dlt.destinations.impl.duckdb.configuration import DuckDbBaseCredentials
from dlt.destinations.impl.duckdb.duck import DuckDbClient
from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient

from .exceptions import one_line
from .resources import MERGED_DIRECTLY

_CHECKPOINT = "16MB"
"""What may wait for a checkpoint: DuckDB's own default.

With the 1 GB of dlt, rows are written into the log first, and into the database at the end.
"""

_MEMORY_PER_THREAD = 128 * 1024 * 1024
"""Bytes that DuckDB may take while rows are merged; it asks for 125 MB at least.

Source: https://duckdb.org/docs/stable/guides/performance/environment
"""

_LIMITS = ("memory_limit", "max_memory")
"""How DuckDB's setting is called."""

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")

_FOR_DLT_ALONE = ("merge_key", "hard_delete", "dedup_sort")
"""Hints of columns that say how to merge, and that somebody may have added."""


def with_direct_merges(destination: Destination[Any, Any]) -> Destination[Any, Any]:
    """The same destination, but for how it merges; any other than dlt's DuckDB as it is."""
    if type(destination) is not dlt.destinations.duckdb:
        return destination
    direct = _DirectDuckDb()
    direct.config_params = destination.config_params
    direct.caps_params = {
        **destination.caps_params,
        # of two files with the same rows, one has to find those of the other
        "loader_parallelism_strategy": "table-sequential",
    }
    return direct


class _DirectDuckDb(dlt.destinations.duckdb):
    """dlt's DuckDB, which merges files of tables with the hint `MERGED_DIRECTLY` into them.

    Nothing else is different, the staging tables included: what one of the two has begun to load,
    the other can finish.
    """

    @property
    def client_class(self) -> Any:
        return _Client

    @property
    def destination_type(self) -> str:
        # pipelines keep it, and are attached to dlt's own again
        return dlt.destinations.duckdb().destination_type


class _Client(DuckDbClient):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.sql_client._global_config["checkpoint_threshold"] = _CHECKPOINT

    def create_load_job(
        self, table: PreparedTableSchema, file_path: str, load_id: str, restore: bool = False
    ) -> LoadJob:
        is_parquet = ParsedLoadJobFileName.parse(file_path).file_format == "parquet"
        if not is_parquet or not self._is_merged_directly(table):
            return super().create_load_job(table, file_path, load_id, restore)
        names = self.sql_client
        keys = [
            names.escape_column_name(name)
            for name, column in table["columns"].items()
            if column.get("primary_key")
        ]
        return _MergeJob(file_path, names.make_qualified_table_name(str(table["name"])), keys)

    def create_table_chain_completed_followup_jobs(
        self,
        table_chain: Sequence[PreparedTableSchema],
        completed_table_chain_jobs: Sequence[LoadJobInfo] | None = None,
    ) -> list[FollowupJobRequest]:
        table = table_chain[0]
        if self._is_merged_directly(table) and not self._is_staged(str(table["name"])):
            return []
        return super().create_table_chain_completed_followup_jobs(
            table_chain, completed_table_chain_jobs
        )

    def _is_merged_directly(self, table: PreparedTableSchema) -> bool:
        """Whether files are merged into a table; one with nested tables is merged with them."""
        return (
            bool(table.get(MERGED_DIRECTLY))
            and table["write_disposition"] == "merge"
            and len(get_nested_tables(self.schema.tables, str(table["name"]))) == 1
            and not any(
                column.get(hint) for column in table["columns"].values() for hint in _FOR_DLT_ALONE
            )
        )

    def _is_staged(self, table: str) -> bool:
        """Whether a staging table has rows, which dlt's own client has copied there before."""
        with self:
            _, staged = self.sql_client.get_qualified_table_names(table)
            return bool(self.sql_client.execute_sql(f"SELECT 1 FROM {staged} LIMIT 1"))  # noqa: S608


class _MergeJob(RunnableLoadJob, HasFollowupJobs):
    """Merges a file in one transaction, with the outcome that dlt's delete-insert has.

    Rows that are there already are replaced: after a kill, a file may be merged once more. Of rows
    with the same key the first is taken.
    """

    _job_client: DuckDbClient

    def __init__(self, file_path: str, table: str, keys: Sequence[str]) -> None:
        super().__init__(file_path)
        self._table = table
        self._keys = keys

    def run(self) -> None:
        client = self._job_client.sql_client
        with memory.limited(client) as limit:
            try:
                self._merge(client)
            except DatabaseException as error:  # DuckDB has several for what does not fit
                if not limit:
                    raise
                logger.warning(
                    "Rows of %s could not be merged with %d MiB for DuckDB (%s): it takes what it "
                    "wants from now on.",
                    self.load_table_name,
                    limit // 2**20,
                    one_line(str(error)),
                )
                memory.lift(client)
                self._merge(client)

    def _merge(self, client: DuckDbSqlClient) -> None:
        file = client.capabilities.escape_literal(self._file_path)
        # a folder on the way may be called `name=value`
        rows = f"read_parquet({file}, hive_partitioning = false, file_row_number = true)"
        keys = ", ".join(self._keys)
        # the hashes of keys take less memory than the keys; if none are equal, no keys are
        ((count, distinct),) = client.execute_sql(
            f"SELECT COUNT(*), COUNT(DISTINCT hash({keys})) FROM {rows}"  # noqa: S608, own names
        ) or [(0, 0)]
        condition = ""
        if distinct < count:
            first = f"SELECT MIN(file_row_number) FROM {rows} GROUP BY {keys}"  # noqa: S608
            condition = f"WHERE file_row_number IN ({first})"
        same = " AND ".join(f"d.{key} = s.{key}" for key in self._keys)
        with client.begin_transaction():
            client.execute_sql(
                f"DELETE FROM {self._table} AS d "  # noqa: S608
                f"WHERE EXISTS (SELECT 1 FROM {rows} AS s WHERE {same})"
            )
            client.execute_sql(
                f"INSERT INTO {self._table} BY NAME "  # noqa: S608
                f"SELECT * EXCLUDE (file_row_number) FROM {rows} {condition}"
            )


class _Memory:
    """Lets databases take little memory as long as rows are merged into them.

    DuckDB keeps in memory what it has written, up to four fifths of the machine's. The limit is one
    of the whole database; whoever has set one, or brings a connection, is not interfered with.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._merges: Counter[str] = Counter()
        self._limits: dict[str, int] = {}
        self._before: dict[str, int] = {}
        self._lifted: set[str] = set()

    @contextmanager
    def limited(self, client: DuckDbSqlClient) -> Iterator[int | None]:
        """A merge into the database of a client whose connection is open.

        Yields:
            The limit in bytes; None: there is none of ours.
        """
        database = _database(client)
        with self._lock:
            self._merges[database] += 1
        try:
            with self._lock:
                if database not in self._before and not self._is_left_alone(client, database):
                    self._limit(client, database)
                limit = self._limits.get(database)
            yield limit
        finally:
            with self._lock:
                self._merges[database] -= 1
                if not self._merges[database]:
                    self._restore(client, database)

    def lift(self, client: DuckDbSqlClient) -> None:
        """Takes the limit from a database for good: what is merged into it needs more."""
        database = _database(client)
        with self._lock:
            self._lifted.add(database)
            self._restore(client, database)

    def _is_left_alone(self, client: DuckDbSqlClient, database: str) -> bool:
        credentials = client.credentials
        return (
            database in self._lifted
            or credentials.external_conn() is not None
            or _sets_a_limit(credentials)
        )

    def _limit(self, client: DuckDbSqlClient, database: str) -> None:
        settings = "SELECT current_setting('memory_limit'), current_setting('threads')"
        for size, threads in client.execute_sql(settings) or ():
            before = _bytes(size)
            limit = _MEMORY_PER_THREAD * int(threads)
            if limit < before and _set(client, limit):
                self._limits[database], self._before[database] = limit, before

    def _restore(self, client: DuckDbSqlClient, database: str) -> None:
        # it may fail while another merge has all that there is, whose end it is tried at again
        if database in self._before and _set(client, self._before[database]):
            del self._limits[database], self._before[database]


memory = _Memory()


def _set(client: DuckDbSqlClient, limit: int) -> bool:
    """Sets the limit of a database; returns whether that could be done."""
    try:
        client.execute_sql(f"SET GLOBAL memory_limit = '{limit} bytes'")
    except DatabaseException:  # it has more in use
        return False
    return True


def _sets_a_limit(credentials: DuckDbBaseCredentials) -> bool:
    """Whether somebody has configured one."""
    told = [
        *(credentials.global_config or ()),
        *(credentials.local_config or ()),
        *(credentials.pragmas or ()),
        *(credentials.statements or ()),
    ]
    return any(name in text.casefold() for text in told for name in _LIMITS)


def _database(client: DuckDbSqlClient) -> str:
    return str(Path(client.credentials.database).resolve())


def _bytes(size: str) -> int:
    """What DuckDB writes as `18.7 GiB`: the least that it writes so, or each time it got less."""
    number, name = size.split()
    whole, _, rest = number.partition(".")
    unit: int = 1024 ** _UNITS.index(name)
    return int(whole) * unit + math.ceil(float(f"0.{rest or 0}") * 1024) * (unit // 1024)
