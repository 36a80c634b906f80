"""Results that are kept by the values they were made of: copies share many values of a part.

Which values a result depends on is seen when it is made. Where these are the same, the same would
be read again, one after the other, and the result is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from fractions import Fraction
from typing import Generic, TypeVar

from generator.exact.numbers import Value

Result = TypeVar("Result")
Names = tuple[str, ...]

MOST_RESULTS = 2048
"""Results of one function that are kept."""

TRIED = 48
"""So many results are looked at before it is known whether keeping them is worth it."""


class ReadValues(Mapping[str, Value]):
    """Values that note which of them are read.

    No ``dict``: what copies one would not be seen.

    Attributes:
        read: The names that were asked for, in the order in which they first were.
    """

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values
        self.read: dict[str, None] = {}

    def __getitem__(self, name: str) -> Value:
        value = self._values[name]
        self.read[name] = None
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class Remembered(Generic[Result]):
    """The results of one function of values, which must depend on nothing else."""

    def __init__(self) -> None:
        # All names there are, for a copy may have other questions; those that were read; values.
        self._known: dict[Names, dict[Names, dict[Hashable, Result]]] = {}
        self._made = self._found = 0

    def of(
        self,
        values: Mapping[str, Value],
        make: Callable[[Mapping[str, Value]], Result],
        further: Hashable = None,
    ) -> Result:
        """The result for these values, known or made.

        Args:
            values: All values of a copy.
            make: The function; what it raises is not kept.
            further: What else it depends on.
        """
        if self._made >= TRIED and 4 * self._found < self._made:  # it depends on too much
            self._known.clear()
            return make(values)
        for names, known in self._known.get(tuple(values), {}).items():
            key = further, tuple(told(values[name]) for name in names)
            if key in known:
                self._found += 1
                return known[key]
        return self._kept(values, make, further)

    def _kept(
        self,
        values: Mapping[str, Value],
        make: Callable[[Mapping[str, Value]], Result],
        further: Hashable,
    ) -> Result:
        noted = ReadValues(values)
        result = make(noted)
        names = tuple(noted.read)
        self._made += 1
        if self._made <= MOST_RESULTS:
            key = further, tuple(told(values[name]) for name in names)
            known = self._known.setdefault(tuple(values), {})
            known.setdefault(names, {})[key] = result
        return result


def told(value: Value) -> Hashable:
    """A value so that none equals another that prints otherwise: 1 is no condition, nor 1.0."""
    if type(value) is Fraction:
        return value.numerator, value.denominator
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return ("list", *map(told, value))
    return type(value), repr(value)
