"""What all kinds of multiple choice have in common: statements with a truth and a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from pydantic import Field

from generator.bank import models
from generator.bank.fields.credit import Boxes, OptionColumns, Scoring
from generator.bank.fields.words import Filled, Flag, TextField
from generator.bank.kinds.option_figures import read_option_figure, shown_by
from generator.bank.part import OPTION_LABELS, Figure, Part, PartText, SolvedOption
from generator.bank.problem import Groups
from generator.bank.read.context import ReadingDesk, Spot
from generator.bank.read.figure_files import read_figure
from generator.bank.read.texts import key_text, paper_text
from generator.bank.template import Text, read_text
from generator.bank.yaml import Route

MIN_OPTIONS = 2
MAX_OPTIONS = len(OPTION_LABELS)

RIGHT = "right"
RULES = {
    ("all_or_nothing", "mark"): "paper.all_or_nothing_mark",
    ("per_option", "mark"): "paper.per_option_mark",
    ("per_option_deducting", "mark"): "paper.per_option_deducting_mark",
    ("all_or_nothing", "true_false"): "paper.all_or_nothing_true_false",
    ("per_option", "true_false"): "paper.per_option_true_false",
    ("per_option_deducting", "true_false"): "paper.per_option_deducting_true_false",
}
"""What boxes earn, and what the catalogue calls the rule."""

NONE = "none"
"""What is drawn of a part whose last option says that none of the others is right."""


class ChoiceFields(models.PartFields):
    """What all multiple-choice parts have."""

    ask: Filled = Field(
        description="The question, in TeX.",
        examples=["Which of the following statements about dropout are correct?"],
    )
    code: models.CodeOrText | None = Field(
        None,
        description="A listing below the question: its lines, or a mapping.",
        examples=[{"language": "python", "text": "print(<< a >>)"}],
    )
    figure: models.FigureOrWord | None = Field(
        None, description="Figure behind the question.", examples=[{"name": "rnn-cell"}]
    )

    columns: OptionColumns = Field(
        1,
        description="So many options stand side by side; with as many as there are options, all "
        "stand in one line.",
        examples=[2],
    )

    scoring: Scoring | None = Field(
        None,
        description="What boxes earn; printed with the question, and in the key: all_or_nothing, "
        "per_option, or per_option_deducting, which is never below zero for a question. That of "
        "the problem if it is not given.",
        examples=["per_option"],
    )
    boxes: Boxes = Field(
        "mark",
        description="mark: one box, marked or left empty; true_false: two, of which one is marked.",
        examples=["true_false"],
    )

    choice: ClassVar[bool] = True


class StatementFields(models.Model):
    """A statement that is true or false."""

    correct: Flag = Field(description="Whether it is true.", examples=[True])
    say: TextField = Field(
        "",
        description="The statement, in TeX; it may be left out beside a figure.",
        examples=["Dropout reduces overfitting."],
    )
    figure: models.FigureOrWord | None = Field(
        None,
        description="Figure of the option, behind what it says: a plot, a TikZ file or an image. "
        "Plots of one question have the same size and the same axes.",
        examples=[
            {"image": "curve-a.svg", "width": "30 mm"},
            {"plot": {"kind": "function", "y": "a*x + b", "range_x": [-3, 3]}},
        ],
    )
    why: TextField = Field(
        "",
        description="The reason, for the key.",
        examples=["It is a regularization technique."],
    )


@dataclass(frozen=True)
class Statement:
    """A statement with its truth and the reason.

    Attributes:
        figure: It stands behind what the statement says.
    """

    correct: bool
    say: Text
    why: Text
    figure: Figure | None = None

    def solved(self, option: str) -> SolvedOption:
        """The statement as the option of a copy."""
        return SolvedOption(option, self.correct, self.say, self.why, figure=self.figure)


@dataclass(frozen=True, kw_only=True)
class ChoicePart(Part):
    """A subproblem with options to mark."""

    chooses: ClassVar[bool] = True

    @property
    def form(self) -> str:
        return "choice"

    def option_texts(self) -> Iterator[tuple[Text, Text | None]]:
        """What options can say, and the reasons of the bank."""
        raise NotImplementedError

    def texts(self) -> Iterator[PartText]:
        yield PartText(self.ask, "question")
        for say, _ in self.option_texts():
            yield PartText(say, "option")
        for _, why in self.option_texts():
            if why is not None:
                yield PartText(why, "reason")

    def layout(self, height_mm: Fraction, *, key: bool) -> tuple[str, ...]:
        slot = self.figure.slot if self.figure is not None else ""
        size = (str(self.option_count), str(self.columns), f"{float(height_mm):.3f}")
        return "ChoicePart", self.id, slot, *size


def read_common(
    desk: ReadingDesk, spot: Spot, part: ChoiceFields, groups: Groups
) -> dict[str, Any]:
    """The fields that all multiple-choice parts have in common, without the question."""
    route = (*spot.route, "figure")
    return {
        "id": part.id,
        "points": part.points,
        "new_page": part.new_page,
        "columns": part.columns,
        "language": part.code.language or "" if part.code is not None else "",
        "scoring": _scoring(desk, part),
        "states_scoring": part.scoring is not None,
        "two_boxes": part.boxes == "true_false",
        "figure": read_figure(desk, route, spot, part.figure, f"{part.id}-ask", groups),
    }


def _scoring(desk: ReadingDesk, part: ChoiceFields) -> str:
    """What the catalogue calls the rule; empty where none is stated."""
    rule = part.scoring or desk.model.scoring
    return RULES[rule, part.boxes] if rule else ""


def read_statement(
    desk: ReadingDesk,
    route: Route,
    spot: Spot,
    model: StatementFields,
    slot: str,
    groups: Groups,
    part: ChoiceFields,
) -> Statement:
    """A statement of the bank.

    Args:
        slot: Where its figure stands, if it has one.
        groups: Every drawn name and its group.
        part: How its options stand.
    """
    say, figure = read_saying(desk, route, spot, model, slot, groups, part)
    why = key_text(desk, (*route, "why"), spot, model.why)
    return Statement(model.correct, say, why, figure)


def saying(statement: StatementFields) -> str:
    """What tells an option from the others."""
    return f"{statement.say} {shown_by(statement.figure)}".strip()


def read_saying(
    desk: ReadingDesk,
    route: Route,
    spot: Spot,
    fields: StatementFields,
    slot: str,
    groups: Groups,
    part: ChoiceFields,
) -> tuple[Text, Figure | None]:
    """What an option says, with its figure behind it."""
    if not fields.say.strip() and fields.figure is None:
        desk.say(route, "expected say, or a figure: what the option shows")
    say = paper_text(desk, (*route, "say"), spot, fields.say)
    figure = read_option_figure(desk, (*route, "figure"), spot, fields.figure, slot, groups, part)
    if figure is not None:
        say = read_text(f"{fields.say} \\OptionFigure{{{slot}}}".strip(), say.line)
    return say, figure


def check_sayings(desk: ReadingDesk, sayings: Mapping[Route, str]) -> None:
    """Complains about statements that are there twice, or that print like others."""
    lines: dict[str, int] = {}
    for route, say in sayings.items():
        printed = _printed(say)
        if printed in lines:
            message = f"the same statement is there already in line {lines[printed]}; remove one"
            desk.say((*route, "say"), message)
        lines.setdefault(printed, desk.source.place((*route, "say"))[0])


def _printed(say: str) -> str:
    """A text without what makes no difference on paper: kinds of spaces, empty and other groups."""
    bare = re.sub(r"\\[ ,;:!]|(?<!\\)~", " ", say)
    return " ".join(re.sub(r"(?<!\\)[{}]", "", bare).split())
