"""The rows of answers made by hand, for what the vendor's own manifests have nothing of."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ampersand.decoded import DecodedListing
from ampersand.lossless_json import decode_page
from ampersand.normalize import (
    StoredRevision,
    normalize_listings,
    normalize_projects,
    normalize_revisions,
    project_key,
)
from ampersand.tables import MODEL_VERSION, TABLES_BY_NAME
from tests.support import generated
from tests.support.calls import count_calls, with_few_frames_left
from tests.support.json_texts import compact, escaped, go_escaped, nested, pretty
from tests.support.served import check_listing, check_project

CASES = Path(__file__).parent / "cases" / "normalize"
EXPECTED = CASES / "expected"
PROJECT = "p-1"
LISTING = "listing-1"
AT_CONTENT = "$.latestRevision.content"

LISTING_CASES = sorted(
    path.stem for path in CASES.glob("*.json") if not path.stem.startswith("projects")
)
ALL_CASES = sorted(path.stem for path in CASES.glob("*.json"))

Row = dict[str, Any]


def rows_of(listing: str, project_id: str = PROJECT) -> dict[str, list[Row]]:
    decoded = DecodedListing(project_id, LISTING, decode_page(listing.encode()))
    return as_rows(normalize_listings([decoded]))


def rows_of_projects(records: str) -> dict[str, list[Row]]:
    decoded = decode_page(records.encode())
    return as_rows(normalize_projects([(record, LISTING) for record in decoded]))


def as_rows(tables: Mapping[str, pa.Table]) -> dict[str, list[Row]]:
    return {name: table.to_pylist() for name, table in tables.items()}


def one(content: Any, **revision: Any) -> str:
    """A listing of one integration with that content."""
    latest = {"id": "r-1", "content": content, **revision}
    return json.dumps([{"id": "i-1", "projectId": PROJECT, "latestRevision": latest}])


def case_rows(case: str) -> dict[str, list[Row]]:
    text = (CASES / f"{case}.json").read_text(encoding="utf-8")
    return rows_of_projects(text) if case.startswith("projects") else rows_of(text)


def written(rows: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Rows as golden files have them: without NULLs, times as text."""
    return {
        name: [
            {
                column: value.isoformat() if isinstance(value, datetime) else value
                for column, value in row.items()
                if value is not None
            }
            for row in rows[name]
        ]
        for name in sorted(rows)
    }


def spell_golden(golden: dict[str, Any]) -> str:
    """A row a line, so that a change shows what it changes."""
    tables = ",\n".join(
        f'    "{name}": [\n' + ",\n".join(f"      {json.dumps(row)}" for row in rows) + "\n    ]"
        for name, rows in golden["tables"].items()
    )
    return (
        f'{{\n  "model_version": {golden["model_version"]},\n  "case": "{golden["case"]}",\n'
        f'  "tables": {{\n{tables}\n  }}\n}}\n'
    )


@pytest.mark.parametrize("case", ALL_CASES)
def test_rows_are_as_they_were_reviewed(case: str, update_golden: bool):
    """Whoever changes what the same answer gives has to raise MODEL_VERSION.

    Datasets of an older model are then rebuilt; otherwise they would mix old rows and new ones.
    """
    path = EXPECTED / f"{case}.json"
    digest = hashlib.sha256((CASES / f"{case}.json").read_bytes()).hexdigest()
    golden: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    tables = written(case_rows(case))
    if golden.get("case") == digest and golden["model_version"] == MODEL_VERSION:
        assert tables == golden["tables"], "the same answer gives other rows: raise MODEL_VERSION"
    elif update_golden and (golden.get("case") != digest or golden["tables"] != tables):
        golden = {"model_version": MODEL_VERSION, "case": digest, "tables": tables}
        path.write_text(spell_golden(golden))
    assert golden.get("case") == digest, "a case is new: review its rows with --update-golden"
    assert golden["model_version"] <= MODEL_VERSION
    assert tables == golden["tables"], "rows of this model: review them with --update-golden"


