"""The example for Dagster, materialised in this process; `make test-schedulers` runs it.

Its name keeps it out of `make test`: Dagster is installed in an environment of its own.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import dlt
import pytest
from dagster import (
    AssetKey,
    BackfillPolicy,
    DagsterInstance,
    Definitions,
    RetryPolicy,
    build_run_status_sensor_context,
    build_schedule_context,
    define_asset_job,
)
from dagster._core.test_utils import instance_for_test

from ampersand import ConfigurationError
from ampersand.tables import TABLES
from ampersand_pipelines.sandbox import SandboxServer
from tests.support.acme import Acme
from tests.support.chat import Chat, listening_chat
from tests.support.schedulers import PIP_DRY_RUN, ROOT, SCHEDULERS, integrations, path_of
from tests.support.snippets import blocks_of

FOLDER = SCHEDULERS / "dagster_assets"
NAMES = {f"dlt_ampersand_{table.name}" for table in TABLES if table.name != "operations"}
"""The assets of what is loaded where nothing else is set."""


@pytest.fixture
def acme() -> Acme:
    return Acme()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "amp.duckdb"


@pytest.fixture
def settings(
    acme: Acme, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SandboxServer]:
    """dlt's settings, in the environment, and a folder for the report."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SOURCES__AMPERSAND__COLLECTIONS")
    with SandboxServer(acme.account) as api:
        for name, value in {
            "AMP_API_KEY": "any",
            "AMP_API_URL": api.url,
            "SOURCES__AMPERSAND__PROJECTS": '["alpha", "beta"]',
            "SOURCES__AMPERSAND__MAX_ATTEMPTS": "1",
            "DESTINATION__DUCKDB__CREDENTIALS": str(file),
        }.items():
            monkeypatch.setenv(name, value)
        yield api


def load_definitions() -> ModuleType:
    spec = spec_from_file_location("definitions", FOLDER / "definitions.py")
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def example(settings: SandboxServer) -> ModuleType:
    return load_definitions()


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    with instance_for_test() as instance:
        yield instance


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Iterator[Chat]:
    with listening_chat() as chat:
        runtime = dlt.current.run_context().runtime_config
        monkeypatch.setattr(runtime, "slack_incoming_hook", chat.hook)
        yield chat


def run(
    example: ModuleType, instance: DagsterInstance, job: str = "load", **options: Any
) -> tuple[bool, Any]:
    definitions: Definitions = example.definitions
    done = definitions.resolve_job_def(job).execute_in_process(
        instance=instance, raise_on_error=False, **options
    )
    return done.success, done


def test_two_partitions_one_after_another(
    example: ModuleType, instance: DagsterInstance, file: Path
) -> None:
    assert run(example, instance, partition_key="alpha")[0]
    assert integrations(file) == {"crm", "billing"}
    success, done = run(example, instance, partition_key="beta")
    assert success
    assert integrations(file) == {"crm", "billing", "desk"}
    events = done.asset_materializations_for_node("ampersand")
    made = {event.asset_key.path[-1]: event for event in events}
    assert made.keys() == NAMES
    assert {event.partition for event in events} == {"beta"}
    revisions = made["dlt_ampersand_revisions"].metadata
    assert revisions["rows_loaded"].value == 1
    assert revisions["dataset_name"].value == "ampersand_data"
    columns = {column.name for column in revisions["dagster/column_schema"].value.columns}
    assert {"revision_key", "content_hash"} <= columns
    assert instance.get_materialized_partitions(AssetKey("dlt_ampersand_revisions")) == {
        "alpha",
        "beta",
    }


def test_all_tables_come_of_the_same_listings(example: ModuleType) -> None:
    graph = example.definitions.resolve_asset_graph()
    for name in NAMES:
        assert {key.path[-1] for key in graph.get(AssetKey(name)).parent_keys} == {
            "ampersand_listings"
        }


def nightly(example: ModuleType, instance: DagsterInstance) -> dict[str, str]:
    with build_schedule_context(instance=instance) as context:
        (request,) = example.nightly.evaluate_tick(context).run_requests
    return dict(request.tags)


def test_the_nightly_run_is_one_for_all_and_sees_what_is_gone(
    example: ModuleType,
    instance: DagsterInstance,
    settings: SandboxServer,
    acme: Acme,
    file: Path,
) -> None:
    assert example.ampersand_assets.backfill_policy == BackfillPolicy.single_run()
    assert run(example, instance, tags=nightly(example, instance))[0]
    assert integrations(file) == {"crm", "billing", "desk"}
    paths = [request.path for request in settings.requests]
    assert sorted(paths) == sorted({*paths})  # nothing was asked twice
    acme.remove("alpha", "billing")
    assert run(example, instance, partition_key="beta")[0]
    assert integrations(file) == {"crm", "billing", "desk"}  # of alpha it says nothing
    assert run(example, instance, tags=nightly(example, instance))[0]
    assert integrations(file) == {"crm", "desk"}


