"""Copies are permuted over the seats of a room: neighbors get papers that are as unlike as can be.

Nothing is drawn for it: which new copy goes to whom is the only freedom there is, and for those who
come late, which of the free seats is theirs. What was released before stays with its student, and
who has a seat keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from generator.pipeline.copy_answers import CopyAnswers, compare
from generator.record.allocation import ROSTER
from generator.record.copy import Binding
from generator.record.ledger import Ledger
from generator.rooms.neighbors import Likeness, part_neighbors
from generator.rooms.room_plan import Chair, RoomPlan

_MOST_TRIED = 40
"""Free seats that somebody at the door is given one of; who waits there waits for a second."""

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
        late: Pairs of neighbors with a copy that came to a room with copies of an earlier build.
        late_least_numbers: In how many numeric answers these differ at least; 0 without a pair.
    """

    pairs: int
    numbers: int
    least_numbers: int
    sharing: int
    others: int
    least_others: int
    permuted: int
    late: int = 0
    late_least_numbers: int = 0


def part_copies(
    ledger: Ledger,
    plan: RoomPlan,
    new: Collection[str],
    answers_of: AnswersOf,
    chosen: Collection[str] = (),
    moved: Collection[str] = (),
) -> Parted | None:
    """Permutes the new copies of a room over its seats.

    Args:
        new: Codes of the copies that were not released yet.
        chosen: Registration numbers of those whose seat the roster says.
        moved: Codes of released copies that came into the room; their seats are new, too.

    Returns:
        How unlike neighbors are; None where nobody has a neighbor.
    """
    seated = _seated(ledger, plan)
    bindings = [binding for _, binding in seated]
    chairs = [chair for chair, _ in seated]
    near = neighbors_of(plan, chairs)
    if not any(near):
        return None
    is_new = [binding.code in new and binding.why == ROSTER for binding in bindings]
    alike = compare(answers_of([binding.code for binding in bindings]))
    order = list(range(len(seated)))
    if sum(is_new) > 1:
        order = part_neighbors(alike.costs(), near, is_new)
        ledger.exchange(
            {
                bindings[seat].code: bindings[copy].code
                for seat, copy in enumerate(order)
                if seat != copy
            }
        )
    is_late = [
        (is_new[seat] or bindings[seat].code in moved) and not all(is_new)
        for seat in range(len(seated))
    ]
    if any(is_late):
        free = [
            late and binding.holder.registration_number not in chosen
            for late, binding in zip(is_late, bindings, strict=True)
        ]
        now = _seat_late(plan, chairs, order, free, alike)
        ledger.reseat(
            {
                binding.holder.registration_number: chair.seat
                for binding, chair in zip(bindings, now, strict=True)
                if binding.holder.seat != chair.seat and plan.find(binding.holder.seat) != chair
            }
        )
        near = neighbors_of(plan, now)
    return _measured(alike, near, order, is_new, is_late)


def best_free_seat(
    ledger: Ledger, plan: RoomPlan, code: str, number: str, answers_of: AnswersOf
) -> str:
    """The free seat of a room where a copy is least like those around it; empty if there is none.

    Args:
        number: The registration number of whoever gets it, whose own seat counts as free.
    """
    others = [
        (chair, binding.code)
        for chair, binding in _seated(ledger, plan)
        if binding.holder.registration_number != number
    ]
    free = list(plan.free(chair for chair, _ in others))[:_MOST_TRIED]
    near = neighbors_of(plan, [*(chair for chair, _ in others), *free])[len(others) :]
    around = [[others[index][1] for index in row if index < len(others)] for row in near]
    codes = sorted({other for row in around for other in row})
    costs = compare(answers_of([code, *codes])).costs()[0][1:] if codes else ()
    cost_of = {other: int(cost) for other, cost in zip(codes, costs, strict=True)}
    total = [sum(cost_of[other] for other in row) for row in around]
    return free[total.index(min(total))].seat if free else ""


def _seat_late(
    plan: RoomPlan,
    chairs: Sequence[Chair],
    order: Sequence[int],
    free: Sequence[bool],
    alike: Likeness,
) -> list[Chair]:
    """Late students go to those of the free seats where their copies are least like those around.

    A seat that nobody has is given a copy that is like no other, so that taking it is an exchange.

    Args:
        chairs: Of all in the room.
        order: Which copy lies on each of them.
        free: Whose seat may be another one.

    Returns:
        The chairs as they are now, of the same students.
    """
    empty = list(plan.free(chairs))
    everywhere = [*chairs, *empty]
    count = len(everywhere)
    costs = np.zeros((count, count), np.int32)
    costs[: len(chairs), : len(chairs)] = alike.costs()[np.ix_(order, order)]
    movable = [*free, *(True for _ in empty)]
    taken = part_neighbors(costs, neighbors_of(plan, everywhere), movable)
    place = {copy: everywhere[seat] for seat, copy in enumerate(taken)}
    return [place[index] for index in range(len(chairs))]


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
    alike: Likeness,
    near: Sequence[Sequence[int]],
    order: Sequence[int],
    is_new: Sequence[bool],
    is_late: Sequence[bool],
) -> Parted:
    """How unlike they are; what is said of copies goes by the seats where they were before."""
    pairs = [
        (order[seat], order[other])
        for seat, others in enumerate(near)
        for other in others
        if seat < other
    ]
    numbers = [int(alike.numbers[pair]) for pair in pairs]
    others = [int(alike.others[pair]) for pair in pairs]
    late = [int(alike.numbers[pair]) for pair in pairs if any(is_late[copy] for copy in pair)]
    return Parted(
        len(pairs),
        alike.number_count,
        alike.number_count - max(numbers, default=0),
        sum(map(bool, numbers)),
        alike.other_count,
        alike.other_count - max(others, default=0),
        sum(is_new),
        len(late),
        alike.number_count - max(late, default=alike.number_count),
    )
