"""The sandbox serves the rest of the platform too, as the specification promises."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from ampersand_pipelines.demo import let_time_pass
from ampersand_pipelines.sandbox import (
    Account,
    Platform,
    SandboxServer,
    bundled_account,
    read_manifests,
)
from tests.support.sandbox_client import Client
from tests.support.specification import Schemas, errors_of, read_schemas, specified

MANIFESTS = Path(__file__).resolve().parents[2] / "shared" / "manifests"
PRODUCTION, STAGING = "lanternfish-production", "lanternfish-staging"

LISTS = {
    "destinations": "Destination",
    "installations": "Installation",
    "connections": "Connection",
    "provider-apps": "ProviderApp",
    "topics": "Topic",
    "notification-event-topic-routes": "NotificationEventTopicRoute",
    "topic-destination-routes": "TopicDestinationRoute",
}


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    return read_schemas()


@pytest.fixture
def serve() -> Iterator[Callable[[Account], Client]]:
    running: list[tuple[SandboxServer, Client]] = []

    def start(account: Account) -> Client:
        server = SandboxServer(account)
        server.start()
        running.append((server, Client(server)))
        return running[-1][1]

    yield start
    for server, client in running:
        client.connection.close()
        server.stop()


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Of the bundled account, which no test may change."""
    with SandboxServer(bundled_account()) as server:
        client = Client(server)
        yield client
        client.connection.close()


def listed(client: Client, path: str) -> list[dict[str, Any]]:
    reply = client.send(path)
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    documents: list[dict[str, Any]] = reply.json
    return documents


def operations_path(installation: dict[str, Any]) -> str:
    return (
        f"/projects/{installation['projectId']}/integrations/{installation['integrationId']}"
        f"/installations/{installation['id']}/operations"
    )


def pages(client: Client, path: str, size: int | None = None) -> list[dict[str, Any]]:
    query = f"?pageSize={size}" if size else "?"
    answers = [client.send(path + query).json]
    while not answers[-1]["pagination"]["done"]:
        token = quote(answers[-1]["pagination"]["nextPageToken"], safe="")
        answers.append(client.send(f"{path}{query}&pageToken={token}").json)
        assert len(answers) < 100
    return answers


def all_operations(client: Client, project: str) -> list[dict[str, Any]]:
    return [
        operation
        for installation in listed(client, f"/projects/{project}/installations")
        for page in pages(client, operations_path(installation))
        for operation in page["results"]
    ]


