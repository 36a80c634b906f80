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
        self._queues: dict[asyncio.Queue[str], str] = {}

    def send(self, **what: object) -> None:
        """Tells all pages."""
        data = json.dumps(what, ensure_ascii=False)
        for queue in self._queues:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                data = json.dumps({"kind": "reload"})
            queue.put_nowait(data)

    @property
    def present(self) -> Mapping[str, int]:
        """Who has pages open, and how many."""
        names = list(self._queues.values())
        return {name: names.count(name) for name in names}

    async def listen(self, who: str) -> AsyncIterator[dict[str, str]]:
        """The events for a page, as sse-starlette sends them."""
        queue: asyncio.Queue[str] = asyncio.Queue(QUEUED)
        self._queues[queue] = who
        try:
            yield {"data": json.dumps({"kind": "hello"})}
            while True:
                yield {"data": await queue.get()}
        finally:
            del self._queues[queue]
