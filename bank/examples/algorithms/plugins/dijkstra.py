"""Dijkstra's algorithm on a graph whose weights were drawn."""

from collections.abc import Mapping
from typing import Any

from generator import Value, solver

Edges = list[tuple[str, str, Any]]


def nodes(graph: Edges) -> list[str]:
    """The nodes in the order of the alphabet."""
    return sorted({end for edge in graph for end in edge[:2]})


def run(graph: Edges, start: str) -> tuple[list[str], list[dict[str, Any]], dict[str, str]]:
    """The nodes as they are settled, the distances known after each, and predecessors."""
    known: dict[str, Any] = {start: 0}
    before: dict[str, str] = {}
    settled: list[str] = []
    rows: list[dict[str, Any]] = []
    while len(settled) < len(known):
        # The nearest that is not settled; of two as near, the first in the alphabet.
        nearest = min(
            (it for it in nodes(graph) if it in known and it not in settled), key=known.get
        )
        settled.append(nearest)
        for first, second, weight in graph:
            if nearest not in (first, second):
                continue
            other = second if nearest == first else first
            if other not in known or known[nearest] + weight < known[other]:
                known[other], before[other] = known[nearest] + weight, nearest
        rows.append(dict(known))
    return settled, rows, before


def last_edges(graph: Edges, known: Mapping[str, Any], node: str) -> list[list[str]]:
    """The edges with which shortest paths to a node may end."""
    found = []
    for first, second, weight in graph:
        for one, other in ((first, second), (second, first)):
            if other == node and known[one] + weight == known[node]:
                found.append([one, other])
    return found


@solver(
    "dijkstra",
    uses=("graph", "start", "goal"),
    gives=("order", "table", "distance", "path", "tree"),
)
def dijkstra(values: Mapping[str, Value]) -> Mapping[str, Any]:
    """All that a table of Dijkstra's algorithm shows.

    Of the undirected ``graph``, a list of (end, end, weight), from ``start`` to ``goal``:

    ``order`` in which nodes are settled, ``table`` with a heading and, for each settled node, the
    distances that are known then, the ``distance`` and the shortest ``path`` to the goal, the
    edges of all shortest paths as pairs of nodes: a ``tree``, if no two paths are equally long.
    """
    graph, start, goal = list(values["graph"]), values["start"], values["goal"]
    settled, rows, before = run(graph, start)
    heading = ["settled", *nodes(graph)]
    table = [heading]
    for node, row in zip(settled, rows, strict=True):
        table.append([node, *(row.get(other, "--") for other in nodes(graph))])
    path = [goal]
    while path[-1] != start:
        path.append(before[path[-1]])
    tree = [edge for node in settled[1:] for edge in last_edges(graph, rows[-1], node)]
    return {
        "order": settled,
        "table": table,
        "distance": rows[-1][goal],
        "path": path[::-1],
        "tree": tree,
    }
