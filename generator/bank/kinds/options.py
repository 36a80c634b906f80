"""Multiple choice: the same options in every copy, in the same or in a drawn order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from pydantic import Field

from generator.bank import models
from generator.bank.fields.words import Flag, Truth
from generator.bank.kinds.multiple_choice import (
    MAX_OPTIONS,
    MIN_OPTIONS,
    ChoiceFields,
    ChoicePart,
    StatementFields,
    check_sayings,
    read_common,
    read_saying,
    saying,
)
from generator.bank.kinds.option_figures import CROWDED, refuse_alike, with_same_axes
from generator.bank.part import ChoiceDraw, Figure, SolvedOption
from generator.bank.problem import Groups
from generator.bank.read.code import question_text
from generator.bank.read.computed import read_expression
from generator.bank.read.context import ReadingDesk, Spot
from generator.bank.read.texts import key_text
from generator.bank.template import Text
from generator.bank.yaml import Route
from generator.exact.dice import Dice
from generator.exact.numbers import Value
from generator.expressions import EvaluationError, Expression


class OptionFields(StatementFields):
    """An option that every copy has."""

    correct: Truth = Field(  # type: ignore[assignment]
        description="Whether it is right: true, false, or a condition on drawn values.",
        examples=[True, "a > 5"],
    )
    last: Flag = Field(
        False,
        description="With shuffle, it keeps its place behind the others.",
        examples=[True],
    )


class FixedFields(models.OwnDraws, ChoiceFields):
    """Multiple choice: the same options in every copy."""

    form = "options"

    options: Annotated[
        tuple[OptionFields, ...], Field(min_length=MIN_OPTIONS, max_length=MAX_OPTIONS)
    ] = Field(
        description="The options, two to eight, in the order in which they are printed.",
        examples=[
            [
                {"correct": True, "say": "CNN", "why": "Filters share weights."},
                {"correct": False, "say": "None of them", "last": True},
            ]
        ],
    )
    shuffle: Flag = Field(
        False,
        description="Each copy has them in an order of its own; the reference copy as written.",
        examples=[True],
    )


@dataclass(frozen=True)
class Option:
    """An option of every copy.

    Attributes:
        truth: Whether it is right, or the condition on which it is.
        last: It keeps its place behind those that are shuffled.
        figure: It stands behind what the option says.
    """

    truth: bool | Expression
    say: Text
    why: Text
    last: bool
    figure: Figure | None = None

    def is_right(self, values: Mapping[str, Value]) -> bool:
        """Whether it is right for these values.

        Raises:
            EvaluationError: Its condition has no value for them, or is neither true nor false.
        """
        if isinstance(self.truth, bool):
            return self.truth
        found = self.truth.evaluate(values)
        if not isinstance(found, bool):
            message = "an option is right on a condition, which is true or false"
            raise EvaluationError(message, self.truth.source)
        return found


@dataclass(frozen=True, kw_only=True)
class FixedPart(ChoicePart):
    """Multiple choice: the same options in every copy."""

    options: tuple[Option, ...]
    shuffle: bool

    crowded: ClassVar[tuple[str, str, str]] = CROWDED

    @property
    def varies(self) -> bool:
        return self.shuffle or any(
            text.varies or not isinstance(option.truth, bool) or _figure_varies(option)
            for option in self.options
            for text in (option.say, option.why)
        )

    @property
    def option_count(self) -> int:
        return len(self.options)

    def paper_figures(self) -> Iterator[Figure]:
        yield from super().paper_figures()
        yield from (option.figure for option in self.options if option.figure is not None)

    def option_texts(self) -> Iterator[tuple[Text, Text | None]]:
        return ((option.say, option.why) for option in self.options)

    def draw(self, dice: Dice, attempt: int, values: Mapping[str, Value]) -> ChoiceDraw:
        refuse_alike(self.id, [option.figure for option in self.options], values)
        if not self.shuffle:
            return self.reference_choice(values)
        last = [str(index) for index, option in enumerate(self.options) if option.last]
        rest = [index for index in self._written if index not in last]
        drawn = dice.pick(f"{self.id}/order", attempt, rest, len(rest))
        return ChoiceDraw((*drawn, *last))

    def reference_choice(self, values: Mapping[str, Value]) -> ChoiceDraw:
        return ChoiceDraw(self._written)

    @property
    def _written(self) -> tuple[str, ...]:
        """The indices of the options in the order in which they are written."""
        return tuple(str(index) for index in range(len(self.options)))

    def admits(self, choice: ChoiceDraw) -> bool:
        own = self._written
        return sorted(choice.options) == list(own) and (self.shuffle or choice.options == own)

    def solve(self, choice: ChoiceDraw, values: Mapping[str, Value]) -> tuple[SolvedOption, ...]:
        found = ((option, self.options[int(option)]) for option in choice.options)
        return tuple(
            SolvedOption(
                name, option.is_right(values), option.say, option.why, figure=option.figure
            )
            for name, option in found
        )

    def known_statements(self) -> Iterator[tuple[bool, Text, Text]]:
        for option in self.options:
            if isinstance(option.truth, bool):
                yield option.truth, option.say, option.why

    def evaluations(self) -> Iterator[tuple[str, int, Callable[[Mapping[str, Value]], Value]]]:
        for number, option in enumerate(self.options):
            yield f"{self.id}.options.{number}.correct", option.say.line, option.is_right


def _figure_varies(option: Option) -> bool:
    return option.figure is not None and (option.figure.varies or bool(option.figure.values))


def read_options(desk: ReadingDesk, spot: Spot, part: FixedFields, groups: Groups) -> FixedPart:
    """The part, with all that is wrong with it reported."""
    common = read_common(desk, spot, part, groups)
    route = (*spot.route, "options")
    sayings = {(*route, number): saying(it) for number, it in enumerate(part.options)}
    check_sayings(desk, sayings)
    _check_last(desk, spot, part)
    options = {
        (*route, number): _option(
            desk,
            (*route, number),
            spot,
            option,
            f"{part.id}-option{number + 1}",
            groups,
            part,
        )
        for number, option in enumerate(part.options)
    }
    figures = with_same_axes(desk, {here: option.figure for here, option in options.items()})
    return FixedPart(
        **common,
        ask=question_text(desk, spot.route, spot, part.ask, part.code),
        options=tuple(replace(it, figure=figures[here]) for here, it in options.items()),
        shuffle=part.shuffle,
    )


_MEANT = frozenset(("yes", "no", "right", "wrong", "ja", "nein", "wahr", "falsch", "richtig"))
"""What is written in place of true and false."""


def _option(
    desk: ReadingDesk,
    route: Route,
    spot: Spot,
    fields: OptionFields,
    slot: str,
    groups: Groups,
    part: ChoiceFields,
) -> Option:
    truth: bool | Expression = fields.correct == "true"
    if fields.correct not in ("true", "false"):
        here = (*route, "correct")
        if fields.correct.casefold() in _MEANT and fields.correct not in desk.names:
            desk.say(here, f"expected true, false or a condition, got {fields.correct!r}")
        else:
            truth = read_expression(desk, here, spot, fields.correct, desk.why_unknown) or False
    say, figure = read_saying(desk, route, spot, fields, slot, groups, part)
    why = key_text(desk, (*route, "why"), spot, fields.why)
    return Option(truth, say, why, fields.last, figure)


def _check_last(desk: ReadingDesk, spot: Spot, part: FixedFields) -> None:
    """What keeps its place stands behind all that does not."""
    for number, option in enumerate(part.options):
        route = (*spot.route, "options", number, "last")
        if option.last and not part.shuffle:
            desk.say_key(route, "only options that are shuffled need it; add shuffle: true")
        elif option.last and not all(it.last for it in part.options[number:]):
            desk.say_key(route, "an option behind it is shuffled; write those with last: true last")
