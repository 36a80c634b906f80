"""`make reprint`: a paper once more, under a code of its own, with the same record and mark."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from generator.codes.check_character import with_check
from generator.errors import Complaint, InputError
from generator.layout import read_layout
from generator.pipeline.binding import NOBODY, copy_in_use, last_owner
from generator.pipeline.remake import remake
from generator.record.batch import open_batch
from generator.record.copy import Reprint
from generator.record.ledger import EXAMINER, Ledger
from generator.release.amend import amending, check_built
from generator.release.handed_over import known_file
from generator.release.place import place_of
from generator.release.recipients import large_layout, layout_file
from generator.roster.accommodation import PLAIN, Accommodation
from generator.typeset.toolchain import check_tools

REPRINTED = "reprinted"


def reprint(exam_file: Path, out: Path, typed: str, reason: str, jobs: int) -> str:
    """Makes ``print-shop/papers/E0312.1.pdf``; the paper before it is void from then on.

    The key of the copy is that of the reprint, too: both print the same mark. A spare copy that was
    given to a student with large print, more time or paper of another color is printed so now.

    Args:
        typed: The code of the copy, or of its last reprint, as somebody typed it.
        reason: Why, for the events.

    Raises:
        InputError: There is no such copy, it is void, or no reason is given.
        CopyError: The paper failed to typeset or to verify.
    """
    place = place_of(exam_file, out)
    if not reason.strip():
        message = "say why, for the events: make reprint COPY=... REASON='...'"
        raise _refusal("--reason", message)
    check_built(place)
    check_tools()
    with amending(place) as amendment, open_batch(place.folder) as batch:
        ledger = amendment.ledger
        code = copy_in_use(ledger, typed)
        of = code.partition(".")[0]
        _check_owner(ledger, of)
        new = f"{of}.{sum(it.of == of for it in ledger.reprints.values()) + 1}"
        different = _printed_for(ledger, of)
        [produced] = remake(batch, [new], place.cache, jobs, {new: different})
        event = ledger.note(REPRINTED, (of, new), reason.strip(), {"void": code})
        digest = sha256(produced.paper).hexdigest()
        ledger.reprints[new] = Reprint(new, of, event.time, event.reason, digest)
        ledger.print_for(new, different)
        amendment.path(f"print-shop/papers/{new}.pdf").write_bytes(produced.paper)
        amendment.list_office(batch.exam, batch.secret)
        if different.large_print:
            layout = read_layout(ledger.facts["layout"])
            name = f"{EXAMINER}/{large_layout(layout)}"
            if not (place.folder / name).exists():
                (amendment.staging / name).write_bytes(layout_file(layout.large_print()))
                ledger.files[name] = known_file(amendment.staging / name)
    paper = place.folder / "print-shop" / "papers" / f"{new}.pdf"
    special = f" ({different.told()})" if different != PLAIN else ""
    return f"{paper}: print {with_check(new)}{special}; {with_check(code)} is void, destroy it"


def _check_owner(ledger: Ledger, code: str) -> None:
    """Whether the student for whom a copy was printed has no other one by now.

    Raises:
        InputError: They have: with the reprint, they would have two papers.
    """
    owner = last_owner(ledger, code)
    holding = {it.holder.registration_number: it for it in ledger.bindings()}
    if ledger[code].spare is not None or owner not in holding:
        return
    other = holding[owner]
    if other.code != code:
        message = (
            f"the student of {code} has {other.code} in its place since {other.since}: print that "
            f"again, or take it back first: make bind COPY={other.code} STICKER={NOBODY}"
        )
        raise _refusal("--copy", message)


def _printed_for(ledger: Ledger, code: str) -> Accommodation:
    """As whoever has the copy needs it: a spare copy was printed for nobody."""
    holder = ledger.holders().get(code)
    if holder is not None and holder.accommodation != PLAIN:
        return holder.accommodation
    return ledger[code].accommodation


def _refusal(where: str, message: str) -> InputError:
    return InputError([Complaint("", 0, 0, where, message)])
