"""Where the output of an exam is that somebody names by its file."""

from __future__ import annotations

from pathlib import Path

from generator.bank.read.exam_file import read_exam_id
from generator.release.place import Place


def place_of(exam_file: Path, out: Path) -> Place:
    """Where the output of an exam is; its bank need not be whole for that.

    Raises:
        InputError: The file cannot be read, or has no exam id.
    """
    return Place(out, read_exam_id(exam_file))
