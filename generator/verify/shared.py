"""Pages that all copies share are read once; of later copies only what is stamped on them.

A finished copy begins with the objects that all copies of its side share, byte by byte: contents of
static pages, fonts. Where these bytes and their addresses are the same, and a page is made of one
of those contents, the inherited resources and a stamp alone, it says what the first copy's page
said; a page that shows figures is always read, for these may differ. What is stamped is read from
the stamp's own stream; its codes are decoded from pixels all the same, for which the stamp alone is
rendered.

A page of the copy's own uses the same fonts. Its text follows from its operators (`operators`), if
those of the same page of the first copy said what PDFium read there.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from generator.stamp.pdf import PdfFile, Prefix
from generator.verify.operators import TextOperators
from generator.verify.readback import PageReading
from generator.verify.visible import compact

_PAGE: Final = re.compile(rb"<< /Type /Page /Parent (\d+) 0 R /Contents \[(\d+) 0 R (\d+) 0 R\] >>")
_OWN: Final = re.compile(rb"/XObject << [^>]*>>|/Kids \[[^\]]*\]|/Count \d+")
_SHOWN: Final = re.compile(rb"\[(.*?)\] TJ")
_STRING: Final = re.compile(rb"\(((?:\\.|[^\\()])*)\)")


@dataclass(frozen=True)
class _Kept:
    """What was read of a shared page, and what was stamped on it then."""

    reading: PageReading
    stamped: tuple[str, ...]


@dataclass(frozen=True)
class _Page:
    """A page that is proved to use nothing but a content, a stamp, the shared fonts and figures.

    Attributes:
        index: The page's, from 0.
        content: The number of its content.
        overlay: The number of its stamp.
    """

    file: PdfFile
    index: int
    content: int
    overlay: int

    @cached_property
    def operators(self) -> bytes:
        """The content without its compression."""
        return zlib.decompress(self.file.parts(self.content)[1] or b"")

    @property
    def has_figures(self) -> bool:
        """Whether it shows something that is not drawn in the content itself."""
        return b" Do" in self.operators or b"\nDo" in self.operators

    @property
    def stamped(self) -> tuple[str, ...]:
        """The texts of its stamp."""
        shown = _SHOWN.findall(zlib.decompress(self.file.parts(self.overlay)[1] or b""))
        return tuple(b" ".join(_STRING.findall(text)).decode("latin-1") for text in shown)


class SharedPages:
    """What was read of the pages that the copies of one side share."""

    def __init__(self, prefix: Prefix) -> None:
        """Knows nothing yet.

        Args:
            prefix: What all copies begin with.
        """
        self._prefix = prefix
        self._tree = b""
        self._fonts: TextOperators | None = None
        self._kept: dict[int, _Kept] = {}
        self._figures: dict[int, bool] = {}
        self._plain: set[int] = set()
        self._proved: tuple[bytes, tuple[_Page, ...]] = (b"", ())

    def known(self, pdf: bytes) -> dict[int, PageReading]:
        """Index of each page that was read in another copy to its reading, without codes."""
        return {
            page.index: replace(kept.reading, text=_restamped(kept, page.stamped), codes=())
            for page in self._shared(pdf)
            if (kept := self._kept.get(page.content)) is not None
        }

    def texts(self, pdf: bytes, *, with_figures: bool) -> dict[int, str]:
        """Index of each other page that its operators tell of, to its text.

        Args:
            with_figures: Also where figures may say more.
        """
        return {
            page.index: text
            for page in self._pages(pdf)
            if page.index in self._plain and page.content not in self._kept
            if with_figures or not page.has_figures
            if (text := self._own_text(page)) is not None
        }

    def stamps_alone(self, pdf: bytes) -> bytes:
        """The copy without the contents of the pages that are known: their codes are left.

        What else is on these pages left the codes of the first copy as they have to be.
        """
        bare = bytearray(pdf)
        file = PdfFile(pdf)
        pages = file.pages()
        for page in self._shared(pdf):
            if page.content in self._kept:
                reference = b" %d 0 R]" % page.content
                start = pdf.index(reference, file.offset(pages[page.index]))
                bare[start : start + len(reference)] = b"]".rjust(len(reference))
        return bytes(bare)

    def keep(self, pdf: bytes, readings: Sequence[PageReading]) -> None:
        """Keeps what PDFium has read of the pages of a copy."""
        for page in self._pages(pdf):
            if page.index >= len(readings):
                return
            reading = readings[page.index]
            if self._is_shared(page):
                self._kept.setdefault(page.content, _Kept(reading, page.stamped))
            text = self._own_text(page)
            if text is not None and _says(reading.text, text, page.has_figures):
                self._plain.add(page.index)

    def _own_text(self, page: _Page) -> str | None:
        if self._fonts is None:
            self._fonts = TextOperators(page.file, self._tree)
        text = self._fonts.text(page.operators)
        return None if text is None else "\n".join([*page.stamped, text])

    def _shared(self, pdf: bytes) -> Iterator[_Page]:
        """The pages whose content all copies share, and without figures."""
        return filter(self._is_shared, self._pages(pdf))

    def _is_shared(self, page: _Page) -> bool:
        is_common = page.file.offset(page.content) < len(self._prefix.data)
        return is_common and not self._shows_figures(page)

    def _pages(self, pdf: bytes) -> Sequence[_Page]:
        """Each page that is proved to use the fonts that all copies share."""
        if pdf is not self._proved[0]:
            self._proved = pdf, tuple(self._prove(pdf))
        return self._proved[1]

    def _prove(self, pdf: bytes) -> Iterator[_Page]:
        if not pdf.startswith(self._prefix.data):
            return
        file = PdfFile(pdf)
        if not file.has_entries(self._prefix.table):
            return
        pages = [_PAGE.fullmatch(file.value(number)) for number in file.pages()]
        trees = {int(page[1]) for page in pages if page}
        if len(trees) != 1:
            return
        tree = _OWN.sub(b"", file.value(trees.pop()))
        self._tree = self._tree or tree
        if tree != self._tree:
            return
        for index, page in enumerate(pages):
            if page is not None:
                yield _Page(file, index, int(page[3]), int(page[2]))

    def _shows_figures(self, page: _Page) -> bool:
        """The same of a content that is shared, which is looked at once."""
        if page.content not in self._figures:
            self._figures[page.content] = page.has_figures
        return self._figures[page.content]


def _says(read: str, text: str, has_figures: bool) -> bool:
    """Whether PDFium has read a text of a page, and nothing else but what its figures say."""
    if not has_figures:
        return compact(read) == compact(text)
    characters = iter(compact(read))
    return all(character in characters for character in compact(text))


def _restamped(kept: _Kept, stamped: tuple[str, ...]) -> str:
    """The text of a shared page with another stamp."""
    text = kept.reading.text
    for before in kept.stamped:
        text = text.replace(before, " ")
    return "\n".join([*stamped, text])
