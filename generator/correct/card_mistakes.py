"""What the bank's common mistakes give with the numbers of one copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import ascii_uppercase

from generator.bank.exam import Exam
from generator.bank.part import Part
from generator.bank.problem import Problem
from generator.draw.draw import resolve
from generator.exact.numbers import Value
from generator.solve.mistakes import mistaken_sheets
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
    yield from wrong_values(problem, part, solution).plain.items()


@dataclass(frozen=True)
class WrongValues:
    """What the mistakes of a part come to in a copy.

    Attributes:
        plain: Index of a mistake to the answers that it changes.
        after: The same for who went on with the printed fallback values.
    """

    plain: Mapping[int, Mapping[str, Value]]
    after: Mapping[int, Mapping[str, Value]]

    def after_fallback(self, number: int, step: str, followed: Mapping[str, Value]) -> Value | None:
        """What a mistake makes of a step after the fallback; None where that is said elsewhere.

        Args:
            followed: What is right after the fallback.
        """
        value = self.after.get(number, {}).get(step)
        said = (self.plain.get(number, {}).get(step), followed.get(step))
        return None if value in said else value


def wrong_values(problem: Problem, part: Part, solution: Solution) -> WrongValues:
    """What the mistakes of a part that are formulas come to.

    Args:
        problem: As the copy has it.
    """
    plain: dict[int, Mapping[str, Value]] = {}
    after: dict[int, Mapping[str, Value]] = {}
    for number, fallback, answers in mistaken_sheets(problem, part, solution.values):
        (after if fallback else plain)[number] = answers
    return WrongValues(plain, after)


Wrong = Mapping[str, WrongValues]
"""Part to what its mistakes come to in a copy."""


def wrong_of_copy(exam: Exam, solutions: Mapping[str, Solution]) -> Wrong:
    """What the mistakes of all parts come to in a copy."""
    found: dict[str, WrongValues] = {}
    for whole in exam.problems:
        solution = solutions[whole.id]
        problem = resolve(whole, solution.draw.choices)
        found |= {it.id: wrong_values(problem, it, solution) for it in problem.parts}
    return found
