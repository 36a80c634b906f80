"""Server-sent events: pages learn at once what others do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping

QUEUED = 200
"""Events that wait for a page; one that is slower than that is told to load again."""


class Hub:
    """Sends what happens to all pages that listen. Used by the event loop's thread alone."""

    def __init__(self) -> None:
        self._queues: dict[asyncio.Queue[str], tuple[str, str]] = {}

    def send(self, **what: object) -> None:
        """Tells the pages that show the copy in question, and those that show all copies."""
        data = json.dumps(what, ensure_ascii=False)
        for queue, (_, code) in self._queues.items():
            if code and what.get("code", code) != code:
                continue
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(json.dumps({"kind": "reload"}))
            else:
                queue.put_nowait(data)

    @property
    def present(self) -> Mapping[str, int]:
        """Who has pages open, and how many."""
        names = [who for who, _ in self._queues.values()]
        return {name: names.count(name) for name in names}

    async def listen(self, who: str, code: str = "") -> AsyncIterator[dict[str, str]]:
        """The events for a page, as sse-starlette sends them.

        Args:
            code: The copy that the page shows; empty for all.
        """
        queue: asyncio.Queue[str] = asyncio.Queue(QUEUED)
        self._queues[queue] = (who, code)
        try:
            yield {"data": json.dumps({"kind": "hello"})}
            while True:
                yield {"data": await queue.get()}
        finally:
            del self._queues[queue]
