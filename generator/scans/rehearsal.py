"""A stack in which everything is wrong that can be, and what sorting has to make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from generator.codes.page_code import PageCode
from generator.layout import A4, Sheet
from generator.scans.damage import with_codes
from generator.scans.identify import Doubt, GrayPicture, Identified, identify
from generator.scans.stack import Sorted, sort_stack

PageOf = Callable[[str, int], GrayPicture]
"""Copy and page to its picture."""
COPIES = 6
"""So many copies such a stack needs."""


@dataclass(frozen=True)
class Mishaps:
    """Copies with which something was done; ``doubled`` has the page, too."""

    whole: tuple[str, ...]
    gapped: str
    void: str
    doubled: tuple[str, int]


def rehearse_stack(
    codes: Sequence[str],
    pages: int,
    page_of: PageOf,
    key: bytes,
    exam: str,
    sheet: Sheet = A4,
) -> list[str]:
    """Sorts a stack: missing, doubled, foreign, forged and void pages, and more.

    Args:
        codes: At least `COPIES` copies of the batch.
        pages: Pages of a copy.
        key: The key of the batch's tags.
        sheet: The size of the pages.

    Returns:
        What was not found as it was put in; nothing if all was.
    """
    whole = (codes[0], codes[2], codes[4], codes[5])
    mishaps = Mishaps(whole, codes[1], codes[3], (codes[2], pages))
    found: list[Identified | Doubt] = []
    marks: dict[str, int] = {}
    for name, picture in _stack(codes, pages, page_of, exam, key, sheet):
        marks.setdefault(name, len(found))
        found.append(identify(picture, key, exam, sheet))
    stack = sort_stack(found, pages, codes, {mishaps.void})
    return list(_missed(stack, mishaps, marks, pages))


def _stack(
    codes: Sequence[str], pages: int, page_of: PageOf, exam: str, key: bytes, sheet: Sheet
) -> Iterator[tuple[str, GrayPicture]]:
    """The pictures in their order, each with what it is."""
    whole, gapped, doubled, void, shifted, behind = codes[:COPIES]
    for code in (whole, gapped, doubled, void):
        for page in range(1, pages + 1 - 2 * (code == gapped)):
            yield "page", page_of(code, page)
    yield "doubled", page_of(doubled, pages)
    forged = PageCode(exam, whole, 1).payload(b"other")
    yield "forged", with_codes(page_of(whole, 1), forged, 1, sheet)
    foreign = PageCode("another-exam", whole, 1).payload(key)
    yield "foreign", with_codes(page_of(whole, 1), foreign, 1, sheet)
    upper, lower = page_of(whole, 1), page_of(doubled, 1)
    half = len(upper) // 2
    yield "several", np.vstack([upper[:half], lower[half:]])
    # The last sheet of one copy was stapled to the next.
    for page in range(1, pages - 1):
        yield "page", page_of(shifted, page)
    for page in (1, 2):
        yield "shifted", page_of(behind, page)
    for page in (pages - 1, pages):
        yield "page", page_of(shifted, page)
    for page in range(3, pages + 1):
        yield "page", page_of(behind, page)


def _missed(stack: Sorted, mishaps: Mishaps, marks: dict[str, int], pages: int) -> Iterator[str]:
    if stack.complete != tuple(sorted(mishaps.whole)):
        yield f"complete: {stack.complete}, expected {mishaps.whole}"
    if stack.incomplete != {mishaps.gapped: (pages // 2,)}:
        yield f"incomplete: {stack.incomplete}, expected the last sheet of {mishaps.gapped}"
    if set(stack.doubled) != {mishaps.doubled}:
        yield f"doubled: {stack.doubled}, expected {mishaps.doubled}"
    if set(stack.void) != {mishaps.void}:
        yield f"void: {stack.void}, expected {mishaps.void}"
    for reason in ("forged", "foreign", "several"):
        if stack.doubts.get(reason) != (marks[reason],):
            yield f"{reason}: {stack.doubts.get(reason)}, expected picture {marks[reason]}"
    if marks["shifted"] not in stack.shifted:
        yield f"shifted: {stack.shifted}, expected picture {marks['shifted']}"
