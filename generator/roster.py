"""The roster: a CSV file of students, as a campus system or a spreadsheet exports it.

A file passes three steps: its bytes become text, the text becomes rows of cells, each row becomes a
student. Whatever is wrong is collected on the way and reported at once. A name is any text: what a
terminal or a PDF would act on is stripped from it, and it is never a reason to refuse a student.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.errors import Complaint, InputError


@dataclass(frozen=True)
class Student:
    """One row of the roster.

    Attributes:
        registration_number: Text; leading zeros count.
        last_name: May be empty, like the first name.
        first_name: Empty for somebody who has one name only.
        room: None where the roster names no room.
        seat: None where the roster names no seat.
        line: 1-based line of the file; two students are equal wherever they stand.
    """

    registration_number: str
    last_name: str
    first_name: str
    room: str | None
    seat: str | None
    line: int = field(compare=False)

    @property
    def full_name(self) -> str:
        """First and last name, as far as there are any."""
        return " ".join(name for name in (self.first_name, self.last_name) if name)


@dataclass(frozen=True)
class Roster:
    """The students in the order of the file.

    Attributes:
        students: At least one; no two have the same registration number.
        rooms: The rooms that they are in, sorted; None (last) stands for having none.
        notes: What the user should know, though it is no error, e.g. columns that were ignored.
        digest: SHA-256 of the file, as it was read.
    """

    students: tuple[Student, ...]
    rooms: tuple[str | None, ...]
    notes: tuple[str, ...]
    digest: str


#: The columns, and the headings they are known by (in any case, a blank or hyphen for ``_``).
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "registration_number": ("registration_number", "matriculation_number", "Matrikelnummer"),
    "last_name": ("name", "last_name", "surname", "Nachname"),
    "first_name": ("first_name", "given_name", "Vorname"),
    "room": ("room", "Raum"),
    "seat": ("seat", "Platz"),
}
REQUIRED = ("registration_number", "last_name", "first_name")

_FIELD_OF = {name.lower(): column for column, names in COLUMNS.items() for name in names}
_DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab"}
_BREAK = re.compile(rb"\r\n|\r|\n")
_EXPORT = 'in a spreadsheet, save it as "CSV UTF-8"'
# After a broken quotation reading starts afresh on the next line, but not forever.
_MOST_BROKEN_ROWS = 20


def read_roster(path: Path | str) -> Roster:
    """Read the students from a CSV file.

    Args:
        path: UTF-8 with or without BOM; ``,``, ``;`` or tab between the cells; a header line.

    Raises:
        InputError: With everything that is wrong, as ``FILE:LINE: column: what, and what to do``.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        problem = Complaint(str(path), 0, 0, "", f"the roster can't be read: {error.strerror}")
        raise InputError([problem]) from error
    return parse_roster(data, str(path))


def parse_roster(data: bytes, name: str) -> Roster:
    """Read the students from the bytes of a CSV file.

    Args:
        data: The file.
        name: What to call it in messages.

    Raises:
        InputError: As for :func:`read_roster`.
    """
    report = _Report(name)
    lines = _lines(_decode(data, report))
    header = _find_header(lines, report)
    columns = _match_columns(header, report)
    students = _read_students(header, columns, lines, report)
    report.raise_if_any()
    _note_places(students, report)
    rooms = {student.room for student in students}
    ordered = sorted(rooms, key=lambda room: (room is None, room or ""))
    return Roster(students, tuple(ordered), tuple(report.notes), hashlib.sha256(data).hexdigest())


def clean(text: str) -> str:
    """Text as it may be shown anywhere: one line, no control characters, single blanks.

    Line breaks and tabs become blanks. Control and format characters (bidi overrides among them)
    are stripped, except the joiners U+200C and U+200D, which Persian and Indic names are written
    with.
    """
    shown = "".join(" " if char.isspace() else char for char in text if _is_shown(char))
    return " ".join(shown.split())


def _is_shown(char: str) -> bool:
    if char.isspace() or char in "\u200c\u200d":
        return True
    noncharacter = ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF
    return not noncharacter and unicodedata.category(char) not in ("Cc", "Cf", "Cs")


