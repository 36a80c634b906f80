"""6.5 answered from the drawing alone: where the lines of the figure run."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Line = NDArray[np.float64]

_POINT = re.compile(r"\((-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)\)")


def read_line(coordinates: str) -> Line:
    """The points of a line, shape (points, 2), in mm.

    Raises:
        ValueError: There is something else than points between the points.
    """
    if _POINT.sub("", coordinates).strip():
        raise ValueError(f"not only points: {_POINT.sub('', coordinates).strip()[:40]!r}")
    return np.array([[float(x), float(y)] for x, y in _POINT.findall(coordinates)])


def end_level(line: Line) -> float:
    """The height at which a line levels off, the mean of its last fifth."""
    return float(line[-len(line) // 5 :, 1].mean())


def rise_time(line: Line) -> float:
    """Where a line has made half of its way up for good: the smaller, the faster it rises.

    Between the last point that is below half and the first one that stays above.
    """
    half = (line[0, 1] + end_level(line)) / 2
    below = np.flatnonzero(line[:, 1] < half)[-1]
    return float(line[below : below + 2, 0].mean())


def initial_slope(line: Line, reach_mm: float = 2.5) -> float:
    """How steeply a line rises at first, in mm per mm."""
    near = line[line[:, 0] <= line[0, 0] + reach_mm]
    return float(np.polyfit(near[:, 0], near[:, 1], 1)[0])


def independent_order(lines: Mapping[str, Line]) -> list[str]:
    """Labels, larger learning rate first.

    A too large rate rises fastest and levels off lowest, a good one levels off highest, a too
    small one rises slowest. Speed alone orders the rates; level alone says which is in the middle
    and which one is the largest.

    Raises:
        ValueError: Speed and level tell different stories.
    """
    by_speed = sorted(lines, key=lambda label: -initial_slope(lines[label]))
    low, middle, high = sorted(lines, key=lambda label: end_level(lines[label]))
    if [low, high, middle] != by_speed:
        raise ValueError(f"speed says {by_speed}, levels say {[low, high, middle]}")
    return by_speed
