"""Which page a scanned picture shows, and where its millimeters are.

Either of the two symbols of a page is enough: their corners give the transform from the page to the
picture, by least squares. What is read counts only with
the tag of the batch, and two symbols that say different things are a doubt, never a choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from generator.codes.page_code import CodeError, PageCode, parse_payload
from generator.codes.sheet import symbol_boxes, version_holding
from generator.layout import A4, Sheet

GrayPicture = NDArray[np.uint8]
"""Gray, rows from the top; 255 is white. Shape: height, width."""

_QR_CODE: Final = zxingcpp.barcode_formats_from_str("QRCode")
_CORNER_SHARE: Final = 0.34
"""So much of a picture's side is searched again around each of its corners, enlarged."""
_SAME_PX: Final = 12.0


@dataclass(frozen=True)
class Transform:
    """The affine map from the page to the picture.

    Attributes:
        matrix: Shape (2, 3): ``pixel = matrix @ (x_mm, y_mm, 1)``; millimeters from the upper left
            corner of the page, y downward, pixels likewise.
        residual_px: The root mean square distance of the symbols' corners from where it puts them.
    """

    matrix: NDArray[np.float64]
    residual_px: float

    def pixel(self, x_mm: float, y_mm: float) -> tuple[float, float]:
        """Where a place of the page is on the picture."""
        x, y = self.matrix @ np.array([x_mm, y_mm, 1.0])
        return float(x), float(y)


@dataclass(frozen=True)
class Identified:
    """A page that is known.

    Attributes:
        symbols: How many of its two symbols were read.
    """

    code: PageCode
    transform: Transform
    symbols: int


@dataclass(frozen=True)
class Doubt:
    """A page that is not known.

    Attributes:
        reason: ``unread``, ``forged`` (a tag that is not of this batch), ``foreign`` (of another
            exam, or no page code), or ``several`` (pages of different codes on one picture).
        read: What was read.
    """

    reason: str
    read: tuple[str, ...] = ()


def identify(picture: GrayPicture, key: bytes, exam: str, sheet: Sheet = A4) -> Identified | Doubt:
    """Tells which page a picture shows.

    Args:
        picture: A scanned page, in any orientation.
        key: The key of the batch's tags (`Secret.tag_key`).
        exam: The exam's id.
        sheet: The size of its pages.
    """
    symbols = _symbols(picture)
    codes: dict[PageCode, list[Any]] = {}
    refused = []
    for symbol in symbols:
        try:
            codes.setdefault(parse_payload(symbol.text, key), []).append(symbol)
        except CodeError:
            refused.append(symbol.text)
    read = tuple(symbol.text for symbol in symbols)
    if len(codes) > 1:
        return Doubt("several", read)
    if not codes:
        return Doubt(_why_refused(refused, exam), read)
    [(code, found)] = codes.items()
    if refused or code.exam != exam:
        return Doubt(_why_refused(refused, exam) if refused else "foreign", read)
    transform = _fit(code, found[:2], picture, sheet)
    return Identified(code, transform, len(found))


def _why_refused(refused: list[str], exam: str) -> str:
    if not refused:
        return "unread"
    return "forged" if any(text.startswith(f"{exam.upper()}-E") for text in refused) else "foreign"


# --- reading ------------------------------------------------------------------------------------


def _symbols(picture: GrayPicture) -> list[Any]:
    """The symbols of a picture, each once; if one is missing, corners are read again, enlarged."""
    found: list[Any] = list(zxingcpp.read_barcodes(picture, formats=_QR_CODE))
    if len(found) >= 2:
        return found
    for part, left, top in _corners(picture):
        for symbol in zxingcpp.read_barcodes(_twice_as_large(part), formats=_QR_CODE):
            moved = _Moved(symbol, left, top)
            if not any(_near(moved, other) for other in found):
                found.append(moved)
    return found


def _twice_as_large(picture: GrayPicture) -> GrayPicture:
    return picture.repeat(2, axis=0).repeat(2, axis=1)


def _corners(picture: GrayPicture) -> Iterator[tuple[GrayPicture, int, int]]:
    """The four corners with their left and top."""
    height, width = picture.shape
    rows, columns = int(height * _CORNER_SHARE), int(width * _CORNER_SHARE)
    for top in (0, height - rows):
        for left in (0, width - columns):
            yield picture[top : top + rows, left : left + columns], left, top


