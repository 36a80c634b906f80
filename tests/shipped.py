"""The shipped exam, drawn and solved with a fixed secret: what is found once is found always."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.bank.exam import Exam
from generator.bank.problem import Problem
from generator.bank.read.exam_file import load_exam
from generator.bank.template import Shown
from generator.draw.draw import Draw, draw_problem, first_violated, reference_draw
from generator.exact.dice import Dice
from generator.exact.numbers import Value
from generator.exact.secret import Secret
from generator.solve.printed import shown
from generator.solve.solve import Solution, solve_problem

ROOT = Path(__file__).resolve().parent.parent
SECRET = Secret(bytes(range(32)))

Solutions = Mapping[str, Solution]


@dataclass(frozen=True)
class Batch:
    """Copies by their codes, each with its problems' solutions."""

    exam: Exam
    copies: Mapping[str, Solutions]

    def of(self, problem: str) -> Iterator[Solution]:
        """All solutions of one problem."""
        return (solutions[problem] for solutions in self.copies.values())


def shipped_exam() -> Exam:
    return load_exam(ROOT / "bank" / "exam.yaml", ROOT / "latex" / "figures")


def dice(exam: Exam, code: str, problem: str, epoch: int = 0, secret: Secret = SECRET) -> Dice:
    return Dice(secret.draw_key, exam.id, code, problem, epoch)


def make_batch(exam: Exam, count: int) -> Batch:
    """Draws and solves copies E0000, E0001 and so on."""
    return Batch(
        exam,
        {
            code: {
                problem.id: solve_problem(
                    problem, draw_problem(problem, dice(exam, code, problem.id))
                )
                for problem in exam.problems
            }
            for code in (f"E{number:04d}" for number in range(count))
        },
    )


def find(exam: Exam, number: str) -> Problem:
    """A problem of an exam by its id."""
    (problem,) = [problem for problem in exam.problems if problem.id == number]
    return problem


def reference_solutions(exam: Exam) -> dict[str, Solution]:
    return {
        problem.id: solve_problem(problem, reference_draw(problem)) for problem in exam.problems
    }


def solve_with(problem: Problem, **changes: Value) -> Solution:
    """The solution of the reference with some values changed; they must be admissible."""
    draw = reference_draw(problem)
    values = {**draw.values, **changes}
    assert values.keys() == draw.values.keys(), values.keys() - draw.values.keys()
    for name, value in values.items():
        assert value in problem.variables[name].members, (name, value)
    assert first_violated(problem, values) is None
    return solve_problem(problem, Draw(problem.id, 0, 0, values, draw.choices))


def question(exam: Exam, part: str, solution: Solution) -> str:
    """A question as the paper prints it, in TeX."""
    problem = find(exam, part.partition(".")[0])
    (found,) = [it for it in problem.parts if it.id == part]
    values: Mapping[str, Shown] = shown(problem, solution.values)
    return found.ask.render(values)
