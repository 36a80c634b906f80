"""An exam of one problem, for tests of what a single field does."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import run_command

from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam
from generator.errors import InputError

EXAM = """\
id: one-1
university: University of Lindenau
chair: Chair of Tests
course: Testing
module: T1
title: Midterm
examiner: Prof. Dr. Ada Musterfrau
date: 2030-02-10
start: "10:00"
end: "10:30"
credits: 2
pages: 4
additional_pages: 1
spare_copies: {per_room: 0}
problems: [problem-1.yaml]
"""

HEAD = """\
id: "1"
title: One
points: 2
fairness: {branches: any, draws: 100}
"""


def one_part(draw: str, reference: str, ask: str, steps: str, more: str = "") -> str:
    """A problem of one part; draw, reference and steps are YAML on one line."""
    last = steps.strip("{} ").split(":")[0].strip()
    return (
        f"{HEAD}draw: {draw}\nreference: {reference}\n{more}"
        f'parts:\n  - id: "1.1"\n    points: 2\n    space: 45 mm\n'
        f"    ask: |\n      {ask}\n    steps: {steps}\n"
        f"    rubric:\n      - {{points: 2, step: {last}}}\n"
    )


def write_one(folder: Path, problem: str, more: str = "") -> Path:
    """Writes the exam with a problem and more lines of its own; returns the exam file."""
    (folder / "problem-1.yaml").write_text(problem, "utf-8")
    file = folder / "exam.yaml"
    file.write_text(EXAM + more, "utf-8")
    return file


def make_reference(file: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """Makes the reference copy of an exam by the program, without the check before it."""
    return run_command("reference", "--quick", "--exam", file, "--out", out)


def load_one(folder: Path, problem: str, more: str = "") -> Exam:
    """The exam with this problem."""
    return load_exam(write_one(folder, problem, more), folder)


def is_refused(load: Callable[[], object], line: int, where: str, message: str) -> None:
    """Sees that a bank is refused with a message at a line and a field."""
    with pytest.raises(InputError) as caught:
        load()
    found = [it for it in caught.value.problems if it.line == line and it.where.endswith(where)]
    assert any(message in it.message for it in found), caught.value.problems
