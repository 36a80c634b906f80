"""The slow walk: a tree is evaluated node by node, and a visitor is told of each node's value.

`compile_tree` gives the same value faster; this walk is for those who need to know what happened
on the way: the message of an error, the arithmetic load, the branches that were taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import DecimalException, Overflow
from typing import Any, TypeAlias

from generator.expressions.errors import EvaluationError, OperationError
from generator.expressions.evaluate import COMPARISONS
from generator.expressions.nodes import (
    Binary,
    Call,
    Comparison,
    Conditional,
    Index,
    Logical,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Text,
    Vector,
    children,
    walk,
)
from generator.expressions.operations import (
    BINARY,
    FUNCTIONS,
    collect,
    condition,
    element,
    negate,
    normal,
    show,
)
from generator.numbers import Value

Visitor: TypeAlias = Callable[[Node, tuple[Any, ...], Any], None]
"""Called with a node, the values of the operands that were evaluated, and the node's value."""

MAX_VALUES_SHOWN = 8


def trace(node: Node, values: Mapping[str, Any], source: str, visit: Visitor | None = None) -> Any:
    """Evaluates a tree, operands before the operation, telling the visitor of every node.

    Raises:
        EvaluationError: With the innermost sub-expression that has no value.
    """
    return _Walk(values, source, visit).value(node)


class _Walk:
    def __init__(self, values: Mapping[str, Any], source: str, visit: Visitor | None) -> None:
        self.values, self.source, self.visit = values, source, visit

    def value(self, node: Node) -> Any:
        try:
            operands, result = self.apply(node)
        except EvaluationError:
            raise
        except (OperationError, DecimalException) as error:
            raise self.error(node, reason(error)) from None
        if self.visit is not None:
            self.visit(node, operands, result)
        return result

    def apply(self, node: Node) -> tuple[tuple[Any, ...], Any]:
        """The values of the operands that count, and the value of the node."""
        match node:
            case Comparison():
                return self.comparison(node)
            case Logical():
                return self.logical(node)
            case Conditional(test=test, then=then, otherwise=otherwise):
                chosen = condition(self.value(test), "if")
                return (chosen,), self.value(then if chosen else otherwise)
        operands = tuple(map(self.value, children(node)))
        return operands, self.plain(node, operands)

    def plain(self, node: Node, operands: tuple[Any, ...]) -> Any:
        """The value of a node all of whose operands count."""
        result: Any = None
        match node:
            case Number(value=value) | Text(value=value):
                result = value
            case Name(name=name):
                result = self.look_up(node, name)
            case Negative():
                result = negate(*operands)
            case Binary(operator=operator):
                result = BINARY[operator](*operands)
            case Index():
                result = element(*operands)
            case Vector():
                result = collect(*operands)
            case Call(function=function):
                result = FUNCTIONS[function].apply(*operands)
            case Not():
                result = not condition(operands[0], "not")
        return result

    def look_up(self, node: Node, name: str) -> Value:
        try:
            found = self.values[name]
        except KeyError:
            raise self.error(node, "this name has no value") from None
        return normal(found)

    def comparison(self, node: Comparison) -> tuple[tuple[Any, ...], bool]:
        operands = [self.value(node.operands[0])]
        for operator, operand in zip(node.operators, node.operands[1:], strict=True):
            operands.append(self.value(operand))
            if not COMPARISONS[operator](*operands[-2:]):
                return tuple(operands), False
        return tuple(operands), True

    def logical(self, node: Logical) -> tuple[tuple[Any, ...], bool]:
        decisive = node.operator == "or"
        operands = []
        for operand in node.operands:
            operands.append(condition(self.value(operand), node.operator))
            if operands[-1] is decisive:
                return tuple(operands), decisive
        return tuple(operands), not decisive

    def error(self, node: Node, why: str) -> EvaluationError:
        names = dict.fromkeys(part.name for part in walk(node) if isinstance(part, Name))
        shown = [f"{name} = {show(self.values[name])}" for name in names if name in self.values]
        if len(shown) > MAX_VALUES_SHOWN:
            shown[MAX_VALUES_SHOWN:] = ["..."]
        return EvaluationError(why, self.source[node.start : node.end], ", ".join(shown))


def reason(error: Exception) -> str:
    """What went wrong, in words; the decimal module's own are not for examiners."""
    if isinstance(error, Overflow):
        return "a result of more than 1000 digits; such a number is of no use on paper"
    if isinstance(error, DecimalException):
        return "a result that is not a finite number"
    return str(error)
