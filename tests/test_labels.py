"""Labels of figures: set for each copy, at their places, read back, and filled in by the key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from one_problem import HEAD, is_refused, load_one, write_one

from generator import build
from generator.bank.exam import Exam
from generator.compose.frame import LabelPlace
from generator.errors import InputError
from generator.layout import PT_PER_MM, Box, Layout
from generator.typeset.preparation import prepare_press
from generator.verify.figure_readback import areas_of, wrong_images, wrong_labels

GRAPH = r"""\begin{tikzpicture}[x=1mm, y=1mm, label/.style={fill=white, inner sep=1pt}]
  \useasboundingbox (0, 0) rectangle (100, 40);
  \draw (0, 0) rectangle (100, 40);
  \foreach \i in {1, ..., 9} \node[label, font=\small] at (10*\i, 10) {\FigureLabel{w\i}};
  \node[rotate=90] at (50, 30) {\FigureLabel{turned}};
  \node at (80, 30) {$I = {}$\FigureLabel[20mm]{current}};
\end{tikzpicture}
"""
CELLS = r"""\begin{tikzpicture}[x=1mm, y=1mm]
  \useasboundingbox (0, 0) rectangle (60, 10);
  \draw (0, 0) rectangle (60, 10) (30, 0) -- (30, 10);
  \node at (15, 5) {\FigureLabel{left}};
  \node at (45, 5) {\FigureLabel{right}};
\end{tikzpicture}
"""
NAMES = [f"w{number}" for number in range(1, 10)]
PROBLEM = f"""{HEAD}draw:
  - {{names: [{", ".join(NAMES)}], from: -9, to: 99}}
  - {{names: [turn], from: 100, to: 199}}
  - {{names: [amps], from: 1, to: 9, step: 0.5, unit: mA}}
reference: {{{", ".join(f"{name}: 3" for name in NAMES)}, turn: 123, amps: 2.5}}
parts:
  - id: "1.1"
    points: 2
    space: 60 mm
    ask: What is the sum?
    figure:
      name: graph
      labels:
        turned: << turn >>
        current: << amps >>
{"".join(f"        {name}: << {name} >>{chr(10)}" for name in NAMES)}
    canvas: {{name: cells, labels: [w1], answers: {{right: << total >>}}}}
    steps:
      total: {" + ".join(NAMES)}
    rubric: [{{points: 2, step: total}}]
