"""What the sandbox answers to a request, whatever connection the request came over."""

import json
import logging
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from .account import Account, Failure, id_of

ROOT = "/v1"

_log = logging.getLogger(__name__)

# Go's encoding/json escapes these even inside strings, where JSON does not ask for it.
_ESCAPED = {char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}
_REMEDIES: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "Send the API key of a project in the X-Api-Key header.",
    HTTPStatus.NOT_FOUND: "Check the path, and that the API key belongs to the project.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Use GET.",
}


@dataclass(frozen=True)
class Answer:
    """An HTTP answer without what the connection adds."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    is_canned: bool = False
    """From `Account.failures`: to be sent as it is, never compressed."""


class Api:
    """The routes of the API, over an account."""

    def __init__(self, account: Account, *, freeze: bool) -> None:
        """Make the API.

        Args:
            account: What it knows.
            freeze: Keep the bytes of each listing until `Account.set_integrations` replaces it.
        """
        self._account = account
        self._freeze = freeze
        self._listings: dict[str, tuple[int, bytes]] = {}
        self._failures = threading.Lock()

    def answer(self, method: str, target: str, key: str) -> Answer:
        """Answer one request.

        Args:
            method: The request's method.
            target: Its path and query, undecoded. The query is ignored.
            key: Its API key; empty where it had none.

        Returns:
            What to send.
        """
        path = target.partition("?")[0]
        if not path.startswith(f"{ROOT}/"):
            return problem(HTTPStatus.NOT_FOUND, "There is no such path.")
        path = path.removeprefix(ROOT)
        failure = self._take_failure(unquote(path))
        if failure is not None:
            return Answer(failure.status, failure.body, failure.headers, is_canned=True)
        try:
            return self._route(method, [unquote(part) for part in path[1:].split("/")], key)
        except (RecursionError, TypeError, ValueError) as error:
            _log.warning("the account holds something that is no JSON: %s", error)
            return problem(
                HTTPStatus.INTERNAL_SERVER_ERROR, "The account holds something that is no JSON."
            )

    def _take_failure(self, path: str) -> Failure | None:
        with self._failures:
            failure = self._account.failures.get(path)
            if failure is None or failure.times is None:
                return failure
            if failure.times < 1:
                return None
            failure.times -= 1
            return failure

    def _route(self, method: str, segments: list[str], key: str) -> Answer:
        projects = self._account.projects_seen_by(key)
        if projects is None:
            return problem(HTTPStatus.UNAUTHORIZED, "The API key is missing or unknown.")
        if not _is_route(segments):
            return problem(HTTPStatus.NOT_FOUND, "There is no such path.")
        if method != "GET":
            return problem(
                HTTPStatus.METHOD_NOT_ALLOWED, "This can only be read.", {"Allow": "GET"}
            )
        if segments == ["projects"]:
            return _ok(_encode(projects))
        project = _find_project(projects, segments[1])
        if project is None:
            return problem(HTTPStatus.NOT_FOUND, "This key sees no project of that id or name.")
        match segments[2:]:
            case []:
                return _ok(_encode(project))
            case [_]:
                return _ok(self._listing(project["id"]))
        integrations = self._account.integrations.get(project["id"])
        for integration in integrations if isinstance(integrations, list) else ():
            if id_of(integration) == segments[3]:
                return _ok(_encode(integration))
        return problem(HTTPStatus.NOT_FOUND, "The project has no integration of that id.")

    def _listing(self, project_id: str) -> bytes:
        if not self._freeze:
            return self._encoded_listing(project_id)
        # Read before the listing is: one that is replaced meanwhile must not pass for the new one.
        version = self._account.integrations_version(project_id)
        kept = self._listings.get(project_id)
        if kept is None or kept[0] != version:
            kept = (version, self._encoded_listing(project_id))
            self._listings[project_id] = kept
        return kept[1]

    def _encoded_listing(self, project_id: str) -> bytes:
        listing = self._account.integrations.get(project_id, [])
        return listing if isinstance(listing, bytes) else _encode(listing)


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Make the answer to a request that failed.

    Args:
        status: HTTP status.
        detail: What went wrong. Nothing that the request held belongs here: it may hold a key.
        headers: Sent besides the content type.

    Returns:
        A problem document (RFC 9457) as the API sends it.
    """
    occurrence = str(uuid.uuid4())
    document = {
        "detail": detail,
        "instance": f"urn:uuid:{occurrence}",
        "remedy": _REMEDIES.get(status),
        "requestId": occurrence,
        "retryable": status >= HTTPStatus.INTERNAL_SERVER_ERROR,
        "status": status,
        "subsystem": "sandbox",
        "time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "title": HTTPStatus(status).phrase,
        "type": "about:blank",
    }
    body = _encode({name: value for name, value in document.items() if value is not None})
    return Answer(status, body, {"Content-Type": "application/problem+json", **(headers or {})})


def _ok(body: bytes) -> Answer:
    return Answer(HTTPStatus.OK, body, {"Content-Type": "application/json"})


def _is_route(segments: list[str]) -> bool:
    match segments:
        case ["projects"] | ["projects", _]:
            return True
        case ["projects", _, "integrations"] | ["projects", _, "integrations", _]:
            return True
    return False


def _find_project(projects: list[Any], id_or_name: str) -> dict[str, Any] | None:
    with_id: list[dict[str, Any]] = [project for project in projects if id_of(project) is not None]
    for project in with_id:
        if project["id"] == id_or_name:
            return project
    for project in with_id:
        name = project.get("name")
        if isinstance(name, str) and name.lower() == id_or_name.lower():
            return project
    return None


def _encode(document: Any) -> bytes:
    """Write JSON as Go's encoding/json does."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for char, escape in _ESCAPED.items():
        text = text.replace(char, escape)
    # A lone surrogate has no UTF-8; written as a JSON escape it reaches the client.
    return text.encode("utf-8", "backslashreplace")
