"""What follows from what a student wrote, for the page: next to each step, as one types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from generator.bank.problem import Problem
from generator.correct.follow_through import (
    FollowThrough,
    follow_through,
    is_right,
    judge_all,
    read_value,
)
from generator.desk.key_view import said
from generator.draw.draw import resolve
from generator.exact.numbers import NumberError, Value
from generator.expressions import EvaluationError
from generator.language.catalogue import Catalogue
from generator.solve.follow import recompute
from generator.solve.solve import Solution

Status = Literal[
    "right",
    "follow-through",
    "fallback",
    "as in the key",
    "wrong",
    "same",
    "trivial",
    "bad",
    "lost",
]

COUNTS: Final = {"right", "follow-through", "fallback"}
"""What earns the line of the rubric."""


@dataclass(frozen=True)
class Cell:
    """What stands beside a step.

    Attributes:
        says: In the exam's language.
        expected: What follows from the other values; empty where that is the key's.
        written: Whether the student's value is known; else it only follows from others.
    """

    status: Status
    says: str
    expected: str = ""
    written: bool = False


@dataclass(frozen=True)
class FollowedProblem:
    """What follows in a problem.

    Attributes:
        cells: Step to what stands beside it.
        ticks: Step to whether its line of the rubric is earned; of those that were written.
        alike: Part id to the ticks of the mistakes that it looks like, and ``fallback``.
    """

    cells: Mapping[str, Cell]
    ticks: Mapping[str, bool]
    alike: Mapping[str, tuple[str, ...]]


NOTHING = FollowedProblem({}, {}, {})


def follow_written(
    whole: Problem, solution: Solution, typed: Mapping[str, str], catalogue: Catalogue
) -> FollowedProblem:
    """What follows from what a student wrote.

    Args:
        typed: Step to what was written, as the corrector typed it.
    """
    problem = resolve(whole, solution.draw.choices)
    cells: dict[str, Cell] = {}
    written: dict[str, Value] = {}
    for step, content in typed.items():
        if step not in problem.steps or not content.strip():
            continue
        try:
            written[step] = _read(problem, step, solution.values[step], content.strip())
        except NumberError:
            example = problem.conventions.digits("-0.25")
            says = catalogue.text("desk.follow.no_number", typed=content[:30], example=example)
            cells[step] = Cell("bad", says, written=True)
    if not written:
        return FollowedProblem(cells, {}, {})
    found = follow_through(whole, solution, written)
    ticks = {}
    for judged in found.written:
        step = judged.step
        cells[step] = _judged(problem, solution, written, step, catalogue)
        ticks[step] = cells[step].status in COUNTS
    for later in found.followed:
        # A step that was written itself is judged above, by what the student made of it.
        if later.name not in cells:
            cells[later.name] = _later(problem, later.name, later.value, later.status, catalogue)
    return FollowedProblem(cells, ticks, _alike(found))


def _read(problem: Problem, step: str, key: Value, content: str) -> Value:
    comma = problem.conventions.decimal_sign == ","
    value = read_value(content, key, comma, problem.units.get(step, ""), problem.form(step))
    if isinstance(key, tuple) and (not isinstance(value, tuple) or len(value) != len(key)):
        raise NumberError("another length")
    return value


def _judged(
    problem: Problem,
    solution: Solution,
    written: Mapping[str, Value],
    step: str,
    catalogue: Catalogue,
) -> Cell:
    values = solution.values
    verdict = judge_all(problem, values, written, step)
    others = {name: value for name, value in written.items() if name != step}
    expected = (
        recompute(problem, values, others).get(step, values[step]) if others else values[step]
    )
    shown = "" if isinstance(expected, EvaluationError) else said(problem, step, expected)
    if verdict == "follow-through" and is_right(problem, step, written[step], values):
        verdict = "right"
    key = verdict.replace("-", "_").replace(" ", "_")
    return Cell(
        verdict,
        catalogue.text(f"desk.follow.{key}"),
        shown if verdict != "fallback" and (verdict == "wrong" or expected != values[step]) else "",
        written=True,
    )


def _later(
    problem: Problem, step: str, value: Value | None, status: Status, catalogue: Catalogue
) -> Cell:
    if value is None:
        return Cell("lost", catalogue.text("desk.follow.lost"))
    if status == "same":
        return Cell(status, "")
    says = catalogue.text(f"desk.follow.{status.replace('-', '_')}")
    shown = said(problem, step, value)
    return Cell(status, says, shown)


def _alike(found: FollowThrough) -> Mapping[str, tuple[str, ...]]:
    alike: dict[str, tuple[str, ...]] = {}
    for result in found.alike:
        name = "fallback" if result.mistake is None else f"m{result.mistake}"
        alike[result.part] = (*alike.get(result.part, ()), name)
    return alike


def rubric_ticks(items: Sequence[tuple[str, str]], followed: FollowedProblem) -> dict[str, bool]:
    """Which lines of a rubric what was written earns or does not.

    Args:
        items: Tick and step of each line that is for a step.
    """
    return {tick: followed.ticks[step] for tick, step in items if step in followed.ticks}
