r"""Tree to TeX, as a textbook would print it: with symbols, or with a copy's numbers.

A piece of TeX knows how tightly it binds and what to print instead of itself where it must not
begin with a minus sign, so that parentheses are set where they are needed and nowhere else:
``2.0 \cdot 1.0 + (-1.0) \cdot 0.5``. Needs amsmath and amssymb.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import Any, Final, TypeAlias

from generator.exact.numbers import (
    GUARDED,
    MAX_PLACES,
    Complex,
    NumberError,
    Value,
    exact,
    format_number,
    format_significant,
    joined_parts,
    parse_number,
    places,
)
from generator.expressions.conversion import conversion_factor
from generator.expressions.elementary import mean
from generator.expressions.evaluate import Bound, compile_tree
from generator.expressions.functions import (
    FUNCTIONS,
    Fenced,
    Infix,
    Named,
    Notation,
    Pattern,
    Postfix,
    Through,
)
from generator.expressions.nodes import (
    Binary,
    Call,
    Comparison,
    Comprehension,
    Conditional,
    Constant,
    Index,
    Logical,
    Member,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Slice,
    Text,
    Truth,
    Vector,
)
from generator.expressions.operations import condition, element, integer
from generator.expressions.symbols import default_symbol

Shown: TypeAlias = str | tuple["Shown", ...]
"""A value as it is printed: digits such as ``-1.5``; of a list a tuple of such."""


class Printed(str):
    r"""A printed number in TeX that is not just digits, such as ``\frac{1}{33}``.

    Attributes:
        number: What is read from it.
    """

    number: Fraction

    @classmethod
    def of(cls, tex: str, number: Fraction) -> Printed:
        """The TeX of a number."""
        made = cls(tex)
        made.number = number
        return made


SIGNIFICANT: Final = 6
"""Significant digits of a number that has no short decimal expansion."""

IMAGINARY: Final = r"\,\mathrm{i}"
"""The imaginary unit behind a number, in TeX's math mode."""

SHORT_EXPONENT: Final = 24
"""Characters of TeX up to which exp is set as a power of e."""

SQUARE: Final = 2
MOST_WRITTEN_OUT: Final = 12
"""Terms of a sum that are all written out; of more there are dots in the middle."""

MOST_IN_SHORT: Final = 4
"""The same where the author wants it short."""

MOST_ARGUMENTS: Final = 24
"""Members of a list that are all written out where a function is applied to it."""

MOST_IN_A_COLUMN: Final = 4
"""Elements up to which a list stands in a column, as a vector does."""

_CONSTANTS: Final = {"pi": r"\pi", "e": "e"}
_DIGITS: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
SETS: Final = frozenset(("union", "intersection", "without", "unique"))
"""Functions whose lists are sets, and printed in braces."""

_LOOKED_UP: Final = frozenset(("weights", "sorted", "reversed", "unique"))
"""Functions whose result is nothing but members of a list: the members are written."""

_TALL: Final = re.compile(r"\\(frac|begin|sqrt|sum)(?![A-Za-z])")
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


class Kind(IntEnum):
    """What a piece looks like beside another one in a product without a sign."""

    SYMBOL = 0
    NUMBER = 1
    WORD = 2
    CALL = 3
    GROUP = 4
    MATRIX = 5


@dataclass(frozen=True, slots=True)
class Piece:
    """TeX of a part of a formula.

    Attributes:
        tex: The TeX.
        level: How tightly it binds.
        kind: What it looks like in a product.
        shielded: What to print after an operator, where the TeX begins with a minus sign.
    """

    tex: str
    level: Level = Level.ATOM
    kind: Kind = Kind.SYMBOL
    shielded: str = ""

    def after_operator(self) -> str:
        """The piece where a leading minus sign would collide with an operator."""
        return self.shielded or self.tex


def symbolic(node: Node, symbols: Mapping[str, str], *, short: bool = False) -> str:
    """A tree with the symbols of its names; `default_symbol` for those that have none.

    Args:
        short: Of more than four terms, those in the middle are dots.
    """
    return _Renderer(symbols, short=short).piece(node).tex


def substituted(node: Node, values: Mapping[str, Value], shown: Mapping[str, Shown]) -> str:
    """A tree with numbers in place of its names; of a conditional only the branch that is taken.

    Args:
        node: The tree.
        values: The values of its names.
        shown: How they are printed; those that are missing as `print_value` does.
    """
    return substituted_exactly(node, values, shown)[0]


