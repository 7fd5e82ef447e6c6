"""A made-up company, whose integrations change in every way that a run may meet.

Ids say what they are: project `alpha` has the id `p-alpha`, its integration `crm` the id `i-crm`,
and its third revision the id `crm-3`. Each revision has rows in every table of content.
"""

from collections.abc import Iterable
from typing import Any

from ampersand_pipelines.sandbox import Account, Failure

KEY = "key-for-everything"

Json = dict[str, Any]


def manifest(name: str, number: int) -> Json:
    """The content of a revision; the higher its number, the more fields it reads."""
    return {
        "name": name,
        "provider": "hubspot",
        "read": {
            "objects": [
                {
                    "objectName": "contact",
                    "destination": "contacts",
                    "schedule": "*/30 * * * *",
                    "requiredFields": [{"fieldName": f"field_{n}"} for n in range(number)],
                    "optionalFields": [{"mapToName": "phone", "default": "mobile"}],
                    "backfill": {"defaultPeriod": {"days": number}},
                },
                {"objectName": "company", "destination": "companies", "schedule": ""},
            ]
        },
        "write": {"objects": [{"objectName": "contact", "inheritMapping": True}]},
        "subscribe": {
            "objects": [
                {
                    "objectName": "Contact",
                    "destination": "changes",
                    "inheritFieldsAndMapping": True,
                    "createEvent": {"enabled": "always"},
                    "updateEvent": {"enabled": "always", "requiredWatchFields": ["field_0"]},
                    "otherEvents": ["contact.merge"],
                }
            ]
        },
        "watchSchema": {
            "destination": "schemas",
            "allObjects": {"fieldCreated": {"enabled": "always"}},
        },
        "comingSoon": {"number": number},
    }


def integration(name: str, number: int, project: str) -> Json:
    """An integration as the API sends it."""
    return {
        "id": f"i-{name}",
        "name": name,
        "provider": "hubspot",
        "projectId": project,
        "createTime": "2026-01-01T08:00:00Z",
        "updateTime": f"2026-01-01T08:00:{number:02}Z",
        "latestRevision": {
            "id": f"{name}-{number}",
            "specVersion": "1.0.0",
            "createTime": f"2026-01-01T08:00:{number:02}.5Z",
            "content": manifest(name, number),
        },
    }


class Acme:
    """The company's account, with a verb for everything that can happen to it."""

    def __init__(self) -> None:
        """Begins with three projects, one of them without an integration."""
        self.account = Account()
        self.found("alpha")
        self.found("beta")
        self.found("gamma")
        self.deploy("alpha", "crm", 1)
        self.deploy("alpha", "billing", 1)
        self.deploy("beta", "desk", 1)

    def found(self, name: str, project_id: str | None = None) -> None:
        """Makes a project without integrations."""
        project_id = project_id or f"p-{name}"
        self.account.projects.append(
            {
                "id": project_id,
                "name": name,
                "appName": "Acme",
                "orgId": "o-acme",
                "createTime": "2025-12-31T08:00:00Z",
                "updateTime": "2025-12-31T08:00:00Z",
                "colour": f"{name}'s",
            }
        )
        self.account.integrations[project_id] = []

    def project(self, name: str) -> Json:
        """The document of a project."""
        return next(project for project in self.account.projects if project["name"] == name)

    def listing(self, project: str) -> list[Json]:
        """The integrations of a project, to be changed in place."""
        listing: list[Json] = self.account.integrations[self.project(project)["id"]]
        return listing

    def integration(self, project: str, name: str) -> Json:
        """The document of an integration."""
        return next(document for document in self.listing(project) if document["name"] == name)

    def deploy(self, project: str, name: str, number: int) -> None:
        """Gives an integration a revision; makes the integration where there is none."""
        listing = self.listing(project)
        document = integration(name, number, self.project(project)["id"])
        for position, known in enumerate(listing):
            if known["name"] == name:
                listing[position] = document
                return
        listing.append(document)

    def remove(self, project: str, name: str) -> None:
        """Deletes an integration."""
        self.listing(project).remove(self.integration(project, name))

    def abandon(self, project: str) -> None:
        """Deletes a project with all that is in it."""
        document = self.project(project)
        self.account.projects.remove(document)
        del self.account.integrations[document["id"]]

    def move(self, name: str, project: str, to: str) -> None:
        """Moves an integration to another project; its id stays."""
        document = self.integration(project, name)
        self.listing(project).remove(document)
        document["projectId"] = self.project(to)["id"]
        self.listing(to).append(document)

    def fail(self, path: str, status: int, times: int | None = None) -> None:
        """Lets the API fail at a path."""
        self.account.failures[path] = Failure(status, times=times)

    def fail_listing(self, project: str, status: int = 503) -> None:
        """Lets the API fail to list the integrations of a project."""
        self.fail(f"/projects/{self.project(project)['id']}/integrations", status)

    def recover(self) -> None:
        """Lets the API work again."""
        self.account.failures.clear()

    def give_keys(self, **projects: Iterable[str]) -> None:
        """Lets each key see some projects only."""
        self.account.keys = {
            key: {self.project(name)["id"] for name in names} for key, names in projects.items()
        }


def changed() -> Acme:
    """The company after changes that bring rows to every table and take integrations away."""
    acme = Acme()
    acme.deploy("alpha", "crm", 2)
    acme.deploy("gamma", "shop", 1)
    acme.remove("alpha", "billing")
    acme.project("beta")["appName"] = "Acme Two"
    acme.integration("beta", "desk")["unheardOf"] = True
    return acme


def count_objects(name: str, number: int) -> int:
    """How many object entries a revision holds."""
    return sum(len(action["objects"]) for action in _actions(name, number))


def count_fields(name: str, number: int) -> int:
    """How many field entries a revision holds."""
    return sum(
        len(entry.get("requiredFields", ())) + len(entry.get("optionalFields", ()))
        for action in _actions(name, number)
        for entry in action["objects"]
    )


def _actions(name: str, number: int) -> list[Json]:
    content = manifest(name, number)
    return [block for block in content.values() if isinstance(block, dict) and "objects" in block]
