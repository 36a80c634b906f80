"""Blocks: the named pieces of TeX that templates place, and that copies fill.

A block that is the same in all copies stands in the template; the others are what a copy
contributes. Blocks of the paper are made from :class:`Given` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from generator.bank.exam import Exam
from generator.bank.part import Figure, Gap, Part
from generator.bank.plot import PlotError
from generator.bank.problem import Problem
from generator.bank.template import Shown, Text
from generator.compose.given import Answers, Given
from generator.compose.notes import key_notes
from generator.compose.plot_paths import draw_plot
from generator.compose.worked_steps import unit_of, worked_steps
from generator.draw.draw import resolve
from generator.errors import Complaint, InputError
from generator.exact.numbers import show_values
from generator.expressions import EvaluationError
from generator.solve.option_values import option_values
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
        for figure in problem.paper_figures():
            if figure.is_set:
                yield _labels(problem, figure)
        for part in problem.parts:
            name = f"{part.id}/ask"
            if part.alternatives:
                yield Block(name, True, _alternative_ask(problem, part))
            elif part.has_rows:
                yield Block(name, True, _ask_with_rows(problem, part))
            else:
                yield _text(problem, name, part.ask)
            if part.results:
                yield Block(f"{part.id}/results", False, _results(problem, part))
            yield from _options(part)


def key_blocks(exam: Exam) -> Iterator[Block[Answers]]:
    """The blocks that only a key has: answers, crosses and reasons."""
    for problem in exam.problems:
        for figure, solved in problem.key_figures():
            if solved.answers or (figure is not solved and (figure.is_set or solved.is_set)):
                yield _key_labels(problem, solved)
        for part in problem.parts:
            if part.alternatives:
                yield Block(f"{part.id}/answer", True, _alternative_answer(problem, part))
            elif part.boxed:
                varies = _answer_varies(problem, part)
                yield Block(f"{part.id}/answer", varies, _answer(problem, part))
            yield from _gaps(problem, part)
            yield from _verdicts(problem, part)


def _text(problem: Problem, name: str, text: Text) -> Block[Given]:
    return Block(name, text.varies, lambda given: text.render(given.values[problem.id]))


def _labels(problem: Problem, figure: Figure) -> Block[Given]:
    """The plot and the labels of a figure of the paper."""

    def render(given: Given) -> str:
        values = given.values[problem.id]
        drawn = _plot(problem, figure, values)
        return drawn + _set_labels("SetLabel", figure, figure.labels, values)

    return Block(figure.block, figure.varies, render)


def _plot(problem: Problem, figure: Figure, values: Mapping[str, Shown]) -> str:
    if figure.plot is None:
        return ""
    numbers = {name: values[name].value for name in sorted(figure.plot.names)}
    try:
        return draw_plot(figure.plot, numbers, problem.conventions)
    except (PlotError, EvaluationError) as error:
        told = f"{error}; for the draw {show_values(numbers)}; require values that can be drawn"
        raise InputError([Complaint(problem.file, *figure.place, figure.slot, told)]) from None


def _key_labels(problem: Problem, figure: Figure) -> Block[Answers]:
    """The labels of a figure as the key has it, with the solution."""

    def render(answers: Answers) -> str:
        values = shown(problem, answers.solutions[problem.id].values)
        given = _plot(problem, figure, values)
        given += _set_labels("SetLabel", figure, figure.labels, values)
        return given + _set_labels("SetAnswer", figure, figure.answers, values)

    return Block(figure.block, figure.varies, render)


def _set_labels(
    command: str, figure: Figure, texts: Mapping[str, Text], values: Mapping[str, Shown]
) -> str:
    return "".join(
        f"\\{command}{{{figure.slot}}}{{{name}}}{{{text.render(values).strip()}}}%\n"
        for name, text in texts.items()
    )


def _alternative_ask(problem: Problem, part: Part) -> Callable[[Given], str]:
    return lambda given: given.questions[part.id].render(given.values[problem.id])


def _alternative_answer(problem: Problem, part: Part) -> Callable[[Answers], str]:
    def render(answers: Answers) -> str:
        own = resolve(problem, answers.solutions[problem.id].draw.choices)
        question = next(it for it in own.parts if it.id == part.id)
        return _answer(own, question)(answers)

    return render


def _ask_with_rows(problem: Problem, part: Part) -> Callable[[Given], str]:
    def render(given: Given) -> str:
        values = given.values[problem.id]
        rows = [(label, text.render(values)) for label, text in given.rows[part.id]]
        return part.set_ask(part.ask.render(values), rows)

    return render


def _options(part: Part) -> Iterator[Block[Given]]:
    for index in range(part.option_count):
        yield Block(
            f"{part.id}/option/{index + 1}",
            part.varies,
            lambda given, index=index: given.options[part.id][index].tex,  # type: ignore[misc]
        )


def _results(problem: Problem, part: Part) -> Callable[[Given], str]:
    """The boxes for results, each with its symbol and unit: they are no answers."""

    def render(given: Given) -> str:
        return "\n".join(
            rf"\Result{{${problem.symbol(box.step)} =$"
            rf"\ResultGap{{{part.id}}}{{{box.step}}}{{{float(box.width_mm):g}}}"
            rf"${unit_of(problem, box.step)}$}}"
            for box in part.results
        )

    return render


def _gaps(problem: Problem, part: Part) -> Iterator[Block[Answers]]:
    """What belongs into each gap; of alternatives, those of all questions have a block."""
    gaps = {gap.name: gap for question in part.questions() for gap in question.gaps}
    for name, gap in gaps.items():
        own_gap = part.chooses or bool(part.alternatives)
        varies = own_gap or gap.text is None or gap.text.varies

        def render(answers: Answers, name: str = name) -> str:
            solution = answers.solutions[problem.id]
            own = resolve(problem, solution.draw.choices)
            question = next(it for it in own.parts if it.id == part.id)
            choice = solution.draw.choices.get(part.id)
            found = [it for it in question.filled(choice) if it.name == name]
            values = shown(own, solution.values) if found else {}
            return "".join(_filled(it, values) for it in found)

        yield Block(f"{part.id}/gap/{name}", varies, render)


def _filled(gap: Gap, values: Mapping[str, Shown]) -> str:
    if gap.text is not None:
        return gap.text.render(values)
    value = values[gap.name]
    return str(value) if isinstance(value.value, str) else f"${value}$"


def _verdicts(problem: Problem, part: Part) -> Iterator[Block[Answers]]:
    for index in range(part.option_count):

        def render(answers: Answers, index: int = index) -> str:
            solution = answers.solutions[problem.id]
            option = solution.options[part.id][index]
            reason = option.why.render(option_values(problem, option.why, option, solution))
            verdict = r"\Right" if option.correct else r"\Wrong"
            return rf"{verdict}{{{reason}}}"

        yield Block(f"{part.id}/key/{index + 1}", part.varies, render)


def _answer_varies(problem: Problem, part: Part) -> bool:
    texts = [part.answer, *(item.text for item in part.rubric if item.text is not None)]
    texts += part.also_accept
    texts += (mistake.text for mistake in part.mistakes)
    steps = part.steps or part.solver or any(item.step for item in part.rubric)
    return bool(steps) or any(text.varies for text in texts)


def _answer(problem: Problem, part: Part) -> Callable[[Answers], str]:
    """Model answer, working, results for want of it, rubric, notes: what the class can move."""

    def render(answers: Answers) -> str:
        solution = answers.solutions[problem.id]
        values = shown(problem, solution.values)
        pieces = [rf"\Model{{{part.answer.render(values)}}}"] if part.answer.source else []
        working = [rf"\Worked{{{line}}}" for line in worked_steps(problem, part, solution.values)]
        if results := list(_fallback_results(problem, part, answers)):
            working.append(rf"\Fallback{{{', '.join(results)}}}")
        if working:
            pieces.append(rf"\Working{{{NEW_LINE.join(working)}}}")
        pieces.append(rf"\Brief{{{', '.join(_bare_results(problem, part, values))}}}")
        pieces.append(r"\Rubric")
        pieces += [
            rf"\RubricItem{{{problem.conventions.number(item.points)}}}"
            rf"{{{_rubric_text(problem, item.text, item.step, values)}}}"
            for item in part.rubric
        ]
        if notes := list(key_notes(problem, part, solution, values)):
            pieces.append(rf"\Notes{{{NEW_LINE.join(notes)}}}")
        return NEW_LINE.join(pieces)

    return render


NEW_LINE = "\n"


def _bare_results(problem: Problem, part: Part, values: Mapping[str, Shown]) -> Iterator[str]:
    """What is asked for, as far as the rubric does not say it: for a box without the working."""
    said = {item.step for item in part.rubric}
    for name in part.answers:
        if name not in said and name in part.steps:
            yield _result(problem, name, values[name])


def _fallback_results(problem: Problem, part: Part, answers: Answers) -> Iterator[str]:
    followed = answers.solutions[problem.id].from_fallback.get(part.id, {})
    for name, value in followed.items():
        if name in part.answers:
            yield _result(problem, name, Shown(value, tex(problem, name, value)))


def _rubric_text(
    problem: Problem, text: Text | None, step: str | None, values: Mapping[str, Shown]
) -> str:
    if text is not None:
        return text.render(values)
    assert step is not None
    return _result(problem, step, values[step])


def _result(problem: Problem, name: str, result: Shown) -> str:
    """A step with its result: a text stands behind the formula, not in it."""
    if isinstance(result.value, str):
        return rf"${problem.symbol(name)} =$ {result}"
    return rf"${problem.symbol(name)} = {result}{unit_of(problem, name)}$"
