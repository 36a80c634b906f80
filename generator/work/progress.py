"""Progress on a terminal: stage, count and time left; silent where there is none."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars


@dataclass
class Spent:
    """What a stage took, in seconds; CPU of all processes that have ended by then."""

    wall: float = 0.0
    cpu: float = 0.0


class Progress:
    """Says what is going on, on stderr, and keeps what each stage took.

    Attributes:
        spent: Stage to what it took.
    """

    def __init__(self) -> None:
        self._console = Console(file=sys.stderr, highlight=False)
        self.spent: dict[str, Spent] = {}

    def note(self, text: str) -> None:
        """A line that stays."""
        self._console.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Counter]:
        """A bar for a stage; without a terminal, nothing is shown."""
        wall, cpu = time.perf_counter(), cpu_seconds()
        with self._bar(name, total) as counter:
            yield counter
        spent = self.spent.setdefault(name, Spent())
        spent.wall += time.perf_counter() - wall
        spent.cpu += cpu_seconds() - cpu

    @contextmanager
    def _bar(self, name: str, total: int) -> Iterator[Counter]:
        if not self._console.is_terminal:
            yield Counter(None, 0)
            return
        columns = (
            TextColumn(f"{name:<10}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        with Bars(*columns, console=self._console) as bars:
            yield Counter(bars, bars.add_task(name, total=total))


class Counter:
    """Counts what is done."""

    def __init__(self, bars: Bars | None, task: int) -> None:
        self._bars = bars
        self._task = task

    def add(self, count: int = 1) -> None:
        """Counts so many more."""
        if self._bars is not None:
            self._bars.advance(self._bars.task_ids[self._task], count)


def cpu_seconds() -> float:
    """CPU time of this process and of its children that have ended."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
