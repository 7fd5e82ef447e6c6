"""The load: what the two lines of plain dlt do, and an account of what came of it.

It reads and loads, and never prints.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.schema.typing import TTableFormat
from dlt.destinations.exceptions import DatabaseException
from dlt.destinations.sql_client import SqlClientBase
from dlt.extract import DltSource
from dlt.pipeline.pipeline import Pipeline

from ampersand import ViewsNotCreated, create_views, needs_rebuild, open_views, rebuild
from ampersand.exceptions import one_line
from ampersand.pending import settle
from ampersand.resources import choose_strategy

from .pipeline import connect_once

_Client = SqlClientBase[Any]

_INDEX = re.compile(r"\[\d+\]")

MANY = 0.2
"""Share of a project's integrations whose disappearance in one run deserves a loud line."""


@dataclass(frozen=True)
class ProjectOutcome:
    """What came of one project.

    Attributes:
        project_id: Its id, or what it was asked for by.
        name: Its name, where it is known.
        outcome: `listed`, `unchanged`, `failed`, `gone` (it was there before), or `not_found`.
        integrations: Number of its integrations.
        error: What went wrong.
    """

    project_id: str
    name: str | None
    outcome: str
    integrations: int | None
    error: str | None


@dataclass(frozen=True)
class CollectionOutcome:
    """What came of a collection of a project, such as its installations.

    Attributes:
        collection: Name of the collection.
        project_id: Id of the project; empty for what is the same for all.
        name: Name of the project, where it is known.
        outcome: `listed`, `unchanged` or `failed`.
        entries: Number of its entries; of operations, of those that were new.
        error: What went wrong; of operations that are listed, what is missing of them.
    """

    collection: str
    project_id: str
    name: str | None
    outcome: str
    entries: int | None
    error: str | None


@dataclass(frozen=True)
class Uncovered:
    """A project that is still there as far as is known, and was not looked at."""

    project_id: str
    name: str | None
    since: datetime


@dataclass(frozen=True)
class IntegrationName:
    """An integration, for people."""

    project: str
    name: str


@dataclass
class LoadReport:
    """What a load did.

    Attributes:
        run_id: Id of the run.
        seconds: Time per step of dlt (extract, normalize, load).
        requests: HTTP requests sent.
        bytes: Bytes of answers received.
        projects: What came of each project.
        collections: What came of what was read besides integrations.
        failed_keys: What went wrong with keys whose projects could not be listed.
        uncovered: Projects that this run did not look at.
        gone_projects: Names of projects that are gone since the last run.
        new: Integrations that were not there before.
        changed: Integrations with another revision than before, or another name.
        gone: Integrations that were there before.
        current: Number of integrations that are there now.
        rows: Rows written per table.
        unmapped: Number of values that no column holds, per path, in what is there now.
        loaded_pending: Whether what an interrupted run left was loaded first.
        rebuilt: Number of revisions made again because they were of an older model.
        views_error: Why the views could not be made.
    """

    run_id: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    requests: int = 0
    bytes: int = 0
    projects: list[ProjectOutcome] = field(default_factory=list)
    collections: list[CollectionOutcome] = field(default_factory=list)
    failed_keys: list[str] = field(default_factory=list)
    uncovered: list[Uncovered] = field(default_factory=list)
    gone_projects: list[str] = field(default_factory=list)
    new: list[IntegrationName] = field(default_factory=list)
    changed: list[IntegrationName] = field(default_factory=list)
    gone: list[IntegrationName] = field(default_factory=list)
    current: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    unmapped: dict[str, int] = field(default_factory=dict)
    loaded_pending: bool = False
    rebuilt: int | None = None
    views_error: str | None = None

    @property
    def failed(self) -> list[ProjectOutcome]:
        """The projects that could not be listed."""
        return [each for each in self.projects if each.outcome in ("failed", "not_found")]

    @property
    def failed_collections(self) -> list[CollectionOutcome]:
        """The collections that could not be listed."""
        return [each for each in self.collections if each.outcome == "failed"]

    @property
    def incomplete_collections(self) -> list[CollectionOutcome]:
        """The collections that could be listed, but not all of them."""
        return [each for each in self.collections if each.error and each.outcome != "failed"]

    @property
    def is_complete(self) -> bool:
        """Whether nothing failed: no project, no key, no collection."""
        return not (self.failed_keys or self.failed or self.failed_collections)

    @property
    def many_are_gone(self) -> bool:
        """Whether so much is gone that somebody should look."""
        before = self.current - len(self.new) + len(self.gone)
        return bool(self.gone_projects) or (len(self.gone) > 1 and len(self.gone) >= MANY * before)