def substituted_exactly(
    node: Node, values: Mapping[str, Value], shown: Mapping[str, Shown], *, short: bool = False
) -> tuple[str, bool]:
    """The same, and whether no number that was computed on the way had to be rounded."""
    renderer = _Renderer({}, values, shown, short=short)
    tex = renderer.piece(node).tex
    return tex, not renderer.rounded


def is_exact(value: Value, shown: Shown) -> bool:
    """Whether a value is printed with all of its digits, but for the guard digits of a decimal."""
    if isinstance(value, tuple):
        return all(map(is_exact, value, shown))
    if isinstance(value, (bool, str, Complex)) or not isinstance(shown, str):
        return True
    try:
        printed = shown.number if isinstance(shown, Printed) else parse_number(shown)
    except NumberError:
        return True  # TeX of the bank's own, e.g. a fraction
    return printed == exact(GUARDED.plus(value) if isinstance(value, Decimal) else value)


def print_value(
    value: Value,
    min_decimals: int = 0,
    decimals: int | None = None,
    significant: int | None = None,
) -> Shown:
    """A value as it is printed; without a stated rounding exactly, if it is short enough.

    A number with more than 12 decimal places is printed with 6 significant digits.
    """
    if isinstance(value, tuple):
        return tuple(print_value(item, min_decimals, decimals, significant) for item in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, Complex):
        return joined_parts(
            value, lambda part: _print_number(part, min_decimals, decimals, significant), IMAGINARY
        )
    return _print_number(value, min_decimals, decimals, significant)


def _print_number(
    value: Fraction | Decimal, min_decimals: int, decimals: int | None, significant: int | None
) -> str:
    if decimals is not None:
        return format_number(value, decimals=decimals)
    if significant is not None:
        return format_significant(value, significant)
    own = places(value)
    if own is not None and own <= MAX_PLACES:
        return format_number(value, min_decimals)
    return format_significant(value, SIGNIFICANT)


def shown_set(value: Value, shown: Shown) -> str:
    """A printed list as the set that it stands for."""
    assert isinstance(value, tuple)
    members = [_shown(*pair).tex for pair in zip(value, shown, strict=True)]
    return rf"\{{{', '.join(members)}\}}"


def shown_tex(value: Value, shown: Shown) -> str:
    """A printed value as TeX for math mode: digits, a text, a column, a matrix."""
    return _shown(value, shown).tex


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

