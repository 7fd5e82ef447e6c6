"""Decode ordinary entries of a listing as what is declared: half the effort of decoding anything.

Only what is declared to the letter is taken, so that nothing gets lost on the way; anything else is
left to `lossless_json.py`. What is decoded is not kept: it serves to make the keys and texts of
revisions. All other columns are read from the page itself, in `columnar.py`.
"""

import re
from collections.abc import Iterable
from types import GenericAlias
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from .declaration import ContentHash, JsonText, RowKey
from .decoded import OrdinaryEntries
from .hashing import sha256_hex
from .kinds import KINDS, Node
from .lossless_json import ascii_json, canonical, dumps, loads
from .normalize import digest

_TYPES = {"text": str, "timestamp": str, "bigint": int, "bool": bool}
"""By the type of a column. There are no floats, which may be encoded longer than they were sent."""

_NOT_STORABLE = re.compile(rb"\\u(0000|[dD][89a-fA-F])")
"""Characters that some database cannot hold, as JSON writes them; and other surrogates."""


def decode_ordinary(page: bytes, project_id: str) -> OrdinaryEntries | None:
    """Decodes a page of a listing.

    Args:
        page: The page as received.
        project_id: Id of the project, which is part of the keys.

    Returns:
        What is made of its entries; None: it is no JSON list, or has something that is not
        declared, or is of another type, or that some database cannot hold.
    """
    ids: list[str] = []
    keys: list[str | None] = []
    texts: list[str | None] = []
    hashes: list[str | None] = []
    has_escapes = b"\\" in page and rb"\u" in page  # a single byte is found far sooner
    if has_escapes and _NOT_STORABLE.search(page):
        return None
    try:
        if not page.isascii():
            page.decode()  # of a repeated key, only the last value is looked into
        for integration in _decode_integrations(page):
            identifier = integration.id
            if not isinstance(identifier, str):
                return None
            ids.append(identifier)
            revision = integration.latestRevision
            if revision is None or revision is UNSET:
                continue
            sent = b"null" if revision.content is UNSET else bytes(revision.content)
            text = content_hash = None
            if sent != b"null":
                text, content = ascii_json(sent), _encode(_decode_content(sent))
                # Encoding makes nothing longer. Equally long, they differ in the order alone, and
                # perhaps in the case of an escape.
                if len(content) != len(sent) or (has_escapes and rb"\u" in sent):
                    anything = loads(sent)
                    text, content = dumps(anything), canonical(anything)
                content_hash = sha256_hex(content)
                revision.content = Raw(content)
            keys.append(digest(_encode([project_id, identifier, revision])))
            texts.append(text)
            hashes.append(content_hash)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return OrdinaryEntries(ids, {_KEY: keys, _TEXT: texts, _HASH: hashes})


def _column_made(origin: type) -> str:
    (name,) = (
        column.name
        for column in KINDS["revision"].table.columns
        if isinstance(column.origin, origin)
    )
    return name


_KEY, _TEXT, _HASH = map(_column_made, (RowKey, JsonText, ContentHash))


def _element(kind_name: str) -> Any:
    """The type of an element of a kind of row."""
    kind = KINDS[kind_name]
    if not kind.rows.objects:
        return str
    as_sent = [
        column.origin.property_name
        for column in kind.table.columns
        if isinstance(column.origin, JsonText)
    ]
    return _struct(kind_name, kind.node, kind.rows.echoes, as_sent)


def _struct(
    name: str, node: Node, echoes: Iterable[str] = (), as_sent: Iterable[str] = ()
) -> type[msgspec.Struct]:
    """The type of an object; a property that is not there is told from one that is null.

    Its properties are in the order of canonical JSON, in which they are encoded.
    """
    types: dict[str, Any] = {
        property_name: _TYPES[column.type] for property_name, column in node.columns.items()
    }
    types |= dict.fromkeys(echoes, str)
    types |= {property_name: _struct(name, below) for property_name, below in node.nodes.items()}
    for property_name, rows in node.rows.items():
        element = _element(rows.kind)
        types[property_name] = GenericAlias(list, element) if rows.path.endswith("[]") else element
    types = {property_name: type_ | None for property_name, type_ in types.items()}
    types |= dict.fromkeys(as_sent, Raw)
    fields = [
        (property_name, types[property_name] | UnsetType, UNSET) for property_name in sorted(types)
    ]
    return msgspec.defstruct(name, fields, forbid_unknown_fields=True, gc=False)


_encode = msgspec.json.Encoder().encode
_decode_integrations = msgspec.json.Decoder(GenericAlias(list, _element("integration"))).decode
_decode_content = msgspec.json.Decoder(
    _struct("content", KINDS["revision"].node.nodes["content"])
).decode
