"""The stock of stage stamp: what pdfTeX made, read into pieces that copies are put together from.

pdfTeX makes three kinds of files, all on one format, so that a font has the same name in all of
them:

- the master: the pages that are the same in all copies, with every font of the exam;
- figures: a page for each variant of a figure;
- chunks: the pages that differ, of many copies one after the other.

A page calls a figure by the name of its slot, ``/Fig-SLOT Do``; which variant that is depends on
the copy. Of figures and chunks only what is drawn is taken. Their fonts must be the master's, so
that a finished copy does not depend on the run that its pages came from.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any, Final

from pypdf import PdfReader
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NullObject,
    PdfObject,
    StreamObject,
)

from generator.errors import CopyError
from generator.stamp.cff import FontPress
from generator.stamp.pdf import (
    Change,
    Interner,
    PdfError,
    PdfFile,
    Prefix,
    inflated,
    object_body,
    reference,
    serialize,
    stream_object,
)

ZLIB_LEVEL: Final = 4
"""Two thirds of the time of level 6, for 7 % more bytes."""

FIGURE_PREFIX: Final = "Fig-"

_SLOT: Final = re.compile(rb"/Fig-([^\s/\[\]()<>{}%]+)\s+Do\b")
_MEDIA_BOX: Final = re.compile(rb"/MediaBox\s*\[\s*([^\]]*?)\s*\]")
_SUBSET_TAG: Final = re.compile(r"^/(?:[A-Z]{6}\+)?")

Key = tuple[str, str]
"""Category and name of a resource, e.g. ``("/Font", "/F8")``."""


@dataclass(frozen=True)
class Content:
    """The content of one page as it will be in the file.

    Attributes:
        stream: Its operators, compressed.
    """

    stream: bytes

    @property
    def body(self) -> bytes:
        """The stream object."""
        return stream_object(self.stream)

    @cached_property
    def slots(self) -> frozenset[str]:
        """The slots of figures that it calls."""
        found = _SLOT.findall(inflated(self.stream))
        return frozenset(slot.decode("ascii") for slot in found)


@dataclass(frozen=True, slots=True)
class StaticPage:
    """A page of the master.

    Attributes:
        number: The number of its content among the shared objects.
        slots: The slots of figures that it calls.
    """

    number: int
    slots: frozenset[str]


@dataclass(frozen=True, slots=True)
class Font:
    """A font in one of the files, and what decides whether it can stand for that of another.

    Attributes:
        digest: Digest of everything that belongs to the font.
        base: Its name without the tag of the subset.
        encoding: Glyph names by character code; empty if they are in the font file only. pdfTeX
            lists the characters of all fonts that share an encoding.
        glyphs: The names of the glyphs that are in the file.
        widths: Advance widths of the printing characters of ASCII that are in the file, in 1/1000
            of the size.
    """

    digest: bytes
    base: str
    encoding: Mapping[int, str]
    glyphs: frozenset[str]
    widths: Mapping[str, float]

    def lacks(self, other: Font) -> list[str]:
        """Returns the glyphs of the other font that would not look the same in this one."""
        if self.digest == other.digest:
            return []
        moved = {
            glyph
            for code, glyph in other.encoding.items()
            if glyph in other.glyphs and self.encoding.get(code) != glyph
        }
        unknown = {"all"} if not other.glyphs or self.base != other.base else set()
        return sorted((other.glyphs - self.glyphs) | moved | unknown)

    @property
    def space(self) -> float:
        """Width of a space, in 1/1000 of the size: that of a digit, for TeX's fonts have none."""
        return self.widths["0"]

    def width_em(self, text: str) -> float:
        """Returns the width of a text in ems.

        Raises:
            CopyError: If the font has not all of its characters.
        """
        try:
            spaces = text.count(" ") * self.space
            return (spaces + sum([self.widths[it] for it in text if it != " "])) / 1000
        except KeyError as error:
            message = f"{error.args[0]!r} of {text!r} is not in the font {self.base}"
            raise CopyError(message) from error


_BREAK = re.compile(rb"<7F> <002D>")
_READ_AS = b"<7F> <00AD200C>"
"""The second hyphen of T1, at which words are broken, is read as a soft hyphen. Behind it is a mark
of no width: with a soft hyphen alone, PDFium reads both hyphens as the same at the end of a line.
"""


def _with_soft_hyphens(
    font: DictionaryObject, interner: Interner, refer: Callable[[IndirectObject], bytes]
) -> bytes | None:
    """Returns a font that tells the hyphen of a broken word from others; None if it has none."""
    table: Any = font["/ToUnicode"]
    changed, count = _BREAK.subn(_READ_AS, table.get_data())
    if not count:
        return None
    number = interner.add(stream_object(zlib.compress(changed, 9)))
    rest = DictionaryObject({key: item for key, item in dict.items(font) if key != "/ToUnicode"})
    return serialize(rest, refer)[:-2] + b"/ToUnicode %d 0 R >>" % number


