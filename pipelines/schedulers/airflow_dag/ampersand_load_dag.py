"""Loads Ampersand's integrations every night, with Airflow 3.

All settings are dlt's. Airflow's variable `dlt_secrets_toml` holds them, as a secrets.toml would:
keys, database, chat. docs/scheduling.md says how to run this.
"""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import dlt
from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowFailException
from dlt.extract import DltSource
from dlt.helpers.airflow_helper import PipelineTasksGroup

from ampersand import ConfigurationError, ViewsNotCreated, ampersand_source, create_views
from ampersand_pipelines.alert import tell


def source() -> DltSource:
    """Called when the task runs: a DAG is read every few seconds, and needs no key for that."""
    try:
        made: DltSource = ampersand_source()
    except ConfigurationError as error:
        raise AirflowFailException(str(error)) from None  # without a retry
    return made


def alert(context: Any) -> None:
    """Tells the chat that dlt's setting `slack_incoming_hook` names."""
    instance = context["task_instance"]
    title = f"*{instance.dag_id}.{instance.task_id} failed* (run {instance.run_id})"
    tell(title, [str(context.get("exception"))], logging.getLogger(__name__))


@dag(
    schedule="15 2 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,  # the helper, as plain dlt, does not refuse a second run
    default_args={
        "retries": 3,
        "retry_delay": timedelta(minutes=5),
        "retry_exponential_backoff": True,
        "on_failure_callback": alert,
    },
)
def ampersand() -> None:
    """Loads, makes the views, and looks whether a project was left behind."""
    group = PipelineTasksGroup("ampersand")  # before the pipeline, to which it gives a folder
    pipeline = dlt.pipeline("ampersand", destination="duckdb", dataset_name="ampersand_data")
    # Not decomposed: all tables are made of one extraction, and the ledger that comes with it says
    # that they are complete.
    loaded = group.add_run(pipeline, source, decompose="none")

    @task
    def views() -> None:
        """Makes the views; fails where a project could not be listed, the others being loaded."""
        emptied = pipeline.drop()  # its folder is this task's own, or is gone
        emptied.sync_destination()
        try:
            create_views(emptied)
        except ViewsNotCreated as error:
            raise AirflowFailException(str(error)) from None
        with emptied.sql_client() as client:
            view = client.make_qualified_table_name("project_freshness")
            failed: Any = client.execute_sql(
                f"SELECT project_name, last_error FROM {view} WHERE failures > 0"  # noqa: S608
            )
        if failed:
            what = "; ".join(f"{name}: {error}" for name, error in failed)
            raise AirflowFailException(f"failed, and tried again by the next run: {what}")

    loaded[-1] >> views()


ampersand()
