"""The command line as its users meet it: exit codes, messages, output."""

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import dlt
import duckdb
import pytest
from dlt.common.runtime.collector import NullCollector

from ampersand import ampersand_source
from ampersand.tables import TABLES, TABLES_BY_NAME
from ampersand.views import VIEWS, VIEWS_BY_NAME
from ampersand_pipelines.cli import main
from ampersand_pipelines.exit_codes import ExitCode
from ampersand_pipelines.load import IntegrationName, LoadReport
from ampersand_pipelines.report import load_summary
from ampersand_pipelines.sandbox import Account, Failure, SandboxServer
from ampersand_pipelines.wording import counted

KEY = "key-for-tests"
COMMAND = [sys.executable, "-m", "ampersand_pipelines.cli"]


def _integration(number: int, project: str, **content: Any) -> dict[str, Any]:
    name = f"integration-{number}"
    return {
        "id": f"i{number}",
        "projectId": project,
        "name": name,
        "provider": "hubspot",
        "createTime": "2024-01-01T00:00:00Z",
        "latestRevision": {
            "id": f"r{number}",
            "specVersion": "1.0.0",
            "createTime": "2024-01-01T00:00:00Z",
            "content": {"name": name, "provider": "hubspot", **content},
        },
    }


@contextmanager
def started(*arguments: str, folder: Path, **streams: Any) -> Iterator[subprocess.Popen[str]]:
    """The command, in a process that ends with the test, however that goes."""
    with subprocess.Popen([*COMMAND, *arguments], cwd=folder, text=True, **streams) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def account() -> Account:
    """Two projects with three integrations."""
    return Account(
        projects=[{"id": "p1", "name": "first"}, {"id": "p2", "name": "second"}],
        integrations={
            "p1": [_integration(1, "p1"), _integration(2, "p1", novelty=True)],
            "p2": [_integration(3, "p2")],
        },
    )


@pytest.fixture
def server(account: Account) -> Iterator[SandboxServer]:
    """Serves the account."""
    with SandboxServer(account) as running:
        yield running


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, a key, and a client that gives up at once."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DLT_PROJECT_DIR", str(tmp_path))
    monkeypatch.setenv("AMP_API_KEY", KEY)
    monkeypatch.setenv("SOURCES__AMPERSAND__MAX_ATTEMPTS", "1")
    # dlt's logger keeps the stderr of the first test that ran, which pytest has closed since
    monkeypatch.setattr(logging, "raiseExceptions", False)


def _load(server: SandboxServer, *options: str) -> int:
    place = ["--duckdb", "file.duckdb", "--pipelines-dir", "work"]
    return main(["load", "--base-url", server.url, *place, *options])


