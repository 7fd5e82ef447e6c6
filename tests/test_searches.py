"""What no hand would write: broken answers, odd pages, odd settings, found by search.

Searches over what is decoded, normalised and loaded are in test_lossless_json.py, test_columnar.py
and test_properties.py. `make fuzz` makes all of them long.
"""

import itertools
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import requests
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ampersand import AmpersandError, ConfigurationError, ampersand_source
from ampersand.client import AmpersandClient, ClientSettings, normalize_base_url
from ampersand.exceptions import UnexpectedAnswer
from ampersand.lossless_json import decode_page, dumps, loads
from ampersand.settings import assign_keys
from ampersand.views import VIEWS
from ampersand_pipelines.errors import explain
from ampersand_pipelines.exit_codes import ExitCode
from tests.support import generated
from tests.support.in_memory import InMemory
from tests.support.json_texts import REPEATED_NAMES, meanings, spaced, texts
from tests.support.scripted_server import Answer, ScriptedServer, answer

SECRET = "s3cr3t"
_NUMBERS = itertools.count()


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("AMP_", "SOURCES__")):
            monkeypatch.delenv(name)


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """Bytes that were JSON once: cut, with some left out, put in or doubled."""
    body = draw(spaced(texts(REPEATED_NAMES, 6))).encode()
    if draw(st.booleans()):
        body = b"[" + body + b"]"
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 6)))
        between = draw(
            st.sampled_from([b"", body[start:end] * 2, *_PIECES]) | st.binary(max_size=3)
        )
        body = body[:start] + between + body[end:]
    return body


_PIECES = (
    *(b"[", b"]", b"{", b"}", b",", b":", b'"', b"\\", b"\\u", b"-", b".", b"e", b"0", b"NaN"),
    *(b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xff", b"\0", b"/**/", b"'", b"Infinity", b"\x0b"),
)


def _refused(constant: str) -> Any:
    raise ValueError(constant)


def is_json(body: bytes) -> bool:
    """Whether Python's own decoder, held to the standard, takes it; else it is not told."""
    try:
        json.loads(body.decode("utf-8"), parse_constant=_refused, parse_int=float)
    except (ValueError, RecursionError):
        return False
    return True


@given(broken())
@example(b"[[NaN]]")
@example(b'[{"a":-Infinity}]')
def test_a_broken_document_is_refused_or_kept_whole(body: bytes):
    try:
        document = loads(body)
    except UnexpectedAnswer as error:
        assert not is_json(body)
        assert "\n" not in str(error)
    else:
        assert meanings(dumps(document)) == meanings(body.decode())


@pytest.fixture(scope="module")
def api() -> Iterator[tuple[ScriptedServer, dict[str, list[Answer]]]]:
    answers: dict[str, list[Answer]] = {}
    with ScriptedServer(answers) as server:
        yield server, answers


def a_project(answers: dict[str, list[Answer]], *bodies: bytes, tokens: list[str]) -> str:
    """Serves pages for a project of its own."""
    project = f"p-{next(_NUMBERS)}"
    path = f"/v1/projects/{project}/integrations"
    for body, query in zip(bodies, ["", *tokens], strict=True):
        answers[path + query] = [answer(body=body)]
    return project


def client(server: ScriptedServer) -> AmpersandClient:
    return AmpersandClient(ClientSettings(server.url, max_attempts=1), "key")


TOKENS = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
    max_size=3,
    unique=True,
)


