"""The reference copy's draw is solved once while the bank is read: it must meet its conditions.

It also shows what no single field shows: a step without a value, a text that compares a number
with a text, a figure that cannot be computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.bank.parsed_file import near_names
from generator.bank.plot import PlotError
from generator.bank.plugins.solvers import Solver
from generator.bank.problem import Problem, Require
from generator.bank.read.context import ReadingDesk
from generator.bank.read.lists import show
from generator.bank.read.texts import check_source
from generator.bank.template import Constant, Shown, Text, TextError
from generator.bank.yaml import shorten
from generator.exact.numbers import Value
from generator.expressions import EvaluationError


def check_reference(desk: ReadingDesk, problem: Problem) -> None:
    """Solves the reference draw and complains about what goes wrong."""
    values = _solve(desk, problem)
    if values is None:
        return
    for require in problem.requires:
        _check_require(desk, problem, require)
    _check_compared(desk, problem)
    for text in _texts(problem):
        _check_text(desk, problem, text, values)
    _check_computed(desk, problem, values)
    _check_worked(desk, problem, values)
    for figure in problem.figures():
        if figure.plot is not None:
            try:
                figure.plot.check(values)
            except (PlotError, EvaluationError) as error:
                message = f"nothing can be drawn for the reference: {error}"
                desk.complain(figure.place, figure.slot, message)
        given = {name: values[name] for name in figure.values}
        try:
            if figure.compute is not None:
                figure.compute(given)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            message = f"the figure {figure.name} cannot be computed for the reference: {error!r}"
            desk.complain((1, 1), figure.slot, message)


def _solve(desk: ReadingDesk, problem: Problem) -> Mapping[str, Value] | None:
    try:
        values = {**problem.reference, **problem.steps.evaluate(problem.reference)}
        problem.follow_fallback(values)
    except EvaluationError as error:
        known = desk.names.get(error.step)
        message = f"{_why(error)} for the reference values; change it or them"
        desk.say_key(known.route if known else ("reference",), message)
        return None
    return values


def _check_worked(desk: ReadingDesk, problem: Problem, values: Mapping[str, Value]) -> None:
    """Complains of the lines of TeX that a solver makes for the reference."""
    for solver in (it for it in problem.steps.members if isinstance(it, Solver)):
        route = desk.names[solver.gives[0]].route
        try:
            for line in solver.worked(values):
                check_source(desk, route, line)
        except EvaluationError as error:
            desk.say_key(route, f"{_why(error)}, in its worked solution for the reference values")
        except TextError as error:
            desk.say_key(route, f"the worked solution of the solver {solver.name}: {error}")


def _why(error: EvaluationError) -> str:
    """What cannot be computed, without the step, which has its place."""
    values = f" ({error.values})" if error.values else ""
    return f"{error.reason} in {shorten(error.part)!r}{values}"


def _check_require(desk: ReadingDesk, problem: Problem, require: Require) -> None:
    scope = problem.scope(problem.reference)
    source = require.expression.source
    try:
        met = require.expression.evaluate(scope)
    except EvaluationError as error:
        message = f"{_why(error)} for the reference values; change it or them"
        desk.complain((require.line, require.column), require.where, message)
        return
    if not isinstance(met, bool):
        message = f"{source!r} is {show(met)}, but a condition is true or false"
        desk.complain((require.line, require.column), require.where, message)
    elif not met:
        used = ", ".join(f"{name}={show(scope[name])}" for name in sorted(require.expression.names))
        message = f"the reference does not meet {source!r}: {used}; change it or the condition"
        desk.complain((require.line, require.column), require.where, message)


def _texts(problem: Problem) -> Iterator[Text]:
    yield problem.intro
    for part in problem.questions():
        yield from (it.text for it in part.texts())


def _check_text(
    desk: ReadingDesk, problem: Problem, text: Text, values: Mapping[str, Value]
) -> None:
    for comparison in text.compared:
        value = values.get(comparison.name, comparison.constant)
        if _sort(value) is not _sort(comparison.constant):
            message = (
                f"compares {comparison.name}, {_sort(value)}, with {comparison.constant!r}, "
                f"{_sort(comparison.constant)}; this never holds"
            )
            desk.complain((text.line, 1), "", message)
            return
        stranger = _stranger(problem, comparison.name, comparison.constant)
        if stranger is not None:
            desk.complain((text.line, 1), "", stranger)
            return
    for name, positions in sorted(text.lists):
        if name in values and (wrong := _why_no_member(name, values[name], positions)):
            desk.complain((text.line, 1), "", wrong)
            return
    # What only a computed statement has is no matter here.
    known = {name: _unprinted(values.get(name, "")) for name in text.names}
    try:
        text.render(known)
    except TypeError as error:
        desk.complain((text.line, 1), "", f"the text compares what cannot be compared: {error}")


def _unprinted(value: Value) -> Shown:
    """A value that is compared, whatever it looks like."""
    return Shown(value, "", tuple(map(_unprinted, value)) if isinstance(value, tuple) else ())


def _why_no_member(name: str, value: Value, positions: tuple[int, ...]) -> str | None:
    """Why a list has no member at some positions, or a value is no list; None if it has."""
    shown = name + "".join(f"[{place}]" for place in positions)
    if not isinstance(value, tuple):
        return f"<< {shown} >> needs a list, and {name} is {show(value)}; draw a list by count"
    for place in positions:
        if not isinstance(value, tuple) or place >= len(value):
            return f"there is no << {shown} >>: {name} is {show(value)}, and members count from 0"
        value = value[place]
    return None


def _stranger(problem: Problem, name: str, constant: Constant) -> str | None:
    """Why a drawn name is never equal to a text; None if it can be."""
    group = problem.variables.get(name)
    if group is None or not isinstance(constant, str) or constant in group.members:
        return None
    near = near_names(constant, [str(member) for member in group.members])
    listed = shorten(", ".join(map(show, group.members)))
    hint = f"did you mean {near}?" if near else "this never holds"
    return f"compares {name} with {constant!r}, which is not in its list ({listed}); {hint}"


def _check_compared(desk: ReadingDesk, problem: Problem) -> None:
    """Texts that steps and conditions compare drawn names with."""
    found = [
        (problem.places.get(name, (1, 1)), f"step {name}", step.expression)
        for name, step in problem.rounding.items()
    ]
    found += [((it.line, it.column), it.where, it.expression) for it in problem.requires]
    for place, where, expression in found:
        for name, text in expression.compared_texts:
            stranger = _stranger(problem, name, text)
            if stranger is not None:
                desk.complain(place, where, stranger)


def _sort(value: object) -> str:
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, tuple) else "a number"


def _check_computed(desk: ReadingDesk, problem: Problem, values: Mapping[str, Value]) -> None:
    for part in problem.parts:
        for where, line, evaluate in part.evaluations():
            try:
                evaluate(values)
            except EvaluationError as error:
                message = f"{_why(error)} for the reference values; change it or them"
                desk.complain((line, 1), where, message)
