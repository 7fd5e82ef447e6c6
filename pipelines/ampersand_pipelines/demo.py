"""The demo: a made-up company's integrations, loaded, changed, loaded again, and asked about.

It loads and asks, and never prints.
"""

import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from inspect import cleandoc
from pathlib import Path
from textwrap import indent
from typing import Any

import duckdb
from dlt.common.configuration.providers import CustomLoaderDocProvider
from dlt.common.configuration.providers.provider import ConfigProvider
from dlt.common.runtime.run_context import RunContext, switched_run_context

from ampersand import ampersand_source, manifests_source
from ampersand.tables import TABLES_OF_COLLECTIONS
from ampersand.views import VIEWS_BY_NAME

from .load import load
from .output import Answer
from .pipeline import DEFAULT_DATASET, Target, make_pipeline
from .report import load_summary
from .sandbox import BUNDLED, Account, SandboxServer, bundled_account, finish_running

DEFAULT_FILE = "ampersand_demo.duckdb"
DATASET = DEFAULT_DATASET

_PROJECT = "lanternfish-production"
_CHANGED_AT = "2026-06-01T09:30:00Z"
"""Later than anything in the bundled account."""


@dataclass(frozen=True)
class Question:
    """A question to the tables.

    Attributes:
        title: The question.
        sql: The query that answers it, over names in the schema `DATASET`.
    """

    title: str
    sql: str


_CHANGES = VIEWS_BY_NAME["revision_changes"].example

QUESTIONS = (
    Question(_CHANGES.question, cleandoc(_CHANGES.sql)),
    Question(
        "What breaks if the destination lanternfish-crm-stream goes away?",
        """\
SELECT integration_name, action, object_name, schedule
FROM destination_usage
WHERE destination_name = 'lanternfish-crm-stream'
    AND project_name = 'lanternfish-production'
ORDER BY integration_name, action, object_name""",
    ),
    Question(
        "Which fields carry e-mail addresses in lanternfish-production, and under which name is "
        "each delivered?",
        """\
SELECT provider, field_name, effective_field_name AS delivered_as,
    is_required
FROM personal_data_fields
WHERE personal_data_kind = 'email'
    AND project_name = 'lanternfish-production'
ORDER BY provider, field_name""",
    ),
    Question(
        "What is deployed otherwise than the manifests in git declare?",
        """\
SELECT REPLACE(integration_name, 'lanternfish-', '') AS integration,
    difference, COALESCE(field_name, object_name, kind) AS what,
    declared_value || ' -> ' || deployed_value AS change
FROM manifest_drift
ORDER BY integration_name, kind, what""",
    ),
    Question(
        "Which integrations do most customers have, and do they work?",
        """\
SELECT provider, installations, unhealthy, broken_connections,
    outdated
FROM installation_health
WHERE project_name = 'lanternfish-production'
ORDER BY installations DESC, provider LIMIT 8""",
    ),
)
"""What the demo asks after both loads."""


def load_demo(duckdb_file: Path, pipelines_dir: Path, tell: Callable[[str], None]) -> None:
    """Loads the bundled account, changes it, and loads it again.

    Apart from times and run ids, the result is always the same. Nobody's keys and settings are
    read, neither files nor the environment, and only this machine is spoken to.

    Args:
        duckdb_file: The database to make; a file that is there is replaced.
        pipelines_dir: Folder for dlt's working files, empty.
        tell: Called with what happens, in words for people.

    Raises:
        ConfigurationError: The database file cannot be used.
    """
    account = bundled_account()
    target = Target(duckdb_file=str(duckdb_file), pipelines_dir=str(pipelines_dir))
    with switched_run_context(_OwnSettings(str(pipelines_dir))), SandboxServer(account) as server:
        pipeline = make_pipeline(target)
        duckdb_file.unlink(missing_ok=True)

        def run() -> None:
            source = ampersand_source(
                api_key="any", base_url=server.url, collections=list(TABLES_OF_COLLECTIONS)
            )
            tell(indent(load_summary(load(pipeline, source), target.place), "    "))

        tell(
            f"A local Ampersand API is at {server.url}. It serves the projects of Lanternfish, a "
            f"company that does not exist: {_PROJECT} and lanternfish-staging."
        )
        tell("The first load. Everything is new:")
        run()
        tell("\n- ".join([f"Time passes. In {_PROJECT}:", *let_time_pass(account)]))
        tell(
            "The second load. What is as it was is not written twice, and what is gone stays in "
            "the tables, as history:"
        )
        run()
        declared = manifests_source([BUNDLED / _PROJECT], projects=[_PROJECT])
        load(pipeline, declared)
        tell(
            f"The manifests that git has for {_PROJECT} are loaded beside it. Whoever changed "
            "what is deployed did not tell git."
        )


