"""Who came: what invigilators saw, as events of the copies; the latest one counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from generator.record.copy import Event

ABSENT: Final = "absent"
WITHDREW: Final = "withdrew"
ATTENDED: Final = "attended"
"""The student did not come; came and gave up, so that nothing is marked; came, after all."""
TURNOUT: Final = (ABSENT, WITHDREW, ATTENDED)


def turnout(events: Iterable[Event]) -> dict[str, str]:
    """Copy code to one of `TURNOUT`, of those copies of which somebody has noted it."""
    return {code: it.kind for it in events if it.kind in TURNOUT for code in it.copies}
