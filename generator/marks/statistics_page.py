"""``examiner/statistics.html``: what marks say about the exam, in tables and plots."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, sqrt
from statistics import fmean, stdev

from generator.bank.exam import Exam, Grades
from generator.files import html as page
from generator.files.html import Cell, Html
from generator.files.svg_plots import Axis, columns, scatter
from generator.language.conventions import Conventions
from generator.marks.findings import Findings, Item, Rater, Variant, Workload
from generator.marks.statistics import interval

LIKELY = 0.05
"""What is less likely by chance, adjusted for all that was looked at, is pointed out."""

SHOWN = 25
"""Rows of a table that could be very long."""

HARD, EASY, WEAK = 0.2, 0.95, 0.1
"""Facility and discrimination that are pointed out: hardly anybody, nearly all, tells nobody."""

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_BARS = 18
_TEXT = 110


@dataclass(frozen=True)
class _Words:
    """Says texts and numbers in the language of the exam."""

    conventions: Conventions

    def __call__(self, key: str, **values: object) -> str:
        return self.conventions.catalogue.text(key, **values)

    def short(self, value: float) -> str:
        return self.conventions.digits(f"{value:g}")

    def two(self, value: float) -> str:
        shown = f"{value:.2f}".replace("-0.00", "0.00")
        return self.conventions.digits(shown).replace("-", "\N{MINUS SIGN}")

    def drawn(self, name: object) -> str:
        """A drawn value; texts stay as they are."""
        own = str(name)
        return self.conventions.digits(own) if _NUMBER.fullmatch(own) else own

    def maybe(self, value: float | None) -> str:
        return "" if value is None else self.two(value)

    def chance(self, value: float) -> Cell:
        shown = self.conventions.digits("< 0.001" if value < 0.001 else f"{value:.3f}")
        return page.tag("span", shown, class_="warn") if value < LIKELY else shown


def statistics_page(exam: Exam, found: Findings, grades: Grades) -> str:
    """The page, which needs nothing from anywhere else."""
    say = _Words(exam.conventions)
    sections = [
        _summary(say, found),
        _totals(say, exam, found, grades),
        _items(say, found.items),
        _loads(say, found.loads),
        _variants(say, found.variants),
        _options(say, found),
        _mistakes(say, found),
        _raters(say, found.raters),
    ]
    title = say("statistics.title", exam=f"{exam.course}, {exam.title}")
    return page.page(title, exam.id, *sections, language=exam.conventions.language)


def _summary(say: _Words, found: Findings) -> Html:
    totals = found.totals
    facts: list[tuple[str, Cell]] = [
        (say("statistics.copies"), found.copies),
        (say("statistics.whole"), len(totals)),
    ]
    if len(totals) > 1:
        deviation = stdev(totals)
        facts.append((say("statistics.mean"), say.two(fmean(totals))))
        facts.append((say("statistics.deviation"), say.two(deviation)))
        if found.alpha is not None:
            facts.append(("Cronbach’s α", say.two(found.alpha)))
            # The standard error of measurement (Lord, Novick 1968, ch. 3): what is left of it.
            error = deviation * sqrt(max(1 - found.alpha, 0))
            facts.append((say("statistics.error"), say.two(error)))
    remarkable = (
        (say("statistics.doubtful"), found.doubtful),
        (say("statistics.moved"), found.moved),
        (say("statistics.unused"), found.unused),
    )
    facts += [(says, count) for says, count in remarkable if count]
    return page.joined([page.tiles(facts), page.tag("p", say("statistics.alpha"), class_="note")])


def _totals(say: _Words, exam: Exam, found: Findings, grades: Grades) -> Html:
    if not found.totals:
        return page.section(say("statistics.totals"), page.tag("p", say("statistics.nothing")))
    most = float(exam.credits)
    width = max(1, ceil(most / _BARS))
    counts = [0] * ceil((most + 0.001) / width)
    for total in found.totals:
        counts[min(int(total / width), len(counts) - 1)] += 1
    bars = [(str(at * width), float(count), str(count or "")) for at, count in enumerate(counts)]
    up = Axis(say("statistics.copies"), 0, max(counts) * 1.1)
    digits = say.conventions.digits
    cards = [
        page.card(say("statistics.points"), columns(say("statistics.totals"), up, bars, digits))
    ]
    if grades.scale:
        names = [grades.of(Fraction(total).limit_denominator(1000)) for total in found.totals]
        counted = [(name, float(names.count(name))) for name, _ in grades.scale]
        up = Axis(say("statistics.copies"), 0, max(count for _, count in counted) * 1.1)
        shown = [(name, count, str(int(count) or "")) for name, count in counted]
        cards.append(
            page.card(
                say("statistics.grades"), columns(say("statistics.grades"), up, shown, digits)
            )
        )
    return page.section(say("statistics.totals"), page.grid(cards))


def _items(say: _Words, items: Sequence[Item]) -> Html:
    """The subproblems: how hard each is and how it tells students apart, as a plot and a table."""
    header = [
        say("statistics.part"),
        say("statistics.most"),
        say("statistics.marked"),
        say("statistics.facility"),
        say("statistics.discrimination"),
        say("statistics.upper_lower"),
        say("statistics.without"),
        say("statistics.full"),
        "",
    ]
    rows: list[list[Cell]] = []
    for item in items:
        share = item.facility
        bar: Cell = "" if share is None else page.share_bar(share, f"{share * 100:.0f}\u202f%")
        numbers: list[Cell] = [say.short(item.maximum), item.count, bar]
        numbers += [
            say.maybe(item.discrimination),
            say.maybe(item.upper_lower),
            item.without,
            item.full,
        ]
        rows.append([item.part, *numbers, page.tag("span", _warned(say, item), class_="warn")])
    return page.section(
        say("statistics.parts"),
        _map_of_items(say, items),
        page.table(header, rows),
        note=say("statistics.parts_note"),
    )


def _map_of_items(say: _Words, items: Sequence[Item]) -> Html:
    """A point a subproblem; nothing where no two numbers are known of any."""
    placed = [
        (item.facility, item.discrimination, item.part)
        for item in items
        if item.facility is not None and item.discrimination is not None
    ]
    if not placed:
        return Html("")
    return scatter(
        say("statistics.map"),
        Axis(say("statistics.facility"), 0, 1),
        Axis.of(say("statistics.discrimination"), [0.0, *(up for _, up, _ in placed)]),
        [(across, up) for across, up, _ in placed],
        [part for _, _, part in placed],
        digits=say.conventions.digits,
    )


def _warned(say: _Words, item: Item) -> str:
    """What is worth a look."""
    if item.facility is None:
        return ""
    words = []
    if item.facility < HARD:
        words.append(say("statistics.hard"))
    if item.facility > EASY:
        words.append(say("statistics.easy"))
    if item.discrimination is not None and item.discrimination < WEAK:
        words.append(say("statistics.weak"))
    return ", ".join(words)


def _loads(say: _Words, loads: Sequence[Workload]) -> Html:
    cards = []
    for load in loads:
        works, points = [it for it, _ in load.pairs], [it for _, it in load.pairs]
        if len(set(works)) < 2:
            continue
        plot = scatter(
            say("statistics.load_of", problem=load.problem),
            Axis.of(say("statistics.load"), works),
            Axis(say("statistics.points"), 0, load.maximum),
            list(load.pairs),
            line=_line(works, points, load.r),
            digits=say.conventions.digits,
        )
        words = ""
        if load.r is not None:
            low, high = interval(load.r, len(works))
            values = {"r": say.two(load.r), "low": say.two(low), "high": say.two(high)}
            words = say("statistics.correlation", **values)
        title = say("statistics.problem", problem=load.problem)
        cards.append(page.card(title, plot, page.tag("p", words)))
    return page.section(
        say("statistics.loads"),
        page.grid(cards) if cards else page.tag("p", say("statistics.nothing")),
        note=say("statistics.loads_note"),
    )


def _line(
    works: Sequence[float], points: Sequence[float], r: float | None
) -> tuple[float, float] | None:
    """Intercept and slope of the least squares."""
    if r is None:
        return None
    slope = r * stdev(points) / stdev(works)
    return fmean(points) - slope * fmean(works), slope


def _variants(say: _Words, variants: Sequence[Variant]) -> Html:
    striking = [it for it in variants if it.chance < LIKELY]
    rows: list[list[Cell]] = [
        [_where(say, it), say.two(it.found.share), say.chance(it.chance), _groups(say, it)]
        for it in variants[:SHOWN]
    ]
    header = [
        say("statistics.drawn"),
        "η²",
        say("statistics.chance"),
        say("statistics.means"),
    ]
    cards = []
    for variant in striking[:8]:
        groups = sorted(variant.found.groups.items(), key=lambda it: _as_number(str(it[0])))
        bars = [(say.drawn(name), mean, f"n={count}") for name, (mean, count) in groups]
        up = Axis(say("statistics.points"), 0, max(mean for _, mean, _ in bars) * 1.15 or 1)
        title = _where(say, variant)
        cards.append(page.card(title, columns(title, up, bars, say.conventions.digits)))
    counts = {"count": len(variants), "striking": len(striking)}
    return page.section(
        say("statistics.variants"),
        page.tag("p", say("statistics.striking", **counts)),
        page.grid(cards),
        page.table(header, rows) if rows else "",
        note=say("statistics.variants_note"),
    )


def _where(say: _Words, variant: Variant) -> str:
    name = variant.name or say("statistics.question")
    return f"{variant.where}: {name}"


def _groups(say: _Words, variant: Variant) -> str:
    groups = sorted(variant.found.groups.items(), key=lambda it: _as_number(str(it[0])))
    shown = [f"{say.drawn(name)}: {say.two(mean)} ({count})" for name, (mean, count) in groups[:12]]
    return "; ".join(shown) + ("; …" if len(groups) > 12 else "")


def _as_number(text: str) -> tuple[float, str]:
    try:
        return float(text), ""
    except ValueError:
        return 0.0, text


def _options(say: _Words, found: Findings) -> Html:
    header = [
        say("statistics.part"),
        say("statistics.option"),
        say("statistics.right"),
        say("statistics.shown"),
        say("statistics.crossed"),
        "",
    ]
    rows: list[list[Cell]] = [
        [
            option.part,
            f"{option.name}: {_cut(option.text)}" if option.text else option.name,
            _truth(say, option.right, option.shown),
            option.shown,
            option.crossed,
            page.share_bar(
                option.crossed / option.shown, f"{100 * option.crossed / option.shown:.0f}\u202f%"
            ),
        ]
        for option in found.options
    ]
    content = page.table(header, rows) if rows else page.tag("p", say("statistics.no_crosses"))
    return page.section(say("statistics.options"), content, note=say("statistics.options_note"))


def _truth(say: _Words, right: int, shown: int) -> str:
    if right in {0, shown}:
        return say("word.true" if right else "word.false")
    return f"{right}/{shown}"


def _mistakes(say: _Words, found: Findings) -> Html:
    used = [it for it in found.mistakes if it.count]
    mistakes: list[list[Cell]] = [
        [it.part, _cut(it.text), say.short(it.earns), it.count, it.of] for it in used
    ]
    follows: list[list[Cell]] = [
        [it.part, it.count, it.of, say.two(it.mean), say.maybe(it.others)] for it in found.follows
    ]
    nothing = page.tag("p", say("statistics.nothing"))
    head = [say("statistics.part"), say("statistics.mistake"), say("statistics.earns")]
    head += [say("statistics.ticked"), say("statistics.marked")]
    second = [say("statistics.part"), say("statistics.followed"), say("statistics.marked")]
    second += [say("statistics.mean_followed"), say("statistics.mean_others")]
    return page.section(
        say("statistics.mistakes"),
        page.table(head, mistakes) if mistakes else nothing,
        page.tag("h3", say("statistics.follow_through")),
        page.table(second, follows) if follows else nothing,
    )


def _raters(say: _Words, raters: Sequence[Rater]) -> Html:
    header = [
        say("statistics.part"),
        say("statistics.who"),
        say("statistics.marked"),
        say("statistics.mean"),
        say("statistics.mean_others"),
        say("statistics.chance"),
        say("statistics.trend"),
        say("statistics.again"),
    ]
    rows: list[list[Cell]] = []
    for rater in raters:
        chance: Cell = "" if rater.chance is None else say.chance(rater.chance)
        again = "" if rater.again is None else f"{say.two(rater.again)} ({rater.pairs})"
        numbers = [
            say.two(rater.mean),
            say.maybe(rater.others),
            chance,
            say.maybe(rater.trend),
            again,
        ]
        rows.append([rater.part, rater.who, rater.count, *numbers])
    content = page.table(header, rows) if rows else page.tag("p", say("statistics.nothing"))
    return page.section(say("statistics.raters"), content, note=say("statistics.raters_note"))


def _cut(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _TEXT else f"{words[:_TEXT]}…"
