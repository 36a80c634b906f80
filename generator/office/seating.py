"""The seating of each room: which copy lies where, as those who lay them out read it."""

from __future__ import annotations

from collections.abc import Sequence

from generator.office.attendance import Attendee, RoomList
from generator.office.canvas import Canvas
from generator.office.exam_head import MARGIN_MM, ExamHead, draw_footer, draw_heading

COLUMNS = 4
ROWS = 20
CELL_MM = 12.0


def seating_pdf(head: ExamHead, rooms: Sequence[RoomList]) -> bytes:
    """A page or more for each room, seat by seat in the order of the seats."""
    canvas = Canvas(f"{head.id}: seating")
    begun = False
    for room in rooms:
        seats = [attendee for attendee in room.attendees if attendee.registration_number]
        spares = [attendee for attendee in room.attendees if not attendee.registration_number]
        cells = [*seats, *spares] or [Attendee("", "", "", "", "")]
        per_page = COLUMNS * ROWS
        pages = [cells[start : start + per_page] for start in range(0, len(cells), per_page)]
        for number, page in enumerate(pages, 1):
            if begun:
                canvas.next_page()
            begun = True
            _draw_page(canvas, head, room.room, page)
            what = f"{head.text('seating')} {room.room}".strip()
            draw_footer(canvas, head, what, number, len(pages))
    return canvas.bytes()


def _draw_page(canvas: Canvas, head: ExamHead, room: str, cells: Sequence[Attendee]) -> None:
    """Cells in columns, from top to bottom, then to the right."""
    top_mm = draw_heading(canvas, head, head.text("seating"), room)
    width_mm = (canvas.width_mm - 2 * MARGIN_MM) / COLUMNS
    rows = min(ROWS, len(cells))
    for index, cell in enumerate(cells):
        column, row = divmod(index, rows)
        _draw_cell(
            canvas, head, cell, MARGIN_MM + column * width_mm, top_mm + row * CELL_MM, width_mm
        )


def _draw_cell(
    canvas: Canvas, head: ExamHead, cell: Attendee, left_mm: float, top_mm: float, width_mm: float
) -> None:
    canvas.box(left_mm, top_mm, width_mm, CELL_MM)
    seat = cell.seat or ("–" if cell.registration_number else head.text("spare"))
    canvas.text(left_mm + 1, top_mm + 0.8, seat, 10, width_mm=width_mm * 0.45 - 1, bold=True)
    right_mm = left_mm + width_mm - 1
    canvas.text(right_mm, top_mm + 0.8, cell.code, 9, align="right", mono=True)
    canvas.text(left_mm + 1, top_mm + 6.3, cell.name, 8, width_mm=width_mm - 2, height_mm=5)
