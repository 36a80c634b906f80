"""What the bank's common mistakes give with the numbers of one copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import ascii_uppercase

from generator.bank.part import Part
from generator.bank.problem import Problem
from generator.exact.numbers import Value
from generator.solve.solve import Solution

LETTERS = ascii_uppercase
"""What cards and sheets call the mistakes of a part that are formulas."""


def computed_mistakes(problem: Problem, part: Part) -> list[int]:
    """The indices of the mistakes of a part that are formulas, in order."""
    return []


def mistake_values(
    problem: Problem, part: Part, solution: Solution
) -> Iterator[tuple[int, Mapping[str, Value]]]:
    """Each mistake that is a formula, with the part's steps as they come out after it.

    Args:
        problem: As the copy has it.
    """
    yield from ()
