"""1.3 and 1.6 judged from what is printed: with real arrays, and by a real training step."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


# --- 1.3 ------------------------------------------------------------------------------------------


def count_parameters(filters: int, size: int, channels: int, *, biases: bool) -> int:
    """The entries of the arrays that hold a convolution layer's weights and biases."""
    weights = [np.zeros((channels, size, size)) for _ in range(filters)]
    # One output value for each filter: what is added to it has one entry.
    offsets = [np.zeros_like(np.sum(one)) for one in weights] if biases else []
    return sum(array.size for array in [*weights, *offsets])


def slide(image: int, size: int, stride: int, padding: int) -> int:
    """Positions of a window that is moved in steps over a padded row of pixels."""
    row = np.pad(np.ones(image), padding)
    starts = itertools.takewhile(
        lambda start: row[start : start + size].shape == (size,), itertools.count(0, stride)
    )
    return sum(1 for _ in starts)


def same_padding(size: int) -> int:
    """The padding per side at which a row of pixels keeps its length, found by trying."""
    (padding,) = (padding for padding in range(30) if slide(24, size, 1, padding) == 24)
    return padding


def _square(name: str) -> str:
    return rf"(?P<{name}>\d+)x(?P={name})"


# What the four statements have to say in any wording, and what is measured for each.
_LAYER = rf"(?P<n>\d+) filters\b.*\b{_square('k')}\b.*\b(?P<c>\d+) input channels\b.*"
_STATEMENTS: tuple[tuple[str, Callable[[Mapping[str, int]], int]], ...] = (
    (
        rf"With biases.*\b{_LAYER}\b(?P<claim>\d+) parameters\.",
        lambda it: count_parameters(it["n"], it["k"], it["c"], biases=True),
    ),
    (
        rf"Without biases.*\b{_LAYER}\b(?P<claim>\d+) weights\.",
        lambda it: count_parameters(it["n"], it["k"], it["c"], biases=False),
    ),
    (
        rf".*\bstride (?P<s>\d+)\b.*\bpadding (?P<p>\d+)\b.*\b{_square('k')} filter.*"
        rf"\b{_square('i')} to {_square('claim')} pixels\.",
        lambda it: slide(it["i"], it["k"], it["s"], it["p"]),
    ),
    (
        rf".*\bstride 1\b.*\b{_square('k')}\b.*\bkeeps? height and width\b.*"
        r"\bpadding of (?P<claim>\d+)\.",
        lambda it: same_padding(it["k"]),
    ),
)


def independent_truth(printed: str) -> bool | None:
    """Whether a statement of 1.3 about a certain layer is true; None if it is about none.

    Args:
        printed: The statement in TeX, with its numbers.
    """
    text = re.sub(r"\s*\\times\s*", "x", printed.replace("$", ""))
    for pattern, measure in _STATEMENTS:
        match = re.fullmatch(pattern, text)
        if match:
            numbers = {name: int(digits) for name, digits in match.groupdict().items()}
            return measure(numbers) == numbers["claim"]
    return None


# --- 1.6 ------------------------------------------------------------------------------------------


class Training:
    """One step of gradient descent for a linear network, whose steps can be done in any order.

    A step that needs what is not there yet raises KeyError.
    """

    def __init__(self) -> None:
        generator = np.random.default_rng(16)
        self.inputs: Array = generator.normal(size=(5, 3))
        self.targets: Array = generator.normal(size=5)
        self.made: dict[str, Array] = {}

    def initialize(self) -> None:
        self.made["weights"] = np.random.default_rng(17).normal(size=3)

    def pass_forward(self) -> None:
        self.made["outputs"] = self.inputs @ self.made["weights"]

    def compute_loss(self) -> None:
        self.made["loss"] = np.asarray(np.mean((self.made["outputs"] - self.targets) ** 2))

    def compute_gradient(self) -> None:
        errors = self.made["outputs"] - self.targets
        self.made["gradient"] = 2 * self.inputs.T @ errors / len(errors)

    def move(self) -> None:
        self.made["weights"] = self.made["weights"] - 0.01 * self.made["gradient"]


# The first words that tell the steps on paper apart.
_OPERATIONS: Mapping[str, Callable[[Training], None]] = {
    "Initialize the weights": Training.initialize,
    "Pass the training inputs forward": Training.pass_forward,
    "Compute the loss": Training.compute_loss,
    "Compute the gradient": Training.compute_gradient,
    "Move the weights": Training.move,
}


def runs(texts: Mapping[str, str], order: Sequence[str]) -> bool:
    """Whether the steps can be done in this order and the loss is lower in the end.

    Args:
        texts: What each label stands for.
        order: The labels in the order in question.
    """
    training = Training()
    try:
        for label in order:
            (operation,) = (
                operation for start, operation in _OPERATIONS.items() if start in texts[label]
            )
            operation(training)
    except KeyError:
        return False
    before = training.made["loss"]
    training.pass_forward()
    training.compute_loss()
    return bool(training.made["loss"] < before)
