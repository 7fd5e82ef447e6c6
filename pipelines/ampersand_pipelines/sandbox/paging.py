"""Pages of a list that is sorted from new to old."""

import re
import struct
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

DEFAULT_SIZE = 200
LARGEST_SIZE = 1000

# Encodes as "+//+", so that a client that does not encode a token in its query cannot send it back.
_MARK = b"\xfb\xff\xfe"
_LAYOUT = struct.Struct(">8sQ")


class BadParameter(ValueError):
    """A parameter of a page that cannot be understood; the message says what it has to be."""

    def __init__(self, name: str, reason: str) -> None:
        """Make the error.

        Args:
            name: The parameter's name.
            reason: What it has to be.
        """
        super().__init__(reason)
        self.name = name


@dataclass(frozen=True)
class Page:
    """Which page is asked for: so many items, from where the token before it ended."""

    size: int = DEFAULT_SIZE
    token: str | None = None

    @classmethod
    def of(cls, query: dict[str, str]) -> "Page":
        """Read a query (spec api.yaml, listOperations: 1 to 1000 items, 200 if it does not say).

        Raises:
            BadParameter: `pageSize` is no such number.
        """
        size = query.get("pageSize", str(DEFAULT_SIZE))
        if not (re.fullmatch("[0-9]{1,4}", size) and 1 <= int(size) <= LARGEST_SIZE):
            raise BadParameter("pageSize", f"pageSize has to be a number from 1 to {LARGEST_SIZE}.")
        return cls(int(size), query.get("pageToken") or None)

    def cut(self, items: list[Any], owner: str) -> dict[str, Any]:
        """Cut the page out of the list.

        A token holds how many items are still to come, counted from the end: what is put in front
        of the list between two pages neither hides an item nor shows one twice.

        Args:
            items: The whole list.
            owner: Whose list it is. A token of one list is not accepted for another.

        Returns:
            The answer of the API: `results` and `pagination`.

        Raises:
            BadParameter: The token is none of this list.
        """
        tag = sha256(owner.encode("utf-8", "replace")).digest()[:8]
        start = 0
        if self.token is not None:
            start = len(items) - _remaining(self.token, tag, most=len(items))
        end = start + self.size
        pagination: dict[str, Any] = {"done": end >= len(items)}
        if not pagination["done"]:
            token = b64encode(_MARK + _LAYOUT.pack(tag, len(items) - end))
            pagination["nextPageToken"] = token.decode()
        return {"results": items[start:end], "pagination": pagination}


def _remaining(token: str, tag: bytes, most: int) -> int:
    try:
        raw = b64decode(token, validate=True)
        found, remaining = _LAYOUT.unpack(raw.removeprefix(_MARK))
    except (ValueError, struct.error):
        found, remaining = b"", 0
    if found != tag or remaining > most:
        raise BadParameter("pageToken", "pageToken is not one that came with this list.")
    return int(remaining)
