"""The roster: what campus systems and spreadsheets export, and what they get wrong."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import re
from datetime import datetime, time
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Font

from generator.errors import InputError
from generator.roster import Roster, RosterForm, Student, read_roster
from generator.roster.students import parse_roster
from generator.roster.table import _in_places, clean

SAMPLE = Path(__file__).resolve().parent.parent / "bank" / "roster.csv"
HEADER = "registration_number,last_name,first_name\n"


def parse(text: str | bytes) -> Roster:
    return parse_roster(text if isinstance(text, bytes) else text.encode(), "roster.csv")


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(InputError) as caught:
        parse(text)
    assert caught.value.exit_code == 2
    return str(caught.value).splitlines()


def only_student(text: str | bytes) -> Student:
    (student,) = parse(text).students
    return student


# --- forms of files -----------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "header",
    [
        ["registration_number", "name", "first_name", "room", "seat"],
        ["MATRIKELNUMMER", "Nachname", "VORNAME", "Raum", "platz"],
        ["Matriculation Number", "Surname", "Given-Name", "ROOM", "Seat"],
    ],
)
def test_common_exports(delimiter: str, bom: bytes, end: str, header: list[str]) -> None:
    rows = [header, ["0012", '"Ünal"', " Ayşe ", "HS 1", "7"], ["34", "Li", "Bo", "", '""'], [""]]
    roster = parse(bom + end.join(map(delimiter.join, rows)).encode())
    assert roster.students == (
        Student("0012", "Ünal", "Ayşe", "HS 1", "7", 2),
        Student("34", "Li", "Bo", None, None, 3),
    )
    assert [student.line for student in roster.students] == [2, 3]
    assert roster.rooms == ("HS 1", None)


def test_bom_before_a_quoted_heading() -> None:
    quoted = '"registration_number","last_name","first_name"\n"1","A","B"\n'
    assert only_student(b"\xef\xbb\xbf" + quoted.encode()).full_name == "B A"


def test_students_are_equal_wherever_they_stand() -> None:
    one, two = "1,A,B\n", "2,C,D\n"
    first, second = parse(HEADER + one + two), parse(HEADER + two + one)
    assert set(first.students) == set(second.students)


def test_any_order_of_columns_and_others_ignored_with_a_note() -> None:
    roster = parse("Vorname;ECTS;Platz;Nachname;;Matrikelnummer\nAda;8;3;Byron;;01\n")
    assert roster.students == (Student("01", "Byron", "Ada", None, "3", 2),)
    assert roster.notes == (
        "roster.csv:1: column 'ECTS' is ignored",
        "roster.csv:1: column 5 (without a heading) is ignored",
    )
    assert roster.rooms == (None,)


def test_a_delimiter_in_a_quoted_heading_does_not_mislead() -> None:
    text = 'registration_number;name;first_name;"a,b,c,d,e"\n1;B;C;x\n'
    assert only_student(text) == Student("1", "B", "C", None, None, 2)


def test_hint_of_a_spreadsheet_and_empty_lines_are_skipped() -> None:
    text = "sep=;\n\nname;first_name;registration_number\n\n;;\n  \nA;B;1\n;;\n"
    student = only_student(text)
    assert (student.registration_number, student.line) == ("1", 7)


def test_quoted_delimiters_quotes_and_line_breaks() -> None:
    roster = parse(HEADER + '1,"van Berg, Jr.","Jo ""J"" Ann"\n2,"Two\nLines",X\n3,Y,Z\n')
    assert [(s.full_name, s.line) for s in roster.students] == [
        ('Jo "J" Ann van Berg, Jr.', 2),
        ("X Two Lines", 3),
        ("Z Y", 5),
    ]
    assert roster.notes == ("roster.csv:3: a cell in quotation marks goes on in the next line",)


@pytest.mark.parametrize("cell", ['="0037"', '"=""0037"""', " 0037 ", "\u202a0037"])
def test_leading_zeros_stay(cell: str) -> None:
    assert only_student(HEADER + cell + ",A,B\n").registration_number == "0037"


def test_names_are_any_text() -> None:
    names = ["=1+1", "100%", "a_b", "\\input{x}", "王", "ليلى", "O'Neill & Sons", "$x$", "#~^{}"]
    rows = "".join(f"{i},{name},\n" for i, name in enumerate(names))
    assert [student.full_name for student in parse(HEADER + rows).students] == names


def test_what_would_act_on_a_terminal_or_a_line_is_stripped() -> None:
    student = only_student(HEADER + '1,"\u202eevil\u202c\x1b[31m\tB\u2028C",\u2066A\u200b\ufffe\n')
    assert (student.last_name, student.first_name) == ("evil[31m B C", "A")
    assert clean("می\u200cخواهم") == "می\u200cخواهم"


def test_rooms_are_sorted_and_equal_however_encoded() -> None:
    text = HEADER.strip() + ",room\n1,A,B,Ho\u0308rsaal\n2,C,D,H\u00f6rsaal\n3,E,F,Aula\n4,G,H,\n"
    roster = parse(text)
    assert roster.rooms == ("Aula", "H\u00f6rsaal", None)
    assert roster.notes == ("roster.csv:5: room: no room, though others have one",)


def test_odd_but_no_error() -> None:
    roster = parse("registration_number,name,first_name,room,seat\n1,,,R,5\n2,A,,R,6\n3,B,,Q,5\n")
    assert roster.notes == ("roster.csv:2: this student has no name",)


# --- what is refused ----------------------------------------------------------------------------


