"""Lists of marks: typed ones are read whole or not at all; written ones have totals and grades."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from marked import VOID, do, mark, open_marks, papers_of
from openpyxl import Workbook, load_workbook
from small_bank import changed, load
from small_project import Project

from generator.bank.exam import Grades
from generator.cli import main
from generator.codes.check_character import with_check
from generator.errors import InputError
from generator.layout import LETTER
from generator.marks.feedback import FeedbackLine, _height_mm, _paged, feedback_pdf
from generator.marks.mark_lists import form_rows, import_list, mark_lines, write_lists
from generator.marks.marked_papers import MarkedPart, Papers
from generator.marks.store import Marks
from generator.office.canvas import Canvas
from generator.record.copy import Holder
from generator.verify.readback import read_pages


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return papers_of(load(tmp_path_factory.mktemp("bank")))


@pytest.fixture
def marks(papers: Papers, tmp_path: Path) -> Iterator[Marks]:
    with open_marks(tmp_path, papers) as opened:
        yield opened


def take(marks: Marks, folder: Path, text: str, **more: bool) -> str:
    """Imports a list as bob's; what changed, or what is wrong, by line."""
    (folder / "list.csv").write_text(text)
    try:
        done = import_list(marks, folder / "list.csv", "bob", **more)  # type: ignore[arg-type]
    except InputError as error:
        return "\n".join(f"{it.line}: {it.message}" for it in error.problems)
    return f"{done.new} {done.changed} {done.same}"


def test_a_list_is_taken_once(marks: Marks, tmp_path: Path) -> None:
    text = f"code,part,points\n{with_check('E0001')},1.1,2.5\ne0002,1.1,0\n\nE0003,2.2,2\n"
    assert take(marks, tmp_path, text) == "3 0 0"
    assert take(marks, tmp_path, text) == "0 0 3"
    assert take(marks, tmp_path, text.replace("2.5", "1")) == "0 1 2"
    assert marks.state("E0001", "1.1").total == 1
    assert all(it.done for it in marks.states())


@pytest.mark.parametrize(
    "text",
    [
        "Exemplar;1.1;1.2;name\nE0001;1,5;2;x\nE0002;;0,5;\n",
        "code\t1.1\t1.2\nE0001\t1.5\t2\nE0002\t\t0.5\n",
        "\ufeffMarks of today\ncode,1.1,1.2\nE0001,1.5,2\nE0002,,0.5\n",
    ],
)
def test_a_column_for_each_subproblem(marks: Marks, tmp_path: Path, text: str) -> None:
    if "name" in text:
        assert "no subproblem name" in take(marks, tmp_path, text)
        text = text.replace(";name", ";").replace(";x", ";")
    assert take(marks, tmp_path, text) == "3 0 0"
    assert {(it.code, it.part): it.total for it in marks.states()} == {
        ("E0001", "1.1"): Fraction(3, 2),
        ("E0001", "1.2"): 2,
        ("E0002", "1.2"): Fraction(1, 2),
    }


def test_a_workbook_is_read_and_a_form_is_made_for_it(marks: Marks, tmp_path: Path) -> None:
    book = Workbook()
    for row in form_rows(marks.papers, "1")[:2]:
        book.worksheets[0].append(row)
    book.worksheets[0]["B2"] = 1.5
    book.save(tmp_path / "list.xlsx")
    assert import_list(marks, tmp_path / "list.xlsx", "bob").new == 1
    assert marks.state("E0001", "1.1").total == Fraction(3, 2)
    with pytest.raises(InputError, match="no problem 9; the exam has 1, 2"):
        form_rows(marks.papers, "9")


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_recorded(
    marks: Marks, tmp_path: Path
) -> None:
    do(marks, "points", value="2", who="eve", code="E0005")
    text = (
        "code,part,points\nE0001,1.1,2\nE0001,1.1,2\nE0002,1.1,3\nE9999,1.1,1\nE0003,1.1,much\n"
        f'E0004,4.1,1\n{VOID},1.1,1\nE0005,1.1,1\nE0006,1.1,1,1\n"E0007\n'
    )
    assert "6: 'much' is no number" not in take(marks, tmp_path, text)  # the rows are broken
    assert take(marks, tmp_path, text).count("\n") == 1
    said = take(marks, tmp_path, text.partition("E0006")[0]).splitlines()
    assert [line.partition(":")[0] for line in said] == ["3", "4", "5", "6", "7", "8", "9"]
    assert "stands in line 2 already" in said[0]
    assert "eve has given 2 there already" in said[6]
    assert marks.last() == 1
    assert take(marks, tmp_path, "code,part,points\nE0005,1.1,1\n", replace=True) == "1 0 0"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no headings"),
        ("kode,part,points\nE0001,1.1,1\n", "expected code, part, points"),
        ("<html><table></table></html>", "web page"),
    ],
)
def test_what_is_no_list_is_said(marks: Marks, tmp_path: Path, text: str, said: str) -> None:
    assert said in take(marks, tmp_path, text)
    with pytest.raises(InputError, match="is missing"):
        import_list(marks, tmp_path / "none.csv", "bob")


