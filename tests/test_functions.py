"""Functions of the language against the standard library, and what they refuse."""

from __future__ import annotations

import itertools
import math
import re
import statistics
import time
from decimal import Decimal
from fractions import Fraction
from fractions import Fraction as F
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from generator.expressions import EvaluationError, compile_expression
from generator.expressions.functions import FUNCTIONS

fractions = st.fractions(-100, 100, max_denominator=20)


def value(source: str, **values: Any) -> Any:
    return compile_expression(source).evaluate(values)


def tex(source: str, **values: Any) -> str:
    return compile_expression(source).worked(values).tex


# Values -----------------------------------------------------------------------------------------


@given(st.floats(-50, 50), st.sampled_from(["sin", "cos", "tan", "atan", "sinh", "cosh"]))
def test_functions_of_angles_against_the_standard_library(x: float, name: str) -> None:
    expected = getattr(math, name)(x)
    assert float(value(f"{name}(x)", x=F(x))) == pytest.approx(expected, rel=1e-12, abs=1e-40)


@pytest.mark.parametrize("degrees", range(-360, 361, 15))
def test_sines_that_are_short_are_exact(degrees: int) -> None:
    # Niven's theorem: of rational angles in degrees only these have rational sines.
    exact = {0: F(0), 30: F(1, 2), 90: F(1), 150: F(1, 2), 180: F(0)}
    exact |= {angle + 180: -sine for angle, sine in exact.items()}
    found = value("sin(x*pi/180)", x=F(degrees))
    if degrees % 360 in exact:
        assert found == exact[degrees % 360]
        assert type(found) is Fraction
    else:
        assert type(found) is Decimal
    assert float(found) == pytest.approx(math.sin(math.radians(degrees)), abs=1e-15)


def test_sines_have_fifty_digits() -> None:
    # sin 15° = (sqrt 6 - sqrt 2)/4, and the addition theorem, which mpmath does not use.
    difference = value("sin(pi/12) - (sqrt(6) - sqrt(2))/4")
    assert abs(difference) < Decimal("1e-48")
    theorem = value("sin(x + y) - sin(x)*cos(y) - cos(x)*sin(y)", x=F(13, 10), y=F(1, 7))
    assert abs(theorem) < Decimal("1e-48")


@given(st.fractions(0, 50, max_denominator=9), st.integers(1, 7), st.integers(-4, 4))
@example(F(8, 27), 3, -2)
def test_rational_powers_of_perfect_powers_are_exact(base: Fraction, root: int, power: int) -> None:
    if not base and power < 0:
        return
    assert value(f"x**({power}/n)", x=base**root, n=F(root)) == base**power
    assert value("root(x, n)", x=base**root, n=F(root)) == base


@given(st.fractions(F(1, 9), 50), st.fractions(-5, 5, max_denominator=30))
def test_powers_against_the_standard_library(base: Fraction, exponent: Fraction) -> None:
    found = float(value("x**y", x=base, y=exponent))
    assert found == pytest.approx(float(base) ** float(exponent), rel=1e-9)


def test_logarithms_that_are_short_are_exact() -> None:
    assert value("log(8, 2)") == 3
    assert value("log(8, 4)") == F(3, 2)
    assert value("log(1/1000, 10)") == -3
    assert float(value("log(7, 3)")) == pytest.approx(math.log(7, 3))


@given(st.integers(-500, 500), st.integers(-50, 50).filter(bool))
def test_remainders_are_those_of_python(a: int, b: int) -> None:
    assert value("a % b", a=F(a), b=F(b)) == a % b == value("mod(a, b)", a=F(a), b=F(b))
    assert value("div(a, b)", a=F(a), b=F(b)) == a // b
    assert value("gcd(a, b)", a=F(a), b=F(b)) == math.gcd(a, b)
    assert value("lcm(a, b)", a=F(a), b=F(b)) == math.lcm(a, b)


def test_counting_counts() -> None:
    for n, k in itertools.product(range(8), range(8)):
        values = {"n": F(n), "k": F(k)}
        assert value("binomial(n, k)", **values) == len(list(itertools.combinations(range(n), k)))
        arranged = len(list(itertools.permutations(range(n), k)))
        assert value("permutations(n, k)", **values) == arranged
    assert value("factorial(5)") == 120


@given(st.integers(0, 10**6), st.integers(2, 36))
def test_digits_in_a_base_lead_back(n: int, base: int) -> None:
    values = {"n": F(n), "b": F(base)}
    assert value("from_base(to_base(n, b), b)", **values) == n
    digits = value("digits(n, b)", **values)
    assert sum(digit * base**place for place, digit in enumerate(reversed(digits))) == n


def test_bits() -> None:
    assert value("to_base(n, 2, 8)", n=F(25)) == format(25, "08b")
    assert value("to_base(n, 16)", n=F(-255)) == "-FF"
    assert value("bits(-3, 4)") == (1, 1, 0, 1)
    assert value("[bit_and(12, 10), bit_or(12, 10), bit_xor(12, 10)]") == (8, 14, 6)


@given(st.lists(fractions, min_size=1, max_size=20))
def test_median_against_the_standard_library(data: list[Fraction]) -> None:
    assert value("median(x)", x=tuple(data)) == statistics.median(data)
    assert value("sorted(x)", x=tuple(data)) == tuple(sorted(data))


def test_names_of_the_problem_come_before_constants_and_functions() -> None:
    values = {"e": F(3), "median": F(5)}
    expression = compile_expression("e * median + median([1, 2])", ["e", "median", "x"])
    assert expression.evaluate(values) == F(33, 2)
    assert expression.names == {"e", "median"}
    assert value("e - exp(1)") == 0
    assert abs(value("pi - 4*atan(1)")) < Decimal("1e-48")


