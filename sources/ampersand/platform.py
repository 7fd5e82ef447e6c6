"""The part of a run that reads what is no integration: destinations, installations and so on.

Each collection of each project is a list of its own, read by the same pool of threads. What comes
back goes through the door (`admission.py`) before anything else; of what is left a digest is made,
and where that is the one of the last listing, there is nothing to load.

Operations are too many to be read whole. They are read page by page per installation, newest first,
until one is met that is known.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from .admission import admit
from .client import PAGE_SIZE, AmpersandClient, Page, timestamp
from .exceptions import AmpersandError, ApiError, NotFound, UnexpectedAnswer
from .ledger import CommittedCollections, KnownOperations
from .lossless_json import canonical
from .memory import no_collection
from .normalize import (
    Batch,
    Dropped,
    Entry,
    Refused,
    digest,
    digest_key,
    normalize_entries,
    refusal,
    together,
)
from .platform_tables import COLLECTIONS, INSTALLATIONS, OPERATIONS, Collection
from .pool import bounded
from .tables import MODEL_VERSION, REVISION_UNMAPPED_PROPERTIES, TABLES_OF_COLLECTIONS

_BATCH_ENTRIES = 10_000
"""Entries that are normalised together."""

ASKED_AGAIN = timedelta(days=30)
"""For how long an operation that is not over is asked for by its id. Logs of operations are kept
for a limited time (api.yaml, `entitlements.logRetentionDays`); what is gone would be asked for by
every run, for ever.
"""

_PAGE_OF_NEW = 200
"""Operations asked for at once where some are known: few are new as a rule, and all that comes is
decoded. Source: api.yaml, listOperations, where it is what is sent unless a request says.
"""

_OPERATIONS_PATH = (
    "projects/{project}/integrations/{integration}/installations/{installation}/operations"
)
_OPERATION_PATH = "projects/{project}/operations/{operation}"
_OF_OPERATIONS = OPERATIONS.rows[0].kind


@dataclass(frozen=True)
class _Task:
    """A list to read.

    Attributes:
        collection: Which.
        project_id: Id of the project; empty for what is the same for all.
        credentials: Whose keys to try, one after the other.
    """

    collection: Collection
    project_id: str
    credentials: tuple[str, ...]

    @property
    def credential(self) -> str:
        """Whose key is tried now."""
        return self.credentials[0]


@dataclass
class _Operations:
    """Where the reading of an installation's operations, or of one operation, is.

    Attributes:
        project_id: Id of the project.
        credential: Whose key.
        integration_id: Id of the integration; empty: a single operation is read.
        installation_id: Id of the installation, or of the operation.
        token: Where the next page is.
        tokens: Where pages were.
        last_ids: Ids on the page before: what is new meanwhile moves some to the next one.
    """

    project_id: str
    credential: str
    integration_id: str
    installation_id: str
    token: str | None = None
    tokens: set[str] = field(default_factory=set)
    last_ids: frozenset[str] = frozenset()


class PlatformExtraction:
    """Reads the collections of projects.

    Attributes:
        ledger: Rows of the ledger, as far as they are known.

    Args:
        clients: Clients by credential.
        concurrency: Requests under way at once.
        run_id: Id of the run.
        selection: Names of the tables that are wanted.
        committed: What earlier runs have loaded.
        known_entries: Tells the keys of the entries that are loaded, by keys of listings.
        known_operations: Tells the run that saw an operation first, by key, of those loaded.
        full: Whether listings that are already loaded are loaded again.
        personal_hash_key: As `admit` takes it.
        warn: Called with what failed, the error, and the project.
    """

    def __init__(
        self,
        clients: Mapping[str, AmpersandClient],
        *,
        concurrency: int,
        run_id: str,
        selection: frozenset[str],
        committed: CommittedCollections,
        known_entries: Callable[[Sequence[str]], frozenset[str]],
        known_operations: Callable[[Sequence[str]], Mapping[str, str]],
        full: bool,
        personal_hash_key: str | None,
        warn: Callable[[str, object, str], None],
    ) -> None:
        self.clients = clients
        self.concurrency = concurrency
        self.run_id = run_id
        self.selection = selection
        self.committed = committed
        self.known_entries = known_entries
        self.known_operations = known_operations
        self.full = full
        self.personal_hash_key = personal_hash_key
        self.warn = warn
        self.ledger: list[dict[str, Any]] = []
        self._installations: dict[str, list[tuple[str, str]]] = {}
        self._waiting: dict[Collection, list[Entry]] = defaultdict(list)
        self._refused: dict[Collection, list[Refused]] = defaultdict(list)
        self._previous: list[str] = []

    def batches(self, pool: Executor, projects: Sequence[tuple[str, str]]) -> Iterator[Batch]:
        """Yields rows per table, of tables that are wanted.

        Args:
            pool: Where requests are sent from.
            projects: Id of each project, and the credential that can list it.
        """
        tasks = deque(self._tasks(projects))
        for task, answer in bounded(pool, self._list, tasks, 2 * self.concurrency):
            others = task.credentials[1:]
            if isinstance(answer, AmpersandError) and others:
                tasks.append(replace(task, credentials=others))
                continue
            with no_collection():
                self._take(task, answer)
                batch = self._flush() if self._is_full() else None
            if batch:
                yield batch
        with no_collection():
            batch = self._flush()
        if batch:
            yield batch
        if OPERATIONS.name in self.selection:
            yield from self._operations(pool, dict(projects))

    def loaded_operations(self, task: _Operations) -> KnownOperations | None:
        """What is loaded of an installation's operations; None: they are to be read to the end."""
        ids = task.project_id, task.installation_id
        return None if self.full else self.committed.operations.get(ids)

    def _tasks(self, projects: Sequence[tuple[str, str]]) -> Iterator[_Task]:
        if not projects:
            return
        credentials = tuple(dict.fromkeys(credential for _, credential in projects))
        for collection in filter(self._is_wanted, COLLECTIONS):
            if collection.is_global:
                yield _Task(collection, "", credentials)
                continue
            for project_id, credential in projects:
                yield _Task(collection, project_id, (credential,))

    def _is_wanted(self, collection: Collection) -> bool:
        if collection.name == INSTALLATIONS.name and OPERATIONS.name in self.selection:
            return True
        return bool(self._wanted_tables(collection))

    def _wanted_tables(self, collection: Collection) -> frozenset[str]:
        return TABLES_OF_COLLECTIONS[collection.name] & self.selection

    def wanted(self, batch: Batch) -> Batch:
        """The rows of tables that are wanted."""
        return {name: rows for name, rows in batch.items() if name in self.selection}

    def _list(self, task: _Task) -> Page | AmpersandError:
        collection = task.collection
        try:
            return self.clients[task.credential].list_entries(
                collection.path, task.project_id or None, is_map=collection.is_map
            )
        except AmpersandError as error:
            return error

    def _take(self, task: _Task, answer: Page | AmpersandError) -> None:
        """Judges an answer, and keeps what is to be loaded."""
        collection = task.collection
        row: dict[str, Any] = {
            "run_id": self.run_id,
            "collection": collection.name,
            "project_id": task.project_id,
            "credential": task.credential,
            "outcome": "failed",
        }
        is_selected = bool(self._wanted_tables(collection))
        if is_selected:
            self.ledger.append(row)
        if isinstance(answer, AmpersandError):
            row["error"] = str(answer)
            if not is_selected:  # they were asked for because of their operations
                self.ledger.append(row | {"collection": OPERATIONS.name})
            self.warn(f"The {collection.name} were not listed", answer, task.project_id)
            return
        seen: set[str] = set()
        reasons = []
        elements = []
        for element in answer.entries:
            reason = refusal(element, seen, collection.identifier)
            if reason:
                reasons.append(reason)
            else:
                elements.append(element)
        elements.sort(key=lambda element: str(element[collection.identifier]))
        if collection.name == INSTALLATIONS.name:
            self._installations[task.project_id] = [
                (element["integrationId"], element["id"])
                for element in elements
                if isinstance(element.get("integrationId"), str)
            ]
        if not is_selected:
            return
        admitted = [admit(collection.kind, element, self.personal_hash_key) for element in elements]
        listing_key = _listing_key(task, admitted, reasons)
        row |= {
            "listing_key": listing_key,
            "entries": len(elements),
            "requests": answer.requests,
            "bytes": answer.bytes,
            "seconds": answer.seconds,
            "outcome": "listed",
        }
        previous = None if self.full else self._loaded_listing(task)
        if previous == listing_key:
            row["outcome"] = "unchanged"
            return
        if previous:
            self._previous.append(previous)
        self._waiting[collection] += [
            Entry(
                task.project_id,
                listing_key,
                position,
                element[collection.identifier],
                digest_key((task.project_id,), kept),
                kept,
                dropped,
            )
            for position, (element, (kept, dropped)) in enumerate(
                zip(elements, admitted, strict=True)
            )
        ]
        self._refused[collection] += [
            Refused(listing_key, position, reason)
            for position, reason in enumerate(reasons, len(elements))
        ]

    def _loaded_listing(self, task: _Task) -> str | None:
        """Key of the latest listing, where all selected tables have its rows."""
        known = self.committed.listings.get((task.project_id, task.collection.name))
        unmapped = self.selection & {REVISION_UNMAPPED_PROPERTIES.name}
        needed = self._wanted_tables(task.collection) | unmapped
        if known is None or not known.selection >= needed:
            return None
        return known.listing_key

    def _is_full(self) -> bool:
        return sum(map(len, self._waiting.values())) >= _BATCH_ENTRIES

    def _flush(self) -> Batch:
        """Normalises what has come together."""
        known = self.known_entries(self._previous) if self._previous else frozenset()
        made = [
            normalize_entries(
                collection.name,
                collection.kind,
                self._waiting[collection],
                self.run_id,
                self._refused[collection],
                known,
            )
            for collection in dict.fromkeys((*self._waiting, *self._refused))
        ]
        self._waiting.clear()
        self._refused.clear()
        self._previous.clear()
        return self.wanted(together(made))

    def _operations(self, pool: Executor, credentials: Mapping[str, str]) -> Iterator[Batch]:
        """Reads what is new of the operations of the installations that were listed."""
        waiting = deque(
            _Operations(project_id, credentials[project_id], *ids)
            for project_id, installations in self._installations.items()
            for ids in installations
        )
        reading = _OperationsReading(self, credentials, self._installations)
        for task, answer in bounded(pool, self._read_operations, waiting, 2 * self.concurrency):
            with no_collection():
                if reading.take(task, answer):
                    waiting.append(task)
                batch = reading.flush() if reading.is_full else None
            if batch:
                yield batch
        # what ran when it was seen last, and did not come up again
        waiting.extend(reading.unresolved())
        for task, answer in bounded(pool, self._read_operations, waiting, 2 * self.concurrency):
            reading.take(task, answer)
        with no_collection():
            batch = reading.flush()
        if batch:
            yield batch
        self.ledger += reading.ledger_rows()

    def _read_operations(self, task: _Operations) -> Page | AmpersandError:
        client = self.clients[task.credential]
        try:
            if task.integration_id:
                return client.list_page(
                    _OPERATIONS_PATH,
                    task.project_id,
                    task.token,
                    # the same for all pages: nobody says that a token stays good for another size
                    _PAGE_OF_NEW if self.loaded_operations(task) else PAGE_SIZE,
                    integration=task.integration_id,
                    installation=task.installation_id,
                )
            return client.get_entry(
                _OPERATION_PATH, task.project_id, operation=task.installation_id
            )
        except AmpersandError as error:
            return error