def _smaller_fonts(interner: Interner, fonts: FontPress | None) -> Change:
    """Returns what writes a font descriptor with a compact font program."""

    def change(target: IndirectObject, refer: Callable[[IndirectObject], bytes]) -> bytes | None:
        descriptor = target.get_object()
        if not isinstance(descriptor, DictionaryObject):
            return None
        if "/ToUnicode" in descriptor:
            return _with_soft_hyphens(descriptor, interner, refer)
        if fonts is None or "/FontFile" not in descriptor:
            return None
        program: Any = descriptor["/FontFile"]
        lengths = int(program["/Length1"]), int(program["/Length2"])
        compact = fonts.compact(program.get_data(), *lengths)
        entries = b"/Subtype /Type1C /Filter /FlateDecode"
        number = interner.add(stream_object(compact, entries))
        rest = DictionaryObject(
            {key: item for key, item in dict.items(descriptor) if key != "/FontFile"}
        )
        return serialize(rest, refer)[:-2] + b"/FontFile3 %d 0 R >>" % number

    return change


class Stock:
    """Everything that the copies of a batch share: fonts, static pages, figures.

    Attributes:
        static: The master's pages, in order.
        fonts: The fonts by resource name (without the slash).
        figures: The bodies of the figure variants by name.
        forms: The numbers of the forms that all copies share, by name.
        media_box: The size of all pages, as it is written in the PDF.
    """

    def __init__(self, master: bytes, fonts: FontPress | None = None) -> None:
        """Reads the master.

        Args:
            master: The PDF.
            fonts: Makes its fonts smaller; None leaves them as they are.

        Raises:
            PdfError: If it is not the kind of PDF that pdfTeX is told to make here.
        """
        source = _Source("the master", master)
        interner = Interner()
        write = interner.source(source.file, _smaller_fonts(interner, fonts))
        self.fonts: dict[str, Font] = {}
        self.figures: dict[str, bytes] = {}
        self.forms: dict[str, int] = {}
        self._digests: dict[Key, bytes] = {}
        self._values: dict[Key, bytes] = {}
        static = []
        boxes = set()
        for page in source.pages():
            boxes.add(page.media_box)
            self._take(source, page.resources(), write)
            static.append(StaticPage(interner.add(page.content.body), page.content.slots))
        if len(boxes) != 1:
            raise PdfError(f"the master's pages have {len(boxes)} sizes, not one")
        self.static = tuple(static)
        self.media_box = boxes.pop()
        self._interner = interner

    @cached_property
    def prefix(self) -> Prefix:
        """The shared objects, with which each copy starts; nothing is added any more."""
        return Prefix(self._interner.bodies)

    def _take(
        self, source: _Source, found: Mapping[Key, PdfObject], write: Callable[[PdfObject], bytes]
    ) -> None:
        for key, value in found.items():
            digest = source.digest(value)
            if self._digests.setdefault(key, digest) != digest:
                raise PdfError(f"the master has two things by the name {key[1]}")
            if key not in self._values:
                self._values[key] = write(value)
                if key[0] == "/Font":
                    self.fonts[key[1][1:]] = source.font(value)

    def add_figures(self, pdf: bytes, names: Sequence[str], images: Collection[str] = ()) -> None:
        """Reads figure variants.

        Args:
            pdf: A page for each variant, as large as the figure.
            names: The names of the variants, in the order of the pages.
            images: Which of them are images: what they consist of is shared by all copies.

        Raises:
            CopyError: If a figure uses a font or a character that the master has not.
            PdfError: If there are not as many pages as names, or if a figure that is no image has
                one, or a shading.
        """
        source = _Source("the file of figures", pdf)
        share = self._interner.source(source.file)
        pages = list(source.pages())
        if len(pages) != len(names):
            raise PdfError(f"{len(pages)} pages for {len(names)} figures")
        for page, name in zip(pages, names, strict=True):
            body = self._image(page, share) if name in images else self._figure(source, page, name)
            if self.figures.setdefault(name, body) != body:
                raise PdfError(f"there are two figures {name}")

    def add_forms(self, pdf: bytes, names: Sequence[str]) -> None:
        """Reads forms that all copies share, and call by these names.

        Args:
            pdf: A page for each form, as large as it is.

        Raises:
            CopyError: As of figures.
        """
        source = _Source("the file of forms", pdf)
        fonts = {key: value for key, value in self._values.items() if key[0] == "/Font"}
        resources = b"%d 0 R" % self._interner.add(resource_dictionary(fonts))
        for page, name in zip(source.pages(), names, strict=True):
            for other in self._foreign(source, page):
                if page.uses(other):
                    raise PdfError(f"the form {name} uses {other}, which the master has not")
            number = self._interner.add(_form(page, resources))
            self._values["/XObject", f"/{name}"] = b"%d 0 R" % number
            self.forms[name] = number

    @staticmethod
    def _image(page: _Page, share: Callable[[PdfObject], bytes]) -> bytes:
        """A form that shows an image, or a page of a PDF with all that it needs."""
        written = {
            key: share(value) for key, value in page.resources().items() if page.uses(key[1])
        }
        return _form(page, resource_dictionary(written))

    def _figure(self, source: _Source, page: _Page, name: str) -> bytes:
        written = {}
        for key, value in page.resources().items():
            if not page.uses(key[1]):
                continue  # TikZ lists what all figures of the run have used
            if key[0] == "/Font":
                self._check_font(source.font(value), key, source.name)
                written[key] = self._values[key]
            else:
                written[key] = serialize(value, lambda target: _inline(target, name))
        return _form(page, resource_dictionary(written))

    @property
    def turned_box(self) -> bytes:
        """The size of pages that lie on their side, as it is written in the PDF."""
        left, bottom, width, height = self.media_box.split()
        return b" ".join((bottom, left, height, width))

    def read_chunk(self, pdf: bytes, *, turned: bool = False) -> list[Content]:
        """Reads the pages of a chunk.

        Args:
            turned: Pages may lie on their side.

        Returns:
            The contents in the order of the pages.

        Raises:
            CopyError: If a page uses a font or a character that the master has not.
            PdfError: If a page is of another size, or uses anything else that the master has not.
        """
        source = _Source("the chunk", pdf, is_large=True)
        foreign: dict[bytes, list[str]] = {}
        contents = []
        boxes = {self.media_box, self.turned_box} if turned else {self.media_box}
        for page in source.pages():
            if page.media_box not in boxes:
                raise PdfError(f"{page.name} is not as large as the master's pages")
            listed = page.listed_resources()
            if listed not in foreign:
                foreign[listed] = self._foreign(source, page)
            for name in foreign[listed]:
                if page.uses(name):
                    raise PdfError(f"{page.name} uses {name}, which the master has not")
            contents.append(page.content)
        return contents

    def _foreign(self, source: _Source, page: _Page) -> list[str]:
        """Checks the fonts; returns what else the master has not, which matters if it is used."""
        others = []
        for key, value in page.resources().items():
            if key[0] == "/Font":
                self._check_font(source.font(value), key, source.name)
            elif self._digests.get(key) != source.digest(value):
                others.append(key[1])
        return others

    def _check_font(self, font: Font, key: Key, where: str) -> None:
        own = self.fonts.get(key[1][1:])
        if own is None or own.base != font.base:
            raise CopyError(f"{where}: the font {font.base} ({key[1]}) is not in the fixed set")
        if glyphs := own.lacks(font):
            raise CopyError(
                f"{where}: a character outside the fixed set of the font {font.base} ({key[1]}): "
                f"{', '.join(glyphs)}"
            )

    def resources(self, figures: Mapping[str, int]) -> bytes:
        """Returns the resources of all pages of a copy.

        Args:
            figures: For each slot the number of the figure in it.
        """
        if not figures:
            return self._shared_resources
        slots = {
            ("/XObject", f"/{FIGURE_PREFIX}{slot}"): b"%d 0 R" % number
            for slot, number in figures.items()
        }
        return resource_dictionary(self._values | slots)

    @cached_property
    def _shared_resources(self) -> bytes:
        """The resources of a copy without figures; nothing is added any more."""
        return resource_dictionary(self._values)


