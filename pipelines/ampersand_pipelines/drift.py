"""Where what is deployed differs from what manifests declare."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ampersand import ConfigurationError
from ampersand.manifests import project_ids, read_all

from .changes import describe
from .in_memory import InMemory
from .output import Answer
from .reading import Asked

_CHANGES = {"not_deployed": "added", "not_declared": "removed", "differs": "changed"}


def read_drift(dataset: Asked, projects: Sequence[str] | None) -> Answer:
    """The differences, by project and integration.

    Args:
        dataset: The dataset.
        projects: Ids or names of projects; None: all for which manifests have been loaded.

    Raises:
        ConfigurationError: There is nothing to compare.
    """
    compared = _compared(dataset, projects)
    places = ", ".join(["%s"] * len(compared))
    return dataset.ask(
        f"""
        SELECT project_name, integration_name, difference, kind, action, object_name, field_name,
            event_type, event_name, property, declared_value, deployed_value, provider,
            declared_in, declared_from, listed_at, project_id, integration_id
        FROM {{manifest_drift}}
        WHERE project_id IN ({places})
        ORDER BY project_name, integration_name, declared_in,
            CASE kind WHEN 'integration' THEN 0 WHEN 'revision' THEN 1 WHEN 'object' THEN 2
                ELSE 3 END,
            action, object_name, field_name, event_type, event_name, property, declared_value,
            deployed_value
        """,  # noqa: S608, places for parameters
        ["manifest_drift"],
        *compared,
    )


def compare(dataset: Asked, paths: Sequence[Path], projects: Sequence[str] | None) -> Answer:
    """The differences between files and what is deployed; they are loaded into memory only.

    Args:
        dataset: The dataset that tells what is deployed.
        paths: Files, and folders that are searched.
        projects: Ids or names of the projects that they are for; None: the only one.

    Raises:
        ManifestError: A file is no manifest.
        ConfigurationError: It cannot be told which project is meant.
    """
    manifests = read_all(paths)
    there = dataset.ask("SELECT project_id, name FROM {current_projects}", ["current_projects"])
    known = {row[0]: row[1] for row in there.rows}
    for asked in projects or ():
        _find(asked, [(project_id, name or project_id) for project_id, name in known.items()])
    memory = InMemory(["manifest_drift"])
    memory.copy_deployed(dataset)
    memory.declare(manifests, project_ids(projects, known))
    return read_drift(memory, None)


def _find(asked: str, there: Sequence[tuple[str, str]]) -> str:
    """Id of the project that has an id or a name, out of ids and names."""
    for project_id, name in there:
        if asked == project_id or asked.casefold() == name.casefold():
            return project_id
    names = ", ".join(sorted(name for _, name in there)) or "none"
    raise ConfigurationError(
        f"the project {asked} is not deployed, as far as has been loaded (there: {names}); "
        "spell it as `ampersand check` does, and load it first: `ampersand load`"
    )


def _compared(dataset: Asked, projects: Sequence[str] | None) -> list[str]:
    """Ids of the projects to compare."""
    rows = dataset.ask(
        """
        SELECT p.project_id, COALESCE(p.name, p.project_id), COUNT(d.project_id)
        FROM {current_projects} AS p
        LEFT JOIN (
            SELECT DISTINCT l.project_id
            FROM {project_listings} AS l
            JOIN {extraction_runs} AS r ON r.run_id = l.run_id
            JOIN {_dlt_loads} AS c ON c.load_id = r._dlt_load_id
            WHERE r.scope = 'manifests' AND c.status = 0 AND l.outcome <> 'failed'
        ) AS d ON d.project_id = p.project_id
        GROUP BY p.project_id, p.name
        ORDER BY 2
        """,
        ["current_projects", "project_listings", "extraction_runs", "_dlt_loads"],
    ).rows
    declared = [project_id for project_id, _, number in rows if number]
    if projects:
        there = [(project_id, name) for project_id, name, _ in rows]
        wanted = {_find(asked, there): asked for asked in projects}
        for project_id, asked in wanted.items():
            if project_id not in declared:
                raise ConfigurationError(_no_manifests(f"for the project {asked}"))
        return [*wanted]
    if not declared:
        raise ConfigurationError(_no_manifests("for a project that is deployed"))
    return declared


def _no_manifests(whose: str) -> str:
    return (
        f"no manifests have been loaded {whose}; load them with `ampersand load-manifests`, or "
        "name files and folders: --manifests"
    )


def for_people(drift: Answer) -> Answer:
    """The differences as a table: where, and what in one line each."""
    return Answer(
        ("where", "what"),
        [
            ("/".join(filter(None, (row["project_name"], row["integration_name"]))), told(row))
            for row in drift.records()
        ],
    )


def for_terminal(drift: Answer) -> str:
    """The differences, those of an integration below each other."""
    groups: dict[str, list[str]] = {}
    for where, what in for_people(drift).rows:
        groups.setdefault(where, []).append(what)
    return "\n\n".join(
        "\n".join([where, *(f"- {what}" for what in texts)]) for where, texts in groups.items()
    )


def told(row: Mapping[str, Any]) -> str:
    """A difference in one line: `not deployed: required field email of read object contact`."""
    change = _CHANGES[row["difference"]]
    described = describe(
        {
            **row,
            "change": change,
            "old_value": row["deployed_value"],
            "new_value": row["declared_value"],
        }
    )
    words = {"added": "not deployed", "removed": "not declared", "changed": "deploying changes"}
    return described.replace(change, words[change], 1)
