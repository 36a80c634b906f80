"""Changes of a batch without a build: sealing, bindings, reprints.

Ledger, manifest and single files of recipients are replaced together, whole or not at all, as by a
build. All other files stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from generator.bank.exam import Exam
from generator.errors import Complaint, InputError
from generator.exact.secret import SECRET_FILE, Secret, load_secret
from generator.files.csv_table import write_csv
from generator.record.ledger import EXAMINER, LEDGER_FILE, KnownFile, Ledger
from generator.release.handed_over import check_agreement, is_same, known_file, sums_in
from generator.release.papers import content_of, office_papers
from generator.release.place import (
    ADDED,
    LEDGER_HEAD,
    MANIFEST,
    PRIVATE,
    Place,
    kept_folder,
)
from generator.release.print_run import plan_runs, run_seats
from generator.release.recipients import (
    BINDING_HEADER,
    SUMS,
    binding_rows,
    ledger_head,
    manifest,
    sums_file,
)
from generator.release.written_lists import check_binding

PATIENCE_S = 20.0
"""Two at the door give out copies at the same moment: one of them waits, and neither is refused."""


class Amendment:
    """A change of a batch.

    Attributes:
        ledger: To be changed; what is done is noted as an event.
        secret: The secret of the batch.
    """

    def __init__(self, place: Place, ledger: Ledger, secret: Secret) -> None:
        self.place = place
        self.ledger = ledger
        self.secret = secret
        self.staging = place.begin(())

    def path(self, name: str) -> Path:
        """Where to write a file that is added to a recipient's folder, or replaces one there.

        Args:
            name: Its path below the batch's folder.
        """
        path = self.staging / ADDED / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path

    def list_bindings(self) -> None:
        """Writes anew which copy is whose."""
        rows = binding_rows(self.ledger)
        path = self.path("exam-office/binding.csv")
        write_csv(path, BINDING_HEADER, rows)
        check_binding(path, self.ledger)

    def list_office(self, exam: Exam, secret: Secret) -> None:
        """Writes anew all that the exam office has of who has which copy."""
        self.list_bindings()
        runs = plan_runs(self.ledger.active(), run_seats(self.ledger), sheet=exam.sheet)
        for name, paper in office_papers(exam, runs, self.ledger, secret):
            content = content_of(self.place.work / "papers", paper)
            self.path(f"exam-office/{name}").write_bytes(content)

    def release(self) -> None:
        """Releases what is changed."""
        files = self.ledger.files
        added = self.staging / ADDED
        names = [it.relative_to(added).as_posix() for it in added.rglob("*") if it.is_file()]
        aside = [name for name in names if self._was_edited(name)]
        for name in names:
            files[name] = self._closed(name)
        for recipient in sorted({name.partition("/")[0] for name in names}):
            sums = sums_in(self.place.folder / recipient)
            own = {name: files[name].sha256 for name in names if name.startswith(f"{recipient}/")}
            lines = {name.partition("/")[2]: digest for name, digest in (sums | own).items()}
            self.path(f"{recipient}/{SUMS}").write_bytes(sums_file(lines))
            files[f"{recipient}/{SUMS}"] = self._closed(f"{recipient}/{SUMS}")
        folder = self.staging / EXAMINER
        self.ledger.save(folder / LEDGER_FILE)
        kept = {
            LEDGER_HEAD: ledger_head(self.ledger),
            MANIFEST: manifest(_pages(self.place, self.ledger), self.ledger),
        }
        for name, content in kept.items():
            (folder / name).write_bytes(content)
            (folder / name).chmod(0o600)
        self.place.commit(aside, kept_folder())

    def _was_edited(self, name: str) -> bool:
        path = self.place.folder / name
        if not path.exists():
            return False
        known = self.ledger.files.get(name)
        return known is None or not is_same(path, known)

    def _closed(self, name: str) -> KnownFile:
        """A staged file, open to its owner alone where it is about people or answers."""
        path = self.path(name)
        if name.partition("/")[0] in PRIVATE:
            path.chmod(0o600)
        return known_file(path)


@contextmanager
def amending(place: Place) -> Iterator[Amendment]:
    """A change of a batch, which is released when the statement is left.

    Nothing is written if the body fails, or leaves no event.

    Raises:
        InputError: There is no batch, it is being built, or its files were changed.
    """
    check_built(place)
    with place.lock(PATIENCE_S):
        place.roll_forward()
        secret = load_secret(place.examiner / SECRET_FILE)
        working = place.work / LEDGER_FILE
        ledger = Ledger(place.examiner / LEDGER_FILE, place.exam_id, secret, working)
        with closing(ledger):
            check_agreement(ledger, place.examiner / MANIFEST)
            before = len(ledger.events)
            amendment = Amendment(place, ledger, secret)
            yield amendment
            if len(ledger.events) > before:
                amendment.release()


def check_built(place: Place) -> None:
    """Whether there is a batch.

    Raises:
        InputError: There is none.
    """
    for name in (LEDGER_FILE, SECRET_FILE):
        if not (place.examiner / name).exists():
            message = "is missing: build this exam first, or say with OUT= where its batch is"
            raise InputError([Complaint(str(place.examiner / name), 0, 0, "", message)])


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
