"""What the papers of the office say of an exam, and how they say it."""

from __future__ import annotations

from dataclasses import dataclass

from generator.bank.exam import Exam
from generator.language.catalogue import Catalogue
from generator.layout import A4, LARGE_PRINT, Sheet
from generator.office.canvas import Canvas

MARGIN_MM = 12.0


@dataclass(frozen=True)
class ExamHead:
    """An exam as the office knows it: no problem, no answer.

    Attributes:
        id: The exam's id, which begins every page code.
        title: Course and kind of exam.
        when: Date and time, as people write them.
        catalogue: The texts of its language.
        sheet: The size of the exam's pages; its office prints on the same.
    """

    id: str
    title: str
    when: str
    catalogue: Catalogue
    sheet: Sheet = A4

    @property
    def large_paper(self) -> str:
        """What large print and booklets are printed on."""
        return LARGE_PRINT[self.sheet].sheet.name

    def text(self, key: str, **values: object) -> str:
        """A text of the office, from the catalogue."""
        return self.catalogue.text(f"office.{key}", **values)

    def titled(self, key: str) -> str:
        """What viewers and print queues show of one of its papers."""
        return f"{self.id}: {self.text(key)}"


def head_of(exam: Exam, catalogue: Catalogue) -> ExamHead:
    """The head of an exam."""
    when = f"{catalogue.date(exam.date)}, {exam.start:%H:%M} – {exam.end:%H:%M}"
    return ExamHead(exam.id, f"{exam.course}, {exam.title}", when, catalogue, exam.sheet)


def draw_heading(canvas: Canvas, head: ExamHead, what: str, where: str = "") -> float:
    """The heading of a sheet: what it is, for which room, of which exam.

    Returns:
        Where what follows may begin, in mm from the top.
    """
    title = f"{what} · {where}" if where else what
    width_mm = canvas.width_mm - 2 * MARGIN_MM
    high_mm = canvas.text(MARGIN_MM, MARGIN_MM, title, 15, width_mm=width_mm, bold=True)
    top_mm = MARGIN_MM + high_mm + 0.5
    line = f"{head.title} · {head.when} · {head.id}"
    return top_mm + canvas.text(MARGIN_MM, top_mm, line, 9, width_mm=width_mm) + 2.5


def draw_footer(canvas: Canvas, head: ExamHead, what: str, page: int, pages: int) -> None:
    """What a sheet is, in small type, and which of how many; 0 where nobody counts."""
    top_mm = canvas.height_mm - 9
    canvas.text(MARGIN_MM, top_mm, what, 7.5, width_mm=canvas.width_mm - 60)
    number = head.text("page", page=page, pages=pages) if pages else ""
    canvas.text(canvas.width_mm - MARGIN_MM, top_mm, number, 7.5, align="right")
