"""Makes listings of the shape that real ones have, the same ones every time.

    python -m benchmarks.data ROOT PROJECTS INTEGRATIONS CHANGED_PROJECTS CHANGED_INTEGRATIONS

The shares are those counted in the vendor's public examples; every name and value is made up here.
"""

import hashlib
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

VERSION = 1
"""Part of the name of the folder that data is kept in: to be raised when other data is made."""

PROJECTS_FILE = "projects.json"
SUMMARY_FILE = "summary.json"

_T = TypeVar("_T")
_Weighted = Sequence[tuple[_T, float]]

READ_OBJECTS: _Weighted[int] = (
    (0, 3), (1, 12), (2, 22), (3, 28), (4, 17), (5, 10), (6, 4), (7, 2), (10, 1), (15, 1),
)  # fmt: skip
WRITE_OBJECTS: _Weighted[int] = (
    (0, 5), (1, 15), (2, 25), (3, 30), (4, 17), (5, 5), (6, 1.5), (10, 1.5),
)  # fmt: skip
REQUIRED_FIELDS: _Weighted[int] = (
    (0, 1), (1, 15), (2, 28), (3, 26), (4, 14), (5, 8), (6, 4), (8, 2.5), (11, 1.5),
)  # fmt: skip
OPTIONAL_FIELDS: _Weighted[int] = ((0, 25), (1, 35), (2, 20), (3, 12), (4, 5), (6, 3))
"""Where an object has no optionalFieldsAuto, which is never beside them."""
SCHEDULES: _Weighted[str | None] = (
    ("*/10 * * * *", 349),
    ("*/30 * * * *", 19),
    ("0 */6 * * *", 18),
    ("*/15 * * * *", 14),
    (None, 5),
    ("", 2),
    ("0 0 * * *", 2),
    ("*/60 * * * *", 1),
    ("*/20 * * * *", 1),
)
BACKFILLS: _Weighted[dict[str, Any] | None] = (
    (None, 285),
    ({"fullHistory": True}, 91),
    ({"days": 30}, 20),
    ({"days": 90}, 15),
)

SUBSCRIBES = 1 / 20
OPTIONAL_FIELDS_AUTO = 326 / 411
OBJECT_MAPPED = 14 / 411
ALWAYS_ENABLED = 2 / 411
FIELD_MAPPED = 102 / 1411
FIELD_IS_MAPPING = 20 / 1411
PROXY = 85 / 129
MODULE = 16 / 129
INHERITS_MAPPING = 1 / 2
"""Not counted in the examples."""
WATCHES_ALL = 7 / 9

PROVIDERS = (
    "salesforce", "hubspot", "zendeskSupport", "intercom", "pipedrive", "dynamicsCRM", "stripe",
    "netsuite", "quickbooks", "xero", "salesloft", "outreach", "gong", "marketo", "zoho", "asana",
)  # fmt: skip
OBJECTS = (
    "account", "contact", "lead", "opportunity", "task", "note", "invoice", "payment", "customer",
    "ticket", "project/items", "meeting", "sequence", "user", "product", "price-list", "campaign",
    "company", "deal", "line_item",
)  # fmt: skip
FIELDS = (
    "id", "name", "email", "phone", "firstName", "lastName", "status", "amount", "currency",
    "ownerId", "createdAt", "updatedAt", "description", "billingCity", "billingCountry", "industry",
    "employeeCount", "annualRevenue", "closeDate", "stageName", "priority", "website", "jobTitle",
    "preferredLanguage", "externalReference",
)  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """What to make.

    Attributes:
        projects: Number of projects.
        integrations: Number of integrations in each.
        changed_projects: In how many of the projects integrations have got a new revision.
        changed_integrations: How many integrations of each of those.
    """

    projects: int
    integrations: int
    changed_projects: int = 0
    changed_integrations: int = 0

    @property
    def total(self) -> int:
        """Integrations in all projects."""
        return self.projects * self.integrations

    @property
    def numbers(self) -> tuple[int, ...]:
        """All that makes it up."""
        return (
            self.projects,
            self.integrations,
            self.changed_projects,
            self.changed_integrations,
        )


