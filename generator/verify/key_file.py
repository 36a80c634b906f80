"""What is wrong with the data of a key: all that it says is held against record and bank.

The file is parsed again. What it must say is not taken from what wrote it: constant texts come from
the bank, answers from the record, and values are printed once more.
"""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, TypeAlias

from generator.bank.characters import as_written
from generator.bank.exam import Exam
from generator.bank.part import OPTION_LABELS, Part
from generator.bank.problem import FALLBACK_PREFIX, Problem
from generator.bank.template import Text
from generator.compose.key_data import SCHEMA, accepted_ranges
from generator.draw.draw import resolve
from generator.exact.numbers import Value, format_number
from generator.record.copy import Copy
from generator.solve.mistakes import MistakeAnswer
from generator.solve.printed import Plain, ShownValues, plain, plainly_shown
from generator.solve.solve import Solution

Wanted: TypeAlias = Callable[[ShownValues], Any]

_PRINTED: Final = 4096
"""So many values of a problem are kept; most are drawn from short lists."""


@dataclass(frozen=True)
class _Mould:
    """What the data of a part must say.

    Attributes:
        constant: Field to its value in every copy.
        varying: Field to what makes its value.
        given: Names that must have their values.
    """

    part: Part
    constant: Mapping[str, Any]
    varying: Sequence[tuple[str, Wanted]]
    given: Sequence[str]


@dataclass(frozen=True)
class _ProblemMould:
    """What the data of a problem must say; of a problem as a copy has it, of which there are few.

    Attributes:
        head: Its fields that are the same in every copy.
        printed: Name and identity of a value to how it is written, and the value: numbers of
            lists are the same objects in all copies, and their hashes are dear.
    """

    problem: Problem
    head: Mapping[str, Any]
    parts: Sequence[_Mould]
    printed: dict[tuple[str, int], tuple[Any, Value]] = field(default_factory=dict)

    def plain(self, name: str, value: Value) -> Any:
        """A value as files have it."""
        key = name, id(value)
        kept = self.printed.get(key)
        if kept is None:
            if len(self.printed) >= _PRINTED:
                self.printed.clear()
            kept = self.printed[key] = _as_data(plain(self.problem, name, value)), value
        return kept[0]


def wrong_data(
    document: bytes, copy: Copy, exam: Exam, solutions: Mapping[str, Solution]
) -> list[str]:
    """What the data of a key say that record and bank do not, in words.

    Args:
        document: The JSON file of the key.
        solutions: The problems of the copy, solved from its record.
    """
    is_collected = gc.isenabled()
    gc.disable()  # thousands of small objects live for a moment, and a worker has very many others
    try:
        return list(_wrong_data(document, copy, exam, solutions))
    finally:
        if is_collected:
            gc.enable()


def _wrong_data(
    document: bytes, copy: Copy, exam: Exam, solutions: Mapping[str, Solution]
) -> Iterator[str]:
    data = json.loads(document)
    what = f"data of the key of {copy.code}"
    problems = data.pop("problems", [])
    head = {
        "schema": SCHEMA,
        "exam": exam.id,
        "code": copy.code,
        "record": copy.mark,
        "key_revision": copy.key_revision,
        "language": exam.conventions.language,
    }
    yield from (f"{what}: {said}" for said in _differ(data, head))
    ids = [problem.get("id") for problem in problems]
    if ids != [problem.id for problem in exam.problems]:
        yield f"{what}: it has the problems {ids}"
        return
    recorded = copy.problems
    for problem, shown in zip(exam.problems, problems, strict=True):
        mould = _mould(resolve(problem, solutions[problem.id].draw.choices))
        answers = recorded[problem.id].answers if problem.id in recorded else {}
        found = _wrong_problem(mould, shown, solutions[problem.id], answers)
        yield from (f"{what}: {said}" for said in found)


