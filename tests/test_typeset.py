"""Typesetting: what pdfTeX makes of a small exam on the class, and what is said when it can't."""

from __future__ import annotations

import os
import re
import time
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pypdfium2
import pytest
from pypdf import PageObject, PdfReader
from shipped import ROOT

from generator.bench.bare_tex import ALWAYS_SET
from generator.compose.plan import Page, PlannedPart, Section
from generator.compose.sayings import COMMANDS, SECTIONS
from generator.compose.source import chunk_source
from generator.errors import ToolMissingError
from generator.language.catalogue import load_catalogue
from generator.typeset.figure_runs import FigureSource, typeset_figures
from generator.typeset.pdftex import (
    Format,
    TimeLimits,
    Typeset,
    build_format,
    heights,
    run,
    shipped_pages,
    toolchain_version,
)
from generator.typeset.tex_log import TypesetError

LATEX = ROOT / "latex"
Pixels = npt.NDArray[np.uint8]

FIELDS = {
    "exam-id": "test-1",
    "university": "University of Testing",
    "chair": "Chair of Tests",
    "course": "Testing",
    "module": "T1",
    "title": "Endterm",
    "examiner": "Ada Musterfrau",
    "date": "Friday",
    "start": "8:00",
    "end": "9:00",
    "minutes": "60",
    "credits": "5",
    "pages": "4",
    "problem-count": "2",
    "problems": "1,2",
    "keys-released": "",
}
CREDITS = {"1": 2, "1.1": 2, "2": 3, "2.1": 2.5, "2.2": 0.5}
TEMPLATE = r"""
\DefineProblem{1}{Crosses}{2}{choice}\DefinePart{1.1}{2}{choice}{}
\DefineProblem{2}{Numbers}{3}{open}\DefinePart{2.1}{2.5}{open}{0,0.5,1,1.5,2,2.5}
\DefinePart{2.2}{0.5}{open}{0,0.5}
\FigureSize{2.1-figure}{100pt}{40pt}
\DefineBlock{1/intro}{Any number of options may be right.}\DefineBlock{1.1/ask}{Which of these?}
\DefineBlock{1.1/option/1}{One}\DefineBlock{1.1/option/2}{Two}
\DefineBlock{1.1/option/3}{Three}\DefineBlock{1.1/option/4}{Four}
\DefineBlock{1.1/key/1}{\Wrong{}}\DefineBlock{1.1/key/2}{\Right{}}
\DefineBlock{1.1/key/3}{\Wrong{}}\DefineBlock{1.1/key/4}{\Wrong{}}
\DefineBlock{2/intro}{}\DefineBlock{2.2/ask}{Is it small?}
\DefineBlock{2.1/answer}{It is.}\DefineBlock{2.2/answer}{It is.\Rubric\RubricItem{0.5}{Yes}}
\ScoresAre{\ScoreTable{1,2,sum}{3}}\GradesAre{}\FactsAre{examiner}%
\InstructionsAre{\Instructions{instructions}{\CoverRule{complete}{}\CoverRule{total}{}%
  \CoverRule{corners}{}\CoverRule{boxes}{}\CoverRule{reasons}{}\CoverRule{pens}{}\CoverRule{devices}{}}}%
\CoverIs{\CoverBlock{sticker}\CoverBlock{title}\CoverBlock{facts}\CoverBlock{scores}%
  \CoverBlock{instructions}\CoverBlock{fill}\CoverBlock{room}}
\DefinePage{1}{\CoverPage}
\DefinePage{2}{\ProblemHeading{1}\IntroBlock{1}{}\ChoicePart{1.1}{}{4}{1}{7.1}}
\DefinePage{3}{\ProblemHeading{2}\IntroBlock{2}{}\OpenPart{2.1}{60}{2.1-figure}{}%
  \OpenPart{2.2}{40}{}{}}
\DefinePage{4}{\AdditionalPage}
"""