def let_time_pass(account: Account) -> list[str]:
    """Changes the bundled account to what the second load finds.

    Returns:
        How its integrations changed, a phrase for each change.
    """
    changes = [_rename_mapping(account), _remove_integration(account), _add_object(account)]
    _let_customers_go_on(account)
    return changes


def ask(duckdb_file: Path, question: Question) -> Answer:
    """Asks a database that `load_demo` made."""
    with closing(duckdb.connect(str(duckdb_file), read_only=True)) as connection:
        connection.execute(f"USE {DATASET}")
        result = connection.execute(question.sql)
        columns = [column[0] for column in result.description or ()]
        return Answer(columns, result.fetchall())


class _OwnSettings(RunContext):
    """dlt without the settings and keys of whoever runs it."""

    def initial_providers(self) -> list[ConfigProvider]:
        return [CustomLoaderDocProvider("demo", lambda: {"runtime": {"dlthub_telemetry": False}})]


def _rename_mapping(account: Account) -> str:
    content = _deploy(account, "lanternfish-salesforce")
    contact = _named(content["read"]["objects"], "objectName", "contact")
    _named(contact["requiredFields"], "fieldName", "Email")["mapToName"] = "email_address"
    return "Salesforce's contact field Email, until now delivered as email, becomes email_address;"


def _remove_integration(account: Account) -> str:
    integrations = _integrations(account)
    integration = _named(integrations, "name", "lanternfish-freshdesk")
    integrations.remove(integration)
    # "Delete an integration and all its installations" (spec api.yaml, deleteIntegration).
    platform = account.platform[integration["projectId"]]
    for installation in list(platform.installations):
        if installation["integrationId"] == integration["id"]:
            platform.installations.remove(installation)
            del platform.operations[installation["id"]]
    return "the integration lanternfish-freshdesk is removed;"


def _add_object(account: Account) -> str:
    _deploy(account, "lanternfish-hubspot")["read"]["objects"].append(
        {
            "objectName": "tickets",
            "destination": "lanternfish-support-stream",
            "schedule": "*/15 * * * *",
            "mapToName": "case",
            "requiredFields": [
                {"fieldName": "hs_object_id"},
                {"fieldName": "subject"},
                {"fieldName": "hs_pipeline_stage", "mapToName": "status"},
            ],
        }
    )
    return "HubSpot's object tickets is read as well, with three fields."


def _let_customers_go_on(account: Account) -> None:
    """What was being read is done, and a customer saves what it chose, now under a new revision.

    The others stay on the revision that they were configured with.
    """
    salesforce = _named(_integrations(account), "name", "lanternfish-salesforce")
    platform = account.platform[salesforce["projectId"]]
    finish_running(platform)
    installation = next(
        installation
        for installation in platform.installations
        if installation["integrationId"] == salesforce["id"]
        and installation["group"]["groupName"] == "Customer Birch"
    )
    config = installation["config"]
    config["id"] = str(uuid.uuid5(uuid.UUID(config["id"]), "demo"))
    config["revisionId"] = salesforce["latestRevision"]["id"]
    config["createTime"] = installation["updateTime"] = _CHANGED_AT


def _deploy(account: Account, name: str) -> dict[str, Any]:
    """Gives an integration a new revision, and returns its content, to be changed."""
    integration = _named(_integrations(account), "name", name)
    revision = integration["latestRevision"]
    revision["id"] = str(uuid.uuid5(uuid.UUID(revision["id"]), "demo"))
    revision["createTime"] = integration["updateTime"] = _CHANGED_AT
    content: dict[str, Any] = revision["content"]
    return content


def _integrations(account: Account) -> list[dict[str, Any]]:
    project_id = _named(account.projects, "name", _PROJECT)["id"]
    integrations: list[dict[str, Any]] = account.integrations[project_id]
    return integrations


def _named(items: list[dict[str, Any]], key: str, name: str) -> dict[str, Any]:
    return next(item for item in items if item.get(key) == name)
