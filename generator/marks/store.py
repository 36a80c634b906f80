"""Marks: what correctors do, one operation after the other; nothing is ever overwritten.

A subproblem of a copy has a state in each of four rounds: the first marking, a second one by
somebody else who does not see the first, a sample that is marked again to see whether correctors
have drifted, and what the examiner settles where two differ. A state is what its operations come
to; it is kept beside them so that it is found at once.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

from generator.marks.audit import HEAD_FILE, AuditLog, moment
from generator.marks.database import Database
from generator.marks.folding import fold, with_done
from generator.marks.mark_rows import (
    INSERT,
    SELECT,
    dump,
    key_of,
    operation_of,
    operations_of,
    state_of,
    states_of,
)
from generator.marks.marked_papers import MarkedPart, Papers, Refused
from generator.marks.marking_order import MarkingOrder
from generator.marks.operation import FIRST, KINDS, SAMPLE, SECOND, SETTLED, Marked, Operation
from generator.marks.pace import Pace, progress_of
from generator.record.batch import Batch
from generator.record.ledger import EXAMINER

FOLDER, MARKS_FILE = "desk", "marks.sqlite"
"""Where the marks of a batch are: no build replaces this folder."""


class Conflict(Refused):
    """Somebody else has changed the subproblem since it was looked at; nothing was changed.

    Attributes:
        state: What it is now.
    """

    def __init__(self, message: str, state: Marked) -> None:
        super().__init__("refused.conflict", message)
        self.state = state


@dataclass(frozen=True)
class Difference:
    """What two correctors see differently."""

    code: str
    part: str
    first: Marked
    second: Marked


class _Together(Exception):
    """Something is refused, so nothing is recorded."""


class Marks:
    """The marks of a batch; may be used by several threads, and by several processes.

    Attributes:
        papers: What can be marked.
        order: Who is at which copy, and which one comes next.
        audit: Who saw and did what.
    """

    def __init__(self, path: Path, papers: Papers, key: bytes, head: Path | None = None) -> None:
        """Opens the marks, or begins them.

        Args:
            path: The database.
            key: Of the audit's chain, see `Secret.audit_key`.
            head: Where the newest digest of the chain is kept; beside the database by default.

        Raises:
            InputError: The file is no such database.
        """
        self.papers = papers
        self._database = Database(path)
        self.order = MarkingOrder(self._database, papers)
        self.audit = AuditLog(self._database, key, head or path.with_name(HEAD_FILE))

    @classmethod
    def of(cls, batch: Batch) -> Self:
        """The marks of a batch."""
        path = batch.folder / FOLDER / MARKS_FILE
        head = batch.folder / EXAMINER / HEAD_FILE
        return cls(path, Papers.of(batch), batch.secret.audit_key, head)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the database."""
        self._database.close()

    # Recording.

    def record(self, operation: Operation) -> Marked:
        """Records an operation: it is on the disk when this returns.

        Returns:
            What the subproblem comes to.

        Raises:
            Conflict: Somebody else has changed it since it was seen.
            Refused: It is nothing that can be recorded, or not by this corrector.
        """
        try:
            with self._database.writing() as writer:
                state, head = self._record(writer, operation)
        except Refused as refused:
            about = f"{operation.code} {operation.part}"
            why = {**_told(operation), "why": refused.reason}
            self.audit.append("refusal", operation.who, about, why)
            raise
        if head is not None:
            self.audit.keep_head(*head)
        return state

    def record_all(self, operations: Sequence[Operation]) -> dict[str, Refused]:
        """Records operations together: all of them, or none if one is refused.

        Returns:
            Id of each operation that is refused to why.
        """
        refused: dict[str, Refused] = {}
        head = None
        try:
            with self._database.writing() as writer:
                for operation in operations:
                    try:
                        head = self._record(writer, operation)[1] or head
                    except Refused as reason:
                        refused[operation.id] = reason
                if refused:
                    raise _Together
        except _Together:
            return refused
        if head is not None:
            self.audit.keep_head(*head)
        return {}

    def _record(
        self, writer: sqlite3.Connection, operation: Operation
    ) -> tuple[Marked, tuple[int, bytes] | None]:
        """The state, and the head of the audit if something has changed."""
        known = self._known(writer, operation)
        if known is not None:
            return known, None
        state = self._apply(writer, operation)
        about = f"{operation.code} {operation.part}"
        entry, digest = self.audit.add(writer, "mark", operation.who, about, _told(operation))
        return state, (entry.number, digest)

    def undo(self, who: str, operation_id: str) -> Marked | None:
        """Takes back the last operation of somebody, on whichever subproblem it was.

        A value that was given goes with the ticks that followed from it.

        Args:
            operation_id: For this step back: sent again, it changes nothing.

        Returns:
            What the subproblem comes to; None if there is nothing to take back.

        Raises:
            Conflict: Somebody else has changed the subproblem since.
        """
        reader = self._database.reader
        row = next(reader.execute(f"{SELECT} WHERE id = ?", (operation_id,)), None)
        if row is not None:
            return self.record(replace(operation_of(row), seen=0))
        query = f"{SELECT} WHERE who = ? ORDER BY number DESC"
        own = [operation_of(found) for found in reader.execute(query, (who,))]
        undone = {it.name for it in own if it.kind == "undo"}
        last = next((it for it in own if it.kind != "undo" and it.id not in undone), None)
        if last is None:
            return None
        first = next((it for it in own if it.id == last.id.partition("/")[0]), last)
        if first.kind != "given":
            return self._take_back(last, operation_id)
        for tick in own:
            if tick.id.startswith(f"{first.id}/") and tick.id not in undone:
                self._take_back(tick, f"{operation_id}/{tick.id}")
        return self._take_back(first, operation_id)

    def _take_back(self, step: Operation, operation_id: str) -> Marked:
        """Takes an operation back; a tick that follows from another one whatever came after it."""
        query = "SELECT version FROM operations WHERE id = ?"
        [(seen,)] = self._database.reader.execute(query, (step.id,))
        if "/" in operation_id:
            seen = self.state(step.code, step.part, step.round).version
        return self.record(
            replace(step, id=operation_id, kind="undo", name=step.id, value="", seen=seen)
        )

    def _known(self, writer: sqlite3.Connection, operation: Operation) -> Marked | None:
        """The state, if the operation was recorded already."""
        row = next(writer.execute(f"{SELECT} WHERE id = ?", (operation.id,)), None)
        if row is None:
            return None
        before = operation_of(row)
        named = replace(operation, seen=0, name=operation.name or before.name)
        if before != named:
            raise self.papers.refusal("refused.same_id", id=operation.id)
        return state_of(writer, operation.code, operation.part, operation.round)

    def _apply(self, writer: sqlite3.Connection, operation: Operation) -> Marked:
        """Adds one operation; a conflict where somebody changed what its sender has not seen."""
        part = self._check(writer, operation)
        before = operations_of(writer, operation.code, operation.part, operation.round)
        # What one did oneself one has seen.
        others = [version for version, it in before if it.who != operation.who]
        if others and max(others) > operation.seen:
            state = state_of(writer, operation.code, operation.part, operation.round)
            last = next(it.who for version, it in before if version == max(others))
            values = {"who": last, "part": operation.part, "code": operation.code}
            raise Conflict(self.papers.say("refused.conflict", **values), state)
        if operation.kind == "undo":
            operation = self._undone(operation, [it for _, it in before])
        version = len(before) + 1
        at = moment()
        own = asdict(operation)
        row = [own[name] for name in ("id", "who", "code", "part", "round", "kind", "name")]
        cursor = writer.execute(INSERT, (*row, operation.value, at, version))
        state = fold(self.papers, part, [it for _, it in before] + [operation])
        state = replace(state, version=version, who=operation.who, at=at)
        state = with_done(state, state_of(writer, *key_of(operation)), at, cursor.lastrowid or 0)
        if state.done and state.total is None:
            if operation.kind == "done":
                raise self.papers.refusal("refused.no_points", part=part.id)
            state = replace(state, done=False, done_by="", done_at="", checked=None)
        if operation.kind == "confirm" and not state.done:
            raise self.papers.refusal("refused.not_done", part=part.id)
        writer.execute(
            "INSERT OR REPLACE INTO states VALUES (?, ?, ?, ?)", (*key_of(operation), dump(state))
        )
        return state

    def _undone(self, operation: Operation, before: Sequence[Operation]) -> Operation:
        """The step back, with what it takes back."""
        gone = {it.name for it in before if it.kind == "undo"}
        own = [
            it.id
            for it in before
            if it.who == operation.who and it.kind != "undo" and it.id not in gone
        ]
        if not own or operation.name not in {"", *own}:
            values = {"who": operation.who, "part": operation.part, "code": operation.code}
            raise self.papers.refusal("refused.nothing", **values)
        return replace(operation, name=operation.name or own[-1], value="")

    # What is refused.

    def _check(self, writer: sqlite3.Connection, operation: Operation) -> MarkedPart:
        """The subproblem, if the operation makes sense there and the corrector may do it."""
        papers, kind, name = self.papers, operation.kind, operation.name
        part = papers.part(operation.code, operation.part)
        if kind not in KINDS:
            raise papers.refusal("refused.kind", kind=kind, kinds=", ".join(KINDS))
        self._check_who(writer, operation)
        if kind in {"tick", "untick"} and not part.knows(name):
            raise papers.refusal("refused.tick", name=name, part=part.id, items=_items(part))
        if kind == "key" and not part.options:
            raise papers.refusal("refused.no_options", part=part.id)
        if kind == "points" and operation.value.strip():
            papers.read_points(part, operation.value)
        if kind in {"comment", "uncomment"} and not operation.value.strip():
            raise papers.refusal("refused.empty")
        if kind == "given" and operation.value:
            papers.check_given(operation.code, part, name, operation.value)
        return part

    def _check_who(self, writer: sqlite3.Connection, operation: Operation) -> None:
        papers, who, part = self.papers, operation.who, operation.part
        if not self.may(who, part):
            raise papers.refusal("refused.not_allowed", who=who, part=part)
        if operation.round not in {FIRST, SECOND, SAMPLE, SETTLED}:
            raise papers.refusal("refused.round", round=operation.round)
        if operation.round == FIRST:
            return
        first = state_of(writer, operation.code, part, FIRST)
        if not first.done:
            raise papers.refusal("refused.first_missing", part=part, code=operation.code)
        if operation.round == SECOND and first.done_by == who:
            raise papers.refusal("refused.own_first", who=who, part=part, code=operation.code)
        if operation.round == SETTLED and not self.is_examiner(who):
            raise papers.refusal("refused.examiner_only")

    def is_refused(self, operation: Operation) -> bool:
        """Whether who wants to do it may not: it is nothing of theirs, or not in this round."""
        try:
            self._check_who(self._database.reader, operation)
        except Refused:
            return True
        return False

    # Who may mark what.

    def allow(self, who: str, parts: Iterable[str] | None, *, examiner: bool = False) -> None:
        """Says what somebody may mark, in place of what was said before.

        Args:
            parts: Ids of subproblems, or of whole problems; None for all.
            examiner: Whether they may settle differences.

        Raises:
            Refused: There is no such subproblem.
        """
        listed: list[str] | None = None
        if parts is not None:
            listed = []
            for name in parts:
                whole = [it for it in self.papers.parts if it.rpartition(".")[0] == name]
                if not whole:
                    self.papers.problem_of(name)
                listed += whole or [name]
        with self._database.writing() as writer:
            row = (who, json.dumps(listed), int(examiner))
            writer.execute("INSERT OR REPLACE INTO allowed VALUES (?, ?, ?)", row)
        self.audit.append("allowed", who, "all" if listed is None else " ".join(listed))

    def allowed(self) -> dict[str, tuple[str, ...]]:
        """Everybody who may mark, with the subproblems."""
        rows = self._database.reader.execute("SELECT who, parts FROM allowed ORDER BY who")
        found = ((who, json.loads(parts)) for who, parts in rows)
        return {who: self.papers.parts if own is None else tuple(own) for who, own in found}

    def may(self, who: str, part: str) -> bool:
        """Whether somebody may mark a subproblem."""
        query = "SELECT parts FROM allowed WHERE who = ?"
        row = next(self._database.reader.execute(query, (who,)), None)
        own = [] if row is None else json.loads(row[0])
        return own is None or part in own

    def is_examiner(self, who: str) -> bool:
        """Whether somebody may settle differences."""
        query = "SELECT examiner FROM allowed WHERE who = ?"
        return any(row[0] for row in self._database.reader.execute(query, (who,)))

    # Looking.

    def state(self, code: str, part: str, round: int = FIRST) -> Marked:
        """The state of a subproblem of a copy; version 0 where nobody has touched it."""
        return state_of(self._database.reader, code, part, round)

    def states(self, *, code: str = "", part: str = "", round: int = FIRST) -> list[Marked]:
        """All states that somebody has touched, of a copy or of a subproblem if it is given.

        Those of copies that are void by now are left out unless a copy is asked for, see `void`.
        """
        found = states_of(self._database.reader, code=code, part=part, round=round)
        return [it for it in found if code or self.papers.is_in_use(it.code)]

    def void(self) -> dict[str, str]:
        """Copies with marks that count no more, and why: printed again since, or withdrawn."""
        marked = {
            state.code
            for number in (FIRST, SECOND, SETTLED)
            for state in states_of(self._database.reader, round=number)
        }
        gone = sorted(code for code in marked if not self.papers.is_in_use(code))
        return {code: self.papers.why_void(code) for code in gone}

    def finals(self) -> dict[tuple[str, str], Marked]:
        """Copy and subproblem to what counts in the end: what the examiner settled, else the first
        marking.

        What is not done, or where two correctors differ, is not among them.
        """
        found: dict[tuple[str, str], dict[int, Marked]] = {}
        for number in (FIRST, SECOND, SETTLED):
            for state in self.states(round=number):
                found.setdefault((state.code, state.part), {})[number] = state
        finals = {key: self._final(rounds) for key, rounds in found.items()}
        return {key: state for key, state in finals.items() if state is not None}

    def _final(self, rounds: Mapping[int, Marked]) -> Marked | None:
        first, second, settled = (rounds.get(it) for it in (FIRST, SECOND, SETTLED))
        if settled is not None and settled.done:
            return settled
        if first is None or not first.done:
            return None
        differ = second is not None and second.done and second.total != first.total
        return None if differ else first

    def moved(self) -> list[Marked]:
        """What counts and has changed since it was done, as nobody has confirmed."""
        return [it for it in self.finals().values() if it.has_moved]

    def unused(self) -> frozenset[str]:
        """Copies on which nobody is known to have written, nor anything was found."""
        written = {
            state.code
            for number in (FIRST, SECOND, SETTLED)
            for state in self.states(round=number)
            if state.has_marks
        }
        return self.papers.unheld - written

    def differences(self) -> list[Difference]:
        """Where two correctors differ and the examiner has not settled it."""
        settled = {(it.code, it.part) for it in self.states(round=SETTLED) if it.done}
        first = {(it.code, it.part): it for it in self.states() if it.done}
        return [
            Difference(second.code, second.part, first[second.code, second.part], second)
            for second in self.states(round=SECOND)
            if second.done
            and (second.code, second.part) in first
            and (second.code, second.part) not in settled
            and first[second.code, second.part].total != second.total
        ]

    def is_finished(self, problem: str) -> bool:
        """Whether all of a problem is marked, on all copies that somebody has."""
        parts = [it for it in self.papers.parts if self.papers.problem_of(it).id == problem]
        done = {(it.code, it.part) for part in parts for it in self.states(part=part) if it.done}
        copies = set(self.papers.codes) - self.papers.unheld
        return all((code, part) in done for code in copies for part in parts)

    def comments(self, part: str) -> list[tuple[str, int]]:
        """Comments that were given in a subproblem, to be used again; the most used first."""
        counts: Counter[str] = Counter()
        for number in (FIRST, SECOND, SAMPLE, SETTLED):
            for state in self.states(part=part, round=number):
                counts.update(state.comments)
        return sorted(counts.items(), key=lambda it: (-it[1], it[0]))

    def since(self, number: int) -> list[tuple[int, Operation]]:
        """The operations after one, with their numbers."""
        query = f"{SELECT.replace('SELECT', 'SELECT number,')} WHERE number > ? ORDER BY number"
        rows = self._database.reader.execute(query, (number,))
        return [(found, operation_of(row)) for found, *row in rows]

    def last(self) -> int:
        """The number of the latest operation; 0 where there is none."""
        query = "SELECT coalesce(max(number), 0) FROM operations"
        [(number,)] = self._database.reader.execute(query)
        return int(number)

    def progress(self, round: int = FIRST) -> list[Pace]:
        """Who is how far and how fast, by subproblem."""
        return progress_of(self.states(round=round), self.papers.parts)


def _told(operation: Operation) -> dict[str, str]:
    """What the audit keeps of an operation."""
    told = {"kind": operation.kind, "name": operation.name, "value": operation.value}
    told["round"] = "" if operation.round == FIRST else str(operation.round)
    return {"id": operation.id} | {name: value for name, value in told.items() if value}


def _items(part: MarkedPart) -> str:
    ends = (("r", len(part.rubric)), ("m", len(part.mistakes)))
    found = [f"{kind}0–{kind}{count - 1}" for kind, count in ends if count]
    return ", ".join(found + [f"o:{label}" for label in part.options]) or "–"
