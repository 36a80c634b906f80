"""A problem as the later stages use it: compiled, checked and frozen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from generator.bank.accept import Accept
from generator.bank.group import Group
from generator.bank.mistaken import Mistaken, mistaken
from generator.bank.part import BankFile, Figure, Part
from generator.bank.template import Text
from generator.errors import JoinedName
from generator.exact.numbers import Value
from generator.expressions import Expression, Step, Steps, WorkSheet, default_symbol
from generator.language.conventions import PLAIN, Conventions, FormRule
from generator.language.forms import Form

FALLBACK_PREFIX = "fallback_"
FROM_FALLBACK = "_from_fallback"

Groups = Mapping[str, Group]
"""Every drawn name and its group."""


@dataclass(frozen=True, eq=False)
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
class Fairness:
    """How much the work that copies of a problem take may differ.

    Attributes:
        band: Share of the median load by which the load of a copy may be above or below it.
        branches: The branch patterns that copies may have, as in
            :attr:`~generator.expressions.Load.branches`; empty for any. None compares what a solver
            by hand notices, as long as that leaves half of the draws.
        draws: Number of admissible draws whose loads have the median.
        stated: Whether the bank states the band; else it is as wide as half of the draws need.
    """

    band: Fraction = Fraction(5, 100)
    branches: tuple[tuple[str, ...], ...] | None = None
    draws: int = 10_000
    stated: bool = False


@dataclass(frozen=True, eq=False)
class Problem:
    """A problem of the exam.

    Attributes:
        reference: Every drawn name's value in the reference copy.
        symbols: TeX of names, where the default does not do.
        file: The file it was read from, for messages.
        source: The text of that file, as it was read.
        fairness: How much the work that copies take may differ.
        units: TeX of the units of drawn names and steps that have one.
        places: Line and column of each step and each drawn name, for messages.
        conventions: How the exam writes.
        accepts: Step to the rule by which other results count as right.
        forms: Drawn name or step to how it is printed, where the bank says so.
        worked: Step to how it is worked out in the key, where that is not in full: short, off, or
            a text of the author's.
        form_rule: How numbers are printed for which ``forms`` says nothing.
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
    accepts: Mapping[str, Accept] = field(default_factory=dict)
    worked: Mapping[str, str | Text] = field(default_factory=dict)
    form_rule: FormRule | None = None

    @property
    def scoring(self) -> str:
        """The rule that is stated once for all parts; empty where there is none."""
        rules = {part.scoring for part in self.parts if part.scoring and not part.states_scoring}
        return min(rules) if rules else ""

    @cached_property
    def variables(self) -> Mapping[str, Group]:
        """Every drawn name and its group."""
        return {name: group for group in self.groups for name in group.names}

    @cached_property
    def reference_values(self) -> Mapping[str, Value]:
        """All drawn names and all steps of the reference copy."""
        return {**self.reference, **self.steps.evaluate(self.reference)}

    @cached_property
    def rounding(self) -> Mapping[str, Step]:
        """Every step by its name: it states the decimals or significant digits."""
        return {step.name: step for step in self.steps.members if isinstance(step, Step)}

    def form(self, name: str) -> Form:
        """How the numbers of a name are printed."""
        if name not in self._forms:
            usual = self._usual_form(name).ruled(self.conventions.form).ruled(self.form_rule)
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

    @cached_property
    def printed_numbers(self) -> dict[tuple[str, int, int], str]:
        """Name, numerator and denominator to TeX, as far as copies had it."""
        return {}

    @cached_property
    def printed_matrices(self) -> dict[tuple[str, int], tuple[Value, Any]]:
        """Name and identity of a matrix to the matrix and what it is in files."""
        return {}

    def questions(self) -> Iterator[Part]:
        """All parts, and in place of alternatives each of them: all that any copy may show."""
        for part in self.parts:
            yield from part.questions()

    @cached_property
    def alternatives_parts(self) -> tuple[Part, ...]:
        """The parts of which each copy has one of several questions."""
        return tuple(part for part in self.parts if part.alternatives)

    def resolve(self, chosen: Mapping[str, int]) -> Problem:
        """The problem as one copy has it: one question in place of each set of alternatives.

        Nothing is left of the other questions, neither names nor steps nor conditions.

        Args:
            chosen: Part id to the index of the alternative; other parts do not matter.
        """
        if not self.alternatives_parts:
            return self
        key = tuple([(part.id, chosen[part.id]) for part in self.alternatives_parts])
        if key not in self._resolved:
            self._resolved[key] = self._with_questions(frozenset(key))
        return self._resolved[key]

    def _with_questions(self, key: frozenset[tuple[str, int]]) -> Problem:
        indices = dict(key)
        left_out = {
            name
            for part in self.parts
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
                part.alternatives[indices[part.id]] if part.alternatives else part
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
    def mistaken(self) -> Mapping[str, tuple[Mistaken, ...]]:
        """Part id to the mistakes of it that are formulas; of alternatives, each has its own."""
        return {part.id: tuple(mistaken(part, self.steps)) for part in self.questions()}

    @cached_property
    def followed(self) -> Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        """Part id to the fallback names in force there and the part's steps that they change.

        In force are the part's own fallback values and those of the parts before it.
        """
        in_force: dict[str, None] = {}
        result: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        for part in self.questions():
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
        if self.figure is not None:
            yield self.figure
        for part in self.parts:
            yield from part.paper_figures()
            yield from part.solved_figures.values()

    def paper_figures(self) -> Iterator[Figure]:
        """The figures of the paper."""
        return (figure for figure, _ in self.key_figures())

    def key_figures(self) -> Iterator[tuple[Figure, Figure]]:
        """The figures of the paper, each with what the key shows in its place."""
        if self.figure is not None:
            yield self.figure, self.figure
        for part in self.parts:
            for figure in part.paper_figures():
                yield figure, part.solved_figures.get(figure.slot, figure)

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of its file and of the pool that it takes questions from."""
        return (self.file, *([self.file.behind] if isinstance(self.file, JoinedName) else []))

    @property
    def own_files(self) -> dict[str, BankFile]:
        """The files beside the exam that its figures are made of, by their names."""
        return {it.file.name: it.file for it in self.figures() if it.file is not None}


class Scope(WorkSheet):
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
