"""Images and TikZ files beside the exam: shown, shared, kept, and refused where they cannot be."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pypdfium2
import pytest
from one_problem import EXAM, HEAD, is_refused, load_one, write_one
from pypdf import PdfReader, PdfWriter
from shipped import SECRET

from generator import build, open_batch
from generator.bank.images import MOST_BYTES
from generator.commands.check import colored_figures
from generator.errors import InputError
from generator.layout import PT_PER_MM
from generator.pipeline.worker import Producer
from generator.pipeline.workshop import Workshop
from generator.record.copy import Copy
from generator.typeset.preparation import prepare_press
from generator.verify.leaks import Forbidden
from generator.verify.preflight import preflight

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 10">'
    b'<rect width="30" height="10" fill="%b"/></svg>'
)
TIKZ = r"""\begin{tikzpicture}[x=1mm, y=1mm]
  \useasboundingbox (-1, -1) rectangle (41, 11);
  \draw (0, 0) rectangle (40, 10) node[midway] {side \FigureValue{a}};
\end{tikzpicture}
"""
PROBLEM = f"""{HEAD}figure: {{image: flag.svg, width: 30 mm}}
draw: [{{names: [a], from: 1, to: 9}}]
reference: {{a: 7}}
parts:
  - id: "1.1"
    points: 1
    space: 25 mm
    ask: What is this?
    figure: {{image: noise.png, width: 60 mm}}
    answer: Noise.
    rubric: [{{points: 1, for: It}}]
  - id: "1.2"
    points: 1
    space: 60 mm
    ask: What is that?
    figure: {{name: box, values: [a]}}
    canvas: {{image: gray.jpg, width: 40 mm}}
    canvas_answer: {{image: solved.pdf, width: 40 mm}}
    answer: A box.
    rubric: [{{points: 1, for: It}}]
"""


def encoded(kind: str, color: bool, side: int = 60) -> bytes:
    """A square of noise."""
    shape = (side, side, 3) if color else (side, side)
    pixels = np.random.default_rng(7).integers(0, 256, shape, dtype=np.uint8)
    sink = BytesIO()
    PIL.Image.fromarray(pixels).save(sink, kind)
    return sink.getvalue()


def blank_pdf(pages: int = 1, password: str = "") -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    if password:
        writer.encrypt(password)
    sink = BytesIO()
    writer.write(sink)
    return sink.getvalue()


def write_files(folder: Path) -> None:
    (folder / "figures").mkdir()
    (folder / "figures" / "box.tex").write_text(TIKZ)
    (folder / "figures" / "noise.png").write_bytes(encoded("PNG", color=True))
    (folder / "gray.jpg").write_bytes(encoded("JPEG", color=False))
    (folder / "flag.svg").write_bytes(SVG % b"black")
    (folder / "solved.pdf").write_bytes(blank_pdf())


@pytest.fixture(scope="module", name="batch")
def _batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a batch of four copies, whose bank is gone."""
    folder = tmp_path_factory.mktemp("images")
    bank = folder / "bank"
    bank.mkdir()
    write_files(bank)
    (bank / "problem-1.yaml").write_text(PROBLEM)
    (bank / "exam.yaml").write_text(EXAM)
    with (folder / "roster.csv").open("w", newline="") as file:
        rows = [(f"0370000{number}", "Name", "First") for number in range(4)]
        csv.writer(file).writerows([("registration_number", "name", "first_name"), *rows])
    build(bank / "exam.yaml", folder / "roster.csv", folder / "output", jobs=1)
    shutil.rmtree(bank)
    return folder / "output" / "one-1"


def images_of(pdf: Path) -> list[int]:
    """Objects of a file that are images, by their numbers."""
    reader = PdfReader(pdf)
    found = []
    for number in range(1, len(reader.xref[0]) + 1):
        value = reader.get_object(number)
        if isinstance(value, dict) and value.get("/Subtype") == "/Image":
            found.append(number)
    return found


