"""One run: ask every key for its projects, list them, and turn the answers into batches of rows.

Answers are fetched by a bounded pool of threads and put together until a batch is worth decoding
and normalising (many small Arrow tables cost far more than a few large ones), which is then handed
on; the next batch is normalised meanwhile. The ledger's rows come last, so that a run which is cut
short has none.
"""

import json
import platform
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from dlt.common import logger
from dlt.version import __version__ as dlt_version

from . import columnar
from .client import AmpersandClient, ClientSettings, Listing
from .decoded import DecodedListing, OrdinaryEntries
from .exceptions import (
    AmpersandError,
    ApiError,
    NotFound,
    Unauthorized,
    Unavailable,
    UnexpectedAnswer,
    one_line,
)
from .ledger import Committed, CommittedCollections
from .lossless_json import canonical, decode_page, decode_pieces, dumps
from .memory import no_collection, return_large_blocks, return_what_is_free, system_memory
from .normalize import (
    Batch,
    arrow_schema,
    digest,
    is_storable,
    normalize_projects,
    project_key,
    refusal,
    together,
)
from .ordinary import decode_ordinary
from .platform import PlatformExtraction
from .pool import bounded, one_ahead
from .settings import Assignment
from .tables import CONTENT_TABLES, CORE_TABLES, MODEL_VERSION, REVISION_CHILDREN, REVISIONS

BATCH_BYTES = 8 * 1024 * 1024
"""Size of the answers that are normalised together; a longer one is decoded in such parts."""

_NAMED = 5
"""Projects named in an error before the rest is only counted."""

_OF_INTEGRATIONS = frozenset(table.name for table in CORE_TABLES)

_OF_REVISIONS = frozenset(table.name for table in (REVISIONS, *REVISION_CHILDREN))

RunBatch = dict[str, Any]
"""Rows per table: an Arrow table for content, a list of dicts for the ledger."""


class NothingListed(AmpersandError):
    """Not one project could be listed, so nothing is loaded.

    Attributes:
        reasons: What went wrong, each once.
    """

    def __init__(self, reasons: Sequence[str]) -> None:
        """Puts them together; see the class."""
        super().__init__(reasons)
        self.reasons = tuple(reasons)

    def __str__(self) -> str:
        """One line: the first reason, and how many more there are."""
        more = f" (and {len(self.reasons) - 1} more)" if len(self.reasons) > 1 else ""
        return f"no project could be listed: {self.reasons[0]}{more}"


@dataclass
class _Target:
    """A project to list, and the keys that may list it."""

    asked: str
    record: dict[str, Any] | None
    assignments: list[Assignment]

    @property
    def project_id(self) -> str | None:
        return self.record["id"] if self.record else None


@dataclass(frozen=True)
class _Answer:
    assignment: Assignment
    listing: Listing | None
    error: AmpersandError | None


@dataclass
class _Gathered:
    """What is normalised together.

    Attributes:
        listings: Listings, or parts of them.
        rows: What was normalised already.
        bytes: Size of the listings, also of those in `rows`.
        previous: Keys of the listings that were loaded before of the same projects.
        projects: Records of projects, as `normalize_projects` takes them.
    """

    listings: list[DecodedListing] = field(default_factory=list)
    rows: list[Batch] = field(default_factory=list)
    bytes: int = 0
    previous: list[str] = field(default_factory=list)
    projects: list[tuple[dict[str, Any], str | None]] = field(default_factory=list)


@dataclass
class _ProjectList:
    """What came of asking one key for its projects."""

    records: list[dict[str, Any]] = field(default_factory=list)
    unreadable: list[Any] = field(default_factory=list)
    error: AmpersandError | None = None


