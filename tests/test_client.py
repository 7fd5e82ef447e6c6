import gc
import gzip
import json
import logging
import pickle
import traceback
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from dlt.common import logger

from ampersand import client as client_module
from ampersand.client import AmpersandClient, ClientSettings, Listing, normalize_base_url
from ampersand.exceptions import (
    AmpersandError,
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
)
from ampersand.lossless_json import RawNumber
from tests.support.scripted_server import Answer, ScriptedServer, answer, drip, raw, reset, stall

KEY = "key-for-tests"
PATH = "/v1/projects/acme/integrations"
PROBLEM = "application/problem+json"


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def connect(pauses: list[float]) -> Callable[..., AmpersandClient]:
    def make(url: str, api_key: str = KEY, **settings: Any) -> AmpersandClient:
        return AmpersandClient(ClientSettings(url, **settings), api_key, sleep=pauses.append)

    return make


@pytest.fixture
def full_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes the chance out of the jitter: every pause is as long as it can be."""
    monkeypatch.setattr("random.uniform", lambda low, high: high)


def problem(status: int = 503, **members: Any) -> Answer:
    headers = members.pop("headers", None)
    return answer(status, json.dumps(members).encode(), content_type=PROBLEM, headers=headers)


def envelope(results: str, pagination: str) -> bytes:
    return f'{{"results": {results}, "pagination": {pagination}}}'.encode()


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    return head + b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + end


def failure(client: AmpersandClient, project: str = "acme") -> ApiError:
    with pytest.raises(ApiError) as caught:
        client.list_integrations(project)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("sent", "pages"),
    [
        pytest.param(answer(body=b'[{"id":"1"}]'), [b'[{"id":"1"}]'], id="bare array"),
        pytest.param(answer(body=b" [ 1 ]\n"), [b" [ 1 ]\n"], id="blanks are kept"),
        pytest.param(
            answer(body=b" " * 99 + b"[1]" + b"\n" * 99),
            [b" " * 99 + b"[1]" + b"\n" * 99],
            id="many blanks",
        ),
        pytest.param(answer(body=b"[]"), [b"[]"], id="empty array"),
        pytest.param(answer(body=b"\xef\xbb\xbf[1]"), [b"[1]"], id="byte order mark of UTF-8"),
        pytest.param(answer(body=b"null"), [b"[]"], id="null"),
        pytest.param(answer(body=b"null\n"), [b"[]"], id="null as Go writes it"),
        pytest.param(answer(body=b"[1]", content_type=None), [b"[1]"], id="no content type"),
        pytest.param(
            answer(body=gzip.compress(b"[1]"), headers={"Content-Encoding": "gzip"}),
            [b"[1]"],
            id="gzip",
        ),
        pytest.param(raw(chunked(b"[1,", b"2]")), [b"[1,2]"], id="chunked"),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\n\r\n[1]"), [b"[1]"], id="ended by the end of the connection"
        ),
        pytest.param(
            answer(body=b'[{"id": "1"' + b"[" * 9 + b"]"),
            [b'[{"id": "1"' + b"[" * 9 + b"]"],
            id="what lies inside an array is left to the decoder",
        ),
        pytest.param(answer(body=envelope("[1]", '{"done": true}')), [b"[1]"], id="paged, done"),
        pytest.param(answer(body=envelope("null", '{"done": true}')), [b"[]"], id="paged, null"),
        pytest.param(answer(body=envelope("[1]", "{}")), [b"[1]"], id="paged, no token"),
        pytest.param(
            answer(body=envelope("[1]", '{"done": false, "nextPageToken": ""}')),
            [b"[1]"],
            id="paged, empty token",
        ),
        pytest.param(
            answer(body=envelope("[1]", '{"done": true, "nextPageToken": "more"}')),
            [b"[1]"],
            id="paged, done in spite of a token",
        ),
        pytest.param(
            answer(body=envelope('[{"a": 1, "a": 2}, 1e400, 9007199254740993999]', "{}")),
            [b'[{"a":1,"a":2},1e400,9007199254740993999]'],
            id="paged, encoded again without loss",
        ),
        pytest.param(
            answer(body=envelope("[" * 2000 + "]" * 2000, "{}")),
            [b"[" * 2000 + b"]" * 2000],
            id="paged, nested deeply",
        ),
    ],
)
def test_one_page(connect: Callable[..., AmpersandClient], sent: Answer, pages: list[bytes]):
    with ScriptedServer({PATH: [sent]}) as server:
        client = connect(server.url)
        listing = client.list_integrations("acme")
    assert listing.pages == tuple(pages)
    assert server.targets == [PATH]
    assert (listing.requests, client.requests) == (1, 1)


def test_pages_follow_encoded_tokens(connect: Callable[..., AmpersandClient]):
    script = {
        PATH: [answer(body=envelope("[1]", '{"done": false, "nextPageToken": "a+b/c="}'))],
        f"{PATH}?pageToken=a%2Bb%2Fc%3D": [
            answer(body=envelope("[2]", '{"done": false, "nextPageToken": "\u00e9 &"}'))
        ],
        f"{PATH}?pageToken=%C3%A9%20%26": [answer(body=envelope("[3]", '{"done": true}'))],
    }
    with ScriptedServer(script) as server:
        listing = connect(server.url).list_integrations("acme")
    assert listing.pages == (b"[1]", b"[2]", b"[3]")
    assert server.targets == list(script)
    assert listing.requests == 3


def test_a_repeated_token_ends_in_an_error(connect: Callable[..., AmpersandClient]):
    def page(token: str) -> Answer:
        return answer(body=envelope("[1]", f'{{"done": false, "nextPageToken": "{token}"}}'))

    script = {
        PATH: [page("A")],
        f"{PATH}?pageToken=A": [page("B")],
        f"{PATH}?pageToken=B": [page("A")],
    }
    with ScriptedServer(script) as server:
        error = failure(connect(server.url))
    assert type(error) is UnexpectedAnswer
    assert error.reason == "the pages never end"
    assert server.targets == list(script)


def test_a_failing_page_fails_the_list(connect: Callable[..., AmpersandClient]):
    script = {
        PATH: [answer(body=envelope("[1]", '{"done": false, "nextPageToken": "secret"}'))],
        f"{PATH}?pageToken=secret": [answer(500)],
    }
    with ScriptedServer(script) as server:
        error = failure(connect(server.url, max_attempts=3))
    assert type(error) is Unavailable
    assert len(server.requests) == 4
    assert (error.attempts, error.url) == (3, server.url + PATH)
    assert "secret" not in str(error)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        pytest.param(answer(204, b"", content_type=None), "204 No Content", id="no content"),
        pytest.param(answer(206), "206 Partial Content", id="a part"),
        pytest.param(answer(304, b"", content_type=None), "304 Not Modified", id="not modified"),
        pytest.param(
            answer(body=b""), "the answer is empty (application/json, 0 bytes)", id="empty body"
        ),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\nContent-"),
            "the answer is empty (no content type, 0 bytes)",
            id="closed inside the head",
        ),
        pytest.param(
            answer(body=b" \n"), "the answer is empty (application/json, 2 bytes)", id="blank body"
        ),
        pytest.param(
            answer(body=b"<html>hush</html>", content_type="text/html; charset=utf-8"),
            "the answer is HTML or XML, perhaps of a proxy or a login page (text/html, 17 bytes)",
            id="HTML",
        ),
        pytest.param(
            answer(body=b"hush", content_type=None),
            "the answer is no JSON (no content type, 4 bytes)",
            id="text",
        ),
        pytest.param(
            answer(body=b'"hush"'),
            "the answer is a JSON string (application/json, 6 bytes)",
            id="string",
        ),
        pytest.param(
            answer(body=b"false"),
            "the answer is a JSON boolean (application/json, 5 bytes)",
            id="boolean",
        ),
        pytest.param(
            answer(body=b"-12"),
            "the answer is a JSON number (application/json, 3 bytes)",
            id="number",
        ),
        pytest.param(
            answer(body=b"nulls"), "the answer is no JSON (application/json, 5 bytes)", id="nulls"
        ),
        pytest.param(
            answer(body=b"{}"),
            "the answer is a JSON object without results and pagination"
            " (application/json, 2 bytes)",
            id="empty object",
        ),
        pytest.param(
            answer(body=b'{"error":"hush"}'),
            "the answer is a JSON object without results and pagination"
            " (application/json, 16 bytes)",
            id="error object",
        ),
        pytest.param(
            answer(body=b'{"title":"hush"}'),
            "the answer is a JSON object without results and pagination"
            " (application/json, 16 bytes)",
            id="an object of another type with a title",
        ),
        pytest.param(
            answer(body=b'{"title":"No luck"}', content_type=PROBLEM),
            "the answer is a JSON object without results and pagination"
            " (application/problem+json, 19 bytes). No luck",
            id="problem with status 200",
        ),
        pytest.param(
            answer(body=b'{"results":[]}'),
            "the answer is a JSON object without results and pagination"
            " (application/json, 14 bytes)",
            id="results without pagination",
        ),
        pytest.param(
            answer(body=b'{"results":[],"pagination":[]}'),
            "the answer is a JSON object without results and pagination"
            " (application/json, 30 bytes)",
            id="pagination is a list",
        ),
        pytest.param(
            answer(body=b'{"pagination":{}}'),
            "the answer is a JSON object without results and pagination"
            " (application/json, 17 bytes)",
            id="pagination without results",
        ),
        *[
            pytest.param(
                answer(body=body),
                "the answer has results or pagination of another type"
                f" (application/json, {len(body)} bytes)",
                id=name,
            )
            for name, body in {
                "results is an object": envelope("{}", "{}"),
                "results is false": envelope("false", "{}"),
                "done is text": envelope("[]", '{"done": "false"}'),
                "done is a number": envelope("[]", '{"done": 0}'),
                "the token is a number": envelope("[]", '{"nextPageToken": 7}'),
                "results twice": b'{"results": [1], "results": [2], "pagination": {}}',
            }.items()
        ],
        pytest.param(
            answer(body=b'[{"id": "hush"'),
            "the answer is a JSON array that breaks off (application/json, 14 bytes)",
            id="array broken off",
        ),
        pytest.param(
            answer(body=b'{"results": [1'),
            "the answer is not valid JSON: ',' or ']' is expected (character 14)"
            " (application/json, 14 bytes)",
            id="object broken off",
        ),
        pytest.param(
            answer(body=b'{"results": ["\xe9"], "pagination": {}}'),
            "the answer is not UTF-8 (byte 14) (application/json, 36 bytes)",
            id="Latin-1 in an object",
        ),
        *[
            pytest.param(
                answer(body="[1]".encode(encoding)),
                f"the answer is not UTF-8 (application/json, {len('[1]'.encode(encoding))} bytes)",
                id=encoding,
            )
            for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be")
        ],
    ],
)
def test_an_answer_that_is_no_list(
    connect: Callable[..., AmpersandClient], sent: Answer, reason: str
):
    with ScriptedServer({PATH: [sent]}) as server:
        error = failure(connect(server.url))
    assert type(error) is UnexpectedAnswer
    told = f"GET {server.url}{PATH}: project acme: {reason}"
    assert str(error) == f"{told}. Remedy: {UnexpectedAnswer.hint}"
    assert "hush" not in repr(vars(error))
    assert server.targets == [PATH]


def test_projects_of_all_pages_are_decoded(connect: Callable[..., AmpersandClient]):
    script = {
        "/v1/projects": [
            answer(body=envelope('[{"id": "1"}, 1e400]', '{"done": false, "nextPageToken": "t"}'))
        ],
        "/v1/projects?pageToken=t": [answer(body=b'[{"id": "2"}, null]')],
    }
    with ScriptedServer(script) as server:
        client = connect(server.url)
        assert client.list_projects() == [{"id": "1"}, RawNumber("1e400"), {"id": "2"}, None]
    assert client.requests == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"[[1]", "the answer is not valid JSON: ", id="broken inside"),
        pytest.param(b'["\xe9"]', "the answer is not UTF-8 (byte 2)", id="Latin-1"),
        pytest.param(b"{}", "the answer is a JSON object without results", id="object"),
    ],
)
def test_projects_that_cannot_be_decoded(
    connect: Callable[..., AmpersandClient], body: bytes, reason: str
):
    script = {"/v1/projects": [answer(body=body)]}
    with ScriptedServer(script) as server, pytest.raises(UnexpectedAnswer) as caught:
        connect(server.url).list_projects()
    assert str(caught.value).startswith(f"GET {server.url}/v1/projects: {reason}")
    assert caught.value.status == 200


def test_one_project(connect: Callable[..., AmpersandClient]):
    body = b'\xef\xbb\xbf\n{"id": "42", "big": 1e400}'
    with ScriptedServer({"/v1/projects/acme": [answer(body=body)]}) as server:
        project = connect(server.url).get_project("acme")
    assert project == {"id": "42", "big": RawNumber("1e400")}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"{}", "the answer is no project", id="empty object"),
        pytest.param(b'{"id": 7}', "the answer is no project", id="id is a number"),
        pytest.param(b'{"id": ""}', "the answer is no project", id="id is empty"),
        pytest.param(b'[{"id": "1"}]', "the answer is no project", id="list"),
        pytest.param(b"null", "the answer is no project", id="null"),
        pytest.param(b"", "the answer is no project", id="empty body"),
        pytest.param(b'{"id": "1"', "the answer is not valid JSON: ", id="broken off"),
    ],
)
def test_an_answer_that_is_no_project(
    connect: Callable[..., AmpersandClient], body: bytes, reason: str
):
    script = {"/v1/projects/acme": [answer(body=body)]}
    with ScriptedServer(script) as server, pytest.raises(UnexpectedAnswer) as caught:
        connect(server.url).get_project("acme")
    assert str(caught.value).startswith(
        f"GET {server.url}/v1/projects/acme: project acme: {reason}"
    )
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("project", "segment"),
    [
        pytest.param("acme-prod", "acme-prod", id="name"),
        pytest.param("proj_9f7c", "proj_9f7c", id="id"),
        pytest.param("a/b?c#d", "a%2Fb%3Fc%23d", id="delimiters"),
        pytest.param("a b:c@d", "a%20b%3Ac%40d", id="other signs"),
        pytest.param("%2e%2e", "%252e%252e", id="encoded already"),
        pytest.param("\u00e9", "%C3%A9", id="not ASCII"),
        pytest.param("...", "...", id="three dots"),
    ],
)
def test_names_stay_one_segment_of_the_path(
    connect: Callable[..., AmpersandClient], project: str, segment: str
):
    path = f"/v1/projects/{segment}"
    script = {path: [answer(body=b'{"id": "1"}')], f"{path}/integrations": [answer()]}
    with ScriptedServer(script) as server:
        client = connect(server.url)
        client.get_project(project)
        client.list_integrations(project)
    assert server.targets == list(script)


@pytest.mark.parametrize(
    "project",
    [
        pytest.param("", id="empty"),
        pytest.param(" ", id="blank"),
        pytest.param(".", id="dot"),
        pytest.param("..", id="two dots"),
        pytest.param("\ud800", id="lone surrogate"),
    ],
)
def test_names_that_cannot_be_part_of_a_path(connect: Callable[..., AmpersandClient], project: str):
    client = connect("https://127.0.0.1:9")
    for call in (client.get_project, client.list_integrations):
        with pytest.raises(ConfigurationError, match="project"):
            call(project)
    assert client.requests == 0


def test_headers(
    connect: Callable[..., AmpersandClient], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login someone password something\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with ScriptedServer({PATH: [answer()]}) as server:
        connect(server.url, f" {KEY}\n").list_integrations("acme")
    (request,) = server.requests
    assert request.method == "GET"
    assert request.headers["X-Api-Key"] == KEY
    assert request.headers["Accept"] == "application/json"
    assert request.headers["User-Agent"].startswith("dlt-source-ampersand ")
    assert "gzip" in request.headers["Accept-Encoding"]
    assert "Authorization" not in request.headers


def test_settings_of_the_session(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """What cannot be seen on loopback: https, and how long a wait would be."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login someone password something\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    settings = ClientSettings("https://api.example", connect_timeout=3, read_timeout=4)
    session = AmpersandClient(settings, KEY)._session
    sent = session._request
    assert sent.headers["X-Api-Key"] == KEY
    assert "Authorization" not in sent.headers
    assert (session._timeout, session.verify) == ((3, 4), True)


