"""What operations come to, one after the other: a state is nothing but its operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from generator.marks.marked_papers import MarkedPart, Papers
from generator.marks.operation import Marked, Operation


def fold(papers: Papers, part: MarkedPart, operations: Sequence[Operation]) -> Marked:
    """What operations come to."""
    gone = {it.name for it in operations if it.kind == "undo"}
    last = operations[-1]
    state = Marked(last.code, part.id, last.round)
    for operation in operations:
        if operation.kind != "undo" and operation.id not in gone:
            state = _counted(part, _changed(papers, part, state, operation), operation)
    return state


def _changed(papers: Papers, part: MarkedPart, state: Marked, operation: Operation) -> Marked:
    kind, name, value = operation.kind, operation.name, operation.value
    if kind == "tick":
        return replace(state, ticks=tuple(sorted({*state.ticks, name})))
    if kind == "untick":
        return replace(state, ticks=tuple(it for it in state.ticks if it != name))
    if kind == "key":
        return replace(state, ticks=part.key_crosses, points=None)
    if kind == "points":
        points = papers.read_points(part, value) if value.strip() else None
        return replace(state, points=points)
    if kind == "comment":
        return replace(state, comments=tuple(dict.fromkeys((*state.comments, value))))
    if kind == "uncomment":
        return replace(state, comments=tuple(it for it in state.comments if it != value))
    if kind in {"doubtful", "sure"}:
        return replace(state, doubtful=kind == "doubtful")
    if kind == "given":
        given = {step: it for step, it in state.given.items() if step != name}
        return replace(state, given=given | ({name: value} if value else {}))
    if kind == "confirm":
        return state
    done = kind == "done"
    return replace(state, done=done, done_by=operation.who if done else "")


def _counted(part: MarkedPart, state: Marked, operation: Operation) -> Marked:
    """A state with what it comes to, and with what somebody has seen of that.

    What follows from values of another subproblem changes one that is done without its corrector:
    it stays done, even where no tick is left, and keeps what it was.
    """
    total = state.points
    if total is None:
        total = part.points(state.ticks, done=state.done)
    if not state.done:
        return replace(state, total=total, checked=None)
    is_looked_at = operation.kind in _LOOKED_AT and operation.value in {"", part.id}
    is_looked_at |= operation.kind == "points"
    if total is None and state.checked is not None and not is_looked_at:
        total = Fraction(0)
    if operation.kind == "confirm":
        total = state.total
    return replace(state, total=total, checked=total if is_looked_at else state.checked)


_LOOKED_AT = {"tick", "untick", "key", "done", "confirm"}
"""What one does with the points before one's eyes."""


def with_done(state: Marked, before: Marked, at: str, number: int) -> Marked:
    """When it was done: at first, as long as it stays so."""
    done_at = (before.done_at or at) if state.done else ""
    if state.done_by != before.done_by:
        done_at = at if state.done else ""
    return replace(state, done_at=done_at, last=number)