class Extraction:
    """One run of the extraction.

    Args:
        assignments: Keys and the projects that they are used for.
        client_settings: How to reach the API.
        concurrency: Requests under way at once.
        scope: Projects that the run is limited to; None: all that is configured.
        committed: What earlier runs have loaded.
        known_revisions: Tells the keys of the revisions that are loaded, by keys of listings.
        selection: Names of the tables that are wanted.
        committed_collections: What earlier runs have loaded of all that is no integration.
        known_entries: Tells the keys of the entries of collections that are loaded, by keys of
            listings.
        known_operations: Tells the run that saw an operation first, by key, of those loaded.
        personal_hash_key: Key of the hashes that stand for names of people and customers; None:
            the names are kept.
        full: Whether listings that are already loaded are loaded again.
        on_project: Called whenever a project has been asked, with the number of projects and the
            id of the run.
    """

    def __init__(
        self,
        assignments: Sequence[Assignment],
        client_settings: ClientSettings,
        *,
        concurrency: int,
        scope: Sequence[str] | None,
        committed: Committed,
        known_revisions: Callable[[Sequence[str]], frozenset[str]],
        selection: Iterable[str],
        committed_collections: CommittedCollections | None = None,
        known_entries: Callable[[Sequence[str]], frozenset[str]] = lambda listing_keys: frozenset(),
        known_operations: Callable[[Sequence[str]], Mapping[str, str]] = lambda keys: {},
        personal_hash_key: str | None = None,
        full: bool = False,
        on_project: Callable[[int, str], None] = lambda total, run_id: None,
    ) -> None:
        self.assignments = assignments
        self.committed = committed
        self.known_revisions = known_revisions
        self.selection = frozenset(selection)
        self.full = full
        self.on_project = on_project
        self.scope = scope
        self.concurrency = concurrency
        self.run_id = committed.next_run_id()
        self.started_at = datetime.now(UTC)
        self.counts: Counter[str] = Counter()
        self._stopping = threading.Event()
        self._clients = {
            assignment.credential: AmpersandClient(
                client_settings, assignment.api_key, sleep=self._pause
            )
            for assignment in assignments
        }
        self._platform = PlatformExtraction(
            self._clients,
            concurrency=concurrency,
            run_id=self.run_id,
            selection=self.selection,
            committed=committed_collections or CommittedCollections(),
            known_entries=known_entries,
            known_operations=known_operations,
            full=full,
            personal_hash_key=personal_hash_key,
            warn=lambda what, error, project: self._warn(what, error, project=project),
        )
        self._project_lists: dict[str, _ProjectList] = {}
        self._ledger: list[dict[str, Any]] = []
        self._gathered = _Gathered()
        self._taken: set[str] = set()

    def batches(self) -> Iterator[RunBatch]:
        """Yields rows per table, the ledger's last.

        Raises:
            NothingListed: Not one project could be listed.
            TablesDropped: The load would fail.
        """
        self.committed.refuse_dropped()
        pool = ThreadPoolExecutor(self.concurrency, thread_name_prefix="ampersand")
        normalizer = ThreadPoolExecutor(1, thread_name_prefix="ampersand-normalizer")
        try:
            for gathered, rows in one_ahead(normalizer, _normalize, self._listed(pool)):
                batch = self._not_known(gathered, rows)
                if batch:
                    yield batch
            self._refuse_if_nothing_listed()
            for rows in self._platform.batches(pool, self._listed_projects()):
                for name, table in rows.items():
                    self.counts[name] += table.num_rows
                yield rows
            yield self._empty_tables()
            yield self._ledger_rows()
            if self.counts:
                return_what_is_free()
        finally:
            self._stopping.set()
            for executor in (pool, normalizer):
                executor.shutdown(wait=False, cancel_futures=True)

    def _listed(self, pool: ThreadPoolExecutor) -> Iterator[_Gathered]:
        """Lists all projects, and yields what is worth normalising together."""
        targets = self._targets(pool)
        answered: list[tuple[_Target, _Answer]] = []
        size = 0
        for target, answer in bounded(pool, self._list, deque(targets), 2 * self.concurrency):
            self.on_project(len(targets), self.run_id)
            answered.append((target, answer))
            size += answer.listing.bytes if answer.listing else 0
            # to decode keeps Python's lock, for which those who ask would wait: not one by one
            if answer.listing and self._gathered.bytes + size < BATCH_BYTES:
                continue
            self._take_all(answered)
            size = 0
            if self._gathered.bytes >= BATCH_BYTES:
                yield self._gathered
                self._gathered = _Gathered()
        self._take_all(answered)
        yield self._gathered

    def _pause(self, seconds: float) -> None:
        """Waits before a retry, unless the run is being stopped."""
        self._stopping.wait(seconds)

    def _targets(self, pool: ThreadPoolExecutor) -> list[_Target]:
        """Asks every key for its projects and decides what to list."""
        answers = pool.map(self._list_projects, self.assignments)
        for assignment, answer in zip(self.assignments, answers, strict=True):
            self._project_lists[assignment.credential] = answer
        named = [
            (assignment, project)
            for assignment in self.assignments
            for project in assignment.projects or ()
        ]
        records = list(pool.map(lambda pair: self._record(*pair), named))
        asked_for = [(*pair, record) for pair, record in zip(named, records, strict=True)]
        for assignment in self.assignments:
            if assignment.projects is None:
                listed = self._project_lists[assignment.credential].records
                asked_for += [(assignment, record["id"], record) for record in listed]
        targets: dict[str, _Target] = {}
        repeated: dict[str, dict[str, Any]] = {}
        for assignment, asked, record in asked_for:
            target = _add_target(targets, asked, record, assignment)
            if record is not None and record is not target.record:
                repeated[project_key(record)] = record
        # the first record of a project counts; what another says of it is kept as well
        counting = {project_key(target.record) for target in targets.values() if target.record}
        self._gathered.projects += [
            (other, None) for key, other in repeated.items() if key not in counting
        ]
        return list(targets.values())

    def _list_projects(self, assignment: Assignment) -> _ProjectList:
        result = _ProjectList()
        try:
            entries = self._clients[assignment.credential].list_projects()
        except AmpersandError as error:
            result.error = error
            if assignment.projects is None:
                self._warn("A key's projects could not be listed", error)
            return result
        for entry in entries:
            (result.records if _is_project(entry) else result.unreadable).append(entry)
        return result

    def _record(self, assignment: Assignment, asked: str) -> dict[str, Any] | None:
        """The record of a project asked for by id or name; None: not to be had."""
        records = self._project_lists[assignment.credential].records
        known_id = self._known_id(asked)
        record = next((record for record in records if _is_called(record, asked)), None) or next(
            (record for record in records if record["id"] == known_id), None
        )
        if record is not None:
            return record
        error = self._project_lists[assignment.credential].error
        if isinstance(error, Unauthorized) or (isinstance(error, Unavailable) and not error.status):
            return None  # asking again with the same key, or where nobody answers, is of no use
        # a project that is not found under its name may have another one by now
        for project in dict.fromkeys((asked, known_id)):
            try:
                record = self._clients[assignment.credential].get_project(project)
            except NotFound:
                continue
            except ApiError:
                return None  # the listing itself tells more
            return record if _is_project(record) else None
        return None

    def _list(self, target: _Target) -> _Answer:
        """Lists one project with the first of its keys that can."""
        answer = None
        for assignment in target.assignments:
            blocked = self._blocked(assignment)
            if blocked:
                answer = _Answer(assignment, None, blocked)
                continue
            try:
                listing = self._clients[assignment.credential].list_integrations(
                    target.project_id or self._known_id(target.asked)
                )
            except NotFound as error:
                # who does not know the list of projects either is not the API, and says nothing
                # about the project
                no_api = self._project_lists[assignment.credential].error
                answer = _Answer(
                    assignment, None, no_api if isinstance(no_api, NotFound) else error
                )
            except AmpersandError as error:
                answer = _Answer(assignment, None, error)
            else:
                return _Answer(assignment, listing, None)
        if answer is None:
            raise ValueError(f"no key for project {target.asked}")
        return answer

    def _blocked(self, assignment: Assignment) -> ApiError | None:
        """Why a request with a key is of no use: nobody was reached when it asked for its projects.

        That took all the retries; each project would take as many again.
        """
        error = self._project_lists[assignment.credential].error
        return error if isinstance(error, Unavailable) and not error.connected else None

    def _take_all(self, answered: list[tuple[_Target, _Answer]]) -> None:
        """Judges answers, and lets go of them."""
        with no_collection():
            for target, answer in answered:
                self._take(target, answer)
        answered.clear()

    def _take(self, target: _Target, answer: _Answer) -> None:
        """Judges the answer for one project, and keeps what is to be loaded."""
        row: dict[str, Any] = {
            "run_id": self.run_id,
            "project_id": target.project_id or self._known_id(target.asked),
            "credential": answer.assignment.credential,
            "outcome": "failed",
            "project_key": project_key(target.record) if target.record else None,
        }
        self._ledger.append(row)
        if answer.listing is None:
            self._take_failure(target, row, answer.error)
            return
        listing = answer.listing
        if listing.bytes > BATCH_BYTES:
            return_large_blocks()
        row |= {
            "requests": listing.requests,
            "bytes": listing.bytes,
            "seconds": listing.seconds,
        }
        try:
            if target.project_id is None:
                row["project_id"] = _common_project_id(_elements(listing), target.asked)
            if row["project_id"] in self._taken:  # asked for under two spellings
                self._ledger.pop()
                return
            row["listing_key"] = _listing_key(row["project_id"], target.record, listing)
            previous = (
                None
                if self.full
                else self.committed.loaded_listing(
                    row["project_id"], self.selection & _OF_INTEGRATIONS
                )
            )
            if previous == row["listing_key"]:
                row["outcome"] = "unchanged"
                row["integrations"] = self.committed.integrations.get(row["project_id"])
                return
            integrations = 0
            short: list[DecodedListing] = []
            rows: list[Batch] = []
            for part in parts(row["project_id"], row["listing_key"], listing.pages):
                integrations += len(part)
                if _size(part.pages) < BATCH_BYTES:
                    short.append(part)
                    continue
                with system_memory():  # as rows it takes far less
                    rows.append(columnar.normalize([part]))
        except UnexpectedAnswer as error:
            error.project = error.project or target.asked
            row["listing_key"] = None
            self._take_failure(target, row, error)
            return
        row |= {"outcome": "listed", "integrations": integrations}
        self._taken.add(row["project_id"])
        self._gathered.listings += short
        self._gathered.rows += rows
        self._gathered.bytes += listing.bytes
        if previous:
            self._gathered.previous.append(previous)
        if target.record:
            self._gathered.projects.append((target.record, row["listing_key"]))

    def _take_failure(
        self, target: _Target, row: dict[str, Any], error: AmpersandError | None
    ) -> None:
        if isinstance(error, NotFound) and error.project is not None and target.record:
            error = UnexpectedAnswer(
                f"{error.reason}, though the list of projects has it",
                status=error.status,
                url=error.url,
                project=error.project,
            )
        row["error"] = str(error)
        if isinstance(error, NotFound) and error.project is not None:
            row["outcome"] = "not_found"
            records = [
                record
                for assignment in target.assignments
                for record in self._project_lists[assignment.credential].records
            ]
            row["error"] += seen_instead(records)
        elif target.record:
            self._gathered.projects.append((target.record, None))
        self._warn(f"Project {target.asked} was not listed", row["error"], project=target.asked)

    def _warn(self, what: str, error: object, **context: str) -> None:
        """Logs a failure, with what a log is searched by.

        It is in the ledger as well: whoever shows that may leave out records with `in_ledger`.
        """
        extra = {"run_id": self.run_id, "in_ledger": True, **context}
        logger.warning("%s: %s", what, error, extra=extra)

    def _known_id(self, asked: str) -> str:
        return self.committed.project_ids.get(asked.casefold(), asked)

    def _not_known(self, gathered: _Gathered, rows: Batch) -> RunBatch:
        """The rows of selected tables, but for those of revisions that are loaded already."""
        known = self.known_revisions(gathered.previous) if gathered.previous else frozenset()
        tables = {name: table for name, table in rows.items() if name in self.selection}
        if known:
            tables = without_revisions(tables, known)
        for name, table in tables.items():
            self.counts[name] += table.num_rows
        return tables

    def _empty_tables(self) -> RunBatch:
        """An empty table for each that no run has made yet, so that every view can be made."""
        return empty_tables(self.selection - self.committed.tables - self.counts.keys())

    def _refuse_if_nothing_listed(self) -> None:
        errors = [row["error"] for row in self._ledger if row["outcome"] == "failed"]
        errors += [
            str(self._project_lists[assignment.credential].error)
            for assignment in self.assignments
            if assignment.projects is None
            and self._project_lists[assignment.credential].error is not None
        ]
        for row in self._ledger:
            known = (row["project_id"], row["credential"]) in self.committed.listed_by
            if row["outcome"] == "not_found" and not known:
                errors.append(row["error"])
        worked = any(row["outcome"] in ("listed", "unchanged") for row in self._ledger) or any(
            result.error is None and result.records == [] and assignment.projects is None
            for assignment in self.assignments
            for result in [self._project_lists[assignment.credential]]
        )
        if errors and not worked:
            raise NothingListed(list(dict.fromkeys(errors)))

    def _listed_projects(self) -> list[tuple[str, str]]:
        """Each project that could be listed, with the credential that can."""
        return [
            (row["project_id"], row["credential"])
            for row in _without_repeats(self._ledger)
            if row["outcome"] in ("listed", "unchanged")
        ]

    def _ledger_rows(self) -> RunBatch:
        credentials = []
        for assignment in self.assignments:
            result = self._project_lists[assignment.credential]
            credentials.append(
                {
                    "run_id": self.run_id,
                    "credential": assignment.credential,
                    "outcome": "failed" if result.error else "listed",
                    # an entry that cannot be read may be any project
                    "asks_for_all": assignment.projects is None and not result.unreadable,
                    "projects": None if result.error else len(result.records),
                    "unreadable": dumps(result.unreadable) if result.unreadable else None,
                    "error": str(result.error) if result.error else None,
                }
            )
        clients = self._clients.values()
        run = {
            "run_id": self.run_id,
            "scope": "all" if self.scope is None else json.dumps(list(self.scope)),
            "selection": " ".join(sorted(self.selection)),
            "started_at": self.started_at,
            "model_version": MODEL_VERSION,
            "versions": versions(),
            "requests": sum(client.requests for client in clients),
            "bytes": sum(client.bytes_received for client in clients),
            "counts": json.dumps(dict(sorted(self.counts.items()))),
        }
        rows: RunBatch = {
            "extraction_runs": [run],
            "credential_listings": credentials,
            "project_listings": _without_repeats(self._ledger),
        }
        if self._platform.ledger:
            rows["collection_listings"] = self._platform.ledger
        return rows


