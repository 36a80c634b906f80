"""Named steps: their order, their values, and what follows if one of them is another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from graphlib import CycleError, TopologicalSorter
from heapq import heapify, heappop, heappush
from typing import Protocol, TypeAlias, runtime_checkable

from generator.exact.numbers import NumberError, Ties, Value
from generator.expressions.effort import WorkEvent, account, weigh
from generator.expressions.explain import excerpt
from generator.expressions.expression import Expression
from generator.expressions.expression_errors import (
    EvaluationError,
    OperationError,
    StepProblem,
    StepsError,
    near,
)
from generator.expressions.limits import MAX_ROUNDING
from generator.expressions.load import Load
from generator.expressions.nodes import free_names
from generator.expressions.operations import each, in_decimals, in_digits, normal
from generator.expressions.shown_values import ShownDigits, print_value
from generator.expressions.symbols import default_symbol
from generator.expressions.worked import Worked


@dataclass(frozen=True)
class Step:
    """A named expression whose value is rounded once, the way the question says.

    Attributes:
        name: What later steps call the value.
        expression: How it is computed.
        decimals: Round at so many decimal places; later steps use the rounded value.
        significant: Round at so many significant digits instead.
        ties: Where a number goes that is in the middle of two rounded ones.
        is_decided: Whoever wrote the step thought of that; nobody needs to be warned.
    """

    name: str
    expression: Expression
    decimals: int | None = None
    significant: int | None = None
    ties: Ties = "half_up"
    is_decided: bool = False

    def __post_init__(self) -> None:
        if self.decimals is not None and self.significant is not None:
            raise ValueError(f"{self.name}: either decimals or significant digits, not both")
        if self.decimals is not None and not 0 <= self.decimals <= MAX_ROUNDING:
            raise ValueError(f"{self.name}: {self.decimals} decimals; 0 to {MAX_ROUNDING}")
        if self.significant is not None and not 1 <= self.significant <= MAX_ROUNDING:
            raise ValueError(
                f"{self.name}: {self.significant} significant digits; 1 to {MAX_ROUNDING}"
            )

    @property
    def names(self) -> frozenset[str]:
        """The names the step needs."""
        return self.expression.names

    @property
    def gives(self) -> tuple[str, ...]:
        """The names the step provides: its own."""
        return (self.name,)

    def evaluate(self, values: Mapping[str, Value]) -> Mapping[str, Value]:
        """The step's value under its name, rounded as stated.

        Raises:
            EvaluationError: The expression has no value here; the step is named.
        """
        return {self.name: self.value(values)}

    def value(self, values: Mapping[str, Value]) -> Value:
        """The step's value, rounded as stated.

        Raises:
            EvaluationError: The expression has no value here; the step is named.
        """
        try:
            value = self.expression.evaluate(values)
            if self.decimals is None and self.significant is None:
                return value
            return self.round(value)
        except (EvaluationError, NumberError, OperationError) as error:
            raise self._named(error) from None

    def record(self, values: Mapping[str, Value]) -> tuple[Value, list[WorkEvent]]:
        """The step's value, rounded as stated, and what was computed on the way."""
        try:
            value, events = self.expression.record(values)
            return self.round(value), events
        except (EvaluationError, NumberError, OperationError) as error:
            raise self._named(error) from None

    def _named(self, error: Exception) -> EvaluationError:
        if isinstance(error, EvaluationError):
            # An error of an earlier step, looked up on a sheet, has its name already.
            name = error.step or self.name
            return EvaluationError(error.reason, error.part, error.values, name)
        return EvaluationError(str(error), excerpt(str(self.expression)), step=self.name)

    def round(self, value: Value) -> Value:
        """A value rounded as stated; each element of a list; texts and conditions as they are."""
        if isinstance(value, (bool, str)):
            return value
        if self.decimals is not None:
            return each(in_decimals, value, self.decimals, self.ties)
        if self.significant is not None:
            return each(in_digits, value, self.significant, self.ties)
        return value

    def print(self, value: Value, min_decimals: int = 0) -> ShownDigits:
        """The step's value as it is printed: rounded as stated, else exact and padded."""
        return print_value(self.round(value), min_decimals, self.decimals, self.significant)

    def worked(
        self,
        values: Mapping[str, Value],
        symbols: Mapping[str, str] | None = None,
        shown: Mapping[str, ShownDigits] | None = None,
        min_decimals: int = 0,
        result: Callable[[Value], ShownDigits] | None = None,
        *,
        short: bool = False,
    ) -> Worked:
        """The worked step for the key, from the step's symbol to its rounded value.

        Args:
            values: The values of the names; earlier steps as they were rounded.
            symbols: TeX of names, where it is not the default one.
            shown: Values as they are printed; by default padded to ``min_decimals``.
            min_decimals: Least number of decimal places that are printed.
            result: How the result is printed; by default as `print` does.
            short: Long sums have dots.

        Raises:
            EvaluationError: The expression has no value here.
        """
        symbol = (symbols or {}).get(self.name) or default_symbol(self.name)
        shown = shown or {}
        try:
            used = {
                name: shown[name] if name in shown else print_value(values[name], min_decimals)
                for name in self.names
            }
            printed = result or partial(self.print, min_decimals=min_decimals)
            return self.expression.worked(values, symbol, symbols, used, printed, short=short)
        except (EvaluationError, NumberError) as error:
            raise self._named(error) from None


