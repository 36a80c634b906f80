"""Problem 2: worked by hand, solved by other methods over all draws, and enough variants."""

from __future__ import annotations

from fractions import Fraction
from math import prod

import numpy as np
import pytest
from independent_2 import (
    convolve,
    dependent_pixels,
    independent_identity,
    independent_receptive_field,
)
from plain_bank import admissible, evaluate, part, problem, reference, rubric_complaints

from generator.bank.plugins.solvers import built_in
from generator.exact.numbers import Value

POINTS = {
    "2.1": "2",
    "2.2": "2",
    "2.3": "2",
    "2.4": "2",
    "2.5": "2",
    "2.6": "3",
    "2.7": "1.5",
    "2.8": "2.5",
    "2.9": "2",
}
SPLITS = {
    "2.4": ["0.5", "1.5"],
    "2.6": ["1", "1", "0.5", "0.5"],
    "2.8": ["0.5", "0.5", "0.5", "1"],
}
IDENTITY_DRAWS = list(admissible(part("2.4")))


def sizes(draw: dict[str, Fraction]) -> tuple[list[int], list[int]]:
    return [int(draw[k]) for k in ("k1", "k2", "k3")], [int(draw[s]) for s in ("s1", "s2", "s3")]


class TestPoints:
    def test_parts_have_the_points_of_the_exam(self) -> None:
        assert {p["id"]: p["points"] for p in problem(2)["parts"]} == POINTS
        assert problem(2)["points"] == "19"

    def test_points_add_up(self) -> None:
        assert rubric_complaints(2) == []

    @pytest.mark.parametrize("identifier", SPLITS)
    def test_points_are_split_as_in_the_exam(self, identifier: str) -> None:
        assert [item["points"] for item in part(identifier)["rubric"]] == SPLITS[identifier]


class TestReceptiveField:
    """2.3; formula: Araujo, Norris, Sim, Computing Receptive Fields of CNNs, Distill 2019, eq. 2.

    By hand for the reference, from the output back: one pixel of layer 3 sees 3 outputs of layer 2;
    those see 2*2 + 3 = 7 outputs of layer 1; those see 6*2 + 5 = 17 pixels.
    """

    def test_reference_worked_by_hand(self) -> None:
        drawn = reference(part("2.3"))
        assert drawn == {"k1": 5, "s1": 2, "k2": 3, "s2": 2, "k3": 3, "s3": 2}
        assert evaluate(part("2.3")["steps"]["receptive_field"], drawn) == 17

    @pytest.mark.parametrize(
        ("kernels", "strides", "by_hand"),
        [
            ([5, 3, 3], [2, 2, 2], 17),  # 3, then 2*2 + 3 = 7, then 6*2 + 5
            ([3, 3, 3], [1, 1, 1], 7),  # two pixels more per layer: the well-known VGG argument
            ([7, 3, 5], [2, 3, 3], 35),  # 5, then 4*3 + 3 = 15, then 14*2 + 7
            ([3, 7, 3], [3, 2, 2], 33),  # 3, then 2*2 + 7 = 11, then 10*3 + 3
        ],
    )
    def test_independent_solutions_worked_by_hand(
        self, kernels: list[int], strides: list[int], by_hand: int
    ) -> None:
        assert independent_receptive_field(kernels, strides) == by_hand
        assert dependent_pixels(kernels, strides, by_hand + 12) == by_hand

    def test_every_draw_agrees_with_tracing(self) -> None:
        for draw in admissible(part("2.3")):
            assert draw["receptive_field"] == independent_receptive_field(*sizes(draw)), draw

    def test_every_draw_agrees_with_changed_pixels(self) -> None:
        # The last stride only moves the outputs apart: one draw for each of the other values.
        draws = {(*sizes(d)[0], *sizes(d)[1][:2]): d for d in admissible(part("2.3"))}
        for draw in draws.values():
            assert draw["receptive_field"] == dependent_pixels(*sizes(draw), 70), draw

    def test_there_are_enough_variants(self) -> None:
        draws = list(admissible(part("2.3")))
        influential = {tuple(d[name] for name in ("k1", "k2", "k3", "s1", "s2")) for d in draws}
        answers = {d["receptive_field"] for d in draws}
        assert len(influential) >= 50
        assert len(answers) >= 12

    def test_variants_are_about_as_hard_as_the_reference(self) -> None:
        for draw in admissible(part("2.3")):
            kernels, strides = sizes(draw)
            assert min(strides) >= 2
            assert 15 <= draw["receptive_field"] < 50
            # No holes between the pixels seen: the answer is a filled square.
            assert all(s <= k for k, s in zip(kernels, strides, strict=True))
            # Layers taken in the wrong order never give the right number.
            backward = independent_receptive_field(kernels[::-1], strides[::-1])
            swapped = independent_receptive_field(kernels[::-1], [strides[1], strides[0], 2])
            assert draw["receptive_field"] not in (backward, swapped)


