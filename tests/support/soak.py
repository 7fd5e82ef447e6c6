"""A company that changes at random and an API that fails at random, and what should come of it.

`World` is what the API serves. `Plan` is how a run is made and what goes wrong meanwhile. `Model`
says in plain Python what is there after each run and what there ever was: none of it is taken from
the code under test, nor from its SQL.

    python -m tests.support.soak FOLDER URL STATEMENTS

loads into the DuckDB warehouse in FOLDER in a process of its own, which is killed at a statement.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Literal

from ampersand import ampersand_source
from ampersand.tables import ALWAYS_SELECTED, CORE_TABLES
from ampersand_pipelines.load import load
from ampersand_pipelines.sandbox import Account, Failure

from .acme import KEY, Acme, Json, integration
from .killed import kill_when
from .warehouses import Warehouse

MOST_PROJECTS = 6
MOST_INTEGRATIONS = 5
CUT_AFTER = 400
"""Statements among which one is chosen at which a run is killed; a run sends about as many."""

Fault = Literal["503", "500", "404", "404 of another", "cut", "no list", "no JSON", "a page"]
Row = tuple[Any, ...]

FAILURES: dict[Fault, Failure] = {
    "503": Failure(503),
    "500": Failure(500, b'{"title": "Internal Server Error", "retryable": false}'),
    "404": Failure(404, b'{"title": "Not Found"}', {"Content-Type": "application/problem+json"}),
    "404 of another": Failure(404, b"<html>Not found</html>", {"Content-Type": "text/html"}),
    "cut": Failure(200, b'[{"id": "i-', {"Content-Length": "4000"}),
    "no list": Failure(200, b'{"message": "later"}'),
    "no JSON": Failure(200, b'[{"id": }]'),
    "a page": Failure(200, b"<html>Log in</html>", {"Content-Type": "text/html"}),
}


@dataclass
class Plan:
    """A run.

    Attributes:
        change: What happened before it, for people.
        projects: Ids of the projects that it is limited to; None: all.
        names: What they are asked for by, where that is not the id.
        select: Tables to load; empty: all.
        full: Whether unchanged listings are loaded again.
        list_fault: How the list of projects fails.
        faults: How the listings of projects fail, by id.
        is_refused: Whether the key is refused.
        has_hiccups: Whether each listing is cut once, and then comes.
        killed_at: Number of the statement at which the run is killed; None: it is not.
    """

    change: list[str] = field(default_factory=list)
    projects: list[str] | None = None
    names: dict[str, str] = field(default_factory=dict)
    select: tuple[str, ...] = ()
    full: bool = False
    list_fault: Fault | None = None
    faults: dict[str, Fault] = field(default_factory=dict)
    is_refused: bool = False
    has_hiccups: bool = False
    killed_at: int | None = None

    @property
    def tables(self) -> frozenset[str]:
        """Tables that are loaded."""
        return frozenset((*self.select, *ALWAYS_SELECTED) if self.select else _TABLES)

    def kinds(self) -> list[str]:
        """What is special about the run."""
        return [name for name, value in vars(self).items() if value and name != "killed_at"]

    def source(self, url: str) -> Any:
        """The source, as somebody would make it for such a run."""
        asked = self.projects and [self.names.get(project, project) for project in self.projects]
        source = ampersand_source(
            api_key=KEY,
            projects=asked,
            base_url=url,
            max_attempts=2 if self.has_hiccups else 1,
            backoff=0,
            full=self.full,
        )
        return source.with_resources(*self.select) if self.select else source


_TABLES = tuple(table.name for table in CORE_TABLES)
_OPTIONAL = tuple(table.name for table in CORE_TABLES if not table.always_selected)


class World:
    """What the API serves, changed at random.

    Args:
        random: Makes the choices.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.account: Account = Acme().account
        self._numbers: Counter[str] = Counter()
        self._earlier: list[tuple[Json, Any]] = []

    def change(self) -> list[str]:
        """Lets a few things happen, or nothing; returns what."""
        happened = [self._happen() for _ in range(self.random.choice((0, 1, 1, 1, 2, 4)))]
        record = self.random.choice(self.account.projects) if self.account.projects else None
        if record:
            self._earlier.append(deepcopy((record, self.account.integrations[record["id"]])))
        return happened

    def plan(self, change: list[str], *, is_calm: bool, may_kill: bool) -> Plan:
        """Chooses how a run is made, and what goes wrong.

        Args:
            change: What happened before it.
            is_calm: Whether nothing may go wrong, and all is loaded.
            may_kill: Whether the run may be killed.
        """
        random = self.random
        ids = [record["id"] for record in self.account.projects]
        plan = Plan(change)
        if is_calm:
            self._apply(plan, ids)
            return plan
        plan.full = random.random() < 0.05
        if ids and random.random() < 0.2:
            gone = [record["id"] for record, _ in self._earlier]
            pool = sorted({*ids, *gone})
            plan.projects = random.sample(pool, random.randint(1, min(3, len(pool))))
        if random.random() < 0.1:
            plan.select = tuple(random.sample(_OPTIONAL, random.randint(1, 4)))
        if may_kill and random.random() < 0.05:
            plan.killed_at = random.randint(1, CUT_AFTER)
            plan.projects, plan.select, plan.full = None, (), False
        elif random.random() < 0.35:
            self._go_wrong(plan, ids)
        if plan.projects and not plan.list_fault and not plan.is_refused:
            for record in self.account.projects:
                if record["id"] in plan.projects and random.random() < 0.5:
                    plan.names[record["id"]] = record["name"].upper()
        self._apply(plan, ids)
        return plan

    def _go_wrong(self, plan: Plan, ids: list[str]) -> None:
        random = self.random
        kind = random.randrange(10)
        if kind == 0:
            plan.is_refused = True
        elif kind == 1:
            plan.has_hiccups = True
        elif kind == 2:
            plan.faults = dict.fromkeys(ids, "503")
        elif kind == 3:
            plan.list_fault = random.choice(("503", "404", "cut", "no list"))
        else:
            some = random.sample(ids, random.randint(1, len(ids))) if ids else []
            plan.faults = {project: random.choice([*FAILURES]) for project in some}
            if random.random() < 0.1:
                plan.list_fault = random.choice(("503", "404", "cut"))

    def _apply(self, plan: Plan, ids: list[str]) -> None:
        account = self.account
        account.keys = {} if plan.is_refused else None
        account.failures.clear()
        for project in ids:
            fault: Fault | None = "cut" if plan.has_hiccups else plan.faults.get(project)
            if fault:
                failure = FAILURES[fault]
                account.failures[f"/projects/{project}/integrations"] = Failure(
                    failure.status, failure.body, failure.headers, 1 if plan.has_hiccups else None
                )
        if plan.list_fault:
            account.failures["/projects"] = FAILURES[plan.list_fault]

    def _happen(self) -> str:
        """Lets one thing happen."""
        random, account = self.random, self.account
        verb = random.choice(_VERBS)
        if verb == "found" or not account.projects:
            if len(account.projects) == MOST_PROJECTS:
                return "nothing"
            identifier = f"p-{self._next('project')}"
            account.projects.append({"id": identifier, "name": f"{identifier}-0"})
            account.integrations[identifier] = []
            return f"found {identifier}"
        if verb == "back":
            if not self._earlier:
                return "nothing"
            return self._restore(*deepcopy(random.choice(self._earlier)))
        record = random.choice(account.projects)
        project = record["id"]
        if verb == "abandon":
            if len(account.projects) > 1 or random.random() < 0.2:
                account.projects.remove(record)
                del account.integrations[project]
            return f"abandon {project}"
        if verb == "rename project":
            record["name"] = f"{project}-{self._next('name')}"
            return f"rename {project}"
        if verb == "empty":
            account.integrations[project] = random.choice(([], None))
            return f"empty {project}"
        listing: list[Json] = account.integrations[project] or []
        account.integrations[project] = listing
        if verb == "reorder":
            random.shuffle(listing)
        elif verb == "add" or not listing:
            if len(listing) < MOST_INTEGRATIONS:
                listing.append(integration(self._next("integration"), 1, project))
        else:
            self._alter(verb, random.choice(listing), project, listing)
        return f"{verb} in {project}"

    def _alter(self, verb: str, document: Json, project: str, listing: list[Json]) -> None:
        random = self.random
        if verb == "deploy":
            name = document["id"].removeprefix("i-")
            made = integration(name, random.randint(1, 9), project)
            document["latestRevision"] = made["latestRevision"]
            document["updateTime"] = made["updateTime"]
        elif verb == "remove":
            listing.remove(document)
        elif verb == "rename":
            document["name"] = f"{document['id']}-{self._next('name')}"
        elif verb == "unknown property":
            document[f"flag{random.randint(1, 3)}"] = random.choice((1, "x", {"y": [None]}))
        elif verb == "unknown content":
            # under the same id of the revision
            if document["latestRevision"]:
                document["latestRevision"]["content"]["search"] = {"n": random.randint(1, 5)}
        elif verb == "no revision":
            document["latestRevision"] = None
        else:
            assert verb == "move", verb
            to = random.choice(self.account.projects)["id"]
            target = self.account.integrations[to] or []
            if document["id"] not in {known["id"] for known in target}:
                listing.remove(document)
                document["projectId"] = to
                target.append(document)
                self.account.integrations[to] = target

    def _restore(self, record: Json, listing: Any) -> str:
        """Puts a project back to what it was, whatever has become of it."""
        for position, known in enumerate(self.account.projects):
            if known["id"] == record["id"]:
                self.account.projects[position] = record
                break
        else:
            if len(self.account.projects) == MOST_PROJECTS:
                return "nothing"
            self.account.projects.append(record)
        self.account.integrations[record["id"]] = listing
        return f"back {record['id']}"

    def _next(self, kind: str) -> str:
        self._numbers[kind] += 1
        return f"{kind}{self._numbers[kind]}"


