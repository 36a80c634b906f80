"""`make check`: everything that can be found wrong with a bank before anybody prints it.

1. Errors of all files at once: bank, roster, LaTeX.
2. Many draws of every problem: how often conditions are met, how answers are spread, and what does
   not hold for some draw, with that draw.
3. Warnings: what is allowed, but seldom meant.

It is said as tables on the terminal, and with plots on a page of its own.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from generator.bank.coverage import coverage, exam_minutes, tagged
from generator.bank.exam import Exam
from generator.bank.gray import has_colors
from generator.bank.images import printable
from generator.bank.part import Figure
from generator.bank.problem import Problem
from generator.commands.covering_sample import cover_exam, one_of_each
from generator.commands.guess import Guesses, guess_rows, in_exam
from generator.commands.lint import cut, fair_share, lint, percent
from generator.commands.stress import Stress, complaint_place, stress_beside
from generator.compose.places import COVER, exam_line
from generator.draw.fairness import Measured, measure_exam, shortest_first, show_branches
from generator.errors import Complaint, CopyError, InputError, UnfitError
from generator.exact.numbers import format_number, parse_number
from generator.files import html as page
from generator.files.whole import write_whole
from generator.layout import PT_PER_MM
from generator.pipeline.inputs import read_inputs
from generator.pipeline.made_of import bank_digest, checked_mark
from generator.pipeline.twice import check_twice
from generator.release.place import Place
from generator.typeset.figure_sheets import figure_file
from generator.typeset.ink import is_of_ink
from generator.typeset.pdftex import PDFTEX
from generator.typeset.preparation import prepare_press
from generator.typeset.press import Press, variant_name
from generator.verify.readback import colored_pages
from generator.work.progress import SILENT, Progress

DRAWS = 5_000
FEW_DRAWS = 500
PAGES_OF_A_SHEET = 4
"""Of a booklet; copies have a multiple of them."""
"""Draws of what can be read of a bank in which something is wrong anyway."""

MOST_TRIALS = 3
"""Presses that are tried: of all, of what can be set, and of what is left of that."""

_EYE_MM = 1.0
"""Two sizes that differ by less look the same."""


@dataclass(frozen=True)
class Checked:
    """What was found.

    Attributes:
        exam: The exam.
        stress: Problem id to what its draws showed.
        measured: Problem id to its loads and band, as far as it has one.
        errors: What has to be mended.
        warnings: What is allowed, but seldom meant.
        notes: What was not checked, or left aside.
    """

    exam: Exam
    stress: Mapping[str, Stress]
    measured: Mapping[str, Measured]
    errors: tuple[Complaint, ...]
    warnings: tuple[Complaint, ...]
    notes: tuple[str, ...]


def check_exam(
    exam_file: Path,
    roster_file: Path,
    out: Path,
    draws: int = DRAWS,
    jobs: int = 1,
    progress: Progress = SILENT,
    tag: str = "",
) -> Checked:
    """Checks bank and roster, and leaves a page with plots beside the exam's folder.

    Args:
        tag: Only problems with a part of which about.tags has this word are tried.

    Raises:
        InputError: The bank cannot be read; all that is wrong with it and with the roster.
            Nothing has the tag.
    """
    checked = examine_exam(exam_file, roster_file, out, draws, jobs, progress, tag)
    out.mkdir(parents=True, exist_ok=True)
    file = page_file(out, checked.exam)
    write_whole(file, make_page(checked).encode())
    file.chmod(0o600)  # how answers are spread is nobody else's business
    return checked


def examine_exam(
    exam_file: Path,
    roster_file: Path | None,
    out: Path,
    draws: int = DRAWS,
    jobs: int = 1,
    progress: Progress = SILENT,
    tag: str = "",
    *,
    early: bool = True,
) -> Checked:
    """Checks bank and roster, and writes nothing but what is kept in the cache.

    Args:
        roster_file: None where the bank alone is checked.
        early: What is wrong with the files is told before the draws, too.

    Raises:
        InputError: The bank cannot be read; all that is wrong with it and with the roster.
            Nothing has the tag.
    """
    read = read_inputs(exam_file, roster_file)
    errors = list(read.complaints)
    if read.readable is None:
        raise InputError(errors)
    exam = _tagged(read.readable, tag) if tag else read.readable
    notes = list(read.roster.notes) if read.roster else []
    for complaint in errors if early else ():  # at once, not behind the draws
        progress.foretell(f"error: {complaint}")
    draws = draws if read.exam else min(draws, FEW_DRAWS)
    place = Place(out, exam.id)
    compiled: tuple[Exam, Press] | None = None
    with stress_beside(exam, draws, jobs) as finish:  # while TeX runs
        if shutil.which(PDFTEX) is None:
            notes.append("TeX is not installed: texts and figures were not compiled")
        else:
            compiled = _compile(exam, place.cache, jobs, errors)
        errors += _solved_otherwise(exam if read.exam is not None else None)
        stress = finish(progress)
    measured = _measure(exam, stress, place.cache, jobs, progress, errors)
    broken = [it for own in stress.values() for it in _broken(own)]
    told = {complaint_place(it) for it in broken}  # of the reference copy alone, too
    errors = [it for it in errors if complaint_place(it) not in told] + broken
    if compiled is not None:
        bands = {name: found.band for name, found in measured.items()}
        shown = cover_exam(*compiled, bands, jobs, progress, place.cache)
        errors = one_of_each([*errors, *_not_told_yet(shown, errors)])
    if read.exam is None:
        raise InputError(errors)
    if not errors and compiled is not None and not tag:
        checked_mark(place.cache, bank_digest(exam)).touch()
        notes += _spare_sheets(exam, compiled[1])
    warnings = [
        *(it for own in exam.problems for it in lint(own, stress[own.id], measured.get(own.id))),
        *_too_long(exam),
        *(_odd_figures(*compiled) if compiled is not None else ()),
    ]
    return Checked(
        exam, stress, measured, tuple(sorted(set(errors))), tuple(sorted(warnings)), tuple(notes)
    )


def _odd_figures(exam: Exam, press: Press) -> Iterator[Complaint]:
    yield from colored_figures(exam, press)
    yield from figures_that_stand_out(exam, press)


def _spare_sheets(exam: Exam, press: Press) -> Iterator[str]:
    """Paper that nobody needs: more empty pages at the end than the exam asks for."""
    spare = sum(page.kind == "additional" for page in press.plan) - exam.additional_pages
    if enough := spare // PAGES_OF_A_SHEET * PAGES_OF_A_SHEET:
        yield (
            f"pages: {exam.pages - enough} would do; of {exam.pages}, {spare} are for additional "
            f"solutions beyond the {exam.additional_pages} that additional_pages asks for"
        )


def _solved_otherwise(exam: Exam | None) -> Sequence[Complaint]:
    """What is wrong if solvers are run once more; nothing of a bank that was not read whole."""
    if exam is None:
        return ()
    try:
        check_twice(exam)
    except InputError as error:
        return error.problems
    return ()


def _not_told_yet(shown: Collection[Complaint], errors: Iterable[Complaint]) -> set[Complaint]:
    """What copies show to be wrong, but for unseen texts of parts of which one is told already."""
    told = {(it.file, _part(it)) for it in errors if is_of_ink(it.message) or it.where == COVER}
    again = (it for it in shown if is_of_ink(it.message) and (it.file, _part(it)) in told)
    wide = {_too_wide(it) for it in errors if _TOO_WIDE.search(it.message)}
    return {it for it in set(shown).difference(again) if _too_wide(it) not in wide}


_TOO_WIDE = re.compile(r"Overfull \\hbox \([0-9.]+pt too wide\)")


def _too_wide(complaint: Complaint) -> tuple[str, str, str] | None:
    """The part that something is too wide in, and by how much; None for anything else."""
    found = _TOO_WIDE.search(complaint.message)
    return None if found is None else (complaint.file, _part(complaint), found[0])


def _part(complaint: Complaint) -> str:
    """The part that a complaint is of, whichever of its texts."""
    return complaint.where.partition(",")[0]


def page_file(out: Path, exam: Exam) -> Path:
    """Where the page of an exam is."""
    return out / f"{exam.id}-check.html"


def colored_figures(exam: Exam, press: Press) -> Iterator[Complaint]:
    """Figures of papers that are not only black and gray, in the variant that comes first.

    Images are printed in gray; what they have in the bank is asked.
    """
    colored = {
        sheet.names[index]
        for sheet in press.figures
        if sheet.on_paper
        for index in colored_pages(sheet.pdf)
    }
    figures = [(it.file, figure) for it in exam.problems for figure in it.paper_figures()]
    figures += [(exam.file, exam.logo)] if exam.logo is not None else []
    for bank_file, figure in figures:
        drawn_in_color = variant_name(figure.slot, 0) in colored
        if figure.file is not None and (drawn_in_color or _is_colored_image(figure)):
            message = (
                f"{figure.file.path} has colors, but papers are printed in black: see that "
                "what they tell apart can be told in gray, too"
            )
            yield Complaint(bank_file, *figure.place, figure.slot, message)


def figures_that_stand_out(exam: Exam, press: Press) -> Iterator[Complaint]:
    """Figures of options that are not of one size: readers take the odd one for the right one."""
    for problem in exam.problems:
        for part in problem.parts:
            figures = [it for it in part.paper_figures() if it.of_option]
            sizes_mm = {it.slot: _size_mm(press, it) for it in figures}
            other = next((it for it in figures if _differ(sizes_mm[it.slot], sizes_mm)), None)
            if other is not None:
                said = sorted({f"{width:.0f} × {high:.0f} mm" for width, high in sizes_mm.values()})
                message = (
                    f"the figures of its options are not of one size ({', '.join(said)}), so one "
                    "stands out; draw them in one size"
                )
                yield Complaint(problem.file, *other.place, part.id, message)


def _size_mm(press: Press, figure: Figure) -> tuple[float, float]:
    width_pt, height_pt = press.places.sizes[figure.slot]
    return width_pt / PT_PER_MM, height_pt / PT_PER_MM


def _differ(size_mm: tuple[float, float], others: Mapping[str, tuple[float, float]]) -> bool:
    """Whether a size is not that of most, as far as the eye can tell."""
    near = [
        (width_mm, height_mm)
        for width_mm, height_mm in others.values()
        if max(abs(width_mm - size_mm[0]), abs(height_mm - size_mm[1])) < _EYE_MM
    ]
    return 2 * len(near) <= len(others) and len(near) < len(others)


def _is_colored_image(figure: Figure) -> bool:
    if not figure.is_image or figure.file is None:
        return False
    suffix, content = printable(figure.name, figure.file.content)
    return bool(colored_pages(content)) if suffix == ".pdf" else has_colors(content)


def _compile(
    exam: Exam, cache: Path, jobs: int, errors: list[Complaint]
) -> tuple[Exam, Press] | None:
    """The press of as much of the exam as can be set, so that all mistakes are found at once.

    Args:
        errors: Gets what TeX complains of: what does not fit is set all the same, problems with
            other mistakes are left out.
    """
    lenient = False
    for _ in range(MOST_TRIALS):
        try:
            return exam, prepare_press(exam, cache, jobs, lenient=lenient)
        except InputError as error:
            # What has a place shows again where the texts are put together, without one.
            errors += [it for it in error.problems if it.line] or list(error.problems)
            lenient = True
            exam = roomy(exam if isinstance(error, UnfitError) else _without(exam, error.problems))
        except CopyError as error:
            errors += [
                it if it.file or it.where else replace(it, where="LaTeX") for it in error.complaints
            ]
            break
        if not exam.problems:
            break
    return None


def _tagged(exam: Exam, tag: str) -> Exam:
    """The problems with a part that has a tag, as an exam."""
    wanted = tagged(exam, tag)
    if not wanted:
        known = {
            it for problem in exam.problems for part in problem.parts for it in part.about.tags
        }
        message = f"no part has the tag {tag}; known: {', '.join(sorted(known)) or 'none'}"
        raise InputError([Complaint(exam.file, 0, 0, "--tag", message)])
    problems = tuple(problem for problem in exam.problems if problem.id in wanted)
    return replace(
        exam, problems=problems, credits=sum((it.points for it in problems), Fraction(0))
    )


def _too_long(exam: Exam) -> Iterator[Complaint]:
    """The exam takes longer than it has, by what is said of its parts."""
    needed = exam_minutes(exam)
    if needed is not None and needed > exam.minutes:
        message = (
            f"the parts take {format_number(needed)} minutes by about.minutes, but there are "
            f"{exam.minutes}"
        )
        yield Complaint(exam.file, exam_line(exam, "end"), 0, "end", message)


def roomy(exam: Exam) -> Exam:
    """An exam with as many pages as it may ever need."""
    return replace(exam, pages=2 + sum(len(it.parts) for it in exam.problems), additional_pages=0)


def _without(exam: Exam, complaints: Iterable[Complaint]) -> Exam:
    """The problems of an exam of which nobody complains."""
    wrong = {it.file for it in complaints}
    kept = [
        problem
        for problem in exam.problems
        if wrong.isdisjoint([*problem.sources, *(figure_file(it) for it in problem.figures())])
    ]
    logo = None if exam.logo is None or figure_file(exam.logo) in wrong else exam.logo
    return replace(exam, problems=tuple(kept), logo=logo)


def _measure(
    exam: Exam,
    stress: Mapping[str, Stress],
    cache: Path,
    jobs: int,
    progress: Progress,
    errors: list[Complaint],
) -> dict[str, Measured]:
    """The bands of the problems that can be drawn."""
    sound = tuple(problem for problem in exam.problems if not stress[problem.id].broken)
    begun = {name: found.work for name, found in stress.items()}
    measured: dict[str, Measured] = {}
    together = replace(exam, problems=sound)
    try:
        return measure_exam(together, cache, jobs, progress, begun)
    except InputError as error:
        errors += error.problems
    for problem in sound:  # those that are as they should be
        with suppress(InputError):
            alone = replace(exam, problems=(problem,))
            measured |= measure_exam(alone, cache, jobs, SILENT, begun)
    return measured


def _broken(stress: Stress) -> Iterator[Complaint]:
    for broken in stress.broken.values():
        shown = f"{broken.count:,} of {stress.tried:,} draws, the first is number {broken.draw}"
        yield replace(broken.complaint, message=f"{broken.complaint.message} ({shown})")


# What is said -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listing:
    """A table: on the terminal and on the page."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]


