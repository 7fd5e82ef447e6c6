"""The sandbox serves what the specification promises, over real sockets."""

import gzip
import http.client
import json
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from ampersand_pipelines.sandbox import (
    Account,
    Failure,
    ManifestError,
    SandboxServer,
    bundled_account,
    read_manifests,
)
from tests.support.sandbox_client import KEY, Client
from tests.support.specification import Schemas, errors_of, read_schemas, specified

SHARED = Path(__file__).resolve().parents[2] / "shared"
PRODUCTION = "lanternfish-production"


Serve = Callable[..., tuple[SandboxServer, Client]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    running: list[SandboxServer] = []
    clients: list[Client] = []

    def start(account: Account, **options: Any) -> tuple[SandboxServer, Client]:
        server = SandboxServer(account, **options)
        running.append(server)
        server.start()
        clients.append(Client(server))
        return server, clients[-1]

    yield start
    for client in clients:
        client.connection.close()
    for server in running:
        server.stop()


def two_projects() -> Account:
    return Account(
        projects=[{"id": "p-1", "name": "lantern-one"}, {"id": "p-2", "name": "lantern-two"}],
        integrations={"p-1": [{"id": "i-1", "name": "a"}, {"id": "i/2 ü", "name": "b"}]},
    )


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    return read_schemas()


def used(documents: list[Any]) -> tuple[set[str], set[tuple[str, str]]]:
    """Every property path in documents, and every text in them with its path."""
    paths: set[str] = set()
    values: set[tuple[str, str]] = set()

    def walk(value: Any, path: str) -> None:
        if isinstance(value, dict):
            for key, child in value.items():
                paths.add(f"{path}.{key}")
                walk(child, f"{path}.{key}")
        elif isinstance(value, list):
            for item in value:
                walk(item, f"{path}[]")
        elif isinstance(value, str):
            values.add((path, value))

    for document in documents:
        walk(document, "")
    return paths, values


def all_integrations(account: Account) -> list[dict[str, Any]]:
    return [document for listing in account.integrations.values() for document in listing]


@pytest.fixture(scope="module")
def real() -> Path:
    folder = SHARED / "manifests"
    if not folder.is_dir():
        pytest.skip(f"needs the vendor's public manifests at {folder}")
    return folder


def test_bundled_data_is_what_the_specification_describes(schemas):
    account = bundled_account()
    for project in account.projects:
        assert errors_of(schemas, "Project", project) == []
    for integration in all_integrations(account):
        assert errors_of(schemas, "Integration", integration) == [], integration["name"]


def test_validation_finds_a_broken_integration(schemas):
    broken = all_integrations(bundled_account())[0]
    broken["latestRevision"]["content"]["read"]["objects"][0]["enabled"] = True
    assert len(errors_of(schemas, "Integration", broken)) == 2  # wrong type, and not in the enum


def test_bundled_data_uses_every_property_of_the_specification_and_no_other(schemas):
    wanted, wanted_values = specified(schemas, "Integration")
    paths, values = used(all_integrations(bundled_account()))
    assert len(wanted) == 79
    assert wanted - paths == set()
    assert paths - wanted == set()
    assert wanted_values - values == set()


def test_bundled_data_is_varied():
    account = bundled_account()
    names = {project["name"]: project["id"] for project in account.projects}
    assert list(names) == [PRODUCTION, "lanternfish-staging"]
    production, staging = (account.integrations[project_id] for project_id in names.values())
    for listing in (production, staging):
        assert len({integration["name"] for integration in listing}) == len(listing)
    assert len(production) >= 15
    assert len({integration["provider"] for integration in production}) == len(production)

    ids = [integration["id"] for integration in production + staging]
    assert len(set(ids)) == len(ids)
    contents = [
        {integration["name"]: integration["latestRevision"]["content"] for integration in listing}
        for listing in (production, staging)
    ]
    shared = contents[0].keys() & contents[1].keys()
    same = {name for name in shared if contents[0][name] == contents[1][name]}
    assert same == {"lanternfish-zoho", "lanternfish-intercom"}
    assert len(shared - same) == 4
    assert contents[1].keys() - shared == {"lanternfish-snowflake"}

    _, values = used(production)
    fields = {value for path, value in values if path.endswith("Fields[].fieldName")}
    assert any(name.startswith("$['") for name in fields)
    assert any(not name.isascii() for name in fields)
    assert any(not text.isascii() for path, text in values if path.endswith(".prompt"))


def test_times_are_utc_and_in_order():
    for integration in all_integrations(bundled_account()):
        times = [
            integration["createTime"],
            integration["latestRevision"]["createTime"],
            integration["updateTime"],
        ]
        moments = [datetime.fromisoformat(text) for text in times]
        assert moments == sorted(moments)
        assert all(moment.utcoffset() == timedelta() for moment in moments)
        assert moments[-1].year in (2025, 2026)


def test_accounts_are_the_same_every_time():
    assert bundled_account() == bundled_account()


def test_real_manifests_are_read_whole(real, schemas):
    account = read_manifests(real)
    integrations = all_integrations(account)
    contents = [integration["latestRevision"]["content"] for integration in integrations]
    objects: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    for content in contents:
        for action, block in content.items():
            if isinstance(block, dict) and "objects" in block:
                objects[action] += len(block["objects"])
                for entry in block["objects"]:
                    fields["required"] += len(entry.get("requiredFields", ()))
                    fields["optional"] += len(entry.get("optionalFields", ()))
    assert len(integrations) == 71
    assert objects == {"read": 214, "write": 184, "delete": 3, "subscribe": 6}
    assert fields == {"required": 629, "optional": 58}
    for integration in integrations:
        assert errors_of(schemas, "Integration", integration) == [], integration["name"]


def test_real_manifests_spread_over_projects_lose_none(real):
    def names(account: Account) -> list[str]:
        return sorted(integration["name"] for integration in all_integrations(account))

    together = read_manifests(real)
    apart = read_manifests(real, projects=5)
    assert [len(listing) for listing in apart.integrations.values()] == [15, 14, 14, 14, 14]
    assert names(apart) == names(together)
    ids = {integration["id"] for integration in all_integrations(apart)}
    assert len(ids) == 71
    for project in apart.projects:
        listing = apart.integrations[project["id"]]
        assert {integration["projectId"] for integration in listing} == {project["id"]}


# Manifests


def write_manifest(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


SMALL = """specVersion: 1.0.0
integrations:
  - name: {name}
    provider: hubspot
    proxy: {{enabled: true}}
"""


def only_content(folder: Path) -> dict[str, Any]:
    (integration,) = all_integrations(read_manifests(folder))
    content: dict[str, Any] = integration["latestRevision"]["content"]
    return content


def test_manifests_are_found_at_any_depth_under_odd_names_in_order(tmp_path):
    for path in ("b/ amp.yaml", "c/d/amp.yml", "amp.yaml", "a/AMP.yaml"):
        write_manifest(tmp_path / path, SMALL.format(name=path.replace("/", "_")))
    for path in ("e/other.yaml", "e/amp.yaml.bak"):
        write_manifest(tmp_path / path, "not: read")
    names = [integration["name"] for integration in all_integrations(read_manifests(tmp_path))]
    assert names == ["a_AMP.yaml", "amp.yaml", "b_ amp.yaml", "c_d_amp.yml"]


def test_a_repeated_name_stays_and_has_another_id(tmp_path):
    for folder in "ab":
        write_manifest(tmp_path / folder / "amp.yaml", SMALL.format(name="twin"))
    first, second = all_integrations(read_manifests(tmp_path))
    assert first["name"] == second["name"] == "twin"
    assert first["latestRevision"]["content"] == second["latestRevision"]["content"]
    assert first["id"] != second["id"]
    assert first["latestRevision"]["id"] != second["latestRevision"]["id"]


def test_a_changed_manifest_is_another_revision_of_the_same_integration(tmp_path):
    path = write_manifest(tmp_path / "amp.yaml", SMALL.format(name="one"))
    (before,) = all_integrations(read_manifests(tmp_path))
    path.write_text(SMALL.format(name="one").replace("true", "false"), encoding="utf-8")
    write_manifest(tmp_path / "a" / "amp.yaml", SMALL.format(name="another"))
    _, after = all_integrations(read_manifests(tmp_path))
    assert after["id"] == before["id"]
    assert after["createTime"] == before["createTime"]
    assert after["latestRevision"]["id"] != before["latestRevision"]["id"]


def test_what_yaml_would_take_for_a_date_or_number_stays_text(tmp_path):
    text = (
        SMALL.format(name="dates")
        + "    displayName: 2024-05-01\n    since: 2024-05-01T10:00:00Z\n"
    )
    write_manifest(tmp_path / "amp.yaml", text.replace("1.0.0", "1.0"))
    (integration,) = all_integrations(read_manifests(tmp_path))
    assert integration["latestRevision"]["specVersion"] == "1.0"
    content = integration["latestRevision"]["content"]
    assert content["displayName"] == "2024-05-01"
    assert content["since"] == "2024-05-01T10:00:00Z"


def test_keys_are_in_the_order_of_the_go_structs(tmp_path):
    text = SMALL.format(name="order") + "    write: {objects: [{objectName: x, 5: 2, true: 3}]}\n"
    write_manifest(tmp_path / "amp.yaml", text)
    (integration,) = all_integrations(read_manifests(tmp_path))
    assert list(integration) == [
        *("id", "provider", "projectId", "name", "createTime", "updateTime", "latestRevision")
    ]
    assert list(integration["latestRevision"]) == ["id", "createTime", "content", "specVersion"]
    content = integration["latestRevision"]["content"]
    assert list(content) == ["name", "provider", "proxy", "write"]
    assert list(content["write"]["objects"][0]) == ["5", "objectName", "true"]


def test_unset_texts_of_a_read_object_are_sent_empty(tmp_path):
    text = (
        SMALL.format(name="unset")
        + "    read: {objects: [{objectName: x, schedule: '0 * * * *'}, 5]}\n"
    )
    write_manifest(tmp_path / "amp.yaml", text)
    read_object, odd = only_content(tmp_path)["read"]["objects"]
    assert list(read_object.items()) == [
        ("destination", ""),
        ("objectName", "x"),
        ("schedule", "0 * * * *"),
    ]
    assert odd == 5


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: b: c", "line 1: mapping values are not allowed here"),
        ("a: \x07", "unacceptable character"),
        ("", "is no YAML mapping"),
        ("- a", "is no YAML mapping"),
        ("integrations: [{name: a, provider: b}]", "has no specVersion"),
        ("specVersion: 1.0.0", "has no list of integrations"),
        ("specVersion: 1.0.0\nintegrations: []", "has no list of integrations"),
        ("specVersion: 1.0.0\nintegrations: {a: b}", "has no list of integrations"),
        ("specVersion: 1.0.0\nintegrations: [a]", "integrations[0] is no mapping"),
        ("specVersion: 1.0.0\nintegrations: [{provider: b}]", "integrations[0] has no name"),
        ("specVersion: 1.0.0\nintegrations: [{name: b}]", "integrations[0] has no provider"),
        ("specVersion: 1.0.0\nintegrations: [{name: a, provider: b, c: .nan}]", "nan has no form"),
        (
            "specVersion: 1.0.0\nintegrations: [&x {name: a, provider: b, c: *x}]",
            "is nested too deeply, or holds itself",
        ),
    ],
)
def test_a_bad_manifest_is_named_with_the_reason(tmp_path, text, reason):
    path = write_manifest(tmp_path / "x" / "amp.yaml", text)
    with pytest.raises(ManifestError) as caught:
        read_manifests(tmp_path)
    assert isinstance(caught.value, ValueError)
    assert str(caught.value).startswith(f"{path}: ")
    assert reason in str(caught.value)


