"""Values in the YAML files: how each kind is read, and what a JSON Schema says of it.

A reader takes a scalar as the author wrote it and says in its own words what it expected.
"""

from __future__ import annotations

import codecs
import datetime
import keyword
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, NoReturn

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from generator.bank.accept import EXPECTED, Tolerance, read_tolerance
from generator.bank.covers import BLOCKS, COVERS, RULES
from generator.bank.yaml import Scalar, shorten
from generator.exact.numbers import Ties, parse_number
from generator.expressions.functions import RESERVED
from generator.expressions.limits import MAX_ELEMENTS
from generator.language.catalogue import known_languages
from generator.language.forms import WORDS

MAX_NAME = 40
MAX_POINTS = 1000
MAX_SPARES = 10_000
MAX_SPACE_MM = 250

TEMPLATE_WORDS = frozenset(("true", "false", "none", "self", "fallback", "shown", "right"))
"""Words that mean something in a text, and cannot be names."""


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


def _expected(what: str, value: Any) -> NoReturn:
    raise ValueError(f"expected {what}, got {kind(value)}")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        _expected("a text", value)
    return str(value)


def _filled(value: Any) -> str:
    if isinstance(value, list):
        raise ValueError("expected a text, got a list; put the expression in quotes")
    if not isinstance(value, str) or not value.strip():
        _expected("a text", value)
    return str(value)


def _number(value: Any, what: str = "a number such as -1.5") -> Fraction:
    if isinstance(value, str):
        try:
            return parse_number(value)
        except ValueError:
            pass
    _expected(what, value)


def _points(told: tuple[Any, bool]) -> Fraction:
    value, quarters = told
    return _some_points(value, Fraction(1, 4 if quarters else 2), quarters)


def _earned(told: tuple[Any, bool]) -> Fraction:
    return _some_points(told[0], Fraction(0), told[1])


def _some_points(value: Any, least: Fraction, quarters: bool) -> Fraction:
    points = _number(value, "points such as 2 or 0.5")
    if quarters and points % Fraction(1, 4):
        _expected("whole, half or quarter points", value)
    if not quarters and points % Fraction(1, 2):
        advice = "; an exam that is marked in quarters says grades: {step: 0.25}"
        what = f"expected whole or half points, got {kind(value)}"
        raise ValueError(what + (advice if not points % Fraction(1, 4) else ""))
    if not least <= points <= MAX_POINTS:
        _expected(f"points from {float(least):g} to {MAX_POINTS}", value)
    return points


def _accept(value: Any) -> Tolerance:
    found = read_tolerance(value)
    if found is None:
        _expected(EXPECTED, value)
    return found


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
    share = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?%", str(value).strip())
    if share and Fraction(share[1]) <= 100:
        return Threshold(Fraction(share[1]) / 100, is_share=True)
    points = _number(value, expected)
    if points < 0:
        _expected(expected, value)
    return Threshold(points, is_share=False)


def _marking_step(value: Any) -> Fraction:
    expected = "1, 0.5 or 0.25"
    step = _number(value, expected)
    if step not in (1, Fraction(1, 2), Fraction(1, 4)):
        _expected(expected, value)
    return step


def _flag(value: Any) -> bool:
    if value not in ("true", "false"):
        _expected("true or false", value)
    return bool(value == "true")


def _member(value: Any) -> Fraction | str:
    """A member of a drawn list: a number if it stands without quotes and is one, else a text."""
    if isinstance(value, Scalar) and value.plain:
        try:
            return _exact(value, "a number")
        except ValueError:
            return str(value)
    if not isinstance(value, str):
        _expected("a number or a text", value)
    return str(value)


WRITTEN_FRACTION = re.compile(r"(-?[0-9]{1,12})/([0-9]{1,12})")
"""A fraction as an author writes it; in quotes it is a text."""


def _exact(value: Any, what: str = "a number such as -1.5 or 2/3") -> Fraction:
    """A number of a drawn list, which may be written as a fraction."""
    written = WRITTEN_FRACTION.fullmatch(str(value).strip()) if isinstance(value, str) else None
    if written and int(written[2]):
        return Fraction(int(written[1]), int(written[2]))
    return _number(value, what)


def _shift(value: Any) -> Fraction:
    """By how much a printer is off; labels are some centimeters wide."""
    shift = _exact(value)
    if abs(shift) > MOST_SHIFT_MM:
        _expected(f"a shift of at most {MOST_SHIFT_MM} mm; put the paper in straight, too", value)
    return shift


