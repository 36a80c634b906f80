"""A covering sample: few copies in which all that can be printed is printed at least once.

It has each member of each list, each version of each text, each statement and each of several
questions, and for each text the longest that was found. It is typeset, stamped and read back like
the copies of a build, in the band that they are held to: what is wrong with one of them would stop
a build.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from generator.bank.problem import Exam, Problem
from generator.bank.template import Shown, Text
from generator.commands.stress import REFUSED
from generator.compose.blocks import key_blocks, paper_blocks
from generator.compose.given import split
from generator.compose.places import COVER, complain_of
from generator.draw.draw import Band, Draw, draw_problem, reference_draw, resolve
from generator.draw.fairness import PUBLIC_KEY
from generator.errors import Complaint, CopyError, GeneratorError
from generator.exact.dice import Dice
from generator.exact.secret import REFERENCE_SECRET
from generator.pipeline.worker import Producer, Workshop
from generator.release.finished import Produced
from generator.solve.solve import Solution, solve_problem
from generator.typeset.press import Press
from generator.verify.ink import unseen
from generator.verify.leaks import forbid
from generator.work.pool import spread
from generator.work.progress import Progress

TRIED = 800
"""Draws of each problem among which the sample is looked for."""

IDLE = 150
"""After so many draws that show nothing new, there is little more to be found."""

LONG_LIST = 40
"""Of a longer list of numbers, each length and each sign is tried, not each member."""

MOST = 80
"""Copies of a sample."""

Feature: TypeAlias = tuple[object, ...]
Sample: TypeAlias = tuple[str, Mapping[str, Draw]]
"""A copy code, and problem id to its draw."""

_NUMBER = re.compile(r"\d+(\.\d+)?")


def cover_exam(
    exam: Exam, press: Press, bands: Mapping[str, Band], jobs: int, progress: Progress
) -> list[Complaint]:
    """Makes the sample of an exam; returns what is wrong with its copies, each with a draw.

    Args:
        press: The press of the bank.
        bands: Problem id to the band that its draws are held to.
    """
    tool = _Search(exam, bands)
    with progress.stage("sample", len(exam.problems)) as counter:
        found: dict[str, list[Draw]] = {}
        for name, draws in spread(_search, tool, range(len(exam.problems)), jobs):
            found[name] = draws
            counter.add()
    count = min(max((len(draws) for draws in found.values()), default=1), MOST)
    samples = [
        (f"E{index + 1:04d}", {name: draws[index % len(draws)] for name, draws in found.items()})
        for index in range(count)
    ]
    size = max(1, min(-(-count // jobs), 20))
    chunks = [samples[start : start + size] for start in range(0, count, size)]
    complaints: list[Complaint] = []
    with tempfile.TemporaryDirectory(prefix="check-") as folder:
        workshop = Workshop(exam, REFERENCE_SECRET, 4)
        producer = Producer(workshop, press, forbid(exam, ()), Path(folder))
        with progress.stage("copies", count) as counter:
            for made, wrong in spread(_produce, producer, chunks, jobs):
                complaints += wrong
                counter.add(made)
    return _grouped(complaints)


def _produce(producer: Producer, samples: Sequence[Sample]) -> tuple[int, list[Complaint]]:
    """Makes copies and forgets them; returns what is wrong with them."""
    copies = [producer.workshop.register_draws(code, draws) for code, draws in samples]
    pale: list[Complaint] = []
    try:
        for index, produced in enumerate(producer.produce(copies)):
            if index == 0:  # the others differ from it in values, which are read back
                pale = list(_unseen(producer, produced))
    except CopyError as error:
        return len(copies), [*pale, *error.complaints]
    return len(copies), pale


def _unseen(producer: Producer, produced: Produced) -> Iterator[Complaint]:
    """Texts of a copy that cannot be seen, at the first part of their page."""
    first = {page.number: page.parts[0].id for page in producer.press.plan if page.parts}
    for name, pdf in (("paper", produced.paper), ("key", produced.key)):
        for number, message in unseen(pdf):
            block = f"{first[number]}/ask" if number in first else COVER
            said = f"{name}, page {number}: the text {message}"
            yield complain_of(producer.workshop.exam, block, said)


def _grouped(complaints: Sequence[Complaint]) -> list[Complaint]:
    """One complaint of each kind: the one with the largest numbers, which says most."""
    kinds: dict[tuple[str, int, str, str], list[Complaint]] = {}
    for it in complaints:
        said, _, _ = it.message.partition("; drawn ")
        kind = (it.file, it.line, it.where, _NUMBER.sub("#", said).split(": expected ")[0])
        kinds.setdefault(kind, []).append(it)
    return [max(alike, key=_numbers) for alike in kinds.values()]


def _numbers(complaint: Complaint) -> list[float]:
    return [float(it[0]) for it in _NUMBER.finditer(complaint.message.partition("; drawn ")[0])]


# The draws of the sample --------------------------------------------------------------------------


@dataclass(frozen=True)
class _Search:
    exam: Exam
    bands: Mapping[str, Band]


def _search(tool: _Search, index: int) -> tuple[str, list[Draw]]:
    """Draws of a problem that show all that was found among many."""
    problem = tool.exam.problems[index]
    alone = replace(tool.exam, problems=(problem,))
    blocks = (list(paper_blocks(alone)), list(key_blocks(alone)))
    shows: list[set[Feature]] = []
    kept: list[Draw] = []
    seen: set[Feature] = set()
    longest: dict[str, tuple[int, int]] = {}
    idle = 0
    for number in range(TRIED):
        dice = Dice(PUBLIC_KEY, "cover", str(number), problem.id, 0)
        try:
            draw = draw_problem(problem, dice, tool.bands.get(problem.id))
            solution = solve_problem(problem, draw)
            given, answers = split(alone, "E0000", {problem.id: solution})
            texts = {it.name: it.render(given) for it in blocks[0] if it.varies}
            texts |= {key.name: key.render(answers) for key in blocks[1] if key.varies}
        except (GeneratorError, *REFUSED):
            continue  # is said of the many draws
        own = set(_features(problem, draw, solution))
        for name, tex in texts.items():
            if len(tex) > longest.get(name, (0, 0))[0]:
                longest[name] = len(tex), len(kept)
                idle = 0
        shows.append(own)
        kept.append(draw)
        idle = 0 if own - seen else idle + 1
        seen |= own
        if idle > IDLE or not texts:
            break
    for name, (_, index) in longest.items():
        shows[index].add(("longest", name))
    if not kept:
        return problem.id, [reference_draw(problem)]
    return problem.id, [kept[index] for index in _chosen(shows)]


def _chosen(shows: Sequence[set[Feature]]) -> list[int]:
    """Indices of few sets that have all that is in any of them: the next that adds most."""
    missing = set().union(*shows)
    chosen: list[int] = []
    while missing and len(chosen) < MOST:
        best = max(range(len(shows)), key=lambda index: len(shows[index] & missing))
        chosen.append(best)
        missing -= shows[best]
    return chosen or [0]


def _features(whole: Problem, draw: Draw, solution: Solution) -> Iterator[Feature]:
    """What a draw shows that others may not."""
    problem = resolve(whole, draw.choices)
    for name, value in draw.values.items():
        members = problem.variables[name].members if name in problem.variables else ()
        short = len(members) <= LONG_LIST and not isinstance(value, tuple)
        if short or isinstance(value, str):
            yield "value", name, value
        else:
            yield "length", name, len(str(value)), str(value)[:1]
    for part, choice in draw.choices.items():
        if choice.labels:
            yield "order", part, choice.labels[0]
        for option in solution.options.get(part, ()):
            yield "option", part, option.say.source, option.correct
        if part not in solution.options:
            yield "alternative", part, choice.options
    for text in _texts(problem):
        if "<%" in text.source:
            values = {name: solution.values[name] for name in text.names}
            marked = {name: Shown(value, "\x01") for name, value in values.items()}
            yield "version", text.line, text.render(marked)


def _texts(problem: Problem) -> Iterator[Text]:
    yield problem.intro
    for part in problem.parts:
        yield from (it.text for it in part.texts() if it.text.varies)
