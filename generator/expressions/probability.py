"""Probabilities and quantiles of the usual distributions.

Exact where the parameters are fractions and the numbers stay small (binomial, hypergeometric and
geometric probabilities), else decimals of fifty digits.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Final

from generator.exact.numbers import Number, Value
from generator.expressions import precise
from generator.expressions.elementary import exp
from generator.expressions.expression_errors import OperationError
from generator.expressions.limits import MAX_BITS
from generator.expressions.operations import (
    ONE,
    ZERO,
    add,
    charge,
    decimal,
    describe,
    difference,
    divide,
    integer,
    multiply,
    negate,
    number,
    power,
    subtract,
)

MAX_TRIALS: Final = 10_000
"""Trials of a binomial distribution, degrees of freedom, and the largest rate of Poisson's."""

_WORK: Final = 50
_FARTHEST: Final = 10**12


def _probability(value: Any, what: str = "a probability") -> Number:
    found = number(value, what)
    if not 0 <= found <= 1:
        raise OperationError(f"{what} is from 0 to 1, not {describe(found)}")
    return found


def _trials(value: Any) -> int:
    found = integer(value, "the number of trials")
    if not 0 <= found <= MAX_TRIALS:
        raise OperationError(f"{found} trials; 0 to {MAX_TRIALS}")
    return found


def _positive(value: Any, what: str) -> Number:
    found = number(value, what)
    if not 0 < found <= MAX_TRIALS:
        raise OperationError(
            f"{what} is more than 0 and at most {MAX_TRIALS}, not {describe(found)}"
        )
    return found


def _is_small(trials: int, chance: Number) -> bool:
    """Whether the exact probability has few enough digits."""
    if not isinstance(chance, Fraction):
        return False
    return trials * chance.denominator.bit_length() <= MAX_BITS // 2


# Counts -----------------------------------------------------------------------------------------


def binomial_probability(k: Any, n: Any, p: Any) -> Value:
    """P(X = k) for n trials with probability p."""
    hits, trials, chance = integer(k, "k"), _trials(n), _probability(p)
    charge(_WORK)
    if not 0 <= hits <= trials:
        return ZERO
    if _is_small(trials, chance):
        exact = Fraction(chance)
        return math.comb(trials, hits) * exact**hits * (1 - exact) ** (trials - hits)
    return precise.density("binomial", Fraction(hits), Fraction(trials), chance)


def binomial_below(k: Any, n: Any, p: Any) -> Value:
    """P(X <= k) for n trials with probability p."""
    hits, trials, chance = math.floor(number(k, "k")), _trials(n), _probability(p)
    charge(_WORK)
    if hits < 0 or hits >= trials:
        return ONE if hits >= trials else ZERO
    if chance in (0, 1):
        return ONE if chance == 0 else ZERO
    if _is_small(trials, chance):
        return _exact_sum(hits, trials, Fraction(chance))
    return precise.distribution("binomial", Fraction(hits), Fraction(trials), chance)


def _exact_sum(hits: int, trials: int, chance: Fraction) -> Fraction:
    """The sum over one denominator: numerators are whole."""
    part, whole = chance.numerator, chance.denominator
    rest, total, term = whole - part, 0, (whole - part) ** trials
    for count in range(hits + 1):
        total += term
        term = term * (trials - count) * part // ((count + 1) * rest)
    return Fraction(total, whole**trials)


def binomial_quantile(share: Any, n: Any, p: Any) -> Value:
    """The smallest k with P(X <= k) >= share."""
    trials = _trials(n)
    return _first_count(lambda k: binomial_below(Fraction(k), n, p), _probability(share), trials)


def poisson_probability(k: Any, rate: Any) -> Value:
    """P(X = k) for a mean of rate."""
    count, mean = integer(k, "k"), _positive(rate, "the rate")
    charge(_WORK)
    if count < 0:
        return ZERO
    if count > 10 * MAX_TRIALS:
        raise OperationError(f"k of a Poisson distribution is at most {10 * MAX_TRIALS}")
    return precise.density("poisson", Fraction(count), mean)


def poisson_below(k: Any, rate: Any) -> Value:
    """P(X <= k) for a mean of rate."""
    count, mean = math.floor(number(k, "k")), _positive(rate, "the rate")
    charge(_WORK)
    if count < 0:
        return ZERO
    if count > 10 * MAX_TRIALS:
        raise OperationError(f"k of a Poisson distribution is at most {10 * MAX_TRIALS}")
    return precise.distribution("poisson", Fraction(count), mean)


def poisson_quantile(share: Any, rate: Any) -> Value:
    """The smallest k with P(X <= k) >= share."""
    part = _probability(share)
    if part == 1:
        raise OperationError("the quantile of 1 of a Poisson distribution is infinite")
    return _first_count(lambda k: poisson_below(Fraction(k), rate), part, 2 * MAX_TRIALS)


def _first_count(below: Any, share: Number, most: int) -> Value:
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        if difference(below(middle), share) >= 0:
            high = middle
        else:
            low = middle + 1
    return Fraction(low)


def geometric_probability(k: Any, p: Any) -> Value:
    """P(X = k), the probability that trial number k is the first success."""
    trial, chance = integer(k, "k"), _probability(p)
    if trial < 1:
        return ZERO
    result: Value = multiply(power(subtract(ONE, chance), Fraction(trial - 1)), chance)
    return result


def hypergeometric_probability(k: Any, total: Any, good: Any, drawn: Any) -> Value:
    """P(X = k): k good ones among those drawn without putting back, of a total with some good."""
    hits, number_of = integer(k, "k"), _trials(total)
    right, taken = _trials(good), _trials(drawn)
    if right > number_of or taken > number_of:
        raise OperationError("more good ones, or more that are drawn, than there are")
    charge(_WORK)
    if not 0 <= hits <= taken or taken - hits > number_of - right:
        return ZERO
    ways = math.comb(right, hits) * math.comb(number_of - right, taken - hits)
    found = Fraction(ways, math.comb(number_of, taken))
    return found if found.denominator.bit_length() <= MAX_BITS else decimal(found)


