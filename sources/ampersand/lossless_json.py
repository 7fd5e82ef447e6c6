"""Decode and encode JSON so that nothing the sender wrote is lost.

Ordinary decoders keep the last of two equal keys, round long integers to floats and stop at deep
nesting. Here such values survive as `DuplicateKeys`, `RawNumber` and `RawJson`, and `dumps` writes
them back as they came. Ordinary documents take a fast path, which is proven for each document by
encoding it again and comparing the bytes.
"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from json.decoder import scanstring  # type: ignore[attr-defined]  # in no stub
from typing import Any

import orjson

from .exceptions import UnexpectedAnswer

MAX_DEPTH = 252
"""Levels of nesting decoded below the second level of a page; deeper ones stay text (`RawJson`).

Two less than what orjson encodes, so that both ways of decoding stop at the same level.
"""

_BLANK = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_STRUCTURE = re.compile(r'["\[\]{}]')
_NON_ASCII = re.compile(r"[^\x00-\x7f]+")
_CLOSING = {"[": "]", "{": "}"}
_CONSTANTS = (("true", True), ("false", False), ("null", None))


class DuplicateKeys(dict[str, Any]):
    """An object that repeats a key: as a dict the last value counts, `pairs` has them all."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs

    def repeated(self) -> Iterator[tuple[str, Any]]:
        """Yields the pairs that the dict does not show."""
        last = {key: index for index, (key, _) in enumerate(self.pairs)}
        for index, (key, value) in enumerate(self.pairs):
            if last[key] != index:
                yield key, value


class _Raw:
    """A value that is kept as the text that was received."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text[:40]!r})"


class RawNumber(_Raw):
    """A number that Python's own types would change (`1e400`, more digits than a float has)."""

    __slots__ = ()


class RawJson(_Raw):
    """A value nested deeper than `MAX_DEPTH`."""

    __slots__ = ()


def decode_page(body: bytes) -> list[Any]:
    """Decodes one page of a listing.

    Args:
        body: A JSON array, or an object with the list under `results` (the API's paged form),
            or `null`, which stands for an empty list.

    Raises:
        UnexpectedAnswer: The body is no such JSON document (truncated, another encoding, ...).
    """
    document = loads(body)
    if isinstance(document, dict):
        document = document.get("results")
    if document is None:
        return []
    if not isinstance(document, list):
        raise UnexpectedAnswer("the answer is JSON, but no list")
    return document


def loads(body: bytes) -> Any:
    """Decodes a JSON document, lists of elements at its top (or under `results`) one by one.

    Raises:
        UnexpectedAnswer: The body is not JSON in UTF-8.
    """
    try:
        document = orjson.loads(body)
        if _encodes_to(document, body):
            return document
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        pass  # odd or broken: the careful decoder below tells which
    try:
        return _Decoder(body.decode("utf-8")).document()
    except UnicodeDecodeError as error:
        raise UnexpectedAnswer(f"the answer is not UTF-8 (byte {error.start})") from None
    except ValueError as error:
        # the decoder's messages name positions, never content
        raise UnexpectedAnswer(f"the answer is not valid JSON: {error}") from None


def dumps(value: Any) -> str:
    """Encodes a decoded value as JSON text in ASCII, with keys in the order received.

    ASCII, because lone surrogates and NUL characters can then be stored by any database.
    """
    return _ascii(_encode(value, sort_keys=False))


def canonical(value: Any) -> bytes:
    """Encodes a decoded value so that equal values give equal bytes (keys sorted, no blanks)."""
    return _encode(value, sort_keys=True).encode("utf-8", "surrogatepass")


def _encodes_to(document: Any, body: bytes) -> bool:
    """Whether `body` is exactly what an ordinary compact encoder makes of `document`."""
    encoded = orjson.dumps(document)
    body = body.strip()
    if encoded == body:
        return True
    if b"\\u00" not in body and b"\\u20" not in body:
        return False
    # Go's encoder escapes what could be read as HTML or as an end of line
    for raw, escape in (
        (b"<", b"\\u003c"),
        (b">", b"\\u003e"),
        (b"&", b"\\u0026"),
        ("\u2028".encode(), b"\\u2028"),
        ("\u2029".encode(), b"\\u2029"),
    ):
        encoded = encoded.replace(raw, escape)
    return encoded == body


def _encode(value: Any, *, sort_keys: bool) -> str:
    options = orjson.OPT_PASSTHROUGH_SUBCLASS | (orjson.OPT_SORT_KEYS if sort_keys else 0)
    try:
        return orjson.dumps(value, option=options).decode()
    except orjson.JSONEncodeError:
        return _encode_odd(value, sort_keys)


