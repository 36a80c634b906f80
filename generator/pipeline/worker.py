"""What worker processes do: they make chunks of finished papers and keys.

A worker is given copies as the ledger has them. TeX sets a chunk of them in one run; from there on
they are finished one by one, so that a worker never holds more than one finished copy. The bytes of
a copy are a pure function of its record and the bank: they do not depend on the worker or on what
else is in the chunk.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from pathlib import Path

from generator.codes.page_code import REFERENCE_CODE
from generator.compose.key_data import key_document, key_json
from generator.compose.places import complain_of
from generator.compose.source import chunk_source
from generator.errors import Complaint, CopyError, copies_failed
from generator.exact.numbers import show_values
from generator.pipeline.foreign import blame
from generator.pipeline.proofread import Proofreader, shown_variants
from generator.pipeline.workshop import Composed, Workshop
from generator.record.copy import Copy
from generator.release.finished import Produced
from generator.solve.solve import Solution
from generator.stamp.cff import FontPress
from generator.stamp.pieces import Content, Stock
from generator.stamp.stamp import CopyPages, PaperCodes, Stamper
from generator.typeset.overflow import NONE, Overflow, overflows
from generator.typeset.pdftex import run, shipped_pages, side_by_side
from generator.typeset.press import Press, Side
from generator.typeset.survey import in_millimeters
from generator.typeset.tex_log import TypesetError
from generator.verify.key_file import wrong_data
from generator.verify.leaks import Forbidden
from generator.work.progress import cpu_seconds

SHOWN = 80
"""So much of what is odd is shown."""


@dataclass(frozen=True)
class _Chunk:
    """What a run made of one side of its copies.

    Attributes:
        pdf: The pages; None where there are none.
        shipped: Code of each copy, in order, and its pages: their numbers and places in the PDF.
        overflows: What of keys had no room, by code.
    """

    pdf: bytes | None = None
    shipped: Sequence[tuple[str, Sequence[tuple[int, int]]]] = ()
    overflows: Mapping[str, Overflow] = field(default_factory=dict)


@dataclass(frozen=True)
class _Own:
    """Pages that a copy contributes, in order.

    Attributes:
        overflow: What of a key stands on the last of them, behind those of the plan.
    """

    pages: tuple[Content, ...]
    overflow: Overflow


class Producer:
    """Makes chunks of finished copies; a worker process has one.

    Attributes:
        cpu: Stage to the CPU time that it took in the last chunk, in seconds.
    """

    def __init__(
        self,
        workshop: Workshop,
        press: Press,
        forbidden: Forbidden,
        scratch: Path,
        *,
        lenient: bool = False,
    ) -> None:
        self.workshop = workshop
        self.press = press
        self.scratch = scratch
        self.lenient = lenient
        self.cpu: dict[str, float] = {}
        # Read once: a copy brings only its own pages, and what is stamped on all of them.
        self._stocks = {side.name: self._stock(side) for side in (press.paper, press.key)}
        self._proofreader = Proofreader(workshop, press, forbidden, self._stocks)
        codes = PaperCodes(workshop.version, workshop.secret.tag_key, workshop.exam.sheet)
        self._stampers = {
            side.name: Stamper(self._stocks[side.name], workshop.exam.id, side.anchors, side_codes)
            for side, side_codes in ((press.paper, codes), (press.key, None))
        }

    def _stock(self, side: Side) -> Stock:
        stock = Stock(side.master.read_bytes(), FontPress.beside(side.master.parent))
        for sheet in self.press.figures:
            if sheet.on_paper or side.name == "key":
                stock.add_figures(sheet.pdf.read_bytes(), sheet.names, sheet.images)
        return stock

    def produce(self, copies: Sequence[Copy]) -> Iterator[Produced]:
        """Typesets copies together, then stamps and verifies them one by one.

        Only copies that are as they should be are given.

        Raises:
            CopyError: After the last copy, if one of them failed; names all that did.
        """
        self.cpu = {}
        with self._timed("solve"):
            solved = [self.workshop.solutions(copy) for copy in copies]
        with self._timed("compose"):
            composed = [
                self.workshop.compose_recorded(copy, solutions)
                for copy, solutions in zip(copies, solved, strict=True)
            ]
        sides = (self.press.paper, self.press.key)
        with self._timed("typeset"), side_by_side(len(sides)) as threads:
            # A single copy is previewed or added; in a batch, other workers fill the cores.
            pdfs = list(threads.map(lambda side: self._typeset_placed(side, composed), sides))
        contents = [self._read(side, pdfs.pop(0), composed) for side in sides]
        wrong: dict[str, list[Complaint]] = {}
        for copy, solutions, texts in zip(copies, solved, composed, strict=True):
            with self._timed("stamp"):
                # The first copy has the chunk's pages read, all others only take theirs.
                own = [next(content) for content in contents]
                paper, key = (
                    self._stamp(side, copy, texts, content)
                    for side, content in zip(sides, own, strict=True)
                )
            with self._timed("verify"):
                found = self._proofreader.wrong(copy, texts, paper, key, own[-1].overflow)
                found += self._strange(copy, texts, {"paper": paper, "key": key})
                document = self._document(copy, solutions)
                found += wrong_data(document, copy, self.workshop.exam, solutions)
            if not found:
                yield Produced(copy, paper, key, document)
            else:
                wrong[copy.code] = [self._placed(texts, it) for it in found]
        if wrong:
            raise copies_failed(wrong)

    def _strange(self, copy: Copy, composed: Composed, made: Mapping[str, bytes]) -> list[str]:
        """What a copy alone says, if it does not come out the same when it is set by itself."""
        strange = self._proofreader.strange
        for side in (self.press.paper, self.press.key):
            own = [it for it in strange if it.side == side.name]
            if not own:
                continue
            content = next(self._read(side, self._typeset(side, [composed]), [composed]))
            if self._stamp(side, copy, composed, content) != made[side.name]:
                return [
                    f"{copy.code} ({it.side}), page {it.place[0]}: {it.place[1]}: "
                    f"it says {it.text[:SHOWN]!r}, unlike all copies before, and unlike itself "
                    "when it is set once more"
                    for it in own
                ]
            self._proofreader.accept(own)
        return []

    def set_keys(self, copies: Sequence[Copy]) -> None:
        """Sets the keys of copies, to see whether their answers fit.

        Raises:
            CopyError: What does not.
        """
        composed = [
            self.workshop.compose(copy.code, self.workshop.solutions(copy)) for copy in copies
        ]
        self._typeset_placed(self.press.key, composed)

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        before = cpu_seconds()
        yield
        self.cpu[stage] = self.cpu.get(stage, 0.0) + cpu_seconds() - before

    def _document(self, copy: Copy, solutions: Mapping[str, Solution]) -> bytes:
        exam, revision = self.workshop.exam, copy.key_revision
        return key_json(key_document(exam, copy.code, copy.mark, revision, solutions))

    def _typeset_placed(self, side: Side, composed: Sequence[Composed]) -> _Chunk:
        """The pages that vary; what TeX finds is said with its place in the bank and the draw."""
        try:
            return self._typeset(side, composed)
        except TypesetError as error:
            copies = {item.given.code: item for item in composed}
            found = []
            for it in error.issues:
                # A page that several copies share is set once, in the first of them.
                alike = self._alike(side, it.block, copies.get(it.copy), composed)
                others = f" and {alike} more with the same text" if alike else ""
                message = f"{it.copy}{others}: {in_millimeters(it)}"
                found.append(self._complaint(it.block, message, copies.get(it.copy)))
            raise CopyError(found, failed=error.first_of_each(found)) from None

    def _alike(
        self, side: Side, block: str, copy: Composed | None, composed: Sequence[Composed]
    ) -> int:
        """How many other copies have the page of a block as a copy has it."""
        owner = block.partition("/")[0]
        page = next((it for it in self.press.plan if owner in it.owners), None)
        if copy is None or page is None:
            return 0

        def own(item: Composed) -> dict[str, str]:
            blocks = self.workshop.contributed(side, item)
            return {it: tex for it, tex in blocks.items() if it.partition("/")[0] in page.owners}

        wrong = own(copy)
        return sum(own(item) == wrong for item in composed) - 1

    def _placed(self, composed: Composed, message: str) -> Complaint:
        """What is wrong with a finished copy, at the part that it names."""
        named = self._owner.search(message)
        return self._complaint(f"{named[1]}/ask" if named else "", message, composed)

    def _complaint(self, block: str, message: str, composed: Composed | None) -> Complaint:
        found = complain_of(self.workshop.exam, block, message)
        owner = block.partition("/")[0].partition(".")[0]
        solutions = composed.answers.solutions if composed is not None else {}
        if owner not in solutions or not solutions[owner].draw.values:
            return found
        drawn = show_values(solutions[owner].draw.values)
        return replace(found, message=f"{message}; drawn {drawn}")

    @cached_property
    def _owner(self) -> re.Pattern[str]:
        """A part in what is wrong with a page."""
        parts = [part.id for problem in self.workshop.exam.problems for part in problem.parts]
        names = "|".join(re.escape(it) for it in sorted(parts, key=len, reverse=True))
        return re.compile(rf"page \d+: .*?(?<![\d.])({names})(?![\d.]*\d)")

    def _typeset(self, side: Side, composed: Iterable[Composed]) -> _Chunk:
        """The pages that vary; and what had no room."""
        if not side.varying:
            return _Chunk()
        copies = [(item.given.code, self.workshop.contributed(side, item)) for item in composed]
        return self._set(side, copies, side.varying, lenient=self.lenient)

    def _set(
        self,
        side: Side,
        copies: Sequence[tuple[str, Mapping[str, str]]],
        numbers: Sequence[int],
        *,
        lenient: bool,
    ) -> _Chunk:
        """Pages of copies, by what each contributes."""
        pages = chunk_source(copies, self.press.plan, numbers)
        source = f"\\begin{{document}}\n{pages}\\end{{document}}\n"
        with tempfile.TemporaryDirectory(prefix=f"{side.name}-", dir=self.scratch) as folder:
            made = run(side.format, source, Path(folder), name="chunk", lenient=lenient)
            pdf = made.pdf.read_bytes()
        return _Chunk(pdf, shipped_pages(made), overflows(made.notes))

    def _foreign(
        self, side: Side, composed: Sequence[Composed], owner: str, numbers: Sequence[int]
    ) -> str:
        """What fonts lack of the texts of a part, or of all: see `blame`."""
        copies = []
        for item in composed:
            blocks = self.workshop.contributed(side, item)
            hidden = [it for it in blocks if owner not in ("", it.partition("/")[0])]
            copies.append((item.given.code, {**blocks, **dict.fromkeys(hidden, "")}))
        try:
            chunk = self._set(side, copies, numbers, lenient=True)
        except TypesetError:
            return ""  # without the texts of others it cannot be set
        try:
            self._stocks[side.name].read_chunk(chunk.pdf or b"")
        except CopyError as error:
            return error.messages[0].removeprefix("the chunk: ")
        return ""

    def _read(self, side: Side, chunk: _Chunk, composed: Sequence[Composed]) -> Iterator[_Own]:
        """The pages that are a copy's own, copy by copy; what copies share is one object."""
        if chunk.pdf is None:
            yield from (_Own((), NONE) for _ in composed)
            return
        codes = [it.given.code for it in composed]
        try:
            contents = self._stocks[side.name].read_chunk(chunk.pdf)
        except CopyError as error:
            plan = self.press.plan
            raise blame(self._foreign, self._complaint, side, plan, composed, error) from None
        over = [chunk.overflows.get(code, NONE) for code in codes]
        # With a page too many or too few, each copy behind it would get pages of another one.
        planned = len(self.press.plan)
        expected = [
            (code, [*side.varying, *range(planned + 1, planned + overflow.pages + 1)])
            for code, overflow in zip(codes, over, strict=True)
        ]
        said = [(code, [number for number, _ in pages]) for code, pages in chunk.shipped]
        used = {place for _, pages in chunk.shipped for _, place in pages}
        if said != expected or used != set(range(len(contents))):
            wanted = sum(len(numbers) for _, numbers in expected)
            found = sum(len(numbers) for _, numbers in said)
            raise CopyError(
                f"{len(codes)} copies of the {side.name} have {found} varying pages, "
                f"{len(contents)} of them in the file, expected {wanted}"
            )
        for overflow, (_, pages) in zip(over, chunk.shipped, strict=True):
            yield _Own(tuple(contents[place] for _, place in pages), overflow)

    def _stamp(self, side: Side, copy: Copy, composed: Composed, own: _Own) -> bytes:
        return self._stampers[side.name].stamp(self._pages(side, copy, composed, own))

    def _pages(self, side: Side, copy: Copy, composed: Composed, own: _Own) -> CopyPages:
        # The plan says which pages are the copy's own; the others are the master's, in order. What
        # had no room in the boxes comes behind all of them.
        static = count()
        varying = iter(own.pages)
        planned = tuple(
            next(varying) if page.number in side.varying else next(static)
            for page in self.press.plan
        )
        pages = (*planned, *varying)
        figures = shown_variants(self.press, side, composed)
        texts = {
            "copy-code": copy.code,
            "record-mark": self._mark_text(side, copy),
            "extra-time": self.workshop.extra_time(copy),
        }
        return CopyPages(copy.code, pages, figures, texts, self.workshop.enlarged(side, copy))

    def _mark_text(self, side: Side, copy: Copy) -> str:
        if copy.code == REFERENCE_CODE:
            return f"REFERENCE {copy.mark}"
        revision = copy.key_revision
        if side.name == "key" and revision > 1:
            said = self.workshop.exam.conventions.catalogue.text("key.revision", number=revision)
            return f"{copy.mark} {said}"
        return copy.mark
