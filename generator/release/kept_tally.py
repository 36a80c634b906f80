"""What is counted for the report, kept in pieces: most copies are those of the build before.

A piece is what the records of so many copies, one after the other, come to. It is named by these
records, the bank and the bands, and nothing that is not in it depends on anything else.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.bank.exam import Exam
from generator.draw.draw import Band
from generator.draw.fairness import Measured
from generator.record.copy import Copy
from generator.release.kept import in_pieces
from generator.release.report import Outlier, Tally, count_copy, count_drawn

_COUNTED = ("loads", "variants", "answers", "right", "places", "used")


def tally_in_pieces(
    exam: Exam,
    measured: Mapping[str, Measured],
    copies: Iterable[Copy],
    folder: Path,
    bank: str,
) -> Tally:
    """What `tally` counts, with the pieces that are kept.

    Args:
        folder: Where pieces are kept; those of other copies are removed.
        bank: Digest of the bank and of the program.

    Raises:
        InputError: A step has no value for what is recorded.
    """
    bands = [f"{name}: {said_band(it.band)}" for name, it in sorted(measured.items())]

    def make(piece: Sequence[Copy]) -> bytes:
        counted = Tally()
        for copy in piece:
            count_drawn(counted, exam, measured, copy)
        return _written(counted)

    found = Tally()
    for piece, content in in_pieces(folder, copies, [bank, *bands], make):
        _add(found, _read(content))
        for copy in piece:
            count_copy(found, exam, copy)
    return found


def said_band(band: Band) -> str:
    """All that a band says, alike in every run: sets come in any order."""
    branches = None if band.branches is None else sorted(band.branches)
    return repr((band.lowest, band.highest, branches, band.steps))


def _add(found: Tally, counted: Tally) -> None:
    """Adds what was counted of other copies."""
    for name in _COUNTED:
        whole, part = getattr(found, name), getattr(counted, name)
        for key, counts in part.items():
            whole.setdefault(key, Counter()).update(counts)
    found.outliers += counted.outliers
    found.drawn |= counted.drawn


def _written(counted: Tally) -> bytes:
    data: dict[str, Any] = {
        name: [[key, list(counts.items())] for key, counts in getattr(counted, name).items()]
        for name in _COUNTED
    }
    data["outliers"] = [[it.problem, it.code, it.load, it.reason] for it in counted.outliers]
    data["drawn"] = counted.drawn
    return json.dumps(data).encode()


def _read(content: bytes) -> Tally:
    data = json.loads(content)
    found = Tally(outliers=[Outlier(*it) for it in data["outliers"]], drawn=data["drawn"])
    for name in _COUNTED:
        for key, counts in data[name]:
            named = tuple(key) if isinstance(key, list) else key
            getattr(found, name)[named] = Counter(dict(counts))
    return found
