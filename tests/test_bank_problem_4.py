"""Problem 4: its points, and the drawn question 4.2 answered by experiment."""

from __future__ import annotations

import pytest
from independent_4 import (
    OPTIMIZERS,
    independent_optimizer,
    uses_first_moment,
    uses_second_moment,
)
from plain_bank import admissible, evaluate, part, problem, reference, rubric_complaints


def asked(moments: str) -> tuple[bool, bool]:
    """What 4.2 asks for, read from its words: (first moment, second moment)."""
    wanted, _, unwanted = moments.partition(" but not ")
    return ("first" in wanted and "first" not in unwanted, "second" in wanted)


def test_points_are_those_of_the_exam_and_add_up() -> None:
    assert [(p["id"], p["points"]) for p in problem(4)["parts"]] == [
        ("4.1", "1"),
        ("4.2", "1"),
        ("4.3", "2"),
        ("4.4", "2"),
    ]
    assert problem(4)["points"] == "6"
    assert rubric_complaints(4) == []
    assert [item["points"] for item in part("4.4")["rubric"]] == ["1", "1"]


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        # From the update rules in Goodfellow et al., Deep Learning, algorithms 8.1, 8.2, 8.5, 8.7.
        ("SGD", False, False),
        ("SGD with momentum", True, False),
        ("RMSProp", False, True),
        ("Adam", True, True),
    ],
)
def test_experiment_agrees_with_the_textbook(name: str, first: bool, second: bool) -> None:
    assert uses_first_moment(OPTIMIZERS[name]) is first
    assert uses_second_moment(OPTIMIZERS[name]) is second


def test_reference_asks_for_rmsprop() -> None:
    drawn = reference(part("4.2"))
    assert asked(str(drawn["moments"])) == (False, True)
    assert evaluate(part("4.2")["steps"]["optimizer"], drawn) == "RMSProp"


def test_every_draw_agrees_with_the_experiment() -> None:
    draws = list(admissible(part("4.2")))
    assert len({d["optimizer"] for d in draws}) == 3
    for draw in draws:
        assert draw["optimizer"] == independent_optimizer(*asked(draw["moments"])), draw


def test_the_question_lists_all_candidates() -> None:
    # The same choice in every variant; without it, 4.1 would give one of the answers away.
    ask = " ".join(part("4.2")["ask"].split())
    assert all(name in ask for name in OPTIMIZERS)