def sayings() -> str:
    """What the class says in English, with what only a whole exam knows made up."""
    catalogue = load_catalogue("en")
    values = dict(COMMANDS, pages="4", problems="2 problems", date="", minutes="60", points="5")
    whole = {"complete": values | {"pages": "4 pages"}}
    said = {
        (name := key.partition(".")[2]): catalogue.text(key, **whole.get(name, values), count=2)
        for section in SECTIONS
        for key in (f"{section}.{name}" for name in catalogue.section(section))
    }
    said |= {f"credits/{name}": f"{number} credits" for name, number in CREDITS.items()}
    return "".join(f"\\SayingIs{{{name}}}{{{text}}}%\n" for name, text in said.items())


def template(option: str = "", more: str = "") -> str:
    fields = sayings()
    fields += "".join(f"\\ExamField{{{name}}}{{{text}}}%\n" for name, text in FIELDS.items())
    return f"\\documentclass{option}{{variantexam}}\n{fields}{TEMPLATE}{more}\\DumpTemplate\n"


def copy(code: str, ask: str, pages: str = "3", more: str = "") -> str:
    ships = "".join(f"\\ShipPage{{{page}}}" for page in pages)
    return f"\\BeginCopy{{{code}}}\n\\DefineBlock{{2.1/ask}}{{{ask}}}{more}\n{ships}\n\\EndCopy\n"


def typeset(form: Format, folder: Path, *copies: str) -> Typeset:
    return run(form, "\\begin{document}\n" + "".join(copies) + "\\end{document}\n", folder)


def complaint(form: Format, folder: Path, *copies: str) -> TypesetError:
    with pytest.raises(TypesetError) as caught:
        typeset(form, folder, *copies)
    return caught.value


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Format:
    return build_format(template(), tmp_path_factory.mktemp("paper"), LATEX, "paper")


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Format:
    return build_format(template("[key]"), tmp_path_factory.mktemp("key"), LATEX, "key")


@pytest.fixture(scope="module")
def master(paper: Format, tmp_path_factory: pytest.TempPathFactory) -> Typeset:
    """All pages of the paper."""
    folder = tmp_path_factory.mktemp("master")
    return typeset(paper, folder, copy("E0001", "Is $-0.5$ negative?", "1234"))


def text(made: Typeset, page: int) -> str:
    return str(pypdfium2.PdfDocument(made.pdf)[page].get_textpage().get_text_range())


def pixels(made: Typeset, page: int, dpi: int = 100) -> Pixels:
    """A page as rows of (red, green, blue)."""
    document = pypdfium2.PdfDocument(made.pdf)
    return np.asarray(document[page].render(scale=dpi / 72, rev_byteorder=True).to_numpy())


def drawing(page: PageObject) -> tuple[bytes, dict[str, str]]:
    """What a page draws: its stream, and which font each name in it stands for."""
    resources = page["/Resources"].get_object()["/Font"]  # type: ignore[index]
    fonts = {name: str(font.get_object()["/BaseFont"])[8:] for name, font in resources.items()}
    contents = page.get_contents()
    assert contents is not None
    return contents.get_data(), fonts


# --- pages ------------------------------------------------------------------------------------


def test_text_reads_back(master: Typeset) -> None:
    assert "Is −0.5 negative?" in text(master, 2)
    assert "Page 3 of 4" in text(master, 2)
    assert "2.5 credits" in text(master, 2)
    assert "0.5 credits" in text(master, 2)
    cover = text(master, 0)
    assert "4 pages with 2 problems" in " ".join(cover.split())
    assert "Place student sticker here" in cover


def test_a_page_with_the_same_blocks_is_shipped_once(paper: Format, tmp_path: Path) -> None:
    asks = ["Is it $\\#1$?", "Is it 2?", "Is it $\\#1$?"]
    plan = [Page(3, "problems", (Section("2", True, (PlannedPart("2.1", Fraction(30)),)),))]
    copies = [(f"E000{number}", {"2.1/ask": ask}) for number, ask in enumerate(asks, 1)]
    made = typeset(paper, tmp_path, chunk_source(copies, plan, [3]))
    assert shipped_pages(made) == [
        ("E0001", ((3, 0),)),
        ("E0002", ((3, 1),)),
        ("E0003", ((3, 0),)),
    ]
    assert len(PdfReader(made.pdf).pages) == 2
    assert "Is it #1?" in text(made, 0)
    assert "Is it 2?" in text(made, 1)


