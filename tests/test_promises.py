"""What has to hold for every draw: refused by `make check` and by a build, at its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from probe_bank import DRAW, HEAD, probe, question
from shipped import SECRET

from generator.bank.exam import Exam
from generator.commands.stress import stress_problem
from generator.compose.blocks import key_blocks
from generator.compose.given import split
from generator.draw.draw import reference_draw
from generator.errors import InputError
from generator.pipeline.workshop import Workshop
from generator.record.copy import Copy
from generator.solve.promises import try_promises
from generator.solve.solve import solve_problem

POOL = """\
id: "1"
title: Pool
points: 2
kind: choice
parts:
  - id: "1.1"
    points: 2
    ask: Which are correct?
    draw:
      - {names: [n], from: 2, to: 9}
    reference_values: {n: 3}
    statements:
      t1: {correct: true, say: 'Water is wet.', why: 'a'}
      t2: {correct: true, say: 'Fire is hot.', why: 'a'}
      t3: {correct: true, say: 'Ice is cold.', why: 'a'}
      t4: {correct: true, say: 'Two is even.', why: 'a'}
      f1: {correct: false, say: '@', why: 'a'}
      f2: {correct: false, say: 'Ice is hot.', why: 'a'}
      f3: {correct: false, say: 'Fire is cold.', why: 'a'}
      f4: {correct: false, say: 'Water is dry.', why: 'a'}
"""
COMPUTED = """\
    computed:
      c1:
        right: 2*n
        wrong: ['@']
        say: 'Twice << n >> is << shown >>.'
        why: 'It is << right >>.'
"""
REFERENCE = "    reference: [t1, t2, f1, f2]\n"

FALLBACK = """\
parts:
  - id: "1.1"
    points: 1
    space: 25 mm
    draw:
      - {names: [x], from: 2, to: 4}
    reference: {x: 3}
    ask: Compute $h = x^2 - 1$ for $x = << x >>$.
    steps: {h: x**2 - 1}
    rubric: [{points: 1, step: h}]
  - id: "1.2"
    points: 1
    space: 25 mm
    ask: Double $h$. If stuck, use $h = << fallback.h >>$.
    fallback:
      h: {one_of: [3, 8, 15]}
    reference_fallback: {h: 3}
    steps: {scaled: 2*h}
    rubric: [{points: 1, step: scaled}]
