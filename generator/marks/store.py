"""Marks: what correctors do, one operation after the other; nothing is ever overwritten.

A subproblem of a copy has a state in each of four rounds: the first marking, a second one by
somebody else who does not see the first, a sample that is marked again to see whether correctors
have drifted, and what the examiner settles where two differ. A state is what its operations come
to; it is kept beside them so that it is found at once.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Self

from generator.marks.audit import HEAD_FILE, AuditLog, moment
from generator.marks.database import Database
from generator.marks.marked_papers import MarkedPart, Papers, Refused
from generator.record.batch import EXAMINER, Batch

FOLDER, MARKS_FILE = "desk", "marks.sqlite"
"""Where the marks of a batch are: no build replaces this folder."""

FIRST, SECOND, SAMPLE, SETTLED = 1, 2, 3, 4
"""The rounds."""

CLAIM_SECONDS = 120
PAUSE_SECONDS = 600
"""Who has not marked anything for so long was not at work."""

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
    def has_moved(self) -> bool:
        """Whether it has changed since it was done, by values that were given elsewhere."""
        return self.done and self.checked is not None and self.checked != self.total


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


@dataclass(frozen=True)
class Progress:
    """How far somebody is with a subproblem.

    Attributes:
        seconds: Median between two copies, without pauses; None for a single one.
    """

    part: str
    who: str
    done: int
    doubtful: int
    first_at: str
    last_at: str
    seconds: float | None


class _Together(Exception):
    """Something is refused, so nothing is recorded."""


class Marks:
    """The marks of a batch; may be used by several threads, and by several processes.

    Attributes:
        papers: What can be marked.
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
        row = next(reader.execute(f"{_SELECT} WHERE id = ?", (operation_id,)), None)
        if row is not None:
            return self.record(replace(_operation(row), seen=0))
        query = f"{_SELECT} WHERE who = ? ORDER BY number DESC"
        own = [_operation(found) for found in reader.execute(query, (who,))]
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
        row = next(writer.execute(f"{_SELECT} WHERE id = ?", (operation.id,)), None)
        if row is None:
            return None
        before = _operation(row)
        named = replace(operation, seen=0, name=operation.name or before.name)
        if before != named:
            raise self.papers.refusal("refused.same_id", id=operation.id)
        return _state(writer, operation.code, operation.part, operation.round)

    def _apply(self, writer: sqlite3.Connection, operation: Operation) -> Marked:
        part = self._check(writer, operation)
        before = _operations(writer, operation.code, operation.part, operation.round)
        # What one did oneself one has seen.
        others = [version for version, it in before if it.who != operation.who]
        if others and max(others) > operation.seen:
            state = _state(writer, operation.code, operation.part, operation.round)
            last = next(it.who for version, it in before if version == max(others))
            values = {"who": last, "part": operation.part, "code": operation.code}
            raise Conflict(self.papers.say("refused.conflict", **values), state)
        if operation.kind == "undo":
            operation = self._undone(operation, [it for _, it in before])
        version = len(before) + 1
        at = moment()
        own = asdict(operation)
        row = [own[name] for name in ("id", "who", "code", "part", "round", "kind", "name")]
        cursor = writer.execute(_INSERT, (*row, operation.value, at, version))
        state = self._fold(part, [it for _, it in before] + [operation])
        state = replace(state, version=version, who=operation.who, at=at)
        state = _with_done(state, _state(writer, *_key(operation)), at, cursor.lastrowid or 0)
        if state.done and state.total is None:
            if operation.kind == "done":
                raise self.papers.refusal("refused.no_points", part=part.id)
            state = replace(state, done=False, done_by="", done_at="", checked=None)
        if operation.kind == "confirm" and not state.done:
            raise self.papers.refusal("refused.not_done", part=part.id)
        writer.execute(
            "INSERT OR REPLACE INTO states VALUES (?, ?, ?, ?)", (*_key(operation), _dump(state))
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

    def _fold(self, part: MarkedPart, operations: Sequence[Operation]) -> Marked:
        """What operations come to."""
        gone = {it.name for it in operations if it.kind == "undo"}
        last = operations[-1]
        state = Marked(last.code, part.id, last.round)
        for operation in operations:
            if operation.kind != "undo" and operation.id not in gone:
                state = _counted(part, self._changed(part, state, operation), operation)
        return state

    def _changed(self, part: MarkedPart, state: Marked, operation: Operation) -> Marked:
        kind, name, value = operation.kind, operation.name, operation.value
        if kind == "tick":
            return replace(state, ticks=tuple(sorted({*state.ticks, name})))
        if kind == "untick":
            return replace(state, ticks=tuple(it for it in state.ticks if it != name))
        if kind == "key":
            return replace(state, ticks=part.key_crosses, points=None)
        if kind == "points":
            points = self.papers.read_points(part, value) if value.strip() else None
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
        first = _state(writer, operation.code, part, FIRST)
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
        return _state(self._database.reader, code, part, round)

    def states(self, *, code: str = "", part: str = "", round: int = FIRST) -> list[Marked]:
        """All states that somebody has touched, of a copy or of a subproblem if it is given."""
        query = "SELECT content FROM states WHERE round = ?"
        values: list[str | int] = [round]
        for column, value in (("code", code), ("part", part)):
            if value:
                query += f" AND {column} = ?"
                values.append(value)
        rows = self._database.reader.execute(f"{query} ORDER BY code, part", values)
        return [_load(content) for (content,) in rows]

    def final(self, code: str, part: str) -> Marked | None:
        """What counts in the end: what the examiner settled, else the first marking.

        None while it is not done, or while two correctors differ.
        """
        return self._final({it: self.state(code, part, it) for it in (FIRST, SECOND, SETTLED)})

    def finals(self) -> dict[tuple[str, str], Marked]:
        """Copy and subproblem to what counts in the end, where that is decided."""
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
        """Spares that nobody is known to have, and on which nobody has found anything."""
        written = {
            state.code
            for number in (FIRST, SECOND, SETTLED)
            for state in self.states(round=number)
            if state.points or state.ticks or state.given
        }
        return self.papers.spares - written

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
        copies = set(self.papers.codes) - self.papers.spares
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
        query = f"{_SELECT.replace('SELECT', 'SELECT number,')} WHERE number > ? ORDER BY number"
        rows = self._database.reader.execute(query, (number,))
        return [(found, _operation(row)) for found, *row in rows]

    def last(self) -> int:
        """The number of the latest operation; 0 where there is none."""
        query = "SELECT coalesce(max(number), 0) FROM operations"
        [(number,)] = self._database.reader.execute(query)
        return int(number)

    def progress(self, round: int = FIRST) -> list[Progress]:
        """Who is how far and how fast, by subproblem."""
        groups: dict[tuple[str, str], list[Marked]] = {}
        for state in self.states(round=round):
            groups.setdefault((state.part, state.done_by or state.who), []).append(state)
        order = {part: at for at, part in enumerate(self.papers.parts)}
        found = [_progress(*key, states) for key, states in groups.items()]
        return sorted(found, key=lambda it: (order.get(it.part, len(order)), it.who))

    # Who is at what.

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
        codes: Sequence[str] = self.papers.codes
        if round == SAMPLE:
            query = "SELECT code FROM samples WHERE part = ?"
            codes = [code for (code,) in self._database.reader.execute(query, (part,))]
        spares = self.papers.spares  # last: most of them were used by nobody
        return sorted(codes, key=lambda it: (it in spares, _shuffled(who, part, str(round), it)))

    def _is_open(
        self, writer: sqlite3.Connection, who: str, code: str, part: str, round: int
    ) -> bool:
        if _state(writer, code, part, round).done:
            return False
        if round == FIRST:
            return True
        first = _state(writer, code, part, FIRST)
        if round == SETTLED:
            second = _state(writer, code, part, SECOND)
            return first.done and second.done and first.total != second.total
        return first.done and (round != SECOND or first.done_by != who)

    def sample(self, part: str, count: int) -> list[str]:
        """Chooses copies that are done for being marked again, besides those chosen before.

        Args:
            count: So many in all, if there are.
        """
        query = "SELECT code FROM samples WHERE part = ?"
        chosen = [code for (code,) in self._database.reader.execute(query, (part,))]
        done = [it.code for it in self.states(part=part) if it.done and it.code not in chosen]
        done.sort(key=lambda code: _shuffled("sample", part, code))
        new = done[: max(count - len(chosen), 0)]
        with self._database.writing() as writer:
            writer.executemany(
                "INSERT OR IGNORE INTO samples VALUES (?, ?)", [(part, code) for code in new]
            )
        return sorted([*chosen, *new])


_COLUMNS = "id, who, code, part, kind, name, value, round"
_SELECT = f"SELECT {_COLUMNS} FROM operations"
_INSERT = (
    "INSERT INTO operations (id, who, code, part, round, kind, name, value, at, version) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def _operation(row: Sequence[object]) -> Operation:
    identifier, who, code, part, kind, name, value = map(str, row[:-1])
    return Operation(identifier, who, code, part, kind, name, value, round=int(str(row[-1])))


def _key(operation: Operation) -> tuple[str, str, int]:
    return operation.code, operation.part, operation.round


def _operations(
    connection: sqlite3.Connection, code: str, part: str, round: int
) -> list[tuple[int, Operation]]:
    """Version and operation of a subproblem, in order."""
    query = (
        f"SELECT version, {_COLUMNS} FROM operations WHERE code = ? AND part = ? AND round = ? "
        "ORDER BY version"
    )
    rows = connection.execute(query, (code, part, round))
    return [(version, _operation(row)) for version, *row in rows]


def _state(connection: sqlite3.Connection, code: str, part: str, round: int) -> Marked:
    query = "SELECT content FROM states WHERE part = ? AND round = ? AND code = ?"
    row = next(connection.execute(query, (part, round, code)), None)
    return Marked(code, part, round) if row is None else _load(row[0])


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


def _with_done(state: Marked, before: Marked, at: str, number: int) -> Marked:
    """When it was done: at first, as long as it stays so."""
    done_at = (before.done_at or at) if state.done else ""
    if state.done_by != before.done_by:
        done_at = at if state.done else ""
    return replace(state, done_at=done_at, last=number)


_FRACTIONS = ("points", "total", "checked")


def _dump(state: Marked) -> str:
    data = {
        it.name: getattr(state, it.name)
        for it in fields(state)
        if it.name not in {*_FRACTIONS, "given"}
    }
    data["given"] = dict(state.given)
    for name in _FRACTIONS:
        value = getattr(state, name)
        data[name] = None if value is None else str(value)
    return json.dumps(data, ensure_ascii=False)


def _load(content: str) -> Marked:
    data = json.loads(content)
    for name in _FRACTIONS:
        found = data.get(name)
        data[name] = None if found is None else Fraction(found)
    for name in ("ticks", "comments"):
        data[name] = tuple(data[name])
    return Marked(**data)


def _told(operation: Operation) -> dict[str, str]:
    """What the audit keeps of an operation."""
    told = {"kind": operation.kind, "name": operation.name, "value": operation.value}
    told["round"] = "" if operation.round == FIRST else str(operation.round)
    return {"id": operation.id} | {name: value for name, value in told.items() if value}


def _items(part: MarkedPart) -> str:
    ends = (("r", len(part.rubric)), ("m", len(part.mistakes)))
    found = [f"{kind}0–{kind}{count - 1}" for kind, count in ends if count]
    return ", ".join(found + [f"o:{label}" for label in part.options]) or "–"


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


def _progress(part: str, who: str, states: Sequence[Marked]) -> Progress:
    times = sorted(it.done_at for it in states if it.done)
    moments = [datetime.fromisoformat(it.replace("Z", "+00:00")) for it in times]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    worked = [gap for gap in gaps if gap <= PAUSE_SECONDS]
    return Progress(
        part,
        who,
        len(times),
        sum(it.doubtful for it in states),
        times[0] if times else "",
        times[-1] if times else "",
        median(worked) if worked else None,
    )
