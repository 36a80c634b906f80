"""Problem 7 by other methods: counting arrays, a plain loop, and experiments with gates."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


def independent_parameters(n_x: int, n_h: int) -> int:
    """7.1: entries of the smallest arrays with which the cell can take a step.

    Raises:
        ValueError: From numpy, if the arrays don't fit together.
    """
    state, inputs = np.zeros(n_h), np.zeros(n_x)
    v = np.outer(state, state)  # maps states to states
    w = np.outer(state, inputs)  # maps inputs to states
    assert np.tanh(v @ state + w @ inputs).shape == state.shape
    return v.size + w.size


def independent_states(v: int, w: int, h0: int, inputs: Sequence[int]) -> list[int]:
    """7.3: the states after each input."""
    states = []
    state = h0
    for x in inputs:
        state = v * state + w * x
        if state < 0:
            state = 0
        states.append(state)
    return states


Cell = Callable[[Vector, Vector, Sequence[Vector]], tuple[Vector, Vector]]
"""From c_{t-1}, the candidate and the gates g1, g2, g3 to c_t and h_t."""


def read_cell(tex: str) -> Cell:
    """The cell that the two equations of 7.4 define, as they are printed.

    Args:
        tex: The question, with ``c_t &= g_{2} \\circ c_{t-1} + g_{3} \\circ \\tilde{c}_t`` in it.
    """
    gate = r"g_\{\\ensuremath\{(\d)\}\}"
    old, new = re.findall(
        rf"c_t &= {gate} \\circ c_{{t-1}} \+ {gate} \\circ \\tilde{{c}}_t, ", tex
    )[0]
    (out,) = re.findall(rf"h_t &= {gate} \\circ c_t,", tex)

    def step(c: Vector, candidate: Vector, gates: Sequence[Vector]) -> tuple[Vector, Vector]:
        c = gates[int(old) - 1] * c + gates[int(new) - 1] * candidate
        return c, gates[int(out) - 1] * c

    return step


def independent_gates(cell: Cell) -> dict[str, str]:
    """7.4: which gate does what, by closing one after the other and watching.

    A forget gate that is closed wipes out what was remembered; a closed update gate keeps the new
    candidate out; a closed output gate hides the cell state without changing it.
    """
    rng = np.random.default_rng(74)
    c, other_c, candidate, other_candidate = rng.normal(size=(4, 6))
    roles = {}
    for closed in range(3):
        gates = [*rng.uniform(0.2, 0.8, size=(3, 6))]
        gates[closed] = np.zeros(6)
        state, shown = cell(c, candidate, gates)
        if np.array_equal(state, cell(other_c, candidate, gates)[0]):
            role = "forget"
        elif np.array_equal(state, cell(c, other_candidate, gates)[0]):
            role = "update"
        else:
            assert state.any()
            assert not shown.any()
            role = "output"
        assert role not in roles
        roles[role] = f"g{closed + 1}"
    return roles
