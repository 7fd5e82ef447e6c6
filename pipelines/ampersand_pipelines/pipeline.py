"""The dlt pipeline that the commands run."""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import dlt
import duckdb
from dlt.common.destination import Destination
from dlt.common.destination.exceptions import (
    InvalidDestinationReference,
    UnknownDestinationModule,
)
from dlt.common.normalizers.naming.snake_case import NamingConvention
from dlt.common.pipeline import get_dlt_pipelines_dir
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from dlt.pipeline.pipeline import Pipeline

from ampersand import AmpersandError, ConfigurationError
from ampersand.merging import with_direct_merges

PIPELINE_NAME = "ampersand"
DEFAULT_DATASET = "ampersand_data"
DEFAULT_DUCKDB = "ampersand.duckdb"


@dataclass(frozen=True)
class Target:
    """Where a pipeline loads to.

    Attributes:
        destination: dlt's name of the destination.
        duckdb_file: Database file, for the destination `duckdb`; None: `ampersand.duckdb`.
        dataset: Name of the dataset (the schema inside the database).
        pipelines_dir: Folder for dlt's working files; None: one in dlt's own for each target.
    """

    destination: str = "duckdb"
    duckdb_file: str | None = None
    dataset: str = DEFAULT_DATASET
    pipelines_dir: str | None = None

    @property
    def file(self) -> Path | None:
        """Path of the database file; None: the destination has none."""
        if self.destination != "duckdb":
            return None
        return Path(self.duckdb_file or DEFAULT_DUCKDB).absolute()

    @property
    def place(self) -> str:
        """The destination, for people."""
        if self.destination == "duckdb":
            return f"{self.duckdb_file or DEFAULT_DUCKDB}, dataset {self.dataset}"
        return f"{self.destination}, dataset {self.dataset}"


def make_pipeline(target: Target, progress: Any = None, *, read_only: bool = False) -> Pipeline:
    """Makes the pipeline for a target.

    Args:
        target: Where it loads to.
        progress: How it tells its progress, as dlt takes it.
        read_only: Whether a DuckDB file is opened for reading, which many may do at once.

    Raises:
        ConfigurationError: The target cannot work.
    """
    check_target(target)
    destination: Any = target.destination
    if target.file:
        credentials = DuckDbCredentials(str(target.file), read_only=read_only)
        # also for what an interrupted run left, which is loaded before the source is asked
        destination = with_direct_merges(dlt.destinations.duckdb(credentials))
    return dlt.pipeline(
        PIPELINE_NAME,
        destination=destination,
        dataset_name=target.dataset,
        pipelines_dir=str(_pipelines_dir(target)),
        progress=progress,
    )


def check_target(target: Target) -> None:
    """Looks whether a target can work, as far as can be told without it.

    Raises:
        ConfigurationError: It cannot.
    """
    name = NamingConvention().normalize_table_identifier(target.dataset)
    if name != target.dataset:
        raise ConfigurationError(
            f"dlt would call the dataset {target.dataset} {name}; give that name: --dataset {name}"
        )
    file = target.file
    if file:
        if file.stem.casefold() == target.dataset.casefold():
            raise ConfigurationError(
                f"the database file {file.name} must not be called like the dataset "
                f"{target.dataset}: DuckDB could not tell them apart; give another name with "
                "--duckdb"
            )
        if not file.parent.is_dir():
            raise ConfigurationError(f"the folder {file.parent} does not exist; make it first")
        return
    try:
        Destination.from_reference(target.destination)
    except (UnknownDestinationModule, InvalidDestinationReference):
        known = sorted(dlt.destinations.__all__)
        raise ConfigurationError(
            f"dlt has no destination {target.destination}; it has {', '.join(known)} (SQLite and "
            "others are reached by sqlalchemy)"
        ) from None
    if target.duckdb_file is not None:
        raise ConfigurationError("--duckdb goes with --destination duckdb")


def _pipelines_dir(target: Target) -> Path:
    """The folder for dlt's working files: of its own for each target, if none is named.

    dlt keeps what is pending by the name of the pipeline alone, and would load what a killed run
    left for one database into the next one.
    """
    if target.pipelines_dir:
        return Path(target.pipelines_dir)
    # another folder has other settings, and so perhaps another server
    place = target.file or Path(os.environ.get("DLT_PROJECT_DIR", "."))
    parts = (target.destination, str(place.resolve()), target.dataset)
    digest = hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:12]
    return Path(get_dlt_pipelines_dir()) / f"{PIPELINE_NAME}-{digest}"


class AnotherRun(AmpersandError):
    """Somebody else is loading to the same place."""


class FolderNotWritable(AmpersandError):
    """dlt's working files cannot be written."""


@contextmanager
def only_run(target: Target, progress: Any = None) -> Iterator[Pipeline]:
    """The pipeline for a target, while no other run loads to it.

    Two at once would take each other's working files, and on a server each other's rows, which are
    on the way through the same staging tables. The kernel and the database end what this holds,
    however the process ends.

    Args:
        target: Where it loads to.
        progress: As `make_pipeline` takes it.

    Raises:
        AnotherRun: There is one already.
        FolderNotWritable: dlt's working files cannot be written.
        ConfigurationError: The target cannot work.
        Exception: What dlt raises when the database cannot be opened.
    """
    check_target(target)
    with _folder_held(_pipelines_dir(target)):
        pipeline = make_pipeline(target, progress)
        with _dataset_held(pipeline, target):
            yield pipeline


