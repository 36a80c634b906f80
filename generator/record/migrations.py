"""Ledgers of earlier versions, brought to the schema of this one, one numbered step at a time.

A step works on a database in SQL alone: it must give the same result whatever the rest of the
program has become since. It is handed a way to sign rows, for what it writes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence

SCHEMA = 3

Value = str | int | bytes | None
Sign = Callable[[str, Sequence[Value]], str]
"""The signature of a row of a table, over all of its other columns."""

_TABLES_2 = """
CREATE TABLE batch (
    schema INTEGER NOT NULL,
    exam TEXT NOT NULL,
    digits INTEGER NOT NULL,
    secret_check TEXT NOT NULL,
    bank TEXT NOT NULL,
    inputs TEXT NOT NULL,
    facts TEXT NOT NULL,
    signed TEXT NOT NULL
) STRICT;
CREATE TABLE sources (
    name TEXT PRIMARY KEY,
    content BLOB NOT NULL,
    signed TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE copies (
    code TEXT PRIMARY KEY,
    room TEXT,
    spare INTEGER,
    active INTEGER NOT NULL,
    record TEXT NOT NULL,
    mark TEXT NOT NULL,
    bank TEXT NOT NULL,
    key_revision INTEGER NOT NULL,
    key_content TEXT NOT NULL,
    made TEXT NOT NULL,
    paper_sha256 TEXT NOT NULL,
    key_sha256 TEXT NOT NULL,
    json_sha256 TEXT NOT NULL,
    signed TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE key_revisions (
    code TEXT NOT NULL REFERENCES copies (code),
    revision INTEGER NOT NULL,
    changes TEXT NOT NULL,
    signed TEXT NOT NULL,
    PRIMARY KEY (code, revision)
) STRICT, WITHOUT ROWID;
CREATE TABLE bindings (
    number INTEGER PRIMARY KEY,
    code TEXT NOT NULL REFERENCES copies (code),
    registration_number TEXT NOT NULL,
    last_name TEXT NOT NULL,
    first_name TEXT NOT NULL,
    seat TEXT NOT NULL,
    since TEXT NOT NULL,
    why TEXT NOT NULL,
    until TEXT NOT NULL,
    signed TEXT NOT NULL
) STRICT;
CREATE TABLE reprints (
    code TEXT PRIMARY KEY,
    of TEXT NOT NULL REFERENCES copies (code),
    since TEXT NOT NULL,
    reason TEXT NOT NULL,
    paper_sha256 TEXT NOT NULL,
    signed TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    kind TEXT NOT NULL,
    copies TEXT NOT NULL,
    reason TEXT NOT NULL,
    data TEXT NOT NULL,
    signed TEXT NOT NULL
) STRICT;
CREATE TABLE files (
    path TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    signed TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""
_ACCOMMODATIONS = """
CREATE TABLE printed_for (
    code TEXT PRIMARY KEY,
    large_print INTEGER NOT NULL,
    extra_minutes INTEGER NOT NULL,
    paper_color TEXT NOT NULL,
    signed TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE accommodations (
    registration_number TEXT PRIMARY KEY,
    large_print INTEGER NOT NULL,
    extra_minutes INTEGER NOT NULL,
    paper_color TEXT NOT NULL,
    signed TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""
TABLES = _TABLES_2 + _ACCOMMODATIONS
"""What a ledger of this version has."""

UNKNOWN_TIME = ""
"""The first schema did not say when."""


def migrate(database: sqlite3.Connection, schema: int, sign: Sign) -> None:
    """Brings a database from an earlier schema to the present one.

    Raises:
        KeyError: There is no way from this schema.
        sqlite3.Error: The database is not what its schema says.
    """
    while schema != SCHEMA:
        _STEPS[schema](database, sign)
        schema += 1


def _from_1(database: sqlite3.Connection, sign: Sign) -> None:
    """Copies and their holders were one table, and nothing said what the bank was."""
    old = ("batch", "copies", "key_revisions")
    rows = {name: database.execute(f"SELECT * FROM {name}").fetchall() for name in old}
    for name in reversed(old):
        database.execute(f"DROP TABLE {name}")
    database.executescript(_TABLES_2)
    [(_, exam, digits, check, bank, inputs)] = rows["batch"]
    write_row(database, "batch", (2, exam, digits, check, bank, inputs, "{}"), sign)
    numbers = 0
    for code, room, spare, number, last, first, seat, active, record, mark, *rest in rows["copies"]:
        known = bank if active else ""
        write_row(database, "copies", (code, room, spare, active, record, mark, known, *rest), sign)
        if number is not None:
            until = "" if active else "before this schema"
            bound = (code, number, last, first, seat, UNKNOWN_TIME, "roster", until)
            numbers += 1
            write_row(database, "bindings", (numbers, *bound), sign)
    for row in rows["key_revisions"]:
        write_row(database, "key_revisions", row, sign)


def _from_2(database: sqlite3.Connection, sign: Sign) -> None:
    """All papers were of one size, and all students had the same time."""
    database.executescript(_ACCOMMODATIONS)


_STEPS: Mapping[int, Callable[[sqlite3.Connection, Sign], None]] = {1: _from_1, 2: _from_2}


def write_row(database: sqlite3.Connection, table: str, row: Sequence[Value], sign: Sign) -> None:
    """Writes a row with its signature behind it, in place of one with the same key."""
    signed = sign(table, row)
    places = ", ".join("?" * (len(row) + 1))
    database.execute(f"INSERT OR REPLACE INTO {table} VALUES ({places})", (*row, signed))