_VERBS = (
    *("deploy", "deploy", "deploy", "deploy", "add", "add", "remove", "rename", "move", "reorder"),
    *("back", "back", "found", "abandon", "rename project", "empty"),
    *("unknown property", "unknown content", "no revision"),
)


@dataclass
class Period:
    """Something that stayed the same for a while.

    Attributes:
        state: What it was like.
        since: Number of the run that found it first.
        until: Number of the run that found it otherwise; None: it is so now.
    """

    state: Row
    since: int
    until: int | None = None


@dataclass
class Sighting:
    """An integration that was ever seen: numbers of runs, and its name when it was seen last."""

    name: str
    first: int
    last: int
    removed: int | None = None


@dataclass
class Looks:
    """What a run says, if it counts.

    Attributes:
        tables: Tables that it loads.
        found: By project its record, if that was had, and its listing; None: it is gone.
        records: The records of projects that it saw, also where the listing failed.
    """

    tables: frozenset[str]
    found: dict[str, tuple[Json | None, Any] | None] = field(default_factory=dict)
    records: list[Json] = field(default_factory=list)


def looks(world: World, plan: Plan, known: Mapping[str, Any]) -> Looks | None:
    """What a run says of projects; None: it fails, and says nothing.

    Args:
        world: What there is.
        plan: The run.
        known: Projects that some run before has listed.
    """
    records = {record["id"]: record for record in world.account.projects}
    fails_to_list = plan.list_fault is not None or plan.is_refused
    run = Looks(plan.tables)
    failures = int(plan.projects is None and fails_to_list)
    all_there_are = [] if fails_to_list else list(records)
    asked = all_there_are if plan.projects is None else plan.projects
    for project in asked:
        fault = plan.faults.get(project)
        # after an answer that broke off nobody is asked for a record; then only what is in a
        # listing tells whose it is
        has_record = project in records and plan.list_fault != "cut"
        record = deepcopy(records[project]) if has_record else None
        # a project that has a record is there, whatever else is said of it
        is_gone = project not in records or (fault == "404" and not has_record)
        listing = deepcopy(world.account.integrations.get(project))
        if plan.is_refused:
            failures += 1
            continue
        if record:
            run.records.append(record)
        # if there is no list of projects either, it is not the API that answers
        if is_gone and plan.list_fault != "404" and project in known:
            run.found[project] = None
        elif is_gone or fault or not (record or listing):
            failures += 1
        else:
            run.found[project] = (record, listing)
    if plan.projects is None and not fails_to_list:
        run.found |= {project: None for project in known if project not in records}
    has_listed = any(run.found.values()) or (not asked and not fails_to_list)
    return None if failures and not has_listed else run


