"""What an answer that may hold secrets leaves behind: what some column reads, and nothing else."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ampersand.admission import admit
from ampersand.declaration import Path as PropertyPath
from ampersand.kinds import KINDS
from ampersand.lossless_json import decode_page
from ampersand.normalize import Batch, Entry, arrow_schema, normalize_entries
from ampersand.platform_tables import COLLECTIONS, OPERATIONS, PLATFORM_TABLES
from ampersand.tables import TABLES_BY_NAME, TABLES_OF_COLLECTIONS
from ampersand_pipelines.exit_codes import ExitCode
from tests.support.filled import Filling, read_schemas
from tests.support.generated import SPECIFICATION
from tests.support.left_behind import contents
from tests.support.scripted_server import ScriptedServer, answer

SCHEMAS = {
    "destination": "DestinationWithSecrets",
    "installation": "Installation",
    "connection": "Connection",
    "provider": "ProviderInfo",
    "provider_app": "ProviderApp",
    "topic": "Topic",
    "topic_event_route": "NotificationEventTopicRoute",
    "topic_destination_route": "TopicDestinationRoute",
    "operation": "Operation",
}
KEPT = Path(__file__).parent / "cases" / "kept_properties.json"
COLLECTION_OF = {collection.kind: collection for collection in COLLECTIONS}

needs_specification = pytest.mark.skipif(
    not SPECIFICATION.exists(),
    reason="the API's specification (shared/openapi) does not lie beside the repository",
)


def _answers(filling: Filling) -> dict[str, list[Any]]:
    """What an API answers that has one entry of each, with every property there is."""
    documents = {kind: filling.document(name) for kind, name in SCHEMAS.items()}
    root = "/v1/projects"
    bodies: dict[str, Any] = {root: [{"id": "p1", "name": "first"}], f"{root}/p1/integrations": []}
    for collection in COLLECTIONS:
        entry = documents[collection.kind]
        target = "/v1/" + collection.path.format(project="p1")
        bodies[target] = {entry["name"]: entry} if collection.is_map else [entry]
    installation = documents["installation"]
    operations = (
        f"{root}/p1/integrations/{installation['integrationId']}/installations/"
        f"{installation['id']}/operations?pageSize=1000"
    )
    bodies[operations] = {"results": [documents["operation"]], "pagination": {"done": True}}
    return {target: [answer(body=json.dumps(body).encode())] for target, body in bodies.items()}


def _load(folder: Path, url: str, **settings: str) -> subprocess.CompletedProcess[str]:
    names = {f"SOURCES__AMPERSAND__{name}": text for name, text in settings.items()}
    return subprocess.run(
        [
            *(sys.executable, "-m", "ampersand_pipelines.cli"),
            *("load", "--json", "--duckdb", "file.duckdb"),
        ],
        cwd=folder,
        env={
            **os.environ,
            "AMP_API_KEY": "any",
            "AMP_API_URL": url,
            "RUNTIME__LOG_LEVEL": "DEBUG",
            "DLT_DATA_DIR": "dlt",
            "SOURCES__AMPERSAND__COLLECTIONS": json.dumps(list(TABLES_OF_COLLECTIONS)),
            **names,
        },
        capture_output=True,
        text=True,
    )


@needs_specification
def test_what_is_kept_of_every_property_there_is(tmp_path: Path, update_golden: bool) -> None:
    """Each property of the specification has a text of its own: what is not listed is nowhere."""
    filling = Filling(read_schemas())
    with ScriptedServer(_answers(filling)) as api:
        done = _load(tmp_path, api.url)
    assert done.returncode == ExitCode.DONE, done.stderr
    found: set[str] = set()
    for _, content in [*contents(tmp_path), ("output", (done.stdout + done.stderr).encode())]:
        found |= filling.paths_in(content)
    kept = sorted(found)
    if update_golden:
        KEPT.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    assert kept == json.loads(KEPT.read_text(encoding="utf-8"))


def test_no_secret_is_in_the_list_of_what_is_kept() -> None:
    """The list above is read by people; these must never come to be in it."""
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    secret = (
        *("token", "apikey", "clientsecret", "headers", "signingkey", "unknown", "password"),
        *(" user", " query", " fragment", "metadata.url path", "successfulrecordids"),
    )
    assert [path for path in kept if any(word in path.lower() for word in secret)] == []
    assert len(kept) > 100


@needs_specification
def test_each_column_is_read_from_what_the_specification_has() -> None:
    filling = Filling(read_schemas())
    filled: dict[str, set[str]] = {table.name: set() for table in PLATFORM_TABLES}
    for kind, name in SCHEMAS.items():
        for table_name, rows in _normalized(kind, filling.document(name)).items():
            for column in rows.column_names:
                if rows[column].null_count < rows.num_rows and table_name in filled:
                    filled[table_name].add(column)
    assert filled == {
        table.name: {column.name for column in table.columns} for table in PLATFORM_TABLES
    }


def _normalized(kind: str, document: Any) -> Batch:
    kept, dropped = admit(kind, document)
    of_list = COLLECTION_OF.get(kind)
    collection = of_list.name if of_list else OPERATIONS.name
    entry = Entry("p1", "listing" if of_list else None, 0, "1", "key", kept, dropped)
    return normalize_entries(collection, kind, [entry], "run")


@needs_specification
def test_names_of_people_and_customers_can_be_hashed(tmp_path: Path) -> None:
    filling = Filling(read_schemas())
    with ScriptedServer(_answers(filling)) as api:
        done = _load(tmp_path, api.url, PERSONAL_HASH_KEY="some secret")
    assert done.returncode == ExitCode.DONE, done.stderr
    found: set[str] = set()
    for _, content in [*contents(tmp_path), ("output", (done.stdout + done.stderr).encode())]:
        found |= filling.paths_in(content)
        assert b"some secret" not in content
    words = (".group.", "onsumer", "createdBy", "WorkspaceRef")
    assert [path for path in found if any(word in path for word in words)] == []
    assert len(found) > 100


@needs_specification
def test_no_request_has_a_side_effect(tmp_path: Path) -> None:
    with ScriptedServer(_answers(Filling(read_schemas()))) as api:
        _load(tmp_path, api.url)
    assert {request.method for request in api.requests} == {"GET"}
    queries = {target.partition("?")[2] for target in api.targets}
    assert queries == {"", "pageSize=1000"}


@pytest.mark.parametrize("table", PLATFORM_TABLES, ids=lambda table: table.name)
def test_a_column_that_names_people_says_so(table: Any) -> None:
    words = ("group", "consumer", "created_by", "workspace_ref")
    for column in table.columns:
        if isinstance(column.origin, PropertyPath) and column.name.startswith(words):
            assert column.is_personal, column.name


def _places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _places(member, (*path, name))
    elif isinstance(value, list):
        for position, member in enumerate(value):
            yield from _places(member, (*path, position))


_EMPTY = arrow_schema("revision_unmapped_properties").empty_table()
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@needs_specification
@given(st.sampled_from(sorted(SCHEMAS)), st.randoms(use_true_random=False), _JSON)
def test_anything_anywhere_is_taken(kind: str, random: Random, odd: Any) -> None:
    """Whatever stands where something else should: no error, real keys, the rest is there."""
    document = Filling(read_schemas()).document(SCHEMAS[kind])
    places = [place for place in _places(document) if place]
    *above, last = random.choice(places)
    container = document
    for step in above:
        container = container[step]
    container[last] = odd
    if not isinstance(document.get("id", document.get("name")), str):
        return
    batch = _normalized(kind, document)
    for name, rows in batch.items():
        key = TABLES_BY_NAME[name].key
        keys = [tuple(row[column] for column in key) for row in rows.to_pylist()]
        assert len(set(keys)) == len(keys)
        assert not any(None in key for key in keys)
    assert batch[KINDS[kind].table.name].num_rows == 1
    for unmapped in batch.get("revision_unmapped_properties", _EMPTY).to_pylist():
        assert unmapped["value"] is None


@pytest.mark.parametrize(
    "text",
    [
        '{"objects": {"a": {}, "a": {"objectName": "a"}}}',
        '{"objects": {"a": {"selectedFields": {"f": true, "f": false}}}}',
        '{"objects": {"a": {"selectedValueMappings": {"f": {"v": "1", "v": "2"}}}}}',
    ],
)
def test_a_name_that_is_repeated_is_told(text: str) -> None:
    body = f'[{{"id": "i", "config": {{"content": {{"read": {text}}}}}}}]'
    (element,) = decode_page(body.encode())
    _, dropped = admit("installation", element)
    assert [each.reason for each in dropped] == ["duplicate_key"]


def test_an_address_that_could_hold_a_password_in_its_path_is_not_kept() -> None:
    address = "amqp://user:12/password@mq.example/orders"
    kept, dropped = admit("destination", {"id": "d", "metadata": {"serverUrl": address}})
    assert kept == {"id": "d", "metadata": {}}
    assert [each.path for each in dropped] == [".metadata.serverUrl"]


def test_an_address_is_written_as_it_came() -> None:
    template = "https://user@{{.subDomain}}.Example.com:8443/v1?token=x"
    kept, _ = admit("provider", {"name": "p", "baseURL": template})
    assert kept["baseURL"] == "https://{{.subDomain}}.Example.com:8443/v1"
