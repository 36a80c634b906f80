"""The text of a page from its operators, where its fonts are those of a page that PDFium has read.

pdfTeX writes all text in one way, ``/F41 10 Tf 216.3 802.2 Td [(W)83(ord)-333(two)]TJ``, in the
order in which it is read. With the tables of the fonts, which say what characters and how wide the
codes are, such a page is read several times as fast as by PDFium. What is read are the operators of
the finished file all the same. What is written in another way is not read here.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

from generator.stamp.pdf import PdfFile
from generator.verify.visible import compact

_SHOWN: Final = re.compile(rb"\] ?TJ")
_ARRAY: Final = re.compile(
    rb"(?:/(F\d+) ([\d.]++) Tf )?(?:([-\d.]++) ([-\d.]++) Td )?"
    rb"\[((?:-?[\d.]+)?\((?:[^\]]++|\](?! ?TJ))*+)\] ?TJ"
)
_PIECE: Final = re.compile(
    rb"(.*?)(?:/(F\d+) ([\d.]++) Tf )?(?:([-\d.]++) ([-\d.]++) Td )?"
    rb"\[((?:\((?:\\.|[^\\()])*+\)|-?[\d.]++)++)",
    re.DOTALL,
)
_OTHER: Final = re.compile(rb"(?<!\S)(?:T[A-Za-z*]|['\"])(?!\S)")
_STATE: Final = re.compile(rb"(?<!\S)(?:([qQ])|((?:[-\d.]+ ){6})cm)(?!\S)")
_ITEM: Final = re.compile(rb"\(((?:\\.|[^\\()])*)\)|(-?[\d.]+)", re.DOTALL)
_ESCAPED: Final = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_FONT: Final = re.compile(rb"/(F\d+) (\d+) 0 R")
_SIMPLE_FONT: Final = re.compile(
    rb"/FontDescriptor (\d+) 0 R .*/FirstChar (\d+) .*/Widths (\d+) 0 R .*/ToUnicode (\d+) 0 R",
    re.DOTALL,
)
_BOX: Final = re.compile(rb"/FontBBox \[([-\d. ]+)\]")
_CAPITAL: Final = re.compile(rb"/CapHeight (\d+)")
_OVERSHOOT: Final = 1.08
"""So much higher than capitals are digits and round characters at most: Latin Modern has 1.047."""
_CAPITALS: Final = re.compile(r"[A-Z0-9.-]*")
_RANGES: Final = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_RANGE: Final = re.compile(rb"<(\w\w)>\s*<(\w\w)>\s*<(\w+)>")
_SINGLES: Final = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_SINGLE: Final = re.compile(rb"<(\w\w)>\s*<(\w+)>")

_SPACE: Final = 0.2
"""So wide a gap is a space, as a share of the size of the font; digits stand closer."""

_LINE_PT: Final = 6.0
"""So much higher or lower is another line; less is a script."""

_NEAR_PT: Final = 0.01

_ROW: Final = 8
"""So many pieces are read at once."""

Area = tuple[float, float, float, float]
"""Left, lower, right and upper edge, in points from the lower left corner of the page."""


class _Unknown(Exception):
    """Text that is written in another way than is known here."""


@dataclass(frozen=True, slots=True)
class _Font:
    """What a font says of its characters, all lengths as shares of its size.

    Attributes:
        characters: Character code to its characters, and to its width.
        box: What each of them covers at most, from its origin on.
        capital: How high capitals and digits are at most.
    """

    characters: Mapping[int, tuple[str, float]]
    box: Area
    capital: float


class _Piece(NamedTuple):
    """An array of strings, and what stands before it.

    Attributes:
        before: What is no text.
        font: The font and its size, in points.
        right: So far to the right of the one before it, in points.
        up: So much higher.
        text: Its characters.
        width: In points.
        space: So wide a gap before or behind it is a space.
        around: So far does it reach to the left and down from where it begins, and to the right and
            up from where it ends, at most.
    """

    before: bytes
    font: tuple[bytes, float]
    right: float
    up: float
    text: str
    width: float
    space: float
    around: Area


class _Row(NamedTuple):
    """Some pieces one after the other; most come again, while blocks differ by a number.

    Attributes:
        text: Their text.
        kept: What of it is compared.
        drawn: What stands between them and is no text.
        right: So far to the right of where the first one is moved from stands the last one.
        up: So much higher.
        fonts: The fonts and sizes of the pieces.
    """

    pieces: tuple[_Piece, ...]
    text: str
    kept: str
    drawn: tuple[bytes, ...]
    right: float
    up: float
    fonts: frozenset[tuple[bytes, float]]


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


class _Block(NamedTuple):
    """What stands between ``BT`` and the next one.

    Attributes:
        text: Its text.
        start: Where that begins, in points.
        end: Where it ends.
        space: So wide a gap behind it is a space.
        drawn: All in it that is no text.
        extent: What it covers at most.
        kept: What of the text is compared.
        fonts: Its fonts and their sizes.
    """

    text: str
    start: tuple[float, float]
    end: tuple[float, float]
    space: float
    drawn: bytes
    extent: _Extent
    kept: str
    fonts: frozenset[tuple[bytes, float]]


class _Extent:
    """What pieces cover at most: seldom asked for, and not often anew."""

    def __init__(self, rows: Sequence[_Row]) -> None:
        self._rows = rows

    @cached_property
    def area(self) -> Area:
        """In points from where the first one is moved."""
        pieces = [piece for row in self._rows for piece in row.pieces]
        xs = list(accumulate([piece.right for piece in pieces]))
        ys = list(accumulate([piece.up for piece in pieces]))
        ends = [x + piece.width for x, piece in zip(xs, pieces, strict=True)]
        around = [piece.around for piece in pieces]
        return (
            min(xs) + min([it[0] for it in around]),
            min(ys) + min([it[1] for it in around]),
            max(ends) + max([it[2] for it in around]),
            max(ys) + max([it[3] for it in around]),
        )


@dataclass(frozen=True)
class Operators:
    """What the operators of a page say and draw.

    Attributes:
        text: The text.
        kept: What of it is compared.
        before: What stands before the first block of text.
        blocks: These blocks.
    """

    text: str
    kept: str
    before: bytes
    blocks: Sequence[_Block]

    @property
    def drawn(self) -> tuple[bytes, ...]:
        """All that is no text, piece by piece as text stands between."""
        return (self.before, *[block.drawn for block in self.blocks])

    @property
    def areas(self) -> list[Area]:
        """What the blocks cover at most, if the page is not moved where they stand."""
        return [block.extent.area for block in self.blocks]

    @property
    def fonts(self) -> frozenset[frozenset[tuple[bytes, float]]]:
        """The fonts and their sizes in points that stand together in a block."""
        return frozenset([block.fonts for block in self.blocks])

    @cached_property
    def reach(self) -> Area:
        """Between which edges all blocks begin and end, if the page is not moved there."""
        ends = [end for block in self.blocks for end in (block.start, block.end)]
        if not ends:
            return (0.0, 0.0, 0.0, 0.0)
        xs, ys = [x for x, _ in ends], [y for _, y in ends]
        return min(xs), min(ys), max(xs), max(ys)

    @property
    def is_still(self) -> bool:
        """Whether the coordinates are those of the page wherever text stands."""
        moved: list[tuple[float, float] | None] = [(0.0, 0.0)]
        for piece in self.drawn:
            for state, matrix in _STATE.findall(piece):
                if state == b"q":
                    moved.append(moved[-1])
                elif state:
                    moved.pop()
                else:
                    moved[-1] = _moved(moved[-1], matrix)
                if not moved:
                    return False
            if moved[-1] is None or max(map(abs, moved[-1])) > _NEAR_PT:
                return False
        return True

    def avoids(self, places: Collection[Area]) -> bool:
        """Whether no text reaches into some places; see `is_still`."""
        return not any(
            area[0] < right and left < area[2] and area[1] < top and bottom < area[3]
            for left, bottom, right, top in places
            for area in self.areas
        )


def _moved(moved: tuple[float, float] | None, matrix: bytes) -> tuple[float, float] | None:
    """How far coordinates are moved by one matrix more; None if they are turned or scaled."""
    *turn, right, up = map(float, matrix.split())
    return (moved[0] + right, moved[1] + up) if moved and turn == [1, 0, 0, 1] else None


class TextOperators:
    """Reads pages of files with the same fonts."""

    def __init__(self, file: PdfFile, tree: bytes) -> None:
        """Reads the tables of the fonts.

        Args:
            file: A file that PDFium reads as well.
            tree: The root of its page tree, which names the fonts.
        """
        self._fonts = {
            name: font
            for name, number in _FONT.findall(tree)
            if (font := _font(file, int(number))) is not None
        }
        # most blocks come again in other copies, and nearly all rows and pieces
        self._block = lru_cache(maxsize=4096)(self._read_block)
        self._row = lru_cache(maxsize=16384)(self._read_row)
        self._piece = lru_cache(maxsize=32768)(self._read_piece)
        self._said = lru_cache(maxsize=4096)(self._read_array)

    def read(self, content: bytes) -> Operators | None:
        """What a page says; None where it is written in another way than is known here."""
        before, *sources = content.split(b"BT\n")
        try:
            blocks = list(map(self._block, sources))
        except _Unknown:
            return None
        if _OTHER.search(before):
            return None
        said: list[str] = []
        x = y = space = 0.0
        for text, (left, base), end, space_behind, *_ in blocks:
            said += (_between(left - x, base - y, space), text)
            (x, y), space = end, space_behind
        kept = "".join([block.kept for block in blocks])
        return Operators("".join(said), kept, before, blocks)

    def runs(self, source: bytes) -> Iterator[Run]:
        """The texts between ``BT`` and ``ET``, parted where TeX has moved; what cannot be read is
        left out.
        """
        x = y = size = 0.0
        table = b""
        for font, font_size, right, up, array in _ARRAY.findall(source):
            if font:
                table, size = font, float(font_size)
            if up:
                x, y = x + float(right), y + float(up)
            at = x
            for string, move in _ITEM.findall(array):
                try:
                    said, ends = self._said(table, b"(%b)" % string) if string else ("", [0.0])
                except KeyError:  # no such font or character
                    said, ends = "", [0.0]
                if said:
                    yield Run(said, at, at + ends[-1] * size, y)
                at += (ends[-1] - float(move or 0) / 1000) * size

    def area(self, text: bytes) -> Area | None:
        """What ``BT /F41 10 Tf 216.3 802.2 Td [(W) -500 (ord)] TJ ET`` covers at most.

        None if the font has not all of its characters.
        """
        _, font, size, _, x, y, array = text.split(b" ", 6)
        try:
            said, ends = self._said(font[1:], array)
            known = self._fonts[font[1:]]
        except KeyError:
            return None
        left, low, right, high = _reach(ends, known.box, float(size))
        if _CAPITALS.fullmatch(said):
            high = min(high, known.capital * float(size))
        return float(x) + left, float(y) + low, float(x) + right, float(y) + high

    def _read_block(self, source: bytes) -> _Block:
        is_spaced = b"] TJ" in source
        *sources, behind = _SHOWN.split(source) if is_spaced else source.split(b"]TJ")
        if not sources or _OTHER.search(behind):
            raise _Unknown
        rows: list[_Row] = []
        said: list[str] = []
        font = b"", 0.0
        x = y = end = 0.0
        for at in range(0, len(sources), _ROW):
            row = self._row(font, tuple(sources[at : at + _ROW]))
            first, last = row.pieces[0], row.pieces[-1]
            if rows:
                said.append(_between(x + first.right - end, first.up, first.space))
            said.append(row.text)
            rows.append(row)
            x, y, font = x + row.right, y + row.up, last.font
            end = x + last.width
        start = rows[0].pieces[0]
        drawn = [each for row in rows for each in row.drawn]
        return _Block(
            "".join(said),
            (start.right, start.up),
            (end, y),
            last.space,
            b"\n".join([*drawn, behind]),
            _Extent(rows),
            "".join([row.kept for row in rows]),
            frozenset().union(*[row.fonts for row in rows]),
        )

    def _read_row(self, font: tuple[bytes, float], sources: Sequence[bytes]) -> _Row:
        pieces: list[_Piece] = []
        said: list[str] = []
        x = y = end = 0.0
        for source in sources:
            piece = self._piece(font, source)
            x, y, font = x + piece.right, y + piece.up, piece.font
            if pieces:
                said.append(_between(x - end, piece.up, piece.space))
            said.append(piece.text)
            pieces.append(piece)
            end = x + piece.width
        text = "".join(said)
        drawn = tuple([piece.before for piece in pieces if piece.before])
        fonts = frozenset([piece.font for piece in pieces])
        return _Row(tuple(pieces), text, compact(text), drawn, x, y, fonts)

    def _read_piece(self, font: tuple[bytes, float], source: bytes) -> _Piece:
        found = _PIECE.fullmatch(source)
        if found is None or _OTHER.search(found[1]):
            raise _Unknown
        before, name, size, right, up, array = found.groups()
        try:
            font = (name, float(size)) if name else font
            said, ends = self._read_array(font[0], array)
            box = self._fonts[font[0]].box
            move = (float(right), float(up)) if up else (0.0, 0.0)
        except (KeyError, ValueError):  # no such font or character, or no number
            raise _Unknown from None
        width, size = ends[-1], font[1]
        left, low, right, high = _reach(ends, box, size)
        around = (left, low, right - width * size, high)
        return _Piece(before, font, *move, said, width * size, _SPACE * size, around)

    def _read_array(self, font: bytes, array: bytes) -> tuple[str, list[float]]:
        """The characters of an array, and where it begins, is after each move, and ends."""
        characters = self._fonts[font].characters
        said: list[str] = []
        width = 0.0
        ends = [width]
        for string, move in _ITEM.findall(array):
            for code in _ESCAPED.sub(_unescaped, string):
                character, advance = characters[code]
                said.append(character)
                width += advance
            if move:
                gap = -float(move) / 1000
                width += gap
                if gap > _SPACE:
                    said.append(" ")
            ends.append(width)
        return "".join(said), ends


def _reach(ends: Sequence[float], box: Area, size: float) -> Area:
    """How far characters that begin and end at some places reach from where a text begins.

    Args:
        ends: As shares of the size.
        box: What each covers at most.
        size: In points.
    """
    left, low, right, high = box
    return (min(ends) + left) * size, low * size, (max(ends) + right) * size, high * size


def _between(right: float, up: float, space: float) -> str:
    """What is read between a text and the next one, so far away in points."""
    if abs(up) > _LINE_PT:
        return "\n"
    return " " if right > space else ""


def _unescaped(escape: re.Match[bytes]) -> bytes:
    return bytes([int(escape[1], 8)]) if len(escape[1]) == 3 else escape[1]


def _font(file: PdfFile, number: int) -> _Font | None:
    """What a font says of its codes (ISO 32000-1, 9.2.4, 9.8 and 9.10.3); None if it does not."""
    font = _SIMPLE_FONT.search(file.value(number))
    if font is None:
        return None
    described, first, widths, said = map(int, font.groups())
    box = _BOX.search(file.value(described))
    if box is None:
        return None
    left, low, right, high = (float(length) / 1000 for length in box[1].split())
    capital = _CAPITAL.search(file.value(described))
    capital_high = _OVERSHOOT * float(capital[1]) / 1000 if capital else high
    characters = _characters_by_code(file, said)
    table = {
        code: (characters.get(code, chr(code)), float(width) / 1000)
        for code, width in enumerate(file.value(widths).strip(b"[] \r\n").split(), first)
    }
    return _Font(table, (left, low, right, high), capital_high)


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
