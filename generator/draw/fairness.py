"""Fairness: all copies of a problem take about the same work.

The work is the arithmetic load of all steps of a problem that compute something
(:class:`~generator.expressions.Load`); a step that gives a text only looks something up. The load
of a copy is in a band around the median load of many admissible draws of the same problem, and its
branch pattern (which units are clipped, which way conditions go) is one of those that the problem
file lists. A draw outside is drawn again: this copy and this problem alone.

Where the file says nothing, no more than half of the draws are left out, and no more than three
quarters of those with any one value, so that nothing that the author meant to vary becomes the same
in all copies: patterns are compared by what a solver by hand notices, the units that relu and step
clip, but not by which of many numbers is the largest; and the band of 5 % becomes as wide as it has
to be.

The draws that have the median are made with a fixed public key. So the band is a pure function of
the problem: it is the same for every batch, and known to whoever has the bank.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

from generator.bank.exam import Exam
from generator.bank.problem import Problem
from generator.draw.draw import Band, draw_problem, without_value
from generator.errors import Complaint, GeneratorError, InputError
from generator.exact.dice import Dice
from generator.exact.numbers import Value
from generator.expressions import EvaluationError, Step
from generator.files.program import digest_of
from generator.files.whole import write_whole
from generator.work.pool import spread
from generator.work.progress import SILENT, Progress

PUBLIC_KEY = hashlib.sha256(b"exam variants: draws whose loads have the median").digest()
"""Not a secret: nothing of a batch is drawn with it."""

CHUNK = 500

SOURCES = ("bank", "draw", "expressions", "exact", "language")
"""What of the program a draw and its load depend on."""

Loads: TypeAlias = Counter[tuple[tuple[str, ...], int]]
"""How many draws have a branch pattern and a load."""


@dataclass(frozen=True)
class Measured:
    """The loads of many admissible draws of a problem, and the band that follows.

    Attributes:
        loads: How often each branch pattern and load was seen.
        median: The median load of those whose branch pattern is allowed.
        band: What draws for copies must meet.
    """

    loads: Loads
    median: int
    band: Band

    def spread(self) -> Counter[int]:
        """How often each load was seen among draws whose branch pattern is allowed."""
        found: Counter[int] = Counter()
        for (branches, load), count in self.loads.items():
            if self.band.branches is None or branches in self.band.branches:
                found[load] += count
        return found

    def patterns(self) -> list[tuple[tuple[str, ...], int]]:
        """The branch patterns that were seen and how often, the most common one first."""
        found: Counter[tuple[str, ...]] = Counter()
        for (branches, _), count in self.loads.items():
            found[branches] += count
        return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def counted_steps(problem: Problem) -> tuple[str, ...]:
    """The steps whose load counts: those that compute, in every copy; a text is looked up."""
    values = problem.steps.evaluate(problem.reference)
    only_some = {
        name
        for part in problem.alternatives_parts
        for question in part.alternatives
        for name in question.steps
    }
    return tuple(
        name
        for name in problem.steps.order
        if isinstance(problem.steps[name], Step)
        and not _is_text(values[name])
        and name not in only_some
    )


def _is_text(value: Value) -> bool:
    if isinstance(value, tuple):
        return any(map(_is_text, value))
    return isinstance(value, str)


def weigh_draw(
    problem: Problem, values: Mapping[str, Value], steps: Iterable[str]
) -> tuple[tuple[str, ...], int]:
    """The branch pattern and the load of a draw.

    Raises:
        InputError: A step has no value for this draw.
    """
    try:
        return problem.steps.weigh(values, steps)
    except EvaluationError as error:
        raise InputError([without_value(problem, values, error)]) from None


def is_measured(problem: Problem) -> bool:
    """Whether a problem has a band: it draws something, and something is computed from it."""
    return bool(problem.groups) and bool(counted_steps(problem))


def public_dice(problem: Problem, number: int) -> Dice:
    """The dice of one of the public draws; each is as independent of others as copies are."""
    return Dice(PUBLIC_KEY, "fairness", str(number), problem.id, 0)


def measure(problem: Problem, numbers: Iterable[int]) -> Loads:
    """The loads of some of the public draws.

    Args:
        numbers: Which of them; each is as independent of the others as copies are.

    Raises:
        InputError: A problem cannot be drawn, or a step has no value for a draw.
    """
    steps = counted_steps(problem)
    loads: Loads = Counter()
    for number in numbers:
        draw = draw_problem(problem, public_dice(problem, number))
        loads[weigh_draw(problem, draw.values, steps)] += 1
    return loads


Groups = Mapping[tuple[str, int], Loads]
"""Drawn name and number of a piece of its list to the loads of the draws that have it there."""

PIECES = 12
"""Pieces of the list of a name; a shorter one has a piece for each member."""

FREE_DRAWS = 600
"""Draws by which the default band is widened, so that no piece of a list is left out."""

LEAST_SHARE = 4
"""One draw in so many of each piece is handed out at least."""


def loads_by_piece(problem: Problem) -> Groups:
    """The loads of some public draws, by what was drawn: where in its list each name's value is.

    Raises:
        InputError: A problem cannot be drawn, or a step has no value for a draw.
    """
    names = {
        name: {
            member: index * min(PIECES, len(group.members)) // len(group.members)
            for index, member in enumerate(group.members)
        }
        for name, group in problem.variables.items()
        if not group.shape and not group.fallback and len(group.members) > 1
    }
    found: dict[tuple[str, int], Loads] = {}
    steps = counted_steps(problem)
    for number in range(FREE_DRAWS):
        dice = Dice(PUBLIC_KEY, "pieces", str(number), problem.id, 0)
        values = draw_problem(problem, dice).values
        seen = weigh_draw(problem, values, steps)
        for name, pieces in names.items():
            if name in values:
                own = found.setdefault((name, pieces[values[name]]), Counter())
                own[seen] += 1
    return found


def is_free(problem: Problem) -> bool:
    """Whether some of the band is left to the program."""
    return not problem.fairness.stated or problem.fairness.branches is None


def _leave_out(patterns: Iterable[tuple[str, ...]], pieces: Groups) -> bool:
    """Whether a piece of a list would hardly ever be handed out with these patterns alone."""
    usual = set(patterns)
    return any(
        LEAST_SHARE * sum(it for (pattern, _), it in loads.items() if pattern in usual)
        < loads.total()
        for loads in pieces.values()
    )


def _distance_of_pieces(
    pieces: Groups, allowed: Collection[tuple[str, ...]] | None, median: int
) -> int:
    """How far from the median the loads of so many draws of each piece are."""
    farthest = 0
    for loads in pieces.values():
        distances: Counter[int] = Counter()
        for (pattern, load), count in loads.items():
            if allowed is None or pattern in allowed:
                distances[abs(load - median)] += count
        farthest = max(farthest, _quantile(distances, LEAST_SHARE) if distances else 0)
    return farthest


def judge(problem: Problem, loads: Loads, pieces: Groups | None = None) -> Measured:
    """The band that follows from the loads of draws.

    Args:
        pieces: The loads of some draws by what was drawn; without it they are not looked at.

    Raises:
        InputError: None of the listed branch patterns was seen.
    """
    wanted = problem.fairness.branches
    patterns = Measured(loads, 0, Band(Fraction(0), Fraction(0), None, ())).patterns()
    allowed = _usual_patterns(patterns) if wanted is None else frozenset(wanted) or None
    pieces = pieces or {}
    if wanted is None and allowed is not None and _leave_out(allowed, pieces):
        allowed = None
    seen = Counter[int]()
    for (branches, load), count in loads.items():
        if allowed is None or branches in allowed:
            seen[load] += count
    if not seen:
        raise InputError([_never_seen(problem, patterns)])
    median = _median(seen)
    width = problem.fairness.band * median
    if not problem.fairness.stated:
        width = max(width, Fraction(_usual_distance(seen, median)))
        width = max(width, Fraction(_distance_of_pieces(pieces, allowed, median)))
    band = Band(median - width, median + width, allowed, counted_steps(problem))
    return Measured(loads, median, band)


NOTICED = ("relu:", "step:")
"""Branches that change what has to be computed; a condition or a maximum is only looked at."""


def noticed(branches: tuple[str, ...]) -> tuple[str, ...]:
    """The branches of a pattern that a solver by hand notices."""
    return tuple(branch for branch in branches if branch.startswith(NOTICED))


def _usual_patterns(
    patterns: Sequence[tuple[tuple[str, ...], int]],
) -> frozenset[tuple[str, ...]] | None:
    """The patterns that look alike to a solver and that half of the draws have; None for all."""
    counts: Counter[tuple[str, ...]] = Counter()
    for pattern, count in patterns:
        counts[noticed(pattern)] += count
    most, share = min(counts.items(), key=lambda item: (-item[1], item[0]))
    if len(patterns) > 1 and (len(counts) == 1 or 2 * share < counts.total()):
        return None
    return frozenset(pattern for pattern, _ in patterns if noticed(pattern) == most)


def _usual_distance(seen: Mapping[int, int], median: int) -> int:
    """How far from the median load the loads of half of the draws are at most."""
    distances: Counter[int] = Counter()
    for load, count in seen.items():
        distances[abs(load - median)] += count
    return _median(distances)


def _never_seen(problem: Problem, patterns: list[tuple[tuple[str, ...], int]]) -> Complaint:
    total = sum(count for _, count in patterns)
    listed = shortest_first(patterns, 10)
    shown = "; ".join(f"{_cut(show_branches(it))} ({count})" for it, count in listed)
    message = f"none of {total} draws has a listed branch pattern; they have: {shown}"
    return Complaint(problem.file, 0, 0, f"problem {problem.id}: fairness.branches", message)


def show_branches(branches: tuple[str, ...]) -> str:
    """A branch pattern as problem files have it."""
    return " ".join(branches) or "none"


def shortest_first(
    patterns: Iterable[tuple[tuple[str, ...], int]], most: int
) -> list[tuple[tuple[str, ...], int]]:
    """The most common patterns of a list, the shorter ones first."""
    common = sorted(patterns, key=lambda item: (-item[1], item[0]))[:most]
    return sorted(common, key=lambda item: (len(item[0]), -item[1], item[0]))


def _cut(text: str) -> str:
    """A pattern in a message; long ones are no help."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]} …"


