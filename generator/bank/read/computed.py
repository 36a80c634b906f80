"""What is computed: steps, solvers, conditions, and statements whose truth is computed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from graphlib import CycleError

from generator.bank import models
from generator.bank.accept import Accept
from generator.bank.mistaken import mistaken
from generator.bank.plugins.solvers import Solver
from generator.bank.problem import FROM_FALLBACK, Problem, Require
from generator.bank.read.context import ReadingDesk, Spot
from generator.bank.template import TextError, check_tex
from generator.bank.yaml import Route, shorten
from generator.expressions import (
    Expression,
    ExpressionError,
    Step,
    Steps,
    StepsError,
    compile_expression,
)
from generator.expressions.nodes import Conditional, Node, TextLiteral, Vector, free_names

WhyNot = Callable[[str, Spot], str | None]
"""Says why something at a spot cannot use a name; None where it can."""


def read_expression(
    desk: ReadingDesk, route: Route, spot: Spot, source: str, why_not: WhyNot
) -> Expression | None:
    """An expression with its names checked; None where it is wrong."""
    try:
        expression = compile_expression(source, desk.names)
    except ExpressionError as error:
        desk.say(route, f"{error.message}, in {shorten(source)!r}", error.column)
        desk.used |= set(re.findall("[A-Za-z][A-Za-z0-9_]*", source))
        return None
    right = True
    for name, offset in _names_in(expression):
        if (reason := why_not(name, spot)) is not None:
            desk.say(route, f"{reason}, in {shorten(source)!r}", offset)
            right = False
    desk.used |= expression.names
    return expression if right else None


def _names_in(expression: Expression) -> Iterator[tuple[str, int]]:
    """The names of an expression, each with the place where it is first used."""
    first: dict[str, int] = {}
    for node in free_names(expression.tree):
        first[node.name] = min(node.start, first.get(node.name, node.start))
    yield from first.items()


def read_steps(desk: ReadingDesk) -> Steps | None:
    """All steps and solvers of a problem; None where some of them are wrong."""
    members: list[Step | Solver] = []
    broken: set[str] = {name for name, known in desk.names.items() if known.kind == "unread"}
    for spot, question in desk.questions():
        for name, step in question.own_steps.items():
            made = _step(desk, spot, name, step)
            members += [made] if made else []
            broken |= set() if made else {name}
        if question.own_solver is not None:
            solver = _solver(desk, spot, question.own_solver)
            members += [solver] if solver else []
            broken |= set() if solver else set(question.own_solver.gives)
    given = {name for name, known in desk.names.items() if known.kind in {"drawn", "fallback"}}
    try:
        steps = Steps(members, given | broken)
    except StepsError as error:
        _say_cycles(desk, error)
        return None
    return None if broken else steps


def _say_cycles(desk: ReadingDesk, error: StepsError) -> None:
    for problem in error.problems:
        # Names that are unknown or there twice were reported with their own places.
        if problem.message.startswith("a cycle"):
            route = desk.names[problem.step].route
            desk.say_key(route, f"{problem.message}; compute one of them without the other")


def _step(desk: ReadingDesk, spot: Spot, name: str, step: models.Step) -> Step | None:
    route: Route = (*spot.route, "steps", name)
    if isinstance(desk.source.value(route), dict):
        route = (*route, "is")
    expression = read_expression(desk, route, spot, step.is_, desk.why_not_computable)
    if step.decimals is not None and step.significant is not None:
        message = "expected either decimals or significant, not both"
        desk.say_key((*spot.route, "steps", name, "significant"), message)
        return None
    if expression is None:
        return None
    for literal in _printed_texts(expression.tree):
        if wrong := _why_not_printed(literal.value, in_formulas=step.working):
            desk.say(route, f"the result {literal.value!r} is TeX: {wrong}", literal.start)
    ties = step.ties or desk.conventions.ties
    tolerant = step.accept is not None and step.accept.rule == "either"
    is_decided = step.ties is not None or tolerant
    return Step(name, expression, step.decimals, step.significant, ties, is_decided)


def _printed_texts(node: Node) -> Iterator[TextLiteral]:
    """The texts that an expression may come to, by itself or in a list."""
    if isinstance(node, TextLiteral):
        yield node
    elif isinstance(node, Conditional):
        yield from _printed_texts(node.then)
        yield from _printed_texts(node.otherwise)
    elif isinstance(node, Vector):
        for item in node.items:
            yield from _printed_texts(item)


_IN_ORDER = re.compile(r"\\\\|\\[^A-Za-z]|\$[^$]*\$")
"""Signs that are escaped, and formulas."""


def _why_not_printed(text: str, *, in_formulas: bool) -> str:
    """Why a text cannot be set; nothing if it can.

    Args:
        in_formulas: It may be printed within one.
    """
    try:
        check_tex(text)
    except TextError as error:
        return str(error)
    found = re.search(r"[&#_^]", _IN_ORDER.sub("", text))
    if found is None or in_formulas or "\\" in _IN_ORDER.sub("", text):
        return ""
    sign = found[0]
    written = rf"\{sign}{{}}" if sign == "^" else rf"\{sign}"
    return f"{sign} stands for something else there; write {written}, or a formula between $ and $"


def read_rounding(desk: ReadingDesk, route: Route, spot: Spot, name: str) -> Step | None:
    """How a step that is computed at a spot rounds; None where there is no such step."""
    if (reason := desk.why_not_computable(name, spot)) is not None:
        desk.say(route, reason)
        return None
    for _, question in desk.questions():
        step = question.own_steps.get(name)
        if step is not None:
            ties = step.ties or desk.conventions.ties
            significant = None if step.decimals is not None else step.significant
            return Step(name, compile_expression("0"), step.decimals, significant, ties)
    desk.say(route, f"{name} is not a step; write the solution under steps, and its name here")
    return None


def read_accepts(desk: ReadingDesk) -> dict[str, Accept]:
    """Which results of steps count as right besides the key's own."""
    found = {}
    for spot, question in desk.questions():
        for name, step in question.own_steps.items():
            if step.accept is None:
                continue
            route = (*spot.route, "steps", name, "accept")
            bounds = [
                read_expression(desk, (*route, index), spot, bound, desk.why_not_computable)
                for index, bound in enumerate(step.accept.bounds)
            ]
            if step.accept.rule == "either" and step.decimals is None:
                desk.say(route, "either rounding needs the decimals to which the step is rounded")
            found[name] = Accept(step.accept, tuple(it for it in bounds if it is not None))
    return found


