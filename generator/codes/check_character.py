"""Check characters behind codes that people type or read out."""

from __future__ import annotations

from typing import Final

from generator.codes.page_code import ALPHABET, CodeError

# GF(32) = GF(2)[x] / (x^5 + x^2 + 1), which is primitive: the powers of x (written 2) are all of
# the 31 elements but 0. A character stands for the element whose bits are its index in the
# alphabet.
_POLYNOMIAL: Final = 0b100101
# The characters behind a dot count from here on, so that a lost dot is noticed as well.
_REPRINT_POWER: Final = 16


def _power_table() -> list[int]:
    table = [1]
    for _ in range(30):
        double = table[-1] << 1
        table.append(double ^ _POLYNOMIAL if double & 32 else double)
    return table


_POWERS: Final = _power_table()
_LOGARITHMS: Final = {power: exponent for exponent, power in enumerate(_POWERS)}


def check_character(code: str) -> str:
    """Returns the check character of a copy code: the sum of a_i * x**i over GF(32).

    ``a_i`` is the i-th character from the left, from 1; those behind the dot of a reprint count
    from 16 on. The polynomial is x^5 + x^2 + 1, the alphabet Crockford's. As all weights differ
    from each other, from 0 and from the 1 of the check character, a wrong character, any two
    exchanged ones (next to each other or not) and a wrong pair of equal ones are all noticed.

    Args:
        code: A copy code, e.g. ``E0312`` or ``E0312.1``.

    Raises:
        CodeError: If the code has a character that is not in the alphabet, or too many.
    """
    number, _, reprint = code.partition(".")
    if len(number) >= _REPRINT_POWER or len(reprint) > len(_POWERS) - _REPRINT_POWER:
        raise CodeError(f"too long for a check character: {code!r}")
    total = 0
    for first, part in ((1, number), (_REPRINT_POWER, reprint)):
        for exponent, character in enumerate(part, first):
            value = ALPHABET.find(character)
            if value < 0:
                raise CodeError(f"{character!r} can't be in the code {code!r}")
            if value:
                total ^= _POWERS[(_LOGARITHMS[value] + exponent) % 31]
    return ALPHABET[total]


def with_check(code: str) -> str:
    """Returns a copy code with its check character, as people read it out: ``E0312-Y``."""
    return f"{code}-{check_character(code)}"
