"""Sheets by problem: typeset page by page, read back, and kept.

A sheet is kept with a note of what each of its pages was made from. Where only some of them are
others now, as with one more student, these are set again, all problems' in one run of TeX, and the
sheet is put together from them and from the pages that it had: the bytes are those of a sheet that
is made anew.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from pathlib import Path

from generator.bank.exam import Exam
from generator.bank.problem import Problem
from generator.correct.card import CardPlan
from generator.correct.card_press import CardPress
from generator.correct.problem_sheet import SheetPlan
from generator.correct.sheet_template import ProblemSheet, behind, document
from generator.errors import NO_COPIES, Complaint, CopyError
from generator.files.csv_table import write_csv
from generator.files.whole import read_sealed, write_sealed, write_whole
from generator.stamp.pdf import PdfFile, page_digests, references
from generator.stamp.pieces import Content, Stock
from generator.stamp.stamp import plain_document
from generator.typeset.pdftex import run
from generator.verify.readback import PageReading, read_pages
from generator.verify.tokens import first_missing
from generator.work.progress import cpu_seconds

FEW_PAGES = 40
"""So many take no longer than it takes to start processes."""
_UNREAD = PageReading("", ())
_CELL_END = "\x1f"


@dataclass(frozen=True)
class KeptCard:
    """A finished card.

    Attributes:
        code: The copy's code.
        sha256: Digest of the PDF.
        rows: Problem id to the cells of the copy in the sheet of the problem, joined: all copies'
            rows are in memory at the release.
    """

    code: str
    sha256: str
    rows: Mapping[str, str]

    def cells(self, problem: str) -> list[str]:
        """The cells of the copy in the sheet of a problem."""
        return self.rows[problem].split(_CELL_END)[:-1]


def joined_cells(cells: Sequence[str]) -> str:
    """The cells of a row as one text; see `KeptCard.cells`."""
    return "".join(cell + _CELL_END for cell in cells)


@dataclass(frozen=True)
class _Note:
    """What a kept sheet was made from.

    Attributes:
        sha256: Digest of the PDF.
        head: Digest of what is the same on all of its pages, with the press.
        explained: Number of pages before those with copies.
        pages: Of each page with copies the digest of its rows.
    """

    sha256: str
    head: str
    explained: int
    pages: list[str]


@dataclass
class _Wanted:
    """A sheet that is wanted; its rows are not held.

    Attributes:
        head: As in a note.
        digests: Of its pages with copies, as in a note.
        kept: What is kept of it, and still of use.
        pdf: The kept PDF; empty where all is to be made.
        new: Which pages with copies are to be set.
    """

    head: str
    digests: list[str]
    kept: _Note | None = None
    pdf: bytes = b""
    new: list[int] = field(default_factory=list)

    @property
    def is_kept(self) -> bool:
        """Whether nothing is to be made."""
        return self.kept is not None and self.kept.pages == self.digests


class SheetMaker:
    """Makes the sheets by problem; worker processes inherit it with all rows.

    Attributes:
        exam: The exam.
    """

    def __init__(
        self,
        exam: Exam,
        press: CardPress,
        stock: Stock,
        cards: Sequence[KeptCard],
        folder: Path,
        scratch: Path,
    ) -> None:
        """Takes what all sheets share.

        Args:
            stock: The fonts.
            cards: Those of all copies, in the order of their codes.
            folder: Where sheets are kept.
        """
        self.exam = exam
        self._press = press
        self._stock = stock
        self._cards = cards
        self._folder = folder
        self._scratch = scratch
        self._plan = CardPlan(exam)
        self._sheets = SheetPlan(self._plan)
        self._wanted = [self._find(problem) for problem in exam.problems]

    def write_tables(self) -> None:
        """Writes the CSV file of each problem beside its sheet; every build does so anew."""
        for problem in self.exam.problems:
            header = ("code", *(column.title for column in self._sheets.columns[problem.id]))
            rows = ((card.code, *card.cells(problem.id)) for card in self._cards)
            write_csv(self.pdf(problem).with_suffix(".csv"), header, rows)

    def pdf(self, problem: Problem) -> Path:
        """Where the sheet of a problem is kept."""
        return self._folder / f"P{problem.id}.pdf"

    def drop_others(self) -> None:
        """Removes what is kept of other problems."""
        wanted = {self.pdf(problem).stem for problem in self.exam.problems}
        for path in self._folder.iterdir():
            if path.stem not in wanted:
                path.unlink()

    def _find(self, problem: Problem) -> _Wanted:
        """What is wanted of a problem, and what there is of it."""
        sheet = self._sheet(problem)
        head = _digest(self._press.digest, sheet.explained)
        wanted = _Wanted(head, [_digest(repr(page)) for page in sheet.pages])
        kept, pdf = self._kept(problem)
        if kept is not None and kept.head == head:
            wanted.kept, wanted.pdf = kept, pdf
        before = [] if wanted.kept is None else wanted.kept.pages
        there = dict(enumerate(before))
        wanted.new = [at for at, it in enumerate(wanted.digests) if there.get(at) != it]
        return wanted

    def _sheet(self, problem: Problem) -> ProblemSheet:
        rows = [(card.code, card.cells(problem.id)) for card in self._cards]
        return ProblemSheet(self._plan, self._sheets, problem, rows)

    def _kept(self, problem: Problem) -> tuple[_Note | None, bytes]:
        """The sheet that is kept of a problem, if it is there as it was put."""
        path = self.pdf(problem)
        try:
            sealed = read_sealed(path.with_suffix(".json"))
            note = None if sealed is None else _Note(**json.loads(sealed))
            pdf = path.read_bytes()
        except (OSError, ValueError, TypeError):
            return None, b""
        if note is None or hashlib.sha256(pdf).hexdigest() != note.sha256:
            return None, b""
        return note, pdf

    def tasks(self, jobs: int) -> tuple[list[list[int]], int]:
        """What is to be made: lists of the indices of problems, each a run; and for how many jobs.

        The pages that are the same in all copies say which number the next ones have, so all of a
        problem's are set in one run.
        """
        sizes = {
            at: 1 + len(wanted.new) for at, wanted in enumerate(self._wanted) if not wanted.is_kept
        }
        count = 1 if sum(sizes.values()) <= FEW_PAGES else min(jobs, len(sizes))
        tasks: list[list[int]] = [[] for _ in range(count if sizes else 0)]
        for at in sorted(sizes, key=lambda at: -sizes[at]):
            min(tasks, key=lambda task: sum(sizes[it] for it in task)).append(at)
        return tasks, max(count, 1)

    def make(self, indices: Sequence[int]) -> int:
        """Makes the sheets of problems, and keeps them.

        Returns:
            How many pages with copies were set; the others are those that were kept.

        Raises:
            CopyError: A sheet failed to typeset, or does not say what it should.
        """
        problems = [self.exam.problems[at] for at in indices]
        found = [self._wanted[at] for at in indices]
        sheets = list(map(self._sheet, problems))
        pages, explained = self._set(list(map(_pieces, sheets, found)))
        contents, counts = iter(pages), iter(explained)
        for problem, sheet, wanted in zip(problems, sheets, found, strict=True):
            first = next(counts) if wanted.kept is None else wanted.kept.explained
            new = len(wanted.new) + (first if wanted.kept is None else 0)
            self._finish(problem, sheet, wanted, first, list(islice(contents, new)))
        return sum(len(wanted.new) for wanted in found)

    def _set(self, pieces: Sequence[Sequence[str]]) -> tuple[list[Content], list[int]]:
        """The pages of a run, and how many of each sheet's are the same in all copies."""
        if not any(pieces):
            return [], []
        source = document(chain.from_iterable(pieces))
        with tempfile.TemporaryDirectory(prefix="sheet-", dir=self._scratch) as folder:
            typeset = run(self._press.format, source, Path(folder), "sheet")
            contents = self._stock.read_chunk(typeset.pdf.read_bytes(), turned=True)
        return contents, [int(note[1]) for note in typeset.notes if note[0] == "EXPLAINED"]

    def _finish(
        self,
        problem: Problem,
        sheet: ProblemSheet,
        wanted: _Wanted,
        explained: int,
        new: Sequence[Content],
    ) -> None:
        """Puts a sheet together, reads what is new of it, and keeps it."""
        total = explained + len(wanted.digests)
        ours = {explained + at for at in wanted.new}
        if wanted.kept is None:
            ours |= set(range(explained))
        set_now, before = iter(new), _contents(wanted.pdf)
        pages = [next(set_now) if at in ours else before[at] for at in range(total)]
        title = f"{self.exam.id} P{problem.id}"
        pdf = plain_document(self._stock, title, pages, turned=sheet.landscape)
        wrong, failed = self._check(problem, sheet, explained, ours, pdf)
        if others := set(range(total)) - ours:
            then, today = (list(page_digests(PdfFile(it))) for it in (wanted.pdf, pdf))
            if any(then[at] != today[at] for at in others):
                wrong.append(f"sheet of problem {problem.id}, page 1: a kept page is another one")
        if wrong:
            raise CopyError(wrong, failed=failed if len(failed) == len(wrong) else NO_COPIES)
        path = self.pdf(problem)
        sha256 = hashlib.sha256(pdf).hexdigest()
        note = _Note(sha256, wanted.head, explained, wanted.digests)
        write_whole(path, pdf)
        write_sealed(path.with_suffix(".json"), json.dumps(asdict(note)).encode())

    def _check(
        self, problem: Problem, sheet: ProblemSheet, explained: int, ours: set[int], pdf: bytes
    ) -> tuple[list[str], dict[str, Complaint]]:
        """All that is wrong with the new pages of a sheet; others were read when they were set.

        Args:
            ours: Indices of the pages that were set now.

        Returns:
            What is wrong, and what of it begins with the row of a copy, by its code.
        """
        where = f"sheet of problem {problem.id}"
        others = set(range(explained + len(sheet.pages))) - ours
        readings = read_pages(pdf, codes=False, known=dict.fromkeys(others, _UNREAD))
        badge = self.exam.conventions.catalogue.text("key.badge")
        wrong: list[str] = []
        failed: dict[str, Complaint] = {}
        for at in sorted(ours):
            text = readings[at].text
            if badge not in text or self.exam.id not in text:
                wrong.append(f"{where}, page {at + 1}: the head is missing")
            if found := _missing(sheet.tokens(at - explained) if at >= explained else (), text):
                code, token = found
                said = f"{code}: {token!r} is missing, or not where it should be"
                wrong.append(f"{where}, page {at + 1}: {said}")
                failed[code] = Complaint("", 0, 0, "", wrong[-1])
        return wrong, failed