def test_a_manifest_that_is_no_utf8_is_named(tmp_path):
    (tmp_path / "amp.yaml").write_bytes(b"name: \xff")
    with pytest.raises(ManifestError, match=r"amp\.yaml: .*utf-8"):
        read_manifests(tmp_path)


@pytest.mark.parametrize(
    ("folder", "message"), [("empty", r"holds no amp\.yaml"), ("missing", "is no folder")]
)
def test_a_folder_without_manifests_is_an_error(tmp_path, folder, message):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ManifestError, match=message):
        read_manifests(tmp_path / folder)


def test_the_number_of_projects_must_be_positive(tmp_path):
    with pytest.raises(ValueError, match="projects must be at least 1, not 0"):
        read_manifests(tmp_path, projects=0)


# Routes


def test_every_route_answers_what_the_account_holds(serve):
    account = bundled_account()
    _, client = serve(account)
    production = account.projects[0]
    listing = account.integrations[production["id"]]
    assert client.send("/projects").json == account.projects
    assert client.send(f"/projects/{production['id']}").json == production
    reply = client.send(f"/projects/{production['id']}/integrations")
    assert reply.json == listing
    assert reply.headers["content-type"] == "application/json"
    one = client.send(f"/projects/{production['id']}/integrations/{listing[3]['id']}")
    assert one.json == listing[3]
    assert client.send("/projects?a=b").json == account.projects


