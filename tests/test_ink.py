"""Text that can be read and not be seen is found on the covering sample."""

from __future__ import annotations

from pathlib import Path

import pytest
from probe_bank import EXAM, question, write_probe

from generator.commands.check import check_exam
from generator.errors import Complaint

ROSTER = "registration_number,name,first_name\n03700001,Adler,Ada\n"


HIDDEN = {
    r"\textcolor{white}{Weiß} and": "'Weiß' cannot be seen",
    r"\rlap{ÄÖÜßé}ÉÈñÆø,": "is printed over other text",
    r"\hspace*{-60mm}\mbox{Fern ab} of": "is outside of the page",
    r"\rlap{Größe}\rule[-1mm]{20mm}{6mm}": "cannot be seen: it is as pale as what is around it",
    r"\textcolor{white}{+ ; ?}": "'+;?' cannot be seen",
}
SEEN = (
    r"the first fluffy office, $a \ne b$, $x \not\in A$, $a\mapsto b$, $\hat{x} + \overline{ab}$,",
    r"$\sqrt[3]{a + \frac{1}{2}}$ naïve façade „Žižek“ ½ ≤ ≥ ∞ $\underbrace{a + b}_{n}$, \~n, \^o,",
    r"$\left(\begin{array}{c} 1 \\ 2 \\ 3\end{array}\right) \sum_{i=1}^n \int_0^1$ \underline{und}",
    r"\textcolor{red}{red} \fbox{framed} $\overrightarrow{AB}$ $\vec a$ $\dot x$ \texttt{a\_b}",
    r"$\displaystyle \sqrt[2.0]{\sum_{i=1}^{20} i^2} + \sqrt[2.0]{\sum_{i=1}^{20} i^2}$ and",
)


def found(folder: Path, texts: tuple[str, ...]) -> list[Complaint]:
    """What a check says of a bank with a question for each text."""
    first, *others = (question(f"{text} << a >>, << b >>.", space="12 mm") for text in texts)
    problem = first.replace("points: 2", f"points: {2 * len(texts)}", 1)
    for number, other in enumerate(others, 2):
        part = other[other.index("  - id: ") :].replace('"1.1"', f'"1.{number}"')
        problem += part.replace("z: a*b", f"z{number}: {number}*a*b").replace(
            "step: z", f"step: z{number}"
        )
    exam = EXAM.replace("credits: 2", f"credits: {2 * len(texts)}")
    exam_file = write_probe(folder / "bank", problem, exam)
    roster = folder / "roster.csv"
    roster.write_text(ROSTER)
    return list(check_exam(exam_file, roster, folder / "out", 60, 1).errors)


@pytest.mark.slow
def test_what_cannot_be_seen_is_found_at_its_line(tmp_path: Path) -> None:
    complaints = found(tmp_path, tuple(HIDDEN))
    lines = (tmp_path / "bank/problem-1.yaml").read_text("utf-8").splitlines()
    said = {lines[it.line - 1].strip(): it.message for it in complaints}
    for text, message in HIDDEN.items():
        (own,) = [it for line, it in said.items() if line.startswith(text)]
        assert message in own


@pytest.mark.slow
def test_what_can_be_seen_is_not(tmp_path: Path) -> None:
    assert found(tmp_path, SEEN) == []
