"""The seating of each room: which copy lies where, as those who lay them out read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from generator.office.attendance import Attendee, RoomList
from generator.office.canvas import Canvas
from generator.office.exam_head import MARGIN_MM, ExamHead, draw_footer, draw_heading
from generator.rooms.room_plan import Chair, RoomPlan

COLUMNS = 4
ROWS = 20
CELL_MM = 12.4
FOOTER_MM = 14.0


def seating_pdf(head: ExamHead, rooms: Sequence[RoomList], plans: Mapping[str, RoomPlan]) -> bytes:
    """The plan of each room, where there is one, and a page or more seat by seat in their order."""
    canvas = Canvas(head.titled("seating"), head.sheet.upright_mm)
    begun = False
    for room in rooms:
        if room.room in plans:
            if begun:
                canvas.next_page()
            begun = True
            canvas.resize(head.sheet.across_mm)
            _draw_plan(canvas, head, room, plans[room.room])
        seats = [attendee for attendee in room.attendees if attendee.registration_number]
        spares = [attendee for attendee in room.attendees if not attendee.registration_number]
        cells = [*seats, *spares] or [Attendee("", "", "", "", "")]
        per_page = COLUMNS * ROWS
        pages = [cells[start : start + per_page] for start in range(0, len(cells), per_page)]
        for number, page in enumerate(pages, 1):
            if begun:
                canvas.next_page()
            begun = True
            canvas.resize(head.sheet.upright_mm)
            _draw_page(canvas, head, room.room, page)
            what = f"{head.text('seating')} {room.room}".strip()
            draw_footer(canvas, head, what, number, len(pages))
    return canvas.bytes()


def _draw_page(canvas: Canvas, head: ExamHead, room: str, cells: Sequence[Attendee]) -> None:
    """Cells in columns, from top to bottom, then to the right."""
    top_mm = draw_heading(canvas, head, head.text("seating"), room)
    width_mm = (canvas.width_mm - 2 * MARGIN_MM) / COLUMNS
    cell_mm = min(CELL_MM, (canvas.height_mm - top_mm - FOOTER_MM) / ROWS)
    rows = min(ROWS, len(cells))
    for index, cell in enumerate(cells):
        column, row = divmod(index, rows)
        place_mm = (MARGIN_MM + column * width_mm, top_mm + row * cell_mm)
        _draw_cell(canvas, head, cell, *place_mm, width_mm, cell_mm)


def _draw_cell(
    canvas: Canvas,
    head: ExamHead,
    cell: Attendee,
    left_mm: float,
    top_mm: float,
    width_mm: float,
    height_mm: float,
) -> None:
    canvas.box(left_mm, top_mm, width_mm, height_mm)
    seat = cell.seat or ("–" if cell.registration_number else head.text("spare"))
    canvas.text(left_mm + 1, top_mm + 0.8, seat, 10, width_mm=width_mm * 0.45 - 1, bold=True)
    right_mm, name_mm = left_mm + width_mm - 1, top_mm + 6
    canvas.text(right_mm, top_mm + 0.8, cell.code, 9, align="right", mono=True)
    rest_mm = height_mm - 6.1
    canvas.text(left_mm + 1, name_mm, cell.name, 8, width_mm=width_mm - 2, height_mm=rest_mm)


# --- the plan of a room ---------------------------------------------------------------------------

FRONT_MM = 7.0
CHAIR_GAP_MM = 0.4
MOST_CHAIR_MM = (34.0, 16.0)
MOST_ON_PAGE = (21, 16)
"""Seats beside each other and rows of a page, so that a copy code can be read."""
NAME_FROM_MM = (20.0, 13.0)
"""Names need chairs of this size; where they are smaller, the list behind the plan has them."""


def _draw_plan(canvas: Canvas, head: ExamHead, room: RoomList, plan: RoomPlan) -> None:
    """All seats as they stand, the front at the top; a large hall takes several pages."""
    sitting = {plan.find(attendee.seat): attendee for attendee in room.attendees if attendee.seat}
    rows = _spans(1 + max(chair.row for chair in plan.chairs), MOST_ON_PAGE[1])
    columns = _spans(1 + max(chair.column for chair in plan.chairs), MOST_ON_PAGE[0])
    what = f"{head.text('room_plan')} {room.room}"
    for number, (down, across) in enumerate(product(rows, columns)):
        if number:
            canvas.next_page()
        top_mm = draw_heading(canvas, head, head.text("room_plan"), room.room)
        width_mm = min((canvas.width_mm - 2 * MARGIN_MM) / len(across), MOST_CHAIR_MM[0])
        left_mm = (canvas.width_mm - len(across) * width_mm) / 2
        if down.start == 0:
            _draw_front(canvas, head, left_mm, top_mm, len(across) * width_mm)
        top_mm += FRONT_MM
        rest_mm = canvas.height_mm - top_mm - MARGIN_MM
        height_mm = min(rest_mm / len(down), MOST_CHAIR_MM[1])
        for chair in plan.chairs:
            if chair.row in down and chair.column in across:
                x_mm = left_mm + (chair.column - across.start) * width_mm
                y_mm = top_mm + (chair.row - down.start) * height_mm
                box_mm = (x_mm, y_mm, width_mm, height_mm)
                _draw_chair(canvas, plan, chair, sitting.get(chair), box_mm)
        draw_footer(canvas, head, what, number + 1, len(rows) * len(columns))


def _spans(count: int, most: int) -> list[range]:
    """Rows or columns of the pages: as few pages as can be, of one size."""
    size = -(-count // -(-count // most))
    return [range(start, min(start + size, count)) for start in range(0, count, size)]


def _draw_front(
    canvas: Canvas, head: ExamHead, left_mm: float, top_mm: float, width_mm: float
) -> None:
    canvas.box(left_mm, top_mm, width_mm, FRONT_MM - 1.5)
    middle_mm, front = left_mm + width_mm / 2, head.text("front")
    canvas.text(middle_mm, top_mm + 0.6, front, 8, align="center", width_mm=width_mm - 2)


def _draw_chair(
    canvas: Canvas,
    plan: RoomPlan,
    chair: Chair,
    attendee: Attendee | None,
    box_mm: tuple[float, float, float, float],
) -> None:
    """A seat: its name; the copy, and who has it; a cross where nobody may sit."""
    left_mm, top_mm = (edge + CHAIR_GAP_MM for edge in box_mm[:2])
    width_mm, height_mm = (length - 2 * CHAIR_GAP_MM for length in box_mm[2:])
    canvas.box(left_mm, top_mm, width_mm, height_mm)
    if plan.is_blocked(chair):
        right_mm, bottom_mm = left_mm + width_mm, top_mm + height_mm
        falling = (left_mm, top_mm, right_mm, bottom_mm)
        canvas.lines([falling, (left_mm, bottom_mm, right_mm, top_mm)])
        return
    line_mm = min(height_mm / 3, 4.2)
    x_mm, inner_mm = left_mm + 0.5, width_mm - 1
    seat = attendee.seat if attendee else chair.seat
    lines = [(seat, attendee is not None, False, line_mm)]
    if attendee is not None:
        lines.append((attendee.code, False, True, line_mm))
        if width_mm >= NAME_FROM_MM[0] and height_mm >= NAME_FROM_MM[1]:
            lines.append((attendee.name, False, False, height_mm - 2 * line_mm - 0.6))
    y_mm = top_mm + 0.3
    for text, bold, mono, room_mm in lines:
        canvas.text(
            *(x_mm, y_mm, text, 2 * line_mm),
            width_mm=inner_mm,
            height_mm=room_mm,
            bold=bold,
            mono=mono,
        )
        y_mm += line_mm
