"""Where words may be broken: by the patterns that pyphen has for some forty languages.

TeX has patterns only of languages that are installed with it, and takes them only into a format of
its own. What it takes at any time is a list of words with their places: those of the bank.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

LEAST_LETTERS = 7
"""Shorter words stay whole."""
MOST_WORDS = 6000
"""The longest ones; TeX's table of words holds 8,191."""
_BEFORE, _BEHIND = 3, 3
"""So many letters stay together at either end of a word."""
_LETTERS = "a-zA-ZÀ-ÖØ-öø-ÿĂăĄąĆćČčĎďĐđĘęĚěĞğĹĺĽľŁłŃńŇňŐőŒœŔŕŘřŚśŞşŠšŢţŤťŰűŮůŹźŻżŽž"
"""Letters that are one glyph each; TeX takes no others into its table."""
_WORD = re.compile(rf"(?<![\\\w-])[{_LETTERS}]{{{LEAST_LETTERS},}}(?![\w-])")


def break_places(texts: Iterable[str], language: str) -> tuple[str, ...]:
    """The words of texts with hyphens where they may be broken: ``Wahr-schein-lich-keit``.

    Args:
        language: Code of the language; there is nothing for one without patterns.
    """
    import pyphen

    known = pyphen.language_fallback(language)
    if known is None:
        return ()
    words = {word.lower() for text in texts for word in _WORD.findall(text)}
    longest = sorted(words, key=lambda word: (-len(word), word))[:MOST_WORDS]
    patterns = pyphen.Pyphen(lang=known, left=_BEFORE, right=_BEHIND)
    return tuple(sorted(it for it in map(patterns.inserted, longest) if "-" in it))
