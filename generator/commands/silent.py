"""What is computed and printed without a word, though it may not be meant.

Rounding that meets the middle of two numbers, or that moves a later result; a sign before a
negative number, a 1 before a letter, a minute of one digit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Final

from generator.bank.problem import Problem
from generator.bank.template import Shown
from generator.exact.numbers import Complex, NumberError, Value, exact
from generator.expressions import EvaluationError, Step
from generator.solve.printed import tex
from generator.solve.solve import Solution

LOOKED: Final = 10
"""Every so many draws are looked at."""

MOVES: Final = 0.01
"""A rounded step that moves a later result by more than this share is said."""

_LOOKS: Final = {
    "a + or - stands before a negative number": re.compile(r"(?<![\^_({])[+-]\s*\\ensuremath\{-\d"),
    "a factor 1 is printed before a letter": re.compile(
        r"(?<![\d.,}])\\ensuremath\{-?1\}(?:[a-z](?![a-z])|\\(?:alpha|beta|lambda|pi|sqrt)\b)"
    ),
    "a number of one digit stands behind a colon, as in 9:5": re.compile(
        r"\\ensuremath\{\d+\}\s*:\s*\\ensuremath\{\d\}"
    ),
}


@dataclass
class Silent:
    """What was seen in many draws; what was seen in others can be added.

    Attributes:
        looked: Draws that were looked at.
        ties: Step to the draws in which it is in the middle of two rounded numbers.
        moved: Rounded step and later result to the largest share by which the first moves it.
        looks: Part and what it looks like to the draws in which it does.
    """

    looked: int = 0
    ties: Counter[str] = field(default_factory=Counter)
    moved: dict[tuple[str, str], float] = field(default_factory=dict)
    looks: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: Silent) -> None:
        """Adds what was seen in other draws."""
        self.looked += other.looked
        self.ties.update(other.ties)
        self.looks.update(other.looks)
        for names, share in other.moved.items():
            self.moved[names] = max(share, self.moved.get(names, 0.0))

    def look(self, problem: Problem, solution: Solution) -> None:
        """Looks at a draw."""
        self.looked += 1
        for name, step in problem.rounding.items():
            self.ties[name] += _is_tie(step, solution.values)
        for steps, share in _moved(problem, solution.values):
            self.moved[steps] = max(share, self.moved.get(steps, 0.0))
        for part in problem.parts:
            values = {
                name: Shown(solution.values[name], tex(problem, name, solution.values[name]))
                for name in part.ask.names
            }
            source = part.ask.render(values)
            for said, pattern in _LOOKS.items():
                self.looks[part.id, said] += pattern.search(source) is not None

    def warnings(self) -> Iterator[tuple[str, str]]:
        """Step or part, and what is to be said of it."""
        for name, count in self.ties.items():
            if count:
                yield (
                    name,
                    f"{name} is in the middle of two rounded numbers in "
                    f"{count / self.looked:.1%} of the draws; say in the question how to round, "
                    "or state more decimals",
                )
        for (name, later), share in self.moved.items():
            if share > MOVES:
                yield (
                    name,
                    f"{later} moves by up to {share:.1%} because {name} is rounded before; "
                    "state more decimals",
                )
        for (part, said), count in self.looks.items():
            if count:
                yield part, f"{said} in {count / self.looked:.1%} of the draws"


def _is_tie(step: Step, values: Mapping[str, Value]) -> bool:
    """Whether a step is in the middle of two numbers of the places that it states."""
    if step.decimals is None and step.significant is None:
        return False
    try:
        value = step.expression.evaluate(values)
    except EvaluationError:
        return False
    number = _number(value)
    if number is None:
        return False
    unit = _unit(step, number)
    return abs(number - Fraction(exact(step.round(value)))) * 2 == unit  # type: ignore[arg-type]


def _number(value: Value) -> Fraction | None:
    """A number that is known exactly; none of a text, a list or a root."""
    if isinstance(value, (bool, str, tuple, Decimal, Complex)):
        return None
    try:
        return Fraction(exact(value))
    except (NumberError, TypeError):
        return None


def _unit(step: Step, number: Fraction) -> Fraction:
    """The last place that a step prints."""
    if step.decimals is not None:
        return Fraction(1, 10**step.decimals)
    assert step.significant is not None
    size, place = abs(number), 0
    while size >= 10:
        size, place = size / 10, place + 1
    while 0 < size < 1:
        size, place = size * 10, place - 1
    return Fraction(10) ** (place - step.significant + 1)


def _moved(
    problem: Problem, values: Mapping[str, Value]
) -> Iterator[tuple[tuple[str, str], float]]:
    """Rounded step and later result to the share by which the first, unrounded, moves it."""
    rounded = [name for name, step in problem.rounding.items() if _rounds(step)]
    for name in rounded:
        own: dict[str, Value] = dict(values)
        touched = {name}
        try:
            own[name] = problem.rounding[name].expression.evaluate(values)
            if own[name] == values[name]:
                continue
            for later, step in problem.rounding.items():
                if step.names & touched:
                    touched.add(later)
                    own[later] = step.expression.evaluate(own)
                    yield (name, later), _share(step.round(own[later]), values[later])
        except EvaluationError:
            continue


def _rounds(step: Step) -> bool:
    return step.decimals is not None or step.significant is not None


def _share(moved: Value, value: Value) -> float:
    kinds = (bool, str, tuple, Complex)
    if isinstance(value, kinds) or isinstance(moved, kinds):
        return 0.0
    before = float(value)
    return abs(float(moved) - before) / abs(before) if before else 0.0
