"""Files of several copies in one, as correctors print them."""

from __future__ import annotations

from collections.abc import Iterable
from mmap import ACCESS_READ, mmap
from pathlib import Path

from generator.codes.check_character import with_check
from generator.errors import CopyError
from generator.stamp.pdf import PdfFile, page_digests
from generator.stamp.stamp import PrintRun


def join_files(target: Path, title: str, files: Iterable[tuple[str, Path]]) -> None:
    """Joins finished files to one with a bookmark for each copy, and reads it back.

    Args:
        title: What viewers call the document.
        files: Code of each copy and where its file is, in their order.

    Raises:
        CopyError: The file has not the pages of those that it is made of.
    """
    with target.open("w+b") as sink:
        joined = PrintRun(sink, title)
        for code, path in files:
            joined.append(path.read_bytes(), with_check(code))
        joined.close()
        sink.flush()
        written = PdfFile(mmap(sink.fileno(), 0, access=ACCESS_READ))
        if b"".join(page_digests(written)) != joined.digests:
            raise CopyError(f"{target.name} has not the pages of the files that it is made of")
