"""A room: its rows and seats, the gaps between them, and which of them are used in an exam."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

SeatKey = tuple[str, ...]
MOST_LETTERS = 26


def seat_key(seat: str) -> SeatKey:
    """What counts of the name of a seat: A 01, a1 and A-1 are one seat, 1-11 and 11-1 are two."""
    pieces = re.findall(r"\d+|[^\W\d_]+", seat.casefold())
    return tuple(piece.lstrip("0") or "0" if piece.isdigit() else piece for piece in pieces)


@dataclass(frozen=True)
class Chair:
    """A seat, and where it stands.

    Attributes:
        seat: Its name.
        row: From the front, from 0; a gap counts as a row.
        column: From the left, from 0; a gap counts as a seat.
    """

    seat: str
    row: int
    column: int


@dataclass(frozen=True)
class RoomPlan:
    """A room.

    Attributes:
        name: As the roster calls it.
        rows: Names of the rows, from the front.
        seats: Seats of each row.
        gaps: Behind which seats of a row there is a gap.
        row_gaps: Behind which rows, from 1, there is a gap.
        blocked: Keys of the seats that nobody gets.
        distance: How many seats stay empty between two students of a row.
        row_distance: How many rows stay empty between two rows with students.
    """

    name: str
    rows: tuple[str, ...]
    seats: int
    gaps: tuple[int, ...] = ()
    row_gaps: tuple[int, ...] = ()
    blocked: frozenset[SeatKey] = frozenset()
    distance: int = 0
    row_distance: int = 0

    @cached_property
    def chairs(self) -> tuple[Chair, ...]:
        """All seats, blocked ones as well, row by row from the front, each from the left."""
        return tuple(
            Chair(
                seat_name(row, number),
                index + sum(gap <= index for gap in self.row_gaps),
                number - 1 + sum(gap < number for gap in self.gaps),
            )
            for index, row in enumerate(self.rows)
            for number in range(1, self.seats + 1)
        )

    @cached_property
    def _by_key(self) -> dict[SeatKey, Chair]:
        return {seat_key(chair.seat): chair for chair in self.chairs}

    def find(self, seat: str) -> Chair | None:
        """The seat of a name; None if the room has none."""
        return self._by_key.get(seat_key(seat))

    def is_blocked(self, chair: Chair) -> bool:
        """Whether nobody gets this seat."""
        return seat_key(chair.seat) in self.blocked

    def free(self, taken: Iterable[Chair]) -> Iterator[Chair]:
        """Seats that keep their distance from those that are taken, and from each other."""
        columns: dict[int, list[int]] = {}
        for chair in taken:
            columns.setdefault(chair.row, []).append(chair.column)
        for chair in self.chairs:
            if not self.is_blocked(chair) and self._is_apart(chair, columns):
                columns.setdefault(chair.row, []).append(chair.column)
                yield chair

    def _is_apart(self, chair: Chair, columns: dict[int, list[int]]) -> bool:
        near = range(chair.row - self.row_distance, chair.row + self.row_distance + 1)
        if any(row != chair.row and row in columns for row in near):
            return False
        beside = columns.get(chair.row, ())
        return all(abs(chair.column - column) > self.distance for column in beside)

    def count(self) -> int:
        """How many students have room."""
        return sum(1 for _ in self.free(()))

    def told(self) -> str:
        """The seats that there are, for messages."""
        first, last = self.chairs[0].seat, self.chairs[-1].seat
        return f"{len(self.rows)} rows of {self.seats} seats, {first} to {last}"


def seat_name(row: str, number: int) -> str:
    """The name of a seat: A12, or 3-12 where rows have numbers."""
    return f"{row}{number}" if row[-1:].isalpha() else f"{row}-{number}"


def row_names(count: int) -> tuple[str, ...]:
    """Names of rows that have none: letters, or numbers where these are not enough."""
    if count <= MOST_LETTERS:
        return tuple(chr(ord("A") + index) for index in range(count))
    return tuple(str(index + 1) for index in range(count))


def blocked_seats(plan: RoomPlan, entry: str) -> tuple[SeatKey, ...]:
    """The seats that an entry means: a seat (B7), a row (B), or seats of a row (B3 to B9).

    Returns:
        None at all if the room has no such seat.
    """
    for row in plan.rows:
        if seat_key(entry) == seat_key(row):
            return tuple(seat_key(seat_name(row, number + 1)) for number in range(plan.seats))
    ends = [plan.find(end) for end in re.split(r"\s+to\s+", entry.strip())]
    if len(ends) > 2 or None in ends:
        return ()
    found = [chair for chair in ends if chair is not None]
    if any(one.row != other.row or one.column > other.column for one, other in pairwise(found)):
        return ()
    first, last = found[0], found[-1]
    return tuple(
        seat_key(chair.seat)
        for chair in plan.chairs
        if chair.row == first.row and first.column <= chair.column <= last.column
    )
