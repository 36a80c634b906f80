"""The text of a page from its operators, where its fonts are those of a page that PDFium has read.

pdfTeX writes all text in one way, ``/F41 10 Tf 216.3 802.2 Td [(W)83(ord)-333(two)]TJ``, in the
order in which it is read. With the tables of the fonts, which say what characters and how wide the
codes are, such a page is read several times as fast as by PDFium. What is read are the operators of
the finished file all the same. What is written in another way is not read here.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from generator.stamp.pdf import PdfFile

_SHOWN: Final = re.compile(
    rb"(?:/(F\d+) ([\d.]++) Tf )?(?:([-\d.]++) ([-\d.]++) Td )?"
    rb"\[((?:-?[\d.]+)?\((?:[^\]]++|\](?! ?TJ))*+)\] ?TJ"
)
_OTHER: Final = re.compile(rb"\s(?:Tj|TD|Tm|T\*|Tr|Ts|Tz)\s")
_ITEM: Final = re.compile(rb"\(((?:\\.|[^\\()])*)\)|(-?[\d.]+)", re.DOTALL)
_ESCAPED: Final = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_FONT: Final = re.compile(rb"/(F\d+) (\d+) 0 R")
_SIMPLE_FONT: Final = re.compile(
    rb"/FirstChar (\d+) .*/Widths (\d+) 0 R .*/ToUnicode (\d+) 0 R", re.DOTALL
)
_RANGES: Final = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_RANGE: Final = re.compile(rb"<(\w\w)>\s*<(\w\w)>\s*<(\w+)>")
_SINGLES: Final = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_SINGLE: Final = re.compile(rb"<(\w\w)>\s*<(\w+)>")

_SPACE: Final = 0.2
"""So wide a gap is a space, as a share of the size of the font; digits stand closer."""

_LINE_PT: Final = 6.0
"""So much higher or lower is another line; less is a script."""

_Table = Mapping[int, tuple[str, float]]
"""Character code to its characters, and to its width as a share of the size."""


class _Unknown(Exception):
    """Text that is written in another way than is known here."""


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that stand side by side.

    Attributes:
        start: Where their base line begins, in points.
        end: Where it ends.
        base: How high it is.
    """

    text: str
    start: float
    end: float
    base: float


@dataclass(frozen=True, slots=True)
class _Block:
    """What stands between ``BT`` and the next one.

    Attributes:
        text: Its text.
        start: Where that begins, in points.
        end: Where it ends.
        space: So wide a gap behind it is a space.
    """

    text: str
    start: tuple[float, float]
    end: tuple[float, float]
    space: float


class TextOperators:
    """Reads pages of files with the same fonts."""

    def __init__(self, file: PdfFile, tree: bytes) -> None:
        """Reads the tables of the fonts.

        Args:
            file: A file that PDFium reads as well.
            tree: The root of its page tree, which names the fonts.
        """
        self._tables = {
            name: table
            for name, number in _FONT.findall(tree)
            if (table := _table(file, int(number))) is not None
        }
        # most blocks, and nearly all lines, come again in other copies
        self._block = lru_cache(maxsize=4096)(self._read_block)
        self._said = lru_cache(maxsize=16384)(self._read_array)

    def text(self, content: bytes) -> str | None:
        """The text of a page; None where it is written in another way than is known here."""
        before, *blocks = content.split(b"BT\n")
        if b"TJ" in before:
            return None
        pieces: list[str] = []
        end, space = (0.0, 0.0), 0.0
        try:
            for block in map(self._block, blocks):
                pieces += (_between(end, block.start, space), block.text)
                end, space = block.end, block.space
        except _Unknown:
            return None
        return "".join(pieces)

    def runs(self, source: bytes) -> Iterator[Run]:
        """The texts between ``BT`` and ``ET``, parted where TeX has moved; what cannot be read is
        left out.
        """
        x = y = size = 0.0
        table = b""
        for font, font_size, right, up, array in _SHOWN.findall(source):
            if font:
                table, size = font, float(font_size)
            if up:
                x, y = x + float(right), y + float(up)
            at = x
            for string, move in _ITEM.findall(array):
                try:
                    said, width = self._said(table, b"(%b)" % string) if string else ("", 0.0)
                except KeyError:  # no such font or character
                    said, width = "", 0.0
                if said:
                    yield Run(said, at, at + width * size, y)
                at += (width - float(move or 0) / 1000) * size

    def _read_block(self, source: bytes) -> _Block:
        shown = _SHOWN.findall(source)
        if not shown or _OTHER.search(source):
            raise _Unknown
        pieces: list[str] = []
        x = y = size = 0.0
        start = end = (0.0, 0.0)
        table = b""
        fonts = moves = 0
        try:
            for font, font_size, right, up, array in shown:
                if font:
                    table, size = font, float(font_size)
                    fonts += 1
                if up:
                    x, y = x + float(right), y + float(up)
                    moves += 1
                said, width = self._said(table, array)
                if pieces:
                    pieces.append(_between(end, (x, y), _SPACE * size))
                else:
                    start = x, y
                pieces.append(said)
                end = x + width * size, y
        except (KeyError, ValueError):  # no such font or character, or no number
            raise _Unknown from None
        found = len(shown), fonts, moves
        if found != (source.count(b"TJ"), source.count(b" Tf"), source.count(b" Td")):
            raise _Unknown
        return _Block("".join(pieces), start, end, _SPACE * size)

    def _read_array(self, font: bytes, array: bytes) -> tuple[str, float]:
        """The characters of an array of strings and moves, and its width."""
        table = self._tables[font]
        said: list[str] = []
        width = 0.0
        for string, move in _ITEM.findall(array):
            for code in _ESCAPED.sub(_unescaped, string):
                character, advance = table[code]
                said.append(character)
                width += advance
            if move:
                gap = -float(move) / 1000
                width += gap
                if gap > _SPACE:
                    said.append(" ")
        return "".join(said), width


def _between(end: tuple[float, float], start: tuple[float, float], space: float) -> str:
    """What is read between the end of a text and the start of the next one, in points."""
    if abs(start[1] - end[1]) > _LINE_PT:
        return "\n"
    return " " if start[0] - end[0] > space else ""


def _unescaped(escape: re.Match[bytes]) -> bytes:
    return bytes([int(escape[1], 8)]) if len(escape[1]) == 3 else escape[1]


def _table(file: PdfFile, number: int) -> _Table | None:
    """What a font says of its codes (ISO 32000-1, 9.2.4 and 9.10.3); None if it does not."""
    font = _SIMPLE_FONT.search(file.value(number))
    if font is None:
        return None
    first, widths, said = map(int, font.groups())
    characters = _characters_by_code(file, said)
    return {
        code: (characters.get(code, chr(code)), float(width) / 1000)
        for code, width in enumerate(file.value(widths).strip(b"[] \r\n").split(), first)
    }


def _characters_by_code(file: PdfFile, number: int) -> dict[int, str]:
    source = zlib.decompress(file.parts(number)[1] or b"")
    said: dict[int, str] = {}
    for block in _RANGES.findall(source):
        for first, last, characters in _RANGE.findall(block):
            start = _characters(characters)
            for code in range(int(first, 16), int(last, 16) + 1):
                said[code] = start[:-1] + chr(ord(start[-1]) + code - int(first, 16))
    for block in _SINGLES.findall(source):
        said |= {int(code, 16): _characters(it) for code, it in _SINGLE.findall(block)}
    return said


def _characters(said: bytes) -> str:
    return bytes.fromhex(said.decode("ascii")).decode("utf-16-be")
