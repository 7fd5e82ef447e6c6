"""What is done by threads, with little done ahead."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from ampersand.pool import one_ahead


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
