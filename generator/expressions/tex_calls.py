"""Calls of functions that are printed in a way of their own: sums, roots, products of lists.

Each takes who prints the arguments, and the nodes of these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol, TypeAlias

from generator.exact.numbers import MAX_PLACES, Value, format_number, places
from generator.expressions.conversion import RAISED, conversion_factor
from generator.expressions.elementary import mean
from generator.expressions.evaluate import compile_tree
from generator.expressions.nodes import Comprehension, Node, Number, TextLiteral
from generator.expressions.shown_values import print_value
from generator.expressions.tex_pieces import (
    TALL,
    Level,
    Look,
    TexPiece,
    applied,
    as_number,
    as_shown,
    as_text,
    bracketed,
    chain,
    fraction_of,
    grouped,
    matrix_of,
    power_of,
    subscripted,
    sum_of,
    wrapped,
)

SHORT_EXPONENT: Final = 24
"""Characters of TeX up to which exp is set as a power of e."""

SQUARE: Final = 2


class Renderer(Protocol):
    """Who prints the arguments: with symbols, or with the values of a copy where there are any."""

    values: Mapping[str, Value] | None

    def piece(self, node: Node) -> TexPiece:
        """A tree."""

    def elements(self, node: Node) -> list[TexPiece] | None:
        """The elements of a list, where they are written down or have numbers."""

    def dotted(self, pieces: list[TexPiece]) -> list[TexPiece]:
        """Many things, with dots in place of those in the middle."""

    def product(self, factors: Iterable[TexPiece]) -> TexPiece:
        """One sign for a whole product."""

    def under_a_sum(self, node: Comprehension) -> str:
        """What stands below the sign of a sum, and above it."""


_Call: TypeAlias = Callable[..., TexPiece]


def _named(tex: str) -> _Call:
    return lambda renderer, *nodes: applied(tex, *map(renderer.piece, nodes))


def _relu(renderer: Renderer, node: Node) -> TexPiece:
    return applied(r"\max", as_number("0"), renderer.piece(node))


def _extreme(tex: str) -> _Call:
    def print_call(renderer: Renderer, *nodes: Node) -> TexPiece:
        listed = renderer.elements(nodes[0]) if len(nodes) == 1 else map(renderer.piece, nodes)
        return applied(tex, *(listed or [renderer.piece(nodes[0])]))

    return print_call


def _total(renderer: Renderer, node: Node) -> TexPiece:
    elements = renderer.elements(node)
    if elements:
        return sum_of(("+", element) for element in renderer.dotted(elements))
    if isinstance(node, Comprehension):
        if elements is not None:
            return as_number("0")
        body = wrapped(renderer.piece(node.element), Level.PRODUCT)
        return TexPiece(rf"\sum{renderer.under_a_sum(node)} {body}", Level.SUM, Look.GROUP)
    inner = subscripted(renderer.piece(node), "i")
    return TexPiece(rf"\sum_{{i}} {inner.tex}", Level.SUM, Look.GROUP)


def _mean(renderer: Renderer, node: Node) -> TexPiece:
    elements = renderer.elements(node)
    if elements:
        above = sum_of(("+", element) for element in renderer.dotted(elements))
        return fraction_of(above, as_number(str(len(elements))))
    return applied(r"\mathrm{mean}", renderer.piece(node))


def _variance(renderer: Renderer, node: Node) -> TexPiece:
    elements = renderer.elements(node)
    if not elements:
        return applied(r"\mathrm{Var}", renderer.piece(node))
    if renderer.values is None:
        return applied(r"\mathrm{Var}", *elements)
    value = mean(compile_tree(node)(renderer.values))
    center = as_shown(value, print_value(value))
    squares = [power_of(sum_of([("+", item), ("-", center)]), as_number("2")) for item in elements]
    above = sum_of(("+", square) for square in renderer.dotted(squares))
    return fraction_of(above, as_number(str(len(elements))))


def _exponential(renderer: Renderer, node: Node) -> TexPiece:
    argument = renderer.piece(node)
    simple = not TALL.search(argument.tex) and "^" not in argument.tex
    if simple and len(argument.tex) <= SHORT_EXPONENT:
        return TexPiece(f"e^{{{argument.tex}}}", Level.TALL)
    return applied(r"\exp", argument)


def _dot(renderer: Renderer, left: Node, right: Node) -> TexPiece:
    first, second = renderer.elements(left), renderer.elements(right)
    if first and second:
        products = [renderer.product(pair) for pair in zip(first, second, strict=True)]
        return sum_of(("+", product) for product in renderer.dotted(products))
    return _joined(r" \cdot ", renderer.piece(left), renderer.piece(right))


def _matmul(renderer: Renderer, left: Node, right: Node) -> TexPiece:
    row = renderer.elements(left)
    first = matrix_of([[piece.tex for piece in row]]) if row else renderer.piece(left)
    return _joined(" ", first, renderer.piece(right))


def _hadamard(renderer: Renderer, left: Node, right: Node) -> TexPiece:
    return _joined(r" \odot ", renderer.piece(left), renderer.piece(right))


def _joined(sign: str, left: TexPiece, right: TexPiece) -> TexPiece:
    """A product of lists; the order of operations stays visible, it is not taken apart."""
    begin = left if left.level >= Level.NEGATIVE else grouped(left)
    return chain(begin, sign + wrapped(right, Level.TALL, first=False), Level.LISTS, Look.GROUP)


def _transpose(renderer: Renderer, node: Node) -> TexPiece:
    return TexPiece(rf"{wrapped(renderer.piece(node), Level.ATOM)}^{{\top}}", Level.TALL)


def root_of(renderer: Renderer, node: Node, degree: Node | None = None) -> TexPiece:
    """A root; the degree of a square root is not written."""
    square = degree is None or (isinstance(degree, Number) and degree.value == SQUARE)
    written = f"[{renderer.piece(degree).tex}]" if degree and not square else ""
    return TexPiece(rf"\sqrt{written}{{{renderer.piece(node).tex}}}", Level.TALL, Look.CALL)


def _quotient(renderer: Renderer, left: Node, right: Node) -> TexPiece:
    whole = fraction_of(renderer.piece(left), renderer.piece(right))
    return bracketed(r"\lfloor", whole.tex, r"\rfloor")


def _logarithm(renderer: Renderer, node: Node, base: Node | None = None) -> TexPiece:
    subscript = f"_{{{renderer.piece(base).tex}}}" if base else ""
    return applied(rf"\log{subscript}", renderer.piece(node))


def _between(left: str, right: str) -> _Call:
    return lambda renderer, node: bracketed(left, renderer.piece(node).tex, right)


def _conversion(renderer: Renderer, node: Node, old: Node, new: Node) -> TexPiece:
    if renderer.values is None:
        factor = fraction_of(_unit(renderer, old), _unit(renderer, new))
    else:
        size = conversion_factor(*(compile_tree(unit)(renderer.values) for unit in (old, new)))
        whole, parts = (as_number(str(number)) for number in (size.numerator, size.denominator))
        count = places(size)
        short = count is not None and count <= MAX_PLACES
        factor = as_number(format_number(size)) if short else fraction_of(whole, parts)
    return renderer.product([renderer.piece(node), factor])


_POWER: Final = re.compile(
    r"([^^\u00b9\u00b2\u00b3\u2074\u207b]+)(?:\^?(-?\d|[\u00b9\u00b2\u00b3\u2074\u207b]+))?"
)


def _unit(renderer: Renderer, node: Node) -> TexPiece:
    """A unit, its powers as those of formulas, which have a size in each place."""
    if not isinstance(node, TextLiteral):
        return renderer.piece(node)
    tex = ""
    for name, power in _POWER.findall(node.value):
        tex += as_text(name).tex
        tex += f"^{{{power.translate(RAISED)}}}" if power else ""
    return TexPiece(tex, Level.TALL)


def _indicator(renderer: Renderer, node: Node) -> TexPiece:
    return _one_if(renderer.piece(node).tex)


def _step(renderer: Renderer, node: Node) -> TexPiece:
    return _one_if(f"{renderer.piece(node).tex} > 0")


def _one_if(tex: str) -> TexPiece:
    # Bold, not blackboard bold: the AMS fonts have no blackboard digits.
    left, right = (r"\left[", r"\right]") if TALL.search(tex) else ("[", "]")
    return TexPiece(rf"\mathbf{{1}}{left}{tex}{right}", Level.TALL, Look.CALL)


def _rounded(renderer: Renderer, node: Node, decimals: Node | None = None) -> TexPiece:
    subscript = f"_{{{renderer.piece(decimals).tex}}}" if decimals else ""
    return applied(rf"\mathrm{{round}}{subscript}", renderer.piece(node))


def _length(renderer: Renderer, node: Node) -> TexPiece:
    elements = renderer.elements(node)
    if elements and renderer.values is not None:
        return as_number(str(len(elements)))
    return applied(r"\mathrm{len}", renderer.piece(node))


CALLS: Final[dict[str, _Call]] = {
    "relu": _relu,
    "abs": _between(r"\lvert", r"\rvert"),
    "min": _extreme(r"\min"),
    "max": _extreme(r"\max"),
    "sum": _total,
    "mean": _mean,
    "var": _variance,
    "sqrt": root_of,
    "exp": _exponential,
    "log": _logarithm,
    "div": _quotient,
    "tanh": _named(r"\tanh"),
    "sigmoid": _named(r"\sigma"),
    "softmax": _named(r"\mathrm{softmax}"),
    "dot": _dot,
    "hadamard": _hadamard,
    "matmul": _matmul,
    "transpose": _transpose,
    "floor": _between(r"\lfloor", r"\rfloor"),
    "ceil": _between(r"\lceil", r"\rceil"),
    "round": _rounded,
    "sign": _named(r"\mathrm{sign}"),
    "step": _step,
    "indicator": _indicator,
    "convert": _conversion,
    "len": _length,
}