class _Report:
    """Collects what is wrong and what is worth a note."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._problems: list[Complaint] = []
        self.notes: list[str] = []

    def problem(self, line: int, message: str, where: str = "") -> None:
        self._problems.append(Complaint(self._name, line, 0, where, message))

    def note(self, line: int, message: str, where: str = "") -> None:
        self.notes.append(str(Complaint(self._name, line, 0, where, message)))

    def raise_if_any(self) -> None:
        if self._problems:
            raise InputError(self._problems)

    def stop(self, line: int, message: str) -> InputError:
        """An error after which nothing more can be told about the file."""
        self.problem(line, message)
        return InputError(self._problems)


# --- bytes to text ------------------------------------------------------------------------------


def _decode(data: bytes, report: _Report) -> str:
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise report.stop(1, f"this is a spreadsheet and not a CSV file; {_EXPORT}")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or data[:1000].count(0) > len(data[:1000]) // 4:
        raise report.stop(1, f"this is UTF-16 (often called Unicode text), not UTF-8; {_EXPORT}")
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in data:
        line, column = _place(data, data.index(b"\0"))
        report.problem(line, f"byte {column} of the line is 0x00; this is not a text file")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _place(data, error.start)
        more = sum(not _is_utf8(rest) for rest in _BREAK.split(data)[line:])
        also = f" (below it there are {more} more such lines)" if more else ""
        byte = f"byte {column} of the line, 0x{data[error.start]:02X}"
        report.problem(line, f"{byte}, is not UTF-8{also}; {_EXPORT}")
        # So that the rest can be checked: Latin-1 gives every byte a character of its own.
        return data.decode("latin-1")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _place(data: bytes, position: int) -> tuple[int, int]:
    """1-based line and byte in the line of a position in a file."""
    before = _BREAK.split(data[:position])
    return len(before), len(before[-1]) + 1


def _lines(text: str) -> list[str]:
    """The lines with their ends, whichever of the three kinds."""
    return io.StringIO(text, newline="").readlines()


# --- text to rows -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Header:
    """The header line: where it is and what it says."""

    delimiter: str
    cells: tuple[str, ...]
    line: int
    last_line: int


def _find_header(lines: Sequence[str], report: _Report) -> _Header:
    """The first line that is not empty, cut at the delimiter that yields the most known columns."""
    start = next((i for i, line in enumerate(lines) if clean(line) and not _is_hint(line)), None)
    if start is None:
        expected = ", ".join(REQUIRED)
        raise report.stop(1, f"the file is empty; expected a header line such as: {expected}")
    candidates = []
    for delimiter in _DELIMITERS:
        reader = csv.reader(lines[start:], delimiter=delimiter, strict=True)
        try:
            cells = tuple(clean(cell) for cell in next(reader))
        except csv.Error as error:
            failure = error
            continue
        candidates.append(_Header(delimiter, cells, start + 1, start + reader.line_num))
    if not candidates:
        raise report.stop(start + 1, _explain(failure))
    return max(candidates, key=lambda it: (_count_known(it.cells), len(it.cells)))


def _count_known(headings: Iterable[str]) -> int:
    return len({_field_of(heading) for heading in headings} - {None})


def _is_hint(line: str) -> bool:
    """Whether a line is the ``sep=;`` that some spreadsheets write above the header."""
    return re.fullmatch(r'"?sep=.?"?', line.strip("\r\n"), re.IGNORECASE) is not None


def _rows(
    lines: Sequence[str], delimiter: str, first: int
) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """The rows after ``first`` lines, each with the 1-based line in which it begins.

    Instead of a row whose quotation marks don't match there is the error, and reading starts again
    on the next line.
    """
    for _ in range(_MOST_BROKEN_ROWS):
        rest = itertools.islice(lines, first, None)
        reader = csv.reader(rest, delimiter=delimiter, strict=True)
        begin = first
        try:
            for cells in reader:
                yield begin + 1, cells
                begin = first + reader.line_num
        except csv.Error as error:
            yield begin + 1, error
            first = begin + 1
        else:
            return


def _explain(error: csv.Error) -> str:
    message = str(error)
    if "end of data" in message:
        return "a quotation mark that opens in this row is never closed"
    if "field limit" in message:
        return (
            f"a cell of more than {csv.field_size_limit():,} characters; "
            "is there a quotation mark that is never closed?"
        )
    if "expected after" in message:
        return (
            "the quotation marks of this row don't match: text follows a closing one; "
            "expected a delimiter there, or two marks for one within quotes"
        )
    return f"this row is not CSV: {message}"


# --- rows to students ---------------------------------------------------------------------------


def _field_of(heading: str) -> str | None:
    return _FIELD_OF.get(re.sub(r"[ -]", "_", heading.lower()))


def _match_columns(header: _Header, report: _Report) -> dict[str, int]:
    """The 0-based position of each column that is there."""
    columns: dict[str, int] = {}
    for position, heading in enumerate(header.cells):
        known = _field_of(heading)
        if known is None:
            which = _quote(heading) if heading else f"{position + 1} (without a heading)"
            report.note(header.line, f"column {which} is ignored")
        elif known in columns:
            first = header.cells[columns[known]]
            both = f"columns {_quote(first)} and {_quote(heading)} mean the same"
            report.problem(header.line, f"{both}; remove or rename one of them", known)
        else:
            columns[known] = position
    found = ", ".join(map(_quote, header.cells))
    for column in REQUIRED:
        if column not in columns:
            *names, last = COLUMNS[column]
            message = f"no such column; expected one called {', '.join(names)} or {last}"
            report.problem(header.line, f"{message}; found {found}", column)
    return columns


def _read_students(
    header: _Header, columns: Mapping[str, int], lines: Sequence[str], report: _Report
) -> tuple[Student, ...]:
    """The students of all rows that can be read."""
    line_of: dict[str, int] = {}
    students = []
    empty = True
    for line, cells in _rows(lines, header.delimiter, header.last_line):
        if isinstance(cells, csv.Error):
            report.problem(line, _explain(cells))
        elif not any(map(clean, cells)):
            continue
        elif len(cells) != len(header.cells):
            message = f"{len(cells)} cells, expected {len(header.cells)} as in the header"
            sign = _DELIMITERS[header.delimiter]
            report.problem(line, f"{message}; a cell with {sign} in it needs quotation marks")
        else:
            row = {column: clean(cells[position]) for column, position in columns.items()}
            if "registration_number" in row:
                row["registration_number"] = number = _as_text(row["registration_number"])
                _check_number(number, line, line_of, report)
            students.append(_student(row, line))
            if any("\n" in cell or "\r" in cell for cell in cells):
                report.note(line, "a cell in quotation marks goes on in the next line")
        empty = False
    if empty:
        report.problem(header.line, "no students: no row with data follows the header")
    return tuple(students)


def _student(row: Mapping[str, str], line: int) -> Student:
    return Student(
        registration_number=row.get("registration_number", ""),
        last_name=row.get("last_name", ""),
        first_name=row.get("first_name", ""),
        # One room is one room, however its umlauts are encoded.
        room=unicodedata.normalize("NFC", row.get("room", "")) or None,
        seat=row.get("seat") or None,
        line=line,
    )


def _as_text(number: str) -> str:
    """A registration number without the ``="…"`` by which exports keep a spreadsheet from it."""
    formula = re.fullmatch(r'="([^"]*)"', number)
    return unicodedata.normalize("NFC", clean(formula[1]) if formula else number)


def _check_number(number: str, line: int, line_of: dict[str, int], report: _Report) -> None:
    where = "registration_number"
    if not number:
        report.problem(line, "the cell is empty; expected a registration number", where)
    elif re.fullmatch(r"\d+([.,]\d+)?[Ee]\+\d+", number):
        message = f"{_quote(number)} is what a spreadsheet made of a longer number"
        report.problem(line, f"{message}; format the column as text and export it again", where)
    elif number in line_of:
        message = f"{_quote(number)} is a duplicate, it is in line {line_of[number]} already"
        report.problem(line, f"{message}; expected each registration number once", where)
    else:
        line_of[number] = line


def _note_places(students: Iterable[Student], report: _Report) -> None:
    """Note what looks odd about names, rooms and seats."""
    taken: dict[tuple[str | None, str], int] = {}
    students = tuple(students)
    anyone_has_room = any(student.room for student in students)
    for student in students:
        if not student.full_name:
            report.note(student.line, "this student has no name")
        if anyone_has_room and student.room is None:
            report.note(student.line, "no room, though others have one", "room")
        if student.seat is not None:
            first = taken.setdefault((student.room, student.seat), student.line)
            if first != student.line:
                message = f"{_quote(student.seat)} is taken by the student in line {first}"
                report.note(student.line, message, "seat")


def _quote(text: str, most: int = 40) -> str:
    """A cleaned cell for a message: in quotation marks, not too long."""
    return f"'{text}'" if len(text) <= most else f"'{text[: most - 1]}…'"