def test_two_students_in_one_seat_are_refused_at_both_lines() -> None:
    text = "registration_number,name,first_name,room,seat\n1,A,,R,A 01\n2,B,,R,a1\n3,C,,Q,A1\n"
    advice = "give each student a seat of their own, or leave the cells empty"
    assert problems(text) == [
        f"roster.csv:2: seat: 'A 01' of 'R' is also the seat in line 3; {advice}",
        f"roster.csv:3: seat: 'a1' of 'R' is also the seat in line 2; {advice}",
    ]


def test_duplicates_and_empty_numbers() -> None:
    assert problems(HEADER + "01,A,B\n12,C,D\n01,E,F\n ,G,H\n 01 ,I,J\n3.71E+06,K,L\n") == [
        "roster.csv:4: registration_number: '01' is a duplicate, it is in line 2 already; "
        "expected each registration number once",
        "roster.csv:5: registration_number: the cell is empty; expected a registration number",
        "roster.csv:6: registration_number: '01' is a duplicate, it is in line 2 already; "
        "expected each registration number once",
        "roster.csv:7: registration_number: '3.71E+06' is what a spreadsheet made of a longer "
        "number; format the column as text and export it again",
    ]


def test_ragged_rows() -> None:
    assert problems(HEADER + "1,A\n2,Berg, Jr.,Bo\n3,C,D\n") == [
        "roster.csv:2: 2 cells, expected 3 as in the header; "
        "a cell with a comma in it needs quotation marks",
        "roster.csv:3: 4 cells, expected 3 as in the header; "
        "a cell with a comma in it needs quotation marks",
    ]


def test_missing_columns() -> None:
    assert problems("registration_number;Name und Vorname\n1;A\n1;B\n") == [
        "roster.csv:1: first_name: no such column; expected one called first_name, given_name "
        "or Vorname; found 'registration_number', 'Name und Vorname'; for another heading, write "
        'roster: {first_name: "…"} in the exam file',
        "roster.csv:1: last_name: no such column; expected one called name, last_name, surname "
        "or Nachname; found 'registration_number', 'Name und Vorname'; for another heading, write "
        'roster: {last_name: "…"} in the exam file',
        "roster.csv:3: registration_number: '1' is a duplicate, it is in line 2 already; "
        "expected each registration number once",
    ]


def test_two_columns_for_the_same() -> None:
    assert problems("registration_number,Name,Nachname,Vorname\n1,A,B,C\n") == [
        "roster.csv:1: last_name: columns 'Name' and 'Nachname' mean the same; "
        "remove or rename one of them"
    ]


@pytest.mark.parametrize("text", ["", "\ufeff", "\n\n", " \r\n", "sep=,\n"])
def test_empty_file(text: str) -> None:
    (line,) = problems(text)
    assert line.startswith("roster.csv:1: the file is empty; expected a header line")


@pytest.mark.parametrize("rows", ["", "\n\n", ",,\n"])
def test_no_students(rows: str) -> None:
    assert problems(HEADER + rows) == [
        "roster.csv:1: no students: no row with data follows the header"
    ]


def test_not_utf8_and_what_else_is_wrong() -> None:
    found = problems(
        HEADER.encode() + '1,Müller,A\n2,Huber,B\n2,Jäger,C\n"é4",D,E\n"è5",F,G\n'.encode("latin-1")
    )
    assert found == [
        "roster.csv:2: byte 4 of the line, 0xFC, is not UTF-8 (below it there are 3 more such "
        'lines); in a spreadsheet, save it as "CSV UTF-8" or as XLSX; if you know that it is of '
        "Windows, name it: roster: {encoding: cp1252} in the exam file",
        "roster.csv:4: registration_number: '2' is a duplicate, it is in line 3 already; "
        "expected each registration number once",
    ]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_not_guessed(encoding: str) -> None:
    data = (HEADER + "1,Ünal,B\n").encode(encoding)
    (line,) = problems(data)
    assert re.match(r"roster\.csv:1: this is UTF-16 .*CSV UTF-8", line)
    (student,) = parse_roster(data, "roster.csv", RosterForm(encoding=encoding)).students
    assert student.last_name == "Ünal"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_byte_order_mark_says_what_it_is(encoding: str) -> None:
    assert only_student((HEADER + "1,Ünal,B\n").encode(encoding)).last_name == "Ünal"


def test_windows_is_read_only_if_it_is_named() -> None:
    data = (HEADER + "1,Müller,A\n").encode("cp1252")
    assert "encoding: cp1252" in problems(data)[0]
    (student,) = parse_roster(data, "roster.csv", RosterForm(encoding="cp1252")).students
    assert student.last_name == "Müller"
    with pytest.raises(InputError, match=r"roster\.csv:2: byte 4 .* is not ascii"):
        parse_roster(data, "roster.csv", RosterForm(encoding="ascii"))


def test_letters_of_windows_are_no_latin_1() -> None:
    data = f"{HEADER}1,\u017dak,B\n".encode("cp1252")
    with pytest.raises(InputError, match=r"r:2: byte 3 of the line, 0x8E, is not latin-1, as"):
        parse_roster(data, "r", RosterForm(encoding="latin-1"))


def test_files_that_are_no_table() -> None:
    (line,) = problems(b"PK\x03\x04\x14\x00\x06\x00")
    assert line.startswith("roster.csv:1: this is no workbook that can be read")
    (line,) = problems(b"\xd0\xcf\x11\xe0\x14\x00\x06\x00")
    assert line.startswith("roster.csv:1: this is an old Excel file (XLS)")
    (line,) = problems("<html><body><table><tr><th>Matrikelnummer</th></tr></table></body></html>")
    assert line == ("roster.csv:1: this is a web page, whatever its name says; export CSV or XLSX")


