"""What is drawn together: names that get their values from one explicit list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations, product
from math import prod
from typing import Any

from generator.exact.numbers import Complex, Value
from generator.expressions.operations import joined


@dataclass(frozen=True)
class Group:
    """Names that are drawn from one list.

    Attributes:
        names: The names.
        members: The list, without repetitions of meaning: an index is drawn.
        different: The names get different members.
        decimals: Decimal places that are printed, for all members alike.
        part: The part that declares the group; None for the problem.
        fallback: The names are fallback values (``fallback_o1``).
        alternative: Part and index of the alternative that alone has the names; None elsewhere.
        shape: Each name is a list of so many members, or a matrix of rows and columns; else empty.
        ordered: The members of a list are in ascending order.
        repeats: A list may have a member more than once.
        edges: The ends of the edges of a graph, whose weights are drawn; each name is a list of
            ``(end, end, weight)``.
        directed: Its edges lead from the first end to the second.
        complex: Each name is a complex number; both parts are drawn.
    """

    names: tuple[str, ...]
    members: tuple[Value, ...]
    different: bool
    decimals: int
    part: str | None
    fallback: bool = False
    alternative: tuple[str, int] | None = None
    shape: tuple[int, ...] = ()
    ordered: bool = False
    repeats: bool = True
    edges: tuple[tuple[str, str], ...] = ()
    directed: bool = False
    complex: bool = False

    @property
    def size(self) -> int:
        """How many members a name has."""
        return prod(self.shape)

    def admits(self, value: Value) -> bool:
        """Whether a name can have this value."""
        if not self.shape:
            return value in self.members
        if self.complex:
            cells: tuple[Value, ...] | None = _parts(value)
        else:
            cells = _weights(value, self.edges) if self.edges else _cells(value, self.shape)
        if cells is None or not set(cells) <= set(self.members):
            return False
        return (self.repeats or len(set(cells)) == len(cells)) and (
            not self.ordered or list(cells) == sorted(cells, key=_as_number)
        )

    def arranged(self, cells: Sequence[Value]) -> Value:
        """Members, in the order in which they were drawn, as the list that a name is."""
        if self.complex:
            return joined(*cells)
        listed = tuple(sorted(cells, key=_as_number)) if self.ordered else tuple(cells)
        if self.edges:
            return tuple((*ends, cell) for ends, cell in zip(self.edges, listed, strict=True))
        if len(self.shape) == 1:
            return listed
        columns = self.shape[1]
        return tuple(listed[at : at + columns] for at in range(0, len(listed), columns))

    def samples(self) -> tuple[Value, ...]:
        """Values that a name can have: all members, or a list in which the longest ones stand."""
        if not self.shape:
            return self.members
        longest = sorted(self.members, key=lambda it: len(str(it)), reverse=True)
        cells = [longest[0 if self.repeats else at % len(longest)] for at in range(self.size)]
        return (self.arranged(cells),)


def _as_number(value: Value) -> Any:
    return value


def _parts(value: Value) -> tuple[Value, ...] | None:
    if isinstance(value, Complex):
        return value.real, value.imaginary
    return (value, Fraction(0)) if isinstance(value, Fraction) else None


def _weights(value: Value, edges: Sequence[tuple[str, str]]) -> tuple[Value, ...] | None:
    """The weights of a graph's edges; None if it is another graph."""
    if not isinstance(value, tuple) or len(value) != len(edges):
        return None
    pairs = zip(value, edges, strict=True)
    fits = all(isinstance(it, tuple) and len(it) == 3 and it[:2] == ends for it, ends in pairs)
    return tuple(it[2] for it in value if isinstance(it, tuple)) if fits else None


def _cells(value: Value, shape: tuple[int, ...]) -> tuple[Value, ...] | None:
    """The members of a list or a matrix, row by row; None if it has another shape."""
    if not isinstance(value, tuple) or len(value) != shape[0]:
        return None
    if len(shape) == 1:
        return value
    rows = [_cells(row, shape[1:]) for row in value]
    return tuple(cell for row in rows for cell in row or ()) if all(rows) else None


def variants(groups: Mapping[str, Group], names: Sequence[str]) -> list[tuple[Value, ...]]:
    """All combinations of values that some drawn names can have, in a fixed order.

    Names of a group whose values differ never have the same value.

    Args:
        groups: Every drawn name and its group.
        names: The names in question.
    """
    found: list[tuple[Value, ...]] = [()]
    for index, name in enumerate(names):
        group = groups[name]
        rivals = [at for at in range(index) if group.different and groups[names[at]] is group]
        found = [
            (*values, member)
            for values in found
            for member in _all_values(group)
            if member not in [values[at] for at in rivals]
        ]
    return found


def _all_values(group: Group) -> Iterator[Value]:
    """All values that a name can have; only for few of them."""
    if not group.shape:
        yield from group.members
        return
    rows = (
        product(group.members, repeat=group.size)
        if group.repeats
        else permutations(group.members, group.size)
    )
    yield from dict.fromkeys(group.arranged(cells) for cells in rows)


def count_variants(groups: Mapping[str, Group], names: Sequence[str]) -> int:
    """How many combinations :func:`variants` lists, without listing them."""
    total = 1
    for index, name in enumerate(names):
        group = groups[name]
        rivals = sum(group.different and groups[other] is group for other in names[:index])
        total *= len(group.members) ** group.size if group.shape else len(group.members) - rivals
    return total
