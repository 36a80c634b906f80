"""What a student wrote, as somebody types it: a number, in the way that the exam writes numbers."""

from __future__ import annotations

import re
from fractions import Fraction

from generator.exact.numbers import Complex, NumberError, parse_number

_MINUS = str.maketrans("\u2212\u2013", "--")
_FRACTION = re.compile(r"([^/]+)/([^/]+)")
_COMPLEX = re.compile(r"(?P<real>.*?[^eE+-])??(?P<imaginary>[+-]?[^+-]*(?:[eE]-[0-9]+)?)[ij]")


def read_written(text: str, *, comma: bool = False) -> Fraction:
    """Reads a number: ``-1.5``, ``3/4``, and ``3,5`` where the exam has decimal commas.

    Args:
        comma: Whether the exam writes decimal commas; a point is understood nevertheless.

    Raises:
        NumberError: It is no number.
    """
    plain = "".join(text.translate(_MINUS).split())
    if comma and "." not in plain:
        plain = plain.replace(",", ".")
    quotient = _FRACTION.fullmatch(plain)
    if quotient is None:
        return _number(plain, text, comma)
    divisor = _number(quotient[2], text, comma)
    if not divisor:
        raise NumberError(f"{text!r} is no number: it divides by zero")
    return _number(quotient[1], text, comma) / divisor


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
