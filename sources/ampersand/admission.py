"""The door: of an answer that may hold secrets, lets in what some column reads, and nothing else.

Pure. It goes by the declaration in `platform_tables.py`: a property that no column reads is dropped
before anything is made of the answer, so that it can be in no key, row, file or message. Of one
that is unknown the name and the place are kept, never the value. Addresses lose what may be a
secret in them, and names of people and customers become hashes where that is set.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from .declaration import Column, Rows
from .kinds import KINDS, Node
from .lossless_json import DuplicateKeys, dumps
from .normalize import Dropped, is_storable, json_step

_HASH_LENGTH = 32


def admit(
    kind: str, element: Mapping[str, Any], personal_hash_key: str | None = None
) -> tuple[dict[str, Any], list[Dropped]]:
    """What may be kept of an entry, and what else should be known of it.

    Args:
        kind: Kind of row that it becomes.
        element: The entry, as decoded.
        personal_hash_key: Key of the hashes that stand for names of people and customers; None:
            the names are kept.

    Returns:
        The entry with only what is declared, and what was dropped that nobody knows of.
    """
    door = _Door(personal_hash_key.encode() if personal_hash_key else None)
    return door.element(element, KINDS[kind].node, "", KINDS[kind].rows), door.dropped


class _Door:
    def __init__(self, hash_key: bytes | None) -> None:
        self.hash_key = hash_key
        self.dropped: list[Dropped] = []

    def element(
        self, element: Mapping[str, Any], node: Node, path: str, rows: Rows | None = None
    ) -> dict[str, Any]:
        """Lets in an object; where it is that of a row, with the properties that it repeats."""
        self._drop_repeated(element, path)
        if node.entries is not None:
            return {
                name: self._entry(value, node.entries, path + json_step(name))
                for name, value in element.items()
            }
        kept: dict[str, Any] = {}
        for name, value in element.items():
            if value is None:
                continue
            if name in node.plain and type(value) is str and is_storable(value):
                kept[name] = value  # most of what there is
            elif name in node.columns:
                self._scalar(kept, name, value, node.columns[name], path)
            elif name in node.nodes:
                if isinstance(value, dict):
                    kept[name] = self.element(value, node.nodes[name], path + json_step(name))
                else:
                    self._drop(path, name, "wrong_type")
            elif name in node.rows:
                self._rows(kept, name, value, node.rows[name], path)
            elif name in node.left_out:
                if name in node.flags:
                    kept[name] = True  # that it is there is told, and no more
            elif rows is not None and name in rows.echoes:
                if isinstance(value, str) and is_storable(value):
                    kept[name] = value
                else:
                    self._drop(path, name, "wrong_type")
            else:
                self._drop(path, name, "unknown_property")
        return kept

    def _rows(self, kept: dict[str, Any], name: str, value: Any, rows: Rows, path: str) -> None:
        place = path + json_step(name)
        if rows.path.endswith("[]") and isinstance(value, list):
            kept[name] = [
                self._entry(entry, rows, f"{place}[{position}]")
                for position, entry in enumerate(value)
            ]
        elif rows.path.endswith("{}") and isinstance(value, dict):
            self._drop_repeated(value, place)
            kept[name] = {
                key: self._entry(entry, rows, place + json_step(key))
                for key, entry in value.items()
            }
        elif rows.path[-1] not in "]}" and isinstance(value, dict):
            kept[name] = self._entry(value, rows, place)
        else:
            self._drop(path, name, "wrong_type")

    def _entry(self, entry: Any, rows: Rows, place: str) -> Any:
        """An entry of a list or map; None, which the normaliser tells, where it cannot be one."""
        kind = KINDS[rows.kind]
        if rows.objects and isinstance(entry, dict):
            return self.element(entry, kind.node, place, rows)
        if kind.bare is not None and not rows.objects and isinstance(entry, list):
            return [self._entry(each, rows, place) for each in entry]
        if kind.bare is not None and _fits(entry, kind.bare):
            return entry
        return None

    def _scalar(
        self, kept: dict[str, Any], name: str, value: Any, column: Column, path: str
    ) -> None:
        if column.text == "json_list":
            if isinstance(value, list) and all(
                isinstance(each, str) and is_storable(each) for each in value
            ):
                kept[name] = dumps(value)
            else:
                self._drop(path, name, "wrong_type")
            return
        if not _fits(value, column):
            self._drop(path, name, "unreadable" if isinstance(value, str) else "wrong_type")
            return
        if column.text in ("host", "address"):
            value = _without_secrets(value, host_only=column.text == "host")
            if value is None:
                self._drop(path, name, "unreadable")
                return
        if column.is_personal and self.hash_key is not None:
            value = _hashed(value, self.hash_key)
        kept[name] = value

    def _drop_repeated(self, element: Mapping[str, Any], path: str) -> None:
        if isinstance(element, DuplicateKeys):
            for name, _ in element.repeated():
                self._drop(path, name, "duplicate_key")

    def _drop(self, path: str, name: str, reason: str) -> None:
        self.dropped.append(Dropped(path + json_step(name), name, reason))


def _fits(value: Any, column: Column) -> bool:
    if column.type == "bigint":
        return isinstance(value, int) and not isinstance(value, bool)
    if column.type == "bool":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return column.text == "or_boolean"
    return isinstance(value, str) and is_storable(value)


def _without_secrets(url: str, *, host_only: bool) -> str | None:
    """A URL without user, password, query and fragment, or its host; None: it cannot be read."""
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or not parts.scheme:
        return None
    if host_only:
        return host
    if "@" in parts.path:  # of a password that has a slash, which ends what is before the path
        return None
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _hashed(text: str, key: bytes) -> str:
    return f"hashed:{hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:_HASH_LENGTH]}"
