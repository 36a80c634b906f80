"""How values are printed: as plain text in files, as TeX on paper and key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from generator.bank.problem import Problem
from generator.bank.template import Shown
from generator.exact.numbers import (
    MAX_PLACES,
    Number,
    NumberError,
    Value,
    format_number,
    format_significant,
    places,
)

Plain = str | list["Plain"]

Form = Callable[[Number], str]
"""Prints a number."""


def plain(problem: Problem, name: str, value: Value) -> Plain:
    """A value as it stands in files: exact decimal strings, texts, nested lists.

    Args:
        problem: The problem that the name belongs to.
        name: A drawn name or a step; it decides on the decimals.
        value: Its value.

    Raises:
        NumberError: The value has no short decimal expansion and states no decimals.
    """
    return _plain(_form(problem, name), value)


def _plain(form: Form, value: Value) -> Plain:
    if isinstance(value, tuple):
        return [_plain(form, member) for member in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return form(value)


def tex(problem: Problem, name: str, value: Value) -> str:
    """A value as TeX, with a true minus sign in text and in math."""
    conventions = problem.conventions
    if isinstance(value, tuple):
        inner = conventions.separator.join(tex(problem, name, member) for member in value)
        return rf"\ensuremath{{({inner})}}"
    if isinstance(value, bool):
        return conventions.truth(value)
    if isinstance(value, str):
        return value
    return rf"\ensuremath{{{conventions.math_digits(_form(problem, name)(value))}}}"


def read(problem: Problem, name: str, value: Value) -> Plain:
    """A value as it reads on the finished page: ``12,5``, ``wahr``."""
    conventions = problem.conventions
    if isinstance(value, tuple):
        return [read(problem, name, member) for member in value]
    if isinstance(value, bool):
        return conventions.truth(value)
    if isinstance(value, str):
        return value
    return conventions.digits(_form(problem, name)(value))


class ShownValues(dict[str, Shown]):
    """Values as texts print them; each is formatted when a text first asks for it."""

    def __init__(
        self,
        problem: Problem,
        values: Mapping[str, Value],
        form: Callable[[Problem, str, Value], str],
    ) -> None:
        super().__init__()
        self._problem = problem
        self._values = values
        self._form = form

    def __missing__(self, name: str) -> Shown:
        value = self._values[name]
        shown = self[name] = Shown(value, self._form(self._problem, name, value))
        return shown


def shown(problem: Problem, values: Mapping[str, Value]) -> ShownValues:
    """Values as texts print them in TeX."""
    return ShownValues(problem, values, tex)


def plainly_shown(problem: Problem, values: Mapping[str, Value]) -> ShownValues:
    """Values as texts print them in files: as on paper, without TeX around them."""

    def joined(value: Plain) -> str:
        if isinstance(value, str):
            return value
        return "(" + problem.conventions.separator.join(map(joined, value)) + ")"

    return ShownValues(problem, values, lambda *value: joined(read(*value)))


def _form(problem: Problem, name: str) -> Form:
    """How the numbers of a name are printed."""
    group = problem.variables.get(name)
    if group is not None:
        return partial(format_number, min_decimals=group.decimals)
    spec = problem.rounding.get(name)
    if spec is not None and spec.significant is not None:
        return partial(format_significant, digits=spec.significant)
    if spec is not None and spec.decimals is not None:
        return partial(format_number, decimals=spec.decimals)
    return partial(_short, min_decimals=problem.min_decimals)


def _short(value: Number, min_decimals: int) -> str:
    """A number of which all decimals are printed: a root would have as many as are computed."""
    count = places(value)
    if count is not None and count > MAX_PLACES:
        raise NumberError(f"{count} decimal places are too many; say how many to print")
    return format_number(value, min_decimals)