@pytest.mark.parametrize("name", ["lantern-two", "Lantern-TWO", "p-2", "%70-2", "lantern%2Dtwo"])
def test_a_project_is_found_by_id_or_name(serve, name):
    _, client = serve(two_projects())
    assert client.send(f"/projects/{name}").json == {"id": "p-2", "name": "lantern-two"}


def test_a_project_id_is_matched_exactly_and_before_any_name(serve):
    account = two_projects()
    account.projects[0]["name"] = "p-2"
    _, client = serve(account)
    assert client.send("/projects/p-2").json["name"] == "lantern-two"
    assert client.send("/projects/P-1").status == 404


def test_an_integration_id_is_percent_decoded(serve):
    _, client = serve(two_projects())
    reply = client.send(f"/projects/p-1/integrations/{quote('i/2 ü', safe='')}")
    assert reply.json == {"id": "i/2 ü", "name": "b"}


@pytest.mark.parametrize(
    ("value", "body"),
    [
        (None, b"null"),
        ([], b"[]"),
        (b"[1e400, ", b"[1e400, "),
        ([None, 1, {"id": [2]}], b'[null,1,{"id":[2]}]'),
        ({"results": []}, b'{"results":[]}'),
        (
            [{"a": "\u00fc<&>\u2028\ud800\n"}],
            b'[{"a":"\xc3\xbc\\u003c\\u0026\\u003e\\u2028\\ud800\\n"}]',
        ),
    ],
)
def test_a_listing_is_served_as_it_is(serve, value, body):
    account = two_projects()
    account.integrations["p-1"] = value
    _, client = serve(account)
    reply = client.send("/projects/p-1/integrations")
    assert (reply.status, reply.body) == (200, body)
    assert client.send("/projects/p-1/integrations/none-such").status == 404


