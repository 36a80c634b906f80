"""Whether what is drawn of a copy's values stands where it has to, with its own texts.

A plot is known by its path, a figure of an option by the name by which the page calls it. Each has
to stand in its place, or beside the tick box of its option; and each of its texts where the plot
has it: a number of one axis is none of the other, nor of another plot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import hypot
from typing import Final

from generator.compose.frame import LabelPlace
from generator.verify.drawn_marks import Mark
from generator.verify.visible import compact, segments

_PATH: Final = re.compile(r"\\DrawPath\{([^{}]*)\}")
_DRAWN: Final = re.compile(
    r"\\Draw(?P<how>Text|Upward)\{(?P<x>[^{}]*)\}\{(?P<y>[^{}]*)\}\{(?P<align>[lcr])\}\{(?P<tex>.*)\}%\n"
)
_LABEL: Final = re.compile(r"\\Set(?:Label|Answer)\{[^{}]*\}\{([^{}]*)\}\{(.*)\}%\n")
_PLAIN: Final = re.compile(r"\\ensuremath\{[-\d.,{}\\ ]+\}|[\w .,:-]+")
"""A text of which each character is known: nothing is above or below its line."""

_NEAR_PT: Final = 0.3
_ASIDE_PT: Final = 1.0
"""So far a text may be from its place."""
_BESIDE_PT: Final = 9.0
"""The same across its line, of a text with formulas."""
_GAP_PT: Final = 5.0
"""Between two characters of a text, at most."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Standing:
    """A figure that has to stand on a page.

    Attributes:
        slot: What the bank calls its place.
        block: What is set with it, as TeX, made of the record.
        labels: Where its labels stand in it, in points.
        corner: Where its lower left corner has to be, in points from that of the page; None for the
            figure of an option.
        option: The option beside whose box it has to stand.
    """

    slot: str
    block: str
    labels: Mapping[str, LabelPlace] = field(default_factory=dict)
    corner: Point | None = None
    option: str = ""

    @property
    def drawing(self) -> tuple[str, str]:
        """As what a mark of the page it is known: a path, or a figure that is called."""
        path = _PATH.search(self.block)
        return ("path", f"q {path[1]} Q") if path is not None else ("figure", self.slot)


@dataclass(frozen=True)
class _Said:
    """A text of a figure, in points from the corner of that.

    Attributes:
        at: The left end of its base line (l), the middle (c), or the right end (r).
        along: The direction of the line.
    """

    tex: str
    at: Point
    align: str
    along: Point


def find_figure(
    standing: Standing, marks: Sequence[Mark], boxes: Mapping[str, Point]
) -> tuple[int, str]:
    """Which mark of a page a figure is, or -1; and what is wrong, in words.

    Args:
        boxes: Option to the middle of its tick box on the page, in points.
    """
    kind, said = standing.drawing
    same = [at for at, mark in enumerate(marks) if mark.kind == kind and mark.said == said]
    for at in same:
        x, y = marks[at].start
        if standing.corner is None:
            if _option_at(x, y, boxes) == standing.option:
                return at, ""
        elif hypot(x - standing.corner[0], y - standing.corner[1]) < _NEAR_PT:
            return at, ""
    if not same:
        return -1, f"the figure {standing.slot} is not there, or shows other values"
    place = f"beside the box of option {standing.option}" if standing.option else "in its place"
    return -1, f"the figure {standing.slot} does not stand {place}"


def _option_at(x: float, y: float, boxes: Mapping[str, Point]) -> str:
    """The option beside whose box a figure with this lower left corner stands.

    Its box is to the left, in the nearest column; a figure reaches from above the middle of the box
    to below it, or stands in a later line of the option.
    """
    left = {name: box for name, box in boxes.items() if box[0] < x and box[1] > y}
    if not left:
        return ""
    return min(left, key=lambda name: (-round(left[name][0]), left[name][1]))


def wrong_texts(standing: Standing, marks: Sequence[Mark], at: int) -> Iterator[str]:
    """Texts of a figure that are not where it has them, in words.

    Args:
        at: Which mark of the page the figure is.
    """
    corner = marks[at].start
    following: list[Mark] = []
    for mark in marks[at + 1 :]:
        if mark.kind != "text":
            break
        if compact(mark.said):
            following.append(mark)
    for said in _said(standing):
        pieces = [piece for segment in segments(said.tex) for piece in segment.pieces]
        place = corner[0] + said.at[0], corner[1] + said.at[1]
        if not _stands(said, pieces, place, following):
            where = ", ".join(f"{length:.0f} pt" for length in said.at)
            yield (
                f"the figure {standing.slot} does not say {''.join(pieces)!r} at {where} from its "
                "lower left corner"
            )


def _said(standing: Standing) -> Iterator[_Said]:
    for drawn in _DRAWN.finditer(standing.block):
        along = (1.0, 0.0) if drawn["how"] == "Text" else (0.0, 1.0)
        yield _Said(drawn["tex"], (float(drawn["x"]), float(drawn["y"])), drawn["align"], along)
    for name, tex in _LABEL.findall(standing.block):
        place = standing.labels.get(name)
        if place is not None:
            a, b, *_ = place.turn or (1.0, 0.0)
            half = place.width_pt / 2
            yield _Said(tex, (place.x_pt + a * half, place.y_pt + b * half), "c", (a, b))


def _stands(said: _Said, pieces: Sequence[str], place: Point, texts: Sequence[Mark]) -> bool:
    wanted = "".join(pieces)
    if not wanted:
        return True
    if _PLAIN.fullmatch(said.tex.strip()) is None:
        line = [it for it in texts if abs(_across(it.start, place, said.along)) < _BESIDE_PT]
        read = "".join(compact(it.said) for it in line)
        return all(piece in read for piece in pieces)
    return any(
        abs(_anchor(run, said, place)) < _ASIDE_PT for run in _runs(wanted, said, place, texts)
    )


def _runs(
    wanted: str, said: _Said, place: Point, texts: Sequence[Mark]
) -> Iterator[tuple[Mark, Mark]]:
    """The first and last piece of each run on the line of a text that reads as it does."""
    line = [it for it in texts if abs(_across(it.start, place, said.along)) < _ASIDE_PT]
    for first, mark in enumerate(line):
        read, end = "", mark.start
        for last in line[first:]:
            if hypot(last.start[0] - end[0], last.start[1] - end[1]) > _GAP_PT:
                break
            read, end = read + compact(last.said), last.end
            if read == wanted:
                yield mark, last
            if len(read) >= len(wanted):
                break


def _anchor(run: tuple[Mark, Mark], said: _Said, place: Point) -> float:
    """How far the point of a run that is meant is from its place, along its line."""
    start, end = (_along(it, place, said.along) for it in (run[0].start, run[1].end))
    return {"l": start, "c": (start + end) / 2, "r": end}[said.align]


def _along(point: Point, place: Point, direction: Point) -> float:
    length = hypot(*direction)
    x, y = point[0] - place[0], point[1] - place[1]
    return (x * direction[0] + y * direction[1]) / length


def _across(point: Point, place: Point, direction: Point) -> float:
    return _along(point, place, (-direction[1], direction[0]))
