"""`make check`: everything that can be found wrong with a bank before anybody prints it.

Errors of all files first, LaTeX included. Then every problem is drawn many times: how often each
condition refuses, how answers are spread, and what does not hold for some draw, with that draw.
"""

from __future__ import annotations

import io
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from rich.console import Console
from rich.table import Table

from generator.bank.load import load_exam
from generator.bank.problem import FALLBACK_PREFIX, Exam, Group, Problem
from generator.draw import Dice, Refusal, draw_problem, show_values
from generator.errors import GeneratorError
from generator.fairness import PUBLIC_KEY
from generator.numbers import exact, places
from generator.pool import processes, results
from generator.press import FIGURES, prepare_press
from generator.progress import Progress
from generator.release import Place
from generator.roster import read_roster
from generator.shown import Plain
from generator.solve import Solution, solve_problem
from generator.typeset import PDFTEX

DRAWS = 10_000
CHUNK = 500
FEW_VARIANTS = 30
LONG_EXPANSION = 4
NEARLY_ALL = Fraction(95, 100)
MAX_BROKEN = 5
MAX_DISTINCT = 20_000


@dataclass
class Spread:
    """How the values of an answer are spread."""

    counts: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def shown(self) -> tuple[str, str, str]:
        """The smallest, the median and the largest value; of texts the most common ones."""
        try:
            numbers = sorted((Fraction(text), text) for text in self.counts)
        except ValueError:
            common = [text for text, _ in self.counts.most_common(3)]
            return (_cut(common[0]), "", _cut(common[-1])) if common else ("", "", "")
        half, median = self.total / 2, numbers[0][1]
        for _, text in numbers:
            half -= self.counts[text]
            median = text
            if half <= 0:
                break
        return numbers[0][1], median, numbers[-1][1]


@dataclass
class Stress:
    """What many draws of a problem showed.

    Attributes:
        draws: Admissible draws.
        refused: What attempts did not meet, and how often.
        answers: Answer (part and name) to its spread.
        variants: Digests of values with answers.
        slowest: Seconds of the slowest draw, and its values.
        broken: What does not hold, with the draw that shows it.
        places: Longest decimal expansion of each step.
        same_fallback: Draws in which a fallback value is the true one.
    """

    draws: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    answers: dict[str, Spread] = field(default_factory=dict)
    variants: set[int] = field(default_factory=set)
    slowest: tuple[float, str] = (0.0, "")
    broken: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    same_fallback: Counter[str] = field(default_factory=Counter)

    def add(self, other: Stress) -> None:
        """Adds what other draws showed."""
        self.draws += other.draws
        self.refused += other.refused
        for name, spread in other.answers.items():
            self.answers.setdefault(name, Spread()).counts += spread.counts
        if len(self.variants) < MAX_DISTINCT:
            self.variants |= other.variants
        self.slowest = max(self.slowest, other.slowest)
        self.broken += other.broken
        for name, count in other.places.items():
            self.places[name] = max(count, self.places.get(name, 0))
        self.same_fallback += other.same_fallback


def check(exam_file: Path, roster_file: Path, out: Path, draws: int, jobs: int) -> tuple[str, bool]:
    """Checks bank and roster.

    Returns:
        The tables as text, and whether all promises hold.

    Raises:
        InputError: The bank or the roster is wrong, LaTeX included.
    """
    progress = Progress()
    exam = load_exam(exam_file, FIGURES)
    notes = list(read_roster(roster_file).notes) if roster_file.exists() else []
    if shutil.which(PDFTEX) is None:
        notes.append("LaTeX is not installed: texts were not compiled")
    else:
        prepare_press(exam, Place(out, exam.id).cache, jobs)
    found = stress_exam(exam, draws, jobs, progress)
    warnings = [*notes, *(text for problem in exam.problems for text in lint(problem, found))]
    return render(exam, found, warnings), not any(stress.broken for stress in found.values())


# Stress -------------------------------------------------------------------------------------------


class _Inherited:
    """What worker processes find in memory."""

    exam: Exam


def stress_exam(exam: Exam, draws: int, jobs: int, progress: Progress) -> dict[str, Stress]:
    """Draws every problem many times, in worker processes."""
    _Inherited.exam = exam
    tasks = [
        (index, range(first, min(first + CHUNK, draws)))
        for index, problem in enumerate(exam.problems)
        for first in range(0, draws, CHUNK)
    ]
    found = {problem.id: Stress() for problem in exam.problems}
    with progress.stage("check", len(tasks)) as counter, processes(jobs) as executor:
        for index, stress in results(executor, _stress_chunk, tasks, jobs):
            found[exam.problems[index].id].add(stress)
            counter.add()
    return found


def _stress_chunk(task: tuple[int, range]) -> tuple[int, Stress]:
    index, numbers = task
    return index, stress_problem(_Inherited.exam.problems[index], numbers)


def stress_problem(problem: Problem, numbers: Iterable[int]) -> Stress:
    """Draws and solves a problem under public names."""
    stress = Stress()
    refused: Counter[Refusal] = Counter()
    for number in numbers:
        dice = Dice(PUBLIC_KEY, "check", str(number), problem.id, 0)
        start = time.perf_counter()
        try:
            draw = draw_problem(problem, dice, None, refused)
            solution = solve_problem(problem, draw)
        except GeneratorError as error:
            if len(stress.broken) < MAX_BROKEN:
                stress.broken.append(str(error))
            continue
        took = time.perf_counter() - start
        stress.slowest = max(stress.slowest, (took, show_values(draw.values)))
        _count(stress, problem, solution)
    for refusal, count in refused.items():
        name = refusal if isinstance(refusal, str) else refusal.expression.source
        stress.refused[name] += count
    return stress


