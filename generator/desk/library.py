"""The batch as the desk reads it: opened again when a build has replaced it."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from generator.bank.exam import Exam
from generator.bank.problem import Problem
from generator.correct.errata import Erratum, errata
from generator.desk.key_view import ProblemView, view_problem
from generator.record.batch import Batch, open_batch
from generator.record.ledger import EXAMINER, LEDGER_FILE, REVISED, TEXTS_OF_KEY
from generator.record.record import solve_recorded
from generator.solve.solve import Solution

KEPT: Final = 600
"""So many solved copies are kept; one takes some 50 KB."""


class Library:
    """The keys of a batch.

    Attributes:
        folder: The batch's.
        replaced: How often a build has replaced the batch since the desk was started.
    """

    def __init__(self, folder: Path, replaced: Callable[[Batch], None] = lambda _: None) -> None:
        """Opens the batch.

        Args:
            replaced: Called with the batch that a build has put in place of the one before.
        """
        self.folder = folder
        self._when_replaced = replaced
        self.replaced = 0
        self._lock = threading.RLock()
        self._stamp = self._now()
        self._batch = open_batch(folder)
        self._forget()

    def close(self) -> None:
        """Lets go of the ledger."""
        self._batch.close()

    def _now(self) -> tuple[int, int]:
        found = os.stat(self.folder / EXAMINER / LEDGER_FILE)
        return found.st_ino, found.st_mtime_ns

    def _forget(self) -> None:
        self._solutions: OrderedDict[str, Mapping[str, Solution]] = OrderedDict()
        self._views: OrderedDict[tuple[str, str], ProblemView] = OrderedDict()
        self._pages: dict[int, tuple[str, ...]] = {}
        self._codes = tuple(self._batch.codes())
        for page in (self._batch.layout or {}).get("pages", ()):
            parts = dict.fromkeys(box["part"] for box in page["boxes"] if "part" in box)
            self._pages[page["number"]] = tuple(parts)

    @property
    def batch(self) -> Batch:
        """The batch as it is now.

        Raises:
            InputError: A build has left something that cannot be read.
        """
        with self._lock:
            if (stamp := self._now()) != self._stamp:
                batch = open_batch(self.folder)
                self._batch.close()
                self._batch, self._stamp = batch, stamp
                self.replaced += 1
                self._forget()
                self._when_replaced(batch)
            return self._batch

    @property
    def exam(self) -> Exam:
        """The exam as the batch was made of it."""
        return self.batch.exam

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all copies, in order."""
        self.batch  # noqa: B018  (may have been replaced)
        return self._codes

    def problem(self, problem_id: str) -> Problem | None:
        """A problem as the bank has it; None if there is none."""
        return next((it for it in self.exam.problems if it.id == problem_id), None)

    def parts_on(self, page: int) -> tuple[str, ...]:
        """The subproblems on a page of the papers."""
        self.batch  # noqa: B018
        return self._pages.get(page, ())

    def solutions(self, code: str) -> Mapping[str, Solution]:
        """Problem id to how it is solved on a copy."""
        with self._lock:
            batch = self.batch
            if code not in self._solutions:
                self._solutions[code] = solve_recorded(batch.exam, batch.copy(code))
                if len(self._solutions) > KEPT:
                    self._solutions.popitem(last=False)
            return self._solutions[code]

    def view(self, code: str, problem: Problem) -> ProblemView:
        """The key of a problem of a copy."""
        with self._lock:
            batch = self.batch
            key = (code, problem.id)
            if key not in self._views:
                copy = batch.copy(code)
                solution = self.solutions(code)[problem.id]
                self._views[key] = view_problem(batch.exam, copy, solution, problem)
                if len(self._views) > 2 * KEPT:
                    self._views.popitem(last=False)
            return self._views[key]

    def corrected(self) -> dict[tuple[str, str], str]:
        """Copy and subproblem whose answers a revision of the key has changed; and when, as
        ISO 8601."""
        return {
            (code, change.partition(" ")[0]): event.time
            for event in self.batch.ledger.events
            if event.kind == REVISED
            for change, codes in event.data.items()
            for code in codes
        }

    def reworded(self) -> dict[str, str]:
        """Copy of whose key a revision has changed nothing but texts; and when, as ISO 8601."""
        return {
            code: event.time
            for event in self.batch.ledger.events
            if event.kind == REVISED
            for code in event.data.get(TEXTS_OF_KEY, ())
        }

    def errata(self, code: str = "") -> list[Erratum]:
        """What revisions of keys have changed, of one copy or of all."""
        batch = self.batch
        codes = [batch.copy(code).code] if code else self._codes
        return errata(batch.ledger.changes, codes)
