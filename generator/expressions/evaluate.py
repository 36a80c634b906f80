"""Tree to closures: the tree is walked once, and what remains for each draw is a chain of calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, Final, TypeAlias

from generator.exact.numbers import Value
from generator.expressions.expression_errors import OperationError
from generator.expressions.functions import BINARY, FUNCTIONS
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
    walk,
)
from generator.expressions.operations import (
    charge,
    collect,
    condition,
    contains,
    describe,
    difference,
    element,
    equal,
    negate,
    piece_of,
)
from generator.expressions.precise import constant

CompiledTree: TypeAlias = Callable[[Mapping[str, Any]], Any]
"""A compiled tree: takes the values of the names, gives the value of the tree."""

NodeOperation: TypeAlias = Callable[..., Any]
"""What a node does with the values of its operands."""

Hook: TypeAlias = Callable[[Node, NodeOperation], NodeOperation]
"""Puts something around the operation of a node while the tree is compiled."""

COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": lambda a, b: difference(a, b, "<") < 0,
    "<=": lambda a, b: difference(a, b, "<=") <= 0,
    ">": lambda a, b: difference(a, b, ">") > 0,
    ">=": lambda a, b: difference(a, b, ">=") >= 0,
    "==": equal,
    "!=": lambda a, b: not equal(a, b),
}


def compile_tree(node: Node, hook: Hook | None = None) -> CompiledTree:
    """The closure that evaluates a tree.

    It raises `OperationError`, a trap of the decimal module or ``KeyError`` without a place. Who
    wants to know more of what happens on the way gives a hook.
    """
    return _Compiler(hook or (lambda _, operation: operation)).tree(node)


class _Compiler:
    """Makes a closure of each node, once: thousands of draws then never look at the tree."""

    def __init__(self, hook: Hook) -> None:
        self.hook = hook

    def tree(self, node: Node) -> CompiledTree:
        """A node as a function of the values; what it computes goes through the hook."""
        run: CompiledTree
        match node:
            case Number(value=value) | TextLiteral(value=value) | Truth(value=value):
                run = _constant(value)
            case Name(name=name):
                run = itemgetter(name)
            case Constant(name=name):
                run = _constant(constant(name))
            case Negative(operand=operand):
                run = _unary(self.hook(node, negate), self.tree(operand))
            case Binary(operator=operator, left=left, right=right):
                run = self.binary(self.hook(node, BINARY[operator]), left, right)
            case Call(function=function, arguments=arguments):
                run = self.call(self.hook(node, FUNCTIONS[function].apply), arguments)
            case Vector(items=items):
                run = self.call(self.hook(node, collect), items)
            case Index(base=base, index=index):
                run = self.binary(self.hook(node, element), base, index)
            case Slice():
                run = self.slice(node)
            case Comprehension():
                run = self.comprehension(node)
            case Member():
                run = self.membership(node)
            case Comparison():
                run = self.comparison(node)
            case Not(operand=operand):
                run = _negation(self.condition(node, "not"), self.tree(operand))
            case Logical():
                run = self.logical(node)
            case Conditional():
                run = self.conditional(node)
        return run

    def binary(self, operation: NodeOperation, left: Node, right: Node) -> CompiledTree:
        # Names and numbers are most of the leaves; reading them in place saves a call each.
        match left, right:
            case Name(name=first), Name(name=second):
                return lambda values: operation(values[first], values[second])
            case _, Name(name=second):
                run = self.tree(left)
                return lambda values: operation(run(values), values[second])
            case Name(name=first), Number(value=constant):
                return lambda values: operation(values[first], constant)
            case _, Number(value=constant):
                run = self.tree(left)
                return lambda values: operation(run(values), constant)
        run, other = self.tree(left), self.tree(right)
        return lambda values: operation(run(values), other(values))

    def call(self, operation: NodeOperation, arguments: tuple[Node, ...]) -> CompiledTree:
        runs = tuple(map(self.tree, arguments))
        if len(runs) == 1:
            return _unary(operation, runs[0])
        return lambda values: operation(*[run(values) for run in runs])

    def slice(self, node: Slice) -> CompiledTree:
        operation, base = self.hook(node, piece_of), self.tree(node.base)
        bounds = [None if it is None else self.tree(it) for it in (node.first, node.stop)]
        first, stop = (bound or _constant(None) for bound in bounds)
        return lambda values: operation(base(values), first(values), stop(values))

    def membership(self, node: Member) -> CompiledTree:
        operation = self.hook(node, contains)
        inside = self.binary(operation, node.item, node.items)
        return (lambda values: not inside(values)) if node.negated else inside

    def comprehension(self, node: Comprehension) -> CompiledTree:
        name, source = node.name, self.tree(node.source)
        chosen, listed = self.hook(node, _chosen), self.hook(node, _listed)
        element, test = self.tree(node.element), self.tree(node.test or _TRUE)
        cost = sum(1 for part in (node.element, node.test) if part for _ in walk(part))

        def run(values: Mapping[str, Any]) -> Any:
            found = []
            for item in listed(source(values)):
                # How long the list is shows only now; a bound on the text alone would not do.
                charge(cost)
                inside = InnerValues(values, name, item)
                if node.test is None or chosen(test(inside)):
                    found.append(element(inside))
            return collect(*found) if found else ()

        return run

    def condition(self, node: Node, use: str) -> NodeOperation:
        return self.hook(node, lambda value: condition(value, use))

    def comparison(self, node: Comparison) -> CompiledTree:
        tests = [self.hook(node, COMPARISONS[operator]) for operator in node.operators]
        if len(tests) == 1:
            return self.binary(tests[0], *node.operands)
        first, *others = map(self.tree, node.operands)
        links = tuple(zip(tests, others, strict=True))

        def run(values: Mapping[str, Any]) -> bool:
            left = first(values)
            for holds, other in links:
                right = other(values)
                if not holds(left, right):
                    return False
                left = right
            return True

        return run

    def logical(self, node: Logical) -> CompiledTree:
        runs = tuple(map(self.tree, node.operands))
        decisive, check = node.operator == "or", self.condition(node, node.operator)

        def run(values: Mapping[str, Any]) -> bool:
            for operand in runs:
                if check(operand(values)) == decisive:
                    return decisive
            return not decisive

        return run

    def conditional(self, node: Conditional) -> CompiledTree:
        test, then, otherwise = map(self.tree, (node.test, node.then, node.otherwise))
        check = self.condition(node, "if")
        return lambda values: then(values) if check(test(values)) else otherwise(values)


class InnerValues(dict[str, Any]):
    """Values in which one name is another thing than outside."""

    def __init__(self, outside: Mapping[str, Any], name: str, value: Any) -> None:
        super().__init__({name: value})
        self._outside = outside

    def __missing__(self, name: str) -> Any:
        return self._outside[name]

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self._outside


_TRUE: Final = Truth(0, 0, True)


def _chosen(value: Any) -> bool:
    return condition(value, "if")


def _listed(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, tuple):
        raise OperationError(f"for needs a list to go through, not {describe(value)}")
    return value


def _constant(value: Value | None) -> CompiledTree:
    return lambda values: value


def _unary(operation: NodeOperation, operand: CompiledTree) -> CompiledTree:
    return lambda values: operation(operand(values))


def _negation(check: NodeOperation, operand: CompiledTree) -> CompiledTree:
    return lambda values: not check(operand(values))
