import json
import sys
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ampersand.exceptions import UnexpectedAnswer
from ampersand.lossless_json import (
    MAX_DEPTH,
    DuplicateKeys,
    RawJson,
    RawNumber,
    canonical,
    decode_page,
    decode_pieces,
    dumps,
    loads,
)
from tests.support.calls import count_calls, with_few_frames_left
from tests.support.json_texts import (
    REPEATED_NAMES,
    WIDE_NUMBERS,
    compact,
    escaped,
    go_escaped,
    meaning,
    meanings,
    nested,
    pretty,
    spaced,
    texts,
    tokens,
)

LISTING = """
    [{"id": "é<b>&\\u2028\\u2029", "name": "\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f",
    "n": null,
    "latestRevision": {"content": {"read": {"objects": [{"objectName": "\\ud83d\\ude00 日本"}]}}},
    "numbers": [0, -1, 1.5, 1e+16, 12345678901234567, 18446744073709551615, -9223372036854775808],
    "flags": [true, false, null], "empty": [[], {}, ""]}]
"""


def field(value: str) -> bytes:
    """A listing of one integration with a property of that value."""
    return f'[{{"id":"i","value":{value}}}]'.encode()


def read_field(value: str) -> Any:
    return loads(field(value))[0]["value"]


def test_a_compact_document_is_what_orjson_makes_of_it():
    body = compact(LISTING).encode()
    assert orjson.dumps(orjson.loads(body)) == body  # else this is no fast path
    assert loads(body) == json.loads(LISTING)


@pytest.mark.parametrize("spell", [compact, pretty, go_escaped, escaped])
def test_spelling_does_not_matter(spell: Callable[[str], str]):
    value = loads(spell(LISTING).encode())
    assert value == json.loads(LISTING)
    assert meanings(dumps(value)) == meanings(LISTING)
    assert canonical(value) == canonical(json.loads(LISTING))


@given(texts(REPEATED_NAMES))
def test_equal_documents_in_any_spelling_give_equal_results(text: str):
    results = [loads(spell(text).encode()) for spell in (compact, pretty, go_escaped, escaped)]
    assert len({dumps(result) for result in results}) == 1
    assert len({canonical(result) for result in results}) == 1


@given(spaced(texts(REPEATED_NAMES)))
@example("[-0]")
@example('["\\u0026",184467440737095516160]')  # as long as the float that it is not
@example('{"a":{"a":1,"a":{"a":2,"a":3}},"a":[]}')
def test_every_token_survives(text: str):
    encoded = dumps(loads(text.encode()))
    assert encoded.isascii()
    assert meanings(encoded) == meanings(text)


@given(spaced(texts(REPEATED_NAMES)))
def test_what_was_written_is_read_again_as_the_same(text: str):
    encoded = dumps(loads(text.encode()))
    assert dumps(loads(encoded.encode())) == encoded


def test_a_listing_that_ends_in_a_line_break_takes_the_fast_path(monkeypatch: pytest.MonkeyPatch):
    def refuse(text: str) -> None:
        raise AssertionError("the slow decoder was asked")

    monkeypatch.setattr("ampersand.lossless_json._Decoder", refuse)
    document = [{"id": "<a> & \u2028", "latestRevision": {"content": {"days": 30, "é": 1.5}}}]
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    assert loads(f"{text}\n".encode()) == document
    assert loads(f"{go_escaped(text)}\n".encode()) == document


@pytest.mark.parametrize("number", WIDE_NUMBERS, ids=lambda number: number[:24])
def test_a_number_keeps_its_value(number: str):
    assert meanings(dumps(read_field(number))) == meanings(number)
    assert meanings(canonical(read_field(number)).decode()) == meanings(number)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("9223372036854775808", 2**63),
        ("1" * 40, int("1" * 40)),
        ("9" * 5000, RawNumber("9" * 5000)),
        ("1e400", RawNumber("1e400")),
        ("0.10000000000000000555", RawNumber("0.10000000000000000555")),
        ("0.1", 0.1),
        ("1e2", 100.0),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_number_is_raw_only_where_python_has_no_equal(number: str, expected: Any):
    value = read_field(number)
    assert (type(value), value) == (type(expected), expected)


