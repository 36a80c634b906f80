"""What a copy's answers come to if a common mistake is made, also after the fallback values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator.bank.part import Part
from generator.bank.problem import FALLBACK_PREFIX, Problem
from generator.exact.numbers import Value
from generator.expressions import EvaluationError
from generator.solve.follow import print_any
from generator.solve.printed import Plain


@dataclass(frozen=True)
class MistakeAnswer:
    """An answer as a mistake changes it.

    Attributes:
        number: Index among the mistakes of the part.
        step: The answer's name.
        value: Its value.
        printed: The same as a key prints it, rounded where it has no short expansion.
        fallback: Whether the student went on with the printed fallback values.
    """

    number: int
    step: str
    value: Value
    printed: Plain
    fallback: bool


def mistaken_sheets(
    problem: Problem, part: Part, values: Mapping[str, Value]
) -> Iterator[tuple[int, bool, Mapping[str, Value]]]:
    """Each mistake of a part with the answers that it changes; none that has no value here.

    Args:
        problem: As the copy has it.
        values: All drawn names and all steps.

    Returns:
        Index of the mistake, whether the student went on with the printed fallback values, answers.
    """
    found = problem.mistaken.get(part.id, ())
    if not found:
        return
    sources, own = problem.followed.get(part.id, ((), ()))
    sheets: list[tuple[bool, Mapping[str, Value]]] = [(False, values)]
    if set(own) & set(part.answers):
        printed = {name: values[FALLBACK_PREFIX + name] for name in sources}
        sheets.append((True, {**values, **problem.steps.follow(values, printed)}))
    for mistaken in found:
        for fallback, sheet in sheets:
            try:
                answers = mistaken.values(sheet)
            except EvaluationError:
                continue
            yield mistaken.number, fallback, answers


def mistake_answers(
    problem: Problem, part: Part, values: Mapping[str, Value]
) -> Iterator[MistakeAnswer]:
    """All answers that the part's mistakes change, as a key prints them.

    Args:
        problem: As the copy has it.
        values: All drawn names and all steps.
    """
    for number, fallback, answers in mistaken_sheets(problem, part, values):
        for name, value in answers.items():
            said = print_any(problem, name, value)
            yield MistakeAnswer(number, name, value, said, fallback)
