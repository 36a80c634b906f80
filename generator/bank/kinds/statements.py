"""Multiple choice from a pool: each copy draws statements, at most one of them computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import comb
from typing import Annotated, ClassVar

from pydantic import Field

from generator.bank import models
from generator.bank.fields.credit import RightCount
from generator.bank.fields.words import Filled, TextField, Word
from generator.bank.kinds.multiple_choice import (
    MAX_OPTIONS,
    MIN_OPTIONS,
    NONE,
    RIGHT,
    ChoiceFields,
    ChoicePart,
    Statement,
    StatementFields,
    check_sayings,
    read_common,
    read_statement,
    saying,
)
from generator.bank.kinds.option_figures import CROWDED, refuse_alike, with_same_axes
from generator.bank.part import ChoiceDraw, Figure, Part, SolvedOption, Use, refuse
from generator.bank.problem import Groups
from generator.bank.read.code import question_text
from generator.bank.read.computed import read_expression
from generator.bank.read.context import ReadingDesk, Spot
from generator.bank.read.texts import fixed_text, key_text, paper_text
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


class PoolFields(models.OwnDraws, ChoiceFields):
    """Multiple choice: statements of a pool."""

    form = "statements"

    statements: dict[Word, StatementFields] = Field(
        description="The pool, at least as many true and false statements as one copy can need.",
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
    right: RightCount = Field(
        None,
        description="How many options of a copy are right: one, any, or a list of numbers such as "
        "[1, 2, 3], all equally likely. If it is not given, the question takes part in "
        "right_counts of its problem, and one is right where just one statement is true.",
        examples=["one", [1, 2, 3]],
    )
    none_of_these: TextField = Field(
        "",
        description="A last option that is right where none of the statements is.",
        examples=["None of these."],
    )
    reference: Annotated[
        tuple[Word, ...], Field(min_length=MIN_OPTIONS - 1, max_length=MAX_OPTIONS)
    ] = Field(
        description="The statements of the reference copy, in order. Every copy gets as many.",
        examples=[["noise", "ensemble", "speed", "tanh"]],
    )


@dataclass(frozen=True)
class ComputedStatement:
    """A statement whose truth is computed from a drawn configuration."""

    right: Expression
    wrong: tuple[Expression, ...]
    say: Text
    why: Text


@dataclass(frozen=True, kw_only=True)
class PoolPart(ChoicePart):
    """Multiple choice: statements of a pool, at most one of them computed.

    Attributes:
        counts: The numbers of right statements that copies have, all equally likely, of which one
            may be there twice. With a last option that none is right, 0 among them is as likely as
            each place.
        place: Where the question stands among those to which ``counts`` are dealt out in each copy;
            None where it has its number to itself.
        none: What that last option says; None where there is none.
    """

    statements: Mapping[str, Statement]
    computed: Mapping[str, ComputedStatement]
    reference: tuple[str, ...]
    counts: tuple[int, ...]
    place: int | None = None
    none: Text | None

    crowded: ClassVar[tuple[str, str, str]] = CROWDED

    @property
    def varies(self) -> bool:
        return True

    @property
    def option_count(self) -> int:
        return self._drawn + (self.none is not None)

    @property
    def _drawn(self) -> int:
        """How many statements of the pool a copy has."""
        return len(self.reference)

    def paper_figures(self) -> Iterator[Figure]:
        yield from super().paper_figures()
        yield from (it.figure for it in self.statements.values() if it.figure is not None)

    def option_texts(self) -> Iterator[tuple[Text, Text | None]]:
        for statement in self.statements.values():
            yield statement.say, statement.why
        for computed in self.computed.values():
            yield computed.say, computed.why
        if self.none is not None:
            yield self.none, None

    def draw(self, dice: Dice, attempt: int, values: Mapping[str, Value]) -> ChoiceDraw:
        """The number of right options is uniform over those allowed, and so are their positions."""
        name, size = self.id, self._drawn
        count = self._count_right(dice, attempt)
        right = _combination(size, count, dice.index(f"{name}/places", attempt, comb(size, count)))
        needed = {True: len(right), False: size - len(right)}
        picked = {
            truth: iter(dice.pick(f"{name}/{truth}", attempt, pool, min(needed[truth], len(pool))))
            for truth, pool in self._pools.items()
        }
        options = [next(picked[place in right]) for place in range(size)]
        if self.computed:
            place = dice.index(f"{name}/computed", attempt, size)
            key = dice.pick(f"{name}/which", attempt, list(self.computed), 1)[0]
            options[place] = f"{key}/{RIGHT}"
            if place not in right:
                wrong = self._wrong_indices(key, values)
                drawn = wrong[dice.index(f"{name}/wrong", attempt, len(wrong))]
                options[place] = f"{key}/wrong/{drawn}"
        own = [self.statements[it].figure for it in options if it in self.statements]
        refuse_alike(self.id, own, values)
        return ChoiceDraw((*options, *((NONE,) if self.none is not None else ())))

    @cached_property
    def _pools(self) -> Mapping[bool, Sequence[str]]:
        """The names of the statements that are true, and of those that are not."""
        return {
            truth: [key for key, it in self.statements.items() if it.correct is truth]
            for truth in (True, False)
        }

    def _count_right(self, dice: Dice, attempt: int) -> int:
        """How many statements are right; none of one is as likely as each place for it.

        Questions to which numbers are dealt out draw the same permutation, each for itself.
        """
        if self.place is not None:
            numbers = [str(count) for count in self.counts]
            dealt = dice.pick(f"right_counts/{self._drawn}", attempt, numbers, self.place + 1)
            return int(dealt[self.place])
        if self.none is not None and self.counts == (1,):
            return int(dice.index(f"{self.id}/count", attempt, self.option_count) > 0)
        return self.counts[dice.index(f"{self.id}/count", attempt, len(self.counts))]

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

    def reference_choice(self, values: Mapping[str, Value]) -> ChoiceDraw:
        return ChoiceDraw((*self.reference, *((NONE,) if self.none is not None else ())))

    def admits(self, choice: ChoiceDraw) -> bool:
        return len(choice.options) == self.option_count and all(map(self._has, choice.options))

    def _has(self, option: str) -> bool:
        if option in self.statements:
            return True
        if option == NONE:
            return self.none is not None
        name, _, rest = option.partition("/")
        if name not in self.computed:
            return False
        return rest == RIGHT or int(rest.removeprefix("wrong/")) < len(self.computed[name].wrong)

    def solve(self, choice: ChoiceDraw, values: Mapping[str, Value]) -> tuple[SolvedOption, ...]:
        drawn = [self._solved(option, values) for option in choice.options if option != NONE]
        if self.none is not None:
            correct = not any(option.correct for option in drawn)
            drawn.append(SolvedOption(NONE, correct, self.none, Text("")))
        return tuple(drawn)

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

    def known_statements(self) -> Iterator[tuple[bool, Text, Text]]:
        return ((it.correct, it.say, it.why) for it in self.statements.values())

    def option_name(self, choice: ChoiceDraw, option: str) -> str:
        name, _, rest = option.partition("/")
        return f"{name}, {'right' if rest == RIGHT else 'wrong'} value" if rest else name

    def expected_use(self) -> dict[str, Use]:
        truths = Counter(statement.correct for statement in self.statements.values())
        # One of the options is a computed statement, if there are any.
        own = self._drawn - bool(self.computed)
        right = self._right_statements / self._drawn
        likely = {True: right, False: 1 - right}
        used = {
            name: Use(it.correct, own * likely[it.correct] / truths[it.correct])
            for name, it in self.statements.items()
        }
        for name in self.computed:
            used[f"{name}, right value"] = Use(True, right / len(self.computed))
            used[f"{name}, wrong value"] = Use(False, (1 - right) / len(self.computed))
        return used

    @property
    def _right_statements(self) -> float:
        """How many statements of a copy are right, on average."""
        if self.none is not None and self.counts == (1,):
            return self._drawn / self.option_count
        return sum(self.counts) / len(self.counts)

    @property
    def right_share(self) -> float | None:
        if self.none is not None and self.counts != (1,):
            return None  # the last place is not like the others
        return self._right_statements / self._drawn

    @property
    def right_counts(self) -> Sequence[int]:
        return self.counts if self.none is None else ()


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


def read_pool(desk: ReadingDesk, spot: Spot, part: PoolFields, groups: Groups) -> PoolPart:
    """The part, with all that is wrong with it reported."""
    common = read_common(desk, spot, part, groups)
    route = spot.route
    counts = _right_counts(part)
    _check_counts(desk, spot, part, counts)
    for number, name in enumerate(part.reference):
        if name not in part.statements:
            desk.say((*route, "reference", number), f"there is no statement {name}")
        elif name in part.reference[:number]:
            desk.say((*route, "reference", number), f"the statement {name} is there twice")
    statements = {
        name: read_statement(
            desk,
            (*route, "statements", name),
            spot,
            statement,
            f"{part.id}-option{number}",
            groups,
            part,
        )
        for number, (name, statement) in enumerate(part.statements.items(), 1)
    }
    places = {name: (*route, "statements", name) for name in statements}
    figures = with_same_axes(desk, {places[name]: it.figure for name, it in statements.items()})
    check_sayings(
        desk, {(*route, "statements", name): saying(it) for name, it in part.statements.items()}
    )
    return PoolPart(
        **common,
        ask=question_text(desk, spot.route, spot, part.ask, part.code),
        statements={
            name: replace(it, figure=figures[places[name]]) for name, it in statements.items()
        },
        computed=_computed(desk, spot, part),
        reference=part.reference,
        counts=counts,
        none=_none_of_these(desk, spot, part),
    )


def _right_counts(part: PoolFields) -> tuple[int, ...]:
    """The numbers of right statements that copies can have."""
    if part.right:
        return part.right
    true = sum(statement.correct for statement in part.statements.values())
    if part.right is None and true == 1 and not part.computed:
        return (1,)
    return tuple(range(len(part.reference) + 1))


def deal_counts(desk: ReadingDesk, parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts of a problem, with one list of right options for all questions that take part.

    Questions take part whose bank does not say how many of their options are right; those with the
    same number of options share a list.
    """
    sizes: dict[int, list[PoolPart]] = {}
    for part, (_, fields) in zip(parts, desk.parts(), strict=True):
        if isinstance(part, PoolPart) and isinstance(fields, PoolFields) and _takes_part(fields):
            sizes.setdefault(len(part.reference), []).append(part)
    stated = desk.model.right_counts
    if stated is not None and desk.whole:
        _check_dealt(desk, stated, {size: len(found) for size, found in sizes.items()})
    dealt = {
        id(part): replace(part, counts=stated or spread_counts(len(found), size), place=place)
        for size, found in sizes.items()
        for place, part in enumerate(found)
    }
    return tuple(dealt.get(id(part), part) for part in parts)


