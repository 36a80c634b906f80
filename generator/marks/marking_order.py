"""Who is at which copy, and which one comes next."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence

from generator.marks.database import Database
from generator.marks.mark_rows import state_of, states_of
from generator.marks.marked_papers import Papers
from generator.marks.operation import FIRST, SAMPLE, SECOND, SETTLED

CLAIM_SECONDS = 120
"""So long somebody counts as being at a copy after the last sign of it."""


class MarkingOrder:
    """Who is at which copy of the marks of a batch, and which one comes next."""

    def __init__(self, database: Database, papers: Papers) -> None:
        self._database, self._papers = database, papers

    def claim(self, who: str, code: str, part: str, now: float, round: int = FIRST) -> str | None:
        """Says that somebody is at a subproblem of a copy; for `CLAIM_SECONDS`, then again.

        Args:
            now: In seconds, of any clock that all who use the file share.

        Returns:
            Who else is at it; None if it is now claimed.
        """
        with self._database.writing() as writer:
            return _claim(writer, who, (code, part, round), now)

    def release(self, who: str) -> None:
        """Says that somebody is at nothing any more."""
        with self._database.writing() as writer:
            writer.execute("DELETE FROM claims WHERE who = ?", (who,))

    def claims(self, now: float, round: int = FIRST) -> dict[tuple[str, str], str]:
        """Copy and subproblem to who is at it."""
        query = "SELECT code, part, who FROM claims WHERE until > ? AND round = ?"
        rows = self._database.reader.execute(query, (now, round))
        return {(code, part): who for code, part, who in rows}

    def next_unmarked(
        self, who: str, part: str, now: float, after: str = "", round: int = FIRST
    ) -> str | None:
        """Claims the next copy that somebody has to mark in a subproblem.

        Copies that nobody is known to have written on lie in no stack: they come only once
        something was found on them.

        The order is another one for each corrector and subproblem, so that no copy is always marked
        after the same one, or always late (sequence effects).

        Args:
            after: The copy where they are; the next one behind it, and from the beginning only when
                there is none.

        Returns:
            Its code; None if nothing is left, or others are at all that is.
        """
        order = self._order(who, part, round)
        if after in order:
            at = order.index(after) + 1
            order = order[at:] + order[: at - 1]
        with self._database.writing() as writer:
            for code in order:
                key = (code, part, round)
                if self._is_open(writer, who, *key) and _claim(writer, who, key, now) is None:
                    return code
        return None

    def _order(self, who: str, part: str, round: int) -> list[str]:
        codes: Sequence[str] = self._papers.codes
        if round == SAMPLE:
            query = "SELECT code FROM samples WHERE part = ?"
            codes = [code for (code,) in self._database.reader.execute(query, (part,))]
        return sorted(codes, key=lambda it: _shuffled(who, part, str(round), it))

    def _is_open(
        self, writer: sqlite3.Connection, who: str, code: str, part: str, round: int
    ) -> bool:
        if state_of(writer, code, part, round).done:
            return False
        if round == FIRST:
            is_held = code not in self._papers.unheld
            return is_held or any(it.has_marks for it in states_of(writer, code=code))
        first = state_of(writer, code, part, FIRST)
        if round == SETTLED:
            second = state_of(writer, code, part, SECOND)
            return first.done and second.done and first.total != second.total
        return first.done and (round != SECOND or first.done_by != who)

    def sample(self, part: str, count: int) -> list[str]:
        """Chooses copies that are done for being marked again, besides those chosen before.

        Args:
            count: So many in all, if there are.
        """
        query = "SELECT code FROM samples WHERE part = ?"
        chosen = [code for (code,) in self._database.reader.execute(query, (part,))]
        marked = states_of(self._database.reader, part=part)
        done = [it.code for it in marked if it.done and it.code not in chosen]
        done.sort(key=lambda code: _shuffled("sample", part, code))
        new = done[: max(count - len(chosen), 0)]
        with self._database.writing() as writer:
            writer.executemany(
                "INSERT OR IGNORE INTO samples VALUES (?, ?)", [(part, code) for code in new]
            )
        return sorted([*chosen, *new])


def _claim(
    writer: sqlite3.Connection, who: str, key: tuple[str, str, int], now: float
) -> str | None:
    query = "SELECT who FROM claims WHERE code = ? AND part = ? AND round = ? AND until > ?"
    row = next(writer.execute(query, (*key, now)), None)
    if row is not None and row[0] != who:
        return str(row[0])
    until = now + CLAIM_SECONDS
    writer.execute("INSERT OR REPLACE INTO claims VALUES (?, ?, ?, ?, ?)", (*key, who, until))
    return None


def _shuffled(*names: str) -> bytes:
    return hashlib.sha256("\0".join(names).encode()).digest()
