"""Sheets of paper to draw on: Pango sets the text, cairo writes the PDF.

Pango shapes names in any script, and takes what one font lacks from another. A list of a thousand
names takes a tenth of a second, and the bytes are the same every time. Only the papers of the
office are made this way; papers and keys of an exam are pdfTeX's.

All lengths are in millimeters, from the upper left corner of the sheet.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Literal

from generator.codes.qr import Symbol
from generator.errors import ToolMissingError

PACKAGES = (
    *("libpangocairo-1.0-0", "fonts-noto-core", "fonts-noto-mono"),
    *("fonts-droid-fallback", "fonts-nanum"),
)
"""Debian's packages: the libraries, and fonts with every script that names are written in."""

SANS = "Noto Sans, Droid Sans Fallback, NanumGothic, sans-serif"
MONO = "Noto Sans Mono, Droid Sans Fallback, NanumGothic, monospace"

_PT_PER_MM = 72 / 25.4
_PANGO_UNITS = 1024
# What is smaller nobody reads with ease: it keeps endless names in their cells, and breaks words.
_READABLE_PT = 5.0
_SMALLEST_PT = 1.0
# A PDF that says when it was made would differ from run to run.
_NEVER = "2000-01-01T00:00:00Z"

_DARK = re.compile("1+")

Align = Literal["left", "center", "right"]


@cache
def load_libraries() -> tuple[Any, Any, Any]:
    """Cairo, Pango and what connects them; this parses their headers, for a third of a second.

    Raises:
        ToolMissingError: A library is missing.
    """
    try:
        import cairocffi
        import pangocairocffi
        import pangocffi
    except OSError as error:
        install = f"apt-get install --no-install-recommends {' '.join(PACKAGES)}"
        raise ToolMissingError(f"a library for the office's papers ({error})", install) from None
    return cairocffi, pangocffi, pangocairocffi