def listings(checked: Checked) -> Iterator[Listing]:
    """The tables, as far as there is something in them."""
    tables = (
        Listing(
            "Problems",
            ("problem", "title", "draws", "admissible", "in the band", "distinct", "slowest"),
            tuple(_problem_row(checked, problem) for problem in checked.exam.problems),
        ),
        Listing(
            "Conditions, in the order in which they are asked",
            ("problem", "condition", "asked", "met"),
            tuple(_condition_rows(checked)),
        ),
        Listing(
            "Branch patterns",
            ("problem", "pattern", "draws", "handed out"),
            tuple(_pattern_rows(checked)),
        ),
        Listing(
            "Answers",
            ("answer", "distinct", "smallest", "median", "largest", "most common"),
            tuple(
                _answer_row(answer, counts)
                for stress in checked.stress.values()
                for answer, counts in stress.answers.items()
            ),
        ),
        Listing(
            "What the questions are about",
            ("by", "", "questions", "credits", "share", "minutes"),
            tuple(_coverage_rows(checked.exam)),
        ),
        Listing(
            "What a guesser could use in multiple choice",
            ("where", "what"),
            tuple(guess_rows(checked.exam, _guesses(checked))),
        ),
    )
    return (table for table in tables if table.rows)


def _coverage_rows(exam: Exam) -> Iterator[tuple[str | int, ...]]:
    for it in coverage(exam):
        minutes = "" if it.minutes is None else format_number(it.minutes)
        share = f"{float(it.points / exam.credits):.0%}"
        yield it.field, it.word, it.questions, format_number(it.points), share, minutes


