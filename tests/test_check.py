"""`make check` and `make preview` as a user calls them, on the small exam and on broken ones."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from pypdf import PdfReader
from small_project import EXAM_ID, ROOT, Project

from generator.bank.kinds.open_question import OpenPart
from generator.bank.read.exam_file import load_exam
from generator.compose.worked_steps import worked_steps
from generator.draw.draw import reference_draw
from generator.files.program import FIGURES
from generator.solve.solve import solve_problem


@pytest.fixture
def project(built: Project, tmp_path: Path) -> Project:
    shutil.copytree(built.folder, tmp_path / "project", symlinks=True)
    return Project(tmp_path / "project")


@pytest.mark.slow
def test_check_shows_tables_and_leaves_a_page(built: Project) -> None:
    done = built.run("--draws", "300", command="check")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    for text in ("h1 > 0 and h2 < 0", "3.3 w21_new", "Backpropagation", "load from "):
        assert text in done.stdout
    assert "1 problem, 300 draws: no errors, 1 warning" in done.stdout
    place = f"{built.problem}:"
    (warning,) = [line for line in done.stdout.splitlines() if line.startswith("warning: ")]
    assert warning.startswith(f"warning: {place}")
    assert warning.endswith("3.1: h4 is 0.0 in 100.0% of the draws")
    page = built.folder / "output" / f"{EXAM_ID}-check.html"
    assert "h4 is 0.0 in 100.0% of the draws" in page.read_text()


@pytest.mark.slow
def test_all_errors_are_said_at_once(project: Project) -> None:
    loss = "((o1 - t1)**2 + (o2 - t2)**2) / 2"
    project.edit(project.problem, f"mse: {loss}", f"mse: {loss} * (o2 + 2) / (o2 + 2)")
    project.edit(project.problem, "Write down all of", r"Write \oops down all of")
    project.edit(project.roster, "03888888", "03777777")
    before = project.digests()
    done = project.run("--draws", "600", command="check")
    assert done.returncode == 2
    errors = [line for line in done.stdout.splitlines() if line.startswith("error: ")]
    words = ("roster.csv:4: ", "oops", "division by zero")
    roster, latex, *zeros = sorted(errors, key=lambda line: [it not in line for it in words])
    zero = zeros[0]
    assert "roster.csv:4: " in roster
    assert r"\oops" in latex
    assert "problem-3.yaml:" in latex
    assert ": 3.3: LaTeX says: " in latex
    assert "mse: ((o1 - t1)**2 + (o2 - t2)**2) / 2 * (o2 + 2) / (o2 + 2): division by zero" in zero
    assert "for the draw i1=" in zero
    assert " of 600 draws, the first is number " in zero
    assert project.digests() == before


@pytest.mark.slow
def test_without_tex_the_rest_is_checked(project: Project) -> None:
    path = {"PATH": str(project.folder), "HOME": str(project.folder)}
    done = subprocess.run(
        project.command("--draws", "50", command="check"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "note: TeX is not installed: texts and figures were not compiled" in done.stdout
    assert "3.3 w21_new" in done.stdout


def test_bank_that_cannot_be_read(project: Project) -> None:
    project.edit(project.problem, "points: 8.5", "points: 9")
    project.edit(project.roster, "03888888", "03777777")
    done = project.run(command="check")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "problem-3.yaml:" in done.stderr
    assert "roster.csv:4: " in done.stderr


@pytest.mark.slow
def test_preview_shows_paper_and_key(project: Project) -> None:
    done = project.run("--problem", "3", "--copy", "E0001", command="preview")
    assert done.returncode == 0, done.stderr
    pdf = PdfReader(done.stdout.strip())
    assert len(pdf.pages) == 3  # two spreads, and what has no room in the boxes of the key
    assert pdf.pages[0].mediabox.width == pytest.approx(2 * 595.28, abs=1)
    text = pdf.pages[1].extract_text()
    assert "E0001" in text
    assert "KEY" in text
    key = str(project.key("E0001")["problems"][0]["parts"][2]["answers"]["w21_new"])  # type: ignore[index]
    assert key.removeprefix("-") in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--problem", "9"], "there is no problem 9"),
        (["--copy", "E9999"], "there is no copy E9999"),
    ],
)
def test_preview_of_what_is_not_there(built: Project, arguments: list[str], words: str) -> None:
    done = built.run(*arguments, command="preview")
    assert done.returncode == 2
    assert words in done.stderr


@pytest.mark.slow
def test_preview_of_a_copy_that_the_bank_no_longer_admits(project: Project) -> None:
    project.edit(project.problem, "one_of: [0.1, 0.2, 0.5]", "one_of: [0.3, 0.4]")
    project.edit(project.problem, "alpha: 0.1}", "alpha: 0.3}")
    done = project.run("--problem", "3", "--copy", "E0001", command="preview")
    assert done.returncode == 2
    assert "problem 3: alpha = " in done.stderr
    assert "is not in its list any more; leave --copy out" in done.stderr


def test_a_unit_stands_behind_its_value(project: Project) -> None:
    step = "w21_new: w21 - alpha*grad_w21"
    unit = r"w21_new: {is: w21 - alpha*grad_w21, unit: '\mathrm{mV}'}"
    project.edit(project.problem, step, unit)
    (problem,) = load_exam(project.exam, FIGURES).problems
    solution = solve_problem(problem, reference_draw(problem))
    part = problem.parts[2]
    assert isinstance(part, OpenPart)
    assert list(worked_steps(problem, part, solution.values))[-1].endswith(r"= 0.65\,\mathrm{mV}$")


@pytest.mark.slow
def test_preview_watches(project: Project) -> None:
    command = project.command("--problem", "3", "--watch", command="preview")
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        assert first.strip().endswith(".pdf")
        project.edit(project.problem, "Write down all of", r"Write \oops down all of")
        assert "3.3" in process.stderr.readline()
        project.edit(project.problem, r"\oops down all of", "down each of")
        assert process.stdout.readline() == first
        text = PdfReader(first.strip()).pages[1].extract_text()
        assert "down each of" in text
    finally:
        process.kill()
        process.wait()