def test_there_is_a_golden_file_for_each_case_and_no_other():
    assert sorted(path.stem for path in EXPECTED.glob("*.json")) == ALL_CASES


@pytest.mark.parametrize("case", LISTING_CASES)
def test_nothing_of_a_case_is_lost(case: str):
    text = (CASES / f"{case}.json").read_text(encoding="utf-8")
    check_listing(text, rows_of(text), PROJECT, LISTING, specified("Integration"))


@pytest.mark.parametrize("case", LISTING_CASES)
def test_rows_made_again_from_stored_content_are_the_same(case: str):
    rows = case_rows(case)
    stored = [StoredRevision.read(r["revision_key"], r["content"]) for r in rows["revisions"]]
    again = as_rows(normalize_revisions(stored))
    for name in rows.keys() - {"revisions", "listing_integrations"}:
        key = TABLES_BY_NAME[name].key[0]
        made = {row[key]: row for row in again.get(name, ()) if row.get("json_path") != AT_CONTENT}
        for row in rows[name]:
            # of the rest, a revision's content tells nothing
            if row.get("json_path", f"{AT_CONTENT}.").startswith(
                (f"{AT_CONTENT}.", f"{AT_CONTENT}[")
            ):
                assert made.pop(row[key]) == row
        assert not made, name


def test_nothing_of_the_projects_is_lost():
    text = (CASES / "projects.json").read_text(encoding="utf-8")
    for record in json.loads(text, object_pairs_hook=lambda pairs: pairs):
        members = ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in record)
        rows = rows_of_projects(f"[{{{members}}}]")
        check_project(f"{{{members}}}", rows, LISTING, specified("Project"))


def specified(name: str) -> frozenset[tuple[str | int, ...]]:
    """Paths of the specification, and one that only the vendor's client has."""
    if not generated.SPECIFICATION.exists():
        pytest.skip("the API's specification (shared/openapi) does not lie beside the repository")
    schema = generated.resolved({"$ref": f"#/components/schemas/{name}"})
    return frozenset(generated.properties(schema)) | {("latestRevision", "integrationId")}


@pytest.mark.parametrize("case", LISTING_CASES)
@pytest.mark.parametrize("spell", [compact, pretty, go_escaped, escaped])
def test_spelling_does_not_change_the_rows(case: str, spell: Callable[[str], str]):
    text = (CASES / f"{case}.json").read_text(encoding="utf-8")
    assert rows_of(spell(text)) == rows_of(text)


def without_revision(rows: list[Row]) -> list[Row]:
    """Rows without the digest of their revision."""
    return [
        {
            column: value.replace(row["revision_key"], "") if isinstance(value, str) else value
            for column, value in row.items()
        }
        for row in rows
    ]


@pytest.mark.parametrize(
    "shown", [[["name", "domain"]], [["name"], ["domain"]], ["name", [["domain"], []]]]
)
def test_lists_in_lists_give_the_same_rows_as_lists_of_text(shown: list[Any]):
    def rows(entries: list[Any]) -> list[list[Row]]:
        event = {"enabled": "always", "requiredWatchFields": entries}
        subscribed = {"objectName": "contact", "updateEvent": event, "otherEvents": entries}
        found = rows_of(one({"subscribe": {"objects": [subscribed]}}))
        assert "revision_unmapped_properties" not in found
        return [
            without_revision(found[name])
            for name in ("revision_subscribe_events", "revision_watch_fields")
        ]

    assert rows(shown) == rows(["name", "domain"])


CONTENT = {
    "name": "größe",
    "provider": "hubspot",
    "read": {"objects": [{"objectName": "contact", "requiredFields": [{"fieldName": "email"}]}]},
    "subscribe": {
        "objects": [{"updateEvent": {"requiredWatchFields": ["email"]}, "otherEvents": ["merge"]}]
    },
    "watchSchema": {"allObjects": {"fieldCreated": {"enabled": "always"}}},
    "delete": {"objects": [{"objectName": "contact"}]},
    "unknown": 1,
}


def in_another_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: in_another_order(value[key]) for key in reversed(value)}
    return [in_another_order(item) for item in value] if isinstance(value, list) else value


