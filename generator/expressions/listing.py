"""Lists put in order, looked through, and made."""

from __future__ import annotations

from fractions import Fraction
from functools import cmp_to_key
from typing import Any, Final

from generator.exact.numbers import Value
from generator.expressions.expression_errors import OperationError
from generator.expressions.limits import MAX_ELEMENTS
from generator.expressions.operations import (
    ONE,
    TWO,
    ZERO,
    add,
    charge,
    describe,
    difference,
    divide,
    equal,
    integer,
    multiply,
    number,
    shape,
    subtract,
    vector,
)


def ascending(a: Any) -> tuple[Any, ...]:
    """The numbers of a list, the smallest one first."""
    listed = vector(a, "sorted")
    charge(len(listed) * len(listed).bit_length())
    if all(type(item) is Fraction for item in listed):
        return tuple(sorted(listed))
    return tuple(sorted(listed, key=cmp_to_key(lambda x, y: int(difference(x, y, "sorted")))))


def median(a: Any) -> Value:
    """The middle of the sorted numbers; of an even number of them the mean of the middle two."""
    ordered = ascending(vector(a, "median"))
    half = len(ordered) // 2
    if len(ordered) % 2:
        middle: Value = ordered[half]
        return middle
    mean: Value = divide(add(ordered[half - 1], ordered[half]), TWO)
    return mean


_POSITIONS: Final = {
    4: (ZERO, ONE),
    5: (Fraction(1, 2), Fraction(1, 2)),
    6: (ZERO, ZERO),
    7: (ONE, ONE),
    8: (Fraction(1, 3), Fraction(1, 3)),
    9: (Fraction(3, 8), Fraction(3, 8)),
}
"""Alpha and beta of the continuous definitions."""


def quantile(a: Any, share: Any, definition: Any = Fraction(7)) -> Value:
    """The number below which a share of the list lies.

    Args:
        a: The list.
        share: From 0 to 1.
        definition: 1 to 9, as Hyndman and Fan number them (The American Statistician 50, 1996); 7
            is that of R, NumPy and spreadsheets, 2 the one that schools teach.
    """
    ordered, part = ascending(vector(a, "quantile")), number(share, "the share of quantile")
    kind = integer(definition, "the definition of quantile")
    if not 0 <= part <= 1:
        raise OperationError(f"quantile needs a share from 0 to 1, not {describe(part)}")
    if not 1 <= kind <= 9:
        raise OperationError(f"the definition of quantile is one of 1 to 9, not {kind}")
    length = len(ordered)
    part = Fraction(part)
    if kind not in _POSITIONS:
        return _observed(ordered, part, kind)
    alpha, beta = _POSITIONS[kind]
    position = length * part + alpha + part * (1 - alpha - beta)
    below = position.__floor__()
    low, high = (ordered[min(max(it, 1), length) - 1] for it in (below, below + 1))
    result: Value = add(low, multiply(subtract(high, low), position - below))
    return result


def _observed(ordered: tuple[Any, ...], part: Fraction, kind: int) -> Value:
    """Definitions 1 to 3, which give a number of the list or the mean of two neighbors."""
    position = len(ordered) * part - (Fraction(1, 2) if kind == 3 else 0)
    below = position.__floor__()
    whole = position == below
    first = below if whole and (kind != 3 or below % 2 == 0) else below + 1
    low = ordered[min(max(first, 1), len(ordered)) - 1]
    if kind != 2 or not whole:
        return low  # type: ignore[no-any-return]
    mean: Value = divide(add(low, ordered[min(first, len(ordered) - 1)]), TWO)
    return low if first < 1 else mean


def modes(a: Any) -> Value:
    """The most common members of a list, in the order in which they first come."""
    counts = _counts(_members(a, "modes"))
    most = max(count for _, count in counts)
    return tuple([item for item, count in counts if count == most])


def mode(a: Any) -> Value:
    """The most common member of a list."""
    found = modes(a)
    assert isinstance(found, tuple)
    if len(found) > 1:
        raise OperationError("there is more than one mode; require len(modes(list)) == 1")
    return found[0]


def _counts(items: tuple[Any, ...]) -> list[tuple[Any, int]]:
    counts: dict[Any, int] = {}
    for item in items:
        # Decimals and fractions that are equal have one hash.
        counts[item] = counts.get(item, 0) + 1
    return list(counts.items())


def _members(a: Any, use: str) -> tuple[Any, ...]:
    """The members of a list of numbers or texts."""
    if not isinstance(a, tuple) or len(shape(a)) != 1:
        raise OperationError(f"{use} needs a list, not {describe(a)}")
    charge(len(a))
    return a


def count(a: Any, wanted: Any) -> Value:
    """How often something is in a list."""
    return Fraction(sum(bool(equal(item, wanted)) for item in _members(a, "count")))


def position(a: Any, wanted: Any) -> Value:
    """Where something is first in a list, counted from 0."""
    for index, item in enumerate(_members(a, "position")):
        if equal(item, wanted):
            return Fraction(index)
    raise OperationError(f"{describe(wanted)} is not in {describe(a)}")


def first_smallest(a: Any) -> Value:
    """Where the smallest number of a list is first, counted from 0."""
    return _extreme(vector(a, "argmin"), -1)


def first_largest(a: Any) -> Value:
    """Where the largest number of a list is first, counted from 0."""
    return _extreme(vector(a, "argmax"), 1)


def _extreme(items: tuple[Any, ...], turn: int) -> Value:
    best = 0
    for index, item in enumerate(items):
        if difference(item, items[best], "a comparison") * turn > 0:
            best = index
    return Fraction(best)


def running_totals(a: Any) -> Value:
    """The sums of the first one, two, three … numbers of a list."""
    result: list[Any] = []
    for item in vector(a, "cumsum"):
        result.append(add(result[-1], item) if result else item)
    return tuple(result)


def backwards(a: Any) -> Value:
    """A list or a text from the end to the beginning."""
    if isinstance(a, str):
        return a[::-1]
    return tuple(reversed(_members(a, "reversed")))


def whole_range(first: Any, stop: Any = None) -> Value:
    """The whole numbers from the first (0) up to the last but one: range(3) is [0, 1, 2]."""
    begin = 0 if stop is None else integer(first, "the beginning of range")
    end = integer(first if stop is None else stop, "the end of range")
    if not 1 <= end - begin <= MAX_ELEMENTS:
        raise OperationError(f"a range of {end - begin} numbers; 1 to {MAX_ELEMENTS}")
    charge(end - begin)
    return tuple([Fraction(item) for item in range(begin, end)])


def joined(a: Any, separator: Any = "") -> Value:
    """The texts or whole numbers of a list as one text."""
    if not isinstance(separator, str):
        raise OperationError(f"join needs a text between the members, not {describe(separator)}")
    words = [item if isinstance(item, str) else as_text(item) for item in _members(a, "join")]
    return separator.join(map(str, words))


def as_text(a: Any) -> Value:
    """A number with finite decimals as a text."""
    from generator.exact.numbers import NumberError, format_number

    try:
        return a if isinstance(a, str) else format_number(number(a, "text"))
    except NumberError as error:
        raise OperationError(str(error)) from None
