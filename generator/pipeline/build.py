"""The stages in order: what `make` does.

    bank, roster -> draw -> solve -> record -> compose -> typeset -> stamp -> verify -> release

Draw and solve run for all copies before anything is typeset. Then chunks of copies are typeset,
stamped and verified in worker processes. These put a finished copy on the shelf, where it waits for
the release, and return its digests; all else is written by this process alone, which counts and
shows progress. A build that was stopped finds on the shelf what it had finished.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from generator.bank.problem import Exam
from generator.bank.read.exam import load_exam
from generator.codes.page_code import REFERENCE_CODE
from generator.codes.sheet import code_boxes
from generator.compose.plan import Page
from generator.draw.fairness import Measured, measure_exam
from generator.errors import Complaint, InputError
from generator.exact.secret import REFERENCE_SECRET, SECRET_FILE, load_or_create_secret
from generator.files.program import FIGURES, VERSION, latex_files, project_digest
from generator.files.whole import sums_of, write_whole
from generator.layout import Layout
from generator.pipeline.given_seats import former_seats, place_students
from generator.pipeline.inputs import read_inputs
from generator.pipeline.outcome import Outcome
from generator.pipeline.sealed import SealedPapers, check_redraw
from generator.pipeline.twice import check_twice
from generator.pipeline.withdrawals import check_withdrawals
from generator.record.allocation import Allocation, Seat, allocate
from generator.record.batch import BANK
from generator.record.batch import LATEX as CLASS
from generator.record.copy import Copy, Holder
from generator.record.ledger import LEDGER_FILE, Ledger
from generator.record.record import Refusal
from generator.release.finished import Shelf
from generator.release.handed_over import check_agreement, differing
from generator.release.place import MANIFEST, Place, complete_interrupted
from generator.release.recipients import LAYOUT, large_layout, layout_file
from generator.roster import Roster
from generator.roster.accommodation import PLAIN
from generator.solve.promises import try_promises
from generator.typeset.toolchain import check_tools
from generator.verify.leaks import Forbidden, forbid
from generator.work.pool import meanwhile, spread
from generator.work.progress import SILENT, Progress
from generator.work.progress import Counter as Counting

# What makes and reads pages is imported where it is needed: most builds find that nothing has
# changed, and that it takes half of their time.
if TYPE_CHECKING:
    from generator.pipeline.cards import CardStage
    from generator.pipeline.copy_answers import CopyAnswers
    from generator.pipeline.worker import Producer
    from generator.pipeline.workshop import Registered, Workshop
    from generator.release.report import Tally
    from generator.typeset.press import Press

REFERENCE = "reference"
BYTES_PER_COPY = 600_000
MOST_IN_CHUNK = 100
"""Copies that are typeset in one run: each run loads the format and embeds the fonts anew."""
FEW = 10
"""So many are made by one process, beside which this one does other work."""
MOST_CARDS_IN_CHUNK = 300
MAX_LISTED = 20


@dataclass(frozen=True)
class Built:
    """What a build left.

    Attributes:
        folder: The batch's folder, with one folder for each recipient.
        codes: The codes of all copies of the batch that were not withdrawn, in order.
        made: How many of them were made now; the others were there already.
        pages: Pages of a copy.
        outcome: What is new, another or gone, and what is to be done; None if nothing has changed.
    """

    folder: Path
    codes: tuple[str, ...]
    made: int
    pages: int
    outcome: Outcome | None

    def __str__(self) -> str:
        if self.outcome is None:
            return f"{self.folder}: nothing has changed"
        copies = f"{len(self.codes)} copies ({self.made} made now) of {self.pages} pages"
        return "\n  ".join([f"{self.folder}: {copies}", *self.outcome.lines()])

    @property
    def papers(self) -> dict[str, Path]:
        """Copy code to its paper."""
        return {code: self.folder / "print-shop/papers" / f"{code}.pdf" for code in self.codes}

    @property
    def keys(self) -> dict[str, Path]:
        """Copy code to its key."""
        return {code: self.folder / "correctors/keys" / f"{code}.pdf" for code in self.codes}


Tool = TypeVar("Tool")
Result = TypeVar("Result")


def build_exam(
    exam_file: Path,
    roster_file: Path,
    out: Path,
    *,
    jobs: int,
    redraw: Collection[str] = (),
    withdraw: bool = False,
    timings: Path | None = None,
    scheduler: str | None = None,
    progress: Progress = SILENT,
) -> Built:
    """Builds the batch of an exam and releases it.

    Args:
        redraw: Ids of problems that are drawn afresh for all copies.
        withdraw: Many copies may be withdrawn at once, if the roster says so.
        timings: A file that gets what each stage took, as JSON.
        scheduler: Address of a `dask.distributed` scheduler whose workers make the copies.
        progress: Is told how far the stages are.

    Raises:
        InputError: The bank, the roster or the arguments are wrong; no output is touched.
        CopyError: A copy failed to typeset or to verify; the former output is untouched.
        ToolMissingError: TeX is not installed.
        OSError: A file cannot be written; the former output is untouched.
    """
    if timings is not None:
        _check_place_of(timings)
    for name in complete_interrupted(out):
        progress.note(f"{name}: a release that was interrupted is complete now")
    exam, roster = _read_inputs(exam_file, roster_file, redraw)
    check_tools()
    place = Place(out, exam.id)
    with place.lock():
        build = _Build(exam, roster, place, jobs, redraw, scheduler, progress)
        with closing(build.ledger):
            allocation = build.allocate()
            if not withdraw:
                check_withdrawals(build.ledger, allocation, roster_file)
            done = build.run()
        if timings is not None:
            timings.write_text(json.dumps(build.spent(), indent=1))
        return done


def _check_place_of(timings: Path) -> None:
    """Whether a file can be written that is written when all is done.

    Raises:
        InputError: Its folder is missing, or it is one itself.
    """
    message = ""
    if not timings.parent.is_dir():
        message = f"there is no folder {timings.parent}; make it, or name another file"
    elif timings.exists() and not timings.is_file():
        message = f"{timings} is no file; name another one"
    if message:
        raise InputError([Complaint("", 0, 0, "--timings", message)])


def build_reference(exam_file: Path, out: Path, jobs: int) -> str:
    """Builds the reference copy as paper and key, with the values that the bank writes out.

    Raises:
        InputError: The bank is wrong.
        CopyError: The copy failed to typeset or to verify.
        ToolMissingError: TeX is not installed.
    """
    exam = load_exam(exam_file, FIGURES)
    check_tools()
    place = Place(out, exam.id)
    from generator.pipeline.worker import Producer
    from generator.pipeline.workshop import Workshop
    from generator.typeset.preparation import prepare_press

    workshop = Workshop(exam, REFERENCE_SECRET, len(REFERENCE_CODE) - 1)
    press = prepare_press(exam, place.cache, jobs)
    registered = workshop.register_reference()
    producer = Producer(workshop, press, forbid(exam, ()), Path(tempfile.gettempdir()))
    [produced] = producer.produce([registered])
    folder = place.folder / REFERENCE
    folder.mkdir(parents=True, exist_ok=True)
    names = (f"{REFERENCE_CODE}.pdf", f"{REFERENCE_CODE}-key.pdf", f"{REFERENCE_CODE}.json")
    contents = (produced.paper, produced.key, produced.key_json)
    for name, content in zip(names, contents, strict=True):
        write_whole(folder / name, content)
    return f"{folder}: the reference copy {REFERENCE_CODE} as paper, key and data"


def _read_inputs(
    exam_file: Path, roster_file: Path, redraw: Collection[str]
) -> tuple[Exam, Roster]:
    """Bank and roster; what is wrong in either of them is said at once."""
    read = read_inputs(exam_file, roster_file)
    exam, roster, problems = read.exam, read.roster, list(read.complaints)
    known = [problem.id for problem in exam.problems] if exam else redraw
    for name in redraw:
        if name not in known:
            message = f"there is no problem {name}; the exam has {', '.join(known)}"
            problems.append(Complaint("", 0, 0, "--redraw", message))
    if problems or exam is None or roster is None:
        raise InputError(problems)
    return exam, roster


def _bank_digest(exam: Exam) -> str:
    """Digest of the bank as it was read, and of the project that reads it."""
    own = (file.digest for file in exam.own_files)
    parts = (project_digest(), *exam.files.values(), *own, *exam.plugins.values())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@dataclass(frozen=True)
class _Registrar:
    """What worker processes draw, solve and record with."""

    workshop: Workshop
    redraw: Collection[str]


def _register(registrar: _Registrar, copies: Sequence[Copy]) -> list[Registered]:
    return [registrar.workshop.register(copy, registrar.redraw) for copy in copies]


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
class _Setup:
    """What a process makes a bench of, so that this one need not read fonts and pages."""

    workshop: Workshop
    press: Press
    forbidden: Forbidden
    scratch: Path
    shelf: Shelf


def _produce_with(setup: _Setup, copies: Sequence[Copy]) -> tuple[list[Copy], Mapping[str, float]]:
    """See `_produce`."""
    from generator.pipeline.worker import Producer

    producer = Producer(setup.workshop, setup.press, setup.forbidden, setup.scratch)
    return _produce(_Bench(producer, setup.shelf), copies)


class _Build:
    """One run of the stages for one batch."""

    def __init__(
        self,
        exam: Exam,
        roster: Roster,
        place: Place,
        jobs: int,
        redraw: Collection[str],
        scheduler: str | None,
        progress: Progress,
    ) -> None:
        self.exam = exam
        self.roster = roster
        self.place = place
        self.jobs = jobs
        self.redraw = redraw
        self.bank = _bank_digest(exam)
        self.inputs = hashlib.sha256(f"{self.bank}\0{roster.digest}".encode()).hexdigest()
        self.scheduler = scheduler
        self.progress = progress
        _check_secret(place)
        self.secret = load_or_create_secret(place.examiner / SECRET_FILE)
        self.ledger = Ledger(
            place.examiner / LEDGER_FILE, exam.id, self.secret, place.work / LEDGER_FILE
        )
        self.shelf = Shelf(place.work / "copies")
        self.worker_cpu: dict[str, float] = {}
        self.measured: Mapping[str, Measured] = {}
        self.sources: dict[str, tuple[Path, ...]] = {}
        self.reprints: dict[str, Path] = {}
        self.before = self.ledger.released()
        self.reprinted = dict(self.ledger.reprints)
        self.outcome = Outcome(first=not self.before)

    def allocate(self) -> Allocation:
        """Gives everybody a copy, after a look at whether this is the right ledger."""
        manifest = self.place.examiner / MANIFEST
        if not self.ledger.path.exists():
            if manifest.exists():
                self.progress.note(
                    f"{self.ledger.path} is missing, though a batch was released: this is a fresh "
                    "one, and codes may have other owners; if papers are printed, put the ledger "
                    "back"
                )
        else:
            check_agreement(self.ledger, manifest)
        check_redraw(self.ledger, self.redraw)
        done = allocate(self.ledger, self._seats(), self.secret, {REFERENCE_CODE})
        self.outcome.withdrawn = sorted(done.withdrawn)
        self.outcome.returned = done.returned
        self.outcome.moved = done.moved
        self.outcome.kept_spares = done.kept_spares
        self.outcome.differing = done.differing
        self.outcome.renamed = [
            f"{old or 'none'} is {new or 'none'} now" for old, new in done.renamed.items()
        ]
        return done

    def run(self) -> Built:
        """All stages after bank and roster, for copies that are allocated."""
        for note in self.roster.notes:
            self.progress.note(note)
        for room in sorted(self.exam.spares.rooms.keys() - set(self.roster.rooms)):
            self.progress.note(f"spare_copies: the roster has no room {room}; its entry is ignored")
        self.outcome.remade = differing(self.place.folder, self.ledger.files)
        if self.inputs == self.ledger.inputs and not self.redraw and self._is_complete():
            self.shelf.clear()
            return self._built(0, None)
        self._check_space(len(self.ledger.codes()) - len(self.before))
        from generator.pipeline.workshop import Workshop
        from generator.typeset.preparation import prepare_press

        self.measured = measure_exam(self.exam, self.place.cache, self.jobs, self.progress)
        bands = {name: measured.band for name, measured in self.measured.items()}
        workshop = Workshop(self.exam, self.secret, self.ledger.digits, bands)
        sources = _sources(self.exam)
        self.register(workshop)
        self.part_neighbors()
        sealed = None
        if self.ledger.sealed:
            sealed = SealedPapers(self.place.folder, self.ledger, self.before, sources)
            sealed.check_marks(workshop)
        with self.progress.stage("press", 1):
            press = prepare_press(self.exam, self.place.cache, self.jobs)
        codes = code_boxes(self.exam.pages, workshop.version, self.exam.sheet)
        layout = press.layout.joined(codes)
        facts = _facts(self.exam, press, layout)
        made = self.produce(workshop, press)
        self._check_papers(sealed, facts)
        self.ledger.sources, self.ledger.facts = sources, facts
        self.release(layout, self.make_cards())
        return self._built(made, self.outcome)

    def _built(self, made: int, outcome: Outcome | None) -> Built:
        codes = tuple(self.ledger.codes())
        return Built(self.place.folder, codes, made, self.exam.pages, outcome)

    def spent(self) -> dict[str, dict[str, float]]:
        """Stage to wall and CPU time, in seconds; of stages in worker processes CPU alone."""
        stages = {
            name: {"wall": spent.wall, "cpu": spent.cpu}
            for name, spent in self.progress.spent.items()
        }
        return stages | {f"worker: {name}": {"cpu": cpu} for name, cpu in self.worker_cpu.items()}

    def _is_complete(self) -> bool:
        """Whether all that was released is still there, as it was."""
        manifest = self.place.examiner / MANIFEST
        return bool(self.ledger.files) and not self.outcome.remade and manifest.is_file()

    def _seats(self) -> Iterator[Seat]:
        students = self.roster.students
        places = place_students(
            self.exam.rooms, self.roster, former_seats(self.ledger), self.secret
        )
        for student in students:
            room, seat = places[student.registration_number]
            names = (student.last_name, student.first_name)
            number = student.registration_number
            yield Seat(room, None, Holder(number, *names, seat, student.accommodation))
        counts = Counter(room for room, _ in places.values())
        for room in sorted(counts, key=lambda room: (room is None, room or "")):
            for spare in range(self.exam.spares.count(room, counts[room])):
                yield Seat(room, spare + 1)

    def _check_space(self, copies: int) -> None:
        """Whether the disk has room for copies that are to be made."""
        need = BYTES_PER_COPY * copies
        free = shutil.disk_usage(self.place.work).free
        if need > free:
            message = (
                f"the disk has {free // 10**6} MB left, and about {need // 10**6} MB are needed; "
                "make room, or build elsewhere with OUT="
            )
            raise InputError([Complaint(str(self.place.folder), 0, 0, "", message)])

    # draw, solve, record

    def register(self, workshop: Workshop) -> None:
        """Draws, solves and records all copies that need it."""
        again = self.bank != self.ledger.bank or self.redraw
        if not self.ledger.bank or self.redraw:
            try_promises(self.exam)
        if again:
            check_twice(self.exam)
        refusals: list[Refusal] = []
        codes = self.ledger.codes() if again else self.ledger.unrecorded(self.bank)
        for done in self._registered(workshop, codes):
            refusals += done.refusals
            for doubt in done.doubts:
                condition = f"problem {doubt.problem}: {doubt.reason}"
                self.outcome.doubts.setdefault(condition, []).append(doubt.code)
            before = self.ledger[done.copy.code]
            copy = replace(done.copy, bank=self.bank)
            if before.key_content not in {"", copy.key_content}:
                revision = before.key_revision + 1
                copy = replace(copy, key_revision=revision)
                self.ledger.changes[copy.code, revision] = json.dumps(done.changes)
                for change in done.changes or ("texts of the key",):
                    name = change.split(":")[0]
                    self.outcome.keys_revised.setdefault(name, []).append(copy.code)
            self.ledger.put(copy)
        if refusals:
            raise InputError(_refused(refusals))
        self.ledger.bank = self.bank

    def _registered(self, workshop: Workshop, codes: Sequence[str]) -> Iterator[Registered]:
        registrar = _Registrar(workshop, self.redraw)
        with self.progress.stage("draw", len(codes)) as counter:
            for registered in self._spread(_register, registrar, codes):
                counter.add(len(registered))
                yield from registered

    def part_neighbors(self) -> None:
        """Permutes new copies over the seats of rooms whose plans are known."""
        new = set(self.ledger.codes()) - self.before.keys()
        if not self.exam.rooms:
            return
        from generator.pipeline.part_copies import part_copies

        chosen = {it.registration_number for it in self.roster.students if it.seat is not None}
        with self.progress.stage("seat", len(self.exam.rooms)) as counter:
            for name, plan in self.exam.rooms.items():
                if parted := part_copies(self.ledger, plan, new, self._answers, chosen):
                    self.outcome.neighbors[name] = asdict(parted)
                counter.add()

    def _answers(self, codes: Sequence[str]) -> list[CopyAnswers]:
        from generator.pipeline.copy_answers import answers_of

        found: dict[str, CopyAnswers] = {}
        for answers in self._spread(answers_of, self.exam, codes):
            found |= answers
        return [found[code] for code in codes]

    # typeset, stamp, verify

    def produce(self, workshop: Workshop, press: Press) -> int:
        """Makes what is missing; returns how many copies that were."""
        self.shelf.open()
        new, same = self._compared(press)
        few = self.scheduler is None and 0 < len(new) <= FEW
        lost = self._produce_few(workshop, press, new, same) if few else self._lost(same)
        missing = [*([] if few else new), *lost, *self._reprints_to_make()]
        self._check_space(len(missing))
        if missing:
            with self.progress.stage("typeset", len(missing)) as counter:
                for copies, cpu in self._finished(workshop, press, missing):
                    self._take(copies, cpu, counter)
        return len(missing) + (len(new) if few else 0)

    def _compared(self, press: Press) -> tuple[list[str], list[str]]:
        """The copies that are to be made, and those that were made of the same before."""
        new, same = [], []
        for copy in self.ledger.active():
            made = _made_digest(press, copy)
            if made == copy.made:
                same.append(copy.code)
            elif not self._is_on_shelf(replace(copy, made=made)):
                new.append(copy.code)
        return new, same

    def _is_on_shelf(self, wanted: Copy) -> bool:
        """Records what a copy is to be, with its digests if it is finished already."""
        found = self.shelf.find(wanted)
        self.ledger.put(found or wanted)
        return found is not None

    def _lost(self, codes: Sequence[str]) -> list[str]:
        """Copies that are not there any more as they were released; of others, where they are."""
        from generator.release.handover import copy_paths

        lost = []
        for copy in map(self._copy, codes):
            if self._is_released_whole(copy):
                self.sources[copy.code] = copy_paths(self.place.folder, copy)
            elif not self._is_on_shelf(copy):
                lost.append(copy.code)
        return lost

    def _produce_few(
        self, workshop: Workshop, press: Press, new: Sequence[str], same: Sequence[str]
    ) -> list[str]:
        """Makes a few copies in a process beside this one, which looks after the others meanwhile.

        Returns:
            Those of the others that are lost.
        """
        self._check_space(len(new))
        people = forbid(self.exam, self._people())
        setup = _Setup(workshop, press, people, self.place.scratch, self.shelf)
        with (
            self.progress.stage("typeset", len(new)) as counter,
            meanwhile(_produce_with, setup, [self._read(new)], self.jobs) as made,
        ):
            lost = self._lost(same)
            self._prepare_release()
            self._take(*next(made), counter)
        return lost

    def _take(self, copies: Sequence[Copy], cpu: Mapping[str, float], counter: Counting) -> None:
        """Takes down what was finished."""
        for copy in copies:
            self._keep(copy)
        for stage, spent in cpu.items():
            self.worker_cpu[stage] = self.worker_cpu.get(stage, 0.0) + spent
        counter.add(len(copies))

    def _prepare_release(self) -> None:
        """Counts and draws what needs no finished files, so that the release finds it."""
        from generator.release.papers import content_of, office_papers
        from generator.release.print_run import plan_runs, run_seats

        self._tally()
        runs = plan_runs(self.ledger.active(), run_seats(self.ledger), sheet=self.exam.sheet)
        papers = office_papers(self.exam, runs, self.ledger.holders(), self.secret)
        for _, paper in papers:
            content_of(self.place.work / "papers", paper)

    def make_cards(self) -> CardStage:
        """Makes the key cards that are not kept from an earlier build, and the sheets."""
        from generator.pipeline.cards import CardStage, make_cards

        cards = CardStage(self.exam, self.place, self.jobs)
        missing = cards.missing(self.ledger.active())
        if missing:
            with self.progress.stage("cards", len(missing)) as counter:
                for made, cpu in self._spread(
                    make_cards, cards.maker(), missing, MOST_CARDS_IN_CHUNK
                ):
                    cards.take(made)
                    self.worker_cpu["cards"] = self.worker_cpu.get("cards", 0.0) + cpu
                    counter.add(len(made))
        self.worker_cpu["sheets"] = cards.make_sheets(self.ledger.codes())
        return cards

    def _reprints_to_make(self) -> list[str]:
        """Reprints whose papers are not there, or not those of their copies any more."""
        active = set(self.ledger.codes())
        missing = []
        for reprint in self.ledger.reprints.values():
            paper = self.place.folder / "print-shop" / "papers" / f"{reprint.code}.pdf"
            is_there = sums_of([paper]) == [reprint.paper_sha256]
            if reprint.of not in active:
                continue
            if is_there and (self.ledger.sealed or reprint.of in self.sources):
                self.reprints[reprint.code] = paper
            else:
                missing.append(reprint.code)
        return missing

    def _keep(self, copy: Copy) -> None:
        """Takes down the digests of what was finished."""
        if copy.code not in self.ledger.reprints:
            self.ledger.put(copy)
            return
        reprint = self.ledger.reprints[copy.code]
        self.ledger.reprints[copy.code] = replace(reprint, paper_sha256=copy.paper_sha256)
        self.reprints[copy.code] = self.shelf.paths(copy)[0]

    def _finished(
        self, workshop: Workshop, press: Press, codes: Sequence[str]
    ) -> Iterator[tuple[Sequence[Copy], Mapping[str, float]]]:
        """Chunks of copies that are on the shelf now, and what their stages took."""
        forbidden = forbid(self.exam, self._people())
        if self.scheduler is not None:
            yield from self._finished_there(self.scheduler, workshop, press, forbidden, codes)
            return
        from generator.pipeline.worker import Producer

        producer = Producer(workshop, press, forbidden, self.place.scratch)
        yield from self._spread(_produce, _Bench(producer, self.shelf), codes)

    def _finished_there(
        self,
        scheduler: str,
        workshop: Workshop,
        press: Press,
        forbidden: Forbidden,
        codes: Sequence[str],
    ) -> Iterator[tuple[Sequence[Copy], Mapping[str, float]]]:
        from generator.pipeline.cluster import Cluster, make_setup

        setup = make_setup(self.exam, workshop, press, forbidden)
        cluster = Cluster(scheduler)
        try:
            for worker, reason in sorted(cluster.refused.items()):
                self.progress.note(f"the worker {worker} is not used: {reason}")
            chunks = _chunks(codes, 2 * len(cluster.workers))
            for batch in cluster.produce(setup, map(self._read, chunks)):
                yield [self.shelf.put(produced) for produced in batch.copies], batch.cpu
        finally:
            cluster.close()

    def _spread(
        self,
        work: Callable[[Tool, Sequence[Copy]], Result],
        tool: Tool,
        codes: Sequence[str],
        most: int = MOST_IN_CHUNK,
    ) -> Iterator[Result]:
        """Copies in chunks over worker processes; a single chunk stays here."""
        chunks = _chunks(codes, self.jobs, most)
        jobs = max(1, min(self.jobs, len(chunks)))
        return spread(work, tool, map(self._read, chunks), jobs)

    def _read(self, codes: Sequence[str]) -> list[Copy]:
        return [self._copy(code) for code in codes]

    def _copy(self, code: str) -> Copy:
        """A copy, or a reprint: the same record under a code of its own."""
        if code not in self.ledger.reprints:
            return self.ledger[code]
        copy = self.ledger[self.ledger.reprints[code].of]
        different = self.ledger.printed_as(code, copy)
        return replace(copy, code=code, made=f"{copy.made}-{code}", accommodation=different)

    def _people(self) -> Iterator[tuple[str, str, str]]:
        for student in self.roster.students:
            yield student.registration_number, student.first_name, student.last_name

    def _is_released_whole(self, copy: Copy) -> bool:
        """Whether what was released of a copy is still what was verified."""
        from generator.release.handover import copy_paths

        return copy.sums == sums_of(copy_paths(self.place.folder, copy))

    def _check_papers(self, sealed: SealedPapers | None, facts: dict[str, Any]) -> None:
        """Compares what was made with what was released, byte by byte."""
        from generator.release.handover import copy_paths

        changed = [
            copy
            for copy in self.ledger.active()
            if (old := self.before.get(copy.code)) and old.paper_sha256 != copy.paper_sha256
        ]
        reprints = [
            code
            for code, reprint in self.ledger.reprints.items()
            if reprint.paper_sha256 != self.reprinted[code].paper_sha256
        ]
        if sealed is None:
            self.outcome.papers_changed = [*(copy.code for copy in changed), *reprints]
            return
        for copy in sealed.check_papers(changed, reprints, facts):
            _, key, data = self.sources.get(copy.code) or self.shelf.paths(copy)
            paper = copy_paths(self.place.folder, copy)[0]
            self.sources[copy.code] = (paper, key, data)
            self.outcome.kept_papers.append(copy.code)

    # release

    def release(self, layout: Layout, cards: CardStage) -> None:
        """Stages what each recipient gets, and releases it whole."""
        from generator.pipeline.cards import release_errata
        from generator.release.handover import REPORT_FILE, WITHDRAWN, Handover
        from generator.release.print_run import plan_runs, run_seats

        booklet = self.exam.printing.booklet
        copies, seats = self.ledger.active(), run_seats(self.ledger)
        runs = plan_runs(copies, seats, booklet=booklet, sheet=self.exam.sheet)
        if self.outcome.withdrawn:
            self.ledger.note(WITHDRAWN, self.outcome.withdrawn, "not in the roster")
        handover = Handover(
            self.exam,
            self.ledger,
            self.place,
            self.shelf,
            self.sources,
            self.reprints,
            self.secret,
            self.jobs,
        )
        join = cards.joining(self.place.staging, self.ledger.active())
        with self.progress.stage("release", len(runs) + len(join)) as counter:
            own = {REPORT_FILE: self._report().encode(), LAYOUT: layout_file(layout)}
            if any(it.large_print for it in self.ledger.printed_for.values()):
                own[large_layout(layout)] = layout_file(layout.large_print())
            handover.stage(runs, own, counter, join, partial(cards.release, self.ledger))
            release_errata(self.exam, cards.press, self.place, handover.staging, self.ledger)
            self.outcome.aside = [f"{handover.kept}/{name}" for name in handover.aside]
            self._note_outcome(handover.sums)
            self.ledger.inputs = self.inputs
            handover.commit()
            handover.clear(runs)
            cards.shelf.drop_others(self.ledger.active())

    def _note_outcome(self, sums: Mapping[str, str]) -> None:
        """Completes what this build did, and puts it into the events."""
        new = [code for code in self.ledger.codes() if code not in self.before]
        self.outcome.papers_made = new
        runs = {name for name in sums if name.startswith("print-shop/runs/")}
        old = {
            name: file.sha256
            for name, file in self.ledger.files.items()
            if name.startswith("print-shop/runs/")
        }
        self.outcome.runs_changed = sorted(
            Path(name).name for name in runs if old.get(name) != sums[name]
        )
        self.outcome.runs_gone = sorted(Path(name).name for name in old.keys() - runs)
        self.ledger.note("built", self.outcome.touched, data=self.outcome.data())
        if revised := self.outcome.revised:
            self.ledger.note("revised", revised, data=self.outcome.keys_revised)

    def _tally(self) -> Tally:
        from generator.release.kept_tally import tally_in_pieces

        copies, folder = self.ledger.active(), self.place.work / "tallies"
        return tally_in_pieces(self.exam, self.measured, copies, folder, self.bank)

    def _report(self) -> str:
        from generator.release.report import make_report

        found = self._tally()
        if found.alike:
            alike = f"the same values and options as another copy: {_listed(found.alike)}"
            self.progress.note(f"{alike}; the bank has too few variants")
        return make_report(self.exam, found, self.measured, self.ledger.changes)


def _chunks(codes: Sequence[str], workers: int, most: int = MOST_IN_CHUNK) -> list[Sequence[str]]:
    """Chunks of one size, the same number for each worker, so that all are done at one time."""
    rounds = max(1, -(-len(codes) // (workers * most)))
    size = max(1, -(-len(codes) // (workers * rounds)))
    return [codes[start : start + size] for start in range(0, len(codes), size)]


def _sources(exam: Exam) -> dict[str, bytes]:
    """All files that a batch is made of: the bank as it was read, the class and the figures."""
    bank = {BANK + name: content for name, content in exam.contents.items()}
    return bank | {CLASS + name: content for name, content in latex_files().items()}


def _facts(exam: Exam, press: Press, layout: Layout) -> dict[str, Any]:
    """What else a batch is made of."""
    from generator.typeset.pdftex import toolchain_version

    return {
        "exam_file": Path(exam.file).name,
        "version": VERSION,
        "program": project_digest(),
        "toolchain": toolchain_version(),
        "python": sys.version,
        "layout": layout.document(),
        "plan": json.loads(json.dumps([*map(_planned, press.plan)], default=str)),
    }


def _planned(page: Page) -> dict[str, Any]:
    """A page of the plan; of columns only where there are two."""
    found = asdict(page)
    if page.left is None:
        del found["left"]
    return found


def _made_digest(press: Press, copy: Copy) -> str:
    """Digest of all that the finished files of a copy are made from."""
    parts = [press.digest, copy.code, copy.mark, copy.key_content, str(copy.key_revision)]
    if copy.accommodation != PLAIN:
        parts.append(repr(copy.accommodation))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _refused(refusals: Iterable[Refusal]) -> list[Complaint]:
    """Recorded draws that the bank no longer admits, by problem, with the copies."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for refusal in refusals:
        by_reason.setdefault((refusal.problem, refusal.reason), []).append(refusal.code)
    return [
        Complaint(
            "",
            0,
            0,
            f"problem {problem}",
            f"{reason}; recorded copies: {_listed(codes)}. Undo the change, or draw the problem "
            f"afresh for all copies with --redraw {problem}",
        )
        for (problem, reason), codes in by_reason.items()
    ]


def _listed(codes: Sequence[str]) -> str:
    more = len(codes) - MAX_LISTED
    return ", ".join(sorted(codes)[:MAX_LISTED]) + (f" and {more} more" if more > 0 else "")


def _check_secret(place: Place) -> None:
    """A ledger is of no use without its secret, and another one is not to take its name.

    Raises:
        InputError: It is missing.
    """
    secret = place.examiner / SECRET_FILE
    if (place.examiner / LEDGER_FILE).exists() and not secret.exists():
        message = "is missing, though there is a ledger: put the secret of this batch back"
        raise InputError([Complaint(str(secret), 0, 0, "", message)])