def canonical_json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def test_a_revision_is_known_by_its_project_its_integration_and_its_content():
    revision = {"id": "r-1", "content": CONTENT}
    (row,) = rows_of(one(CONTENT))["revisions"]
    digest = hashlib.sha256(canonical_json([PROJECT, "i-1", revision])).hexdigest()
    assert row["revision_key"] == digest[:32]
    assert row["content_hash"] == hashlib.sha256(canonical_json(CONTENT)).hexdigest()
    record = {"name": "größe", "id": PROJECT}
    assert project_key(record) == hashlib.sha256(canonical_json([record])).hexdigest()[:32]


@pytest.mark.parametrize(
    ("change", "is_same_revision", "is_same_content"),
    [
        pytest.param(lambda item: item, True, True, id="nothing"),
        pytest.param(lambda item: in_another_order(item), True, True, id="order of keys"),
        pytest.param(
            lambda item: {**item, "name": "renamed"}, True, True, id="integration renamed"
        ),
        pytest.param(lambda item: {**item, "id": "i-2"}, False, True, id="integration"),
        pytest.param(
            lambda item: {**item, "latestRevision": {**item["latestRevision"], "id": "r-2"}},
            *(False, True),
            id="revision id",
        ),
        pytest.param(
            lambda item: {
                **item,
                "latestRevision": {"id": "r-1", "content": {**CONTENT, "unknown": 2}},
            },
            *(False, False),
            id="unknown property",
        ),
    ],
)
def test_what_makes_another_revision(
    change: Callable[[Row], Row], is_same_revision: bool, is_same_content: bool
):
    (element,) = json.loads(one(CONTENT))
    before, after = (rows_of(json.dumps([item])) for item in (element, change(element)))
    keys = {name: [row["revision_key"] for row in rows] for name, rows in before.items()}
    keys_after = {name: [row["revision_key"] for row in rows] for name, rows in after.items()}
    assert keys.keys() == keys_after.keys()
    assert all((keys[name] == keys_after[name]) is is_same_revision for name in keys)
    hashes = [rows["revisions"][0]["content_hash"] for rows in (before, after)]
    assert (hashes[0] == hashes[1]) is is_same_content


def test_equal_manifests_in_two_projects_have_equal_hashes_and_other_keys():
    (row,) = rows_of(one(CONTENT), "p-1")["revisions"]
    (other,) = rows_of(one(CONTENT), "p-2")["revisions"]
    assert row["content_hash"] == other["content_hash"]
    assert row["revision_key"] != other["revision_key"]


def test_a_key_does_not_change_when_others_come_and_go():
    (element,) = json.loads(one(CONTENT))
    others = [
        {"id": f"other-{number}", "latestRevision": {"content": CONTENT}} for number in (1, 2)
    ]

    def own(listing: list[Any]) -> dict[str, list[Row]]:
        found = rows_of(json.dumps(listing))
        (row,) = [row for row in found["listing_integrations"] if row["integration_id"] == "i-1"]
        return {
            name: [each for each in rows if each["revision_key"] == row["revision_key"]]
            for name, rows in found.items()
        }

    alone = own([element])
    assert own([others[0], element, others[1]]) == alone
    assert own([None, others[1], element]) == alone


LONG = "n" * 10_000


def test_names_of_ten_thousand_characters_are_kept():
    content = {
        "name": LONG,
        "read": {"objects": [{"objectName": LONG, "requiredFields": [LONG, {LONG: LONG}]}]},
        "subscribe": {"objects": [{"otherEvents": [LONG], LONG: {LONG: LONG}}]},
        LONG: {"objects": [{"objectName": LONG}]},
    }
    text = one(content, **{LONG: LONG})
    rows = rows_of(text)
    check_listing(text, rows, PROJECT, LISTING, frozenset())
    keys = [
        row[TABLES_BY_NAME[name].key[0]]
        for name, found in rows.items()
        for row in found
        if name.startswith("revision")
    ]
    assert max(map(len, keys)) < 100
    assert {row["object_name"] for row in rows["revision_objects"]} == {LONG, None}
    assert LONG in {row["action"] for row in rows["revision_objects"]}


