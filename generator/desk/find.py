"""Which copy somebody means: a code that was typed, or the code of a page that was scanned."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from generator.codes.check_character import check_character, with_check
from generator.codes.page_code import REFERENCE_CODE, CodeError, parse_payload
from generator.codes.typed_code import read_copy_code
from generator.record.batch import Batch

Why = Literal[
    "none", "check", "foreign", "forged", "reprinted", "withdrawn", "unknown", "reference"
]

_PAYLOAD = re.compile(r"(?P<exam>.+)-(?P<copy>[A-Z][0-9.]+)-(?P<page>[0-9]+)-(?P<tag>[0-9A-Z]{8})")
_TYPED = re.compile(r"(?P<code>[A-Z][0-9]+(?:\.[0-9]+)?)-?(?P<check>[0-9A-Z])")


@dataclass(frozen=True)
class FoundCopy:
    """A copy in use.

    Attributes:
        code: Of the copy, also where it was printed again.
        page: The page that was scanned; 0 where a code was typed.
    """

    code: str
    page: int = 0


@dataclass(frozen=True)
class NotFound:
    """Why there is none.

    Attributes:
        why: ``none`` (no code), ``check`` (another check character), ``foreign`` (another exam),
            ``forged`` (a page code whose tag is not of this batch), ``reprinted`` and ``withdrawn``
            (void), ``unknown`` (never built), or ``reference`` (the reference copy).
        typed: What was typed or scanned.
        about: The code that is meant; of a reprinted copy, the new one; of a foreign one, the exam.
    """

    why: Why
    typed: str
    about: str = ""


def find(batch: Batch, typed: str) -> FoundCopy | NotFound:
    """The copy that somebody means.

    Args:
        typed: A copy code, with or without check character, or what a page's QR symbol says.
    """
    typed = typed.strip()[:200]
    scanned = "".join(typed.split()).upper()
    if match := _PAYLOAD.fullmatch(scanned):
        return _scanned(batch, scanned, match)
    if number := re.fullmatch(r"([0-9]+)(-[0-9A-Za-z])?", typed):
        # All codes begin alike: the number will do.
        typed = f"{REFERENCE_CODE[0]}{number[1].rjust(batch.ledger.digits, '0')}{number[2] or ''}"
    try:
        code = read_copy_code(typed, batch.ledger.digits, batch.exam_id)
    except CodeError:
        return _no_code(batch, typed)
    return _in_use(batch, code, typed)


def _scanned(batch: Batch, payload: str, match: re.Match[str]) -> FoundCopy | NotFound:
    if match["exam"] != batch.exam_id.upper():
        return NotFound("foreign", payload, match["exam"].lower())
    try:
        page = parse_payload(payload, batch.secret.tag_key)
    except CodeError:
        why: Why = "reference" if match["copy"] == REFERENCE_CODE else "forged"
        return NotFound(why, payload, match["copy"])
    found = _in_use(batch, page.copy, payload)
    return FoundCopy(found.code, page.page) if isinstance(found, FoundCopy) else found


def _no_code(batch: Batch, typed: str) -> NotFound:
    """Whether it is a code with another check character, a foreign page, or no code at all."""
    plain = "".join(typed.split()).upper()
    foreign = re.fullmatch(r"(?P<exam>[A-Z0-9-]+)-[A-Z][0-9.]+-[0-9]+(-[0-9A-Z]{8}|KEY)?", plain)
    if foreign and foreign["exam"] != batch.exam_id.upper():
        return NotFound("foreign", typed, foreign["exam"].lower())
    match = _TYPED.fullmatch(plain.translate(str.maketrans("OIL", "011")))
    is_code = match and len(match["code"].partition(".")[0]) == 1 + batch.ledger.digits
    if match and is_code and check_character(match["code"]) != match["check"]:
        return NotFound("check", typed, match["code"])
    return NotFound("none", typed, with_check("E" + "312".rjust(batch.ledger.digits, "0")))


def _in_use(batch: Batch, code: str, typed: str) -> FoundCopy | NotFound:
    own = code.partition(".")[0]
    if code == REFERENCE_CODE:
        return NotFound("reference", typed, code)
    if (new := batch.ledger.voided().get(code)) is not None:
        return NotFound("reprinted", typed, new)
    if own in batch.ledger.withdrawn():
        return NotFound("withdrawn", typed, code)
    if own not in batch.codes() or (code != own and code not in batch.reprints):
        return NotFound("unknown", typed, code)
    return FoundCopy(code)
