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
from generator.expressions.expression_errors import OperationError
from generator.work.locks import fork_safe_lock

DIGITS: Final = 50
"""Digits of a result."""

_WORKING_DIGITS: Final = 80
_LARGEST_ANGLE: Final = 10**12
"""Beyond it the digits of pi would no longer do."""

_MPMATH: Final[Any] = MPContext()
_MPMATH.dps = _WORKING_DIGITS
# Its functions change the number of digits while they work.
_LOCK: Final = fork_safe_lock()
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
        with _LOCK:
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


# Distributions ----------------------------------------------------------------------------------


def distribution(name: str, x: Number, *parameters: Number) -> Number:
    """A distribution function at x; exact where it is a short decimal, as at the center.

    Args:
        name: normal, t, chi2, f, beta (for the binomial) or gamma (for the Poisson distribution).
        x: Where.
        parameters: Degrees of freedom and the like.
    """
    return _distribution(name, x, parameters)


@lru_cache(maxsize=4096)
def _distribution(name: str, x: Number, parameters: tuple[Number, ...]) -> Number:
    return settle(compute(_BELOW[name], x, *parameters))


def density(name: str, x: Number, *parameters: Number) -> Number:
    """The density of a distribution at x."""
    return settle(compute(_DENSITIES[name], x, *parameters))


@lru_cache(maxsize=4096)
def quantile_of(name: str, share: Number, *parameters: Number) -> Number:
    """Where a continuous distribution function has a value between 0 and 1."""

    def solve(library: Any, wanted: Any, *numbers: Any) -> Any:
        if wanted == library.mpf(1) / 2 and name in ("normal", "t"):
            return library.mpf(0)
        return _solve(library, name, wanted, numbers)

    return settle(compute(solve, share, *parameters))


def _solve(library: Any, name: str, wanted: Any, numbers: tuple[Any, ...]) -> Any:
    """Bisection until Newton's method is safe, which then doubles the digits in each step."""
    below, slope = _BELOW[name], _DENSITIES[name]
    with library.workdps(20):
        low, high = _bracket(library, name, wanted, numbers)
        for _ in range(40):
            middle = (low + high) / 2
            if below(library, middle, *numbers) < wanted:
                low = middle
            else:
                high = middle
        found = (low + high) / 2
    for _ in range(6):
        error = below(library, found, *numbers) - wanted
        change = error / slope(library, found, *numbers)
        found -= change
        if abs(change) <= abs(found) * library.mpf(10) ** (-DIGITS - 10):
            return found
    return found


def _bracket(library: Any, name: str, wanted: Any, numbers: tuple[Any, ...]) -> tuple[Any, Any]:
    """Two numbers between which the distribution function has the value."""
    below = _BELOW[name]
    high = library.mpf(1)
    while below(library, high, *numbers) < wanted:
        high *= 2
    if name in ("normal", "t"):
        low = library.mpf(-1)
        while below(library, low, *numbers) > wanted:
            low *= 2
        return low, high
    low = high
    while below(library, low, *numbers) > wanted:
        low /= 2
    return low, high


def _below_t(library: Any, x: Any, freedom: Any) -> Any:
    tail = library.betainc(
        freedom / 2, library.mpf(1) / 2, 0, freedom / (freedom + x * x), regularized=True
    )
    return tail / 2 if x < 0 else 1 - tail / 2


def _below_f(library: Any, x: Any, first: Any, second: Any) -> Any:
    if x <= 0:
        return library.mpf(0)
    share = first * x / (first * x + second)
    return library.betainc(first / 2, second / 2, 0, share, regularized=True)


def _below_chi2(library: Any, x: Any, freedom: Any) -> Any:
    return library.gammainc(freedom / 2, 0, x / 2, regularized=True) if x > 0 else library.mpf(0)


def _density_t(library: Any, x: Any, freedom: Any) -> Any:
    scale = library.sqrt(freedom) * library.beta(library.mpf(1) / 2, freedom / 2)
    return (1 + x * x / freedom) ** (-(freedom + 1) / 2) / scale


def _density_chi2(library: Any, x: Any, freedom: Any) -> Any:
    if x <= 0:
        return library.mpf(0)
    half = freedom / 2
    return library.exp((half - 1) * library.log(x / 2) - x / 2 - library.loggamma(half)) / 2


def _density_f(library: Any, x: Any, first: Any, second: Any) -> Any:
    if x <= 0:
        return library.mpf(0)
    share = first * x / (first * x + second)
    power = share ** (first / 2) * (1 - share) ** (second / 2)
    return power / (x * library.beta(first / 2, second / 2))


_BELOW: Final[dict[str, Callable[..., Any]]] = {
    "normal": lambda library, x: library.ncdf(x),
    "t": _below_t,
    "chi2": _below_chi2,
    "f": _below_f,
    # P(X <= k) of a binomial and of a Poisson distribution.
    "binomial": lambda library, k, n, p: library.betainc(n - k, k + 1, 0, 1 - p, regularized=True),
    "poisson": lambda library, k, rate: library.gammainc(k + 1, rate, regularized=True),
}

_DENSITIES: Final[dict[str, Callable[..., Any]]] = {
    "normal": lambda library, x: library.npdf(x),
    "t": _density_t,
    "chi2": _density_chi2,
    "f": _density_f,
    "binomial": lambda library, k, n, p: library.binomial(n, k) * p**k * (1 - p) ** (n - k),
    "poisson": lambda library, k, rate: library.exp(
        k * library.log(rate) - rate - library.loggamma(k + 1)
    ),
}
