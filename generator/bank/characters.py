"""Which characters papers can show, and what to write in place of others.

What LaTeX knows in its T1 fonts is written down here; what else is set stands in
``latex/variantcharacters.sty``, where a LaTeX user can add to it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
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

_NOT_TYPESET = frozenset(("rooms", "require", "problems", "roster", "right", "wrong"))
"""Fields that no TeX sets."""

_DECLARED = re.compile(r"\\(?:VC@[a-z]+|DeclareUnicodeCharacter)\{([0-9A-F]{4,5})\}")
_FORMULA = re.compile(
    r"\\VC@(?:math\{([0-9A-F]+)\}|both\{([0-9A-F]+)\}\{[^{}]*\})\{(.*?)\}(?=\\VC@|$)", re.M
)
_WITHOUT_CASE = "Lo"
"""Letters of scripts without large and small ones: Hebrew, Arabic, Chinese, Thai and others."""
_IN_WORDS = {_WITHOUT_CASE, "Lm", "Mn", "Mc"}
_OTHER_LETTERS = ("0250-02AF", "02B0-02B8", "02C8-02D1", "0370-03FF", "0400-04FF", "1F00-1FFF")
"""Phonetic signs, Greek, Cyrillic, and Greek with the accents of old: fonts are made of them when
they are used."""
_GREEK = "\u0370-\u03ff\u1f00-\u1fff"
_GREEK_WORDS = re.compile(
    rf"<<.*?>>|<%.*?%>|<#.*?#>|(?<![\\^_{_GREEK}])([{_GREEK}]+(?:[\s.,;:!?()·«»'’–-]+[{_GREEK}]+)*)",
    re.DOTALL,
)
_WORD = re.compile(rf"[{_GREEK}]{{3,}}|(?![α-ρσ-ωΑ-Ωϑϕϵ])[{_GREEK}]")
"""Three Greek letters in a row are a word, and so is one with an accent; others are signs of a
formula, unless such a word stands beside them."""
_COMMENT = re.compile(r"(?<!\\)%[^\n]*")
_MARKED = re.compile(r"\\GreekWords\{([^{}]*)\}")
_UP = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n", strict=True))
_DOWN = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋ₙₘ", "0123456789+-nm", strict=True))
_RAISED = re.compile(f"[{''.join(_UP)}]{{2,}}|[{''.join(_DOWN)}]{{2,}}")


@cache
def known_characters() -> frozenset[str]:
    """Every character beyond ASCII that papers can show."""
    style = (LATEX / "variantcharacters.sty").read_text("utf-8")
    declared = {chr(int(code, 16)) for code in _DECLARED.findall(style)}
    return _letters() | other_letters() | declared


@cache
def other_letters() -> frozenset[str]:
    """The letters of other scripts, whose fonts are made where a bank has any."""
    marks = {"Mn", "Me", "Cn"}
    scripts = ("GREEK", "CYRILLIC", "LATIN", "MODIFIER LETTER")
    found = (
        chr(code)
        for first, last in (span.split("-") for span in _OTHER_LETTERS)
        for code in range(int(first, 16), int(last, 16) + 1)
    )
    return frozenset(
        it
        for it in found
        if unicodedata.category(it) not in marks
        and unicodedata.name(it).startswith(scripts)
        and unicodedata.normalize("NFC", it) == it
    )


@cache
def whole_letters() -> frozenset[str]:
    """Letters beyond Latin that are one glyph each, and Vietnamese ones: pages show them whole."""
    style = (LATEX / "variantcharacters.sty").read_text("utf-8")
    vietnamese = (chr(int(code, 16)) for code in re.findall(r"\\VC@viet\{([0-9A-F]+)", style))
    variants = (it for it in other_letters() if unicodedata.normalize("NFKC", it) != it)
    return other_letters().union(vietnamese).difference(variants)


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


def with_formula_signs(line: str) -> str:
    """A line of a listing, which is text throughout, with signs of formulas in formulas."""
    if line.isascii():
        return line
    line = composed(line)
    words = {
        at for it in _GREEK_WORDS.finditer(line) if _has_word(it[1]) for at in range(*it.span())
    }
    pieces = (
        f"${sign}$" if sign in _formula_signs() and at not in words else sign
        for at, sign in enumerate(line)
    )
    return "".join(pieces).replace("$$", "")


@cache
def _formula_signs() -> frozenset[str]:
    """The characters that are set as formulas in a text, too."""
    style = (LATEX / "variantcharacters.sty").read_text("utf-8")
    return frozenset(chr(int(sign, 16)) for sign, both, _ in _FORMULA.findall(style) if sign)


def as_set(source: str) -> str:
    """A text as it is set: letters with their accents, exponents joined, Greek words marked."""
    if source.isascii():
        return source
    return with_greek_words(with_joined_scripts(composed(source)))


def composed(text: str) -> str:
    """A text in which a letter and its accents are one character, however it was typed."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def with_joined_scripts(source: str) -> str:
    r"""A text in which digits up or down that follow each other are one exponent: ``10⁻⁵``."""
    return _RAISED.sub(_one_script, source)


