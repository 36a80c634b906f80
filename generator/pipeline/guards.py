"""What a build refuses in view of what was released: nothing that is printed is lost by a slip."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from generator.errors import Complaint, InputError
from generator.record.allocation import Allocation
from generator.record.ledger import Ledger

MOST_WITHDRAWN = 3
"""Copies that may be withdrawn at once without being asked for."""


def check_withdrawals(ledger: Ledger, done: Allocation, roster_file: Path) -> None:
    """Whether a roster takes away so much that it is likely to be the wrong one.

    Raises:
        InputError: Names the copies, and how to withdraw them all the same.
    """
    holders = ledger.holders()
    new = {holders[code].registration_number for code in done.new if code in holders}
    bare = {number.lstrip("0"): number for number in new}
    alike = [
        f"{number} is now {bare[number.lstrip('0')]}"
        for _, number in sorted(done.withdrawn.items())
        if number.lstrip("0") in bare
    ]
    codes = ", ".join(sorted(done.withdrawn))
    if alike:
        message = (
            f"{len(alike)} registration numbers are the same as in the batch but for leading zeros "
            f"({'; '.join(alike)}), and {codes} would be withdrawn: a spreadsheet has taken the "
            "zeros away; export that column as text. If they are other students, use --withdraw"
        )
    elif len(done.withdrawn) > MOST_WITHDRAWN:
        message = (
            f"{len(done.withdrawn)} students of the batch are not in this roster, and their copies "
            f"would be withdrawn: {codes}. Build with the whole roster; if they have all left, "
            "use --withdraw"
        )
    else:
        return
    raise InputError([Complaint(str(roster_file), 0, 0, "", message)])


def check_redraw(ledger: Ledger, redraw: Iterable[str]) -> None:
    """Whether problems may be drawn afresh.

    Raises:
        InputError: The batch is sealed.
    """
    if ledger.sealed and (names := sorted(redraw)):
        what = f"drawing problem {', '.join(names)} afresh"
        raise refused_by_seal(ledger, ledger.codes(), what)


def check_sealed(ledger: Ledger, changed: Sequence[str], sources: Mapping[str, bytes]) -> None:
    """Whether papers that are with the printer would be others.

    Args:
        changed: Codes of the papers that would.
        sources: What the batch would be made of now.

    Raises:
        InputError: Names them all.
    """
    if not changed:
        return
    before = ledger.sources
    names = sorted({*before, *sources})
    files = [name for name in names if before.get(name) != sources.get(name)] if before else []
    what = f"the change of {', '.join(files)}" if files else "this build"
    raise refused_by_seal(ledger, changed, what)


def refused_by_seal(ledger: Ledger, codes: Sequence[str], what: str) -> InputError:
    """That something may not be done since papers are with the printer."""
    sealed = ledger.sealed
    assert sealed is not None
    message = (
        f"the batch was sealed at {sealed.time}, and {what} would change {len(codes)} papers: "
        f"{', '.join(sorted(codes))}. Nothing was changed. Undo it; if these papers are not to be "
        "used, thaw the batch first: make thaw REASON='...'"
    )
    return InputError([Complaint(str(ledger.path.parent.parent), 0, 0, "", message)])
