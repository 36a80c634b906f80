"""The example exams in German: their answers by other means, their pages in German."""

from __future__ import annotations

import json
import math
import statistics
import subprocess
from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pytest
from example_build import build_example
from scipy import stats
from shipped import ROOT, dice, reference_solutions

from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam
from generator.draw.draw import draw_problem
from generator.solve.solve import Solution, solve_problem

EXAMPLES = ROOT / "bank" / "examples"
NAMES = ("statistics-de", "school-maths-de")
COPIES = 60

Numbers = Mapping[str, Any]


def load_example(name: str) -> Exam:
    return load_exam(EXAMPLES / name / "exam.yaml", ROOT / "latex" / "figures")


@pytest.fixture(scope="module", params=NAMES)
def example(request: pytest.FixtureRequest) -> Exam:
    return load_example(request.param)


def solutions(exam: Exam, problem_id: str) -> Iterator[Solution]:
    """The reference copy and many others."""
    yield reference_solutions(exam)[problem_id]
    (problem,) = [it for it in exam.problems if it.id == problem_id]
    for number in range(COPIES):
        draw = draw_problem(problem, dice(exam, f"E{number:04d}", problem.id))
        yield solve_problem(problem, draw)


def answers(solution: Solution) -> dict[str, str]:
    return {name: str(it) for part in solution.answers.values() for name, it in part.items()}


def rounded(value: float, decimals: int) -> str:
    """As one rounds at school; what floats are off by is taken away before."""
    exactly = Decimal(f"{value:.9f}")
    return str(exactly.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


# --- statistics, by Python's statistics and SciPy -------------------------------------------------


def location(given: Mapping[str, Any]) -> dict[str, str]:
    data = [int(member) for member in given["zeiten"]]
    variance = rounded(statistics.variance(map(float, data)), 2)
    return {
        "mittel": f"{statistics.mean(data):g}",
        "med": f"{statistics.median(data):g}",
        "varianz": variance,
        "abw": rounded(math.sqrt(float(variance)), 2),
    }


def binomial(given: Numbers) -> dict[str, str]:
    count, share, successes = int(given["n"]), float(given["p"]), int(given["k"])
    law = stats.binom(count, share)
    return {
        "genau": rounded(law.pmf(successes), 4),
        "mindestens": rounded(law.sf(0), 4),
        "erwartung": f"{law.mean():g}",
        "streuung": rounded(law.std(), 2),
    }


def contingency(given: Numbers) -> dict[str, str]:
    table = [[int(given["a"]), int(given["b"])], [int(given["c"]), int(given["d"])]]
    found = stats.chi2_contingency(table, correction=False)
    critical = stats.chi2.ppf(0.95, 1)
    return {
        "erwartet": rounded(found.expected_freq[0][0], 2),
        "chi": rounded(found.statistic, 2),
        "abgelehnt": "ja" if found.statistic > critical else "nein",
    }


def regression(given: Numbers) -> dict[str, str]:
    line = stats.linregress(range(1, 6), [float(given[f"y{number}"]) for number in range(1, 6)])
    forecast = line.intercept + line.slope * float(given["neu"])
    found = {"steigung": line.slope, "achse": line.intercept, "prognose": forecast}
    return {name: f"{round(value, 6) + 0:g}" for name, value in found.items()}


# --- school maths, by hand ------------------------------------------------------------------------


def fractions(given: Numbers) -> dict[str, str]:
    total = given["a"] / given["b"] + given["c"] / given["d"]
    rest = 1 - 1 / given["u"] - 1 / given["w"]
    return {
        "summe": str(total),
        "gemischt": str(total),
        "produkt": str(given["k"] * given["a"] / given["b"]),
        "rest": str(rest),
        "kinder": str(given["klasse"] * rest),
    }


def terms(given: Numbers) -> dict[str, str]:
    # The term is taken at two places: what it is a multiple of, and what is left.
    def term(y: int) -> F:
        return 5 * y + given["p"] * y + given["q"] + y + given["r"]

    (solution,) = [x for x in range(-100, 101) if given["m"] * x + given["n"] == given["rechts"]]
    return {"vorfaktor": str(term(1) - term(0)), "zahl": str(term(0)), "loesung": str(solution)}


def time_and_money(given: Numbers) -> dict[str, str]:
    minutes = int(given["h"] * 60 + given["mi"] + given["dauer"])
    cents = int(100 * (given["hefte"] * given["heft"] + given["stifte"] * given["stift"]))
    return {
        "stunde": str(minutes // 60),
        "minute": str(minutes % 60),
        "summe_geld": f"{cents // 100}.{cents % 100:02d}",
        "zurueck": f"{(5000 - cents) // 100}.{(5000 - cents) % 100:02d}",
    }


def percent(given: Numbers) -> dict[str, str]:
    cents = given["preis"] * 100 - given["preis"] * 100 * given["rabatt"]
    assert cents.denominator == 1
    return {
        "neupreis": f"{int(cents) // 100}.{int(cents) % 100:02d}",
        "anteil": f"{float(given['davon'] / given['alle']):g}",
    }


CHECKS: dict[tuple[str, str], Callable[[Numbers], dict[str, str]]] = {
    ("statistics-de", "1"): location,
    ("statistics-de", "2"): binomial,
    ("statistics-de", "3"): contingency,
    ("statistics-de", "4"): regression,
    ("school-maths-de", "1"): fractions,
    ("school-maths-de", "2"): terms,
    ("school-maths-de", "3"): time_and_money,
    ("school-maths-de", "4"): percent,
}


@pytest.mark.parametrize(("name", "problem"), CHECKS)
def test_answers_are_confirmed_by_other_means(name: str, problem: str) -> None:
    for solution in solutions(load_example(name), problem):
        given: Any = solution.draw.values
        assert answers(solution) == CHECKS[name, problem](given), given


def test_every_computed_answer_is_checked(example: Exam) -> None:
    checked = {number for name, number in CHECKS if load_example(name).id == example.id}
    assert checked == {it.id for it in example.problems if not it.choice}


def test_what_follows_from_substitute_values() -> None:
    for solution in solutions(load_example("statistics-de"), "4"):
        given: Any = solution.draw.values
        expected = given["fallback_achse"] + given["fallback_steigung"] * given["neu"]
        assert F(str(solution.fallback_answers["4.2"]["prognose"])) == expected


@pytest.mark.slow
def test_pages_are_german(example: Exam, tmp_path: Path) -> None:
    roster = "Matrikelnummer;Nachname;Vorname\n03712041;Nguyễn;Thị Ánh\n"
    folder = build_example(Path(example.file).parent, tmp_path, roster)
    assert folder.name == example.id
    for pdf in (*folder.glob("print-shop/papers/*.pdf"), *folder.glob("correctors/keys/*.pdf")):
        said = subprocess.run(
            ["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True
        ).stdout
        assert f"Seite 1 von {example.pages}" in said
        assert "Punkte" in said
        for word in ("Problem", "credits", "Page", "Examiner", "otherwise"):
            assert word not in said.split()
    (key, *_) = folder.glob("correctors/keys/*.json")
    assert json.loads(key.read_text())["language"] == "de"
    ticket = json.loads((folder / "print-shop" / "job-ticket.json").read_text())
    assert ticket["color"] == "nur schwarz"
    assert "Was auffällt" in (folder / "examiner" / "report.html").read_text()
