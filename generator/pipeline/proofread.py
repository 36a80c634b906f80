"""What is wrong with a finished copy: its pages against its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from string import ascii_lowercase

from generator.bank.part import FALSE_BOX
from generator.compose.given import Answers
from generator.layout import Box, Enlarged
from generator.pipeline.workshop import Composed, Workshop
from generator.record.copy import Copy
from generator.stamp.pdf import PdfFile, Prefix
from generator.typeset.overflow import Overflow
from generator.typeset.press import Press, Side
from generator.verify.expect import Expected, expect, expect_key
from generator.verify.figure_readback import (
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


class Proofreader:
    """Reads finished copies back, and compares them with what they have to say."""

    def __init__(
        self,
        workshop: Workshop,
        press: Press,
        forbidden: Forbidden,
        prefixes: Mapping[str, Prefix],
    ) -> None:
        """Knows no page yet.

        Args:
            forbidden: What no paper may say.
            prefixes: Side to what all of its copies begin with.
        """
        self.workshop = workshop
        self.press = press
        self.forbidden = forbidden
        self._shared = {
            name: SharedPages(prefix, workshop.exam.sheet, workshop.version)
            for name, prefix in prefixes.items()
        }

    def wrong(
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
            side, paper, self.workshop.enlarged(side, copy), by_operators=by_operators
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
                self.workshop.extra_time(copy),
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
        bare = shared.stamps_alone(pdf, known) if codes and known else pdf
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
