"""A bank of one problem with one question: what a test is about is put into it."""

from __future__ import annotations

from pathlib import Path

import one_problem

from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam
from generator.files.program import FIGURES

EXAM = one_problem.EXAM.replace("one-1", "probe-1").replace("Testing", "Probing")

HEAD = """\
id: "1"
title: Probe
points: 2
fairness: {band: 90 %, branches: any, draws: 100}
"""

DRAW = """\
draw:
  - {names: [a], from: 20, to: 60}
  - {names: [b], from: 2, to: 19}
reference: {a: 25, b: 7}
"""

STEPS = "z: a*b"


def question(ask: str, draw: str = DRAW, steps: str = STEPS, space: str = "45 mm") -> str:
    """A problem of one question; its text is put where the indentation fits."""
    lines = "\n".join(f"      {line}" for line in ask.strip("\n").split("\n"))
    return (
        f'{HEAD}{draw}parts:\n  - id: "1.1"\n    points: 2\n    space: {space}\n'
        f"    ask: |\n{lines}\n    steps:\n      {steps}\n"
        "    rubric:\n      - {points: 2, step: z}\n"
    )


def write_probe(folder: Path, problem: str, exam: str = EXAM) -> Path:
    """Writes the bank; returns the exam file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "problem-1.yaml").write_text(problem, "utf-8")
    (folder / "exam.yaml").write_text(exam, "utf-8")
    return folder / "exam.yaml"


def probe(folder: Path, problem: str, exam: str = EXAM) -> Exam:
    return load_exam(write_probe(folder, problem, exam), FIGURES)
