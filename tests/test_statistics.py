"""Statistics and probabilities against SciPy, NumPy and the standard library."""

from __future__ import annotations

import statistics
from decimal import Decimal
from fractions import Fraction
from fractions import Fraction as F
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from generator.expressions import EvaluationError, compile_expression

numbers = st.fractions(-50, 50, max_denominator=8)
pairs = st.lists(st.tuples(numbers, numbers), min_size=3, max_size=12)


def value(source: str, **values: Any) -> Any:
    return compile_expression(source).evaluate(values)


def close(source: str, expected: Any, **values: Any) -> None:
    assert float(value(source, **values)) == pytest.approx(float(expected), rel=1e-9, abs=1e-13)


# Data -------------------------------------------------------------------------------------------


@given(pairs)
def test_moments_are_exact(data: list[tuple[Fraction, Fraction]]) -> None:
    x, y = (tuple(column) for column in zip(*data, strict=True))
    values = {"x": x, "y": y}
    assert value("var(x)", **values) == statistics.pvariance(x)
    assert value("sample_var(x)", **values) == statistics.variance(x)
    close("sd(x)", statistics.pstdev(map(float, x)), **values)
    close("sample_sd(x)", statistics.stdev(map(float, x)), **values)
    close("sample_cov(x, y)", np.cov(np.array(x, float), np.array(y, float))[0][1], **values)
    close("cov(x, y)", np.cov(np.array(x, float), np.array(y, float), bias=True)[0][1], **values)


@given(pairs)
def test_regression_leaves_residuals_that_are_orthogonal(
    data: list[tuple[Fraction, Fraction]],
) -> None:
    x, y = (tuple(column) for column in zip(*data, strict=True))
    assume(len(set(x)) > 1 and len(set(y)) > 1)
    values = {"x": x, "y": y, "b": value("slope(x, y)", x=x, y=y)}
    values["a"] = value("intercept(x, y)", x=x, y=y)
    # The normal equations hold exactly.
    assert value("sum(y - b*x - a)", **values) == 0
    assert value("dot(y - b*x - a, x)", **values) == 0
    close("corr(x, y)", np.corrcoef(np.array(x, float), np.array(y, float))[0][1], **values)


METHODS = {
    1: "inverted_cdf",
    2: "averaged_inverted_cdf",
    3: "closest_observation",
    4: "interpolated_inverted_cdf",
    5: "hazen",
    6: "weibull",
    7: "linear",
    8: "median_unbiased",
    9: "normal_unbiased",
}


@pytest.mark.parametrize("definition", METHODS)
@pytest.mark.parametrize("size", [1, 2, 5, 8, 10, 12, 20])
def test_quantiles_against_numpy(definition: int, size: int) -> None:
    data = [(7 * index * index + 3 * index) % 23 for index in range(size)]
    for share in (F(0), F(1, 10), F(1, 4), F(1, 2), F(3, 4), F(9, 10), F(1)):
        expected = np.quantile(data, float(share), method=METHODS[definition])  # type: ignore[call-overload]
        found = value("quantile(x, p, k)", x=tuple(map(F, data)), p=share, k=F(definition))
        assert float(found) == pytest.approx(float(expected)), (definition, size, share)


def test_modes_and_places() -> None:
    data = tuple(map(F, (3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5)))
    assert value("mode(x)", x=data) == statistics.mode(data)
    assert value("modes(x)", x=data[:6]) == (1,)
    assert value("modes(x)", x=("a", "b", "a", "b", "c")) == ("a", "b")
    assert value("[argmin(x), argmax(x), position(x, 4), count(x, 5)]", x=data) == (1, 5, 2, 3)
    assert value("cumsum(x)", x=data) == tuple(np.cumsum(np.array(data)))
    with pytest.raises(EvaluationError, match="more than one mode"):
        value("mode(x)", x=(F(1), F(2)))


# Distributions ----------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.integers(0, 400), st.integers(0, 400), st.fractions(0, 1, max_denominator=100))
def test_binomial_against_scipy(k: int, n: int, p: Fraction) -> None:
    values = {"k": F(k), "n": F(n), "p": p}
    close("binomial_pmf(k, n, p)", stats.binom.pmf(k, n, float(p)), **values)
    close("binomial_cdf(k, n, p)", stats.binom.cdf(k, n, float(p)), **values)


def test_binomial_is_exact_and_the_same_where_it_is_long() -> None:
    assert value("binomial_pmf(2, 3, 0.5)") == F(3, 8)
    assert value("binomial_cdf(2, 3, 0.5)") == F(7, 8)
    assert sum(value("binomial_pmf(k, 40, 0.3)", k=F(k)) for k in range(41)) == 1
    # By the incomplete beta function, and as a sum of fractions.
    long = value("binomial_cdf(300, 1000, 0.3)")
    sums = sum(
        Fraction(value("binomial(1000, k)", k=F(k))) * F(3, 10) ** k * F(7, 10) ** (1000 - k)
        for k in range(290, 301)
    )
    below = value("binomial_cdf(289, 1000, 0.3)")
    assert abs(Fraction(long) - Fraction(below) - sums) < F(1, 10**46)


