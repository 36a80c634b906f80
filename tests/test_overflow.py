"""What has no room in the boxes of a key stands on pages at its end, and the boxes say where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from probe_bank import HEAD, probe
from shipped import SECRET

from generator.bank.exam import Exam
from generator.compose.answer_pieces import answer_pieces, paragraphs
from generator.compose.source import chunk_source
from generator.errors import InputError
from generator.pipeline.worker import Producer
from generator.pipeline.workshop import Workshop
from generator.record.copy import Copy, Holder
from generator.typeset.overflow import Moved, Overflow, overflows
from generator.typeset.pdftex import run, shipped_pages
from generator.typeset.preparation import prepare_press
from generator.typeset.press import Press
from generator.verify.expect import expect, expect_key
from generator.verify.leaks import Forbidden
from generator.verify.readback import PageReading, read_pages
from generator.verify.verify import check_key

DRAW = """\
draw:
  - {names: [a], from: 20, to: 60}
  - {names: [b], from: 2, to: 19}
reference: {a: 25, b: 7}
"""
STEPS = "\n".join(f"      z{number}: a*b + {number}" for number in range(1, 7))
STATIC = """\
  - id: "1.2"
    points: 1
    new_page: true
    space: 14 mm
    ask: Why?
    answer: Because.
    rubric: [{points: 1, for: A reason}]
    also_accept:
      - A proof of <50 % & more
      - "It 'follows'."
      - 'From $5 to $10 it is $\\alpha_1 \\le 2$.'
      - Fourth
    mistakes:
      - {is: No reason_at all, earns: 0}
      - {is: A reason that was asked for in another question of another examiner, earns: 0}
      - {is: A reason that has nothing to do with it and that is rather long, earns: 0}
      - {is: Something else that is rather long and goes on and on and on
        and on until it has its second line in the box, earns: 0}
"""
FILL = """\
  - {id: "1.2", points: 1, space: 14 mm, ask: Why?, answer: So., rubric: [{points: 1, for: It}]}
"""
NUMBERS = f"""\
  - id: "1.1"
    points: 1
    space: 16 mm
    ask: Compute << a >> times << b >>.
    answer: Multiply.
    steps:
{STEPS}
    rubric: [{{points: 1, step: z1}}]
    also_accept: [The product of << a >> and the other.]
    mistakes:
      - {{is: The sum is taken, earns: 0, gives: {{z1: a + b}}}}
