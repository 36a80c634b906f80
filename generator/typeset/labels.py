"""Where the labels of figures stand: read from the pages that pdfTeX made of the figures.

A picture is moved, scaled and turned by operators of the page, of which TeX knows nothing. So
``\\FigureLabel`` leaves a mark among them (ISO 32000-1, 14.6), and its place is where the
coordinate system is when the mark is met.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pypdf import PdfReader
from pypdf.generic import ContentStream

from generator.compose.frame import LabelPlace
from generator.layout import PAGE_MATRIX, Matrix, concatenated

_MARK: Final = "/VXlabel"
_BP_PER_TEX_PT: Final = 72 / 72.27
_UPRIGHT: Final = 1e-4


def label_places(pdf: Path) -> Iterator[dict[str, LabelPlace]]:
    """The labels of each page, by their names."""
    reader = PdfReader(pdf)
    for page in reader.pages:
        contents = page.get_contents()
        yield dict(_places(contents)) if contents is not None else {}


def _places(contents: ContentStream) -> Iterator[tuple[str, LabelPlace]]:
    matrix = PAGE_MATRIX
    kept: list[Matrix] = []
    operands: Any
    for operands, operator in contents.operations:
        if operator == b"q":
            kept.append(matrix)
        elif operator == b"Q":
            matrix = kept.pop()
        elif operator == b"cm":
            matrix = concatenated(tuple(map(float, operands)), matrix)  # type: ignore[arg-type]
        elif operator == b"DP" and operands[0] == _MARK:
            yield str(operands[1]["/N"]), _place(operands[1], matrix)


def _place(said: Any, matrix: Matrix) -> LabelPlace:
    width_pt, height_pt, depth_pt = (
        float(said[key]) * _BP_PER_TEX_PT for key in ("/W", "/H", "/D")
    )
    a, b, c, d, x_pt, y_pt = matrix
    upright = max(abs(a - 1), abs(b), abs(c), abs(d - 1)) < _UPRIGHT
    turn = () if upright else (a, b, c, d)
    size = re.sub(r"\.?0*$", "", f"{float(said['/S']):.2f}")
    return LabelPlace(x_pt, y_pt, width_pt, height_pt, depth_pt, size, turn)