def _differ(shown: Mapping[str, Any], wanted: Mapping[str, Any], of: str = "") -> Iterator[str]:
    """Fields that are not as they should be, missing, or not known."""
    if shown == wanted:
        return
    for name in dict.fromkeys((*wanted, *shown)):
        own, other = shown.get(name), wanted.get(name)
        if isinstance(own, Mapping) and isinstance(other, Mapping):
            yield from _differ(own, other, f" of {name}{of}")
        elif own != other:
            yield f"{name}{of} is {own!r}, expected {other!r}"


def _wrong_problem(
    mould: _ProblemMould,
    shown: dict[str, Any],
    solution: Solution,
    recorded: Mapping[str, Mapping[str, Plain]],
) -> Iterator[str]:
    parts = shown.pop("parts", [])
    yield from _differ(shown, mould.head)
    ids = [part.get("id") for part in parts]
    if ids != [it.part.id for it in mould.parts]:
        yield f"problem {mould.problem.id} has the parts {ids}"
        return
    values = plainly_shown(mould.problem, solution.values)
    for own, part in zip(mould.parts, parts, strict=True):
        name = own.part.id
        wanted = dict(own.constant)
        for field_name, make in own.varying:
            wanted[field_name] = make(values)
        wanted |= _values(mould, own, solution)
        if own.part.option_count:
            right = set(map(str, recorded.get(name, {}).get("correct", ())))
            wanted["options"] = _options(own.part, part, solution, right)
        elif name in recorded or "answers" in part:
            answers = recorded.get(name, {})
            wanted["answers"] = answers if part.get("answers") == answers else _as_data(answers)
        if own.part.is_written:
            rows = own.part.rows(solution.draw.choices[name])
            wanted["rows"] = [{"label": label, "text": it.render(values)} for label, it in rows]
        if own.part.mistakes and (wrong := solution.mistakes(mould.problem, own.part)):
            wanted["mistakes"] = _with_answers(wanted["mistakes"], wrong)
        if part != wanted:
            yield from (f"{name}: {said}" for said in _differ(part, wanted))


def _values(mould: _ProblemMould, own: _Mould, solution: Solution) -> dict[str, Any]:
    """The fields of a part with values of the copy."""
    part, values = own.part, solution.values
    found: dict[str, Any] = {}
    if own.given:
        found["given"] = {name: mould.plain(name, values[name]) for name in own.given}
    if part.chooses and (labels := solution.draw.choices[part.id].labels):
        found["labels"] = list(labels)
    if not part.boxed:
        return found
    if part.fallback:
        found["fallback"] = {
            name: mould.plain(FALLBACK_PREFIX + name, values[FALLBACK_PREFIX + name])
            for name in part.fallback
        }
    followed = solution.fallback_answers.get(part.id)
    if followed:
        found["answers_from_fallback"] = _as_data(followed)
    if mould.problem.accepts:
        from_fallback = {**values, **solution.from_fallback[part.id]} if followed else {}
        for name, own_values in (("accept", values), ("accept_from_fallback", from_fallback)):
            if own_values and (ranges := accepted_ranges(mould.problem, part, own_values)):
                found[name] = ranges
    return found


def _options(
    part: Part, shown: Mapping[str, Any], solution: Solution, right: Collection[str]
) -> list[dict[str, Any]]:
    """The options of a part; what one with values says is taken as it is, if it says the rest."""
    found = []
    said = {it.get("label"): it for it in shown.get("options", ())}
    for label, option in zip(OPTION_LABELS, solution.options[part.id], strict=False):
        own = said.get(label, {})
        text, why = (
            _said(it.source, str(own.get(name)), varies=it.varies or option.figure is not None)
            for name, it in (("text", option.say), ("why", option.why))
        )
        found.append({"label": label, "text": text, "correct": label in right, "why": why})
    return found


@lru_cache(maxsize=4096)
def _said(source: str, said: str, *, varies: bool) -> str:
    """What must be said where something is: that, if it is the text with some values."""
    if not varies:
        return as_written(source)
    return said if _pattern(source).fullmatch(said) else as_written(source)


