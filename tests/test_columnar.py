"""What is normalised in columns gives the same rows as what is normalised row by row."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from ampersand import columnar, extraction
from ampersand.decoded import DecodedListing
from ampersand.extraction import parts
from ampersand.normalize import arrow_schema, normalize_listings, together
from tests.support import generated
from tests.support.acme import integration
from tests.support.calls import count_calls

CASES = Path(__file__).parent / "cases" / "normalize"
PROJECT = "p-1"


def a_listing(*pages: bytes, project_id: str = PROJECT) -> DecodedListing:
    (whole,) = parts(project_id, f"listing-of-{project_id}", pages)
    return whole


def encoded(elements: Sequence[Any]) -> bytes:
    return json.dumps(elements, separators=(",", ":")).encode()


def ordinary(number: int, revision: int = 2) -> dict[str, Any]:
    """An integration in which there is nothing that the declaration does not know."""
    made = integration(f"crm{number}", revision, PROJECT)
    del made["latestRevision"]["content"]["comingSoon"]
    return made


def rows(tables: Mapping[str, pa.Table]) -> dict[str, Counter[tuple[Any, ...]]]:
    for name, table in tables.items():
        assert table.schema == arrow_schema(name)
    return {
        name: Counter(tuple(row.values()) for row in table.to_pylist())
        for name, table in tables.items()
    }


def row_by_row(monkeypatch: pytest.MonkeyPatch) -> list[DecodedListing]:
    """Notes what is handed on to be looked at row by row."""
    handed_on: list[DecodedListing] = []

    def note_and_normalize(listings: Sequence[DecodedListing]) -> Any:
        handed_on.extend(listings)
        return normalize_listings(listings)

    monkeypatch.setattr(columnar, "normalize_listings", note_and_normalize)
    return handed_on


@pytest.mark.skipif(
    not generated.SPECIFICATION.exists(),
    reason="the API's specification (shared/openapi) does not lie beside the repository",
)
@given(
    st.randoms(use_true_random=False),
    st.lists(st.sampled_from([0.0, 0.0, 0.003, 0.1]), min_size=1, max_size=4),
)
def test_rows_are_the_same(random: Random, oddness: list[float]):
    listings = []
    for number, odd in enumerate(oddness):
        project = f"p-{number}"
        texts = [generated.an_integration(random, f"i-{index}", project, odd) for index in range(3)]
        pages = [f"[{','.join(texts[:2])}]".encode(), f"[{texts[2]}]".encode()]
        note(b"\n".join(pages).decode())
        listings.append(a_listing(*pages, project_id=project))
    assert rows(columnar.normalize(listings)) == rows(normalize_listings(listings))


@pytest.mark.skipif(
    not generated.SPECIFICATION.exists(),
    reason="the API's specification (shared/openapi) does not lie beside the repository",
)
@given(
    st.randoms(use_true_random=False),
    st.lists(
        st.tuples(
            st.integers(0, 12),
            st.sampled_from([0.0, 0.0, 0.003, 0.1]),
            st.sampled_from([None, None, None, "null", "7", "[]", '{"id":null}', '{"id":"i-3"}']),
        ),
        max_size=12,
    ),
    st.integers(0, 12),
    st.integers(1, 5000),
)
def test_rows_of_parts_are_those_of_the_whole(
    random: Random, entries: list[tuple[int, float, str | None]], cut: int, size: int
):
    """Also where an id is sent twice, and where something is odd: its position tells where."""
    texts = [
        other or generated.an_integration(random, f"i-{number}", PROJECT, odd)
        for number, odd, other in entries
    ]
    pages = [f"[{','.join(some)}]".encode() for some in (texts[:cut], texts[cut:])]
    note(b"\n".join(pages).decode())
    whole = a_listing(*pages)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extraction, "BATCH_BYTES", size)
        made = list(parts(whole.project_id, whole.listing_key, pages))
    note(f"{len(made)} parts")
    expected = rows(normalize_listings([whole]))
    assert rows(together([columnar.normalize([part]) for part in made])) == expected
    assert rows(normalize_listings(made)) == expected


@pytest.mark.parametrize(
    "case", [p.stem for p in sorted(CASES.glob("*.json")) if not p.stem.startswith("projects")]
)
def test_cases_give_the_same_rows(case: str):
    listing = a_listing((CASES / f"{case}.json").read_bytes())
    assert rows(columnar.normalize([listing])) == rows(normalize_listings([listing]))


ODD: dict[str, Any] = {
    "id of another integration": {"id": ordinary(1)["id"]},
    "no id": {"id": None},
    "unknown property": {"comingSoon": None},
    "another type": {"name": 1},
    "NUL": {"name": "a\0b"},
    "half of a surrogate pair": {"name": "\ud800"},
    "another project": {"projectId": "p-2"},
    "nanoseconds": {"createTime": "2026-01-01T00:00:00.123456789Z"},
    "time that is not set": {"updateTime": "0001-01-01T00:00:00Z"},
    "fields as texts": {
        "latestRevision": {
            "id": "r",
            "content": {"read": {"objects": [{"objectName": "a", "requiredFields": ["b"]}]}},
        }
    },
    "null for an object": {"latestRevision": {"content": {"write": {"objects": [None]}}}},
    "null for a text": {
        "latestRevision": {
            "content": {"subscribe": {"objects": [{"otherEvents": [None, "merge"]}]}}
        }
    },
    "unknown action": {"latestRevision": {"content": {"search": {"objects": [{}]}}}},
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_only_the_odd_listing_is_looked_at_row_by_row(
    odd: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    listings = [a_listing(encoded([ordinary(n), ordinary(n + 10)])) for n in range(5)]
    listings[3] = a_listing(encoded([ordinary(1), {**ordinary(2), **odd}]))
    expected = rows(normalize_listings(listings))
    handed_on = row_by_row(monkeypatch)
    assert rows(columnar.normalize(listings)) == expected
    assert handed_on == [listings[3]]


@pytest.mark.parametrize(
    "usual",
    [
        {"latestRevision": None},
        {"latestRevision": {}},
        {"latestRevision": {"id": "r", "content": None}},
        {"latestRevision": {"id": "r", "content": {}}},
        {"latestRevision": {"content": {"read": None, "write": {}, "proxy": {"enabled": True}}}},
        {"latestRevision": {"content": {"read": {"objects": None}, "displayName": ""}}},
        {"latestRevision": {"content": {"read": {"objects": [{}, {"backfill": {}}]}}}},
        {"latestRevision": {"content": {"watchSchema": {"allObjects": {"fieldCreated": {}}}}}},
        {"name": 'Ünïcode, "quotes", <tags> \u2028'},
        {"provider": None, "createTime": None},
    ],
    ids=lambda usual: json.dumps(usual)[:60],
)
def test_what_is_usual_is_not_looked_at_row_by_row(
    usual: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    unusual = {**ordinary(2), **usual}
    handed_on = row_by_row(monkeypatch)
    for elements in ([unusual], [ordinary(1), unusual], [unusual, ordinary(1)]):
        listing = a_listing(json.dumps(elements, ensure_ascii=False).encode())
        expected = rows(normalize_listings([listing]))
        assert rows(columnar.normalize([listing])) == expected
    assert handed_on == []


def test_listings_without_integrations_have_no_rows():
    assert columnar.normalize([a_listing(b"[]"), a_listing(b"null"), a_listing()]) == {}
    assert columnar.normalize([]) == {}


def test_rows_cost_no_calls():
    """Ten times the objects and fields take no more calls of Python."""

    def calls(objects: int) -> int:
        made = ordinary(1)
        content = made["latestRevision"]["content"]
        content["read"]["objects"] *= objects
        content["write"]["objects"] *= objects
        listings = [a_listing(encoded([made]))]
        return count_calls(lambda: columnar.normalize(listings))

    for _ in range(2):  # fills what Python remembers of classes, which the first call changes
        calls(50)
    assert calls(500) <= calls(50)
