"""Rows to students: what a cell may say.

Whatever is wrong is collected on the way and reported at once. A name is any text: what a terminal
or a PDF would act on is stripped from it, and it is never a reason to refuse a student. A
registration number is another matter: what a spreadsheet made of one is refused at its line.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

from generator.rooms.room_plan import SeatKey, seat_key
from generator.roster.accommodation import PLAIN, Accommodation, read_accommodation
from generator.roster.headings import (
    FULL_NAME,
    NUMBER,
    REQUIRED,
    ROOM_AND_SEAT,
    SEAT_AND_ROOM,
    find_header,
    has_headings_again,
    known_headings,
    letters,
    match_columns,
    quote,
    says_something,
)
from generator.roster.room_and_seat import part_place, why_seats_in_rooms, why_turned_round
from generator.roster.table import (
    DELIMITERS,
    PLAIN_ROSTER,
    Report,
    RosterForm,
    Row,
    Table,
    clean,
    read_bytes,
    tables,
)


@dataclass(frozen=True)
class Student:
    """One row of the roster.

    Attributes:
        registration_number: Text; leading zeros count.
        last_name: May be empty, like the first name.
        first_name: Empty for somebody who has one name only.
        room: None where the roster names no room.
        seat: None where the roster names no seat.
        accommodation: What is different for this student.
        line: 1-based line of the file; two students are equal wherever they stand.
    """

    registration_number: str
    last_name: str
    first_name: str
    room: str | None
    seat: str | None
    line: int = field(compare=False)
    accommodation: Accommodation = PLAIN

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


_ERRORS = re.compile(
    r"#(N/A|NV|REF!|BEZUG!|VALUE!|WERT!|NAME\?|DIV/0!|NULL!|NUM!|ZAHL!).*|n/a|nan|none|null|-+",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"(summe|gesamt|anzahl|total|sum|count|stand|seite|page)\b.*", re.IGNORECASE | re.DOTALL
)
_FLOAT = re.compile(r"\d+([.,]\d+)?[Ee][+-]?\d+|\d+[.,]\d*")
_GROUPED = re.compile(r"\d{1,3}([.,'’]\d{3})+")
_NO_VALUE = re.compile(
    r"#(N/A|NV|REF!|BEZUG!|VALUE!|WERT!|NAME\?|DIV/0!|NULL!|NUM!|ZAHL!)", re.IGNORECASE
)
_DATE = re.compile(
    r"\d{1,2}[./-]\d{1,2}[./-](\d\d|\d{4})|\d{4}-\d\d-\d\d([ T]00:00:00)?"
    r"|\d{1,2}[-. ]{1,2}(jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)\w*\.?",
    re.IGNORECASE,
)
_LEFT = re.compile(
    r"abgemeldet|rücktritt|zurückgetreten|withdrawn|dropped|cancell?ed|storniert", re.IGNORECASE
)
"""What a column says of those who don't come."""
_TIME = re.compile(r"(?:\d+ days?, )?\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?")
_NEVER_A_NUMBER = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}|\d{4}-\d\d-\d\d([ T]00:00:00)?")
"""Dates; those with other signs are numbers at some places."""
_MARKED = re.compile(r"[*†‡?!\[\](){}¹²³⁴⁵⁶⁷⁸⁹⁰]")
_LOOK_ALIKE = str.maketrans(
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0430"
    "\u0435\u043e\u0440\u0441\u0443\u0445\u0406\u0456\u0408\u0458\u0405\u0455\u0391"
    "\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
    "\u03bf",
    "ABEKMHOPCTYXaeopcyxIiJjSsABEZHIKMNOPTYXo",
)
"""Cyrillic and Greek letters that look like Latin ones."""
_QUOTES = re.compile('["“”„‟«»]')
_TITLE = re.compile(r"[^\W\d_]{2,}[\W_]+\w.*", re.DOTALL)
"""Words in place of a number: HS 1."""
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_MOJIBAKE = re.compile(
    "[ÃÂ][^\\s\\w]|[ÃÂ][\u00aa-\u00bf]|â€|\ufffd|√\\S|&#?\\w+;|(?<![^\\W\\d_]\\s)\\?(?=[^\\W\\d_])"
)
LONGEST_NUMBER = 60
_RUN_BY_SPREADSHEETS = "=+-@'"