def _normalize(gathered: _Gathered) -> tuple[_Gathered, Batch]:
    """Makes rows of what was gathered, and lets go of what they are made of."""
    with no_collection(), system_memory():
        rows = together(
            [
                *gathered.rows,
                columnar.normalize(gathered.listings),
                normalize_projects(gathered.projects),
            ]
        )
    gathered.listings.clear()
    gathered.rows.clear()
    return gathered, rows


def versions() -> str:
    """The software that runs, for the ledger."""
    return json.dumps(
        {"dlt": dlt_version, "pyarrow": pa.__version__, "python": platform.python_version()}
    )


def empty_tables(names: Iterable[str]) -> RunBatch:
    """Empty tables of those names, but for the ledger's."""
    wanted = frozenset(names)
    return {
        table.name: arrow_schema(table.name).empty_table()
        for table in CONTENT_TABLES
        if table.name in wanted
    }


def without_revisions(tables: RunBatch, known: frozenset[str]) -> RunBatch:
    """Leaves out the rows of revisions, and all below them."""
    keys = pa.array(known, pa.string())
    kept = {
        name: table.filter(pc.invert(pc.is_in(table["revision_key"], keys)))
        if name in _OF_REVISIONS
        else table
        for name, table in tables.items()
    }
    return {name: table for name, table in kept.items() if table.num_rows}


