"""At the door: a spare copy is given to a student, and taken back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from generator.codes.page_code import CodeError
from generator.codes.typed_code import read_copy_code
from generator.errors import Complaint, InputError
from generator.office.stickers import read_sticker, sticker_numbers
from generator.record.allocation import ROSTER
from generator.record.batch import open_batch
from generator.record.copy import Binding, Holder
from generator.record.ledger import Ledger
from generator.release.amend import amending
from generator.release.place import Place
from generator.roster.accommodation import PLAIN, Accommodation
from generator.roster.students import read_roster
from generator.roster.table import PLAIN_ROSTER

Why = Literal[
    "nobodys",
    "by_roster",
    "bound_already",
    "others",
    "others_by_roster",
    "no_spare",
    "has_other",
    "no_student",
    "no_copy",
    "withdrawn",
    "void",
]
"""Why a copy is not given: a text of the desk is called so."""

BOUND, UNBOUND = "bound", "unbound"
NOBODY = "none"
AT_THE_DOOR = "at the door"


class NotBound(InputError):
    """A copy is not given to anybody, nor taken back: nothing was changed.

    Attributes:
        why: For those who read another language than the commands write.
        values: The copies that are named.
    """

    def __init__(self, where: str, message: str, why: Why, **values: str) -> None:
        super().__init__([Complaint("", 0, 0, where, message)])
        self.why = why
        self.values = values


@dataclass(frozen=True)
class Bound:
    """What was done at the door.

    Attributes:
        code: The copy.
        number: The registration number of whoever has it now, or had it.
        name: Of the same; not for those who only know codes.
        instead: The copies that this student had before.
        released: The copy is nobody's now.
        printed: In what its paper differs from others.
        needed: In what the student's should.
    """

    code: str
    number: str
    name: str = ""
    instead: tuple[str, ...] = ()
    released: bool = False
    printed: Accommodation = PLAIN
    needed: Accommodation = PLAIN

    @property
    def unfit(self) -> bool:
        """Whether the paper is not printed as the student needs it."""
        return self.needed not in (PLAIN, self.printed)

    def __str__(self) -> str:
        if self.released:
            return f"{self.code} is nobody's now; it was that of {self.number}"
        instead = "".join(f", instead of {other}" for other in self.instead)
        done = f"{self.code} is that of {self.number} ({self.name}) now{instead}"
        if not self.unfit:
            return done
        reprint = f"make reprint COPY={self.code} REASON='printed for the student'"
        return (
            f"{done}\n{self.code} is printed with {self.printed.told()}, and this student has "
            f"{self.needed.told()}: {reprint} makes such a paper in seconds, in place of this one"
        )


def bind(place: Place, exam_id: str, roster_file: Path | None, typed: str, sticker: str) -> Bound:
    """Says whose a copy is; the next build gives this student no other one.

    Args:
        roster_file: Where students are looked for who came after the batch was built; None for
            those of the batch alone.
        typed: The code of the copy, as somebody typed it.
        sticker: The number on the student's sticker, or the registration number; ``none`` takes the
            copy back.

    Raises:
        InputError: There is no such copy or student, or one of them is taken; nothing is changed.
    """
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


def _take_back(ledger: Ledger, code: str, had: dict[str, Binding]) -> Bound:
    if code not in had or had[code].why == ROSTER:
        is_nobodys = code not in had
        whose = "has nobody" if is_nobodys else "is its student's by the roster"
        message = f"{code} {whose}; there is nothing to take back"
        raise NotBound("--copy", message, "nobodys" if is_nobodys else "by_roster", code=code)
    number = had[code].holder.registration_number
    event = ledger.note(UNBOUND, [code], AT_THE_DOOR, {"registration_number": number})
    ledger.release(code, event.time)
    return Bound(code, number, released=True)


def _give(ledger: Ledger, code: str, holder: Holder, had: dict[str, Binding]) -> Bound:
    number = holder.registration_number
    owner = had.get(code)
    if owner is not None and owner.holder.registration_number == number:
        message = f"{code} is that of {number} already, since {owner.since}"
        raise NotBound("--copy", message, "bound_already", code=code)
    if owner is not None:
        back = f"take it back first: make bind COPY={code} STICKER={NOBODY}"
        is_by_roster = owner.why == ROSTER
        advice = "give out a spare copy" if is_by_roster else back
        message = f"{code} is that of {owner.holder.registration_number}; {advice}"
        raise NotBound(
            "--copy", message, "others_by_roster" if is_by_roster else "others", code=code
        )
    if ledger[code].spare is None and _last_owner(ledger, code) != number:
        message = f"{code} is the copy of another student; give out a spare copy"
        raise NotBound("--copy", message, "no_spare", code=code)
    others = [it for it in had.values() if it.holder.registration_number == number]
    for other in others:
        if other.why != ROSTER:
            back = f"take that back first: make bind COPY={other.code} STICKER={NOBODY}"
            message = f"{number} has {other.code} since {other.since}; {back}"
            raise NotBound("--sticker", message, "has_other", code=other.code)
    data = {"registration_number": number, "instead_of": [other.code for other in others]}
    event = ledger.note(BOUND, [code], AT_THE_DOOR, data)
    for other in others:
        ledger.release(other.code, event.time)
    ledger.bind(code, holder, AT_THE_DOOR, event.time)
    name = f"{holder.first_name} {holder.last_name}"
    printed = ledger[code].accommodation
    instead = tuple(other.code for other in others)
    return Bound(code, number, name, instead, printed=printed, needed=holder.accommodation)


def _last_owner(ledger: Ledger, code: str) -> str:
    owners = [it for it in ledger.bindings(ended=True) if it.code == code]
    return owners[-1].holder.registration_number if owners else ""


def _student(place: Place, roster_file: Path | None, ledger: Ledger, typed: str) -> Holder:
    """Somebody of the roster as it is now, or of the batch."""
    form = PLAIN_ROSTER
    with open_batch(place.folder) as batch:
        secret = batch.secret
        if ledger.sources:
            form = batch.exam.roster_form
    known = {it.holder.registration_number: it.holder for it in ledger.bindings(ended=True)}
    students = read_roster(roster_file, form).students if roster_file is not None else ()
    for student in students:
        number = student.registration_number
        seat = student.seat or (known[number].seat if number in known else "")
        names = (student.last_name, student.first_name)
        known[number] = Holder(number, *names, seat, student.accommodation)
    stickers = sticker_numbers(known, secret, ledger.exam)
    numbers = {sticker: number for number, sticker in stickers.items()}
    number = numbers.get(read_sticker(typed) or "", typed)
    if number not in known:
        message = f"no student has the number {typed}; add a row to the roster, then try again"
        raise NotBound("--sticker", message, "no_student")
    return known[number]


def copy_in_use(ledger: Ledger, typed: str) -> str:
    """The code of a paper that may be used.

    Args:
        typed: As somebody typed it.

    Raises:
        InputError: There is none, it was withdrawn, or another was printed in its place.
    """
    try:
        code = read_copy_code(typed, ledger.digits, ledger.exam)
    except CodeError as error:
        raise NotBound("--copy", str(error), "no_copy", code=typed) from None
    base = code.partition(".")[0]
    if base not in ledger.all_codes() or (code != base and code not in ledger.reprints):
        advice = "none was ever built with this code; read it once more, or build first"
        raise NotBound("--copy", f"there is no copy {code}: {advice}", "no_copy", code=code)
    if base in ledger.withdrawn():
        message = f"{code} was withdrawn: its student is not in the roster"
        raise NotBound("--copy", message, "withdrawn", code=code)
    if instead := ledger.voided().get(code):
        message = f"{code} is void: {instead} was printed in its place, so take that"
        raise NotBound("--copy", message, "void", code=code, instead=instead)
    return code
