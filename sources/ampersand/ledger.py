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
from dlt.pipeline.pipeline import Pipeline

from .tables import CREDENTIAL_LISTINGS, EXTRACTION_RUNS, MODEL_VERSION, PROJECT_LISTINGS, PROJECTS

REBUILD_SCOPE = "rebuild"

_LISTED = ("listed", "unchanged")


@dataclass(frozen=True)
class Committed:
    """What earlier runs have loaded.

    Attributes:
        listing_keys: Latest listing of each project, by project id.
        selections: Tables that were written for a (project id, listing key), of this model.
        integrations: Number of integrations of each listing, by listing key.
        tables: Tables that some run has made.
        project_ids: Ids of the projects by name, in lower case.
        listed_by: (project id, credential) of every listing.
        last_run_id: Latest run; empty: none.
        model_is_current: Whether all rows were made by this version of the model.
    """

    listing_keys: Mapping[str, str] = field(default_factory=dict)
    selections: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
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
            and self.selections.get((project_id, listing_key), frozenset()) >= selection
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
            names = {
                table.name: client.make_qualified_table_name(table.name)
                for table in (EXTRACTION_RUNS, PROJECT_LISTINGS, PROJECTS, CREDENTIAL_LISTINGS)
            }
            loads = client.make_qualified_table_name("_dlt_loads")

            def rows(sql: str) -> list[Any]:
                return list(client.execute_sql(sql) or [])

            runs = rows(
                "SELECT r.run_id, r.scope, r.selection, r.model_version "  # noqa: S608, own names
                f"FROM {names['extraction_runs']} r JOIN {loads} l ON l.load_id = r._dlt_load_id "
                "WHERE l.status = 0 ORDER BY r.run_id"
            )
            listings = rows(
                "SELECT p.run_id, p.project_id, p.credential, p.outcome, "  # noqa: S608, own names
                "p.listing_key, p.integrations "
                f"FROM {names['project_listings']} p JOIN {loads} l ON l.load_id = p._dlt_load_id "
                "WHERE l.status = 0 AND p.outcome IN ('listed', 'unchanged') ORDER BY p.run_id"
            )
            try:
                records = rows(f"SELECT name, project_id FROM {names['projects']}")  # noqa: S608
            except DatabaseUndefinedRelation:  # the table was never selected
                records = []
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
    return _committed(runs, listings, records)


def needs_rebuild(pipeline: Pipeline) -> bool:
    """Whether the destination has rows that an older version of the model made."""
    return not read_committed(pipeline).model_is_current


def _committed(runs: list[Any], listings: list[Any], records: list[Any]) -> Committed:
    selections = {run_id: frozenset((selection or "").split()) for run_id, _, selection, _ in runs}
    models = {run_id: model for run_id, _, _, model in runs}
    latest: dict[str, str] = {}
    loaded: dict[tuple[str, str], frozenset[str]] = {}
    integrations: dict[str, int] = {}
    for run_id, project_id, _, outcome, listing_key, number in listings:
        latest[project_id] = listing_key
        if number is not None:
            integrations[listing_key] = number
        if outcome == "listed" and models.get(run_id) == MODEL_VERSION:
            key = (project_id, listing_key)
            loaded[key] = loaded.get(key, frozenset()) | selections.get(run_id, frozenset())
    return Committed(
        listing_keys=latest,
        selections=loaded,
        integrations=integrations,
        tables=frozenset().union(*selections.values()),
        project_ids={name.casefold(): project_id for name, project_id in records if name},
        listed_by=frozenset((project_id, credential) for _, project_id, credential, *_ in listings),
        last_run_id=runs[-1][0] if runs else "",
        model_is_current=_model_is_current(runs),
    )


def _model_is_current(runs: list[Any]) -> bool:
    """Whether no run of an older model came after the last rebuild by this model."""
    current = True
    for _, scope, _, model in runs:
        if model < MODEL_VERSION:
            current = False
        elif scope == REBUILD_SCOPE and model == MODEL_VERSION:
            current = True
    return current