def _guesses(checked: Checked) -> Guesses:
    return in_exam(stress.guesses for stress in checked.stress.values())


def _problem_row(checked: Checked, problem: Problem) -> tuple[str | int, ...]:
    stress = checked.stress[problem.id]
    measured = checked.measured.get(problem.id)
    distinct = len(stress.variants)
    # Where nearly all differ, there are more than were drawn.
    more = "+" if stress.draws > 1 and 2 * distinct > stress.draws else ""
    return (
        problem.id,
        problem.title,
        stress.draws,
        percent(stress.draws, stress.attempts),
        f"{fair_share(measured):.1%}" if measured is not None else "",
        f"{distinct:,}{more}",
        f"{stress.slowest[0] * 1000:.1f} ms",
    )


def _condition_rows(checked: Checked) -> Iterator[tuple[str | int, ...]]:
    for problem in checked.exam.problems:
        stress = checked.stress[problem.id]
        for require in problem.requires:
            place = (require.line, require.column)
            asked, met = stress.asked[place], stress.met[place]
            source = " ".join(require.expression.source.split())
            yield problem.id, source, asked, percent(met, asked)
        yield from _mistake_rows(problem, stress)
        measured = checked.measured.get(problem.id)
        if measured is not None:
            low, high = ceil(measured.band.lowest), floor(measured.band.highest)
            asked = measured.spread().total()
            inside = round(fair_share(measured) * measured.loads.total())
            band = f"load from {low} to {high} (median {measured.median})"
            yield problem.id, band, asked, percent(inside, asked)


