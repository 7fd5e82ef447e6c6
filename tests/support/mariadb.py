"""A MariaDB server from the system's package, and a dataset on it."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlt
import pymysql
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_fixed

from .warehouses import DATASET, Warehouse

BACKUP = "backup"
"""Name of the database that a backup is."""


class MariaDbServer:
    """A server on this machine, which one warehouse uses at a time."""

    def __init__(self) -> None:
        """Starts it."""
        # the path of a socket must be short, and those of pytest's folders are not
        self._folder = Path(tempfile.mkdtemp(prefix="ampersand-mariadb-"))
        self._socket = self._folder / "socket"
        common = ["--no-defaults", f"--datadir={self._folder / 'data'}", "--user=root"]
        install = ["mariadb-install-db", *common, "--auth-root-authentication-method=normal"]
        with (self._folder / "log").open("w") as log:
            subprocess.run(install, check=True, stdout=log, stderr=log)
            self._process = subprocess.Popen(
                [
                    *("mariadbd", *common, f"--socket={self._socket}", "--skip-networking"),
                    *("--character-set-server=utf8mb4", "--collation-server=utf8mb4_nopad_bin"),
                    # nothing of it is to outlast a power cut
                    *("--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync"),
                    *("--innodb-doublewrite=0", "--sync-frm=0"),
                ],
                stdout=log,
                stderr=log,
            )
        self._wait()

    def stop(self) -> None:
        """Ends it; its files go."""
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder)

    @property
    def url(self) -> str:
        """Its address, as SQLAlchemy takes it."""
        return f"mariadb+pymysql://root:@localhost/mysql?unix_socket={self._socket}"

    def connect(self) -> Any:
        """A connection of the driver's own."""
        return pymysql.connect(user="root", unix_socket=str(self._socket), autocommit=True)

    def empty(self, *names: str) -> None:
        """Makes databases empty, be they there or not."""
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            for name in names:
                cursor.execute(f"DROP DATABASE IF EXISTS {name}")
                cursor.execute(f"CREATE DATABASE {name}")

    def copy(self, name: str, to: str) -> None:
        """Copies the tables of a database into another one, of which nothing stays."""
        self.empty(to)
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT table_name FROM information_schema.tables "
                "WHERE table_schema = %s AND table_type = 'BASE TABLE'",
                (name,),
            )
            for (table,) in cursor.fetchall():
                cursor.execute(f"CREATE TABLE {to}.{table} AS SELECT * FROM {name}.{table}")

    @retry(
        retry=retry_if_exception_type(pymysql.OperationalError),
        wait=wait_fixed(0.1),
        stop=stop_after_attempt(300),
        reraise=True,
    )
    def _wait(self) -> None:
        self.connect().close()


@dataclass
class MariaDb(Warehouse):
    """A dataset, which in MariaDB is a database.

    Attributes:
        server: The server.
    """

    no_table = (pymysql.ProgrammingError,)

    server: MariaDbServer | None = None

    def __post_init__(self) -> None:
        if self.server and self.database == DATASET:
            self._server.empty(DATASET, f"{DATASET}_staging")

    @property
    def _server(self) -> MariaDbServer:
        assert self.server
        return self.server

    def destination(self) -> Any:
        return dlt.destinations.sqlalchemy(self._server.url)

    def copy(self, folder: Path) -> "MariaDb":
        """A copy to be restored from."""
        self._server.copy(DATASET, BACKUP)
        return MariaDb(self.kind, folder, database=BACKUP, server=self.server)

    def delete_database(self) -> None:
        self._server.empty(DATASET, f"{DATASET}_staging")

    def restore(self, backup: Warehouse) -> None:
        self._server.copy(backup.database, DATASET)

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        with closing(self._server.connect()) as connection:
            connection.select_db(DATASET)
            with connection.cursor() as cursor:
                cursor.execute("SET time_zone = '+00:00'")
                yield cursor
