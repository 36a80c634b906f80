"""Who sits where in a room: those that have a seat keep it, lots are drawn for the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from generator.rooms.room_plan import Chair, RoomPlan


@dataclass(frozen=True)
class Sitter:
    """A student who needs a seat.

    Attributes:
        number: The registration number.
        lot: By which those without a seat are put in order.
        seat: What the roster says; empty where it says nothing.
        former: The seat that an earlier build has given; it stays if it can.
    """

    number: str
    lot: bytes
    seat: str = ""
    former: str = ""


@dataclass(frozen=True)
class Seated:
    """What was found.

    Attributes:
        seats: Registration number to seat.
        standing: Registration numbers of those for whom there is none, in the order of lots.
    """

    seats: dict[str, str]
    standing: tuple[str, ...]


def seat_students(plan: RoomPlan, sitters: Iterable[Sitter]) -> Seated:
    """Gives everybody a seat, as far as there are seats.

    Seats of the roster are taken as they are: whether the room has them is checked before.
    """
    everybody = list(sitters)
    seats = {sitter.number: sitter.seat for sitter in everybody if sitter.seat}
    taken = [chair for seat in seats.values() if (chair := plan.find(seat))]
    rest = sorted((it for it in everybody if not it.seat), key=lambda it: it.lot)
    for sitter in rest:
        chair = plan.find(sitter.former) if sitter.former else None
        if chair is not None and chair not in taken and not plan.is_blocked(chair):
            seats[sitter.number] = chair.seat
            taken.append(chair)
    waiting = [sitter for sitter in rest if sitter.number not in seats]
    free: Sequence[Chair] = list(plan.free(taken)) if waiting else ()
    for sitter, chair in zip(waiting, free, strict=False):
        seats[sitter.number] = chair.seat
    return Seated(seats, tuple(sitter.number for sitter in waiting[len(free) :]))
