"""The bank as the later stages use it: compiled, checked and frozen."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

from generator.bank.template import Text
from generator.exact.numbers import Value
from generator.expressions import Expression, Sheet, Step, Steps, default_symbol
from generator.language.conventions import PLAIN, Conventions, FormRule
from generator.language.forms import Form

FALLBACK_PREFIX = "fallback_"
FROM_FALLBACK = "_from_fallback"

OPTIONS = 4
"""Options of a multiple-choice part."""

OPTION_LABELS = "abcd"
"""What papers and keys call them."""

LABELS = "ABCDEFGH"
"""Labels of the steps of an ordering question."""


@dataclass(frozen=True)
class Group:
    """Names that are drawn from one list.

    Attributes:
        names: The names.
        members: The list, without repetitions of meaning: an index is drawn.
        different: The names get different members.
        decimals: Decimal places that are printed, for all members alike.
        part: The part that declares the group; None for the problem.
        fallback: The names are fallback values (``fallback_o1``).
        alternative: Part and index of the alternative that alone has the names; None elsewhere.
    """

    names: tuple[str, ...]
    members: tuple[Value, ...]
    different: bool
    decimals: int
    part: str | None
    fallback: bool = False
    alternative: tuple[str, int] | None = None


def variants(groups: Mapping[str, Group], names: Sequence[str]) -> list[tuple[Value, ...]]:
    """All combinations of values that some drawn names can have, in a fixed order.

    Names of a group whose values differ never have the same value.

    Args:
        groups: Every drawn name and its group.
        names: The names in question.
    """
    found: list[tuple[Value, ...]] = [()]
    for index, name in enumerate(names):
        group = groups[name]
        rivals = [at for at in range(index) if group.different and groups[names[at]] is group]
        found = [
            (*values, member)
            for values in found
            for member in group.members
            if member not in [values[at] for at in rivals]
        ]
    return found


def count_variants(groups: Mapping[str, Group], names: Sequence[str]) -> int:
    """How many combinations :func:`variants` lists, without listing them."""
    total = 1
    for index, name in enumerate(names):
        group = groups[name]
        rivals = sum(group.different and groups[other] is group for other in names[:index])
        total *= len(group.members) - rivals
    return total


@dataclass(frozen=True)
class Require:
    """A condition that a draw must meet.

    Attributes:
        expression: The condition.
        line: Line and ``column`` in the file, from 1; ``where`` is the field.
        alternative: Part and index of the alternative that alone needs it; None elsewhere.
    """

    expression: Expression
    line: int
    column: int = 1
    where: str = "require"
    alternative: tuple[str, int] | None = None


@dataclass(frozen=True)
class Figure:
    """A figure of ``latex/figures`` and what it depends on.

    Attributes:
        slot: Where it stands, unique in the exam, e.g. ``3-intro``.
        name: The file's name without ``.tex``.
        values: The drawn names.
        compute: Computes coordinates from the values; None where none are needed.
    """

    slot: str
    name: str
    values: tuple[str, ...]
    compute: Callable[[Mapping[str, Value]], Mapping[str, str]] | None


@dataclass(frozen=True)
class RubricItem:
    """What earns points: a text, or a step whose result earns them.

    Attributes:
        trivial: Whether a result that follows from an earlier error takes no work any more; None
            where the bank leaves that to the program.
    """

    points: Fraction
    text: Text | None
    step: str | None
    trivial: Expression | None = None


@dataclass(frozen=True)
class Mistake:
    """A common mistake and the points it still earns."""

    text: Text
    earns: Fraction


@dataclass(frozen=True)
class Part:
    """What all subproblems have."""

    id: str
    points: Fraction
    ask: Text
    new_page: bool
    figure: Figure | None


@dataclass(frozen=True)
class OpenPart(Part):
    """A subproblem that is answered in a box.

    Attributes:
        space_mm: The least height of the answer box.
        canvas: Figure in the box, to draw in; ``canvas_answer`` is the same with the solution.
        fallback: Names of steps of earlier parts for which values are printed.
        steps: The steps of this part in their written order; ``answers`` without the working.
    """

    space_mm: Fraction
    canvas: Figure | None
    canvas_answer: Figure | None
    fallback: tuple[str, ...]
    steps: tuple[str, ...]
    answers: tuple[str, ...]
    answer: Text
    rubric: tuple[RubricItem, ...]
    also_accept: tuple[Text, ...]
    mistakes: tuple[Mistake, ...]
    solver: str | None

    @property
    def marks(self) -> tuple[Fraction, ...]:
        """What the marking boxes say: 0 up to the points, in halves where there are halves."""
        points = [self.points, *(item.points for item in self.rubric)]
        step = Fraction(1) if all(p.denominator == 1 for p in points) else Fraction(1, 2)
        count = int(self.points / step)
        return tuple(step * index for index in range(count + 1))


@dataclass(frozen=True)
class AlternativesPart(OpenPart):
    """A subproblem that is one of several questions; each copy draws one.

    Its own fields are those of the reference copy's question. Points, space, and what the rubric
    items give are the same in all of them, and none has a figure, so that page plan and marking
    boxes don't depend on which it is. :meth:`Problem.resolve` puts the drawn question in its place.

    Attributes:
        alternatives: The questions; their id is that of the part.
        reference: Index of the reference copy's question.
    """

    alternatives: tuple[OpenPart, ...]
    reference: int


@dataclass(frozen=True)
class Statement:
    """A statement with its truth and the reason."""

    correct: bool
    say: Text
    why: Text


@dataclass(frozen=True)
class ComputedStatement:
    """A statement whose truth is computed from a drawn configuration."""

    right: Expression
    wrong: tuple[Expression, ...]
    say: Text
    why: Text


@dataclass(frozen=True)
class PoolPart(Part):
    """Multiple choice: four statements of a pool, at most one of them computed."""

    statements: Mapping[str, Statement]
    computed: Mapping[str, ComputedStatement]
    reference: tuple[str, ...]


@dataclass(frozen=True)
class OrderPart(Part):
    """Multiple choice: four orders of labeled steps.

    Attributes:
        steps: Texts in their right order.
        wrong: Wrong orders, as 0-based indices into ``steps``.
        reference_labels: The label of each step in the reference copy.
        reference_options: The four orders of labels in the reference copy.
    """

    steps: tuple[Text, ...]
    wrong: tuple[tuple[int, ...], ...]
    reference_labels: tuple[str, ...]
    reference_options: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class FixedPart(Part):
    """Multiple choice: the same four options in every copy."""

    options: tuple[Statement, ...]


ChoicePart = PoolPart | OrderPart | FixedPart


@dataclass(frozen=True)
class Fairness:
    """How much the work that copies of a problem take may differ.

    Attributes:
        band: Share of the median load by which the load of a copy may be above or below it.
        branches: The branch patterns that copies may have, as in
            :attr:`~generator.expressions.Load.branches`; None for the most common one only, empty
            for any.
        draws: Number of admissible draws whose loads have the median.
    """

    band: Fraction = Fraction(5, 100)
    branches: tuple[tuple[str, ...], ...] | None = None
    draws: int = 10_000


@dataclass(frozen=True, eq=False)
class Problem:
    """A problem of the exam.

    Attributes:
        reference: Every drawn name's value in the reference copy.
        symbols: TeX of names, where the default does not do.
        file: The file it was read from, for messages.
        source: The text of that file, as it was read.
        fairness: How much the work that copies take may differ.
        units: TeX of the units of steps that have one.
        places: Line and column of each step and each drawn name, for messages.
        conventions: How the exam writes.
        forms: Drawn name or step to how it is printed, where the bank says so.
    """

    id: str
    title: str
    points: Fraction
    choice: bool
    new_page: bool
    min_decimals: int
    symbols: Mapping[str, str]
    intro: Text
    figure: Figure | None
    groups: tuple[Group, ...]
    requires: tuple[Require, ...]
    steps: Steps
    parts: tuple[Part, ...]
    reference: Mapping[str, Value]
    file: str
    source: str
    fairness: Fairness = Fairness()
    units: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    conventions: Conventions = PLAIN
    forms: Mapping[str, FormRule] = field(default_factory=dict)

    @cached_property
    def variables(self) -> Mapping[str, Group]:
        """Every drawn name and its group."""
        return {name: group for group in self.groups for name in group.names}

    @cached_property
    def rounding(self) -> Mapping[str, Step]:
        """Every step by its name: it states the decimals or significant digits."""
        return {step.name: step for step in self.steps.members if isinstance(step, Step)}

    def form(self, name: str) -> Form:
        """How the numbers of a name are printed."""
        if name not in self._forms:
            usual = self._usual_form(name).ruled(self.conventions.form)
            self._forms[name] = usual.ruled(self.forms.get(name))
        return self._forms[name]

    def _usual_form(self, name: str) -> Form:
        group = self.variables.get(name)
        if group is not None:
            return Form(min_decimals=group.decimals, short=False)
        step = self.rounding.get(name)
        if step is None:
            return Form(min_decimals=self.min_decimals)
        if step.significant is not None:
            return Form(significant=step.significant)
        return Form(min_decimals=self.min_decimals, decimals=step.decimals)

    @cached_property
    def _forms(self) -> dict[str, Form]:
        return {}

    def questions(self) -> Iterator[Part]:
        """All parts, and in place of alternatives each of them: all that any copy may show."""
        for part in self.parts:
            yield from part.alternatives if isinstance(part, AlternativesPart) else (part,)

    def resolve(self, chosen: Mapping[str, int]) -> Problem:
        """The problem as one copy has it: one question in place of each set of alternatives.

        Nothing is left of the other questions, neither names nor steps nor conditions.

        Args:
            chosen: Part id to the index of the alternative; other parts do not matter.
        """
        sets = [part for part in self.parts if isinstance(part, AlternativesPart)]
        if not sets:
            return self
        key = tuple((part.id, chosen[part.id]) for part in sets)
        if key not in self._resolved:
            self._resolved[key] = self._with_questions(frozenset(key))
        return self._resolved[key]

    def _with_questions(self, key: frozenset[tuple[str, int]]) -> Problem:
        indices = dict(key)
        left_out = {
            name
            for part in self.parts
            if isinstance(part, AlternativesPart)
            for index, question in enumerate(part.alternatives)
            if index != indices[part.id]
            for name in (*question.steps, *question.answers)
        }
        groups = tuple(it for it in self.groups if it.alternative is None or it.alternative in key)
        drawn = {name for group in groups for name in group.names}
        members = [it for it in self.steps.members if left_out.isdisjoint(it.gives)]
        return replace(
            self,
            parts=tuple(
                part.alternatives[indices[part.id]] if isinstance(part, AlternativesPart) else part
                for part in self.parts
            ),
            groups=groups,
            requires=tuple(
                it for it in self.requires if it.alternative is None or it.alternative in key
            ),
            steps=Steps(members, drawn),
            reference={name: it for name, it in self.reference.items() if name in drawn},
        )

    @cached_property
    def _resolved(self) -> dict[tuple[tuple[str, int], ...], Problem]:
        return {}

    @cached_property
    def followed(self) -> Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        """Part id to the fallback names in force there and the part's steps that they change.

        In force are the part's own fallback values and those of the parts before it.
        """
        in_force: dict[str, None] = {}
        result: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        for part in self.questions():
            if not isinstance(part, OpenPart):
                continue
            in_force.update(dict.fromkeys(part.fallback))
            changed = {name for source in in_force for name in self.steps.dependents(source)}
            changed -= in_force.keys()
            own = [name for name in (*part.steps, *part.answers) if name in changed]
            _, before = result.get(part.id, ((), ()))
            if own:
                result[part.id] = (tuple(in_force), tuple(dict.fromkeys((*before, *own))))
        return result

    def follow_fallback_by_part(
        self, values: Mapping[str, Value]
    ) -> dict[str, Mapping[str, Value]]:
        """Part id to its steps recomputed from the fallback values.

        Args:
            values: All drawn names and all steps.
        """
        followed: dict[tuple[str, ...], Mapping[str, Value]] = {}
        for sources, _ in self.followed.values():
            if sources not in followed:
                replaced = {name: values[FALLBACK_PREFIX + name] for name in sources}
                followed[sources] = self.steps.follow(values, replaced)
        return {
            part: {name: followed[sources][name] for name in names}
            for part, (sources, names) in self.followed.items()
        }

    def follow_fallback(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """All steps that the fallback values change, recomputed."""
        parts = self.follow_fallback_by_part(values).values()
        return {name: value for part in parts for name, value in part.items()}

    def scope(self, values: Mapping[str, Value]) -> Scope:
        """What a condition may name, computed when it is looked up.

        Args:
            values: All drawn names.
        """
        return Scope(self, values)

    def symbol(self, name: str) -> str:
        """The TeX of a name, for math mode."""
        return self.symbols.get(name) or default_symbol(name)

    def figures(self) -> Iterator[Figure]:
        """All figures of the paper and of the key."""
        found = [self.figure]
        for part in self.parts:
            found.append(part.figure)
            if isinstance(part, OpenPart):
                found += [part.canvas, part.canvas_answer]
        return (figure for figure in found if figure is not None)


class Scope(Sheet):
    """Drawn values, steps, and steps under the fallback values as ``NAME_from_fallback``."""

    def __init__(self, problem: Problem, values: Mapping[str, Value]) -> None:
        super().__init__(problem.steps, values)
        self.problem = problem

    def __missing__(self, name: str) -> Value:
        if not name.endswith(FROM_FALLBACK):
            return super().__missing__(name)
        names = (*self.problem.variables, *self.problem.steps.order)
        values = self.problem.follow_fallback({it: self[it] for it in names})
        followed = {it + FROM_FALLBACK: value for it, value in values.items()}
        self.update(followed)
        return followed[name]


@dataclass(frozen=True)
class Spares:
    """Spare copies: a number, or a share of a room's students."""

    per_room: Fraction | int
    rooms: Mapping[str, Fraction | int] = field(default_factory=dict)

    def count(self, room: str | None, students: int) -> int:
        """How many spare copies a room gets; shares are rounded up."""
        spare = self.rooms.get(room, self.per_room) if room is not None else self.per_room
        return spare if isinstance(spare, int) else -int(-spare * students // 1)


@dataclass(frozen=True)
class Exam:
    """The paper: what is printed on it, its problems in order, and its pages.

    Attributes:
        file: The file it was read from, for messages.
        source: The text of that file, as it was read.
        conventions: How it writes.
    """

    id: str
    university: str
    chair: str
    course: str
    module: str
    title: str
    examiner: str
    date: datetime.date
    start: datetime.time
    end: datetime.time
    minutes: int
    credits: Fraction
    pages: int
    additional_pages: int
    spares: Spares
    keys_released: datetime.date | None
    problems: tuple[Problem, ...]
    file: str
    source: str
    conventions: Conventions = PLAIN

    @property
    def files(self) -> dict[str, str]:
        """Name to text of the files of the bank, as they were read."""
        return {self.file: self.source} | {it.file: it.source for it in self.problems}
