"""What an exam says about how it writes; every problem carries it to where things are printed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from generator.exact.numbers import Number, Ties, format_number
from generator.language.catalogue import DEFAULT, Catalogue, load_catalogue

GROUP = 3
"""Digits between two thousands separators."""

LEAST_GROUPED = 5
"""Digits before the decimal sign from which on they are grouped: 1234, but 12 345."""

LEAST_GROUPED_MONEY = 4
"""The same of amounts of money, which nobody is to lengthen: 7.400,00 € (DIN 5008)."""


@dataclass(frozen=True)
class FormRule:
    """What a bank says about how a number is printed; None where it says nothing.

    Attributes:
        kind: One of :data:`generator.language.forms.KINDS`.
        decimals: Decimal places; ``significant`` digits instead.
        digits: Least number of digits before the decimal sign.
        group: Digits of a group in base 2, 8 or 16.
        thousands: Whether thousands are grouped.
        symbol: Of a currency.
    """

    kind: str | None = None
    decimals: int | None = None
    significant: int | None = None
    digits: int | None = None
    group: int | None = None
    thousands: bool | None = None
    symbol: str | None = None


@dataclass(frozen=True)
class Conventions:
    """How an exam writes.

    Attributes:
        language: The code of the language of all that the program itself says.
        decimal: What stands before decimals; empty for what is usual in the language.
        thousands: What stands between groups of three digits; empty where they are not grouped.
        ties: Where a number goes that is in the middle of two rounded ones, unless a step says
            otherwise.
        form: How numbers are printed that say nothing themselves.
    """

    language: str = DEFAULT
    decimal: str = ""
    thousands: str = ""
    ties: Ties = "half_up"
    form: FormRule | None = None

    @cached_property
    def catalogue(self) -> Catalogue:
        """The strings of the language."""
        return load_catalogue(self.language)

    @cached_property
    def decimal_sign(self) -> str:
        """What stands before decimals."""
        return self.decimal or self.catalogue.decimal_sign

    @cached_property
    def is_plain(self) -> bool:
        """Whether numbers and words are written as they are computed."""
        return self.language == DEFAULT and self.decimal_sign == "." and not self.thousands

    @cached_property
    def separator(self) -> str:
        """What stands between the members of a list; no comma where that is the decimal sign."""
        return "; " if self.decimal_sign == "," else ", "

    def truth(self, value: bool) -> str:
        """A truth value in the language."""
        return self.catalogue.text("word.true" if value else "word.false")

    def number(self, value: Number) -> str:
        """A number of which all decimals are printed, such as points."""
        return self.digits(format_number(value))

    def digits(
        self, number: str, *, thousands: bool | None = None, least: int = LEAST_GROUPED
    ) -> str:
        """Digits with a decimal point, ``-12345.5``, as they are printed: ``-12.345,5``.

        Args:
            thousands: Whether they are grouped; as the exam says if it is None.
            least: Fewer digits before the decimal sign are not grouped.
        """
        return _written(number, self.decimal_sign, self._thousands(thousands), least)

    def math_digits(
        self, number: str, *, thousands: bool | None = None, least: int = LEAST_GROUPED
    ) -> str:
        r"""The same in TeX's math mode: ``-12{.}345{,}5``, without room behind the signs."""
        decimal = "." if self.decimal_sign == "." else _in_math(self.decimal_sign)
        return _written(number, decimal, _in_math(self._thousands(thousands)), least)

    def _thousands(self, wanted: bool | None) -> str:
        if wanted is None:
            return self.thousands
        if not wanted:
            return ""
        usual = self.catalogue.thousands_sign
        return self.thousands or (usual if usual != self.decimal_sign else " ")


PLAIN = Conventions()
"""Of an exam that says nothing about it."""


def group(whole: str, separator: str, size: int = GROUP, least: int = LEAST_GROUPED) -> str:
    """Whole digits, with a sign or without, in groups from the right.

    Args:
        size: Digits of a group.
        least: Fewer digits are left as they are.
    """
    digits = whole.lstrip("+-")
    if not separator or len(digits) < least:
        return whole
    first = len(digits) % size or size
    groups = [digits[:first], *(digits[at : at + size] for at in range(first, len(digits), size))]
    return whole[: len(whole) - len(digits)] + separator.join(groups)


def _written(number: str, decimal: str, thousands: str, least: int) -> str:
    whole, point, part = number.partition(".")
    return f"{group(whole, thousands, least=least)}{decimal if point else ''}{part}"


def _in_math(sign: str) -> str:
    if not sign:
        return ""
    if sign.isspace():
        return r"\,"
    if sign in "'\u2019":  # in a formula, it would be a prime
        return r"\text{'}"
    return f"{{{sign}}}"
