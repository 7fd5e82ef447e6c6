"""What can go wrong between the API and a load, and what is to come of it.

Each fault is declared once, for whichever list it strikes: that of the projects, or that of one
project's integrations. `tests/test_faults.py` lets each strike; what an operator sees then is in
`tests/cases/faults.json`, of which `docs/faults.md` is made.
"""

import gzip
import json
import socket
import zlib
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Literal

from .acme import KEY
from .scripted_server import Answer, answer, drip, raw, reset, stall

PROBLEM = "application/problem+json"

SETTINGS = {
    "MAX_ATTEMPTS": "2",
    "BACKOFF": "0",
    "MAX_RETRY_DELAY": "0.01",
    "MAX_LIST_BYTES": "1000000",
}
"""What every load of the lab is configured with."""

Script = dict[str, Sequence[Answer]]


@dataclass(frozen=True)
class Site:
    """Where a fault strikes.

    Attributes:
        target: Path of the list.
        good: The list as it should be.
        url: Origin of the API.
        elsewhere: Origin of a server that must never hear of the key.
    """

    target: str
    good: bytes
    url: str
    elsewhere: str


@dataclass(frozen=True, eq=False)
class Fault:
    """A fault.

    Attributes:
        group: What it is about.
        what: What the server does, for people.
        loads: Whether the list is loaded all the same; else what was loaded earlier stays.
        script: What the API answers.
        empty: Whether the list that is loaded is an empty one.
        nobody: Gives an address where nobody answers; then no list is reached.
        tls: Whether the API is asked by https, and whether its certificate is known.
        timeouts: Settings that it needs, in seconds; nothing else can strike in such a load.
    """

    group: str
    what: str
    loads: bool
    script: Callable[[Site], Script]
    empty: bool = False
    nobody: Callable[[], AbstractContextManager[str]] | None = None
    tls: Literal["", "known", "unknown"] = ""
    timeouts: Mapping[str, float] = field(default_factory=dict)

    @property
    def strikes_all(self) -> bool:
        """Whether it strikes whatever is asked, and not one list alone."""
        return self.nobody is not None or self.tls == "unknown"

    @property
    def is_alone(self) -> bool:
        """Whether it needs a load of its own."""
        return bool(self.tls or self.timeouts)


def _bare(status: int, headers: Mapping[str, str] | None = None) -> Answer:
    return answer(status, b"", content_type=None, headers=headers)


def _answers(*answers: Answer) -> Callable[[Site], Script]:
    return lambda site: {site.target: answers}


def _body(
    make: Callable[[bytes], bytes],
    content_type: str | None = "application/json",
    encoding: str = "",
) -> Callable[[Site], Script]:
    """The good list, sent in some other way."""
    headers = {"Content-Encoding": encoding} if encoding else {}
    return lambda site: {
        site.target: [answer(body=make(site.good), content_type=content_type, headers=headers)]
    }


def _instead(body: bytes, content_type: str = "application/json") -> Callable[[Site], Script]:
    return _answers(answer(body=body, content_type=content_type))


def _then_good(*first: Answer) -> Callable[[Site], Script]:
    return lambda site: {site.target: [*first, answer(body=site.good)]}


def _too_many(headers: Mapping[str, str]) -> Callable[[Site], Script]:
    return _then_good(_bare(429, headers))


def _problem(status: int, **members: object) -> Answer:
    return answer(status, json.dumps({"status": status, **members}).encode(), content_type=PROBLEM)


def _with_member(member: bytes) -> Callable[[bytes], bytes]:
    """Gives the first object of a list another member."""
    return lambda good: b"[{" + member + b"," + good[2:]


def _page(results: bytes, token: str | None) -> Answer:
    pagination = {"done": token is None, "nextPageToken": token}
    body = b'{"results":%s,"pagination":%s}' % (results, json.dumps(pagination).encode())
    return answer(body=body)


def _pages(site: Site) -> Script:
    first, *others = json.loads(site.good)
    return {
        site.target: [_page(json.dumps([first]).encode(), "a+b/c=")],
        f"{site.target}?pageToken=a%2Bb%2Fc%3D": [_page(json.dumps(others).encode(), None)],
    }


def _repeated_token(site: Site) -> Script:
    page = [_page(site.good, "again")]
    return {site.target: page, f"{site.target}?pageToken=again": page}


