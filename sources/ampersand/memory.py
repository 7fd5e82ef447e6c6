"""Memory of a run: what is free goes back to the system, since the load needs it next."""

import ctypes
import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pyarrow as pa

_M_MMAP_THRESHOLD = -3
"""Source: malloc.h of glibc."""


_MANY = 50_000
"""Objects that are new to the collector and take it some milliseconds."""

_ARROW = threading.Lock()


def _make_old() -> None:
    """Makes all objects old for the collector, which begins to count anew.

    As long as this is done often, it never looks through the old ones.
    """
    if not gc.get_freeze_count():  # else somebody relies on what is frozen
        gc.freeze()
        gc.unfreeze()


make_imports_old = cache(_make_old)
"""Does so once: what was imported since the process began would be looked through soon."""


class _Collector:
    """The cyclic garbage collector of Python, which threads share."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._was_on = False

    @contextmanager
    def off(self) -> Iterator[None]:
        """Keeps it off: it costs more than decoding, and finds nothing.

        The last thread to leave has it as the first one found it.
        """
        with self._lock:
            if not self._users:
                self._was_on = gc.isenabled()
                gc.disable()
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if not self._users and self._was_on:
                    self._turn_on()

    @staticmethod
    def _turn_on() -> None:
        young, *_ = gc.get_count()
        if young > _MANY:  # else the collector would look through all of it now
            _make_old()
        gc.enable()


no_collection = _Collector().off


@contextmanager
def system_memory() -> Iterator[None]:
    """Lets Arrow take its memory from the system: its own pool keeps what the load needs next.

    Arrow has one pool for all threads, so they come in one after the other.
    """
    with _ARROW:
        pool = pa.default_memory_pool()
        pa.set_memory_pool(pa.system_memory_pool())
        try:
            yield
        finally:
            pa.set_memory_pool(pool)


@cache
def return_large_blocks() -> None:
    """Lets the C library (glibc) return blocks of 1 MB and more to the system once they are free.

    Else it learns from those that are freed to keep ever larger ones.
    """
    mallopt = _of_glibc("mallopt")
    if mallopt:
        mallopt(_M_MMAP_THRESHOLD, 1 << 20)


def return_what_is_free() -> None:
    """Returns to the system what Arrow's own pool and the C library (glibc) keep in reserve."""
    pa.default_memory_pool().release_unused()
    trim = _of_glibc("malloc_trim")
    if trim:
        trim(0)


def _of_glibc(name: str) -> Any:
    """A function that glibc has, and other C libraries have not."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
