"""Text that can be read and not be seen is found on the covering sample."""

from __future__ import annotations

from pathlib import Path

import pytest
from probe_bank import question, write_probe

from generator.commands.check import check_exam

ROSTER = "registration_number,name,first_name\n03700001,Adler,Ada\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ask", "said"),
    [
        ("Add << a >> to << b >> and find the first fluffy office.", ""),
        (r"Add << a >> to << b >>. \textcolor{white}{Hidden}", "'Hidden' cannot be seen"),
        (r"\rlap{Overprinted}Underneath, add << a >> to << b >>.", "printed over other text"),
    ],
)
def test_ink(ask: str, said: str, tmp_path: Path) -> None:
    exam_file = write_probe(tmp_path / "bank", question(ask))
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTER)
    checked = check_exam(exam_file, roster, tmp_path / "out", 100, 1)
    found = " ".join(map(str, checked.errors))
    assert said in found
    assert bool(said) is bool(found)
    assert all(it.line for it in checked.errors)