def test_a_time_is_read_alike_alone_and_beside_odd_ones():
    text = (CASES / "timestamps.json").read_text(encoding="utf-8")
    together = {row["integration_id"]: row for row in rows_of(text)["listing_integrations"]}
    for element in json.loads(text):
        for name, column in (("createTime", "create_time"), ("updateTime", "update_time")):
            alone = rows_of(json.dumps([{"id": "i-1", name: element.get(name)}]))
            assert alone["listing_integrations"][0][column] == together[element["id"]][column]


@pytest.mark.parametrize("listings", [[], [("p-1", "[]"), ("p-2", "null")]])
def test_empty_listings_have_no_rows(listings: list[tuple[str, str]]):
    decoded = [DecodedListing(name, name, decode_page(text.encode())) for name, text in listings]
    assert normalize_listings(decoded) == {}


def test_no_projects_have_no_rows():
    assert normalize_projects([]) == {}


def test_projects_that_were_not_listed_keep_their_unmapped_properties_apart():
    records = [{"id": name, "region": "eu"} for name in ("p-1", "p-2")]
    rows = as_rows(normalize_projects([(record, None) for record in records]))
    keys = [row["unmapped_property_key"] for row in rows["revision_unmapped_properties"]]
    parents = [row["parent_key"] for row in rows["revision_unmapped_properties"]]
    assert parents == [project_key(record) for record in records]
    assert [key.partition(":")[0] for key in keys] == parents


@pytest.mark.parametrize("sign", ["", "-"])
def test_an_integer_of_thousands_of_digits_is_out_of_range(sign: str):
    number = sign + "9" * 5000
    period = f'{{"backfill":{{"defaultPeriod":{{"days":{number}}}}}}}'
    content = f'{{"read":{{"objects":[{period}]}}}}'
    rows = rows_of(f'[{{"id":"i-1","latestRevision":{{"content":{content}}}}}]')
    assert rows["revision_objects"][0]["backfill_days"] is None
    (unmapped,) = rows["revision_unmapped_properties"]
    assert (unmapped["value"], unmapped["reason"]) == (number, "out_of_range")


def test_an_id_counts_once_a_listing():
    decoded = [
        DecodedListing(project, f"listing-{project}", [{"id": "i-1"}, {"id": "i-1"}])
        for project in ("p-1", "p-2")
    ]
    rows = as_rows(normalize_listings(decoded))
    assert [(row["project_id"], row["integration_id"]) for row in rows["listing_integrations"]] == [
        ("p-1", "i-1"),
        ("p-2", "i-1"),
    ]
    assert [
        (row["listing_key"], row["reason"]) for row in rows["revision_unmapped_properties"]
    ] == [
        ("listing-p-1", "duplicate_id"),
        ("listing-p-2", "duplicate_id"),
    ]


@pytest.mark.parametrize("place", ["requiredFields", "otherEvents", "unknown"])
def test_deep_nesting_needs_no_deep_stack(place: str):
    entry = f'{{"objectName":"a","{place}":{nested(400, "[]", "1e400")}}}'
    content = f'{{"read":{{"objects":[{entry}]}},"subscribe":{{"objects":[{entry}]}}}}'
    text = f'[{{"id":"i-1","latestRevision":{{"content":{content}}}}}]'
    assert with_few_frames_left(lambda: rows_of(text), frames=60) == rows_of(text)


def test_rows_are_made_column_by_column():
    content = {name: CONTENT[name] for name in ("name", "provider", "read", "subscribe")}

    def calls(number: int) -> int:
        (element,) = json.loads(one(content))
        listing = [{**element, "id": f"i-{index}"} for index in range(number)]
        return count_calls(lambda: normalize_listings([DecodedListing(PROJECT, LISTING, listing)]))

    first, second, third = calls(200), calls(400), calls(600)
    assert second - first == pytest.approx(third - second, rel=0.02)
    # eight rows and two digests; a look at each value by itself costs dozens more
    assert (second - first) / 200 < 160
