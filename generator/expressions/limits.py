"""What an expression may cost, in one place.

Together they keep everything that is accepted well under a second and in flat memory: the source
bounds the tree, the bits bound each operation on numbers, the work bounds those on lists.
"""

from __future__ import annotations

MAX_SOURCE = 2000
"""Characters of the source text."""

MAX_NODES = 500
"""Nodes of the tree: numbers, names, operations, calls."""

MAX_DEPTH = 100
"""Levels of the tree; ``a + b + c + …`` has one for each term."""

MAX_DIGITS = 60
"""Characters of a number that is written out."""

MAX_EXPONENT = 1000
"""Absolute value of an exponent, which must be an integer."""

MAX_BITS = 2048
"""Bits of the numerator and of the denominator of each intermediate result (about 616 digits)."""

MAX_ELEMENTS = 256
"""Numbers in one list or matrix."""

MAX_WORK = 20_000
"""Operations on elements of lists in one evaluation; a transcendental one counts as 10."""

MAX_ROUNDING = 50
"""Decimals that ``round`` and a step may ask for."""
