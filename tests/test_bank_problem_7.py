"""Problem 7: its points, the other methods worked by hand, and mistakes that show in every copy."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from independent_7 import (
    independent_gates,
    independent_parameters,
    independent_states,
    read_cell,
)
from plain_bank import admissible, part, problem, rubric_complaints
from shipped import Batch, find, question, solve_with

from generator.bank.exam import Exam

GATES = ("n_forget", "n_update", "n_output")


def test_points_are_those_of_the_exam_and_add_up() -> None:
    parts = problem(7)["parts"]
    assert [(p["id"], p["points"]) for p in parts] == [
        ("7.1", "2"),
        ("7.2", "2"),
        ("7.3", "3"),
        ("7.4", "2"),
    ]
    assert problem(7)["points"] == "9"
    assert rubric_complaints(7) == []
    assert [item["points"] for item in part("7.4")["rubric"]] == ["1", "1"]


class TestParameters:
    """7.1; the cell is that of Goodfellow et al., Deep Learning, eq. 10.8 and 10.9, no bias."""

    @pytest.mark.parametrize(
        ("n_x", "n_h", "by_hand"), [(4, 12, 144 + 48), (1, 1, 2), (3, 2, 4 + 6), (10, 20, 600)]
    )
    def test_counting_worked_by_hand(self, n_x: int, n_h: int, by_hand: int) -> None:
        assert independent_parameters(n_x, n_h) == by_hand

    def test_mistakes_show(self) -> None:
        draws = list(admissible(part("7.1")))
        assert len(draws) == 64
        for draw in draws:
            n_x, n_h = draw["n_x"], draw["n_h"]
            wrong = {
                "with a bias": n_h * (n_h + n_x + 1),
                "only one matrix": n_h * n_x,
                "only the other": n_h * n_h,
                "sizes interchanged": n_x * (n_h + n_x),
                "both square": n_h * n_h + n_x * n_x,
            }
            assert draw["parameters"] not in wrong.values(), draw

    def test_most_answers_differ(self) -> None:
        answers = Counter(draw["parameters"] for draw in admissible(part("7.1")))
        assert len(answers) >= 50
        assert max(answers.values()) <= 3


def test_a_state_without_input_changes() -> None:
    # 7.2, by experiment: a cell of random weights, its state before and after an input of zero.
    rng = np.random.default_rng(72)
    v, w, before = rng.normal(size=(5, 5)), rng.normal(size=(5, 3)), rng.normal(size=5)
    after = np.tanh(v @ before + w @ np.zeros(3))
    assert np.array_equal(after, np.tanh(v @ before))
    assert np.abs(after - before).min() > 1e-3
    # Even with V = 1: the activation function alone changes it.
    assert np.abs(np.tanh(before) - before).min() > 1e-6


class TestStates:
    """7.3."""

    @pytest.mark.parametrize(
        ("v", "w", "h0", "inputs", "by_hand"),
        [
            (1, 2, -3, (1, 2, 0), [0, 4, 4]),  # -3 + 2 = -1, clipped; 0 + 4; 4 + 0
            (1, 3, 2, (1, -3, 2), [5, 0, 6]),  # 2 + 3; 5 - 9 = -4, clipped; 0 + 6
            (2, 1, 1, (1, 1, 1), [3, 7, 15]),  # nothing clipped
        ],
    )
    def test_loop_worked_by_hand(
        self, v: int, w: int, h0: int, inputs: tuple[int, ...], by_hand: list[int]
    ) -> None:
        assert independent_states(v, w, h0, inputs) == by_hand

    def test_mistakes_show(self, batch: Batch) -> None:
        for solution in batch.of("7"):
            it = {n: v for n, v in solution.values.items() if isinstance(v, Fraction)}
            v, w, h = it["V"], it["W"], it["h0"]
            linear = []
            for x in (it["x1"], it["x2"], it["x3"]):
                h = v * h + w * x
                linear.append(h)
            states = [it["h1"], it["h2"], it["h3"]]
            # Without the ReLU, every state from the clipped one on is wrong.
            clipped = states.index(0)
            assert all(a != b for a, b in list(zip(linear, states, strict=True))[clipped:])
            inputs = [int(it[f"x{t}"]) for t in (1, 2, 3)]
            swapped = independent_states(int(w), int(v), int(it["h0"]), inputs)
            assert swapped != states

    def test_numbers_stay_as_small_as_in_the_reference(self, batch: Batch) -> None:
        for solution in batch.of("7"):
            assert max(int(text) for text in solution.answers["7.3"].values()) <= 20


class TestGates:
    """7.4; the cell is that of Hochreiter and Schmidhuber with the forget gate of Gers et al."""

    def test_experiment_worked_by_hand(self) -> None:
        # As in the reference: c_t = g2 c_{t-1} + g3 c~_t, h_t = g1 c_t.
        cell = read_cell(
            r"c_t &= g_{\ensuremath{2}} \circ c_{t-1} + g_{\ensuremath{3}} \circ \tilde{c}_t, \\"
            r"h_t &= g_{\ensuremath{1}} \circ c_t,"
        )
        gates = [np.array([0.5]), np.array([2.0]), np.array([10.0])]
        state, shown = cell(np.array([3.0]), np.array([4.0]), gates)
        assert (state.item(), shown.item()) == (46.0, 23.0)  # 2*3 + 10*4, half of it
        assert independent_gates(cell) == {"forget": "g2", "update": "g3", "output": "g1"}

    @pytest.mark.parametrize("roles", list(permutations((1, 2, 3))))
    def test_every_assignment(self, exam: Exam, roles: tuple[int, ...]) -> None:
        drawn = dict(zip(GATES, map(Fraction, roles), strict=True))
        solution = solve_with(find(exam, "7"), **drawn)
        answers = solution.answers["7.4"]
        assert answers == {
            name: f"g{number}"
            for name, number in zip(("forget", "update", "output"), roles, strict=True)
        }
        assert independent_gates(read_cell(question(exam, "7.4", solution))) == answers
