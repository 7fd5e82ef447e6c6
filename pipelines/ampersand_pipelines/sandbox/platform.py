"""What a project has besides its integrations: made up from a file, or derived from manifests."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from .account import Platform
from .customers import Customers
from .invented import go_time, invented_id, moment


def platform_from_file(
    path: Path, project: dict[str, Any], integrations: list[dict[str, Any]], catalog: dict[str, Any]
) -> Platform:
    """Make what a bundled file says of a project.

    Args:
        path: A platform.yaml.
        project: The project's document.
        integrations: Its integrations' documents.
        catalog: Provider to ProviderInfo.

    Returns:
        All of it, the same every time.
    """
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    platform = Platform()
    make = _Maker(project)
    for destination in said["destinations"]:
        platform.destinations.append(make.destination(destination))
    for app in said["providerApps"]:
        document = make.document("providerApp", app["provider"], **app)
        platform.provider_apps.append({**document, "clientId": f"lanternfish-{app['provider']}"})
    destination_ids = {each["name"]: each["id"] for each in platform.destinations}
    for said_topic in said["topics"]:
        topic = make.document("topic", said_topic["name"], name=said_topic["name"])
        platform.topics.append(topic)
        for event in said_topic["events"]:
            platform.notification_event_topic_routes.append(
                make.document(
                    "event route", topic["id"], event, topicId=topic["id"], eventType=event
                )
            )
        for name in said_topic["destinations"]:
            route = make.document(
                "destination route",
                *(topic["id"], name),
                topicId=topic["id"],
                destinationId=destination_ids[name],
            )
            del route["updateTime"]  # the specification has none here
            platform.topic_destination_routes.append(route)
    customers = Customers(platform, project, integrations, catalog)
    for customer in said["customers"]:
        customers.add(customer)
    return platform


def platform_for(project: dict[str, Any], integrations: Iterable[dict[str, Any]]) -> Platform:
    """Make what manifests need: a webhook for each destination that they name, and nobody's data.

    Args:
        project: The project's document.
        integrations: Its integrations' documents.

    Returns:
        Destinations, sorted by name.
    """
    make = _Maker(project)
    platform = Platform()
    for name in sorted(_destination_names(integrations)):
        platform.destinations.append(
            make.destination(
                {
                    "name": name,
                    "type": "webhook",
                    "metadata": {
                        "url": f"https://hooks.sandbox.example/{len(platform.destinations) + 1}"
                    },
                }
            )
        )
    return platform


def _destination_names(integrations: Iterable[dict[str, Any]]) -> set[str]:
    """The names of the destinations that integrations send to, however odd their manifests."""
    names: set[str] = set()
    for integration in integrations:
        content = integration["latestRevision"]["content"]
        users = [content.get("watchSchema")]
        for block in (content.get("read"), content.get("subscribe")):
            if isinstance(block, dict) and isinstance(block.get("objects"), list):
                users += block["objects"]
        for user in users:
            name = user.get("destination") if isinstance(user, dict) else None
            if name and isinstance(name, str):
                names.add(name)
    return names


class _Maker:
    """Makes documents of one project."""

    def __init__(self, project: dict[str, Any]) -> None:
        self._project = project

    def document(self, kind: str, *key: str, **properties: Any) -> dict[str, Any]:
        made = invented_id(kind, self._project["id"], *key)
        created = moment(made, datetime.fromisoformat(self._project["createTime"]), days=7)
        return {
            "id": str(made),
            "projectId": self._project["id"],
            **properties,
            "createTime": go_time(created),
            "updateTime": go_time(moment(made, created, days=100)),
        }

    def destination(self, said: dict[str, Any]) -> dict[str, Any]:
        document = self.document("destination", said["name"], **said)
        del document["projectId"]  # the specification has none here
        return document
