"""Sizes and places on paper: the sheet, texts that are stamped, boxes that people write into.

TeX tells where boxes stand (``\\ReportPlaces`` in the class), once per page plan: all copies of a
batch have them at the same places. All lengths are measured as their names say; 72 PDF points and
72.27 points of TeX make an inch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

PT_PER_MM: Final = 72 / 25.4
"""PDF points in a millimeter."""
MM_PER_TEX_PT: Final = 25.4 / 72.27
_MM_PER_SP: Final = MM_PER_TEX_PT / 65536
_DIGITS: Final = 3
"""Decimals of a millimeter in ``layout.json``."""

SCHEMA: Final = 1

BoxKind = Literal[
    "option", "mark", "answer", "result", "score", "sticker", "code", "empty", "figure"
]

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "option": ("part", "label"),
    "mark": ("part", "value"),
    "answer": ("part",),
    "result": ("part", "step"),
    "score": ("problem",),
    "sticker": (),
    "code": ("corner",),
    "empty": (),
    "figure": ("slot",),
}
"""Kind of a box to the names of what it is for."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A size of paper."""

    name: str
    width_mm: float
    height_mm: float

    @property
    def upright_mm(self) -> tuple[float, float]:
        """Its width and height."""
        return self.width_mm, self.height_mm

    @property
    def across_mm(self) -> tuple[float, float]:
        """Its width and height where it is turned."""
        return self.height_mm, self.width_mm


A4: Final = Sheet("A4", 210.0, 297.0)
A3: Final = Sheet("A3", 297.0, 420.0)
LETTER: Final = Sheet("Letter", 215.9, 279.4)
TABLOID: Final = Sheet("Tabloid", 279.4, 431.8)
SHEETS: Final[Mapping[str, Sheet]] = {it.name: it for it in (A4, A3, LETTER, TABLOID)}


@dataclass(frozen=True, slots=True)
class Enlarged:
    """How a page stands on a larger sheet: in the middle.

    Attributes:
        sheet: What it is printed on.
        factor: By how much everything is larger.
        margin_mm: What is left free above and below it.
    """

    sheet: Sheet
    factor: float
    margin_mm: float = 0.0


_LETTER_FACTOR: Final = TABLOID.width_mm / LETTER.width_mm
LARGE_PRINT: Final[Mapping[Sheet, Enlarged]] = {
    A4: Enlarged(A3, 2**0.5),
    LETTER: Enlarged(
        TABLOID, _LETTER_FACTOR, (TABLOID.height_mm - _LETTER_FACTOR * LETTER.height_mm) / 2
    ),
}
"""Paper to large print on the sheet of twice its size, which booklets are folded from, too. Letter
and Tabloid are not alike in shape."""


def enlarged_by(width_pt: float, height_pt: float) -> Enlarged:
    """How what was made for a sheet stands on a page of this size, in PDF points."""
    known = (*(Enlarged(sheet, 1.0) for sheet in LARGE_PRINT), *LARGE_PRINT.values())

    def distance(it: Enlarged) -> float:
        width_mm, height_mm = width_pt / PT_PER_MM, height_pt / PT_PER_MM
        return abs(it.sheet.width_mm - width_mm) + abs(it.sheet.height_mm - height_mm)

    return min(known, key=distance)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place on the page for a text that is stamped.

    Attributes:
        page: Page number from 1, or None for all pages.
        name: Which text: the page code, or a name among the texts of each copy.
        x_pt: From the left edge of the page, in PDF points (1/72 inch).
        y_pt: Baseline, from the lower edge of the page.
        align: Which end of the text stands at ``x_pt``.
        font: Resource name of the font in the master, without the slash, e.g. ``F38``.
        size_pt: Size of the font.
    """

    page: int | None
    name: str
    x_pt: float
    y_pt: float
    align: Literal["left", "center", "right"]
    font: str
    size_pt: float


@dataclass(frozen=True, slots=True)
class Box:
    """A box on a page, to the outer edges of its lines.

    Attributes:
        kind: What is done in it.
        x_mm: Its left edge, from the left edge of the page.
        y_mm: Its upper edge, from the upper edge of the page, downward.
        width_mm: Its width.
        height_mm: Its height.
        names: What it is for, e.g. ``{"part": "1.1", "label": "a"}``; see `NAMES`.
    """

    kind: BoxKind
    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the boxes of a batch stand.

    Attributes:
        pages: Page number, from 1, to its boxes.
        sheet: What they are printed on.
    """

    pages: Mapping[int, tuple[Box, ...]]
    sheet: Sheet = A4

    def joined(self, more: Mapping[int, Iterable[Box]]) -> Layout:
        """The layout with more boxes on its pages."""
        pages = {number: (*boxes, *more.get(number, ())) for number, boxes in self.pages.items()}
        return Layout(pages, self.sheet)

    def large_print(self) -> Layout:
        """The same boxes on the sheet for large print."""
        enlarged = LARGE_PRINT[self.sheet]
        pages = {
            number: tuple(_larger(box, enlarged) for box in boxes)
            for number, boxes in self.pages.items()
        }
        return Layout(pages, enlarged.sheet)

    def parted(self, kind: BoxKind) -> tuple[Layout, Layout]:
        """The layout without the boxes of a kind, and with these alone."""
        rest = {
            page: tuple(it for it in boxes if it.kind != kind) for page, boxes in self.pages.items()
        }
        those = {
            page: tuple(it for it in boxes if it.kind == kind) for page, boxes in self.pages.items()
        }
        return Layout(rest, self.sheet), Layout(those, self.sheet)

    def pages_of_parts(self) -> dict[str, int]:
        """Part to the first page with a box of it, in keys as on papers."""
        found: dict[str, int] = {}
        for page, boxes in sorted(self.pages.items()):
            for box in boxes:
                if "part" in box.names:
                    found.setdefault(box.names["part"], page)
        return found

    def part_at(self, page: int, y_mm: float) -> str:
        """The part that stands at a height of a page; where none does, nothing."""
        ends: dict[str, float] = {}
        for box in self.pages[page]:
            if "part" in box.names:
                part = box.names["part"]
                ends[part] = max(ends.get(part, 0.0), box.y_mm + box.height_mm)
        below = (part for part, end in ends.items() if y_mm <= end)
        return next(below, next(reversed(ends), ""))

    def document(self) -> dict[str, Any]:
        """What ``layout.json`` says, for all sides of the paper in order."""
        pages = [
            {"number": number, "boxes": [_entry(box) for box in self.pages[number]]}
            for number in sorted(self.pages)
        ]
        return {"schema": SCHEMA, "paper": self.sheet.name, "pages": pages}


