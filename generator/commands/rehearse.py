"""`make rehearse`: the way back, before anybody has written a word.

Finished pages are rendered as a scanner would see them, damaged in the ways that pages are, and
identified; then a stack in which everything is wrong is sorted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp, gcd, lgamma, log
from pathlib import Path

import numpy as np

from generator.errors import Complaint, InputError
from generator.layout import Sheet
from generator.record.batch import Batch, open_batch
from generator.release.amend import check_built
from generator.release.place import place_of
from generator.scans.damage import DAMAGES, Damage, mild, one_code_gone
from generator.scans.identify import Doubt, GrayPicture, Identified, identify
from generator.scans.rehearsal import COPIES, rehearse_stack
from generator.verify.readback import page_picture
from generator.work.pool import spread
from generator.work.progress import SILENT, Progress

RESOLUTIONS = (150, 200, 300)
PAGES = 12
"""Pages of different copies that each damage is done to."""
EVERY_DPI = 150
EVERY: Mapping[str, Damage] = {
    "mild damage": lambda picture, dice: picture,
    "mild damage, one code torn off": one_code_gone,
}
"""What is done to every page, after what every page goes through."""
MOST_PAGES = 1_200
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Rehearsed:
    """What came of it.

    Attributes:
        shares: Damage and resolution to how many pages were tried and how many were identified.
        wrong: Pages that were taken for another one; there must be none.
        pages: So many pages of the batch were tried in all of them.
        every: Damage to how many pictures were tried and how many were identified: of every page
            of the batch, or as many as are affordable, at 150 dpi.
        stack: What was not sorted as it should be; None if there are too few copies for a stack.
    """

    shares: dict[tuple[str, int], tuple[int, int]]
    wrong: tuple[str, ...]
    pages: int = 0
    every: dict[str, tuple[int, int]] = field(default_factory=dict)
    stack: tuple[str, ...] | None = None

    def lines(self) -> Iterator[str]:
        """A table, and a sum."""
        names = sorted({name for name, _ in self.shares}, key=list(DAMAGES).index)
        yield f"{'identified at dpi':<28}" + "".join(f"{dpi:>8}" for dpi in RESOLUTIONS)
        for name in names:
            cells = (self.shares[name, dpi] for dpi in RESOLUTIONS)
            yield f"{name:<28}" + "".join(f"{good:>4}/{tried:<3}" for tried, good in cells)
        tried, good = (sum(pair[index] for pair in self.shares.values()) for index in (0, 1))
        yield f"{good} of {tried} pictures identified, {100 * good / tried:.1f} %"
        for name, (tried, good) in self.every.items():
            share = f"{100 * good / tried:.2f} %"
            sure = f"{100 * least_share(tried, good):.2f} % or more with 95 % confidence"
            yield f"{EVERY_DPI} dpi, {name}: {good} of {tried} identified, {share} ({sure})"
        yield f"these are pictures of {self.pages} pages, each damaged in its own way"
        yield f"taken for another page: {len(self.wrong)}"
        if self.stack is None:
            yield f"no stack: it takes {COPIES} copies that are not in large print"
        else:
            yield "a stack with everything wrong in it: " + ("; ".join(self.stack) or "sorted")


def rehearse(
    exam_file: Path,
    out: Path,
    progress: Progress = SILENT,
    jobs: int = 1,
    pictures: int | None = None,
) -> Rehearsed:
    """Identifies damaged pictures of pages of a batch, and sorts a stack of them.

    Args:
        pictures: So many are tried of each kind of damage at the least resolution; where the batch
            has fewer pages, these come again with other damage. Of every page one, if it is not
            said, but of large batches a part.

    Raises:
        InputError: There is no batch, or its papers are not there.
    """
    place = place_of(exam_file, out)
    check_built(place)
    with open_batch(place.folder) as batch:
        papers = place.folder / "print-shop" / "papers"
        done = _rehearse(batch, list(_some_pages(batch, papers)), progress)
        chosen = _chosen(batch, papers, pictures)
        every, wrong = _every_page(batch, chosen, jobs, progress)
        return replace(
            done,
            pages=len({page[:2] for page in chosen}),
            every=every,
            wrong=(*done.wrong, *wrong),
            stack=_stack(batch, papers),
        )


def least_share(tried: int, good: int) -> float:
    """The lower end of the one-sided confidence interval of a share (Clopper and Pearson 1934).

    It is the share at which as many as `good` of `tried` would be found in one case of twenty.
    """
    low, high = 0.0, good / tried
    for _ in range(40 if good else 0):
        share = (low + high) / 2
        chance = sum(_chance(tried, misses, share) for misses in range(tried - good + 1))
        low, high = (low, share) if chance > 1 - CONFIDENCE else (share, high)
    return low


def _chance(tried: int, misses: int, share: float) -> float:
    """Of so many misses, where each picture is identified with the chance `share`."""
    good = tried - misses
    ways = lgamma(tried + 1) - lgamma(misses + 1) - lgamma(good + 1)
    return exp(ways + misses * log(1 - share) + good * log(share))


def _some_pages(batch: Batch, papers: Path) -> Iterator[tuple[Path, int]]:
    """A paper and a page of it, spread over the batch and over the pages."""
    codes = batch.codes()
    for number in range(PAGES):
        code = codes[number * len(codes) // PAGES]
        path = papers / f"{code}.pdf"
        if not path.exists():
            raise InputError([Complaint(str(path), 0, 0, "", "is missing: build again")])
        yield path, number


def _rehearse(batch: Batch, pages: Sequence[tuple[Path, int]], progress: Progress) -> Rehearsed:
    counts: Counter[tuple[str, int, bool]] = Counter()
    wrong: list[str] = []
    dice = np.random.default_rng(1)
    reader = _reader(batch)
    with progress.stage("rehearse", len(RESOLUTIONS) * len(pages)) as counter:
        for dpi in RESOLUTIONS:
            for path, number in pages:
                page = number % batch.exam.pages + 1
                picture = page_picture(path, dpi, page)
                for name, damage in DAMAGES.items():
                    found = reader.identify(damage(picture, dice))
                    good = isinstance(found, Identified)
                    if isinstance(found, Identified) and (found.code.copy, found.code.page) != (
                        path.stem,
                        page,
                    ):
                        good = False
                        wrong.append(f"{path.stem} page {page} as {found.code.text}: {name}")
                    counts[name, dpi, good] += 1
                counter.add()
    shares = {
        (name, dpi): (counts[name, dpi, True] + counts[name, dpi, False], counts[name, dpi, True])
        for name in DAMAGES
        for dpi in RESOLUTIONS
    }
    return Rehearsed(shares, tuple(wrong))


@dataclass(frozen=True)
class _Reader:
    """What pages are identified with."""

    key: bytes
    exam: str
    sheet: Sheet

    def identify(self, picture: GrayPicture) -> Identified | Doubt:
        return identify(picture, self.key, self.exam, self.sheet)


def _reader(batch: Batch) -> _Reader:
    return _Reader(batch.secret.tag_key, batch.exam_id, batch.exam.sheet)


_Page = tuple[Path, int, int]
"""A paper, a page of it, and the how manieth picture of it this is, from 0."""


def _try_page(reader: _Reader, page: _Page) -> tuple[list[str], list[str]]:
    """The damages that a page survives, and those after which it is taken for another."""
    path, number, turn = page
    picture = page_picture(path, EVERY_DPI, number)
    good: list[str] = []
    wrong: list[str] = []
    dice = np.random.default_rng([turn, number, *path.stem.encode()])
    worn = mild(picture, dice)
    for name, damage in EVERY.items():
        found = reader.identify(damage(worn, dice))
        if isinstance(found, Identified):
            is_it = (found.code.copy, found.code.page) == (path.stem, number)
            (good if is_it else wrong).append(name)
    return good, [f"{path.stem} page {number} as another: {name}" for name in wrong]


def _chosen(batch: Batch, papers: Path, pictures: int | None) -> list[_Page]:
    """Every page of the batch; of large ones, pages that are spread over it."""
    pages = [
        (papers / f"{code}.pdf", number)
        for code in batch.codes()
        for number in range(1, batch.exam.pages + 1)
    ]
    count = pictures or min(len(pages), MOST_PAGES)
    if count > len(pages):
        return [(*pages[index % len(pages)], index // len(pages)) for index in range(count)]
    step = len(pages) // count
    while step > 1 and gcd(step, batch.exam.pages) > 1:  # always the same page numbers
        step -= 1
    return [(*page, 0) for page in pages[::step][:count]]


def _every_page(
    batch: Batch, chosen: Sequence[_Page], jobs: int, progress: Progress
) -> tuple[dict[str, tuple[int, int]], list[str]]:
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    reader = _reader(batch)
    with progress.stage("every page", len(chosen)) as counter:
        for good, others in spread(_try_page, reader, chosen, jobs):
            counts.update(good)
            wrong += others
            counter.add()
    return {name: (len(chosen), counts[name]) for name in EVERY}, wrong


def _stack(batch: Batch, papers: Path) -> tuple[str, ...] | None:
    codes = [code for code in batch.codes() if not batch.copy(code).accommodation.large_print]
    if len(codes) < COPIES:
        return None

    def page_of(code: str, page: int) -> GrayPicture:
        return page_picture(papers / f"{code}.pdf", EVERY_DPI, page)

    pages, key = batch.exam.pages, batch.secret.tag_key
    return tuple(rehearse_stack(codes, pages, page_of, key, batch.exam_id, batch.exam.sheet))
