"""The attempts of a problem as one function, for those that are drawn thousands of times.

It does what :mod:`generator.draw.draw` does attempt by attempt with names that are looked up: it
draws a name when the first condition needs it, computes a step once, and stops at the first
condition that does not hold. What depends on what is found out beforehand. It may compute more than
the other way, which looks only at what a value needs; whatever goes wrong in it, the other way is
asked, and says it with its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from generator.bank.group import Group
from generator.bank.mistaken import Mistaken
from generator.bank.problem import FALLBACK_PREFIX, FROM_FALLBACK, Problem, Require
from generator.exact.dice import Dice
from generator.exact.numbers import Value, same
from generator.exact.secret import Listed
from generator.expressions import Step
from generator.expressions.inline import Code
from generator.expressions.nodes import Logical, Node, free_names
from generator.expressions.steps import Member

FEW = 20
"""Draws of a problem for which it does not pay to compile them."""

Trial: TypeAlias = Callable[[Dice, int], dict[str, Value] | Require | Mistaken]
"""From dice and the number of the attempt to the values of all drawn names, and of some steps; or
to what they do not meet."""


class _Drawn:
    """How often a problem was drawn, and its function once that was often."""

    def __init__(self) -> None:
        self.times = 0
        self.attempt: Trial | None = None


_KNOWN: WeakKeyDictionary[Problem, _Drawn] = WeakKeyDictionary()


def compiled_attempt(problem: Problem, mistakes: Iterable[Mistaken]) -> Trial | None:
    """The function of a problem as a copy has it; None as long as it was drawn only a few times.

    Args:
        mistakes: Those that must not lead to the right result.
    """
    known = _KNOWN.get(problem)
    if known is None:
        known = _KNOWN[problem] = _Drawn()
    known.times += 1
    if known.attempt is None and known.times > FEW:
        known.attempt = compile_attempt(problem, mistakes)
    return known.attempt


def compile_attempt(problem: Problem, mistakes: Iterable[Mistaken]) -> Trial:
    """The function of a problem as a copy has it."""
    writer = _Writer(problem)
    for require in problem.requires:
        writer.require(require)
    for mistaken in mistakes:
        writer.avoid(mistaken)
    return writer.finish()


def draw_different(group: Group, dice: Dice, attempt: int) -> list[Value]:
    """The values of the names of a group that get different members."""
    left = list(group.members)
    return [left.pop(dice.index(name, attempt, len(left))) for name in group.names]


def draw_list(name: str, group: Group, dice: Dice, attempt: int) -> Value:
    """A list or a matrix; each member by a name of its own: ``data[3]``."""
    left = list(group.members)
    found = []
    for place in range(group.size):
        index = dice.index(f"{name}[{place}]", attempt, len(left))
        found.append(left[index] if group.repeats else left.pop(index))
    return group.arranged(found)


def _conjuncts(node: Node) -> Iterator[Node]:
    """The conditions that are asked one after the other."""
    if isinstance(node, Logical) and node.operator == "and":
        for operand in node.operands:
            yield from _conjuncts(operand)
    else:
        yield node


class _Writer:
    """Writes the function, condition by condition."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.steps = problem.steps
        self.code = Code("dice", "attempt")
        self.names: dict[str, str] = {}
        self.followed: dict[str, str] = {}

    def finish(self) -> Trial:
        """With the names that no condition needed."""
        self.need(self.problem.variables)
        values = ", ".join(f"{name!r}: {variable}" for name, variable in self.names.items())
        self.code.add(f"return {{{values}}}")
        return self.code.compile()

    def require(self, require: Require) -> None:
        """Returns the condition where it does not hold."""
        self.code.reset()
        for condition in _conjuncts(require.expression.tree):
            needed = list(dict.fromkeys(it.name for it in free_names(condition)))
            self.need(needed)
            known = {name: (self.followed | self.names)[name] for name in needed}
            holds = self.code.text(condition, known)
            if condition is not require.expression.tree:
                holds = self.code.truth(condition, holds, "and")
            self.code.add(f"if {holds} is not True: return {self.code.keep(require)}")

    def need(self, names: Iterable[str]) -> None:
        """Draws and computes what is not known yet."""
        members: dict[int, Member] = {}
        drawn: dict[str, None] = {}
        follow = False
        for name in names:
            if name in self.problem.variables:
                drawn[name] = None
            elif name in self.steps:
                for member in self.steps.needed(name):
                    members[id(member)] = member
            else:
                follow = True
        for member in members.values():
            drawn.update(dict.fromkeys(sorted(member.names & self.steps.given)))
        self.draw(name for name in drawn if name not in self.names)
        for member in members.values():
            if not all(name in self.names for name in member.gives):
                self.names |= self.compute(member, self.names)
        if follow and not self.followed:
            self.follow()

    def draw(self, names: Iterable[str]) -> None:
        """Names of lists of their own are drawn together, since that is quicker."""
        together: list[tuple[str, Listed]] = []
        for name in names:
            group = self.problem.variables[name]
            if group.different:
                self.draw_group(group)
            elif group.shape:
                call = f"({name!r}, {self.code.keep(group)}, dice, attempt)"
                self.set(name, self.code.keep(draw_list) + call)
            elif len(group.members) == 1:
                self.set(name, self.code.keep(group.members[0]))
            else:
                together.append((self.named(name), Listed.of(name, group.members)))
        if together:
            lists = self.code.keep(tuple(listed for _, listed in together))
            variables = "".join(f"{variable}, " for variable, _ in together)
            self.code.add(f"{variables}= dice.members({lists}, attempt)")

    def draw_group(self, group: Group) -> None:
        """All names at once; the second of them finds itself known."""
        if group.names[0] not in self.names:
            variables = "".join(f"{self.named(name)}, " for name in group.names)
            call = f"({self.code.keep(group)}, dice, attempt)"
            self.code.add(f"{variables}= {self.code.keep(draw_different)}{call}")

    def named(self, name: str) -> str:
        """A new variable for a name."""
        variable = self.names[name] = self.code.variable()
        return variable

    def set(self, name: str, text: str) -> None:
        """A new variable for a name, with its value."""
        self.code.add(f"{self.named(name)} = {text}")

    def compute(self, member: Member, names: Mapping[str, str], levels: int = 1) -> dict[str, str]:
        """What a step or a solver gives."""
        code = self.code
        if isinstance(member, Step):
            found = code.value(member.expression.tree, names, levels)
            self.round(member, found, levels)
            return {member.name: found}
        values = ", ".join(f"{name!r}: {names[name]}" for name in sorted(member.names))
        answers = code.variable()
        code.add(f"{answers} = {code.keep(member)}.evaluate({{{values}}})", levels)
        given = {name: code.variable() for name in member.gives}
        for name, variable in given.items():
            code.add(f"{variable} = {answers}[{name!r}]", levels)
        return given

    def round(self, step: Step, variable: str, levels: int) -> None:
        """As a step states."""
        if step.decimals is not None or step.significant is not None:
            self.code.add(f"{variable} = {self.code.keep(step)}.round({variable})", levels)

    def follow(self) -> None:
        """Steps under the fallback values, as :meth:`Problem.follow_fallback` has them."""
        self.need((*self.problem.variables, *self.steps.order))
        for sources, own in self.problem.followed.values():
            replaced = {name: self.names[FALLBACK_PREFIX + name] for name in sources}
            names = {**self.names, **replaced}
            for name in self.steps.dependents(*sources):
                found = self.compute(self.steps[name], names)
                names[name] = found[name]
            self.followed |= {name + FROM_FALLBACK: names[name] for name in own}

    def avoid(self, mistaken: Mistaken) -> None:
        """Returns the mistake where it leads to the right results."""
        code = self.code
        self.need(mistaken.results)
        self.need(sorted(mistaken.needs))
        code.add("while True:")
        names = dict(self.names)
        done: set[str] = set()
        for result in mistaken.results:
            for name in mistaken.ahead(result):
                if name not in done:
                    done.add(name)
                    names[name] = self.mistake(mistaken, name, names)
            equal = f"{code.keep(same)}({names[result]}, {self.names[result]})"
            code.add(f"if not {equal}: break", 2)
        code.add(f"return {code.keep(mistaken)}", 2)

    def mistake(self, mistaken: Mistaken, name: str, names: Mapping[str, str]) -> str:
        """A changed step, as :meth:`Mistaken.value` has it."""
        expression = mistaken.mistake.gives.get(name)
        if expression is None:
            return self.compute(self.steps[name], names, 2)[name]
        if name in expression.names:
            names = {**names, **self.compute(self.steps[name], names, 2)}
        found = self.code.value(expression.tree, names, 2)
        member: Any = self.steps[name]
        if isinstance(member, Step):
            self.round(member, found, 2)
        return found