def _solver(desk: ReadingDesk, spot: Spot, use: models.SolverUse) -> Solver | None:
    route = (*spot.route, "solver")
    for index, name in enumerate(use.uses):
        if (reason := desk.why_not_computable(name, spot)) is not None:
            desk.say((*route, "uses", index), reason)
    desk.used |= set(use.uses)
    try:
        solver = desk.plugins.find(use.name)
    except KeyError as error:
        desk.say((*route, "name"), str(error.args[0]))
        return None
    for field, given in (("uses", use.uses), ("gives", use.gives)):
        expected = getattr(solver, field)
        # Other names stand for those of the solver, in its order; its own are not mixed up.
        pairs = zip(given, expected, strict=False)
        if len(given) != len(expected) or any(it in expected and it != own for it, own in pairs):
            message = f"expected [{', '.join(expected)}], as the solver {use.name} says"
            hint = ", or as many names of the problem in their place"
            desk.say((*route, field), message + hint)
            return None
    return solver.called(use.uses, use.gives)


def read_requires(desk: ReadingDesk) -> tuple[Require, ...]:
    """All conditions, those of the problem first."""
    found = []
    for spot, question in desk.questions():
        for index, text in enumerate(question.require):
            route = (*spot.route, "require", index)
            expression = read_expression(desk, route, spot, text, _why_not_in(desk))
            if expression is not None:
                line, column = desk.source.place(route, 0)
                where = desk.source.describe(route)
                alternative = desk.alternative(spot)
                found.append(Require(expression, line, column, where, alternative))
    return tuple(found)


def _why_not_in(desk: ReadingDesk) -> WhyNot:
    """Conditions may also name what follows from the fallback values."""

    def why_not(name: str, spot: Spot) -> str | None:
        base = name.removesuffix(FROM_FALLBACK)
        known = desk.names.get(base)
        if base == name or (known is not None and known.kind in {"step", "unread"}):
            return desk.why_unknown(base, spot)
        return f"{base} is not a step, and so nothing follows for it from the fallback values"

    return why_not


def check_mistakes(desk: ReadingDesk, problem: Problem) -> None:
    """Checks that what a mistake leads to can be computed, and matters."""
    for part in problem.questions():
        for mistake in part.mistakes:
            place = (mistake.line, mistake.column)
            try:
                for found in mistaken(replace(part, mistakes=(mistake,)), problem.steps):
                    if not found.answers:
                        message = "no answer of the part changes by this mistake; drop gives"
                        desk.complain(place, f"{part.id}: mistakes", message)
            except CycleError as error:
                names = " needs ".join(error.args[1])
                message = f"a cycle: {names}; use drawn names, or a step that is marked working"
                desk.complain(place, f"{part.id}: mistakes", message)


def check_followed(desk: ReadingDesk, problem: Problem) -> None:
    """Checks that conditions on what follows from the fallback values have a value."""
    followed = {name for _, names in problem.followed.values() for name in names}
    for require in problem.requires:
        for name in require.expression.names:
            base = name.removesuffix(FROM_FALLBACK)
            if base != name and base not in followed:
                message = f"{base} does not depend on a fallback value; write {base} alone"
                place = (require.line, require.column)
                desk.complain(place, require.where, message)
