r"""The worked step of a key: ``h_{1} = i_{1} w_{11} + b_{1} = 2.0 \cdot 1.0 + 0.5 = 2.5``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generator.exact.numbers import Value
from generator.expressions.nodes import Call, Node
from generator.expressions.shown_values import ShownDigits, is_exact
from generator.expressions.tex import SETS, substituted_exactly
from generator.expressions.tex_pieces import shown_set, shown_tex


@dataclass(frozen=True)
class StepPrinting:
    r"""How the things in a worked step are printed.

    Attributes:
        symbol: TeX of what is computed; empty if the chain begins with the formula.
        formula: TeX of the formula.
        shown: The values of its names as they are printed on the paper.
        result: The result as it is printed.
    """

    symbol: str
    formula: str
    shown: Mapping[str, ShownDigits]
    result: ShownDigits


@dataclass(frozen=True)
class Worked:
    r"""A chain of equal things, in TeX for math mode.

    Attributes:
        members: What is equal, from the name to the result.
        relations: What stands before each member but the first: ``=`` or ``\approx``.
    """

    members: tuple[str, ...]
    relations: tuple[str, ...]

    @property
    def tex(self) -> str:
        """The chain on one line."""
        first, *others = self.members
        pairs = zip(self.relations, others, strict=True)
        return " ".join([first, *(f"{relation} {member}" for relation, member in pairs)])

    @property
    def ends(self) -> str:
        """The name and the result alone."""
        return f"{self.members[0]} {self.relations[-1]} {self.members[-1]}"


def work(
    tree: Node,
    values: Mapping[str, Value],
    value: Value,
    printing: StepPrinting,
    *,
    short: bool = False,
) -> Worked:
    """The chain from the symbol over the formula and its numbers to the result.

    A member that looks like the one before it is left out.

    Args:
        tree: The formula.
        values: The values of its names.
        value: Its value, before it is rounded.
        printing: How things are printed.
        short: Long sums have dots.
    """
    shown, result = printing.shown, printing.result
    exactly = all(is_exact(values[name], it) for name, it in shown.items())
    numbers, kept_exact = substituted_exactly(tree, values, shown, short=short)
    is_set = isinstance(tree, Call) and tree.function in SETS and isinstance(value, tuple)
    chain = [
        ("", printing.symbol),
        ("=", printing.formula),
        ("=" if exactly and kept_exact else r"\approx", numbers),
        (
            "=" if is_exact(value, result) else r"\approx",
            (shown_set if is_set else shown_tex)(value, result),
        ),
    ]
    kept: list[tuple[str, str]] = []
    for relation, member in chain:
        if member and not (kept and kept[-1][1] == member):
            kept.append((relation, member))
    return Worked(tuple(member for _, member in kept), tuple(relation for relation, _ in kept[1:]))
