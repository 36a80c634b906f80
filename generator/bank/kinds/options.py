"""Multiple choice: the same options in every copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from generator.bank.kinds.multiple_choice import (
    OPTIONS,
    ChoiceFields,
    ChoicePart,
    Statement,
    StatementFields,
    check_sayings,
    read_common,
)
from generator.bank.part import ChoiceDraw, SolvedOption
from generator.bank.problem import Groups
from generator.bank.read.context import Desk, Spot
from generator.bank.read.texts import fixed_text, paper_text
from generator.bank.template import Text
from generator.exact.dice import Dice
from generator.exact.numbers import Value


class FixedFields(ChoiceFields):
    """Multiple choice: the same four options in every copy."""

    form = "options"

    options: Annotated[
        tuple[StatementFields, ...], Field(min_length=OPTIONS, max_length=OPTIONS)
    ] = Field(
        description="The options, in the order in which they are printed.",
        examples=[[{"correct": True, "say": "CNN", "why": "Filters share weights."}]],
    )


@dataclass(frozen=True, kw_only=True)
class FixedPart(ChoicePart):
    """Multiple choice: the same options in every copy."""

    options: tuple[Statement, ...]

    def option_texts(self) -> Iterator[tuple[Text, Text | None]]:
        return ((option.say, option.why) for option in self.options)

    def draw(self, dice: Dice, attempt: int, values: Mapping[str, Value]) -> ChoiceDraw:
        return self.reference_choice()

    def reference_choice(self) -> ChoiceDraw:
        return ChoiceDraw(tuple(str(index) for index in range(len(self.options))))

    def admits(self, choice: ChoiceDraw) -> bool:
        return len(choice.options) == len(self.options)

    def solve(self, choice: ChoiceDraw, values: Mapping[str, Value]) -> tuple[SolvedOption, ...]:
        return tuple(self.options[int(option)].solved(option) for option in choice.options)


def read_options(desk: Desk, spot: Spot, part: FixedFields, groups: Groups) -> FixedPart:
    """The part, with all that is wrong with it reported."""
    common = read_common(desk, spot, part, groups)
    route = spot.route
    check_sayings(
        desk, {(*route, "options", number): it.say for number, it in enumerate(part.options)}
    )
    options = tuple(
        Statement(
            option.correct,
            fixed_text(desk, (*route, "options", number, "say"), spot, option.say),
            fixed_text(desk, (*route, "options", number, "why"), spot, option.why),
        )
        for number, option in enumerate(part.options)
    )
    return FixedPart(
        **common, ask=paper_text(desk, (*route, "ask"), spot, part.ask), options=options
    )
