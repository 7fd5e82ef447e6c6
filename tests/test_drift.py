"""Where what is deployed differs from what manifests declare: the view, and the command."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ampersand import create_views, manifests_source, open_views
from ampersand.ledger import Declared
from ampersand.manifest_files import Manifest, parse
from ampersand.manifests import Declaration, batches
from ampersand.tables import TABLES_BY_NAME
from ampersand_pipelines.cli import main
from ampersand_pipelines.drift import compare, read_drift
from ampersand_pipelines.in_memory import InMemory
from ampersand_pipelines.reading import Dataset
from ampersand_pipelines.sandbox import SandboxServer, read_manifests
from tests.support.drivers import run_plainly
from tests.support.warehouses import DATASET, Kind, Warehouse

SHARED = Path(__file__).resolve().parents[2] / "shared" / "manifests"

MANIFEST = """\
specVersion: 1.0.0
integrations:
  - name: crm
    provider: hubspot
    read:
      objects:
        - objectName: contacts
          destination: webhook
          requiredFields:
            - {fieldName: id}
            - {fieldName: email, mapToName: email_address}
            - {mapToName: phone, prompt: Which one}
    subscribe:
      objects:
        - objectName: contacts
          destination: webhook
          createEvent: {enabled: always}
          updateEvent: {enabled: always, requiredWatchFields: [email]}
"""


def deployed(content: dict[str, Any], name: str = "crm") -> dict[str, Any]:
    """An integration as the API lists it."""
    return {
        "id": f"id-of-{name}",
        "name": name,
        "provider": content.get("provider"),
        "latestRevision": {"id": "r", "specVersion": "1.0.0", "content": content},
    }


def drift(declared: list[Manifest], there: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the view says, without what is the same in all rows and what is unset."""
    memory = InMemory(["manifest_drift"])
    memory.insert(
        batches(
            [Declaration(there)],
            ["p"],
            frozenset(TABLES_BY_NAME),
            missing=frozenset(),
            declared=Declared(),
            run_id=lambda _: "deployed",
            scope="all",
        )
    )
    memory.declare(declared, ["p"])
    left_out = {"project_id", "integration_id", "provider", "declared_in", "declared_from"}
    left_out |= {"listed_at", "integration_name"}
    return [
        {name: value for name, value in row.items() if value is not None and name not in left_out}
        for row in read_drift(memory, None).records()
    ]


def content() -> dict[str, Any]:
    """What MANIFEST declares, as the API would send it: with what nobody set."""
    (manifest,) = parse(MANIFEST.encode(), "amp.yaml")
    whole: dict[str, Any] = json.loads(json.dumps(manifest.content))
    whole |= {"displayName": "", "module": "", "write": None, "proxy": None}
    whole["read"]["objects"][0] |= {"schedule": "", "mapToName": "", "enabled": ""}
    whole["read"]["objects"][0]["requiredFields"][0] |= {"mapToName": "", "prompt": ""}
    whole["read"]["objects"][0]["requiredFields"][2] |= {"fieldName": "", "default": ""}
    whole["read"]["objects"][0] |= {"optionalFields": [], "optionalFieldsAuto": None}
    whole["subscribe"]["objects"][0] |= {"inheritFieldsAndMapping": False, "otherEvents": None}
    whole["subscribe"]["objects"][0]["updateEvent"]["novelty"] = ""
    return whole


def test_what_nobody_set_is_no_difference() -> None:
    assert drift(parse(MANIFEST.encode(), "amp.yaml"), [deployed(content())]) == []


