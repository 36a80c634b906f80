r"""Numbers in \SI, \num and \ce: they are read back, where these packages are installed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pypdfium2
import pytest
from one_problem import HEAD, load_one, write_one

from generator import build
from generator.errors import ToolMissingError
from generator.typeset.preparation import prepare_press
from generator.typeset.toolchain import _is_found

PROBLEM = rf"""{HEAD}draw:
  - {{names: [a], from: 12, to: 96}}
  - {{names: [b], from: 1.5, to: 9.5, step: 0.5}}
reference: {{a: 25, b: 2.5}}
parts:
  - id: "1.1"
    points: 2
    space: 45 mm
    ask: |
      Drive at \SI{{<< a >>}}{{\kilo\metre\per\hour}} with
      \qty[per-mode=symbol]{{<< b >>}}{{\micro\farad\per\second}}, \num{{<< a >>e3}},
      \numrange{{2}}{{<< a >>}} and \ce{{<< a >> H2 + O2 -> 2 H2O}}; \numlist{{1;<< b >>;<< a >>}}.
    steps: {{z: a*b}}
    answer: That is \SI{{<< z >>}}{{\metre}}.
    rubric: [{{points: 2, step: z}}]
"""
PACKAGES = "packages: [siunitx, mhchem]\n"


def is_installed(file: str) -> bool:
    found = shutil.which("kpsewhich")
    if found is None:
        return False
    return subprocess.run([found, file], capture_output=True, check=False).returncode == 0


def test_a_bank_without_its_package_is_refused_at_its_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    exam = load_one(tmp_path, PROBLEM, PACKAGES)
    (tmp_path / "kpsewhich").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "kpsewhich").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    _is_found.cache_clear()
    with pytest.raises(ToolMissingError) as caught:
        prepare_press(exam, tmp_path)
    _is_found.cache_clear()
    line = exam.source.splitlines().index(PACKAGES.strip()) + 1
    assert f"exam.yaml:{line}: packages: TeX (mhchem.sty, siunitx.sty)" in str(caught.value)
    assert caught.value.advice.endswith("--no-install-recommends texlive-science")


@pytest.mark.skipif(
    not (is_installed("siunitx.sty") and is_installed("mhchem.sty")),
    reason="apt-get install texlive-science brings siunitx and mhchem",
)
@pytest.mark.parametrize("language", ["en", "de"])
def test_drawn_numbers_stand_in_quantities(language: str, tmp_path: Path) -> None:
    file = write_one(tmp_path, PROBLEM, f"{PACKAGES}language: {language}\n")
    roster = tmp_path / "roster.csv"
    roster.write_text("registration_number,name,first_name\n03712041,Nguyen,Anh\n")
    build(file, roster, tmp_path / "out", jobs=1)
    for data in (tmp_path / "out").glob("*/correctors/keys/*.json"):
        (part,) = json.loads(data.read_text())["problems"][0]["parts"]
        a, b = part["given"]["a"], part["given"]["b"]
        b = b.replace(".", ",") if language == "de" else b
        page = pypdfium2.PdfDocument(data.with_suffix(".pdf"))[1].get_textpage()
        said = re.sub(r"\s", "", page.get_text_range())
        for piece in (f"{a}kmh", f"{b}µF/s", f"{a}×103", f"{a}H2+O2"):
            assert piece in said.replace("\N{GREEK SMALL LETTER MU}", "µ"), piece
