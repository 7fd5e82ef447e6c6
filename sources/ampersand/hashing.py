"""Hashes of what the API sent."""

from hashlib import sha256
from typing import Any

_MOST_WITH_LOCK = 2047
"""Bytes that hashlib takes at once without letting go of Python's lock, in every version so far."""

_WORTH_LETTING_GO = 64 * 1024
"""Bytes that take longer to hash than it takes to get the lock back from other threads."""


def sha256_hex(*parts: bytes) -> str:
    """The SHA-256 of parts with a zero byte between them, in hexadecimal digits."""
    first, *others = parts
    if not others and len(first) <= _MOST_WITH_LOCK:
        return sha256(first).hexdigest()
    state = sha256()
    _add(state, first)
    for part in others:
        state.update(b"\x00")
        _add(state, part)
    return state.hexdigest()


def _add(state: Any, part: bytes) -> None:
    if not _MOST_WITH_LOCK < len(part) < _WORTH_LETTING_GO:
        state.update(part)
        return
    view = memoryview(part)
    for start in range(0, len(part), _MOST_WITH_LOCK):
        state.update(view[start : start + _MOST_WITH_LOCK])
