"""Stage 5, record: what is drawn once and stays, against a bank that may have been edited.

A copy that is recorded is never drawn again unless the examiner asks for it by the problem's name.
Solving always runs. Where it gives other answers than the recorded ones, the bank was corrected,
and the key gets its next revision.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from generator.bank.part import OPTION_LABELS
from generator.bank.problem import Exam, Problem
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
class Refusal:
    """A recorded draw that the bank no longer admits, or that a condition no longer holds for."""

    code: str
    problem: str
    reason: str


@dataclass(frozen=True)
class Outcome:
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
    refusals: tuple[Refusal, ...] = ()
    changes: tuple[str, ...] = ()
    doubts: tuple[Refusal, ...] = ()


def record_copy(
    exam: Exam,
    copy: Copy,
    secret: Secret,
    redraw: Collection[str],
    bands: Mapping[str, Band] = NO_BANDS,
) -> Outcome:
    """Draws what is new, keeps what is recorded, and solves all of it.

    What is recorded stays, also where it is outside of a band that was changed since. Of a copy
    that comes back (recorded, but with no known bank) a problem is drawn afresh if the bank no
    longer admits it: the copy was not there when that was decided for all others.

    Args:
        bands: Problem id to the work that a copy may take.
        redraw: Problems that are drawn afresh by the examiner's wish.

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
        reason = None
        if recorded is not None:
            reason = why_inadmissible(problem, recorded.draw)
        elif before:
            reason = "the copy was built without this problem"
        afresh = problem.id in redraw or (returned and reason is not None)
        if reason is not None and not afresh:
            refusals.append(Refusal(copy.code, problem.id, reason))
            continue
        if recorded is None or afresh:
            epoch = recorded.draw.epoch + 1 if recorded is not None else 0
            dice = Dice(secret.draw_key, exam.id, copy.code, problem.id, epoch)
            draw = draw_problem(problem, dice, bands.get(problem.id))
        else:
            draw = recorded.draw
            if doubt := broken_condition(problem, draw):
                doubts.append(Refusal(copy.code, problem.id, doubt))
        solution = solutions[problem.id] = solve_problem(problem, draw)
        if recorded is None or afresh:
            refuse_broken(problem, solution)
        answers = recorded_answers(solution)
        if afresh:
            changes.append(f"problem {problem.id} drawn afresh")
        elif recorded is not None:
            changes += _differences(recorded.answers, answers)
        problems[problem.id] = Recorded(draw, answers)
    recorded_copy = replace(copy, record=encode_problems(problems))
    return Outcome(
        recorded_copy, problems, solutions, tuple(refusals), tuple(changes), tuple(doubts)
    )


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
