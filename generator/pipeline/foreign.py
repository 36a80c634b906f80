"""Which text has a character that the fixed set of fonts lacks: found by setting less and less.

The survey of a bank sees all characters that its copies use, so that none should ever be missing.
Where one is, it is said of which text: fonts belong to a run, so copies are set by themselves,
then the texts of each part alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from generator.compose.plan import Page
from generator.errors import Complaint, CopyError, copies_failed
from generator.pipeline.workshop import Composed
from generator.typeset.press import Side

MOST_ALONE = 10
"""Of so many copies each is tried; of more, as many are looked for by halves."""

Try: TypeAlias = Callable[[Side, Sequence[Composed], str, Sequence[int]], str]
"""Sets copies on some pages, with the texts of a part alone if one is named, and returns what the
fonts lack in words; nothing if they have all."""

Place: TypeAlias = Callable[[str, str, Composed], Complaint]
"""A complaint of a copy, from a block and what is said."""


def blame(
    attempt: Try,
    place: Place,
    side: Side,
    plan: Sequence[Page],
    copies: Sequence[Composed],
    error: CopyError,
) -> CopyError:
    """The error of a chunk, at the parts of the copies that cause it.

    Args:
        error: What was found of the chunk; returned as it is where no text is to blame.
    """
    found: dict[str, list[Complaint]] = {}
    for copy in copies if len(copies) <= MOST_ALONE else _suspects(attempt, side, copies):
        if own := list(_of_copy(attempt, place, side, plan, copy)):
            found[copy.given.code] = own
    return copies_failed(found) if found else error


def _suspects(attempt: Try, side: Side, copies: Sequence[Composed]) -> Iterator[Composed]:
    """The first copies that have such a character, by halves."""
    waiting = [copies]
    found = 0
    while waiting and found < MOST_ALONE:
        some = waiting.pop()
        if not attempt(side, some, "", side.varying):
            continue
        if len(some) == 1:
            found += 1
            yield some[0]
        else:
            half = len(some) // 2
            waiting += [some[half:], some[:half]]


def _of_copy(
    attempt: Try, place: Place, side: Side, plan: Sequence[Page], copy: Composed
) -> Iterator[Complaint]:
    code = copy.given.code
    if not attempt(side, [copy], "", side.varying):
        return
    for page in plan:
        for owner in sorted(page.owners) if page.number in side.varying else ():
            if said := attempt(side, [copy], owner, [page.number]):
                message = f"{code}, {side.name}, page {page.number}: {said}; write it otherwise"
                # What papers have was set before: on a key it is the answer.
                block = f"{owner}/{'answer' if side.name == 'key' else 'ask'}"
                yield place(block, f"{message}, and report it with the bank", copy)