def test_cookies_are_not_kept(connect: Callable[..., AmpersandClient]):
    with ScriptedServer(
        {PATH: [answer(headers={"Set-Cookie": "a=b; Path=/"}), answer()]}
    ) as server:
        client = connect(server.url)
        for _ in range(2):
            client.list_integrations("acme")
    assert len(server.requests) == 2
    assert not any("Cookie" in request.headers for request in server.requests)


def test_plain_http_never_goes_through_a_proxy(
    connect: Callable[..., AmpersandClient], monkeypatch: pytest.MonkeyPatch
):
    with ScriptedServer() as proxy, ScriptedServer({PATH: [answer()]}) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        connect(server.url).list_integrations("acme")
    assert server.targets == [PATH]
    assert proxy.requests == []


def test_https_goes_through_the_proxy_of_the_environment(
    connect: Callable[..., AmpersandClient], monkeypatch: pytest.MonkeyPatch
):
    refusal = raw(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
    with ScriptedServer({"api.example:443": [refusal]}) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.replace("//", "//someone:something@"))
        error = failure(connect("https://api.example", max_attempts=2))
    assert type(error) is Unavailable
    assert error.reason == "the proxy does not connect"
    assert [(r.method, "X-Api-Key" in r.headers) for r in proxy.requests] == [
        ("CONNECT", False)
    ] * 2
    assert "something" not in str(error)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        pytest.param(
            "REQUESTS_CA_BUNDLE", "/none/ca.pem", "cannot send requests: .*/none/ca.pem", id="CA"
        ),
        pytest.param(
            "https_proxy",
            "gopher://someone:something@127.0.0.1:9",
            r"cannot send requests \(Invalid\w*URL\): check the proxy variables$",
            id="proxy",
        ),
    ],
)
def test_environment_that_cannot_be_used(
    connect: Callable[..., AmpersandClient],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    message: str,
):
    monkeypatch.setenv(name, value)
    client = connect("https://127.0.0.1:9")
    with pytest.raises(ConfigurationError, match=message):
        client.list_integrations("acme")
    assert client.requests == 1


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        pytest.param("https://api.example", "https://api.example/v1", id="root"),
        pytest.param("https://api.example/", "https://api.example/v1", id="slash"),
        pytest.param("https://api.example/v1", "https://api.example/v1", id="version"),
        pytest.param("https://api.example/v1/", "https://api.example/v1", id="version, slash"),
        pytest.param(" HTTPS://API.Example ", "https://api.example/v1", id="case, blanks"),
        pytest.param("https://api.example:8443", "https://api.example:8443/v1", id="port"),
        pytest.param("https://gate.example/amp", "https://gate.example/amp/v1", id="prefix"),
        pytest.param("https://gate.example/rev1", "https://gate.example/rev1/v1", id="no version"),
        pytest.param("http://localhost:8080", "http://localhost:8080/v1", id="localhost"),
        pytest.param("http://127.9.9.9/v1", "http://127.9.9.9/v1", id="loopback"),
        pytest.param("http://[::1]:80/", "http://[::1]:80/v1", id="IPv6 loopback"),
        pytest.param("https://[2001:DB8::1]", "https://[2001:db8::1]/v1", id="IPv6"),
    ],
)
def test_base_urls(url: str, normal: str):
    assert normalize_base_url(url) == normal
    assert normalize_base_url(normal) == normal
    assert repr(AmpersandClient(ClientSettings(url), KEY)) == f"AmpersandClient({normal!r})"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        pytest.param("http://api.example", "must begin with https://, or", id="http"),
        pytest.param("http://localhost.example", "must begin with https://, or", id="sub"),
        pytest.param("http://127.0.0.1.example", "must begin with https://, or", id="sub of IP"),
        pytest.param("http://10.0.0.1", "must begin with https://, or", id="private address"),
        pytest.param("http://0.0.0.0", "must begin with https://, or", id="any address"),
        pytest.param("api.example", "must begin with https://", id="no scheme"),
        pytest.param("ftp://api.example", "must begin with https://", id="other scheme"),
        pytest.param("https://api.example:0", "must not have port 0", id="port 0"),
        pytest.param("https://api..example", "has no host name in ASCII", id="empty label"),
        pytest.param(f"https://{64 * 'a'}.example", "has no host name in ASCII", id="long label"),
        pytest.param("", "must begin with https://", id="empty"),
        pytest.param("https://hush@api.example", "user name or password", id="user"),
        pytest.param("https://:hush@api.example", "user name or password", id="password"),
        pytest.param("https://@api.example", "user name or password", id="empty user"),
        pytest.param("https://api.example?hush", "neither query nor fragment", id="query"),
        pytest.param("https://api.example/v1?", "neither query nor fragment", id="empty query"),
        pytest.param("https://api.example#hush", "neither query nor fragment", id="fragment"),
        pytest.param("https://", "no host name", id="no host"),
        pytest.param("https://ex ample", "no host name", id="blank in host"),
        pytest.param("https://b\u00fccher.example", "no host name", id="not ASCII"),
        pytest.param("https://api.example\\.evil", "no host name", id="backslash"),
        pytest.param("https://api.example/a b", "path", id="blank in path"),
        pytest.param("https://api.example/a/../b", "path", id="dots in path"),
        pytest.param("https://api.example/%2e", "path", id="escape in path"),
        pytest.param("https://api.example:hush", "cannot be read", id="port is text"),
        pytest.param("https://api.example:99999", "cannot be read", id="port too high"),
        pytest.param("https://[::1", "cannot be read", id="bracket"),
    ],
)
def test_base_urls_that_are_refused(url: str, message: str):
    for use in (normalize_base_url, lambda url: AmpersandClient(ClientSettings(url), KEY)):
        with pytest.raises(ConfigurationError, match=message) as caught:
            use(url)
        assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("", id="empty"),
        pytest.param(" \n", id="blank"),
        pytest.param("two words", id="blank inside"),
        pytest.param("two\nlines", id="line break inside"),
        pytest.param("cl\u00e9", id="not ASCII"),
    ],
)
def test_keys_that_no_header_can_hold(key: str):
    with pytest.raises(ConfigurationError) as caught:
        AmpersandClient(ClientSettings("https://api.example"), key)
    assert str(caught.value) == "the API key is empty, or has blanks or non-ASCII characters"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("connect_timeout", 0),
        ("read_timeout", -1),
        ("read_timeout", float("inf")),
        ("max_attempts", 0),
        ("backoff", -0.5),
        ("max_retry_delay", float("nan")),
        ("answer_timeout", 0),
        ("max_list_bytes", 0),
    ],
)
def test_settings_that_no_client_can_work_with(name: str, value: Any):
    with pytest.raises(ConfigurationError, match=f"^{name} is {value}; it must be"):
        replace(ClientSettings("https://api.example"), **{name: value})


