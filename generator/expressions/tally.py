"""Operations as they are done by hand, and what is counted of each.

With s(n) for the sum of the digits, adding a and b carries (s(a) + s(b) - s(a + b)) / 9 in all,
multiplying them (s(a) s(b) - s(a b)) / 9: each unit that is carried turns a ten into a one.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

from generator.exact.numbers import Complex, Value
from generator.expressions.arithmetic import Arithmetic
from generator.expressions.elementary import transpose
from generator.expressions.functions import FUNCTIONS, PROBABILITIES, Function
from generator.expressions.listing import ascending
from generator.expressions.load import FIELDS, Load
from generator.expressions.matrices import matrix_power
from generator.expressions.operations import (
    EXACT,
    ONE,
    ZERO,
    add,
    difference,
    divide,
    joined,
    multiply,
    negate,
    shape,
    subtract,
)
from generator.expressions.written_numbers import CALCULATOR_DIGITS, WrittenNumber, on_paper

LONGEST_POWER: Final = 5
"""Exponent up to which a power is multiplied out; a larger one is keyed into a calculator."""

_COUNTED: Final = attrgetter(*FIELDS[:-1])
"""All that is counted, but for the branches."""


class _Counting(Arithmetic):
    """An arithmetic that counts what it does."""

    def __init__(self, tally: LoadTally) -> None:
        self.tally = tally

    def add(self, a: Any, b: Any) -> Value:
        result = super().add(a, b)
        self.tally.plus(a, b, result)
        return result

    def subtract(self, a: Any, b: Any) -> Value:
        result = super().subtract(a, b)
        self.tally.minus(a, b, result)
        return result

    def multiply(self, a: Any, b: Any) -> Value:
        result = super().multiply(a, b)
        self.tally.times(a, b, result)
        return result

    def divide(self, a: Any, b: Any) -> Value:
        result = super().divide(a, b)
        self.tally.over(a, b, result)
        return result

    def root(self, a: Any) -> Value:
        self.tally.function(a, None)
        return super().root(a)

    def nth_root(self, a: Any, degree: Any) -> Value:
        self.tally.function(a, None)
        return super().nth_root(a, degree)


def _by_hand(function: Function) -> Callable[..., object]:
    def count(tally: LoadTally, *operands: Any) -> None:
        function.apply(*operands[:-1], by=_Counting(tally))

    return count


@lru_cache(maxsize=16_384)
def _exactly(kind: str, *numbers: int) -> tuple[int, ...]:
    """What an operation on two fractions counts; kept, since a problem has few of them."""
    a, b = Fraction(*numbers[:2]), Fraction(*numbers[2:])
    tally = LoadTally()
    if kind == "times":
        tally.multiply_out(a, b, multiply(a, b))
    elif kind == "plus":
        tally.add_up(a, b, add(a, b), 1)
    else:
        tally.add_up(a, b, subtract(a, b), -1)
    return tally.counts()


class LoadTally:
    """Counts while the events are gone through."""

    __slots__ = (*FIELDS, "known")

    def __init__(self) -> None:
        self.known: list[tuple[int, ...]] = []
        self.additions = self.multiplications = self.divisions = self.powers = 0
        self.functions = self.comparisons = self.easy = self.digits = 0
        self.carries = self.sign_changes = self.non_integers = self.clipped = 0
        self.branches: Any = []

    def load(self) -> Load:
        counted = [self.counts(), *self.known]
        summed: list[Any] = [*map(sum, zip(*counted, strict=True)), tuple(self.branches)]
        return Load(*summed)

    def counts(self) -> tuple[int, ...]:
        """What was counted, without the branches and what is known."""
        return _COUNTED(self)

    def operands(self, a: WrittenNumber, b: WrittenNumber) -> None:
        self.digits += a.digits + b.digits
        self.non_integers += a.fractional + b.fractional

    def plus(self, a: Any, b: Any, result: Any, turn: int = 1) -> None:
        """a + b, or with ``turn`` -1 a - b."""
        if type(a) is EXACT and type(b) is EXACT:
            numbers = a._numerator, a._denominator, b._numerator, b._denominator
            self.known.append(_exactly("plus" if turn == 1 else "minus", *numbers))
        else:
            self.add_up(a, b, result, turn)

    def add_up(self, a: Any, b: Any, result: Any, turn: int) -> None:
        if isinstance(result, tuple):
            for x, y, z in zip(_rows(a, result), _rows(b, result), result, strict=True):
                self.plus(x, y, z, turn)
            return
        if type(a) is Complex or type(b) is Complex:
            for one, other, sum_ in zip(_parts(a), _parts(b), _parts(result), strict=True):
                self.plus(one, other, sum_, turn)
            return
        left, right, total = on_paper(a), on_paper(b), on_paper(result)
        if not left.sign or not right.sign:
            self.easy += 1
            return
        self.additions += 1
        self.operands(left, right)
        largest, parts = total, left.digit_sum + right.digit_sum
        if left.sign != turn * right.sign:
            # Long subtraction: the larger is the sum of the smaller and the difference.
            self.sign_changes += 1
            largest = left if total.sign == left.sign else right
            parts += total.digit_sum - largest.digit_sum
        self.carry(parts, largest, left, right, total)

    def minus(self, a: Any, b: Any, result: Any) -> None:
        self.plus(a, b, result, turn=-1)

    def times(self, a: Any, b: Any, result: Any) -> None:
        if type(a) is EXACT and type(b) is EXACT:
            numbers = a._numerator, a._denominator, b._numerator, b._denominator
            self.known.append(_exactly("times", *numbers))
        else:
            self.multiply_out(a, b, result)

    def multiply_out(self, a: Any, b: Any, result: Any) -> None:
        if isinstance(result, tuple):
            for x, y, z in zip(_rows(a, result), _rows(b, result), result, strict=True):
                self.times(x, y, z)
            return
        if type(a) is Complex or type(b) is Complex:
            self.complex_times(a, b)
            return
        left, right, product = on_paper(a), on_paper(b), on_paper(result)
        if product.sign:
            self.sign_changes += (left.sign < 0) + (right.sign < 0)
        if left.trivial or right.trivial:
            self.easy += 1
            return
        self.multiplications += 1
        self.operands(left, right)
        self.carry(left.digit_sum * right.digit_sum, product, left, right, product)

    def over(self, a: Any, b: Any, result: Any) -> None:
        if isinstance(result, tuple):
            for x, z in zip(a, result, strict=True):
                self.over(x, b, z)
            return
        if type(a) is Complex or type(b) is Complex:
            self.complex_over(a, b, result)
            return
        left, right, quotient = on_paper(a), on_paper(b), on_paper(result)
        if left.sign:
            self.sign_changes += (left.sign < 0) + (right.sign < 0)
        if not left.sign or right.trivial:
            self.easy += 1
            return
        self.divisions += 1
        self.operands(left, right)
        # Long division multiplies the divisor by the digits of the quotient.
        self.carry(right.digit_sum * quotient.digit_sum, left, left, right, quotient)

    def complex_times(self, a: Any, b: Any) -> None:
        """Four products, a difference and a sum."""
        (p, q), (r, s) = _parts(a), _parts(b)
        products = [(p, r), (q, s), (p, s), (q, r)]
        first, second, third, fourth = (multiply(*pair) for pair in products)
        for pair, product in zip(products, (first, second, third, fourth), strict=True):
            self.times(*pair, product)
        self.minus(first, second, subtract(first, second))
        self.plus(third, fourth, add(third, fourth))

    def complex_over(self, a: Any, b: Any, result: Any) -> None:
        """The conjugate, its product with a, the square of the size, and two quotients."""
        real, imaginary = _parts(b)
        mirrored = joined(real, negate(imaginary))
        size: Any = multiply(b, mirrored)
        if type(b) is Complex:
            self.complex_times(a, mirrored)
            self.complex_times(b, mirrored)
            above = multiply(a, mirrored)
        else:
            size, above = b, a
        for part, quotient in zip(_parts(above), _parts(result), strict=True):
            self.over(part, size, quotient)

    def carry(
        self, parts: int, whole: WrittenNumber, a: WrittenNumber, b: WrittenNumber, c: WrittenNumber
    ) -> None:
        """Units carried when the digits of the parts become those of the whole."""
        if a.finite and b.finite and c.finite:
            # Calculator digits don't quite add up; what is exact is divisible by 9.
            self.carries += abs(parts - whole.digit_sum) // 9
        else:
            # Fractions: about a common denominator's worth of work.
            self.carries += a.digits + b.digits + c.digits

    def power(self, base: Any, exponent: Any, result: Any) -> None:
        if type(base) is Complex:
            reached = base
            for _ in range(abs(int(exponent)) - 1):
                self.complex_times(reached, base)
                reached = multiply(reached, base)
            return
        times, written = abs(int(exponent)), on_paper(base)
        if times != abs(exponent):
            self.function(base, result)
        elif written.trivial or exponent in (0, 1):
            self.easy += 1
        elif times > LONGEST_POWER or isinstance(base, Decimal):
            self.functions += 1
            self.digits += written.digits
        else:
            product: Any = base
            self.powers += times > 1
            for _ in range(times - 1):
                product, factor = multiply(product, base), product
                self.times(factor, base, product)
            if exponent < 0:
                self.over(ONE, product, result)

    def negate(self, a: Any, result: Any) -> None:
        self.sign_changes += sum(map(bool, _flat(a)))

    def relu(self, a: Any, result: Any) -> None:
        for value in _flat(a):
            self.comparisons += 1
            self.clipped += value < 0
            self.branches.append("relu:1" if value > 0 else "relu:0")

    def choose(self, name: str, *operands: Any) -> None:
        """max or min; the last operand is the result."""
        *items, result = operands
        if len(items) == 1:
            items = list(items[0])
        self.comparisons += len(items) - 1
        self.clipped += name == "max" and not result and any(item < 0 for item in items)
        chosen = next(index for index, item in enumerate(items) if not difference(item, result))
        self.branches.append(f"{name}:{chosen}")

    def function(self, *operands: Any) -> None:
        """A function that is looked up or keyed in, for each number of its argument."""
        for value in _flat(operands[0]):
            if isinstance(value, (bool, str)):
                continue
            self.functions += 1
            written = on_paper(value)
            self.digits += written.digits
            self.non_integers += written.fractional

    def softmax(self, a: Any, result: Any) -> None:
        if isinstance(result[0], tuple):
            for row, probabilities in zip(a, result, strict=True):
                self.softmax(row, probabilities)
            return
        self.function(a)
        for probability in result[1:]:
            self.plus(result[0], probability, add(result[0], probability))
        self.divisions += len(result)
        self.digits += CALCULATOR_DIGITS * len(result)

    def total(self, a: Any, result: Any) -> Any:
        if not a:
            return None
        running, *others = a
        for item in others:
            running, before = add(running, item), running
            self.plus(before, item, running)
        return running

    def mean(self, a: Any, result: Any) -> None:
        self.over(self.total(a, result), Fraction(len(a)), result)

    def variance(self, a: Any, result: Any) -> None:
        length = Fraction(len(a))
        center = divide(self.total(a, result), length)
        self.over(multiply(center, length), length, center)
        squares = []
        for item in a:
            deviation = subtract(item, center)
            self.minus(item, center, deviation)
            squares.append(multiply(deviation, deviation))
            self.times(deviation, deviation, squares[-1])
        self.mean(tuple(squares), result)

    def dot(self, a: Any, b: Any, result: Any) -> None:
        products = []
        for x, y in zip(a, b, strict=True):
            products.append(multiply(x, y))
            self.times(x, y, products[-1])
        self.total(products, result)

    def matmul(self, a: Any, b: Any, result: Any) -> None:
        rows = a if len(shape(a)) > 1 else (a,)
        columns: Any = transpose(b) if len(shape(b)) > 1 else (b,)
        for row in rows:
            for column in columns:
                self.dot(row, column, None)

    def matrix_power(self, a: Any, n: Any) -> None:
        for times in range(1, int(n)):
            self.matmul(matrix_power(a, Fraction(times)), a, None)

    def sign(self, name: str, a: Any) -> None:
        for value in _flat(a):
            self.comparisons += 1
            self.branches.append(f"{name}:{(value > 0) - (value < 0)}")

    def step(self, a: Any, result: Any) -> None:
        for value in _flat(a):
            self.comparisons += 1
            self.branches.append("step:1" if value > 0 else "step:0")

    def decide(self, name: str, holds: bool) -> None:
        self.branches.append(f"{name}:{int(holds)}")

    def remainder(self, a: Any, b: Any, result: Any) -> None:
        """A division with a remainder: long division of the whole part."""
        if not b:
            return
        self.over(a, b, divide(subtract(a, result), b))

    def divisor(self, *operands: Any) -> None:
        """Euclid's algorithm, or for the least common multiple the same: a division each step."""
        *items, _ = operands
        listed = [int(item) for item in _flat(tuple(items))]
        running = listed[0]
        for item in listed[1:]:
            larger, smaller = max(abs(running), abs(item)), min(abs(running), abs(item))
            while smaller:
                self.divisions += 1
                self.digits += len(str(larger)) + len(str(smaller))
                larger, smaller = smaller, larger % smaller
            running = larger

    def sort(self, a: Any, result: Any) -> None:
        """Sorting by hand looks at each number about as often as the number of numbers has bits."""
        self.comparisons += len(a) * len(a).bit_length()
        self.digits += sum(on_paper(item).digits for item in a)

    def look(self, a: Any, *_: Any) -> None:
        """Each member of a list is looked at once."""
        self.comparisons += len(a)

    def median(self, a: Any, result: Any) -> None:
        self.sort(a, result)
        if len(a) % 2 == 0:
            half = len(a) // 2
            middle = ascending(a)[half - 1 : half + 1]
            self.mean(middle, result)

    def compare(self) -> None:
        self.comparisons += 1


