"""``examiner/report.html``: how alike and how different the copies of a batch are.

What copies have drawn and what is answered comes from their records, so that a report says the
same of a copy whether it was made now or long ago. It has no name, no secret, no date and no path:
the same batch gives the same bytes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from math import ceil, floor, log2, sqrt
from typing import Any, TypeVar

from generator.bank.coverage import coverage, exam_minutes
from generator.bank.exam import Exam
from generator.bank.part import OPTION_LABELS, Part
from generator.bank.problem import Problem
from generator.draw.draw import choosing_parts, resolve
from generator.draw.fairness import Measured, show_branches, weigh_draw
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

Say = Callable[..., str]
"""Says a text of the catalogue in the language of the exam."""

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
        drawn: Code to a digest of all that was drawn.
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
    drawn: dict[str, str] = field(default_factory=dict)


def tally(exam: Exam, measured: Mapping[str, Measured], copies: Iterable[Copy]) -> Tally:
    """Counts over copies that are recorded.

    Raises:
        InputError: A step has no value for what is recorded.
    """
    found = Tally()
    for copy in copies:
        count_drawn(found, exam, measured, copy)
        count_copy(found, exam, copy)
    return found


def count_copy(found: Tally, exam: Exam, copy: Copy) -> None:
    """Counts where a copy is, and what is said of it beside others; after what it has drawn."""
    found.copies += 1
    rooms = found.students if copy.spare is None else found.spares
    rooms[copy.room or exam.conventions.catalogue.text("report.one_room")] += 1
    if copy.key_revision > 1:
        found.revised.add(copy.code)
    drawn = found.drawn[copy.code]
    _count(found.variants, "", drawn)
    if found.variants[""][drawn] > 1:
        found.alike.append(copy.code)


def count_drawn(found: Tally, exam: Exam, measured: Mapping[str, Measured], copy: Copy) -> None:
    """Counts what the record of a copy says, and nothing else of it."""
    say = exam.conventions.catalogue.text
    whole = sha256()
    recorded = copy.problems
    for problem in exam.problems:
        own = recorded[problem.id]
        drawn = repr((sorted(own.draw.values.items()), sorted(own.draw.choices.items())))
        digest = sha256(drawn.encode()).digest()
        whole.update(digest)
        _count(found.variants, problem.id, digest.hex()[:16])
        if problem.id in measured:
            _count_load(found, problem, measured[problem.id], copy.code, own, say)
        _count_answers(found, problem, own)
    found.drawn[copy.code] = whole.hexdigest()[:16]


def _count(into: dict[_Key, Counter[_Item]], key: _Key, value: _Item) -> None:
    into.setdefault(key, Counter())[value] += 1


def _count_load(
    found: Tally, problem: Problem, measured: Measured, code: str, own: Recorded, say: Say
) -> None:
    band = measured.band
    drawn = resolve(problem, own.draw.choices)
    branches, load = weigh_draw(drawn, own.draw.values, band.steps)
    _count(found.loads, problem.id, load)
    if band.branches is not None and branches not in band.branches:
        reason = say("report.pattern", pattern=show_branches(branches))
    elif not band.lowest <= load <= band.highest:
        reason = say("report.load")
    else:
        return
    found.outliers.append(Outlier(problem.id, code, load, reason))


def _count_answers(found: Tally, problem: Problem, own: Recorded) -> None:
    for part, answers in own.answers.items():
        for name, value in answers.items():
            _count(found.answers, (part, name), json.dumps(value))
    for question in choosing_parts(problem):
        if not question.option_count:
            continue
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
    say = exam.conventions.catalogue.text
    sections = (
        _findings(exam, found, say),
        _work(exam, found, measured, say),
        _variety(exam, found, say),
        _choices(exam, found, say),
        _coverage(exam, say),
        _rooms(found, say),
        _revisions(found, changes, say),
    )
    return page.page(
        f"{exam.course}: {exam.title}",
        say("report.about", exam=exam.id),
        _facts(exam, found, say),
        *sections,
        language=exam.conventions.language,
    )


def _facts(exam: Exam, found: Tally, say: Say) -> Html:
    return page.tiles(
        [
            (say("report.copies"), found.copies),
            (say("report.of_them_spare"), found.spares.total()),
            (say("report.rooms"), len({*found.students, *found.spares})),
            (say("report.problems"), len(exam.problems)),
            (say("report.distinct_copies"), len(found.variants.get("", ()))),
            (say("report.outside_a_band"), len({it.code for it in found.outliers})),
            (say("report.keys_revised"), len(found.revised)),
        ]
    )


def _findings(exam: Exam, found: Tally, say: Say) -> Html:
    """What an examiner should look at."""
    said = []
    if found.alike:
        said.append(say("report.alike", count=len(found.alike)))
    for problem in exam.problems:
        outside = sum(it.problem == problem.id for it in found.outliers)
        if outside:
            numbers = {"outside": outside, "copies": found.copies}
            said.append(say("report.outside_of", problem=problem.id, **numbers))
        said += [
            say("report.uneven_question", part=part.id)
            for part in choosing_parts(problem)
            if not is_even(part, found.right.get(part.id, {}), found.places.get(part.id, {}))
        ]
    good = say("report.good")
    shown = page.items(said) if said else page.tag("p", good, class_="good")
    return page.section(say("report.stands_out"), shown)


# Work ---------------------------------------------------------------------------------------------


def _work(exam: Exam, found: Tally, measured: Mapping[str, Measured], say: Say) -> Html:
    problems = [problem for problem in exam.problems if problem.id in found.loads]
    if not problems:
        return Html("")
    pieces: list[Cell] = [
        page.grid(_load_card(it, found.loads[it.id], measured[it.id], say) for it in problems),
        page.table(
            _heads(say, "problem title median band copies_from to outside"),
            (_load_row(it, found, measured[it.id], say) for it in problems),
        ),
    ]
    if found.outliers:
        header = _heads(say, "problem because copies which_loads")
        pieces += [
            page.tag("h3", say("report.outside_heading")),
            *_listed(header, list(_outlier_rows(found.outliers, say)), say),
        ]
    return page.section(
        say("report.work"),
        *pieces,
        note=say("report.work_note"),
    )


def _load_card(problem: Problem, loads: Counter[int], measured: Measured, say: Say) -> Html:
    band = measured.band
    mark = page.MarkedRange(ceil(band.lowest), floor(band.highest), measured.median)
    about = say("report.loads_of", problem=problem.id)
    shown = page.histogram(about, loads, measured.spread(), mark)
    return page.card(f"{problem.id} · {problem.title}", shown)


def _load_row(problem: Problem, found: Tally, measured: Measured, say: Say) -> tuple[Cell, ...]:
    band, loads = measured.band, found.loads[problem.id]
    ends = {"least": ceil(band.lowest), "most": floor(band.highest)}
    share = problem.conventions.number(problem.fairness.band * 100)
    return (
        problem.id,
        problem.title,
        measured.median,
        say("report.range", share=share, **ends),
        min(loads),
        max(loads),
        sum(it.problem == problem.id for it in found.outliers),
    )


def _outlier_rows(outliers: Iterable[Outlier], say: Say) -> Iterator[tuple[Cell, ...]]:
    together: dict[tuple[str, str], list[str]] = {}
    for it in sorted(outliers):
        together.setdefault((it.problem, it.reason), []).append(f"{it.code} ({it.load})")
    for (problem, reason), codes in sorted(together.items()):
        yield problem, reason, len(codes), _codes(codes, say)


# Variety ------------------------------------------------------------------------------------------


def _variety(exam: Exam, found: Tally, say: Say) -> Html:
    variants = [
        (it.id, it.title, len(found.variants[it.id]), max(found.variants[it.id].values()))
        for it in exam.problems
        if it.id in found.variants
    ]
    return page.section(
        say("report.differ"),
        page.table(_heads(say, "problem title distinct_variants most_alike"), variants),
        page.tag("h3", say("report.answers_differ")),
        page.table(
            _heads(say, "answer distinct entropy most_common"),
            (_answer_row(*name, counts, exam) for name, counts in found.answers.items()),
        ),
        note=say("report.entropy_note"),
    )


def _answer_row(part: str, name: str, counts: Counter[str], exam: Exam) -> tuple[Cell, ...]:
    total, say = counts.total(), exam.conventions.catalogue.text
    bits = entropy(counts.values())
    said = say("report.bits", bits=exam.conventions.digits(f"{bits:.1f}"))
    bar = page.share_bar(bits / log2(total) if total > 1 else 0.0, said)
    common, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
    text = _flat(json.loads(common))
    shown = text if len(text) <= SHORT else text[: SHORT - 1] + "…"
    label = f"{shown or say('report.none')} ({count / total:.0%})"
    what = say("report.right_options") if name == "correct" else name
    return f"{part} {what}", len(counts), bar, label


def entropy(counts: Iterable[int]) -> float:
    """Shannon's entropy of a distribution given as counts, in bits."""
    seen = [count for count in counts if count]
    total = sum(seen)
    return sum(count / total * log2(total / count) for count in seen)