@pytest.mark.parametrize("rate", [F(1, 4), F(5, 2), F(40), F(900)])
def test_poisson_against_scipy(rate: Fraction) -> None:
    for k in (0, 1, 2, 7, 30, 45, 905):
        close("poisson_pmf(k, r)", stats.poisson.pmf(k, float(rate)), k=F(k), r=rate)
        close("poisson_cdf(k, r)", stats.poisson.cdf(k, float(rate)), k=F(k), r=rate)
    for share in (F(1, 100), F(1, 2), F(99, 100)):
        expected = stats.poisson.ppf(float(share), float(rate))
        assert value("poisson_quantile(q, r)", q=share, r=rate) == expected


def test_other_counts_against_scipy() -> None:
    for k in range(5):
        close("hypergeometric_pmf(k, 20, 5, 4)", stats.hypergeom.pmf(k, 20, 5, 4), k=F(k))
        close("geometric_pmf(k, 0.2)", stats.geom.pmf(k, 0.2), k=F(k))
    for share in (F(1, 20), F(1, 2), F(19, 20)):
        expected = stats.binom.ppf(float(share), 20, 0.4)
        assert value("binomial_quantile(q, 20, 0.4)", q=share) == expected


CONTINUOUS = {
    "normal": ((), stats.norm),
    "t": ((9,), stats.t),
    "chi2": ((4,), stats.chi2),
    "f": ((3, 12), stats.f),
}


@pytest.mark.parametrize("name", CONTINUOUS)
def test_continuous_distributions_against_scipy(name: str) -> None:
    parameters, expected = CONTINUOUS[name]
    listed = "".join(f", {it}" for it in parameters)
    for x in (F(-3), F(-1, 2), F(0), F(1, 3), F(2), F(11, 2)):
        close(f"{name}_cdf(x{listed})", expected.cdf(float(x), *parameters), x=x)
        if x:  # at 0, densities need not be finite
            close(f"{name}_pdf(x{listed})", expected.pdf(float(x), *parameters), x=x)
    for share in (F(1, 200), F(1, 20), F(1, 2), F(39, 40), F(199, 200)):
        close(f"{name}_quantile(q{listed})", expected.ppf(float(share), *parameters), q=share)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_quantiles_have_fifty_digits(name: str) -> None:
    parameters, _ = CONTINUOUS[name]
    listed = "".join(f", {it}" for it in parameters)
    for share in (F(1, 20), F(39, 40)):
        back = value(f"{name}_cdf({name}_quantile(q{listed}){listed})", q=share)
        assert abs(Fraction(back) - share) < F(1, 10**45)


def test_normal_with_parameters() -> None:
    close("normal_cdf(110, 100, 15)", stats.norm.cdf(110, 100, 15))
    close("normal_pdf(110, 100, 15)", stats.norm.pdf(110, 100, 15))
    close("normal_quantile(0.9, 100, 15)", stats.norm.ppf(0.9, 100, 15))
    assert value("normal_cdf(0)") == F(1, 2)
    assert value("normal_cdf(200)") == 1
    close("exponential_cdf(3, 0.5)", stats.expon.cdf(3, scale=2))
    close("exponential_pdf(3, 0.5)", stats.expon.pdf(3, scale=2))
    assert value("exponential_pdf(-1, 0.5)") == 0
    # The table that is in every book.
    assert round(value("normal_cdf(1.96)"), 4) == Decimal("0.9750")


# Vectors and matrices ---------------------------------------------------------------------------


matrices = st.integers(1, 4).flatmap(
    lambda size: st.lists(
        st.lists(st.fractions(-9, 9, max_denominator=3), min_size=size, max_size=size),
        min_size=size,
        max_size=size,
    )
)


@given(matrices)
def test_matrices_against_numpy(rows: list[list[Fraction]]) -> None:
    matrix = tuple(map(tuple, rows))
    plain = np.array(rows, float)
    expected = float(np.linalg.det(plain))
    assert float(value("det(m)", m=matrix)) == pytest.approx(expected, rel=1e-7, abs=1e-7)
    assert value("trace(m)", m=matrix) == sum(matrix[i][i] for i in range(len(matrix)))
    if value("det(m)", m=matrix):
        identity = value("matmul(m, inverse(m))", m=matrix)
        assert identity == value("matrix_power(m, 0)", m=matrix)
        right = tuple(row[0] for row in matrix)
        assert value("matmul(m, solve(m, b)) - b", m=matrix, b=right) == (0,) * len(right)
        assert value("rank(m)", m=matrix) == len(matrix)
    else:
        assert value("rank(m)", m=matrix) < len(matrix)
        with pytest.raises(EvaluationError, match="no inverse"):
            value("inverse(m)", m=matrix)


def test_rank_of_what_is_not_square() -> None:
    assert value("rank([[1, 2, 3], [2, 4, 6]])") == 1
    assert value("rank([[0, 0], [0, 1], [1, 0]])") == 2


