"""Letter paper: pages, codes, boxes, booklets, large print and tickets are of its size."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from textwrap import indent
from xml.etree import ElementTree

import numpy as np
import pypdfium2
import pytest
import pyzipper
from one_problem import EXAM, HEAD, load_one
from pypdf import PdfReader
from shipped import ROOT

from generator import build, open_batch
from generator.codes.sheet import symbol_boxes
from generator.commands.delivery import pack, verify
from generator.errors import InputError
from generator.language.catalogue import load_catalogue
from generator.layout import A4, LARGE_PRINT, LETTER, TABLOID, enlarged_by, read_layout
from generator.scans.identify import Identified, identify
from generator.stamp.pdf import Prefix
from generator.verify.readback import page_picture
from generator.verify.shared import SharedPages

PROBLEM = f"""{HEAD}draw: [{{names: [a], from: 1, to: 9}}]
reference: {{a: 7}}
parts:
  - id: "1.1"
    points: 1
    ask: Which are sums?
    options:
      - {{correct: true, say: "$1 + << a >>$", why: A plus.}}
      - {{correct: false, say: "$1 - << a >>$", why: A minus.}}
  - id: "1.2"
    points: 1
    space: 80 mm
    ask: What is $<< a >> + 1$?
    steps: {{b: a + 1}}
    rubric: [{{points: 1, step: b}}]
"""
PAPERS = ("attendance", "seating", "stickers", "outlines")
INCHES = "paper: letter\nprinting: {form: booklet}\n"


@pytest.fixture(scope="module", name="batch")
def _batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three students; the second one has large print."""
    folder = tmp_path_factory.mktemp("letter")
    (folder / "problem-1.yaml").write_text(PROBLEM)
    (folder / "exam.yaml").write_text(EXAM + INCHES + "language: de\n")
    head = ("registration_number", "name", "first_name", "large_print")
    rows = [(f"0370000{it}", "Name", "First", "yes" if it == "2" else "") for it in "123"]
    with (folder / "roster.csv").open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    build(folder / "exam.yaml", folder / "roster.csv", folder / "output", jobs=1)
    return folder / "output" / "one-1"