def _count(stress: Stress, problem: Problem, solution: Solution) -> None:
    stress.draws += 1
    for part, answers in solution.answers.items():
        for name, value in answers.items():
            stress.answers.setdefault(f"{part} {name}", Spread()).counts[_flat(value)] += 1
    shows = (sorted(solution.draw.values.items()), solution.draw.choices)
    stress.variants.add(hash(repr(shows)))
    for name in problem.rounding:
        result = solution.values.get(name)
        if isinstance(result, Fraction) and (count := places(exact(result))) is not None:
            stress.places[name] = max(count, stress.places.get(name, 0))
    for name, printed in solution.draw.values.items():
        if name.startswith(FALLBACK_PREFIX):
            true = name.removeprefix(FALLBACK_PREFIX)
            stress.same_fallback[true] += solution.values[true] == printed


def _flat(value: Plain) -> str:
    return value if isinstance(value, str) else "[" + ", ".join(map(_flat, value)) + "]"


# Lint ---------------------------------------------------------------------------------------------


def lint(problem: Problem, found: Mapping[str, Stress]) -> Iterator[str]:
    """What is allowed, but seldom meant."""
    stress = found[problem.id]
    where = f"{problem.file}: problem {problem.id}"
    for name in _unseen(problem):
        yield f"{where}: {name} is drawn, but no question and no figure shows it"
    for answer, spread in sorted(stress.answers.items()):
        text, count = spread.counts.most_common(1)[0]
        if _depends(problem, answer) and count >= NEARLY_ALL * spread.total:
            share = f"{count / spread.total:.0%}"
            yield f"{where}: {answer} is {_cut(text)} in {share} of the draws"
    for name, count in sorted(stress.same_fallback.items()):
        if count:
            yield f"{where}: the fallback value of {name} is the true one in {count} draws"
    for name, count in sorted(stress.places.items()):
        if count > LONG_EXPANSION:
            yield f"{where}: {name} has up to {count} decimal places; state decimals, or draw less"
    if problem.groups and len(stress.variants) < FEW_VARIANTS:
        yield f"{where}: only {len(stress.variants)} distinct draws"


def _unseen(problem: Problem) -> list[str]:
    shown = set(problem.intro.names)
    for part in problem.questions():
        shown |= part.ask.names
        for pool in (getattr(part, "statements", {}), getattr(part, "computed", {})):
            shown |= {name for statement in pool.values() for name in statement.say.names}
    shown |= {name for figure in problem.figures() for name in figure.values}
    groups: Mapping[str, Group] = problem.variables
    return [name for name in groups if name not in shown]


def _depends(problem: Problem, answer: str) -> bool:
    """Whether an answer depends on what is drawn; one that is drawn from one value does not."""
    name = answer.split(" ", 1)[1]
    if name not in problem.steps:
        return False
    return bool(problem.steps.requirements(name) & problem.variables.keys())


# What is said -------------------------------------------------------------------------------------


def render(exam: Exam, found: Mapping[str, Stress], warnings: Sequence[str]) -> str:
    """The tables as text, as wide as the terminal."""
    buffer = io.StringIO()
    width = max(100, shutil.get_terminal_size((120, 40)).columns)
    console = Console(file=buffer, width=width, highlight=False, markup=False, emoji=False)
    console.print(_problems_table(exam, found))
    console.print(_conditions_table(exam, found))
    console.print(_answers_table(found))
    for warning in warnings:
        console.print(f"warning: {warning}", soft_wrap=True)
    for name, stress in found.items():
        for text in stress.broken:
            console.print(f"error: problem {name}: {text}", soft_wrap=True)
    broken = sum(bool(stress.broken) for stress in found.values())
    console.print(f"{len(exam.problems)} problems, {broken} broken, {len(warnings)} warnings")
    return buffer.getvalue()


def _problems_table(exam: Exam, found: Mapping[str, Stress]) -> Table:
    table = Table("problem", "title", title="Problems")
    for name in ("draws", "accepted", "distinct", "slowest ms"):
        table.add_column(name, justify="right")
    for problem in exam.problems:
        stress = found[problem.id]
        attempts = stress.draws + sum(stress.refused.values())
        accepted = f"{stress.draws / attempts:.1%}" if attempts else "none"
        more = "+" if len(stress.variants) >= MAX_DISTINCT else ""
        table.add_row(
            problem.id,
            problem.title,
            f"{stress.draws:,}",
            accepted,
            f"{len(stress.variants):,}{more}",
            f"{stress.slowest[0] * 1000:.1f}",
        )
    return table


def _conditions_table(exam: Exam, found: Mapping[str, Stress]) -> Table:
    table = Table("problem", "condition", title="Conditions, in the order in which they are asked")
    table.add_column("refuses", justify="right")
    table.add_column("of those asked", justify="right")
    for problem in exam.problems:
        stress = found[problem.id]
        asked = stress.draws + sum(stress.refused.values())
        for require in problem.requires:
            refused = stress.refused[require.expression.source]
            share = f"{refused / asked:.1%}" if asked else ""
            table.add_row(problem.id, _cut(require.expression.source, 70), f"{refused:,}", share)
            asked -= refused
    return table


def _answers_table(found: Mapping[str, Stress]) -> Table:
    table = Table("answer", title="Answers")
    for name in ("distinct", "smallest", "median", "largest"):
        table.add_column(name, justify="right")
    for stress in found.values():
        for name, spread in stress.answers.items():
            smallest, median, largest = spread.shown()
            table.add_row(name, f"{len(spread.counts):,}", smallest, median, largest)
    return table


def _cut(text: str, most: int = 24) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
