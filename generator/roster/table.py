"""Bytes to rows: CSV in any of its forms, or an XLSX sheet; each row with its line.

Nothing is guessed: a file is UTF-8, or says itself what it is (a byte order mark, a workbook), or
the exam file names its encoding.
"""

from __future__ import annotations

import codecs
import csv
import functools
import io
import itertools
import re
import stat
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.errors import Complaint, InputError

DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a vertical bar"}
MAX_BYTES = 50_000_000
MAX_ROWS = 200_000

_BREAK = re.compile(rb"\r\n|\r|\n")
_HIDDEN_ROW = re.compile(rb'<row\b(?=[^>]*\br="(\d+)")[^>]*\bhidden="(?:1|true)"')
_MERGED = re.compile(rb'<mergeCell\b[^>]*\bref="([A-Z]{1,3})(\d+):[A-Z]+(\d+)"')
_MOST_SCANNED = 200_000_000
_WIDEST = 1000
_C1 = re.compile("[\\x80-\\x84\\x86-\\x9f]")
_FORMAT = re.compile(r'(([0#])|"([^"]*)"|\\(.)|([-/ ()+:]))')
"""A piece of a number format: a place for a digit, or what stands there as it is."""
_FIRST_INEXACT = 10**15
"""Spreadsheets keep 15 digits of a number."""
EXPORT = 'in a spreadsheet, save it as "CSV UTF-8" or as XLSX'
# After a broken quotation reading starts afresh on the next line, but not forever.
_MOST_BROKEN_ROWS = 20
_WEB_PAGE = re.compile(
    rb"\s*<(!doctype|!--|html|head|body|meta|style|div|table|\?xml)", re.IGNORECASE
)
_OTHERS = {
    b"%PDF-": "a PDF",
    b"{\\rtf": "a text document (RTF)",
    b"{": "JSON",
    b"[": "JSON",
    b"\x1f\x8b": "a compressed file (gzip)",
    b"7z\xbc\xaf": "a compressed file (7z)",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"MIME-Version:": "a web page (MHTML)",
}
"""How files begin that people take for a table."""
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class RosterForm:
    """What an exam file says about its roster.

    Attributes:
        headings: Column to the heading that it has in this roster.
        encoding: The file's encoding; None for UTF-8, or what the file itself says.
        sheet: The sheet of a workbook; None for its first.
        join_rooms: Whether rooms that differ only in spelling are one room.
    """

    headings: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    sheet: str | None = None
    join_rooms: bool = False


PLAIN_ROSTER = RosterForm()
"""A roster as one expects it."""


class Report:
    """Collects what is wrong and what is worth a note."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._complaints: list[Complaint] = []
        self.notes: list[str] = []

    def complain(self, line: int, message: str, where: str = "") -> None:
        """Something that must be mended."""
        self._complaints.append(Complaint(self._name, line, 0, where, message))

    def note(self, line: int, message: str, where: str = "") -> None:
        """Something that one should know."""
        self.notes.append(str(Complaint(self._name, line, 0, where, message)))

    def raise_if_any(self) -> None:
        """Raises InputError with all complaints, if there are any."""
        if self._complaints:
            raise InputError(self._complaints)

    def stop(self, line: int, message: str) -> InputError:
        """An error after which nothing more can be told about the file."""
        self.complain(line, message)
        return InputError(self._complaints)


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        line: 1-based line (or row of a sheet) in which it begins.
        cells: The cells; empty if the row is broken.
        broken: What is wrong with its quotation marks.
        hidden: A sheet does not show it, e.g. since it is filtered.
        struck: A sheet strikes it through.
    """

    line: int
    cells: tuple[str, ...]
    broken: str = ""
    hidden: bool = False
    struck: bool = False


@dataclass(frozen=True)
class Table:
    """The rows of a file from its first line on, under one way of cutting lines into cells.

    Attributes:
        sign: What separates cells, in words.
        sheet: The name of the sheet of a workbook; empty for other files.
    """

    rows: tuple[Row, ...]
    sign: str
    sheet: str = ""


