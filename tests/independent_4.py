"""4.2 solved by experiment: which moments an optimizer uses shows in how its steps react."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isclose, sqrt

Rule = Callable[[Sequence[float]], float]
"""From the gradients of one weight, oldest first, to the last step taken (learning rate 1)."""

BETA = 0.9
TINY = 1e-12


def sgd(gradients: Sequence[float]) -> float:
    """Plain gradient descent."""
    return -gradients[-1]


def momentum(gradients: Sequence[float]) -> float:
    """Gradient descent with momentum (Polyak, 1964)."""
    velocity = 0.0
    for gradient in gradients:
        velocity = BETA * velocity - gradient
    return velocity


def rmsprop(gradients: Sequence[float]) -> float:
    """RMSProp (Tieleman and Hinton, 2012)."""
    square = 0.0
    for gradient in gradients:
        square = BETA * square + (1 - BETA) * gradient**2
    return -gradients[-1] / (sqrt(square) + TINY)


def adam(gradients: Sequence[float]) -> float:
    """Adam with bias correction (Kingma and Ba, 2015, algorithm 1)."""
    first = second = 0.0
    for gradient in gradients:
        first = BETA * first + (1 - BETA) * gradient
        second = BETA * second + (1 - BETA) * gradient**2
    correction = 1 - BETA ** len(gradients)
    return -(first / correction) / (sqrt(second / correction) + TINY)


OPTIMIZERS: dict[str, Rule] = {
    "SGD": sgd,
    "SGD with momentum": momentum,
    "RMSProp": rmsprop,
    "Adam": adam,
}


def uses_first_moment(rule: Rule) -> bool:
    """Whether the step depends on the signs of earlier gradients, their squares being the same."""
    return not isclose(rule([1.0, -2.0, 0.5]), rule([-1.0, 2.0, 0.5]), rel_tol=1e-9)


def uses_second_moment(rule: Rule) -> bool:
    """Whether steps are normalized: all gradients are doubled, but the step is not."""
    return not isclose(2 * rule([1.0, -2.0, 0.5]), rule([2.0, -4.0, 1.0]), rel_tol=1e-9)


def independent_optimizer(first: bool, second: bool) -> str:
    """The one optimizer that uses exactly these moments."""
    (name,) = [
        name
        for name, rule in OPTIMIZERS.items()
        if (uses_first_moment(rule), uses_second_moment(rule)) == (first, second)
    ]
    return name
