"""Accounts made from manifest files (amp.yaml), as if somebody had deployed them."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from ampersand.manifest_files import Manifest, ManifestError, find_manifests, read_file

from .account import Account
from .catalog import bundled_catalog, catalog_for
from .invented import FIRST_DAY, go_time, invented_id, moment
from .platform import platform_for, platform_from_file

BUNDLED = Path(__file__).with_name("data")


def read_manifests(folder: Path, *, projects: int = 1) -> Account:
    """Read every manifest below a folder, and spread its integrations over projects in turn.

    Each destination and provider that a manifest names is there as well; nobody installed anything.

    Ids and times depend on the manifests' content alone: an integration keeps its id while its
    name, its project and the order of others of that name stay, and gets another revision when
    its content changes.

    Args:
        folder: Searched at any depth for amp.yaml and amp.yml, also with blanks around the name.
        projects: How many projects to make: sandbox-1, sandbox-2, ...

    Returns:
        The account. Any key sees all of it.

    Raises:
        ManifestError: There is no manifest, or one cannot be read or holds no integrations.
        ValueError: `projects` is less than one.
    """
    if projects < 1:
        raise ValueError(f"projects must be at least 1, not {projects}")
    manifests = list(_read(folder))
    account = Account()
    for number in range(projects):
        name = f"sandbox-{number + 1}"
        project = _add_project(account, name, f"Sandbox {number + 1}", manifests[number::projects])
        account.platform[project["id"]] = platform_for(project, account.integrations[project["id"]])
    account.catalog = catalog_for(
        integration for listing in account.integrations.values() for integration in listing
    )
    return account


def bundled_account() -> Account:
    """The made-up account of Lanternfish Example Co, a company that does not exist.

    Returns:
        Two projects, lanternfish-production and lanternfish-staging, whose manifests together
        use every property of the specification, with customers that do not exist either. Any key
        sees both.
    """
    account = Account(catalog=bundled_catalog())
    for folder in sorted(path for path in BUNDLED.iterdir() if path.is_dir()):
        project = _add_project(account, folder.name, "Lanternfish", _read(folder))
        account.platform[project["id"]] = platform_from_file(
            folder / "platform.yaml",
            project,
            account.integrations[project["id"]],
            account.catalog,
        )
    return account


def _read(folder: Path) -> Iterator[Manifest]:
    if not folder.is_dir():
        raise ManifestError(folder, "is no folder")
    for path in find_manifests([folder]):
        for manifest in read_file(path):
            _add_unset_texts(manifest.content)
            yield manifest


def _add_unset_texts(content: dict[str, Any]) -> None:
    """Add the two properties of a read object that the API sends even where nobody set them."""
    read = content.get("read")
    read_objects = read.get("objects") if isinstance(read, dict) else None
    if not isinstance(read_objects, list):
        return
    for number, read_object in enumerate(read_objects):
        if isinstance(read_object, dict):
            whole = {"destination": "", "schedule": "", **read_object}
            read_objects[number] = {name: whole[name] for name in sorted(whole)}


def _add_project(
    account: Account, name: str, app_name: str, manifests: Iterable[Manifest]
) -> dict[str, Any]:
    """Deploy manifests into a new project; keys are in the order of the vendor's Go structs."""
    project_id = invented_id("project", name)
    created = moment(project_id, FIRST_DAY, days=60)
    project = {
        "id": str(project_id),
        "appName": app_name,
        "name": name,
        "createTime": go_time(created),
        "updateTime": go_time(created),
        "orgId": str(invented_id("org", app_name)),
    }
    account.projects.append(project)
    seen: Counter[str] = Counter()
    account.integrations[str(project_id)] = documents = []
    for manifest in manifests:
        content_name = manifest.content["name"]
        seen[content_name] += 1
        documents.append(
            _integration(str(project_id), created, manifest, occurrence=seen[content_name])
        )
    return project


def _integration(
    project_id: str, project_created: datetime, manifest: Manifest, occurrence: int
) -> dict[str, Any]:
    content = manifest.content
    integration_id = invented_id("integration", project_id, content["name"], str(occurrence))
    revision_id = invented_id(
        "revision", str(integration_id), manifest.spec_version, json.dumps(content, sort_keys=True)
    )
    created = moment(integration_id, project_created, days=100)
    deployed = go_time(moment(revision_id, created, days=300))
    return {
        "id": str(integration_id),
        "provider": content["provider"],
        "projectId": project_id,
        "name": content["name"],
        "createTime": go_time(created),
        "updateTime": deployed,
        "latestRevision": {
            "id": str(revision_id),
            "createTime": deployed,
            "content": content,
            "specVersion": manifest.spec_version,
        },
    }
