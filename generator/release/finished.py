"""The shelf: finished copies that wait for the release, in the work folder.

A copy is put there as soon as it is verified, by whoever made it, and nothing else is. A build that
was stopped finds there what it had finished. A copy's files are named by the digest of all that it
was made from: what is out of date is never found, and two writers of a file write the same bytes.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from generator.files.whole import sums_of, write_whole
from generator.record.copy import Copy


@dataclass(frozen=True)
class Produced:
    """A finished copy."""

    copy: Copy
    paper: bytes
    key: bytes
    key_json: bytes


class Shelf:
    """The finished copies of a batch."""

    def __init__(self, folder: Path) -> None:
        """Names the folder, which need not exist.

        Args:
            folder: Of this batch alone.
        """
        self.folder = folder

    def open(self) -> None:
        """Makes the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def paths(self, copy: Copy) -> tuple[Path, Path, Path]:
        """Where paper, key and data of a copy are, or would be."""
        base = self.folder / f"{copy.code}-{copy.made[:24]}"
        return tuple(base.with_name(base.name + end) for end in (".pdf", "-key.pdf", ".json"))  # type: ignore[return-value]

    def put(self, produced: Produced) -> Copy:
        """Stores a finished copy.

        Returns:
            The copy with the digests of its files.
        """
        contents = (produced.paper, produced.key, produced.key_json)
        for path, content in zip(self.paths(produced.copy), contents, strict=True):
            write_whole(path, content)
        sums = [hashlib.sha256(content).hexdigest() for content in contents]
        write_whole(self._sums_file(produced.copy), "\n".join(sums).encode())
        return _with_sums(produced.copy, sums)

    def find(self, copy: Copy) -> Copy | None:
        """The copy with the digests of its files; None if it is not there as it was put."""
        kept, sums = self._sums_file(copy), sums_of(self.paths(copy))
        if not kept.exists() or kept.read_text().split("\n") != sums:
            return None
        return _with_sums(copy, sums)

    def _sums_file(self, copy: Copy) -> Path:
        """What was put, so that files that a power failure has cut are not taken for whole ones."""
        return self.paths(copy)[0].with_suffix(".sums")

    def clear(self) -> None:
        """Removes everything."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _with_sums(copy: Copy, sums: Sequence[str]) -> Copy:
    paper, key, data = sums
    return replace(copy, paper_sha256=paper, key_sha256=key, json_sha256=data)
