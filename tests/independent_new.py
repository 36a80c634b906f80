"""The three new problems by other methods: matrices in floating point, and the math module.

Each function takes what a paper prints and returns what a key should say. Rounded results are
rounded as the questions ask, and the rounded value is used from there on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Given = Mapping[str, Fraction]
Answers = dict[str, Fraction]
Matrix = NDArray[np.float64]


def matrix(given: Given, letter: str, rows: int, columns: int) -> Matrix:
    """The matrix whose entries are called by a letter and two numbers."""
    return np.array(
        [
            [float(given[f"{letter}{row}{column}"]) for column in range(1, columns + 1)]
            for row in range(1, rows + 1)
        ]
    )


def vector(given: Given, letter: str, length: int) -> Matrix:
    """The vector whose entries are called by a letter and a number."""
    return np.array([float(given[f"{letter}{index}"]) for index in range(1, length + 1)])


def numbered(letter: str, values: Sequence[float | Fraction]) -> Answers:
    return {f"{letter}{index}": Fraction(value) for index, value in enumerate(values, 1)}


def rounded(value: float | Fraction, decimals: int) -> Fraction:
    """Half away from zero, as one learns at school; exact for fractions."""
    exact = Fraction(value)
    return Fraction(math.floor(abs(exact) * 10**decimals + Fraction(1, 2)), 10**decimals) * (
        -1 if exact < 0 else 1
    )


# --- Softmax and cross-entropy ---


def forward(given: Given) -> Answers:
    """Activations and logits; all of them are binary fractions, so floats are exact."""
    hidden = np.clip(matrix(given, "w", 2, 2) @ vector(given, "x", 2), 0, None)
    logits = matrix(given, "u", 3, 2) @ hidden + vector(given, "c", 3)
    return numbered("a", hidden.tolist()) | numbered("z", logits.tolist())


def probabilities(logits: Sequence[Fraction]) -> Answers:
    """Exponentials and probabilities to two decimals each."""
    powers = [rounded(math.e ** float(logit), 2) for logit in logits]
    return numbered("p", [rounded(power / sum(powers), 2) for power in powers])


def loss_and_slopes(shares: Sequence[Fraction], label: Sequence[Fraction]) -> Answers:
    """The loss to two decimals, and the slopes."""
    true = label.index(Fraction(1))
    loss = rounded(math.log(1 / shares[true]), 2)
    slopes = [share - (index == true) for index, share in enumerate(shares)]
    return {"loss": loss} | numbered("d_z", slopes)


def numeric_slopes(logits: Sequence[Fraction], true: int, step: float = 1e-6) -> list[float]:
    """Central differences of the loss as a function of the logits, nothing rounded."""

    def loss(moved: Matrix) -> float:
        return float(np.log(np.exp(moved).sum()) - moved[true])

    point = np.array([float(logit) for logit in logits])
    return [(loss(point + move) - loss(point - move)) / (2 * step) for move in step * np.eye(3)]


# --- Batch normalization ---


def statistics_of(given: Given) -> dict[str, float]:
    batch = vector(given, "x", 4)
    return {
        "mu": float(batch.mean()),
        "variance": float(batch.var(ddof=0)),
        "s": math.hypot(float(batch.std(ddof=0)), math.sqrt(given["eps"])),
    }


def outputs_of(given: Given, mean: float, root: float) -> dict[str, float]:
    first, second = float(given["gamma"]) * (vector(given, "x", 2) - mean) / root
    return {"y1": first + float(given["beta"]), "y2": second + float(given["beta"])}


# --- Attention ---


def scores(given: Given) -> Answers:
    products = matrix(given, "k", 3, 4) @ vector(given, "q", 4) / 4**0.5
    return numbered("s", products.tolist())


def attention(scores_: Sequence[Fraction]) -> Answers:
    """The weights to three decimals, each by how far the other scores are from its own."""
    weights = [1 / math.fsum(math.exp(float(other - own)) for other in scores_) for own in scores_]
    return numbered("alpha", [rounded(weight, 3) for weight in weights])


def attend(given: Given, weights: Sequence[Fraction]) -> Answers:
    """The output to two decimals, from the rounded weights."""
    values = [given[f"v{index}"] for index in (1, 2, 3)]
    return {"output": rounded(sum(map(Fraction.__mul__, weights, values), Fraction(0)), 2)}
