"""Short tests in two columns: plan, boxes, codes and what is read back agree."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from textwrap import indent

import pypdfium2
import pytest
from probe_bank import EXAM
from shipped import ROOT, SECRET

from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam
from generator.compose.plan import Heights, plan_pages
from generator.errors import InputError
from generator.files.program import FIGURES
from generator.layout import PT_PER_MM, Box
from generator.pipeline.worker import Producer
from generator.pipeline.workshop import Workshop
from generator.record.copy import Copy
from generator.typeset.preparation import prepare_press
from generator.typeset.press import Press
from generator.verify.leaks import Forbidden
from generator.verify.readback import read_pages

COLUMNS = "columns: 2\n"
HEAD = (
    "new_page: false\nfairness: {branches: any, draws: 100}\ndraw: [{names: [a], from: 2, to: 9}]\n"
)
OPEN = f"""id: "1"
title: Lines and their slopes in the plane
points: 4
{HEAD}reference: {{a: 7}}
intro: "Let $f(x) = << a >> x + 1$."
parts:
  - id: "1.1"
    points: 2
    space: 60 mm
    ask: Compute $f(2)$, and explain in a sentence or two which way the line goes.
    steps: {{y: 2*a + 1}}
    rubric: [{{points: 2, step: y}}]
    mistakes: [{{is: The slope and what is added are interchanged, earns: 1, gives: {{y: a + 2}}}}]
  - id: "1.2"
    points: 2
    space: 120 mm
    ask: Where does it cross the axis?
    steps: {{x: {{is: -1/a, decimals: 2}}}}
    rubric: [{{points: 2, step: x}}]
"""
CHOICE = f"""id: "2"
title: Numbers
points: 4
{HEAD}reference: {{a: 7}}
parts:
  - id: "2.1"
    points: 2
    ask: Which are right of $<< a >>$?
    options:
      - {{correct: true, say: "It is a whole number, and there are many others of them", why: So.}}
      - {{correct: false, say: It is negative, why: No sign.}}
  - id: "2.2"
    points: 2
    ask: What belongs together?
    match:
      pairs: [[Spectrometer, wavelengths of light], [Seismograph, waves in the ground]]
      extra: [the pressure of the air]