_CONTACTS = {"action": "read", "object_name": "contacts"}
_UPDATE = {"action": "subscribe", "object_name": "contacts", "event_type": "update"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "mapToName: email_address",
            "mapToName: mail",
            {
                **_CONTACTS,
                "difference": "differs",
                "kind": "field",
                "field_name": "email",
                "property": "map_to_name",
                "declared_value": "mail",
                "deployed_value": "email_address",
            },
        ),
        (
            "- {fieldName: id}",
            "- {fieldName: id}\n            - {fieldName: phone}",
            {
                **_CONTACTS,
                "difference": "not_deployed",
                "kind": "field",
                "field_name": "phone",
                "declared_value": "required",
            },
        ),
        (
            "            - {fieldName: id}\n",
            "",
            {
                **_CONTACTS,
                "difference": "not_declared",
                "kind": "field",
                "field_name": "id",
                "deployed_value": "required",
            },
        ),
        (
            "          requiredFields:",
            "          schedule: 0 * * * *\n          requiredFields:",
            {
                **_CONTACTS,
                "difference": "differs",
                "kind": "object",
                "property": "schedule",
                "declared_value": "0 * * * *",
            },
        ),
        (
            "createEvent: {enabled: always}",
            "deleteEvent: {enabled: always}",
            [
                {
                    **_UPDATE,
                    "event_type": name,
                    "difference": difference,
                    "kind": "event",
                    value: "always",
                }
                for name, difference, value in (
                    ("create", "not_declared", "deployed_value"),
                    ("delete", "not_deployed", "declared_value"),
                )
            ],
        ),
        (
            "requiredWatchFields: [email]",
            "requiredWatchFields: [email, id]",
            {**_UPDATE, "difference": "not_deployed", "kind": "watch_field", "field_name": "id"},
        ),
        (
            "    read:",
            "    proxy: {enabled: true}\n    novelty: [1]\n    read:",
            [
                {
                    "difference": "differs",
                    "kind": "revision",
                    "property": name,
                    "declared_value": value,
                }
                for name, value in (
                    ("has_proxy", "true"),
                    ("novelty", "[1]"),
                    ("proxy_enabled", "true"),
                )
            ],
        ),
        ("hubspot", "salesforce", {"property": "content_provider"}),
    ],
)
def test_what_differs_is_told_down_to_the_property(
    old: str, new: str, expected: dict[str, Any] | list[dict[str, Any]]
) -> None:
    assert MANIFEST.count(old) == 1
    found = drift(parse(MANIFEST.replace(old, new).encode(), "amp.yaml"), [deployed(content())])
    wanted = expected if isinstance(expected, list) else [expected]
    assert [
        {name: row.get(name) for name in want} for row, want in zip(found, wanted, strict=True)
    ] == wanted


def test_an_integration_may_be_on_one_side_alone() -> None:
    other = MANIFEST.replace("name: crm", "name: other")
    found = drift(parse(other.encode(), "amp.yaml"), [deployed(content())])
    assert found == [
        {"difference": "not_declared", "kind": "integration"},
        {"difference": "not_deployed", "kind": "integration"},
    ]
    assert drift([], [deployed(content())]) == found[:1]
    empty = {**deployed({}), "latestRevision": None, "provider": "hubspot"}
    missing = drift(parse(MANIFEST.encode(), "amp.yaml"), [empty])
    assert {row["difference"] for row in missing} == {"not_deployed"}


def test_twins_are_told_apart_by_their_module() -> None:
    both = [
        MANIFEST.replace("provider: hubspot", f"provider: hubspot\n    module: {m}") for m in "ab"
    ]
    declared = [each for text in both for each in parse(text.encode(), "amp.yaml")]
    contents = [{**content(), "module": module} for module in "ba"]
    there = [{**deployed(each), "id": f"id-{number}"} for number, each in enumerate(contents)]
    assert drift(declared, there) == []


