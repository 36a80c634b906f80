"""Plots as TeX: paths in the language of PDF, and texts at their places.

A plot is drawn for every copy, so it is not left to TikZ: a path is one literal (ISO 32000-1, 8.5),
which pdfTeX copies as it is. Lengths are points of PDF from the lower left corner of the plot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import hypot
from typing import Final, Literal

from generator.bank.part import Figure
from generator.bank.plot import EDGE_MM, Plot, Point
from generator.compose.frame import FigureSize, LabelPlace
from generator.exact.numbers import Value
from generator.language.conventions import Conventions
from generator.language.forms import Form
from generator.layout import MM_PER_TEX_PT, PT_PER_MM

Align = Literal["l", "c", "r"]

TYPE_PT: Final = "9"
"""The size of the texts of a plot."""
SMALL_TYPE_PT: Final = "7"
"""The same of a small one, such as stand side by side."""
_SMALL_MM: Final = 45

_TICK_PT: Final = 2.8
_GAP_PT: Final = 2.5
_FREE_PT: Final = 7.0
"""Above and to the right of the axes."""
_MOST_TICKS: Final = 6
_NODE_PT: Final = 10.0
_EDGE_PT: Final = float(EDGE_MM) * PT_PER_MM
_LABEL_PT: Final = 26.0
_THICK_PT: Final = 2.2
"""The line of a marked edge."""
_NUMBER: Final = Form()
_ROUND: Final = 0.5523  # a quarter of a circle as a Bézier curve


@dataclass(frozen=True)
class _Type:
    """The type of a plot: its size, and what follows from that."""

    name: str

    @property
    def em_pt(self) -> float:
        return float(self.name)

    @property
    def capital_pt(self) -> float:
        return 0.678 * self.em_pt

    @property
    def descent_pt(self) -> float:
        return 0.244 * self.em_pt

    @property
    def line_pt(self) -> float:
        return 1.333 * self.em_pt


_USUAL_TYPE: Final = _Type(TYPE_PT)


@dataclass
class _Drawing:
    """What is drawn: operators, and texts."""

    type: _Type = _USUAL_TYPE
    operators: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def path(self, points: Iterable[tuple[float, float]], how: str) -> None:
        """A line through points, painted as an operator says."""
        moves = [f"{_bp(x)} {_bp(y)} {'l' if at else 'm'}" for at, (x, y) in enumerate(points)]
        self.operators.append(f"{' '.join(moves)} {how}")

    def box(self, left: float, bottom: float, width: float, height: float, how: str) -> None:
        numbers = " ".join(map(_bp, (left, bottom, width, height)))
        self.operators.append(f"{numbers} re {how}")

    def circle(self, x: float, y: float, radius: float, how: str) -> None:
        k = radius * _ROUND
        curves = (
            (x + radius, y + k, x + k, y + radius, x, y + radius),
            (x - k, y + radius, x - radius, y + k, x - radius, y),
            (x - radius, y - k, x - k, y - radius, x, y - radius),
            (x + k, y - radius, x + radius, y - k, x + radius, y),
        )
        arcs = " ".join(" ".join(map(_bp, curve)) + " c" for curve in curves)
        self.operators.append(f"{_bp(x + radius)} {_bp(y)} m {arcs} {how}")

    def say(self, x: float, y: float, align: Align, tex: str, *, upward: bool = False) -> None:
        command = "DrawUpward" if upward else "DrawText"
        self.texts.append(f"\\{command}{{{_bp(x)}}}{{{_bp(y)}}}{{{align}}}{{{tex}}}%\n")

    def tex(self) -> str:
        size = "" if self.type == _USUAL_TYPE else f"\\DrawSize{{{self.type.name}}}%\n"
        return f"{size}\\DrawPath{{{' '.join(self.operators)}}}%\n" + "".join(self.texts)


@dataclass(frozen=True)
class _Axis:
    """An axis: from which number to which, and where these stand."""

    low: Fraction
    high: Fraction
    start_pt: float
    end_pt: float

    def at(self, number: Fraction) -> float:
        share = (number - self.low) / (self.high - self.low)
        return self.start_pt + float(share) * (self.end_pt - self.start_pt)


def plot_size(figure: Figure) -> FigureSize:
    """The size of a plot, and where the labels of a graph's edges stand in it."""
    plot = figure.plot
    assert plot is not None
    width_pt, height_pt = (
        f"{float(length) / MM_PER_TEX_PT:.4f}pt" for length in (plot.width_mm, plot.height_mm)
    )
    return FigureSize(width_pt, height_pt, dict(_edge_labels(plot)), drawn=True)


