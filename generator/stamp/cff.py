"""Type 1 fonts of pdfTeX as CFF: the same outlines in a fifth of the bytes.

pdfTeX embeds fonts as Type 1 (Adobe, 1990), of which encrypted subroutines for hints are the larger
part. The Compact Font Format (Adobe Technical Note 5176) stores the outlines alone; printers and
screens of today need no hints. Fonts are in every single file, so that this halves a batch.
"""

from __future__ import annotations

import hashlib
import io
import struct
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from generator.files.whole import read_sealed, write_sealed

if TYPE_CHECKING:
    from fontTools.t1Lib import T1Font

NOTDEF = ".notdef"
_UNITS_PER_EM = 1000
_MOST_CODED = 255
_VERSION = b"coded glyphs first"
"""Of what is kept; to be changed with what fonts are converted to."""


FONTS = "fonts"
"""The folder of a cache in which they are kept: presses of other texts have many of the same."""


class FontPress:
    """Converts font programs, each once: results are kept in a folder."""

    @classmethod
    def beside(cls, press: Path) -> FontPress:
        """The one that all presses of a cache share.

        Args:
            press: The folder of one of them.
        """
        return cls(press.parent / FONTS)

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def compact(self, program: bytes, length1: int, length2: int) -> bytes:
        """A Type 1 font program as a compressed CFF font program.

        Args:
            program: The font program as it is in a PDF (ISO 32000-1, 9.9), decoded.
            length1: Bytes of its clear text.
            length2: Bytes of its encrypted part.

        Returns:
            The stream of a ``/FontFile3`` of subtype ``/Type1C``, deflated.
        """
        digest = hashlib.sha256(program + _VERSION).hexdigest()
        kept = self._folder / f"{digest[:32]}.cff"
        found = read_sealed(kept)
        if found is not None:
            kept.touch()  # what was used last stays longest
            return found
        self._folder.mkdir(parents=True, exist_ok=True)
        compact = zlib.compress(to_cff(program, length1, length2), 9)
        write_sealed(kept, compact)
        return compact


def to_cff(program: bytes, length1: int, length2: int) -> bytes:
    """A Type 1 font program as CFF, glyphs in the order of their names; without hints.

    It keeps its encoding, by which fonts of signs are read that have none in the PDF. Glyphs that
    have a code come first, since CFF counts them in one byte; a font of words that has more of them
    has its encoding in the PDF.
    """
    # Imported when they are needed: most builds find all fonts converted.
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.recordingPen import RecordingPen
    from fontTools.pens.t2CharStringPen import T2CharStringPen

    font = _read(program, length1, length2)
    glyphs = font.getGlyphSet()
    codes = _codes(font["Encoding"])
    names = set(glyphs.keys()) - {NOTDEF}
    order = [NOTDEF, *sorted(names, key=lambda name: (name not in codes, name))]
    outlines = {}
    for name in order:
        drawn = RecordingPen()
        glyphs[name].draw(drawn)  # the width is known then
        pen = T2CharStringPen(glyphs[name].width, glyphs)
        drawn.replay(pen)
        outlines[name] = pen.getCharString()
    builder = FontBuilder(_UNITS_PER_EM, isTTF=False)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap({})
    about = {}
    coded = {code: name for name, code in codes.items() if name in names}
    if coded and len(coded) <= _MOST_CODED:
        about["Encoding"] = [coded.get(code, NOTDEF) for code in range(256)]
    builder.setupCFF(str(font["FontName"]), about, outlines, {})
    return bytes(builder.font["CFF "].compile(builder.font))


def _codes(encoding: list[str] | str) -> dict[str, int]:
    """The code of each name; a glyph has one code in CFF, and TeX's own is the lowest."""
    if isinstance(encoding, str):
        return {}  # Adobe's standard one, which fonts of TeX have only by name
    return {name: code for code, name in reversed(list(enumerate(encoding)))}


def _read(program: bytes, length1: int, length2: int) -> T1Font:
    """Parses a font program; the library reads files in the format PFB only."""
    from fontTools.t1Lib import T1Font

    pieces = (
        (1, program[:length1]),
        (2, program[length1 : length1 + length2]),
        (1, program[length1 + length2 :]),
    )
    pfb = io.BytesIO()
    for kind, piece in pieces:
        pfb.write(struct.pack("<BBI", 0x80, kind, len(piece)) + piece)
    pfb.write(b"\x80\x03")
    with tempfile.NamedTemporaryFile(suffix=".pfb") as file:
        file.write(pfb.getvalue())
        file.flush()
        font = T1Font(file.name)
        font.parse()
    return font
