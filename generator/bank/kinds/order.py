"""Multiple choice: orders of labeled steps, exactly one of them right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from generator.bank import models
from generator.bank.fields.credit import StepNumber
from generator.bank.fields.words import Filled, TextField
from generator.bank.kinds.multiple_choice import (
    MAX_OPTIONS,
    MIN_OPTIONS,
    ChoiceFields,
    ChoicePart,
    read_common,
)
from generator.bank.part import ChoiceDraw, PartText, SolvedOption, Use
from generator.bank.problem import Groups
from generator.bank.read.code import question_text
from generator.bank.read.context import ReadingDesk, Spot
from generator.bank.read.texts import fixed_text
from generator.bank.template import Text
from generator.bank.yaml import Route
from generator.exact.dice import Dice
from generator.exact.numbers import Value

LABELS = "ABCDEFGH"
"""Labels of the steps."""


class Order(models.Model):
    """Steps whose order is asked for."""

    steps: Annotated[tuple[Filled, ...], Field(min_length=3, max_length=8)] = Field(
        description="The steps in their right order.",
        examples=[["Initialize the weights.", "Compute the loss.", "Update the weights."]],
    )
    wrong: Annotated[
        tuple[tuple[StepNumber, ...], ...], Field(min_length=MIN_OPTIONS - 1, max_length=100)
    ] = Field(
        description="Wrong orders of the step numbers, counted from 1.",
        examples=[[[2, 1, 3], [1, 3, 2], [3, 2, 1]]],
    )
    needs: tuple[tuple[StepNumber, StepNumber], ...] | None = Field(
        None,
        description="Pairs of steps, counted from 1, of which the second needs the first: the key "
        "says which pair an order breaks. Without it, each step needs the one before it.",
        examples=[[[1, 2], [1, 3]]],
    )


class ReferenceOrder(models.Model):
    """Labels and options of an ordering question in the reference copy."""

    labels: tuple[TextField, ...] = Field(
        description="The label of each step, in the right order.", examples=[["C", "A", "B"]]
    )
    options: Annotated[
        tuple[tuple[TextField, ...], ...], Field(min_length=MIN_OPTIONS, max_length=MAX_OPTIONS)
    ] = Field(
        description="The orders of labels that it offers: as many as each copy gets.",
        examples=[[["C", "A", "B"], ["A", "C", "B"], ["C", "B", "A"], ["B", "A", "C"]]],
    )


class OrderFields(ChoiceFields):
    """Multiple choice: orders of labeled steps, exactly one right."""

    form = "order"

    order: Order = Field(
        description="The steps, and wrong orders of them.",
        examples=[{"steps": ["Read.", "Think.", "Write."], "wrong": [[2, 1, 3]]}],
    )
    reference_order: ReferenceOrder = Field(
        description="Labels and options of the reference copy.",
        examples=[{"labels": ["C", "A", "B"], "options": [["C", "A", "B"]]}],
    )


@dataclass(frozen=True, kw_only=True)
class OrderPart(ChoicePart):
    """Multiple choice: orders of labeled steps.

    Attributes:
        order: Texts of the steps in their right order.
        wrong: Wrong orders, as 0-based indices into ``order``.
        reference_labels: The label of each step in the reference copy.
        reference_options: The orders of labels in the reference copy.
        needs: Pairs of 0-based indices into ``order``: the second step needs the first.
        say: What the key says in the language of the exam.
    """

    order: tuple[Text, ...]
    wrong: tuple[tuple[int, ...], ...]
    reference_labels: tuple[str, ...]
    reference_options: tuple[tuple[str, ...], ...]
    needs: tuple[tuple[int, int], ...]
    say: Callable[..., str]

    has_rows: ClassVar[bool] = True

    def texts(self) -> Iterator[PartText]:
        yield PartText(self.ask, "question")
        yield from (PartText(step, "option") for step in self.order)
        for needed, step in self.needs[:1]:
            reason = self.say("reason.out_of_order", step=LABELS[step], needed=LABELS[needed])
            yield PartText(Text(reason), "reason")
        yield PartText(Text(self.say("reason.in_order")), "reason")

    @property
    def varies(self) -> bool:
        return True

    @property
    def option_count(self) -> int:
        return len(self.reference_options)

    def draw(self, dice: Dice, attempt: int, values: Mapping[str, Value]) -> ChoiceDraw:
        count = len(self.order)
        labels = dice.pick(f"{self.id}/labels", attempt, LABELS[:count], count)
        numbers = [str(index) for index in range(len(self.wrong))]
        wrong = dice.pick(f"{self.id}/wrong", attempt, numbers, self.option_count - 1)
        orders = [self.wrong[int(index)] for index in wrong]
        orders.insert(
            dice.index(f"{self.id}/place", attempt, self.option_count), tuple(range(count))
        )
        return ChoiceDraw(
            tuple(" ".join(labels[step] for step in order) for order in orders), tuple(labels)
        )

    def reference_choice(self, values: Mapping[str, Value]) -> ChoiceDraw:
        options = tuple(" ".join(option) for option in self.reference_options)
        return ChoiceDraw(options, self.reference_labels)

    def admits(self, choice: ChoiceDraw) -> bool:
        orders = {tuple(range(len(self.order))), *self.wrong}
        where = {label: index for index, label in enumerate(choice.labels)}
        found = {
            tuple(where.get(label, -1) for label in option.split()) for option in choice.options
        }
        return len(choice.labels) == len(self.order) and found <= orders

    def solve(self, choice: ChoiceDraw, values: Mapping[str, Value]) -> tuple[SolvedOption, ...]:
        right = " ".join(choice.labels)
        return tuple(
            SolvedOption(
                option,
                option == right,
                Text(", ".join(option.split())),
                Text(self._reason(option.split(), choice.labels)),
            )
            for option in choice.options
        )

    def _reason(self, order: Sequence[str], labels: Sequence[str]) -> str:
        """The first need that an order of labels does not meet, in words."""
        for needed, step in self.needs:
            if order.index(labels[needed]) > order.index(labels[step]):
                return self.say("reason.out_of_order", step=labels[step], needed=labels[needed])
        return self.say("reason.in_order")

    def rows(self, choice: ChoiceDraw) -> tuple[tuple[str, Text], ...]:
        return tuple(sorted(zip(choice.labels, self.order, strict=True), key=lambda row: row[0]))

    def set_ask(self, ask: str, rows: Sequence[tuple[str, str]]) -> str:
        table = " \\\\\n".join(rf"\textbf{{{label}}} & {text}" for label, text in rows)
        return f"{ask}\n\n\\OrderingSteps{{{table}}}"

    def option_name(self, choice: ChoiceDraw, option: str) -> str:
        where = {label: index + 1 for index, label in enumerate(choice.labels)}
        return " ".join(str(where[label]) for label in option.split())

    def expected_use(self) -> dict[str, Use]:
        right = " ".join(str(step + 1) for step in range(len(self.order)))
        wrong = [" ".join(str(step + 1) for step in order) for order in self.wrong]
        share = (self.option_count - 1) / len(wrong)
        return {right: Use(True, 1.0)} | dict.fromkeys(wrong, Use(False, share))

    @property
    def right_share(self) -> float | None:
        return 1 / self.option_count


def read_order(desk: ReadingDesk, spot: Spot, part: OrderFields, groups: Groups) -> OrderPart:
    """The part, with all that is wrong with it reported."""
    common = read_common(desk, spot, part, groups)
    route = spot.route
    offered = len(part.reference_order.options)
    if len(part.order.wrong) < offered - 1:
        message = (
            f"{len(part.order.wrong)} wrong orders, but the {offered} options of reference_order "
            f"need {offered - 1} of them; add some"
        )
        desk.say((*route, "order", "wrong"), message)
    for number, text in enumerate(part.order.steps):
        if text.strip() in (it.strip() for it in part.order.steps[:number]):
            here = (*route, "order", "steps", number)
            desk.say(here, "this step is there already, so two orders are right; change one")
    needs = _needs(desk, route, part.order)
    wrong = _wrong_orders(desk, route, part.order, needs)
    _check_reference_order(desk, route, part, wrong)
    return OrderPart(
        **common,
        ask=question_text(desk, route, spot, part.ask, part.code, fixed=True),
        order=tuple(
            fixed_text(desk, (*route, "order", "steps", number), spot, text)
            for number, text in enumerate(part.order.steps)
        ),
        wrong=wrong,
        reference_labels=part.reference_order.labels,
        reference_options=part.reference_order.options,
        needs=needs,
        say=desk.conventions.catalogue.text,
    )


def _needs(desk: ReadingDesk, route: Route, order: Order) -> tuple[tuple[int, int], ...]:
    count = len(order.steps)
    if order.needs is None:
        return tuple((step - 1, step) for step in range(1, count))
    for number, (needed, step) in enumerate(order.needs):
        if not needed < step <= count:
            message = f"expected two numbers of steps, at most {count}, the smaller one first"
            desk.say((*route, "order", "needs", number), message)
    return tuple((needed - 1, step - 1) for needed, step in order.needs)


def _wrong_orders(
    desk: ReadingDesk, route: Route, order: Order, needs: Sequence[tuple[int, int]]
) -> tuple[tuple[int, ...], ...]:
    right = tuple(range(len(order.steps)))
    found: list[tuple[int, ...]] = []
    for number, numbers in enumerate(order.wrong):
        indices = tuple(value - 1 for value in numbers)
        here = (*route, "order", "wrong", number)
        if tuple(sorted(indices)) != right:
            desk.say(here, f"expected the numbers 1 to {len(right)}, each once")
        elif indices == right:
            desk.say(here, "this is the right order; remove it")
        elif indices in found:
            desk.say(here, "this order is there twice; remove one")
        elif all(indices.index(needed) < indices.index(step) for needed, step in needs):
            desk.say(here, "each step comes after what it needs here; remove it, or add to needs")
        found.append(indices)
    return tuple(found)


def _check_reference_order(
    desk: ReadingDesk, route: Route, part: OrderFields, wrong: tuple[tuple[int, ...], ...]
) -> None:
    reference = part.reference_order
    labels = tuple(LABELS[: len(part.order.steps)])
    if tuple(sorted(reference.labels)) != labels:
        message = f"expected each of {', '.join(labels)} once"
        desk.say((*route, "reference_order", "labels"), message)
        return
    # The reference copy letters the steps in an order of its own; its options are in these letters.
    known = {reference.labels}
    for order in wrong:
        if sorted(order) == list(range(len(labels))):
            known.add(tuple(reference.labels[step] for step in order))
    for number, option in enumerate(reference.options):
        here = (*route, "reference_order", "options", number)
        if option in reference.options[:number]:
            desk.say(here, "this order is there twice; the options differ")
        elif option not in known:
            desk.say(here, "this is neither the right order nor one of order.wrong")
    if reference.labels not in reference.options:
        message = f"the right order, {' '.join(reference.labels)}, is missing"
        desk.say((*route, "reference_order", "options"), message)
