"""After the doors are closed: whose seats stayed empty, and who gave up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.codes.check_character import with_check
from generator.codes.sticker_number import read_sticker, sticker_numbers
from generator.errors import InputError
from generator.exact.secret import Secret
from generator.pipeline.binding import AT_THE_DOOR, copy_in_use
from generator.pipeline.door_seat import NotBound
from generator.record.ledger import Ledger
from generator.record.turnout import turnout
from generator.release.amend import amending
from generator.release.place import Place


@dataclass(frozen=True)
class Noted:
    """What was noted.

    Attributes:
        kind: One of `TURNOUT`.
        codes: The copies of which it was noted now.
        known: Those of which it was known.
    """

    kind: str
    codes: tuple[str, ...]
    known: tuple[str, ...]

    def __str__(self) -> str:
        said = [f"{self.kind}: {_listed(self.codes)}"] if self.codes else []
        return "\n".join(said + ([f"known before: {_listed(self.known)}"] if self.known else []))


class NotNoted(InputError):
    """Some of those who are named have no copy, or there is none: nothing was noted.

    Attributes:
        reasons: Each of them, for those who read another language than the commands write.
    """

    def __init__(self, reasons: Sequence[NotBound]) -> None:
        problems = [problem for reason in reasons for problem in reason.problems]
        super().__init__(problems, advice="Nothing was noted.")
        self.reasons = tuple(reasons)


def note_turnout(place: Place, typed: Sequence[str], kind: str) -> Noted:
    """Notes of students that they did not come, gave up, or came after all; all of them or none.

    Args:
        typed: The codes of their copies, the numbers of their stickers, or registration numbers.
        kind: One of `TURNOUT`.

    Raises:
        NotNoted: Some of these are nobody's; nothing is noted.
    """
    with amending(place) as amendment:
        ledger = amendment.ledger
        codes = dict.fromkeys(_codes(ledger, amendment.secret, typed))
        before = turnout(ledger.events)
        new = tuple(code for code in codes if before.get(code) != kind)
        if new:
            ledger.note(kind, new, AT_THE_DOOR)
    return Noted(kind, new, tuple(code for code in codes if code not in new))


def _codes(ledger: Ledger, secret: Secret, typed: Sequence[str]) -> list[str]:
    """The copies that are meant, each of which somebody has."""
    owners = {it.holder.registration_number: it.code for it in ledger.bindings()}
    held = set(owners.values())
    known = {it.holder.registration_number for it in ledger.bindings(ended=True)}
    stickers = sticker_numbers(known, secret, ledger.exam)
    owners |= {sticker: owners[number] for number, sticker in stickers.items() if number in owners}
    found: list[str] = []
    wrong: list[NotBound] = []
    for text in typed:
        own = owners.get(text) or owners.get(read_sticker(text) or "")
        try:
            code = own or copy_in_use(ledger, text).partition(".")[0]
        except NotBound as error:
            wrong.append(error)
            continue
        if code not in held:
            message = f"{with_check(code)} is nobody's: no student has this copy"
            wrong.append(NotBound(text, message, "unheld", code=with_check(code)))
        found.append(code)
    if wrong:
        raise NotNoted(wrong)
    return found


def _listed(codes: Sequence[str]) -> str:
    return ", ".join(map(with_check, codes))