def _form(page: _Page, resources: bytes) -> bytes:
    """A page as a form XObject (ISO 32000-1, 8.10)."""
    head = b"/Type /XObject /Subtype /Form /BBox [%b] /Resources %b /Filter /FlateDecode"
    return stream_object(page.stream, head % (page.media_box, resources))


def resource_dictionary(values: Mapping[Key, bytes]) -> bytes:
    """Writes resources that are given by category and name."""
    categories: dict[str, list[bytes]] = {}
    for (category, name), value in sorted(values.items()):
        categories.setdefault(category, []).append(b"%b %b" % (name.encode("ascii"), value))
    return b"<< %b >>" % b" ".join(
        b"%b << %b >>" % (category.encode("ascii"), b" ".join(entries))
        for category, entries in categories.items()
    )


def _inline(target: IndirectObject, figure: str) -> bytes:
    """Writes what a reference refers to in its place, so that a figure is one object."""
    value = target.get_object()
    if value is None or isinstance(value, StreamObject):
        raise PdfError(f"figure {figure} has an image, a pattern or a shading")
    return serialize(value, lambda inner: _inline(inner, figure))


class _Source:
    """A PDF of pdfTeX: its objects as bytes, and as ``pypdf`` understands them."""

    def __init__(self, name: str, data: bytes, *, is_large: bool = False) -> None:
        self.name = name
        self.file = PdfFile(data)
        # what is not strict looks at the head of each object, which `file` does as well
        self.reader = PdfReader(BytesIO(data), strict=is_large)
        self._digests: dict[int, bytes] = {}
        self._fonts: dict[bytes, Font] = {}

    def pages(self) -> Iterable[_Page]:
        for index, number in enumerate(self.file.pages(), 1):
            yield _Page(self, f"page {index} of {self.name}", self.file.value(number))

    def digest(self, value: PdfObject) -> bytes:
        """Returns a digest of a value and of everything that it refers to."""
        return hashlib.sha256(serialize(value, self._refer_by_digest)).digest()

    def _refer_by_digest(self, target: IndirectObject) -> bytes:
        if target.idnum not in self._digests:
            body = object_body(self.file, target, self._refer_by_digest)
            self._digests[target.idnum] = hashlib.sha256(body).digest()
        return self._digests[target.idnum]

    def font(self, value: PdfObject) -> Font:
        digest = self.digest(value)
        if digest not in self._fonts:
            self._fonts[digest] = self._read_font(_dictionary(value), digest)
        return self._fonts[digest]

    @staticmethod
    def _read_font(font: DictionaryObject, digest: bytes) -> Font:
        descriptor = _dictionary(font.get("/FontDescriptor", DictionaryObject()))
        glyphs = frozenset(str(descriptor.get("/CharSet", "")).split("/")) - {""}
        encoding = _encoding(font)
        first = int(str(font.get("/FirstChar", 0)))
        # Widths are there for the whole range of characters, be their glyphs in the file or not.
        widths = {
            chr(code): float(width)
            for code, width in enumerate(_array(font.get("/Widths")), first)
            if ord(" ") < code <= ord("~") and encoding.get(code) in glyphs
        }
        base = _SUBSET_TAG.sub("", str(font["/BaseFont"]))
        return Font(digest, base, encoding, glyphs, widths)


