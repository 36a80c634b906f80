"""What worker processes do: record copies, and make chunks of finished papers and keys.

A worker is given copies as the ledger has them. TeX sets a chunk of them in one run; from there on
they are finished one by one, so that a worker never holds more than one finished copy. The bytes of
a copy are a pure function of its record and the bank: they do not depend on the worker or on what
else is in the chunk.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import count, islice
from pathlib import Path
from string import ascii_lowercase

from generator.bank.covers import MODEL
from generator.bank.part import FALSE_BOX
from generator.bank.problem import Exam
from generator.codes.page_code import REFERENCE_CODE, CodeError, record_mark
from generator.codes.sheet import symbol_version
from generator.compose.blocks import Block, key_blocks, paper_blocks
from generator.compose.frame import fields, marks
from generator.compose.given import Answers, Given, key_slots, split
from generator.compose.key_data import key_document, key_json
from generator.compose.places import complain_of
from generator.compose.source import copy_source
from generator.draw.draw import NO_BANDS, Band, Draw, reference_draw
from generator.errors import Complaint, CopyError, InputError
from generator.exact.numbers import show_values
from generator.exact.secret import Secret
from generator.layout import A4, LARGE_PRINT, Box, Enlarged
from generator.record.copy import Copy, Recorded, encode_problems
from generator.record.record import Refusal, record_copy, recorded_answers, solve_recorded
from generator.release.finished import Produced
from generator.solve.solve import Solution, solve_problem
from generator.stamp.cff import FontPress
from generator.stamp.pdf import PdfFile
from generator.stamp.pieces import Content, Stock
from generator.stamp.stamp import CopyPages, PaperCodes, Stamper
from generator.typeset.overflow import NONE, Overflow, overflows
from generator.typeset.pdftex import TypesetError, run, side_by_side
from generator.typeset.press import Press, Side, variant_name
from generator.verify.expect import Expected, expect, expect_key
from generator.verify.figures import (
    Areas,
    areas_of,
    label_texts,
    wrong_images,
    wrong_labels,
    wrong_plots,
)
from generator.verify.leaks import Forbidden
from generator.verify.readback import Looked, PageReading, Picture, picture_of, read_pages
from generator.verify.shared import SharedPages
from generator.verify.verify import check_key, check_paper
from generator.work.progress import cpu_seconds


@dataclass(frozen=True)
class Registered:
    """A copy after draw, solve and record.

    Attributes:
        copy: With its record, its mark and the digest of what its key says.
        refusals: Recorded draws that the bank no longer admits.
        changes: Answers that differ from the recorded ones.
        doubts: Recorded draws that stay, though a condition does not hold for them any more.
    """

    copy: Copy
    refusals: tuple[Refusal, ...]
    changes: tuple[str, ...]
    doubts: tuple[Refusal, ...] = ()


@dataclass(frozen=True)
class Composed:
    """The TeX of a copy, all of its blocks."""

    given: Given
    answers: Answers
    paper: Mapping[str, str]
    key: Mapping[str, str]


class Workshop:
    """One bank and one secret, and all that is done with single copies."""

    def __init__(
        self,
        exam: Exam,
        secret: Secret,
        digits: int,
        bands: Mapping[str, Band] = NO_BANDS,
    ) -> None:
        """Prepares what all copies share.

        Args:
            digits: Digits of the copy codes.
            bands: Problem id to the work that a copy may take.
        """
        self.exam = exam
        self.secret = secret
        self.digits = digits
        self.bands = bands
        try:
            self.version = symbol_version(exam.id, digits)
        except CodeError as error:  # the bank was read for four digits; a large batch has more
            raise InputError([Complaint(exam.file, 0, 0, "id", f"{error}; shorten it")]) from None
        self._paper_blocks: tuple[Block[Given], ...] = tuple(paper_blocks(exam))
        self._key_blocks: tuple[Block[Answers], ...] = tuple(key_blocks(exam))

    # draw, solve, record

    def register(self, copy: Copy, redraw: Collection[str]) -> Registered:
        """Draws what is new, solves all, and marks the record."""
        outcome = record_copy(self.exam, copy, self.secret, redraw, self.bands)
        if outcome.refusals:
            return Registered(copy, outcome.refusals, ())
        composed = self.compose(copy.code, outcome.solutions)
        recorded = replace(
            outcome.copy,
            mark=self._mark(composed),
            key_content=self._key_content(composed, outcome.copy),
        )
        return Registered(recorded, (), outcome.changes, outcome.doubts)

    def register_reference(self) -> Copy:
        """The reference copy, drawn from what the bank writes out."""
        draws = {problem.id: reference_draw(problem) for problem in self.exam.problems}
        return self.register_draws(REFERENCE_CODE, draws)

    def register_draws(self, code: str, draws: Mapping[str, Draw]) -> Copy:
        """A copy that is drawn already."""
        solutions = {
            problem.id: solve_problem(problem, draws[problem.id]) for problem in self.exam.problems
        }
        recorded = {
            name: Recorded(solution.draw, recorded_answers(solution))
            for name, solution in solutions.items()
        }
        mark = self._mark(self.compose(code, solutions))
        return Copy(code, record=encode_problems(recorded), mark=mark)

    def mark(self, copy: Copy) -> str:
        """The mark of a recorded copy, of what its paper would show now."""
        return self._mark(self.compose(copy.code, self.solutions(copy)))

    def _mark(self, composed: Composed) -> str:
        """The mark of what the paper shows: titles, points, all texts, all figures."""
        shows = [
            self._fields,
            composed.given.code,
            composed.paper,
            sorted(composed.given.figures.items()),
        ]
        return record_mark(self.secret.mark_key, json.dumps(shows).encode())

    def _key_content(self, composed: Composed, copy: Copy) -> str:
        """Digest of what a key says: its blocks, the recorded answers, and what is in JSON only."""
        answers = {name: recorded.answers for name, recorded in copy.problems.items()}
        content = [composed.key, answers, self._explanations, *self._solved_figures]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    @property
    def _solved_figures(self) -> list[tuple[str, str]]:
        """The files beside the exam that only keys show, where there are any."""
        return [
            (figure.slot, figure.file.digest)
            for problem in self.exam.problems
            for figure in problem.figures()
            if figure.file is not None and figure.slot in key_slots(problem)
        ]

    @cached_property
    def _fields(self) -> list[object]:
        """What every paper shows: the fields of the cover, titles, points, boxes to mark."""
        exam = self.exam
        return [
            exam.id,
            sorted(fields(exam).items()),
            *([] if exam.cover == MODEL else [repr(exam.cover), repr(exam.grades.scale)]),
            *([] if exam.sheet == A4 else [exam.sheet.name]),
            *([] if exam.columns == 1 else [exam.columns]),
            [(problem.id, problem.title, str(problem.points)) for problem in exam.problems],
            [
                (part.id, str(part.points), marks(part))
                for problem in exam.problems
                for part in problem.questions()
            ],
            *self._own_figures,
        ]

    @property
    def _own_figures(self) -> list[tuple[str, str, str]]:
        """The files beside the exam that papers show, where there are any."""
        return [
            (figure.slot, figure.file.digest, str(figure.width_mm))
            for problem in self.exam.problems
            for figure in problem.figures()
            if figure.file is not None and figure.slot not in key_slots(problem)
        ] + self._logo

    @property
    def _logo(self) -> list[tuple[str, str, str]]:
        logo = self.exam.logo
        if logo is None or logo.file is None:
            return []
        return [(logo.slot, logo.file.digest, str(logo.width_mm))]

    @cached_property
    def _explanations(self) -> list[list[object]]:
        """Other acceptable answers and common mistakes, as the bank has them."""
        return [
            [
                part.id,
                [text.source for text in part.also_accept],
                [
                    [it.text.source, str(it.earns), *(f"{k}: {v}" for k, v in it.gives.items())]
                    for it in part.mistakes
                ],
            ]
            for problem in self.exam.problems
            for part in problem.questions()
            if part.boxed
        ]

    def solutions(self, copy: Copy) -> dict[str, Solution]:
        """The solutions of a recorded copy.

        Raises:
            CopyError: The bank gives other answers than are recorded.
        """
        return solve_recorded(self.exam, copy)

    def compose(self, code: str, solutions: Mapping[str, Solution]) -> Composed:
        """All blocks of a copy."""
        given, answers = split(self.exam, code, solutions)
        return Composed(
            given,
            answers,
            {block.name: block.render(given) for block in self._paper_blocks},
            {block.name: block.render(answers) for block in self._key_blocks},
        )

    def contributed(self, side: Side, composed: Composed) -> dict[str, str]:
        """The blocks that a copy contributes to the pages of a side."""
        blocks = {**composed.paper, **(composed.key if side.name == "key" else {})}
        return {name: tex for name, tex in blocks.items() if name in self.varying}

    @cached_property
    def varying(self) -> frozenset[str]:
        """The names of the blocks that copies contribute."""
        varying = {block.name for block in self._paper_blocks if block.varies}
        return frozenset(varying | {block.name for block in self._key_blocks if block.varies})


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
        self.forbidden = forbidden
        self.scratch = scratch
        self.lenient = lenient
        self.cpu: dict[str, float] = {}
        self._stocks = {side.name: self._stock(side) for side in (press.paper, press.key)}
        self._shared = {name: SharedPages(stock.prefix) for name, stock in self._stocks.items()}
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
                self.workshop.compose(copy.code, solutions)
                for copy, solutions in zip(copies, solved, strict=True)
            ]
        sides = (self.press.paper, self.press.key)
        with self._timed("typeset"), side_by_side(len(sides)) as threads:
            # A single copy is previewed or added; in a batch, other workers fill the cores.
            pdfs = list(threads.map(lambda side: self._typeset_placed(side, composed), sides))
        with self._timed("stamp"):
            contents = [self._read(side, pdfs.pop(0), copies) for side in sides]
        wrong: list[Complaint] = []
        for copy, solutions, texts in zip(copies, solved, composed, strict=True):
            own = [next(content) for content in contents]
            with self._timed("stamp"):
                paper, key = (
                    self._stamp(side, copy, texts, content)
                    for side, content in zip(sides, own, strict=True)
                )
            with self._timed("verify"):
                found = self._verify(copy, texts, paper, key, own[-1].overflow)
            if not found:
                yield Produced(copy, paper, key, self._document(copy, solutions))
            wrong += (self._placed(texts, it) for it in found)
        if wrong:
            raise CopyError(wrong)

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

    def _typeset_placed(
        self, side: Side, composed: Sequence[Composed]
    ) -> tuple[bytes | None, Mapping[str, Overflow]]:
        """The same; what TeX finds is said with its place in the bank and the draw."""
        try:
            return self._typeset(side, composed)
        except TypesetError as error:
            copies = {item.given.code: item for item in composed}
            raise CopyError(
                self._complaint(it.block, f"{it.copy}: {it.message}", copies.get(it.copy))
                for it in error.issues
            ) from None

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

    def _typeset(
        self, side: Side, composed: Iterable[Composed]
    ) -> tuple[bytes | None, Mapping[str, Overflow]]:
        """The PDF with the pages that vary, None where there are none; and what had no room."""
        if not side.varying:
            return None, {}
        copies = (
            copy_source(item.given.code, self.workshop.contributed(side, item), side.varying)
            for item in composed
        )
        source = "\\begin{document}\n" + "".join(copies) + "\\end{document}\n"
        with tempfile.TemporaryDirectory(prefix=f"{side.name}-", dir=self.scratch) as folder:
            made = run(side.format, source, Path(folder), name="chunk", lenient=self.lenient)
            return made.pdf.read_bytes(), overflows(made.notes)

    def _read(
        self,
        side: Side,
        typeset: tuple[bytes | None, Mapping[str, Overflow]],
        copies: Sequence[Copy],
    ) -> Iterator[_Own]:
        """The pages that are a copy's own, copy by copy."""
        pdf, found = typeset
        contents = self._stocks[side.name].read_chunk(pdf) if pdf is not None else []
        over = [found.get(copy.code, NONE) for copy in copies]
        expected = len(copies) * len(side.varying) + sum(it.pages for it in over)
        if len(contents) != expected:
            said = f"{len(contents)} varying pages, expected {expected}"
            raise CopyError(f"{len(copies)} copies of the {side.name} have {said}")
        pages = iter(contents)
        for overflow in over:
            yield _Own(tuple(islice(pages, len(side.varying) + overflow.pages)), overflow)

    def _stamp(self, side: Side, copy: Copy, composed: Composed, own: _Own) -> bytes:
        return self._stampers[side.name].stamp(self._pages(side, copy, composed, own))

    def _pages(self, side: Side, copy: Copy, composed: Composed, own: _Own) -> CopyPages:
        static = count()
        varying = iter(own.pages)
        planned = tuple(
            next(varying) if page.number in side.varying else next(static)
            for page in self.press.plan
        )
        pages = (*planned, *varying)
        figures = {
            slot: variant_name(slot, index) for slot, index in composed.given.figures.items()
        }
        if side.name == "key":
            for canvas, answer in self.press.key_slots.items():
                figures.pop(canvas, None)
                if answer in composed.answers.figures:  # else it is a plot
                    figures[answer] = variant_name(answer, composed.answers.figures[answer])
        texts = {
            "copy-code": copy.code,
            "record-mark": self._mark_text(side, copy),
            "extra-time": self._extra_time(copy),
        }
        return CopyPages(copy.code, pages, figures, texts, self._enlarged(side, copy))

    def _extra_time(self, copy: Copy) -> str:
        """What the cover says of it; in letters that the font of the stamps has."""
        minutes = copy.accommodation.extra_minutes
        say = self.workshop.exam.conventions.catalogue.text
        return say("stamp.extra_time", count=minutes) if minutes else ""

    def _mark_text(self, side: Side, copy: Copy) -> str:
        if copy.code == REFERENCE_CODE:
            return f"REFERENCE {copy.mark}"
        revision = copy.key_revision
        if side.name == "key" and revision > 1:
            said = self.workshop.exam.conventions.catalogue.text("key.revision", number=revision)
            return f"{copy.mark} {said}"
        return copy.mark

    def _verify(
        self, copy: Copy, composed: Composed, paper: bytes, key: bytes, overflow: Overflow
    ) -> list[str]:
        """What is wrong with a copy: by what PDFium reads, if it is by what operators say."""
        exam = self.workshop.exam
        expected = expect(exam, composed.given, self.press.plan)
        check = partial(self._wrong_paper, copy, composed, paper, expected)
        wrong = check(by_operators=True) and check(by_operators=False)
        say = exam.conventions.catalogue.text
        blocks = {**composed.paper, **composed.key}
        expected = expect_key(expected, blocks, self.press.plan, overflow, say)
        check = partial(self._wrong_key, copy, composed, key, expected, overflow)
        return wrong + (check(by_operators=True) and check(by_operators=False))

    def _wrong_paper(
        self,
        copy: Copy,
        composed: Composed,
        paper: bytes,
        expected: Sequence[Expected],
        *,
        by_operators: bool,
    ) -> list[str]:
        exam, side = self.workshop.exam, self.press.paper
        readings = self._read_back(
            side, paper, self._enlarged(side, copy), by_operators=by_operators
        )
        return [
            *check_paper(
                expected,
                readings,
                exam.id,
                copy.code,
                exam.pages,
                self.workshop.secret.tag_key,
                self.forbidden,
                copy.mark,
                self._extra_time(copy),
            ),
            *self._wrong_figures(side, copy, composed, readings),
            *self._wrong_plots(side, copy, composed, paper, readings),
        ]

    def _wrong_key(
        self,
        copy: Copy,
        composed: Composed,
        key: bytes,
        expected: Sequence[Expected],
        overflow: Overflow,
        *,
        by_operators: bool,
    ) -> list[str]:
        exam, side = self.workshop.exam, self.press.key
        readings = self._read_back(side, key, by_operators=by_operators)
        crosses = self._crosses(composed.answers)
        pages = exam.pages + overflow.pages
        return [
            *check_key(expected, readings, exam.id, copy.code, pages, copy.mark, crosses),
            *self._wrong_plots(side, copy, composed, key, readings),
            *self._wrong_figures(side, copy, composed, readings),
        ]

    def _wrong_figures(
        self, side: Side, copy: Copy, composed: Composed, readings: Sequence[PageReading]
    ) -> list[str]:
        """What is wrong with labels and images of a finished copy."""
        areas = self._areas[side.name]
        if not areas:
            return []
        is_key = side is self.press.key
        wanted = label_texts(self.workshop.exam, composed.answers.solutions, key=is_key)
        what = f"key of {copy.code}" if is_key else copy.code
        return [
            f"{what}, page {number}: {message}"
            for number, own in areas.items()
            for message in (
                *wrong_labels(own, wanted, readings[number - 1].labels),
                *wrong_images(own, self._pictures, readings[number - 1].images),
            )
        ]

    def _wrong_plots(
        self,
        side: Side,
        copy: Copy,
        composed: Composed,
        pdf: bytes,
        readings: Sequence[PageReading],
    ) -> list[str]:
        """What pages of a finished copy do not show of its plots."""
        if not self._plots:
            return []
        file = PdfFile(pdf)
        is_key = side is self.press.key
        blocks = {**composed.paper, **(composed.key if is_key else {})}
        what = f"key of {copy.code}" if is_key else copy.code
        return [
            f"{what}, page {page}: {message}"
            for page, plots in self._plots.items()
            for content in (file.content(page - 1),)
            for slot, block in plots
            for message in wrong_plots(slot, blocks[block], content, readings[page - 1].text)
        ]

    @cached_property
    def _plots(self) -> dict[int, list[tuple[str, str]]]:
        """Page number to the slots of its plots, and to their blocks."""
        blocks = {
            paper.slot: solved.block
            for problem in self.workshop.exam.problems
            for paper, solved in problem.key_figures()
            if paper.plot is not None or solved.plot is not None
        }
        found = {
            page: [(slot, blocks[slot]) for box in boxes if (slot := box.names["slot"]) in blocks]
            for page, boxes in self.press.places.figures.pages.items()
        }
        return {page: plots for page, plots in found.items() if plots}

    @cached_property
    def _areas(self) -> dict[str, dict[int, Areas]]:
        """Side to the pages with labels or images, and where these stand."""
        press, places = self.press, self.press.places
        return {
            side.name: areas_of(places.figures, places.labels, self._pictures, shown)
            for side, shown in ((press.paper, {}), (press.key, press.key_slots))
        }

    @cached_property
    def _looked(self) -> dict[str, dict[int, Looked]]:
        return {
            name: {
                number: Looked(tuple(own.labels.values()), tuple(own.images.values()))
                for number, own in areas.items()
            }
            for name, areas in self._areas.items()
        }

    @cached_property
    def _pictures(self) -> dict[str, Picture]:
        """Slot of each image to what it looks like."""
        return {
            name.partition("~")[0]: picture_of(sheet.pdf, index)
            for sheet in self.press.figures
            for index, name in enumerate(sheet.names)
            if name in sheet.images
        }

    def _read_back(
        self,
        side: Side,
        pdf: bytes,
        enlarged: Enlarged | None = None,
        *,
        by_operators: bool,
    ) -> list[PageReading]:
        shared = self._shared[side.name]
        codes = side is self.press.paper
        places = self._looked[side.name]
        if enlarged is not None:
            places = {page: it.scaled(enlarged) for page, it in places.items()}
        known: dict[int, PageReading] = {}
        if by_operators:
            # what stands in the figures of a paper must not leak, either
            known = shared.known(pdf, self._ticks, places.keys(), any_figures=not codes)
        if not codes and len(known) == len(PdfFile(pdf).pages()):
            return [known[at] for at in sorted(known)]
        bare = shared.stamps_alone(pdf) if codes and known else pdf
        readings = read_pages(bare, codes=codes, boxes=self._ticks, known=known, places=places)
        read = {at: reading for at, reading in enumerate(readings) if at not in known}
        shared.keep(pdf, read, self._ticks)
        return readings

    @cached_property
    def _ticks(self) -> dict[int, list[Box]]:
        """Page number to the tick boxes of its options."""
        pages = self.press.layout.pages.items()
        ticks = {number: [box for box in boxes if box.kind == "option"] for number, boxes in pages}
        return {number: boxes for number, boxes in ticks.items() if boxes}

    def _crosses(self, answers: Answers) -> dict[int, dict[str, bool]]:
        """Page number to its tick boxes, and whether the record has a cross for each."""
        right = {
            f"{label}{box} of {part}": option.correct is (not box)
            for solution in answers.solutions.values()
            for part, options in solution.options.items()
            for label, option in zip(ascii_lowercase, options, strict=False)
            for box in ("", FALSE_BOX)
        }
        names = {
            number: [f"{box.names['label']} of {box.names['part']}" for box in boxes]
            for number, boxes in self._ticks.items()
        }
        return {number: {name: right[name] for name in found} for number, found in names.items()}

    def _enlarged(self, side: Side, copy: Copy) -> Enlarged | None:
        """How a copy stands on a larger sheet; None for one as others are."""
        large = copy.accommodation.large_print and side.name == "paper"
        return LARGE_PRINT[self.workshop.exam.sheet] if large else None