class _EverNewTokens(dict[str, Sequence[Answer]]):
    """A page for every token, which has one more token."""

    def __init__(self, site: Site) -> None:
        self._page = b"[%s]" % (b" " * 200_000)
        self._next = f"{site.target}?pageToken="
        super().__init__({site.target: [_page(self._page, "1")]})

    def __contains__(self, target: object) -> bool:
        return super().__contains__(target) or str(target).startswith(self._next)

    def __missing__(self, target: str) -> Sequence[Answer]:
        if target not in self:
            raise KeyError(target)
        return [_page(self._page, str(int(target.removeprefix(self._next)) + 1))]


def _redirect(location: Callable[[Site], str]) -> Callable[[Site], Script]:
    def script(site: Site) -> Script:
        moved = [answer(302, b"", headers={"Location": location(site)})]
        return {site.target: moved, f"/v2{site.target}": [answer(body=site.good)]}

    return script


def _cut(site: Site) -> Script:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
    return {site.target: [raw(head % len(site.good) + site.good[:-9])]}


def _cut_chunks(site: Site) -> Script:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return {site.target: [raw(head + b"%x\r\n%s" % (len(site.good), site.good[:-9]))]}


def _drips(drops: int) -> Callable[[Site], Script]:
    """The list, and then as many blanks, slowly."""

    def script(site: Site) -> Script:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(site.good) + drops)
        return {site.target: [drip(head + site.good, drops=drops)]}

    return script


def _date(**ahead: int) -> str:
    return format_datetime(datetime(2044, 11, 15, 8, 12, 31, tzinfo=UTC) + timedelta(**ahead), True)


@contextmanager
def _refused() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    yield f"http://127.0.0.1:{port}"


@contextmanager
def _no_such_host() -> Iterator[str]:
    yield "https://api.invalid"


_BROKEN = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[1]"
_IMPATIENT = {"READ_TIMEOUT": 0.25}
_HTML = b"<html><title>Bad gateway</title></html>"
_BOMB = gzip.compress(b" " * 1_000_000) * 50

_REFUSES = "The API refuses"
_BUSY = "The API is overloaded or out of order"
_CONNECTION = "The connection"
_ENCODING = "Compression and encoding"
_NO_LIST = "An answer that is no list"
_JSON = "Odd JSON"
_WAYS = "Redirects and pages"


def _good(site: Site) -> Script:
    return {site.target: [answer(body=site.good)]}


