"""Mistakes that are formulas: what they lead to, and that it is right in no copy that is drawn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from math import sqrt
from pathlib import Path
from typing import Any

import pytest
from one_problem import load_one, one_part
from shipped import Batch, find, reference_solutions

from generator.bank.exam import Exam
from generator.commands.stress import stress_problem
from generator.compose.key_data import key_document
from generator.draw.draw import draw_problem, resolve
from generator.errors import InputError
from generator.exact.dice import Dice
from generator.solve.follow import print_any
from generator.solve.solve import solve_problem

F = Fraction

PART = """\
- id: "1.1"
  points: 2
  space: 30 mm
  ask: Compute $p = << a >> \\cdot << b >>$ and $s = p + << a >>$.
  steps:
    p: a*b
    s: p + a
  rubric:
    - {points: 1, step: p}
    - {points: 1, step: s}
  mistakes:
    - {is: "Added", earns: 1, gives: {p: a + b}}
"""
HEAD = """\
id: "1"
title: One
points: 2
fairness: {branches: any, draws: 100, band: 90 %}
draw:
  - {names: [a, b], from: 1, to: 4}
reference: {a: 2, b: 3}
parts:
"""


def load(folder: Path, *changes: tuple[str, str]) -> Exam:
    text = HEAD + PART
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return load_one(folder, text)


def drawn(exam: Exam, count: int = 200) -> Iterator[tuple[Fraction, Fraction]]:
    for number in range(count):
        values = draw_problem(exam.problems[0], Dice(b"k" * 32, "e", str(number), "1", 0)).values
        yield values["a"], values["b"]  # type: ignore[misc]


def mistakes(exam: Exam, **values: int) -> list[dict[str, Any]]:
    problem = exam.problems[0]
    draw = draw_problem(problem, Dice(b"k" * 32, "e", "0", "1", 0))
    given = {name: F(value) for name, value in values.items()}
    solution = solve_problem(problem, type(draw)("1", 0, 0, given))
    document = key_document(exam, "E0001", "", 1, {"1": solution})
    found: list[dict[str, Any]] = document["problems"][0]["parts"][0]["mistakes"]
    return found


def test_what_follows_is_computed_from_what_was_replaced(tmp_path: Path) -> None:
    (found,) = mistakes(load(tmp_path), a=2, b=3)
    assert found == {"is": "Added", "earns": "1", "answers": {"p": "5", "s": "7"}}


def test_no_draw_has_it_lead_to_the_right_result(tmp_path: Path) -> None:
    # a + b = a b for 2 and 2 alone.
    seen = set(drawn(load(tmp_path), 400))
    assert len(seen) == 15
    assert (F(2), F(2)) not in seen


def test_it_may_coincide_where_the_author_says_so(tmp_path: Path) -> None:
    exam = load(tmp_path, ("gives: {p: a + b}", "gives: {p: a + b}, may_coincide: true"))
    assert len(set(drawn(exam, 400))) == 16


def test_the_name_of_a_step_is_what_is_right(tmp_path: Path) -> None:
    exam = load(tmp_path, ("{p: a + b}", "{p: 2*p, s: s - p}"))
    # p = 12, then s would be 14, and 14 - 12 = 2.
    assert mistakes(exam, a=2, b=3)[0]["answers"] == {"p": "12", "s": "2"}


def test_a_mistaken_step_is_rounded_as_the_question_says(tmp_path: Path) -> None:
    exam = load(
        tmp_path, ("p: a*b\n", "p: {is: a*b, decimals: 1}\n"), ("{p: a + b}", "{p: a/7 + b}")
    )
    assert mistakes(exam, a=2, b=3)[0]["answers"] == {"p": "3.3", "s": "5.3"}


def test_a_mistake_without_a_value_is_none_of_the_copy(tmp_path: Path) -> None:
    exam = load(tmp_path, ("{p: a + b}", "{p: 1/(a - b)}"))
    assert mistakes(exam, a=2, b=2) == [{"is": "Added", "earns": "1"}]
    assert mistakes(exam, a=3, b=2)[0]["answers"] == {"p": "1", "s": "4"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{p: a + b}", "{q: a + b}", "q is not a step of this part"),
        ("{p: a + b}", "{a: p}", "a is not a step of this part"),
        ("{p: a + b}", "{p: s, s: p}", "a cycle: "),
        ("{p: a + b}", "{p: a + c}", "c is neither drawn nor a step"),
        (", gives: {p: a + b}", ", may_coincide: true", "expected beside gives"),
        ("{p: a + b}", "{p: a*b}", "'Added' refused"),
    ],
)
def test_what_cannot_be_is_said_at_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        list(drawn(load(tmp_path, (old, new)), 1))
    found = [it for it in caught.value.problems if said in it.message]
    assert found, caught.value.problems
    text = (HEAD + PART).splitlines()
    assert text[found[0].line - 1].strip().startswith("- {is")


def test_check_counts_how_often_it_would_be_right(tmp_path: Path) -> None:
    problem = load(tmp_path).problems[0]
    place = (problem.parts[0].mistakes[0].line, problem.parts[0].mistakes[0].column)
    stress = stress_problem(load(tmp_path), problem, range(800))
    assert stress.met[place] == 800
    assert 0.03 < 1 - 800 / stress.asked[place] < 0.1  # one in sixteen
    allowed = load(tmp_path, ("gives: {p: a + b}", "gives: {p: a + b}, may_coincide: true"))
    stress = stress_problem(allowed, allowed.problems[0], range(800))
    assert stress.asked[place] == 800
    assert 0.03 < 1 - stress.met[place] / 800 < 0.1


# The sample exam ----------------------------------------------------------------------------------


def test_reference_by_hand(exam: Exam) -> None:
    # No ReLU: o1 = 2*0.5 + (-0.5)*(-0.5) - 1 = 0.25, o2 = 2*(-1) + (-0.5)*1 + 0.5 = -2.
    # Only the path through o1: -1*0.5 = -0.5, times i2 0.5, so 0.5 - 0.05 = 0.45.
    document = key_document(exam, "E0743", "", 1, reference_solutions(exam))
    parts = {part["id"]: part for it in document["problems"] for part in it["parts"]}
    (no_relu, *_) = parts["3.1"]["mistakes"]
    assert no_relu["answers"] == {"h3": "2.0", "h4": "-0.5", "o1": "0.25", "o2": "-2.0"}
    (only_o1, *_) = parts["3.3"]["mistakes"]
    assert only_o1["answers"] == {"d_h3": "-0.5", "grad_w21": "0.5", "w21_new": "0.45"}
    assert only_o1["answers_from_fallback"]["d_h3"] == "0.5"
    root = parts["3.2"]["mistakes"][1]
    assert root["answers"] == {"mse": f"{sqrt(2.5):.3f}"}
    json.dumps(document)


def computed(exam: Exam, batch: Batch) -> Iterator[tuple[str, Any, Any]]:
    """Part, answers of the key and answers of each mistake of each copy."""
    for code, solutions in batch.copies.items():
        document = key_document(exam, code, "", 1, solutions)
        for problem in document["problems"]:
            for part in problem["parts"]:
                for mistake in part.get("mistakes", ()):
                    if "answers" in mistake:
                        yield part["id"], part["answers"], mistake


LAST = {
    **{"2.3": ["receptive_field"], "2.4": ["shape"], "3.1": ["o1", "o2"], "3.2": ["mse"]},
    **{"3.3": ["w21_new"], "6.5": ["order"], "7.1": ["parameters"], "7.3": ["h3"]},
}


def test_no_mistake_gives_the_right_result(exam: Exam, batch: Batch) -> None:
    seen = set()
    for part, answers, mistake in computed(exam, batch):
        seen.add((part, mistake["is"]))
        assert any(mistake["answers"][name] != answers[name] for name in LAST[part]), mistake
    assert {part for part, _ in seen} == set(LAST)
    assert len(seen) == 22


def test_the_same_by_plain_arithmetic(exam: Exam, batch: Batch) -> None:
    for solution in list(batch.of("7"))[:300]:
        given = {name: it for name, it in solution.values.items() if isinstance(it, Fraction)}
        v, w, x = given["V"], given["W"], [given[f"x{t}"] for t in (1, 2, 3)]
        linear, swapped, once = [given["h0"]], [given["h0"]], [given["h0"]]
        for t in range(3):
            linear.append(v * linear[-1] + w * x[t])
            swapped.append(max(F(0), w * swapped[-1] + v * x[t]))
            right = [given["h0"], given["h1"], given["h2"]][t]
            clips = v * right + w * x[t] < 0
            once.append(v * once[-1] + w * x[t] if clips else max(F(0), v * once[-1] + w * x[t]))
        problem = resolve(find(exam, "7"), solution.draw.choices)
        values = [list(it.values(solution.values).values()) for it in problem.mistaken["7.3"]]
        assert values == [once[1:], linear[1:], swapped[1:]]


def test_first_and_second_step_are_clipped_equally_often(batch: Batch) -> None:
    clipped = [solution.answers["7.3"]["h1"] == "0" for solution in batch.of("7")]
    assert abs(sum(clipped) - len(clipped) / 2) < 80


def test_a_mistake_in_prices_is_said_in_cents(tmp_path: Path) -> None:
    bank = one_part("[{names: [a], from: 100, to: 900}]", "{a: 500}", "Tax of << a >>?", "{z: a/4}")
    problem = load_one(tmp_path, bank).problems[0]
    assert print_any(problem, "z", Fraction(100, 3)) == "33.333333"
    problem = load_one(tmp_path, bank + "form: currency\n").problems[0]
    assert print_any(problem, "z", Fraction(100, 3)) == "33.33"
