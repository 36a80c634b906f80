"""Files: digests, writing that others never see half-done, links."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import stat
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, TextIO

_PIECE_BYTES: Final = 1 << 20


def read_file(path: Path) -> bytes:
    """The content of a file.

    Raises:
        OSError: It cannot be read, or is no file: a pipe would be waited for, a device has no end.
    """
    check_file(path)
    return path.read_bytes()


def check_file(path: Path) -> None:
    """Refuses what is there but is no file.

    Raises:
        OSError: It is a folder, a pipe or a device, or is missing.
    """
    _check_mode(path, path.stat())


def _check_mode(path: Path | str, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        reason = "is no file, but a folder, a pipe or a device; expected a file"
        raise OSError(errno.EINVAL, reason, str(path))


def sha256_of(path: Path | str) -> str:
    """The SHA-256 of a file, in hexadecimal.

    Raises:
        OSError: See `read_file`.
    """
    # A batch has thousands of small files: as few calls as there can be, and no buffers.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe is not waited for
    try:
        found = os.fstat(descriptor)
        _check_mode(path, found)
        digest = hashlib.sha256()
        while piece := os.read(descriptor, min(found.st_size + 1, _PIECE_BYTES)):
            digest.update(piece)
    finally:
        os.close(descriptor)
    return digest.hexdigest()


def sums_of(paths: Iterable[Path | str]) -> list[str]:
    """The SHA-256 of files; of one that is missing, or is no file, an empty text."""
    return [sha256_of(path) if os.path.isfile(path) else "" for path in paths]


def files_below(folder: Path | str, before: str = "") -> Iterator[tuple[str, os.DirEntry[str]]]:
    """All that is in a folder and is no folder itself, also links, in no order.

    Args:
        before: What the paths begin with that are given.

    Returns:
        The path below the folder, with slashes, and what the file system says of it.
    """
    try:
        entries = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from files_below(entry.path, f"{before}{entry.name}/")
        else:
            yield before + entry.name, entry


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all, whoever else writes it at the same time."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_sealed(path: Path, content: bytes) -> None:
    """Writes a file of a cache with a digest, for `read_sealed`."""
    write_whole(path, hashlib.sha256(content).digest() + content)


def read_sealed(path: Path) -> bytes | None:
    """What `write_sealed` wrote; None if it is not there, or damaged (as by a power failure)."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    seal, content = data[:32], data[32:]
    return content if hashlib.sha256(content).digest() == seal else None


def lock(folder: Path, *, wait: bool) -> TextIO:
    """Keeps other processes out of a folder, which is made, until what is returned is closed.

    Raises:
        BlockingIOError: Another process is at work in it, and this one does not wait.
    """
    while True:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = (folder / "lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            if _is_there(file, folder / "lock"):
                return file
        except BaseException:
            file.close()
            raise
        file.close()  # whoever had it has removed the folder


def _is_there(file: TextIO, path: Path) -> bool:
    """Whether an open file still has its name."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def link(source: Path | str, target: Path | str) -> None:
    """Gives a file a second name; a copy where the file system has no links."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        shutil.copyfile(source, target)
