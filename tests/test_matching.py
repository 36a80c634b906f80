"""Matching and ordering by writing: what the paper shows, what the key says belongs there."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from probe_bank import EXAM, probe
from shipped import SECRET

from generator.bank.exam import Exam
from generator.compose.key_data import key_document
from generator.correct.card import CardPlan, compose_card
from generator.desk.key_view import view_problem
from generator.errors import InputError
from generator.exchange.questions import draw_questions
from generator.marks.marked_papers import Papers
from generator.pipeline.worker import Producer
from generator.pipeline.workshop import Workshop
from generator.record.copy import Copy
from generator.typeset.preparation import prepare_press
from generator.verify.leaks import Forbidden
from generator.verify.readback import read_pages

PAIRS = {"stack": "last in first out", "queue": "first in first out", "set": "each at most once"}
STEPS = ("Draw a batch.", "Compute the loss.", "Compute the gradient.", "Change the weights.")
PROBLEM = f"""\
id: "1"
title: Written
points: 8
parts:
  - id: "1.1"
    points: 3
    ask: Write the letters.
    match: {{pairs: {[list(it) for it in PAIRS.items()]}, extra: [a value for each key]}}
  - id: "1.2"
    points: 3
    ask: Number the steps.
    sequence: {list(STEPS)}
  - id: "1.3"
    points: 2
    ask: Which is even?
    options: [{{correct: true, say: "2", why: "one"}}, {{correct: false, say: "3", why: "two"}}]
"""


def write(folder: Path, problem: str) -> Exam:
    return probe(folder, problem, EXAM.replace("credits: 2", "credits: 8"))


@pytest.fixture(scope="module")
def exam(tmp_path_factory: pytest.TempPathFactory) -> Exam:
    return write(tmp_path_factory.mktemp("matching"), PROBLEM)


def test_marking_boxes_are_as_fine_as_what_a_row_earns(exam: Exam) -> None:
    pairs, steps, _ = exam.problems[0].parts
    assert [float(it) for it in pairs.marks] == [0, 1, 2, 3]
    assert [float(it) for it in steps.marks] == [quarter / 4 for quarter in range(13)]


def documents(exam: Exam, count: int) -> list[dict[str, Any]]:
    workshop = Workshop(exam, SECRET, 4)
    found = []
    for number in range(1, count + 1):
        copy = workshop.register(Copy(f"E{number:04}", None, 1), ()).copy
        found.append(key_document(exam, copy.code, "", 1, workshop.solutions(copy)))
    return found


def test_letters_and_numbers_are_those_of_the_bank(exam: Exam) -> None:
    orders = set()
    for document in documents(exam, 60):
        match, sequence, _ = document["problems"][0]["parts"]
        texts = {row["label"]: row["text"] for row in match["rows"]}
        for number, letter in match["answers"].items():
            assert PAIRS[texts[number]] == texts[letter]
        assert len(match["answers"]) == len(PAIRS)
        shown = [row["text"] for row in sequence["rows"]]
        assert [STEPS.index(text) + 1 for text in shown] == [
            int(sequence["answers"][str(number)]) for number in range(1, len(STEPS) + 1)
        ]
        assert shown != list(STEPS)
        orders.add((*texts.values(), *shown))
    assert len(orders) > 50


def test_the_key_shows_them_in_their_rows(exam: Exam, tmp_path: Path) -> None:
    press = prepare_press(exam, tmp_path / "cache")
    workshop = Workshop(exam, SECRET, 4)
    copy = workshop.register(Copy("E0001", None, 1), ()).copy
    made = next(iter(Producer(workshop, press, Forbidden(), tmp_path).produce([copy])))
    parts = key_document(exam, copy.code, "", 1, workshop.solutions(copy))["problems"][0]["parts"]
    paper, key = (
        re.sub(r"\s+", " ", " ".join(page.text for page in read_pages(pdf, codes=False)))
        for pdf in (made.paper, made.key)
    )
    texts = {row["label"]: row["text"] for row in parts[0]["rows"]}
    for number, letter in parts[0]["answers"].items():
        assert f"{number} {texts[number]} {letter}" in key
        assert f"{number} {texts[number]} {letter}" not in paper
    for number, row in enumerate(parts[1]["rows"], 1):
        assert f"{parts[1]['answers'][str(number)]} {row['text']}" in key
    assert "Each right row earns 1 credit." in paper
    assert "Each right row earns 0.75 credits." in paper


def test_the_card_has_what_is_written_in_the_rows(exam: Exam) -> None:
    workshop = Workshop(exam, SECRET, 4)
    copy = workshop.register(Copy("E0001", None, 1), ()).copy
    solutions = workshop.solutions(copy)
    card = compose_card(CardPlan(exam), copy.code, solutions)
    for part in ("1.1", "1.2"):
        for number, answer in solutions["1"].answers[part].items():
            assert f"{number}: {answer}" in card.rows[part]
            assert f"{number}: {answer}" in card.tokens


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("['queue',", "['stack',", "the same text is there already"),
        ("Compute the loss.", "Draw a batch.", "the same text is there already"),
        ("points: 3\n    ask: Write", "points: 2\n    ask: Write", "no decimal number says"),
        ("Write the letters.", "Write << a >>.", "a is neither drawn nor a step"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, before: str, after: str, says: str) -> None:
    assert before in PROBLEM
    with pytest.raises(InputError, match=says):
        write(tmp_path, PROBLEM.replace(before, after, 1))


# --- rows with values of the copy -----------------------------------------------------------------

DRAWN = """\
id: "1"
title: Written
points: 8
parts:
  - id: "1.1"
    points: 3
    ask: Write the letters of the derivatives.
    draw:
      - {names: [a, b, c], from: 2, to: 5}
    reference_values: {a: 2, b: 3, c: 4}
    steps:
      a2: {is: 2*a, working: true}
      b3: {is: 3*b, working: true}
    match:
      pairs:
        - [$<< a >>x^2$, $<< a2 >>x$]
        - [$<< b >>x^3$, $<< b3 >>x^2$]
        - [$<< c >>x$, $<< c >>$]
      extra: ["$<< a >>x$"]
  - id: "1.2"
    points: 3
    ask: Number the steps.
    sequence: ["Put in << a >>.", "Double it.", "Add << b >>."]
  - id: "1.3"
    points: 2
    ask: Which is even?
    options: [{correct: true, say: "2", why: "one"}, {correct: false, say: "3", why: "two"}]
