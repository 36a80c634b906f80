"""Where the QR symbols stand on a sheet of paper, and which version holds a page code.

All lengths are in millimeters, measured from the lower left corner of the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from generator.codes.page_code import EXAM_ID, TAG_LENGTH, CodeError
from generator.codes.qr import side_modules
from generator.layout import A4, Box, Sheet

MODULE_MM: Final = 0.48
QUIET_MODULES: Final = 4  # ISO/IEC 18004, 5.3.8
EDGE_MM: Final = 10.0

LARGEST_VERSION: Final = 3  # for papers; reprints may take the next larger one
_CAPACITY: Final = {1: 20, 2: 38, 3: 61, 4: 90}  # characters at level M (ISO/IEC 18004, table 7)
_PAGE_DIGITS: Final = 2


def symbol_version(exam_id: str, digits: int) -> int:
    """Chooses the QR version of an exam: the smallest that holds all of its page codes at level M.

    Args:
        exam_id: Exam id.
        digits: Number of digits of a copy code.

    Returns:
        A version from 1 to `LARGEST_VERSION`.

    Raises:
        CodeError: If the exam id is too long, or has characters that a page code can't hold.
    """
    if not EXAM_ID.fullmatch(exam_id):
        raise CodeError(
            f"the exam id {exam_id!r} must consist of small letters a-z and digits, "
            "with single hyphens between them"
        )
    length = len(exam_id) + len("-E") + digits + len("-") + _PAGE_DIGITS + len("-") + TAG_LENGTH
    for version in range(1, LARGEST_VERSION + 1):
        if length <= _CAPACITY[version]:
            return version
    excess = length - _CAPACITY[LARGEST_VERSION]
    raise CodeError(
        f"the exam id {exam_id!r} is {excess} character{'s' * (excess > 1)} too long "
        f"for the QR symbol: it has {len(exam_id)}, at most {len(exam_id) - excess} fit"
    )


def version_holding(length: int) -> int:
    """The smallest version that holds so many characters at level M.

    Raises:
        CodeError: None does.
    """
    for version, most in _CAPACITY.items():
        if length <= most:
            return version
    raise CodeError(f"{length} characters do not fit into a page code")


@dataclass(frozen=True, slots=True)
class Square:
    """A square on the page.

    Attributes:
        left_mm: Distance of its left side from the left edge of the page.
        bottom_mm: Distance of its lower side from the lower edge of the page.
        side_mm: Length of a side.
    """

    left_mm: float
    bottom_mm: float
    side_mm: float


def symbol_boxes(page: int, version: int, sheet: Sheet = A4) -> tuple[Square, Square]:
    """Where the two symbols of a page stand: in the upper outer and in the lower inner corner.

    A booklet is bound at the left of its odd pages, at the right of its even ones. The sides toward
    the page's edges are 10 mm from them; a symbol of a larger version grows toward the middle of
    the page.

    Args:
        page: Page number, from 1.
        version: QR version.
        sheet: What the page is printed on.

    Returns:
        The upper and the lower symbol, without their quiet zones.
    """
    side_mm = side_modules(version) * MODULE_MM
    left_mm = EDGE_MM
    right_mm = sheet.width_mm - EDGE_MM - side_mm
    top_mm = sheet.height_mm - EDGE_MM - side_mm
    upper_mm, lower_mm = (right_mm, left_mm) if page % 2 else (left_mm, right_mm)
    return Square(upper_mm, top_mm, side_mm), Square(lower_mm, EDGE_MM, side_mm)


def reserved_boxes(page: int, version: int, sheet: Sheet = A4) -> tuple[Square, Square]:
    """The squares on a page that nothing else may touch.

    They hold the symbols of the next larger version with their quiet zones: a reprint
    (``E0312.1``) needs the room.

    Args:
        page: Page number, from 1.
        version: QR version of the exam.
        sheet: What the page is printed on.

    Returns:
        The upper and the lower square.
    """
    quiet_mm = QUIET_MODULES * MODULE_MM
    upper, lower = symbol_boxes(page, version + 1, sheet)
    return _widened(upper, quiet_mm), _widened(lower, quiet_mm)


def code_boxes(pages: int, version: int, sheet: Sheet = A4) -> Mapping[int, tuple[Box, Box]]:
    """The same squares as boxes of the layout, page by page.

    Args:
        pages: How many pages the exam has.
        version: QR version of the exam.
        sheet: What it is printed on.
    """
    return {page: _boxes(page, version, sheet) for page in range(1, pages + 1)}


def _boxes(page: int, version: int, sheet: Sheet) -> tuple[Box, Box]:
    upper, lower = reserved_boxes(page, version, sheet)
    return _box("upper", upper, sheet), _box("lower", lower, sheet)


def _box(corner: str, square: Square, sheet: Sheet) -> Box:
    top_mm = sheet.height_mm - square.bottom_mm - square.side_mm
    names = {"corner": corner}
    return Box("code", square.left_mm, top_mm, square.side_mm, square.side_mm, names)


def _widened(square: Square, margin_mm: float) -> Square:
    side_mm = square.side_mm + 2 * margin_mm
    return Square(square.left_mm - margin_mm, square.bottom_mm - margin_mm, side_mm)
