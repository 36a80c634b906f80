"""Plots that a bank declares: what is drawn of a copy's values, checked before it is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal

from generator.bank.template import Text
from generator.exact.numbers import Value, exact
from generator.expressions import EvaluationError, Expression

PlotKind = Literal["bar", "line", "scatter", "histogram", "function", "graph"]

VARIABLE: Final = "x"
"""What the expression of a function is in."""

SAMPLES: Final = 160
"""Pieces of the curve of a function."""

MOST_POINTS: Final = 200

EDGE_MM: Final = Fraction(5)
"""Around the places of the nodes of a graph."""

ALIKE: Final = Fraction(3, 100)
"""Two places that are no further apart look the same: a share of the axis."""

Point = tuple[Fraction, Fraction]


class PlotError(ValueError):
    """Values of which nothing can be drawn."""


@dataclass(frozen=True)
class Edge:
    """An edge of a graph.

    Attributes:
        label: The name of its label among those of the figure; empty if it has none.
    """

    start: str
    end: str
    label: str = ""


@dataclass(frozen=True)
class Plot:
    """A plot.

    Attributes:
        width_mm: With everything that stands around it.
        y: Heights, data, or the expression of a function.
        x: Places, where they are not 1, 2, 3, …
        categories: What stands below the bars.
        range_x: Lower and upper end of the axis, where it does not follow from the values.
        bins: Limits of the bars of a histogram.
        label_x: What stands at the axis.
        nodes: Name to place in mm, of a graph.
        marked: A list of pairs of nodes: the edges that are drawn thick.
        beside: Those of the other options of its question: all have the same axes, so that none
            stands out.
    """

    kind: PlotKind
    width_mm: Fraction
    height_mm: Fraction
    y: Expression | None = None
    x: Expression | None = None
    categories: tuple[Text, ...] = ()
    range_x: tuple[Fraction, Fraction] | None = None
    range_y: tuple[Fraction, Fraction] | None = None
    bins: tuple[Fraction, ...] = ()
    label_x: Text | None = None
    label_y: Text | None = None
    nodes: Mapping[str, Point] | None = None
    edges: tuple[Edge, ...] = ()
    directed: bool = False
    marked: Expression | None = None
    beside: tuple[Plot, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The names whose values are drawn, or decide on the axes."""
        found = frozenset[str]().union(*(plot.names for plot in self.beside))
        own = frozenset[str]()
        for expression in (self.y, self.x, self.marked):
            own |= expression.names if expression is not None else frozenset()
        return found | (own - ({VARIABLE} if self.kind == "function" else set()))

    @property
    def is_chart(self) -> bool:
        """Whether it has axes."""
        return self.kind != "graph"

    @property
    def has_bars(self) -> bool:
        """Whether its heights are those of bars, which begin at 0."""
        return self.kind in {"bar", "histogram"}

    def texts(self) -> Iterator[Text]:
        """What is printed besides numbers; the same in all copies."""
        yield from self.categories
        yield from (text for text in (self.label_x, self.label_y) if text is not None)

    def check(self, values: Mapping[str, Value]) -> None:
        """Refuses values of which nothing can be drawn.

        Raises:
            PlotError: They are of that kind.
            EvaluationError: An expression has no value.
        """
        if self.kind == "function":
            self.curve(values)
        elif self.kind == "histogram":
            self.counts(values)
        elif self.kind == "graph":
            self.thick(values)
        else:
            self.points(values)

    def heights(self, values: Mapping[str, Value]) -> list[Fraction]:
        """The numbers of ``y``.

        Raises:
            PlotError: They are none.
        """
        found = _numbers("y", self.y, values)
        if self.categories and len(found) != len(self.categories):
            raise PlotError(f"{len(self.categories)} categories for {len(found)} values")
        return found

    def points(self, values: Mapping[str, Value]) -> list[Point]:
        """Places and heights.

        Raises:
            PlotError: There are not as many of one as of the other.
        """
        heights = self.heights(values)
        if self.x is None:
            return [(Fraction(index), height) for index, height in enumerate(heights, 1)]
        places = _numbers("x", self.x, values)
        if len(places) != len(heights):
            raise PlotError(f"x has {len(places)} numbers, y has {len(heights)}")
        return list(zip(places, heights, strict=True))

    def counts(self, values: Mapping[str, Value]) -> list[Fraction]:
        """How many of the data are in each bin; each has its lower limit, the last one both.

        Raises:
            PlotError: One is in none.
        """
        data = self.heights(values)
        limits = self.bins
        outside = [it for it in data if not limits[0] <= it <= limits[-1]]
        if outside:
            raise PlotError(f"{float(outside[0]):g} is in none of the bins")
        last = len(limits) - 2
        counts = [0] * (last + 1)
        for number in data:
            counts[min(sum(limit <= number for limit in limits) - 1, last)] += 1
        return [Fraction(count) for count in counts]

    def thick(self, values: Mapping[str, Value]) -> frozenset[Edge]:
        """The edges of a graph that are marked; without arrows, pairs may be either way round.

        Raises:
            PlotError: What is marked is no list of pairs, or a pair is no edge.
        """
        if self.marked is None:
            return frozenset()
        ends = {(edge.start, edge.end): edge for edge in self.edges}
        if not self.directed:
            ends |= {(end, start): edge for (start, end), edge in ends.items()}
        pairs = self.marked.evaluate({name: values[name] for name in self.marked.names})
        if not isinstance(pairs, tuple):
            raise PlotError("marked is no list of pairs of nodes")
        found = set[Edge]()
        for pair in pairs:
            # An edge of a drawn graph is such a pair, too, with its weight behind.
            if not isinstance(pair, tuple) or not 2 <= len(pair) <= 3:
                raise PlotError("marked has a member that is no pair of nodes")
            start, end = map(str, pair[:2])
            if (start, end) not in ends:
                raise PlotError(f"marked has the pair {start}, {end}, which is none of the edges")
            found.add(ends[start, end])
        return frozenset(found)

    def curve(self, values: Mapping[str, Value]) -> Sequence[Sequence[Point]]:
        """The curve of a function in pieces; it is broken where the function has no value."""
        assert self.range_x is not None
        assert self.y is not None
        needed = sorted(self.y.names - {VARIABLE})
        return _curve(self.y, *self.range_x, tuple((name, values[name]) for name in needed))

    def drawn(self, values: Mapping[str, Value]) -> list[Point]:
        """Every point of a chart; a bar is one at its number."""
        if self.kind == "function":
            return [point for piece in self.curve(values) for point in piece]
        if self.kind == "histogram":
            return [(Fraction(at), it) for at, it in enumerate(self.counts(values), 1)]
        return self.points(values)

    def span_x(self, values: Mapping[str, Value]) -> tuple[Fraction, Fraction]:
        """The ends of the axis of a chart without bars, as far as it follows from the values."""
        charts = [plot for plot in (self, *self.beside) if plot.is_chart and not plot.has_bars]
        return span([x for plot in charts for x, _ in plot.drawn(values)], zero=False)

    def span_y(self, values: Mapping[str, Value]) -> tuple[Fraction, Fraction]:
        """The same of the upright axis."""
        charts = [plot for plot in (self, *self.beside) if plot.is_chart]
        heights = [y for plot in charts for _, y in plot.drawn(values)]
        return span(heights, zero=any(plot.has_bars for plot in charts))

    def looks_like(self, other: Plot, values: Mapping[str, Value]) -> bool:
        """Whether nobody can tell two plots with the same axes apart."""
        ours, theirs = [text.source for text in self.texts()], [it.source for it in other.texts()]
        if self.kind != other.kind or ours != theirs:
            return False
        if not self.is_chart:
            return (self.nodes, self.edges, self.directed) == (
                other.nodes,
                other.edges,
                other.directed,
            ) and self.thick(values) == other.thick(values)
        if self.bins != other.bins:
            return False
        ends_x = self.range_x or span([x for x, _ in self.drawn(values)], zero=False)
        ends_y = self.range_y or self.span_y(values)
        own, others = self.drawn(values), other.drawn(values)
        return len(own) == len(others) and all(
            _close(x, that_x, ends_x) and _close(y, that_y, ends_y)
            for (x, y), (that_x, that_y) in zip(own, others, strict=True)
        )


