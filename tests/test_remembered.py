"""Results kept by the values they were made of: the same as if they were made each time."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product

import pytest

from generator.exact.numbers import Value
from generator.solve.remembered import MOST_RESULTS, TRIED, Remembered, told


def _branching(values: Mapping[str, Value]) -> str:
    """Reads ``b`` or ``c``, as ``a`` says."""
    return f"b {values['b']}" if values["a"] == 1 else f"c {values['c']}"


def test_what_is_read_decides_and_nothing_else() -> None:
    """Values that a result does not depend on make no new one; those that it does, do."""
    made: list[str] = []
    remembered: Remembered[str] = Remembered()

    def make(values: Mapping[str, Value]) -> str:
        made.append(_branching(values))
        return made[-1]

    sheets = [
        dict(zip("abcd", map(Fraction, numbers), strict=True))
        for numbers in product((1, 2), (3, 4), (5, 6), range(10))
    ]
    for sheet in sheets:
        assert remembered.of(sheet, make) == _branching(sheet)
    assert sorted(made) == ["b 3", "b 4", "c 5", "c 6"]


@pytest.mark.parametrize("copied", [dict, lambda values: {**values}, lambda it: dict(it.items())])
def test_a_copy_of_values_reads_them_all(copied) -> None:  # type: ignore[no-untyped-def]
    """However values are copied, what is read of the copy counts."""
    remembered: Remembered[Value] = Remembered()
    for number in (1, 2, 1):
        assert remembered.of({"a": Fraction(number)}, lambda it: copied(it)["a"]) == number


def test_copies_may_have_other_names() -> None:
    """What was made of some names is not what is made of others, nor of more."""
    remembered: Remembered[int] = Remembered()
    for names in ("ab", "a", "abc", "bc"):
        values = dict.fromkeys(names, Fraction(1))
        assert remembered.of(values, lambda it: len({**it})) == len(names)


def test_values_that_print_otherwise_are_told_apart() -> None:
    """A condition, a number and a text are three values, also within lists."""
    values: list[Value] = [True, Fraction(1), "1", "True", (Fraction(1),), (True,), ((True,),), ()]
    assert len({told(value) for value in values}) == len(values)


def test_further_things_count() -> None:
    """What a result depends on besides the values is told beside them."""
    remembered: Remembered[str] = Remembered()
    for further in ("x", "y", "x"):
        assert remembered.of({}, lambda it, said=further: said, further) == further  # type: ignore[misc]


def test_what_differs_in_all_copies_is_not_kept() -> None:
    """After some results that were of no use, values are read without being noted."""
    remembered: Remembered[str] = Remembered()
    kinds = [
        remembered.of({"a": Fraction(number)}, lambda it: f"{it['a']} {type(it).__name__}")
        for number in range(TRIED + 1)
    ]
    assert [kinds[0], kinds[-1]] == ["0 ReadValues", f"{TRIED} dict"]
    assert TRIED < MOST_RESULTS
