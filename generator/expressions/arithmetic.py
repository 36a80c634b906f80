"""Arithmetic as longer computations use it: what counts its operations overrides them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from generator.exact.numbers import Value
from generator.expressions.elementary import sqrt
from generator.expressions.operations import add, divide, multiply, number, root, subtract


class Arithmetic:
    """The operations that longer computations are made of; what counts them overrides them."""

    def add(self, a: Any, b: Any) -> Value:
        """a + b."""
        result: Value = add(a, b)
        return result

    def subtract(self, a: Any, b: Any) -> Value:
        """a - b."""
        result: Value = subtract(a, b)
        return result

    def multiply(self, a: Any, b: Any) -> Value:
        """a * b."""
        result: Value = multiply(a, b)
        return result

    def divide(self, a: Any, b: Any) -> Value:
        """a / b."""
        result: Value = divide(a, b)
        return result

    def root(self, a: Any) -> Value:
        """The square root."""
        return sqrt(a)

    def nth_root(self, a: Any, degree: Any) -> Value:
        """The real root of some degree."""
        return root(a, degree)

    def total(self, items: Iterable[Any]) -> Value:
        """The sum of numbers."""
        first, *rest = items
        result: Value = number(first, "a sum")
        for item in rest:
            result = self.add(result, item)
        return result


PLAIN: Final = Arithmetic()
"""Nobody counts."""
