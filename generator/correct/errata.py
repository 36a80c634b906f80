"""Errata: which keys were corrected, and how; for those who have marked with the former ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

HEADER = ("code", "revision", "part", "quantity", "before", "after")

_ANSWER = re.compile(r"(?P<part>\S+) (?P<name>\S+): (?P<before>.*) -> (?P<after>.*)", re.DOTALL)
_AFRESH = re.compile(r"problem (?P<problem>\S+) drawn afresh")
AFRESH = "drawn afresh"
"""The quantity where a problem was drawn afresh."""

TEXTS = "texts"
"""The quantity where neither answers have changed nor what a field of the key's data says."""
FIELDS = ("options", "model_answer", "rubric", "also_accept", "mistakes")
"""Quantities that are no answers but words of a key, by the names of its data."""


@dataclass(frozen=True, order=True)
class Erratum:
    """One thing that a revision of a key changed.

    Attributes:
        part: The part, or the problem where all of it was drawn afresh; empty for texts.
        quantity: The answer's name, or one of `FIELDS`; ``texts`` where that cannot be said.
        code: The copy.
        revision: Of the key, from 2 on.
        before: The answer in the former key, or the texts that are gone; empty where that cannot
            be said.
        after: The answer in this one, or the new texts.
    """

    part: str
    quantity: str
    code: str
    revision: int
    before: str = ""
    after: str = ""

    @property
    def is_text(self) -> bool:
        """Whether words have changed, and no answer."""
        return self.quantity in FIELDS

    @property
    def row(self) -> tuple[str, ...]:
        """The row in ``errata.csv``."""
        return (
            self.code,
            str(self.revision),
            self.part,
            self.quantity,
            self.before,
            self.after,
        )


def errata(changes: Mapping[tuple[str, int], str], codes: Sequence[str]) -> list[Erratum]:
    """All that the revisions of keys have changed, by copy and revision.

    Args:
        changes: Code and revision to the changes, as the ledger has them.
        codes: The copies in question.
    """
    wanted = set(codes)
    return [
        erratum
        for (code, revision), data in sorted(changes.items())
        if code in wanted
        for erratum in _errata_of(code, revision, json.loads(data))
    ]


def _errata_of(code: str, revision: int, changes: Sequence[str]) -> Iterator[Erratum]:
    if not changes:
        yield Erratum("", TEXTS, code, revision)
    for change in changes:
        if match := _ANSWER.fullmatch(change):
            before, after = match["before"], match["after"]
            yield Erratum(match["part"], match["name"], code, revision, before, after)
        elif match := _AFRESH.fullmatch(change):
            yield Erratum(match["problem"], AFRESH, code, revision)
        else:
            yield Erratum("", change, code, revision)


def by_change(found: Sequence[Erratum]) -> dict[tuple[str, str, int], list[Erratum]]:
    """Part, quantity and revision to the copies concerned, in order."""
    groups: dict[tuple[str, str, int], list[Erratum]] = {}
    for erratum in sorted(found):
        groups.setdefault((erratum.part, erratum.quantity, erratum.revision), []).append(erratum)
    return groups