# The command


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A database that knows what was deployed from a manifest, by hand in part."""
    warehouse = Warehouse("duckdb", tmp_path_factory.mktemp("drift"))
    (warehouse.folder / "git").mkdir()
    (warehouse.folder / "git" / "amp.yaml").write_text(MANIFEST)
    account = read_manifests(warehouse.folder / "git")
    (integration,) = account.integrations[account.projects[0]["id"]]
    fields = integration["latestRevision"]["content"]["read"]["objects"][0]["requiredFields"]
    fields[1]["mapToName"] = "by_hand"
    account.projects.append({"id": "p2", "name": "second"})
    with SandboxServer(account) as api:
        run_plainly(warehouse, api.url)
    return warehouse


@pytest.fixture
def warehouse(loaded: Warehouse, tmp_path: Path) -> Warehouse:
    """A copy of it."""
    return loaded.copy(tmp_path)


def _command(warehouse: Warehouse, name: str, *arguments: str) -> int:
    place = ["--duckdb", str(warehouse.file), "--dataset", DATASET]
    return main([name, *arguments, *place, "--pipelines-dir", str(warehouse.pipelines_dir)])


def test_what_somebody_deployed_by_hand_is_found(
    warehouse: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    git = str(warehouse.folder / "git")
    assert _command(warehouse, "drift") == 2
    assert "no manifests have been loaded for a project that" in capsys.readouterr().err
    assert _command(warehouse, "load-manifests", git, "--project", "SANDBOX-1") == 0
    capsys.readouterr()
    assert _command(warehouse, "drift", "--fail-on-drift") == 4
    told = (
        "sandbox-1/crm  deploying changes: map_to_name of field email of read object contacts: "
        "by_hand -> email_address"
    )
    assert capsys.readouterr().out.splitlines()[1:] == [told]
    options = ["--manifests", git, "--project", "sandbox-1"]
    assert _command(warehouse, "drift", *options) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [told]
    assert _command(warehouse, "drift", "--format", "csv") == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["declared_value"], row["deployed_value"]) == ("email_address", "by_hand")
    assert _command(warehouse, "drift", "--format", "json", "--fail-on-drift") == 4
    (row,) = json.loads(capsys.readouterr().out)
    assert json.loads(row["declared_in"])["line"] == 3
    assert _command(warehouse, "drift", "--project", "second") == 2
    assert "have been loaded for the project second" in capsys.readouterr().err
    assert _command(warehouse, "drift", "--project", "third") == 2
    assert (
        "the project third is not deployed, as far as has been loaded (there: sandbox-1, second)"
        in (capsys.readouterr().err)
    )


def test_files_are_compared_without_being_loaded(
    warehouse: Warehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "git" / "amp.yaml"
    file.write_text(MANIFEST.replace("email_address", "by_hand"))
    before = warehouse.file.read_bytes()
    same = ["--manifests", str(file), "--fail-on-drift", "--project", "sandbox-1"]
    assert _command(warehouse, "drift", *same) == 0
    assert capsys.readouterr().out == "What is deployed is what the manifests declare.\n"
    file.write_text(MANIFEST.replace("name: crm", "name: other"))
    assert _command(warehouse, "drift", *same) == 4
    assert capsys.readouterr().out.splitlines()[1:] == [
        "sandbox-1/crm    not declared: integration crm",
        "sandbox-1/other  not deployed: integration other",
    ]
    assert _command(warehouse, "drift", "--manifests", str(file)) == 2
    assert "sandbox-1, second are there; name one" in capsys.readouterr().err
    assert _command(warehouse, "drift", "--manifests", str(file), "--project", "third") == 2
    assert "the project third is not deployed" in capsys.readouterr().err
    assert warehouse.file.read_bytes() == before


def _compare_real_ones(warehouse: Warehouse) -> None:
    if not SHARED.is_dir():
        pytest.skip(f"needs the vendor's public manifests at {SHARED}")
    account = read_manifests(SHARED)
    integrations = account.integrations[account.projects[0]["id"]]
    apollo = next(each for each in integrations if each["provider"] == "apollo")
    content = apollo["latestRevision"]["content"]
    changed = json.loads(json.dumps(content))
    read_object = changed["read"]["objects"][0]
    field = read_object["requiredFields"][0]
    field["mapToName"] = "by_hand"
    with SandboxServer(account) as api:
        apollo["latestRevision"] = {**apollo["latestRevision"], "content": changed}
        run_plainly(warehouse, api.url)
        pipeline = warehouse.pipeline()
        pipeline.run(manifests_source([SHARED]))
        create_views(pipeline)
        assert warehouse.rows(
            "SELECT provider, object_name, field_name, property, deployed_value FROM manifest_drift"
        ) == [("apollo", read_object["objectName"], field["fieldName"], "map_to_name", "by_hand")]
        apollo["latestRevision"] = {**apollo["latestRevision"], "content": content}
        run_plainly(warehouse, api.url)
    (declared,) = warehouse.rows("SELECT COUNT(*) FROM declared_integrations WHERE is_current")
    assert declared[0] == len(integrations) > 70
    assert warehouse.rows("SELECT * FROM manifest_drift") == []
    with open_views(pipeline) as client:
        assert compare(Dataset(client, "a database"), [SHARED], None).rows == []


def test_real_manifests_that_were_deployed_do_not_differ(tmp_path: Path) -> None:
    _compare_real_ones(Warehouse("duckdb", tmp_path))


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_real_manifests_do_not_differ_elsewhere(
    kind: Kind, new_warehouse: Callable[[Kind], Warehouse]
) -> None:
    _compare_real_ones(new_warehouse(kind))
