"""Accounts made from manifest files (amp.yaml), as if somebody had deployed them."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from .account import Account
from .catalog import bundled_catalog, catalog_for
from .invented import FIRST_DAY, go_time, invented_id, moment
from .platform import platform_for, platform_from_file

_FILE_NAMES = frozenset({"amp.yaml", "amp.yml"})
_BUNDLED = Path(__file__).with_name("data")


class ManifestError(ValueError):
    """A manifest that cannot be served; the message names the file and the reason."""

    def __init__(self, path: Path, reason: str) -> None:
        """Make the error.

        Args:
            path: The file, or the folder that should have held one.
            reason: What is wrong with it.
        """
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True)
class _Manifest:
    """One integration of a manifest file, ready to be sent."""

    spec_version: str
    content: dict[str, Any]


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
    for folder in sorted(path for path in _BUNDLED.iterdir() if path.is_dir()):
        project = _add_project(account, folder.name, "Lanternfish", _read(folder))
        account.platform[project["id"]] = platform_from_file(
            folder / "platform.yaml",
            project,
            account.integrations[project["id"]],
            account.catalog,
        )
    return account


def _read(folder: Path) -> Iterator[_Manifest]:
    if not folder.is_dir():
        raise ManifestError(folder, "is no folder")
    paths = sorted(
        path
        for path in folder.rglob("*")
        if path.name.strip().lower() in _FILE_NAMES and path.is_file()
    )
    if not paths:
        raise ManifestError(folder, "holds no amp.yaml")
    for path in paths:
        yield from _read_file(path)


def _read_file(path: Path) -> list[_Manifest]:
    try:
        return _integrations(_load(path.read_text(encoding="utf-8")))
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ManifestError(path, f"{line}{error.problem}") from error
    except RecursionError as error:
        raise ManifestError(path, "is nested too deeply, or holds itself") from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ManifestError(path, str(error)) from error


def _integrations(document: Any) -> list[_Manifest]:
    if not isinstance(document, dict):
        raise ValueError("is no YAML mapping")
    spec_version = document.get("specVersion")
    if not spec_version or not isinstance(spec_version, str):
        raise ValueError("has no specVersion")
    contents = document.get("integrations")
    if not contents or not isinstance(contents, list):
        raise ValueError("has no list of integrations")
    for position, content in enumerate(contents):
        if not isinstance(content, dict):
            raise ValueError(f"integrations[{position}] is no mapping")
        for required in ("name", "provider"):
            if not isinstance(content.get(required), str):
                raise ValueError(f"integrations[{position}] has no {required}")
        _add_unset_texts(content)
    return [_Manifest(spec_version, _to_json(content)) for content in contents]


def _add_unset_texts(content: dict[str, Any]) -> None:
    """Add the two properties of a read object that the API sends even where nobody set them."""
    read = content.get("read")
    read_objects = read.get("objects") if isinstance(read, dict) else None
    for read_object in read_objects if isinstance(read_objects, list) else ():
        if isinstance(read_object, dict):
            read_object.setdefault("destination", "")
            read_object.setdefault("schedule", "")


class _Loader(yaml.SafeLoader):
    """YAML as the API's JSON has it: a date stays the text that was written."""


def _as_written(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _as_written)


def _load(text: str) -> Any:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        _keep_version_text(node)
        return loader.construct_document(node) if node else None
    finally:
        loader.dispose()


def _keep_version_text(root: yaml.Node | None) -> None:
    """Let `specVersion: 1.0` be the text it is, where YAML sees a number."""
    if isinstance(root, yaml.MappingNode):
        for key, value in root.value:
            if key.value == "specVersion" and isinstance(value, yaml.ScalarNode):
                value.tag = "tag:yaml.org,2002:str"


def _to_json(value: Any) -> Any:
    """Convert to plain JSON, keys sorted: the order of the fields in the API's Go structs."""
    if isinstance(value, dict):
        named = {k if isinstance(k, str) else json.dumps(k): v for k, v in value.items()}
        return {key: _to_json(named[key]) for key in sorted(named)}
    if isinstance(value, list):
        return [_to_json(item) for item in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise ValueError(f"{value!r} has no form in JSON")


def _add_project(
    account: Account, name: str, app_name: str, manifests: Iterable[_Manifest]
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
    project_id: str, project_created: datetime, manifest: _Manifest, occurrence: int
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
