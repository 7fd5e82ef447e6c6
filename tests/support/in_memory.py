"""The tables and views in a DuckDB in memory, filled as runs would fill them, but faster.

Whether runs fill them like this is what test_scenarios.py shows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from ampersand.decoded import DecodedListing
from ampersand.normalize import normalize_listings, normalize_projects, project_key
from ampersand.tables import TABLES_BY_NAME
from ampersand_pipelines.in_memory import empty_database

Json = dict[str, Any]


@dataclass
class InMemory:
    """A dataset that one key loads, run by run; runs begin a day after each other.

    Attributes:
        connection: To ask.
        runs: Number of runs.
    """

    connection: duckdb.DuckDBPyConnection = field(default_factory=empty_database)
    runs: int = 0

    def run(self, projects: Sequence[Json], listings: Mapping[str, Sequence[Json]]) -> None:
        """Loads what the API lists.

        Args:
            projects: The records of all projects.
            listings: The integrations of each, by project id.
        """
        run_id, load_id = f"{self.runs:016}-abcdef", f"load-{self.runs}"
        self.connection.execute("INSERT INTO _dlt_loads VALUES (?, 0)", [load_id])
        self.connection.execute(
            "INSERT INTO extraction_runs (run_id, scope, started_at, _dlt_load_id) "
            "VALUES (?, 'all', TIMESTAMPTZ '2026-01-01 00:00:00Z' + to_days(?), ?)",
            [run_id, self.runs, load_id],
        )
        self.connection.execute(
            "INSERT INTO credential_listings (run_id, credential, outcome, asks_for_all, "
            "_dlt_load_id) VALUES (?, 'key', 'listed', TRUE, ?)",
            [run_id, load_id],
        )
        batches = [normalize_projects([(project, None) for project in projects])]
        for project in projects:
            listing_key = f"{project['id']}-{self.runs}"
            decoded = DecodedListing(project["id"], listing_key, list(listings[project["id"]]))
            batches.append(normalize_listings([decoded]))
            self.connection.execute(
                "INSERT INTO project_listings (run_id, project_id, credential, outcome, "
                "listing_key, project_key, _dlt_load_id) VALUES (?, ?, 'key', 'listed', ?, ?, ?)",
                [run_id, project["id"], listing_key, project_key(project), load_id],
            )
        for batch in batches:
            for name, rows in batch.items():
                self._insert_once(name, rows)
        self.runs += 1

    def _insert_once(self, name: str, rows: Any) -> None:
        key = " AND ".join(f"t.{column} = r.{column}" for column in TABLES_BY_NAME[name].key)
        self.connection.register("rows", rows)
        self.connection.execute(
            f"INSERT INTO {name} BY NAME SELECT * FROM rows AS r "
            f"WHERE NOT EXISTS (FROM {name} AS t WHERE {key})"
        )
        self.connection.unregister("rows")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.connection.execute(sql).fetchall()
