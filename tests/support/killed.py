"""Loads, or rebuilds, in processes that are killed on the way.

    python -m tests.support.killed FOLDER load|rebuild URL POINT...

does so in one copy of the DuckDB warehouse in FOLDER for each POINT, by a process that kills
itself, as the kernel would, instead of sending a certain statement. The copies lie beside FOLDER
and are called `killed_0` and so on. A POINT is a share of all statements, such as `3/12`, or a part
of the statement. Fork makes it cheap to do this often: to import dlt takes a second.
"""

import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient

from ampersand import rebuild

from .drivers import run_plainly
from .warehouses import Warehouse


def _in_child(work: Callable[[], object]) -> int:
    """Does work in a child process and returns how it ended, as the kernel puts it."""
    child = os.fork()
    if child == 0:
        code = 70
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1]


def _watch(is_fatal: Callable[[int, str], bool]) -> None:
    """Kills this process when a statement, by its number and text, is fatal."""
    lock = threading.Lock()
    number = 0
    original = DuckDbSqlClient.execute_query

    def execute_query(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal number
        with lock:
            number += 1
            if is_fatal(number, str(query)):
                os.kill(os.getpid(), signal.SIGKILL)
        return original(self, query, *args, **kwargs)

    DuckDbSqlClient.execute_query = execute_query  # type: ignore[method-assign]


def main(folder: Path, action: str, url: str, points: Sequence[str]) -> None:
    """See the module."""

    def run(name: str, is_fatal: Callable[[int, str], bool]) -> int:
        warehouse = Warehouse("duckdb", folder.parent / name)
        shutil.copytree(folder, warehouse.folder)

        def work() -> None:
            _watch(is_fatal)
            if action == "load":
                run_plainly(warehouse, url)
            else:
                rebuild(warehouse.pipeline())

        return _in_child(work)

    note = folder.parent / "statements"

    def count(number: int, query: str) -> bool:
        note.write_text(str(number))
        return False

    assert run("undisturbed", count) == 0
    total = int(note.read_text())
    for index, point in enumerate(points):
        numerator, _, denominator = point.partition("/")
        if denominator:
            last = max(1, total * int(numerator) // int(denominator))
            ended = run(f"killed_{index}", lambda number, query, last=last: number > last)  # type: ignore[misc]
        else:
            ended = run(f"killed_{index}", lambda number, query, part=point: part in query)  # type: ignore[misc]
        assert os.WIFSIGNALED(ended), f"{point}: {ended}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:])