def read_roster(path: Path | str, form: RosterForm = PLAIN_ROSTER) -> Roster:
    """Reads the students from a file.

    Args:
        path: CSV (``,``, ``;`` or tab between the cells) in UTF-8 with or without a byte order
            mark, or what it says itself to be; or XLSX. One row has the headings.
        form: What the exam file says about the roster.

    Raises:
        InputError: With everything that is wrong, as ``FILE:LINE: column: what, and what to do``.
    """
    return parse_roster(read_bytes(Path(path)), str(path), form)


def parse_roster(data: bytes, name: str, form: RosterForm = PLAIN_ROSTER) -> Roster:
    """Reads the students from the bytes of a file.

    Args:
        data: The file.
        name: What to call it in messages.
        form: What the exam file says about the roster.

    Raises:
        InputError: As for :func:`read_roster`.
    """
    report = Report(name)
    known = known_headings(form)
    table, header = find_header(tables(data, form, report), known, report)
    columns = match_columns(header, known, report)
    students = _read_students(table, header, columns, known, report)
    _check_whole_columns(students, header, columns, report)
    report.raise_if_any()
    students = _rooms_as_they_are(students, form, report)
    _check_places(students, report)
    report.raise_if_any()
    rooms = {student.room for student in students}
    ordered = sorted(rooms, key=lambda room: (room is None, room or ""))
    return Roster(students, tuple(ordered), tuple(report.notes), hashlib.sha256(data).hexdigest())


# --- rows to students ---------------------------------------------------------------------------


def _read_students(
    table: Table, header: Row, columns: Mapping[str, int], known: Mapping[str, str], report: Report
) -> tuple[Student, ...]:
    """The students of all rows that can be read."""
    numbers = _Numbers(report)
    students: list[Student] = []
    hidden = []
    headings = [letters(cell) for cell in header.cells]
    ignored = set(range(len(headings))) - {*columns.values()}
    rooms = _rooms_with_seats(table, header, columns)
    below = (row.cells for row in table.rows if row.line > header.line)
    whole = [cells for cells in below if len(cells) >= len(headings)]
    all_rooms = {clean(cells[columns["room"]]) for cells in whole if "room" in columns} - {""}
    empty = True
    for row in table.rows:
        if row.line <= header.line or not says_something(row):
            continue
        if [*map(letters, row.cells)] == headings or has_headings_again(row, known):
            report.note(row.line, "the headings come again; this row is skipped")
            continue
        empty = False
        hidden += [row.line] if row.hidden else []
        _note_who_left(row, header, ignored, report)
        if row.struck:
            message = "this row is struck through; take it out, if this student does not come"
            report.note(row.line, message)
        cells = _cells_of(row, header, columns, all_rooms, table.sign, report)
        if cells is None:
            continue
        if "registration_number" in cells:
            cells["registration_number"] = numbers.check(cells["registration_number"], row.line)
            if not any(map(cells.get, ("last_name", "first_name", FULL_NAME))):
                _check_title(cells["registration_number"], row.line, report)
                _check_sum(cells["registration_number"], len(students), row.line, report)
        accommodation, wrong = read_accommodation(cells)
        if table.sheet:
            wrong |= _formulas(cells) | _truths(cells)
        for column, message in (*wrong.items(), *_part_place(cells, header, columns, rooms)):
            report.complain(row.line, message, column)
        students.append(replace(_student(cells, row.line), accommodation=accommodation))
        if any("\n" in cell or "\r" in cell for cell in row.cells):
            report.note(row.line, "a cell in quotation marks goes on in the next line")
        _note_broken_letters(students[-1], report)
    if hidden:
        some = ", ".join(map(str, hidden[:10])) + (", …" if len(hidden) > 10 else "")
        message = f"rows that the sheet hides are read, too, such as filtered ones: {some}"
        report.note(hidden[0], message)
    _check_full_names(students, header, columns, report)
    if empty:
        report.complain(header.line, "no students: no row with data follows the header")
    return tuple(students)


