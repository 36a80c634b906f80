"""Solvers: what a step's expression cannot say, as registered pure functions.

A problem file names a solver, what it uses and what it gives::

    solver: {name: identity_weights, uses: [kernel, channels], gives: [shape, weights, rule]}

To add one, write a function from values to values and decorate it with :func:`solver`. It must be
pure: the same values always give the same answers. It may come with a second function that shows
the result in TeX.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from generator.exact.numbers import Value
from generator.expressions import EvaluationError

Evaluation: TypeAlias = Callable[[Mapping[str, Value]], Mapping[str, Value]]
"""From the values that a solver uses to the answers that it gives."""

Working: TypeAlias = Callable[[Mapping[str, Value]], list[str]]
"""From the values that a solver uses to the lines of TeX that the key prints."""

_SOLVERS: dict[str, Solver] = {}


@dataclass(frozen=True)
class Solver:
    """A registered solver.

    Attributes:
        name: What problem files call it.
        uses: The names of the values it is given.
        gives: The names of its answers, in the order of the key.
        function: The pure function behind it.
        working: Makes the worked solution, or None where the model answer says it all.
    """

    name: str
    uses: tuple[str, ...]
    gives: tuple[str, ...]
    function: Evaluation
    working: Working | None = None

    @property
    def names(self) -> frozenset[str]:
        """The names it needs, as steps have them."""
        return frozenset(self.uses)

    def evaluate(self, values: Mapping[str, Value]) -> Mapping[str, Value]:
        """Solves one copy.

        Args:
            values: At least the values that are used; the function sees no others.

        Returns:
            The answers, exactly those of ``gives`` and in that order.

        Raises:
            KeyError: A value that is used is missing.
            EvaluationError: The function refuses a value.
            TypeError: The function gives something else than it was registered for.
        """
        used = self._used(values)
        try:
            answers = self.function(used)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise EvaluationError(reason, f"solver {self.name}") from error
        if set(answers) != set(self.gives):
            raise TypeError(
                f"solver {self.name} was registered to give {', '.join(self.gives)}, "
                f"but gave {', '.join(answers) or 'nothing'}"
            )
        return {name: answers[name] for name in self.gives}

    def worked(self, values: Mapping[str, Value]) -> list[str]:
        """The worked solution of one copy: lines of TeX for the key, none if there is no need.

        Args:
            values: At least the values that are used.

        Raises:
            KeyError: A value that is used is missing.
            ValueError: A value is refused.
        """
        return self.working(self._used(values)) if self.working else []

    def _used(self, values: Mapping[str, Value]) -> Mapping[str, Value]:
        used: dict[str, Value] = {}
        missing = []
        for name in self.uses:
            try:
                used[name] = values[name]  # some are computed when they are looked up
            except KeyError:
                missing.append(name)
        if missing:
            raise KeyError(f"solver {self.name} needs a value for {', '.join(missing)}")
        return used


def solver(
    name: str, *, uses: tuple[str, ...], gives: tuple[str, ...], worked: Working | None = None
) -> Callable[[Evaluation], Evaluation]:
    """Registers the decorated function, which stays an ordinary function.

    Args:
        name: What problem files call it.
        uses: The names of the values it is given.
        gives: The names of the answers it returns.
        worked: Makes the lines of TeX that the key prints, from the same values.

    Raises:
        ValueError: The name is taken.
    """
    if name in _SOLVERS:
        raise ValueError(f"there is already a solver {name}")

    def register(function: Evaluation) -> Evaluation:
        _SOLVERS[name] = Solver(name, uses, gives, function, worked)
        return function

    return register


def get_solver(name: str) -> Solver:
    """The solver of that name.

    Raises:
        KeyError: There is none; the message lists those that there are.
    """
    if name not in _SOLVERS:
        raise KeyError(f"there is no solver {name}; known: {', '.join(sorted(_SOLVERS))}")
    return _SOLVERS[name]


def _worked_identity(values: Mapping[str, Value]) -> list[str]:
    kernel, channels = _odd(values, "kernel"), _positive(values, "channels")
    center = kernel // 2
    return [
        rf"Shape of $W$: $({channels}, {channels}, {kernel}, {kernel})$",
        rf"$W_{{i,i,{center},{center}}} = 1$ for {_run(channels, '$')}; "
        r"all other entries are $0$ (indices from 0)",
    ]


@solver(
    "identity_weights",
    uses=("kernel", "channels"),
    gives=("shape", "weights", "rule"),
    worked=_worked_identity,
)
def identity_weights(values: Mapping[str, Value]) -> Mapping[str, Value]:
    """Weights with which a convolution layer gives back its input.

    Filter i must copy channel i. With stride 1 and zero padding (kernel - 1)/2, the center of a
    filter lies on the pixel that is computed, so that the Kronecker delta is the only solution
    that holds for every image (of at least the kernel's size).

    Args:
        values: ``kernel``, the odd height and width of the filters, and ``channels``, the number
            of channels of the image and of filters.

    Returns:
        ``shape`` (filters, channels, height, width); ``weights``, nested tuples of that shape with
        exact zeros and ones; ``rule``, the same as text.

    Raises:
        ValueError: The kernel is not odd and positive, or the channels are not positive.
    """
    kernel, channels = _odd(values, "kernel"), _positive(values, "channels")
    center = kernel // 2
    zeros = ((Fraction(0),) * kernel,) * kernel
    delta = tuple(
        tuple(Fraction(row == column == center) for column in range(kernel))
        for row in range(kernel)
    )
    weights = tuple(
        tuple(delta if filter_ == channel else zeros for channel in range(channels))
        for filter_ in range(channels)
    )
    return {
        "shape": tuple(Fraction(size) for size in (channels, channels, kernel, kernel)),
        "weights": weights,
        "rule": f"W[i, i, {center}, {center}] = 1 for {_run(channels)}; "
        "all other entries are 0 (indices from 0)",
    }


def _run(count: int, math: str = "") -> str:
    """``i = 0, 1, 2`` for three, as text or between the given marks of TeX math."""
    return f"{math}i = {', '.join(map(str, range(count)))}{math}"


def _positive(values: Mapping[str, Value], name: str) -> int:
    value = values[name]
    if not isinstance(value, Fraction) or value.denominator != 1 or value < 1:
        raise ValueError(f"{name} must be a positive whole number, got {value}")
    return int(value)


def _odd(values: Mapping[str, Value], name: str) -> int:
    size = _positive(values, name)
    if size % 2 == 0:
        raise ValueError(f"{name} must be odd, got {size}")
    return size
