"""HTTP access to the Ampersand API: the only module that opens connections.

It keeps the API key where it belongs. The key goes to the configured origin only, over https or to
the machine itself, and never into a log, a `repr` or an exception.
"""

import codecs
import http.client
import io
import ipaddress
import math
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property, partial
from http import HTTPStatus
from typing import Any, TypeVar, cast
from urllib.parse import quote, urljoin, urlsplit

import orjson
import urllib3.exceptions
from dlt.common import logger
from dlt.version import __version__ as dlt_version
from requests import PreparedRequest, Request, Response, Session, exceptions
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_attempt
from tenacity.wait import wait_random_exponential

from .exceptions import (
    ApiError,
    ConfigurationError,
    Forbidden,
    Invalid,
    NotFound,
    RedirectRefused,
    TooLarge,
    TooSlow,
    Unauthorized,
    Unavailable,
    UnexpectedAnswer,
    Untrusted,
    one_line,
)
from .lossless_json import DuplicateKeys, decode_page, dumps, loads

RETRIED_STATUSES = frozenset({429, 500, 502, 503, 504})
"""The vendor's SDK retries the same (domain: section 3, integrationsList.ts:121)."""

MAX_REDIRECTS = 5

PAGE_SIZE = 1000
"""Entries of a page, as many as there may be (domain: section 3, api.yaml, listOperations)."""

_T = TypeVar("_T")

_HEADERS = {"Accept": "application/json", "User-Agent": f"dlt-source-ampersand dlt/{dlt_version}"}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_DEFAULT_PORTS = {"http": 80, "https": 443}
_BLANK = b" \t\r\n"
_PIECE = 1 << 18
"""Bytes of an answer that are read, or decompressed, in one go."""
_PLAIN_URL = re.compile(r"(?:[A-Za-z0-9_~/:?=&-]|(?<!/)\.)+")
"""Addresses that requests would leave as they are; it takes segments with dots away."""
_CONNECTIONS = 50
"""Connections that are kept open, as many as dlt keeps."""
_ERRORS: dict[int, type[ApiError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    422: Invalid,
}
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}")
"""Source: RFC 1123, 2.1; an underscore is found in private networks."""

_SHORT = 8
"""Characters that every key in use has."""

_NO_CONNECTION = (
    exceptions.ProxyError,
    exceptions.SSLError,
    exceptions.ConnectTimeout,
    urllib3.exceptions.NewConnectionError,  # NameResolutionError is one, too
)
_PASSING_FAULTS = (
    exceptions.ConnectionError,
    exceptions.Timeout,
    exceptions.ChunkedEncodingError,
    exceptions.InvalidHeader,
    urllib3.exceptions.HTTPError,  # ContentDecodingError is one, too
)
_FAULTS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (exceptions.ProxyError, "the proxy does not connect"),
    (exceptions.SSLError, "no TLS connection"),
    (http.client.RemoteDisconnected, "the connection was closed without an answer"),
    (socket.gaierror, "the host's name cannot be resolved"),
    (exceptions.ConnectTimeout, "no connection in time"),
    ((exceptions.ReadTimeout, urllib3.exceptions.ReadTimeoutError), "no answer in time"),
    (exceptions.ContentDecodingError, "the answer cannot be decompressed"),
    (exceptions.ChunkedEncodingError, "the answer broke off"),
)
_KINDS = {
    b"": "empty",
    b"<": "HTML or XML, perhaps of a proxy or a login page",
    b'"': "a JSON string",
    **dict.fromkeys((b"t", b"f"), "a JSON boolean"),
    **dict.fromkeys((b"%c" % digit for digit in b"-0123456789"), "a JSON number"),
}


