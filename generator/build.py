"""The stages in order: what `make` does.

    bank, roster -> draw -> solve -> record -> compose -> typeset -> stamp -> verify -> release

Draw and solve run for all copies before anything is typeset. Then chunks of copies are typeset,
stamped and verified in worker processes, which return bytes; only this process writes, counts and
shows progress. A finished copy is kept in the work folder until the batch is released, so that a
build that was stopped goes on where it was.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from generator import deliver
from generator.answers import KEY_HEADER, key_rows
from generator.bank.load import load_exam
from generator.bank.problem import Exam
from generator.errors import InputError, Problem
from generator.fairness import Measured, measure_exam
from generator.ledger import LEDGER_FILE, Copy, Holder, Ledger, bind
from generator.pool import processes, results
from generator.press import FIGURES, REFERENCE_CODE, Press, prepare_press, project_digest
from generator.produce import Batch, Produced, Producer, Registered, Workshop
from generator.progress import Progress
from generator.record import Refusal
from generator.release import EXAMINER, MANIFEST, Place
from generator.report import make_report
from generator.roster import Roster, read_roster
from generator.secret import REFERENCE_SECRET, SECRET_FILE, load_or_create_secret
from generator.stamp import PrintRun
from generator.tables import csv_bytes
from generator.toolchain import check_tools
from generator.verify import Forbidden, forbid

REPORT_FILE = "report.html"
REFERENCE = "reference"
BYTES_PER_COPY = 600_000
MOST_IN_CHUNK = 100
"""Copies that are typeset in one run: each run loads the format and embeds the fonts anew."""
MAX_LISTED = 20

Result = TypeVar("Result")


def build_exam(
    exam_file: Path,
    roster_file: Path,
    out: Path,
    *,
    jobs: int,
    redraw: Collection[str] = (),
    timings: Path | None = None,
    scheduler: str | None = None,
) -> str:
    """Builds the batch of an exam and releases it.

    Args:
        redraw: Ids of problems that are drawn afresh for all copies.
        timings: A file that gets what each stage took, as JSON.
        scheduler: Address of a `dask.distributed` scheduler whose workers make the copies.

    Returns:
        A sentence on what was built.

    Raises:
        InputError: The bank, the roster or the arguments are wrong; no output is touched.
        CopyError: A copy failed to typeset or to verify; the former output is untouched.
        ToolMissingError: TeX is not installed.
    """
    exam, roster = _read_inputs(exam_file, roster_file, redraw)
    check_tools()
    place = Place(out, exam.id)
    try:
        with place.lock():
            place.roll_forward()
            inputs = _digest_of([*_bank_files(exam), roster_file])
            build = _Build(exam, roster, place, jobs, redraw, inputs, scheduler)
            done = build.run()
            if timings is not None:
                timings.write_text(json.dumps(build.spent(), indent=1))
            return done
    except OSError as error:
        raise _system_error(error, out) from error


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
    try:
        workshop = Workshop(exam, REFERENCE_SECRET, len(REFERENCE_CODE) - 1)
        press = prepare_press(exam, place.cache, jobs)
        registered = workshop.register_reference()
        producer = Producer(workshop, press, forbid(exam, ()), place.cache)
        produced = producer.produce([registered]).copies
        folder = place.folder / REFERENCE
        folder.mkdir(parents=True, exist_ok=True)
        names = (f"{REFERENCE_CODE}.pdf", f"{REFERENCE_CODE}-key.pdf", f"{REFERENCE_CODE}.json")
        contents = (produced[0].paper, produced[0].key, produced[0].key_json)
        for name, content in zip(names, contents, strict=True):
            _write(folder / name, content)
    except OSError as error:
        raise _system_error(error, out) from error
    return f"{folder}: the reference copy {REFERENCE_CODE} as paper, key and data"


def _read_inputs(
    exam_file: Path, roster_file: Path, redraw: Collection[str]
) -> tuple[Exam, Roster]:
    """Bank and roster; what is wrong in either of them is said at once."""
    problems: list[Problem] = []
    exam: Exam | None = None
    roster: Roster | None = None
    try:
        exam = load_exam(exam_file, FIGURES)
    except InputError as error:
        problems += error.problems
    try:
        roster = read_roster(roster_file)
    except InputError as error:
        problems += error.problems
    known = [problem.id for problem in exam.problems] if exam else redraw
    for name in redraw:
        if name not in known:
            message = f"there is no problem {name}; the exam has {', '.join(known)}"
            problems.append(Problem("", 0, 0, "--redraw", message))
    if problems or exam is None or roster is None:
        raise InputError(problems)
    return exam, roster


def _digest_of(files: Iterable[Path]) -> str:
    """Digest of files and of the project that reads them."""
    digest = hashlib.sha256(project_digest().encode())
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _bank_files(exam: Exam) -> list[Path]:
    return [Path(exam.file), *(Path(problem.file) for problem in exam.problems)]


class _Inherited:
    """What worker processes inherit: set before they start, never sent."""

    workshop: Workshop
    producer: Producer
    redraw: Collection[str] = ()


def _register(copies: Sequence[Copy]) -> list[Registered]:
    return [_Inherited.workshop.register(copy, _Inherited.redraw) for copy in copies]


def _produce(copies: Sequence[Copy]) -> Batch:
    return _Inherited.producer.produce(copies)


class _Build:
    """One run of the stages for one batch."""

    def __init__(
        self,
        exam: Exam,
        roster: Roster,
        place: Place,
        jobs: int,
        redraw: Collection[str],
        inputs: str,
        scheduler: str | None = None,
    ) -> None:
        self.exam = exam
        self.roster = roster
        self.place = place
        self.jobs = jobs
        self.redraw = redraw
        self.inputs = inputs
        self.scheduler = scheduler
        self.progress = Progress()
        self.secret = load_or_create_secret(place.examiner / SECRET_FILE)
        self.ledger = Ledger(place.examiner / LEDGER_FILE, exam.id, self.secret)
        self.finished_folder = place.work / "copies"
        self.worker_cpu: dict[str, float] = {}
        self.measured: Mapping[str, Measured] = {}

    def run(self) -> str:
        """All stages after bank and roster."""
        for note in self.roster.notes:
            self.progress.note(note)
        bind(self.ledger, self._holders(), self.secret, {REFERENCE_CODE})
        if self.inputs == self.ledger.inputs and not self.redraw and self._is_complete():
            return f"{self.place.folder}: nothing has changed"
        self._check_space()
        self.measured = measure_exam(self.exam, self.place.cache, self.jobs, self.progress)
        self.register()
        with self.progress.stage("press", 1):
            press = prepare_press(self.exam, self.place.cache, self.jobs)
        made = self.produce(press)
        with self.progress.stage("release", 1):
            self.release()
        count = len(self.ledger.active)
        return f"{self.place.folder}: {count} copies ({made} made now) of {self.exam.pages} pages"

    def spent(self) -> dict[str, dict[str, float]]:
        """Stage to wall and CPU time, in seconds; of stages in worker processes CPU alone."""
        stages = {
            name: {"wall": spent.wall, "cpu": spent.cpu}
            for name, spent in self.progress.spent.items()
        }
        return stages | {f"worker: {name}": {"cpu": cpu} for name, cpu in self.worker_cpu.items()}

    def _is_complete(self) -> bool:
        """Whether all that was released is still there."""
        folder = self.place.folder
        names = [
            "print-shop/job-ticket.json",
            "print-shop/SHA256SUMS",
            "correctors/keys.csv",
            "correctors/SHA256SUMS",
            "exam-office/binding.csv",
            "exam-office/SHA256SUMS",
            f"{EXAMINER}/{MANIFEST}",
        ]
        runs = deliver.plan_runs(self.ledger.active)
        names += [f"print-shop/runs/{run.file}" for run in runs]
        return all((folder / name).exists() for name in names) and all(
            map(self._released, self.ledger.active)
        )

    def _holders(self) -> Iterator[Holder]:
        students = self.roster.students
        for student in students:
            yield Holder(
                student.room,
                None,
                student.registration_number,
                student.last_name,
                student.first_name,
                student.seat or "",
            )
        for room in self.roster.rooms:
            count = sum(student.room == room for student in students)
            for number in range(self.exam.spares.count(room, count)):
                yield Holder(room, number + 1)

    def _check_space(self) -> None:
        need = BYTES_PER_COPY * len(self.ledger.active)
        free = shutil.disk_usage(self.place.work).free
        if need > free:
            message = (
                f"the disk has {free // 10**6} MB left, and about {need // 10**6} MB are needed; "
                "make room, or build elsewhere with OUT="
            )
            raise InputError([Problem(str(self.place.folder), 0, 0, "", message)])

    # draw, solve, record

    def register(self) -> None:
        """Draws, solves and records all copies that need it."""
        bank = _digest_of(_bank_files(self.exam))
        copies = self.ledger.active
        if bank == self.ledger.bank and not self.redraw:
            copies = [copy for copy in copies if not copy.record]
        refusals: list[Refusal] = []
        changes: dict[str, list[str]] = {}
        for done in self._registered(copies):
            refusals += done.refusals
            before = self.ledger.copies[done.copy.code]
            copy = done.copy
            if before.key_content not in {"", copy.key_content}:
                revision = before.key_revision + 1
                copy = replace(copy, key_revision=revision)
                self.ledger.changes[copy.code, revision] = json.dumps(done.changes)
                for change in done.changes or ("texts of the key",):
                    changes.setdefault(change.split(":")[0], []).append(copy.code)
            self.ledger.put(copy)
        if refusals:
            raise InputError(_refused(refusals))
        for change, codes in sorted(changes.items()):
            self.progress.note(f"next revision of the key, {change}: {_listed(codes)}")
        self._note_alike()
        self.ledger.bank = bank

    def _note_alike(self) -> None:
        """Two copies with the same values and options are a matter of too few variants."""
        seen: dict[str, str] = {}
        for copy in self.ledger.active:
            drawn = json.loads(copy.record)
            key = repr([(name, it["values"], it["choices"]) for name, it in drawn.items()])
            digest = hashlib.sha256(key.encode()).hexdigest()
            if digest in seen:
                message = f"{copy.code} has the same values and options as {seen[digest]}"
                self.progress.note(f"{message}: the bank has too few variants")
            seen[digest] = copy.code

    def _registered(self, copies: Sequence[Copy]) -> Iterator[Registered]:
        bands = {name: measured.band for name, measured in self.measured.items()}
        _Inherited.workshop = Workshop(self.exam, self.secret, self.ledger.digits, bands)
        _Inherited.redraw = self.redraw
        chunks = _chunks(copies, self.jobs)
        with self.progress.stage("draw", len(copies)) as counter:
            for registered in _spread(_register, chunks, self.jobs):
                counter.add(len(registered))
                yield from registered

    # typeset, stamp, verify

    def produce(self, press: Press) -> int:
        """Makes what is missing; returns how many copies that were."""
        self.finished_folder.mkdir(parents=True, exist_ok=True)
        missing = []
        for copy in self.ledger.active:
            made = _made_digest(press, copy)
            if made != copy.made or not self._released(copy):
                self.ledger.put(replace(copy, made=made))
                if not self._adopt(self.ledger.copies[copy.code]):
                    missing.append(self.ledger.copies[copy.code])
        if missing:
            with self.progress.stage("typeset", len(missing)) as counter:
                for batch in self._batches(press, missing):
                    for produced in batch.copies:
                        self._keep(produced)
                    for stage, cpu in batch.cpu.items():
                        self.worker_cpu[stage] = self.worker_cpu.get(stage, 0.0) + cpu
                    counter.add(len(batch.copies))
                    del batch  # the next one comes before this name is bound to it
        return len(missing)

    def _batches(self, press: Press, copies: Sequence[Copy]) -> Iterator[Batch]:
        """Chunks of finished copies, from processes here or from workers elsewhere."""
        forbidden = forbid(self.exam, self._people())
        workshop = _Inherited.workshop
        if self.scheduler is not None:
            yield from self._batches_there(self.scheduler, press, forbidden, copies)
            return
        _Inherited.producer = Producer(workshop, press, forbidden, self.place.work)
        yield from _spread(_produce, _chunks(copies, self.jobs), self.jobs)

    def _batches_there(
        self, scheduler: str, press: Press, forbidden: Forbidden, copies: Sequence[Copy]
    ) -> Iterator[Batch]:
        from generator.cluster import Cluster, make_setup

        setup = make_setup(self.exam, _Inherited.workshop, press, forbidden)
        cluster = Cluster(scheduler)
        try:
            for worker, reason in sorted(cluster.refused.items()):
                self.progress.note(f"the worker {worker} is not used: {reason}")
            yield from cluster.produce(setup, _chunks(copies, 2 * len(cluster.workers)))
        finally:
            cluster.close()

    def _people(self) -> Iterator[tuple[str, str, str]]:
        for student in self.roster.students:
            yield student.registration_number, student.first_name, student.last_name

    def _released(self, copy: Copy) -> bool:
        return all(path.exists() for path in _copy_paths(self.place.folder, copy))

    def _work_paths(self, copy: Copy) -> tuple[Path, Path, Path]:
        base = self.finished_folder / f"{copy.code}-{copy.made[:24]}"
        return tuple(base.with_name(base.name + end) for end in (".pdf", "-key.pdf", ".json"))  # type: ignore[return-value]

    def _adopt(self, copy: Copy) -> bool:
        """Takes over what a build that was stopped has finished; the last file says that all is."""
        paths = self._work_paths(copy)
        if not all(path.exists() for path in paths):
            return False
        sums = [deliver.sha256_of(path) for path in paths]
        self._put_sums(copy, sums)
        return True

    def _keep(self, produced: Produced) -> None:
        copy = self.ledger.copies[produced.code]
        contents = (produced.paper, produced.key, produced.key_json)
        for path, content in zip(self._work_paths(copy), contents, strict=True):
            _write(path, content)
        self._put_sums(copy, [hashlib.sha256(content).hexdigest() for content in contents])

    def _put_sums(self, copy: Copy, sums: Sequence[str]) -> None:
        paper, key, data = sums
        self.ledger.put(replace(copy, paper_sha256=paper, key_sha256=key, json_sha256=data))

    # release

    def release(self) -> None:
        """Stages what each recipient gets, and releases it whole."""
        staging = self.place.begin()
        copies = self.ledger.active
        sums: dict[str, dict[str, str]] = {"print-shop": {}, "correctors": {}, "exam-office": {}}
        for folder in ("print-shop/papers", "print-shop/runs", "correctors/keys"):
            (staging / folder).mkdir()
        for copy in copies:
            sources = self._work_paths(copy)
            if not sources[0].exists():
                sources = _copy_paths(self.place.folder, copy)
            targets = _copy_paths(staging, copy)
            digests = (copy.paper_sha256, copy.key_sha256, copy.json_sha256)
            for source, target, digest in zip(sources, targets, digests, strict=True):
                _link(source, target)
                recipient, *rest = target.relative_to(staging).parts
                sums[recipient]["/".join(rest)] = digest
        self._print_shop(staging / "print-shop", copies, sums["print-shop"])
        self._correctors(staging / "correctors", copies, sums["correctors"])
        self._exam_office(staging / "exam-office", copies, sums["exam-office"])
        for name, own in sums.items():
            (staging / name / deliver.SUMS).write_bytes(deliver.sums_file(own))
        self._examiner(staging / EXAMINER, copies)
        self.place.commit()
        shutil.rmtree(self.finished_folder, ignore_errors=True)

    def _print_shop(self, folder: Path, copies: Sequence[Copy], sums: dict[str, str]) -> None:
        runs = deliver.plan_runs(copies)
        with self.progress.stage("print runs", len(copies)) as counter:
            for run in runs:
                path = folder / "runs" / run.file
                with path.open("wb") as file:
                    joined = PrintRun(file, f"{self.exam.id} {path.stem}")
                    for code in run.codes:
                        joined.append((folder / "papers" / f"{code}.pdf").read_bytes())
                        counter.add()
                    joined.close()
                sums[f"runs/{run.file}"] = deliver.sha256_of(path)
        _put(folder / "job-ticket.json", deliver.job_ticket(self.exam, runs, sums), sums)

    def _correctors(self, folder: Path, copies: Sequence[Copy], sums: dict[str, str]) -> None:
        rows = (
            row
            for copy in copies
            for recorded in [json.loads(copy.record)]
            for row in key_rows(
                copy.code,
                (recorded[problem.id]["answers"] for problem in self.exam.problems),
            )
        )
        _put(folder / "keys.csv", csv_bytes(KEY_HEADER, rows), sums)

    @staticmethod
    def _exam_office(folder: Path, copies: Sequence[Copy], sums: dict[str, str]) -> None:
        _put(folder / "binding.csv", deliver.binding_csv(copies), sums)

    def _examiner(self, folder: Path, copies: Sequence[Copy]) -> None:
        finished = (
            deliver.Finished(
                copy.code,
                copy.mark,
                copy.holder.room,
                copy.holder.spare is not None,
                copy.paper_sha256,
                copy.key_sha256,
            )
            for copy in copies
        )
        self.ledger.inputs = self.inputs
        self.ledger.save(folder / LEDGER_FILE)
        report = make_report(self.exam, copies, self.measured, self.ledger.changes)
        (folder / REPORT_FILE).write_text(report, encoding="utf-8")
        (folder / MANIFEST).write_bytes(deliver.manifest(self.exam, finished))


def _spread(
    work: Callable[[Sequence[Copy]], Result], chunks: Sequence[Sequence[Copy]], jobs: int
) -> Iterator[Result]:
    """Chunks over worker processes; a single one stays here."""
    if len(chunks) <= 1 or jobs == 1:
        yield from map(work, chunks)
        return
    with processes(min(jobs, len(chunks))) as executor:
        yield from results(executor, work, chunks, jobs)


def _chunks(copies: Sequence[Copy], workers: int) -> list[Sequence[Copy]]:
    """Chunks of one size, the same number for each worker, so that all are done at one time."""
    rounds = max(1, -(-len(copies) // (workers * MOST_IN_CHUNK)))
    size = max(1, -(-len(copies) // (workers * rounds)))
    return [copies[start : start + size] for start in range(0, len(copies), size)]


def _copy_paths(folder: Path, copy: Copy) -> tuple[Path, Path, Path]:
    """Where paper, key and data of a copy are, in a released or a staged exam."""
    return (
        folder / "print-shop" / "papers" / f"{copy.code}.pdf",
        folder / "correctors" / "keys" / f"{copy.code}.pdf",
        folder / "correctors" / "keys" / f"{copy.code}.json",
    )


def _made_digest(press: Press, copy: Copy) -> str:
    """Digest of all that the finished files of a copy are made from."""
    parts = (press.digest, copy.code, copy.mark, copy.key_content, str(copy.key_revision))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _write(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all."""
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_bytes(content)
    temporary.replace(path)


def _put(path: Path, content: bytes, sums: dict[str, str]) -> None:
    """Writes a file of a recipient's folder and notes its checksum."""
    path.write_bytes(content)
    sums[path.name] = hashlib.sha256(content).hexdigest()


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _refused(refusals: Iterable[Refusal]) -> list[Problem]:
    """Recorded draws that the bank no longer admits, by problem, with the copies."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for refusal in refusals:
        by_reason.setdefault((refusal.problem, refusal.reason), []).append(refusal.code)
    return [
        Problem(
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
    return ", ".join(codes[:MAX_LISTED]) + (f" and {more} more" if more > 0 else "")


def _system_error(error: OSError, out: Path) -> InputError:
    """What the operating system refuses, as something that the user can mend."""
    file = str(error.filename or out)
    advice = {
        errno.ENOSPC: "the disk is full; make room and build again, it goes on where it was",
        errno.EDQUOT: "the disk quota is used up; make room and build again",
        errno.EACCES: "may not be written by this user",
        errno.EROFS: "is on a file system that can only be read",
    }.get(error.errno or 0, error.strerror or str(error))
    return InputError([Problem(file, 0, 0, "", advice)])