@pytest.mark.parametrize(
    ("status", "cls", "message"),
    [
        (400, ApiError, "400 Bad Request. Remedy: check the base URL"),
        (401, Unauthorized, "401 Unauthorized. Remedy: check the API key"),
        (403, Forbidden, "403 Forbidden. Remedy: use a key that may read this project"),
        (
            404,
            UnexpectedAnswer,
            "404 Not Found, which is not in the API's form: look who answers at the base URL",
        ),
        (408, ApiError, "408 Request Timeout"),
        (422, Invalid, "422 Unprocessable"),
        (499, ApiError, "499"),
        (
            501,
            Unavailable,
            "501 Not Implemented. Remedy: try again later;"
            " if it stays so, check the network and the base URL",
        ),
    ],
)
def test_statuses_that_fail_at_once(
    connect: Callable[..., AmpersandClient],
    pauses: list[float],
    status: int,
    cls: type[ApiError],
    message: str,
):
    with ScriptedServer({PATH: [answer(status, b"hush", content_type="text/plain")]}) as server:
        error = failure(connect(server.url))
    assert type(error) is cls
    assert str(error).startswith(f"GET {server.url}{PATH}: project acme: {message}")
    assert (error.status, error.attempts) == (status, 1)
    assert "hush" not in str(error)
    assert len(server.requests) == 1
    assert pauses == []


