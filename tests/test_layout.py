"""Layout: boxes are found in the pixels of finished papers where ``layout.json`` says."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pypdfium2
import pytest
import zxingcpp
from small_project import EXAM_ID, Project, small_exam

from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam
from generator.codes.sheet import code_boxes
from generator.commands.reference_copy import build_reference
from generator.compose.frame import marks
from generator.files.program import FIGURES
from generator.layout import NAMES, Box, Layout, read_layout, told_box
from generator.typeset.preparation import prepare_press

ROOT = Path(__file__).resolve().parent.parent
DPI = 300
MM_PER_PIXEL = 25.4 / DPI
NEAR_MM = 0.3
SEARCH_MM = 1.0
"""How far from where it is said to be a line is looked for."""
DARK = 140
Page = npt.NDArray[np.bool_]


def dark_pages(pdf: Path) -> dict[int, Page]:
    """The dark pixels of each page."""
    document = pypdfium2.PdfDocument(pdf)
    return {
        number: np.asarray(page.render(scale=DPI / 72, grayscale=True).to_numpy()) < DARK
        for number, page in enumerate(document, 1)
    }


def first_line_mm(dark: Page, start_mm: float) -> float | None:
    """Where, from a millimeter before ``start_mm``, the first row is that is dark all along."""
    first = round((start_mm - SEARCH_MM) / MM_PER_PIXEL)
    rows = dark[first : first + round(2 * SEARCH_MM / MM_PER_PIXEL)]
    lines = np.flatnonzero(rows.mean(axis=1) > 0.97)
    return (first + int(lines[0])) * MM_PER_PIXEL if len(lines) else None


def edge_errors_mm(dark: Page, box: Box) -> dict[str, float | None]:
    """How far the four sides of a box are from where they are said to be; None: not there."""
    height, width = dark.shape[0] * MM_PER_PIXEL, dark.shape[1] * MM_PER_PIXEL
    right, lower = box.x_mm + box.width_mm, box.y_mm + box.height_mm
    across = slice(pixel(box.x_mm + NEAR_MM), pixel(right - NEAR_MM))
    down = slice(pixel(box.y_mm + NEAR_MM), pixel(lower - NEAR_MM))
    found = {
        "upper": (dark[:, across], box.y_mm),
        "lower": (dark[::-1, across], height - lower),
        "left": (dark[down].T, box.x_mm),
        "right": (dark[down, ::-1].T, width - right),
    }
    lines = {side: (first_line_mm(*it), it[1]) for side, it in found.items()}
    return {side: None if at is None else at - said for side, (at, said) in lines.items()}


def pixel(length_mm: float) -> int:
    return round(length_mm / MM_PER_PIXEL)


def misplaced(layout: Layout, pdf: Path) -> list[str]:
    """The boxes with a side that is not where it is said to be."""
    pages = dark_pages(pdf)
    assert pages.keys() == layout.pages.keys()
    return [
        f"page {number}: {box} {errors}"
        for number, boxes in layout.pages.items()
        for box in boxes
        if box.kind != "code"
        for errors in [edge_errors_mm(pages[number], box)]
        if any(error is None or abs(error) > NEAR_MM for error in errors.values())
    ]


def released_layout(project: Project) -> Layout:
    return read_layout(json.loads((project.out / "examiner" / "layout.json").read_text()))


@pytest.fixture(scope="module")
def press_layout(exam: Exam, tmp_path_factory: pytest.TempPathFactory) -> tuple[Layout, Path]:
    """The layout of the sample exam, and its reference copy."""
    out = tmp_path_factory.mktemp("reference")
    build_reference(Path(exam.file), out, 2)
    press = prepare_press(exam, out.absolute() / ".work" / ".cache", 2)
    return press.layout, out / exam.id / "reference" / "E0743.pdf"


def test_boxes_of_the_sample_exam_stand_where_the_layout_says(
    press_layout: tuple[Layout, Path],
) -> None:
    assert misplaced(*press_layout) == []


def test_every_box_of_the_sample_exam_is_there_once(
    exam: Exam, press_layout: tuple[Layout, Path]
) -> None:
    layout, _ = press_layout
    found = Counter(
        (box.kind, *box.names.values()) for boxes in layout.pages.values() for box in boxes
    )
    expected = [("sticker",), ("empty",), ("score", "sum")]
    for problem in exam.problems:
        expected.append(("score", problem.id))
        for part in problem.parts:
            labels = list("abcd") if problem.choice else []
            expected += [("option", part.id, label) for label in labels]
            expected += [("mark", part.id, value) for value in marks(part).split(",") if value]
            expected += [] if problem.choice else [("answer", part.id)]
    assert found == Counter(expected)
    assert {box.kind for box in layout.pages[1]} == {"sticker", "empty", "score"}


def test_a_batch_has_its_layout(built: Project) -> None:
    layout = released_layout(built)
    papers = sorted((built.out / "print-shop" / "papers").glob("*.pdf"))
    for paper in (papers[0], papers[-1]):
        assert misplaced(layout, paper) == []
    half = next(box for box in layout.pages[2] if box.names.get("value") == "0.5")
    assert half.names == {"part": "3.1", "value": "0.5"}


def test_codes_are_decoded_from_their_boxes(built: Project) -> None:
    layout = released_layout(built)
    code = built.codes()["03777777"]
    document = pypdfium2.PdfDocument(built.out / "print-shop" / "papers" / f"{code}.pdf")
    for number, page in enumerate(document, 1):
        pixels = np.asarray(page.render(scale=DPI / 72, grayscale=True).to_numpy())
        boxes = [box for box in layout.pages[number] if box.kind == "code"]
        assert [box.names["corner"] for box in boxes] == ["upper", "lower"]
        for box in boxes:
            down = slice(pixel(box.y_mm), pixel(box.y_mm + box.height_mm))
            across = slice(pixel(box.x_mm), pixel(box.x_mm + box.width_mm))
            (symbol,) = zxingcpp.read_barcodes(np.ascontiguousarray(pixels[down, across]))
            assert symbol.text.startswith(f"{EXAM_ID}-{code}-{number}-".upper())


def test_the_document_is_the_contract_and_reads_back(built: Project) -> None:
    document = json.loads((built.out / "examiner" / "layout.json").read_text())
    assert (document["schema"], document["paper"]) == (1, "A4")
    assert [page["number"] for page in document["pages"]] == [1, 2, 3, 4]
    for page in document["pages"]:
        for box in page["boxes"]:
            places = ["x", "y", "width", "height"]
            assert list(box) == ["kind", *NAMES[box["kind"]], *places]
            assert all(isinstance(box[name], float) for name in places)
    assert read_layout(document).document() == document


def test_a_box_is_measured_from_the_upper_edge() -> None:
    mm = 186467.98  # scaled points of a millimeter
    lengths = [str(round(length * mm)) for length in (29, 97, 160, 50)]
    number, box = told_box(["3", "answer", *lengths, "2.1"])
    lengths_mm = (box.x_mm, box.y_mm, box.width_mm, box.height_mm)
    assert (number, box.kind, box.names) == (3, "answer", {"part": "2.1"})
    assert lengths_mm == pytest.approx((29, 150, 160, 50), abs=1e-3)


def test_codes_join_the_boxes_of_pages() -> None:
    told = Layout({2: (Box("empty", 1, 2, 3, 4, {}),)})
    (_, upper, lower) = told.joined(code_boxes(2, 2)).pages[2]
    assert (upper.x_mm, upper.y_mm) == pytest.approx((10 - 4 * 0.48,) * 2)
    assert lower.x_mm + lower.width_mm == pytest.approx(210 - upper.x_mm)
    assert lower.y_mm + lower.height_mm == pytest.approx(297 - upper.y_mm)


def test_one_length_in_the_class_changes_a_box_and_the_layout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    latex = tmp_path / "latex"
    shutil.copytree(ROOT / "latex", latex)
    look = (latex / "variantexam.cls").read_text()
    for name, old, new in (("tick", "4.2", "6"), ("mark", "3.4", "5")):
        length = rf"\VX@{name}side={old}mm"
        assert look.count(length) == 1
        look = look.replace(length, rf"\VX@{name}side={new}mm")
    (latex / "variantexam.cls").write_text(look)
    own = partial(prepare_press, latex=latex)
    monkeypatch.setattr("generator.commands.reference_copy.prepare_press", own)
    project = small_exam(tmp_path / "small")
    build_reference(project.exam, tmp_path, 2)
    exam = load_exam(project.exam, FIGURES)
    layout = own(exam, tmp_path / ".work" / ".cache", 2).layout
    sides = {box.kind: box.width_mm for boxes in layout.pages.values() for box in boxes}
    assert sides["mark"] == pytest.approx(5, abs=0.01)
    assert sides["empty"] == pytest.approx(6, abs=0.01)
    assert misplaced(layout, tmp_path / EXAM_ID / "reference" / "E0743.pdf") == []
