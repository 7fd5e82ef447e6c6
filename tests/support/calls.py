"""Calls of a function from a deep stack, and counts of the calls that it makes itself."""

import gc
import inspect
import sys
from collections.abc import Callable
from typing import Any


def with_few_frames_left(call: Callable[[], Any], frames: int = 40) -> Any:
    """Calls from so deep a stack that only that many more frames fit."""

    def dive(levels: int) -> Any:
        return dive(levels - 1) if levels else call()

    return dive(sys.getrecursionlimit() - len(inspect.stack(0)) - frames)


def count_calls(call: Callable[[], object]) -> int:
    calls = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    was_on = gc.isenabled()
    gc.disable()  # it calls whoever wants to know of it, whenever it likes
    sys.setprofile(count)
    try:
        call()
    finally:
        sys.setprofile(None)
        if was_on:
            gc.enable()
    return calls
