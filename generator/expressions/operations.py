"""The operations on values: exact on fractions, 50 digits on decimals, element by element on lists.

Each operation takes values and returns one, or raises `OperationError` (or a trap of the decimal
module) without a place; whoever walks the tree knows the place. The common case, two fractions,
comes first in each and is written out: ``Fraction``'s own operators take three times as long.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from fractions import Fraction
from functools import lru_cache
from math import gcd, isqrt
from typing import Any, Final

from generator.exact.numbers import (
    Complex,
    Number,
    Ties,
    Value,
    format_number,
    joined_parts,
    number_advice,
    places,
    round_significant,
    round_to,
)
from generator.expressions import precise
from generator.expressions.errors import OperationError
from generator.expressions.limits import (
    MAX_BITS,
    MAX_ELEMENTS,
    MAX_EXPONENT,
    MAX_ROUNDING,
    MAX_WORK,
)

ZERO: Final = Fraction(0)
ONE: Final = Fraction(1)
TWO: Final = Fraction(2)

MAX_SHOWN: Final = 40
"""Characters of a value in a message."""

MAX_ITEMS_SHOWN: Final = 4

MATRIX: Final = 2
"""Dimensions of a matrix."""

MAX_COMPLEX_POWER: Final = 64
"""Largest whole power of a complex number."""

TINY: Final = -17
"""Decimal exponent below which a short series has 50 digits and a closed form has not."""

TOO_LARGE: Final = f"a result of more than {MAX_BITS} bits; such a number is of no use on paper"

_LIMIT: Final = 1 << MAX_BITS
_new: Final = object.__new__


def _context(precision: int) -> Context:
    """A context of our own: nothing here reads or writes the ambient one."""
    return Context(
        prec=precision,
        rounding=ROUND_HALF_EVEN,
        Emin=-5000,
        Emax=999,
        capitals=1,
        clamp=0,
        flags=[],
        traps=[InvalidOperation, DivisionByZero, Overflow],
    )


DECIMALS: Final = _context(50)
"""Where decimals are computed: 50 significant digits, below 10**1000, tiny results become 0."""

_WIDE: Final = _context(70)
"""Where the steps inside one transcendental function are computed."""

_WIDER: Final = _context(95)
"""The same for a logarithm, whose argument may be close to 1."""

_BRIEF: Final = _context(12)
"""Digits of a decimal in a message."""


class _Meter(threading.local):
    """Operations on elements of lists that the running evaluation has done, by thread."""

    spent = 0


METER: Final = _Meter()


def charge(work: int) -> None:
    """Counts work on lists, and refuses to go on beyond `MAX_WORK`."""
    METER.spent += work
    if METER.spent > MAX_WORK:
        raise OperationError(f"more than {MAX_WORK} operations on lists in one expression")


# Numbers ---------------------------------------------------------------------------------------

# ``type(x) is _EXACT`` is a quick test that leaves the slots below open to a type checker.
_EXACT: Final[Any] = Fraction


@lru_cache(maxsize=16_384)
def ratio(numerator: int, denominator: int) -> Any:
    """The fraction in lowest terms, unless it has outgrown `MAX_BITS`.

    It is kept: a problem has few different numbers. And it is made slot by slot, in a third of the
    time that ``Fraction`` takes to look at the types of its arguments first. A test watches over
    the slots.

    Args:
        numerator: Any integer.
        denominator: A positive one.
    """
    if denominator != 1:
        divisor = gcd(numerator, denominator)
        if divisor != 1:
            numerator //= divisor
            denominator //= divisor
    if not (-_LIMIT < numerator < _LIMIT and denominator < _LIMIT):
        raise OperationError(TOO_LARGE)
    result: Any = _new(Fraction)
    result._numerator, result._denominator = numerator, denominator
    return result


def add(a: Any, b: Any) -> Any:
    """a + b: numbers; lists of one shape; a number and a list, to each element."""
    if type(a) is _EXACT and type(b) is _EXACT:
        if a._denominator == b._denominator:
            return ratio(a._numerator + b._numerator, a._denominator)
        return ratio(
            a._numerator * b._denominator + b._numerator * a._denominator,
            a._denominator * b._denominator,
        )
    return _general(add, "+", a, b, DECIMALS.add)


def subtract(a: Any, b: Any) -> Any:
    """a - b, as `add`."""
    if type(a) is _EXACT and type(b) is _EXACT:
        if a._denominator == b._denominator:
            return ratio(a._numerator - b._numerator, a._denominator)
        return ratio(
            a._numerator * b._denominator - b._numerator * a._denominator,
            a._denominator * b._denominator,
        )
    return _general(subtract, "-", a, b, DECIMALS.subtract)


def multiply(a: Any, b: Any) -> Any:
    """a * b: numbers, or a number and a list."""
    if type(a) is _EXACT and type(b) is _EXACT:
        return ratio(a._numerator * b._numerator, a._denominator * b._denominator)
    if isinstance(a, tuple) and isinstance(b, tuple):
        raise OperationError(
            f"cannot multiply {describe(a)} by {describe(b)} with *; "
            "use dot, matmul, or hadamard (element by element)"
        )
    return _general(multiply, "*", a, b, DECIMALS.multiply)


def divide(a: Any, b: Any) -> Any:
    """a / b: numbers, or a list by a number."""
    if type(a) is _EXACT and type(b) is _EXACT and b._numerator:
        if b._numerator < 0:
            return ratio(-a._numerator * b._denominator, -a._denominator * b._numerator)
        return ratio(a._numerator * b._denominator, a._denominator * b._numerator)
    if isinstance(b, tuple):
        raise OperationError(f"cannot divide {describe(a)} by {describe(b)}")
    if not isinstance(b, Complex) and not number(b, "/"):
        raise OperationError("division by zero")
    return _general(divide, "/", a, b, DECIMALS.divide)


def power(a: Any, b: Any) -> Any:
    """a ** b; 0 ** 0 is 1, as in a polynomial. A root of what is no perfect power is a decimal."""
    if type(a) is _EXACT and type(b) is _EXACT and b._numerator == 2 * b._denominator:
        return multiply(a, a)
    if type(a) is tuple or type(b) is tuple:
        raise OperationError(f"cannot raise {describe(a)} to {describe(b)}; ** is for numbers")
    if isinstance(a, Complex) or isinstance(b, Complex):
        return _complex_power(a, b)
    base, wanted = number(a, "**"), number(b, "**")
    if not -MAX_EXPONENT <= wanted <= MAX_EXPONENT:
        raise OperationError(f"the exponent {show(wanted)} is beyond {MAX_EXPONENT}")
    if wanted < 0 and not base:
        raise OperationError("division by zero")
    exponent = int(wanted)
    if exponent != wanted:
        return _broken_power(base, wanted)
    if isinstance(base, Decimal):
        return DECIMALS.power(base, exponent)
    numerator, denominator = base.numerator, base.denominator
    size = max(abs(numerator), denominator).bit_length()
    # x**e has at least (bits(x) - 1) * e bits: refuse before computing it.
    if (size - 1) * abs(exponent) > MAX_BITS:
        raise OperationError(TOO_LARGE)
    return small(base**exponent)


def _broken_power(base: Number, exponent: Number) -> Value:
    """A power whose exponent is not whole."""
    charge(10)
    if base < 0:
        raise OperationError(
            f"the negative number {show(base)} to the power {show(exponent)}, which is not real; "
            "root(x, n) is the real n-th root for an odd n"
        )
    found = precise.power(base, exponent) if base else ZERO
    return small(found) if isinstance(found, Fraction) else found


def root(a: Any, n: Any) -> Value:
    """The real n-th root; a fraction where it is one, else a decimal."""
    value, degree = number(a, "root"), integer(n, "the degree of a root")
    if not 1 <= degree <= MAX_EXPONENT:
        raise OperationError(f"a root of degree {degree}; 1 to {MAX_EXPONENT}")
    if value < 0 and degree % 2:
        positive: Value = negate(root(negate(value), n))
        return positive
    found: Value = power(value, Fraction(1, degree))
    return found


def negate(a: Any) -> Any:
    """-a, of each element of a list."""
    if type(a) is _EXACT:
        return ratio(-a._numerator, a._denominator)
    if type(a) is tuple:
        return each(negate, a)
    if isinstance(a, Complex):
        return Complex(negate(a.real), negate(a.imaginary))
    value = number(a, "-")
    return DECIMALS.minus(value) if isinstance(value, Decimal) else -value


def difference(a: Any, b: Any, operator: str = "<") -> Any:
    """An integer with the sign of a - b, exact also where one is a decimal."""
    if type(a) is _EXACT and type(b) is _EXACT:
        if a._denominator == b._denominator:
            return a._numerator - b._numerator
        return a._numerator * b._denominator - b._numerator * a._denominator
    left, right = number(a, operator), number(b, operator)
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return int(left.compare(right, DECIMALS))
    left, right = Fraction(left), Fraction(right)
    return (left > right) - (left < right)


def equal(a: Any, b: Any) -> Any:
    """a == b for two numbers, two texts, two conditions, or two lists of them of one length."""
    if type(a) is _EXACT and type(b) is _EXACT:
        return a._numerator == b._numerator and a._denominator == b._denominator
    for kind in (str, bool):
        if isinstance(a, kind) and isinstance(b, kind):
            return a == b
    if isinstance(a, tuple) and isinstance(b, tuple):
        charge(len(a))
        return len(a) == len(b) and all(map(equal, a, b))
    if any(isinstance(value, (str, bool, tuple)) for value in (a, b)):
        raise OperationError(f"cannot compare {describe(a)} with {describe(b)}")
    if isinstance(a, Complex) or isinstance(b, Complex):
        return _complex_equal(a, b)
    return difference(a, b, "==") == 0


def number(value: Any, use: str) -> Number:
    """The value if it is a number (an int becomes a fraction).

    Raises:
        OperationError: It is a text, a condition, a list, a float or not finite.
    """
    if isinstance(value, Fraction):
        return value
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise OperationError(f"{value} is not finite")
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return small(Fraction(value))
    if isinstance(value, Complex):
        raise OperationError(f"{use} needs a real number, not {describe(value)}; see abs, re, im")
    raise OperationError(f"{use} needs a number, not {describe(value)}")


def integer(value: Any, what: str) -> int:
    """The value as an int, if it is a whole number."""
    checked = number(value, what)
    if checked != (whole := int(checked)):
        raise OperationError(f"{what} must be a whole number, not {describe(value)}")
    return whole


def condition(value: Any, use: str) -> bool:
    """The value if it is true or false; a number is not."""
    if value is True or value is False:
        return value
    raise OperationError(f"{use} needs a condition such as a > 0, not {describe(value)}")


def small(value: Fraction) -> Fraction:
    """The fraction, unless it has outgrown `MAX_BITS`."""
    if -_LIMIT < value.numerator < _LIMIT and value.denominator < _LIMIT:
        return value
    raise OperationError(TOO_LARGE)


def decimal(value: Any, use: str = "a function", context: Context = DECIMALS) -> Decimal:
    """The number as a decimal, rounded to the context."""
    checked = number(value, use)
    if isinstance(checked, Decimal):
        return checked
    return context.divide(Decimal(checked.numerator), Decimal(checked.denominator))


def _general(
    operation: Callable[[Any, Any], Any],
    symbol: str,
    a: Any,
    b: Any,
    roughly: Callable[[Decimal, Decimal], Decimal],
) -> Value:
    """The operation on operands that are not both fractions: lists, decimals, ints."""
    if isinstance(a, tuple) or isinstance(b, tuple):
        return _lists(operation, symbol, a, b)
    if isinstance(a, Complex) or isinstance(b, Complex):
        return _complex(symbol, a, b)
    left, right = number(a, symbol), number(b, symbol)
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        plain: Value = operation(Fraction(left), Fraction(right))
        return plain
    return roughly(decimal(left), decimal(right))


# Complex numbers ---------------------------------------------------------------------------------


def joined(real: Any, imaginary: Any) -> Value:
    """real + imaginary i; a plain number where the imaginary part is 0."""
    first, second = number(real, "complex"), number(imaginary, "complex")
    return Complex(first, second) if second else first


def parts(value: Any, use: str) -> tuple[Number, Number]:
    """Real and imaginary part."""
    if isinstance(value, Complex):
        return value.real, value.imaginary
    return number(value, use), ZERO


def squared_size(value: Any) -> Any:
    """The square of the absolute value."""
    real, imaginary = parts(value, "abs")
    return add(multiply(real, real), multiply(imaginary, imaginary))


def _complex(symbol: str, a: Any, b: Any) -> Value:
    """a + b, a - b, a * b or a / b."""
    (p, q), (r, s) = parts(a, symbol), parts(b, symbol)
    if symbol == "+":
        return joined(add(p, r), add(q, s))
    if symbol == "-":
        return joined(subtract(p, r), subtract(q, s))
    if symbol == "*":
        return joined(subtract(multiply(p, r), multiply(q, s)), add(multiply(p, s), multiply(q, r)))
    # By the conjugate of b.
    size = squared_size(b)
    if not size:
        raise OperationError("division by zero")
    across = add(multiply(p, r), multiply(q, s))
    return joined(divide(across, size), divide(subtract(multiply(q, r), multiply(p, s)), size))


def _complex_power(base: Any, exponent: Any) -> Value:
    """A whole power; others have more than one value."""
    if isinstance(exponent, Complex):
        raise OperationError(f"the exponent {show(exponent)} is not real")
    count = integer(exponent, "the exponent of a complex number")
    if abs(count) > MAX_COMPLEX_POWER:
        raise OperationError(f"the exponent {count} is beyond {MAX_COMPLEX_POWER}")
    found: Any = ONE
    for _ in range(abs(count)):
        found = multiply(found, base)
    inverse: Value = divide(ONE, found) if count < 0 else found
    return inverse


def _complex_equal(a: Any, b: Any) -> bool:
    pairs = zip(parts(a, "=="), parts(b, "=="), strict=True)
    return all(Fraction(one) == Fraction(other) for one, other in pairs)


# Lists -----------------------------------------------------------------------------------------


def shape(value: Value) -> tuple[int, ...]:
    """Lengths of a list, from the outside in; of a number ``()``.

    Raises:
        OperationError: The rows differ in shape, or the list is empty or too large.
    """
    if not isinstance(value, tuple):
        return ()
    if not value:
        raise OperationError("a list with nothing in it")
    shapes = set(map(shape, value))
    if len(shapes) != 1:
        found = " and ".join(sorted(map(show_shape, shapes)))
        raise OperationError(f"a list must hold things of one shape, not {found}")
    result = (len(value), *shapes.pop())
    elements = 1
    for length in result:
        elements *= length
    if elements > MAX_ELEMENTS:
        raise OperationError(f"a list of {elements} elements; at most {MAX_ELEMENTS}")
    return result


def show_shape(lengths: tuple[int, ...]) -> str:
    """A shape in words: ``a number``, ``a list of 3``, ``a 2x3 matrix``."""
    if not lengths:
        return "a number"
    if len(lengths) == 1:
        return f"a list of {lengths[0]}"
    return f"a {'x'.join(map(str, lengths))} matrix"


def describe(value: Any) -> str:
    """What a value is, for a message: ``the text 'first'``, ``a list of 3``, ``1.5``."""
    if isinstance(value, tuple):
        try:
            return show_shape(shape(value))
        except OperationError:
            return "a ragged list"
    if isinstance(value, str):
        advice = number_advice(value)
        return f"the text {value[:40]!r}" + (f" ({advice})" if advice else "")
    if isinstance(value, bool):
        return f"the condition {str(value).lower()}"
    if isinstance(value, (Fraction, int, Decimal)):
        return show(value)
    if isinstance(value, Complex):
        return f"the complex number {show(value)}"
    return f"{type(value).__name__} {str(value)[:40]}"


def show(value: Any) -> str:
    """A value on one short line, for a message."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return (
            "["
            + ", ".join(map(show, value[:MAX_ITEMS_SHOWN]))
            + (", ...]" if len(value) > MAX_ITEMS_SHOWN else "]")
        )
    if isinstance(value, Fraction):
        own = places(value)
        text = str(value) if own is None or own > MAX_SHOWN else format_number(value)
    elif isinstance(value, Decimal):
        text = str(_BRIEF.plus(value))
    elif isinstance(value, Complex):
        text = joined_parts(value, show)
    else:
        text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:20]}...{text[-10:]}"


