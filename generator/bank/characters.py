"""Which characters papers can show, and what to write in place of others.

What LaTeX knows in its T1 fonts is written down here; what else is set stands in
``latex/variantcharacters.sty``, where a LaTeX user can add to it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any

from generator.bank.yaml import Route, Source
from generator.errors import Complaint
from generator.files.program import LATEX

_T1 = (
    "00A1 00AB 00BB 00BF-00D6 00D8-00F6 00F8-0125 0128-0137 0139-013E 0141-0148 014A-0165 "
    "0168-017E 01C4-01D4 01E2-01E3 01E6-01EB 01F0 01F4-01F5 0218-021B 0232-0233 1E02-1E03 "
    "1E0D 1E1E-1E21 1E25 1E30-1E31 1E37 1E43 1E45 1E47 1E5B 1E63 1E6D 1E8E-1E91 1E9E "
    "1EF2-1EF3 2013-2014 2018-201A 201C-201E 2039-203A 2423 FB00-FB06"
)
"""Letters and quotation marks of the T1 encoding, and letters with its accents."""

_WHOLE = "ĂăĄąĆćČčĎďĐđĘęĚěĞğĲĳİıĹĺĽľŁłŃńŇňŊŋŐőŒœŔŕŘřŚśŞşŠšŢţŤťŰűŮůŸŹźŻżŽž"
"""Of the letters beyond Latin-1, those that are one glyph; others are a letter and an accent."""

_NOT_TYPESET = frozenset(
    ("also_accept", "mistakes", "rooms", "require", "problems", "roster", "right", "wrong")
)
"""Fields that no TeX sets."""

_DECLARED = re.compile(r"\\(?:VC@[a-z]+|DeclareUnicodeCharacter)\{([0-9A-F]{4,5})\}")
_FORMULA = re.compile(
    r"\\VC@(?:math\{([0-9A-F]+)\}|both\{([0-9A-F]+)\}\{[^{}]*\})\{(.*?)\}(?=\\VC@|$)", re.M
)
_SCRIPTS = {
    "CYRILLIC": "Cyrillic letters are in no font of papers; write the word in Latin letters",
    "GREEK": r"write Greek words in Latin letters, and single letters as $\alpha$",
    "HEBREW": "Hebrew letters are in no font of papers; write the word in Latin letters",
    "ARABIC": "Arabic letters are in no font of papers; write the word in Latin letters",
    "CJK": "these letters are in no font of papers; write the word in Latin letters",
}
_UP = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n", strict=True))
_DOWN = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_RAISED = re.compile(f"[{''.join(_UP)}]{{2,}}|[{''.join(_DOWN)}]{{2,}}")


@cache
def known_characters() -> frozenset[str]:
    """Every character beyond ASCII that papers can show."""
    style = (LATEX / "variantcharacters.sty").read_text("utf-8")
    return _letters() | {chr(int(code, 16)) for code in _DECLARED.findall(style)}


@cache
def _letters() -> frozenset[str]:
    """The characters of the T1 encoding, and letters with its accents."""
    pieces = (piece.partition("-") for piece in _T1.split())
    spans = (range(int(first, 16), int(last or first, 16) + 1) for first, _, last in pieces)
    return frozenset(chr(code) for span in spans for code in span)


@cache
def composed_letters() -> frozenset[str]:
    """Letters that are set as two glyphs, which a page that is read back shows as it likes."""
    return frozenset(it for it in _letters() if "\u0100" <= it < "\u1f00" and it not in _WHOLE)


@cache
def formulas() -> dict[int, str]:
    """Code point of a character that is set as a formula to its TeX, for ``str.translate``."""
    style = (LATEX / "variantcharacters.sty").read_text("utf-8")
    found = _FORMULA.findall(style)
    return {int(sign or both, 16): f"{{{tex}}}" for sign, both, tex in found}


def with_joined_scripts(source: str) -> str:
    r"""A text in which digits up or down that follow each other are one exponent: ``10⁻⁵``."""
    if source.isascii():
        return source
    return _RAISED.sub(_one_script, source)


def _one_script(match: re.Match[str]) -> str:
    sign, table = ("^", _UP) if match[0][0] in _UP else ("_", _DOWN)
    return rf"\ensuremath{{{sign}{{{''.join(table[it] for it in match[0])}}}}}"


def check_characters(source: Source, complaints: list[Complaint]) -> None:
    """Complains about every character of a file that papers can't show, once for each text."""
    for route, text in _texts(source.data, ()):
        strange = [it for it in text if not it.isascii() and it not in known_characters()]
        for character in dict.fromkeys(strange):
            complaints.append(source.problem(route, _advice(character), text.index(character)))


def _texts(data: Any, route: Route) -> Iterator[tuple[Route, str]]:
    if isinstance(data, dict):
        for key, value in data.items():
            if key not in _NOT_TYPESET:
                yield from _texts(value, (*route, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _texts(value, (*route, index))
    elif isinstance(data, str) and not data.isascii():
        yield route, data


def _advice(character: str) -> str:
    name = unicodedata.name(character, "a character without a name")
    shown = character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"
    found = f"{shown!r} (U+{ord(character):04X}, {name.lower()}) cannot be set on paper"
    for script, advice in _SCRIPTS.items():
        if name.startswith(script):
            return f"{found}; {advice}"
    plain = unicodedata.normalize("NFKC", character)
    if plain != character and all(it.isascii() or it in known_characters() for it in plain):
        return f"{found}; write {plain!r}" if plain.strip() else f"{found}; write a blank"
    if unicodedata.combining(character):
        return f"{found}; write the letter and its accent as one character"
    return f"{found}; leave it out, or say it in words or in LaTeX"
