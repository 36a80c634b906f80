"""The functions of the package that have defaults of their own; see :mod:`generator`."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam as load
from generator.commands.check import DRAWS, Checked, check_exam
from generator.commands.whole_errors import build_or_say_all
from generator.files.program import FIGURES
from generator.pipeline.built import Built
from generator.work.progress import SILENT, Progress


def load_exam(exam_file: Path | str) -> Exam:
    """Reads the bank of an exam.

    Raises:
        InputError: All that is wrong with it.
    """
    return load(Path(exam_file), FIGURES)


def check(
    exam_file: Path | str,
    roster_file: Path | str,
    out: Path | str,
    *,
    draws: int = DRAWS,
    jobs: int | None = None,
    progress: Progress = SILENT,
) -> Checked:
    """Checks bank and roster, and tries every problem with many draws.

    Args:
        draws: How often each problem is drawn.
        jobs: Processes at a time; all cores without it.

    Returns:
        What was found; what a build would refuse is among its errors.

    Raises:
        InputError: The bank cannot be read; all that is wrong with it and with the roster.
    """
    jobs = jobs or os.cpu_count() or 1
    return check_exam(Path(exam_file), Path(roster_file), Path(out), draws, jobs, progress)


def build(
    exam_file: Path | str,
    roster_file: Path | str,
    out: Path | str,
    *,
    jobs: int | None = None,
    redraw: Collection[str] = (),
    withdraw: bool = False,
    progress: Progress = SILENT,
) -> Built:
    """Builds the batch of an exam and releases it.

    Args:
        jobs: Processes at a time; all cores without it.
        redraw: Ids of problems that are drawn afresh for all copies.
        withdraw: Many copies may be withdrawn at once, if the roster says so.

    Raises:
        InputError: The bank, the roster or the arguments are wrong; no output is touched.
        CopyError: A copy failed to typeset or to verify; the former output is untouched.
        ToolMissingError: TeX is not installed.
        OSError: A file cannot be written; the former output is untouched.
    """
    return build_or_say_all(
        Path(exam_file),
        Path(roster_file),
        Path(out),
        jobs=jobs or os.cpu_count() or 1,
        redraw=redraw,
        withdraw=withdraw,
        progress=progress,
    )
