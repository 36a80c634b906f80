"""A tree as a piece of Python, for what is computed for millions of draws.

The closures of `evaluate` look each name up and call each other. Here many trees become one
function whose names are local variables. The operations are the very same; a test compares both
ways over many expressions. What is seldom written stays a closure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from generator.expressions.evaluate import compile_tree
from generator.expressions.functions import BINARY, FUNCTIONS
from generator.expressions.nodes import (
    CONDITIONS,
    Binary,
    Call,
    Comparison,
    Conditional,
    Constant,
    Index,
    Logical,
    Name,
    Negative,
    Node,
    Not,
    Number,
    TextLiteral,
    Truth,
    Vector,
    free_names,
)
from generator.expressions.operations import (
    METER,
    collect,
    condition,
    difference,
    element,
    equal,
    negate,
    normal,
)
from generator.expressions.precise import constant
from generator.expressions.whole_numbers import MOST_LEVELS


class FunctionCode:
    """A function in the making: its lines, and the objects that they work with."""

    def __init__(self, *parameters: str) -> None:
        self._lines = [f"def made({', '.join(parameters)}):"]
        self._kept: dict[str, Any] = {}
        self._called: dict[int, str] = {}
        self._variables = 0
        self._meter, self._normal = self.keep(METER), self.keep(normal)
        self._fraction = self.keep(Fraction)

    def add(self, line: str, levels: int = 1) -> None:
        """A line, so many levels deep."""
        self._lines.append(f"{'  ' * levels}{line}")

    def keep(self, thing: Any) -> str:
        """What the function calls an object."""
        if id(thing) not in self._called:
            name = self._called[id(thing)] = f"k{len(self._kept)}"
            self._kept[name] = thing
        return self._called[id(thing)]

    def variable(self) -> str:
        """A new variable."""
        self._variables += 1
        return f"v{self._variables}"

    def value(self, tree: Node, names: Mapping[str, str], levels: int = 1) -> str:
        """The variable of a tree's value, as `Expression.evaluate` has it.

        Args:
            names: The variables of its names.
        """
        found = self.variable()
        self.reset(levels)
        self.add(f"{found} = {self.text(tree, names)}", levels)
        self.add(f"if type({found}) is not {self._fraction}:", levels)
        self.add(f"{found} = {self._normal}({found})", levels + 1)
        return found

    def reset(self, levels: int = 1) -> None:
        """An expression begins: what it may cost is counted for each."""
        self.add(f"{self._meter}.spent = 0", levels)

    def text(self, node: Node, names: Mapping[str, str], depth: int = 0) -> str:
        """The piece of Python."""

        def inner(part: Node) -> str:
            return self.text(part, names, depth + 1)

        def call(function: Callable[..., Any], *parts: Node) -> str:
            return f"{self.keep(function)}({', '.join(map(inner, parts))})"

        def truth(part: Node, use: str) -> str:
            return self.truth(part, inner(part), use)

        text = ""
        match node:
            case Number(value=value) | TextLiteral(value=value) | Truth(value=value):
                text = self.keep(value)
            case Name(name=name):
                text = names[name]
            case Constant(name=name):
                text = self.keep(constant(name))
            case _ if depth > MOST_LEVELS:
                text = self._closure(node, names)
            case Negative(operand=operand):
                text = call(negate, operand)
            case Binary(operator=operator, left=left, right=right):
                text = call(BINARY[operator], left, right)
            case Call(function=function, arguments=arguments):
                text = call(FUNCTIONS[function].apply, *arguments)
            case Vector(items=items):
                text = call(collect, *items)
            case Index(base=base, index=index):
                text = call(element, base, index)
            case Comparison(operators=("==",), operands=operands):
                text = call(equal, *operands)
            case Comparison(operators=("!=",), operands=operands):
                text = f"(not {call(equal, *operands)})"
            case Comparison(operators=(operator,), operands=(left, right)):
                size = f"{self.keep(difference)}({inner(left)}, {inner(right)}, {operator!r})"
                text = f"({size} {operator} 0)"
            case Not(operand=operand):
                text = f"(not {truth(operand, 'not')})"
            case Logical(operator=operator, operands=operands):
                text = f"({f' {operator} '.join(truth(it, operator) for it in operands)})"
            case Conditional(test=test, then=then, otherwise=otherwise):
                text = f"({inner(then)} if {truth(test, 'if')} else {inner(otherwise)})"
            case _:
                text = self._closure(node, names)
        return text

    def truth(self, node: Node, text: str, use: str) -> str:
        """The piece of Python of a tree, that has to be true or false."""
        if isinstance(node, CONDITIONS):
            return text
        return f"{self.keep(condition)}({text}, {use!r})"

    def _closure(self, node: Node, names: Mapping[str, str]) -> str:
        used = dict.fromkeys(it.name for it in free_names(node))
        values = ", ".join(f"{name!r}: {names[name]}" for name in used)
        return f"{self.keep(compile_tree(node))}({{{values}}})"

    def compile(self) -> Callable[..., Any]:
        """The function. It holds nothing but operations, objects and variables of this class."""
        exec(compile("\n".join(self._lines), "<compiled>", "exec"), self._kept)
        made: Callable[..., Any] = self._kept["made"]
        return made
