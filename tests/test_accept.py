"""Tolerance: which results count as right, in key and data."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from one_problem import load_one, one_part
from shipped import reference_solutions

from generator.bank.accept import Accept, read_tolerance
from generator.bank.exam import Exam
from generator.compose.key_data import key_document
from generator.compose.worked_steps import worked_steps
from generator.errors import InputError
from generator.exact.numbers import round_significant, round_to
from generator.solve.accepted import accepted, limits


def loaded(folder: Path, rule: str, more: str = "") -> Exam:
    draw = "[{names: [a, b], from: 2, to: 30}]"
    steps = f"{{z: {{is: a/b, decimals: 2, accept: {rule}}}}}"
    return load_one(folder, one_part(draw, "{a: 25, b: 7}", "<< a >> << b >>", steps), more)


@pytest.mark.parametrize(
    ("rule", "least", "most"),
    [
        ("±1 %", "3.5343", "3.6057"),
        ("'1 %'", "3.5343", "3.6057"),
        ("+-0.05", "3.52", "3.62"),
        ("0.05", "3.52", "3.62"),
        ("2 digits", "3.55", "3.65"),
        ("1 decimal", "3.55", "3.65"),
        ("either rounding", "3.57", "3.58"),
        ("[a/3, 1/b]", "1/7", "25/3"),
    ],
)
def test_rules(tmp_path: Path, rule: str, least: str, most: str) -> None:
    exam = loaded(tmp_path, rule)
    document = key_document(exam, "E0743", "", 1, reference_solutions(exam))
    found = document["problems"][0]["parts"][0]["accept"]["z"]
    assert (found["from"], found["to"]) == (least, most)


def test_either_rounding_is_to_the_decimals_of_the_step(tmp_path: Path) -> None:
    """8/27 is 0.30, which has two."""
    draw = "[{names: [a, b], from: 2, to: 30}]"
    steps = "{z: {is: a/b, decimals: 2, accept: either rounding}}"
    exam = load_one(tmp_path, one_part(draw, "{a: 8, b: 27}", "<< a >> << b >>", steps))
    (problem,) = exam.problems
    found = accepted(problem, "z", reference_solutions(exam)["1"].values)
    assert found == (F("0.29"), F("0.3"))


def test_the_key_prints_it_in_the_language_of_the_exam(tmp_path: Path) -> None:
    exam = loaded(tmp_path, "±1 %", "language: de\n")
    (problem,) = exam.problems
    values = reference_solutions(exam)["1"].values
    assert list(worked_steps(problem, problem.parts[0], values)) == [
        r"$z = \frac{a}{b} = \frac{25}{7} \approx 3{,}57$\quad "
        r"\mbox{(richtig von $3{,}5343$ bis $3{,}6057$)}"
    ]


@pytest.mark.parametrize(
    ("step", "least", "most"),
    [
        ("is: 10000*a/b, decimals: 2, form: currency, accept: ±0.09", "35.714,20", "35.714,38"),
        ("is: a/b/10, decimals: 3, form: percent, accept: ±0.01", "34,7 %", "36,7 %"),
        ("is: a/b, decimals: 2, accept: [3, 4]", "3,00", "4,00"),
    ],
)
def test_bounds_look_like_the_value(tmp_path: Path, step: str, least: str, most: str) -> None:
    draw, steps = "[{names: [a, b], from: 2, to: 30}]", f"{{z: {{{step}}}}}"
    text = one_part(draw, "{a: 25, b: 7}", "<< a >> << b >>", steps)
    exam = load_one(tmp_path, text, "language: de\n")
    values = reference_solutions(exam)["1"].values
    assert limits(exam.problems[0], "z", values) == (least, most)
    (worked,) = worked_steps(exam.problems[0], exam.problems[0].parts[0], values)
    assert least.replace(",", "{,}").replace(" %", r"\,\%").replace(".", "{.}") in worked


@pytest.mark.parametrize("rule", ["1 percent", "±", "[a]", "0 digits", "{a: 1}", "1.2.3"])
def test_other_rules_are_refused(tmp_path: Path, rule: str) -> None:
    with pytest.raises(InputError, match=r"steps\.z\.accept.*expected a tolerance such as ±1 %"):
        loaded(tmp_path, rule)


def test_names_in_bounds_are_looked_up(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="c is neither drawn nor a step"):
        loaded(tmp_path, "[a, c]")


def test_a_share_of_a_negative_result_is_around_it() -> None:
    tolerance = read_tolerance("±1 %")
    assert tolerance is not None
    assert Accept(tolerance).interval(F(-200), F(-200), 0, {}) == (F(-202), F(-198))


@given(st.fractions(-1000, 1000), st.integers(1, 5))
def test_what_rounds_alike_is_between_the_bounds(value: F, digits: int) -> None:
    tolerance = read_tolerance(f"{digits} digits")
    assert tolerance is not None
    least, most = Accept(tolerance).interval(value, value, 0, {})
    rounded = round_significant(value, digits)
    for inside in (rounded, least + (most - least) / 3, most - (most - least) / 1000):
        assert least <= inside <= most
        if abs(inside) >= abs(rounded) or not value:
            assert round_significant(inside, digits) == rounded


@given(st.fractions(-1000, 1000), st.integers(0, 4))
def test_either_rounding_is_down_or_up(value: F, decimals: int) -> None:
    tolerance = read_tolerance("either rounding")
    assert tolerance is not None
    rounded = round_to(value, decimals)
    least, most = Accept(tolerance).interval(rounded, value, decimals, {})
    assert least <= value <= most
    assert most - least in (0, F(1, 10**decimals))
    assert rounded in (least, most)


def test_without_a_rule_only_the_key_is_right(tmp_path: Path) -> None:
    exam = load_one(
        tmp_path, one_part("[{names: [a], from: 2, to: 3}]", "{a: 2}", "<< a >>", "{z: a}")
    )
    solution = reference_solutions(exam)["1"]
    assert accepted(exam.problems[0], "z", solution.values) is None
