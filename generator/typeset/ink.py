"""Whether what can be read from a page can be seen: ink for each character, alone, on the page.

Text in white, outside of the page, under a patch of color or under other text is text to a program,
and to nobody else. A page is rendered once; all of its characters are then judged together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from ctypes import byref, c_double, create_string_buffer
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from generator.layout import PT_PER_MM, Box
from generator.work.locks import PDFIUM

_DPI: Final = 108
_SCALE: Final = _DPI / 72
_CONTRAST: Final = 30
"""Least difference of gray between a character and what is around it, of 255."""
_THIN: Final = 3
"""So many pixels are no more than a stroke."""
_COVERED: Final = 0.4
"""The share of a character that is under another one."""
_SEVERAL: Final = 3
"""So many characters of a page are no sign that was made of two."""
_APART: Final = 8
"""Signs that follow each other more closely may be one that was made of two, such as ``\\ne``."""
_TALL_PT: Final = 17.0
"""What is higher is a bracket, a root or a sum: it holds others within its box."""
_SHOWN: Final = 40
_FRAMED: Final = ("option", "mark", "answer", "score", "sticker", "empty")
_FRAME: Final = 0.8
"""So much of each edge of a box is dark, at least."""
Owner: TypeAlias = Callable[[int, float], str]
"""Whose a place on a page is."""


def nobody(page: int, y_mm: float) -> str:
    """Where it does not matter whose a text is."""
    return ""


_WRONG: Final = (
    "is outside of the page",
    "cannot be seen: it is as pale as what is around it, or covered",
    "is printed over other text",
)
_NO_BOXES: Final[Mapping[int, Sequence[Box]]] = {}


def is_of_ink(message: str) -> bool:
    """Whether a message says that a text cannot be seen."""
    return any(wrong in message for wrong in _WRONG)


_BLANK: Final = frozenset("\x00\t\n\r \xa0\u2002\u2003\u2009\u200b\ufeff\ufffe\uffff")


@dataclass(frozen=True)
class _Characters:
    """The characters of a page in the order of its text.

    Attributes:
        text: What they are.
        boxes: Left, right, bottom and top of each, in points from the lower left corner.
        places: Their indices among all that PDFium reads.
    """

    text: str
    boxes: Any
    places: Any

    def chosen(self, indices: Any) -> _Characters:
        """Some of them."""
        text = "".join(self.text[index] for index in indices)
        return _Characters(text, self.boxes[indices], self.places[indices])


def unseen(
    pdf: bytes | Path,
    pages: Collection[int] | None = None,
    owner: Owner = nobody,
    *,
    beyond_mm: float = 0.0,
    left_out: Mapping[int, Sequence[Box]] = _NO_BOXES,
) -> list[tuple[int, str, str]]:
    """Page, owner and what is wrong with the owner's texts, in words.

    Args:
        pages: The numbers of the pages that are looked at, from 1; None for all.
        owner: Whose a text is, by the number of its page and its height in mm from the upper edge.
        beyond_mm: So far texts may stand out of the page: snippets begin at its corner.
        left_out: Number of a page to boxes in which nothing is looked at.
    """
    found = []
    with PDFIUM, closing(pypdfium2.PdfDocument(pdf)) as document:
        for number in range(1, len(document) + 1) if pages is None else sorted(pages):
            page = document[number - 1]
            looked = _without(_read(page), left_out.get(number, ()), page.get_height())
            for characters, message in _unseen(page, looked, beyond_mm * PT_PER_MM):
                for name, own in _by_owner(characters, page.get_height(), partial(owner, number)):
                    found.append((number, name, f"{own} {message}"))
            page.close()
    return found


def missing_frames(pdf: bytes | Path, boxes: Mapping[int, Sequence[Box]]) -> list[tuple[int, str]]:
    """Page and, in words, each box whose frame is not where it should be.

    Args:
        boxes: Number of a page, from 1, to its boxes.
    """
    found = []
    with PDFIUM, closing(pypdfium2.PdfDocument(pdf)) as document:
        for number, own in boxes.items():
            framed = [box for box in own if box.kind in _FRAMED]
            if not framed:
                continue
            page = document[number - 1]
            pixels = page.render(scale=_SCALE, grayscale=True).to_numpy()
            page.close()
            pixels = pixels.reshape(pixels.shape[:2])
            found += [
                (number, f"the frame of {box.kind} {' '.join(box.names.values())} is not there")
                for box in framed
                if min(map(_dark_share, _edges(pixels, box))) < _FRAME
            ]
    return found


def _edges(pixels: Any, box: Box) -> Iterator[Any]:
    """The darkest pixels along each edge of a box."""
    per_mm = PT_PER_MM * _SCALE
    left, top = box.x_mm * per_mm, box.y_mm * per_mm
    right, bottom = left + box.width_mm * per_mm, top + box.height_mm * per_mm
    rows, columns = slice(int(top) + 1, int(bottom)), slice(int(left) + 1, int(right))
    for x in (left, right):
        yield pixels[rows, max(int(x) - 1, 0) : int(x) + 2].min(axis=1)
    for y in (top, bottom):
        yield pixels[max(int(y) - 1, 0) : int(y) + 2, columns].min(axis=0)


def _dark_share(pixels: Any) -> float:
    return float((pixels < 255 - _CONTRAST).mean()) if len(pixels) else 1.0


def _without(characters: _Characters, boxes: Sequence[Box], height_pt: float) -> _Characters:
    """The characters that do not stand in boxes."""
    if not boxes or not characters.text:
        return characters
    left, right, bottom, top = characters.boxes.T / PT_PER_MM
    across, down = (left + right) / 2, height_pt / PT_PER_MM - (bottom + top) / 2
    within = np.zeros(len(across), bool)
    for box in boxes:
        within |= (abs(across - box.x_mm - box.width_mm / 2) <= box.width_mm / 2) & (
            abs(down - box.y_mm - box.height_mm / 2) <= box.height_mm / 2
        )
    return characters.chosen(np.flatnonzero(~within))


def _unseen(
    page: Any, characters: _Characters, beyond_pt: float
) -> Iterator[tuple[_Characters, str]]:
    if not characters.text:
        return
    pixels = page.render(scale=_SCALE, grayscale=True).to_numpy()
    pixels = pixels.reshape(pixels.shape[:2])
    width_pt, height_pt = page.get_size()
    left, right, bottom, top = characters.boxes.T
    outside = (left < -beyond_pt) | (bottom < -beyond_pt)
    outside |= (right > width_pt + beyond_pt) | (top > height_pt + beyond_pt)
    yield characters.chosen(np.flatnonzero(outside)), _WRONG[0]
    pale = ~outside & ~_have_contrast(pixels, characters.boxes, height_pt)
    yield characters.chosen(np.flatnonzero(pale)), _WRONG[1]
    covered = _covered(characters)
    if len(covered) >= _SEVERAL:
        built = _in_built_signs(page, [int(characters.places[at]) for it in covered for at in it])
        covered = {it for it in covered if built.isdisjoint(characters.places[list(it)].tolist())}
    if len(first := sorted({min(pair) for pair in covered})) >= _SEVERAL:
        yield characters.chosen(np.array(first)), _WRONG[2]


def _in_built_signs(page: Any, places: Collection[int]) -> set[int]:
    """Which characters are pieces of roots and brackets, over which others may stand: a degree."""
    text_page = page.get_textpage()
    name, found = create_string_buffer(100), set()
    try:
        for place in places:
            pdfium.FPDFText_GetFontInfo(text_page.raw, place, name, 100, None)
            if b"Extension" in name.value:
                found.add(place)
    finally:
        text_page.close()
    return found


def _by_owner(
    characters: _Characters, height_pt: float, owner: Callable[[float], str]
) -> Iterator[tuple[str, str]]:
    """Owners and the beginning of what they have of some characters."""
    found: dict[str, str] = {}
    for text, top in zip(characters.text, characters.boxes[:, 3].tolist(), strict=True):
        name = owner((height_pt - top) / PT_PER_MM)
        found[name] = found.get(name, "") + text
    for name, own in found.items():
        yield name, repr(own[:_SHOWN])


def _read(page: Any) -> _Characters:
    """All characters of a page that ought to be seen."""
    text_page = page.get_textpage()
    found, boxes, places = [], [], []
    left, right, bottom, top = sides = [c_double() for _ in range(4)]
    pointers = [byref(side) for side in sides]
    raw = text_page.raw
    try:
        for index in range(text_page.count_chars()):
            character = chr(pdfium.FPDFText_GetUnicode(raw, index))
            if character in _BLANK or pdfium.FPDFText_IsGenerated(raw, index) == 1:
                continue
            pdfium.FPDFText_GetCharBox(raw, index, *pointers)
            found.append(character)
            boxes.append((left.value, right.value, bottom.value, top.value))
            places.append(index)
    finally:
        text_page.close()
    return _Characters("".join(found), np.array(boxes).reshape(-1, 4), np.array(places))


def _have_contrast(pixels: Any, boxes: Any, height_pt: float) -> Any:
    """Whether each character is darker or lighter than what is in and around its box."""
    rows, columns = pixels.shape
    left, right, bottom, top = boxes.T
    first_row = np.clip(((height_pt - top) * _SCALE).astype(int), 0, rows - 1)
    last_row = np.clip(((height_pt - bottom) * _SCALE).astype(int) + 1, first_row + 1, rows)
    first = np.clip((left * _SCALE).astype(int), 0, columns - 1)
    last = np.clip((right * _SCALE).astype(int) + 1, first + 1, columns)
    thin = np.minimum(last_row - first_row, last - first) <= _THIN
    # It fills its box, or hinting has put it beside.
    first_row, first = np.maximum(first_row - thin, 0), np.maximum(first - thin, 0)
    last_row, last = np.minimum(last_row + thin, rows), np.minimum(last + thin, columns)
    heights, widths = last_row - first_row, last - first
    starts = _counting(first_row, heights) * columns + np.repeat(first, heights)
    own = pixels.ravel()[_counting(starts, np.repeat(widths, heights))]
    begins = np.cumsum(heights * widths) - heights * widths
    darkest, lightest = (it.reduceat(own, begins) for it in (np.minimum, np.maximum))
    return lightest - darkest >= _CONTRAST


def _counting(starts: Any, counts: Any) -> Any:
    """So many numbers from each start on, one after the other."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1]) + np.repeat(starts - (ends - counts), counts)


