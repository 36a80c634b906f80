"""What TeX complains of is said in words, once, where it is: all that is wrong at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from probe_bank import DRAW, EXAM, probe, question, write_probe

from generator.commands.check import check_exam
from generator.commands.covering_sample import cover_exam
from generator.compose.highest import highest
from generator.errors import Complaint, InputError
from generator.solve.printed import shown_value
from generator.typeset import survey
from generator.typeset.preparation import prepare_press
from generator.typeset.survey import key_snippets, paper_snippets, sample, with_members
from generator.work.progress import SILENT

ROSTER = "registration_number,name,first_name\n03700001,Adler,Ada\n"


def checked(folder: Path, problems: dict[str, str], exam: str) -> list[Complaint]:
    """What a check complains of, be it of a bank that can be read or of one that cannot."""
    exam_file = write_probe(folder, "", exam)
    for name, problem in problems.items():
        (folder / name).write_text(problem, "utf-8")
    (folder / "roster.csv").write_text(ROSTER)
    try:
        found = check_exam(exam_file, folder / "roster.csv", folder / "out", 60, 1).errors
    except InputError as error:
        found = error.problems
    assert all(it.line for it in found), "\n".join(map(str, found))
    return list(found)


def test_each_drawn_text_is_tried_by_itself(tmp_path: Path) -> None:
    """One after the other, not all in one line; what is drawn from a long list, together."""
    members = [f"word {it}" for it in range(30)]
    listed = ", ".join(members)
    draw = DRAW.replace("from: 20, to: 60", f"one_of: [{listed}]").replace("a: 25", "a: word 1")
    exam = probe(tmp_path, question(r"\underline{<< a >>} of << b >>.", draw, "z: 3*b"))
    asks = [it for it in with_members(paper_snippets(exam)) if "word" in sample(it)]
    assert [sample(it).count("word") for it in asks] == [1] * 24 + [6]
    tried = " ".join(map(sample, asks))
    assert set(re.findall(r"word \d+", tried)) == set(members)


SIGNS = r"""
An exponent x^2 of << a >>,

one & another,

