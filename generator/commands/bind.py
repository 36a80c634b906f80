"""`make bind`: at the door, a spare copy is given to a student."""

from __future__ import annotations

from pathlib import Path

from generator.bank.read.exam import read_exam_id
from generator.commands.reprint import copy_in_use
from generator.errors import Complaint, InputError
from generator.office.stickers import read_sticker, sticker_numbers
from generator.record.allocation import ROSTER
from generator.record.batch import open_batch
from generator.record.copy import Binding, Holder
from generator.record.ledger import Ledger
from generator.release.amend import amending
from generator.release.place import Place
from generator.roster.students import read_roster
from generator.roster.table import PLAIN_ROSTER

BOUND, UNBOUND = "bound", "unbound"
NOBODY = "none"
AT_THE_DOOR = "at the door"


def bind(exam_file: Path, roster_file: Path, out: Path, typed: str, sticker: str) -> str:
    """Says whose a copy is; the next build gives this student no other one.

    Args:
        typed: The code of the copy, as somebody typed it.
        sticker: The number on the student's sticker, or the registration number; ``none`` takes the
            copy back.

    Raises:
        InputError: There is no such copy or student, or one of them is taken; nothing is changed.
    """
    exam_id = read_exam_id(exam_file)
    place = Place(out, exam_id)
    with amending(place, exam_id) as amendment:
        ledger = amendment.ledger
        code = copy_in_use(ledger, typed).partition(".")[0]
        had = {binding.code: binding for binding in ledger.bindings()}
        if sticker.strip().lower() == NOBODY:
            done = _take_back(ledger, code, had)
        else:
            holder = _student(place, roster_file, ledger, sticker.strip())
            done = _give(ledger, code, holder, had)
        if ledger.sources:
            with open_batch(place.folder) as batch:
                amendment.list_office(batch.exam, batch.secret)
        else:  # the version that built the batch kept no bank, and made no lists
            amendment.list_bindings()
    return done


def _take_back(ledger: Ledger, code: str, had: dict[str, Binding]) -> str:
    if code not in had or had[code].why == ROSTER:
        whose = "has nobody" if code not in had else "is its student's by the roster"
        raise _refusal("--copy", f"{code} {whose}; there is nothing to take back")
    number = had[code].holder.registration_number
    event = ledger.note(UNBOUND, [code], AT_THE_DOOR, {"registration_number": number})
    ledger.release(code, event.time)
    return f"{code} is nobody's now; it was that of {number}"


def _give(ledger: Ledger, code: str, holder: Holder, had: dict[str, Binding]) -> str:
    number = holder.registration_number
    owner = had.get(code)
    if owner is not None and owner.holder.registration_number == number:
        raise _refusal("--copy", f"{code} is that of {number} already, since {owner.since}")
    if owner is not None:
        back = f"take it back first: make bind COPY={code} STICKER={NOBODY}"
        advice = "give out a spare copy" if owner.why == ROSTER else back
        message = f"{code} is that of {owner.holder.registration_number}; {advice}"
        raise _refusal("--copy", message)
    if ledger[code].spare is None and _last_owner(ledger, code) != number:
        raise _refusal("--copy", f"{code} is the copy of another student; give out a spare copy")
    others = [it for it in had.values() if it.holder.registration_number == number]
    for other in others:
        if other.why != ROSTER:
            back = f"take that back first: make bind COPY={other.code} STICKER={NOBODY}"
            raise _refusal("--sticker", f"{number} has {other.code} since {other.since}; {back}")
    data = {"registration_number": number, "instead_of": [other.code for other in others]}
    event = ledger.note(BOUND, [code], AT_THE_DOOR, data)
    for other in others:
        ledger.release(other.code, event.time)
    ledger.bind(code, holder, AT_THE_DOOR, event.time)
    instead = "".join(f", instead of {other.code}" for other in others)
    return f"{code} is that of {number} ({holder.first_name} {holder.last_name}) now{instead}"


def _last_owner(ledger: Ledger, code: str) -> str:
    owners = [it for it in ledger.bindings(ended=True) if it.code == code]
    return owners[-1].holder.registration_number if owners else ""


def _student(place: Place, roster_file: Path, ledger: Ledger, typed: str) -> Holder:
    """Somebody of the roster as it is now, or of the batch."""
    form = PLAIN_ROSTER
    with open_batch(place.folder) as batch:
        secret = batch.secret
        if ledger.sources:
            form = batch.exam.roster_form
    known = {it.holder.registration_number: it.holder for it in ledger.bindings(ended=True)}
    for student in read_roster(roster_file, form).students:
        number = student.registration_number
        seat = student.seat or (known[number].seat if number in known else "")
        names = (student.last_name, student.first_name)
        known[number] = Holder(number, *names, seat, student.accommodation)
    stickers = sticker_numbers(known, secret, ledger.exam)
    numbers = {sticker: number for number, sticker in stickers.items()}
    number = numbers.get(read_sticker(typed) or "", typed)
    if number not in known:
        message = f"no student has the number {typed}; add a row to {roster_file}, then try again"
        raise _refusal("--sticker", message)
    return known[number]


def _refusal(where: str, message: str) -> InputError:
    return InputError([Complaint("", 0, 0, where, message)])