LONGEST_SHOWN = 120
"""Characters of a branch pattern in a message."""


def _median(seen: Mapping[int, int]) -> int:
    """The lower median, which is a load that was seen."""
    return _quantile(seen, 2)


def _quantile(seen: Mapping[int, int], part: int) -> int:
    """The smallest number that so large a part of what was seen does not exceed."""
    left = (sum(seen.values()) + part - 1) // part
    for load in sorted(seen):
        left -= seen[load]
        if left <= 0:
            return load
    raise ValueError("nothing has no median")


# All problems, in worker processes, and kept ------------------------------------------------------


NOTHING_BEGUN: Mapping[str, Loads] = {}


def measure_exam(
    exam: Exam,
    cache_folder: Path | None,
    jobs: int,
    progress: Progress = SILENT,
    begun: Mapping[str, Loads] = NOTHING_BEGUN,
) -> dict[str, Measured]:
    """Measures all problems in which something is computed.

    Args:
        cache_folder: Where the loads are kept; None to measure afresh.
        jobs: Processes at a time.
        progress: Shows how far it is.
        begun: Problem id to the loads of its first draws, where they are known.

    Returns:
        Problem id to its loads and band; problems without a band are left out.

    Raises:
        InputError: Problems cannot be drawn, or a step has no value for a draw; all at once.
    """
    problems = [problem for problem in exam.problems if is_measured(problem)]
    kept = {problem.id: _kept(problem, cache_folder) for problem in problems}
    missing = [problem for problem in problems if kept[problem.id] is None]
    for problem, found in _measure_all(missing, begun, jobs, progress):
        kept[problem.id] = found, None
        _keep(problem, cache_folder, found, None)
    free = [it for it in problems if is_free(it) and (kept[it.id] or ((), None))[1] is None]
    for index, own in spread(_pieces_of, free, range(len(free)), max(1, min(jobs, len(free)))):
        if isinstance(own, GeneratorError):
            raise own
        loads, _ = kept[free[index].id] or (Counter(), None)
        kept[free[index].id] = loads, own
        _keep(free[index], cache_folder, loads, own)
    measured = {}
    complaints: list[Complaint] = []
    for problem in problems:
        loads, pieces = kept[problem.id] or (Counter(), None)
        try:
            measured[problem.id] = judge(problem, loads, pieces)
        except InputError as error:
            complaints += error.problems
    if complaints:
        raise InputError(complaints)
    return measured


