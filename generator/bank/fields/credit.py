"""What questions are answered with and what that earns: points, results that count, options."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any

from generator.bank.accept import EXPECTED, Tolerance, read_tolerance
from generator.bank.fields.readers import (
    Read,
    ReadPoints,
    kind,
    one_of,
    read_number,
    refuse,
    whole_number,
)

MAX_POINTS = 1000


def _points(told: tuple[Any, bool]) -> Fraction:
    value, quarters = told
    return _some_points(value, Fraction(1, 4 if quarters else 2), quarters)


def _earned(told: tuple[Any, bool]) -> Fraction:
    return _some_points(told[0], Fraction(0), told[1])


def _some_points(value: Any, least: Fraction, quarters: bool) -> Fraction:
    points = read_number(value, "points such as 2 or 0.5")
    if quarters and points % Fraction(1, 4):
        refuse("whole, half or quarter points", value)
    if not quarters and points % Fraction(1, 2):
        advice = "; an exam that is marked in quarters says grades: {step: 0.25}"
        what = f"expected whole or half points, got {kind(value)}"
        raise ValueError(what + (advice if not points % Fraction(1, 4) else ""))
    if not least <= points <= MAX_POINTS:
        refuse(f"points from {float(least):g} to {MAX_POINTS}", value)
    return points


def _accept(value: Any) -> Tolerance:
    found = read_tolerance(value)
    if found is None:
        refuse(EXPECTED, value)
    return found


def _right_counts(value: Any) -> tuple[int, ...]:
    """The numbers that are allowed, in their order; empty for any."""
    if value in ("one", "any"):
        return (1,) if value == "one" else ()
    expected = "one, any, or a list of numbers of right options such as [1, 2, 3]"
    return tuple(sorted(set(_counts(value, expected))))


def _dealt_counts(value: Any) -> tuple[int, ...]:
    """A list of numbers of right options, in its order."""
    expected = "a list of numbers of right options, one for each question, such as [1, 2, 2, 3]"
    return tuple(_counts(value, expected))


def _counts(value: Any, expected: str) -> list[int]:
    if not isinstance(value, list) or not value:
        refuse(expected, value)
    found = [read_number(number, expected) for number in value]
    if any(number.denominator != 1 or not 0 <= number <= 8 for number in found):
        refuse(expected, value)
    return [int(number) for number in found]


_POINTS_SCHEMA = {"type": "number", "maximum": MAX_POINTS, "multipleOf": 0.25}
_COUNTS = {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 8}}

Points = Annotated[Fraction, ReadPoints(_points, {**_POINTS_SCHEMA, "minimum": 0.25})]
Earned = Annotated[Fraction, ReadPoints(_earned, {**_POINTS_SCHEMA, "minimum": 0})]
ProblemKindName = Annotated[str, one_of("open", "choice")]
Accepted = Annotated[Tolerance, Read(_accept, {"type": ["string", "number", "array"]})]
"""Which results count as right."""

WorkedRule = Annotated[str, one_of("full", "short", "off")]
"""How much of a worked solution is printed."""

Scoring = Annotated[str, one_of("all_or_nothing", "per_option", "per_option_deducting")]
GapLook = Annotated[str, one_of("box", "line", "blank")]
Boxes = Annotated[str, one_of("mark", "true_false")]
OptionCount = Annotated[int, whole_number(2, 8)]
OptionColumns = Annotated[int, whole_number(1, 8)]
RightCount = Annotated[
    tuple[int, ...] | None,
    Read(
        _right_counts,
        {"anyOf": [{"enum": ["one", "any"]}, {**_COUNTS, "minItems": 1, "maxItems": 9}]},
    ),
]
"""How many options of a copy are right: any of these numbers, none for any number at all."""

RightCounts = Annotated[
    tuple[int, ...] | None, Read(_dealt_counts, {**_COUNTS, "minItems": 1, "maxItems": 40})
]
"""How many options are right in the questions of a copy, in some order."""

StepNumber = Annotated[int, whole_number(1, 8)]
AlternativeNumber = Annotated[int, whole_number(1, 20)]
