"""What a load takes of memory, also when a page is 50 MB long, on either of the two lists."""

import gc
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from ampersand.memory import make_imports_old, no_collection
from ampersand_pipelines.sandbox import Account, SandboxServer
from benchmarks import data
from benchmarks.data import Shape
from benchmarks.run import execute, make_data
from benchmarks.server import serving

PAGE = 50_000_000
LIMIT = 600_000_000

_LOAD = """
import os, sys
from pathlib import Path

from ampersand_pipelines.cli import main
from benchmarks.measure import API_KEY

os.environ["AMP_API_KEY"] = API_KEY
os.environ["SOURCES__AMPERSAND__COLLECTIONS"] = "[]"
code = main(["load", "--quiet", "--base-url", sys.argv[1], "--project", "project-0000"])
# not `ru_maxrss`, which begins with the memory of the process that started this one
(line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line]
Path("peak").write_text(line.split()[1])
sys.exit(code)
"""


@contextmanager
def _integrations() -> Iterator[str]:
    """One project with so many integrations."""
    folder = make_data(Shape(1, 37_000))
    assert max(file.stat().st_size for file in folder.iterdir()) > PAGE
    with serving(folder) as server:
        yield server.url


@contextmanager
def _projects() -> Iterator[str]:
    """So many projects that a key sees, of which one is loaded."""
    records = data.projects(Shape(330_000, 1))
    assert len(json.dumps(records, separators=(",", ":"))) > PAGE
    listings = {data.project_id(0): data.listing(Shape(1, 10), 0)}
    with SandboxServer(Account(records, listings)) as server:
        yield server.url


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no /proc")
@pytest.mark.parametrize("account", [_projects, _integrations])
def test_page_of_50_mb(account: Callable[[], AbstractContextManager[str]], tmp_path: Path):
    with account() as url:
        done = execute([sys.executable, "-c", _LOAD, url], tmp_path)
    assert "error" not in done
    assert int((tmp_path / "peak").read_text()) * 1024 < LIMIT


def test_collector_is_off_until_the_last_leaves():
    assert gc.isenabled()
    first, second = no_collection(), no_collection()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert not gc.isenabled()
    second.__exit__(None, None, None)
    assert gc.isenabled()


def test_collector_stays_off_where_it_was():
    gc.disable()
    try:
        with no_collection():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.fixture
def count_of_lists() -> Iterator[list[list[int]]]:
    """So many lists that the collector has counted what it will look through."""
    gc.collect()
    lists: list[list[int]] = [[] for _ in range(gc.get_threshold()[0] * 3)]
    assert gc.get_count()[1]
    yield lists
    lists.clear()


def test_many_objects_are_old_once_the_collector_is_on_again(count_of_lists: list[list[int]]):
    with no_collection():
        count_of_lists += [[] for _ in range(60_000)]
    assert gc.get_count()[1:] == (0, 0)
    assert not gc.get_freeze_count()


def test_few_objects_do_not_keep_the_collector_from_the_old_ones(count_of_lists: list[list[int]]):
    before = gc.get_count()[1:]
    with no_collection():
        count_of_lists += [[] for _ in range(100)]
    assert gc.get_count()[1:] == before


def test_imports_are_made_old_once(count_of_lists: list[list[int]]):
    make_imports_old.cache_clear()
    make_imports_old()
    assert gc.get_count()[1:] == (0, 0)
    count_of_lists += [[] for _ in range(gc.get_threshold()[0] * 3)]
    before = gc.get_count()[1:]
    make_imports_old()
    assert gc.get_count()[1:] == before != (0, 0)
