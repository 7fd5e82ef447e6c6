"""The sections of a report, made of what a dataset answers."""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Literal

from ampersand.rules import RULES

from ..changes import for_people, not_compared, read_changes
from ..findings import read_findings
from ..output import Answer
from ..reading import Dataset, NothingLoaded
from . import queries
from .hours import HOURS, reads_by_hour
from .model import (
    Chart,
    Column,
    Figure,
    Note,
    Part,
    Report,
    RuleFindings,
    Section,
    Table,
    moment,
    table,
)
from .queries import ask

_CHANGES_SHOWN = timedelta(days=90)

_EVENT_TYPES = ("create", "update", "delete", "association_change", "other")

_OBJECT = Column("Object")
_INTEGRATION = Column("Integration")
_CUSTOMER = Column("Customer")
_PROJECT = Column("Project")
_PROVIDER = Column("Provider")


def read_report(dataset: Dataset, place: str) -> Report:
    """Reads all that a report shows. It depends on what is loaded alone, not on the time.

    Args:
        dataset: An open dataset.
        place: Where it is, for people.

    Raises:
        NothingLoaded: Not even projects and integrations were loaded.
    """
    projects = ask(dataset, queries.PROJECTS).rows
    listed = [at for at in (moment(at) for _, at, *_ in projects) if at]
    as_of = max(listed, default=None)
    collections = _collections(dataset)
    findings = _optional(lambda: read_findings(dataset))
    return Report(
        place,
        [str(name) for name, *_ in projects],
        as_of,
        list(_figures(dataset, projects, collections, findings)),
        [
            _integrations(dataset, projects),
            _coverage(dataset, collections),
            _events(dataset),
            _load(dataset),
            _findings(findings),
            _adoption(dataset, collections),
            _health(dataset, collections),
            _destinations(dataset, collections),
            _changes(dataset, as_of),
            _freshness(dataset),
        ],
    )


def _optional(read: Callable[[], Answer]) -> Answer | None:
    try:
        return read()
    except NothingLoaded:
        return None


def _collections(dataset: Dataset) -> frozenset[str]:
    """Names of what was loaded besides the integrations."""
    answer = _optional(lambda: ask(dataset, queries.COLLECTIONS))
    return frozenset(str(name) for (name,) in answer.rows) if answer else frozenset()


def _figures(
    dataset: Dataset,
    projects: Sequence[Sequence[Any]],
    collections: Set[str],
    findings: Answer | None,
) -> Iterator[Figure]:
    """The account at a glance."""
    ((providers,),) = ask(dataset, queries.PROVIDERS).rows
    objects = _optional(lambda: ask(dataset, queries.COVERAGE))
    installed = None
    if "installations" in collections:
        installed = _optional(lambda: ask(dataset, queries.INSTALLATIONS))
    installations, customers = installed.rows[0] if installed else (None, None)
    yield Figure("Projects", len(projects), section="freshness")
    yield Figure("Integrations", sum(row[2] for row in projects), section="integrations")
    yield Figure("Providers", providers, section="coverage")
    yield Figure("Objects", len(objects.rows) if objects else None, section="coverage")
    yield Figure("Installations", installations, section="health")
    yield Figure("Customers", customers, section="adoption")
    tones: dict[str, Literal["bad", "warning", ""]] = {"error": "bad", "warning": "warning"}
    for severity, label in (("error", "Errors"), ("warning", "Warnings"), ("info", "Remarks")):
        number = None
        if findings:
            number = sum(row["severity"] == severity for row in findings.records())
        yield Figure(
            label,
            number,
            section="findings",
            tone=tones.get(severity, "") if number else "good" if number == 0 else "",
        )


def _part(read: Callable[[], Part]) -> Part:
    """A part, or the sentence that what it needs was not loaded."""
    try:
        return read()
    except NothingLoaded:
        return Note(
            "Not all that this needs was loaded: `ampersand load` without `--select` loads it."
        )


def _part_of(collection: str, collections: Set[str], read: Callable[[], Part]) -> Part:
    """A part about something besides the integrations, or the sentence that it was not loaded."""
    if collection in collections:
        return _part(read)
    name = collection.replace("_", " ").capitalize()
    return Note(
        f"{name} were not loaded: name them in the setting `collections`, or load once more with "
        f"`--collection {collection}`."
    )