@dataclass(frozen=True)
class _State:
    """What is there at a moment, as the views say."""

    projects: dict[str, tuple[str | None, datetime]] = field(default_factory=dict)
    integrations: dict[tuple[str, str], tuple[str, str | None, str]] = field(default_factory=dict)


def load(
    pipeline: Pipeline, source: DltSource, table_format: TTableFormat | None = None
) -> LoadReport:
    """Loads a source and makes the views.

    What an interrupted run left pending is loaded first: dlt would load it instead of the new data.

    Args:
        pipeline: Where it is loaded to.
        source: What is loaded.
        table_format: The format of the tables, where the destination has several.

    Raises:
        ConfigurationError: The destination cannot write a row once.
        Exception: What dlt raises when a step fails; nothing that is visible has changed then.
    """
    if table_format:
        for resource in source.resources.values():
            resource.apply_hints(table_format=table_format)
    choose_strategy(source.selected_resources.values(), pipeline.destination)
    report = LoadReport()
    report.rebuilt, report.loaded_pending = make_ready(pipeline)
    with open_views(pipeline) as client:
        before = _state(client, LoadReport())
    info = pipeline.run(source)
    try:
        create_views(pipeline)
    except ViewsNotCreated as error:
        report.views_error = str(error)
    trace = pipeline.last_trace
    for step in trace.steps if trace else ():
        if step.step in ("extract", "normalize", "load") and step.finished_at:
            elapsed = (step.finished_at - step.started_at).total_seconds()
            report.seconds[step.step] = round(elapsed, 3)
    with open_views(pipeline) as client:
        _read_ledger(client, info.loads_ids[-1], report)
        _compare(before, _state(client, report), report)
        report.unmapped = _unmapped(client, report)
    return report


def make_ready(pipeline: Pipeline) -> tuple[int | None, bool]:
    """Mends what is of an older model, and loads what is pending, which has to come before a run.

    Returns:
        Number of revisions made again, None if that was not needed; whether something was pending.
    """
    connect_once(pipeline)
    # before what is pending: it may need a table that was dropped
    rebuilt = rebuild(pipeline) if needs_rebuild(pipeline) else None
    settle(pipeline)
    loaded_pending = False
    while pipeline.has_pending_data:
        pending = pipeline.run()
        # dlt drops what is pending where the database is not the one that it was for
        loaded_pending |= bool(pending and pending.loads_ids)
    return rebuilt, loaded_pending


def _query(client: _Client, sql: str, *names: str, parameters: tuple[Any, ...] = ()) -> list[Any]:
    """Rows of a query over tables named by `{}`; none where one of them does not exist."""
    try:
        statement = sql.format(*(client.make_qualified_table_name(name) for name in names))
        return list(client.execute_sql(statement, *parameters) or [])
    except DestinationUndefinedEntity:
        return []


def _query_view(client: _Client, report: LoadReport, sql: str, name: str) -> list[Any]:
    """Rows of a query over a view; where it cannot be read, the report says so."""
    try:
        return _query(client, sql, name)
    except DatabaseException as error:
        report.views_error = report.views_error or (
            f"the data is loaded, but its views cannot be read ({one_line(str(error))})"
        )
        return []


