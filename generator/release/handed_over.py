"""What was released, compared with what is there now: somebody may have worked in a folder.

The ledger knows every released file by its size, its time and its SHA-256. An unchanged batch is
recognized by size and time alone; what differs in them is read.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from generator.errors import Complaint, InputError
from generator.files.whole import files_below, read_file, sha256_of, sums_of
from generator.record.ledger import EXAMINER, KnownFile, Ledger
from generator.release.place import LEDGER_HEAD, RECIPIENTS
from generator.release.recipients import SUMS


def known_file(path: Path | str, sha256: str | None = None) -> KnownFile:
    """A file as it is now.

    Args:
        sha256: Its digest, where it is known already.
    """
    found = os.stat(path)
    return KnownFile(found.st_size, found.st_mtime_ns, sha256 or sha256_of(path))


def differing(folder: Path, known: Mapping[str, KnownFile]) -> list[str]:
    """Paths of released files that are not there as they were released.

    Args:
        folder: The batch's.
        known: Path below it to the file as it was released.
    """
    return [name for name, file in known.items() if not is_same(f"{folder}/{name}", file)]


def is_same(path: Path | str, known: KnownFile) -> bool:
    """Whether a file is as it was released."""
    try:
        found = os.lstat(path)
    except OSError:
        return False
    if found.st_size != known.size or not stat.S_ISREG(found.st_mode):
        return False
    return found.st_mtime_ns == known.mtime_ns or sha256_of(path) == known.sha256


def strays_in(folder: Path, known: Mapping[str, KnownFile]) -> list[str]:
    """Paths of files that the program did not write, or that were edited.

    The examiner's own files stay where they are; released ones that were edited are among these.

    Args:
        folder: The batch's.
        known: See `differing`; of a folder of which nothing is known, its SHA256SUMS counts.
    """
    found = [name for recipient in RECIPIENTS for name in _strays(folder, recipient, known)]
    own = {name: file for name, file in known.items() if name.startswith(f"{EXAMINER}/")}
    found += [name for name in differing(folder, own) if (folder / name).exists()]
    return sorted(found)


def _strays(folder: Path, recipient: str, known: Mapping[str, KnownFile]) -> Iterator[str]:
    own = {name: file for name, file in known.items() if name.startswith(f"{recipient}/")}
    sums = {} if own else sums_in(folder / recipient)
    for name, entry in files_below(folder / recipient, f"{recipient}/"):
        if name in own:
            if not is_same(entry.path, own[name]):
                yield name
        elif not own and name == f"{recipient}/{SUMS}":
            continue  # nothing is known but what it says itself
        elif name not in sums or entry.is_symlink() or sums_of([entry.path]) != [sums[name]]:
            yield name


def sums_in(folder: Path) -> dict[str, str]:
    """Path below the batch's folder to digest, as the SHA256SUMS of a recipient has them."""
    try:
        lines = read_file(folder / SUMS).decode("utf-8").splitlines()
    except (OSError, ValueError):
        return {}
    pairs = (line.partition("  ") for line in lines)
    return {f"{folder.name}/{name}": digest for digest, _, name in pairs}


def check_agreement(ledger: Ledger, manifest: Path) -> None:
    """Whether the ledger is the one that belongs to what was released last.

    Raises:
        InputError: It is an older one.
    """
    found = _disagreements(ledger, manifest)
    if found:
        message = (
            f"is not the ledger of the batch that was released last, says {manifest.name}: "
            f"{'; '.join(found)}. Put the latest ledger back; if this one is right, delete "
            f"{manifest.name}"
        )
        raise InputError([Complaint(str(ledger.path), 0, 0, "", message)])


def _disagreements(ledger: Ledger, manifest: Path) -> list[str]:
    """What `manifest.json` says that was released, and the ledger does not know.

    An old ledger that was put back would give codes to others, and revisions of keys twice.
    """
    if not manifest.is_file():
        return []
    try:
        data: Any = json.loads(read_file(manifest))
        shown = {
            copy["code"]: (copy["record"], copy["paper_sha256"])
            for copy in data["copies"]
            if "reprint_of" not in copy
        }
        head = manifest.with_name(LEDGER_HEAD)
        # Earlier versions wrote the number into the manifest.
        events = int((json.loads(read_file(head)) if head.is_file() else data).get("events", 0))
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return []
    copies = ledger.released()
    found = []
    if unknown := sorted(shown.keys() - copies.keys()):
        found.append(f"it does not know {', '.join(unknown)}")
    differ = sorted(
        code
        for code, said in shown.items()
        if code in copies and said != (copies[code].mark, copies[code].paper_sha256)
    )
    if differ:
        found.append(f"it has other papers of {', '.join(differ)}")
    if events > len(ledger.events):
        found.append(f"it has {len(ledger.events)} events of {events}")
    return found
