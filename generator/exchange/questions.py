"""Drawn questions as other systems have them: a text, and something that can be answered.

A question for another system stands by itself: the text of its problem comes first. What is drawn
for it has nothing to do with the copies of any exam, whose secret is not used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from generator.bank.exam import Exam
from generator.bank.part import Part
from generator.bank.problem import Problem
from generator.bank.template import Shown
from generator.compose.blocks import key_blocks, paper_blocks
from generator.compose.given import Answers, Given, split
from generator.compose.worked_steps import unit_of
from generator.draw.draw import Draw, draw_problem, reference_draw, resolve
from generator.exact.dice import Dice
from generator.exact.numbers import parse_number
from generator.exchange.pictures import QuestionPicture, picture
from generator.solve.accepted import accepted
from generator.solve.printed import plain, shown
from generator.solve.solve import Solution, solve_problem

_OPTION_FIGURE = re.compile(r"\\OptionFigure\{([^{}]*)\}")

QuestionForm = Literal["choice", "numbers", "match", "essay"]


@dataclass(frozen=True)
class Blank:
    """A result that is asked for.

    Attributes:
        name: The step or the gap.
        label: What stands before it, in TeX.
        unit: What stands behind it, in TeX.
        value: The right result as it is printed; a text or an exact decimal number.
        bounds: The least and the largest right number; None for a text.
    """

    name: str
    label: str
    unit: str
    value: str
    bounds: tuple[Fraction, Fraction] | None


@dataclass(frozen=True)
class Choice:
    """An option with its reason, in TeX, and its figure."""

    text: str
    right: bool
    why: str
    figure: QuestionPicture | None = None


@dataclass(frozen=True)
class DrawnQuestion:
    """A drawn question; all texts are TeX.

    Attributes:
        part: The part of the bank.
        name: What it is called, different for every question.
        form: How it is answered.
        text: The problem's text and the question.
        points: What it earns.
        rule: What boxes earn: all_or_nothing, per_option or per_option_deducting.
        choices: The options of a choice.
        blanks: The results of a question with numbers.
        pairs: Rows of a matching question, each with what belongs to it.
        extra: What belongs to no row.
        rubric: Points and what earns them.
        solution: The worked solution.
        figures: The figures that belong to the text.
    """

    part: str
    name: str
    form: QuestionForm
    text: str
    points: Fraction
    rule: str = "all_or_nothing"
    choices: tuple[Choice, ...] = ()
    blanks: tuple[Blank, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    extra: tuple[str, ...] = ()
    rubric: tuple[tuple[Fraction, str], ...] = ()
    solution: str = ""
    figures: tuple[QuestionPicture, ...] = ()

    @property
    def single(self) -> bool:
        """Whether exactly one option is right."""
        return sum(choice.right for choice in self.choices) == 1

    def pictures(self) -> tuple[QuestionPicture, ...]:
        """All of its figures, those of options as well."""
        of_options = (choice.figure for choice in self.choices)
        return (*self.figures, *(it for it in of_options if it is not None))

    def texts(self) -> Iterator[str]:
        """All of its texts."""
        yield from (self.text, self.solution, *self.extra)
        for choice in self.choices:
            yield from (choice.text, choice.why)
        for blank in self.blanks:
            yield from (blank.label, blank.unit)
        for pair in self.pairs:
            yield from pair
        yield from (text for _, text in self.rubric)


def draw_questions(exam: Exam, count: int, seed: str) -> Iterator[DrawnQuestion]:
    """Variants of all questions, or those of the reference copy; what is the same comes once.

    Args:
        count: How many of each; 0 for the reference copy.
        seed: The same seed gives the same variants.

    Raises:
        InputError: A problem cannot be drawn.
    """
    seen: set[DrawnQuestion] = set()
    for problem in exam.problems:
        for number in range(1, max(count, 1) + 1):
            draw = _draw(exam, problem, seed, number) if count else reference_draw(problem)
            solution = solve_problem(problem, draw)
            suffix = f" ({number})" if count > 1 else ""
            for question in _questions(exam, problem, solution, suffix):
                said = replace(question, name="")
                if said not in seen:
                    yield question
                seen.add(said)


def _draw(exam: Exam, problem: Problem, seed: str, number: int) -> Draw:
    return draw_problem(problem, Dice(seed.encode(), exam.id, f"export {number}", problem.id, 0))


def _questions(
    exam: Exam, whole: Problem, solution: Solution, suffix: str
) -> Iterator[DrawnQuestion]:
    alone = replace(exam, problems=(whole,))
    given, answers = split(alone, "E0000", {whole.id: solution})
    blocks = {block.name: block.render(given) for block in paper_blocks(alone)}
    blocks |= {block.name: block.render(answers) for block in key_blocks(alone)}
    problem = resolve(whole, solution.draw.choices)
    for part in problem.parts:
        question = _question(problem, part, solution, blocks)
        figures = _figures(problem, part, given, answers)
        question = _with_figures(question, figures)
        yield replace(question, name=f"{exam.id} {part.id}{suffix}")


def _figures(
    problem: Problem, part: Part, given: Given, answers: Answers
) -> Iterator[QuestionPicture]:
    """The figures of a question, and those of its options."""
    shown_figures = [problem.figure] if problem.figure is not None else []
    for figure in (*shown_figures, *part.paper_figures()):
        yield picture(problem, figure, given.figures.get(figure.slot, 0), given.values[problem.id])


def _with_figures(question: DrawnQuestion, pictures: Iterable[QuestionPicture]) -> DrawnQuestion:
    by_slot = {it.figure.slot: it for it in pictures}
    choices = []
    for choice in question.choices:
        slot = _OPTION_FIGURE.search(choice.text)
        figure = by_slot.pop(slot[1]) if slot else None
        text = _OPTION_FIGURE.sub("", choice.text).strip()
        choices.append(replace(choice, text=text, figure=figure))
    # those of statements that this question has not are left
    figures = tuple(it for it in by_slot.values() if not it.figure.of_option)
    return replace(question, choices=tuple(choices), figures=figures)


def _question(
    problem: Problem, part: Part, solution: Solution, blocks: Mapping[str, str]
) -> DrawnQuestion:
    """A part as the form that other systems have for it; an essay where they have none."""
    text = f"{blocks[f'{problem.id}/intro']}\n\n{blocks[f'{part.id}/ask']}"
    values = shown(problem, solution.values)
    rubric = tuple(
        (
            item.points,
            item.text.render(values) if item.text else _result(problem, item.step, values),
        )
        for item in part.rubric
    )
    base = DrawnQuestion(
        part=part.id,
        name="",
        form="essay",
        text=text,
        points=part.points,
        rubric=rubric,
        solution=blocks.get(f"{part.id}/answer", "").partition(r"\Rubric")[0],
    )
    if part.option_count:
        return _choice(base, part, solution, blocks)
    if part.chooses:
        return _matching(base, part, solution, blocks, values)
    blanks = _blanks(problem, part, solution)
    if blanks and all(item.step for item in part.rubric):
        return replace(base, form="numbers", blanks=blanks)
    return base


def _choice(
    base: DrawnQuestion, part: Part, solution: Solution, blocks: Mapping[str, str]
) -> DrawnQuestion:
    """Options with their reasons, and the rule by which they earn."""
    rule = part.scoring.removeprefix("paper.").rpartition("_mark")[0]
    rule = rule or part.scoring.removeprefix("paper.").rpartition("_true_false")[0]
    choices = tuple(
        Choice(
            blocks[f"{part.id}/option/{index}"],
            option.correct,
            blocks[f"{part.id}/key/{index}"].partition("{")[2].removesuffix("}"),
        )
        for index, option in enumerate(solution.options[part.id], 1)
    )
    return replace(base, form="choice", choices=choices, rule=rule or base.rule)


def _result(problem: Problem, step: str | None, values: Mapping[str, object]) -> str:
    assert step is not None
    return rf"${problem.symbol(step)}$ = {values[step]}"


def _matching(
    base: DrawnQuestion,
    part: Part,
    solution: Solution,
    blocks: Mapping[str, str],
    values: Mapping[str, Shown],
) -> DrawnQuestion:
    """Rows with what belongs to them; in an ordering question, their numbers."""
    choice = solution.draw.choices[part.id]
    rows = part.rows(choice)
    answers = {gap.name: gap.text.source for gap in part.filled(choice) if gap.text is not None}
    lefts = [text.render(values) for _, text in rows[: len(answers)]]
    rights = {label: text.render(values) for label, text in rows[len(answers) :]}
    pairs = tuple(
        (left, rights.get(answer, answer))
        for left, answer in zip(lefts, answers.values(), strict=True)
    )
    used = {right for _, right in pairs}
    ask = blocks[f"{part.id}/ask"].partition(r"\WrittenRule")[0]
    intro = base.text.partition(blocks[f"{part.id}/ask"])[0]
    return replace(
        base,
        form="match",
        text=f"{intro}\n\n{ask}",
        pairs=pairs,
        extra=tuple(right for right in rights.values() if right not in used),
    )


def _blanks(problem: Problem, part: Part, solution: Solution) -> tuple[Blank, ...]:
    """The results that are asked for; none where one of them cannot be typed in a line."""
    found: list[Blank] = []
    for name in part.answers:
        value, printed = solution.values[name], plain(problem, name, solution.values[name])
        if isinstance(value, tuple | bool) or not isinstance(printed, str):
            return ()
        bounds = None
        if not isinstance(value, str):
            bounds = _bounds(problem, name, solution, printed)
            if bounds is None:
                return ()
        label = rf"${problem.symbol(name)} =$"
        unit = unit_of(problem, name)
        found.append(Blank(name, label, f"${unit}$" if unit else "", printed, bounds))
    return tuple(found)


def _bounds(
    problem: Problem, name: str, solution: Solution, printed: str
) -> tuple[Fraction, Fraction] | None:
    """What counts as right; None for a number that is printed as no decimal."""
    stated = accepted(problem, name, solution.values) if name in problem.accepts else None
    if stated is not None:
        return stated
    try:
        value = parse_number(printed)
    except ValueError:
        return None
    return value, value


def all_texts(questions: Sequence[DrawnQuestion]) -> list[str]:
    """The texts of all questions, each once."""
    return list(dict.fromkeys(text for question in questions for text in question.texts()))