@dataclass(frozen=True)
class Summary:
    """What was made.

    Attributes:
        bytes: Size of all answers: the list of projects, and one listing of each.
        requests: Number of these answers.
        integrations: Number of integrations.
        objects: Number of their read, write and subscribe objects.
        fields: Number of the fields of these.
    """

    bytes: int
    requests: int
    integrations: int
    objects: int
    fields: int


def project_id(number: int) -> str:
    """Id of a project, by its position."""
    return made_up_id("project", number)


def projects(shape: Shape) -> list[dict[str, Any]]:
    """The answer to GET /projects."""
    return [
        {
            "id": project_id(number),
            "name": f"project-{number:04}",
            "appName": f"Application {number}",
            "orgId": made_up_id("org"),
            "createTime": _time(number),
        }
        for number in range(shape.projects)
    ]


def listing(shape: Shape, project: int) -> list[dict[str, Any]]:
    """The answer to GET /projects/{project}/integrations."""
    changed = shape.changed_integrations if project < shape.changed_projects else 0
    return [
        integration(project, number, revision=2 if number < changed else 1)
        for number in range(shape.integrations)
    ]


def integration(project: int, number: int, revision: int = 1) -> dict[str, Any]:
    """One integration; a revision differs from the one before in a single label."""
    random_ = random.Random(f"{project}/{number}")
    provider = _any(random_, PROVIDERS)
    content = _content(random_, f"{provider}-{number}", provider, f"Integration {number}")
    if revision > 1:
        content["displayName"] += f", revision {revision}"
    return {
        "id": made_up_id("integration", project, number),
        "projectId": project_id(project),
        "name": content["name"],
        "provider": provider,
        "createTime": _time(project * 1000 + number),
        "updateTime": _time(project * 1000 + number + revision),
        "latestRevision": {
            "id": made_up_id("revision", project, number, revision),
            "specVersion": "1.0.0",
            "createTime": _time(project * 1000 + number + revision),
            "content": content,
        },
    }


def make(root: Path, shape: Shape) -> Path:
    """Writes the answers to files, unless they are there already.

    Args:
        root: A folder for data of all shapes.
        shape: What to make.

    Returns:
        The folder of this shape: a file per answer, and a summary.
    """
    folder = root / "-".join(map(str, (f"v{VERSION}", *shape.numbers)))
    if (folder / SUMMARY_FILE).exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    answer = _encoded(projects(shape))
    (folder / PROJECTS_FILE).write_bytes(answer)
    size = len(answer)
    counts: Counter[str] = Counter()
    for number in range(shape.projects):
        integrations = listing(shape, number)
        answer = _encoded(integrations)
        (folder / f"{project_id(number)}.json").write_bytes(answer)
        size += len(answer)
        counts["integrations"] += len(integrations)
        for one in integrations:
            objects = list(objects_of(one))
            counts["objects"] += len(objects)
            counts["fields"] += sum(map(len, map(fields_of, objects)))
    summary = Summary(size, shape.projects + 1, **counts)
    (folder / SUMMARY_FILE).write_text(json.dumps(asdict(summary)))
    return folder


def read_summary(folder: Path) -> Summary:
    """The summary of a folder that was made."""
    return Summary(**json.loads((folder / SUMMARY_FILE).read_text()))


def objects_of(integration: dict[str, Any], *actions: str) -> Iterator[dict[str, Any]]:
    """The objects of an integration, of some actions or of all."""
    content = integration["latestRevision"]["content"]
    for action in actions or ("read", "write", "subscribe"):
        yield from content.get(action, {}).get("objects", [])


