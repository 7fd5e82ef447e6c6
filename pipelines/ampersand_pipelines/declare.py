"""Loading what manifests declare, and an account of what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dlt.extract import DltSource
from dlt.pipeline.pipeline import Pipeline

from ampersand import create_views, open_views
from ampersand.manifests import known_projects
from ampersand.resources import choose_strategy

from .load import make_ready
from .wording import counted


@dataclass(frozen=True)
class DeclaredSets:
    """What a load of manifests did for a project.

    Attributes:
        project: Its name, or its id where it has not been loaded.
        sets: Sets of manifests that are new: commits, or the files as they are.
        failed: What could not be read, each with its commit.
        integrations: Number of integrations in the latest set; None: all were loaded before.
        is_unchanged: Whether the latest set is the one that was loaded last.
    """

    project: str
    sets: int
    failed: Sequence[str]
    integrations: int | None
    is_unchanged: bool


def load_manifests(pipeline: Pipeline, source: DltSource) -> list[DeclaredSets]:
    """Loads `manifests_source()` and makes the views.

    Returns:
        What came of each project; nothing where all of a history was loaded before.

    Raises:
        ConfigurationError: It cannot be told for which project the manifests are.
        ViewsNotCreated: The manifests are loaded, and the views are not there.
        Exception: What dlt raises when a step fails; nothing that is visible has changed then.
    """
    choose_strategy(source.selected_resources.values(), pipeline.destination)
    make_ready(pipeline)
    info = pipeline.run(source)
    create_views(pipeline)
    if not info.loads_ids:
        return []
    with open_views(pipeline) as client:
        runs, listings = map(
            client.make_qualified_table_name, ("extraction_runs", "project_listings")
        )
        rows = client.execute_sql(
            f"SELECT l.project_id, l.outcome, l.integrations, l.error FROM {listings} l "  # noqa: S608
            f"JOIN {runs} r ON r.run_id = l.run_id "
            "WHERE r._dlt_load_id = %s ORDER BY l.project_id, l.run_id",
            info.loads_ids[-1],
        )
    by_project: dict[str, list[_Row]] = {}
    for project_id, *row in rows or ():
        by_project.setdefault(project_id, []).append(_Row(*row))
    names = known_projects(pipeline)
    return [_account(names.get(each) or each, found) for each, found in by_project.items()]


class _Row(NamedTuple):
    outcome: str
    integrations: int | None
    error: str | None


def _account(project: str, rows: Sequence[_Row]) -> DeclaredSets:
    return DeclaredSets(
        project,
        sum(row.outcome == "listed" for row in rows),
        [row.error for row in rows if row.error],
        rows[-1].integrations,
        rows[-1].outcome == "unchanged",
    )


def summary(loaded: Sequence[DeclaredSets], place: str, *, history: bool) -> str:
    """What came of it, for people: a line per project."""
    if not loaded:
        return "All of the history was loaded before."
    lines = [f"Loaded into {place}"]
    for each in loaded:
        if each.is_unchanged and not each.sets:
            told = "as they were when they were loaded last"
        elif history:
            told = f"after {counted(each.sets, 'commit')}"
        else:
            told = "new"
        lines.append(f"  {each.project}: {counted(each.integrations or 0, 'integration')}, {told}")
        lines += [f"    left out, could not be read: {error}" for error in each.failed]
    return "\n".join(lines)
