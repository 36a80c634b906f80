"""Fonts for Greek and Cyrillic letters, made of those that the office's papers have anyway.

TeX's own fonts with these letters are packages of some hundred megabytes. The outlines of Noto
are scaled to the height of TeX's letters and written as Type 1 fonts (Adobe Type 1 Font Format,
version 1.1) with the letters of one bank alone: a few kilobytes, made in some milliseconds.
``latex/variantfonts.sty`` loads them where the template says so (``\\VFLetters``).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from generator.errors import ToolMissingError
from generator.typeset.toolchain import install_command

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

PACKAGES: Final = ("fonts-noto-core", "fonts-noto-mono")
PREFIX: Final = "vxl-"
"""With which all files of these fonts begin."""
KEPT: Final = (".pfb", ".enc")
"""The endings of the files that every run reads; formats hold the metrics."""

_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("~/.local/share/fonts"))
_PAGE = 256
_EEXEC, _CHARSTRING = 55665, 4330
"""Keys of the two encryptions of Type 1."""


@dataclass(frozen=True)
class Face:
    """A typeface of papers and the font whose letters stand in for it.

    Attributes:
        name: What TeX calls it, with a number of a page behind it.
        file: The file of the font.
        scale: Its size beside TeX's fonts of the same nominal size.
    """

    name: str
    file: str
    scale: float


FACES: Final = (
    Face("r", "NotoSerif-Regular", 0.87),
    Face("rb", "NotoSerif-Bold", 0.87),
    Face("ri", "NotoSerif-Italic", 0.87),
    Face("s", "NotoSans-Regular", 0.87),
    Face("sb", "NotoSans-Bold", 0.87),
    Face("si", "NotoSans-Italic", 0.87),
    Face("t", "NotoSansMono-Regular", 0.875),
)


@dataclass(frozen=True)
class _Glyph:
    """A letter in thousandths of the size.

    Attributes:
        width: Its advance.
        height: Above the baseline, not negative; ``depth`` below it.
        drawn: Its outline as a charstring of Type 1, not encrypted.
    """

    width: int
    height: float
    depth: float
    drawn: bytes


def template_lines(letters: str) -> str:
    """What the template says of letters: their fonts, and what each character is set as.

    Args:
        letters: Greek letters that belong to words, Cyrillic ones; sorted.
    """
    lines = []
    for page, slots in _pages(letters).items():
        numbers = ",".join(str(slot) for slot in slots)
        lines.append(rf"\VFLetters{{{page:02X}}}{{{numbers}}}{{{slots[0]}}}")
        lines += (rf"\VFLetter{{{page:02X}}}{{{slot:02X}}}" for slot in slots)
    return "".join(f"{line}%\n" for line in lines)


def make_letters(letters: str, folder: Path) -> None:
    """Writes the fonts of some letters, with metrics and encodings, into a folder.

    Raises:
        ToolMissingError: The fonts are not installed.
    """
    pages = _pages(letters)
    for face in FACES if pages else ():
        glyphs = _glyphs(face, letters)
        (folder / f"{PREFIX}{face.name}.pfb").write_bytes(_type1(face, glyphs))
        for page, slots in pages.items():
            own = {slot: glyphs[_name(page, slot)] for slot in slots}
            (folder / f"{PREFIX}{face.name}-{page:02X}.tfm").write_bytes(_metrics(own))
    for page, slots in pages.items():
        names = (f"/{_name(page, slot) if slot in slots else '.notdef'}" for slot in range(_PAGE))
        text = f"/{PREFIX}{page:02X} [\n{chr(10).join(names)}\n] def\n"
        (folder / f"{PREFIX}{page:02X}.enc").write_text(text, "ascii")


def kept_files(folder: Path) -> list[Path]:
    """The files of these fonts that every run reads."""
    return sorted(path for path in folder.glob(f"{PREFIX}*") if path.suffix in KEPT)


def _pages(letters: str) -> dict[int, list[int]]:
    """The letters by pages of 256 characters of Unicode."""
    pages: dict[int, list[int]] = {}
    for letter in sorted(letters):
        page, slot = divmod(ord(letter), _PAGE)
        pages.setdefault(page, []).append(slot)
    return pages


def _name(page: int, slot: int) -> str:
    return f"uni{page:02X}{slot:02X}"


# Reading the outlines ------------------------------------------------------------------------


def _glyphs(face: Face, letters: str) -> dict[str, _Glyph]:
    font = _font(face.file)
    names = font.getBestCmap()
    scale = face.scale * 1000 / font["head"].unitsPerEm
    return {
        _name(*divmod(ord(letter), _PAGE)): _glyph(font, names[ord(letter)], scale)
        for letter in letters
    }


@cache
def _font(name: str) -> TTFont:
    from fontTools.ttLib import TTFont

    for folder in _FOLDERS:
        for file in sorted(folder.expanduser().rglob(f"{name}.[to]tf")):
            return TTFont(file, lazy=True)
    raise ToolMissingError(f"the font {name.partition('-')[0]}", install_command(PACKAGES))


def _glyph(font: TTFont, name: str, scale: float) -> _Glyph:
    from fontTools.pens.boundsPen import BoundsPen
    from fontTools.pens.transformPen import TransformPen

    glyphs: Any = font.getGlyphSet()
    bounds = BoundsPen(glyphs)
    glyphs[name].draw(TransformPen(bounds, (scale, 0, 0, scale, 0, 0)))
    _, low, _, high = bounds.bounds or (0.0, 0.0, 0.0, 0.0)
    width = round(glyphs[name].width * scale)
    drawn = _charstring(glyphs, name, scale, width)
    return _Glyph(width, max(high, 0.0), max(-low, 0.0), drawn)


# Type 1 --------------------------------------------------------------------------------------

_HSBW, _RLINE, _RCURVE, _CLOSE, _RMOVE, _END, _RETURN = 13, 5, 8, 9, 21, 14, 11


def _charstring(glyphs: Any, name: str, scale: float, width: int) -> bytes:
    """The outline of a glyph as commands of Type 1, each point relative to the one before."""
    from fontTools.pens.recordingPen import DecomposingRecordingPen
    from fontTools.pens.transformPen import TransformPen

    cubic = _cubic_pen()(glyphs)
    recorded = DecomposingRecordingPen(glyphs)
    glyphs[name].draw(TransformPen(recorded, (scale, 0, 0, scale, 0, 0)))
    recorded.replay(cubic)
    commands = [*_number(0), *_number(width), _HSBW]
    at = (0, 0)
    for command, points in cubic.commands:
        for point in points:
            x, y = round(point[0]), round(point[1])
            commands += [*_number(x - at[0]), *_number(y - at[1])]
            at = (x, y)
        commands.append(command)
    return bytes([*commands, _END])


@cache
def _cubic_pen() -> type[Any]:
    """A pen that keeps an outline as lines and cubic curves; it raises the quadratic ones."""
    from fontTools.pens.basePen import BasePen

    class Cubic(BasePen):  # type: ignore[misc,unused-ignore]
        def __init__(self, glyphs: Any) -> None:
            super().__init__(glyphs)
            self.commands: list[tuple[int, Sequence[tuple[float, float]]]] = []

        def _moveTo(self, pt: tuple[float, float]) -> None:
            self.commands.append((_RMOVE, [pt]))

        def _lineTo(self, pt: tuple[float, float]) -> None:
            self.commands.append((_RLINE, [pt]))

        def _curveToOne(self, *points: tuple[float, float]) -> None:
            self.commands.append((_RCURVE, points))

        def _closePath(self) -> None:
            self.commands.append((_CLOSE, []))

    return Cubic


def _number(value: int) -> Iterator[int]:
    """An integer in a charstring (section 6.2 of the specification)."""
    if -107 <= value <= 107:
        yield value + 139
    elif 108 <= abs(value) <= 1131:
        high, low = divmod(abs(value) - 108, 256)
        yield from (high + (247 if value > 0 else 251), low)
    else:
        yield 255
        yield from struct.pack(">i", value)


def _encrypted(data: bytes, key: int) -> bytes:
    """Encrypted as Type 1 is (section 7.1), behind four bytes that are thrown away."""
    cipher = bytearray()
    for plain in bytes(4) + data:
        cipher.append(plain ^ (key >> 8))
        key = ((cipher[-1] + key) * 52845 + 22719) & 0xFFFF
    return bytes(cipher)


def _type1(face: Face, glyphs: Mapping[str, _Glyph]) -> bytes:
    """A font in the format PFB; without hints, which are left out of papers anyway."""
    head = (
        f"%!PS-AdobeFont-1.0: {face.file} 1.0\n10 dict begin\n/FontType 1 def\n"
        f"/FontName /{face.file} def\n/PaintType 0 def\n/FontMatrix [0.001 0 0 0.001 0 0] def\n"
        "/FontBBox {-1000 -1000 2000 2000} def\n/Encoding StandardEncoding def\n"
        "currentdict end\ncurrentfile eexec\n"
    )
    empty = _Glyph(500, 0.0, 0.0, bytes([*_number(0), *_number(500), _HSBW, _END]))
    unused = _encrypted(bytes([_RETURN]), _CHARSTRING)
    private = [
        b"dup /Private 9 dict dup begin\n"
        b"/RD {string currentfile exch readstring pop} executeonly def\n"
        b"/ND {noaccess def} executeonly def\n/NP {noaccess put} executeonly def\n"
        b"/BlueValues [] def\n/MinFeature {16 16} def\n/password 5839 def\n/lenIV 4 def\n",
        b"/Subrs 1 array\n",
        # A routine that nobody calls: pdfTeX and fontTools look for one.
        b"dup 0 %d RD %s NP\nND\n" % (len(unused), unused),
        b"2 index /CharStrings %d dict dup begin\n" % (len(glyphs) + 1),
    ]
    for name, glyph in {".notdef": empty, **glyphs}.items():
        drawn = _encrypted(glyph.drawn, _CHARSTRING)
        private.append(b"/%s %d RD %s ND\n" % (name.encode(), len(drawn), drawn))
    private.append(
        b"end\nend\nreadonly put\nnoaccess put\ndup /FontName get exch definefont pop\n"
        b"mark currentfile closefile\n"
    )
    tail = "0" * 64 + "\n"
    pieces = (
        (1, head.encode()),
        (2, _encrypted(b"".join(private), _EEXEC)),
        (1, (tail * 8 + "cleartomark\n").encode()),
    )
    return (
        b"".join(struct.pack("<BBI", 0x80, kind, len(piece)) + piece for kind, piece in pieces)
        + b"\x80\x03"
    )


# Metrics -------------------------------------------------------------------------------------

_DESIGN_PT = 10


def _metrics(glyphs: Mapping[int, _Glyph]) -> bytes:
    """Metrics as TeX reads them (Knuth, TeX: The Program, 539-560), without kerns."""
    first, last = min(glyphs), max(glyphs)
    widths = [0, *sorted({glyph.width for glyph in glyphs.values()})]
    heights = _levels((glyph.height for glyph in glyphs.values()), 15)
    depths = _levels((glyph.depth for glyph in glyphs.values()), 15)
    entries = b""
    for slot in range(first, last + 1):
        glyph = glyphs.get(slot)
        if glyph is None:
            entries += bytes(4)
            continue
        height, depth = (
            next(at for at, level in enumerate(levels) if level >= length)
            for levels, length in ((heights, glyph.height), (depths, glyph.depth))
        )
        entries += bytes((widths.index(glyph.width), height << 4 | depth, 0, 0))
    header = struct.pack(">Ii", 0, _DESIGN_PT << 20)
    parameters = (0, 333, 167, 111, 431, 1000, 111)  # slant, space, …, height of an x, quad
    tables = b"".join(_words(table) for table in (widths, heights, depths, (0,)))
    body = header + entries + tables + _words(parameters)
    counts = (
        6 + len(body) // 4,
        len(header) // 4,
        first,
        last,
        len(widths),
        len(heights),
        len(depths),
        1,
        0,
        0,
        0,
        len(parameters),
    )
    return struct.pack(">12H", *counts) + body


def _levels(lengths: Iterable[float], most: int) -> list[float]:
    """At most so many levels besides zero, each length at or below one of them."""
    sorted_lengths = sorted({round(length, 3) for length in lengths if length > 0})
    step = -(-len(sorted_lengths) // most) or 1
    return [0.0, *(sorted_lengths[::-1][::step][::-1])]


def _words(values: Iterable[float]) -> bytes:
    """Thousandths of the size as TeX's fractions of 2^20."""
    return b"".join(struct.pack(">i", round(value * 2**20 / 1000)) for value in values)