def _check_full_names(
    students: Sequence[Student], header: Row, columns: Mapping[str, int], report: Report
) -> None:
    """A column that is for both names must have both."""
    if FULL_NAME in columns and students and not any(it.first_name for it in students):
        heading = quote(header.cells[columns[FULL_NAME]])
        message = f"{heading} is the only column with names: part last and first names by a comma"
        advice = "or put them into two columns"
        if header.cells[columns[FULL_NAME] + 1 : columns[FULL_NAME] + 2] == ("",):
            advice = "or give the column behind it a heading, if that has the first names"
        report.complain(header.line, f"{message}, {advice}", FULL_NAME)


def _check_whole_columns(
    students: tuple[Student, ...], header: Row, columns: Mapping[str, int], report: Report
) -> None:
    """What cell by cell looks right, and all in all is not: seats for rooms."""
    both = next((it for it in (ROOM_AND_SEAT, SEAT_AND_ROOM) if it in columns), "room")
    heading = header.cells[columns[both]] if both in columns else ""
    if both != "room":
        why = why_turned_round([(it.room or "", it.seat or "") for it in students], heading)
    elif "room" in columns and "seat" not in columns:
        why = why_seats_in_rooms([it.room for it in students if it.room], heading)
    else:
        why = ""
    if why:
        report.complain(header.line, why, both)


def _rooms_with_seats(table: Table, header: Row, columns: Mapping[str, int]) -> set[str]:
    """The rooms of a column that has seats as well; where one stands alone, it has no seat."""
    found = set()
    for column in {ROOM_AND_SEAT, SEAT_AND_ROOM} & columns.keys():
        position, heading = columns[column], header.cells[columns[column]]
        cells = [row.cells[position] for row in table.rows if len(row.cells) > position]
        places = [part_place(_unwrapped(clean(cell)), column, heading) for cell in cells]
        found |= {letters(it[0]) for it in places if not isinstance(it, str) and it[1]}
    return found


def _part_place(
    cells: dict[str, str], header: Row, columns: Mapping[str, int], rooms: Set[str]
) -> Iterator[tuple[str, str]]:
    """Puts room and seat that share a cell where each belongs; what is wrong with cells."""
    spoiled = dict(_spoiled(cells))
    for column in (ROOM_AND_SEAT, SEAT_AND_ROOM):
        if column not in cells or column in spoiled:
            continue
        place = part_place(cells[column], column, header.cells[columns[column]])
        if isinstance(place, str) and letters(cells[column]) in rooms:
            place = (cells[column], "")
        if isinstance(place, str):
            spoiled[column] = place
        else:
            cells["room"], cells["seat"] = place
    yield from spoiled.items()


