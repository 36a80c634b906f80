"""What can be wrong with an expression, with its evaluation and with a set of steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


class ExpressionError(ValueError):
    """The source is not an expression of the language.

    Attributes:
        message: What was found and what is allowed.
        source: The source text.
        column: 0-based offset of the culprit in the source text, in characters.
    """

    def __init__(self, message: str, source: str, column: int) -> None:
        self.message, self.source, self.column = message, source, column
        super().__init__(f"column {column + 1}: {message}")

    def __reduce__(self) -> tuple[type[ExpressionError], tuple[str, str, int]]:
        return type(self), (self.message, self.source, self.column)


class EvaluationError(ValueError):
    """An expression has no value for these values of its names.

    Attributes:
        reason: What is wrong, e.g. ``division by zero``.
        part: The sub-expression in which it is wrong, as written.
        values: The names of that sub-expression with their values, printed.
        step: The step whose expression it is, where there is one.
    """

    def __init__(self, reason: str, part: str, values: str = "", step: str = "") -> None:
        self.reason, self.part, self.values, self.step = reason, part, values, step
        place = f"{step}: {part}" if step else part
        super().__init__(f"{place}: {reason}" + (f" ({values})" if values else ""))

    def __reduce__(self) -> tuple[type[EvaluationError], tuple[str, str, str, str]]:
        return type(self), (self.reason, self.part, self.values, self.step)


class OperationError(ValueError):
    """An operation is not defined for its operands; becomes an `EvaluationError` with a place."""


@dataclass(frozen=True)
class StepProblem:
    """One thing that is wrong with a set of steps.

    Attributes:
        step: Name of the step at fault.
        message: What was found and what is expected.
        column: 0-based offset in the step's expression, where there is one.
    """

    step: str
    message: str
    column: int = 0

    def __str__(self) -> str:
        return f"{self.step}: {self.message}"


class StepsError(ValueError):
    """The steps don't fit together; carries everything that is wrong with them at once."""

    def __init__(self, problems: Iterable[StepProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[StepsError], tuple[tuple[StepProblem, ...]]]:
        return type(self), (self.problems,)


def near(name: str, known: Iterable[str]) -> str:
    """A hint at names that look like this one: ``" (did you mean h1 or h2?)"``, or nothing."""
    matches = get_close_matches(name[:60], sorted(known), n=3, cutoff=0.6)
    return f" (did you mean {' or '.join(matches)}?)" if matches else ""