def clean(text: str) -> str:
    """Text as it may be shown anywhere: one line, no control characters, single blanks.

    Line breaks and tabs become blanks. Control and format characters (bidi overrides among them)
    are stripped, except the joiners U+200C and U+200D, which Persian and Indic names are written
    with.
    """
    if text.isprintable():  # nothing of all that is in it
        return " ".join(text.split())
    shown = "".join(" " if char.isspace() else char for char in text if _is_shown(char))
    return " ".join(shown.split())


def _is_shown(char: str) -> bool:
    if char.isspace() or char in "\u200c\u200d":
        return True
    noncharacter = ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF
    return not noncharacter and unicodedata.category(char) not in ("Cc", "Cf", "Cs")


def read_bytes(path: Path) -> bytes:
    """The content of a roster file.

    Raises:
        InputError: It is no file, too large, or cannot be read.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            message = "the roster can't be read: it is no file; name a CSV or XLSX file"
            raise InputError([Complaint(str(path), 0, 0, "", message)])
        if found.st_size > MAX_BYTES:
            size = f"has {found.st_size // 10**6} MB, expected at most {MAX_BYTES // 10**6}"
            raise InputError([Complaint(str(path), 0, 0, "", f"{size}: is it a list of students?")])
        return path.read_bytes()
    except OSError as error:
        message = f"the roster can't be read: {error.strerror}"
        raise InputError([Complaint(str(path), 0, 0, "", message)]) from error


def tables(data: bytes, form: RosterForm, report: Report) -> list[Table]:
    """The file as rows, in each way in which its lines may be cut into cells; or every sheet of it.

    Raises:
        InputError: It is no table at all.
    """
    if data.startswith(b"PK\x03\x04"):
        if b"opendocument" in data[:200]:
            raise report.stop(1, f"this is an OpenDocument file (ODS); {EXPORT}")
        return _workbook(data, form, report)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            message = "this workbook is locked with a password; open it, and save it without"
            raise report.stop(1, message)
        raise report.stop(1, f"this is an old Excel file (XLS); {EXPORT}")
    if _WEB_PAGE.match(data.removeprefix(codecs.BOM_UTF8)):
        message = "this is a web page, whatever its name says; export CSV or XLSX"
        raise report.stop(1, message)
    if kind := next((kind for start, kind in _OTHERS.items() if data.startswith(start)), ""):
        raise report.stop(1, f"this is {kind}, whatever its name says; export CSV or XLSX")
    lines = io.StringIO(_decode(data, form, report), newline="").readlines()
    first = next((i for i, line in enumerate(lines) if clean(line) and not _is_hint(line)), None)
    if first is None:
        return []
    return [
        Table(tuple(_csv_rows(lines, delimiter, first)), sign)
        for delimiter, sign in DELIMITERS.items()
    ]


def _is_hint(line: str) -> bool:
    """Whether a line is the ``sep=;`` that some spreadsheets write above the header.

    One that was opened and saved again has the delimiters of its empty cells behind it.
    """
    return re.fullmatch(r'"?sep=.?"?[;,\t]*', line.strip("\r\n "), re.IGNORECASE) is not None


# --- bytes to text ------------------------------------------------------------------------------


def _decode(data: bytes, form: RosterForm, report: Report) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if form.encoding is not None and not data.startswith(codecs.BOM_UTF8):
        return _decode_as(data, form.encoding, report)
    if data[:1000].count(0) > len(data[:1000]) // 4:
        message = "this is UTF-16 without a byte order mark (often called Unicode text), not UTF-8"
        raise report.stop(1, f"{message}; {EXPORT}, or name it: {_named('utf-16-le')}")
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in data:
        line, column = _place(data, data.index(b"\0"))
        report.complain(line, f"byte {column} of the line is 0x00; this is not a text file")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _place(data, error.start)
        more = sum(not _is_utf8(rest) for rest in _BREAK.split(data)[line:])
        also = f" (below it there are {more} more such lines)" if more else ""
        byte = f"byte {column} of the line, 0x{data[error.start]:02X}"
        advice = f"{EXPORT}; if you know that it is of {_system(data[error.start])}"
        report.complain(line, f"{byte}, is not UTF-8{also}; {advice}")
        # So that the rest can be checked: Latin-1 gives every byte a character of its own.
        return data.decode("latin-1")


def _system(byte: int) -> str:
    """Of which system a text may be by its first letter that is not ASCII."""
    windows = f"Windows, name it: {_named('cp1252')}"
    return f"{windows}; if of an old Mac: mac-roman" if byte < 0xA0 else windows


def _named(encoding: str) -> str:
    return f"roster: {{encoding: {encoding}}} in the exam file"


def _decode_as(data: bytes, encoding: str, report: Report) -> str:
    try:
        text = data.decode(encoding)
        if found := _C1.search(text):  # Latin-1 has no letters there: Windows and Macs do
            start = len(text[: found.start()].encode(encoding))
            raise UnicodeDecodeError(encoding, data, start, start + 1, "a control character")
        return text
    except UnicodeDecodeError as error:
        line, column = _place(data, error.start)
        message = f"byte {column} of the line, 0x{data[error.start]:02X}, is not {encoding}"
        raise report.stop(line, f"{message}, as roster.encoding in the exam file says") from None


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


# --- CSV ----------------------------------------------------------------------------------------


def _csv_rows(lines: Sequence[str], delimiter: str, first: int) -> Iterator[Row]:
    """The rows after ``first`` lines.

    Behind a row whose quotation marks don't match, reading starts again on the next line.
    """
    for _ in range(_MOST_BROKEN_ROWS):
        rest = itertools.islice(lines, first, None)
        reader = csv.reader(rest, delimiter=delimiter, strict=True, skipinitialspace=True)
        begin = first
        try:
            for cells in reader:
                yield Row(begin + 1, tuple(cells))
                begin = first + reader.line_num
        except csv.Error as error:
            yield Row(begin + 1, (), _explain(error))
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


# --- XLSX ---------------------------------------------------------------------------------------


def _workbook(data: bytes, form: RosterForm, report: Report) -> list[Table]:
    """The sheets that are shown; formulas are not evaluated, what they last showed is read."""
    try:
        return _sheets(data, form, report)
    except InputError:
        raise
    except Exception as error:  # whatever the reader says of a file that is not as it should be
        why = (str(error).splitlines() or [""])[0]
        message = f"this is no workbook that can be read ({why}); {EXPORT}"
        raise report.stop(1, message) from None


def _sheets(data: bytes, form: RosterForm, report: Report) -> list[Table]:
    from openpyxl import load_workbook

    if b"purl.oclc.org/ooxml" in b"".join(_parts(data, "xl/workbook.xml")):
        raise report.stop(1, f"this is a workbook of the strict kind (ISO 29500); {EXPORT}")
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    try:
        names = [sheet.title for sheet in book.worksheets]
        if form.sheet is not None and form.sheet not in names:
            if form.sheet in [chart.title for chart in book.chartsheets]:
                message = f"the sheet {form.sheet!r} has a chart, and no list; name another one"
                raise report.stop(1, message)
            message = f"there is no sheet {form.sheet!r}; there are {', '.join(map(repr, names))}"
            raise report.stop(1, message)
        shown = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
        wanted = [form.sheet] if form.sheet is not None else shown or names
        formulas = _formulas(data)
        return [
            Table(tuple(_sheet_rows(book[name], data, formulas.get(name, {}), report)), "", name)
            for name in wanted
        ]
    finally:
        book.close()


def _formulas(data: bytes) -> dict[str, dict[str, str]]:
    """Sheet to its cells with a formula; programs that write workbooks leave out what it shows."""
    from openpyxl import load_workbook

    if b"<f" not in b"".join(_parts(data, "xl/worksheets/")):
        return {}
    book = load_workbook(io.BytesIO(data), read_only=True)
    try:
        return {
            sheet.title: {
                cell.coordinate: str(cell.value)
                for row in sheet.iter_rows(max_row=MAX_ROWS)
                for cell in row
                if isinstance(cell.value, str) and cell.value.startswith("=")
            }
            for sheet in book.worksheets
        }
    finally:
        book.close()


def _parts(data: bytes, name: str) -> Iterator[bytes]:
    """The files of a workbook whose names begin so, unless they are huge."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            if info.filename.startswith(name) and info.file_size < _MOST_SCANNED:
                yield archive.read(info)


