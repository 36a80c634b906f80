"""Tolerance: which results count as right besides the one that the key states.

The rules are read from texts such as ``±1 %``, ``±0.05``, ``3 digits``, ``2 decimals``, ``either
rounding``, or from two expressions between which a result may be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from generator.exact.numbers import Complex, Value, exact, parse_number, round_significant, round_to
from generator.expressions import EvaluationError, Expression

Rule = Literal["percent", "margin", "digits", "decimals", "either", "between"]

EXPECTED = (
    "a tolerance such as ±1 %, ±0.05, 3 digits, 2 decimals, either rounding, or a list of the "
    "least and the largest right value"
)

_MARGIN = re.compile(r"(?:±|\+-|\+/-)? ?([0-9.]+) ?(%?)")
_COUNT = re.compile(r"([0-9]{1,2}) (digit|decimal)s?")


@dataclass(frozen=True)
class Tolerance:
    """A rule as it was read.

    Attributes:
        text: What the author wrote.
        rule: What kind of rule it is.
        amount: The margin, a share or a number; or how many digits count.
        bounds: Two expressions instead.
    """

    text: str
    rule: Rule
    amount: Fraction = Fraction(0)
    bounds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Accept:
    """A rule for a step.

    Attributes:
        tolerance: The rule.
        bounds: Least and largest right value, where they are computed.
    """

    tolerance: Tolerance
    bounds: tuple[Expression, ...] = ()

    def interval(
        self, value: Fraction, unrounded: Fraction, places: int, values: Mapping[str, Value]
    ) -> tuple[Fraction, Fraction]:
        """The least and the largest value that count as right.

        Args:
            value: The result as the key states it.
            unrounded: The same before it was rounded.
            places: The decimal place at which it was rounded.
            values: All drawn names and all steps.

        Raises:
            EvaluationError: A bound has no value, or is no number.
        """
        amount = self.tolerance.amount
        match self.tolerance.rule:
            case "between":
                least, most = (_number(bound, values) for bound in self.bounds)
                return min(least, most), max(least, most)
            case "percent":
                margin = abs(value) * amount
                return value - margin, value + margin
            case "margin":
                return value - amount, value + amount
            case "digits":
                return _around(round_significant(unrounded, int(amount)), _unit(unrounded, amount))
            case "decimals":
                unit = Fraction(1, 10 ** int(amount))
                return _around(round_to(unrounded, int(amount)), unit)
        scale = Fraction(10) ** places
        lower = Fraction(unrounded * scale // 1) / scale
        upper = -Fraction(-unrounded * scale // 1) / scale
        return lower, upper


def read_tolerance(value: object) -> Tolerance | None:
    """A tolerance as the bank has it; None where it is none."""
    if isinstance(value, list):
        if len(value) == 2 and all(isinstance(it, str) and it.strip() for it in value):
            return Tolerance(f"[{', '.join(value)}]", "between", bounds=tuple(map(str, value)))
        return None
    text = str(value).strip()
    if text == "either rounding":
        return Tolerance(text, "either")
    if match := _COUNT.fullmatch(text):
        count = Fraction(match[1])
        rule: Rule = "digits" if match[2] == "digit" else "decimals"
        return Tolerance(text, rule, count) if count or rule == "decimals" else None
    match = _MARGIN.fullmatch(text)
    if match is None or match[1].count(".") > 1 or match[1] == ".":
        return None
    amount = parse_number(match[1])
    return (
        Tolerance(text, "percent", amount / 100) if match[2] else Tolerance(text, "margin", amount)
    )


def _around(value: Fraction, unit: Fraction) -> tuple[Fraction, Fraction]:
    """What is rounded to a value where so much is a unit of its last digit."""
    return value - unit / 2, value + unit / 2


def _unit(value: Fraction, digits: Fraction) -> Fraction:
    """What one more in the last of so many digits is worth."""
    if not value:
        return Fraction(0)
    power = 0
    while Fraction(10) ** (power + 1) <= abs(value):
        power += 1
    while Fraction(10) ** power > abs(value):
        power -= 1
    return Fraction(10) ** (power + 1 - int(digits))


def _number(bound: Expression, values: Mapping[str, Value]) -> Fraction:
    value = bound.evaluate(values)
    if isinstance(value, bool | str | tuple | Complex):
        raise EvaluationError("a bound of accept is a number", str(bound))
    return exact(value)