# Multiple choice ----------------------------------------------------------------------------------


def _choices(exam: Exam, found: Tally, say: Say) -> Html:
    parts = [
        part
        for problem in exam.problems
        for part in choosing_parts(problem)
        if part.right_share is not None and part.id in found.right
    ]
    if not parts:
        return Html("")
    used = (row for part in parts for row in _used_rows(part, found, say))
    most = max(part.option_count for part in parts)
    labels = OPTION_LABELS[:most]
    rights = [say("report.number_right", number=number) for number in range(most + 1)]
    return page.section(
        say("report.choice"),
        page.grid(_even_cards(parts, found, say)),
        page.table(
            (say("report.question"), *rights, *labels, ""),
            (_even_row(part, most, found, say) for part in parts),
        ),
        page.tag("h3", say("report.used")),
        page.table((*_heads(say, "question statement true copies expected"), ""), used),
        note=say("report.choice_note"),
    )


def _even_cards(parts: Sequence[Part], found: Tally, say: Say) -> Iterator[Html]:
    most = max(part.option_count for part in parts)
    counts = {part.id: part.right_counts for part in parts if part.right_counts}
    if counts:
        numbers = sum((found.right[it] for it in counts), Counter[int]())
        bars = [(str(count), numbers[count]) for count in range(most + 1)]
        about = say("report.how_many")
        alike = all(sorted(it) == list(range(most + 1)) for it in counts.values())
        plot = page.bars(about, bars, numbers.total() / (most + 1) if alike else None)
        yield page.card(say("report.pools"), plot)
    places = sum((found.places.get(part.id, Counter()) for part in parts), Counter[str]())
    bars = [(label, places[label]) for label in OPTION_LABELS[:most]]
    about = say("report.where_all")
    yield page.card(say("report.where"), page.bars(about, bars, places.total() / most))


