"""What an earlier build made of the same: files of the work folder, named by what they are made of.

Behind that, the name has the SHA-256 of the content, so that a file that a power failure has cut is
not taken for a whole one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from generator.files.whole import sha256_of, write_whole
from generator.record.copy import Copy

PIECE = 50
"""Copies of a piece."""


def digest_of(*parts: str) -> str:
    """What files that are made of the same are called by."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def find(folder: Path, made_of: str) -> Path | None:
    """The file that was made of this; None if it is not there as it was kept."""
    found = folder.glob(f"{made_of}-*")
    return next((path for path in found if sha256_of(path) == sha256_in(path)), None)


def sha256_in(path: Path) -> str:
    """The SHA-256 that the name of a kept file has."""
    return path.name.partition("-")[2]


def keep(folder: Path, made_of: str, content: bytes) -> Path:
    """Keeps a content; returns where."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{made_of}-{hashlib.sha256(content).hexdigest()}"
    write_whole(path, content)
    return path


def in_pieces(
    folder: Path,
    copies: Iterable[Copy],
    made_of: Sequence[str],
    make: Callable[[Sequence[Copy]], bytes],
) -> Iterator[tuple[Sequence[Copy], bytes]]:
    """What records come to, so many copies at a time: most are those of the build before.

    Args:
        folder: Where pieces of this kind are kept; those of other copies are removed.
        made_of: What a content depends on besides the records.
        make: Makes the content of some copies from their codes and records alone.

    Returns:
        The pieces in the order of the copies, with their contents.
    """
    used = set()
    source = iter(copies)
    while piece := list(islice(source, PIECE)):
        records = (part for copy in piece for part in (copy.code, copy.record))
        digest = digest_of(*made_of, *records)
        used.add(digest)
        kept = find(folder, digest) or keep(folder, digest, make(piece))
        yield piece, kept.read_bytes()
    drop_others(folder, used)


def drop_others(folder: Path, wanted: Collection[str]) -> None:
    """Removes the files that are made of anything else."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name.partition("-")[0] not in wanted:
            path.unlink()
