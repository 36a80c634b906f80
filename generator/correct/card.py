"""Key cards: all numbers of one copy on one page, for those who mark.

What is the same on all cards is a template, made once per bank with PyLaTeX; a copy contributes
short rows of cells. Every copy has the same numbers at the same place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from generator.bank.exam import Exam
from generator.bank.part import OPTION_LABELS, ChoiceDraw, Part
from generator.bank.problem import FALLBACK_PREFIX, Problem
from generator.bank.template import Text
from generator.codes.check_character import with_check
from generator.compose.notes import noted
from generator.compose.worked_steps import unit_of
from generator.correct.card_mistakes import (
    LETTERS,
    Wrong,
    WrongValues,
    computed_mistakes,
    wrong_of_copy,
)
from generator.draw.draw import reference_draw, resolve
from generator.exact.numbers import Complex, NumberError, Value
from generator.solve.accepted import limits
from generator.solve.follow import print_any
from generator.solve.printed import as_extracted, plainly_shown, read, set_by_itself, shown, tex
from generator.solve.solve import Solution, solve_problem

KEPT = 16_384
"""So many printed numbers are kept in memory."""

NONE = "\u00b7"
"""What stands where an option is not to be marked, or a number is that of the key."""

_BOLD_MM, _SMALL_MM, _AROUND_MM = 1.75, 1.25, 5.0
"""A digit of the key's values and a small one, and the room on both sides of a number."""
_COMMAND = re.compile(r"\\[a-zA-Z]+|[^\w%°€$]|_")
"""What of a unit in TeX takes no room of its own."""

COLUMN_MM, STARRED_MM = 16, 22
"""A column of numbers, and one for two numbers, as ``variantcard.cls`` has them."""
FOLLOWS = "\u2192"
"""What stands before a text that follows from the fallback."""


@dataclass(frozen=True)
class Row:
    """A step on a card.

    Attributes:
        name: What the row of a copy is called, e.g. ``3.1/h1``.
        step: The step.
        points: What its result earns, as it is printed; empty where the rubric does not name it.
        label: The symbol in TeX.
        wide: The value is a text or a list and takes the whole line.
    """

    name: str
    step: str
    points: str
    label: str
    wide: bool


@dataclass(frozen=True)
class Question:
    """What stands on cards of one question: a part, or one of its alternatives.

    Attributes:
        problem: As a copy with this question has it.
        part: The question.
        index: Of the alternative; 0 where there is none.
        rows: Its steps.
        mistakes: Indices of the mistakes that have columns.
        follows: Whether there is a column for what follows from the fallback.
        cell_mm: How wide a column has to be, by the numbers of the reference copy.
    """

    problem: Problem
    part: Part
    index: int
    rows: tuple[Row, ...]
    mistakes: tuple[int, ...]
    follows: bool
    cell_mm: float

    @property
    def name(self) -> str:
        """What the template calls it."""
        return f"{self.part.id}/{self.index}"

    @cached_property
    def letters(self) -> Mapping[int, str]:
        """The letter of each mistake that has a column."""
        return dict(zip(self.mistakes, LETTERS, strict=False))

    @property
    def columns(self) -> int:
        """How many numbers a row has."""
        return 1 + self.tolerant + self.follows + len(self.mistakes)

    @property
    def wide(self) -> bool:
        """Whether its columns are wider than those of cards are."""
        return self.cell_mm > (STARRED_MM if self.starred else COLUMN_MM) + 2

    @property
    def starred(self) -> bool:
        """Whether a mistake may be made after the fallback as well."""
        return self.follows and bool(self.mistakes)

    @property
    def tolerant(self) -> bool:
        """Whether there is a column for what else is right within a tolerance."""
        return any(row.step in self.problem.accepts for row in self.rows if not row.wide)

    @property
    def texts(self) -> Iterator[tuple[str, Text]]:
        """Mistakes and other acceptable answers, with the names that copies call them by."""
        for number, mistake in enumerate(self.part.mistakes):
            yield f"{self.part.id}/m{number}", mistake.text
        for number, text in enumerate(self.part.also_accept):
            yield f"{self.part.id}/a{number}", text


