"""Worker processes: one function over many tasks, a few at a time, results as they come.

Processes are forked. What they work with is in their memory from the start and is never sent; it
belongs to the call that started them, so that several builds can run in threads of one process.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait as wait_for
from typing import Any, Generic, TypeVar

from generator.errors import CopyError

Tool = TypeVar("Tool")
Task = TypeVar("Task")
Result = TypeVar("Result")

AHEAD = 2
"""Tasks per worker that are handed out before their results are taken: memory stays flat."""


class _Child:
    """What a worker process inherited; set in worker processes alone."""

    tool: Any = None


def spread(
    work: Callable[[Tool, Task], Result], tool: Tool, tasks: Iterable[Task], jobs: int
) -> Iterator[Result]:
    """Works on tasks in processes, or in this one if there is one job.

    Args:
        work: A function of a module.
        tool: What it works with; inherited by the processes, never sent.
        tasks: What is sent, one by one.
        jobs: Processes at a time.

    Returns:
        The results in the order in which they are done.

    Raises:
        CopyError: A worker died.
    """
    if jobs == 1:
        yield from (work(tool, task) for task in tasks)
        return
    with _processes(jobs, tool) as executor:
        yield from _results(executor, work, tasks, jobs)


def _work_in_child(work: Callable[[Tool, Task], Result], task: Task) -> Result:
    return work(_Child.tool, task)


@contextmanager
def _processes(jobs: int, tool: object) -> Iterator[Executor]:
    """A pool of processes that inherit what is in memory now."""
    stop, tell_stop = os.pipe()
    executor = ProcessPoolExecutor(
        jobs, mp_context=get_context("fork"), initializer=_start, initargs=(tool, stop)
    )
    gc.freeze()  # what processes inherit stays shared: collecting garbage would write to it
    try:
        yield executor
    except BrokenProcessPool:
        message = "a worker process was killed (out of memory?); build again to go on"
        raise CopyError(message) from None
    except Exception:
        raise  # what other processes have in hand, they finish
    except BaseException:  # Ctrl-C, or nobody wants the results
        os.write(tell_stop, b".")
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
        gc.unfreeze()
        os.close(stop)
        os.close(tell_stop)


class Beside(Generic[Tool]):
    """Takes tasks one by one, which are worked on beside what is done meanwhile."""

    def __init__(self, tool: Tool, executor: Executor | None) -> None:
        self._tool, self._executor = tool, executor

    def start(self, work: Callable[[Tool, Task], Result], task: Task) -> Callable[[], Result]:
        """Begins a task; returns what waits for its result.

        Args:
            work: A function of a module.
        """
        if self._executor is None:
            return partial(work, self._tool, task)
        return self._executor.submit(_work_in_child, work, task).result


@contextmanager
def beside(tool: Tool, jobs: int, most: int | None = None) -> Iterator[Beside[Tool]]:
    """Processes beside the body of the statement.

    Args:
        tool: What they work with; inherited, never sent.
        jobs: How many; for 1, this process works on a task itself when its result is asked for.
        most: More of them would have nothing to do.

    Raises:
        CopyError: A worker died.
    """
    if jobs == 1:
        yield Beside(tool, None)
        return
    with _processes(jobs if most is None else min(jobs, most), tool) as executor:
        yield Beside(tool, executor)


@contextmanager
def meanwhile(
    work: Callable[[Tool, Task], Result], tool: Tool, tasks: Sequence[Task], jobs: int
) -> Iterator[Iterator[Result]]:
    """The results of tasks, in their order, that are worked on beside the body of the statement.

    Args:
        work: A function of a module.
        tool: What it works with; inherited by the processes, never sent.
        jobs: Processes beside this one; for 1, it works on the tasks itself as results are taken.

    Raises:
        CopyError: A worker died.
    """
    with beside(tool, jobs if tasks else 1, len(tasks)) as workers:
        results = [workers.start(work, task) for task in tasks]
        yield (result() for result in results)


def _start(tool: object, stop: int) -> None:
    _Child.tool = tool
    # Ctrl-C reaches the whole group; the parent decides what happens. To be ignored would be
    # inherited by pdfTeX, which is interrupted when a text loops.
    signal.signal(signal.SIGINT, lambda number, frame: None)
    for ending in (signal.SIGTERM, signal.SIGHUP):  # the parent's handlers are not for workers
        signal.signal(ending, signal.SIG_DFL)
    os.environ["OMP_NUM_THREADS"] = "1"
    threading.Thread(target=_end_when_told, args=(stop,), daemon=True).start()


def _end_when_told(stop: int) -> None:
    """Ends a worker at once when it is told so, or when its parent has gone.

    Without its parent it would wait for tasks for ever, and hold the build's lock.
    """
    parent = parent_process()
    assert parent is not None
    wait_for([parent.sentinel, stop])
    os._exit(1)


def _results(
    executor: Executor, work: Callable[[Tool, Task], Result], tasks: Iterable[Task], jobs: int
) -> Iterator[Result]:
    waiting: set[Future[Result]] = set()
    source = iter(tasks)
    more = True
    try:
        while more or waiting:
            while more and len(waiting) < jobs * AHEAD:
                task = next(source, None)
                if task is None:
                    more = False
                else:
                    waiting.add(executor.submit(_work_in_child, work, task))
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            while done:  # a future keeps its result
                yield done.pop().result()
    finally:
        for future in waiting:
            future.cancel()
