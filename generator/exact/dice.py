"""Dice that draw by name: the same names give the same index, whatever else is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from generator.exact.secret import Stem


@dataclass(frozen=True)
class Dice:
    """Draws by name for one problem of one copy."""

    key: bytes
    exam: str
    copy: str
    problem: str
    epoch: int

    def index(self, variable: str, attempt: int, n: int) -> int:
        """An index from 0 to n - 1, uniform, for this name alone."""
        if n == 1:
            return 0
        return self.stem.uniform_index((variable, attempt), n)

    @cached_property
    def stem(self) -> Stem:
        """What all draws for this problem of this copy begin with."""
        return Stem(self.key, (self.exam, self.copy, self.problem, self.epoch))

    def pick(self, variable: str, attempt: int, items: Sequence[str], count: int) -> list[str]:
        """Different items in a drawn order (Fisher-Yates)."""
        left = list(items)
        return [
            left.pop(self.index(f"{variable}/{place}", attempt, len(left)))
            for place in range(count)
        ]
