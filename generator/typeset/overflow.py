"""What of a key had no room in its boxes, and on which pages at its end it stands.

The class decides on it while it sets a copy, box by box, since drawn values differ in size; here is
what it told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

NOTES, WORKING, MODEL, ALL = 2, 3, 4, 5
"""Levels of the class: from which on a piece of an answer is not in its box."""


@dataclass(frozen=True)
class Moved:
    """A part of whose answer something stands on a page at the end.

    Attributes:
        part: The part.
        level: 2 where it is the notes, 3 where it is the working too, 4 the model answer too; 5
            where there is no box at all.
        page: The page on which it begins; the box says so.
    """

    part: str
    level: int
    page: int


@dataclass(frozen=True)
class Overflow:
    """What a copy's key has besides the pages of its paper.

    Attributes:
        pages: So many pages.
        moved: What stands on them, in order.
    """

    pages: int = 0
    moved: tuple[Moved, ...] = ()


NONE = Overflow()


def overflows(notes: Iterable[Sequence[str]]) -> Mapping[str, Overflow]:
    """Copy code to what a run of TeX told of it; copies of which it told nothing are left out."""
    found: dict[str, Overflow] = {}
    code = ""
    for note in notes:
        if note[0] == "COPY":
            code = note[1] if len(note) > 1 else ""
            continue
        known = found.get(code, NONE)
        if note[0] == "OVER":
            moved = Moved(note[1], int(note[2]), int(note[3]))
            found[code] = replace(known, moved=(*known.moved, moved))
        elif note[0] == "OVERPAGES":
            found[code] = replace(known, pages=int(note[1]))
    return found