class Canvas:
    """A document that is drawn page by page, black on white.

    Raises:
        ToolMissingError: A library is missing.
    """

    def __init__(self, title: str, size_mm: tuple[float, float]) -> None:
        cairo, self._pango, self._pangocairo = load_libraries()
        self._file = io.BytesIO()
        self.width_mm, self.height_mm = size_mm
        width_pt, height_pt = (length * _PT_PER_MM for length in size_mm)
        self._surface = cairo.PDFSurface(self._file, width_pt, height_pt)
        self._surface.restrict_to_version(cairo.PDF_VERSION_1_4)  # `joined_pages` can read that
        self._surface.set_metadata(cairo.PDF_METADATA_CREATE_DATE, _NEVER)
        self._surface.set_metadata(cairo.PDF_METADATA_TITLE, title)
        self._context = cairo.Context(self._surface)
        self._layout = self._pangocairo.create_layout(self._context)
        self._pages = 0
        self.next_page()

    def next_page(self) -> None:
        """Begins a page; the first one is there already."""
        if self._pages > 0:
            self._surface.show_page()
        self._pages += 1
        self._context.set_source_rgb(0, 0, 0)

    def resize(self, size_mm: tuple[float, float]) -> None:
        """Gives this page and those that follow another size; before anything is drawn on it."""
        self.width_mm, self.height_mm = size_mm
        self._surface.set_size(*(length * _PT_PER_MM for length in size_mm))

    def bytes(self) -> bytes:
        """The finished PDF; nothing can be drawn after that."""
        self._surface.finish()
        return self._file.getvalue()

    # Text.

    def text(
        self,
        x_mm: float,
        y_mm: float,
        text: str,
        size_pt: float = 9.5,
        *,
        width_mm: float | None = None,
        height_mm: float | None = None,
        align: Align = "left",
        bold: bool = False,
        mono: bool = False,
    ) -> float:
        """Sets a text; with a width it is fitted, never cut: wrapped, and smaller if need be.

        Args:
            x_mm: Its left end; its middle or right end, if it is aligned there.
            y_mm: Its upper edge.
            width_mm: What it may take.
            height_mm: What it may take if it is wrapped; without it, it stays on one line.

        Returns:
            The height that it takes, in mm.
        """
        layout = self._layout
        layout.text = text
        self._fit(size_pt, width_mm, height_mm, bold, mono)
        width, height = (length / _PANGO_UNITS / _PT_PER_MM for length in layout.get_size())
        shift = {"left": 0.0, "center": width / 2, "right": width}[align]
        self._context.move_to((x_mm - shift) * _PT_PER_MM, y_mm * _PT_PER_MM)
        self._pangocairo.show_layout(self._context, layout)
        return float(height)

    def height_of(self, text: str, size_pt: float, width_mm: float) -> float:
        """What a text takes when it is wrapped at its size, in mm; nothing is drawn."""
        self._layout.text = text
        self._fit(size_pt, width_mm, math.inf, bold=False, mono=False)
        return float(self._layout.get_size()[1] / _PANGO_UNITS / _PT_PER_MM)

    def _fit(
        self,
        size_pt: float,
        width_mm: float | None,
        height_mm: float | None,
        bold: bool,
        mono: bool,
    ) -> None:
        layout = self._layout
        units = _PT_PER_MM * _PANGO_UNITS
        layout.width = -1 if width_mm is None else int(width_mm * units)
        while True:
            layout.font_description = self._font(size_pt, bold, mono)
            by = "WORD" if size_pt > _READABLE_PT else "WORD_CHAR"
            layout.wrap = self._pango.WrapMode[by]
            if width_mm is None or size_pt < _SMALLEST_PT:
                return
            width, height = layout.get_size()
            one_line = layout.get_line_count() == 1
            if width <= layout.width and (height <= height_mm * units if height_mm else one_line):
                return
            size_pt -= 0.5 if size_pt > _READABLE_PT else 0.1

    @cache  # noqa: B019  a canvas lives as long as its document is drawn
    def _font(self, size_pt: float, bold: bool, mono: bool) -> Any:
        font = self._pango.FontDescription()
        font.family = MONO if mono else SANS
        font.size = int(size_pt * _PANGO_UNITS)
        font.weight = self._pango.Weight.BOLD if bold else self._pango.Weight.NORMAL
        return font

    def watermark(self, word: str) -> None:
        """A word in light gray across the whole page, smaller where it is long."""
        context, layout = self._context, self._layout
        context.save()
        context.translate(self.width_mm / 2 * _PT_PER_MM, self.height_mm / 2 * _PT_PER_MM)
        context.rotate(-math.atan2(self.height_mm, self.width_mm))
        context.set_source_rgb(0.8, 0.8, 0.8)
        layout.text = word
        layout.width = -1
        most = math.hypot(self.width_mm, self.height_mm) * _PT_PER_MM * 0.8
        layout.font_description = self._font(120.0, bold=True, mono=False)
        width, height = (length / _PANGO_UNITS for length in layout.get_size())
        if width > most:
            layout.font_description = self._font(120.0 * most / width, bold=True, mono=False)
            width, height = (length / _PANGO_UNITS for length in layout.get_size())
        context.move_to(-width / 2, -height / 2)
        self._pangocairo.show_layout(context, layout)
        context.restore()

    # Lines and symbols.

    def lines(
        self, ends_mm: Iterable[tuple[float, float, float, float]], width_mm: float = 0.2
    ) -> None:
        """Straight lines, each from one point to another."""
        context = self._context
        context.set_line_width(width_mm * _PT_PER_MM)
        for x1, y1, x2, y2 in ends_mm:
            context.move_to(x1 * _PT_PER_MM, y1 * _PT_PER_MM)
            context.line_to(x2 * _PT_PER_MM, y2 * _PT_PER_MM)
        context.stroke()

    def box(
        self, x_mm: float, y_mm: float, width_mm: float, height_mm: float, line_mm: float = 0.2
    ) -> None:
        """The outline of a rectangle."""
        right, bottom = x_mm + width_mm, y_mm + height_mm
        self.lines(
            [
                (x_mm, y_mm, right, y_mm),
                (right, y_mm, right, bottom),
                (right, bottom, x_mm, bottom),
                (x_mm, bottom, x_mm, y_mm),
            ],
            line_mm,
        )

    def symbol(self, x_mm: float, y_mm: float, side_mm: float, symbol: Symbol) -> None:
        """A QR symbol without its quiet zone, as one path of rectangles."""
        context = self._context
        module_pt = side_mm * _PT_PER_MM / symbol.side
        left_pt, top_pt = x_mm * _PT_PER_MM, y_mm * _PT_PER_MM
        for x, y, width, height in _dark_rectangles(symbol):
            place = (left_pt + x * module_pt, top_pt + y * module_pt)
            context.rectangle(*place, width * module_pt, height * module_pt)
        context.fill()


def _dark_rectangles(symbol: Symbol) -> Iterator[tuple[int, int, int, int]]:
    """Left, top, width and height of rectangles that are the dark modules, in modules.

    Runs of a row that stand below the same ones are one rectangle: fewer are drawn faster.
    """
    begun: dict[tuple[int, int], int] = {}
    for y, row in enumerate([*symbol.rows(), ""]):
        runs = [match.span() for match in _DARK.finditer(row)]
        for start, end in sorted(begun.keys() - set(runs)):
            top = begun.pop((start, end))
            yield start, top, end - start, y - top
        for run in runs:
            begun.setdefault(run, y)
