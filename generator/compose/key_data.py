"""The key of a copy as data: ``keys/E0312.json`` and its rows of ``keys.csv``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from generator.bank.characters import as_written
from generator.bank.exam import Exam
from generator.bank.part import OPTION_LABELS, Figure, Part
from generator.bank.problem import FALLBACK_PREFIX, Problem
from generator.bank.template import Text
from generator.compose.figure_words import with_words
from generator.draw.draw import resolve
from generator.exact.numbers import Value, format_number
from generator.solve.accepted import accepted, exact_digits
from generator.solve.option_values import option_values
from generator.solve.printed import Plain, plain, plainly_shown
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
    return (json.dumps(document, ensure_ascii=False) + "\n").encode()


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


def _problem(problem: Problem, solution: Solution) -> dict[str, Any]:
    problem = resolve(problem, solution.draw.choices)
    seen: set[str] = set()
    parts = []
    for index, part in enumerate(problem.parts):
        intro = [problem.figure] if problem.figure is not None else []
        names = [*(_shown_names(problem.intro, *intro) if index == 0 else ())]
        names += _shown_names(part.ask, *part.paper_figures())
        names += (name for text in part.row_texts for name in _shown_names(text))
        new = [name for name in dict.fromkeys(names) if name not in seen]
        seen.update(new)
        parts.append(_part(problem, part, solution, new))
    return {
        "id": problem.id,
        "title": problem.title,
        "points": format_number(problem.points),
        "parts": parts,
    }


def _shown_names(text: Text, *figures: Figure) -> list[str]:
    """Names in the order in which a text prints them, then those of figures."""
    rest = sorted(text.names - set(text.printed))
    return [*text.printed, *rest, *(name for figure in figures for name in figure.shown)]


def _part(problem: Problem, part: Part, solution: Solution, names: list[str]) -> dict[str, Any]:
    given = {
        name: plain(problem, name, solution.values[name])
        for name in names
        if not name.startswith(FALLBACK_PREFIX)
    }
    document: dict[str, Any] = {"id": part.id, "points": format_number(part.points)}
    if given:
        document["given"] = given
    if part.language:
        document["language"] = part.language
    if part.scoring:
        say = problem.conventions.catalogue.text
        rule = part.scoring.removeprefix("paper.")
        document["scoring"] = {"rule": rule, "says": say(part.scoring)}
    if part.option_count:
        document["options"] = _options(problem, part, solution)
    if part.chooses and solution.draw.choices[part.id].labels:
        document["labels"] = list(solution.draw.choices[part.id].labels)
    if part.is_written:
        rows = part.rows(solution.draw.choices[part.id])
        values = plainly_shown(problem, solution.values)
        document["rows"] = [{"label": label, "text": text.render(values)} for label, text in rows]
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
        values = plainly_shown(problem, solution.values)
        document["gaps"] = {name: text.render(values) for name, text in gaps.items()}
    if accept := _accept(problem, part, solution.values):
        document["accept"] = accept
    if solution.fallback_answers.get(part.id):
        document["answers_from_fallback"] = dict(solution.fallback_answers[part.id])
        followed = {**solution.values, **solution.from_fallback[part.id]}
        if accept := _accept(problem, part, followed):
            document["accept_from_fallback"] = accept
    return document | _explanations(problem, part, solution)


def _accept(problem: Problem, part: Part, values: Mapping[str, Value]) -> dict[str, dict[str, str]]:
    """The answers with a tolerance: its rule, the least and the largest right value."""
    found = {}
    for name in part.answers:
        bounds = accepted(problem, name, values) if name in problem.accepts else None
        if bounds is not None:
            least, most = map(exact_digits, bounds)
            rule = problem.accepts[name].tolerance.text
            found[name] = {"rule": rule, "from": least, "to": most}
    return found


def _explanations(problem: Problem, part: Part, solution: Solution) -> dict[str, Any]:
    shown = plainly_shown(problem, solution.values)
    rubric = []
    for item in part.rubric:
        reason = {"for": as_written(item.text.render(shown))} if item.text else {"step": item.step}
        rubric.append({"points": format_number(item.points), **reason})
    document: dict[str, Any] = {"rubric": rubric}
    if part.answer.source:
        document["model_answer"] = as_written(part.answer.render(shown))
    document["also_accept"] = [text.render(shown) for text in part.also_accept]
    document["mistakes"] = [
        {"is": mistake.text.render(shown), "earns": format_number(mistake.earns)}
        for mistake in part.mistakes
    ]
    for answer in solution.mistakes(problem, part):
        field = "answers_from_fallback" if answer.fallback else "answers"
        document["mistakes"][answer.number].setdefault(field, {})[answer.step] = answer.printed
    return document


def _options(problem: Problem, part: Part, solution: Solution) -> list[dict[str, Any]]:
    options = []
    for label, option in zip(OPTION_LABELS, solution.options[part.id], strict=False):
        texts = []
        for text in (option.say, option.why):
            shown = option_values(problem, text, option, solution)
            values = {name: value.value for name, value in shown.items()}
            texts.append(as_written(text.render(plainly_shown(problem, values))))
        said = with_words(problem, option.figure, texts[0], solution.values)
        options.append({"label": label, "text": said, "correct": option.correct, "why": texts[1]})
    return options
