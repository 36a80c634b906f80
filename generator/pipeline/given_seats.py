"""Which student sits where: seats of the roster, and lots for those who have none.

The plans of the rooms are in the exam file; without them, seats are what the roster says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.errors import Complaint, InputError
from generator.exact.secret import Secret, fields_digest
from generator.record.allocation import ROSTER
from generator.record.ledger import Ledger
from generator.rooms.room_plan import RoomPlan, seat_key
from generator.rooms.seat_students import Sitter, seat_students
from generator.roster import Roster
from generator.roster.students import Student

Rooms = Mapping[str, RoomPlan]
NOWHERE = (None, "")
_NAMED = 20
"""So many lines are named that have the same unknown room."""


@dataclass(frozen=True)
class Former:
    """Where an earlier build, or whoever stood at the door, has put somebody.

    Attributes:
        has_spare: Whether that was with a spare copy, whose room is where the student is.
    """

    room: str | None
    seat: str
    has_spare: bool = False


def former_seats(ledger: Ledger) -> dict[str, Former]:
    """Registration number to where that student sits in the batch as it is."""
    copies = _rooms_of_copies(ledger)
    found = {}
    for binding in ledger.bindings():
        room, has_spare = copies[binding.code]
        number = binding.holder.registration_number
        found[number] = Former(room, binding.holder.seat, has_spare)
    return found


def _rooms_of_copies(ledger: Ledger) -> dict[str, tuple[str | None, bool]]:
    """Code to room, and whether it is a spare copy."""
    return {code: (room, spare is not None) for code, room, spare, _ in ledger.places()}


def ignored_seats(roster: Roster, ledger: Ledger) -> list[str]:
    """Spare copies whose students the roster has moved since: they sit where the door put them."""
    rooms, by_roster = _rooms_of_copies(ledger), {}
    for binding in ledger.bindings(ended=True):
        if binding.why == ROSTER:
            holder = binding.holder
            by_roster[holder.registration_number] = (rooms[binding.code][0], seat_key(holder.seat))
    wanted = {it.registration_number: it for it in roster.students}
    said = []
    for binding in ledger.bindings():
        room, is_spare = rooms[binding.code]
        student = wanted.get(binding.holder.registration_number)
        if student is None or not is_spare or student.seat is None:
            continue
        now = (student.room, seat_key(student.seat))
        if now not in (
            (room, seat_key(binding.holder.seat)),
            by_roster.get(student.registration_number),
        ):
            sits = _told(room, binding.holder.seat) or "no seat"
            said.append(f"{binding.code} at {sits}, not {_told(student.room, student.seat)}")
    return said


def _told(room: str | None, seat: str) -> str:
    return " ".join(word for word in (room, seat) if word)


def check_seats(rooms: Rooms, roster: Roster, file: str) -> list[Complaint]:
    """What the roster says of rooms and seats and the plans have not."""
    if not rooms:
        return []
    strangers: dict[str, list[int]] = {}
    for student in roster.students:
        if student.room is not None and student.room not in rooms:
            strangers.setdefault(student.room, []).append(student.line)
    known = f"rooms in the exam file has {', '.join(rooms)}"
    wrong = [
        Complaint(
            file,
            lines[0],
            0,
            "room",
            f"there is no room {room!r}{_also_in(lines[1:])}; {known}: correct it, or add the room",
        )
        for room, lines in strangers.items()
    ]
    wrong += (
        Complaint(file, student.line, 0, where, message)
        for student in roster.students
        for where, message in _wrong_with(rooms, student)
    )
    wrong.sort(key=lambda it: it.line)
    return wrong or list(_Seating(rooms, roster.students, {}, None).complaints(file))


def _also_in(lines: Sequence[int]) -> str:
    """Further lines with the same mistake: a whole room is one, not a hundred."""
    named = ", ".join(map(str, lines[:_NAMED]))
    more = f" and {len(lines) - _NAMED} more" if len(lines) > _NAMED else ""
    return f" (also in line{'s'[: len(lines) > 1]} {named}{more})" if lines else ""


def _wrong_with(rooms: Rooms, student: Student) -> Iterator[tuple[str, str]]:
    if student.room is None and student.seat is not None:
        yield "room", f"the seat {student.seat!r} needs a room; write both, or none"
    elif student.seat is not None and student.room is not None and student.room in rooms:
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
            number: (student.room, _held_seat(former, number) or student.seat or "")
            for student in roster.students
            for number in [student.registration_number]
        }
    seating = _Seating(rooms, roster.students, former, secret)
    if complaints := list(seating.complaints("")):
        raise InputError(complaints)
    return seating.places


def _held_seat(former: Mapping[str, Former], number: str) -> str:
    """The seat of somebody with a spare copy: it was told at the door."""
    return former[number].seat if number in former and former[number].has_spare else ""


class _Seating:
    """Everybody in a room, then on a seat; who was given a spare copy stays where that was."""

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
        self.guests = {name: list(self._guests(name)) for name in rooms}
        self.places: dict[str, tuple[str | None, str]] = {}
        self.standing: dict[str, tuple[str, ...]] = {}
        self._fill_rooms()
        for name, plan in rooms.items():
            sitters = [*map(self._sitter, self.members[name]), *self.guests[name]]
            seated = seat_students(plan, sitters)
            self.places |= {
                number: (name, seat)
                for number, seat in seated.seats.items()
                if number in self.students
            }
            if seated.standing:
                self.standing[name] = seated.standing

    def _fill_rooms(self) -> None:
        """Students whose room is not said fill the rooms in their order."""
        anywhere = []
        for number, student in self.students.items():
            room = self._held_room(number) or student.room or self._former_room(number)
            if room is None:
                anywhere.append(number)
            else:
                self.members[room].append(student)
        names = list(self.rooms)
        for number in sorted(anywhere, key=lambda number: self.lots[number]):
            while len(names) > 1 and self._is_full(names[0]):
                del names[0]
            self.members[names[0]].append(self.students[number])

    def _is_full(self, name: str) -> bool:
        return len(self.members[name]) + len(self.guests[name]) >= self.rooms[name].count()

    def _guests(self, room: str) -> Iterator[Sitter]:
        """Those with spare copies who are in no roster."""
        for number, former in self.former.items():
            is_here = former.has_spare and former.room == room and former.seat
            if is_here and number not in self.students:
                yield Sitter(number, b"", former.seat)

    def _held_room(self, number: str) -> str | None:
        has_spare = number in self.former and self.former[number].has_spare
        return self._former_room(number) if has_spare else None

    def _former_room(self, number: str) -> str | None:
        room = self.former[number].room if number in self.former else None
        return room if room in self.rooms else None

    def _sitter(self, student: Student) -> Sitter:
        number = student.registration_number
        former = self.former.get(number, Former(None, ""))
        stays = student.room is None or former.room == student.room
        seat = student.seat or ""
        if self._held_room(number) is not None:
            stays, seat = True, former.seat or seat
        return Sitter(number, self.lots[number], seat, former.seat if stays else "")

    def complaints(self, file: str) -> Iterator[Complaint]:
        """Seats that were given away at the door, and rooms with more students than seats."""
        for name, plan in self.rooms.items():
            yield from self._taken_at_the_door(name, plan)
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

    def _taken_at_the_door(self, name: str, plan: RoomPlan) -> Iterator[Complaint]:
        """Seats of the roster on which somebody sits who was given a spare copy."""
        sitters = [*map(self._sitter, self.members[name]), *self.guests[name]]
        held = {
            plan.find(it.seat): it.number
            for it in sitters
            if it.seat and it.seat == _held_seat(self.former, it.number)
        }
        for sitter in sitters:
            owner = held.get(plan.find(sitter.seat)) if sitter.seat else None
            if owner is not None and owner != sitter.number:
                message = (
                    f"the seat {sitter.seat} of {name} is for {sitter.number} by the roster, and "
                    f"{owner} sits there, who was given a spare copy at the door: write another "
                    "seat into the roster, or bind that copy again with SEAT="
                )
                yield Complaint("", 0, 0, "seat", message)


def _lot(secret: Secret | None, number: str) -> bytes:
    """By lots, nobody chooses who sits beside whom; without a batch, any order will do."""
    return (
        number.encode() if secret is None else fields_digest(secret.allocation_key, "seat", number)
    )
