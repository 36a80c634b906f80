"""Pieces of TeX that know how tightly they bind, and what they are put together to.

A piece knows what to print instead of itself where it must not begin with a minus sign, and what it
looks like beside another one: so parentheses and dots are set where they are needed, and nowhere
else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from generator.exact.numbers import Value
from generator.expressions.shown_values import ShownDigits

MOST_IN_A_COLUMN: Final = 4
"""Elements up to which a list stands in a column, as a vector does."""

DIGITS: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
"""A number that is printed with digits alone."""

TALL: Final = re.compile(r"\\(frac|begin|sqrt|sum)(?![A-Za-z])")
"""What is higher than a line, so that parentheses around it have to grow."""

_WORDY: Final = ("\\mathrm", "\\text", "\\operatorname", "\\mathit")


class Level(IntEnum):
    """How tightly a piece binds; a looser one inside a tighter one needs parentheses."""

    OR = 0
    AND = 1
    NOT = 2
    RELATION = 3
    REMAINDER = 4
    SUM = 5
    NEGATIVE = 6
    LISTS = 7
    PRODUCT = 8
    TALL = 9
    ATOM = 10


class Look(IntEnum):
    """What a piece looks like beside another one in a product without a sign."""

    SYMBOL = 0
    NUMBER = 1
    WORD = 2
    CALL = 3
    GROUP = 4
    MATRIX = 5


@dataclass(frozen=True, slots=True)
class TexPiece:
    """TeX of a part of a formula.

    Attributes:
        tex: The TeX.
        level: How tightly it binds.
        kind: What it looks like in a product.
        shielded: What to print after an operator, where the TeX begins with a minus sign.
    """

    tex: str
    level: Level = Level.ATOM
    kind: Look = Look.SYMBOL
    shielded: str = ""

    def after_operator(self) -> str:
        """The piece where a leading minus sign would collide with an operator."""
        return self.shielded or self.tex


def shown_set(value: Value, shown: ShownDigits) -> str:
    """A printed list as the set that it stands for."""
    assert isinstance(value, tuple)
    members = [as_shown(*pair).tex for pair in zip(value, shown, strict=True)]
    return rf"\{{{', '.join(members)}\}}"


def shown_tex(value: Value, shown: ShownDigits) -> str:
    """A printed value as TeX for math mode: digits, a text, a column, a matrix."""
    return as_shown(value, shown).tex


def escape_text(text: str) -> str:
    r"""Plain text as the argument of ``\text``, with TeX's special characters made harmless."""
    return "".join(_ESCAPES.get(character, character) for character in text)


_ESCAPES: Final = {
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
    "\n": " ",
}


def as_number(text: str) -> TexPiece:
    """Digits, or a number with its minus sign."""
    if text.startswith("-"):
        return TexPiece(text, Level.NEGATIVE, Look.NUMBER, f"({text})")
    return TexPiece(text, kind=Look.NUMBER)


def as_text(text: str) -> TexPiece:
    """A word."""
    return TexPiece(rf"\text{{{escape_text(text)}}}", kind=Look.WORD)


def as_shown(value: Value, shown: Any) -> TexPiece:
    """A printed value; TeX instead of digits is taken as a symbol would be."""
    if isinstance(value, tuple):
        if len(value) > MOST_IN_A_COLUMN and not isinstance(value[0], tuple):
            listed = [as_shown(*pair).tex for pair in zip(value, shown, strict=True)]
            return TexPiece(in_parentheses(", ".join(listed)), kind=Look.GROUP)
        rows = [
            [as_shown(cell, text).tex for cell, text in zip(item, texts, strict=True)]
            if isinstance(item, tuple)
            else [as_shown(item, texts).tex]
            for item, texts in zip(value, shown, strict=True)
        ]
        return matrix_of(rows)
    if isinstance(value, (str, bool)):
        return as_text(shown)
    return as_number(shown) if DIGITS.fullmatch(shown) else as_symbol(shown)


def as_symbol(tex: str) -> TexPiece:
    """A symbol, looked at closely: the bank may give a name any TeX."""
    outside = _outside_of_braces(tex)
    if tex.startswith("-"):
        return TexPiece(tex, Level.SUM, Look.GROUP, in_parentheses(tex))
    if re.search(r"[-+=<>]", outside):
        return TexPiece(tex, Level.SUM, Look.GROUP)
    kind = Look.WORD if tex.startswith(_WORDY) else Look.SYMBOL
    tall = "^" in outside or "'" in outside or TALL.match(tex)
    return TexPiece(tex, Level.TALL if tall else Level.ATOM, kind)


def _outside_of_braces(tex: str) -> str:
    depth, kept = 0, []
    for character in tex:
        depth += (character == "{") - (character == "}")
        if not depth:
            kept.append(character)
    return "".join(kept)