def workbook(*sheets: tuple[str, list[list[object]]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_workbook() -> None:
    rows: list[list[object]] = [
        ["Exam list", None, None],
        ["Matrikelnummer", "Nachname", "Vorname", "Raum", None],
        ["00123456", "Nguyễn", "Ánh", "HS 1", None],
        [3700001, "Adler", "Eva", "HS 1", None],
        [None, None, None, None, None],
        [3700002.5, "Bär", "Udo", None, None],
        ['="04"', "=1+1", None, None, None],
    ]
    with pytest.raises(InputError) as caught:
        parse_roster(workbook(("A", rows)), "roster.xlsx")
    assert str(caught.value).startswith("roster.xlsx:6: registration_number: '3700002.5' is what")
    roster = parse_roster(workbook(("A", rows[:5]), ("B", [])), "roster.xlsx")
    assert [(s.registration_number, s.last_name, s.line) for s in roster.students] == [
        ("00123456", "Nguyễn", 3),
        ("3700001", "Adler", 4),
    ]
    assert any("the sheet 'A' is read, and not 'B'" in note for note in roster.notes)
    other = RosterForm(sheet="B")
    assert parse_roster(workbook(("A", []), ("B", rows[:5])), "r.xlsx", other).rooms == ("HS 1",)
    with pytest.raises(InputError, match="there is no sheet 'C'; there are 'A', 'B'"):
        parse_roster(workbook(("A", []), ("B", [])), "r.xlsx", RosterForm(sheet="C"))


def test_the_sheet_with_the_list_is_found_and_two_lists_are_refused() -> None:
    rows: list[list[object]] = [["Matrikelnummer", "Nachname", "Vorname"], ["1", "A", "B"]]
    read = parse_roster(workbook(("Info", [["Please read"]]), ("List", rows)), "r.xlsx")
    assert len(read.students) == 1
    assert any("the sheet 'List' is read, and not 'Info'" in note for note in read.notes)
    with pytest.raises(InputError, match="each of the sheets 'HS 1', 'HS 2' has a list"):
        parse_roster(workbook(("HS 1", rows), ("HS 2", rows)), "r.xlsx")
    assert parse_roster(
        workbook(("HS 1", rows), ("HS 2", rows)), "r.xlsx", RosterForm(sheet="HS 2")
    ).students


def test_hidden_rows_are_named_and_formulas_without_a_value_refused() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Matrikelnummer", "Nachname", "Vorname"], ["1", "A", "B"], ["2", "C", "D"]):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    stream = io.BytesIO()
    book.save(stream)
    (note,) = parse(stream.getvalue()).notes
    assert note.startswith("roster.csv:3: rows that the sheet hides are read, too")
    sheet["A3"] = "=A2+1"
    book.create_sheet("Notes").sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    (wrong,) = problems(stream.getvalue())
    assert "'=A2+1' is a formula without its value" in wrong


def rewritten(book: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """A workbook with other bytes in one of its parts."""
    written = io.BytesIO()
    with ZipFile(io.BytesIO(book)) as source, ZipFile(written, "w") as target:
        for part in source.namelist():
            data = source.read(part)
            if part.endswith(name):
                assert old in data
                data = data.replace(old, new)
            target.writestr(part, data)
    return written.getvalue()


ONE = ["registration_number", "last_name", "first_name", "room", "seat"]


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("sheet1.xml", b"</sheetData>", b"", "is no workbook that can be read"),
        ("sheet1.xml", b"<v>37001</v>", b"<v>abc</v>", "is no workbook that can be read"),
        ("sheet1.xml", b'r="A2"', b'r="??"', "is no workbook that can be read"),
        ("styles.xml", b"</styleSheet>", b"", "is no workbook that can be read"),
        ("workbook.xml", b"<workbookPr", b"<!-- purl.oclc.org/ooxml --><workbookPr", "strict"),
    ],
)
def test_broken_workbooks(name: str, old: bytes, new: bytes, says: str) -> None:
    book = workbook(("S", [list(ONE), [37001, "A", "B"]]))
    (line,) = problems(rewritten(book, name, old, new))
    assert line.startswith("roster.csv:1: ")
    assert says in line


def test_the_size_that_a_sheet_says_is_not_believed() -> None:
    book = workbook(("S", [list(ONE), [37001, "A", "B", "H", 1]]))
    student = only_student(rewritten(book, "sheet1.xml", b'ref="A1:E2"', b'ref="A1"'))
    assert (student.first_name, student.seat) == ("B", "1")


def test_rows_of_a_sheet_may_end_early() -> None:
    student = only_student(workbook(("S", [list(ONE), [37001, "A"]])))
    assert (student.last_name, student.first_name, student.room) == ("A", "", None)


def test_cells_beyond_the_headings_of_a_sheet() -> None:
    (line,) = problems(workbook(("S", [list(ONE), [37001, "A", "B", "H", 1, None, "x"]])))
    assert line.endswith(
        ":2: 7 cells, expected 5 as in the header; empty those beyond the headings"
    )


def test_a_cell_that_is_merged_over_rows_is_that_of_each() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    heads = [["registration_number", "Name", None, "room"], [None, "last_name", "first_name"]]
    students = [[1001, "A", "B", "H 1"], [1002, "C"], [], [1003, "E", "F"], [1004, "G", "H", "H 2"]]
    for row in [*heads, *students]:
        sheet.append(row)
    for cells in ("A1:A2", "B1:C1", "D1:D2", "D3:D6", "D7:D9"):
        sheet.merge_cells(cells)
    stream = io.BytesIO()
    book.save(stream)
    found = parse(stream.getvalue()).students
    assert [student.room for student in found] == ["H 1", "H 1", "H 1", "H 2"]
    assert [student.last_name for student in found] == ["A", "C", "E", "G"]


def test_cells_of_a_sheet_that_are_no_text() -> None:
    rows: list[list[object]] = [
        [12345678901234567890, "A", "B", "H", 1],
        [datetime(2026, 1, 2), "A", "B", "H", 2],
        [3, "A", "B", datetime(2026, 1, 2), 3],
        [4, "A", "B", "H", time(1, 30)],
        [5, '=UPPER("a")', "B", "H", 5],
    ]
    lines = problems(workbook(("S", [list(ONE), *rows])))
    said = ["made of a longer", "a date or", "a date, and no room", "a time", "is a formula"]
    assert len(lines) == len(said)
    for number, (line, why) in enumerate(zip(lines, said, strict=True), 2):
        assert f":{number}: " in line
        assert why in line


def test_numbers_of_a_sheet_that_are_shown_with_zeros() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Matrikelnummer", "Nachname", "Vorname"])
    sheet.append([12345, "A", "B"])
    sheet["A2"].number_format = "00000000"
    stream = io.BytesIO()
    book.save(stream)
    assert only_student(stream.getvalue()).registration_number == "00012345"


# --- exports as people have them ----------------------------------------------------------------

GERMAN = "Matrikelnummer;Nachname;Vorname;Raum;Platz\r\n"


def test_a_hint_that_was_saved_again_and_titles_above_the_header() -> None:
    assert only_student(f"sep=;;;;;\r\n{GERMAN}03700001;Adler;Eva;HS 1;A1\r\n").seat == "A1"
    roster = parse(f"List;;;;\r\nOf 1 Feb;;;;\r\n\r\n{GERMAN}03700001;Adler;Eva;HS 1;A1\r\n")
    assert roster.students[0].line == 5
    assert roster.notes == ("roster.csv:4: this row has the headings; 2 above it are skipped",)


def test_formulas_around_cells_are_taken_away_everywhere() -> None:
    text = f'{GERMAN}="03700001";="Adler";="Eva";HS 1;A1\r\n"=""03700002""";Bär;Udo;HS 1;A2\r\n'
    first, second = parse(text).students
    assert (first.registration_number, first.last_name, first.first_name) == (
        "03700001",
        "Adler",
        "Eva",
    )
    assert second.registration_number == "03700002"


def test_rows_that_end_early_or_late_by_empty_cells() -> None:
    rows = "03700001;A;B;HS 1;A1;;\r\n03700002;C;D;HS 1\r\n03700003;E;F\r\n"
    assert [student.room for student in parse(GERMAN + rows).students] == ["HS 1", "HS 1", None]
    # A cell may be missing further ahead: the room would be a first name, the seat a room.
    (line,) = problems(GERMAN + "03700001;A;B;HS 1;A1\r\n03700002;C;HS 1;A2\r\n")
    assert "roster.csv:3: first_name: 4 cells, expected 5 as in the header" in line
    assert "expected 5 as in the header" in problems(GERMAN + "03700004;A;B;HS 1;A1;;x\r\n")[0]
    assert "2 cells, expected 5" in problems(GERMAN + "03700004;A\r\n")[0]


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("3.7E6", "what a spreadsheet made of a longer number"),
        ("3.71e6", "what a spreadsheet made of a longer number"),
        ("3,7E+06", "what a spreadsheet made of a longer number"),
        ("3700001.0", "what a spreadsheet made of a longer number"),
        ("3700001,0", "what a spreadsheet made of a longer number"),
        ("3700001.", "what a spreadsheet made of a longer number"),
        ("3.700.001", "a number in groups"),
        ("3'700'001", "a number in groups"),
        ("-3700001", "begins with a minus"),
        ("#N/A", "what a spreadsheet shows where it has no value"),
        ("#NV", "what a spreadsheet shows where it has no value"),
        ("#REF!", "what a spreadsheet shows where it has no value"),
        ("#WERT!", "what a spreadsheet shows where it has no value"),
        ("NaN", "what a spreadsheet shows where it has no value"),
        ("27.11.2026", "is a date or a time"),
        ("2026-11-27 00:00:00", "is a date or a time"),
        ("01:30:00", "is a date or a time"),
        ("“3700001”", "has a quotation mark in it"),
        ("1" * 300, "has 300 characters, expected at most 60"),
        ("wird nachgereicht", "it has no digit"),
        ("extern", "it has no digit"),
        ("Summe:", "looks like a footer"),
        ("Total: 24", "looks like a footer"),
        ("Anzahl 4", "looks like a footer"),
    ],
)
def test_what_is_no_registration_number(cell: str, why: str) -> None:
    lines = problems(f'{HEADER}03700001,Adler,Eva\n"{cell}",Bär,Udo\nnone,Cux,Ida\n')
    assert len(lines) == 2
    assert lines[0].startswith("roster.csv:3: registration_number: ")
    assert why in lines[0]