class CardPlan:
    """What the cards of an exam show.

    Attributes:
        exam: The exam.
        questions: Problem id to the questions that stand on cards, of each part all alternatives.
    """

    def __init__(self, exam: Exam) -> None:
        self.exam = exam
        self.questions = {problem.id: tuple(_questions(problem)) for problem in exam.problems}

    @cached_property
    def elsewhere(self) -> tuple[str, ...]:
        """The parts that are answered by a text that is the same for all: the key has it."""
        here = {it.part.id for questions in self.questions.values() for it in questions}
        parts = (part for problem in self.exam.problems for part in problem.parts)
        return tuple(part.id for part in parts if part.boxed and part.id not in here)

    def of_copy(self, problem: Problem, choices: Mapping[str, ChoiceDraw]) -> Iterator[Question]:
        """The questions that a copy has of a problem."""
        for question in self.questions[problem.id]:
            whole = next(part for part in problem.parts if part.id == question.part.id)
            if not whole.alternatives or question.index == _chosen(choices[whole.id]):
                yield question


def _questions(whole: Problem) -> Iterator[Question]:
    seen: set[tuple[str, int]] = set()
    found = []
    for shift in range(max(len(part.questions()) for part in whole.parts)):
        draw = reference_draw(whole, shift)
        problem = resolve(whole, draw.choices)
        solution = solve_problem(whole, draw)
        for position, (part, known) in enumerate(zip(problem.parts, whole.parts, strict=True)):
            index = _chosen(draw.choices[part.id]) if known.alternatives else 0
            if (part.id, index) not in seen and _is_on_card(part, known):
                seen.add((part.id, index))
                found.append((position, index, _question(problem, part, index, solution)))
    for _, _, question in sorted(found, key=lambda item: item[:2]):
        yield question


def _chosen(choice: ChoiceDraw) -> int:
    """The index of the question that a copy has of alternatives."""
    return int(choice.options[0]) - 1


def _is_on_card(part: Part, known: Part) -> bool:
    """Whether it is answered in writing, and the answer differs from copy to copy."""
    if part.chooses and not part.option_count and not known.alternatives:
        return True
    differs = part.steps or part.answers or part.answer.varies or known.alternatives
    return part.boxed and bool(differs)


def _question(problem: Problem, part: Part, index: int, solution: Solution) -> Question:
    points = {item.step: item.points for item in part.rubric if item.step is not None}
    rows = []
    for step in dict.fromkeys((*part.steps, *part.answers)):
        value = solution.values[step]
        if not is_table(value):
            earned = points.get(step)
            rows.append(
                Row(
                    f"{part.id}/{step}",
                    step,
                    "" if earned is None else problem.conventions.number(earned),
                    f"${problem.symbol(step)}$",
                    isinstance(value, str | bool | tuple),
                )
            )
    follows = bool(solution.from_fallback.get(part.id))
    mistakes = tuple(computed_mistakes(problem, part))
    cells_mm = (
        _cell_mm(problem, it.step, solution, starred=follows and bool(mistakes))
        for it in rows
        if not it.wide
    )
    return Question(problem, part, index, tuple(rows), mistakes, follows, max(cells_mm, default=0))


def _cell_mm(problem: Problem, step: str, solution: Solution, *, starred: bool) -> float:
    """How much room the numbers of a row take; other copies may have a digit more."""
    said = _said(problem, step, solution.values[step])
    unit = _COMMAND.sub("", unit_of(problem, step))
    digits = len(problem.conventions.digits(str(print_any(problem, step, solution.values[step]))))
    bounds = limits(problem, step, solution.values)
    beside = _SMALL_MM * digits if starred else 0
    number_mm = _BOLD_MM * len(said + unit) + beside
    return _AROUND_MM + max(number_mm, _SMALL_MM * sum(map(len, bounds)))


