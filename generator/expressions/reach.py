"""What a value really depends on: which names reach the result of an expression, for given values.

A name reaches the result if the result would move with it. What is multiplied by zero, what a unit
clips, and a branch that is not taken do not get through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from generator.exact.numbers import Value
from generator.expressions.evaluate import InnerValues, compile_tree
from generator.expressions.nodes import (
    Binary,
    Call,
    Comprehension,
    Conditional,
    Name,
    Node,
    Vector,
    children,
)
from generator.expressions.operations import METER

Names = frozenset[str]

NOTHING: Final[Names] = frozenset()


def reach(tree: Node, values: Mapping[str, Value]) -> Names:
    """The names that reach the value of a tree.

    Args:
        values: The values of its names; the tree has a value for them.
    """
    METER.spent = 0
    return _reach(tree, values)


def _reach(node: Node, values: Mapping[str, Value]) -> Names:
    match node:
        case Name(name=name):
            return frozenset((name,))
        case Conditional(test=test, then=then, otherwise=otherwise):
            return _reach(then if _value(test, values) else otherwise, values)
        case Binary(operator="*", left=left, right=right):
            return _product((left, right), values)
        case Binary(operator="/" | "**", left=left) if _is_zero(_value(left, values)):
            return NOTHING
        case Comprehension():
            return _items(node, values)
        case Call(function=name, arguments=arguments) if name in _CALLS:
            return _CALLS[name](arguments, values)
    return _union(children(node), values)


def _union(nodes: Iterable[Node], values: Mapping[str, Value]) -> Names:
    return NOTHING.union(*(_reach(node, values) for node in nodes))


def _items(node: Comprehension, values: Mapping[str, Value]) -> Names:
    """What reaches the items that a list is made of, and what decides which they are; what they
    are called within the list is no name outside of it."""
    reached = NOTHING
    for item in _value(node.source, values):
        inside = InnerValues(values, node.name, item)
        if node.test is not None:
            reached |= _reach(node.test, inside)
        if node.test is None or _value(node.test, inside):
            reached |= _reach(node.element, inside)
    through = _reach(node.source, values) if node.name in reached else NOTHING
    return (reached - {node.name}) | through


def _product(factors: tuple[Node, ...], values: Mapping[str, Value]) -> Names:
    """Nothing gets through a factor of zero, not even the factor itself: 0 times 3 is no work."""
    if any(_is_zero(_value(factor, values)) for factor in factors):
        return NOTHING
    return _union(factors, values)


def _gate(function: str) -> Callable[[tuple[Node, ...], Mapping[str, Value]], Names]:
    """A function whose zero says that something is switched off."""

    def through(arguments: tuple[Node, ...], values: Mapping[str, Value]) -> Names:
        whole = Call(0, 0, function, arguments)
        return NOTHING if _is_zero(_value(whole, values)) else _union(arguments, values)

    return through


def _choice(function: str) -> Callable[[tuple[Node, ...], Mapping[str, Value]], Names]:
    """A maximum or minimum: only the operands that are chosen count."""

    def through(arguments: tuple[Node, ...], values: Mapping[str, Value]) -> Names:
        chosen = _value(Call(0, 0, function, arguments), values)
        if len(arguments) == 1 and isinstance(arguments[0], Vector):
            arguments = arguments[0].items
        taken = [node for node in arguments if _value(node, values) == chosen]
        return _union(taken or arguments, values)

    return through


_CALLS: Final = {
    **{name: _gate(name) for name in ("relu", "step", "indicator")},
    **{name: _choice(name) for name in ("max", "min")},
    **dict.fromkeys(("dot", "hadamard", "matmul"), _product),
}


def _value(node: Node, values: Mapping[str, Value]) -> Any:
    return compile_tree(node)(values)


def _is_zero(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_zero, value))
    return not isinstance(value, str) and not value
