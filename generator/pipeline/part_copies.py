"""Copies are permuted over the seats of a room: neighbors get papers that are as unlike as can be.

Nothing is drawn for it: which new copy goes to whom is the only freedom there is. What was released
before stays with its student.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import product

from generator.pipeline.answers import CopyAnswers, compare
from generator.record.allocation import ROSTER
from generator.record.copy import Binding
from generator.record.ledger import Ledger
from generator.rooms.neighbors import Likeness, part_neighbors
from generator.rooms.room_plan import Chair, RoomPlan

AnswersOf = Callable[[Sequence[str]], Sequence[CopyAnswers]]
"""Codes to the answers of these copies."""


@dataclass(frozen=True)
class Parted:
    """How unlike the papers of neighbors are in a room.

    Attributes:
        pairs: Pairs of neighbors.
        numbers: Numeric answers in which copies of the room can differ.
        least_numbers: In how many of them neighbors differ at least, by more than the tolerance.
        sharing: Pairs that share a numeric answer.
        others: Choice questions, and other answers, in which copies can differ.
        least_others: In how many of them neighbors differ at least.
        permuted: Copies that could be exchanged; the others were released before.
    """

    pairs: int
    numbers: int
    least_numbers: int
    sharing: int
    others: int
    least_others: int
    permuted: int


def part_copies(
    ledger: Ledger, plan: RoomPlan, new: Collection[str], answers_of: AnswersOf
) -> Parted | None:
    """Permutes the new copies of a room over its seats.

    Args:
        new: Codes of the copies that were not released yet.

    Returns:
        How unlike neighbors are; None where nobody has a neighbor.
    """
    seated = _seated(ledger, plan)
    near = neighbors_of(plan, [chair for chair, _ in seated])
    if not any(near):
        return None
    bindings = [binding for _, binding in seated]
    movable = [binding.code in new and binding.why == ROSTER for binding in bindings]
    alike = compare(answers_of([binding.code for binding in bindings]))
    order = list(range(len(seated)))
    if sum(movable) > 1:
        order = part_neighbors(alike.costs(), near, movable)
        ledger.exchange(
            {
                bindings[seat].code: bindings[copy].code
                for seat, copy in enumerate(order)
                if seat != copy
            }
        )
    return _measured(alike, near, order, sum(movable))


def _seated(ledger: Ledger, plan: RoomPlan) -> list[tuple[Chair, Binding]]:
    """Who sits where with which copy, also with a spare copy from the door."""
    rooms = {code: room for code, room, _, is_active in ledger.places() if is_active}
    found = [
        (chair, binding)
        for binding in ledger.bindings()
        if rooms.get(binding.code) == plan.name and (chair := plan.find(binding.holder.seat))
    ]
    return sorted(found, key=lambda pair: (pair[0].row, pair[0].column))


def neighbors_of(plan: RoomPlan, chairs: Sequence[Chair]) -> list[list[int]]:
    """The index of each seat to those of its neighbors."""
    at = {(chair.row, chair.column): index for index, chair in enumerate(chairs)}
    rows = range(-plan.row_distance - 1, plan.row_distance + 2)
    columns = range(-plan.distance - 1, plan.distance + 2)
    around = [step for step in product(rows, columns) if step != (0, 0)]
    return [
        [
            at[place]
            for down, across in around
            if (place := (chair.row + down, chair.column + across)) in at
        ]
        for chair in chairs
    ]


def _measured(
    alike: Likeness, near: Sequence[Sequence[int]], order: Sequence[int], permuted: int
) -> Parted:
    pairs = [
        (order[seat], order[other])
        for seat, others in enumerate(near)
        for other in others
        if seat < other
    ]
    numbers = [int(alike.numbers[pair]) for pair in pairs]
    others = [int(alike.others[pair]) for pair in pairs]
    return Parted(
        len(pairs),
        alike.number_count,
        alike.number_count - max(numbers),
        sum(map(bool, numbers)),
        alike.other_count,
        alike.other_count - max(others),
        permuted,
    )
