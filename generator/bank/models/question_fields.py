"""Questions: what all kinds of them have, and those that are answered in a box."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, ClassVar

from pydantic import Field

from generator.bank.fields.credit import Earned, GapLook, Points, WorkedRule
from generator.bank.fields.quantities import Exact, Listed, Millimeters
from generator.bank.fields.words import Filled, Flag, Name, PartId, TextField, Word
from generator.bank.models.base import Model, TextToo, short_for
from generator.bank.models.value_fields import Drawn, ReferenceValues, SolverUse, Step, StepOrText


class RubricItem(Model):
    """What earns points: a text or a step."""

    points: Points = Field(
        description="How many: whole or half ones; quarters where grades says step: 0.25.",
        examples=[0.5],
    )
    for_: Filled | None = Field(
        None, alias="for", description="What earns them, in TeX.", examples=["The chain rule"]
    )
    step: Name | None = Field(
        None, description="Instead: the step whose result earns them.", examples=["h1"]
    )
    trivial: Filled | None = Field(
        None,
        description=(
            "A condition on drawn names and steps: where it holds, an earlier error has made the "
            "result trivial, and correctors are told so. Without it, the program decides."
        ),
        examples=["grad_w21 == 0"],
    )


class ResultBox(Model):
    """A small box for a result; a step alone is short for it."""

    step: Name = Field(description="The step that is written there.", examples=["h1"])
    width: Millimeters = Field(Fraction(26), description="Width of the box.", examples=["40 mm"])


ResultOrStep = Annotated[ResultBox, short_for("step"), TextToo()]


class Gap(Model):
    """A gap in a text; an answer alone is short for ``is``."""

    is_: Filled | None = Field(
        None,
        alias="is",
        description="What belongs there, in TeX; without it, the value of the step of this name.",
        examples=["first in, first out"],
    )
    width: Millimeters = Field(Fraction(26), description="Width of the gap.", examples=["40 mm"])
    look: GapLook = Field(
        "box",
        description="box, line, or blank: what nothing is printed of, such as a cell of a table.",
        examples=["blank"],
    )


GapOrAnswer = Annotated[Gap, short_for("is"), TextToo()]


class Mistake(Model):
    """A common mistake."""

    is_: Filled = Field(
        alias="is",
        description="What the student wrote or did.",
        examples=["The biases are left out, everything else is consistent"],
    )
    earns: Earned = Field(description="The points it still earns.", examples=[1.5])
    gives: dict[Name, Filled] = Field(
        {},
        description="Steps of this part to what is computed in their place; what follows is "
        "computed from that, and the key has it. The step's own name is what is right.",
        examples=[{"h3": "h1", "mse": "2*mse"}],
    )
    may_coincide: Flag = Field(
        False,
        description="true: copies may be drawn in which the mistake leads to the right result.",
        examples=[True],
    )


class Code(Model):
    """Text that is printed as it stands, monospaced."""

    text: Filled = Field(
        description="The lines; << name >> prints a drawn value, everything else is as it stands.",
        examples=["print(<< a >> + 1)"],
    )
    language: Filled | None = Field(
        None, description="What it is written in; stands in the key's file.", examples=["python"]
    )
    numbers: Flag = Field(False, description="Its lines are numbered.", examples=[True])


CodeOrText = Annotated[Code, short_for("text"), TextToo()]


class About(Model):
    """What is said of a question, for those who choose and check questions; nothing prints it."""

    topic: Filled | None = Field(None, description="What it is about.", examples=["Momentum"])
    outcome: Filled | None = Field(
        None, description="The learning outcome that it tests.", examples=["O3"]
    )
    difficulty: Filled | None = Field(
        None, description="How hard it is, in words of your own.", examples=["hard"]
    )
    minutes: Exact | None = Field(
        None, description="How long it takes, in minutes.", examples=[4.5]
    )
    tags: tuple[Word, ...] = Field(
        (),
        description='Words by which it is chosen: by take, and by make check ARGS="--tag WORD".',
        examples=[["gradient", "short"]],
    )
    author: Filled | None = Field(None, description="Who wrote it.", examples=["Ada Musterfrau"])
    source: Filled | None = Field(
        None, description="Where it is from.", examples=["Exercise 4.2 of the lecture notes"]
    )
    version: Filled | None = Field(None, description="Which version it is.", examples=["2"])


class PartFields(Model):
    """What all subproblems have."""

    form: ClassVar[str]
    """The key by which this form of a part is told from the others."""

    choice: ClassVar[bool] = False
    """Whether it belongs in a problem of kind: choice."""

    id: PartId = Field(description="Problem and part, in quotes.", examples=["3.1"])
    points: Points = Field(
        description="Points of the part: whole or half ones, or quarters as grades says.",
        examples=[3],
    )
    new_page: Flag = Field(
        False, description="The part starts a new page (problems always do).", examples=[True]
    )
    about: About | None = Field(
        None,
        description="What is said of it; what it leaves out is that of the problem.",
        examples=[{"topic": "Momentum", "minutes": 4, "tags": ["gradient"]}],
    )

    @property
    def sets(self) -> tuple[tuple[int | None, Drawn], ...]:
        """What draws or is solved by itself, with the index of the alternative."""
        return ()


class Question(Drawn):
    """A question that is answered in a box, with its solution."""

    ask: Filled = Field(
        description="The question, in TeX; << name >> prints a drawn value.",
        examples=["Compute $h_1$ for $i_1 = << i1 >>$."],
    )
    code: CodeOrText | None = Field(
        None,
        description="A listing below the question: its lines, or a mapping.",
        examples=[{"language": "python", "numbers": True, "text": "print(<< a >>)"}],
    )
    space: Millimeters | None = Field(
        None,
        description="Least height of the answer box. A question that has gaps or results can do "
        "without: the key has its solution on a page behind.",
        examples=["45 mm", "4.5 cm"],
    )
    reference: dict[Name, Listed] = Field(
        {},
        description="Values of the reference copy for what this part draws.",
        examples=[{"k1": 5, "k2": 3}],
    )
    results: Annotated[tuple[ResultOrStep, ...], Field(max_length=20)] = Field(
        (),
        description="Steps whose results are written into small boxes at the foot of the answer "
        "box, with symbol and unit beside them.",
        examples=[["h1", {"step": "mse", "width": "40 mm"}]],
    )
    gaps: Annotated[dict[Name, GapOrAnswer], Field(max_length=40)] = Field(
        {},
        description="What belongs into the gaps << gap.NAME >> of question and listing; the name "
        "of a step needs no entry.",
        examples=[{"order": "first in, first out", "h1": {"width": "40 mm"}}],
    )
    steps: Annotated[dict[Name, StepOrText], Field(max_length=100)] = Field(
        {},
        description="The solution as named expressions over drawn names and steps of this and "
        "earlier parts.",
        examples=[{"h1": "i1*w11 + b1", "h3": "relu(h1)"}],
    )
    worked: WorkedRule = Field(
        "full",
        description="How the key works out its steps: full, short (long sums have dots), or off.",
        examples=["short"],
    )
    solver: SolverUse | None = Field(
        None,
        description="A solver in Python, for what no expression can say.",
        examples=[{"name": "identity_weights", "uses": ["kernel"], "gives": ["shape"]}],
    )
    answer: TextField = Field(
        "",
        description="The model answer, in TeX; << name >> prints any value.",
        examples=["The receptive field is << receptive_field >> pixels wide."],
    )
    rubric: Annotated[tuple[RubricItem, ...], Field(min_length=1, max_length=40)] = Field(
        description="What earns the points; the items add up to those of the part.",
        examples=[[{"points": 1, "for": "The formula"}, {"points": 0.5, "step": "mse"}]],
    )
    also_accept: Annotated[tuple[Filled, ...], Field(max_length=40)] = Field(
        (),
        description="Other acceptable answers: plain text, with formulas between dollars.",
        examples=[["The value with all numbers inserted."]],
    )
    mistakes: Annotated[tuple[Mistake, ...], Field(max_length=40)] = Field(
        (),
        description="Common mistakes and the points they still earn: plain text, with formulas "
        "between dollars.",
        examples=[[{"is": "A sum without the factor 1/2", "earns": 1}]],
    )

    @property
    def own_steps(self) -> Mapping[str, Step]:
        return self.steps

    @property
    def own_solver(self) -> SolverUse | None:
        return self.solver

    @property
    def own_worked(self) -> str:
        return self.worked

    @property
    def reference_values_of(self) -> tuple[ReferenceValues, ...]:
        return (ReferenceValues("reference", "", self.reference),)
