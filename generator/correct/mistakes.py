"""What the bank's common mistakes give with the numbers of one copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import ascii_uppercase

from generator.bank.part import Part
from generator.bank.problem import Problem
from generator.exact.numbers import Value
from generator.solve.mistakes import mistake_answers
from generator.solve.solve import Solution

LETTERS = ascii_uppercase
"""What cards and sheets call the mistakes of a part that are formulas."""


def computed_mistakes(problem: Problem, part: Part) -> list[int]:
    """The indices of the mistakes of a part that are formulas, in order."""
    return [mistaken.number for mistaken in problem.mistaken.get(part.id, ())]


def mistake_values(
    problem: Problem, part: Part, solution: Solution
) -> Iterator[tuple[int, Mapping[str, Value]]]:
    """Each mistake that is a formula, with the answers of the part that it changes.

    Args:
        problem: As the copy has it.
    """
    found: dict[int, dict[str, Value]] = {}
    for answer in mistake_answers(problem, part, solution.values):
        if not answer.fallback:
            found.setdefault(answer.number, {})[answer.step] = answer.value
    yield from found.items()
