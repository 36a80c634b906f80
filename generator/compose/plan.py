"""The page plan: which part stands on which page, and how high its answer box is.

It is made once per bank, from the heights that TeX measured; every copy has the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from generator.bank.problem import Exam, OpenPart, Part, Problem
from generator.errors import InputError
from generator.errors import Problem as Complaint

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
        parts: Part id to the part without its answer box (all of it for multiple choice).
    """

    page: Fraction
    headings: Mapping[str, Fraction]
    continued: Mapping[str, Fraction]
    parts: Mapping[str, Fraction]


@dataclass(frozen=True)
class PlannedPart:
    """A part on a page; ``box_mm`` is 0 for multiple choice."""

    id: str
    box_mm: Fraction


@dataclass(frozen=True)
class Page:
    """A page of the plan.

    Attributes:
        number: From 1.
        kind: What is on it.
        problem: The problem's id, None on other pages.
        first: The page begins the problem.
        parts: The parts in order.
    """

    number: int
    kind: Literal["cover", "problem", "additional"]
    problem: str | None = None
    first: bool = False
    parts: tuple[PlannedPart, ...] = ()


def plan_pages(exam: Exam, heights: Heights) -> tuple[Page, ...]:
    """Breaks the exam into pages and stretches the answer boxes to fill them.

    Raises:
        InputError: A part is higher than a page, or the exam has more pages than it may have.
    """
    complaints: list[Complaint] = []
    pages = [Page(1, "cover")]
    for problem in exam.problems:
        for page in _problem_pages(problem, heights, complaints):
            pages.append(replace(page, number=len(pages) + 1))
    room = exam.pages - exam.additional_pages
    if len(pages) > room and not complaints:
        used = ", ".join(
            f"{problem.id}: {sum(page.problem == problem.id for page in pages)}"
            for problem in exam.problems
        )
        message = (
            f"{exam.pages} pages with {exam.additional_pages} additional ones leave {room} for the "
            f"cover and the problems, but {len(pages)} are needed (pages by problem: {used}); "
            "raise pages, lower additional_pages, or make answer boxes smaller"
        )
        complaints.append(Complaint(exam.file, 0, 0, "pages", message))
    if complaints:
        raise InputError(complaints)
    pages += [Page(number, "additional") for number in range(len(pages) + 1, exam.pages + 1)]
    return tuple(pages)


def _problem_pages(
    problem: Problem, heights: Heights, complaints: list[Complaint]
) -> Iterator[Page]:
    free = heights.page - SLACK_MM - heights.headings[problem.id]
    first = True
    parts: list[Part] = []
    for part in problem.parts:
        need = heights.parts[part.id] + _space(part)
        if parts and (part.new_page or need > free):
            yield _page(problem, parts, free, first)
            free = heights.page - SLACK_MM - heights.continued[problem.id]
            first, parts = False, []
        free -= need
        if free < 0:
            message = (
                f"the part is {-float(free):.0f} mm too high for a page; lower its space or "
                "shorten its text"
            )
            complaints.append(Complaint(problem.file, 0, 0, part.id, message))
            free = Fraction(0)
        parts.append(part)
    yield _page(problem, parts, free, first)


def _page(problem: Problem, parts: list[Part], free: Fraction, first: bool) -> Page:
    total = sum((_space(part) for part in parts), Fraction(0))
    growth = min(free, total * (MAX_STRETCH - 1))
    planned = tuple(
        PlannedPart(part.id, _space(part) * (1 + growth / total) if total else Fraction(0))
        for part in parts
    )
    return Page(0, "problem", problem.id, first, planned)


def _space(part: Part) -> Fraction:
    return part.space_mm if isinstance(part, OpenPart) else Fraction(0)
