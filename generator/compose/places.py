"""Where in the bank a block comes from: for messages about what it became."""

from __future__ import annotations

import re

from generator.bank.exam import Exam
from generator.bank.problem import Problem
from generator.compose.cover import cover_texts
from generator.errors import Complaint

COVER = "cover"
"""The block of what the cover says; behind a slash is the field of the exam file."""

LONG_TEXT = 80
"""A text on a cover that is longer takes more than a line."""


def complain_of(exam: Exam, block: str, message: str) -> Complaint:
    """A complaint at the place of a block: ``3.1/ask``, ``3/intro``, ``cover/title``.

    What is no block of a problem (a page, say) is put down to the exam file.
    """
    owner, _, what = block.partition("/")
    if owner == COVER and not what:
        longest, text = max(cover_texts(exam), key=lambda said: len(said[1]), default=("", ""))
        advice = f"; its longest text is {longest}: shorten it" if len(text) > LONG_TEXT else ""
        return Complaint(exam.file, exam_line(exam, longest), 0, COVER, message + advice)
    if owner == COVER:
        return Complaint(exam.file, exam_line(exam, what), 0, what, message)
    for problem in exam.problems:
        if owner == problem.id:
            return Complaint(problem.file, problem.intro.line, 0, owner, message)
        for part in problem.parts:
            if part.id == owner:
                return Complaint(problem.file, _line(problem, owner, what), 0, owner, message)
    return Complaint(exam.file, 0, 0, block, message)


def exam_line(exam: Exam, name: str) -> int:
    """The line of a field of the exam file; 0 where it does not have it."""
    found = re.search(rf"^{re.escape(name)}\s*:", exam.source, re.MULTILINE) if name else None
    return exam.source.count("\n", 0, found.start()) + 1 if found else 0


def _line(problem: Problem, part_id: str, what: str) -> int:
    """The line of a text of a part; that of its question where there is none."""
    part = next(part for part in problem.parts if part.id == part_id)
    if what == "answer":
        steps = [problem.places[name][0] for name in part.steps if name in problem.places]
        return (part.answer.line if part.answer.source else min(steps, default=0)) or part.ask.line
    return part.ask.line
