"""`make seal`, `make thaw` and the list of events: what is with the printer stays as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from generator.commands.proof import is_approved
from generator.errors import Complaint, InputError
from generator.exact.secret import SECRET_FILE, load_secret
from generator.files.whole import sums_of
from generator.record.copy import Event
from generator.record.ledger import LEDGER_FILE, SEALED, THAWED, Ledger
from generator.release.amend import amending, check_built
from generator.release.place import Place, place_of

SHOWN = 10
"""So many codes of an event are shown to people; data has all of them."""


def seal(exam_file: Path, out: Path) -> str:
    """Says that the papers are with the printer: no build may change one of them any more.

    Raises:
        InputError: There is no batch, it is sealed already, or its papers are not there as they
            were released.
    """
    place = place_of(exam_file, out)
    with amending(place) as amendment:
        ledger = amendment.ledger
        if ledger.sealed:
            message = f"is sealed since {ledger.sealed.time}: thaw it first if papers are to change"
            raise InputError([Complaint(str(place.folder), 0, 0, "", message)])
        _check_papers(place, ledger)
        codes = ledger.codes()
        approved = is_approved(ledger)
        event = ledger.note(SEALED, codes)
    sealed = f"{place.folder}: {len(codes)} papers are sealed since {event.time}"
    return sealed if approved else f"{sealed}\nwarning: no proof of these papers was approved"


def _check_papers(place: Place, ledger: Ledger) -> None:
    """Whether what is sealed is what was verified."""
    papers = place.folder / "print-shop" / "papers"
    wrong = [
        copy.code
        for copy in ledger.active()
        if sums_of([papers / f"{copy.code}.pdf"]) != [copy.paper_sha256]
    ]
    if wrong:
        message = (
            f"papers are missing, or not as they were released: {', '.join(wrong)}; build again, "
            "then seal"
        )
        raise InputError([Complaint(str(papers), 0, 0, "", message)])


def thaw(exam_file: Path, out: Path, reason: str) -> str:
    """Takes a seal back: the next build may change papers.

    Raises:
        InputError: There is no batch, it is not sealed, or there is no reason.
    """
    place = place_of(exam_file, out)
    if not reason.strip():
        message = "say why, for the events: make thaw REASON='...'"
        raise InputError([Complaint("", 0, 0, "--reason", message)])
    with amending(place) as amendment:
        ledger = amendment.ledger
        if not ledger.sealed:
            message = "is not sealed: the next build may change papers as it is"
            raise InputError([Complaint(str(place.folder), 0, 0, "", message)])
        ledger.note(THAWED, ledger.codes(), reason.strip())
    return f"{place.folder}: is thawed; the next build may change papers that are printed"


def show_events(exam_file: Path, out: Path, *, as_json: bool) -> str:
    """What happened to a batch, one event a line, or all of it as JSON.

    Raises:
        InputError: There is no batch, or its files were changed.
    """
    place = place_of(exam_file, out)
    check_built(place)
    secret = load_secret(place.examiner / SECRET_FILE)
    with closing(Ledger(place.examiner / LEDGER_FILE, place.exam_id, secret)) as ledger:
        events = ledger.events
    if as_json:
        return json.dumps([_document(event) for event in events], ensure_ascii=False, indent=1)
    return "\n".join(map(_line, events)) or "no events: an earlier version built this batch"


def _document(event: Event) -> dict[str, object]:
    return {
        "number": event.number,
        "time": event.time,
        "kind": event.kind,
        "copies": list(event.copies),
        "reason": event.reason,
        "data": dict(event.data),
    }


def _line(event: Event) -> str:
    return "  ".join((event.time, f"{event.kind:<9}", *_about(event)))


def _about(event: Event) -> Iterator[str]:
    if event.copies:
        more = len(event.copies) - SHOWN
        rest = f" and {more} more" if more > 0 else ""
        yield f"{len(event.copies)}: {', '.join(event.copies[:SHOWN])}{rest}"
    if event.reason:
        yield event.reason
