"""What is the same in all copies, as far as was seen.

Headings, credits and what the class says by itself stand in no record. So a page that says anything
else there than those before it is odd: its copy is set once more by itself, and stays only if it
comes out the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

_SEEN: Final = 3
"""So often must something be seen before anything else is odd there."""
_VARIED: Final = 4
"""Where so many other things turned out to be meant, nothing is odd any more."""


class Usual:
    """What stands in some places, in the copies that were read so far."""

    def __init__(self, may_begin: str = "") -> None:
        """Knows nothing yet.

        Args:
            may_begin: What may stand before it in some copies.
        """
        self._may_begin = may_begin
        self._known: dict[tuple[int, str], set[str]] = {}
        self._times: Counter[tuple[int, str]] = Counter()
        self._meant: Counter[tuple[int, str]] = Counter()

    def odd(
        self, said: Iterable[tuple[int, Sequence[tuple[str, str]]]]
    ) -> list[tuple[tuple[int, str], str]]:
        """Places, and what stands there as in no copy before.

        Args:
            said: Pages with their places, and what stands in these.
        """
        found = []
        for page, own in said:
            for where, text in own:
                known = self._known.get((page, where), ())
                if text not in known and text.removeprefix(self._may_begin) not in known:
                    found.append(((page, where), text))
                elif self._times[page, where] < _SEEN:
                    self._times[page, where] += 1
        return [it for it in found if not self._is_new(*it)]

    def _is_new(self, place: tuple[int, str], text: str) -> bool:
        """Whether a place is not known well enough; what stands there is kept then."""
        is_new = self._times[place] < _SEEN or self._meant[place] >= _VARIED
        if is_new:
            self._times[place] += 1
            self._known.setdefault(place, set()).add(text.removeprefix(self._may_begin))
        return is_new

    def learn(self, place: tuple[int, str], text: str) -> None:
        """Takes over what is meant to be somewhere."""
        self._known[place].add(text)
        self._meant[place] += 1
