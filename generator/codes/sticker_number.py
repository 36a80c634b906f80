"""The number on a student's sticker: it links a paper to a student where no name stands on it.

Nobody can read off the number alone whose it is; exam office and door can, who know the secret.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import Final

from generator.codes.check_character import check_character
from generator.codes.page_code import ALPHABET
from generator.exact.secret import Secret, fields_digest

DIGITS: Final = 7
"""Characters of a number before its check character; 35 bits."""


def sticker_numbers(
    registration_numbers: Iterable[str], secret: Secret, exam: str
) -> dict[str, str]:
    """Registration number to sticker number, e.g. ``7K3M-9QX4``; no two are alike.

    A number is a truncated HMAC under a key of the batch, so it stays when the roster grows and
    tells nothing. The last character is a check character. Copy codes begin with E and a digit and
    have one hyphen near the end; these have one in the middle.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for student in sorted(set(registration_numbers)):
        attempt = 0
        while (number := _number(secret, exam, student, attempt)) in taken:
            attempt += 1
        taken.add(number)
        found[student] = number
    return found


def _number(secret: Secret, exam: str, student: str, attempt: int) -> str:
    digest = fields_digest(secret.allocation_key, "sticker", exam, student, attempt)
    bits = int.from_bytes(digest, "big")
    digits = "".join(ALPHABET[bits >> 5 * place & 31] for place in range(DIGITS))
    text = digits + check_character(digits)
    return f"{text[:4]}-{text[4:]}"


def read_sticker(text: str) -> str | None:
    """A sticker number as somebody typed or scanned it, as it is printed; None if it is none.

    Lower case, O for 0, I and L for 1, and hyphens anywhere are accepted.
    """
    typed = "".join(char for char in text.upper() if char.isalnum())
    typed = typed.translate(str.maketrans("OIL", "011"))
    whole = len(typed) == DIGITS + 1 and all(char in ALPHABET for char in typed)
    if not whole or not hmac.compare_digest(check_character(typed[:-1]), typed[-1]):
        return None
    return f"{typed[:4]}-{typed[4:]}"