@runtime_checkable
class StepSolver(Protocol):
    """A function in Python that stands in for steps: what no expression can say.

    Attributes:
        names: The names it needs.
        gives: The names it provides.
    """

    @property
    def names(self) -> frozenset[str]: ...

    @property
    def gives(self) -> tuple[str, ...]: ...

    def evaluate(self, values: Mapping[str, Value]) -> Mapping[str, Value]:
        """The values of all names that it gives; it must depend on nothing but its names."""


StepOrSolver: TypeAlias = Step | StepSolver

_Weighed: TypeAlias = tuple[Value, tuple[str, ...], int]
"""The value of a step, its branches and its work."""

MOST_WEIGHED = 20_000
"""So many of them are kept in memory."""


class Steps:
    """An ordered set of steps and solvers.

    Attributes:
        given: The names that have a value from outside (drawn, or of no step here).
        order: The names of all steps, each after those that it uses.
    """

    def __init__(self, members: Iterable[StepOrSolver], given: Iterable[str]) -> None:
        """Orders the steps.

        Args:
            members: Steps and solvers, in any order; the given order breaks ties.
            given: The names that are known beforehand.

        Raises:
            StepsError: Names that are unknown, provided twice or in a cycle; all at once.
        """
        self.members = tuple(members)
        self.given = frozenset(given)
        self._by_name: dict[str, StepOrSolver] = {}
        problems = [*self._register(), *self._unknown()]
        if not problems:
            self._ordered = self._sort(problems)
        if problems:
            raise StepsError(problems)
        self.order = tuple(name for member in self._ordered for name in member.gives)
        self._chains: dict[str, tuple[tuple[str, StepOrSolver], ...]] = {}
        self._dependents: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._weighed: dict[tuple[object, ...], _Weighed] = {}

    def _register(self) -> Iterable[StepProblem]:
        for member in self.members:
            for name in member.gives:
                if name in self._by_name:
                    yield StepProblem(name, "there are two steps of this name")
                elif name in self.given:
                    yield StepProblem(name, "this name is drawn already; a step needs its own")
                self._by_name[name] = member

    def _unknown(self) -> Iterable[StepProblem]:
        known = self.given | self._by_name.keys()
        for member in self.members:
            for name in sorted(member.names - known):
                message = f"unknown name {name}{near(name, known)}"
                yield StepProblem(member.gives[0], message, _column(member, name))

    def _sort(self, problems: list[StepProblem]) -> tuple[StepOrSolver, ...]:
        positions = {id(member): index for index, member in enumerate(self.members)}
        graph = {
            positions[id(member)]: sorted(
                {positions[id(self._by_name[name])] for name in member.names - self.given}
            )
            for member in self.members
        }
        sorter = TopologicalSorter(graph)
        try:
            sorter.prepare()
        except CycleError as error:
            # The sorter lists each after the one that it is used by.
            cycle = [self.members[index].gives[0] for index in reversed(error.args[1])]
            problems.append(StepProblem(cycle[0], f"a cycle: {' needs '.join(cycle)}"))
            return ()
        ordered = []
        ready = list(sorter.get_ready())
        heapify(ready)
        while ready:
            index = heappop(ready)
            ordered.append(self.members[index])
            sorter.done(index)
            for freed in sorter.get_ready():
                heappush(ready, freed)
        return tuple(ordered)

    def _chain(self, name: str) -> tuple[tuple[str, StepOrSolver], ...]:
        """What to evaluate for a step, in order, its own last: names and who gives them.

        Raises:
            KeyError: There is no step of this name.
        """
        if name not in self._chains:
            needed = {self._by_name[name].gives[0]}
            chain = []
            for member in reversed(self._ordered):
                if not needed.isdisjoint(member.gives):
                    needed |= member.names
                    chain.append(member)
            self._chains[name] = tuple(
                (given, member) for member in reversed(chain) for given in member.gives
            )
        return self._chains[name]

    def needed(self, name: str) -> Iterator[StepOrSolver]:
        """The steps and solvers to evaluate for a step, in order, its own last."""
        yield from dict.fromkeys(member for _, member in self._chain(name))

    def value(self, name: str, values: Mapping[str, Value]) -> Value:
        """The value of one step; the mapping has what it needs.

        Raises:
            EvaluationError: It has none here.
        """
        member = self._by_name[name]
        return member.value(values) if isinstance(member, Step) else member.evaluate(values)[name]

    def __getitem__(self, name: str) -> StepOrSolver:
        """The step or solver that provides a name."""
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def sheet(self, values: Mapping[str, Value]) -> WorkSheet:
        """The given values as a mapping that computes a step when it is first looked up.

        A constraint evaluates on it only the steps that it needs.
        """
        return WorkSheet(self, {name: it for name, it in values.items() if name in self.given})

    def evaluate(
        self, values: Mapping[str, Value], only: Iterable[str] | None = None
    ) -> dict[str, Value]:
        """The values of all steps, or of some, in order; each rounded before others use it.

        Args:
            values: The given names; what else is in it is ignored.
            only: Names of steps; just these (and what they need) are computed and returned.

        Raises:
            EvaluationError: A step has no value here.
        """
        sheet = self.sheet(values)
        if only is not None:
            return {name: sheet[name] for name in only}
        for member in self._ordered:
            sheet.fill(member)
        return {name: sheet[name] for name in self.order}

    def load(self, values: Mapping[str, Value], only: Iterable[str] | None = None) -> Load:
        """The work of computing all steps, or some, by hand; a solver's is not known and is none.

        Raises:
            EvaluationError: A step has no value here.
        """
        return account(self._events(values, only))

    def weigh(
        self, values: Mapping[str, Value], only: Iterable[str]
    ) -> tuple[tuple[str, ...], int]:
        """The branches and the total of the load of some steps, without the rest of it.

        Raises:
            EvaluationError: A step has no value here.
        """
        sheet = self.sheet(values)
        total = 0
        branches: list[str] = []
        for name in only:
            member = self._by_name[name]
            if isinstance(member, Step):
                value, own, work = self._weighed_step(member, sheet)
                sheet[name] = value
                total += work
                branches += own
        return tuple(branches), total

    def _weighed_step(self, step: Step, sheet: WorkSheet) -> _Weighed:
        """What a step comes to: it follows from its names, which have few different values."""
        key: list[object] = [step.name]
        for name in step.names:
            value = sheet[name]
            if type(value) is not Fraction:
                value, events = step.record(sheet)
                return value, *weigh(events)
            # Two numbers, since the hash of a fraction takes longer than theirs.
            key += (value._numerator, value._denominator)  # type: ignore[attr-defined]
        known = self._weighed.get(found := tuple(key))
        if known is None:
            value, events = step.record(sheet)
            known = value, *weigh(events)
            if len(self._weighed) >= MOST_WEIGHED:
                self._weighed.clear()
            self._weighed[found] = known
        return known

    def _events(self, values: Mapping[str, Value], only: Iterable[str] | None) -> list[WorkEvent]:
        """What is computed for all steps, or some."""
        sheet = self.sheet(values)
        events: list[WorkEvent] = []
        for name in self.order if only is None else only:
            member = self._by_name[name]
            if isinstance(member, Step):
                value, computed = member.record(sheet)
                sheet[name] = value
                events += computed
        return events

    def requirements(self, name: str) -> frozenset[str]:
        """All names, given ones and steps, that a step's value depends on."""
        chain = self._chain(name)
        names = frozenset[str]().union(*(member.names for _, member in chain))
        return names - {name}

    def dependents(self, *names: str) -> tuple[str, ...]:
        """The steps whose value may change if one of these names changes, in order."""
        if names not in self._dependents:
            changed = set(names)
            found: list[str] = []
            for member in self._ordered:
                if not member.names.isdisjoint(changed):
                    changed.update(member.gives)
                    found.extend(name for name in member.gives if name not in names)
            self._dependents[names] = tuple(found)
        return self._dependents[names]

    def follow(
        self, values: Mapping[str, Value], replaced: Mapping[str, Value]
    ) -> dict[str, Value]:
        """The values of all steps where some have another value than the true one.

        The replaced values are taken as they are (a fallback as it is printed, a student's result
        as it is written); their dependents are computed from them, all others stay.

        Args:
            values: The given names, and any true values of steps that are known already.
            replaced: The other values, by name of a step or of a given name.

        Raises:
            EvaluationError: A dependent has no value for them.
            KeyError: A replaced name is neither given nor a step.
        """
        for name in replaced:
            if name not in self.given and name not in self._by_name:
                raise KeyError(name)
        sheet = WorkSheet(self, values)
        for name in self.dependents(*replaced):
            sheet.pop(name, None)
        sheet.update({name: normal(value) for name, value in replaced.items()})
        return {name: sheet[name] for name in self.order}


class WorkSheet(dict[str, Value]):
    """Given values, and steps computed when they are first looked up; see `Steps.sheet`."""

    def __init__(self, steps: Steps, values: Mapping[str, Value]) -> None:
        super().__init__(values)
        self._steps = steps

    def __missing__(self, name: str) -> Value:
        for given, member in self._steps._chain(name):
            if given not in self:
                self.fill(member)
        return dict.__getitem__(self, name)

    def fill(self, member: StepOrSolver) -> None:
        """Computes what a member gives; of a solver's values, those that are there stay."""
        if isinstance(member, Step):
            self[member.name] = member.value(self)
        else:
            for name, value in member.evaluate(self).items():
                self.setdefault(name, value)


def _column(member: StepOrSolver, name: str) -> int:
    """Where a name stands in the expression of a step."""
    if not isinstance(member, Step):
        return 0
    starts = [node.start for node in free_names(member.expression.tree) if node.name == name]
    return min(starts, default=0)
