"""Progress: to a terminal (stage, count and time left), to a function, or to nobody."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

# Rich is imported where a terminal shows something: it takes a tenth of the start of a build.
if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bars


@dataclass
class Spent:
    """What a stage took, in seconds; CPU of all processes that have ended by then."""

    wall: float = 0.0
    cpu: float = 0.0


class Counter:
    """Counts what is done of a stage."""

    def add(self, count: int = 1) -> None:
        """Counts so many more."""


class Progress:
    """Is told what is going on, and keeps what each stage took; shows nothing.

    Attributes:
        spent: Stage to what it took.
    """

    def __init__(self) -> None:
        self.spent: dict[str, Spent] = {}

    def note(self, text: str) -> None:
        """A line that stays."""

    def foretell(self, text: str) -> None:
        """What the result will say as well, for those who sit and wait for it."""

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Counter]:
        """Counts the tasks of a stage and measures it."""
        wall, cpu = time.perf_counter(), cpu_seconds()
        with self._counting(name, total) as counter:
            yield counter
        spent = self.spent.setdefault(name, Spent())
        spent.wall += time.perf_counter() - wall
        spent.cpu += cpu_seconds() - cpu

    @contextmanager
    def _counting(self, name: str, total: int) -> Iterator[Counter]:
        yield Counter()


SILENT = Progress()
"""For those who do not look at what stages took either."""


class Terminal(Progress):
    """Shows lines on stderr, and a bar for each stage where that is a terminal."""

    def __init__(self) -> None:
        super().__init__()
        self._is_shown = sys.stderr.isatty()

    @cached_property
    def _console(self) -> Console:
        from rich.console import Console

        return Console(file=sys.stderr, highlight=False)

    def note(self, text: str) -> None:
        if self._is_shown:
            self._console.print(text, markup=False, soft_wrap=True)
        else:
            print(text, file=sys.stderr)

    def foretell(self, text: str) -> None:
        if self._is_shown:
            self.note(text)

    @contextmanager
    def _counting(self, name: str, total: int) -> Iterator[Counter]:
        if not self._is_shown:
            yield Counter()
            return
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )
        from rich.progress import Progress as Bars

        columns = (
            TextColumn(f"{name:<10}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        with Bars(*columns, console=self._console) as bars:
            bars.add_task(name, total=total)
            yield _BarCounter(bars)


class _BarCounter(Counter):
    def __init__(self, bars: Bars) -> None:
        self._bars = bars

    def add(self, count: int = 1) -> None:
        self._bars.advance(self._bars.task_ids[0], count)


class Reporting(Progress):
    """Tells a function: ``report(stage, done, total)``, and ``note(text)`` where one is given."""

    def __init__(
        self,
        report: Callable[[str, int, int], object],
        note: Callable[[str], object] = lambda text: None,
    ) -> None:
        super().__init__()
        self._report = report
        self._note = note

    def note(self, text: str) -> None:
        self._note(text)

    @contextmanager
    def _counting(self, name: str, total: int) -> Iterator[Counter]:
        self._report(name, 0, total)
        yield _ReportingCounter(self._report, name, total)


class _ReportingCounter(Counter):
    def __init__(self, report: Callable[[str, int, int], object], name: str, total: int) -> None:
        self._report = report
        self._name = name
        self._total = total
        self._done = 0

    def add(self, count: int = 1) -> None:
        self._done += count
        self._report(self._name, self._done, self._total)


def cpu_seconds() -> float:
    """CPU time of this process and of its children that have ended."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
