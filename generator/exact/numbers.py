"""Exact numbers: read from text, rounded, and printed without an exponent or a negative zero.

A number is a ``Fraction``, or, from a transcendental function on, a ``Decimal`` of 50 digits. The
last few of those 50 digits are guard digits: a ``Decimal`` is brought to 45 significant digits
before it is rounded to what a question states, so that a tie such as 0.125 that was computed as
0.12499…9 is still rounded as the tie it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, Literal, TypeAlias

Number: TypeAlias = Fraction | Decimal


@dataclass(frozen=True, slots=True)
class Complex:
    """A complex number; one without an imaginary part is a plain number instead."""

    real: Number
    imaginary: Number

    def __str__(self) -> str:
        return joined_parts(self, _as_text)


Value: TypeAlias = Fraction | Decimal | Complex | bool | str | tuple["Value", ...]
"""What a name can stand for: a number, a condition, a text, or a list of values."""

Ties: TypeAlias = Literal["half_up", "half_even"]
"""Where a number goes that is in the middle: away from zero, as one learns at school, or to the
even digit."""

MAX_TEXT_LENGTH = 200
"""Characters of a number that is read; nobody prints a longer one."""

MAX_EXPONENT = 100
"""Largest decimal exponent of a number that is read, e.g. the 5 of ``1e-5``."""

MAX_PLACES = 12
"""Decimal places up to which a number is printed exactly where nothing else is stated."""

MAX_DECIMALS = 400
"""Most decimal places that are printed or rounded to."""

_FRACTION: Final[Any] = Fraction
"""The type, without what a type checker knows of its slots."""

GUARDED = Context(prec=45, rounding=ROUND_HALF_EVEN)
_LARGEST_ADJUSTED = 2000
_SHORT = 40

_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>[0-9]*)(?:\.(?P<part>[0-9]*))?(?:[eE](?P<exponent>[+-]?[0-9]+))?"
)


WITH_A_POINT = "a decimal is written with a point: 1.5"

_LIKE_NUMBERS = (
    (re.compile(r"-?[0-9]+,[0-9]+"), WITH_A_POINT),
    (
        re.compile(r"-?[0-9]+/[0-9]+"),
        "a fraction stands without quotes, among numbers alone: [1/2, 2/3]",
    ),
    (re.compile(r"-?[0-9]+(\.[0-9]+)? ?\\%"), "a percentage is drawn as a number, such as 0.05"),
)


def number_advice(text: str) -> str:
    """What to write in place of a text that looks like a number; nothing for other texts."""
    return next((advice for like, advice in _LIKE_NUMBERS if like.fullmatch(text)), "")


class NumberError(ValueError):
    """A text that is no number, or a number that cannot be printed as asked."""


@lru_cache(maxsize=4096)
def parse_number(text: str) -> Fraction:
    """Reads a decimal number exactly: ``"0.1"`` is 1/10, ``"1e-5"`` is 1/100000.

    Args:
        text: Digits with an optional sign, decimal point and exponent (of at most 100), ASCII only.

    Raises:
        NumberError: The text is anything else: ``"1_000"``, ``"1/2"``, ``"nan"``, ``"0x1f"``.
    """
    stripped = text.strip()
    match = _NUMBER.fullmatch(stripped) if len(stripped) <= MAX_TEXT_LENGTH else None
    digits = (match["whole"] + (match["part"] or "")) if match else ""
    if match is None or not digits:
        raise NumberError(
            f"{_shorten(text)} is not a decimal number; write digits with an optional sign and "
            "decimal point, e.g. -0.25"
        )
    exponent = int(match["exponent"] or 0)
    if abs(exponent) > MAX_EXPONENT:
        raise NumberError(f"{_shorten(text)}: the exponent is beyond {MAX_EXPONENT}")
    exponent -= len(match["part"] or "")
    number = int(match["sign"] + digits)
    return Fraction(number * 10**exponent) if exponent >= 0 else Fraction(number, 10**-exponent)


def same(a: Any, b: Any) -> bool:
    """Whether two values are equal, as ``==`` says; quick where both are fractions."""
    if a is b:
        return True
    if type(a) is type(b) is _FRACTION:
        # The slots, as in the operations of expressions: Fraction's own == takes ten times as long.
        return bool(a._numerator == b._numerator and a._denominator == b._denominator)
    return bool(a == b)


def places(value: Number | int) -> int | None:
    """Number of decimal places of the exact value: 0 for 3, 2 for 0.25, None for 1/3."""
    if isinstance(value, Decimal):
        value = exact(value)
    return _places(value.denominator)


def round_to(value: Number | int, decimals: int, ties: Ties = "half_up") -> Fraction:
    """The value rounded at a number of decimal places (negative ones: tens, hundreds, …).

    Raises:
        NumberError: So many decimals are beyond `MAX_DECIMALS`, or the value is too long.
    """
    if abs(decimals) > MAX_DECIMALS:
        raise NumberError(f"cannot round to {decimals} decimals; at most {MAX_DECIMALS}")
    fraction = _guarded(value)
    if decimals >= 0:
        scale = 10**decimals
        return Fraction(_whole(fraction * scale, ties), scale)
    scale = 10**-decimals
    return Fraction(_whole(fraction / scale, ties) * scale)


def round_significant(value: Number | int, digits: int, ties: Ties = "half_up") -> Fraction:
    """The value rounded at a number of significant digits; 0 stays 0."""
    return round_to(value, _decimals_for(_guarded(value), digits), ties)


def _whole(value: Fraction, ties: Ties) -> int:
    """The nearest whole number."""
    if ties == "half_even":
        return round(value)
    nearest = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return -nearest if value < 0 else nearest


def format_number(value: Number | int, min_decimals: int = 0, decimals: int | None = None) -> str:
    """Prints a number in plain digits: ``"-1.5"``; never an exponent, never ``"-0"``.

    Args:
        value: The number; a condition (``bool``) is not one.
        min_decimals: The exact value is padded with zeros to at least this many places.
        decimals: Round at this many places, ties away from zero, and pad to it, instead.

    Raises:
        NumberError: The expansion does not end and ``decimals`` does not say where to round.
    """
    if decimals is None:
        fraction = exact(value)
        own = _places(fraction.denominator)
        if own is None:
            raise NumberError(
                f"{fraction} has no finite decimal expansion; say how many decimals to "
                "print, or form: fraction"
            )
        decimals = own if own > min_decimals else min_decimals
    else:
        fraction = round_to(value, decimals)
    if not 0 <= decimals <= MAX_DECIMALS:
        raise NumberError(f"cannot print {decimals} decimals; 0 to {MAX_DECIMALS} are possible")
    numerator, denominator = fraction.numerator, fraction.denominator
    if not decimals:
        return str(numerator)
    digits = str(abs(numerator) * (10**decimals // denominator)).rjust(decimals + 1, "0")
    return f"{'-' if numerator < 0 else ''}{digits[:-decimals]}.{digits[-decimals:]}"


def format_significant(value: Number | int, digits: int) -> str:
    """Prints a number rounded to significant digits: 9.996 with three is ``"10.0"``.

    Zeros pad the number after the point, as a table of measurements would show them; before the
    point they stand for digits that are not significant (1234 with two is ``"1200"``).
    """
    rounded = round_significant(value, digits)
    return format_number(rounded, decimals=max(0, _decimals_for(rounded, digits)))


def exact(value: Number | int) -> Fraction:
    """The number as a fraction, digit for digit.

    Raises:
        NumberError: The value is not finite, or not a number at all.
    """
    if isinstance(value, Fraction):
        return value
    if isinstance(value, Decimal):
        if not value.is_finite() or (value and abs(value.adjusted()) > _LARGEST_ADJUSTED):
            raise NumberError(f"{value} is not finite, or too large or small to print")
        return Fraction(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(value)
    raise NumberError(f"{value!r} is not a number")


def _guarded(value: Number | int) -> Fraction:
    """The number as a fraction, a computed ``Decimal`` without its guard digits."""
    if not isinstance(value, Decimal):
        return exact(value)
    if value.is_finite() and value.adjusted() < -MAX_DECIMALS - 1:
        return Fraction(0)  # below half of the last place that can be printed
    return exact(GUARDED.plus(value))


def _decimals_for(value: Fraction, digits: int) -> int:
    """The decimal places at which a number has so many significant digits."""
    if digits < 1:
        raise NumberError(f"cannot round to {digits} significant digits; at least 1")
    if not value:
        return digits - 1
    numerator, denominator = abs(value.numerator), value.denominator
    # Off by at most one; the comparison settles it exactly.
    exponent = len(str(numerator)) - len(str(denominator))
    scale = 10 ** abs(exponent)
    if numerator < denominator * scale if exponent >= 0 else numerator * scale < denominator:
        exponent -= 1
    return digits - 1 - exponent


@lru_cache(maxsize=4096)
def _places(denominator: int) -> int | None:
    twos = (denominator & -denominator).bit_length() - 1
    rest, fives = denominator >> twos, 0
    while not rest % 5:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None


def _shorten(text: str) -> str:
    return repr(text if len(text) <= _SHORT else text[:_SHORT] + "...")


def _as_text(part: Number) -> str:
    return str(part)


def joined_parts(value: Complex, write: Callable[[Number], str], unit: str = "i") -> str:
    """A complex number as ``3 - 2i``, ``-i``, ``0.5i``.

    Args:
        write: Writes a part.
        unit: Stands behind the imaginary part.
    """
    negative = value.imaginary < 0
    size = write(-value.imaginary if negative else value.imaginary)
    imaginary = unit.removeprefix(r"\,") if size == "1" else f"{size}{unit}"
    if not value.real:
        return f"-{imaginary}" if negative else imaginary
    return f"{write(value.real)} {'-' if negative else '+'} {imaginary}"


def show_values(values: Mapping[str, Value]) -> str:
    """A draw for messages: ``i1=2, i2=-1``."""
    return ", ".join(f"{name}={_in_message(value)}" for name, value in values.items())


def _in_message(value: Value) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_in_message, value))}]"
    return str(value)