def test_a_project_without_an_entry_lists_nothing(serve):
    _, client = serve(two_projects())
    assert client.send("/projects/p-2/integrations").body == b"[]"


def test_projects_that_are_rubbish_are_listed_and_harm_no_lookup(serve):
    account = two_projects()
    account.projects[:0] = [None, 5, {}, {"id": [7]}, {"id": "p-0", "name": []}]  # type: ignore[list-item]
    _, client = serve(account)
    assert client.send("/projects").body.startswith(
        b'[null,5,{},{"id":[7]},{"id":"p-0","name":[]},{"id":"p-1"'
    )
    assert client.send("/projects/lantern-one").status == 200
    account.keys = {KEY: {"p-1"}}
    assert client.send("/projects").json == [{"id": "p-1", "name": "lantern-one"}]


@pytest.mark.parametrize("value", [float("nan"), object()])
def test_what_is_no_json_is_an_error_that_says_so(serve, value, caplog):
    account = two_projects()
    account.integrations["p-1"] = [value]
    _, client = serve(account)
    reply = client.send("/projects/p-1/integrations")
    assert (reply.status, reply.json["retryable"]) == (500, True)
    assert "no JSON" in reply.json["detail"]
    assert "no JSON" in caplog.text
    assert client.send("/projects").status == 200


# Errors


@pytest.mark.parametrize("key", [None, "", "  ", "another-made-up-key"])
def test_a_missing_or_unknown_key_is_refused(serve, schemas, key):
    account = two_projects()
    account.keys = {KEY: {"p-1"}, "": {"p-1"}}
    _, client = serve(account)
    for path in ("/projects", "/projects/p-1", "/projects/p-1/integrations", "/none-such"):
        reply = client.send(path, key)
        assert reply.status == 401
        assert b"another-made-up-key" not in reply.body
        assert reply.headers["content-type"] == "application/problem+json"
        assert errors_of(schemas, "ApiProblem", reply.json) == []
        assert set(reply.json) == {
            *("type", "title", "status", "detail", "instance", "subsystem", "time"),
            *("requestId", "remedy", "retryable"),
        }
        assert reply.json["status"] == 401
        assert reply.json["title"] == "Unauthorized"
        assert datetime.fromisoformat(reply.json["time"]).utcoffset() == timedelta()