def seen_instead(records: Sequence[Any]) -> str:
    """The projects that a key does see, for an error about one that it does not; empty: none.

    Args:
        records: The key's list of projects.
    """
    names = [str(record.get("name") or record["id"]) for record in records if _is_project(record)]
    if not names:
        return ""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return one_line(f"; the key sees {', '.join(names[:_NAMED])}{more}")


def _is_called(record: dict[str, Any], asked: str) -> bool:
    name = record.get("name")
    return record["id"] == asked or (isinstance(name, str) and name.casefold() == asked.casefold())


def _is_project(entry: Any) -> bool:
    identifier = entry.get("id") if isinstance(entry, dict) else None
    return isinstance(identifier, str) and bool(identifier.strip()) and is_storable(identifier)


def _add_target(
    targets: dict[str, _Target], asked: str, record: dict[str, Any] | None, assignment: Assignment
) -> _Target:
    """Adds a project once, with every key that can list it."""
    target = targets.setdefault(record["id"] if record else asked, _Target(asked, record, []))
    if all(known.credential != assignment.credential for known in target.assignments):
        target.assignments.append(assignment)
    return target


def parts(project_id: str, listing_key: str, pages: Iterable[bytes]) -> Iterator[DecodedListing]:
    """Decodes a listing in parts, of which every one but the last is worth normalising alone.

    Args:
        project_id: Id of the project.
        listing_key: Key of the listing.
        pages: The listing as received.

    Raises:
        UnexpectedAnswer: It cannot be decoded; perhaps only after some parts.
    """
    first = 0
    ids: set[str] = set()
    pieces: list[tuple[bytes, OrdinaryEntries | list[Any]]] = []
    size = 0
    for page in pages:
        for piece in decode_pieces(page, BATCH_BYTES, lambda sent: _decode(sent, project_id)):
            pieces.append(piece)
            size += len(piece[0])
            if size < BATCH_BYTES:
                continue
            part = _part(project_id, listing_key, pieces, first, frozenset(ids))
            yield part
            first += len(part)
            if part.ordinary:
                ids.update(part.ordinary.ids)
            else:
                for element in part.elements:
                    refusal(element, ids)
            pieces, size = [], 0
    if pieces or not first:
        yield _part(project_id, listing_key, pieces, first, frozenset(ids))


