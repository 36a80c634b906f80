"""Variances, covariances, regression: exact on fractions, with n and with n - 1.

Each is written with an arithmetic that is handed to it, so that the work that it takes by hand is
counted by computing it with an arithmetic that counts (`generator.expressions.tally`).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from generator.exact.numbers import Value
from generator.expressions.arithmetic import PLAIN, Arithmetic
from generator.expressions.expression_errors import OperationError
from generator.expressions.operations import ONE, describe, number, vector


def deviations(x: Any, use: str, by: Arithmetic = PLAIN) -> list[Value]:
    """The numbers of a list less their mean."""
    listed = vector(x, use)
    center = by.divide(by.total(listed), Fraction(len(listed)))
    return [by.subtract(number(item, use), center) for item in listed]


def products(x: Any, y: Any, use: str, by: Arithmetic = PLAIN) -> Value:
    """The sum of the products of deviations of two lists of one length."""
    if len(vector(x, use)) != len(vector(y, use)):
        raise OperationError(
            f"{use} needs two lists of one length, not {describe(x)} and {describe(y)}"
        )
    pairs = zip(deviations(x, use, by), deviations(y, use, by), strict=True)
    return by.total([by.multiply(first, second) for first, second in pairs])


def squares(x: Any, use: str = "var", by: Arithmetic = PLAIN) -> Value:
    """The sum of the squares of deviations."""
    return by.total([by.multiply(item, item) for item in deviations(x, use, by)])


def _fewer(x: Any, use: str) -> Fraction:
    """n - 1, by which estimates from a sample divide."""
    if len(x) <= 1:
        raise OperationError(f"{use} of a single number, which divides by n - 1 = 0")
    return Fraction(len(x) - 1)


def sample_variance(x: Any, by: Arithmetic = PLAIN) -> Value:
    """The variance of a sample, which divides by n - 1."""
    return by.divide(squares(x, "sample_var", by), _fewer(x, "sample_var"))


def deviation(x: Any, by: Arithmetic = PLAIN) -> Value:
    """The standard deviation of all there are, which divides by n."""
    return by.root(by.divide(squares(x, "sd", by), Fraction(len(x))))


def sample_deviation(x: Any, by: Arithmetic = PLAIN) -> Value:
    """The standard deviation of a sample, which divides by n - 1."""
    return by.root(by.divide(squares(x, "sample_sd", by), _fewer(x, "sample_sd")))


def covariance(x: Any, y: Any, by: Arithmetic = PLAIN) -> Value:
    """The covariance of all there are, which divides by n."""
    return by.divide(products(x, y, "cov", by), Fraction(len(x)))


def sample_covariance(x: Any, y: Any, by: Arithmetic = PLAIN) -> Value:
    """The covariance of a sample, which divides by n - 1."""
    return by.divide(products(x, y, "sample_cov", by), _fewer(x, "sample_cov"))


def correlation(x: Any, y: Any, by: Arithmetic = PLAIN) -> Value:
    """Pearson's correlation coefficient."""
    product = products(x, y, "corr", by)
    return by.divide(product, by.root(_spread(x, y, by)))


def _spread(x: Any, y: Any, by: Arithmetic) -> Value:
    spread = by.multiply(squares(x, "corr", by), squares(y, "corr", by))
    if not spread:
        raise OperationError("corr of a list whose numbers are all the same")
    return spread


def slope(x: Any, y: Any, by: Arithmetic = PLAIN) -> Value:
    """The slope of the regression line of y on x, by least squares."""
    spread = squares(x, "slope", by)
    if not spread:
        raise OperationError("the slope of a line over x that are all the same")
    return by.divide(products(x, y, "slope", by), spread)


def intercept(x: Any, y: Any, by: Arithmetic = PLAIN) -> Value:
    """Where the regression line of y on x crosses the axis."""
    length = Fraction(len(vector(x, "intercept")))
    rise = by.multiply(slope(x, y, by), by.divide(by.total(x), length))
    return by.subtract(by.divide(by.total(y), length), rise)


def geometric_mean(x: Any, by: Arithmetic = PLAIN) -> Value:
    """The n-th root of the product of n numbers."""
    return by.nth_root(product(x, by), Fraction(len(x)))


def product(x: Any, by: Arithmetic = PLAIN) -> Value:
    """The product of a list of numbers."""
    result: Value = ONE
    first, *rest = vector(x, "product")
    result = number(first, "product")
    for item in rest:
        result = by.multiply(result, item)
    return result
