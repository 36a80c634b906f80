"""How far and how fast somebody is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median

from generator.marks.operation import Marked

PAUSE_SECONDS = 600
"""Who has not marked anything for so long was not at work."""


@dataclass(frozen=True)
class Pace:
    """How far somebody is with a subproblem.

    Attributes:
        seconds: Median between two copies, without pauses; None for a single one.
    """

    part: str
    who: str
    done: int
    doubtful: int
    last_at: str
    seconds: float | None


def progress_of(marked: Iterable[Marked], parts: Sequence[str]) -> list[Pace]:
    """Who is how far and how fast, by subproblem.

    Args:
        parts: All subproblems, in the order of the exam.
    """
    groups: dict[tuple[str, str], list[Marked]] = {}
    for state in marked:
        groups.setdefault((state.part, state.done_by or state.who), []).append(state)
    order = {part: at for at, part in enumerate(parts)}
    found = [_progress(*key, states) for key, states in groups.items()]
    return sorted(found, key=lambda it: (order.get(it.part, len(order)), it.who))


def _progress(part: str, who: str, states: Sequence[Marked]) -> Pace:
    times = sorted(it.done_at for it in states if it.done)
    moments = [datetime.fromisoformat(it.replace("Z", "+00:00")) for it in times]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    worked = [gap for gap in gaps if gap <= PAUSE_SECONDS]
    return Pace(
        part,
        who,
        len(times),
        sum(it.doubtful for it in states),
        times[-1] if times else "",
        median(worked) if worked else None,
    )
