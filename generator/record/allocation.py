"""Who gets which copy: those that have one keep it, the others get new ones.

New codes are given in the order of an HMAC over the registration number (or the room and the number
of the spare copy), so that the order of the roster does not matter. What was released is never
forgotten: a student who comes back gets the old code back, and a spare copy stays one when fewer
are asked for, since it may be printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from generator.errors import Complaint, InputError
from generator.exact.secret import Secret, fields_digest
from generator.record.copy import Copy, Holder
from generator.record.ledger import MOST_DIGITS, Ledger, now
from generator.roster.accommodation import PLAIN, Accommodation

ROSTER = "roster"


@dataclass(frozen=True)
class Seat:
    """A student of the roster, or a spare copy of a room.

    Attributes:
        room: None where the roster names no rooms.
        spare: The number of the spare copy in its room, from 1; None for a student.
        holder: The student; None for a spare copy.
    """

    room: str | None
    spare: int | None = None
    holder: Holder | None = None


@dataclass
class Allocation:
    """What was done.

    Attributes:
        new: Codes that are given for the first time.
        returned: Codes of students who came back.
        withdrawn: Code to registration number of students who left.
        moved: Codes of copies that are in another room now.
        renamed: Room to its new name, where all of its students are in one new room.
        differing: Codes of sealed copies whose students have another accommodation now.
        kept_spares: Codes of released spare copies that are more than are asked for.
        respelled: Codes of copies whose students have another name now.
    """

    new: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    withdrawn: dict[str, str] = field(default_factory=dict)
    moved: list[str] = field(default_factory=list)
    renamed: dict[str | None, str | None] = field(default_factory=dict)
    kept_spares: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    respelled: list[str] = field(default_factory=list)


def allocate(
    ledger: Ledger, seats: Iterable[Seat], secret: Secret, reserved: Iterable[str]
) -> Allocation:
    """Gives every student and every spare copy of a room a code.

    Args:
        seats: All students and spare copies.
        reserved: Codes that are never given.

    Raises:
        InputError: There are no more codes of the batch's number of digits.
    """
    seats = list(seats)
    return _Allocating(ledger, seats).run(secret, set(reserved))


class _Allocating:
    """One run: first the students who have copies, then the spare copies, then what is new."""

    def __init__(self, ledger: Ledger, seats: list[Seat]) -> None:
        self.ledger = ledger
        self.students = {it.holder.registration_number: it for it in seats if it.holder}
        self.spares = [it for it in seats if it.holder is None]
        self.done = Allocation()
        self.time = now()
        self.new: list[Seat] = []

    def run(self, secret: Secret, reserved: set[str]) -> Allocation:
        places = self.ledger.places()
        rooms = {code: room for code, room, _, _ in places}
        own = {code for code, _, spare, _ in places if spare is None}
        active = {code for code, _, _, is_active in places if is_active}
        self._keep_students(own, active, rooms)
        self._rename(rooms)
        self._keep_spares()
        self._give_new(secret, reserved)
        return self.done

    def _keep_students(
        self, own: set[str], active: set[str], rooms: Mapping[str, str | None]
    ) -> None:
        """Students of the roster keep their copies; those of others are withdrawn."""
        current = {it.holder.registration_number: it for it in self.ledger.bindings()}
        last = {
            it.holder.registration_number: it.code
            for it in self.ledger.bindings(ended=True)
            if it.code in own
        }
        for number, seat in self.students.items():
            assert seat.holder is not None
            if number in current:
                binding = current[number]
                if binding.holder != seat.holder:
                    is_own = binding.code in own
                    why, since = (ROSTER, self.time) if is_own else (binding.why, binding.since)
                    self.ledger.bind(binding.code, seat.holder, why, since)
                    if binding.holder.full_name != seat.holder.full_name:
                        self.done.respelled.append(binding.code)
            elif number in last:
                self._take_back(last[number], seat)
            else:
                self.new.append(seat)
            code = last.get(number)
            if code is not None and (code in active or code in self.done.returned):
                self._print_for(code, seat.holder.accommodation)
            has_other = number in current and current[number].code != code
            # The copy of somebody who was given a spare one lies where it was printed for.
            if code in active and rooms[code] != seat.room and not has_other:
                self._move(code, seat.room)
        for number, code in last.items():
            if number not in self.students and code in active:
                self.ledger.put(replace(self.ledger[code], active=False))
                self.ledger.release(code, self.time)
                self.done.withdrawn[code] = number

    def _take_back(self, code: str, seat: Seat) -> None:
        """A student who comes back; the bank may have changed meanwhile, so it is recorded anew."""
        assert seat.holder is not None
        self.ledger.put(replace(self.ledger[code], active=True, room=seat.room, bank=""))
        self.ledger.bind(code, seat.holder, ROSTER, self.time)
        self.done.returned.append(code)

    def _print_for(self, code: str, accommodation: Accommodation) -> None:
        """Another paper for the same copy; one that is sealed stays as it is printed."""
        copy = self.ledger[code]
        if copy.accommodation == accommodation:
            return
        if self.ledger.sealed:
            self.done.differing.append(code)
        else:
            self.ledger.put(replace(copy, accommodation=accommodation))

    def _move(self, code: str, room: str | None) -> None:
        self.ledger.put(replace(self.ledger[code], room=room))
        self.done.moved.append(code)

    def _rename(self, before: Mapping[str, str | None]) -> None:
        """Spare copies go with the students of a room that has got another name, or is lost: to the
        room that has most of them now."""
        known = set(before.values())
        wanted = {it.room for it in (*self.students.values(), *self.spares)}
        targets: dict[str | None, Counter[str | None]] = {}
        for code in self.done.moved:
            targets.setdefault(before[code], Counter())[self.ledger[code].room] += 1
        follow = {
            old: new.most_common(1)[0][0] for old, new in targets.items() if old not in wanted
        }
        self.done.renamed = {
            old: target
            for old, target in follow.items()
            if len(targets[old]) == 1 and target not in known
        }
        places = self.ledger.places()
        taken = {(room, spare) for _, room, spare, _ in places}
        for code, room, spare, is_active in places:
            if spare is None or not is_active or room not in follow:
                continue
            target = follow[room]
            number = spare
            while (target, number) in taken:  # two rooms have become one
                number += 1
            taken.add((target, number))
            self.ledger.put(replace(self.ledger[code], room=target, spare=number))
            self.done.moved.append(code)

    def _keep_spares(self) -> None:
        wanted = {(seat.room, seat.spare) for seat in self.spares}
        there = set()
        for code, room, spare, is_active in self.ledger.places():
            if spare is None:
                continue
            there.add((room, spare))
            if is_active and (room, spare) not in wanted:
                self.done.kept_spares.append(code)
            elif not is_active and (room, spare) in wanted:  # an earlier version withdrew it
                self.ledger.put(replace(self.ledger[code], active=True, bank=""))
                self.done.returned.append(code)
        self.new += [seat for seat in self.spares if (seat.room, seat.spare) not in there]

    def _give_new(self, secret: Secret, reserved: set[str]) -> None:
        self.new.sort(key=lambda seat: fields_digest(secret.allocation_key, *_identity(seat)))
        self.ledger.digits = self.ledger.digits or _digits(len(self.new))
        codes = _free_codes(self.ledger, reserved)
        for seat in self.new:
            code = next(codes)
            different = seat.holder.accommodation if seat.holder is not None else PLAIN
            self.ledger.put(Copy(code, seat.room, seat.spare, accommodation=different))
            if seat.holder is not None:
                self.ledger.bind(code, seat.holder, ROSTER, self.time)
            self.done.new.append(code)


def _identity(seat: Seat) -> tuple[str, str] | tuple[str, str, int]:
    if seat.holder is not None:
        return ("student", seat.holder.registration_number)
    assert seat.spare is not None
    return ("spare", seat.room or "", seat.spare)


def _digits(copies: int) -> int:
    """Digits of the codes: four, more for more than 9,000 copies; a tenth stays free."""
    return min(MOST_DIGITS, max(4, len(str(-(-copies * 10 // 9) - 1))))


def _free_codes(ledger: Ledger, reserved: set[str]) -> Iterator[str]:
    """Codes above all that were ever given, in order."""
    last = max((int(code[1:]) for code in ledger.all_codes()), default=0)
    for number in range(last + 1, 10**ledger.digits):
        code = f"E{number:0{ledger.digits}d}"
        if code not in reserved:
            yield code
    message = (
        f"all codes of {ledger.digits} digits are given; the number of digits is fixed for a "
        "batch: start a fresh one, or build this group as an exam of its own"
    )
    raise InputError([Complaint(str(ledger.path), 0, 0, "", message)])
