"""The database of marks: one file, written by one connection at a time, read by many.

In WAL mode with ``synchronous = FULL`` a transaction is on the disk when its commit returns
(https://www.sqlite.org/pragma.html#pragma_synchronous): what was acknowledged survives ``kill -9``
and a power failure.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.errors import Complaint, InputError
from generator.files.sqlite_errors import disk_errors

BUSY_SECONDS = 20
"""So long a process waits for another one that writes."""

_MIGRATIONS = (
    """
    CREATE TABLE operations (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        at TEXT NOT NULL,
        who TEXT NOT NULL,
        code TEXT NOT NULL,
        part TEXT NOT NULL,
        round INTEGER NOT NULL,
        version INTEGER NOT NULL,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        value TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX of_part ON operations (code, part, round, version);
    CREATE TABLE states (
        code TEXT NOT NULL,
        part TEXT NOT NULL,
        round INTEGER NOT NULL,
        content TEXT NOT NULL,
        PRIMARY KEY (part, round, code)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE claims (
        code TEXT NOT NULL,
        part TEXT NOT NULL,
        round INTEGER NOT NULL,
        who TEXT NOT NULL,
        until REAL NOT NULL,
        PRIMARY KEY (part, round, code)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE allowed (
        who TEXT PRIMARY KEY,
        parts TEXT NOT NULL,
        examiner INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE samples (
        part TEXT NOT NULL,
        code TEXT NOT NULL,
        PRIMARY KEY (part, code)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE audit (
        number INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        kind TEXT NOT NULL,
        who TEXT NOT NULL,
        about TEXT NOT NULL,
        data TEXT NOT NULL,
        digest BLOB NOT NULL
    ) STRICT;
    """,
)
"""Step by step to the present schema; a step is never edited once it was used."""


class Database:
    """The file, for the threads of a process. Other processes may have it open too.

    Attributes:
        path: Where it is.
    """

    def __init__(self, path: Path) -> None:
        """Opens the database, makes it, or brings it to the present schema.

        Raises:
            InputError: It is no such database, or a later version wrote it.
            OSError: The disk is full, or cannot be read.
        """
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = threading.RLock()
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        try:
            with disk_errors(path):
                self._writer = self._connect()
                self._writer.execute("PRAGMA journal_mode = WAL")
                path.chmod(0o600)
                self._migrate()
        except BaseException as error:
            self.close()
            if not isinstance(error, sqlite3.DatabaseError):
                raise
            raise self._refusal(f"cannot be read as marks: {error}; put the file back") from None

    def close(self) -> None:
        """Closes all connections; threads must be done with them."""
        for connection in self._open:
            connection.close()
        self._open.clear()

    @property
    def reader(self) -> sqlite3.Connection:
        """A connection of the calling thread, for reading."""
        found: sqlite3.Connection | None = getattr(self._local, "reader", None)
        if found is None:
            with self._lock:
                found = self._local.reader = self._connect()
        return found

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it is on the disk when the statement is left, or nothing is.

        Raises:
            OSError: The disk is full, or cannot be written.
        """
        with self._lock, disk_errors(self.path):
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:  # a full disk may have ended it already
                    self._writer.execute("ROLLBACK")
                raise

    def _connect(self) -> sqlite3.Connection:
        # Transactions are begun by hand; threads that read have a connection each.
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA synchronous = FULL")
        self._open.append(connection)
        return connection

    def _migrate(self) -> None:
        with self.writing() as writer:
            [(schema,)] = writer.execute("PRAGMA user_version")
            if schema > len(_MIGRATIONS):
                newest = len(_MIGRATIONS)
                message = f"written by a later version (schema {schema}, this one knows {newest})"
                raise self._refusal(message)
            for number, step in enumerate(_MIGRATIONS[schema:], schema + 1):
                for statement in filter(str.strip, step.split(";")):
                    writer.execute(statement)
                writer.execute(f"PRAGMA user_version = {number}")

    def _refusal(self, message: str) -> InputError:
        return InputError([Complaint(str(self.path), 0, 0, "", message)])