@given(st.data(), TOKENS)
def test_pages_hold_all_elements_in_order(
    api: tuple[ScriptedServer, dict[str, list[Answer]]], data: st.DataObject, tokens: list[str]
):
    server, answers = api
    bodies, elements = [], []
    for number in range(len(tokens) + 1):
        page = data.draw(st.lists(texts(REPEATED_NAMES, 4), max_size=3))
        elements += page
        results = f"[{','.join(page)}]" if page else data.draw(st.sampled_from(["[]", "null"]))
        pagination: dict[str, Any] = {"done": data.draw(st.sampled_from([False, None]))}
        if number < len(tokens):
            pagination["nextPageToken"] = tokens[number]
        else:
            pagination |= data.draw(
                st.sampled_from([{}, {"done": True, "nextPageToken": "x"}, {"nextPageToken": ""}])
            )
        members = [f'"results":{results}', f'"pagination":{json.dumps(pagination)}']
        members += data.draw(st.sampled_from([[], ['"more":[]'], ['"total":1']]))
        body = "{" + ",".join(data.draw(st.permutations(members))) + "}"
        bodies.append(data.draw(spaced(st.just(body))).encode())
    quoted = [f"?pageToken={quote(token, safe='')}" for token in tokens]
    listing = client(server).list_integrations(a_project(answers, *bodies, tokens=quoted))
    found = [element for page in listing.pages for element in decode_page(page)]
    assert [meanings(dumps(element)) for element in found] == [meanings(e) for e in elements]


@given(broken())
def test_whatever_is_answered_is_a_list_or_an_error(
    api: tuple[ScriptedServer, dict[str, list[Answer]]], body: bytes
):
    server, answers = api
    try:
        listing = client(server).list_integrations(a_project(answers, body, tokens=[]))
        elements = [element for page in listing.pages for element in decode_page(page)]
    except AmpersandError as error:
        assert not (is_json(body) and body.strip()[:1] == b"[")
        assert "\n" not in str(error)
    else:
        whole = body.removeprefix(b"\xef\xbb\xbf").decode()
        if whole.strip()[:1] == "[":
            assert meanings(dumps(elements)) == meanings(whole)
        else:
            assert whole.strip() == "null"  # a page that is an object is not made here


_KEYS = st.text(max_size=6).map(lambda text: SECRET + text) | st.sampled_from(
    ["", " ", SECRET, f" {SECRET}\n", f"{SECRET}\u00a0", f"<{SECRET}", f"{SECRET}\x7f"]
)
_PROJECTS = st.sampled_from(["acme", "Acme", "ACME", "ß", "SS", "p-1", "", " ", "\0"]) | st.text(
    max_size=4
)


@given(
    st.none() | _KEYS,
    st.none() | st.dictionaries(_PROJECTS, _KEYS | st.integers() | st.none(), max_size=3),
    st.none() | st.lists(_PROJECTS, max_size=3),
)
def test_keys_are_assigned_or_refused_without_being_shown(
    api_key: str | None, api_keys: Any, projects: list[str] | None
):
    try:
        assignments = assign_keys(api_key, api_keys, projects)
    except ConfigurationError as error:
        assert SECRET not in str(error)
        return
    given_keys = {key.strip() for key in [*(api_keys or {}).values(), api_key] if key}
    used = [assignment.api_key for assignment in assignments]
    assert set(used) <= given_keys
    assert len(set(used)) == len(used)
    for assignment in assignments:
        AmpersandClient(ClientSettings("https://api.example.com"), assignment.api_key)
        assert SECRET not in repr(assignment) + assignment.credential
    covered = [project for each in assignments for project in each.projects or ()]
    if projects is None:
        assert set(covered) <= set(api_keys or ())
        assert (api_key is not None) == any(each.projects is None for each in assignments)
    else:
        assert sorted(covered) == sorted(set(projects))


def environment_texts() -> st.SearchStrategy[str]:
    """What a variable of the environment can hold, with a key somewhere in it."""
    names = st.sampled_from(['"acme"', '"p-1"', '""', f'"{SECRET}"'])
    values = st.sampled_from([f'"{SECRET}"', f'"{SECRET} "', f'["{SECRET}"]', "1", "null", "{}"])
    objects = st.lists(st.tuples(names, values), max_size=3).map(
        lambda members: "{" + ",".join(f"{name}:{value}" for name, value in members) + "}"
    )
    characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    anything = st.text(characters, max_size=6).map(lambda text: f"{text}{SECRET}{text}")
    lists = st.lists(values, max_size=3).map(lambda items: f"[{','.join(items)}]")
    known = st.sampled_from(["", " ", "true", "1", f"'{SECRET}'", f"('{SECRET}',)"])
    return spaced(objects | lists | values) | anything | known


