"""Figures in a few words, for files that have no pictures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Final

from generator.bank.part import Figure
from generator.bank.plot import VARIABLE, Plot, PlotError
from generator.bank.problem import Problem
from generator.exact.numbers import Value
from generator.expressions import EvaluationError
from generator.solve.printed import Plain, plain, plainly_shown

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def in_words(problem: Problem, figure: Figure, values: Mapping[str, Value]) -> str:
    """What a figure of a copy shows: its file with its labels, or what is plotted.

    Args:
        values: All drawn names and steps of the copy.

    Returns:
        For example ``curve-a.svg``, ``roads: ab = 20, ac = 31``, ``function: (-2)*x + 3``,
        ``bar: 12, 30, 25``, ``graph: A-B 4, B-C 7``.
    """
    labels = {
        name: text.render(plainly_shown(problem, {it: values[it] for it in text.names})).strip()
        for name, text in figure.labels.items()
    }
    if figure.plot is not None:
        return f"{figure.name}: {_plotted(problem, figure.plot, labels, values)}"
    said = {name: str(_plain(problem, name, values)) for name in figure.values} | labels
    listed = ", ".join(f"{name} = {it}" for name, it in said.items())
    return f"{figure.name}: {listed}" if listed else figure.name


def with_words(
    problem: Problem, figure: Figure | None, said: str, values: Mapping[str, Value]
) -> str:
    """What an option says, with what its figure shows in place of it."""
    if figure is None:
        return said
    shown = in_words(problem, figure, values)
    return said.replace(f"\\OptionFigure{{{figure.slot}}}", f"[{shown}]")


def _plotted(
    problem: Problem, plot: Plot, labels: Mapping[str, str], values: Mapping[str, Value]
) -> str:
    try:
        if plot.kind == "function":
            assert plot.y is not None
            return _filled(problem, plot.y.source, values)
        if plot.kind == "graph":
            sign = "->" if plot.directed else "-"
            thick = plot.thick(values)
            return ", ".join(
                f"{edge.start}{sign}{edge.end} {labels.get(edge.label, '')}".strip()
                + " (marked)" * (edge in thick)
                for edge in plot.edges
            )
        if plot.kind in {"bar", "histogram"}:
            return _numbers(y for _, y in plot.drawn(values))
        return ", ".join(f"({_numbers(point)})" for point in plot.drawn(values))
    except (PlotError, EvaluationError):
        return ""


def _filled(problem: Problem, source: str, values: Mapping[str, Value]) -> str:
    """An expression with its numbers in it."""

    def number(match: re.Match[str]) -> str:
        name = match[0]
        if name == VARIABLE or name not in values:
            return name
        shown = str(_plain(problem, name, values))
        return f"({shown})" if shown.startswith("-") else shown

    return _NAME.sub(number, source)


def _plain(problem: Problem, name: str, values: Mapping[str, Value]) -> Plain:
    return plain(problem, name, values[name])


def _numbers(numbers: Iterable[Fraction]) -> str:
    return ", ".join(f"{float(number):.6g}" for number in numbers)
