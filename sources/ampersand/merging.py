"""Merges the rows of a file straight into their table, where the database is in this process.

dlt copies a file into a staging table and merges that into the table: each row is written,
compressed and put on the disk twice. A DuckDB in this process reads the file itself, and so once is
enough.
"""

from collections.abc import Sequence
from typing import Any

import dlt
from dlt.common import logger
from dlt.common.destination import Destination, TLoaderFileFormat
from dlt.common.destination.capabilities import DestinationCapabilitiesContext
from dlt.common.destination.client import (
    FollowupJobRequest,
    HasFollowupJobs,
    LoadJob,
    RunnableLoadJob,
)
from dlt.common.destination.typing import PreparedTableSchema
from dlt.common.normalizers.naming import NamingConvention
from dlt.common.schema.typing import TTableSchema
from dlt.common.schema.utils import get_nested_tables
from dlt.common.storages.load_package import LoadJobInfo, ParsedLoadJobFileName
from dlt.destinations.exceptions import DatabaseException
from dlt.destinations.impl.duckdb.duck import DuckDbClient
from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient

from .duckdb_limits import MERGES_AT_ONCE, limits
from .exceptions import one_line
from .resources import MERGED_DIRECTLY

_CHECKPOINT = "16MB"
"""What may wait for a checkpoint: DuckDB's own default.

With the 1 GB of dlt, rows are written into the log first, and into the database at the end.
"""

_FOR_DLT_ALONE = ("merge_key", "hard_delete", "dedup_sort")
"""Hints of columns that say how to merge, and that somebody may have added."""


def with_direct_merges(destination: Destination[Any, Any]) -> Destination[Any, Any]:
    """The same destination, but for how it merges; any other than dlt's DuckDB as it is."""
    if type(destination) is not dlt.destinations.duckdb:
        return destination
    # of the given one as well: an argument of `pipeline.run()` is what loads in the end
    destination.caps_params.setdefault("supports_transactions", True)
    direct = _DirectDuckDb()
    direct.config_params = destination.config_params
    direct.caps_params = {
        "loader_file_format_selector": _file_format,
        "max_parallel_load_jobs": MERGES_AT_ONCE,
        **destination.caps_params,
    }
    if direct.caps_params.get("loader_parallelism_strategy") != "sequential":
        # of two files with the same rows, one has to find those of the other
        direct.caps_params["loader_parallelism_strategy"] = "table-sequential"
    return direct


def _file_format(
    preferred: TLoaderFileFormat,
    supported: Sequence[TLoaderFileFormat],
    /,
    *,
    table_schema: TTableSchema,
) -> tuple[TLoaderFileFormat, Sequence[TLoaderFileFormat]]:
    """The format of a table's files, unless one is configured: what can be merged directly."""
    return "parquet" if table_schema.get(MERGED_DIRECTLY) else preferred, supported


class _DirectDuckDb(dlt.destinations.duckdb):
    """dlt's DuckDB, which merges files of tables with the hint `MERGED_DIRECTLY` into them.

    Nothing else is different, the staging tables included: what one of the two has begun to load,
    the other can finish.
    """

    @property
    def client_class(self) -> Any:
        return _Client

    def capabilities(
        self, config: Any = None, naming: NamingConvention | None = None
    ) -> DestinationCapabilitiesContext:
        # DuckDB's do not depend on the configuration, which dlt would resolve each time
        return super().capabilities(config or self.spec(), naming)

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
        if self._is_merged_directly(table):
            jobs = {job.job_file_info.job_id() for job in completed_table_chain_jobs or ()}
            # to ask the database takes a new connection, and is needed after an interruption alone
            if jobs <= _merged or not self._is_staged(str(table["name"])):
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


_merged: set[str] = set()
"""Ids of the jobs whose files this process has merged; each file has another."""


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
        with limits.during_merge(client) as limit:
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
                limits.lift(client)
                self._merge(client)
        _merged.add(self.job_id())

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