def test_any_key_but_none_sees_all_where_no_keys_are_declared(serve):
    _, client = serve(two_projects())
    assert len(client.send("/projects", "whatever").json) == 2
    assert client.send("/projects", None).status == 401


def test_a_key_sees_only_its_projects(serve):
    account = two_projects()
    account.keys = {KEY: {"p-2"}, "empty-made-up-key": set()}
    _, client = serve(account)
    assert [project["id"] for project in client.send("/projects").json] == ["p-2"]
    assert client.send("/projects/lantern-two/integrations").status == 200
    for name in ("p-1", "lantern-one", "none-such"):
        assert client.send(f"/projects/{name}").status == 404
        assert client.send(f"/projects/{name}/integrations").status == 404
    assert client.send("/projects", "empty-made-up-key").body == b"[]"


def test_a_project_that_was_taken_away_is_not_found(serve):
    account = two_projects()
    _, client = serve(account)
    del account.projects[0]
    assert client.send("/projects/p-1/integrations").status == 404


@pytest.mark.parametrize(
    "path",
    [
        *("", "/", "/projects/", "/Projects", "/projects/p-1/", "/projects/p-1/revisions"),
        *("/projects/p-1/integrations/", "/projects/p-1/integrations/i-1/installations/x"),
        *("/projects/p-1%2Fintegrations", "/projects/p-1/integrations/none-such"),
    ],
)
def test_any_other_path_is_not_found(serve, path):
    _, client = serve(two_projects())
    reply = client.send(path)
    assert reply.status == 404
    assert reply.json["retryable"] is False


def test_paths_outside_of_v1_are_not_found(serve):
    server, client = serve(two_projects())
    client.connection.request("GET", "/projects", headers={"X-Api-Key": KEY})
    response = client.connection.getresponse()
    assert (response.status, json.load(response)["status"]) == (404, 404)
    assert server.requests[0].path == "/projects"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW"])
def test_any_other_method_is_not_allowed_and_the_connection_stays_usable(serve, method):
    server, client = serve(two_projects())
    reply = client.send("/projects", method=method, body=b"GET /v1/smuggled HTTP/1.1\r\n\r\n")
    assert reply.status == 405
    assert reply.headers["allow"] == "GET"
    connection = client.connection.sock
    assert client.send("/projects").status == 200
    assert client.connection.sock is connection
    assert [request.method for request in server.requests] == [method, "GET"]


