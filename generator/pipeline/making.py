"""Papers and keys are made in chunks, by processes of this machine or by others."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from generator.bank.exam import Exam
from generator.errors import Complaint, InputError
from generator.files.whole import sums_of
from generator.pipeline.chunks import Chunks, chunks_of
from generator.pipeline.made_of import made_digest
from generator.record.copy import Copy
from generator.record.ledger import Ledger
from generator.release.finished import Shelf
from generator.release.place import Place
from generator.roster import Roster
from generator.verify.leaks import Forbidden, Person, forbid
from generator.work.progress import Counter, Progress

# What makes and reads pages is imported where it is needed: most builds find that nothing has
# changed, and that it takes half of their time.
if TYPE_CHECKING:
    from generator.pipeline.worker import Producer
    from generator.pipeline.workshop import Workshop
    from generator.typeset.press import Press

BYTES_PER_COPY = 600_000
FEW = 10
"""So many are made by one process, beside which this one does other work."""


@dataclass(frozen=True)
class _Bench:
    """What worker processes make copies with, and where they put them."""

    producer: Producer
    shelf: Shelf


def _produce(bench: _Bench, copies: Sequence[Copy]) -> tuple[list[Copy], Mapping[str, float]]:
    """Puts finished copies on the shelf; returns them with their digests, and the stages' CPU."""
    producer = bench.producer
    return [bench.shelf.put(produced) for produced in producer.produce(copies)], producer.cpu


@dataclass(frozen=True)
class Setup:
    """What a process makes a bench of, so that this one need not read fonts and pages."""

    workshop: Workshop
    press: Press
    people: Sequence[Person]
    scratch: Path
    shelf: Shelf


def produce_with(setup: Setup, copies: Sequence[Copy]) -> tuple[list[Copy], Mapping[str, float]]:
    """Makes a few copies; see `_produce`."""
    from generator.pipeline.worker import Producer

    forbidden = forbid(setup.workshop.exam, setup.people)
    producer = Producer(setup.workshop, setup.press, forbidden, setup.scratch)
    return _produce(_Bench(producer, setup.shelf), copies)


Made: TypeAlias = Callable[[], tuple[Sequence[Copy], Mapping[str, float]]]
"""Waits for copies that another process makes; gives them, and the stages' CPU."""


