"""Stage 10, release: a finished batch takes the place of the former one, whole or not at all.

The folders are staged on the same file system, synced, and renamed into place; ``manifest.json``
comes last. A marker says that the staging is complete: a release that was interrupted after it is
rolled forward first thing by the next build, one that was interrupted before it never happened.
``examiner/`` and ``reference/`` are never replaced; files in them are.

A folder that was handed over may have been worked in: what others put there, or edited, is moved
into a folder with the date beside it, as part of the same release.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from generator.bank.read.exam_file import read_exam_id
from generator.errors import Complaint, InputError
from generator.files.whole import lock
from generator.record.ledger import EXAMINER

RECIPIENTS = ("print-shop", "correctors", "exam-office")
ADDED = "added"
"""Single files that a release adds to folders, or replaces in them; below it their paths."""

PRIVATE = ("correctors", "exam-office", EXAMINER)
"""Folders with answers or personal data: for their owner alone, until they are handed over."""
MANIFEST = "manifest.json"
LEDGER_HEAD = "ledger-head.json"
"""How many events the ledger has that was released last."""
WORK = ".work"
_CACHE = ".cache"
"""No exam can have this id."""
_READY = "READY"
_ASIDE = "aside.json"
"""Which files are moved aside, and where to; it is whole before the release is ready."""
_NO_FILE = "is no file, but a pipe or a device; remove it"
_LOOKS_AGAIN_S = 0.1
"""Who waits for the lock looks so often whether it is free."""


class Place:
    """Where an exam's output, its staging and its caches are.

    Attributes:
        exam_id: Whose output it is.
        folder: ``OUT/<exam id>``, what people get.
        work: ``OUT/.work/<exam id>``, disposable.
        cache: ``OUT/.work/.cache``, disposable, shared by exams.
        scratch: For TeX runs of a build, empty when it begins.
    """

    def __init__(self, out: Path, exam_id: str) -> None:
        self.exam_id = exam_id
        self.folder = out / exam_id
        # Absolute, for TeX runs in folders of its own.
        self.work = out.absolute() / WORK / exam_id
        self.cache = out.absolute() / WORK / _CACHE
        self.scratch = self.work / "tex"
        self.staging = self.work / "staging"
        self._old = self.work / "replaced"

    @property
    def examiner(self) -> Path:
        """The folder of the ledger and the secret."""
        return self.folder / EXAMINER

    def begin(self, recipients: Collection[str] = RECIPIENTS) -> Path:
        """Makes an empty staging folder.

        Args:
            recipients: Whose folders are to be replaced; those of others stay, but for single files
                that are staged below `ADDED`.
        """
        _remove(self.staging)
        self.staging.mkdir(parents=True, mode=0o700)
        (self.staging / ADDED).mkdir()
        for name in (*recipients, EXAMINER):
            (self.staging / name).mkdir(mode=0o700 if name in PRIVATE else 0o777)
        return self.staging

    def commit(self, aside: Sequence[str] = (), kept: str = "") -> None:
        """Releases what is staged.

        Args:
            aside: Paths below the batch's folder that are moved aside, see `strays_in`.
            kept: Name of the folder that takes them, beside those of the recipients.
        """
        plan = {"aside": list(aside), "kept": kept}
        (self.staging / _ASIDE).write_text(json.dumps(plan), encoding="utf-8")
        os.sync()
        (self.staging / _READY).touch()
        _sync(self.staging)
        self._move()

    def check(self) -> None:
        """Whether every folder can be replaced by renaming, which a release does.

        Raises:
            InputError: One is a link, a file, or on another file system.
        """
        wrong = []
        device = os.stat(self.work).st_dev
        for path in (self.folder, *(self.folder / name for name in (*RECIPIENTS, EXAMINER))):
            if path.is_symlink():
                message = "is a link; expected a folder, which a build replaces: remove the link"
            elif path.exists() and not path.is_dir():
                message = "is in the way: it is a file, expected a folder"
            elif path.exists() and os.stat(path).st_dev != device:
                message = "is on another file system than the rest of the output; keep it on one"
            else:
                continue
            wrong.append(Complaint(str(path), 0, 0, "", message))
        wrong += (Complaint(str(path), 0, 0, "", _NO_FILE) for path in self._no_files())
        if wrong:
            raise InputError(wrong)

    def _no_files(self) -> Iterator[Path]:
        """Pipes and devices among what a build reads, which would wait or never end."""
        found = self.examiner.iterdir() if self.examiner.is_dir() else ()
        for path in sorted(found):
            if path.exists() and not path.is_dir() and not path.is_file():
                yield path

    @property
    def is_interrupted(self) -> bool:
        """Whether a release was interrupted, and waits to be finished."""
        return (self.staging / _READY).exists()

    def roll_forward(self) -> bool:
        """Finishes a release that was interrupted; tells whether there was one."""
        if not self.is_interrupted:
            return False
        self._move()
        return True

    def _move(self) -> None:
        """Renames everything into place; may be repeated after an interruption."""
        self.examiner.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.examiner.chmod(0o700)
        for name in RECIPIENTS:
            staged = self.staging / name
            if not staged.exists():
                continue
            target = self.folder / name
            if target.exists():
                _remove(self._old / name)
                self._old.mkdir(parents=True, exist_ok=True)
                target.rename(self._old / name)
            staged.rename(target)
        self._set_aside()
        self._add()
        files = sorted((self.staging / EXAMINER).iterdir(), key=lambda path: path.name == MANIFEST)
        for path in files:
            path.replace(self.examiner / path.name)
        _sync(self.folder)
        _sync(self.examiner)
        (self.staging / _READY).unlink()
        _remove(self.staging)
        _remove(self._old)

    def _set_aside(self) -> None:
        """Moves what others put into the replaced folders to where it is kept."""
        file = self.staging / _ASIDE
        if not file.exists():  # an earlier version staged it
            return
        plan: dict[str, Any] = json.loads(file.read_text("utf-8"))
        for name in plan["aside"]:
            target = self.folder / plan["kept"] / name
            if os.path.lexists(target):  # the release was interrupted behind it
                continue
            for source in (self._old / name, self.folder / name):
                if os.path.lexists(source):
                    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                    source.rename(target)
                    break

    def _add(self) -> None:
        """Puts single files into folders that are not replaced."""
        added = self.staging / ADDED
        for path in sorted(added.rglob("*")):
            if path.is_file():
                target = self.folder / path.relative_to(added)
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)

    @contextmanager
    def lock(self, patience_s: float = 0.0) -> Iterator[None]:
        """Keeps other commands for the same exam out.

        Args:
            patience_s: So long it waits for another one to end.

        Raises:
            InputError: Another command is at work.
        """
        with self._locked(time.monotonic() + patience_s):
            for folder in (self.work.parent, self.work):
                with suppress(PermissionError):  # somebody else's, who shares the output folder
                    folder.chmod(0o700)
            self.check()
            _remove(self.scratch)
            self.scratch.mkdir()
            yield

    def _locked(self, until: float) -> TextIO:
        while True:
            try:
                return lock(self.work, wait=False)
            except BlockingIOError:
                if time.monotonic() < until:
                    time.sleep(_LOOKS_AGAIN_S)
                    continue
                message = "a build or another command is at work on this exam; wait for its end"
                raise InputError([Complaint(str(self.folder), 0, 0, "", message)]) from None


def place_of(exam_file: Path, out: Path) -> Place:
    """Where the output of an exam is; its bank need not be whole for that.

    Raises:
        InputError: The file cannot be read, or has no exam id.
    """
    return Place(out, read_exam_id(exam_file))


def kept_folder() -> str:
    """Name of the folder that takes what is moved aside now."""
    return f"kept-{datetime.now(UTC):%Y%m%d-%H%M%S}"


def complete_interrupted(out: Path) -> list[str]:
    """Rolls forward what was interrupted, of all exams; it was decided when it was staged.

    Returns:
        The ids of these exams.
    """
    done = []
    for ready in sorted((out / WORK).glob(f"*/staging/{_READY}")):
        place = Place(out, ready.parent.parent.name)
        with place.lock():
            if place.roll_forward():
                done.append(ready.parent.parent.name)
    return done


def _remove(path: Path) -> None:
    if path.exists():
        shutil.rmtree(path)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
