"""How much memory a DuckDB takes while rows are merged into it.

It keeps in memory what it has written, up to four fifths of the machine's; and what is merged is
not read again.
"""

import math
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from dlt.destinations.exceptions import DatabaseException
from dlt.destinations.impl.duckdb.configuration import DuckDbBaseCredentials
from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient

_MEMORY_PER_THREAD = 128 * 1024 * 1024
"""Bytes that DuckDB may take while rows are merged; it asks for 125 MB at least.

Source: https://duckdb.org/docs/stable/guides/performance/environment
"""

_LIMITS = ("memory_limit", "max_memory")
"""How DuckDB's setting is called."""

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


class _Limit(NamedTuple):
    """A limit of ours and the one before it, in bytes."""

    size: int
    before: int


class _Memory:
    """Lets databases take little memory as long as rows are merged into them.

    The limit is one of the whole database; whoever has set one, or brings a connection, is not
    interfered with.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._merges: Counter[str] = Counter()
        self._limits: dict[str, _Limit] = {}
        self._lifted: set[str] = set()

    @contextmanager
    def limited(self, client: DuckDbSqlClient) -> Iterator[int | None]:
        """A merge into the database of a client whose connection is open.

        Yields:
            The limit in bytes; None: there is none of ours.
        """
        database = _database(client)
        try:
            with self._lock:
                self._merges[database] += 1
                if database not in self._limits and not self._is_left_alone(client, database):
                    self._limit(client, database)
                limit = self._limits.get(database)
            yield limit.size if limit else None
        finally:
            with self._lock:
                self._merges[database] -= 1
                if not self._merges[database]:
                    self._restore(client, database)

    def lift(self, client: DuckDbSqlClient) -> None:
        """Takes the limit from a database for good: what is merged into it needs more."""
        database = _database(client)
        with self._lock:
            self._lifted.add(database)
            self._restore(client, database)

    def _is_left_alone(self, client: DuckDbSqlClient, database: str) -> bool:
        credentials = client.credentials
        return (
            database in self._lifted
            or credentials.external_conn() is not None
            or _sets_a_limit(credentials)
        )

    def _limit(self, client: DuckDbSqlClient, database: str) -> None:
        settings = "SELECT current_setting('memory_limit'), current_setting('threads')"
        for size, threads in client.execute_sql(settings) or ():
            before = _bytes(size)
            limit = _MEMORY_PER_THREAD * int(threads)
            if limit < before and _set(client, limit):
                self._limits[database] = _Limit(limit, before)

    def _restore(self, client: DuckDbSqlClient, database: str) -> None:
        # it may fail while another merge has all that there is, whose end it is tried at again
        limit = self._limits.get(database)
        if limit and _set(client, limit.before):
            del self._limits[database]


memory = _Memory()


def _set(client: DuckDbSqlClient, limit: int) -> bool:
    """Sets the limit of a database; returns whether that could be done."""
    try:
        client.execute_sql(f"SET GLOBAL memory_limit = '{limit} bytes'")
    except DatabaseException:  # it has more in use
        return False
    return True


def _sets_a_limit(credentials: DuckDbBaseCredentials) -> bool:
    """Whether somebody has configured one."""
    told = [
        *(credentials.global_config or ()),
        *(credentials.local_config or ()),
        *(credentials.pragmas or ()),
        *(credentials.statements or ()),
    ]
    return any(name in text.casefold() for text in told for name in _LIMITS)


def _database(client: DuckDbSqlClient) -> str:
    return str(Path(client.credentials.database).resolve())


def _bytes(size: str) -> int:
    """What DuckDB writes as `18.7 GiB`: the least that it writes so, or each time it got less."""
    number, name = size.split()
    whole, _, rest = number.partition(".")
    unit: int = 1024 ** _UNITS.index(name)
    return int(whole) * unit + math.ceil(float(f"0.{rest or 0}") * 1024) * (unit // 1024)
