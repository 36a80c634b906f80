"""What multiple choice gives away to a guesser, and what make check says of it."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from one_problem import load_one
from shipped import Batch, find

from generator.bank.exam import Exam
from generator.commands.guess import Guesses, count_words, guess_rows, in_exam
from generator.commands.lint import lint
from generator.commands.stress import Stress, stress_problem
from generator.language.catalogue import load_catalogue

ENGLISH = load_catalogue("en")


@pytest.fixture(scope="module")
def seen(exam: Exam, batch: Batch) -> Guesses:
    found = Guesses()
    for solution in batch.of("1"):
        found.look(find(exam, "1"), solution)
    return found


def test_three_equal_options_foretell_little(batch: Batch, seen: Guesses) -> None:
    # By the list 0 1 1 2 3 3 4: of each question with 0 or 4 all four options see three equal ones
    # and are like them; with 1 or 3, one option sees three that it differs from.
    assert seen.last == Counter({True: 8 * 1000, False: 4 * 1000})


def test_an_empty_sheet_earns_the_same_for_all(seen: Guesses) -> None:
    assert seen.blank == Counter({Fraction(2): 1000})


def test_absolute_words_do_not_tell_false_statements(seen: Guesses) -> None:
    words = count_words(ENGLISH, seen.sayings)
    assert (words.all_true, words.all_false) == (46, 47)
    assert abs(words.true / words.all_true - words.false / words.all_false) < 0.04
    assert min(words.true, words.false) >= 8
    assert not words.telling


def test_lengths_do_not_tell_false_statements(seen: Guesses) -> None:
    lengths = [
        [len(say) for part, say, correct in seen.sayings if correct is truth and part != "1.7"]
        for truth in (True, False)
    ]
    assert abs(sum(lengths[0]) / len(lengths[0]) - sum(lengths[1]) / len(lengths[1])) < 3


def test_what_check_says(exam: Exam, seen: Guesses) -> None:
    assert list(guess_rows(exam, seen)) == [
        ("all options but one are alike", "so is the last one in 66.7%"),
        ("marking nothing earns", "2.00 points in every copy"),
        (
            "words such as always and only stand",
            "in 9 of 46 true and 10 of 47 false statements",
        ),
    ]
    assert list(guess_rows(exam, Guesses())) == []


def test_problems_add_up(exam: Exam) -> None:
    one = Guesses(Counter({True: 3}), Counter({Fraction(0): 1, Fraction(2): 3}))
    other = Guesses(Counter({False: 1}), Counter({Fraction(1): 2}))
    whole = in_exam([one, Guesses(), other])
    assert whole.last == Counter({True: 3, False: 1})
    assert whole.blank == Counter({Fraction(1): 2, Fraction(3): 6})
    assert ("marking nothing earns", "2.50 points on average, 1 to 3 in a copy") in list(
        guess_rows(exam, whole)
    )


HEAD = """\
id: "1"
title: Choice
points: 2
kind: choice
parts:
"""


def part(number: int, more: str = "", false: str = "Statement {} is always false.") -> str:
    statements = [
        f"    {name}{it}: {{correct: {correct}, say: '{text.format(f'{number}{it}')}', why: So}}"
        for name, correct, text in (("t", "true", "Statement {} is true."), ("f", "false", false))
        for it in range(10)
    ]
    return "\n".join(
        [
            f'- id: "1.{number}"',
            "  points: 1",
            f"  ask: What holds of {number}?",
            *([f"  {more}"] if more else []),
            "  statements:",
            *statements,
            f"  reference: [t0, f0, {'f1, f2' if 'one' in more else 't1, f1'}]\n",
        ]
    )


def stress(folder: Path, text: str) -> tuple[Exam, Stress]:
    exam = load_one(folder, HEAD + text)
    return exam, stress_problem(exam, exam.problems[0], range(300))


def test_words_that_tell_are_warned_of(tmp_path: Path) -> None:
    exam, found = stress(tmp_path, part(1) + part(2))
    said = [it.message for it in lint(exam.problems[0], found, None)]
    assert any("stand in 0 of 20 true and 20 of 20 false statements" in it for it in said), said
    exam, found = stress(tmp_path, part(1, false="{} is false.") + part(2, false="{} is false."))
    assert not [it for it in lint(exam.problems[0], found, None) if "admit no" in it.message]


def test_numbers_of_their_own_differ_between_copies(tmp_path: Path) -> None:
    _, found = stress(tmp_path, part(1, "right: any") + part(2, "right: [0, 2, 4]"))
    assert set(found.guesses.blank) == {Fraction(0), Fraction(1), Fraction(2)}
    # Two fifths of the one and two thirds of the other have options that are all alike.
    share = found.guesses.last[True] / found.guesses.last.total()
    assert share > 0.8


def test_a_single_right_answer_is_no_clue(tmp_path: Path) -> None:
    _, found = stress(tmp_path, part(1, "right: one") + part(2, "right: one"))
    assert not found.guesses.last
    assert found.guesses.blank == Counter({Fraction(0): 300})