class _Page:
    """A page of a source."""

    def __init__(self, source: _Source, name: str, value: bytes) -> None:
        self.name = name
        self._source = source
        self._resources = reference(value, b"Resources")
        box = _MEDIA_BOX.search(value)
        head, stream = source.file.parts(reference(value, b"Contents"))
        if not box or stream is None:
            raise PdfError(f"{name} has no size or no content")
        self.media_box = box[1]
        self.stream = stream if b"/Filter" in head else zlib.compress(stream, ZLIB_LEVEL)

    @property
    def content(self) -> Content:
        return Content(self.stream)

    def listed_resources(self) -> bytes:
        """The resources as they are written: the same for many pages."""
        return self._source.file.value(self._resources)

    def resources(self) -> dict[Key, PdfObject]:
        """The resources; lists of procedure sets are obsolete (ISO 32000-1, 14.2)."""
        found: dict[Key, PdfObject] = {}
        for category, names in _dictionary(self._source.reader.get_object(self._resources)).items():
            if isinstance(names.get_object(), DictionaryObject):
                entries = dict.items(_dictionary(names))
                found |= {(category, name): item for name, item in entries}
        return found

    def uses(self, name: str) -> bool:
        """Whether a name of a resource stands in the content."""
        pattern = rb"%b(?![^\s/\[\]()<>{}%%])" % re.escape(name.encode("ascii"))
        return re.search(pattern, inflated(self.stream)) is not None


def _dictionary(value: PdfObject | None) -> DictionaryObject:
    found = None if value is None else value.get_object()
    if not isinstance(found, DictionaryObject):
        raise PdfError(f"expected a dictionary, found {found!r}")
    return found


def _encoding(font: DictionaryObject) -> dict[int, str]:
    """Reads the differences of an encoding (ISO 32000-1, 9.6.6.1)."""
    encoding = font.get("/Encoding", NullObject()).get_object()
    if not isinstance(encoding, DictionaryObject):
        return {}
    glyphs = {}
    code = 0
    for item in _array(encoding.get("/Differences")):
        if isinstance(item, NameObject):
            glyphs[code] = item[1:]
            code += 1
        else:
            code = int(item)
    return glyphs


def _array(value: PdfObject | None) -> ArrayObject:
    found = ArrayObject() if value is None else value.get_object()
    if not isinstance(found, ArrayObject):
        raise PdfError(f"expected an array, found {found!r}")
    return found
