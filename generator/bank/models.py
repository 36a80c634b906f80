"""What may stand in the YAML files: one frozen model per mapping, unknown keys refused.

The descriptions here are the reference of the format; the JSON Schemas that editors use are made
from them.
"""

from __future__ import annotations

import datetime
import re
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)

from generator.bank.source import Scalar
from generator.numbers import parse_number

MAX_LIST = 10_000


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected text, got {_kind(value)}")
    return str(value)


def _number(value: Any) -> Fraction:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"expected a number, got {_kind(value)}")
    try:
        return parse_number(value.strip())
    except ValueError:
        raise ValueError(f"expected a number such as -1.5, got {str(value)!r}") from None


def _integer(value: Any) -> int:
    number = _number(value)
    if number.denominator != 1:
        raise ValueError(f"expected a whole number, got {str(value)!r}")
    return int(number)


def _flag(value: Any) -> bool:
    if value in ("true", "false"):
        return bool(value == "true")
    raise ValueError(f"expected true or false, got {_kind(value)}")


def _member(value: Any) -> Fraction | str:
    """A member of a drawn list: a number as written plainly, otherwise a text."""
    if isinstance(value, Scalar) and value.plain:
        try:
            return parse_number(value.strip())
        except ValueError:
            return str(value)
    return _text(value)


def _millimeters(value: Any) -> Fraction:
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?(mm|cm)", str(value).strip())
    if not match:
        raise ValueError(f"expected a length such as 45 mm or 4.5 cm, got {_kind(value)}")
    length = Fraction(match[1]) * (10 if match[2] == "cm" else 1)
    if not 0 < length <= 250:
        raise ValueError(f"expected a length between 0 and 250 mm, got {str(value)!r}")
    return length


def _name(value: Any) -> str:
    name = _text(value)
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or name.endswith("_from_fallback"):
        raise ValueError(
            f"expected a name of letters, digits and _ that starts with a letter, got {name!r}"
        )
    if name.startswith("fallback_"):
        raise ValueError(f"names that start with fallback_ are kept for fallback values: {name!r}")
    return name


def _spare(value: Any) -> Fraction | int:
    text = str(value).strip()
    if text.endswith("%"):
        share = _number(text[:-1].strip()) / 100
        if not 0 <= share <= 1:
            raise ValueError(f"expected a share from 0 % to 100 %, got {text!r}")
        return share
    count = _integer(value)
    if not 0 <= count <= MAX_LIST:
        raise ValueError(f"expected a number of copies from 0 to {MAX_LIST}, got {text!r}")
    return count


def _day(value: Any) -> datetime.date:
    try:
        return datetime.date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"expected a date such as 2023-02-10, got {_kind(value)}") from None


def _time(value: Any) -> datetime.time:
    if not re.fullmatch(r"\d\d:\d\d", str(value)):
        raise ValueError(f'expected a time such as "18:30", got {_kind(value)}')
    try:
        return datetime.time.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f'expected a time such as "18:30", got {_kind(value)}') from None


