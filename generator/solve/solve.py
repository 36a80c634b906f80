"""Stage 4, solve: the answers of a draw, also under the printed fallback values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.bank.part import Part, SolvedOption
from generator.bank.problem import Problem
from generator.draw.draw import Draw, choosing_parts, resolve, without_value
from generator.errors import InputError
from generator.exact.numbers import NumberError, Value
from generator.expressions import EvaluationError
from generator.solve.mistakes import MistakeAnswer, mistake_answers
from generator.solve.printed import Plain, plain


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
    _mistakes: dict[str, tuple[MistakeAnswer, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def mistakes(self, problem: Problem, part: Part) -> tuple[MistakeAnswer, ...]:
        """See `mistake_answers`; computed once, for the key and for its data.

        Args:
            problem: As the copy has it.
        """
        if part.id not in self._mistakes:
            self._mistakes[part.id] = tuple(mistake_answers(problem, part, self.values))
        return self._mistakes[part.id]


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
        if part.chooses and not part.option_count:
            gaps = part.filled(draw.choices[part.id])
            answers[part.id] = {gap.name: gap.text.source for gap in gaps if gap.text is not None}
        if not part.boxed:
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
        part.id: part.solve(draw.choices[part.id], values)
        for part in choosing_parts(problem)
        if part.option_count
    }
    return Solution(draw, values, from_fallback, options, answers, fallback_answers)


def _printed(problem: Problem, name: str, value: Value) -> Plain:
    try:
        return plain(problem, name, value)
    except NumberError as error:
        raise EvaluationError(str(error), "the answer", step=name) from None
