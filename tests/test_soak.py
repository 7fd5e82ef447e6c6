"""Many runs in one database, with random changes and faults: is it what a model says, and how big?

`make soak` makes hundreds of them, the usual tests a few.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import dlt
import duckdb
import pytest
from dlt.extract import DltResource
from dlt.pipeline.exceptions import PipelineStepFailed

from ampersand import NothingListed, create_views
from ampersand.normalize import arrow_schema
from ampersand.resources import choose_strategy, table_resources
from ampersand.tables import CORE_TABLES
from ampersand_pipelines.load import load
from ampersand_pipelines.sandbox import SandboxServer
from tests.support.drivers import causes
from tests.support.soak import QUERIES, Looks, Model, Plan, Row, World, looks
from tests.support.warehouses import DATASET, Warehouse

MOST_GROWTH = 2.0
"""Size of a database, at most, by that of one into which the same was loaded at once."""

FEW = 50
"""Runs below which a database is too small for its size to tell anything."""


@pytest.mark.thorough
def test_state_and_history_are_what_a_model_says(
    pytestconfig: pytest.Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs: int = pytestconfig.getoption("--soak-runs")
    seed: int = pytestconfig.getoption("--soak-seed")
    is_long = runs > FEW
    world, model = World(Random(seed)), Model()
    (tmp_path / "soaked").mkdir()
    warehouse = Warehouse("duckdb", tmp_path / "soaked")
    pending: Looks | None = None
    is_calm = True
    tally = Counter[str]()
    with SandboxServer(world.account) as api:
        for number in range(runs):
            change = world.change() if number else []
            plan = world.plan(change, is_calm=is_calm, may_kill=is_long)
            is_calm = plan.killed_at is not None
            is_killed = _run(warehouse, api.url, plan)
            counting, found = _now(warehouse.file)
            said = looks(world, plan, model.projects)
            must = said is not None and not is_killed
            if pending and counting - model.runs > must:
                tally["loaded by the next run"] += 1
                model.take(pending)
                said = looks(world, plan, model.projects)
            if said and counting > model.runs:
                model.take(said)
            pending = said if is_killed else None
            tally.update(plan.kinds(), killed=is_killed, nothing_listed=said is None)
            _check(f"run {number} of seed {seed}, {plan}", counting, found, model)
    if is_long:
        size, least = _sizes(warehouse, tmp_path)
        with capsys.disabled():
            pytestconfig.get_terminal_writer().line(
                f"{runs} runs, of which {dict(tally)}; {size:,} bytes, {size / least:.2f} times as "
                "many as when loaded at once"
            )
        assert size <= MOST_GROWTH * least


def _run(warehouse: Warehouse, url: str, plan: Plan) -> bool:
    """Makes a run, and tells whether it was killed."""
    if plan.killed_at is None:
        try:
            load(warehouse.pipeline(), plan.source(url))
        except PipelineStepFailed as error:
            if not any(isinstance(cause, NothingListed) for cause in causes(error)):
                raise
        return False
    place = [str(warehouse.folder), url, str(plan.killed_at)]
    done = subprocess.run([sys.executable, "-m", "tests.support.soak", *place], check=False)
    assert done.returncode in (0, -9)
    return done.returncode != 0


def _now(file: Path) -> tuple[int, dict[str, Counter[Row]]]:
    """The number of runs that count, and the rows of the queries."""
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute(f"USE {DATASET}")
        moments = connection.execute(
            "SELECT r.started_at FROM extraction_runs AS r "
            "JOIN _dlt_loads AS l ON l.load_id = r._dlt_load_id AND l.status = 0 ORDER BY r.run_id"
        ).fetchall()
        numbers = {moment: number for number, (moment,) in enumerate(moments)}

        def plain(value: Any) -> Any:
            if isinstance(value, datetime):
                return numbers[value]
            if isinstance(value, str) and value[:1] in ("{", '"'):
                return json.dumps(json.loads(value), sort_keys=True)
            return value

        return len(moments), {
            view: Counter(tuple(map(plain, row)) for row in connection.execute(query).fetchall())
            for view, query in QUERIES.items()
        }


def _check(what: str, counting: int, found: dict[str, Counter[Row]], model: Model) -> None:
    assert counting == model.runs, what
    for view, expected in model.expected().items():
        too_many, missing = found[view] - expected, expected - found[view]
        assert not (too_many or missing), f"{what}: {view} has {too_many}, lacks {missing}"


def _sizes(soaked: Warehouse, folder: Path) -> tuple[int, int]:
    """Sizes of a database, and of another one into which all its rows were loaded at once."""
    (folder / "at_once").mkdir()
    at_once = Warehouse("duckdb", folder / "at_once")
    pipeline = at_once.pipeline()
    pipeline.run(_all_rows(soaked))
    create_views(pipeline)
    for warehouse in (soaked, at_once):
        warehouse.execute("CHECKPOINT")
    assert _now(at_once.file) == _now(soaked.file)
    return soaked.file.stat().st_size, at_once.file.stat().st_size


@dlt.source(name="ampersand", section="ampersand", max_table_nesting=0)
def _all_rows(soaked: Warehouse) -> list[DltResource]:
    def batches() -> Iterator[dict[str, Any]]:
        with duckdb.connect(str(soaked.file), read_only=True) as connection:
            connection.execute(f"USE {DATASET}; SET TimeZone = 'UTC'")
            rows = {}
            for table in CORE_TABLES:
                columns = ", ".join(column.name for column in table.columns)
                arrow = connection.execute(f"SELECT {columns} FROM {table.name}").to_arrow_table()
                # dlt gives its own columns to plain rows
                rows[table.name] = (
                    arrow.to_pylist() if table.ledger else arrow.cast(arrow_schema(table.name))
                )
        yield rows

    resources = table_resources(batches, CORE_TABLES)
    choose_strategy(resources, soaked.destination())
    return resources
