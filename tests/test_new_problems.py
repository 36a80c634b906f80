"""Three problems that the exam does not have need nothing but YAML, and their keys are right."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import independent_new as independent
import pytest
from commands import run_command
from shipped import ROOT, dice, reference_solutions

from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam
from generator.compose.key_data import key_document
from generator.draw.draw import MAX_ATTEMPTS, draw_problem
from generator.solve.solve import solve_problem

BANK = ROOT / "tests" / "new_problems"
COPIES = 150
ROSTER = """\
registration_number,last_name,first_name
03712041,Nguyen,Anh
03712042,Weber,Ida
"""

Numbers = Mapping[str, Fraction]
Document = Mapping[str, Any]


@pytest.fixture(scope="module")
def new_exam() -> Exam:
    return load_exam(BANK / "exam.yaml", ROOT / "latex" / "figures")


@pytest.fixture(scope="module")
def documents(new_exam: Exam) -> list[Document]:
    """The keys of the reference and of many copies, as data."""
    copies = [
        {
            problem.id: solve_problem(
                problem, draw_problem(problem, dice(new_exam, code, problem.id))
            )
            for problem in new_exam.problems
        }
        for code in (f"E{number:04d}" for number in range(COPIES))
    ]
    return [
        key_document(new_exam, "E0000", "mark", 1, solutions)
        for solutions in (reference_solutions(new_exam), *copies)
    ]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exam, built with real TeX for a small roster."""
    folder = tmp_path_factory.mktemp("new")
    shutil.copytree(BANK, folder / "bank")
    (folder / "roster.csv").write_text(ROSTER)
    options = {"exam": "bank/exam.yaml", "roster": "roster.csv", "out": "output"}
    arguments = [part for key, path in options.items() for part in (f"--{key}", folder / path)]
    done = run_command("build", *arguments, "--jobs", 2)
    assert done.returncode == 0, done.stderr
    return folder / "output" / "new-1"


def numbers(texts: Mapping[str, str]) -> dict[str, Fraction]:
    return {name: Fraction(text) for name, text in texts.items()}


def by_name(values: Numbers, letter: str) -> list[Fraction]:
    return [values[f"{letter}{index}"] for index in (1, 2, 3)]


def parts_of(document: Document, number: str) -> tuple[Numbers, list[Document]]:
    """What a problem prints, and its parts."""
    (problem,) = [it for it in document["problems"] if it["id"] == number]
    given: dict[str, Fraction] = {}
    for part in problem["parts"]:
        given |= numbers(part.get("given", {}))
    return given, problem["parts"]


def both_ways(parts: Sequence[Document], names: Sequence[str]) -> Iterator[tuple[str, Numbers]]:
    """Which answers are looked at, and the values of the first part that they follow from."""
    true, fallback = numbers(parts[0]["answers"]), numbers(parts[1]["fallback"])
    assert list(fallback) == list(names)
    assert all(true[name] != fallback[name] for name in names)
    yield "answers", true
    yield "answers_from_fallback", fallback


def check_softmax(document: Document) -> None:
    given, parts = parts_of(document, "1")
    assert numbers(parts[0]["answers"]) == independent.forward(given)
    label = by_name(given, "y")
    for kind, values in both_ways(parts, ["z1", "z2", "z3"]):
        logits = by_name(values, "z")
        shares = independent.probabilities(logits)
        assert numbers(parts[1][kind]) == shares
        expected = independent.loss_and_slopes(by_name(shares, "p"), label)
        found = numbers(parts[2][kind])
        assert found == expected
        slopes = independent.numeric_slopes(logits, label.index(Fraction(1)))
        assert by_name(found, "d_z") == pytest.approx(slopes, abs=0.015)


def check_normalization(document: Document) -> None:
    given, parts = parts_of(document, "2")
    exact = independent.statistics_of(given)
    assert numbers(parts[0]["answers"]) == pytest.approx(exact, abs=1e-12)
    for kind, values in both_ways(parts, ["mu", "s"]):
        outputs = independent.outputs_of(given, float(values["mu"]), float(values["s"]))
        assert numbers(parts[1][kind]) == pytest.approx(outputs, abs=1e-12)


