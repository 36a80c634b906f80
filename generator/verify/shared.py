"""Pages that all copies share are read once; of later copies only what is stamped on them.

A finished copy begins with the objects that all copies of its side share, byte by byte: contents of
static pages, fonts. Where these bytes and their addresses are the same, and a page is made of one
of those contents, the inherited resources and a stamp alone, it says what the first copy's page
said; a page that shows figures is always read, for these may differ. What is stamped is read from
the stamp's own stream; its codes are decoded from pixels all the same, for which the stamp alone is
rendered.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from generator.stamp.pdf import PdfFile, Prefix
from generator.verify.readback import PageReading

_PAGE: Final = re.compile(rb"<< /Type /Page /Parent (\d+) 0 R /Contents \[(\d+) 0 R (\d+) 0 R\] >>")
_OWN: Final = re.compile(rb"/XObject << [^>]*>>|/Kids \[[^\]]*\]")
_SHOWN: Final = re.compile(rb"\[(.*?)\] TJ")
_STRING: Final = re.compile(rb"\(((?:\\.|[^\\()])*)\)")
_FIGURE: Final = re.compile(rb"\sDo\b")


@dataclass(frozen=True)
class _Kept:
    """What was read of a shared page, and what was stamped on it then."""

    reading: PageReading
    stamped: tuple[str, ...]


class SharedPages:
    """What was read of the pages that the copies of one side share."""

    def __init__(self, prefix: Prefix) -> None:
        """Knows nothing yet.

        Args:
            prefix: What all copies begin with.
        """
        self._prefix = prefix
        self._tree = b""
        self._kept: dict[int, _Kept] = {}
        self._figures: dict[int, bool] = {}

    def known(self, pdf: bytes) -> dict[int, PageReading]:
        """Index of each page that was read in another copy to its reading, without codes."""
        return {
            index: replace(kept.reading, text=_restamped(kept, stamped), codes=())
            for index, content, stamped in self._shared(pdf)
            if (kept := self._kept.get(content)) is not None
        }

    def stamps_alone(self, pdf: bytes) -> bytes:
        """The copy without the contents of the pages that are known: their codes are left.

        What else is on these pages left the codes of the first copy as they have to be.
        """
        bare = bytearray(pdf)
        file = PdfFile(pdf)
        pages = file.pages()
        for index, content, _ in self._shared(pdf):
            if content in self._kept:
                reference = b" %d 0 R]" % content
                start = pdf.index(reference, file.offset(pages[index]))
                bare[start : start + len(reference)] = b"]".rjust(len(reference))
        return bytes(bare)

    def keep(self, pdf: bytes, readings: Sequence[PageReading]) -> None:
        """Keeps what was read of the shared pages of a copy."""
        for index, content, stamped in self._shared(pdf):
            if index < len(readings):
                self._kept.setdefault(content, _Kept(readings[index], stamped))

    def _shared(self, pdf: bytes) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """Index, content and stamp of each page that is proved to be one of those shared."""
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
            if page is None:
                continue
            content = int(page[3])
            if file.offset(content) < len(self._prefix.data) and not self._has_figures(
                file, content
            ):
                yield index, content, _stamped(file, int(page[2]))

    def _has_figures(self, file: PdfFile, content: int) -> bool:
        if content not in self._figures:
            _, stream = file.parts(content)
            found = stream is None or _FIGURE.search(zlib.decompress(stream)) is not None
            self._figures[content] = found
        return self._figures[content]


def _stamped(file: PdfFile, overlay: int) -> tuple[str, ...]:
    """The texts of a stamp."""
    _, stream = file.parts(overlay)
    shown = _SHOWN.findall(zlib.decompress(stream or b""))
    return tuple(b" ".join(_STRING.findall(text)).decode("latin-1") for text in shown)


def _restamped(kept: _Kept, stamped: tuple[str, ...]) -> str:
    """The text of a shared page with another stamp."""
    text = kept.reading.text
    for before in kept.stamped:
        text = text.replace(before, " ")
    return "\n".join([*stamped, text])
