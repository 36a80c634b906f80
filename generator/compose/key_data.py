"""The key of a copy as data: ``keys/E0312.json`` and its rows of ``keys.csv``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from generator.bank.characters import as_written
from generator.bank.exam import Exam
from generator.bank.part import OPTION_LABELS, Figure, Part, SolvedOption
from generator.bank.problem import FALLBACK_PREFIX, Problem
from generator.bank.template import Text
from generator.compose.figure_words import with_words
from generator.draw.draw import resolve
from generator.exact.numbers import Value, format_number
from generator.solve.accepted import accepted, exact_digits
from generator.solve.option_values import option_values
from generator.solve.printed import Plain, ShownValues, plain, plainly_shown
from generator.solve.solve import Solution

SCHEMA = 1
KEY_HEADER = ("code", "part", "quantity", "value")
NONE_RIGHT = "none"


def key_document(
    exam: Exam, code: str, mark: str, revision: int, solutions: Mapping[str, Solution]
) -> dict[str, Any]:
    """All that a key says, with what has no room in the PDF, as JSON data."""
    return {
        "schema": SCHEMA,
        "exam": exam.id,
        "code": code,
        "record": mark,
        "key_revision": revision,
        "language": exam.conventions.language,
        "problems": [_problem(problem, solutions[problem.id]) for problem in exam.problems],
    }


def key_json(document: Mapping[str, Any]) -> bytes:
    """The document as it is written to a file."""
    written = json.dumps(document, ensure_ascii=False, check_circular=False)
    return (written + "\n").encode()


def key_rows(
    code: str, answers: Iterable[Mapping[str, Mapping[str, Plain]]]
) -> Iterator[tuple[str, str, str, str]]:
    """The rows of a copy in ``keys.csv``: one per answer, one per multiple-choice part.

    Tables and tensors have no place in a cell; they are in the key's JSON.

    Args:
        code: The copy code.
        answers: For each problem, part id to what is recorded of its answers.
    """
    for problem in answers:
        for part, values in problem.items():
            for name, value in values.items():
                if isinstance(value, str):
                    yield code, part, name, value
                elif all(isinstance(member, str) for member in value):
                    yield code, part, name, " ".join(map(str, value)) or NONE_RIGHT


@dataclass(frozen=True)
class _Fixed:
    """What the data of a part say in every copy.

    Attributes:
        names: The values that it is the first to show, those of fallbacks left out.
        head: Its identity.
        told: What stands behind its values.
        rubric: The points of each item, with its text or its step.
        mistakes: What each mistake is, and what it still earns.
    """

    names: tuple[str, ...]
    head: Mapping[str, Any]
    told: Mapping[str, Any]
    rubric: tuple[tuple[str, Text | None, str | None], ...]
    mistakes: tuple[tuple[Text, str], ...]


@lru_cache(maxsize=256)
def _fixed_parts(problem: Problem) -> tuple[_Fixed, ...]:
    """What is fixed of each part; of a problem as a copy has it, of which there are few."""
    seen: set[str] = set()
    fixed = []
    for index, part in enumerate(problem.parts):
        intro = [problem.figure] if problem.figure is not None else []
        names = [*(_shown_names(problem.intro, *intro) if index == 0 else ())]
        names += _shown_names(part.ask, *part.paper_figures())
        names += (name for text in part.row_texts for name in _shown_names(text))
        new = [name for name in dict.fromkeys(names) if name not in seen]
        seen.update(new)
        fixed.append(_fixed(problem, part, new))
    return tuple(fixed)


def _fixed(problem: Problem, part: Part, names: Iterable[str]) -> _Fixed:
    told: dict[str, Any] = {"language": part.language} if part.language else {}
    if part.scoring:
        rule = part.scoring.removeprefix("paper.")
        told["scoring"] = {"rule": rule, "says": problem.conventions.catalogue.text(part.scoring)}
    return _Fixed(
        tuple(name for name in names if not name.startswith(FALLBACK_PREFIX)),
        {"id": part.id, "points": format_number(part.points)},
        told,
        tuple((format_number(item.points), item.text, item.step) for item in part.rubric),
        tuple((mistake.text, format_number(mistake.earns)) for mistake in part.mistakes),
    )


def _problem(problem: Problem, solution: Solution) -> dict[str, Any]:
    problem = resolve(problem, solution.draw.choices)
    fixed = _fixed_parts(problem)
    shown = plainly_shown(problem, solution.values)
    return {
        "id": problem.id,
        "title": problem.title,
        "points": format_number(problem.points),
        "parts": [
            _part(problem, part, solution, shown, own)
            for part, own in zip(problem.parts, fixed, strict=True)
        ],
    }


def _shown_names(text: Text, *figures: Figure) -> list[str]:
    """Names in the order in which a text prints them, then those of figures."""
    rest = sorted(text.names - set(text.printed))
    return [*text.printed, *rest, *(name for figure in figures for name in figure.shown)]


def _part(
    problem: Problem, part: Part, solution: Solution, shown: ShownValues, fixed: _Fixed
) -> dict[str, Any]:
    """A part of the key's JSON: what is the same in all copies, and what this one drew."""
    document: dict[str, Any] = dict(fixed.head)
    if fixed.names:
        values = solution.values
        document["given"] = {name: plain(problem, name, values[name]) for name in fixed.names}
    document |= fixed.told
    if part.option_count:
        document["options"] = _options(problem, part, solution)
    if part.chooses and solution.draw.choices[part.id].labels:
        document["labels"] = list(solution.draw.choices[part.id].labels)
    if part.is_written:
        rows = part.rows(solution.draw.choices[part.id])
        document["rows"] = [{"label": label, "text": text.render(shown)} for label, text in rows]
        document["answers"] = dict(solution.answers[part.id])
    if not part.boxed:
        return document
    if part.fallback:
        document["fallback"] = {
            name: plain(problem, FALLBACK_PREFIX + name, solution.values[FALLBACK_PREFIX + name])
            for name in part.fallback
        }
    document["answers"] = dict(solution.answers[part.id])
    if gaps := {it.name: it.text for it in part.gaps if it.text is not None}:
        document["gaps"] = {name: text.render(shown) for name, text in gaps.items()}
    if accept := accepted_ranges(problem, part, solution.values):
        document["accept"] = accept
    if solution.fallback_answers.get(part.id):
        document["answers_from_fallback"] = dict(solution.fallback_answers[part.id])
        followed = {**solution.values, **solution.from_fallback[part.id]}
        if accept := accepted_ranges(problem, part, followed):
            document["accept_from_fallback"] = accept
    return document | _explanations(problem, part, solution, shown, fixed)


