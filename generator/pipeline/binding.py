"""At the door: a spare copy is given to a student, and taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from generator.codes.page_code import CodeError
from generator.codes.sticker_number import read_sticker, sticker_numbers
from generator.codes.typed_code import read_copy_code
from generator.exact.secret import Secret
from generator.pipeline.door_seat import DoorSeats, NotBound, Sitting
from generator.record.allocation import ROSTER
from generator.record.batch import open_batch
from generator.record.copy import Binding, Holder
from generator.record.ledger import Ledger
from generator.release.amend import amending
from generator.release.place import Place
from generator.roster.accommodation import PLAIN, Accommodation
from generator.roster.students import Student, read_roster
from generator.roster.table import PLAIN_ROSTER

BOUND, UNBOUND = "bound", "unbound"
NOBODY = "none"
NOWHERE = Sitting()
AT_THE_DOOR = "at the door"


@dataclass(frozen=True)
class BoundCopy:
    """What was done at the door.

    Attributes:
        code: The copy.
        number: The registration number of whoever has it now, or had it.
        name: Of the same; not for those who only know codes.
        instead: The copies that this student had before.
        released: The copy is nobody's now.
        again: The copy of the student's own, which is the student's again; empty if there is none.
        printed: In what its paper differs from others.
        needed: In what the student's should.
        sitting: Where the student sits, as far as it is known.
        is_full: The room has a plan, and no free seat.
    """

    code: str
    number: str
    name: str = ""
    instead: tuple[str, ...] = ()
    released: bool = False
    again: str = ""
    printed: Accommodation = PLAIN
    needed: Accommodation = PLAIN
    sitting: Sitting = NOWHERE
    is_full: bool = False

    @property
    def unfit(self) -> bool:
        """Whether the paper is not printed as the student needs it."""
        return self.needed not in (PLAIN, self.printed)

    def __str__(self) -> str:
        if self.released:
            said = f"{self.code} is nobody's now; it was that of {self.number}"
            if self.again:
                return f"{said}, who has {self.again} again"
            return f"{said}, who has no copy: bind another one, or build if the roster has them"
        instead = "".join(f", instead of {other}" for other in self.instead)
        where = f", at {self.sitting}" if self.sitting.seat else ""
        done = f"{self.code} is that of {self.number} ({self.name}) now{instead}{where}"
        if self.is_full:
            done += f"; {self.sitting.room} has no free seat: say which one with SEAT="
        if not self.unfit:
            return done
        reprint = f"make reprint COPY={self.code} REASON='printed for the student'"
        return (
            f"{done}\n{self.code} is printed with {self.printed.told()}, and this student has "
            f"{self.needed.told()}: {reprint} makes such a paper in seconds, in place of this one"
        )


def bind(
    place: Place, roster_file: Path | None, typed: str, sticker: str, seat: str = ""
) -> BoundCopy:
    """Says whose a copy is, and where its student sits; the next build gives them no other one.

    Args:
        roster_file: Where students are looked for who came after the batch was built; None for
            those of the batch alone.
        typed: The code of the copy, as somebody typed it.
        sticker: The number on the student's sticker, or the registration number; ``none`` takes the
            copy back.
        seat: Where the student sits; empty for the seat that they have in the room of the copy, or
            a free one of its plan.

    Raises:
        InputError: There is no such copy or student, or one of them is taken; nothing is changed.
    """
    with amending(place) as amendment:
        ledger = amendment.ledger
        code = copy_in_use(ledger, typed).partition(".")[0]
        had = {binding.code: binding for binding in ledger.bindings()}
        with open_batch(place.folder) as batch:
            # Where the version that built the batch kept no bank, it made no lists.
            exam = batch.exam if ledger.sources else None
            if sticker.strip().lower() == NOBODY:
                done = _take_back(ledger, code, had)
            else:
                form = exam.roster_form if exam is not None else PLAIN_ROSTER
                students = read_roster(roster_file, form).students if roster_file else ()
                holder, usual = _student(ledger, batch.secret, students, sticker.strip())
                number = holder.registration_number
                seats = DoorSeats(ledger, exam, code, number, usual, seat.strip())
                done = _give(ledger, holder, had, seats)
            if exam is not None:
                amendment.list_office(exam, batch.secret)
            else:
                amendment.list_bindings()
    return done


def _take_back(ledger: Ledger, code: str, had: dict[str, Binding]) -> BoundCopy:
    if code not in had or had[code].why == ROSTER:
        is_nobodys = code not in had
        whose = "has nobody" if is_nobodys else "is its student's by the roster"
        message = f"{code} {whose}; there is nothing to take back"
        raise NotBound("--copy", message, "nobodys" if is_nobodys else "by_roster", code=code)
    number = had[code].holder.registration_number
    own = _own_of(ledger, number, had)
    again = own.code if own is not None else ""
    data = {"registration_number": number, "again": again}
    event = ledger.note(UNBOUND, [code], AT_THE_DOOR, data)
    ledger.release(code, event.time)
    if own is not None:
        rooms = {code: room for code, room, _, _ in ledger.places()}
        taken = {it.holder.seat for it in had.values() if rooms[it.code] == rooms[own.code]}
        seat = "" if own.holder.seat in taken else own.holder.seat
        ledger.bind(own.code, replace(own.holder, seat=seat), ROSTER, event.time)
    return BoundCopy(code, number, released=True, again=again)


def _own_of(ledger: Ledger, number: str, had: Mapping[str, Binding]) -> Binding | None:
    """The copy that a student had by the roster, if nobody has it now and it is not withdrawn."""
    in_use = set(ledger.codes())
    owned = [
        it
        for it in ledger.bindings(ended=True)
        if it.why == ROSTER and it.holder.registration_number == number
    ]
    return owned[-1] if owned and owned[-1].code in in_use - had.keys() else None


def _give(ledger: Ledger, holder: Holder, had: dict[str, Binding], seats: DoorSeats) -> BoundCopy:
    number, code = holder.registration_number, seats.code
    owner = had.get(code)
    if owner is not None and owner.holder.registration_number == number:
        if not seats.wanted:
            message = f"{code} is that of {number} already, since {owner.since}"
            advice = f"{message}; SEAT= says that they sit elsewhere"
            raise NotBound("--copy", advice, "bound_already", code=code)
        return _bound(ledger, owner.why, holder, (), seats)
    if owner is not None:
        back = f"take it back first: make bind COPY={code} STICKER={NOBODY}"
        is_by_roster = owner.why == ROSTER
        advice = "give out a spare copy" if is_by_roster else back
        message = f"{code} is that of {owner.holder.registration_number}; {advice}"
        raise NotBound(
            "--copy", message, "others_by_roster" if is_by_roster else "others", code=code
        )
    if ledger[code].spare is None and last_owner(ledger, code) != number:
        message = f"{code} is the copy of another student; give out a spare copy"
        raise NotBound("--copy", message, "no_spare", code=code)
    others = [it for it in had.values() if it.holder.registration_number == number]
    for other in others:
        if other.why != ROSTER:
            back = f"take that back first: make bind COPY={other.code} STICKER={NOBODY}"
            message = f"{number} has {other.code} since {other.since}; {back}"
            raise NotBound("--sticker", message, "has_other", code=other.code)
    return _bound(ledger, AT_THE_DOOR, holder, [other.code for other in others], seats)


def _bound(
    ledger: Ledger, why: str, holder: Holder, instead: Sequence[str], seats: DoorSeats
) -> BoundCopy:
    number, code, sitting = holder.registration_number, seats.code, seats.find()
    data = {"registration_number": number, "instead_of": [*instead], "seat": sitting.seat}
    event = ledger.note(BOUND, [code], AT_THE_DOOR, data)
    for other in instead:
        ledger.release(other, event.time)
    ledger.bind(code, replace(holder, seat=sitting.seat), why, event.time)
    name = f"{holder.first_name} {holder.last_name}".strip()
    printed = ledger[code].accommodation
    return BoundCopy(
        *(code, number, name, tuple(instead)),
        printed=printed,
        needed=holder.accommodation,
        sitting=sitting,
        is_full=seats.is_full(sitting),
    )


def last_owner(ledger: Ledger, code: str) -> str:
    """The registration number of whoever had a copy last; empty if nobody ever had it."""
    owners = [it for it in ledger.bindings(ended=True) if it.code == code]
    return owners[-1].holder.registration_number if owners else ""


def _student(
    ledger: Ledger, secret: Secret, students: Iterable[Student], typed: str
) -> tuple[Holder, Sitting]:
    """Somebody of the roster as it is now, or of the batch, and where that student sits."""
    known = {it.holder.registration_number: it.holder for it in ledger.bindings(ended=True)}
    rooms = {code: room for code, room, _, _ in ledger.places()}
    sitting: dict[str, Sitting] = {}
    for student in students:
        number = student.registration_number
        names = (student.last_name, student.first_name)
        known[number] = Holder(number, *names, student.seat or "", student.accommodation)
        sitting[number] = Sitting(student.room, student.seat or "")
    for binding in ledger.bindings():
        number = binding.holder.registration_number
        sitting[number] = Sitting(rooms[binding.code], binding.holder.seat)
    stickers = sticker_numbers(known, secret, ledger.exam)
    numbers = {sticker: number for number, sticker in stickers.items()}
    if not typed:
        message = "say whose it is, by sticker or registration number: STICKER=7K3M-9QX4"
        raise NotBound("--sticker", message, "no_student")
    number = numbers.get(read_sticker(typed) or "", typed)
    if number not in known:
        message = f"no student has the number {typed}; add a row to the roster, then try again"
        raise NotBound("--sticker", message, "no_student")
    return known[number], sitting.get(number, NOWHERE)


def copy_in_use(ledger: Ledger, typed: str) -> str:
    """The code of a paper that may be used.

    Args:
        typed: As somebody typed it.

    Raises:
        InputError: There is none, it was withdrawn, or another was printed in its place.
    """
    if not typed.strip():
        message = "say which copy, by its code: COPY=E0312"
        raise NotBound("--copy", message, "no_copy", code=typed)
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
