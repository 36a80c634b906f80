"""Forms of multiple choice: how many options, how many of them right, in which order, and where."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from fractions import Fraction
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from evenness import is_even
from one_problem import load_one, write_one

from generator.bank.exam import Exam
from generator.bank.problem import Problem
from generator.draw.draw import draw_problem, reference_draw
from generator.errors import InputError
from generator.exact.dice import Dice
from generator.exact.numbers import exact
from generator.pipeline.build import build_exam
from generator.solve.promises import broken_promises
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
    choice = shuffled.reference_choice({})
    assert written.admits(choice)
    other = type(choice)(("1", "0", "2", "3"))
    assert shuffled.admits(other)
    assert not written.admits(other)
    assert not shuffled.admits(type(choice)(("1", "0", "2")))


def test_a_condition_that_is_a_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path, OPTIONS.replace("correct: a == 5", "correct: a - 5"))
    assert re.search(r"1\.1\.options\.2\.correct: .*true or false", str(caught.value))


# --- One number among those of typical mistakes ---

AREA = """\
  draw:
    - {names: [b], from: 1, to: 9}
  reference_values: {b: 3}
  steps: {area: {is: a*b/2, decimals: 1}}
  right: area
  wrong: [a + b, a*b, 2*a*b, a*b/2 + 0.04, a*b/2 + 2, a*b/2 + 4]
  count: 4
"""


def numbers_of(solution: Solution) -> list[Fraction]:
    return [exact(it.printed["area"]) for it in solution.options["1.1"]]  # type: ignore[arg-type]


@pytest.mark.parametrize(("gap", "least"), [("0", None), ("1.5", Fraction(3, 2))])
def test_wrong_values_differ_by_the_gap(tmp_path: Path, gap: str, least: Fraction | None) -> None:
    exam = load(tmp_path, AREA + f"  gap: {gap}\n")
    drawn = copies(exam, 300)
    for solution in drawn:
        found = numbers_of(solution)
        (right,) = [it for it in solution.options["1.1"] if it.correct]
        a, b = solution.values["a"], solution.values["b"]
        assert right.printed["area"] == Fraction(a) * b / 2  # type: ignore[arg-type, operator]
        apart = min(abs(one - two) for one, two in combinations(found, 2))
        # As they are printed: 0.04 more is the same to one decimal place.
        assert apart >= (least or Fraction(1, 10))
    places = Counter(
        next(at for at, it in enumerate(them.options["1.1"]) if it.correct) for them in drawn
    )
    assert is_even(places, list(range(4)))


def test_a_gap_may_be_a_share_of_the_right_value(tmp_path: Path) -> None:
    for solution in copies(load(tmp_path, AREA + "  gap: 20 %\n  sort: true\n"), 100):
        found = numbers_of(solution)
        right = exact(solution.values["area"])  # type: ignore[arg-type]
        assert found == sorted(found)
        assert min(two - one for one, two in pairwise(found)) >= right / 5


def test_the_right_number_may_be_missing(tmp_path: Path) -> None:
    exam = load(tmp_path, AREA + "  none_of_these: None\n")
    drawn = [it.options["1.1"] for it in copies(exam)]
    assert {sum(it.correct for it in options) for options in drawn} == {1}
    places = Counter(next(at for at, it in enumerate(them) if it.correct) for them in drawn)
    assert is_even(places, list(range(4)))


def test_all_mistakes_can_stand_where_the_right_number_is_missing(tmp_path: Path) -> None:
    without_count = AREA.replace("  count: 4\n", "").replace("a*b/2 + 0.04, ", "")
    (part,) = load(tmp_path, without_count + "  none_of_these: None\n").problems[0].parts
    assert part.option_count == 6


def test_a_wrong_value_that_cannot_be_printed_is_said_at_its_question(tmp_path: Path) -> None:
    unlike = AREA.replace("{is: a*b/2, decimals: 1}", "a*b").replace("wrong: [", "wrong: [a*b/11, ")
    exam = load(tmp_path, unlike.replace("count: 4", "count: 7"))
    solution = solve_problem(exam.problems[0], reference_draw(exam.problems[0]))
    found = list(broken_promises(exam.problems[0], solution))
    assert [(it.where, it.message[:44]) for it in found] == [
        ("1.1", "this option cannot be printed: 21/11 has no ")
    ]


def test_a_gap_that_no_draw_has_is_refused_with_the_reference(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path, AREA + "  gap: 1000\n")
    assert "1.1.wrong: only 0 of 3 wrong values are far enough" in str(caught.value)


def test_draws_whose_options_are_too_near_are_not_handed_out(tmp_path: Path) -> None:
    text = AREA.replace("[a + b, a*b, 2*a*b, a*b/2 + 0.04, a*b/2 + 2, a*b/2 + 4]", "[a + b, b]")
    exam = load(tmp_path, text.replace("count: 4", "count: 3"))
    assert {it.values["a"] for it in copies(exam, 200)} == {1, *range(3, 10)}  # b = a*b/2 for 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("right: area", "right: size", "size is neither drawn nor a step"),
        ("right: area", "right: b", "b is not a step"),
        ("count: 4", "count: 8", "6 wrong values, but 7 are needed"),
        ("count: 4", "count: 9", "expected a whole number from 2 to 8"),
        ("count: 4", "gap: near", "expected a number from 0 up, or a share such as 5 %"),
        ("count: 4", "say: a value", "the option never prints << shown >>"),
        ("[a + b,", "[a + nothing,", "nothing is neither drawn nor a step"),
    ],
)
def test_mistakes_in_wrong_values_are_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path, AREA.replace(old, new))
    assert said in str(caught.value)


# --- What is printed ---


@pytest.mark.slow
def test_paper_and_key_state_the_rule_and_have_two_boxes(tmp_path: Path) -> None:
    two = "  boxes: true_false\n  scoring: per_option_deducting\n"
    file = write_one(tmp_path, HEAD + two + OPTIONS)
    roster = tmp_path / "roster.csv"
    roster.write_text("registration_number,last_name,first_name\n03712041,Nguyen,Anh\n")
    build_exam(file, roster, tmp_path / "out", jobs=1)
    folder = tmp_path / "out" / "one-1" / "correctors" / "keys"
    (part,) = json.loads((folder / "E0001.json").read_text())["problems"][0]["parts"]
    assert part["scoring"]["rule"] == "per_option_deducting_true_false"
    words = ["pdftotext", "-layout", str(folder / "E0001.pdf"), "-"]
    text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert "never earns less than zero" in " ".join(text.split())
    assert re.search(r"true +false", text)


# --- Ordering ---

ORDER = """\
  order:
    steps: [Ready., Steady., Go.]
    wrong: [[2, 1, 3], [1, 3, 2], [3, 2, 1]]
  reference_order: {labels: [B, A, C], options: [[B, A, C], [A, B, C]]}
"""


def test_rows_of_an_ordering_question_have_room_for_its_reasons(tmp_path: Path) -> None:
    """Their heights follow from the texts of a part, which the program makes itself here."""
    fixed = re.sub(r"draw:\n.*\nreference: .*\n", "", HEAD).replace("<< a >>", "7")
    part = problem_of(load_one(tmp_path, fixed + ORDER)).parts[0]
    reasons = {it.text.source for it in part.texts() if it.setting == "reason"}
    choice = part.reference_choice({})
    assert {re.sub("[ABC]", "?", it.why.source) for it in part.solve(choice, {})} == {
        re.sub("[ABC]", "?", reason) for reason in reasons
    }
