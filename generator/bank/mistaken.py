"""Mistakes that are formulas: what a copy's steps come to if a student makes one.

A formula stands in for a step. In it, the step's own name is what the right formula gives, so that
``mse: 2*mse`` forgets a factor; all other names are what the student has, right or mistaken. What
depends on the step is computed from it, rounded as the question says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from graphlib import TopologicalSorter

from generator.bank.part import Mistake, Part
from generator.exact.numbers import Value, same
from generator.expressions import EvaluationError, Expression, Step, Steps


@dataclass(frozen=True, eq=False)
class Mistaken:
    """A mistake of a part, ready to be computed.

    Attributes:
        part: The part's id.
        number: Index among the mistakes of the part.
        mistake: The mistake.
        steps: The problem's steps.
        order: The steps that it changes, each after those that it uses.
        answers: Those of them that the part asks for.
        results: The last ones of these: no other answer of the part follows from them.
    """

    part: str
    number: int
    mistake: Mistake
    steps: Steps
    order: tuple[str, ...]
    answers: tuple[str, ...]
    results: tuple[str, ...]

    def values(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """The answers of the part that the mistake changes, as they follow from it.

        Args:
            values: All drawn names and all steps that are not changed.

        Raises:
            EvaluationError: A step has no value then, e.g. after a division by zero.
        """
        sheet = _Sheet(self, values)
        return {name: sheet[name] for name in self.answers}

    def value(self, name: str, sheet: dict[str, Value]) -> Value:
        """A changed step; the sheet has what it uses."""
        expression = self.mistake.gives.get(name)
        if expression is None:
            return self.steps.value(name, sheet)
        if name in expression.names:
            sheet[name] = self.steps.value(name, sheet)
        step = self._instead.get(name)
        return step.value(sheet) if step is not None else expression.evaluate(sheet)

    @cached_property
    def changed(self) -> frozenset[str]:
        """The steps that it changes."""
        return frozenset(self.order)

    @property
    def needs(self) -> frozenset[str]:
        """The names that are right in spite of it, and of which what it changes is computed."""
        used = {it for name in self.order for it in _needs(self.steps, self.mistake.gives, name)}
        return frozenset(used) - self.changed

    def ahead(self, name: str) -> tuple[str, ...]:
        """The changed steps that a changed step follows from, each after those that it uses."""
        graph = {it: set(_needs(self.steps, self.mistake.gives, it)) for it in self.order}
        found = _all(graph, name) | {name}
        return tuple(it for it in self.order if it in found)

    @cached_property
    def _instead(self) -> Mapping[str, Step]:
        """Mistaken formulas, rounded as the right ones are."""
        found = {name: (self.steps[name], it) for name, it in self.mistake.gives.items()}
        return {
            name: replace(step, expression=expression)
            for name, (step, expression) in found.items()
            if isinstance(step, Step)
        }

    def coincides(self, values: Mapping[str, Value]) -> bool:
        """Whether the mistake leads to the right results in spite of it."""
        sheet = _Sheet(self, values)
        right = [values[name] for name in self.results]
        try:
            return all(same(sheet[name], it) for name, it in zip(self.results, right, strict=True))
        except EvaluationError:
            return False


class _Sheet(dict[str, Value]):
    """Changed steps, computed when they are looked up, before the values that are right."""

    def __init__(self, mistaken: Mistaken, values: Mapping[str, Value]) -> None:
        super().__init__()
        self._mistaken = mistaken
        self._right = values

    def __missing__(self, name: str) -> Value:
        mistaken = self._mistaken
        value = mistaken.value(name, self) if name in mistaken.changed else self._right[name]
        self[name] = value
        return value


def mistaken(part: Part, steps: Steps) -> Iterator[Mistaken]:
    """The mistakes of a part that are formulas.

    Args:
        part: As a copy has it; of alternatives, one of the questions.
        steps: The problem's steps.

    Raises:
        graphlib.CycleError: Steps depend on each other if a mistake is made.
    """
    for number, mistake in enumerate(part.mistakes):
        if mistake.gives:
            order = _order(steps, mistake.gives)
            answers = tuple(name for name in part.answers if name in order)
            ahead = {name: set(_needs(steps, mistake.gives, name)) for name in order}
            results = tuple(
                name for name in answers if not any(name in _all(ahead, it) for it in answers)
            )
            yield Mistaken(part.id, number, mistake, steps, order, answers, results)


def _order(steps: Steps, gives: Mapping[str, Expression]) -> tuple[str, ...]:
    """What a mistake changes, each step after those that it uses."""
    changed = {*gives, *steps.dependents(*gives)}
    graph = {name: set(_needs(steps, gives, name)) & changed for name in changed}
    position = {name: index for index, name in enumerate(steps.order)}
    in_order = dict(sorted(graph.items(), key=lambda entry: position[entry[0]]))
    return tuple(TopologicalSorter(in_order).static_order())


def _needs(steps: Steps, gives: Mapping[str, Expression], name: str) -> Iterator[str]:
    """The names that a step uses if the mistake is made."""
    expression = gives.get(name)
    if expression is None or name in expression.names:
        yield from steps[name].names
    if expression is not None:
        yield from expression.names - {name}


def _all(ahead: Mapping[str, set[str]], name: str) -> set[str]:
    """All changed steps that a step follows from."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        new = {it for it in ahead[waiting.pop()] if it in ahead} - found
        found |= new
        waiting += new
    return found
