"""What correctors ask on the command line: follow-through and look-ups, of one copy or of all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

from generator.bank.exam import Exam
from generator.bank.problem import Problem
from generator.bank.read.exam_file import load_exam
from generator.codes.page_code import REFERENCE_CODE
from generator.correct.follow_through import (
    asked_elsewhere,
    document,
    follow_through,
    in_line,
    lines,
    print_written,
    read_pairs,
)
from generator.correct.lookup import (
    Seating,
    lookup_document,
    lookup_lines,
    matches,
    nearest_first,
)
from generator.draw.draw import reference_draw
from generator.errors import Complaint, InputError
from generator.exact.numbers import Value
from generator.files.program import FIGURES
from generator.record.batch import Batch, open_batch
from generator.record.ledger import LEDGER_FILE
from generator.record.typed_copy import read_code
from generator.release.place import Place, place_of
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
    [said] = follow_lines(exam_file, out, [[typed, *pairs]], as_json=as_json, note=note)
    if isinstance(said, InputError):
        raise said
    return said


def follow_lines(
    exam_file: Path, out: Path, asked: Iterable[Sequence[str]], *, as_json: bool, note: Say
) -> Iterator[str | InputError]:
    """The same for one copy after the other: the bank is read once.

    Args:
        asked: Each a code and ``step=value``; taken one by one, as they are typed.

    Returns:
        For each what follows, or what is wrong with it.

    Raises:
        InputError: The bank or the batch is wrong.
    """
    with _batch(place_of(exam_file, out)) as batch:
        exam = batch.exam if batch else load_exam(exam_file, FIGURES)
        for typed, *pairs in asked:
            try:
                yield _follow(exam, batch, typed, pairs, as_json=as_json, note=note)
            except InputError as error:
                yield error


def _follow(
    exam: Exam, batch: Batch | None, typed: str, pairs: Sequence[str], *, as_json: bool, note: Say
) -> str:
    code = read_code(exam.id, batch, typed)
    solutions = _solutions(exam, batch, code)
    problem_id, written = read_pairs(exam, solutions, pairs, comma=_has_comma(exam))
    for other in asked_elsewhere(exam, solutions, pairs, problem_id):
        steps = " ".join(f"{other}:{pair}" for pair in pairs)
        note(f"taken as steps of problem {problem_id}; for problem {other} write {steps}")
    found = follow_through(_problem(exam, problem_id), solutions[problem_id], written)
    if as_json:
        return json.dumps(document(code, found), ensure_ascii=False)
    return "\n".join(lines(code, found, exam.conventions))


def say_lookup(
    exam_file: Path, out: Path, part: str, pair: str, *, paper: str | None, as_json: bool
) -> str:
    """The copies of a batch with a number in their keys.

    Args:
        pair: ``step=value``.
        paper: The code of the paper on which the number was read; its neighbors are first.

    Raises:
        InputError: There is no batch, no such part or step, or the value is no number.
    """
    place = place_of(exam_file, out)
    with _batch(place) as batch:
        if batch is None:
            message = "has no batch: build this exam first, or say with OUT= where its batch is"
            raise InputError([Complaint(str(place.folder), 0, 0, "", message)])
        exam = batch.exam
        problem = _problem(exam, _problem_of(exam, part))
        code = None if paper is None else read_code(exam.id, batch, paper).partition(".")[0]
        step, value = _read_step(exam, problem, part, pair)
        found = dict(matches(problem, part, step, value, _all(batch, problem)))
        if code is not None:
            found.pop(code, None)
        wanted = {*found, *filter(None, [code])}
        places = {it: Seating(batch.room(it), batch.seat(it)) for it in wanted}
        ordered = nearest_first(found, places, code)
        copies = len(batch.codes())
    number = in_line(print_written(value))
    if as_json:
        return json.dumps(lookup_document(part, step, number, ordered, copies), ensure_ascii=False)
    return "\n".join(lookup_lines(part, step, number, ordered, copies, exam.conventions))


def _batch(place: Place) -> AbstractContextManager[Batch | None]:
    """The batch of an exam; None where none was built."""
    if not (place.examiner / LEDGER_FILE).exists():
        return nullcontext()
    return open_batch(place.folder)


def _solutions(exam: Exam, batch: Batch | None, code: str) -> dict[str, Solution]:
    if batch is None or code == REFERENCE_CODE:
        return {it.id: solve_problem(it, reference_draw(it)) for it in exam.problems}
    return batch.solutions(code)


def _all(batch: Batch, problem: Problem) -> Iterator[tuple[str, Solution]]:
    for code in batch.codes():
        draw = batch.copy(code).problems[problem.id].draw
        yield code, solve_problem(problem, draw)


def _has_comma(exam: Exam) -> bool:
    return exam.conventions.decimal_sign == ","


def _problem(exam: Exam, problem_id: str) -> Problem:
    return next(it for it in exam.problems if it.id == problem_id)


def _problem_of(exam: Exam, part: str) -> str:
    for problem in exam.problems:
        if part in [it.id for it in problem.parts]:
            return problem.id
    known = ", ".join(part.id for problem in exam.problems for part in problem.parts if part.boxed)
    raise InputError([Complaint("", 0, 0, part, f"there is no such part; there are {known}")])


def _read_step(exam: Exam, problem: Problem, part: str, pair: str) -> tuple[str, Value]:
    """Step and value, read against the reference copy."""
    own = [it for it in problem.questions() if it.id == part]
    name = pair.partition("=")[0].strip()
    shift = next((at for at, it in enumerate(own) if name in (*it.steps, *it.answers)), 0)
    draw = reference_draw(problem, _shift(problem, part, shift))
    solutions = {problem.id: solve_problem(problem, draw)}
    alone = [it for it in exam.problems if it.id == problem.id]
    _, written = read_pairs(
        replace(exam, problems=tuple(alone)), solutions, [pair], comma=_has_comma(exam)
    )
    [(step, value)] = written.items()
    if not any(step in (*it.steps, *it.answers) for it in own):
        steps = ", ".join(dict.fromkeys(name for it in own for name in (*it.steps, *it.answers)))
        message = f"{step} is no step of {part}; its steps are {steps or 'none'}"
        raise InputError([Complaint("", 0, 0, pair, message)])
    return step, value


def _shift(problem: Problem, part: str, index: int) -> int:
    """What is to be added to the reference's alternative of a part to have another one."""
    found = next(it for it in problem.parts if it.id == part)
    return (index - found.reference_alternative) % len(found.questions())
