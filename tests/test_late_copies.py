"""Papers are printed when somebody comes late: a draw that cannot be made is no reason to wait."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from one_problem import one_part, write_one

from generator.bank.read.exam_file import load_exam
from generator.errors import CopyError, InputError
from generator.files.program import FIGURES
from generator.pipeline.build import build_exam
from generator.pipeline.made_of import sources_of
from generator.pipeline.other_batches import other_batches
from generator.pipeline.proofread import Proofreader
from generator.record.batch import open_batch
from generator.record.copy import Copy

ROSTER = "registration_number,last_name,first_name\n03700001,Adler,Ida\n"
LATE = "03700002,Berg,Jo\n"
BANK = one_part("[{names: [n], from: 2, to: 900}]", "{n: 25}", "Double << n >>.", "{z: 2*n}")


def epochs(folder: Path) -> dict[str, int]:
    with open_batch(folder) as batch:
        return {code: batch.copy(code).problems["1"].draw.epoch for code in batch.codes()}


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
    # Another id begins another batch, which is said; a list without a recorded value is refused.
    (said,) = other_batches(out / "one-2", sources_of(load_exam(exam, FIGURES)), exam.name)
    assert f"{out / 'one-1'} has copies of the same problems (2)" in said
    assert not list(other_batches(out / "one-2", {"bank/problem-1.yaml": b""}, exam.name))
    write_one(tmp_path, BANK.replace("from: 2, to: 900", "one_of: [1, 25]"))
    with pytest.raises(InputError, match=r"problem-1.yaml:5:\d+: problem 1: n = \d+ is not in its"):
        build_exam(exam, roster, out, jobs=1)
    assert re.search(r"late copies that were drawn once more.*E0002", str(built))