def fields_of(object_: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields of an object."""
    return [*object_.get("requiredFields", []), *object_.get("optionalFields", [])]


def _content(random_: random.Random, name: str, provider: str, label: str) -> dict[str, Any]:
    content: dict[str, Any] = {"name": name, "displayName": label, "provider": provider}
    if random_.random() < MODULE:
        content["module"] = "crm"
    destination = f"{provider}-webhook"
    names = _some(random_, OBJECTS, _weighted(random_, READ_OBJECTS))
    if names:
        content["read"] = {"objects": [_read_object(random_, n, destination) for n in names]}
    written = _some(random_, OBJECTS, _weighted(random_, WRITE_OBJECTS))
    if written:
        content["write"] = {"objects": [_write_object(random_, n) for n in written]}
    if names and random_.random() < SUBSCRIBES:
        subscribed = names[: 1 + (random_.random() < 1 / 2)]
        content["subscribe"] = {
            "objects": [_subscribe_object(random_, n, destination) for n in subscribed]
        }
    if random_.random() < PROXY:
        content["proxy"] = {"enabled": True}
    return content


def _read_object(random_: random.Random, name: str, destination: str) -> dict[str, Any]:
    object_: dict[str, Any] = {"objectName": name, "destination": destination}
    schedule = _weighted(random_, SCHEDULES)
    if schedule is not None:
        object_["schedule"] = schedule
    if random_.random() < OBJECT_MAPPED:
        object_ |= {"mapToName": f"{name}_record", "mapToDisplayName": name.capitalize()}
    auto = random_.random() < OPTIONAL_FIELDS_AUTO
    required = _weighted(random_, REQUIRED_FIELDS)
    optional = 0 if auto else _weighted(random_, OPTIONAL_FIELDS)
    fields = [_field(random_, field) for field in _some(random_, FIELDS, required + optional)]
    if required:
        object_["requiredFields"] = fields[:required]
    if optional:
        object_["optionalFields"] = fields[required:]
    if auto:
        object_["optionalFieldsAuto"] = "all"
    backfill = _weighted(random_, BACKFILLS)
    if backfill:
        object_["backfill"] = {"defaultPeriod": backfill}
    if random_.random() < ALWAYS_ENABLED:
        object_["enabled"] = "always"
    return object_


def _write_object(random_: random.Random, name: str) -> dict[str, Any]:
    inherits = {"inheritMapping": True} if random_.random() < INHERITS_MAPPING else {}
    return {"objectName": name, **inherits}


def _subscribe_object(random_: random.Random, name: str, destination: str) -> dict[str, Any]:
    watched: dict[str, Any] = {"watchFieldsAuto": "all"}
    if random_.random() >= WATCHES_ALL:
        watched = {"requiredWatchFields": _some(random_, FIELDS, 2)}
    return {
        "objectName": name,
        "destination": destination,
        "inheritFieldsAndMapping": True,
        "createEvent": {"enabled": "always"},
        "updateEvent": {"enabled": "always", **watched},
        "deleteEvent": {"enabled": "always"},
    }


def _field(random_: random.Random, name: str) -> dict[str, Any]:
    if random_.random() < FIELD_IS_MAPPING:
        return {
            "mapToName": f"{name}_choice",
            "mapToDisplayName": name.capitalize(),
            "prompt": f"Which of your fields holds the {name} that we should use?",
        }
    mapped = {"mapToName": f"our_{name}"} if random_.random() < FIELD_MAPPED else {}
    return {"fieldName": name, **mapped}


# Only Random.random() gives the same numbers in every version of Python.


def _any(random_: random.Random, values: Sequence[_T]) -> _T:
    return values[int(random_.random() * len(values))]


def _weighted(random_: random.Random, values: _Weighted[_T]) -> _T:
    left = random_.random() * sum(weight for _, weight in values)
    for value, weight in values:
        left -= weight
        if left < 0:
            return value
    return values[-1][0]


def _some(random_: random.Random, values: Sequence[_T], number: int) -> list[_T]:
    """Neighbours, from a random place on: different ones, and cheaply."""
    start = int(random_.random() * len(values))
    return [values[(start + i) % len(values)] for i in range(number)]


def made_up_id(*parts: object) -> str:
    """Looks like a UUID."""
    digits = hashlib.blake2b("/".join(map(str, parts)).encode(), digest_size=16).hexdigest()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _time(minutes: int) -> str:
    days, minute = divmod(minutes, 24 * 60)
    month, day = divmod(days, 28)
    year, month = divmod(month, 12)
    hour, minute = divmod(minute, 60)
    return f"{2024 + year}-{month + 1:02}-{day + 1:02}T{hour:02}:{minute:02}:00Z"


def _encoded(answer: object) -> bytes:
    return json.dumps(answer, separators=(",", ":")).encode()


if __name__ == "__main__":
    print(make(Path(sys.argv[1]), Shape(*map(int, sys.argv[2:]))))
