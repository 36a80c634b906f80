"""Multiple choice from a pool: each copy draws statements, at most one of them computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Annotated, ClassVar

from pydantic import Field

from generator.bank import models
from generator.bank.fields import Filled, Listed, Name, Word
from generator.bank.kinds.multiple_choice import (
    OPTIONS,
    RIGHT,
    ChoiceFields,
    ChoicePart,
    Statement,
    StatementFields,
    check_sayings,
    read_common,
    read_statement,
)
from generator.bank.part import ChoiceDraw, SolvedOption, Use, refuse
from generator.bank.problem import Groups
from generator.bank.read.context import Desk, Spot
from generator.bank.read.steps import read_expression
from generator.bank.read.texts import key_text, paper_text
from generator.bank.template import Text
from generator.exact.dice import Dice
from generator.exact.numbers import Value, show_values
from generator.expressions import Expression


class ComputedFields(models.Model):
    """A statement about a drawn configuration; its truth is computed."""

    right: Filled = Field(
        description="Expression of the right value.", examples=["filters*(size*size*depth + 1)"]
    )
    wrong: Annotated[tuple[Filled, ...], Field(min_length=1, max_length=20)] = Field(
        description="Expressions of plausible mistakes.", examples=[["filters*size*size*depth"]]
    )
    say: Filled = Field(
        description="The statement; << shown >> prints the right or a wrong value.",
        examples=["The layer has << shown >> parameters."],
    )
    why: Filled = Field(
        description="The reason; << right >> prints the right value.",
        examples=["It has << right >>: each filter has one bias."],
    )


class PoolFields(models.Drawn, ChoiceFields):
    """Multiple choice: four statements of a pool."""

    form = "statements"

    statements: dict[Word, StatementFields] = Field(
        description="The pool; at least four statements are true and four are not.",
        examples=[
            {"noise": {"correct": False, "say": "Dropout adds data.", "why": "It drops units."}}
        ],
    )
    computed: dict[Word, ComputedFields] = Field(
        {},
        description="Statements whose truth is computed; exactly one option of each copy is one.",
        examples=[
            {
                "parameters": {
                    "right": "n*(m + 1)",
                    "wrong": ["n*m"],
                    "say": "There are << shown >> parameters.",
                    "why": "There are << right >>.",
                }
            }
        ],
    )
    reference: Annotated[tuple[Word, ...], Field(min_length=OPTIONS, max_length=OPTIONS)] = Field(
        description="The four statements of the reference copy, in order.",
        examples=[["noise", "ensemble", "speed", "tanh"]],
    )
    reference_values: dict[Name, Listed] = Field(
        {},
        description="Values of the reference copy for what this part draws.",
        examples=[{"n": 10}],
    )

    @property
    def sets(self) -> tuple[tuple[int | None, models.Drawn], ...]:
        return ((None, self),)

    @property
    def reference_values_of(self) -> tuple[models.ReferenceValues, ...]:
        return (models.ReferenceValues("reference_values", "", self.reference_values),)


@dataclass(frozen=True)
class ComputedStatement:
    """A statement whose truth is computed from a drawn configuration."""

    right: Expression
    wrong: tuple[Expression, ...]
    say: Text
    why: Text


@dataclass(frozen=True, kw_only=True)
class PoolPart(ChoicePart):
    """Multiple choice: four statements of a pool, at most one of them computed."""

    statements: Mapping[str, Statement]
    computed: Mapping[str, ComputedStatement]
    reference: tuple[str, ...]

    varies: ClassVar[bool] = True

    def option_texts(self) -> Iterator[tuple[Text, Text | None]]:
        for statement in self.statements.values():
            yield statement.say, statement.why
        for computed in self.computed.values():
            yield computed.say, computed.why

    def draw(self, dice: Dice, attempt: int, values: Mapping[str, Value]) -> ChoiceDraw:
        """The number of right options is uniform over 0 to 4, and so are their positions."""
        name = self.id
        count = dice.index(f"{name}/count", attempt, OPTIONS + 1)
        right = _combination(
            OPTIONS, count, dice.index(f"{name}/places", attempt, comb(OPTIONS, count))
        )
        pools = {
            truth: [key for key, it in self.statements.items() if it.correct is truth]
            for truth in (True, False)
        }
        picked = {
            truth: iter(dice.pick(f"{name}/{truth}", attempt, pool, OPTIONS))
            for truth, pool in pools.items()
        }
        options = [next(picked[place in right]) for place in range(OPTIONS)]
        if self.computed:
            place = dice.index(f"{name}/computed", attempt, OPTIONS)
            key = dice.pick(f"{name}/which", attempt, list(self.computed), 1)[0]
            options[place] = f"{key}/{RIGHT}"
            if place not in right:
                wrong = self._wrong_indices(key, values)
                drawn = wrong[dice.index(f"{name}/wrong", attempt, len(wrong))]
                options[place] = f"{key}/wrong/{drawn}"
        return ChoiceDraw(tuple(options))

    def _wrong_indices(self, key: str, values: Mapping[str, Value]) -> list[int]:
        """The plausible mistakes whose value differs from the right one."""
        statement = self.computed[key]
        right = statement.right.evaluate(values)
        found = [
            index for index, wrong in enumerate(statement.wrong) if wrong.evaluate(values) != right
        ]
        if not found:
            message = (
                f"every wrong value equals the right one for the draw {show_values(values)}; "
                "add a wrong value or exclude the draw"
            )
            raise refuse(f"{self.id}.computed.{key}", message)
        return found

    def reference_choice(self) -> ChoiceDraw:
        return ChoiceDraw(self.reference)

    def admits(self, choice: ChoiceDraw) -> bool:
        return all(self._has(option) for option in choice.options)

    def _has(self, option: str) -> bool:
        if option in self.statements:
            return True
        name, _, rest = option.partition("/")
        if name not in self.computed:
            return False
        return rest == RIGHT or int(rest.removeprefix("wrong/")) < len(self.computed[name].wrong)

    def solve(self, choice: ChoiceDraw, values: Mapping[str, Value]) -> tuple[SolvedOption, ...]:
        return tuple(self._solved(option, values) for option in choice.options)

    def _solved(self, option: str, values: Mapping[str, Value]) -> SolvedOption:
        if option in self.statements:
            return self.statements[option].solved(option)
        name, kind, *index = option.split("/")
        statement = self.computed[name]
        right = statement.right.evaluate(values)
        shown = right if kind == RIGHT else statement.wrong[int(index[0])].evaluate(values)
        return SolvedOption(option, shown == right, statement.say, statement.why, shown, right)

    def equal_distractors(
        self, values: Mapping[str, Value]
    ) -> Iterator[tuple[tuple[str, int], bool]]:
        for name, statement in self.computed.items():
            right = statement.right.evaluate(values)
            for index, wrong in enumerate(statement.wrong):
                yield (f"{self.id}.computed.{name}", index), wrong.evaluate(values) == right

    def evaluations(self) -> Iterator[tuple[str, int, Callable[[Mapping[str, Value]], Value]]]:
        for name, statement in self.computed.items():
            for expression in (statement.right, *statement.wrong):
                yield f"{self.id}.computed.{name}", statement.say.line, expression.evaluate

    def option_name(self, choice: ChoiceDraw, option: str) -> str:
        name, _, rest = option.partition("/")
        return f"{name}, {'right' if rest == RIGHT else 'wrong'} value" if rest else name

    def expected_use(self) -> dict[str, Use]:
        truths = Counter(statement.correct for statement in self.statements.values())
        # One of the options is a computed statement, if there are any.
        own = OPTIONS - bool(self.computed)
        shares = {truth: own / 2 / count for truth, count in truths.items()}
        used = {name: Use(it.correct, shares[it.correct]) for name, it in self.statements.items()}
        for name in self.computed:
            share = 1 / 2 / len(self.computed)
            used |= {f"{name}, right value": Use(True, share)}
            used |= {f"{name}, wrong value": Use(False, share)}
        return used

    @property
    def right_share(self) -> float | None:
        return 1 / 2

    @property
    def right_counts(self) -> Sequence[int]:
        return range(OPTIONS + 1)


def _combination(n: int, k: int, index: int) -> frozenset[int]:
    """The index-th subset of k of n places, in lexicographic order."""
    chosen = []
    for place in range(n):
        if k == 0:
            break
        first = comb(n - place - 1, k - 1)
        if index < first:
            chosen.append(place)
            k -= 1
        else:
            index -= first
    return frozenset(chosen)


def read_pool(desk: Desk, spot: Spot, part: PoolFields, groups: Groups) -> PoolPart:
    """The part, with all that is wrong with it reported."""
    common = read_common(desk, spot, part, groups)
    route = spot.route
    for wanted, word in ((True, "true"), (False, "false")):
        count = sum(statement.correct is wanted for statement in part.statements.values())
        if count < OPTIONS:
            message = (
                f"{count} of the statements are {word}; at least {OPTIONS} are needed, so that "
                f"any number of the {OPTIONS} options can be right; add some"
            )
            desk.say_key((*route, "statements"), message)
    for number, name in enumerate(part.reference):
        if name not in part.statements:
            desk.say((*route, "reference", number), f"there is no statement {name}")
        elif name in part.reference[:number]:
            desk.say((*route, "reference", number), f"the statement {name} is there twice")
    statements = {
        name: read_statement(desk, (*route, "statements", name), spot, statement)
        for name, statement in part.statements.items()
    }
    check_sayings(
        desk, {(*route, "statements", name): it.say for name, it in part.statements.items()}
    )
    return PoolPart(
        **common,
        ask=paper_text(desk, (*route, "ask"), spot, part.ask),
        statements=statements,
        computed=_computed(desk, spot, part),
        reference=part.reference,
    )


def _computed(desk: Desk, spot: Spot, part: PoolFields) -> dict[str, ComputedStatement]:
    found = {}
    for name, model in part.computed.items():
        route = (*spot.route, "computed", name)
        if name in part.statements:
            desk.say_key(route, f"a statement is called {name} already; choose another name")
        right, *wrong = [
            read_expression(desk, here, spot, source, desk.why_unknown)
            for here, source in (
                ((*route, "right"), model.right),
                *(((*route, "wrong", number), it) for number, it in enumerate(model.wrong)),
            )
        ]
        say = paper_text(desk, (*route, "say"), spot, model.say, {"shown"})
        why = key_text(desk, (*route, "why"), spot, model.why, {"right"})
        if "shown" not in say.names:
            desk.say((*route, "say"), "the statement never prints << shown >>; add it")
        mistakes = tuple(expression for expression in wrong if expression is not None)
        if right is not None:
            found[name] = ComputedStatement(right, mistakes, say, why)
    return found
