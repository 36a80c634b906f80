"""Saddle order: which two pages lie side by side on which side of a folded sheet."""

from __future__ import annotations

from typing import Final

from generator.layout import A4, PT_PER_MM

_WIDTH: Final = b"%.3f" % (A4.width_mm * PT_PER_MM)
_HEIGHT: Final = b"%.3f" % (A4.height_mm * PT_PER_MM)
_CLIP: Final = b"0 0 %b %b re W n\n" % (_WIDTH, _HEIGHT)

LEFT: Final = b"q\n%b" % _CLIP
"""What stands before the contents of the left page: nothing of them leaves it."""
RIGHT: Final = b"Q\nq\n1 0 0 1 %b 0 cm\n%b" % (_WIDTH, _CLIP)
"""What stands between the left page and the right one."""
END: Final = b"Q\n"
MEDIA_BOX: Final = b"0 0 %.3f %b" % (2 * A4.width_mm * PT_PER_MM, _HEIGHT)
"""A3, landscape."""


def saddle(pages: int) -> list[tuple[int, int]]:
    """The pages of each side, left and right, sheet by sheet from the outside, front and back.

    Args:
        pages: A multiple of four.
    """
    if pages % 4:
        raise ValueError(f"{pages} pages are no whole sheets")
    sides = []
    for outer in range(1, pages // 2, 2):
        last = pages + 1 - outer
        sides += [(last, outer), (outer + 1, last - 1)]
    return sides
