"""Papers and keys are made in chunks, by processes of this machine or by others."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from generator.bank.problem import Exam
from generator.errors import Complaint, InputError
from generator.files.whole import sums_of
from generator.pipeline.chunks import Chunks, chunks_of
from generator.pipeline.made_of import made_digest
from generator.record.copy import Copy
from generator.record.ledger import Ledger
from generator.release.finished import Shelf
from generator.release.place import Place
from generator.roster import Roster
from generator.verify.leaks import Forbidden, forbid
from generator.work.progress import Progress

# What makes and reads pages is imported where it is needed: most builds find that nothing has
# changed, and that it takes half of their time.
if TYPE_CHECKING:
    from generator.pipeline.worker import Producer
    from generator.pipeline.workshop import Workshop
    from generator.typeset.press import Press

BYTES_PER_COPY = 600_000


@dataclass(frozen=True)
class _Bench:
    """What worker processes make copies with, and where they put them."""

    producer: Producer
    shelf: Shelf


def _produce(bench: _Bench, copies: Sequence[Copy]) -> tuple[list[Copy], Mapping[str, float]]:
    """Puts finished copies on the shelf; returns them with their digests, and the stages' CPU."""
    producer = bench.producer
    return [bench.shelf.put(produced) for produced in producer.produce(copies)], producer.cpu


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

    def make(self, workshop: Workshop, press: Press) -> int:
        """Makes what is missing; returns how many copies that were."""
        from generator.release.handover import copy_paths

        self._shelf.open()
        missing = []
        for copy in self._ledger.active():
            made = made_digest(press, copy)
            if made == copy.made and self._is_released_whole(copy):
                self.sources[copy.code] = copy_paths(self._place.folder, copy)
                continue
            wanted = replace(copy, made=made)
            found = self._shelf.find(wanted)
            self._ledger.put(found or wanted)
            if found is None:
                missing.append(copy.code)
        missing += self._reprints_to_make()
        check_space(self._place, len(missing))
        if missing:
            with self._progress.stage("typeset", len(missing)) as counter:
                for copies, cpu in self._finished(workshop, press, missing):
                    for copy in copies:
                        self._keep(copy)
                    for stage, spent in cpu.items():
                        self.cpu[stage] = self.cpu.get(stage, 0.0) + spent
                    counter.add(len(copies))
        return len(missing)

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

    def _is_released_whole(self, copy: Copy) -> bool:
        """Whether what was released of a copy is still what was verified."""
        from generator.release.handover import copy_paths

        return copy.sums == sums_of(copy_paths(self._place.folder, copy))


def _people(roster: Roster) -> Iterator[tuple[str, str, str]]:
    for student in roster.students:
        yield student.registration_number, student.first_name, student.last_name


def check_space(place: Place, copies: int) -> None:
    """Whether the disk has room for copies that are to be made."""
    need = BYTES_PER_COPY * copies
    free = shutil.disk_usage(place.work).free
    if need > free:
        message = (
            f"the disk has {free // 10**6} MB left, and about {need // 10**6} MB are needed; "
            "make room, or build elsewhere with OUT="
        )
        raise InputError([Complaint(str(place.folder), 0, 0, "", message)])