def _mistake_rows(problem: Problem, stress: Stress) -> Iterator[tuple[str | int, ...]]:
    """How often a mistake would lead to the right result, of draws that meet what is above."""
    for part in problem.questions():
        for mistake in part.mistakes:
            place = (mistake.line, mistake.column)
            if mistake.gives and (asked := stress.asked[place]):
                what = f"{part.id}: not right by mistake: {cut(mistake.text.source)}"
                yield problem.id, what, asked, percent(stress.met[place], asked)


MOST_BRANCHES = 8
"""Branches of a pattern that somebody may want to read."""


def _pattern_rows(checked: Checked) -> Iterator[tuple[str | int, ...]]:
    for name, measured in checked.measured.items():
        patterns = measured.patterns()
        allowed = measured.band.branches
        # Long ones of which none is left out would fill pages, and nobody chooses among them.
        long = any(len(pattern) > MOST_BRANCHES for pattern, _ in patterns)
        if len(patterns) < 2 or (allowed is None and long):
            continue
        for pattern, count in shortest_first(patterns, 10):
            share = percent(count, measured.loads.total())
            handed_out = "yes" if allowed is None or pattern in allowed else "no"
            yield name, show_branches(pattern), share, handed_out


def _answer_row(answer: str, counts: Counter[str]) -> tuple[str | int, ...]:
    smallest, median, largest = _range(counts)
    text, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
    common = f"{cut(text)} ({percent(count, counts.total())})"
    return answer, len(counts), smallest, median, largest, common


