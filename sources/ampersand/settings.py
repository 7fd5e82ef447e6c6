"""Which keys are used for which projects, and where the API is."""

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dlt.common.configuration import with_config

from .declaration import Table
from .exceptions import ConfigurationError
from .tables import DEFAULT_COLLECTIONS, TABLES_OF_COLLECTIONS, tables_with

DEFAULT_BASE_URL = "https://api.withampersand.com/v1"
"""Source: openapi/api.yaml, `servers`."""

KEY_VARIABLE = "AMP_API_KEY"
URL_VARIABLE = "AMP_API_URL"
"""Environment variables that the vendor's own command-line client reads."""

_PLACEHOLDER = re.compile(r"<.*>")
"""What stands where a key is to be filled in: `<configure me>` is what `dlt init` writes."""

_WHERE = (
    "set api_key under [sources.ampersand] in .dlt/secrets.toml, one key per project under "
    f"[sources.ampersand.api_keys], or the environment variable {KEY_VARIABLE}"
)


@dataclass(frozen=True)
class Assignment:
    """An API key and the projects that it is used for.

    Attributes:
        api_key: The key.
        projects: Ids or names of projects; None: all that the key can see.
    """

    api_key: str = field(repr=False)
    projects: tuple[str, ...] | None

    @property
    def credential(self) -> str:
        """Fingerprint under which the ledger knows the key; 64 bits, so no way back to it."""
        return hashlib.blake2b(
            self.api_key.encode(), digest_size=8, person=b"ampersand-key"
        ).hexdigest()


def assign_keys(
    api_key: str | None,
    api_keys: Mapping[str, str] | None,
    projects: Sequence[str] | None,
) -> list[Assignment]:
    """Decides which key is used for which projects.

    Args:
        api_key: Key for everything that it can see.
        api_keys: Keys by project (id or name, as written in the configuration).
        projects: Projects that the run is limited to; None: all.

    Raises:
        ConfigurationError: There is no key, or none for a project that was asked for.
    """
    keys = {
        _named(project): _clean(key, f" of project {project}")
        for project, key in (api_keys or {}).items()
    }
    unfilled = api_key if api_key and _PLACEHOLDER.fullmatch(api_key) else None
    if unfilled:
        api_key = None
    if not keys and api_key is None:
        api_key = os.environ.get(KEY_VARIABLE)
    general = _clean(api_key) if api_key is not None else None
    if not keys and general is None:
        if unfilled:
            raise ConfigurationError(f"api_key is still {unfilled}: put the key there, or {_WHERE}")
        raise ConfigurationError(f"no API key: {_WHERE}")
    if projects is None:
        assigned = [Assignment(key, (project,)) for project, key in keys.items()]
        if general is not None:
            assigned.append(Assignment(general, None))
        return _merged(assigned)
    if isinstance(projects, str):
        raise ConfigurationError("projects must be a list of ids or names, not one text")
    in_any_case = {project.casefold(): key for project, key in keys.items()}
    assigned = []
    for project in dict.fromkeys(map(_named, projects)):
        key = keys.get(project) or in_any_case.get(project.casefold(), general)
        if key is None:
            raise ConfigurationError(
                f"no API key for project {project}: add a line for it under "
                "[sources.ampersand.api_keys], spelled the same way; there are lines for "
                f"{', '.join(keys)}"
            )
        assigned.append(Assignment(key, (project,)))
    if not assigned:
        raise ConfigurationError("the list of projects is empty; leave it out to load all")
    return _merged(assigned)


def choose_base_url(base_url: str | None) -> str:
    """The address that was configured, else `AMP_API_URL`, else the public API."""
    return base_url or os.environ.get(URL_VARIABLE) or DEFAULT_BASE_URL


def choose_hash_key(key: str | None) -> str | None:
    """The key of the hashes for names; None where it is not set, or not filled in."""
    return None if key is None or not key.strip() or _PLACEHOLDER.fullmatch(key) else key


def choose_collections(names: Sequence[str] | None) -> tuple[str, ...]:
    """Decides what is loaded besides integrations.

    Args:
        names: Names of collections; None: all but those that take many requests.

    Raises:
        ConfigurationError: There is no such collection.
    """
    if names is None:
        return DEFAULT_COLLECTIONS
    if isinstance(names, str):
        raise ConfigurationError("collections must be a list of names, not one text")
    for name in names:
        if name not in TABLES_OF_COLLECTIONS:
            raise ConfigurationError(
                f"there is no collection {name}; there are {', '.join(TABLES_OF_COLLECTIONS)}"
            )
    return tuple(names)


def loaded_tables(collections: Sequence[str] | None = None) -> tuple[Table, ...]:
    """The tables that `ampersand_source()` loads, for whatever reads them where they lie.

    Args:
        collections: What is loaded besides integrations, as the source takes it. Also read from
            `collections` in `[sources.ampersand]`. None: all but operations.

    Raises:
        ConfigurationError: There is no such collection.
    """
    if collections is None:
        collections = _configured_collections()
    return tables_with(choose_collections(collections))


@with_config(sections=("sources", "ampersand"))
def _configured_collections(collections: Sequence[str] | None = None) -> Sequence[str] | None:
    return collections


def _named(project: object) -> str:
    if not isinstance(project, str):  # in JSON or TOML, where the quotes were forgotten
        raise ConfigurationError("a project's id or name must be a text")
    if not project.strip():
        raise ConfigurationError("a project's id or name must not be empty")
    return project


def _clean(key: object, whose: str = "") -> str:
    """The key without blanks around it; what is refused is never shown."""
    if not isinstance(key, str):  # in JSON or TOML, where the quotes were forgotten
        raise ConfigurationError(f"the API key{whose} is no text")
    key = key.strip()
    if not key:
        raise ConfigurationError(f"the API key{whose} is empty")
    if _PLACEHOLDER.fullmatch(key):
        raise ConfigurationError(f"the API key{whose} is still {key}: put the key there")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigurationError(f"the API key{whose} has characters that no header can carry")
    return key


def _merged(assignments: list[Assignment]) -> list[Assignment]:
    """One assignment per key, in the order given; a key for everything includes its projects."""
    merged: dict[str, Assignment] = {}
    for assignment in assignments:
        before = merged.get(assignment.api_key)
        if before is None:
            merged[assignment.api_key] = assignment
            continue
        both = (before.projects, assignment.projects)
        projects = None if None in both else tuple(p for part in both for p in part or ())
        merged[assignment.api_key] = Assignment(assignment.api_key, projects)
    return list(merged.values())
