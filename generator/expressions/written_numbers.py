"""Numbers as they are written on paper: their digits, and whether they are whole.

Numbers from a transcendental function count with 4 significant digits, as from a pocket calculator.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

from generator.exact.numbers import places

CALCULATOR_DIGITS: Final = 4
_CALCULATOR: Final = Context(prec=CALCULATOR_DIGITS, Emin=-999999, rounding=ROUND_HALF_EVEN)


class WrittenNumber(NamedTuple):
    """What matters of a number on paper.

    Attributes:
        digit_sum: Sum of its digits.
        digits: How many there are, from the first to the last that is not zero.
        fractional: 1 if it is not whole.
        sign: -1, 0 or 1.
        trivial: Whether it is 0, 1 or -1.
        finite: Whether its decimal expansion ends; else the digits are those of the fraction.
    """

    digit_sum: int
    digits: int
    fractional: int
    sign: int
    trivial: bool
    finite: bool


_KNOWN: Final[dict[tuple[int, int], WrittenNumber]] = {}
_MOST_KNOWN: Final = 20_000


def on_paper(value: Any) -> WrittenNumber:
    """Looks a number up; a problem has few different ones, so most are known already."""
    try:
        # The slots of a fraction, read directly as in operations.ratio().
        key = (value._numerator, value._denominator)
    except AttributeError:
        whole = Fraction(_CALCULATOR.plus(value) if isinstance(value, Decimal) else value)
        key = (whole.numerator, whole.denominator)
    known = _KNOWN.get(key)
    if known is None:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        known = _KNOWN[key] = _look_at(*key)
    return known


def _look_at(numerator: int, denominator: int) -> WrittenNumber:
    own = places(Fraction(numerator, denominator))
    size = abs(numerator)
    if own is None:
        texts = [str(size), str(denominator)]
    else:
        texts = [str(size * 10**own // denominator).rstrip("0") or "0"]
    return WrittenNumber(
        digit_sum=sum(int(digit) for text in texts for digit in text),
        digits=sum(map(len, texts)),
        fractional=int(denominator != 1),
        sign=(numerator > 0) - (numerator < 0),
        trivial=denominator == 1 and size <= 1,
        finite=own is not None,
    )
