"""Whether what is stamped on a page is written as it must be, and where the press has it.

A text in white, elsewhere or of another size is read all the same, and a symbol of half its size is
decoded. But what is stamped is written by this program alone: so every operator of it is known, but
for the texts and the modules of the symbols, which are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Final

from generator.layout import Anchor, Sheet
from generator.verify.contact_sheet import are_twins
from generator.verify.operators import TextOperators

_LINE: Final = re.compile(
    rb"BT /(F\d+) (\d[\d.]*) Tf (-?\d[\d.]*) (-?\d[\d.]*) Td "
    rb"\[(?:\((?:\\.|[^\\()])*+\)| -?\d[\d.]* )++\] TJ ET"
)
_DIGITS: Final = bytes.maketrans(b"123456789", b"000000000")
_NEAR_PT: Final = 0.05
_SHARE: Final = {"left": 0.0, "center": 0.5, "right": 1.0}
"""So much of a text stands to the left of its anchor."""


class Stamps:
    """What may be stamped on the pages of one side."""

    def __init__(self, anchors: Sequence[Anchor], sheet: Sheet, *, with_codes: bool) -> None:
        """Takes what the press has.

        Args:
            anchors: Where texts are stamped.
            with_codes: Whether each page has its two symbols.
        """
        self._of_all = [anchor for anchor in anchors if anchor.page is None]
        self._of_pages = {anchor.page: list[Anchor]() for anchor in anchors}
        for anchor in anchors:
            self._of_pages[anchor.page].append(anchor)
        self._sheet = sheet
        self._with_codes = with_codes
        self._fonts: TextOperators | None = None
        self._alike: Callable[[bytes, int], bool]

    def wrong(self, number: int, stamp: bytes, fonts: TextOperators) -> str:
        """What is wrong with the stamp of a page, in words; empty if nothing is.

        Args:
            number: The page's, from 1.
            stamp: Its operators.
            fonts: The fonts of the copy.
        """
        if fonts is not self._fonts:
            # the numbers of pages and of copies differ in digits alone, which are equally wide
            self._fonts, self._alike = fonts, lru_cache(maxsize=1024)(partial(self._stands, fonts))
        head = stamp.partition(b"\nq ")[0] if self._with_codes else stamp.removesuffix(b"\nQ\n")
        start, *lines = head.split(b"\n")
        if start != b"q" or (not self._with_codes and head == stamp):
            return "what is stamped is not written as such"
        own = number if number in self._of_pages else 0
        for line in lines:
            font, _, said = line.partition(b"(")
            text, _, rest = said.partition(b")")
            alike = b"%b(%b)%b" % (font, text.translate(_DIGITS), rest)
            if not self._alike(alike, own) and not self._stands(fonts, line, own):
                shown = said[:40].decode("latin-1")
                return f"{shown!r} is stamped elsewhere, or in another way than the press has it"
        if self._with_codes and not are_twins(number - 1, stamp, self._sheet):
            return "its two symbols are not drawn alike, and where they belong, in their size"
        return ""

    def _stands(self, fonts: TextOperators, line: bytes, number: int) -> bool:
        """Whether a text stands at an anchor of a page."""
        found = _LINE.fullmatch(line)
        if found is None:
            return False
        runs = list(fonts.runs(line))
        if not runs:
            return False
        start, end = runs[0].start, runs[-1].end
        return any(
            found[1] == anchor.font.encode("ascii")
            and abs(float(found[2]) - anchor.size_pt) < _NEAR_PT
            and abs(float(found[4]) - anchor.y_pt) < _NEAR_PT
            and abs(start + _SHARE[anchor.align] * (end - start) - anchor.x_pt) < _NEAR_PT
            for anchor in (*self._of_all, *self._of_pages.get(number, ()))
        )
