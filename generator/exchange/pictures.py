"""Figures of drawn questions as SVG: each by itself, with the labels and the plot of its copy.

They are typeset as papers have them, and made SVG by pdftocairo of poppler.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from generator.bank.exam import Exam
from generator.bank.part import Figure
from generator.bank.problem import Problem
from generator.bank.template import Shown
from generator.compose.plot_paths import draw_plot, plot_size, say_at
from generator.errors import ToolMissingError
from generator.files.program import LATEX, project_digest
from generator.typeset.figure_runs import FigureSource, typeset_figures
from generator.typeset.figure_sheets import complain_of_figures, figure_sources
from generator.typeset.press import variant_name
from generator.typeset.tex_log import TypesetError
from generator.typeset.toolchain import check_bank_packages, package_lines

PDFTOCAIRO = "pdftocairo"
LIMIT_S = 60


@dataclass(frozen=True)
class QuestionPicture:
    """A figure as one drawn question shows it.

    Attributes:
        name: The same for what looks the same.
        figure: The figure of the bank.
        source: What is typeset.
    """

    name: str
    figure: Figure = field(compare=False, repr=False)
    source: FigureSource = field(compare=False, repr=False)


def picture(
    problem: Problem, figure: Figure, index: int, values: Mapping[str, Shown]
) -> QuestionPicture:
    """A figure with the values of a draw.

    Args:
        index: Which of its variants it is.
        values: All that a paper can print.
    """
    says = {name: text.render(values) for name, text in figure.labels.items()}
    if figure.plot is None:
        source = list(figure_sources(problem, figure))[index]
        source, name = replace(source, says=says), variant_name(figure.slot, index)
    else:
        size = plot_size(figure)
        drawn = draw_plot(
            figure.plot,
            {name: values[name].value for name in figure.plot.names},
            problem.conventions,
        )
        drawn += "".join(say_at(place, says[name]) for name, place in size.labels.items())
        source = FigureSource(figure.slot, {}, plot=(size.width_pt, size.height_pt, drawn))
        name = figure.slot
    if figure.is_set or figure.of_option:
        seen = repr((name, source.plot, sorted(says.items()))).encode()
        # the first option of a bank is often the right one: no name says which it was
        owner = figure.slot.partition("-")[0] if figure.of_option else name
        name = f"{owner}-{hashlib.sha256(seen).hexdigest()[:12]}"
    return QuestionPicture(name, figure, source)


def figure_svgs(exam: Exam, pictures: Sequence[QuestionPicture], cache: Path) -> dict[str, bytes]:
    """The pictures as SVG, by their names.

    Raises:
        ToolMissingError: pdftocairo, or a package of TeX, is not installed.
        InputError: A figure does not compile.
    """
    # Variants of one figure follow each other.
    wanted = {it.name: it for it in sorted(pictures, key=lambda it: (it.source.name, it.name))}
    if not wanted:
        return {}
    if shutil.which(PDFTOCAIRO) is None:
        raise ToolMissingError(PDFTOCAIRO, "apt-get install poppler-utils")
    check_bank_packages(exam.packages)
    loaded = package_lines(exam.packages, exam.conventions.decimal_sign, figures=True)
    sources = [it.source for it in wanted.values()]
    try:
        made, _ = typeset_figures(sources, cache, LATEX, project_digest(), exam.letters, loaded)
    except TypesetError as error:
        raise complain_of_figures(error, [it.figure for it in wanted.values()]) from None
    return dict(zip(wanted, _svgs(made.pdf, len(wanted)), strict=True))


def _svgs(pdf: Path, count: int) -> Iterator[bytes]:
    with tempfile.TemporaryDirectory(prefix="figure-") as folder:
        made = Path(folder) / "figure.svg"
        for page in range(1, count + 1):
            numbers = ["-f", str(page), "-l", str(page)]
            subprocess.run(
                [PDFTOCAIRO, "-svg", *numbers, str(pdf), str(made)],
                check=True,
                timeout=LIMIT_S,
                stdin=subprocess.DEVNULL,
                capture_output=True,  # poppler speaks of objects that it does not need
            )
            yield made.read_bytes()
