"""Calls of functions in the notation that their entry in the table of functions names."""

from __future__ import annotations

import re
from typing import Final

from generator.expressions.functions import Fenced, Infix, Named, Notation, Pattern, Postfix
from generator.expressions.tex_pieces import (
    Level,
    Look,
    TexPiece,
    applied,
    as_number,
    bracketed,
    chain,
    grouped,
    wrapped,
)


def write_call(notation: Notation, pieces: list[TexPiece]) -> TexPiece:
    """A call in its notation."""
    result: TexPiece
    match notation:
        case Named(tex=tex):
            result = applied(tex, *pieces)
        case Fenced(left=left, right=right):
            result = bracketed(left, pieces[0].tex, right)
        case Pattern():
            result = filled_in(notation, pieces)
        case Postfix(tex=tex):
            result = TexPiece(wrapped(pieces[0], Level.ATOM) + tex, Level.TALL, Look.CALL)
        case Infix():
            result = infix_of(notation, *pieces)
    return result


_PLACE: Final = re.compile(r"\{#([0-9])\}|\\left\(#([0-9])\\right\)|#([0-9])")


def filled_in(pattern: Pattern, pieces: list[TexPiece]) -> TexPiece:
    """A pattern with its arguments, in parentheses where no braces and no others enclose them."""

    def fill(match: re.Match[str]) -> str:
        enclosed = match[1] or match[2]
        piece = pieces[int(enclosed or match[3]) - 1]
        if not enclosed:
            return wrapped(piece, Level.ATOM)
        return f"{{{piece.tex}}}" if match[1] else rf"\left({piece.tex}\right)"

    tex = pattern.shorter if pattern.shorter and len(pieces) == 1 else pattern.tex
    if len(pieces) < _arguments(tex):
        # mu is given, sigma is 1.
        pieces = [*pieces, as_number("1")]
    level = Level.SUM if pattern.loose else Level.PRODUCT if r"\cdot" in tex else Level.TALL
    kind = Look.GROUP if pattern.loose else Look.CALL
    return TexPiece(_PLACE.sub(fill, tex), level, kind)


def _arguments(tex: str) -> int:
    return max((int(digit) for digit in re.findall("#([0-9])", tex)), default=0)


def infix_of(notation: Infix, left: TexPiece, right: TexPiece) -> TexPiece:
    """An operator between its operands."""
    begin = left if left.level >= Level.LISTS else grouped(left)
    rest = f" {notation.tex} {wrapped(right, Level.TALL, first=False)}"
    return chain(begin, rest, Level.REMAINDER, Look.GROUP)