def test_what_the_terminal_is_told_is_no_note(paper: Format, tmp_path: Path) -> None:
    """Where its line is full, pdfTeX begins a new one, in the log as well."""
    plan = [Page(3, "problems", (Section("2", True, (PlannedPart("2.1", Fraction(30)),)),))]
    copies = [(f"E{number:04}", {"2.1/ask": "Is it 2?"}) for number in range(1200)]
    made = typeset(paper, tmp_path, chunk_source(copies, plan, [3]))
    assert shipped_pages(made) == [(code, ((3, 0),)) for code, _ in copies]


def test_what_differs_on_keys_alone_is_no_block_of_papers() -> None:
    pages = [(2, "1", "1.1"), (3, "2", "2.1")]
    plan = [
        Page(number, "problems", (Section(problem, True, (PlannedPart(part, Fraction(30)),)),))
        for number, problem, part in pages
    ]
    blocks = {"1.1/answer/labels": "a plot that is empty on papers", "2.1/ask": "Is it 2?"}
    source = chunk_source([("E0001", blocks)], plan, [3])
    assert "2.1/ask" in source
    assert "1.1/answer/labels" not in source
    assert "1.1/answer/labels" in chunk_source([("E0001", blocks)], plan, [2, 3])


def test_a4(master: Typeset) -> None:
    for page in PdfReader(master.pdf).pages:
        assert [float(side) for side in page.mediabox] == pytest.approx(
            [0, 0, 210 / 25.4 * 72, 297 / 25.4 * 72], abs=0.01
        )


