"""Truth values and sets."""

from __future__ import annotations

from typing import Any

from generator.exact.numbers import Value
from generator.expressions.expression_errors import OperationError
from generator.expressions.listing import ascending
from generator.expressions.operations import charge, condition, contains, describe, shape


def exclusive(a: Any, b: Any) -> Value:
    """Whether exactly one of two conditions holds."""
    return condition(a, "xor") != condition(b, "xor")


def implies(a: Any, b: Any) -> Value:
    """Whether the second condition holds if the first one does."""
    return condition(b, "implies") or not condition(a, "implies")


def equivalent(a: Any, b: Any) -> Value:
    """Whether both conditions hold, or neither."""
    return condition(a, "iff") == condition(b, "iff")


def _members(a: Any, use: str) -> tuple[Any, ...]:
    if not isinstance(a, tuple) or (a and len(shape(a)) != 1):
        raise OperationError(f"{use} needs a list, not {describe(a)}")
    charge(len(a))
    return a


def _as_set(items: list[Any]) -> Value:
    """Each member once, numbers in ascending order, texts in the order in which they come."""
    found: list[Any] = []
    for item in items:
        if not contains(item, tuple(found)):
            found.append(item)
    if not found:
        return ()
    return tuple(found) if isinstance(found[0], (str, bool)) else ascending(tuple(found))


def unique(a: Any) -> Value:
    """The members of a list, each once."""
    return _as_set(list(_members(a, "unique")))


def union(a: Any, b: Any) -> Value:
    """What is in one of two lists."""
    return _as_set([*_members(a, "union"), *_members(b, "union")])


def intersection(a: Any, b: Any) -> Value:
    """What is in both lists."""
    right = _members(b, "intersection")
    return _as_set([it for it in _members(a, "intersection") if contains(it, right)])


def without(a: Any, b: Any) -> Value:
    """What is in the first list, but not in the second one."""
    right = _members(b, "without")
    return _as_set([it for it in _members(a, "without") if not contains(it, right)])