def each(operation: Callable[..., Value], value: Any, *more: Any) -> Value:
    """The operation on each number of a list of any shape, or on the number itself."""
    if not isinstance(value, tuple):
        return operation(value, *more)
    charge(len(value))
    return tuple([each(operation, item, *more) for item in value])


def _lists(operation: Callable[..., Value], symbol: str, a: Any, b: Any) -> Value:
    """The operation on each pair of elements, or on a number and each element."""
    first, second = shape(a), shape(b)
    if first and second:
        if first != second:
            raise OperationError(
                f"cannot apply {symbol} to {show_shape(first)} and {show_shape(second)}"
            )
        return _pairs(operation, a, b)
    if first:
        return each(operation, a, b if isinstance(b, Complex) else number(b, symbol))
    left = a if isinstance(a, Complex) else number(a, symbol)
    return each(lambda item: operation(left, item), b)


def _pairs(operation: Callable[..., Value], a: Any, b: Any) -> Value:
    if not isinstance(a, tuple):
        return operation(a, b)
    charge(len(a))
    return tuple([_pairs(operation, x, y) for x, y in zip(a, b, strict=True)])


def collect(*items: Any) -> Value:
    """The list of the items."""
    charge(len(items))
    result: Value = tuple([item if not isinstance(item, int) else normal(item) for item in items])
    shape(result)
    return result