def by_name(documents: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {document["name"]: document for document in documents}


def installation_of(client: Client, group: str, integration: str) -> dict[str, Any]:
    integrations = by_name(listed(client, f"/projects/{PRODUCTION}/integrations"))
    path = f"/projects/{PRODUCTION}/integrations/{integrations[integration]['id']}/installations"
    (found,) = listed(client, f"{path}?groupRef={group}")
    return found


# What the specification says


def test_every_answer_is_what_the_specification_describes(client, schemas):
    for project in (PRODUCTION, STAGING):
        for part, schema in LISTS.items():
            documents = listed(client, f"/projects/{project}/{part}")
            assert documents
            for document in documents:
                assert errors_of(schemas, schema, document) == [], (part, document)
        for installation in listed(client, f"/projects/{project}/installations"):
            for page in pages(client, operations_path(installation), size=100):
                assert errors_of(schemas, "PaginationInfo", page["pagination"]) == []
                assert set(page) == {"results", "pagination"}
                for operation in page["results"]:
                    assert errors_of(schemas, "Operation", operation) == []
    catalog = client.send("/providers").json
    assert errors_of(schemas, "CatalogType", catalog) == []
    assert all(name == info["name"] for name, info in catalog.items())


def test_validation_finds_what_is_broken_deep_inside(client, schemas):
    installation = installation_of(client, "customer-birch", "lanternfish-salesforce")
    account = installation["config"]["content"]["read"]["objects"]["account"]
    account["selectedFields"]["Website"] = "true"
    del installation["config"]["content"]["subscribe"]["objects"]["account"]["destination"]
    assert len(set(errors_of(schemas, "Installation", installation))) == 2


def used(documents: list[Any], known: set[str]) -> tuple[set[str], set[tuple[str, str]]]:
    paths: set[str] = set()
    values: set[tuple[str, str]] = set()

    def walk(value: Any, path: str) -> None:
        if isinstance(value, dict):
            for key, child in value.items():
                step = f"{path}.*" if f"{path}.*" in known else f"{path}.{key}"
                paths.add(step)
                walk(child, step)
        elif isinstance(value, list):
            for item in value:
                walk(item, f"{path}[]")
        elif isinstance(value, str):
            values.add((path, value))

    for document in documents:
        walk(document, "")
    return paths, values


# Ways of signing in that no provider of the bundled catalog has.
UNUSED_VALUES = {"none", "oauth2/password"}


@pytest.mark.parametrize("part", LISTS)
def test_the_lists_use_every_property_of_the_specification_and_no_other(client, schemas, part):
    schema = LISTS[part]
    documents = [
        document
        for project in (PRODUCTION, STAGING)
        for document in listed(client, f"/projects/{project}/{part}")
    ]
    wanted, wanted_values = specified(schemas, schema)
    paths, values = used(documents, wanted)
    assert paths - wanted == set()
    assert wanted - paths == set()
    assert {value for _, value in wanted_values - values} <= UNUSED_VALUES


def test_operations_use_every_property_and_status(client, schemas):
    operations = all_operations(client, PRODUCTION)
    wanted, _ = specified(schemas, "Operation")
    paths, _ = used(operations, wanted)
    assert paths == wanted
    assert {operation["status"] for operation in operations} == {
        *("success", "failure", "in_progress")
    }
    assert {operation["actionType"] for operation in operations} == {"read", "write"}


def test_the_catalog_uses_no_property_that_the_specification_does_not_have(client, schemas):
    wanted, _ = specified(schemas, "CatalogType")
    paths, _ = used([client.send("/providers").json], wanted)
    assert paths - wanted == set()
    for module in (".support", ".modules.*.support"):
        assert f".*{module}.subscribeSupport.passThrough" in paths


def test_a_module_has_its_own_abilities_or_those_of_its_provider(client):
    salesforce = client.send("/providers").json["salesforce"]
    modules = salesforce["modules"]
    assert modules["crm"]["support"] == salesforce["support"]
    assert salesforce["support"]["subscribe"] is True
    assert modules["account-engagement"]["support"]["subscribe"] is False


# What the company is like


def test_ids_are_unique_and_lead_somewhere(client):
    seen: Counter[str] = Counter()
    for project in (PRODUCTION, STAGING):
        lists = {part: listed(client, f"/projects/{project}/{part}") for part in LISTS}
        integrations = {each["id"] for each in listed(client, f"/projects/{project}/integrations")}
        operations = all_operations(client, project)
        for documents in (*lists.values(), operations):
            seen.update(document["id"] for document in documents)
        connections = {each["id"]: each for each in lists["connections"]}
        installations = {each["id"]: each for each in lists["installations"]}
        for installation in lists["installations"]:
            assert installation["connection"] == connections[installation["connection"]["id"]]
            assert installation["integrationId"] in integrations
        for operation in operations:
            installation = installations[operation["installationId"]]
            assert operation["configId"] == installation["config"]["id"]
        topics = {topic["id"] for topic in lists["topics"]}
        destinations = {destination["id"] for destination in lists["destinations"]}
        for route in lists["notification-event-topic-routes"]:
            assert route["topicId"] in topics
        for route in lists["topic-destination-routes"]:
            assert route["topicId"] in topics
            assert route["destinationId"] in destinations
    assert set(seen.values()) == {1}


def test_one_destination_is_missing_and_one_is_unused(client):
    text = {
        project: client.send(f"/projects/{project}/integrations").body.decode()
        for project in (PRODUCTION, STAGING)
    }
    named = {
        project: {part.partition('"')[0] for part in text[project].split('"destination":"')[1:]}
        for project in text
    }
    there = {
        project: set(by_name(listed(client, f"/projects/{project}/destinations")))
        for project in text
    }
    assert named[PRODUCTION] - there[PRODUCTION] == {"lanternfish-work-events"}
    assert there[PRODUCTION] - named[PRODUCTION] == {"lanternfish-retired-hook"}
    assert named[STAGING] == there[STAGING]


def test_one_integration_asks_for_what_its_provider_cannot_do(client):
    catalog = client.send("/providers").json
    lacking = []
    for project in (PRODUCTION, STAGING):
        for integration in listed(client, f"/projects/{project}/integrations"):
            content = integration["latestRevision"]["content"]
            info = catalog[integration["provider"]]
            if "module" in content:
                info = info["modules"][content["module"]]
            lacking += [
                (integration["name"], action)
                for action in ("read", "write", "subscribe", "proxy")
                if content.get(action) and not info["support"][action]
            ]
    assert lacking == [("lanternfish-outreach", "subscribe")]


def test_failures_are_at_one_provider(client):
    providers = {
        each["id"]: each["provider"]
        for each in listed(client, f"/projects/{PRODUCTION}/integrations")
    }
    failed: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for operation in all_operations(client, PRODUCTION):
        provider = providers[operation["integrationId"]]
        total[provider] += 1
        failed[provider] += operation["status"] == "failure"
    assert 400 < total.total() < 600
    assert failed["netsuite"] > total["netsuite"] / 2
    assert failed.total() - failed["netsuite"] <= 5


def test_an_installation_says_how_its_newest_operation_went(client):
    for installation in listed(client, f"/projects/{PRODUCTION}/installations"):
        results = client.send(operations_path(installation)).json["results"]
        newest = results[0]["status"] if results else None
        assert installation.get("lastOperationStatus") == newest


def test_what_looks_like_a_secret_is_a_canary(client):
    secrets = []
    for project in (PRODUCTION, STAGING):
        for connection in listed(client, f"/projects/{project}/connections"):
            tokens = connection.get("oauth2AuthorizationCode", {})
            secrets += [tokens[name]["token"] for name in tokens if name.endswith("Token")]
            secrets += [connection["apiKey"]] if "apiKey" in connection else []
        for destination in listed(client, f"/projects/{project}/destinations"):
            if destination["type"] == "webhook":
                secrets.append(destination["metadata"]["url"].partition("?token=")[2])
                headers = destination["metadata"]["headers"] or {}
                secrets += [
                    v.removeprefix("Bearer ") for k, v in headers.items() if k != "X-Source"
                ]
    assert len(secrets) > 50
    assert [secret for secret in secrets if not secret.startswith("canary-")] == []
    assert len(set(secrets)) == len(secrets)


def test_customers_are_of_every_kind(client):
    installations = listed(client, f"/projects/{PRODUCTION}/installations")
    connections = listed(client, f"/projects/{PRODUCTION}/connections")
    assert len({each["group"]["groupRef"] for each in installations}) == 14
    assert {each["healthStatus"] for each in installations} == {"healthy", "unhealthy"}
    used_connections = {each["connection"]["id"] for each in installations}
    unused = [each for each in connections if each["id"] not in used_connections]
    assert [(each["provider"], each["group"]["groupName"]) for each in unused] == [
        ("pipedrive", "Customer Willow")
    ]
    revisions = {
        each["id"]: each["latestRevision"]
        for each in listed(client, f"/projects/{PRODUCTION}/integrations")
    }
    pinned = [
        each["group"]["groupName"]
        for each in installations
        if each["config"]["revisionId"] != revisions[each["integrationId"]]["id"]
    ]
    assert pinned == ["Customer Maple"]
    installed = {each["integrationId"] for each in installations}
    chosen = {
        (each["integrationId"], name)
        for each in installations
        for name in each["config"]["content"].get("read", {}).get("objects", {})
    }
    nobody_chose = {
        (each["provider"], item["objectName"])
        for each in listed(client, f"/projects/{PRODUCTION}/integrations")
        if each["id"] in installed
        for item in each["latestRevision"]["content"].get("read", {}).get("objects", ())
        if (each["id"], item["objectName"]) not in chosen
    }
    assert ("klaviyo", "campaigns") in nobody_chose
    assert ("zendeskSupport", "satisfaction_ratings") in nobody_chose
    assert len(installed) == len(revisions) - 1


def test_what_time_brings(serve):
    account = bundled_account()
    client = serve(account)
    before = {each["id"]: each for each in all_operations(client, PRODUCTION)}
    first = {each["id"]: each for each in listed(client, f"/projects/{PRODUCTION}/installations")}
    revisions = {
        each["latestRevision"]["id"]
        for each in listed(client, f"/projects/{PRODUCTION}/integrations")
    }
    let_time_pass(account)
    after = {each["id"]: each for each in all_operations(client, PRODUCTION)}
    second = {each["id"]: each for each in listed(client, f"/projects/{PRODUCTION}/installations")}
    changed = [
        (before[each]["status"], after[each]["status"])
        for each in after
        if before[each] != after[each]
    ]
    assert changed == [("in_progress", "success")] * 2
    # Freshdesk's are gone with the integration.
    assert [first[each]["connection"]["provider"] for each in first if each not in second] == [
        "freshdesk"
    ]
    gone = [each for each in before if each not in after]
    assert {before[each]["installationId"] for each in gone} == first.keys() - second.keys()
    assert client.send(f"/projects/{PRODUCTION}/operations/{gone[0]}").status == 404
    now = {
        each["id"]: each["latestRevision"]["id"]
        for each in listed(client, f"/projects/{PRODUCTION}/integrations")
    }
    outdated = Counter(
        (each["connection"]["provider"], each["config"]["revisionId"] in revisions)
        for each in second.values()
        if each["config"]["revisionId"] != now[each["integrationId"]]
    )
    assert outdated == {
        ("salesforce", True): 2,
        ("hubspot", True): 3,
        ("zendeskSupport", False): 1,
    }
    saved = [each for each in second if first[each]["config"] != second[each]["config"]]
    assert [second[each]["group"]["groupName"] for each in saved] == ["Customer Birch"]
    assert second[saved[0]]["config"]["revisionId"] not in revisions


def test_a_manifest_that_changes_changes_no_installation(serve):
    account = bundled_account()
    client = serve(account)
    before = listed(client, f"/projects/{PRODUCTION}/installations")
    for listing in account.integrations.values():
        for integration in listing:
            for item in integration["latestRevision"]["content"].get("read", {}).get("objects", ()):
                item.get("backfill", {}).clear()
    assert listed(client, f"/projects/{PRODUCTION}/installations") == before


DIGEST = """
import hashlib
from ampersand_pipelines.sandbox import bundled_account
account = bundled_account()
print(hashlib.sha256(repr((account.platform, account.catalog)).encode()).hexdigest())
"""


def test_it_is_the_same_in_every_process():
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


# Lists and pages


@pytest.mark.parametrize("spelling", [PRODUCTION, "LANTERNFISH-Production", "the id"])
def test_a_project_is_found_by_id_or_name(client, spelling):
    projects = by_name(listed(client, "/projects"))
    name = projects[PRODUCTION]["id"] if spelling == "the id" else spelling
    for part in LISTS:
        expected = listed(client, f"/projects/{PRODUCTION}/{part}")
        assert listed(client, f"/projects/{name}/{part}") == expected


@pytest.mark.parametrize(
    ("part", "query", "where", "value"),
    [
        ("installations", "groupRef", ("group", "groupRef"), "customer-birch"),
        ("connections", "groupRef", ("group", "groupRef"), "customer-willow"),
        ("connections", "consumerRef", ("consumer", "consumerRef"), "user-121"),
        ("connections", "provider", ("provider",), "hubspot"),
        ("notification-event-topic-routes", "eventType", ("eventType",), "connection.error"),
    ],
)
def test_lists_are_filtered(client, part, query, where, value):
    def at(document: Any) -> Any:
        for name in where:
            document = document[name]
        return document

    path = f"/projects/{PRODUCTION}/{part}"
    everything = listed(client, path)
    found = listed(client, f"{path}?{query}={value}")
    assert found == [document for document in everything if at(document) == value]
    assert 0 < len(found) < len(everything)
    assert listed(client, f"{path}?{query}=none-such") == []
    assert listed(client, f"{path}?unknown={value}") == everything


def test_filters_are_all_applied(client):
    path = f"/projects/{PRODUCTION}/connections?groupRef=customer-willow&consumerRef=user-121"
    assert len(listed(client, path)) == 2
    (found,) = listed(client, f"{path}&provider=pipedrive")
    assert found["provider"] == "pipedrive"


def test_routes_are_filtered_by_what_they_join(client):
    path = f"/projects/{PRODUCTION}/topic-destination-routes"
    for route in listed(client, path):
        for name in ("topicId", "destinationId"):
            assert route in listed(client, f"{path}?{name}={route[name]}")
    assert len(listed(client, f"{path}?destinationId={route['destinationId']}")) == 1


def test_an_integration_lists_its_own_installations(client):
    everything = listed(client, f"/projects/{PRODUCTION}/installations")
    apart = []
    for integration in listed(client, f"/projects/{PRODUCTION}/integrations"):
        found = listed(
            client, f"/projects/{PRODUCTION}/integrations/{integration['id']}/installations"
        )
        assert {each["integrationId"] for each in found} <= {integration["id"]}
        apart += found
    assert sorted(apart, key=str) == sorted(everything, key=str)


@pytest.mark.parametrize(
    ("size", "lengths"), [(None, [200, 30]), (77, [77, 77, 76]), (115, [115, 115]), (1000, [230])]
)
def test_pages_are_complete_and_from_new_to_old(client, size, lengths):
    path = operations_path(installation_of(client, "customer-fir", "lanternfish-salesforce"))
    answers = pages(client, path, size)
    assert [len(answer["results"]) for answer in answers] == lengths
    assert ["nextPageToken" in answer["pagination"] for answer in answers] == (
        [True] * (len(lengths) - 1) + [False]
    )
    operations = [operation for answer in answers for operation in answer["results"]]
    assert len({operation["id"] for operation in operations}) == 230
    times = [datetime.fromisoformat(operation["createTime"]) for operation in operations]
    assert times == sorted(times, reverse=True)


def test_pages_of_one_are_complete_too(client):
    path = operations_path(installation_of(client, "customer-oak", "lanternfish-hubspot"))
    answers = pages(client, path, 1)
    assert [answer["results"] for answer in answers] == [
        [operation] for operation in client.send(path).json["results"]
    ]


def test_an_installation_without_operations_has_one_empty_page(client):
    path = operations_path(installation_of(client, "customer-birch", "lanternfish-slack"))
    assert client.send(path).json == {"results": [], "pagination": {"done": True}}


def test_what_is_new_between_two_pages_moves_nothing(serve):
    account = bundled_account()
    client = serve(account)
    installation = installation_of(client, "customer-fir", "lanternfish-salesforce")
    operations = account.platform[installation["projectId"]].operations[installation["id"]]
    wanted = [operation["id"] for operation in operations]
    path = operations_path(installation)
    first = client.send(f"{path}?pageSize=120").json
    operations[:0] = [{**operations[0], "id": f"new-{number}"} for number in range(3)]
    token = quote(first["pagination"]["nextPageToken"], safe="")
    second = client.send(f"{path}?pageSize=120&pageToken={token}").json
    assert second["pagination"] == {"done": True}
    got = [operation["id"] for answer in (first, second) for operation in answer["results"]]
    assert got == wanted
    # Fewer than were to come when the token was made.
    del operations[100:]
    assert client.send(f"{path}?pageToken={token}").status == 422


def test_a_token_has_to_be_encoded_and_is_good_for_its_list_alone(client, schemas):
    path = operations_path(installation_of(client, "customer-fir", "lanternfish-salesforce"))
    token = client.send(path).json["pagination"]["nextPageToken"]
    assert {"+", "/", "="} <= set(token)
    other = operations_path(installation_of(client, "customer-oak", "lanternfish-hubspot"))
    encoded = quote(token, safe="")
    for bad in (
        f"{path}?pageToken={token}",
        f"{path}?pageToken={encoded[:-9]}",
        f"{path}?pageToken=%C3%BC",
        f"{other}?pageToken={encoded}",
    ):
        reply = client.send(bad)
        assert reply.status == 422
        assert errors_of(schemas, "InputValidationProblem", reply.json) == []
        assert [issue["name"] for issue in reply.json["issues"]] == ["pageToken"]
    assert len(client.send(f"{path}?pageToken={encoded}").json["results"]) == 30
    assert len(client.send(f"{path}?pageToken=").json["results"]) == 200


@pytest.mark.parametrize("size", ["0", "1001", "-1", "ten", "", "1.5", "%D9%A1", "9" * 5000])
def test_a_page_has_one_to_a_thousand_items(client, schemas, size):
    path = operations_path(installation_of(client, "customer-fir", "lanternfish-salesforce"))
    reply = client.send(f"{path}?pageSize={size}")
    assert reply.status == 422
    assert errors_of(schemas, "InputValidationProblem", reply.json) == []
    assert [issue["name"] for issue in reply.json["issues"]] == ["pageSize"]


def test_an_operation_is_found_by_its_id_in_its_project_alone(client):
    (first, *_) = all_operations(client, PRODUCTION)
    assert client.send(f"/projects/{PRODUCTION}/operations/{first['id']}").json == first
    assert client.send(f"/projects/{STAGING}/operations/{first['id']}").status == 404


# Problems


@pytest.mark.parametrize(
    "name", ["refresh", "rotate", "includeSecrets", "includeCreds", "includeRefreshToken"]
)
def test_what_would_do_or_reveal_something_is_refused(client, schemas, name):
    operations = operations_path(installation_of(client, "customer-fir", "lanternfish-salesforce"))
    paths = [f"/projects/{PRODUCTION}/{part}" for part in LISTS]
    for path in (*paths, operations, "/providers", "/projects"):
        for value in ("=true", "=false", "", "=canary-query"):
            reply = client.send(f"{path}?groupRef=x&{name}{value}")
            assert (reply.status, reply.json["status"]) == (422, 422)
            assert reply.headers["content-type"] == "application/problem+json"
            assert errors_of(schemas, "InputValidationProblem", reply.json) == []
            assert "sandbox does not do" in reply.json["detail"]
            assert reply.json["issues"][0]["name"] == name
            assert b"canary" not in reply.body


@pytest.mark.parametrize(
    "path",
    [
        *(f"/projects/none-such/{part}" for part in LISTS),
        "/projects/{p}/operations/none-such",
        "/projects/{p}/operations",
        "/projects/{p}/integrations/none-such/installations",
        "/projects/{p}/integrations/{i}/installations/none-such",
        "/projects/{p}/integrations/{i}/installations/none-such/operations",
        "/projects/{p}/integrations/{j}/installations/{id}/operations",
        "/projects/{p}/destinations/",
        "/projects/{p}/provider_apps",
        "/providers/salesforce",
    ],
)
def test_what_is_not_there_is_not_found(client, schemas, path):
    one = installation_of(client, "customer-fir", "lanternfish-salesforce")
    other = installation_of(client, "customer-oak", "lanternfish-hubspot")
    filled = path.format(
        p=PRODUCTION, i=one["integrationId"], j=other["integrationId"], id=one["id"]
    )
    reply = client.send(filled)
    assert reply.status == 404
    assert errors_of(schemas, "ApiProblem", reply.json) == []


def test_all_but_the_catalog_needs_a_key_that_sees_the_project(serve):
    account = bundled_account()
    production, staging = (project["id"] for project in account.projects)
    account.keys = {"made-up-key": {staging}}
    client = serve(account)
    for part in (*LISTS, "operations/x", "integrations/x/installations"):
        assert client.send(f"/projects/{production}/{part}", key=None).status == 401
        assert client.send(f"/projects/{production}/{part}", key="other").status == 401
        assert client.send(f"/projects/{production}/{part}").status == 404
    assert client.send("/providers", key=None).json == account.catalog
    assert client.send("/providers", key="other").status == 200
    assert client.send("/providers", key=None, method="POST").status == 405
    assert client.send(f"/projects/{staging}/connections", method="POST").status == 405


# Other accounts


@pytest.mark.parametrize(
    ("value", "body"),
    [
        (None, b"null"),
        (b"[1e400, ", b"[1e400, "),
        ({"results": []}, b'{"results":[]}'),
        ([None, 1, {"id": [2]}], b'[null,1,{"id":[2]}]'),
    ],
)
def test_lists_are_served_as_they_are(serve, value, body):
    lists = {part.replace("-", "_"): value for part in LISTS}
    account = Account(
        projects=[{"id": "p-1", "name": "lantern-one"}],
        integrations={"p-1": [{"id": "i-1"}]},
        platform={"p-1": Platform(**lists)},
        catalog=value,
    )
    client = serve(account)
    for part in LISTS:
        assert client.send(f"/projects/p-1/{part}").body == body
    assert client.send("/providers").body == body
    of_integration = client.send("/projects/p-1/integrations/i-1/installations")
    assert of_integration.body == (b"[]" if isinstance(value, list) else body)
    assert client.send("/projects/p-1/integrations/i-1/installations/x/operations").status == 404


def test_a_project_that_nothing_is_said_of_has_nothing(serve):
    client = serve(
        Account(projects=[{"id": "p-1"}], integrations={"p-1": [{"id": "i-1", "name": "a"}]})
    )
    for part in (*LISTS, "integrations/i-1/installations"):
        assert client.send(f"/projects/p-1/{part}").body == b"[]"
    assert client.send("/providers").body == b"{}"


def test_manifests_bring_their_destinations_and_providers(serve, schemas):
    if not MANIFESTS.is_dir():
        pytest.skip(f"needs the vendor's public manifests at {MANIFESTS}")
    account = read_manifests(MANIFESTS, projects=3)
    client = serve(account)
    catalog = client.send("/providers").json
    assert errors_of(schemas, "CatalogType", catalog) == []
    providers = set()
    for project in account.projects:
        integrations = account.integrations[project["id"]]
        providers |= {integration["provider"] for integration in integrations}
        text = json.dumps(integrations).split('"destination": "')[1:]
        destinations = listed(client, f"/projects/{project['id']}/destinations")
        assert [each["name"] for each in destinations] == sorted(
            {part.partition('"')[0] for part in text} - {""}
        )
        for destination in destinations:
            assert errors_of(schemas, "Destination", destination) == []
        for part in LISTS.keys() - {"destinations"}:
            assert listed(client, f"/projects/{project['id']}/{part}") == []
        for integration in integrations:
            content = integration["latestRevision"]["content"]
            info = catalog[integration["provider"]]
            support = info["support"]
            if "module" in content:
                support = info["modules"][content["module"]]["support"]
            for action in ("read", "write", "subscribe", "proxy"):
                assert support[action] or not content.get(action)
    assert set(catalog) == providers


def test_odd_manifests_bring_what_they_name(tmp_path):
    (tmp_path / "amp.yaml").write_text(
        """specVersion: 1.0.0
integrations:
  - name: odd
    provider: hubspot
    module: [crm]
    read: {objects: [5, {objectName: a, destination: one}, {objectName: b, destination: [two]}]}
    subscribe: [no mapping]
    watchSchema: {destination: three}
    proxy: yes
"""
    )
    account = read_manifests(tmp_path)
    (platform,) = account.platform.values()
    assert [each["name"] for each in platform.destinations] == ["one", "three"]
    assert list(account.catalog) == ["hubspot"]
