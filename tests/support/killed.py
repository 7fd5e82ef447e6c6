"""A process that the kernel kills in the midst of its work."""

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient


def kill_when(is_fatal: Callable[[int, str], bool]) -> None:
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