def test_no_two_raw_values_are_equal_but_by_kind_and_text():
    assert RawNumber("1e400") == RawNumber("1e400")
    assert RawNumber("1e400") != RawNumber("1e401")
    assert RawNumber("1") != RawJson("1")
    assert RawNumber("1") != "1"
    assert len({RawNumber("1"), RawNumber("1"), RawJson("1")}) == 2


@pytest.mark.parametrize("path", ["element", "field", "below"])
def test_all_pairs_of_a_repeated_key_are_kept(path: str):
    twins = '{"a":1,"b":2,"a":{"a":3,"a":4},"é":5,"a":6}'
    text = {"element": f"[{twins}]", "field": f'[{{"v":{twins}}}]', "below": f'[{{"v":[{twins}]}}]'}
    document = loads(text[path].encode())
    assert dumps(document) == escaped(text[path])
    found = {"element": lambda: document[0], "field": lambda: document[0]["v"]}
    twin = found.get(path, lambda: document[0]["v"][0])()
    assert isinstance(twin, DuplicateKeys)
    assert twin["a"] == 6
    assert [(key, dumps(value)) for key, value in twin.repeated()] == [
        ("a", "1"),
        ("a", '{"a":3,"a":4}'),
    ]


def test_an_object_without_repeated_keys_is_a_plain_dict():
    assert type(loads(b'[ {"a": {"b": 1}} ]')[0]["a"]) is dict


@pytest.mark.parametrize("text", ['"\\ud800"', '"a\\udfffb"', '"\\u0000"', '"\\ude00\\ud83d"'])
def test_text_that_no_encoding_has_survives(text: str):
    assert read_field(text) == json.loads(text)
    assert dumps(read_field(text)) == text
    assert canonical(read_field(text))


LEVELS = (1, 250, 251, 252, 253, 254, 255, 256, 1000, 5000)


@pytest.mark.parametrize("levels", LEVELS)
@pytest.mark.parametrize("leaf", ["", '"é"'], ids=["empty", "leaf"])
@pytest.mark.parametrize("shape", ["[]", "{}"], ids=["lists", "objects"])
@pytest.mark.parametrize("place", ["element", "field", "results"])
def test_nesting_has_no_limit(levels: int, shape: str, leaf: str, place: str):
    value = nested(levels, shape, leaf)
    text = {
        "element": f"[1,{value},2]",
        "field": field(value).decode(),
        "results": f'{{"results":[{value}]}}',
    }[place]
    decoded = [loads(spell(text).encode()) for spell in (compact, pretty, escaped)]
    assert {dumps(document) for document in decoded} == {escaped(text)}
    assert len({canonical(document) for document in decoded}) == 1


@pytest.mark.parametrize("shape", ["[]", "{}"], ids=["lists", "objects"])
def test_a_hundred_thousand_levels_are_decoded_too(shape: str):
    body = field(nested(100_000, shape, "1"))
    assert dumps(loads(body)).encode() == body


@pytest.mark.parametrize(("levels", "is_raw"), [(MAX_DEPTH, False), (MAX_DEPTH + 1, True)])
@pytest.mark.parametrize("spell", [compact, pretty])
def test_what_is_nested_too_deep_is_raw(levels: int, is_raw: bool, spell: Callable[[str], str]):
    value = loads(spell(field(nested(levels)).decode()).encode())[0]["value"]
    while isinstance(value, list) and value:
        (value,) = value
    assert isinstance(value, RawJson) is is_raw


def test_a_deep_value_beside_its_own_key_is_raw_too():
    deep = nested(300, "{}")
    first, second = loads(f'[{{"id":"i","v":{{"a":{deep},"a":1}}}}]'.encode())[0]["v"].pairs
    for _ in range(MAX_DEPTH - 1):
        (first,) = first[1].items() if isinstance(first, tuple) else first.items()
    assert isinstance(first[1], RawJson)
    assert second == ("a", 1)