def test_project_that_the_api_does_not_know(connect: Callable[..., AmpersandClient]):
    with ScriptedServer({PATH: [problem(404, title="Not Found", remedy="Theirs")]}) as server:
        error = failure(connect(server.url))
    assert type(error) is NotFound
    assert str(error) == (
        f"GET {server.url}{PATH}: project acme: 404 Not Found. Remedy: check how the project is "
        "spelled in [sources.ampersand.api_keys], `projects` or --project, and that the key "
        "belongs to it"
    )


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_statuses_that_are_retried(
    connect: Callable[..., AmpersandClient], pauses: list[float], full_pauses: None, status: int
):
    with ScriptedServer({PATH: [answer(status)]}) as server:
        error = failure(connect(server.url))
    assert type(error) is Unavailable
    assert f": {status} " in str(error)
    assert "(5 attempts)" in str(error)
    assert len(server.requests) == 5
    assert pauses == [0.5, 1, 2, 4]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        pytest.param(
            raw(b""), "the connection was closed without an answer", id="closed without an answer"
        ),
        pytest.param(reset(), "the connection failed: Connection reset", id="reset"),
        pytest.param(raw(b"hush\r\n\r\n"), "the connection failed", id="no HTTP"),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[1]"),
            "the answer broke off",
            id="shorter than said",
        ),
        pytest.param(raw(chunked(b"[1,", end=b"")), "the answer broke off", id="chunk missing"),
        pytest.param(raw(chunked(b"[1,", end=b"9\r\n1")), "the answer broke off", id="cut chunk"),
        pytest.param(raw(chunked(end=b"hush\r\n")), "the answer broke off", id="chunk size"),
        pytest.param(
            reset(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[1]"), "the ", id="reset inside"
        ),
        pytest.param(
            answer(body=b"no gzip", headers={"Content-Encoding": "gzip"}),
            "the answer cannot be decompressed",
            id="no gzip",
        ),
    ],
)
def test_faults_that_are_retried(
    connect: Callable[..., AmpersandClient], pauses: list[float], fault: Answer, reason: str
):
    with ScriptedServer({PATH: [fault]}) as server:
        error = failure(connect(server.url, max_attempts=3))
        assert len(server.requests) == 3
    assert type(error) is Unavailable
    assert error.reason.startswith(reason)
    assert (error.status, error.attempts) == (None, 3)
    assert len(pauses) == 2
    assert "hush" not in str(error)

    with ScriptedServer({PATH: [fault, answer(body=b"[1]")]}) as server:
        listing = connect(server.url).list_integrations("acme")
    assert listing.pages == (b"[1]",)
    assert listing.requests == len(server.requests) == 2


