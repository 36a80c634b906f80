"""Which student sits where: seats of the roster, and lots for those who have none.

The plans of the rooms are in the exam file; without them, seats are what the roster says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.errors import Complaint, InputError
from generator.exact.secret import Secret, fields_digest
from generator.record.ledger import Ledger
from generator.rooms.room_plan import RoomPlan
from generator.rooms.seat_students import Sitter, seat_students
from generator.roster import Roster
from generator.roster.students import Student

Rooms = Mapping[str, RoomPlan]
NOWHERE = (None, "")


@dataclass(frozen=True)
class Former:
    """Where an earlier build has put somebody."""

    room: str | None
    seat: str


def former_seats(ledger: Ledger) -> dict[str, Former]:
    """Registration number to where that student sits in the batch as it is."""
    rooms = {code: room for code, room, _, _ in ledger.places()}
    return {
        it.holder.registration_number: Former(rooms[it.code], it.holder.seat)
        for it in ledger.bindings()
    }


def check_seats(rooms: Rooms, roster: Roster, file: str) -> list[Complaint]:
    """What the roster says of rooms and seats and the plans have not."""
    if not rooms:
        return []
    wrong = [
        Complaint(file, student.line, 0, where, message)
        for student in roster.students
        for where, message in _wrong_with(rooms, student)
    ]
    return wrong or list(_Seating(rooms, roster.students, {}, None).complaints(file))


def _wrong_with(rooms: Rooms, student: Student) -> Iterator[tuple[str, str]]:
    if student.room is not None and student.room not in rooms:
        known = f"rooms in the exam file has {', '.join(rooms)}"
        yield "room", f"there is no room {student.room!r}; {known}: correct it, or add the room"
    elif student.room is None and student.seat is not None:
        yield "room", f"the seat {student.seat!r} needs a room; write both, or none"
    elif student.room is not None and student.seat is not None:
        plan = rooms[student.room]
        chair = plan.find(student.seat)
        if chair is None:
            yield "seat", f"{student.room} has no seat {student.seat!r}; it has {plan.told()}"
        elif plan.is_blocked(chair):
            blocked = f"the seat {student.seat!r} of {student.room} is blocked in the exam file"
            yield "seat", f"{blocked}; give another one, or leave the cell empty"


def place_students(
    rooms: Rooms, roster: Roster, former: Mapping[str, Former], secret: Secret
) -> dict[str, tuple[str | None, str]]:
    """Registration number to room and seat.

    Who has a seat by an earlier build keeps it, as long as the room is the same.

    Raises:
        InputError: There are more students than seats.
    """
    if not rooms:
        return {
            student.registration_number: (student.room, student.seat or "")
            for student in roster.students
        }
    seating = _Seating(rooms, roster.students, former, secret)
    if complaints := list(seating.complaints("")):
        raise InputError(complaints)
    return seating.places


class _Seating:
    """Everybody in a room, then on a seat."""

    def __init__(
        self,
        rooms: Rooms,
        students: Sequence[Student],
        former: Mapping[str, Former],
        secret: Secret | None,
    ) -> None:
        self.rooms = rooms
        self.students = {student.registration_number: student for student in students}
        self.former = former
        self.lots = {number: _lot(secret, number) for number in self.students}
        self.members: dict[str, list[Student]] = {name: [] for name in rooms}
        self.places: dict[str, tuple[str | None, str]] = {}
        self.standing: dict[str, tuple[str, ...]] = {}
        self._fill_rooms()
        for name, plan in rooms.items():
            seated = seat_students(plan, map(self._sitter, self.members[name]))
            self.places |= {number: (name, seat) for number, seat in seated.seats.items()}
            if seated.standing:
                self.standing[name] = seated.standing

    def _fill_rooms(self) -> None:
        """Students whose room is not said fill the rooms in their order."""
        anywhere = []
        for number, student in self.students.items():
            room = student.room or self._former_room(number)
            if room is None:
                anywhere.append(number)
            else:
                self.members[room].append(student)
        names = list(self.rooms)
        for number in sorted(anywhere, key=lambda number: self.lots[number]):
            while len(names) > 1 and len(self.members[names[0]]) >= self.rooms[names[0]].count():
                del names[0]
            self.members[names[0]].append(self.students[number])

    def _former_room(self, number: str) -> str | None:
        room = self.former[number].room if number in self.former else None
        return room if room in self.rooms else None

    def _sitter(self, student: Student) -> Sitter:
        number = student.registration_number
        former = self.former.get(number, Former(None, ""))
        stays = student.room is None or former.room == student.room
        return Sitter(number, self.lots[number], student.seat or "", former.seat if stays else "")

    def complaints(self, file: str) -> Iterator[Complaint]:
        """Rooms with more students than seats."""
        for name, standing in self.standing.items():
            plan, members = self.rooms[name], self.members[name]
            seats = len(members) - len(standing)
            line = max(self.students[number].line for number in standing) if file else 0
            message = (
                f"{len(members)} students have the room {name}, and there are seats for {seats} of "
                f"them ({plan.told()}, {len(plan.blocked)} of them blocked, {plan.distance} empty "
                f"between two students, {plan.row_distance} rows empty between two): put "
                f"{len(standing)} into another room, or give this one more seats in the exam file"
            )
            yield Complaint(file, line, 0, "room", message)


def _lot(secret: Secret | None, number: str) -> bytes:
    """By lots, nobody chooses who sits beside whom; without a batch, any order will do."""
    return (
        number.encode() if secret is None else fields_digest(secret.allocation_key, "seat", number)
    )