@pytest.mark.parametrize(
    "number", ["03700001", "ge12abc", "2023/117", "s1234567", "12-345-6", "12/10/2301"]
)
def test_what_is_one(number: str) -> None:
    assert only_student(f"{HEADER}{number},A,B\n").registration_number == number


@pytest.mark.parametrize("number", ["０３７００００１", "٠٣٧٠٠٠٠١", "०३७००००१"])
def test_digits_of_other_scripts_are_digits(number: str) -> None:
    roster = parse_roster(f"{HEADER}{number},A,B\n".encode(), "roster.csv")
    assert [student.registration_number for student in roster.students] == ["03700001"]
    assert "is read as '03700001'" in roster.notes[0]


@pytest.mark.parametrize(
    ("cells", "column", "why"),
    [
        ("#REF!,B,HS 1,1", "last_name", "it has no value"),
        ("A,#NV,HS 1,1", "first_name", "it has no value"),
        ("A,B,#BEZUG!,1", "room", "it has no value"),
        ("A,B,HS 1,01.02.2023", "seat", "is a date"),
        ("A,B,HS 1,2023-02-01 00:00:00", "seat", "is a date"),
        ("A,B,HS 1,1. Feb", "seat", "is a date"),
        ("A,B,HS 1,01-Mai", "seat", "is a date"),
        ("A,B,HS 1,7.0", "seat", "whole number"),
    ],
)
def test_what_a_spreadsheet_made_of_other_cells(cells: str, column: str, why: str) -> None:
    header = "registration_number,last_name,first_name,room,seat\n"
    (line,) = problems(f"{header}03700001,{cells}\n03700002,C,D,00.04.23,2-1\n")
    assert line.startswith(f"roster.csv:2: {column}: ")
    assert why in line


