"""What stands on the pages besides texts: fields of the cover, marking boxes, sizes of figures."""

from __future__ import annotations

from dataclasses import dataclass

from generator.bank.part import Part
from generator.bank.problem import Exam
from generator.exact.numbers import format_number


@dataclass(frozen=True)
class FigureSize:
    """The size of a figure, the same for all of its variants, in TeX points."""

    width_pt: str
    height_pt: str


def fields(exam: Exam) -> dict[str, str]:
    """What the cover and the headers say, as plain text."""
    said = {"aids": exam.aids} if exam.aids is not None else {}
    return said | {
        "exam-id": exam.id,
        "university": exam.university,
        "chair": exam.chair,
        "course": exam.course,
        "module": exam.module,
        "title": exam.title,
        "examiner": exam.examiner,
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