# Continuous ones --------------------------------------------------------------------------------


def _standard(x: Any, mu: Any, sigma: Any) -> Value:
    spread = number(sigma, "sigma")
    if spread <= 0:
        raise OperationError(f"sigma is more than 0, not {describe(spread)}")
    found: Value = divide(subtract(number(x, "x"), number(mu, "mu")), spread)
    return found


_FAR: Final = 60
"""Standard deviations beyond which a normal probability is 0 or 1 in fifty digits and more."""


def normal_below(x: Any, mu: Any = ZERO, sigma: Any = ONE) -> Value:
    """P(X <= x) of a normal distribution with the standard deviation sigma."""
    charge(_WORK)
    at = number(_standard(x, mu, sigma), "x")
    if not -_FAR <= at <= _FAR:
        return ONE if at > 0 else ZERO
    return precise.distribution("normal", at)


def normal_density(x: Any, mu: Any = ZERO, sigma: Any = ONE) -> Value:
    """The density of a normal distribution with the standard deviation sigma."""
    charge(_WORK)
    at = number(_standard(x, mu, sigma), "x")
    if not -_FAR <= at <= _FAR:
        return ZERO
    found: Value = divide(precise.density("normal", at), number(sigma, "sigma"))
    return found


def normal_quantile(share: Any, mu: Any = ZERO, sigma: Any = ONE) -> Value:
    """The x with P(X <= x) = share."""
    found = _continuous_quantile("normal", share)
    _standard(ZERO, mu, sigma)
    result: Value = add(mu, multiply(sigma, found))
    return result


def t_below(x: Any, freedom: Any) -> Value:
    """P(X <= x) of Student's t distribution."""
    return _below("t", x, _positive(freedom, "the degrees of freedom"))


def t_quantile(share: Any, freedom: Any) -> Value:
    """The x with P(X <= x) = share."""
    return _continuous_quantile("t", share, _positive(freedom, "the degrees of freedom"))


def chi2_below(x: Any, freedom: Any) -> Value:
    """P(X <= x) of the chi-squared distribution."""
    return _below("chi2", x, _positive(freedom, "the degrees of freedom"))


def chi2_quantile(share: Any, freedom: Any) -> Value:
    """The x with P(X <= x) = share."""
    return _continuous_quantile("chi2", share, _positive(freedom, "the degrees of freedom"))


def f_below(x: Any, first: Any, second: Any) -> Value:
    """P(X <= x) of the F distribution with its two degrees of freedom."""
    degrees = (
        _positive(first, "the degrees of freedom"),
        _positive(second, "the degrees of freedom"),
    )
    return _below("f", x, *degrees)


def f_quantile(share: Any, first: Any, second: Any) -> Value:
    """The x with P(X <= x) = share."""
    degrees = (
        _positive(first, "the degrees of freedom"),
        _positive(second, "the degrees of freedom"),
    )
    return _continuous_quantile("f", share, *degrees)


def _below(name: str, x: Any, *parameters: Number) -> Value:
    charge(_WORK)
    at = number(x, "x")
    if not -_FARTHEST <= at <= _FARTHEST:
        raise OperationError(f"a probability at {describe(at)}, which is beyond 10**12")
    return precise.distribution(name, at, *parameters)


_LEAST_SHARE: Final = Fraction(1, 10**12)


def _continuous_quantile(name: str, share: Any, *parameters: Number) -> Value:
    charge(10 * _WORK)
    part = number(share, "the share")
    if not _LEAST_SHARE <= part <= 1 - _LEAST_SHARE:
        raise OperationError(
            f"a quantile needs a share between 0 and 1, not {describe(part)} (nor one that differs "
            "from them by less than 10**-12)"
        )
    return precise.quantile_of(name, part, *parameters)


def exponential_below(x: Any, rate: Any) -> Value:
    """P(X <= x) of the exponential distribution with this rate, whose mean is 1/rate."""
    at, speed = number(x, "x"), _positive(rate, "the rate")
    if at <= 0:
        return ZERO
    found: Value = subtract(ONE, exp(negate(multiply(speed, at))))
    return found


def exponential_density(x: Any, rate: Any) -> Value:
    """The density of the exponential distribution with this rate."""
    at, speed = number(x, "x"), _positive(rate, "the rate")
    if at < 0:
        return ZERO
    found: Value = multiply(speed, exp(negate(multiply(speed, at))))
    return found


def t_density(x: Any, freedom: Any) -> Value:
    """The density of Student's t distribution."""
    return _density("t", x, _positive(freedom, "the degrees of freedom"))


def chi2_density(x: Any, freedom: Any) -> Value:
    """The density of the chi-squared distribution; 0 below 0."""
    return _density("chi2", x, _positive(freedom, "the degrees of freedom"))


def f_density(x: Any, first: Any, second: Any) -> Value:
    """The density of the F distribution with its two degrees of freedom; 0 below 0."""
    degrees = [_positive(it, "the degrees of freedom") for it in (first, second)]
    return _density("f", x, *degrees)


def _density(name: str, x: Any, *parameters: Number) -> Value:
    charge(_WORK)
    at = number(x, "x")
    if not -_FARTHEST <= at <= _FARTHEST:
        raise OperationError(f"a density at {describe(at)}, which is beyond 10**12")
    if name != "t" and at <= 0:
        if at == 0:
            raise OperationError(f"a density of {name} at 0, where it need not be finite")
        return ZERO
    return precise.density(name, at, *parameters)
