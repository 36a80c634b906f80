"""Workbooks that people open in spreadsheets: texts stay texts, numbers are numbers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

Value = str | int | float | None

_WIDEST, _NARROWEST = 40, 7
"""Characters of a column."""


def write_xlsx(path: Path, title: str, header: Iterable[str], rows: Iterable[list[Value]]) -> None:
    """Writes a table as a workbook with one sheet, whose header stays in sight.

    Args:
        title: What the sheet is called.
        rows: Their cells; None is an empty cell. A text is never run as a formula.

    Raises:
        OSError: The file can't be written.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title[:31]
    widths: list[int] = []
    table: list[list[Value]] = [list(header), *rows]
    for number, row in enumerate(table, 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"
            if number == 1:
                cell.font = Font(bold=True)
                widths.append(_NARROWEST)
            widths[column - 1] = max(widths[column - 1], len(str(value or "")) + 1)
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = min(width, _WIDEST)
    sheet.freeze_panes = "B2"
    book.save(path)
