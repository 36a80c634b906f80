"""Print runs as a press gets them: PDF/A-1b, black alone, and as booklets in saddle order."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pypdfium2
import pytest
from small_project import Project

from generator.errors import CopyError
from generator.files.plain_names import plain_name
from generator.release.print_run import Run, make_run
from generator.stamp.archival import gray_profile
from generator.stamp.booklet import saddle
from generator.verify.preflight import preflight
from generator.verify.readback import read_booklet, read_pages


@pytest.fixture(scope="module")
def folded(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The small exam as booklets."""
    folder = tmp_path_factory.mktemp("folded") / "project"
    shutil.copytree(built.folder, folder, symlinks=True)
    project = Project(folder)
    project.exam.write_text(project.exam.read_text() + "printing: {form: booklet}\n")
    project.build()
    return project


def runs(project: Project) -> list[Path]:
    return sorted((project.out / "print-shop" / "runs").glob("*.pdf"))


# --- archival -------------------------------------------------------------------------------------


def test_runs_are_archival(built: Project, folded: Project) -> None:
    for run in runs(built) + runs(folded):
        assert preflight(run.read_bytes()) == []


def test_papers_are_not_taken_for_archival(built: Project) -> None:
    """They say nothing of what they are; keys have colors besides."""
    [code, *_] = built.codes().values()
    wrong = preflight((built.out / "print-shop" / "papers" / f"{code}.pdf").read_bytes())
    assert wrong == ["has no XMP metadata (6.7.2)", "has no output intent (6.2.2)"]
    key = preflight((built.out / "correctors" / "keys" / f"{code}.pdf").read_bytes())
    assert "has colors" in key


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (b"<pdfaid:conformance>B", b"<pdfaid:conformance>X", "does not say"),
        (b"/FontFile3 ", b"/FontFileX ", "not embedded"),
        (b"/S /GTS_PDFA1", b"/S /GTS_PDFX1", "no output intent"),
        (b"/CharSet", b"/CharSex", "list of its glyphs"),
        (b"%PDF-1.4", b"%PDF-1.7", "header"),
        (b'"x-default">s', b'"x-default">S', "another Title"),
    ],
)
def test_what_is_not_archival_is_found(built: Project, old: bytes, new: bytes, what: str) -> None:
    data = runs(built)[0].read_bytes()
    wrong = preflight(data.replace(old, new))
    assert any(what in it for it in wrong)


def test_a_run_with_colors_is_never_handed_over(built: Project, tmp_path: Path) -> None:
    """Also where it has the pages of its papers: here, of a key that lies where a paper should."""
    [code, *_] = built.codes().values()
    papers = tmp_path / "shop" / "papers"
    papers.mkdir(parents=True)
    shutil.copy(built.out / "correctors" / "keys" / f"{code}.pdf", papers)
    (tmp_path / "kept").mkdir()
    run = Run("HS-1.pdf", "HS 1", ((code, "its digest"),))
    with pytest.raises(CopyError, match=r"the print run HS-1.pdf has colors"):
        make_run("small-1", papers.parent, tmp_path / "kept", run)
    assert not (papers.parent / "runs").exists()


def test_the_profile_says_what_it_is_and_how_long() -> None:
    profile = gray_profile()
    assert int.from_bytes(profile[:4], "big") == len(profile)
    assert (profile[16:20], profile[36:40]) == (b"GRAY", b"acsp")
    count = int.from_bytes(profile[128:132], "big")
    for entry in (profile[132 + 12 * number :][:12] for number in range(count)):
        start, length = (int.from_bytes(entry[at : at + 4], "big") for at in (4, 8))
        assert start % 4 == 0
        assert start + length <= len(profile)