def _pieces_of(problems: Sequence[Problem], index: int) -> tuple[int, Groups | GeneratorError]:
    try:
        return index, loads_by_piece(problems[index])
    except GeneratorError as error:
        return index, error


def _measure_chunk(
    problems: Sequence[Problem], task: tuple[int, range]
) -> tuple[int, Loads | GeneratorError]:
    index, numbers = task
    try:
        return index, measure(problems[index], numbers)
    except GeneratorError as error:
        return index, error


def _measure_all(
    problems: list[Problem], begun: Mapping[str, Loads], jobs: int, progress: Progress
) -> Iterator[tuple[Problem, Loads]]:
    if not problems:
        return
    sums: list[Loads] = [Counter(begun.get(problem.id, ())) for problem in problems]
    tasks = [
        (index, range(first, min(first + CHUNK, problem.fairness.draws)))
        for index, problem in enumerate(problems)
        for first in range(sums[index].total(), problem.fairness.draws, CHUNK)
    ]
    wrong: list[Complaint] = []
    with progress.stage("loads", len(tasks)) as counter:
        for index, found in spread(_measure_chunk, problems, tasks, max(1, min(jobs, len(tasks)))):
            counter.add()
            if isinstance(found, InputError):
                wrong += found.problems
            elif isinstance(found, GeneratorError):
                raise found
            else:
                sums[index] += found
    if wrong:
        raise InputError(_first_of_each(wrong))
    yield from zip(problems, sums, strict=True)


