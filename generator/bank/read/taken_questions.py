"""Questions that are taken from a pool: before anything is checked, they become alternatives.

``take: {tag: gradient, count: 2, points: 4}`` stands for two parts. The questions of the problem's
``pool`` with this tag and these points are dealt out to them, and each copy has one of those of
each part: so no copy has a question twice. What is wrong with a question is said at its line in
the pool.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from generator.bank.yaml import Route, Scalar, Source, Span
from generator.errors import Complaint
from generator.exact.numbers import parse_number

TAKE = "take"
POOL = "pool"
MOST = 20
"""Parts that one ``take`` may stand for."""


@dataclass
class Slot:
    """A part that is to be made.

    Attributes:
        here: Where it is written.
        part: What is written there.
        number: Which of the parts that ``take`` stands for, from 0.
        tag: What its questions have; None for a part that takes nothing.
        questions: Indices of those that it gets.
    """

    here: Route
    part: Any
    number: int = 0
    tag: str | None = None
    points: Any = None
    questions: list[int] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The id of the part, counted up from the first one that is written."""
        first = str(self.part.get("id", "")) if isinstance(self.part, Mapping) else ""
        problem, _, part = first.rpartition(".")
        return f"{problem}.{int(part) + self.number}" if part.isdecimal() else first

    def fits(self, question: Any) -> bool:
        return (
            isinstance(question, Mapping)
            and self.tag in _tags(question)
            and _number(question.get("points")) == _number(self.points)
        )


def with_taken_questions(source: Source, complaints: list[Complaint]) -> Source:
    """A problem file in which parts with ``take`` are parts with alternatives.

    Parts that cannot be read as such are left for the check of all fields.

    Args:
        complaints: Gets what is wrong with the questions that are taken.
    """
    parts, pool = source.data.get("parts"), source.data.get(POOL)
    if not isinstance(parts, list) or not any(map(takes, parts)):
        return source
    questions = pool if isinstance(pool, list) else []
    slots = slots_of(source)
    for index in deal(slots, questions):
        complaints.append(source.problem((POOL, index), UNTAKEN))
    check_enough(source, slots, complaints)
    return with_parts(source, slots, questions)


UNTAKEN = "no part takes this question: none has one of its tags with its points"


def slots_of(source: Source) -> list[Slot]:
    """The parts that a file stands for."""
    parts = enumerate(source.data["parts"])
    return [slot for index, part in parts for slot in _slots(("parts", index), part)]


def deal(slots: Sequence[Slot], questions: Sequence[Any]) -> list[int]:
    """Gives each question to the part that has fewest; returns those that fit none."""
    left = []
    for index, question in enumerate(questions):
        fitting = [slot for slot in slots if slot.fits(question)]
        if fitting:
            min(fitting, key=lambda slot: len(slot.questions)).questions.append(index)
        else:
            left.append(index)
    return left


def check_enough(source: Source, slots: Iterable[Slot], complaints: list[Complaint]) -> None:
    """Each part that takes questions has some to choose from."""
    for slot in slots:
        if slot.tag is not None and len(slot.questions) < 2:
            complaints.append(_too_few(source, slot))


def _slots(here: Route, part: Any) -> Iterator[Slot]:
    count = _count(part) if takes(part) else None
    if count is None:
        yield Slot(here, part)
        return
    for number in range(count):
        yield Slot(here, part, number, part[TAKE]["tag"], _points(part))


def takes(part: Any) -> bool:
    return isinstance(part, Mapping) and TAKE in part


def _count(part: Any) -> int | None:
    """How many parts a part stands for; None where what it takes cannot be read."""
    take = part[TAKE]
    if not isinstance(take, Mapping) or set(take) - {"tag", "count", "points"}:
        return None
    count = str(take.get("count") or "1")
    if not isinstance(take.get("tag"), str) or not _points(part) or not count.isdecimal():
        return None
    return int(count) if 1 <= int(count) <= MOST else None


def _points(part: Any) -> Any:
    return part[TAKE].get("points") or part.get("points")


def _tags(question: Mapping[str, Any]) -> list[Any]:
    about = question.get("about")
    tags = about.get("tags") if isinstance(about, Mapping) else None
    return tags if isinstance(tags, list) else []


def _number(text: Any) -> Fraction | None:
    try:
        return parse_number(str(text))
    except ValueError:
        return None


def _too_few(source: Source, slot: Slot) -> Complaint:
    message = (
        f"{len(slot.questions)} questions of the pool are left for it that have the tag {slot.tag} "
        f"and {slot.points} points; each part that is taken needs two or more: add some, or take "
        "fewer"
    )
    return source.problem((*slot.here, TAKE), message)


def with_parts(source: Source, slots: Sequence[Slot], pool: Sequence[Any]) -> Source:
    """The file with a part for each slot, and the places of all that is in it."""
    within: dict[Route, list[tuple[Route, Span]]] = {}
    for route, span in source.spans.items():
        within.setdefault(route[:2], []).append((route[2:], span))
    spans = {route: span for route, span in source.spans.items() if route[0:1] != ("parts",)}
    spans[("parts",)] = source.spans[("parts",)]
    for index, slot in enumerate(slots):
        new: Route = ("parts", index)
        spans |= {(*new, *rest): span for rest, span in within[slot.here] if rest[:1] != (TAKE,)}
        if slot.tag is None:
            continue
        for key in ("points", "alternatives"):
            spans.setdefault((*new, key), source.spans[(*slot.here, TAKE)])
        for place, question in enumerate(slot.questions):
            inner = (*new, "alternatives", place)
            spans |= {(*inner, *rest): span for rest, span in within[(POOL, question)]}
    parts = [_part(slot, pool) for slot in slots]
    data = {key: value for key, value in source.data.items() if key != POOL}
    return replace(source, data=data | {"parts": parts}, spans=spans)


def _part(slot: Slot, pool: Sequence[Any]) -> Any:
    """The part of a slot: with the questions that it gets as its alternatives."""
    if slot.tag is None:
        return slot.part
    kept = {key: value for key, value in slot.part.items() if key not in {TAKE, "points"}}
    if slot.number:
        kept.pop("new_page", None)
    if "id" in kept:
        kept["id"] = Scalar(slot.id, plain=False)
    questions = [
        {key: value for key, value in pool[index].items() if key != "points"}
        for index in slot.questions
    ]
    return {**kept, "points": slot.points, "alternatives": questions}
