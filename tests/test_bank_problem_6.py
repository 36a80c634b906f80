"""Problem 6: its points, what its questions keep to themselves, and the activation by numbers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import permutations
from math import exp, tanh

import pytest
from plain_bank import admissible, part, problem, reference, rubric_complaints
from shipped import find, reference_solutions, solve_with

from generator.bank.exam import Exam
from generator.bank.kinds.open_question import OpenPart
from generator.solve.printed import shown

RATES = ("large", "good", "small")
FUNCTIONS: dict[str, Callable[[float], float]] = {
    "sigmoid": lambda x: 1 / (1 + exp(-x)),
    "tanh": tanh,
}


def answer(exam: Exam, identifier: str, **drawn: Fraction | str) -> str:
    """A model answer as the key prints it, in TeX."""
    six = find(exam, "6")
    solution = solve_with(six, **drawn) if drawn else reference_solutions(exam)["6"]
    (found,) = [it for it in six.parts if it.id == identifier]
    assert isinstance(found, OpenPart)
    return found.answer.render(shown(six, solution.values))


def test_points_are_those_of_the_exam_and_add_up() -> None:
    parts = problem(6)["parts"]
    assert [(p["id"], p["points"]) for p in parts] == [(f"6.{n}", "2") for n in range(1, 6)]
    assert problem(6)["points"] == "10"
    assert rubric_complaints(6) == []
    # Whole points only: the marking boxes say 0, 1, 2.
    assert all(item["points"] in {"1", "2"} for p in parts for item in p["rubric"])


def test_the_questions_name_no_activation_function() -> None:
    data = problem(6)
    for text in [data["intro"], *(p["ask"] for p in data["parts"])]:
        for word in ("sigmoid", "tanh", "hyperbolic", "<< function", "<< scale", "saturat", "relu"):
            assert word not in text.lower(), text


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("scale", [Fraction(1, 2), Fraction(1), Fraction(2)])
def test_the_slope_vanishes_at_the_edges_of_the_graph(function: str, scale: Fraction) -> None:
    # What 6.1 wants to be seen: by central differences, against the slope in the middle.
    def slope(x: float, step: float = 1e-4) -> float:
        phi = FUNCTIONS[function]
        factor = float(scale)
        return (phi(factor * (x + step)) - phi(factor * (x - step))) / (2 * step)

    for x in (-10, 10):
        assert 0 < slope(x) + 1e-12 < 0.03 * slope(0)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_key_says_at_which_values_it_saturates(exam: Exam, function: str) -> None:
    low, high = (round(FUNCTIONS[function](x)) for x in (-40.0, 40.0))
    assert f"saturates at ${low}$ and ${high}$" in " ".join(
        answer(exam, "6.1", function=function).split()
    )


def test_every_assignment_and_shape_of_the_curves() -> None:
    draws = {
        (drawn["large"], drawn["good"], drawn["small"], drawn["shape"])
        for order in permutations("ABC")
        for drawn in admissible(
            {
                "draw": [{"names": [n], "one_of": [v]} for n, v in zip(RATES, order, strict=True)]
                + part("6.5")["draw"][1:]
            }
        )
    }
    assert len(draws) == 48
    assert part("6.5")["draw"][0] == {"names": list(RATES), "permutation_of": ["A", "B", "C"]}
    assert tuple(reference(part("6.5")).values()) in draws


def test_the_key_names_the_curves_of_the_copy(exam: Exam) -> None:
    for order in permutations("ABC"):
        drawn: dict[str, Fraction | str] = dict(zip(RATES, order, strict=True))
        text = answer(exam, "6.5", **drawn)
        assert text.startswith(" $>$ ".join(order))
        fastest, highest, slowest = text.split(r"\\")[1:]
        assert fastest.strip().startswith(f"{order[0]} rises fastest")
        assert highest.strip().startswith(f"{order[1]} rises fast enough")
        assert slowest.strip().startswith(f"{order[2]} rises slowest")


def test_epochs_of_the_reference() -> None:
    assert reference(part("6.4")) == {"epochs": 50}
    assert reference(part("6.4")) in list(admissible(part("6.4")))
