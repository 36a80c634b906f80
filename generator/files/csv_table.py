"""CSV files that people open in spreadsheets: written with nothing in them that would be run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

Cell = str | int | None

# What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection"), wide forms included.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+|/[0-9]+)?")
_ENDS = r'";|\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029'
_NEEDS_QUOTES = re.compile(f"[,{_ENDS}]")
"""Quotes, and all that programs take for the end of a cell or of a line."""
_NOT_PLAIN = re.compile(rf"[{_ENDS}]|(?:^|,)[{re.escape(''.join(_FORMULA_STARTS))}]")


def csv_cell(text: str) -> str:
    """Put an apostrophe in front of text that a spreadsheet would run as a formula.

    A plain number is no formula: ``-1.5`` and ``-7/6`` stay as they are.
    """
    if text.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[Cell]]) -> None:
    """Writes a table as CSV, row by row: UTF-8 without BOM, commas, lines ending in LF.

    Args:
        header: The names of the columns.
        rows: Their cells; None is an empty cell.

    Raises:
        OSError: The file can't be written.
    """
    # Not csv.writer: what it quotes has changed from one Python to the next.
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(map(csv_line, chain((header,), rows)))


def csv_line(row: Iterable[Cell]) -> str:
    """A row of a table, see `write_csv`."""
    cells = ["" if cell is None else str(cell) for cell in row]
    line = ",".join(cells)
    # Most lines are plain, which one look at all cells tells.
    if line.count(",") >= len(cells) or _NOT_PLAIN.search(line):
        line = ",".join([_quote(csv_cell(cell)) for cell in cells])
    return line + "\n"


def _quote(text: str) -> str:
    if _NEEDS_QUOTES.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text
