"""Planted faults: what TeX is given differs from the record in one place, and verify finds it.

Each fault has a copy of its own. Values are changed in one digit, dropped, made negative, and
exchanged with another value of the same text; options, reasons and steps are exchanged.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import pytest
from probe_bank import probe
from shipped import SECRET, find

from generator.bank.exam import Exam
from generator.errors import CopyError
from generator.files.program import LATEX
from generator.pipeline.worker import Producer
from generator.pipeline.workshop import Composed, Workshop
from generator.record.ledger import Copy, Holder
from generator.typeset.preparation import prepare_press
from generator.typeset.press import Side
from generator.verify.leaks import forbid

Plant = Callable[[str], str]
"""Changes the TeX of a block; the same where there is nothing to change."""

VALUE = re.compile(r"\\ensuremath\{(-?)(\d+)([\d.]*)\}")
RESULT = re.compile(r"(= -?|\\approx -?)(\d+)([\d.]*)(?=\$|\\,)")
CHUNK = 100
PLANTED = 200
"""At least so many faults are planted in the exam."""


def altered(pattern: re.Pattern[str], index: int) -> Plant:
    """Another first digit of one of the values."""

    def plant(tex: str) -> str:
        found = list(pattern.finditer(tex))
        if index >= len(found):
            return tex
        start = found[index].start(2)
        return tex[:start] + str((int(tex[start]) + 4) % 9 + 1) + tex[start + 1 :]

    return plant


def longer(tex: str) -> str:
    """A digit more at the end of the last value."""
    found = list(VALUE.finditer(tex))
    return f"{tex[: found[-1].end(3)]}7{tex[found[-1].end(3) :]}" if found else tex


def negative(tex: str) -> str:
    """The other sign of the first value."""
    return VALUE.sub(
        lambda it: rf"\ensuremath{{{'' if it[1] else '-'}{it[2]}{it[3]}}}", tex, count=1
    )


def dropped(tex: str) -> str:
    """Without the last value."""
    found = list(VALUE.finditer(tex))
    return tex[: found[-1].start()] + tex[found[-1].end() :] if found else tex


def swapped(tex: str) -> str:
    """The first two values that differ change places."""
    found = list(VALUE.finditer(tex))
    for first, second in pairwise(found):
        if first[0] != second[0]:
            between = tex[first.end() : second.start()]
            return tex[: first.start()] + second[0] + between + first[0] + tex[second.end() :]
    return tex


PLANTS: Mapping[str, Plant] = {
    **{f"value {index} altered": altered(VALUE, index) for index in range(8)},
    **{f"result {index} altered": altered(RESULT, index) for index in range(4)},
    "last value longer": longer,
    "sign changed": negative,
    "last value dropped": dropped,
    "values swapped": swapped,
}


class Planter(Workshop):
    """A workshop that gives TeX other blocks than it says.

    Attributes:
        planted: Copy code to the block and the fault.
    """

    def __init__(self, exam: Exam) -> None:
        super().__init__(exam, SECRET, 4)
        self.planted: dict[str, tuple[str, str]] = {}
        self.changes: dict[str, dict[str, str]] = {}

    def plant(self, copy: Copy, pairs: Iterator[tuple[str, str]]) -> bool:
        """Plants the next fault that there is something to change for; False after the last."""
        composed = self.compose(copy.code, self.solutions(copy))
        blocks = {**composed.paper, **composed.key}
        for block, fault in pairs:
            changed = change(blocks, block, fault, self.exam)
            if any(blocks[name] != tex for name, tex in changed.items()):
                self.planted[copy.code] = block, fault
                self.changes[copy.code] = changed
                return True
        return False

    def contributed(self, side: Side, composed: Composed) -> dict[str, str]:
        blocks = super().contributed(side, composed)
        changes = self.changes[composed.given.code]
        return {name: changes.get(name, tex) for name, tex in blocks.items()}


def change(blocks: Mapping[str, str], block: str, fault: str, exam: Exam) -> dict[str, str]:
    """The blocks that a fault changes."""
    if fault == "verdict turned":
        other = {"\\Right": "\\Wrong", "\\Wrong": "\\Right"}
        return {block: other[blocks[block][:6]] + blocks[block][6:]}
    if fault == "another text":
        return {block: with_another_text(exam, block, blocks[block])}
    if fault != "exchanged":
        return {block: PLANTS[fault](blocks[block])}
    group, _, number = block.rpartition("/")
    other = f"{group}/{int(number) % 2 + 1}"
    verdict = re.compile(r"\\(Right|Wrong)")
    own, others = blocks[block], blocks[other]
    if found := verdict.match(own):  # the reason, not the cross
        return {block: verdict.sub(found[0].replace("\\", r"\\"), others, count=1)}
    return {block: others, other: own}


def with_another_text(exam: Exam, block: str, tex: str) -> str:
    """Another member of the list of the first drawn text of a block."""
    problem = find(exam, re.split("[./]", block)[0])
    for group in problem.variables.values():
        for member in group.members:
            if isinstance(member, str) and member in tex:
                return tex.replace(member, str(next(it for it in group.members if it != member)))
    return tex


def faults(workshop: Workshop) -> Iterator[tuple[str, str]]:
    """Each block that copies contribute with each fault."""
    for block in sorted(workshop.varying):
        if block.rpartition("/")[2].isdigit():
            yield block, "exchanged"
        yield block, "another text"
        if "/key/" in block:
            yield block, "verdict turned"
        for fault in PLANTS:
            yield block, fault


@pytest.mark.slow
def test_planted_faults_are_all_found(
    exam: Exam, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    press = prepare_press(exam, tmp_path_factory.mktemp("cache"), 2)
    planter = Planter(exam)
    pairs = faults(planter)
    copies = []
    while True:
        copy = planter.register(
            Copy(f"E{len(copies) + 1:04d}", Holder(None, len(copies) + 1)), ()
        ).copy
        if not planter.plant(copy, pairs):
            break
        copies.append(copy)
    producer = Producer(planter, press, forbid(exam, ()), tmp_path)
    passed = [
        copy
        for start in range(0, len(copies), CHUNK)
        for copy in unnoticed(producer, copies[start : start + CHUNK])
    ]
    assert len(copies) >= PLANTED
    assert [planter.planted[code] for code in passed] == []
    hit = {re.split("[./]", block)[0] for block, _ in planter.planted.values()}
    assert hit >= {problem.id for problem in exam.problems if problem.variables}


def unnoticed(producer: Producer, copies: list[Copy]) -> list[str]:
    """The codes of the copies that pass."""
    passed: list[str] = []
    with pytest.raises(CopyError):
        passed.extend(produced.copy.code for produced in producer.produce(copies))
    return passed


CHOICE = """\
id: "1"
title: Choice
points: 2
kind: choice
parts:
  - id: "1.1"
    points: 2
    ask: Which of them are prime?
    options:
      - {correct: true, say: "2", why: "It is."}
      - {correct: false, say: "4", why: "2 times 2."}
      - {correct: true, say: "7", why: "It is."}
      - {correct: false, say: "9", why: "3 times 3."}
"""


@pytest.mark.slow
def test_a_class_that_turns_verdicts_is_found(tmp_path: Path) -> None:
    small = probe(tmp_path / "bank", CHOICE)
    latex = tmp_path / "latex"
    shutil.copytree(LATEX, latex)
    copy = Workshop(small, SECRET, 4).register(Copy("E0001", Holder(None, 1)), ()).copy

    def messages() -> list[str]:
        press = prepare_press(small, tmp_path / f"cache-{len(list(tmp_path.iterdir()))}", 2, latex)
        producer = Producer(Workshop(small, SECRET, 4), press, forbid(small, ()), tmp_path)
        try:
            list(producer.produce([copy]))
        except CopyError as error:
            return list(error.messages)
        return []

    assert messages() == []
    style = latex / "variantexam.cls"
    text = style.read_text("utf-8")
    for old, new in (("Right", "Turned"), ("Wrong", "Right"), ("Turned", "Wrong")):
        assert text.count(rf"\newcommand\{old}") == 1
        text = text.replace(rf"\newcommand\{old}", rf"\newcommand\{new}")
    style.write_text(text, "utf-8")
    turned = messages()
    assert len(turned) == 4
    assert all("has a cross, but is wrong" in it or "has no cross" in it for it in turned)
