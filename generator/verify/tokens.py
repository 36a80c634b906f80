"""Whether a page shows numbers and letters one after the other: of key cards and sheets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_MINUS = re.compile("[\N{MINUS SIGN}\N{EN DASH}]\\s*(?=[\\d.,])")


def first_missing(tokens: Iterable[str], text: str) -> str | None:
    """The first token that does not follow the ones before it in a text; None if all do.

    Args:
        tokens: Numbers with a hyphen as minus sign, letters, codes.
        text: What was read of a page.
    """
    text = _MINUS.sub("-", text)
    position = 0
    wanted = list(tokens)
    for token, after in zip(wanted, [*wanted[1:], ""], strict=True):
        match = _touching(token, after).match(text, position) if position else None
        match = match or _pattern(token, after).search(text, position)
        if match is None:
            return token
        position = match.end()
    return None


@lru_cache(maxsize=65536)
def _pattern(token: str, after: str) -> re.Pattern[str]:
    """A token as a whole: ``1.5`` is neither in ``-1.5`` nor in ``11.5``.

    Cells that stand close together are read without a blank between them: the next token may follow
    at once.
    """
    return re.compile(rf"(?<![\w.,-]){_touching(token, after).pattern}")


@lru_cache(maxsize=65536)
def _touching(token: str, after: str) -> re.Pattern[str]:
    """The same behind a token that ends where it begins."""
    end = r"(?![.,]?\w)"
    if after:
        end = rf"(?:{end}|(?={_written(after)}))"
    return re.compile(_written(token) + end)


def _written(token: str) -> str:
    # The room between thousands is none or a blank when it is read, and a comma or a point may
    # be read as a line of its own.
    escaped = re.escape(token).replace(r"\ ", r"\s?")
    return escaped.replace(",", r"\s?,\s?").replace(r"\.", r"\s?\.\s?")
