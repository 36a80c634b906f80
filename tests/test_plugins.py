"""Solvers of one's own, in files beside the bank: what is read, what is refused, what is kept."""

from __future__ import annotations

import shutil
from fractions import Fraction as F
from pathlib import Path
from string import ascii_lowercase

import pytest
from one_problem import EXAM, HEAD, load_one, write_one

from generator.bank.exam import Exam
from generator.bank.plugins.solvers import Solver
from generator.bank.read.exam_file import load_exam
from generator.compose.worked_steps import worked_steps
from generator.draw.fairness import problem_digest
from generator.errors import Complaint, InputError
from generator.pipeline.build import build_exam
from generator.pipeline.twice import check_twice
from generator.record.batch import open_batch

PLUGIN = '''\
"""Doubles."""

from generator import solver, whole


def lines(values):
    text = r"$2 \\cdot " + str(whole(values["number"])) + "$"
    return [text]


@solver("double", uses=("number",), gives=("twice", "row"), worked=lines)
def double(values):
    number = whole(values["number"])
    row = []
    for place in range(number):
        row.append(place)
    return {"twice": 2 * number, "row": row}
'''

PROBLEM = f"""\
{HEAD}draw:
  - {{names: [n], from: 2, to: 9}}
reference: {{n: 3}}
parts:
  - id: "1.1"
    points: 2
    space: 45 mm
    ask: |
      Double << n >>.
    solver: {{name: double, uses: [n], gives: [result, all]}}
    answer: |
      The row << all | table >>
    rubric:
      - {{points: 2, for: '<< result >>'}}
"""


def write(folder: Path, plugin: str = PLUGIN, problem: str = PROBLEM) -> Path:
    (folder / "plugins").mkdir(exist_ok=True)
    (folder / "plugins" / "double.py").write_text(plugin, "utf-8")
    return write_one(folder, problem)


def load(folder: Path, plugin: str = PLUGIN, problem: str = PROBLEM) -> Exam:
    write(folder, plugin, problem)
    return load_one(folder, problem)


def complaints(folder: Path, plugin: str, problem: str = PROBLEM) -> list[Complaint]:
    with pytest.raises(InputError) as caught:
        load(folder, plugin, problem)
    return list(caught.value.problems)


def solver_of(exam: Exam) -> Solver:
    (found,) = exam.problems[0].steps.members
    assert isinstance(found, Solver)
    return found


def test_names_of_the_problem_stand_for_those_of_the_solver(tmp_path: Path) -> None:
    exam = load(tmp_path)
    assert exam.problems[0].reference_values == {"n": 3, "result": 6, "all": (0, 1, 2)}
    assert solver_of(exam).worked({"n": F(3)}) == [r"$2 \cdot 3$"]
    assert exam.contents.keys() == {"exam.yaml", "problem-1.yaml", "plugins/double.py"}


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("return {", "return [", 17, "Python says"),
        ("from generator import solver, whole", "import random", 3, "random is not imported"),
        ("from generator import", "from generator.pipeline import", 3, "is not imported"),
        ("solver, whole", "solver, whole, build_exam", 3, "not build_exam"),
        ("row = []", "row = [0.5]", 14, "0.5 is not exact"),
        ("row = []", "row = [open('x')]", 14, "open is not for plugins"),
        ("row = []", "row = [hash('x')]", 14, "hash is not for plugins"),
        ("row = []", "row = ().__class__", 14, "begin with __"),
        ("row = []", "global kept\n    row = []", 14, "global keeps something"),
        ('"""Doubles."""', "import math\nx = math.sqrt(2)", 2, "math.sqrt is not exact"),
        ('"""Doubles."""', "x = 1 / 0", 1, "cannot be run: ZeroDivisionError"),
        ('"""Doubles."""', "while True:\n    pass", 1, "this does not end"),
        ('@solver("double"', '@solver("identity_weights"', 0, "already"),
    ],
)
def test_a_file_that_is_refused(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    assert PLUGIN.count(old) == 1
    found = complaints(tmp_path, PLUGIN.replace(old, new))
    own = [it for it in found if it.file.endswith("plugins/double.py")]
    assert [(it.line, said in it.message) for it in own[:1]] == [(line, True)], found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2 * number", "number / 2", "twice: 1.5 is a float, which is not exact"),
        ("2 * number", "None", "twice: an answer needs a number"),
        ('"row": row}', '"line": row}', "registered to give twice, row, but gave twice, line"),
        ("row.append(place)", "row.add(place)", "plugins/double.py:16: AttributeError"),
        ("for place in range(number):", "while (place := 1):", "does not end"),
        ("[text]", "text", "no list of lines of TeX"),
        (r"\cdot", r"\input{x}", r"\input"),
        ('+ "$"', '+ "$}"', "this } closes no {"),
    ],
)
def test_a_function_that_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert PLUGIN.count(old) == 1
    (found, *_) = complaints(tmp_path, PLUGIN.replace(old, new))
    assert said in found.message
    assert (Path(found.file).name, found.line) == ("problem-1.yaml", 14)


