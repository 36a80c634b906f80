"""Papers are printed when somebody comes late: a draw that cannot be made is no reason to wait."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from one_problem import one_part, write_one

from generator.bank.exam import Exam
from generator.bank.problem import Problem
from generator.bank.read.exam_file import load_exam
from generator.errors import Complaint, CopyError, InputError
from generator.files.program import FIGURES
from generator.pipeline import cards
from generator.pipeline.build import build_exam
from generator.pipeline.made_of import sources_of
from generator.pipeline.other_batches import other_batches
from generator.pipeline.proofread import Proofreader
from generator.pipeline.sheet_maker import KeptCard, _missing
from generator.record import record
from generator.record.batch import open_batch
from generator.record.copy import Copy
from generator.solve.solve import Solution

ROSTER = "registration_number,last_name,first_name\n03700001,Adler,Ida\n"
LATE = "03700002,Berg,Jo\n"
LATER = "03700003,Cern,Di\n"
BANK = one_part("[{names: [n], from: 2, to: 900}]", "{n: 25}", "Double << n >>.", "{z: 2*n}")


def epochs(folder: Path) -> dict[str, int]:
    with open_batch(folder) as batch:
        return {code: batch.copy(code).problems["1"].draw.epoch for code in batch.codes()}


def fail_cards(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """The card of a copy is not as it should be while the copy has its second draw."""
    checks = cards.check_card

    def check(exam: Exam, copy: Copy, *rest: Any) -> list[str]:
        is_faulty = copy.code == code and copy.problems["1"].draw.epoch == 1
        return [f"card of {code}: a fault"] if is_faulty else checks(exam, copy, *rest)

    monkeypatch.setattr(cards, "check_card", check)


def fail_promises(monkeypatch: pytest.MonkeyPatch) -> None:
    """No first draw holds what check promises."""

    def refuse(problem: Problem, solution: Solution) -> None:
        if solution.draw.epoch == 0:
            raise InputError([Complaint(problem.file, 5, 0, "problem 1", "a promise is broken")])

    monkeypatch.setattr(record, "refuse_broken", refuse)


@pytest.mark.slow
def test_the_next_draw_of_a_late_copy_may_be_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank = BANK.replace("from: 2, to: 900", "one_of: [25]")
    exam, roster, out = write_one(tmp_path, bank), tmp_path / "roster.csv", tmp_path / "out"
    roster.write_text(ROSTER, "utf-8")
    build_exam(exam, roster, out, jobs=1)
    reads = Proofreader.wrong

    def wrong(self: Proofreader, copy: Copy, *rest: object) -> list[str]:
        found = reads(self, copy, *rest)  # type: ignore[arg-type]
        return found if copy.problems["1"].draw.epoch else [f"{copy.code}, page 2: 1.1: a fault"]

    monkeypatch.setattr(Proofreader, "wrong", wrong)
    roster.write_text(ROSTER + LATE, "utf-8")
    built = build_exam(exam, roster, out, jobs=1)
    assert epochs(built.folder) == {"E0001": 0, "E0002": 1}
    assert (built.folder / "print-shop/papers/E0002.pdf").is_file()


@pytest.mark.slow
def test_a_late_copy_that_cannot_be_made_is_drawn_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exam, roster, out = write_one(tmp_path, BANK), tmp_path / "roster.csv", tmp_path / "out"
    failing: dict[str, int] = {"E0001": 0}
    reads = Proofreader.wrong

    def wrong(self: Proofreader, copy: Copy, *rest: object) -> list[str]:
        is_faulty = copy.problems["1"].draw.epoch == failing.get(copy.code)
        found = reads(self, copy, *rest)  # type: ignore[arg-type]
        return [f"{copy.code}, page 2: 1.1: a fault"] if is_faulty else found

    monkeypatch.setattr(Proofreader, "wrong", wrong)
    roster.write_text(ROSTER, "utf-8")
    with pytest.raises(CopyError, match=r"problem-1.yaml:\d+: 1.1: E0001, page 2: 1.1: a fault"):
        build_exam(exam, roster, out, jobs=1)  # nothing is printed yet: the bank is to be mended
    failing.clear()
    build_exam(exam, roster, out, jobs=1)
    roster.write_text(ROSTER + LATE, "utf-8")
    failing["E0002"] = 0
    built = build_exam(exam, roster, out, jobs=1)
    assert epochs(built.folder) == {"E0001": 0, "E0002": 1}
    monkeypatch.setattr(Proofreader, "wrong", reads)
    roster.write_text(ROSTER + LATE + LATER, "utf-8")
    fail_cards(monkeypatch, "E0003")  # what cannot be drawn, and a card that is not right
    fail_promises(monkeypatch)
    built = build_exam(exam, roster, out, jobs=1)
    assert epochs(built.folder) == {"E0001": 0, "E0002": 1, "E0003": 2}
    assert all((built.folder / f"correctors/cards/E000{it}.pdf").is_file() for it in (1, 2, 3))
    # Another id begins another batch, which is said; a list without a recorded value is refused.
    (said,) = other_batches(out / "one-2", sources_of(load_exam(exam, FIGURES)), exam.name)
    assert f"{out / 'one-1'} has copies of the same problems (3)" in said
    assert not list(other_batches(out / "one-2", {"bank/problem-1.yaml": b""}, exam.name))
    write_one(tmp_path, BANK.replace("from: 2, to: 900", "one_of: [1, 25]"))
    with pytest.raises(InputError, match=r"problem-1.yaml:5:\d+: problem 1: n = \d+ is not in its"):
        build_exam(exam, roster, out, jobs=1)
    assert re.search(r"draw cannot be made: 1 \(E0003\)", str(built))


def test_of_many_cards_the_one_that_fails_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    copies = [Copy(f"E{number:04}") for number in range(1, 101)]
    tried: list[int] = []

    def make(self: cards.CardMaker, some: list[Copy]) -> list[KeptCard]:
        tried.append(len(some))
        if any(copy.code in {"E0070", "E0003"} for copy in some):
            raise CopyError("TeX made no pages")
        return []

    monkeypatch.setattr(cards.CardMaker, "_make", make)
    with pytest.raises(CopyError) as caught:
        object.__new__(cards.CardMaker).make(copies)
    assert set(caught.value.failed) == {"E0070", "E0003"}
    assert len(tried) < 30


def test_a_row_that_a_sheet_lacks_is_that_of_a_copy() -> None:
    rows = [("E0001", ["E0001-4", "1.5"]), ("E0002", ["E0002-7", "2"]), ("E0003", ["E0003-9"])]
    assert _missing(rows, "E0001-4 1.5 E0002-7 2 E0003-9") is None
    assert _missing(rows, "E0001-4 1.5 E0002-7 3 E0003-9") == ("E0002", "2")
