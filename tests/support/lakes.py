"""Lakes: tables that lie in files, on disk or on an S3 server."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import dlt
import duckdb
from dlt.destinations.impl.ducklake.configuration import DuckLakeCredentials
from duckdb_extensions import import_extension

from ampersand import open_views

from .s3 import S3
from .warehouses import DATASET, Warehouse

EXTENSIONS = ("avro", "delta", "ducklake", "httpfs", "iceberg", "postgres_scanner")


@cache
def install_extensions() -> None:
    """Installs what DuckDB would else fetch when it reads a lake."""
    with duckdb.connect() as connection:
        for name in EXTENSIONS:
            import_extension(name, con=connection)


@dataclass
class Lake(Warehouse):
    """A lake, which dlt reads through a DuckDB in memory.

    Attributes:
        s3: The server that has its files; None: they are in the folder.
        bucket: Name of the bucket there.
    """

    s3: S3 | None = None
    bucket: str = ""

    @property
    def _files(self) -> Path:
        return self.folder / "lake"

    @property
    def url(self) -> str:
        return f"s3://{self.bucket}" if self.s3 else self._files.as_uri()

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        # by somebody who has no working files of dlt's
        reading = self.folder / "reading"
        shutil.rmtree(reading, ignore_errors=True)
        pipeline = dlt.pipeline(
            "ampersand",
            destination=self.destination(),
            dataset_name=DATASET,
            pipelines_dir=str(reading),
        )
        with open_views(pipeline) as client:
            connection = client.native_connection
            connection.execute("SET TimeZone = 'UTC'")
            yield connection


@dataclass
class OpenTables(Lake):
    """Tables in the format Delta or Iceberg."""

    @property
    def table_format(self) -> dict[str, Any]:
        return {"table_format": self.kind.removesuffix("_s3")}

    def destination(self) -> Any:
        credentials = self.s3.credentials() if self.s3 else None
        return dlt.destinations.filesystem(self.url, credentials=credentials)

    def copy(self, folder: Path) -> "OpenTables":
        """A copy of the files, to be restored from: they name the place where they are."""
        backup = OpenTables(self.kind, folder)
        if self.s3:
            self.s3.files().get(f"{self.bucket}/", str(backup._files), recursive=True)
        else:
            shutil.copytree(self._files, backup._files)
        return backup

    def delete_database(self) -> None:
        if self.s3:
            self.s3.empty(self.bucket)
        else:
            shutil.rmtree(self._files)

    def restore(self, backup: Warehouse) -> None:
        assert isinstance(backup, OpenTables)
        self.delete_database()
        if self.s3:
            self.s3.files().put(f"{backup._files}/", self.bucket, recursive=True)
        else:
            shutil.copytree(backup._files, self._files)


@dataclass
class DuckLake(Lake):
    """A DuckLake, whose catalog is a DuckDB or a PostgreSQL database."""

    @property
    def _catalog(self) -> str:
        if self.postgres:
            return self.postgres.url(self.database)
        return f"duckdb:///{self.folder / 'catalog.duckdb'}"

    def destination(self) -> Any:
        return dlt.destinations.ducklake(
            DuckLakeCredentials("lake", catalog=self._catalog, storage=self.url)
        )

    def copy(self, folder: Path) -> "DuckLake":
        """A copy of files and catalog, to be restored from: they name the place where they are."""
        backup = DuckLake(self.kind, folder)
        folder.mkdir()
        shutil.copytree(self._files, backup._files)
        if self.postgres:
            backup.postgres, backup.database = self.postgres, self.postgres.create(self.database)
        for path in self.folder.glob("catalog.*"):
            shutil.copy(path, folder)
        return backup

    def delete_database(self) -> None:
        super().delete_database()
        shutil.rmtree(self._files)
        for path in self.folder.glob("catalog.*"):
            path.unlink()

    def restore(self, backup: Warehouse) -> None:
        assert isinstance(backup, DuckLake)
        if self.postgres:
            self.postgres.drop(self.database)
            self.postgres.create(backup.database, self.database)
        shutil.rmtree(self._files)
        shutil.copytree(backup._files, self._files)
        for path in backup.folder.glob("catalog.*"):
            shutil.copy(path, self.folder)
