"""The template of a bank: everything on paper or key that is the same in all copies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from pylatex import Command

from generator.bank.exam import Exam
from generator.bank.part import Figure, Part
from generator.bank.problem import Problem
from generator.compose.cover import cover
from generator.compose.frame import FigureSize, LabelPlace, fields
from generator.compose.latex import Tex, command, sequence, tex
from generator.compose.plan import Page
from generator.compose.sayings import sayings
from generator.language.hyphens import break_places
from generator.layout import MM_PER_TEX_PT


def declarations(
    exam: Exam, static_blocks: Mapping[str, str], sizes: Mapping[str, FigureSize]
) -> Iterator[Command]:
    """Fields, problems, parts, static blocks and the sizes of figures."""
    for name, value in fields(exam).items():
        yield command("ExamField", tex(name), value)
    for name, text in sayings(exam).items():
        yield command("SayingIs", tex(name), tex(text))
    yield from cover(exam)
    for slot, size in sizes.items():
        yield command("FigureSize", tex(slot), size.width_pt, size.height_pt)
        if size.drawn:
            yield command("FigureDrawn", tex(slot))
        for name, place in size.labels.items():
            yield _label_place(slot, name, place)
    for problem in exam.problems:
        number = exam.conventions.number
        points = number(problem.points)
        kind = "choice" if problem.choice else "mixed" if _has_options(problem) else "open"
        yield command("DefineProblem", problem.id, problem.title, points, kind)
        if problem.scoring:
            yield command("DefineScoring", problem.id, tex(problem.scoring.removeprefix("paper.")))
        for part in problem.parts:
            labels = tex(_labels(exam, part))
            yield command("DefinePart", part.id, number(part.points), part.form, labels)
            if kind == "mixed" and part.option_count:
                yield command("ShowCredits", part.id)
            if part.states_scoring:
                yield command("DefineScoring", part.id, tex(part.scoring.removeprefix("paper.")))
            if any(question.gaps for question in part.questions()):
                moves = part.alternatives or part.has_rows or part.ask.varies
                yield command("DefineGaps", part.id, "moves" if moves else "")
            if part.two_boxes:
                yield command("DefineTwoBoxes", part.id)
            slots = [figure.slot for figure in part.paper_figures() if figure.of_option]
            if slots:
                yield command("OptionFigures", part.id, tex(",".join(slots)))
    for name, source in static_blocks.items():
        yield command("DefineBlock", tex(name), tex(source + "\n"))


def _label_place(slot: str, name: str, place: LabelPlace) -> Command:
    lengths = (f"{length:.3f}" for length in (place.x_pt, place.y_pt, place.width_pt))
    turn = " ".join(f"{number:.5f}" for number in place.turn)
    return command("LabelPlace", tex(slot), tex(name), *map(tex, lengths), place.size_pt, tex(turn))


def broken_words(exam: Exam) -> Iterator[Command]:
    """The words of bank and catalogue, with the places where they may be broken."""
    catalogue = exam.conventions.catalogue
    words = break_places((*exam.files.values(), *catalogue.all_texts()), catalogue.language)
    yield command("BreakWords", tex(" ".join(words)))
    if words and catalogue.breaks_often:
        yield command("BreakOften")


def _has_options(problem: Problem) -> bool:
    return any(part.option_count for part in problem.parts)


def _labels(exam: Exam, part: Part) -> str:
    """What the marking boxes say, comma-separated; a decimal comma is in braces."""
    if not exam.point_boxes:
        return ""
    return ",".join(f"{{{exam.conventions.number(mark)}}}" for mark in part.marks)


def pages(exam: Exam, plan: Iterable[Page], *, key: bool) -> Iterator[Command]:
    """The pages of the plan."""
    problems = {problem.id: problem for problem in exam.problems}
    for page in plan:
        if page.left is None:
            body = sequence(_body(page, problems, key=key))
        else:
            sides = (page.sections[: page.left], page.sections[page.left :])
            columns = (replace(page, sections=sections) for sections in sides)
            bodies = (sequence(_in_column(it, problems, key=key)) for it in columns)
            body = sequence([command("TwoColumns", *bodies)])
        yield command("DefinePage", str(page.number), body)


def _in_column(page: Page, problems: Mapping[str, Problem], *, key: bool) -> Iterator[Command]:
    """A column; the right one of the last page may be empty."""
    return _body(page, problems, key=key) if page.sections else iter(())


def _body(page: Page, problems: Mapping[str, Problem], *, key: bool) -> Iterator[Command]:
    if not page.sections:
        yield command("CoverPage" if page.kind == "cover" else "AdditionalPage")
    for section in page.sections:
        problem = problems[section.problem]
        if section.first:
            yield command("ProblemHeading", problem.id)
            yield command("IntroBlock", problem.id, _slot(problem.figure))
        else:
            yield command("ProblemHeading*", problem.id)
        parts = {part.id: part for part in problem.parts}
        for planned in section.parts:
            name, *arguments = parts[planned.id].layout(planned.box_mm or planned.slot_mm, key=key)
            yield command(name, *map(tex, arguments))


def _slot(figure: Figure | None) -> str:
    return tex(figure.slot) if figure is not None else ""


def measures(exam: Exam, blocks: Mapping[str, Sequence[str]]) -> Iterator[Command]:
    """What is to be measured for the page plan.

    Args:
        blocks: Name of a block that varies to its versions as TeX; the highest of them counts.
    """
    for problem in exam.problems:
        figure = _slot(problem.figure)
        yield from _measure("MeasureProblem", problem.id, "intro", figure, blocks)
        for part in problem.parts:
            yield from _measure("MeasurePart", part.id, "ask", _slot(part.figure), blocks)


def _measure(
    how: str, owner: str, block: str, figure: str, blocks: Mapping[str, Sequence[str]]
) -> Iterator[Command]:
    name = f"{owner}/{block}"
    for version in blocks.get(name, ()):
        yield command("DefineBlock", tex(name), tex(version + "\n"))
        yield command(how, owner, figure)
    if name not in blocks:
        yield command(how, owner, figure)


def plan_heights(heights: Mapping[str, Fraction]) -> Iterator[Command]:
    """The heights that every copy must have."""
    for name, height in heights.items():
        yield command("PlanHeight", tex(name), f"{float(height) / MM_PER_TEX_PT:.3f}")


def dumps(commands: Iterable[Command]) -> str:
    """Commands as TeX."""
    return str(Tex(data=list(commands)).dumps())
