"""Runs the two lines of plain dlt in processes that are killed on the way.

    python -m tests.support.killed FOLDER URL COUNT

loads into COUNT copies of the DuckDB warehouse in FOLDER, from the API at URL. Copy number n is
loaded by a process that kills itself, as the kernel would, when about n / COUNT of all statements
have reached the database; so the first is not killed before it has one, and none gets to the end.
Nothing but fork makes it cheap to do this often: dlt takes a second to import.
"""

import os
import shutil
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient

from .drivers import run_plainly
from .warehouses import Warehouse


def _in_child(work: Any) -> int:
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


def _count_statements(last: float, note: Path | None = None) -> None:
    """Kills this process when it is about to send a statement after the last one."""
    lock = threading.Lock()
    sent = 0
    original = DuckDbSqlClient.execute_query

    def execute_query(self: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal sent
        with lock:
            sent += 1
            if sent > last:
                os.kill(os.getpid(), signal.SIGKILL)
            if note:
                note.write_text(str(sent))
        return original(self, *args, **kwargs)

    DuckDbSqlClient.execute_query = execute_query  # type: ignore[method-assign]


def main(folder: Path, url: str, count: int) -> None:
    """See the module."""
    origin = Warehouse("duckdb", folder)

    def load(name: str, last: float, note: Path | None = None) -> int:
        target = folder.parent / name
        shutil.copytree(folder, target)

        def work() -> None:
            _count_statements(last, note)
            run_plainly(Warehouse("duckdb", target), url)

        return _in_child(work)

    assert origin.file.exists()
    note = folder.parent / "statements"
    assert load("undisturbed", float("inf"), note) == 0
    total = int(note.read_text())
    for number in range(count):
        ended = load(f"killed_{number}", max(1, total * number // count))
        assert os.WIFSIGNALED(ended), f"{number}: {ended}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
