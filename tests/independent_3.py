"""Problem 3 by another method: the network as matrices, its gradient by tiny steps."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.complex128]

STEP = 1e-30
"""An imaginary step so small that it changes no real part (Squire and Trapp, SIAM Rev. 1998)."""


def run_network(given: Mapping[str, complex]) -> tuple[Vector, Vector, Vector]:
    """Passes the inputs through both layers, each a matrix.

    Args:
        given: Inputs, weights and biases; ``w21`` leads from unit 2 to unit 1, and the second
            layer is numbered 3 and 4 for its sources, 1 and 2 for its targets.

    Returns:
        h1 and h2, h3 and h4, o1 and o2.
    """

    def matrix(rows: str) -> Vector:
        return np.array([[given[f"w{row}{column}"] for column in "12"] for row in rows], complex)

    def vector(names: list[str]) -> Vector:
        return np.array([given[name] for name in names], complex)

    before = vector(["i1", "i2"]) @ matrix("12") + vector(["b1", "b2"])
    after = np.where(before.real > 0, before, 0)
    return before, after, after @ matrix("34") + vector(["b3", "b4"])


def mean_squared_error(outputs: Vector, given: Mapping[str, complex]) -> complex:
    """The mean over both outputs."""
    targets = np.array([given["t1"], given["t2"]])
    return complex(np.mean((outputs - targets) ** 2))


def loss(given: Mapping[str, complex]) -> complex:
    return mean_squared_error(run_network(given)[2], given)


def independent_forward(given: Mapping[str, complex]) -> dict[str, float]:
    """The answers of 3.1."""
    flat = np.concatenate(run_network(given)).real
    return dict(zip(("h1", "h2", "h3", "h4", "o1", "o2"), map(float, flat), strict=True))


def independent_gradient(given: Mapping[str, complex]) -> float:
    """The gradient of the loss with respect to w21, by a step along the imaginary axis."""
    return loss({**given, "w21": given["w21"] + 1j * STEP}).imag / STEP


def central_difference(given: Mapping[str, complex], step: float = 1e-4) -> float:
    """The same by two real steps; they are far smaller than h1, so that no ReLU switches."""
    up, down = (loss({**given, "w21": given["w21"] + sign * step}) for sign in (1, -1))
    return (up - down).real / (2 * step)


def independent_fallback(given: Mapping[str, complex], o1: float, o2: float) -> tuple[float, float]:
    """Loss and gradient for whoever goes on with the printed outputs.

    The loss and its slopes are taken at these outputs; how the outputs move with w21 is asked of
    the network itself, as the student has it.
    """
    printed = np.array([o1, o2], complex)
    moved = run_network({**given, "w21": given["w21"] + 1j * STEP})[2].imag / STEP
    slopes = [
        mean_squared_error(printed + 1j * STEP * np.eye(2)[k], given).imag / STEP for k in range(2)
    ]
    return mean_squared_error(printed, given).real, float(np.dot(slopes, moved))
