"""What the questions of an exam are about, and how long they take by what is said of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from generator.bank.exam import Exam
from generator.bank.part import Part

FIELDS = ("topic", "outcome", "difficulty")
"""What questions are counted by."""


@dataclass(frozen=True)
class Covered:
    """The questions of which the same is said.

    Attributes:
        field: One of `FIELDS`.
        word: What is said.
        questions: How many parts of the exam.
        points: What they earn together.
        minutes: How long they take; None where not all of them say it.
    """

    field: str
    word: str
    questions: int
    points: Fraction
    minutes: Fraction | None


def coverage(exam: Exam) -> Iterator[Covered]:
    """What is said of questions, in the order in which it is first said."""
    parts = [part for problem in exam.problems for part in problem.parts]
    for name in FIELDS:
        words = dict.fromkeys(getattr(part.about, name) for part in parts)
        for word in words if any(words) else ():
            own = [part for part in parts if getattr(part.about, name) == word]
            points = sum((part.points for part in own), Fraction(0))
            yield Covered(name, word or "-", len(own), points, minutes_of(own))


def minutes_of(parts: list[Part]) -> Fraction | None:
    """How long parts take; None where not all of them say it."""
    found = [part.about.minutes for part in parts]
    said = [minutes for minutes in found if minutes is not None]
    return sum(said, Fraction(0)) if len(said) == len(found) else None


def exam_minutes(exam: Exam) -> Fraction | None:
    """How long the exam takes by its parts; None where not all of them say it."""
    return minutes_of([part for problem in exam.problems for part in problem.parts])


def tagged(exam: Exam, tag: str) -> tuple[str, ...]:
    """The ids of the problems with a part that has a tag."""
    return tuple(
        problem.id
        for problem in exam.problems
        if any(tag in part.about.tags for part in problem.parts)
    )