def test_images_are_once_in_a_paper_and_once_in_a_print_run(batch: Path) -> None:
    papers = sorted((batch / "print-shop" / "papers").glob("*.pdf"))
    assert len(papers) == 4
    assert [len(images_of(paper)) for paper in papers] == [2, 2, 2, 2]
    (run,) = (batch / "print-shop" / "runs").glob("*.pdf")
    assert len(images_of(run)) == 2
    assert preflight(run.read_bytes()) == []  # noise.png has colors in the bank


def page_of(folder: Path) -> tuple[str, Any]:
    """Text and pixels (1 pt each) of the page with the questions of the first copy."""
    document = pypdfium2.PdfDocument(sorted(folder.glob("*.pdf"))[0])
    page = document[1]
    found = page.get_textpage().get_text_range(), np.array(page.render(grayscale=True).to_numpy())
    document.close()
    return found


def test_the_key_has_the_solved_image_in_place_of_the_other(batch: Path) -> None:
    _, paper = page_of(batch / "print-shop" / "papers")
    _, key = page_of(batch / "correctors" / "keys")
    # The canvas, a noise in gray of 40 mm, is a blank page in the solution.
    canvas = slice(540, 640), slice(95, 195)
    assert paper[canvas].std() > 30
    assert key[canvas].std() == 0


def test_a_page_shows_its_figures(batch: Path) -> None:
    text, pixels = page_of(batch / "print-shop" / "papers")
    assert "side " in text
    # The flag: 30 mm wide, in the middle of the page, black.
    flag = pixels[120:144, 200:400]
    _, columns = np.nonzero(flag < 40)
    assert columns.max() - columns.min() == pytest.approx(30 / 25.4 * 72, abs=3)


def test_a_batch_is_opened_after_its_files_are_lost(batch: Path) -> None:
    with open_batch(batch) as opened:
        (problem,) = opened.exam.problems
        assert set(problem.own_files) == {
            "figures/box.tex",
            "figures/noise.png",
            "flag.svg",
            "gray.jpg",
            "solved.pdf",
        }
        assert problem.own_files["gray.jpg"].content == encoded("JPEG", color=False)


def test_colors_are_warned_of_at_their_line(tmp_path: Path) -> None:
    write_files(tmp_path)
    exam = load_one(tmp_path, PROBLEM)
    press = prepare_press(exam, tmp_path / "cache")
    (found,) = colored_figures(exam, press)
    assert (found.line, found.where) == (13, "1.1-ask")
    assert "noise.png has colors" in found.message


def test_another_image_is_another_press(tmp_path: Path) -> None:
    write_files(tmp_path)
    first = prepare_press(load_one(tmp_path, PROBLEM), tmp_path / "cache").digest
    (tmp_path / "flag.svg").write_bytes(SVG % b"gray")
    assert prepare_press(load_one(tmp_path, PROBLEM), tmp_path / "cache").digest != first


def turned() -> bytes:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    sink = BytesIO()
    PIL.Image.new("L", (4, 4)).save(sink, "JPEG", exif=exif)
    return sink.getvalue()


