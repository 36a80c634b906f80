"""When keys may be seen: from the day that the exam names, or once the examiner opens early."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from generator.bank.exam import Exam
from generator.record.ledger import Ledger

Clock = Callable[[], float]
"""Seconds since the epoch, as `time.time` gives them; tests have one of their own."""

OPENED, CLOSED = "desk opened early", "desk closed again"
"""Events of the batch."""


def released_at(exam: Exam) -> datetime.datetime | None:
    """When the keys are released, by the clock of this machine; None if the exam does not say."""
    if exam.keys_released is None:
        return None
    return datetime.datetime.combine(exam.keys_released, datetime.time()).astimezone()


def opened_early(ledger: Ledger) -> bool:
    """Whether the examiner has opened the desk before that."""
    last = [event.kind for event in ledger.events if event.kind in {OPENED, CLOSED}]
    return last[-1:] == [OPENED]


def waits_until(exam: Exam, ledger: Ledger, now: float) -> datetime.datetime | None:
    """Until when no key may be seen; None if they may be seen now."""
    until = released_at(exam)
    if until is None or now >= until.timestamp() or opened_early(ledger):
        return None
    return until