@dataclass(frozen=True)
class _Place:
    x: float
    y: float


class _Moved:
    """A symbol that was read in an enlarged part, where it is in the whole picture."""

    def __init__(self, symbol: Any, left: int, top: int) -> None:
        self.text = symbol.text
        self.position = {
            name: _Place(left + place.x / 2, top + place.y / 2)
            for name, place in _places(symbol).items()
        }


_NAMES: Final = ("top_left", "top_right", "bottom_right", "bottom_left")


def _places(symbol: Any) -> dict[str, Any]:
    if isinstance(symbol, _Moved):
        return dict(symbol.position)
    return {name: getattr(symbol.position, name) for name in _NAMES}


def _near(one: Any, other: Any) -> bool:
    first, second = (_places(symbol)["top_left"] for symbol in (one, other))
    return bool(abs(first.x - second.x) < _SAME_PX and abs(first.y - second.y) < _SAME_PX)


# --- the transform ------------------------------------------------------------------------------


def _fit(code: PageCode, symbols: list[Any], picture: GrayPicture, sheet: Sheet) -> Transform:
    """The affine map by least squares from the corners of one or two symbols.

    Which of the page's two places a symbol has is the one question left. With two symbols, one
    answer fits far better; with one, the page must lie on the picture.
    """
    version = version_holding(len(symbols[0].text))
    boxes = [
        (square.left_mm, sheet.height_mm - square.bottom_mm - square.side_mm, square.side_mm)
        for square in symbol_boxes(code.page, version, sheet)
    ]
    fits = [
        _fit_to(symbols, [boxes[index] for index in chosen]) for chosen in _ORDERS[len(symbols)]
    ]
    middle = np.array(picture.shape[::-1]) / 2

    def badness(transform: Transform) -> float:
        center = np.array(transform.pixel(sheet.width_mm / 2, sheet.height_mm / 2))
        return transform.residual_px + float(np.abs(center - middle).max())

    return min(fits, key=badness)


_ORDERS: Final = {1: ((0,), (1,)), 2: ((0, 1), (1, 0))}


def _fit_to(symbols: list[Any], boxes: list[tuple[float, float, float]]) -> Transform:
    rows, pixels = [], []
    for symbol, (left, top, side) in zip(symbols, boxes, strict=True):
        corners = ((0, 0), (side, 0), (side, side), (0, side))
        rows += [(left + x, top + y, 1.0) for x, y in corners]
        places = _places(symbol)
        pixels += [(places[name].x, places[name].y) for name in _NAMES]
    return _least_squares(np.array(rows), np.array(pixels))


def _least_squares(page: NDArray[np.float64], picture: NDArray[np.float64]) -> Transform:
    """Turned, scaled and moved where that fits; else affine.

    Two symbols on opposite corners say little about what is across the line between them: four
    unknowns are found to a fifth of a millimeter where six are not. A page that was drawn in askew
    needs the six.
    """
    similar = _similar(page, picture)
    scale = float(np.hypot(*similar.matrix[:, 0]))
    if similar.residual_px / scale <= _STRAIGHT_MM:
        return similar
    solution, *_ = np.linalg.lstsq(page, picture, rcond=None)
    return _transform(np.asarray(solution.T, np.float64), page, picture)


_STRAIGHT_MM: Final = 0.2


def _similar(page: NDArray[np.float64], picture: NDArray[np.float64]) -> Transform:
    """The best of ``x' = a x - b y + c``, ``y' = b x + a y + d``."""
    x, y, one = page.T
    zero = np.zeros_like(x)
    rows = np.vstack([np.stack([x, -y, one, zero], 1), np.stack([y, x, zero, one], 1)])
    a, b, c, d = np.linalg.lstsq(rows, picture.T.ravel(), rcond=None)[0]
    return _transform(np.array([[a, -b, c], [b, a, d]], np.float64), page, picture)


def _transform(
    matrix: NDArray[np.float64], page: NDArray[np.float64], picture: NDArray[np.float64]
) -> Transform:
    distances = np.sum((page @ matrix.T - picture) ** 2, axis=1)
    return Transform(matrix, float(np.sqrt(np.mean(distances))))
