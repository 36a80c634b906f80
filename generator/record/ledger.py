"""Stage 5, record: the ledger, which is the authority on what was drawn and for whom.

SQLite, one file per batch. A rebuild reads it and does not draw again. Nothing is ever deleted: a
copy whose student has left is retired, and its code is not used again.

A build works on a copy of it, on disk: however many copies a batch has, only those in hand are in
memory. The released ledger is replaced as a whole, with the batch.
"""

from __future__ import annotations

import errno
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from generator.bank.part import ChoiceDraw
from generator.draw.draw import Draw
from generator.errors import Complaint, InputError
from generator.exact.numbers import Value
from generator.exact.secret import Secret, fields_digest
from generator.solve.printed import Plain

SCHEMA = 1
LEDGER_FILE = "ledger.sqlite"

_TABLES = """
CREATE TABLE batch (
    schema INTEGER NOT NULL,
    exam TEXT NOT NULL,
    digits INTEGER NOT NULL,
    secret_check TEXT NOT NULL,
    bank TEXT NOT NULL,
    inputs TEXT NOT NULL
) STRICT;
CREATE TABLE copies (
    code TEXT PRIMARY KEY,
    room TEXT,
    spare INTEGER,
    registration_number TEXT UNIQUE,
    last_name TEXT NOT NULL,
    first_name TEXT NOT NULL,
    seat TEXT NOT NULL,
    active INTEGER NOT NULL,
    record TEXT NOT NULL,
    mark TEXT NOT NULL,
    key_revision INTEGER NOT NULL,
    key_content TEXT NOT NULL,
    made TEXT NOT NULL,
    paper_sha256 TEXT NOT NULL,
    key_sha256 TEXT NOT NULL,
    json_sha256 TEXT NOT NULL,
    CHECK ((spare IS NULL) <> (registration_number IS NULL))
) STRICT, WITHOUT ROWID;
CREATE TABLE key_revisions (
    code TEXT NOT NULL REFERENCES copies (code),
    revision INTEGER NOT NULL,
    changes TEXT NOT NULL,
    PRIMARY KEY (code, revision)
) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Holder:
    """Whom a copy is for: a student, or nobody yet (a spare copy of a room).

    Attributes:
        room: The room, None where the roster names no rooms.
        spare: The number of the spare copy in its room, from 1; None for a student's copy.
        registration_number: None for a spare copy.
    """

    room: str | None
    spare: int | None = None
    registration_number: str | None = None
    last_name: str = ""
    first_name: str = ""
    seat: str = ""


@dataclass(frozen=True)
class Recorded:
    """What was drawn for one problem, and the answers in the key."""

    draw: Draw
    answers: Mapping[str, Mapping[str, Plain]]


@dataclass(frozen=True)
class Copy:
    """A copy as the ledger has it.

    Attributes:
        code: The copy code, e.g. ``E0312``.
        holder: Whom it is for.
        active: False once its student has left the roster.
        record: What was drawn and answered, as JSON (`encode_problems`); empty until it was drawn.
        mark: The record's mark as printed; empty until it was recorded with the batch's bank.
        key_revision: 1 for the first key.
        key_content: Digest of what the key says.
        made: Digest of all that the finished files were made from.
        paper_sha256: Digest of the finished paper.
        key_sha256: Digest of the finished key.
        json_sha256: Digest of the key's JSON.
    """

    code: str
    holder: Holder
    active: bool = True
    record: str = ""
    mark: str = ""
    key_revision: int = 1
    key_content: str = ""
    made: str = ""
    paper_sha256: str = ""
    key_sha256: str = ""
    json_sha256: str = ""

    @property
    def sums(self) -> list[str]:
        """Digests of the finished paper, key and JSON."""
        return [self.paper_sha256, self.key_sha256, self.json_sha256]

    @property
    def problems(self) -> dict[str, Recorded]:
        """Complaint id to what is recorded.

        Raises:
            InputError: The record is damaged.
        """
        try:
            return decode_problems(json.loads(self.record)) if self.record else {}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"the record of {self.code} is damaged ({error!r}): put the ledger back"
            raise InputError(message) from None


class Ledger:
    """The ledger of one batch.

    Attributes:
        digits: Digits of the copy codes; 0 before the first is given.
        changes: Copy code and key revision to the answers that it changed.
        bank: Digest of the bank that all active copies were recorded with.
        inputs: Digest of everything that the released batch was built from.
    """

    def __init__(self, path: Path, exam: str, secret: Secret, working: Path | None = None) -> None:
        """Opens a ledger, or begins one.

        Args:
            path: The released ledger; it is not written to.
            working: A file that is made anew and takes what is put; the released ledger need not
                exist then. Without it, the released ledger is read only.

        Raises:
            InputError: The file is no ledger, or that of another exam or another secret.
            OSError: The working file cannot be written.
        """
        self.path = path
        self.exam = exam
        self._check = fields_digest(secret.allocation_key, "ledger", exam).hex()[:16]
        self.digits = 0
        self.bank = ""
        self.inputs = ""
        self.changes: dict[tuple[str, int], str] = {}
        self._working = working
        self._connection = sqlite3.connect(":memory:")
        try:
            if working is None:
                self._connection = self._released()
                self._read_batch(self._connection)
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

    def _begin(self, working: Path) -> None:
        working.unlink(missing_ok=True)
        with _writing(working):
            self._connection = sqlite3.connect(working)
            # Never committed, never rolled back: it is made anew from the released ledger.
            self._connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
            self._connection.executescript(_TABLES)
            if self.path.exists():
                with closing(self._released()) as released:
                    self._read_batch(released)
                    self._connection.executemany(_INSERT, self._rows(released))

    def _released(self) -> sqlite3.Connection:
        with self._reading():
            return sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """What cannot be read of the released ledger is bad input."""
        try:
            yield
        except (sqlite3.Error, ValueError, TypeError) as error:
            message = f"cannot be read as a ledger: {error}; put the batch's own file back"
            raise InputError([Complaint(str(self.path), 0, 0, "", message)]) from None

    def _read_batch(self, released: sqlite3.Connection) -> None:
        with self._reading():
            row = released.execute("SELECT * FROM batch").fetchone()
            schema, exam, self.digits, check, self.bank, self.inputs = row
            for code, revision, changes in released.execute("SELECT * FROM key_revisions"):
                self.changes[code, revision] = changes
        wrong = []
        if schema != SCHEMA:
            wrong.append(f"written by another version (schema {schema}, expected {SCHEMA})")
        if exam != self.exam:
            wrong.append(f"the ledger of the exam {exam}, not of {self.exam}")
        elif check != self._check:
            wrong.append("made with another secret.key; put the secret of this batch back")
        if wrong:
            raise InputError([Complaint(str(self.path), 0, 0, "", text) for text in wrong])

    def _rows(self, connection: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
        """All copies there ever were, in order."""
        with self._reading():
            yield from connection.execute(f"{_SELECT} ORDER BY code")

    def save(self, path: Path) -> None:
        """Writes the ledger to a new file, whole; the same bytes for the same copies.

        Raises:
            OSError: It cannot be written.
        """
        path.unlink(missing_ok=True)
        with _writing(path), closing(sqlite3.connect(path)) as connection:
            connection.executescript(_TABLES)
            batch = (SCHEMA, self.exam, self.digits, self._check, self.bank, self.inputs)
            connection.execute("INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?)", batch)
            connection.executemany(_INSERT, self._rows(self._connection))
            connection.executemany(
                "INSERT INTO key_revisions VALUES (?, ?, ?)",
                ((*key, changes) for key, changes in sorted(self.changes.items())),
            )
            connection.commit()

    def put(self, copy: Copy) -> None:
        """Records a copy, new or known.

        Raises:
            OSError: It cannot be written.
        """
        with _writing(self._working or self.path):
            self._connection.execute(_PUT, _row(copy))

    def __getitem__(self, code: str) -> Copy:
        """The copy of a code.

        Raises:
            KeyError: There is none.
        """
        row = self._connection.execute(f"{_SELECT} WHERE code = ?", (code,)).fetchone()
        if row is None:
            raise KeyError(code)
        return Copy(row[0], Holder(*row[1:7]), bool(row[7]), *row[8:])

    def codes(self) -> list[str]:
        """The codes of the copies that are to be built, in order."""
        return self._codes("")

    def unrecorded(self) -> list[str]:
        """The codes of those among them that are not recorded with the batch's bank."""
        return self._codes("AND mark = ''")

    def _codes(self, condition: str) -> list[str]:
        query = f"SELECT code FROM copies WHERE active {condition} ORDER BY code"
        return [code for (code,) in self._connection.execute(query)]

    def active(self) -> Iterator[Copy]:
        """The copies that are to be built, by code; others may be put meanwhile."""
        return (self[code] for code in self.codes())

    def holders(self) -> Iterator[tuple[str, bool, Holder]]:
        """Code, whether it is active, and holder of all copies that there ever were."""
        for code, active, *holder in self._connection.execute(
            "SELECT code, active, room, spare, registration_number, last_name, first_name, seat "
            "FROM copies ORDER BY code"
        ):
            yield code, bool(active), Holder(*holder)


