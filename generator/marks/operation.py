"""What a corrector did, and the state of a subproblem that it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

FIRST, SECOND, SAMPLE, SETTLED = 1, 2, 3, 4
"""The rounds."""

KINDS = (
    *("tick", "untick", "key", "points", "comment", "uncomment", "doubtful", "sure", "given"),
    *("done", "confirm", "reopen", "undo"),
)


@dataclass(frozen=True)
class Operation:
    """One thing that a corrector did.

    Attributes:
        id: Chosen by who sends it: sent again, it changes nothing.
        who: The corrector.
        code: The copy's, without its check character.
        part: The subproblem's id.
        kind: One of `KINDS`.
        name: What is ticked (see `MarkedPart.points`); the step that was given; the id of the
            operation that is undone, or nothing for the latest of this corrector here.
        value: Points as typed, or nothing for what the ticks come to; the text of a comment; what
            the student wrote for a step, or nothing to take it away; of a tick that follows from
            what was written, the subproblem where that was.
        seen: The version of the state that the corrector saw.
        round: 1 to 4.
    """

    id: str
    who: str
    code: str
    part: str
    kind: str
    name: str = ""
    value: str = ""
    seen: int = 0
    round: int = FIRST


@dataclass(frozen=True)
class Marked:
    """The state of a subproblem of a copy in a round.

    Attributes:
        version: The number of operations that it comes from; 0 where nobody has touched it.
        ticks: What is ticked, sorted.
        points: Points that somebody gave; None where the ticks decide.
        total: What counts; None while there is nothing to count.
        comments: Texts, in the order in which they were given.
        given: Step to what the student wrote, as typed.
        done: Whether somebody is done with it.
        done_by: Who was; empty if it is not done.
        done_at: When.
        checked: What it came to when somebody last looked at it: when it was done or confirmed, or
            changed by hand since; None where it is not done.
        who: Whose the last operation is.
        at: When that was, as ISO 8601 in UTC.
        last: The number of the last operation.
    """

    code: str
    part: str
    round: int = FIRST
    version: int = 0
    ticks: tuple[str, ...] = ()
    points: Fraction | None = None
    total: Fraction | None = None
    comments: tuple[str, ...] = ()
    doubtful: bool = False
    given: Mapping[str, str] = field(default_factory=dict)
    done: bool = False
    done_by: str = ""
    done_at: str = ""
    checked: Fraction | None = None
    who: str = ""
    at: str = ""
    last: int = 0

    @property
    def has_marks(self) -> bool:
        """Whether anything was found."""
        return bool(self.points or self.ticks or self.given)

    @property
    def has_moved(self) -> bool:
        """Whether it has changed since it was done, by values that were given elsewhere."""
        return self.done and self.checked is not None and self.checked != self.total
