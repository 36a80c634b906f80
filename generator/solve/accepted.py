"""Which results count as right, where the bank states a tolerance."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from generator.bank.problem import Problem
from generator.exact.numbers import Complex, Value, exact, format_number, places, round_significant
from generator.expressions import Step
from generator.language.conventions import LEAST_GROUPED, LEAST_GROUPED_MONEY

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
    # A rule that asks for them is refused where the step states none.
    return accept.interval(exact(value), exact(unrounded), step.decimals or 0, values)


def limits(
    problem: Problem, name: str, values: Mapping[str, Value], *, in_math: bool = False
) -> tuple[str, ...]:
    """The least and the largest right value as people read them, beside the value; or nothing.

    They have its decimal places at least: 14,170.90, not 14,170.9. A price stands without its sign.

    Args:
        problem: As the copy has it.
        in_math: As TeX in math mode.
    """
    form, step = problem.form(name), problem.steps[name]
    as_money, in_percent = form.kind == "currency", form.kind == "percent"
    decimals = step.decimals if isinstance(step, Step) and step.decimals is not None else 0
    if in_percent:
        decimals = max(decimals - 2, 0)
    said = (
        _padded(short_digits(bound * 100 if in_percent else bound), decimals)
        for bound in accepted(problem, name, values) or ()
    )
    grouped = form.thousands if not as_money else form.thousands is not False
    least = LEAST_GROUPED_MONEY if as_money else LEAST_GROUPED
    write = problem.conventions.math_digits if in_math else problem.conventions.digits
    behind = ("\\,\\%" if in_math else " %") if in_percent else ""
    return tuple(write(it, thousands=grouped, least=least) + behind for it in said)


def _padded(digits: str, decimals: int) -> str:
    whole, _, part = digits.partition(".")
    return f"{whole}.{part.ljust(decimals, '0')}" if decimals else digits


def short_digits(bound: Fraction) -> str:
    """A bound as a key prints it: not longer than it has to be."""
    count = places(bound)
    short = count is not None and count <= LONG
    return format_number(bound if short else round_significant(bound, LONG))


def exact_digits(bound: Fraction) -> str:
    """A bound for programs: exact, or a fraction where it has no finite digits."""
    return str(bound) if places(bound) is None else format_number(bound)
