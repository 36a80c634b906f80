"""What stands on the pages besides texts: fields of the cover, marking boxes, sizes of figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.bank.exam import Exam
from generator.bank.part import Part
from generator.exact.numbers import format_number
from generator.layout import MM_PER_TEX_PT, PT_PER_MM


@dataclass(frozen=True)
class LabelPlace:
    """Where a label stands in a figure, in PDF points from its lower left corner.

    Attributes:
        x_pt: The left end of its base line.
        width_pt: The room that it has.
        height_pt: Above the base line.
        depth_pt: Below it.
        size_pt: Size of its type.
        turn: The rotation, as the first four numbers of a PDF matrix; empty if there is none.
    """

    x_pt: float
    y_pt: float
    width_pt: float
    height_pt: float
    depth_pt: float
    size_pt: str
    turn: tuple[float, ...] = ()


@dataclass(frozen=True)
class FigureSize:
    """The size of a figure, the same for all of its variants, in TeX points.

    Attributes:
        labels: Where its labels stand, by their names.
        drawn: It is a plot: all of it is set with the page.
    """

    width_pt: str
    height_pt: str
    labels: Mapping[str, LabelPlace] = field(default_factory=dict)
    drawn: bool = False

    @property
    def size_pt(self) -> tuple[float, float]:
        """Width and height in points of PDF."""
        width_pt, height_pt = (
            float(length.removesuffix("pt")) * MM_PER_TEX_PT * PT_PER_MM
            for length in (self.width_pt, self.height_pt)
        )
        return width_pt, height_pt


def fields(exam: Exam) -> dict[str, str]:
    """What the cover and the headers say, as plain text."""
    said = {"aids": exam.aids} if exam.aids is not None else {}
    said |= exam.facts
    return said | {
        "exam-id": exam.id,
        "university": exam.university,
        "chair": exam.chair,
        "course": exam.course,
        "module": exam.module,
        "title": exam.title,
        "date": exam.conventions.catalogue.date(exam.date),
        "start": f"{exam.start:%H:%M}",
        "end": f"{exam.end:%H:%M}",
        "minutes": str(exam.minutes),
        "credits": exam.conventions.number(exam.credits),
        "pages": str(exam.pages),
        "problem-count": str(len(exam.problems)),
        "problems": ",".join(problem.id for problem in exam.problems),
        "keys-released": exam.keys_released.isoformat() if exam.keys_released else "",
    }


def marks(part: Part) -> str:
    """The labels of the marking boxes, comma-separated; none for multiple choice."""
    return ",".join(format_number(mark) for mark in part.marks)
