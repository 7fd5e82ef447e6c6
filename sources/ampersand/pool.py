"""What is done by threads, with little done ahead."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from queue import Empty, SimpleQueue
from typing import TypeVar

from dlt.common.runtime import signals

_SIGNAL_INTERVAL = 0.5
"""Seconds between two looks whether the run was told to stop, while answers are awaited."""

_Task = TypeVar("_Task")
_Answer = TypeVar("_Answer")


def bounded(
    pool: Executor, call: Callable[[_Task], _Answer], waiting: deque[_Task], window: int
) -> Iterator[tuple[_Task, _Answer]]:
    """Yields tasks with their answers as they come, no more than `window` of them under way.

    Args:
        pool: Where they are carried out.
        call: Carries one out.
        waiting: The tasks; who gets an answer may add to them.
        window: How many may be under way, or answered and not taken.
    """
    under_way: dict[Future[_Answer], _Task] = {}
    done: SimpleQueue[Future[_Answer]] = SimpleQueue()
    while waiting or under_way:
        while waiting and len(under_way) < window:
            task = waiting.popleft()
            future = pool.submit(call, task)
            under_way[future] = task
            future.add_done_callback(done.put)
        try:
            future = done.get(timeout=_SIGNAL_INTERVAL)
        except Empty:
            signals.raise_if_signalled()
            continue
        signals.raise_if_signalled()
        yield under_way.pop(future), future.result()


def one_ahead(
    worker: Executor, call: Callable[[_Task], _Answer], tasks: Iterable[_Task]
) -> Iterator[_Answer]:
    """Yields the answers to tasks in their order, while the next task is prepared and carried out.

    Args:
        worker: Where they are carried out.
        call: Carries one out.
        tasks: The tasks, each made when the one before it is under way.
    """
    under_way: Future[_Answer] | None = None
    for task in tasks:
        before, under_way = under_way, worker.submit(call, task)
        if before:
            yield before.result()
    if under_way:
        yield under_way.result()