def _state(client: _Client, report: LoadReport) -> _State:
    projects = _query_view(
        client, report, "SELECT project_id, name, listed_at FROM {}", "current_projects"
    )
    integrations = _query_view(
        client,
        report,
        "SELECT project_id, project_name, integration_id, name, revision_key FROM {}",
        "current_integrations",
    )
    return _State(
        {project_id: (name, listed_at) for project_id, name, listed_at in projects},
        {
            (project_id, integration_id): (project_name or project_id, revision_key, name)
            for project_id, project_name, integration_id, name, revision_key in integrations
        },
    )


def _read_ledger(client: _Client, load_id: str, report: LoadReport) -> None:
    runs = _query(
        client,
        "SELECT run_id, requests, bytes, counts FROM {} WHERE _dlt_load_id = %s",
        "extraction_runs",
        parameters=(load_id,),
    )
    if not runs:
        return
    report.run_id, report.requests, report.bytes, counts = runs[0]
    report.rows = json.loads(counts)
    names = dict(
        _query(client, "SELECT project_id, name FROM {} WHERE name IS NOT NULL", "projects")
    )
    report.projects = [
        ProjectOutcome(project_id, names.get(project_id), outcome, integrations, error)
        for project_id, outcome, integrations, error in _query(
            client,
            "SELECT project_id, outcome, integrations, error FROM {} WHERE run_id = %s "
            "ORDER BY project_id",
            "project_listings",
            parameters=(report.run_id,),
        )
    ]
    report.collections = [
        CollectionOutcome(collection, project_id, names.get(project_id), outcome, entries, error)
        for collection, project_id, outcome, entries, error in _query(
            client,
            "SELECT collection, project_id, outcome, entries, error FROM {} WHERE run_id = %s "
            "ORDER BY project_id, collection",
            "collection_listings",
            parameters=(report.run_id,),
        )
    ]
    report.failed_keys = [
        error
        for (error,) in _query(
            client,
            "SELECT error FROM {} WHERE run_id = %s AND outcome = 'failed' AND asks_for_all",
            "credential_listings",
            parameters=(report.run_id,),
        )
    ]


def _compare(before: _State, after: _State, report: LoadReport) -> None:
    looked_at = {project.project_id for project in report.projects}
    report.projects = [
        replace(project, name=after.projects[project.project_id][0])
        if project.project_id in after.projects
        else project
        for project in report.projects
    ]
    report.projects = [
        replace(project, outcome="gone")
        if project.outcome == "not_found"
        and project.name is not None
        and project.project_id not in after.projects
        else project
        for project in report.projects
    ]
    report.uncovered = [
        Uncovered(project_id, name, since)
        for project_id, (name, since) in sorted(after.projects.items())
        if project_id not in looked_at
    ]
    report.gone_projects = sorted(
        name or project_id
        for project_id, (name, _) in before.projects.items()
        if project_id not in after.projects
    )
    for key, (project, revision_key, name) in sorted(after.integrations.items()):
        if key not in before.integrations:
            report.new.append(IntegrationName(project, name))
        elif before.integrations[key][1:] != (revision_key, name):
            report.changed.append(IntegrationName(project, name))
    report.gone = [
        IntegrationName(project, name)
        for key, (project, _, name) in sorted(before.integrations.items())
        if key not in after.integrations
    ]
    report.current = len(after.integrations)


def _unmapped(client: _Client, report: LoadReport) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for path, number in _query_view(
        client,
        report,
        "SELECT json_path, COUNT(*) FROM {} GROUP BY json_path",
        "current_unmapped_properties",
    ):
        counts[_INDEX.sub("[]", path)] += number
    for collection, path, number in _query_view(
        client,
        report,
        "SELECT collection, json_path, COUNT(*) FROM {} GROUP BY collection, json_path",
        "current_dropped_properties",
    ):
        counts[collection + _INDEX.sub("[]", path).removeprefix("$")] += number
    return dict(counts.most_common())
