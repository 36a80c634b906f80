"""An expression: one formula, from which everything is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import DecimalException
from fractions import Fraction
from functools import cached_property
from typing import Any

from generator.exact.numbers import NumberError, Value
from generator.expressions.effort import WorkEvent, account, compile_logged
from generator.expressions.evaluate import CompiledTree, compile_tree
from generator.expressions.explain import excerpt, explain
from generator.expressions.expression_errors import EvaluationError, OperationError
from generator.expressions.functions import FUNCTIONS
from generator.expressions.load import Load
from generator.expressions.nodes import (
    Comparison,
    Conditional,
    Name,
    Node,
    TextLiteral,
    free_names,
    walk,
)
from generator.expressions.operations import METER, normal
from generator.expressions.parse import parse
from generator.expressions.precise import CONSTANTS
from generator.expressions.shown_values import ShownDigits, print_value
from generator.expressions.tex import branches, substituted, symbolic
from generator.expressions.worked import StepPrinting, Worked, work


@dataclass(frozen=True)
class Expression:
    """A compiled expression. Make it with `compile_expression`.

    Attributes:
        source: The text it was made from.
        tree: What it says.
        names: The names it needs a value for.
        taken: Names of the problem that are constants or functions elsewhere.
    """

    source: str
    tree: Node = field(repr=False, compare=False)
    names: frozenset[str] = field(repr=False, compare=False)
    _run: CompiledTree = field(repr=False, compare=False)
    taken: tuple[str, ...] = ()

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

    @property
    def compared_texts(self) -> list[tuple[str, str]]:
        """Names and the texts that they are compared with."""
        return [
            (name.name, text.value)
            for node in walk(self.tree)
            if isinstance(node, Comparison)
            for name in node.operands
            if isinstance(name, Name)
            for text in node.operands
            if isinstance(text, TextLiteral)
        ]

    def symbolic(self, symbols: Mapping[str, str] | None = None, *, short: bool = False) -> str:
        r"""The formula in TeX, e.g. ``i_{1} w_{11} + b_{1}``; `default_symbol` fills the gaps.

        Args:
            short: Long sums have dots.
        """
        own = (short, *[(symbols or {}).get(name) for name in self.names])
        if own not in self._formulas:
            self._formulas[own] = symbolic(self.tree, symbols or {}, short=short)
        return self._formulas[own]

    def branches(self, symbols: Mapping[str, str], *, short: bool = False) -> list[str]:
        """The formula in TeX with one branch of each conditional, until all were there once."""
        choices = (it for it in walk(self.tree) if isinstance(it, Conditional))
        count = max((len(branches(it)) for it in choices), default=0)
        return [symbolic(self.tree, symbols, short=short, branch=at) for at in range(count)]

    def substituted(
        self, values: Mapping[str, Value], shown: Mapping[str, ShownDigits] | None = None
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
        shown: Mapping[str, ShownDigits] | None = None,
        result: Callable[[Value], ShownDigits] = print_value,
        *,
        short: bool = False,
    ) -> Worked:
        r"""The chain ``symbol = formula = formula with numbers = result``; see `StepPrinting`.

        Args:
            values: The values of the names.
            symbol: TeX of what is computed.
            symbols: TeX of names, where it is not the default one.
            shown: Values as they are printed; `print_value` fills the gaps.
            result: How the result is printed.
            short: Long sums have dots.

        Raises:
            EvaluationError: The expression has no value here.
        """
        value = self.evaluate(values)
        shown = shown or {}
        try:
            used = {it: shown[it] if it in shown else print_value(values[it]) for it in self.names}
            formula = self.symbolic(symbols, short=short)
            printing = StepPrinting(symbol, formula, used, result(value))
            return work(self.tree, values, value, printing, short=short)
        except NumberError as error:
            raise EvaluationError(str(error), excerpt(self.source)) from None

    def load(self, values: Mapping[str, Value]) -> Load:
        """How much work it is to compute the value by hand.

        Raises:
            EvaluationError: The expression has no value here.
        """
        return account(self.record(values)[1])

    def record(self, values: Mapping[str, Value]) -> tuple[Value, list[WorkEvent]]:
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
    def _formulas(self) -> dict[tuple[object, ...], str]:
        """The formula in TeX by the symbols of its names, which are the same for every copy."""
        return {}

    @cached_property
    def _log(self) -> Callable[[Mapping[str, Any]], tuple[Any, list[WorkEvent]]]:
        return compile_logged(self.tree)

    def __reduce__(self) -> tuple[object, tuple[str, tuple[str, ...]]]:
        # Closures don't pickle; workers compile again.
        return compile_expression, (self.source, self.taken)

    def __str__(self) -> str:
        return self.source


def compile_expression(source: str, taken: Iterable[str] = ()) -> Expression:
    """Reads and compiles an expression, e.g. ``"relu(i1*w11 + b1)"``.

    Args:
        source: The text.
        taken: Names of the problem; they come before constants and functions of the same name.

    Raises:
        ExpressionError: It is not one; with the column, what was found and what is allowed.
    """
    own = tuple(sorted(set(taken) & (FUNCTIONS.keys() | set(CONSTANTS))))
    tree = parse(source, own)
    names = frozenset(node.name for node in free_names(tree))
    return Expression(source, tree, names, compile_tree(tree), own)
