"""Pieces of a page for people: HTML and SVG that need nothing from anywhere else.

What is no :class:`Html` is text and is escaped. Colors are told apart in print, too: what was
measured is filled, what is expected is a line, and every plot says in words what it shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import starmap


class Html(str):
    """Markup that is finished; a plain ``str`` is text."""

    __slots__ = ()

    def __html__(self) -> str:
        """What templates take as it is."""
        return self


Cell = str | int | float

_QUANTITY = re.compile(r"[-−]?\d[\d,.]*\+?( ?(ms|%))?")


def text(value: Cell) -> Html:
    """A value as markup; numbers with thousands set apart."""
    if isinstance(value, Html):
        return value
    if isinstance(value, float):
        return Html(f"{value:,.2f}".replace(",", "\u202f"))
    if isinstance(value, int):
        return Html(f"{value:,}".replace(",", "\u202f"))
    return Html(escape(value, quote=True))


def joined(pieces: Iterable[Cell]) -> Html:
    """Pieces one after the other."""
    return Html("".join(map(text, pieces)))


def tag(name: str, content: Cell = "", **attributes: str) -> Html:
    """An element; ``class_`` is its class."""
    own = "".join(f' {key.rstrip("_")}="{text(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{own}>{text(content)}</{name}>")


def section(title: str, *content: Cell, note: str = "") -> Html:
    """A section with a heading, and in a note what it is about."""
    head = [tag("h2", title), tag("p", note, class_="note")] if note else [tag("h2", title)]
    return tag("section", joined([*head, *content]))


def card(title: str, *content: Cell) -> Html:
    """A box with a small heading."""
    return tag("div", joined([tag("h3", title), *content]), class_="card")


def grid(cards: Iterable[Html]) -> Html:
    """Boxes side by side as far as there is room."""
    return tag("div", joined(cards), class_="grid")


def tiles(facts: Iterable[tuple[str, Cell]]) -> Html:
    """The few numbers that come first."""
    return tag(
        "dl",
        joined(tag("div", joined([tag("dt", name), tag("dd", value)])) for name, value in facts),
        class_="tiles",
    )


def table(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Html:
    """A table; numbers are set flush right, and on a narrow screen it scrolls by itself."""
    rows = list(rows)
    first: Sequence[Cell] = rows[0] if rows else ()
    head = tag(
        "tr",
        joined(
            tag("th", name, scope="col", class_=_column(index, first[index] if first else ""))
            for index, name in enumerate(header)
        ),
    )
    body = joined(tag("tr", joined(starmap(_cell, enumerate(row)))) for row in rows)
    inner = joined([tag("thead", head), tag("tbody", body)])
    return tag("div", tag("table", inner), class_="scroll")


def _cell(index: int, value: Cell) -> Html:
    return tag("td", value, class_=_column(index, value))


def _column(index: int, value: Cell) -> str:
    """The class of a column: numbers, also those with a unit, are set flush right.

    What stands first is a name, also where it looks like a number.
    """
    if isinstance(value, Html) or (isinstance(value, str) and not _QUANTITY.fullmatch(value)):
        return "words"
    return "number" if index else "words"


def share_bar(share: float, label: str) -> Html:
    """A share from 0 to 1 as a bar with a label behind it."""
    width = f"width:{min(max(share, 0), 1) * 100:.1f}%"
    bar = tag("span", tag("span", "", style=width), class_="bar")
    return joined([bar, " ", label])


def items(values: Iterable[Cell]) -> Html:
    """A list."""
    return tag("ul", joined(tag("li", value) for value in values))


# Plots --------------------------------------------------------------------------------------------

_WIDTH, _HEIGHT = 420, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 36, 8, 10, 34


def svg(description: str, height: float, content: Iterable[str], width: float = _WIDTH) -> Html:
    """A picture of a page, which says in words what it shows."""
    inside = joined([tag("title", description), Html("".join(content))])
    box = f"0 0 {width:.0f} {height:.0f}"
    return Html(
        f'<svg viewBox="{box}" role="img" class="plot" xmlns="http://www.w3.org/2000/svg">'
        f"{inside}</svg>"
    )


def _box(x: float, y: float, width: float, height: float, kind: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" '
        f'height="{max(height, 0):.1f}" class="{kind}"/>'
    )


def svg_line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A line of a picture."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def svg_label(x: float, y: float, value: Cell, anchor: str = "middle", kind: str = "") -> str:
    """A text of a picture."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{text(value)}</text>'
    )