def test_vertical_bars_part_cells() -> None:
    student = only_student(f"{HEADER}03700001,A,B\n".replace(",", "|"))
    assert (student.registration_number, student.first_name) == ("03700001", "B")


@pytest.mark.parametrize(
    ("data", "kind"), [(b"%PDF-1.4\n%", "a PDF"), (b'[{"a": 1}]', "JSON"), (b"{\\rtf1 A", "RTF")]
)
def test_what_is_another_kind_of_file(data: bytes, kind: str) -> None:
    with pytest.raises(InputError, match=kind):
        parse_roster(data, "roster.csv")


def test_the_same_number_but_for_zeros() -> None:
    (line,) = problems(HEADER + "3700001,Adler,Eva\n03700001,Adler,Eva\n03700003,Cux,Ida\n")
    assert line.startswith(
        "roster.csv:3: registration_number: '03700001' is the same number as in line 2 but for "
        "leading zeros"
    )


def test_apostrophes_in_front() -> None:
    roster = parse(HEADER + "'03700001,Adler,Eva\n'03700002,'=1+1,O'Neill\n03700003,'t Hooft,G\n")
    assert [student.registration_number for student in roster.students] == [
        "03700001",
        "03700002",
        "03700003",
    ]
    assert [student.last_name for student in roster.students] == ["Adler", "=1+1", "'t Hooft"]
    assert roster.notes == (
        "roster.csv:2: registration_number: an apostrophe in front is taken away",
    )


@pytest.mark.parametrize(
    "header",
    [
        '"REGISTRATION_NUMBER";"FAMILY_NAME_OF_STUDENT";"FIRST_NAME_OF_STUDENT";"ROOM"',
        "Matr.-Nr.;Name;Vorname;Hörsaal",
        "Matrikel Nr;Familienname;Vornamen;HÖRSAAL",
        "ID number;Surname;First name;Room",
    ],
)
def test_headings_of_campus_systems(header: str) -> None:
    assert only_student(f"{header}\n03700001;Adler;Eva;HS 1\n") == Student(
        "03700001", "Adler", "Eva", "HS 1", None, 2
    )


@pytest.mark.parametrize(
    "header",
    [
        "Numéro d'étudiant;Nom;Prénom;Salle;Place",
        "N° étudiant;Nom de famille;Prénom(s);Salle;N° de place",
        "Nº de matrícula;Apellidos;Nombre;Aula;Asiento",
        "Matricola;Cognome;Nome;Aula;Posto",
        "Nr albumu;Nazwisko;Imię;Sala;Miejsce",
        "Studentnummer;Achternaam;Voornaam;Zaal;Plaats",
        "URN;Surname;Forenames;Venue;Desk",
        "ID-Nummer;Nachname;Vorname;Raum;Platz",
    ],
)
def test_headings_in_other_languages(header: str) -> None:
    student = only_student(f"{header}\n20301234;Łukasz-Márquez;Anaïs;A1;12\n")
    assert student == Student("20301234", "Łukasz-Márquez", "Anaïs", "A1", "12", 2)


