"""The SQL that dlt makes for a destination, without a connection to one."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dlt import destinations
from dlt.common.destination import Destination
from dlt.common.schema import Schema
from dlt.destinations.job_client_impl import SqlJobClientBase

from ampersand import ampersand_source, finish
from ampersand.resources import choose_strategy
from ampersand.tables import TABLES

from .warehouses import DATASET

DESTINATIONS: Mapping[str, type[Destination[Any, Any]]] = {
    "bigquery": destinations.bigquery,
    "databricks": destinations.databricks,
    "redshift": destinations.redshift,
    "snowflake": destinations.snowflake,
}
"""Those whose SQL is generated and not run."""

CATALOG = "warehouse"
"""What the dataset is in: a catalog, a database or, on BigQuery, a project."""

_CREDENTIALS: Mapping[str, Mapping[str, str]] = {
    "bigquery": {"project_id": CATALOG, "private_key": "none", "client_email": "none"},
    "databricks": {
        "catalog": CATALOG,
        "server_hostname": "databricks.invalid",
        "http_path": "none",
        "access_token": "none",
    },
    "redshift": {
        "database": CATALOG,
        "host": "redshift.invalid",
        "username": "none",
        "password": "none",
    },
    "snowflake": {"database": CATALOG, "host": "none", "username": "none", "password": "none"},
}

_FILE = "/folder/{table}.0123456789.0.parquet"
"""A file of rows, as dlt would name it."""


def strategies(destination: Destination[Any, Any]) -> dict[str, str]:
    """The merge strategy of each table, as a run into the destination chooses it."""
    source = ampersand_source(api_key="any")
    choose_strategy(source.resources.values(), destination)
    return {
        table.name: source.resources[table.name].compute_table_schema()["x-merge-strategy"]  # type: ignore[typeddict-item]
        for table in TABLES
    }


@dataclass
class Sent:
    """What would be sent to a destination.

    Attributes:
        statements: The statements.
        in_transaction: Whether they are in one.
    """

    statements: list[str] = field(default_factory=list)
    in_transaction: bool = False


class Generated:
    """What dlt would send to a destination.

    Args:
        name: The destination.
        schema: The schema that a load makes, whatever it is loaded into.
    """

    def __init__(self, name: str, schema: Schema) -> None:
        destination = DESTINATIONS[name](credentials=dict(_CREDENTIALS[name]))
        self._schema = schema.clone()
        for table, strategy in strategies(destination).items():
            self._schema.tables[table]["x-merge-strategy"] = strategy  # type: ignore[typeddict-unknown-key]
        configuration = destination.spec()._bind_dataset_name(DATASET)
        client = destination.client(self._schema, configuration)
        assert isinstance(client, SqlJobClientBase)
        self._client: Any = client

    def tables(self) -> Iterator[str]:
        """The statements that make the tables."""
        for table in TABLES:
            columns = list(self._schema.get_table_columns(table.name).values())
            yield from self._client._get_table_update_sql(table.name, columns, False)

    def merges(self) -> Iterator[str]:
        """The statements that copy rows into staging tables, where SQL does it, and merge them."""
        for table in TABLES:
            yield from self._copies(table.name)
            (job,) = self._client._create_merge_followup_jobs(
                [self._client.prepare_load_table(table.name)]
            )
            for line in Path(job.new_file_path()).read_text(encoding="utf-8").splitlines():
                yield re.sub(" +", " ", line).strip(" ;")

    def views(self) -> Sent:
        """What `create_views` would send, where all tables are there."""
        sent = self._listen()
        existing = frozenset({"_dlt_loads", *(table.name for table in TABLES)})
        finish._make(self._client.sql_client, existing, {})
        return sent

    def _listen(self) -> Sent:
        """Takes the place of the connection, which there is not."""
        client = self._client.sql_client
        sent = Sent()

        @contextmanager
        def begin_transaction() -> Iterator[None]:
            sent.in_transaction = True
            yield

        client.execute_sql = lambda sql, *_: sent.statements.append(sql)
        client.begin_transaction = begin_transaction
        client._conn = _Connection()
        return sent

    def _copies(self, table: str) -> Iterator[str]:
        """What dlt's own job would execute."""
        if self._client.config.destination_type not in ("databricks", "snowflake"):
            return  # BigQuery's jobs are no SQL; Redshift gets rows as INSERT, without a bucket
        client = self._client.sql_client
        sent = self._listen()
        job = self._client.create_load_job(
            self._client.prepare_load_table(table), _FILE.format(table=table), "load"
        )
        job.set_run_vars("load", self._schema, self._client.prepare_load_table(table))
        job._job_client = self._client
        with client.with_staging_dataset():
            job.run()
        for sql in sent.statements:
            if sql.startswith("COPY"):
                without_ids = re.sub("[0-9a-f]{20,}", "id", sql)
                yield re.sub(r"\s+", " ", without_ids).strip()


class _Connection:
    """Takes the setting that dlt's job makes on a connection."""

    staging_allowed_local_path = ""