def is_table(value: Value) -> bool:
    """Whether a value is a list of lists, which has no place in a line."""
    return isinstance(value, tuple) and any(isinstance(member, tuple) for member in value)


# What a copy contributes.


PartOfCard = tuple[str, int | None, tuple[tuple[str, str], ...]]
"""A part, the index of its question if it has some, and name and TeX of each row."""


@dataclass(frozen=True)
class Card:
    """The card of a copy.

    Attributes:
        code: The copy code.
        rows: Name to the TeX of a row.
        picks: Part id to the index of its question.
        tokens: What must be read on the finished card, in order.
    """

    code: str
    rows: Mapping[str, str]
    picks: Mapping[str, int]
    tokens: tuple[str, ...]

    def parts(self) -> Iterator[PartOfCard]:
        """What of the copy stands on the card, part by part."""
        found: dict[str, list[tuple[str, str]]] = {}
        for row in self.rows.items():
            found.setdefault(row[0].partition("/")[0], []).append(row)
        for part, rows in found.items():
            yield part, self.picks.get(part), tuple(rows)


def compose_card(
    plan: CardPlan, code: str, solutions: Mapping[str, Solution], wrong: Wrong | None = None
) -> Card:
    """The card of a copy.

    Args:
        solutions: Problem id to its solution.
        wrong: What mistakes come to, if that is known already.
    """
    wrong = wrong_of_copy(plan.exam, solutions) if wrong is None else wrong
    rows: dict[str, str] = {}
    picks: dict[str, int] = {}
    tokens = [with_check(code)]
    for problem in plan.exam.problems:
        solution = solutions[problem.id]
        for part, options in ((part, it) for part, it in solution.options.items() if it):
            marks = [OPTION_LABELS[at] if it.correct else None for at, it in enumerate(options)]
            rows[part] = "".join(rf"\T{{{mark}}}" if mark else r"\F " for mark in marks)
            tokens += [part, *(mark or NONE for mark in marks)]
        for question in plan.of_copy(problem, solution.draw.choices):
            picks[question.part.id] = question.index
            for name, source, values in _rows(question, solution, wrong[question.part.id]):
                rows[name] = source
                tokens += values
    return Card(code, rows, picks, tuple(tokens))


def _text(problem: Problem, part: Part, solution: Solution) -> tuple[str, list[str]]:
    """The model answer, and what belongs into gaps; with what is to be read of a written row."""
    values = shown(problem, solution.values)
    gaps = part.filled(solution.draw.choices.get(part.id))
    filled = {gap.name: gap.text.render(values) for gap in gaps if gap.text is not None}
    said = [rf"\mbox{{{_escaped(name)}: {answer}}}" for name, answer in filled.items()]
    pieces = [part.answer.render(values), *said]
    read = [f"{name}: {answer}" for name, answer in filled.items()] if part.has_rows else []
    return r"\quad ".join(filter(None, pieces)), read


