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
from urllib.parse import parse_qsl, unquote

from .account import Account, Failure, Platform, id_of
from .paging import BadParameter, Page

ROOT = "/v1"

_log = logging.getLogger(__name__)

# Go's encoding/json escapes these even inside strings, where JSON does not ask for it.
_ESCAPED = {char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}
_REMEDIES: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "Send the API key of a project in the X-Api-Key header.",
    HTTPStatus.NOT_FOUND: "Check the path, and that the API key belongs to the project.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Use GET.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Leave the parameter out, or correct it.",
}

_FILTERS: dict[str, dict[str, tuple[str, ...]]] = {
    "destinations": {},
    "installations": {"groupRef": ("group", "groupRef")},
    "connections": {
        "provider": ("provider",),
        "groupRef": ("group", "groupRef"),
        "consumerRef": ("consumer", "consumerRef"),
    },
    "provider-apps": {},
    "topics": {},
    "notification-event-topic-routes": {"topicId": ("topicId",), "eventType": ("eventType",)},
    "topic-destination-routes": {"topicId": ("topicId",), "destinationId": ("destinationId",)},
}
"""The lists of a project, by the last part of their path, and what they can be filtered by: the
parameter, and where in a document its value stands."""

# They reveal secrets, or make the API do something (api.yaml, getConnection and getDestination).
_REFUSED = ("refresh", "rotate", "includeSecrets", "includeCreds", "includeRefreshToken")


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
            target: Its path and query, undecoded. A parameter that nothing uses is ignored.
            key: Its API key; empty where it had none.

        Returns:
            What to send.
        """
        path, _, query_text = target.partition("?")
        if not path.startswith(f"{ROOT}/"):
            return problem(HTTPStatus.NOT_FOUND, "There is no such path.")
        path = path.removeprefix(ROOT)
        failure = self._take_failure(unquote(path))
        if failure is not None:
            return Answer(failure.status, failure.body, failure.headers, is_canned=True)
        query = dict(parse_qsl(query_text, keep_blank_values=True))
        try:
            return self._route(method, [unquote(part) for part in path[1:].split("/")], query, key)
        except BadParameter as error:
            return _unprocessable(error.name, str(error))
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

    def _route(self, method: str, segments: list[str], query: dict[str, str], key: str) -> Answer:
        projects = self._account.projects_seen_by(key)
        # The catalog is public (api.yaml, listProviders).
        if projects is None and segments != ["providers"]:
            return problem(HTTPStatus.UNAUTHORIZED, "The API key is missing or unknown.")
        if not _is_route(segments):
            return problem(HTTPStatus.NOT_FOUND, "There is no such path.")
        if method != "GET":
            return problem(
                HTTPStatus.METHOD_NOT_ALLOWED, "This can only be read.", {"Allow": "GET"}
            )
        for name in _REFUSED:
            if name in query:
                raise BadParameter(name, f"The sandbox does not do {name}: it only reads.")
        if projects is None or segments == ["providers"]:
            return _ok(_encode(self._account.catalog))
        if segments == ["projects"]:
            return _ok(_encode(projects))
        project = _find_project(projects, segments[1])
        if project is None:
            return problem(HTTPStatus.NOT_FOUND, "This key sees no project of that id or name.")
        platform = self._account.platform.get(project["id"]) or Platform()
        match segments[2:]:
            case []:
                return _ok(_encode(project))
            case ["integrations"]:
                return _ok(self._listing(project["id"]))
            case ["integrations", integration_id, *rest]:
                return self._integration(project["id"], platform, integration_id, rest, query)
            case ["operations", operation_id]:
                for operations in platform.operations.values():
                    if operation := _with_id(operations, operation_id):
                        return _ok(_encode(operation))
                return problem(HTTPStatus.NOT_FOUND, "The project has no operation of that id.")
        listed = getattr(platform, segments[2].replace("-", "_"))
        return _ok(_encode(_matching(listed, _FILTERS[segments[2]], query)))

    def _integration(
        self,
        project_id: str,
        platform: Platform,
        integration_id: str,
        rest: list[str],
        query: dict[str, str],
    ) -> Answer:
        integration = _with_id(self._account.integrations.get(project_id), integration_id)
        if integration is None:
            return problem(HTTPStatus.NOT_FOUND, "The project has no integration of that id.")
        if not rest:
            return _ok(_encode(integration))
        installations = _matching(
            platform.installations,
            {"integrationId": ("integrationId",), **_FILTERS["installations"]},
            {**query, "integrationId": integration_id},
        )
        if len(rest) == 1:
            return _ok(_encode(installations))
        if _with_id(installations, rest[1]) is None:
            return problem(HTTPStatus.NOT_FOUND, "The integration has no installation of that id.")
        page = Page.of(query)
        return _ok(_encode(page.cut(platform.operations.get(rest[1], []), owner=rest[1])))

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
        return _encode(self._account.integrations.get(project_id, []))


def problem(
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    issues: list[dict[str, str]] | None = None,
) -> Answer:
    """Make the answer to a request that failed.

    Args:
        status: HTTP status.
        detail: What went wrong. Nothing that the request held belongs here: it may hold a key.
        headers: Sent besides the content type.
        issues: What is wrong with which part of the request, for an InputValidationProblem.

    Returns:
        A problem document (RFC 9457) as the API sends it.
    """
    occurrence = str(uuid.uuid4())
    document = {
        "detail": detail,
        "instance": f"urn:uuid:{occurrence}",
        "issues": issues,
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


def _unprocessable(parameter: str, reason: str) -> Answer:
    issue = {"detail": reason, "in": "query", "name": parameter}
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, reason, issues=[issue])


def _ok(body: bytes) -> Answer:
    return Answer(HTTPStatus.OK, body, {"Content-Type": "application/json"})


def _is_route(segments: list[str]) -> bool:
    match segments:
        case ["providers"] | ["projects"] | ["projects", _]:
            return True
        case ["projects", _, "integrations"] | ["projects", _, "integrations", _]:
            return True
        case ["projects", _, "integrations", _, "installations"]:
            return True
        case ["projects", _, "integrations", _, "installations", _, "operations"]:
            return True
        case ["projects", _, "operations", _]:
            return True
        case ["projects", _, last]:
            return last in _FILTERS
    return False


def _with_id(documents: Any, wanted: str) -> Any:
    """The first document of that id, None where there is none."""
    for document in documents if isinstance(documents, list) else ():
        if id_of(document) == wanted:
            return document
    return None


def _matching(listed: Any, filters: dict[str, tuple[str, ...]], query: dict[str, str]) -> Any:
    """What is left of a list after the filters that the query uses; what is no list stays."""
    if not isinstance(listed, list):
        return listed
    used = [(path, query[name]) for name, path in filters.items() if name in query]
    return [item for item in listed if all(_value_at(item, path) == value for path, value in used)]


def _value_at(document: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document


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
    """Write JSON as Go's encoding/json does; bytes are written already."""
    if isinstance(document, bytes):
        return document
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for char, escape in _ESCAPED.items():
        text = text.replace(char, escape)
    # A lone surrogate has no UTF-8; written as a JSON escape it reaches the client.
    return text.encode("utf-8", "backslashreplace")