def element(value: Any, position: Any) -> Any:
    """value[position], counted from 0; of a text one character."""
    if not isinstance(value, (tuple, str)):
        raise OperationError(f"only a list has elements, not {describe(value)}")
    index = integer(position, "the position in a list")
    if not 0 <= index < len(value):
        what = "list" if isinstance(value, tuple) else "text"
        raise OperationError(
            f"position {index} is outside of a {what} of {len(value)}; it counts from 0"
        )
    return value[index]


def piece_of(value: Any, first: Any = None, stop: Any = None) -> Value:
    """value[first:stop]: a part of a list or a text, the last position excluded."""
    if not isinstance(value, (tuple, str)):
        raise OperationError(f"only a list or a text has a part, not {describe(value)}")
    begin = 0 if first is None else integer(first, "the position in a list")
    end = len(value) if stop is None else integer(stop, "the position in a list")
    if not 0 <= begin < end <= len(value):
        raise OperationError(f"there is no part from {begin} to {end} of {describe(value)}")
    return value[begin:end]


def contains(item: Any, items: Any) -> bool:
    """Whether something is in a list, or a text in a text."""
    if isinstance(items, str) and isinstance(item, str):
        return item in items
    if not isinstance(items, tuple):
        raise OperationError(f"in needs a list, not {describe(items)}")
    charge(len(items))
    return any(equal(item, other) for other in items)


