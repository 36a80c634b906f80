"""Solvers: what a step's expression cannot say, as pure functions in Python.

A problem file names a solver, what it uses and what it gives::

    solver: {name: identity_weights, uses: [kernel, channels], gives: [shape, weights, rule]}

To write one, make a function from values to values and decorate it with :func:`solver`. It must be
pure: the same values always give the same answers. It may come with a second function that shows
the result in TeX. Those of the sample exam are here; those of one's own stand in files beside the
bank (:mod:`generator.bank.plugins.own`), with the same interface.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import PurePath
from typing import Any, TypeAlias

from generator.exact.numbers import Value
from generator.expressions import EvaluationError
from generator.expressions.expression_errors import OperationError
from generator.expressions.operations import number

Evaluation: TypeAlias = Callable[[Mapping[str, Value]], Mapping[str, Any]]
"""From the values that a solver uses to the answers that it gives."""

Working: TypeAlias = Callable[[Mapping[str, Value]], list[str]]
"""From the values that a solver uses to the lines of TeX that the key prints."""

MARK = "exam_variants_solver"
"""Attribute of a decorated function that holds its :class:`Solver`."""

MAX_DEPTH = 8
"""Levels of lists in an answer."""

MOST_SOLVED = 100
"""Answers of a solver that are kept; most problems have fewer."""

_EXACTLY_KNOWN = {Fraction, str}
"""Types of values of which two that are equal are the same."""


@dataclass(frozen=True)
class Solver:
    """A solver, as a problem uses it.

    Attributes:
        name: What problem files call it.
        uses: The names of the values it is given, as the problem calls them.
        gives: The names of its answers, in the order of the key, as the problem calls them.
        function: The pure function behind it.
        working: Makes the worked solution, or None where the model answer says it all.
        own_uses: What the function calls the values; ``own_gives`` what it calls the answers.
        file: The file it stands in, where it is one beside the bank; ``digest`` that of its text.
    """

    name: str
    uses: tuple[str, ...]
    gives: tuple[str, ...]
    function: Evaluation
    working: Working | None = None
    own_uses: tuple[str, ...] = ()
    own_gives: tuple[str, ...] = ()
    file: str = ""
    digest: str = ""

    @property
    def names(self) -> frozenset[str]:
        """The names it needs, as steps have them."""
        return frozenset(self.uses)

    def called(self, uses: tuple[str, ...], gives: tuple[str, ...]) -> Solver:
        """The same with the names of a problem, in the order of its own."""
        own_uses, own_gives = self.own_uses or self.uses, self.own_gives or self.gives
        return replace(self, uses=uses, gives=gives, own_uses=own_uses, own_gives=own_gives)

    def evaluate(self, values: Mapping[str, Value]) -> Mapping[str, Value]:
        """Solves one copy.

        Args:
            values: At least the values that are used; the function sees no others.

        Returns:
            The answers, exactly those of ``gives`` and in that order, as exact values.

        Raises:
            KeyError: A value that is used is missing.
            EvaluationError: The function refuses a value, or gives something else than it was
                registered for.
        """
        used = self._used(values)
        if self.file or not all(type(it) in _EXACTLY_KNOWN for it in used.values()):
            return self._solve(used)
        asked = tuple(used.values())
        found = self._solved.get(asked)
        if found is None:
            if len(self._solved) >= MOST_SOLVED:
                self._solved.clear()
            found = self._solved[asked] = self._solve(used)
        return found

    @cached_property
    def _solved(self) -> dict[tuple[Value, ...], Mapping[str, Value]]:
        """What was solved before. One's own functions may keep something, and are to show it."""
        return {}

    def _solve(self, used: Mapping[str, Value]) -> Mapping[str, Value]:
        answers = self._guarded(self.function, used)
        own = self.own_gives or self.gives
        if not isinstance(answers, Mapping) or set(answers) != set(own):
            gave = answers if isinstance(answers, Mapping) else [type(answers).__name__]
            raise self._refusal(
                f"was registered to give {', '.join(own)}, "
                f"but gave {', '.join(map(str, gave)) or 'nothing'}"
            )
        return {
            name: self._exact(inner, answers[inner])
            for name, inner in zip(self.gives, own, strict=True)
        }

    def worked(self, values: Mapping[str, Value]) -> list[str]:
        """The worked solution of one copy: lines of TeX for the key, none if there is no need.

        Args:
            values: At least the values that are used.

        Raises:
            KeyError: A value that is used is missing.
            EvaluationError: A value is refused, or what comes is no list of lines.
        """
        if self.working is None:
            return []
        lines = self._guarded(self.working, self._used(values))
        if isinstance(lines, str) or not all(isinstance(line, str) for line in lines):
            raise self._refusal("its worked solution is no list of lines of TeX")
        return list(lines)

    def _guarded(self, function: Callable[..., Any], used: Mapping[str, Value]) -> Any:
        try:
            return function(used)
        except Exception as error:  # whatever a function of somebody raises is said with its line
            reason = f"{type(error).__name__}: {error}"
            raise self._refusal(f"{self._line_of(error)}{reason}") from error

    def _refusal(self, reason: str) -> EvaluationError:
        return EvaluationError(reason, f"solver {self.name}", step=self.gives[0])

    def _line_of(self, error: Exception) -> str:
        """File and line of the last frame that is in the solver's own file."""
        frames = traceback.extract_tb(error.__traceback__)
        lines = [it.lineno for it in frames if self.file and it.filename == self.file]
        if not lines:
            return ""
        path = PurePath(self.file)
        return f"{path.parent.name}/{path.name}:{lines[-1]}: "

    def _exact(self, name: str, value: Any) -> Value:
        try:
            return exact_value(value)
        except OperationError as error:
            raise self._refusal(f"{name}: {error}") from None

    def _used(self, values: Mapping[str, Value]) -> Mapping[str, Value]:
        used: dict[str, Value] = {}
        missing = []
        for name, inner in zip(self.uses, self.own_uses or self.uses, strict=True):
            try:
                used[inner] = values[name]  # some are computed when they are looked up
            except KeyError:
                missing.append(name)
        if missing:
            raise KeyError(f"solver {self.name} needs a value for {', '.join(missing)}")
        return used