def _covered(characters: _Characters) -> set[tuple[int, int]]:
    """Pairs of characters of which one covers the other."""
    boxes = characters.boxes
    order = np.argsort(boxes[:, 0], kind="stable")
    left, right, bottom, top = boxes[order].T
    # Each with all that begin before it ends: pairs of sorted characters.
    counts = np.searchsorted(left, right, side="left") - np.arange(1, len(left) + 1)
    counts = np.maximum(counts, 0)
    one = np.repeat(np.arange(len(left)), counts)
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    other = one + 1 + within
    across = np.minimum(right[one], right[other]) - left[other]
    down = np.minimum(top[one], top[other]) - np.maximum(bottom[one], bottom[other])
    area = (right - left) * (top - bottom)
    least = np.minimum(area[one], area[other])
    over = (across > 0) & (down > 0) & (across * down > _COVERED * least)
    pairs = zip(order[one[over]].tolist(), order[other[over]].tolist(), strict=True)
    return {pair for pair in pairs if _are_two(characters, *pair)}


def _are_two(characters: _Characters, one: int, other: int) -> bool:
    """Whether characters that overlap were not made to: no ligature, accent or bracket."""
    ours, theirs = characters.boxes[one], characters.boxes[other]
    if (ours[:2] == theirs[:2]).all():  # parts of a ligature
        return False
    if characters.text[one].isalnum() and characters.text[other].isalnum():
        return True
    if max(ours[3] - ours[2], theirs[3] - theirs[2]) > _TALL_PT:
        return False
    return abs(int(characters.places[one]) - int(characters.places[other])) > _APART
