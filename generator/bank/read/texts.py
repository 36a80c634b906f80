"""Texts: what is printed, with every name in them checked."""

from __future__ import annotations

import re
from collections.abc import Collection

from generator.bank.read.computed import WhyNot
from generator.bank.read.context import ReadingDesk, Spot
from generator.bank.template import (
    FORMULA,
    Text,
    TextError,
    check_tex,
    name_offset,
    read_text,
    words,
)
from generator.bank.tex_words import refused_words
from generator.bank.yaml import Route

_VERBATIM = re.compile(
    r"\\begin\s*\{\s*(?:[vV]erbatim\*?|BVerbatim|lstlisting|minted|alltt)\s*\}|\\(?:verb|lstinline)(?![a-z])"
)
_QUOTES = {'"`': "\u201e", "\"'": "\u201c"}
_BABEL_QUOTES = re.compile("|".join(_QUOTES))
"""Quotation marks as those who write German in LaTeX type them, and what is meant."""
_IN_LINE = frozenset(
    {"say", "why", "none_of_these", "worked", "label_x", "label_y", "categories", "labels", "gaps"}
)
"""Fields whose texts are set in a line, or in the cell of a table, as are the steps of an order."""
_APART = re.compile(
    r"\\\[|\$\$|\\begin\s*\{\s*(?:itemize|enumerate|description|center|flushleft|flushright|quote|"
    r"quotation|verse|trivlist|displaymath|(?:equation|align|alignat|flalign|gather|multline|"
    r"eqnarray)\*?)\s*\}"
)
"""What stands in lines of its own."""
_ENVIRONMENT = re.compile(r"\\begin\s*\{(.*?)\}.*?\\end\s*\{\1\}", re.DOTALL)
_TO_CODE = (
    "a text cannot print a program as it stands; write its lines in the field code of the "
    "question, where \\, %, { and $ need no care"
)


def paper_text(
    desk: ReadingDesk, route: Route, spot: Spot, source: str, extra: Collection[str] = ()
) -> Text:
    """A text of the paper: it may not print an answer.

    Args:
        extra: Names that it may print besides those of the problem.
    """
    text = _text(desk, route, spot, source, desk.why_secret, extra)
    names = words(source)
    desk.used |= names
    desk.printed |= names
    return text


def key_text(
    desk: ReadingDesk, route: Route, spot: Spot, source: str, extra: Collection[str] = ()
) -> Text:
    """A text of the key alone, in TeX."""
    return _text(desk, route, spot, source, desk.why_unknown, extra)


def plain_text(desk: ReadingDesk, route: Route, spot: Spot, source: str) -> Text:
    """A text of the key's file, which is no TeX but for its formulas."""
    pieces = re.split(f"({FORMULA})", source)
    pieces[::2] = (" " * len(plain) for plain in pieces[::2])
    check_formula(desk, route, "".join(pieces))
    return _text(desk, route, spot, source, desk.why_unknown, (), tex=False)


def fixed_text(desk: ReadingDesk, route: Route, spot: Spot, source: str) -> Text:
    """A text of the paper that is the same in all copies."""
    text = paper_text(desk, route, spot, source)
    for name in sorted(text.names):
        message = f"<< {name} >> cannot stand here: this text is the same in every copy"
        desk.say(route, message, name_offset(source, name))
    return text


def _text(
    desk: ReadingDesk,
    route: Route,
    spot: Spot,
    source: str,
    why_not: WhyNot,
    extra: Collection[str],
    tex: bool = True,
) -> Text:
    line, _ = desk.source.place(route, 0)
    if desk.conventions.language == "de":
        source = _BABEL_QUOTES.sub(lambda sign: _QUOTES[sign[0]], source)
    try:
        if tex:
            check_source(desk, route, source)
        text = read_text(source, line, tex=tex)
    except TextError as error:
        desk.say(route, str(error), error.offset)
        return Text("", line)
    for name in sorted(text.names - set(extra)):
        if (reason := why_not(name, spot)) is not None:
            desk.say(route, reason, name_offset(source, name))
    return text


def check_source(desk: ReadingDesk, route: Route, source: str) -> None:
    """Complains of what a text may not say to TeX.

    Raises:
        TextError: TeX could not read it at all.
    """
    if (verbatim := _VERBATIM.search(source)) is not None:
        raise TextError(_TO_CODE, verbatim.start())
    check_tex(source)
    check_escapes(desk, route)
    for refused in refused_words(source):
        desk.say(route, str(refused), refused.offset)
    apart = _apart(source) if _stands_in_line(route) else None
    if apart is not None:
        message = (
            f"{apart[0]} begins what stands in lines of its own, but this text is set in a line; "
            "write a formula as $\\displaystyle ...$, and put a list into the question"
        )
        desk.say(route, message, apart.start())


def _apart(source: str) -> re.Match[str] | None:
    """What would begin a line of its own; rows of tables and matrices are within one."""
    within = _ENVIRONMENT.sub(lambda it: " " * len(it[0]), source)
    return _APART.search(source) or re.search(r"\\\\|\\newline\b", within)


def _stands_in_line(route: Route) -> bool:
    """Whether a text is set in a line, or in the cell of a table."""
    return not _IN_LINE.isdisjoint(map(str, route)) or "order" in route


def check_formula(desk: ReadingDesk, route: Route, source: str) -> None:
    """Complains of a symbol or a unit that TeX could not read, or may not."""
    try:
        check_source(desk, route, source)
    except TextError as error:
        desk.say(route, str(error), error.offset)


def check_escapes(desk: ReadingDesk, route: Route) -> None:
    """Refuses what YAML reads between double quotes in place of a TeX command."""
    escape = desk.source.escape(route)
    if escape is not None:
        message = f"between double quotes, YAML reads {escape} as a character, not as TeX"
        desk.say(route, f"{message}; double the backslash, or use single quotes")