def test_shares_of_options_are_written_with_two_decimals() -> None:
    part = MarkedPart("1.1", "1", Fraction(2), options="abc", scoring="paper.per_option_mark")
    assert part.share_near(Fraction("0.67")) == Fraction(2, 3)
    assert part.share_near(Fraction("1.33")) == Fraction(4, 3)
    assert part.share_near(Fraction("0.5")) is None


def test_totals_and_grades_only_where_nothing_is_missing(
    marks: Marks, papers: Papers, tmp_path: Path
) -> None:
    for part in papers.parts:
        mark(marks, "E0001", part, "2")
    mark(marks, "E0002", "1.1", "1")
    do(marks, "doubtful", code="E0002")
    lines = mark_lines(marks, Grades((("1.0", Fraction(12)), ("5.0", Fraction(0)))))
    first, second = lines[:2]
    assert (first.total, first.grade) == (12, "1.0")
    assert (second.total, second.grade, second.doubtful) == (None, "", ("1.1",))
    holders = {"E0001": Holder("0012", "=1+1", "Zoë")}
    paths = tmp_path / "marks.csv", tmp_path / "marks.xlsx"
    write_lists(*paths, papers, lines, holders)
    with paths[0].open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["registration_number"] == "0012"
    assert (rows[0]["last_name"], rows[0]["total"], rows[0]["grade"]) == ("'=1+1", "12", "1.0")
    assert (rows[1]["1.1"], rows[1]["1.2"], rows[1]["total"]) == ("1", "", "")
    assert rows[1]["missing"] == "1.2 1.3 2.1 2.2 2.3"
    sheet = load_workbook(paths[1]).worksheets[0]
    cells = [cell.value for cell in sheet[2]]
    assert cells[:5] == ["E0001", "0012", "=1+1", "Zoë", 2]
    assert sheet["C2"].data_type == "s"
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o600}
    write_lists(*paths, papers, lines)
    assert "Zoë" not in paths[0].read_text()


@pytest.mark.parametrize("parts", range(3, 9))
def test_problems_stay_together_and_the_last_page_has_room_for_its_note(parts: int) -> None:
    canvas = Canvas("", LETTER.upright_mm)
    own = [FeedbackLine(f"1.{part}", "1", "2", bold=part == parts) for part in range(parts + 1)]
    rows = [*own * 8, FeedbackLine("", "9", "9", bold=True)]
    pages = list(_paged(canvas, rows))
    assert [row for page in pages for row in page] == rows
    assert all(page[-1].bold for page in pages)
    heading_mm, footer_mm, note_mm = 31, 14, 7
    for page in pages:
        high_mm = heading_mm + sum(map(_height_mm, page)) + note_mm + footer_mm
        assert high_mm <= canvas.height_mm


def test_a_page_says_what_was_found_in_the_language_of_the_exam(tmp_path: Path) -> None:
    exam = load(tmp_path, exam=changed("exam.yaml", "pages: 8", "language: de\npages: 8"))
    papers = papers_of(exam)
    with open_marks(tmp_path, papers) as marks:
        for part in papers.parts:
            mark(marks, "E0001", part, "1,5" if part == "1.1" else "2")
        do(marks, "tick", "m0")
        do(marks, "given", "total", "0,5")
        do(marks, "comment", value="العربي " * 60)
        [line, *_] = mark_lines(marks, Grades((("sehr gut", Fraction(1)), ("nicht", Fraction(0)))))
        states = {part: it for (_, part), it in marks.finals().items()}
        pages = read_pages(feedback_pdf(papers, line, states), codes=False)
        short = {part: replace(it, comments=()) for part, it in states.items()}
        [only] = read_pages(feedback_pdf(papers, line, short), codes=False)
    assert "von 1" not in only.text.rpartition("Exemplar E0001-S")[2]
    text = "\n".join(page.text for page in pages)
    for words in ("Exemplar E0001-S", "1,5", "Something else", "total = 0,5", "11,5 13,5"):
        assert words in text, words
    assert "Summe · Note sehr gut" in text


