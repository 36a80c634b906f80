"""Subproblems: from their models to the parts that the later stages use."""

from __future__ import annotations

from generator.bank.kinds import read_part
from generator.bank.kinds.alternatives import check_repetition
from generator.bank.kinds.statements import deal_counts
from generator.bank.part import Part
from generator.bank.problem import Groups
from generator.bank.read.context import Desk


def read_parts(desk: Desk, groups: Groups) -> tuple[Part, ...]:
    """All parts of a problem."""
    _check_ids(desk)
    found = [read_part(desk, spot, part, groups) for spot, part in desk.parts()]
    parts = [part for part in found if part is not None]
    check_repetition(desk, parts)
    return deal_counts(desk, parts) if len(parts) == len(found) else tuple(parts)


def _check_ids(desk: Desk) -> None:
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
