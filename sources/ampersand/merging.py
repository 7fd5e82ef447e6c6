"""Merges the rows of a file straight into their table, where the database is in this process.

dlt copies a file into a staging table and merges that into the table: each row is written,
compressed and put on the disk twice. A DuckDB in this process reads the file itself, and so once is
enough; and what it is not going to read again need not stay in its memory.
"""

import math
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import dlt
from dlt.common.destination import Destination
from dlt.common.destination.client import LoadJob, RunnableLoadJob
from dlt.common.destination.typing import PreparedTableSchema
from dlt.common.storages.load_package import ParsedLoadJobFileName
from dlt.destinations.exceptions import DatabaseException
from dlt.destinations.impl.duckdb.duck import DuckDbClient
from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient

from .resources import DISTINCT_KEYS

_CHECKPOINT = "16MB"
"""What may wait for a checkpoint: DuckDB's own default.

With the 1 GB of dlt, rows are written into the log first, and into the database at the end.
"""

_MEMORY_PER_THREAD = 128 * 1024 * 1024
"""Bytes that DuckDB may take while rows are merged; it asks for 125 MB at least.

Source: https://duckdb.org/docs/stable/guides/performance/environment
"""

_UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


def merging(destination: Destination[Any, Any]) -> Destination[Any, Any]:
    """The same destination, but for how it merges; any other than dlt's DuckDB as it is."""
    if type(destination) is not dlt.destinations.duckdb:
        return destination
    own = _MergingDuckDb()
    own.config_params = destination.config_params
    own.caps_params = destination.caps_params
    return own


class _MergingDuckDb(dlt.destinations.duckdb):
    """dlt's DuckDB, which merges files of tables with distinct keys straight into them.

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
        is_merged = table["write_disposition"] == "merge" and table.get(DISTINCT_KEYS)
        if not is_parquet or not is_merged:
            return super().create_load_job(table, file_path, load_id, restore)
        names = self.sql_client
        keys = [
            names.escape_column_name(name)
            for name, column in table["columns"].items()
            if column.get("primary_key")
        ]
        return _MergeJob(file_path, names.make_qualified_table_name(str(table["name"])), keys)


class _MergeJob(RunnableLoadJob):
    """Merges a file in one transaction. Nothing is staged, and so no job of dlt has to follow.

    Rows that are there already are replaced, as dlt does it: after a kill, a file may be merged
    once more.
    """

    _job_client: DuckDbClient

    def __init__(self, file_path: str, table: str, keys: list[str]) -> None:
        super().__init__(file_path)
        self._table = table
        self._keys = keys

    def run(self) -> None:
        client = self._job_client.sql_client
        with sparing(client) as is_limited:
            try:
                self._merge(client)
            except DatabaseException:  # DuckDB has several for what does not fit
                if not is_limited:
                    raise
                sparing.give_up(client)
                self._merge(client)

    def _merge(self, client: DuckDbSqlClient) -> None:
        rows = f"read_parquet({client.capabilities.escape_literal(self._file_path)})"
        same = " AND ".join(f"d.{key} = s.{key}" for key in self._keys)
        with client.begin_transaction():
            client.execute_sql(
                f"DELETE FROM {self._table} AS d "  # noqa: S608, own names
                f"WHERE EXISTS (SELECT 1 FROM {rows} AS s WHERE {same})"
            )
            client.execute_sql(f"INSERT INTO {self._table} BY NAME SELECT * FROM {rows}")  # noqa: S608


class _Sparing:
    """Lets databases take little memory as long as rows are merged into them.

    DuckDB keeps in memory what it has written, up to four fifths of the machine's. The limit is one
    of the whole database; whoever has set one, or brings a connection, is not interfered with.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._merges: Counter[str] = Counter()
        self._before: dict[str, int] = {}
        self._given_up: set[str] = set()

    @contextmanager
    def __call__(self, client: DuckDbSqlClient) -> Iterator[bool]:
        """A merge into the database of a client whose connection is open.

        Yields:
            Whether there is a limit.
        """
        database = _database(client)
        with self._lock:
            self._merges[database] += 1
            if self._merges[database] == 1:
                self._limit(client, database)
            is_limited = database in self._before
        try:
            yield is_limited
        finally:
            with self._lock:
                self._merges[database] -= 1
                if not self._merges[database]:
                    self._restore(client, database)

    def give_up(self, client: DuckDbSqlClient) -> None:
        """Takes the limit from a database for good: what is merged into it needs more."""
        database = _database(client)
        with self._lock:
            self._given_up.add(database)
            self._restore(client, database)

    def _limit(self, client: DuckDbSqlClient, database: str) -> None:
        credentials = client.credentials
        is_set = "memory_limit" in (credentials.global_config or {})
        if is_set or credentials.external_conn() or database in self._given_up:
            return
        settings = "SELECT current_setting('memory_limit'), current_setting('threads')"
        for before, threads in client.execute_sql(settings) or ():
            limit = _MEMORY_PER_THREAD * int(threads)
            if limit < _bytes(before):
                with suppress(DatabaseException):  # it uses more, and cannot do without
                    _set_limit(client, limit)
                    self._before[database] = _bytes(before)

    def _restore(self, client: DuckDbSqlClient, database: str) -> None:
        before = self._before.get(database)
        if before:
            _set_limit(client, before)  # it may fail while another merge has all that there is
            del self._before[database]


sparing = _Sparing()


def _database(client: DuckDbSqlClient) -> str:
    return str(Path(client.credentials.database).resolve())


def _set_limit(client: DuckDbSqlClient, size: int) -> None:
    client.execute_sql(f"SET GLOBAL memory_limit = '{size} bytes'")


def _bytes(size: str) -> int:
    """What DuckDB writes as `18.7 GiB`: the least that it writes so, or each time it got less."""
    number, name = size.split()
    whole, _, tenths = number.partition(".")
    unit = _UNITS[name]
    return int(whole) * unit + math.ceil(int(tenths or 0) * 102.4) * (unit // 1024)
