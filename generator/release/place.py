"""Stage 10, release: a finished batch takes the place of the former one, whole or not at all.

The folders are staged on the same file system, synced, and renamed into place; ``manifest.json``
comes last. A marker says that the staging is complete: a release that was interrupted after it is
rolled forward first thing by the next build, one that was interrupted before it never happened.
``examiner/`` and ``reference/`` are never replaced; files in them are.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.errors import Complaint, InputError
from generator.files.whole import lock

RECIPIENTS = ("print-shop", "correctors", "exam-office")
EXAMINER = "examiner"
MANIFEST = "manifest.json"
WORK = ".work"
_READY = "READY"


class Place:
    """Where an exam's output, its staging and its caches are.

    Attributes:
        folder: ``OUT/<exam id>``, what people get.
        work: ``OUT/.work/<exam id>``, disposable.
        cache: ``OUT/.work/cache``, disposable, shared by exams.
        scratch: For TeX runs of a build, empty when it begins.
    """

    def __init__(self, out: Path, exam_id: str) -> None:
        self.folder = out / exam_id
        # Absolute, for TeX runs in folders of its own.
        self.work = out.absolute() / WORK / exam_id
        self.cache = out.absolute() / WORK / "cache"
        self.scratch = self.work / "tex"
        self.staging = self.work / "staging"
        self._old = self.work / "replaced"

    @property
    def examiner(self) -> Path:
        """The folder of the ledger and the secret."""
        return self.folder / EXAMINER

    def begin(self) -> Path:
        """Makes an empty staging folder."""
        _remove(self.staging)
        for name in (*RECIPIENTS, EXAMINER):
            (self.staging / name).mkdir(parents=True)
        return self.staging

    def commit(self) -> None:
        """Releases what is staged."""
        os.sync()
        ready = self.staging / _READY
        ready.touch()
        _sync(self.staging)
        self._move()

    def roll_forward(self) -> bool:
        """Finishes a release that was interrupted; tells whether there was one."""
        if not (self.staging / _READY).exists():
            return False
        self._move()
        return True

    def _move(self) -> None:
        """Renames everything into place; may be repeated after an interruption."""
        self.examiner.mkdir(parents=True, exist_ok=True)
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
        files = sorted((self.staging / EXAMINER).iterdir(), key=lambda path: path.name == MANIFEST)
        for path in files:
            path.replace(self.examiner / path.name)
        _sync(self.folder)
        _sync(self.examiner)
        (self.staging / _READY).unlink()
        _remove(self.staging)
        _remove(self._old)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keeps a second build of the same exam out.

        Raises:
            InputError: Another build is running.
        """
        try:
            locked = lock(self.work, wait=False)
        except BlockingIOError:
            message = "another build of this exam is running; wait until it is done"
            raise InputError([Complaint(str(self.folder), 0, 0, "", message)]) from None
        with locked:
            _remove(self.scratch)
            self.scratch.mkdir()
            yield


def _remove(path: Path) -> None:
    if path.exists():
        shutil.rmtree(path)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
