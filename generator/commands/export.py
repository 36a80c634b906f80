"""`export`: drawn questions for other systems; `import`: questions of theirs as a first problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.bank.read.exam_file import load_exam
from generator.errors import Complaint, InputError
from generator.exact.numbers import parse_number
from generator.exchange.canvas_text import canvas_text, fits_canvas
from generator.exchange.gift import gift
from generator.exchange.incoming import problem_yaml, read_questions
from generator.exchange.markup import Target, convert
from generator.exchange.moodle import moodle_xml
from generator.exchange.pictures import figure_svgs
from generator.exchange.qti import qti_archive
from generator.exchange.questions import DrawnQuestion, all_texts, draw_questions
from generator.files.program import FIGURES
from generator.files.whole import write_whole
from generator.release.place import Place

Texts = Mapping[str, str]
Pictures = Mapping[str, bytes]


@dataclass(frozen=True)
class Head:
    """What a file is called, and the folder beside it in which its figures are."""

    title: str
    figures: str = ""


@dataclass(frozen=True)
class ExportFormat:
    """What another system reads.

    Attributes:
        suffix: Of the file.
        target: How texts are written.
        make: Makes the file's bytes of questions, texts, pictures and its head.
        fits: Whether the system knows such a question; others are left out.
        beside: Figures are files beside it, and not in it.
    """

    suffix: str
    target: Target
    make: Callable[[Sequence[DrawnQuestion], Texts, Pictures, Head], bytes]
    fits: Callable[[DrawnQuestion], bool] = lambda question: True
    beside: bool = False


FORMATS: Mapping[str, ExportFormat] = {
    "moodle": ExportFormat(
        "moodle.xml",
        "mathjax",
        lambda found, html, svgs, head: moodle_xml(found, html, svgs, head.title),
    ),
    "gift": ExportFormat(
        "gift.txt", "mathjax", lambda found, html, svgs, _: gift(found, html, svgs).encode()
    ),
    "canvas": ExportFormat(
        "canvas.txt",
        "markdown",
        lambda found, text, _, head: canvas_text(found, text, head.title, head.figures).encode(),
        fits_canvas,
        beside=True,
    ),
    "qti21": ExportFormat(
        "qti21.zip", "mathml", lambda found, html, svgs, _: qti_archive(found, html, svgs, "2.1")
    ),
    "qti30": ExportFormat(
        "qti30.zip", "mathml", lambda found, html, svgs, _: qti_archive(found, html, svgs, "3.0")
    ),
}


def export(exam_file: Path, out: Path, name: str, count: int, seed: str) -> str:
    """Writes variants of all questions for another system, beside the exam's folder.

    Args:
        name: One of `FORMATS`.
        count: Variants of each question; 0 for the reference.
        seed: The same seed gives the same variants. No copy of an exam is made of it.

    Returns:
        What was written.

    Raises:
        InputError: The bank is wrong.
        ToolMissingError: pandoc is not installed, or pdftocairo, where there are figures.
    """
    exam = load_exam(exam_file, FIGURES)
    form = FORMATS[name]
    questions = list(draw_questions(exam, count, seed))
    texts = convert(all_texts(questions), form.target)
    wanted = [figure for question in questions for figure in question.pictures()]
    pictures = figure_svgs(exam, wanted, Place(out, exam.id).cache)
    head = Head(f"{exam.course}: {exam.title}", f"{exam.id}-figures")
    file = out / f"{exam.id}-{form.suffix}"
    file.parent.mkdir(parents=True, exist_ok=True)
    for picture, svg in pictures.items() if form.beside else ():
        beside = out / head.figures / f"{picture}.svg"
        beside.parent.mkdir(exist_ok=True)
        write_whole(beside, svg)
    write_whole(file, form.make(questions, texts, pictures, head))
    left_out = len(questions) - sum(map(form.fits, questions))
    said = f"; left out, since no option is right: {left_out}" if left_out else ""
    if pictures and form.beside:
        said += f"; figures in {out / head.figures}"
    return f"{file}: {len(questions) - left_out} questions{said}"


def import_questions(file: Path, target: Path, number: str, title: str, points: str) -> str:
    """Writes a problem of the multiple choice that another system has.

    Args:
        target: The problem file to write, which must not be there yet.
        number: The problem's id.
        points: Of each question, as somebody typed them.

    Returns:
        What was written, and what was left out.

    Raises:
        InputError: The file cannot be read, has no multiple choice, the target is there, or the
            points are no number.
        ToolMissingError: pandoc is not installed.
    """
    try:
        each = parse_number(points)
    except ValueError:
        raise InputError([Complaint("", 0, 0, "--points", f"{points!r} is no number")]) from None
    if target.exists():
        message = "is there already; name a file that does not exist yet"
        raise InputError([Complaint(str(target), 0, 0, "", message)])
    if not target.parent.is_dir():
        message = "there is no such folder; make it first, or name a file in another one"
        raise InputError([Complaint(str(target.parent), 0, 0, "", message)])
    found, left = read_questions(file)
    write_whole(target, problem_yaml(found, number, title, each).encode())
    said = [
        f"{target}: {len(found)} questions; add it to the problems of exam.yaml, then make check"
    ]
    return "\n".join([*map(str, left), *said])