def _even_row(part: Part, most: int, found: Tally, say: Say) -> tuple[Cell, ...]:
    right, places = found.right[part.id], found.places.get(part.id, Counter())
    even = is_even(part, right, places)
    said = say("report.even" if even else "report.uneven")
    verdict = page.tag("span", said, class_="good" if even else "warn")
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
    expected = {
        count: copies * times / len(part.right_counts)
        for count, times in Counter(part.right_counts).items()
    }
    if len(expected) < 2:
        return True
    chi = sum((right.get(count, 0) - mean) ** 2 / mean for count, mean in expected.items())
    return chi <= UNEVEN_COUNTS[len(expected) - 2]


def _used_rows(part: Part, found: Tally, say: Say) -> Iterator[tuple[Cell, ...]]:
    used = found.used[part.id]
    for name, use in part.expected_use().items():
        count = used[name]
        bar = page.share_bar(count / found.copies, f"{count / found.copies:.0%}")
        true = say("report.yes" if use.true else "report.no")
        yield part.id, name, true, count, f"{use.share * found.copies:.0f}", bar


# Rooms and revisions ------------------------------------------------------------------------------


def _coverage(exam: Exam, say: Say) -> Html:
    """What the questions are about; nothing where the bank does not say."""
    number = exam.conventions.number
    rows = [
        (
            say(f"report.by_{it.field}"),
            it.word,
            it.questions,
            number(it.points),
            f"{float(it.points / exam.credits):.0%}",
            "" if it.minutes is None else number(it.minutes),
        )
        for it in coverage(exam)
    ]
    if not rows:
        return Html("")
    needed = exam_minutes(exam)
    budget = {"minutes": exam.minutes, "needed": "" if needed is None else number(needed)}
    return page.section(
        say("report.coverage"),
        page.table(("", "", *_heads(say, "questions credits share minutes")), rows),
        note=say("report.time_needed", **budget) if needed is not None else "",
    )


def _rooms(found: Tally, say: Say) -> Html:
    students, spares = found.students, found.spares
    rows = [
        (room, students[room], spares[room], students[room] + spares[room])
        for room in sorted({*students, *spares})
    ]
    total = (say("report.all"), students.total(), spares.total(), found.copies)
    return page.section(
        say("report.where_copies"),
        page.table(_heads(say, "room students spare copies"), [*rows, *([total] if rows else [])]),
    )


def _revisions(found: Tally, changes: Mapping[tuple[str, int], str], say: Say) -> Html:
    """What changed in which keys, together where it is the same answer."""
    codes: dict[tuple[int, str], list[str]] = {}
    examples: dict[tuple[int, str], str] = {}
    for (code, revision), text in sorted(changes.items()):
        if code not in found.revised:  # its student has left
            continue
        for change in json.loads(text) or [say("report.texts")]:
            what, _, values = str(change).partition(": ")
            codes.setdefault((revision, what), []).append(code)
            examples.setdefault((revision, what), values and f"{code}: {values}")
    if not codes:
        return Html("")
    rows = [
        (revision, what, len(own), _codes(own, say), examples[revision, what])
        for (revision, what), own in sorted(codes.items())
    ]
    header = _heads(say, "revision changed copies which example")
    return page.section(say("report.revised"), *_listed(header, rows, say))


def _codes(codes: Sequence[str], say: Say) -> str:
    more = len(codes) - LISTED
    rest = f" {say('report.more', count=more)}" if more > 0 else ""
    return ", ".join(codes[:LISTED]) + rest


def _listed(header: Sequence[str], rows: Sequence[Sequence[Cell]], say: Say) -> list[Html]:
    """A table that does not get too long."""
    more = len(rows) - LISTED
    text = say("report.more", count=more) if more > 0 else ""
    rest = [page.tag("p", text, class_="note")] if more > 0 else []
    return [page.table(header, rows[:LISTED]), *rest]


def _heads(say: Say, names: str) -> tuple[str, ...]:
    """The headings of a table."""
    return tuple(say(f"report.{name}") for name in names.split())
