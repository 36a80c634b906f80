"""``examiner/report.html``: how alike and how different the copies of a batch are.

What copies have drawn and what is answered comes from their records, so that a report says the
same of a copy whether it was made now or long ago. It has no name, no secret, no date and no path:
the same batch gives the same bytes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from math import ceil, floor, log2, sqrt
from typing import Any, TypeVar

from generator.bank.part import OPTION_LABELS, Part
from generator.bank.problem import Exam, Problem
from generator.draw.draw import choosing_parts, resolve
from generator.draw.fairness import Measured, load_of, show_branches
from generator.exact.numbers import format_number
from generator.files import html as page
from generator.files.html import Cell, Html
from generator.record.copy import Copy, Recorded
from generator.solve.printed import Plain

LISTED = 30
"""So many copies or changes are listed; the numbers count all."""

SHORT = 40
"""Characters of an answer that are shown."""

UNEVEN_COUNTS = (10.83, 13.82, 16.27, 18.47, 20.52, 22.46, 24.32, 26.12)
"""Of chi-square with 1, 2, ... degrees of freedom, one in a thousand is above."""

UNEVEN_SHARE = 3.5
"""Standard deviations that one in two thousand shares is off by."""

_Key = TypeVar("_Key", bound=Hashable)
_Item = TypeVar("_Item", bound=Hashable)


@dataclass(frozen=True, order=True)
class Outlier:
    """A copy whose load or branch pattern is not that of the others."""

    problem: str
    code: str
    load: int
    reason: str


@dataclass
class Tally:
    """What is counted over the copies of a batch.

    Attributes:
        copies: Number of copies.
        outliers: Copies outside the band of a problem.
        loads: Problem id to loads.
        variants: Problem id to digests of all that was drawn; ``""`` for whole copies.
        answers: Part and name to answers as JSON; of multiple choice, the set of right options.
        right: Multiple-choice part to how many options are right.
        places: Multiple-choice part to the options, a to d, that are right.
        used: Multiple-choice part to what was printed: a statement, an order.
        students: Room to copies of students.
        spares: Room to spare copies.
        revised: Codes of the copies whose key was revised.
        alike: Codes of the copies with the same draws as one before.
    """

    copies: int = 0
    outliers: list[Outlier] = field(default_factory=list)
    loads: dict[str, Counter[int]] = field(default_factory=dict)
    variants: dict[str, Counter[str]] = field(default_factory=dict)
    answers: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    right: dict[str, Counter[int]] = field(default_factory=dict)
    places: dict[str, Counter[str]] = field(default_factory=dict)
    used: dict[str, Counter[str]] = field(default_factory=dict)
    students: Counter[str] = field(default_factory=Counter)
    spares: Counter[str] = field(default_factory=Counter)
    revised: set[str] = field(default_factory=set)
    alike: list[str] = field(default_factory=list)


def tally(exam: Exam, measured: Mapping[str, Measured], copies: Iterable[Copy]) -> Tally:
    """Counts over copies that are recorded.

    Raises:
        InputError: A step has no value for what is recorded.
    """
    found = Tally()
    for copy in copies:
        found.copies += 1
        rooms = found.students if copy.spare is None else found.spares
        rooms[copy.room or "one room"] += 1
        if copy.key_revision > 1:
            found.revised.add(copy.code)
        whole = sha256()
        recorded = copy.problems
        for problem in exam.problems:
            own = recorded[problem.id]
            drawn = repr((sorted(own.draw.values.items()), sorted(own.draw.choices.items())))
            digest = sha256(drawn.encode()).digest()
            whole.update(digest)
            _count(found.variants, problem.id, digest.hex()[:16])
            if problem.id in measured:
                _count_load(found, problem, measured[problem.id], copy.code, own)
            _count_answers(found, problem, own)
        drawn = whole.hexdigest()[:16]
        _count(found.variants, "", drawn)
        if found.variants[""][drawn] > 1:
            found.alike.append(copy.code)
    return found


def _count(into: dict[_Key, Counter[_Item]], key: _Key, value: _Item) -> None:
    into.setdefault(key, Counter())[value] += 1


def _count_load(
    found: Tally, problem: Problem, measured: Measured, code: str, own: Recorded
) -> None:
    band = measured.band
    load = load_of(resolve(problem, own.draw.choices), own.draw.values, band.steps)
    _count(found.loads, problem.id, load.total)
    if band.branches is not None and load.branches not in band.branches:
        reason = f"branch pattern {show_branches(load.branches)}"
    elif not band.lowest <= load.total <= band.highest:
        reason = "load"
    else:
        return
    found.outliers.append(Outlier(problem.id, code, load.total, reason))


def _count_answers(found: Tally, problem: Problem, own: Recorded) -> None:
    for part, answers in own.answers.items():
        for name, value in answers.items():
            _count(found.answers, (part, name), json.dumps(value))
    for question in choosing_parts(problem):
        right: Any = own.answers[question.id]["correct"]
        _count(found.right, question.id, len(right))
        for label in right:
            _count(found.places, question.id, str(label))
        choice = own.draw.choices[question.id]
        for option in choice.options:
            _count(found.used, question.id, question.option_name(choice, option))


def _flat(value: Plain) -> str:
    if isinstance(value, str):
        return value
    return ", ".join(it if isinstance(it, str) else f"({_flat(it)})" for it in value)


# What is said -------------------------------------------------------------------------------------


def make_report(
    exam: Exam,
    found: Tally,
    measured: Mapping[str, Measured],
    changes: Mapping[tuple[str, int], str],
) -> str:
    """The report as HTML.

    Args:
        found: What was counted over the active copies.
        measured: Problem id to the loads of public draws and the band.
        changes: Copy code and key revision to what it changed, as JSON.
    """
    sections = (
        _findings(exam, found),
        _work(exam, found, measured),
        _variety(exam, found),
        _choices(exam, found),
        _rooms(found),
        _revisions(found, changes),
    )
    return page.page(
        f"{exam.course}: {exam.title}",
        f"{exam.id}. For the examiner alone: it says how the answers in the keys are spread.",
        _facts(exam, found),
        *sections,
    )


def _facts(exam: Exam, found: Tally) -> Html:
    return page.tiles(
        [
            ("copies", found.copies),
            ("of them spare", found.spares.total()),
            ("rooms", len({*found.students, *found.spares})),
            ("problems", len(exam.problems)),
            ("distinct copies", len(found.variants.get("", ()))),
            ("outside a band", len({it.code for it in found.outliers})),
            ("keys revised", len(found.revised)),
        ]
    )


def _findings(exam: Exam, found: Tally) -> Html:
    """What an examiner should look at."""
    said = []
    if found.alike:
        said.append(f"{_copies(len(found.alike))} the same draws as another copy.")
    for problem in exam.problems:
        outside = sum(it.problem == problem.id for it in found.outliers)
        if outside:
            said.append(f"Problem {problem.id}: {outside} of {found.copies} are outside the band.")
        said += [
            f"Question {part.id}: right options are spread less evenly than chance allows."
            for part in choosing_parts(problem)
            if not is_even(part, found.right.get(part.id, {}), found.places.get(part.id, {}))
        ]
    good = "Every copy is in the band of each problem, and no two copies are alike."
    shown = page.items(said) if said else page.tag("p", good, class_="good")
    return page.section("What stands out", shown)


def _copies(count: int) -> str:
    return "1 copy has" if count == 1 else f"{count} copies have"


# Work ---------------------------------------------------------------------------------------------


def _work(exam: Exam, found: Tally, measured: Mapping[str, Measured]) -> Html:
    problems = [problem for problem in exam.problems if problem.id in found.loads]
    if not problems:
        return Html("")
    pieces: list[Cell] = [
        page.grid(_load_card(it, found.loads[it.id], measured[it.id]) for it in problems),
        page.table(
            ("problem", "title", "median", "band", "copies from", "to", "outside"),
            (_load_row(it, found, measured[it.id]) for it in problems),
        ),
    ]
    if found.outliers:
        header = ("problem", "because of", "copies", "which, with their loads")
        pieces += [
            page.tag("h3", "Copies outside a band"),
            *_listed(header, list(_outlier_rows(found.outliers))),
        ]
    return page.section(
        "Is every copy as much work?",
        *pieces,
        note="The load counts the arithmetic of a copy as it is done by hand: operations, digits, "
        "carries, signs; what is clipped or conditional has to go the same way. Blue bars are the "
        "copies of this batch, the gray line is all that could be drawn, the green range is the "
        "band around its median that copies are held to. Copies drawn before a band was changed "
        "stay as they are.",
    )


def _load_card(problem: Problem, loads: Counter[int], measured: Measured) -> Html:
    band = measured.band
    mark = page.Band(ceil(band.lowest), floor(band.highest), measured.median)
    about = f"Loads of problem {problem.id}: copies, and all that could be drawn"
    shown = page.histogram(about, loads, measured.spread(), mark)
    return page.card(f"{problem.id} · {problem.title}", shown)


def _load_row(problem: Problem, found: Tally, measured: Measured) -> tuple[Cell, ...]:
    band, loads = measured.band, found.loads[problem.id]
    share = format_number(problem.fairness.band * 100)
    return (
        problem.id,
        problem.title,
        measured.median,
        f"{ceil(band.lowest)} to {floor(band.highest)} (±{share} %)",
        min(loads),
        max(loads),
        sum(it.problem == problem.id for it in found.outliers),
    )


def _outlier_rows(outliers: Iterable[Outlier]) -> Iterator[tuple[Cell, ...]]:
    together: dict[tuple[str, str], list[str]] = {}
    for it in sorted(outliers):
        together.setdefault((it.problem, it.reason), []).append(f"{it.code} ({it.load})")
    for (problem, reason), codes in sorted(together.items()):
        yield problem, reason, len(codes), _codes(codes)


# Variety ------------------------------------------------------------------------------------------


def _variety(exam: Exam, found: Tally) -> Html:
    variants = [
        (it.id, it.title, len(found.variants[it.id]), max(found.variants[it.id].values()))
        for it in exam.problems
        if it.id in found.variants
    ]
    return page.section(
        "Do copies differ?",
        page.table(("problem", "title", "distinct variants", "most copies alike"), variants),
        page.tag("h3", "How much an answer differs"),
        page.table(
            ("answer", "distinct", "entropy", "most common"),
            (_answer_row(part, name, counts) for (part, name), counts in found.answers.items()),
        ),
        note="Entropy says how hard it is to guess an answer that one has seen in other copies: 0 "
        "bits if all are the same, 1 bit like tossing a coin; the bar is full if no two copies "
        "share one. Of multiple choice, the answer is the set of right options.",
    )


def _answer_row(part: str, name: str, counts: Counter[str]) -> tuple[Cell, ...]:
    total = counts.total()
    bits = entropy(counts.values())
    bar = page.share_bar(bits / log2(total) if total > 1 else 0.0, f"{bits:.1f} bits")
    common, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
    text = _flat(json.loads(common))
    shown = text if len(text) <= SHORT else text[: SHORT - 1] + "…"
    label = f"{shown or 'none'} ({count / total:.0%})"
    return f"{part} {'right options' if name == 'correct' else name}", len(counts), bar, label


def entropy(counts: Iterable[int]) -> float:
    """Shannon's entropy of a distribution given as counts, in bits."""
    seen = [count for count in counts if count]
    total = sum(seen)
    return sum(count / total * log2(total / count) for count in seen)


