"""Transcendental functions at fifty digits: the one module that calls mpmath.

Arguments are fractions or decimals, results decimals of `DIGITS` digits. What is a short decimal
but for an error far behind the last digit, such as sin(pi/6) or 0.001 to the third root, is given
as the exact number: a student's pocket calculator says so, too.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from mpmath import MPContext  # type: ignore[import-untyped]

from generator.exact.numbers import GUARDED, MAX_PLACES, Number, exact, places
from generator.expressions.errors import OperationError

DIGITS: Final = 50
"""Digits of a result."""

_WORKING_DIGITS: Final = 80
_LARGEST_ANGLE: Final = 10**12
"""Beyond it the digits of pi would no longer do."""

_MPMATH: Final[Any] = MPContext()
_MPMATH.dps = _WORKING_DIGITS
_LARGEST_EXPONENT: Final = 3400
"""Binary exponent from which on a result has more than 1000 digits."""


def compute(function: Callable[..., Any], *arguments: Number | int) -> Number:
    """A function of mpmath at these arguments.

    Args:
        function: It takes the context of mpmath and the arguments as its numbers.

    Raises:
        OperationError: It has no value there, or one that is not real or too large.
    """
    try:
        found = function(_MPMATH, *map(_to_mpmath, arguments))
    except (ArithmeticError, ValueError, TypeError, _MPMATH.NoConvergence) as error:
        raise OperationError(f"a result that is not a finite number ({error})") from None
    return _from_mpmath(found)


def settle(value: Number) -> Number:
    """The short exact decimal that a computed one is but for its last digits; else itself."""
    if isinstance(value, Fraction):
        return value
    rounded = GUARDED.plus(value)
    if value and rounded.adjusted() < -MAX_PLACES:
        # Zero, if it is what is left of numbers near 1 that cancel each other.
        return Fraction(0) if rounded.adjusted() < -DIGITS + 4 else value
    own = places(rounded) if abs(rounded.adjusted()) < DIGITS else None
    return exact(rounded) if own is not None and own <= MAX_PLACES else value


def _to_mpmath(value: Number | int) -> Any:
    if isinstance(value, Decimal):
        return _MPMATH.mpf(str(value))
    fraction = Fraction(value)
    return _MPMATH.mpf(fraction.numerator) / fraction.denominator


def _from_mpmath(found: Any) -> Decimal:
    if not isinstance(found, _MPMATH.mpf) or not _MPMATH.isfinite(found):
        raise OperationError("a result that is not a finite real number")
    if found and abs(int(_MPMATH.mag(found))) > _LARGEST_EXPONENT:
        if found > 1 or found < -1:
            raise OperationError("a result of more than 1000 digits; it is of no use on paper")
        return Decimal(0)
    return Decimal(_MPMATH.nstr(found, DIGITS, strip_zeros=False))


# Functions of numbers ---------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def constant(name: str) -> Decimal:
    """pi or e."""
    return Decimal(_MPMATH.nstr(+getattr(_MPMATH, name), DIGITS, strip_zeros=False))


CONSTANTS: Final = ("pi", "e")


@lru_cache(maxsize=4096)
def trigonometric(name: str, value: Number) -> Number:
    """sin, cos or tan of an angle in radians."""
    if not -_LARGEST_ANGLE <= value <= _LARGEST_ANGLE:
        raise OperationError(f"{name} of an angle beyond 10**12")
    found = settle(compute(lambda library, x: getattr(library, name)(x), value))
    if name == "tan" and abs(found) > 10 ** (DIGITS - 6):
        raise OperationError("tan of a right angle, where it has no value")
    return found


@lru_cache(maxsize=4096)
def unary(name: str, value: Number) -> Number:
    """A function of mpmath with one argument, by its name."""
    return compute(lambda library, x: getattr(library, name)(x), value)


def angle(opposite: Number, adjacent: Number) -> Number:
    """The angle of a point, in radians from -pi to pi: atan2."""
    if not opposite and not adjacent:
        raise OperationError("atan2(0, 0), which has no value")
    return compute(lambda library, y, x: library.atan2(y, x), opposite, adjacent)


def degrees(value: Number) -> Number:
    """An angle in degrees."""
    return settle(compute(lambda library, x: x * 180 / library.pi, value))


def radians(value: Number) -> Number:
    """An angle in radians."""
    return compute(lambda library, x: x * library.pi / 180, value)


@lru_cache(maxsize=4096)
def logarithm(value: Number, base: Number) -> Number:
    """The logarithm of a positive number to a positive base other than 1."""
    return settle(compute(lambda library, x, b: library.log(x) / library.log(b), value, base))


@lru_cache(maxsize=4096)
def power(base: Number, exponent: Number) -> Number:
    """A positive number to any power; a fraction where it is one.

    Raises:
        OperationError: The result has more than 1000 digits.
    """
    if isinstance(base, Fraction) and isinstance(exponent, Fraction):
        found = _rational_power(base, exponent)
        if found is not None:
            return found
    return settle(compute(lambda library, x, y: library.power(x, y), base, exponent))


def _rational_power(base: Fraction, exponent: Fraction) -> Fraction | None:
    """The power, if base is a perfect one and the exponent is small."""
    if exponent.denominator > _LARGEST_ROOT or abs(exponent.numerator) > _LARGEST_ROOT:
        return None
    above = _whole_root(base.numerator, exponent.denominator)
    below = _whole_root(base.denominator, exponent.denominator)
    if above is None or below is None:
        return None
    return Fraction(above, below) ** exponent.numerator


_LARGEST_ROOT: Final = 100


def _whole_root(number: int, degree: int) -> int | None:
    """The whole number whose power this is; None if there is none."""
    low, high = 0, 1 << (number.bit_length() // degree + 1)
    while low < high:
        middle = (low + high + 1) // 2
        if middle**degree <= number:
            low = middle
        else:
            high = middle - 1
    return low if low**degree == number else None
