"""All numbers that the key of a copy knows: answers, working, and what follows from the fallback.

Cards, sheets and look-ups are made from this one list.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from generator.bank.part import Part
from generator.bank.problem import FALLBACK_PREFIX, Problem
from generator.draw.draw import resolve
from generator.exact.numbers import Value
from generator.solve.follow import print_any
from generator.solve.printed import Plain
from generator.solve.solve import Solution

Origin = Literal["key", "working", "printed fallback", "fallback", "mistake"]


@dataclass(frozen=True)
class Result:
    """A value that a step may have on the paper of one copy.

    Attributes:
        part: The part that asks for the step.
        step: Its name.
        value: The value.
        printed: As the key prints it.
        origin: Where the value comes from: an answer of the key, its working, the fallback value on
            the paper, what follows from that, or a mistake.
        mistake: Index of the mistake in its part; None for all others.
    """

    part: str
    step: str
    value: Value
    printed: Plain
    origin: Origin
    mistake: int | None = None


def results(whole: Problem, solution: Solution) -> Iterator[Result]:
    """All results of a problem of one copy, part by part.

    Args:
        whole: The problem as the bank has it, with all alternatives.
    """
    problem = resolve(whole, solution.draw.choices)
    for part in problem.parts:
        if part.boxed:
            yield from _of_part(problem, part, solution)


def _of_part(problem: Problem, part: Part, solution: Solution) -> Iterator[Result]:
    def result(step: str, value: Value, origin: Origin) -> Result:
        return Result(part.id, step, value, print_any(problem, step, value), origin)

    for step in part.fallback:
        yield result(step, solution.values[FALLBACK_PREFIX + step], "printed fallback")
    for step in dict.fromkeys((*part.steps, *part.answers)):
        origin: Origin = "key" if step in part.answers else "working"
        yield result(step, solution.values[step], origin)
    for step, value in solution.from_fallback.get(part.id, {}).items():
        yield result(step, value, "fallback")
    for answer in solution.mistakes(problem, part):
        # What equals the key, or a value of it under the fallback, is no sign of a mistake.
        if not answer.fallback and answer.value != solution.values[answer.step]:
            yield Result(
                part.id, answer.step, answer.value, answer.printed, "mistake", answer.number
            )
