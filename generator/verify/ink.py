"""Whether what can be read from a page can be seen: ink for each letter, alone, inside the page.

Text in white, outside of the page or under other text is text to a program, and to nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from ctypes import c_double
from dataclasses import dataclass
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium

_DPI: Final = 72
_CONTRAST: Final = 30
"""Least difference of gray within the box of a letter, of 255."""
_COVERED: Final = 0.4
"""The share of a letter that is under another one."""
_SEVERAL: Final = 3
"""So many letters of a page are no sign that was made of two."""
_SHOWN: Final = 40


@dataclass(frozen=True)
class _Letter:
    text: str
    left: float
    right: float
    bottom: float
    top: float

    def covers(self, other: _Letter) -> bool:
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.top, other.top) - max(self.bottom, other.bottom)
        least = min(it.area for it in (self, other))
        alike = (self.left, self.right) == (other.left, other.right)  # parts of a ligature
        return not alike and across > 0 and down > 0 and across * down > _COVERED * least

    @property
    def area(self) -> float:
        return (self.right - self.left) * (self.top - self.bottom)


def unseen(pdf: bytes) -> Iterator[tuple[int, str]]:
    """Page and what is wrong with its texts, in words."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        for index in range(len(document)):
            for message in _unseen(document[index]):
                yield index + 1, message
    finally:
        document.close()


def _unseen(page: Any) -> Iterator[str]:
    letters = list(_letters(page))
    pixels = page.render(scale=_DPI / 72, grayscale=True).to_numpy()
    _, height_pt = page.get_size()
    pale = [it for it in letters if not _has_contrast(pixels, it, height_pt)]
    if pale:
        yield f"{_said(pale)} cannot be seen: it is as pale as the paper, or outside of the page"
    covered = list(_covered(letters))
    if len(covered) >= _SEVERAL:
        yield f"{_said(covered)} is printed over other text"


def _letters(page: Any) -> Iterator[_Letter]:
    """Letters and digits with their boxes, in points from the lower left corner."""
    text = page.get_textpage()
    sides = [c_double() for _ in range(4)]
    try:
        for index in range(text.count_chars()):
            character = chr(pdfium.FPDFText_GetUnicode(text, index))
            if character.isascii() and character.isalnum():
                pdfium.FPDFText_GetCharBox(text, index, *sides)
                yield _Letter(character, *(side.value for side in sides))
    finally:
        text.close()


def _has_contrast(pixels: Any, letter: _Letter, height_pt: float) -> bool:
    top, bottom = int(height_pt - letter.top), int(height_pt - letter.bottom) + 1
    left, right = int(letter.left), int(letter.right) + 1
    if min(top, left) < 0 or bottom > pixels.shape[0] or right > pixels.shape[1]:
        return False
    # With what surrounds it: a thin letter fills its box.
    region = pixels[max(top - 1, 0) : bottom + 1, max(left - 1, 0) : right + 1]
    return bool(region.size and int(region.max()) - int(region.min()) >= _CONTRAST)


def _covered(letters: list[_Letter]) -> Iterator[_Letter]:
    """Letters that another one covers, from left to right."""
    ordered = sorted(letters, key=lambda it: it.left)
    for index, letter in enumerate(ordered):
        for other in ordered[index + 1 :]:
            if other.left >= letter.right:
                break
            if letter.covers(other):
                yield letter


def _said(letters: list[_Letter]) -> str:
    return repr("".join(it.text for it in letters)[:_SHOWN])
