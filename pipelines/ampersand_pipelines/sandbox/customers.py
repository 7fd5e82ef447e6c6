"""The customers of an invented company: their connections, and what they installed and chose."""

from collections.abc import Iterable
from copy import deepcopy
from datetime import datetime
from typing import Any

from .account import Platform
from .catalog import auth_scheme
from .invented import NOW, go_time, invented_id, moment
from .operations import SPAN, operations_of, set_last_status

_OPERATIONS = 10
_FIXED = ("schedule", "destination", "backfill")
_EVENTS = ("createEvent", "updateEvent", "deleteEvent")


class Customers:
    """Adds customers to a project that has integrations and provider apps."""

    def __init__(
        self,
        platform: Platform,
        project: dict[str, Any],
        integrations: Iterable[dict[str, Any]],
        catalog: dict[str, Any],
    ) -> None:
        """Start with nobody.

        Args:
            platform: What the project has; connections, installations and operations are added.
            project: The project's document.
            integrations: Its integrations' documents.
            catalog: Provider to ProviderInfo, which says how one signs in.
        """
        self._platform = platform
        self._project = project
        self._integrations = {integration["name"]: integration for integration in integrations}
        self._catalog = catalog

    def add(self, customer: dict[str, Any]) -> None:
        """Add one.

        Args:
            customer: `name`; `installations`, each with `integration`, `user` (a number), what was
                chosen in `read`, `write` and `subscribe` (objects to the properties of the API's
                config; a list of names where nothing is to be said of them), and where it is out
                of the ordinary `connection` (its status), `byBuilder` (who configured it),
                `revision: unseen` (one before the latest that this API tells of), `operations`
                (how many), `failures` and `running` (which of them, see `operations_of`);
                `connections`, which are used by no installation, each with `provider` and `user`.
        """
        group = self._party("group", customer["name"].lower().replace(" ", "-"), customer["name"])
        for chosen in customer["installations"]:
            integration = self._integrations[chosen["integration"]]
            connection = self._connection(group, integration["provider"], chosen)
            self._install(connection, integration, chosen)
        for chosen in customer.get("connections", ()):
            self._connection(group, chosen["provider"], chosen)

    def _party(self, kind: str, ref: str, name: str) -> dict[str, Any]:
        created = datetime.fromisoformat(self._project["createTime"])
        joined = moment(invented_id(kind, self._project["id"], ref), created, days=7)
        return {
            f"{kind}Ref": ref,
            f"{kind}Name": name,
            "projectId": self._project["id"],
            "createTime": go_time(joined),
            "updateTime": go_time(joined),
        }

    def _connection(
        self, group: dict[str, Any], provider: str, chosen: dict[str, Any]
    ) -> dict[str, Any]:
        group_ref = group["groupRef"]
        user = chosen["user"]
        info = self._catalog[provider]
        connection_id = invented_id("connection", self._project["id"], provider, group_ref)
        created = moment(connection_id, datetime.fromisoformat(group["createTime"]), days=100)
        scheme = auth_scheme(info)
        connection: dict[str, Any] = {
            "id": str(connection_id),
            "projectId": self._project["id"],
            "provider": provider,
            "group": group,
            "consumer": self._party("consumer", f"user-{user}", f"User {user}"),
            "createTime": go_time(created),
            "updateTime": go_time(moment(connection_id, created, days=200)),
            "authScheme": scheme,
            "status": chosen.get("connection", "working"),
            "providerConsumerRef": f"canary-provider-consumer-{connection_id}",
        }
        if "metadata" in info:
            connection["providerWorkspaceRef"] = f"{group_ref}-workspace"
            connection["providerMetadata"] = {
                "workspace": {
                    "value": f"{group_ref}-workspace",
                    "source": "input",
                    "displayName": info["metadata"]["input"][0]["displayName"],
                },
                "session": {"value": f"canary-metadata-{connection_id}", "source": "token"},
                "instance": {
                    "value": f"{group_ref}.{provider.lower()}.example",
                    "source": "provider",
                },
            }
        for app in self._platform.provider_apps:
            if app["provider"] == provider:
                connection["providerApp"] = app
        if scheme.startswith("oauth2/authorizationCode"):
            connection["oauth2AuthorizationCode"] = _tokens(connection)
        elif scheme == "apiKey":
            connection["apiKey"] = f"canary-api-key-{connection_id}"
        self._platform.connections.append(connection)
        return connection

    def _install(
        self, connection: dict[str, Any], integration: dict[str, Any], chosen: dict[str, Any]
    ) -> None:
        installation_id = invented_id("installation", integration["id"], connection["id"])
        revision = integration["latestRevision"]
        since, until = revision["createTime"], go_time(NOW - SPAN)
        revision_id = revision["id"]
        if chosen.get("revision") == "unseen":
            since, until = integration["createTime"], revision["createTime"]
            revision_id = str(invented_id("revision before", revision_id))
        days = (datetime.fromisoformat(until) - datetime.fromisoformat(since)).days
        created = moment(installation_id, datetime.fromisoformat(since), days)
        who = f"consumer:{connection['consumer']['consumerRef']}"
        installation: dict[str, Any] = {
            "id": str(installation_id),
            "projectId": self._project["id"],
            "integrationId": integration["id"],
            "group": connection["group"],
            "healthStatus": "unhealthy" if connection["status"] == "bad_credentials" else "healthy",
            "connection": connection,
            "createTime": go_time(created),
            "createdBy": who,
            "updateTime": go_time(created),
            "config": {
                "id": str(invented_id("config", str(installation_id))),
                "revisionId": revision_id,
                "createTime": go_time(created),
                "createdBy": "builder:builder-1" if chosen.get("byBuilder") else who,
                "content": _config(revision["content"], chosen),
            },
        }
        operations = operations_of(
            installation,
            count=chosen.get("operations", _OPERATIONS),
            failures=chosen.get("failures", ()),
            running=chosen.get("running", ()),
        )
        set_last_status(installation, operations)
        self._platform.installations.append(installation)
        self._platform.operations[installation["id"]] = operations


