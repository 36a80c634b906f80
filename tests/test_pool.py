"""Questions that are taken from a pool, what is said of questions, and what follows from it."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from probe_bank import EXAM, probe, write_probe
from shipped import SECRET

from generator.bank.coverage import coverage, exam_minutes, tagged
from generator.bank.exam import Exam
from generator.bank.part import About
from generator.commands.check import check_exam
from generator.errors import InputError
from generator.pipeline.workshop import Workshop
from generator.record.copy import Copy

WORDS = ("red", "blue", "green", "white", "black")


def question(word: str, number: int, tag: str = "color", points: int = 2) -> str:
    return f"""\
  - points: {points}
    about: {{topic: Topic {number % 2}, tags: [{tag}], minutes: {number}}}
    space: 30 mm
    ask: What is {word} of $<< {word}1 >>$?
    draw: [{{names: [{word}1], from: 1, to: 9}}]
    reference: {{{word}1: {number}}}
    steps: {{{word}2: {word}1 + {number}}}
    rubric: [{{points: {points}, step: {word}2}}]
"""


POOL = "".join(question(word, number) for number, word in enumerate(WORDS, 1))
PROBLEM = f"""\
id: "1"
title: Taken
points: 6
about: {{author: Ada, topic: Colors}}
pool:
{POOL}
parts:
  - id: "1.1"
    new_page: true
    take: {{tag: color, count: 2, points: 2}}
  - id: "1.3"
    points: 2
    about: {{minutes: 3.5, tags: [plain]}}
    space: 30 mm
    ask: Why?
    answer: So.
    rubric: [{{points: 2, for: "So"}}]
"""
CREDITS = EXAM.replace("credits: 2", "credits: 6")


def load(folder: Path, problem: str = PROBLEM) -> Exam:
    return probe(folder, problem, CREDITS)


def test_a_copy_has_a_question_of_the_pool_in_each_part_and_none_twice(tmp_path: Path) -> None:
    exam = load(tmp_path)
    (problem,) = exam.problems
    assert [part.id for part in problem.parts] == ["1.1", "1.2", "1.3"]
    assert [part.new_page for part in problem.parts] == [True, False, False]
    assert [len(part.alternatives) for part in problem.parts] == [3, 2, 0]
    workshop = Workshop(exam, SECRET, 4)
    seen: Counter[str] = Counter()
    for number in range(1, 81):
        copy = workshop.register(Copy(f"E{number:04}", None, 1), ()).copy
        given = workshop.compose(copy.code, workshop.solutions(copy)).given
        texts = [given.questions[part].source.split()[2] for part in ("1.1", "1.2")]
        assert len(set(texts)) == 2
        seen.update(texts)
    assert set(seen) == set(WORDS)
    assert min(seen.values()) > 10


def test_what_is_wrong_with_a_question_is_said_at_its_line_in_the_pool(tmp_path: Path) -> None:
    wrong = PROBLEM.replace("What is green of", "What is << gren1 >> of")
    with pytest.raises(InputError, match="did you mean green1") as caught:
        load(tmp_path, wrong)
    line = next(n for n, text in enumerate(wrong.split("\n"), 1) if "gren1" in text)
    assert {it.line for it in caught.value.problems} == {line}


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("tag: color, count", "tag: colour, count", "0 questions of the pool are left for it"),
        ("count: 2", "count: 3", "1 questions of the pool are left for it"),
        ("count: 2, points: 2", "count: 2, points: 3", "0 questions.* and 3 points"),
        ("count: 2, points: 2", "count: 2", "expected the points of the questions"),
        ("count: 2", "count: two", "count"),
        ("take: {tag: color, count: 2, points: 2}", "take: color", "take"),
        ("tags: [plain]", "tag: plain", "tags"),
    ],
)
def test_what_cannot_be_taken_is_said(tmp_path: Path, before: str, after: str, says: str) -> None:
    assert before in PROBLEM
    with pytest.raises(InputError, match=says):
        load(tmp_path, PROBLEM.replace(before, after))


def test_a_question_that_nothing_takes_is_said(tmp_path: Path) -> None:
    more = PROBLEM.replace("parts:\n", question("pink", 6, "other") + "parts:\n")
    with pytest.raises(InputError, match="no part takes this question"):
        load(tmp_path, more)
    none = PROBLEM.replace("    take: {tag: color, count: 2, points: 2}\n", "").replace(
        'parts:\n  - id: "1.1"\n    new_page: true\n', "parts:\n"
    )
    with pytest.raises(InputError, match="no part takes a question of it"):
        load(tmp_path, none)


def test_questions_are_counted_by_what_is_said_of_them(tmp_path: Path) -> None:
    exam = load(tmp_path)
    parts = exam.problems[0].parts
    assert parts[0].about == About(
        topic="Topic 1", minutes=Fraction(1), tags=("color",), author="Ada"
    )
    assert parts[2].about.topic == "Colors"
    found = {(it.field, it.word): (it.questions, it.points, it.minutes) for it in coverage(exam)}
    assert found == {
        ("topic", "Topic 1"): (1, 2, 1),
        ("topic", "Topic 0"): (1, 2, 2),
        ("topic", "Colors"): (1, 2, Fraction(7, 2)),
    }
    assert exam_minutes(exam) == Fraction(13, 2)
    assert tagged(exam, "plain") == ("1",)


def test_check_says_what_takes_too_long_and_which_tags_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_probe(tmp_path, PROBLEM.replace("minutes: 3.5", "minutes: 33"), CREDITS)
    roster = tmp_path / "roster.csv"
    roster.write_text("registration_number,last_name,first_name\n03712041,Nguyen,Anh\n")
    with pytest.raises(InputError, match="no part has the tag plane; known: color, plain"):
        check_exam(file, roster, tmp_path, 10, tag="plane")
    monkeypatch.setenv("PATH", "")  # without TeX: what is tried with it is another's test
    checked = check_exam(file, roster, tmp_path, 10, tag="plain")
    assert any(
        "take 36 minutes by about.minutes, but there are 30" in it.message
        for it in checked.warnings
    )