@dataclass(frozen=True)
class ClientSettings:
    """How to reach the API, and how patiently. It holds no secret."""

    base_url: str
    """Root of the API, with or without `/v1`."""
    connect_timeout: float = 10
    """Seconds to wait for a connection."""
    read_timeout: float = 60
    """Seconds to wait for the next bytes of an answer."""
    max_attempts: int = 5
    """Requests sent, at most, until one is answered."""
    backoff: float = 0.5
    """Seconds that the first pause lasts at most; doubled each time, with full jitter."""
    max_retry_delay: float = 60
    """Seconds that any pause lasts at most, also where the API asks for more."""
    answer_timeout: float = 600
    """Seconds that an answer takes at most, from the request to its last byte."""
    max_list_bytes: int = 256 << 20
    """Size of a list at most, of all its pages, decompressed."""

    def __post_init__(self) -> None:
        """Refuses what no client can work with."""
        for name, value, least in (
            ("connect_timeout", self.connect_timeout, 0.001),
            ("read_timeout", self.read_timeout, 0.001),
            ("max_attempts", self.max_attempts, 1),
            ("backoff", self.backoff, 0),
            ("max_retry_delay", self.max_retry_delay, 0),
            ("answer_timeout", self.answer_timeout, 0.001),
            ("max_list_bytes", self.max_list_bytes, 1),
        ):
            if not (math.isfinite(value) and value >= least):
                raise ConfigurationError(f"{name} is {value}; it must be {least} or more")


@dataclass(frozen=True)
class Listing:
    """A complete list as the API sent it."""

    pages: tuple[bytes, ...]
    """One JSON array per page: a bare array exactly as received (less a byte order mark), the
    `results` of a paged answer encoded again without loss, `[]` for `null`."""
    requests: int
    """Requests sent, retries and redirects included."""
    bytes: int
    """Size of all bodies received, decompressed."""
    seconds: float
    """Time from the first request to the last answer, pauses included."""


@dataclass(frozen=True)
class Page:
    """A page of a list, decoded without loss."""

    entries: list[Any]
    next_token: str | None
    """Where the next page is; None: there is none."""
    requests: int
    """Requests sent, retries and redirects included."""
    bytes: int
    """Size of all bodies received, decompressed."""
    seconds: float
    """Time from the first request to the last answer, pauses included."""


