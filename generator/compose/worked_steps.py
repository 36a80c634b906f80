"""Worked solutions: each step as a chain from its symbol over the formula to the number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from generator.bank.part import Part
from generator.bank.plugins.solvers import Solver
from generator.bank.problem import Problem
from generator.bank.template import Text
from generator.errors import Complaint, InputError
from generator.exact.numbers import Value
from generator.expressions import EvaluationError, Step
from generator.language.formulas import localized
from generator.language.units import behind_number
from generator.solve.accepted import limits
from generator.solve.printed import as_result, in_formula, shown


def worked_steps(problem: Problem, part: Part, values: Mapping[str, Value]) -> Iterator[str]:
    """The worked steps of a part, in the order in which the bank has them.

    Steps whose value is a text are left to the model answer, unless there is none, or the author
    works them out.

    Args:
        values: All drawn names and all steps.

    Returns:
        TeX, one line a step; of a solver, whatever lines it has.
    """
    for name in part.steps:
        rule = problem.worked.get(name)
        if isinstance(rule, Text):
            own = rule.render(shown(problem, values))
            yield f"{own}{_accepted(problem, name, values)}"
        elif not _has_text(values[name]) and (rule != "off" or name in part.answers):
            yield from _chain(problem, name, rule, values)
        elif name in part.answers and not part.answer.source.strip():
            yield _result_alone(problem, name, values)
    for name in part.solver[:1]:
        member = problem.steps[name]
        if isinstance(member, Solver) and problem.worked.get(name) != "off":
            lines = _solver_lines(problem, member, values)
            if not lines and not part.answer.source.strip():
                lines = [_result_alone(problem, it, values) for it in part.solver]
            yield from lines


def _chain(
    problem: Problem, name: str, rule: str | None, values: Mapping[str, Value]
) -> Iterator[str]:
    """A step from its symbol to its result; of one that is switched off only these two."""
    step = problem.steps[name]
    if not isinstance(step, Step):
        return
    printed = {used: in_formula(problem, used, values[used]) for used in step.names}
    result = partial(as_result, problem, step)
    short = rule == "short"
    worked = step.worked(
        values, problem.symbols, printed, problem.min_decimals, result, short=short
    )
    formula = worked.ends if rule == "off" else worked.tex
    formula = localized(formula, problem.conventions)
    yield f"${formula}{unit_of(problem, name)}${_accepted(problem, name, values)}"


def _result_alone(problem: Problem, name: str, values: Mapping[str, Value]) -> str:
    """A result of which nothing else is said: a text, or what a solver gives."""
    value = shown(problem, values)[name]
    is_table = bool(value.items) and bool(value.items[0].items)
    printed = value.forms.get("table" if is_table else "list", value.tex)
    return f"${problem.symbol(name)} = {{}}${printed}"


def _solver_lines(problem: Problem, solver: Solver, values: Mapping[str, Value]) -> list[str]:
    try:
        return solver.worked(values)
    except EvaluationError as error:
        line, column = problem.places.get(solver.gives[0], (0, 0))
        where = f"problem {problem.id}: worked solution"
        raise InputError([Complaint(problem.file, line, column, where, str(error))]) from None


def _accepted(problem: Problem, name: str, values: Mapping[str, Value]) -> str:
    """What the key says about a tolerance; nothing where there is none."""
    bounds = limits(problem, name, values, in_math=True)
    if not bounds:
        return ""
    least, most = bounds
    said = problem.conventions.catalogue.text("worked.accept", least=f"${least}$", most=f"${most}$")
    return rf"\quad \mbox{{{said}}}"


def unit_of(problem: Problem, name: str) -> str:
    """The unit behind a value, for math mode; nothing where there is none."""
    return behind_number(problem.units.get(name, ""))


def _has_text(value: Value) -> bool:
    return isinstance(value, str) or (isinstance(value, tuple) and any(map(_has_text, value)))