def test_contradictory_lengths_are_retried(connect: Callable[..., AmpersandClient]):
    fault = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9, 8\r\n\r\n[1]")
    with warnings.catch_warnings(), ScriptedServer({PATH: [fault, answer()]}) as server:
        # urllib3 leaves this connection to the garbage collector
        warnings.simplefilter("ignore", ResourceWarning)
        connect(server.url).list_integrations("acme")
        gc.collect()
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(stall(), id="no answer"),
        pytest.param(stall(b"HTTP/1.1 200 OK\r\n"), id="inside the head"),
        pytest.param(
            stall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[1]"), id="inside the body"
        ),
        pytest.param(stall(chunked(b"[1,", end=b"")), id="between chunks"),
    ],
)
def test_stalls_are_retried(connect: Callable[..., AmpersandClient], fault: Answer):
    with ScriptedServer({PATH: [fault]}) as server:
        error = failure(connect(server.url, max_attempts=3, read_timeout=0.03))
    assert type(error) is Unavailable
    assert error.reason == "no answer in time"
    assert error.attempts == 3  # a busy server may not have read all of them


@pytest.mark.parametrize(
    "dripping",
    [
        pytest.param(drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="before the head"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nX-Drip: ", b"x"), id="inside the head"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\n\r\n["), id="inside the body"),
        pytest.param(drip(chunked(b"[", end=b""), b"1\r\n \r\n"), id="in chunks"),
        pytest.param(drip(chunked(b"[", end=b"fffff\r\n")), id="inside a chunk"),
        pytest.param(drip(chunked(b"[", end=b""), b"0"), id="inside the size of a chunk"),
    ],
)
def test_an_answer_that_drips_for_ever(connect: Callable[..., AmpersandClient], dripping: Answer):
    with ScriptedServer({PATH: [dripping]}) as server:
        error = failure(connect(server.url, answer_timeout=0.03))
    assert type(error) is TooSlow
    assert error.reason == "the answer was not complete in 0.03 s"
    assert server.targets == [PATH]


def test_an_answer_that_drips_and_is_complete_in_time(connect: Callable[..., AmpersandClient]):
    dripping = drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[1]", drops=6)
    with ScriptedServer({PATH: [dripping]}) as server:
        listing = connect(server.url, read_timeout=5).list_integrations("acme")
    assert listing.pages == (b"[1]      ",)


@pytest.mark.parametrize(
    ("limit", "pages"),
    [
        pytest.param(5, [b"[1,2]"], id="a page"),
        pytest.param(57, [envelope("[1]", '{"nextPageToken": "t"}'), b"[2]"], id="two pages"),
    ],
)
def test_a_list_may_be_as_large_as_is_allowed_and_no_larger(
    connect: Callable[..., AmpersandClient], limit: int, pages: list[bytes]
):
    script = {
        target: [answer(body=body)]
        for target, body in zip((PATH, f"{PATH}?pageToken=t"), pages, strict=False)
    }
    assert sum(map(len, pages)) == limit
    with ScriptedServer(script) as server:
        listing = connect(server.url, max_list_bytes=limit).list_integrations("acme")
        assert len(listing.pages) == len(pages)
        error = failure(connect(server.url, max_list_bytes=limit - 1))
    assert type(error) is TooLarge
    assert error.reason == f"the list is larger than {limit - 1} bytes"
    assert server.targets == [*script] * 2


def test_what_came_in_vain_does_not_make_a_list_larger(connect: Callable[..., AmpersandClient]):
    broken = raw(chunked(b"[1,2]", end=b""))
    with ScriptedServer({PATH: [answer(503, b"wait"), broken, answer(body=b"[1,2]")]}) as server:
        listing = connect(server.url, max_list_bytes=5).list_integrations("acme")
    assert (listing.pages, listing.bytes) == ((b"[1,2]",), 14)


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip"])
def test_what_decompresses_without_end_fills_no_memory(
    connect: Callable[..., AmpersandClient], encoding: str
):
    bomb = gzip.compress(b"[" + b" " * 1_000_000) * 300
    for _ in encoding.split(", ")[1:]:
        bomb = gzip.compress(bomb)
    sent = answer(body=bomb, headers={"Content-Encoding": encoding})
    with ScriptedServer({PATH: [sent]}) as server:
        client = connect(server.url, max_list_bytes=1_000_000)
        tracemalloc.start()
        try:
            error = failure(client)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert type(error) is TooLarge
    assert server.targets == [PATH]
    assert peak < 3_000_000


