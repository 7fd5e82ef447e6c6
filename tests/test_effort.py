"""What a run takes, in numbers that no machine changes: requests, parses, Arrow tables, rows."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dlt
import pytest
from dlt.pipeline.pipeline import Pipeline

from ampersand import columnar, decoded, extraction
from ampersand.decoded import DecodedListing
from ampersand.extraction import Extraction, RunBatch
from ampersand.resources import limit_jobs
from ampersand.tables import CORE_TABLES, INTEGRATION_TABLES
from ampersand_pipelines.sandbox import Account, SandboxServer
from benchmarks import data
from benchmarks.data import Shape
from tests.support.acme import Acme
from tests.support.drivers import Run, run_plainly
from tests.support.warehouses import Warehouse

SHAPE = Shape(30, 20)
LEDGER = {table.name for table in CORE_TABLES if table.ledger}


@dataclass
class Effort:
    """What one run took.

    Attributes:
        requests: HTTP requests.
        parses: Pages decoded.
        row_by_row: Times that listings were looked at row by row.
        rows: For each table of content, the rows of each Arrow table handed to dlt.
        loaded: Tables that dlt loaded, but for its own.
    """

    requests: int = 0
    parses: int = 0
    row_by_row: int = 0
    rows: dict[str, list[int]] = field(default_factory=dict)
    loaded: set[str] = field(default_factory=set)


@pytest.fixture
def account() -> Account:
    return Account(
        data.projects(SHAPE),
        {data.project_id(number): data.listing(SHAPE, number) for number in range(SHAPE.projects)},
    )


@pytest.fixture
def run(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Effort]]:
    """Loads the account and tells the effort."""
    warehouse = Warehouse("duckdb", tmp_path)
    calls: Counter[str] = Counter()
    handed: list[RunBatch] = []

    def counted(module: Any, name: str) -> None:
        original = getattr(module, name)

        def call(*arguments: Any) -> Any:
            calls[name] += 1
            return original(*arguments)

        monkeypatch.setattr(module, name, call)

    counted(extraction, "decode_ordinary")
    for module in (extraction, decoded):
        counted(module, "decode_page")
    counted(columnar, "normalize_listings")
    batches = Extraction.batches

    def noted(self: Extraction) -> Iterator[RunBatch]:
        for batch in batches(self):
            handed.append(dict(batch))
            yield batch
            assert not batch, "dlt asks for the next batch before it has written this one"

    monkeypatch.setattr(Extraction, "batches", noted)
    with SandboxServer(account) as api:

        def go() -> Effort:
            calls.clear()
            handed.clear()
            before = len(api.requests)
            run_plainly(warehouse, api.url)
            return Effort(
                len(api.requests) - before,
                calls["decode_ordinary"] + calls["decode_page"],
                calls["normalize_listings"],
                {
                    table.name: [len(batch[table.name]) for batch in handed if table.name in batch]
                    for table in INTEGRATION_TABLES
                },
                _loaded(warehouse.pipeline()),
            )

        yield go


def _loaded(pipeline: Pipeline) -> set[str]:
    pipeline.activate()
    package = pipeline.get_load_package_info(pipeline.list_completed_load_packages()[-1])
    return {
        job.job_file_info.table_name
        for job in package.jobs["completed_jobs"]
        if not job.job_file_info.table_name.startswith("_dlt")
    }


def test_first_run(run: Callable[[], Effort]):
    effort = run()
    assert effort.requests == 1 + SHAPE.projects
    assert effort.parses == SHAPE.projects
    assert effort.row_by_row == 0
    # all listings together: many small Arrow tables cost far more than one
    assert {name: len(rows) for name, rows in effort.rows.items()} == dict.fromkeys(effort.rows, 1)
    assert effort.rows["revisions"] == [SHAPE.total]


def test_run_without_changes(run: Callable[[], Effort]):
    run()
    effort = run()
    assert effort.requests == 1 + SHAPE.projects
    assert effort.parses == 0
    assert not any(effort.rows.values())
    assert effort.loaded == LEDGER


def test_run_after_a_change_in_each_project(run: Callable[[], Effort], account: Account):
    """Of a listing that changed, only what is new is handed to dlt."""
    run()
    for number in range(SHAPE.projects):
        changed = data.integration(number, 3, revision=2)
        account.integrations[data.project_id(number)][3] = changed
    effort = run()
    assert effort.parses == SHAPE.projects
    assert effort.rows["revisions"] == [SHAPE.projects]
    assert effort.rows["listing_integrations"] == [SHAPE.total]
    fields = sum(
        len(data.fields_of(object_))
        for number in range(SHAPE.projects)
        for object_ in data.objects_of(data.integration(number, 3, revision=2), "read")
    )
    assert effort.rows["revision_fields"] == [fields]


def test_long_listing_is_normalised_in_parts(
    run: Callable[[], Effort], account: Account, monkeypatch: pytest.MonkeyPatch
):
    """What is decoded and normalised at once does not grow with the listing."""
    size = 20_000
    monkeypatch.setattr(extraction, "BATCH_BYTES", size)
    shape = Shape(1, 200)
    (project,) = account.projects = data.projects(shape)
    account.integrations = {project["id"]: data.listing(shape, 0)}
    longest = max(len(json.dumps(element)) for element in account.integrations[project["id"]])
    normalized: list[int] = []
    normalize = columnar.normalize

    def noted(listings: Sequence[DecodedListing]) -> Any:
        if listings:
            normalized.append(sum(len(page) for listing in listings for page in listing.pages))
        return normalize(listings)

    monkeypatch.setattr(columnar, "normalize", noted)
    effort = run()
    assert max(normalized) <= size + longest
    assert effort.rows["revisions"] == [shape.total]
    assert effort.parses == len(normalized) > 5
    assert effort.row_by_row == 0

    account.integrations[project["id"]][150] = data.integration(0, 150, revision=2)
    effort = run()
    assert sum(effort.rows["revisions"]) == 1


@pytest.mark.parametrize(("size", "most"), [(119_999_999, 2), (120_000_000, 1)])
def test_few_tables_are_merged_at_the_same_time_into_a_ducklake(size: int, most: int):
    """Each merge holds a whole table in memory, and DuckDB has the memory of this process."""
    destination = dlt.destinations.ducklake()
    limit_jobs(destination, size)
    assert destination.capabilities().max_parallel_load_jobs == most


def test_a_server_is_given_all_tables_at_once():
    destination = dlt.destinations.postgres("postgresql://any@localhost/any")
    limit_jobs(destination, 10_000_000_000)
    assert destination.capabilities().max_parallel_load_jobs is None


def test_project_under_two_spellings_is_loaded_once(tmp_path: Path):
    """Where the API tells nothing of a project but its integrations, its id is known only then."""
    acme = Acme()
    for path in ("/projects", "/projects/alpha", "/projects/p-alpha"):
        acme.fail(path, 403)
    warehouse = Warehouse("duckdb", tmp_path)
    with SandboxServer(acme.account) as api:
        outcome = run_plainly(warehouse, api.url, Run(projects=["alpha", "p-alpha"]))
    assert outcome.rows["revisions"] == 2
    assert outcome.rows["project_listings"] == 1
    assert warehouse.rows("SELECT outcome, integrations FROM project_listings") == [("listed", 2)]
