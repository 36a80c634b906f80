"""Who may use the desk: people, their one-time links and passwords, and their sessions.

Nothing secret is kept: of a password its argon2 hash, of links and sessions the SHA-256 of a random
token. The examiner makes people on the command line, also while the desk is running.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from generator.errors import InputError
from generator.files.sqlite_errors import disk_errors

Role = Literal["examiner", "corrector", "door"]
"""``door`` gives out spare copies on the day of the exam, and sees no key."""

LINK_S: Final = 3 * 86_400
"""So long a one-time link holds."""
SESSION_S: Final = 12 * 3600
"""So long a session lasts, and `IDLE_S` without a request (ASVS 3.3.2: 12 hours, 30 minutes at
level 2 for what is idle; those who mark read papers for longer)."""
IDLE_S: Final = 2 * 3600
LEAST_PASSWORD: Final = 12
"""Characters of a password (ASVS 2.1.1)."""
MOST_PASSWORD: Final = 128


def why_no_password(name: str, password: str) -> str:
    """Why something is no password of a person; empty if it is one."""
    if LEAST_PASSWORD <= len(password) <= MOST_PASSWORD and password != name:
        return ""
    return f"a password has {LEAST_PASSWORD} to {MOST_PASSWORD} characters and is not the name"


_TABLES = """
CREATE TABLE IF NOT EXISTS people (
  name TEXT PRIMARY KEY, role TEXT NOT NULL, problems TEXT NOT NULL, password TEXT NOT NULL,
  ended INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS links (
  token TEXT PRIMARY KEY, name TEXT NOT NULL, until REAL NOT NULL, used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS sessions (
  token TEXT PRIMARY KEY, name TEXT NOT NULL, since REAL NOT NULL, last REAL NOT NULL,
  ended INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Person:
    """Somebody who may use the desk.

    Attributes:
        problems: The ids of those that a corrector marks; empty for all.
        ended: The examiner has taken the access back.
    """

    name: str
    role: Role
    problems: tuple[str, ...] = ()
    ended: bool = False

    @property
    def is_at_door(self) -> bool:
        """Whether they may give out spare copies."""
        return self.role in {"examiner", "door"}

    @property
    def is_examiner(self) -> bool:
        """Whether it is the examiner, who may do what correctors may not."""
        return self.role == "examiner"

    def may(self, problem: str) -> bool:
        """Whether the key of a problem is for them."""
        if self.role == "door":
            return False
        return self.is_examiner or not self.problems or problem in self.problems


class People:
    """The people of a desk, in a file of its own; any thread may call."""

    def __init__(self, path: Path, hasher: PasswordHasher | None = None) -> None:
        """Opens the file, or makes it.

        Args:
            hasher: How costly it is to try passwords; RFC 9106's low-memory profile by default.
        """
        self._lock = threading.RLock()
        self._path = path
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        with disk_errors(path):
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(_TABLES)
        path.chmod(0o600)
        self._hasher = hasher or PasswordHasher()
        # Who does not exist takes as long as who has another password (ASVS 2.2.1).
        self._nobody = self._hasher.hash(secrets.token_hex())

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def _do(self, sql: str, *values: Any) -> list[Any]:
        with self._lock, disk_errors(self._path):
            return self._connection.execute(sql, values).fetchall()

    # People.

    def add(self, name: str, role: Role, problems: Sequence[str] = ()) -> None:
        """Adds a person, or changes the role and the problems of one.

        Raises:
            InputError: The name cannot be one.
        """
        if not name.strip() or name != name.strip() or len(name) > 60 or not name.isprintable():
            raise InputError(f"{name!r} is no name: expected 1 to 60 characters that are printed")
        self._do(
            "INSERT INTO people VALUES (?, ?, ?, '', 0) ON CONFLICT (name) "
            "DO UPDATE SET role = excluded.role, problems = excluded.problems, ended = 0",
            *(name, role, ",".join(problems)),
        )

    def all(self) -> list[Person]:
        """Everybody, by name."""
        rows = self._do("SELECT name, role, problems, ended FROM people ORDER BY name")
        return [_person(row) for row in rows]

    def person(self, name: str) -> Person | None:
        """A person who still has access; None if there is none of this name."""
        sql = "SELECT name, role, problems, ended FROM people WHERE name = ? AND NOT ended"
        rows = self._do(sql, name)
        return _person(rows[0]) if rows else None

    def known(self, name: str) -> Person:
        """A person, for commands.

        Raises:
            InputError: There is nobody of this name.
        """
        if (person := self.person(name)) is None:
            names = ", ".join(it.name for it in self.all() if not it.ended) or "nobody yet"
            raise InputError(f"nobody is called {name!r}; there are: {names}")
        return person

    def end(self, name: str, *, access: bool) -> None:
        """Ends the sessions and links of a person, and the access as well if that is wanted."""
        self._do("UPDATE sessions SET ended = 1 WHERE name = ?", name)
        self._do("UPDATE links SET used = 1 WHERE name = ?", name)
        if access:
            self._do("UPDATE people SET ended = 1, password = '' WHERE name = ?", name)

    # Passwords and links.

    def set_password(self, name: str, password: str) -> None:
        """Sets a password; the sessions of before are ended (ASVS 3.3.3).

        Raises:
            InputError: It is too short, too long, or is the name.
        """
        if why := why_no_password(name, password):
            raise InputError(why)
        self._do("UPDATE people SET password = ? WHERE name = ?", self._hash(password), name)
        self._do("UPDATE sessions SET ended = 1 WHERE name = ?", name)

    def _hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def check_password(self, name: str, password: str) -> Person | None:
        """The person whose password this is. Slow by intent: call it in a thread of its own."""
        rows = self._do("SELECT password FROM people WHERE name = ? AND NOT ended", name)
        known = rows[0][0] if rows and rows[0][0] else ""
        try:
            self._hasher.verify(known or self._nobody, password[:MOST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return None
        return self.person(name) if known else None

    def make_link(self, name: str, now: float, seconds: float = LINK_S) -> str:
        """The token of a link that signs a person in once."""
        token = secrets.token_urlsafe(32)
        self._do("INSERT INTO links VALUES (?, ?, ?, 0)", _digest(token), name, now + seconds)
        return token

    def link_state(self, token: str, now: float) -> str:
        """Whether a link is ``good``, ``used``, ``expired`` or ``unknown``."""
        rows = self._do("SELECT until, used FROM links WHERE token = ?", _digest(token))
        if not rows:
            return "unknown"
        until, used = rows[0]
        return "used" if used else "expired" if now > until else "good"

    def use_link(self, token: str, now: float) -> Person | None:
        """Who signs in by a link, which is used up then; None if it is not good."""
        with self._lock:
            if self.link_state(token, now) != "good":
                return None
            sql = "UPDATE links SET used = 1 WHERE token = ? AND used = 0 RETURNING name"
            rows = self._do(sql, _digest(token))
        return self.person(rows[0][0]) if rows else None

    # Sessions.

    def begin(self, name: str, now: float) -> str:
        """Begins a session; its token is for the cookie alone."""
        token = secrets.token_urlsafe(32)
        self._do("INSERT INTO sessions VALUES (?, ?, ?, ?, 0)", _digest(token), name, now, now)
        return token

    def session(self, token: str, now: float) -> Person | None:
        """Who has a session that still lasts; notes that it is in use."""
        sql = "SELECT name, since, last FROM sessions WHERE token = ? AND NOT ended"
        rows = self._do(sql, _digest(token))
        if not rows:
            return None
        name, since, last = rows[0]
        if now > since + SESSION_S or now > last + IDLE_S:
            return None
        if now > last + 60:
            self._do("UPDATE sessions SET last = ? WHERE token = ?", now, _digest(token))
        return self.person(name)

    def leave(self, token: str) -> None:
        """Ends a session."""
        self._do("UPDATE sessions SET ended = 1 WHERE token = ?", _digest(token))

    # What the examiner has switched.

    def setting(self, key: str) -> str:
        """A setting; empty where it was never made."""
        rows = self._do("SELECT value FROM settings WHERE key = ?", key)
        return str(rows[0][0]) if rows else ""

    def set(self, key: str, value: str) -> None:
        """Makes a setting."""
        self._do(
            "INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET "
            "value = excluded.value",
            *(key, value),
        )


def _person(row: Sequence[Any]) -> Person:
    name, role, problems, ended = row
    return Person(name, role, tuple(filter(None, problems.split(","))), bool(ended))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