def type_pt(plot: Plot) -> str:
    """The size of the texts of a plot."""
    return SMALL_TYPE_PT if plot.is_chart and plot.width_mm < _SMALL_MM else TYPE_PT


def draw_plot(plot: Plot, values: Mapping[str, Value], conventions: Conventions) -> str:
    """A plot of a copy's values, as TeX.

    Raises:
        PlotError: Nothing can be drawn of these values.
        EvaluationError: An expression has no value.
    """
    drawing = _Drawing(_Type(type_pt(plot)), ["0 G 0 g 0.5 w 1 j"])
    if plot.kind == "graph":
        _draw_graph(plot, values, drawing)
    else:
        _draw_chart(plot, values, conventions, drawing)
    return drawing.tex()


def say_at(place: LabelPlace, tex: str) -> str:
    """The label of a plot that stands by itself, as TeX."""
    drawing = _Drawing()
    drawing.say(place.x_pt + place.width_pt / 2, place.y_pt, "c", tex)
    return "".join(drawing.texts)


# Charts


def _draw_chart(
    plot: Plot, values: Mapping[str, Value], conventions: Conventions, drawing: _Drawing
) -> None:
    """Bars, points or curves between their axes, which leave room for the numbers beside them."""
    bars = plot.has_bars
    heights = [y for _, y in plot.drawn(values)]
    curves = plot.curve(values) if plot.kind == "function" else [plot.drawn(values)]
    ends_y, most_y = (
        plot.range_y or plot.span_y(values),
        _most_ticks(plot.height_mm, drawing.type.line_pt),
    )
    ticks_y, low_y, high_y = _ticks(ends_y, plot.range_y, most_y)
    shown_y = [_shown(it, conventions) for it in ticks_y]
    line_pt = drawing.type.line_pt
    left = _GAP_PT + _TICK_PT + max(map(len, shown_y)) * drawing.type.em_pt * 0.53
    left += line_pt if plot.label_y is not None else 2.0
    bottom = _TICK_PT + _GAP_PT + line_pt - 3 + (line_pt if plot.label_x is not None else 0)
    right, top = (float(it) * PT_PER_MM - _FREE_PT for it in (plot.width_mm, plot.height_mm))
    axis_y = _Axis(low_y, high_y, bottom, top)
    _grid(drawing, axis_y, ticks_y, shown_y, left, right)
    if bars:
        axis_x = _bars(plot, heights, drawing, axis_y, left, right, conventions)
    else:
        ends_x, most_x = (
            plot.range_x or plot.span_x(values),
            _most_ticks(plot.width_mm, 1.9 * drawing.type.em_pt),
        )
        whole = plot.kind == "line" and plot.x is None  # 1, 2, 3, …
        ticks_x, low_x, high_x = _ticks(ends_x, plot.range_x, most_x, int(whole))
        axis_x = _Axis(low_x, high_x, left, right)
        _ticks_below(drawing, axis_x, ticks_x, bottom, conventions)
        _draw_points(plot, curves, drawing, axis_x, axis_y)
    drawing.operators.append("0 G 0.5 w")
    drawing.path([(left, top), (left, bottom), (right, bottom)], "S")
    if low_y < 0 < high_y:
        drawing.path([(left, axis_y.at(Fraction(0))), (right, axis_y.at(Fraction(0)))], "S")
    if not bars and axis_x.low < 0 < axis_x.high:
        drawing.path([(axis_x.at(Fraction(0)), bottom), (axis_x.at(Fraction(0)), top)], "S")
    _name_axes(plot, drawing, ((left, right), (bottom, top)))


