"""Why an expression has no value: the tree is run once more, with its places in hand."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import DecimalException, Overflow
from typing import Any

from generator.expressions.evaluate import NodeOperation, compile_tree
from generator.expressions.expression_errors import EvaluationError, OperationError
from generator.expressions.nodes import Node, free_names
from generator.expressions.operations import show

MAX_VALUES_SHOWN = 8
MAX_SOURCE_SHOWN = 120


def explain(
    node: Node, source: str, values: Mapping[str, Any], error: Exception
) -> EvaluationError:
    """The error of an evaluation that failed, with the innermost sub-expression at fault.

    Args:
        node: The tree that was evaluated.
        source: Its source.
        values: The values of its names.
        error: What the evaluation raised.
    """

    def hook(part: Node, operation: NodeOperation) -> NodeOperation:
        def run(*operands: Any) -> Any:
            try:
                return operation(*operands)
            except (OperationError, DecimalException) as found:
                raise _located(part, source, values, found) from None

        return run

    try:
        compile_tree(node, hook)(values)
    except EvaluationError as found:
        return found
    except (OperationError, DecimalException) as found:
        # In between two operations, where a list is made.
        return EvaluationError(reason(found), excerpt(source))
    except KeyError as found:
        return EvaluationError("this name has no value", str(found.args[0]))
    return EvaluationError(reason(error), excerpt(source))


def excerpt(source: str) -> str:
    """A piece of source on one short line."""
    line = " ".join(source.split())
    if len(line) <= MAX_SOURCE_SHOWN:
        return line
    half = MAX_SOURCE_SHOWN // 2
    return f"{line[:half]} ... {line[-half:]}"


def reason(error: Exception) -> str:
    """What went wrong, in words; the decimal module's own are not for examiners."""
    if isinstance(error, Overflow):
        return "a result of more than 1000 digits; such a number is of no use on paper"
    if isinstance(error, DecimalException):
        return "a result that is not a finite number"
    return str(error)


def _located(
    node: Node, source: str, values: Mapping[str, Any], error: Exception
) -> EvaluationError:
    names = dict.fromkeys(part.name for part in free_names(node))
    shown = [f"{name} = {show(values[name])}" for name in names if name in values]
    if len(shown) > MAX_VALUES_SHOWN:
        shown[MAX_VALUES_SHOWN:] = ["..."]
    return EvaluationError(reason(error), excerpt(source[node.start : node.end]), ", ".join(shown))