# Multiple choice ----------------------------------------------------------------------------------


def _choices(exam: Exam, found: Tally) -> Html:
    parts = [
        part
        for problem in exam.problems
        for part in choosing_parts(problem)
        if part.right_share is not None and part.id in found.right
    ]
    if not parts:
        return Html("")
    used = (row for part in parts for row in _used_rows(part, found))
    most = max(part.option_count for part in parts)
    labels = OPTION_LABELS[:most]
    return page.section(
        "Is multiple choice even?",
        page.grid(_even_cards(parts, found)),
        page.table(
            ("question", *(f"{n} right" for n in range(most + 1)), *labels, ""),
            (_even_row(part, most, found) for part in parts),
        ),
        page.tag("h3", "What was used"),
        page.table(("question", "statement or order", "true", "copies", "expected", ""), used),
        note="In questions with a pool, 0 to 4 right options are equally likely, and so are their "
        "places; in ordering questions exactly one is right. The dashed line is what evenness "
        "gives on average.",
    )


def _even_cards(parts: Sequence[Part], found: Tally) -> Iterator[Html]:
    most = max(part.option_count for part in parts)
    counts = {part.id: part.right_counts for part in parts if part.right_counts}
    if counts:
        numbers = sum((found.right[it] for it in counts), Counter[int]())
        bars = [(str(count), numbers[count]) for count in range(most + 1)]
        about = "How many options are right, over all questions with a pool"
        plot = page.bars(about, bars, numbers.total() / (most + 1))
        yield page.card("Right options in a question (pools)", plot)
    places = sum((found.places.get(part.id, Counter()) for part in parts), Counter[str]())
    bars = [(label, places[label]) for label in OPTION_LABELS[:most]]
    about = "Where right options stand, over all questions"
    yield page.card("Where right options stand", page.bars(about, bars, places.total() / most))


