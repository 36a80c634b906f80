"""How values are printed: as plain text in files, as TeX on paper and key."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from generator.bank.problem import Problem
from generator.bank.text import Shown
from generator.numbers import Value, format_number, format_significant

Plain = str | list["Plain"]


def plain(problem: Problem, name: str, value: Value) -> Plain:
    """A value as it stands in files: exact decimal strings, texts, nested lists.

    Args:
        problem: The problem that the name belongs to.
        name: A drawn name or a step; it decides on the decimals.
        value: Its value.

    Raises:
        NumberError: The value has no finite decimal expansion and states no decimals.
    """
    if isinstance(value, tuple):
        return [plain(problem, name, member) for member in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return _number(problem, name, value)


def tex(problem: Problem, name: str, value: Value) -> str:
    """A value as TeX, with a true minus sign in text and in math."""
    if isinstance(value, tuple):
        inner = ", ".join(tex(problem, name, member) for member in value)
        return rf"\ensuremath{{({inner})}}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return rf"\ensuremath{{{_number(problem, name, value)}}}"


def shown(problem: Problem, values: Mapping[str, Value]) -> dict[str, Shown]:
    """All values as texts print them."""
    return {name: Shown(value, tex(problem, name, value)) for name, value in values.items()}


def _number(problem: Problem, name: str, value: Fraction | Decimal) -> str:
    group = problem.variables.get(name)
    if group is not None:
        return format_number(value, min_decimals=group.decimals)
    spec = problem.rounding.get(name)
    if spec is not None and spec.significant is not None:
        return format_significant(value, spec.significant)
    if spec is not None and spec.decimals is not None:
        return format_number(value, decimals=spec.decimals)
    return format_number(value, min_decimals=problem.min_decimals)
