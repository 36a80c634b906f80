"""The plans of rooms: what the exam file says, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from generator.bank import models
from generator.bank.yaml import Source
from generator.errors import Complaint
from generator.rooms.room_plan import RoomPlan, blocked_seats, row_names, seat_key


def check_rooms(source: Source, exam: models.ExamFile, complaints: list[Complaint]) -> None:
    """What the plans name and the rooms have not."""
    for name, room in exam.rooms.items():
        for message, *place in _wrong_with(name, room):
            complaints.append(source.problem(("rooms", name, *place), str(message)))
    for name in sorted(exam.spare_copies.rooms.keys() - exam.rooms.keys() if exam.rooms else ()):
        known = f"rooms has {', '.join(exam.rooms)}"
        message = f"there is no room {name!r}; {known}: correct the name, or add the room"
        complaints.append(source.problem(("spare_copies", "rooms", name), message))


def _wrong_with(name: str, room: models.RoomFile) -> Iterator[tuple[str | int, ...]]:
    """What is wrong, and at which field."""
    if room.row_names and len(room.row_names) != room.rows:
        named = f"{len(room.row_names)} names for {room.rows} rows"
        yield f"{named}; name every row, or none", "row_names"
        return
    plan = room_plan(name, room)
    if len({seat_key(chair.seat) for chair in plan.chairs}) < len(plan.chairs):
        yield "two seats have one name; name the rows otherwise", "row_names"
    for key, gaps, most in (
        ("gaps", room.gaps, room.seats),
        ("row_gaps", room.row_gaps, room.rows),
    ):
        for index, gap in enumerate(gaps):
            if gap >= most:
                yield f"behind {gap} of {most} there is nothing to part; take it out", key, index
    for index, entry in enumerate(room.blocked):
        if not blocked_seats(plan, entry):
            expected = "expected a seat, a row, or seats of a row such as B3 to B9"
            yield f"{entry!r} is not in this room ({plan.told()}); {expected}", "blocked", index
    if not plan.count():
        yield ("nobody has room; block fewer seats",)


def room_plan(name: str, room: models.RoomFile) -> RoomPlan:
    """A room as it is used; entries that mean no seat are left aside."""
    plan = RoomPlan(
        name,
        room.row_names or row_names(room.rows),
        room.seats,
        room.gaps,
        room.row_gaps,
        frozenset(),
        room.distance,
        room.row_distance,
    )
    blocked = frozenset(key for entry in room.blocked for key in blocked_seats(plan, entry))
    return replace(plan, blocked=blocked)
