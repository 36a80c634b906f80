"""Gaps in questions and boxes for results: empty on papers, filled in keys, and read back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from probe_bank import DRAW, EXAM, HEAD, probe
from shipped import SECRET

from generator.bank.exam import Exam
from generator.commands.check import _spare_sheets
from generator.compose.key_data import key_document
from generator.errors import CopyError, InputError
from generator.pipeline.worker import Producer
from generator.pipeline.workshop import Composed, Workshop
from generator.record.copy import Copy
from generator.stamp.pieces import Stock
from generator.typeset.preparation import prepare_press
from generator.typeset.press import Press
from generator.verify.expect import Reading, expect
from generator.verify.key_file import wrong_data
from generator.verify.leaks import Forbidden
from generator.verify.readback import read_pages

PROBLEM = (
    HEAD.replace("points: 2", "points: 4")
    + DRAW
    + r"""parts:
  - id: "1.1"
    points: 2
    space: 50 mm
    ask: Multiply $<< a >>$ by $<< b >>$.
    steps: {z: {is: a*b, unit: m^2}, half: {is: z/2, decimals: 1}}
    results: [z, {step: half, width: 40 mm}]
    rubric: [{points: 2, step: z}]
  - id: "1.2"
    points: 2
    ask: |
      A queue works << gap.order >>; $<< a >> + << b >> = << gap.total >>$, and
      \begin{tabular}{|c|c|} $x$ & << gap.cell >> \end{tabular}
    code: "print(<< gap.call >>)"
    gaps:
      order: {is: "first in, first out", width: 40 mm, look: line}
      cell: {is: "$<< total >>$", look: blank}
      call: \texttt{f(x)}
    steps: {total: a + b}
    rubric: [{points: 2, step: total}]
