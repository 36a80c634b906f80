"""Graphs: lists of ``[end, end, weight]``, as they are drawn."""

from __future__ import annotations

from typing import Any

from generator.exact.numbers import Value
from generator.expressions.expression_errors import OperationError
from generator.expressions.operations import ZERO, charge, describe

_PARTS_OF_AN_EDGE = 3


def _edges(graph: Any, use: str) -> tuple[tuple[str, str, Value], ...]:
    fits = isinstance(graph, tuple) and all(
        isinstance(edge, tuple)
        and len(edge) == _PARTS_OF_AN_EDGE
        and all(isinstance(end, str) for end in edge[:2])
        for edge in graph
    )
    if not fits or not graph:
        raise OperationError(f"{use} needs a graph, drawn by edges, not {describe(graph)}")
    charge(len(graph))
    return tuple(graph)


def weights(graph: Any) -> Value:
    """The weights of the edges, in their order."""
    return tuple(weight for _, _, weight in _edges(graph, "weights"))


def nodes(graph: Any) -> Value:
    """The nodes, in the order of the alphabet."""
    return tuple(sorted({end for edge in _edges(graph, "nodes") for end in edge[:2]}))


def weight(graph: Any, start: Any, end: Any) -> Value:
    """The weight of an edge; without a direction, the ends may be exchanged."""
    known = {edge[:2]: edge[2] for edge in _edges(graph, "weight")}
    found = known.get((start, end), known.get((end, start)))
    if found is None:
        raise OperationError(f"there is no edge between {describe(start)} and {describe(end)}")
    return found


def adjacency(graph: Any) -> Value:
    """The matrix of weights, rows and columns in the order of `nodes`; 0 where no edge is."""
    return _matrix(graph, both_ways=True)


def directed_adjacency(graph: Any) -> Value:
    """The same where edges lead from the first end, the row, to the second, the column."""
    return _matrix(graph, both_ways=False)


def _matrix(graph: Any, *, both_ways: bool) -> Value:
    edges = _edges(graph, "adjacency")
    known = {edge[:2]: edge[2] for edge in edges}
    if both_ways:
        known |= {(edge[1], edge[0]): edge[2] for edge in edges}
    names: Any = nodes(graph)
    charge(len(names) ** 2)
    return tuple(tuple(known.get((row, column), ZERO) for column in names) for row in names)
