"""What a student wrote, as somebody types it: a number, in the way that the exam writes numbers."""

from __future__ import annotations

import re
from fractions import Fraction

from generator.exact.numbers import Complex, NumberError, parse_number

_MINUS = str.maketrans("\u2212\u2013", "--")
_FRACTION = re.compile(r"([^/]+)/([^/]+)")
_LARGE = 1000
_GROUPS = {
    True: re.compile(r"([+-]?[0-9]{1,3}(?:\.[0-9]{3})+)(,[0-9]+)?"),
    False: re.compile(r"([+-]?[0-9]{1,3}(?:,[0-9]{3})+)(\.[0-9]+)?"),
}
"""Whether the exam writes decimal commas to thousands in groups, as a key may print them."""
_COMPLEX = re.compile(r"(?P<real>.*?[^eE+-])??(?P<imaginary>[+-]?[^+-]*(?:[eE]-[0-9]+)?)[ij]")


def read_written(text: str, *, comma: bool = False, about: Fraction | None = None) -> Fraction:
    """Reads a number: ``-1.5``, ``3/4``, and ``3,5`` where the exam has decimal commas.

    Thousands may be in groups, ``7.400,00``. A point or comma alone, as in ``7.400``, is that of
    thousands where the number is expected to have some, and else that of decimals.

    Args:
        comma: Whether the exam writes decimal commas; a point is understood nevertheless.
        about: How large the number is expected to be; None if that is not known.

    Raises:
        NumberError: It is no number.
    """
    plain = _ungrouped("".join(text.translate(_MINUS).split()), comma, about)
    if comma and "." not in plain:
        plain = plain.replace(",", ".")
    quotient = _FRACTION.fullmatch(plain)
    if quotient is None:
        return _number(plain, text, comma)
    divisor = _number(quotient[2], text, comma)
    if not divisor:
        raise NumberError(f"{text!r} is no number: it divides by zero")
    return _number(quotient[1], text, comma) / divisor


def _ungrouped(plain: str, comma: bool, about: Fraction | None) -> str:
    """The digits without signs between thousands, if those are what the signs can be."""
    found = _GROUPS[comma].fullmatch(plain)
    if found is None:
        return plain
    sign = "." if comma else ","
    is_clear = found[2] is not None or found[1].count(sign) > 1
    is_large = about is not None and abs(about) >= _LARGE
    return f"{found[1].replace(sign, '')}{found[2] or ''}" if is_clear or is_large else plain


def read_complex(text: str, *, comma: bool = False) -> Complex | Fraction:
    """Reads a complex number: ``1+2i``, ``-i``, ``1/2 - 0.5j``; a real one becomes a plain number.

    Args:
        comma: Whether the exam writes decimal commas.

    Raises:
        NumberError: It is no number.
    """
    match = _COMPLEX.fullmatch("".join(text.translate(_MINUS).split()))
    if match is None:
        return read_written(text, comma=comma)
    size = match["imaginary"]
    size += "1" if size in {"", "+", "-"} else ""
    real = read_written(match["real"] or "0", comma=comma)
    imaginary = read_written(size, comma=comma)
    return Complex(real, imaginary) if imaginary else real


def _number(plain: str, text: str, comma: bool) -> Fraction:
    try:
        return parse_number(plain)
    except NumberError:
        pass
    example = "-0,25" if comma else "-0.25"
    hint = " (this exam writes decimal points)" if not comma and "," in text else ""
    raise NumberError(f"{text!r} is no number{hint}; write e.g. {example} or 3/4")
