"""A stack of scanned pages, sorted: what is whole, what is missing, what does not belong there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from generator.scans.identify import Doubt, Identified


@dataclass(frozen=True)
class Sorted:
    """A stack by copies; pictures by their index in it.

    Attributes:
        complete: Copies of which every page is there.
        incomplete: Copy to its missing sheets, from 1; pages 1 and 2 are sheet 1.
        doubled: Copy and page to the pictures of it, where there are several.
        void: Pictures of copies that are void, by copy.
        unknown: Pictures of copies that this batch does not have, by copy.
        doubts: Reason to the pictures.
        shifted: Places in the stack where a set begins in the middle of another one's sheets.
    """

    complete: tuple[str, ...] = ()
    incomplete: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    doubled: Mapping[tuple[str, int], tuple[int, ...]] = field(default_factory=dict)
    void: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    unknown: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    doubts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    shifted: tuple[int, ...] = ()


def sort_stack(
    found: Iterable[Identified | Doubt],
    pages: int,
    copies: Collection[str],
    voided: Collection[str] = (),
) -> Sorted:
    """Sorts what `identify` said of the pictures of a stack, in their order.

    Args:
        pages: Pages of a copy.
        copies: The codes of the batch, reprints included.
        voided: Those among them whose paper counts no longer.
    """
    where: dict[tuple[str, int], list[int]] = {}
    doubts: dict[str, list[int]] = {}
    order: list[tuple[str, int]] = []
    for index, page in enumerate(found):
        if isinstance(page, Doubt):
            doubts.setdefault(page.reason, []).append(index)
            order.append(("", 0))
        else:
            key = (page.code.copy, page.code.page)
            where.setdefault(key, []).append(index)
            order.append(key)
    known = {copy for copy, _ in where if copy in copies and copy not in voided}
    missing = {copy: _missing_sheets(copy, where, pages) for copy in sorted(known)}
    return Sorted(
        tuple(copy for copy, sheets in missing.items() if not sheets),
        {copy: sheets for copy, sheets in missing.items() if sheets},
        {key: tuple(indices) for key, indices in where.items() if len(indices) > 1},
        _of(where, lambda copy: copy in voided),
        _of(where, lambda copy: copy not in copies),
        {reason: tuple(indices) for reason, indices in doubts.items()},
        _shifts(order, pages),
    )


def _missing_sheets(
    copy: str, where: Mapping[tuple[str, int], object], pages: int
) -> tuple[int, ...]:
    missing = {(page + 1) // 2 for page in range(1, pages + 1) if (copy, page) not in where}
    return tuple(sorted(missing))


def _of(
    where: Mapping[tuple[str, int], list[int]], belongs: Callable[[str], bool]
) -> dict[str, tuple[int, ...]]:
    pictures: dict[str, list[int]] = {}
    for (copy, _), indices in where.items():
        if belongs(copy):
            pictures.setdefault(copy, []).extend(indices)
    return {copy: tuple(sorted(indices)) for copy, indices in pictures.items()}


def _shifts(order: list[tuple[str, int]], pages: int) -> tuple[int, ...]:
    """Where a stapler has cut: page 1 of a copy follows a page that is not the last of another."""
    return tuple(
        index
        for index, ((before, last), (copy, page)) in enumerate(pairwise(order), 1)
        if before and copy and copy != before and (last != pages or page != 1)
    )
