"""All functions of the language: what each computes, and how it is written in a formula."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, TypeAlias

from generator.exact.numbers import Value
from generator.expressions import (
    complexes,
    conversion,
    counting,
    elementary,
    graphs,
    listing,
    logic,
    matrices,
    moments,
    operations,
    probability,
)
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
    r"""TeX in which ``#1`` and ``#2`` are the arguments: ``\binom{#1}{#2}``.

    Attributes:
        tex: The TeX for all arguments.
        shorter: The TeX where only the first argument is given; empty if there is no such case.
        loose: Whether it is a sum.
    """

    tex: str
    shorter: str = ""
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Through:
    """A formula whose numbers are not the arguments, but what is computed from them on the way.

    Attributes:
        symbols: How it is written with symbols.
        numbers: How it is written with numbers: a pattern of what follows.
        middle: What is computed from the arguments for the pattern.
    """

    symbols: Named | Pattern
    numbers: Pattern
    middle: tuple[Callable[..., Any], ...]


@dataclass(frozen=True, slots=True)
class Postfix:
    """Something behind the argument: ``n!``."""

    tex: str


@dataclass(frozen=True, slots=True)
class Infix:
    r"""Something between the two arguments: ``a \bmod b``."""

    tex: str


Notation: TypeAlias = Named | Fenced | Pattern | Through | Postfix | Infix


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the language.

    Attributes:
        apply: The operation itself.
        least: The smallest number of arguments.
        most: The largest number of arguments.
        usage: How a call looks, for messages and the guide.
        notation: How it is written in a formula; None where that takes more than a pattern.
        by_hand: Whether the work of it is counted by its own arithmetic.
    """

    apply: Callable[..., Value]
    least: int
    most: int
    usage: str
    notation: Notation | None = None
    by_hand: bool = False


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
    "relu": Function(elementary.relu, 1, 1, "relu(x)"),
    "abs": Function(elementary.absolute, 1, 1, "abs(x)"),
    "min": Function(elementary.smallest, 1, MAX_ARGUMENTS, "min(a, b, ...) or min(list)"),
    "max": Function(elementary.largest, 1, MAX_ARGUMENTS, "max(a, b, ...) or max(list)"),
    "floor": Function(elementary.floor, 1, 1, "floor(x)"),
    "ceil": Function(elementary.ceil, 1, 1, "ceil(x)"),
    "round": Function(elementary.rounded, 1, 2, "round(x, decimals)"),
    "sign": Function(elementary.sign, 1, 1, "sign(x)"),
    "step": Function(elementary.step, 1, 1, "step(x)"),
    "indicator": Function(elementary.indicator, 1, 1, "indicator(condition)"),
    "sqrt": Function(elementary.sqrt, 1, 1, "sqrt(x)"),
    "root": Function(operations.root, 2, 2, "root(x, n)", Pattern(r"\sqrt[#2]{#1}")),
    "exp": Function(elementary.exp, 1, 1, "exp(x)"),
    "log": Function(elementary.log, 1, 2, "log(x) or log(x, base)"),
    "convert": Function(conversion.convert, 3, 3, "convert(x, 'km/h', 'm/s')"),
}

_COMPLEX: Final[dict[str, Function]] = {
    "complex": Function(
        operations.joined, 2, 2, "complex(re, im)", Pattern(r"#1 + #2\,\mathrm{i}", loose=True)
    ),
    "polar": Function(
        complexes.polar,
        2,
        2,
        "polar(r, angle)",
        Pattern(r"#1 \cdot (\cos #2 + \mathrm{i} \sin #2)"),
    ),
    "re": Function(complexes.real, 1, 1, "re(z)", Named(r"\operatorname{Re}")),
    "im": Function(complexes.imaginary, 1, 1, "im(z)", Named(r"\operatorname{Im}")),
    "conj": Function(complexes.conjugate, 1, 1, "conj(z)", Pattern(r"\overline{#1}")),
    "arg": Function(complexes.argument, 1, 1, "arg(z)", Named(r"\arg")),
}