@pytest.mark.parametrize(
    ("header", "sign"),
    [
        ("Matrikelnummer;Name", ";"),
        ("Matrikelnummer;Nachname, Vorname;Vorname der Mutter", ";"),
        ("Student,SIS User ID,SIS Login ID", ","),
    ],
)
def test_both_names_in_one_column(header: str, sign: str) -> None:
    at = 1 if header.startswith("M") else 0
    rows = [["03", '"Müller, Zoë"'], ["04", "Li"], ["05", '"Smith,John, Jr."']]
    rest = [""] * (header.count(sign) - 1)
    text = "\n".join(sign.join([*(row if at else row[::-1]), *rest]) for row in rows)
    found = parse(f"{header}\n{text}\n").students
    assert [(it.registration_number, it.last_name, it.first_name) for it in found] == [
        ("03", "Müller", "Zoë"),
        ("04", "Li", ""),
        ("05", "Smith", "John, Jr."),
    ]
    (wrong,) = problems("Matrikelnummer;Name\n03;Zoë Müller\n04;Bo Li\n")
    assert "'Name' is the only column with names: part last and first names by a comma" in wrong


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("# exported\n" + HEADER + "1,A,B\n# end\n", "4: '# end' stands alone in its row"),
        (HEADER + "HS 1,,\n1,A,B\n", "2: registration_number: 'HS 1' looks like a title"),
        ("0370001,Adler,Eva\n0370002,Bär,Udo\n", "1: this looks like a student: above"),
        (HEADER.replace(",", "^") + "1^A^B\n", "1: cells must be parted by one of a comma"),
        (HEADER + "12 34,A,B\n1234,C,D\n", "3: registration_number: '1234' is the same number"),
        (HEADER + "s1,A,B\nS1,C,D\n", "3: registration_number: 'S1' is the same number"),
        (HEADER + "'0123','A','B'\n", "2: registration_number: '0123'' ends with an apostrophe"),
        (HEADER + "1,2030-03-03,B\n", "2: last_name: '2030-03-03' is a date, and no name"),
        (HEADER.encode() + b"1,M\x9fller,A\n", "if of an old Mac: mac-roman"),
        (b"PK\x03\x04" + b"application/vnd.oasis.opendocument.spreadsheet", "OpenDocument"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "locked with a password"),
        (b"\x1f\x8b\x08\x00", "a compressed file (gzip)"),
    ],
)
def test_what_is_no_row_of_a_student_is_said_with_what_to_do(text: str | bytes, says: str) -> None:
    assert any(says in line for line in problems(text))


def test_rows_of_those_who_left_and_headings_that_come_again() -> None:
    roster = parse(HEADER.strip() + ",state\n1,A,B,angemeldet\n" + HEADER.strip() + ",state\n")
    assert len(roster.students) == 1
    assert "roster.csv:3: the headings come again; this row is skipped" in roster.notes
    (note,) = [
        it for it in parse(HEADER.strip() + ",state\n1,A,B,Withdrawn\n").notes if ":2:" in it
    ]
    assert "'Withdrawn' in column 'state', which is ignored: this student gets a paper" in note


PLACES = "Matrikelnummer;Nachname;Vorname;Raum/Platz\n"


@pytest.mark.parametrize(
    ("cell", "room", "seat"),
    [
        ("HS1 / 12", "HS1", "12"),
        ("HS 1/A12", "HS 1", "A12"),
        ("HS1-12", "HS1", "12"),
        ("HS1 12", "HS1", "12"),
        ("HS1 (12)", "HS1", "12"),
        ("Hörsaal 2, Platz 14", "Hörsaal 2", "14"),
        ("Platz 14, Hörsaal 2", "Hörsaal 2", "14"),
        ("Raum: HS1, Sitzplatz-Nr. 7", "HS1", "7"),
        ("HS 1, Reihe C, Platz 14", "HS 1", "C14"),
        ("HS 1 Reihe 3 Platz 14", "HS 1", "3-14"),
        ("HS1, EG / 3-12", "HS1, EG", "3-12"),
        ("HS1 /", "HS1", None),
        ("-", None, None),
    ],
)
def test_room_and_seat_in_one_cell(cell: str, room: str | None, seat: str | None) -> None:
    student = only_student(f"{PLACES}1;A;B;{cell}\n")
    assert (student.room, student.seat) == (room, seat)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("MW 2001", "nothing parts room and seat for sure; write it as in 'HS 1 / 12'"),
        ("HS 1-12", "nothing parts"),
        ("2-14", "nothing parts"),
        ("HS1 / EG / 12", "several signs"),
        ("HS1, Platz 3, Platz 4", "in several ways"),
        ("/ 12", "it has no room"),
        ("12 / Audimax", "the other way round (Platz/Raum?)"),
        ("2023-12-01 00:00:00", "is a date"),
    ],
)
def test_room_and_seat_that_can_be_read_in_several_ways(cell: str, why: str) -> None:
    (line,) = problems(f"{PLACES}1;A;B;HS1 / 3\n2;C;D;{cell}\n")
    assert line.startswith("roster.csv:3: room_and_seat: '")
    assert why in line


def test_a_room_of_others_that_stands_alone_has_no_seat() -> None:
    students = parse(f"{PLACES}1;A;B;MW 2001 / 3\n2;C;D;MW 2001\n3;E;F;mw2001\n").students
    assert [(it.room, it.seat) for it in students[1:]] == [("MW 2001", None), ("mw2001", None)]


@pytest.mark.parametrize(
    "heading",
    ["Raum / Platz", "Room and seat", "Hörsaal, Sitzplatz", "RAUM - PLATZ", "room_and_seat"],
)
def test_headings_of_room_and_seat(heading: str) -> None:
    header = PLACES.replace("Raum/Platz", f'"{heading}"')
    assert only_student(f"{header}1;A;B;HS1 / 12\n").seat == "12"
    turned = PLACES.replace("Raum/Platz", "Platz (Raum)")
    assert only_student(f"{turned}1;A;B;12 (HS1)\n").room == "HS1"


def test_columns_with_seats_in_place_of_rooms() -> None:
    (line,) = problems(PLACES + "".join(f"{n};A;B;{n} / HS1\n" for n in range(3)))
    assert "if the seat stands first, call the column 'Platz/Raum'" in line
    rooms = PLACES.replace("/Platz", "")
    (line,) = problems(rooms + "".join(f"{n};A;B;HS1 / {n}\n" for n in range(3)))
    assert "a room of their own for each student" in line
    (line,) = problems(PLACES.replace(";Raum", ";Raum;Raum") + "1;A;B;HS1;HS1 / 2\n")
    assert "columns 'Raum/Platz' and 'Raum' say the same" in line


