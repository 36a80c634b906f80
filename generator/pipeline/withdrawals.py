"""What a build refuses in view of what was released: no copy is withdrawn by a slip."""

from __future__ import annotations

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
