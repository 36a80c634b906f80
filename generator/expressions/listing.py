"""Lists of numbers put in order."""

from __future__ import annotations

from fractions import Fraction
from functools import cmp_to_key
from typing import Any

from generator.exact.numbers import Value
from generator.expressions.operations import TWO, add, charge, difference, divide, vector


def ascending(a: Any) -> tuple[Any, ...]:
    """The numbers of a list, the smallest one first."""
    listed = vector(a, "sorted")
    charge(len(listed) * len(listed).bit_length())
    if all(type(item) is Fraction for item in listed):
        return tuple(sorted(listed))
    return tuple(sorted(listed, key=cmp_to_key(lambda x, y: int(difference(x, y, "sorted")))))


def median(a: Any) -> Value:
    """The middle of the sorted numbers; of an even number of them the mean of the middle two."""
    ordered = ascending(vector(a, "median"))
    half = len(ordered) // 2
    if len(ordered) % 2:
        middle: Value = ordered[half]
        return middle
    mean: Value = divide(add(ordered[half - 1], ordered[half]), TWO)
    return mean
