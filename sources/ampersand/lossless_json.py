"""Decode and encode JSON so that nothing the sender wrote is lost.

Ordinary decoders keep the last of two equal keys, round long integers to floats and stop at deep
nesting. Here such values survive as `DuplicateKeys`, `RawNumber` and `RawJson`, and `dumps` writes
them back as they came. Ordinary documents take a fast path, which is proven for each document by
encoding it again and comparing the bytes.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal, InvalidOperation
from itertools import islice
from json.decoder import scanstring  # type: ignore[attr-defined]  # in no stub
from typing import Any, TypeVar

import orjson

from .exceptions import UnexpectedAnswer

MAX_DEPTH = 252
"""Levels of nesting decoded below an element of a page; deeper ones stay text (`RawJson`).

Two less than what orjson encodes, so that both ways of decoding stop at the same level.
"""

_BLANK = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_STRING_OR_BLANK = re.compile(r'"(?:[^"\\]|\\.)*"|[ \t\n\r]+')
_NON_ASCII = re.compile(r"[^\x00-\x7f]+")
_CLOSING = {"[": "]", "{": "}"}
_CONSTANTS = (("true", True), ("false", False), ("null", None))
_FIRST_NAME = re.compile(rb'[ \t\n\r]*\[[ \t\n\r]*\{[ \t\n\r]*("[^"\\]*")')
_BORDER = rb"\}[ \t\n\r]*(,)[ \t\n\r]*(?=\{[ \t\n\r]*%b[ \t\n\r]*:)"
"""Between two objects whose first property has the name given."""
_BORDERS_TRIED = 3
_Decoded = TypeVar("_Decoded")
_NOTHING = object()
_SCANNED_LEVEL = 2
"""Containers around a value that is decoded in one go: a page, and an element of it."""


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
    """A value nested deeper than `MAX_DEPTH`, as `dumps` would write it."""

    __slots__ = ()


def decode_page(body: bytes) -> list[Any]:
    """Decodes one page of a listing.

    Args:
        body: A JSON array, or `null`, which stands for an empty one.

    Raises:
        UnexpectedAnswer: The body is no such JSON document (truncated, another encoding, ...).
    """
    document = loads(body)
    if document is None:
        return []
    if not isinstance(document, list):
        raise UnexpectedAnswer("the answer is JSON, but no list")
    return document


def decode_pieces(
    page: bytes, size: int, decode: Callable[[bytes], _Decoded]
) -> Iterator[tuple[bytes, _Decoded]]:
    """Decodes a page piece by piece, for what is decoded takes many times the memory of the page.

    Where a piece ends is guessed: before an object that begins like the first one. That it can be
    decoded proves that the cut lies between two elements, since nowhere else would a closing
    bracket be all that it lacks. A page in which no cut is found is one piece.

    Args:
        page: As `decode_page` takes it.
        size: Bytes of a piece at most, not counting the last of its elements.
        decode: Decodes a piece as if it were a page; `decode_page` or one that raises what that
            raises.

    Yields:
        Some of the elements as a JSON array, and the same decoded; together all, in their order.

    Raises:
        UnexpectedAnswer: As `decode_page` does, perhaps after some pieces.
    """
    start, opening = 0, b""
    first_name = _FIRST_NAME.match(page) if len(page) > size else None
    if first_name:
        border = re.compile(_BORDER % re.escape(first_name[1]))
        while len(page) - start > size:
            for cut in islice(border.finditer(page, start + size), _BORDERS_TRIED):
                piece = b"%b%b]" % (opening, page[start : cut.start(1)])
                try:
                    elements = decode(piece)
                except UnexpectedAnswer:
                    continue
                yield piece, elements
                start, opening = cut.end(), b"["
                break
            else:
                break
    if not start:
        yield page, decode(page)
        return
    piece = opening + page[start:]
    try:
        elements = decode(piece)
    except UnexpectedAnswer:
        decode(page)  # whose error tells the place in the page
        raise
    yield piece, elements


def loads(body: bytes) -> Any:
    """Decodes a JSON document.

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
    return ascii_json(_encode(value))


def ascii_json(encoded: bytes) -> str:
    """JSON as text in ASCII: other characters are escaped."""
    if encoded.isascii():
        return encoded.decode()
    return _NON_ASCII.sub(lambda match: json.dumps(match.group())[1:-1], encoded.decode())


def canonical(value: Any) -> bytes:
    """Encodes a decoded value so that equal values give equal bytes (keys sorted, no blanks)."""
    return _encode(value, sort_keys=True)


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


def _encode(value: Any, *, sort_keys: bool = False) -> bytes:
    options = orjson.OPT_PASSTHROUGH_SUBCLASS | (orjson.OPT_SORT_KEYS if sort_keys else 0)
    try:
        return orjson.dumps(value, option=options)
    except orjson.JSONEncodeError:
        return _encode_odd(value, sort_keys).encode()


def _encode_odd(value: Any, sort_keys: bool) -> str:
    """Encodes what orjson refuses, without recursion; ASCII but for the text of raw values."""
    pieces: list[str] = []
    todo: list[tuple[str, Any]] = [("", value)]  # what to write, each with the text before it
    while todo:
        before, item = todo.pop()
        pieces.append(before)
        members: list[tuple[str, Any]]
        if isinstance(item, dict):
            pairs = item.pairs if isinstance(item, DuplicateKeys) else list(item.items())
            if sort_keys:
                pairs = sorted(pairs, key=lambda pair: pair[0])
            members = [(f",{json.dumps(key)}:", member) for key, member in pairs]
            brackets = "{}"
        elif isinstance(item, list):
            members = [(",", member) for member in item]
            brackets = "[]"
        else:
            pieces.append(_encode_scalar(item))
            continue
        pieces.append(brackets[0])
        if members:
            members[0] = (members[0][0][1:], members[0][1])
        members.append((brackets[1], _NOTHING))
        todo.extend(reversed(members))
    return "".join(pieces)