def _integrations(dataset: Dataset, projects: Sequence[Sequence[Any]]) -> Section:
    of_projects = table(
        "Projects",
        [
            _PROJECT,
            Column("As of (UTC)", "time"),
            Column("Integrations", "number"),
            Column("Providers", "number"),
        ],
        projects,
        nothing="There is no project now.",
    )
    columns = [
        _INTEGRATION,
        _PROJECT,
        _PROVIDER,
        Column("Reads", "number"),
        Column("Writes", "number"),
        Column("Subscribes", "number"),
        Column("Events", "number"),
        Column("Proxy", "flag"),
        Column("Deployed", "day"),
    ]
    return Section(
        "integrations",
        "Integrations",
        "What is there now, by project. Reads, writes and subscribes count objects; events are "
        "those that are on.",
        [
            of_projects,
            _part(
                lambda: table(
                    "Integrations",
                    columns,
                    ask(dataset, queries.INVENTORY).rows,
                    nothing="There is no integration now.",
                )
            ),
        ],
    )


def _coverage(dataset: Dataset, collections: Set[str]) -> Section:
    columns = [
        _OBJECT,
        _PROVIDER,
        Column("Read", "mark"),
        Column("Write", "mark"),
        Column("Subscribe", "mark"),
    ]
    unsupported = [_INTEGRATION, _PROJECT, _PROVIDER, Column("Module"), Column("Uses")]
    return Section(
        "coverage",
        "Coverage",
        "Which objects of each provider are read, written and subscribed to: how many integrations "
        "do it.",
        [
            _part(
                lambda: table(
                    "Objects by provider",
                    columns,
                    ask(dataset, queries.COVERAGE).rows,
                    nothing="No integration names an object.",
                )
            ),
            _part_of(
                "providers",
                collections,
                lambda: table(
                    "Used, though the provider does not support it",
                    unsupported,
                    ask(dataset, queries.UNSUPPORTED).rows,
                    note="According to Ampersand's catalog of providers.",
                    nothing="The catalog supports all that integrations use.",
                ),
            ),
        ],
    )


def _events(dataset: Dataset) -> Section:
    def matrix() -> Table:
        rows = ask(dataset, queries.EVENTS).rows
        lines = []
        for (provider, name), events in groupby(rows, key=lambda row: (row[0], row[1])):
            by_type = {event_type: enabled for *_, event_type, enabled in events}
            lines.append((name, provider, *(by_type.get(kind, 0) for kind in _EVENT_TYPES)))
        titles = ("Create", "Update", "Delete", "Association change", "Other")
        return table(
            "Events that are on",
            [_OBJECT, _PROVIDER, *(Column(title, "mark") for title in titles)],
            lines,
            nothing="No integration subscribes to events.",
        )

    return Section(
        "events",
        "Events",
        "Which events of each object reach us: how many events are on, in all integrations.",
        [_part(matrix)],
    )


def _load(dataset: Dataset) -> Section:
    columns = [
        _PROVIDER,
        _PROJECT,
        Column("Scheduled objects", "number"),
        Column("Reads per hour", "bar"),
        Column("Reads per day", "number"),
        Column("Shortest gap (min)", "number"),
        Column("On demand only", "number"),
        Column("Unreadable", "trouble"),
    ]
    answer = _optional(lambda: ask(dataset, queries.SCHEDULES))
    parts: list[Part] = []
    if answer and answer.rows:
        by_provider = reads_by_hour((row[0], row[1], row[2], row[3]) for row in answer.rows)
        totals = [sum(reads[hour] for reads in by_provider.values()) for hour in HOURS]
        labels = [f"{hour:02}" for hour in HOURS]
        busiest = sorted(by_provider.items(), key=lambda item: (-sum(item[1]), item[0]))
        parts = [
            Chart("Scheduled reads by hour", "reads", list(zip(labels, totals, strict=True))),
            table(
                "Reads by provider and hour",
                [
                    _PROVIDER,
                    Column("A day", "number"),
                    *(Column(label, "heat") for label in labels),
                ],
                [(provider, sum(reads), *reads) for provider, reads in busiest],
                note="The stronger the colour, the more reads begin in that hour.",
                is_collapsed=True,
            ),
        ]
    parts.append(
        _part(
            lambda: table(
                "Load by provider and project",
                columns,
                ask(dataset, queries.SCHEDULED_READS).rows,
                nothing="Nothing is read.",
            )
        )
    )
    return Section(
        "load",
        "Load on providers",
        "How many scheduled reads begin in an average day, for each customer who has installed "
        "everything: multiply by your customers. Hours are those of the schedules. A read may take "
        "several calls of the provider's API.",
        parts,
    )


