"""How often somebody may try: failed sign-ins by name and by address (ASVS 2.2.1)."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Final

TRIES: Final = 5
"""Failures of one name after which it waits."""
ADDRESS_TRIES: Final = 50
"""Failures from one address after which it waits: a room of correctors may share one."""
WINDOW_S: Final = 15 * 60


class RateLimits:
    """Failures of the last quarter of an hour."""

    def __init__(self) -> None:
        self._failed: defaultdict[str, deque[float]] = defaultdict(deque)

    def wait(self, name: str, address: str, now: float) -> float:
        """Seconds to wait before the next try; 0 if there may be one now."""
        return max(
            self._wait(f"n{name}", TRIES, now), self._wait(f"a{address}", ADDRESS_TRIES, now)
        )

    def _wait(self, key: str, most: int, now: float) -> float:
        failed = self._failed.get(key)
        if failed is None:
            return 0.0
        while failed and failed[0] <= now - WINDOW_S:
            failed.popleft()
        if not failed:
            del self._failed[key]
            return 0.0
        return failed[-most] + WINDOW_S - now if len(failed) >= most else 0.0

    def failed(self, name: str, address: str, now: float) -> None:
        """Notes a failure."""
        self._failed[f"n{name}"].append(now)
        self._failed[f"a{address}"].append(now)

    def passed(self, name: str) -> None:
        """Forgets the failures of a name that has signed in."""
        self._failed.pop(f"n{name}", None)