def test_a_page_does_not_depend_on_the_run(paper: Format, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    mine = copy("E0002", r"Is $\alpha = 0.1$ \emph{small}?")
    alone = PdfReader(typeset(paper, one, mine).pdf).pages[0]
    before = copy("E0001", r"\textsf{Sans}, \texttt{mono}, $\mathbf{X} \oplus \sum_{i=1}^{n} x_i$")
    after = PdfReader(typeset(paper, other, before, mine, before).pdf).pages
    assert drawing(alone) == drawing(after[1])
    assert drawing(alone) != drawing(after[0])


SLOW_WAY = r"""\makeatletter\let\selectfont\VF@selectfont\let\bfseries\VF@bfseries
\let\sffamily\VF@sffamily\let\ttfamily\VF@ttfamily\makeatother"""


def test_the_short_way_to_a_font_leads_to_that_of_latex(paper: Format, tmp_path: Path) -> None:
    ask = (
        r"a \textbf{b \emph{c {\sffamily d \bfseries e}}} {\ttfamily f \itshape g \mdseries h} "
        r"{\small\bfseries i $x_1 \mathbf{x}$} "
        r"{\itshape\sffamily j\rmfamily k} {\bfseries\upshape l}"
    )
    drawn = []
    for preamble in ("", SLOW_WAY):
        whole = f"{preamble}\\begin{{document}}\n{copy('E0001', ask, '3')}\\end{{document}}\n"
        drawn.append(drawing(PdfReader(run(paper, whole, tmp_path).pdf).pages[0]))
    assert drawn[0] == drawn[1]
    assert len(drawn[0][1]) > 7


FULL = r"\csname VX@boxes\endcsname=4999 "


@pytest.mark.parametrize("preamble", [ALWAYS_SET, FULL])
@pytest.mark.parametrize("side", ["paper", "key"])
def test_what_was_set_before_is_copied(
    side: str, preamble: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    options = (
        r"\DefineBlock{{1.1/option/{0}}}{{{1}}}\DefineBlock{{1.1/key/{0}}}{{\{2}{{As $x={3}$}}}}"
    )
    copies = [
        copy(f"E{number}", f"Is {number} small?", "23", "".join(options.format(*it) for it in own))
        for number, own in enumerate(
            [
                [(1, "Four", "Wrong", 1), (2, "$x<1$", "Right", 2)],
                [(1, "$x<1$", "Right", 1), (2, "Four", "Right", 2)],
                [(1, "Four", "Wrong", 1), (2, "$x<1$", "Wrong", 2), (3, "One", "Right", 1)],
            ]
        )
    ]
    source = "\\begin{document}\n" + "".join(copies) + "\\end{document}\n"
    made = []
    for name, before in (("copied", ""), ("set", preamble)):
        (tmp_path / name).mkdir()
        form = request.getfixturevalue(side)
        made.append(run(form, before + source, tmp_path / name).pdf.read_bytes())
    assert made[0] == made[1]


def test_the_same_bytes_in_any_folder(paper: Format, tmp_path: Path) -> None:
    made = []
    for name in ("one", "another folder"):
        folder = tmp_path / name
        folder.mkdir()
        made.append(typeset(paper, folder, copy("E0001", "Why?", "1234")).pdf.read_bytes())
    assert made[0] == made[1]
    assert str(tmp_path).encode() not in made[0]
    assert b"/CreationDate" not in made[0]


def test_a_figure_is_called_at_its_place(master: Typeset) -> None:
    stream, _ = drawing(PdfReader(master.pdf).pages[2])
    assert stream.count(b"/Fig-2.1-figure Do") == 1


# --- the look ---------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["paper", "key"])
def test_corners_and_edges_are_free(
    side: str, paper: Format, key: Format, tmp_path: Path, master: Typeset
) -> None:
    """Symbols stand from 10 mm to 24 mm from two edges, with 2 mm around them."""
    made = master if side == "paper" else typeset(key, tmp_path, copy("E0001", "Why?", "1234"))
    for page in range(4):
        found = pixels(made, page).min(axis=2) < 250
        rows, columns = np.nonzero(found)
        millimeters = 25.4 / 100
        x, y = columns * millimeters, rows * millimeters
        assert x.min() > 10
        assert x.max() < 200
        at_a_side = (x < 27) | (x > 183)
        assert not (at_a_side & ((y < 27) | (y > 270))).any()
        assert y.min() > 10
        assert y.max() < 287


def test_papers_are_black(master: Typeset) -> None:
    for page in PdfReader(master.pdf).pages:
        stream, _ = drawing(page)
        colors = re.findall(rb"(?:[\d.]+ ){3,4}(?:rg|RG|k|K)\b", stream)
        assert not colors


def test_answers_are_in_the_key_alone(paper: Format, key: Format, tmp_path: Path) -> None:
    secret = r"\DefineBlock{2.1/answer}{A telling answer}"
    made = typeset(key, tmp_path, copy("E0001", "Why?", "3", secret))
    assert "A telling answer" in text(made, 0)
    assert "KEY" in text(made, 0)
    made = typeset(paper, tmp_path, copy("E0001", "Why?", "3", secret))
    assert "A telling answer" not in text(made, 0)
    assert "KEY" not in text(made, 0)


def test_crosses_are_in_the_middle_of_their_boxes(key: Format, tmp_path: Path) -> None:
    dpi = 400
    page = pixels(typeset(key, tmp_path, copy("E0001", "Why?", "2")), 0, dpi).astype(int)
    blue = page[:, :, 2] - page[:, :, 0] > 60
    below = round(60 / 25.4 * dpi)  # what is blue in the header says KEY
    blue[:below] = False
    rows, columns = np.nonzero(blue)
    middle = ((rows.min() + rows.max()) / 2, (columns.min() + columns.max()) / 2)
    half = round(2.4 / 25.4 * dpi)
    top, left = round(middle[0]) - half, round(middle[1]) - half
    black = page[top : top + 2 * half + 1, left : left + 2 * half + 1].max(axis=2) < 100
    rows, columns = np.nonzero(black)
    assert (rows.min() + rows.max()) / 2 + top == pytest.approx(middle[0], abs=2)
    assert (columns.min() + columns.max()) / 2 + left == pytest.approx(middle[1], abs=2)
    side_mm = (rows.max() - rows.min() + 1) / dpi * 25.4
    assert side_mm == pytest.approx(4.2, abs=0.2)


def test_the_same_place_in_paper_and_key(
    paper: Format, key: Format, tmp_path: Path, master: Typeset
) -> None:
    made = typeset(key, tmp_path, copy("E0001", "Is $-0.5$ negative?", "1234"))
    for page, word in ((1, "Which of these?"), (2, "Is it small?")):
        places = []
        for side in (master, made):
            found = pypdfium2.PdfDocument(side.pdf)[page].get_textpage()
            start, count = found.search(word).get_next()
            assert count
            places.append(found.get_charbox(start))
        assert places[0] == pytest.approx(places[1], abs=0.02)


# --- what the class tells ---------------------------------------------------------------------


def test_heights_and_anchors(paper: Format, tmp_path: Path) -> None:
    source = copy("E0001", "Why?", "") + r"\MeasureProblem{2}{}\MeasurePart{2.1}{2.1-figure}"
    made = typeset(paper, tmp_path, source, r"\MeasurePart{2.2}{}")
    found = heights(made)
    assert found["page"] == pytest.approx(240)
    figure_mm = 40 * 25.4 / 72.27
    assert figure_mm < found["ask/2.1"] - 5 < figure_mm + 5
    assert 5 < found["ask/2.2"] < 10
    assert found["part/2.2"] - found["ask/2.2"] == pytest.approx(7, abs=0.01)
    anchors = {(note[1], note[2]): note for note in made.notes if note[0] == "ANCHOR"}
    assert {("all", "page-code"), ("all", "record-mark"), ("1", "copy-code")} <= anchors.keys()
    assert {note[6] for note in anchors.values()} == {anchors["all", "page-code"][6]}


def test_a_name_of_a_font_means_that_font(paper: Format, tmp_path: Path) -> None:
    made = typeset(paper, tmp_path, copy("E0001", "Why?"), r"\ShipFonts")
    (name,) = {note[6] for note in made.notes if note[0] == "ANCHOR"}
    _, fonts = drawing(PdfReader(made.pdf).pages[1])
    assert fonts[f"/{name}"] == "LMMono10-Regular"


# --- what is refused --------------------------------------------------------------------------


def test_all_errors_by_copy_and_block(paper: Format, tmp_path: Path) -> None:
    error = complaint(
        paper,
        tmp_path,
        copy("E0001", r"Some \nonsense{} here."),
        copy("E0002", "All is well."),
        copy("E0003", "A _ in text"),
    )
    assert error.exit_code == 3
    first, second = error.issues[0], error.issues[-1]
    assert (first.copy, first.block) == ("E0001", "2.1/ask")
    assert "Undefined control sequence" in first.message
    assert (second.copy, second.block) == ("E0003", "2.1/ask")
    assert "a sign of formulas" in second.message
    assert "E0002" not in str(error)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (r"\hbox to 200mm{wide\hss}", "Overfull"),
        (r"\hbox to 10pt{\kern 10.2pt}", "Overfull"),
        (r"\fontsize{11.11}{12}\selectfont odd", "a typeface or a size"),
        (r"\font\odd=ptmr8r \odd odd", "Font ptmr8r at 600 not found"),
        (r"\Block{9.9/ask}", "no block `9.9/ask'"),
        (r"\begin{itemize}\item open", "Extra }"),
        ("$x", "a sign of formulas"),
    ],
)
def test_faulty_question(ask: str, message: str, paper: Format, tmp_path: Path) -> None:
    error = complaint(paper, tmp_path, copy("E0001", ask))
    assert message in str(error)
    assert "E0001" in str(error)