MOST_SHIFT_MM = 15


def _given(value: Any) -> Any:
    """A value of the reference copy: one member, a list of them, or a list of such lists."""
    if isinstance(value, list):
        return tuple(map(_given, value))
    return _member(value)


def _millimeters(value: Any) -> Fraction:
    match = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,6})?) ?(mm|cm)", str(value).strip())
    if not match:
        _expected("a length such as 45 mm or 4.5 cm", value)
    length = Fraction(match[1]) * (10 if match[2] == "cm" else 1)
    if not 0 < length <= MAX_SPACE_MM:
        _expected(f"a length of at most {MAX_SPACE_MM} mm", value)
    return length


def _word(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", value):
        _expected("a name (a letter, then letters, digits and _)", value)
    if len(value) > MAX_NAME:
        _expected(f"a name of at most {MAX_NAME} characters", value)
    return str(value)


def _name(value: Any) -> str:
    name = _word(value)
    if keyword.iskeyword(name) or name in RESERVED or name in TEMPLATE_WORDS:
        _expected("a name that is not a word of the expressions or of the texts", value)
    if name.startswith("fallback_") or name.endswith("_from_fallback"):
        _expected("a name without fallback_ or _from_fallback, which have a meaning", value)
    return name


def _pattern(pattern: str, what: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            _expected(what, value)
        return str(value)

    return read


def _whole(least: int, most: int, multiple: int = 1) -> Read:
    """Whole numbers of a range."""

    def read(value: Any) -> int:
        number = _number(value, f"a whole number from {least} to {most}")
        if number.denominator != 1 or not least <= number <= most:
            _expected(f"a whole number from {least} to {most}", value)
        if number % multiple:
            _expected(f"a multiple of {multiple}", value)
        return int(number)

    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Read(read, schema | ({"multipleOf": multiple} if multiple > 1 else {}))


def _shape(value: Any) -> tuple[int, ...]:
    expected = f"a number of members up to {MAX_ELEMENTS}, or [rows, columns]"
    given = value if isinstance(value, list) else [value]
    if len(given) > 2 or not given:
        _expected(expected, value)
    counts = [_number(item, expected) for item in given]
    total = 1
    for count in counts:
        if count.denominator != 1 or count < 1:
            _expected(expected, value)
        total *= int(count)
    if total > MAX_ELEMENTS:
        _expected(expected, value)
    return tuple(map(int, counts))


def _spare(value: Any) -> Fraction | int:
    share = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?%", str(value).strip())
    if share and Fraction(share[1]) <= 100:
        return Fraction(share[1]) / 100
    expected = f"a number of copies up to {MAX_SPARES} or a share such as 5 %"
    number = _number(value, expected)
    if number.denominator != 1 or not 0 <= number <= MAX_SPARES:
        _expected(expected, value)
    return int(number)


def _band(value: Any) -> Fraction:
    share = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?%", str(value).strip())
    if not share or Fraction(share[1]) > 100:
        _expected("a share such as 5 %, at most 100 %", value)
    return Fraction(share[1]) / 100


def _branches(value: Any) -> tuple[tuple[str, ...], ...]:
    if value == "any":
        return ()
    if not isinstance(value, list) or not value:
        _expected("any, or a list of branch patterns", value)
    for pattern in value:
        if not isinstance(pattern, str) or not re.fullmatch(_BRANCHES, pattern):
            _expected("branch patterns as make check prints them, such as relu:1 relu:0", pattern)
    return tuple(tuple(pattern.split()) for pattern in value)


@dataclass(frozen=True)
class Share:
    """A share of something."""

    share: Fraction


def _gap(value: Any) -> Fraction | Share:
    expected = "a number from 0 up, or a share such as 5 %"
    share = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?%", str(value).strip())
    if share:
        return Share(Fraction(share[1]) / 100)
    gap = _number(value, expected)
    if gap < 0:
        _expected(expected, value)
    return gap


def _right_counts(value: Any) -> tuple[int, ...]:
    """The numbers that are allowed, in their order; empty for any."""
    if value in ("one", "any"):
        return (1,) if value == "one" else ()
    expected = "one, any, or a list of numbers of right options such as [1, 2, 3]"
    if not isinstance(value, list) or not value:
        _expected(expected, value)
    found = [_number(number, expected) for number in value]
    if any(number.denominator != 1 or not 0 <= number <= 8 for number in found):
        _expected(expected, value)
    return tuple(sorted({int(number) for number in found}))


def _dealt_counts(value: Any) -> tuple[int, ...]:
    """A list of numbers of right options, in its order."""
    expected = "a list of numbers of right options, one for each question, such as [1, 2, 2, 3]"
    if not isinstance(value, list) or not value:
        _expected(expected, value)
    found = [_number(number, expected) for number in value]
    if any(number.denominator != 1 or not 0 <= number <= 8 for number in found):
        _expected(expected, value)
    return tuple(int(number) for number in found)


def _day(value: Any) -> datetime.date:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(value)):
        try:
            return datetime.date.fromisoformat(str(value))
        except ValueError:
            pass
    _expected("a date such as 2023-02-10", value)


def _time(value: Any) -> datetime.time:
    if re.fullmatch(r"[0-9]{2}:[0-9]{2}", str(value)):
        try:
            return datetime.time.fromisoformat(str(value))
        except ValueError:
            pass
    _expected('a time such as "18:30"', value)


LABEL_SHEETS = ("L7160", "L7163", "L7651", "4732", "5160", "5163")


def _label_sheet(value: object) -> str:
    name = str(value).removeprefix("Avery").strip().removeprefix("Zweckform").strip()
    if name not in LABEL_SHEETS:
        _expected(f"a sheet of labels: {', '.join(LABEL_SHEETS)}", value)
    return name


def _encoding(value: object) -> str:
    try:
        return codecs.lookup(str(value)).name
    except (LookupError, ValueError):
        _expected("an encoding such as cp1252, latin-1 or utf-16-le", value)


_STRING = {"type": "string"}
_SCALAR = {"type": ["string", "number"]}
_WORD_SCHEMA = {**_STRING, "pattern": "^[A-Za-z][A-Za-z0-9_]*$", "maxLength": MAX_NAME}
_POINTS_SCHEMA = {"type": "number", "maximum": MAX_POINTS, "multipleOf": 0.25}
_COUNTS = {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 8}}
_EXAM_ID = r"[a-z0-9]+(-[a-z0-9]+)*"
_BRANCHES = r"[a-z]+:-?[0-9]+( [a-z]+:-?[0-9]+)*"
FILE_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
"""Of a file of the bank, beside the exam or in the folder of figures."""


