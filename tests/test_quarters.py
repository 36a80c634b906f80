"""Points in quarters, where an exam says that it is marked in them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from probe_bank import DRAW, EXAM, HEAD, probe, write_probe
from shipped import SECRET

from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam
from generator.compose.frame import marks
from generator.compose.key_data import key_document
from generator.errors import InputError
from generator.files.program import FIGURES
from generator.pipeline.worker import Producer
from generator.pipeline.workshop import Workshop
from generator.record.copy import Copy, Holder
from generator.typeset.preparation import prepare_press
from generator.verify.leaks import Forbidden
from generator.verify.readback import read_pages

QUARTERS = EXAM.replace("credits: 2\n", "credits: 1.75\ngrades: {step: 0.25}\n")
PARTS = """\
parts:
  - id: "1.1"
    points: 1.25
    space: 45 mm
    ask: Compute << a >> times << b >>.
    steps: {z: a*b}
    rubric: [{points: 0.75, for: The product}, {points: 0.5, step: z}]
    mistakes: [{is: The sum, earns: 0.25, gives: {z: a + b}}]
  - {id: "1.2", points: 0.5, space: 20 mm, ask: Why?, answer: So., rubric: [{points: 0.5, for: It}]}
"""
PROBLEM = HEAD.replace("points: 2", "points: 1.75") + DRAW + PARTS


@pytest.fixture(scope="module")
def exam(tmp_path_factory: pytest.TempPathFactory) -> Exam:
    return probe(tmp_path_factory.mktemp("quarters"), PROBLEM, QUARTERS)


def test_sums_and_marking_boxes_have_quarters(exam: Exam) -> None:
    assert exam.credits == exam.problems[0].points == Fraction("1.75")
    assert [marks(part) for part in exam.problems[0].parts] == ["0,0.25,0.5,0.75,1,1.25", "0,0.5"]


def test_they_reach_paper_key_and_data(exam: Exam, tmp_path: Path) -> None:
    press = prepare_press(exam, tmp_path / "cache", 2)
    boxes = [box for box in press.layout.pages[2] if box.kind == "mark"]
    assert [box.names["value"] for box in boxes[:3]] == ["0", "0.25", "0.5"]
    workshop = Workshop(exam, SECRET, 4)
    copy = workshop.register(Copy("E0001", Holder(None, 1)), ()).copy
    (made,) = Producer(workshop, press, Forbidden(), tmp_path).produce([copy])
    paper, key = (
        [" ".join(page.text.split()) for page in read_pages(pdf, codes=False)]
        for pdf in (made.paper, made.key)
    )
    assert "1.75" in paper[0]
    assert "1.25 credits" in paper[1]
    assert "0.75 The product" in key[1]
    assert "0.25 The sum" in key[1]
    document = key_document(exam, "E0001", "", 1, workshop.solutions(copy))
    part = document["problems"][0]["parts"][0]
    assert (part["points"], part["rubric"][0]["points"]) == ("1.25", "0.75")
    assert part["mistakes"][0]["earns"] == "0.25"


@pytest.mark.parametrize(
    ("problem", "exam", "message"),
    [
        (PROBLEM, EXAM, r"points: expected whole or half points, got '1.75'; an exam that is mark"),
        (PROBLEM.replace("0.75, for", "0.8, for"), QUARTERS, r"15:\d+: .*half or quarter points, "),
        (PROBLEM.replace("45 mm", "25 mm"), QUARTERS, r"1.25 in quarters are 28 mm high; make spa"),
        (
            PROBLEM.replace("It}", "It}], mistakes: [{is: No, earns: 0.25}"),
            QUARTERS,
            "0.25 cannot be marked: neither the part nor its rubric has quarter points",
        ),
    ],
)
def test_what_is_no_quarter_is_refused(
    problem: str, exam: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=rf"(?s:.*){message}"):
        load_exam(write_probe(tmp_path, problem, exam), FIGURES)