def normal(value: Any) -> Value:
    """The value with ints as fractions, checked all through.

    Raises:
        OperationError: It is a float, not finite, or of no kind that has a meaning here.
    """
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, tuple):
        shape(value)
        return tuple([normal(item) for item in value])
    return value if isinstance(value, Complex) else number(value, "a value")


def vector(value: Any, use: str) -> tuple[Value, ...]:
    """The value if it is a list of numbers."""
    if not isinstance(value, tuple) or len(shape(value)) != 1:
        raise OperationError(f"{use} needs a list of numbers, not {describe(value)}")
    charge(len(value))
    return value


def matrix(value: Any, use: str) -> tuple[tuple[Value, ...], ...]:
    """The value if it is a list of rows."""
    if not isinstance(value, tuple) or len(shape(value)) != MATRIX:
        raise OperationError(f"{use} needs a matrix, not {describe(value)}")
    return value


def in_decimals(value: Any, decimals: int, ties: Ties) -> Value:
    """A number rounded at a number of decimal places, of a complex one both parts."""
    return _by_parts(round_to, value, decimals, ties)


def in_digits(value: Any, significant: int, ties: Ties) -> Value:
    """A number rounded to significant digits, of a complex one both parts."""
    return _by_parts(round_significant, value, significant, ties)