def _rows(value: Any, like: tuple[Any, ...]) -> tuple[Any, ...]:
    """The elements of a list, or a number as often as the result has elements."""
    return value if isinstance(value, tuple) else (value,) * len(like)


def _parts(value: Any) -> tuple[Any, Any]:
    return (value.real, value.imaginary) if type(value) is Complex else (value, ZERO)


def _flat(value: Any) -> list[Any]:
    if isinstance(value, Complex):
        return [value.real, value.imaginary]
    if not isinstance(value, tuple):
        return [value]
    return [number for item in value for number in _flat(item)]


_KEYED: Final = (
    *("sqrt", "exp", "log", "tanh", "sigmoid", "root", "sin", "cos", "tan", "asin", "acos", "atan"),
    *("atan2", "degrees", "radians", "sinh", "cosh", "factorial", "binomial", "permutations"),
    *("convert", "digits", "to_base", "from_base", "bits", "bit_and", "bit_or", "bit_xor"),
)
"""Functions that are looked up, keyed into a calculator, or as much work as that."""

ACCOUNTS: Final[dict[str, Callable[..., object]]] = {
    "+": LoadTally.plus,
    "-": LoadTally.minus,
    "*": LoadTally.times,
    "/": LoadTally.over,
    "**": LoadTally.power,
    "negate": LoadTally.negate,
    "relu": LoadTally.relu,
    "max": lambda tally, *operands: tally.choose("max", *operands),
    "min": lambda tally, *operands: tally.choose("min", *operands),
    "abs": lambda tally, a, _: tally.sign("abs", a),
    "sign": lambda tally, a, _: tally.sign("sign", a),
    "step": LoadTally.step,
    "indicator": lambda tally, holds, _: tally.decide("indicator", holds),
    "if": lambda tally, holds, _: tally.decide("if", holds),
    "compare": lambda tally, *_: tally.compare(),
    "sum": LoadTally.total,
    "mean": LoadTally.mean,
    "var": LoadTally.variance,
    "dot": LoadTally.dot,
    "hadamard": LoadTally.times,
    "matmul": LoadTally.matmul,
    "%": LoadTally.remainder,
    "mod": LoadTally.remainder,
    "div": LoadTally.over,
    "gcd": LoadTally.divisor,
    "lcm": LoadTally.divisor,
    "sorted": LoadTally.sort,
    "quantile": lambda tally, a, *_: tally.sort(a, None),
    "cumsum": LoadTally.total,
    **dict.fromkeys(
        ("mode", "modes", "argmin", "argmax", "count", "position", "unique"), LoadTally.look
    ),
    **{name: _by_hand(it) for name, it in FUNCTIONS.items() if it.by_hand},
    "matrix_power": lambda tally, a, n, _: tally.matrix_power(a, n),
    **dict.fromkeys(PROBABILITIES, LoadTally.function),
    "median": LoadTally.median,
    "softmax": LoadTally.softmax,
    **dict.fromkeys(_KEYED, LoadTally.function),
    **dict.fromkeys(("floor", "ceil", "round"), lambda tally, *_: tally.compare()),
}
