"""The answers of copies as they are compared: when are two of them the same to a neighbor?"""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from generator.bank.exam import Exam
from generator.bank.problem import Problem
from generator.draw.draw import resolve
from generator.exact.numbers import exact
from generator.record.copy import Copy
from generator.rooms.neighbors import Likeness, likeness
from generator.solve.accepted import accepted
from generator.solve.solve import solve_problem

Name = tuple[str, str, str]
"""Problem, part and quantity."""


@dataclass(frozen=True)
class CopyAnswer:
    """An answer of a copy.

    Attributes:
        value: What it is; equal for equal answers.
        is_number: Whether it is one number, or some.
        margin: By how much a result may differ from it and count as right; None for an answer
            that is exact, or not a single number.
    """

    value: Hashable
    is_number: bool
    margin: float | None = None


CopyAnswers = dict[Name, CopyAnswer]


def answers_of(exam: Exam, copies: Sequence[Copy]) -> dict[str, CopyAnswers]:
    """Code to the answers of recorded copies."""
    return {copy.code: _of_copy(exam, copy) for copy in copies}


def _of_copy(exam: Exam, copy: Copy) -> CopyAnswers:
    recorded: dict[str, Any] = json.loads(copy.record)
    found = {
        (problem.id, part, name): _answer(plain)
        for problem in exam.problems
        for part, named in recorded[problem.id]["answers"].items()
        for name, plain in named.items()
    }
    tolerant = [problem for problem in exam.problems if problem.accepts]
    problems = copy.problems if tolerant else {}
    for problem in tolerant:
        solution = solve_problem(problem, problems[problem.id].draw)
        own = resolve(problem, solution.draw.choices)
        for (of, part, name), answer in list(found.items()):
            if of == problem.id and name in problem.accepts and not isinstance(answer.value, tuple):
                margin = _margin(own, name, solution.values)
                found[of, part, name] = CopyAnswer(answer.value, answer.is_number, margin)
    return found


def _margin(problem: Problem, name: str, values: Any) -> float | None:
    if name not in problem.steps.order:
        return None
    interval = accepted(problem, name, values)
    if interval is None:
        return None
    least, most = interval
    value = exact(values[name])
    return float(max(value - least, most - value))


def _answer(plain: Any) -> CopyAnswer:
    value, is_number = _read(plain)
    return CopyAnswer(value, is_number)


def _read(plain: Any) -> tuple[Hashable, bool]:
    """A number as such: 0.5 and 1/2 are the same; lists member by member."""
    if isinstance(plain, str):
        try:
            return Fraction(plain), True
        except (ValueError, ZeroDivisionError):
            return plain, False
    members = [_read(member) for member in plain]
    are_numbers = bool(members) and all(is_number for _, is_number in members)
    return tuple(value for value, _ in members), are_numbers


def compare(copies: Sequence[CopyAnswers]) -> Likeness:
    """Compares copies with each other; what is the same in all of them is left out.

    Args:
        copies: Of one room.
    """
    names = list(dict.fromkeys(name for copy in copies for name in copy))
    exact_numbers, tolerant, others = [], [], []
    for name in names:
        column = [copy.get(name) for copy in copies]
        if len({answer and answer.value for answer in column}) == 1 and len(copies) > 1:
            continue
        if not all(answer is None or answer.is_number for answer in column):
            others.append(_ids(column))
        elif any(answer is not None and answer.margin is not None for answer in column):
            tolerant.append(column)
        else:
            exact_numbers.append(_ids(column))
    count = len(copies)
    values = [[_float(answer) for answer in column] for column in tolerant]
    margins = [[(answer and answer.margin) or 0.0 for answer in column] for column in tolerant]
    return likeness(
        np.array(exact_numbers, np.int32).reshape(-1, count).T,
        np.array(values, np.float64).reshape(-1, count).T,
        np.array(margins, np.float64).reshape(-1, count).T,
        np.array(others, np.int32).reshape(-1, count).T,
    )


def _ids(column: Sequence[CopyAnswer | None]) -> list[int]:
    known: dict[Hashable, int] = {}
    return [
        -1 if answer is None else known.setdefault(answer.value, len(known)) for answer in column
    ]


def _float(answer: CopyAnswer | None) -> float:
    return float(answer.value) if answer and isinstance(answer.value, Fraction) else float("nan")