def _sheet_rows(
    sheet: Any, data: bytes, formulas: Mapping[str, str], report: Report
) -> Iterator[Row]:
    xml = b"".join(_parts(data, str(sheet._worksheet_path)))
    hidden = {int(found[1]) for found in _HIDDEN_ROW.finditer(xml)}
    merged = [_Merged(_position(it[1]), int(it[2]), int(it[3])) for it in _MERGED.finditer(xml)]
    strikes = any(b"<strike" in part for part in _parts(data, "xl/styles.xml"))
    width = 0  # of what was read: rows may end with their last cell
    sheet.reset_dimensions()  # some programs write a size that is too small
    for number, cells in enumerate(sheet.iter_rows(max_row=MAX_ROWS + 1), 1):
        if number > MAX_ROWS:
            report.complain(MAX_ROWS, "too many rows: is it a list of students?")
            return
        texts = [_cell_text(cell) or formulas.get(_name_of(cell), "") for cell in cells]
        width = max(width, min(len(texts), _WIDEST))
        texts += [""] * (width - len(texts))
        _fill_merged(texts, number, merged)
        struck = strikes and any(cell.font.strike for cell in cells if cell.value is not None)
        yield Row(number, tuple(texts), hidden=number in hidden, struck=struck)


@dataclass
class _Merged:
    """A cell that goes down over several rows; what it has is that of each of them."""

    position: int
    first: int
    last: int
    text: str = ""


