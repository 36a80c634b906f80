"""What options earn in other systems, so that a score there is the one that the paper states."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from generator.exact.numbers import format_number, places
from generator.exchange.questions import Blank, DrawnQuestion


@dataclass(frozen=True)
class Shares:
    """What marked options earn, as shares of the points.

    Attributes:
        base: What an empty question earns.
        marked: What each option adds where it is marked.
    """

    base: Fraction
    marked: tuple[Fraction, ...]


def shares(question: DrawnQuestion) -> Shares | None:
    """The shares of a choice; None where only all right boxes together earn anything."""
    count = len(question.choices)
    wrong = sum(not choice.right for choice in question.choices)
    share = Fraction(1, count)
    if question.rule == "per_option":
        return Shares(
            share * wrong, tuple(share if choice.right else -share for choice in question.choices)
        )
    if question.rule == "per_option_deducting":
        base = share * (wrong - (count - wrong))
        return Shares(
            base, tuple(2 * share if choice.right else -2 * share for choice in question.choices)
        )
    return None


def tolerance(blank: Blank) -> tuple[Fraction, Fraction]:
    """The middle of what counts as right, and how far a right number may be from it."""
    assert blank.bounds is not None
    least, most = blank.bounds
    return (least + most) / 2, (most - least) / 2


def decimal(value: Fraction) -> str:
    """A number for programs: exact where it has finite digits, else with twelve of them."""
    return f"{float(value):.12g}" if places(value) is None else format_number(value)
