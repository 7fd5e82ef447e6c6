"""The machine that the examples in pipelines/schedulers are written for, as a folder."""

import os
import shutil
import sys
from pathlib import Path

import duckdb

from ampersand_pipelines.pipeline import DEFAULT_DATASET, DEFAULT_DUCKDB
from tests.support.offline import Offline

ROOT = Path(__file__).resolve().parents[2]
SCHEDULERS = ROOT / "pipelines" / "schedulers"

PIP_DRY_RUN = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_DRY_RUN": "1",
    "PIP_NO_INDEX": "1",
    "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it the wrong way round
}
"""Lets pip look whether it could install, and ask nobody."""


class Machine:
    """Somebody's machine, with the project in a virtual environment.

    Attributes:
        home: What is /srv/ampersand in the examples.
        environment: For programs in Python, which may speak to this machine only.
    """

    def __init__(self, folder: Path) -> None:
        """Makes the folders.

        Args:
            folder: An empty folder.
        """
        self.home = folder / "srv"
        self.home.mkdir()
        (self.home / ".venv").symlink_to(sys.prefix)
        self._offline = Offline(folder)
        self.environment = {
            **self._offline.environment,
            "DLT_DATA_DIR": str(folder / "dlt"),
            "SOURCES__AMPERSAND__MAX_ATTEMPTS": "1",
            "RETRY_PAUSE": "0",
        }

    def install(self, file: str) -> str:
        """Copies an example here, and returns it with the paths of this machine."""
        text = (SCHEDULERS / file).read_text().replace("/srv/ampersand", str(self.home))
        copy = self.home / Path(file).name
        copy.write_text(text)
        shutil.copymode(SCHEDULERS / file, copy)
        return text

    def give_key(self) -> None:
        """Writes the file with the key, as one with an editor would."""
        (self.home / ".dlt").mkdir(exist_ok=True)
        secrets = self.home / ".dlt" / "secrets.toml"
        secrets.touch(mode=0o600)
        secrets.write_text('[sources.ampersand]\napi_key = "any"\n')

    def integrations(self) -> set[str]:
        """Names of the integrations that are there now, in the database."""
        assert self._offline.attempts() == []
        return integrations(self.home / DEFAULT_DUCKDB)


def integrations(file: Path) -> set[str]:
    """Names of the integrations that are there now, in a DuckDB file."""
    with duckdb.connect(str(file), read_only=True) as connection:
        rows = connection.execute(f"SELECT name FROM {DEFAULT_DATASET}.current_integrations")
        return {name for (name,) in rows.fetchall()}


def path_of(folder: Path) -> str:
    """A PATH that begins with a folder."""
    return os.pathsep.join([str(folder), os.environ["PATH"]])
