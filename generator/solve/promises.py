"""What has to hold for every draw of a problem, and is not asked by its conditions.

`make check` looks at many draws, and a build at some of each problem and at each copy that it
draws: a fallback value that is the true one tells the answer, and a wrong value that prints like
the right one makes a wrong statement of a true one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from generator.bank.exam import Exam
from generator.bank.part import Figure, SolvedOption
from generator.bank.plot import PlotError
from generator.bank.problem import FALLBACK_PREFIX, Problem
from generator.draw.draw import draw_problem, resolve
from generator.draw.fairness import PUBLIC_KEY
from generator.errors import Complaint, InputError
from generator.exact.dice import Dice
from generator.exact.numbers import NumberError, Value, show_values
from generator.expressions import EvaluationError
from generator.solve.option_values import as_read, option_values
from generator.solve.printed import plain, shown_value, tex
from generator.solve.solve import Solution, solve_problem

_FIGURE: Final = re.compile(r"\\OptionFigure\{[^{}]*\}")

TRIED = 200
"""Public draws of a problem that a build looks at."""


def broken_promises(whole: Problem, solution: Solution) -> Iterator[Complaint]:
    """What does not hold for a solution, at its place in the bank, without the draw."""
    problem = resolve(whole, solution.draw.choices)
    for name, value in solution.draw.values.items():
        step = name.removeprefix(FALLBACK_PREFIX)
        if step != name and solution.values.get(step) == value:
            line, column = problem.places.get(name, (0, 0))
            message = (
                f"the fallback value of {step} can be the true one, which is the answer; require "
                f"{name} != {step}"
            )
            yield Complaint(problem.file, line, column, f"problem {problem.id}", message)
    for name in problem.rounding:
        if name in solution.values:
            yield from _unprintable(problem, name, solution.values[name])
    for part, options in solution.options.items():
        for option in options:
            yield from _broken_option(problem, part, option)
        yield from _alike(problem, part, options, solution)


def _alike(
    problem: Problem, part: str, options: Sequence[SolvedOption], solution: Solution
) -> Iterator[Complaint]:
    """Options that say the same in this copy: nobody can mark one and not the other."""
    seen: dict[str, list[SolvedOption]] = {}
    for option in options:
        try:
            values = option_values(problem, option.say, option, solution)
        except NumberError as error:
            if option.right is None:  # that of a computed statement is said by itself
                message = f"this option cannot be printed: {error}"
                yield Complaint(problem.file, option.say.line, 0, part, message)
            continue
        said = as_read(_FIGURE.sub("", option.say.render(values)))
        before = seen.setdefault(said, [])
        for first in before:
            if _shows_the_same(problem, first.figure, option.figure, solution.values):
                how = "says the same as" if option.figure is None else "looks the same as"
                message = (
                    f"this option {how} the one in line {first.say.line}; require values "
                    "for which they differ, or take one out"
                )
                yield Complaint(problem.file, option.say.line, 0, part, message)
                break
        before.append(option)


def _shows_the_same(
    problem: Problem, one: Figure | None, other: Figure | None, values: Mapping[str, Value]
) -> bool:
    """Whether nobody can tell two figures of a copy apart; so are two that are none."""
    if one is None or other is None:
        return one is other
    if one.plot is not None and other.plot is not None:
        try:
            alike = one.plot.looks_like(other.plot, values)
        except (PlotError, EvaluationError):
            return False  # what cannot be drawn is said by itself
    else:
        alike = (one.name, one.values) == (other.name, other.values)
    return alike and _labels(problem, one, values) == _labels(problem, other, values)


def _labels(problem: Problem, figure: Figure, values: Mapping[str, Value]) -> dict[str, str]:
    return {
        name: text.render({it: shown_value(problem, it, values[it]) for it in text.names})
        for name, text in figure.labels.items()
    }


def _unprintable(problem: Problem, name: str, value: Value) -> Iterator[Complaint]:
    """A step, be it of the working, that a key cannot print."""
    try:
        plain(problem, name, value)
    except NumberError as error:
        line, column = problem.places.get(name, (0, 0))
        message = f"{name}: {error}"
        yield Complaint(problem.file, line, column, f"problem {problem.id}: printing", message)


def _broken_option(problem: Problem, part: str, option: SolvedOption) -> Iterator[Complaint]:
    """What is wrong with a computed statement."""
    if option.shown is None or option.right is None:
        return
    say = option.say
    if isinstance(option.shown, bool) is not isinstance(option.right, bool):
        message = "a value is true or false, the other one is not; compute both alike"
        yield Complaint(problem.file, say.line, 0, part, message)
        return
    try:
        shown, right = _printed(problem, option.shown), _printed(problem, option.right)
    except NumberError as error:
        message = f"the value of a computed statement cannot be printed: {error}"
        yield Complaint(problem.file, say.line, 0, part, message)
        return
    if shown == right and not option.correct:
        message = f"a wrong value prints like the right one, {right}; make them differ"
        yield Complaint(problem.file, say.line, 0, part, message)


def _printed(problem: Problem, value: Value) -> str:
    return tex(problem, "shown", value)


def refuse_broken(problem: Problem, solution: Solution) -> None:
    """Refuses a solution for which something does not hold.

    Raises:
        InputError: What does not hold, with the draw.
    """
    drawn = show_values(solution.draw.values)
    broken = [
        Complaint(it.file, it.line, it.column, it.where, f"{it.message}; for the draw {drawn}")
        for it in broken_promises(problem, solution)
    ]
    if broken:
        raise InputError(broken)


def try_promises(exam: Exam) -> None:
    """Looks at some draws of each problem that has something to promise.

    Raises:
        InputError: What does not hold for one of them; the first of each kind.
    """
    found: dict[tuple[str, int, str], Complaint] = {}
    for problem in exam.problems:
        fallback = any(name.startswith(FALLBACK_PREFIX) for name in problem.variables)
        if not fallback and not any(part.chooses for part in problem.parts):
            continue
        for number in range(TRIED):
            dice = Dice(PUBLIC_KEY, "promise", str(number), problem.id, 0)
            try:
                refuse_broken(problem, solve_problem(problem, draw_problem(problem, dice)))
            except InputError as error:
                for broken in error.problems:
                    found.setdefault((broken.file, broken.line, broken.where), broken)
    if found:
        raise InputError(found.values())