@given(*[st.tuples(*[st.integers(-9, 9)] * 3)] * 2)
def test_vectors(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    values = {"a": tuple(map(F, left)), "b": tuple(map(F, right))}
    assert value("cross(a, b)", **values) == tuple(np.cross(left, right))
    close("norm(a)", np.linalg.norm(left), **values)


@given(*[st.integers(-9, 9)] * 4)
def test_eigenvalues_solve_the_characteristic_equation(a: int, b: int, c: int, d: int) -> None:
    values = {"m": ((F(a), F(b)), (F(c), F(d)))}
    if (a - d) ** 2 + 4 * b * c < 0:
        with pytest.raises(EvaluationError, match="not real"):
            value("eigenvalues(m)", **values)
        return
    first, second = value("eigenvalues(m)", **values)
    assert first <= second
    assert abs(first + second - (a + d)) < Decimal("1e-45")
    assert abs(first * second - (a * d - b * c)) < Decimal("1e-45")


# Lists that are made, truth values, texts -------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("[x**2 for x in v]", (9, 1, 4)),
        ("[x for x in v if x > 1]", (3, 2)),
        ("sum(x for x in v if x > 9)", 0),
        ("len([x for x in v if x > 9])", 0),
        ("sum(v[i]*w[i] for i in range(3))", 30),
        ("sum(sum(x*y for x in v) for y in w)", 6 * 16),
        ("sum(e for e in v) + e/e", 7),
        ("max(x*x for x in v)", 9),
        ("range(2, 5)", (2, 3, 4)),
        ("v[1:]", (1, 2)),
        ("v[:2]", (3, 1)),
        ("reversed(v)", (2, 1, 3)),
        ("indicator(3 in v) + 2*indicator(4 in v) + 4*indicator(4 not in v)", 5),
        ("len('abc')", 3),
        ("'abc'[1]", "b"),
        ("'abcde'[1:3]", "bc"),
        ("reversed('abc')", "cba"),
        ("'b' in 'abc'", True),
        ("join(['a', 'b'], '-')", "a-b"),
        ("join([text(1.5), 'm'])", "1.5m"),
        ("true and not false", True),
        ("xor(1 > 0, 2 > 1)", False),
        ("implies(1 > 2, 1 > 3)", True),
        ("iff(1 > 2, 1 > 3)", True),
        ("union(v, w)", (1, 2, 3, 5, 8)),
        ("intersection(v, w)", (3,)),
        ("len(intersection([1], [2]))", 0),
        ("union(without(v, v), [1])", (1,)),
        ("without(v, w)", (1, 2)),
        ("unique([2, 1, 2])", (1, 2)),
    ],
)
def test_lists_and_texts(source: str, expected: Any) -> None:
    values = {"v": (F(3), F(1), F(2)), "w": (F(3), F(5), F(8)), "e": F(4)}
    taken = ["e"] if "e/e" in source else []
    assert compile_expression(source, taken).evaluate(values) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("[x for x in v if x > 9]", "a list with nothing in it"),
        ("[x for x in 3]", "for needs a list"),
        ("v[1:9]", "there is no part from 1 to 9"),
        ("range(10**9)", "a range of"),
        ("sum(sum(sum(x*y*z for x in u) for y in u) for z in u)", "operations on lists"),
        ("intersection([1], [2])", "a list with nothing in it"),
        ("max(without(v, v))", "a list with nothing in it"),
        ("sample_var([1])", "n - 1 = 0"),
        ("corr([1, 1], [1, 2])", "all the same"),
        ("slope([1, 1], [1, 2])", "all the same"),
        ("cov([1, 2], [1])", "two lists of one length"),
        ("quantile(v, 2)", "a share from 0 to 1"),
        ("quantile(v, 0.5, 10)", "1 to 9"),
        ("binomial_pmf(1, 10**9, 0.5)", "trials"),
        ("binomial_pmf(1, 2, 1.5)", "a probability is from 0 to 1"),
        ("poisson_cdf(10**9, 3)", "at most"),
        ("normal_quantile(1)", "between 0 and 1"),
        ("normal_cdf(1, 0, 0)", "sigma is more than 0"),
        ("t_quantile(0.5, 0)", "degrees of freedom"),
        ("det([[1, 2]])", "a square matrix"),
        ("cross([1, 2], [1, 2])", "two lists of 3"),
        ("solve([[1, 1], [1, 1]], [1, 2])", "no solution, or more than one"),
        ("matrix_power([[1]], 10**9)", "0 to 32"),
        ("join(v, 3)", "join needs a text"),
        ("text(1/3)", "no finite decimal expansion"),
    ],
)
def test_what_has_no_value(source: str, message: str) -> None:
    values = {"v": (F(3), F(1), F(2)), "u": tuple(map(F, range(60)))}
    with pytest.raises(EvaluationError, match=message.replace("(", r"\(")):
        compile_expression(source).evaluate(values)