FAULTS: Sequence[Fault] = (
    Fault(
        _REFUSES,
        "401, and a problem document that repeats the key",
        False,
        _answers(
            _problem(
                401,
                title="Unauthorized",
                detail=f"The key {KEY} is not known.",
                remedy="Make a new key.",
                requestId="r-1",
            )
        ),
    ),
    Fault(_REFUSES, "403", False, _answers(_bare(403))),
    Fault(_REFUSES, "404", False, _answers(_bare(404))),
    Fault(
        _REFUSES,
        "404, and a problem document",
        False,
        _answers(_problem(404, title="Not Found", detail="There is no such thing.")),
    ),
    Fault(
        _REFUSES,
        "422, and a problem document",
        False,
        _answers(_problem(422, title="Input Validation Problem", detail="The id is too long.")),
    ),
    *(
        Fault(_BUSY, f"429 once, `Retry-After` {name}", True, _too_many(headers))
        for name, headers in {
            "in seconds": {"Retry-After": "1"},
            "as a date": {"Retry-After": _date(seconds=1), "Date": _date()},
            "that is garbage": {"Retry-After": "soon"},
            "absent": {},
            "in the past": {"Retry-After": _date(days=-1), "Date": _date()},
            "of more digits than a number has": {"Retry-After": "9" * 5000},
        }.items()
    ),
    Fault(_BUSY, "429 for ever", False, _answers(_bare(429))),
    Fault(_BUSY, "500 once", True, _then_good(_bare(500))),
    Fault(_BUSY, "500 for ever", False, _answers(_bare(500))),
    Fault(
        _BUSY,
        "502 with HTML, for ever",
        False,
        _answers(answer(502, _HTML, content_type="text/html")),
    ),
    Fault(_BUSY, "503 for ever", False, _answers(_bare(503))),
    Fault(
        _BUSY,
        "503, and a problem document: not to be tried again",
        False,
        _answers(_problem(503, title="Maintenance", retryable=False)),
    ),
    Fault(_CONNECTION, "refuses the connection", False, _good, nobody=_refused),
    Fault(_CONNECTION, "has a name that nobody knows", False, _good, nobody=_no_such_host),
    Fault(_CONNECTION, "has a certificate that nobody knows", False, _good, tls="unknown"),
    Fault(_CONNECTION, "resets the connection once", True, _then_good(reset())),
    Fault(_CONNECTION, "resets the connection each time", False, _answers(reset())),
    Fault(_CONNECTION, "resets the connection inside the answer", False, _answers(reset(_BROKEN))),
    Fault(_CONNECTION, "closes the connection without an answer", False, _answers(raw(b""))),
    Fault(_CONNECTION, "closes the connection before the end of the answer", False, _cut),
    Fault(_CONNECTION, "closes the connection inside a chunk", False, _cut_chunks),
    Fault(_CONNECTION, "stalls before the answer", False, _answers(stall()), timeouts=_IMPATIENT),
    Fault(
        _CONNECTION,
        "stalls inside the answer",
        False,
        _answers(stall(_BROKEN)),
        timeouts=_IMPATIENT,
    ),
    Fault(_CONNECTION, "drips, and is done in time", True, _drips(9)),
    Fault(
        _CONNECTION, "drips for ever", False, _drips(1_000_000), timeouts={"ANSWER_TIMEOUT": 0.25}
    ),
    Fault(_ENCODING, "gzip", True, _body(gzip.compress, encoding="gzip")),
    Fault(_ENCODING, "deflate", True, _body(zlib.compress, encoding="deflate")),
    Fault(_ENCODING, "gzip that is none", False, _body(lambda good: good, encoding="gzip")),
    Fault(
        _ENCODING,
        "gzip that breaks off",
        False,
        _body(lambda good: gzip.compress(good)[:-40], encoding="gzip"),
    ),
    Fault(_ENCODING, "a decompression bomb", False, _body(lambda good: _BOMB, encoding="gzip")),
    Fault(_ENCODING, "UTF-8 with a byte order mark", True, _body(BOM_UTF8.__add__)),
    Fault(_ENCODING, "UTF-16", False, _body(lambda good: good.decode().encode("utf-16"))),
    Fault(_ENCODING, "a content type that is wrong", True, _body(lambda good: good, "text/html")),
    Fault(_ENCODING, "no content type", True, _body(lambda good: good, None)),
    Fault(_NO_LIST, "an empty body", False, _instead(b"")),
    Fault(_NO_LIST, "204", False, _answers(Answer(b"HTTP/1.1 204 No Content\r\n\r\n"))),
    Fault(_NO_LIST, "HTML with status 200", False, _instead(_HTML, "text/html; charset=utf-8")),
    Fault(_NO_LIST, "an empty object, `{}`", False, _instead(b"{}")),
    Fault(_NO_LIST, "an error object with status 200", False, _instead(b'{"error":"no luck"}')),
    Fault(
        _NO_LIST,
        "a problem document with status 200",
        False,
        _instead(b'{"title":"No luck","detail":"It is Monday."}', PROBLEM),
    ),
    Fault(_NO_LIST, "`null`, as Go writes an empty list", True, _instead(b"null\n"), empty=True),
    Fault(_NO_LIST, "a text", False, _instead(b'"text"')),
    Fault(_NO_LIST, "a number", False, _instead(b"42")),
    Fault(_NO_LIST, "`true`", False, _instead(b"true")),
    Fault(_JSON, "an entry that is null", True, _body(lambda good: b"[null," + good[1:])),
    Fault(_JSON, "an entry that is a number", True, _body(lambda good: b"[42," + good[1:])),
    Fault(_JSON, "`NaN`", False, _body(_with_member(b'"odd":NaN'))),
    Fault(_JSON, "`1e400`", True, _body(_with_member(b'"odd":1e400'))),
    Fault(_JSON, "a key twice", True, _body(_with_member(b'"odd":1,"odd":2'))),
    Fault(
        _JSON,
        "5,000 levels of nesting",
        True,
        _body(_with_member(b'"odd":' + b"[" * 5000 + b"]" * 5000)),
    ),
    Fault(_JSON, "JSON that breaks off", False, _body(lambda good: good[:-20])),
    Fault(
        _JSON, "JSON that breaks off after a bracket", False, _body(lambda good: good[:-1] + b",[]")
    ),
    Fault(_WAYS, "redirects within its origin", True, _redirect(lambda site: f"/v2{site.target}")),
    Fault(
        _WAYS,
        "redirects to another origin",
        False,
        _redirect(lambda site: f"{site.elsewhere}{site.target}"),
    ),
    Fault(
        _WAYS,
        "redirects from https to http",
        False,
        _redirect(lambda site: f"{site.url.replace('https:', 'http:')}{site.target}"),
        tls="known",
    ),
    Fault(_WAYS, "redirects in a circle", False, _redirect(lambda site: site.target)),
    Fault(_WAYS, "sends the list in two pages", True, _pages),
    Fault(_WAYS, "sends the same page token for ever", False, _repeated_token),
    Fault(_WAYS, "sends a new page token for ever", False, _EverNewTokens),
)
