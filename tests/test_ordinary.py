"""What is made of ordinary entries is what is made of those that are decoded as anything."""

import json
from random import Random
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ampersand.decoded import DecodedListing, OrdinaryEntries
from ampersand.exceptions import UnexpectedAnswer
from ampersand.extraction import parts
from ampersand.lossless_json import DuplicateKeys, decode_page
from ampersand.normalize import normalize_listings
from ampersand.ordinary import decode_ordinary
from tests.support import generated

PROJECT = "p-1"

SEPARATORS = ((",", ":"), (", ", ": "), (" ,\n", "\t: "))


def a_page(**content: Any) -> bytes:
    revision = {"id": "r-1", "specVersion": "1.0.0", "content": content}
    integration = {"latestRevision": revision, "projectId": PROJECT, "id": "i-1"}
    return json.dumps([integration], separators=SEPARATORS[0]).encode()


def read(page: bytes) -> OrdinaryEntries:
    entries = decode_ordinary(page, PROJECT)
    assert entries is not None
    return entries


def made_row_by_row(page: bytes) -> OrdinaryEntries:
    elements = decode_page(page)
    tables = normalize_listings([DecodedListing(PROJECT, "listing", elements)])
    names = ("revision_key", "content", "content_hash")
    revisions = tables["revisions"].to_pydict() if "revisions" in tables else {}
    return OrdinaryEntries(
        [element["id"] for element in elements], {name: revisions.get(name, []) for name in names}
    )


def repeats_a_key(value: Any) -> bool:
    if isinstance(value, dict):
        return isinstance(value, DuplicateKeys) or any(map(repeats_a_key, value.values()))
    return isinstance(value, list) and any(map(repeats_a_key, value))


@pytest.mark.skipif(
    not generated.SPECIFICATION.exists(),
    reason="the API's specification (shared/openapi) does not lie beside the repository",
)
@given(
    st.randoms(use_true_random=False),
    st.integers(0, 4),
    st.sampled_from(SEPARATORS),
    st.booleans(),
    st.booleans(),
)
def test_columns_are_the_same_however_they_are_written(
    random: Random, size: int, separators: tuple[str, str], ascii_only: bool, sort_keys: bool
):
    texts = [generated.an_integration(random, f"i-{number}", PROJECT) for number in range(size)]
    elements = json.loads(f"[{','.join(texts)}]")
    assume(all("id" in element for element in elements))
    page = json.dumps(
        elements, ensure_ascii=ascii_only, separators=separators, sort_keys=sort_keys
    ).encode()
    # characters beyond the 16 bits of an escape are escaped as a pair, which is left to others
    assume(rb"\ud8" not in page)
    assert read(page) == made_row_by_row(page)


@pytest.mark.skipif(
    not generated.SPECIFICATION.exists(),
    reason="the API's specification (shared/openapi) does not lie beside the repository",
)
@given(st.randoms(use_true_random=False), st.lists(st.tuples(st.floats(0, 1), st.binary())))
@example(Random(1), [(0.5, b"\xff")])
@example(Random(1), [(0.5, b" ")])
@example(Random(1), [(0.9, b"}")])
def test_what_is_taken_can_be_decoded_and_has_the_same_columns(
    random: Random, changes: list[tuple[float, bytes]]
):
    page = f"[{generated.an_integration(random, 'i-0', PROJECT)}]".encode()
    for place, inserted in changes:
        at = int(place * len(page))
        page = page[:at] + inserted + page[at + len(inserted) // 2 :]
    entries = decode_ordinary(page, PROJECT)
    if entries is None:
        return
    try:
        elements = decode_page(page)
    except UnexpectedAnswer as error:
        pytest.fail(f"taken, but {error}")
    if not any(map(repeats_a_key, elements)):  # Arrow's reader stops at those
        assert entries == made_row_by_row(page)


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ('{"name":"a","displayName":"b"}', '{"name":"a","displayName":"b"}'),
        (' { "name" : "a b" }', '{"name":"a b"}'),
        ('{"name":"\\u003ca\\u003e \\/"}', '{"name":"<a> /"}'),
        ('{"name":"Gr\u00f6\u00dfe"}', '{"name":"Gr\\u00f6\\u00dfe"}'),
        ('{"name":"Gr\\u00f6\\u00dfe"}', '{"name":"Gr\\u00f6\\u00dfe"}'),
        ('{"name":"\\u001F"}', '{"name":"\\u001f"}'),
        ('{"name":"\\u001f\\n\\"\\\\\x7f"}', '{"name":"\\u001f\\n\\"\\\\\x7f"}'),
        (
            '{"read":{"objects":[{"backfill":{"defaultPeriod":{"days":-0}}}]}}',
            '{"read":{"objects":[{"backfill":{"defaultPeriod":{"days":-0.0}}}]}}',
        ),
        ('{"name":null,"read":{}}', '{"name":null,"read":{}}'),
        ("{}", "{}"),
        ("null", None),
    ],
)
def test_text_of_content(sent: str, text: str | None):
    page = a_page().replace(b'"content":{}', b'"content":' + sent.encode())
    entries = read(page)
    assert entries.revisions["content"] == [text]
    assert entries == made_row_by_row(page)


@pytest.mark.parametrize(
    "page",
    [
        b"null",
        b"{}",
        b"",
        b"[",
        b"[null]",
        b'[{"id":7}]',
        b"[{}]",
        a_page(comingSoon=True),
        a_page(name=1),
        a_page(name="\0"),
        a_page(name="\ud800"),
        a_page(read={"objects": [{"backfill": {"defaultPeriod": {"days": 1.0}}}]}),
        a_page(search={"objects": []}),
        a_page(name="a")[:-1] + b"]]",
        b"\xef\xbb\xbf[]",
        a_page(name="a").replace(b'"a"', b'"\xff"'),
        a_page(name="a").replace(b'"content":', b'"content":"\xff","content":'),
        a_page().replace(b'"content":{}', b'"content":{"x":' + b"[" * 5000 + b"]" * 5000 + b"}"),
        b'[{"latestRevision":{"content":' + b"[" * 5000,
    ],
    ids=lambda page: page[:40].decode("ascii", "replace"),
)
def test_what_is_not_as_declared_is_not_taken(page: bytes):
    assert decode_ordinary(page, PROJECT) is None


def test_what_is_nested_deep_is_decoded_by_others():
    deep = b'{"x":' + b"[" * 5000 + b"]" * 5000 + b"}"
    (part,) = parts(PROJECT, "listing", [a_page().replace(b'"content":{}', b'"content":' + deep)])
    assert part.ordinary is None
    assert len(part) == 1


@pytest.mark.parametrize("value", [b'"\xff"', b'{"name":"\xff"}'])
def test_error_is_told_before_rows_are_made(value: bytes):
    """Also in what a repeated key overrides, so that only its project fails."""
    page = a_page(name="a").replace(b'"content":', b'"content":' + value + b',"content":')
    with pytest.raises(UnexpectedAnswer, match="not UTF-8"):
        list(parts(PROJECT, "listing", [page]))


def test_integrations_without_a_revision_have_an_id_alone():
    page = b'[{"id":"i-1"},{"id":"i-2","latestRevision":null},{"id":"i-3","latestRevision":{}}]'
    entries = read(page)
    assert entries.ids == ["i-1", "i-2", "i-3"]
    assert entries.revisions["content"] == [None]
    assert entries == made_row_by_row(page)