def test_no_tls(connect: Callable[..., AmpersandClient]):
    with ScriptedServer(greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n") as server:
        error = failure(connect(server.url.replace("http:", "https:"), max_attempts=2))
    assert type(error) is Unavailable
    assert error.reason.startswith("no TLS connection")
    assert error.attempts == 2


def test_the_settings_of_dlt_do_not_add_retries(
    connect: Callable[..., AmpersandClient], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "4")
    with ScriptedServer({PATH: [answer(503)]}) as server:
        failure(connect(server.url, max_attempts=2))
    assert len(server.requests) == 2


DATE = "Tue, 15 Nov 2044 08:12:31 GMT"


@pytest.mark.parametrize(
    ("headers", "members", "pause"),
    [
        pytest.param({}, {}, 0.5, id="not asked"),
        pytest.param({"Retry-After": "7"}, {}, 7, id="seconds"),
        pytest.param({"Retry-After": " 7 "}, {}, 7, id="seconds with blanks"),
        pytest.param({"Retry-After": "0"}, {}, 0.5, id="no second"),
        pytest.param({"Retry-After": "61"}, {}, 60, id="more than the cap"),
        pytest.param({"Retry-After": "9" * 5000}, {}, 60, id="more than a number can be"),
        pytest.param({"Retry-After": "-7"}, {}, 0.5, id="negative"),
        pytest.param({"Retry-After": "soon"}, {}, 0.5, id="garbage"),
        pytest.param({"Retry-After": "\u00b2"}, {}, 0.5, id="a digit that is none"),
        pytest.param({"Retry-After": "Tue, 99 Nov 2044 08:12:31 GMT"}, {}, 0.5, id="no date"),
        pytest.param({"Retry-After": "1 Jan 99999 00:00 +99999999"}, {}, 0.5, id="no date at all"),
        pytest.param({"Retry-After": "Tue, 15 Nov 2044 08:12:40 GMT"}, {}, 9, id="date"),
        pytest.param({"Retry-After": "Tue, 15 Nov 2044 08:12:40 -0000"}, {}, 9, id="date, no zone"),
        pytest.param({"Retry-After": "Tue, 15 Nov 2044 08:12:30 GMT"}, {}, 0.5, id="past date"),
        pytest.param({"Retry-After": "Tue, 15 Nov 2044 09:12:31 GMT"}, {}, 60, id="far date"),
        pytest.param({}, {"retryAfter": "2044-11-15T08:12:36.5Z"}, 5.5, id="problem"),
        pytest.param({}, {"retryAfter": "2044-11-15T09:12:36+01:00"}, 5, id="problem, zone"),
        pytest.param({}, {"retryAfter": "2044-11-15T08:12:32.123456789Z"}, 1.123456, id="nanos"),
        pytest.param({}, {"retryAfter": "2044-11-15T08:12:30Z"}, 0.5, id="problem, past"),
        pytest.param({}, {"retryAfter": "9999-12-31T23:59:59-23:59"}, 60, id="problem, far"),
        pytest.param({}, {"retryAfter": "2044-11-15T08:12:36"}, 0.5, id="problem, no zone"),
        pytest.param({}, {"retryAfter": "soon"}, 0.5, id="problem, garbage"),
        pytest.param({}, {"retryAfter": 7}, 0.5, id="problem, number"),
        pytest.param(
            {"Retry-After": "3"}, {"retryAfter": "2044-11-15T08:12:36Z"}, 3, id="header wins"
        ),
        pytest.param(
            {"Retry-After": "Tue, 15 Nov 2044 08:12:40 GMT"},
            {"retryAfter": "2044-11-15T08:12:36Z"},
            9,
            id="date in the header wins",
        ),
        pytest.param(
            {"Retry-After": "soon"},
            {"retryAfter": "2044-11-15T08:12:36Z"},
            5,
            id="header is garbage",
        ),
    ],
)
def test_pauses_that_the_api_asks_for(
    connect: Callable[..., AmpersandClient],
    pauses: list[float],
    full_pauses: None,
    headers: dict[str, str],
    members: dict[str, Any],
    pause: float,
):
    failing = problem(503, **members, headers={"Date": DATE, **headers})
    with ScriptedServer({PATH: [failing, answer()]}) as server:
        connect(server.url).list_integrations("acme")
    assert pauses == [pytest.approx(pause)]
    assert len(server.requests) == 2


def test_pauses_without_a_date_in_the_answer(
    connect: Callable[..., AmpersandClient], pauses: list[float], full_pauses: None
):
    failing = [
        problem(retryAfter="2999-01-01T00:00:00Z"),
        problem(retryAfter="2001-01-01T00:00:00Z"),
        answer(),
    ]
    with ScriptedServer({PATH: failing}) as server:
        connect(server.url).list_integrations("acme")
    assert pauses == [60, 1]


def test_pauses_grow_to_the_cap_and_are_never_cut_by_a_shorter_wish(
    connect: Callable[..., AmpersandClient], pauses: list[float], full_pauses: None
):
    with ScriptedServer({PATH: [answer(503, headers={"Retry-After": "3"})]}) as server:
        failure(connect(server.url, max_attempts=7, backoff=1, max_retry_delay=10))
    assert pauses == [3, 3, 4, 8, 10, 10]


def test_pauses_are_spread_over_the_whole_range(
    connect: Callable[..., AmpersandClient], pauses: list[float], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("random.uniform", lambda low, high: low)
    with ScriptedServer({PATH: [answer(503)]}) as server:
        failure(connect(server.url, max_attempts=3))
    assert pauses == [0, 0]


@pytest.mark.parametrize(
    ("value", "requests"),
    [
        pytest.param(False, 1, id="false"),
        pytest.param(True, 3, id="true"),
        pytest.param(None, 3, id="null"),
        pytest.param(0, 3, id="no boolean"),
    ],
)
def test_retryable(connect: Callable[..., AmpersandClient], value: Any, requests: int):
    with ScriptedServer({PATH: [problem(503, retryable=value)]}) as server:
        error = failure(connect(server.url, max_attempts=3))
    assert type(error) is Unavailable
    assert error.attempts == len(server.requests) == requests


def test_a_problem_is_told_in_one_line(connect: Callable[..., AmpersandClient]):
    told = problem(
        422,
        title="Input Validation Problem",
        detail="The input message\nis incorrect.",
        remedy="Shorten your input",
        requestId="89eb1ffb#87715",
        context={"name": "hush"},
        causes=["hush"],
        issues=[{"in": "path", "name": "project", "value": "hush", "detail": "hush"}],
    )
    with ScriptedServer({PATH: [told]}) as server:
        error = failure(connect(server.url))
    assert type(error) is Invalid
    assert str(error).startswith(f"GET {server.url}{PATH}: project acme: 422 Unprocessable ")
    assert str(error).endswith(
        ". Input Validation Problem. The input message is incorrect."
        " Remedy: Shorten your input. Request id: 89eb1ffb#87715"
    )
    assert error.title == "Input Validation Problem"
    assert error.detail == "The input message is incorrect."
    assert error.remedy == "Shorten your input"
    assert error.request_id == "89eb1ffb#87715"
    assert error.url == server.url + PATH
    assert error.project == "acme"
    assert "hush" not in repr(vars(error)) + repr(error)


def test_a_title_that_repeats_the_status_is_told_once(connect: Callable[..., AmpersandClient]):
    with ScriptedServer({PATH: [problem(404, title="Not Found")]}) as server:
        error = failure(connect(server.url))
    assert str(error).count("Not Found") == 1
    assert error.title == "Not Found"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("x" * 400, "x" * 297 + "...", id="long"),
        pytest.param("x" * 300, "x" * 300, id="just short enough"),
        pytest.param("a\r\n\tb\x00\x1b[31mc\x7f", "a b [31mc", id="control characters"),
        pytest.param("a\u2028b\u202ec\u200bd\u0085e", "a b c d e", id="invisible characters"),
        pytest.param("\u00e9\u4e2d", "\u00e9\u4e2d", id="other scripts"),
        pytest.param(f"the key {KEY} is wrong", "the key *** is wrong", id="the key"),
        pytest.param(f"KEY-FOR-TESTS{KEY}", "******", id="the key in capitals"),
        pytest.param("x" * 295 + KEY, "x" * 295 + "***", id="the key at the end of a long text"),
        pytest.param(7, None, id="number"),
        pytest.param(["a"], None, id="list"),
        pytest.param("", "", id="empty"),
    ],
)
def test_texts_of_problems_are_made_safe(
    connect: Callable[..., AmpersandClient], text: Any, shown: str | None
):
    told = problem(400, title=text, detail=text, remedy=text, requestId=text)
    with ScriptedServer({PATH: [told]}) as server:
        error = failure(connect(server.url))
    assert (error.title, error.detail, error.remedy, error.request_id) == (shown,) * 4
    assert str(error).isprintable()