def test_a_failure_is_retried(
    example: ModuleType,
    instance: DagsterInstance,
    acme: Acme,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert (example.RETRIES.max_retries, example.RETRIES.delay) == (3, 300)
    assert example.load.op_retry_policy == example.RETRIES
    at_once = RetryPolicy(max_retries=example.RETRIES.max_retries)
    more = Definitions.merge(
        example.definitions,
        Definitions(
            jobs=[define_asset_job("at_once", example.load.selection, op_retry_policy=at_once)]
        ),
    )
    monkeypatch.setattr(example, "definitions", more)
    acme.fail(f"/projects/{acme.project('beta')['id']}/integrations", 503, times=2)
    success, done = run(example, instance, "at_once", tags=nightly(example, instance))
    assert success
    assert sum(event.is_step_up_for_retry for event in done.all_events) == 2
    assert integrations(file) == {"crm", "billing", "desk"}


def test_what_cannot_succeed_is_not_retried(
    example: ModuleType, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AMP_API_KEY")
    success, done = run(example, instance, partition_key="alpha")
    assert not success
    assert not any(event.is_step_up_for_retry for event in done.all_events)
    (failure,) = [event for event in done.all_events if event.is_step_failure]
    assert "no API key" in str(failure.event_specific_data.error)


def test_nothing_is_said_to_be_there_that_failed(
    example: ModuleType,
    instance: DagsterInstance,
    acme: Acme,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    acme.fail_listing("beta")
    more = Definitions.merge(
        example.definitions, Definitions(jobs=[define_asset_job("once", example.load.selection)])
    )
    monkeypatch.setattr(example, "definitions", more)
    success, done = run(example, instance, "once", tags=nightly(example, instance))
    assert not success
    assert integrations(file) == {"crm", "billing"}
    assert instance.get_materialized_partitions(AssetKey("dlt_ampersand_revisions")) == set()
    (failure,) = [event for event in done.all_events if event.is_step_failure]
    assert "beta: failed, or gone" in str(failure.event_specific_data.error)


def freshness(example: ModuleType, instance: DagsterInstance) -> tuple[bool, Any]:
    success, done = run(example, instance, "freshness")
    (evaluation,) = done.get_asset_check_evaluations()
    assert success
    return evaluation.passed, evaluation.metadata["behind"].value


def test_freshness_tells_of_the_project_that_nobody_loaded(
    example: ModuleType, instance: DagsterInstance, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(example, instance, partition_key="alpha")[0]
    assert freshness(example, instance) == (False, ["beta"])
    assert chat.messages == ["*not listed within a day*\n- beta"]
    assert run(example, instance, partition_key="beta")[0]
    assert freshness(example, instance) == (True, [])
    assert len(chat.messages) == 1
    monkeypatch.setattr(example, "MAX_AGE", -example.MAX_AGE)  # as if the load was long ago
    assert freshness(example, instance) == (False, ["alpha", "beta"])


def test_the_report_is_made_in_the_morning(
    example: ModuleType, instance: DagsterInstance, tmp_path: Path
) -> None:
    assert run(example, instance, partition_key="alpha")[0]
    success, done = run(example, instance, "freshness")
    assert success
    (made,) = done.asset_materializations_for_node("ampersand_report")
    assert made.metadata["path"].value == str(tmp_path / "report.html")
    assert "duckdb, dataset ampersand_data" in (tmp_path / "report.html").read_text()


def test_a_failed_run_is_told(
    example: ModuleType, instance: DagsterInstance, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AMP_API_KEY")
    _, done = run(example, instance, partition_key="alpha")
    (event,) = [event for event in done.all_events if event.is_run_failure]
    context = build_run_status_sensor_context(
        sensor_name="alert",
        dagster_instance=instance,
        dagster_run=done.dagster_run,
        dagster_event=event,
    ).for_run_failure()
    example.alert(context)
    (message,) = chat.messages
    assert message.startswith("*load failed* (run ")
    assert "ampersand" in message.split("\n")[1]


def test_runs_wait_for_each_other(example: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text((FOLDER / "dagster.yaml").read_text())
    with DagsterInstance.from_config(str(tmp_path)) as instance:
        pools = instance.get_concurrency_config().pool_config
        assert (pools.default_pool_limit, pools.pool_granularity.value) == (1, "run")
        assert not instance.telemetry_enabled
    for each in (example.ampersand_assets, example.is_fresh, example.ampersand_report):
        assert each.op.pool == example.POOL


def test_without_projects_it_says_what_to_set(
    settings: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCES__AMPERSAND__PROJECTS")
    with pytest.raises(ConfigurationError, match="set projects under"):
        load_definitions()


def test_the_commands_of_the_page(tmp_path: Path, acme: Acme, settings: SandboxServer) -> None:
    (text,) = blocks_of("scheduling.md", "sh dagster")
    acme.found("crm-production")
    acme.found("crm-staging")
    acme.deploy("crm-staging", "shop", 1)
    text = text.replace("/srv/ampersand", str(tmp_path))
    for name in ("definitions.py", "dagster.yaml"):
        (tmp_path / name).write_text((FOLDER / name).read_text())
    environment = dict(os.environ)
    del environment["SOURCES__AMPERSAND__PROJECTS"], environment["DESTINATION__DUCKDB__CREDENTIALS"]
    done = subprocess.run(
        ["sh", "-e", "-c", text.replace("<this repository>", str(ROOT))],
        cwd=tmp_path,
        env=environment | PIP_DRY_RUN | {"PATH": path_of(Path(sys.prefix, "bin"))},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "RUN_SUCCESS" in done.stderr
    assert integrations(tmp_path / "ampersand.duckdb") == {"shop"}
