"""Whether a page shows numbers and letters one after the other: of key cards and sheets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?")
_GROUPED = re.compile(r"-?[0-9]+([., '][0-9]+)*")
_MONEY = r"(?:[€$£¥]|[A-Z]{2,3}(?=\s?\d))"
"""What may stand before the digits of a price, behind its minus."""
_MINUS = re.compile(f"[\N{MINUS SIGN}\N{EN DASH}]\\s*(?=[\\d.,]|{_MONEY}|i(?!\\w))")  # i: imaginary


def first_missing(tokens: Iterable[str], text: str) -> str | None:
    """The first token that does not follow the ones before it in a text; None if all do.

    Args:
        tokens: Numbers with a hyphen as minus sign, letters, codes.
        text: What was read of a page.
    """
    text, tokens = _MINUS.sub("-", text), tuple(tokens)
    if are_written_alike(tokens, text):
        return None
    position = 0
    for token in tokens:
        match = _pattern(token).search(text, position)
        if match is None:
            return token
        position = match.end()
    return None


def are_written_alike(tokens: Iterable[str], text: str) -> bool:
    """Whether all tokens follow each other as they are written, each by itself.

    So it is on most pages, and takes a fraction of the time of patterns.
    """
    position = 0
    for token in tokens:
        start = text.find(token, position)
        while start >= 0 and not _is_alone(text, start, start + len(token)):
            start = text.find(token, start + 1)
        if start < 0:
            return False
        position = start + len(token)
    return True


def _is_alone(text: str, start: int, end: int) -> bool:
    """Whether a piece of a text is no part of something longer; a blank or the end is behind it."""
    before, behind = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() or (before and before in "_.,-€$£¥")) and not behind.strip()


@lru_cache(maxsize=65536)
def _pattern(token: str) -> re.Pattern[str]:
    """A token as a whole: ``1.5`` is neither in ``-1.5`` nor in ``11.5``."""
    # The room between thousands is none or a blank when it is read, and a comma or a point may
    # be read as a line of its own.
    written = (
        re.escape(token).replace(r"\ ", r"\s?").replace(",", r"\s?,\s?").replace(r"\.", r"\s?\.\s?")
    ).replace("'", "['\N{RIGHT SINGLE QUOTATION MARK}]")
    # Behind a number is its unit, with so little room that none may be read.
    behind = r"[.,]?[0-9]" if _NUMBER.fullmatch(token) else r"[.,]?\w"
    if not _GROUPED.fullmatch(token):
        return re.compile(rf"(?<![\w.,-]){written}(?!{behind})")
    sign = r"-\s?" if token.startswith("-") else ""
    digits = written.removeprefix(r"\-")
    return re.compile(rf"(?<![\w.,€$£¥-]){sign}(?:{_MONEY}\s?)?{digits}(?!{behind})")
