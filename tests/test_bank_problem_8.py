"""Problem 8: its points, its percentages, and decays that can be seen."""

from __future__ import annotations

import re
from itertools import pairwise

from plain_bank import part, problem, rubric_complaints


def decays() -> list[list[int]]:
    (entry,) = part("8.3")["draw"]
    assert entry["names"] == ["decay_epochs"]
    return [[int(epoch) for epoch in text.split(", ")] for text in entry["one_of"]]


def test_points_are_those_of_the_exam_and_add_up() -> None:
    assert [(p["id"], p["points"]) for p in problem(8)["parts"]] == [
        ("8.1", "3.5"),
        ("8.2", "4"),
        ("8.3", "1"),
        ("8.4", "1"),
    ]
    assert problem(8)["points"] == "9.5"
    assert rubric_complaints(8) == []
    assert [item["points"] for item in part("8.1")["rubric"]] == ["1", "1", "1", "0.5"]
    assert [item["points"] for item in part("8.2")["rubric"]] == ["1", "1", "1", "1"]


def test_percentages_add_up() -> None:
    texts = [part("8.1")["answer"], *part("8.1")["also_accept"]]
    splits = re.findall(r"(\d+)/(\d+)/(\d+)", " ".join(texts))
    assert len(splits) >= 3
    for split in splits:
        assert sum(map(int, split)) == 100
        assert int(split[0]) >= 50


def test_decays_are_apart_and_differ() -> None:
    found = decays()
    assert len({tuple(epochs) for epochs in found}) == len(found) >= 12
    assert [int(epoch) for epoch in part("8.3")["reference"]["decay_epochs"].split(",")] in found
    for epochs in found:
        assert len(epochs) in (2, 3)
        # Time to level off before the first, between two, and after the last one.
        assert all(later - earlier >= 20 for earlier, later in pairwise([0, *epochs, 100])), epochs


def test_the_question_does_not_name_the_method() -> None:
    ask = part("8.3")["ask"].lower()
    assert not re.search(r"learning rate|decay|schedule|step|drop|anneal", ask)


def test_questions_do_not_answer_one_another() -> None:
    # 6.4 mentions overfitting; what the curves of 8.2 look like stands in no question.
    for number in (5, 6, 7, 8):
        for subproblem in problem(number)["parts"]:
            assert "validation loss rises" not in subproblem["ask"].lower()
            assert "vanish" not in subproblem["ask"].lower()
