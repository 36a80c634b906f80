"""Figures, made once: a sheet has a page for each variant of each figure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from generator.bank.characters import as_set
from generator.bank.exam import Exam
from generator.bank.gray import in_gray
from generator.bank.group import variants
from generator.bank.images import printable
from generator.bank.part import Figure
from generator.bank.problem import Problem
from generator.compose.frame import FigureSize, LabelPlace
from generator.compose.given import key_slots
from generator.compose.highest import highest, of_each_shape
from generator.compose.plot_paths import plot_size
from generator.draw.draw import reference_draw
from generator.errors import Complaint, InputError
from generator.exact.numbers import Value
from generator.solve.printed import Plain, plain, shown_value
from generator.solve.solve import solve_problem
from generator.typeset import survey
from generator.typeset.figure_runs import FigureSource, typeset_figures
from generator.typeset.labels import label_places
from generator.typeset.pdftex import Typeset
from generator.typeset.press import FigureSheet, variant_name
from generator.typeset.tex_log import TexIssue, TypesetError
from generator.typeset.toolchain import package_lines


def make_sheets(
    exam: Exam, cache_folder: Path, latex: Path, look: str
) -> tuple[list[FigureSheet], dict[str, FigureSize], dict[str, set[int]]]:
    """All variants of all figures, their sizes, and the characters in them.

    Args:
        cache_folder: Where sheets are kept, for all presses together.
        latex: The folder of the class and the figures.
        look: Its digest.

    Raises:
        InputError: A figure does not compile, or its variants differ in size.
    """
    on_paper: dict[bool, list[tuple[Figure, list[FigureSource]]]] = {True: [], False: []}
    for problem in exam.problems:
        answers = key_slots(problem)
        for figure in (it for it in problem.figures() if it.plot is None):
            shown = figure.slot not in answers
            sources = [
                in_gray_print(it) if shown and figure.is_image else it
                for it in figure_sources(problem, figure)
            ]
            on_paper[shown].append((figure, sources))
    if exam.logo is not None:
        on_paper[True].append((exam.logo, [in_gray_print(image_source(exam.logo))]))
    sheets: list[FigureSheet] = []
    sizes = {
        figure.slot: plot_size(figure)
        for problem in exam.problems
        for figure in problem.figures()
        if figure.plot is not None
    }
    runs: list[Typeset] = []
    for shown, found in on_paper.items():
        if found:
            typeset, names, found_sizes = _sheet(exam, found, cache_folder, latex, look)
            images = frozenset(
                variant_name(figure.slot, 0) for figure, _ in found if figure.is_image
            )
            sheets.append(FigureSheet(typeset.pdf, names, shown, images))
            sizes |= found_sizes
            runs.append(typeset)
    return sheets, sizes, survey.used_slots(runs)


def _sheet(
    exam: Exam,
    found: Sequence[tuple[Figure, Sequence[FigureSource]]],
    cache_folder: Path,
    latex: Path,
    look: str,
) -> tuple[Typeset, tuple[str, ...], dict[str, FigureSize]]:
    """All variants of some figures, their names, and the size of each figure."""
    every = [source for _, sources in found for source in sources]
    try:
        typeset, pages = typeset_figures(
            every,
            cache_folder,
            latex,
            look,
            exam.letters,
            packages(exam, figures=True),
        )
    except TypesetError as error:
        raise complain_of_figures(error, [figure for figure, _ in found]) from None
    labeled = any(source.labels for source in every)
    labels = list(label_places(typeset.pdf)) if labeled else [{} for _ in every]
    names: list[str] = []
    sizes = {}
    for figure, sources in found:
        own = slice(len(names), len(names) + len(sources))
        variant_sizes = set(pages[own])
        if len(variant_sizes) != 1:
            message = f"the figure {figure.name} has variants of different sizes"
            raise InputError([Complaint(figure_file(figure), 0, 0, "", message)])
        check_labels(figure, labels[own])
        names += (variant_name(figure.slot, index) for index in range(len(sources)))
        sizes[figure.slot] = FigureSize(*variant_sizes.pop(), labels[own][0])
    return typeset, tuple(names), sizes


def figure_file(figure: Figure) -> str:
    """What messages call the file of a figure."""
    return figure.file.path if figure.file is not None else f"latex/figures/{figure.name}.tex"


def check_labels(figure: Figure, variants_labels: Sequence[Mapping[str, LabelPlace]]) -> None:
    """Each label that is declared stands once in the figure, at the same place in all variants.

    Raises:
        InputError: It does not.
    """
    missing = (figure.labels.keys() | figure.answers.keys()) - variants_labels[0].keys()
    if missing:
        message = f"it has no \\FigureLabel{{{min(missing)}}}; add it, or leave the label out"
        raise InputError([Complaint(figure_file(figure), 0, 0, figure.slot, message)])
    if any(places != variants_labels[0] for places in variants_labels):
        message = "its labels move with its values; each stands at one place in all variants"
        raise InputError([Complaint(figure_file(figure), 0, 0, figure.slot, message)])


def complain_of_figures(error: TypesetError, figures: Iterable[Figure]) -> InputError:
    """What is wrong with figures, once each: many variants may have the same mistake."""
    files = {figure.name: figure_file(figure) for figure in figures}
    begun: set[str] = set()
    complaints = [
        issue.in_file
        or Complaint(
            files.get(issue.block, "latex/variantfigure.cls"),
            issue.line,
            0,
            "",
            _said(issue),
        )
        for issue in error.issues
        if not _follows(issue, begun)
    ]
    return InputError(list(dict.fromkeys(complaints)))


_OWN_COMMAND = re.compile(r" *\{?\\ShipFigure\b.*", re.DOTALL)
"""The program's own command around a figure."""

