"""Print runs: the papers of a room that are printed alike, in one file, which is read back.

A run is made of finished papers alone. It is kept in the work folder under a digest of these, so
that the runs of rooms in which nothing has changed are not joined again. What is no PDF/A-1b, or
not black alone, is never handed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path

from generator.errors import CopyError
from generator.files.plain_names import plain_name
from generator.files.program import project_digest
from generator.files.whole import link, sha256_of
from generator.layout import A4, LARGE_PRINT, Sheet
from generator.record.allocation import ROSTER
from generator.record.copy import Copy
from generator.record.ledger import Ledger
from generator.release.kept import digest_of, find, sha256_in
from generator.stamp.pdf import PdfFile
from generator.stamp.stamp import PrintRun, run_digests
from generator.verify.preflight import preflight


@dataclass(frozen=True)
class Run:
    """A print run: the copies of one room, one after the other.

    Attributes:
        file: Name of its file.
        room: None where the roster names no rooms.
        papers: Copy code and SHA-256 of each paper.
        large_print: Whether its pages are enlarged.
        paper_color: What it is printed on; empty for white.
        booklet: Whether two pages lie side by side, on sheets that are folded.
        sheet: The size of the pages of the exam.
    """

    file: str
    room: str | None
    papers: tuple[tuple[str, str], ...]
    large_print: bool = False
    paper_color: str = ""
    booklet: bool = False
    sheet: Sheet = A4

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of its copies."""
        return tuple(code for code, _ in self.papers)


def run_seats(ledger: Ledger) -> dict[str, str]:
    """Code to the seat by which a copy lies in its run: that of its student by the roster.

    A run that is printed stays as it is: neither who was given a spare copy changes it, nor who sat
    down elsewhere after the batch was sealed.
    """
    sealed = ledger.sealed
    seats: dict[str, str] = {}
    for binding in ledger.bindings(ended=True):
        is_late = sealed is not None and binding.since > sealed.time
        if binding.code not in seats or (binding.why == ROSTER and not is_late):
            seats[binding.code] = binding.holder.seat
    return seats


def plan_runs(
    copies: Iterable[Copy],
    seats: Mapping[str, str],
    *,
    booklet: bool = False,
    sheet: Sheet = A4,
) -> list[Run]:
    """One run per room: copies in the order of their seats, then the spares.

    A run is N equal sets and nothing else: a finisher staples every so many pages. What is printed
    on other paper is a run of its own.

    Args:
        seats: Code to the seat of its student, see `run_seats`.
        booklet: Whether papers are printed as booklets; those in large print never are.
        sheet: The size of their pages.

    Returns:
        The runs; their files have names that every system can store.
    """
    rooms: dict[_Kind, list[tuple[object, str, str]]] = {}
    for copy in copies:
        is_spare = copy.spare is not None
        # Also one that was given to somebody at the door: the run is printed by then.
        seat = "" if is_spare else seats.get(copy.code, "")
        place = (is_spare, seat_order(seat))
        different = copy.accommodation
        kind = (copy.room or "", copy.room is None, different.large_print, different.paper_color)
        rooms.setdefault(kind, []).append((place, copy.code, copy.paper_sha256))
    names: set[str] = set()
    runs = []
    for kind in sorted(rooms):
        room, is_nowhere, large_print, paper_color = kind
        large = LARGE_PRINT[sheet].sheet.name if large_print else ""
        name = base = _run_name(None if is_nowhere else room, large, paper_color)
        number = 2
        while name.casefold() in names:
            name, number = f"{base}-{number}", number + 1
        names.add(name.casefold())
        papers = tuple((code, digest) for _, code, digest in sorted(rooms[kind]))
        where = None if is_nowhere else room
        is_folded = booklet and not large_print
        file = f"{name}.pdf"
        runs.append(Run(file, where, papers, large_print, paper_color, is_folded, sheet))
    return runs


_Kind = tuple[str, bool, bool, str]
"""Room, whether there is none, whether it is large print, color of the paper."""


def _run_name(room: str | None, large_sheet: str, paper_color: str) -> str:
    words = [room, large_sheet, paper_color]
    return "-".join(file_name(word) for word in words if word or word is None)


def rooms_of(runs: Iterable[Run]) -> list[tuple[str | None, tuple[str, ...]]]:
    """Each room with the codes of all of its runs."""
    rooms: dict[str | None, tuple[str, ...]] = {}
    for run in runs:
        rooms[run.room] = (*rooms.get(run.room, ()), *run.codes)
    return list(rooms.items())


def seat_order(seat: str) -> tuple[bool, list[tuple[bool, int, str]]]:
    """By which seats are sorted, as people count: A2 before A10; those without one come last."""
    pieces = re.findall(r"\d+|\D+", seat)
    key = [(piece.isdigit(), int(piece) if piece.isdecimal() else 0, piece) for piece in pieces]
    return not seat, key


def file_name(room: str | None) -> str:
    """A room as a file name: letters and digits, the rest as hyphens."""
    return plain_name(room or "all-rooms", "room")


def make_run(exam_id: str, folder: Path, kept: Path, run: Run) -> str:
    """Puts a print run into ``runs/``: the one that was kept, or one that is joined now.

    Args:
        folder: The print shop's, with ``papers/`` and ``runs/``.
        kept: Where runs are kept, with their SHA-256 in their names.

    Returns:
        The SHA-256 of the file.

    Raises:
        CopyError: The run has not the pages of its papers, or is no file for a press.
    """
    made_of = digest_of_run(exam_id, run)
    path = find(kept, made_of) or _join(exam_id, folder / "papers", kept, run, made_of)
    link(path, folder / "runs" / run.file)
    return sha256_in(path)


def digest_of_run(exam_id: str, run: Run) -> str:
    """Digest of all that a run is made of."""
    digests = (digest for _, digest in run.papers)
    return digest_of(project_digest(), exam_id, run.file, str(run.booklet), *digests)


def _join(exam_id: str, papers: Path, kept: Path, run: Run, made_of: str) -> Path:
    """Joins a run and reads it back; returns where it is kept."""
    new = kept / f".{run.file}"
    with new.open("w+b") as file:
        title = f"{exam_id} {Path(run.file).stem}"
        joined = PrintRun(file, title, folded=run.sheet if run.booklet else None)
        for code in run.codes:
            joined.append((papers / f"{code}.pdf").read_bytes(), code)
        joined.close()
        file.flush()
        written = PdfFile(mmap(file.fileno(), 0, access=ACCESS_READ))
        if run_digests(written, booklet=run.booklet) != joined.digests:
            raise CopyError(f"the print run {run.file} has not the pages of its papers")
        if wrong := preflight(written.data):
            raise CopyError([f"the print run {run.file} {what}" for what in wrong])
    return new.replace(kept / f"{made_of}-{sha256_of(new)}")
