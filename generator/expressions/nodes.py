"""The tree of an expression: what is left of Python's syntax once the whitelist has been applied.

Everything else (value, worked step, dependencies, load) is read from this tree. Each node knows
where it stands in the source, so that a message can quote it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written, e.g. ``0.10``: its exact value and its digits."""

    start: int
    end: int
    value: Fraction
    digits: str


@dataclass(frozen=True, slots=True)
class TextLiteral:
    """A string, to be compared or to be a value."""

    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class Truth:
    """``true`` or ``false``."""

    start: int
    end: int
    value: bool


@dataclass(frozen=True, slots=True)
class Name:
    """A drawn variable or a step."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """pi or e, unless the problem has a name of its own for that."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Vector:
    """``[a, b, c]``; a matrix is a vector of its rows."""

    start: int
    end: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """``v[i]``, counted from 0."""

    start: int
    end: int
    base: Node
    index: Node


@dataclass(frozen=True, slots=True)
class Slice:
    """``v[1:3]``, of a list or a text; without an end None."""

    start: int
    end: int
    base: Node
    first: Node | None
    stop: Node | None


@dataclass(frozen=True, slots=True)
class Comprehension:
    """``[element for name in source if test]``; the name is known in element and test alone."""

    start: int
    end: int
    element: Node
    name: str
    source: Node
    test: Node | None


@dataclass(frozen=True, slots=True)
class Member:
    """``a in v``, or ``a not in v``."""

    start: int
    end: int
    item: Node
    items: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class Negative:
    """``-a``."""

    start: int
    end: int
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """``a + b`` and the like; the operator is one of ``+ - * / ** %``."""

    start: int
    end: int
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison:
    """``a < b <= c``; one operator fewer than operands."""

    start: int
    end: int
    operators: tuple[str, ...]
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """``not a``."""

    start: int
    end: int
    operand: Node


@dataclass(frozen=True, slots=True)
class Logical:
    """``a and b and c``, or the same with ``or``."""

    start: int
    end: int
    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Conditional:
    """``then if test else otherwise``."""

    start: int
    end: int
    test: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Call:
    """``relu(a)``."""

    start: int
    end: int
    function: str
    arguments: tuple[Node, ...]


Node: TypeAlias = (
    Number
    | TextLiteral
    | Truth
    | Name
    | Constant
    | Vector
    | Index
    | Slice
    | Comprehension
    | Member
    | Negative
    | Binary
    | Comparison
    | Not
    | Logical
    | Conditional
    | Call
)

CONDITIONS = (Comparison, Not, Logical, Member, Truth)
"""Nodes whose value is true or false and nothing else."""


def children(node: Node) -> tuple[Node, ...]:
    """The operands of a node, from left to right as written."""
    found: tuple[Node, ...]
    match node:
        case Number() | TextLiteral() | Truth() | Name() | Constant():
            found = ()
        case Vector(items=nodes) | Call(arguments=nodes):
            found = nodes
        case Comparison(operands=nodes) | Logical(operands=nodes):
            found = nodes
        case Index(base=base, index=index):
            found = (base, index)
        case Slice(base=base, first=first, stop=stop):
            found = tuple(it for it in (base, first, stop) if it is not None)
        case Comprehension(element=element, source=source, test=test):
            found = (element, source) if test is None else (element, source, test)
        case Member(item=item, items=items):
            found = (item, items)
        case Negative(operand=operand) | Not(operand=operand):
            found = (operand,)
        case Binary(left=left, right=right):
            found = (left, right)
        case Conditional(test=test, then=then, otherwise=otherwise):
            found = (then, test, otherwise)
    return found


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, parents first, in the order of the source."""
    yield node
    for child in children(node):
        yield from walk(child)


def free_names(node: Node, bound: frozenset[str] = frozenset()) -> Iterator[Name]:
    """The names that a tree needs a value for, each time that it is there."""
    if isinstance(node, Name):
        if node.name not in bound:
            yield node
    elif isinstance(node, Comprehension):
        inside = bound | {node.name}
        yield from free_names(node.element, inside)
        yield from free_names(node.source, bound)
        if node.test is not None:
            yield from free_names(node.test, inside)
    else:
        for child in children(node):
            yield from free_names(child, bound)