@lru_cache(maxsize=1024)
def _pattern(source: str) -> re.Pattern[str]:
    """What a text may say, whatever is drawn for it."""
    if "<%" in source or re.search(r"<<\s*[+(-]", source):
        return re.compile(".*", re.DOTALL)
    pieces = re.split(r"<<.*?>>|\\OptionFigure\{.*?\}", re.sub("<#.*?#>", "", source))
    return re.compile(".*?".join(re.escape(as_written(it)) for it in pieces), re.DOTALL)


def _with_answers(
    mistakes: Iterable[Mapping[str, Any]], answers: Iterable[MistakeAnswer]
) -> list[dict[str, Any]]:
    """Mistakes with what they lead to."""
    found = [dict(it) for it in mistakes]
    for answer in answers:
        name = "answers_from_fallback" if answer.fallback else "answers"
        said = answer.printed
        own = found[answer.number].setdefault(name, {})
        own[answer.step] = said if isinstance(said, str) else _as_data(said)
    return found


@lru_cache(maxsize=256)
def _mould(problem: Problem) -> _ProblemMould:
    head = {"id": problem.id, "title": problem.title, "points": format_number(problem.points)}
    parts: list[_Mould] = []
    seen: set[str] = set()
    for part in problem.parts:
        texts = [part.ask, *part.row_texts]
        figures = [*part.paper_figures()]
        if not parts:
            texts.append(problem.intro)
            figures += [problem.figure] if problem.figure is not None else []
        names = {name for text in texts for name in text.names}
        names |= {name for figure in figures for name in figure.shown}
        given = {it for it in names - seen if not it.startswith(FALLBACK_PREFIX)}
        seen |= names
        parts.append(_part_mould(problem, part, sorted(given)))
    return _ProblemMould(problem, head, parts)


def _part_mould(problem: Problem, part: Part, given: Sequence[str]) -> _Mould:
    constant: dict[str, Any] = {"id": part.id, "points": format_number(part.points)}
    if part.language:
        constant["language"] = part.language
    if part.scoring:
        rule = part.scoring.removeprefix("paper.")
        says = problem.conventions.catalogue.text(part.scoring)
        constant["scoring"] = {"rule": rule, "says": says}
    varying: list[tuple[str, Wanted]] = []
    nothing = plainly_shown(problem, {})
    for name, texts, make in _boxed_texts(part) if part.boxed else ():
        if any(text.varies for text in texts):
            varying.append((name, make))
        else:
            constant[name] = make(nothing)
    return _Mould(part, constant, varying, given)


def _boxed_texts(part: Part) -> Iterator[tuple[str, Sequence[Text], Wanted]]:
    """Fields of a part with a box, the texts that they show, and what makes their values."""
    items = [(format_number(it.points), it.text, it.step) for it in part.rubric]

    def rubric(shown: ShownValues) -> list[dict[str, Any]]:
        return [
            {"points": points, "step": step}
            if text is None
            else {"points": points, "for": as_written(text.render(shown))}
            for points, text, step in items
        ]

    yield "rubric", [text for _, text, _ in items if text is not None], rubric
    yield "also_accept", part.also_accept, lambda own: [it.render(own) for it in part.also_accept]
    if part.answer.source:
        yield "model_answer", [part.answer], lambda own: as_written(part.answer.render(own))
    mistakes = [(it.text, format_number(it.earns)) for it in part.mistakes]
    yield (
        "mistakes",
        [text for text, _ in mistakes],
        lambda own: [{"is": text.render(own), "earns": earns} for text, earns in mistakes],
    )
    gaps = {it.name: it.text for it in part.gaps if it.text is not None}
    if gaps:
        said = list(gaps.values())
        yield "gaps", said, lambda own: {name: text.render(own) for name, text in gaps.items()}


def _as_data(value: Any) -> Any:
    """A recorded value as JSON has it: tables are nested tuples in the record."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {name: _as_data(own) for name, own in value.items()}
    return [_as_data(own) for own in value] if isinstance(value, list | tuple) else value
