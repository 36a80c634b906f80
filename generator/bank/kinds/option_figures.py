"""Figures of options: drawn for each copy, of one size and with the same axes in a question.

A figure that is larger than the others, or has another axis, would tell which option is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from typing import Final, Protocol

from generator.bank import models
from generator.bank.part import Crowded, Figure
from generator.bank.plot import Plot, PlotError
from generator.bank.problem import Groups
from generator.bank.read.context import ReadingDesk, Spot
from generator.bank.read.figure_files import read_figure
from generator.bank.read.plots import SMALLEST_MM
from generator.bank.yaml import Route
from generator.exact.numbers import Value


class ChoiceSize(Protocol):
    """What decides on the room of an option."""

    @property
    def columns(self) -> int:
        """So many options stand side by side."""

    @property
    def boxes(self) -> str:
        """``true_false`` if each has two."""


CROWDED: Final = (
    "plots of options that look the same",
    "options",
    "change the lists, or what is plotted",
)
"""What to say of draws of which none has plots that differ."""

_LARGEST_MM: Final = 60
"""The width of a plot that states none, where there is room for it."""
_QUESTION_MM: Final = {1: 149, 2: 63}
"""What a row of options has, by the columns of the paper; so has the class."""
_BOX_MM: Final = 12
"""Letter, box and the room around them, before what an option says."""
_SECOND_BOX_MM: Final = Fraction(92, 10)
_APART_MM: Final = 2
"""Between two options side by side."""


def room_mm(paper_columns: int, part: ChoiceSize) -> Fraction:
    """How wide an option may be."""
    room = Fraction(_QUESTION_MM[paper_columns], part.columns) - _BOX_MM
    room -= _SECOND_BOX_MM if part.boxes == "true_false" else 0
    return room - (_APART_MM if part.columns > 1 else 0)


def read_option_figure(
    desk: ReadingDesk,
    route: Route,
    spot: Spot,
    use: models.FigureUse | None,
    slot: str,
    groups: Groups,
    part: ChoiceSize,
) -> Figure | None:
    """The figure of an option, as it stands in the bank.

    Args:
        slot: Where it stands, unique in the exam.
        groups: Every drawn name and its group.
        part: How its options stand.
    """
    if use is None:
        return None
    if use.answers:
        message = "the figure of an option is the same on paper and key; why gives the reason"
        desk.say((*route, "answers"), message)
        return None
    room = room_mm(desk.paper_columns, part)
    figure = read_figure(desk, route, spot, _with_usual_size(use, room), slot, groups)
    width_mm = figure.plot.width_mm if figure and figure.plot else figure.width_mm if figure else 0
    if width_mm > room:
        is_hopeless = figure is not None and figure.plot is not None and room < SMALLEST_MM
        advice = (
            f"a plot needs {SMALLEST_MM} mm: state" if is_hopeless else "state a smaller width, or"
        )
        message = (
            f"the figure is {float(width_mm):g} mm wide, but an option has room for "
            f"{float(room):.0f} mm; {advice} fewer columns"
        )
        desk.say_key(route, message)
    return figure


def _with_usual_size(use: models.FigureUse, room: Fraction) -> models.FigureUse:
    plot = use.plot
    if plot is None or plot.kind == "graph":
        return use
    width_mm = max(min(int(room), _LARGEST_MM), SMALLEST_MM)
    height_mm = max(width_mm * 2 // 3, min(width_mm, SMALLEST_MM + 2))
    sizes = {"width": Fraction(width_mm), "height": Fraction(height_mm)}
    usual = {name: it for name, it in sizes.items() if name not in plot.model_fields_set}
    return use.model_copy(update={"plot": plot.model_copy(update=usual)})


def shown_by(use: models.FigureUse | None) -> str:
    """What tells a figure from another one."""
    if use is None:
        return ""
    said = use.model_dump_json(exclude_defaults=True, exclude={"name", "image", "width"})
    return f"{use.name or use.image or ''} {said if said != '{}' else ''}".strip()


def with_same_axes(
    desk: ReadingDesk, figures: Mapping[Route, Figure | None]
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


def _check_alike(
    desk: ReadingDesk, plots: Sequence[tuple[Route, Plot]], names: Sequence[str]
) -> None:
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
