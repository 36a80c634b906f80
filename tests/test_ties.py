"""Ties: away from zero, as one learns at school, unless the exam or a step says otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
from one_problem import load_one, one_part
from shipped import reference_solutions

from generator.errors import InputError

DRAW = "[{names: [price, pa, pb], one_of: [2.45, 0.15, 0.41]}]"
REFERENCE = "{price: 2.45, pa: 0.15, pb: 0.41}"
ASK = "<< price >>, << pa >>, << pb >>"
STEPS = "{either: {is: pa + pb - pa*pb, significant: 3 %s}, half: {is: price/2, decimals: 2}}"


@pytest.mark.parametrize(
    ("exam", "step", "expected"),
    [
        ("", "", {"half": "1.23", "either": "0.499"}),
        ("ties: half_even\n", "", {"half": "1.22", "either": "0.498"}),
        ("", ", ties: half_even", {"half": "1.23", "either": "0.498"}),
        ("ties: half_even\n", ", ties: half_up", {"half": "1.22", "either": "0.499"}),
    ],
)
def test_ties_go_where_the_exam_or_the_step_says(
    tmp_path: Path, exam: str, step: str, expected: dict[str, str]
) -> None:
    loaded = load_one(tmp_path, one_part(DRAW, REFERENCE, ASK, STEPS % step), exam)
    assert reference_solutions(loaded)["1"].answers["1.1"] == expected


def test_other_words_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected half_up or half_even, got 'up'"):
        load_one(tmp_path, one_part(DRAW, REFERENCE, ASK, STEPS % ""), "ties: up\n")
