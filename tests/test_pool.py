"""Worker processes: all results come, and a worker that dies is an error, not a hang."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from generator.errors import CopyError, InputError
from generator.work.pool import meanwhile, spread


def times(factor: int, number: int) -> int:
    return factor * number


def with_nothing(work: Callable[[int], int], number: int) -> int:
    return work(number)


def slow_first(number: int) -> int:
    time.sleep(0.2 if number == 0 else 0)
    return number


def where(_: int) -> int:
    return os.getpid()


def die(number: int) -> int:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def refuse(number: int) -> int:
    if number == 2:
        raise InputError("two is refused")
    return number


def test_all_results_come_once() -> None:
    found = spread(times, 3, iter(range(20)), 2)
    assert sorted(found) == [3 * number for number in range(20)]


def test_calls_in_threads_keep_their_tools_apart() -> None:
    def all_times(factor: int) -> list[int]:
        return sorted(spread(times, factor, range(40), 2))

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(all_times, range(1, 9)))
    assert found == [[factor * number for number in range(40)] for factor in range(1, 9)]


@pytest.mark.parametrize("jobs", [1, 2, 4])
def test_results_of_what_is_done_meanwhile_are_in_order(jobs: int) -> None:
    with meanwhile(slow_first, range(5), jobs) as numbers:
        own = sum(range(5))
        assert list(numbers) == [0, 1, 2, 3, 4]
    assert own == 10


def test_a_single_job_is_this_process() -> None:
    with meanwhile(where, [1], 1) as pids:
        assert set(pids) == {os.getpid()}
    with meanwhile(where, [1], 2) as pids:
        assert os.getpid() not in set(pids)


def test_a_worker_that_is_killed_is_an_error() -> None:
    with pytest.raises(CopyError, match="killed"):
        list(spread(with_nothing, die, range(4), 2))
    with pytest.raises(CopyError, match="killed"), meanwhile(die, range(4), 2) as numbers:
        list(numbers)


def test_an_error_in_a_worker_is_that_error() -> None:
    with pytest.raises(InputError, match="two is refused"):
        list(spread(with_nothing, refuse, range(4), 2))
    with pytest.raises(InputError, match="two is refused"), meanwhile(refuse, [2], 2) as numbers:
        list(numbers)