@contextmanager
def _folder_held(folder: Path) -> Iterator[None]:
    """Keeps other runs away from dlt's working files on this machine."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        note = (folder / f"{PIPELINE_NAME}.lock").open("a+")
    except OSError as error:
        raise _not_writable(folder, error) from error
    with note:
        if not _lock(note):
            note.seek(0)
            pid = note.read().strip()
            raise AnotherRun(
                f"another run{f' (PID {pid})' if pid else ''} is under way with the same working "
                f"files, in {folder}; wait until it is done, and run this again"
            )
        try:
            note.truncate(0)
            os.write(note.fileno(), str(os.getpid()).encode())
        except OSError as error:
            raise _not_writable(folder, error) from error
        yield


def _not_writable(folder: Path, error: OSError) -> FolderNotWritable:
    return FolderNotWritable(
        f"dlt's working files cannot be written to {folder} ({error.strerror}); make that "
        "possible, or name another folder with --pipelines-dir, and run this again"
    )


def _lock(file: IO[Any]) -> bool:
    """Locks a file until this process closes it or ends; whether no other process has it."""
    if sys.platform != "win32":  # which has no such lock
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True  # a file system without locks keeps nobody from loading
    return True


@contextmanager
def _dataset_held(pipeline: Pipeline, target: Target) -> Iterator[None]:
    """Keeps other runs out of the dataset, where that can be done: DuckDB and PostgreSQL.

    On PostgreSQL that is out of the staging dataset, where the rows of two runs would mix. So runs
    that have one each (dlt's setting `staging_dataset_name_layout`) can load at the same time.

    DuckDB itself keeps others out while dlt has the file open, which it opens for each step anew;
    all the while it would keep readers out, too. The lock of the file here is of another kind, that
    DuckDB does not look at. The lock of PostgreSQL belongs to a transaction, and not to a session,
    which a pooler of connections might give to others.
    """
    refused = AnotherRun(
        f"another run is loading into {target.place}; wait until it is done, and run this again"
    )
    if target.file:
        # closing it would also end DuckDB's own lock, which nothing needs by then
        with target.file.open("rb") if target.file.is_file() else nullcontext() as file:
            if file and not _lock(file):
                raise refused
            yield
        return
    with pipeline.sql_client() as client:
        if client.capabilities.sqlglot_dialect == "postgres":
            name = f"{PIPELINE_NAME}\x00{client.staging_dataset_name}"
            key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
            client.execute_sql("BEGIN")
            if client.execute_sql("SELECT pg_try_advisory_xact_lock(%s)", key) != [(True,)]:
                raise refused
        yield


def given(**arguments: Any) -> dict[str, Any]:
    """Arguments of the source that are not None, which dlt would take for a setting of its own.

    It would not look then for what is configured.
    """
    return {name: value for name, value in arguments.items() if value is not None}


def connect_once(pipeline: Pipeline) -> None:
    """Connects to the destination, so that what prevents it is told before anything is tried.

    Raises:
        Exception: What dlt raises when it cannot.
    """
    with pipeline.sql_client():
        pass


@contextmanager
def no_empty_database(target: Target) -> Iterator[None]:
    """Removes the DuckDB file that a first load made, should it fail before it made a table.

    Whoever asks that file would be told of a missing view instead of a missing database. So is a
    file removed that DuckDB was cut short in making: it can neither use it nor make it anew.
    """
    file = target.file
    if file and _is_cut_short(file):
        file.unlink()
    if file is None or file.exists():
        yield
        return
    try:
        yield
    except BaseException:
        if _is_cut_short(file) or _is_empty(file):
            file.unlink()
        raise


_HEADERS = 3 * 4096
"""Bytes that a DuckDB file begins with; with less it holds nothing."""


def _is_cut_short(file: Path) -> bool:
    if not file.is_file():
        return False
    with file.open("rb") as stream:
        head = stream.read(_HEADERS)
    return head[8:12] == b"DUCK" and len(head) < _HEADERS


def _is_empty(file: Path) -> bool:
    if not file.exists():
        return False
    with suppress(duckdb.Error), duckdb.connect(str(file)) as connection:
        return not connection.sql("FROM duckdb_tables()").limit(1).fetchall()
    return False  # somebody else has it by now


@contextmanager
def throwaway_pipeline(progress: Any = None) -> Iterator[Pipeline]:
    """A pipeline into a database that is gone afterwards, for a dry run."""
    with TemporaryDirectory(prefix="ampersand-") as folder:
        yield make_pipeline(
            Target(duckdb_file=str(Path(folder) / "dry_run.duckdb"), pipelines_dir=folder), progress
        )


def find_project_folder() -> None:
    """Lets dlt find `.dlt/` from any folder below the project's, not from its root alone."""
    if "DLT_PROJECT_DIR" in os.environ:
        return
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[2]):
        if (folder / ".dlt").is_dir():
            os.environ["DLT_PROJECT_DIR"] = str(folder)
            return
