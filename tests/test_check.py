"""`make check` and `make preview` as a user calls them, on the small exam and on broken ones."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from pypdf import PdfReader
from test_build import ROOT, Project, built

from generator.bank.load import load_exam
from generator.bank.problem import OpenPart
from generator.check import Stress, lint, stress_problem
from generator.compose.worked import worked_steps
from generator.draw import reference_draw
from generator.press import FIGURES
from generator.solve import solve_problem

__all__ = ["built"]


@pytest.fixture
def project(built: Project, tmp_path: Path) -> Project:
    shutil.copytree(built.folder, tmp_path / "project", symlinks=True)
    return Project(tmp_path / "project")


def warnings_of(project: Project, draws: int = 200) -> list[str]:
    (problem,) = load_exam(project.exam, FIGURES).problems
    stress: Stress = stress_problem(problem, range(draws))
    return list(lint(problem, {problem.id: stress}))


@pytest.mark.slow
def test_check_shows_tables(built: Project) -> None:
    done = built.run("--draws", "300", command="check")
    assert done.returncode == 0, done.stderr
    for text in ("h1 > 0 and h2 < 0", "3.3 w21_new", "Backpropagation", "0 broken"):
        assert text in done.stdout
    assert "3.1 h4 is 0.0 in 100% of the draws" in done.stdout


def test_sound_problem_has_one_warning(built: Project) -> None:
    assert len(warnings_of(built)) == 1


def test_a_fallback_that_is_true_is_found(project: Project) -> None:
    project.edit(project.problem, "  - fallback_o1 != o1 and fallback_o2 != o2\n", "")
    assert any("fallback value of o1 is the true one" in text for text in warnings_of(project))


def test_a_value_that_nobody_sees_is_found(project: Project) -> None:
    project.edit(project.problem, "$b_4$ & << b4 >>", "$b_4$ & 0.5")
    assert any("b4 is drawn, but no question" in text for text in warnings_of(project))


def test_long_expansions_are_found(project: Project) -> None:
    project.edit(project.problem, "one_of: [0.1, 0.2, 0.5]", "one_of: [0.1, 0.03125]")
    assert any("w21_new has up to" in text for text in warnings_of(project))


def test_few_variants_are_found(project: Project) -> None:
    found = [text for text in warnings_of(project, draws=20) if "distinct draws" in text]
    assert len(found) == 1


@pytest.mark.slow
def test_a_division_by_zero_names_the_draw(project: Project) -> None:
    loss = "((o1 - t1)**2 + (o2 - t2)**2) / 2"
    project.edit(project.problem, f"mse: {loss}", f"mse: {loss} * (o2 + 2) / (o2 + 2)")
    done = project.run("--draws", "300", command="check")
    assert done.returncode == 2
    assert "division by zero" in done.stderr + done.stdout
    assert "i1=" in done.stderr + done.stdout


@pytest.mark.slow
def test_preview_shows_paper_and_key(project: Project) -> None:
    done = project.run("--problem", "3", "--copy", "E0001", command="preview")
    assert done.returncode == 0, done.stderr
    pdf = PdfReader(done.stdout.strip())
    assert len(pdf.pages) == 2
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
