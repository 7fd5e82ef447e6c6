"""The example for Airflow, run in this process; `make test-schedulers` runs it.

Its name keeps it out of `make test`: Airflow is installed in an environment of its own.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory

import pytest

from ampersand_pipelines.exit_codes import ExitCode
from ampersand_pipelines.sandbox import SandboxServer
from tests.support.acme import Acme
from tests.support.chat import Chat, listening_chat
from tests.support.schedulers import PIP_DRY_RUN, ROOT, SCHEDULERS, integrations, path_of
from tests.support.snippets import blocks_of

# Before anything imports Airflow, which looks at these once: its settings, and its own database.
_HOME = TemporaryDirectory(prefix="ampersand-airflow-")
DAGS = Path(_HOME.name, "dags")
DAGS.mkdir()
copy(SCHEDULERS / "airflow_dag" / "ampersand_load_dag.py", DAGS)
os.environ |= {
    "AIRFLOW_HOME": _HOME.name,
    "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "RUNTIME__DLTHUB_TELEMETRY": "false",  # the helper looks for dlt's settings beside the DAGs
}

from airflow.dag_processing.dagbag import DagBag  # noqa: E402
from airflow.models.dagrun import DagRun  # noqa: E402
from airflow.sdk import DAG  # noqa: E402

AIRFLOW = Path(sys.prefix, "bin", "airflow")
LOAD, VIEWS = "ampersand.ampersand", "views"


@pytest.fixture(scope="module", autouse=True)
def database() -> None:
    """Airflow's own, in SQLite."""
    subprocess.run([AIRFLOW, "db", "migrate"], check=True, capture_output=True)


@pytest.fixture
def acme() -> Acme:
    return Acme()


@pytest.fixture
def api(acme: Acme) -> Iterator[SandboxServer]:
    with SandboxServer(acme.account) as server:
        yield server


@pytest.fixture
def chat() -> Iterator[Chat]:
    with listening_chat() as chat:
        yield chat


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "amp.duckdb"


@pytest.fixture
def secrets(api: SandboxServer, chat: Chat, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Airflow's variable."""
    monkeypatch.setenv(
        "AIRFLOW_VAR_DLT_SECRETS_TOML",
        f"""
        [runtime]
        slack_incoming_hook = "{chat.hook}"
        [sources.ampersand]
        api_key = "the-key-in-the-variable"
        base_url = "{api.url}"
        max_attempts = 1
        [destination.duckdb]
        credentials = "{file}"
        """,
    )


@pytest.fixture
def dag() -> DAG:
    bag = DagBag(str(DAGS))
    assert bag.import_errors == {}
    (dag,) = bag.dags.values()
    for task in dag.tasks:
        assert (task.retries, task.retry_delay) == (3, timedelta(minutes=5))
        task.retry_delay = timedelta(0)
    return dag


def states(run: DagRun) -> dict[str, tuple[str, int]]:
    """State of each task, and how often it was tried."""
    return {each.task_id: (str(each.state), each.try_number) for each in run.get_task_instances()}


@pytest.mark.usefixtures("secrets")
def test_it_loads_and_makes_the_views(
    dag: DAG, api: SandboxServer, acme: Acme, file: Path, chat: Chat
) -> None:
    assert states(dag.test()) == {LOAD: ("success", 1), VIEWS: ("success", 1)}
    assert integrations(file) == {"crm", "billing", "desk"}
    assert {request.headers["x-api-key"] for request in api.requests} == {"the-key-in-the-variable"}
    assert len(api.requests) == 4  # one extraction
    acme.remove("alpha", "billing")
    assert states(dag.test())[VIEWS] == ("success", 1)
    assert integrations(file) == {"crm", "desk"}
    assert chat.messages == []


@pytest.mark.usefixtures("secrets")
def test_a_failure_is_retried(dag: DAG, acme: Acme, file: Path, chat: Chat) -> None:
    acme.fail("/projects", 503, times=2)
    assert states(dag.test()) == {LOAD: ("success", 3), VIEWS: ("success", 1)}
    assert integrations(file) == {"crm", "billing", "desk"}
    assert chat.messages == []


@pytest.mark.usefixtures("secrets")
def test_a_project_that_failed_fails_the_run(dag: DAG, acme: Acme, file: Path, chat: Chat) -> None:
    dag.test()
    acme.fail_listing("beta")
    acme.remove("alpha", "billing")
    assert states(dag.test()) == {LOAD: ("success", 1), VIEWS: ("failed", 1)}
    assert integrations(file) == {"crm", "desk"}
    (message,) = chat.messages
    assert message.startswith("*ampersand.views failed* (run ")
    assert "beta: " in message


def test_what_cannot_succeed_is_not_retried(
    dag: DAG, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME__SLACK_INCOMING_HOOK", chat.hook)
    assert states(dag.test())[LOAD] == ("failed", 1)
    assert "no API key" in chat.messages[0]


def test_it_is_read_without_a_key_and_asks_nobody(dag: DAG, api: SandboxServer) -> None:
    assert dag.schedule == "15 2 * * *"
    assert (dag.max_active_runs, dag.catchup) == (1, False)
    assert dag.task_ids == [LOAD, VIEWS]
    assert api.requests == []


def test_the_commands_of_the_page(tmp_path: Path, api: SandboxServer, acme: Acme) -> None:
    (text,) = blocks_of("scheduling.md", "sh airflow")
    environment = {name: v for name, v in os.environ.items() if not name.startswith("AIRFLOW_")}
    copy(SCHEDULERS / "airflow_dag" / "ampersand_load_dag.py", tmp_path)
    text = text.replace("<this repository>", str(ROOT)).replace("/srv/ampersand", str(tmp_path))
    (tmp_path / "secrets.toml").write_text(
        f"""
        [sources.ampersand]
        api_key = "any"
        base_url = "{api.url}"
        [destination.duckdb]
        credentials = "{tmp_path / "amp.duckdb"}"
        """
    )
    done = subprocess.run(
        ["sh", "-e", "-c", text],
        cwd=tmp_path,
        env=environment | PIP_DRY_RUN | {"PATH": path_of(AIRFLOW.parent)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == ExitCode.DONE, done.stdout + done.stderr
    assert integrations(tmp_path / "amp.duckdb") == {"crm", "billing", "desk"}
