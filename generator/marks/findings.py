"""What the statistics page shows, computed from marks and the records of copies."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from generator.bank.problem import FALLBACK_PREFIX, Problem
from generator.draw.draw import resolve
from generator.draw.fairness import counted_steps, weigh_draw
from generator.marks.marked_papers import Papers
from generator.marks.operation import FIRST, SAMPLE, SECOND, Marked
from generator.marks.statistics import (
    Points,
    Spread,
    adjusted,
    correlation,
    cronbach_alpha,
    discrimination,
    facility,
    spread,
    upper_lower,
)
from generator.marks.store import Marks
from generator.solve.follow import print_any
from generator.solve.printed import Plain

FEWEST = 3
"""Copies of a value, at the least, for saying something about it."""

MOST_VALUES = 24
"""A name with more values is as good as one of its own for each copy."""


_VALUE = re.compile(r"<<\s*(.*?)\s*>>")
_NO_WORDS = re.compile(r"<<.*?>>|\\[a-zA-Z]+|[\W\d_]")
_LEAST_LETTERS = 4


@dataclass(frozen=True)
class Item:
    """A subproblem."""

    part: str
    maximum: float
    count: int
    facility: float | None
    discrimination: float | None
    upper_lower: float | None
    without: int
    full: int


@dataclass(frozen=True)
class Workload:
    """The arithmetic of a problem's copies and what they earned.

    Attributes:
        pairs: Load and points of each copy.
        r: Their correlation; None where one does not vary.
    """

    problem: str
    maximum: float
    pairs: tuple[tuple[float, float], ...]
    r: float | None


@dataclass(frozen=True)
class Variant:
    """Points by what was drawn for a name, or by the question of alternatives.

    Attributes:
        where: Problem or part.
        chance: Adjusted for all that was looked at.
    """

    where: str
    name: str
    found: Spread
    chance: float


@dataclass(frozen=True)
class OptionUse:
    """An option of multiple choice, in all copies that have it."""

    part: str
    name: str
    text: str
    right: int
    shown: int
    crossed: int


@dataclass(frozen=True)
class MistakeUse:
    """How often a mistake of the bank was ticked."""

    part: str
    text: str
    earns: float
    count: int
    of: int


@dataclass(frozen=True)
class FollowUse:
    """How often something was followed through in a subproblem, and what it earned then."""

    part: str
    count: int
    of: int
    mean: float
    others: float | None


@dataclass(frozen=True)
class Rater:
    """A corrector in a subproblem.

    Attributes:
        mean: Of their marks; ``others`` is that of all other first markings, None where none are.
        chance: How likely so much of a difference is by chance, from shuffled labels; adjusted.
        trend: Correlation of the order in which copies were marked with what they got.
        again: Mean of what copies got again (sample or second marking), less what they had.
        pairs: How many were marked again.
    """

    part: str
    who: str
    count: int
    mean: float
    others: float | None
    chance: float | None
    trend: float | None
    again: float | None
    pairs: int


@dataclass(frozen=True)
class Findings:
    """All of it.

    Attributes:
        totals: Of the copies of which nothing is missing.
        alpha: Cronbach's; None where it is not defined.
        doubtful: Marks that somebody was in doubt about.
        moved: Marks that have changed since they were done, and nobody has looked at.
        unused: Copies that nobody has, though they were marked; they are counted nowhere else.
    """

    copies: int
    totals: tuple[float, ...]
    alpha: float | None
    items: tuple[Item, ...]
    loads: tuple[Workload, ...]
    variants: tuple[Variant, ...]
    options: tuple[OptionUse, ...]
    mistakes: tuple[MistakeUse, ...]
    follows: tuple[FollowUse, ...]
    raters: tuple[Rater, ...]
    doubtful: int = 0
    moved: int = 0
    unused: int = 0


def find(marks: Marks) -> Findings:
    """Computes all of it."""
    papers = marks.papers
    unused = marks.unused()
    finals = {key: it for key, it in marks.finals().items() if key[0] not in unused}
    codes = sorted({code for code, _ in finals})
    points = np.full((len(codes), len(papers.parts)), np.nan)
    for row, code in enumerate(codes):
        for column, part in enumerate(papers.parts):
            state = finals.get((code, part))
            if state is not None and state.total is not None:
                points[row, column] = float(state.total)
    whole = points[~np.isnan(points).any(axis=1)]
    return Findings(
        len(codes),
        tuple(map(float, whole.sum(axis=1))),
        cronbach_alpha(points),
        tuple(_items(papers, points)),
        tuple(_loads(papers, codes, points)),
        tuple(_variants(papers, codes, points)),
        tuple(_options(papers, finals)),
        tuple(_mistakes(papers, finals)),
        tuple(_follows(papers, finals)),
        tuple(_raters(marks, unused)),
        sum(it.doubtful for it in finals.values()),
        sum(it.has_moved for it in finals.values()),
        len(unused & {it.code for it in marks.states() if it.done}),
    )


def _items(papers: Papers, points: Points) -> Iterator[Item]:
    for at, part in enumerate(papers.parts):
        own = points[:, at]
        known = own[~np.isnan(own)]
        maximum = _maximum(papers, part)
        yield Item(
            part,
            maximum,
            len(known),
            facility(own, maximum),
            discrimination(points, at),
            upper_lower(points, at, maximum),
            int((known == 0).sum()),
            int((known == maximum).sum()),
        )


def _maximum(papers: Papers, part: str) -> float:
    problem = papers.problem_of(part)
    return float(next(it.points for it in problem.parts if it.id == part))


def _of_problem(papers: Papers, problem: Problem, points: Points) -> Points:
    """What each copy has in a problem; NaN where something is missing."""
    own = {part.id for part in problem.parts}
    places = [at for at, part in enumerate(papers.parts) if part in own]
    total: Points = points[:, places].sum(axis=1)
    return total


def _loads(papers: Papers, codes: Sequence[str], points: Points) -> Iterator[Workload]:
    for problem in papers.exam.problems:
        steps = counted_steps(problem)
        if not steps or not codes:
            continue
        work = np.array([_work(papers, problem, steps, code) for code in codes])
        earned = _of_problem(papers, problem, points)
        known = ~np.isnan(earned)
        pairs = zip(map(float, work[known]), map(float, earned[known]), strict=True)
        yield Workload(problem.id, float(problem.points), tuple(pairs), correlation(work, earned))


def _work(papers: Papers, problem: Problem, steps: Sequence[str], code: str) -> float:
    solution = papers.solution(code, problem.id)
    own = resolve(problem, solution.draw.choices)
    _, work = weigh_draw(own, solution.values, steps)
    return float(work)


def _variants(papers: Papers, codes: Sequence[str], points: Points) -> Iterator[Variant]:
    """What was looked at, the least likely first."""
    found: list[tuple[str, str, Spread]] = []
    for problem in papers.exam.problems:
        earned = _of_problem(papers, problem, points)
        for where, name, labels, own in _labels(papers, problem, codes, points, earned):
            if _says_something(labels, own) and (seen := spread(labels, own)) is not None:
                found.append((where, name, seen))
    chances = adjusted([seen.chance for _, _, seen in found])
    variants = [Variant(*it, chance) for it, chance in zip(found, chances, strict=True)]
    yield from sorted(variants, key=lambda it: (it.chance, -it.found.share))


def _labels(
    papers: Papers, problem: Problem, codes: Sequence[str], points: Points, earned: Points
) -> Iterator[tuple[str, str, list[Hashable], Points]]:
    """Where, what, its value in each copy, and the points that it may have to do with."""
    draws = [papers.solution(code, problem.id).draw for code in codes]
    for name, group in problem.variables.items():
        if name.startswith(FALLBACK_PREFIX) or group.alternative is not None:
            continue
        labels: list[Hashable] = [
            _joined(print_any(problem, name, draw.values[name])) for draw in draws
        ]
        where = group.part or problem.id
        own = points[:, papers.parts.index(where)] if group.part else earned
        yield where, name, labels, own
    for part in problem.parts:
        if part.alternatives:
            chosen: list[Hashable] = [draw.choices[part.id].options[0] for draw in draws]
            yield part.id, "", chosen, points[:, papers.parts.index(part.id)]


def _joined(value: Plain) -> str:
    return value if isinstance(value, str) else ", ".join(map(_joined, value))


def _says_something(labels: Sequence[Hashable], points: Points) -> bool:
    counts: dict[Hashable, int] = defaultdict(int)
    for label, earned in zip(labels, points, strict=True):
        counts[label] += not np.isnan(earned)
    used = [count for count in counts.values() if count]
    return 1 < len(used) <= MOST_VALUES and min(used) >= FEWEST


def _said_by_all(source: str) -> str:
    """What an option says in all copies; nothing where that is no words, and the name says more."""
    words = _NO_WORDS.sub("", source)
    return _VALUE.sub(r"[\1]", source) if len(words) >= _LEAST_LETTERS else ""


def _options(papers: Papers, finals: Mapping[tuple[str, str], Marked]) -> Iterator[OptionUse]:
    """Options of copies whose crosses were recorded, and not only their points."""
    counts: dict[tuple[str, str], list[int]] = {}
    texts: dict[tuple[str, str], str] = {}
    for (code, part_id), state in finals.items():
        part = papers.part(code, part_id)
        if not part.options or state.points is not None:
            continue
        problem = papers.problem_of(part_id)
        solution = papers.solution(code, problem.id)
        own = next(it for it in problem.parts if it.id == part_id)
        for label, option in zip(part.options, solution.options[part_id], strict=True):
            key = part_id, own.option_name(solution.draw.choices[part_id], option.option)
            texts[key] = _said_by_all(option.say.source)
            seen = counts.setdefault(key, [0, 0, 0])
            seen[0] += option.correct
            seen[1] += 1
            seen[2] += f"o:{label}" in state.ticks
    order = {part: at for at, part in enumerate(papers.parts)}
    for key in sorted(counts, key=lambda it: (order[it[0]], it[1])):
        right, shown, crossed = counts[key]
        yield OptionUse(*key, texts[key], right, shown, crossed)


def _mistakes(papers: Papers, finals: Mapping[tuple[str, str], Marked]) -> Iterator[MistakeUse]:
    """Mistakes by their texts: alternatives of a subproblem have their own."""
    found: dict[tuple[str, str], list[float]] = {}
    for (code, part_id), state in finals.items():
        problem = papers.problem_of(part_id)
        own = resolve(problem, papers.solution(code, problem.id).draw.choices)
        part = next(it for it in own.parts if it.id == part_id)
        for at, mistake in enumerate(part.mistakes):
            key = part_id, mistake.text.source
            counts = found.setdefault(key, [float(mistake.earns), 0, 0])
            counts[1] += f"m{at}" in state.ticks
            counts[2] += 1
    order = {part: at for at, part in enumerate(papers.parts)}
    for key in sorted(found, key=lambda it: (order[it[0]], -found[it][1])):
        earns, count, of = found[key]
        yield MistakeUse(*key, earns, int(count), int(of))


def _follows(papers: Papers, finals: Mapping[tuple[str, str], Marked]) -> Iterator[FollowUse]:
    for part in papers.parts:
        own = [state for (_, it), state in finals.items() if it == part]
        given = [float(it.total or 0) for it in own if it.given]
        others = [float(it.total or 0) for it in own if not it.given]
        if given:
            mean = sum(given) / len(given)
            rest = sum(others) / len(others) if others else None
            yield FollowUse(part, len(given), len(own), mean, rest)


def _raters(marks: Marks, unused: Collection[str]) -> Iterator[Rater]:
    first = [
        it
        for it in marks.states(round=FIRST)
        if it.done and it.total is not None and it.code not in unused
    ]
    again = {
        (it.code, it.part): it
        for number in (SECOND, SAMPLE)
        for it in marks.states(round=number)
        if it.done and it.total is not None
    }
    rows: list[Rater] = []
    for part in marks.papers.parts:
        own = sorted((it for it in first if it.part == part), key=lambda it: it.done_at)
        names = sorted({it.done_by for it in own})
        points = np.array([float(it.total or 0) for it in own])
        for who in names:
            is_own = [it.done_by == who for it in own]
            rows.append(_rater(part, who, own, points, is_own, again))
    tested = [row for row in rows if row.chance is not None]
    chances = dict(zip(tested, adjusted([row.chance or 0.0 for row in tested]), strict=True))
    # Of many correctors, one or another differs by chance alone: hence the adjusted chances.
    for row in rows:
        yield replace(row, chance=chances.get(row))


def _rater(
    part: str,
    who: str,
    states: Sequence[Marked],
    points: Points,
    is_own: Sequence[bool],
    again: Mapping[tuple[str, str], Marked],
) -> Rater:
    own = points[np.array(is_own)]
    others = points[~np.array(is_own)]
    pairs = [
        (float(state.total or 0), float(again[state.code, part].total or 0))
        for state, mine in zip(states, is_own, strict=True)
        if mine and (state.code, part) in again
    ]
    seen = spread(list(is_own), points) if len(others) and len(own) else None
    return Rater(
        part,
        who,
        len(own),
        float(own.mean()),
        float(others.mean()) if len(others) else None,
        seen.chance if seen is not None else None,
        correlation(np.arange(len(own), dtype=float), own),
        sum(later - before for before, later in pairs) / len(pairs) if pairs else None,
        len(pairs),
    )