def test_an_option_higher_than_its_row(paper: Format, tmp_path: Path) -> None:
    more = r"\DefineBlock{1.1/option/3}{" + "very " * 30 + "wide}"
    error = complaint(paper, tmp_path, copy("E0001", "Why?", "2", more))
    assert "option c of 1.1 is" in str(error)
    assert "higher than its row" in str(error)


def test_an_answer_higher_than_its_box(key: Format, tmp_path: Path) -> None:
    more = r"\DefineBlock{2.2/answer}{" + r"A line.\par " * 12 + "}"
    error = complaint(key, tmp_path, copy("E0007", "Why?", "3", more))
    assert re.search(r"E0007.*the box of 2\.2 is [\d.]+ mm higher than the box", str(error))


def test_a_question_that_moves_what_follows(tmp_path: Path, paper: Format) -> None:
    measured = heights(
        typeset(paper, tmp_path, copy("E0001", "Why?", ""), r"\MeasurePart{2.1}{2.1-figure}")
    )
    planned_pt = measured["ask/2.1"] * 72.27 / 25.4
    form = build_format(
        template(more=f"\\PlanHeight{{2.1}}{{{planned_pt:.3f}}}\n"), tmp_path, LATEX, "planned"
    )
    typeset(form, tmp_path, copy("E0001", "Who?"))
    error = complaint(form, tmp_path, copy("E0001", "Who?"), copy("E0002", "Two lines. " * 12))
    assert {issue.copy for issue in error.issues} == {"E0002"}
    assert "E0002, 2.1/ask: the question is" in str(error)
    assert "page 3" in str(error)


