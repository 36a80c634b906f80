"""Tree to closures: the tree is walked once, and what remains for each draw is a chain of calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, Final, TypeAlias

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
)
from generator.expressions.operations import (
    BINARY,
    FUNCTIONS,
    collect,
    condition,
    difference,
    element,
    equal,
    negate,
)
from generator.numbers import Value

Run: TypeAlias = Callable[[Mapping[str, Any]], Any]
"""A compiled tree: takes the values of the names, gives the value of the tree."""

COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": lambda a, b: difference(a, b, "<") < 0,
    "<=": lambda a, b: difference(a, b, "<=") <= 0,
    ">": lambda a, b: difference(a, b, ">") > 0,
    ">=": lambda a, b: difference(a, b, ">=") >= 0,
    "==": equal,
    "!=": lambda a, b: not equal(a, b),
}


def compile_tree(node: Node) -> Run:
    """The closure that evaluates a tree.

    It raises `OperationError`, a trap of the decimal module or ``KeyError`` without a place.
    """
    run: Run
    match node:
        case Number(value=value) | Text(value=value):
            run = _constant(value)
        case Name(name=name):
            run = itemgetter(name)
        case Negative(operand=operand):
            run = _unary(negate, compile_tree(operand))
        case Binary(operator=operator, left=left, right=right):
            run = _binary(BINARY[operator], left, right)
        case Call(function=function, arguments=arguments):
            run = _call(FUNCTIONS[function].apply, arguments)
        case Vector(items=items):
            run = _call(collect, items)
        case Index(base=base, index=index):
            run = _binary(element, base, index)
        case Comparison():
            run = _comparison(node)
        case Not(operand=operand):
            run = _negation(compile_tree(operand))
        case Logical():
            run = _logical(node)
        case Conditional():
            run = _conditional(node)
    return run


def _constant(value: Value) -> Run:
    return lambda values: value


def _unary(operation: Callable[[Any], Value], operand: Run) -> Run:
    return lambda values: operation(operand(values))


def _binary(operation: Callable[[Any, Any], Any], left: Node, right: Node) -> Run:
    # Names and numbers are most of the leaves; reading them in place saves a call each.
    match left, right:
        case Name(name=first), Name(name=second):
            return lambda values: operation(values[first], values[second])
        case _, Name(name=second):
            run = compile_tree(left)
            return lambda values: operation(run(values), values[second])
        case Name(name=first), Number(value=constant):
            return lambda values: operation(values[first], constant)
        case _, Number(value=constant):
            run = compile_tree(left)
            return lambda values: operation(run(values), constant)
    run, other = compile_tree(left), compile_tree(right)
    return lambda values: operation(run(values), other(values))


def _call(operation: Callable[..., Value], arguments: tuple[Node, ...]) -> Run:
    runs = tuple(compile_tree(argument) for argument in arguments)
    if len(runs) == 1:
        return _unary(operation, runs[0])
    return lambda values: operation(*[run(values) for run in runs])


def _comparison(node: Comparison) -> Run:
    if len(node.operators) == 1:
        return _binary(COMPARISONS[node.operators[0]], *node.operands)
    first, *others = map(compile_tree, node.operands)
    links = tuple(zip([COMPARISONS[name] for name in node.operators], others, strict=True))

    def run(values: Mapping[str, Any]) -> bool:
        left = first(values)
        for compare, other in links:
            right = other(values)
            if not compare(left, right):
                return False
            left = right
        return True

    return run


def _negation(operand: Run) -> Run:
    return lambda values: not condition(operand(values), "not")


def _logical(node: Logical) -> Run:
    runs = tuple(map(compile_tree, node.operands))
    use, decisive = node.operator, node.operator == "or"

    def run(values: Mapping[str, Any]) -> bool:
        for operand in runs:
            if condition(operand(values), use) is decisive:
                return decisive
        return not decisive

    return run


def _conditional(node: Conditional) -> Run:
    test, then, otherwise = map(compile_tree, (node.test, node.then, node.otherwise))

    def run(values: Mapping[str, Any]) -> Any:
        return then(values) if condition(test(values), "if") else otherwise(values)

    return run
