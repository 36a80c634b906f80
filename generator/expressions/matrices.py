"""Vectors and matrices: exact on fractions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from generator.exact.numbers import Value
from generator.expressions.arithmetic import PLAIN, Arithmetic
from generator.expressions.elementary import matmul
from generator.expressions.expression_errors import OperationError
from generator.expressions.operations import (
    ONE,
    TWO,
    ZERO,
    charge,
    describe,
    difference,
    matrix,
    negate,
    number,
    vector,
)

_COFACTORS: Final = 3
"""Size up to which a determinant is expanded, as one does by hand."""


def _square(a: Any, use: str) -> list[list[Any]]:
    rows = [list(row) for row in matrix(a, use)]
    if len(rows) != len(rows[0]):
        raise OperationError(f"{use} needs a square matrix, not {describe(a)}")
    charge(len(rows) ** 3)
    return rows


def determinant(a: Any, by: Arithmetic = PLAIN) -> Value:
    """The determinant of a square matrix."""
    rows = _square(a, "det")
    return _expanded(rows, by) if len(rows) <= _COFACTORS else _eliminated(rows, by)


def _expanded(rows: list[list[Any]], by: Arithmetic) -> Value:
    """Laplace's expansion along the first row."""
    if len(rows) == 1:
        return number(rows[0][0], "det")
    result: Value = ZERO
    for column, factor in enumerate(rows[0]):
        minor = [row[:column] + row[column + 1 :] for row in rows[1:]]
        term = by.multiply(factor, _expanded(minor, by))
        if not column:
            result = term
        else:
            result = by.subtract(result, term) if column % 2 else by.add(result, term)
    return result


def _eliminated(rows: list[list[Any]], by: Arithmetic) -> Value:
    """The product of the pivots of Gaussian elimination."""
    result: Value = ONE
    for column in range(len(rows)):
        pivot = _pivot(rows, column, column)
        if pivot is None:
            return ZERO
        if pivot != column:
            rows[column], rows[pivot] = rows[pivot], rows[column]
            result = negate(result)
        result = by.multiply(result, rows[column][column])
        for row in rows[column + 1 :]:
            _reduce(row, rows[column], column, by)
    return result


def _pivot(rows: list[list[Any]], first: int, column: int) -> int | None:
    """The first row from one on that is not zero in a column."""
    return next((it for it in range(first, len(rows)) if rows[it][column]), None)


def _reduce(row: list[Any], pivot: list[Any], column: int, by: Arithmetic) -> None:
    """Takes as much of the pivot's row from a row as makes its element in a column zero."""
    if not row[column]:
        return
    factor = by.divide(row[column], pivot[column])
    for place in range(column, len(row)):
        row[place] = by.subtract(row[place], by.multiply(factor, pivot[place]))


def _reduced(rows: list[list[Any]], columns: int, by: Arithmetic) -> list[int]:
    """Reduces rows to echelon form with ones as pivots; gives the columns of the pivots."""
    found: list[int] = []
    for column in range(columns):
        pivot = _pivot(rows, len(found), column)
        if pivot is None:
            continue
        place = len(found)
        rows[place], rows[pivot] = rows[pivot], rows[place]
        lead = rows[place][column]
        rows[place] = [by.divide(item, lead) for item in rows[place]]
        for index, row in enumerate(rows):
            if index != place:
                _reduce(row, rows[place], column, by)
        found.append(column)
        if len(found) == len(rows):
            break
    return found


def rank(a: Any, by: Arithmetic = PLAIN) -> Value:
    """The number of independent rows of a matrix."""
    rows = [list(row) for row in matrix(a, "rank")]
    charge(len(rows) ** 2 * len(rows[0]))
    return Fraction(len(_reduced(rows, len(rows[0]), by)))


def inverse(a: Any, by: Arithmetic = PLAIN) -> Value:
    """The inverse of a square matrix."""
    rows = _square(a, "inverse")
    size = len(rows)
    for index, row in enumerate(rows):
        row += [ONE if place == index else ZERO for place in range(size)]
    if len(_reduced(rows, size, by)) < size:
        raise OperationError("this matrix has no inverse: its determinant is 0")
    return tuple([tuple(row[size:]) for row in rows])


def solution(a: Any, b: Any, by: Arithmetic = PLAIN) -> Value:
    """The only solution x of the system of equations A x = b."""
    rows, right = _square(a, "solve"), vector(b, "solve")
    if len(rows) != len(right):
        raise OperationError(f"solve needs as many numbers as rows, not {describe(b)}")
    for row, item in zip(rows, right, strict=True):
        row.append(item)
    if len(_reduced(rows, len(right), by)) < len(right):
        raise OperationError("this system of equations has no solution, or more than one")
    return tuple([row[-1] for row in rows])


def trace(a: Any, by: Arithmetic = PLAIN) -> Value:
    """The sum of the diagonal of a square matrix."""
    return by.total([row[index] for index, row in enumerate(_square(a, "trace"))])


def cross(a: Any, b: Any, by: Arithmetic = PLAIN) -> Value:
    """The cross product of two vectors of three numbers."""
    left, right = vector(a, "cross"), vector(b, "cross")
    if len(left) != 3 or len(right) != 3:
        raise OperationError(f"cross needs two lists of 3, not {describe(a)} and {describe(b)}")
    return tuple(
        [
            by.subtract(by.multiply(left[i], right[j]), by.multiply(left[j], right[i]))
            for i, j in ((1, 2), (2, 0), (0, 1))
        ]
    )


def norm(a: Any, by: Arithmetic = PLAIN) -> Value:
    """The length of a vector: the root of the sum of the squares."""
    return by.root(by.total([by.multiply(item, item) for item in vector(a, "norm")]))


def eigenvalues(a: Any, by: Arithmetic = PLAIN) -> Value:
    """The two real eigenvalues of a 2x2 matrix, the smaller one first; one twice if they agree."""
    rows = _square(a, "eigenvalues")
    if len(rows) != 2:
        raise OperationError(f"eigenvalues needs a 2x2 matrix, not {describe(a)}")
    half = by.divide(trace(a, by), TWO)
    inside = by.subtract(by.multiply(half, half), determinant(a, by))
    if difference(inside, ZERO) < 0:
        raise OperationError("the eigenvalues are not real; require trace(A)**2 >= 4*det(A)")
    root = by.root(inside)
    return (by.subtract(half, root), by.add(half, root))


def matrix_power(a: Any, exponent: Any) -> Value:
    """A square matrix to a whole power from 0 to 32."""
    size, times = len(_square(a, "matrix_power")), number(exponent, "the exponent")
    if times.denominator != 1 if isinstance(times, Fraction) else True:
        raise OperationError(f"the exponent of a matrix is a whole number, not {describe(times)}")
    if not 0 <= times <= 32:
        raise OperationError(f"a matrix to the power {describe(times)}; 0 to 32")
    result: Any = tuple(
        [tuple([ONE if i == j else ZERO for j in range(size)]) for i in range(size)]
    )
    for _ in range(int(times)):
        charge(size**3)
        result = matmul(result, a)
    return result  # type: ignore[no-any-return]
