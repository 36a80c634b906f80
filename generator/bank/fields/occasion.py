"""What an exam says of itself: its day, paper, cover, seats, grades."""

from __future__ import annotations

import codecs
import datetime
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

from generator.bank.covers import BLOCKS, COVERS, RULES
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
    text_like,
    whole_number,
)
from generator.language.catalogue import known_languages

MAX_SPARES = 10_000


@dataclass(frozen=True)
class Threshold:
    """The least that a grade needs: points, or a share of all points."""

    value: Fraction
    is_share: bool

    def points(self, credits: Fraction) -> Fraction:
        """The least points of an exam with so many."""
        return self.value * credits if self.is_share else self.value


def _threshold(value: Any) -> Threshold:
    expected = "points such as 85.5, or a share of all points such as 50 %"
    if (share := read_percent(value)) is not None:
        return Threshold(share, is_share=True)
    points = read_number(value, expected)
    if points < 0:
        refuse(expected, value)
    return Threshold(points, is_share=False)


def _marking_step(value: Any) -> Fraction:
    expected = "1, 0.5 or 0.25"
    step = read_number(value, expected)
    if step not in (1, Fraction(1, 2), Fraction(1, 4)):
        refuse(expected, value)
    return step


def _shift(value: Any) -> Fraction:
    """By how much a printer is off; labels are some centimeters wide."""
    shift = read_exact(value)
    if abs(shift) > MOST_SHIFT_MM:
        refuse(f"a shift of at most {MOST_SHIFT_MM} mm; put the paper in straight, too", value)
    return shift


MOST_SHIFT_MM = 15


def _spare(value: Any) -> Fraction | int:
    if (share := read_percent(value)) is not None:
        return share
    expected = f"a number of copies up to {MAX_SPARES} or a share such as 5 %"
    number = read_number(value, expected)
    if number.denominator != 1 or not 0 <= number <= MAX_SPARES:
        refuse(expected, value)
    return int(number)


def _day(value: Any) -> datetime.date:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(value)):
        try:
            return datetime.date.fromisoformat(str(value))
        except ValueError:
            pass
    refuse("a date such as 2023-02-10", value)


def _time(value: Any) -> datetime.time:
    if re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", str(value)):
        try:
            return datetime.time.fromisoformat(str(value).rjust(5, "0"))
        except ValueError:
            pass
    refuse('a time such as "18:30"', value)


LABEL_SHEETS = ("L7160", "L7163", "L7651", "4732", "5160", "5163")


def _label_sheet(value: object) -> str:
    name = str(value).removeprefix("Avery").strip().removeprefix("Zweckform").strip()
    if name not in LABEL_SHEETS:
        refuse(f"a sheet of labels: {', '.join(LABEL_SHEETS)}", value)
    return name


def _encoding(value: object) -> str:
    try:
        return codecs.lookup(str(value)).name
    except (LookupError, ValueError):
        refuse("an encoding such as cp1252, latin-1 or utf-16-le", value)


Shift = Annotated[Fraction, Read(_shift, {"anyOf": [{"type": "number"}, FRACTION_SCHEMA]})]
Least = Annotated[Threshold, Read(_threshold, {"type": ["number", "string"]})]
MarkingStep = Annotated[Fraction, Read(_marking_step, {"enum": [1, 0.5, 0.25]})]
LabelSheet = Annotated[str, Read(_label_sheet, SCALAR)]
Encoding = Annotated[str, Read(_encoding, STRING)]

PACKAGES = ("circuitikz", "mhchem", "siunitx")
"""What a bank may load besides: they print, and neither read files nor run anything."""

TexPackageName = Annotated[
    str,
    Read(
        text_like("|".join(PACKAGES), "one of the packages circuitikz, mhchem, siunitx"),
        {"enum": list(PACKAGES)},
    ),
]

Language = Annotated[str, one_of(*known_languages())]
CoverName = Annotated[str, one_of(*COVERS)]
BlockName = Annotated[str, one_of(*BLOCKS)]
PaperName = Annotated[
    str,
    Read(text_like("[aA]4|[lL]etter", "A4 or letter"), {"enum": ["A4", "letter"]}),
]
RuleName = Annotated[str, one_of(*RULES)]
Sign = Annotated[str, Read(text_like("[.,'’ ]?", "one of . , ' or a blank, in quotes"), STRING)]
"""What stands in a number."""

PaperForm = Annotated[str, one_of("plain", "booklet")]
ColumnCount = Annotated[int, whole_number(1, 2)]
SIDES_OF_SHEET = 4
MOST_PAGES = 96
Pages = Annotated[int, whole_number(SIDES_OF_SHEET, MOST_PAGES, SIDES_OF_SHEET)]
AdditionalPages = Annotated[int, whole_number(0, 32)]
Day = Annotated[datetime.date, Read(_day, {**STRING, "format": "date"})]
Time = Annotated[datetime.time, Read(_time, {**STRING, "pattern": "^[0-9]{2}:[0-9]{2}$"})]
SeatCount = Annotated[int, whole_number(1, 200)]
EmptySeats = Annotated[int, whole_number(0, 20)]
Spare = Annotated[Fraction | int, Read(_spare, {"type": ["integer", "string"]})]