def read_layout(document: Mapping[str, Any]) -> Layout:
    """A layout from what `Layout.document` gave."""
    pages = {int(page["number"]): tuple(map(_box, page["boxes"])) for page in document["pages"]}
    return Layout(pages, SHEETS[document["paper"]])


def told_box(words: Iterable[str], sheet: Sheet = A4) -> tuple[int, Box]:
    """A box as TeX tells it.

    Args:
        words: Page, kind, place of its lower left corner from that of the page, width, height (in
            scaled points, of which a point of TeX has 65,536), and what it is for.
        sheet: The size of the page.

    Returns:
        The page number, and the box.
    """
    page, kind, *rest = words
    x_mm, y_mm, width_mm, height_mm = (int(length) * _MM_PER_SP for length in rest[:4])
    names = dict(zip(NAMES[kind], rest[4:], strict=True))
    top_mm = sheet.height_mm - y_mm - height_mm
    return int(page), Box(kind, x_mm, top_mm, width_mm, height_mm, names)  # type: ignore[arg-type]


def _larger(box: Box, enlarged: Enlarged) -> Box:
    x_mm, y_mm, width_mm, height_mm = (
        length_mm * enlarged.factor
        for length_mm in (box.x_mm, box.y_mm, box.width_mm, box.height_mm)
    )
    return Box(box.kind, x_mm, y_mm + enlarged.margin_mm, width_mm, height_mm, box.names)


def _entry(box: Box) -> dict[str, Any]:
    lengths_mm = zip(
        ("x", "y", "width", "height"),
        (box.x_mm, box.y_mm, box.width_mm, box.height_mm),
        strict=True,
    )
    places = {name: round(length_mm, _DIGITS) for name, length_mm in lengths_mm}
    return {"kind": box.kind, **box.names, **places}


def _box(entry: Mapping[str, Any]) -> Box:
    kind = entry["kind"]
    x_mm, y_mm, width_mm, height_mm = (entry[name] for name in ("x", "y", "width", "height"))
    names = {name: entry[name] for name in NAMES[kind]}
    return Box(kind, x_mm, y_mm, width_mm, height_mm, names)


# Coordinate systems of a page of PDF (ISO 32000-1, 8.3.4) -----------------------------------------

Matrix = tuple[float, float, float, float, float, float]
"""The operands of ``cm``: how a coordinate system lies in another one; lengths in points."""

PAGE_MATRIX: Final[Matrix] = (1, 0, 0, 1, 0, 0)
"""The coordinate system of the page itself."""


def place_in(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    """Where a place of a coordinate system is in the one around it."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def concatenated(inner: Matrix, matrix: Matrix) -> Matrix:
    """The coordinate system after ``cm``, which lies in the one before as `inner` says."""
    a, b, c, d, _, _ = matrix
    p, q, r, s, _, _ = inner
    turned = (a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s)
    return (*turned, *place_in(matrix, *inner[4:]))
