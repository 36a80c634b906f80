"""The example of physics: its answers by other means, its circuit and its curve as read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from example_build import build_example, built_copies
from scipy import constants
from shipped import ROOT
from test_examples import EXAMPLES, answers, solutions

from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam

Numbers = Mapping[str, Any]
FILE = EXAMPLES / "physics" / "exam.yaml"


@pytest.fixture(scope="module", name="physics")
def _physics() -> Exam:
    return load_exam(FILE, ROOT / "latex" / "figures")


def units(given: Numbers) -> dict[str, float]:
    speed = float(given["v"]) * constants.kmh
    charge = float(given["I"]) * constants.milli * float(given["t"]) * constants.minute
    return {
        "metres_per_second": speed,
        # From energy: the work of the brakes is the kinetic energy.
        "braking": 0.5 * speed**2 / float(given["a"]),
        "Q": charge,
        "N": charge / 1.602e-19,
    }


def circuit(given: Numbers) -> dict[str, float]:
    """By Kirchhoff's rules: currents in R1, R2, R3 in mA."""
    voltage, first, second, third = (float(given[name]) for name in ("U", "R1", "R2", "R3"))
    rules = [[1, -1, -1], [first, second, 0], [0, second, -third]]
    current, in_second, _ = np.linalg.solve(rules, [0, voltage, 0])
    return {
        "R23": in_second * second / current,
        "I": current,
        "U2": in_second * second,
        "P1": current**2 * first,
    }


def oscillation(given: Numbers) -> dict[str, float]:
    """By the roots of m λ² + d λ + k."""
    mass, friction, spring = (float(given[name]) for name in ("m", "d", "k"))
    one, other = np.roots([mass, friction, spring])
    return {
        "delta": float(-(one + other).real / 2),
        "omega2": float((one * other).real),
        "f": 1 / float(given["T"]),
    }


def torque(given: Numbers) -> dict[str, float]:
    """By the matrix of the vector product."""
    x, y, z = (float(given[f"r{axis}"]) for axis in "xyz")
    vector = [float(given[f"F{axis}"]) for axis in "xyz"]
    found = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]]) @ vector
    return {
        "size": float(np.linalg.norm(found)),
        **{"xyz"[at]: float(found[at]) for at in (0, 1, 2)},
    }


CHECKS: dict[str, Callable[[Numbers], dict[str, float]]] = {
    "1": units,
    "2": circuit,
    "3": oscillation,
    "4": torque,
}
TOLERANCE = {"R23": 0.005, "I": 0.01, "U2": 0.015, "P1": 0.02, "N": 0.005, "braking": 0.02}
"""Relative: what is rounded, and goes on rounded."""


@pytest.mark.parametrize("problem", CHECKS)
def test_answers_are_confirmed_by_other_means(problem: str, physics: Exam) -> None:
    for solution in solutions(physics, problem):
        given: Any = solution.draw.values
        wanted = CHECKS[problem](given)
        found = answers(solution)
        for name in found.keys() & wanted.keys():
            tolerance = TOLERANCE.get(name, 1e-9 if name != "size" else 0.006)
            assert float(F(found[name])) == pytest.approx(wanted[name], rel=tolerance), given


def test_the_case_is_that_of_the_roots(physics: Exam) -> None:
    seen = set()
    for solution in solutions(physics, "3"):
        given: Any = solution.draw.values
        mass, friction, spring = (F(given[name]) for name in ("m", "d", "k"))
        discriminant = friction**2 - 4 * mass * spring
        case = "underdamped" if discriminant < 0 else "overdamped"
        case = case if discriminant else "critically damped"
        assert answers(solution)["kind_of_motion"] == case
        seen.add(case)
    assert len(seen) == 3


def test_the_vector_is_the_product(physics: Exam) -> None:
    for solution in solutions(physics, "4"):
        found: Any = solution.answers["4.1"]["torque"]
        wanted = torque(dict(solution.draw.values))
        assert [float(F(str(it))) for it in found] == [wanted[axis] for axis in "xyz"]


def test_papers_ask_and_keys_answer(tmp_path: Path) -> None:
    for copy in built_copies(build_example(FILE.parent, tmp_path)):
        for pages in (copy.paper, copy.key):
            titles = ("Working instructions", "Units", "A circuit", "Damped", "A torque")
            assert all(title in page for title, page in zip(titles, pages, strict=False))
            given = copy.problems[1]["parts"][0]["given"]
            said = pages[2].replace(" ", "").replace("\N{OHM SIGN}", "Ω")
            # The values stand in the circuit, above the first question.
            circuit = said[: said.index("2.1")]
            for name, unit in (("U", "V"), ("R1", "kΩ"), ("R2", "kΩ"), ("R3", "kΩ")):
                assert f"{given[name]}{unit}" in circuit
            assert "in cm" in pages[3]
        # What the curve begins with is to be read off, and is not printed on the paper.
        begins = f"{copy.problems[2]['parts'][1]['given']['s0']} cm"
        assert begins in copy.key[3]
        assert begins not in copy.paper[3]
        found = copy.problems[0]["parts"][1]["answers"]["N"]
        digits, power = f"{float(found):.2e}".split("e+")
        assert f"{digits}·10{power}" in re.sub(r"\s", "", copy.key[1]).replace("⋅", "·")
