"""Problem 3: its points, the other methods worked by hand, and mistakes that show in every copy."""

from __future__ import annotations

import pytest
from independent_3 import (
    central_difference,
    independent_fallback,
    independent_forward,
    independent_gradient,
    loss,
)
from plain_bank import points, problem, rubric_complaints, value
from shipped import Batch

REFERENCE = {name: float(value(text)) for name, text in problem(3)["reference"].items()}

Values = dict[str, float]


def weights_with_ones(given: Values) -> int:
    return sum(
        abs(number) == 1 for name, number in given.items() if len(name) == 3 and name[0] == "w"
    )


def update(given: Values, gradient: float) -> float:
    return round(given["w21"] - given["alpha"] * gradient, 9)


@pytest.fixture(scope="module")
def copies(batch: Batch) -> list[Values]:
    """The values of each copy, drawn and solved."""
    return [{name: float(v) for name, v in it.values.items()} for it in batch.of("3")]


def test_points_are_those_of_the_exam_and_add_up() -> None:
    parts = problem(3)["parts"]
    assert [(p["id"], p["points"]) for p in parts] == [("3.1", "3"), ("3.2", "2"), ("3.3", "3.5")]
    assert problem(3)["points"] == "8.5"
    assert rubric_complaints(3) == []


def test_each_unit_of_the_forward_pass_earns_the_same() -> None:
    rubric = problem(3)["parts"][0]["rubric"]
    assert [item["step"] for item in rubric] == ["h1", "h2", "h3", "h4", "o1", "o2"]
    assert {points(item["points"]) for item in rubric} == {points("0.5")}


class TestOtherMethodsWorkedByHand:
    """Chain rule: Goodfellow et al., Deep Learning, eq. 6.46; the numbers are the reference's.

    h1 = 2*1 - 1*0.5 + 0.5 = 2, h2 = 2*(-0.5) + (-1)*(-1) - 0.5 = -0.5; h3 = 2, h4 = 0;
    o1 = 2*0.5 - 1 = 0, o2 = 2*(-1) + 0.5 = -1.5. Errors: 0 - 1 = -1 and -1.5 - 0.5 = -2.
    """

    def test_forward_pass(self) -> None:
        assert independent_forward(REFERENCE) == {
            **{"h1": 2.0, "h2": -0.5, "h3": 2.0, "h4": 0.0},
            **{"o1": 0.0, "o2": -1.5},
        }

    def test_loss(self) -> None:
        assert loss(REFERENCE) == 2.5  # (1 + 4)/2

    def test_gradient(self) -> None:
        # (-1*0.5 + (-2)*(-1)) * 1 * (-1) = -1.5
        assert independent_gradient(REFERENCE) == pytest.approx(-1.5, rel=1e-14)
        assert central_difference(REFERENCE) == pytest.approx(-1.5, rel=1e-9)
        assert update(REFERENCE, -1.5) == 0.65

    def test_from_the_printed_outputs(self) -> None:
        # Errors 1 and 0: (1 + 0)/2 = 0.5; (1*0.5 + 0*(-1)) * 1 * (-1) = -0.5.
        error, gradient = independent_fallback(REFERENCE, 2.0, 0.5)
        assert error == 0.5
        assert gradient == pytest.approx(-0.5, rel=1e-14)

    def test_a_dead_unit_passes_no_gradient(self) -> None:
        # h1 = 2 - 0.5 - 4 < 0
        assert independent_gradient({**REFERENCE, "b1": -4.0}) == 0


class TestMistakesShow:
    """A common mistake never gives the right number by chance."""

    def test_no_relu(self, copies: list[Values]) -> None:
        for it in copies:
            without = [
                it["h3"] * it[f"w3{k}"] + it["h2"] * it[f"w4{k}"] + it[f"b{k + 2}"] for k in (1, 2)
            ]
            assert without[0] != it["o1"]
            assert without[1] != it["o2"]

    def test_wrong_gradients(self, copies: list[Values]) -> None:
        for it in copies:
            errors = [it[f"o{k}"] - it[f"t{k}"] for k in (1, 2)]
            paths = [error * it[f"w3{k}"] for k, error in zip((1, 2), errors, strict=True)]
            right = sum(paths) * it["i2"]
            wrong = {
                "one path": paths[0] * it["i2"],
                "the other path": paths[1] * it["i2"],
                "without i2": sum(paths),
                "uphill": -right,
                "no mean": 2 * right,
            }
            assert update(it, right) == round(it["w21_new"], 9)
            for name, gradient in wrong.items():
                assert update(it, gradient) != round(it["w21_new"], 9), name


def test_copies_are_about_as_hard_as_the_reference(copies: list[Values]) -> None:
    assert weights_with_ones(REFERENCE) == 4
    for it in copies:
        assert 2 <= weights_with_ones(it) <= 6
        assert max(abs(it["o1"]), abs(it["o2"])) <= 4
        assert it["mse"] <= 10
        assert 0 < it["h1"] <= 6