def large_code(batch: Path) -> str:
    """The copy in large print."""
    with (batch / "exam-office" / "binding.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    (code,) = [row["code"] for row in rows if row["registration_number"] == "03700002"]
    return code


def sizes_mm(pdf: Path) -> set[tuple[float, float]]:
    document = pypdfium2.PdfDocument(pdf)
    found = {
        (round(width / 72 * 25.4, 1), round(height / 72 * 25.4, 1))
        for width, height in (page.get_size() for page in document)
    }
    document.close()
    return found


@pytest.mark.slow
def test_pages_and_runs_are_of_the_sheets_of_letter(batch: Path) -> None:
    shop = batch / "print-shop"
    sizes = {path.stem: sizes_mm(path) for path in (shop / "papers").glob("*.pdf")}
    assert sizes.pop(large_code(batch)) == {(279.4, 431.8)}
    assert list(sizes.values()) == [{(215.9, 279.4)}] * 2
    assert {path.name: sizes_mm(path) for path in (shop / "runs").glob("*.pdf")} == {
        "all-rooms.pdf": {(431.8, 279.4)},
        "all-rooms-Tabloid.pdf": {(279.4, 431.8)},
    }
    others = {(215.9, 279.4), (279.4, 215.9)}
    rest = [*batch.glob("correctors/**/*.pdf"), *batch.glob("exam-office/*.pdf")]
    rest += [shop / f"{name}.pdf" for name in ("job-ticket", "separators", "envelopes")]
    assert len(rest) == 15
    assert all(sizes_mm(path) <= others for path in rest)
    assert "all as they should be" in verify(shop, None)


@pytest.mark.slow
def test_boxes_are_where_the_layout_says_and_codes_in_the_corners(batch: Path) -> None:
    """Frames of answers, found on rendered pages; on large print, too."""
    with open_batch(batch) as opened:
        key, exam_id = opened.secret.tag_key, opened.exam_id
    large = large_code(batch)
    usual = "E0001" if large != "E0001" else "E0002"
    for code, name, paper in (
        (usual, "layout.json", "Letter"),
        (large, "layout-Tabloid.json", "Tabloid"),
    ):
        document = json.loads((batch / "examiner" / name).read_text())
        assert document["paper"] == paper
        layout = read_layout(document)
        picture = page_picture(batch / "print-shop" / "papers" / f"{code}.pdf", 150, 2)
        per_mm = len(picture) / layout.sheet.height_mm
        boxes = [it for it in layout.pages[2] if it.kind in {"answer", "option"}]
        assert len(boxes) == 3
        for box in boxes:
            left, top = round(box.x_mm * per_mm), round(box.y_mm * per_mm)
            middle = round((box.y_mm + box.height_mm / 2) * per_mm)
            assert picture[middle - 2 : middle + 3, left - 1 : left + 4].min() < 120
            below = round((box.y_mm + box.height_mm) * per_mm)
            for row in (top, below):
                band = picture[row - 4 : row + 4, left + 3 : left + 20]
                assert (band.min(axis=0) < 120).all()
        found = identify(picture, key, exam_id, LETTER)
        assert isinstance(found, Identified)
        assert (found.code.copy, found.code.page, found.symbols) == (code, 2, 2)
        upper = next(it for it in layout.pages[2] if it.names.get("corner") == "upper")
        x, y = found.transform.pixel(*np.array([10.0, 10.0]))
        assert upper.x_mm * per_mm <= x <= (upper.x_mm + upper.width_mm) * per_mm
        assert upper.y_mm * per_mm <= y <= (upper.y_mm + upper.height_mm) * per_mm


@pytest.mark.slow
def test_what_is_handed_out_is_in_the_language_of_the_exam(batch: Path) -> None:
    pack(batch.parents[1] / "exam.yaml", batch.parent, None)
    with pyzipper.AESZipFile(batch.parent / "one-1-print-shop.zip") as archive:
        shop = archive.read("README.txt").decode()
    office = (batch / "exam-office" / "README.txt").read_text()
    assert "Druckauftrag one-1" in shop
    assert "so viele Sätze zu 4 Seiten" in shop
    assert "auf Bogen 5160" in office
    for path in batch.glob("exam-office/*.pdf"):
        title = str(PdfReader(path).metadata["/Title"])  # type: ignore[index]
        known = {load_catalogue("de").text(f"office.{it}") for it in PAPERS}
        assert title.removeprefix("one-1: ") in known


@pytest.mark.slow
def test_tickets_name_the_paper(batch: Path) -> None:
    shop = batch / "print-shop"
    ticket = json.loads((shop / "job-ticket.json").read_text())
    assert ticket["paper"] == "Tabloid"
    assert [run["paper"] for run in ticket["runs"]] == ["Tabloid", "Tabloid"]
    assert [run["form"] for run in ticket["runs"]] == ["booklet", "plain"]
    root = ElementTree.parse(shop / "job-ticket.xpif").getroot()
    sides = [root.find(f".//{name}-dimension") for name in "xy"]
    assert [side.text for side in sides if side is not None] == ["27940", "43180"]
    jdf = (shop / "job-ticket.jdf").read_text()
    assert 'Dimension="1224.00 792.00"' in jdf
    assert 'Dimension="792.00 1224.00"' in jdf


def test_the_guide_has_what_is_built_here() -> None:
    guide = (ROOT / "bank" / "README.md").read_text("utf-8")
    assert f"\n\n{indent(INCHES, '    ')}\n" in guide


def test_symbols_are_ten_millimeters_from_all_edges() -> None:
    for page in (1, 2):
        upper, lower = symbol_boxes(page, 2, LETTER)
        assert 279.4 - upper.bottom_mm - upper.side_mm == pytest.approx(10)
        assert lower.bottom_mm == 10
        outer = min(upper.left_mm, 215.9 - upper.left_mm - upper.side_mm)
        assert outer == pytest.approx(10)


@pytest.mark.slow
def test_crosses_are_looked_for_where_letter_has_its_boxes(batch: Path) -> None:
    layout = read_layout(json.loads((batch / "examiner" / "layout.json").read_text()))
    ticks = [it for it in layout.pages[2] if it.kind == "option"]
    key = next((batch / "correctors" / "keys").glob("*.pdf")).read_bytes()
    for sheet, are_found in ((LETTER, True), (A4, False)):
        shared = SharedPages(Prefix(), sheet)
        page = shared._pages(key)[1]
        drawn, _ = shared._parted(page.index, page.content, ticks)
        assert len(drawn) == 2
        assert all(drawn) is are_found


def test_a_page_tells_how_it_is_enlarged() -> None:
    assert enlarged_by(595.3, 841.9).factor == 1
    assert enlarged_by(612, 792).margin_mm == 0
    assert enlarged_by(841.9, 1190.6) == LARGE_PRINT[A4]
    large = enlarged_by(792, 1224)
    assert (large, large.sheet) == (LARGE_PRINT[LETTER], TABLOID)
    assert 2 * large.margin_mm + large.factor * 279.4 == pytest.approx(431.8)


def test_other_paper_is_refused_at_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_one(tmp_path, PROBLEM, "paper: legal\n")
    (wrong,) = caught.value.problems
    assert (wrong.line, wrong.where) == (16, "paper")
    assert "A4 or letter" in wrong.message
    assert load_one(tmp_path, PROBLEM, "paper: Letter\n").sheet == LETTER
    assert load_one(tmp_path, PROBLEM).sheet == A4
