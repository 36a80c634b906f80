"""Type 1 fonts of pdfTeX as CFF: the same outlines in a fifth of the bytes.

pdfTeX embeds fonts as Type 1 (Adobe, 1990), of which encrypted subroutines for hints are the larger
part. The Compact Font Format (Adobe Technical Note 5176) stores the outlines alone; printers and
screens of today need no hints. Fonts are in every single file, so that this halves a batch.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator.errors import CopyError
from generator.files.whole import read_sealed, write_sealed

if TYPE_CHECKING:
    from fontTools.misc.psCharStrings import T1CharString

NOTDEF = ".notdef"
_UNITS_PER_EM = 1000
_MOST_CODED = 255
_VERSION = b"coded glyphs first"
"""Of what is kept; to be changed with what fonts are converted to."""

_EEXEC: Final = 55665
_CHARSTRING: Final = 4330
"""Keys of the encryption of a font program and of its outlines."""
_USUAL_SALT: Final = 4
"""Bytes before an outline that say nothing, where the font does not state how many."""
_NAME: Final = re.compile(rb"/FontName\s*/(\S+)")
_CODED: Final = re.compile(rb"dup\s+(\d+)\s*/(\S+)\s+put")
_SALT: Final = re.compile(rb"/lenIV\s+(\d+)")
_SUBROUTINE: Final = re.compile(rb"dup\s+(\d+)\s+(\d+)\s+\S+ ")
_GLYPH: Final = re.compile(rb"/(\S+)\s+(\d+)\s+(?!dict)\S+ ")

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
    glyphs = font.glyphs
    codes = _codes(font.encoding)
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
    builder.setupCFF(font.name, about, outlines, {})
    return bytes(builder.font["CFF "].compile(builder.font))


def _codes(encoding: Mapping[int, str]) -> dict[str, int]:
    """The code of each name; a glyph has one code in CFF, and TeX's own is the lowest."""
    return {name: code for code, name in sorted(encoding.items(), reverse=True)}


@dataclass(frozen=True)
class _Type1:
    """What is read of a font program.

    Attributes:
        name: Its name.
        encoding: Code to the name of a glyph; nothing where it has Adobe's standard one, which
            fonts of TeX have only by name.
        glyphs: Name to the outline.
    """

    name: str
    encoding: Mapping[int, str]
    glyphs: Mapping[str, T1CharString]


def _read(program: bytes, length1: int, length2: int) -> _Type1:
    """Reads a font program as pdfTeX writes them; a PostScript interpreter takes ten times as long.

    Raises:
        CopyError: It is none of those.
    """
    from fontTools.misc.psCharStrings import T1CharString

    clear, secret = program[:length1], _decrypted(program[length1 : length1 + length2], _EEXEC)
    name, salt = _NAME.search(clear), _SALT.search(secret)
    first, last = secret.find(b"/Subrs"), secret.find(b"/CharStrings")
    if name is None or last < 0:
        raise CopyError("a font is not as pdfTeX writes them: it has no name, or no glyphs")
    left_out = int(salt[1]) if salt else _USUAL_SALT
    numbered = dict(_charstrings(_SUBROUTINE, secret[first:last] if first >= 0 else b"", left_out))
    subrs: list[T1CharString] = []
    for number in range(max(map(int, numbered), default=-1) + 1):
        subrs.append(T1CharString(numbered.get(b"%d" % number, b""), subrs=subrs))
    glyphs = {
        glyph.decode(): T1CharString(piece, subrs=subrs)
        for glyph, piece in _charstrings(_GLYPH, secret[last:], left_out)
    }
    encoding = {int(code): glyph.decode() for code, glyph in _CODED.findall(clear)}
    return _Type1(name[1].decode(), encoding, glyphs)


def _charstrings(
    pattern: re.Pattern[bytes], data: bytes, left_out: int
) -> Iterator[tuple[bytes, bytes]]:
    """The names, or numbers, of charstrings, and their bytes."""
    end = 0
    while (found := pattern.search(data, end)) is not None:
        end = found.end() + int(found[2])
        yield found[1], _decrypted(data[found.end() : end], _CHARSTRING)[left_out:]


def _decrypted(data: bytes, key: int) -> bytes:
    """What was encrypted with a key (Adobe Type 1 Font Format, 7.1)."""
    plain = bytearray()
    add = plain.append
    for byte in data:
        add(byte ^ key >> 8)
        key = (byte + key) * 52845 + 22719 & 0xFFFF
    return bytes(plain)