def test_what_is_not_there(tmp_path: Path) -> None:
    problem = PROBLEM.replace("name: double", "name: dubble")
    (found,) = complaints(tmp_path, PLUGIN, problem)
    assert "looked for in plugins/*.py beside the exam" in found.message
    assert "did you mean double?" in found.message
    swapped = PROBLEM.replace("[result, all]", "[row, twice]").replace("all |", "row |")
    assert "expected [twice, row]" in complaints(tmp_path, PLUGIN, swapped)[0].message


def test_a_file_that_nobody_needs_is_not_run(tmp_path: Path) -> None:
    problem = PROBLEM.replace(
        "    solver: {name: double, uses: [n], gives: [result, all]}\n",
        "    steps: {result: 2*n}\n",
    ).replace("The row << all | table >>", "Twice.")
    assert load(tmp_path, "import os; os.abort()", problem).plugins == {}


def test_the_band_is_measured_again_for_another_text(tmp_path: Path) -> None:
    one = load(tmp_path).problems[0]
    other = load(tmp_path, PLUGIN.replace("2 * number", "3 * number")).problems[0]
    assert problem_digest(one) != problem_digest(other)


IMPURE = {
    # So many that no two runs have them in one order by chance.
    "a set": ("row = []", f"row = [ord(it) for it in {{{', '.join(map(repr, ascii_lowercase))}}}]"),
    "kept": ('"row": row', '"row": kept.append(1) or [len(kept)]'),
}


@pytest.mark.parametrize("kind", IMPURE)
def test_answers_that_another_run_does_not_give(tmp_path: Path, kind: str) -> None:
    check_twice(load(tmp_path))
    plugin = PLUGIN.replace(*IMPURE[kind]).replace("def lines", "kept = []\n\n\ndef lines")
    with pytest.raises(InputError, match="gives another all in another run of Python") as caught:
        check_twice(load(tmp_path, plugin))
    assert caught.value.problems[0].line == 14


def test_a_batch_is_opened_when_the_file_is_lost_or_another(tmp_path: Path) -> None:
    problem = PROBLEM.replace("draws: 100", "draws: 100, band: 90 %")
    exam_file = write(tmp_path, PLUGIN, problem)
    exam_file.write_text(EXAM.replace("per_room: 0", "per_room: 1"))
    roster = tmp_path / "roster.csv"
    roster.write_text("registration_number,name,first_name\n03700001,Adler,Eva\n")
    out = tmp_path / "out"
    built = build_exam(exam_file, roster, out, jobs=1)
    with open_batch(built.folder) as batch:
        before = {code: batch.key(code) for code in batch.codes()}
        assert batch.ledger.sources["bank/plugins/double.py"] == PLUGIN.encode()
    shutil.rmtree(tmp_path / "plugins")
    with open_batch(built.folder) as batch:
        assert {code: batch.key(code) for code in batch.codes()} == before
    write(tmp_path, PLUGIN.replace("2 * number", "3 * number"), problem)
    with open_batch(built.folder) as batch:
        assert {code: batch.key(code) for code in batch.codes()} == before


def test_workers_elsewhere_get_the_file(tmp_path: Path) -> None:
    """A setup of the cluster has the files of `Exam.contents`, and nothing else of the bank."""
    exam = load(tmp_path)
    folder = tmp_path / "elsewhere"
    for name, text in exam.contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text)
    there = load_exam(folder / "exam.yaml", folder)
    assert solver_of(there).evaluate({"n": F(4)}) == {"result": 8, "all": (0, 1, 2, 3)}


def test_results_that_nobody_explains_stand_in_the_key(tmp_path: Path) -> None:
    """Without a model answer and without lines of its own, the key has the result alone."""
    plugin = PLUGIN.replace(", worked=lines", "")
    problem = PROBLEM.replace("    answer: |\n      The row << all | table >>\n", "")
    part = "    solver:"
    problem = problem.replace(part, "    steps: {word: \"'odd' if n > 2 else 'even'\"}\n" + part)
    exam = load(tmp_path, plugin, problem)
    (one,) = exam.problems
    (asked,) = one.parts
    assert list(worked_steps(one, asked, one.reference_values)) == [
        r"$\mathrm{word} = {}$odd",
        r"$\mathrm{result} = {}$\ensuremath{6}",
        r"$\mathrm{all} = {}$" + ", ".join(rf"\ensuremath{{{it}}}" for it in range(3)),
    ]
    explained = PROBLEM.replace(part, "    steps: {word: \"'odd'\"}\n" + part)
    (one,) = load(tmp_path, plugin, explained).problems
    assert list(worked_steps(one, one.parts[0], one.reference_values)) == []