def _by_parts(
    function: Callable[[Number, int, Ties], Fraction], value: Any, count: int, ties: Ties
) -> Value:
    if not isinstance(value, Complex):
        return function(value, count, ties)
    real, imaginary = (function(it, count, ties) for it in (value.real, value.imaginary))
    return Complex(real, imaginary) if imaginary else real


# Functions -------------------------------------------------------------------------------------


def relu(a: Any) -> Any:
    """max(0, a), of each element of a list."""
    if type(a) is _EXACT:
        return a if a._numerator > 0 else ZERO
    return each(_relu, a)


def _relu(a: Any) -> Value:
    return value if (value := number(a, "relu")) > 0 else ZERO


def absolute(a: Any) -> Any:
    """abs(a), of each element of a list."""
    return each(_absolute, a)


def _absolute(a: Any) -> Any:
    if type(a) is _EXACT:
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
    if type(a) is _EXACT:
        return ONE if a._numerator > 0 else ZERO
    return each(lambda x: ONE if x > 0 else ZERO, _all_numbers(a, "step"))


def floor(a: Any) -> Any:
    """The largest whole number that is not above a."""
    if type(a) is _EXACT:
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
    return _lists(multiply, "hadamard", a, b)


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


class Arithmetic:
    """The operations that longer computations are made of; what counts them overrides them."""

    def add(self, a: Any, b: Any) -> Value:
        """a + b."""
        result: Value = add(a, b)
        return result

    def subtract(self, a: Any, b: Any) -> Value:
        """a - b."""
        result: Value = subtract(a, b)
        return result

    def multiply(self, a: Any, b: Any) -> Value:
        """a * b."""
        result: Value = multiply(a, b)
        return result

    def divide(self, a: Any, b: Any) -> Value:
        """a / b."""
        result: Value = divide(a, b)
        return result

    def root(self, a: Any) -> Value:
        """The square root."""
        return sqrt(a)

    def nth_root(self, a: Any, degree: Any) -> Value:
        """The real root of some degree."""
        return root(a, degree)

    def total(self, items: Iterable[Any]) -> Value:
        """The sum of numbers."""
        first, *rest = items
        result: Value = number(first, "a sum")
        for item in rest:
            result = self.add(result, item)
        return result