"""


def bank(folder: Path, parts: str) -> Exam:
    return probe(folder, f"{HEAD}{DRAW}parts:\n{parts}")


class Made:
    """Copies of a bank as they were finished and read back."""

    def __init__(self, exam: Exam, folder: Path, count: int) -> None:
        self.exam = exam
        self.press: Press = prepare_press(exam, folder / "cache", 2)
        self.workshop = Workshop(exam, SECRET, 4)
        self.copies = [
            self.workshop.register(Copy(f"E{number:04d}", Holder(None, number)), ()).copy
            for number in range(1, count + 1)
        ]
        producer = Producer(self.workshop, self.press, Forbidden(), folder)
        made = self.finished = list(producer.produce(self.copies))
        self.pdf = made[0].key
        self.papers = [read_pages(it.paper, codes=False) for it in made]
        self.keys = [read_pages(it.key, codes=False) for it in made]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("overflow")
    return Made(bank(folder / "bank", NUMBERS + STATIC), folder, 3)


def said(page: PageReading) -> str:
    return " ".join(page.text.split())


def test_the_pages_before_are_those_of_the_paper(made: Made) -> None:
    for paper, key in zip(made.papers, made.keys, strict=True):
        assert len(paper) == 4
        assert len(key) == 5
        assert said(key[4]).startswith("probe-1-E000")
        assert "Page 5 of the key alone" in said(key[4])
        assert "KEY" in said(key[4])
        assert ["Page 2 of 4" in said(side[1]) for side in (paper, key)] == [True, True]


def test_a_box_says_where_its_working_is(made: Made) -> None:
    for copy, key in zip(made.copies, made.keys, strict=True):
        values = copy.problems["1"].draw.values
        box, end = said(key[1]), said(key[4])
        assert "Multiply." in box
        assert "Working: see page 5." in box
        assert "1.1 (page 2)" in end
        product, total = values["a"] * values["b"], values["a"] + values["b"]  # type: ignore[operator]
        assert f"= {product + 1}" in box  # the rubric's, and the others beside it
        assert f"= {product + 6}" in box
        assert "The sum is taken" in end
        assert end.count(f"= {product + 6}") == 1
        assert f"= {total}" in end
        assert f"The product of {values['a']} and the other." in end


def test_shared_pages_are_those_of_a_copy_by_itself(made: Made, tmp_path: Path) -> None:
    """The last page of questions is shipped once; what of it goes to the end does so in each."""
    producer = Producer(made.workshop, made.press, Forbidden(), tmp_path)
    for finished in made.finished:
        assert list(producer.produce([finished.copy])) == [finished]
    composed = [made.workshop.compose(it.code, made.workshop.solutions(it)) for it in made.copies]
    contributed = [
        (it.given.code, made.workshop.contributed(made.press.key, it)) for it in composed
    ]
    source = chunk_source(contributed, made.press.plan, made.press.key.varying)
    whole = f"\\begin{{document}}\n{source}\\end{{document}}\n"
    pages = dict(shipped_pages(run(made.press.key.format, whole, tmp_path)))
    assert pages["E0001"] == ((2, 0), (3, 1), (5, 2))
    assert pages["E0002"] == ((2, 3), (3, 1), (5, 4))


def test_a_question_that_never_varies_says_so_too(made: Made) -> None:
    for key in made.keys:
        assert "Also accepted, common mistakes: see page 5." in said(key[2])
        assert "Because." in said(key[2])
        assert "A proof of <50 % & more" in said(key[4])
        assert "No reason_at all" in said(key[4])
        assert "From $5 to $10 it is α1 ≤ 2." in said(key[4])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("The sum is taken", "The sun is taken"),
        (r"\Mistake{0}{Something", r"\Mistake{0.5}{Something"),
        ("Multiply.", "Divide."),
        (r"\Worked{", r"\Worked{1 "),
        ("other", "another"),
    ],
)
def test_what_is_wrong_at_the_end_is_found(made: Made, before: str, after: str) -> None:
    assert wrong(made, {}) == []
    found = wrong(made, {before: after})
    assert found, f"{before} is nowhere"
    assert all("key of E0001, page" in it for it in found)


def test_a_reference_to_another_page_is_found(made: Made) -> None:
    moved = (Moved("1.1", 3, 6), Moved("1.2", 2, 5))
    assert "Working:seepage6.', and it says" in " ".join(wrong(made, {}, Overflow(1, moved)))


def wrong(made: Made, changed: dict[str, str], overflow: Overflow | None = None) -> list[str]:
    """What is wrong with the first key if the record had said something else."""
    composed = made.workshop.compose("E0001", made.workshop.solutions(made.copies[0]))
    blocks = {**composed.paper, **composed.key}
    for before, after in changed.items():
        blocks = {name: text.replace(before, after) for name, text in blocks.items()}
    overflow = overflow or Overflow(1, (Moved("1.1", 3, 5), Moved("1.2", 2, 5)))
    plan = made.press.plan
    expected = expect_key(expect(made.exam, composed.given, plan), blocks, plan, overflow)
    return check_key(expected, made.keys[0], "probe-1", "E0001", 5, made.copies[0].mark)


def test_what_is_longer_than_a_page_goes_on(tmp_path: Path) -> None:
    steps = "\n".join(f"      z{number}: a*b + {number}" for number in range(1, 71))
    long = NUMBERS.replace(STEPS, steps).replace("space: 16 mm", "space: 140 mm")
    made = Made(bank(tmp_path / "bank", long + FILL), tmp_path, 1)
    assert len(made.keys[0]) == 6
    assert "Working: see page 5." in said(made.keys[0][1])


def test_what_must_be_in_a_box_must_fit(tmp_path: Path) -> None:
    exam = bank(tmp_path / "bank", NUMBERS.replace("space: 16 mm", "space: 6 mm") + FILL)
    with pytest.raises(InputError, match=r"problem-1.yaml:\d+: 1.1: what must be in the box of 1"):
        prepare_press(exam, tmp_path / "cache", 2)


@pytest.fixture(scope="module")
def roomy(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("roomy")
    high = f'{STEPS}\n      l: "[a/1000, b/2, a/4]"'
    parts = NUMBERS.replace(STEPS, high).replace("space: 16 mm", "space: 110 mm") + FILL
    return Made(bank(folder / "bank", parts), folder, 1)


def test_where_there_is_room_all_is_in_the_box(roomy: Made) -> None:
    assert len(roomy.keys[0]) == 4
    box = said(roomy.keys[0][1])
    assert box.index("Also accepted") < box.index("Common mistakes")
    assert "see page" not in box


def test_rows_with_fractions_keep_their_distance(roomy: Made) -> None:
    page = pypdfium2.PdfDocument(roomy.pdf)[1].get_textpage()
    text = page.get_text_range()
    place = text.index("1000", text.index("l ="))
    below = text.index("b", place)
    bottom = min(page.get_charbox(place + index)[1] for index in range(4))
    assert bottom - page.get_charbox(below)[3] > 1.5


def test_copies_are_told_apart() -> None:
    notes: list[Sequence[str]] = [
        ("COPY", "E0001"),
        ("OVER", "1.1", "3", "5"),
        ("OVER", "1.2", "2", "5"),
        ("OVERPAGES", "1"),
        ("COPY", "E0002"),
        ("COPY", "E0003"),
        ("OVER", "1.2", "2", "5"),
        ("OVERPAGES", "1"),
    ]
    first = Overflow(1, (Moved("1.1", 3, 5), Moved("1.2", 2, 5)))
    assert overflows(notes) == {
        "E0001": first,
        "E0003": replace(first, moved=first.moved[1:]),
    }


def test_pieces_of_an_answer() -> None:
    block = "\\Model{So \\{ $x_{1}$}\n\\Working{\\Worked{a}\n\\Worked{\\frac{1}{2}}}\n\\Rubric\nx"
    pieces = answer_pieces(block)
    assert [name for name, _ in pieces] == ["Model", "Working", "Rubric"]
    assert [it.strip() for it in paragraphs(pieces[1][1])] == [
        "\\Worked{a}",
        r"\Worked{\frac{1}{2}}",
    ]
    assert list(paragraphs("\\Model{One.\n\nTwo.}\n")) == ["One.", "Two."]