_COLUMNS = (
    "code, room, spare, registration_number, last_name, first_name, seat, active, record, mark, "
    "key_revision, key_content, made, paper_sha256, key_sha256, json_sha256"
)
_SELECT = f"SELECT {_COLUMNS} FROM copies"
_INSERT = f"INSERT INTO copies ({_COLUMNS}) VALUES ({', '.join('?' * 16)})"
_PUT = f"{_INSERT} ON CONFLICT (code) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in _COLUMNS.split(", ")[1:]
)


@contextmanager
def _writing(file: Path) -> Iterator[None]:
    """SQLite says in its own way that a disk is full."""
    try:
        yield
    except sqlite3.OperationalError as error:
        full = error.sqlite_errorcode == sqlite3.SQLITE_FULL
        raise OSError(errno.ENOSPC if full else errno.EIO, str(error), str(file)) from None


def _row(copy: Copy) -> tuple[Any, ...]:
    holder = copy.holder
    return (
        copy.code,
        holder.room,
        holder.spare,
        holder.registration_number,
        holder.last_name,
        holder.first_name,
        holder.seat,
        int(copy.active),
        copy.record,
        copy.mark,
        copy.key_revision,
        copy.key_content,
        copy.made,
        copy.paper_sha256,
        copy.key_sha256,
        copy.json_sha256,
    )