def _findings(findings: Answer | None) -> Section:
    lead = (
        "What is wrong with the manifests that are live, the worst first, and what to do. An "
        "error is refused or cannot work; a warning works, but hardly as meant; a remark is worth "
        "knowing."
    )
    parts: list[Part]
    if findings is None:
        parts = [_part(_nothing_loaded)]
    else:
        parts = list(_rules(findings)) or [Note("Nothing was found.")]
    return Section("findings", "Findings", lead, parts)


def _nothing_loaded() -> Part:
    raise NothingLoaded


def _rules(findings: Answer) -> Iterator[RuleFindings]:
    titles = {rule.id: rule.title for rule in RULES}
    columns = [_INTEGRATION, _PROJECT, _PROVIDER, _OBJECT, Column("Field"), Column("Finding")]
    names = ("integration_name", "project_name", "provider", "object_name", "field_name", "message")
    for rule_id, group in groupby(findings.records(), key=lambda row: row["rule_id"]):
        rows = list(group)
        yield RuleFindings(
            rule_id,
            rows[0]["severity"],
            titles.get(rule_id, rows[0]["message"]),
            rows[0]["remedy"],
            rows[0]["rule_source"],
            table(f"Places of {rule_id}", columns, [[row[name] for name in names] for row in rows]),
        )


def new_by_month(rows: Iterable[Sequence[Any]]) -> list[tuple[str, float]]:
    """New installations of every month between the first and the last; those without have 0."""
    numbers = {str(month): float(new) for month, new, *_ in rows}
    first, last = (
        int(month[:4]) * 12 + int(month[5:]) - 1 for month in (min(numbers), max(numbers))
    )
    months = [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(first, last + 1)]
    return [(month, numbers.get(month, 0)) for month in months]


def _adoption(dataset: Dataset, collections: Set[str]) -> Section:
    months = _optional(lambda: ask(dataset, queries.ADOPTION))
    parts: list[Part] = []
    if "installations" in collections and months and months.rows:
        parts.append(
            Chart(
                "New installations by month",
                "installations",
                new_by_month(months.rows),
            )
        )
    parts.append(
        _part_of(
            "installations",
            collections,
            lambda: table(
                "Installations by month",
                [Column("Month"), Column("New", "bar"), Column("Still there", "number")],
                ask(dataset, queries.ADOPTION).rows,
                nothing="There has been no installation.",
                is_collapsed=True,
            ),
        )
    )
    if "installations" in collections:
        parts.append(
            _part(
                lambda: table(
                    "Objects that nobody selected",
                    [
                        _OBJECT,
                        _INTEGRATION,
                        _PROJECT,
                        _PROVIDER,
                        Column("Action"),
                        Column("Installations", "number"),
                    ],
                    ask(dataset, queries.OBJECT_ADOPTION).rows,
                    note="Of integrations that are installed.",
                    nothing="Each object is selected by somebody.",
                )
            )
        )
    return Section(
        "adoption",
        "Adoption",
        "How customers take integrations up, and what they leave aside.",
        parts,
    )


def _health(dataset: Dataset, collections: Set[str]) -> Section:
    health = [
        _INTEGRATION,
        _PROJECT,
        _PROVIDER,
        Column("Installed", "number"),
        Column("Unhealthy", "trouble"),
        Column("Failed last", "trouble"),
        Column("Bad credentials", "trouble"),
        Column("Outdated", "number"),
    ]
    broken = [
        _CUSTOMER,
        _PROJECT,
        _PROVIDER,
        Column("Signs in with"),
        Column("Status", "state"),
        Column("Installations", "number"),
    ]
    outdated = [
        _CUSTOMER,
        _INTEGRATION,
        _PROJECT,
        Column("Its revision", "day"),
        Column("Latest revision", "day"),
        Column("Manifest differs", "flag"),
    ]
    operations = [
        _INTEGRATION,
        _PROJECT,
        _PROVIDER,
        Column("Action"),
        Column("Operations", "number"),
        Column("Failures", "trouble"),
        Column("Last failure", "day"),
        Column("An example"),
    ]
    parts = [
        _part_of(
            "installations",
            collections,
            lambda: table(
                "Health of installations",
                health,
                ask(dataset, queries.INSTALLATION_HEALTH).rows,
                nothing="Nothing is installed.",
            ),
        ),
        _part_of(
            "connections",
            collections,
            lambda: table(
                "Broken connections",
                broken,
                ask(dataset, queries.BROKEN_CONNECTIONS).rows,
                note="Somebody has to sign in again.",
                nothing="All connections work.",
            ),
        ),
        _part_of(
            "operations",
            collections,
            lambda: table(
                "Outcomes of operations", operations, ask(dataset, queries.OPERATIONS).rows
            ),
        ),
    ]
    if "installations" in collections:
        parts.insert(
            2,
            _part(
                lambda: table(
                    "Installations on an outdated revision",
                    outdated,
                    ask(dataset, queries.OUTDATED).rows,
                    nothing="All are on the latest revision.",
                )
            ),
        )
    return Section(
        "health",
        "Health of installations",
        "Where customers' installations do not work, the worst first.",
        parts,
    )


