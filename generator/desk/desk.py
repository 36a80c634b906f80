"""The desk behind its pages: the batch, the people, the marks, and what is noted of it all."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Final, TextIO

from argon2 import PasswordHasher

from generator.desk.embargo import Clock, waits_until
from generator.desk.library import Library
from generator.desk.live import Hub
from generator.desk.log_notes import Notes
from generator.desk.people import People, Person
from generator.desk.rate_limits import RateLimits
from generator.errors import Complaint, InputError
from generator.files.whole import lock
from generator.marks.marked_papers import Papers
from generator.marks.store import Marks
from generator.record.batch import Batch

PEOPLE_FILE: Final = "people.sqlite"
FOLDER: Final = "desk"
"""Below the batch's folder; no build replaces it."""
RECORDING: Final = "recording"


class Desk:
    """One desk on one batch.

    Attributes:
        library: The keys.
        people: Who may use it.
        marks: What they have marked, and the audit log.
        hub: Tells pages what others do.
        clock: What time it is.
        used_comments: Part id to the comments that were given there, most used first.
        secure: Whether it is reached by TLS, so that cookies are for TLS alone.
        proxied: Whether a proxy stands before it, which says who is asking.
        root: The path of the host below which that has it, such as ``/desk``; else empty.
    """

    def __init__(
        self,
        batch: Path,
        *,
        clock: Clock = time.time,
        secure: bool = False,
        proxied: bool = False,
        root: str = "",
        hasher: PasswordHasher | None = None,
    ) -> None:
        """Opens a desk.

        Args:
            hasher: Of passwords, see `People`.

        Raises:
            InputError: There is no batch, or another desk is open on it.
        """
        self._lock = _lock(batch)
        try:
            self.library = Library(batch, self._take)
            self.people = open_people(batch, hasher)
            self.marks = Marks.of(self.library.batch)
        except BaseException:
            self._lock.close()
            raise
        self._notes = Notes(self.marks.audit)
        self.hub = Hub()
        self.limits = RateLimits()
        self.clock = clock
        self.secure = secure
        self.proxied = proxied
        self.root = root
        self.used_comments: dict[str, list[str]] = {}
        self.key = secrets.token_bytes(32)

    def close(self) -> None:
        """Lets go of all files."""
        self._notes.close()
        self.marks.close()
        self.people.close()
        self.library.close()
        self._lock.close()

    def _take(self, batch: Batch) -> None:
        """A build has replaced the batch: what can be marked may be another."""
        self.marks.papers = Papers.of(batch)

    async def note(self, kind: str, who: str, about: str) -> None:
        """Adds a line to the audit log; it is on the disk when this returns."""
        await self._notes.add(kind, who, about)

    @property
    def recording(self) -> bool:
        """Whether the examiner has switched recording on."""
        return self.people.setting(RECORDING) == "on"

    def waits(self) -> str:
        """Until when no key may be seen, as people write it; empty if they may be seen."""
        exam = self.library.exam
        until = waits_until(exam, self.library.batch.ledger, self.clock())
        if until is None:
            return ""
        return f"{exam.conventions.catalogue.date(until.date())}, {until:%H:%M}"


def _lock(batch: Path) -> TextIO:
    try:
        return lock(batch / FOLDER, wait=False)
    except BlockingIOError:
        message = "another desk is open on this batch: use that one, or end it first"
        raise InputError([Complaint(str(batch), 0, 0, "", message)]) from None


def open_people(batch: Path, hasher: PasswordHasher | None = None) -> People:
    """The people of a batch's desk; commands use them while the desk is running."""
    folder = batch / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return People(folder / PEOPLE_FILE, hasher)


def problems_of(person: Person, desk: Desk) -> list[str]:
    """The problems whose keys are for a person, in the order of the exam."""
    return [it.id for it in desk.library.exam.problems if person.may(it.id)]