# --- the commands ---------------------------------------------------------------------------------


def ask(project: Project, *arguments: str) -> Result:
    command, *rest = arguments
    own = [command, rest.pop(0)] if command == "marks" else [command]
    where = ["--exam", str(project.exam), "--out", str(project.folder / "output")]
    return CliRunner().invoke(main, [*own, *where, *rest])


def test_a_batch_is_marked_by_lists(project: Project) -> None:
    project.edit(project.exam, "pages: 4", 'grades: {scale: {"1.0": 50 %, "5.0": 0}}\npages: 4')
    assert "nobody has marked" in ask(project, "audit").output
    form = ask(project, "marks", "form", "3").output.splitlines()
    codes = [line.partition(",")[0] for line in form[1:]]
    assert form[0] == "code,3.1,3.2,3.3"
    assert set(codes) == set(project.codes().values())
    file = project.folder / "list.csv"
    file.write_text(f"code,3.1,3.2,3.3\n{codes[0]},3,2,3.5\n{codes[1]},1,0,0\n{codes[2]},3,,\n")
    assert "nobody may" in ask(project, "marks", "import", "--who", "bob", str(file)).output
    assert "may mark 3.1" in ask(project, "marks", "allow", "bob", "--part", "3.1").output
    refused = ask(project, "marks", "import", "--who", "bob", str(file))
    assert refused.exit_code == 2
    assert "bob may not mark 3.2" in refused.output
    assert "may mark everything" in ask(project, "marks", "allow", "bob").output
    assert "7 new" in ask(project, "marks", "import", "--who", "bob", str(file)).output
    assert "3/" in ask(project, "marks", "progress").output
    assert "no differences" in ask(project, "marks", "differences").output
    assert codes[0] in ask(project, "marks", "sample", "3.1", "3").output

    done = ask(project, "marks", "export", "--names")
    assert "2 of" in done.output
    assert f"1 have some of them, and so no total: {codes[2]}" in done.output
    with (project.out / "examiner" / "marks.csv").open(newline="") as csv_file:
        rows = {row["code"]: row for row in csv.DictReader(csv_file)}
    holders = {code: number for number, code in project.codes().items() if number != code}
    assert {code: it["registration_number"] for code, it in rows.items()} == {
        code: holders.get(code, "") for code in codes
    }
    assert (rows[codes[0]]["total"], rows[codes[0]]["grade"]) == ("8.5", "1.0")
    assert (rows[codes[1]]["total"], rows[codes[1]]["grade"]) == ("1", "5.0")
    assert ask(project, "marks", "export").exit_code == 0
    own = [path.read_bytes() for path in (project.out / "desk").glob("marks.*")]
    assert len(own) >= 3
    assert not any(b"Nguy" in it or b"03888888" in it for it in own)

    assert "2 files" in ask(project, "marks", "feedback").output
    pages = read_pages(
        (project.out / "examiner/feedback" / f"{codes[1]}.pdf").read_bytes(), codes=False
    )
    key = read_pages(
        (project.out / "correctors/keys" / f"{codes[1]}.pdf").read_bytes(), codes=False
    )
    assert with_check(codes[1]) in pages[0].text
    assert "grade 5.0" in pages[0].text
    assert [page.text for page in pages[1:]] == [page.text for page in key]
    assert "statistics.html" in ask(project, "marks", "statistics").output
    assert "3.2" in (project.out / "examiner" / "statistics.html").read_text()

    log = json.loads(ask(project, "audit", "--json").output)
    kinds = [entry["kind"] for entry in log["entries"]]
    assert kinds.count("mark") == 14
    assert kinds[-4:] == ["download"] * 4
    about = ask(project, "audit", "--copy", codes[1], "--who", "bob").output.splitlines()
    assert len(about) == 1 + 6
    (project.out / "examiner" / "audit-head.json").unlink()
    assert ask(project, "audit").exit_code == 2

    project.build()  # a build leaves them where they are
    assert "3/" in ask(project, "marks", "progress").output