_ANGLES: Final[dict[str, Function]] = {
    "sin": Function(elementary.sine, 1, 1, "sin(x)", Named(r"\sin")),
    "cos": Function(elementary.cosine, 1, 1, "cos(x)", Named(r"\cos")),
    "tan": Function(elementary.tangent, 1, 1, "tan(x)", Named(r"\tan")),
    "asin": Function(elementary.arcsine, 1, 1, "asin(x)", Named(r"\arcsin")),
    "acos": Function(elementary.arccosine, 1, 1, "acos(x)", Named(r"\arccos")),
    "atan": Function(elementary.arctangent, 1, 1, "atan(x)", Named(r"\arctan")),
    "atan2": Function(elementary.angle, 2, 2, "atan2(y, x)", _word("atan2")),
    "degrees": Function(
        elementary.degrees, 1, 1, "degrees(x)", Pattern(r"#1 \cdot \frac{180^\circ}{\pi}")
    ),
    "radians": Function(
        elementary.radians, 1, 1, "radians(x)", Pattern(r"#1 \cdot \frac{\pi}{180}")
    ),
    "sinh": Function(elementary.hyperbolic_sine, 1, 1, "sinh(x)", Named(r"\sinh")),
    "cosh": Function(elementary.hyperbolic_cosine, 1, 1, "cosh(x)", Named(r"\cosh")),
    "tanh": Function(elementary.tanh, 1, 1, "tanh(x)"),
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


def _size(x: Any, *_: Any) -> Fraction:
    return Fraction(len(x))


def _size_less_one(x: Any, *_: Any) -> Fraction:
    return Fraction(len(x) - 1)


def _cross(x: Any, y: Any) -> Value:
    return moments.products(x, y, "cov")


def _second(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda _, y: function(y)


_SHARE: Final = Pattern(r"\frac{#1}{#2}")
_ROOT_SHARE: Final = Pattern(r"\sqrt{\frac{#1}{#2}}")

_STATISTICS: Final[dict[str, Function]] = {
    "mean": Function(elementary.mean, 1, 1, "mean(list)"),
    "median": Function(
        listing.median, 1, 1, "median(list)", Named(r"\operatorname{median}", True, ordered=True)
    ),
    "quantile": Function(
        listing.quantile, 2, 3, "quantile(list, share, definition)", _word("quantile")
    ),
    "mode": Function(listing.mode, 1, 1, "mode(list)", Named(r"\operatorname{mode}", True)),
    "modes": Function(listing.modes, 1, 1, "modes(list)", Named(r"\operatorname{modes}", True)),
    "var": Function(elementary.variance, 1, 1, "var(list)"),
    "sample_var": Function(
        moments.sample_variance,
        1,
        1,
        "sample_var(list)",
        Through(Named("s^2"), _SHARE, (moments.squares, _size_less_one)),
        by_hand=True,
    ),
    "sd": Function(
        moments.deviation,
        1,
        1,
        "sd(list)",
        Through(Named(r"\sigma"), _ROOT_SHARE, (moments.squares, _size)),
        by_hand=True,
    ),
    "sample_sd": Function(
        moments.sample_deviation,
        1,
        1,
        "sample_sd(list)",
        Through(Named("s"), _ROOT_SHARE, (moments.squares, _size_less_one)),
        by_hand=True,
    ),
    "cov": Function(
        moments.covariance,
        2,
        2,
        "cov(list, list)",
        Through(_word("Cov"), _SHARE, (_cross, _size)),
        by_hand=True,
    ),
    "sample_cov": Function(
        moments.sample_covariance,
        2,
        2,
        "sample_cov(list, list)",
        Through(Pattern("s_{#1,#2}"), _SHARE, (_cross, _size_less_one)),
        by_hand=True,
    ),
    "corr": Function(
        moments.correlation,
        2,
        2,
        "corr(list, list)",
        Through(
            Named("r"),
            Pattern(r"\frac{#1}{\sqrt{#2 \cdot #3}}"),
            (_cross, lambda x, _: moments.squares(x), _second(moments.squares)),
        ),
        by_hand=True,
    ),
    "slope": Function(
        moments.slope,
        2,
        2,
        "slope(x, y)",
        Through(
            Pattern(r"\frac{\operatorname{Cov}(#1, #2)}{\operatorname{Var}(#1)}"),
            _SHARE,
            (moments.covariance, lambda x, _: elementary.variance(x)),
        ),
        by_hand=True,
    ),
    "intercept": Function(
        moments.intercept,
        2,
        2,
        "intercept(x, y)",
        Through(
            Pattern(
                r"\overline{#2} - \frac{\operatorname{Cov}(#1, #2)}{\operatorname{Var}(#1)} \cdot "
                r"\overline{#1}",
                loose=True,
            ),
            Pattern(r"#1 - #2 \cdot #3", loose=True),
            (_second(elementary.mean), moments.slope, lambda x, _: elementary.mean(x)),
        ),
        by_hand=True,
    ),
    "geometric_mean": Function(
        moments.geometric_mean,
        1,
        1,
        "geometric_mean(list)",
        Through(
            Pattern(r"\sqrt[n]{\prod_{i} {#1}_{i}}"),
            Pattern(r"\sqrt[#2]{#1}"),
            (moments.product, _size),
        ),
        by_hand=True,
    ),
}

_STANDARD = r"\frac{#1 - #2}{#3}"

PROBABILITIES: Final[dict[str, Function]] = {
    "binomial_pmf": Function(
        probability.binomial_probability,
        3,
        3,
        "binomial_pmf(k, n, p)",
        Pattern(r"\binom{#2}{#1} \cdot #3^{#1} \cdot (1 - #3)^{#2 - #1}"),
    ),
    "binomial_cdf": Function(
        probability.binomial_below,
        3,
        3,
        "binomial_cdf(k, n, p)",
        Pattern(
            r"\sum_{i = 0}^{#1} \binom{#2}{i} \cdot #3^{i} \cdot (1 - #3)^{#2 - i}", loose=True
        ),
    ),
    "binomial_quantile": Function(
        probability.binomial_quantile,
        3,
        3,
        "binomial_quantile(share, n, p)",
        Pattern(r"\min\{k : B_{#2, #3}(k) \ge #1\}"),
    ),
    "poisson_pmf": Function(
        probability.poisson_probability,
        2,
        2,
        "poisson_pmf(k, rate)",
        Pattern(r"\frac{#2^{#1}}{#1!} \cdot e^{-#2}"),
    ),
    "poisson_cdf": Function(
        probability.poisson_below,
        2,
        2,
        "poisson_cdf(k, rate)",
        Pattern(r"\sum_{i = 0}^{#1} \frac{#2^{i}}{i!} \cdot e^{-#2}", loose=True),
    ),
    "poisson_quantile": Function(
        probability.poisson_quantile,
        2,
        2,
        "poisson_quantile(share, rate)",
        Pattern(r"\min\{k : P_{#2}(k) \ge #1\}"),
    ),
    "geometric_pmf": Function(
        probability.geometric_probability,
        2,
        2,
        "geometric_pmf(k, p)",
        Pattern(r"(1 - #2)^{#1 - 1} \cdot #2"),
    ),
    "hypergeometric_pmf": Function(
        probability.hypergeometric_probability,
        4,
        4,
        "hypergeometric_pmf(k, total, good, drawn)",
        Pattern(r"\frac{\binom{#3}{#1} \cdot \binom{#2 - #3}{#4 - #1}}{\binom{#2}{#4}}"),
    ),
    "normal_pdf": Function(
        probability.normal_density,
        1,
        3,
        "normal_pdf(x, mu, sigma)",
        Pattern(
            rf"\frac{{1}}{{#3}} \cdot \varphi\left({_STANDARD}\right)", r"\varphi\left(#1\right)"
        ),
    ),
    "normal_cdf": Function(
        probability.normal_below,
        1,
        3,
        "normal_cdf(x, mu, sigma)",
        Pattern(rf"\Phi\left({_STANDARD}\right)", r"\Phi\left(#1\right)"),
    ),
    "normal_quantile": Function(
        probability.normal_quantile,
        1,
        3,
        "normal_quantile(share, mu, sigma)",
        Pattern(r"#2 + #3 \cdot z_{#1}", "z_{#1}", loose=True),
    ),
    "t_cdf": Function(probability.t_below, 2, 2, "t_cdf(x, df)", Pattern(r"T_{#2}\left(#1\right)")),
    "t_quantile": Function(
        probability.t_quantile, 2, 2, "t_quantile(share, df)", Pattern(r"t_{#2;\,#1}")
    ),
    "t_pdf": Function(
        probability.t_density, 2, 2, "t_pdf(x, df)", Pattern(r"t_{#2}\left(#1\right)")
    ),
    "chi2_pdf": Function(
        probability.chi2_density,
        2,
        2,
        "chi2_pdf(x, df)",
        Pattern(r"f_{\chi^2_{#2}}\left(#1\right)"),
    ),
    "f_pdf": Function(
        probability.f_density, 3, 3, "f_pdf(x, df1, df2)", Pattern(r"f_{#2,\,#3}\left(#1\right)")
    ),
    "exponential_pdf": Function(
        probability.exponential_density,
        2,
        2,
        "exponential_pdf(x, rate)",
        Pattern(r"#2 \cdot e^{-#2 \cdot #1}"),
    ),
    "chi2_cdf": Function(
        probability.chi2_below, 2, 2, "chi2_cdf(x, df)", Pattern(r"F_{\chi^2_{#2}}\left(#1\right)")
    ),
    "chi2_quantile": Function(
        probability.chi2_quantile, 2, 2, "chi2_quantile(share, df)", Pattern(r"\chi^2_{#2;\,#1}")
    ),
    "f_cdf": Function(
        probability.f_below, 3, 3, "f_cdf(x, df1, df2)", Pattern(r"F_{#2,\,#3}\left(#1\right)")
    ),
    "f_quantile": Function(
        probability.f_quantile,
        3,
        3,
        "f_quantile(share, df1, df2)",
        Pattern(r"F_{#2,\,#3;\,#1}"),
    ),
    "exponential_cdf": Function(
        probability.exponential_below,
        2,
        2,
        "exponential_cdf(x, rate)",
        Pattern(r"1 - e^{-#2 \cdot #1}", loose=True),
    ),
}

_LISTS: Final[dict[str, Function]] = {
    "len": Function(elementary.length, 1, 1, "len(list)"),
    "sum": Function(elementary.total, 1, 1, "sum(list)"),
    "sorted": Function(
        listing.ascending, 1, 1, "sorted(list)", Named(r"\operatorname{sorted}", listed=True)
    ),
    "product": Function(
        moments.product, 1, 1, "product(list)", Named(r"\operatorname{product}", True), by_hand=True
    ),
    "cumsum": Function(listing.running_totals, 1, 1, "cumsum(list)", _word("cumsum")),
    "reversed": Function(listing.backwards, 1, 1, "reversed(list)", _word("reversed")),
    "range": Function(listing.whole_range, 1, 2, "range(n) or range(first, end)", _word("range")),
    "argmin": Function(
        listing.first_smallest, 1, 1, "argmin(list)", Named(r"\operatorname{arg\,min}", True)
    ),
    "argmax": Function(
        listing.first_largest, 1, 1, "argmax(list)", Named(r"\operatorname{arg\,max}", True)
    ),
    "count": Function(listing.count, 2, 2, "count(list, x)", _word("count")),
    "position": Function(listing.position, 2, 2, "position(list, x)", _word("position")),
    "join": Function(listing.joined, 1, 2, "join(list, text)", _word("join")),
    "text": Function(listing.as_text, 1, 1, "text(x)", Pattern("#1")),
    "sigmoid": Function(elementary.sigmoid, 1, 1, "sigmoid(x)"),
    "softmax": Function(elementary.softmax, 1, 1, "softmax(list)"),
}

_MATRICES: Final[dict[str, Function]] = {
    "dot": Function(elementary.dot, 2, 2, "dot(list, list)"),
    "cross": Function(
        matrices.cross, 2, 2, "cross(vector, vector)", Infix(r"\times"), by_hand=True
    ),
    "norm": Function(matrices.norm, 1, 1, "norm(list)", Fenced(r"\lVert", r"\rVert"), by_hand=True),
    "hadamard": Function(elementary.hadamard, 2, 2, "hadamard(list, list)"),
    "matmul": Function(elementary.matmul, 2, 2, "matmul(matrix, matrix)"),
    "transpose": Function(elementary.transpose, 1, 1, "transpose(matrix)"),
    "det": Function(matrices.determinant, 1, 1, "det(matrix)", Named(r"\det"), by_hand=True),
    "inverse": Function(
        matrices.inverse, 1, 1, "inverse(matrix)", Pattern("#1^{-1}"), by_hand=True
    ),
    "solve": Function(matrices.solution, 2, 2, "solve(matrix, list)", _word("solve"), by_hand=True),
    "rank": Function(matrices.rank, 1, 1, "rank(matrix)", _word("rank"), by_hand=True),
    "trace": Function(matrices.trace, 1, 1, "trace(matrix)", _word("tr"), by_hand=True),
    "eigenvalues": Function(
        matrices.eigenvalues, 1, 1, "eigenvalues(matrix)", _word("eig"), by_hand=True
    ),
    "matrix_power": Function(
        matrices.matrix_power, 2, 2, "matrix_power(matrix, n)", Pattern("#1^{#2}")
    ),
}

_LOGIC: Final[dict[str, Function]] = {
    "xor": Function(logic.exclusive, 2, 2, "xor(condition, condition)", Infix(r"\oplus")),
    "implies": Function(
        logic.implies, 2, 2, "implies(condition, condition)", Infix(r"\Rightarrow")
    ),
    "iff": Function(logic.equivalent, 2, 2, "iff(condition, condition)", Infix(r"\Leftrightarrow")),
    "unique": Function(logic.unique, 1, 1, "unique(list)", Named(r"\operatorname{unique}", True)),
    "union": Function(logic.union, 2, 2, "union(list, list)", Infix(r"\cup")),
    "intersection": Function(logic.intersection, 2, 2, "intersection(list, list)", Infix(r"\cap")),
    "without": Function(logic.without, 2, 2, "without(list, list)", Infix(r"\setminus")),
}

_GRAPHS: Final[dict[str, Function]] = {
    "weights": Function(graphs.weights, 1, 1, "weights(graph)", _word("weights")),
    "nodes": Function(graphs.nodes, 1, 1, "nodes(graph)", _word("nodes")),
    "weight": Function(
        graphs.weight,
        3,
        3,
        "weight(graph, 'A', 'B')",
        Through(Pattern(r"w_{#1}(#2, #3)"), Pattern("#1"), (graphs.weight,)),
    ),
    "adjacency": Function(graphs.adjacency, 1, 1, "adjacency(graph)", _word("adjacency")),
    "directed_adjacency": Function(
        graphs.directed_adjacency, 1, 1, "directed_adjacency(graph)", _word("adjacency")
    ),
}

GROUPS: Final[dict[str, dict[str, Function]]] = {
    "Numbers": _BASIC,
    "Angles": _ANGLES,
    "Complex numbers": _COMPLEX,
    "Whole numbers": _WHOLE_NUMBERS,
    "Lists": _LISTS,
    "Vectors and matrices": _MATRICES,
    "Statistics": _STATISTICS,
    "Probabilities": PROBABILITIES,
    "Truth and sets": _LOGIC,
    "Graphs": _GRAPHS,
}
"""The functions by what they are for, as the guide lists them."""

OF_CONDITIONS: Final = frozenset(("indicator", "xor", "implies", "iff"))
"""Functions whose arguments are conditions."""

FUNCTIONS: Final = {name: it for group in GROUPS.values() for name, it in group.items()}

RESERVED: Final = frozenset(
    (
        *("relu", "abs", "min", "max", "sum", "mean", "var", "sqrt", "exp", "log", "tanh"),
        *("sigmoid", "softmax", "dot", "hadamard", "matmul", "transpose", "floor", "ceil"),
        *("round", "sign", "step", "indicator", "len"),
    )
)
"""Functions whose names cannot be drawn or be steps; others can, as a call is told by its (."""