@pytest.mark.parametrize(
    "header",
    [
        "Klausur am 3. 3.;;;\nMatrikelnummer;Name;;Prüfung;\n;Nachname;Vorname;Raum;Platz",
        "Matrikel-;Name;;Prüfung;\nnummer;Nachname;Vorname;Raum;Platz",
        "Matrikelnummer;Nachname;Vorname;Raum;Platz\nNumber;Surname;First name;Room;Seat",
    ],
)
def test_headings_in_two_rows(header: str) -> None:
    student = only_student(f"{header.replace('Number', 'Student number')}\n1;A;B;HS1;12\n")
    assert (student.registration_number, student.first_name, student.seat) == ("1", "B", "12")


def test_headings_that_the_exam_file_names() -> None:
    text = "Kennung;Matrikelnummer;Nachname;Vorname\nx1;7;Adler;Eva\n"
    form = RosterForm({"registration_number": "kennung"})
    (student,) = parse_roster(text.encode(), "roster.csv", form).students
    assert student.registration_number == "x1"


def test_rooms_that_differ_in_spelling() -> None:
    rooms = ["HS 1", "HS1", "hs 1", "HS-1", "HS 2", "HS1"]
    text = GERMAN + "".join(f"{100 + i};A;B;{room};\r\n" for i, room in enumerate(rooms))
    roster = parse(text)
    assert len(roster.rooms) == 5
    assert [note.partition(" differs")[0] for note in roster.notes] == [
        "roster.csv:3: room: 'HS1'",
        "roster.csv:4: room: 'hs 1'",
        "roster.csv:5: room: 'HS-1'",
    ]
    joined = parse_roster(text.encode(), "roster.csv", RosterForm(join_rooms=True))
    assert joined.rooms == ("HS 1", "HS 2")


@pytest.mark.parametrize("name", ["BÃ¤r", "D?rn", "Gr\ufffdn", "Ã–zil", "Oâ€™Neill"])
def test_broken_letters_are_said(name: str) -> None:
    (note,) = parse(f"{HEADER}1,{name},A\n").notes
    assert note.startswith(f"roster.csv:2: last_name: '{name}' has letters that an export has")


@pytest.mark.parametrize("name", ["Ção", "Âge", "Really?", "Ünal", "?"])
def test_whole_letters_are_not(name: str) -> None:
    assert parse(f"{HEADER}1,{name},A\n").notes == ()


def test_nul_byte() -> None:
    assert problems(HEADER + "1,A,B\n2,C\0,D\n") == [
        "roster.csv:3: byte 4 of the line is 0x00; this is not a text file"
    ]


def test_quote_that_is_never_closed() -> None:
    assert problems(HEADER + '1,A,B\n2,"C,D\n3,E,F\n3,G,H\n') == [
        "roster.csv:3: a quotation mark that opens in this row is never closed",
        "roster.csv:5: registration_number: '3' is a duplicate, it is in line 4 already; "
        "expected each registration number once",
    ]


def test_a_quote_that_swallows_a_student() -> None:
    lines = problems(HEADER + '0037,"Bär,Zoë\n0038,Öz",Ada\n0039,X,Y\n')
    assert len(lines) == 1
    assert "roster.csv:2: a cell of this row goes on" in lines[0]
    assert "'0038'" in lines[0]
    address = HEADER.strip() + ',address\n0037,Bär,Zoë,"Hall 1,\n99999, Berlin"\n'
    assert only_student(address).last_name == "Bär"


def test_blanks_before_quotation_marks() -> None:
    student = only_student(HEADER.replace(",", ", ") + '0037, "Bär, jr", "Zoë"\n')
    assert (student.last_name, student.first_name) == ("Bär, jr", "Zoë")


def test_a_row_that_is_cut_in_another_way_is_not_called_a_comment() -> None:
    for row in ("0038;Öz;Ada", '"0038,Öz,Ada"'):
        (line,) = problems(f"{HEADER}0037,Bär,Zoë\n{row}\n")
        assert "roster.csv:3: " in line
        assert "If it is a student, put a comma" in line


def test_how_many_they_are_is_no_student() -> None:
    (line,) = problems(HEADER + "0037,Bär,Zoë\n0038,Öz,Ada\n2,,\n")
    assert "roster.csv:4: registration_number: '2' is how many students stand above" in line
    (line,) = problems(HEADER + "0037,Bär,Zoë\n11/27/2026,,\n")
    assert "roster.csv:3: registration_number: '11/27/2026' is a date, and has no name" in line


def test_quotes_that_do_not_match() -> None:
    (line,) = problems(HEADER + '1,"Jo "J" Ann",B\n2,C,D\n')
    assert line.startswith("roster.csv:2: the quotation marks of this row don't match")
    (line,) = problems('"registration"number,a\n1,2\n')
    assert line.startswith("roster.csv:1: the quotation marks of this row don't match")


def test_huge_cell() -> None:
    (line,) = problems(HEADER + "1," + "x" * 200_000 + ",B\n2,C,D\n")
    assert line.startswith("roster.csv:2: a cell of more than 131,072 characters")


def test_messages_quote_little_and_nothing_that_acts() -> None:
    lines = problems(f"\x1b[2J{'y' * 500},b\n1,2\n")
    assert "\x1b" not in "".join(lines)
    assert max(map(len, lines)) < 300


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "roster.csv")
    for path in (tmp_path / "roster.csv", Path("/dev/zero")):
        with pytest.raises(InputError, match="it is no file"):
            read_roster(path)