"""


def write_figures(folder: Path) -> None:
    (folder / "figures").mkdir()
    (folder / "figures" / "graph.tex").write_text(GRAPH)
    (folder / "figures" / "cells.tex").write_text(CELLS.replace("{left}", "{w1}"))


@pytest.fixture(scope="module", name="out")
def _out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("labels")
    write_figures(folder)
    exam = write_one(folder, PROBLEM)
    roster = "registration_number,name,first_name\n"
    roster += "".join(f"0370000{number},Name,First\n" for number in range(5))
    (folder / "roster.csv").write_text(roster)
    build(exam, folder / "roster.csv", folder / "output", jobs=1)
    return folder / "output" / "one-1"


def near(page: Any, x_mm: float, y_mm: float, room_mm: float = 2.5, height_mm: float = 0.35) -> str:
    """What stands around a place, measured from the lower left corner of the page."""
    x, y, room, height = (length * PT_PER_MM for length in (x_mm, y_mm, room_mm, height_mm))
    found: str = page.get_textpage().get_text_bounded(x - room, y - height, x + room, y + height)
    return found.strip().replace("\N{MINUS SIGN}", "-")


def places_of(out: Path) -> dict[str, tuple[float, float]]:
    """Lower left corners of figure and canvas on page 2, in mm, from the lines that frame them."""
    layout = json.loads((out / "examiner" / "layout.json").read_text())
    (answer,) = [
        box for page in layout["pages"] for box in page["boxes"] if box["kind"] == "answer"
    ]
    # The figure, 100 mm wide, is in the middle of the column of questions, 1 + 2 mm above.
    right, top = answer["x"] + answer["width"], 297 - answer["y"]
    return {"right": (right, 0), "top": (0, top), "canvas": (answer["x"], top)}


def copies(out: Path) -> Iterator[tuple[Any, Any, dict[str, str], dict[str, str]]]:
    """Page 2 of paper and key, the values of the copy and its answers."""
    for file in sorted((out / "correctors" / "keys").glob("*.json")):
        (part,) = json.loads(file.read_text())["problems"][0]["parts"]
        paper = out / "print-shop" / "papers" / f"{file.stem}.pdf"
        pages = [pypdfium2.PdfDocument(it)[1] for it in (paper, file.with_suffix(".pdf"))]
        yield *pages, part["given"], part["answers"]


def test_each_copy_has_its_values_at_their_places(out: Path) -> None:
    found = list(copies(out))
    assert len({tuple(given.values()) for _, _, given, _ in found}) == 5
    for paper, key, given, _ in found:
        for page in (paper, key):
            frame = next(
                it.get_bounds()
                for it in page.get_objects()
                if it.type == 5 and 280 < it.get_bounds()[2] - it.get_bounds()[0] < 287
            )
            left, bottom = (length / PT_PER_MM for length in frame[:2])
            for number, name in enumerate(NAMES, 1):
                assert near(page, left + 10 * number, bottom + 10) == given[name]
            assert given["turn"] in near(page, left + 50, bottom + 30, 0.35, 4).replace("\r\n", "")
            assert (
                near(page, left + 83, bottom + 30, 9, 1.5)
                .replace(" ", "")
                .endswith(f"{given['amps']}mA")
            )


def test_the_key_fills_in_what_the_paper_leaves_empty(out: Path) -> None:
    for paper, key, given, answers in copies(out):
        left, top = places_of(out)["canvas"]
        # 2 mm within the box, the cells are 10 mm high; the right one is 45 mm from the left.
        middle = left + 2 + 45, top - 2 - 5
        assert near(key, *middle, 8) == answers["total"]
        assert near(paper, *middle, 8) == ""
        assert near(paper, left + 2 + 15, middle[1]) == given["w1"]


def test_given_values_are_those_that_labels_show(out: Path) -> None:
    for _, _, given, _ in copies(out):
        assert set(given) == {*NAMES, "turn", "amps"}


# What is read back


BOX = Box("figure", 50.0, 100.0, 40.0, 20.0, {"slot": "1.1-ask"})
PLACE = LabelPlace(10.0, 20.0, 30.0, 7.0, 0.0, "10")


def test_the_place_of_a_label_is_that_of_its_figure_and_its_own() -> None:
    (areas,) = areas_of(Layout({2: (BOX,)}), {"1.1-ask": {"a": PLACE}}, {}, {}).values()
    left, bottom, right, top = areas.labels["1.1-ask", "a"]
    base = (297 - 120) * PT_PER_MM + 20
    assert left < 50 * PT_PER_MM + 10 < right - 30
    assert base < bottom < top < base + 7


@pytest.mark.parametrize(
    ("tex", "read", "right"),
    [
        (r"\ensuremath{3}", "3", True),
        (r"\ensuremath{3}", "13", False),
        (r"\ensuremath{3}", "3.5", False),
        (r"\ensuremath{-3}", "3", False),
        (r"\ensuremath{3}", "\N{MINUS SIGN}3", False),
        (r"\ensuremath{-2.5\,\mathrm{mA}}", "\N{MINUS SIGN}2.5 mA", True),
        (r"\ensuremath{3}", "", False),
        (r"$\frac{1}{2}$", "1\r\n2", True),
    ],
)
def test_a_label_that_says_something_else_is_found(tex: str, read: str, right: bool) -> None:
    (areas,) = areas_of(Layout({2: (BOX,)}), {"1.1-ask": {"a": PLACE}}, {}, {}).values()
    found = list(wrong_labels(areas, {("1.1-ask", "a"): tex}, [read]))
    assert (not found) is right, found


def test_an_image_that_is_missing_is_found() -> None:
    black, white, gray = (0.0,) * 64, (1.0,) * 64, (0.1,) * 64
    (areas,) = areas_of(Layout({2: (BOX,)}), {}, {"1.1-ask": black}, {}).values()
    assert list(wrong_images(areas, {"1.1-ask": black}, [white]))
    assert not list(wrong_images(areas, {"1.1-ask": black}, [gray]))


# What is refused


def loaded(folder: Path, figure: str, graph: str = CELLS) -> Exam:
    (folder / "figures").mkdir()
    (folder / "figures" / "cells.tex").write_text(graph)
    problem = f"""{HEAD}draw: [{{names: [a], from: 1, to: 9}}]
