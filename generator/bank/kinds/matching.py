"""Matching and ordering by writing: letters or numbers go into small boxes beside rows.

Each copy has the rows in an order of its own, and in matching also the labels of what belongs to
them. So the letters of one copy are of no use to a neighbor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, ClassVar

from pydantic import Field

from generator.bank import models
from generator.bank.fields.words import Filled, Name
from generator.bank.part import (
    ChoiceDraw,
    Crowded,
    Gap,
    Part,
    PartText,
    SolvedOption,
    written_marks,
)
from generator.bank.problem import Groups
from generator.bank.read.code import question_text
from generator.bank.read.context import ReadingDesk, Spot
from generator.bank.read.figure_files import read_figure
from generator.bank.read.gaps import gap_tex
from generator.bank.read.lists import show
from generator.bank.read.texts import paper_text
from generator.bank.template import FILTERS, Shown, Text
from generator.bank.yaml import Route
from generator.exact.dice import Dice
from generator.exact.numbers import Complex, NumberError, Value, exact, format_number
from generator.expressions import EvaluationError

LABELS = "ABCDEFGHIJKLMNOP"
"""What the right sides of a matching question are called."""

MAX_ROWS = 12
ROW_GAP = models.Gap.model_validate({"width": "9 mm"})
"""Wide enough for a letter or a number."""


class WrittenFields(models.OwnDraws, models.PartFields):
    """What questions have that are answered by a letter or a number in each row."""

    ask: Filled = Field(
        description="The question, in TeX.",
        examples=["Write the letter of the definition that belongs to each term."],
    )
    code: models.CodeOrText | None = Field(
        None,
        description="A listing below the question: its lines, or a mapping.",
        examples=[{"language": "python", "text": "print(<< a >>)"}],
    )
    figure: models.FigureUse | None = Field(
        None, description="Figure behind the question.", examples=[{"name": "rnn-cell"}]
    )
    steps: Annotated[dict[Name, models.StepOrText], Field(max_length=100)] = Field(
        {},
        description="Values that rows print, as named expressions over drawn names and steps; "
        "those that are printed say working: true.",
        examples=[{"double": {"is": "2*a", "working": True}}],
    )

    @property
    def own_steps(self) -> Mapping[str, models.Step]:
        return self.steps


class Match(models.Model):
    """What belongs together."""

    pairs: Annotated[
        tuple[tuple[Filled, Filled], ...], Field(min_length=2, max_length=MAX_ROWS)
    ] = Field(
        description="A row and what belongs to it, two texts each.",
        examples=[[["stack", "last in, first out"], ["queue", "first in, first out"]]],
    )
    extra: Annotated[tuple[Filled, ...], Field(max_length=len(LABELS) - MAX_ROWS)] = Field(
        (), description="What belongs to no row.", examples=[["random access"]]
    )


class MatchFields(WrittenFields):
    """Matching: the letter of what belongs to each row."""

    form = "match"

    match: Match = Field(
        description="What belongs together, and what belongs to nothing.",
        examples=[{"pairs": [["stack", "LIFO"], ["queue", "FIFO"]], "extra": ["heap"]}],
    )


class SequenceFields(WrittenFields):
    """Ordering by writing: the number of each row in the right order."""

    form = "sequence"

    sequence: Annotated[tuple[Filled, ...], Field(min_length=2, max_length=MAX_ROWS)] = Field(
        description="The rows in their right order.",
        examples=[["Initialize the weights.", "Compute the loss.", "Update the weights."]],
    )


@dataclass(frozen=True, kw_only=True)
class WrittenPart(Part):
    """A question that is answered by what is written beside each row.

    Attributes:
        rows_of: The rows: of a matching question in the order of its pairs, else in the right one.
        belonging: What belongs to the rows, and what belongs to none; empty where numbers are
            written.
        rule: What each row earns, in the language of the exam.
    """

    rows_of: tuple[Text, ...]
    belonging: tuple[Text, ...] = ()
    rule: str = ""

    chooses: ClassVar[bool] = True
    has_rows: ClassVar[bool] = True
    crowded: ClassVar[tuple[str, str, str]] = (
        "rows that print the same",
        "ask",
        "change the lists, or what rows print",
    )

    @property
    def form(self) -> str:
        return "gaps"

    def texts(self) -> Iterator[PartText]:
        yield PartText(self.ask, "question")
        yield from (PartText(row, "question") for row in self.row_texts)

    def layout(self, height_mm: Fraction, *, key: bool) -> tuple[str, ...]:
        return "GapPart", self.id, self.figure.slot if self.figure is not None else ""

    @property
    def row_texts(self) -> tuple[Text, ...]:
        return (*self.rows_of, *self.belonging)

    @property
    def varies(self) -> bool:
        return True

    @property
    def marks(self) -> tuple[Fraction, ...]:
        count = len(self.rows_of)
        each = self.points / count
        if each % Fraction(1, 4):  # 0.6 a row: what right rows add up to, and nothing between
            return tuple(each * right for right in range(count + 1))
        return written_marks(self.points, each)

    def draw(self, dice: Dice, attempt: int, values: Mapping[str, Value]) -> ChoiceDraw:
        self._refuse_alike(values)
        indices = [str(index) for index in range(len(self.rows_of))]
        order = dice.pick(f"{self.id}/rows", attempt, indices, len(indices))
        if not self.belonging and order == indices:
            order = [*order[1:], order[0]]  # what is in order already is no question
        count = len(self.belonging)
        labels = dice.pick(f"{self.id}/labels", attempt, LABELS[:count], count)
        return ChoiceDraw(tuple(order), tuple(labels))

    def _refuse_alike(self, values: Mapping[str, Value]) -> None:
        """Refuses values with which two rows print the same, so that two answers are right.

        Raises:
            Crowded: Two of them do.
        """
        for texts in (self.rows_of, self.belonging):
            printed = {" ".join(_as_compared(text, values).split()) for text in texts}
            if len(printed) < len(texts):
                raise Crowded(self.id, len(texts), len(printed))

    def evaluations(self) -> Iterator[tuple[str, int, Callable[[Mapping[str, Value]], Value]]]:
        if any(text.varies for text in self.row_texts):
            yield f"{self.id}.rows", self.ask.line, self._differ

    def _differ(self, values: Mapping[str, Value]) -> Value:
        try:
            self._refuse_alike(values)
        except Crowded:
            message = "two rows print the same, so that two answers are right; change a value"
            raise EvaluationError(message, "rows") from None
        return True

    def reference_choice(self, values: Mapping[str, Value]) -> ChoiceDraw:
        indices = [str(index) for index in range(len(self.rows_of))]
        labels = LABELS[: len(self.belonging)]
        if labels:
            return ChoiceDraw(tuple(indices), (*labels[1:], labels[0]))
        return ChoiceDraw((*indices[1:], indices[0]))

    def admits(self, choice: ChoiceDraw) -> bool:
        indices = {str(index) for index in range(len(self.rows_of))}
        labels = sorted(LABELS[: len(self.belonging)])
        return (
            set(choice.options) == indices
            and len(choice.options) == len(indices)
            and sorted(choice.labels) == labels
        )

    def solve(self, choice: ChoiceDraw, values: Mapping[str, Value]) -> tuple[SolvedOption, ...]:
        return ()

    def rows(self, choice: ChoiceDraw) -> tuple[tuple[str, Text], ...]:
        """First the rows, numbered where they are not to be, then what belongs to them."""
        numbered = [
            (str(number) if self.belonging else "", self.rows_of[int(index)])
            for number, index in enumerate(choice.options, 1)
        ]
        labeled = sorted(zip(choice.labels, self.belonging, strict=True), key=lambda row: row[0])
        return (*numbered, *labeled)

    def known_rows(self) -> Iterator[tuple[str, Text, Text]]:
        nothing = Text("")
        if not self.belonging:
            for number, row in enumerate(self.rows_of, 1):
                yield str(number), row, nothing
        for row, right in zip(self.rows_of, self.belonging, strict=False):
            yield "", row, right
        for extra in self.belonging[len(self.rows_of) :]:
            yield "--", extra, nothing

    def filled(self, choice: ChoiceDraw | None) -> tuple[Gap, ...]:
        assert choice is not None
        answers = choice.labels or tuple(str(number) for number in range(1, len(self.rows_of) + 1))
        return tuple(
            Gap(str(number), Text(answers[int(index)]))
            for number, index in enumerate(choice.options, 1)
        )

    def set_ask(self, ask: str, rows: Sequence[tuple[str, str]]) -> str:
        count = len(self.rows_of)
        gaps = [gap_tex(self.id, str(number), ROW_GAP) for number in range(1, count + 1)]
        shown = zip(rows[:count], gaps, strict=True)
        if not self.belonging:
            numbered = (rf"\NumberRow{{{gap}}}{{{text}}}" for (_, text), gap in shown)
            columns = rf"\NumberRows{{{self._lines(numbered)}}}"
        else:
            left = (rf"\GapRow{{{label}}}{{{text}}}{{{gap}}}" for (label, text), gap in shown)
            right = (rf"\LabelRow{{{label}}}{{{text}}}" for label, text in rows[count:])
            columns = rf"\MatchingColumns{{{self._lines(left)}}}{{{self._lines(right)}}}"
        return f"{ask}\n\n\\WrittenRule{{{self.rule}}}{columns}"

    @staticmethod
    def _lines(rows: Iterable[str]) -> str:
        return "%\n".join(rows)


def _as_compared(text: Text, values: Mapping[str, Value]) -> str:
    """A text with its values, by which it is told from others; numbers are not printed so."""
    if not text.varies:
        return text.source
    return text.render({name: _as_written(values[name]) for name in text.names})


def _as_written(value: Value) -> Shown:
    if isinstance(value, tuple):
        items = tuple(_as_written(member) for member in value)
        printed = str([member.tex for member in items])
        return Shown(value, printed, items, dict.fromkeys(FILTERS, printed))
    if isinstance(value, bool | str | Complex):
        return Shown(value, str(value))
    return Shown(value, str(exact(value)))


def read_match(desk: ReadingDesk, spot: Spot, part: MatchFields, groups: Groups) -> WrittenPart:
    """The part, with all that is wrong with it reported."""
    route = (*spot.route, "match")
    lefts = {(*route, "pairs", number, 0): pair[0] for number, pair in enumerate(part.match.pairs)}
    rights = {(*route, "pairs", number, 1): pair[1] for number, pair in enumerate(part.match.pairs)}
    rights |= {(*route, "extra", number): text for number, text in enumerate(part.match.extra)}
    return _read_written(desk, spot, part, groups, lefts, rights)


def read_sequence(
    desk: ReadingDesk, spot: Spot, part: SequenceFields, groups: Groups
) -> WrittenPart:
    """The part, with all that is wrong with it reported."""
    rows = {(*spot.route, "sequence", number): text for number, text in enumerate(part.sequence)}
    return _read_written(desk, spot, part, groups, rows, {})


def _read_written(
    desk: ReadingDesk,
    spot: Spot,
    part: WrittenFields,
    groups: Groups,
    rows: dict[Route, str],
    belonging: dict[Route, str],
) -> WrittenPart:
    for texts in (rows, belonging):
        _check_different(desk, texts)
    figure = (*spot.route, "figure")
    return WrittenPart(
        id=part.id,
        points=part.points,
        ask=question_text(desk, spot.route, spot, part.ask, part.code),
        language=part.code.language or "" if part.code is not None else "",
        new_page=part.new_page,
        figure=read_figure(desk, figure, spot, part.figure, f"{part.id}-ask", groups),
        rows_of=tuple(paper_text(desk, route, spot, text) for route, text in rows.items()),
        belonging=tuple(paper_text(desk, route, spot, text) for route, text in belonging.items()),
        gaps=tuple(Gap(str(number)) for number in range(1, len(rows) + 1)),
        rule=_rule(desk, spot, part.points / len(rows)),
    )


def _check_different(desk: ReadingDesk, texts: dict[Route, str]) -> None:
    lines: dict[str, int] = {}
    for route, text in texts.items():
        printed = " ".join(text.split())
        if printed in lines:
            message = (
                f"the same text is there already in line {lines[printed]}, so that two answers "
                "are right; change one"
            )
            desk.say(route, message)
        lines.setdefault(printed, desk.source.place(route)[0])


def _rule(desk: ReadingDesk, spot: Spot, points: Fraction) -> str:
    try:
        format_number(points)
    except NumberError:
        message = (
            f"each row would earn {show(points)} points, which no decimal number says; "
            "change the points, or the number of rows"
        )
        desk.say((*spot.route, "points"), message)
        return ""
    return desk.conventions.catalogue.text("worked.per_row", points=desk.conventions.number(points))