def normalize_base_url(url: str) -> str:
    """Returns the root of the API's version 1, without a slash at the end.

    Accepts the root with or without `/v1`: the vendor's `AMP_API_URL` comes without (domain:
    section 3, cli/request/api.go:15). Messages do not repeat the URL, which may hold a password.

    Raises:
        ConfigurationError: It is no such URL, or not https and not a loopback address.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ConfigurationError("the base URL cannot be read as a URL") from None
    if port == 0:  # which some take for none
        raise ConfigurationError("the base URL must not have port 0")
    if parts.scheme not in ("http", "https"):
        raise ConfigurationError(
            "the base URL must begin with https:// (on this machine, http:// will do)"
        )
    if "@" in parts.netloc:
        raise ConfigurationError("the base URL must not hold a user name or password")
    if "?" in url or "#" in url:
        raise ConfigurationError("the base URL must have neither query nor fragment")
    address = _ip_address(host)
    if not address and not _HOST.fullmatch(host):
        raise ConfigurationError("the base URL has no host name in ASCII")
    path = parts.path.rstrip("/").removesuffix("/v1").strip("/")
    if not re.fullmatch(r"[A-Za-z0-9._~/-]*", path) or {".", ".."} & set(path.split("/")):
        raise ConfigurationError("the base URL has a path that cannot be used")
    loopback = address.is_loopback if address else host == "localhost"
    if parts.scheme == "http" and not loopback:
        raise ConfigurationError("the base URL must begin with https://, or the key could be read")
    origin = f"[{host}]" if ":" in host else host
    if port is not None:
        origin += f":{port}"
    return "/".join(filter(None, (f"{parts.scheme}://{origin}", path, "v1")))


class AmpersandClient:
    """Reads lists from the API with one key. Threads may share it.

    Attributes:
        requests: Requests sent so far, retries and redirects included.
        bytes_received: Size of all bodies received so far, decompressed.
    """

    def __init__(
        self,
        settings: ClientSettings,
        api_key: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Checks the settings; opens no connection yet.

        Args:
            settings: Where the API is, and how patiently to ask it.
            api_key: Sent as `X-Api-Key`; surrounding blanks are removed.
            sleep: Called with the seconds of each pause.

        Raises:
            ConfigurationError: A setting or the key cannot be used.
        """
        self.requests = 0
        self.bytes_received = 0
        self._lock = threading.Lock()
        self._settings = settings
        self._base_url = normalize_base_url(settings.base_url)
        self._key = _ApiKey(api_key)
        self._session = _Session(settings, self._base_url, self._key)
        self._backoff = wait_random_exponential(
            multiplier=settings.backoff, max=settings.max_retry_delay
        )
        self._retrying = Retrying(
            retry=retry_if_result(lambda outcome: outcome.retry),
            wait=self._pause,
            stop=stop_after_attempt(settings.max_attempts),
            sleep=sleep,
            before_sleep=self._log_retry,
            retry_error_callback=_outcome,
        )

    def __repr__(self) -> str:
        """Shows where the client goes, never the key."""
        return f"{type(self).__name__}({self._base_url!r})"

    def list_projects(self) -> list[Any]:
        """Returns the projects that the key can see, decoded without loss.

        Raises:
            ApiError: No complete list came.
        """
        return self._entries(self._call("projects", None))

    def get_project(self, id_or_name: str) -> dict[str, Any]:
        """Returns one project, decoded without loss.

        Raises:
            ApiError: No project came.
            ConfigurationError: The id or name cannot be part of a URL.
        """
        return self._object("project", self._call("projects/{project}", id_or_name))

    def list_integrations(self, project: str) -> Listing:
        """Returns the integrations of a project, as received.

        Args:
            project: Id or name.

        Raises:
            ApiError: No complete list came.
            ConfigurationError: The id or name cannot be part of a URL.
        """
        started = time.perf_counter()
        call = self._call("projects/{project}/integrations", project)
        pages = tuple(page for _, page in self._pages(call))
        return Listing(pages, call.requests, call.bytes, time.perf_counter() - started)

    def list_entries(self, path: str, project: str | None, *, is_map: bool = False) -> Page:
        """Returns a whole list that is no list of projects or integrations.

        Args:
            path: Its path below the root of the API; `{project}` stands for the project.
            project: Id or name; None: it is part of no project.
            is_map: Whether the answer is an object keyed by name, whose values are the entries;
                each gets its `name` then. A value that is no object is an entry as it is.

        Raises:
            ApiError: No complete list came.
            ConfigurationError: The id or name cannot be part of a URL.
        """
        started = time.perf_counter()
        call = self._call(path, project)
        if is_map:
            answer = self._fetch(call.url, call)
            entries = self._read(_decode_map, answer.body, call, answer)
        else:
            entries = self._entries(call)
        seconds = time.perf_counter() - started
        return Page(entries, None, call.requests, call.bytes, seconds)

    def list_page(
        self, path: str, project: str, token: str | None, size: int = PAGE_SIZE, **ids: str
    ) -> Page:
        """Returns one page of a list that may be too long for the memory.

        Args:
            path: As `list_entries` takes it, with more placeholders.
            project: Id or name.
            token: Where the page is; None: it is the first.
            size: Entries on it, at most.
            **ids: What the other placeholders stand for.

        Raises:
            ApiError: No complete page came.
            ConfigurationError: The id or name cannot be part of a URL.
        """
        started = time.perf_counter()
        call = self._call(path, project, **ids)
        url = f"{call.url}?pageSize={size}"
        if token is not None:
            url += f"&pageToken={_query_value(token)}"
        answer = self._fetch(url, call)
        page, next_token = self._read(_split_page, answer.body, call, answer)
        entries = self._read(decode_page, page, call, answer)
        seconds = time.perf_counter() - started
        return Page(entries, next_token or None, call.requests, call.bytes, seconds)

    def get_entry(self, path: str, project: str, **ids: str) -> Page:
        """Returns one object with an `id`, as the only entry of a page.

        Args:
            path: As `list_page` takes it.
            project: Id or name.
            **ids: As `list_page` takes them.

        Raises:
            ApiError: No such object came.
            ConfigurationError: The id or name cannot be part of a URL.
        """
        started = time.perf_counter()
        call = self._call(path, project, **ids)
        entry = self._object("object", call)
        return Page([entry], None, call.requests, call.bytes, time.perf_counter() - started)

    def _call(self, path: str, project: str | None, **ids: str) -> "_Call":
        if project is not None:
            ids["project"] = project
        path = path.format(**{name: _segment(text) for name, text in ids.items()})
        return _Call(f"{self._base_url}/{path}", project)

    def _entries(self, call: "_Call") -> list[Any]:
        """The entries of all pages of a list."""
        return [
            entry
            for answer, page in self._pages(call)
            for entry in self._read(decode_page, page, call, answer)
        ]

    def _object(self, what: str, call: "_Call") -> dict[str, Any]:
        """The object with an `id` that is answered; `what` it is, for the error when none is."""
        answer = self._fetch(call.url, call)
        return self._read(partial(_decode_object, what), answer.body, call, answer)

    def _pages(self, call: "_Call") -> Iterator[tuple["_Answer", bytes]]:
        """Yields each page of a list with the answer that brought it.

        Only operations are paged today (domain: section 3, api.yaml, PaginationInfo); other lists
        would be paged in the same form.
        """
        url = call.url
        seen: set[str] = set()
        while True:
            answer = self._fetch(url, call)
            call.size_of_pages += len(answer.body)
            page, token = self._read(_split_page, answer.body, call, answer)
            yield answer, page
            if not token:
                return
            if token in seen:
                raise self._error(UnexpectedAnswer, call, "the pages never end", answer)
            seen.add(token)
            url = f"{call.url}?pageToken={_query_value(token)}"

    def _read(
        self, decode: Callable[[bytes], _T], body: bytes, call: "_Call", answer: "_Answer"
    ) -> _T:
        """Decodes a body; an error says where it came from."""
        try:
            return decode(body)
        except UnexpectedAnswer as error:
            reason = error.reason
        media_type = answer.media_type or "no content type"
        reason = f"{reason} ({media_type}, {len(answer.body)} bytes)"
        raise self._error(UnexpectedAnswer, call, reason, answer)

    def _fetch(self, url: str, call: "_Call") -> "_Answer":
        """Returns the answer with status 200, from where redirects of the same origin lead."""
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._send(url, call)
            status = answer.status
            if status in _REDIRECTS:
                url = self._redirect_target(url, call, answer)
            elif status == HTTPStatus.OK:
                return answer
            else:
                reason = f"{status} {http.client.responses.get(status, '')}".rstrip()
                error_class = _error_class(status)
                if error_class is NotFound and not answer.problem():
                    # what a proxy or another server does not know may well be there
                    error_class = UnexpectedAnswer
                    reason += ", which is not in the API's form: look who answers at the base URL"
                raise self._error(error_class, call, reason, answer)
        raise self._error(RedirectRefused, call, f"more than {MAX_REDIRECTS} redirects", answer)

    def _redirect_target(self, url: str, call: "_Call", answer: "_Answer") -> str:
        location = answer.headers.get("Location", "")
        origin, path = _resolve(url, location)
        own_origin, _ = _resolve(url, url)
        if origin != own_origin:
            reason = f"refused to follow a redirect to {origin or 'an unreadable address'}"
            raise self._error(RedirectRefused, call, reason, answer)
        # put together anew: whatever a parser may see in the address, the origin stays ours
        return f"{own_origin}{path}"

    def _send(self, url: str, call: "_Call") -> "_Answer":
        """Returns the first answer that is final, whatever its status."""
        call.attempts = 0
        outcome = self._attempt(url, call)
        if outcome.retry:
            before = [outcome]  # counts as the first attempt
            outcome = self._retrying(
                lambda url, call: before.pop() if before else self._attempt(url, call), url, call
            )
        if isinstance(outcome.result, _Answer):
            return outcome.result
        raise outcome.result

    def _attempt(self, url: str, call: "_Call") -> "_Outcome":
        """Sends one request.

        Faults are returned, not raised: an exception raised while another one is handled keeps
        it as its context, and that of requests holds the request with the key.
        """
        call.attempts += 1
        call.requests += 1
        with self._lock:
            self.requests += 1
        try:
            with self._session.ask(url) as response:
                body = self._body(response, call)
        except _PASSING_FAULTS as fault:
            return self._fault(fault, call)
        except exceptions.RequestException as fault:  # a proxy address that cannot be used
            reason = f"cannot send requests ({type(fault).__name__}): check the proxy variables"
            return _Outcome(ConfigurationError(reason), retry=False)
        except OSError as fault:  # a file named by REQUESTS_CA_BUNDLE that does not exist
            reason = f"cannot send requests: {one_line(self._key.redact(str(fault)))}"
            return _Outcome(ConfigurationError(reason), retry=False)
        if body is None:
            reason = f"the list is larger than {self._settings.max_list_bytes:,} bytes"
            return _Outcome(self._error(TooLarge, call, reason), retry=False)
        answer = _Answer(response.status_code, response.headers, body)
        if answer.status not in RETRIED_STATUSES:
            return _Outcome(answer, retry=False)
        problem = answer.problem()
        return _Outcome(
            answer,
            retry=problem.get("retryable") is not False,
            asked_pause=_asked_pause(answer, problem),
        )

    def _fault(self, fault: BaseException, call: "_Call") -> "_Outcome":
        """Judges what kept an answer from coming."""
        kind: type[ApiError] = Unavailable
        causes = list(_causes(fault))
        reason = _describe(causes)
        for cause in causes:
            if isinstance(cause, _TimeIsUp):
                kind = TooSlow
                reason = f"the answer was not complete in {self._settings.answer_timeout:g} s"
            elif isinstance(cause, ssl.SSLCertVerificationError):
                kind = Untrusted
                reason = f"the server's certificate is not trusted: {cause.verify_message}"
        error = self._error(kind, call, reason)
        error.connected = not any(isinstance(cause, _NO_CONNECTION) for cause in causes)
        # what took so long would again, and a certificate stays as it is
        return _Outcome(error, retry=kind is Unavailable)

    def _body(self, response: Response, call: "_Call") -> bytes | None:
        """Reads the body of an answer; None: with it, the list would be too large.

        Piece by piece, so that what is too large, or decompresses into it, never fills the memory.
        """
        pieces = []
        size = call.size_of_pages
        for piece in response.iter_content(_PIECE):
            pieces.append(piece)
            size += len(piece)
            call.bytes += len(piece)
            with self._lock:
                self.bytes_received += len(piece)
            if size > self._settings.max_list_bytes:
                return None
        return b"".join(pieces)

    def _pause(self, state: RetryCallState) -> float:
        return max(
            self._backoff(state),
            min(_outcome(state).asked_pause, self._settings.max_retry_delay),
        )

    def _log_retry(self, state: RetryCallState) -> None:
        result, call = _outcome(state).result, state.args[1]
        what = f"status {result.status}" if isinstance(result, _Answer) else result.args[0]
        # what is of no avail in the end is told by the error
        logger.info(
            f"GET {self._key.redact(call.url)}: {what}; attempt {state.attempt_number} of "
            f"{self._settings.max_attempts}, next in {state.upcoming_sleep:.1f} s"
        )

    def _error(
        self, cls: type[ApiError], call: "_Call", reason: str, answer: "_Answer | None" = None
    ) -> ApiError:
        problem = answer.problem() if answer else {}

        def text(name: str) -> str | None:
            value = problem.get(name)
            return self._key.redact(value) if isinstance(value, str) else None

        return cls(
            self._key.redact(reason),
            status=answer.status if answer else None,
            title=text("title"),
            detail=text("detail"),
            remedy=text("remedy"),
            request_id=text("requestId"),
            url=self._key.redact(call.url),
            project=call.project and self._key.redact(call.project),
            attempts=call.attempts,
        )


