"""Problem 5: its points, and layers that make an autoencoder in every copy."""

from __future__ import annotations

from plain_bank import admissible, part, problem, reference, rubric_complaints


def test_points_are_those_of_the_exam_and_add_up() -> None:
    assert [(p["id"], p["points"]) for p in problem(5)["parts"]] == [
        ("5.1", "3"),
        ("5.2", "2"),
        ("5.3", "1"),
        ("5.4", "2"),
        ("5.5", "2"),
    ]
    assert problem(5)["points"] == "10"
    assert rubric_complaints(5) == []
    assert [item["points"] for item in part("5.1")["rubric"]] == ["1", "1", "1"]
    assert [item["points"] for item in part("5.5")["rubric"]] == ["0.5", "0.5", "1"]


def test_every_draw_is_a_bottleneck() -> None:
    draws = list(admissible(part("5.1")))
    assert len(draws) == 27
    assert reference(part("5.1")) in draws
    for drawn in draws:
        # Each layer of the encoder is at most a good half as wide as the one before.
        assert drawn["n_hidden"] <= 0.6 * drawn["n_input"], drawn
        assert drawn["n_code"] <= 0.6 * drawn["n_hidden"], drawn
        # Square grayscale images, such as 28 x 28.
        assert round(float(drawn["n_input"]) ** 0.5) ** 2 == drawn["n_input"], drawn


def test_the_widths_of_the_copy_are_in_the_answer() -> None:
    answer = part("5.1")["answer"]
    assert "<< n_input >>" in answer
    assert "<< n_code >>" in answer


def test_the_other_parts_are_the_same_for_all() -> None:
    for subproblem in problem(5)["parts"][1:]:
        assert "draw" not in subproblem
        assert "<<" not in str(subproblem), subproblem["id"]
