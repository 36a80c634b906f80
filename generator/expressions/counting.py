"""Whole numbers: divisors, remainders, counting, digits in other bases."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Final

from generator.exact.numbers import Value
from generator.expressions.elementary import floor
from generator.expressions.expression_errors import OperationError
from generator.expressions.limits import MAX_BITS
from generator.expressions.operations import (
    TOO_LARGE,
    charge,
    describe,
    divide,
    integer,
    multiply,
    number,
    small,
    subtract,
    vector,
)

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LARGEST_BASE: Final = len(_DIGITS)
MAX_BINARY: Final = 64
"""Bits of a number that is written in another base."""


def modulo(a: Any, b: Any) -> Any:
    """a - b floor(a/b): the remainder, which has the sign of b."""
    if not number(b, "%"):
        raise OperationError("a remainder of a division by zero")
    return subtract(number(a, "%"), multiply(b, quotient(a, b)))


def quotient(a: Any, b: Any) -> Any:
    """floor(a/b), the whole quotient that belongs to the remainder."""
    return floor(divide(number(a, "div"), number(b, "div")))


def greatest_divisor(*items: Any) -> Value:
    """The greatest common divisor of whole numbers, or of a list of them."""
    return Fraction(math.gcd(*_wholes("gcd", items)))


def least_multiple(*items: Any) -> Value:
    """The least common multiple of whole numbers, or of a list of them."""
    result = 1
    for item in _wholes("lcm", items):
        result = int(small(Fraction(math.lcm(result, item))))
    return Fraction(result)


def _wholes(use: str, items: tuple[Any, ...]) -> list[int]:
    listed = vector(items[0], use) if len(items) == 1 and isinstance(items[0], tuple) else items
    return [integer(item, f"a number of {use}") for item in listed]


def _count(value: Any, what: str) -> int:
    """A whole number that is not negative."""
    found = integer(value, what)
    if found < 0:
        raise OperationError(f"{what} must not be negative, and is {describe(value)}")
    return found


def factorial(n: Any) -> Value:
    """n! of a whole number that is not negative."""
    count = _count(n, "the number before !")
    if count > MAX_BITS:
        raise OperationError(TOO_LARGE)
    return small(Fraction(math.factorial(count)))


def binomial(n: Any, k: Any) -> Value:
    """The number of ways to choose k of n things."""
    things, chosen = _count(n, "n of binomial"), _count(k, "k of binomial")
    fewer = min(chosen, things - chosen)
    # It is at least (n/k)**k for the smaller k: refused before it is computed.
    bits = things.bit_length() - max(fewer, 0).bit_length() - 1
    if fewer > MAX_BITS or fewer * bits > MAX_BITS:
        raise OperationError(TOO_LARGE)
    return small(Fraction(math.comb(things, chosen)))


def permutations(n: Any, k: Any = None) -> Value:
    """The number of ways to arrange k of n things; n! without k."""
    if k is None:
        return factorial(n)
    things, arranged = _count(n, "n of permutations"), _count(k, "k of permutations")
    if arranged > things:
        return Fraction(0)
    # It is at least (n - k + 1)**k.
    if arranged > MAX_BITS or arranged * ((things - arranged + 1).bit_length() - 1) > MAX_BITS:
        raise OperationError(TOO_LARGE)
    return small(Fraction(math.perm(things, arranged)))


# Digits ----------------------------------------------------------------------------------------


def digits(a: Any, base: Any = Fraction(10)) -> Value:
    """The digits of a whole number in a base, the first one first."""
    radix, found = _base(base), []
    rest = _short(_count(a, "a number whose digits are asked for"))
    while True:
        rest, last = divmod(rest, radix)
        found.append(Fraction(last))
        if not rest:
            break
    charge(len(found))
    return tuple(reversed(found))


def to_base(a: Any, base: Any, width: Any = Fraction(1)) -> Value:
    """A whole number written in a base from 2 to 36, as a text, filled with zeros to a width."""
    radix, value = _base(base), integer(a, "a number to be written in a base")
    least = _count(width, "the width")
    if least > MAX_BINARY:
        raise OperationError(f"a width of {least} digits; at most {MAX_BINARY}")
    listed = digits(Fraction(abs(value)), Fraction(radix))
    assert isinstance(listed, tuple)
    text = "".join(_DIGITS[int(digit)] for digit in listed)  # type: ignore[arg-type]
    return ("-" if value < 0 else "") + text.rjust(least, "0")


def from_base(text: Any, base: Any) -> Value:
    """The whole number that digits in a base from 2 to 36 stand for."""
    radix = _base(base)
    if not isinstance(text, str):
        raise OperationError(f"from_base needs a text such as '1011', not {describe(text)}")
    written = text.replace(" ", "").upper()
    unsigned = written.removeprefix("-")
    if not unsigned or len(unsigned) > MAX_BINARY or set(unsigned) - set(_DIGITS[:radix]):
        raise OperationError(f"{describe(text)} is no number in base {radix}")
    return Fraction(int(written, radix))


def bits(a: Any, width: Any) -> Value:
    """The bits of a whole number, as a list of 0 and 1; a negative one in two's complement."""
    value, length = integer(a, "a number whose bits are asked for"), _count(width, "the width")
    if not 1 <= length <= MAX_BINARY:
        raise OperationError(f"a width of {length} bits; 1 to {MAX_BINARY}")
    if not -(1 << (length - 1)) <= value < 1 << length:
        raise OperationError(f"{value} has no place in {length} bits")
    charge(length)
    return tuple([Fraction(value >> place & 1) for place in reversed(range(length))])


def _bitwise(name: str, a: Any, b: Any) -> tuple[int, int]:
    return _short(_count(a, f"a number of {name}")), _short(_count(b, f"a number of {name}"))


def bit_and(a: Any, b: Any) -> Value:
    """The bits that both numbers have."""
    left, right = _bitwise("bit_and", a, b)
    return Fraction(left & right)


def bit_or(a: Any, b: Any) -> Value:
    """The bits that one of the numbers has."""
    left, right = _bitwise("bit_or", a, b)
    return Fraction(left | right)


def bit_xor(a: Any, b: Any) -> Value:
    """The bits that exactly one of the numbers has."""
    left, right = _bitwise("bit_xor", a, b)
    return Fraction(left ^ right)


def _base(value: Any) -> int:
    radix = integer(value, "a base")
    if not 2 <= radix <= LARGEST_BASE:
        raise OperationError(f"the base {radix}; 2 to {LARGEST_BASE} are possible")
    return radix


def _short(value: int) -> int:
    if value.bit_length() > MAX_BINARY:
        raise OperationError(f"a number of {value.bit_length()} bits; at most {MAX_BINARY} here")
    return value
