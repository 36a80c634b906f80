"""What is computed while a tree is evaluated, one event after the other, and the load of that."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from generator.expressions.evaluate import CompiledTree, NodeOperation, compile_tree
from generator.expressions.load import Load
from generator.expressions.nodes import (
    Binary,
    Call,
    Comparison,
    Conditional,
    Negative,
    Node,
    Number,
)
from generator.expressions.operations import EXACT, METER
from generator.expressions.tally import ACCOUNTS, LoadTally

WorkEvent: TypeAlias = tuple[str, tuple[Any, ...], Any]
"""Something that was computed: its kind, the operands, the result."""


class _Log(threading.local):
    """What the running evaluation has computed so far, by thread."""

    def __init__(self) -> None:
        self.events: list[WorkEvent] = []


_LOG: Final = _Log()


def compile_logged(node: Node) -> Callable[[Mapping[str, Any]], tuple[Any, list[WorkEvent]]]:
    """The closure that evaluates a tree and tells what was computed on the way.

    It raises what `compile_tree`'s does.
    """
    run: CompiledTree = compile_tree(node, _logged)

    def log(values: Mapping[str, Any]) -> tuple[Any, list[WorkEvent]]:
        outer, _LOG.events = _LOG.events, []
        try:
            return run(values), _LOG.events
        finally:
            _LOG.events = outer

    return log


def account(events: Iterable[WorkEvent]) -> Load:
    """The load of what was computed."""
    METER.spent = 0
    tally = LoadTally()
    for kind, operands, result in events:
        METER.spent = 0
        ACCOUNTS[kind](tally, *operands, result)
    return tally.load()


def weigh(events: Iterable[WorkEvent]) -> tuple[tuple[str, ...], int]:
    """The branches and the total of the load of what was computed, as `account` has them.

    What an operation adds follows from its operands, of which a problem has few different ones.
    """
    total = 0
    branches: list[str] = []
    for event in events:
        key = _key(event)
        known = _WEIGHED.get(key) if key is not None else None
        if known is None:
            load = account([event])
            known = load.total, load.branches
            if key is not None:
                if len(_WEIGHED) >= _MOST_WEIGHED:
                    _WEIGHED.clear()
                _WEIGHED[key] = known
        total += known[0]
        branches += known[1]
    return tuple(branches), total


_WEIGHED: Final[dict[tuple[object, ...], tuple[int, tuple[str, ...]]]] = {}
_MOST_WEIGHED: Final = 20_000


def _key(event: WorkEvent) -> tuple[object, ...] | None:
    """The kind and the operands of what was computed; None where they are not plain fractions."""
    kind, operands, _ = event
    if len(operands) == 2:
        a, b = operands
        if type(a) is EXACT and type(b) is EXACT:
            return kind, a._numerator, a._denominator, b._numerator, b._denominator
    elif len(operands) == 1:
        [a] = operands
        if type(a) is EXACT:
            return kind, a._numerator, a._denominator
        if type(a) is bool:
            return kind, a
    return None


def _logged(node: Node, operation: NodeOperation) -> NodeOperation:
    kind = _kind(node)
    if kind not in ACCOUNTS:
        return operation

    def run(*operands: Any) -> Any:
        result = operation(*operands)
        _LOG.events.append((kind, operands, result))
        return result

    return run


def _kind(node: Node) -> str:
    match node:
        case Binary(operator=name) | Call(function=name):
            return name
        case Comparison():
            return "compare"
        case Conditional():
            return "if"
        case Negative(operand=operand) if not isinstance(operand, Number):
            return "negate"
    return ""
