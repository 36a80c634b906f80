"""Large print, more time, paper of another color: on the papers, in the runs, on the lists."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from xml.etree import ElementTree

import numpy as np
import pypdfium2
import pytest
from small_project import Project, small_exam

from generator.exact.secret import load_secret
from generator.pipeline.binding import BoundCopy
from generator.record.batch import open_batch
from generator.record.copy import Copy, Holder
from generator.record.ledger import Ledger
from generator.roster.accommodation import PLAIN, Accommodation, read_accommodation
from generator.scans.identify import Identified, identify
from generator.verify.readback import page_picture, read_pages

ROSTER = """\
Matrikelnummer;Nachname;Vorname;Raum;Platz;Großdruck;Zeitzugabe;Papierfarbe
00123456;Müller;Zoë;HS 1;1;ja;30;
03777777;O'Brien;Pat;HS 1;2;;;gelb
03888888;Nguyễn Thị;Ánh;Interim 2;1;nein;;
03999999;王;小明;Interim 2;2;;15 min;
"""


@pytest.fixture(scope="module")
def different(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = small_exam(tmp_path_factory.mktemp("different") / "project")
    project.roster.write_text(ROSTER)
    project.build()
    return project


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, PLAIN),
        ({"large_print": "A3", "extra_time": "30 Min."}, Accommodation(True, 30)),
        ({"large_print": "no", "extra_time": "0", "paper_color": "–"}, PLAIN),
        ({"paper_color": "pale yellow"}, Accommodation(paper_color="pale yellow")),
    ],
)
def test_cells_are_read(cells: dict[str, str], expected: Accommodation) -> None:
    assert read_accommodation(cells) == (expected, {})


@pytest.mark.parametrize(
    ("column", "cell"), [("large_print", "18 pt"), ("extra_time", "25 %"), ("extra_time", "999")]
)
def test_what_cannot_be_given_is_refused(column: str, cell: str) -> None:
    _, wrong = read_accommodation({column: cell})
    assert list(wrong) == [column]
    assert "expected" in wrong[column]


def test_large_print_is_the_same_page_on_a3(different: Project) -> None:
    """Codes are read at their places, boxes are where the layout of A3 says."""
    codes = different.codes()
    large = different.out / "print-shop" / "papers" / f"{codes['00123456']}.pdf"
    with open_batch(different.out) as batch:
        key, exam = batch.secret.tag_key, batch.exam_id
    for page, reading in enumerate(read_pages(large), 1):
        assert len(reading.codes) == 2
        found = identify(page_picture(large, 150, page), key, exam)
        assert isinstance(found, Identified)
        assert found.code.page == page
    document = pypdfium2.PdfDocument(large)
    assert [round(length / 72 * 25.4) for length in document[0].get_size()] == [297, 420]
    layout = json.loads((different.out / "examiner" / "layout-A3.json").read_text())
    usual = json.loads((different.out / "examiner" / "layout.json").read_text())
    assert layout["paper"] == "A3"
    [sticker] = [box for box in layout["pages"][0]["boxes"] if box["kind"] == "sticker"]
    [small] = [box for box in usual["pages"][0]["boxes"] if box["kind"] == "sticker"]
    assert sticker["width"] == pytest.approx(small["width"] * 2**0.5, abs=0.01)
    picture = page_picture(large, 150, 1)
    per_mm = 150 / 25.4
    x, y = (round(sticker[name] * per_mm) for name in ("x", "y"))
    assert np.mean(picture[y - 2 : y + 4, x + 100]) < 220


def test_runs_are_apart_and_told_apart(different: Project) -> None:
    shop = different.out / "print-shop"
    runs = {run["file"]: run for run in json.loads((shop / "job-ticket.json").read_text())["runs"]}
    assert {name: (run["paper"], run["paper_color"]) for name, run in runs.items()} == {
        "runs/HS-1.pdf": ("A4", None),
        "runs/HS-1-A3.pdf": ("A3", None),
        "runs/HS-1-gelb.pdf": ("A4", "gelb"),
        "runs/Interim-2.pdf": ("A4", None),
    }
    for name, run in runs.items():
        document = pypdfium2.PdfDocument(shop / name)
        wide = 297 if run["paper"] == "A3" else 210
        assert {round(page.get_size()[0] / 72 * 25.4) for page in document} == {wide}
        [bookmark, *_] = document.get_toc()
        assert bookmark.get_title() == run["first"]
    xpif = ElementTree.parse(shop / "job-ticket-yellow.xpif")
    assert [it.text for it in xpif.iter("media-color")] == ["yellow"]
    assert (shop / "job-ticket-A3.xpif").exists()
    jdf = (shop / "job-ticket.jdf").read_text()
    assert 'Run="runs/HS-1-A3.pdf" Dimension="841.89 1190.55"' in jdf
    assert different.ask("verify", str(shop)).returncode == 0


def test_more_time_stands_on_cover_and_lists_and_no_reason_anywhere(different: Project) -> None:
    codes = different.codes()
    papers = different.out / "print-shop" / "papers"
    for number, extra in (("00123456", "extra time 30 min"), ("03999999", "extra time 15 min")):
        assert extra in read_pages(papers / f"{codes[number]}.pdf")[0].text
    assert "extra time" not in read_pages(papers / f"{codes['03888888']}.pdf")[0].text
    document = pypdfium2.PdfDocument(different.out / "exam-office" / "attendance.pdf")
    texts = [page.get_textpage().get_text_range() for page in document]
    assert "Extra time 30 min · A3, large print" in texts[0]
    assert "gelb" in texts[0]
    assert "Extra time 15 min" in texts[1]


def test_a_reprint_is_printed_as_its_copy(different: Project) -> None:
    code = different.codes()["00123456"]
    done = different.run("--copy", code, "--reason", "torn", command="reprint")
    assert done.returncode == 0, done.stderr
    paper = different.out / "print-shop" / "papers" / f"{code}.1.pdf"
    assert round(pypdfium2.PdfDocument(paper)[0].get_size()[0] / 72 * 25.4) == 297
    assert "extra time 30 min" in read_pages(paper)[0].text


def test_only_a_paper_that_does_not_suit_is_printed_anew() -> None:
    large = Accommodation(large_print=True)
    assert BoundCopy("E0001", "01", needed=large).unfit
    assert not BoundCopy("E0001", "01", printed=large, needed=large).unfit
    assert not BoundCopy("E0001", "01", printed=large).unfit


def test_the_ledger_keeps_who_gets_what(different: Project) -> None:
    secret = load_secret(different.out / "examiner" / "secret.key")
    with closing(Ledger(different.out / "examiner" / "ledger.sqlite", None, secret)) as ledger:
        code = different.codes()["00123456"].partition(".")[0]
        assert ledger[code].accommodation == Accommodation(True, 30)
        holder = ledger.holders()[code]
        assert holder.accommodation == Accommodation(True, 30)
        assert holder == Holder("00123456", "Müller", "Zoë", "1", Accommodation(True, 30))
        assert Copy("E0001").accommodation == PLAIN
    with sqlite3.connect(different.out / "examiner" / "ledger.sqlite") as database:
        printed = [row[0] for row in database.execute("SELECT * FROM printed_for")]
    assert len([key for key in printed if "." not in key]) == 3


def test_a_spare_copy_is_printed_anew_for_who_gets_it_at_the_door(different: Project) -> None:
    """In seconds, under a code of its own; a build later leaves it as it is."""
    codes = different.codes()
    spare = next(code for number, code in codes.items() if number == code)
    done = different.run("--copy", spare, "--sticker", "00123456", command="bind")
    assert done.returncode == 0, done.stderr
    assert "this student has large print, A3, 30 more minutes: make reprint COPY=" in done.stdout
    own = codes["00123456"].partition(".")[0]
    again = different.run("--copy", codes["00123456"], "--reason", "torn", command="reprint")
    assert again.returncode == 2
    assert f"the student of {own} has {spare} in its place since" in again.stderr
    done = different.run("--copy", spare, "--reason", "large print", command="reprint")
    assert f"print {spare}.1-" in done.stdout
    assert "(large print, A3, 30 more minutes)" in done.stdout
    paper = different.out / "print-shop" / "papers" / f"{spare}.1.pdf"
    before = paper.read_bytes()
    assert round(pypdfium2.PdfDocument(paper)[0].get_size()[0] / 72 * 25.4) == 297
    assert "extra time 30 min" in read_pages(paper)[0].text
    manifest = json.loads((different.out / "examiner" / "manifest.json").read_text())
    of = {entry["code"]: entry.get("reprint_of") for entry in manifest["copies"]}
    assert (of[spare], of[f"{spare}.1"]) == (None, spare)
    paper.unlink()
    different.build()
    assert paper.read_bytes() == before
