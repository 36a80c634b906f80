"""Saddle order: which two pages lie side by side on which side of a folded sheet."""

from __future__ import annotations

from functools import cache
from typing import Final

from generator.layout import A4, PT_PER_MM, Sheet

END: Final = b"Q\n"
"""What stands behind the right page."""


@cache
def left(sheet: Sheet = A4) -> bytes:
    """What stands before the contents of the left page: nothing of them leaves it."""
    return b"q\n%b" % _clip(sheet)


@cache
def right(sheet: Sheet = A4) -> bytes:
    """What stands between the left page and the right one."""
    return b"Q\nq\n1 0 0 1 %b 0 cm\n%b" % (_points(sheet.width_mm), _clip(sheet))


def media_box(sheet: Sheet = A4) -> bytes:
    """Two pages side by side."""
    return b"0 0 %b %b" % (_points(2 * sheet.width_mm), _points(sheet.height_mm))


def _clip(sheet: Sheet) -> bytes:
    return b"0 0 %b %b re W n\n" % (_points(sheet.width_mm), _points(sheet.height_mm))


def _points(length_mm: float) -> bytes:
    return b"%.3f" % (length_mm * PT_PER_MM)


def saddle(pages: int) -> list[tuple[int, int]]:
    """The pages of each side, left and right, sheet by sheet from the outside, front and back.

    Args:
        pages: A multiple of four.

    Raises:
        ValueError: It is none.
    """
    if pages % 4:
        raise ValueError(f"{pages} pages are no whole sheets")
    sides = []
    for outer in range(1, pages // 2, 2):
        last = pages + 1 - outer
        sides += [(last, outer), (outer + 1, last - 1)]
    return sides