def _range(counts: Counter[str]) -> tuple[str, str, str]:
    """The smallest, the median and the largest of numbers; nothing of texts and lists."""
    try:
        numbers = sorted((parse_number(text), text) for text in counts)
    except ValueError:
        return "", "", ""
    left = (counts.total() + 1) // 2
    median = numbers[0][1]
    for _, median in numbers:
        left -= counts[median]
        if left <= 0:
            break
    return numbers[0][1], median, numbers[-1][1]


def slowest(checked: Checked) -> str:
    """The draw that took longest, in words."""
    name, stress = max(checked.stress.items(), key=lambda item: item[1].slowest)
    seconds, number, values = stress.slowest
    return (
        f"slowest draw: {seconds * 1000:.1f} ms, problem {name}, draw {number}: {cut(values, 160)}"
    )


def summary(checked: Checked) -> str:
    """The last line."""
    draws = sum(stress.draws for stress in checked.stress.values())
    tried = f"{_counted(len(checked.exam.problems), 'problem')}, {draws:,} draws"
    found = (len(checked.errors), "error"), (len(checked.warnings), "warning")
    return f"{tried}: {', '.join(_counted(*it) for it in found)}"


def _counted(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'s' * (count != 1)}"


def show(checked: Checked, console: Console) -> None:
    """Prints the tables, and then what is wrong."""
    frame = box.SIMPLE_HEAD if console.is_terminal else box.ASCII
    for listing in listings(checked):
        table = Table(title=listing.title, title_justify="left", box=frame)
        for index, name in enumerate(listing.header):
            right = index > 0 and all(_is_quantity(row[index]) for row in listing.rows)
            table.add_column(name, justify="right" if right else "left", overflow="fold")
        for row in listing.rows:
            cells = (f"{cell:,}" if isinstance(cell, int) else cell for cell in row)
            table.add_row(*(Text(cell) for cell in cells))
        console.print(table)
    console.print(Text(slowest(checked)), soft_wrap=True)
    for note in checked.notes:
        _say(console, "note", "cyan", note)
    for warning in checked.warnings:
        _say(console, "warning", "yellow", str(warning))
    for error in checked.errors:
        _say(console, "error", "red", str(error))
    console.print(Text(summary(checked), style="red" if checked.errors else "green"))


