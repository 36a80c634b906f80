"""What TeX finds is said at its place in the bank, all of it; a preview shows what does not fit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from probe_bank import DRAW, EXAM, probe, question, write_probe

from generator.commands.check import check_exam
from generator.commands.preview import PreviewChoice, preview
from generator.commands.whole_errors import build_or_say_all
from generator.errors import GeneratorError, InputError
from generator.typeset.preparation import prepare_press

ROSTER = "registration_number,name,first_name\n03700001,Adler,Ada\n"


def complaints(folder: Path, problem: str, exam: str = EXAM) -> list[tuple[str, int, str, str]]:
    with pytest.raises(InputError) as caught:
        prepare_press(probe(folder / "bank", problem, exam), folder / "cache", 2)
    return [(Path(it.file).name, it.line, it.where, it.message) for it in caught.value.problems]


@pytest.mark.slow
def test_errors_of_the_cover_name_its_field(tmp_path: Path) -> None:
    long = EXAM.replace("Prof. Dr. Ada Musterfrau", "W" * 60)
    problem = question("Add << a >> and << b >>.")
    ((file, _, where, message),) = complaints(tmp_path, problem, long)
    assert (file, where) == ("exam.yaml", "examiner")
    assert "Overfull" in message


@pytest.mark.slow
def test_two_examiners_stand_in_two_lines(tmp_path: Path) -> None:
    two = EXAM.replace("Musterfrau", "Musterfrau, Prof. Dr. Max Mustermann")
    problem = question("Add << a >> and << b >>.")
    prepare_press(probe(tmp_path / "bank", problem, two), tmp_path / "cache", 2)


@pytest.mark.slow
def test_the_space_that_is_needed_is_said_and_is_enough(tmp_path: Path) -> None:
    steps = "\n      ".join(["z: a*b", *(f"z{index}: a + {index}" for index in range(8))])
    problem = question("Multiply << a >> by << b >>.", DRAW, steps, space="3 mm")
    found = complaints(tmp_path, problem)
    assert {(it[0], it[2]) for it in found} == {("problem-1.yaml", "1.1")}
    message = max(
        (it[3] for it in found), key=lambda said: int(said.rpartition("space: ")[2].split()[0])
    )
    needed = re.search(r"it takes space: (\d+) mm", message)
    assert needed is not None
    enough = problem.replace("space: 3 mm", f"space: {needed[1]} mm")
    prepare_press(probe(tmp_path / "bank", enough), tmp_path / "cache", 2)

    exam_file = write_probe(tmp_path / "bank", problem)
    told: list[GeneratorError] = []
    shown = preview(exam_file, tmp_path / "out", PreviewChoice(), 2, told.append)
    assert shown.exists()
    assert "it takes space" in str(told[0])


@pytest.mark.slow
def test_check_says_all_classes_of_errors_at_once(tmp_path: Path) -> None:
    ask = r"Add $<< a >>$ to $<< b >>$ \oops{now}."
    exam_file = write_probe(
        tmp_path / "bank", question(ask, DRAW, "z: {is: 1/(a - 30), decimals: 2}")
    )
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTER + "03700001,Bauer,Bo\n")
    checked = check_exam(exam_file, roster, tmp_path / "out", 200, 1)
    said = " ".join(map(str, checked.errors))
    for words in ("roster.csv:3", r"\oops", "division by zero"):
        assert words in said
    assert all(it.line for it in checked.errors)


@pytest.mark.slow
def test_a_build_says_all_that_check_says(tmp_path: Path) -> None:
    problem = question(r"Write \oops, << a >> and << b >>.", DRAW, "z: a/(b - 3)")
    exam_file = write_probe(tmp_path / "bank", problem)
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTER + "03700001,Bauer,Bea\n")
    checked = check_exam(exam_file, roster, tmp_path / "out", 40, 2)
    with pytest.raises(InputError) as built:
        build_or_say_all(exam_file, roster, tmp_path / "out", jobs=2, draws=40)
    assert built.value.problems == checked.errors
    for words in ("oops", "no finite decimal expansion", "roster.csv:3"):
        assert words in str(built.value)
    assert not (tmp_path / "out" / checked.exam.id / "print-shop").exists()