def _position(letters: bytes) -> int:
    """The 0-based position of a column such as AB."""
    return functools.reduce(lambda before, letter: before * 26 + letter - 64, letters, 0) - 1


def _fill_merged(texts: list[str], number: int, merged: Sequence[_Merged]) -> None:
    is_empty = not any(texts)
    for cell in merged:
        if is_empty or cell.position >= len(texts):
            continue
        if cell.first == number:
            cell.text = texts[cell.position]
        elif cell.first < number <= cell.last:
            texts[cell.position] = texts[cell.position] or cell.text


def _name_of(cell: Any) -> str:
    """Such as B7; cells of gaps in a row have none."""
    return str(getattr(cell, "coordinate", ""))


def _cell_text(cell: Any) -> str:
    """What a cell shows, as far as that matters to a list of students."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()  # as spreadsheets show it
    if not isinstance(value, int | float):
        return str(value)
    # All numbers of a sheet are floating-point: a whole one was typed without a point.
    if abs(value) >= _FIRST_INEXACT:
        return repr(float(value))
    if not float(value).is_integer():
        return repr(value)
    return _in_places(int(value), str(cell.number_format).partition(";")[0])


def _in_places(value: int, number_format: str) -> str:
    """A whole number as a format shows it that has places for digits and signs of its own.

    ``00000000`` fills it with zeros, ``"S"0000`` and ``000-000`` put something between. Of other
    formats (dates, currencies, thousands, colors) nothing is taken: they are for amounts.
    """
    pieces = _FORMAT.findall(number_format)
    if "".join(whole for whole, *_ in pieces) != number_format or value < 0:
        return str(value)
    shown = [
        "" if place else quoted or escaped or sign for _, place, quoted, escaped, sign in pieces
    ]
    places = [at for at, (_, place, *_) in enumerate(pieces) if place]
    if not places:
        return str(value)
    digits = str(value).zfill(sum(pieces[at][1] == "0" for at in places))
    for at in reversed(places):
        shown[at], digits = digits[-1:], digits[:-1]
    shown[places[0]] = digits + shown[places[0]]
    return "".join(shown)