def _encode_odd(value: Any, sort_keys: bool) -> str:
    if isinstance(value, dict):
        pairs = value.pairs if isinstance(value, DuplicateKeys) else list(value.items())
        if sort_keys:
            pairs = sorted(pairs, key=lambda pair: pair[0])
        members = (f"{json.dumps(key)}:{_encode_odd(item, sort_keys)}" for key, item in pairs)
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_encode_odd(item, sort_keys) for item in value) + "]"
    if isinstance(value, _Raw):
        return value.text
    if isinstance(value, float):
        return orjson.dumps(value).decode()
    return json.dumps(value)


def _ascii(text: str) -> str:
    if text.isascii():
        return text
    return _NON_ASCII.sub(lambda match: json.dumps(match.group())[1:-1], text)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    return document if len(document) == len(pairs) else DuplicateKeys(pairs)


def _float(text: str) -> float | RawNumber:
    number = float(text)
    if number in (float("inf"), float("-inf")) or Decimal(text) != Decimal(repr(number)):
        return RawNumber(text)
    return number


def _int(text: str) -> int | RawNumber:
    try:
        return int(text)
    except ValueError:  # more digits than Python converts
        return RawNumber(text)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


class _Decoder:
    """Decodes element by element with the standard library, level by level where that gives up."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.scan = json.JSONDecoder(
            object_pairs_hook=_pairs,
            parse_float=_float,
            parse_int=_int,
            parse_constant=_no_constant,
        ).raw_decode

    def document(self) -> Any:
        value, end = self._members(self._skip_blank(0), levels=2)
        if self._skip_blank(end) != len(self.text):
            raise ValueError(f"unexpected text after the end (character {end})")
        return value

    def _skip_blank(self, index: int) -> int:
        match = _BLANK.match(self.text, index)
        return match.end() if match else index

    def _members(self, index: int, levels: int) -> tuple[Any, int]:
        """Decodes a container of elements; `levels` is 2 where the elements may lie one deeper."""
        if not levels or self.text[index : index + 1] not in _CLOSING:
            return self._element(index)
        return self._container(index, lambda at: self._members(at, levels - 1))

    def _element(self, index: int) -> tuple[Any, int]:
        try:
            value, end = self.scan(self.text, index)
        except RecursionError:
            return self._careful(index, 1)
        openers = self.text.count("[", index, end) + self.text.count("{", index, end)
        if openers > MAX_DEPTH and _depth_exceeds(value, MAX_DEPTH):
            return self._careful(index, 1)
        return value, end

    def _careful(self, index: int, depth: int) -> tuple[Any, int]:
        head = self.text[index : index + 1]
        if head not in _CLOSING or not head:
            return self._scalar(index)
        if depth > MAX_DEPTH:
            end = self._end_of_container(index)
            return RawJson(self.text[index:end]), end
        return self._container(index, lambda at: self._careful(at, depth + 1))

    def _container(self, index: int, member: Any) -> tuple[Any, int]:
        opener = self.text[index]
        closer = _CLOSING[opener]
        items: list[Any] = []
        pairs: list[tuple[str, Any]] = []
        at = self._skip_blank(index + 1)
        if self.text[at : at + 1] == closer:
            return ([] if opener == "[" else {}), at + 1
        while True:
            if opener == "{":
                if self.text[at : at + 1] != '"':
                    raise ValueError(f"a property name is expected (character {at})")
                key, at = scanstring(self.text, at + 1, True)
                at = self._skip_blank(at)
                if self.text[at : at + 1] != ":":
                    raise ValueError(f"':' is expected (character {at})")
                value, at = member(self._skip_blank(at + 1))
                pairs.append((key, value))
            else:
                value, at = member(at)
                items.append(value)
            at = self._skip_blank(at)
            separator = self.text[at : at + 1]
            if separator == closer:
                return (items if opener == "[" else _pairs(pairs)), at + 1
            if separator != ",":
                raise ValueError(f"',' or '{closer}' is expected (character {at})")
            at = self._skip_blank(at + 1)

    def _scalar(self, index: int) -> tuple[Any, int]:
        head = self.text[index : index + 1]
        if head == '"':
            text, end = scanstring(self.text, index + 1, True)
            return text, end
        for name, constant in _CONSTANTS:
            if self.text.startswith(name, index):
                return constant, index + len(name)
        match = _NUMBER.match(self.text, index)
        if not match:
            raise ValueError(f"a value is expected (character {index})")
        number = match.group()
        return (_int if number.lstrip("-").isdigit() else _float)(number), match.end()

    def _end_of_container(self, index: int) -> int:
        expected: list[str] = []
        while True:
            match = _STRUCTURE.search(self.text, index)
            if match is None:
                raise ValueError("the text ends inside a list or an object")
            mark, index = match.group(), match.end()
            if mark == '"':
                _, index = scanstring(self.text, index, True)
            elif mark in _CLOSING:
                expected.append(_CLOSING[mark])
            elif expected.pop() != mark:
                raise ValueError(f"'{mark}' closes nothing (character {index - 1})")
            elif not expected:
                return index


def _depth_exceeds(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit + 1):
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return any(isinstance(item, dict | list) for item in level)