def _first_of_each(wrong: list[Complaint]) -> list[Complaint]:
    """One complaint for each place: the same mistake shows in many draws."""
    first: dict[tuple[str, int, int, str], Complaint] = {}
    for complaint in sorted(wrong):
        place = (complaint.file, complaint.line, complaint.column, complaint.where)
        first.setdefault(place, complaint)
    return list(first.values())


def problem_digest(problem: Problem) -> str:
    """Digest of all that the loads of a problem depend on; not of its texts."""
    groups = [
        (it.names, it.members, it.different, it.alternative, it.shape, it.ordered, it.repeats)
        + ((it.edges, it.complex) if it.edges or it.complex else ())
        for it in problem.groups
    ]
    requires = [(it.expression.source, it.alternative) for it in problem.requires]
    steps = [
        (it.name, it.expression.source, it.decimals, it.significant)
        if isinstance(it, Step)
        else (getattr(it, "name", ""), getattr(it, "digest", ""), sorted(it.names), it.gives)
        for it in problem.steps.members
    ]
    parts = [
        (part.id, part.fallback, part.steps, part.answers)
        for part in problem.questions()
        if part.boxed
    ]
    reference = sorted((name, str(value)) for name, value in problem.reference.items())
    content = (problem.id, problem.fairness.draws, groups, requires, steps, parts, reference)
    return hashlib.sha256(repr((digest_of(*SOURCES), content)).encode()).hexdigest()


def _kept_file(problem: Problem, cache_folder: Path) -> Path:
    return cache_folder / f"loads-{problem_digest(problem)[:24]}.json"


def _kept(problem: Problem, cache_folder: Path | None) -> tuple[Loads, Groups | None] | None:
    if cache_folder is None:
        return None
    try:
        data = json.loads(_kept_file(problem, cache_folder).read_bytes())
        loads, listed = _read_loads(data["loads"]), data["pieces"]
        if listed is None:
            return loads, None
        return loads, {(name, piece): _read_loads(own) for name, piece, own in listed}
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _read_loads(data: Any) -> Loads:
    return Counter({(tuple(branches), load): count for branches, load, count in data})


def _write_loads(loads: Loads) -> list[list[Any]]:
    return [[*key, count] for key, count in sorted(loads.items())]


def _keep(problem: Problem, cache_folder: Path | None, loads: Loads, pieces: Groups | None) -> None:
    if cache_folder is None:
        return
    cache_folder.mkdir(parents=True, exist_ok=True)
    file = _kept_file(problem, cache_folder)
    listed = None
    if pieces is not None:
        listed = [[*key, _write_loads(own)] for key, own in sorted(pieces.items())]
    data = {"loads": _write_loads(loads), "pieces": listed}
    write_whole(file, json.dumps(data).encode())
