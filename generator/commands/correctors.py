"""What correctors ask on the command line: follow-through and look-ups, of one copy or of all."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from generator.bank.problem import Exam
from generator.bank.read.exam import load_exam
from generator.codes.page_code import REFERENCE_CODE, CodeError
from generator.codes.typed_code import read_copy_code
from generator.correct.follow_through import (
    asked_elsewhere,
    document,
    follow_through,
    lines,
    read_pairs,
)
from generator.draw.draw import reference_draw
from generator.errors import Complaint, InputError
from generator.exact.secret import SECRET_FILE, load_secret
from generator.files.program import FIGURES
from generator.record.copy import Copy
from generator.record.ledger import LEDGER_FILE, Ledger
from generator.release.place import Place
from generator.solve.solve import Solution, solve_problem

Say = Callable[[str], None]


def say_follow_through(
    exam_file: Path, out: Path, typed: str, pairs: Sequence[str], *, as_json: bool, note: Say
) -> str:
    """What follows from what a student wrote on a copy.

    Args:
        typed: The code of the copy, as somebody typed it.
        pairs: ``step=value``.
        note: Takes what is worth knowing beside the answer.

    Raises:
        InputError: There is no such copy or step, or a value is no number.
    """
    exam = load_exam(exam_file, FIGURES)
    code, solutions = _solutions(exam, out, typed)
    comma = getattr(exam.conventions, "decimal_sign", ".") == ","
    problem_id, written = read_pairs(exam, solutions, pairs, comma=comma)
    for other in asked_elsewhere(exam, solutions, pairs, problem_id):
        steps = " ".join(f"{other}:{pair}" for pair in pairs)
        note(f"taken as steps of problem {problem_id}; for problem {other} write {steps}")
    problem = next(it for it in exam.problems if it.id == problem_id)
    found = follow_through(problem, solutions[problem_id], written)
    if as_json:
        return json.dumps(document(code, found), ensure_ascii=False)
    return "\n".join(lines(code, found))


def _solutions(exam: Exam, out: Path, typed: str) -> tuple[str, dict[str, Solution]]:
    """The code of a copy, and its solutions; those of the reference copy need no batch."""
    place = Place(out, exam.id)
    if not (place.examiner / LEDGER_FILE).exists():
        code = _code(typed, len(REFERENCE_CODE) - 1, exam.id)
        if code != REFERENCE_CODE:
            message = f"no batch was built there; only the reference copy {REFERENCE_CODE} is known"
            raise InputError([Complaint(str(place.folder), 0, 0, typed, message)])
        return code, _reference(exam)
    ledger = Ledger(
        place.examiner / LEDGER_FILE, exam.id, load_secret(place.examiner / SECRET_FILE)
    )
    with closing(ledger):
        code = _code(typed, ledger.digits, exam.id)
        if code == REFERENCE_CODE:
            return code, _reference(exam)
        copy = find_copy(ledger, code)
    recorded = copy.problems
    return code, {it.id: solve_problem(it, recorded[it.id].draw) for it in exam.problems}


def _reference(exam: Exam) -> dict[str, Solution]:
    return {it.id: solve_problem(it, reference_draw(it)) for it in exam.problems}


def _code(typed: str, digits: int, exam: str) -> str:
    try:
        return read_copy_code(typed, digits, exam)
    except CodeError as error:
        raise InputError([Complaint("", 0, 0, "", str(error))]) from None


def find_copy(ledger: Ledger, code: str) -> Copy:
    """A copy of a batch that is in use.

    Raises:
        InputError: It was never built, or is void.
    """
    try:
        copy = ledger[code]
    except KeyError:
        codes = ledger.codes()
        message = f"this batch has no copy {code}; its codes go from {codes[0]} to {codes[-1]}"
        raise InputError([Complaint("", 0, 0, "", message)]) from None
    if not copy.active:
        message = f"the copy {code} is void: its student has left the roster"
        raise InputError([Complaint("", 0, 0, "", message)])
    return copy