def _tokens(connection: dict[str, Any]) -> dict[str, Any]:
    times = {"issuedAt": connection["updateTime"], "expiresAt": go_time(NOW)}
    return {
        "accessToken": {"token": f"canary-access-token-{connection['id']}", **times},
        "refreshToken": {"token": f"canary-refresh-token-{connection['id']}", **times},
        "scopes": connection.get("providerApp", {}).get("scopes", []),
    }


def _config(content: dict[str, Any], chosen: dict[str, Any]) -> dict[str, Any]:
    """What an installation does: what was chosen, within what the manifest has."""
    config: dict[str, Any] = {"provider": content["provider"]}
    for action, choose in (("read", _read), ("write", _write), ("subscribe", _subscribe)):
        if action not in chosen:
            continue
        declared = {item["objectName"]: item for item in content[action]["objects"]}
        choices = chosen[action]
        if isinstance(choices, list):
            choices = dict.fromkeys(choices)
        config[action] = {
            "objects": {
                name: {"objectName": name, **choose(declared.get(name, {}), choice or {})}
                for name, choice in choices.items()
            }
        }
    if content.get("proxy"):
        config["proxy"] = {"enabled": content["proxy"]["enabled"]}
    return deepcopy(config)  # a manifest that changes later changes nothing here


def _read(declared: dict[str, Any], choice: dict[str, Any]) -> dict[str, Any]:
    required = declared.get("requiredFields", ())
    fixed: dict[str, Any] = {name: declared[name] for name in _FIXED if name in declared}
    fields = {field["fieldName"]: True for field in required if "fieldName" in field}
    mappings = {
        field["mapToName"]: field["default"]
        for field in required
        if "fieldName" not in field and "default" in field
    }
    return {
        **fixed,
        **choice,
        "selectedFields": {**fields, **choice.get("selectedFields", {})},
        "selectedFieldMappings": {**mappings, **choice.get("selectedFieldMappings", {})},
    }


def _write(declared: dict[str, Any], choice: dict[str, Any]) -> dict[str, Any]:
    return choice


def _subscribe(declared: dict[str, Any], choice: dict[str, Any]) -> dict[str, Any]:
    """The events of the manifest; the config spells `inheritFieldsAndMappings` with an s."""
    events = {name: dict(declared[name]) for name in _EVENTS if name in declared}
    # The config knows no more than "all" here (spec config.yaml, ConfigUpdateEvent).
    if events.get("updateEvent", {}).get("watchFieldsAuto") == "selected":
        del events["updateEvent"]["watchFieldsAuto"]
    others = {"otherEvents": declared["otherEvents"]} if "otherEvents" in declared else {}
    return {
        "destination": declared["destination"],
        "inheritFieldsAndMappings": declared.get("inheritFieldsAndMapping", False),
        **events,
        **others,
        **choice,
    }
