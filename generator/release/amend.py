"""Changes of what is recorded without a build: sealing, bindings. Papers and keys stay as they are.

The ledger and the manifest are replaced together, like those of a build.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from generator.errors import Complaint, InputError
from generator.exact.secret import SECRET_FILE, load_secret
from generator.record.ledger import LEDGER_FILE, Ledger
from generator.release.handed_over import check_agreement
from generator.release.place import EXAMINER, MANIFEST, Place
from generator.release.recipients import manifest


@contextmanager
def amending(place: Place, exam_id: str) -> Iterator[Ledger]:
    """The ledger of a batch, to be changed; it is released when the statement is left.

    Nothing is written if the body fails, or leaves no event.

    Raises:
        InputError: There is no batch, it is being built, or its files were changed.
    """
    check_built(place)
    with place.lock():
        place.roll_forward()
        secret = load_secret(place.examiner / SECRET_FILE)
        working = place.work / LEDGER_FILE
        ledger = Ledger(place.examiner / LEDGER_FILE, exam_id, secret, working)
        with closing(ledger):
            check_agreement(ledger, place.examiner / MANIFEST)
            before = len(ledger.events)
            yield ledger
            if len(ledger.events) > before:
                _release(place, ledger)


def check_built(place: Place) -> None:
    """Whether there is a batch.

    Raises:
        InputError: There is none.
    """
    for name in (LEDGER_FILE, SECRET_FILE):
        if not (place.examiner / name).exists():
            message = "is missing: build this exam first, or say with OUT= where its batch is"
            raise InputError([Complaint(str(place.examiner / name), 0, 0, "", message)])


def _release(place: Place, ledger: Ledger) -> None:
    folder = place.begin(()) / EXAMINER
    ledger.save(folder / LEDGER_FILE)
    (folder / MANIFEST).write_bytes(manifest(_pages(place, ledger), ledger))
    (folder / MANIFEST).chmod(0o600)
    place.commit()


def _pages(place: Place, ledger: Ledger) -> int:
    """Pages of a paper; earlier versions have them in the manifest alone."""
    if "plan" in ledger.facts:
        return len(ledger.facts["plan"])
    path: Path = place.examiner / MANIFEST
    try:
        return int(json.loads(path.read_text("utf-8"))["copies"][0]["pages"])
    except (OSError, ValueError, LookupError, TypeError):
        message = "cannot be read, and the ledger of an earlier version needs it: build again"
        raise InputError([Complaint(str(path), 0, 0, "", message)]) from None
