"""Sheets by problem: one line a copy, for those who mark one problem through the whole stack."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from itertools import groupby
from typing import Literal

from generator.bank.part import OPTION_LABELS
from generator.bank.problem import FALLBACK_PREFIX, Problem
from generator.correct.card import KEPT, CardPlan, Question
from generator.correct.card_mistakes import Wrong, wrong_of_copy
from generator.draw.draw import resolve
from generator.exact.numbers import Value
from generator.layout import A4, Sheet
from generator.solve.accepted import accepted, short_digits
from generator.solve.follow import print_any
from generator.solve.printed import Plain
from generator.solve.solve import Solution

NONE_RIGHT = "none"
"""What stands where no option is right."""

ColumnKind = Literal[
    "value",
    "options",
    "rows",
    "question",
    "printed fallback",
    "key",
    "least",
    "most",
    "fallback",
    "mistake",
    "mistake after fallback",
]


@dataclass(frozen=True)
class Column:
    """A column of a sheet.

    Attributes:
        part: The part; empty for values of the problem.
        index: Of the alternative that the column belongs to; None where there is none.
        kind: What stands in it.
        name: The drawn name or the step; empty where there is none.
        label: What stands above it, in TeX.
        mistake: Index and letter of the mistake.
    """

    part: str
    index: int | None
    kind: ColumnKind
    name: str
    label: str
    mistake: tuple[int, str] | None = None

    @property
    def title(self) -> str:
        """What the CSV file calls it, e.g. ``3.2 mse after fallback``."""
        after = {"fallback": " after fallback", "least": " accepted from", "most": " accepted to"}
        if self.mistake is not None:
            after["mistake"] = f" mistake {self.mistake[1]}"
            after["mistake after fallback"] = f" mistake {self.mistake[1]} after fallback"
        said_so = ("question", "options", "rows")
        before = {"printed fallback": "fallback "} | {kind: kind for kind in said_so}
        alternative = "" if self.index is None else f"/{self.index + 1}"
        start = f"{self.part}{alternative} " if self.part else ""
        return f"{start}{before.get(self.kind, '')}{self.name}{after.get(self.kind, '')}"


class SheetPlan:
    """What the sheets of an exam show.

    Attributes:
        columns: Problem id to the columns behind the code.
    """

    def __init__(self, plan: CardPlan) -> None:
        self._plan = plan
        self.columns = {it.id: tuple(_columns(plan, it)) for it in plan.exam.problems}

    def rows(
        self, solutions: Mapping[str, Solution], wrong: Wrong | None = None
    ) -> dict[str, list[str]]:
        """Problem id to the cells of a copy; numbers are exact decimals with a point.

        Args:
            wrong: What mistakes come to, if that is known already.
        """
        wrong = wrong_of_copy(self._plan.exam, solutions) if wrong is None else wrong
        return {
            problem.id: self._row(problem, solutions[problem.id], wrong)
            for problem in self._plan.exam.problems
        }

    def _row(self, problem: Problem, solution: Solution, wrong: Wrong) -> list[str]:
        own = resolve(problem, solution.draw.choices)
        picked = {
            question.part.id: question
            for question in self._plan.of_copy(problem, solution.draw.choices)
        }
        bounds = {
            step: accepted(own, step, solution.values) for step in own.accepts if step in own.steps
        }
        return [
            _cell(own, solution, picked.get(column.part), wrong, bounds, column)
            for column in self.columns[problem.id]
        ]


def _columns(plan: CardPlan, problem: Problem) -> Iterator[Column]:
    """All columns of a problem: what was drawn, then part by part what can be looked up."""
    for name in problem.variables:
        if not name.startswith(FALLBACK_PREFIX):
            yield Column("", None, "value", name, f"${problem.symbol(name)}$")
    for part in problem.parts:
        if part.option_count:
            yield Column(part.id, None, "options", "", "")
        if part.alternatives:
            yield Column(part.id, None, "question", "", "")
        for question in plan.questions[problem.id]:
            if question.part.id == part.id:
                yield from _columns_of(question, question.index if part.alternatives else None)


def _columns_of(question: Question, index: int | None) -> Iterator[Column]:
    """What is right, what follows from the fallback values, and what each mistake comes to."""
    part, problem = question.part.id, question.problem

    def column(kind: ColumnKind, step: str, mistake: tuple[int, str] | None = None) -> Column:
        starred = {"printed fallback", "fallback", "mistake after fallback"}
        star = "^{*}" if kind in starred else ""
        return Column(part, index, kind, step, f"${{{problem.symbol(step)}}}{star}$", mistake)

    if question.part.is_written:
        yield Column(part, index, "rows", "", "")
    yield from (column("printed fallback", step) for step in question.part.fallback)
    for row in question.rows:
        yield column("key", row.step)
        if row.step in problem.accepts and not row.wide:
            yield column("least", row.step)
            yield column("most", row.step)
    if question.follows:
        for row in question.rows:
            if row.step in problem.followed[part][1]:
                yield column("fallback", row.step)
    after = problem.followed.get(part, ((), ()))[1] if question.follows else ()
    changed = {it.number: it.answers for it in problem.mistaken.get(part, ())}
    for number, letter in question.letters.items():
        own = [row.step for row in question.rows if row.step in changed[number]]
        yield from (column("mistake", step, (number, letter)) for step in own)
        for step in own:
            if step in after:
                yield column("mistake after fallback", step, (number, letter))


def _cell(
    problem: Problem,
    solution: Solution,
    question: Question | None,
    wrong: Wrong,
    bounds: Mapping[str, tuple[Fraction, Fraction] | None],
    column: Column,
) -> str:
    if column.kind == "options":
        options = zip(OPTION_LABELS, solution.options[column.part], strict=False)
        return " ".join(label for label, option in options if option.correct) or NONE_RIGHT
    if column.kind == "question":
        return solution.draw.choices[column.part].options[0]
    # Of alternatives, a copy has one: the columns of the others stay empty.
    if column.index is not None and (question is None or question.index != column.index):
        return ""
    if column.kind == "rows":
        return _joined(list(solution.answers[column.part].values()))
    if column.kind in {"least", "most"}:
        limits = bounds.get(column.name)
        return "" if limits is None else short_digits(limits[column.kind == "most"])
    value = _value(solution, wrong, column)
    return "" if value is None else _printed(problem, _printed_as(column), value)


@lru_cache(maxsize=KEPT, typed=True)
def _printed(problem: Problem, name: str, value: Value) -> str:
    return _joined(print_any(problem, name, value))


def _printed_as(column: Column) -> str:
    return FALLBACK_PREFIX + column.name if column.kind == "printed fallback" else column.name


def _value(solution: Solution, wrong: Wrong, column: Column) -> Value | None:
    if column.mistake is not None:
        found, number = wrong[column.part], column.mistake[0]
        is_after = column.kind == "mistake after fallback"
        return (found.after if is_after else found.plain).get(number, {}).get(column.name)
    if column.kind == "fallback":
        return solution.from_fallback[column.part][column.name]
    return solution.values.get(_printed_as(column))


def _joined(value: Plain) -> str:
    return value if isinstance(value, str) else " ".join(map(_joined, value))


# How a sheet is laid out.

_SIDES_MM = 20.0
_CODE_MM = 19.0
_NOT_SHOWN = re.compile(r"\\[a-zA-Z]+|[${}_^\\]")
_LONGEST_SYMBOL = 12
_LEAST_MM, _CHARACTER_MM, _GAP_MM = 6.5, 1.32, 1.9
MOST_CHARACTERS = 26
"""Characters of a cell; what is longer is in the CSV file."""


@dataclass(frozen=True)
class SheetLayout:
    """Where the columns of a sheet stand.

    Attributes:
        landscape: Whether the pages lie on their side.
        lines: Of a copy's block, each the indices of its columns.
        widths_mm: Width of each column.
    """

    landscape: bool
    lines: tuple[tuple[int, ...], ...]
    widths_mm: tuple[float, ...]


def lay_out(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    paper: Sheet = A4,
    titles: Sequence[str] = (),
) -> SheetLayout:
    """The columns in one line if they fit; else results, mistakes and values each in their own.

    Args:
        rows: The cells of all copies.
        titles: What stands above each column; above some that follow each other, once.
    """
    cells = [[row[at] for row in rows] for at in range(len(columns))]
    widths = _widened(list(map(_width_mm, columns, cells)), titles)
    landscape = sum(widths) + _CODE_MM > paper.width_mm - _SIDES_MM
    room = (paper.across_mm if landscape else paper.upright_mm)[0] - _SIDES_MM - _CODE_MM
    fits = partial(_fits, widths, room)
    everything = list(range(len(columns)))
    # The values are on the student's paper: they are looked for last.
    groups: dict[int, list[int]] = {0: [], 1: [], 2: []}
    for at, column in enumerate(columns):
        groups[2 if column.kind == "value" else int(column.mistake is not None)].append(at)
    lines: list[list[int]] = []
    for group in [everything] if fits(everything) else groups.values():
        lines.append([])
        for at in group:
            if not fits([*lines[-1], at]):
                lines.append([])
            lines[-1].append(at)
    return SheetLayout(landscape, tuple(tuple(line) for line in lines if line), widths)


def _widened(widths: list[float], titles: Sequence[str]) -> tuple[float, ...]:
    """The last column under a title takes what the title needs beyond all of them."""
    for title, found in groupby(range(len(titles)), key=titles.__getitem__):
        own = list(found)
        needed = _CHARACTER_MM * len(_NOT_SHOWN.sub("", title)) + _GAP_MM
        widths[own[-1]] += max(0.0, needed - sum(widths[at] for at in own))
    return tuple(widths)


def _fits(widths: Sequence[float], room: float, line: Sequence[int]) -> bool:
    return len(line) == 1 or sum(widths[at] for at in line) <= room


def _width_mm(column: Column, cells: Sequence[str]) -> float:
    """As wide as its longest cell, and as its symbol seems to be."""
    longest = min(max(map(len, cells), default=0), MOST_CHARACTERS)
    symbol = min(len(_NOT_SHOWN.sub("", column.label)), _LONGEST_SYMBOL)
    return max(_LEAST_MM, _CHARACTER_MM * max(longest, symbol) + _GAP_MM)