class TestIdentity:
    """2.4; definition of a convolution layer: Goodfellow et al., Deep Learning, eq. 9.7."""

    def test_reference_worked_by_hand(self) -> None:
        drawn = reference(part("2.4"))
        assert drawn == {"kernel": 3, "channels": 3, "padding": 1}
        answers = built_in()["identity_weights"].evaluate(drawn)
        assert answers["shape"] == (3, 3, 3, 3)
        copied = ((0, 0, 0), (0, 1, 0), (0, 0, 0))
        nothing = ((0, 0, 0), (0, 0, 0), (0, 0, 0))
        assert answers["weights"] == (
            (copied, nothing, nothing),
            (nothing, copied, nothing),
            (nothing, nothing, copied),
        )
        assert answers["rule"] == (
            "W[i, i, 1, 1] = 1 for i = 0, 1, 2; all other entries are 0 (indices from 0)"
        )

    def test_convolution_worked_by_hand(self) -> None:
        # One row (1 2 3), kernel (1 0 2) over one row of zeros above and below:
        # 1*0 + 2*2 = 4, 1*1 + 2*3 = 7, 1*2 + 2*0 = 2.
        kernel = np.zeros((1, 1, 3, 3))
        kernel[0, 0, 1] = [1, 0, 2]
        assert convolve(np.array([[[1.0, 2.0, 3.0]]]), kernel, 1).tolist() == [[[4.0, 7.0, 2.0]]]

    @pytest.mark.parametrize(
        "draw", IDENTITY_DRAWS, ids=lambda d: f"{d['channels']}ch-{d['kernel']}"
    )
    def test_every_draw_gives_the_image_back(self, draw: dict[str, Fraction]) -> None:
        answers = built_in()["identity_weights"].evaluate(draw)
        weights = np.array(answers["weights"], dtype=float)
        channels, kernel, padding = (int(draw[n]) for n in ("channels", "kernel", "padding"))
        image = np.arange(channels * 8 * 9, dtype=float).reshape(channels, 8, 9) ** 2 - 7
        assert answers["shape"] == weights.shape
        assert np.array_equal(convolve(image, weights, padding), image)
        assert np.array_equal(weights, independent_identity(channels, kernel, padding))

    def test_the_weights_are_exact_numbers(self) -> None:
        weights = built_in()["identity_weights"].evaluate(reference(part("2.4")))["weights"]
        flat = [w for f in weights for c in f for row in c for w in row]  # type: ignore[union-attr]
        assert all(type(weight) is Fraction for weight in flat)

    def test_there_are_enough_variants(self) -> None:
        solver = built_in()["identity_weights"]
        assert len({solver.evaluate(d)["rule"] for d in IDENTITY_DRAWS}) >= 12
        assert len({solver.evaluate(d)["shape"] for d in IDENTITY_DRAWS}) >= 12
        assert all(d["padding"] == (d["kernel"] - 1) / 2 for d in IDENTITY_DRAWS)
        # What a corrector has to look through, and a key has to hold.
        assert max(prod(solver.evaluate(d)["shape"]) for d in IDENTITY_DRAWS) <= 2000  # type: ignore[arg-type]

    def test_worked_solution(self) -> None:
        values: dict[str, Value] = {"kernel": Fraction(5), "channels": Fraction(2), "other": "x"}
        assert built_in()["identity_weights"].worked(values) == [
            "Shape of $W$: $(2, 2, 5, 5)$",
            "$W_{i,i,2,2} = 1$ for $i = 0, 1$; all other entries are $0$ (indices from 0)",
        ]


class TestSolvers:
    def test_the_bank_declares_what_the_solver_does(self) -> None:
        use = part("2.4")["solver"]
        solver = built_in()[use["name"]]
        assert (list(solver.uses), list(solver.gives)) == (use["uses"], use["gives"])

    def test_a_missing_value_is_named(self) -> None:
        with pytest.raises(KeyError, match="needs a value for channels"):
            built_in()["identity_weights"].evaluate({"kernel": Fraction(3)})

    @pytest.mark.parametrize("kernel", [Fraction(4), Fraction(-3), Fraction(7, 2), "3"])
    def test_an_impossible_kernel_is_refused(self, kernel: Fraction | str) -> None:
        with pytest.raises(ValueError, match="kernel must be"):
            built_in()["identity_weights"].evaluate({"kernel": kernel, "channels": Fraction(3)})
