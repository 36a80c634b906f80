"""How pages are drawn: all of their operators but texts and places that follow from these.

Text is read from a page whatever its color is, under a patch, or beside the page. So each way of
drawing is looked at once, in pixels; what is drawn in the same way can be seen as well.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from generator.layout import PT_PER_MM, Sheet
from generator.verify.operators import Operators

_RULE: Final = re.compile(
    rb"q\n1 0 0 1 \S+ \S+ cm\n\[\]0 d 0 J (0?\.\d+) w 0 0 m (?:\d[\d.]* 0|0 \d[\d.]*) l S\nQ"
)
"""A thin rule; fraction bars are as long as what they part."""
_BLANK: Final = re.compile(rb"\s*\n\s*")
_NUMBERS: Final = re.compile(rb"-?\d[\d.]*")
_STRINGS: Final = re.compile(rb"\((?:\\.|[^\\()])*+\)")
_COORDINATES: Final = re.compile(rb"(?:#\s+)+(?:[mlchvy]|re|cm|T[dDm])\b\s*")
_ARRAYS: Final = re.compile(rb"\[#*\]\s*TJ\s*")


class Manners:
    """The ways in which pages are drawn of which everything was seen."""

    def __init__(self, loose: Collection[int] = ()) -> None:
        """Knows none yet.

        Args:
            loose: Indices of pages with plots or labels, whose places follow from what is drawn.
        """
        self._loose = frozenset(loose)
        self._drawn: set[tuple[int, bytes]] = set()
        self._fonts: set[tuple[bytes, float]] = set()

    def has(self, index: int, drawn: bytes, read: Operators | None, sheet: Sheet) -> bool:
        """Whether a page is drawn in a way that is known.

        Args:
            index: The page's, from 0.
            drawn: What it draws but text; all of its operators if its texts cannot be read.
            read: What its operators say.
            sheet: How large it is.
        """
        if read is not None and not self._fits(index, read, sheet):
            return False
        return (index, drawn) in self._drawn or (
            (index, self._shape(index, drawn, read)) in self._drawn
        )

    def add(self, index: int, drawn: bytes, read: Operators | None) -> None:
        """Keeps how a page is drawn; see `has`."""
        self._drawn |= {(index, drawn), (index, self._shape(index, drawn, read))}
        if read is not None:
            self._fonts |= frozenset().union(*read.fonts)

    def _fits(self, index: int, read: Operators, sheet: Sheet) -> bool:
        """Whether texts have fonts and sizes that were seen, and stand on the page."""
        if not all(fonts <= self._fonts for fonts in read.fonts):
            return False
        left, bottom, right, top = read.reach
        within = min(left, bottom) >= 0 and right <= sheet.width_mm * PT_PER_MM
        return index in self._loose or (within and top <= sheet.height_mm * PT_PER_MM)

    def _shape(self, index: int, drawn: bytes, read: Operators | None) -> bytes:
        """What is drawn without places that follow from texts."""
        shape = _BLANK.sub(b"\n", _RULE.sub(rb"\1", drawn))
        if read is not None and index not in self._loose:
            return shape
        shape = _NUMBERS.sub(b"#", _STRINGS.sub(b"", drawn))
        shape = _ARRAYS.sub(b"", _COORDINATES.sub(b"", shape))
        lines = [line.strip() for line in shape.split(b"\n")]
        return b"\n".join(dict.fromkeys(lines))
