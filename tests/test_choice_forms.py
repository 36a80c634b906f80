"""Forms of multiple choice: how many options, how many of them right, in which order, and where."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from evenness import is_even
from one_problem import load_one

from generator.bank.problem import Exam, Problem
from generator.draw.draw import draw_problem, reference_draw
from generator.errors import InputError
from generator.exact.dice import Dice
from generator.solve.solve import Solution, solve_problem

COPIES = 1000

HEAD = """\
id: "1"
title: Choice
points: 2
kind: choice
draw:
  - {names: [a], from: 1, to: 9}
reference: {a: 7}
parts:
- id: "1.1"
  points: 2
  ask: What holds for $a = << a >>$?
"""

CAPITAL = """\
  statements:
    canberra: {correct: true, say: Canberra, why: So}
    sydney: {correct: false, say: Sydney, why: No}
    melbourne: {correct: false, say: Melbourne, why: No}
    perth: {correct: false, say: Perth, why: No}
    darwin: {correct: false, say: Darwin, why: No}
  reference: [sydney, canberra, melbourne, perth]
"""

OPTIONS = """\
  options:
    - {correct: a > 5, say: 'More than five', why: 'It is << a >>'}
    - {correct: a < 5, say: Less than five, why: 'It is << a >>'}
    - {correct: a == 5, say: Five}
    - {correct: true, say: A number}
"""
SHUFFLED = "  shuffle: true\n" + OPTIONS.replace("say: A number", "say: A number, last: true")


def load(folder: Path, text: str) -> Exam:
    return load_one(folder, HEAD + text)


def copies(exam: Exam, count: int = COPIES) -> list[Solution]:
    (problem,) = exam.problems
    return [
        solve_problem(problem, draw_problem(problem, Dice(b"k" * 32, "e", str(it), "1", 0)))
        for it in range(count)
    ]


def problem_of(exam: Exam) -> Problem:
    return exam.problems[0]


@pytest.mark.parametrize("more", ["", "  right: one\n"])
def test_one_right_answer_is_at_each_place_equally_often(tmp_path: Path, more: str) -> None:
    drawn = [it.options["1.1"] for it in copies(load(tmp_path, more + CAPITAL))]
    assert {len(options) for options in drawn} == {4}
    assert {sum(it.correct for it in options) for options in drawn} == {1}
    places = Counter(next(at for at, it in enumerate(them) if it.correct) for them in drawn)
    assert is_even(places, list(range(4)))
    wrong = Counter(it.option for options in drawn for it in options if not it.correct)
    assert is_even(wrong, ["sydney", "melbourne", "perth", "darwin"])


def test_none_of_these_is_right_as_often_as_each_place_before_it(tmp_path: Path) -> None:
    exam = load(tmp_path, "  right: one\n  none_of_these: None of these\n" + CAPITAL)
    drawn = [it.options["1.1"] for it in copies(exam)]
    assert {len(options) for options in drawn} == {5}
    assert all(options[-1].say.source == "None of these" for options in drawn)
    assert {sum(it.correct for it in options) for options in drawn} == {1}
    places = Counter(next(at for at, it in enumerate(them) if it.correct) for them in drawn)
    assert is_even(places, list(range(5)))


def test_numbers_of_right_options_are_those_allowed(tmp_path: Path) -> None:
    pool = CAPITAL.replace("perth: {correct: false", "perth: {correct: true")
    exam = load(tmp_path, "  right: [1, 2]\n" + pool.replace("melbourne, perth]", "melbourne]"))
    drawn = [it.options["1.1"] for it in copies(exam)]
    assert {len(options) for options in drawn} == {3}
    assert is_even(Counter(sum(it.correct for it in them) for them in drawn), [1, 2])
    use = problem_of(exam).parts[0].expected_use()
    assert sum(it.share for it in use.values()) == pytest.approx(3)
    counts = Counter(it.option for options in drawn for it in options)
    for name, expected in use.items():
        spread = (expected.share * (1 - expected.share) * COPIES) ** 0.5
        assert abs(counts[name] - expected.share * COPIES) <= 5 * spread


def test_options_are_right_on_conditions(tmp_path: Path) -> None:
    for solution in copies(load(tmp_path, OPTIONS), 50):
        a = solution.values["a"]
        assert [it.correct for it in solution.options["1.1"]] == [a > 5, a < 5, a == 5, True]


def test_shuffled_options_stand_at_each_place_but_for_the_last(tmp_path: Path) -> None:
    exam = load(tmp_path, SHUFFLED)
    drawn = [it.draw.choices["1.1"].options for it in copies(exam)]
    assert {options[-1] for options in drawn} == {"3"}
    orders = ["012", "021", "102", "120", "201", "210"]
    assert is_even(Counter("".join(options[:3]) for options in drawn), orders)
    reference = reference_draw(problem_of(exam))
    assert reference.choices["1.1"].options == ("0", "1", "2", "3")


def test_a_recorded_order_is_admitted_only_while_it_can_be_drawn(tmp_path: Path) -> None:
    shuffled = problem_of(load(tmp_path, SHUFFLED)).parts[0]
    written = problem_of(load(tmp_path, OPTIONS)).parts[0]
    choice = next(it for it in (shuffled.reference_choice(),))
    assert written.admits(choice)
    other = type(choice)(("1", "0", "2", "3"))
    assert shuffled.admits(other)
    assert not written.admits(other)
    assert not shuffled.admits(type(choice)(("1", "0", "2")))


def test_a_condition_that_is_a_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path, OPTIONS.replace("correct: a == 5", "correct: a - 5"))
    assert re.search(r"1\.1\.options\.2\.correct: .*true or false", str(caught.value))
