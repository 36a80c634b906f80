"""What a disk refuses to SQLite, as the operating system says it elsewhere."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_LITTLE_BYTES: Final = 256 * 1024
"""With less than this left, SQLite cannot even open a file beside its database (32 KB at once)."""
_KIND: Final = 0xFF
"""An error of SQLite is its kind and, in higher bits, what it was doing."""


@contextmanager
def disk_errors(file: Path) -> Iterator[None]:
    """SQLite says in its own ways that a disk is full or cannot be read.

    Raises:
        OSError: It did; other errors stay as they are.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        kind = error.sqlite_errorcode & _KIND
        if kind not in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}:
            raise
        is_full = kind == sqlite3.SQLITE_FULL or _is_little_left(file)
        raise OSError(errno.ENOSPC if is_full else errno.EIO, str(error), str(file)) from None


def _is_little_left(file: Path) -> bool:
    return shutil.disk_usage(file.parent).free < _LITTLE_BYTES
