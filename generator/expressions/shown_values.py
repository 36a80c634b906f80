"""Values as they are printed: how many digits, and whether those are all."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final, TypeAlias

from generator.exact.numbers import (
    GUARDED,
    MAX_PLACES,
    Complex,
    NumberError,
    Value,
    exact,
    format_number,
    format_significant,
    joined_parts,
    parse_number,
    places,
)

ShownDigits: TypeAlias = str | tuple["ShownDigits", ...]
"""A value as it is printed: digits such as ``-1.5``; of a list a tuple of such."""


class Printed(str):
    r"""A printed number in TeX that is not just digits, such as ``\frac{1}{33}``.

    Attributes:
        number: What is read from it.
    """

    number: Fraction

    @classmethod
    def of(cls, tex: str, number: Fraction) -> Printed:
        """The TeX of a number."""
        made = cls(tex)
        made.number = number
        return made


SIGNIFICANT: Final = 6
"""Significant digits of a number that has no short decimal expansion."""

IMAGINARY: Final = r"\,\mathrm{i}"
"""The imaginary unit behind a number, in TeX's math mode."""


def is_exact(value: Value, shown: ShownDigits) -> bool:
    """Whether a value is printed with all of its digits, but for the guard digits of a decimal."""
    if isinstance(value, tuple):
        return all(map(is_exact, value, shown))
    if isinstance(value, (bool, str, Complex)) or not isinstance(shown, str):
        return True
    try:
        printed = shown.number if isinstance(shown, Printed) else parse_number(shown)
    except NumberError:
        return True  # TeX of the bank's own, e.g. a fraction
    return printed == exact(GUARDED.plus(value) if isinstance(value, Decimal) else value)


def print_value(
    value: Value,
    min_decimals: int = 0,
    decimals: int | None = None,
    significant: int | None = None,
) -> ShownDigits:
    """A value as it is printed; without a stated rounding exactly, if it is short enough.

    A number with more than 12 decimal places is printed with 6 significant digits.
    """
    if isinstance(value, tuple):
        return tuple(print_value(item, min_decimals, decimals, significant) for item in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, Complex):
        return joined_parts(
            value, lambda part: _print_number(part, min_decimals, decimals, significant), IMAGINARY
        )
    return _print_number(value, min_decimals, decimals, significant)


def _print_number(
    value: Fraction | Decimal, min_decimals: int, decimals: int | None, significant: int | None
) -> str:
    if decimals is not None:
        return format_number(value, decimals=decimals)
    if significant is not None:
        return format_significant(value, significant)
    own = places(value)
    if own is not None and own <= MAX_PLACES:
        return format_number(value, min_decimals)
    return format_significant(value, SIGNIFICANT)