def _takes_part(part: PoolFields) -> bool:
    return part.right is None and not part.none_of_these and len(_right_counts(part)) > 1


def spread_counts(questions: int, size: int) -> tuple[int, ...]:
    """Numbers of right options that are spread evenly, as many as there are questions.

    None and all are there once if there are six questions or more; the others are 1 up to
    ``size - 1``, each equally often, as far as that goes.
    """
    ends = (0, size) if questions >= 6 else ()
    inner = range(1, size)
    times, left = divmod(questions - len(ends), len(inner))
    # What is left goes to the middle and to both ends, so that half of all options are right.
    rest = [size // 2] if left % 2 else []
    for step in range(left // 2):
        rest += [inner[step], inner[-1 - step]]
    return tuple(sorted((*ends, *(times * [*inner]), *rest)))


def _check_dealt(desk: ReadingDesk, stated: tuple[int, ...], sizes: Mapping[int, int]) -> None:
    route = ("right_counts",)
    if not sizes:
        desk.say(
            route, "no question of this problem has a pool and leaves its number open; drop it"
        )
    elif len(sizes) > 1:
        numbers = " and ".join(str(size) for size in sorted(sizes))
        desk.say(route, f"questions have {numbers} options; state right in each of them instead")
    else:
        ((size, questions),) = sizes.items()
        if len(stated) != questions:
            numbers = f"{questions} number{'s' * (questions > 1)}"
            message = f"expected {numbers}, one for each question with a pool"
            desk.say(route, f"{message} that does not state right itself; got {len(stated)}")
        if max(stated) > size:
            desk.say(route, f"{max(stated)} of {size} options cannot be right")
        for count, word in ((0, "none"), (size, "all")):
            if stated.count(count) > 1:
                message = f"{count} is there {stated.count(count)} times, but at most one question "
                desk.say(route, f"{message}can have {word} right; state other numbers")


def _check_counts(desk: ReadingDesk, spot: Spot, part: PoolFields, counts: tuple[int, ...]) -> None:
    """The pool has enough of both kinds, and the reference copy is one that can be drawn."""
    size = len(part.reference)
    least, most = min(counts), max(counts)
    if most > size:
        message = f"{most} of the {size} options of reference cannot be right; change one of them"
        desk.say((*spot.route, "right"), message)
        return
    if part.none_of_these:
        least = 0
    why = {True: f"{most} options can be right", False: f"{size - least} options can be wrong"}
    for truth, needed in ((True, most), (False, size - least)):
        count = sum(statement.correct is truth for statement in part.statements.values())
        if count < needed:
            word = "true" if truth else "false"
            message = (
                f"{count} of the statements are {word}; at least {needed} are needed, as "
                f"{why[truth]}; add some, or say with right how many options are (right: one)"
            )
            desk.say_key((*spot.route, "statements"), message)
    right = sum(part.statements[it].correct for it in part.reference if it in part.statements)
    known = all(name in part.statements for name in part.reference)
    if known and right not in counts and not (part.none_of_these and right == 0):
        allowed = " or ".join(map(str, counts))
        message = f"{right} of these statements are true, but of each copy {allowed} are; change it"
        desk.say((*spot.route, "reference"), message)
    options = size + bool(part.none_of_these)
    if not MIN_OPTIONS <= options <= MAX_OPTIONS:
        message = f"expected {MIN_OPTIONS} to {MAX_OPTIONS} options, got {options}"
        desk.say((*spot.route, "reference"), message)


def _none_of_these(desk: ReadingDesk, spot: Spot, part: PoolFields) -> Text | None:
    if not part.none_of_these:
        return None
    return fixed_text(desk, (*spot.route, "none_of_these"), spot, part.none_of_these)


def _computed(desk: ReadingDesk, spot: Spot, part: PoolFields) -> dict[str, ComputedStatement]:
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