and a # with << b >>.
"""


@pytest.mark.slow
def test_signs_of_tex(tmp_path: Path) -> None:
    found = checked(tmp_path, {"problem-1.yaml": question(SIGNS)}, EXAM)
    assert [(it.line, it.message.partition(";")[0][-20:]) for it in found] == [
        (14, "las stands in a text"),
        (16, "e columns of a table"),
        (18, "omething else in TeX"),
    ]


@pytest.mark.slow
def test_a_drawn_text_is_blamed_for_its_signs(tmp_path: Path) -> None:
    draw = DRAW.replace("from: 20, to: 60", "one_of: ['A. & B.', 'C.']").replace("25", "C.")
    problem = question("By << a >> of << b >>.", draw, "z: 3*b")
    (found,) = checked(tmp_path, {"problem-1.yaml": problem}, EXAM)
    assert found.line == 6
    assert found.message.startswith("the drawn text 'A. & B.': & separates")
    assert r"write \&" in found.message


KEYS = r"""['C', 'F\sharp', 'B\flat']"""


@pytest.mark.slow
def test_drawn_signs_of_formulas_need_stand_in_formulas_only(tmp_path: Path) -> None:
    """On cards as well, where a mistake also has a sign that the reference copy does not need."""
    draw = DRAW.replace("from: 20, to: 60", f"one_of: {KEYS}").replace("25", "C")
    steps = "z: {is: 3*b, form: currency}"
    mistake = "    mistakes: [{is: Half, earns: 1, gives: {z: b/2}}]\n"
    problem = question("In $<< a >>$ major, << b >> notes.", draw, steps) + mistake
    assert checked(tmp_path, {"problem-1.yaml": problem}, EXAM) == []


@pytest.mark.slow
def test_all_at_once(tmp_path: Path) -> None:
    """What cannot be read, what is not TeX, and what does not fit, each in another problem."""
    files = [f"problem-{number}.yaml" for number in "1234"]
    exam = EXAM.replace("[problem-1.yaml]", f"[{', '.join(files)}]").replace("pages: 4", "pages: 8")
    exam = exam.replace("credits: 2", "credits: 8")
    texts = (
        "Add << q >>.",
        r"Add << a >> and \oops.",
        "Add << a >>.",
        r"\mbox{" + "Add " * 60 + "<< a >>}.",
    )
    problems = {}
    for number, (name, text) in enumerate(zip(files, texts, strict=True), 1):
        problem = question(text)
        if number == 3:  # more boxes to mark than there is room beside the answer
            problem = problem.replace("points: 2", "points: 12").replace("45 mm", "12 mm")
        problem = problem.replace('"1"', f'"{number}"').replace("1.1", f"{number}.1")
        problems[name] = problem
    exam = exam.replace("credits: 8", "credits: 18")
    found = {Path(it.file).name: it.message for it in checked(tmp_path, problems, exam)}
    assert found.keys() == set(files)
    assert "q is neither drawn nor a step" in found[files[0]]
    assert "Undefined control sequence" in found[files[1]]
    assert "the column of boxes to mark of 3.1 is" in found[files[2]]
    assert "it takes space: " in found[files[2]]
    assert "pt too wide" in found[files[3]]


@pytest.mark.slow
def test_numbers_that_are_too_long_for_a_sheet_are_no_error(tmp_path: Path) -> None:
    problem = question("Take << a >> of << b >>.", steps="z: {is: exp(-a), significant: 3}")
    assert not checked(tmp_path, {"problem-1.yaml": problem}, EXAM)


@pytest.mark.parametrize(
    ("steps", "shown"),
    [("z: 'len([x for x in [a, b] if x > 9])'", True), ("z: 'max([a, b])'", False)],
)
def test_a_list_that_may_be_empty_is_surveyed_as_such(
    steps: str, shown: bool, tmp_path: Path
) -> None:
    exam = probe(tmp_path, question("Count << a >> and << b >>.", DRAW, steps))
    (step,) = [it for it in key_snippets(exam) if it.where == "step z"]
    assert (r"\emptyset" in step.text.source) == shown


def test_narrow_columns_are_measured_with_numbers_of_each_shape(tmp_path: Path) -> None:
    r"""-9 is wider than 23, but the line that 23 leaves for the last one may be lower."""
    draw = "draw:\n  - {names: [a, b], from: -9, to: 60}\nreference: {a: 25, b: 7}\n"
    table = r"\begin{tabular}{p{20mm}}long, << a >>\end{tabular} << b >>"
    for ask, narrow in ((table, True), ("long, << a >> << b >>", False)):
        exam = probe(tmp_path, question(ask, draw))
        [problem] = exam.problems
        values = {it: shown_value(problem, it, problem.reference_values[it]) for it in "ab"}
        found = " ".join(highest(problem, problem.parts[0].ask, values))
        tried = re.findall(r"long, \\ensuremath\{(-?\d+)", found)
        assert tried[1] == "-9"
        assert any(it.isdigit() for it in tried[2:]) == narrow


FRACTION = """\
draw:
  - {names: [a], one_of: [3/2, -11/4, 2], form: fraction}
  - {names: [b], from: 1, to: 40}
reference: {a: 2, b: 7}
"""


@pytest.mark.slow
def test_brackets_around_fractions_are_in_the_fonts_or_it_is_said_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reference copy has a whole number between brackets that grow with what is in them."""
    steps = "z: {is: indicator(a > b) + b, decimals: 0}"
    problem = question("Take << a >> and << b >>.", FRACTION, steps)
    exam = probe(tmp_path, problem)
    assert any(
        r"\left[\ensuremath{-\frac{11}{4}} > b\right]" in it.text.source
        for it in key_snippets(exam)
    )
    monkeypatch.setattr(survey, "_shaped", lambda *_: iter(()))
    press = prepare_press(exam, tmp_path, 1)
    found = cover_exam(exam, press, {}, 1, SILENT, tmp_path)
    line = problem.splitlines().index(f"      {steps}") + 1
    assert {(it.line, it.where) for it in found} == {(line, "1.1")}
    said = re.compile(r"E\d+, key, page 2: a character outside .*: bracketleftbigg, .*; drawn a=")
    assert all(said.search(it.message) for it in found)