def _is_quantity(cell: str | int) -> bool:
    return isinstance(cell, int) or re.fullmatch(r"-?[\d,.]*\+?( ms|%)?", cell) is not None


def _say(console: Console, kind: str, color: str, message: str) -> None:
    console.print(Text.assemble((kind, color), ": ", message), soft_wrap=True)


def make_page(checked: Checked) -> str:
    """The same as a page, with plots of the loads."""
    exam = checked.exam
    found = [
        *(_finding("error", "bad", it) for it in checked.errors),
        *(_finding("warning", "warn", it) for it in checked.warnings),
        *(page.joined([page.tag("span", "note", class_="good"), ": ", it]) for it in checked.notes),
    ]
    wrong = page.items(found) if found else page.tag("p", "Nothing was found.")
    loads = [
        page.card(
            f"{problem.id} · {problem.title}",
            page.histogram(
                f"Loads of admissible draws of problem {problem.id}",
                measured.spread(),
                {},
                page.MarkedRange(
                    ceil(measured.band.lowest), floor(measured.band.highest), measured.median
                ),
            ),
            page.tag("p", f"{fair_share(measured):.1%} of admissible draws are in the band."),
        )
        for problem in exam.problems
        if (measured := checked.measured.get(problem.id)) is not None
    ]
    tables = [
        page.section(listing.title, page.table(listing.header, listing.rows))
        for listing in listings(checked)
    ]
    plots = page.section(
        "Loads",
        page.grid(loads),
        note="The arithmetic of admissible draws, counted as it is done by hand; the green range "
        "is the band that draws of copies are held to.",
    )
    title = f"Check of {exam.course}: {exam.title}"
    body = (page.section("What was found", wrong), *tables[:1], *([plots] if loads else []))
    last = page.tag("p", slowest(checked), class_="note")
    return page.page(title, f"{exam.id}. {summary(checked)}.", *body, *tables[1:], last)


def _finding(kind: str, style: str, complaint: Complaint) -> page.Html:
    return page.joined([page.tag("span", kind, class_=style), ": ", str(complaint)])
