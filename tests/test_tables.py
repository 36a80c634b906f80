"""CSV files for spreadsheets."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.files.csv_table import Cell, csv_cell, write_csv


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "-7/6+1", "@SUM(A1)", "\t=1", "\r=1", "-", "＝1"]
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert csv_cell(text) == "'" + text


@pytest.mark.parametrize(
    "text", ["", "Müller", "-1.5", "-7/6", "+2", "007", "O'Neill", "1-2", "[-1, 2]"]
)
def test_everything_else_stays(text: str) -> None:
    assert csv_cell(text) == text


def written(header: list[str], rows: Iterable[Iterable[Cell]]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        write_csv(Path(folder) / "t.csv", header, rows)
        return (Path(folder) / "t.csv").read_bytes()


def test_bytes_of_a_table() -> None:
    rows = [["E0312", "x, y", None, -3], ["Ä", 'a "b"', "=1", "-1.5"]]
    assert written(["code", "b", "c", "d"], rows) == (
        'code,b,c,d\nE0312,"x, y",,-3\nÄ,"a ""b""",\'=1,-1.5\n'.encode()
    )


@pytest.mark.parametrize("separator", [",", ";", "|", "\t", "\n", "\r", "\v", "\u2028", '"'])
def test_a_cell_that_any_program_might_split_is_quoted(separator: str) -> None:
    cell = f"x{separator}=1+1"
    line = written(["a"], [[cell]]).decode().removeprefix("a\n")
    assert line == '"' + cell.replace('"', '""') + '"\n'


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@settings(deadline=None)
@given(st.lists(st.tuples(CELL, CELL), max_size=5))
def test_a_reader_gets_back_what_was_written(rows: list[tuple[str, str]]) -> None:
    text = written(["a", "b"], rows).decode("utf-8")
    header, *read = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert header == ["a", "b"]
    assert read == [[csv_cell(cell) for cell in row] for row in rows]