def _name_axes(
    plot: Plot, drawing: _Drawing, ends_pt: tuple[tuple[float, float], tuple[float, float]]
) -> None:
    """What the axes show, below the one and upward beside the other, in their middles."""
    (left, right), (bottom, top) = ends_pt
    if plot.label_x is not None:
        drawing.say((left + right) / 2, drawing.type.descent_pt, "c", plot.label_x.source.strip())
    if plot.label_y is not None:
        middle = (bottom + top) / 2
        drawing.say(
            drawing.type.capital_pt + 1, middle, "c", plot.label_y.source.strip(), upward=True
        )


def _most_ticks(length_mm: Fraction, room_pt: float) -> int:
    """How many numbers an axis has room for, each with the next one beside it."""
    return max(2, min(_MOST_TICKS, int(float(length_mm) * PT_PER_MM / room_pt) - 2))


def _ticks(
    numbers: tuple[Fraction, Fraction],
    fixed: tuple[Fraction, Fraction] | None,
    most: int,
    least: int = 0,
) -> tuple[list[Fraction], Fraction, Fraction]:
    """Round numbers along an axis, and its ends: these are round, too, unless they are fixed."""
    low, high = numbers
    step = max(_round_step((high - low) / most), Fraction(least))
    first, last = -(-low // step), high // step
    if fixed is None:
        first, last = low // step, -(-high // step)
        low, high = first * step, last * step
    return [step * index for index in range(int(first), int(last) + 1)], low, high


def _round_step(least: Fraction) -> Fraction:
    """The next of 1, 2, 5, 10, 20, 50, …, 0.5, 0.2, … that is at least so large."""
    power = Fraction(1)
    while power > least:
        power /= 10
    while power * 10 <= least:
        power *= 10
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least)


def _shown(number: Fraction, conventions: Conventions) -> str:
    return _NUMBER.math(number, conventions)


def _math(shown: str) -> str:
    return rf"\ensuremath{{{shown}}}"


def _grid(
    drawing: _Drawing,
    axis: _Axis,
    ticks: Sequence[Fraction],
    shown: Sequence[str],
    left: float,
    right: float,
) -> None:
    drawing.operators.append("0.8 G 0.4 w")
    for tick in ticks:
        drawing.path([(left, axis.at(tick)), (right, axis.at(tick))], "S")
    drawing.operators.append("0 G 0.5 w")
    for tick, text in zip(ticks, shown, strict=True):
        y = axis.at(tick)
        drawing.path([(left - _TICK_PT, y), (left, y)], "S")
        drawing.say(left - _TICK_PT - _GAP_PT, y - drawing.type.capital_pt / 2, "r", _math(text))


def _ticks_below(
    drawing: _Drawing,
    axis: _Axis,
    ticks: Iterable[Fraction],
    bottom: float,
    conventions: Conventions,
) -> None:
    for tick in ticks:
        x = axis.at(tick)
        drawing.path([(x, bottom - _TICK_PT), (x, bottom)], "S")
        _say_below(drawing, x, bottom, _math(_shown(tick, conventions)))


def _say_below(drawing: _Drawing, x: float, bottom: float, tex: str) -> None:
    drawing.say(x, bottom - _TICK_PT - _GAP_PT - drawing.type.capital_pt, "c", tex)


def _bars(
    plot: Plot,
    heights: Sequence[Fraction],
    drawing: _Drawing,
    axis: _Axis,
    left: float,
    right: float,
    conventions: Conventions,
) -> _Axis:
    """The bars, with what stands below them."""
    count = Fraction(len(heights))
    across = _Axis(Fraction(0), count, left, right)
    if plot.kind == "histogram":
        across = _Axis(plot.bins[0], plot.bins[-1], left, right)
        ends = list(zip(plot.bins, plot.bins[1:], strict=False))
        _ticks_below(drawing, across, plot.bins, axis.start_pt, conventions)
    else:
        inset = Fraction(1, 5)
        ends = [(index + inset, index + 1 - inset) for index in range(len(heights))]
    drawing.operators.append("0.75 g")
    zero = axis.at(max(axis.low, min(axis.high, Fraction(0))))
    for (start, end), height in zip(ends, heights, strict=True):
        if height:
            x, width = across.at(start), across.at(end) - across.at(start)
            drawing.box(x, zero, width, axis.at(height) - zero, "B")
    if plot.kind == "bar":
        for index in range(len(heights)):
            middle = across.at(index + Fraction(1, 2))
            names = plot.categories
            tex = names[index].source.strip() if names else _math(str(index + 1))
            _say_below(drawing, middle, axis.start_pt, tex)
    return across


