"""The dlt source of what is declared: manifests from files, into the tables of what is deployed.

A set of manifests is a listing like the API's, in a run of its own scope, which the views of what
is deployed do not see. Its integrations are called `manifest:<name>`; where each is declared stands
in `listing_integrations.other_properties`, so that a revision stays the same while its file, its
line and its commit change.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import dlt
import pyarrow.compute as pc
from dlt.common import logger
from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.extract import DltResource
from dlt.pipeline.pipeline import Pipeline

from . import columnar
from .exceptions import ConfigurationError
from .extraction import BATCH_BYTES, RunBatch, empty_tables, parts, versions, without_revisions
from .finish import open_views
from .ledger import MANIFESTS_SCOPE, Declared, read_committed, read_declared
from .manifest_files import Manifest, ManifestError, find_manifests, parse, read_file
from .manifest_history import Commit, Repository
from .normalize import Batch, digest, is_storable, together
from .resources import AmpersandSource, make_resources
from .tables import MODEL_VERSION, REVISION_UNMAPPED_PROPERTIES

CREDENTIAL = "manifests"
"""What the ledger has in place of the fingerprint of a key."""

INTEGRATION_ID = "manifest:"
"""What the ids of declared integrations begin with."""


@dataclass(frozen=True)
class Declaration:
    """The manifests that were declared at a moment.

    Attributes:
        elements: The integrations, as the API would list them.
        commit: The commit that declared them; None: what is in the files now.
        at: When; None: when it is loaded.
        error: Why they cannot be read; then there are no elements.
    """

    elements: Sequence[dict[str, Any]]
    commit: str | None = None
    at: datetime | None = None
    error: str | None = None


@dlt.source(
    name="ampersand",
    section="ampersand_manifests",
    max_table_nesting=0,
    schema_contract={"tables": "evolve", "columns": "evolve", "data_type": "freeze"},
    _impl_cls=AmpersandSource,
)
def manifests_source(
    paths: Sequence[str | Path], projects: Sequence[str] | None = None, history: bool = False
) -> list[DltResource]:
    """Reads manifests (amp.yaml) as what is declared for projects, to compare it with the API.

    They go into the same tables as what is deployed, in runs whose scope is `manifests`: the views
    `declared_integrations` and `manifest_drift` show them, and no other does. What was loaded
    before is not loaded again.

    Args:
        paths: Files, and folders that are searched at any depth for amp.yaml and amp.yml. All of
            them together are what is declared.
        projects: Ids or names of the projects that they are declared for; None: the only project
            in the dataset. One that has not been loaded is taken for an id.
        history: Whether, instead of the files as they are, all that git has of them is loaded:
            what was declared after each commit on this branch that touched them.

    Raises:
        ManifestError: A file cannot be read, or is no manifest. Of a history that is so for the
            last commit; an older one that cannot be read is noted in the ledger as failed.
        ConfigurationError: There is no git history. While the source runs: it cannot be told which
            project is meant.

    Example:
        >>> pipeline.run(manifests_source(["integrations"], projects=["crm-production"]))
        >>> create_views(pipeline)
    """
    if isinstance(paths, str):
        raise ConfigurationError("paths must be a list of files and folders, not one text")
    files = [Path(path) for path in paths]
    roots: Sequence[str] = ()
    if history:
        repository = Repository(files)
        roots = repository.paths
        declarations = read_history(repository)
    else:
        declarations = [read_declaration(files)]

    def extract(pipeline: Pipeline, selection: frozenset[str]) -> Iterator[RunBatch]:
        committed = read_committed(pipeline)
        committed.refuse_dropped()
        ids = project_ids(projects, known_projects(pipeline))
        yield from batches(
            declarations,
            ids,
            selection,
            missing=selection - committed.tables,
            declared=read_declared(pipeline, ids, selection),
            run_id=lambda declaration: _run_id(declaration, ids, roots) or committed.next_run_id(),
        )

    return make_resources(extract, ())


def read_declaration(paths: Sequence[Path]) -> Declaration:
    """What the manifests declare now.

    Raises:
        ManifestError: A file cannot be read, or is no manifest.
    """
    return Declaration(elements(read_all(paths)))


def read_all(paths: Sequence[Path]) -> list[Manifest]:
    """The integrations of all manifests that are meant.

    Raises:
        ManifestError: A file cannot be read, or is no manifest.
    """
    return [manifest for path in find_manifests(paths) for manifest in read_file(path)]


def read_history(repository: Repository) -> list[Declaration]:
    """What was declared after each commit, the oldest first.

    Raises:
        ManifestError: After the last commit, a file is no manifest.
        ConfigurationError: No commit ever touched a manifest.
    """

    @cache  # most files are as they were in the commit before
    def manifests(blob: str, path: str) -> list[Manifest]:
        return parse(repository.read(blob), path)

    def declaration(commit: Commit) -> Declaration:
        found = []
        for file in commit.files:
            origin = {"commit": file.commit, "updateTime": file.at.isoformat()}
            found += [(each, origin) for each in manifests(file.blob, file.path)]
        return Declaration(_elements(found), commit.id, commit.at)

    declarations = []
    error: ManifestError | None = None
    for commit in repository.commits():
        error = None
        try:
            declarations.append(declaration(commit))
        except ManifestError as unreadable:
            error = unreadable
            declarations.append(Declaration((), commit.id, commit.at, f"{commit.id[:12]}: {error}"))
    if error:
        raise error
    if not declarations:
        raise ConfigurationError(
            f"no commit has a manifest in {', '.join(repository.paths) or 'the repository'}; "
            "commit it, or load the files as they are, without the history"
        )
    return declarations


def elements(manifests: Sequence[Manifest]) -> list[dict[str, Any]]:
    """The integrations of manifests, as the API would list them."""
    return _elements([(manifest, {}) for manifest in manifests])


def _elements(manifests: Sequence[tuple[Manifest, Mapping[str, str]]]) -> list[dict[str, Any]]:
    seen: Counter[str] = Counter()
    found = []
    for manifest, origin in manifests:
        if not is_storable(manifest.name):
            raise ManifestError(manifest.path, "the name cannot be stored", manifest.line)
        seen[manifest.name] += 1
        number = seen[manifest.name]
        found.append(
            {
                "id": f"{INTEGRATION_ID}{manifest.name}" + (f":{number}" if number > 1 else ""),
                "name": manifest.name,
                "provider": manifest.provider,
                "file": manifest.path,
                "line": manifest.line,
                **origin,
                "latestRevision": {
                    "specVersion": manifest.spec_version,
                    "content": manifest.content,
                },
            }
        )
    return found


def batches(
    declarations: Sequence[Declaration],
    project_ids: Sequence[str],
    selection: frozenset[str],
    *,
    missing: frozenset[str],
    declared: Declared,
    run_id: Callable[[Declaration], str],
    scope: str = MANIFESTS_SCOPE,
) -> Iterator[RunBatch]:
    """Yields rows per table, the ledger's last.

    Args:
        declarations: What was declared, the oldest first.
        project_ids: Ids of the projects that it is declared for.
        selection: Tables that are wanted.
        missing: Those of them that are not there yet.
        declared: What earlier runs have loaded.
        run_id: Gives a declaration's run its id.
        scope: Scope of the runs.
    """
    known = set(declared.revision_keys)
    latest = dict(declared.listing_keys)
    ledger: dict[str, list[dict[str, Any]]] = {
        "extraction_runs": [],
        "credential_listings": [],
        "project_listings": [],
    }
    collected: list[Batch] = []
    size = 0
    there: set[str] = set()
    for declaration in declarations:
        identifier = run_id(declaration)
        page = json.dumps(declaration.elements, separators=(",", ":")).encode()
        counts: Counter[str] = Counter()
        listings = []
        for project_id in project_ids:
            if (identifier, project_id) in declared.runs:
                continue
            row: dict[str, Any] = {
                "run_id": identifier,
                "project_id": project_id,
                "credential": CREDENTIAL,
                "outcome": "failed",
            }
            listings.append(row)
            if declaration.error:
                logger.warning("Manifests of a commit are left out: %s", declaration.error)
                row["error"] = declaration.error
                continue
            key = digest(project_id.encode(), CREDENTIAL.encode(), page)
            row |= {"listing_key": key, "integrations": len(declaration.elements)}
            row["outcome"] = "unchanged" if latest.get(project_id) == key else "listed"
            latest[project_id] = key
            if row["outcome"] == "unchanged":
                continue
            rows = _rows(project_id, key, page, selection, known)
            counts.update({name: table.num_rows for name, table in rows.items()})
            collected.append(rows)
            size += len(page)
        if listings:
            ledger["project_listings"] += listings
            ledger["extraction_runs"].append(
                {
                    "run_id": identifier,
                    "scope": scope,
                    "selection": " ".join(sorted(selection)),
                    "started_at": declaration.at or datetime.now(UTC),
                    "model_version": MODEL_VERSION,
                    "versions": versions(),
                    "requests": 0,
                    "bytes": 0,
                    "counts": json.dumps(dict(sorted(counts.items()))),
                }
            )
        if size >= BATCH_BYTES:
            tables = together(collected)
            there |= tables.keys()
            yield tables
            collected, size = [], 0
    tables = together(collected)
    there |= tables.keys()
    yield tables
    yield empty_tables(missing - there)
    yield {name: rows for name, rows in ledger.items() if rows}


def _rows(
    project_id: str, key: str, page: bytes, selection: frozenset[str], known: set[str]
) -> Batch:
    """The rows of a listing, without those of known revisions, to which its own are added."""
    made = together([columnar.normalize([part]) for part in parts(project_id, key, [page])])
    unmapped = made.get(REVISION_UNMAPPED_PROPERTIES.name)
    if unmapped is not None:  # where it is declared is in other_properties, as it should be
        inside = pc.is_null(unmapped["listing_key"])
        made[REVISION_UNMAPPED_PROPERTIES.name] = unmapped.filter(inside)
    tables = without_revisions(
        {name: table for name, table in made.items() if name in selection}, frozenset(known)
    )
    if "listing_integrations" in made:
        known |= {*made["listing_integrations"]["revision_key"].to_pylist()} - {None}
    return tables


def _run_id(
    declaration: Declaration, project_ids: Sequence[str], roots: Sequence[str]
) -> str | None:
    """The id of the run of a commit, the same each time; None: there is no commit.

    As text it sorts by the time of the commit, like that of any run.
    """
    if declaration.commit is None or declaration.at is None:
        return None
    microseconds = round(declaration.at.timestamp() * 1_000_000)
    about = (declaration.commit, *sorted(project_ids), *roots)
    return f"{microseconds:016d}-{digest(*(part.encode() for part in about))[:12]}"


def known_projects(pipeline: Pipeline) -> dict[str, str | None]:
    """Names of the projects that are there now, by id."""
    try:
        with open_views(pipeline) as client:
            name = client.make_qualified_table_name("current_projects")
            rows = client.execute_sql(f"SELECT project_id, name FROM {name}")  # noqa: S608, own name
            return {row[0]: row[1] for row in rows or ()}
    except DestinationUndefinedEntity:
        return {}


def project_ids(asked: Sequence[str] | None, known: Mapping[str, str | None]) -> list[str]:
    """Ids of the projects that manifests are for.

    Args:
        asked: Their ids or names; empty: the only one.
        known: Names of the projects that are there, by id.

    Raises:
        ConfigurationError: There are none, or several.
    """
    if isinstance(asked, str):
        raise ConfigurationError("projects must be a list of ids or names, not one text")
    if not asked:
        if len(known) == 1:
            return [*known]
        names = ", ".join(sorted(name or project_id for project_id, name in known.items()))
        raise ConfigurationError(
            "it cannot be told which project the manifests are declared for: "
            + (f"{names} are there" if known else "none has been loaded yet")
            + "; name one, in `projects` or with --project"
        )
    ids = {(name or "").casefold(): project_id for project_id, name in known.items()}
    found = []
    for project in asked:
        project_id = project if project in known else ids.get(project.casefold())
        if project_id is None and known:
            logger.warning(
                "No project %s has been loaded: it is taken for an id. There are %s.",
                project,
                ", ".join(sorted(name or each for each, name in known.items())),
            )
        found.append(project_id or project)
    return list(dict.fromkeys(found))
