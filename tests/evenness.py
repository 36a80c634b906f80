"""Pearson's chi-square test, for draws that are to be uniform."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import TypeVar

Key = TypeVar("Key")

_NORMAL_QUANTILE = 3.0902
"""Of the standard normal distribution: one in a thousand is above."""


def statistic(observed: Mapping[Key, int], expected: Mapping[Key, float]) -> float:
    """Sum of squared deviations, each in units of what is expected."""
    assert set(observed) <= set(expected), set(observed) - set(expected)
    return sum((observed.get(key, 0) - mean) ** 2 / mean for key, mean in expected.items())


def limit(freedom: int) -> float:
    """What one in a thousand exceeds, to within three percent (Wilson and Hilferty, 1931)."""
    spread = 2 / (9 * freedom)
    return freedom * float(1 - spread + _NORMAL_QUANTILE * sqrt(spread)) ** 3


def is_even(observed: Mapping[Key, int], shares: Mapping[Key, float] | list[Key]) -> bool:
    """Whether counts are as likely as shares say, which is not doubted once in a thousand times.

    Args:
        observed: How often each result was seen.
        shares: All results and their probabilities, or only the results: all are equally likely.
    """
    total = sum(observed.values())
    if not isinstance(shares, Mapping):
        shares = {key: 1 / len(shares) for key in shares}
    expected = {key: total * share for key, share in shares.items()}
    return statistic(observed, expected) < limit(len(expected) - 1)