def _even_row(part: Part, most: int, found: Tally) -> tuple[Cell, ...]:
    right, places = found.right[part.id], found.places.get(part.id, Counter())
    even = is_even(part, right, places)
    verdict = page.tag("span", "even" if even else "uneven", class_="good" if even else "warn")
    counts = (right[count] for count in range(most + 1))
    return part.id, *counts, *(places[label] for label in OPTION_LABELS[:most]), verdict


def is_even(part: Part, right: Mapping[int, int], places: Mapping[str, int]) -> bool:
    """Whether chance explains how right options are spread; it is wrong once in 300 times.

    Args:
        right: How many options are right, to the number of copies.
        places: Option to the number of copies in which it is right.
    """
    copies = sum(right.values())
    share = part.right_share
    if share is None or not copies:
        return True
    deviation = sqrt(copies * share * (1 - share))
    labels = OPTION_LABELS[: part.option_count]
    if any(abs(places.get(it, 0) - copies * share) > UNEVEN_SHARE * deviation for it in labels):
        return False
    counts = part.right_counts
    if len(counts) < 2:
        return True
    mean = copies / len(counts)
    squares = sum((right.get(count, 0) - mean) ** 2 for count in counts)
    return squares / mean <= UNEVEN_COUNTS[len(counts) - 2]