def bars(description: str, values: Sequence[tuple[str, int]], expected: float | None) -> Html:
    """Counts as upright bars with their numbers, and a dashed line where they are expected.

    Args:
        description: What it shows, for those who don't see it.
        values: Labels and counts, from left to right.
        expected: The count that each would have if all were equally likely; None for no line.
    """
    height = 150
    bottom = height - 24
    most = max([count for _, count in values] + [expected or 0, 1])
    slot = (_WIDTH - 2 * _RIGHT) / max(len(values), 1)
    drawn = []
    for index, (name, count) in enumerate(values):
        x = _RIGHT + index * slot
        tall = (bottom - 24) * count / most
        drawn.append(_box(x + slot * 0.15, bottom - tall, slot * 0.7, tall, "measured"))
        drawn.append(svg_label(x + slot / 2, bottom - tall - 4, count))
        drawn.append(svg_label(x + slot / 2, bottom + 16, name))
    drawn.append(svg_line(_RIGHT, bottom, _WIDTH - _RIGHT, bottom, "axis"))
    if expected is not None:
        y = bottom - (bottom - 24) * expected / most
        drawn.append(svg_line(_RIGHT, y, _WIDTH - _RIGHT, y, "expected"))
    return svg(description, height, drawn)


@dataclass(frozen=True)
class MarkedRange:
    """A range of a histogram that is marked, and the value in its middle."""

    lowest: float
    highest: float
    middle: float