def test_help_answers_without_heavy_imports() -> None:
    script = (
        "import sys; from ampersand_pipelines.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'dlt', 'pyarrow', 'duckdb', 'jinja2', 'pandas', 'requests', 'sqlglot'}\n"
        "heavy &= sys.modules.keys()\nsys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "exit codes:" in done.stdout


def test_importing_the_source_does_not_import_pandas() -> None:
    script = "import sys, ampersand; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


def test_summary_of_a_first_load(server: SandboxServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert _load(server) == ExitCode.DONE
    out = capsys.readouterr().out
    assert "Loaded into file.duckdb, dataset ampersand_data" in out
    assert "2 listed (2 loaded, 0 unchanged), 0 failed, 0 gone, 0 not covered" in out
    assert "3 new, 0 changed, 0 gone; 3 now" in out
    assert "1 value that no column holds: novelty (1)" in out


def test_summary_fits_a_terminal_and_is_a_line_per_fact_elsewhere(
    server: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen, end = os.openpty()
    monkeypatch.setenv("COLUMNS", "60")
    with os.fdopen(screen, "rb", buffering=0) as terminal, os.fdopen(end, "w") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        assert _load(server) == ExitCode.DONE
        stdout.flush()
        shown = terminal.read(65536).decode().splitlines()
    assert max(map(len, shown)) <= 60
    start = next(index for index, line in enumerate(shown) if line.startswith("Rows sent "))
    assert re.match(r" {15}\w", shown[start + 1])
    report = LoadReport(rows=dict.fromkeys(TABLES_BY_NAME, 1000))
    lines = load_summary(report, "here").splitlines()
    assert [line for line in lines if line.startswith(" ")] == []


def test_json_is_all_that_stdout_has(
    server: SandboxServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _load(server, "--json") == ExitCode.DONE
    answer = json.loads(capsys.readouterr().out)
    assert answer["exit_code"] == 0
    assert answer["rows"]["revisions"] == 3
    assert [project["outcome"] for project in answer["projects"]] == ["listed", "listed"]


def test_quiet_says_nothing_when_all_is_well(
    server: SandboxServer, capfd: pytest.CaptureFixture[str]
) -> None:
    assert _load(server, "--quiet") == ExitCode.DONE
    assert capfd.readouterr() == ("", "")


def test_what_changed_is_told(
    server: SandboxServer, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _load(server, "--quiet") == ExitCode.DONE
    account.integrations["p1"] = [_integration(1, "p1", displayName="New"), _integration(4, "p1")]
    assert _load(server) == ExitCode.DONE
    out = capsys.readouterr().out
    assert "2 listed (1 loaded, 1 unchanged)" in out
    assert "1 new, 1 changed, 1 gone; 3 now" in out
    assert "changed      first/integration-1" in out
    assert "gone         first/integration-2" in out
    assert "new          first/integration-4" in out


def test_one_failing_project_is_partly_loaded(
    server: SandboxServer, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.failures["/projects/p2/integrations"] = Failure(503)
    assert _load(server) == ExitCode.PARTLY_LOADED
    out = capsys.readouterr().out
    assert "1 listed (1 loaded, 0 unchanged), 1 failed" in out
    assert "FAILED       second: GET" in out
    assert "2 now" in out


def test_nothing_listed_is_a_failure_that_changes_nothing(
    server: SandboxServer, account: Account, capfd: pytest.CaptureFixture[str]
) -> None:
    assert _load(server, "--quiet") == ExitCode.DONE
    account.failures["/projects"] = Failure(
        401,
        b'{"title": "Unauthorized", "status": 401, "remedy": "Make a new key"}',
        {"Content-Type": "application/problem+json"},
    )
    assert _load(server, "--quiet") == ExitCode.FAILED
    captured = capfd.readouterr()
    assert captured.err.splitlines()[-1].startswith("ampersand: no project could be listed: GET")
    assert captured.err.count("Remedy: Make a new key") == 1
    assert "Traceback" not in captured.err + captured.out
    del account.failures["/projects"]
    assert _load(server, "--json") == ExitCode.DONE
    assert json.loads(capfd.readouterr().out)["current"] == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--select", "tables"], "there is no table tables; --select takes: projects,"),
        (["--dataset", "file"], "must not be called like the dataset"),
        (["--dataset", "My Data"], "dlt would call the dataset My Data my_data; give that name"),
        (["--duckdb", "no/such/file.duckdb"], "does not exist; make it first"),
        (["--destination", "postgres"], "--duckdb goes with --destination duckdb"),
        (["--destination", "oracle"], "dlt has no destination oracle; it has athena, bigquery"),
        (["--base-url", "http://api.example.com"], "must begin with https://"),
        (["--project", ""], "must not be empty"),
    ],
    ids=[
        "table",
        "dataset",
        "dataset-name",
        "folder",
        "destination",
        "unknown-destination",
        "plain-http",
        "empty-project",
    ],
)
def test_bad_usage_tries_nothing(
    server: SandboxServer,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    message: str,
) -> None:
    assert _load(server, *options) == ExitCode.USAGE
    error = capsys.readouterr().err
    assert message in error
    assert len(error.splitlines()) == 1
    assert server.requests == []


def test_unknown_option_is_named_and_its_value_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    for options, message in (
        (["--projects", "s3cret"], "there is no option --projects; did you mean --project?"),
        (["--api-key=s3cret"], "there is no option --api-key\n"),
        (["s3cret"], "too many arguments"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(["load", *options])
        error = capsys.readouterr().err
        assert ended.value.code == ExitCode.USAGE
        assert error.startswith("usage: ampersand load ")
        assert message in error
        assert "s3cret" not in error


def test_misspelt_project_is_told_which_there_are(
    server: SandboxServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _load(server, "--project", "furst") == ExitCode.FAILED
    assert main(["check", "--base-url", server.url, "--project", "furst"]) == ExitCode.FAILED
    captured = capsys.readouterr()
    for text in (captured.err.splitlines()[-1], captured.out):
        assert "; the key sees first, second" in text
    monkeypatch.setenv("SOURCES__AMPERSAND__API_KEYS", '{"first": "a", "second": "b"}')
    assert _load(server, "--project", "furst") == ExitCode.USAGE
    assert "there are lines for first, second" in capsys.readouterr().err


def test_no_key_says_where_to_put_one(
    server: SandboxServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AMP_API_KEY")
    assert _load(server) == ExitCode.USAGE
    assert "set api_key under [sources.ampersand]" in capsys.readouterr().err


def test_destination_without_credentials_is_a_usage_error(
    server: SandboxServer, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["load", "--base-url", server.url, "--destination", "postgres", "--quiet"]
    assert main([*arguments, "--pipelines-dir", "work"]) == ExitCode.USAGE
    error = capsys.readouterr().err
    assert "set them under [destination.postgres.credentials] in .dlt/secrets.toml" in error
    assert "DESTINATION__POSTGRES__CREDENTIALS__PASSWORD" in error
    assert len(error.splitlines()) == 1
    assert server.requests == []


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("API_KEYS", '{"p1": ', "write a line per project under [sources.ampersand.api_keys]"),
        ("API_KEYS", "s3cret", "write a line per project under [sources.ampersand.api_keys]"),
        ("CONCURRENCY", "s3cret", "the setting concurrency cannot be read as a whole number"),
        ("BACKOFF", "s3cret", "the setting backoff cannot be read as a number"),
        ("PROJECTS", "s3cret", "the setting projects cannot be read as a list"),
    ],
)
def test_setting_of_another_type_is_named_and_not_shown(
    server: SandboxServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    message: str,
) -> None:
    monkeypatch.setenv(f"SOURCES__AMPERSAND__{name}", value)
    assert _load(server) == ExitCode.USAGE
    error = capsys.readouterr().err
    assert message in error
    assert "s3cret" not in error
    assert len(error.splitlines()) == 1


def test_files_are_not_for_others(server: SandboxServer, tmp_path: Path) -> None:
    before = os.umask(0o002)
    try:
        assert _load(server, "--quiet") == ExitCode.DONE
    finally:
        os.umask(before)
    made = [path for path in tmp_path.rglob("*") if path.name not in ("file.duckdb", "work")]
    assert made
    assert {path.name for path in tmp_path.rglob("*") if path.stat().st_mode & 0o007} == set()
    assert (tmp_path / "file.duckdb").stat().st_mode & 0o777 == 0o660


def test_dry_run_counts_and_leaves_nothing(
    server: SandboxServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _load(server, "--dry-run", "--quiet", "--json") == ExitCode.DONE
    answer = json.loads(capsys.readouterr().out)
    assert answer["rows"]["revisions"] == 3
    assert list(tmp_path.iterdir()) == []


def test_dry_run_does_not_read_like_a_load(
    server: SandboxServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _load(server, "--dry-run") == ExitCode.DONE
    captured = capsys.readouterr()
    assert captured.out.startswith("Dry run, nothing loaded; nor was it looked at what is loaded")
    assert "\nProjects       2 listed, 0 failed\nIntegrations   3 listed\n" in captured.out
    assert [line.split(" ", 2)[1] for line in captured.err.splitlines()] == ["Extract"]


def test_first_load_that_fails_leaves_no_empty_database(
    server: SandboxServer,
    account: Account,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    account.failures["/projects"] = Failure(401)
    assert _load(server) == ExitCode.FAILED
    assert not (tmp_path / "file.duckdb").exists()
    assert main(["findings", "--duckdb", "file.duckdb"]) == ExitCode.USAGE
    assert "there is no database file.duckdb" in capsys.readouterr().err


def test_file_that_is_no_database_is_named_and_left_alone(
    server: SandboxServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "file.duckdb"
    text.write_text("notes " * 10_000)
    assert _load(server) == ExitCode.FAILED
    assert main(["findings", "--duckdb", "file.duckdb"]) == ExitCode.FAILED
    line = f"ampersand: {text} is there, and is no DuckDB database; name another file\n"
    assert capsys.readouterr().err == line * 2
    assert text.read_text() == "notes " * 10_000
    assert server.requests == []


def test_database_that_a_kill_left_without_its_headers_is_made_anew(
    server: SandboxServer, tmp_path: Path
) -> None:
    file = tmp_path / "file.duckdb"
    with duckdb.connect(str(file)):
        pass
    os.truncate(file, 9000)
    assert _load(server, "--quiet") == ExitCode.DONE


def test_address_where_nobody_knows_anything_takes_nothing_away(
    server: SandboxServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOURCES__AMPERSAND__API_KEYS", '{"first": "a", "second": "b"}')
    assert _load(server, "--quiet") == ExitCode.DONE
    place = ["--duckdb", "file.duckdb", "--pipelines-dir", "work"]
    elsewhere = f"{server.url.removesuffix('/v1')}/elsewhere"
    assert main(["load", "--quiet", "--base-url", elsewhere, *place]) == ExitCode.FAILED
    assert "/elsewhere/v1/projects: 404 Not Found" in (error := capsys.readouterr().err)
    assert "Remedy: check the base URL" in error
    assert _load(server, "--json") == ExitCode.DONE
    assert json.loads(capsys.readouterr().out)["current"] == 3


def test_404_of_a_proxy_takes_nothing_away(
    server: SandboxServer,
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SOURCES__AMPERSAND__API_KEYS", '{"first": "a", "second": "b"}')
    assert _load(server, "--quiet") == ExitCode.DONE
    path = "/projects/p2/integrations"
    account.failures[path] = Failure(404, b"<html>", {"Content-Type": "text/html"})
    assert _load(server, "--json") == ExitCode.PARTLY_LOADED
    assert json.loads(capsys.readouterr().out)["current"] == 3
    del account.failures[path]
    account.projects.pop()  # the API's own 404 is another matter
    assert _load(server, "--json") == ExitCode.DONE
    answer = json.loads(capsys.readouterr().out)
    assert (answer["current"], answer["gone_projects"]) == (2, ["second"])


def test_where_nobody_is_reached_no_project_is_tried(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOURCES__AMPERSAND__MAX_ATTEMPTS", "2")
    monkeypatch.setenv("SOURCES__AMPERSAND__BACKOFF", "0")
    monkeypatch.setenv("RUNTIME__LOG_LEVEL", "INFO")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        options = ["--base-url", url, "--duckdb", "file.duckdb", "--pipelines-dir", "work"]
        projects = ["--project", "first", "--project", "second"]
        assert main(["load", "--quiet", *projects, *options]) == ExitCode.FAILED
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith(f"ampersand: no project could be listed: GET {url}/v1/projects: ")
    assert lines[-1].endswith("check the network and the base URL")
    assert len(lines) == 1


def test_several_reasons_are_a_line_each(
    server: SandboxServer, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.failures["/projects/p1/integrations"] = Failure(403)
    account.failures["/projects/p2/integrations"] = Failure(422)
    assert _load(server, "--quiet") == ExitCode.FAILED
    title, *reasons = capsys.readouterr().err.splitlines()
    assert title == "ampersand: no project could be listed:"
    assert sorted(re.findall(r"^  GET .*?: (project \w+: \d+)", "\n".join(reasons), re.M)) == [
        "project p1: 403",
        "project p2: 422",
    ]


def test_retry_that_helps_is_no_news(
    server: SandboxServer,
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SOURCES__AMPERSAND__MAX_ATTEMPTS", "2")
    monkeypatch.setenv("SOURCES__AMPERSAND__BACKOFF", "0")
    account.failures["/projects"] = Failure(503, times=1)
    assert _load(server, "--quiet") == ExitCode.DONE
    assert capsys.readouterr() == ("", "")
    assert account.failures["/projects"].times == 0


def test_log_lines_have_one_form_and_the_run(
    server: SandboxServer, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.failures["/projects/p2/integrations"] = Failure(403)
    assert _load(server, "--json") == ExitCode.PARTLY_LOADED
    captured = capsys.readouterr()
    run_id = json.loads(captured.out)["run_id"]
    warning, *progress = captured.err.splitlines()
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ WARNING Project p2 was not", warning)
    assert warning.endswith(f" (run {run_id})")
    assert [line.split(" ", 2)[1] for line in progress] == ["Extract", "Normalize", "Load"]
    assert all(line.endswith(f" (run {run_id})") for line in progress)


def test_log_lines_are_json_on_demand(server: SandboxServer, account: Account) -> None:
    account.failures["/projects/p2/integrations"] = Failure(403)
    done = subprocess.run(
        [*COMMAND, "load", "--json", "--base-url", server.url, "--duckdb", "file.duckdb"],
        env={**os.environ, "RUNTIME__LOG_FORMAT": "JSON", "DLT_DATA_DIR": "dlt"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == ExitCode.PARTLY_LOADED
    run_id = json.loads(done.stdout)["run_id"]
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert {line["run_id"] for line in lines} == {run_id}
    assert [line.get("project") for line in lines] == ["p2", None, None, None]
    assert "Project p2 was not listed" in lines[0]["msg"]


def test_a_failure_is_told_before_the_next_project_is_asked(
    server: SandboxServer, account: Account, tmp_path: Path
) -> None:
    events = []

    class Progress(NullCollector):
        def update(self, name: str, *_: object, **__: object) -> None:
            if name == "Projects":
                events.append("asked")

    class Log(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            events.append(record.getMessage().partition(":")[0])

    account.failures["/projects/p1/integrations"] = Failure(403)
    pipeline = dlt.pipeline("told", pipelines_dir=str(tmp_path / "dlt"), progress=Progress())
    log = Log(logging.WARNING)
    logging.getLogger("dlt").addHandler(log)
    try:
        pipeline.extract(ampersand_source(base_url=server.url, concurrency=1))
    finally:
        logging.getLogger("dlt").removeHandler(log)
    assert events == ["asked", "Project p1 was not listed", "asked"]


def test_check_lists_projects_and_loads_nothing(
    server: SandboxServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--base-url", server.url, "--json"]) == ExitCode.DONE
    answer = json.loads(capsys.readouterr().out)
    assert {project["name"] for project in answer["projects"]} == {"first", "second"}
    assert [request.path for request in server.requests] == ["/v1/projects"]
    assert list(tmp_path.iterdir()) == []


def test_check_of_a_project_that_is_not_there(
    server: SandboxServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--base-url", server.url, "--project", "third"]) == ExitCode.FAILED
    assert "404" in capsys.readouterr().out


def test_many_gone_is_a_loud_line(
    server: SandboxServer, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _load(server, "--quiet") == ExitCode.DONE
    account.projects.pop()
    assert _load(server, "--quiet") == ExitCode.DONE
    out = capsys.readouterr().out
    assert "WARNING: gone since the last run: 1 integration and 1 project (second). Look" in out


@pytest.mark.parametrize(
    ("before", "gone", "is_loud"),
    [(10, 1, False), (10, 2, True), (100, 19, False), (100, 20, True), (1, 1, False)],
)
def test_how_many_are_many(before: int, gone: int, is_loud: bool) -> None:
    names = [IntegrationName("p", f"i{number}") for number in range(gone)]
    report = LoadReport(gone=names, current=before - gone)
    assert ("WARNING" in load_summary(report, "here")) is is_loud


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 projects"), (1, "1 project"), (2000, "2,000 projects")]
)
def test_things_are_counted_as_people_write_them(number: int, text: str) -> None:
    assert counted(number, "project") == text


@contextmanager
def held_open(file: Path, *, read_only: bool) -> Iterator[int]:
    """Lets another process have a database file open; yields its id."""
    script = (
        f"import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only={read_only}); "
        "print(flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin and process.stdout
        assert process.stdout.readline()
        yield process.pid
        process.stdin.write(b"\n")


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """A database file that another process has open, and the id of that."""
    file = tmp_path_factory.mktemp("held") / "held.duckdb"
    with held_open(file, read_only=False) as process:
        yield file, process


@pytest.mark.parametrize("command", ["load", "changes", "findings", "rebuild"])
def test_database_in_use_is_told_with_who_has_it_and_what_to_do(
    command: str,
    held: tuple[Path, int],
    server: SandboxServer,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    file, process = held
    monkeypatch.setenv("AMP_API_URL", server.url)
    place = ["--duckdb", str(file), "--pipelines-dir", "work"]
    assert main([command, *place]) == ExitCode.FAILED
    out, error = capfd.readouterr()
    assert (out, len(error.splitlines())) == ("", 1)
    assert error.startswith(f"ampersand: another process (PID {process}, ")
    assert f" has the database {file} open" in error
    assert "wait until it is done, or close it" in error
    assert server.requests == []


def test_load_obeys_what_is_configured(
    server: SandboxServer, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `check` does: an argument that was not given hides no setting."""
    wanted = account.projects[0]["id"]
    for name, value in {
        "BASE_URL": server.url,
        "PROJECTS": f'["{wanted}"]',
        "FULL": "true",
    }.items():
        monkeypatch.setenv(f"SOURCES__AMPERSAND__{name}", value)
    place = ["--duckdb", str(tmp_path / "own.duckdb"), "--pipelines-dir", "work"]
    for _ in range(2):
        assert main(["load", *place]) == ExitCode.DONE
    with duckdb.connect(str(tmp_path / "own.duckdb")) as connection:
        listed = connection.execute(
            "SELECT project_id, outcome FROM ampersand_data.project_listings"
        ).fetchall()
    assert listed == [(wanted, "listed")] * 2


def test_questions_can_be_asked_while_others_read(
    server: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMP_API_URL", server.url)
    place = ["--duckdb", str(tmp_path / "read.duckdb"), "--pipelines-dir", "work"]
    assert main(["load", *place]) == ExitCode.DONE
    with held_open(tmp_path / "read.duckdb", read_only=True):
        assert main(["changes", *place]) == ExitCode.DONE
        assert main(["findings", *place]) == ExitCode.DONE


def test_tables_and_views_are_listed_for_people_in_short_and_for_programs_in_full(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["tables"]) == ExitCode.DONE
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.split() == ["kind", "name", "one", "row", "per"]
    assert [line.split()[:2] for line in lines] == [
        *(["table", table.name] for table in TABLES),
        *(["view", view.name] for view in VIEWS),
    ]
    assert [line for line in lines if len(line) > 100] == []
    assert main(["tables", "--format", "json"]) == ExitCode.DONE
    described = {row["name"]: row["description"] for row in json.loads(capsys.readouterr().out)}
    for line in lines:
        _, name, grain = line.split(maxsplit=2)
        assert described[name].startswith(f"One row per {grain}")
    assert described["object_freshness"] == VIEWS_BY_NAME["object_freshness"].description


def test_rebuild_of_nothing_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rebuild", "--duckdb", "file.duckdb", "--pipelines-dir", "work"]) == 1
    assert "nothing to rebuild" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("number", "exit_code"),
    [(signal.SIGTERM, ExitCode.TERMINATED), (signal.SIGINT, ExitCode.INTERRUPTED)],
    ids=["sigterm", "sigint"],
)
def test_interrupted_while_the_api_is_silent(
    tmp_path: Path, number: signal.Signals, exit_code: ExitCode
) -> None:
    asked, release = threading.Event(), threading.Event()

    class SilentList(list[Any]):
        """Stalls the answer until the test is over."""

        def __iter__(self) -> Iterator[Any]:
            asked.set()
            release.wait()
            return super().__iter__()

    with SandboxServer(Account(projects=SilentList())) as server:
        load = ["load", "--quiet", "--base-url", server.url, "--pipelines-dir", "work"]
        try:
            with started(*load, folder=tmp_path, stderr=subprocess.PIPE) as process:
                assert asked.wait(60)
                process.send_signal(number)
                _, error = process.communicate(timeout=60)
        finally:
            release.set()
    assert process.returncode == exit_code
    assert error.splitlines()[-1] == "ampersand: interrupted; what was loaded before is as it was"
    assert "Traceback" not in error


def test_sandbox_serves_until_it_is_stopped(tmp_path: Path) -> None:
    sandbox = started("sandbox", "--port", "0", folder=tmp_path, stdout=subprocess.PIPE)
    with sandbox as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(6)]
        url = next(word for word in lines[0].split() if word.startswith("http")).rstrip(";")
        with urlopen(Request(f"{url}/projects", headers={"X-Api-Key": KEY})) as answer:
            assert len(json.load(answer)) == 2
        assert "".join(lines[3:]).startswith("\n    AMP_API_KEY=any ")
        # which somebody types whose settings and database are those of real projects
        settings = {"SOURCES__AMPERSAND__BASE_URL": "https://api.example.com/v1"}
        done = subprocess.run(
            ["sh", "-c", "".join(lines[3:])],
            cwd=tmp_path,
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert "Loaded into ampersand_sandbox.duckdb, dataset ampersand_data" in done.stdout
        assert [file.name for file in tmp_path.glob("*.duckdb")] == ["ampersand_sandbox.duckdb"]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 0


def test_sandbox_of_a_folder_without_manifests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sandbox", "--manifests", str(tmp_path), "--port", "0"]) == ExitCode.USAGE
    assert str(tmp_path) in capsys.readouterr().err


def test_sandbox_on_a_port_that_is_taken(
    server: SandboxServer, capsys: pytest.CaptureFixture[str]
) -> None:
    port = str(urlsplit(server.url).port)
    assert main(["sandbox", "--port", port]) == ExitCode.USAGE
    assert f"port {port} cannot be used" in capsys.readouterr().err


def test_dlt_settings_are_found_from_a_folder_below(
    server: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DLT_PROJECT_DIR")
    monkeypatch.delenv("AMP_API_KEY")
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt" / "secrets.toml").write_text(f'[sources.ampersand]\napi_key = "{KEY}"\n')
    below = tmp_path / "deep" / "down"
    below.mkdir(parents=True)
    environment = {**os.environ, "SOURCES__AMPERSAND__BASE_URL": server.url}
    done = subprocess.run(
        [*COMMAND, "check"],
        cwd=below,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert server.requests[0].headers["x-api-key"] == KEY


def test_every_table_can_be_selected(
    server: SandboxServer, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [option for name in TABLES_BY_NAME for option in ("--select", name)]
    assert _load(server, *options, "--json") == ExitCode.DONE
    assert json.loads(capsys.readouterr().out)["rows"]["listing_integrations"] == 3