Text = Annotated[str, Read(_text, _SCALAR)]
Filled = Annotated[str, Read(_filled, {**_SCALAR, "minLength": 1})]
Truth = Annotated[str, Read(_filled, {"type": ["boolean", "string"]})]
"""true, false, or a condition."""

_FRACTION_SCHEMA = {"type": "string", "pattern": "^-?[0-9]+/[0-9]+$"}
Exact = Annotated[Fraction, Read(_exact, {"anyOf": [{"type": "number"}, _FRACTION_SCHEMA]})]
Shift = Annotated[Fraction, Read(_shift, {"anyOf": [{"type": "number"}, _FRACTION_SCHEMA]})]
Points = Annotated[Fraction, ReadPoints(_points, {**_POINTS_SCHEMA, "minimum": 0.25})]
Earned = Annotated[Fraction, ReadPoints(_earned, {**_POINTS_SCHEMA, "minimum": 0})]
Least = Annotated[Threshold, Read(_threshold, {"type": ["number", "string"]})]
MarkingStep = Annotated[Fraction, Read(_marking_step, {"enum": [1, 0.5, 0.25]})]
LabelSheet = Annotated[str, Read(_label_sheet, _SCALAR)]
Encoding = Annotated[str, Read(_encoding, _STRING)]
Flag = Annotated[bool, Read(_flag, {"type": "boolean"})]
Member = Annotated[Fraction | str, Read(_member, _SCALAR)]
Millimeters = Annotated[
    Fraction, Read(_millimeters, {**_STRING, "pattern": r"^[0-9]+(\.[0-9]+)? ?(mm|cm)$"})
]
Listed = Annotated[Any, Read(_given, {"type": ["string", "number", "array"]})]
"""A member of a drawn list, or for a name that is a list itself all of its members."""

Word = Annotated[str, Read(_word, _WORD_SCHEMA)]
"""What is called by a name, but is no variable: a statement of a pool, a solver."""

Name = Annotated[str, Read(_name, _WORD_SCHEMA)]
"""A drawn name or a step."""

