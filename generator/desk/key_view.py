"""The key of one problem of one copy, as the page shows it: values, rubric, mistakes, fallback."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from generator.bank.exam import Exam
from generator.bank.part import OPTION_LABELS, Part
from generator.bank.problem import FALLBACK_PREFIX, Problem
from generator.compose.figure_words import with_words
from generator.compose.key_data import key_document
from generator.compose.notes import as_tex
from generator.compose.worked_steps import unit_of, worked_steps
from generator.correct.card import is_table
from generator.correct.card_mistakes import LETTERS, computed_mistakes, mistake_values
from generator.correct.follow_through import in_line
from generator.desk.tex_html import formula, html
from generator.draw.draw import resolve
from generator.exact.numbers import NumberError, Value
from generator.files.html import Html, text
from generator.record.copy import Copy
from generator.solve.accepted import limits
from generator.solve.follow import print_any
from generator.solve.option_values import option_values
from generator.solve.printed import read, shown
from generator.solve.solve import Solution


@dataclass(frozen=True)
class StepView:
    """A number of the key.

    Attributes:
        name: The step.
        symbol: As paper and key write it.
        value: In the key; ``least`` and ``most`` also count where there is a tolerance.
        fallback: What follows from the printed fallback; empty where it is the key's.
        mistakes: What it is with each mistake that is a formula, in their order.
        points: What it earns; empty where the rubric does not name it.
    """

    name: str
    symbol: Html
    value: Html
    least: str
    most: str
    fallback: str
    mistakes: tuple[str, ...]
    points: str


@dataclass(frozen=True)
class ItemView:
    """A line of the rubric, or a mistake, that can be ticked.

    Attributes:
        tick: What ticking it is called: ``r0``, ``m2``.
        says: What it is for.
        points: What it earns.
        step: The step whose result it is; empty for a text.
        values: What a mistake gives with the numbers of the copy.
        letter: Of a mistake that has a column.
    """

    tick: str
    says: Html
    points: str
    step: str = ""
    values: tuple[tuple[Html, str], ...] = ()
    letter: str = ""


@dataclass(frozen=True)
class OptionView:
    """An option of multiple choice."""

    label: str
    says: Html
    why: Html
    correct: bool


@dataclass(frozen=True)
class PartView:
    """All that the key says of a subproblem.

    Attributes:
        given: Symbol and value of what stands on the paper.
        boxes: What the boxes of an option are called by ticks, and what stands above them.
        worked: The steps as formulas with numbers.
        fallback: Symbol and value of what is printed for those without the earlier result.
        choices: Points that can be given by one touch.
        gaps: What is written into gaps and beside rows, by their names; rows that have no number
            on the paper have none here.
        rows: What the labels in the options of an order stand for.
        drawn: Whether the solution is drawn, or stands in a figure: the PDF of the key shows it.
    """

    id: str
    points: str
    maximum: Fraction
    choices: tuple[str, ...]
    given: tuple[tuple[Html, Html], ...]
    options: tuple[OptionView, ...]
    boxes: tuple[tuple[str, str], ...]
    scoring: str
    steps: tuple[StepView, ...]
    letters: tuple[str, ...]
    follows: bool
    worked: tuple[Html, ...]
    answer: Html
    fallback: tuple[tuple[Html, Html], ...]
    rubric: tuple[ItemView, ...]
    mistakes: tuple[ItemView, ...]
    also_accept: tuple[Html, ...]
    gaps: tuple[tuple[str, Html], ...] = ()
    rows: tuple[Html, ...] = ()
    drawn: bool = False


@dataclass(frozen=True)
class ProblemView:
    """A problem of a copy."""

    id: str
    title: Html
    points: str
    code: str
    revision: int
    mark: str
    parts: tuple[PartView, ...]


def view_problem(exam: Exam, copy: Copy, solution: Solution, whole: Problem) -> ProblemView:
    """The key of a problem of a copy."""
    problem = resolve(whole, solution.draw.choices)
    alone = _document(exam, copy, solution, whole)
    given = {part["id"]: tuple(part.get("given", ())) for part in alone["parts"]}
    parts = tuple(_part(problem, part, solution, given[part.id]) for part in problem.parts)
    number = exam.conventions.number(whole.points)
    title = html(whole.title)
    return ProblemView(whole.id, title, number, copy.code, copy.key_revision, copy.mark, parts)


def _document(exam: Exam, copy: Copy, solution: Solution, whole: Problem) -> dict[str, Any]:
    only = replace(exam, problems=(whole,))
    document = key_document(only, copy.code, copy.mark, copy.key_revision, {whole.id: solution})
    [found] = document["problems"]
    return found  # type: ignore[no-any-return]


def _part(problem: Problem, part: Part, solution: Solution, given: tuple[str, ...]) -> PartView:
    """A subproblem as pages show it; ``given`` names the drawn values that its question prints."""
    number = problem.conventions.number
    values = solution.values
    wrong = dict(mistake_values(problem, part, solution))
    follows = solution.from_fallback.get(part.id, {})
    letters = dict(zip(computed_mistakes(problem, part), LETTERS, strict=False))
    names = list(dict.fromkeys((*part.steps, *part.answers))) if part.boxed else []
    steps = tuple(
        _step(
            problem, part, name, solution, follows.get(name), [wrong.get(it, {}) for it in letters]
        )
        for name in names
        if not is_table(values[name])
    )
    return PartView(
        id=part.id,
        points=number(part.points),
        maximum=part.points,
        choices=tuple(number(it) for it in _choices(part)),
        given=tuple((formula(problem.symbol(it)), _value(problem, it, values[it])) for it in given),
        options=tuple(_options(problem, part, solution)),
        boxes=_boxes(problem, part),
        scoring=problem.conventions.catalogue.text(part.scoring) if part.scoring else "",
        steps=steps,
        letters=tuple(letters.values()),
        follows=bool(follows),
        worked=tuple(html(line) for line in worked_steps(problem, part, values)),
        answer=html(part.answer.render(shown(problem, values))) if part.answer.source else text(""),
        fallback=tuple(_fallback(problem, part, solution)) if part.boxed else (),
        rubric=tuple(_rubric(problem, part, solution)),
        mistakes=tuple(_mistakes(problem, part, solution, letters)),
        also_accept=tuple(
            html(as_tex(it).render(shown(problem, values))) for it in part.also_accept
        ),
        gaps=tuple(_filled(problem, part, solution)),
        rows=tuple(_rows(problem, part, solution)) if part.has_rows and part.option_count else (),
        drawn=bool(part.solved_figures) or any(it.answers for it in part.paper_figures()),
    )


def _filled(problem: Problem, part: Part, solution: Solution) -> Iterator[tuple[str, Html]]:
    choice = solution.draw.choices.get(part.id)
    labels = [label for label, _ in part.rows(choice)] if part.has_rows and choice else []
    for number, gap in enumerate(part.filled(choice)):
        if gap.text is not None:
            name = labels[number] if labels else gap.name
            yield name, html(gap.text.render(shown(problem, solution.values)))


def _rows(problem: Problem, part: Part, solution: Solution) -> Iterator[Html]:
    """Row by row as they stand on the paper, with what is to be written there in bold type."""
    values = shown(problem, solution.values)
    rows = part.rows(solution.draw.choices[part.id])
    said_rows = [Html(f"{label} {html(row.render(values))}".strip()) for label, row in rows]
    if part.option_count:
        yield from said_rows
        return
    answers = [answer for _, answer in _filled(problem, part, solution)]
    belonging = {label: said for (label, _), said in zip(rows, said_rows, strict=True)}
    for answer, row in zip(answers, said_rows, strict=False):
        if len(rows) > len(answers):
            _, _, meant = belonging[str(answer)].partition(" ")
            yield Html(f"{row}: <b>{answer}</b> {meant}")
        else:
            yield Html(f"<b>{answer}</b> {row}")


def _boxes(problem: Problem, part: Part) -> tuple[tuple[str, str], ...]:
    text = problem.conventions.catalogue.text
    if part.two_boxes:
        return ("o", text("paper.box_true")), ("f", text("paper.box_false"))
    return (("o", ""),)


def _choices(part: Part) -> Iterator[Fraction]:
    """The points of the marking boxes; halves where there are none, whole ones above ten."""
    if part.marks:
        yield from sorted(part.marks)
        return
    if part.option_count:
        yield from (Fraction(0), part.points)
        return
    step = Fraction(1, 2) if part.points <= 10 else Fraction(1)
    yield from (step * index for index in range(int(part.points / step) + 1))


def _step(
    problem: Problem,
    part: Part,
    name: str,
    solution: Solution,
    fallback: Value | None,
    wrong: Sequence[Mapping[str, Value]],
) -> StepView:
    key = solution.values[name]
    least, most = limits(problem, name, solution.values) or ("", "")
    points = [item.points for item in part.rubric if item.step == name]
    others = [answers.get(name) for answers in wrong]
    return StepView(
        name,
        formula(problem.symbol(name)),
        _value(problem, name, key),
        least,
        most,
        said(problem, name, fallback) if fallback not in (None, key) else "",
        tuple(said(problem, name, it) if it not in (None, key) else "" for it in others),
        problem.conventions.number(points[0]) if points else "",
    )


def _value(problem: Problem, name: str, value: Value) -> Html:
    unit = unit_of(problem, name)
    printed = text(said(problem, name, value))
    return Html(f"{printed} {formula(unit)}") if unit else printed


def said(problem: Problem, name: str, value: Value | None) -> str:
    """A value as it reads on the finished page."""
    if value is None:
        return ""
    if is_table(value):
        return "…"
    try:
        printed = in_line(read(problem, name, value))
    except NumberError:
        printed = problem.conventions.digits(in_line(print_any(problem, name, value)))
    return printed.replace("-", "\u2212") if not isinstance(value, str) else printed


def _options(problem: Problem, part: Part, solution: Solution) -> Iterator[OptionView]:
    if not part.option_count:
        return
    for label, option in zip(OPTION_LABELS, solution.options[part.id], strict=False):
        texts = []
        for said_text in (option.say, option.why):
            known = option_values(problem, said_text, option, solution)
            values = {name: value.value for name, value in known.items()}
            rendered = said_text.render(shown(problem, values))
            texts.append(html(with_words(problem, option.figure, rendered, solution.values)))
        yield OptionView(label, texts[0], texts[1], option.correct)


def _fallback(problem: Problem, part: Part, solution: Solution) -> Iterator[tuple[Html, Html]]:
    for name in part.fallback:
        drawn = FALLBACK_PREFIX + name
        unit = unit_of(problem, drawn) or unit_of(problem, name)
        printed = text(said(problem, drawn, solution.values[drawn]))
        shown_value = Html(f"{printed} {formula(unit)}") if unit else printed
        yield formula(problem.symbol(name)), shown_value


def _rubric(problem: Problem, part: Part, solution: Solution) -> Iterator[ItemView]:
    number = problem.conventions.number
    if part.is_written:
        each = number(part.points / len(part.gaps))
        for index, row in enumerate(_rows(problem, part, solution)):
            yield ItemView(f"r{index}", row, each)
    for index, item in enumerate(part.rubric):
        if item.text is not None:
            says = html(item.text.render(shown(problem, solution.values)))
        elif item.step is not None and not is_table(solution.values[item.step]):
            value = text(said(problem, item.step, solution.values[item.step]))
            says = Html(f"{formula(problem.symbol(item.step))} = <b>{value}</b>")
        else:
            says = formula(problem.symbol(item.step or ""))
        yield ItemView(f"r{index}", says, number(item.points), item.step or "")


def _mistakes(
    problem: Problem, part: Part, solution: Solution, letters: dict[int, str]
) -> Iterator[ItemView]:
    number = problem.conventions.number
    wrong = dict(mistake_values(problem, part, solution))
    for index, mistake in enumerate(part.mistakes):
        values = tuple(
            (formula(problem.symbol(name)), said(problem, name, value))
            for name, value in wrong.get(index, {}).items()
            if value != solution.values[name]
        )
        says = html(as_tex(mistake.text).render(shown(problem, solution.values)))
        yield ItemView(f"m{index}", says, number(mistake.earns), "", values, letters.get(index, ""))
