"""Progress on a terminal: stage, count and time left; silent where there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars


class Progress:
    """Says what is going on, on stderr."""

    def __init__(self) -> None:
        self._console = Console(file=sys.stderr, highlight=False)

    def note(self, text: str) -> None:
        """A line that stays."""
        self._console.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Counter]:
        """A bar for a stage; without a terminal, nothing."""
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
