"""The functions of numbers and lists that formulas call most: from ReLU to the softmax.

As the operations on which they stand: exact on fractions, 50 digits on decimals.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import isqrt
from typing import Any, Final

from generator.exact.numbers import GUARDED, Complex, Number, Value, exact, round_to
from generator.expressions import precise
from generator.expressions.expression_errors import OperationError
from generator.expressions.limits import (
    MAX_ROUNDING,
)
from generator.expressions.operations import (
    DECIMALS,
    EXACT,
    MATRIX,
    ONE,
    ZERO,
    add,
    charge,
    condition,
    context,
    decimal,
    describe,
    difference,
    divide,
    each,
    integer,
    matrix,
    multiply,
    negate,
    number,
    pairwise,
    ratio,
    shape,
    show,
    small,
    squared_size,
    subtract,
    vector,
)

TINY: Final = -17
"""Decimal exponent below which a short series has 50 digits and a closed form has not."""

_WIDE: Final = context(70)
"""Where the steps inside one transcendental function are computed."""

_WIDER: Final = context(95)
"""The same for a logarithm, whose argument may be close to 1."""


def relu(a: Any) -> Any:
    """max(0, a), of each element of a list."""
    if type(a) is EXACT:
        return a if a._numerator > 0 else ZERO
    return each(_relu, a)


def _relu(a: Any) -> Value:
    return value if (value := number(a, "relu")) > 0 else ZERO


def absolute(a: Any) -> Any:
    """abs(a), of each element of a list."""
    if type(a) is EXACT:
        return negate(a) if a._numerator < 0 else a
    return each(_absolute, a)


def _absolute(a: Any) -> Any:
    if type(a) is EXACT:
        return negate(a) if a._numerator < 0 else a
    if isinstance(a, Complex):
        return sqrt(squared_size(a))
    value = number(a, "abs")
    return DECIMALS.abs(value) if isinstance(value, Decimal) else abs(value)


def sign(a: Any) -> Value:
    """-1, 0 or 1, of each element of a list."""
    return each(lambda x: Fraction((x > 0) - (x < 0)), _all_numbers(a, "sign"))


def step(a: Any) -> Value:
    """1 if a > 0 else 0, of each element of a list."""
    if type(a) is EXACT:
        return ONE if a._numerator > 0 else ZERO
    return each(lambda x: ONE if x > 0 else ZERO, _all_numbers(a, "step"))


def floor(a: Any) -> Any:
    """The largest whole number that is not above a."""
    if type(a) is EXACT:
        return ratio(a._numerator // a._denominator, 1)
    return each(lambda x: Fraction(x.__floor__()), _all_numbers(a, "floor"))


def ceil(a: Any) -> Value:
    """The smallest whole number that is not below a."""
    return each(lambda x: Fraction(x.__ceil__()), _all_numbers(a, "ceil"))


def rounded(a: Any, decimals: Any = ZERO) -> Value:
    """a rounded at a number of decimals, ties away from zero; always a fraction."""
    count = integer(decimals, "the number of decimals")
    if not 0 <= count <= MAX_ROUNDING:
        raise OperationError(f"cannot round to {count} decimals; 0 to {MAX_ROUNDING}")
    return each(lambda x: small(round_to(x, count)), _all_numbers(a, "round"))


def _all_numbers(a: Any, use: str) -> Value:
    return each(lambda item: number(item, use), a)


def smallest(*items: Any) -> Value:
    """min of numbers, or of one list."""
    best, *rest = _choices("min", items)
    for item in rest:
        if difference(item, best, "min") < 0:
            best = item
    return number(best, "min")


def largest(*items: Any) -> Value:
    """max of numbers, or of one list."""
    best, *rest = _choices("max", items)
    for item in rest:
        if difference(item, best, "max") > 0:
            best = item
    return number(best, "max")


def _choices(use: str, items: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(items) == 1:
        return vector(items[0], use)
    return items


def total(a: Any) -> Value:
    """The sum of a list of numbers; of nothing 0."""
    if a == ():
        return ZERO
    first, *rest = vector(a, "sum")
    result: Value = first if isinstance(first, Complex) else number(first, "sum")
    for item in rest:
        result = add(result, item)
    return result


def mean(a: Any) -> Any:
    """The mean of a list of numbers."""
    return divide(total(vector(a, "mean")), Fraction(len(a)))


def variance(a: Any) -> Any:
    """The population variance of a list of numbers: the mean of the squared deviations."""
    center = mean(vector(a, "var"))
    squares = []
    for item in a:
        deviation = subtract(item, center)
        squares.append(multiply(deviation, deviation))
    return mean(tuple(squares))


def length(a: Any) -> Value:
    """The number of elements of a list, of rows of a matrix, or of characters of a text."""
    if not isinstance(a, (tuple, str)):
        raise OperationError(f"len needs a list, not {describe(a)}")
    return Fraction(len(a))


def hadamard(a: Any, b: Any) -> Value:
    """The product of two lists of one shape, element by element."""
    if not isinstance(a, tuple) or not isinstance(b, tuple):
        raise OperationError(f"hadamard needs two lists, not {describe(a)} and {describe(b)}")
    return pairwise(multiply, "hadamard", a, b)


def dot(a: Any, b: Any) -> Any:
    """The inner product of two lists of numbers of one length."""
    left, right = vector(a, "dot"), vector(b, "dot")
    if len(left) != len(right):
        raise OperationError(f"cannot take the dot product of {describe(a)} and {describe(b)}")
    result = multiply(left[0], right[0])
    for x, y in zip(left[1:], right[1:], strict=True):
        result = add(result, multiply(x, y))
    return result


def matmul(a: Any, b: Any) -> Any:
    """The product of two matrices, of a matrix and a column, or of a row and a matrix."""
    sizes = shape(a), shape(b)
    match sizes:
        case ((_, inner), (rows, _)) if inner == rows:
            columns = matrix(transpose(b), "matmul")
            return tuple([tuple([dot(row, column) for column in columns]) for row in a])
        case ((_, inner), (rows,)) if inner == rows:
            return tuple([dot(row, b) for row in a])
        case ((inner,), (rows, _)) if inner == rows:
            return tuple([dot(a, column) for column in matrix(transpose(b), "matmul")])
    raise OperationError(f"matmul does not fit {describe(a)} and {describe(b)}")


def transpose(a: Any) -> Value:
    """The matrix with rows and columns exchanged."""
    rows = matrix(a, "transpose")
    charge(len(rows) * len(rows[0]))
    return tuple(zip(*rows, strict=True))


def indicator(a: Any) -> Value:
    """1 if the condition holds, else 0."""
    return ONE if condition(a, "indicator") else ZERO


def sqrt(a: Any) -> Value:
    """The square root; a fraction where it is one, else a decimal."""
    return each(_sqrt, a)


def exp(a: Any) -> Value:
    """e to the power of a, a decimal."""
    return each(_exp, a)


def log(a: Any, base: Any = None) -> Value:
    """The natural logarithm, a decimal; or that to another base, exact where it is."""
    if base is None:
        return each(_log, a)
    return each(lambda item: _log_to(item, number(base, "the base of log")), a)


def _log_to(a: Any, base: Number) -> Value:
    charge(10)
    value = number(a, "log")
    if value <= 0 or base <= 0 or base == 1:
        raise OperationError(
            f"log of {show(value)} to the base {show(base)}; both are positive, the base is not 1"
        )
    return precise.logarithm(value, base)


def sine(a: Any) -> Value:
    """The sine of an angle in radians."""
    return each(_trigonometric, a, "sin")


def cosine(a: Any) -> Value:
    """The cosine of an angle in radians."""
    return each(_trigonometric, a, "cos")


def tangent(a: Any) -> Value:
    """The tangent of an angle in radians."""
    return each(_trigonometric, a, "tan")


def _trigonometric(a: Any, name: str) -> Value:
    charge(10)
    return precise.trigonometric(name, number(a, name))


def _by_name(name: str, least: int | None, most: int | None) -> Callable[[Any], Value]:
    """A function of one number, with the numbers between which it has a value."""

    def apply(a: Any) -> Value:
        charge(10)
        value = number(a, name)
        if isinstance(value, Decimal) and abs(guarded := GUARDED.plus(value)) == 1:
            value = exact(guarded)  # a cosine of 1 and a guard digit is that of an angle of 0
        if (least is not None and value < least) or (most is not None and value > most):
            bounds = [f"from {least}"] * (least is not None) + [f"to {most}"] * (most is not None)
            raise OperationError(f"{name} of {show(value)}; it has a value {' '.join(bounds)}")
        return precise.unary(name, value)

    return lambda a: each(apply, a)


arcsine: Final = _by_name("asin", -1, 1)
arccosine: Final = _by_name("acos", -1, 1)
arctangent: Final = _by_name("atan", None, None)
hyperbolic_sine: Final = _by_name("sinh", -2400, 2400)
hyperbolic_cosine: Final = _by_name("cosh", -2400, 2400)


def angle(y: Any, x: Any) -> Value:
    """The angle of the point (x, y), in radians from -pi to pi."""
    charge(10)
    return precise.angle(number(y, "atan2"), number(x, "atan2"))


def degrees(a: Any) -> Value:
    """Radians to degrees."""
    return each(lambda item: precise.degrees(number(item, "degrees")), a)


def radians(a: Any) -> Value:
    """Degrees to radians."""
    return each(lambda item: precise.radians(number(item, "radians")), a)


def tanh(a: Any) -> Value:
    """The hyperbolic tangent, a decimal."""
    return each(_tanh, a)


def sigmoid(a: Any) -> Value:
    """1 / (1 + exp(-a)), a decimal."""
    return each(_sigmoid, a)


def softmax(a: Any) -> Value:
    """exp of each element over the sum of them; of a matrix, row by row."""
    if isinstance(a, tuple) and len(shape(a)) == MATRIX:
        return tuple([softmax(row) for row in a])
    values = [decimal(item, "softmax", _WIDE) for item in vector(a, "softmax")]
    charge(10 * len(values))
    top = max(values)
    powers = [_WIDE.exp(_WIDE.subtract(value, top)) for value in values]
    whole = Decimal(0)
    for item in powers:
        whole = _WIDE.add(whole, item)
    return tuple([DECIMALS.divide(item, whole) for item in powers])


def _sqrt(a: Any) -> Value:
    charge(10)
    value = number(a, "sqrt")
    if value < 0:
        raise OperationError(f"sqrt of the negative number {show(value)}")
    if isinstance(value, Decimal):
        return DECIMALS.sqrt(value)
    numerator, denominator = isqrt(value.numerator), isqrt(value.denominator)
    if numerator**2 == value.numerator and denominator**2 == value.denominator:
        return Fraction(numerator, denominator)
    return DECIMALS.plus(_WIDE.sqrt(decimal(value, context=_WIDE)))


def _exp(a: Any) -> Value:
    charge(10)
    return DECIMALS.plus(_WIDE.exp(decimal(a, "exp", _WIDE)))


def _log(a: Any) -> Value:
    charge(10)
    value = number(a, "log")
    if value <= 0:
        raise OperationError(f"log of {show(value)}, which is not positive")
    excess = subtract(value, ONE)
    small_excess = decimal(excess, context=_WIDE)
    if excess and small_excess.adjusted() < TINY:
        # Close to 1 the digits of the excess count: log(1 + u) = u - u**2/2 + u**3/3 - …
        square = _WIDE.multiply(small_excess, small_excess)
        series = _WIDE.subtract(small_excess, _WIDE.divide(square, Decimal(2)))
        third = _WIDE.divide(_WIDE.multiply(square, small_excess), Decimal(3))
        return DECIMALS.add(series, third)
    return DECIMALS.plus(_WIDER.ln(decimal(value, context=_WIDER)))


def _tanh(a: Any) -> Value:
    charge(10)
    value = decimal(a, "tanh", _WIDE)
    if value.adjusted() < TINY:
        # tanh x = x - x**3/3 + 2 x**5/15 - …; the quotient below would lose these digits.
        square = _WIDE.multiply(value, value)
        fifth = _WIDE.divide(_WIDE.multiply(square, Decimal(2)), Decimal(15))
        third = _WIDE.divide(Decimal(1), Decimal(3))
        factor = _WIDE.multiply(square, _WIDE.subtract(third, fifth))
        return DECIMALS.multiply(value, _WIDE.subtract(Decimal(1), factor))
    small_power = _WIDE.exp(_WIDE.multiply(Decimal(-2), value.copy_abs()))
    quotient = _WIDE.divide(
        _WIDE.subtract(Decimal(1), small_power), _WIDE.add(Decimal(1), small_power)
    )
    return DECIMALS.plus(quotient.copy_sign(value))


def _sigmoid(a: Any) -> Value:
    charge(10)
    value = decimal(a, "sigmoid", _WIDE)
    small_power = _WIDE.exp(value.copy_abs().copy_negate())
    above = Decimal(1) if value >= 0 else small_power
    return DECIMALS.divide(above, _WIDE.add(Decimal(1), small_power))
