"""Worker processes: all results come, and a worker that dies is an error, not a hang."""

from __future__ import annotations

import os
import signal
import time

import pytest

from generator.errors import CopyError, InputError
from generator.work.pool import meanwhile, processes, results


def square(number: int) -> int:
    return number * number


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
    with processes(2) as executor:
        assert sorted(results(executor, square, iter(range(20)), 2)) == [n * n for n in range(20)]


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
    with pytest.raises(CopyError, match="killed"), processes(2) as executor:
        list(results(executor, die, range(4), 2))
    with pytest.raises(CopyError, match="killed"), meanwhile(die, range(4), 2) as numbers:
        list(numbers)


def test_an_error_in_a_worker_is_that_error() -> None:
    with pytest.raises(InputError, match="two is refused"), processes(2) as executor:
        list(results(executor, refuse, range(4), 2))
    with pytest.raises(InputError, match="two is refused"), meanwhile(refuse, [2], 2) as numbers:
        list(numbers)