def _used_rows(part: Part, found: Tally) -> Iterator[tuple[Cell, ...]]:
    used = found.used[part.id]
    for name, use in part.expected_use().items():
        count = used[name]
        bar = page.share_bar(count / found.copies, f"{count / found.copies:.0%}")
        true = "yes" if use.true else "no"
        yield part.id, name, true, count, f"{use.share * found.copies:.0f}", bar


# Rooms and revisions ------------------------------------------------------------------------------


def _rooms(found: Tally) -> Html:
    students, spares = found.students, found.spares
    rows = [
        (room, students[room], spares[room], students[room] + spares[room])
        for room in sorted({*students, *spares})
    ]
    total = ("all", students.total(), spares.total(), found.copies)
    return page.section(
        "Where are the copies?",
        page.table(("room", "students", "spare", "copies"), [*rows, *([total] if rows else [])]),
    )


def _revisions(found: Tally, changes: Mapping[tuple[str, int], str]) -> Html:
    """What changed in which keys, together where it is the same answer."""
    codes: dict[tuple[int, str], list[str]] = {}
    examples: dict[tuple[int, str], str] = {}
    for (code, revision), text in sorted(changes.items()):
        if code not in found.revised:  # its student has left
            continue
        for change in json.loads(text) or ["texts of the key"]:
            what, _, values = str(change).partition(": ")
            codes.setdefault((revision, what), []).append(code)
            examples.setdefault((revision, what), values and f"{code}: {values}")
    if not codes:
        return Html("")
    rows = [
        (revision, what, len(own), _codes(own), examples[revision, what])
        for (revision, what), own in sorted(codes.items())
    ]
    header = ("revision", "what changed", "copies", "which", "for example")
    return page.section("Which keys were revised?", *_listed(header, rows))


def _codes(codes: Sequence[str]) -> str:
    more = len(codes) - LISTED
    return ", ".join(codes[:LISTED]) + (f" and {more} more" if more > 0 else "")


def _listed(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[Html]:
    """A table that does not get too long."""
    more = len(rows) - LISTED
    rest = [page.tag("p", f"and {more} more", class_="note")] if more > 0 else []
    return [page.table(header, rows[:LISTED]), *rest]
