"""What marks say about an exam: how hard, how telling, how even for all variants and correctors.

Points are an array of copies by subproblems, with NaN where a mark is missing. Nothing here knows
who wrote a copy.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

SHUFFLES = 4_999
"""So often labels are shuffled; with the true order this makes 5,000."""

TAIL = 0.27
"""Share of copies in the upper and in the lower group."""

_LEAST = 4
"""Of fewer copies nothing is said."""


def facility(points: Points, maximum: float) -> float | None:
    """The mean share of the points that a subproblem earns: near 1 is easy.

    The difficulty index of classical test theory (Lord, Novick 1968, *Statistical theories of
    mental test scores*, ch. 15). None without a mark.
    """
    known = points[~np.isnan(points)]
    return float(known.mean() / maximum) if known.size and maximum else None


def discrimination(points: Points, index: int) -> float | None:
    """How well a subproblem tells strong copies from weak ones: the part-rest correlation.

    Pearson's r of its points with the sum of all others (Henrysson 1963, *Correction of item-total
    correlations in item analysis*): the item itself is left out of the sum. None where one of both
    does not vary, or there are too few whole copies.
    """
    whole = complete(points)
    rest = whole.sum(axis=1) - whole[:, index]
    return correlation(whole[:, index], rest)


def upper_lower(points: Points, index: int, maximum: float) -> float | None:
    """The facility of the best 27 % of the copies, less that of the weakest 27 %.

    Kelley 1939, *The selection of upper and lower groups for the validation of test items*. None
    for too few whole copies.
    """
    whole = complete(points)
    count = round(TAIL * len(whole))
    if count < 1 or len(whole) < _LEAST:
        return None
    order = np.argsort(whole.sum(axis=1), kind="stable")
    lower, upper = whole[order[:count], index], whole[order[-count:], index]
    return float((upper.mean() - lower.mean()) / maximum)


def cronbach_alpha(points: Points) -> float | None:
    """How much of the variance of totals all subproblems have in common.

    α = k/(k-1) · (1 - Σ s²ᵢ / s²), with the variances of the k subproblems and of the totals
    (Cronbach 1951, *Coefficient alpha and the internal structure of tests*, eq. 2). None where it
    is not defined.
    """
    whole = complete(points)
    count = whole.shape[1]
    if len(whole) < 2 or count < 2:
        return None
    total = whole.sum(axis=1).var(ddof=1)
    if not total:
        return None
    return float(count / (count - 1) * (1 - whole.var(axis=0, ddof=1).sum() / total))


def complete(points: Points) -> Points:
    """The copies of which nothing is missing."""
    return points[~np.isnan(points).any(axis=1)]


def correlation(first: Points, second: Points) -> float | None:
    """Pearson's r; None where one of both does not vary, or of too few pairs."""
    known = ~(np.isnan(first) | np.isnan(second))
    if known.sum() < _LEAST:
        return None
    a, b = first[known] - first[known].mean(), second[known] - second[known].mean()
    scale = math.sqrt(float((a @ a) * (b @ b)))
    # Rounding leaves something of what does not vary.
    return float(a @ b) / scale if scale > 1e-9 else None


def interval(r: float, count: int) -> tuple[float, float]:
    """A 95 % interval of a correlation of so many pairs, by Fisher's z.

    Fisher 1921, *On the "probable error" of a coefficient of correlation*: artanh r has a standard
    error of 1/√(n-3).
    """
    if abs(r) >= 1 or count <= 3:
        return -1.0, 1.0
    half = NormalDist().inv_cdf(0.975) / math.sqrt(count - 3)
    return math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)


@dataclass(frozen=True)
class Spread:
    """Marks by groups.

    Attributes:
        groups: Each group to its mean and to the number of its copies.
        share: η²: the share of the variance that lies between groups.
        chance: How likely so much is by chance, from shuffled labels.
    """

    groups: Mapping[Hashable, tuple[float, int]]
    share: float
    chance: float


def spread(labels: Sequence[Hashable], points: Points, shuffles: int = SHUFFLES) -> Spread | None:
    """Whether marks depend on the group; None where there is one group, or nothing varies.

    The share of variance between groups, η² (Fisher 1925, *Statistical methods for research
    workers*, ch. 7), with the chance that labels given at random have as much (Pitman 1937,
    *Significance tests which may be applied to samples from any populations*): marks are neither
    normal nor of one variance, so no table of F is used. Shuffles are the same in every run.
    """
    known = [int(at) for at in np.flatnonzero(~np.isnan(points))]
    own = points[known]
    names = list(dict.fromkeys(labels[at] for at in known))
    if len(names) < 2 or len(own) < _LEAST or np.ptp(own) == 0:
        return None
    place = {name: at for at, name in enumerate(names)}
    member = np.zeros((len(own), len(names)))
    member[np.arange(len(own)), [place[labels[at]] for at in known]] = 1
    counts = member.sum(axis=0)
    centred = own - own.mean()
    total = float(centred @ centred)

    def between(sums: Points) -> Points:
        shares: Points = (sums**2 / counts).sum(axis=-1) / total
        return shares

    share = float(between(centred @ member))
    dice = np.random.default_rng(1)
    shuffled = dice.permuted(np.tile(centred, (shuffles, 1)), axis=1)
    as_much = int((between(shuffled @ member) >= share - 1e-12).sum())
    means = (own @ member) / counts
    groups = {name: (float(means[at]), int(counts[at])) for name, at in place.items()}
    return Spread(groups, share, (as_much + 1) / (shuffles + 1))


def adjusted(chances: Sequence[float]) -> list[float]:
    """Chances, adjusted for being many: the least false discovery rate at which each counts.

    Benjamini, Hochberg 1995, *Controlling the false discovery rate*.
    """
    order = sorted(range(len(chances)), key=lambda at: chances[at], reverse=True)
    found = [0.0] * len(chances)
    least = 1.0
    for rank, at in enumerate(order):
        least = min(least, chances[at] * len(chances) / (len(chances) - rank))
        found[at] = least
    return found
