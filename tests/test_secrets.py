"""A planted key is in nothing that a run leaves behind, and in nothing that it shows."""

import gzip
import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest

from ampersand_pipelines.exit_codes import ExitCode
from ampersand_pipelines.sandbox import Account, Failure, SandboxServer
from tests.support.left_behind import contents

KEY = "planted/key+with=odd~signs"
HOOK_SECRET = "planted-in-the-hook"
"""Of an address that nobody answers at."""

COMMAND = [sys.executable, "-X", "dev", "-W", "ignore", "-m", "ampersand_pipelines.cli"]

PLAIN = """
import sys, dlt, logging, traceback
from ampersand import ampersand_source, create_views
logging.basicConfig(level=logging.DEBUG)
pipeline = dlt.pipeline(
    "plain", destination=dlt.destinations.duckdb("plain.duckdb"), dataset_name="data",
    pipelines_dir="plain", progress="log",
)
try:
    print(repr(ampersand_source()), ampersand_source())
    info = pipeline.run(ampersand_source())
    create_views(pipeline)
    pipeline.run([info], table_name="_load_info")  # as dlt's documents propose
    pipeline.run([pipeline.last_trace], table_name="_trace")
    print(info.asdict(), pipeline.last_trace.asdict())
except Exception:
    traceback.print_exc()
    print(repr(pipeline.last_trace), pipeline.last_trace.asdict())
"""
"""Plain dlt by somebody who logs, prints and keeps all there is."""


@pytest.fixture
def account() -> Account:
    """Two projects."""
    return Account(
        projects=[{"id": "p1", "name": "first"}, {"id": "p2", "name": "second"}],
        integrations={"p1": [{"id": "i1", "name": "one"}], "p2": [{"id": "i2", "name": "two"}]},
    )


@pytest.fixture
def server(account: Account) -> Iterator[SandboxServer]:
    """Serves the account."""
    with SandboxServer(account) as running:
        yield running


def _echo(status: int) -> Failure:
    """A failure that repeats the key wherever an answer can."""
    document = dict.fromkeys(("title", "detail", "remedy", "requestId"), f"your key is {KEY}")
    headers = {"Content-Type": "application/problem+json", "X-Echo": KEY}
    return Failure(status, json.dumps(document).encode(), headers)


def _redirect(_: int) -> Failure:
    return Failure(302, b"", {"Location": f"https://elsewhere.invalid/?key={quote(KEY)}"})


def _spelled(key: str) -> list[bytes]:
    """The key as it may be spelled in files and texts."""
    plain = key.encode()
    return [
        *(plain, quote(key, safe="").encode(), quote(key).encode(), plain.hex().encode()),
        *(b64encode(plain).rstrip(b"="), json.dumps(key)[1:-1].encode(), key.encode("utf-16-le")),
    ]


def _look_for_the_key(folder: Path, *texts: str) -> None:
    looked_at = [*contents(folder), *(("output", text.encode()) for text in texts)]
    for name, content in looked_at:
        for secret in (KEY, HOOK_SECRET):
            for spelling in _spelled(secret):
                assert spelling not in content, f"{spelling!r} in {name}"


def _environment(server: SandboxServer) -> dict[str, str]:
    return {
        **os.environ,
        "SOURCES__AMPERSAND__API_KEYS": json.dumps({"first": KEY, "second": KEY}),
        "AMP_API_URL": server.url,
        "SOURCES__AMPERSAND__MAX_ATTEMPTS": "2",
        "SOURCES__AMPERSAND__BACKOFF": "0.01",
        "RUNTIME__LOG_LEVEL": "DEBUG",
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__SLACK_INCOMING_HOOK": f"http://127.0.0.1:1/{HOOK_SECRET}",
        "DLT_DATA_DIR": "dlt",
    }


@pytest.mark.parametrize(
    ("failing", "fault", "exit_code"),
    [
        pytest.param(None, _echo, ExitCode.DONE, id="all is well"),
        pytest.param(
            "/projects/p2/integrations",
            _echo,
            ExitCode.PARTLY_LOADED,
            id="echo",
            marks=pytest.mark.thorough,
        ),
        pytest.param(
            "/projects/p2/integrations",
            _redirect,
            ExitCode.PARTLY_LOADED,
            id="redirect elsewhere",
            marks=pytest.mark.thorough,
        ),
        pytest.param("both", _echo, ExitCode.FAILED, id="failure"),
    ],
)
def test_a_load_leaves_and_shows_no_key(
    server: SandboxServer,
    account: Account,
    tmp_path: Path,
    failing: str | None,
    fault: Callable[[int], Failure],
    exit_code: ExitCode,
) -> None:
    paths = [f"/projects/{p}/integrations" for p in ("p1", "p2")]
    for path in paths if failing == "both" else filter(None, [failing]):
        account.failures[path] = fault(503)
    options = ["load", "--json", "--duckdb", "file.duckdb"]
    done = subprocess.run(
        [*COMMAND, *options],
        cwd=tmp_path,
        env=_environment(server),
        capture_output=True,
        text=True,
    )
    assert done.returncode == exit_code, done.stderr
    assert all(request.headers["x-api-key"] == KEY for request in server.requests)
    _look_for_the_key(tmp_path, done.stdout, done.stderr)


@pytest.mark.parametrize("fails", [False, True], ids=["all is well", "failure"])
def test_plain_dlt_leaves_and_shows_no_key(
    server: SandboxServer, account: Account, tmp_path: Path, fails: bool
) -> None:
    if fails:
        account.failures["/projects/p1/integrations"] = _echo(401)
        account.failures["/projects/p2/integrations"] = _echo(401)
    done = subprocess.run(
        [sys.executable, "-c", PLAIN],
        cwd=tmp_path,
        env=_environment(server),
        capture_output=True,
        text=True,
    )
    assert ("Traceback" in done.stderr) == fails, done.stderr
    assert len(done.stdout) > 500
    _look_for_the_key(tmp_path, done.stdout, done.stderr)


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "state.gz").write_bytes(gzip.compress(b64encode(KEY.encode())))
    with pytest.raises(AssertionError, match=r"state\.gz, unpacked"):
        _look_for_the_key(tmp_path)
    (tmp_path / "state.gz").unlink()
    with duckdb.connect(str(tmp_path / "some.duckdb")) as connection:
        connection.execute("CREATE TABLE t AS SELECT ? AS text", [KEY])
    with pytest.raises(AssertionError, match=r"some\.duckdb"):
        _look_for_the_key(tmp_path)


def test_no_option_takes_a_key() -> None:
    """Arguments are seen by everybody on the machine, and stay in a shell's history."""
    done = subprocess.run([*COMMAND, "load", "--help"], capture_output=True, text=True)
    assert "--base-url" in done.stdout
    assert "key" not in {word.strip("-,") for word in done.stdout.split() if word[:1] == "-"}
    refused = subprocess.run([*COMMAND, "load", "--api-key", KEY], capture_output=True, text=True)
    assert refused.returncode == ExitCode.USAGE
