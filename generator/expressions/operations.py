"""The operations on values: exact on fractions, 50 digits on decimals, element by element on lists.

Each operation takes values and returns one, or raises `OperationError` (or a trap of the decimal
module) without a place; whoever walks the tree knows the place. The common case, two fractions,
comes first in each and is written out: ``Fraction``'s own operators take three times as long.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
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
from math import gcd
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
from generator.expressions.expression_errors import OperationError
from generator.expressions.limits import (
    MAX_BITS,
    MAX_ELEMENTS,
    MAX_EXPONENT,
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

TOO_LARGE: Final = f"a result of more than {MAX_BITS} bits; such a number is of no use on paper"

_LIMIT: Final = 1 << MAX_BITS
_new: Final = object.__new__


def context(precision: int) -> Context:
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


DECIMALS: Final = context(50)
"""Where decimals are computed: 50 significant digits, below 10**1000, tiny results become 0."""

_BRIEF: Final = context(12)
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

# ``type(x) is EXACT`` is a quick test that leaves the slots below open to a type checker.
EXACT: Final[Any] = Fraction


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
    if type(a) is EXACT and type(b) is EXACT:
        if a._denominator == b._denominator:
            return ratio(a._numerator + b._numerator, a._denominator)
        return ratio(
            a._numerator * b._denominator + b._numerator * a._denominator,
            a._denominator * b._denominator,
        )
    return _general(add, "+", a, b, DECIMALS.add)


def subtract(a: Any, b: Any) -> Any:
    """a - b, as `add`."""
    if type(a) is EXACT and type(b) is EXACT:
        if a._denominator == b._denominator:
            return ratio(a._numerator - b._numerator, a._denominator)
        return ratio(
            a._numerator * b._denominator - b._numerator * a._denominator,
            a._denominator * b._denominator,
        )
    return _general(subtract, "-", a, b, DECIMALS.subtract)


def multiply(a: Any, b: Any) -> Any:
    """a * b: numbers, or a number and a list."""
    if type(a) is EXACT and type(b) is EXACT:
        return ratio(a._numerator * b._numerator, a._denominator * b._denominator)
    if isinstance(a, tuple) and isinstance(b, tuple):
        raise OperationError(
            f"cannot multiply {describe(a)} by {describe(b)} with *; "
            "use dot, matmul, or hadamard (element by element)"
        )
    return _general(multiply, "*", a, b, DECIMALS.multiply)


def divide(a: Any, b: Any) -> Any:
    """a / b: numbers, or a list by a number."""
    if type(a) is EXACT and type(b) is EXACT and b._numerator:
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
    if type(a) is EXACT and type(b) is EXACT and b._numerator == 2 * b._denominator:
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
    if type(a) is EXACT:
        return ratio(-a._numerator, a._denominator)
    if type(a) is tuple:
        return each(negate, a)
    if isinstance(a, Complex):
        return Complex(negate(a.real), negate(a.imaginary))
    value = number(a, "-")
    return DECIMALS.minus(value) if isinstance(value, Decimal) else -value


def difference(a: Any, b: Any, operator: str = "<") -> Any:
    """An integer with the sign of a - b, exact also where one is a decimal."""
    if type(a) is EXACT and type(b) is EXACT:
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
    if type(a) is EXACT and type(b) is EXACT:
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
        return pairwise(operation, symbol, a, b)
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
    shapes = {shape(it) if type(it) is tuple else () for it in value}
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


def pairwise(operation: Callable[..., Value], symbol: str, a: Any, b: Any) -> Value:
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