def _kind(value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return repr(str(value))


_NUMBER_SCHEMA = {"type": "number"}
_TEXT_SCHEMA = {"type": ["string", "number"]}
_LENGTH_SCHEMA = {"type": "string", "pattern": r"^\d+(\.\d+)? ?(mm|cm)$", "examples": ["45 mm"]}
_NAME_SCHEMA = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$"}

Text = Annotated[str, BeforeValidator(_text), WithJsonSchema(_TEXT_SCHEMA)]
Exact = Annotated[Fraction, BeforeValidator(_number), WithJsonSchema(_NUMBER_SCHEMA)]
Whole = Annotated[int, BeforeValidator(_integer), WithJsonSchema({"type": "integer"})]
Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]
Member = Annotated[Fraction | str, BeforeValidator(_member), WithJsonSchema(_TEXT_SCHEMA)]
Millimeters = Annotated[Fraction, BeforeValidator(_millimeters), WithJsonSchema(_LENGTH_SCHEMA)]
Name = Annotated[str, BeforeValidator(_name), WithJsonSchema(_NAME_SCHEMA)]
Places = Annotated[Whole, Field(ge=0, le=12)]
Points = Annotated[Exact, Field(gt=0, le=1000)]
Day = Annotated[datetime.date, BeforeValidator(_day), WithJsonSchema({"type": "string"})]
Time = Annotated[datetime.time, BeforeValidator(_time), WithJsonSchema({"type": "string"})]
Spare = Annotated[
    Fraction | int, BeforeValidator(_spare), WithJsonSchema({"type": ["integer", "string"]})
]
Filled = Annotated[Text, Field(min_length=1)]
FileName = Annotated[Text, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class Model(BaseModel):
    """Base of all: frozen, and what is not described is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class DrawList(Model):
    """The explicit finite list that values are drawn from."""

    from_: Exact | None = Field(None, alias="from", description="First value of a range.")
    to: Exact | None = Field(None, description="Last value of a range.")
    step: Exact | None = Field(None, description="Step of the range; 1 if it is not given.")
    except_: tuple[Member, ...] = Field((), alias="except", description="Members left out.")
    one_of: tuple[Member, ...] | None = Field(
        None, description="The members themselves: numbers, or texts in quotes."
    )
    decimals: Places | None = Field(
        None, description="Places printed at least; by default as many as the longest member has."
    )

    @model_validator(mode="after")
    def _one_form(self) -> DrawList:
        forms = [self.from_ is not None or self.to is not None, *self._forms()]
        if sum(forms) != 1:
            raise ValueError(
                "expected either from and to (and step), or one list: " + self._names()
            )
        if forms[0] and (self.from_ is None or self.to is None):
            raise ValueError("a range needs both from and to")
        if not self.members():
            raise ValueError("nothing is left to draw from")
        return self

    def _forms(self) -> list[bool]:
        return [self.one_of is not None]

    def _names(self) -> str:
        return "one_of"

    def members(self) -> tuple[Fraction | str, ...]:
        """The list, in order and without what is excepted."""
        members = self.one_of if self.one_of is not None else self._range()
        return tuple(member for member in members if member not in self.except_)

    def _range(self) -> tuple[Fraction, ...]:
        assert self.from_ is not None and self.to is not None
        step = self.step if self.step is not None else Fraction(1)
        if step <= 0:
            raise ValueError(f"the step must be more than 0, got {step}")
        if self.to < self.from_:
            raise ValueError(f"the range is empty: from {self.from_} to {self.to}")
        count = (self.to - self.from_) // step + 1
        if count > MAX_LIST:
            raise ValueError(f"the range has {count} members; at most {MAX_LIST} are allowed")
        return tuple(self.from_ + step * index for index in range(count))


class DrawEntry(DrawList):
    """Names that are drawn, each from the same list."""

    names: Annotated[tuple[Name, ...], Field(min_length=1)] = Field(
        description="The names that the texts and the steps use.", examples=[["w11", "w12"]]
    )
    permutation_of: tuple[Member, ...] | None = Field(
        None, description="The names get these members in a drawn order."
    )
    distinct: Flag = Field(False, description="The names of this entry get different values.")

    def _forms(self) -> list[bool]:
        return [self.one_of is not None, self.permutation_of is not None]

    def _names(self) -> str:
        return "one_of or permutation_of"

    def members(self) -> tuple[Fraction | str, ...]:
        return self.permutation_of if self.permutation_of is not None else super().members()

    @model_validator(mode="after")
    def _enough(self) -> DrawEntry:
        if self.different and len(set(self.members())) < len(self.names):
            raise ValueError(
                f"{len(self.names)} names are to get different values, "
                f"but there are only {len(set(self.members()))}"
            )
        return self

    @property
    def different(self) -> bool:
        """Whether the names of the entry get different values."""
        return self.distinct or self.permutation_of is not None


class FigureUse(Model):
    """A figure of ``latex/figures``, drawn from the copy's values."""

    name: FileName = Field(description="The file's name without .tex.", examples=["network"])
    values: tuple[Text, ...] = Field((), description="The drawn names that the figure depends on.")
    compute: Name | None = Field(
        None, description="A function of generator/figures.py that computes coordinates."
    )


class Step(Model):
    """A named step of a solution."""

    is_: Filled = Field(alias="is", description="The expression.", examples=["i1*w11 + b1"])
    decimals: Places | None = Field(
        None, description="Rounded (half even) to this many places; later steps use that value."
    )
    significant: Annotated[Whole, Field(ge=1, le=12)] | None = Field(
        None, description="Rounded to this many significant digits instead."
    )
    working: Flag = Field(False, description="Shown in the worked solution, but not an answer.")
    unit: Text | None = Field(None, description="Unit behind the value, in TeX.")


def _step(value: Any) -> Any:
    return {"is": value} if isinstance(value, str) else value


_STEP_SCHEMA: dict[str, Any] = {"anyOf": [{"type": ["string", "number"]}, {"$ref": "#/$defs/Step"}]}
StepOrText = Annotated[Step, BeforeValidator(_step)]


class SolverUse(Model):
    """A registered Python solver, for what an expression cannot say."""

    name: Name = Field(description="The solver's name in generator/solvers.py.")
    uses: tuple[Name, ...] = Field(description="The values it is given.")
    gives: tuple[Name, ...] = Field(description="The answers it returns.")


class RubricItem(Model):
    """What earns points."""

    points: Points
    for_: Filled | None = Field(None, alias="for", description="What earns them, in TeX.")
    step: Name | None = Field(None, description="Or the step whose result earns them.")

    @model_validator(mode="after")
    def _one_reason(self) -> RubricItem:
        if (self.for_ is None) == (self.step is None):
            raise ValueError("expected exactly one of for and step")
        return self


class Mistake(Model):
    """A common mistake."""

    is_: Filled = Field(alias="is", description="What the student wrote or did.")
    earns: Annotated[Exact, Field(ge=0)] = Field(description="The points it still earns.")


class Part(Model):
    """What all subproblems have."""

    id: Annotated[Filled, Field(pattern=r"^[A-Za-z0-9]+\.[A-Za-z0-9]+$")] = Field(
        description="Problem and part.", examples=["3.1"]
    )
    points: Points
    ask: Filled = Field(description="The question, in TeX; << name >> prints a drawn value.")
    new_page: Flag = Field(False, description="The part starts a new page.")
    figure: FigureUse | None = None
    draw: tuple[DrawEntry, ...] = ()
    require: tuple[Filled, ...] = Field((), description="Conditions that a draw must meet.")


class OpenPart(Part):
    """A subproblem that is answered in a box."""

    space: Millimeters = Field(description="Height of the answer box.", examples=["45 mm"])
    canvas: FigureUse | None = Field(None, description="Figure in the box, to draw in.")
    canvas_answer: FigureUse | None = Field(None, description="The canvas with the solution.")
    fallback: dict[Name, DrawList] = Field(
        {}, description="Values printed for those who have not solved an earlier part."
    )
    reference: dict[Name, Member] = {}
    reference_fallback: dict[Name, Exact] = {}
    steps: dict[Name, StepOrText] = Field({}, description="The solution, step by step.")
    solver: SolverUse | None = None
    answer: Text = Field("", description="The model answer, in TeX.")
    rubric: Annotated[tuple[RubricItem, ...], Field(min_length=1)]
    also_accept: tuple[Filled, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


class Statement(Model):
    """A statement of a pool, true or false."""

    correct: Flag
    say: Filled
    why: Filled = Field(description="The reason, in one line, for the key.")


class ComputedStatement(Model):
    """A statement about a drawn configuration; its truth is computed."""

    right: Filled = Field(description="Expression of the right value.")
    wrong: Annotated[tuple[Filled, ...], Field(min_length=1)] = Field(
        description="Expressions of plausible mistakes."
    )
    say: Filled = Field(description="The statement; << shown >> prints the right or a wrong value.")
    why: Filled = Field(description="The reason; << right >> prints the right value.")


class PoolPart(Part):
    """Multiple choice: four statements of a pool."""

    statements: dict[Name, Statement]
    computed: dict[Name, ComputedStatement] = {}
    reference: Annotated[tuple[Name, ...], Field(min_length=4, max_length=4)] = Field(
        description="The statements of the reference copy, in order."
    )
    reference_values: dict[Name, Member] = {}


class Order(Model):
    """Steps whose order is asked for."""

    steps: Annotated[tuple[Filled, ...], Field(min_length=3, max_length=8)] = Field(
        description="The steps in their right order."
    )
    wrong: Annotated[tuple[tuple[Whole, ...], ...], Field(min_length=3)] = Field(
        description="Wrong orders of the step numbers (from 1)."
    )


class ReferenceOrder(Model):
    """Labels and options of an ordering question in the reference copy."""

    labels: tuple[Text, ...] = Field(description="The label of each step, in the right order.")
    options: tuple[tuple[Text, ...], ...] = Field(description="The four orders of labels.")


class OrderPart(Part):
    """Multiple choice: four orders of labeled steps, exactly one right."""

    order: Order
    reference_order: ReferenceOrder


class FixedPart(Part):
    """Multiple choice: the same four options in every copy."""

    options: Annotated[tuple[Statement, ...], Field(min_length=4, max_length=4)]


ChoicePart = PoolPart | OrderPart | FixedPart


def _form(value: Any) -> str:
    keys = set(value) if isinstance(value, dict) else set(value.model_fields_set)
    for key, form in (("statements", "pool"), ("order", "order"), ("options", "fixed")):
        if key in keys:
            return form
    return "open"


AnyPart = Annotated[
    Annotated[OpenPart, Tag("open")]
    | Annotated[PoolPart, Tag("pool")]
    | Annotated[OrderPart, Tag("order")]
    | Annotated[FixedPart, Tag("fixed")],
    Discriminator(_form),
]


class ProblemFile(Model):
    """A file ``bank/problem-N.yaml``."""

    id: Annotated[Filled, Field(pattern="^[A-Za-z0-9]+$")]
    title: Filled
    points: Points = Field(description="The sum of the parts.")
    kind: Literal["open", "choice"] = Field("open", description="choice: only multiple choice.")
    min_decimals: Places = Field(0, description="Steps print at least this many places.")
    symbols: dict[Text, Text] = Field({}, description="TeX of names, where the default won't do.")
    intro: Text = Field("", description="Text before the first part, in TeX.")
    figure: FigureUse | None = Field(None, description="Figure behind the intro.")
    draw: tuple[DrawEntry, ...] = ()
    require: tuple[Filled, ...] = Field((), description="Conditions that a draw must meet.")
    reference: dict[Name, Member] = Field({}, description="The drawn values of the reference copy.")
    parts: Annotated[tuple[AnyPart, ...], Field(min_length=1)]


class SpareCopies(Model):
    """Spare copies, a number or a share of the room's students."""

    per_room: Spare = Field(examples=[2, "5 %"])
    rooms: dict[Text, Spare] = Field({}, description="Rooms that get another number.")


class ExamFile(Model):
    """The file ``bank/exam.yaml``: the paper."""

    id: Annotated[Filled, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)] = Field(
        description="Small letters, digits and hyphens.", examples=["cit-i2dl-1-20230210"]
    )
    university: Filled
    chair: Filled
    course: Filled
    module: Filled
    title: Filled
    examiner: Filled
    date: Day
    start: Time
    end: Time
    credits: Points = Field(description="The sum of the problems.")
    pages: Annotated[Whole, Field(ge=4, le=96, multiple_of=4)] = Field(
        description="Pages of a copy, a multiple of 4."
    )
    additional_pages: Annotated[Whole, Field(ge=0, le=32)] = Field(
        description="The least number of pages for additional solutions at the end."
    )
    spare_copies: SpareCopies
    keys_released: Day | None = Field(None, description="Printed on the keys.")
    problems: Annotated[tuple[FileName, ...], Field(min_length=1)] = Field(
        description="The problem files, in the order of the paper."
    )

    @model_validator(mode="after")
    def _ends_later(self) -> ExamFile:
        if self.end <= self.start:
            raise ValueError(f"the end {self.end:%H:%M} is not after the start {self.start:%H:%M}")
        return self

    @property
    def minutes(self) -> int:
        """How long the exam takes."""
        return (self.end.hour - self.start.hour) * 60 + self.end.minute - self.start.minute