"""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Exam:
    return write(tmp_path_factory.mktemp("drawn"), DRAWN)


def derivative(term: str) -> str:
    """Of a term such as ``3x^2``."""
    found = re.fullmatch(r"(\d+)x(?:\^(\d))?", term)
    assert found is not None
    power = int(found[2] or 1)
    return f"{int(found[1]) * power}{['', 'x', 'x^2'][power - 1]}"


def test_rows_print_the_values_of_their_copy(drawn: Exam) -> None:
    seen = set()
    for document in documents(drawn, 40):
        match, sequence, _ = document["problems"][0]["parts"]
        texts = {row["label"]: row["text"].strip("$") for row in match["rows"]}
        for number, letter in match["answers"].items():
            assert texts[letter] == derivative(texts[number])
        assert len({text for label, text in texts.items() if label.isalpha()}) == 4
        numbers = sequence["answers"]
        rows = [row["text"] for row in sequence["rows"]]
        first, _, last = sorted(rows, key=lambda row: numbers[str(rows.index(row) + 1)])
        assert first == f"Put in {match['given']['a']}."
        assert last == f"Add {match['given']['b']}."
        seen.add((first, last))
    assert len(seen) > 5


def test_rows_with_values_are_read_back_and_exported(drawn: Exam, tmp_path: Path) -> None:
    press = prepare_press(drawn, tmp_path / "cache")
    workshop = Workshop(drawn, SECRET, 4)
    copies = [workshop.register(Copy(f"E000{it}", None, 1), ()).copy for it in (1, 2, 3)]
    assert len(list(Producer(workshop, press, Forbidden(), tmp_path).produce(copies))) == 3
    questions = [it for it in draw_questions(drawn, 6, "seed") if it.part == "1.1"]
    assert len(questions) > 3
    for question in questions:
        for pair in question.pairs:
            left, right = (re.sub(r"\\ensuremath\{(\d+)\}", r"\1", it.strip("$")) for it in pair)
            assert right == derivative(left)
        assert len(question.extra) == 1


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('extra: ["$<< a >>x$"]', 'extra: ["$4x$"]', "two rows print the same"),
        ("is: 2*a, working: true", "is: 2*a", "a2 is an answer of 1.1"),
        ("{a: 2, b: 3, c: 4}", "{a: 2, b: 3}", "c"),
    ],
)
def test_rows_that_cannot_be_told_apart(tmp_path: Path, before: str, after: str, says: str) -> None:
    assert before in DRAWN
    with pytest.raises(InputError, match=says):
        write(tmp_path, DRAWN.replace(before, after, 1))


def test_copies_in_which_rows_are_alike_are_not_drawn(tmp_path: Path) -> None:
    bank = DRAWN.replace('extra: ["$<< a >>x$"]', 'extra: ["$6x$"]')
    for document in documents(write(tmp_path, bank), 20):
        assert document["problems"][0]["parts"][0]["given"]["a"] != "3"


def test_rows_that_earn_no_quarters_have_boxes_of_their_own(tmp_path: Path) -> None:
    steps = f"{[*STEPS, 'Look.']}"
    exam = write(tmp_path, PROBLEM.replace(f"{list(STEPS)}", steps))
    part = exam.problems[0].parts[1]
    assert [float(it) for it in part.marks] == [0, 0.6, 1.2, 1.8, 2.4, 3]


def test_correctors_tick_row_by_row(exam: Exam) -> None:
    workshop = Workshop(exam, SECRET, 4)
    copy = workshop.register(Copy("E0001", None, 1), ()).copy
    solution = workshop.solutions(copy)["1"]
    match, sequence, _ = view_problem(exam, copy, solution, exam.problems[0]).parts
    rows = zip(match.rubric, match.gaps, strict=True)
    for number, (item, (label, letter)) in enumerate(rows, 1):
        row, _, answer = item.says.removeprefix(f"{number} ").partition(f": <b>{letter}</b> ")
        assert (item.tick, item.points, label) == (f"r{number - 1}", "1", str(number))
        assert PAIRS[row] == answer
    for item, (label, place) in zip(sequence.rubric, sequence.gaps, strict=True):
        assert item.says == f"<b>{place}</b> {STEPS[int(place) - 1]}"
        assert (item.points, label) == ("0.75", "")
    papers = Papers(exam, ["E0001"], lambda code: {"1": solution}, lambda typed: typed)
    marked = papers.part("E0001", "1.2")
    assert marked.points(["r0", "r3"]) == Fraction(3, 2)
    assert not marked.knows("r4")
