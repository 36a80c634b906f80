"""Who signed in, looked up, downloaded, marked, and what was refused: entries that are only added.

Each entry carries an HMAC-SHA256 over the digest of the one before it and its own content, under a
key of the batch's secret: a chain (Schneier, Kelsey 1999, *Secure audit logs to support computer
forensics*). So an entry that was altered, deleted or moved is found. That the end was cut off does
not show in the chain: the digest of the newest entry is kept in a file elsewhere.
"""

from __future__ import annotations

import hmac
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from generator.errors import Complaint, InputError
from generator.exact.secret import fields_digest
from generator.files.whole import write_whole
from generator.marks.database import Database

HEAD_FILE = "audit-head.json"
_BEGIN = b""
"""What stands for the digest before the first entry."""


@dataclass(frozen=True)
class Entry:
    """Something that somebody did or saw.

    Attributes:
        number: From 1, without gaps.
        at: ISO 8601 in UTC.
        kind: ``sign-in``, ``look-up``, ``download``, ``mark``, ``refusal``, and so on.
        who: The corrector; empty for somebody who did not sign in.
        about: What was seen or done: a copy's code, mostly.
        data: What else there is to know.
    """

    number: int
    at: str
    kind: str
    who: str
    about: str
    data: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The entry as JSON data."""
        return {
            "number": self.number,
            "at": self.at,
            "kind": self.kind,
            "who": self.who,
            "about": self.about,
            "data": dict(self.data),
        }


def moment() -> str:
    """Now, as ISO 8601 in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class AuditLog:
    """The log of a batch, in the database of its marks."""

    def __init__(self, database: Database, key: bytes, head: Path) -> None:
        """Opens the log.

        Args:
            key: See `Secret.audit_key`.
            head: The file that keeps the newest digest.
        """
        self._database = database
        self._key = key
        self._head = head

    def append(
        self, kind: str, who: str, about: str, data: Mapping[str, str] | None = None
    ) -> Entry:
        """Adds an entry; it is on the disk when this returns."""
        with self._database.writing() as writer:
            entry, digest = self.add(writer, kind, who, about, data or {})
        self.keep_head(entry.number, digest)
        return entry

    def append_all(self, lines: Sequence[tuple[str, str, str]]) -> None:
        """Adds entries (kind, who, about) in one commit; all or none are on the disk then."""
        with self._database.writing() as writer:
            added = [self.add(writer, kind, who, about, {}) for kind, who, about in lines]
        if added:
            entry, digest = added[-1]
            self.keep_head(entry.number, digest)

    def add(
        self,
        writer: sqlite3.Connection,
        kind: str,
        who: str,
        about: str,
        data: Mapping[str, str],
    ) -> tuple[Entry, bytes]:
        """Adds an entry in a transaction of the caller, who calls `keep_head` after it.

        Returns:
            The entry and its digest.
        """
        query = "SELECT number, digest FROM audit ORDER BY number DESC LIMIT 1"
        last, before = next(writer.execute(query), (0, _BEGIN))
        entry = Entry(last + 1, moment(), kind, who, about, data)
        digest = _digest(self._key, before, entry)
        writer.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", (*_row(entry), digest))
        return entry, digest

    def keep_head(self, number: int, digest: bytes) -> None:
        """Keeps the newest digest elsewhere. An older one does no harm: it is in the chain."""
        signed = fields_digest(self._key, "head", number, digest).hex()
        data = {"number": number, "digest": digest.hex(), "signed": signed}
        self._head.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(self._head, json.dumps(data).encode())

    def entries(self) -> list[Entry]:
        """All entries, as they are; `verify` says whether they are as they were written."""
        return [entry for entry, _ in _entries(self._database.reader)]

    def verify(self) -> list[Entry]:
        """All entries, if they are as they were written.

        Raises:
            InputError: Each place where the chain breaks, or that its end was cut off.
        """
        found = list(_entries(self._database.reader))
        complaints = [*self._breaks(found), *self._cut(found)]
        if complaints:
            file = str(self._database.path)
            raise InputError([Complaint(file, 0, 0, where, it) for where, it in complaints])
        return [entry for entry, _ in found]

    def _breaks(self, found: list[tuple[Entry, bytes]]) -> Iterator[tuple[str, str]]:
        before, expected = _BEGIN, 1
        for entry, digest in found:
            where = f"entry {entry.number} of the audit log"
            if entry.number != expected:
                yield where, f"expected entry {expected} here: entries were deleted, or moved"
            elif not hmac.compare_digest(_digest(self._key, before, entry), digest):
                yield where, "is not as it was written, or does not stand where it was written"
            before, expected = digest, entry.number + 1

    def _cut(self, found: list[tuple[Entry, bytes]]) -> Iterator[tuple[str, str]]:
        """Whether the newest entry that is known elsewhere is there."""
        try:
            data = json.loads(self._head.read_text("utf-8"))
            number, digest = int(data["number"]), bytes.fromhex(data["digest"])
            signed = str(data["signed"])
        except FileNotFoundError:
            if found:
                yield self._head.name, "is missing, so nobody can tell whether the end was cut off"
            return
        except (OSError, ValueError, LookupError, TypeError):
            yield self._head.name, "cannot be read, so nobody can tell whether the end was cut off"
            return
        if not hmac.compare_digest(fields_digest(self._key, "head", number, digest).hex(), signed):
            yield self._head.name, "was not written by this program, or for another batch"
        elif number > len(found):
            yield "the end of the audit log", f"was cut off: {len(found)} of {number} entries"
        elif found[number - 1][1] != digest:
            yield f"entry {number} of the audit log", f"is not the one that {self._head} knows"


def _digest(key: bytes, before: bytes, entry: Entry) -> bytes:
    return fields_digest(key, before, *_row(entry))


def _row(entry: Entry) -> tuple[int, str, str, str, str, str]:
    data = json.dumps(dict(entry.data), ensure_ascii=False, sort_keys=True)
    return entry.number, entry.at, entry.kind, entry.who, entry.about, data


def _entries(reader: sqlite3.Connection) -> Iterator[tuple[Entry, bytes]]:
    rows = reader.execute("SELECT * FROM audit ORDER BY number")
    for number, at, kind, who, about, data, digest in rows:
        try:
            known = {str(name): str(value) for name, value in json.loads(data).items()}
        except (ValueError, AttributeError):
            known = {"damaged": data}
        yield Entry(number, at, kind, who, about, known), digest
