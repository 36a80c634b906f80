"""Whose number is it: the copies with a given result somewhere in their keys.

A number that stands on one paper and in the key of another is no proof of anything: copies share
numbers by chance. So it is said how many do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from generator.bank.problem import Problem
from generator.codes.check_character import with_check
from generator.correct.follow_through import agrees, describe, said
from generator.correct.results import Result, results
from generator.draw.draw import resolve
from generator.exact.numbers import Value
from generator.language.conventions import Conventions
from generator.solve.solve import Solution

FAR = 10**6
"""The distance of seats that are not in one row of one room, or not known."""

_SEAT = re.compile(r"(?P<row>.*?)(?P<number>[0-9]+)\D*")


@dataclass(frozen=True)
class Seating:
    """Where a copy was written."""

    room: str | None
    seat: str

    def distance(self, other: Seating) -> int:
        """How many seats lie between two places; `FAR` if that cannot be told."""
        own, their = _SEAT.fullmatch(self.seat.strip()), _SEAT.fullmatch(other.seat.strip())
        if self.room != other.room or own is None or their is None or own["row"] != their["row"]:
            return FAR
        return abs(int(own["number"]) - int(their["number"]))


@dataclass(frozen=True)
class CopyMatch:
    """A copy whose key has the number.

    Attributes:
        found: Where in the key it is.
        distance: Seats to the paper in question, or else to the nearest other match; `FAR` if that
            cannot be told.
    """

    code: str
    place: Seating
    found: tuple[Result, ...]
    distance: int = FAR


def matches(
    problem: Problem, part: str, step: str, value: Value, solutions: Iterable[tuple[str, Solution]]
) -> Iterator[tuple[str, tuple[Result, ...]]]:
    """The copies with a value, and where their keys have it.

    Args:
        problem: As the bank has it.
        part: The part that asks for the step.
        solutions: Copy code and solution of the problem, of all copies.
    """
    for code, solution in solutions:
        own = resolve(problem, solution.draw.choices)
        found = tuple(
            result
            for result in results(problem, solution)
            if result.part == part
            and result.step == step
            and agrees(own, step, value, result.value)
        )
        if found:
            yield code, found


def nearest_first(
    found: Mapping[str, tuple[Result, ...]], places: Mapping[str, Seating], paper: str | None
) -> list[CopyMatch]:
    """The matches, seat neighbors first.

    Args:
        places: Code to where a copy was written.
        paper: The copy on which the number was read; None where that is not said. Then those are
            first that sit next to another match.
    """
    nowhere = Seating(None, "")
    sought = [CopyMatch(code, places.get(code, nowhere), it) for code, it in found.items()]
    near = []
    for match in sought:
        others = [places.get(paper, nowhere)] if paper else _others(sought, match)
        distance = min((match.place.distance(other) for other in others), default=FAR)
        near.append(replace(match, distance=distance))
    return sorted(near, key=lambda it: (it.distance, it.place.room or "", it.code))


def _others(sought: Sequence[CopyMatch], match: CopyMatch) -> list[Seating]:
    return [other.place for other in sought if other is not match]


def lookup_document(
    part: str, step: str, value: str, found: Sequence[CopyMatch], copies: int
) -> dict[str, Any]:
    """The matches as JSON data."""
    return {
        "part": part,
        "step": step,
        "value": value,
        "copies": [
            {
                "code": match.code,
                "is": [_where(result) for result in match.found],
                "room": match.place.room,
                "seat": match.place.seat,
                "distance": match.distance if match.distance < FAR else None,
            }
            for match in found
        ],
        "of": copies,
        "note": "evidence for a suspicion, no proof: copies share numbers by chance",
    }


def _where(result: Result) -> dict[str, Any]:
    where: dict[str, Any] = {"part": result.part, "origin": result.origin}
    return where if result.mistake is None else where | {"mistake": result.mistake + 1}


def lookup_lines(
    part: str,
    step: str,
    value: str,
    found: Sequence[CopyMatch],
    copies: int,
    conventions: Conventions,
) -> Iterator[str]:
    """The matches for people, as plain text.

    Args:
        conventions: How the exam writes.
    """
    say = conventions.catalogue.text
    what = f"{step} = {said(value, conventions)} ({part})"
    if not found:
        yield say("said.in_no_key", what=what, copies=copies)
        return
    yield say("said.in_keys", what=what, count=len(found), copies=copies)
    for match in found:
        where = "; ".join(describe(result, conventions) for result in match.found)
        place = " ".join(filter(None, (match.place.room, match.place.seat)))
        near = f", {say('said.away', count=match.distance)}" if 0 < match.distance < FAR else ""
        yield f"{with_check(match.code):10}{where}{f' [{place}{near}]' if place else ''}"
    yield say("said.no_proof", count=len(found), copies=copies)
