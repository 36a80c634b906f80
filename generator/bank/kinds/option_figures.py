"""Figures of options: drawn for each copy, of one size and with the same axes in a question.

A figure that is larger than the others, or has another axis, would tell which option is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from typing import Final

from generator.bank import models
from generator.bank.part import Crowded, Figure
from generator.bank.plot import Plot, PlotError
from generator.bank.problem import Groups
from generator.bank.read.context import Desk, Spot
from generator.bank.read.figure_files import read_figure
from generator.bank.yaml import Route
from generator.exact.numbers import Value

CROWDED: Final = (
    "plots of options that look the same",
    "options",
    "change the lists, or what is plotted",
)
"""What to say of draws of which none has plots that differ."""

_USUAL_MM: Final = {1: (60, 40), 2: (60, 40), 3: (35, 28)}
"""Width and height of a plot that states none, by the columns in which options stand."""
_NARROW_MM: Final = (23, 22)


def read_option_figure(
    desk: Desk,
    route: Route,
    spot: Spot,
    use: models.FigureUse | None,
    slot: str,
    groups: Groups,
    columns: int,
) -> Figure | None:
    """The figure of an option, as it stands in the bank.

    Args:
        slot: Where it stands, unique in the exam.
        groups: Every drawn name and its group.
        columns: So many options stand side by side.
    """
    if use is None:
        return None
    if use.answers:
        message = "the figure of an option is the same on paper and key; why gives the reason"
        desk.say((*route, "answers"), message)
        return None
    return read_figure(desk, route, spot, _with_usual_size(use, columns), slot, groups)


def _with_usual_size(use: models.FigureUse, columns: int) -> models.FigureUse:
    plot = use.plot
    if plot is None or plot.kind == "graph":
        return use
    sizes = zip(("width", "height"), _USUAL_MM.get(columns, _NARROW_MM), strict=True)
    usual = {name: Fraction(mm) for name, mm in sizes if name not in plot.model_fields_set}
    return use.model_copy(update={"plot": plot.model_copy(update=usual)})


def shown_by(use: models.FigureUse | None) -> str:
    """What tells a figure from another one."""
    if use is None:
        return ""
    said = use.model_dump_json(exclude_defaults=True, exclude={"name", "image", "width"})
    return f"{use.name or use.image or ''} {said if said != '{}' else ''}".strip()


def with_same_axes(
    desk: Desk, figures: Mapping[Route, Figure | None]
) -> dict[Route, Figure | None]:
    """The figures of the options of a part, each knowing the plots beside it.

    Args:
        figures: Where each option stands in the bank, to its figure.
    """
    plots = {route: it.plot for route, it in figures.items() if it is not None and it.plot}
    charts = {route: plot for route, plot in plots.items() if plot.is_chart}
    _check_alike(desk, list(plots.items()), ("width_mm", "height_mm"))
    _check_alike(desk, list(charts.items()), ("range_y",))
    _check_alike(desk, [it for it in charts.items() if not it[1].has_bars], ("range_x",))
    return {
        route: replace(it, plot=_beside(it.plot, plots)) if it is not None and it.plot else it
        for route, it in figures.items()
    }


def _beside(plot: Plot, plots: Mapping[Route, Plot]) -> Plot:
    others = tuple(other for other in plots.values() if other is not plot)
    return replace(plot, beside=others) if plot.is_chart else plot


def _check_alike(desk: Desk, plots: Sequence[tuple[Route, Plot]], names: Sequence[str]) -> None:
    """Complains about each plot that differs from the first one."""
    for route, plot in plots[1:]:
        first_route, first = plots[0]
        for name in names:
            ours, wanted = getattr(plot, name), getattr(first, name)
            if ours != wanted:
                field = name.removesuffix("_mm")
                line = desk.source.key_place((*first_route, "figure"))[0]
                message = (
                    f"plots of options are of one size and have the same axes, so that none stands "
                    f"out; that of line {line} has {field}: {_said(wanted)}, this one {_said(ours)}"
                )
                desk.say_key((*route, "figure", "plot"), message)


def _said(value: Fraction | tuple[Fraction, Fraction] | None) -> str:
    if value is None:
        return "none"
    if isinstance(value, Fraction):
        return f"{float(value):g} mm"
    return f"[{', '.join(f'{float(end):g}' for end in value)}]"


def refuse_alike(part: str, figures: Sequence[Figure | None], values: Mapping[str, Value]) -> None:
    """Refuses values for which nobody can tell two options of a copy apart.

    Raises:
        Crowded: Two of their plots look the same, and say the same.
    """
    drawn = [it for it in figures if it is not None]
    for one, other in combinations(drawn, 2):
        if one.plot is None or other.plot is None or _says(one) != _says(other):
            continue
        try:
            alike = one.plot.looks_like(other.plot, values)
        except PlotError:
            continue  # what cannot be drawn is said where it is drawn
        if alike:
            raise Crowded(part, len(drawn), len(drawn) - 1)


def _says(figure: Figure) -> list[str]:
    return [text.source for text in figure.labels.values()]
