"""Pages that all copies share are read once; of later copies only what is stamped on them.

A finished copy begins with the objects that all copies of its side share, byte by byte: contents of
static pages, fonts. Where these bytes and their addresses are the same, and a page is made of one
of those contents, the inherited resources and a stamp alone, it says what the first such page said;
figures may differ, so their bytes must be the same, too. What is stamped is read from the stamp's
own stream; its codes are decoded from pixels all the same, for which the stamp alone is rendered
(`contact_sheet`).

A page of the copy's own uses the same fonts. Its text follows from its operators (`operators`), if
those of the same page of another copy said what PDFium read there. A tick box is crossed if what is
drawn from its corner on looked crossed where it was rendered before. Its stamp alone is rendered,
too, if no text reaches into the corners of its codes, and all else is drawn as in a copy whose
codes could be seen among it.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from generator.codes.sheet import LARGEST_VERSION, Square, reserved_boxes
from generator.layout import A4, PT_PER_MM, Box, Sheet
from generator.stamp.pdf import PdfError, PdfFile, Prefix, inflated, references
from generator.verify.manners import Manners
from generator.verify.operators import Area, Operators, TextOperators
from generator.verify.readback import BOTH, NO_BOXES, PageReading
from generator.verify.visible import compact

_PAGE: Final = re.compile(rb"<< /Type /Page /Parent (\d+) 0 R /Contents \[(\d+) 0 R (\d+) 0 R\] >>")
_PARENT: Final = re.compile(rb"/Parent (\d+) 0 R")
_OWN: Final = re.compile(rb"/XObject << [^>]*>>|/Kids \[[^\]]*\]|/Count \d+")
_FORMS: Final = re.compile(rb"/XObject << ([^>]*)>>")
_FORM: Final = re.compile(rb"/(\S+) (\d+) 0 R")
_CALLED: Final = re.compile(rb"/([^\s/]+)\s+Do\b")
_DRAWN: Final = re.compile(
    rb"(?<=\n)1 0 0 1 ([\d.]+) ([\d.]+) cm\n(q .*?)"
    rb"(?:(\n1 0 0 1 -[\d.]+ -[\d.]+ cm)(?=\n|\Z)|(?=\n1 0 0 1 -|\n\Z))",
    re.DOTALL,
)
_MOVED: Final = re.compile(rb"^1 0 0 1 (-?[\d.]+) (-?[\d.]+) cm$", re.MULTILINE)
_NEAR_PT: Final = 0.1
_CONTENTS: Final = 1024
"""So many contents are kept with what they say, as copies share them; some 10 kB each."""
_SHOWN: Final = re.compile(rb"\[(.*?)\] TJ")
_STRING: Final = re.compile(rb"\(((?:\\.|[^\\()])*)\)")


@dataclass(frozen=True)
class _Kept:
    """What was read of a shared page.

    Attributes:
        reading: What PDFium read.
        text: Its text without what was stamped on it then.
        kept: What of that is compared.
    """

    reading: PageReading
    text: str
    kept: str


class _Content:
    """What a page shows beside its stamp, as its own stream says: many copies share it."""

    def __init__(self, fonts: TextOperators, operators: bytes) -> None:
        self.operators = operators
        self._fonts = fonts
        self.parted: tuple[list[bytes], bytes] | None = None
        self.seen_at = -1
        """The index of a page on which everything of it is known to be seen."""

    @cached_property
    def read(self) -> Operators | None:
        """What the operators say."""
        return self._fonts.read(self.operators)

    @cached_property
    def called(self) -> list[bytes]:
        """The names of the figures that it shows."""
        if b" Do" not in self.operators and b"\nDo" not in self.operators:
            return []
        return _CALLED.findall(self.operators)

    @cached_property
    def drawn(self) -> bytes:
        """All that it draws but text."""
        return b"" if self.read is None else b"\n".join(self.read.drawn)


@dataclass(frozen=True)
class _Page:
    """A page that is proved to use nothing but a content, a stamp, the shared fonts and figures.

    Attributes:
        index: The page's, from 0.
        number: The number of its content.
        overlay: The number of its stamp.
        is_shared: Whether all copies have the content.
        forms: Name of each figure of the copy to its number.
        contents: Its streams to what they say, those that were read lately.
    """

    file: PdfFile
    index: int
    number: int
    overlay: int
    is_shared: bool
    forms: Mapping[bytes, int]
    contents: Callable[[bytes], _Content]

    @cached_property
    def content(self) -> _Content:
        """What it shows beside its stamp."""
        return self.contents(self.file.parts(self.number)[1] or b"")

    @property
    def read(self) -> Operators | None:
        """What the operators of its content say."""
        return self.content.read

    @property
    def text(self) -> str | None:
        """All text of the page and its stamp."""
        return None if self.read is None else "\n".join([*self.stamped, self.read.text])

    @property
    def is_whole(self) -> bool:
        """Whether its content can be read; else it is left to PDFium what can."""
        try:
            return bool(self.content.operators)
        except (PdfError, zlib.error):
            return False

    @cached_property
    def shows(self) -> tuple[bytes, ...]:
        """Digests of the figures that it shows."""
        return tuple(map(self._figure, self.content.called))

    def _figure(self, name: bytes) -> bytes:
        """A digest of a figure."""
        value, stream = self.file.parts(self.forms[name]) if name in self.forms else (b"", b"")
        return hashlib.sha256(b"%b %b %b" % (name, value, stream or b"")).digest()

    @cached_property
    def stamp(self) -> bytes:
        """The operators of its stamp."""
        return zlib.decompress(self.file.parts(self.overlay)[1] or b"")

    @property
    def stamped(self) -> tuple[str, ...]:
        """The texts of its stamp."""
        shown = _SHOWN.findall(self.stamp)
        return tuple([b" ".join(_STRING.findall(text)).decode("latin-1") for text in shown])


class SharedPages:
    """What was read of the pages that the copies of one side share."""

    def __init__(
        self,
        prefix: Prefix,
        sheet: Sheet = A4,
        version: int = LARGEST_VERSION,
        looked: Manners | None = None,
    ) -> None:
        """Knows nothing yet.

        Args:
            prefix: What all copies begin with.
            sheet: The size of their pages.
            version: Version of the symbols on them.
            looked: The ways of drawing in which everything is seen; None if it does not matter.
        """
        self._prefix = prefix
        self._sheet = sheet
        self._tree = b""
        self._fonts: TextOperators | None = None
        self._contents: Callable[[bytes], _Content]
        self._reserved = [_areas(reserved_boxes(number, version, sheet)) for number in (2, 1)]
        self._beside: set[bytes] = set()
        self._kept: dict[tuple[int, tuple[bytes, ...]], _Kept] = {}
        self._plain: dict[int, bool] = {}
        self._figures: set[bytes] = set()
        self._drawings: dict[bytes, bool | None] = {b"": None}
        self._corners: dict[tuple[int, bytes, bytes], int | None] = {}
        self._looked = looked
        self._file: PdfFile | None = None
        self._proved: tuple[bytes, tuple[_Page, ...]] = (b"", ())

    def file(self, pdf: bytes) -> PdfFile:
        """A copy, whose objects are read once.

        Raises:
            PdfError: It is no finished PDF.
        """
        if self._file is None or self._file.data is not pdf:
            self._file = PdfFile(pdf, keeps=True)
        return self._file

    def known(
        self,
        pdf: bytes,
        boxes: Mapping[int, Sequence[Box]] = NO_BOXES,
        looked: Collection[int] = (),
        *,
        any_figures: bool = False,
    ) -> dict[int, PageReading]:
        """Index of each page that PDFium need not read to its reading, without codes.

        Args:
            boxes: Page number, from 1, to the tick boxes that are looked at.
            looked: Numbers of the pages that are looked at besides: of the copy's own, none of
                these is known.
            any_figures: Whether what figures say is of no interest; else each must have been read.
        """
        found = {page.index: _restamped(kept, page) for page, kept in self._known(pdf)}
        for page in self._pages(pdf):
            if page.index in found or page.index + 1 in looked or not self._plain.get(page.index):
                continue
            if any_figures or self._figures.issuperset(page.shows):
                said, read = page.text, page.read
                own = boxes.get(page.index + 1, ())
                crossed = self._crossed(page, own) if self._is_seen(page, own) else None
                if said is not None and read is not None and crossed is not None:
                    found[page.index] = PageReading(
                        said, (), crossed, body=read.text, kept=read.kept
                    )
        return found

    def called(self, pdf: bytes) -> list[int]:
        """The numbers of the forms that a copy shows, in their order; 0 where there is none."""
        return [
            page.forms.get(name, 0) for page in self._pages(pdf) for name in page.content.called
        ]

    def _crossed(self, page: _Page, boxes: Sequence[Box]) -> tuple[bool, ...] | None:
        """Whether there is a cross in each tick box; None where one looks like none before."""
        found = [
            self._drawings.get(drawn) for drawn in self._parted(page.index, page.content, boxes)[0]
        ]
        crossed = tuple(it for it in found if it is not None)
        return crossed if len(crossed) == len(found) else None

    def _parted(
        self, index: int, content: _Content, boxes: Sequence[Box]
    ) -> tuple[list[bytes], bytes]:
        """What is drawn from the lower left corner of each box on, and all else but text.

        Args:
            index: The page's on which the content stands, in all copies that have it.
        """
        if content.read is None:
            return [b""] * len(boxes), content.operators
        if not boxes:
            return [], content.drawn
        if content.parted is None:
            drawn = [b""] * len(boxes)

            def take(found: re.Match[bytes]) -> bytes:
                at = self._box_at(index, found[1], found[2], boxes)
                if at is None:
                    return found[0]
                drawn[at] += found[3]
                return b"box" if found[4] and _comes_back(found[0]) else found[0]

            rest = [_DRAWN.sub(take, piece) for piece in content.read.drawn]
            content.parted = drawn, b"\n".join(rest)
        return content.parted

    def _box_at(self, index: int, x: bytes, y: bytes, boxes: Sequence[Box]) -> int | None:
        """Which of the boxes of a page has its lower left corner at a place."""
        key = index, x, y
        if key not in self._corners:
            left, bottom, height_mm = float(x), float(y), self._sheet.height_mm
            self._corners[key] = next(
                (
                    at
                    for at, box in enumerate(boxes)
                    if abs(box.x_mm * PT_PER_MM - left) < _NEAR_PT
                    and abs((height_mm - box.y_mm - box.height_mm) * PT_PER_MM - bottom) < _NEAR_PT
                ),
                None,
            )
        return self._corners[key]

    def _is_seen(self, page: _Page, boxes: Sequence[Box]) -> bool:
        """Whether a page is drawn as one of which everything was seen."""
        if self._looked is None or page.content.seen_at == page.index:
            return True
        drawn, rest = self._parted(page.index, page.content, boxes)
        is_seen = self._drawings.keys() >= set(drawn) and self._looked.has(
            page.index, rest, page.read, self._sheet
        )
        if is_seen:
            page.content.seen_at = page.index
        return is_seen

    def unlooked(
        self, pdf: bytes, indices: Collection[int], boxes: Mapping[int, Sequence[Box]]
    ) -> list[int]:
        """Which pages of a copy are its own, and drawn as none before; see `look`."""
        return [
            page.index
            for page in self._pages(pdf)
            if page.index in indices
            and not page.is_shared
            and not self._is_seen(page, boxes.get(page.index + 1, ()))
        ]

    def look(
        self, pdf: bytes, indices: Collection[int], boxes: Mapping[int, Sequence[Box]]
    ) -> None:
        """Keeps how pages are drawn on which everything can be seen."""
        for page in self._pages(pdf):
            if page.index in indices:
                self._look(page.index, page.content, boxes)

    def learn(
        self, pdf: bytes, seen: Mapping[int, bytes], boxes: Mapping[int, Sequence[Box]]
    ) -> None:
        """Takes over how pages are drawn that others have looked at.

        Args:
            pdf: A copy.
            seen: Indices of the pages to their operators.
        """
        fonts = self.fonts(pdf)
        for index, operators in seen.items():
            self._look(index, _Content(fonts, operators), boxes)

    def _look(self, index: int, content: _Content, boxes: Mapping[int, Sequence[Box]]) -> None:
        if self._looked is not None:
            _, rest = self._parted(index, content, boxes.get(index + 1, ()))
            self._looked.add(index, rest, content.read)

    def laid(self, pdf: bytes) -> list[tuple[bytes, int]]:
        """The operators of the stamp of each page of a copy, and the number of its content."""
        proved = {page.index: (page.stamp, page.number) for page in self._pages(pdf)}
        file = self.file(pdf)
        if len(proved) == len(file.pages()):
            return list(proved.values())
        return [proved.get(at) or _laid(file, page) for at, page in enumerate(file.pages())]

    def stamps_alone(self, pdf: bytes, known: Collection[int]) -> dict[int, bytes]:
        """Index of each page with nothing in the way of its codes to what is stamped on it.

        Args:
            known: Indices of the pages of which nothing but their codes is read; see `known`.
        """
        same = {page.index for page, _ in self._known(pdf)}
        return {
            page.index: page.stamp
            for page in self._pages(pdf)
            if page.index in same or (page.index in known and self._leaves_codes(page))
        }

    def _leaves_codes(self, page: _Page) -> bool:
        """Whether what a page draws was seen to leave codes as they are, and text is elsewhere."""
        return (
            page.read is not None
            and self._drawn(page, page.read) in self._beside
            and page.read.avoids(self._reserved[(page.index + 1) % 2])
        )

    def _drawn(self, page: _Page, read: Operators) -> bytes:
        """A digest of all that a page draws but text, with its place among the pages."""
        drawn = (b"%d" % page.index, *page.shows, page.content.drawn)
        return hashlib.sha256(b"\n".join(drawn)).digest()

    def keep(
        self,
        pdf: bytes,
        readings: Mapping[int, PageReading],
        boxes: Mapping[int, Sequence[Box]] = NO_BOXES,
        known: Collection[int] = (),
    ) -> None:
        """Keeps what PDFium has read of pages of a copy.

        Args:
            readings: Index of each of these pages to what it says.
            boxes: Page number, from 1, to the tick boxes that were looked at.
            known: Indices of pages of which nothing but their codes was read.
        """
        for page in self._pages(pdf):
            reading = readings.get(page.index)
            if reading is None:
                continue
            if len(reading.codes) == BOTH and page.read is not None and page.read.is_still:
                self._beside.add(self._drawn(page, page.read))
            if page.index in known:
                continue
            if page.is_shared:
                bare = _without(reading.text, page.stamped)
                kept = _Kept(reading, bare, compact(bare))
                self._kept.setdefault((page.number, page.shows), kept)
            self._figures.update(page.shows)
            if page.index not in self._plain:
                text = page.text
                is_plain = text is not None and _says(reading.text, text, bool(page.content.called))
                self._plain[page.index] = is_plain
            drawn, _ = self._parted(page.index, page.content, boxes.get(page.index + 1, ()))
            for drawing, crossed in zip(drawn, reading.crossed, strict=False):
                if self._drawings.setdefault(drawing, crossed) is not crossed:
                    self._drawings[drawing] = None

    def fonts(self, pdf: bytes) -> TextOperators:
        """What reads the texts of a copy: that of all copies, where it has their fonts."""
        pages = self._pages(pdf)
        if pages:
            assert self._fonts is not None  # what proves a page
            return self._fonts
        file = self.file(pdf)
        parent = _PARENT.search(file.value(file.pages()[0]))
        return TextOperators(file, file.value(int(parent[1])) if parent else b"")

    def _known(self, pdf: bytes) -> Iterator[tuple[_Page, _Kept]]:
        """The pages that another copy had, too, and what was read of them then."""
        for page in self._pages(pdf):
            if page.is_shared:
                kept = self._kept.get((page.number, page.shows))
                if kept is not None:
                    yield page, kept

    def _pages(self, pdf: bytes) -> Sequence[_Page]:
        """Each page that is proved to use the fonts that all copies share."""
        if pdf is not self._proved[0]:
            self._proved = pdf, tuple(self._prove(pdf))
        return self._proved[1]

    def _content(self, stream: bytes) -> _Content:
        """What a stream shows.

        Raises:
            zlib.error: It is damaged.
        """
        assert self._fonts is not None  # what proves a page
        return _Content(self._fonts, inflated(stream))

    def _prove(self, pdf: bytes) -> Iterator[_Page]:
        if not pdf.startswith(self._prefix.data):
            return
        file = self.file(pdf)
        if not file.has_entries(self._prefix.table):
            return
        pages = [_PAGE.fullmatch(file.value(number)) for number in file.pages()]
        trees = {int(page[1]) for page in pages if page}
        if len(trees) != 1:
            return
        whole = file.value(trees.pop())
        found = _FORMS.search(whole)
        listed = _FORM.findall(found[1]) if found else ()
        forms = {name: int(number) for name, number in listed}
        tree = _OWN.sub(b"", whole)
        if self._fonts is None:
            self._tree, self._fonts = tree, TextOperators(file, tree)
            self._contents = lru_cache(maxsize=_CONTENTS)(self._content)
        if tree != self._tree:
            return
        for index, page in enumerate(pages):
            if page is not None:
                content, overlay = int(page[3]), int(page[2])
                is_shared = file.offset(content) < len(self._prefix.data)
                proved = _Page(file, index, content, overlay, is_shared, forms, self._contents)
                if is_shared or proved.is_whole:
                    yield proved


def _says(read: str, text: str, has_figures: bool) -> bool:
    """Whether PDFium has read a text of a page, and nothing else but what its figures say."""
    if not has_figures:
        return compact(read) == compact(text)
    characters = iter(compact(read))
    return all(character in characters for character in compact(text))


def _laid(file: PdfFile, page: int) -> tuple[bytes, int]:
    """The stamp of a page, which stands before its content, and the number of that."""
    _, *numbers = references(file.value(page))
    middle = len(numbers) // 2
    value, stream = file.parts(numbers[middle - 1])
    return inflated(stream or b"") if b"/Filter" in value else stream or b"", numbers[middle]


@lru_cache(maxsize=4096)
def _comes_back(drawing: bytes) -> bool:
    """Whether what follows a drawing is moved as what stands before it."""
    moves = [(float(x), float(y)) for x, y in _MOVED.findall(drawing)]
    return all(abs(sum(lengths)) < _NEAR_PT for lengths in zip(*moves, strict=True))


def _areas(squares: Iterable[Square]) -> list[Area]:
    """Squares on the page in points."""
    return [
        (
            square.left_mm * PT_PER_MM,
            square.bottom_mm * PT_PER_MM,
            (square.left_mm + square.side_mm) * PT_PER_MM,
            (square.bottom_mm + square.side_mm) * PT_PER_MM,
        )
        for square in squares
    ]


def _restamped(kept: _Kept, page: _Page) -> PageReading:
    """A shared page with another stamp."""
    text = "\n".join([*page.stamped, kept.text])
    read = kept.reading
    return PageReading(text, (), read.crossed, read.labels, read.images, kept.text, kept.kept)


def _without(text: str, stamped: Iterable[str]) -> str:
    """The text of a page without what is stamped on it."""
    for stamp in stamped:
        text = text.replace(stamp, " ")
    return text
