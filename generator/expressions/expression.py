"""An expression: one formula, from which everything is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import DecimalException
from fractions import Fraction
from functools import cached_property
from typing import Any

from generator.expressions.errors import EvaluationError, OperationError
from generator.expressions.evaluate import Run, compile_tree
from generator.expressions.explain import excerpt, explain
from generator.expressions.load import Event, Load, account, compile_logged
from generator.expressions.nodes import Name, Node, walk
from generator.expressions.operations import METER, normal
from generator.expressions.parse import parse
from generator.expressions.tex import Shown, substituted, symbolic
from generator.expressions.worked import Printing, Worked, work
from generator.numbers import NumberError, Value


@dataclass(frozen=True)
class Expression:
    """A compiled expression. Make it with `compile_expression`.

    Attributes:
        source: The text it was made from.
        tree: What it says.
        names: The names it needs a value for.
    """

    source: str
    tree: Node = field(repr=False, compare=False)
    names: frozenset[str] = field(repr=False, compare=False)
    _run: Run = field(repr=False, compare=False)

    def evaluate(self, values: Mapping[str, Value]) -> Value:
        """The value for these values of the names; further names in the mapping don't matter.

        Raises:
            EvaluationError: There is none: a division by zero, the logarithm of a negative
                number, lists of different shapes, a name without a value, …
        """
        METER.spent = 0
        try:
            result = self._run(values)
            return result if type(result) is Fraction else normal(result)
        except (OperationError, DecimalException, KeyError) as error:
            METER.spent = 0
            raise explain(self.tree, self.source, values, error) from None

    def symbolic(self, symbols: Mapping[str, str] | None = None) -> str:
        r"""The formula in TeX, e.g. ``i_{1} w_{11} + b_{1}``; `default_symbol` fills the gaps."""
        return symbolic(self.tree, symbols or {})

    def substituted(
        self, values: Mapping[str, Value], shown: Mapping[str, Shown] | None = None
    ) -> str:
        r"""The formula with numbers in TeX, e.g. ``2.0 \cdot 1.0 + (-0.5)``.

        Args:
            values: The values of its names; they decide which branch of a conditional is printed.
            shown: How the values are printed; `print_value` fills the gaps.

        Raises:
            EvaluationError: The expression has no value here, or one too large or small to print.
        """
        self.evaluate(values)
        try:
            return substituted(self.tree, values, shown or {})
        except NumberError as error:
            raise EvaluationError(str(error), excerpt(self.source)) from None

    def worked(
        self,
        values: Mapping[str, Value],
        symbol: str = "",
        symbols: Mapping[str, str] | None = None,
        shown: Mapping[str, Shown] | None = None,
        result: Shown | None = None,
    ) -> Worked:
        r"""The chain ``symbol = formula = formula with numbers = result``; see `Printing`.

        Raises:
            EvaluationError: The expression has no value here.
        """
        printing = Printing(symbol, symbols or {}, shown or {}, result)
        value = self.evaluate(values)
        try:
            return work(self.tree, values, value, printing)
        except NumberError as error:
            raise EvaluationError(str(error), excerpt(self.source)) from None

    def load(self, values: Mapping[str, Value]) -> Load:
        """How much work it is to compute the value by hand.

        Raises:
            EvaluationError: The expression has no value here.
        """
        return account(self.record(values)[1])

    def record(self, values: Mapping[str, Value]) -> tuple[Value, list[Event]]:
        """The value, and what was computed on the way, for `account`.

        Raises:
            EvaluationError: The expression has no value here.
        """
        METER.spent = 0
        try:
            value, events = self._log(values)
            return value if type(value) is Fraction else normal(value), events
        except (OperationError, DecimalException, KeyError) as error:
            METER.spent = 0
            raise explain(self.tree, self.source, values, error) from None

    @cached_property
    def _log(self) -> Callable[[Mapping[str, Any]], tuple[Any, list[Event]]]:
        return compile_logged(self.tree)

    def __reduce__(self) -> tuple[object, tuple[str]]:
        # Closures don't pickle; workers compile again.
        return compile_expression, (self.source,)

    def __str__(self) -> str:
        return self.source


def compile_expression(source: str) -> Expression:
    """Reads and compiles an expression, e.g. ``"relu(i1*w11 + b1)"``.

    Raises:
        ExpressionError: It is not one; with the column, what was found and what is allowed.
    """
    tree = parse(source)
    names = frozenset(node.name for node in walk(tree) if isinstance(node, Name))
    return Expression(source, tree, names, compile_tree(tree))
