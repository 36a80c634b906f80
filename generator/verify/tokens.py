"""Whether a page shows numbers and letters one after the other: of key cards and sheets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?")
_MINUS = re.compile("[\N{MINUS SIGN}\N{EN DASH}]\\s*(?=[\\d.,]|i(?!\\w))")  # or the imaginary unit


def first_missing(tokens: Iterable[str], text: str) -> str | None:
    """The first token that does not follow the ones before it in a text; None if all do.

    Args:
        tokens: Numbers with a hyphen as minus sign, letters, codes.
        text: What was read of a page.
    """
    text = _MINUS.sub("-", text)
    position = 0
    for token in tokens:
        match = _pattern(token).search(text, position)
        if match is None:
            return token
        position = match.end()
    return None


@lru_cache(maxsize=65536)
def _pattern(token: str) -> re.Pattern[str]:
    """A token as a whole: ``1.5`` is neither in ``-1.5`` nor in ``11.5``."""
    # The room between thousands is none or a blank when it is read, and a comma or a point may
    # be read as a line of its own.
    written = (
        re.escape(token).replace(r"\ ", r"\s?").replace(",", r"\s?,\s?").replace(r"\.", r"\s?\.\s?")
    )
    # Behind a number is its unit, with so little room that none may be read.
    behind = r"[.,]?[0-9]" if _NUMBER.fullmatch(token) else r"[.,]?\w"
    return re.compile(rf"(?<![\w.,-]){written}(?!{behind})")
