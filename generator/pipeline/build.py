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
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from generator.bank.exam import Exam
from generator.bank.problem import Problem
from generator.codes.page_code import REFERENCE_CODE
from generator.codes.sheet import code_boxes
from generator.draw.fairness import Measured, measure_exam
from generator.errors import Complaint, CopyError, InputError
from generator.exact.secret import SECRET_FILE, load_or_create_secret
from generator.layout import Layout
from generator.pipeline.built import Built
from generator.pipeline.chunks import Chunks
from generator.pipeline.corrected_texts import with_words
from generator.pipeline.few_copies import FewCopies, FewTool, make_cards_of_few, make_few
from generator.pipeline.given_seats import former_seats, ignored_seats, place_students
from generator.pipeline.inputs import read_inputs
from generator.pipeline.made_of import bank_digest, checked_mark, facts_of, sources_of
from generator.pipeline.making import FEW, CopyMaker, check_space
from generator.pipeline.other_batches import other_batches
from generator.pipeline.outcome import Outcome
from generator.pipeline.sealed import SealedPapers, check_redraw
from generator.pipeline.twice import check_twice
from generator.pipeline.withdrawals import check_withdrawals
from generator.record.allocation import Allocation, Seat, allocate
from generator.record.copy import Copy, Holder
from generator.record.ledger import LEDGER_FILE, REVISED, TEXTS_OF_KEY, Ledger
from generator.record.record import RefusedDraw
from generator.release.finished import Shelf
from generator.release.handed_over import check_agreement, differing
from generator.release.place import MANIFEST, Place, complete_interrupted
from generator.release.recipients import LAYOUT, large_layout, layout_file
from generator.roster import Roster
from generator.solve.promises import try_promises
from generator.typeset.toolchain import check_tools
from generator.work.pool import beside
from generator.work.progress import SILENT, Progress

# What makes and reads pages is imported where it is needed: most builds find that nothing has
# changed, and that it takes half of their time.
if TYPE_CHECKING:
    from generator.pipeline.cards import CardStage
    from generator.pipeline.copy_answers import CopyAnswers
    from generator.pipeline.workshop import Registered, Workshop
    from generator.release.print_run import Run
    from generator.release.report import Tally
    from generator.typeset.press import Press

MOST_CARDS_IN_CHUNK = 512
MAX_LISTED = 20
MOST_DRAWN_AGAIN = 3


class Wishes(TypedDict, total=False):
    """What :func:`build_exam` may be asked to do otherwise than usual; explained there."""

    redraw: Collection[str]
    withdraw: bool
    timings: Path | None
    scheduler: str | None


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


@dataclass(frozen=True)
class _Registrar:
    """What worker processes draw, solve and record with.

    Attributes:
        is_late: Papers of others are released: a new copy that cannot be drawn is drawn once more.
    """

    workshop: Workshop
    redraw: Collection[str]
    is_late: bool

    def register(self, copy: Copy) -> Registered:
        given_up = ""
        for epoch in range(MOST_DRAWN_AGAIN if self.is_late and not copy.record else 0):
            try:
                done = self.workshop.register(copy, self.redraw, epoch)
                return replace(done, given_up=given_up)
            except InputError as error:
                given_up = given_up or str(error.problems[0])
        return self.workshop.register(copy, self.redraw)