@pytest.mark.parametrize("tool", [["qpdf", "--check"], ["pdfinfo"], ["pdffonts"]])
def test_tools_of_others_find_nothing(built: Project, folded: Project, tool: list[str]) -> None:
    """QPDF and Poppler are independent of each other, and of all that made these files."""
    shops = (project.out / "print-shop" for project in (built, folded))
    files = [file for shop in shops for file in shop.rglob("*.pdf") if file.parent.name != "papers"]
    assert len(files) >= 10
    for file in files:
        done = subprocess.run([*tool, file], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), file
        assert "WARNING" not in done.stdout
        if tool == ["pdffonts"]:
            lines = done.stdout.splitlines()
            column = lines[0].index("emb")
            assert all(line[column : column + 3] == "yes" for line in lines[2:])


# --- booklets -------------------------------------------------------------------------------------


def test_saddle_order_is_that_of_folded_sheets() -> None:
    assert saddle(4) == [(4, 1), (2, 3)]
    assert saddle(8) == [(8, 1), (2, 7), (6, 3), (4, 5)]
    for pages in range(4, 100, 4):
        sides = saddle(pages)
        assert sorted(page for side in sides for page in side) == list(range(1, pages + 1))
        # Nested sheets: from the outside, fronts end where backs go on; the fold is on the inside.
        for (last, first), (second, before) in zip(sides[::2], sides[1::2], strict=True):
            assert first + last == second + before == pages + 1
            assert (second, before) == (first + 1, last - 1)
            assert first % 2 == 1
            assert second % 2 == 0


def test_a_booklet_has_the_pages_of_its_papers(folded: Project) -> None:
    for run in runs(folded):
        document = pypdfium2.PdfDocument(run)
        sizes = {tuple(round(it / 72 * 25.4) for it in page.get_size()) for page in document}
        assert sizes == {(420, 297)}
        codes = [bookmark.get_title() for bookmark in document.get_toc()]
        assert len(document) == 2 * len(codes)
        readings = read_booklet(run, 4)
        papers = [
            page
            for code in codes
            for page in read_pages(folded.out / "print-shop" / "papers" / f"{code}.pdf")
        ]
        assert [page.codes for page in readings] == [page.codes for page in papers]
        for side, page in zip(readings, papers, strict=True):
            assert "".join(side.text.split()) == "".join(page.text.split())


def test_the_side_of_the_staples_is_free_of_codes(folded: Project) -> None:
    page = pypdfium2.PdfDocument(runs(folded)[0])[0]
    picture = page.render(scale=2, grayscale=True).to_numpy()
    middle, per_mm = picture.shape[1] // 2, 2 * 72 / 25.4
    fold = picture[:, middle - int(7 * per_mm) : middle + int(7 * per_mm)]
    assert fold.min() > 200


def test_ticket_and_check_follow(folded: Project) -> None:
    shop = folded.out / "print-shop"
    ticket = json.loads((shop / "job-ticket.json").read_text())
    assert (ticket["paper"], ticket["sheets_per_copy"]) == ("A3", 1)
    assert {run["form"] for run in ticket["runs"]} == {"booklet"}
    assert all(run["sheets"] == run["copies"] for run in ticket["runs"])
    done = folded.ask("verify", str(shop))
    assert done.returncode == 0, done.stderr


def test_a_booklet_that_was_exchanged_is_found(folded: Project, tmp_path: Path) -> None:
    shop = tmp_path / "print-shop"
    shutil.copytree(folded.out / "print-shop", shop)
    first, second = sorted((shop / "runs").glob("*.pdf"))[:2]
    first.write_bytes(second.read_bytes())
    done = folded.ask("verify", str(shop))
    assert done.returncode == 3
    assert first.name in done.stderr


def test_files_are_called_as_people_spell_names_without_umlauts() -> None:
    assert plain_name("Großer Hörsaal Ä", "room") == "Grosser-Hoersaal-Ae"
    assert plain_name("Bert Mu\u0308ller", "bundle") == "Bert-Mueller"
    assert plain_name("Nguyễn Thị", "bundle") == "Nguyen-Thi"
    assert plain_name("会议室", "room") == "room"
