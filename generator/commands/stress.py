"""Many draws of every problem: what they show, and what does not hold for one of them.

The draws are public ones, and each is as independent of the others as copies are. They meet the
conditions of their problem; the band of :mod:`generator.draw.fairness` is left out, so that what is
measured here does not depend on how narrow it is.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, TypeAlias

from generator.bank.exam import Exam
from generator.bank.part import Part
from generator.bank.problem import Problem
from generator.commands.guess import Guesses
from generator.commands.silent import LOOKED, Silent
from generator.compose.blocks import key_blocks, paper_blocks
from generator.compose.given import split
from generator.draw.draw import Draw, Reason, avoided_mistakes, draw_problem, resolve
from generator.draw.fairness import Loads, counted_steps, is_measured, public_dice, weigh_draw
from generator.errors import Complaint, GeneratorError, InputError, gist
from generator.exact.numbers import NumberError, Value, exact, same, show_values
from generator.expressions import EvaluationError
from generator.solve.printed import Plain, plain, shown_value
from generator.solve.promises import broken_promises
from generator.solve.solve import Solution, solve_problem
from generator.work.pool import meanwhile
from generator.work.progress import Progress

CHUNK = 500
"""Draws of a task of a worker."""

COMPOSED = 25
"""Every so many draws one is composed as paper and key, which takes longer than to solve it."""

REFUSED = (ArithmeticError, LookupError, TypeError, ValueError)
"""What functions in Python raise that refuse a draw: those of solvers and of figures."""

ComplaintPlace: TypeAlias = tuple[str, int, int, str, str]
"""File, line, column and field of a complaint, and what it says whatever is drawn."""

MOST_KINDS = 8
"""So much is said of one place."""


@dataclass
class Broken:
    """A promise that does not hold: how often, and the first draw that shows it."""

    count: int
    draw: int
    complaint: Complaint


@dataclass
class Stress:
    """What many draws of a problem showed; what other draws showed can be added.

    Attributes:
        tried: Draws that were begun.
        draws: Those that met all conditions and could be solved.
        asked: How often each condition was asked, by its line and column.
        met: How often each condition was met.
        attempts: Attempts, those of the draws included.
        answers: Answer (part and name) to what it was.
        variants: Digests of all that was drawn.
        loads: Part and number of an alternative to the loads of its steps.
        slowest: Seconds of the slowest draw, its number, and its values.
        broken: Promises that do not hold, by their place.
        places: Step to the longest decimal expansion that was seen.
        printed: Answer and name to the draws in which the question prints the answer as that name.
        told: Answer to the draws in which the text of the question has it.
        true_distractors: Computed statement and number of a wrong value to the draws in which it is
            the right one.
        silent: What is computed and printed though it may not be meant.
        guesses: What multiple choice gives away.
        work: The loads of those draws that the band of the problem follows from, too.
    """

    tried: int = 0
    draws: int = 0
    attempts: int = 0
    asked: Counter[tuple[int, int]] = field(default_factory=Counter)
    met: Counter[tuple[int, int]] = field(default_factory=Counter)
    answers: dict[str, Counter[str]] = field(default_factory=dict)
    variants: set[bytes] = field(default_factory=set)
    loads: dict[tuple[str, int], Counter[int]] = field(default_factory=dict)
    slowest: tuple[float, int, str] = (0.0, 0, "")
    broken: dict[ComplaintPlace, Broken] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    printed: Counter[tuple[str, str]] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    true_distractors: Counter[tuple[str, int]] = field(default_factory=Counter)
    silent: Silent = field(default_factory=Silent)
    guesses: Guesses = field(default_factory=Guesses)
    work: Loads = field(default_factory=Counter)

    def add(self, other: Stress) -> None:
        """Adds what other draws showed, in whatever order they are done."""
        self.tried += other.tried
        self.draws += other.draws
        self.attempts += other.attempts
        for mine, more in (
            (self.asked, other.asked),
            (self.met, other.met),
            (self.printed, other.printed),
            (self.told, other.told),
            (self.true_distractors, other.true_distractors),
            (self.work, other.work),
        ):
            mine.update(more)  # type: ignore[arg-type]
        self.guesses.add(other.guesses)
        for answer, counts in other.answers.items():
            self.answers.setdefault(answer, Counter()).update(counts)
        for question, loads in other.loads.items():
            self.loads.setdefault(question, Counter()).update(loads)
        self.variants |= other.variants
        self.slowest = max(self.slowest, other.slowest)
        self.silent.add(other.silent)
        for place, broken in other.broken.items():
            self._add_broken(place, broken)
        for step, count in other.places.items():
            self.places[step] = max(count, self.places.get(step, 0))

    def _add_broken(self, place: ComplaintPlace, broken: Broken) -> None:
        if place not in self.broken:
            alike = [it for it in self.broken if it[:-1] == place[:-1]]
            place = place if len(alike) < MOST_KINDS else alike[-1]
        known = self.broken.setdefault(place, broken)
        if known is not broken:
            first = min(known, broken, key=lambda it: it.draw)
            self.broken[place] = replace(first, count=known.count + broken.count)

    def breaks(self, number: int, complaints: Iterable[Complaint]) -> None:
        """Notes what does not hold for a draw."""
        for said in complaints:
            self._add_broken(complaint_place(said), Broken(1, number, said))


def complaint_place(said: Complaint) -> ComplaintPlace:
    """What tells complaints of many draws apart."""
    return said.file, said.line, said.column, said.where, gist(said.message)


Finish: TypeAlias = Callable[[Progress], dict[str, "Stress"]]
"""Waits for the draws of all problems; shows how far they are."""


@contextmanager
def stress_beside(exam: Exam, draws: int, jobs: int) -> Iterator[Finish]:
    """Draws every problem many times, in worker processes beside the body of the statement.

    Args:
        draws: Draws of each problem.
        jobs: Processes at a time; with one, all is done when it is to be finished.

    Yields:
        What waits for the end, and gives problem id to what its draws showed.
    """
    tasks = [
        (index, range(first, min(first + CHUNK, draws)))
        for index, problem in enumerate(exam.problems)
        for first in range(0, draws if _can_vary(problem) else 1, CHUNK)
    ]
    with meanwhile(_stress_chunk, _Stresser(exam), tasks, jobs) as results:

        def finish(progress: Progress) -> dict[str, Stress]:
            found = {problem.id: Stress() for problem in exam.problems}
            with progress.stage("check", len(tasks)) as counter:
                for index, stress in results:
                    found[exam.problems[index].id].add(stress)
                    counter.add()
            return found

        yield finish


def _can_vary(problem: Problem) -> bool:
    return bool(problem.groups) or any(part.varies or part.alternatives for part in problem.parts)


Figures: TypeAlias = set[tuple[str, tuple[Value, ...]]]
"""Slots of figures and the values for which they were computed."""


@dataclass(frozen=True)
class _Stresser:
    """An exam, and the figures that a process has computed for it."""

    exam: Exam
    figures: Figures = field(default_factory=set)


def _stress_chunk(tool: _Stresser, task: tuple[int, range]) -> tuple[int, Stress]:
    index, numbers = task
    return index, stress_problem(tool.exam, tool.exam.problems[index], numbers, tool.figures)


def stress_problem(
    exam: Exam, problem: Problem, numbers: Iterable[int], figures: Figures | None = None
) -> Stress:
    """Draws, solves and looks at a problem under public names.

    Args:
        numbers: The numbers of the draws.
        figures: What was computed before is not computed again; what is, is added.
    """
    stress = Stress()
    watch = _Watch(exam, problem, stress, set() if figures is None else figures)
    counted: tuple[str, ...] | None = None
    for number in numbers:
        stress.tried += 1
        dice = public_dice(problem, number)
        refused: Counter[Reason] = Counter()
        start = time.perf_counter()
        try:
            draw = draw_problem(problem, dice, None, refused)
        except InputError as error:
            stress.breaks(number, (_placed(problem, it) for it in error.problems))
            continue
        _count_conditions(stress, resolve(problem, draw.choices), refused)
        try:
            if counted is None:
                counted = counted_steps(problem) if is_measured(problem) else ()
            if counted and number < problem.fairness.draws:
                stress.work[weigh_draw(problem, draw.values, counted)] += 1
            solution = solve_problem(problem, draw)
        except InputError as error:
            stress.breaks(number, (_placed(problem, it) for it in error.problems))
            continue
        except REFUSED as error:
            stress.breaks(number, [_refused(problem, draw, "solver", error)])
            continue
        took = time.perf_counter() - start
        if took > stress.slowest[0]:
            stress.slowest = took, number, show_values(draw.values)
        stress.draws += 1
        watch.look(number, solution)
    return stress


def _placed(problem: Problem, complaint: Complaint) -> Complaint:
    """A complaint that names its file."""
    return complaint if complaint.file else replace(complaint, file=problem.file)


def _refused(problem: Problem, draw: Draw, what: str, error: Exception) -> Complaint:
    """What to say where a function in Python refuses a draw."""
    message = f"{error or type(error).__name__}; for the draw {show_values(draw.values)}"
    step = error.step if isinstance(error, EvaluationError) else ""
    line, column = problem.places.get(step, (0, 0))
    return Complaint(problem.file, line, column, f"problem {problem.id}: {what}", message)


def _count_conditions(stress: Stress, problem: Problem, refused: Counter[Reason]) -> None:
    """Conditions are asked one after the other, up to the first that is not met."""
    asked = 1 + sum(refused.values())
    stress.attempts += asked
    for require in problem.requires:
        place = (require.line, require.column)
        stress.asked[place] += asked
        asked -= refused[require]
        stress.met[place] += asked
    for mistaken in avoided_mistakes(problem):
        place = (mistaken.mistake.line, mistaken.mistake.column)
        stress.asked[place] += asked
        asked -= refused[mistaken]
        stress.met[place] += asked


class _Watch:
    """Looks at the solutions of one problem."""

    def __init__(self, exam: Exam, problem: Problem, stress: Stress, figures: Figures) -> None:
        self.problem = problem
        self.stress = stress
        self._alone = replace(exam, problems=(problem,))
        self._blocks = (list(paper_blocks(self._alone)), list(key_blocks(self._alone)))
        self._visible: dict[int, dict[str, tuple[str, ...]]] = {}
        self._figures = figures

    def look(self, number: int, solution: Solution) -> None:
        """Counts what a draw shows."""
        problem = resolve(self.problem, solution.draw.choices)
        draw = solution.draw
        shows = repr((sorted(draw.values.items()), sorted(draw.choices.items())))
        self.stress.variants.add(sha256(shows.encode()).digest()[:8])
        self._answers(problem, solution)
        self._expansions(problem, solution)
        self._alternatives(problem, solution)
        self.stress.guesses.look(problem, solution)
        self._figures_of(number, problem, solution)
        broken = list(broken_promises(self.problem, solution))
        if broken:
            said = f"for the draw {show_values(draw.values)}"
            told = (replace(it, message=f"{it.message}; {said}") for it in broken)
            self.stress.breaks(number, told)
        for found in problem.mistaken.values():
            for it in found:
                if it.mistake.may_coincide:
                    place = (it.mistake.line, it.mistake.column)
                    self.stress.asked[place] += 1
                    self.stress.met[place] += not it.coincides(solution.values)
        for part in problem.parts:
            for distractor, equal in part.equal_distractors(solution.values):
                self.stress.true_distractors[distractor] += equal
        if number % LOOKED == 0:
            self.stress.silent.look(problem, solution)
        if number % COMPOSED == 0 and not broken:
            self._compose(number, solution)

    def _answers(self, problem: Problem, solution: Solution) -> None:
        visible = self._visible_names(problem)
        for part in problem.parts:
            for name, answer in solution.answers.get(part.id, {}).items():
                key = f"{part.id} {name}"
                self.stress.answers.setdefault(key, Counter())[flat(answer)] += 1
                if not part.boxed:
                    continue  # a letter or a number that is written in a row
                value = solution.values[name]
                for other in visible[part.id] if type(value) is not tuple else ():
                    if same(solution.values[other], value):
                        self.stress.printed[key, other] += 1
                if isinstance(value, str) and len(value) > 1:
                    self.stress.told[key] += value in self._question(problem, part, solution)

    def _visible_names(self, problem: Problem) -> dict[str, tuple[str, ...]]:
        """Part to the names whose values stand before its answer box."""
        if id(problem) not in self._visible:
            seen = {*problem.intro.names, *(problem.figure.shown if problem.figure else ())}
            found = {}
            for part in problem.parts:
                seen |= {name for text in (part.ask, *part.row_texts) for name in text.names}
                seen.update(part.figure.shown if part.figure is not None else ())
                found[part.id] = tuple(sorted(seen))
            self._visible[id(problem)] = found
        return self._visible[id(problem)]

    @staticmethod
    def _question(problem: Problem, part: Part, solution: Solution) -> str:
        values = solution.values
        return part.ask.render(
            {name: shown_value(problem, name, values[name]) for name in part.ask.names}
        )

    def _expansions(self, problem: Problem, solution: Solution) -> None:
        """Decimal places of all steps, also of those that only the key prints."""
        for name, value in solution.values.items():
            step = problem.rounding.get(name)
            if step is None or step.decimals is not None or step.significant is not None:
                continue
            try:
                plain(problem, name, value)
                form = problem.form(name)
                count = max((form.places(exact(it)) or 0 for it in _numbers(value)), default=0)
            except NumberError:
                continue  # is said of what is promised
            self.stress.places[name] = max(count, self.stress.places.get(name, 0))

    def _alternatives(self, problem: Problem, solution: Solution) -> None:
        """The work of the question that was drawn from a pool."""
        for part in self.problem.parts:
            if not part.alternatives:
                continue
            chosen = int(solution.draw.choices[part.id].options[0])
            counted = set(counted_steps(problem)) & set(part.alternatives[chosen - 1].steps)
            load = problem.steps.load(solution.draw.values, sorted(counted)).total
            self.stress.loads.setdefault((part.id, chosen), Counter())[load] += 1

    def _figures_of(self, number: int, problem: Problem, solution: Solution) -> None:
        for figure in problem.figures():
            values = tuple(solution.values[name] for name in figure.values)
            if figure.compute is None or (figure.slot, values) in self._figures:
                continue
            self._figures.add((figure.slot, values))
            try:
                figure.compute(dict(zip(figure.values, values, strict=True)))
            except REFUSED as error:
                what = f"figure {figure.name}"
                self.stress.breaks(number, [_refused(problem, solution.draw, what, error)])

    def _compose(self, number: int, solution: Solution) -> None:
        """Makes all texts of a paper and its key, as for a copy."""
        try:
            given, answers = split(self._alone, "E0000", {self.problem.id: solution})
            papers, keys = self._blocks
            for block in papers:
                block.render(given)
            for key in keys:
                key.render(answers)
        except InputError as error:  # which names its place and the draw
            self.stress.breaks(number, error.problems)
        except (GeneratorError, *REFUSED) as error:
            self.stress.breaks(number, [_refused(self.problem, solution.draw, "texts", error)])


def flat(value: Plain) -> str:
    """An answer in one line."""
    return value if isinstance(value, str) else "[" + ", ".join(map(flat, value)) + "]"


def _numbers(value: Value) -> Iterator[Any]:
    """The numbers in a value."""
    if isinstance(value, tuple):
        for member in value:
            yield from _numbers(member)
    elif not isinstance(value, (str, bool)):
        yield value
