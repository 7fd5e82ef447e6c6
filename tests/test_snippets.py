"""What the documents say to type works: each is followed from top to bottom, as a reader would.

Every fenced block has a language, and every language a way of being tried, so none escapes. SQL
and its answers lie between marks: docs/generate.py writes them, and tests/test_docs.py runs them.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
import sqlglot
import yaml
from cronsim import CronSim
from dlt.common.configuration.specs import RuntimeConfiguration

from ampersand import ampersand_source
from ampersand_pipelines.cli import main
from ampersand_pipelines.exit_codes import ExitCode
from ampersand_pipelines.sandbox import Account, Failure, SandboxServer
from tests.support.offline import Offline
from tests.support.schedulers import PIP_DRY_RUN
from tests.support.snippets import blocks

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("sources/**/*.md")]
PAST = datetime(2026, 1, 1, tzinfo=UTC)
PLACEHOLDER = r"<(?:this repository|folder or address of this repository)>"
COPIED = ("sources", "pipelines", "pyproject.toml", "README.md", "LICENSE")


def project(name: str) -> dict[str, str]:
    return {"id": f"id-of-{name}", "name": name}


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What make would do, without doing it."""
    command = ["make", "--no-print-directory", "--dry-run", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


class Reader:
    """Somebody who has a clone's `.venv` and a folder, and types what a document says.

    `make` is only asked whether it could, and pip installs nothing.
    """

    def __init__(self, folder: Path, repository: Path) -> None:
        self.folder = folder / "folder"
        self._repository = repository
        self._offline = Offline(folder)
        programs = folder / "programs"
        programs.mkdir()
        dry_run = f'#!/bin/sh\nexec {shutil.which("make")} --dry-run -C {ROOT} "$@"\n'
        (programs / "make").write_text(dry_run)
        (programs / "make").chmod(0o755)
        (self.folder / ".dlt").mkdir(parents=True)
        (self.folder / ".venv").symlink_to(sys.prefix)
        path = os.pathsep.join([str(programs), f"{sys.prefix}/bin", os.environ["PATH"]])
        self._environment = {
            **self._offline.environment,
            "PATH": path,
            "DLT_DATA_DIR": str(folder / "dlt"),
            "RUNTIME__DLTHUB_TELEMETRY": "false",  # for dlt's own command and plain scripts
            **PIP_DRY_RUN,
        }

    def types(self, language: str, text: str) -> None:
        """Does with a block what its language says."""
        try_it = getattr(self, f"_{language.replace(' ', '_')}", None)
        assert try_it, f"nothing here tries a block of {language or 'no language'}:\n{text}"
        try_it(text)
        assert self._offline.attempts() == []

    def _sh(self, text: str) -> None:
        with SandboxServer(Account([project("crm-production"), project("crm-staging")])) as server:
            text = re.sub(PLACEHOLDER, str(self._repository), text)
            self._run(["sh", "-e", "-c", text], server, AMP_API_KEY="any")

    def _python(self, text: str) -> None:
        if "spark" in text:  # tests/test_engines.py runs it, with engines
            compile(text, "a document", "exec")
            return
        with SandboxServer(Account([project("crm-production")])) as server:
            self._run([sys.executable, "-c", text], server, AMP_API_KEY="any")

    def _toml(self, text: str) -> None:
        """Settings with keys, each of which sees what it is meant for."""
        numbers = iter(range(1, 100))
        text = re.sub(r'"\.\.\."', lambda _: f'"key-{next(numbers)}"', text)
        everything = tomllib.loads(text)
        if "runtime" in everything:
            assert set(everything["runtime"]) <= RuntimeConfiguration.get_resolvable_fields().keys()
            return
        settings = everything["sources"]["ampersand"]
        if "collections" in settings:
            ampersand_source(api_key="any", **settings)
            return
        if "personal_data_patterns" in settings:
            self._patterns(text, settings["personal_data_patterns"])
            return
        keys = settings.get("api_keys", {})
        account = Account([project(name) for name in keys or ("one", "two")], keys={})
        assert account.keys is not None
        for name, key in keys.items():
            account.keys[key] = {project(name)["id"]}
        if not keys:
            account.keys[settings["api_key"]] = {project("one")["id"], project("two")["id"]}
        secrets = self.folder / ".dlt" / "secrets.toml"
        secrets.write_text(text)
        with SandboxServer(account) as server:
            out = self._run([".venv/bin/ampersand", "check"], server)
        secrets.unlink()
        assert f"{len(account.projects)} projects can be loaded" in out
        assert {request.headers["x-api-key"] for request in server.requests} == account.keys.keys()

    def _patterns(self, text: str, patterns: dict[str, list[str]]) -> None:
        config = self.folder / ".dlt" / "config.toml"
        config.write_text(text)
        with SandboxServer(Account([project("one")])) as server:
            apart = ["--duckdb", "patterns.duckdb", "--pipelines-dir", "patterns"]
            self._run([".venv/bin/ampersand", "load", *apart], server, AMP_API_KEY="any")
        config.unlink()
        with duckdb.connect(str(self.folder / "patterns.duckdb")) as connection:
            found = connection.execute(
                "SELECT personal_data_kind, pattern FROM ampersand_data.personal_data_patterns "
                "ORDER BY position"
            ).fetchall()
        assert found == [(kind, pattern) for kind, those in patterns.items() for pattern in those]

    def _crontab(self, text: str) -> None:
        """Each command, in the surroundings that cron gives it: silent when all is well."""
        secrets = self.folder / ".dlt" / "secrets.toml"
        secrets.write_text('[sources.ampersand]\napi_key = "any"\n')
        account = Account([project("crm-production"), project("crm-staging")])
        for line in text.splitlines():
            if re.match(r"[A-Z]+=", line):
                continue
            *when, command = line.split(maxsplit=5)
            assert next(CronSim(" ".join(when), PAST)) > PAST
            assert "%" not in command  # a line break to cron
            command = command.replace("/srv/ampersand", shlex.quote(str(self.folder)))
            with SandboxServer(account) as server:
                cron = {"PATH": "/usr/bin:/bin", "SOURCES__AMPERSAND__MAX_ATTEMPTS": "1"}
                assert self._run(["/bin/sh", "-c", command], server, **cron) == ""
                account.failures["/projects/id-of-crm-staging/integrations"] = Failure(503)
                out = self._run(["/bin/sh", "-c", command], server, **cron)
            assert re.search("FAILED +crm-staging", out)
            assert f"exit code {ExitCode.PARTLY_LOADED}" in out
        secrets.unlink()

    def _sh_elsewhere(self, text: str) -> None:
        """What tests/test_schedulers.py and tests/lane_*.py do with what is installed for them."""
        subprocess.run(["sh", "-n", "-c", text], check=True)

    _sh_cron = _sh_systemd = _sh_dagster = _sh_airflow = _sh_elsewhere

    def _postgresql(self, text: str) -> None:
        """What tests/test_operations.py does with a server."""
        assert sqlglot.parse(text, dialect="postgres")

    def _yaml(self, text: str) -> None:
        assert yaml.safe_load(text)

    def _mermaid(self, text: str) -> None:
        """Nothing to try: whether it can be drawn, the eye has to say."""
        assert text.startswith("flowchart")

    def _text(self, text: str) -> None:
        """What `make test` shows."""
        assert text.splitlines()[0] in make("test").stdout

    def _run(self, command: list[str], server: SandboxServer, **variables: str) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**self._environment, "AMP_API_URL": server.url, **variables},
            input="y\n" * 9,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository with what a reader would install from this one."""
    folder = tmp_path_factory.mktemp("repository")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pyc*"))
        else:
            shutil.copy(ROOT / name, folder)
    author = ["-c", "user.name=tests", "-c", "user.email=tests@example.com"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "All of it"]):
        subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.mark.documents
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_can_be_followed(document: Path, repository: Path, tmp_path: Path) -> None:
    reader = Reader(tmp_path, repository)
    for language, text in blocks(document):
        reader.types(language, text)


def test_every_exit_code_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    in_help = re.search(r"(?s)exit codes:\n(.*?)\n\n", capsys.readouterr().out)
    assert in_help
    in_readme = re.search(r"(?s)\n\| exit code \|.*?\n\n", (ROOT / "README.md").read_text())
    assert in_readme
    codes = [str(int(code)) for code in ExitCode]
    for text, first in ((in_help[1], r"(?m)^  ([\d, ]+)  "), (in_readme[0], r"(?m)^\| ([\d, ]+) ")):
        assert re.findall(r"\d+", " ".join(re.findall(first, text))) == codes
