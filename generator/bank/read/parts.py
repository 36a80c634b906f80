"""Subproblems: from their models to the parts that the later stages use."""

from __future__ import annotations

from dataclasses import replace

from generator.bank import models
from generator.bank.kinds import ProblemFile, read_part
from generator.bank.kinds.alternatives import AlternativesFields, check_repetition
from generator.bank.kinds.statements import deal_counts
from generator.bank.part import About, Part
from generator.bank.problem import Groups
from generator.bank.read.context import ReadingDesk


def read_parts(desk: ReadingDesk, groups: Groups) -> tuple[Part, ...]:
    """All parts of a problem."""
    _check_ids(desk)
    found = [read_part(desk, spot, part, groups) for spot, part in desk.parts()]
    parts = [part for part in found if part is not None]
    check_repetition(desk, parts)
    if isinstance(desk.model, ProblemFile) and desk.model.pool:
        desk.say_key(("pool",), "no part takes a question of it; add take to a part, or remove it")
    dealt = deal_counts(desk, parts) if len(parts) == len(found) else tuple(parts)
    said = [_said(part) for _, part in desk.parts()]
    if len(said) != len(dealt):
        return dealt
    outer = _about(desk.model.about)
    return tuple(
        replace(part, about=_about(about).within(outer))
        for part, about in zip(dealt, said, strict=True)
    )


def _said(part: models.PartFields) -> models.About | None:
    """What is said of a part; of alternatives without a word of their own, of the reference's."""
    if part.about is None and isinstance(part, AlternativesFields):
        index = min(part.reference_alternative, len(part.alternatives)) - 1
        return part.alternatives[index].about
    return part.about


def _about(said: models.About | None) -> About:
    given = {name: value for name, value in (said or ()) if value}
    return About(**given)


def _check_ids(desk: ReadingDesk) -> None:
    lines: dict[str, int] = {}
    for spot, part in desk.parts():
        route = (*spot.route, "id")
        if part.id.split(".")[0] != desk.model.id:
            message = f"the id of a part of problem {desk.model.id} begins with {desk.model.id}."
            desk.say(route, f"{message}, got {part.id!r}")
        if part.id in lines:
            desk.say(route, f"the id {part.id} is there already in line {lines[part.id]}")
        lines.setdefault(part.id, desk.source.place(route)[0])
        if desk.model.kind == "choice" and not part.choice:
            message = (
                "a problem of kind: choice has only multiple choice (statements, order or "
                "options); move the part, or remove the problem's kind"
            )
            desk.say(spot.route, message)
