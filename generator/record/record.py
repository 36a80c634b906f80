"""Stage 5, record: what is drawn once and stays, against a bank that may have been edited.

A copy that is recorded is never drawn again unless the examiner asks for it by the problem's name.
Solving always runs. Where it gives other answers than the recorded ones, the bank was corrected,
and the key gets its next revision.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from generator.bank.exam import Exam
from generator.bank.part import OPTION_LABELS, Part
from generator.bank.problem import Problem
from generator.draw.draw import (
    NO_BANDS,
    Band,
    Draw,
    choosing_parts,
    draw_problem,
    first_violated,
    resolve,
)
from generator.errors import CopyError, InputError
from generator.exact.dice import Dice
from generator.exact.secret import Secret
from generator.record.copy import Copy, Recorded, encode_problems
from generator.solve.printed import Plain
from generator.solve.promises import refuse_broken
from generator.solve.solve import Solution, solve_problem


@dataclass(frozen=True)
class RefusedDraw:
    """A recorded draw that the bank no longer admits, or that a condition no longer holds for."""

    code: str
    problem: str
    reason: str


@dataclass(frozen=True)
class RecordedCopy:
    """A copy after draw and solve.

    Attributes:
        copy: The copy with its record.
        problems: The same record, as it was put in.
        solutions: Problem id to its solution.
        refusals: Recorded draws that are not admissible; then the rest is not to be used.
        doubts: Recorded draws that stay, though a condition does not hold for them any more.
        changes: Answers that differ from the recorded ones, and what was drawn afresh, for people.
    """

    copy: Copy
    problems: Mapping[str, Recorded] = field(default_factory=dict)
    solutions: Mapping[str, Solution] = field(default_factory=dict)
    refusals: tuple[RefusedDraw, ...] = ()
    changes: tuple[str, ...] = ()
    doubts: tuple[RefusedDraw, ...] = ()


def record_copy(
    exam: Exam,
    copy: Copy,
    secret: Secret,
    redraw: Collection[str],
    bands: Mapping[str, Band] = NO_BANDS,
    first_epoch: int = 0,
) -> RecordedCopy:
    """Draws what is new, keeps what is recorded, and solves all of it.

    What is recorded stays, also where it is outside of a band that was changed since. Of a copy
    that comes back (recorded, but with no known bank) a problem is drawn afresh if the bank no
    longer admits it: the copy was not there when that was decided for all others.

    Args:
        bands: Problem id to the work that a copy may take.
        redraw: Problems that are drawn afresh by the examiner's wish.
        first_epoch: The epoch of what is drawn for the first time.

    Raises:
        InputError: A problem cannot be drawn or solved.
    """
    before = copy.problems
    returned = bool(before) and not copy.bank
    problems = dict(before)
    solutions = {}
    refusals = []
    doubts = []
    changes: list[str] = []
    for problem in exam.problems:
        recorded = before.get(problem.id)
        reason = _why_not(problem, recorded, before)
        afresh = problem.id in redraw or (returned and reason is not None)
        if reason is not None and not afresh:
            refusals.append(RefusedDraw(copy.code, problem.id, reason))
            continue
        if recorded is None or afresh:
            epoch = recorded.draw.epoch + 1 if recorded is not None else first_epoch
            dice = Dice(secret.draw_key, exam.id, copy.code, problem.id, epoch)
            fresh = _without_questions(problem, exam, problems) if before else problem
            draw = draw_problem(fresh, dice, bands.get(problem.id))
        else:
            draw = recorded.draw
            if doubt := broken_condition(problem, draw):
                doubts.append(RefusedDraw(copy.code, problem.id, doubt))
        solution = solutions[problem.id] = solve_problem(problem, draw)
        if recorded is None or afresh:
            refuse_broken(problem, solution)
        answers = recorded_answers(solution)
        if afresh:
            changes.append(f"problem {problem.id} drawn afresh")
        elif recorded is not None:
            changes += _differences(recorded.answers, answers)
        problems[problem.id] = Recorded(draw, answers)
    if before:
        refusals += _asked_twice(exam, copy.code, problems)
    recorded_copy = replace(copy, record=encode_problems(problems))
    return RecordedCopy(
        recorded_copy, problems, solutions, tuple(refusals), tuple(changes), tuple(doubts)
    )


def _questions_had(exam: Exam, drawn: Mapping[str, Recorded]) -> Iterator[tuple[Part, str]]:
    """The parts of a copy that take a question from a pool of several problems, with it."""
    for problem in (it for it in exam.problems if it.id in drawn):
        for part in (it for it in problem.alternatives_parts if it.shared is not None):
            choice = drawn[problem.id].draw.choices.get(part.id)
            index = int(choice.options[0]) - 1 if choice is not None else len(part.alternatives)
            if index < len(part.alternatives):
                yield part, part.alternatives[index].question


def _asked_twice(exam: Exam, code: str, drawn: Mapping[str, Recorded]) -> Iterator[RefusedDraw]:
    """Parts that would ask what another part of the copy asks, since their pool was edited."""
    parts: dict[str, str] = {}
    for part, question in _questions_had(exam, drawn):
        other = parts.setdefault(question, part.id)
        if other != part.id:
            reason = (
                f"{part.id} would ask what {other} asks, since the order of the pool is another"
            )
            yield RefusedDraw(code, part.id.partition(".")[0], reason)


def _why_not(
    problem: Problem, recorded: Recorded | None, before: Mapping[str, Recorded]
) -> str | None:
    """Why a copy cannot keep what it has of a problem; None where it can, or is a new one."""
    if recorded is not None:
        return why_inadmissible(problem, recorded.draw)
    return "the copy was built without this problem" if before else None


def _without_questions(problem: Problem, exam: Exam, recorded: Mapping[str, Recorded]) -> Problem:
    """A problem that leaves those questions of shared pools aside that a copy has already.

    The pool may have grown since these were drawn, so that they are not found by drawing again.
    """
    others = {name: it for name, it in recorded.items() if name != problem.id}
    had: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for part, question in _questions_had(exam, others):
        assert part.shared is not None
        had.setdefault(part.shared.pool, []).append((part.id, (question,)))
    parts = [
        _aside(it, had.get(it.shared.pool, ())) if it.shared is not None else it
        for it in problem.parts
    ]
    return replace(problem, parts=tuple(parts))


def _aside(part: Part, had: Sequence[tuple[str, tuple[str, ...]]]) -> Part:
    """A part behind those that have their questions already."""
    assert part.shared is not None
    known = {name for name, _ in had}
    before = [it for it in part.shared.before if it[0] not in known]
    return replace(part, shared=replace(part.shared, before=(*had, *before)))


def solve_recorded(exam: Exam, copy: Copy) -> dict[str, Solution]:
    """The solutions of a recorded copy, by problem.

    Raises:
        CopyError: The bank gives other answers than are recorded.
    """
    recorded = copy.problems
    if missing := [problem.id for problem in exam.problems if problem.id not in recorded]:
        raise CopyError(f"{copy.code} was made without problem {', '.join(missing)}")
    solutions = {
        problem.id: solve_problem(problem, recorded[problem.id].draw) for problem in exam.problems
    }
    for name, solution in solutions.items():
        if recorded_answers(solution) != recorded[name].answers:
            message = f"{copy.code}: the answers to {name} are not those of the record"
            raise CopyError(f"{message}; please report this")
    return solutions


def recorded_answers(solution: Solution) -> dict[str, Mapping[str, Plain]]:
    """The answers as the ledger keeps them; of multiple choice the right options."""
    answers = dict(solution.answers)
    for part, options in solution.options.items():
        answers[part] = {
            "correct": [
                label
                for label, option in zip(OPTION_LABELS, options, strict=False)
                if option.correct
            ]
        }
    return answers


def why_inadmissible(problem: Problem, draw: Draw) -> str | None:
    """Why a recorded draw cannot be printed and solved with this bank; None where it can.

    Conditions are not asked: what was drawn under others was released, and stays.
    """
    try:
        problem = resolve(problem, draw.choices)
    except KeyError as error:
        return f"the recorded alternative of {error.args[0]} is not in the bank any more"
    names = problem.variables
    if missing := [name for name in names if name not in draw.values]:
        return f"{', '.join(missing)} is drawn now, but has no recorded value"
    if extra := [name for name in draw.values if name not in names]:
        return f"{', '.join(extra)} was drawn, but is not in the bank any more"
    for name, value in draw.values.items():
        if not names[name].admits(value):
            return f"{name} = {value} is not in its list any more"
    for part in choosing_parts(problem):
        if part.id not in draw.choices:
            return f"{part.id} has no recorded options"
        if not part.admits(draw.choices[part.id]):
            return f"the recorded options of {part.id} are not in the bank any more"
    return None


def broken_condition(problem: Problem, draw: Draw) -> str | None:
    """Which condition of the bank an admissible recorded draw does not meet; None for none."""
    problem = resolve(problem, draw.choices)
    for group in problem.groups:
        values = [draw.values[name] for name in group.names]
        if group.different and len(set(values)) < len(values):
            return f"{', '.join(group.names)} must differ now"
    try:
        violated = first_violated(problem, draw.values)
    except InputError as error:
        return str(error)
    return None if violated is None else f"{violated.expression.source!r} does not hold"


def _differences(
    before: Mapping[str, Mapping[str, Plain]], after: Mapping[str, Mapping[str, Plain]]
) -> Iterator[str]:
    for part in after:
        for name in {**before.get(part, {}), **after[part]}:
            old, new = before.get(part, {}).get(name), after[part].get(name)
            if old != new:
                yield f"{part} {name}: {_short(old)} -> {_short(new)}"


def _short(value: Plain | None) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else ", ".join(map(_short, value))
    return text if len(text) <= 40 else text[:37] + "..."