def accepted_ranges(
    problem: Problem, part: Part, values: Mapping[str, Value]
) -> dict[str, dict[str, str]]:
    """The answers with a tolerance: its rule, the least and the largest right value."""
    found = {}
    for name in part.answers:
        bounds = accepted(problem, name, values) if name in problem.accepts else None
        if bounds is not None:
            least, most = map(exact_digits, bounds)
            rule = problem.accepts[name].tolerance.text
            found[name] = {"rule": rule, "from": least, "to": most}
    return found


def _explanations(
    problem: Problem, part: Part, solution: Solution, shown: ShownValues, fixed: _Fixed
) -> dict[str, Any]:
    rubric: list[dict[str, Any]] = [
        {"points": points, "for": as_written(text.render(shown))}
        if text is not None
        else {"points": points, "step": step}
        for points, text, step in fixed.rubric
    ]
    document: dict[str, Any] = {"rubric": rubric}
    if part.answer.source:
        document["model_answer"] = as_written(part.answer.render(shown))
    document["also_accept"] = [text.render(shown) for text in part.also_accept]
    document["mistakes"] = [
        {"is": text.render(shown), "earns": earns} for text, earns in fixed.mistakes
    ]
    for answer in solution.mistakes(problem, part):
        field = "answers_from_fallback" if answer.fallback else "answers"
        document["mistakes"][answer.number].setdefault(field, {})[answer.step] = answer.printed
    return document


def _options(problem: Problem, part: Part, solution: Solution) -> list[dict[str, Any]]:
    options = []
    for label, option in zip(OPTION_LABELS, solution.options[part.id], strict=False):
        say, why = (
            _said(problem, text, option, solution) if text.varies else as_written(text.source)
            for text in (option.say, option.why)
        )
        said = with_words(problem, option.figure, say, solution.values)
        options.append({"label": label, "text": said, "correct": option.correct, "why": why})
    return options


def _said(problem: Problem, text: Text, option: SolvedOption, solution: Solution) -> str:
    shown = option_values(problem, text, option, solution)
    values = {name: value.value for name, value in shown.items()}
    return as_written(text.render(plainly_shown(problem, values)))
