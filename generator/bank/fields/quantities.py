"""What is drawn and how it is printed: members of lists, lengths, decimals, edges, shares."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

from generator.bank.fields.readers import (
    FRACTION_SCHEMA,
    SCALAR,
    STRING,
    Read,
    one_of,
    read_exact,
    read_number,
    read_percent,
    refuse,
    whole_number,
)
from generator.bank.yaml import Scalar
from generator.exact.numbers import Ties
from generator.expressions.limits import MAX_ELEMENTS
from generator.language.forms import WORDS

MAX_SPACE_MM = 250


def _member(value: Any) -> Fraction | str:
    """A member of a drawn list: a number if it stands without quotes and is one, else a text."""
    if isinstance(value, Scalar) and value.plain:
        try:
            return read_exact(value, "a number")
        except ValueError:
            return str(value)
    if not isinstance(value, str):
        refuse("a number or a text", value)
    return str(value)


def _given(value: Any) -> Any:
    """A value of the reference copy: one member, a list of them, or a list of such lists."""
    if isinstance(value, list):
        return tuple(map(_given, value))
    return _member(value)


def _millimeters(value: Any) -> Fraction:
    match = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)[ \u00a0]?(mm|cm)", str(value).strip())
    if not match:
        refuse("a length such as 45 mm or 4.5 cm", value)
    length = Fraction(match[1]) * (10 if match[2] == "cm" else 1)
    if not 0 < length <= MAX_SPACE_MM:
        refuse(f"a length of at most {MAX_SPACE_MM} mm", value)
    return length


def _shape(value: Any) -> tuple[int, ...]:
    expected = f"a number of members up to {MAX_ELEMENTS}, or [rows, columns]"
    given = value if isinstance(value, list) else [value]
    if len(given) > 2 or not given:
        refuse(expected, value)
    counts = [read_number(item, expected) for item in given]
    total = 1
    for count in counts:
        if count.denominator != 1 or count < 1:
            refuse(expected, value)
        total *= int(count)
    if total > MAX_ELEMENTS:
        refuse(expected, value)
    return tuple(map(int, counts))


def _band(value: Any) -> Fraction:
    share = read_percent(value)
    if share is None:
        refuse("a share such as 5 %, at most 100 %", value)
    return share


def _branches(value: Any) -> tuple[tuple[str, ...], ...]:
    if value == "any":
        return ()
    if not isinstance(value, list) or not value:
        refuse("any, or a list of branch patterns", value)
    for pattern in value:
        if not isinstance(pattern, str) or not re.fullmatch(_BRANCHES, pattern):
            refuse("branch patterns as make check prints them, such as relu:1 relu:0", pattern)
    return tuple(tuple(pattern.split()) for pattern in value)


@dataclass(frozen=True)
class Share:
    """A share of something."""

    share: Fraction


def _gap(value: Any) -> Fraction | Share:
    expected = "a number from 0 up, or a share such as 5 %"
    if (share := read_percent(value, most=None)) is not None:
        return Share(share)
    gap = read_number(value, expected)
    if gap < 0:
        refuse(expected, value)
    return gap


_BRANCHES = r"[a-z]+:-?[0-9]+( [a-z]+:-?[0-9]+)*"

Exact = Annotated[Fraction, Read(read_exact, {"anyOf": [{"type": "number"}, FRACTION_SCHEMA]})]
Member = Annotated[Fraction | str, Read(_member, SCALAR)]
Millimeters = Annotated[
    Fraction, Read(_millimeters, {**STRING, "pattern": r"^[0-9]+(\.[0-9]+)? ?(mm|cm)$"})
]
Listed = Annotated[Any, Read(_given, {"type": ["string", "number", "array"]})]
"""A member of a drawn list, or for a name that is a list itself all of its members."""

PlotKindName = Annotated[str, one_of("bar", "line", "scatter", "histogram", "function", "graph")]
FormKind = Annotated[str, one_of(*WORDS)]
"""How a number looks."""

TiesRule = Annotated[Ties, one_of("half_up", "half_even")]
Decimals = Annotated[int, whole_number(0, 12)]
Digits = Annotated[int, whole_number(1, 12)]
FormDigits = Annotated[int, whole_number(1, 64)]
BandShare = Annotated[
    Fraction, Read(_band, {**STRING, "pattern": r"^[0-9]{1,3}(\.[0-9]{1,6})? ?%$"})
]
Branches = Annotated[
    tuple[tuple[str, ...], ...],
    Read(
        _branches,
        {
            "type": ["string", "array"],
            "pattern": "^any$",
            "items": {**STRING, "pattern": f"^{_BRANCHES}$"},
            "minItems": 1,
        },
    ),
]
"""The branch patterns of a problem, none for any."""

Shape = Annotated[
    tuple[int, ...],
    Read(
        _shape,
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": MAX_ELEMENTS},
                {
                    "type": "array",
                    "items": {"type": "integer", "minimum": 1, "maximum": MAX_ELEMENTS},
                    "minItems": 2,
                    "maxItems": 2,
                },
            ]
        },
    ),
]
"""How many numbers a list has, or the rows and columns of a matrix."""


@dataclass(frozen=True)
class WrittenEdge:
    """An edge of a graph; ``directed`` where it was written with an arrow."""

    ends: tuple[str, str]
    directed: bool


_EDGE = re.compile(r"\s*([A-Za-z0-9]{1,12})\s*(->|→|--|-|–)\s*([A-Za-z0-9]{1,12})\s*")


def _edges(value: Any) -> tuple[WrittenEdge, ...]:
    expected = "edges such as [A-B, B-C], or [A->B, B->C] where they have a direction"
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_ELEMENTS:
        raise ValueError(f"expected a list of {expected}")
    found: list[WrittenEdge] = []
    for written in value:
        match = _EDGE.fullmatch(written) if isinstance(written, str) else None
        if match is None:
            raise ValueError(f"expected {expected}; got {written!r}")
        found.append(WrittenEdge((match[1], match[3]), match[2] in ("->", "→")))
    if len({edge.directed for edge in found}) > 1:
        raise ValueError("expected edges that all have a direction, or none")
    seen = Counter(edge.ends if edge.directed else tuple(sorted(edge.ends)) for edge in found)
    for ends, times in seen.items():
        if times > 1 or ends[0] == ends[1]:
            why = "is there twice" if times > 1 else "leads to where it begins"
            raise ValueError(f"the edge between {ends[0]} and {ends[1]} {why}")
    return tuple(found)


Edges = Annotated[
    tuple[WrittenEdge, ...],
    Read(
        _edges,
        {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MAX_ELEMENTS},
    ),
]
"""The edges of a graph."""

LoadDraws = Annotated[int, whole_number(100, 1_000_000)]
Gap = Annotated[Fraction | Share, Read(_gap, {"type": ["number", "string"], "minimum": 0})]