ProblemId = Annotated[
    str,
    Read(
        _pattern("[A-Za-z0-9]{1,8}", "an id of up to 8 letters and digits, in quotes"),
        {**_STRING, "pattern": "^[A-Za-z0-9]{1,8}$"},
    ),
]
PartId = Annotated[
    str,
    Read(
        _pattern(
            r"[A-Za-z0-9]{1,8}\.[A-Za-z0-9]{1,8}", 'an id such as "3.1": the problem, a point'
        ),
        {**_STRING, "pattern": r"^[A-Za-z0-9]{1,8}\.[A-Za-z0-9]{1,8}$"},
    ),
]
ExamId = Annotated[
    str,
    Read(
        _pattern(_EXAM_ID, "small letters a-z and digits, with single hyphens between them"),
        {**_STRING, "pattern": f"^{_EXAM_ID}$"},
    ),
]
FileName = Annotated[
    str,
    Read(
        _pattern(FILE_NAME, "the name of a file, without a folder"),
        {**_STRING, "pattern": f"^{FILE_NAME}$"},
    ),
]
_IMAGE_SUFFIX = r"\.(?i:png|jpe?g|pdf|svg)"
_FOLDERS = r"(?:[A-Za-z0-9][A-Za-z0-9._-]{0,99}/){0,4}"
_IMAGE_NAME = rf"{_FOLDERS}[A-Za-z0-9][A-Za-z0-9._-]{{0,99}}{_IMAGE_SUFFIX}"
ImageName = Annotated[
    str,
    Read(
        _pattern(_IMAGE_NAME, "the name of a PNG, JPEG, PDF or SVG file beside the exam"),
        {**_STRING, "pattern": r"\.([pP][nN][gG]|[jJ][pP][eE]?[gG]|[pP][dD][fF]|[sS][vV][gG])$"},
    ),
]


def has_image_suffix(name: str) -> bool:
    """Whether a file's name says that it is an image."""
    return re.search(rf"{_IMAGE_SUFFIX}\Z", name) is not None


PlotKindName = Annotated[
    str,
    Read(
        _pattern(
            "bar|line|scatter|histogram|function|graph",
            "bar, line, scatter, histogram, function or graph",
        ),
        {"enum": ["bar", "line", "scatter", "histogram", "function", "graph"]},
    ),
]
NodeName = Annotated[
    str,
    Read(
        _pattern("[A-Za-z0-9]{1,3}", "the name of a node: up to three letters and digits"),
        {**_STRING, "pattern": "^[A-Za-z0-9]{1,3}$"},
    ),
]
PACKAGES = ("circuitikz", "mhchem", "siunitx")
"""What a bank may load besides: they print, and neither read files nor run anything."""

TexPackageName = Annotated[
    str,
    Read(
        _pattern("|".join(PACKAGES), "one of the packages circuitikz, mhchem, siunitx"),
        {"enum": list(PACKAGES)},
    ),
]
Kind = Annotated[str, Read(_pattern("open|choice", "open or choice"), {"enum": ["open", "choice"]})]
Language = Annotated[
    str,
    Read(
        _pattern("|".join(known_languages()), " or ".join(known_languages())),
        {"enum": list(known_languages())},
    ),
]
CoverName = Annotated[
    str, Read(_pattern("|".join(COVERS), " or ".join(COVERS)), {"enum": list(COVERS)})
]
BlockName = Annotated[
    str, Read(_pattern("|".join(BLOCKS), " or ".join(BLOCKS)), {"enum": list(BLOCKS)})
]
PaperName = Annotated[
    str,
    Read(_pattern("[aA]4|[lL]etter", "A4 or letter"), {"enum": ["A4", "letter"]}),
]
RuleName = Annotated[
    str, Read(_pattern("|".join(RULES), " or ".join(RULES)), {"enum": list(RULES)})
]
FormKind = Annotated[
    str, Read(_pattern("|".join(WORDS), " or ".join(WORDS)), {"enum": list(WORDS)})
]
"""How a number looks."""

Sign = Annotated[str, Read(_pattern("[.,'’ ]?", "one of . , ' or a blank, in quotes"), _STRING)]
"""What stands in a number."""

Accepted = Annotated[Tolerance, Read(_accept, {"type": ["string", "number", "array"]})]
"""Which results count as right."""

WorkedRule = Annotated[
    str,
    Read(_pattern("full|short|off", "full, short or off"), {"enum": ["full", "short", "off"]}),
]
"""How much of a worked solution is printed."""

