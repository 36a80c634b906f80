"""What a student wrote, as somebody types it: a number, in the way that the exam writes numbers."""

from __future__ import annotations

import re
from fractions import Fraction

from generator.exact.numbers import Complex, NumberError, parse_number
from generator.expressions.conversion import conversion_factor
from generator.expressions.expression_errors import OperationError
from generator.language.forms import BASES, Form

_MINUS = str.maketrans("\u2212\u2013", "--")
_FRACTION = re.compile(r"([^/]+)/([^/]+)")
_LARGE = 1000
_GROUPS = {
    True: re.compile(r"([+-]?[0-9]{1,3}(?:\.[0-9]{3})+)(,[0-9]+)?"),
    False: re.compile(r"([+-]?[0-9]{1,3}(?:,[0-9]{3})+)(\.[0-9]+)?"),
}
"""Whether the exam writes decimal commas to thousands in groups, as a key may print them."""
PLAIN_FORM = Form()
MONEY = r"€|\$|£|¥|EUR|Euro|USD|GBP|CHF"
"""Signs and codes of currencies, which stand before a number or behind it."""
_MEASURED = re.compile(
    rf"([+-]?)\s*(?:{MONEY})?\s*([+-]?[0-9.,/\s]*[0-9](?:,-+)?(?:[eE][+-]?[0-9]+)?)\s*([^0-9\s.,/].*)?"
)
_POWER = re.compile(r"(?:^|(?<=[+-])|\s*[·×*x]\s*)10\s*(?:\^\s*([+-]?[0-9]+)|([⁺⁻]?[⁰¹²³⁴-⁹]+))")
_DOWN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_MIXED = re.compile(r"([+-]?)\s*([0-9]+)\s+([1-9][0-9]*)/([1-9][0-9]*)")
_BASE = re.compile(r"([+-]?)(?:0[xbo])?([0-9A-F]+?)(?:[₀-₉]+|_[0-9]+)?", re.IGNORECASE)
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


def read_measured(
    text: str,
    *,
    comma: bool = False,
    about: Fraction | None = None,
    unit: str = "",
    form: Form = PLAIN_FORM,
) -> Fraction:
    """Reads a number as it is printed, with what people write beside it.

    That is ``23.400,00 €``, ``35 %``, ``2,5 kV``, ``1,5 · 10^3``, ``1 1/2``, and ``1F`` where the
    result is printed in hexadecimal digits. A unit is that of the result, or one of the same kind,
    which is converted. Where the bank states none, signs of currencies are left out, and per cent
    are a share where that is nearer.

    Args:
        about: See `read_written`.
        unit: That of the result, as `unit_text` writes it; empty where there is none.
        form: How the result is printed.

    Raises:
        NumberError: It is no number, or has another unit.
    """
    plain = _POWER.sub(_exponent, text.translate(_MINUS).strip())
    if form.kind in BASES:
        return _in_base(plain, BASES[form.kind])
    if (mixed := _MIXED.fullmatch(plain)) and int(mixed[3]) < int(mixed[4]):
        size = int(mixed[2]) + Fraction(int(mixed[3]), int(mixed[4]))
        return -size if mixed[1] == "-" else size
    unit = unit or (form.symbol if form.kind == "currency" else "")
    measured = _MEASURED.fullmatch(plain)
    try:
        value = read_written(plain, comma=comma, about=about)
    except NumberError:
        if measured is None:
            return read_written(text, comma=comma)  # says what was typed
    else:
        return _as_share(value, about) if form.kind == "percent" else value
    sign, digits, behind = measured[1], re.sub(",-+$", "", measured[2]), measured[3] or ""
    value = read_written(f"{sign}{digits}", comma=comma, about=about)
    if behind == "%" and not unit:
        return _as_share(value, about)
    return value * _factor(text, behind, unit)


def _exponent(match: re.Match[str]) -> str:
    """A power of ten as programs write it, with a one where no number stands before it."""
    power = match[1] or match[2].translate(_DOWN)
    return f"{'' if match[0].lstrip()[0] in '·×*x' else '1'}e{power}"


def _in_base(text: str, base: int) -> Fraction:
    """A whole number in digits of another base: ``1F``, ``0x1F``, ``1F₁₆``."""
    found = _BASE.fullmatch("".join(text.split()))
    try:
        return Fraction(int(f"{found[1]}{found[2]}", base) if found else "")
    except ValueError:
        raise NumberError(f"{text!r} is no whole number in digits of base {base}") from None


def _as_share(value: Fraction, about: Fraction | None) -> Fraction:
    """Per cent as a share, or as they are: whichever is nearer to what is expected."""
    return min(value / 100, value, key=lambda it: abs(it - (about or 0)))


def _factor(text: str, behind: str, unit: str) -> Fraction:
    """What a number with a unit behind it is multiplied with."""
    own, typed = ("".join(it.split()).replace("·", "") for it in (unit, behind))
    is_money = bool(re.fullmatch(MONEY, typed)) and bool(re.fullmatch(f"({MONEY})?", own))
    if not typed or typed == own or is_money:
        return Fraction(1)
    try:
        if own:
            return conversion_factor(behind, unit)
    except OperationError:
        pass
    expected = f"a number in {unit}" if unit else "the number alone: this result has no unit"
    raise NumberError(f"{text!r} has the unit {behind}; expected {expected}")


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
