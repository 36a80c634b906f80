"""What `make check` knows, `make` knows: a build that fails says all that is wrong with the bank.

A build stops at the first stage that fails. What it says then is what check says, by the code of
check, and what only a build can know: recorded copies, say.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Unpack

from generator.bank.read.exam_file import load_exam
from generator.errors import Complaint, CopyError, GeneratorError, InputError
from generator.files.program import FIGURES
from generator.pipeline.build import Wishes, build_exam
from generator.pipeline.built import Built
from generator.pipeline.made_of import bank_digest, checked_mark
from generator.release.place import Place
from generator.typeset.toolchain import check_tools
from generator.work.progress import SILENT, Progress


def build_or_say_all(
    exam_file: Path,
    roster_file: Path,
    out: Path,
    *,
    jobs: int,
    draws: int | None = None,
    progress: Progress = SILENT,
    **wishes: Unpack[Wishes],
) -> Built:
    """Builds the batch of an exam; if the bank is wrong, all that is wrong is said at once.

    Args:
        jobs: Processes at a time.
        draws: How often each problem is drawn in search of what else is wrong; as often as check
            does it if it is not given.
        progress: Is told how far the stages are.
        wishes: What a build does otherwise than usual.

    Raises:
        GeneratorError: As :func:`generator.pipeline.build.build_exam` does.
    """
    try:
        return build_exam(exam_file, roster_file, out, jobs=jobs, progress=progress, **wishes)
    except (InputError, CopyError) as error:
        own = error.problems if isinstance(error, InputError) else error.complaints
        if not any(it.file and it.line for it in own) and not isinstance(error, CopyError):
            raise  # the bank is not to blame
        progress.note("the bank is checked, to say all that is wrong at once")
        found = _found_by_check(exam_file, roster_file, out, draws, jobs, progress)
        if not found:
            raise
        raise InputError([*found, *_news(own, found)], advice=error.advice) from None


def reference_or_say_all(
    exam_file: Path, out: Path, jobs: int, progress: Progress = SILENT, *, quick: bool = False
) -> str:
    """Builds the reference copy of a bank that passes a check, which is made if it was not before.

    Args:
        quick: The bank is not checked.

    Raises:
        InputError: The bank is wrong; all that is.
        CopyError: The copy failed to typeset or to verify.
        ToolMissingError: TeX is not installed.
    """
    if not quick and not _has_passed(exam_file, out):
        from generator.commands.check import FEW_DRAWS, examine_exam

        progress.note("the bank is checked first; --quick does without")
        found = examine_exam(exam_file, None, out, FEW_DRAWS, jobs, progress, early=False)
        if found.errors:
            raise InputError(found.errors)
    from generator.commands.reference_copy import build_reference

    return build_reference(exam_file, out, jobs)


def _has_passed(exam_file: Path, out: Path) -> bool:
    exam = load_exam(exam_file, FIGURES)
    check_tools()
    return checked_mark(Place(out, exam.id).cache, bank_digest(exam)).is_file()


def _found_by_check(
    exam_file: Path, roster_file: Path, out: Path, draws: int | None, jobs: int, progress: Progress
) -> tuple[Complaint, ...]:
    # It is imported where it is needed: most builds find that nothing has changed.
    from generator.commands.check import DRAWS, examine_exam

    try:
        return examine_exam(
            exam_file, roster_file, out, draws or DRAWS, jobs, progress, early=False
        ).errors
    except InputError as error:
        return error.problems
    except GeneratorError:
        return ()


def _news(own: Collection[Complaint], found: Collection[Complaint]) -> Iterator[Complaint]:
    """What a build complains of at places at which check does not."""
    places = {(it.file, it.line, it.where) for it in found}
    said = " ".join(_NUMBER.sub("#", it.message) for it in found)
    for it in own:
        is_said = not it.line and _NUMBER.sub("#", it.message) in said
        if (it.file, it.line, it.where) not in places and not is_said:
            yield it


_NUMBER = re.compile(r"E?\d[\d.,'\N{RIGHT SINGLE QUOTATION MARK}]*")
"""What differs between copies for which the same is said."""