@pytest.mark.parametrize("name", ["none.csv", "."])
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="the roster can't be read: "):
        read_roster(tmp_path / name)


# --- any file -----------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@settings(deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=6), st.sampled_from(",;\t"))
def test_any_names_come_back(rows: list[tuple[str, str, str]], delimiter: str) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter)
    writer.writerow(["Nachname", "registration_number", "room", "Vorname"])
    for i, (last, first, room) in enumerate(rows):
        writer.writerow([last, f"{i:05}", room, first])
    roster = parse(stream.getvalue())
    read = [(s.registration_number, s.last_name, s.first_name) for s in roster.students]
    names = [(shown(last), shown(first)) for last, first, _ in rows]
    assert read == [(f"{i:05}", *name) for i, name in enumerate(names)]


def shown(name: str) -> str:
    """A name without what keeps spreadsheets from running it."""
    text = clean(name)
    if match := re.fullmatch(r'="(.*)"', text):
        text = clean(match[1].replace('""', '"'))
    return text[1:] if re.match(r"'[=+@'-]", text) else text


SHORT = st.sampled_from([b'"', b",", b";", b"\t", b"\n", b"\r", b"\0", b"1", b"=", b"\xfc", b" "])
ALMOST = st.lists(SHORT, max_size=40).map(b"".join)


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=200), ALMOST), st.sampled_from([b"", HEADER.encode()]))
@example(b"\xef\xbb\xbf\xff", b"")
@example(b'""""\n"' * 40, HEADER.encode())
def test_any_bytes_are_read_or_refused(data: bytes, before: bytes) -> None:
    with contextlib.suppress(InputError):
        assert parse_roster(before + data, "roster.csv").students


# --- the sample ---------------------------------------------------------------------------------


def test_sample_roster() -> None:
    roster = read_roster(SAMPLE)
    assert len(roster.students) == 24
    assert roster.rooms == ("HS 1", "Interim 2")
    assert roster.notes == ()
    names = [student.full_name for student in roster.students]
    for sign in "üễ'&%_=\\$#\"":
        assert any(sign in name for name in names), sign
    assert any(not student.first_name for student in roster.students)
    assert any(student.registration_number.startswith("000") for student in roster.students)
    assert max(map(len, names)) > 100


# --- what a second look found -------------------------------------------------------------------


def test_a_student_behind_the_headings_is_not_swallowed() -> None:
    rows = "03700002,Berg,Jo,HS 1\n"
    (said,) = problems(f"Matrikelnummer,Nachname,Vorname,Raum03700001,Adler,Ida,HS 1\n{rows}")
    assert said.startswith("roster.csv:1: '03700001' stands right behind a heading, 'Raum03700001'")
    # Headings may have numbers, and rows may end early.
    header = "Matrikelnummer,Nachname,Vorname,Raum,Klausur 20260210,Bonus"
    assert len(parse(f"{header}\n03700001,Adler,Ida,HS 1,,\n{rows}").students) == 2


def test_a_heading_is_no_room() -> None:
    assert parse("Matrikelnummer,Nachname,Vorname,Raum\n1,Raum,Ida\n2,B,C,HS 1\n").students[0]


def test_rows_that_a_sheet_strikes_through_are_named() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Matrikelnummer", "Nachname", "Vorname"], ["1", "A", "B"], ["2", "C", "D"]):
        sheet.append(row)
    sheet["B3"].font = Font(strike=True)
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=1, min_row=1, max_row=3))
    book.create_chartsheet("Chart").add_chart(chart)
    stream = io.BytesIO()
    book.save(stream)
    (said,) = parse(stream.getvalue()).notes
    assert said.startswith("roster.csv:3: this row is struck through")
    with pytest.raises(InputError, match="has a chart, and no list"):
        parse_roster(stream.getvalue(), "r.xlsx", RosterForm(sheet="Chart"))


@pytest.mark.parametrize(
    ("number_format", "shown"),
    [
        ('"S"0000', "S0012"),
        ("000-000", "000-012"),
        ("\\A0;-0", "A12"),
        ("#,##0", "12"),
        ("0.00", "12"),
        ("0", "12"),
        ("General", "12"),
        ("yyyy", "12"),
    ],
)
def test_numbers_of_a_sheet_are_read_as_they_are_shown(number_format: str, shown: str) -> None:
    assert _in_places(12, number_format.partition(";")[0]) == shown


def test_a_truth_value_is_no_name() -> None:
    (said,) = problems(workbook(("S", [list(ONE), [1, True, "B", "H", 1], [2, "True", "C"]])))
    assert ":2: last_name: 'TRUE' is a truth value, and no name" in said


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("1236*", "'*' in it, which is a mark"),
        ("(1235)", "'(' in it, which is a mark"),
        ("\u0421s12345", "'\u0421' in it, cyrillic capital letter es among Latin letters"),
    ],
)
def test_marks_and_look_alikes_are_no_part_of_numbers(cell: str, why: str) -> None:
    (said,) = problems(f"{HEADER}03700001,Adler,Eva\n{cell},Bär,Udo\n")
    assert said.startswith("roster.csv:3: registration_number: ")
    assert why in said


def test_cyrillic_numbers_are_taken_with_a_note_and_are_no_second_ones() -> None:
    (note,) = parse(f"{HEADER}\u041c3201,Adler,Eva\n\u041c3202,Bär,Udo\n").notes
    assert "cyrillic capital letter em; if a Latin one is meant" in note
    assert "is the same number" in problems(f"{HEADER}M3201,Adler,Eva\n\u041c3201,Bär,Udo\n")[0]
