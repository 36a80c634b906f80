"""Plots of a problem: their fields, with every name in their expressions checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Final

from generator.bank import models
from generator.bank.group import Group
from generator.bank.part import Figure
from generator.bank.plot import EDGE_MM, VARIABLE, Edge, Plot
from generator.bank.read.computed import read_expression
from generator.bank.read.context import Known, ReadingDesk, Spot
from generator.bank.read.texts import fixed_text, key_text, paper_text
from generator.bank.template import Text
from generator.bank.yaml import Route
from generator.expressions import Expression

SMALLEST_MM: Final = 20
"""The least width and height of a plot."""
_LARGEST_MM: Final = (165, 220)

_NEEDS: Final = {
    "bar": ("y",),
    "line": ("y",),
    "scatter": ("y", "x"),
    "histogram": ("y", "bins"),
    "function": ("y", "range_x"),
    "graph": ("nodes", "edges"),
}
_TAKES: Final = {
    "bar": ("categories", "range_y", "label_x", "label_y"),
    "line": ("x", "range_x", "range_y", "label_x", "label_y"),
    "scatter": ("range_x", "range_y", "label_x", "label_y"),
    "histogram": ("range_y", "label_x", "label_y"),
    "function": ("range_y", "label_x", "label_y"),
    "graph": ("of", "directed", "marked"),
}
_SIZE: Final = ("width", "height")


def read_plot(
    desk: ReadingDesk,
    route: Route,
    spot: Spot,
    use: models.FigureUse,
    slot: str,
    groups: Mapping[str, Group],
    *,
    of_key: bool,
) -> Figure | None:
    """The figure of a plot.

    Args:
        slot: Where it stands, unique in the exam.
        groups: Every drawn name and its group.
        of_key: Only the key shows it: it may show answers.
    """
    fields = use.plot
    assert fields is not None
    for name in ("width", "values", "compute", "labels", "answers"):
        if getattr(use, name):
            desk.say((*route, name), "belongs to a figure from a file, and not to a plot")
    here = (*route, "plot")
    before = len(desk.complaints)
    fields = _with_drawn_edges(desk, here, spot, fields, groups)
    _check_fields(desk, here, fields)
    plot = _read_fields(desk, here, spot, fields, of_key=of_key)
    text = key_text if of_key else paper_text
    labels = {
        f"{start}to{end}": text(desk, (*here, "edges", number, 2), spot, edge[2])
        for number, edge in enumerate(fields.edges)
        if len(edge) > 2
        for start, end in (edge[:2],)
    }
    desk.used |= plot.names
    if len(desk.complaints) > before:
        return None
    if fields.kind == "graph":
        plot = _as_graph(plot, fields)
    place = desk.source.key_place(route)
    return Figure(slot, fields.kind, (), None, place=place, labels=labels, plot=plot)


def _read_fields(
    desk: ReadingDesk, here: Route, spot: Spot, fields: models.PlotFields, *, of_key: bool
) -> Plot:
    """What a plot says, but for the edges of a graph."""
    return Plot(
        fields.kind,  # type: ignore[arg-type]
        fields.width,
        fields.height,
        _expression(desk, (*here, "y"), spot, fields.y, fields.kind, of_key=of_key),
        _expression(desk, (*here, "x"), spot, fields.x, fields.kind, of_key=of_key),
        tuple(
            fixed_text(desk, (*here, "categories", number), spot, source)
            for number, source in enumerate(fields.categories)
        ),
        fields.range_x,
        fields.range_y,
        fields.bins,
        _axis_text(desk, (*here, "label_x"), spot, fields.label_x),
        _axis_text(desk, (*here, "label_y"), spot, fields.label_y),
        fields.nodes or None,
        directed=fields.directed,
        marked=_expression(
            desk, (*here, "marked"), spot, fields.marked, fields.kind, of_key=of_key
        ),
    )


def _with_drawn_edges(
    desk: ReadingDesk,
    route: Route,
    spot: Spot,
    fields: models.PlotFields,
    groups: Mapping[str, Group],
) -> models.PlotFields:
    """A plot ``of`` a drawn graph as if its edges were written out."""
    if fields.of is None:
        return fields
    group, here = groups.get(fields.of), (*route, "of")
    reason = desk.why_unknown(fields.of, spot)
    if reason is None and (group is None or not group.edges):
        reason = f"{fields.of} is no drawn graph; name one that draw gives its edges"
    if fields.edges:
        reason = f"the edges are those of {fields.of} already; state one of edges and of"
    if group is None or reason is not None:
        desk.say(here, str(reason))
        return fields
    edges = tuple(
        (*ends, f"<< {fields.of}[{number}][2] >>") for number, ends in enumerate(group.edges)
    )
    return fields.model_copy(update={"edges": edges, "directed": group.directed})


def _as_graph(plot: Plot, fields: models.PlotFields) -> Plot:
    """It is as large as its nodes need."""
    edges = tuple(
        Edge(edge[0], edge[1], f"{edge[0]}to{edge[1]}" if len(edge) > 2 else "")
        for edge in fields.edges
    )
    across = max((x for x, _ in fields.nodes.values()), default=Fraction(0))
    up = max((y for _, y in fields.nodes.values()), default=Fraction(0))
    return replace(plot, edges=edges, width_mm=across + 2 * EDGE_MM, height_mm=up + 2 * EDGE_MM)


def _expression(
    desk: ReadingDesk, route: Route, spot: Spot, source: str | None, kind: str, *, of_key: bool
) -> Expression | None:
    if source is None:
        return None
    why_not = desk.why_not_computable if of_key else desk.why_secret
    if kind != "function":
        return read_expression(desk, route, spot, source, why_not)
    # x is the axis, whatever else the problem calls x.
    kept, was_used = desk.names.get(VARIABLE), VARIABLE in desk.used
    desk.names[VARIABLE] = Known("drawn", Spot(), route)
    try:
        return read_expression(desk, route, spot, source, why_not)
    finally:
        del desk.names[VARIABLE]
        if kept is not None:
            desk.names[VARIABLE] = kept
        if not was_used:
            desk.used.discard(VARIABLE)


def _axis_text(desk: ReadingDesk, route: Route, spot: Spot, source: str | None) -> Text | None:
    return fixed_text(desk, route, spot, source) if source is not None else None


def _check_fields(desk: ReadingDesk, route: Route, fields: models.PlotFields) -> None:
    needed, taken = _NEEDS[fields.kind], _TAKES[fields.kind]
    for name in needed:
        if not getattr(fields, name) and not (name == "edges" and fields.of):
            instead = ", or of: a drawn graph" if name == "edges" else ""
            desk.say(route, f"a plot of kind {fields.kind} needs {name}{instead}")
    size = () if fields.kind == "graph" else _SIZE
    for name in fields.model_fields_set - {"kind", *needed, *taken, *size}:
        known = ", ".join((*needed, *taken, *size))
        desk.say_key((*route, name), f"a plot of kind {fields.kind} has {known}")
    for name, largest in zip(_SIZE, _LARGEST_MM, strict=True):
        if not SMALLEST_MM <= getattr(fields, name) <= largest:
            desk.say((*route, name), f"expected {SMALLEST_MM} to {largest} mm")
    for name in ("range_x", "range_y"):
        ends = getattr(fields, name)
        if ends is not None and ends[0] >= ends[1]:
            desk.say((*route, name), "expected the lower end, then the upper one")
    if list(fields.bins) != sorted(set(fields.bins)) or len(fields.bins) == 1:
        desk.say((*route, "bins"), "expected at least two limits, each larger than the one before")
    for complaint_route, message in _wrong_in_graph(route, fields):
        desk.say(complaint_route, message)


def _wrong_in_graph(route: Route, fields: models.PlotFields) -> Iterator[tuple[Route, str]]:
    for name, (x, y) in fields.nodes.items():
        if min(x, y) < 0 or x > _LARGEST_MM[0] - 2 * EDGE_MM or y > _LARGEST_MM[1]:
            yield (*route, "nodes", name), "expected a place from 0 to 155 mm, 0 to 220 mm"
    seen: set[tuple[str, str]] = set()
    for number, edge in enumerate(fields.edges):
        here = (*route, "edges", number)
        if len(edge) not in (2, 3):
            yield here, "expected two nodes, and what stands beside the edge, if anything"
            continue
        ends = edge[0], edge[1]
        unknown = [node for node in ends if node not in fields.nodes]
        if unknown:
            yield here, f"{unknown[0]} is none of the nodes"
        elif ends[0] == ends[1] or fields.nodes[ends[0]] == fields.nodes[ends[1]]:
            yield here, "an edge joins two nodes at different places"
        if ends in seen:
            yield here, f"the edge from {ends[0]} to {ends[1]} is there twice"
        seen.add(ends)