def test_a_page_that_is_too_high(tmp_path: Path) -> None:
    more = r"\DefinePage{3}{\OpenPart{2.1}{120}{}{}\OpenPart{2.2}{120}{}{}}"
    form = build_format(template(more=more), tmp_path, LATEX, "high")
    error = complaint(form, tmp_path, copy("E0001", "Why?"))
    assert "page 3 is" in str(error)
    assert "too high" in str(error)


def test_a_faulty_template(tmp_path: Path) -> None:
    with pytest.raises(TypesetError, match="Undefined control sequence"):
        build_format(template(more="\\nonsense\n"), tmp_path, LATEX, "faulty")


def test_a_faulty_style_is_named_with_its_line(tmp_path: Path) -> None:
    latex = tmp_path / "own"
    latex.mkdir()
    (latex / "faulty.sty").write_text("\\ProvidesPackage{faulty}\n\n\\nonsense\n")
    source = "\\documentclass{article}\n\\usepackage{faulty}\n\\dump\n"
    with pytest.raises(TypesetError) as caught:
        build_format(source, tmp_path, latex, "faulty")
    said = "latex/faulty.sty:3: LaTeX says: Undefined control sequence. \\nonsense"
    assert str(caught.value) == said


def test_a_faulty_command_of_a_style_is_named_with_its_line(tmp_path: Path) -> None:
    """Where TeX comes to it is not where it is to be mended."""
    latex = tmp_path / "own"
    latex.mkdir()
    style = "\\ProvidesPackage{lame}\n\\newcommand{\\Greet}{%\n  Hello \\nonsense}\n"
    (latex / "lame.sty").write_text(style)
    source = "\\documentclass{article}\n\\usepackage{lame}\n\\begin{document}\n\\Greet\n"
    form = build_format("\\relax\\dump\n", tmp_path, latex, "bare")
    assert (tmp_path / "bare.fmt").read_bytes().startswith(b"W2TX")  # without compression
    with pytest.raises(TypesetError) as caught:
        run(form, source + "\\end{document}\n", tmp_path, latex=latex)
    assert caught.value.complaints[0].file == "latex/lame.sty"
    assert caught.value.complaints[0].line == 3
    form = build_format("\\relax\\dump\n", tmp_path, latex, "bare")
    with pytest.raises(TypesetError) as caught:  # the source's own mistake
        run(form, source.replace("\\Greet", "\\nonsense"), tmp_path, latex=latex)
    assert caught.value.complaints[0].file == ""


# --- safety -----------------------------------------------------------------------------------


def test_a_loop_is_stopped(paper: Format, tmp_path: Path) -> None:
    source = "\\begin{document}\\def\\x{\\x}\\x\\end{document}\n"
    begin = time.monotonic()
    with pytest.raises(TypesetError, match="stopped after 1 seconds"):
        run(paper, source, tmp_path, limits=TimeLimits(1.0, 60.0))
    assert time.monotonic() - begin < 45


