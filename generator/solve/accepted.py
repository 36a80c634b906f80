"""Which results count as right, where the bank states a tolerance."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from generator.bank.problem import Problem
from generator.exact.numbers import Complex, Value, exact, format_number, places, round_significant
from generator.expressions import Step

LONG = 6
"""More decimal places than these are not printed; then as many digits are."""


def accepted(
    problem: Problem, name: str, values: Mapping[str, Value]
) -> tuple[Fraction, Fraction] | None:
    """The least and the largest right value of a step; None where only the key's own is right.

    Args:
        problem: As the copy has it.
        name: A step.
        values: All drawn names and all steps, also as they follow from other values.

    Raises:
        EvaluationError: A bound has no value for these values.
    """
    accept, step = problem.accepts.get(name), problem.steps[name]
    value = values[name]
    if (
        accept is None
        or not isinstance(step, Step)
        or isinstance(value, bool | str | tuple | Complex)
    ):
        return None
    unrounded = step.expression.evaluate(values)
    assert not isinstance(unrounded, bool | str | tuple | Complex)
    decimals = step.decimals if step.decimals is not None else places(value) or 0
    return accept.interval(exact(value), exact(unrounded), decimals, values)


def short_digits(bound: Fraction) -> str:
    """A bound as a key prints it: not longer than it has to be."""
    count = places(bound)
    short = count is not None and count <= LONG
    return format_number(bound if short else round_significant(bound, LONG))


def exact_digits(bound: Fraction) -> str:
    """A bound for programs: exact, or a fraction where it has no finite digits."""
    return str(bound) if places(bound) is None else format_number(bound)