def _missing(rows: Sequence[tuple[str, Sequence[str]]], text: str) -> tuple[str, str] | None:
    """The copy whose row a page lacks, and what of it; None if all is there, in its order."""
    if first_missing(chain.from_iterable(own for _, own in rows), text) is None:
        return None
    before: list[str] = []
    for code, own in rows:
        before += own
        if (token := first_missing(before, text)) is not None:
            return code, token
    return None


def make_sheets(maker: SheetMaker, indices: Sequence[int]) -> float:
    """What worker processes do: makes sheets; returns the CPU time that it took, in seconds."""
    before = cpu_seconds()
    maker.make(indices)
    return cpu_seconds() - before


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def _pieces(sheet: ProblemSheet, wanted: _Wanted) -> list[str]:
    """The TeX of the pages that are to be set of a sheet."""
    if wanted.kept is None:
        return [sheet.explained, *map(sheet.page, wanted.new)]
    if not wanted.new:
        return []
    first = wanted.kept.explained
    return [sheet.head, *(behind(first + at) + sheet.page(at) for at in wanted.new)]


def _contents(pdf: bytes) -> list[Content]:
    """The contents of the pages of a kept sheet."""
    if not pdf:
        return []
    file = PdfFile(pdf)
    numbers = (references(file.value(page))[-1] for page in file.pages())
    streams = (file.parts(number)[1] or b"" for number in numbers)
    return [Content(stream) for stream in streams]