def _decode(page: bytes, project_id: str) -> OrdinaryEntries | list[Any]:
    ordinary = decode_ordinary(page, project_id)
    return decode_page(page) if ordinary is None else ordinary


def _part(
    project_id: str,
    listing_key: str,
    pieces: Sequence[tuple[bytes, OrdinaryEntries | list[Any]]],
    first: int,
    earlier_ids: Set[str],
) -> DecodedListing:
    """A part of a listing made of pieces of pages; it is ordinary if all of them are."""
    pages = [sent for sent, _ in pieces]
    ordinary = [entries for _, entries in pieces if isinstance(entries, OrdinaryEntries)]
    if pieces and len(ordinary) == len(pieces):
        whole = OrdinaryEntries.together(ordinary)
        return DecodedListing(project_id, listing_key, None, pages, first, earlier_ids, whole)
    elements = [
        element
        for sent, entries in pieces
        for element in (decode_page(sent) if isinstance(entries, OrdinaryEntries) else entries)
    ]
    return DecodedListing(project_id, listing_key, elements, pages, first, earlier_ids)


def _elements(listing: Listing) -> Iterator[Any]:
    for page in listing.pages:
        for _, elements in decode_pieces(page, BATCH_BYTES, decode_page):
            yield from elements


def _size(pages: Iterable[bytes]) -> int:
    return sum(map(len, pages))


def _listing_key(project_id: str, record: dict[str, Any] | None, listing: Listing) -> str:
    return digest(project_id.encode(), canonical(record), *listing.pages)


def _common_project_id(elements: Iterable[Any], asked: str) -> str:
    """The id that all integrations name, for a project whose record cannot be had.

    Raises:
        UnexpectedAnswer: They name none, or several.
    """
    ids = {element.get("projectId") for element in elements if isinstance(element, dict)}
    if len(ids) == 1:
        (only,) = ids
        if isinstance(only, str) and only and is_storable(only):
            return only
    raise UnexpectedAnswer(
        f"the id of project {asked} cannot be told: the API gives no record of it, and its "
        f"listing names {len(ids) or 'no'} ids"
    )


def _without_repeats(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per project: one asked for under two spellings counts once, as listed if it was.

    A row may be there several times all the same: of one spelling the request may fail.
    """
    order = {"listed": 0, "unchanged": 1, "not_found": 2, "failed": 3}
    best: dict[str, dict[str, Any]] = {}
    for row in rows:
        known = best.get(row["project_id"])
        if known is None or order[row["outcome"]] < order[known["outcome"]]:
            best[row["project_id"]] = row
    return list(best.values())