def check_attention(document: Document) -> None:
    given, parts = parts_of(document, "3")
    assert numbers(parts[0]["answers"]) == independent.scores(given)
    for kind, values in both_ways(parts, ["s1", "s2", "s3"]):
        weights = independent.attention(by_name(values, "s"))
        assert numbers(parts[1][kind]) == weights
        assert numbers(parts[2][kind]) == independent.attend(given, by_name(weights, "alpha"))


CHECKS = [check_softmax, check_normalization, check_attention]


@pytest.mark.parametrize("check", CHECKS)
def test_all_answers_are_those_of_an_independent_computation(
    check: Any, documents: list[Document]
) -> None:
    for document in documents:
        check(document)


def test_reference_by_hand(documents: list[Document]) -> None:
    """Numbers worked out on paper: exp(1) is 2.72, exp(-0.25) is 0.78, exp(0.75) is 2.12."""
    _, softmax = parts_of(documents[0], "1")
    assert softmax[0]["answers"] == {
        "a1": "1.5",
        "a2": "0.0",
        "z1": "1.0",
        "z2": "-0.25",
        "z3": "0.75",
    }
    assert softmax[1]["answers"] == {"p1": "0.48", "p2": "0.14", "p3": "0.38"}
    assert softmax[2]["answers"] == {
        "loss": "1.97",
        "d_z1": "0.48",
        "d_z2": "-0.86",
        "d_z3": "0.38",
    }
    _, normalization = parts_of(documents[0], "2")
    assert normalization[0]["answers"] == {"mu": "1", "variance": "3.5", "s": "2"}
    assert normalization[1]["answers"] == {"y1": "2", "y2": "-2"}
    _, attention = parts_of(documents[0], "3")
    assert attention[0]["answers"] == {"s1": "1", "s2": "1.5", "s3": "-0.5"}
    assert attention[2]["answers"] == {"output": "0.43"}


def test_draws_are_found_quickly_and_differ(new_exam: Exam) -> None:
    for problem in new_exam.problems:
        draws = [
            draw_problem(problem, dice(new_exam, f"E{number:04d}", problem.id))
            for number in range(COPIES)
        ]
        assert sum(draw.attempt for draw in draws) / COPIES < MAX_ATTEMPTS / 10
        seen = {json.dumps({name: str(it) for name, it in draw.values.items()}) for draw in draws}
        assert len(seen) >= COPIES - 2, problem.title


def test_labels_and_results_vary(documents: list[Document]) -> None:
    labels = [tuple(by_name(parts_of(it, "1")[0], "y")) for it in documents]
    assert {labels.count(label) >= COPIES // 6 for label in set(labels)} == {True}
    assert len(set(labels)) == 3
    for number in "123":
        results = [json.dumps(parts_of(it, number)[1][1]["answers"]) for it in documents]
        assert max(map(results.count, set(results))) <= COPIES // 5


@pytest.mark.slow
def test_released_keys_are_right(built: Path) -> None:
    files = sorted((built / "correctors" / "keys").glob("*.json"))
    assert len(files) == 2
    for file in files:
        document = json.loads(file.read_text())
        for check in CHECKS:
            check(document)


@pytest.mark.slow
def test_key_shows_the_results_where_they_are_asked_for(built: Path) -> None:
    """Of each copy: the loss, the outputs and the attention on their pages of the printed key."""
    for file in sorted((built / "correctors" / "keys").glob("*.json")):
        document = json.loads(file.read_text())
        pages = pdf_pages(file.with_suffix(".pdf"))
        paper = pdf_pages(built / "print-shop" / "papers" / f"{file.stem}.pdf")
        assert len(pages) >= len(paper) == 8
        for number, part, page in (("1", 1, 2), ("1", 2, 3), ("2", 1, 4), ("3", 2, 5)):
            answers = parts_of(document, number)[1][part]["answers"]
            for name, value in answers.items():
                shown = f"= {value}", f"≈ {value}"
                assert any(it in pages[page - 1] for it in shown), (file.stem, name, value)


def pdf_pages(file: Path) -> list[str]:
    """The text of each page, with plain minus signs."""
    command = ["pdftotext", "-layout", str(file), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return text.replace("−", "-").split("\f")[:-1]
