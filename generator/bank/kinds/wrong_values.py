"""Multiple choice: one number, and those that typical mistakes give."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from generator.bank import models
from generator.bank.fields.credit import OptionCount
from generator.bank.fields.quantities import Gap
from generator.bank.fields.words import Filled, Flag, Name, TextField
from generator.bank.kinds.multiple_choice import (
    MAX_OPTIONS,
    NONE,
    RIGHT,
    ChoiceFields,
    ChoicePart,
    read_common,
)
from generator.bank.part import ChoiceDraw, Crowded, SolvedOption
from generator.bank.problem import Groups
from generator.bank.read.code import question_text
from generator.bank.read.computed import read_expression, read_rounding
from generator.bank.read.context import ReadingDesk, Spot
from generator.bank.read.texts import fixed_text, key_text, paper_text
from generator.bank.template import Text
from generator.bank.yaml import Route
from generator.exact.dice import Dice
from generator.exact.numbers import Complex, Value, exact
from generator.expressions import EvaluationError, Expression, Step
from generator.language.units import behind_number, unit_tex

_SHOWN = re.compile(r"<<\s*shown\s*>>")


class WrongFields(models.Model):
    """A typical mistake and what it gives."""

    is_: Filled = Field(alias="is", description="The expression.", examples=["a + b"])
    why: TextField = Field(
        "", description="What was done wrong, for the key.", examples=["Added, not multiplied."]
    )


def _wrong(value: Any) -> Any:
    return {"is": value} if isinstance(value, str) else value


WrongOrText = Annotated[WrongFields, BeforeValidator(_wrong), models.TextToo()]


class WrongValueFields(models.OwnDraws, ChoiceFields):
    """Multiple choice: a number among those that typical mistakes give."""

    form = "wrong"

    steps: Annotated[dict[Name, models.StepOrText], Field(max_length=100)] = Field(
        {},
        description="The solution as named expressions over drawn names and steps of this and "
        "earlier parts.",
        examples=[{"area": {"is": "a*b", "unit": r"\mathrm{m}^2"}}],
    )
    right: Name = Field(description="The step whose value is right.", examples=["area"])
    wrong: Annotated[tuple[WrongOrText, ...], Field(min_length=1, max_length=40)] = Field(
        description="What typical mistakes give, rounded and printed as the right value; those "
        "of each copy differ from it and from each other.",
        examples=[["a + b", {"is": "2*(a + b)", "why": "This is the perimeter."}]],
    )
    gap: Gap = Field(
        Fraction(0),
        description="How far options are apart at least: a number, or a share of the right value.",
        examples=[0.5, "5 %"],
    )
    count: OptionCount | None = Field(
        None,
        description="How many options each copy has; one more than there are mistakes, but at "
        "most eight, if it is not given.",
        examples=[5],
    )
    sort: Flag = Field(False, description="By size, not in a drawn order.", examples=[True])
    say: Filled = Field(
        "<< shown >>",
        description="What an option says; << shown >> is the value, with the unit of the step "
        "where nothing else is said.",
        examples=["about << shown >> meters"],
    )
    why: TextField = Field(
        "",
        description="Why the right one is right, for the key.",
        examples=["$<< a >> \\cdot << b >>$"],
    )
    none_of_these: TextField = Field(
        "",
        description="A last option that is right where the right value is missing, as often as "
        "each place before it.",
        examples=["None of these."],
    )

    @property
    def own_steps(self) -> Mapping[str, models.Step]:
        return self.steps


@dataclass(frozen=True, kw_only=True)
class WrongValuePart(ChoicePart):
    """Multiple choice: a number among those that typical mistakes give.

    Attributes:
        right: Name and rounding of the step that is right; all options are rounded like it.
        wrong: What typical mistakes give, and what was done wrong.
        gap: How far options are apart; ``share`` is that of the right value instead.
        count: How many options there are.
        say: What an option says; it prints the name of the step.
        why: Why the right option is right.
        none: What the last option says; None where there is none.
    """

    right: Step
    wrong: tuple[tuple[Expression, Text], ...]
    gap: Fraction
    share: Fraction
    count: int
    sort: bool
    say: Text
    why: Text
    none: Text | None

    @property
    def varies(self) -> bool:
        return True

    @property
    def option_count(self) -> int:
        return self.count

    def option_texts(self) -> Iterator[tuple[Text, Text | None]]:
        yield self.say, self.why
        for _, why in self.wrong:
            yield self.say, why
        if self.none is not None:
            yield self.none, None

    def draw(self, dice: Dice, attempt: int, values: Mapping[str, Value]) -> ChoiceDraw:
        """Takes mistakes in a drawn order, each that is far enough from those before it.

        Raises:
            Crowded: Too few of them are.
        """
        numbers = [str(index) for index in range(len(self.wrong))]
        order = [int(it) for it in dice.pick(f"{self.id}/wrong", attempt, numbers, len(numbers))]
        place = dice.index(f"{self.id}/place", attempt, self.count)
        has_right = self.none is None or place < self.count - 1
        taken = self._apart(order, self.count - has_right - (self.none is not None), values)
        options = [f"wrong/{index}" for index in taken]
        if has_right:
            options.insert(place, RIGHT)
        if self.sort:
            options.sort(key=lambda option: self._number(option, values))
        return ChoiceDraw((*options, *((NONE,) if self.none is not None else ())))

    def _apart(self, order: Sequence[int], count: int, values: Mapping[str, Value]) -> list[int]:
        right = self._number(RIGHT, values)
        gap = max(self.gap, self.share * abs(right))
        seen: list[Fraction] = [right]
        taken: list[int] = []
        for index in order:
            value = self._number(f"wrong/{index}", values)
            if len(taken) < count and all(value != it and abs(value - it) >= gap for it in seen):
                seen.append(value)
                taken.append(index)
        if len(taken) < count:
            raise Crowded(self.id, count, len(taken))
        return taken

    def _value(self, option: str, values: Mapping[str, Value]) -> Value:
        if option == RIGHT:
            return values[self.right.name]
        expression, _ = self.wrong[int(option.removeprefix("wrong/"))]
        return self.right.round(expression.evaluate(values))

    def _number(self, option: str, values: Mapping[str, Value]) -> Fraction:
        value = self._value(option, values)
        if isinstance(value, bool | str | tuple | Complex):
            raise EvaluationError("an option is a number", option, step=self.right.name)
        return exact(value)

    def reference_choice(self, values: Mapping[str, Value]) -> ChoiceDraw:
        """The first mistakes that differ enough, with the right value in the middle."""
        last = (NONE,) if self.none is not None else ()
        order = range(len(self.wrong))
        taken = self._apart(order, self.count - 1 - len(last), values)
        options = [f"wrong/{index}" for index in sorted(taken)]
        options.insert(len(options) // 2, RIGHT)
        return ChoiceDraw((*options, *last))

    def admits(self, choice: ChoiceDraw) -> bool:
        known = {RIGHT, *(f"wrong/{index}" for index in range(len(self.wrong)))}
        known |= {NONE} if self.none is not None else set()
        return len(choice.options) == self.count and set(choice.options) <= known

    def solve(self, choice: ChoiceDraw, values: Mapping[str, Value]) -> tuple[SolvedOption, ...]:
        return tuple(self._solved(option, choice, values) for option in choice.options)

    def _solved(self, option: str, choice: ChoiceDraw, values: Mapping[str, Value]) -> SolvedOption:
        if option == NONE:
            assert self.none is not None
            return SolvedOption(NONE, RIGHT not in choice.options, self.none, Text(""))
        why = self.why if option == RIGHT else self.wrong[int(option.removeprefix("wrong/"))][1]
        printed = {self.right.name: self._value(option, values)}
        return SolvedOption(option, option == RIGHT, self.say, why, printed=printed)

    def evaluations(self) -> Iterator[tuple[str, int, Callable[[Mapping[str, Value]], Value]]]:
        for number, (expression, _) in enumerate(self.wrong):
            yield f"{self.id}.wrong.{number}", self.say.line, expression.evaluate
        yield f"{self.id}.wrong", self.say.line, self._check_reference

    def _check_reference(self, values: Mapping[str, Value]) -> Value:
        needed = self.count - 1 - (self.none is not None)
        try:
            self._apart(range(len(self.wrong)), needed, values)
        except Crowded as error:
            raise EvaluationError(str(error), "wrong") from None
        return True

    @property
    def right_share(self) -> float | None:
        return None if self.sort else 1 / self.count

    def option_name(self, choice: ChoiceDraw, option: str) -> str:
        if not option.startswith("wrong/"):
            return option
        return self.wrong[int(option.removeprefix("wrong/"))][0].source


def read_wrong_values(
    desk: ReadingDesk, spot: Spot, part: WrongValueFields, groups: Groups
) -> WrongValuePart | None:
    """The part, with all that is wrong with it reported; None where it cannot be made."""
    common = read_common(desk, spot, part, groups)
    route = spot.route
    ask = question_text(desk, spot.route, spot, part.ask, part.code)
    right = read_rounding(desk, (*route, "right"), spot, part.right)
    wrong = [
        _read_wrong(desk, (*route, "wrong", number), spot, fields)
        for number, fields in enumerate(part.wrong)
    ]
    needed = _needed(part)
    if len(wrong) < needed:
        message = f"{len(wrong)} wrong values, but {needed} are needed; add some or lower count"
        desk.say((*route, "wrong"), message)
    why = key_text(desk, (*route, "why"), spot, part.why)
    say = _read_say(desk, spot, part)
    if right is None:
        return None
    return WrongValuePart(
        **common,
        ask=ask,
        steps=tuple(part.steps),
        right=right,
        wrong=tuple(it for it in wrong if it is not None),
        gap=part.gap if isinstance(part.gap, Fraction) else Fraction(0),
        share=part.gap.share if not isinstance(part.gap, Fraction) else Fraction(0),
        count=_count(part),
        sort=part.sort,
        say=say,
        why=why,
        none=_read_none(desk, spot, part),
    )


def _count(part: WrongValueFields) -> int:
    # Where the right one is missing, all others are mistakes, and the last option stands for it.
    return part.count if part.count is not None else min(len(part.wrong) + 1, MAX_OPTIONS)


def _needed(part: WrongValueFields) -> int:
    """How many wrong values a copy can need; one more where the right one may be missing."""
    return _count(part) - 1


def _read_wrong(
    desk: ReadingDesk, route: Route, spot: Spot, fields: WrongFields
) -> tuple[Expression, Text] | None:
    inner = (*route, "is") if isinstance(desk.source.value(route), dict) else route
    expression = read_expression(desk, inner, spot, fields.is_, desk.why_not_computable)
    why = key_text(desk, (*route, "why"), spot, fields.why)
    return None if expression is None else (expression, why)


def _read_say(desk: ReadingDesk, spot: Spot, part: WrongValueFields) -> Text:
    """What an option says, printing the name of the step."""
    route = (*spot.route, "say")
    if not _SHOWN.search(part.say):
        desk.say(route, "the option never prints << shown >>; add it")
    step = part.steps.get(part.right)
    unit = behind_number(unit_tex(step.unit)) if step is not None and step.unit else ""
    if part.say == "<< shown >>":
        return key_text(desk, route, spot, f"$<< {part.right} >>{unit}$")
    paper_text(desk, route, spot, part.say, {"shown"})
    return key_text(desk, route, spot, _SHOWN.sub(f"<< {part.right} >>", part.say))


def _read_none(desk: ReadingDesk, spot: Spot, part: WrongValueFields) -> Text | None:
    if not part.none_of_these:
        return None
    return fixed_text(desk, (*spot.route, "none_of_these"), spot, part.none_of_these)