def _register(registrar: _Registrar, copies: Sequence[Copy]) -> list[Registered]:
    return [registrar.register(copy) for copy in copies]


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
        """Opens the ledger of the batch, or begins one; nothing is made yet."""
        self.exam = exam
        self.roster = roster
        self.place = place
        self.jobs = jobs
        self.redraw = redraw
        self.bank = bank_digest(exam)
        self.inputs = hashlib.sha256(f"{self.bank}\0{roster.digest}".encode()).hexdigest()
        self.progress = progress
        _check_secret(place)
        self.secret = load_or_create_secret(place.examiner / SECRET_FILE)
        self.ledger = Ledger(
            place.examiner / LEDGER_FILE, exam.id, self.secret, place.work / LEDGER_FILE
        )
        self.shelf = Shelf(place.work / "copies")
        self.measured: Mapping[str, Measured] = {}
        self.chunks = Chunks(self.ledger, jobs)
        self.maker = CopyMaker(
            exam, roster, place, self.ledger, self.shelf, self.chunks, scheduler, progress
        )
        self.before = self.ledger.released()
        self.reprinted = dict(self.ledger.reprints)
        self.outcome = Outcome(first=not self.before)
        self._counted: Tally | None = None

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
        rooms = {code: room or "" for code, room, _, _ in self.ledger.places()}
        self.outcome.held = ignored_seats(self.roster, self.ledger)
        done = allocate(self.ledger, self._seats(), self.secret, {REFERENCE_CODE})
        for code in sorted(done.withdrawn):
            self.outcome.take_out.setdefault(rooms[code], []).append(code)
        for code in sorted(done.moved):
            room = self.ledger[code].room
            if done.renamed.get(rooms[code] or None) != room:
                way = " ".join(
                    f"{word} {name}" for word, name in (("from", rooms[code]), ("to", room)) if name
                )
                self.outcome.carry.setdefault(way, []).append(code)
        self.outcome.withdrawn = sorted(done.withdrawn)
        self.outcome.returned = done.returned
        self.outcome.moved = done.moved
        self.outcome.kept_spares = done.kept_spares
        self.outcome.differing = done.differing
        self.outcome.respelled = done.respelled
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
        check_space(self.place, len(self.ledger.codes()) - len(self.before))
        from generator.pipeline.key_texts import KeyTexts
        from generator.pipeline.workshop import Workshop
        from generator.typeset.preparation import prepare_press

        self.measured = measure_exam(self.exam, self.place.cache, self.jobs, self.progress)
        bands = {name: measured.band for name, measured in self.measured.items()}
        kept = KeyTexts(self.place.scratch / "keys")
        workshop = Workshop(self.exam, self.secret, self.ledger.digits, bands, kept)
        sources = sources_of(self.exam)
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
        facts = facts_of(self.exam, press, layout)
        self.maker.compare(press)
        with self._few(workshop, press, layout) as few:
            made = self._make(workshop, press, few)
            self._check_papers(sealed, facts)
            if not checked_mark(self.place.cache, self.bank).is_file():
                self.progress.note(
                    "this bank has not passed make check for this OUT; run it before you print"
                )
            if not self.before:
                for said in other_batches(self.place.folder, sources, Path(self.exam.file).name):
                    self.progress.note(said)
            self.ledger.sources, self.ledger.facts = sources, facts
            made += self._release(workshop, press, layout, few)
        kept.clear()
        return self._built(made, self.outcome)

    @contextmanager
    def _few(self, workshop: Workshop, press: Press, layout: Layout) -> Iterator[FewCopies | None]:
        """Processes that make a few new copies, their cards and the sheets, beside this one."""
        if not self.maker.are_few:
            yield None
            return
        from generator.pipeline.cards import CardStage

        cards = CardStage(self.exam, self.place, layout)
        tool = FewTool(self.maker.setup(workshop, press), cards, list(self.ledger.active()))
        with beside(tool, self.jobs) as workers:
            made = workers.start(make_few, self.maker.few())
            yield FewCopies(workers, made, cards, workers.start(make_cards_of_few, FEW))

    def _make(self, workshop: Workshop, press: Press, few: FewCopies | None) -> int:
        """Makes what is missing; of papers that may be printed, none waits for a late copy."""
        for _ in range(MOST_DRAWN_AGAIN):
            try:
                return self._make_once(workshop, press, few)
            except CopyError as error:
                late = self._late_copies(error)
                if not late:
                    raise
                if few is not None:
                    few.forget_cards()
                    few = None
                self._draw_again(workshop, late)
                self.maker.compare(press)
        return self._make_once(workshop, press, few)

    def _make_once(self, workshop: Workshop, press: Press, few: FewCopies | None) -> int:
        if few is None:
            return self.maker.make(workshop, press)
        made = self.maker.make(workshop, press, are_made=True)
        self._prepare_release()
        self.maker.take(few.made)
        return made

    def _late_copies(self, error: CopyError) -> Mapping[str, Complaint]:
        """The copies that failed, if all of them are new beside others that are released."""
        released = self.before.keys() | self.reprinted.keys()
        if not released:
            return {}
        if error.failed and released.isdisjoint(error.failed):
            return error.failed
        others = ", ".join(sorted(released & error.failed.keys())[:3])
        known = f"{others} had been released" if others else "this is not known to be of one copy"
        error.advice += f" No copy is drawn once more for it: {known}."
        return {}

    def _draw_again(self, workshop: Workshop, late: Mapping[str, Complaint]) -> None:
        """Takes other draws for copies that nobody has seen."""
        self._counted = None
        for code, complaint in late.items():
            self._note_drawn_again(code, str(complaint))
            drawn = workshop.register(self.ledger[code], [it.id for it in self.exam.problems])
            if drawn.refusals:
                raise InputError(_refused(self.exam, drawn.refusals))
            self.ledger.put(replace(drawn.copy, bank=self.bank))

    def _note_drawn_again(self, code: str, why: str) -> None:
        self.progress.note(f"{code} cannot be made and is drawn once more: {why}")
        self.outcome.drawn_again.append(code)

    def _built(self, made: int, outcome: Outcome | None) -> Built:
        codes = tuple(self.ledger.codes())
        return Built(self.place.folder, codes, made, self.exam.pages, outcome)

    def spent(self) -> dict[str, dict[str, float]]:
        """Stage to wall and CPU time, in seconds; of stages in worker processes CPU alone."""
        stages = {
            name: {"wall": spent.wall, "cpu": spent.cpu}
            for name, spent in self.progress.spent.items()
        }
        return stages | {f"worker: {name}": {"cpu": cpu} for name, cpu in self.maker.cpu.items()}

    def _is_complete(self) -> bool:
        """Whether all that was released is still there, as it was, and everybody has a copy."""
        manifest = self.place.examiner / MANIFEST
        # Who had a spare copy that was taken back at the door may have none.
        had_none = self.outcome.returned or set(self.ledger.codes()) - self.before.keys()
        is_as_it_was = bool(self.ledger.files) and not self.outcome.remade and manifest.is_file()
        return is_as_it_was and not had_none

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

    # draw, solve, record

    def register(self, workshop: Workshop) -> None:
        """Draws, solves and records all copies that need it."""
        again = self.bank != self.ledger.bank or self.redraw
        if not self.ledger.bank or self.redraw:
            try_promises(self.exam)
        if again:
            check_twice(self.exam)
        refusals: list[RefusedDraw] = []
        codes = self.ledger.codes() if again else self.ledger.unrecorded(self.bank)
        for done in self._registered(workshop, codes):
            refusals += done.refusals
            if done.given_up:
                self._note_drawn_again(done.copy.code, done.given_up)
            for doubt in done.doubts:
                condition = f"problem {doubt.problem}: {doubt.reason}"
                self.outcome.doubts.setdefault(condition, []).append(doubt.code)
            before = self.ledger[done.copy.code]
            copy = replace(done.copy, bank=self.bank)
            if before.key_content not in {"", copy.key_content}:
                copy = replace(copy, key_revision=before.key_revision + 1)
                changes = with_words(done.changes, self.place.folder, before, done.told)
                self.ledger.changes[copy.code, copy.key_revision] = json.dumps(changes)
                for name in dict.fromkeys(it.split(":")[0] for it in changes or [TEXTS_OF_KEY]):
                    self.outcome.keys_revised.setdefault(name, []).append(copy.code)
            self.ledger.put(copy)
        if refusals:
            raise InputError(_refused(self.exam, refusals))
        self.ledger.bank = self.bank

    def _registered(self, workshop: Workshop, codes: Sequence[str]) -> Iterator[Registered]:
        registrar = _Registrar(workshop, self.redraw, bool(self.before))
        with self.progress.stage("draw", len(codes)) as counter:
            for registered in self.chunks.spread(_register, registrar, codes):
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
                moved = self.outcome.moved
                if parted := part_copies(self.ledger, plan, new, self._answers, chosen, moved):
                    self.outcome.neighbors[name] = asdict(parted)
                counter.add()

    def _answers(self, codes: Sequence[str]) -> list[CopyAnswers]:
        from generator.pipeline.copy_answers import answers_of

        found: dict[str, CopyAnswers] = {}
        for answers in self.chunks.spread(answers_of, self.exam, codes):
            found |= answers
        return [found[code] for code in codes]

    # typeset, stamp, verify

    def make_cards(self, layout: Layout) -> CardStage:
        """Makes the key cards that are not kept from an earlier build, and the sheets."""
        from generator.pipeline.cards import CardStage, make_cards

        cards = CardStage(self.exam, self.place, layout)
        missing = cards.missing(self.ledger.active())
        if missing:
            with self.progress.stage("cards", len(missing)) as counter:
                for made, cpu in self.chunks.spread(
                    make_cards, cards.maker(), missing, MOST_CARDS_IN_CHUNK
                ):
                    cards.take(made)
                    self.maker.cpu["cards"] = self.maker.cpu.get("cards", 0.0) + cpu
                    counter.add(len(made))
        self.maker.cpu["sheets"] = cards.make_sheets(self.ledger.codes(), self.jobs)
        return cards

    def _wait_for_cards(self, few: FewCopies, layout: Layout) -> None:
        """Takes cards and sheets that were made beside this."""
        sums = few.sums()
        few.cards.sums = self.make_cards(layout).sums if sums is None else sums

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
            _, key, data = self.maker.sources.get(copy.code) or self.shelf.paths(copy)
            paper = copy_paths(self.place.folder, copy)[0]
            self.maker.sources[copy.code] = (paper, key, data)
            self.outcome.kept_papers.append(copy.code)

    # release

    def _prepare_release(self) -> None:
        """Does what needs no finished files, so that the release finds it."""
        from generator.office.canvas import load_libraries

        self._tally()
        load_libraries()

    def _release(
        self, workshop: Workshop, press: Press, layout: Layout, few: FewCopies | None
    ) -> int:
        """Releases all; returns how many late copies were made once more, for their cards."""
        from generator.release.handover import WITHDRAWN

        if self.outcome.withdrawn:
            self.ledger.note(WITHDRAWN, self.outcome.withdrawn, "not in the roster")
        made = 0
        for _ in range(MOST_DRAWN_AGAIN):
            try:
                self.release(layout, few)
                return made
            except CopyError as error:
                late = self._late_copies(error)
                if not late:
                    raise
                few = None
                self._draw_again(workshop, late)
                self.maker.compare(press)
                made += self._make(workshop, press, None)
        self.release(layout, None)
        return made

    def release(self, layout: Layout, few: FewCopies | None) -> None:
        """Stages what each recipient gets, and releases it whole.

        Where few copies are new, what is made of them is made while the rest is staged; else the
        cards have all processes first.
        """
        from generator.pipeline.cards import release_errata
        from generator.release.handover import REPORT_FILE, Handover

        cards = self.make_cards(layout) if few is None else few.cards
        runs = self._runs()
        maker = self.maker
        handover = Handover(
            self.exam,
            self.ledger,
            self.place,
            self.shelf,
            maker.sources,
            maker.reprints,
            self.secret,
        )
        with self.progress.stage("release", len(runs) + 1) as counter:
            handover.begin()
            helpers = beside(None, self.jobs) if few is None else nullcontext(few.workers)
            with helpers as workers:
                handover.start_runs(runs, workers)
                if few is not None:
                    self._wait_for_cards(few, layout)
                join = cards.joining(handover.staging, self.ledger.active())
                handover.start(join, workers)
                own = {REPORT_FILE: self._report().encode(), LAYOUT: layout_file(layout)}
                if any(it.large_print for it in self.ledger.printed_for.values()):
                    own[large_layout(layout)] = layout_file(layout.large_print())
                handover.stage(runs, own, counter, partial(cards.release, self.ledger))
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
            self.ledger.note(REVISED, revised, data=self.outcome.keys_revised)

    def _runs(self) -> list[Run]:
        """What the printer gets, room by room."""
        from generator.release.print_run import plan_runs, run_seats

        copies, seats = self.ledger.active(), run_seats(self.ledger)
        booklet = self.exam.printing.booklet
        return plan_runs(copies, seats, booklet=booklet, sheet=self.exam.sheet)

    def _tally(self) -> Tally:
        """What records come to; counted once."""
        from generator.release.kept_tally import tally_in_pieces

        if self._counted is None:
            copies, folder = self.ledger.active(), self.place.work / "tallies"
            self._counted = tally_in_pieces(self.exam, self.measured, copies, folder, self.bank)
        return self._counted

    def _report(self) -> str:
        from generator.release.report import make_report

        found = self._tally()
        if found.alike:
            alike = f"the same values and options as another copy: {_listed(found.alike)}"
            self.progress.note(f"{alike}; the bank has too few variants")
        return make_report(self.exam, found, self.measured, self.ledger.changes)


def _refused(exam: Exam, refusals: Iterable[RefusedDraw]) -> list[Complaint]:
    """Recorded draws that the bank no longer admits, by problem, with the copies."""
    problems = {it.id: it for it in exam.problems}
    by_reason: dict[tuple[str, str], list[str]] = {}
    for refusal in refusals:
        by_reason.setdefault((refusal.problem, refusal.reason), []).append(refusal.code)
    return [
        Complaint(
            *_place_of(problems[problem], reason),
            f"problem {problem}",
            f"{reason}; recorded copies: {_listed(codes)}. Undo the change, or draw the problem "
            f"afresh for all copies with --redraw {problem}",
        )
        for (problem, reason), codes in by_reason.items()
    ]


def _place_of(problem: Problem, reason: str) -> tuple[str, int, int]:
    """The file and the line of the name or the part that a reason is about."""
    lines = {**{part.id: (part.ask.line, 0) for part in problem.parts}, **problem.places}
    places = (lines[word] for word in re.findall(r"[\w.]+", reason) if word in lines)
    line, column = next(places, (1, 0))
    return problem.file, line, column


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
