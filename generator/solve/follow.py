"""Follow-through: what is right for a student who went wrong earlier.

The steps that depend on what was written are computed again from the recorded draw, rounded as the
key's are; all others stay. Nothing that is drawn depends on a step, so nothing is drawn again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from generator.bank.part import Part
from generator.bank.problem import Problem
from generator.exact.numbers import Complex, NumberError, Value, format_number, joined_parts
from generator.expressions import EvaluationError, Step
from generator.expressions.reach import reach
from generator.solve.printed import Plain, plain

Status = Literal["follow-through", "same", "trivial"]

SHOWN_DECIMALS = 6
"""Decimals of a number that has no short expansion and of which the bank states none."""
CENTS = 2
"""The same of a price."""


@dataclass(frozen=True)
class Followed:
    """A step as it follows from what was written.

    Attributes:
        part: The part that it belongs to.
        name: The step.
        value: Its value; None where it has none, e.g. after a division by zero.
        printed: The value as the key would print it; None where there is none.
        status: ``same`` as in the key; ``trivial`` if the error takes away what was to be done;
            else ``follow-through``.
        lost: What the key's value depends on and this one does not; or why there is no value.
    """

    part: str
    name: str
    value: Value | None
    printed: Plain | None
    status: Status
    lost: tuple[str, ...] = ()


def recompute(
    problem: Problem, values: Mapping[str, Value], written: Mapping[str, Value]
) -> dict[str, Value | EvaluationError]:
    """All steps that depend on what was written, in order, as they follow from it.

    Args:
        problem: As the copy has it (:meth:`~generator.bank.problem.Problem.resolve`).
        values: All drawn names and all steps.
        written: Step to what stands in its place; taken as it is.

    Returns:
        Step to its value, or to the reason why it has none. What was written is not among them.
    """
    sheet: dict[str, Value] = {**values, **written}
    found: dict[str, Value | EvaluationError] = {}
    for name in problem.steps.dependents(*written):
        member = problem.steps[name]
        failed = [found[used] for used in member.names if used in found and used not in sheet]
        try:
            if failed:
                raise failed[0]  # type: ignore[misc]
            found[name] = sheet[name] = member.evaluate(sheet)[name]
        except (EvaluationError, NumberError) as error:
            sheet.pop(name, None)
            reason = error if isinstance(error, EvaluationError) else None
            found[name] = reason or EvaluationError(str(error), "the result", step=name)
    return found


def follow(
    problem: Problem, values: Mapping[str, Value], written: Mapping[str, Value]
) -> dict[str, Followed]:
    """What follows from what was written, step by step, and whether it is still an achievement.

    A step is *trivial* if something that reaches the key's value does not reach this one (a unit is
    clipped, a factor has become zero, another branch is taken), and no other step does: what there
    was to compute is gone. A rubric item may state otherwise by a condition of its own
    (``trivial``).

    Args:
        problem: As the copy has it.
        values: All drawn names and all steps.
        written: Step to what stands in its place.
    """
    found = recompute(problem, values, written)
    computed = {name: it for name, it in found.items() if not isinstance(it, EvaluationError)}
    sheet = {**values, **written, **computed}
    moved = {
        name for name in (*written, *found) if found.get(name, sheet.get(name)) != values[name]
    }
    parts = part_of_steps(problem)
    result = {}
    for name, value in found.items():
        part = parts.get(name, "")
        if isinstance(value, EvaluationError):
            result[name] = Followed(part, name, None, None, "trivial", (str(value),))
            continue
        status: Status = "same"
        lost: tuple[str, ...] = ()
        if value != values[name]:
            lost = _lost(problem, name, values, sheet, moved)
            status = "trivial" if _is_trivial(problem, name, sheet, lost) else "follow-through"
        result[name] = Followed(part, name, value, print_any(problem, name, value), status, lost)
    return result


def _lost(
    problem: Problem,
    name: str,
    before: Mapping[str, Value],
    after: Mapping[str, Value],
    moved: set[str],
) -> tuple[str, ...]:
    """What reaches the key's value of a step and has moved, where nothing computed is left."""
    step = problem.steps[name]
    if not isinstance(step, Step):
        return ()
    tree = step.expression.tree
    now = reach(tree, after)
    return () if any(used in problem.steps for used in now) else _sorted(reach(tree, before), moved)


def _sorted(names: frozenset[str], among: set[str]) -> tuple[str, ...]:
    return tuple(sorted(names & among))


def _is_trivial(
    problem: Problem, name: str, values: Mapping[str, Value], lost: tuple[str, ...]
) -> bool:
    """As the rubric states; by the rule where it states nothing."""
    for part in problem.parts:
        for item in part.rubric:
            if item.step == name and item.trivial is not None:
                try:
                    return bool(item.trivial.evaluate(values))
                except EvaluationError:
                    return bool(lost)
    return bool(lost)


def part_of_steps(problem: Problem) -> dict[str, str]:
    """Each step to the part that it belongs to."""
    return {name: part.id for part, name in _steps(problem)}


def _steps(problem: Problem) -> Iterator[tuple[Part, str]]:
    for part in problem.parts:
        yield from ((part, name) for name in dict.fromkeys((*part.steps, *part.answers)))


def print_any(problem: Problem, name: str, value: Value) -> Plain:
    """A value as the key would print it; rounded where no short expansion and no decimals are."""
    try:
        return plain(problem, name, value)
    except NumberError:
        is_price = not isinstance(value, bool | str) and problem.form(name).kind == "currency"
        return _rounded(value, CENTS if is_price else SHOWN_DECIMALS)


def _rounded(value: Value, decimals: int) -> Plain:
    if isinstance(value, tuple):
        return [_rounded(member, decimals) for member in value]
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, Complex):
        return joined_parts(value, lambda part: format_number(part, decimals=decimals))
    return format_number(value, decimals=decimals)
