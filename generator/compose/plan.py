"""The page plan: which part stands on which page, and how high its answer box is.

It is made once per bank, from the heights that TeX measured; every copy has the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest
from typing import Literal

from generator.bank.exam import Exam
from generator.bank.fields.occasion import MOST_PAGES, SIDES_OF_SHEET
from generator.bank.part import Part
from generator.bank.problem import Problem
from generator.compose.places import exam_line
from generator.errors import Complaint, InputError

MAX_STRETCH = Fraction(8, 5)
"""An answer box grows to at most this multiple of what the bank asks for."""

SLACK_MM = Fraction(1)
"""What rounding may add up to on a page."""


@dataclass(frozen=True)
class Heights:
    """What TeX measured, in mm.

    Attributes:
        page: What fits on a page.
        headings: Problem id to its heading with the intro and figure.
        continued: Problem id to its heading on the following pages.
        parts: Part id to the part without its answer box or its options.
        slots: Part id to what a row of its options takes.
    """

    page: Fraction
    headings: Mapping[str, Fraction]
    continued: Mapping[str, Fraction]
    parts: Mapping[str, Fraction]
    slots: Mapping[str, Fraction]

    def of_part(self, part: Part) -> Fraction:
        """A part without its answer box."""
        rows = -(-part.option_count // part.columns)
        return self.parts[part.id] + (rows * self.slots[part.id] if rows else 0)


@dataclass(frozen=True)
class PlannedPart:
    """A part on a page.

    Attributes:
        box_mm: The height of its answer box; 0 for multiple choice.
        slot_mm: The height of a row of options; 0 where there are none.
    """

    id: str
    box_mm: Fraction
    slot_mm: Fraction = Fraction(0)


@dataclass(frozen=True)
class Section:
    """What is on a page of one problem.

    Attributes:
        problem: The problem's id.
        first: The problem begins here.
        parts: The parts in order.
    """

    problem: str
    first: bool
    parts: tuple[PlannedPart, ...]


@dataclass(frozen=True)
class Page:
    """A page of the plan.

    Attributes:
        number: From 1.
        kind: What is on it.
        sections: The problems on it, in order; none on other pages.
        left: So many of them stand in the left one of two columns; None where there is one.
    """

    number: int
    kind: Literal["cover", "problems", "additional"]
    sections: tuple[Section, ...] = ()
    left: int | None = None

    @property
    def parts(self) -> tuple[PlannedPart, ...]:
        """The parts of all problems on the page."""
        return tuple(part for section in self.sections for part in section.parts)

    @property
    def owners(self) -> frozenset[str]:
        """The parts on the page, and the problems that begin there: whose blocks stand on it."""
        begun = {section.problem for section in self.sections if section.first}
        return frozenset(begun | {part.id for part in self.parts})


def plan_pages(exam: Exam, heights: Heights) -> tuple[Page, ...]:
    """Breaks the exam into pages and stretches the answer boxes to fill them.

    Raises:
        InputError: A part is higher than a page, or the exam has more pages than it may have.
    """
    complaints: list[Complaint] = []
    pages = [Page(1, "cover")]
    broken = _Breaker(exam, heights, complaints).pages()
    pages += _side_by_side(broken) if exam.columns > 1 else broken
    room = exam.pages - exam.additional_pages
    if len(pages) > room and not complaints:
        used = ", ".join(f"{problem.id}: {_count(pages, problem)}" for problem in exam.problems)
        enough = len(pages) + exam.additional_pages
        enough += -enough % SIDES_OF_SHEET
        raise_them = f"raise pages to {enough}, " if enough <= MOST_PAGES else ""
        message = (
            f"{exam.pages} pages with {exam.additional_pages} additional ones leave {room} for the "
            f"cover and the problems, but {len(pages)} are needed (pages by problem: {used}); "
            f"{raise_them}lower additional_pages, or make answer boxes smaller"
        )
        complaints.append(Complaint(exam.file, exam_line(exam, "pages"), 0, "pages", message))
    if complaints:
        raise InputError(complaints)
    pages += [Page(number, "additional") for number in range(len(pages) + 1, exam.pages + 1)]
    return tuple(pages)


def _side_by_side(columns: Sequence[Page]) -> list[Page]:
    """Pages with two columns each: columns are broken as pages are."""
    found = []
    for number, (left, right) in enumerate(zip_longest(columns[::2], columns[1::2]), 2):
        sections = (*left.sections, *(right.sections if right is not None else ()))
        found.append(Page(number, "problems", sections, len(left.sections)))
    return found


def _count(pages: Iterable[Page], problem: Problem) -> int:
    """How many pages a problem is on."""
    return sum(problem.id in [section.problem for section in page.sections] for page in pages)


class _Breaker:
    """Fills pages with parts, one after the other."""

    def __init__(self, exam: Exam, heights: Heights, complaints: list[Complaint]) -> None:
        self._exam = exam
        self._heights = heights
        self._complaints = complaints
        self._pages: list[Page] = []
        self._begin()

    def _begin(self) -> None:
        self._free = self._heights.page - SLACK_MM
        self._sections: list[tuple[Problem, bool, list[Part]]] = []

    def pages(self) -> list[Page]:
        """All pages of all problems, numbered behind the cover."""
        for problem in self._exam.problems:
            for index, part in enumerate(problem.parts):
                self._place(problem, part, first=index == 0)
        self._finish()
        return self._pages

    def _place(self, problem: Problem, part: Part, *, first: bool) -> None:
        need = self._heights.of_part(part) + part.space_mm
        begins = (first and problem.new_page) or part.new_page
        if first:
            need += self._heights.headings[problem.id]
        if self._sections and (begins or need > self._free):
            self._finish()
        if first:
            self._sections.append((problem, True, []))
        elif not self._sections:
            self._sections.append((problem, False, []))
            need += self._heights.continued[problem.id]
        self._free -= need
        if self._free < 0:
            message = (
                f"the part is {-float(self._free):.0f} mm too high for a page; lower its space "
                "or shorten its text"
            )
            self._complaints.append(Complaint(problem.file, part.ask.line, 0, part.id, message))
            self._free = Fraction(0)
        self._sections[-1][2].append(part)

    def _finish(self) -> None:
        """Stretches the boxes of the page that is full, and begins the next one."""
        spaces = (part.space_mm for _, _, parts in self._sections for part in parts)
        total = sum(spaces, Fraction(0))
        factor = min(1 + self._free / total, MAX_STRETCH) if total else Fraction(1)
        sections = tuple(
            Section(
                problem.id,
                first,
                tuple(self._planned(part, factor) for part in parts),
            )
            for problem, first, parts in self._sections
        )
        self._pages.append(Page(len(self._pages) + 2, "problems", sections))
        self._begin()

    def _planned(self, part: Part, factor: Fraction) -> PlannedPart:
        slot = self._heights.slots[part.id] if part.option_count else Fraction(0)
        return PlannedPart(part.id, part.space_mm * factor, slot)
