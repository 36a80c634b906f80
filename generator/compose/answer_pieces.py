r"""The pieces of an answer in a key, as a block has them: ``\Model{…}``, ``\Working{…}``, …

The class leaves some of them out of the box where there is no room; who reads a key back must know
which piece says what.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_TOKEN = re.compile(r"\\(?P<name>[A-Za-z@]+)|\\.|(?P<brace>[{}])|(?<!\\)%[^\n]*", re.DOTALL)
_PIECES = frozenset(("Model", "Working", "Brief", "Rubric", "RubricItem", "Notes"))
_PARAGRAPHS = frozenset(("Worked", "Fallback", "Accepted", "Mistake"))
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


@lru_cache(maxsize=4096)
def answer_pieces(block: str) -> tuple[tuple[str, str], ...]:
    """The commands of an answer, each with its name; what is in none of them has no name."""
    return tuple(_split(block, _PIECES))


@lru_cache(maxsize=4096)
def paragraphs(piece: str) -> tuple[str, ...]:
    """What of a piece stands in paragraphs of its own, between which a page may end."""
    return tuple(_paragraphs(piece))


def _paragraphs(piece: str) -> Iterator[str]:
    for name, source in _split(_inner(piece), _PARAGRAPHS):
        if name:
            yield source
        else:
            yield from (text for text in _BLANK_LINE.split(source) if text.strip())


def _inner(piece: str) -> str:
    return piece[piece.index("{") + 1 : piece.rindex("}")]


def _split(source: str, names: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Commands of these names that stand in no group, with their arguments, and what is between."""
    depth, start, name = 0, 0, ""
    for token in _TOKEN.finditer(source):
        if token["brace"]:
            depth += 1 if token["brace"] == "{" else -1
        elif not depth and token["name"] in names:
            if source[start : token.start()].strip():
                yield name, source[start : token.start()]
            start, name = token.start(), token["name"]
    if source[start:].strip():
        yield name, source[start:]
