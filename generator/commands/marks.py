"""Marks on the command line: of those who mark on paper, and what the examiner makes of them."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from generator.bank.exam import Grades
from generator.bank.read.exam_file import load_exam
from generator.codes.check_character import with_check
from generator.errors import Complaint, InputError
from generator.files.program import FIGURES
from generator.files.whole import write_whole
from generator.language.catalogue import DEFAULT, load_catalogue
from generator.marks.audit import Entry
from generator.marks.feedback import feedback_pdf, with_key
from generator.marks.mark_lists import (
    Line,
    form_rows,
    import_list,
    mark_lines,
    points_text,
    write_lists,
)
from generator.marks.operation import FIRST
from generator.marks.store import FOLDER, MARKS_FILE, Marks
from generator.record.batch import Batch, open_batch
from generator.record.ledger import EXAMINER
from generator.record.turnout import ABSENT, WITHDREW
from generator.release.amend import check_built
from generator.release.place import place_of


@contextmanager
def opened(exam_file: Path, out: Path, *, begin: bool = False) -> Iterator[tuple[Batch, Marks]]:
    """A batch and its marks.

    Args:
        begin: Whether there may be no marks yet.

    Raises:
        InputError: There is no batch, or there are no marks.
    """
    place = place_of(exam_file, out)
    check_built(place)
    file = place.folder / FOLDER / MARKS_FILE
    if not begin and not file.exists():
        message = "is missing: nobody has marked anything yet"
        raise InputError([Complaint(str(file), 0, 0, "", message)])
    with open_batch(place.folder) as batch, closing(Marks.of(batch)) as marks:
        # The command line speaks English throughout, the desk the exam's language.
        marks.papers.catalogue = load_catalogue(DEFAULT)
        yield batch, marks


def import_marks(
    exam_file: Path, out: Path, files: Sequence[Path], who: str, round: int, *, replace: bool
) -> str:
    """Records the marks of lists that were typed; each list whole or not at all.

    Raises:
        InputError: All that is wrong with the first list that is not taken.
    """
    said = []
    with opened(exam_file, out, begin=True) as (_, marks):
        if who not in marks.allowed():
            known = ", ".join(marks.allowed()) or "nobody"
            message = f"{who} may not mark; so far {known} may: generator marks allow {who}"
            raise InputError([Complaint("", 0, 0, "--who", message)])
        for file in files:
            done = import_list(marks, file, who, round=round, replace=replace)
            counts = f"{done.new} new, {done.changed} changed, {done.same} as before"
            said.append(f"{file}: {counts}")
    return "\n".join(said)


def form(exam_file: Path, out: Path, problem: str) -> str:
    """A list of all copies as CSV, to type the marks of a problem into.

    Raises:
        InputError: There is no batch, or no such problem.
    """
    with opened(exam_file, out, begin=True) as (_, marks):
        return "\n".join(",".join(row) for row in form_rows(marks.papers, problem))


def allow(exam_file: Path, out: Path, who: str, parts: Sequence[str], *, examiner: bool) -> str:
    """Says who may mark what, in place of what was said of them before.

    Raises:
        InputError: There is no such subproblem, or the name is empty.
    """
    if not who.strip() or who != who.strip():
        raise InputError([Complaint("", 0, 0, "NAME", f"expected a name, got {who!r}")])
    with opened(exam_file, out, begin=True) as (_, marks):
        marks.allow(who, parts or None, examiner=examiner)
        own = marks.allowed()[who]
        what = "everything" if own == marks.papers.parts else ", ".join(own)
    return f"{who} may mark {what}{', and settle differences' if examiner else ''}"


def export(exam_file: Path, out: Path, *, names: bool) -> str:
    """Writes the marks as CSV and XLSX: by codes, or with names for the examiner alone.

    Raises:
        InputError: There are no marks, or the exam file is wrong.
    """
    grades = load_exam(exam_file, FIGURES).grades
    with opened(exam_file, out) as (batch, marks):
        lines = mark_lines(marks, grades)
        folder = batch.folder / (EXAMINER if names else FOLDER)
        paths = folder / "marks.csv", folder / "marks.xlsx"
        holders = None
        if names:
            found = ((code, batch.holder(code)) for code in marks.papers.codes)
            holders = {code: holder for code, holder in found if holder is not None}
        write_lists(*paths, marks.papers, lines, holders)
        marks.audit.append("download", "", "marks with names" if names else "marks by code")
        differ = len(marks.differences())
        unused, void = marks.unused(), _void_lines(marks)
    nobodys = [line for line in lines if line.code in unused]
    lines = [line for line in lines if line.code not in unused]
    whole = [line for line in lines if line.total is not None]
    begun = [line for line in lines if line.points and line.total is None]
    said = [f"{path}" for path in paths]
    said.append(f"{len(whole)} of {len(lines)} copies have all of their marks")
    if begun:
        codes = ", ".join(line.code for line in begun[:10]) + (", …" if len(begun) > 10 else "")
        said.append(f"warning: {len(begun)} have some of them, and so no total: {codes}")
    if differ:
        said.append(f"warning: {differ} subproblems that two correctors see differently are open")
    if doubtful := sum(len(line.doubtful) for line in lines):
        said.append(f"warning: {doubtful} marks are marked as doubtful")
    said += [*_moved_lines(lines), *void]
    said += _uncounted_lines(nobodys)
    came = [with_check(line.code) for line in lines if line.turnout in {ABSENT, WITHDREW}]
    if came:
        said.append(f"warning: marked, though noted as absent or withdrew: {', '.join(came)}")
    return "\n".join([*said, *_grade_lines(grades, [line.grade for line in whole])])


def statistics(exam_file: Path, out: Path) -> str:
    """Writes the page of statistics for the examiner.

    Raises:
        InputError: There are no marks, or the exam file is wrong.
    """
    from generator.marks.findings import find
    from generator.marks.statistics_page import statistics_page

    grades = load_exam(exam_file, FIGURES).grades
    with opened(exam_file, out) as (batch, marks):
        text = statistics_page(batch.exam, find(marks), grades)
        path = batch.folder / EXAMINER / "statistics.html"
        write_whole(path, text.encode())
        path.chmod(0o600)
        marks.audit.append("download", "", "statistics")
        void = _void_lines(marks)
    return "\n".join([str(path), *void])


def feedback(exam_file: Path, out: Path) -> str:
    """Writes for each copy whose marks are all there its points, mistakes and key, as one PDF.

    Raises:
        InputError: There are no such copies, a key is missing, or the exam file is wrong.
    """
    grades = load_exam(exam_file, FIGURES).grades
    with opened(exam_file, out) as (batch, marks):
        finals = marks.finals()
        lines = mark_lines(marks, grades)
        unused = marks.unused()
        lines = [line for line in lines if line.code not in unused]
        whole = [line for line in lines if line.total is not None]
        if not whole:
            message = "no copy has all of its marks yet; `marks export` says what is missing"
            raise InputError([Complaint("", 0, 0, "", message)])
        folder = batch.folder / EXAMINER / "feedback"
        staged = folder.with_name(".feedback.part")
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(mode=0o700)
        for line in whole:
            own = {part: finals[line.code, part] for part in marks.papers.parts}
            page = feedback_pdf(marks.papers, line, own)
            key = batch.folder / "correctors" / "keys" / f"{line.code.partition('.')[0]}.pdf"
            if not key.is_file():
                raise InputError(
                    [Complaint(str(key), 0, 0, "", "is missing: build the exam again")]
                )
            (staged / f"{line.code}.pdf").write_bytes(
                with_key(page, key.read_bytes(), f"{batch.exam_id} {line.code}")
            )
        shutil.rmtree(folder, ignore_errors=True)
        staged.rename(folder)
        marks.audit.append("download", "", "feedback")
        void = _void_lines(marks)
    left = len(lines) - len(whole)
    rest = [f"{left} copies have not all of their marks, and so no page"] if left else []
    return "\n".join([f"{folder}: {len(whole)} files", *rest, *_moved_lines(whole), *void])


def _void_lines(marks: Marks) -> list[str]:
    """What was marked and counts no more."""
    return [
        f"warning: the marks of {with_check(code)} are not counted: {why}"
        for code, why in marks.void().items()
    ]


def _moved_lines(lines: Sequence[Line]) -> list[str]:
    """What is to be looked at again before marks are told."""
    moved = [f"{with_check(line.code)} {part}" for line in lines for part in line.moved]
    if not moved:
        return []
    listed = ", ".join(moved[:10]) + (", …" if len(moved) > 10 else "")
    return [f"warning: {len(moved)} marks have changed since they were done: look at {listed}"]


def _uncounted_lines(lines: Sequence[Line]) -> Iterator[str]:
    """Copies that nobody has to mark, by why that is so."""
    counts = Counter(line.turnout for line in lines)
    texts = [f"{counts[kind]} {kind}" for kind in (ABSENT, WITHDREW) if counts[kind]]
    if nobodys := len(lines) - counts[ABSENT] - counts[WITHDREW]:
        texts.append(f"{nobodys} that nobody has")
    if texts:
        yield f"not counted, though in the list: {', '.join(texts)}"


def _grade_lines(grades: Grades, found: Sequence[str]) -> Iterator[str]:
    if not grades.scale:
        yield "no grades: exam.yaml states no scale (grades: {scale: …})"
    if grades.scale and found:
        yield f"{'grade':>8}  {'points':>11}  copies"
    for name, least in grades.scale if found else ():
        yield f"{name:>8}  from {points_text(least):>6}  {found.count(name)}"


def progress(exam_file: Path, out: Path, round: int) -> str:
    """Who is how far and how fast.

    Raises:
        InputError: There are no marks.
    """
    with opened(exam_file, out) as (_, marks):
        copies = len(marks.papers.codes) - len(marks.unused())
        moved = Counter((it.part, it.done_by) for it in marks.moved()) if round == FIRST else {}
        lines = ["part    who              done   doubtful  changed  seconds each  last"]
        for row in marks.progress(round):
            pace = "" if row.seconds is None else f"{row.seconds:.0f}"
            done = f"{row.done}/{copies}"
            changed = moved.get((row.part, row.who), 0)
            lines.append(
                f"{row.part:<8}{row.who:<17}{done:<7}{row.doubtful:<10}{changed:<9}{pace:<14}"
                f"{row.last_at[:19]}"
            )
    return "\n".join(lines)


def differences(exam_file: Path, out: Path) -> str:
    """What two correctors see differently and nobody has settled.

    Raises:
        InputError: There are no marks.
    """
    with opened(exam_file, out) as (_, marks):
        lines = [
            f"{with_check(it.code):<12}{it.part:<8}"
            f"{it.first.done_by} {points_text(it.first.total or _NOTHING)}, "
            f"{it.second.done_by} {points_text(it.second.total or _NOTHING)}"
            for it in marks.differences()
        ]
    return "\n".join(lines) or "no differences"


_NOTHING = Grades().step * 0


def sample(exam_file: Path, out: Path, part: str, count: int) -> str:
    """Chooses marked copies for being marked again, to see whether correctors drift.

    Raises:
        InputError: There are no marks, or there is no such subproblem.
    """
    with opened(exam_file, out) as (_, marks):
        marks.papers.problem_of(part)
        chosen = marks.order.sample(part, count)
    listed = " ".join(map(with_check, chosen))
    return f"{part}, to be marked again (round 3): {listed or 'nothing is marked yet'}"


def audit(exam_file: Path, out: Path, copy: str | None, who: str | None, *, as_json: bool) -> str:
    """Who saw and did what, if the log is as it was written.

    Args:
        copy: Only what is about this copy.
        who: Only what this corrector did.

    Raises:
        InputError: The log was altered, entries were deleted or moved, or its end was cut off.
    """
    with opened(exam_file, out) as (_, marks):
        code = None if copy is None else marks.papers.read_code(copy)
        entries = marks.audit.verify()
    found = [
        entry
        for entry in entries
        if (who is None or entry.who == who) and (code is None or code in entry.about.split())
    ]
    if as_json:
        document = {"verified": len(entries), "entries": [it.document() for it in found]}
        return json.dumps(document, ensure_ascii=False, indent=1)
    noun = "entry" if len(entries) == 1 else "entries"
    head = f"{len(entries)} {noun}, all as written"
    return "\n".join([head, *map(_audit_line, found)])


def _audit_line(entry: Entry) -> str:
    more = " ".join(f"{key}={value}" for key, value in entry.data.items() if key != "id")
    return "  ".join((entry.at, f"{entry.kind:<9}", f"{entry.who:<12}", entry.about, more)).rstrip()
