"""How a value in the YAML files is read: what the types of the fields are made with.

A reader takes a scalar as the author wrote it and says in its own words what it expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NoReturn

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from generator.bank.yaml import shorten
from generator.exact.numbers import parse_number

STRING = {"type": "string"}
SCALAR = {"type": ["string", "number"]}

FRACTION_SCHEMA = {"type": "string", "pattern": "^-?[0-9]+/[0-9]+$"}


@dataclass(frozen=True, eq=False)
class Read:
    """Annotation of a type: its reader, and its JSON Schema."""

    read: Callable[[Any], Any]
    schema: Mapping[str, Any]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return dict(self.schema)


QUARTERS = "quarters"
"""What the context of a validation has where the exam is marked in quarters of points."""


class ReadPoints(Read):
    """The same for points, whose reader is told whether there may be quarters."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            lambda value, info: self.read((value, bool((info.context or {}).get(QUARTERS))))
        )


def kind(value: Any) -> str:
    """What was found, for messages."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return repr(shorten(str(value)))


def refuse(what: str, value: Any) -> NoReturn:
    """Says what was expected, and what was found.

    Raises:
        ValueError: Always; pydantic makes a complaint of it.
    """
    raise ValueError(f"expected {what}, got {kind(value)}")


def read_number(value: Any, what: str = "a number such as -1.5") -> Fraction:
    """A number, exactly as it was written."""
    if isinstance(value, str):
        try:
            return parse_number(value)
        except ValueError:
            pass
    refuse(what, value)


def read_percent(value: Any, most: int | None = 100) -> Fraction | None:
    """A share such as ``7.5 %``; None if it is none, or more than may be."""
    match = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)[ \u00a0]?%", str(value).strip())
    if match is None or (most is not None and Fraction(match[1]) > most):
        return None
    return Fraction(match[1]) / 100


WRITTEN_FRACTION = re.compile(r"(-?[0-9]{1,12})/([0-9]{1,12})")
"""A fraction as an author writes it; in quotes it is a text."""


def read_exact(value: Any, what: str = "a number such as -1.5 or 2/3") -> Fraction:
    """A number of a drawn list, which may be written as a fraction."""
    written = WRITTEN_FRACTION.fullmatch(str(value).strip()) if isinstance(value, str) else None
    if written and int(written[2]):
        return Fraction(int(written[1]), int(written[2]))
    return read_number(value, what)


def text_like(pattern: str, what: str) -> Callable[[Any], str]:
    """Reads texts of a pattern."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            refuse(what, value)
        return str(value)

    return read


def one_of(*words: str) -> Read:
    """One of some words."""
    what = " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
    return Read(text_like("|".join(words), what), {"enum": list(words)})


def whole_number(least: int, most: int, multiple: int = 1) -> Read:
    """Whole numbers of a range."""

    def read(value: Any) -> int:
        number = read_number(value, f"a whole number from {least} to {most}")
        if number.denominator != 1 or not least <= number <= most:
            refuse(f"a whole number from {least} to {most}", value)
        if number % multiple:
            refuse(f"a multiple of {multiple}", value)
        return int(number)

    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Read(read, schema | ({"multipleOf": multiple} if multiple > 1 else {}))
