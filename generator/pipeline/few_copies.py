"""What is made beside a build where few copies are new: these, then their cards and the sheets.

A process has all of it in hand, so that the build's own can look at what was released meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.errors import CopyError
from generator.pipeline.making import Made, Setup, produce_with
from generator.record.copy import Copy
from generator.work.pool import Beside

if TYPE_CHECKING:  # it reads fonts and templates, which most builds do not need
    from generator.pipeline.cards import CardStage


@dataclass(frozen=True)
class FewTool:
    """What worker processes make a few copies and all that follows with."""

    setup: Setup
    cards: CardStage
    copies: Sequence[Copy]


def make_few(tool: FewTool, copies: Sequence[Copy]) -> tuple[list[Copy], Mapping[str, float]]:
    """Makes copies; returns them with their digests, and the CPU time of the stages, in seconds."""
    return produce_with(tool.setup, copies)


def make_cards_of_few(tool: FewTool, most: int) -> Mapping[str, str] | None:
    """Makes cards and sheets; returns their sums, None where more than `most` cards are new."""
    from generator.pipeline.cards import make_cards_and_sheets

    return make_cards_and_sheets(tool.cards, tool.copies, most)


@dataclass
class FewCopies:
    """What is made beside this process, where few copies are new.

    Attributes:
        made: Waits for the copies.
        cards: Gets the sums of the cards.
        sums: Waits for the cards and the sheets, and gives the sums; None if they are too many.
    """

    workers: Beside[FewTool]
    made: Made
    cards: CardStage
    sums: Callable[[], Mapping[str, str] | None]

    def forget_cards(self) -> None:
        """Waits for cards and sheets of what is to be drawn once more; takes none of them."""
        with suppress(CopyError):
            self.sums()
        self.sums = _none


def _none() -> None:
    return None