@pytest.mark.parametrize("levels", [2, 200, 252, 253, 300, 5000])
@pytest.mark.parametrize("spell", [compact, pretty])
def test_the_callers_stack_does_not_matter(levels: int, spell: Callable[[str], str]):
    text = f'[{nested(levels)},{{"a":{nested(levels, "{}", "1e400")},"b":{{"c":1,"c":"é"}}}}]'
    body = spell(text).encode()
    assert with_few_frames_left(lambda: dumps(loads(body))) == escaped(text)
    assert with_few_frames_left(lambda: canonical(loads(body))) == canonical(loads(body))


@pytest.mark.parametrize("shape", ["[]", "{}"])
def test_work_grows_with_the_length_alone(shape: str):
    def work(levels: int) -> int:
        body = field(nested(levels, shape, "1"))
        return count_calls(lambda: canonical(loads(body)))

    assert work(8000) < 2.2 * work(4000)


def test_a_deep_value_does_not_slow_down_what_follows():
    deep, plain = nested(300), json.dumps({"a": list(range(5000))})
    before = count_calls(lambda: loads(f'[{{"deep":{deep},"plain":{plain}}}]'.encode()))
    behind = count_calls(lambda: loads(f'[{{"plain":{plain},"deep":{deep}}}]'.encode()))
    assert before == pytest.approx(behind, rel=0.05)


@pytest.mark.parametrize(
    "inside",
    [
        "x",
        "NaN",
        "1 2",
        '"a" "b"',
        '{"a"}',
        ",",
        "1,",
        "01",
        "-",
        '{"a":1,}',
        "{1:2}",
        '"\x01"',
        "}",
    ],
)
@pytest.mark.parametrize("levels", [1, 2, 3, 252, 253, 254, 300, 1500])
def test_what_is_no_json_is_refused_at_any_depth(inside: str, levels: int):
    for text in (nested(levels, "[]", inside), field(nested(levels, "[]", inside)).decode()):
        with pytest.raises(UnexpectedAnswer, match="not valid JSON"):
            loads(text.encode())


SMALL = '[{"id":"é\\ud800\\n","a":[1.5e400,-0.1,true,false,null,{"b":{},"b":[]}]}, [] ]'


@pytest.mark.parametrize(
    "text",
    [SMALL, compact(SMALL), field(nested(260, "{}", '"é"')).decode(), nested(260, "[]", "10")],
)
def test_a_document_cut_anywhere_is_refused(text: str):
    body = text.encode()
    loads(body)
    for end in range(len(body)):
        with pytest.raises(UnexpectedAnswer):
            loads(body[:end])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "not valid JSON", id="empty"),
        pytest.param(b" \n", "not valid JSON", id="blank"),
        pytest.param(b"\xef\xbb\xbf[]", "not valid JSON", id="byte order mark"),
        pytest.param('["é"]'.encode("latin-1"), r"not UTF-8 \(byte 2\)", id="latin-1"),
        pytest.param('["é"]'.encode("utf-16"), "not UTF-8", id="utf-16"),
        pytest.param(b'["\xed\xa0\x80"]', r"not UTF-8 \(byte 2\)", id="encoded surrogate"),
        pytest.param(b"[]]", "not valid JSON", id="more than one document"),
        pytest.param(b"[] []", "not valid JSON", id="two documents"),
        pytest.param(b"[1}", "not valid JSON", id="closed by another bracket"),
        pytest.param(b"[NaN]", "not valid JSON", id="NaN"),
        pytest.param(b'[{"a":Infinity}]', "not valid JSON", id="Infinity"),
        pytest.param(b'[{"a":[-Infinity]}]', "not valid JSON", id="-Infinity"),
        pytest.param(b"[\x0c1]", "not valid JSON", id="form feed"),
        pytest.param(b"[\xc2\xa01]", "not valid JSON", id="no-break space"),
        pytest.param("[٣]".encode(), "not valid JSON", id="digits of another script"),
        pytest.param(b"['a']", "not valid JSON", id="single quotes"),
        pytest.param(b"[.5]", "not valid JSON", id="no digit before the point"),
        pytest.param(b"[5.]", "not valid JSON", id="no digit after the point"),
        pytest.param(b"[+5]", "not valid JSON", id="plus sign"),
        pytest.param(b"[truex]", "not valid JSON", id="word that begins like a constant"),
        pytest.param(b"<html></html>", "not valid JSON", id="HTML"),
    ],
)
def test_what_is_no_json_in_utf8_is_refused(body: bytes, reason: str):
    with pytest.raises(UnexpectedAnswer, match=reason):
        loads(body)


