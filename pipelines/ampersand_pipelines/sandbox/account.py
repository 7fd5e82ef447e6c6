"""What a sandbox API knows: projects and what is in them, keys, and answers that go wrong."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Failure:
    """A canned answer, served instead of the normal one, exactly as it stands here."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    """Sent as they are. A `Content-Length` here replaces the true one and ends the connection
    after the body, so that an answer can be cut short; `Connection: close` works too."""
    times: int | None = None
    """How often it is still served; the server counts it down. None: for ever."""


@dataclass
class Platform:
    """What a project has besides its integrations.

    Every list is served as it is: None as null, bytes verbatim, and any other JSON too, to serve
    odd input. An installation holds its connection, which may be the very one that is listed.
    """

    destinations: Any = field(default_factory=list)
    installations: Any = field(default_factory=list)
    connections: Any = field(default_factory=list)
    provider_apps: Any = field(default_factory=list)
    topics: Any = field(default_factory=list)
    notification_event_topic_routes: Any = field(default_factory=list)
    topic_destination_routes: Any = field(default_factory=list)
    operations: dict[str, list[Any]] = field(default_factory=dict)
    """Id of an installation to its operations, from new to old."""


@dataclass
class Account:
    """Everything the sandbox serves: plain data that may change while a server runs.

    A server reads it afresh for every request, unless it was made with `freeze=True`: then use
    `set_integrations` to change what a project lists.
    """

    projects: list[dict[str, Any]] = field(default_factory=list)
    """Project documents as the API would send them. Any JSON is allowed, to serve odd input."""
    integrations: dict[str, Any] = field(default_factory=dict)
    """Project id to its list of Integration documents; None is served as null, bytes verbatim,
    and any other JSON as it is. A project without an entry lists `[]`."""
    platform: dict[str, Platform] = field(default_factory=dict)
    """Project id to what else it has. A project without an entry has nothing else."""
    catalog: Any = field(default_factory=dict)
    """Provider to its ProviderInfo document. Any JSON is allowed, and bytes are served verbatim."""
    keys: dict[str, set[str]] | None = field(default=None, repr=False)
    """API key to the ids of the projects it can see. None: any key that is not empty sees all."""
    failures: dict[str, Failure] = field(default_factory=dict)
    """Path below /v1, percent-decoded and without query, to the answer that it gives to whatever
    request. It counts for this spelling alone: not for a project's name where its id stands."""
    _versions: Counter[str] = field(default_factory=Counter, init=False, repr=False, compare=False)

    def set_integrations(self, project_id: str, value: Any) -> None:
        """Replace what a project lists, for a server that keeps listings (`freeze=True`) as well.

        Args:
            project_id: The project's id.
            value: What `integrations` may hold for a project.
        """
        self.integrations[project_id] = value
        self._versions[project_id] += 1

    def integrations_version(self, project_id: str) -> int:
        """How often `set_integrations` replaced what this project lists."""
        return self._versions[project_id]

    def projects_seen_by(self, key: str) -> list[Any] | None:
        """The documents of the projects that a key can see, in order.

        Args:
            key: The API key of a request; empty where it had none.

        Returns:
            None for a key that is empty or unknown. What is no document with an id is seen only
            where `keys` is None.
        """
        if not key:
            return None
        if self.keys is None:
            return list(self.projects)
        visible = self.keys.get(key)
        if visible is None:
            return None
        return [project for project in self.projects if id_of(project) in visible]


def id_of(document: Any) -> str | None:
    """The id of a document, None where it has none that is text."""
    value = document.get("id") if isinstance(document, dict) else None
    return value if isinstance(value, str) else None