def exact_value(value: Any, depth: int = MAX_DEPTH) -> Value:
    """An answer with whole numbers as fractions and lists as tuples, checked all through.

    Raises:
        OperationError: A number is a float or not finite, or it is nothing that can be printed.
    """
    kind = type(value)
    if kind is Fraction or isinstance(value, (bool, str)):
        return value  # type: ignore[no-any-return]
    if kind is int:
        return _fraction(value)
    if isinstance(value, (list, tuple)):
        if not depth:
            raise OperationError(f"lists in lists, more than {MAX_DEPTH} deep")
        return tuple(exact_value(member, depth - 1) for member in value)
    if isinstance(value, float):
        raise OperationError(
            f"{value!r} is a float, which is not exact; compute with whole numbers, Fraction or "
            "Decimal"
        )
    return number(value, "an answer")


@lru_cache(maxsize=4096)
def _fraction(value: int) -> Fraction:
    """A large matrix has few different members: each is one object, and printed once."""
    return Fraction(value)


def whole(value: Value) -> int:
    """A whole number of a draw as an ``int``, for counting and for positions.

    Raises:
        ValueError: It is none.
    """
    if not isinstance(value, Fraction) or value.denominator != 1:
        raise ValueError(f"expected a whole number, got {value}")
    return value.numerator


def solver(
    name: str, *, uses: tuple[str, ...], gives: tuple[str, ...], worked: Working | None = None
) -> Callable[[Evaluation], Evaluation]:
    """Makes a solver of the decorated function, which stays an ordinary function.

    Args:
        name: What problem files call it.
        uses: The names of the values it is given.
        gives: The names of the answers it returns.
        worked: Makes the lines of TeX that the key prints, from the same values.
    """

    def register(function: Evaluation) -> Evaluation:
        setattr(function, MARK, Solver(name, tuple(uses), tuple(gives), function, worked))
        return function

    return register


def solvers_in(namespace: Mapping[str, Any]) -> list[Solver]:
    """The solvers that a module defines, in its order."""
    found = (getattr(it, MARK, None) for it in namespace.values() if callable(it))
    return [it for it in found if isinstance(it, Solver)]


def built_in() -> Mapping[str, Solver]:
    """The solvers that belong to the program, by their names."""
    return {it.name: it for it in solvers_in(globals())}


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
