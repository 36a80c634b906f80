"""Follow-through for correctors: what a student wrote, and what is right after it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from generator.bank.exam import Exam
from generator.bank.parsed_file import near_names
from generator.bank.problem import FALLBACK_PREFIX, Problem
from generator.correct.results import Result, results
from generator.correct.written import PLAIN_FORM, read_complex, read_measured
from generator.draw.draw import resolve
from generator.errors import Complaint, InputError
from generator.exact.numbers import Complex, NumberError, Value, exact, format_number, places
from generator.expressions import EvaluationError, Step
from generator.language.conventions import Conventions
from generator.language.forms import Form
from generator.language.units import unit_text
from generator.solve.accepted import accepted
from generator.solve.follow import Followed, follow, part_of_steps, print_any, recompute
from generator.solve.printed import Plain, plainly_shown
from generator.solve.solve import Solution

_DIGITS = re.compile(r"-?[0-9]+(\.[0-9]+)?")

Verdict = Literal["right", "follow-through", "fallback", "as in the key", "wrong"]


@dataclass(frozen=True)
class WrittenValue:
    """What a student wrote for a step.

    Attributes:
        part: The part that the step belongs to.
        step: Its name.
        value: What was written.
        printed: The same in plain digits.
        key: What the key says.
        verdict: Against the key, and against what follows from the other steps that were written:
            ``as in the key`` is a value that does not follow from them, ``fallback`` one that
            follows from the printed fallback.
    """

    part: str
    step: str
    value: Value
    printed: Plain
    key: Plain
    verdict: Verdict


@dataclass(frozen=True)
class FollowThrough:
    """What follows from what was written in one problem.

    Attributes:
        problem: The problem's id.
        written: What was written, in the order of the steps.
        followed: All steps that depend on it, in order.
        key: Each of these to what the key says.
        alike: Other results of the key that were written: of a mistake, or the fallback.
        points: Each step that the rubric names to what it earns.
        mistakes: Part and index of each such mistake to its text and to the points that it earns.
    """

    problem: str
    written: tuple[WrittenValue, ...]
    followed: tuple[Followed, ...]
    key: Mapping[str, Plain]
    alike: tuple[Result, ...]
    mistakes: Mapping[tuple[str, int], tuple[str, str]]
    points: Mapping[str, str] = field(default_factory=dict)


def read_pairs(
    exam: Exam, solutions: Mapping[str, Solution], pairs: Sequence[str], *, comma: bool = False
) -> tuple[str, dict[str, Value]]:
    """Reads ``h1=3`` and ``7:h1=3`` (of several problems that have such a step).

    Args:
        comma: Whether the exam writes decimal commas.

    Returns:
        The id of the problem, and step to value. Of several problems that have all of the steps,
        it is the first.

    Raises:
        InputError: Unknown steps, names of drawn values, values that are no numbers; all at once.
    """
    own = {it.id: resolve(it, solutions[it.id].draw.choices) for it in exam.problems}
    complaints: list[Complaint] = []
    asked: list[tuple[str, str, str, set[str]]] = []
    for pair in pairs:
        where, name, text = _split(pair)
        found = {it for it, problem in own.items() if where in {"", it} and name in problem.steps}
        if "=" not in pair or not name:
            complaints.append(_complaint(pair, "expected STEP=VALUE, e.g. h1=3"))
        elif not found:
            complaints.append(_complaint(pair, _why_no_step(own, where, name, solutions)))
        elif name in [earlier for _, earlier, _, _ in asked]:
            complaints.append(_complaint(pair, f"{name} is there twice; give it one value"))
        else:
            asked.append((pair, name, text, found))
    common = set(own).intersection(*(found for *_, found in asked))
    if asked and not common:
        names = ", ".join(f"{name} ({', '.join(sorted(found))})" for _, name, _, found in asked)
        message = f"steps of different problems: {names}; ask for one problem at a time"
        complaints.append(_complaint("", message))
    written: dict[str, Value] = {}
    chosen = next((it for it in own if it in common), "")
    for pair, name, text, found in asked:
        problem_id = chosen if chosen in found else min(found)
        problem = own[problem_id]
        key, unit = solutions[problem_id].values[name], problem.units.get(name, "")
        try:
            written[name] = read_value(text, key, comma, unit, problem.form(name))
        except NumberError as error:
            complaints.append(_complaint(pair, str(error)))
    if not pairs:
        complaints.append(_complaint("", "nothing was given; expected STEP=VALUE, e.g. h1=3"))
    if complaints:
        raise InputError(complaints)
    return chosen, written


def asked_elsewhere(
    exam: Exam, solutions: Mapping[str, Solution], pairs: Sequence[str], chosen: str
) -> list[str]:
    """The other problems that have all of these steps, where none is said."""
    names = [_split(pair)[1] for pair in pairs if not _split(pair)[0]]
    return [
        problem.id
        for problem in exam.problems
        if problem.id != chosen
        and names
        and all(
            name in resolve(problem, solutions[problem.id].draw.choices).steps for name in names
        )
    ]


def _split(pair: str) -> tuple[str, str, str]:
    """Problem (empty for any), step and value; a part stands for its problem."""
    name, _, text = pair.partition("=")
    where, _, step = name.strip().rpartition(":")
    return where.strip().split(".")[0], step.strip(), text.strip()


def _complaint(where: str, message: str) -> Complaint:
    return Complaint("", 0, 0, where, message)


def _why_no_step(
    own: Mapping[str, Problem], where: str, name: str, solutions: Mapping[str, Solution]
) -> str:
    if where and where not in own:
        return f"there is no problem {where}; the exam has {', '.join(own)}"
    for problem in own.values():
        if where in {"", problem.id} and name in problem.variables:
            printed = print_any(problem, name, solutions[problem.id].values[name])
            return (
                f"{name} is drawn and stands on the paper ({in_line(printed)}): it is not a step; "
                f"{_steps_of(problem)}"
            )
    steps = [step for it in own.values() if where in {"", it.id} for step in it.steps.order]
    near = near_names(name, steps)
    hint = (
        f"did you mean {near}?"
        if near
        else "; ".join(
            _steps_of(it) for it in own.values() if it.steps.order and where in {"", it.id}
        )
    )
    return f"there is no step {name}{f' in problem {where}' if where else ''}; {hint}"


def _steps_of(problem: Problem) -> str:
    return f"the steps of problem {problem.id} are {', '.join(problem.steps.order)}"


def read_value(
    text: str, key: Value, comma: bool, unit: str = "", form: Form = PLAIN_FORM
) -> Value:
    """Reads a value of the same kind as the key's.

    Args:
        unit: The unit of the result in TeX, as a problem has it.
        form: How the result is printed.

    Raises:
        NumberError: It is none.
    """
    if isinstance(key, tuple):
        inner = text.strip("()[] ")
        items = inner.split(";" if ";" in inner or comma else ",")
        return tuple(read_value(item.strip(), key[0], comma, unit, form) for item in items)
    if isinstance(key, bool):
        if text.lower() not in {"true", "false"}:
            raise NumberError(f"expected true or false, got {text!r}")
        return text.lower() == "true"
    if isinstance(key, str):
        return text
    if isinstance(key, Complex):
        return read_complex(text, comma=comma)
    about = exact(key)
    return read_measured(text, comma=comma, about=about, unit=unit_text(unit), form=form)


def follow_through(
    problem: Problem, solution: Solution, written: Mapping[str, Value]
) -> FollowThrough:
    """What follows from what a student wrote.

    Args:
        problem: The problem as the bank has it.
        written: Step to what was written; at least one.
    """
    own = resolve(problem, solution.draw.choices)
    values = solution.values
    followed = follow(own, values, written)
    parts = part_of_steps(own)
    order = [name for name in own.steps.order if name in written]
    alike = tuple(_alike(problem, solution, written))
    return FollowThrough(
        problem.id,
        tuple(
            WrittenValue(
                parts.get(name, ""),
                name,
                written[name],
                print_written(written[name]),
                print_any(own, name, values[name]),
                judge_all(own, values, written, name),
            )
            for name in order
        ),
        tuple(followed.values()),
        {name: print_any(own, name, values[name]) for name in followed},
        alike,
        dict(_mistakes(own, solution, alike)),
        {
            item.step: own.conventions.number(item.points)
            for part in own.parts
            for item in part.rubric
            if item.step is not None
        },
    )


def _mistakes(
    problem: Problem, solution: Solution, alike: Sequence[Result]
) -> Iterator[tuple[tuple[str, int], tuple[str, str]]]:
    """Text and points of the mistakes among some results."""
    parts = {part.id: part for part in problem.parts}
    for result in alike:
        if result.mistake is not None:
            mistake = parts[result.part].mistakes[result.mistake]
            text = mistake.text.render(plainly_shown(problem, solution.values))
            earned = problem.conventions.number(mistake.earns)
            yield (result.part, result.mistake), (text, earned)


def judge(
    problem: Problem, values: Mapping[str, Value], written: Mapping[str, Value], name: str
) -> Verdict:
    """Whether a step is right, in itself or after the others that were written.

    Args:
        problem: As the copy has it.
        values: All drawn names and all steps.
        written: What was written, with the step.
    """
    others = {step: value for step, value in written.items() if step != name}
    followed = recompute(problem, values, others) if others else {}
    expected = followed.get(name, values[name])
    as_key = is_right(problem, name, written[name], values)
    follows = False
    if not isinstance(expected, EvaluationError):
        known = {it: own for it, own in followed.items() if not isinstance(own, EvaluationError)}
        follows = is_right(problem, name, written[name], {**values, **others, **known})
    if as_key:
        return "right" if follows else "as in the key"
    return "follow-through" if follows else "wrong"


def judge_all(
    problem: Problem, values: Mapping[str, Value], written: Mapping[str, Value], name: str
) -> Verdict:
    """Whether a step is right, also after the fallback that its part prints.

    Who goes on from the fallback has other values in that part than the key, whatever was written
    in the parts before: what follows from the fallback counts like what follows from the key.
    """
    verdict = judge(problem, values, written, name)
    if verdict in {"right", "follow-through"}:
        return verdict
    parts = part_of_steps(problem)
    sources, _ = problem.followed.get(parts.get(name, ""), ((), ()))
    if not sources:
        return verdict
    printed = {it: values[FALLBACK_PREFIX + it] for it in sources}
    later = {*problem.steps.dependents(*sources), name}
    # With own values of what the fallback does not touch, or with the key's.
    for known in ({it for it in written if it not in sources}, later):
        own = {it: value for it, value in written.items() if it in known}
        if judge(problem, values, {**own, **printed}, name) in {"right", "follow-through"}:
            return "fallback"
    return verdict


def is_right(problem: Problem, name: str, written: Value, values: Mapping[str, Value]) -> bool:
    """Whether a value is right for these values, also within the tolerance that the bank states."""
    if agrees(problem, name, written, values[name]):
        return True
    if isinstance(written, bool | str | tuple | Complex):
        return False
    try:
        bounds = accepted(problem, name, values)
    except EvaluationError:
        return False
    return bounds is not None and bounds[0] <= exact(written) <= bounds[1]


def agrees(problem: Problem, name: str, written: Value, expected: Value) -> bool:
    """Whether a value is the expected one; more digits than the question wants do no harm."""
    if written == expected:
        return True
    step = problem.rounding.get(name)
    if isinstance(written, str) or isinstance(expected, str):
        return str(written).strip().casefold() == str(expected).strip().casefold()
    return isinstance(step, Step) and step.round(written) == expected


def print_written(value: Value) -> Plain:
    """What was written, in plain digits without padding."""
    if isinstance(value, tuple):
        return [print_written(member) for member in value]
    if isinstance(value, bool | str):
        return str(value).lower() if isinstance(value, bool) else value
    if isinstance(value, Complex):
        return str(value)
    return format_number(value) if places(value) is not None else str(value)


def _alike(problem: Problem, solution: Solution, written: Mapping[str, Value]) -> Iterator[Result]:
    """Mistakes and fallback values of which all that was written and differs from the key is."""
    own = resolve(problem, solution.draw.choices)
    wrong = {
        name: value
        for name, value in written.items()
        if not agrees(own, name, value, solution.values[name])
    }
    groups: dict[tuple[str, str, int | None], list[Result]] = {}
    for result in results(problem, solution):
        if result.origin not in {"key", "working"} and result.step in wrong:
            groups.setdefault((result.origin, result.part, result.mistake), []).append(result)
    for group in groups.values():
        if all(agrees(own, it.step, wrong[it.step], it.value) for it in group):
            yield group[0]


def document(code: str, found: FollowThrough) -> dict[str, Any]:
    """The follow-through as JSON data; ``looks_like`` only where it does."""
    data: dict[str, Any] = {
        "code": code,
        "given": {it.step: it.printed for it in found.written},
        "values": {it.name: {"value": it.printed, "status": it.status} for it in found.followed},
    }
    if found.alike:
        data["looks_like"] = [_likeness(found, it) for it in found.alike]
    return data


def _likeness(found: FollowThrough, result: Result) -> dict[str, Any]:
    like: dict[str, Any] = {"part": result.part, "origin": result.origin, "step": result.step}
    if result.mistake is not None:
        text, earned = found.mistakes[result.part, result.mistake]
        like |= {"is": text, "earns": earned}
    return like


_STATUS: Mapping[str, str] = {
    "follow-through": "said.follows",
    "same": "said.same",
    "trivial": "said.trivial",
}
_VERDICT: Mapping[Verdict, str] = {
    "right": "said.right",
    "follow-through": "said.right_after",
    "fallback": "said.right_fallback",
    "as in the key": "said.as_in_the_key",
    "wrong": "said.wrong",
}
_ORIGIN: Mapping[str, str] = {
    "key": "said.the_key",
    "working": "said.the_working",
    "printed fallback": "said.the_fallback",
    "fallback": "said.after_fallback",
    "mistake": "said.a_mistake",
}


def lines(code: str, found: FollowThrough, conventions: Conventions) -> Iterator[str]:
    """The follow-through for people, as plain text.

    Args:
        conventions: How the exam writes.
    """
    say = conventions.catalogue.text

    def number(value: Plain | None) -> str:
        return said(value, conventions)

    yield say("said.problem", code=code, problem=found.problem)
    written = [
        (it.part, it.step, number(it.printed), number(it.key), say(_VERDICT[it.verdict]))
        for it in found.written
    ]
    heads = say("said.part"), say("said.written"), "", say("said.key"), ""
    yield from _table(heads, written)
    for result in found.alike:
        yield say("said.looks_like", what=describe(result, conventions))
        if result.mistake is not None:
            text, earned = found.mistakes[result.part, result.mistake]
            yield f"    {text} ({say('said.earns', points=earned)})"
    followed = [
        (
            it.part,
            it.name,
            number(it.printed),
            number(found.key[it.name]),
            _status(it, found, conventions),
        )
        for it in found.followed
    ]
    if followed:
        yield ""
        yield from _table((say("said.part"), say("said.then"), "", say("said.key"), ""), followed)
    else:
        yield say("said.nothing")


def _status(step: Followed, found: FollowThrough, conventions: Conventions) -> str:
    say = conventions.catalogue.text
    if step.value is None:
        return say("said.lost", why=step.lost[0])
    if step.status == "trivial" and step.lost:
        return f"{say('said.trivial')} ({say('said.no_longer', names=', '.join(step.lost))})"
    points = found.points.get(step.name)
    earned = "" if points is None else f" ({say('said.earns', points=points)})"
    return say(_STATUS[step.status]) + earned


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in (header, *rows):
        yield "  ".join(map(str.ljust, row, widths)).rstrip()


def describe(result: Result, conventions: Conventions) -> str:
    """Where a result comes from, for people."""
    return f"{conventions.catalogue.text(_ORIGIN[result.origin])} ({result.part})"


def said(value: Plain | None, conventions: Conventions) -> str:
    """A value in one line, as the exam writes numbers."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return conventions.digits(value) if _DIGITS.fullmatch(value) else value
    return "(" + conventions.separator.join(said(it, conventions) for it in value) + ")"


def in_line(value: Plain | None) -> str:
    """A value in one line."""
    if value is None:
        return "none"
    return value if isinstance(value, str) else "(" + ", ".join(map(in_line, value)) + ")"