_BY_ITSELF = ("Undefined control sequence", "Package pgfkeys Error", "Missing character")
"""What TeX says of a mistake without being thrown off course by it."""

_UNCLOSED = ("Extra }", "Argument of ", "Paragraph ended before ")
_END = r"\end{"


def _said(issue: TexIssue) -> str:
    message = f"LaTeX says: {_OWN_COMMAND.sub('', issue.message)}"
    if _END in message or issue.message.startswith(_UNCLOSED):
        return f"{message}; see that each brace, bracket and environment before it is closed"
    return message


def _follows(issue: TexIssue, begun: set[str]) -> bool:
    """Whether an issue of a figure follows from one that TeX came to before.

    Args:
        begun: The figures of which TeX has said something; gets that of the issue.
    """
    is_first = issue.block not in begun
    begun.add(issue.block)
    by_itself = issue.message.startswith(_BY_ITSELF) and _END not in issue.message
    return not (is_first or by_itself or issue.in_file)


def figure_sources(problem: Problem, figure: Figure) -> Iterator[FigureSource]:
    """All variants of a figure, in the order of their indices."""
    if figure.is_image:
        yield image_source(figure)
        return
    content = figure.file.content if figure.file is not None else None
    if content is not None and not content.isascii():
        content = as_set(content.decode("utf-8", "replace")).encode()
    labels = _label_samples(problem, figure)
    for members in variants(problem.variables, figure.values):
        values = dict(zip(figure.values, members, strict=True))
        texts: dict[str, str] = {}
        for name, value in values.items():
            number = _figure_text(plain(problem, name, value))
            texts[name] = _figure_text(_as_shown(problem, name, value))
            if texts[name] != number:
                texts[f"number/{name}"] = number
        if figure.compute is not None:
            texts |= figure.compute(values)
        yield FigureSource(figure.name, texts, content, labels=labels)


def image_source(figure: Figure) -> FigureSource:
    content = figure.file.content if figure.file is not None else b""
    suffix, printed = printable(figure.name, content)
    return FigureSource(figure.name, {}, printed, suffix, float(figure.width_mm))


def in_gray_print(source: FigureSource) -> FigureSource:
    suffix, content = in_gray(source.image, source.content or b"", source.width_mm)
    return replace(source, image=suffix, content=content)


def _label_samples(problem: Problem, figure: Figure) -> dict[str, tuple[str, ...]]:
    """Name of each label to texts among which is the largest that a copy sets there."""
    texts = {**figure.labels, **figure.answers}
    if not texts:
        return {}
    values = solve_problem(problem, reference_draw(problem)).values
    reference = {
        name: shown_value(problem, name, values[name])
        for text in texts.values()
        for name in text.names
    }
    return {
        name: tuple(dict.fromkeys(highest(problem, text, reference, of_each_shape)))
        for name, text in texts.items()
    }


def _as_shown(problem: Problem, name: str, value: Value) -> Plain:
    """A drawn value as the paper shows it, without a unit."""
    if isinstance(value, tuple):
        return [_as_shown(problem, name, member) for member in value]
    if isinstance(value, bool | str):
        return plain(problem, name, value)
    form = problem.form(name)
    shown = form.math(value, problem.conventions)
    return shown if form.kind == "decimal" else rf"\ensuremath{{{shown}}}"


def _figure_text(value: Plain) -> str:
    return value if isinstance(value, str) else " ".join(map(_figure_text, value))


def packages(exam: Exam, *, figures: bool) -> str:
    """The lines that load the packages that a bank asks for."""
    return package_lines(exam.packages, exam.conventions.decimal_sign, figures=figures)
