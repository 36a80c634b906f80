"""The roster: what campus systems and spreadsheets export, and what they get wrong."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.errors import InputError
from generator.roster import Roster, Student, clean, parse_roster, read_roster

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
    roster = parse("registration_number,name,first_name,room,seat\n1,,,R,5\n2,A,,R,5\n3,B,,Q,5\n")
    assert roster.notes == (
        "roster.csv:2: this student has no name",
        "roster.csv:3: seat: '5' is taken by the student in line 2",
    )


# --- what is refused ----------------------------------------------------------------------------


def test_duplicates_and_empty_numbers() -> None:
    assert problems(HEADER + "01,A,B\n1,C,D\n01,E,F\n ,G,H\n 01 ,I,J\n3.71E+06,K,L\n") == [
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
        "or Vorname; found 'registration_number', 'Name und Vorname'",
        "roster.csv:1: last_name: no such column; expected one called name, last_name, surname "
        "or Nachname; found 'registration_number', 'Name und Vorname'",
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
        HEADER.encode() + '1,Müller,A\n2,Huber,B\n2,Jäger,C\n"é",D,E\n"è",F,G\n'.encode("latin-1")
    )
    assert found == [
        "roster.csv:2: byte 4 of the line, 0xFC, is not UTF-8 (below it there are 3 more such "
        'lines); in a spreadsheet, save it as "CSV UTF-8"',
        "roster.csv:4: registration_number: '2' is a duplicate, it is in line 3 already; "
        "expected each registration number once",
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf16(encoding: str) -> None:
    (line,) = problems((HEADER + "1,A,B\n").encode(encoding))
    assert re.match(r"roster\.csv:1: this is UTF-16 .*CSV UTF-8", line)


def test_spreadsheet_file() -> None:
    (line,) = problems(b"PK\x03\x04\x14\x00\x06\x00")
    assert line.startswith("roster.csv:1: this is a spreadsheet and not a CSV file")


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
    assert max(map(len, lines)) < 200


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
    assert read == [(f"{i:05}", clean(r[0]), clean(r[1])) for i, r in enumerate(rows)]


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
