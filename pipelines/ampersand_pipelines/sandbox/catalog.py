"""The catalog of providers, in the form of the API (spec catalog.yaml)."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

_BUNDLED = Path(__file__).with_name("data") / "catalog.yaml"

_ACTIONS = ("read", "write", "proxy", "subscribe")
_WRITES = ("create", "update", "upsert", "delete")


def bundled_catalog() -> dict[str, Any]:
    """The catalog entries of the providers in the bundled manifests, by provider."""
    entries = yaml.safe_load(_BUNDLED.read_text(encoding="utf-8"))
    return {name: _provider(name, entry) for name, entry in entries.items()}


def catalog_for(integrations: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Make a catalog in which every provider can do what the manifests ask of it.

    Args:
        integrations: Integration documents.

    Returns:
        An entry for each provider in them, with the modules that they name.
    """
    entries: dict[str, dict[str, Any]] = {}
    for integration in integrations:
        content = integration["latestRevision"]["content"]
        entry = entries.setdefault(
            integration["provider"],
            {"displayName": integration["provider"], "can": [], "modules": {}},
        )
        entry["can"] += [action for action in _ACTIONS if content.get(action)]
        if isinstance(module := content.get("module"), str):
            entry["modules"][module] = {"displayName": module}
    return {name: _provider(name, entries[name]) for name in sorted(entries)}


def auth_scheme(provider: dict[str, Any]) -> str:
    """How a connection to a provider signs in, as the API writes it in `Connection.authScheme`."""
    if provider["authType"] == "oauth2":
        return f"oauth2/{provider['oauth2Opts']['grantType']}"
    return str(provider["authType"])


def _provider(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    host = f"{name.lower()}.example"
    base_url = f"https://{{{{.workspace}}}}.{host}" if "workspace" in entry else f"https://{host}"
    modules = entry.get("modules", {})
    info: dict[str, Any] = {
        "name": name,
        "displayName": entry["displayName"],
        "baseURL": base_url,
        "defaultModule": next(iter(modules), ""),
        "support": _support(entry),
        "labels": {"experimental": "false"},
        "media": {"regular": {"iconURL": f"https://media.{host}/icon.svg"}},
        **_authentication(host, entry),
    }
    if modules:
        info["modules"] = {
            module: {
                "displayName": own["displayName"],
                "baseURL": f"{base_url}/{module}",
                "support": _support({**entry, **own}),
            }
            for module, own in modules.items()
        }
    if "workspace" in entry:
        item = {
            "name": "workspace",
            "displayName": entry["workspace"],
            "docsURL": f"https://docs.{host}/workspace",
        }
        info["metadata"] = {"input": [item]}
    if "needs" in entry:
        info["subscribeRequirements"] = dict.fromkeys(entry["needs"], True)
    if "appParameters" in entry:
        items = [{"name": k, "displayName": v} for k, v in entry["appParameters"].items()]
        info["providerAppMetadata"] = {"authQueryParams": items}
    return info


def _authentication(host: str, entry: dict[str, Any]) -> dict[str, Any]:
    if "oauth2" in entry:
        options = {
            "grantType": entry["oauth2"],
            "authURL": f"https://login.{host}/authorize",
            "tokenURL": f"https://login.{host}/token",
            "explicitScopesRequired": True,
            "explicitWorkspaceRequired": "workspace" in entry,
            "tokenMetadataFields": {"scopesField": "scope"},
        }
        return {"authType": "oauth2", "oauth2Opts": options}
    if entry.get("basic"):
        return {"authType": "basic", "basicOpts": {"docsURL": f"https://docs.{host}/api-key"}}
    header = {"name": "Authorization", "valuePrefix": "Bearer "}
    return {"authType": "apiKey", "apiKeyOpts": {"attachmentType": "header", "header": header}}


def _support(entry: dict[str, Any]) -> dict[str, Any]:
    can = set(entry["can"])
    support: dict[str, Any] = {action: action in can for action in (*_ACTIONS, "delete")}
    support["bulkWrite"] = dict.fromkeys(
        ("insert", "update", "upsert", "delete"), "bulkWrite" in can
    )
    support["search"] = {"operators": {"equals": "search" in can}}
    if "subscribe" in can and "events" in entry:
        support["subscribeSupport"] = dict.fromkeys(entry["events"], True)
    if "batchWrite" in can:
        batch = {"supported": True, "defaultRecordLimit": 100}
        support["batchWrite"] = {
            write: batch if write in ("create", "update") else {"supported": False}
            for write in _WRITES
        }
    return support
