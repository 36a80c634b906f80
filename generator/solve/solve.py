"""Stage 4, solve: the answers of a draw, also under the printed fallback values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generator.bank.problem import OpenPart, OrderPart, PoolPart, Problem
from generator.draw.draw import RIGHT, ChoiceDraw, Draw, choice_parts, resolve, without_value
from generator.errors import InputError
from generator.exact.numbers import NumberError, Value
from generator.expressions import EvaluationError
from generator.solve.printed import Plain, plain


@dataclass(frozen=True)
class SolvedOption:
    """An option of multiple choice with its truth.

    Attributes:
        option: What was drawn, as in :class:`~generator.draw.draw.ChoiceDraw`.
        correct: Whether it is to be marked.
        shown: The value that a computed statement prints; None for the others.
        right: The value that it should print; None for the others.
    """

    option: str
    correct: bool
    shown: Value | None = None
    right: Value | None = None


@dataclass(frozen=True)
class Solution:
    """Everything about one problem of one copy.

    Attributes:
        draw: What was drawn.
        values: All drawn names and all steps.
        from_fallback: Part id to the part's steps that change under the printed fallback values.
        options: Part id to the options of multiple choice.
        answers: Part id to answer name to the answer as printed.
        fallback_answers: The same under the fallback values.
    """

    draw: Draw
    values: Mapping[str, Value]
    from_fallback: Mapping[str, Mapping[str, Value]]
    options: Mapping[str, tuple[SolvedOption, ...]]
    answers: Mapping[str, Mapping[str, Plain]]
    fallback_answers: Mapping[str, Mapping[str, Plain]]


def solve_problem(problem: Problem, draw: Draw) -> Solution:
    """Solves a draw.

    Raises:
        InputError: A step cannot be evaluated or printed for this draw; names the draw.
    """
    try:
        return _solve(problem, draw)
    except (EvaluationError, NumberError) as error:
        raise InputError([without_value(problem, draw.values, error)]) from None


def _solve(problem: Problem, draw: Draw) -> Solution:
    problem = resolve(problem, draw.choices)
    values = {**draw.values, **problem.steps.evaluate(draw.values)}
    from_fallback = problem.follow_fallback_by_part(values)
    answers: dict[str, Mapping[str, Plain]] = {}
    fallback_answers: dict[str, Mapping[str, Plain]] = {}
    for part in problem.parts:
        if not isinstance(part, OpenPart):
            continue
        answers[part.id] = {name: _printed(problem, name, values[name]) for name in part.answers}
        if part.id in from_fallback:
            followed = from_fallback[part.id]
            fallback_answers[part.id] = {
                name: _printed(problem, name, followed[name])
                for name in part.answers
                if name in followed
            }
    options = {
        part.id: _options(part, draw.choices[part.id], values) for part in choice_parts(problem)
    }
    return Solution(draw, values, from_fallback, options, answers, fallback_answers)


def _printed(problem: Problem, name: str, value: Value) -> Plain:
    try:
        return plain(problem, name, value)
    except NumberError as error:
        raise EvaluationError(str(error), "the answer", step=name) from None


def _options(
    part: object, choice: ChoiceDraw, values: Mapping[str, Value]
) -> tuple[SolvedOption, ...]:
    if isinstance(part, PoolPart):
        return tuple(_statement(part, option, values) for option in choice.options)
    if isinstance(part, OrderPart):
        right = " ".join(choice.labels)
        return tuple(SolvedOption(option, option == right) for option in choice.options)
    return tuple(
        SolvedOption(option, part.options[int(option)].correct)  # type: ignore[attr-defined]
        for option in choice.options
    )


def _statement(part: PoolPart, option: str, values: Mapping[str, Value]) -> SolvedOption:
    if option in part.statements:
        return SolvedOption(option, part.statements[option].correct)
    name, kind, *index = option.split("/")
    statement = part.computed[name]
    right = statement.right.evaluate(values)
    shown = right if kind == RIGHT else statement.wrong[int(index[0])].evaluate(values)
    return SolvedOption(option, shown == right, shown, right)
