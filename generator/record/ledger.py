"""Stage 5, record: the ledger, which is the authority on what was drawn and for whom.

SQLite, one file per batch, and all SQL is here and in the migrations. A rebuild reads it and does
not draw again. Nothing is ever deleted: a copy whose student has left is withdrawn, and its code is
not used again.

A build works on a copy of it, on disk: however many copies a batch has, only those in hand are in
memory. The released ledger is replaced as a whole, with the batch.

Every row is signed with a key of the batch's secret, and checked whenever it is read: what somebody
edited, or a disk has damaged, is never released.
"""

from __future__ import annotations

import errno
import hmac
import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from generator.errors import Complaint, InputError
from generator.exact.secret import Field, Secret, fields_digest
from generator.record.copy import Binding, Copy, Event, Holder, Reprint
from generator.record.migrations import SCHEMA, TABLES, Value, migrate, write_row
from generator.roster.accommodation import PLAIN, Accommodation

EXAMINER = "examiner"
"""The folder of a batch in which its ledger lies."""
LEDGER_FILE = "ledger.sqlite"
SEALED, THAWED, REVISED = "sealed", "thawed", "revised"
TEXTS_OF_KEY = "texts of the key"
"""What a revision changed where no answer is another."""
MOST_DIGITS = 9
_AT_ONCE = 100
"""Copies that are read together."""
_SIGNED = 32
"""Hexadecimal digits of a signature."""
_CODE = re.compile(r"[A-Z][0-9]{4,9}(\.[1-9][0-9]*)?")


@dataclass(frozen=True)
class KnownFile:
    """A file as it was released: enough to see that it is still the same."""

    size: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True)
class Released:
    """What was released of a copy; see `Copy`."""

    active: bool
    mark: str
    key_revision: int
    paper_sha256: str


