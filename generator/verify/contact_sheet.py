"""The corners of many pages on one: what is stamped there is rendered at once, and decoded.

To load a page and to render it takes longer than its two symbols need. So the stamps of a finished
copy are drawn side by side by one page more, which is put behind the copy's own objects, so that it
uses the very fonts of the copy.

The two symbols of a page are drawn by the same operators, and stand where the layout has them: then
the pixels of one are those of the other, and one is drawn and decoded. That nothing else stands in
the corners is seen in tiles without symbols, which must stay white: one for all texts that might
reach into a corner by the tables of their fonts. Where a stamp is written in any other way, or a
tile has ink, each corner of a page has a tile of its own, in which the operators of the page's
stamp are drawn as they are in the file; only a symbol that stands in the other corner is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import pypdfium2

from generator.codes.qr import side_modules
from generator.codes.sheet import LARGEST_VERSION, MODULE_MM, QUIET_MODULES, symbol_boxes
from generator.layout import PT_PER_MM, Sheet
from generator.stamp.pdf import PdfFile, append_update, reference
from generator.verify.operators import TextOperators
from generator.verify.readback import (
    CORNER_PT,
    MODULE_PIXELS,
    Codes,
    Rectangle,
    corners,
    decode_alone,
    decode_filling,
    rendered,
)
from generator.work.locks import PDFIUM

_COLUMNS: Final = 8
_SCALE: Final = MODULE_PIXELS / (MODULE_MM * PT_PER_MM)
"""Pixels per point: the sheet is measured in pixels."""
_TILE: Final = int(CORNER_PT * _SCALE) + 1

_QUIET: Final = QUIET_MODULES * MODULE_PIXELS

_MODULES: Final = re.compile(rb"0 g\n(?:\d\d? \d\d? \d\d? \d\d? re\n)++f\nQ")
_REACH: Final = 99 + 99
"""So many modules does what :data:`_MODULES` draws reach to the right and up, at most."""

_TEXTS: Final = re.compile(
    rb"q(?:\nBT /F\d+ \d[\d.]* Tf \d[\d.]* \d[\d.]* Td "
    rb"\[(?:\((?:\\.|[^\\()\n])*+\)|-\d[\d.]*| )++\] TJ ET)*+"
)
"""Texts that run to the right from where they begin, in no other state than that of a new page."""
_NEAR_PT: Final = 1e-4


@dataclass(frozen=True, slots=True)
class _Twins:
    """A stamp with twice the same symbol, each where the layout has it.

    Attributes:
        texts: What is written beside them.
        symbol: The upper one.
        left: How far that stands from the left edge of the page, in points.
        bottom: How far from the lower one.
        side: Its modules along a side.
    """

    texts: Sequence[bytes]
    symbol: bytes
    left: float
    bottom: float
    side: int


def read_stamps(
    pdf: bytes, stamps: Mapping[int, bytes], sheet: Sheet, fonts: TextOperators
) -> dict[int, Codes]:
    """Decodes the symbols of stamps, as they look where nothing else is in their corners.

    Args:
        pdf: A finished copy.
        stamps: Index of a page to the operators of its stamp.
        sheet: The size of the pages.
        fonts: Those of the copy.

    Returns:
        Index of each page of which both symbols could be read to what they say, the upper one
        first.
    """
    found = _read_twins(pdf, stamps, sheet, fonts)
    other = {index: stamp for index, stamp in stamps.items() if index not in found}
    return found | _read_others(pdf, other, sheet)


def _read_twins(
    pdf: bytes, stamps: Mapping[int, bytes], sheet: Sheet, fonts: TextOperators
) -> dict[int, Codes]:
    """What symbols say of which one was decoded for both, where both corners are white else."""
    parted = {index: _twins(index, stamp, sheet) for index, stamp in stamps.items()}
    twins = {index: found for index, found in parted.items() if found is not None}
    if not twins:
        return {}
    beside = [
        (is_odd, tile) for is_odd in (True, False) for tile in _beside(twins, is_odd, sheet, fonts)
    ]
    tiles = [*(tile for _, tile in beside), *map(_alone, twins.values())]
    with _drawn(_with_sheet(PdfFile(pdf), tiles), len(tiles)) as pictures:
        inked = {
            is_odd
            for (is_odd, _), picture in zip(beside, pictures, strict=False)
            if picture.min() < 255
        }
        said = [
            _decoded(picture, own.side)
            for own, picture in zip(twins.values(), pictures[len(beside) :], strict=True)
        ]
    return {
        index: (text, text)
        for index, text in zip(twins, said, strict=True)
        if text and (index % 2 == 0) not in inked
    }


def _decoded(picture: Any, modules: int) -> str:
    side = modules * MODULE_PIXELS
    return decode_filling(picture, _QUIET, _TILE - _QUIET - side, side)


def are_twins(index: int, stamp: bytes, sheet: Sheet) -> bool:
    """Whether a stamp has twice the same symbol, each of its size where the layout has it."""
    return _twins(index, stamp, sheet) is not None


@lru_cache(maxsize=64)
def _twins(index: int, stamp: bytes, sheet: Sheet) -> _Twins | None:
    """Both symbols of a stamp, if it is written just as the stamper writes it."""
    pieces = stamp.split(b"\nq ")
    if len(pieces) != 3 or not _TEXTS.fullmatch(pieces[0]):
        return None
    upper, _, drawn = pieces[1].partition(b" cm\n")
    lower, _, again = pieces[2].partition(b" cm\n")
    place = _twin_places(upper, lower, index % 2 == 0, sheet)
    if place is None or again != drawn + b"\nQ\n" or not _MODULES.fullmatch(drawn):
        return None
    return _Twins(pieces[0].split(b"\n")[1:], pieces[1], *place)


@lru_cache(maxsize=64)
def _twin_places(
    upper: bytes, lower: bytes, is_odd: bool, sheet: Sheet
) -> tuple[float, float, int] | None:
    """Where the upper symbol stands, and its modules; None if one is not where it belongs."""
    for version in range(1, LARGEST_VERSION + 2):
        boxes = symbol_boxes(1 if is_odd else 2, version, sheet)
        places = [(box.left_mm * PT_PER_MM, box.bottom_mm * PT_PER_MM) for box in boxes]
        if all(map(_stands, (upper, lower), places)):
            reached = zip((upper, lower), reversed(_corner_places(is_odd, sheet)), strict=True)
            if any((own := _place(it)) and _touch(own, corner) for it, corner in reached):
                return None
            return *places[0], side_modules(version)
    return None


def _stands(matrix: bytes, place: tuple[float, float]) -> bool:
    """Whether a matrix puts a symbol of the size of all symbols at a place."""
    covered = _place(matrix)
    reach_pt = _REACH * MODULE_MM * PT_PER_MM
    return covered is not None and all(
        abs(covered[at] - place[at]) < _NEAR_PT
        and abs(covered[at + 2] - place[at] - reach_pt) < _NEAR_PT * _REACH
        for at in (0, 1)
    )


def _alone(twins: _Twins) -> bytes:
    """The upper symbol, with its quiet zone, in the lower left corner of a tile."""
    moved = (_QUIET - twins.left * _SCALE, _QUIET - twins.bottom * _SCALE)
    return b"q %.5f 0 0 %.5f %.5f %.5f cm\nq %b\nQ\n" % (_SCALE, _SCALE, *moved, twins.symbol)


def _beside(
    twins: Mapping[int, _Twins], is_odd: bool, sheet: Sheet, fonts: TextOperators
) -> Iterator[bytes]:
    """What is written on some pages that might reach into a corner, for each that any might."""
    own = [found for index, found in twins.items() if index % 2 != is_odd]
    areas = {text: fonts.area(text) for found in own for text in found.texts}
    for corner in _corner_places(is_odd, sheet):
        near = [text for text, area in areas.items() if area is None or _touch(area, corner)]
        if near:
            yield b"q %b%b\nQ\n" % (_corner_matrix(corner), b"\n".join(near))


def _read_others(pdf: bytes, stamps: Mapping[int, bytes], sheet: Sheet) -> dict[int, Codes]:
    """What symbols say, each of which is decoded in its own corner."""
    if not stamps:
        return {}
    tiles = [tile for index, stamp in stamps.items() for tile in _tiles(index, stamp, sheet)]
    with _drawn(_with_sheet(PdfFile(pdf), tiles), len(tiles)) as pictures:
        found = list(map(decode_alone, pictures))
    pairs = zip(stamps, found[::2], found[1::2], strict=True)
    return {index: (*upper, *lower) for index, upper, lower in pairs if upper and lower}


@contextmanager
def _drawn(pdf: bytes, tiles: int) -> Iterator[list[Any]]:
    """The pixels of each tile of a sheet."""
    with PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            with rendered(document[0]) as pixels:
                yield [_tile(pixels, *divmod(at, _COLUMNS)) for at in range(tiles)]
        finally:
            document.close()


def _tile(pixels: Any, row: int, column: int) -> Any:
    top = pixels.shape[0] - (row + 1) * _TILE
    return pixels[top : top + _TILE, column * _TILE : (column + 1) * _TILE]


def _with_sheet(file: PdfFile, tiles: Sequence[bytes]) -> bytes:
    """A copy that shows nothing but tiles, side by side from the lower left corner on."""
    content = b"".join(_placed(tile, *divmod(at, _COLUMNS)) for at, tile in enumerate(tiles))
    rows = -(-len(tiles) // _COLUMNS)
    tree = file.value(reference(file.value(file.root), b"Pages"))
    resources = tree[tree.index(b"/Resources") :]
    first = file.size
    box = b"[0 0 %d %d]" % (_COLUMNS * _TILE, rows * _TILE)
    bodies = (
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        b"<< /Type /Page /Parent %d 0 R /MediaBox %b /Contents %d 0 R %b"
        % (first + 2, box, first, resources),
        b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % (first + 1),
        b"<< /Type /Catalog /Pages %d 0 R >>" % (first + 2),
    )
    return append_update(file, bodies)


def _placed(tile: bytes, row: int, column: int) -> bytes:
    left, bottom = column * _TILE, row * _TILE
    clip = b"%d %d %d %d re W n" % (left, bottom, _TILE, _TILE)
    return b"q %b 1 0 0 1 %d %d cm\n%bQ\n" % (clip, left, bottom, tile)


def _tiles(index: int, stamp: bytes, sheet: Sheet) -> Iterator[bytes]:
    """What is drawn in the two corners of a page, the upper one first."""
    head, symbols = _parted(stamp)
    for corner in _corner_places(index % 2 == 0, sheet):
        drawn = b"".join(symbol for symbol, place in symbols if _touch(place, corner))
        yield b"q %b%b%bQ\nQ\n" % (_corner_matrix(corner), head, drawn)


def _corner_matrix(corner: Rectangle) -> bytes:
    """Puts a corner of a page into a tile."""
    left, bottom = corner[0] * _SCALE, corner[1] * _SCALE
    return b"%.5f 0 0 %.5f %.5f %.5f cm\n" % (_SCALE, _SCALE, -left, -bottom)


def _parted(stamp: bytes) -> tuple[bytes, list[tuple[bytes, Rectangle]]]:
    """What stands before the symbols of a stamp, and each with what it covers at most.

    All of it stands before them if it is not written as the stamper writes it.
    """
    head, *rest = stamp.removesuffix(b"\nQ\n").split(b"\nq ")
    found: list[tuple[bytes, Rectangle]] = []
    path = b""
    for each in rest:
        matrix, _, drawn = each.partition(b" cm\n")
        place = _place(matrix)
        # the second symbol of a page is the first one again
        if place is None or (drawn != path and not _MODULES.fullmatch(drawn)):
            return stamp.removesuffix(b"Q\n"), []
        path = drawn
        found.append((b"q %b\n" % each, place))
    return b"%b\n" % head, found


@lru_cache(maxsize=64)
def _place(matrix: bytes) -> Rectangle | None:
    """What a symbol covers at most; None if it is turned or mirrored."""
    numbers = matrix.split()
    if len(numbers) != 6 or numbers[1:3] != [b"0", b"0"]:
        return None
    try:
        across, _, _, up, left, bottom = map(float, numbers)
    except ValueError:
        return None
    if min(across, up) <= 0:
        return None
    return left, bottom, left + across * _REACH, bottom + up * _REACH


@lru_cache(maxsize=16)
def _corner_places(is_odd: bool, sheet: Sheet) -> list[Rectangle]:
    """The corners in which the symbols of a page stand, the upper one first."""
    width_pt, height_pt = sheet.width_mm * PT_PER_MM, sheet.height_mm * PT_PER_MM
    return [
        (left, bottom, width_pt - right, height_pt - top)
        for left, bottom, right, top in corners(1 if is_odd else 2, width_pt, height_pt)
    ]


def _touch(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
