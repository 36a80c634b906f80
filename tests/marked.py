"""A small exam that can be marked, without a build: drawn copies, and marks in a file of a test."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

from generator.bank.exam import Exam
from generator.codes.page_code import CodeError
from generator.codes.typed_code import read_copy_code
from generator.draw.draw import draw_problem
from generator.errors import InputError
from generator.exact.dice import Dice
from generator.exact.secret import Secret
from generator.marks.marked_papers import Papers
from generator.marks.operation import Marked, Operation
from generator.marks.store import Marks
from generator.solve.solve import Solution, solve_problem

SECRET = Secret(bytes(range(32)))
CODES = tuple(f"E{number:04d}" for number in range(1, 13))
VOID = "E0099"
_numbers = itertools.count()


def papers_of(exam: Exam, codes: tuple[str, ...] = CODES) -> Papers:
    def solve(code: str) -> Mapping[str, Solution]:
        drawn = {
            it.id: draw_problem(it, Dice(SECRET.draw_key, exam.id, code, it.id, 0))
            for it in exam.problems
        }
        return {it.id: solve_problem(it, drawn[it.id]) for it in exam.problems}

    def read(typed: str) -> str:
        try:
            return read_copy_code(typed, 4, exam.id)
        except CodeError as error:
            raise InputError(str(error)) from None

    return Papers(exam, codes, solve, read, lambda code: "is void" if code == VOID else "")


def open_marks(folder: Path, papers: Papers) -> Marks:
    """Marks that ada (examiner), bob and eve may give."""
    marks = Marks(folder / "desk" / "marks.sqlite", papers, SECRET.audit_key, folder / "head.json")
    marks.allow("ada", None, examiner=True)
    marks.allow("bob", None)
    marks.allow("eve", None)
    return marks


def do(marks: Marks, kind: str, name: str = "", value: str = "", **more: object) -> Marked:
    """Records an operation; of bob on 1.1 of the first copy, where nothing else is said."""
    own = {"id": f"op-{next(_numbers)}", "who": "bob", "code": CODES[0], "part": "1.1"} | more
    return marks.record(Operation(kind=kind, name=name, value=value, **own))  # type: ignore[arg-type]


def mark(marks: Marks, code: str, part: str, points: str, who: str = "bob", round: int = 1) -> None:
    """Gives points and is done."""
    seen = marks.state(code, part, round).version
    where = {"code": code, "part": part, "who": who, "round": round, "seen": seen}
    do(marks, "points", value=points, **where)
    do(marks, "done", **{**where, "seen": seen + 1})