class Ledger:
    """The ledger of one batch.

    Attributes:
        digits: Digits of the copy codes; 0 before the first is given.
        changes: Copy code and key revision to the answers that it changed, as JSON.
        bank: Digest of the bank that the batch was released with.
        inputs: Digest of everything that the released batch was built from.
        facts: What else the batch was made of: versions, the page plan, the layout; JSON data.
        files: Path below the batch's folder to what was released there.
        printed_for: Copy code to in what its paper differs from others.
        accommodations: Registration number to what is different for that student.
    """

    def __init__(
        self, path: Path, exam: str | None, secret: Secret, working: Path | None = None
    ) -> None:
        """Opens a ledger, or begins one.

        Args:
            path: The released ledger; it is not written to.
            exam: The exam whose ledger it must be; None for any.
            working: A file that is made anew and takes what is put; the released ledger need not
                exist then. Without it, the released ledger is read only.

        Raises:
            InputError: The file is no ledger, or that of another exam or another secret, or it was
                changed by somebody else.
            OSError: The working file cannot be written.
        """
        self.path = path
        self.exam = exam or ""
        self._secret = secret
        self.digits = 0
        self.bank = ""
        self.inputs = ""
        self.facts: dict[str, Any] = {}
        self.changes: dict[tuple[str, int], str] = {}
        self.files: dict[str, KnownFile] = {}
        self.events: list[Event] = []
        self.reprints: dict[str, Reprint] = {}
        self.printed_for: dict[str, Accommodation] = {}
        self.accommodations: dict[str, Accommodation] = {}
        self._working = working
        self._connection = sqlite3.connect(":memory:")
        try:
            if working is None:
                self._connection = self._released()
                self._check_all(self._connection)
            else:
                self._begin(working)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Forgets what was not saved."""
        self._connection.close()
        if self._working is not None:
            self._working.unlink(missing_ok=True)

    # Opening.

    def _begin(self, working: Path) -> None:
        working.unlink(missing_ok=True)
        with _writing(working):
            self._connection = _create(working)
            # Never committed, never rolled back: it is made anew from the released ledger.
            self._connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
            self._connection.executescript(TABLES)
            self._connection.execute("CREATE INDEX by_code ON bindings (code)")
            if self.path.exists():
                with closing(self._released()) as released:
                    self._check_all(released, self._connection)

    def _released(self) -> sqlite3.Connection:
        """The released ledger, brought to the present schema if an earlier version wrote it."""
        with self._reading():
            if not self.path.is_file():
                raise ValueError("it is no regular file")
            uri = f"{self.path.absolute().as_uri()}?mode=ro&immutable=1"
            # Read only, so threads of a server may share it.
            released = sqlite3.connect(uri, uri=True, check_same_thread=False)
            try:
                schema = self._check_batch(released)
                if schema == SCHEMA:
                    return released
                migrated = sqlite3.connect("", check_same_thread=False)
                released.backup(migrated)
                migrate(migrated, schema, self._sign)
                migrated.execute("PRAGMA query_only = ON")
            except BaseException:
                released.close()
                raise
            released.close()
            return migrated

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """What cannot be read of the released ledger is bad input."""
        try:
            yield
        except (sqlite3.Error, ValueError, TypeError, LookupError, OverflowError) as error:
            message = f"cannot be read as a ledger: {error}; put the batch's own file back"
            raise self._refusal([message]) from None

    def _refusal(self, messages: Iterable[str]) -> InputError:
        return InputError([Complaint(str(self.path), 0, 0, "", text) for text in messages])

    def _check_batch(self, released: sqlite3.Connection) -> int:
        """Whether it is the ledger of this exam and this secret; its schema."""
        columns = "schema, exam, digits, secret_check"
        [(schema, exam, digits, check)] = released.execute(f"SELECT {columns} FROM batch")
        wrong = []
        if not 1 <= schema <= SCHEMA:
            wrong.append(f"written by another version (schema {schema}, expected {SCHEMA})")
        if self.exam and exam != self.exam:
            wrong.append(f"the ledger of the exam {exam}, not of {self.exam}")
        elif check != self._secret_check(exam):
            wrong.append("made with another secret.key; put the secret of this batch back")
        elif not 0 <= digits <= MOST_DIGITS:
            wrong.append(f"{digits} digits of a code are impossible; {_PUT_BACK}")
        if wrong:
            raise self._refusal(wrong)
        self.exam = exam
        return int(schema)

    def _secret_check(self, exam: str) -> str:
        return fields_digest(self._secret.allocation_key, "ledger", exam).hex()[:16]

    def _sign(self, table: str, row: Sequence[Value]) -> str:
        values: list[Field] = [b"" if value is None else value for value in row]
        return fields_digest(self._secret.record_key, table, *values).hex()[:_SIGNED]

    def _check_all(
        self, released: sqlite3.Connection, target: sqlite3.Connection | None = None
    ) -> None:
        """Reads everything once, checks it, and keeps it: what is small here, the rest in a file.

        Raises:
            InputError: Names all that was changed.
        """
        wrong: list[str] = []
        take: dict[str, Callable[..., None]] = {
            "batch": self._take_batch,
            "key_revisions": self._take_revision,
            "events": self._take_event,
            "reprints": self._take_reprint,
            "files": self._take_file,
            "printed_for": partial(_take_accommodation, self.printed_for),
            "accommodations": partial(_take_accommodation, self.accommodations),
        }
        with self._reading():
            for table in _TABLE_NAMES:
                for *row, signed in released.execute(f"SELECT * FROM {table} ORDER BY 1"):
                    if not hmac.compare_digest(str(signed), self._sign(table, row)):
                        wrong.append(_changed(table, row))
                    elif table in take:
                        take[table](*row)
                    elif table == "copies" and not _CODE.fullmatch(row[0]):
                        raise ValueError(f"{row[0]!r} is no copy code")
                    elif target is not None:
                        with _writing(self._working or self.path):
                            _insert(target, table, (*row, signed))
        if [event.number for event in self.events] != list(range(1, len(self.events) + 1)):
            wrong.append(f"events are missing; {_PUT_BACK}")
        if wrong:
            raise self._refusal(wrong)

    def _take_batch(self, *row: Any) -> None:
        _, _, self.digits, _, self.bank, self.inputs, facts = row
        self.facts = json.loads(facts)

    def _take_revision(self, code: str, revision: int, changes: str) -> None:
        self.changes[code, revision] = changes

    def _take_event(self, number: int, *row: Any) -> None:
        time, kind, copies, reason, data = row
        codes = tuple(json.loads(copies))
        self.events.append(Event(number, time, kind, codes, reason, json.loads(data)))

    def _take_reprint(self, *row: Any) -> None:
        self.reprints[row[0]] = Reprint(*row)

    def _take_file(self, path: str, *known: Any) -> None:
        self.files[path] = KnownFile(*known)

    # Saving.

    def save(self, path: Path) -> None:
        """Writes the ledger to a new file, whole; the same bytes for the same contents.

        It is for its owner alone.

        Raises:
            OSError: It cannot be written.
        """
        path.unlink(missing_ok=True)
        with _writing(path), closing(_create(path)) as connection:
            connection.executescript(TABLES)
            write = partial(write_row, connection, sign=self._sign)
            check = self._secret_check(self.exam)
            facts = _json(self.facts)
            write("batch", (SCHEMA, self.exam, self.digits, check, self.bank, self.inputs, facts))
            for table in ("sources", "copies", "bindings"):
                rows = self._connection.execute(f"SELECT * FROM {table} ORDER BY 1")
                connection.executemany(_insertion(table, len(rows.description)), rows)
            for key, changes in sorted(self.changes.items()):
                write("key_revisions", (*key, changes))
            for _, it in sorted(self.reprints.items()):
                write("reprints", (it.code, it.of, it.since, it.reason, it.paper_sha256))
            for table in ("printed_for", "accommodations"):
                for key, different in sorted(getattr(self, table).items()):
                    write(table, (key, *map(_plain, astuple(different))))
            for event in self.events:
                copies, data = _json(event.copies), _json(event.data)
                row = (event.number, event.time, event.kind, copies, event.reason, data)
                write("events", row)
            for name, known in sorted(self.files.items()):
                write("files", (name, known.size, known.mtime_ns, known.sha256))
            connection.commit()

    # Copies.

    def put(self, copy: Copy) -> None:
        """Records a copy, new or known.

        Raises:
            OSError: It cannot be written.
        """
        self._write("copies", _row(copy))
        _keep(self.printed_for, copy.code, copy.accommodation)

    def printed_as(self, code: str, copy: Copy) -> Accommodation:
        """In what a paper differs from others.

        Args:
            code: The copy's, or that of one of its reprints, which may be for another student.
        """
        return self.printed_for.get(code, copy.accommodation)

    def print_for(self, code: str, accommodation: Accommodation) -> None:
        """Says it of a reprint."""
        _keep(self.printed_for, code, accommodation)

    def _write(self, table: str, row: Sequence[Value]) -> None:
        with _writing(self._working or self.path):
            write_row(self._connection, table, row, self._sign)

    def __getitem__(self, code: str) -> Copy:
        """The copy of a code.

        Raises:
            KeyError: There is none.
        """
        row = self._connection.execute("SELECT * FROM copies WHERE code = ?", (code,)).fetchone()
        if row is None:
            raise KeyError(code)
        return self._copy(row)

    def _copy(self, row: Sequence[Any]) -> Copy:
        code, room, spare, active, *rest, signed = row
        # What is in the working copy was checked on its way there, and is when it is opened again.
        is_checked = self._working is not None
        if not is_checked and not hmac.compare_digest(str(signed), self._sign("copies", row[:-1])):
            raise self._refusal([_changed("copies", row)])
        different = self.printed_for.get(code, PLAIN)
        copy = Copy(code, room, spare, bool(active), *rest)
        return copy if different is PLAIN else replace(copy, accommodation=different)

    def codes(self) -> list[str]:
        """The codes of the copies that are to be built, in order."""
        return self._codes("WHERE active")

    def withdrawn(self) -> list[str]:
        """The codes of the copies that were withdrawn, in order."""
        return self._codes("WHERE NOT active")

    def all_codes(self) -> list[str]:
        """All codes that were ever given, in order."""
        return self._codes("")

    def unrecorded(self, bank: str) -> list[str]:
        """The codes of those that are to be built and were not recorded with a bank."""
        return self._codes("WHERE active AND (mark = '' OR bank <> ?)", bank)

    def _codes(self, condition: str, *values: str) -> list[str]:
        query = f"SELECT code FROM copies {condition} ORDER BY code"
        return [code for (code,) in self._connection.execute(query, values)]

    def active(self) -> Iterator[Copy]:
        """The copies that are to be built, by code; those that were given may be put meanwhile."""
        query = "SELECT * FROM copies WHERE active AND code > ? ORDER BY code LIMIT ?"
        last = ""
        while rows := self._connection.execute(query, (last, _AT_ONCE)).fetchall():
            yield from map(self._copy, rows)
            last = rows[-1][0]

    def released(self) -> dict[str, Released]:
        """Code to what was released of it, of all copies that ever were."""
        query = "SELECT code, active, mark, key_revision, paper_sha256 FROM copies"
        rows = self._connection.execute(query)
        return {code: Released(bool(active), *rest) for code, active, *rest in rows}

    def places(self) -> list[tuple[str, str | None, int | None, bool]]:
        """Code, room, number as a spare copy, and whether it is active, of all copies."""
        query = "SELECT code, room, spare, active FROM copies ORDER BY code"
        return [(*row[:3], bool(row[3])) for row in self._connection.execute(query)]

    def spares(self) -> set[str]:
        """The copies that were made as spare ones, whoever has them now."""
        return {code for code, _, spare, _ in self.places() if spare is not None}

    # Who has them.

    def bindings(self, *, ended: bool = False) -> list[Binding]:
        """Who has which copy, by code; with `ended`, also who had one, in the order of events."""
        condition = "ORDER BY number" if ended else "WHERE until = '' ORDER BY code"
        query = (
            "SELECT code, registration_number, last_name, first_name, seat, since, why, until "
            f"FROM bindings {condition}"
        )
        return [
            Binding(code, self._holder(*row[:4]), *row[4:])
            for code, *row in self._connection.execute(query)
        ]

    def _holder(self, number: str, *names_and_seat: str) -> Holder:
        last_name, first_name, seat = names_and_seat
        different = self.accommodations.get(number, PLAIN)
        return Holder(number, last_name, first_name, seat, different)

    def holders(self) -> dict[str, Holder]:
        """Code to who has that copy."""
        return {binding.code: binding.holder for binding in self.bindings()}

    def bind(self, code: str, holder: Holder, why: str, since: str) -> None:
        """Gives a copy to somebody; who had it has it no longer.

        Args:
            since: ISO 8601, see `now`.
        """
        self.release(code, since)
        [(number,)] = self._connection.execute("SELECT ifnull(max(number), 0) + 1 FROM bindings")
        person = (holder.registration_number, holder.last_name, holder.first_name, holder.seat)
        self._write("bindings", (number, code, *person, since, why, ""))
        _keep(self.accommodations, holder.registration_number, holder.accommodation)

    def release(self, code: str, until: str) -> None:
        """Takes a copy from whoever has it."""
        query = "SELECT * FROM bindings WHERE code = ? AND until = ''"
        for *row, _, _ in self._connection.execute(query, (code,)).fetchall():
            self._write("bindings", (*row, until))

    def exchange(self, codes: Mapping[str, str]) -> None:
        """Students exchange copies that nobody has seen yet: no one ever had another.

        Args:
            codes: Code of the copy that a student has to that of the one that the student gets.
        """
        query = "SELECT * FROM bindings WHERE until = '' ORDER BY number"
        for number, code, *rest, _ in self._connection.execute(query).fetchall():
            if code in codes:
                self._write("bindings", (number, codes[code], *rest))
        different = {codes[code]: self.printed_for.pop(code, PLAIN) for code in codes}
        for code, accommodation in different.items():
            _keep(self.printed_for, code, accommodation)

    def reseat(self, seats: Mapping[str, str]) -> None:
        """Students who were told of no seat yet sit elsewhere: no one ever had another.

        Args:
            seats: Registration number to seat.
        """
        query = "SELECT * FROM bindings WHERE until = '' ORDER BY number"
        for number, code, student, last, first, _, *rest, _ in self._connection.execute(
            query
        ).fetchall():
            if student in seats:
                self._write("bindings", (number, code, student, last, first, seats[student], *rest))

    # What happened.

    def note(
        self,
        kind: str,
        copies: Iterable[str] = (),
        reason: str = "",
        data: Mapping[str, Any] | None = None,
        time: str | None = None,
    ) -> Event:
        """Adds an event.

        Args:
            time: ISO 8601; now by default.
        """
        number = len(self.events) + 1
        event = Event(number, time or now(), kind, tuple(copies), reason, dict(data or {}))
        self.events.append(event)
        return event

    @property
    def sealed(self) -> Event | None:
        """The event by which the batch was sealed; None if it is not."""
        for event in reversed(self.events):
            if event.kind in {SEALED, THAWED}:
                return event if event.kind == SEALED else None
        return None

    def last_reprints(self) -> dict[str, str]:
        """Code of a copy to that of its last reprint, which is the paper in use."""
        ordered = sorted(self.reprints.values(), key=lambda it: _reprint_number(it.code))
        return {reprint.of: reprint.code for reprint in ordered}

    def voided(self) -> dict[str, str]:
        """Codes of papers that must not be used any more, to the reprint in their place."""
        void: dict[str, str] = {}
        latest: dict[str, str] = {}
        for reprint in sorted(self.reprints.values(), key=lambda it: _reprint_number(it.code)):
            void[latest.get(reprint.of, reprint.of)] = reprint.code
            latest[reprint.of] = reprint.code
        return void

    # What it was made of.

    @property
    def sources(self) -> dict[str, bytes]:
        """Name, ``bank/exam.yaml`` for one, to content of all files that it was made of."""
        query = "SELECT name, content FROM sources ORDER BY name"
        return dict(self._connection.execute(query).fetchall())

    @sources.setter
    def sources(self, contents: Mapping[str, bytes]) -> None:
        self._connection.execute("DELETE FROM sources")
        for name, content in sorted(contents.items()):
            self._write("sources", (name, content))


_TABLE_NAMES = re.findall(r"CREATE TABLE (\w+)", TABLES)
_PUT_BACK = "it was changed by somebody else, or damaged: put the last good ledger back"


def now() -> str:
    """The time as ISO 8601 in UTC, in seconds; that of SOURCE_DATE_EPOCH where it is set."""
    with suppress(KeyError, ValueError, OverflowError, OSError):
        fixed = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)
        return fixed.isoformat(timespec="seconds")
    return datetime.now(UTC).isoformat(timespec="seconds")


def _changed(table: str, row: Sequence[Any]) -> str:
    """That a row is not as it was signed, by the name that people know it by."""
    name = {
        "batch": "the head",
        "copies": f"the record of {row[0]}",
        "key_revisions": f"revision {row[1]} of the key of {row[0]}",
        "bindings": f"who has {row[1]}",
        "events": f"event {row[0]}",
    }.get(table, f"{row[0]!r} in {table}")
    return f"{name} is not as it was recorded; {_PUT_BACK}"


def _take_accommodation(
    known: dict[str, Accommodation], key: str, large_print: int, *rest: Any
) -> None:
    known[key] = Accommodation(bool(large_print), *rest)


def _keep(known: dict[str, Accommodation], key: str, accommodation: Accommodation) -> None:
    """Keeps what is different for some; of all others there is nothing to say."""
    known.pop(key, None)
    if accommodation != PLAIN:
        known[key] = accommodation


def _plain(value: Value) -> Value:
    return int(value) if isinstance(value, bool) else value


def _insert(target: sqlite3.Connection, table: str, row: Sequence[Value]) -> None:
    target.execute(_insertion(table, len(row)), row)


def _insertion(table: str, columns: int) -> str:
    return f"INSERT INTO {table} VALUES ({', '.join('?' * columns)})"


def _reprint_number(code: str) -> tuple[str, int]:
    base, _, number = code.partition(".")
    return base, int(number or 0)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _create(path: Path) -> sqlite3.Connection:
    """A new database, for its owner alone."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return sqlite3.connect(path)


@contextmanager
def _writing(file: Path) -> Iterator[None]:
    """SQLite says in its own way that a disk is full."""
    try:
        yield
    except sqlite3.OperationalError as error:
        full = error.sqlite_errorcode == sqlite3.SQLITE_FULL
        raise OSError(errno.ENOSPC if full else errno.EIO, str(error), str(file)) from None


def _row(copy: Copy) -> tuple[Value, ...]:
    return (
        copy.code,
        copy.room,
        copy.spare,
        int(copy.active),
        copy.record,
        copy.mark,
        copy.bank,
        copy.key_revision,
        copy.key_content,
        copy.made,
        copy.paper_sha256,
        copy.key_sha256,
        copy.json_sha256,
    )