_RELATIONS: Final = {"<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "==": "=", "!=": r"\ne"}


class _Renderer:
    """Walks a tree; with values it prints numbers and decides the branches, else symbols."""

    def __init__(
        self,
        symbols: Mapping[str, str],
        values: Mapping[str, Value] | None = None,
        shown: Mapping[str, Shown] | None = None,
        *,
        short: bool = False,
    ) -> None:
        self.symbols, self.values, self.shown = symbols, values, shown or {}
        self.rounded = False
        self.short = short

    def piece(self, node: Node) -> Piece:
        result: Piece
        match node:
            case Number(digits=digits, value=value):
                result = _digits(digits if _DIGITS.fullmatch(digits) else format_number(value))
            case Truth(value=truth):
                result = _text("true" if truth else "false")
            case Slice():
                result = self.slice(node)
            case Comprehension():
                result = self.comprehension(node)
            case Text(value=text):
                result = _text(text)
            case Name(name=name):
                result = self.name(name)
            case Constant(name=name):
                result = Piece(_CONSTANTS[name])
            case Vector():
                result = self.column(node)
            case Index():
                result = self.element(node)
            case Negative(operand=operand):
                result = _negative(self.piece(operand))
            case Binary(operator="*"):
                result = self.product(map(self.piece, _factors(node)))
            case Binary(operator="/", left=left, right=right):
                result = _fraction(self.piece(left), self.piece(right))
            case Binary(operator="%", left=left, right=right):
                result = _infix(Infix(r"\bmod"), self.piece(left), self.piece(right))
            case Binary(operator="**", left=left, right=Binary(operator="/") as right) if (
                isinstance(right.left, Number) and right.left.value == 1
            ):
                result = _root(self, left, right.right)
            case Binary(operator="**", left=left, right=right):
                result = _power(self.piece(left), self.piece(right))
            case Binary():
                result = self.sum((sign, self.piece(term)) for sign, term in _terms(node))
            case Call(function=function, arguments=arguments):
                result = self.call(function, arguments)
            case _:
                result = self.condition(node)
        return result

    def call(self, function: str, arguments: tuple[Node, ...]) -> Piece:
        notation = FUNCTIONS[function].notation
        if notation is None:
            return _CALLS[function](self, *arguments)
        if isinstance(notation, Through):
            if self.values is not None:
                return self.through(notation, arguments)
            notation = notation.symbols
        numeric = self.values is not None
        if isinstance(notation, Named) and len(arguments) == 1 and (notation.listed or numeric):
            listed = self.elements(arguments[0])
            if listed and notation.ordered and self.values is not None:
                found = compile_tree(arguments[0])(self.values)
                places = sorted(range(len(found)), key=lambda place: found[place])
                listed = [listed[place] for place in places]
            if listed:
                return _applied(notation.tex, *self.dotted(listed, MOST_ARGUMENTS))
        if function in SETS and isinstance(notation, Infix):
            return _written(notation, [self.as_set(argument) for argument in arguments])
        return _written(notation, [self.argument(argument) for argument in arguments])

    def as_set(self, node: Node) -> Piece:
        """A list that stands for a set."""
        listed = self.elements(node)
        if listed is None:
            return self.argument(node)
        return Piece(rf"\{{{', '.join(piece.tex for piece in listed)}\}}", kind=Kind.CALL)

    def dotted(self, pieces: list[Piece], most: int = MOST_WRITTEN_OUT) -> list[Piece]:
        """Many things, with dots in place of those in the middle."""
        most, kept = (MOST_IN_SHORT, 2) if self.short else (most, 3)
        if len(pieces) <= most:
            return pieces
        return [*pieces[:kept], Piece(r"\dots"), pieces[-1]]

    def sum(self, terms: Iterable[tuple[str, Piece]]) -> Piece:
        """Terms that the formula has one by one."""
        listed = list(terms)
        if self.short and len(listed) > MOST_IN_SHORT:
            listed = [*listed[:2], ("+", Piece(r"\dots")), listed[-1]]
        return _sum(listed)

    def argument(self, node: Node) -> Piece:
        """An argument; the numbers of a list in a row, since a column would be high."""
        listed = self.elements(node) if self.values is not None else None
        if not listed:
            return self.piece(node)
        return Piece(
            _parentheses(", ".join(it.tex for it in self.dotted(listed, MOST_ARGUMENTS))),
            kind=Kind.GROUP,
        )

    def slice(self, node: Slice) -> Piece:
        if self.values is not None:
            value = compile_tree(node)(self.values)
            return _shown(value, print_value(value))
        first = self.subscript(node.first) if node.first else "1"
        stop = self.piece(node.stop).tex if node.stop else "n"
        return _subscripted(self.piece(node.base), rf"{first}, \dots, {stop}")

    def comprehension(self, node: Comprehension) -> Piece:
        listed = self.elements(node)
        if listed is not None:
            return _matrix([[item.tex] for item in self.dotted(listed)])
        inside = self.piece(node.element).tex
        return Piece(rf"{_parentheses(inside)}_{{{self.domain(node)}}}", Level.TALL, Kind.CALL)

    def domain(self, node: Comprehension) -> str:
        """What a comprehension goes through, as it stands below the sign of a sum."""
        name = _symbol(self.symbols.get(node.name) or default_symbol(node.name)).tex
        through = rf"{name} \in {self.piece(node.source).tex}"
        return through if node.test is None else rf"{through},\, {self.piece(node.test).tex}"

    def under_a_sum(self, node: Comprehension) -> str:
        """What stands below the sign of a sum, and above it where whole numbers are counted."""
        source = node.source
        if node.test is None and isinstance(source, Call) and source.function == "range":
            first, last = self.limits(source.arguments)
            name = _symbol(self.symbols.get(node.name) or default_symbol(node.name)).tex
            return f"_{{{name} = {first}}}^{{{last}}}"
        return f"_{{{self.domain(node)}}}"

    def limits(self, arguments: tuple[Node, ...]) -> tuple[str, str]:
        """The first and the last number of a range, as they stand at the sign of a sum."""
        *begin, end = arguments
        first = self.piece(begin[0]).tex if begin else "0"
        if isinstance(end, Number):
            return first, format_number(end.value - 1)
        if isinstance(end, Binary) and end.operator == "+" and _is_one(end.right):
            return first, self.piece(end.left).tex
        return first, _sum([("+", self.piece(end)), ("-", _digits("1"))]).tex

    def expanded(self, node: Comprehension) -> list[Piece]:
        """The elements of a comprehension with the numbers of a copy."""
        assert self.values is not None
        source: Any = compile_tree(node.source)(self.values)
        shown: Any = print_value(source)
        if isinstance(node.source, Name) and node.source.name in self.shown:
            shown = self.shown[node.source.name]
        found = []
        for value, text in zip(source, shown, strict=True):
            inner = _Renderer(
                self.symbols,
                Bound(self.values, node.name, value),
                {**self.shown, node.name: text},
                short=self.short,
            )
            if node.test is None or compile_tree(node.test)(inner.values or {}):
                found.append(inner.piece(node.element))
            self.rounded |= inner.rounded
        return found

    def through(self, notation: Through, arguments: tuple[Node, ...]) -> Piece:
        """A formula with numbers that are computed from its arguments."""
        operands = [compile_tree(argument)(self.values or {}) for argument in arguments]
        middle: list[Value] = [function(*operands) for function in notation.middle]
        shown = [print_value(value) for value in middle]
        self.rounded |= not all(map(is_exact, middle, shown))
        return _filled(
            notation.numbers, [_shown(*pair) for pair in zip(middle, shown, strict=True)]
        )

    def condition(self, node: Node) -> Piece:
        result: Piece
        match node:
            case Conditional():
                result = self.cases(node)
            case Comparison(operators=operators, operands=operands):
                first, *others = [
                    _wrap(self.piece(operand), Level.REMAINDER) for operand in operands
                ]
                links = zip(operators, others, strict=True)
                rest = "".join(f" {_RELATIONS[operator]} {other}" for operator, other in links)
                result = Piece(first + rest, Level.RELATION, Kind.GROUP)
            case Member(item=item, items=items, negated=negated):
                sign = r"\notin" if negated else r"\in"
                listed = self.elements(items)
                among = rf"\{{{', '.join(it.tex for it in listed)}\}}" if listed else ""
                among = among or _wrap(self.piece(items), Level.SUM)
                around = f"{_wrap(self.piece(item), Level.SUM)} {sign} {among}"
                result = Piece(around, Level.RELATION, Kind.GROUP)
            case Not(operand=operand):
                inner = _wrap(self.piece(operand), Level.RELATION)
                result = Piece(rf"\text{{not }} {inner}", Level.NOT, Kind.GROUP)
            case Logical(operator=operator, operands=operands):
                level, above = _LOGICAL[operator]
                parts = [_wrap(self.piece(operand), above) for operand in operands]
                result = Piece(rf" \text{{ {operator} }} ".join(parts), level, Kind.GROUP)
            case _:
                raise TypeError(f"no TeX for {node!r}")
        return result

    def cases(self, node: Conditional) -> Piece:
        if self.values is not None:
            chosen = condition(compile_tree(node.test)(self.values), "if")
            return self.piece(node.then if chosen else node.otherwise)
        rows, rest = [], node
        while True:
            rows.append(rf"{self.piece(rest.then).tex} & \text{{if }} {self.piece(rest.test).tex}")
            if not isinstance(rest.otherwise, Conditional):
                break
            rest = rest.otherwise
        rows.append(rf"{self.piece(rest.otherwise).tex} & \text{{otherwise}}")
        return Piece(_environment("cases", rows), Level.OR, Kind.GROUP)

    def name(self, name: str) -> Piece:
        if self.values is None:
            return _symbol(self.symbols.get(name) or default_symbol(name))
        return _shown(*self.look_up(name))

    def look_up(self, name: str) -> tuple[Value, Shown]:
        """A name's value and how it is printed."""
        assert self.values is not None
        value = self.values[name]
        return value, self.shown[name] if name in self.shown else print_value(value)

    def product(self, factors: Iterable[Piece]) -> Piece:
        """One sign for a whole product: none between symbols, a dot where that would confuse."""
        begin, *others = factors
        if begin.level is not Level.NEGATIVE:
            begin = _factor(begin)
        others = [_factor(piece) for piece in others]
        dotted = self.values is not None or any(map(_needs_dot, [begin, *others], others))
        sign = r" \cdot " if dotted else " "
        rest = "".join(sign + piece.after_operator() for piece in others)
        return _leading(begin, rest, Level.PRODUCT, others[-1].kind)

    def column(self, node: Vector) -> Piece:
        rows = [item.items if isinstance(item, Vector) else (item,) for item in node.items]
        return _matrix([[self.piece(cell).tex for cell in row] for row in rows])

    def elements(self, node: Node) -> list[Piece] | None:
        """The elements of a list one by one, where they are written down or have numbers."""
        if isinstance(node, Vector) and not any(isinstance(item, Vector) for item in node.items):
            return [self.piece(item) for item in node.items]
        if isinstance(node, Comprehension) and self.values is not None:
            return self.expanded(node)
        if isinstance(node, Call) and node.function in _LOOKED_UP and self.values is not None:
            found = compile_tree(node)(self.values)
            return [_shown(it, print_value(it)) for it in found]
        if isinstance(node, Name) and self.values is not None:
            value, shown = self.look_up(node.name)
            if isinstance(value, tuple) and not isinstance(value[0], tuple):
                return [_shown(*pair) for pair in zip(value, shown, strict=True)]
        return None

    def element(self, node: Index) -> Piece:
        """``v[0]`` is the first element of v, and printed as such: $v_1$."""
        base, positions = _base(node)
        if self.values is not None and isinstance(base, Name):
            value, shown = self.look_up(base.name)
            for position in positions:
                index = integer(compile_tree(position)(self.values), "the position in a list")
                value, shown = element(value, Fraction(index)), shown[index]
            return _shown(value, shown)
        return _subscripted(self.piece(base), ",".join(map(self.subscript, positions)))

    def subscript(self, position: Node) -> str:
        if isinstance(position, Number):
            return format_number(position.value + 1)
        return _sum([("+", self.piece(position)), ("+", _digits("1"))]).tex


# What the pieces are put together with ----------------------------------------------------------


def _is_one(node: Node) -> bool:
    return isinstance(node, Number) and node.value == 1


def _digits(text: str) -> Piece:
    if text.startswith("-"):
        return Piece(text, Level.NEGATIVE, Kind.NUMBER, f"({text})")
    return Piece(text, kind=Kind.NUMBER)


def _text(text: str) -> Piece:
    return Piece(rf"\text{{{escape_text(text)}}}", kind=Kind.WORD)


def _shown(value: Value, shown: Any) -> Piece:
    """A printed value; TeX instead of digits is taken as a symbol would be."""
    if isinstance(value, tuple):
        if len(value) > MOST_IN_A_COLUMN and not isinstance(value[0], tuple):
            listed = [_shown(*pair).tex for pair in zip(value, shown, strict=True)]
            return Piece(_parentheses(", ".join(listed)), kind=Kind.GROUP)
        rows = [
            [_shown(cell, text).tex for cell, text in zip(item, texts, strict=True)]
            if isinstance(item, tuple)
            else [_shown(item, texts).tex]
            for item, texts in zip(value, shown, strict=True)
        ]
        return _matrix(rows)
    if isinstance(value, (str, bool)):
        return _text(shown)
    return _digits(shown) if _DIGITS.fullmatch(shown) else _symbol(shown)


def _symbol(tex: str) -> Piece:
    """A symbol, looked at closely: the bank may give a name any TeX."""
    outside = _outside_of_braces(tex)
    if tex.startswith("-"):
        return Piece(tex, Level.SUM, Kind.GROUP, _parentheses(tex))
    if re.search(r"[-+=<>]", outside):
        return Piece(tex, Level.SUM, Kind.GROUP)
    kind = Kind.WORD if tex.startswith(_WORDY) else Kind.SYMBOL
    tall = "^" in outside or "'" in outside or _TALL.match(tex)
    return Piece(tex, Level.TALL if tall else Level.ATOM, kind)


def _outside_of_braces(tex: str) -> str:
    depth, kept = 0, []
    for character in tex:
        depth += (character == "{") - (character == "}")
        if not depth:
            kept.append(character)
    return "".join(kept)


def _parentheses(tex: str) -> str:
    """Parentheses that are tall enough; brackets around what has parentheses in it."""
    left, right = ("[", "]") if "(" in tex and "[" not in tex else ("(", ")")
    return rf"\left{left}{tex}\right{right}" if _TALL.search(tex) else f"{left}{tex}{right}"


def _group(piece: Piece) -> Piece:
    return Piece(_parentheses(piece.tex), kind=Kind.GROUP)


def _factor(piece: Piece) -> Piece:
    return piece if piece.level >= Level.PRODUCT else _group(piece)


def _wrap(piece: Piece, level: Level, first: bool = True) -> str:
    """The piece where one of this level is needed, at the beginning or after an operator."""
    if piece.level < level:
        return _parentheses(piece.tex)
    return piece.tex if first else piece.after_operator()


def _leading(begin: Piece, rest: str, level: Level, kind: Kind) -> Piece:
    """A chain of operands, which begins with a minus sign if the first one does."""
    shielded = begin.shielded + rest if begin.shielded else ""
    return Piece(begin.tex + rest, level, kind, shielded)


def _sum(terms: Iterable[tuple[str, Piece]]) -> Piece:
    (_, begin), *others = terms
    rest = ""
    for sign, piece in others:
        # What follows a minus sign is subtracted as a whole.
        level = Level.SUM if sign == "+" else Level.NEGATIVE
        rest += f" {sign} {_wrap(piece, level, first=False)}"
    return _leading(
        begin if begin.level >= Level.SUM else _group(begin), rest, Level.SUM, Kind.GROUP
    )


def _negative(operand: Piece) -> Piece:
    tex = f"-{_wrap(operand, Level.NEGATIVE, first=False)}"
    return Piece(tex, Level.NEGATIVE, operand.kind, _parentheses(tex))


def _fraction(above: Piece, below: Piece) -> Piece:
    return Piece(rf"\frac{{{above.tex}}}{{{below.tex}}}", Level.TALL, Kind.GROUP)


def _power(base: Piece, exponent: Piece) -> Piece:
    kind = Kind.NUMBER if base.kind is Kind.NUMBER else Kind.SYMBOL
    return Piece(f"{_wrap(base, Level.ATOM)}^{{{exponent.tex}}}", Level.TALL, kind)


def _needs_dot(left: Piece, right: Piece) -> bool:
    """Whether two factors side by side would be misread."""
    if {left.kind, right.kind} & {Kind.NUMBER, Kind.WORD} or left.tex == right.tex:
        return True
    # A symbol before a parenthesis looks like a function.
    opens = right.after_operator().startswith(("(", "[", r"\left"))
    return opens and left.kind in (Kind.SYMBOL, Kind.CALL)


def _matrix(rows: list[list[str]]) -> Piece:
    return Piece(_environment("pmatrix", [" & ".join(row) for row in rows]), kind=Kind.MATRIX)


def _environment(name: str, rows: Iterable[str]) -> str:
    return rf"\begin{{{name}}} " + r" \\ ".join(rows) + rf" \end{{{name}}}"


def _subscripted(piece: Piece, subscript: str) -> Piece:
    """The piece with a subscript, joined to the one that it has."""
    if piece.kind is Kind.SYMBOL and (match := re.fullmatch(r"(.*_\{[^{}]*)\}", piece.tex)):
        return Piece(f"{match[1]},{subscript}}}", piece.level)
    return Piece(f"{_wrap(piece, Level.TALL)}_{{{subscript}}}")


def _applied(name: str, *arguments: Piece) -> Piece:
    if len(arguments) == 1 and arguments[0].kind is Kind.MATRIX:
        return Piece(name + arguments[0].tex, Level.TALL, Kind.CALL)
    listed = ", ".join(argument.tex for argument in arguments)
    left, right = (r"\left(", r"\right)") if _TALL.search(listed) else ("(", ")")
    return Piece(f"{name}{left}{listed}{right}", Level.TALL, Kind.CALL)


def _bracketed(left: str, tex: str, right: str) -> Piece:
    if _TALL.search(tex):
        left, right = rf"\left{left}", rf"\right{right}"
    return Piece(f"{left} {tex} {right}", kind=Kind.CALL)


def _factors(node: Node) -> Iterable[Node]:
    """The factors of a product, from left to right, whichever way it is nested."""
    if isinstance(node, Binary) and node.operator == "*":
        yield from _factors(node.left)
        yield from _factors(node.right)
    else:
        yield node


def _terms(node: Node) -> Iterable[tuple[str, Node]]:
    """The terms of a sum with their signs; a difference on the right of a minus stays whole."""
    if isinstance(node, Binary) and node.operator in ("+", "-"):
        yield from _terms(node.left)
        if node.operator == "-":
            yield "-", node.right
        else:
            yield from _terms(node.right)
    else:
        yield "+", node


def _base(node: Index) -> tuple[Node, list[Node]]:
    """What an element is taken from, and its positions from the outside in."""
    positions, base = [node.index], node.base
    while isinstance(base, Index):
        positions.insert(0, base.index)
        base = base.base
    return base, positions


# The functions: how each is printed; they take the renderer and the nodes of the arguments ------

_Call: TypeAlias = Callable[..., Piece]


def _named(tex: str) -> _Call:
    return lambda renderer, *nodes: _applied(tex, *map(renderer.piece, nodes))


def _relu(renderer: _Renderer, node: Node) -> Piece:
    return _applied(r"\max", _digits("0"), renderer.piece(node))


def _extreme(tex: str) -> _Call:
    def print_call(renderer: _Renderer, *nodes: Node) -> Piece:
        listed = renderer.elements(nodes[0]) if len(nodes) == 1 else map(renderer.piece, nodes)
        return _applied(tex, *(listed or [renderer.piece(nodes[0])]))

    return print_call


def _total(renderer: _Renderer, node: Node) -> Piece:
    elements = renderer.elements(node)
    if elements:
        return _sum(("+", element) for element in renderer.dotted(elements))
    if isinstance(node, Comprehension):
        if elements is not None:
            return _digits("0")
        body = _wrap(renderer.piece(node.element), Level.PRODUCT)
        return Piece(rf"\sum{renderer.under_a_sum(node)} {body}", Level.SUM, Kind.GROUP)
    inner = _subscripted(renderer.piece(node), "i")
    return Piece(rf"\sum_{{i}} {inner.tex}", Level.SUM, Kind.GROUP)


def _mean(renderer: _Renderer, node: Node) -> Piece:
    elements = renderer.elements(node)
    if elements:
        above = _sum(("+", element) for element in renderer.dotted(elements))
        return _fraction(above, _digits(str(len(elements))))
    return _applied(r"\mathrm{mean}", renderer.piece(node))


def _variance(renderer: _Renderer, node: Node) -> Piece:
    elements = renderer.elements(node)
    if not elements:
        return _applied(r"\mathrm{Var}", renderer.piece(node))
    if renderer.values is None:
        return _applied(r"\mathrm{Var}", *elements)
    value = mean(compile_tree(node)(renderer.values))
    center = _shown(value, print_value(value))
    squares = [_power(_sum([("+", item), ("-", center)]), _digits("2")) for item in elements]
    above = _sum(("+", square) for square in renderer.dotted(squares))
    return _fraction(above, _digits(str(len(elements))))


def _exponential(renderer: _Renderer, node: Node) -> Piece:
    argument = renderer.piece(node)
    simple = not _TALL.search(argument.tex) and "^" not in argument.tex
    if simple and len(argument.tex) <= SHORT_EXPONENT:
        return Piece(f"e^{{{argument.tex}}}", Level.TALL)
    return _applied(r"\exp", argument)


def _dot(renderer: _Renderer, left: Node, right: Node) -> Piece:
    first, second = renderer.elements(left), renderer.elements(right)
    if first and second:
        products = [renderer.product(pair) for pair in zip(first, second, strict=True)]
        return _sum(("+", product) for product in renderer.dotted(products))
    return _joined(r" \cdot ", renderer.piece(left), renderer.piece(right))


def _matmul(renderer: _Renderer, left: Node, right: Node) -> Piece:
    row = renderer.elements(left)
    first = _matrix([[piece.tex for piece in row]]) if row else renderer.piece(left)
    return _joined(" ", first, renderer.piece(right))


def _hadamard(renderer: _Renderer, left: Node, right: Node) -> Piece:
    return _joined(r" \odot ", renderer.piece(left), renderer.piece(right))


def _joined(sign: str, left: Piece, right: Piece) -> Piece:
    """A product of lists; the order of operations stays visible, it is not taken apart."""
    begin = left if left.level >= Level.NEGATIVE else _group(left)
    return _leading(begin, sign + _wrap(right, Level.TALL, first=False), Level.LISTS, Kind.GROUP)


def _transpose(renderer: _Renderer, node: Node) -> Piece:
    return Piece(rf"{_wrap(renderer.piece(node), Level.ATOM)}^{{\top}}", Level.TALL)


def _root(renderer: _Renderer, node: Node, degree: Node | None = None) -> Piece:
    """A root; the degree of a square root is not written."""
    square = degree is None or (isinstance(degree, Number) and degree.value == SQUARE)
    written = f"[{renderer.piece(degree).tex}]" if degree and not square else ""
    return Piece(rf"\sqrt{written}{{{renderer.piece(node).tex}}}", Level.TALL, Kind.CALL)


def _quotient(renderer: _Renderer, left: Node, right: Node) -> Piece:
    whole = _fraction(renderer.piece(left), renderer.piece(right))
    return _bracketed(r"\lfloor", whole.tex, r"\rfloor")


def _logarithm(renderer: _Renderer, node: Node, base: Node | None = None) -> Piece:
    subscript = f"_{{{renderer.piece(base).tex}}}" if base else ""
    return _applied(rf"\log{subscript}", renderer.piece(node))


# Notations that are the same for many functions --------------------------------------------------


def _written(notation: Notation, pieces: list[Piece]) -> Piece:
    """A call in its notation."""
    result: Piece
    match notation:
        case Named(tex=tex):
            result = _applied(tex, *pieces)
        case Fenced(left=left, right=right):
            result = _bracketed(left, pieces[0].tex, right)
        case Pattern():
            result = _filled(notation, pieces)
        case Postfix(tex=tex):
            result = Piece(_wrap(pieces[0], Level.ATOM) + tex, Level.TALL, Kind.CALL)
        case Infix():
            result = _infix(notation, *pieces)
    return result


_PLACE: Final = re.compile(r"\{#([0-9])\}|\\left\(#([0-9])\\right\)|#([0-9])")


def _filled(pattern: Pattern, pieces: list[Piece]) -> Piece:
    """A pattern with its arguments, in parentheses where no braces and no others enclose them."""

    def fill(match: re.Match[str]) -> str:
        enclosed = match[1] or match[2]
        piece = pieces[int(enclosed or match[3]) - 1]
        if not enclosed:
            return _wrap(piece, Level.ATOM)
        return f"{{{piece.tex}}}" if match[1] else rf"\left({piece.tex}\right)"

    tex = pattern.shorter if pattern.shorter and len(pieces) == 1 else pattern.tex
    if len(pieces) < _arguments(tex):
        # mu is given, sigma is 1.
        pieces = [*pieces, _digits("1")]
    level = Level.SUM if pattern.loose else Level.PRODUCT if r"\cdot" in tex else Level.TALL
    kind = Kind.GROUP if pattern.loose else Kind.CALL
    return Piece(_PLACE.sub(fill, tex), level, kind)


def _arguments(tex: str) -> int:
    return max((int(digit) for digit in re.findall("#([0-9])", tex)), default=0)


def _infix(notation: Infix, left: Piece, right: Piece) -> Piece:
    begin = left if left.level >= Level.LISTS else _group(left)
    rest = f" {notation.tex} {_wrap(right, Level.TALL, first=False)}"
    return _leading(begin, rest, Level.REMAINDER, Kind.GROUP)


def _between(left: str, right: str) -> _Call:
    return lambda renderer, node: _bracketed(left, renderer.piece(node).tex, right)


def _conversion(renderer: _Renderer, node: Node, old: Node, new: Node) -> Piece:
    if renderer.values is None:
        factor = _fraction(renderer.piece(old), renderer.piece(new))
    else:
        size = conversion_factor(*(compile_tree(unit)(renderer.values) for unit in (old, new)))
        whole, parts = (_digits(str(number)) for number in (size.numerator, size.denominator))
        count = places(size)
        short = count is not None and count <= MAX_PLACES
        factor = _digits(format_number(size)) if short else _fraction(whole, parts)
    return renderer.product([renderer.piece(node), factor])


def _indicator(renderer: _Renderer, node: Node) -> Piece:
    return _one_if(renderer.piece(node).tex)


def _step(renderer: _Renderer, node: Node) -> Piece:
    return _one_if(f"{renderer.piece(node).tex} > 0")


def _one_if(tex: str) -> Piece:
    # Bold, not blackboard bold: the AMS fonts have no blackboard digits.
    left, right = (r"\left[", r"\right]") if _TALL.search(tex) else ("[", "]")
    return Piece(rf"\mathbf{{1}}{left}{tex}{right}", Level.TALL, Kind.CALL)


def _rounded(renderer: _Renderer, node: Node, decimals: Node | None = None) -> Piece:
    subscript = f"_{{{renderer.piece(decimals).tex}}}" if decimals else ""
    return _applied(rf"\mathrm{{round}}{subscript}", renderer.piece(node))


def _length(renderer: _Renderer, node: Node) -> Piece:
    elements = renderer.elements(node)
    if elements and renderer.values is not None:
        return _digits(str(len(elements)))
    return _applied(r"\mathrm{len}", renderer.piece(node))


_CALLS: Final[dict[str, _Call]] = {
    "relu": _relu,
    "abs": _between(r"\lvert", r"\rvert"),
    "min": _extreme(r"\min"),
    "max": _extreme(r"\max"),
    "sum": _total,
    "mean": _mean,
    "var": _variance,
    "sqrt": _root,
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

_LOGICAL: Final = {"and": (Level.AND, Level.NOT), "or": (Level.OR, Level.AND)}