"""


@pytest.mark.parametrize(
    "say",
    ["Water  is wet.", "Water~is wet.", "Water {is} wet.", r"Water\ is wet.", "Water is wet.{}"],
)
def test_statements_that_print_alike(say: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        probe(tmp_path, (POOL + REFERENCE).replace("@", say))
    (found,) = [it for it in caught.value.problems if it.where == "parts.1.1.statements.f1.say"]
    assert "the same statement is there already in line 13" in found.message


def refused(exam: Exam) -> list[tuple[int, str]]:
    """Lines and messages; those of a check, which are those of a build before it draws."""
    stress = stress_problem(exam, exam.problems[0], range(100))
    found = [it.complaint for it in stress.broken.values()]
    with pytest.raises(InputError) as caught:
        try_promises(exam)
    assert {it.line for it in caught.value.problems} == {it.line for it in found}
    return [(it.line, it.message) for it in found]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("n > 3", "a value is true or false, the other one is not"),
        ("2*n + 0.0000000000001", "13 decimal places are too many"),
        ("n/7", "cannot be printed"),
    ],
)
def test_computed_statements(wrong: str, said: str, tmp_path: Path) -> None:
    problem = (POOL.replace("@", "Two is odd.") + COMPUTED + REFERENCE).replace("@", wrong)
    exam = probe(tmp_path, problem)
    ((line, message),) = refused(exam)
    assert "Twice" in problem.splitlines()[line - 1]
    assert said in message


def test_a_fallback_that_can_be_the_truth(tmp_path: Path) -> None:
    exam = probe(tmp_path, HEAD + FALLBACK)
    ((line, message),) = refused(exam)
    assert "h: {one_of" in (HEAD + FALLBACK).splitlines()[line - 1]
    assert message.startswith("the fallback value of h can be the true one")
    required = HEAD + "require: [fallback_h != h]\n" + FALLBACK
    sound = probe(tmp_path, required)
    try_promises(sound)
    assert not stress_problem(sound, sound.problems[0], range(100)).broken


def test_a_copy_that_breaks_a_promise_is_not_recorded(tmp_path: Path) -> None:
    workshop = Workshop(probe(tmp_path, HEAD + FALLBACK), SECRET, 4)
    refusals = 0
    for number in range(1, 21):
        try:
            workshop.register(Copy(f"E{number:04d}"), ())
        except InputError as error:
            refusals += "can be the true one" in str(error)
    assert 0 < refusals < 20


def test_a_working_step_that_cannot_be_printed(tmp_path: Path) -> None:
    steps = "w: {is: a/7, working: true}\n      z: {is: w + b, decimals: 2}"
    exam = probe(tmp_path, question("Add << a >> and << b >>.", DRAW, steps))
    stress = stress_problem(exam, exam.problems[0], range(100))
    (broken,) = stress.broken.values()
    assert broken.complaint.where == "problem 1: printing"
    assert broken.complaint.message.startswith("w: ")
    assert "has no finite decimal" in broken.complaint.message
    with pytest.raises(InputError, match="has no finite decimal"):
        try_all(exam)


def try_all(exam: Exam) -> None:
    workshop = Workshop(exam, SECRET, 4)
    for number in range(1, 21):
        workshop.register(Copy(f"E{number:04d}"), ())


def test_a_text_in_a_rubric_is_set_as_a_text(tmp_path: Path) -> None:
    steps = "z: \"'not rejected' if a > 30 else 'rejected'\""
    exam = probe(tmp_path, question("Test << a >> against << b >>.", DRAW, steps))
    (problem,) = exam.problems
    solution = solve_problem(problem, reference_draw(problem))
    _, answers = split(exam, "E0001", {"1": solution})
    (answer,) = [block.render(answers) for block in key_blocks(exam)]
    assert "$z =$ rejected" in answer


@pytest.mark.parametrize(
    ("say", "same"),
    [
        ("$<< n >>+<< n >>$", True),
        ("$<< n >> +{<< n >>}$.", True),
        ("<< n >>~$+$ << n >>", True),
        ("$<< n >> - << n >>$", False),
    ],
)
def test_options_that_say_the_same_in_a_copy(tmp_path: Path, say: str, same: bool) -> None:
    text = (
        'id: "1"\ntitle: Same\npoints: 2\nkind: choice\n'
        "draw:\n  - {names: [n], from: 3, to: 9}\nreference: {n: 3}\n"
        'parts:\n  - id: "1.1"\n    points: 2\n    ask: Which?\n    options:\n'
        "      - {correct: true, say: '$<< n >> + << n >>$', why: a}\n"
        "      - {correct: false, say: '$<< n >>^2$', why: b}\n"
        f"      - {{correct: false, say: '{say}', why: c}}\n"
    )
    exam = probe(tmp_path, text)
    if same:
        with pytest.raises(InputError, match=r"says the same as the one in line 1\d"):
            try_promises(exam)
    else:
        try_promises(exam)


def test_an_option_with_a_figure_says_something_else_than_one_without(tmp_path: Path) -> None:
    text = (
        'id: "1"\ntitle: Same\npoints: 2\nkind: choice\n'
        "draw:\n  - {names: [n], from: 3, to: 9}\nreference: {n: 3}\n"
        'parts:\n  - id: "1.1"\n    points: 2\n    ask: Which for << n >>?\n    options:\n'
        "      - {correct: true, say: 'This', why: a, figure: {plot: {kind: bar, y: '[n, 2]'}}}\n"
        "      - {correct: false, say: 'This', why: b}\n"
    )
    try_promises(probe(tmp_path, text))