WRONG: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "truncated": ("a.png", lambda: encoded("PNG", color=True)[:3000], "cannot be read as PNG"),
    "another kind": ("a.png", lambda: encoded("JPEG", color=True), "is no PNG but JPEG"),
    "no picture": ("a.jpg", lambda: b"GIF89a", "cannot be read as JPEG"),
    "empty": ("a.png", lambda: b"", "is empty"),
    "too large": ("a.png", lambda: b"x" * (MOST_BYTES + 1), "has 2.0 MB, and every copy would"),
    "turned": ("a.jpg", turned, "is turned by its Exif data"),
    "encrypted": ("a.pdf", lambda: blank_pdf(password="pw"), "is encrypted"),
    "two pages": ("a.pdf", lambda: blank_pdf(2), "has 2 pages"),
    "no PDF": ("a.pdf", lambda: b"%PDF-1.4 nothing", "cannot be read as PDF"),
    "no SVG": ("a.svg", lambda: b"<svg", "cannot be drawn as SVG"),
    "entities": (
        "a.svg",
        lambda: b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
        "cannot be drawn as SVG",
    ),
    "linked": (
        "a.svg",
        lambda: SVG.replace(b"</svg>", b'<image href="b.png"/></svg>') % b"red",
        "refers to 'b.png'",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_printed_is_refused_at_its_line(case: str, tmp_path: Path) -> None:
    name, content, message = WRONG[case]
    (tmp_path / name).write_bytes(content())
    lines = problem_with(f"{{image: {name}, width: 60 mm}}")
    with pytest.raises(InputError) as caught:
        load_one(tmp_path, lines)
    (found,) = caught.value.problems
    assert (found.line, found.where) == (10, "parts.1.1.figure.image")
    assert message in found.message
    assert str(tmp_path / name) in found.message


def problem_with(figure: str) -> str:
    return f"""{HEAD}parts:
  - id: "1.1"
    points: 2
    space: 25 mm
    ask: What is this?
    figure: {figure}
    answer: It.
    rubric: [{{points: 2, for: It}}]
"""


@pytest.mark.parametrize(
    ("figure", "where", "message"),
    [
        ("{image: ../a.png, width: 6 mm}", ".image", "expected the name of a PNG, JPEG, PDF or"),
        ("{image: a.png, width: 170 mm}", ".width", "at most 165 mm"),
        ("{image: b.png, width: 6 mm}", ".image", "did you mean a.png?"),
        ("{name: a.png}", ".name", "for an image, write image: a.png"),
        ("{width: 6 mm}", "", "expected one of name"),
        ("{name: evil}", ".name", "evil.tex, line 2: \\input is refused"),
        ("{name: gone}", ".name", "there is no figure"),
        ("{name: needs}", "", "add a to the values"),
    ],
)
def test_a_figure_that_is_declared_wrongly_is_refused(
    figure: str, where: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(encoded("PNG", color=False))
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "evil.tex").write_text("\\begin{tikzpicture}\n\\input{/etc/passwd}")
    (tmp_path / "figures" / "needs.tex").write_text("\\FigureValue{a}")
    with pytest.raises(InputError) as caught:
        load_one(tmp_path, problem_with(figure))
    (found,) = caught.value.problems
    assert found.where == f"parts.1.1.figure{where}"
    assert found.line in {5, 10}
    assert message in found.message


def test_what_tex_says_of_an_own_figure_is_said_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    file = tmp_path / "figures" / "wrong.tex"
    drawn = "  \\draw (0, 0;\n  \\node at (1, 1) {x;\n"
    file.write_text(f"\\begin{{tikzpicture}}\n{drawn}\\end{{tikzpicture}}\n")
    exam = load_one(tmp_path, problem_with("{name: wrong}"))
    with pytest.raises(InputError) as caught:
        prepare_press(exam, tmp_path / "cache")
    (found,) = caught.value.problems  # and not what follows from it
    assert (found.file, found.line) == (str(file), 3)
    assert "see that each brace, bracket and environment before it is closed" in found.message


CHOICE = """id: "1"
title: Choice
points: 2
kind: choice
parts:
  - id: "1.1"
    points: 2
    ask: Which is black?
    shuffle: true
    options:
      - {correct: true, figure: {image: black.svg, width: 30 mm}, why: It is.}
      - {correct: false, figure: {image: pale.svg, width: 30 mm}}
      - {correct: false, say: None of these., last: true}
"""


def test_figures_stand_as_options_in_the_order_of_the_copy(tmp_path: Path) -> None:
    (tmp_path / "black.svg").write_bytes(SVG % b"black")
    (tmp_path / "pale.svg").write_bytes(SVG % b"silver")
    exam = write_one(tmp_path, CHOICE)
    rows = "".join(f"037000{number:02},Name,First\n" for number in range(20))
    (tmp_path / "roster.csv").write_text("registration_number,name,first_name\n" + rows)
    build(exam, tmp_path / "roster.csv", tmp_path / "output", jobs=1)
    out = tmp_path / "output" / "one-1"
    layout = json.loads((out / "examiner" / "layout.json").read_text())
    boxes = [box for page in layout["pages"] for box in page["boxes"] if box["kind"] == "option"]
    orders = set()
    for file in sorted((out / "correctors" / "keys").glob("*.json")):
        (part,) = json.loads(file.read_text())["problems"][0]["parts"]
        document = pypdfium2.PdfDocument(out / "print-shop" / "papers" / f"{file.stem}.pdf")
        pixels = np.array(document[1].render(grayscale=True).to_numpy()).squeeze()
        # In the figure beside the first box: 10 mm to the right of it, in the middle of the row.
        row, column = (
            boxes[0][side] + boxes[0][size] / 2 for side, size in (("y", "height"), ("x", "width"))
        )
        shade = pixels[int(row * PT_PER_MM), int((column + 15) * PT_PER_MM)]
        assert bool(shade < 60) is part["options"][0]["correct"]
        orders.add(part["options"][0]["correct"])
        said = [option["text"] for option in part["options"]]
        assert sorted(said[:2]) == ["[black.svg]", "[pale.svg]"]
        assert said[2] == "None of these."
    assert orders == {True, False}


POOL = """id: "1"
title: Choice
points: 2
kind: choice
parts:
  - id: "1.1"
    points: 2
    ask: Which is black?
    right: one
    statements:
      night: {correct: true, figure: {image: black.svg, width: 30 mm}, why: It is.}
      coal: {correct: true, say: A raven.}
      fog: {correct: false, figure: {image: pale.svg, width: 30 mm}}
      snow: {correct: false, figure: {image: white.svg, width: 30 mm}}
      milk: {correct: false, say: A swan.}
    reference: [night, fog]
"""


@pytest.mark.slow
def test_statements_of_a_pool_have_figures_and_a_copy_those_of_its_own(tmp_path: Path) -> None:
    for name, color in (("black", b"black"), ("pale", b"silver"), ("white", b"white")):
        (tmp_path / f"{name}.svg").write_bytes(SVG % color)
    exam = load_one(tmp_path, POOL)
    press = prepare_press(exam, tmp_path / "cache")
    workshop = Workshop(exam, SECRET, 4)
    codes = [f"E{number:04}" for number in range(1, 9)]
    copies = [workshop.register(Copy(code, None, 1), ()).copy for code in codes]
    boxes = [box for box in press.layout.pages[2] if box.kind == "option"]
    shades = {"black": 0, "pale": 192, "white": 255}
    seen = set()
    for made in Producer(workshop, press, Forbidden(), tmp_path).produce(copies):
        document = pypdfium2.PdfDocument(made.paper)
        pixels = np.array(document[1].render(grayscale=True).to_numpy()).squeeze()
        (part,) = json.loads(made.key_json)["problems"][0]["parts"]
        for box, option in zip(boxes, part["options"], strict=True):
            if option["text"].startswith("["):
                row, column = box.y_mm + box.height_mm / 2, box.x_mm + box.width_mm / 2 + 15
                shade = int(pixels[int(row * PT_PER_MM), int(column * PT_PER_MM)])
                assert shade == pytest.approx(shades[option["text"][1:-5]], abs=4)
            seen.add(option["text"])
    assert seen == {"[black.svg]", "[pale.svg]", "[white.svg]", "A raven.", "A swan."}


@pytest.mark.parametrize(
    ("option", "where", "message"),
    [
        ("{correct: false}", "options.1", "expected say, or a figure"),
        ("{correct: false, figure: {image: black.svg, width: 30 mm}}", "options.1.say", "is there"),
        ("{correct: false, figure: {name: x, answers: [a]}}", ".answers", "on paper and key"),
        ("{correct: false, say: '\\OptionFigure{x}'}", "options.1.say", "is refused"),
    ],
)
def test_an_option_that_shows_nothing_of_its_own_is_refused(
    option: str, where: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "black.svg").write_bytes(SVG % b"black")
    problem = CHOICE.replace("{correct: false, figure: {image: pale.svg, width: 30 mm}}", option)
    is_refused(lambda: load_one(tmp_path, problem), 12, where, message)


def test_an_image_that_states_no_width_has_the_usual_one(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded("PNG", color=False))
    figure = load_one(tmp_path, problem_with("a.png")).problems[0].parts[0].figure
    assert figure is not None
    assert figure.width_mm == 80
