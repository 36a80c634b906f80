"""A column that has both room and seat: ``HS1 / 12``, ``Hörsaal 2, Platz 14``.

A cell is parted only where it can be read in one way; else it is refused, with how to write it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.rooms.room_plan import seat_name
from generator.roster.headings import (
    ROOM_AND_SEAT,
    SEAT_AND_ROOM,
    SEAT_WORDS,
    letters,
    quote,
)

_SEAT = r"(?:[^\W\d_]{1,2}[ .]?)?\d{1,3}[^\W\d_]?"
"""What is a seat and nothing else, such as 12, A12 or 12b."""
_NUMBER_WORD = r"(?:[\s.-]*(?:Nr|No|Nummer|Number|N[°º])(?!\w))?"
_LABEL = rf"(?<!\w)(?:{'|'.join(SEAT_WORDS)})(?!\w){_NUMBER_WORD}[\s.:#-]*"
_SEAT_SAID = re.compile(
    rf"{_LABEL}({_SEAT}|[^\W\d_]-\d{{1,3}}|\d{{1,3}}[-./]\d{{1,3}}|[^\W\d_])(?![\w-])",
    re.IGNORECASE,
)
_ROW_SAID = re.compile(
    r"(?<!\w)(?:Reihe|Row|Rang|Rangée|Rij|Fila|Rząd)[\s.:]+(\d{1,3}|[^\W\d_]{1,2})(?!\w)",
    re.IGNORECASE,
)
_ROOM_SAID = re.compile(r"(?:Raum|Room|Hörsaal|Saal|Salle|Aula|Sala|Zaal)\s*:\s*", re.IGNORECASE)
_SIGNS = "/|;,:–—"
_EDGES = " " + _SIGNS + "-()[]"
_NONE = ("", "-", "–", "—", "?")
_TIGHT = (r"{room}\s*[(\[]\s*{seat}\s*[)\]]", r"{room}-{seat}", r"{room} {seat}")
"""What parts room and seat where none of the signs does."""


def part_place(cell: str, column: str, heading: str) -> tuple[str, str] | str:
    """Room and seat of a cell, empty where it has none; or why it cannot be read.

    Args:
        cell: As it was cleaned.
        column: Which of both stands first: ``ROOM_AND_SEAT`` or ``SEAT_AND_ROOM``.
        heading: Of the column; a sign that parts its words parts those of a cell, too.
    """
    if all(piece in _NONE for piece in re.split(r"[\s/]+", cell)):
        return "", ""
    said = _place_by_words(cell)
    if said is not None:
        return said or _refusal(cell, "it can be read in several ways", column)
    parts = _parts_by_sign(cell, heading)
    if parts is None:
        return _refusal(cell, "several signs could part them", column)
    if parts:
        return _in_order(cell, parts, column)
    unsure = "nothing parts room and seat for sure"
    return _place_by_form(cell, column) or _refusal(cell, unsure, column)


def _refusal(cell: str, why: str, column: str) -> str:
    example = "HS 1 / 12" if column == ROOM_AND_SEAT else "12 / HS 1"
    return f"{quote(cell)} is no room and seat: {why}; write it as in '{example}'"


def _place_by_words(cell: str) -> tuple[str, str] | tuple[()] | None:
    """Where the cell says what is the seat; nothing at all if it says it oddly, None if not."""
    seats = list(_SEAT_SAID.finditer(cell))
    rows = list(_ROW_SAID.finditer(cell))
    if not seats:
        return () if rows else None
    pieces = re.split(r"\0", _ROW_SAID.sub("\0", _SEAT_SAID.sub("\0", cell)))
    rooms = [room for piece in pieces if (room := piece.strip(_EDGES))]
    if len(seats) > 1 or len(rows) > 1 or len(rooms) > 1:
        return ()
    seat = seats[0][1]
    if rows:
        seat = seat_name(rows[0][1], int(seat)) if seat.isdigit() else f"{rows[0][1]} {seat}"
    room = _ROOM_SAID.sub("", rooms[0]) if rooms else ""
    return (room, seat) if room else ()


def _parts_by_sign(cell: str, heading: str) -> tuple[str, str] | tuple[()] | None:
    """What stands on both sides of the one sign that counts; () without one, None with several."""
    own = "".join(char for char in heading if char in _SIGNS)[:1]
    for signs, loose in ((own, True), (own, False), (_SIGNS + "-", True), (_SIGNS, False)):
        space = r"\s+" if loose else r"\s*"
        # A sign at either end has its blank there taken away already.
        pattern = rf"(?:^|{space})[{re.escape(signs)}](?:{space}|$)"
        found = list(re.finditer(pattern, cell)) if signs else []
        if len(found) > 1:
            return None
        if found:
            return cell[: found[0].start()].strip(), cell[found[0].end() :].strip()
    return ()


def _in_order(cell: str, parts: tuple[str, str], column: str) -> tuple[str, str] | str:
    room, seat = parts if column == ROOM_AND_SEAT else parts[::-1]
    room = _ROOM_SAID.sub("", room)
    if room in _NONE:
        return _refusal(cell, "it has no room", column)
    if seat in _NONE:
        return room, ""
    if _is_seat(room) and not _is_seat(seat):
        other = "Platz/Raum" if column == ROOM_AND_SEAT else "Raum/Platz"
        return _refusal(cell, f"the heading has them the other way round ({other}?)", column)
    return room, seat


def _is_seat(text: str) -> bool:
    return re.fullmatch(_SEAT, text) is not None and bool(letters(text))


def _place_by_form(cell: str, column: str) -> tuple[str, str] | tuple[()]:
    """HS1-12, HS1 12, HS1 (12): where the room has a number of its own, the other is the seat."""
    room, seat = r"(?P<room>[^-\s]+)", rf"(?P<seat>{_SEAT})"
    for form in _TIGHT:
        pattern = form.format(room=room, seat=seat)
        if column == SEAT_AND_ROOM:
            pattern = form.format(room=seat, seat=room)
        found = re.fullmatch(pattern, cell)
        if found and _has_own_number(found["room"]):
            return found["room"], found["seat"]
    return ()


def _has_own_number(room: str) -> bool:
    return bool(re.search(r"\d", room)) and not room.isdigit()


def why_turned_round(places: Sequence[tuple[str, str]], heading: str) -> str:
    """Why a whole column seems to have the seat where the room is expected; empty if not."""
    rooms = [room for room, seat in places if seat]
    seats = {seat for _, seat in places if seat}
    if len(rooms) < 3 or len(set(rooms)) < len(rooms) or len(seats) > len(rooms) // 2:
        return ""
    return (
        f"in {quote(heading)} each student would have a room of their own, and seats come again: "
        "if the seat stands first, call the column 'Platz/Raum'"
    )


def why_seats_in_rooms(rooms: Sequence[str], heading: str) -> str:
    """Why a column of rooms seems to have seats as well; empty if not."""
    if len(rooms) < 3 or len(set(rooms)) < len(rooms):
        return ""
    parted = [part_place(room, ROOM_AND_SEAT, heading) for room in rooms]
    places = [place for place in parted if not isinstance(place, str) and place[1]]
    if len(places) < len(rooms) or len({room for room, _ in places}) > len(rooms) // 2:
        return ""
    return (
        f"{quote(heading)} has a room of their own for each student: if room and seat stand in it, "
        "call it 'Raum/Platz', or write roster: {room_and_seat: " + f'"{heading}"' + "} in the "
        "exam file"
    )