def _draw_points(
    plot: Plot,
    curves: Sequence[Sequence[Point]],
    drawing: _Drawing,
    axis_x: _Axis,
    axis_y: _Axis,
) -> None:
    """Lines and points, and nothing beyond the axes."""
    corner = axis_x.start_pt, axis_y.start_pt
    size = axis_x.end_pt - corner[0], axis_y.end_pt - corner[1]
    places = [[(axis_x.at(x), axis_y.at(y)) for x, y in piece] for piece in curves]
    if plot.kind != "scatter":
        drawing.operators.append("q")
        drawing.box(corner[0], corner[1] - 1, size[0], size[1] + 2, "W n 0.9 w")
        for piece in places:
            drawing.path(piece, "S")
        drawing.operators.append("Q")
    if plot.kind in {"line", "scatter"}:
        drawing.operators.append("0 g")
        for x, y in places[0]:
            drawing.circle(x, y, 1.5, "f")


# Graphs


def _place(plot: Plot, node: str) -> tuple[float, float]:
    assert plot.nodes is not None
    x, y = plot.nodes[node]
    return float(x) * PT_PER_MM + _EDGE_PT, float(y) * PT_PER_MM + _EDGE_PT


def _draw_graph(plot: Plot, values: Mapping[str, Value], drawing: _Drawing) -> None:
    thick = plot.thick(values)
    for edge in plot.edges:
        (x, y), (end_x, end_y) = (_place(plot, it) for it in (edge.start, edge.end))
        length = hypot(end_x - x, end_y - y)
        across, up = (end_x - x) / length, (end_y - y) / length
        tip = end_x - across * _NODE_PT, end_y - up * _NODE_PT
        line = [(x + across * _NODE_PT, y + up * _NODE_PT), tip]
        if edge in thick:
            drawing.path(line, f"q {_THICK_PT:g} w S Q")
        else:
            drawing.path(line, "S")
        if plot.directed:
            foot = tip[0] - across * 6, tip[1] - up * 6
            sides = [(foot[0] - up * s, foot[1] + across * s) for s in (2.2, -2.2)]
            drawing.path([sides[0], tip, sides[1]], "f")
    for name in plot.nodes or ():
        x, y = _place(plot, name)
        drawing.circle(x, y, _NODE_PT, "S")
        drawing.say(x, y - drawing.type.capital_pt / 2, "c", name)


def _edge_labels(plot: Plot) -> Iterable[tuple[str, LabelPlace]]:
    """Beside the middle of each edge, so that no line goes through a label."""
    for edge in plot.edges:
        if not edge.label:
            continue
        (x, y), (end_x, end_y) = (_place(plot, it) for it in (edge.start, edge.end))
        length = hypot(end_x - x, end_y - y)
        aside = 5.0 + 4.0 * abs(end_y - y) / length  # labels are wider than high
        middle_x = (x + end_x) / 2 - (end_y - y) / length * aside
        middle_y = (y + end_y) / 2 + (end_x - x) / length * aside
        capital_pt = _USUAL_TYPE.capital_pt
        left, base = middle_x - _LABEL_PT / 2, middle_y - capital_pt / 2
        yield edge.label, LabelPlace(left, base, _LABEL_PT, capital_pt, 0.0, TYPE_PT)


def _bp(length_pt: float) -> str:
    """A length as PDF has it: no exponent, no minus in front of zero."""
    return f"{round(length_pt, 2) + 0:g}"