def _spoiled(cells: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Columns whose cells are what a spreadsheet made of something else, and what to do."""
    text = "format the column as text and export it again"
    for column in ("last_name", "first_name", "room", "seat", ROOM_AND_SEAT, SEAT_AND_ROOM):
        cell = cells.get(column, "")
        if _NO_VALUE.fullmatch(cell):
            yield column, f"{quote(cell)} is what a spreadsheet shows where it has no value"
        elif column.endswith("_name") and _DATE.fullmatch(cell):
            yield column, f"{quote(cell)} is a date, and no name; {text}"
        elif column == "room" and re.fullmatch(r"\d{4}-\d\d-\d\d 00:00:00", cell):
            yield column, f"{quote(cell)} is a date, and no room; {text}"
        elif column == "seat" and _TIME.fullmatch(cell):
            yield column, f"{quote(cell)} is a time, and no seat; {text}"
        elif column.count("seat") and _DATE.fullmatch(cell):  # rooms have such names: 00.04.23
            yield column, f"{quote(cell)} is a date, which a spreadsheet makes of 1/2; {text}"
        elif column == "seat" and re.fullmatch(r"\d+[.,]0+", cell):
            yield column, f"{quote(cell)} is what a spreadsheet makes of a whole number; {text}"


def _formulas(cells: Mapping[str, str]) -> dict[str, str]:
    """Columns of a sheet in which a formula stands that shows nothing."""
    advice = "open the file in a spreadsheet and save it, so that it has what the formula shows"
    return {
        column: f"{quote(cell)} is a formula without its value; {advice}"
        for column, cell in cells.items()
        if cell.startswith("=") and column != NUMBER
    }


def _truths(cells: Mapping[str, str]) -> dict[str, str]:
    """Columns of a sheet with what a spreadsheet makes of the name True."""
    advice = "format the column as text, and write the name"
    return {
        column: f"{quote(cell)} is a truth value, and no name; {advice}"
        for column, cell in cells.items()
        if column.endswith("name") and cell in {"TRUE", "FALSE"}
    }


def _cells_of(
    row: Row,
    header: Row,
    columns: Mapping[str, int],
    rooms: Set[str],
    sign: str,
    report: Report,
) -> dict[str, str] | None:
    """Column to cell of a row; None if the row has too few or too many cells.

    Spreadsheets leave out the empty cells at the end of some rows, and add some to others. Where
    one was left out further ahead, the room of others stands among the names.
    """
    if row.broken:
        report.complain(row.line, row.broken)
        return None
    cells = [_unwrapped(clean(cell)) for cell in row.cells]
    width = len(header.cells)
    names = (*REQUIRED, FULL_NAME)
    needed = 1 + max((columns[column] for column in names if column in columns), default=0)
    alone = [cell for cell in cells if cell]
    if len(alone) == 1 and len(cells) < needed and len(header.cells) > 1:
        message = f"{quote(alone[0])} stands alone in its row: a comment, or a title?"
        advice = "Take the row out"
        if re.search(r"\d", alone[0]) and any(alone[0].count(it) > 1 for it in DELIMITERS):
            advice = f"If it is a student, put {sign} between the cells, and no quotation marks"
            advice = f"{advice} around the whole row"
        report.complain(row.line, f"{message} {advice}")
        return None
    if any(cells[width:]) or len(cells) < needed:
        message = f"{len(cells)} cells, expected {width} as in the header"
        advice = f"a cell with {sign} in it needs quotation marks"
        report.complain(
            row.line, f"{message}; {advice if sign else 'empty those beyond the headings'}"
        )
        return None
    result = {
        column: cells[position] if position < len(cells) else ""
        for column, position in columns.items()
    }
    if sign and (number := _swallowed(row, columns)):
        message = f"a cell of this row goes on in the next line, in which {quote(number)} stands"
        report.complain(row.line, f"{message}: is a quotation mark never closed?")
        return None
    ends_early = len(cells) < width
    for column in ("last_name", "first_name", FULL_NAME):
        if ends_early and result.get(column) in rooms:
            message = f"{len(cells)} cells, expected {width} as in the header; the sign of an empty"
            report.complain(row.line, f"{message} cell may be missing before this one", column)
            return None
    return result


def _swallowed(row: Row, columns: Mapping[str, int]) -> str:
    """The number of a student whose line a quotation mark has made part of a cell; or nothing."""
    position = columns.get(NUMBER, len(row.cells))
    own = clean(row.cells[position]) if position < len(row.cells) else ""
    for line in (it for cell in row.cells for it in cell.splitlines()[1:]):
        for sign in DELIMITERS:
            pieces = line.split(sign)
            number = clean(pieces[position]).strip('"') if position < len(pieces) - 1 else ""
            if len(number) > 2 and re.sub(r"\d", "0", number) == re.sub(r"\d", "0", own):
                return number
    return ""


def _unwrapped(cell: str) -> str:
    """A cell without what exports put around it to keep a spreadsheet from changing it."""
    formula = re.fullmatch(r'="(.*)"', cell)
    cell = clean(formula[1].replace('""', '"')) if formula else cell
    # An apostrophe in front neutralises what a spreadsheet would run; the lists of this program
    # have it.
    if cell[:1] == "'" and cell[1:2] in tuple(_RUN_BY_SPREADSHEETS):
        return cell[1:]
    return cell


def _student(row: Mapping[str, str], line: int) -> Student:
    last_name, _, first_name = row.get(FULL_NAME, "").partition(",")
    return Student(
        registration_number=row.get("registration_number", ""),
        last_name=row.get("last_name", "") or last_name.strip(),
        first_name=row.get("first_name", "") or first_name.strip(),
        # One room is one room, however its umlauts are encoded.
        room=unicodedata.normalize("NFC", row.get("room", "")) or None,
        seat=row.get("seat") or None,
        line=line,
    )


def _check_title(number: str, line: int, report: Report) -> None:
    """A row without names may be no student, but the title of those below it."""
    if _TITLE.fullmatch(number) and not _why_no_number(number):
        message = f"{quote(number)} looks like a title, and has no name; take the row out"
        report.complain(line, message, NUMBER)


def _check_sum(number: str, count: int, line: int, report: Report) -> None:
    """A number without a name may be how many students there are above it."""
    if _DATE.fullmatch(number) and not _why_no_number(number):
        report.complain(
            line, f"{quote(number)} is a date, and has no name; take the row out", NUMBER
        )
    if count > 1 and number == str(count):
        message = f"{quote(number)} is how many students stand above; take the row out"
        report.complain(line, message, NUMBER)


def _note_who_left(row: Row, header: Row, ignored: Iterable[int], report: Report) -> None:
    """Who doesn't come by a column that is ignored gets a paper: one should know."""
    for position in ignored:
        cell = clean(row.cells[position]) if position < len(row.cells) else ""
        if _LEFT.search(cell):
            heading = quote(header.cells[position])
            message = f"{quote(cell)} in column {heading}, which is ignored: this student gets"
            report.note(row.line, f"{message} a paper; take the row out if that is wrong")


class _Numbers:
    """Registration numbers: what a spreadsheet or a footer left instead of one is refused."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._line_of: dict[str, int] = {}
        self._line_of_plain: dict[str, int] = {}
        self._told = False
        self._told_letter = False

    def check(self, text: str, line: int) -> str:
        """The number as it counts; what is wrong with it is reported."""
        number = unicodedata.normalize("NFC", text)
        plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in number)
        if plain != number:
            self._report.note(line, f"{quote(number)} is read as {quote(plain)}", NUMBER)
            number = plain
        if number[:1] in "'’" and number:
            number = number[1:]
            if not self._told:
                self._report.note(line, "an apostrophe in front is taken away", NUMBER)
            self._told = True
        if wrong := _why_no_number(number) or self._why_twice(number):
            self._report.complain(line, wrong, NUMBER)
        elif (alike := _look_alike(number)) and not self._told_letter:
            message = f"{quote(number)} has {quote(alike)} in it, {_name(alike)}"
            self._report.note(line, f"{message}; if a Latin one is meant, type it anew", NUMBER)
            self._told_letter = True
        self._line_of.setdefault(number, line)
        self._line_of_plain.setdefault(_plain(number), line)
        return number

    def _why_twice(self, number: str) -> str:
        once = "expected each registration number once"
        if number in self._line_of:
            there = f"is a duplicate, it is in line {self._line_of[number]} already"
            return f"{quote(number)} {there}; {once}"
        if line := self._line_of_plain.get(_plain(number)):
            same = f"is the same number as in line {line} but for leading zeros, blanks or letters"
            return f"{quote(number)} {same}; {once}, with its zeros: format the column as text"
        return ""


def _plain(number: str) -> str:
    """What counts where two numbers are compared."""
    return "".join(number.split()).translate(_LOOK_ALIKE).casefold().lstrip("0")


def _look_alike(number: str) -> str:
    """The first letter of another alphabet that looks like a Latin one; or nothing."""
    return next((char for char in number if char.translate(_LOOK_ALIKE) != char), "")


def _name(char: str) -> str:
    return unicodedata.name(char).lower()


def _why_no_number(number: str) -> str:
    """Why a cell holds no registration number; empty where it holds one."""
    shown = quote(number)
    if not number:
        return "the cell is empty; expected a registration number"
    if _FLOAT.fullmatch(number):
        made = f"{shown} is what a spreadsheet made of a longer number"
        return f"{made}; format the column as text and export it again"
    if _GROUPED.fullmatch(number):
        return f"{shown} is a number in groups; format the column as text and export it again"
    if _NEVER_A_NUMBER.fullmatch(number) or _TIME.fullmatch(number):
        return f"{shown} is a date or a time; write the number, or take the row out"
    if _QUOTES.search(number):
        return f'{shown} has a quotation mark in it; put cells between straight ones: "0012"'
    if len(number) > LONGEST_NUMBER:
        return f"{shown} has {len(number)} characters, expected at most {LONGEST_NUMBER}"
    if re.fullmatch(r"[-−]\d+", number):
        return f"{shown} begins with a minus; write the number as the office does"
    if _ERRORS.fullmatch(number):
        return f"{shown} is what a spreadsheet shows where it has no value; write the number"
    if number.startswith("="):
        advice = "open the file in a spreadsheet and save it, so that it has what the formula shows"
        return f"{shown} is a formula without its value; {advice}"
    if len(number) > 1 and number.endswith("'"):
        return f"{shown} ends with an apostrophe; export with quotation marks, or none"
    if _FOOTER.fullmatch(number):
        return f"{shown} looks like a footer; take the line out, or write the number"
    if mark := _MARKED.search(number):
        return f"{shown} has {quote(mark[0])} in it, which is a mark; write the number alone"
    if (alike := _look_alike(number)) and re.search("[A-Za-z]", number):
        found = f"has {quote(alike)} in it, {_name(alike)} among Latin letters"
        return f"{shown} {found}; type it anew"
    if not any(char.isdigit() for char in number):
        return f"{shown} is no registration number: it has no digit; write it, or take the row out"
    return ""


def _rooms_as_they_are(
    students: tuple[Student, ...], form: RosterForm, report: Report
) -> tuple[Student, ...]:
    """Rooms that differ only in spelling: joined if the exam file says so, else said."""
    first: dict[str, Student] = {}
    told: set[str] = set()
    joined = []
    for found in students:
        student, room = found, found.room
        spelled = letters(room or "").translate(_UMLAUTS)
        like = first.setdefault(spelled, student) if spelled else student
        if room is not None and like.room != room and form.join_rooms:
            student = replace(student, room=like.room)
        elif room is not None and like.room != room and room not in told:
            told.add(room)
            message = (
                f"{quote(room)} differs only in spelling from {quote(like.room or '')} in line "
                f"{like.line}, and is a room of its own; if they are one, write "
                "roster: {join_rooms: true} in the exam file"
            )
            report.note(student.line, message, "room")
        joined.append(student)
    return tuple(joined)


def _note_broken_letters(student: Student, report: Report) -> None:
    for column in ("last_name", "first_name"):
        name = getattr(student, column)
        if _MOJIBAKE.search(name):
            message = f"{quote(name)} has letters that an export has broken; correct the file"
            report.note(student.line, message, column)


def _check_places(students: tuple[Student, ...], report: Report) -> None:
    """Notes what looks odd about names and rooms; a seat is for one student alone."""
    taken: dict[tuple[str | None, SeatKey], list[Student]] = {}
    anyone_has_room = any(student.room for student in students)
    for student in students:
        if not student.full_name:
            report.note(student.line, "this student has no name")
        if anyone_has_room and student.room is None:
            report.note(student.line, "no room, though others have one", "room")
        if student.seat is not None and (key := seat_key(student.seat)):
            taken.setdefault((student.room, key), []).append(student)
    for sharing in taken.values():
        for student in sharing if len(sharing) > 1 else ():
            others = [str(other.line) for other in sharing if other is not student]
            room = f" of {quote(student.room)}" if student.room else ""
            message = f"{quote(student.seat or '')}{room} is also the seat in line "
            advice = "; give each student a seat of their own, or leave the cells empty"
            report.complain(student.line, message + ", ".join(others[:5]) + advice, "seat")