# TeX --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "a*sin(b*pi/180)",
            r"a \sin\left(\frac{b \pi}{180}\right) = 25 \cdot \sin\left(\frac{7 \cdot \pi}{180}"
            r"\right) \approx 3.04673",
        ),
        ("a**(1/b) - 1", r"\sqrt[b]{a} - 1 = \sqrt[7]{25} - 1 \approx 0.583820"),
        ("a**(1/2)", r"\sqrt{a} = \sqrt{25} = 5"),
        ("a % b", r"a \bmod b = 25 \bmod 7 = 4"),
        ("-a % b + 1", r"[(-a) \bmod b] + 1 = [(-25) \bmod 7] + 1 = 4"),
        ("a % (b*2)", r"a \bmod (b \cdot 2) = 25 \bmod (7 \cdot 2) = 11"),
        ("factorial(b - 4)", r"(b - 4)! = (7 - 4)! = 6"),
        ("binomial(a, 2)", r"\binom{a}{2} = \binom{25}{2} = 300"),
        ("permutations(b, 2)", r"\frac{b!}{(b - 2)!} = \frac{7!}{(7 - 2)!} = 42"),
        (
            "median([a, b, 3, 10])",
            r"\operatorname{median}(a, b, 3, 10) = \operatorname{median}(3, 7, 10, 25) = 8.5",
        ),
        ("log(a, 5)", r"\log_{5}(a) = \log_{5}(25) = 2"),
    ],
)
def test_worked(source: str, expected: str) -> None:
    assert tex(source, a=F(25), b=F(7)) == expected


SAMPLES: dict[str, list[str]] = {
    "list": ["[3, 1, 2]"],
    "matrix": ["[[1, 2], [3, 4]]"],
    "condition": ["1 < 2"],
    "text": ["'11'"],
    "graph": ["[['A', 'B', 4], ['B', 'C', 2]]"],
    "'A'": ["'C'"],
    "'B'": ["'B'"],
    "base": ["2"],
    "width": ["8"],
    "share": ["0.25"],
}
"""What stands for an argument of a usage; numbers otherwise."""


CALLS = {
    "cross": "cross([1, 2, 3], [2, 0, 1])",
    "solve": "solve([[1, 2], [3, 4]], [5, 6])",
    "mode": "mode([1, 2, 2])",
    "slope": "slope([1, 2], [3, 5])",
    "intercept": "intercept([1, 2], [3, 5])",
    "without": "without([1, 2], [1])",
    "convert": "convert(2, 'km/h', 'm/s')",
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_a_value_a_worked_step_and_a_load(name: str) -> None:
    arguments = FUNCTIONS[name].usage.partition(" or ")[0].removeprefix(name)[1:-1].split(", ")
    listed = [SAMPLES.get(it, ["1"])[0] for it in arguments if it != "..."]
    expression = compile_expression(CALLS.get(name) or f"{name}({', '.join(listed)})")
    assert expression.evaluate({}) is not None
    assert expression.worked({}).tex
    assert expression.load({}).total >= 0


# What is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("factorial(10**9)", "a result of more than 2048 bits"),
        ("factorial(2.5)", "the number before ! must be a whole number, not 2.5"),
        ("factorial(-1)", "must not be negative"),
        ("binomial(10**9, 10**8)", "a result of more than 2048 bits"),
        ("binomial(2**1000, 2**999)", "a result of more than 2048 bits"),
        ("permutations(10**9, 10**9)", "a result of more than 2048 bits"),
        ("permutations(2**1000, 3000)", "a result of more than 2048 bits"),
        ("lcm(10**600, 10**600 + 1)", "a result of more than 2048 bits"),
        ("gcd(0.5, 2)", "must be a whole number"),
        ("5 % 0", "a remainder of a division by zero"),
        ("(-8)**(1/3)", "root(x, n) is the real n-th root"),
        ("0**(-1/2)", "division by zero"),
        ("(10**300)**7.5", "a result of more than 2048 bits"),
        ("1001**1000.5", "beyond 1000"),
        ("tan(pi/2)", "tan of a right angle"),
        ("asin(2)", "it has a value from -1 to 1"),
        ("sinh(10**6)", "it has a value from -2400 to 2400"),
        ("sin(10**500)", "an angle beyond 10**12"),
        ("root(2, 10**9)", "a root of degree"),
        ("root(-2, 2)", "which is not real"),
        ("log(2, 1)", "the base is not 1"),
        ("log(-2, 10)", "both are positive"),
        ("median(3)", "median needs a list of numbers, not 3"),
        ("to_base(2**70, 2)", "at most 64 here"),
        ("to_base(3, 37)", "2 to 36 are possible"),
        ("from_base('12', 2)", "is no number in base 2"),
        ("bits(9, 3)", "has no place in 3 bits"),
        ("to_base(3, 2, 10**9)", "at most 64"),
    ],
)
def test_what_has_no_value_is_refused_at_once(source: str, message: str) -> None:
    begin = time.process_time()
    with pytest.raises(EvaluationError, match=re.escape(message)):
        compile_expression(source).evaluate({})
    assert time.process_time() - begin < 0.5


def test_the_angle_between_a_vector_and_itself() -> None:
    """Roots have guard digits, so their product may be more than it should be."""
    for u in ([1, 0, 1], [1, 2, 3], [3, 4, 7], [2, 2, 6]):
        values = {"u": tuple(map(Fraction, u))}
        same = compile_expression("acos(dot(u, u)/(norm(u)*norm(u)))").evaluate(values)
        turned = compile_expression("degrees(acos(dot(u, -u)/(norm(u)*norm(u))))").evaluate(values)
        assert abs(float(same)) < 1e-15  # type: ignore[arg-type]
        assert abs(float(turned) - 180) < 1e-12  # type: ignore[arg-type]
