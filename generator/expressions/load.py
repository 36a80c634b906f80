"""The arithmetic load of a computation by hand: what is counted, and what each thing weighs.

Two copies of an exam are about as hard if the same things have to be done with numbers that are
about as unwieldy. The measure is an account of what a student does on paper:

- each operation, by kind; one with a 0 or a 1 that needs no computing is *easy* and nothing else;
- the digits of its operands, and operands that are not whole;
- what is carried in long addition, subtraction, multiplication and division;
- signs that have to be minded, units that are clipped to zero, comparisons.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

WEIGHTS: Final = {
    "additions": 4,
    "multiplications": 6,
    "divisions": 10,
    "powers": 1,
    "functions": 12,
    "comparisons": 2,
    "easy": 1,
    "digits": 1,
    "carries": 1,
    "sign_changes": 2,
    "non_integers": 1,
    "clipped": 1,
}
"""What each thing that is counted adds to the total; the one place to tune the measure."""


@dataclass(frozen=True, slots=True)
class Load:
    """What has to be done to compute something by hand. Loads add.

    Attributes:
        additions: Additions and subtractions, but for the easy ones; so too the next ones.
        multiplications: Multiplications.
        divisions: Divisions.
        powers: Powers; the multiplications that they take are counted as such.
        functions: Roots, exponentials, logarithms and the like, for each number.
        comparisons: Comparisons: of conditions, and to find a maximum, a sign, a clipped unit.
        easy: Operations with a 0 or a 1.
        digits: Digits of the operands.
        carries: Units carried or borrowed.
        sign_changes: Negative factors, sums of numbers with unlike signs, negations.
        non_integers: Operands that are not whole.
        clipped: Units that relu, or a maximum with 0, sets to zero.
        branches: Which way each relu, maximum, minimum, condition and indicator went, in the order
            of evaluation. Copies whose branches differ are different questions.
    """

    additions: int = 0
    multiplications: int = 0
    divisions: int = 0
    powers: int = 0
    functions: int = 0
    comparisons: int = 0
    easy: int = 0
    digits: int = 0
    carries: int = 0
    sign_changes: int = 0
    non_integers: int = 0
    clipped: int = 0
    branches: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """The load as one number, by `WEIGHTS`."""
        return sum(weight * getattr(self, name) for name, weight in WEIGHTS.items())

    def __add__(self, other: Load) -> Load:
        if not isinstance(other, Load):
            return NotImplemented
        return Load(*[getattr(self, name) + getattr(other, name) for name in FIELDS])

    def __radd__(self, other: object) -> Load:
        # So that sum() works, which begins with 0.
        return self if other == 0 else NotImplemented


FIELDS: Final = tuple(field.name for field in fields(Load))
