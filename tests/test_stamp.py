"""Finished copies, made from what pdfTeX really writes, and read back by independent tools."""

from __future__ import annotations

import hashlib
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader, PdfWriter

from generator.codes.page_code import CodeError, PageCode, parse_payload
from generator.codes.qr import encode, qr_paths
from generator.errors import CopyError
from generator.exact.secret import REFERENCE_SECRET
from generator.layout import Anchor
from generator.stamp.pdf import PdfError, PdfFile, page_digests
from generator.stamp.pieces import Content, Font, Stock
from generator.stamp.stamp import PAGE_CODE, CopyPages, PaperCodes, PrintRun, Stamper
from generator.verify.readback import read_pages

EXAM = "cit-i2dl-1-20230210"
KEY = REFERENCE_SECRET.tag_key
CODES = PaperCodes(2, KEY)
PAGES = 4

FORMAT = r"""
\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}\usepackage{lmodern,tikz}
\usepackage[margin=30mm]{geometry}
\pagestyle{empty}\parindent0pt
\pdfminorversion=4 \pdfobjcompresslevel=0 \pdfcompresslevel=9
\pdfsuppressptexinfo=-1 \pdfinfoomitdate=1 \pdftrailerid{}
\def\keep#1{{#1\expandafter\pdfincludechars\the\font
  {ABCDEFGHIJKLMNOPQRSTUVWXY abcdefghijklmnopqrstuvwxyz0123456789.,:-()\char92}}}
\def\keepall{\keep{\normalfont\normalsize}\keep{\normalfont\ttfamily}\keep{\bfseries}}
\def\figure#1{\pdfliteral{q 1 0 0 1 0 0 cm /Fig-#1 Do Q}}
\AtBeginDocument{\keepall}
\keepall
\dump
"""
MASTER = r"""
\begin{document}
Static page one with a \textbf{bold} word.\vfill \figure{net} \texttt{mono}\newpage
Static page two, \fbox{framed}, and \tikz[baseline]\draw[opacity=0.5] (0,0) rectangle (1,1);
\end{document}
"""
FIGURE = r"""
\setbox0\hbox{\begin{tikzpicture}\draw[gray,thick] (0,0) rectangle (3,2);
\draw (0,0) -- (3,%(i)d/2); \node at (1.5,1) {w%(i)d};\end{tikzpicture}}
\pdfpagewidth\wd0 \pdfpageheight\ht0 \hoffset-1in \voffset-1in \shipout\box0
"""
COPY = r"""
Copy %(copy)s, own page: alpha 1.%(copy)s.\newpage
Second own page: \textbf{value %(copy)s}. \vfill \figure{curve-1.2}\figure{net3}\newpage
"""


