"""Solvers of one's own are run twice: here, and in another process that hashes otherwise.

A function that goes through a set of texts, or keeps something from one copy for the next, gives
other answers in the next build. So the same public draws are solved in a second process, in the
reverse order and with another seed of Python's hashes, and the answers compared.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path

from generator.bank.exam import Exam
from generator.bank.plugins.solvers import Solver
from generator.bank.problem import Problem
from generator.bank.read.exam_file import load_exam
from generator.draw.draw import draw_problem, resolve
from generator.draw.fairness import PUBLIC_KEY
from generator.errors import Complaint, CopyError, InputError
from generator.exact.dice import Dice
from generator.files.program import FIGURES

DRAWS = 25
"""Draws of each problem that are solved twice."""

TIMEOUT_S = 120
_SEEDS = ("1", "2")

SolverAnswers = dict[str, list[dict[str, str]]]
"""Problem to its draws, each with the answers of its solvers."""


def check_twice(exam: Exam) -> None:
    """Solves some draws here and in another process.

    Raises:
        InputError: A solver gives other answers there, at its place in the bank.
    """
    if not exam.plugins:
        return
    here = _answers(exam, reverse=False)
    there = _answers_elsewhere(exam)
    wrong = [
        _complaint(problem, name)
        for problem in exam.problems
        for name in _differing(here[problem.id], there[problem.id])
    ]
    if wrong:
        raise InputError(wrong)


def _own_solvers(problem: Problem) -> Iterator[Solver]:
    for member in problem.steps.members:
        if isinstance(member, Solver) and member.file:
            yield member


def _answers(exam: Exam, *, reverse: bool) -> SolverAnswers:
    return {problem.id: _problem_answers(problem, reverse) for problem in exam.problems}


def _problem_answers(problem: Problem, reverse: bool) -> list[dict[str, str]]:
    names = [name for own in _own_solvers(problem) for name in own.gives]
    if not names:
        return []
    numbers = list(range(DRAWS))
    found = {}
    for number in reversed(numbers) if reverse else numbers:
        try:
            draw = draw_problem(problem, Dice(PUBLIC_KEY, "twice", str(number), problem.id, 0))
            chosen = resolve(problem, draw.choices)
            values = chosen.steps.evaluate(draw.values)
        except (ValueError, InputError):  # said by the check of many draws
            found[number] = {"": "refused"}
            continue
        found[number] = {name: repr(values[name]) for name in names if name in values}
    return [found[number] for number in numbers]


def _answers_elsewhere(exam: Exam) -> SolverAnswers:
    """The same answers as another process finds them.

    Raises:
        CopyError: The process failed.
    """
    seed = _SEEDS[os.environ.get("PYTHONHASHSEED") == _SEEDS[0]]
    files = {name: b64encode(content).decode() for name, content in exam.contents.items()}
    bank = {"exam": Path(exam.file).name, "files": files}
    command = [sys.executable, "-m", "generator.pipeline.twice"]
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path}
    try:
        done = subprocess.run(
            command,
            input=json.dumps(bank),
            capture_output=True,
            text=True,
            check=True,
            timeout=TIMEOUT_S,
            env=environment,
        )
    except (subprocess.SubprocessError, OSError) as error:
        said = getattr(error, "stderr", "") or ""
        raise CopyError(
            f"solvers could not be tried in a second process: {error}\n{said}"
        ) from None
    answers: SolverAnswers = json.loads(done.stdout)
    return answers


def _differing(here: list[dict[str, str]], there: list[dict[str, str]]) -> list[str]:
    """The answers that are not the same in both runs."""
    pairs = list(zip(here, there, strict=True))
    names = dict.fromkeys(name for own, other in pairs for name in {**own, **other})
    return [name for name in names if any(own.get(name) != it.get(name) for own, it in pairs)]


def _complaint(problem: Problem, name: str) -> Complaint:
    line, column = problem.places.get(name, (0, 0))
    message = (
        f"the solver gives another {name} in another run of Python, for the same values; a set has "
        "no order (go through sorted(...)), and nothing may be kept from one copy for the next"
    )
    return Complaint(problem.file, line, column, f"problem {problem.id}: solver", message)


def main() -> None:
    """What the second process does: a bank from its input, answers to its output."""
    bank = json.load(sys.stdin)
    with tempfile.TemporaryDirectory(prefix="exam-variants-") as folder:
        for name, content in bank["files"].items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b64decode(content))
        exam = load_exam(Path(folder) / bank["exam"], FIGURES)
        json.dump(_answers(exam, reverse=True), sys.stdout)


if __name__ == "__main__":
    main()