def test_no_files_and_no_programs(paper: Format, tmp_path: Path) -> None:
    """Nothing is read or written outside of the run's own folder, and nothing is run."""
    folder = tmp_path / "own"
    folder.mkdir()
    (tmp_path / "outside.tex").write_text("OUTSIDE")
    ask = (
        rf"\openin5={tmp_path / 'outside.tex'} \ifeof5 A\else B\fi"
        r"\openin5=../outside.tex \ifeof5 C\else D\fi"
        r"\immediate\write18{touch shell}"
    )
    made = typeset(paper, folder, copy("E0001", ask))
    assert "AC" in text(made, 0)
    assert not (folder / "shell").exists()
    complaint(paper, folder, copy("E0001", r"\immediate\openout6=../written Why?"))
    assert not list(tmp_path.glob("written*"))


def test_old_pages_are_not_taken_for_new_ones(paper: Format, tmp_path: Path) -> None:
    typeset(paper, tmp_path, copy("E0001", "Why?"))
    with pytest.raises(TypesetError):
        run(paper, "\\begin{document}\\csname @@end\\endcsname\n", tmp_path)


def test_missing_tool(paper: Format, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissingError) as caught:
        typeset(paper, tmp_path, copy("E0001", "Why?"))
    assert caught.value.exit_code == 4
    assert "texlive-latex-base" in caught.value.advice


def test_missing_format(paper: Format, tmp_path: Path) -> None:
    with pytest.raises(TypesetError):
        typeset(replace(paper, name="nowhere"), tmp_path, copy("E0001", "Why?"))


