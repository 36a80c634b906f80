r"""The forms in which a number can be printed: ``0{,}5``, ``6.02 \cdot 10^{23}``, ``\frac{1}{33}``.

A form says how a number looks, never what it is: files hold it as exact digits with a point, or as
a fraction where it has no finite digits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Final, Literal, get_args

from generator.exact.numbers import (
    MAX_PLACES,
    Complex,
    Number,
    NumberError,
    exact,
    format_number,
    format_significant,
    joined_parts,
    places,
    round_significant,
)
from generator.expressions.shown_values import IMAGINARY, Printed
from generator.expressions.tex_pieces import escape_text
from generator.language.conventions import (
    LEAST_GROUPED,
    LEAST_GROUPED_MONEY,
    Conventions,
    FormRule,
    group,
)

FormKind = Literal[
    "decimal",
    "scientific",
    "engineering",
    "fraction",
    "mixed",
    "percent",
    "currency",
    "binary",
    "octal",
    "hexadecimal",
]
KINDS: Final[tuple[FormKind, ...]] = get_args(FormKind)
BASES: Final = {"binary": 2, "octal": 8, "hexadecimal": 16}

WORDS: Final = (*KINDS, "thousands")
"""What may be said in one word; thousands is a decimal number whose thousands are grouped."""

MAX_POWER: Final = 100
"""Largest exponent of ten that is printed."""

_PLAINLY: Final = ("decimal", "percent", "currency")
_WITH_A_POWER: Final = ("scientific", "engineering")
_CENTS: Final = 2
_GROUPED_MONEY: Final = 1000
_POWERS: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_INDICES: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


MOST_KNOWN: Final = 4096
"""Numbers of a form whose digits are kept."""


@dataclass(frozen=True)
class Form:
    """How a number is printed.

    Attributes:
        kind: What it looks like.
        min_decimals: At least so many decimal places.
        decimals: Exactly so many decimal places instead.
        significant: So many significant digits instead.
        short: A number with more than 12 places is refused, not printed in full.
        digits: At least so many digits before the decimal sign, filled with zeros.
        group: Digits of a group, where they are grouped otherwise than in thousands.
        thousands: Whether thousands are grouped; None where the exam decides, or, of a currency,
            for yes.
        symbol: Of a currency.
    """

    kind: FormKind = "decimal"
    min_decimals: int = 0
    decimals: int | None = None
    significant: int | None = None
    short: bool = True
    digits: int = 0
    group: int = 0
    thousands: bool | None = None
    symbol: str = "€"

    def ruled(self, rule: FormRule | None) -> Form:
        """The form with what a bank says about it."""
        if rule is None:
            return self
        said = {key: value for key, value in vars(rule).items() if value is not None}
        if "decimals" in said or "significant" in said:
            said = {"decimals": None, "significant": None} | said
        if said.get("kind") in _WITH_A_POWER:
            # As many places as the longest member of a list has say nothing before a power of ten.
            said = {"min_decimals": 0} | said
        return replace(self, **said)

    def plain(self, value: Number | Complex) -> str:
        """The number as it stands in files; a complex one as ``3 - 2i``.

        Raises:
            NumberError: It has no short decimal expansion and states no decimals.
        """
        if type(value) is not Fraction:
            return self._written_plainly(value)
        number = value.numerator, value.denominator
        known = self._known.get(number)
        if known is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            known = self._known[number] = self._written_plainly(value)
        return known

    @cached_property
    def _known(self) -> dict[tuple[int, int], str]:
        """Numbers as they stand in files: a name has few, in thousands of copies."""
        return {}

    def _written_plainly(self, value: Number | Complex) -> str:
        if isinstance(value, Complex):
            return joined_parts(value, self.plain)
        if self.kind in {"fraction", "mixed"}:
            return str(exact(value))
        if self.kind == "currency" and self.decimals is None and self.significant is None:
            return format_number(value, min_decimals=max(self.min_decimals, _CENTS))
        return self._digits(value)

    def in_formula(self, value: Number | Complex, conventions: Conventions) -> str:
        """The number where it stands in a formula; a price or a clock show just their digits."""
        if isinstance(value, Complex):
            return joined_parts(value, lambda it: self.in_formula(it, conventions), IMAGINARY)
        if self.kind == "currency" and abs(exact(value)) >= _GROUPED_MONEY:
            digits = _Writer(conventions, self, tex=True)(self.plain(value))
            return Printed.of(digits, self._shown_number(value))
        if self.kind in _PLAINLY:
            return self.plain(value)
        return Printed.of(self.math(value, conventions), self._shown_number(value))

    def as_result(self, value: Number | Complex, conventions: Conventions) -> str:
        """The number at the end of a worked step."""
        if isinstance(value, Complex):
            return joined_parts(value, lambda it: self.as_result(it, conventions), IMAGINARY)
        if self.kind == "decimal" and not self.digits and self.thousands is None:
            return self.plain(value)
        return Printed.of(self.math(value, conventions), self._shown_number(value))

    def math(self, value: Number | Complex, conventions: Conventions) -> str:
        """The number in TeX's math mode.

        Raises:
            NumberError: As for `plain`, or it is none of which the form can be made.
        """
        if isinstance(value, Complex):
            return joined_parts(value, lambda it: self.math(it, conventions), IMAGINARY)
        return _PRINT[self.kind](self, value, _Writer(conventions, self, tex=True))

    def text(self, value: Number | Complex, conventions: Conventions) -> str:
        """The number in plain text, for people."""
        if isinstance(value, Complex):
            return joined_parts(value, lambda it: self.text(it, conventions))
        return _PRINT[self.kind](self, value, _Writer(conventions, self, tex=False))

    def _shown_number(self, value: Number) -> Fraction:
        """The number that is to be read from what is printed."""
        if self.kind in {"fraction", "mixed"}:
            return exact(value)
        return Fraction(self.plain(value))

    def places(self, value: Number) -> int | None:
        """Decimal places of a number, but for zeros that a power of ten says; None if infinite."""
        count = places(value)
        if count and self.kind in _WITH_A_POWER:
            return max(count + min(_exponent(exact(value), 1), 0), 0)
        return count

    def _digits(self, value: Number) -> str:
        """All digits, with a point."""
        if self.significant is not None:
            return format_significant(value, self.significant)
        if self.decimals is not None:
            return format_number(value, decimals=self.decimals)
        count = self.places(value)
        if self.short and count is not None and count > MAX_PLACES:
            raise NumberError(f"{count} decimal places are too many; say how many to print")
        return format_number(value, self.min_decimals)


@dataclass(frozen=True)
class _Writer:
    """Writes digits with the signs of the exam."""

    conventions: Conventions
    form: Form
    tex: bool

    def __call__(self, digits: str) -> str:
        form = self.form
        sign = "-" if digits.startswith("-") else ""
        whole, point, part = digits.removeprefix("-").partition(".")
        filled = sign + whole.rjust(form.digits, "0") + point + part
        write = self.conventions.math_digits if self.tex else self.conventions.digits
        if form.kind == "currency":
            return write(filled, thousands=form.thousands is not False, least=LEAST_GROUPED_MONEY)
        return write(filled, thousands=form.thousands, least=LEAST_GROUPED)


def _decimal(form: Form, value: Number, write: _Writer) -> str:
    return write(form.plain(value))


def _percent(form: Form, value: Number, write: _Writer) -> str:
    hundredfold = exact(value) * 100
    decimals = None if form.decimals is None else max(form.decimals - 2, 0)
    if form.significant is not None:
        digits = format_significant(hundredfold, form.significant)
    else:
        digits = format_number(hundredfold, max(form.min_decimals - 2, 0), decimals)
    return write(digits) + (r"\,\%" if write.tex else " %")


def _currency(form: Form, value: Number, write: _Writer) -> str:
    digits = form.plain(value)
    sign = "-" if digits.startswith("-") else ""
    written = write(digits.removeprefix("-"))
    # A word is set as a unit is, beside a key's words, too; signs are those of text.
    command = "mathrm" if form.symbol.isascii() and form.symbol.isalpha() else "text"
    symbol = rf"\{command}{{{escape_text(form.symbol)}}}" if write.tex else form.symbol
    if write.conventions.catalogue.symbol_first:
        room = _space(write) if form.symbol[-1:].isalpha() else ""  # CHF 5, but $5
        return f"{sign}{symbol}{room}{written}"
    return f"{sign}{written}{_space(write)}{symbol}"


def _space(write: _Writer) -> str:
    return r"\," if write.tex else " "


def _scientific(form: Form, value: Number, write: _Writer, multiple: int = 1) -> str:
    """A number before the point from 1 to 9, or to 999 for powers of a thousand, and a power."""
    number = exact(value)
    if form.significant is not None:
        number = round_significant(value, form.significant)
    power = _exponent(number, multiple)
    if abs(power) > MAX_POWER:
        raise NumberError(f"10 to the power of {power} is not printed; at most {MAX_POWER}")
    front = number / Fraction(10) ** power
    if form.significant is not None:
        digits = format_significant(front, form.significant)
    else:
        digits = format_number(front, form.min_decimals, form.decimals)
    if not power:
        return write(digits)
    if write.tex:
        return rf"{write(digits)} \cdot 10^{{{power}}}"
    return f"{write(digits)} · 10{str(power).translate(_POWERS)}"


def _exponent(number: Fraction, multiple: int) -> int:
    """The largest multiple of an exponent of ten that leaves 1 or more before the point."""
    if not number:
        return 0
    exponent = len(str(abs(number.numerator))) - len(str(number.denominator))
    if abs(number) < Fraction(10) ** exponent:
        exponent -= 1
    return exponent // multiple * multiple


def _engineering(form: Form, value: Number, write: _Writer) -> str:
    return _scientific(form, value, write, multiple=3)


def _fraction(form: Form, value: Number, write: _Writer) -> str:
    number = exact(value)
    if number.denominator == 1:
        return write(str(number.numerator))
    sign = "-" if number < 0 else ""
    above, below = write(str(abs(number.numerator))), write(str(number.denominator))
    return rf"{sign}\frac{{{above}}}{{{below}}}" if write.tex else f"{sign}{above}/{below}"


def _mixed(form: Form, value: Number, write: _Writer) -> str:
    number = exact(value)
    whole, rest = divmod(abs(number), 1)
    if not whole or not rest:
        return _fraction(form, number, write)
    sign, space = ("-" if number < 0 else ""), _space(write)
    return f"{sign}{write(str(whole))}{space}{_fraction(form, rest, write)}"


def _base(form: Form, value: Number, write: _Writer) -> str:
    number = exact(value)
    if number.denominator != 1:
        raise NumberError(f"{number} is not whole, and so has no {form.kind} digits")
    base = BASES[form.kind]
    digits = format(abs(number.numerator), {2: "b", 8: "o", 16: "X"}[base]).rjust(form.digits, "0")
    sign = "-" if number < 0 else ""
    digits = group(digits, _space(write), form.group, least=0) if form.group else digits
    if write.tex:
        return rf"{sign}\mathrm{{{digits}}}_{{{base}}}"
    return f"{sign}{digits}{str(base).translate(_INDICES)}"


_Print = Callable[[Form, Number, _Writer], str]
_PRINT: Final[dict[str, _Print]] = {
    "decimal": _decimal,
    "scientific": _scientific,
    "engineering": _engineering,
    "fraction": _fraction,
    "mixed": _mixed,
    "percent": _percent,
    "currency": _currency,
    **dict.fromkeys(BASES, _base),
}