def _destinations(dataset: Dataset, collections: Set[str]) -> Section:
    columns = [
        Column("Destination"),
        _PROJECT,
        Column("Use", "state"),
        Column("Type"),
        Column("Integrations", "number"),
        Column("Installations", "number"),
        Column("Topics", "number"),
    ]
    return Section(
        "destinations",
        "Destinations",
        "What goes to a dangling destination is lost: it is named, and not there. An unused one is "
        "named by nothing.",
        [
            _part_of(
                "destinations",
                collections,
                lambda: table("Destinations", columns, ask(dataset, queries.DESTINATIONS).rows),
            )
        ],
    )


def _changes(dataset: Dataset, as_of: datetime | None) -> Section:
    def timeline() -> Part:
        if as_of is None:
            return Note("No project is there now.")
        since = as_of - _CHANGES_SHOWN
        answer = read_changes(dataset, since)
        if not answer.rows:
            note = not_compared(dataset, since, changed=False)
            return Note(note or "Nothing changed.")
        rows = sorted(for_people(answer).rows, key=lambda row: str(moment(row[0])), reverse=True)
        return table(
            "Changes",
            [Column("First seen (UTC)", "time"), Column("Where"), Column("What")],
            rows,
        )

    return Section(
        "changes",
        "Timeline of changes",
        f"What came, went and changed in the {_CHANGES_SHOWN.days} days before the latest load, "
        "the latest first.",
        [_part(timeline)],
    )


def _freshness(dataset: Dataset) -> Section:
    projects = [
        _PROJECT,
        Column("As of (UTC)", "time"),
        Column("Integrations", "number"),
        Column("Failed runs since", "trouble"),
        Column("Failing since (UTC)", "time"),
        Column("Last error"),
    ]
    failed = [
        Column("List"),
        _PROJECT,
        Column("Failed runs", "trouble"),
        Column("Failing since (UTC)", "time"),
        Column("Error"),
    ]
    lists = [
        Column("List"),
        _PROJECT,
        Column("As of (UTC)", "time"),
        Column("Entries", "number"),
    ]
    runs = [
        Column("Began (UTC)", "time"),
        Column("Projects asked for"),
        Column("Projects listed", "number"),
        Column("Projects failed", "trouble"),
        Column("Requests", "number"),
        Column("Bytes", "number"),
    ]
    parts = [
        _part(lambda: table("Projects", projects, ask(dataset, queries.FRESHNESS).rows)),
        _part(lambda: table("Runs, the latest first", runs, ask(dataset, queries.RUNS).rows)),
    ]
    answer = _optional(lambda: ask(dataset, queries.FAILED_COLLECTIONS))
    if answer:
        parts.append(
            table(
                "Other lists that could not be read",
                failed,
                [(str(name).replace("_", " "), *rest) for name, *rest in answer.rows],
                nothing="In the latest runs, every list could be read.",
            )
        )
        parts.append(
            _part(
                lambda: table(
                    "Other lists",
                    lists,
                    [
                        (str(name).replace("_", " "), *rest)
                        for name, *rest in ask(dataset, queries.COLLECTION_FRESHNESS).rows
                    ],
                    note="Destinations, installations and whatever else was loaded.",
                    is_collapsed=True,
                )
            )
        )
    else:
        parts.append(Note("Nothing was loaded besides projects and integrations."))
    return Section(
        "freshness",
        "Freshness",
        "How old this is, and what failed since.",
        parts,
    )