@pytest.mark.parametrize(
    "text",
    [
        '["s3cret" x]',
        '[{"s3cret" 1}]',
        '[{"v":"s3cret\x01"}]',
        '[{"v":"\\s3cret"}]',
        '[{"v":{"s3cret"}}]',
        "[s3cret]",
        '{"a":"s3cret"',
        f'[{{"v":{nested(300, "[]", "s3cret")}}}]',
    ],
)
def test_an_error_tells_the_place_and_never_the_content(text: str):
    with pytest.raises(UnexpectedAnswer) as caught:
        loads(text.encode())
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("body", "elements"),
    [(b"[]", []), (b" [1, null] ", [1, None]), (b"null", []), (b"[[]]", [[]])],
)
def test_a_page_is_a_list_or_null(body: bytes, elements: list[Any]):
    assert decode_page(body) == elements


@pytest.mark.parametrize(
    "body",
    [b"{}", b'{"results":[]}', b'{"results":null}', b'{"message":"later"}', b'"a"', b"1", b"false"],
)
def test_no_other_page_counts_as_an_empty_list(body: bytes):
    with pytest.raises(UnexpectedAnswer, match="no list"):
        decode_page(body)


def outcome(decode: Callable[[], list[Any]]) -> list[Any] | str:
    """What was decoded, or what the error says."""
    try:
        return decode()
    except UnexpectedAnswer as error:
        return str(error)


ALIKE = st.sampled_from(['"id"', '"a"'])
"""Names that make objects begin alike, at every level."""


@given(
    spaced(
        st.lists(
            texts(ALIKE) | st.tuples(ALIKE, texts(ALIKE)).map(lambda pair: f"{{{':'.join(pair)}}}")
        ).map(lambda elements: f"[{','.join(elements)}]")
    ),
    st.integers(1, 60),
    st.none() | st.tuples(st.integers(0, 200), st.sampled_from(["", ",", "]", "}", '"', "x"])),
)
@example('[{"id":[{"id":1},{"id":2}]},{"id":[{"id":3},{"id":4},{"id":5},{"id":6}]}]', 9, None)
@example('[{"id":1},{"id":"},{"},{"id":3}]', 5, None)
@example('[{"id":1},{"id":2},]', 5, None)
@example('[{"id":1}],{"id":2}]', 5, None)
def test_pieces_of_a_page_are_the_page(text: str, size: int, mistake: tuple[int, str] | None):
    """Wherever it is cut, and also where it is broken."""
    if mistake:
        text = text[: mistake[0]] + mistake[1] + text[mistake[0] + 1 :]
    page = text.encode(errors="surrogatepass")
    pieces: list[tuple[bytes, list[Any]]] = []

    def piecewise() -> list[Any]:
        pieces.extend(decode_pieces(page, size, decode_page))
        return [element for _, elements in pieces for element in elements]

    decoded = outcome(lambda: decode_page(page))
    assert repr(outcome(piecewise)) == repr(decoded)
    for piece, elements in pieces:
        assert repr(decode_page(piece)) == repr(elements)


