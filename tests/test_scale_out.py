"""Several processes that load a part of the projects each, at the same time, into one dataset."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ampersand.tables import INTEGRATION_TABLES
from ampersand_pipelines.sandbox import Account, SandboxServer
from benchmarks import data
from benchmarks.data import Shape
from tests.support.acme import KEY
from tests.support.drivers import run_plainly
from tests.support.warehouses import DATASET, Kind, Warehouse

SHAPE = Shape(50, 20)
WORKERS = 4


@pytest.mark.warehouse
@pytest.mark.parametrize("kind", ["postgres", "ducklake_postgres"])
def test_nothing_is_lost_and_nothing_doubled(
    kind: Kind, new_warehouse: Callable[[Kind], Warehouse]
) -> None:
    projects = [data.project_id(number) for number in range(SHAPE.projects)]
    account = Account(
        data.projects(SHAPE),
        {project: data.listing(SHAPE, number) for number, project in enumerate(projects)},
    )
    shared, alone = new_warehouse(kind), new_warehouse("duckdb")
    with SandboxServer(account) as api:
        # the first run makes tables and views, which two at once cannot
        assert _end(_start(shared, api.url, 0, projects[:1])) == (0, "")
        parts = [projects[number::WORKERS] for number in range(WORKERS)]
        running = [_start(shared, api.url, n, part) for n, part in enumerate(parts)]
        assert [_end(each) for each in running] == [(0, "")] * WORKERS
        run_plainly(alone, api.url)
    assert shared.state() == alone.state()
    for table in INTEGRATION_TABLES:
        keys = ", ".join(table.key)
        question = (
            f"SELECT (SELECT COUNT(*) FROM {table.name}), COUNT(*) "
            f"FROM (SELECT DISTINCT {keys} FROM {table.name}) AS each_once"
        )
        assert shared.rows(question) == alone.rows(question), table.name
    ((runs, listed),) = shared.rows(
        "SELECT COUNT(DISTINCT run_id), COUNT(DISTINCT project_id) FROM project_listings "
        "WHERE outcome = 'listed'"
    )
    assert (runs, listed) == (1 + WORKERS, SHAPE.projects)


def _start(
    warehouse: Warehouse, url: str, worker: int, projects: Sequence[str]
) -> "subprocess.Popen[str]":
    """Starts a worker: the command, with working files and a staging dataset of its own."""
    from tests.support.lakes import DuckLake  # it needs what the lane has

    assert warehouse.postgres
    address = warehouse.postgres.url(warehouse.database)
    name, settings = "postgres", {"CREDENTIALS": address}
    if isinstance(warehouse, DuckLake):
        name = "ducklake"
        settings = {
            "CREDENTIALS__DUCKLAKE_NAME": "lake",
            "CREDENTIALS__CATALOG": address,
            "CREDENTIALS__STORAGE__BUCKET_URL": warehouse.url,
            "CREDENTIALS__GLOBAL_CONFIG": '{"ducklake_max_retry_count": 100}',
        }
    settings["STAGING_DATASET_NAME_LAYOUT"] = f"%s_staging_{worker}"
    environment = {f"DESTINATION__{name.upper()}__{n}": text for n, text in settings.items()}
    return subprocess.Popen(
        [
            *(Path(sys.executable).with_name("ampersand"), "load", "--quiet", "--base-url", url),
            *("--destination", name, "--dataset", DATASET),
            *("--pipelines-dir", str(warehouse.folder / f"worker_{worker}")),
            *(f"--project={project}" for project in projects),
        ],
        env={**os.environ, **environment, "AMP_API_KEY": KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _end(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """How it ended: its exit code, and what it printed, which is nothing where all is well."""
    output, _ = process.communicate()
    return process.returncode, output
