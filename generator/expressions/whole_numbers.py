"""A tree as a piece of Python that computes with whole numbers, for what is drawn very often.

Where the denominators of all numbers are known beforehand, a value is a whole number over a scale
that is known when the piece is written: sums and products need no common divisors, and whether a
condition holds is as exact as with fractions. Whatever may end otherwise (a division by what is
drawn, a list, a root, a number that grows) is not written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Final, NamedTuple, TypeAlias

from generator.expressions.nodes import (
    Binary,
    Call,
    Comparison,
    Conditional,
    Logical,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Truth,
    Vector,
)

MOST_BITS: Final = 128
"""Bits of a number or a scale: fractions of such numbers are far from being refused as too long."""

MOST_POWER: Final = 4
"""Exponent up to which a power is written."""

MOST_LEVELS: Final = 40
"""Levels of a tree that are written out; Python reads 200 parentheses in each other."""


class Whole(NamedTuple):
    """A number.

    Attributes:
        text: A piece of Python that gives a whole number.
        scale: The number is so many times larger than the value; at least 1.
        most: Its largest absolute value.
    """

    text: str
    scale: int
    most: int

    def in_scale(self, scale: int) -> str:
        """The piece for a multiple of the scale."""
        factor = scale // self.scale
        return self.text if factor == 1 else f"{self.text}*{factor}"


class _OtherWise(Exception):
    """The tree is not one of those that are written."""


NewVariable: TypeAlias = Callable[[], str]


def whole_number(node: Node, names: Mapping[str, Whole], new_variable: NewVariable) -> Whole | None:
    """The piece for a number; None where it is not written.

    Args:
        names: The values of names, as far as they are whole.
        new_variable: Gives variables for what is used twice.
    """
    try:
        return _Pieces(names, new_variable).number(node)
    except _OtherWise:
        return None


def whole_truth(node: Node, names: Mapping[str, Whole], new_variable: NewVariable) -> str | None:
    """The piece for a condition, which is true or false; None where it is not written."""
    try:
        return _Pieces(names, new_variable).truth(node)
    except _OtherWise:
        return None


def whole_members(members: Iterable[object]) -> tuple[tuple[int, ...], int] | None:
    """Fractions as whole numbers, and their scale; None where something else is among them."""
    listed = [member for member in members if type(member) is Fraction]
    if len(listed) != len(list(members)):
        return None
    scale = lcm(*(member.denominator for member in listed))
    numbers = tuple(int(member * scale) for member in listed)
    return (numbers, scale) if _are_short(scale, *numbers) else None


def rounded_whole(value: Whole, decimals: int, new_variable: NewVariable) -> Whole | None:
    """The value rounded at a number of decimal places, ties away from zero."""
    scale = 10**decimals
    if scale % value.scale == 0:
        return value
    most = value.most * scale // value.scale + 1
    if not _are_short(most, 2 * value.most * scale, 2 * value.scale):
        return None
    double, half, kept = 2 * scale, value.scale, new_variable()
    above = f"({kept}*{double} + {half})//{2 * half}"
    below = f"-(({half} - {kept}*{double})//{2 * half})"
    return Whole(f"({above} if ({kept} := {value.text}) >= 0 else {below})", scale, most)


def same_whole(one: Whole, other: Whole) -> str:
    """The piece for whether two numbers are the same."""
    left, right = _aligned([one, other])
    return f"({left} == {right})"


def _are_short(*numbers: int) -> bool:
    return all(number.bit_length() <= MOST_BITS for number in numbers)


def _aligned(values: Sequence[Whole]) -> list[str]:
    scale = lcm(*(value.scale for value in values))
    return [value.in_scale(scale) for value in values]


def _short(text: str, scale: int, most: int) -> Whole:
    if not _are_short(scale, most):
        raise _OtherWise
    return Whole(text, scale, most)


class _Pieces:
    """Pieces for the nodes of a tree."""

    def __init__(self, names: Mapping[str, Whole], new_variable: NewVariable) -> None:
        self.names, self.new_variable = names, new_variable
        self.level = 0

    def number(self, node: Node) -> Whole:
        """The piece of a number."""
        self.level += 1
        if self.level > MOST_LEVELS:
            raise _OtherWise
        try:
            return self._number(node)
        finally:
            self.level -= 1

    def _number(self, node: Node) -> Whole:
        """A node in whole numbers.

        Raises:
            _OtherWise: It is not one of those that are written.
        """
        match node:
            case Number(value=Fraction() as value):
                return _short(f"({value.numerator})", value.denominator, value.numerator)
            case Name(name=name) if name in self.names:
                return self.names[name]
            case Negative(operand=operand):
                text, scale, most = self.number(operand)
                return Whole(f"(-{text})", scale, most)
            case Binary(operator="+" | "-" as operator, left=left, right=right):
                return self.sum_of([self.number(left), self.number(right)], operator)
            case Binary(operator="*", left=left, right=right):
                one, other = self.number(left), self.number(right)
                scale, most = one.scale * other.scale, one.most * other.most
                return _short(f"({one.text}*{other.text})", scale, most)
            case Binary(operator="/", left=left, right=Number(value=Fraction() as divisor)):
                return self.quotient(self.number(left), divisor)
            case Binary(operator="**", left=left, right=Number(value=Fraction() as exponent)):
                return self.power(self.number(left), exponent)
            case Conditional(test=test, then=then, otherwise=otherwise):
                holds, values = self.truth(test), [self.number(then), self.number(otherwise)]
                return self.one_of(f"({{}} if {holds} else {{}})", values)
            case Call(function="indicator", arguments=(test,)):
                return Whole(f"(1 if {self.truth(test)} else 0)", 1, 1)
            case Call(function="sum", arguments=(Vector(items=items),)) if items:
                return self.sum_of([self.number(item) for item in items], "+")
            case Call(function="min" | "max" as name, arguments=arguments) if len(arguments) > 1:
                values = [self.number(item) for item in arguments]
                return self.one_of(f"{name}({', '.join('{}' for _ in values)})", values)
            case Call(function=name, arguments=(argument,)):
                return self.call(name, self.number(argument))
        raise _OtherWise

    def sum_of(self, values: Sequence[Whole], operator: str) -> Whole:
        """A sum, or a difference."""
        text = f" {operator} ".join(_aligned(values))
        scale = lcm(*(value.scale for value in values))
        most = sum(value.most * (scale // value.scale) for value in values)
        return _short(f"({text})", scale, most)

    def one_of(self, pattern: str, values: Sequence[Whole]) -> Whole:
        """One of some numbers."""
        scale = lcm(*(value.scale for value in values))
        most = max(value.most * (scale // value.scale) for value in values)
        return _short(pattern.format(*_aligned(values)), scale, most)

    def quotient(self, value: Whole, divisor: Fraction) -> Whole:
        """A number divided by one that is written out; a sign before that is a node of its own."""
        if not divisor:
            raise _OtherWise
        times = divisor.denominator
        text = value.text if times == 1 else f"({value.text}*{times})"
        return _short(text, value.scale * divisor.numerator, value.most * times)

    def power(self, value: Whole, exponent: Fraction) -> Whole:
        """A power with a small exponent that is written out."""
        if exponent.denominator != 1 or not 1 <= exponent <= MOST_POWER:
            raise _OtherWise
        times = int(exponent)
        return _short(f"({value.text}**{times})", value.scale**times, value.most**times)

    def call(self, name: str, value: Whole) -> Whole:
        """A function of one number."""
        text, scale, most = value
        if name == "abs":
            return Whole(f"abs({text})", scale, most)
        if name == "step":
            return Whole(f"(1 if {text} > 0 else 0)", 1, 1)
        if name == "floor":
            return _short(f"({text}//{scale})", 1, most // scale + 1)
        if name == "relu":
            kept = self.new_variable()
            return Whole(f"({kept} if ({kept} := {text}) > 0 else 0)", scale, most)
        raise _OtherWise

    def truth(self, node: Node) -> str:
        """The piece of a condition."""
        match node:
            case Truth(value=value):
                return str(value)
            case Not(operand=operand):
                return f"(not {self.truth(operand)})"
            case Logical(operator=operator, operands=operands):
                return f"({f' {operator} '.join(map(self.truth, operands))})"
            case Comparison(operators=(operator,), operands=(left, right)):
                one, other = _aligned([self.number(left), self.number(right)])
                return f"({one} {operator} {other})"
        raise _OtherWise
