"""Lines for the audit log, written by a thread of their own: many at once share one commit.

A disk takes some milliseconds to say that it has a line. Whoever is answered waits for that, but
nobody waits for the lines of others one after the other.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from concurrent.futures import Future

from generator.marks.audit import AuditLog

_Line = tuple[tuple[str, str, str], "Future[None]"]


class Notes:
    """Writes to the log of a batch."""

    def __init__(self, audit: AuditLog) -> None:
        self._audit = audit
        self._lines: queue.SimpleQueue[_Line | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="notes", daemon=True)
        self._thread.start()

    async def add(self, kind: str, who: str, about: str) -> None:
        """Adds a line; it is on the disk when this returns."""
        done: Future[None] = Future()
        self._lines.put(((kind, who, about), done))
        await asyncio.wrap_future(done)

    def close(self) -> None:
        """Writes what is left."""
        self._lines.put(None)
        self._thread.join()

    def _write(self) -> None:
        while (first := self._lines.get()) is not None:
            lines, last = [first], False
            while not last and not self._lines.empty():
                line = self._lines.get()
                last = line is None
                if line is not None:
                    lines.append(line)
            self._commit(lines)
            if last:
                return

    def _commit(self, lines: list[_Line]) -> None:
        try:
            self._audit.append_all([line for line, _ in lines])
        except Exception as error:  # whoever waits is told, and the next line is tried
            for _, done in lines:
                done.set_exception(error)
        else:
            for _, done in lines:
                done.set_result(None)
