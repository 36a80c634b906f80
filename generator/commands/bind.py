"""`make bind`: a spare copy is given to a student, at the door; and who did not come to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from generator.codes.check_character import with_check
from generator.pipeline.binding import bind
from generator.pipeline.who_came import note_turnout
from generator.record.batch import open_batch
from generator.record.turnout import TURNOUT, turnout
from generator.release.amend import check_built
from generator.release.place import place_of


def bind_at_the_door(
    exam_file: Path, out: Path, roster_file: Path, typed: str, sticker: str, seat: str
) -> str:
    """Says whose a copy is; what is typed, and what is refused, is as for `bind`."""
    return str(bind(place_of(exam_file, out), roster_file, typed, sticker, seat))


def attendance(exam_file: Path, out: Path, kind: str, typed: Sequence[str]) -> str:
    """Notes who did not come or gave up; without a kind, lists what is noted.

    Args:
        kind: One of `TURNOUT`, or nothing.
        typed: Copy codes, or numbers of stickers or students.

    Raises:
        InputError: There is no batch, or somebody named has no copy; nothing is noted.
    """
    place = place_of(exam_file, out)
    if kind and typed:
        return str(note_turnout(place, typed, kind))
    check_built(place)
    with open_batch(place.folder) as batch:
        noted = turnout(batch.events)
        held = len(batch.ledger.holders())
    lines = [f"{held} students have a copy"]
    for each in TURNOUT:
        codes = [with_check(code) for code, kind in sorted(noted.items()) if kind == each]
        lines += [f"{each}: {len(codes)} ({', '.join(codes)})"] if codes else []
    return "\n".join(lines)