@pytest.mark.parametrize(
    ("sent", "title"),
    [
        pytest.param(answer(400, b'{"title":"T"}', content_type=PROBLEM), "T", id="problem"),
        pytest.param(answer(400, b'{"title":"T"}'), "T", id="JSON"),
        pytest.param(
            answer(400, b'{"title":"T"}', content_type="Application/JSON; charset=utf-8"),
            "T",
            id="JSON with a character set",
        ),
        pytest.param(answer(400, b'{"title":"T"}', content_type="text/html"), None, id="HTML"),
        pytest.param(answer(400, b'{"title":"T"}', content_type=None), None, id="no type"),
        pytest.param(answer(400, b'{"title":"T"', content_type=PROBLEM), None, id="broken off"),
        pytest.param(answer(400, b'["title"]', content_type=PROBLEM), None, id="list"),
        pytest.param(answer(400, b"", content_type=PROBLEM), None, id="empty"),
        pytest.param(answer(400, b"\xff", content_type=PROBLEM), None, id="no UTF-8"),
        pytest.param(answer(400, b"[" * 9999, content_type=PROBLEM), None, id="nested deeply"),
    ],
)
def test_problems_are_known_by_their_media_type(
    connect: Callable[..., AmpersandClient], sent: Answer, title: str | None
):
    with ScriptedServer({PATH: [sent]}) as server:
        error = failure(connect(server.url))
    assert (error.status, error.title) == (400, title)


def test_an_error_raised_elsewhere_needs_no_request():
    assert str(Invalid("it is\nso")) == "it is so. Remedy: check the base URL"
    assert issubclass(ApiError, AmpersandError)
    assert issubclass(ConfigurationError, AmpersandError)


def test_errors_can_be_sent_to_another_process():
    error = NotFound("404 Not Found", status=404, url="https://api.example/v1", attempts=2)
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), vars(copy)) == (str(error), vars(error))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        pytest.param("/v2/moved?x=%2F", id="path"),
        pytest.param("../../../v2/moved?x=%2F", id="relative"),
        pytest.param("{origin}/v2/moved?x=%2F#part", id="whole address"),
        pytest.param("//127.0.0.1:{port}/v2/moved?x=%2F", id="no scheme"),
    ],
)
def test_redirects_within_the_origin_are_followed(
    connect: Callable[..., AmpersandClient], status: int, location: str
):
    script: dict[str, list[Answer]] = {"/v2/moved?x=%2F": [answer(body=b"[1]")]}
    with ScriptedServer(script) as server:
        location = location.format(origin=server.url, port=server.port)
        script[PATH] = [answer(status, b"", headers={"Location": location})]
        client = connect(server.url)
        listing = client.list_integrations("acme")
    assert listing.pages == (b"[1]",)
    assert server.targets == [PATH, "/v2/moved?x=%2F"]
    assert [request.headers["X-Api-Key"] for request in server.requests] == [KEY, KEY]
    assert (listing.requests, client.requests) == (2, 2)


@pytest.mark.parametrize(
    "path", ["/v2/moved", "/v2/x/../moved", "/./v2/./moved", "/v2/x/y/../../moved"]
)
def test_segments_of_dots_are_taken_out_of_an_address(
    connect: Callable[..., AmpersandClient], path: str
):
    script: dict[str, list[Answer]] = {"/v2/moved": [answer(body=b"[1]")]}
    with ScriptedServer(script) as server:
        script[PATH] = [answer(301, b"", headers={"Location": f"{server.url}{path}"})]
        assert connect(server.url).list_integrations("acme").pages == (b"[1]",)
    assert server.targets == [PATH, "/v2/moved"]


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        pytest.param("{other}/v1/projects/hush", "http://127.0.0.1:{port}", id="port"),
        pytest.param("//127.0.0.1:{port}/hush", "http://127.0.0.1:{port}", id="no scheme"),
        pytest.param("http://localhost:{own}/hush", "http://localhost:{own}", id="host"),
        pytest.param("https://127.0.0.1:{own}/hush", "https://127.0.0.1:{own}", id="scheme"),
        pytest.param("https://evil.example", "https://evil.example:443", id="default port"),
        pytest.param("http://127.0.0.1", "http://127.0.0.1:80", id="default port of http"),
        pytest.param("http://[::1]:{own}/hush", "http://[::1]:{own}", id="IPv6"),
        pytest.param("http://hush:hush@127.0.0.1:{own}/", "an unreadable address", id="password"),
        pytest.param("http://127.0.0.1:{own}@127.0.0.1:{port}/", "an unreadable address", id="at"),
        pytest.param("http://127.0.0.1:hush/", "an unreadable address", id="port is text"),
        pytest.param("http://[hush/", "an unreadable address", id="bracket"),
        pytest.param("mailto:hush", "an unreadable address", id="other scheme"),
        pytest.param("", "an unreadable address", id="empty"),
        pytest.param(f"https://{KEY}.example/", "https://***.example:443", id="the key"),
    ],
)
def test_redirects_to_another_origin_are_refused(
    connect: Callable[..., AmpersandClient], location: str, shown: str
):
    script: dict[str, list[Answer]] = {}
    with ScriptedServer() as other, ScriptedServer(script) as server:
        names = {"other": other.url, "port": other.port, "own": server.port}
        script[PATH] = [answer(302, b"", headers={"Location": location.format(**names)})]
        error = failure(connect(server.url))
    assert type(error) is RedirectRefused
    assert error.reason == f"refused to follow a redirect to {shown.format(**names)}"
    assert str(error).endswith(". Remedy: check the base URL")
    assert "hush" not in str(error)
    assert server.targets == [PATH]
    assert other.requests == []


@pytest.mark.parametrize(
    "location",
    [
        pytest.param("http://127.0.0.1:{own}\\@127.0.0.1:{port}/", id="backslash before at"),
        pytest.param("http://127.0.0.1:{own}/\\@127.0.0.1:{port}/", id="backslash in path"),
        pytest.param("/\\127.0.0.1:{port}/", id="backslash instead of slash"),
        pytest.param("////127.0.0.1:{port}/", id="four slashes"),
        pytest.param("http://127.0.0.1:{own}//127.0.0.1:{port}/", id="two slashes in path"),
        pytest.param("http:\\\\127.0.0.1:{port}/", id="backslashes"),
        pytest.param("http:/127.0.0.1:{port}/", id="one slash"),
        pytest.param("http://127.0.0.1:{own}#@127.0.0.1:{port}/", id="fragment"),
        pytest.param("http://127.0.0.1:{own}?@127.0.0.1:{port}/", id="query"),
        pytest.param("h\tttp://127.0.0.1:{port}/", id="tab"),
    ],
)
def test_no_trick_in_an_address_leads_away(connect: Callable[..., AmpersandClient], location: str):
    script: dict[str, list[Answer]] = {}
    with ScriptedServer() as other, ScriptedServer(script) as server:
        location = location.format(own=server.port, port=other.port)
        script[PATH] = [answer(302, b"", headers={"Location": location})]
        failure(connect(server.url))
    assert server.targets[0] == PATH
    assert other.requests == []