@dataclass
class _Call:
    """One call of the client: what was asked, and what it took."""

    url: str
    project: str | None = None
    requests: int = 0
    bytes: int = 0
    """Of all answers, also of those that broke off."""
    size_of_pages: int = 0
    attempts: int = 0
    """Requests sent to the last address, which a redirect or a next page changes."""


@dataclass(frozen=True)
class _Answer:
    """An answer that came completely, without the request that it answers."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def media_type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def problem(self) -> dict[str, Any]:
        """Returns the problem document in the answer, empty if there is none.

        The vendor's CLI goes by the media type too (domain: section 3, cli/request/request.go:212).
        """
        plain = self.media_type == "application/json" and self.status >= HTTPStatus.BAD_REQUEST
        if self.media_type != "application/problem+json" and not plain:
            return {}
        try:
            problem = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return {}
        return problem if isinstance(problem, dict) else {}


@dataclass(frozen=True)
class _Outcome:
    """What came of one request."""

    result: _Answer | ApiError | ConfigurationError
    retry: bool
    asked_pause: float = 0.0
    """Seconds that the API asks to wait."""


class _ApiKey(AuthBase):
    """Puts the key into requests, and takes it out of texts."""

    def __init__(self, key: str) -> None:
        key = key.strip()
        if not re.fullmatch(r"[!-~]+", key):
            raise ConfigurationError("the API key is empty, or has blanks or non-ASCII characters")
        self._key = key
        forms = {re.escape(key), re.escape(quote(key, safe=""))}
        if len(key) < _SHORT:  # made up for a server of one's own; letters of any word
            forms = {rf"(?<!\w){form}(?!\w)" for form in forms}
        # host names are lower-cased on their way
        self._pattern = re.compile("|".join(sorted(forms, key=len, reverse=True)), re.IGNORECASE)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["X-Api-Key"] = self._key
        return request

    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"

    def redact(self, text: str) -> str:
        return self._pattern.sub("***", text)


class _Session(Session):
    """Sends requests that differ in their address alone, and so are prepared once.

    To look for settings, for a connection and for cookies takes requests longer than to send one.
    Cookies are not sent, nor are redirects followed. Threads may share it.
    """

    def __init__(self, settings: ClientSettings, base_url: str, key: _ApiKey) -> None:
        super().__init__()
        self._base_url = base_url
        self._adapter = _Adapter(settings.answer_timeout)
        self._timeout = (settings.connect_timeout, settings.read_timeout)
        # also keeps requests from looking up an Authorization in .netrc
        self.auth = key
        # plain http means loopback: through a proxy the key would leave the machine
        self.trust_env = base_url.startswith("https:")

    def ask(self, url: str) -> Response:
        """Sends a request to an address of the origin of the API; the body is yet to be read.

        Raises:
            requests.RequestException: No answer came.
            OSError: A file that the environment names cannot be read.
        """
        request = copy(self._request)
        if _PLAIN_URL.fullmatch(url):
            request.url = url
        else:
            request.prepare_url(url, None)
        return self._adapter.send(request, timeout=self._timeout, **self._options)

    @cached_property
    def _request(self) -> PreparedRequest:
        return self.prepare_request(Request("GET", self._base_url, headers=_HEADERS))

    @cached_property
    def _options(self) -> dict[str, Any]:
        return dict(self.merge_environment_settings(self._base_url, {}, True, None, None))


class _Adapter(HTTPAdapter):
    """Sends to one origin, over connections whose answers have to be complete in time.

    The timeout of a socket begins anew with each byte: a server that drips would hold a run for
    ever.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(pool_maxsize=_CONNECTIONS)
        self._seconds = seconds
        self._pool: Any = None

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:
        if self._pool is None:
            pool: Any = super().get_connection_with_tls_context(*arguments, **options)
            pool.ConnectionCls = partial(_connection, type(pool).ConnectionCls, self._seconds)
            self._pool = pool
        return self._pool

    def request_url(self, request: PreparedRequest, proxies: object) -> str:
        # only https goes through a proxy, and through a tunnel
        return request.path_url


