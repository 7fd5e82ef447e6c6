"""Messages to a chat when a load goes wrong: what they say, when they are sent, and what if not."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import dlt
import pytest

from ampersand_pipelines import alert
from ampersand_pipelines.cli import main
from ampersand_pipelines.exit_codes import ExitCode
from ampersand_pipelines.sandbox import Account, Failure, SandboxServer
from tests.support.chat import Chat, listening_chat
from tests.support.scripted_server import Answer, ScriptedServer, answer, reset

HOOK = "/services/T000/B000/s3cret"
COMMAND = [sys.executable, "-m", "ampersand_pipelines.cli", "load", "--quiet"]

Load = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def account() -> Account:
    """Two projects, one of them with a name that Slack would take for a mention of all."""
    ids = {"p1": 5, "p2": 1}
    return Account(
        projects=[{"id": "p1", "name": "first"}, {"id": "p2", "name": "<!channel> & co"}],
        integrations={
            project: [
                {"id": f"{project}-{number}", "name": f"i{number}"} for number in range(count)
            ]
            for project, count in ids.items()
        },
    )


@pytest.fixture
def server(account: Account) -> Iterator[SandboxServer]:
    """Serves the account."""
    with SandboxServer(account) as running:
        yield running


@pytest.fixture
def load(server: SandboxServer, tmp_path: Path) -> Load:
    """Loads, with a chat to tell."""

    def run(hook: str, *options: str) -> subprocess.CompletedProcess[str]:
        place = ["--duckdb", "file.duckdb", "--pipelines-dir", "work"]
        return subprocess.run(
            [*COMMAND, "--base-url", server.url, *place, *options],
            cwd=tmp_path,
            env={
                **os.environ,
                "AMP_API_KEY": "any",
                "SOURCES__AMPERSAND__MAX_ATTEMPTS": "1",
                "RUNTIME__SLACK_INCOMING_HOOK": hook,
            },
            capture_output=True,
            text=True,
        )

    return run


@pytest.fixture
def chat() -> Iterator[Chat]:
    """A chat that listens."""
    with listening_chat(HOOK) as chat:
        yield chat


def test_nothing_is_sent_when_all_is_well(load: Load, chat: Chat) -> None:
    assert load(chat.hook).returncode == ExitCode.DONE
    assert chat.messages == []


@pytest.mark.thorough
def test_partly_loaded(load: Load, chat: Chat, account: Account) -> None:
    account.failures["/projects/p2/integrations"] = Failure(403)
    assert load(chat.hook).returncode == ExitCode.PARTLY_LOADED
    (message,) = chat.messages
    title, line = message.split("\n")
    assert title.startswith("*ampersand load: partly loaded*: file.duckdb, dataset ampersand_data")
    assert line.startswith("- &lt;!channel&gt; &amp; co: GET http://127.0.0.1")
    assert "403 Forbidden" in line


@pytest.mark.thorough
def test_much_is_gone(load: Load, chat: Chat, account: Account) -> None:
    assert load(chat.hook).returncode == ExitCode.DONE
    account.integrations["p1"] = account.integrations["p1"][:2]
    assert load(chat.hook).returncode == ExitCode.DONE
    (message,) = chat.messages
    assert message.startswith("*ampersand load: much is gone*: file.duckdb")
    assert "- gone since the last run: 3 integrations; was this meant?" in message


def test_failure(load: Load, chat: Chat, account: Account) -> None:
    account.failures["/projects"] = Failure(401)
    done = load(chat.hook)
    assert done.returncode == ExitCode.FAILED
    (message,) = chat.messages
    assert message.startswith("*ampersand load failed*: file.duckdb, dataset ampersand_data\n- no ")
    assert done.stderr == f"ampersand: {message.split('- ', 1)[1]}\n"


def test_usage_and_configuration(load: Load, chat: Chat) -> None:
    assert load(chat.hook, "--dataset", "file").returncode == ExitCode.USAGE
    assert "must not be called like the dataset" in chat.messages[0]


@pytest.mark.thorough
def test_dry_run_tells_nobody(load: Load, chat: Chat, account: Account) -> None:
    account.failures["/projects/p2/integrations"] = Failure(403)
    assert load(chat.hook, "--dry-run").returncode == ExitCode.PARTLY_LOADED
    assert chat.messages == []


@contextmanager
def _silent() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@contextmanager
def _answering(sent: Answer) -> Iterator[str]:
    with ScriptedServer({HOOK: [sent]}) as chat:
        yield chat.url


@pytest.mark.parametrize(
    ("chat", "reason"),
    [
        pytest.param(_answering(answer(403)), "HTTPError", id="refused"),
        pytest.param(_answering(reset()), "ConnectionError", id="reset"),
        pytest.param(_silent(), "no answer in time", id="silent"),
    ],
)
def test_message_that_cannot_be_sent_decides_nothing_and_shows_no_address(
    server: SandboxServer,
    account: Account,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    chat: AbstractContextManager[str],
    reason: str,
) -> None:
    account.failures["/projects/p2/integrations"] = Failure(403)
    monkeypatch.setattr(alert, "PATIENCE", 0.3)
    with chat as url:
        settings = dlt.current.run_context().runtime_config
        monkeypatch.setattr(settings, "slack_incoming_hook", url + HOOK)
        monkeypatch.setenv("AMP_API_KEY", "any")
        monkeypatch.chdir(tmp_path)
        options = ["--duckdb", "file.duckdb", "--pipelines-dir", "work", "--base-url", server.url]
        assert main(["load", "--quiet", *options]) == ExitCode.PARTLY_LOADED
    captured = capsys.readouterr()
    assert f"slack_incoming_hook could not be sent ({reason})" in captured.err
    assert "s3cret" not in captured.err + captured.out
