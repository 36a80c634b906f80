"""Copy codes as people type them: with or without the check character, O for 0, I and L for 1."""

from __future__ import annotations

import re
from typing import Final

from generator.codes.check_character import check_character, with_check
from generator.codes.page_code import ALPHABET, CodeError

# What keyboards and mail programs make of a hyphen.
_DASHES: Final = re.compile("[\u2010\u2011\u2012\u2013\u2014\u2212]")
_FORGIVEN: Final = str.maketrans("OIL", "011")
_CODE: Final = re.compile(rf"([A-Z][0-9]+(?:\.[1-9][0-9]*)?)(?:-?([{ALPHABET}]))?")
_PAGE: Final = re.compile(
    rf"(?P<exam>.+)-(?P<copy>[A-Z][0-9]+(?:\.[1-9][0-9]*)?)-[1-9][0-9]*(?:-[{ALPHABET}]{{8}}|KEY)?"
)


def read_copy_code(text: str, digits: int, exam: str) -> str:
    """Reads a copy code, or the code of one of its pages.

    The check character may be left out; where it is given, it is verified.

    Args:
        text: What somebody typed, e.g. ``e0312``, ``E0312-Y``, ``EO312Y``, ``E0312.1-8``.
        digits: Digits of the copy codes of the batch.
        exam: The exam's id.

    Raises:
        CodeError: It is no copy code, has another check character, or is a page of another exam.
    """
    typed = _DASHES.sub("-", "".join(text.split())).upper()
    if page := _PAGE.fullmatch(typed):
        if page["exam"] != exam.upper():
            raise CodeError(f"{text!r} is a page of {page['exam'].lower()}, not of {exam}")
        return page["copy"]
    length = 1 + digits
    match = _CODE.fullmatch(typed.translate(_FORGIVEN))
    if match and len(match[1].partition(".")[0]) == length + 1 and not match[2]:
        # The check character is a digit, and no hyphen is before it.
        match = _CODE.fullmatch(f"{match[0][:length]}-{match[0][length:]}")
    if match is None or len(match[1].partition(".")[0]) != length:
        example = with_check("E" + "312".rjust(digits, "0"))
        raise CodeError(
            f"{text!r} is no copy code; expected a letter and {digits} digits, and behind them "
            f"the check character where there is one, e.g. {example}"
        )
    code, check = match[1], match[2]
    _, _, reprint = code.partition(".")
    if not check and len(reprint) > 1 and check_character(code[:-1]) == code[-1]:
        return code[:-1]  # likelier than a tenth reprint
    if check and check != check_character(code):
        raise CodeError(
            f"{text!r}: {check} is not the check character of {code}; read the code once more"
        )
    return code