"""
)


def write(folder: Path, problem: str) -> Exam:
    return probe(folder, problem, EXAM.replace("credits: 2", "credits: 4"))


@pytest.fixture(scope="module")
def exam(tmp_path_factory: pytest.TempPathFactory) -> Exam:
    return write(tmp_path_factory.mktemp("gaps"), PROBLEM)


@pytest.fixture(scope="module")
def press(exam: Exam, tmp_path_factory: pytest.TempPathFactory) -> Press:
    return prepare_press(exam, tmp_path_factory.mktemp("cache"))


def test_keys_have_the_dash_before_what_is_accepted(press: Press) -> None:
    """No text of a bank has it: it is the class's, and the reference copy's notes may be run in."""
    fonts = Stock(press.key.master.read_bytes()).fonts.values()
    assert any("endash" in font.glyphs for font in fonts if font.base.startswith("LMSans"))


def test_pages_that_nobody_needs_are_told(exam: Exam, press: Press) -> None:
    last = press.plan[-1]
    assert last.kind == "additional"
    assert not list(_spare_sheets(exam, press))
    longer = replace(press, plan=(*press.plan, last, last, last, last))
    assert list(_spare_sheets(replace(exam, pages=exam.pages + 4), longer)) == [
        "pages: 4 would do; of 8, 5 are for additional solutions beyond the 1 that "
        "additional_pages asks for"
    ]


def test_papers_have_the_boxes_and_keys_what_belongs_there(
    exam: Exam, press: Press, tmp_path: Path
) -> None:
    workshop = Workshop(exam, SECRET, 4)
    copy = workshop.register_reference()
    made = next(iter(Producer(workshop, press, Forbidden(), tmp_path).produce([copy])))
    paper, key = (
        " ".join(reading.text for reading in read_pages(pdf, codes=False))
        for pdf in (made.paper, made.key)
    )
    for answer in ("175", "87.5", "first in, first out", "32", "f(x)"):
        assert answer in key
        assert answer not in paper
    document = key_document(exam, copy.code, "", 1, workshop.solutions(copy))
    first, second = document["problems"][0]["parts"]
    assert first["answers"] == {"z": "175", "half": "87.5"}
    assert second["gaps"] == {
        "order": "first in, first out",
        "cell": "$32$",
        "call": r"\texttt{f(x)}",
    }
    solved = workshop.solutions(copy)
    assert wrong_data(made.key_json, copy, exam, solved) == []
    for old, new, found in (
        (b'"z": "175"', b'"z": "176"', "1.1: z of answers is '176', expected '175'"),
        (b'"id": "1.1"', b'"id": "1.3"', "problem 1 has the parts ['1.3', '1.2']"),
    ):
        (said,) = wrong_data(made.key_json.replace(old, new), copy, exam, solved)
        assert said.endswith(found)


def test_headings_and_credits_are_read_back(exam: Exam, press: Press) -> None:
    workshop = Workshop(exam, SECRET, 4)
    copy = workshop.register_reference()
    given = workshop.compose(copy.code, workshop.solutions(copy)).given
    page = next(it for it in expect(exam, given, press.plan) if it.page == 2)
    texts = "\n".join(piece.text for claim in page.claims for piece in claim.pieces)
    read = Reading("Problem 1 Probe\n1.1 2 credits\n1.2 2 credits")
    other = Reading("Problem 2 Probe\n1.1 3 credits\n1.2 2 credits")
    assert "Problem1Probe" in texts
    assert "1.12credits" in texts
    first = [replace(it, pieces=it.pieces[:1]) for it in page.claims[:2]]
    assert not list(read.missing(first))
    assert len(list(other.missing(first))) == 2


def test_result_boxes_are_in_the_layout_and_moving_gaps_are_not(press: Press) -> None:
    boxes = [box for page in press.layout.pages.values() for box in page if box.kind == "result"]
    assert [(box.names["part"], box.names["step"]) for box in boxes] == [
        ("1.1", "z"),
        ("1.1", "half"),
    ]
    assert [round(box.width_mm, 1) for box in boxes] == [26, 40]
    answer = next(
        box
        for page in press.layout.pages.values()
        for box in page
        if box.kind == "answer" and box.names["part"] == "1.1"
    )
    for box in boxes:
        assert answer.x_mm < box.x_mm
        assert box.y_mm + box.height_mm < answer.y_mm + answer.height_mm


@pytest.mark.parametrize(
    ("block", "planted"),
    [("1.1/gap/z", "$176$"), ("1.1/gap/half", "87.5"), ("1.2/gap/cell", "")],
)
def test_a_wrong_gap_is_found(
    exam: Exam, press: Press, tmp_path: Path, block: str, planted: str
) -> None:
    class Faulty(Workshop):
        def contributed(self, side: object, composed: Composed) -> dict[str, str]:
            blocks = super().contributed(side, composed)  # type: ignore[arg-type]
            return {**blocks, block: planted} if block in blocks else blocks

    workshop = Faulty(exam, SECRET, 4)
    copy = workshop.register(Copy("E0001", None, 1), ()).copy
    with pytest.raises(CopyError, match=block.partition("/")[0]):
        list(Producer(workshop, press, Forbidden(), tmp_path).produce([copy]))


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("results: [z,", "results: [y,", "y is no step that this question asks for"),
        ("results: [z, {step: half,", "results: [z, {step: z,", "z is there twice"),
        ("<< gap.total >>", "<< gap.totl >>", "<< gap.totl >> is neither a step.*mean total"),
        ("<< gap.order >>", "in order", "no text of the question has the gap << gap.order >>"),
        ("    space: 50 mm\n", "", None),
        ("    results: [z, {step: half, width: 40 mm}]\n    rub", "    rub", None),
    ],
)
def test_what_is_wrong_with_gaps_is_said(
    tmp_path: Path, before: str, after: str, says: str | None
) -> None:
    problem = PROBLEM.replace(before, after)
    assert problem != PROBLEM
    if says is None:
        write(tmp_path, problem)
        return
    with pytest.raises(InputError, match=says):
        write(tmp_path, problem)


def test_a_question_without_any_place_for_its_answer_is_refused(tmp_path: Path) -> None:
    problem = PROBLEM.replace("    space: 50 mm\n", "")
    problem = problem.replace("    results: [z, {step: half, width: 40 mm}]\n", "")
    with pytest.raises(InputError, match="there is no place for the answer"):
        write(tmp_path, problem)


def test_what_is_too_wide_for_its_gap_is_said_with_the_width(tmp_path: Path) -> None:
    problem = PROBLEM.replace("width: 40 mm, look: line", "width: 12 mm")
    exam = write(tmp_path, problem)
    with pytest.raises(InputError, match=r"gap order of 1\.2 is too wide.*width: \d\d mm"):
        prepare_press(exam, tmp_path / "cache")


def test_without_a_box_answer_and_rubric_stand_behind(
    exam: Exam, press: Press, tmp_path: Path
) -> None:
    workshop = Workshop(exam, SECRET, 4)
    copy = workshop.register_reference()
    made = next(iter(Producer(workshop, press, Forbidden(), tmp_path).produce([copy])))
    paper, key = (read_pages(pdf, codes=False) for pdf in (made.paper, made.key))
    assert len(key) == len(paper) + 1
    assert "Answer and rubric: see page 5" in " ".join(it.text for it in key[:-1])
    assert "25 + 7 = 32" in key[-1].text.replace("\n", " ")