TiesRule = Annotated[
    Ties,
    Read(_pattern("half_up|half_even", "half_up or half_even"), {"enum": ["half_up", "half_even"]}),
]
Decimals = Annotated[int, _whole(0, 12)]
Digits = Annotated[int, _whole(1, 12)]
FormDigits = Annotated[int, _whole(1, 64)]
Band = Annotated[Fraction, Read(_band, {**_STRING, "pattern": r"^[0-9]{1,3}(\.[0-9]{1,6})? ?%$"})]
Branches = Annotated[
    tuple[tuple[str, ...], ...],
    Read(
        _branches,
        {
            "type": ["string", "array"],
            "pattern": "^any$",
            "items": {**_STRING, "pattern": f"^{_BRANCHES}$"},
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
class Edge:
    """An edge of a graph; ``directed`` where it was written with an arrow."""

    ends: tuple[str, str]
    directed: bool


_EDGE = re.compile(r"\s*([A-Za-z0-9]{1,12})\s*(->|→|--|-|–)\s*([A-Za-z0-9]{1,12})\s*")


def _edges(value: Any) -> tuple[Edge, ...]:
    expected = "edges such as [A-B, B-C], or [A->B, B->C] where they have a direction"
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_ELEMENTS:
        raise ValueError(f"expected a list of {expected}")
    found: list[Edge] = []
    for written in value:
        match = _EDGE.fullmatch(written) if isinstance(written, str) else None
        if match is None:
            raise ValueError(f"expected {expected}; got {written!r}")
        found.append(Edge((match[1], match[3]), match[2] in ("->", "→")))
    if len({it.directed for it in found}) > 1:
        raise ValueError("expected edges that all have a direction, or none")
    seen = Counter(it.ends if it.directed else tuple(sorted(it.ends)) for it in found)
    for ends, times in seen.items():
        if times > 1 or ends[0] == ends[1]:
            why = "is there twice" if times > 1 else "leads to where it begins"
            raise ValueError(f"the edge between {ends[0]} and {ends[1]} {why}")
    return tuple(found)


Edges = Annotated[
    tuple[Edge, ...],
    Read(
        _edges,
        {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MAX_ELEMENTS},
    ),
]
"""The edges of a graph."""

LoadDraws = Annotated[int, _whole(100, 1_000_000)]
Scoring = Annotated[
    str,
    Read(
        _pattern(
            "all_or_nothing|per_option|per_option_deducting",
            "all_or_nothing, per_option or per_option_deducting",
        ),
        {"enum": ["all_or_nothing", "per_option", "per_option_deducting"]},
    ),
]
GapLook = Annotated[
    str,
    Read(_pattern("box|line|blank", "box, line or blank"), {"enum": ["box", "line", "blank"]}),
]
Boxes = Annotated[
    str,
    Read(_pattern("mark|true_false", "mark or true_false"), {"enum": ["mark", "true_false"]}),
]
PaperForm = Annotated[
    str, Read(_pattern("plain|booklet", "plain or booklet"), {"enum": ["plain", "booklet"]})
]
OptionCount = Annotated[int, _whole(2, 8)]
Gap = Annotated[
    Fraction | Share,
    Read(_gap, {"type": ["number", "string"], "minimum": 0}),
]
OptionColumns = Annotated[int, _whole(1, 8)]
RightCount = Annotated[
    tuple[int, ...] | None,
    Read(
        _right_counts,
        {"anyOf": [{"enum": ["one", "any"]}, {**_COUNTS, "minItems": 1, "maxItems": 9}]},
    ),
]
"""How many options of a copy are right: any of these numbers, none for any number at all."""

RightCounts = Annotated[
    tuple[int, ...] | None, Read(_dealt_counts, {**_COUNTS, "minItems": 1, "maxItems": 40})
]
"""How many options are right in the questions of a copy, in some order."""

StepNumber = Annotated[int, _whole(1, 8)]
ColumnCount = Annotated[int, _whole(1, 2)]
AlternativeNumber = Annotated[int, _whole(1, 20)]
Pages = Annotated[int, _whole(4, 96, 4)]
AdditionalPages = Annotated[int, _whole(0, 32)]
Day = Annotated[datetime.date, Read(_day, {**_STRING, "format": "date"})]
Time = Annotated[datetime.time, Read(_time, {**_STRING, "pattern": "^[0-9]{2}:[0-9]{2}$"})]
SeatCount = Annotated[int, _whole(1, 200)]
EmptySeats = Annotated[int, _whole(0, 20)]
Spare = Annotated[Fraction | int, Read(_spare, {"type": ["integer", "string"]})]
