r"""Formulas in the language of the exam: from ``\text{if } 0.5`` to ``\text{falls } 0{,}5``.

Formulas are made in English with decimal points; here they are put into other words and signs, in
one place and at the last moment.
"""

from __future__ import annotations

import re
from functools import lru_cache

from generator.language.conventions import Conventions

_PIECE = re.compile(
    r"\\text\{(?P<word> and | or |not |if |otherwise|true|false)\}"
    r"|\\(?P<upright>mathrm|operatorname)\{(?P<function>mean|median|len|round)\}(?=\(|_|\\left)"
    r"|\\text\{(?:[^{}]|\{[^{}]*\})*\}"
    r"|(?P<list>, )"
    r"|(?<![\d.])(?P<number>\d+(?:\.\d+)?)(?![\d.])"
)


def localized(tex: str, conventions: Conventions) -> str:
    """A formula in math mode as the exam writes it; texts of the bank in it stay as they are."""
    if conventions.is_plain:
        return tex
    return _PIECE.sub(lambda match: _piece(match, conventions), tex)


def _piece(match: re.Match[str], conventions: Conventions) -> str:
    if match["word"]:
        return rf"\text{{{_word(match['word'], conventions)}}}"
    if match["function"]:
        return rf"\{match['upright']}{{{_word(match['function'], conventions)}}}"
    if match["list"]:
        return conventions.separator
    if match["number"]:
        return conventions.math_digits(match["number"])
    return match[0]


@lru_cache(maxsize=256)
def _word(word: str, conventions: Conventions) -> str:
    bare = word.strip()
    return word.replace(bare, conventions.catalogue.text(f"word.{bare}"))