class Model:
    """What is there, and what there ever was, after the runs that counted."""

    def __init__(self) -> None:
        self.runs = 0
        self.projects: dict[str, list[Period]] = {}
        self.integrations: dict[tuple[str, str], list[Period]] = {}
        self.sightings: dict[tuple[str, str], Sighting] = {}
        self.loaded: dict[str, set[str]] = {table: set() for table in _TABLES}
        """By table, what it holds the rows of: JSON of a record, listing or revision."""
        self.listings: dict[str, tuple[Json | None, Any]] = {}

    def take(self, run: Looks) -> None:
        """Takes note of a run that counts."""
        number = self.runs
        self.runs += 1
        if "projects" in run.tables:
            self.loaded["projects"] |= set(map(json.dumps, run.records))
        for project, found in run.found.items():
            if found is None:
                self.listings.pop(project, None)
                _turn(self.projects.get(project, []), None, number)
                documents = {}
            else:
                record, listing = found
                self.listings[project] = found
                listed = _listed(record, listing)
                _turn(self.projects.setdefault(project, []), (record, listed), number)
                for table in run.tables:
                    self.loaded[table].add(f"{project} {listed}")
                documents = {document["id"]: document for document in listing or ()}
            for identifier, document in documents.items():
                for table in run.tables:
                    self.loaded[table].add(_revision_key(project, document))
                self.integrations.setdefault((project, identifier), [])
                sighting = self.sightings.setdefault(
                    (project, identifier), Sighting(document["name"], number, number)
                )
                sighting.name, sighting.last, sighting.removed = document["name"], number, None
            for key, periods in self.integrations.items():
                if key[0] == project:
                    document = documents.get(key[1])
                    _turn(periods, document and _state(project, document), number)
                    if document is None and self.sightings[key].removed is None:
                        self.sightings[key].removed = number

    def expected(self) -> dict[str, Counter[Row]]:
        """The rows that the queries of `QUERIES` should give."""
        rows: dict[str, Counter[Row]] = {name: Counter() for name in QUERIES}
        for project, (record, listing) in self.listings.items():
            rows["current_projects"][project, self._name(record)] += 1
            listed = f"{project} {_listed(record, listing)}"
            for document in listing or ():
                self._expect_integration(project, document, rows)
                for name, value in document.items():
                    if (
                        name.startswith("flag")
                        and listed in self.loaded["revision_unmapped_properties"]
                    ):
                        rows["current_unmapped_properties"][
                            project, document["id"], name, _sorted(value)
                        ] += 1
        for project, periods in self.projects.items():
            for period in periods:
                rows["project_history"][
                    project, self._name(period.state[0]), period.since, period.until
                ] += 1
        for (project, identifier), periods in self.integrations.items():
            for period in periods:
                name, key, revision = period.state
                shown = revision if key in self.loaded["revisions"] else None
                rows["integration_history"][
                    project, identifier, name, shown, period.since, period.until
                ] += 1
        for (project, identifier), seen in self.sightings.items():
            rows["integrations"][
                *(project, identifier, seen.name, seen.first, seen.last, seen.removed),
                seen.removed is None,
            ] += 1
        return rows

    def _expect_integration(
        self, project: str, document: Json, rows: dict[str, Counter[Row]]
    ) -> None:
        key = _revision_key(project, document)
        identifier = document["id"]
        revision = document["latestRevision"]

        def add(view: str, table: str, *values: Any) -> None:
            if key in self.loaded[table]:
                rows[view][project, identifier, *values] += 1

        is_loaded = revision and key in self.loaded["revisions"]
        rows["current_integrations"][
            project, identifier, document["name"], revision["id"] if is_loaded else None
        ] += 1
        if not revision:
            return
        content = revision["content"]
        add("current_revisions", "revisions", revision["id"], _sorted(content))
        for name in ("comingSoon", "search"):
            if name in content:
                add(
                    "current_unmapped_properties",
                    "revision_unmapped_properties",
                    name,
                    _sorted(content[name]),
                )
        for action in ("read", "write", "subscribe"):
            for position, entry in enumerate(content[action]["objects"]):
                add("current_objects", "revision_objects", action, position, entry["objectName"])
                for kind in ("requiredFields", "optionalFields"):
                    for at, one in enumerate(entry.get(kind, ())):
                        add(
                            *("current_fields", "revision_fields", kind == "requiredFields", at),
                            *(one.get("fieldName"), one.get("mapToName")),
                        )
                for event, found in _events(entry):
                    add("current_subscribe_events", "revision_subscribe_events", event)
                    for watched in found.get("requiredWatchFields", ()):
                        add("current_watch_fields", "revision_watch_fields", watched)
        for event in content["watchSchema"]["allObjects"]:
            add("current_schema_watch_events", "revision_schema_watch_events", _EVENTS[event])

    def _name(self, record: Json | None) -> str | None:
        """The name in a record, if the record has been loaded."""
        is_loaded = json.dumps(record) in self.loaded["projects"]
        return record["name"] if record and is_loaded else None


