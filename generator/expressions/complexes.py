"""Complex numbers: exact where their parts are, else decimals of fifty digits.

A result whose imaginary part is 0 is a plain number. There is no order among complex numbers, and
of powers only whole ones have one value.
"""

from __future__ import annotations

from typing import Any

from generator.exact.numbers import Value
from generator.expressions.elementary import angle, cosine, sine
from generator.expressions.expression_errors import OperationError
from generator.expressions.operations import describe, each, joined, multiply, negate, number, parts


def polar(length: Any, argument: Any) -> Value:
    """The number with this absolute value and this argument, in radians."""
    size = number(length, "polar")
    if size < 0:
        raise OperationError(f"an absolute value is not negative: {describe(length)}")
    return joined(multiply(size, cosine(argument)), multiply(size, sine(argument)))


def real(value: Any) -> Value:
    """The real part, of each element of a list."""
    return each(lambda it: parts(it, "re")[0], value)


def imaginary(value: Any) -> Value:
    """The imaginary part, of each element of a list."""
    return each(lambda it: parts(it, "im")[1], value)


def conjugate(value: Any) -> Value:
    """The conjugate, of each element of a list."""
    return each(_mirrored, value)


def _mirrored(value: Any) -> Value:
    real, imaginary = parts(value, "conj")
    return joined(real, negate(imaginary))


def argument(value: Any) -> Value:
    """The argument in radians, more than -pi and at most pi."""
    across, up = parts(value, "arg")
    return angle(up, across)