def with_greek_words(source: str) -> str:
    r"""A text in which Greek words are told from the signs of formulas: ``\GreekWords{λόγος}``."""
    return _GREEK_WORDS.sub(
        lambda match: rf"\GreekWords{{{match[1]}}}" if _has_word(match[1]) else match[0], source
    )


def as_written(source: str) -> str:
    """A text that is set, as its author wrote it, for those who read it without TeX."""
    return _MARKED.sub(r"\1", source) if "\\" in source else source


def _has_word(greek: str | None) -> bool:
    return greek is not None and _WORD.search(greek) is not None


def word_letters(texts: Iterable[str]) -> str:
    """The letters of texts that need a font of their own, sorted."""
    found: set[str] = set()
    for text in map(composed, texts):
        if not text.isascii():
            found.update(it for it in text if it in other_letters() and ord(it) not in formulas())
            found.update(*(m[1] for m in _GREEK_WORDS.finditer(text) if _has_word(m[1])))
    return "".join(sorted(found & other_letters()))


def texts_of(data: Any) -> Iterator[str]:
    """All texts of a file that papers, keys or cards may show, but for those in ASCII."""
    return (text for _, text in _texts(data, ()))


def _one_script(match: re.Match[str]) -> str:
    sign, table = ("^", _UP) if match[0][0] in _UP else ("_", _DOWN)
    return rf"\ensuremath{{{sign}{{{''.join(table[it] for it in match[0])}}}}}"


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""What escapes between double quotes may make: ``\\a`` of ``\\alpha``."""


def check_characters(source: Source, complaints: list[Complaint]) -> None:
    """Complains about every character of a file that papers can't show, once for each text."""
    for route, text in _texts(source.data, ()):
        for strange in dict.fromkeys(_strange(composed(text))):
            complaints.append(
                source.problem(route, _advice(strange), composed(text).index(strange))
            )


def _strange(text: str) -> Iterator[str]:
    """The characters that papers cannot show; of scripts without case, whole words."""
    word = ""
    for character in (*text, ""):
        is_known = character.isascii() and not _CONTROL.match(character)
        is_unknown = not is_known and character not in known_characters()
        category = unicodedata.category(character) if is_unknown else ""
        if category == _WITHOUT_CASE or (word and category in _IN_WORDS):
            word += character
            continue
        if word:
            yield word
        word = ""
        if is_unknown:
            yield character


def figure_text(content: bytes) -> str:
    """What a file of TeX sets, line by line: without its comments."""
    return _COMMENT.sub("", content.decode("utf-8", "replace"))


def check_figure(path: str, content: bytes, complaints: list[Complaint]) -> None:
    """Complains about every character of a figure's file that figures can't show, once for each."""
    told: set[str] = set()
    for number, line in enumerate(composed(figure_text(content)).splitlines(), 1):
        for column, character in enumerate(line, 1):
            if character.isascii() or character in known_characters() or character in told:
                continue
            told.add(character)
            unread = character == "\N{REPLACEMENT CHARACTER}"
            message = "this is not UTF-8; save the file as UTF-8" if unread else _advice(character)
            complaints.append(Complaint(path, number, column, "", message))


def _texts(data: Any, route: Route) -> Iterator[tuple[Route, str]]:
    if isinstance(data, dict):
        for key, value in data.items():
            if key not in _NOT_TYPESET:
                yield from _texts(value, (*route, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _texts(value, (*route, index))
    elif isinstance(data, str) and (not data.isascii() or _CONTROL.search(data)):
        yield route, data


def _advice(strange: str) -> str:
    """What is wrong with a character, or a word, and what to do."""
    character = strange[0]
    if unicodedata.category(character) == _WITHOUT_CASE:
        script = unicodedata.name(character, "such").split()[0]
        script = "Chinese" if script == "CJK" else script.capitalize()
        return (
            f"{strange!r} (U+{ord(character):04X}) cannot be set on paper; papers have no {script} "
            "letters; write the word in Latin letters, or show it as an image"
        )
    if _CONTROL.match(character):
        found = f"the character U+{ord(character):04X} cannot be set on paper"
        return f"{found}; for a backslash between double quotes write two, or use single quotes"
    name = unicodedata.name(character, "a character without a name")
    shown = character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"
    found = f"{shown!r} (U+{ord(character):04X}, {name.lower()}) cannot be set on paper"
    plain = unicodedata.normalize("NFKC", character)
    if plain != character and all(it.isascii() or it in known_characters() for it in plain):
        return f"{found}; write {plain!r}" if plain.strip() else f"{found}; write a blank"
    if unicodedata.combining(character):
        return f"{found}; write the letter and its accent as one character"
    return f"{found}; leave it out, or say it in words or in LaTeX"
