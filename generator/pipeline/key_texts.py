"""What keys say, from when copies are recorded until they are typeset.

To work out an answer step by step takes longer than all else that is composed. Copies are composed
when they are recorded, for their marks, and again when they are typeset, by other processes and
perhaps by another build: what was found out the first time is kept for this build alone.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from generator.files.whole import read_sealed, write_sealed


class KeyTexts:
    """The TeX of the blocks of keys that vary, by the digest of all that a key says."""

    def __init__(self, folder: Path) -> None:
        """Makes the folder, which is this build's alone."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def put(self, key_content: str, blocks: Mapping[str, str]) -> None:
        """Keeps the blocks of a key."""
        write_sealed(self._file(key_content), json.dumps(blocks).encode())

    def take(self, key_content: str) -> dict[str, str] | None:
        """The blocks of a key, which are kept no longer; None if they were not kept."""
        file = self._file(key_content)
        found = read_sealed(file)
        if found is None:
            return None
        file.unlink(missing_ok=True)
        blocks: dict[str, str] = json.loads(found)
        return blocks

    def clear(self) -> None:
        """Removes what nobody took: of copies that a build which was stopped had finished."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _file(self, key_content: str) -> Path:
        return self._folder / f"{key_content}.json"
