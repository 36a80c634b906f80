r"""Tree to TeX, as a textbook would print it: with symbols, or with a copy's numbers.

``2.0 \cdot 1.0 + (-1.0) \cdot 0.5``: `tex_pieces` sets the parentheses. Needs amsmath and amssymb.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Final

from generator.exact.numbers import Value, format_number
from generator.expressions.evaluate import InnerValues, compile_tree
from generator.expressions.functions import FUNCTIONS, Infix, Named, Through
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
    TextLiteral,
    Truth,
    Vector,
)
from generator.expressions.operations import condition, element, integer
from generator.expressions.shown_values import ShownDigits, is_exact, print_value
from generator.expressions.symbols import default_symbol
from generator.expressions.tex_calls import CALLS, root_of
from generator.expressions.tex_notation import filled_in, infix_of, write_call
from generator.expressions.tex_pieces import (
    DIGITS,
    Level,
    Look,
    TexPiece,
    applied,
    as_factor,
    as_number,
    as_shown,
    as_symbol,
    as_text,
    chain,
    environment,
    fraction_of,
    in_parentheses,
    matrix_of,
    minus,
    needs_dot,
    power_of,
    subscripted,
    sum_of,
    wrapped,
)

MOST_WRITTEN_OUT: Final = 12
"""Terms of a sum that are all written out; of more there are dots in the middle."""

MOST_IN_SHORT: Final = 4
"""The same where the author wants it short."""

MOST_ARGUMENTS: Final = 24
"""Members of a list that are all written out where a function is applied to it."""

_CONSTANTS: Final = {"pi": r"\pi", "e": "e"}

SETS: Final = frozenset(("union", "intersection", "without", "unique"))
"""Functions whose lists are sets, and printed in braces."""

_LOOKED_UP: Final = frozenset(("weights", "sorted", "reversed", "unique"))
"""Functions whose result is nothing but members of a list: the members are written."""


def symbolic(
    node: Node, symbols: Mapping[str, str], *, short: bool = False, branch: int | None = None
) -> str:
    """A tree with the symbols of its names; `default_symbol` for those that have none.

    Args:
        short: Of more than four terms, those in the middle are dots.
        branch: Of each conditional this branch alone, or its last one; all of them by default.
    """
    return _Renderer(symbols, short=short, branch=branch).piece(node).tex


def branches(node: Conditional) -> list[Node]:
    """What a conditional may come to: that of its last ``else`` is the last."""
    rest = node.otherwise
    return [node.then, *(branches(rest) if isinstance(rest, Conditional) else [rest])]


def substituted(node: Node, values: Mapping[str, Value], shown: Mapping[str, ShownDigits]) -> str:
    """A tree with numbers in place of its names; of a conditional only the branch that is taken.

    Args:
        node: The tree.
        values: The values of its names.
        shown: How they are printed; those that are missing as `print_value` does.
    """
    return substituted_exactly(node, values, shown)[0]


def substituted_exactly(
    node: Node,
    values: Mapping[str, Value],
    shown: Mapping[str, ShownDigits],
    *,
    short: bool = False,
) -> tuple[str, bool]:
    """The same, and whether no number that was computed on the way had to be rounded."""
    renderer = _Renderer({}, values, shown, short=short)
    tex = renderer.piece(node).tex
    return tex, not renderer.rounded


_RELATIONS: Final = {"<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "==": "=", "!=": r"\ne"}


class _Renderer:
    """Walks a tree; with values it prints numbers and decides the branches, else symbols."""

    def __init__(
        self,
        symbols: Mapping[str, str],
        values: Mapping[str, Value] | None = None,
        shown: Mapping[str, ShownDigits] | None = None,
        *,
        short: bool = False,
        branch: int | None = None,
    ) -> None:
        self.symbols, self.values, self.shown = symbols, values, shown or {}
        self.branch = branch
        self.rounded = False
        self.short = short

    def piece(self, node: Node) -> TexPiece:
        """A node as TeX, with what says how it may stand beside others; conditions come last."""
        result: TexPiece
        match node:
            case Number(digits=digits, value=value):
                result = as_number(digits if DIGITS.fullmatch(digits) else format_number(value))
            case Truth(value=truth):
                result = as_text("true" if truth else "false")
            case Slice():
                result = self.slice(node)
            case Comprehension():
                result = self.comprehension(node)
            case TextLiteral(value=text):
                result = as_text(text)
            case Name(name=name):
                result = self.name(name)
            case Constant(name=name):
                result = TexPiece(_CONSTANTS[name])
            case Vector():
                result = self.column(node)
            case Index():
                result = self.element(node)
            case Negative(operand=operand):
                inner = self.piece(operand)
                result = inner if inner.tex == "0" and self.values is not None else minus(inner)
            case Binary(operator="*"):
                result = self.product(map(self.piece, _factors(node)))
            case Binary(operator="/", left=left, right=right):
                result = fraction_of(self.piece(left), self.piece(right))
            case Binary(operator="%", left=left, right=right):
                result = infix_of(Infix(r"\bmod"), self.piece(left), self.piece(right))
            case Binary(operator="**", left=left, right=Binary(operator="/") as right) if (
                isinstance(right.left, Number) and right.left.value == 1
            ):
                result = root_of(self, left, right.right)
            case Binary(operator="**", left=left, right=right):
                result = power_of(self.piece(left), self.piece(right))
            case Binary():
                result = self.sum((sign, self.piece(term)) for sign, term in _terms(node))
            case Call(function=function, arguments=arguments):
                result = self.call(function, arguments)
            case _:
                result = self.condition(node)
        return result

    def call(self, function: str, arguments: tuple[Node, ...]) -> TexPiece:
        notation = FUNCTIONS[function].notation
        if notation is None:
            return CALLS[function](self, *arguments)
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
                return applied(notation.tex, *self.dotted(listed, MOST_ARGUMENTS))
        if function in SETS and isinstance(notation, Infix):
            return write_call(notation, [self.as_set(argument) for argument in arguments])
        return write_call(notation, [self.argument(argument) for argument in arguments])

    def as_set(self, node: Node) -> TexPiece:
        """A list that stands for a set."""
        listed = self.elements(node)
        if listed is None:
            return self.argument(node)
        return TexPiece(rf"\{{{', '.join(piece.tex for piece in listed)}\}}", kind=Look.CALL)

    def dotted(self, pieces: list[TexPiece], most: int = MOST_WRITTEN_OUT) -> list[TexPiece]:
        """Many things, with dots in place of those in the middle."""
        most, kept = (MOST_IN_SHORT, 2) if self.short else (most, 3)
        if len(pieces) <= most:
            return pieces
        return [*pieces[:kept], TexPiece(r"\dots"), pieces[-1]]

    def sum(self, terms: Iterable[tuple[str, TexPiece]]) -> TexPiece:
        """Terms that the formula has one by one."""
        listed = list(terms)
        if self.short and len(listed) > MOST_IN_SHORT:
            listed = [*listed[:2], ("+", TexPiece(r"\dots")), listed[-1]]
        return sum_of(listed)

    def argument(self, node: Node) -> TexPiece:
        """An argument; the numbers of a list in a row, since a column would be high."""
        listed = self.elements(node) if self.values is not None else None
        if not listed:
            return self.piece(node)
        return TexPiece(
            in_parentheses(", ".join(it.tex for it in self.dotted(listed, MOST_ARGUMENTS))),
            kind=Look.GROUP,
        )

    def slice(self, node: Slice) -> TexPiece:
        if self.values is not None:
            value = compile_tree(node)(self.values)
            return as_shown(value, print_value(value))
        first = self.subscript(node.first) if node.first else "1"
        stop = self.piece(node.stop).tex if node.stop else "n"
        return subscripted(self.piece(node.base), rf"{first}, \dots, {stop}")

    def comprehension(self, node: Comprehension) -> TexPiece:
        listed = self.elements(node)
        if listed is not None:
            return matrix_of([[item.tex] for item in self.dotted(listed)])
        inside = self.piece(node.element).tex
        return TexPiece(rf"{in_parentheses(inside)}_{{{self.domain(node)}}}", Level.TALL, Look.CALL)

    def domain(self, node: Comprehension) -> str:
        """What a comprehension goes through, as it stands below the sign of a sum."""
        name = as_symbol(self.symbols.get(node.name) or default_symbol(node.name)).tex
        through = rf"{name} \in {self.piece(node.source).tex}"
        return through if node.test is None else rf"{through},\, {self.piece(node.test).tex}"

    def under_a_sum(self, node: Comprehension) -> str:
        """What stands below the sign of a sum, and above it where whole numbers are counted."""
        source = node.source
        if node.test is None and isinstance(source, Call) and source.function == "range":
            first, last = self.limits(source.arguments)
            name = as_symbol(self.symbols.get(node.name) or default_symbol(node.name)).tex
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
        return first, sum_of([("+", self.piece(end)), ("-", as_number("1"))]).tex

    def expanded(self, node: Comprehension) -> list[TexPiece]:
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
                InnerValues(self.values, node.name, value),
                {**self.shown, node.name: text},
                short=self.short,
            )
            if node.test is None or compile_tree(node.test)(inner.values or {}):
                found.append(inner.piece(node.element))
            self.rounded |= inner.rounded
        return found

    def through(self, notation: Through, arguments: tuple[Node, ...]) -> TexPiece:
        """A formula with numbers that are computed from its arguments."""
        operands = [compile_tree(argument)(self.values or {}) for argument in arguments]
        middle: list[Value] = [function(*operands) for function in notation.middle]
        shown = [print_value(value) for value in middle]
        self.rounded |= not all(map(is_exact, middle, shown))
        return filled_in(
            notation.numbers, [as_shown(*pair) for pair in zip(middle, shown, strict=True)]
        )

    def condition(self, node: Node) -> TexPiece:
        """Comparisons, memberships and what joins them, and values that depend on one."""
        result: TexPiece
        match node:
            case Conditional():
                result = self.cases(node)
            case Comparison(operators=operators, operands=operands):
                first, *others = [
                    wrapped(self.piece(operand), Level.REMAINDER) for operand in operands
                ]
                links = zip(operators, others, strict=True)
                rest = "".join(f" {_RELATIONS[operator]} {other}" for operator, other in links)
                result = TexPiece(first + rest, Level.RELATION, Look.GROUP)
            case Member(item=item, items=items, negated=negated):
                sign = r"\notin" if negated else r"\in"
                listed = self.elements(items)
                among = rf"\{{{', '.join(it.tex for it in listed)}\}}" if listed else ""
                among = among or wrapped(self.piece(items), Level.SUM)
                around = f"{wrapped(self.piece(item), Level.SUM)} {sign} {among}"
                result = TexPiece(around, Level.RELATION, Look.GROUP)
            case Not(operand=operand):
                inner = wrapped(self.piece(operand), Level.RELATION)
                result = TexPiece(rf"\text{{not }} {inner}", Level.NOT, Look.GROUP)
            case Logical(operator=operator, operands=operands):
                level, above = _LOGICAL[operator]
                parts = [wrapped(self.piece(operand), above) for operand in operands]
                result = TexPiece(rf" \text{{ {operator} }} ".join(parts), level, Look.GROUP)
            case _:
                raise TypeError(f"no TeX for {node!r}")
        return result

    def cases(self, node: Conditional) -> TexPiece:
        if self.values is not None:
            chosen = condition(compile_tree(node.test)(self.values), "if")
            return self.piece(node.then if chosen else node.otherwise)
        if self.branch is not None:
            found = branches(node)
            return self.piece(found[min(self.branch, len(found) - 1)])
        rows, rest = [], node
        while True:
            rows.append(rf"{self.piece(rest.then).tex} & \text{{if }} {self.piece(rest.test).tex}")
            if not isinstance(rest.otherwise, Conditional):
                break
            rest = rest.otherwise
        rows.append(rf"{self.piece(rest.otherwise).tex} & \text{{otherwise}}")
        return TexPiece(environment("cases", rows), Level.OR, Look.GROUP)

    def name(self, name: str) -> TexPiece:
        if self.values is None:
            return as_symbol(self.symbols.get(name) or default_symbol(name))
        return as_shown(*self.look_up(name))

    def look_up(self, name: str) -> tuple[Value, ShownDigits]:
        """A name's value and how it is printed."""
        assert self.values is not None
        value = self.values[name]
        return value, self.shown[name] if name in self.shown else print_value(value)

    def product(self, factors: Iterable[TexPiece]) -> TexPiece:
        """One sign for a whole product: none between symbols, a dot where that would confuse."""
        begin, *others = factors
        if begin.level is not Level.NEGATIVE:
            begin = as_factor(begin)
        others = [as_factor(piece) for piece in others]
        dotted = self.values is not None or any(map(needs_dot, [begin, *others], others))
        sign = r" \cdot " if dotted else " "
        rest = "".join(sign + piece.after_operator() for piece in others)
        return chain(begin, rest, Level.PRODUCT, others[-1].kind)

    def column(self, node: Vector) -> TexPiece:
        rows = [item.items if isinstance(item, Vector) else (item,) for item in node.items]
        return matrix_of([[self.piece(cell).tex for cell in row] for row in rows])

    def elements(self, node: Node) -> list[TexPiece] | None:
        """The elements of a list one by one, where they are written down or have numbers."""
        if isinstance(node, Vector) and not any(isinstance(item, Vector) for item in node.items):
            return [self.piece(item) for item in node.items]
        if isinstance(node, Comprehension) and self.values is not None:
            return self.expanded(node)
        if isinstance(node, Call) and node.function in _LOOKED_UP and self.values is not None:
            found = compile_tree(node)(self.values)
            return [as_shown(it, print_value(it)) for it in found]
        if self.values is None or not isinstance(node, Name | Index):
            return None
        base, positions = _base(node) if isinstance(node, Index) else (node, [])
        if not isinstance(base, Name):
            return None
        value, shown = self.found(base, positions)
        if isinstance(value, tuple) and not isinstance(value[0], tuple):
            return [as_shown(*pair) for pair in zip(value, shown, strict=True)]
        return None

    def found(self, base: Name, positions: Iterable[Node]) -> tuple[Value, ShownDigits]:
        """A member of a list, or a row of a matrix, and how it is printed."""
        assert self.values is not None
        value, shown = self.look_up(base.name)
        for position in positions:
            index = integer(compile_tree(position)(self.values), "the position in a list")
            value, shown = element(value, Fraction(index)), shown[index]
        return value, shown

    def element(self, node: Index) -> TexPiece:
        """``v[0]`` is the first element of v, and printed as such: $v_1$."""
        base, positions = _base(node)
        if self.values is not None and isinstance(base, Name):
            return as_shown(*self.found(base, positions))
        return subscripted(self.piece(base), ",".join(map(self.subscript, positions)))

    def subscript(self, position: Node) -> str:
        if isinstance(position, Number):
            return format_number(position.value + 1)
        return sum_of([("+", self.piece(position)), ("+", as_number("1"))]).tex


def _is_one(node: Node) -> bool:
    return isinstance(node, Number) and node.value == 1


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


_LOGICAL: Final = {"and": (Level.AND, Level.NOT), "or": (Level.OR, Level.AND)}
