"""What the destination already has: read from the ledger before a run.

A run counts once its load package is complete, which dlt says in `_dlt_loads` (status 0).
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

from dlt.common import logger
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.destinations.exceptions import DatabaseUndefinedRelation
from dlt.destinations.sql_client import SqlClientBase
from dlt.pipeline.pipeline import Pipeline

from .tables import EXTRACTION_RUNS, MODEL_VERSION, PROJECT_LISTINGS, PROJECTS

REBUILD_SCOPE = "rebuild"


@dataclass(frozen=True)
class Committed:
    """What earlier runs have loaded.

    Attributes:
        listing_keys: Latest listing of each project, by project id.
        selections: Tables that hold all rows of that listing, made by this model.
        integrations: Number of integrations in that listing.
        tables: Tables that some run has made.
        project_ids: Id of the project that had a name last, by name in lower case.
        listed_by: (project id, credential) of every listing.
        last_run_id: Latest run; empty: none.
        model_is_current: Whether all rows were made by this version of the model.
    """

    listing_keys: Mapping[str, str] = field(default_factory=dict)
    selections: Mapping[str, frozenset[str]] = field(default_factory=dict)
    integrations: Mapping[str, int] = field(default_factory=dict)
    tables: frozenset[str] = frozenset()
    project_ids: Mapping[str, str] = field(default_factory=dict)
    listed_by: frozenset[tuple[str, str]] = frozenset()
    last_run_id: str = ""
    model_is_current: bool = True

    def is_loaded(self, project_id: str, listing_key: str, selection: frozenset[str]) -> bool:
        """Whether a listing is the project's latest, and all selected tables have its rows."""
        return (
            self.model_is_current
            and self.listing_keys.get(project_id) == listing_key
            and self.selections.get(project_id, frozenset()) >= selection
        )

    def next_run_id(self) -> str:
        """An id that sorts after those of all earlier runs, even if the clock was set back."""
        now = time.time_ns() // 1000
        last = int(self.last_run_id.partition("-")[0] or 0)
        return f"{max(now, last + 1):016d}-{token_hex(3)}"


def read_committed(pipeline: Pipeline) -> Committed:
    """Asks the destination what earlier runs have loaded.

    A pipeline without a destination has loaded nothing. Where the destination cannot be asked,
    nothing counts as loaded either, so that everything is loaded again.
    """
    if not pipeline.destination:
        return Committed()
    try:
        with pipeline.sql_client() as client:
            return _read(client)
    except DatabaseUndefinedRelation:
        return Committed()
    except ConfigurationException:
        raise  # the load would stop at it as well, after all the work
    except Exception as error:
        logger.warning(
            "The destination could not be asked what it has already (%s); everything is loaded "
            "again, which is slower and harms nothing.",
            type(error).__name__,
        )
        return Committed()


def needs_rebuild(pipeline: Pipeline) -> bool:
    """Whether the destination has rows that an older version of the model made."""
    return not read_committed(pipeline).model_is_current


def _read(client: SqlClientBase[Any]) -> Committed:
    """Asks for little, however many runs the ledger holds: the database does the counting."""
    qualified = {
        table.name: client.make_qualified_table_name(table.name)
        for table in (EXTRACTION_RUNS, PROJECT_LISTINGS, PROJECTS)
    }
    # The runs that count, what they listed, and the latest listing of each project.
    common = f"""
        WITH runs AS (
            SELECT r.* FROM {qualified["extraction_runs"]} r
            JOIN {client.make_qualified_table_name("_dlt_loads")} l
                ON l.load_id = r._dlt_load_id AND l.status = 0
        ),
        listed AS (
            SELECT p.* FROM {qualified["project_listings"]} p JOIN runs r ON r.run_id = p.run_id
            WHERE p.outcome IN ('listed', 'unchanged')
        ),
        latest AS (SELECT project_id, MAX(run_id) AS run_id FROM listed GROUP BY project_id)
    """  # noqa: S608, own names

    def rows(sql: str, *parameters: str) -> list[Any]:
        return list(client.execute_sql(common + sql, *parameters) or [])

    runs = rows(
        "SELECT selection, model_version, CASE WHEN scope = %s THEN 1 ELSE 0 END, MAX(run_id) "
        "FROM runs GROUP BY 1, 2, 3",
        REBUILD_SCOPE,
    )
    seen = rows(
        "SELECT project_id, credential, project_key, MAX(run_id) FROM listed "
        "GROUP BY project_id, credential, project_key ORDER BY 4"
    )
    latest = rows(
        "SELECT DISTINCT c.project_id, c.listing_key, c.integrations, r.selection, r.model_version "
        "FROM latest n "
        "JOIN listed c ON c.project_id = n.project_id AND c.run_id = n.run_id "
        "LEFT JOIN listed p ON p.project_id = c.project_id AND p.listing_key = c.listing_key "
        "AND p.outcome = 'listed' LEFT JOIN runs r ON r.run_id = p.run_id"
    )
    selections: dict[str, frozenset[str]] = {}
    for project_id, _, _, selection, model_version in latest:
        if model_version == MODEL_VERSION:
            selections[project_id] = selections.get(project_id, frozenset()) | _names(selection)
    tables = frozenset[str]().union(*(_names(selection) for selection, *_ in runs))
    names = {}
    if PROJECTS.name in tables:
        names = dict(
            rows(
                f"SELECT project_key, LOWER(name) FROM {qualified['projects']} "  # noqa: S608
                "WHERE name IS NOT NULL"
            )
        )
    return Committed(
        listing_keys={project_id: listing_key for project_id, listing_key, *_ in latest},
        selections=selections,
        integrations={project_id: number for project_id, _, number, *_ in latest},
        tables=tables,
        # a name may have passed from one project to another: the later one has it
        project_ids={names[key]: project_id for project_id, _, key, _ in seen if key in names},
        listed_by=frozenset((project_id, credential) for project_id, credential, *_ in seen),
        last_run_id=max((run_id for *_, run_id in runs), default=""),
        model_is_current=_model_is_current(runs),
    )


def _names(selection: str | None) -> frozenset[str]:
    return frozenset((selection or "").split())


def _model_is_current(runs: list[Any]) -> bool:
    """Whether no run of an older model came after the last rebuild by this model."""
    older = max((run_id for _, model, _, run_id in runs if model < MODEL_VERSION), default="")
    rebuilt = [
        run_id for _, model, is_rebuild, run_id in runs if is_rebuild and model == MODEL_VERSION
    ]
    return older <= max(rebuilt, default="")