_EVENTS = {"createEvent": "create", "updateEvent": "update", "fieldCreated": "field_created"}


def _events(entry: Json) -> Iterator[tuple[str, Json]]:
    for name in ("createEvent", "updateEvent"):
        if name in entry:
            yield _EVENTS[name], entry[name]
    for _ in entry.get("otherEvents", ()):
        yield "other", {}


def _turn(periods: list[Period], state: Row | None, number: int) -> None:
    """Ends the period that lasts, and begins another, if the state is another one."""
    if periods and periods[-1].until is None:
        if periods[-1].state == state:
            return
        periods[-1].until = number
    if state is not None:
        periods.append(Period(state, number))


def _sorted(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _listed(record: Json | None, listing: Any) -> str:
    """What makes a listing another one; an empty list and null are the same."""
    return json.dumps([record, listing or []])


def _revision_key(project: str, document: Json) -> str:
    return _sorted([project, document["id"], document["latestRevision"]])


def _state(project: str, document: Json) -> Row:
    revision = document["latestRevision"]
    return document["name"], _revision_key(project, document), revision and revision["id"]


_COLUMNS: dict[str, str] = {
    "current_projects": "project_id, name",
    "current_integrations": "project_id, integration_id, name, revision_id",
    "current_revisions": "project_id, integration_id, revision_id, content",
    "current_objects": "project_id, integration_id, action, position, object_name",
    "current_fields": "project_id, integration_id, is_required, position, field_name, map_to_name",
    "current_subscribe_events": "project_id, integration_id, event_type",
    "current_watch_fields": "project_id, integration_id, watch_field",
    "current_schema_watch_events": "project_id, integration_id, event_type",
    "current_unmapped_properties": "project_id, integration_id, property_name, value",
    "project_history": "project_id, project_name, valid_from, valid_to",
    "integration_history": "project_id, integration_id, integration_name, revision_id, "
    "valid_from, valid_to",
    "integrations": "project_id, integration_id, name, first_seen_at, last_seen_at, removed_at, "
    "is_current",
}
QUERIES: dict[str, str] = {
    # a record of a project may have unknown properties too
    view: f"SELECT {columns} FROM {view} WHERE {columns.split(', ')[1]} IS NOT NULL"
    if view == "current_unmapped_properties"
    else f"SELECT {columns} FROM {view}"
    for view, columns in _COLUMNS.items()
}
"""What is asked of each view; moments are told by the number of the run that began then."""


def main(folder: Path, url: str, statements: int) -> None:
    """See the module."""
    kill_when(lambda number, query: number > statements)
    load(Warehouse("duckdb", folder).pipeline(), Plan().source(url))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
