"""Reading finished PDFs back: the text and the page codes of every page, as a scanner would see
them.

The codes are decoded from pixels, not from what the program knows it has drawn. To afford that for
every page, only the two corners where a page's symbols belong are rendered, with two pixels a
module, and nothing but one straight symbol is looked for: 0.07 ms a symbol. What can't be read that
way is tried again, harder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pypdfium2
import zxingcpp
from numpy.typing import NDArray

from generator.bank.gray import COLORED
from generator.codes.qr import side_modules
from generator.codes.sheet import EDGE_MM, LARGEST_VERSION, MODULE_MM, QUIET_MODULES
from generator.errors import CopyError
from generator.layout import PT_PER_MM, Box, Enlarged, enlarged_by
from generator.stamp.booklet import saddle
from generator.work.locks import PDFIUM

# Everything that the largest symbol of a reprint can take, with its quiet zone.
CORNER_PT: Final = PT_PER_MM * (
    EDGE_MM + MODULE_MM * (side_modules(LARGEST_VERSION + 1) + QUIET_MODULES)
)
_BOX_DPI: Final = 100
_INK: Final = 0.1
"""The share of black in the middle of a box that is a cross; one of the class has 0.3 and more."""
_QR_CODE: Final = zxingcpp.barcode_formats_from_str("QRCode")


@dataclass(frozen=True)
class _Way:
    """How codes are looked for.

    Attributes:
        dpi: So fine is a page rendered.
        options: What the decoder does.
    """

    dpi: float
    options: Mapping[str, Any]


_EASY: Final = {"try_rotate": False, "try_invert": False, "try_downscale": False}
MODULE_PIXELS: Final = 2
"""So many pixels along each side of a module are enough for a symbol that stands alone."""
_ALONE: Final = {"is_pure": True, "binarizer": zxingcpp.Binarizer.FixedThreshold}
_HARD: Final = _Way(300, {})
_WAYS: Final = (_Way(MODULE_PIXELS * 25.4 / MODULE_MM, _EASY | _ALONE), _Way(150, _EASY), _HARD)
_NO_CROP: Final = (0.0, 0.0, 0.0, 0.0)

Crop = tuple[float, float, float, float]

Codes = tuple[str, ...]
"""What symbols say, the upper one first."""

Rectangle = tuple[float, float, float, float]
"""Left, lower, right and upper edge on a page, in points from its lower left corner."""

Picture = tuple[float, ...]
"""Shades of the fields of a picture, row by row: 0 is black, 1 is white."""

BOTH: Final = 2
"""Codes of a page."""

_FIELDS: Final = 8
"""Along each side of a picture."""
_PER_FIELD: Final = 4


@dataclass(frozen=True, slots=True)
class Looked:
    """Where a page is looked at besides.

    Attributes:
        labels: Places of labels: what stands there is read.
        images: Places of images.
    """

    labels: tuple[Rectangle, ...] = ()
    images: tuple[Rectangle, ...] = ()

    def scaled(self, enlarged: Enlarged) -> Looked:
        """The same places on a page that is larger."""
        return Looked(
            tuple(_scaled(place, enlarged) for place in self.labels),
            tuple(_scaled(place, enlarged) for place in self.images),
        )


def _scaled(place: Rectangle, enlarged: Enlarged) -> Rectangle:
    left, bottom, right, top = place
    factor, up_pt = enlarged.factor, enlarged.margin_mm * PT_PER_MM
    return left * factor, bottom * factor + up_pt, right * factor, top * factor + up_pt


NOWHERE: Final = Looked()
NO_PLACES: Final[Mapping[int, Looked]] = {}
NO_BOXES: Final[Mapping[int, Sequence[Box]]] = {}


@dataclass(frozen=True, slots=True)
class PageReading:
    """What was read from a page.

    Attributes:
        text: All text of the page, lines ended by a line feed.
        codes: The contents of the QR symbols, that of the upper one first; without those that could
            not be read.
        crossed: Of each tick box that was looked at, whether there is a cross in it.
        labels: What stands at each place of a label.
        images: What each place of an image looks like.
        body: The text without what is stamped on the page, if that is known.
        kept: What of that is compared.
    """

    text: str
    codes: Codes
    crossed: tuple[bool, ...] = ()
    labels: tuple[str, ...] = ()
    images: tuple[Picture, ...] = ()
    body: str | None = None
    kept: str = ""


NOTHING_KNOWN: Final[Mapping[int, PageReading]] = {}


def read_pages(
    pdf: bytes | Path,
    *,
    codes: bool = True,
    boxes: Mapping[int, Sequence[Box]] = NO_BOXES,
    known: Mapping[int, PageReading] = NOTHING_KNOWN,
    places: Mapping[int, Looked] = NO_PLACES,
) -> list[PageReading]:
    """Reads all pages of a PDF.

    Args:
        pdf: The PDF or its file.
        codes: Whether to look for QR symbols: keys have none.
        boxes: Page number, from 1, to the tick boxes that are looked at.
        known: Index of a page to what is known of it; codes that are not are decoded.
        places: Page number, from 1, to where it is looked at for its figures.

    Raises:
        CopyError: If it is no PDF that can be read.
    """
    with PDFIUM:
        return _read_document(pdf, codes, boxes, known, places)


def read_booklet(pdf: bytes | Path, pages: int) -> list[PageReading]:
    """Reads a print run of booklets: sides of A3 with two pages each, set by set.

    Args:
        pages: Pages of a set.

    Returns:
        The pages of all sets, in the order in which they are read.

    Raises:
        CopyError: It is no PDF that can be read, or has no whole sets.
    """
    order = saddle(pages)
    with PDFIUM, _opened(pdf) as document:
        if len(document) % len(order):
            raise CopyError(f"{len(document)} sides are no sets of {len(order)}")
        readings = []
        for start in range(0, len(document), len(order)):
            found: dict[int, PageReading] = {}
            for index, both in enumerate(order):
                page = document[start + index]
                for half, number in enumerate(both):
                    found[number] = _read_half(page, number, half)
                page.close()
            readings += [found[number] for number in sorted(found)]
        return readings


def _read_half(page: Any, number: int, half: int) -> PageReading:
    """A page of a booklet: the left half of a side (0) or the right one (1)."""
    width_pt, height_pt = page.get_size()
    middle_pt = width_pt / 2
    found: list[str] = []
    for left, bottom, right, top in corners(number, middle_pt, height_pt):
        crop = (left + half * middle_pt, bottom, right + (1 - half) * middle_pt, top)
        found += _decode(page, crop)
    text_page = page.get_textpage()
    try:
        ends = (half * middle_pt, (half + 1) * middle_pt)
        text = text_page.get_text_bounded(ends[0], 0, ends[1], height_pt)
    finally:
        text_page.close()
    return PageReading(str(text).replace("\r\n", "\n"), tuple(found))


@contextmanager
def _opened(pdf: bytes | Path) -> Iterator[Any]:
    try:
        document = pypdfium2.PdfDocument(pdf)
    except (pypdfium2.PdfiumError, OSError) as error:
        name = pdf.name if isinstance(pdf, Path) else "the finished PDF"
        raise CopyError(f"{name} can't be read back: {error}") from error
    try:
        yield document
    except pypdfium2.PdfiumError as error:
        raise CopyError(f"a page can't be read back: {error}") from error
    finally:
        document.close()


def _read_document(
    pdf: bytes | Path,
    codes: bool,
    boxes: Mapping[int, Sequence[Box]],
    known: Mapping[int, PageReading],
    places: Mapping[int, Looked],
) -> list[PageReading]:
    with _opened(pdf) as document:
        return [
            _read_page(
                document,
                index,
                codes,
                boxes.get(index + 1, ()),
                known.get(index),
                places.get(index + 1, NOWHERE),
            )
            for index in range(len(document))
        ]


def _read_page(
    document: Any,
    index: int,
    codes: bool,
    boxes: Sequence[Box],
    known: PageReading | None,
    places: Looked,
) -> PageReading:
    if known is not None and (known.codes or not codes):
        return known
    page = document[index]
    try:
        found = _codes(page, index + 1) if codes else ()
        if known is not None:
            return replace(known, codes=found)
        text, labels = _texts(page, places.labels)
        crossed = _crossed(page, boxes) if boxes else ()
        images = tuple(_look(page, place) for place in places.images)
        return PageReading(text, found, crossed, labels, images)
    finally:
        page.close()


def _texts(page: Any, places: Sequence[Rectangle]) -> tuple[str, tuple[str, ...]]:
    """All text of a page, and what stands at some places."""
    text_page = page.get_textpage()
    try:
        text = str(text_page.get_text_range()).replace("\r\n", "\n")
        return text, tuple(str(text_page.get_text_bounded(*place)) for place in places)
    finally:
        text_page.close()


def _look(page: Any, place: Rectangle) -> Picture:
    """What a place of a page looks like, from so few pixels that it costs nothing."""
    width_pt, height_pt = page.get_size()
    left, bottom, right, top = place
    scale = _FIELDS * _PER_FIELD / min(right - left, top - bottom)
    crop = (left, bottom, width_pt - right, height_pt - top)
    bitmap = page.render(scale=scale, crop=crop, grayscale=True, may_draw_forms=False)
    try:
        pixels = np.asarray(bitmap.to_numpy(), float).reshape(bitmap.height, bitmap.width) / 255
        rows = (band.mean(axis=0) for band in np.array_split(pixels, _FIELDS))
        return tuple(float(it.mean()) for row in rows for it in np.array_split(row, _FIELDS))
    finally:
        bitmap.close()


def picture_of(pdf: Path, index: int) -> Picture:
    """What a page of a PDF looks like, counted from 0."""
    with PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            page = document[index]
            return _look(page, (0.0, 0.0, *page.get_size()))
        finally:
            document.close()


def _codes(page: Any, number: int) -> Codes:
    width_pt, height_pt = page.get_size()
    found: list[str] = []
    for crop in corners(number, width_pt, height_pt, enlarged_by(width_pt, height_pt)):
        found += _decode(page, crop)
    return tuple(found) or _decode(page, _NO_CROP, (_HARD,))


def _crossed(page: Any, boxes: Sequence[Box]) -> tuple[bool, ...]:
    """Whether there is ink inside of boxes, from pixels of the column in which they stand."""
    width_pt, height_pt = page.get_size()
    left_mm = min(box.x_mm for box in boxes)
    right_mm = max(box.x_mm + box.width_mm for box in boxes)
    enlarged = enlarged_by(width_pt, height_pt)
    per_mm = PT_PER_MM * enlarged.factor
    crop = (left_mm * per_mm, 0.0, width_pt - right_mm * per_mm, 0.0)
    scale = _BOX_DPI / 72
    bitmap = page.render(scale=scale, crop=crop, grayscale=True, may_draw_forms=False)
    try:
        pixels = bitmap.to_numpy()
        per_mm = pixels.shape[0] / height_pt * PT_PER_MM * enlarged.factor
        margin_mm = enlarged.margin_mm / enlarged.factor
        return tuple(_has_ink(pixels, box, left_mm, margin_mm, per_mm) for box in boxes)
    finally:
        bitmap.close()


def _has_ink(pixels: Any, box: Box, left_mm: float, margin_mm: float, per_mm: float) -> bool:
    """Whether the inner half of a box is darker than what a frame or a letter beside it leaves."""
    rows, columns = (
        slice(round((start + size / 4) * per_mm), round((start + size * 3 / 4) * per_mm) + 1)
        for start, size in (
            (box.y_mm + margin_mm, box.height_mm),
            (box.x_mm - left_mm, box.width_mm),
        )
    )
    return bool(pixels[rows, columns].mean() < 255 * (1 - _INK))


def corners(
    number: int, width_pt: float, height_pt: float, enlarged: Enlarged | None = None
) -> tuple[Crop, Crop]:
    """What to cut off (left, bottom, right, top) to leave the upper outer, the lower inner corner.

    See `codes.symbol_boxes`.
    """
    side_pt = CORNER_PT * (enlarged.factor if enlarged is not None else 1)
    edge_pt = enlarged.margin_mm * PT_PER_MM if enlarged is not None else 0.0
    across, down = width_pt - side_pt, height_pt - side_pt - edge_pt
    if number % 2:
        return (across, down, 0.0, edge_pt), (0.0, edge_pt, across, down)
    return (0.0, down, across, edge_pt), (across, edge_pt, 0.0, down)


def _decode(page: Any, crop: Crop, ways: Iterable[_Way] = _WAYS) -> Codes:
    """Decodes a part of a page in the first way that finds anything, from top to bottom."""
    for way in ways:
        with rendered(page, way.dpi / 72, crop) as pixels:
            if found := _decoded(pixels, way.options):
                return found
    return ()


@contextmanager
def rendered(page: Any, scale: float = 1, crop: Crop = _NO_CROP) -> Iterator[Any]:
    """The pixels of a part of a page, row by row, as codes are looked for in them.

    Args:
        scale: Pixels per point.
        crop: What is cut off.
    """
    bitmap = page.render(
        scale=scale,
        crop=crop,
        grayscale=True,
        may_draw_forms=False,
        draw_annots=False,
        no_smoothtext=True,
    )
    try:
        yield bitmap.to_numpy()
    finally:
        bitmap.close()


def decode_alone(pixels: Any) -> Codes:
    """What a symbol says that stands straight and alone; nothing if there is anything else."""
    return _decoded(pixels, _WAYS[0].options)


def decode_filling(pixels: Any, left: int, top: int, side: int) -> str:
    """What a symbol says that stands alone, if it fills a square of pixels; nothing if not."""
    symbols = zxingcpp.read_barcodes(pixels, formats=_QR_CODE, **_WAYS[0].options)
    if len(symbols) != 1 or not symbols[0].valid:
        return ""
    first, last = symbols[0].position.top_left, symbols[0].position.bottom_right
    ends = (left, top, left + side - 1, top + side - 1)
    return str(symbols[0].text) if (first.x, first.y, last.x, last.y) == ends else ""


def _decoded(pixels: Any, options: Mapping[str, Any]) -> Codes:
    symbols = zxingcpp.read_barcodes(pixels, formats=_QR_CODE, **options)
    found = [(symbol.position.top_left.y, symbol.text) for symbol in symbols if symbol.valid]
    return tuple([text for _, text in sorted(found)])


def colored_pages(pdf: Path | bytes) -> set[int]:
    """Indices of the pages of a PDF on which anything is neither black nor gray."""
    with PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return {index for index, page in enumerate(document) if _is_colored(page)}
        finally:
            document.close()


def _is_colored(page: Any) -> bool:
    pixels = page.render(scale=1).to_numpy()[..., :3].astype(np.int16)
    return bool(np.ptp(pixels, axis=2).max() > COLORED)


def page_picture(pdf: Path, dpi: int, number: int) -> NDArray[np.uint8]:
    """A page as a scanner gives it: gray, of shape (height, width).

    Args:
        number: The page's, from 1.
    """
    with PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            bitmap = document[number - 1].render(scale=dpi / 72, grayscale=True)
            return np.array(bitmap.to_numpy(), np.uint8).reshape(bitmap.height, bitmap.width)
        finally:
            document.close()
