"""`make check` and `make preview` as a user calls them, on the small exam and on broken ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pypdf import PdfReader
from test_build import Project, built

from generator.bank.load import load_exam
from generator.check import Stress, lint, stress_problem
from generator.press import FIGURES

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
