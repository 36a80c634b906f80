"""Stickers: the number of a student, as text and as a QR symbol, without a name.

At the attendance check a sticker is put on the paper, and its number stands beside the signature.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.codes.qr import encode
from generator.codes.sheet import QUIET_MODULES
from generator.layout import A4, LETTER, Sheet
from generator.office.canvas import Canvas
from generator.office.exam_head import ExamHead

PADDING_MM = 2.0
_VERSION = 1
MOST_SYMBOL_MM = 22.0
MOST_SYMBOL_SHARE = 0.38
"""Of the width of a label; the rest is for words that people read."""


@dataclass(frozen=True)
class LabelSheet:
    """A sheet of labels; all lengths in mm.

    Attributes:
        columns: Labels side by side.
        rows: Labels one below the other.
        left_mm: From the left edge of the sheet to the first label.
        top_mm: From the upper edge to the first label.
        across_mm: From the left side of a label to that of the next one.
        down_mm: From the upper side of a label to that of the one below.
        paper: The size of the whole sheet.
    """

    columns: int
    rows: int
    width_mm: float
    height_mm: float
    left_mm: float
    top_mm: float
    across_mm: float
    down_mm: float
    paper: Sheet = A4

    def places(self) -> Iterator[tuple[float, float]]:
        """Left and top of every label of a sheet, row by row."""
        for row in range(self.rows):
            for column in range(self.columns):
                yield self.left_mm + column * self.across_mm, self.top_mm + row * self.down_mm


# Measures of two open template databases, which differ by 0.3 mm: hence offset and padding. Those
# of the sheets in inches are gLabels': 1/8 in between three labels of 2 5/8 in, and 3/16 in between
# two of 4 in, with like margins on both sides.
SHEETS: Mapping[str, LabelSheet] = {
    "L7160": LabelSheet(3, 7, 63.5, 38.1, 7.2, 15.15, 66.04, 38.1),
    "L7163": LabelSheet(2, 7, 99.1, 38.1, 4.67, 15.15, 101.6, 38.1),
    "L7651": LabelSheet(5, 13, 38.1, 21.2, 4.67, 10.9, 40.64, 21.17),
    "4732": LabelSheet(5, 16, 36.0, 17.0, 11.0, 13.0, 38.0, 17.0),
    "5160": LabelSheet(3, 10, 66.675, 25.4, 4.7625, 12.7, 69.85, 25.4, LETTER),
    "5163": LabelSheet(2, 5, 101.6, 50.8, 3.96875, 12.7, 106.3625, 50.8, LETTER),
}


@dataclass(frozen=True)
class Sticker:
    """What stands on one: a number, and where it belongs; no name.

    Attributes:
        place: Room and seat, as far as there are any.
    """

    number: str
    place: str = ""


def stickers_pdf(
    head: ExamHead, stickers: Sequence[Sticker], sheet: LabelSheet, offset_mm: tuple[float, float]
) -> bytes:
    """All stickers on label sheets.

    Args:
        offset_mm: What the printer shifts, to the right and down.
    """
    canvas = Canvas(head.titled("stickers"), sheet.paper.upright_mm)
    places = list(sheet.places())
    for index, sticker in enumerate(stickers):
        if index and index % len(places) == 0:
            canvas.next_page()
        left_mm, top_mm = places[index % len(places)]
        _draw_sticker(canvas, head, sheet, sticker, (left_mm + offset_mm[0], top_mm + offset_mm[1]))
    return canvas.bytes()


def _draw_sticker(
    canvas: Canvas, head: ExamHead, sheet: LabelSheet, sticker: Sticker, at_mm: tuple[float, float]
) -> None:
    left_mm, top_mm = (place + PADDING_MM for place in at_mm)
    inside_mm = sheet.height_mm - 2 * PADDING_MM
    # The padding is a part of the quiet zone of four modules.
    side_mm = min(inside_mm, MOST_SYMBOL_MM, MOST_SYMBOL_SHARE * sheet.width_mm)
    symbol = encode(sticker.number, _VERSION)
    quiet_mm = max(0.0, QUIET_MODULES * side_mm / symbol.side - PADDING_MM)
    side_mm -= 2 * quiet_mm
    canvas.symbol(left_mm + quiet_mm, top_mm + quiet_mm, side_mm, symbol)
    words_mm = left_mm + side_mm + 3 * quiet_mm + PADDING_MM
    width_mm = at_mm[0] + sheet.width_mm - PADDING_MM - words_mm
    large = sheet.height_mm > 30
    size_pt = 15 if large else 9.5
    below_mm = top_mm + canvas.text(
        words_mm, top_mm, sticker.number, size_pt, width_mm=width_mm, bold=True, mono=True
    )
    small_pt = 8.5 if large else 6
    below_mm += canvas.text(words_mm, below_mm, head.id, small_pt, width_mm=width_mm)
    if sticker.place:
        rest_mm = top_mm + inside_mm - below_mm
        place = (words_mm, below_mm, sticker.place, small_pt)
        canvas.text(*place, width_mm=width_mm, height_mm=rest_mm)


def outline_pdf(head: ExamHead, sheet: LabelSheet, offset_mm: tuple[float, float]) -> bytes:
    """A sheet with the outlines of its labels, to be held against one before a light."""
    canvas = Canvas(head.titled("outlines"), sheet.paper.upright_mm)
    for left_mm, top_mm in sheet.places():
        x_mm, y_mm = left_mm + offset_mm[0], top_mm + offset_mm[1]
        canvas.box(x_mm, y_mm, sheet.width_mm, sheet.height_mm)
    left_mm, top_mm = (place + PADDING_MM for place in next(sheet.places()))
    width_mm = sheet.width_mm - 2 * PADDING_MM
    height_mm = sheet.height_mm - 2 * PADDING_MM
    canvas.text(left_mm, top_mm, head.text("outline"), 7, width_mm=width_mm, height_mm=height_mm)
    return canvas.bytes()
