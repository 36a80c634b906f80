"""Stage 10, release: stages what each recipient gets, and hands all of it over at once.

Finished copies come from the shelf, or from where they were released before. What other modules add
to a folder while it is staged, lists and tickets, is found there: it gets its line in SHA256SUMS
and in the ledger without being named here.
"""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from generator.bank.exam import Exam
from generator.compose.key_data import KEY_HEADER, key_json, key_rows
from generator.exact.secret import Secret
from generator.files.csv_table import csv_line, write_csv
from generator.files.whole import files_below, link, sha256_of
from generator.record.copy import Copy
from generator.record.ledger import EXAMINER, LEDGER_FILE, KnownFile, Ledger
from generator.release import recipients
from generator.release.finished import Shelf
from generator.release.handed_over import is_same, known_file, strays_in
from generator.release.kept import drop_others, in_pieces
from generator.release.papers import TICKET, Paper, content_of, made_of, office_papers, shop_papers
from generator.release.place import (
    LEDGER_HEAD,
    MANIFEST,
    PRIVATE,
    RECIPIENTS,
    Place,
    kept_folder,
)
from generator.release.print_run import Run, digest_of_run, make_run
from generator.release.written_lists import check_binding, check_keys, check_tickets
from generator.work.pool import Beside
from generator.work.progress import Counter

REPORT_FILE = "report.html"
WITHDRAWN = "withdrawn"
CARDS = "correctors/cards"
PROOF_FILE = "print-shop/proof.pdf"


def copy_names(code: str) -> tuple[str, str, str]:
    """Paths of paper, key and data of a copy, below the batch's folder."""
    key = f"correctors/keys/{code}"
    return f"print-shop/papers/{code}.pdf", f"{key}.pdf", f"{key}.json"


def copy_paths(folder: Path, copy: Copy) -> tuple[Path, Path, Path]:
    """Where paper, key and data of a copy are, in a released or a staged exam."""
    paper, key, data = copy_names(copy.code)
    return Path(f"{folder}/{paper}"), Path(f"{folder}/{key}"), Path(f"{folder}/{data}")


def _close(path: str, mode: int) -> None:
    """Sets the mode of a file; most have been handed over before, and have it."""
    if stat.S_IMODE(os.stat(path).st_mode) != mode:
        os.chmod(path, mode)


def _call(_: object, work: partial[str]) -> str:
    """What processes do beside this one."""
    return work()


