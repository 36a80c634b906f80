"""A part with alternatives from the draw to the key: each copy has one question, and only that."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from evenness import is_even
from one_problem import load_one
from small_bank import load

from generator.bank.exam import Exam
from generator.bank.kinds.alternatives import AlternativesPart
from generator.bank.part import ChoiceDraw
from generator.bank.problem import Problem
from generator.compose.blocks import key_blocks, paper_blocks
from generator.compose.given import split
from generator.compose.key_data import key_document
from generator.draw.draw import Draw, draw_problem, reference_draw
from generator.draw.fairness import counted_steps
from generator.errors import InputError
from generator.exact.dice import Dice
from generator.record.record import why_inadmissible
from generator.solve.solve import Solution, solve_problem

KEY = bytes(range(32))


@pytest.fixture
def exam(tmp_path: Path) -> Exam:
    return load(tmp_path)


def draw(problem: Problem, copy: str) -> Draw:
    return draw_problem(problem, Dice(KEY, "small-1", copy, problem.id, 0))


def solutions(exam: Exam, copy: str) -> dict[str, Solution]:
    return {it.id: solve_problem(it, draw(it, copy)) for it in exam.problems}


def test_all_alternatives_are_equally_likely(exam: Exam) -> None:
    drawn = Counter(draw(exam.problems[0], f"E{n:04}").choices["1.3"].options for n in range(1000))
    assert drawn.keys() == {("1",), ("2",)}
    assert 420 < drawn["1",] < 580


def test_nothing_is_drawn_or_solved_for_the_others(exam: Exam) -> None:
    for number in range(20):
        solution = solve_problem(exam.problems[0], draw(exam.problems[0], f"E{number:04}"))
        first = solution.draw.choices["1.3"].options == ("1",)
        assert ("p" in solution.draw.values) is first
        assert ("q" in solution.draw.values) is not first
        assert solution.answers["1.3"].keys() == (set() if first else {"next_q"})


def test_the_reference_copy_has_the_reference_alternative(exam: Exam) -> None:
    found = reference_draw(exam.problems[0])
    assert found.choices["1.3"] == ChoiceDraw(("2",))
    assert "p" not in found.values
    assert solve_problem(exam.problems[0], found).answers["1.3"] == {"next_q": "2.0"}


def test_the_work_of_a_question_that_not_all_copies_have_does_not_count(exam: Exam) -> None:
    steps = exam.problems[0].steps
    assert "next_q" in steps.order
    assert "next_q" not in counted_steps(exam.problems[0])


def test_the_other_alternatives_are_those_behind_the_reference(exam: Exam) -> None:
    drawn = [reference_draw(exam.problems[0], shift).choices["1.3"].options for shift in range(3)]
    assert drawn == [("2",), ("1",), ("2",)]


def test_paper_and_key_show_the_drawn_question(exam: Exam) -> None:
    asked = set()
    for number in range(10):
        solved = solutions(exam, f"E{number:04}")
        given, answers = split(exam, f"E{number:04}", solved)
        paper = {block.name: block for block in paper_blocks(exam)}["1.3/ask"]
        key = {block.name: block for block in key_blocks(exam)}["1.3/answer"]
        assert paper.varies
        assert key.varies
        question, answer = paper.render(given), key.render(answers)
        assert ("Why is" in question) is ("Because." in answer)
        assert ("What is" in question) is ("next" in answer)
        asked.add(question)
        document = key_document(exam, f"E{number:04}", "", 1, solved)
        part = document["problems"][0]["parts"][2]
        assert part["given"].keys() == ({"p"} if "Why is" in question else {"q"})
    assert len(asked) >= 3


def test_a_recorded_alternative_that_is_gone_is_refused(exam: Exam) -> None:
    problem = exam.problems[0]
    found = reference_draw(problem)
    assert why_inadmissible(problem, found) is None
    part = problem.parts[2]
    assert isinstance(part, AlternativesPart)
    shorter = replace(part, alternatives=part.alternatives[:1], reference_alternative=0)
    edited = replace(problem, parts=(*problem.parts[:2], shorter))
    assert why_inadmissible(edited, found) == (
        "the recorded alternative of 1.3 is not in the bank any more"
    )
    lost = replace(found, choices={})
    assert why_inadmissible(problem, lost) == (
        "the recorded alternative of 1.3 is not in the bank any more"
    )


# --- Several parts that draw from the same questions ---


def shared(*reference: int, questions: str = "ABC", parts: int = 2) -> str:
    rest = "space: 30 mm, answer: So, rubric: [{points: 1, for: So}]"
    own = "".join(f"    - {{ask: 'Define {it}.', {rest}}}\n" for it in questions)
    listed = "".join(
        f'- id: "1.{number}"\n  points: 1\n  alternatives:\n{own}'
        f"  reference_alternative: {reference[number - 1]}\n"
        for number in range(1, parts + 1)
    )
    return f'id: "1"\ntitle: Definitions\npoints: {parts}\nparts:\n{listed}'


def test_no_question_stands_in_a_copy_twice(tmp_path: Path) -> None:
    (problem,) = load_one(tmp_path, shared(1, 2)).problems
    drawn = Counter(
        (found["1.1"].options[0], found["1.2"].options[0])
        for found in (draw(problem, f"E{number:04}").choices for number in range(1200))
    )
    assert is_even(drawn, list(permutations("123", 2)))


def test_questions_of_one_name_are_the_same(tmp_path: Path) -> None:
    text = shared(1, 2, questions="AB")
    text = text.replace("{ask: 'Define A.'", "{name: a, ask: 'Define A.'", 1)
    text = text[::-1].replace("'.A enifeD' :ksa{", "'.AA enifeD' :ksa ,a :eman{", 1)[::-1]
    (problem,) = load_one(tmp_path, text).problems
    for number in range(50):
        found = draw(problem, f"E{number:04}").choices
        assert {found[it].options for it in ("1.1", "1.2")} == {("1",), ("2",)}


def test_a_reference_copy_with_a_question_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_one(tmp_path, shared(2, 2))
    message = "parts.1.2.reference_alternative: the reference copy has this question in 1.1"
    assert message in str(caught.value)


def test_fewer_questions_than_parts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_one(tmp_path, shared(1, 2, 2, questions="AB", parts=3))
    assert "parts.1.3.alternatives: the parts before it and this one draw from fewer" in str(
        caught.value
    )