reference: {{a: 7}}
parts:
  - id: "1.1"
    points: 2
    space: 25 mm
    ask: What is << a >> + 1?
    figure: {figure}
    steps: {{z: a + 1}}
    rubric: [{{points: 2, step: z}}]
"""
    return load_one(folder, problem)


@pytest.mark.parametrize(
    ("figure", "where", "message"),
    [
        ("{name: cells, labels: {left: << z >>, right: x}}", ".labels.left", "an answer of 1.1"),
        ("{name: cells, labels: {left: x}}", "", r"has \FigureLabel{right}; add right to labels"),
        ("{name: cells, labels: {left: a, right: b, up: c}}", ".labels.up", "has no \\FigureLabel"),
        ("{name: cells, labels: {left: a, right: b}, answers: {left: c}}", ".left", "already"),
        ("{name: cells, labels: {left: << q >>, right: b}}", ".labels.left", "q is neither drawn"),
        (r"{name: cells, labels: {left: '\input{x}', right: b}}", ".labels.left", "is refused"),
        ("{name: cells, labels: {left: '{', right: b}}", ".labels.left", "never closed"),
    ],
)
def test_labels_that_are_wrong_are_refused_at_their_place(
    figure: str, where: str, message: str, tmp_path: Path
) -> None:
    is_refused(lambda: loaded(tmp_path, figure), 12, where, message)


def test_a_label_that_moves_with_the_values_is_refused(tmp_path: Path) -> None:
    graph = CELLS.replace("(45, 5)", r"(4\FigureNumber{a}, 5)")
    exam = loaded(tmp_path, "{name: cells, values: [a], labels: {left: x, right: y}}", graph)
    with pytest.raises(InputError, match="its labels move with its values"):
        prepare_press(exam, tmp_path / "cache")


def test_a_label_whose_text_is_wrong_is_told_once(tmp_path: Path) -> None:
    exam = loaded(tmp_path, "{name: cells, labels: {left: a_b, right: y}}")
    with pytest.raises(InputError) as caught:
        prepare_press(exam, tmp_path / "cache")
    (said,) = caught.value.problems
    assert said.where == "1.1-ask, label left"


def test_a_label_that_tex_makes_up_must_be_there(tmp_path: Path) -> None:
    graph = CELLS.replace(r"\FigureLabel{left}", r"\def\x{l}\FigureLabel{\x eft}")
    exam = loaded(tmp_path, "{name: cells, labels: {left: x, right: y, up: z}}", graph)
    with pytest.raises(InputError, match=r"has no \\FigureLabel{up}"):
        prepare_press(exam, tmp_path / "cache")


def test_answers_in_a_canvas_are_the_solution(tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "cells.tex").write_text(CELLS)
    problem = f"""{HEAD}parts:
  - id: "1.1"
    points: 2
    space: 60 mm
    ask: Which letter follows?
    canvas: {{name: cells, labels: {{left: A}}, answers: {{right: B}}}}
    rubric: [{{points: 2, for: The letter}}]
"""
    exam = load_one(tmp_path, problem)
    assert not exam.problems[0].parts[0].answer.source
    prepare_press(exam, tmp_path / "cache")
