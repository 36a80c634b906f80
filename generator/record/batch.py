"""A batch that was built, opened again: yesterday's, or that of two years ago.

It needs nothing but the folder of the batch. The bank is read from the texts that the ledger has
kept, not from the bank's files, which may have been edited, moved or lost since.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam
from generator.compose.key_data import key_document
from generator.errors import Complaint, InputError
from generator.exact.secret import SECRET_FILE, Secret, load_secret
from generator.record.copy import Binding, Copy, Event, Holder, Reprint
from generator.record.ledger import EXAMINER, LEDGER_FILE, Ledger
from generator.record.record import solve_recorded
from generator.solve.solve import Solution

BANK, CLASS_FILES = "bank/", "latex/"
"""What the names of a batch's sources begin with."""


class Batch:
    """A batch, read only. Use it as a context, or close it.

    Attributes:
        folder: The batch's, with ``examiner/`` in it.
        secret: The secret of the batch.
        ledger: What is recorded, for what is not asked here.
    """

    def __init__(self, folder: Path, secret: Secret, ledger: Ledger) -> None:
        self.folder = folder
        self.secret = secret
        self.ledger = ledger

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the ledger."""
        self.ledger.close()

    # The exam.

    @property
    def exam_id(self) -> str:
        """The exam's id; known also where the bank is not."""
        return self.ledger.exam

    @cached_property
    def exam(self) -> Exam:
        """The exam as the batch was made of it.

        Raises:
            InputError: A version of the program built the batch that did not keep the bank.
        """
        with tempfile.TemporaryDirectory(prefix="exam-variants-") as folder:
            self.write_sources(Path(folder))
            bank = Path(folder) / BANK
            return load_exam(
                bank / str(self.facts["exam_file"]), Path(folder) / CLASS_FILES / "figures"
            )

    def write_sources(self, folder: Path) -> None:
        """Writes the bank into ``bank/`` of a folder, the class and the figures into ``latex/``.

        Raises:
            InputError: See `exam`.
        """
        sources = self.ledger.sources
        if not sources:
            message = (
                "was built by a version that did not keep the bank: build it once with this "
                "version and its own bank, then nothing else is needed"
            )
            raise InputError([Complaint(str(self.folder), 0, 0, "", message)])
        for name, content in sources.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    @property
    def facts(self) -> Mapping[str, Any]:
        """What else the batch was made of: versions, the page plan, the layout."""
        return self.ledger.facts

    @property
    def layout(self) -> Any:
        """Where the boxes of every page are, as in ``layout.json``; None if it is not known."""
        return self.facts.get("layout")

    # Copies.

    def codes(self) -> list[str]:
        """The codes of all copies that were not withdrawn, in order."""
        return self.ledger.codes()

    def copy(self, code: str) -> Copy:
        """A copy by its code, or by that of one of its reprints.

        Raises:
            InputError: There is none.
        """
        try:
            return self.ledger[code.partition(".")[0] if code in self.reprints else code]
        except KeyError:
            message = f"there is no copy {code}"
            raise InputError([Complaint(str(self.folder), 0, 0, "", message)]) from None

    def mark(self, code: str) -> str:
        """The record's mark, as paper and key of a copy print it."""
        return self.copy(code).mark

    def solutions(self, code: str) -> dict[str, Solution]:
        """Problem id to what was drawn for a copy and how it is solved."""
        return solve_recorded(self.exam, self.copy(code))

    def key(self, code: str) -> dict[str, Any]:
        """The key of a copy as data, as ``keys/E0312.json`` has it."""
        copy = self.copy(code)
        solutions = solve_recorded(self.exam, copy)
        return key_document(self.exam, copy.code, copy.mark, copy.key_revision, solutions)

    # People, and what happened.

    def holder(self, code: str) -> Holder | None:
        """Who has a copy; None for one that nobody has yet."""
        return self._holders.get(self.copy(code).code)

    @cached_property
    def _holders(self) -> Mapping[str, Holder]:
        return self.ledger.holders()

    def bindings(self) -> list[Binding]:
        """Who has which copy, by code."""
        return self.ledger.bindings()

    def room(self, code: str) -> str | None:
        """The room that a copy was printed for."""
        return self.copy(code).room

    def seat(self, code: str) -> str:
        """The seat of who has a copy; empty where it is not known."""
        holder = self.holder(code)
        return holder.seat if holder is not None else ""

    @property
    def events(self) -> list[Event]:
        """What happened, in order."""
        return self.ledger.events

    @property
    def reprints(self) -> Mapping[str, Reprint]:
        """Reprints by their codes."""
        return self.ledger.reprints


def open_batch(folder: Path | str) -> Batch:
    """Opens a batch that was built.

    Args:
        folder: The batch's, ``OUT/<exam id>``; only ``examiner/ledger.sqlite`` and
            ``examiner/secret.key`` in it are needed.

    Raises:
        InputError: There is no batch, or its files were changed.
    """
    folder = Path(folder)
    examiner = folder / EXAMINER
    for name in (LEDGER_FILE, SECRET_FILE):
        if not (examiner / name).exists():
            message = "is missing: expected the folder of a batch that was built, OUT/<exam id>"
            raise InputError([Complaint(str(examiner / name), 0, 0, "", message)])
    secret = load_secret(examiner / SECRET_FILE)
    return Batch(folder, secret, Ledger(examiner / LEDGER_FILE, None, secret))
