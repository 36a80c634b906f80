"""What is computed and printed without a word, though it may not be meant.

Rounding that meets the middle of two numbers, or that moves a later result; a sign before a
negative number, a 1 before a letter, a minute of one digit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final

from generator.bank.problem import Problem
from generator.bank.template import MATH, Text
from generator.exact.numbers import Complex, NumberError, Value, exact
from generator.expressions import EvaluationError, Expression, Step, compile_expression
from generator.expressions.nodes import Call, Node, free_names, walk
from generator.solve.printed import shown_value, tex
from generator.solve.solve import Solution

LOOKED: Final = 10
"""Every so many draws are looked at."""

_NEARLY: Final = Fraction(1, 10**30)
"""Of a unit: so near to the middle is what logarithms and roots, with 50 digits, make of it."""

MOVES: Final = 0.01
"""A rounded step that moves a later result by more than this share is said."""

_EMPTY: Final = "a text is empty"
_NEGATIVE: Final = "\x01-[^\x02]*\x02"
_POSITIVE: Final = r"\x01(?!-)[^\x02]*\x02"
_NUMBER: Final = "\x01[^\x02]*\x02"
_LOOKS: Final = {
    said: re.compile(pattern)
    for said, pattern in {
        "a + or - stands before a negative number": rf"(?<![\^_({{])[+-]\s*{_NEGATIVE}",
        "a negative number stands behind a sign of multiplication or division, without "
        "parentheses": rf"(?:\\(?:cdot|times|div)\b|\*)\s*{_NEGATIVE}",
        "a negative number has an exponent, without parentheses": rf"{_NEGATIVE}\s*\^",
        "a fraction has an exponent, without parentheses": r"\x01-?\\frac[^\x02]*\x02\s*\^",
        "a factor 1 is printed before a letter": (
            r"(?<![\d.,}\x02])\x01-?1(?:(?:\.|\{,\})0+)?\x02"
            r"(?:[a-z](?![a-z])|\\(?:alpha|beta|lambda|pi|sqrt)\b)"
        ),
        "a bar stands before a negative number, as in | \u2212 4|": (
            rf"(?<!\\left)(?<!\\[Bb]igl)\|\s*{_NEGATIVE}"
        ),
        "a number of one digit stands behind a colon, as in 9:5": r"\x01\d+\x02\s*:\s*\x01\d\x02",
        "two numbers stand side by side and read as one, as 4 and 3 in 43": (
            rf"(?<![\^_]){_NUMBER}{_POSITIVE}"
        ),
        "a digit and a number stand side by side and read as one, as 4 and 3 in 43": (
            rf"(?<![\d.,\^_\x02])[1-9]\d*{_POSITIVE}"
        ),
        "a point or a comma stands between two numbers, as in a decimal": (
            r"(?<![\d.\x02])\x01-?\d+\x02(?:,\x01\d+\x02|\.\x01\d+\x02(?!\.))(?![.,]?[\d\x01])"
        ),
    }.items()
}
"""What a text looks like, in which each number stands between ``\x01`` and ``\x02``."""
_ADVICE: Final = (
    ("a + or - ", "write << +name >> for a term of a sum, or (<< name >>)"),
    ("a negative number ", "write (<< name >>)"),
    ("a fraction has an exponent", r"write \left(<< name >>\right)"),
    ("a factor 1 ", "write << +name >> for a term of a sum, or leave out 1 and -1 by except"),
    ("a bar ", r"write \lvert << name >>\rvert, or \left| << name >>\right|"),
    ("a number of one digit ", "say form: {digits: 2} of it"),
)
"""The beginning of what is said, and what to do."""
_SPACES: Final = re.compile(r"\s+(?![a-zA-Z])|(?<![a-zA-Z])\s+")


@dataclass
class Silent:
    """What was seen in many draws; what was seen in others can be added.

    Attributes:
        looked: Draws that were looked at.
        ties: Step to the draws in which it is in the middle of two rounded numbers.
        moved: Rounded step and later result to the largest share by which the first moves it.
        looks: Part and what it looks like to the draws in which it does.
    """

    looked: int = 0
    ties: Counter[str] = field(default_factory=Counter)
    moved: dict[tuple[str, str], float] = field(default_factory=dict)
    looks: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: Silent) -> None:
        """Adds what was seen in other draws."""
        self.looked += other.looked
        self.ties.update(other.ties)
        self.looks.update(other.looks)
        for names, share in other.moved.items():
            self.moved[names] = max(share, self.moved.get(names, 0.0))

    def look(self, problem: Problem, solution: Solution) -> None:
        """Looks at a draw."""
        self.looked += 1
        for name, step in problem.rounding.items():
            self.ties[name] += not step.is_decided and _is_tie(step, solution.values)
        for steps, share in _moved(problem, solution.values):
            self.moved[steps] = max(share, self.moved.get(steps, 0.0))
        for owner, rendered in _rendered(problem, solution):
            self.looks[owner, _EMPTY] += rendered is not None and not rendered.strip()
            for said, pattern in _LOOKS.items():
                self.looks[owner, said] += pattern.search(rendered or "") is not None

    def warnings(self) -> Iterator[tuple[str, str]]:
        """Step or part, and what is to be said of it."""
        for name, count in self.ties.items():
            if count:
                yield (
                    name,
                    f"{name} is in the middle of two rounded numbers in "
                    f"{count / self.looked:.1%} of the draws; say in the question how to round and "
                    "at the step with ties, or state more decimals",
                )
        for (name, later), share in self.moved.items():
            if share > MOVES:
                yield (
                    name,
                    f"{later} moves by up to {share:.1%} because {name} is rounded before; "
                    "state more decimals",
                )
        for (part, said), count in self.looks.items():
            if count:
                advice = "".join(f"; {do}" for start, do in _ADVICE if said.startswith(start))
                yield part, f"{said} in {count / self.looked:.1%} of the draws{advice}"


def _rendered(problem: Problem, solution: Solution) -> Iterator[tuple[str, str | None]]:
    """Part, or problem, and a text of it as it is printed, with marks around the numbers.

    None for a text that is the same in all copies.
    """
    intro = _marked(problem, problem.intro, solution.values)
    yield problem.id, intro or None  # it may be empty
    for part in problem.parts:
        for text in (part.ask, *part.row_texts):
            yield part.id, _marked(problem, text, solution.values)
        for option in solution.options.get(part.id, ()):
            own = {"shown": option.shown, "right": option.right, **option.printed}
            given = {name: value for name, value in own.items() if value is not None}
            yield part.id, _marked(problem, option.say, {**solution.values, **given})


def _marked(problem: Problem, text: Text, values: Mapping[str, Value]) -> str | None:
    if not text.varies:
        return None
    try:
        shown = {name: shown_value(problem, name, values[name], _mark) for name in text.names}
    except NumberError:
        return None  # is said of what is promised
    return MATH.sub(_without_spaces, text.render(shown))


def _mark(problem: Problem, name: str, value: Value) -> str:
    printed = tex(problem, name, value)
    if isinstance(value, (bool, str, tuple)):
        return printed
    bare = printed.removeprefix(r"\ensuremath{").removesuffix("}")
    return f"\x01{bare}\x02"


def _without_spaces(formula: re.Match[str]) -> str:
    """A formula as it is printed: its spaces are not, and its commas have room behind them."""
    bare = next(it for it in (*formula.groups()[:3], formula[5]) if it is not None)
    return _SPACES.sub("", bare).replace(",", ", ")


def _is_tie(step: Step, values: Mapping[str, Value]) -> bool:
    """Whether a step, or a part of it, is in the middle of two rounded numbers."""
    try:
        if any(_rounds_a_tie(call, values) for call in _roundings(step.expression)):
            return True
        if step.decimals is None and step.significant is None:
            return False
        number = _number(step.expression.evaluate(values))
    except EvaluationError:
        return False
    return number is not None and _is_middle(number, _unit(step, number))


@lru_cache(maxsize=1024)
def _roundings(expression: Expression) -> tuple[tuple[Expression, Expression | None], ...]:
    """What is rounded in a formula by the function of that name, and to how many decimals."""
    taken, source = expression.taken, expression.source

    def own(node: Node) -> Expression:
        return compile_expression(source[node.start : node.end], taken)

    calls = (
        node
        for node in walk(expression.tree)
        if isinstance(node, Call) and node.function == "round"
    )
    within = [node for node in calls if not _is_local(node, expression.names)]
    return tuple(
        (own(node.arguments[0]), own(node.arguments[1]) if node.arguments[1:] else None)
        for node in within
    )


def _is_local(node: Node, names: Collection[str]) -> bool:
    """Whether something uses the name that a list runs through, which has no value by itself."""
    return any(it.name not in names for it in free_names(node))


def _rounds_a_tie(call: tuple[Expression, Expression | None], values: Mapping[str, Value]) -> bool:
    number = _number(call[0].evaluate(values))
    places = _number(call[1].evaluate(values)) if call[1] is not None else Fraction(0)
    if number is None or places is None or places.denominator != 1:
        return False
    return _is_middle(number, Fraction(10) ** -int(places))


def _is_middle(number: Fraction, unit: Fraction) -> bool:
    """Whether a number is in the middle of two multiples of a unit, as far as can be told."""
    return abs(number / unit % 1 - Fraction(1, 2)) < _NEARLY


def _number(value: Value) -> Fraction | None:
    """A number; none of a text or a list."""
    if isinstance(value, (bool, str, tuple, Complex)):
        return None
    try:
        return Fraction(value) if isinstance(value, Decimal) else Fraction(exact(value))
    except (NumberError, TypeError, ValueError, OverflowError):
        return None


def _unit(step: Step, number: Fraction) -> Fraction:
    """The last place that a step prints."""
    if step.decimals is not None:
        return Fraction(1, 10**step.decimals)
    assert step.significant is not None
    size, place = abs(number), 0
    while size >= 10:
        size, place = size / 10, place + 1
    while 0 < size < 1:
        size, place = size * 10, place - 1
    return Fraction(10) ** (place - step.significant + 1)


def _moved(
    problem: Problem, values: Mapping[str, Value]
) -> Iterator[tuple[tuple[str, str], float]]:
    """Rounded step and later result to the share by which the first, unrounded, moves it."""
    rounded = [name for name, step in problem.rounding.items() if _rounds(step)]
    for name in rounded:
        own: dict[str, Value] = dict(values)
        touched = {name}
        try:
            own[name] = problem.rounding[name].expression.evaluate(values)
            if own[name] == values[name]:
                continue
            for later, step in problem.rounding.items():
                if step.names & touched:
                    touched.add(later)
                    own[later] = step.expression.evaluate(own)
                    yield (name, later), _share(step.round(own[later]), values[later])
        except EvaluationError:
            continue


def _rounds(step: Step) -> bool:
    return step.decimals is not None or step.significant is not None


def _share(moved: Value, value: Value) -> float:
    kinds = (bool, str, tuple, Complex)
    if isinstance(value, kinds) or isinstance(moved, kinds):
        return 0.0
    before = float(value)
    return abs(float(moved) - before) / abs(before) if before else 0.0
