"""All functions of the language: what each computes, and how it is written in a formula."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from generator.exact.numbers import Value
from generator.expressions import counting, listing, operations
from generator.expressions.operations import add, divide, multiply, power, subtract


@dataclass(frozen=True, slots=True)
class Named:
    r"""A name in front of the arguments: ``\sin(x)``.

    Attributes:
        tex: The name.
        listed: One list is written by its elements.
        ordered: And these in ascending order, where they are numbers.
    """

    tex: str
    listed: bool = False
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Fenced:
    """Something around the only argument: ``|x|``."""

    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Pattern:
    r"""TeX in which ``#1`` and ``#2`` are the arguments: ``\binom{#1}{#2}``."""

    tex: str


@dataclass(frozen=True, slots=True)
class Postfix:
    """Something behind the argument: ``n!``."""

    tex: str


@dataclass(frozen=True, slots=True)
class Infix:
    r"""Something between the two arguments: ``a \bmod b``."""

    tex: str


Notation: TypeAlias = Named | Fenced | Pattern | Postfix | Infix


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the language.

    Attributes:
        apply: The operation itself.
        least: The smallest number of arguments.
        most: The largest number of arguments.
        usage: How a call looks, for messages and the guide.
        notation: How it is written in a formula; None where that takes more than a pattern.
    """

    apply: Callable[..., Value]
    least: int
    most: int
    usage: str
    notation: Notation | None = None


MAX_ARGUMENTS: Final = 64

BINARY: Final[dict[str, Callable[[Any, Any], Value]]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
    "%": counting.modulo,
}


def _word(name: str) -> Named:
    return Named(rf"\operatorname{{{name}}}")


_BASIC: Final[dict[str, Function]] = {
    "relu": Function(operations.relu, 1, 1, "relu(x)"),
    "abs": Function(operations.absolute, 1, 1, "abs(x)"),
    "min": Function(operations.smallest, 1, MAX_ARGUMENTS, "min(a, b, ...) or min(list)"),
    "max": Function(operations.largest, 1, MAX_ARGUMENTS, "max(a, b, ...) or max(list)"),
    "floor": Function(operations.floor, 1, 1, "floor(x)"),
    "ceil": Function(operations.ceil, 1, 1, "ceil(x)"),
    "round": Function(operations.rounded, 1, 2, "round(x, decimals)"),
    "sign": Function(operations.sign, 1, 1, "sign(x)"),
    "step": Function(operations.step, 1, 1, "step(x)"),
    "indicator": Function(operations.indicator, 1, 1, "indicator(condition)"),
    "sqrt": Function(operations.sqrt, 1, 1, "sqrt(x)"),
    "root": Function(operations.root, 2, 2, "root(x, n)", Pattern(r"\sqrt[#2]{#1}")),
    "exp": Function(operations.exp, 1, 1, "exp(x)"),
    "log": Function(operations.log, 1, 2, "log(x) or log(x, base)"),
}

_ANGLES: Final[dict[str, Function]] = {
    "sin": Function(operations.sine, 1, 1, "sin(x)", Named(r"\sin")),
    "cos": Function(operations.cosine, 1, 1, "cos(x)", Named(r"\cos")),
    "tan": Function(operations.tangent, 1, 1, "tan(x)", Named(r"\tan")),
    "asin": Function(operations.arcsine, 1, 1, "asin(x)", Named(r"\arcsin")),
    "acos": Function(operations.arccosine, 1, 1, "acos(x)", Named(r"\arccos")),
    "atan": Function(operations.arctangent, 1, 1, "atan(x)", Named(r"\arctan")),
    "atan2": Function(operations.angle, 2, 2, "atan2(y, x)", _word("atan2")),
    "degrees": Function(
        operations.degrees, 1, 1, "degrees(x)", Pattern(r"#1 \cdot \frac{180^\circ}{\pi}")
    ),
    "radians": Function(
        operations.radians, 1, 1, "radians(x)", Pattern(r"#1 \cdot \frac{\pi}{180}")
    ),
    "sinh": Function(operations.hyperbolic_sine, 1, 1, "sinh(x)", Named(r"\sinh")),
    "cosh": Function(operations.hyperbolic_cosine, 1, 1, "cosh(x)", Named(r"\cosh")),
    "tanh": Function(operations.tanh, 1, 1, "tanh(x)"),
}

_WHOLE_NUMBERS: Final[dict[str, Function]] = {
    "mod": Function(counting.modulo, 2, 2, "mod(a, b)", Infix(r"\bmod")),
    "div": Function(counting.quotient, 2, 2, "div(a, b)"),
    "gcd": Function(counting.greatest_divisor, 1, MAX_ARGUMENTS, "gcd(a, b, ...)", Named(r"\gcd")),
    "lcm": Function(counting.least_multiple, 1, MAX_ARGUMENTS, "lcm(a, b, ...)", _word("lcm")),
    "factorial": Function(counting.factorial, 1, 1, "factorial(n)", Postfix("!")),
    "binomial": Function(counting.binomial, 2, 2, "binomial(n, k)", Pattern(r"\binom{#1}{#2}")),
    "permutations": Function(
        counting.permutations, 2, 2, "permutations(n, k)", Pattern(r"\frac{#1!}{(#1 - #2)!}")
    ),
    "digits": Function(counting.digits, 1, 2, "digits(n, base)", _word("digits")),
    "to_base": Function(
        counting.to_base,
        2,
        3,
        "to_base(n, base, width)",
        Pattern(r"\operatorname{base}_{#2}\left(#1\right)"),
    ),
    "from_base": Function(
        counting.from_base, 2, 2, "from_base(text, base)", Pattern(r"\left(#1\right)_{#2}")
    ),
    "bits": Function(counting.bits, 2, 2, "bits(n, width)", _word("bits")),
    "bit_and": Function(counting.bit_and, 2, 2, "bit_and(a, b)", Infix(r"\wedge")),
    "bit_or": Function(counting.bit_or, 2, 2, "bit_or(a, b)", Infix(r"\vee")),
    "bit_xor": Function(counting.bit_xor, 2, 2, "bit_xor(a, b)", Infix(r"\oplus")),
}

_LISTS: Final[dict[str, Function]] = {
    "len": Function(operations.length, 1, 1, "len(list)"),
    "sum": Function(operations.total, 1, 1, "sum(list)"),
    "sorted": Function(
        listing.ascending, 1, 1, "sorted(list)", Named(r"\operatorname{sorted}", listed=True)
    ),
    "mean": Function(operations.mean, 1, 1, "mean(list)"),
    "median": Function(
        listing.median, 1, 1, "median(list)", Named(r"\operatorname{median}", True, ordered=True)
    ),
    "var": Function(operations.variance, 1, 1, "var(list)"),
    "sigmoid": Function(operations.sigmoid, 1, 1, "sigmoid(x)"),
    "softmax": Function(operations.softmax, 1, 1, "softmax(list)"),
    "dot": Function(operations.dot, 2, 2, "dot(list, list)"),
    "hadamard": Function(operations.hadamard, 2, 2, "hadamard(list, list)"),
    "matmul": Function(operations.matmul, 2, 2, "matmul(matrix, matrix)"),
    "transpose": Function(operations.transpose, 1, 1, "transpose(matrix)"),
}

GROUPS: Final[dict[str, dict[str, Function]]] = {
    "Numbers": _BASIC,
    "Angles": _ANGLES,
    "Whole numbers": _WHOLE_NUMBERS,
    "Lists": _LISTS,
}
"""The functions by what they are for, as the guide lists them."""

FUNCTIONS: Final = {name: it for group in GROUPS.values() for name, it in group.items()}

RESERVED: Final = frozenset(
    (
        *("relu", "abs", "min", "max", "sum", "mean", "var", "sqrt", "exp", "log", "tanh"),
        *("sigmoid", "softmax", "dot", "hadamard", "matmul", "transpose", "floor", "ceil"),
        *("round", "sign", "step", "indicator", "len"),
    )
)
"""Functions whose names cannot be drawn or be steps; others can, as a call is told by its (."""
