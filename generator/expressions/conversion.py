"""Units: how much of one is in another, exactly: a kilometer an hour is 5/18 meters a second."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, TypeAlias

from generator.exact.numbers import Value
from generator.expressions.expression_errors import OperationError, near
from generator.expressions.operations import describe, each, multiply, number

Dimension: TypeAlias = tuple[int, ...]
"""Powers of meter, kilogram, second, ampere, kelvin, mole, bit and radian."""

_PREFIXES: Final = {
    **dict(
        zip(("da", "h", "k", "M", "G", "T", "P", "E"), (1, 2, 3, 6, 9, 12, 15, 18), strict=True)
    ),
    **dict(zip("dcmµnpfa", (-1, -2, -3, -6, -9, -12, -15, -18), strict=True)),
    "u": -6,
    "μ": -6,
}
_UNITS: Final[dict[str, tuple[Fraction, Dimension]]] = {
    name: (Fraction(size), (*dimension, *[0] * (8 - len(dimension))))
    for names, size, dimension in (
        ("m", "1", (1,)),
        ("g", "0.001", (0, 1)),
        ("s", "1", (0, 0, 1)),
        ("A", "1", (0, 0, 0, 1)),
        ("K", "1", (0, 0, 0, 0, 1)),
        ("mol", "1", (0, 0, 0, 0, 0, 1)),
        ("bit", "1", (0, 0, 0, 0, 0, 0, 1)),
        ("B Byte byte", "8", (0, 0, 0, 0, 0, 0, 1)),
        ("rad", "1", (0, 0, 0, 0, 0, 0, 0, 1)),
        ("%", "0.01", ()),
        ("‰", "0.001", ()),
        ("min", "60", (0, 0, 1)),
        ("h", "3600", (0, 0, 1)),
        ("d", "86400", (0, 0, 1)),
        ("L l", "0.001", (3,)),
        ("ha", "10000", (2,)),
        ("t", "1000", (0, 1)),
        ("Hz Bq", "1", (0, 0, -1)),
        ("N", "1", (1, 1, -2)),
        ("Pa", "1", (-1, 1, -2)),
        ("bar", "100000", (-1, 1, -2)),
        ("J", "1", (2, 1, -2)),
        ("Wh", "3600", (2, 1, -2)),
        ("cal", "4.184", (2, 1, -2)),
        ("eV", "1.602176634e-19", (2, 1, -2)),
        ("W", "1", (2, 1, -3)),
        ("V", "1", (2, 1, -3, -1)),
        ("Ω Ohm \u2126", "1", (2, 1, -3, -2)),
        ("S", "1", (-2, -1, 3, 2)),
        ("C", "1", (0, 0, 1, 1)),
        ("Ah", "3600", (0, 0, 1, 1)),
        ("F", "1", (-2, -1, 4, 2)),
        ("H", "1", (2, 1, -2, -2)),
        ("T", "1", (0, 1, -2, -1)),
        ("Wb", "1", (2, 1, -2, -1)),
    )
    for name in names.split()
}
"""Units and what they are in units of the SI (BIPM, The International System of Units, 9th ed.)."""

_FACTOR: Final = re.compile(r"([^\W\d_¹²³⁴⁻]+|%|‰)(?:\^?(-?[0-9]|[⁻]?[¹²³⁴]))?")
RAISED: Final = str.maketrans("¹²³⁴⁻", "1234-")


def convert(value: Any, old: Any, new: Any) -> Value:
    """A number in one unit as a number in another."""
    factor = conversion_factor(old, new)
    return each(lambda item: multiply(number(item, "convert"), factor), value)


def conversion_factor(old: Any, new: Any) -> Fraction:
    """What a number is multiplied with."""
    for unit in (old, new):
        if not isinstance(unit, str):
            raise OperationError(f"convert needs units such as 'km/h', not {describe(unit)}")
    (size, kind), (other_size, other_kind) = _read(old), _read(new)
    if kind != other_kind:
        raise OperationError(f"{old} and {new} measure different things")
    return size / other_size


@lru_cache(maxsize=512)
def _read(unit: str) -> tuple[Fraction, Dimension]:
    """The size of a unit and what it measures."""
    size = Fraction(1)
    kind: Dimension = (0,) * 8
    for place, side in enumerate(unit.split("/")):
        for piece in re.split(r"[\s·*()]+", side.strip()):
            if piece in ("", "1"):
                continue
            match = _FACTOR.fullmatch(piece)
            if match is None:
                raise OperationError(f"{unit!r} is no unit such as km/h or kg·m²")
            power = int((match[2] or "1").translate(RAISED)) * (-1 if place else 1)
            own_size, own_kind = _single(match[1])
            size *= own_size**power
            kind = tuple(a + b * power for a, b in zip(kind, own_kind, strict=True))
    return size, kind


def _single(name: str) -> tuple[Fraction, Dimension]:
    """A unit with its prefix."""
    if name in _UNITS:
        return _UNITS[name]
    for prefix, power in _PREFIXES.items():
        if name.startswith(prefix) and name[len(prefix) :] in _UNITS:
            size, kind = _UNITS[name[len(prefix) :]]
            return size * Fraction(10) ** power, kind
    raise OperationError(f"there is no unit {name}{near(name, _UNITS)}")
