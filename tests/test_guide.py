"""The guide of the bank: its examples work, its commands do what it says, its reference is whole."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from shipped import ROOT, dice, reference_solutions

from generator.bank import models
from generator.bank.load import load_exam
from generator.bank.problem import Exam
from generator.draw import draw_problem
from generator.solve import solve_problem

GUIDE = ROOT / "bank" / "README.md"
FIGURES = ROOT / "latex" / "figures"
COPIES = 20

_BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PART_ID = re.compile(r'^(- id: ")1\.', re.MULTILINE)
_CHOICE = re.compile(r"^  (statements|order|options):", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """A YAML block of the guide.

    Attributes:
        line: Where its text begins in the guide.
        text: The block.
    """

    line: int
    text: str

    @property
    def kind(self) -> str:
        if self.text.startswith("- id:"):
            return "parts"
        return "exam" if "\nuniversity:" in self.text else "problem"


def examples(kind: str) -> list[Example]:
    """All YAML blocks of a kind: exam, problem, or parts of a problem."""
    guide = GUIDE.read_text("utf-8")
    found = [
        Example(guide.count("\n", 0, match.start(1)) + 1, match[1])
        for match in _BLOCK.finditer(guide)
    ]
    return [example for example in found if example.kind == kind]


def as_problem(example: Example, number: int) -> str:
    """An example as a problem file of its own; parts get the problem that they belong to."""
    if example.kind == "problem":
        return re.sub(r'\bid: "1', f'id: "{number}', example.text)
    parts = _PART_ID.sub(rf"\g<1>{number}.", example.text)
    points = sum(Fraction(part["points"]) for part in yaml.load(parts, yaml.BaseLoader))
    kind = "choice" if _CHOICE.search(parts) else "open"
    lines = [
        f'id: "{number}"',
        f"title: Line {example.line} of the guide",
        f"points: {float(points):g}",
        f"kind: {kind}",
        "new_page: false",
        # The draws for the median take most of the time of a small build.
        "fairness: {draws: 100}",
        "parts:",
    ]
    indented = "".join(f"  {line}" if line.strip() else line for line in parts.splitlines(True))
    return "\n".join(lines) + "\n" + indented


def write_exam(folder: Path) -> Path:
    """All problems and parts of the guide as one exam."""
    texts = [
        as_problem(example, number)
        for number, example in enumerate([*examples("problem"), *examples("parts")], 1)
    ]
    names = [f"problem-{number}.yaml" for number in range(1, len(texts) + 1)]
    for name, text in zip(names, texts, strict=True):
        (folder / name).write_text(text, "utf-8")
    points = sum(Fraction(yaml.load(text, yaml.BaseLoader)["points"]) for text in texts)
    (exam,) = examples("exam")
    header = re.sub(r"^credits: .*$", f"credits: {float(points):g}", exam.text, flags=re.M)
    header = re.sub(r"^pages: .*$", "pages: 12", header, flags=re.M)
    header = re.sub(r"^problems: .*$", f"problems: [{', '.join(names)}]", header, flags=re.M)
    file = folder / "exam.yaml"
    file.write_text(header, "utf-8")
    return file


def run(command: str, exam: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """A command of the program, as `make` calls it."""
    words = [sys.executable, "-m", "generator", command, "--exam", exam, *arguments]
    return subprocess.run(
        [str(word) for word in words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


# --- Examples ---


@pytest.fixture(scope="module")
def exam_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_exam(tmp_path_factory.mktemp("guide"))


@pytest.fixture(scope="module")
def guide_exam(exam_file: Path) -> Exam:
    return load_exam(exam_file, FIGURES)


def test_every_pattern_has_an_example() -> None:
    guide = GUIDE.read_text("utf-8")
    patterns = re.split(r"^## ", guide, flags=re.M)
    (section,) = [it for it in patterns if it.startswith("Patterns\n")]
    for pattern in section.split("\n### ")[1:]:
        assert "```yaml\n" in pattern, pattern.splitlines()[0]


def test_all_forms_of_parts_have_an_example(guide_exam: Exam) -> None:
    forms = {type(part).__name__ for problem in guide_exam.problems for part in problem.parts}
    assert forms == {"OpenPart", "AlternativesPart", "PoolPart", "OrderPart", "FixedPart"}


def test_examples_are_drawn_and_solved(guide_exam: Exam) -> None:
    reference = reference_solutions(guide_exam)
    for problem in guide_exam.problems:
        copies = [
            draw_problem(problem, dice(guide_exam, f"E{number:04d}", problem.id))
            for number in range(COPIES)
        ]
        solved = [solve_problem(problem, draw) for draw in copies]
        assert reference[problem.id].draw.values.keys() <= problem.variables.keys()
        if problem.variables:
            assert len({str(sorted(it.draw.values.items())) for it in solved}) > 1, problem.title


@pytest.mark.slow
def test_examples_are_typeset(exam_file: Path, tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("registration_number,last_name,first_name\n03712041,Nguyen,Anh\n")
    done = run("build", exam_file, "--roster", roster, "--out", tmp_path, "--jobs", 2)
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("*/correctors/keys/*.pdf"))) == 2


# --- The way from nothing ---


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exam of the first section, as its reader makes it."""
    folder = tmp_path_factory.mktemp("newcomer") / "my-exam"
    folder.mkdir()
    (folder / "exam.yaml").write_text(examples("exam")[0].text, "utf-8")
    (folder / "problem-1.yaml").write_text(examples("problem")[0].text, "utf-8")
    return folder / "exam.yaml"


@pytest.mark.slow
def test_reference_of_the_first_problem_is_what_the_guide_says(newcomer: Path) -> None:
    out = newcomer.parent.parent / "output"
    done = run("reference", newcomer, "--out", out)
    assert done.returncode == 0, done.stderr
    key = out / "my-exam-1" / "reference" / "E0743-key.pdf"
    command = ["pdftotext", "-layout", str(key), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert re.search(r"= 1 · 2 \+ 0\.5 · \(−1\).* = 0\.5\b", text.replace("1.0", "1"))
    assert "= 0.5" in GUIDE.read_text("utf-8")


def test_mistake_of_the_first_problem_is_reported_as_the_guide_says(
    newcomer: Path, tmp_path: Path
) -> None:
    broken = newcomer.with_name("broken")
    broken.mkdir()
    for file in newcomer.parent.glob("*.yaml"):
        (broken / file.name).write_text(file.read_text().replace("w2*x2 +", "w3*x2 +"))
    done = run("reference", broken / "exam.yaml", "--out", tmp_path)
    assert done.returncode == 2
    said = done.stderr.replace(str(broken), "my-exam").splitlines()[0]
    assert f"\n    {said}\n" in GUIDE.read_text("utf-8")


@pytest.mark.slow
def test_first_exam_is_built_for_the_sample_roster(newcomer: Path, tmp_path: Path) -> None:
    roster = ROOT / "bank" / "roster.csv"
    done = run("build", newcomer, "--roster", roster, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert any((tmp_path / "my-exam-1" / "print-shop" / "papers").iterdir())


def test_commands_are_targets_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^\.PHONY: (.*)$", makefile, re.M)[0].split()
    named = re.findall(r"\bmake ([a-z]+)\b", re.sub(r"`make`", "", GUIDE.read_text("utf-8")))
    called = {word for word in named if re.search(rf"(`|    )make {word}\b", GUIDE.read_text())}
    assert called <= set(targets)
