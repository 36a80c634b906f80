"""The problem files as plain data, for tests that must not trust the program that they test.

Read with PyYAML's BaseLoader (all scalars are text) and evaluated with Python's own ``eval`` on
fractions: neither the bank's loader nor the expression language takes part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import yaml

BANK = Path(__file__).resolve().parent.parent / "bank"


def problem(number: int) -> dict[str, Any]:
    """One problem file."""
    text = (BANK / f"problem-{number}.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)
    return loaded


def part(identifier: str) -> dict[str, Any]:
    """One subproblem."""
    (found,) = [p for p in problem(int(identifier[0]))["parts"] if p["id"] == identifier]
    return dict(found)


def value(text: str) -> Fraction | str:
    """A number if it is one, else the text."""
    try:
        return Fraction(text)
    except ValueError:
        return text


def points(text: str) -> Fraction:
    return Fraction(text)


def evaluate(expression: str, values: Mapping[str, Any]) -> Any:
    """The value of a step or a condition without functions, by Python itself."""
    code = compile(expression.strip(), "<bank>", "eval")
    return eval(code, {"__builtins__": {}}, dict(values))  # the project's own bank


def reference(subproblem: Mapping[str, Any]) -> dict[str, Fraction | str]:
    return {name: value(text) for name, text in subproblem["reference"].items()}


def admissible(subproblem: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All draws of a subproblem that meet its conditions, with the steps' values among them.

    Only for steps that are written down before they are used, and lists given by one_of or by
    from and to.
    """
    names: list[str] = []
    lists: list[list[Fraction | str]] = []
    for entry in subproblem["draw"]:
        for name in entry["names"]:
            names.append(name)
            lists.append(_members(entry))
    for drawn in product(*lists):
        values: dict[str, Any] = dict(zip(names, drawn, strict=True))
        for step, expression in subproblem.get("steps", {}).items():
            values[step] = evaluate(expression, values)
        if all(evaluate(condition, values) for condition in subproblem.get("require", ())):
            yield values


def _members(entry: Mapping[str, Any]) -> list[Fraction | str]:
    if "one_of" in entry:
        return [value(text) for text in entry["one_of"]]
    first, last = int(entry["from"]), int(entry["to"])
    return [Fraction(number) for number in range(first, last + 1)]


def rubric_complaints(number: int) -> list[str]:
    """Where points do not add up: rubric to part, parts to problem; and mistakes that earn all."""
    data = problem(number)
    total = sum(points(p["points"]) for p in data["parts"])
    complaints = [] if total == points(data["points"]) else [f"problem {number}: parts are {total}"]
    for subproblem in data["parts"]:
        full, name = points(subproblem["points"]), subproblem["id"]
        earned = sum(points(item["points"]) for item in subproblem["rubric"])
        if earned != full:
            complaints.append(f"{name}: the rubric adds up to {earned}, not {full}")
        smallest = min(points(item["points"]) for item in subproblem["rubric"])
        unit = Fraction(1, 2) if smallest < 1 or full.denominator == 2 else Fraction(1)
        for mistake in subproblem["mistakes"]:
            earns = points(mistake["earns"])
            if not 0 <= earns < full or (earns / unit).denominator != 1:
                complaints.append(f"{name}: a mistake earns {earns} of {full}")
        if not subproblem["also_accept"]:
            complaints.append(f"{name}: nothing else is accepted")
    return complaints
