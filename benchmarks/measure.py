"""What every contestant's script does around its load: it gets a job and reports on it.

Only the standard library is used, for it runs in every contestant's environment.
"""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb  # here, so that nobody's seconds have it in them

API_KEY = "benchmark-key"
"""Sent by all; the server does not look at it."""

REPORT_FILE = "report.json"


@dataclass(frozen=True)
class Job:
    """What a contestant is to do.

    Attributes:
        url: Root of the API.
        folder: Where everything that it writes is to lie.
        variant: Which of its ways to take, for a script that has several.
        concurrency: Requests under way at once; this source only.
        postgres: Address of a PostgreSQL database to load into instead of a DuckDB file.
    """

    url: str
    folder: str
    variant: str = ""
    concurrency: int = 8
    postgres: str = ""

    @property
    def database(self) -> str:
        """The DuckDB file to load into."""
        return str(Path(self.folder) / "bench.duckdb")

    def as_argument(self) -> str:
        """The job as the script's one argument."""
        return json.dumps(asdict(self))


def read_job() -> Job:
    """The job that this script was started with."""
    return Job(**json.loads(sys.argv[1]))


@dataclass
class Stopwatch:
    """How long something took.

    Attributes:
        seconds: Set when it is done.
    """

    seconds: float = 0


@contextmanager
def timed() -> Iterator[Stopwatch]:
    """Measures a block."""
    watch = Stopwatch()
    start = time.perf_counter()
    yield watch
    watch.seconds = time.perf_counter() - start


def report(job: Job, seconds: float, rows: Mapping[str, int], **more: Any) -> None:
    """Tells the runner what came of it.

    Args:
        job: The job.
        seconds: From the start of the extraction to all loaded.
        rows: Number of `integrations`, `objects` and `fields` found in the database, as far as they
            are there, and `all`.
        more: Whatever else is worth to be kept.
    """
    text = json.dumps({"seconds": round(seconds, 4), "rows": rows, **more})
    (Path(job.folder) / REPORT_FILE).write_text(text)


def steps(trace: Any) -> dict[str, float]:
    """Seconds of each step in a trace of dlt's."""
    taken: dict[str, float] = {}
    for step in trace.steps:
        seconds = (step.finished_at - step.started_at).total_seconds()
        taken[step.step] = round(taken.get(step.step, 0) + seconds, 4)
    return taken


def count_in_duckdb(job: Job, **tables: list[str]) -> dict[str, int]:
    """Counts the rows of a DuckDB file.

    Args:
        job: The job.
        tables: Which tables together hold the integrations, the objects, the fields. What is not
            there counts as empty: generic loaders make no table without rows.
    """
    with duckdb.connect(job.database, read_only=True) as connection:
        found = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() "
            "WHERE schema_name NOT LIKE '%_staging' AND table_name NOT LIKE '\\_%' ESCAPE '\\'"
        ).fetchall()
        counts = {}
        for schema, table in found:
            query = f'SELECT count(*) FROM "{schema}"."{table}"'
            counts[table] = connection.execute(query).fetchall()[0][0]
    rows = {kind: sum(counts.get(name, 0) for name in names) for kind, names in tables.items()}
    return {**rows, "all": sum(counts.values())}