@lru_cache(maxsize=64)
def _curve(
    expression: Expression, low: Fraction, high: Fraction, values: tuple[tuple[str, Value], ...]
) -> Sequence[Sequence[Point]]:
    pieces: list[list[Point]] = [[]]
    known = dict(values)
    for step in range(SAMPLES + 1):
        place = low + (high - low) * step / SAMPLES
        height = _value(expression, {**known, VARIABLE: place})
        if height is not None:
            pieces[-1].append((place, height))
        elif pieces[-1]:
            pieces.append([])
    found = [piece for piece in pieces if len(piece) > 1]
    if not found:
        raise PlotError("the function has no value between the ends of range_x")
    return found


def _close(one: Fraction, other: Fraction, ends: tuple[Fraction, Fraction]) -> bool:
    """Whether two numbers are at the same place of an axis, for the eye."""
    low, high = ends
    first, second = (min(max(it, low), high) for it in (one, other))
    return abs(first - second) <= (high - low) * ALIKE


def _numbers(
    field: str, expression: Expression | None, values: Mapping[str, Value]
) -> list[Fraction]:
    assert expression is not None
    found = expression.evaluate({name: values[name] for name in expression.names})
    if not isinstance(found, tuple):
        raise PlotError(f"{field} is no list")
    if not 0 < len(found) <= MOST_POINTS:
        raise PlotError(f"{field} has {len(found)} members, expected 1 to {MOST_POINTS}")
    return [_number(field, member) for member in found]


def _number(field: str, value: Value) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, Fraction | Decimal):
        raise PlotError(f"{field} has a member that is no number")
    return exact(value)


def _value(expression: Expression, values: Mapping[str, Value]) -> Fraction | None:
    try:
        found = expression.evaluate({name: values[name] for name in expression.names})
    except (EvaluationError, ArithmeticError):
        return None
    return _number("y", found)


def span(numbers: Sequence[Fraction], *, zero: bool) -> tuple[Fraction, Fraction]:
    """The least and the largest of some numbers, apart; with 0 among them if wanted."""
    found = [*numbers, Fraction(0)] if zero else list(numbers)
    low, high = min(found), max(found)
    return (low, high) if low < high else (low - 1, high + 1)