def _encode_scalar(value: Any) -> str:
    if value is _NOTHING:
        return ""
    if isinstance(value, _Raw):
        return value.text
    if isinstance(value, float):
        return orjson.dumps(value).decode()
    return json.dumps(value)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    return document if len(document) == len(pairs) else DuplicateKeys(pairs)


def _float(text: str) -> float | RawNumber:
    number = float(text)
    try:
        is_exact = Decimal(text) == Decimal(repr(number))
    except InvalidOperation:  # an exponent beyond all bounds
        is_exact = False
    return number if is_exact else RawNumber(text)


def _int(text: str) -> int | float | RawNumber:
    if text == "-0":
        return -0.0
    try:
        return int(text)
    except ValueError:  # more digits than Python converts
        return RawNumber(text)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


class _Container:
    """A list or an object whose end has not been reached."""

    __slots__ = ("closer", "items", "key", "pairs", "start")

    def __init__(self, opener: str, start: int) -> None:
        self.closer = _CLOSING[opener]
        self.start = start
        self.key = ""
        self.items: list[Any] = []
        self.pairs: list[tuple[str, Any]] = []

    def add(self, value: Any) -> None:
        if self.closer == "]":
            self.items.append(value)
        else:
            self.pairs.append((self.key, value))

    def value(self) -> Any:
        return self.items if self.closer == "]" else _pairs(self.pairs)


class _Decoder:
    """Decodes element by element with the standard library, bit by bit where that gives up.

    Nothing in it is recursive, so that it works however deep the document and the caller are.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.scan = json.JSONDecoder(
            object_pairs_hook=_pairs,
            parse_float=_float,
            parse_int=_int,
            parse_constant=_no_constant,
        ).raw_decode

    def document(self) -> Any:
        open_containers: list[_Container] = []
        too_deep = False  # within a value that cannot be decoded in one go
        at = self._skip_blank(0)
        while True:
            head = self.text[at : at + 1]
            if len(open_containers) == _SCANNED_LEVEL and not too_deep:
                scanned = self._scan(at)
                if scanned is None:
                    too_deep = True
                    continue
                value, at = scanned
            elif head and head in _CLOSING:
                container = _Container(head, at)
                open_containers.append(container)
                at = self._skip_blank(at + 1)
                if self.text[at : at + 1] != container.closer:
                    at = self._member(container, at)
                    continue
                value, at = self._close(open_containers, at)
            else:
                value, at = self._scalar(at)
            while open_containers:
                too_deep = too_deep and len(open_containers) > _SCANNED_LEVEL
                container = open_containers[-1]
                container.add(value)
                at = self._skip_blank(at)
                mark = self.text[at : at + 1]
                if mark == ",":
                    at = self._member(container, self._skip_blank(at + 1))
                    break
                if mark != container.closer:
                    raise ValueError(f"',' or '{container.closer}' is expected (character {at})")
                value, at = self._close(open_containers, at)
            else:
                if self._skip_blank(at) != len(self.text):
                    raise ValueError(f"unexpected text after the end (character {at})")
                return value

    def _skip_blank(self, index: int) -> int:
        match = _BLANK.match(self.text, index)
        return match.end() if match else index

    def _scan(self, index: int) -> tuple[Any, int] | None:
        """The value that begins here; None: it is nested too deep."""
        try:
            value, end = self.scan(self.text, index)
        except RecursionError:
            return None
        openers = self.text.count("[", index, end) + self.text.count("{", index, end)
        if openers > MAX_DEPTH and _depth_exceeds(value, MAX_DEPTH):
            return None
        return value, end

    def _member(self, container: _Container, index: int) -> int:
        """Reads the property name, if there has to be one; returns where the value begins."""
        if container.closer == "]":
            return index
        if self.text[index : index + 1] != '"':
            raise ValueError(f"a property name is expected (character {index})")
        container.key, index = scanstring(self.text, index + 1, True)
        index = self._skip_blank(index)
        if self.text[index : index + 1] != ":":
            raise ValueError(f"':' is expected (character {index})")
        return self._skip_blank(index + 1)

    def _close(self, open_containers: list[_Container], index: int) -> tuple[Any, int]:
        """Ends the innermost container; returns its value and where it ends."""
        container = open_containers.pop()
        end = index + 1
        if len(open_containers) == _SCANNED_LEVEL + MAX_DEPTH:
            return RawJson(_compact(self.text[container.start : end])), end
        return container.value(), end

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


def _compact(text: str) -> str:
    """Valid JSON in the spelling that `dumps` has."""
    return _STRING_OR_BLANK.sub(
        lambda match: (
            json.dumps(scanstring(text, match.start() + 1, True)[0])
            if match.group().startswith('"')
            else ""
        ),
        text,
    )


def _depth_exceeds(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            child for item in level if isinstance(item, dict | list) for child in _children(item)
        ]
        if not level:
            return False
    return any(isinstance(item, dict | list) for item in level)


def _children(container: dict[str, Any] | list[Any]) -> Iterable[Any]:
    if isinstance(container, DuplicateKeys):
        return (value for _, value in container.pairs)
    return container.values() if isinstance(container, dict) else container