@contextmanager
def environment(variables: dict[str, str]) -> Iterator[None]:
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables:
            del os.environ[name]


_VARIABLES = ("API_KEY", "API_KEYS", "PROJECTS", "BASE_URL", "CONCURRENCY", "BACKOFF", "FULL")


@given(
    st.dictionaries(
        st.sampled_from(["API_KEYS", *_VARIABLES]), environment_texts(), min_size=1, max_size=3
    )
)
def test_settings_are_taken_or_refused_in_words_without_the_key(variables: dict[str, str]):
    named = {f"SOURCES__AMPERSAND__{name}": value for name, value in variables.items()}
    with environment(named):
        try:
            ampersand_source()
        except Exception as error:
            text, code = explain(error)
            assert code == ExitCode.USAGE, text
            # a name that is written where keys are is shown, as it has to be
            if not any(re.search(rf'"{SECRET}"\s*:', value) for value in variables.values()):
                assert SECRET not in text, text


_HOSTS = (
    *(
        "api.example.com",
        "localhost",
        "127.0.0.1",
        "127.1",
        "[::1]",
        "[::1",
        "0x7f.1",
        "2130706433",
    ),
    *("localhost.", "127.0.0.1.example.com", "", "é.example", "a b", "%6c", "[v1.x]", "::1"),
)
_BITS = st.sampled_from(
    ["", "/", "//", "\\", "@", ":", "#", "?", "%2f", "..", "/v1", "/v1/", " ", "\t", "\n", "u:p@"]
) | st.text(max_size=2)


@st.composite
def addresses(draw: st.DrawFn) -> str:
    """Addresses, and what looks like one to some parser."""
    scheme = draw(st.sampled_from(["https://", "http://", "HTTPS://", "//", "", "file://"]))
    port = draw(st.sampled_from(["", ":8443", ":", ":0", ":99999", ":x"]))
    parts = [draw(_BITS), scheme, draw(_BITS), draw(st.sampled_from(_HOSTS)), port, draw(_BITS)]
    return "".join([*parts, draw(_BITS), draw(_BITS)])


@given(addresses())
def test_an_address_is_refused_or_means_one_host_to_all(url: str):
    try:
        root = normalize_base_url(url)
    except ConfigurationError as error:
        assert "\n" not in str(error)
        return
    assert normalize_base_url(root) == root
    parts = urlsplit(root)
    assert parts.path.endswith("/v1")
    prepared = requests.Request("GET", f"{root}/projects").prepare()
    assert prepared.url == f"{root}/projects"
    if parts.scheme == "http":
        assert parts.hostname in {"localhost", "::1"} or str(parts.hostname).startswith("127.")
    else:
        assert parts.scheme == "https"


@pytest.mark.thorough
@pytest.mark.skipif(
    not generated.SPECIFICATION.exists(),
    reason="the API's specification (shared/openapi) does not lie beside the repository",
)
@settings(max_examples=max(1, settings().max_examples // 20))
@given(st.integers(0, 2**32), st.sampled_from([0.02, 0.1, 0.5]))
def test_every_view_can_be_read_whatever_was_served(seed: int, oddness: float):
    random = Random(seed)
    memory = InMemory()
    with memory.connection:
        for _ in range(2):
            records = [loads(generated.a_project(random, one, oddness).encode()) for one in "pq"]
            listings = {}
            for one in "pq":
                made = [generated.an_integration(random, f"i-{n}", one, oddness) for n in range(3)]
                listings[one] = decode_page(f"[{','.join(made)}]".encode())
            memory.run(records, listings)
        for view in VIEWS:
            memory.rows(f"SELECT * FROM {view.name}")
