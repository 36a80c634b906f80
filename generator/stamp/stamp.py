"""Stage 8, stamp: one finished PDF per copy, from pages that were typeset for many copies at once.

A `Stamper` puts a copy together from the `Stock` and from the copy's own pages: the streams of its
pages as they are, its figures as form XObjects under the names that the pages call them by, and on
each page one small stream with the page codes. A `PrintRun` joins finished copies to one file in
which everything that is equal is there once.

A finished copy is laid out so that nearly all of it is ready before the first copy is made:

    1 … n      fonts, what else the pages need, and the contents of the master's pages
    n+1        the root of the page tree with the resources, which all pages inherit
    n+2, n+3   catalog, information
    then       the copy's figures, and page by page: content if it is its own, overlay, page

Its bytes depend on the copy and the stock alone: not on the chunk, nor on what was made before.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from io import BytesIO
from typing import BinaryIO, Final

from generator.codes.page_code import PageCode
from generator.codes.qr import encode, qr_paths
from generator.codes.sheet import MODULE_MM, symbol_boxes
from generator.errors import CopyError
from generator.layout import A4, PT_PER_MM, Anchor, Enlarged, Sheet
from generator.stamp.archival import write_archival
from generator.stamp.booklet import END, left, media_box, right, saddle
from generator.stamp.pdf import (
    PdfFile,
    PdfWriter,
    Prefix,
    content_digests,
    hexadecimal,
    page_digests,
    reference,
    references,
    renumbered,
    renumbered_body,
    stream_object,
)
from generator.stamp.pieces import ZLIB_LEVEL, Content, Stock

PAGE_CODE: Final = "page-code"  # the anchor whose text the stamper knows by itself
KEY_SUFFIX: Final = " KEY"
PRODUCER: Final = "exam-variants"

_SHIFT: Final = {"left": 0.0, "center": 0.5, "right": 1.0}
_ESCAPES: Final = str.maketrans({"(": "\\(", ")": "\\)", "\\": "\\\\"})


@dataclass(frozen=True, slots=True)
class CopyPages:
    """What a copy consists of.

    Attributes:
        code: Copy code, e.g. ``E0312``.
        pages: For each page its own content, or the number (from 0) of a page of the master.
        figures: Which figure variant each slot shows.
        texts: What is stamped at the anchors, by their names; empty texts leave no trace.
        enlarged: How the pages stand on larger ones; None where they are what they are.
    """

    code: str
    pages: tuple[int | Content, ...]
    figures: Mapping[str, str]
    texts: Mapping[str, str]
    enlarged: Enlarged | None = None


@dataclass(frozen=True, slots=True)
class PaperCodes:
    """What the QR symbols of papers need.

    Attributes:
        version: QR version of the exam (`symbol_version`); reprints take the next larger one.
        tag_key: The key of the tags (``Secret.tag_key``).
        sheet: What papers are printed on.
    """

    version: int
    tag_key: bytes
    sheet: Sheet = A4


class Stamper:
    """Makes finished copies of one kind, papers or keys."""

    def __init__(
        self, stock: Stock, exam: str, anchors: Iterable[Anchor], codes: PaperCodes | None
    ) -> None:
        """Prepares everything that the copies share.

        Args:
            stock: The stock of this kind of copies.
            exam: Exam id.
            anchors: Where texts are stamped.
            codes: What the symbols of papers need. None makes keys: their page codes say KEY, and
                there is nothing to scan.

        Raises:
            CopyError: If an anchor names a font that the master has not.
        """
        self._stock = stock
        self._exam = exam
        self._codes = codes
        self._anchors: dict[int | None, list[Anchor]] = {None: []}
        self._names: set[str] = set()
        # Most texts stand on all pages of a copy, the code of a page twice.
        self._text = lru_cache(maxsize=64)(self._write_text)
        self._width_em = lru_cache(maxsize=64)(self._measure_em)
        for anchor in anchors:
            self._anchors.setdefault(anchor.page, []).append(anchor)
            self._names |= {anchor.name} - {PAGE_CODE}
            if anchor.font not in stock.fonts:
                raise CopyError(
                    f"the anchor {anchor.name} names the font {anchor.font}, which is not there"
                )

    def stamp(self, copy: CopyPages) -> bytes:
        """Makes the finished PDF of a copy.

        Raises:
            CopyError: If figures or texts are missing, or are there for nothing.
        """
        self._check(copy)
        sink = BytesIO()
        writer = PdfWriter(sink, self._stock.prefix)
        tree, root, info = writer.reserve(), writer.reserve(), writer.reserve()
        title = copy.code if self._codes else copy.code + KEY_SUFFIX
        write_catalog(writer, root, tree)
        write_info(writer, info, title)
        figures = self._write_figures(writer, copy)
        around = _write_enlarged(writer, copy.enlarged) if copy.enlarged is not None else None
        overlays = zip(_numbers(copy), self._overlays(copy), strict=True)
        pages = [self._write_page(writer, tree, copy, *each, around) for each in overlays]
        writer.put(tree, self._tree(pages, figures, copy.enlarged))
        writer.close(root, info)
        return sink.getvalue()

    def _check(self, copy: CopyPages) -> None:
        slots: set[str] = set()
        for page in copy.pages:
            slots |= self._stock.static[page].slots if isinstance(page, int) else page.slots
        _compare(copy.code, "figure", slots, copy.figures.keys())
        _compare(copy.code, "text", self._names, copy.texts.keys())
        missing = set(copy.figures.values()) - self._stock.figures.keys()
        if missing:
            raise CopyError(f"{copy.code}: not in the stock: figure {', '.join(sorted(missing))}")
        for number, anchors in self._anchors.items():
            if number is not None and number not in _numbers(copy):
                names = ", ".join(anchor.name for anchor in anchors)
                raise CopyError(f"{copy.code}: no page {number} for {names}")

    def _write_figures(self, writer: PdfWriter, copy: CopyPages) -> dict[str, int]:
        bodies = self._stock.figures
        numbers = {name: writer.add(bodies[name]) for name in sorted(set(copy.figures.values()))}
        return {slot: numbers[name] for slot, name in sorted(copy.figures.items())}

    def _tree(
        self, pages: Sequence[int], figures: Mapping[str, int], enlarged: Enlarged | None
    ) -> bytes:
        kids = b" ".join([b"%d 0 R" % page for page in pages])
        return b"<< /Type /Pages /Count %d /Kids [%b] /MediaBox [%b] /Resources %b >>" % (
            len(pages),
            kids,
            _enlarged_box(self._stock.media_box, enlarged) if enlarged else self._stock.media_box,
            self._stock.resources(figures),
        )

    def _write_page(
        self,
        writer: PdfWriter,
        tree: int,
        copy: CopyPages,
        number: int,
        overlay: bytes,
        around: tuple[int, int] | None,
    ) -> int:
        page = copy.pages[number - 1]
        content = (
            self._stock.static[page].number if isinstance(page, int) else writer.add(page.body)
        )
        # The overlay comes first, where nothing has touched the graphics state yet.
        stamp = writer.add(stream_object(zlib.compress(overlay, ZLIB_LEVEL)))
        before, behind = ((), ()) if around is None else ((around[0],), (around[1],))
        return writer.add(page_object(tree, (*before, stamp, content, *behind)))

    def _overlays(self, copy: CopyPages) -> Iterator[bytes]:
        """The streams with everything that is stamped on a page, page by page."""
        codes = [PageCode(self._exam, copy.code, number) for number in _numbers(copy)]
        for code, symbols in zip(codes, self._symbols(copy, codes), strict=True):
            text = code.text if self._codes else code.text + KEY_SUFFIX
            pieces = [b"q\n"]
            for anchor in self._anchors[None] + self._anchors.get(code.page, []):
                said = text if anchor.name == PAGE_CODE else copy.texts[anchor.name]
                if said:
                    pieces.append(self._text(anchor, said))
            yield b"".join([*pieces, *symbols, b"Q\n"])

    def _symbols(self, copy: CopyPages, codes: Sequence[PageCode]) -> Sequence[Sequence[bytes]]:
        """The symbols of each page."""
        if self._codes is None:
            return [()] * len(codes)
        # The code of a reprint is longer by its dot and number.
        version = self._codes.version + ("." in copy.code)
        paths = qr_paths([encode(code.payload(self._codes.tag_key), version) for code in codes])
        places = [_places(code.page % 2, version, self._codes.sheet) for code in codes]
        return [
            [b"q %b cm\n%bQ\n" % (place, path) for place in both]
            for both, path in zip(places, paths, strict=True)
        ]

    def _write_text(self, anchor: Anchor, text: str) -> bytes:
        font = self._stock.fonts[anchor.font]
        shift_pt = _SHIFT[anchor.align] * self._width_em(anchor.font, text) * anchor.size_pt
        x, y, size = map(_number, (anchor.x_pt - shift_pt, anchor.y_pt, anchor.size_pt))
        escaped = text.translate(_ESCAPES)
        if " " in escaped:  # a move: character 32 is a visible space in TeX's fonts
            escaped = escaped.replace(" ", f") {_number(-font.space)} (")
        return f"BT /{anchor.font} {size} Tf {x} {y} Td [({escaped})] TJ ET\n".encode("ascii")

    def _measure_em(self, font: str, text: str) -> float:
        return self._stock.fonts[font].width_em(text)


def plain_document(
    stock: Stock, title: str, pages: Iterable[Content], *, turned: bool = False
) -> bytes:
    """A finished PDF of pages on which nothing is stamped.

    Args:
        turned: They lie on their side.
    """
    sink = BytesIO()
    writer = PdfWriter(sink, stock.prefix)
    tree, root, info = writer.reserve(), writer.reserve(), writer.reserve()
    write_catalog(writer, root, tree, edge=b"Short" if turned else b"Long")
    write_info(writer, info, title)
    numbers = [writer.add(page_object(tree, [writer.add(page.body)])) for page in pages]
    head = b"<< /Type /Pages /Count %d /Kids [%b] /MediaBox [%b] /Resources %b >>"
    kids = b" ".join([b"%d 0 R" % number for number in numbers])
    box = stock.turned_box if turned else stock.media_box
    writer.put(tree, head % (len(numbers), kids, box, stock.resources({})))
    writer.close(root, info)
    return sink.getvalue()


def page_object(parent: int, contents: Iterable[int]) -> bytes:
    """A page that inherits everything but its contents.

    Args:
        parent: Number of its node in the page tree.
        contents: Numbers of its content streams.
    """
    listed = b" ".join([b"%d 0 R" % number for number in contents])
    return b"<< /Type /Page /Parent %d 0 R /Contents [%b] >>" % (parent, listed)


def _write_enlarged(writer: PdfWriter, enlarged: Enlarged) -> tuple[int, int]:
    """Contents that stand before and behind those of all pages, to make them larger."""
    lengths = (enlarged.factor, enlarged.margin_mm * PT_PER_MM)
    factor, up = (_number(length).encode("ascii") for length in lengths)
    before = b"q %b 0 0 %b 0 %b cm\n" % (factor, factor, up)
    return writer.add(stream_object(before, b"")), writer.add(stream_object(b"Q\n", b""))


def _enlarged_box(media_box: bytes, enlarged: Enlarged) -> bytes:
    lengths = [float(length) * enlarged.factor for length in media_box.split()]
    lengths[-1] += 2 * enlarged.margin_mm * PT_PER_MM
    return " ".join(map(_number, lengths)).encode("ascii")


def _numbers(copy: CopyPages) -> range:
    return range(1, len(copy.pages) + 1)


def _compare(code: str, what: str, wanted: Iterable[str], given: Iterable[str]) -> None:
    wanted, given = set(wanted), set(given)
    if wanted != given:
        parts = [
            f"{verb} {what} {', '.join(sorted(names))}"
            for verb, names in (("no", wanted - given), ("no place for", given - wanted))
            if names
        ]
        raise CopyError(f"{code}: {'; '.join(parts)}")


@cache
def _places(page: int, version: int, sheet: Sheet) -> list[bytes]:
    """The transformations that put a symbol into its two corners."""
    places = []
    for box in symbol_boxes(page, version, sheet):
        lengths_mm = (MODULE_MM, box.left_mm, box.bottom_mm)
        scale, x, y = (_number(length_mm * PT_PER_MM) for length_mm in lengths_mm)
        places.append(f"{scale} 0 0 {scale} {x} {y}".encode("ascii"))
    return places


@lru_cache(maxsize=256)
def _number(value: float) -> str:
    """A number as PDF has it: five places, no exponent, no zeros behind."""
    return f"{value:.5f}".rstrip("0").rstrip(".")


def write_catalog(
    writer: PdfWriter, number: int, tree: int, more: bytes = b"", edge: bytes = b"Long"
) -> None:
    """Writes the catalog; it asks for both sides of the sheet, and for no scaling.

    Args:
        more: Further entries, each with a blank in front.
        edge: About which edge of the sheet its sides are turned, ``Long`` or ``Short``.
    """
    writer.put(
        number,
        b"<< /Type /Catalog /Pages %d 0 R /Lang (en-US) "
        b"/ViewerPreferences << /PrintScaling /None /Duplex /DuplexFlip%bEdge >>%b >>"
        % (tree, edge, more),
    )


def write_info(writer: PdfWriter, number: int, title: str) -> None:
    """Writes the information dictionary: the title, no dates, no names."""
    writer.put(
        number, b"<< /Title %b /Producer %b >>" % (hexadecimal(title), hexadecimal(PRODUCER))
    )


# --- Print runs ---


class PrintRun:
    """Joins finished copies to one file, with everything that is equal in it once.

    Copies come one after the other and leave nothing behind in memory but digests and numbers.

    Attributes:
        digests: The digests of the copies' own pages, which those of the run must equal
            (`page_digests`).
    """

    def __init__(self, sink: BinaryIO, title: str, *, folded: Sheet | None = None) -> None:
        """Starts a print run.

        Args:
            sink: Where it goes; not closed.
            title: Title of the document.
            folded: Makes two pages of this size stand side by side, in the order of booklets.
        """
        self._folded = folded
        self._writer = PdfWriter(sink, Prefix())
        self._title = title
        self._tree = self._writer.reserve()
        self._copies: list[int] = []
        self._sets: list[_Set] = []
        self._pages = 0
        self.digests = bytearray()
        self._known: dict[bytes, int] = {}
        self._starts: list[_Start] = []

    def append(self, pdf: bytes, code: str) -> None:
        """Appends a copy that `Stamper.stamp` has made: a set of the run.

        Args:
            code: The copy code; the set's bookmark, and what its pages are called.
        """
        copied = _CopyInRun(self._writer, PdfFile(pdf, keeps=True), self._known, self._starts)
        node, pages = copied.write(self._tree, folded=self._folded)
        self._copies.append(node)
        self._sets.append(_Set(code, self._pages, pages[0]))
        self._pages += len(pages)
        digests = copied.side_digests(self._folded) if self._folded else copied.page_digests()
        self.digests += b"".join(digests)

    def close(self) -> None:
        """Writes what belongs at the end."""
        kids = b" ".join([b"%d 0 R" % number for number in self._copies])
        tree = b"<< /Type /Pages /Count %d /Kids [%b] >>" % (self._pages, kids)
        self._writer.put(self._tree, tree)
        root, info = self._writer.reserve(), self._writer.reserve()
        more = self._bookmarks() + self._labels()
        more += write_archival(self._writer, self._title, PRODUCER)
        edge = b"Short" if self._folded else b"Long"
        write_catalog(self._writer, root, self._tree, more, edge)
        write_info(self._writer, info, self._title)
        self._writer.close(root, info)

    def _bookmarks(self) -> bytes:
        """Writes a bookmark for each set (ISO 32000-1, 12.3.3)."""
        outline = self._writer.reserve()
        items = [self._writer.reserve() for _ in self._sets]
        beside = [None, *items, None]
        for own, item in zip(self._sets, zip(items, beside, beside[2:], strict=False), strict=True):
            number, before, after = item
            links = b"".join(
                b" /%b %d 0 R" % (name, other)
                for name, other in ((b"Prev", before), (b"Next", after))
                if other is not None
            )
            body = b"<< /Title %b /Parent %d 0 R /Dest [%d 0 R /Fit]%b >>"
            self._writer.put(number, body % (hexadecimal(own.code), outline, own.page, links))
        ends = b" /First %d 0 R /Last %d 0 R" % (items[0], items[-1]) if items else b""
        self._writer.put(outline, b"<< /Type /Outlines /Count %d%b >>" % (len(items), ends))
        return b" /Outlines %d 0 R" % outline

    def _labels(self) -> bytes:
        """Pages are called E0312-1, E0312-2, … (ISO 32000-1, 12.4.2)."""
        ranges = b" ".join(
            b"%d << /S /D /P %b >>" % (own.start, hexadecimal(f"{own.code}-")) for own in self._sets
        )
        return b" /PageLabels << /Nums [%b] >>" % ranges


@dataclass(frozen=True, slots=True)
class _Set:
    """A copy in a run: its code, the index of its first page, and that page's number."""

    code: str
    start: int
    page: int


