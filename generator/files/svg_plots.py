"""Plots for pages of their own: SVG that says in words what it shows, in the colors of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import ceil, dist, floor, log10

from generator.files.html import Html, svg, svg_label, svg_line, text

_WIDTH, _HEIGHT = 420.0, 240.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 12.0, 12.0, 40.0
_TICKS = 5
_LETTER, _LETTER_HEIGHT = 7.0, 11.0
"""What a letter of a label takes."""

Digits = Callable[[str], str]
"""Writes plain digits as a language does: with its decimal sign."""


@dataclass(frozen=True)
class Axis:
    """A range of numbers.

    Attributes:
        title: What is measured.
    """

    title: str
    low: float
    high: float

    @classmethod
    def of(cls, title: str, values: Sequence[float]) -> Axis:
        """A range with room for all values."""
        low, high = min(values, default=0.0), max(values, default=1.0)
        edge = (high - low) * 0.05 or 0.5
        return cls(title, low - edge, high + edge)

    def share(self, value: float) -> float:
        """Where a value is, from 0 to 1."""
        inside = min(max(value, self.low), self.high)
        return (inside - self.low) / ((self.high - self.low) or 1)

    def ticks(self) -> list[float]:
        """Round numbers, not more than a few."""
        rough = (self.high - self.low) / _TICKS or 1
        size = 10.0 ** floor(log10(rough))
        step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough * 0.999)
        first = ceil(self.low / step - 1e-9)
        return [at * step for at in range(first, floor(self.high / step + 1e-9) + 1)]


def _x(axis: Axis, value: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * axis.share(value)


def _y(axis: Axis, value: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * axis.share(value)


def _number(value: float, digits: Digits) -> str:
    return digits(f"{value:.6g}").replace("-", "\N{MINUS SIGN}")


def _frame(across: Axis, up: Axis, digits: Digits, *, ticks: bool = True) -> list[str]:
    left, bottom, right = _LEFT, _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    drawn = [
        svg_line(left, bottom, right, bottom, "axis"),
        svg_line(left, _TOP, left, bottom, "axis"),
        svg_label((left + right) / 2, _HEIGHT - 6, across.title, kind="caption"),
        svg_label(left - 34, _TOP - 2, up.title, "start", "caption"),
    ]
    for value in across.ticks() if ticks else ():
        drawn.append(svg_label(_x(across, value), bottom + 16, _number(value, digits)))
    for value in up.ticks():
        drawn.append(svg_label(left - 5, _y(up, value) + 4, _number(value, digits), "end"))
    return drawn


def scatter(
    description: str,
    across: Axis,
    up: Axis,
    points: Sequence[tuple[float, float]],
    labels: Sequence[str] = (),
    line: tuple[float, float] | None = None,
    digits: Digits = str,
) -> Html:
    """Points of two numbers each.

    Args:
        description: What it shows, for those who don't see it.
        labels: What stands beside each point, where it covers no other label; a pointer on the
            point shows it in any case.
        line: Intercept and slope of a line through them.
        digits: How numbers at the axes are written.
    """
    drawn = _frame(across, up, digits)
    places = [(_x(across, x), _y(up, y)) for x, y in points]
    for (x, y), label in zip_longest(places, labels):
        title = f"<title>{text(label)}</title>" if label else ""
        circle = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" class="measured" fill-opacity="0.5">'
        drawn.append(f"{circle}{title}</circle>")
    for (x, y), label in _with_room(places, labels):
        drawn.append(svg_label(x + 5, y - 4, label, "start", "caption"))
    if line is not None:
        ends = [(x, line[0] + line[1] * x) for x in (across.low, across.high)]
        (x1, y1), (x2, y2) = [(_x(across, x), _y(up, y)) for x, y in ends]
        drawn.append(svg_line(x1, y1, x2, y2, "expected"))
    return svg(description, _HEIGHT, drawn, _WIDTH)


def _with_room(
    places: Sequence[tuple[float, float]], labels: Sequence[str]
) -> Iterator[tuple[tuple[float, float], str]]:
    """The labels that cover no other one; points apart from the rest come first."""
    named = list(zip(places, labels, strict=False))
    if not named:
        return
    middle = tuple(sum(place[axis] for place, _ in named) / len(named) for axis in (0, 1))
    taken: list[tuple[float, float, float]] = []
    for place, label in sorted(named, key=lambda it: dist(it[0], middle), reverse=True):
        (left, level), width = place, _LETTER * len(label)
        if all(
            abs(level - other) >= _LETTER_HEIGHT or left + width <= start or end <= left
            for start, end, other in taken
        ):
            taken.append((left, left + width, level))
            yield place, label


def columns(
    description: str,
    up: Axis,
    values: Sequence[tuple[str, float, str]],
    digits: Digits = str,
) -> Html:
    """Upright bars.

    Args:
        values: What stands below each, its height, and what stands above it.
        digits: How numbers at the axis are written.
    """
    drawn = _frame(Axis("", 0, 1), up, digits, ticks=False)
    slot = (_WIDTH - _LEFT - _RIGHT) / max(len(values), 1)
    bottom = _HEIGHT - _BOTTOM
    every = max(1, ceil(len(values) / 14))
    for at, (name, height, note) in enumerate(values):
        x, y = _LEFT + at * slot, _y(up, height)
        drawn.append(
            f'<rect x="{x + slot * 0.12:.1f}" y="{y:.1f}" width="{slot * 0.76:.1f}" '
            f'height="{max(bottom - y, 0):.1f}" class="measured"/>'
        )
        if at % every == 0:
            drawn.append(svg_label(x + slot / 2, bottom + 16, name))
        drawn.append(svg_label(x + slot / 2, y - 4, note, kind="caption"))
    return svg(description, _HEIGHT, drawn, _WIDTH)