def run_tex(folder: Path, name: str, source: str, *options: str) -> bytes:
    (folder / f"{name}.tex").write_text(source)
    done = subprocess.run(
        ["pdflatex", "-interaction=batchmode", "-no-shell-escape", *options, f"{name}.tex"],
        cwd=folder,
        env={**os.environ, "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, (folder / f"{name}.log").read_text()[-2000:]
    return (folder / f"{name}.pdf").read_bytes() if (folder / f"{name}.pdf").exists() else b""


@dataclass(frozen=True)
class Tex:
    """What pdfTeX made for three copies."""

    folder: Path
    master: bytes
    figures: bytes

    def document(self, body: str, name: str = "scratch") -> bytes:
        source = rf"\begin{{document}}{body}\end{{document}}"
        return run_tex(self.folder, name, source, "-fmt=fixed")

    def chunk(self, *copies: int) -> bytes:
        return self.document("".join(COPY % {"copy": copy} for copy in copies))


@pytest.fixture(scope="module")
def tex(tmp_path_factory: pytest.TempPathFactory) -> Tex:
    folder = tmp_path_factory.mktemp("tex")
    run_tex(folder, "fixed", FORMAT, "-ini", "-jobname=fixed", "&pdflatex")
    return Tex(
        folder,
        run_tex(folder, "master", MASTER, "-fmt=fixed"),
        Tex(folder, b"", b"").document("".join(FIGURE % {"i": i} for i in range(3))),
    )


FIGURES = ["net-0", "net-1", "net-2"]


@pytest.fixture(scope="module")
def stock(tex: Tex) -> Stock:
    stock = Stock(tex.master)
    stock.add_figures(tex.figures, FIGURES)
    return stock


@pytest.fixture(scope="module")
def contents(tex: Tex, stock: Stock) -> list[Content]:
    return stock.read_chunk(tex.chunk(0, 1, 2))


def mono(stock: Stock) -> str:
    return next(name for name, font in stock.fonts.items() if "Mono" in font.base)


def anchors(stock: Stock) -> list[Anchor]:
    font = mono(stock)
    return [
        Anchor(None, PAGE_CODE, 297.5, 800, "center", font, 8),
        Anchor(None, PAGE_CODE, 297.5, 40, "center", font, 8),
        Anchor(1, "mark", 100, 700, "left", font, 10),
    ]


def copy_pages(number: int, contents: list[Content], code: str = "") -> CopyPages:
    own = contents[2 * number : 2 * number + 2]
    return CopyPages(
        code or f"E000{number}",
        (0, own[0], own[1], 1),
        {
            "net": f"net-{number}",
            "curve-1.2": f"net-{(number + 1) % 3}",
            "net3": f"net-{(number + 2) % 3}",
        },
        {"mark": f"MARK000{number}"},
    )


@pytest.fixture(scope="module")
def papers(stock: Stock, contents: list[Content]) -> list[bytes]:
    stamper = Stamper(stock, EXAM, anchors(stock), CODES)
    return [stamper.stamp(copy_pages(number, contents)) for number in range(3)]


@pytest.fixture(scope="module")
def key(stock: Stock, contents: list[Content]) -> bytes:
    return Stamper(stock, EXAM, anchors(stock), None).stamp(copy_pages(1, contents))


def qpdf_check(pdf: bytes, folder: Path) -> None:
    path = folder / "checked.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr


def page_image(pdf: bytes, page: int, dpi: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    document = pypdfium2.PdfDocument(pdf)
    image = document[page - 1].render(scale=dpi / 72, grayscale=True).to_numpy().copy()
    document.close()
    return np.asarray(image.reshape(image.shape[:2]))


def rotated(image: np.ndarray[Any, Any], degrees: float) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Turns an image around its middle, as a page that was laid askew on a scanner."""
    height, width = image.shape
    y, x = np.ogrid[:height, :width]
    y, x = y - height / 2, x - width / 2
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    across = np.clip(cosine * x - sine * y + width / 2, 0, width - 1).astype(int)
    down = np.clip(sine * x + cosine * y + height / 2, 0, height - 1).astype(int)
    return np.asarray(image[down, across])


def averaged(image: np.ndarray[Any, Any], size: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Takes the mean of squares of pixels."""
    height, width = image.shape[0] // size, image.shape[1] // size
    squares = image[: height * size, : width * size].reshape(height, size, width, size)
    return np.asarray(squares.mean((1, 3)).astype(np.uint8))


def scanned(image: np.ndarray[Any, Any]) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(image)]


# --- A finished paper ---


def test_papers_are_sound_pdfs(papers: list[bytes], tmp_path: Path) -> None:
    for paper in papers:
        qpdf_check(paper, tmp_path)
        assert len(PdfReader(BytesIO(paper), strict=True).pages) == PAGES


def test_every_page_says_which_it_is(papers: list[bytes]) -> None:
    for number, paper in enumerate(papers):
        for page, reading in enumerate(read_pages(paper), 1):
            code = PageCode(EXAM, f"E000{number}", page)
            assert reading.text.count(code.text) == 2
            assert "KEY" not in reading.text
            assert reading.codes == (code.payload(KEY),) * 2
            assert parse_payload(reading.codes[0], KEY) == code


def test_pages_have_their_own_content_and_their_own_figures(papers: list[bytes]) -> None:
    for number, paper in enumerate(papers):
        texts = [reading.text for reading in read_pages(paper, codes=False)]
        assert "Static page one with a bold word." in texts[0]
        assert f"MARK000{number}" in texts[0]
        assert f"w{number}" in texts[0]
        assert f"Copy {number}, own page: alpha 1.{number}." in texts[1]
        assert f"value {number}" in texts[2]
        assert f"w{(number + 1) % 3}" in texts[2]
        assert "Static page two, framed" in texts[3]
        assert not any("MARK" in text for text in texts[1:])


@pytest.mark.parametrize("dpi", [100, 150, 200, 300])
def test_both_symbols_are_read_from_a_scan_that_is_askew(papers: list[bytes], dpi: int) -> None:
    for page, degrees in ((1, -2), (2, 2)):
        payload = PageCode(EXAM, "E0001", page).payload(KEY)
        samples = max(1, 300 // dpi)  # a pixel of a scan is the mean of an area
        fine = rotated(page_image(papers[1], page, dpi * samples), degrees)
        assert scanned(averaged(fine, samples)) == [payload] * 2


@pytest.mark.parametrize("page", [1, 2])
def test_symbols_are_drawn_where_they_belong(stock: Stock, page: int, tex: Tex) -> None:
    """Measured on pixels: 12 mm wide, 10 mm from the edges, outer corner above, inner one below."""
    blank = stock.read_chunk(tex.document(r"\null\newpage\null"))
    pdf = Stamper(stock, EXAM, [], CODES).stamp(CopyPages("E0001", tuple(blank), {}, {}))
    dark = page_image(pdf, page, 300) < 128
    height = dark.shape[0]
    mm = 300 / 25.4
    for upper in (True, False):
        right = upper == (page == 1)
        half = dark[: height // 2] if upper else dark[height // 2 :][::-1]
        half = half[:, ::-1] if right else half
        rows, columns = np.nonzero(half)
        for found in (rows, columns):
            assert found.min() / mm == pytest.approx(10, abs=0.15)
            assert (found.max() + 1) / mm == pytest.approx(22, abs=0.15)


def test_a_reprint_has_a_larger_symbol_in_the_same_corner(
    stock: Stock, contents: list[Content]
) -> None:
    stamper = Stamper(stock, EXAM, anchors(stock), CODES)
    reprint = stamper.stamp(copy_pages(0, contents, "E0000.1"))
    for page, reading in enumerate(read_pages(reprint), 1):
        code = PageCode(EXAM, "E0000.1", page)
        assert code.text in reading.text
        assert reading.codes == (code.payload(KEY),) * 2
        overlay = PdfReader(BytesIO(reprint)).pages[page - 1].get_contents()
        assert overlay is not None
        assert overlay.get_data().count(qr_paths([encode(code.payload(KEY), 3)])[0]) == 2


def test_symbols_are_one_path_each_and_black(papers: list[bytes]) -> None:
    page = PdfReader(BytesIO(papers[0])).pages[0]
    overlay = page["/Contents"][0].get_object().get_data().decode("ascii")  # type: ignore[index]
    assert overlay.count("\nf\n") == 2
    assert set(re.findall(r"[a-zA-Z*]+$", overlay, re.MULTILINE)) <= {
        "q", "Q", "cm", "g", "re", "f", "ET",
    }  # fmt: skip
    assert re.findall(r"(\S+) g$", overlay, re.MULTILINE) == ["0", "0"]


def test_texts_are_aligned_at_their_anchors(stock: Stock, contents: list[Content]) -> None:
    places = [
        Anchor(1, "mark", 100, 500, "left", mono(stock), 10),
        Anchor(1, "mark", 300, 510, "center", mono(stock), 10),
        Anchor(1, "mark", 500, 520, "right", mono(stock), 10),
    ]
    copy = replace(copy_pages(0, contents), texts={"mark": "WWWW(\\)"})
    pdf = Stamper(stock, EXAM, places, CODES).stamp(copy)
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage()
    start = 0
    for left, baseline in ((100, 500), (300 - 7 * 5.25 / 2, 510), (500 - 7 * 5.25, 520)):
        start = text.get_text_range().replace("\r\n", "  ").index("WWWW(\\)", start)
        boxes = [text.get_charbox(start + i, loose=True) for i in range(7)]
        assert boxes[0][0] == pytest.approx(left, abs=0.3)
        assert boxes[6][2] == pytest.approx(left + 7 * 5.25, abs=0.3)
        assert text.get_charbox(start)[1] == pytest.approx(baseline, abs=0.3)
        start += 7


def test_the_file_says_nothing_but_its_code(papers: list[bytes]) -> None:
    metadata = PdfReader(BytesIO(papers[1])).metadata
    assert metadata == {"/Title": "E0001", "/Producer": "exam-variants"}
    for word in (b"Date", b"PTEX", b"/tmp", b"pdfTeX", b"tex"):
        assert word not in papers[1]


# --- Keys ---


def test_keys_say_so_and_have_nothing_to_scan(key: bytes, tmp_path: Path) -> None:
    qpdf_check(key, tmp_path)
    for page, reading in enumerate(read_pages(key), 1):
        assert reading.text.count(f"{PageCode(EXAM, 'E0001', page).text} KEY") == 2
        assert reading.codes == ()
        assert scanned(page_image(key, page, 200)) == []
    assert PdfReader(BytesIO(key)).metadata == {
        "/Title": "E0001 KEY",
        "/Producer": "exam-variants",
    }


# --- Bytes ---


def test_bytes_depend_on_the_copy_alone(tex: Tex, papers: list[bytes]) -> None:
    """Other chunks, another order, other figures read, a stock that was sent to another process."""
    stock = Stock(tex.master)
    stock.add_figures(tex.figures, FIGURES)
    stock = pickle.loads(pickle.dumps(stock))
    stamper = Stamper(stock, EXAM, anchors(stock), CODES)
    for number in (2, 0, 1):
        own = stock.read_chunk(tex.chunk(number))
        pages = copy_pages(0, own, f"E000{number}")
        meant = copy_pages(number, [*own] * 3)
        again = stamper.stamp(replace(pages, figures=meant.figures, texts=meant.texts))
        assert again == papers[number]


def test_figures_do_not_depend_on_their_run(tex: Tex, stock: Stock) -> None:
    """Nor on what another figure of the run has used: here, a transparency."""
    other = r"\setbox0\hbox{\tikz\fill[opacity=0.2] (0,0) circle(1);}\shipout\box0"
    alone = Stock(tex.master)
    alone.add_figures(tex.document(FIGURE % {"i": 2} + other), ["net-2", "other"])
    assert alone.figures["net-2"] == stock.figures["net-2"]
    assert b"/ExtGState << /pgf@CA0.2 << " in alone.figures["other"]
    assert b"ExtGState" not in stock.figures["net-2"]


def test_bytes_do_not_depend_on_the_process(tex: Tex) -> None:
    program = """
import hashlib, sys, pathlib
from generator.layout import *
from generator.stamp.stamp import *
from generator.stamp.pieces import *
folder = pathlib.Path(sys.argv[1])
stock = Stock((folder / "master.pdf").read_bytes())
font = next(name for name, font in stock.fonts.items() if "Mono" in font.base)
texts = {name: "TEXT" for name in "abcdefgh"}
anchors = [Anchor(None, name, 99, 99, "left", font, 9) for name in texts]
stock.add_figures((folder / "figures.pdf").read_bytes(), ["net-0", "net-1", "net-2"])
own = stock.read_chunk((folder / "scratch.pdf").read_bytes())
slots = {"net": "net-1", "net3": "net-0", "curve-1.2": "net-2"}
copy = CopyPages("E0001", (0, 1, *own), slots, texts)
print(hashlib.sha256(Stamper(stock, "x", anchors, PaperCodes(2, b"")).stamp(copy)).hexdigest())
"""
    (tex.folder / "figures.pdf").write_bytes(tex.figures)
    tex.chunk(1)
    digests = {
        subprocess.run(
            [sys.executable, "-c", program, tex.folder],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(digests) == 1


# --- Print runs ---


def print_run(copies: list[bytes]) -> bytes:
    sink = BytesIO()
    run = PrintRun(sink, "E0000-E0002")
    for number, copy in enumerate(copies):
        run.append(copy, f"E{number:04}")
    run.close()
    return sink.getvalue()


def test_a_print_run_has_the_pages_of_its_copies(papers: list[bytes], tmp_path: Path) -> None:
    run = print_run(papers)
    qpdf_check(run, tmp_path)
    assert [reading for paper in papers for reading in read_pages(paper)] == read_pages(run)
    for page in range(3 * PAGES):
        single = page_image(papers[page // PAGES], page % PAGES + 1, 60)
        assert np.array_equal(page_image(run, page + 1, 60), single)


def test_sets_of_a_print_run_have_bookmarks_and_their_pages_labels(papers: list[bytes]) -> None:
    reader = PdfReader(BytesIO(print_run(papers)))
    marks = [(mark["/Title"], reader.get_destination_page_number(mark)) for mark in reader.outline]
    assert marks == [(f"E{number:04}", number * PAGES) for number in range(3)]
    labels = [f"E{number:04}-{page}" for number in range(3) for page in range(1, PAGES + 1)]
    assert reader.page_labels == labels


def test_pages_are_the_same_in_a_print_run(papers: list[bytes]) -> None:
    pages = [page for paper in papers for page in page_digests(PdfFile(paper))]
    assert list(page_digests(PdfFile(print_run(papers)))) == pages
    assert len(set(pages)) == 3 * PAGES


def test_a_page_that_is_another_in_a_print_run_shows(papers: list[bytes]) -> None:
    run = print_run(papers)
    pages = list(page_digests(PdfFile(run)))
    codes, contents = zip(*re.findall(rb"/Contents \[(\d+) 0 R (\d+) 0 R\]", run), strict=True)
    fonts = sorted(set(re.findall(rb"/F\d+ (\d+) 0 R", run)))
    for one, other in (codes[:2], contents[:2], fonts[:2]):  # exchanged where they come first
        changed = re.sub(rb"\b%b 0 R" % one, b"%b 0 R" % other, run, count=1)
        assert len(changed) == len(run), "all else stays where it was"
        assert list(page_digests(PdfFile(changed))) != pages
    assert list(page_digests(PdfFile(print_run(papers[::-1])))) != pages


def test_a_print_run_has_everything_equal_once(papers: list[bytes]) -> None:
    run = print_run(papers)
    for kind in (b"/FontFile ", b"/Subtype /Form"):
        assert papers[0].count(kind) == run.count(kind) == 3
    growth = len(print_run(papers * 20)) - len(run)
    assert growth / (19 * 3 * PAGES) < 1300


def test_a_print_run_joins_copies_of_different_stocks(
    tex: Tex, papers: list[bytes], tmp_path: Path
) -> None:
    other = tex.document(MASTER.split("}", 1)[1].replace("Static", "Steady").rsplit("\\", 1)[0])
    stock = Stock(other)
    stock.add_figures(tex.figures, FIGURES)
    own = stock.read_chunk(tex.chunk(0, 1, 2))
    paper = Stamper(stock, EXAM, anchors(stock), CODES).stamp(copy_pages(2, own))
    run = print_run([papers[0], paper, papers[1], paper])
    qpdf_check(run, tmp_path)
    singles = [papers[0], paper, papers[1], paper]
    assert read_pages(run) == [reading for single in singles for reading in read_pages(single)]
    assert "Steady page one" in read_pages(run)[4].text
    assert run.count(b"/FontFile ") == papers[0].count(b"/FontFile ")


def test_print_runs_have_the_same_bytes_every_time(papers: list[bytes]) -> None:
    assert print_run(papers) == print_run(list(papers))
    assert print_run(papers) != print_run(papers[::-1])


# --- What must not go unnoticed ---


def test_a_character_outside_the_fixed_set_is_an_error(tex: Tex, stock: Stock) -> None:
    with pytest.raises(CopyError, match=r"the chunk: .* LMRoman10-Regular .*: Z, germandbls"):
        stock.read_chunk(tex.document(r"one\newpage Z\ss"))


def test_a_font_outside_the_fixed_set_is_an_error(tex: Tex, stock: Stock) -> None:
    with pytest.raises(CopyError, match=r"LMSans10-Regular .* not in the fixed set"):
        stock.read_chunk(tex.document(r"\textsf{sans}"))
    with pytest.raises(CopyError, match="figures: the font LMSans10-Regular"):
        stock.add_figures(tex.document(r"\textsf{sans}"), ["a"])


def test_fewer_characters_than_the_fixed_set_are_no_error(tex: Tex, stock: Stock) -> None:
    """A run that names no characters has other font files, but nothing that the master lacks."""
    source = r"\let\keepall\relax\begin{document}plain \textbf{words}\end{document}"
    pdf = run_tex(tex.folder, "words", source, "-fmt=fixed")
    assert len(stock.read_chunk(pdf)) == 1


def test_a_glyph_under_another_code_is_not_the_same() -> None:
    own = Font(b"1", "LM", {45: "hyphen", 65: "A"}, frozenset({"hyphen", "A"}), {})
    same = Font(b"2", "LM", {45: "hyphen", 90: "Z"}, frozenset({"hyphen"}), {})
    moved = Font(b"3", "LM", {127: "hyphen", 65: "A"}, frozenset({"hyphen", "A"}), {})
    assert own.lacks(same) == []  # Z is of another font with the same encoding
    assert own.lacks(moved) == ["hyphen"]
    assert own.lacks(replace(same, base="LN")) == ["all"]


def test_other_resources_that_the_master_lacks_are_an_error(tex: Tex, stock: Stock) -> None:
    with pytest.raises(PdfError, match=r"page 2 of the chunk uses /pgf@CA0\.3"):
        stock.read_chunk(tex.document(r"one\newpage \tikz\draw[opacity=0.3] (0,0)--(1,1);"))
    known = stock.read_chunk(tex.document(r"one\newpage \tikz\draw[opacity=0.5] (0,0)--(1,1);"))
    assert len(known) == 2


def test_pages_of_another_size_are_an_error(tex: Tex, stock: Stock) -> None:
    with pytest.raises(PdfError, match="page 1 of the chunk is not as large"):
        stock.read_chunk(tex.document(r"\pdfpagewidth100mm narrow"))


def test_figures_that_cannot_be_copied_are_an_error(tex: Tex, stock: Stock) -> None:
    with pytest.raises(PdfError, match="3 pages for 2 figures"):
        stock.add_figures(tex.figures, ["a", "b"])
    with pytest.raises(PdfError, match="two figures net-0"):
        stock.add_figures(tex.figures, ["net-0", "net-0", "net-2"])
    with pytest.raises(PdfError, match="figure shaded has"):
        stock.add_figures(tex.document(r"\tikz\shade (0,0) circle(1);"), ["shaded"])


Change = Callable[[CopyPages], CopyPages]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: replace(c, figures={"net": "net-0"}), "E0000: no figure curve-1.2, net3"),
        (lambda c: replace(c, figures={**c.figures, "x": "net-0"}), "no place for figure x"),
        (lambda c: replace(c, figures={**c.figures, "net": "?"}), "not in the stock: figure ?"),
        (lambda c: replace(c, texts={}), "no text mark"),
        (lambda c: replace(c, texts={**c.texts, "name": "A"}), "no place for text name"),
        (
            lambda c: replace(c, texts={"mark": "A\u00e9"}),
            "'\u00e9' of 'A\u00e9' is not in the font",
        ),
        (lambda c: replace(c, texts={"mark": "AZ"}), "'Z' of 'AZ' is not in the font LMMono10"),
    ],
)
def test_what_does_not_fit_together_is_an_error(
    stock: Stock, contents: list[Content], change: Change, message: str
) -> None:
    stamper = Stamper(stock, EXAM, anchors(stock), CODES)
    with pytest.raises(CopyError, match=re.escape(message)):
        stamper.stamp(change(copy_pages(0, contents)))


def test_anchors_that_do_not_fit_are_an_error(stock: Stock, contents: list[Content]) -> None:
    with pytest.raises(CopyError, match="font F999"):
        Stamper(stock, EXAM, [replace(anchors(stock)[0], font="F999")], CODES)
    stamper = Stamper(stock, EXAM, [replace(anchors(stock)[2], page=5)], CODES)
    with pytest.raises(CopyError, match="E0000: no page 5 for mark"):
        stamper.stamp(copy_pages(0, contents))


# --- Reading back what is broken ---


def changed(pdf: bytes, order: list[int]) -> bytes:
    writer = PdfWriter()
    pages = PdfReader(BytesIO(pdf)).pages
    for index in order:
        writer.add_page(pages[index])
    sink = BytesIO()
    writer.write(sink)
    return sink.getvalue()


def read_codes(pdf: bytes) -> Iterator[list[int]]:
    for reading in read_pages(pdf):
        yield [parse_payload(code, KEY).page for code in reading.codes]


def test_swapped_pages_show(papers: list[bytes]) -> None:
    assert list(read_codes(papers[0])) == [[1, 1], [2, 2], [3, 3], [4, 4]]
    swapped = changed(papers[0], [0, 2, 1, 3])
    assert list(read_codes(swapped)) == [[1, 1], [3, 3], [2, 2], [4, 4]]
    assert PageCode(EXAM, "E0000", 2).text in read_pages(swapped)[2].text


def test_a_wrong_tag_shows(stock: Stock, contents: list[Content]) -> None:
    stamper = Stamper(stock, EXAM, anchors(stock), replace(CODES, tag_key=b"another batch"))
    reading = read_pages(stamper.stamp(copy_pages(0, contents)))[0]
    assert len(reading.codes) == 2
    with pytest.raises(CodeError, match="not from this batch"):
        parse_payload(reading.codes[0], KEY)


def test_a_symbol_that_is_covered_shows(tex: Tex, stock: Stock) -> None:
    """A box over the upper right corner of page 1; the lower symbol is still read."""
    cover = r"\pdfliteral page{q 1 g 510 760 60 60 re f Q}"
    own = stock.read_chunk(tex.document(rf"{cover}\null\newpage {cover}\null"))
    pdf = Stamper(stock, EXAM, [], CODES).stamp(CopyPages("E0001", tuple(own), {}, {}))
    assert list(read_codes(pdf)) == [[1], [2, 2]]


def test_only_symbols_in_the_corners_count(tex: Tex, stock: Stock) -> None:
    symbol = qr_paths([encode("SOMETHING-ELSE", 2)])[0].decode().replace("\n", " ")
    other = rf"\pdfliteral page{{q 2 0 0 2 270 400 cm {symbol} Q}}\null"
    own = stock.read_chunk(tex.document(rf"{other}\newpage {other}"))
    pdf = Stamper(stock, EXAM, [], CODES).stamp(CopyPages("E0001", tuple(own), {}, {}))
    assert len(scanned(page_image(pdf, 1, 200))) == 3
    assert list(read_codes(pdf)) == [[1, 1], [2, 2]]


def test_what_is_no_pdf_is_an_error(tmp_path: Path, papers: list[bytes]) -> None:
    with pytest.raises(CopyError, match="can't be read back"):
        read_pages(b"%PDF-1.4 nothing")
    with pytest.raises(CopyError, match=r"E0312\.pdf can't be read back"):
        read_pages(tmp_path / "E0312.pdf")
    path = tmp_path / "E0000.pdf"
    path.write_bytes(papers[0])
    assert read_pages(path) == read_pages(papers[0])


def test_what_was_read_back_is_what_was_made(papers: list[bytes]) -> None:
    """The fixture's copies differ from each other, or the tests above would show little."""
    assert len({hashlib.sha256(paper).hexdigest() for paper in papers}) == len(papers)
