"""Pools that several problems share: files of their own, which problems name in place of questions.

``pool: pool.yaml`` has the questions of that file dealt out to the parts of the problem that take
some, as if they stood in it. A copy has no question in two problems: each part chooses among those
that the parts before it, in the order of the exam, have not chosen (`Shared`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from generator.bank.fields.words import FILE_NAME
from generator.bank.part import Shared
from generator.bank.problem import Problem
from generator.bank.read.taken_questions import (
    POOL,
    TAKE,
    UNTAKEN,
    Slot,
    check_enough,
    deal,
    slots_of,
    takes,
    with_parts,
    with_taken_questions,
)
from generator.bank.yaml import Scalar, Source, joined, read_yaml
from generator.errors import Complaint, InputError

_REFERENCE: Final = "reference_alternative"
_Chosen = tuple[str, tuple[str, ...]]
"""A part, and what its questions are known by."""


class SharedPools:
    """The pools of an exam, while its problems are read in their order.

    Attributes:
        texts: Name to text of each file.
    """

    def __init__(self, folder: Path) -> None:
        """Nothing is read yet.

        Args:
            folder: Of the exam.
        """
        self.texts: dict[str, str] = {}
        self._folder = folder
        self._sources: dict[str, Source] = {}
        self._before: dict[str, tuple[_Chosen, ...]] = {}
        self._reference: dict[str, set[str]] = {}
        self._untaken: dict[str, set[int]] = {}
        self._shared: dict[str, Shared] = {}

    def take(self, source: Source, complaints: list[Complaint]) -> Source:
        """A problem file in which parts with ``take`` are parts with alternatives.

        Raises:
            InputError: The pool that it names cannot be read.
        """
        name = source.data.get(POOL)
        if not isinstance(name, str):
            return with_taken_questions(source, complaints)
        parts = source.data.get("parts")
        if not isinstance(parts, list) or not any(map(takes, parts)):
            message = "no part takes anything from it; add take to a part, or remove this"
            raise InputError([source.problem((POOL,), message)])
        pool = self._pool(source, name)
        questions = pool.data[POOL]
        whole = joined(source, pool, POOL)
        slots = slots_of(whole)
        left = deal(slots, questions)
        self._untaken[name] = self._untaken.get(name, set(left)) & set(left)
        check_enough(whole, slots, complaints)
        self._choose(name, whole, [it for it in slots if it.tag is not None], complaints)
        return with_parts(whole, slots, questions)

    def _pool(self, source: Source, name: str) -> Source:
        if name in self._sources:
            return self._sources[name]
        if not re.fullmatch(FILE_NAME, name):
            message = f"expected questions, or the name of a file with some; got {name!r}"
            raise InputError([source.problem((POOL,), message)])
        path = self._folder / name
        if not path.exists():
            message = f"there is no pool {path}; put it there, or correct the name"
            raise InputError([source.problem((POOL,), message)])
        pool = read_yaml(path)
        others = [key for key in pool.data if key != POOL]
        wrong = [pool.key_problem((key,), "expected pool alone") for key in others]
        if not isinstance(pool.data.get(POOL), list):
            wrong.append(pool.problem((POOL,), "expected pool: and a list of questions"))
        if wrong:
            raise InputError([*pool.problems, *wrong])
        self._sources[name] = pool
        self.texts[pool.name] = pool.text
        return pool

    def _choose(
        self, name: str, source: Source, slots: Sequence[Slot], complaints: list[Complaint]
    ) -> None:
        """Which parts choose before each of these, and the reference copy's questions."""
        earlier = self._before.get(name, ())
        used = self._reference.setdefault(name, set())
        for slot in slots:
            own = tuple(_known_by(source.data[POOL][index]) for index in slot.questions)
            rivals = sum(not set(own).isdisjoint(questions) for _, questions in earlier)
            if rivals and len(own) <= rivals:
                message = (
                    f"{len(own)} questions of the pool are there for it, and problems before it "
                    f"take {rivals}; a copy has no question twice: add some, or take fewer"
                )
                complaints.append(source.problem((*slot.here, TAKE), message))
                continue
            free = next((at for at, it in enumerate(own) if it not in used), 0)
            used.update(own[free : free + 1])
            chosen = Scalar(str(free + 1), plain=True)
            slot.part = {_REFERENCE: chosen, **slot.part}
            self._shared[slot.id] = Shared(name, self._before.get(name, ()))
            self._before[name] = (*self._before.get(name, ()), (slot.id, own))

    def linked(self, problem: Problem) -> Problem:
        """A problem whose parts know which others choose before them."""
        parts = (replace(it, shared=self._shared.get(it.id)) for it in problem.parts)
        return replace(problem, parts=tuple(parts)) if self._shared else problem

    def complaints(self) -> list[Complaint]:
        """Questions that no part of any problem takes."""
        return [
            self._sources[name].problem((POOL, index), UNTAKEN)
            for name, left in self._untaken.items()
            for index in sorted(left)
        ]


def _known_by(question: Any) -> str:
    """What tells a question from others, as `AlternativeFields.known_by` has it."""
    if not isinstance(question, Mapping):
        return ""
    return str(question.get("name") or question.get("ask") or "").strip()