"""


def write(folder: Path, first: str = OPEN, more: str = COLUMNS) -> Path:
    (folder / "open.yaml").write_text(first)
    (folder / "choice.yaml").write_text(CHOICE)
    exam = EXAM.replace("credits: 2", "credits: 8").replace("[problem-1", "[open.yaml, choice")
    (folder / "exam.yaml").write_text(exam + more)
    return folder / "exam.yaml"


@pytest.fixture(scope="module", name="exam")
def _exam(tmp_path_factory: pytest.TempPathFactory) -> Exam:
    return load_exam(write(tmp_path_factory.mktemp("columns")), FIGURES)


@pytest.fixture(scope="module", name="press")
def _press(exam: Exam, tmp_path_factory: pytest.TempPathFactory) -> Press:
    return prepare_press(exam, tmp_path_factory.mktemp("cache"))


def ends_mm(box: Box) -> tuple[float, float]:
    return box.x_mm, box.x_mm + box.width_mm


@pytest.mark.slow
def test_boxes_stand_in_two_columns_and_none_in_another(press: Press) -> None:
    """Boxes to mark stand between the columns."""
    boxes = press.layout.pages[2]
    answers = {it.names["part"]: it for it in boxes if it.kind == "answer"}
    assert ends_mm(answers["1.1"]) == pytest.approx((29, 101), abs=0.1)
    assert ends_mm(answers["1.2"]) == pytest.approx((117, 189), abs=0.1)
    for mark in (it for it in boxes if it.kind == "mark"):
        left, right = ends_mm(mark)
        own = answers[mark.names["part"]]
        assert right < own.x_mm
        assert left > (101 if own.x_mm > 100 else 12)
    options = [it for it in boxes if it.kind == "option"]
    assert len(options) == 2
    assert all(117 < it.x_mm < 189 for it in options)
    assert all(it.y_mm > answers["1.2"].y_mm + answers["1.2"].height_mm for it in options)


@pytest.mark.slow
def test_a_page_is_read_column_by_column(exam: Exam, press: Press, tmp_path: Path) -> None:
    """Paper and key are read back when they are made; so are codes and crosses."""
    workshop = Workshop(exam, SECRET, 4)
    copy = workshop.register(Copy("E0001", None, 1), ()).copy
    (made,) = Producer(workshop, press, Forbidden(), tmp_path).produce([copy])
    paper = read_pages(made.paper)
    assert [len(page.codes) for page in paper] == [2, 2, 2, 2]
    said = " ".join(paper[1].text.split())
    places = [said.index(text) for text in ("1.1", "Compute", "1.2", "cross the", "2.1")]
    assert places == sorted(places)
    assert "Seismograph" in paper[2].text  # rows above what belongs to them
    assert "Additional space" in paper[3].text
    key = pypdfium2.PdfDocument(made.key)[1].get_textpage()
    assert "interchanged" in key.get_text_bounded()
    found = [[it / PT_PER_MM for it in key.get_charbox(at)] for at in range(key.count_chars())]
    ends = [right for _, bottom, right, _ in found if 30 < bottom < 265]  # no header, no footer
    # the left column ends at 101 mm, boxes to mark of the right one begin at 108
    assert not [end for end in ends if 102 < end < 105 or 189.2 < end < 195]


def test_columns_are_broken_as_pages_are(exam: Exam) -> None:
    heights = Heights(
        Fraction(200),
        {"1": Fraction(15), "2": Fraction(15)},
        {"1": Fraction(8), "2": Fraction(8)},
        {"1.1": Fraction(10), "1.2": Fraction(10), "2.1": Fraction(60), "2.2": Fraction(10)},
        {"1.1": Fraction(0), "1.2": Fraction(0), "2.1": Fraction(8), "2.2": Fraction(0)},
    )
    cover, first, second, additional = plan_pages(exam, heights)
    assert [it.id for it in first.parts] == ["1.1", "1.2"]
    assert [(it.problem, it.first) for it in first.sections] == [("1", True), ("1", False)]
    assert first.left == 1
    assert ([it.id for it in second.parts], second.left) == (["2.1", "2.2"], 1)
    assert (cover.left, additional.left, additional.kind) == (None, None, "additional")


@pytest.mark.slow
def test_what_is_wider_than_a_column_is_refused_at_its_line(tmp_path: Path) -> None:
    wide = OPEN.replace("Compute $f(2)$", r"Compute $f(2)$ \rule{90mm}{1mm}")
    with pytest.raises(InputError) as caught:
        prepare_press(load_exam(write(tmp_path, wide), FIGURES), tmp_path / "cache")
    assert {(Path(it.file).name, it.line) for it in caught.value.problems} == {("open.yaml", 13)}


def test_a_plot_is_as_wide_as_its_column(tmp_path: Path) -> None:
    plot = (
        "    figure: {plot: {kind: bar, y: '[a, 3]'}}\n    canvas: {plot: {kind: bar, y: '[1]'}}\n"
    )
    assert "    steps:" in OPEN
    bank = OPEN.replace("    steps:", f"{plot}    steps:", 1)
    figures = load_exam(write(tmp_path, bank), FIGURES).problems[0].parts[0].paper_figures()
    assert [it.plot.width_mm for it in figures if it.plot] == [59, 67]
    with pytest.raises(InputError, match=r"plot.width: the plot is 60 mm wide, but .* 59 mm here"):
        load_exam(write(tmp_path, bank.replace("3]'", "3]', width: 60 mm")), FIGURES)


def test_three_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"exam.yaml:\d+:10: columns: expected .*1 to 2"):
        load_exam(write(tmp_path, more="columns: 3\n"), FIGURES)


def test_the_guide_says_what_is_read_here(exam: Exam) -> None:
    assert indent(COLUMNS, "    ") in (ROOT / "bank" / "README.md").read_text("utf-8")
    assert exam.columns == 2