@pytest.mark.parametrize(("steps", "refused"), [(5, False), (6, True)])
def test_redirects_are_followed_five_times(
    connect: Callable[..., AmpersandClient], steps: int, refused: bool
):
    paths = [PATH, *(f"/step/{step}" for step in range(1, steps + 1))]
    script = {
        path: [answer(307, b"", headers={"Location": target})] for path, target in pairwise(paths)
    }
    script[paths[-1]] = [answer()]
    with ScriptedServer(script) as server:
        client = connect(server.url)
        if refused:
            error = failure(client)
            assert type(error) is RedirectRefused
            assert error.reason == "more than 5 redirects"
        else:
            assert client.list_integrations("acme").pages == (b"[]",)
    assert server.targets == paths[:6]


def test_each_step_of_a_redirect_is_retried(connect: Callable[..., AmpersandClient]):
    script = {
        PATH: [answer(503), answer(302, b"", headers={"Location": "/moved"})],
        "/moved": [answer(503), answer()],
    }
    with ScriptedServer(script) as server:
        listing = connect(server.url, max_attempts=2).list_integrations("acme")
    assert server.targets == [PATH, PATH, "/moved", "/moved"]
    assert listing.requests == 4


@pytest.fixture
def logs(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(logger, "LOGGER", logging.getLogger("dlt-in-tests"))
    with caplog.at_level(logging.DEBUG):
        yield caplog


def test_short_key_is_masked_as_a_word_of_its_own(
    connect: Callable[..., AmpersandClient], logs: pytest.LogCaptureFixture
):
    with ScriptedServer(
        {PATH: [problem(403, detail="key e sees no project", remedy="e")]}
    ) as server:
        error = failure(connect(server.url, "e"))
    assert (error.detail, error.remedy) == ("key *** sees no project", "***")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(answer(401, f"no {KEY}".encode(), content_type="text/plain"), id="status"),
        pytest.param(problem(503, title=KEY, detail=KEY, requestId=KEY), id="problem"),
        pytest.param(answer(body=f'"{KEY}"'.encode(), content_type=KEY), id="answer"),
        pytest.param(answer(302, b"", headers={"Location": f"//{KEY}/"}), id="redirect"),
        pytest.param(reset(), id="fault"),
        pytest.param(raw(f"HTTP/1.1 {KEY}\r\n\r\n".encode()), id="status line"),
        pytest.param(answer(body=KEY.encode(), headers={"Content-Encoding": "gzip"}), id="gzip"),
    ],
)
def test_the_key_is_in_no_error_and_no_log(
    connect: Callable[..., AmpersandClient], logs: pytest.LogCaptureFixture, sent: Answer
):
    with ScriptedServer({PATH: [sent]}) as server:
        client = connect(server.url, max_attempts=2)
        error = failure(client)
    texts = [
        str(error),
        repr(error),
        repr(vars(error)),
        repr(client),
        repr(vars(client)),
        logs.text,
    ]
    assert not [text for text in texts if KEY in text]
    assert (error.__cause__, error.__context__) == (None, None)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(answer(401), id="status"),
        pytest.param(answer(body=b"{}"), id="answer"),
        pytest.param(reset(), id="fault"),
    ],
)
def test_the_key_is_in_no_variable_that_a_traceback_shows(
    connect: Callable[..., AmpersandClient], sent: Answer
):
    with ScriptedServer({PATH: [sent]}) as server:
        error = failure(connect(server.url, max_attempts=1))
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    ours = [f for f in frames if f.f_code.co_filename == client_module.__file__]
    assert ours
    assert KEY not in repr([frame.f_locals for frame in ours])


def test_a_key_given_as_project_is_not_shown(connect: Callable[..., AmpersandClient]):
    key = "key/for+tests"
    with ScriptedServer() as server:
        error = failure(connect(server.url, key), key)
    assert server.targets == ["/v1/projects/key%2Ffor%2Btests/integrations"]
    assert error.url == f"{server.url}/v1/projects/***/integrations"
    assert error.project == "***"


def test_a_key_given_as_project_is_not_logged(
    connect: Callable[..., AmpersandClient], logs: pytest.LogCaptureFixture
):
    with ScriptedServer({f"/v1/projects/{KEY}/integrations": [answer(503)]}) as server:
        failure(connect(server.url, max_attempts=2), KEY)
    (message,) = [r.message for r in logs.records if r.name == "dlt-in-tests"]
    assert "/projects/***/integrations: status 503" in message


def test_retries_are_logged(
    connect: Callable[..., AmpersandClient], logs: pytest.LogCaptureFixture, full_pauses: None
):
    with ScriptedServer({PATH: [answer(503), reset(), answer()]}) as server:
        connect(server.url).list_integrations("acme")
    assert [r.message for r in logs.records if r.name == "dlt-in-tests"] == [
        f"GET {server.url}{PATH}: status 503; attempt 1 of 5, next in 0.5 s",
        f"GET {server.url}{PATH}: the connection failed: Connection reset by peer;"
        " attempt 2 of 5, next in 1.0 s",
    ]


def test_settings_show_no_key():
    assert KEY not in repr(ClientSettings("https://api.example"))


def test_a_listing_tells_what_it_took(connect: Callable[..., AmpersandClient]):
    script = {
        PATH: [
            answer(503, b"12345"),
            answer(body=envelope("[1]", '{"nextPageToken": "t"}')),
        ],
        f"{PATH}?pageToken=t": [answer(body=b"[2]")],
    }
    with ScriptedServer(script) as server:
        client = connect(server.url)
        first, second = client.list_integrations("acme"), client.list_integrations("acme")
    assert isinstance(first, Listing)
    size = len(envelope("[1]", '{"nextPageToken": "t"}')) + 3
    assert (first.requests, first.bytes) == (3, size + 5)
    assert (second.requests, second.bytes) == (2, size)
    assert (client.requests, client.bytes_received) == (5, 2 * size + 5)
    assert first.seconds > 0


def test_threads_share_a_client(connect: Callable[..., AmpersandClient]):
    names = [f"p{number}" for number in range(40)]
    script = {
        f"/v1/projects/{name}/integrations": [answer(503), answer(body=f'["{name}"]'.encode())]
        for name in names
    }
    with ScriptedServer(script) as server, ThreadPoolExecutor(8) as pool:
        client = connect(server.url)
        listings = list(pool.map(client.list_integrations, names))
    assert [listing.pages for listing in listings] == [(f'["{name}"]'.encode(),) for name in names]
    assert {listing.requests for listing in listings} == {2}
    assert client.requests == len(server.requests) == 80
    assert client.bytes_received == sum(listing.bytes for listing in listings)