def _connection(
    kind: Callable[..., http.client.HTTPConnection], seconds: float, **options: Any
) -> http.client.HTTPConnection:
    connection = kind(**options)
    connection.response_class = partial(_TimedResponse, seconds=seconds)  # type: ignore[assignment]
    return connection


class _TimedResponse(http.client.HTTPResponse):
    """A response that fails once its time is up, whatever still drips in."""

    def __init__(self, sock: socket.socket, *arguments: Any, seconds: float, **options: Any):
        super().__init__(sock, *arguments, **options)
        self.fp = io.BufferedReader(_Timed(self.fp.detach(), time.monotonic() + seconds))


class _Timed(io.RawIOBase):
    """Reads from a socket until a moment."""

    def __init__(self, raw: io.RawIOBase, end: float) -> None:
        self._raw = raw
        self._end = end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if time.monotonic() > self._end:
            raise _TimeIsUp
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimeIsUp(TimeoutError):
    """An answer took too long, though bytes kept coming."""


def _outcome(state: RetryCallState) -> _Outcome:
    return cast("Future[_Outcome]", state.outcome).result()


def _error_class(status: int) -> type[ApiError]:
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unavailable
    if status < HTTPStatus.BAD_REQUEST:
        return UnexpectedAnswer
    return _ERRORS.get(status, ApiError)


