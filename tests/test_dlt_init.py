"""`dlt init` takes the source out of this repository, and what it makes runs."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import duckdb
import pytest

from ampersand import ConfigurationError
from ampersand.declaration import Table
from ampersand.settings import assign_keys
from ampersand.tables import TABLES
from ampersand_pipelines.sandbox import SandboxServer, bundled_account
from tests.support.offline import Offline

SOURCES = Path(__file__).resolve().parents[1] / "sources"
KEY = "key-for-tests"
NOT_COPIED = {"py.typed", "requirements.txt"}
"""By dlt: it has no use for the one, and writes the other anew."""


def git(folder: Path, *arguments: str) -> None:
    name = ["-c", "user.name=tests", "-c", "user.email=tests@example.com"]
    subprocess.run(["git", *name, *arguments], cwd=folder, check=True, capture_output=True)


def dlt(offline: Offline, folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "dlt", "--non-interactive", *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**offline.environment, "RUNTIME__DLTHUB_TELEMETRY": "false"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Offline:
    return Offline(tmp_path_factory.mktemp("offline"))


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository with one commit: the sources as they are in this folder."""
    folder = tmp_path_factory.mktemp("repository")
    shutil.copytree(SOURCES, folder / "sources", ignore=shutil.ignore_patterns("__pycache__"))
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "The sources")
    return folder


@pytest.fixture(scope="module")
def project(offline: Offline, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `dlt init` makes in an empty folder."""
    folder = tmp_path_factory.mktemp("project")
    dlt(offline, folder, "init", "ampersand", "duckdb", "--location", str(repository))
    return folder


def test_init_copies_the_source_and_its_requirements(project: Path, offline: Offline):
    assert offline.attempts() == []
    copied = {path.name for path in (project / "ampersand").iterdir()}
    ours = {path.name for path in (SOURCES / "ampersand").iterdir()} - {"__pycache__"}
    assert copied - {"__pycache__"} == ours - NOT_COPIED
    assert "README.md" in copied
    requirements = (project / "requirements.txt").read_text().splitlines()
    wanted = (SOURCES / "ampersand" / "requirements.txt").read_text().splitlines()
    assert len(requirements) == len(wanted)
    assert requirements[0].startswith("dlt[duckdb]")
    secrets = tomllib.loads((project / ".dlt" / "secrets.toml").read_text())
    # what is not filled in counts as not set, both of them
    assert secrets["sources"]["ampersand"] == dict.fromkeys(
        ("api_key", "personal_hash_key"), "<configure me>"
    )


def test_catalogue_has_the_source(repository: Path, offline: Offline, tmp_path: Path):
    listed = dlt(offline, tmp_path, "init", "--list-sources", "--location", str(repository))
    line = next(line for line in listed.splitlines() if line.startswith("ampersand: "))
    assert line == (
        "ampersand: Loads the integrations of Ampersand projects into relational tables, "
        "with history."
    )


def test_script_that_init_makes_loads_everything(project: Path, offline: Offline, tmp_path: Path):
    account = bundled_account()
    required = [
        field
        for listing in account.integrations.values()
        for integration in listing
        for read in integration["latestRevision"]["content"].get("read", {}).get("objects", ())
        for field in read.get("requiredFields", ())
    ]
    with SandboxServer(account) as server:
        done = subprocess.run(
            [sys.executable, "ampersand_pipeline.py"],
            cwd=project,
            env={
                **offline.environment,
                "AMP_API_KEY": KEY,
                "AMP_API_URL": server.url,
                "DLT_DATA_DIR": str(tmp_path),
            },
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    # the environment's: what init wrote into secrets.toml is no key
    assert {request.headers["x-api-key"] for request in server.requests} == {KEY}
    assert offline.attempts() == []
    # the copy was used, and not the package that the tests run on
    assert (project / "ampersand" / "__pycache__").is_dir()
    with duckdb.connect(str(project / "ampersand.duckdb"), read_only=True) as connection:
        connection.execute("USE ampersand_data")
        assert connection.execute(
            "SELECT project_name, COUNT(*) FROM current_integrations GROUP BY ALL ORDER BY ALL"
        ).fetchall() == [("lanternfish-production", 23), ("lanternfish-staging", 7)]
        assert connection.execute(
            "SELECT COUNT(*) FROM current_fields WHERE is_required"
        ).fetchall() == [(len(required),)]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_readme_of_the_source_has_every_resource(table: Table):
    text = (SOURCES / "ampersand" / "README.md").read_text()
    assert f"\n| `{table.name}` | {table.grain}" in text


def test_placeholder_is_no_key(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("AMP_API_KEY", raising=False)
    with pytest.raises(ConfigurationError, match="api_key is still <configure me>: put the key "):
        assign_keys("<configure me>", None, None)