def talk(server: SandboxServer, wire: bytes) -> bytes:
    """What the server sends to these bytes until it closes the connection."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(wire)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


@pytest.mark.parametrize(
    ("wire", "status"),
    [
        (b"nonsense made-up-key\r\n\r\n", 400),
        (b"GET /made-up-key HTTP/9.9.9\r\n\r\n", 400),
        (b"GET /" + b"x" * 70_000, 414),
        (b"GET / HTTP/1.1\r\nX-Api-Key: " + b"x" * 70_000, 431),
    ],
)
def test_a_bad_request_gets_a_problem_and_the_connection_is_closed(serve, wire, status):
    server, _ = serve(two_projects())
    head, _, body = talk(server, wire).partition(b"\r\n\r\n")
    # Half a request line has no version yet, so its answer has no head either.
    problem = json.loads(body or head)
    assert problem["status"] == status
    assert b"made-up-key" not in body + head
    assert server.requests == []


def test_a_chunked_body_ends_the_connection(serve):
    server, _ = serve(two_projects())
    wire = b"POST /v1/projects HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    replies = talk(server, wire)
    assert replies.startswith(b"HTTP/1.1 401 ")
    assert replies.count(b"about:blank") == 1


# Canned answers


def test_a_failure_replaces_the_answer_until_it_is_used_up(serve):
    account = two_projects()
    path = "/projects/p-1/integrations"
    account.failures[path] = Failure(503, b"later", {"Retry-After": "1"}, times=2)
    _, client = serve(account)
    for _ in range(2):
        reply = client.send(path)
        assert (reply.status, reply.body) == (503, b"later")
        assert reply.headers["retry-after"] == "1"
        assert "content-type" not in reply.headers
    assert client.send(path).status == 200
    assert client.send("/projects/lantern-one/integrations").status == 200


def test_a_failure_without_times_stays_and_needs_no_key(serve):
    account = two_projects()
    account.failures["/projects"] = Failure(302, headers={"Location": "https://other.example/v1"})
    _, client = serve(account)
    for _ in range(3):
        reply = client.send("/projects?page=2", key=None)
        assert (reply.status, reply.body) == (302, b"")
        assert reply.headers["location"] == "https://other.example/v1"
    del account.failures["/projects"]
    assert client.send("/projects").status == 200


def test_a_failure_is_found_by_the_decoded_path(serve):
    account = two_projects()
    account.failures["/projects/p ü/integrations"] = Failure(418)
    _, client = serve(account)
    assert client.send("/projects/p%20%C3%BC/integrations").status == 418


def test_a_failure_is_counted_once_for_each_of_many_clients(serve):
    account = two_projects()
    account.failures["/projects"] = Failure(500, times=20)
    server, _ = serve(account)
    statuses: list[int] = []

    def ask() -> None:
        client = Client(server)
        statuses.extend(client.send("/projects").status for _ in range(10))
        client.connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(statuses) == {500: 20, 200: 60}
    assert len(server.requests) == 80


def test_a_failure_can_be_cut_short(serve):
    account = two_projects()
    account.failures["/projects"] = Failure(200, b"[{", {"Content-Length": "100"})
    _, client = serve(account)
    with pytest.raises(http.client.IncompleteRead):
        client.send("/projects")


@pytest.mark.parametrize("status", [204, 304])
def test_a_failure_without_content_keeps_the_connection_usable(serve, status):
    account = two_projects()
    account.failures["/projects"] = Failure(status, times=1)
    _, client = serve(account)
    reply = client.send("/projects")
    assert reply.status == status
    assert "content-length" not in reply.headers
    assert client.send("/projects").status == 200


# The server itself


def test_requests_are_recorded_as_they_came(serve):
    server, client = serve(two_projects())
    client.send("/projects/%70-1?x=%20", Accept="application/json")
    (request,) = server.requests
    assert (request.method, request.path) == ("GET", "/v1/projects/%70-1?x=%20")
    assert request.headers["x-api-key"] == KEY
    assert request.headers["accept"] == "application/json"
    assert KEY not in repr(request)


def test_a_changed_account_is_seen_at_once(serve):
    account = two_projects()
    _, client = serve(account)
    path = "/projects/p-1/integrations"
    assert len(client.send(path).json) == 2
    account.integrations["p-1"].append({"id": "i-3"})
    assert len(client.send(path).json) == 3
    account.set_integrations("p-1", None)
    assert client.send(path).body == b"null"


def test_a_frozen_listing_changes_only_through_set_integrations(serve):
    account = two_projects()
    _, client = serve(account, freeze=True)
    path = "/projects/p-1/integrations"
    before = client.send(path).body
    account.integrations["p-1"].append({"id": "i-3"})
    assert client.send(path).body == before
    account.set_integrations("p-1", [{"id": "i-4"}])
    assert client.send(path).body == b'[{"id":"i-4"}]'
    account.set_integrations("p-2", [{"id": "i-5"}])
    assert client.send("/projects/p-2/integrations").body == b'[{"id":"i-5"}]'


def test_answers_are_compressed_only_when_asked_for(serve):
    account = bundled_account()
    path = f"/projects/{PRODUCTION}/integrations"
    _, plain = serve(account)
    body = plain.send(path, Accept_Encoding="gzip").body
    assert body.startswith(b"[{")

    _, client = serve(account, gzip=True)
    reply = client.send(path, Accept_Encoding="deflate, GZIP;q=0.5")
    assert reply.headers["content-encoding"] == "gzip"
    assert gzip.decompress(reply.body) == body
    assert client.send(path).body == body
    assert "content-encoding" not in client.send("/projects", Accept_Encoding="gzip").headers
    account.failures[path] = Failure(200, body)
    assert client.send(path, Accept_Encoding="gzip").body == body


def test_latency_delays_every_answer_but_not_the_stop(serve):
    _, client = serve(two_projects(), latency=0.05)
    before = time.perf_counter()
    client.send("/projects")
    assert time.perf_counter() - before >= 0.05

    slow, client = serve(two_projects(), latency=600)
    client.connection.request("GET", "/v1/projects", headers={"X-Api-Key": KEY})
    while not slow.requests:
        pass
    before = time.perf_counter()
    slow.stop()
    assert time.perf_counter() - before < 5
    with pytest.raises(http.client.RemoteDisconnected):
        client.connection.getresponse()


def test_stop_closes_open_connections_and_start_takes_the_same_port():
    server = SandboxServer(two_projects())
    url = server.url
    server.start()
    with pytest.raises(RuntimeError, match="running already"):
        server.start()
    client = Client(server)
    assert client.send("/projects").status == 200
    server.stop()
    server.stop()
    with pytest.raises(http.client.RemoteDisconnected):
        client.send("/projects")
    with pytest.raises(ConnectionRefusedError):
        client.send("/projects")
    with server:
        assert server.url == url
        client = Client(server)
        assert client.send("/projects").status == 200
        client.connection.close()
    assert [thread.name for thread in threading.enumerate() if "sandbox" in thread.name] == []


def test_the_port_is_taken_at_once_and_only_on_loopback():
    server = SandboxServer(two_projects())
    port = urlsplit(server.url).port or 0
    assert server.url == f"http://127.0.0.1:{port}/v1"
    with pytest.raises(OSError, match="in use"):
        SandboxServer(two_projects(), port=port)
    server.stop()
    with SandboxServer(two_projects(), port=port) as again:
        assert again.url == server.url


def test_serve_forever_ends_with_stop():
    server = SandboxServer(two_projects())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    client = Client(server)
    assert client.send("/projects").status == 200
    client.connection.close()
    server.stop()
    thread.join(timeout=5)
    assert not thread.is_alive()


SERVE_FOREVER = """
import signal, sys
from ampersand_pipelines.sandbox import Account, SandboxServer

