"""A covering sample: few copies in which all that can be printed is printed at least once.

It has each member of each list, each version of each text, each statement and each of several
questions, and for each text the longest that was found. It is typeset, stamped and read back like
the copies of a build, in the band that they are held to: what is wrong with one of them would stop
a build.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Literal, TypeAlias

from generator.bank.exam import Exam
from generator.bank.problem import Problem
from generator.bank.template import Shown, Text
from generator.commands.stress import REFUSED
from generator.compose.blocks import key_blocks, paper_blocks
from generator.compose.given import split
from generator.compose.places import COVER, complain_of
from generator.compose.plan import Page
from generator.correct.card_press import prepare_card_press
from generator.draw.draw import Band, Draw, draw_problem, reference_draw, resolve
from generator.draw.fairness import PUBLIC_KEY
from generator.errors import Complaint, CopyError, GeneratorError, InputError
from generator.exact.dice import Dice
from generator.exact.secret import REFERENCE_SECRET
from generator.pipeline.cards import CardMaker, CardShelf, card_stock
from generator.pipeline.sheet_maker import SheetMaker
from generator.pipeline.worker import Producer
from generator.pipeline.workshop import Workshop
from generator.record.copy import Copy
from generator.release.finished import Produced
from generator.solve.solve import Solution, solve_problem
from generator.typeset.ink import unseen
from generator.typeset.press import Press
from generator.verify.leaks import forbid
from generator.work.pool import meanwhile, spread
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

Task: TypeAlias = tuple[Literal["copies", "keys", "cards"], Sequence[Sample]]
"""What is made of copies: papers and keys, keys that are only set, cards and sheets."""

_NUMBER = re.compile(r"\d+(\.\d+)?")
_DIGIT = re.compile(r"\d")
_LABEL = re.compile(r"\b[A-Z]\b")
"""A step of an ordering question: orders of the same steps are set alike."""
_CODE = re.compile(r"^E\d{4}(?: and \d+ more with the same text)?: ")
"""A copy of the sample, in front of what is wrong with it."""

_TRIFLES = re.compile(r"^LaTeX says: | detected at line \d+$|: [0-9.]+ mm wider than its line.*$")
"""How the same is said of a text by itself, and of one that is in its place."""

TALLEST = 8
"""Of each text of a key so many of the longest are set, to see whether they fit."""

_WRAPPING = re.compile(r"\\[a-zA-Z]+|[{}$^_\s]")
"""What takes no room, or hardly any, in a text that is set."""


def cover_exam(
    exam: Exam,
    press: Press,
    bands: Mapping[str, Band],
    jobs: int,
    progress: Progress,
    cache: Path,
) -> list[Complaint]:
    """Makes the sample of an exam; returns what is wrong with its copies, each with a draw.

    Args:
        press: The press of the bank.
        bands: Problem id to the band that its draws are held to.
        cache: Where presses are kept.
    """
    numbers = range(len(exam.problems))
    found: dict[str, tuple[list[Draw], list[Draw]]] = {}
    complaints: list[Complaint] = []
    with tempfile.TemporaryDirectory(prefix="check-") as folder:
        with meanwhile(_search, _Search(exam, bands), numbers, jobs) as searched:
            workshop = Workshop(exam, REFERENCE_SECRET, 4)
            producer = Producer(workshop, press, forbid(exam, ()), Path(folder))  # fonts take long
            with progress.stage("sample", len(numbers)) as counter:
                for name, *draws in searched:
                    found[name] = (draws[0], draws[1])
                    counter.add()
        shown = _samples({name: draws for name, (draws, _) in found.items()})
        longest = {name: own or draws[:1] for name, (draws, own) in found.items()}
        tall = _samples(longest) if any(own for _, own in found.values()) else []
        copies: list[Task] = [("copies", chunk) for chunk in _chunks(shown, jobs)]
        keys: list[Task] = [("keys", chunk) for chunk in _chunks(tall, jobs)]
        tasks: list[Task] = [("cards", shown), *copies, *keys]
        with progress.stage("copies", 2 * len(shown) + len(tall)) as counter:
            sampler = _Sampler(producer, cache)
            for made, wrong in spread(_produce, sampler, tasks, jobs):
                complaints += wrong
                counter.add(made)
    return one_of_each(complaints)


def _wrong_cards(
    workshop: Workshop, copies: Sequence[Copy], cache: Path, folder: Path
) -> Iterator[Complaint]:
    """What is wrong with the cards and sheets of the sample."""
    exam, press = workshop.exam, prepare_card_press(workshop.exam, cache)
    try:
        stock = card_stock(press)
        cards = CardMaker(exam, press, stock, CardShelf(folder, press), folder).make(copies)
        SheetMaker(exam, press, stock, cards, folder, folder).make(range(len(exam.problems)))
    except CopyError as error:
        for message in error.messages:
            yield _at_answer(workshop, copies, message)


def _at_answer(workshop: Workshop, copies: Sequence[Copy], message: str) -> Complaint:
    """What is wrong with a card or a sheet, at the longest answer: numbers stand side by side."""
    named = re.search(r"sheet of problem (\S+),", message)
    problems = {it.id: it for it in workshop.exam.problems if not named or it.id == named[1]}
    found = [
        (len(str(answer)), str(answer), problems[own], part, name)
        for copy in copies
        for own, solution in workshop.solutions(copy).items()
        if own in problems
        for part, answers in solution.answers.items()
        for name, answer in answers.items()
    ]
    if not found:
        return Complaint(workshop.exam.file, 0, 0, "cards", message)
    _, answer, problem, part, name = max(found, key=lambda it: it[0])
    line, column = problem.places.get(name, (0, 0))
    advice = f"{name} can be {answer}: state fewer digits, or form: scientific"
    return Complaint(problem.file, line, column, part, f"{message}; {advice}")


def _samples(found: Mapping[str, Sequence[Draw]]) -> list[Sample]:
    """Copies with all draws of all problems."""
    count = min(max((len(draws) for draws in found.values()), default=0), MOST)
    return [
        (f"E{index + 1:04d}", {name: draws[index % len(draws)] for name, draws in found.items()})
        for index in range(count)
    ]


def _chunks(samples: Sequence[Sample], jobs: int) -> Iterator[Sequence[Sample]]:
    size = max(1, min(-(-len(samples) // jobs), 20))
    return (samples[start : start + size] for start in range(0, len(samples), size))


@dataclass(frozen=True)
class _Sampler:
    """What makes copies of the sample in a process.

    Attributes:
        cache: Where presses are kept.
        seen: Texts, but for their digits, that the process has looked at on a page.
    """

    producer: Producer
    cache: Path
    seen: set[str] = field(default_factory=set)


def _produce(tool: _Sampler, task: Task) -> tuple[int, list[Complaint]]:
    """Makes copies, or only what a task says, and forgets them; returns what is wrong with them."""
    what, samples = task
    workshop = tool.producer.workshop
    wrong: list[Complaint] = []
    try:
        copies = [workshop.register_draws(code, draws) for code, draws in samples]
        if what == "keys":
            tool.producer.set_keys(copies)
            return len(samples), []
        if what == "cards":
            scratch = tool.producer.scratch
            return len(samples), list(_wrong_cards(workshop, copies, tool.cache, scratch))
        for produced in tool.producer.produce(copies):
            wrong += _unseen(tool, produced)
    except CopyError as error:
        wrong += error.complaints
    except InputError as error:
        wrong += error.problems
    return len(samples), wrong


def _unseen(tool: _Sampler, produced: Produced) -> Iterator[Complaint]:
    """Texts of a copy that cannot be seen, each at its part."""
    exam, plan = tool.producer.workshop.exam, tool.producer.press.plan
    workshop, copy = tool.producer.workshop, produced.copy
    composed = workshop.compose(copy.code, workshop.solutions(copy))
    for name, pdf, blocks in (
        ("paper", produced.paper, composed.paper),
        ("key", produced.key, {**composed.paper, **composed.key}),
    ):
        new = [page.number for page in plan if _is_new(tool, name, page, blocks)]
        for number, part, message in unseen(pdf, new, tool.producer.press.layout.part_at):
            said = f"{name}, page {number}: the text {message}"
            yield complain_of(exam, f"{part}/ask" if part else COVER, said)


def _is_new(tool: _Sampler, name: str, page: Page, blocks: Mapping[str, str]) -> bool:
    """Whether a page has something that was not looked at before; other digits are nothing new."""
    owners = {section.problem for section in page.sections if section.first}
    owners |= {part.id for part in page.parts}
    own = (it for it in blocks.items() if it[0].partition("/")[0] in owners)
    texts = {f"{name} {page.number}"}
    texts |= {f"{name} {_place_of(block)} {_DIGIT.sub('0', tex)}" for block, tex in own}
    new = not texts <= tool.seen
    tool.seen.update(texts)
    return new


def _place_of(block: str) -> str:
    """A block without the place of an option among the others, which all look alike."""
    place, _, number = block.rpartition("/")
    return place if number.isdigit() else block


def one_of_each(complaints: Iterable[Complaint]) -> list[Complaint]:
    """One complaint of each kind: the one with the largest numbers, which says most."""
    kinds: dict[tuple[str, int, str, str], list[Complaint]] = {}
    for complaint in complaints:
        own = replace(complaint, message=_CODE.sub("", complaint.message))
        # Which copy, and what it drew, makes no other kind; nor do numbers, where all else is said.
        said = _TRIFLES.sub("", own.message.partition("; drawn ")[0])
        kind = (own.file, own.line, own.where, _NUMBER.sub("#", said).split(": expected ")[0])
        kinds.setdefault(kind, []).append(own)
    return [max(alike, key=_numbers) for alike in kinds.values()]


def _numbers(complaint: Complaint) -> list[float]:
    return [float(it[0]) for it in _NUMBER.finditer(complaint.message.partition("; drawn ")[0])]


# The draws of the sample --------------------------------------------------------------------------


@dataclass(frozen=True)
class _Search:
    exam: Exam
    bands: Mapping[str, Band]


def _search(tool: _Search, index: int) -> tuple[str, list[Draw], list[Draw]]:
    """Draws of a problem that show all that was found among many, and those with long answers."""
    problem = tool.exam.problems[index]
    alone = replace(tool.exam, problems=(problem,))
    # A curve has hundreds of points and no text that another draw's has not: it is left out.
    curves = {it.block for it in problem.figures() if it.plot and it.plot.kind == "function"}
    papers = [it for it in paper_blocks(alone) if it.varies and it.name not in curves]
    keys = [it for it in key_blocks(alone) if it.varies and it.name not in curves]
    shows: list[set[Feature]] = []
    kept: list[Draw] = []
    seen: set[Feature] = set()
    longest: dict[str, tuple[int, int]] = {}
    lengths: dict[str, dict[int, int]] = {}
    idle = 0
    for number in range(TRIED):
        dice = Dice(PUBLIC_KEY, "cover", str(number), problem.id, 0)
        try:
            draw = draw_problem(problem, dice, tool.bands.get(problem.id))
            solution = solve_problem(problem, draw)
            given, answers = split(alone, "E0000", {problem.id: solution})
            texts = {it.name: it.render(given) for it in papers}
            texts |= {key.name: key.render(answers) for key in keys}
        except (GeneratorError, *REFUSED):
            continue  # is said of the many draws
        own = set(_features(problem, draw, solution))
        for name, tex in texts.items():
            if name.endswith("/answer"):
                lengths.setdefault(name, {}).setdefault(len(_WRAPPING.sub("", tex)), len(kept))
            place = _place_of(name)
            if len(tex) > longest.get(place, (0, 0))[0]:
                longest[place] = len(tex), len(kept)
                idle = 0
        shows.append(own)
        kept.append(draw)
        idle = 0 if own - seen else idle + 1
        seen |= own
        if idle > IDLE or not (texts or curves):
            break
    for name, (_, index) in longest.items():
        shows[index].add(("longest", name))
    if not kept:
        return problem.id, [reference_draw(problem)], []
    chosen = _chosen(shows)
    tall = _tallest(lengths.values(), chosen)
    return problem.id, [kept[index] for index in chosen], [kept[index] for index in tall]


def _tallest(lengths: Iterable[Mapping[int, int]], shown: Collection[int]) -> list[int]:
    """Of each text the draws in which it is longest, but for those that are in the sample.

    Args:
        lengths: For each text its lengths, each with a draw that has it.
    """
    orders = [[own[length] for length in sorted(own, reverse=True)[:TALLEST]] for own in lengths]
    found = dict.fromkeys(it for places in zip_longest(*orders) for it in places if it is not None)
    return [it for it in found if it not in shown]


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
            yield "option", part, _LABEL.sub("A", option.say.source), option.correct
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
