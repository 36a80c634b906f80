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


@dataclass(frozen=True)
class Conventions:
    """How an exam writes.

    Attributes:
        language: The code of the language of all that the program itself says.
        decimal: What stands before decimals; empty for what is usual in the language.
        thousands: What stands between groups of three digits; empty where they are not grouped.
        ties: Where a number goes that is in the middle of two rounded ones, unless a step says
            otherwise.
    """

    language: str = DEFAULT
    decimal: str = ""
    thousands: str = ""
    ties: Ties = "half_up"

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

    def digits(self, number: str) -> str:
        """Digits with a decimal point, ``-12345.5``, as they are printed: ``-12 345,5``."""
        return self._written(number, self.decimal_sign, self.thousands)

    def math_digits(self, number: str) -> str:
        r"""The same in TeX's math mode: ``-12\,345{,}5``, without room behind a comma."""
        return self._written(number, _in_math(self.decimal_sign), _in_math(self.thousands))

    def _written(self, number: str, decimal: str, thousands: str) -> str:
        whole, point, part = number.partition(".")
        return f"{group(whole, thousands)}{decimal if point else ''}{part}"


PLAIN = Conventions()
"""Of an exam that says nothing about it."""


def group(whole: str, separator: str) -> str:
    """Whole digits, with a sign or without, in groups of three."""
    digits = whole.lstrip("+-")
    if not separator or len(digits) < LEAST_GROUPED:
        return whole
    first = len(digits) % GROUP or GROUP
    groups = [digits[:first], *(digits[at : at + GROUP] for at in range(first, len(digits), GROUP))]
    return whole[: len(whole) - len(digits)] + separator.join(groups)


def _in_math(sign: str) -> str:
    if not sign:
        return ""
    if sign == ".":
        return sign
    return r"\," if sign.isspace() else f"{{{sign}}}"
