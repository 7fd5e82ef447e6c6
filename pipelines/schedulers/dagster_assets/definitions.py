"""Ampersand's integrations as assets of Dagster: one per table, with a partition per project.

All settings are dlt's: the keys, the database, and `projects` under `[sources.ampersand]`, which
must be set here, since it gives the partitions. docs/scheduling.md says how to run this.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dlt
from dagster import (
    AssetCheckResult,
    AssetExecutionContext,
    AssetKey,
    AssetSelection,
    BackfillPolicy,
    Backoff,
    DefaultScheduleStatus,
    DefaultSensorStatus,
    Definitions,
    Failure,
    MaterializeResult,
    MetadataValue,
    RetryPolicy,
    RunFailureSensorContext,
    RunRequest,
    ScheduleDefinition,
    StaticPartitionsDefinition,
    asset,
    asset_check,
    define_asset_job,
    run_failure_sensor,
    schedule,
)
from dagster_dlt import DagsterDltResource, dlt_assets

from ampersand import (
    ConfigurationError,
    ViewsNotCreated,
    ampersand_source,
    create_views,
    open_views,
)
from ampersand_pipelines.alert import tell
from ampersand_pipelines.html_report import write_report
from ampersand_pipelines.reading import Dataset

PROJECTS: Sequence[str] = dlt.config.get("sources.ampersand.projects", list) or ()
if not PROJECTS:
    raise ConfigurationError("set projects under [sources.ampersand]: each becomes a partition")

PIPELINE = dlt.pipeline("ampersand", destination="duckdb", dataset_name="ampersand_data")
POOL = "ampersand"
"""One run at a time: a DuckDB file belongs to one process, and elsewhere two runs would stage their
rows in the same tables. dagster.yaml lets one run into each pool."""

REPORT = Path("report.html").absolute()
"""Where the report is written: a folder that people read."""

RETRIES = RetryPolicy(max_retries=3, delay=300, backoff=Backoff.EXPONENTIAL)
LOG = logging.getLogger(__name__)
MAX_AGE = timedelta(hours=26)
"""A day, and the time that a run may take."""


@dlt_assets(
    dlt_source=ampersand_source(api_key="unused"),  # tells which tables there are, and asks nobody
    dlt_pipeline=PIPELINE,
    name="ampersand",
    group_name="ampersand",
    partitions_def=StaticPartitionsDefinition(PROJECTS),
    backfill_policy=BackfillPolicy.single_run(),
    pool=POOL,
)
def ampersand_assets(
    context: AssetExecutionContext, dlt_resource: DagsterDltResource
) -> Iterator[MaterializeResult[Any]]:
    """Loads the projects of a run's partitions, in one extraction, and makes the views."""
    try:
        source = ampersand_source(projects=context.partition_keys)
        results = list(dlt_resource.run(context, dlt_source=source))
        create_views(PIPELINE)
    except (ConfigurationError, ViewsNotCreated) as error:
        raise Failure(str(error), allow_retries=False) from error
    # A run loads what it can: before all is said to be there, a look at what could not be listed.
    behind = _behind(context.partition_keys, datetime.min.replace(tzinfo=UTC))
    if behind:
        raise Failure(f"{', '.join(behind)}: failed, or gone; what could be listed is loaded")
    yield from results


def _behind(projects: Sequence[str], since: datetime) -> list[str]:
    """The projects that failed since they were listed last, or were not listed since a moment."""
    with PIPELINE.sql_client() as client:
        view = client.make_qualified_table_name("project_freshness")
        rows: Any = client.execute_sql(
            f"SELECT project_id, project_name, listed_at, failures FROM {view}"  # noqa: S608
        )
    fresh = {
        name
        for project_id, project_name, listed_at, failures in rows
        if not failures and listed_at >= since
        for name in (project_id, project_name)
    }
    return [project for project in projects if project not in fresh]


@asset_check(asset="dlt_ampersand_project_listings", pool=POOL)
def is_fresh() -> AssetCheckResult:
    """Whether every project was listed within a day: it also tells of a run that never began."""
    behind = _behind(PROJECTS, datetime.now(UTC) - MAX_AGE)
    if behind:  # of which the sensor below knows nothing: it tells of runs that failed
        tell("*not listed within a day*", behind, LOG)
    return AssetCheckResult(passed=not behind, metadata={"behind": behind})


@asset(deps=[AssetKey("dlt_ampersand_project_listings")], group_name="reports", pool=POOL)
def ampersand_report() -> MaterializeResult[Any]:
    """Makes one HTML file about what is loaded, for people who do not open a database."""
    place = f"{PIPELINE.destination.destination_name}, dataset {PIPELINE.dataset_name}"
    with open_views(PIPELINE) as client:
        write_report(Dataset(client, place), place, REPORT, datetime.now(UTC))
    return MaterializeResult(metadata={"path": MetadataValue.path(str(REPORT))})


load = define_asset_job(
    "load", AssetSelection.assets(ampersand_assets).without_checks(), op_retry_policy=RETRIES
)
freshness = define_asset_job(
    "freshness", AssetSelection.checks(is_fresh) | AssetSelection.assets(ampersand_report)
)


@schedule(job=load, cron_schedule="15 2 * * *", default_status=DefaultScheduleStatus.RUNNING)
def nightly() -> RunRequest:
    """One run for all projects: a run for one says nothing about the others."""
    return RunRequest(
        tags={
            "dagster/asset_partition_range_start": PROJECTS[0],
            "dagster/asset_partition_range_end": PROJECTS[-1],
        }
    )


in_the_morning = ScheduleDefinition(
    job=freshness, cron_schedule="0 6 * * *", default_status=DefaultScheduleStatus.RUNNING
)


@run_failure_sensor(default_status=DefaultSensorStatus.RUNNING)
def alert(context: RunFailureSensorContext) -> None:
    """Tells the chat that dlt's setting `slack_incoming_hook` names."""
    title = f"*{context.dagster_run.job_name} failed* (run {context.dagster_run.run_id})"
    tell(title, [context.failure_event.message or ""], LOG)


definitions = Definitions(
    assets=[ampersand_assets, ampersand_report],
    asset_checks=[is_fresh],
    jobs=[load, freshness],
    schedules=[nightly, in_the_morning],
    sensors=[alert],
    resources={"dlt_resource": DagsterDltResource()},
)
