"""The cache: what was made once is used again, and what has not been used for longest goes.

What a command uses, it holds (a shared lock of the folder) until it ends, and nobody removes it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Final, TextIO, TypeVar

from generator.files.whole import lock

Kept = TypeVar("Kept")

MOST: Final = {
    "press-*": 4,
    "preview-*": 4,
    "cards-*": 4,
    "figures-*": 12,
    "loads-*.json": 500,
    "checked-*": 50,
    "fonts/*.cff": 300,
}
"""How many are kept of each kind: with every wording that is saved, there is another press."""

_USED: Final = "used"
_MOST_HELD: Final = 16
_held: OrderedDict[Path, TextIO] = OrderedDict()


def hold(folder: Path) -> None:
    """Keeps a folder of the cache from being removed as long as this process uses it.

    A process that goes on for days, making one press after the other, lets go of the oldest.
    """
    if not folder.is_dir():
        return
    file = (folder / _USED).open("w")
    fcntl.flock(file, fcntl.LOCK_SH)
    os.utime(folder / _USED)
    if folder in _held:
        _held.pop(folder).close()
    _held[folder] = file
    while len(_held) > _MOST_HELD:
        _held.popitem(last=False)[1].close()


def find_or_make(
    folder: Path, find: Callable[[Path], Kept | None], make: Callable[[], Kept]
) -> Kept:
    """What is kept in a folder of the cache, or is made there: by one process at a time.

    Args:
        find: What is there, which is then held; None if it is not there as it was made.
        make: Makes it in the folder, which is empty then, and holds it.
    """
    found = find(folder)
    if found is None:
        with lock(folder.parent, wait=True):
            found = find(folder)  # another command may have made it meanwhile
            if found is None:
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                found = make()
                prune(folder.parent)
    return found


def prune(cache: Path) -> None:
    """Removes what is too many and not in use; to be called under the lock of the cache."""
    for kind, most in MOST.items():
        for path in sorted(cache.glob(kind), key=_last_use, reverse=True)[most:]:
            if path.is_file():
                path.unlink(missing_ok=True)
            elif not _is_held(path):
                shutil.rmtree(path, ignore_errors=True)


def _last_use(path: Path) -> float:
    used = path / _USED
    return (used if used.exists() else path).stat().st_mtime


def _is_held(folder: Path) -> bool:
    """Whether somebody uses a folder."""
    used = folder / _USED
    if not used.exists():
        return False
    with used.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
