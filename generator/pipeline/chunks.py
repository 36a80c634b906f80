"""Copies in chunks over worker processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from generator.record.copy import Copy
from generator.record.ledger import Ledger
from generator.work.pool import spread

MOST_IN_CHUNK = 256
"""Copies that are typeset in one run: each run loads the format and embeds the fonts anew."""

Tool = TypeVar("Tool")
Result = TypeVar("Result")


def chunks_of(codes: Sequence[str], workers: int, most: int = MOST_IN_CHUNK) -> list[Sequence[str]]:
    """Chunks of one size, the same number for each worker, so that all are done at one time."""
    rounds = max(1, -(-len(codes) // (workers * most)))
    size = max(1, -(-len(codes) // (workers * rounds)))
    return [codes[start : start + size] for start in range(0, len(codes), size)]


class Chunks:
    """The copies of a ledger, read when a chunk of them is handed out: so few are in memory.

    Attributes:
        jobs: Processes at a time.
    """

    def __init__(self, ledger: Ledger, jobs: int) -> None:
        self._ledger, self.jobs = ledger, jobs

    def spread(
        self,
        work: Callable[[Tool, Sequence[Copy]], Result],
        tool: Tool,
        codes: Sequence[str],
        most: int = MOST_IN_CHUNK,
    ) -> Iterator[Result]:
        """Copies in chunks over worker processes; a single chunk stays here."""
        chunks = chunks_of(codes, self.jobs, most)
        jobs = max(1, min(self.jobs, len(chunks)))
        return spread(work, tool, map(self.read, chunks), jobs)

    def read(self, codes: Sequence[str]) -> list[Copy]:
        """Copies as the ledger has them."""
        return [self._copy(code) for code in codes]

    def _copy(self, code: str) -> Copy:
        """A copy, or a reprint: the same record under a code of its own."""
        if code not in self._ledger.reprints:
            return self._ledger[code]
        copy = self._ledger[self._ledger.reprints[code].of]
        different = self._ledger.printed_as(code, copy)
        return replace(copy, code=code, made=f"{copy.made}-{code}", accommodation=different)
