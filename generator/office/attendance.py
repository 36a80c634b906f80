"""The attendance list of each room: who sits where with which copy, and who has signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.layout import A4
from generator.office.canvas import Canvas
from generator.office.exam_head import MARGIN_MM, ExamHead, draw_footer, draw_heading

EMPTY_ROWS = 3
"""For those who are not on the list."""
ROWS = 15
"""Rows of a page, each high enough to sign in."""
HEAD_MM = 5.0
ROW_MM = 10.0
NAME_MM = 6.2
"""What a name may take where a remark stands below it."""


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
        rows = [*room.attendees, *[_NOBODY] * EMPTY_ROWS]
        pages = [rows[start : start + ROWS] for start in range(0, len(rows), ROWS)]
        for number, page in enumerate(pages, 1):
            if index or number > 1:
                canvas.next_page()
            _draw_page(canvas, head, room, columns, page)
            what = f"{head.text('attendance')} {room.room}".strip()
            draw_footer(canvas, head, what, number, len(pages))
    return canvas.bytes()


def _columns(head: ExamHead) -> tuple[_Column, ...]:
    narrower_mm = A4.height_mm - head.sheet.height_mm
    return (
        _Column(head.text("seat"), "seat", 16),
        _Column(head.text("name"), "name", 66 - narrower_mm / 2),
        _Column(head.text("registration_number"), "registration_number", 32, mono=True),
        _Column(head.text("copy"), "code", 25, mono=True),
        _Column(head.text("sticker"), "sticker", 28, mono=True),
        _Column(head.text("signature"), "", 68 - narrower_mm / 2),
        _Column(head.text("left_at"), "", 19),
        _Column(head.text("back_at"), "", 19),
    )


def _draw_page(
    canvas: Canvas,
    head: ExamHead,
    room: RoomList,
    columns: Sequence[_Column],
    rows: Sequence[Attendee],
) -> None:
    top_mm = draw_heading(canvas, head, head.text("attendance"), room.room)
    top_mm += canvas.text(MARGIN_MM, top_mm, _summary(head, room), 9) + 2
    left_mm = MARGIN_MM
    ends_mm = [left_mm]
    for column in columns:
        canvas.text(left_mm + 1, top_mm, column.title, 8, width_mm=column.width_mm - 2, bold=True)
        for number, row in enumerate(rows):
            at_mm = top_mm + HEAD_MM + number * ROW_MM
            is_name = column.field == "name"
            if text := getattr(row, column.field, "") or _spare(head, column, row):
                height_mm = NAME_MM if row.remark and is_name else ROW_MM
                _draw_cell(canvas, left_mm, at_mm, column, text, height_mm)
            if row.remark and is_name:
                place = (left_mm + 1, at_mm + NAME_MM - 0.4, row.remark, 7.5)
                canvas.text(*place, width_mm=column.width_mm - 2, height_mm=4.0, bold=True)
        left_mm += column.width_mm
        ends_mm.append(left_mm)
    under_mm = top_mm + HEAD_MM
    bottom_mm = under_mm + len(rows) * ROW_MM
    levels = [under_mm + number * ROW_MM for number in range(len(rows) + 1)]
    canvas.lines((ends_mm[0], level, ends_mm[-1], level) for level in levels)
    canvas.lines((end, under_mm, end, bottom_mm) for end in ends_mm)


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