# Records as JSON. Numbers are {"n": "5/2"}: exact, and never mistaken for a text.


def encode_problems(problems: Mapping[str, Recorded]) -> str:
    """The recorded problems as JSON."""
    data = {
        name: {
            "epoch": recorded.draw.epoch,
            "attempt": recorded.draw.attempt,
            "values": {key: _encode(value) for key, value in recorded.draw.values.items()},
            "choices": {
                part: {"options": list(choice.options), "labels": list(choice.labels)}
                for part, choice in recorded.draw.choices.items()
            },
            "answers": recorded.answers,
        }
        for name, recorded in problems.items()
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def decode_problems(data: Mapping[str, Any]) -> dict[str, Recorded]:
    """The reverse of :func:`encode_problems`, from JSON data."""
    return {
        name: Recorded(
            Draw(
                name,
                item["epoch"],
                item["attempt"],
                {key: _decode(value) for key, value in item["values"].items()},
                {
                    part: ChoiceDraw(tuple(choice["options"]), tuple(choice["labels"]))
                    for part, choice in item["choices"].items()
                },
            ),
            item["answers"],
        )
        for name, item in data.items()
    }


def _encode(value: Value) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, Fraction):
        return {"n": str(value)}
    raise TypeError(f"a drawn value is a number or a text, not {value!r}")


def _decode(value: Any) -> Value:
    return value if isinstance(value, str) else _fraction(value["n"])


@lru_cache(maxsize=4096)
def _fraction(text: str) -> Fraction:
    # Kept: copies draw the same few numbers from lists.
    return Fraction(text)


# Who gets which code.


def bind(
    ledger: Ledger,
    holders: Iterable[Holder],
    secret: Secret,
    reserved: Iterable[str],
) -> None:
    """Gives every holder a copy: those that have a code keep it, the others get new ones.

    New codes are given in the order of an HMAC over the registration number (or the room and the
    number of the spare copy), so that the order of the roster does not matter. A student who comes
    back gets the old code back, but with a record without a mark, as the bank may have changed
    meanwhile; the copy of one who left is retired.

    Args:
        holders: All students and spare copies.
        reserved: Codes that are never given.
    """
    wanted = {_identity(holder): holder for holder in holders}
    for code, active, holder in list(ledger.holders()):
        now = wanted.pop(_identity(holder), None)
        if now is None and active:
            ledger.put(replace(ledger[code], active=False))
        elif now is not None and not active:
            ledger.put(replace(ledger[code], active=True, holder=now, mark=""))
        elif now is not None and now != holder:
            ledger.put(replace(ledger[code], holder=now))
    new = sorted(
        wanted.values(),
        key=lambda holder: fields_digest(secret.allocation_key, *_identity(holder)),
    )
    ledger.digits = ledger.digits or _digits(len(new))
    codes = _free_codes(ledger, set(reserved))
    for holder in new:
        ledger.put(Copy(next(codes), holder))


def _identity(holder: Holder) -> tuple[str, ...] | tuple[str, str, int]:
    if holder.registration_number is not None:
        return ("student", holder.registration_number)
    assert holder.spare is not None
    return ("spare", holder.room or "", holder.spare)


def _digits(copies: int) -> int:
    """Digits of the codes: four, more for more than 9,000 copies; a tenth stays free."""
    return max(4, len(str(-(-copies * 10 // 9) - 1)))


def _free_codes(ledger: Ledger, reserved: set[str]) -> Iterator[str]:
    """Codes above all that were ever given, in order."""
    last = max((int(code[1:]) for code, *_ in ledger.holders()), default=0)
    for number in range(last + 1, 10**ledger.digits):
        code = f"E{number:0{ledger.digits}d}"
        if code not in reserved:
            yield code
    message = (
        f"all codes of {ledger.digits} digits are given; the number of digits is fixed for a "
        "batch: start a fresh one, or build this group as an exam of its own"
    )
    raise InputError([Complaint(str(ledger.path), 0, 0, "", message)])
