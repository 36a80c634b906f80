"""What is the same in all copies, as far as was seen.

Headings, credits and what the class says by itself stand in no record. So a page that says anything
else there than those before it is odd: its copy is set once more by itself, and stays only if it
comes out the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

_SEEN: Final = 3
"""So often must something be seen before anything else is odd there."""
_VARIED: Final = 4
"""Where so many other things turned out to be meant, nothing is odd any more."""


class Usual:
    """What stands in some places, in the copies that were read so far."""

    def __init__(self) -> None:
        """Knows nothing yet."""
        self._known: dict[str, set[str]] = {}
        self._times: Counter[str] = Counter()
        self._meant: Counter[str] = Counter()

    def odd(self, said: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Places, and what stands there as in no copy before."""
        found = []
        for place, text in said:
            known = self._known.setdefault(place, set())
            if text in known:
                self._times[place] += 1
            elif self._times[place] < _SEEN or self._meant[place] >= _VARIED:
                known.add(text)
                self._times[place] += 1
            else:
                found.append((place, text))
        return found

    def learn(self, said: Iterable[tuple[str, str]]) -> None:
        """Takes over what is meant to be there."""
        for place, text in said:
            self._known[place].add(text)
            self._meant[place] += 1