@pytest.mark.parametrize("space", ["", " ", "\n    "])
def test_pieces_are_no_longer_than_asked_for_and_an_element(space: str):
    element = (
        f'{{{space}"id":"i-1","fields":[{{"name":"a"}},{{"name":"b"}}],"text":"}},{{"{space}}}'
    )
    page = f"{space}[{space}{f',{space}'.join([element] * 1000)}{space}]{space}".encode()
    pieces = [piece for piece, _ in decode_pieces(page, 1000, decode_page)]
    longest = len(element) + 2 * len(space) + len("[]")
    assert len(pieces) > 1
    assert max(map(len, pieces)) <= 1000 + longest
    assert [piece for piece, _ in decode_pieces(page, len(page), decode_page)] == [page]


def test_canonical_form_sorts_keys_at_every_level_and_keeps_lists_as_they_are():
    text = '{"é": 1, "b": [{"z": 1, "a": 2}, 0], "Z": {"10": 1, "9": 2}, "": null}'
    expected = '{"":null,"Z":{"10":1,"9":2},"b":[{"a":2,"z":1},0],"é":1}'
    assert canonical(loads(text.encode())).decode() == expected


def shuffled(text: str, random: Any) -> str:
    """The same document, with the members of every object in another order."""
    value = json.loads(text, object_pairs_hook=lambda pairs: ("object", pairs), parse_float=str)

    def spell(node: Any) -> str:
        if isinstance(node, tuple):
            members = [f"{json.dumps(key)}:{spell(item)}" for key, item in node[1]]
            random.shuffle(members)
            return "{" + ",".join(members) + "}"
        if isinstance(node, list):
            return "[" + ",".join(map(spell, node)) + "]"
        return json.dumps(node)

    return spell(value)


KEYS = st.sampled_from(["a", "b", "A", "é", "", "\x00", "\ud800", "\U0001f600", "\uffff"])
PLAIN: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(KEYS, children, max_size=5),
    max_leaves=10,
)


@given(PLAIN.map(json.dumps), st.randoms(use_true_random=False))
def test_canonical_form_does_not_depend_on_the_order_of_keys(text: str, random: Any):
    assert canonical(loads(shuffled(text, random).encode())) == canonical(loads(text.encode()))


@given(texts(REPEATED_NAMES, 4), texts(REPEATED_NAMES, 4))
@example("[1]", "[1.0]")
@example("[true]", "[1]")
@example("[1e400]", '["1e400"]')
@example('[{"a":1,"a":2}]', '[{"a":2,"a":1}]')
@example('[{"a":2}]', '[{"a":1,"a":2}]')
@example('["\\ud800"]', '["\\\\ud800"]')
@example("[0]", "[-0]")
@example("[0E0]", "[0.0]")
def test_canonical_forms_of_different_documents_differ(one: str, other: str):
    numbers: dict[Any, int] = {}
    equal = _sorted_meaning(one, numbers) == _sorted_meaning(other, numbers)
    assert (canonical(loads(one.encode())) == canonical(loads(other.encode()))) is equal


def _sorted_meaning(text: str, numbers: dict[Any, int]) -> str:
    """What a document says, whatever the order of its keys; a text, since lists compare deep.

    Args:
        text: The document.
        numbers: A number for each meaning that was seen so far.
    """
    found = iter(tokens(text))

    def read(token: str) -> str:
        if token == "[":
            items = []
            while (following := next(found)) != "]":
                if following != ",":
                    items.append(read(following))
            return f"[{','.join(items)}]"
        if token == "{":
            members = []
            while (following := next(found)) != "}":
                if following != ",":
                    next(found)
                    members.append((json.loads(following), read(next(found))))
            members.sort(key=lambda member: member[0])
            return "{" + ",".join(f"{name!r}:{value}" for name, value in members) + "}"
        return str(numbers.setdefault(meaning(token), len(numbers)))

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(10_000)
    try:
        return read(next(found))
    finally:
        sys.setrecursionlimit(limit)
