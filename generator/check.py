"""`make check`: everything that can be found wrong with a bank before anybody prints it.

1. Errors of all files at once: bank, roster, LaTeX.
2. Many draws of every problem: how often conditions are met, how answers are spread, and what does
   not hold for some draw, with that draw.
3. Warnings: what is allowed, but seldom meant.

It is said as tables on the terminal, and with plots on a page of its own.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from generator import page
from generator.bank.load import load_exam
from generator.bank.problem import AlternativesPart, Exam, OpenPart, PoolPart, Problem
from generator.errors import CopyError, InputError
from generator.errors import Problem as Complaint
from generator.fairness import Measured, judge, measure_exam, show_branches
from generator.numbers import parse_number
from generator.press import FIGURES, prepare_press
from generator.progress import Progress
from generator.release import Place
from generator.roster import read_roster
from generator.stress import Stress, stress_exam
from generator.typeset import PDFTEX

DRAWS = 10_000
PAGE = "check.html"

FEW_VARIANTS = 30
"""With fewer distinct draws, neighbors in a room are likely to have the same problem."""

LONG_EXPANSION = 4
"""Decimal places beyond which a result is laborious to compute and to mark by hand."""

NEARLY_ALL = Fraction(95, 100)


@dataclass(frozen=True)
class Checked:
    """What was found.

    Attributes:
        exam: The exam.
        stress: Problem id to what its draws showed.
        measured: Problem id to its loads and band, as far as it has one.
        errors: What has to be mended.
        warnings: What is allowed, but seldom meant.
        notes: What was not checked, or left aside.
    """

    exam: Exam
    stress: Mapping[str, Stress]
    measured: Mapping[str, Measured]
    errors: tuple[Complaint, ...]
    warnings: tuple[Complaint, ...]
    notes: tuple[str, ...]


def check_exam(
    exam_file: Path, roster_file: Path, out: Path, draws: int = DRAWS, jobs: int = 1
) -> Checked:
    """Checks bank and roster, and leaves a page with plots in the work folder.

    Raises:
        InputError: The bank cannot be read; all that is wrong with it and with the roster.
    """
    progress = Progress()
    exam, errors, notes = _read(exam_file, roster_file)
    place = Place(out, exam.id)
    if shutil.which(PDFTEX) is None:
        notes.append("TeX is not installed: texts and figures were not compiled")
    else:
        errors += _compile(exam, place.cache, jobs)
    stress = stress_exam(exam, draws, jobs, progress)
    measured = _measure(exam, stress, place.cache, jobs, progress, errors)
    errors += (it for own in stress.values() for it in _broken(own))
    warnings = [
        warning
        for problem in exam.problems
        for warning in lint(problem, stress[problem.id], measured.get(problem.id))
    ]
    checked = Checked(
        exam, stress, measured, tuple(sorted(set(errors))), tuple(sorted(warnings)), tuple(notes)
    )
    place.work.mkdir(parents=True, exist_ok=True)
    (place.work / PAGE).write_text(make_page(checked), encoding="utf-8")
    return checked


def _read(exam_file: Path, roster_file: Path) -> tuple[Exam, list[Complaint], list[str]]:
    """The exam, and what is wrong with the roster and what is to be noted about it."""
    errors: list[Complaint] = []
    notes: list[str] = []
    try:
        notes += read_roster(roster_file).notes
    except InputError as error:
        errors += error.problems
    try:
        return load_exam(exam_file, FIGURES), errors, notes
    except InputError as error:
        raise InputError([*errors, *error.problems], advice=error.advice) from None


def _compile(exam: Exam, cache: Path, jobs: int) -> list[Complaint]:
    """What TeX says of the texts and figures."""
    try:
        prepare_press(exam, cache, jobs)
    except InputError as error:
        return list(error.problems)
    except CopyError as error:
        return [Complaint("", 0, 0, "LaTeX", message) for message in error.messages]
    return []


def _measure(
    exam: Exam,
    stress: Mapping[str, Stress],
    cache: Path,
    jobs: int,
    progress: Progress,
    errors: list[Complaint],
) -> dict[str, Measured]:
    """The bands of the problems that can be drawn."""
    sound = [problem for problem in exam.problems if not stress[problem.id].broken]
    measured: dict[str, Measured] = {}
    for problem in sound:
        try:
            own = Exam(**{**vars(exam), "problems": (problem,)})
            measured |= measure_exam(own, cache, jobs, progress)
        except InputError as error:
            errors += error.problems
    return measured


def _broken(stress: Stress) -> Iterator[Complaint]:
    for broken in stress.broken.values():
        it = broken.complaint
        tried = stress.draws + max(other.count for other in stress.broken.values())
        message = f"{it.message} (draw {broken.draw}; {broken.count} of {tried})"
        yield Complaint(it.file, it.line, it.column, it.where, message)
