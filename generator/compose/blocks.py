"""Blocks: the named pieces of TeX that templates place, and that copies fill.

A block that is the same in all copies stands in the template; the others are what a copy
contributes. Blocks of the paper are made from :class:`Given` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from generator.bank.problem import (
    OPTIONS,
    AlternativesPart,
    ChoicePart,
    Exam,
    FixedPart,
    OpenPart,
    OrderPart,
    Problem,
)
from generator.bank.template import Shown, Text
from generator.compose.given import Answers, Given, option_values, statement_of
from generator.compose.worked import unit_of, worked_steps
from generator.draw.draw import resolve
from generator.solve.printed import shown, tex

Source = TypeVar("Source")


@dataclass(frozen=True)
class Block(Generic[Source]):
    """A named piece of TeX.

    Attributes:
        name: What the template calls it, e.g. ``3.1/ask``.
        varies: Whether it may differ between copies.
        render: Makes the TeX from what is known of a copy.
    """

    name: str
    varies: bool
    render: Callable[[Source], str]


def paper_blocks(exam: Exam) -> Iterator[Block[Given]]:
    """All blocks of a paper, which a key shows too."""
    for problem in exam.problems:
        yield _text(problem, f"{problem.id}/intro", problem.intro)
        for part in problem.parts:
            name = f"{part.id}/ask"
            if isinstance(part, AlternativesPart):
                yield Block(name, True, _alternative_ask(problem, part))
            elif isinstance(part, OrderPart):
                yield Block(name, True, _ordering_ask(part))
            else:
                yield _text(problem, name, part.ask)
            if isinstance(part, ChoicePart):
                yield from _options(part)


def key_blocks(exam: Exam) -> Iterator[Block[Answers]]:
    """The blocks that only a key has: answers, crosses and reasons."""
    for problem in exam.problems:
        for part in problem.parts:
            if isinstance(part, AlternativesPart):
                yield Block(f"{part.id}/answer", True, _alternative_answer(problem, part))
            elif isinstance(part, OpenPart):
                varies = _answer_varies(problem, part)
                yield Block(f"{part.id}/answer", varies, _answer(problem, part))
            elif isinstance(part, ChoicePart):
                yield from _verdicts(problem, part)


def _text(problem: Problem, name: str, text: Text) -> Block[Given]:
    return Block(name, text.varies, lambda given: text.render(given.values[problem.id]))


def _alternative_ask(problem: Problem, part: AlternativesPart) -> Callable[[Given], str]:
    return lambda given: given.questions[part.id].render(given.values[problem.id])


def _alternative_answer(problem: Problem, part: AlternativesPart) -> Callable[[Answers], str]:
    def render(answers: Answers) -> str:
        own = resolve(problem, answers.solutions[problem.id].draw.choices)
        question = next(it for it in own.parts if it.id == part.id)
        assert isinstance(question, OpenPart)
        return _answer(own, question)(answers)

    return render


def _ordering_ask(part: OrderPart) -> Callable[[Given], str]:
    def render(given: Given) -> str:
        rows = " \\\\\n".join(
            rf"\textbf{{{label}}} & {text.source}" for label, text in given.labeled[part.id]
        )
        return f"{part.ask.source}\n\n\\OrderingSteps{{{rows}}}"

    return render


def _options(part: ChoicePart) -> Iterator[Block[Given]]:
    for index in range(OPTIONS):
        yield Block(
            f"{part.id}/option/{index + 1}",
            not isinstance(part, FixedPart),
            lambda given, index=index: given.options[part.id][index].tex,  # type: ignore[misc]
        )


def _verdicts(problem: Problem, part: ChoicePart) -> Iterator[Block[Answers]]:
    for index in range(OPTIONS):

        def render(answers: Answers, index: int = index) -> str:
            solution = answers.solutions[problem.id]
            option = solution.options[part.id][index]
            _, why = statement_of(problem, part, option)
            reason = why.render(option_values(problem, why, option, solution))
            verdict = r"\Right" if option.correct else r"\Wrong"
            return rf"{verdict}{{{reason}}}"

        yield Block(f"{part.id}/key/{index + 1}", not isinstance(part, FixedPart), render)


def _answer_varies(problem: Problem, part: OpenPart) -> bool:
    texts = [part.answer, *(item.text for item in part.rubric if item.text is not None)]
    steps = part.steps or part.solver or any(item.step for item in part.rubric)
    return bool(steps) or any(text.varies for text in texts)


def _answer(problem: Problem, part: OpenPart) -> Callable[[Answers], str]:
    """Worked steps, model answer, results under the fallback values, rubric."""

    def render(answers: Answers) -> str:
        solution = answers.solutions[problem.id]
        values = shown(problem, solution.values)
        pieces = [part.answer.render(values)] if part.answer.source else []
        pieces += [rf"\Worked{{{line}}}" for line in worked_steps(problem, part, solution.values)]
        if results := list(_fallback_results(problem, part, answers)):
            pieces.append(rf"\Fallback{{{', '.join(results)}}}")
        pieces.append(r"\Rubric")
        pieces += [
            rf"\RubricItem{{{problem.conventions.number(item.points)}}}"
            rf"{{{_rubric_text(problem, item.text, item.step, values)}}}"
            for item in part.rubric
        ]
        return "\n".join(pieces)

    return render


def _fallback_results(problem: Problem, part: OpenPart, answers: Answers) -> Iterator[str]:
    followed = answers.solutions[problem.id].from_fallback.get(part.id, {})
    for name, value in followed.items():
        if name in part.answers:
            yield rf"${problem.symbol(name)} = {tex(problem, name, value)}{unit_of(problem, name)}$"


def _rubric_text(
    problem: Problem, text: Text | None, step: str | None, values: Mapping[str, Shown]
) -> str:
    if text is not None:
        return text.render(values)
    assert step is not None
    return rf"${problem.symbol(step)} = {values[step]}{unit_of(problem, step)}$"
