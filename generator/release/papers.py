"""Which papers the office and the print shop get, and what stands on them.

The office's are made from who holds which copy; the print shop's from codes, rooms and files alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

from generator.bank.exam import Exam
from generator.codes.check_character import with_check
from generator.codes.sticker_number import sticker_numbers
from generator.exact.secret import Secret
from generator.files.program import project_digest
from generator.language.catalogue import load_catalogue
from generator.office.attendance import Attendee, RoomList, attendance_pdf
from generator.office.exam_head import ExamHead, head_of
from generator.office.print_job import (
    PrintJob,
    RunFile,
    envelopes_pdf,
    separators_pdf,
    ticket_jdf,
    ticket_json,
    ticket_kinds,
    ticket_pdf,
    ticket_xpif,
)
from generator.office.seating import seating_pdf
from generator.office.stickers import SHEETS, Sticker, outline_pdf, stickers_pdf
from generator.record.copy import Holder
from generator.record.ledger import Ledger
from generator.release.kept import digest_of, find, keep
from generator.release.print_run import Run, file_name, rooms_of, seat_order
from generator.roster.accommodation import Accommodation
from generator.stamp.pdf import hexadecimal, joined_pages

TICKET = "job-ticket"


Drawing: TypeAlias = partial[bytes]
"""A function that draws a paper, with all that stands on it; worker processes may call it."""


@dataclass(frozen=True)
class Joined:
    """The papers of all rooms in one file.

    Attributes:
        title: Of the file.
        parts: The papers of the rooms, which are kept: who is in one room changes no other one's.
    """

    title: str
    parts: tuple[Drawing, ...]


Paper: TypeAlias = Drawing | Joined


def made_of(paper: Paper) -> str:
    """Digest of all that stands on a paper, and of the program that draws it."""
    if isinstance(paper, Joined):
        return digest_of(paper.title, *map(made_of, paper.parts))
    return digest_of(project_digest(), paper.func.__qualname__, repr(paper.args))


def content_of(folder: Path, paper: Paper) -> bytes:
    """The content of a paper: what is kept, or what is drawn now and kept.

    Called in this process: Pango has threads, and a forked one would wait for them for ever.

    Args:
        folder: Where papers are kept.
    """
    digest = made_of(paper)
    if (kept := find(folder, digest)) is not None:
        return kept.read_bytes()
    if isinstance(paper, Joined):
        parts = (content_of(folder, part) for part in paper.parts)
        content = joined_pages(parts, b"/Title %b" % hexadecimal(paper.title))
    else:
        content = paper()
    keep(folder, digest, content)
    return content


def office_papers(
    exam: Exam, runs: Sequence[Run], ledger: Ledger, secret: Secret
) -> Iterator[tuple[str, Paper]]:
    """Name of what the exam office gets besides ``binding.csv``, and what draws it.

    A copy whose student was given another one is on no list: nobody must take it for a spare one.

    Args:
        runs: The copies of each room in the order of their seats.
        ledger: Who has which copy, and which reprint is in use.
    """
    holders, last = ledger.holders(), ledger.last_reprints()
    spares = ledger.spares()
    head = head_of(exam, load_catalogue(exam.conventions.language))
    numbers = sticker_numbers(
        (holder.registration_number for holder in holders.values()), secret, exam.id
    )
    rooms = [
        _room_list(head, room, _in_order(shown, holders), holders, numbers, last)
        for room, codes in rooms_of(runs)
        for shown in [[code for code in codes if code in holders or code in spares]]
    ]
    names = [file_name(room.room or None) for room in rooms]
    if not len(set(names)) == len(rooms) > 1:
        yield from _papers_of(exam, head, rooms)
    else:
        own = [dict(_papers_of(exam, head, [room])) for room in rooms]
        for paper in own[0]:
            parts = tuple(papers[paper] for papers in own)
            yield paper, Joined(head.titled(paper.removesuffix(".pdf")), parts)
        for room, name, papers in zip(rooms, names, own, strict=True):
            yield from ((f"rooms/{name}/{paper}", drawing) for paper, drawing in papers.items())
            note = head.text("room_readme", room=room.room)
            yield f"rooms/{name}/README.txt", partial(_note, note)
    outline = (head, SHEETS[exam.stickers.sheet], exam.stickers.offset_mm)
    yield "stickers-outline.pdf", partial(outline_pdf, *outline)
    yield "README.txt", partial(_note, head.text("readme", sheet=exam.stickers.sheet))


def _papers_of(
    exam: Exam, head: ExamHead, rooms: Sequence[RoomList]
) -> Iterator[tuple[str, Drawing]]:
    """What there is of some rooms."""
    stickers = [
        Sticker(attendee.sticker, _place(room.room, attendee.seat))
        for room in rooms
        for attendee in room.attendees
        if attendee.sticker
    ]
    sheet, offset_mm = SHEETS[exam.stickers.sheet], exam.stickers.offset_mm
    plans = {room.room: exam.rooms[room.room] for room in rooms if room.room in exam.rooms}
    yield "attendance.pdf", partial(attendance_pdf, head, rooms)
    yield "seating.pdf", partial(seating_pdf, head, rooms, plans)
    yield "stickers.pdf", partial(stickers_pdf, head, stickers, sheet, offset_mm)


def _note(text: str) -> bytes:
    return text.encode()


def _in_order(codes: Sequence[str], holders: Mapping[str, Holder]) -> list[str]:
    """Copies of a room by seats, whatever they are printed on; then those that nobody has."""
    return sorted(
        codes,
        key=lambda code: (code not in holders, code in holders and seat_order(holders[code].seat)),
    )


def _room_list(
    head: ExamHead,
    room: str | None,
    codes: Sequence[str],
    holders: Mapping[str, Holder],
    numbers: Mapping[str, str],
    last: Mapping[str, str],
) -> RoomList:
    rows = []
    for code in codes:
        holder, shown = holders.get(code), with_check(last.get(code, code))
        if holder is None:
            rows.append(Attendee("", "", "", shown, ""))
        else:
            number = holder.registration_number
            name = ", ".join(name for name in (holder.last_name, holder.first_name) if name)
            row = (holder.seat, name, number, shown, numbers[number])
            rows.append(Attendee(*row, remark(head, holder.accommodation)))
    return RoomList(room or "", tuple(rows))


def remark(head: ExamHead, different: Accommodation) -> str:
    """What those in the room must know of a student; never why."""
    minutes = different.extra_minutes
    words = [
        head.text("extra_time", count=minutes) if minutes else "",
        *_printed_on(head, different.large_print, different.paper_color),
    ]
    return " · ".join(word for word in words if word)


def _printed_on(head: ExamHead, large_print: bool, paper_color: str) -> list[str]:
    """In what a paper or a run differs from others."""
    return [
        *([head.text("large_print", paper=head.large_paper)] if large_print else []),
        *([head.text("paper_color", color=paper_color)] if paper_color else []),
    ]


def _place(room: str, seat: str) -> str:
    return " · ".join(word for word in (room, seat) if word)


def shop_papers(
    exam: Exam, runs: Sequence[Run], spares: Set[str], sums: Mapping[str, str]
) -> Iterator[tuple[str, bytes]]:
    """Name and content of what the print shop gets besides papers and runs.

    Args:
        spares: The copies that were made as spare ones. One that was given to somebody is still
            among them, and that student's own copy is no spare one, though nobody has it.
        sums: Path below ``print-shop/`` to SHA-256.
    """
    head = head_of(exam, load_catalogue(exam.conventions.language))
    files = tuple(
        RunFile(
            f"runs/{run.file}",
            run.room or "",
            run.codes,
            sum(code not in spares for code in run.codes),
            sums[f"runs/{run.file}"],
            " · ".join(_printed_on(head, run.large_print, run.paper_color)),
            run.large_print,
            run.paper_color,
        )
        for run in runs
    )
    printing = exam.printing
    deadline = _deadline(exam, head)
    job = PrintJob(head, exam.pages, files, printing.booklet, deadline, printing.contact)
    yield f"{TICKET}.json", ticket_json(job)
    yield f"{TICKET}.pdf", ticket_pdf(job)
    for suffix, large_print, paper_color in ticket_kinds(job):
        yield f"{TICKET}{suffix}.xpif", ticket_xpif(job, large_print, paper_color)
    yield f"{TICKET}.jdf", ticket_jdf(job)
    yield "separators.pdf", separators_pdf(job)
    yield "envelopes.pdf", envelopes_pdf(job)


def _deadline(exam: Exam, head: ExamHead) -> str:
    day = exam.printing.deadline
    return head.catalogue.date(day) if day is not None else ""