def test_the_caller_s_tex_settings_change_nothing(
    paper: Format, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = typeset(paper, tmp_path, copy("E0001", "Why?")).pdf.read_bytes()
    for name, value in (("TEXINPUTS", "/nowhere"), ("max_print_line", "20"), ("TZ", "Asia/Tokyo")):
        monkeypatch.setitem(os.environ, name, value)
    assert typeset(paper, tmp_path, copy("E0001", "Why?")).pdf.read_bytes() == plain


# --- figures ----------------------------------------------------------------------------------


PICTURES = {
    "square": r"\draw (0,0) rectangle (20mm,10mm) node[midway] {$n_x=\FigureValue{n_x}$};",
    "curve": r"\draw plot coordinates {\FigureValue{curve_A}};",
}


def figure_folder(folder: Path, pictures: dict[str, str]) -> Path:
    """A copy of ``latex`` with other figures."""
    (folder / "figures").mkdir(parents=True)
    for path in LATEX.glob("variant*"):
        (folder / path.name).write_bytes(path.read_bytes())
    for name, body in pictures.items():
        picture = rf"\begin{{tikzpicture}}{body}\end{{tikzpicture}}"
        (folder / "figures" / f"{name}.tex").write_text(picture)
    return folder


@pytest.fixture(scope="module")
def latex(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the class and two figures."""
    return figure_folder(tmp_path_factory.mktemp("latex") / "latex", PICTURES)


def test_figures_have_their_values_and_sizes(
    latex: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variants = [
        FigureSource("square", {"n_x": "4"}),
        FigureSource("square", {"n_x": "-12"}),
        FigureSource("curve", {"curve_A": "(0,0) (1,0.5) (2,1)"}),
    ]
    made, sizes = typeset_figures(variants, tmp_path, latex, "salt")
    points = [tuple(float(side.removesuffix("pt")) for side in size) for size in sizes]
    line = 0.4
    for size in points:
        assert size == pytest.approx((56.9 + line, 28.45 + line), abs=0.3)
    assert "nx = 4" in text(made, 0).replace("\r\n", "")
    assert "−12" in text(made, 1)
    for page, size in zip(PdfReader(made.pdf).pages, points, strict=True):
        assert float(page.mediabox.width) == pytest.approx(size[0] * 72 / 72.27, abs=0.01)
    monkeypatch.setenv("PATH", str(tmp_path))  # so that TeX can't run again
    assert typeset_figures(variants, tmp_path, latex, "salt") == (made, sizes)
    with pytest.raises(ToolMissingError):
        typeset_figures(variants, tmp_path, latex, "pepper")


def test_papers_and_figures_name_fonts_alike(latex: Path, paper: Format, tmp_path: Path) -> None:
    made, _ = typeset_figures([FigureSource("square", {"n_x": "4"})], tmp_path, latex, "")
    _, of_figure = drawing(PdfReader(made.pdf).pages[0])
    page = typeset(paper, tmp_path, copy("E0001", "Is $n_x = 4$?"))
    _, of_paper = drawing(PdfReader(page.pdf).pages[0])
    common = of_figure.keys() & of_paper.keys()
    assert common == of_figure.keys()
    assert {of_figure[name] for name in common} == {of_paper[name] for name in common}


def test_a_figure_without_its_value(latex: Path, tmp_path: Path) -> None:
    variants = [FigureSource("square", {"n_x": "4"}), FigureSource("square", {})]
    with pytest.raises(TypesetError, match=r"square: .*no value `n_x'") as caught:
        typeset_figures(variants, tmp_path, latex, "")
    assert {(issue.block, issue.line) for issue in caught.value.issues} == {("square", 1)}


BOUNDS = r"\useasboundingbox (-1,-1) rectangle (6,4);"
SHIFTED = r"\begin{scope}[shift={(1,-0.5)}, rotate=30, yscale=0.8]"
FRAME = r"\draw[->] (0,0) -- (5,0) node[right] {$x$}; \node at (2,3) {the same};"
FAST_AND_SLOW = {
    "fast": rf"""{BOUNDS}\Same{{{FRAME}}}{SHIFTED}
        \Curve[draw=black!50, dashed, line width=2pt] {{line}};\Curve{{other}};\end{{scope}}
        \Text[left] at (4,\FigureValue{{y}}) {{Ag}};\Text[base, rotate=90] at (3,1){{\small g}};
        \Text at (2, 2) {{(c; d)}};""",
    "slow": rf"""{BOUNDS}{FRAME}{SHIFTED}
        \draw[draw=black!50, dashed, line width=2pt] plot coordinates {{\FigureValue{{line}}}};
        \draw plot coordinates {{\FigureValue{{other}}}};\end{{scope}}
        \begin{{scope}}[every node/.style={{inner sep=0pt, outer sep=0pt}}]
        \node[anchor=west] at (4,\FigureValue{{y}}) {{Ag}};
        \node[anchor=base, rotate=90] at (3,1) {{\small g}};\node at (2, 2) {{(c; d)}};
        \end{{scope}}""",
}


def test_what_is_faster_looks_the_same(tmp_path: Path) -> None:
    values = [
        {"line": f"(0,0) (1.5,{y}) (-0.25,2)", "other": "(0.00,1.00) (3.00,-0.50)", "y": y}
        for y in ("1.25", "-0.50", "3")
    ]
    latex = figure_folder(tmp_path / "latex", FAST_AND_SLOW)
    variants = [FigureSource(name, it) for name in ("fast", "slow") for it in values]
    made, sizes = typeset_figures(variants, tmp_path, latex, "")
    assert len(set(sizes)) == 1
    pages = [pixels(made, page).astype(np.int16) for page in range(6)]
    for fast, slow in zip(pages[:3], pages[3:], strict=True):
        assert np.abs(fast - slow).max() < 100  # a text may be off by a thousandth of a point
        assert (fast != slow).mean() < 0.001
    for one, other in pairwise(pages[:3]):  # the values differ, and what is the same stays
        assert 0.002 < (one != other).mean() < 0.1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (r"\Same{\draw (0,0) -- (1,\FigureValue{y});}", r"There is a \\FigureValue in \\Same"),
        (r"\Same{\Curve{y};}", r"There is a \\Curve in \\Same"),
        (r"\Same{}\begin{scope}\Same{}\end{scope}", r"A figure has one \\Same"),
        (r"\Curve {y_2};", "no value `y_2'"),
    ],
)
def test_misuse_of_what_is_faster(body: str, message: str, tmp_path: Path) -> None:
    latex = figure_folder(tmp_path / "latex", {"wrong": BOUNDS + body})
    with pytest.raises(TypesetError, match=f"wrong: .*{message}"):
        typeset_figures([FigureSource("wrong", {"y": "1"})], tmp_path, latex, "")


def test_toolchain_version_names_pdftex() -> None:
    assert re.match(r"pdfTeX \d\.\d+", toolchain_version())
