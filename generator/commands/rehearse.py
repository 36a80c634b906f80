"""`make rehearse`: the way back, before anybody has written a word.

Finished pages are rendered as a scanner would see them, damaged in the ways that pages are, and
identified; then a stack in which everything is wrong is sorted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from generator.bank.read.exam import read_exam_id
from generator.errors import Complaint, InputError
from generator.record.batch import Batch, open_batch
from generator.release.amend import check_built
from generator.release.place import Place
from generator.scans.damage import DAMAGES
from generator.scans.identify import Identified, identify
from generator.verify.readback import page_picture
from generator.work.progress import SILENT, Progress

RESOLUTIONS = (150, 200, 300)
PAGES = 12
"""Pages of different copies that each damage is done to."""


@dataclass(frozen=True)
class Rehearsed:
    """What came of it.

    Attributes:
        shares: Damage and resolution to how many pages were tried and how many were identified.
        wrong: Pages that were taken for another one; there must be none.
    """

    shares: dict[tuple[str, int], tuple[int, int]]
    wrong: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """A table, and a sum."""
        names = sorted({name for name, _ in self.shares}, key=list(DAMAGES).index)
        yield f"{'identified at dpi':<28}" + "".join(f"{dpi:>8}" for dpi in RESOLUTIONS)
        for name in names:
            cells = (self.shares[name, dpi] for dpi in RESOLUTIONS)
            yield f"{name:<28}" + "".join(f"{good:>4}/{tried:<3}" for tried, good in cells)
        tried, good = (sum(pair[index] for pair in self.shares.values()) for index in (0, 1))
        yield f"{good} of {tried} pictures identified, {100 * good / tried:.1f} %"
        yield f"taken for another page: {len(self.wrong)}"


def rehearse(exam_file: Path, out: Path, progress: Progress = SILENT) -> Rehearsed:
    """Identifies damaged pictures of pages of a batch.

    Raises:
        InputError: There is no batch, or its papers are not there.
    """
    place = Place(out, read_exam_id(exam_file))
    check_built(place)
    with open_batch(place.folder) as batch:
        pages = list(_some_pages(batch, place.folder / "print-shop" / "papers"))
        return _rehearse(batch, pages, progress)


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
    with progress.stage("rehearse", len(RESOLUTIONS) * len(pages)) as counter:
        for dpi in RESOLUTIONS:
            for path, number in pages:
                page = number % batch.exam.pages + 1
                picture = page_picture(path, dpi, page)
                for name, damage in DAMAGES.items():
                    found = identify(damage(picture, dice), batch.secret.tag_key, batch.exam_id)
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
