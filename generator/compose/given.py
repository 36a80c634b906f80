"""What a paper may know of a copy, and what only its key knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from generator.bank.exam import Exam
from generator.bank.group import variants
from generator.bank.part import SolvedOption
from generator.bank.problem import Problem
from generator.bank.template import Shown, Text
from generator.draw.draw import choosing_parts, resolve
from generator.exact.numbers import Value
from generator.solve.option_values import option_values
from generator.solve.printed import shown_value
from generator.solve.solve import Solution


@dataclass(frozen=True)
class GivenOption:
    """An option as it is printed; it does not say whether it is right."""

    text: Text
    values: Mapping[str, Shown]

    @property
    def tex(self) -> str:
        return self.text.render(self.values)


@dataclass(frozen=True)
class Given:
    """What the paper of a copy shows: no answer, no person.

    Attributes:
        code: The copy code.
        values: Problem id to the values that its texts print.
        options: Part id to its options in order.
        rows: Part id to what stands labeled beneath its question.
        figures: Slot of a figure to the index of its variant.
        questions: Part id to the question that stands there in place of its alternatives.
    """

    code: str
    values: Mapping[str, Mapping[str, Shown]]
    options: Mapping[str, tuple[GivenOption, ...]]
    rows: Mapping[str, tuple[tuple[str, Text], ...]]
    figures: Mapping[str, int]
    questions: Mapping[str, Text]


@dataclass(frozen=True)
class Answers:
    """What only the key of a copy shows.

    Attributes:
        solutions: Problem id to its solution.
        figures: Slot of a figure of the key alone to the index of its variant.
    """

    solutions: Mapping[str, Solution]
    figures: Mapping[str, int]


def split(exam: Exam, code: str, solutions: Mapping[str, Solution]) -> tuple[Given, Answers]:
    """Parts what a paper may show from what only the key may."""
    values: dict[str, Mapping[str, Shown]] = {}
    options: dict[str, tuple[GivenOption, ...]] = {}
    rows: dict[str, tuple[tuple[str, Text], ...]] = {}
    figures = {exam.logo.slot: 0} if exam.logo is not None else {}
    key_figures: dict[str, int] = {}
    questions: dict[str, Text] = {}
    for whole in exam.problems:
        solution = solutions[whole.id]
        problem = resolve(whole, solution.draw.choices)
        if problem is not whole:
            questions |= {part.id: part.ask for part in problem.parts}
        printed = paper_names(problem)
        values[problem.id] = {
            name: shown_value(problem, name, solution.values[name]) for name in sorted(printed)
        }
        for part in choosing_parts(problem):
            options[part.id] = tuple(
                given_option(problem, option, solution)
                for option in solution.options.get(part.id, ())
            )
            rows[part.id] = part.rows(solution.draw.choices[part.id])
        for slot, index in figure_variants(problem, solution).items():
            (key_figures if slot in key_slots(problem) else figures)[slot] = index
    given = Given(code, values, options, rows, figures, questions)
    return given, Answers(dict(solutions), key_figures)


def paper_names(problem: Problem) -> frozenset[str]:
    """The names whose values the paper prints."""
    names = set(problem.intro.names)
    for part in problem.parts:
        names |= {name for text in (part.ask, *part.row_texts) for name in text.names}
    for figure in problem.paper_figures():
        names |= {name for text in figure.labels.values() for name in text.names}
        names |= figure.plot.names if figure.plot is not None else frozenset()
    return frozenset(names)


def given_option(problem: Problem, option: SolvedOption, solution: Solution) -> GivenOption:
    """An option without its truth; a computed one brings its own values."""
    return GivenOption(option.say, option_values(problem, option.say, option, solution))


def key_slots(problem: Problem) -> set[str]:
    """The slots of figures that only the key shows."""
    return {figure.slot for part in problem.parts for figure in part.solved_figures.values()}


def figure_variants(problem: Problem, solution: Solution) -> dict[str, int]:
    """Slot to the index of the variant among all that the figure has.

    Those of options are left out that the copy does not have.
    """
    result = {}
    options = [option for found in solution.options.values() for option in found]
    said = "".join(option.say.source for option in options)
    for figure in problem.figures():
        if figure.plot is not None or (
            figure.of_option and f"\\OptionFigure{{{figure.slot}}}" not in said
        ):
            continue
        values = tuple(solution.values[name] for name in figure.values)
        result[figure.slot] = _variant_index(problem, figure.values)[values]
    return result


@lru_cache(maxsize=256)
def _variant_index(problem: Problem, names: tuple[str, ...]) -> Mapping[tuple[Value, ...], int]:
    found = variants(problem.variables, names)
    return {values: index for index, values in enumerate(found)}