def in_parentheses(tex: str) -> str:
    """Parentheses that are tall enough; brackets around what has parentheses in it."""
    left, right = ("[", "]") if "(" in tex and "[" not in tex else ("(", ")")
    return rf"\left{left}{tex}\right{right}" if TALL.search(tex) else f"{left}{tex}{right}"


def grouped(piece: TexPiece) -> TexPiece:
    """The piece in parentheses."""
    return TexPiece(in_parentheses(piece.tex), kind=Look.GROUP)


def as_factor(piece: TexPiece) -> TexPiece:
    """The piece in a product."""
    return piece if piece.level >= Level.PRODUCT else grouped(piece)


def wrapped(piece: TexPiece, level: Level, first: bool = True) -> str:
    """The piece where one of this level is needed, at the beginning or after an operator."""
    if piece.level < level:
        return in_parentheses(piece.tex)
    return piece.tex if first else piece.after_operator()


def chain(begin: TexPiece, rest: str, level: Level, kind: Look) -> TexPiece:
    """A chain of operands, which begins with a minus sign if the first one does."""
    shielded = begin.shielded + rest if begin.shielded else ""
    return TexPiece(begin.tex + rest, level, kind, shielded)


def sum_of(terms: Iterable[tuple[str, TexPiece]]) -> TexPiece:
    """Terms with their signs; the first one has none."""
    (_, begin), *others = terms
    rest = ""
    for sign, piece in others:
        # What follows a minus sign is subtracted as a whole.
        level = Level.SUM if sign == "+" else Level.NEGATIVE
        rest += f" {sign} {wrapped(piece, level, first=False)}"
    return chain(begin if begin.level >= Level.SUM else grouped(begin), rest, Level.SUM, Look.GROUP)


def minus(operand: TexPiece) -> TexPiece:
    """The piece with a minus sign before it."""
    tex = f"-{wrapped(operand, Level.NEGATIVE, first=False)}"
    return TexPiece(tex, Level.NEGATIVE, operand.kind, in_parentheses(tex))


def fraction_of(above: TexPiece, below: TexPiece) -> TexPiece:
    """One above the other."""
    return TexPiece(rf"\frac{{{above.tex}}}{{{below.tex}}}", Level.TALL, Look.GROUP)


def power_of(base: TexPiece, exponent: TexPiece) -> TexPiece:
    """The base with its exponent."""
    kind = Look.NUMBER if base.kind is Look.NUMBER else Look.SYMBOL
    return TexPiece(f"{wrapped(base, Level.ATOM)}^{{{exponent.tex}}}", Level.TALL, kind)


def needs_dot(left: TexPiece, right: TexPiece) -> bool:
    """Whether two factors side by side would be misread."""
    if {left.kind, right.kind} & {Look.NUMBER, Look.WORD} or left.tex == right.tex:
        return True
    # A symbol before a parenthesis looks like a function.
    opens = right.after_operator().startswith(("(", "[", r"\left"))
    return opens and left.kind in (Look.SYMBOL, Look.CALL)


def matrix_of(rows: list[list[str]]) -> TexPiece:
    """Rows of cells in parentheses; nothing is the empty set."""
    if not any(rows):
        return TexPiece(r"\emptyset", kind=Look.MATRIX)
    return TexPiece(environment("pmatrix", [" & ".join(row) for row in rows]), kind=Look.MATRIX)


def environment(name: str, rows: Iterable[str]) -> str:
    """Rows in an environment of amsmath."""
    return rf"\begin{{{name}}} " + r" \\ ".join(rows) + rf" \end{{{name}}}"


def subscripted(piece: TexPiece, subscript: str) -> TexPiece:
    """The piece with a subscript, joined to the one that it has."""
    if piece.kind is Look.SYMBOL and (match := re.fullmatch(r"(.*_\{[^{}]*)\}", piece.tex)):
        return TexPiece(f"{match[1]},{subscript}}}", piece.level)
    return TexPiece(f"{wrapped(piece, Level.TALL)}_{{{subscript}}}")


def applied(name: str, *arguments: TexPiece) -> TexPiece:
    """A function with its arguments in parentheses."""
    if len(arguments) == 1 and arguments[0].kind is Look.MATRIX:
        return TexPiece(name + arguments[0].tex, Level.TALL, Look.CALL)
    listed = ", ".join(argument.tex for argument in arguments)
    left, right = (r"\left(", r"\right)") if TALL.search(listed) else ("(", ")")
    return TexPiece(f"{name}{left}{listed}{right}", Level.TALL, Look.CALL)


def bracketed(left: str, tex: str, right: str) -> TexPiece:
    """TeX between brackets of its own, tall where it is."""
    if TALL.search(tex):
        left, right = rf"\left{left}", rf"\right{right}"
    return TexPiece(f"{left} {tex} {right}", kind=Look.CALL)