class Handover:
    """The release of one batch.

    Attributes:
        sums: Path below the batch's folder to digest of what is staged, as far as it is known.
        aside: Paths below the batch's folder of files that others had put there, or edited.
        kept: Name of the folder beside the recipients' that takes these.
    """

    def __init__(
        self,
        exam: Exam,
        ledger: Ledger,
        place: Place,
        shelf: Shelf,
        sources: Mapping[str, tuple[Path, ...]],
        reprints: Mapping[str, Path],
        secret: Secret,
    ) -> None:
        """Prepares.

        Args:
            sources: Code to where paper, key and data of a copy are to be taken from; of those that
                are not named, from the shelf.
            reprints: Code of each reprint to where its paper is.
        """
        self.exam = exam
        self.ledger = ledger
        self.place = place
        self.shelf = shelf
        self.sources = sources
        self.reprints = reprints
        self.secret = secret
        self._started: dict[str, Callable[[], str]] = {}
        self.kept_runs = place.work / "runs"
        self.kept_papers = place.work / "papers"
        self.sums: dict[str, str] = {}
        self.staging = place.staging
        self.aside: list[str] = []
        self.kept = ""

    def begin(self) -> None:
        """Makes the folders of all recipients, with papers, keys and data."""
        self.staging = self.place.begin()
        for folder in ("print-shop/papers", "print-shop/runs", "correctors/keys"):
            (self.staging / folder).mkdir()
        self.kept_runs.mkdir(exist_ok=True)
        for copy in self.ledger.active():
            self._copy(copy)
        for code, source in self.reprints.items():
            link(source, self.staging / "print-shop" / "papers" / f"{code}.pdf")

    def start_runs(self, runs: Sequence[Run], workers: Beside[Any]) -> None:
        """Lets the print runs be joined by others, from the staged papers."""
        shop = self.staging / "print-shop"
        making = (partial(make_run, self.exam.id, shop, self.kept_runs, run) for run in runs)
        names = (f"print-shop/runs/{run.file}" for run in runs)
        self.start(dict(zip(names, making, strict=True)), workers)

    def start(self, files: Mapping[str, partial[str]], workers: Beside[Any]) -> None:
        """Lets others write large files.

        Args:
            files: Path below the batch's folder to what writes a file there, and returns its
                SHA-256.
        """
        for name, writing in files.items():
            self._started[name] = workers.start(_call, writing)

    def stage(
        self,
        runs: Sequence[Run],
        own: Mapping[str, bytes],
        counter: Counter,
        fill: Callable[[Path, dict[str, str]], None],
    ) -> None:
        """Completes the folders of all recipients, and waits for what others write.

        Args:
            own: Name to content of what the examiner gets besides ledger and manifest.
            fill: Puts what else there is into the staged folder, and what it knows into the sums.
        """
        papers = dict(office_papers(self.exam, runs, self.ledger, self.secret))
        for name, content in own.items():
            (self.staging / EXAMINER / name).write_bytes(content)
        self._correctors(self.staging / "correctors")
        self._office(self.staging / "exam-office", papers)
        fill(self.staging, self.sums)
        self.aside = strays_in(self.place.folder, self.ledger.files)
        # What is written by now goes to the disk meanwhile: there is less to wait for at the end.
        threading.Thread(target=os.sync, daemon=True).start()
        for name, result in self._started.items():
            self.sums[name] = result()
            counter.add()
        self._keep(PROOF_FILE)
        shop = self.staging / "print-shop"
        sums = self._sums_of("print-shop")
        spares = self.ledger.spares()
        for name, content in shop_papers(self.exam, runs, spares, sums):
            (shop / name).write_bytes(content)
        ticket, jdf = ((shop / f"{TICKET}.{suffix}").read_bytes() for suffix in ("json", "jdf"))
        check_tickets(ticket, jdf, runs, spares, self.exam.pages)
        self.kept = kept_folder()

    def _keep(self, name: str) -> None:
        """Takes over a file that another command had added, if it is as it was then."""
        known, path = self.ledger.files.get(name), self.place.folder / name
        if known is not None and is_same(path, known):
            link(path, self.staging / name)

    def _copy(self, copy: Copy) -> None:
        sources = self.sources.get(copy.code) or self.shelf.paths(copy)
        for source, name, digest in zip(sources, copy_names(copy.code), copy.sums, strict=True):
            link(source, f"{self.staging}/{name}")
            self.sums[name] = digest

    def _correctors(self, folder: Path) -> None:
        kept, copies = self.place.work / "keys", self.ledger.active()
        with (folder / "keys.csv").open("wb") as file:
            file.write(csv_line(KEY_HEADER).encode())
            for _, content in in_pieces(kept, copies, [self.ledger.bank], self._key_lines):
                file.write(content)
        withdrawn = [code for code in self.ledger.withdrawn() if self._withdrawn_key(code)]
        if withdrawn:
            since = self._withdrawn_since()
            lines = ((code, since.get(code, "")) for code in withdrawn)
            write_csv(folder / "withdrawn.csv", ("code", "since"), lines)

    def _key_lines(self, copies: Sequence[Copy]) -> bytes:
        """The lines of some copies in the table of keys."""
        lines: list[str] = []
        for copy in copies:
            recorded = json.loads(copy.record)
            answers = (recorded[problem.id]["answers"] for problem in self.exam.problems)
            lines += map(csv_line, key_rows(copy.code, answers))
        content = "".join(lines).encode()
        check_keys(content, copies, [problem.id for problem in self.exam.problems])
        return content

    def _withdrawn_key(self, code: str) -> bool:
        """Keeps key and card of a copy that was withdrawn: its paper may lie in a stack."""
        copy = self.ledger[code]
        (_, key, data), (_, new_key, new_data) = (
            copy_paths(folder, copy) for folder in (self.place.folder, self.staging)
        )
        try:
            document: dict[str, Any] = json.loads(data.read_text("utf-8"))
            if sha256_of(key) != copy.key_sha256 or document["record"] != copy.mark:
                return False
        except (OSError, ValueError, LookupError, TypeError):
            return False
        link(key, new_key)
        new_data.write_bytes(key_json(document | {WITHDRAWN: True}))
        (self.staging / CARDS).mkdir(exist_ok=True)
        self._keep(f"{CARDS}/{code}.pdf")
        return True

    def _withdrawn_since(self) -> dict[str, str]:
        events = (event for event in self.ledger.events if event.kind == WITHDRAWN)
        return {code: event.time for event in events for code in event.copies}

    def _office(self, folder: Path, papers: Mapping[str, Paper]) -> None:
        """Puts the papers of the office, which are kept, into its folder."""
        rows = recipients.binding_rows(self.ledger)
        write_csv(folder / "binding.csv", recipients.BINDING_HEADER, rows)
        check_binding(folder / "binding.csv", self.ledger)
        for name, paper in papers.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            # No link: what people work in is not what the next build finds.
            path.write_bytes(content_of(self.kept_papers, paper))
        drop_others(self.kept_papers, set(map(made_of, papers.values())))

    def _sums_of(self, recipient: str) -> dict[str, str]:
        """Path below a staged folder to digest, of all that is in it."""
        sums = {}
        for name, entry in files_below(self.staging / recipient):
            full = f"{recipient}/{name}"
            if full not in self.sums:
                self.sums[full] = sha256_of(entry.path)
            sums[name] = self.sums[full]
        return sums

    def commit(self) -> None:
        """Writes sums, ledger and manifest, and releases all of it."""
        for name in RECIPIENTS:
            sums = recipients.sums_file(self._sums_of(name))
            (self.staging / name / recipients.SUMS).write_bytes(sums)
        self.ledger.files = dict(self._known())
        folder = self.staging / EXAMINER
        self.ledger.save(folder / LEDGER_FILE)
        (folder / LEDGER_HEAD).write_bytes(recipients.ledger_head(self.ledger))
        (folder / MANIFEST).write_bytes(recipients.manifest(self.exam.pages, self.ledger))
        self._close_to_others()
        self.place.commit(self.aside, self.kept)

    def _known(self) -> Iterator[tuple[str, KnownFile]]:
        for name, entry in files_below(self.staging):
            yield name, known_file(entry.path, self.sums.get(name))

    def _close_to_others(self) -> None:
        """Answers and personal data are for their owner alone."""
        for recipient in PRIVATE:
            for path, folders, files in os.walk(self.staging / recipient):
                for names, mode in ((folders, 0o700), (files, 0o600)):
                    for name in names:
                        _close(f"{path}/{name}", mode)

    def clear(self, runs: Sequence[Run]) -> None:
        """Forgets what is released now, and runs of earlier batches."""
        self.shelf.clear()
        drop_others(self.kept_runs, [digest_of_run(self.exam.id, run) for run in runs])
