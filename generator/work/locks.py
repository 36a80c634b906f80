"""Locks that a forked process finds open."""

from __future__ import annotations

import os
import threading
from typing import Final


def fork_safe_lock() -> threading.Lock:
    """A lock for what one thread at a time may use.

    A process is forked while nobody holds it: the child finds lock and library as they should be.
    """
    lock = threading.Lock()
    os.register_at_fork(
        before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release
    )
    return lock


PDFIUM: Final = fork_safe_lock()
"""PDFium may be used by one thread at a time."""
