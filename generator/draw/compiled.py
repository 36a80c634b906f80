"""The attempts of a problem as one function, for those that are drawn thousands of times.

It does what :mod:`generator.draw.draw` does attempt by attempt with names that are looked up: it
draws a name when the first condition needs it, computes a step once, and stops at the first
condition that does not hold. What depends on what is found out beforehand. It may compute more than
the other way, which looks only at what a value needs; whatever goes wrong in it, the other way is
asked, and says it with its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

from generator.bank.group import Group
from generator.bank.mistaken import Mistaken
from generator.bank.problem import FALLBACK_PREFIX, FROM_FALLBACK, Problem, Require
from generator.exact.dice import Dice
from generator.exact.numbers import Value, same
from generator.exact.secret import encode_fields, encode_known, index_limit
from generator.expressions import Step
from generator.expressions.inline import FunctionCode
from generator.expressions.nodes import Logical, Node, free_names
from generator.expressions.operations import ratio
from generator.expressions.steps import StepOrSolver
from generator.expressions.whole_numbers import (
    Whole,
    rounded_whole,
    same_whole,
    whole_members,
    whole_number,
    whole_truth,
)

FEW = 20
"""Draws of a problem for which it does not pay to compile them."""

Trial: TypeAlias = Callable[[Dice, int], dict[str, Value] | Require | Mistaken]
"""From dice and the number of the attempt to the values of all drawn names, and of some steps; or
to what they do not meet."""


class _Drawn:
    """How often a problem was drawn, and its function once that was often."""

    def __init__(self) -> None:
        self.times = 0
        self.attempts: dict[bool, Trial] = {}


_KNOWN: WeakKeyDictionary[Problem, _Drawn] = WeakKeyDictionary()


def compiled_attempt(
    problem: Problem, mistakes: Iterable[Mistaken], *, in_order: bool
) -> Trial | None:
    """The function of a problem as a copy has it; None as long as it was drawn only a few times.

    Args:
        mistakes: Those that must not lead to the right result.
        in_order: What is not met is the first condition that is not.
    """
    known = _KNOWN.get(problem)
    if known is None:
        known = _KNOWN[problem] = _Drawn()
    known.times += 1
    if in_order not in known.attempts and known.times > FEW:
        known.attempts[in_order] = compile_attempt(problem, mistakes, in_order=in_order)
    return known.attempts.get(in_order)


def compile_attempt(
    problem: Problem, mistakes: Iterable[Mistaken], *, in_order: bool = True
) -> Trial:
    """The function of a problem as a copy has it.

    Args:
        in_order: Conditions are asked in their order; else those first for which little is drawn.
    """
    writer = _Writer(problem)
    conditions = list(writer.conditions())
    while conditions:
        chosen = 0 if in_order else writer.least(conditions)
        writer.require(conditions.pop(chosen))
    for mistaken in mistakes:
        writer.avoid(mistaken)
    return writer.finish()


def draw_different(group: Group, dice: Dice, attempt: int) -> list[Value]:
    """The values of the names of a group that get different members."""
    size = len(group.members)
    indices = [dice.index(name, attempt, size - at) for at, name in enumerate(group.names)]
    return take_out(group.members, indices)


def take_out(members: Iterable[Value], indices: Iterable[int]) -> list[Value]:
    """Members of a list, one after the other; an index is one of those that are left."""
    left = list(members)
    return [left.pop(index) for index in indices]


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


class _Condition(NamedTuple):
    """A condition, or one of those that ``and`` joins.

    Attributes:
        is_whole: It is computed in whole numbers, and so has a value whatever is drawn.
    """

    require: Require
    node: Node
    is_whole: bool


class _Names:
    """Where the values of names are: variables of Python, and numbers that are whole.

    A value is in one of both, or in both if it was asked for.
    """

    def __init__(self, exact: Mapping[str, str], whole: Mapping[str, Whole]) -> None:
        self.exact, self.whole = dict(exact), dict(whole)

    def copy(self) -> _Names:
        """For a piece that changes some, or is not always run."""
        return _Names(self.exact, self.whole)

    def __contains__(self, name: str) -> bool:
        return name in self.exact or name in self.whole

    def put(self, name: str, value: str | Whole) -> None:
        """A name has this value from here on."""
        self.exact.pop(name, None)
        self.whole.pop(name, None)
        if isinstance(value, Whole):
            self.whole[name] = value
        else:
            self.exact[name] = value

    def take(self, name: str, other: _Names, source: str) -> None:
        """A name has the value that another one has there."""
        found = other.whole.get(source)
        self.put(name, other.exact[source] if found is None else found)


class _Writer:
    """Writes the function, condition by condition."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.steps = problem.steps
        self.code = FunctionCode("dice", "attempt")
        self.code.add("begin_inner, begin_outer = dice.stem.begun")
        self.code.add(f"tail = {self.code.keep(encode_known)}(attempt, 0)")
        self.known = _Names({}, {})
        self.followed = _Names({}, {})
        self.has_followed = False
        self.members: dict[str, Mapping[int, Value]] = {}

    def finish(self) -> Trial:
        """With the names that no condition needed."""
        self.need(self.problem.variables)
        exact = {name: self.exact(name, self.known) for name in self.problem.variables}
        values = ", ".join(
            f"{name!r}: {variable}" for name, variable in (self.known.exact | exact).items()
        )
        self.code.add(f"return {{{values}}}")
        return self.code.compile()

    def conditions(self) -> Iterator[_Condition]:
        """What has to hold, one after the other."""
        everything = _Writer(self.problem)
        everything.need((*self.problem.variables, *self.steps.order))
        for require in self.problem.requires:
            for node in _conjuncts(require.expression.tree):
                whole = whole_truth(node, everything.known.whole, self.code.variable)
                yield _Condition(require, node, whole is not None)

    def least(self, conditions: Sequence[_Condition]) -> int:
        """Of the next conditions, the one for which the least has to be drawn.

        Only such are put first that have a value whatever is drawn, and before such only: where
        another one has none, that is said.
        """
        ahead = list(takewhile(lambda it: it.is_whole, conditions)) or conditions[:1]
        costs = [len(self.to_draw(it)) for it in ahead]
        return costs.index(min(costs))

    def to_draw(self, condition: _Condition) -> set[str]:
        """The names that have to be drawn for a condition."""
        needed: set[str] = set()
        for name in {it.name for it in free_names(condition.node)}:
            needed |= self.steps.requirements(name) if name in self.steps else {name}
        return {it for it in needed if it in self.problem.variables and it not in self.known}

    def require(self, asked: _Condition) -> None:
        """Returns the condition where it does not hold."""
        require, condition = asked.require, asked.node
        needed = list(dict.fromkeys(it.name for it in free_names(condition)))
        self.need(needed)
        whole = self.followed.whole | self.known.whole
        holds = whole_truth(condition, whole, self.code.variable)
        if holds is None:
            self.code.reset()
            known = {name: self.exact(name, self.home(name)) for name in needed}
            holds = self.code.text(condition, known)
            if condition is not require.expression.tree:
                holds = self.code.truth(condition, holds, "and")
        self.code.add(f"if {holds} is not True: return {self.code.keep(require)}")

    def home(self, name: str) -> _Names:
        """Where the value of a name is."""
        return self.known if name in self.known else self.followed

    def exact(self, name: str, names: _Names, levels: int = 1) -> str:
        """The variable of a value as all others know it, a fraction if it is a whole number here.

        What is drawn may be an element of a list, which is found again by its number.
        """
        if name not in names.exact:
            whole, variable = names.whole[name], self.code.variable()
            if name in self.members and whole is self.known.whole.get(name):
                self.code.add(
                    f"{variable} = {self.code.keep(self.members[name])}[{whole.text}]", levels
                )
            else:
                call = f"{self.code.keep(ratio)}({whole.text}, {whole.scale})"
                self.code.add(f"{variable} = {call}", levels)
            names.exact[name] = variable
        return names.exact[name]

    def need(self, names: Iterable[str]) -> None:
        """Draws and computes what is not known yet."""
        members: dict[int, StepOrSolver] = {}
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
        self.draw(name for name in drawn if name not in self.known)
        for member in members.values():
            if not all(name in self.known for name in member.gives):
                self.compute(member, self.known)
        if follow and not self.has_followed:
            self.follow()

    def draw(self, names: Iterable[str]) -> None:
        """Lines that draw names."""
        for name in names:
            group = self.problem.variables[name]
            if group.different:
                self.different(group)
            elif group.shape:
                call = f"({name!r}, {self.code.keep(group)}, dice, attempt)"
                self.code.add(f"{self.named(name)} = {self.code.keep(draw_list)}{call}")
            elif len(group.members) == 1:
                self.known.put(name, self.code.keep(group.members[0]))
            else:
                variable, members = self.drawn(name, group)
                index = self.index(name, len(members))
                self.code.add(f"{variable} = {self.code.keep(tuple(members))}[{index}]")

    def index(self, name: str, size: int) -> str:
        """The piece for `Dice.index`, written out: millions of draws pass here."""
        code = self.code
        encoded = code.keep(encode_fields((name,)))
        code.add(f"inner = begin_inner(); inner.update({encoded} + tail)")
        code.add("outer = begin_outer(); outer.update(inner.digest())")
        if size & (size - 1) == 0 and size <= 1 << 8:  # the last bits, and none is rejected
            return f"outer.digest()[-1] & {size - 1}"
        code.add(f"number = {code.keep(int.from_bytes)}(outer.digest(), 'big')")
        again = f"dice.index({name!r}, attempt, {size})"
        return f"number % {size} if number < {code.keep(index_limit(size))} else {again}"

    def different(self, group: Group) -> None:
        """Draws the names of a group that get different members, when the first is asked for."""
        if group.names[0] in self.known:
            return
        found = [self.drawn(name, group) for name in group.names]
        indices = []
        for place, name in enumerate(group.names):
            left = len(group.members) - place
            indices.append("0" if left == 1 else self.code.variable())
            if left > 1:
                self.code.add(f"{indices[-1]} = {self.index(name, left)}")
        variables = "".join(f"{variable}, " for variable, _ in found)
        call = f"({self.code.keep(found[0][1])}, ({', '.join(indices)}, ))"
        self.code.add(f"{variables}= {self.code.keep(take_out)}{call}")

    def drawn(self, name: str, group: Group) -> tuple[str, Sequence[Any]]:
        """The variable of a name, and the list that it is drawn from: whole numbers if possible."""
        found = whole_members(group.members)
        if found is None:
            return self.named(name), group.members
        numbers, scale = found
        variable = self.code.variable()
        self.members[name] = dict(zip(numbers, group.members, strict=True))
        self.known.put(name, Whole(variable, scale, max(map(abs, numbers))))
        return variable, numbers

    def named(self, name: str) -> str:
        """A new variable for a name."""
        variable = self.code.variable()
        self.known.put(name, variable)
        return variable

    def compute(self, member: StepOrSolver, names: _Names, levels: int = 1) -> None:
        """What a step or a solver gives, from the values of names and among them."""
        if isinstance(member, Step):
            self.put_tree(member.expression.tree, member, names, levels)
            return
        code = self.code
        values = ", ".join(
            f"{name!r}: {self.exact(name, names, levels)}" for name in sorted(member.names)
        )
        answers = code.variable()
        code.add(f"{answers} = {code.keep(member)}.evaluate({{{values}}})", levels)
        for name in member.gives:
            variable = code.variable()
            code.add(f"{variable} = {answers}[{name!r}]", levels)
            names.put(name, variable)

    def put_tree(self, tree: Node, step: Step, names: _Names, levels: int) -> None:
        """The value of a tree, rounded as a step states, as the value of the step."""
        found = whole_number(tree, names.whole, self.code.variable)
        if found is not None:
            found = self.rounded_whole(found, step)
        if found is not None:
            variable = self.code.variable()
            self.code.add(f"{variable} = {found.text}", levels)
            names.put(step.name, found._replace(text=variable))
            return
        needed = {it.name for it in free_names(tree)}
        known = {name: self.exact(name, names, levels) for name in sorted(needed)}
        exact = self.code.value(tree, known, levels)
        self.round(step, exact, levels)
        names.put(step.name, exact)

    def rounded_whole(self, value: Whole, step: Step) -> Whole | None:
        """As a step states, in whole numbers; None where that is not written."""
        if step.significant is not None or (step.decimals is not None and step.ties != "half_up"):
            return None
        if step.decimals is None:
            return value
        return rounded_whole(value, step.decimals, self.code.variable)

    def round(self, step: Step, variable: str, levels: int) -> None:
        """As a step states."""
        if step.decimals is not None or step.significant is not None:
            self.code.add(f"{variable} = {self.code.keep(step)}.round({variable})", levels)

    def follow(self) -> None:
        """Steps under the fallback values, as :meth:`Problem.follow_fallback` has them."""
        self.has_followed = True
        self.need((*self.problem.variables, *self.steps.order))
        for sources, own in self.problem.followed.values():
            names = self.known.copy()
            for name in sources:
                names.take(name, self.known, FALLBACK_PREFIX + name)
            for name in self.steps.dependents(*sources):
                self.compute_one(name, names)
            for name in own:
                self.followed.take(name + FROM_FALLBACK, names, name)

    def compute_one(self, name: str, names: _Names, levels: int = 1) -> None:
        """One of the values that a step or a solver gives; its others stay as they are."""
        found = names.copy()
        self.compute(self.steps[name], found, levels)
        names.take(name, found, name)

    def avoid(self, mistaken: Mistaken) -> None:
        """Returns the mistake where it leads to the right results."""
        code = self.code
        self.need(mistaken.results)
        self.need(sorted(mistaken.needs))
        code.add("while True:")
        names, right = self.known.copy(), self.known.copy()
        done: set[str] = set()
        for result in mistaken.results:
            for name in mistaken.ahead(result):
                if name not in done:
                    done.add(name)
                    self.mistake(mistaken, name, names)
            code.add(f"if not {self.equal(result, names, right)}: break", 2)
        code.add(f"return {code.keep(mistaken)}", 2)

    def equal(self, name: str, some: _Names, others: _Names) -> str:
        """The piece for whether a name has the same value there and there."""
        if name in some.whole and name in others.whole:
            return same_whole(some.whole[name], others.whole[name])
        values = (self.exact(name, names, 2) for names in (some, others))
        return f"{self.code.keep(same)}({', '.join(values)})"

    def mistake(self, mistaken: Mistaken, name: str, names: _Names) -> None:
        """A changed step, as :meth:`Mistaken.value` has it."""
        expression, member = mistaken.mistake.gives.get(name), self.steps[name]
        if expression is None:
            self.compute_one(name, names, 2)
            return
        inner = names.copy()
        if name in expression.names:
            self.compute(member, inner, 2)
        if isinstance(member, Step):
            self.put_tree(expression.tree, member, inner, 2)
            names.take(name, inner, name)
            return
        needed = sorted({it.name for it in free_names(expression.tree)})
        known = {it: self.exact(it, inner, 2) for it in needed}
        names.put(name, self.code.value(expression.tree, known, 2))
