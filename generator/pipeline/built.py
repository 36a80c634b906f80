"""What a build left."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from generator.pipeline.outcome import Outcome


@dataclass(frozen=True)
class Built:
    """What a build left.

    Attributes:
        folder: The batch's folder, with one folder for each recipient.
        codes: The codes of all copies of the batch that were not withdrawn, in order.
        made: How many of them were made now; the others were there already.
        pages: Pages of a copy.
        outcome: What is new, another or gone, and what is to be done; None if nothing has changed.
    """

    folder: Path
    codes: tuple[str, ...]
    made: int
    pages: int
    outcome: Outcome | None

    def __str__(self) -> str:
        if self.outcome is None:
            return f"{self.folder}: nothing has changed"
        copies = f"{len(self.codes)} copies ({self.made} made now) of {self.pages} pages"
        return "\n  ".join([f"{self.folder}: {copies}", *self.outcome.lines()])

    @property
    def papers(self) -> dict[str, Path]:
        """Copy code to its paper."""
        return {code: self.folder / "print-shop/papers" / f"{code}.pdf" for code in self.codes}

    @property
    def keys(self) -> dict[str, Path]:
        """Copy code to its key."""
        return {code: self.folder / "correctors/keys" / f"{code}.pdf" for code in self.codes}
