"""What was loaded into a lake, read by engines past one machine: the answers are DuckDB's.

The base tables and views are made by what docs/destinations.md says.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ampersand.tables import TABLES_OF_COLLECTIONS
from ampersand.views import VIEWS
from ampersand.views.answers import ANSWER_VIEWS
from tests.support.answers import Answers, answers, counted, load_account
from tests.support.drivers import load_bundled
from tests.support.warehouses import DATASET, Kind, Row, Warehouse

if TYPE_CHECKING:
    from tests.support.engines import Engine, Sail, Spark
    from tests.support.s3 import S3

ROOT = Path(__file__).resolve().parents[1]
CONSTRAINTS = ROOT / "tests" / "constraints-engines.txt"
SECTION = (
    (ROOT / "docs" / "destinations.md")
    .read_text(encoding="utf-8")
    .partition("\n## Engines past one machine\n")[2]
    .partition("\n## ")[0]
)
PACKAGES = {"Sail": "pysail", "Spark": "pyspark"}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """What the views say in a DuckDB database."""
    warehouse = Warehouse("duckdb", tmp_path_factory.mktemp("expected"))
    load_account(warehouse)
    said = answers(warehouse.table)
    assert said.keys() == {view.name for view in ANSWER_VIEWS}
    assert all(said.values())
    return said


@pytest.fixture
def sail(tmp_path: Path, s3: "S3") -> "Iterator[Sail]":
    """A Sail server."""
    from tests.support.engines import Sail

    server = Sail(tmp_path, s3)
    yield server
    server.stop()


@pytest.fixture
def spark(tmp_path: Path) -> "Iterator[Spark]":
    """Spark with executors."""
    from tests.support.engines import Spark

    cluster = Spark(tmp_path / "spark")
    yield cluster
    cluster.stop()


def _snippet(heading: str) -> str:
    """The Python that the section has after a bold line."""
    found = re.search(rf"(?ms)^\*\*{heading}\*\*.*?^```python\n(.*?)^```$", SECTION)
    assert found, heading
    return found[1]


def _follow(heading: str, engine: "Engine", lake: str) -> None:
    """Makes tables and views as the section says."""
    names: dict[str, Any] = {"spark": engine.session, "lake": lake}
    exec(_snippet(heading), names)  # noqa: S102  # it is ours
    exec(_snippet("The rest, for all"), names)  # noqa: S102


def _compare(engine: "Engine", expected: Answers) -> None:
    there = answers(engine.table)
    for name, rows in expected.items():
        assert counted(there[name]) == counted(rows), name


@pytest.mark.engines
@pytest.mark.parametrize(
    ("kind", "heading"), [("delta_s3", "Delta, in Sail"), ("iceberg_s3", "Iceberg, in Sail")]
)
def test_sail_says_the_same(
    kind: Kind,
    heading: str,
    sail: "Sail",
    new_warehouse: Callable[[Kind], Warehouse],
    expected: Answers,
) -> None:
    from tests.support.lakes import OpenTables

    lake = new_warehouse(kind)
    assert isinstance(lake, OpenTables)
    load_account(lake)
    _follow(heading, sail, f"s3://{lake.bucket}/{DATASET}")
    _compare(sail, expected)


@pytest.mark.engines
def test_sail_reads_all_that_can_be_loaded(
    sail: "Sail",
    new_warehouse: Callable[[Kind], Warehouse],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    from tests.support.lakes import OpenTables

    collections = json.dumps(list(TABLES_OF_COLLECTIONS))
    monkeypatch.setenv("SOURCES__AMPERSAND__COLLECTIONS", collections)
    lake, beside = new_warehouse("iceberg_s3"), Warehouse("duckdb", tmp_path)
    assert isinstance(lake, OpenTables)
    for warehouse in (lake, beside):
        load_bundled(warehouse)
    _follow("Iceberg, in Sail", sail, f"s3://{lake.bucket}/{DATASET}")
    for view in VIEWS:
        # not COUNT(*): with Iceberg, Sail 0.7.2 cannot count the rows of each of them
        question = f"SELECT * FROM {view.name}"
        there, here = len(sail.table(question)[1]), len(beside.table(question)[1])
        assert (view.name, there) == (view.name, here)


@pytest.mark.engines
def test_spark_says_the_same(
    spark: "Spark", new_warehouse: Callable[[Kind], Warehouse], expected: Answers
) -> None:
    from tests.support.engines import EXECUTORS

    lake = new_warehouse("delta")
    load_account(lake)
    _follow("Parquet files of Delta, in Spark", spark, str(lake.folder / "lake" / DATASET))
    _compare(spark, expected)
    tasks = spark.tasks()
    assert len(tasks) == EXECUTORS
    assert all(tasks.values())


@pytest.mark.engines
def test_the_section_has_the_settings_of_sail(s3: "S3") -> None:
    from tests.support.engines import sail_settings

    assert re.findall(r"(?m)^\| `(AWS_\w+)` \|", SECTION) == list(sail_settings(s3))


def test_the_section_has_the_versions_that_are_installed() -> None:
    lines = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    rows: list[Row] = re.findall(r"(?m)^\| (\w+) \| ([\d.]+) \|", SECTION)
    assert {engine for engine, _ in rows} == PACKAGES.keys()
    assert all(version == pins[PACKAGES[engine]] for engine, version in rows)
