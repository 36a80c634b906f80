"""Whether figures show what they are to show: labels at their places, images as they are.

Labels are set on the page of each copy, and images put into it when it is stamped. So the finished
page is read within the room of each label, and looked at where each image stands.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from generator.bank.exam import Exam
from generator.bank.part import Figure
from generator.bank.problem import Problem
from generator.bank.template import Text
from generator.compose.frame import LabelPlace
from generator.layout import PT_PER_MM, Box, Layout, Sheet
from generator.solve.printed import shown_value
from generator.solve.solve import Solution
from generator.verify.readback import Picture, Rectangle
from generator.verify.visible import compact, segments

_ABOVE_PT: Final = 0.3
_BAND: Final = 0.55
"""The band of a label that is read, from right above its base line to this share of its height."""
_BELOW: Final = 0.5
_OVER: Final = 1.0
"""How far a fraction is read below and above its line, as shares of the size of its type."""
_ROOM_PT: Final = 1.0
_UNLIKE: Final = 0.15
"""Mean difference of two pictures, as a share of the way from black to white."""

Name = tuple[str, str]
"""Slot of a figure, and name of a label."""


@dataclass(frozen=True)
class Areas:
    """Where a page is read and looked at for its figures, in this order.

    Attributes:
        labels: Name of a label to its place on the page, in points.
        images: Slot of an image to its place.
    """

    labels: Mapping[Name, Rectangle]
    images: Mapping[str, Rectangle]


def areas_of(
    figures: Layout,
    labels: Mapping[str, Mapping[str, LabelPlace]],
    images: Mapping[str, Picture],
    shown: Mapping[str, str],
    tall: Collection[Name] = (),
) -> dict[int, Areas]:
    """Page number to where its labels and images stand; pages without any are left out.

    Args:
        figures: Where figures stand.
        labels: Slot of a figure to the places of its labels in it.
        images: What images look like, by their slots.
        shown: Slot on the paper to the slot that is shown in its place; of keys.
        tall: Labels that are higher than a line.
    """
    found = {}
    for number, boxes in figures.pages.items():
        standing = [(shown.get(it.names["slot"], it.names["slot"]), it) for it in boxes]
        own = Areas(
            {
                (slot, name): _label_area(box, figures.sheet, place, tall=(slot, name) in tall)
                for slot, box in standing
                for name, place in labels.get(slot, {}).items()
            },
            {slot: _image_area(box, figures.sheet) for slot, box in standing if slot in images},
        )
        if own.labels or own.images:
            found[number] = own
    return found


def lower_left(box: Box, sheet: Sheet) -> tuple[float, float]:
    """The lower left corner of a box, in points from that of the page."""
    return box.x_mm * PT_PER_MM, (sheet.height_mm - box.y_mm - box.height_mm) * PT_PER_MM


def _label_area(box: Box, sheet: Sheet, place: LabelPlace, *, tall: bool) -> Rectangle:
    """A band along a label from its base line up, which all of its characters reach.

    Args:
        tall: It may have fractions, so that all of its height is read, and some below its line.
    """
    left, bottom = lower_left(box, sheet)
    size_pt = float(place.size_pt)
    low = -_BELOW * size_pt if tall else _ABOVE_PT
    high = _OVER * size_pt if tall else max(_BAND * place.height_pt, 2 * _ABOVE_PT)
    a, b, c, d = place.turn or (1.0, 0.0, 0.0, 1.0)
    corners = [
        (left + place.x_pt + a * along + c * up, bottom + place.y_pt + b * along + d * up)
        for along in (-_ROOM_PT, place.width_pt + _ROOM_PT)
        for up in (low, high)
    ]
    across, upward = zip(*corners, strict=True)
    return min(across), min(upward), max(across), max(upward)


def _image_area(box: Box, sheet: Sheet) -> Rectangle:
    left, bottom = lower_left(box, sheet)
    return left, bottom, left + box.width_mm * PT_PER_MM, bottom + box.height_mm * PT_PER_MM


def label_texts(exam: Exam, solutions: Mapping[str, Solution], *, key: bool) -> dict[Name, str]:
    """The labels of a copy as TeX.

    Args:
        solutions: Problem id to what was drawn and how it is solved.
        key: With the answers, and with the figures that the key shows instead.
    """
    return {
        (figure.slot, name): _render(problem, text, solutions[problem.id])
        for problem in exam.problems
        for paper, solved in problem.key_figures()
        for figure in (solved if key else paper,)
        for name, text in _texts(figure, key=key)
    }


def _render(problem: Problem, text: Text, solution: Solution) -> str:
    values = solution.values
    return text.render({name: shown_value(problem, name, values[name]) for name in text.names})


def _texts(figure: Figure, *, key: bool) -> Iterator[tuple[str, Text]]:
    yield from figure.labels.items()
    if key:
        yield from figure.answers.items()


def tall_labels(exam: Exam) -> set[Name]:
    """The labels that may print a fraction."""
    return {
        (figure.slot, name)
        for problem in exam.problems
        for figures in problem.key_figures()
        for figure in figures
        for name, text in _texts(figure, key=True)
        if "frac" in text.source
        or any(problem.form(it).kind in {"fraction", "mixed"} for it in text.names)
    }


def wrong_labels(areas: Areas, wanted: Mapping[Name, str], read: Sequence[str]) -> Iterator[str]:
    """What the labels of a page say that they should not, in words.

    Args:
        wanted: The labels as TeX; an empty place is not in it.
        read: What was read at each place.
    """
    for name, text in zip(areas.labels, read, strict=True):
        found = compact(text)
        pieces = [piece for it in segments(wanted.get(name, "")) for piece in it.pieces]
        if pieces and not _says(found, pieces):
            slot, label = name
            said = "".join(pieces)
            yield f"label {label} of the figure {slot}: expected {said!r}, and it says {found!r}"


def _says(found: str, pieces: Sequence[str]) -> bool:
    """Whether a place says some pieces in this order, and no longer number."""
    pattern = ".*?".join(re.escape(piece) for piece in pieces)
    return re.search(rf"(?<![\d.,-]){pattern}(?![.,]?\d)", found) is not None


def wrong_images(
    areas: Areas, wanted: Mapping[str, Picture], seen: Sequence[Picture]
) -> Iterator[str]:
    """Images of a page that do not look as they should, in words."""
    for slot, picture in zip(areas.images, seen, strict=True):
        pairs = zip(wanted[slot], picture, strict=True)
        if sum(abs(ours - theirs) for ours, theirs in pairs) > _UNLIKE * len(picture):
            yield f"the image {slot} is not there, or is not what was declared"
