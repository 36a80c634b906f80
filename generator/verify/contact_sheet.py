"""The corners of many pages on one: what is stamped there is rendered at once, and decoded.

To load a page and to render it takes longer than its two symbols need. So the stamps of a finished
copy are drawn side by side by one page more, which is put behind the copy's own objects, so that it
uses the very fonts of the copy. Each corner of a page has a tile of its own, in which the operators
of the page's stamp are drawn as they are in the file; only a symbol that stands in the other corner
is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import pypdfium2

from generator.codes.sheet import MODULE_MM
from generator.layout import PT_PER_MM, Sheet
from generator.stamp.pdf import PdfFile, reference, updated
from generator.verify.readback import (
    CORNER_PT,
    MODULE_PIXELS,
    Codes,
    Rectangle,
    corners,
    decode_alone,
    rendered,
)
from generator.work.locks import PDFIUM

_COLUMNS: Final = 8
_SCALE: Final = MODULE_PIXELS / (MODULE_MM * PT_PER_MM)
"""Pixels per point: the sheet is measured in pixels."""
_TILE: Final = int(CORNER_PT * _SCALE) + 1

_MODULES: Final = re.compile(rb"0 g\n(?:\d\d? \d\d? \d\d? 1 re\n)++f\nQ")
_REACH: Final = 99 + 99
"""So many modules does what :data:`_MODULES` draws reach to the right and up, at most."""


def read_stamps(pdf: bytes, stamps: Mapping[int, bytes], sheet: Sheet) -> dict[int, Codes]:
    """Decodes the symbols of stamps, as they look where nothing else is in their corners.

    Args:
        pdf: A finished copy.
        stamps: Index of a page to the operators of its stamp.
        sheet: The size of the pages.

    Returns:
        Index of each page of which both symbols could be read to what they say, the upper one
        first.
    """
    if not stamps:
        return {}
    tiles = [tile for index, stamp in stamps.items() for tile in _tiles(index, stamp, sheet)]
    found = _decode(_with_sheet(PdfFile(pdf), tiles), len(tiles))
    pairs = zip(stamps, found[::2], found[1::2], strict=True)
    return {index: (*upper, *lower) for index, upper, lower in pairs if upper and lower}


def _decode(pdf: bytes, tiles: int) -> list[Codes]:
    """What the symbol in each tile says; nothing where there is none, or anything beside it."""
    with PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            with rendered(document[0]) as pixels:
                return [decode_alone(_tile(pixels, *divmod(at, _COLUMNS))) for at in range(tiles)]
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
    return updated(file, bodies)


def _placed(tile: bytes, row: int, column: int) -> bytes:
    left, bottom = column * _TILE, row * _TILE
    clip = b"%d %d %d %d re W n" % (left, bottom, _TILE, _TILE)
    return b"q %b 1 0 0 1 %d %d cm\n%bQ\n" % (clip, left, bottom, tile)


def _tiles(index: int, stamp: bytes, sheet: Sheet) -> Iterator[bytes]:
    """What is drawn in the two corners of a page, the upper one first."""
    head, symbols = _parted(stamp)
    for corner in _corner_places(index % 2 == 0, sheet):
        drawn = b"".join(symbol for symbol, place in symbols if _touch(place, corner))
        left, bottom = corner[0] * _SCALE, corner[1] * _SCALE
        matrix = b"%.5f 0 0 %.5f %.5f %.5f cm\n" % (_SCALE, _SCALE, -left, -bottom)
        yield b"q %b%b%bQ\nQ\n" % (matrix, head, drawn)


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
