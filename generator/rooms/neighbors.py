"""Which copy lies on which seat, so that neighbors have little to gain from each other's paper.

How alike two copies are is a matrix of costs; a seat pays for its copy's likeness to those around
it. That is a quadratic assignment problem. It is solved by local search: the best exchange of every
seat in turn, the dearest first, until none pays; then the dearest seats are shaken up and it is
tried again. The same copies and seats give the same result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Costs = NDArray[np.int32]
Order = NDArray[np.intp]

_CHUNK = 256
_PASSES = 20
_SHAKES = 2
_SHAKEN = 1_000
"""Small rooms are shaken more often: there are fewer ways out, and it costs little."""
_BLOCK = 400


@dataclass(frozen=True)
class Likeness:
    """How alike copies are, by pairs. All arrays have the shape (copies, copies).

    Attributes:
        numbers: How many numeric answers are the same within their tolerance.
        others: How many choice questions and other answers are the same.
        number_count: How many numeric answers are compared.
        other_count: How many others are compared.
    """

    numbers: NDArray[np.int16]
    others: NDArray[np.int16]
    number_count: int
    other_count: int

    def costs(self) -> Costs:
        """What it costs if two copies are neighbors: a number in common outweighs all others.

        Two numbers in common are worse than one in each of two pairs, therefore squares.
        """
        weight = 8 * (self.other_count + 1)
        numbers = self.numbers.astype(np.int32)
        return numbers * numbers * weight + self.others


def likeness(
    ids: NDArray[np.int32],
    values: NDArray[np.float64],
    margins: NDArray[np.float64],
    others: NDArray[np.int32],
) -> Likeness:
    """Compares all copies with each other.

    Args:
        ids: Shape (copies, exact numbers): equal for equal numbers; below zero where a copy has
            no such answer.
        values: Shape (copies, numbers with a tolerance); NaN where a copy has none.
        margins: By how much these may differ from what is right, of the same shape.
        others: As `ids`, for answers that are no numbers.
    """
    count = len(ids)
    numbers = np.zeros((count, count), np.int16)
    rest = np.zeros((count, count), np.int16)
    for start in range(0, count, _CHUNK):
        rows = slice(start, start + _CHUNK)
        for column in ids.T:
            numbers[rows] += (column[rows, None] == column) & (column >= 0)
        for value, margin in zip(values.T, margins.T, strict=True):
            # A hair more than the margin is what the computer makes of it, not the author.
            allowed = np.maximum(margin[rows, None], margin) * (1 + 1e-9) + 1e-12
            numbers[rows] += np.abs(value[rows, None] - value) <= allowed
        for column in others.T:
            rest[rows] += (column[rows, None] == column) & (column >= 0)
    np.fill_diagonal(numbers, 0)
    np.fill_diagonal(rest, 0)
    return Likeness(numbers, rest, ids.shape[1] + values.shape[1], others.shape[1])


def part_neighbors(
    costs: Costs, near: Sequence[Sequence[int]], movable: Sequence[bool], seed: int = 0
) -> list[int]:
    """Permutes copies over seats.

    Args:
        costs: Shape (copies, copies), symmetric, zeros on the diagonal.
        near: Seat to the seats around it.
        movable: Of each seat, whether its copy may be exchanged; copy `i` lies on seat `i` now.
        seed: Of the shaking.

    Returns:
        Seat to copy.
    """
    order = list(range(len(near)))
    seats = [seat for seat, is_free in enumerate(movable) if is_free]
    blocks = -(-len(seats) // _BLOCK) or 1
    size = -(-len(seats) // blocks) or 1
    for start in range(0, len(seats), size):
        _part_block(costs, near, order, seats[start : start + size], seed)
    return order


def _part_block(
    costs: Costs, near: Sequence[Sequence[int]], order: list[int], block: Sequence[int], seed: int
) -> None:
    """Exchanges the copies of some seats; those of the seats around them stay.

    In a hall of thousands, the few hundred copies of a block are choice enough, and all that they
    are compared with stays in the processor's cache.
    """
    around = {other for seat in block for other in near[seat]} - set(block)
    seats = [*block, *sorted(around)]
    place = {seat: index for index, seat in enumerate(seats)}
    copies = [order[seat] for seat in seats]
    inside = [[place[other] for other in near[seat] if other in place] for seat in seats]
    search = _Search(costs[np.ix_(copies, copies)], inside, len(block))
    for seat, copy in zip(seats, search.best(np.random.default_rng(seed)), strict=True):
        order[seat] = copies[copy]


class _Search:
    """An arrangement that gets better, exchange by exchange.

    There is one seat more than there are, with a copy that is like no other: it stands in where a
    seat has fewer neighbors than others.
    """

    def __init__(self, costs: Costs, near: Sequence[Sequence[int]], movable: int) -> None:
        """Prepares.

        Args:
            movable: So many seats, from the first, may exchange their copies.
        """
        count = len(near)
        self.costs = np.zeros((count + 1, count + 1), np.int32)
        self.costs[:count, :count] = costs
        most = max((len(seats) for seats in near), default=0)
        self.near = np.full((count + 1, max(1, most)), count, np.intp)
        for seat, seats in enumerate(near):
            self.near[seat, : len(seats)] = seats
        self.free = np.arange(movable)
        self.reset(np.arange(count + 1))

    def best(self, dice: np.random.Generator) -> list[int]:
        """Seat to copy, in the best arrangement that is found."""
        self._descend()
        best, least = self.order.copy(), self.total()
        for _ in range(_SHAKES + _SHAKEN // len(self.free)):
            self._shake(dice)
            self._descend()
            if (total := self.total()) < least:
                best, least = self.order.copy(), total
            else:
                self.reset(best)
        return [int(copy) for copy in best[:-1]]

    def reset(self, order: Order) -> None:
        """Takes another arrangement: seat to copy."""
        self.order = order.copy()
        self.local = self._local(np.arange(len(order)))

    def _local(self, seats: Order) -> NDArray[np.int64]:
        """What each of these seats pays."""
        around = self.order[self.near[seats]]
        paid: NDArray[np.int64] = self.costs[self.order[seats, None], around].sum(1, dtype=np.int64)
        return paid

    def total(self) -> int:
        """What all pay; every pair is paid for at both of its seats."""
        return int(self.local.sum())

    def _descend(self) -> None:
        """Exchanges copies as long as that pays."""
        for _ in range(_PASSES):
            dearest = np.argsort(-self.local, kind="stable")
            seats = [seat for seat in dearest if self.local[seat] > 0 and seat < len(self.free)]
            if sum([self._improve(int(seat)) for seat in seats]) <= len(seats) // 200:
                return

    def _improve(self, seat: int) -> bool:
        """The best exchange of a seat with any other."""
        tried = self.free
        around = self.order[self.near[seat]]
        copies = self.order[tried]
        comes = self.costs[copies[:, None], around].sum(1, dtype=np.int64)
        beside = self.near[tried]
        goes = self.costs[self.order[seat], self.order[beside]].sum(1, dtype=np.int64)
        change = comes + goes - self.local[tried] - self.local[seat]
        # What two neighbors share stays between them; each of them was compared with itself.
        change += 2 * self.costs[self.order[seat], copies] * (beside == seat).any(1)
        change[tried == seat] = 0
        best = int(np.argmin(change))
        if change[best] >= 0:
            return False
        self._exchange(seat, int(tried[best]))
        return True

    def _exchange(self, one: int, other: int) -> None:
        self.order[[one, other]] = self.order[[other, one]]
        touched = np.unique(np.concatenate([[one, other], self.near[one], self.near[other]]))
        self.local[touched] = self._local(touched)

    def _shake(self, dice: np.random.Generator) -> None:
        """Exchanges the copies of some seats, half of them the dearest, with any others."""
        count = 1 + len(self.free) // 40
        dearest = np.argsort(-self.local[self.free], kind="stable")[:count]
        for seat in (*dearest, *dice.choice(self.free, count)):
            self._exchange(int(seat), int(dice.choice(self.free)))