@dataclass(frozen=True, slots=True)
class _Start:
    """What copies start with alike: fonts, the master's pages; see the layout at the top.

    Attributes:
        data: The bytes up to the catalog.
        numbers: Number in a copy to the number in the run.
        digests: Number in a copy to the digest of the object.
    """

    data: bytes
    numbers: dict[int, int] = field(default_factory=dict)
    digests: dict[int, bytes] = field(default_factory=dict)


def side_digest(contents: Iterable[bytes], inherited: bytes) -> bytes:
    """The digest of a side of a booklet: of its contents in order, and what they refer to."""
    return hashlib.sha256(b"".join(contents) + inherited).digest()


def run_digests(file: PdfFile, *, booklet: bool) -> bytes:
    """The digests of all pages of a print run that was written, as `PrintRun.digests` has them."""
    if not booklet:
        return b"".join(page_digests(file))
    return b"".join(side_digest(*side) for side in content_digests(file))


class _CopyInRun:
    """One copy on its way into a print run."""

    def __init__(
        self, writer: PdfWriter, file: PdfFile, known: dict[bytes, int], starts: list[_Start]
    ) -> None:
        self._writer = writer
        self._file = file
        self._known = known
        self._shared_end = file.root - 2  # the page tree before the catalog is the copy's own
        self._start = self._start_of(starts)
        self._own: dict[int, int] = {}

    def _start_of(self, starts: list[_Start]) -> _Start:
        """What is known of the shared objects from copies before; starts anew if there are none."""
        # Copies of one press begin with the same bytes, whose objects are renumbered once for all.
        data = self._file.data[: self._file.offset(self._file.root)]
        for start in starts:
            if start.data == data:
                return start
        starts.append(_Start(data))
        return starts[-1]

    def page_digests(self) -> Iterator[bytes]:
        """The digests of the copy's pages."""
        return page_digests(self._file, self._start.digests, self._shared_end)

    def side_digests(self, sheet: Sheet) -> Iterator[bytes]:
        """The digests of the sides of a booklet that is made of the copy's pages."""
        pages = list(content_digests(self._file))
        for one, two in saddle(len(pages)):
            (before, inherited), (after, _) = pages[one - 1], pages[two - 1]
            contents = [left(sheet), *before, right(sheet), *after, END]
            yield side_digest(contents, inherited)

    def write(self, parent: int, *, folded: Sheet | None = None) -> tuple[int, list[int]]:
        """Writes the copy; returns its node in the page tree and its pages, or sides."""
        node = self._writer.reserve()
        tree = self._file.value(reference(self._file.value(self._file.root), b"Pages"))
        head, kids, rest = self._split(tree)
        if folded is not None:
            sides = [(kids[one - 1], kids[two - 1]) for one, two in saddle(len(kids))]
            pages = [self._write_side(node, *side, folded) for side in sides]
            head = re.sub(rb"/Count \d+", b"/Count %d" % len(pages), head)
        else:
            pages = [self._write_page(page, node) for page in kids]
        body = b"%b /Parent %d 0 R /Kids [%b]%b" % (
            head,
            parent,
            b" ".join([b"%d 0 R" % page for page in pages]),
            renumbered(rest, self._number),
        )
        self._writer.put(node, body)
        return node, pages

    @staticmethod
    def _split(tree: bytes) -> tuple[bytes, list[int], bytes]:
        head, _, tail = tree.partition(b" /Kids [")
        kids, _, rest = tail.partition(b"]")
        return head, references(kids), rest

    def _write_page(self, page: int, node: int) -> int:
        return self._writer.add(page_object(node, self._written(page)))

    def _write_side(self, node: int, one: int, two: int, sheet: Sheet) -> int:
        """A side of a sheet, with two pages side by side."""
        before, between, end = map(self._constant, (left(sheet), right(sheet), END))
        contents = (before, *self._written(one), between, *self._written(two), end)
        page = page_object(node, contents)
        return self._writer.add(page[:-2] + b"/MediaBox [%b] >>" % media_box(sheet))

    def _constant(self, stream: bytes) -> int:
        """A content that stands on many pages; written once."""
        body = stream_object(stream, b"")
        digest = hashlib.sha256(body).digest()[:16]
        if digest not in self._known:
            self._known[digest] = self._writer.add(body)
        return self._known[digest]

    def _written(self, page: int) -> list[int]:
        """The numbers in the run of a page's contents, which are written if they are not there."""
        contents = self.contents(page)
        overlay = contents[len(contents) // 2 - 1]  # on no other page: nothing to look up
        return [
            self._writer.add(renumbered_body(self._file, number, self._number))
            if number == overlay
            else self._number(number)
            for number in contents
        ]

    def contents(self, page: int) -> list[int]:
        """The numbers in the copy of the content streams of a page."""
        return references(self._file.value(page))[1:]

    def _number(self, old: int) -> int:
        """The number in the run of an object, which is written if it is not there yet."""
        numbers = self._start.numbers if old <= self._shared_end else self._own
        if old not in numbers:
            numbers[old] = self._write(old)
        return numbers[old]

    def _write(self, old: int) -> int:
        # Known by its bytes: fonts, figures and pages of the master are in the run once.
        body = renumbered_body(self._file, old, self._number)
        digest = hashlib.sha256(body).digest()[:16]
        if digest not in self._known:
            self._known[digest] = self._writer.add(body)
        return self._known[digest]
