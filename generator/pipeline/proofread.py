"""What is wrong with a finished copy: its pages against its record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from string import ascii_lowercase

from generator.bank.part import FALSE_BOX
from generator.compose.given import Answers
from generator.layout import PT_PER_MM, Box, Enlarged
from generator.pipeline.workshop import Composed, Workshop
from generator.record.copy import Copy
from generator.stamp.pdf import PdfFile
from generator.stamp.pieces import Stock
from generator.typeset.ink import missing_frames, unseen
from generator.typeset.overflow import Overflow
from generator.typeset.press import Press, Side, reference_pages, variant_name
from generator.verify.contact_sheet import read_stamps
from generator.verify.drawn_marks import Mark, read_marks
from generator.verify.expect import Expected, expect, expect_key
from generator.verify.figure_forms import wrong_forms
from generator.verify.figure_readback import (
    Areas,
    areas_of,
    label_texts,
    lower_left,
    tall_labels,
    wrong_images,
    wrong_labels,
)
from generator.verify.figures_in_place import Point, Standing, find_figure, wrong_texts
from generator.verify.leaks import Forbidden
from generator.verify.manners import Manners
from generator.verify.readback import (
    BOTH,
    Looked,
    PageReading,
    Picture,
    Rectangle,
    picture_of,
    read_pages,
)
from generator.verify.shared import SharedPages
from generator.verify.stamped import Stamps
from generator.verify.usual import Usual
from generator.verify.verify import check_key, check_paper, said_beside
from generator.verify.visible import compact


@dataclass(frozen=True)
class Strange:
    """What a copy says that no other copy says there.

    Attributes:
        side: The side of the copy.
        place: Its page, and where.
        text: What it says.
    """

    side: str
    place: tuple[int, str]
    text: str


@dataclass
class _Found:
    """What was found of the figures that are looked for among what a copy draws.

    Attributes:
        wrong: What is wrong with them, in words.
        images: Page number to the images of options, and where they stand.
    """

    wrong: list[str] = field(default_factory=list)
    images: dict[int, dict[str, Rectangle]] = field(default_factory=dict)


def shown_variants(press: Press, side: Side, composed: Composed) -> dict[str, str]:
    """Slot of each figure that a copy shows to the name of its variant."""
    figures = {slot: variant_name(slot, index) for slot, index in composed.given.figures.items()}
    if side.name == "key":
        for canvas, answer in press.key_slots.items():
            figures.pop(canvas, None)
            if answer in composed.answers.figures:  # else it is a plot
                figures[answer] = variant_name(answer, composed.answers.figures[answer])
    return figures


class Proofreader:
    """Reads finished copies back, and compares them with what they have to say.

    Attributes:
        strange: What the last copy says that no copy before said there; see `accept`.
    """

    def __init__(
        self,
        workshop: Workshop,
        press: Press,
        forbidden: Forbidden,
        stocks: Mapping[str, Stock],
    ) -> None:
        """Knows no page yet.

        Args:
            forbidden: What no paper may say.
            stocks: Side to what its copies are put together from.
        """
        self.workshop = workshop
        self.press = press
        self.forbidden = forbidden
        self._stocks = stocks
        self._figures = {name: dict(stock.figures) for name, stock in stocks.items()}
        self._learned: set[str] = set()
        none_right = compact(workshop.exam.conventions.catalogue.text("key.none_right"))
        self._usual = {name: Usual(none_right if name == "key" else "") for name in stocks}
        self.strange: list[Strange] = []
        sheet = workshop.exam.sheet
        self._loose = {*self._plots, *self._option_pages, *self._drawn_pages}
        loose = {page - 1 for page in self._loose}
        self._shared = {
            name: SharedPages(stock.prefix, sheet, workshop.version, Manners(loose))
            for name, stock in stocks.items()
        }
        self._stamps = {
            side.name: Stamps(side.anchors, sheet, with_codes=side is press.paper)
            for side in (press.paper, press.key)
        }

    def wrong(
        self, copy: Copy, composed: Composed, paper: bytes, key: bytes, overflow: Overflow
    ) -> list[str]:
        """What is wrong with a copy: by what PDFium reads, if it is by what operators say."""
        self.strange = []
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
        """What is wrong with a paper as it is read: its texts, its codes, its figures."""
        exam, side = self.workshop.exam, self.press.paper
        file = self._shared[side.name].file(paper)
        found = self._find_figures(side, copy, composed, file)
        enlarged = self.workshop.enlarged(side, copy)
        readings = self._read_back(
            side, copy.code, file, found, enlarged, by_operators=by_operators
        )
        if by_operators:
            self._find_strange(side, expected, readings)
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
            *self._wrong_figures(side, copy, composed, readings, found),
            *found.wrong,
            *self._wrong_stamps(side, copy.code, file),
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
        file = self._shared[side.name].file(key)
        found = self._find_figures(side, copy, composed, file)
        what = f"key of {copy.code}"
        readings = self._read_back(side, what, file, found, by_operators=by_operators)
        if by_operators:
            self._find_strange(side, expected, readings)
        crosses = self._crosses(composed.answers)
        pages = exam.pages + overflow.pages
        return [
            *check_key(expected, readings, exam.id, copy.code, pages, copy.mark, crosses),
            *found.wrong,
            *self._wrong_figures(side, copy, composed, readings, found),
            *self._wrong_stamps(side, f"key of {copy.code}", file),
        ]

    def _find_strange(
        self, side: Side, expected: Sequence[Expected], readings: Sequence[PageReading]
    ) -> None:
        """Looks for what a copy says beside its blocks, and no other copy."""
        steady = [it for it in expected if it.page in side.varying and it.page not in self._loose]
        odd = self._usual[side.name].odd(said_beside(steady, readings))
        self.strange += (Strange(side.name, place, text) for place, text in odd)

    def accept(self, strange: Iterable[Strange]) -> None:
        """Takes over what is meant: it comes out the same when it is set once more."""
        for it in strange:
            self._usual[it.side].learn(it.place, it.text)

    def _wrong_stamps(self, side: Side, what: str, file: PdfFile) -> Iterator[str]:
        """What is wrong with what is stamped, and with pages that are the same in all copies."""
        pdf, shared, stamps = bytes(file.data), self._shared[side.name], self._stamps[side.name]
        fonts, static = shared.fonts(pdf), self._static[side.name]
        for number, (stamp, content) in enumerate(shared.laid(pdf), 1):
            if wrong := stamps.wrong(number, stamp, fonts):
                yield f"{what}, page {number}: {wrong}"
            if static.get(number, content) != content:
                yield f"{what}, page {number}: it is not the page that all copies share"

    @cached_property
    def _static(self) -> dict[str, dict[int, int]]:
        """Side to the pages that all of its copies share, and the numbers of their contents."""
        found = {}
        for side in (self.press.paper, self.press.key):
            numbers = [page.number for page in self.press.plan if page.number not in side.varying]
            shared = self._stocks[side.name].static
            found[side.name] = {
                number: page.number for number, page in zip(numbers, shared, strict=False)
            }
        return found

    def _wrong_figures(
        self,
        side: Side,
        copy: Copy,
        composed: Composed,
        readings: Sequence[PageReading],
        found: _Found,
    ) -> list[str]:
        """What is wrong with labels and images of a finished copy."""
        areas = self._areas_of(side, found)
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

    def _find_figures(self, side: Side, copy: Copy, composed: Composed, file: PdfFile) -> _Found:
        """Looks among what the pages of a copy draw for its plots, and for figures of options."""
        found = _Found()
        is_key = side is self.press.key
        what = f"key of {copy.code}" if is_key else copy.code
        variants = shown_variants(self.press, side, composed)
        if variants:
            other = wrong_forms(file, variants, self._figures[side.name])
            found.wrong += (f"{what}: {message}" for message in other)
        if not self._plots and not self._option_pages:
            return found
        fonts = self._shared[side.name].fonts(bytes(file.data))
        for page, standing in self._standing(composed, is_key=is_key):
            marks = list(read_marks(file.content(page - 1), fonts))
            for it in standing:
                found.wrong += (
                    f"{what}, page {page}: {message}"
                    for message in self._wrong_standing(it, marks, page, found)
                )
        return found

    def _wrong_standing(
        self, standing: Standing, marks: Sequence[Mark], page: int, found: _Found
    ) -> Iterator[str]:
        at, message = find_figure(standing, marks, self._box_middles.get(page, {}))
        if at < 0:
            yield message
            return
        yield from wrong_texts(standing, marks, at)
        if standing.option and standing.slot in self._pictures:
            left, bottom = marks[at].start
            width, height = self.press.places.sizes[standing.slot]
            place = (left, bottom, left + width, bottom + height)
            found.images.setdefault(page, {})[standing.slot] = place

    def _standing(
        self, composed: Composed, *, is_key: bool
    ) -> Iterator[tuple[int, list[Standing]]]:
        """Page number to what has to stand there."""
        blocks = {**composed.paper, **(composed.key if is_key else {})}
        labels = self.press.places.labels
        shown = self.press.key_slots if is_key else {}
        options = {
            (part, label): option.figure
            for solution in composed.answers.solutions.values()
            for part, options in solution.options.items()
            for label, option in zip(ascii_lowercase, options, strict=False)
        }
        for page in sorted(self._plots.keys() | self._option_pages.keys()):
            standing = [
                Standing(slot, blocks[block], labels.get(shown.get(slot, slot), {}), corner)
                for slot, block, corner in self._plots.get(page, ())
            ]
            for part, label in self._option_pages.get(page, ()):
                figure = options.get((part, label))
                if figure is not None:
                    block = blocks.get(figure.block, "")
                    own = labels.get(figure.slot, {})
                    standing.append(Standing(figure.slot, block, own, None, f"{part} {label}"))
            if standing:
                yield page, standing

    @cached_property
    def _plots(self) -> dict[int, list[tuple[str, str, Point]]]:
        """Page number to the slots of its plots, to their blocks, and to where they stand."""
        blocks = {
            paper.slot: solved.block
            for problem in self.workshop.exam.problems
            for paper, solved in problem.key_figures()
            if paper.plot is not None or solved.plot is not None
        }
        figures = self.press.places.figures
        found = {
            page: [
                (slot, blocks[slot], lower_left(box, figures.sheet))
                for box in boxes
                if (slot := box.names["slot"]) in blocks
            ]
            for page, boxes in figures.pages.items()
        }
        return {page: plots for page, plots in found.items() if plots}

    @cached_property
    def _option_pages(self) -> dict[int, list[tuple[str, str]]]:
        """Page number to the options of parts in which some have figures."""
        with_figures = {
            part.id
            for problem in self.workshop.exam.problems
            for part in problem.parts
            if any(figure.of_option for figure in part.paper_figures())
        }
        found = {
            page: [
                (box.names["part"], box.names["label"])
                for box in boxes
                if box.names["part"] in with_figures and FALSE_BOX not in box.names["label"]
            ]
            for page, boxes in self._ticks.items()
        }
        return {page: options for page, options in found.items() if options}

    @cached_property
    def _box_middles(self) -> dict[int, dict[str, Point]]:
        """Page number to the middle of the first tick box of each option, in points."""
        height_mm = self.workshop.exam.sheet.height_mm
        return {
            page: {
                f"{box.names['part']} {box.names['label']}": (
                    (box.x_mm + box.width_mm / 2) * PT_PER_MM,
                    (height_mm - box.y_mm - box.height_mm / 2) * PT_PER_MM,
                )
                for box in boxes
                if FALSE_BOX not in box.names["label"]
            }
            for page, boxes in self._ticks.items()
        }

    @cached_property
    def _drawn_pages(self) -> set[int]:
        """The pages with labels or images in figures."""
        return {page for areas in self._areas.values() for page in areas}

    def _areas_of(self, side: Side, found: _Found) -> dict[int, Areas]:
        """Page number to where labels and images of a copy stand."""
        areas = dict(self._areas[side.name])
        for page, images in found.images.items():
            own = areas.get(page, Areas({}, {}))
            areas[page] = Areas(own.labels, {**own.images, **images})
        return areas

    @cached_property
    def _areas(self) -> dict[str, dict[int, Areas]]:
        """Side to the pages with labels or images, and where these stand."""
        press, places = self.press, self.press.places
        tall = tall_labels(self.workshop.exam)
        return {
            side.name: areas_of(places.figures, places.labels, self._pictures, shown, tall)
            for side, shown in ((press.paper, {}), (press.key, press.key_slots))
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
        what: str,
        file: PdfFile,
        found: _Found,
        enlarged: Enlarged | None = None,
        *,
        by_operators: bool,
    ) -> list[PageReading]:
        """The pages of a file: from its operators where they tell, all others from PDFium."""
        shared, pdf = self._shared[side.name], bytes(file.data)
        codes = side is self.press.paper
        places = {
            page: Looked(tuple(own.labels.values()), tuple(own.images.values()))
            for page, own in self._areas_of(side, found).items()
        }
        if enlarged is not None:
            places = {page: it.scaled(enlarged) for page, it in places.items()}
        known: dict[int, PageReading] = {}
        if side.name not in self._learned:
            self._learned.add(side.name)
            shared.learn(pdf, self._seen_pages(side), self._ticks)
        if by_operators:
            # what stands in the figures of a paper must not leak, either
            known = shared.known(pdf, self._ticks, places.keys(), any_figures=not codes)
        alone = shared.stamps_alone(pdf, known) if codes and known else {}
        if alone:
            stamps = read_stamps(pdf, alone, self.workshop.exam.sheet, shared.fonts(pdf))
            for at, found_codes in stamps.items():
                known[at] = replace(known[at], codes=found_codes)
        is_whole = all(len(it.codes) == BOTH for it in known.values()) or not codes
        if is_whole and len(known) == len(file.pages()):
            return [known[at] for at in sorted(known)]
        readings = read_pages(pdf, codes=codes, boxes=self._ticks, known=known, places=places)
        new = shared.unlooked(pdf, range(len(readings)) - known.keys(), self._ticks)
        if invisible := self._invisible(pdf, new):
            found.wrong += (f"{what}, {message}" for message in invisible)
        else:
            shared.look(pdf, new, self._ticks)
        seen = {at: it for at, it in enumerate(readings) if at not in known or not known[at].codes}
        shared.keep(pdf, seen, self._ticks, known)
        return readings

    def _seen_pages(self, side: Side) -> dict[int, bytes]:
        """Index of each varying page to its operators in the reference copy.

        Everything on these was looked at when the press was made. Where they are not at hand, ways
        of drawing are looked at anew.
        """
        path = reference_pages(side)
        if not path.exists():
            return {}
        file = PdfFile(path.read_bytes())
        return {number - 1: file.content(at) for at, number in enumerate(side.varying)}

    def _invisible(self, pdf: bytes, indices: Sequence[int]) -> list[str]:
        """What cannot be seen on pages of a copy, and boxes that are not where they should be."""
        if not indices:
            return []
        figures, layout = self.press.places.figures.pages, self.press.layout.pages
        numbers = [index + 1 for index in indices]
        texts = unseen(pdf, numbers, left_out=figures)
        boxes = missing_frames(pdf, {number: layout.get(number, ()) for number in numbers})
        return [
            *(f"page {number}: the text {said}" for number, _, said in texts),
            *(f"page {number}: {said}" for number, said in boxes),
        ]

    @cached_property
    def _ticks(self) -> dict[int, list[Box]]:
        """Page number to the tick boxes of its options."""
        pages = self.press.layout.pages.items()
        ticks = {number: [box for box in boxes if box.kind == "option"] for number, boxes in pages}
        return {number: boxes for number, boxes in ticks.items() if boxes}

    def _crosses(self, answers: Answers) -> dict[int, dict[str, bool | None]]:
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
        return {
            number: {name: right.get(name) for name in found} for number, found in names.items()
        }
