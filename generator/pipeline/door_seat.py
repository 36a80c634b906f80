"""The seat of somebody who is given a copy at the door: their own, the one that is said, or a free
one, so that lists and plans of the room show who sits where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from generator.bank.exam import Exam
from generator.errors import Complaint, InputError
from generator.pipeline.copy_answers import CopyAnswers, answers_of
from generator.pipeline.part_copies import best_free_seat
from generator.record.ledger import Ledger
from generator.rooms.room_plan import RoomPlan, SeatKey, seat_key

Why = Literal[
    "nobodys",
    "by_roster",
    "bound_already",
    "others",
    "others_by_roster",
    "no_spare",
    "has_other",
    "no_student",
    "no_copy",
    "unheld",
    "withdrawn",
    "void",
    "no_seat",
    "blocked_seat",
    "taken_seat",
]
"""Why a copy is not given: a text of the desk is called so."""


class NotBound(InputError):
    """A copy is not given to anybody, nor taken back: nothing was changed.

    Attributes:
        why: For those who read another language than the commands write.
        values: The copy or the seat that is named.
    """

    def __init__(self, where: str, message: str, why: Why, **values: str) -> None:
        super().__init__([Complaint("", 0, 0, where, message)])
        self.why = why
        self.values = values


@dataclass(frozen=True)
class Sitting:
    """A room and a seat in it, as far as they are known."""

    room: str | None = None
    seat: str = ""

    def __str__(self) -> str:
        return " in ".join(filter(None, (self.seat and f"seat {self.seat}", self.room)))


@dataclass(frozen=True)
class DoorSeats:
    """The seats of the room that a copy is for.

    Attributes:
        exam: None where the batch does not know its bank.
        code: The copy that is given out; its room is where it was printed for.
        number: The registration number of whoever gets it.
        usual: Where the roster, or the copy before, has put that student.
        wanted: A seat that somebody has said; empty to keep the usual one, or to take the free seat
            of the plan where the copy is least like those around it.
    """

    ledger: Ledger
    exam: Exam | None
    code: str
    number: str
    usual: Sitting = Sitting()
    wanted: str = ""

    @property
    def room(self) -> str | None:
        """The room of the copy."""
        return self.ledger[self.code].room

    @property
    def plan(self) -> RoomPlan | None:
        """The plan of the room, where there is one."""
        return self.exam.rooms.get(self.room or "") if self.exam is not None else None

    def find(self) -> Sitting:
        """Where the student sits.

        Raises:
            InputError: There is no such seat, or somebody else has it.
        """
        taken = dict(self._taken())
        if self.wanted:
            return Sitting(self.room, self._checked(self.wanted, taken))
        seat = self.usual.seat
        if seat and self.usual.room == self.room and seat_key(seat) not in taken:
            chair = self.plan.find(seat) if self.plan is not None else None
            if self.plan is None or (chair is not None and not self.plan.is_blocked(chair)):
                return Sitting(self.room, seat)
        return Sitting(self.room, self._free())

    def is_full(self, sitting: Sitting) -> bool:
        """Whether the plan of the room has no seat that could be given."""
        return self.plan is not None and not sitting.seat

    def _free(self) -> str:
        if self.plan is None:
            return ""
        return best_free_seat(self.ledger, self.plan, self.code, self.number, self._answers)

    def _answers(self, codes: Sequence[str]) -> list[CopyAnswers]:
        assert self.exam is not None  # there is no plan without
        found = answers_of(self.exam, [self.ledger[code] for code in codes])
        return [found[code] for code in codes]

    def _taken(self) -> Iterator[tuple[SeatKey, str]]:
        """The seats of others in this room, and who has them."""
        rooms = {code: room for code, room, _, active in self.ledger.places() if active}
        for binding in self.ledger.bindings():
            holder = binding.holder
            is_here = binding.code in rooms and rooms[binding.code] == self.room
            if is_here and holder.seat and holder.registration_number != self.number:
                yield seat_key(holder.seat), holder.registration_number

    def _checked(self, wanted: str, taken: Mapping[SeatKey, str]) -> str:
        seat, plan = wanted.strip(), self.plan
        where = self.room or "the room"
        if plan is not None:
            chair = plan.find(seat)
            if chair is None:
                message = f"{where} has no seat {seat!r}; it has {plan.told()}"
                raise _refusal(message, "no_seat", seat)
            if plan.is_blocked(chair):
                message = f"the seat {chair.seat} of {where} is blocked in the exam file"
                raise _refusal(message, "blocked_seat", chair.seat)
            seat = chair.seat
        if owner := taken.get(seat_key(seat)):
            message = f"the seat {seat} of {where} is that of {owner}; say another one"
            raise _refusal(message, "taken_seat", seat)
        return seat


def _refusal(message: str, why: Why, seat: str) -> NotBound:
    return NotBound("--seat", message, why, seat=seat)
