"""What a DuckDB takes of the machine while rows are merged into it.

It keeps in memory what it has written, up to four fifths of the machine's; and what is merged is
not read again. To merge one table with several threads takes more of the processor than with one;
and there are other tables to be merged meanwhile.
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

MERGES_AT_ONCE = 4
"""Tables that rows are merged into at the same time: each needs memory of its own."""

_LARGE_TABLES = 2
"""Tables that keep threads busy at the same time: a few have nearly all rows."""

_MEMORY_PER_THREAD = 160 * 1024 * 1024
"""Bytes that DuckDB may take while rows are merged; it asks for 125 MB at least.

Of 200,000 integrations, four tables at once, some merges failed with 96 MiB and one thread.
Source: https://duckdb.org/docs/stable/guides/performance/environment
"""

_MEMORY = ("memory_limit", "max_memory")
_THREADS = ("threads", "worker_threads")
"""How DuckDB's settings are called."""

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


class _Settings(NamedTuple):
    """Settings of a database.

    Attributes:
        memory: Bytes.
        threads: Threads for one statement.
    """

    memory: int
    threads: int


class _Change(NamedTuple):
    """Settings of ours and those before them."""

    ours: _Settings
    before: _Settings


class _Limits:
    """Lets databases take little as long as rows are merged into them.

    The settings are those of the whole database; whoever has made one, or brings a connection, is
    not interfered with.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._merges: Counter[str] = Counter()
        self._changes: dict[str, _Change] = {}
        self._lifted: set[str] = set()

    @contextmanager
    def during_merge(self, client: DuckDbSqlClient) -> Iterator[int | None]:
        """A merge into the database of a client whose connection is open.

        Yields:
            The limit of memory in bytes; None: there is none of ours.
        """
        database = _database(client)
        try:
            with self._lock:
                self._merges[database] += 1
                if database not in self._changes and not self._is_left_alone(client, database):
                    self._limit(client, database)
                change = self._changes.get(database)
            yield change.ours.memory if change else None
        finally:
            with self._lock:
                self._merges[database] -= 1
                if not self._merges[database]:
                    self._restore(client, database)

    def lift(self, client: DuckDbSqlClient) -> None:
        """Takes the limits from a database for good: what is merged into it needs more."""
        database = _database(client)
        with self._lock:
            self._lifted.add(database)
            self._restore(client, database)

    def _is_left_alone(self, client: DuckDbSqlClient, database: str) -> bool:
        credentials = client.credentials
        return (
            database in self._lifted
            or credentials.external_conn() is not None
            or _tells(credentials, _MEMORY)
        )

    def _limit(self, client: DuckDbSqlClient, database: str) -> None:
        settings = "SELECT current_setting('memory_limit'), current_setting('threads')"
        for size, number in client.execute_sql(settings) or ():
            before = _Settings(_bytes(size), int(number))
            threads = before.threads
            if not _tells(client.credentials, _THREADS):
                threads = max(1, threads // _LARGE_TABLES)
            ours = _Settings(_MEMORY_PER_THREAD * threads, threads)
            if ours.memory >= before.memory:
                continue
            if _set(client, ours):
                self._changes[database] = _Change(ours, before)
            else:
                _set(client, before)

    def _restore(self, client: DuckDbSqlClient, database: str) -> None:
        # it may fail while another merge has all that there is, whose end it is tried at again
        change = self._changes.get(database)
        if change and _set(client, change.before):
            del self._changes[database]


limits = _Limits()


def _set(client: DuckDbSqlClient, settings: _Settings) -> bool:
    """Makes the settings of a database; returns whether that could be done."""
    try:
        client.execute_sql(f"SET GLOBAL memory_limit = '{settings.memory} bytes'")
        client.execute_sql(f"SET GLOBAL threads = {settings.threads}")
    except DatabaseException:  # it has more memory in use, or threads that others have set
        return False
    return True


def _tells(credentials: DuckDbBaseCredentials, names: tuple[str, ...]) -> bool:
    """Whether somebody has configured a setting that is called so."""
    told = [
        *(credentials.global_config or ()),
        *(credentials.local_config or ()),
        *(credentials.pragmas or ()),
        *(credentials.statements or ()),
    ]
    return any(name in text.casefold() for text in told for name in names)


def _database(client: DuckDbSqlClient) -> str:
    return str(Path(client.credentials.database).resolve())


def _bytes(size: str) -> int:
    """What DuckDB writes as `18.7 GiB`: the least that it writes so, or each time it got less."""
    number, name = size.split()
    whole, _, rest = number.partition(".")
    unit: int = 1024 ** _UNITS.index(name)
    return int(whole) * unit + math.ceil(float(f"0.{rest or 0}") * 1024) * (unit // 1024)