class _OperationsReading:
    """What was read of operations in a run, and what it says about the rest."""

    def __init__(
        self, run: PlatformExtraction, credentials: Mapping[str, str], project_ids: Iterable[str]
    ) -> None:
        self.run = run
        self.credentials = credentials
        self.errors: dict[str, AmpersandError] = {}
        self.missing: dict[str, Counter[str]] = defaultdict(Counter)
        self.totals: dict[str, Counter[str]] = {each: Counter() for each in project_ids}
        self.seconds: dict[str, float] = defaultdict(float)
        self.entries: list[Entry] = []
        self.running = dict(run.committed.running)

    @property
    def is_full(self) -> bool:
        """Whether it is worth normalising what has come together."""
        return len(self.entries) >= _BATCH_ENTRIES

    def take(self, task: _Operations, answer: Page | AmpersandError) -> bool:
        """Keeps what is new of a page; whether the next one is to be read."""
        if isinstance(answer, NotFound) and task.token is None:
            return False  # removed since it was listed
        if isinstance(answer, AmpersandError):
            self._take_error(task, answer)
            return False
        totals = self.totals[task.project_id]
        totals.update(requests=answer.requests, bytes=answer.bytes)
        self.seconds[task.project_id] += answer.seconds
        known = self.run.loaded_operations(task)
        times = []
        ids: set[str] = set()
        for element in answer.entries:
            refused = refusal(element, ids)
            if refused:
                self.missing[task.project_id][f"left out ({refused})"] += 1
            if refused or element["id"] in task.last_ids:
                continue
            created = _moment(element.get("createTime"))
            times.append(created)
            identifier = element["id"]
            was_running = self.running.pop((task.project_id, identifier), None) is not None
            if known and not was_running and known.has(identifier, created):
                continue
            if was_running and element.get("status") == "in_progress":
                continue
            totals["entries"] += 1
            kept, dropped = admit(_OF_OPERATIONS, element, self.run.personal_hash_key)
            key = digest_key((task.project_id,), kept)
            self.entries.append(Entry(task.project_id, None, 0, identifier, key, kept, dropped))
        token = answer.next_token
        if token is None or (known is not None and _is_behind(times, known.until)):
            return False
        if token in task.tokens:
            reason = "the pages of its operations never end"
            self.errors[task.project_id] = UnexpectedAnswer(reason, project=task.project_id)
            return False
        task.tokens.add(token)
        task.token = token
        task.last_ids = frozenset(ids)
        return True

    def _take_error(self, task: _Operations, error: AmpersandError) -> None:
        if not task.integration_id:
            # the rest was read, and as long as it is running, each run asks for it
            reason = error.reason if isinstance(error, ApiError) else str(error)
            self.missing[task.project_id][f"running and not to be had ({reason})"] += 1
            return
        if task.project_id not in self.errors:
            self.run.warn("Operations were not listed", error, task.project_id)
        self.errors[task.project_id] = error

    def unresolved(self) -> Iterator[_Operations]:
        """The operations to be asked for one by one."""
        youngest = datetime.now(UTC) - ASKED_AGAIN
        for (project_id, identifier), created in self.running.items():
            if project_id in self.totals and created >= youngest:
                yield _Operations(project_id, self.credentials[project_id], "", identifier)

    def flush(self) -> Batch:
        """Normalises what has come together."""
        if not self.entries:
            return {}
        # what is loaded again stays with the run that it has: this one does not count yet
        keys = [entry.key for entry in self.entries]
        seen_by = self.run.known_operations(keys) if self.run.full else {}
        of_runs: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            of_runs[seen_by.get(entry.key, self.run.run_id)].append(entry)
        batch = together(
            [
                normalize_entries(OPERATIONS.name, _OF_OPERATIONS, entries, run_id)
                for run_id, entries in of_runs.items()
            ]
        )
        self.entries = []
        return self.run.wanted(batch)

    def ledger_rows(self) -> Iterator[dict[str, Any]]:
        """What came of the operations of each project."""
        for project_id, totals in self.totals.items():
            error = self.errors.get(project_id)
            missing = ", ".join(f"{n} {why}" for why, n in sorted(self.missing[project_id].items()))
            if missing and not error:
                self.run.warn("Operations are missing", missing, project_id)
            yield {
                "run_id": self.run.run_id,
                "collection": OPERATIONS.name,
                "project_id": project_id,
                "credential": self.credentials[project_id],
                "outcome": "failed" if error else "listed" if totals["entries"] else "unchanged",
                "entries": totals["entries"],
                "requests": totals["requests"],
                "bytes": totals["bytes"],
                "seconds": self.seconds[project_id],
                "error": str(error) if error else missing or None,
            }


def _listing_key(
    task: _Task,
    admitted: Sequence[tuple[Mapping[str, Any], Sequence[Dropped]]],
    reasons: Sequence[str],
) -> str:
    """A digest of all that rows are made of: never of what is not kept, which may be a secret."""
    return digest(
        str(MODEL_VERSION).encode(),
        task.project_id.encode(),
        task.collection.name.encode(),
        canonical([element for element, _ in admitted]),
        canonical([[each.path, each.reason] for _, dropped in admitted for each in dropped]),
        canonical(list(reasons)),
    )


def _moment(value: Any) -> datetime | None:
    moment = timestamp(value)
    try:
        return moment and moment.astimezone(UTC)
    except OverflowError:  # in UTC it is before the first year, or after the last
        return None


def _is_behind(times: Sequence[datetime | None], until: datetime) -> bool:
    """Whether a page ends with what is older than all that is known, and so do those after it.

    The API's documentation does not say that the newest come first: who answers in another order,
    or without times, is read to the end.
    """
    known = [time for time in times if time is not None]
    if not known or len(known) < len(times):
        return False
    return all(one >= next_ for one, next_ in pairwise(known)) and known[-1] < until
