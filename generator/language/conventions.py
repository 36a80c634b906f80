"""What an exam says about how it writes; every problem carries it to where things are printed."""

from __future__ import annotations

from dataclasses import dataclass

from generator.exact.numbers import Ties


@dataclass(frozen=True)
class Conventions:
    """How an exam writes.

    Attributes:
        ties: Where a number goes that is in the middle of two rounded ones, unless a step says
            otherwise.
    """

    ties: Ties = "half_up"


PLAIN = Conventions()
"""Of an exam that says nothing about it."""