def histogram(
    description: str,
    measured: Mapping[int, int],
    expected: Mapping[int, int],
    band: MarkedRange | None,
) -> Html:
    """Two distributions of whole numbers over the same axis, as shares of each.

    Args:
        description: What it shows, for those who don't see it.
        measured: Value to count; filled bars.
        expected: Value to count of what it is compared with; an outline.
        band: The range that is marked; None for none.
    """
    values = [*measured, *expected]
    if not values:
        return tag("p", "nothing to show")
    low, high = min(values), max(values)
    width = max(1, -(-(high - low + 1) // 36))
    count = (high - low) // width + 1
    first, second = (_shares(it, low, width, count) for it in (measured, expected))
    most = max([*first, *second])
    bottom = _HEIGHT - _BOTTOM
    scale = (_WIDTH - _LEFT - _RIGHT) / (count * width)

    def x_of(value: float) -> float:
        return _LEFT + (min(max(value, low), high + 1) - low) * scale

    def y_of(share: float) -> float:
        return bottom - (bottom - _TOP) * share / most

    marked = [] if band is None else _mark_range(band, x_of, bottom)
    drawn = marked[:1]  # behind the bars, and the rest before them
    slot = width * scale
    for index, share in enumerate(first):
        x = x_of(low + index * width)
        drawn.append(
            _box(x + slot * 0.1, y_of(share), slot * 0.8, bottom - y_of(share), "measured")
        )
    drawn.append(_outline([y_of(share) for share in second], slot, bottom))
    drawn += marked[1:]
    drawn.append(svg_line(_LEFT, bottom, _WIDTH - _RIGHT, bottom, "axis"))
    drawn.append(svg_label(_LEFT, bottom + 15, low, "start"))
    drawn.append(svg_label(_WIDTH - _RIGHT, bottom + 15, high, "end"))
    drawn.append(svg_label(_LEFT - 5, y_of(most) + 9, f"{most * 100:.0f}\u202f%", "end"))
    drawn.append(svg_label(_LEFT - 5, bottom, "0", "end"))
    drawn.append(svg_label((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 4, "load", kind="caption"))
    return svg(description, _HEIGHT, drawn)


def _mark_range(band: MarkedRange, x_of: Callable[[float], float], bottom: float) -> list[str]:
    """The range, the line in its middle, and the number below that."""
    left, right, middle = map(x_of, (band.lowest, band.highest + 1, band.middle + 0.5))
    beside_ends = min(max(middle, _LEFT + 34), _WIDTH - _RIGHT - 34)
    return [
        _box(left, _TOP, right - left, bottom - _TOP, "band"),
        svg_line(middle, _TOP, middle, bottom, "middle"),
        svg_label(beside_ends, bottom + 15, int(band.middle)),
    ]


def _shares(counts: Mapping[int, int], low: int, width: int, bins: int) -> list[float]:
    total = sum(counts.values()) or 1
    shares = [0.0] * bins
    for value, count in sorted(counts.items()):
        shares[(value - low) // width] += count / total
    return shares


def _outline(heights: Sequence[float], slot: float, bottom: float) -> str:
    points = [f"{_LEFT:.1f},{bottom:.1f}"]
    for index, y in enumerate(heights):
        x = _LEFT + index * slot
        points += [f"{x:.1f},{y:.1f}", f"{x + slot:.1f},{y:.1f}"]
    points.append(f"{_LEFT + len(heights) * slot:.1f},{bottom:.1f}")
    return f'<polyline points="{" ".join(points)}" class="expected-outline"/>'


# The page -----------------------------------------------------------------------------------------

_STYLE = """
:root { --ink: #1d2733; --soft: #5b6774; --rule: #d9dee4; --paper: #ffffff; --ground: #f5f6f8;
  --blue: #2f6db3; --green: #dcefe1; --good: #1d7a46; --bad: #b3261e; --warn: #8a5a00; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 24px 20px 48px; }
header { margin-bottom: 20px; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 4px; }
h2 { font-size: 1.25rem; margin: 0 0 6px; }
h3 { font-size: 1rem; margin: 0 0 8px; }
.sub, .note { color: var(--soft); margin: 0 0 12px; max-width: 75ch; }
section { background: var(--paper); border: 1px solid var(--rule); border-radius: 8px;
  padding: 18px 20px; margin: 0 0 18px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 10px;
  margin: 0 0 18px; }
.tiles div { background: var(--paper); border: 1px solid var(--rule); border-radius: 8px;
  padding: 10px 14px; }
dt { color: var(--soft); font-size: .85rem; }
dd { margin: 0; font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(320px, 100%), 1fr));
  gap: 16px; }
.card { border: 1px solid var(--rule); border-radius: 8px; padding: 12px 14px; min-width: 0;
  break-inside: avoid; }
.card p { margin: 6px 0 0; font-size: .9rem; color: var(--soft); }
.scroll { overflow-x: auto; margin: 10px 0; } section > h3 { margin-top: 18px; }
table { border-collapse: collapse; font-size: .92rem; }
th { text-align: left; color: var(--soft); font-weight: 600; white-space: nowrap; }
th, td { padding: 5px 22px 5px 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
td.words { overflow-wrap: break-word; max-width: 36em; }
td.words:nth-child(n+2) { min-width: 6.5em; }
th.number { text-align: right; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
ul { margin: 4px 0 10px; padding-left: 1.2em; }
code { font: .88em ui-monospace, "DejaVu Sans Mono", Menlo, monospace; overflow-wrap: anywhere; }
.good { color: var(--good); font-weight: 600; } .bad { color: var(--bad); font-weight: 600; }
.warn { color: var(--warn); font-weight: 600; }
.bar { display: inline-block; width: 90px; height: .7em; background: #e8ecf0; border-radius: 2px; }
.bar span { display: block; height: 100%; background: var(--blue); border-radius: 2px; }
.plot { display: block; width: 100%; max-width: 520px; height: auto; }
.plot text { font: 12px system-ui, "Segoe UI", Roboto, Arial, sans-serif; fill: var(--ink); }
.plot .caption { fill: var(--soft); }
.measured { fill: var(--blue); } .band { fill: var(--green); }
.axis { stroke: var(--soft); } .middle { stroke: var(--good); stroke-width: 1.5; }
.expected { stroke: var(--ink); stroke-dasharray: 5 4; }
.expected-outline { fill: none; stroke: #7b8794; stroke-width: 1.2; }
@media (max-width: 600px) { main { padding: 14px 10px 32px; } section { padding: 14px 12px; }
  h1 { font-size: 1.35rem; } th, td { padding-right: 12px; } }
@media print { body { background: none; font-size: 10.5pt; } main { max-width: none; padding: 0; }
  section { border: 0; padding: 0; margin: 0 0 14pt; } h2, h3, .note { break-after: avoid; }
  tr, .card, .tiles div { break-inside: avoid; } .scroll { overflow: visible; }
  .grid { grid-template-columns: repeat(2, 1fr); }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
"""


def page(title: str, subtitle: str, *content: Cell, language: str = "en") -> str:
    """A page of its own: no script, no font and no picture from anywhere else."""
    head = (
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width, '
        f'initial-scale=1"><title>{text(title)}</title><style>{_STYLE}</style>'
    )
    top = tag("header", joined([tag("h1", title), tag("p", subtitle, class_="sub")]))
    body = tag("main", joined([top, *content]))
    begin = f'<!doctype html>\n<html lang="{language}">'
    return f"{begin}<head>{head}</head>\n<body>{body}</body></html>\n"
