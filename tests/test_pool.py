"""What is done by threads, with little done ahead."""

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from ampersand.pool import bounded, one_ahead


def test_answers_come_as_they_are_ready():
    is_taken = threading.Event()

    def call(number: int) -> int:
        assert number or is_taken.wait(60)
        return -number

    with ThreadPoolExecutor(2) as pool:
        answers = bounded(pool, call, deque([0, 1]), 2)
        assert next(answers) == (1, -1)
        is_taken.set()
        assert list(answers) == [(0, 0)]


def test_little_is_begun_before_it_is_needed():
    begun: list[int] = []
    with ThreadPoolExecutor(8) as pool:
        answers = bounded(pool, begun.append, deque(range(20)), 3)
        for taken, _ in enumerate(answers):
            assert len(begun) <= taken + 3
    assert sorted(begun) == list(range(20))


def test_who_gets_an_answer_may_add_tasks():
    waiting = deque([3])
    with ThreadPoolExecutor(2) as pool:
        done = []
        for number, _ in bounded(pool, str, waiting, 2):
            done.append(number)
            waiting.extend([number - 1] if number else [])
    assert done == [3, 2, 1, 0]


def test_the_next_task_is_carried_out_while_an_answer_is_used():
    prepared: list[int] = []
    begun = {number: threading.Event() for number in range(4)}

    def tasks() -> Iterator[int]:
        for number in range(4):
            prepared.append(number)
            yield number

    def call(number: int) -> str:
        begun[number].set()
        return f"answer {number}"

    with ThreadPoolExecutor(1) as worker:
        answers = one_ahead(worker, call, tasks())
        for number in range(4):
            assert next(answers) == f"answer {number}"
            ahead = min(number + 1, 3)
            assert begun[ahead].wait(60)
            assert prepared == list(range(ahead + 1))
        assert list(answers) == []


def test_error_comes_in_the_place_of_its_answer():
    with ThreadPoolExecutor(1) as worker:
        answers = one_ahead(worker, lambda number: 1 // number, [1, 0, 1])
        assert next(answers) == 1
        with pytest.raises(ZeroDivisionError):
            next(answers)


def test_without_tasks_there_are_no_answers():
    with ThreadPoolExecutor(1) as worker:
        assert list(one_ahead(worker, str, [])) == []
