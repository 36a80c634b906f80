"""The attendance list of each room: who sits where with which copy, and who has signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeAlias

from generator.layout import A4
from generator.office.canvas import Canvas
from generator.office.exam_head import MARGIN_MM, ExamHead, draw_footer, draw_heading

EMPTY_ROWS = 3
"""For those who are not on the list."""
ROWS_MM = 150.0
"""What the rows of a page may take."""
HEAD_MM = 5.0
ROW_MM = 10.0
"""High enough to sign in; a long name makes its row higher, up to half a page."""
REMARK_MM = 3.8
"""What a remark below a name takes."""
SMALL_PT = 7.0
"""The size of names that are too long for a row of the usual height."""


@dataclass(frozen=True)
class Attendee:
    """A row: a student, or a spare copy that nobody has yet.

    Attributes:
        code: The copy code, with its check character.
        sticker: The number of the sticker; empty for a spare copy.
        remark: What those in the room must know, e.g. more time; never why.
    """

    seat: str
    name: str
    registration_number: str
    code: str
    sticker: str
    remark: str = ""


@dataclass(frozen=True)
class RoomList:
    """The rows of a room, in the order of its seats.

    Attributes:
        room: Empty where the roster names no rooms.
    """

    room: str
    attendees: tuple[Attendee, ...]


@dataclass(frozen=True)
class _Column:
    title: str
    field: str
    width_mm: float
    mono: bool = False


def attendance_pdf(head: ExamHead, rooms: Sequence[RoomList]) -> bytes:
    """The lists of all rooms, each beginning on a page of its own."""
    canvas = Canvas(head.titled("attendance"), head.sheet.across_mm)
    columns = _columns(head)
    for index, room in enumerate(rooms):
        pages = _paged(canvas, columns, [*room.attendees, *[_NOBODY] * EMPTY_ROWS])
        for number, page in enumerate(pages, 1):
            if index or number > 1:
                canvas.next_page()
            _draw_page(canvas, head, room, columns, page)
            what = f"{head.text('attendance')} {room.room}".strip()
            draw_footer(canvas, head, what, number, len(pages))
    return canvas.bytes()


_Row: TypeAlias = tuple[Attendee, float]
"""Who stands in it, and its height in mm."""


def _paged(
    canvas: Canvas, columns: Sequence[_Column], attendees: Sequence[Attendee]
) -> list[list[_Row]]:
    """The rows of each page."""
    name_mm = next(column.width_mm for column in columns if column.field == "name") - 2
    pages: list[list[_Row]] = [[]]
    left_mm = ROWS_MM
    for attendee in attendees:
        high_mm = _row_mm(canvas, attendee, name_mm)
        if high_mm > left_mm:
            pages.append([])
            left_mm = ROWS_MM
        pages[-1].append((attendee, high_mm))
        left_mm -= high_mm
    return pages


def _row_mm(canvas: Canvas, attendee: Attendee, name_mm: float) -> float:
    needed_mm = 1.2 + canvas.height_of(attendee.name, SMALL_PT, name_mm)
    if attendee.remark:
        needed_mm += REMARK_MM
    return min(max(ROW_MM, needed_mm), ROWS_MM / 2)


def _columns(head: ExamHead) -> tuple[_Column, ...]:
    narrower_mm = A4.height_mm - head.sheet.height_mm
    return (
        _Column(head.text("seat"), "seat", 16),
        _Column(head.text("name"), "name", 66 - narrower_mm / 2),
        _Column(head.text("registration_number"), "registration_number", 34, mono=True),
        _Column(head.text("copy"), "code", 25, mono=True),
        _Column(head.text("sticker"), "sticker", 28, mono=True),
        _Column(head.text("signature"), "", 66 - narrower_mm / 2),
        _Column(head.text("left_at"), "", 19),
        _Column(head.text("back_at"), "", 19),
    )


def _draw_page(
    canvas: Canvas,
    head: ExamHead,
    room: RoomList,
    columns: Sequence[_Column],
    rows: Sequence[_Row],
) -> None:
    top_mm = draw_heading(canvas, head, head.text("attendance"), room.room)
    top_mm += canvas.text(MARGIN_MM, top_mm, _summary(head, room), 9) + 2
    under_mm = top_mm + HEAD_MM
    levels = [*accumulate((high_mm for _, high_mm in rows), initial=under_mm)]
    ends_mm = [*accumulate((column.width_mm for column in columns), initial=MARGIN_MM)]
    for column, left_mm in zip(columns, ends_mm, strict=False):
        canvas.text(left_mm + 1, top_mm, column.title, 8, width_mm=column.width_mm - 2, bold=True)
        for (row, high_mm), at_mm in zip(rows, levels, strict=False):
            remark_mm = REMARK_MM if row.remark and column.field == "name" else 0.0
            if text := getattr(row, column.field, "") or _spare(head, column, row):
                _draw_cell(canvas, left_mm, at_mm, column, text, high_mm - remark_mm)
            if remark_mm:
                place = (left_mm + 1, at_mm + high_mm - remark_mm - 0.4, row.remark, 7.5)
                canvas.text(*place, width_mm=column.width_mm - 2, height_mm=4.0, bold=True)
    canvas.lines((ends_mm[0], level, ends_mm[-1], level) for level in levels)
    canvas.lines((end, under_mm, end, levels[-1]) for end in ends_mm)


def _spare(head: ExamHead, column: _Column, row: Attendee) -> str:
    """In place of the seat of a copy that nobody has yet."""
    return head.text("spare") if column.field == "seat" and row.code and not row.sticker else ""


def _draw_cell(
    canvas: Canvas, left_mm: float, top_mm: float, column: _Column, text: str, high_mm: float
) -> None:
    """A text in a row; a long one takes two lines, then it gets smaller."""
    width_mm = column.width_mm - 2
    canvas.text(
        left_mm + 1,
        top_mm + 0.8,
        text,
        9.5,
        width_mm=width_mm,
        height_mm=high_mm - 1.2,
        mono=column.mono,
    )


def _summary(head: ExamHead, room: RoomList) -> str:
    students = sum(bool(attendee.registration_number) for attendee in room.attendees)
    counts = head.text("students", count=students)
    spares = head.text("spares", count=len(room.attendees) - students)
    return f"{counts}, {spares}. {head.text('attendance_note')}"


_NOBODY = Attendee("", "", "", "", "")
