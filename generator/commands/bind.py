"""`make bind`: a spare copy is given to a student, at the door."""

from __future__ import annotations

from pathlib import Path

from generator.pipeline.binding import bind
from generator.release.place import place_of


def bind_at_the_door(
    exam_file: Path, out: Path, roster_file: Path, typed: str, sticker: str, seat: str
) -> str:
    """Says whose a copy is; what is typed, and what is refused, is as for `bind`."""
    return str(bind(place_of(exam_file, out), roster_file, typed, sticker, seat))