class CopyMaker:
    """Makes the copies that are not there yet, and puts them on the shelf.

    Attributes:
        sources: Code of each copy that was released and is whole to its files.
        reprints: Code of each reprint to its paper.
        cpu: Stage in worker processes to its CPU time, in seconds.
    """

    def __init__(
        self,
        exam: Exam,
        roster: Roster,
        place: Place,
        ledger: Ledger,
        shelf: Shelf,
        chunks: Chunks,
        scheduler: str | None,
        progress: Progress,
    ) -> None:
        self._exam, self._roster, self._place = exam, roster, place
        self._ledger, self._shelf, self._chunks = ledger, shelf, chunks
        self._scheduler, self._progress = scheduler, progress
        self.sources: dict[str, tuple[Path, ...]] = {}
        self.reprints: dict[str, Path] = {}
        self.cpu: dict[str, float] = {}
        self._new: list[str] = []
        self._same: list[str] = []

    def compare(self, press: Press) -> None:
        """Looks which copies are to be made, and which were made of the same before."""
        self._shelf.open()
        self._new, self._same = [], []
        for copy in self._ledger.active():
            made = made_digest(press, copy)
            if made == copy.made and all(
                copy.sums
            ):  # else it failed, and the next draw is the same
                self._same.append(copy.code)
            elif not self._is_on_shelf(replace(copy, made=made)):
                self._new.append(copy.code)

    @property
    def are_few(self) -> bool:
        """Whether one process makes what is new, while this one does other work."""
        return self._scheduler is None and 0 < len(self._new) <= FEW

    def setup(self, workshop: Workshop, press: Press) -> Setup:
        """What `produce_with` needs."""
        check_space(self._place, len(self._new))
        people = list(_people(self._roster))
        return Setup(workshop, press, people, self._place.scratch, self._shelf)

    def few(self) -> list[Copy]:
        """The copies that are to be made, for `produce_with`."""
        return self._chunks.read(self._new)

    def make(self, workshop: Workshop, press: Press, *, are_made: bool = False) -> int:
        """Makes what is missing; returns how many copies that were.

        Args:
            are_made: What is new is made beside this, see `take`.
        """
        new = [] if are_made else self._new
        lost = self._lost(self._same)
        missing = [*new, *lost, *self._reprints_to_make()]
        check_space(self._place, len(missing))
        if missing:
            with self._progress.stage("typeset", len(missing)) as counter:
                for copies, cpu in self._finished(workshop, press, missing):
                    self._take(copies, cpu, counter)
        return len(missing) + len(self._new) - len(new)

    def take(self, made: Made) -> None:
        """Waits for a few copies, and takes them down."""
        with self._progress.stage("typeset", len(self._new)) as counter:
            self._take(*made(), counter)

    def _is_on_shelf(self, wanted: Copy) -> bool:
        """Records what a copy is to be, with its digests if it is finished already."""
        found = self._shelf.find(wanted)
        self._ledger.put(found or wanted)
        return found is not None

    def _lost(self, codes: Sequence[str]) -> list[str]:
        """Copies that are not there any more as they were released; of others, where they are."""
        from generator.release.handover import copy_paths

        lost = []
        for code in codes:
            copy = self._ledger[code]
            released = copy_paths(self._place.folder, copy)
            if copy.sums == sums_of(released):  # still what was verified
                self.sources[code] = released
            elif not self._is_on_shelf(copy):
                lost.append(code)
        return lost

    def _take(self, copies: Sequence[Copy], cpu: Mapping[str, float], counter: Counter) -> None:
        """Takes down what was finished."""
        for copy in copies:
            self._keep(copy)
        for stage, spent in cpu.items():
            self.cpu[stage] = self.cpu.get(stage, 0.0) + spent
        counter.add(len(copies))

    def _reprints_to_make(self) -> list[str]:
        """Reprints whose papers are not there, or not those of their copies any more."""
        active = set(self._ledger.codes())
        missing = []
        for reprint in self._ledger.reprints.values():
            paper = self._place.folder / "print-shop" / "papers" / f"{reprint.code}.pdf"
            is_there = sums_of([paper]) == [reprint.paper_sha256]
            if reprint.of not in active:
                continue
            if is_there and (self._ledger.sealed or reprint.of in self.sources):
                self.reprints[reprint.code] = paper
            else:
                missing.append(reprint.code)
        return missing

    def _keep(self, copy: Copy) -> None:
        """Takes down the digests of what was finished."""
        if copy.code not in self._ledger.reprints:
            self._ledger.put(copy)
            return
        reprint = self._ledger.reprints[copy.code]
        self._ledger.reprints[copy.code] = replace(reprint, paper_sha256=copy.paper_sha256)
        self.reprints[copy.code] = self._shelf.paths(copy)[0]

    def _finished(
        self, workshop: Workshop, press: Press, codes: Sequence[str]
    ) -> Iterator[tuple[Sequence[Copy], Mapping[str, float]]]:
        """Chunks of copies that are on the shelf now, and what their stages took."""
        forbidden = forbid(self._exam, _people(self._roster))
        if self._scheduler is not None:
            yield from self._finished_there(self._scheduler, workshop, press, forbidden, codes)
            return
        from generator.pipeline.worker import Producer

        producer = Producer(workshop, press, forbidden, self._place.scratch)
        yield from self._chunks.spread(_produce, _Bench(producer, self._shelf), codes)

    def _finished_there(
        self,
        scheduler: str,
        workshop: Workshop,
        press: Press,
        forbidden: Forbidden,
        codes: Sequence[str],
    ) -> Iterator[tuple[Sequence[Copy], Mapping[str, float]]]:
        from generator.pipeline.cluster import Cluster, make_setup

        setup = make_setup(self._exam, workshop, press, forbidden)
        cluster = Cluster(scheduler)
        try:
            for worker, reason in sorted(cluster.refused.items()):
                self._progress.note(f"the worker {worker} is not used: {reason}")
            chunks = chunks_of(codes, 2 * len(cluster.workers))
            for batch in cluster.produce(setup, map(self._chunks.read, chunks)):
                yield [self._shelf.put(produced) for produced in batch.copies], batch.cpu
        finally:
            cluster.close()


def _people(roster: Roster) -> Iterator[Person]:
    for student in roster.students:
        yield student.registration_number, student.first_name, student.last_name


def check_space(place: Place, copies: int) -> None:
    """Looks whether the disk has room for copies that are to be made.

    Raises:
        InputError: It has less than they are expected to take.
    """
    need = BYTES_PER_COPY * copies
    free = shutil.disk_usage(place.work).free
    if need > free:
        message = (
            f"the disk has {free / 1e6:.1f} MB left, and about {need / 1e6:.1f} MB are needed; "
            "make room, or build elsewhere with OUT="
        )
        raise InputError([Complaint(str(place.folder), 0, 0, "", message)])
