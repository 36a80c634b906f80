"""`examiner/report.html`: how fair and how varied a batch is, for the examiner alone.

It is made from the records of the copies and from the loads of public draws; it holds no secret and
no name, needs no network, and is the same for the same batch.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import log2
from typing import Any

from generator import page
from generator.bank.problem import ChoicePart, Exam, Problem
from generator.draw import RIGHT, Draw, resolve
from generator.fairness import Measured, load_of
from generator.ledger import Copy, Recorded
from generator.shown import Plain

MAX_LISTED = 30


def make_report(
    exam: Exam,
    copies: Sequence[Copy],
    measured: Mapping[str, Measured],
    changes: Mapping[tuple[str, int], str],
) -> str:
    """The report as HTML.

    Args:
        copies: The active copies, recorded.
        measured: Problem id to the loads of public draws and the band.
        changes: Copy code and key revision to what it changed, as JSON.
    """
    records = {copy.code: copy.problems for copy in copies}
    return page.page(
        f"{exam.course}: {exam.title}",
        f"{exam.id}. For the examiner alone: it says what is in the keys.",
        _facts(exam, copies),
        _fairness(exam, records, measured),
        _variety(exam, records),
        _choices(exam, records),
        _revisions(copies, changes),
    )


def _facts(exam: Exam, copies: Sequence[Copy]) -> page.Html:
    rooms = {copy.holder.room for copy in copies}
    spares = sum(copy.holder.spare is not None for copy in copies)
    return page.tiles(
        [
            ("copies", len(copies)),
            ("spare copies", spares),
            ("rooms", len(rooms)),
            ("problems", len(exam.problems)),
            ("pages each", exam.pages),
            ("keys revised", sum(copy.key_revision > 1 for copy in copies)),
        ]
    )


# Fairness -----------------------------------------------------------------------------------------


def _fairness(
    exam: Exam,
    records: Mapping[str, Mapping[str, Recorded]],
    measured: Mapping[str, Measured],
) -> page.Html:
    cards = [
        _load_card(problem, records, measured[problem.id])
        for problem in exam.problems
        if problem.id in measured
    ]
    note = (
        "The load counts the arithmetic of a draw: operations, digits, carries, signs, easy zeros "
        "and ones. Bars are the copies of this batch, the outline is the public draws, the green "
        "range is the band that draws are held to."
    )
    return page.section("Is every copy as much work?", page.grid(cards), note=note)


def _load_card(
    problem: Problem, records: Mapping[str, Mapping[str, Recorded]], measured: Measured
) -> page.Html:
    band = measured.band
    loads: Counter[int] = Counter()
    outside = []
    for code, recorded in records.items():
        draw = recorded[problem.id].draw
        load = load_of(resolve(problem, draw.choices), draw.values, band.steps)
        loads[load.total] += 1
        patterned = band.branches is None or load.branches in band.branches
        if not (patterned and band.lowest <= load.total <= band.highest):
            outside.append(code)
    shown = page.histogram(
        f"Loads of problem {problem.id}",
        loads,
        measured.spread(),
        page.Band(float(band.lowest), float(band.highest), measured.median),
    )
    words = f"{len(outside)} of {sum(loads.values())} copies are outside the band"
    listed = ": " + ", ".join(outside[:MAX_LISTED]) if outside else ""
    return page.card(f"{problem.id} · {problem.title}", shown, page.tag("p", words + listed + "."))


# Variety ------------------------------------------------------------------------------------------


def _variety(exam: Exam, records: Mapping[str, Mapping[str, Recorded]]) -> page.Html:
    variants = []
    answers = []
    for problem in exam.problems:
        drawn = Counter(
            repr((sorted(it.draw.values.items()), it.draw.choices))
            for it in (recorded[problem.id] for recorded in records.values())
        )
        most = max(drawn.values(), default=0)
        variants.append((problem.id, problem.title, len(drawn), most))
        for name, values in _answers(problem, records):
            bits = entropy(values.values())
            share = bits / log2(sum(values.values())) if sum(values.values()) > 1 else 0.0
            label = f"{bits:.1f} bits"
            answers.append((name, len(values), page.share_bar(share, label)))
    header = ("problem", "title", "distinct variants", "most copies with the same")
    return page.section(
        "Do copies differ?",
        page.table(header, variants),
        page.tag("h3", "How well an answer can be guessed from a neighbor"),
        page.table(("answer", "distinct", "entropy"), answers),
        note="Entropy is 0 bits where all copies have the same answer; a full bar means that no "
        "two copies share one.",
    )


def _answers(
    problem: Problem, records: Mapping[str, Mapping[str, Recorded]]
) -> Iterator[tuple[str, Counter[str]]]:
    found: dict[str, Counter[str]] = {}
    for recorded in records.values():
        for part, values in recorded[problem.id].answers.items():
            for name, value in values.items():
                found.setdefault(f"{part} {name}", Counter())[_flat(value)] += 1
    yield from found.items()


def _flat(value: Plain) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def entropy(counts: Iterable[int]) -> float:
    """Shannon's entropy of a distribution given as counts, in bits."""
    counts = [count for count in counts if count]
    total = sum(counts)
    return -sum(count / total * log2(count / total) for count in counts) if total else 0.0


# Multiple choice ----------------------------------------------------------------------------------


def _choices(exam: Exam, records: Mapping[str, Mapping[str, Recorded]]) -> page.Html:
    numbers: Counter[int] = Counter()
    positions: Counter[str] = Counter()
    used: list[tuple[str, str, int]] = []
    for problem in exam.problems:
        for part in problem.parts:
            if not isinstance(part, ChoicePart):
                continue
            statements: Counter[str] = Counter()
            for recorded in records.values():
                it = recorded[problem.id]
                right: Any = it.answers[part.id]["correct"]
                if getattr(part, "statements", None):
                    numbers[len(right)] += 1
                    positions.update(right)
                statements.update(_statements(it.draw, part.id))
            used += [(part.id, name, count) for name, count in sorted(statements.items())]
    if not used:
        return page.Html("")
    total = sum(numbers.values())
    return page.section(
        "Is multiple choice even?",
        page.grid(
            [
                page.card(
                    "Right options in a question",
                    page.bars(
                        "How many options are right",
                        [(str(count), numbers[count]) for count in range(5)],
                        total / 5,
                    ),
                ),
                page.card(
                    "Where right options stand",
                    page.bars(
                        "Positions of right options",
                        [(label, positions[label]) for label in "abcd"],
                        sum(positions.values()) / 4,
                    ),
                ),
            ]
        ),
        page.tag("h3", "How often each statement was used"),
        page.table(("question", "statement", "copies"), used),
        note="Questions with a pool only. The dashed line is what evenness would give.",
    )


def _statements(draw: Draw, part: str) -> Iterator[str]:
    for option in draw.choices[part].options:
        name, _, rest = option.partition("/")
        yield f"{name} ({'right' if rest == RIGHT else 'wrong'})" if rest else name


# Revisions ----------------------------------------------------------------------------------------


def _revisions(copies: Sequence[Copy], changes: Mapping[tuple[str, int], str]) -> page.Html:
    if not changes:
        return page.Html("")
    active = {copy.code for copy in copies}
    rows = [
        (code, revision, "; ".join(json.loads(text)) or "texts")
        for (code, revision), text in sorted(changes.items())
        if code in active
    ]
    more = len(rows) - MAX_LISTED
    shown = page.table(("copy", "revision", "what changed"), rows[:MAX_LISTED])
    rest = [page.tag("p", f"and {more} more")] if more > 0 else []
    return page.section("Revisions of the keys", shown, *rest)