server = SandboxServer(Account())
if sys.argv[1] == "stop":
    signal.signal(signal.SIGINT, lambda *_: server.stop())
sys.stdout.write(server.url + "\\n")
sys.stdout.flush()
server.serve_forever()
"""


@pytest.mark.parametrize("how", ["interrupt", "stop"])
def test_an_interrupt_ends_serve_forever_quietly(how):
    command = [sys.executable, "-W", "error", "-c", SERVE_FOREVER, how]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            url = urlsplit(process.stdout.readline().decode().strip())
            connection = http.client.HTTPConnection(url.netloc, timeout=10)
            connection.request("GET", "/v1/projects", headers={"X-Api-Key": KEY})
            assert connection.getresponse().read() == b"[]"
            connection.close()
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=10)
        finally:
            process.kill()
    lines = errors.decode().splitlines()
    assert lines[-1:] == (["KeyboardInterrupt"] if how == "interrupt" else [])


def test_stop_waits_for_the_answers_that_are_being_made(serve):
    begun, never, ended = threading.Event(), threading.Event(), threading.Event()

    class Slow(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            begun.set()
            never.wait(0.2)
            ended.set()
            return default

    server, client = serve(Account(projects=[{"id": "p-1"}], integrations=Slow()))
    client.connection.request("GET", "/v1/projects/p-1/integrations", headers={"X-Api-Key": KEY})
    assert begun.wait(10)
    server.stop()
    assert ended.is_set()


def test_a_client_that_goes_away_makes_no_noise(serve, capfd, caplog):
    server, client = serve(bundled_account())
    address = urlsplit(server.url)
    for _ in range(3):
        with socket.create_connection((address.hostname, address.port), timeout=10) as gone:
            gone.sendall(b"GET /v1/projects HTTP/1.1\r\n\r\n")
            gone.recv(1)
            # Closes with a reset, in the middle of what the server says.
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert client.send("/projects").status == 200
    server.stop()
    assert capfd.readouterr() == ("", "")
    assert caplog.text == ""