def _asked_pause(answer: _Answer, problem: dict[str, Any]) -> float:
    """Returns the seconds that the API asks to wait, 0 or less if it does not.

    `Retry-After` (RFC 9110, 10.2.3) wins over `retryAfter` (domain: openapi/problem.yaml). Points
    in time are compared with the answer's own `Date`: clocks differ.
    """
    header = answer.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]+", header):
        return float(header)
    until = _http_date(header) or timestamp(problem.get("retryAfter"))
    if until is None:
        return 0.0
    now = _http_date(answer.headers.get("Date", "")) or datetime.now(UTC)
    return (until - now).total_seconds()


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def timestamp(value: object) -> datetime | None:
    """A time that the API sent as a text; None: it is none, or in no time zone."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def _describe(causes: Sequence[BaseException]) -> str:
    """Says what kept an answer from coming, without the texts of requests, which show URLs."""
    description = next(
        (text for kinds, text in _FAULTS if any(isinstance(cause, kinds) for cause in causes)),
        "the connection failed",
    )
    for cause in causes:
        if isinstance(cause, OSError) and cause.strerror:
            return f"{description}: {cause.strerror}"
    return description


def _causes(fault: BaseException) -> Iterator[BaseException]:
    """Yields an exception and all that led to it, which urllib3 keeps in several places."""
    seen: set[int] = set()
    waiting: list[object] = [fault]
    while waiting:
        cause = waiting.pop()
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [*cause.args, getattr(cause, "reason", None)]
            waiting += [cause.__cause__, cause.__context__]


def _resolve(url: str, location: str) -> tuple[str, str]:
    """Returns origin, and path with query, of a redirect; the origin is empty if unreadable."""
    try:
        parts = urlsplit(urljoin(url, location))
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
        host = parts.hostname
    except ValueError:
        return "", ""
    if not location or not host or "@" in parts.netloc:
        return "", ""
    if ":" in host:
        host = f"[{host}]"
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{host}:{port}", f"{parts.path}{query}"


def _ip_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _segment(name: str) -> str:
    """Encodes an id or name as one segment of a path."""
    if not name.strip() or name in (".", ".."):
        raise ConfigurationError(f"{name!r} is no id or name of a project")
    try:
        return quote(name, safe="")
    except UnicodeEncodeError:
        raise ConfigurationError("the id or name of a project is not valid Unicode") from None


def _query_value(token: str) -> str:
    """A token for a query: it is base64, whose + / = would change their meaning."""
    return quote(token, safe="", errors="surrogatepass")


def _decode_object(what: str, body: bytes) -> dict[str, Any]:
    body = body.removeprefix(codecs.BOM_UTF8)
    found = loads(body) if _first(body) == b"{" else None
    if isinstance(found, dict) and isinstance(found.get("id"), str) and found["id"]:
        return found
    raise UnexpectedAnswer(f"the answer is no {what}")


def _decode_map(body: bytes) -> list[Any]:
    body = body.removeprefix(codecs.BOM_UTF8)
    found = loads(body) if _first(body) == b"{" else None
    if not isinstance(found, dict):
        raise UnexpectedAnswer("the answer is no JSON object")
    return [
        {**entry, "name": name} if isinstance(entry, dict) else entry
        for name, entry in found.items()
    ]


def _split_page(body: bytes) -> tuple[bytes, str | None]:
    """Returns the JSON array in a page, and the token of the next page if there is one.

    Of a bare array only the ends are looked at: it may be large and is decoded elsewhere, if at
    all.
    """
    body = body.removeprefix(codecs.BOM_UTF8)
    if b"\0" in body[:4]:  # UTF-16 or UTF-32
        raise UnexpectedAnswer("the answer is not UTF-8")
    first = _first(body)
    if first == b"[":
        if _last(body) != b"]":
            raise UnexpectedAnswer("the answer is a JSON array that breaks off")
        return body, None
    if first == b"{":
        return _split_envelope(loads(body))
    if body.strip(_BLANK) == b"null":  # what Go makes of a slice that is nil
        return b"[]", None
    raise UnexpectedAnswer(f"the answer is {_KINDS.get(first, 'no JSON')}")


def _split_envelope(document: dict[str, Any]) -> tuple[bytes, str | None]:
    pagination = document.get("pagination")
    if "results" not in document or not isinstance(pagination, dict):
        raise UnexpectedAnswer("the answer is a JSON object without results and pagination")
    results, done, token = (
        document["results"],
        pagination.get("done"),
        pagination.get("nextPageToken"),
    )
    if isinstance(document, DuplicateKeys) or not (
        isinstance(results, list | None)
        and isinstance(done, bool | None)
        and isinstance(token, str | None)
    ):
        raise UnexpectedAnswer("the answer has results or pagination of another type")
    return dumps(results or []).encode(), None if done else token


def _first(body: bytes) -> bytes:
    """Returns the first byte that is not blank, without copying a large body."""
    return (body[:64].lstrip(_BLANK) or body.lstrip(_BLANK))[:1]


def _last(body: bytes) -> bytes:
    """Returns the last byte that is not blank, without copying a large body."""
    return (body[-64:].rstrip(_BLANK) or body.rstrip(_BLANK))[-1:]