def _rows(
    question: Question, solution: Solution, wrong: WrongValues
) -> Iterator[tuple[str, str, list[str]]]:
    """Name, TeX and what is to be read of each row of a question."""
    problem, part = question.problem, question.part
    followed = solution.from_fallback.get(part.id, {})
    for name, text in question.texts:
        if text.varies:
            values = plainly_shown(problem, solution.values)
            yield name, noted(text.render(values)), []
    if part.fallback:
        yield f"{part.id}/fallback", ", ".join(_substitutes(question, solution)), []
    if not question.rows:
        yield part.id, *_text(problem, part, solution)
    for row in question.rows:
        key = solution.values[row.step]
        others: list[tuple[Value | None, Value | None]] = []
        if question.follows:
            others.append((followed.get(row.step), None))
        for index in question.mistakes:
            after = wrong.after_fallback(index, row.step, followed) if question.follows else None
            others.append((wrong.plain.get(index, {}).get(row.step), after))
        unit = unit_of(problem, row.step)
        if row.wide:
            yield row.name, _in_line(question, row.step, key, others), []
            continue
        behind = f"${unit}$" if unit else ""
        cells = [rf"\K{{{_tex(problem, row.step, key)}{behind}}}"]
        said = [_said(problem, row.step, key)]
        if question.tolerant:
            bounds = limits(problem, row.step, solution.values)
            cells.append(_range(bounds) if bounds else r"\N ")
            said += map(as_extracted, bounds or (NONE,))
        for value, after in others:
            own = value is not None and value != key
            shown_value = _tex(problem, row.step, value) if own and value is not None else ""
            said.append(_said(problem, row.step, value) if own and value is not None else NONE)
            if after is not None:
                digits = _digits(problem, row.step, after)
                cells.append(rf"\D{{{shown_value}}}{{{digits.replace('-', '--')}}}")
                said.append(digits)
            else:
                cells.append(rf"\C{{{shown_value}}}" if own else r"\N ")
        yield row.name, "".join(cells), said


def _range(bounds: Iterable[str]) -> str:
    """What is right within a tolerance, in a cell."""
    least, most = (it.replace("-", "$-$").replace(" %", r"\,\%") for it in bounds)
    return rf"\A{{{least}}}{{{most}}}"


def _substitutes(question: Question, solution: Solution) -> Iterator[str]:
    """The fallback values as they are printed in the question."""
    problem = question.problem
    for name in question.part.fallback:
        value = tex(problem, FALLBACK_PREFIX + name, solution.values[FALLBACK_PREFIX + name])
        yield rf"${problem.symbol(name)} = {value}$"


def _in_line(
    question: Question,
    step: str,
    key: Value,
    others: Iterable[tuple[Value | None, Value | None]],
) -> str:
    """A text or a list, and in the same line what it is after the fallback or a mistake."""
    problem = question.problem
    titles = [FOLLOWS] if question.follows else []
    titles += list(question.letters.values())
    pieces = [_key_in_line(_tex(problem, step, key))]
    for title, (value, after) in zip(titles, others, strict=True):
        if value is not None and value != key:
            pieces.append(rf"\CardOther{{{title}}}{{{_tex(problem, step, value)}}}")
        if after is not None:
            pieces.append(rf"\CardOther{{{title}*}}{{{_tex(problem, step, after)}}}")
    return "".join(pieces)


def _key_in_line(source: str) -> str:
    """The key's value in a line; a formula stays in one piece."""
    if source.startswith("\\ensuremath{"):
        return rf"\KeyInLine{{{source}}}"
    is_text = "$" not in source and "\\ensuremath" not in source
    return source if is_text else rf"{{\boldmath {source}}}"


# Copies share many numbers: what each prints as is kept.
@lru_cache(maxsize=KEPT, typed=True)
def _tex(problem: Problem, step: str, value: Value) -> str:
    try:
        if isinstance(value, str):
            return set_by_itself(problem, step, tex(problem, step, value))
        return tex(problem, step, value)
    except NumberError:
        digits = problem.conventions.math_digits(str(print_any(problem, step, value)))
        return rf"\ensuremath{{{digits}}}"


@lru_cache(maxsize=KEPT, typed=True)
def _said(problem: Problem, step: str, value: Value) -> str:
    """A number as it reads on the finished page."""
    try:
        said = str(read(problem, step, value))
        # The imaginary unit may or may not be read with a blank before it.
        return as_extracted(f"{said[:-1]} i" if isinstance(value, Complex) else said)
    except NumberError:
        return problem.conventions.digits(str(print_any(problem, step, value)))


def _digits(problem: Problem, step: str, value: Value) -> str:
    """A number as files have it, with the signs of the exam."""
    return problem.conventions.digits(str(print_any(problem, step, value)))


def _escaped(text: str) -> str:
    # PyLaTeX is imported when a template is made, or a text varies.
    from generator.compose.latex import escaped

    return escaped(text)
