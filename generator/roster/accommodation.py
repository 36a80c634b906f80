"""What a student gets that others do not: never why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

MOST_MINUTES = 600
LONGEST_COLOR = 30
YES = frozenset({"yes", "y", "ja", "j", "x", "1", "true", "wahr", "a3"})
NO = frozenset({"", "no", "n", "nein", "0", "false", "falsch", "-", "–", "a4"})


@dataclass(frozen=True)
class Accommodation:
    """How the paper and the time of a student differ from those of the others.

    Attributes:
        large_print: The paper is printed on A3, everything on it larger by the root of two.
        extra_minutes: So much more time.
        paper_color: The color of the paper, as people write it; empty for white.
    """

    large_print: bool = False
    extra_minutes: int = 0
    paper_color: str = ""

    def told(self) -> str:
        """What it is, for messages."""
        words = [
            "large print, A3" if self.large_print else "",
            f"{self.extra_minutes} more minutes" if self.extra_minutes else "",
            f"paper: {self.paper_color}" if self.paper_color else "",
        ]
        return ", ".join(word for word in words if word) or "nothing special"


PLAIN = Accommodation()


def read_accommodation(cells: Mapping[str, str]) -> tuple[Accommodation, dict[str, str]]:
    """What the cells of a row say.

    Returns:
        The accommodation, and column to what is wrong with its cell.
    """
    wrong: dict[str, str] = {}
    large = cells.get("large_print", "").casefold()
    if large not in YES | NO:
        wrong["large_print"] = f"expected yes or no; got {large!r}"
    extra = cells.get("extra_time", "")
    minutes = re.fullmatch(r"\+?\s*(\d{1,3})\s*(min|minutes|minuten|m|')?\.?", extra.casefold())
    count = int(minutes[1]) if minutes else 0
    if extra and (minutes is None or count > MOST_MINUTES):
        expected = f"a number of minutes up to {MOST_MINUTES}, such as 30"
        wrong["extra_time"] = f"expected {expected}, and no share; got {extra!r}"
    color = cells.get("paper_color", "")
    if len(color) > LONGEST_COLOR:
        wrong["paper_color"] = f"expected a color of at most {LONGEST_COLOR} characters"
    return Accommodation(large in YES, count, "" if color.casefold() in NO else color), wrong
