"""Type 1 fonts as CFF."""

from __future__ import annotations

import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fontTools.cffLib import CFFFontSet
from fontTools.pens.areaPen import AreaPen
from fontTools.pens.boundsPen import BoundsPen
from fontTools.t1Lib import T1Font

from generator.errors import CopyError
from generator.stamp.cff import to_cff


def _file(name: str) -> Path:
    found = subprocess.run(["kpsewhich", name], check=True, capture_output=True, text=True)
    return Path(found.stdout.strip())


def _pieces(pfb: bytes) -> list[bytes]:
    pieces, position = [], 0
    while pfb[position + 1] != 3:  # PFB: 0x80, kind, length in four bytes, data
        length = int.from_bytes(pfb[position + 2 : position + 6], "little")
        pieces.append(pfb[position + 6 : position + 6 + length])
        position += 6 + length
    return pieces


def _converted(name: str) -> CFFFontSet:
    pieces = _pieces(_file(name).read_bytes())
    cff = CFFFontSet()
    cff.decompile(BytesIO(to_cff(b"".join(pieces), *map(len, pieces[:2]))), None)
    return cff


def test_a_font_of_signs_keeps_its_encoding() -> None:
    """A PDF has no encoding for it: what is at a code stands in the font alone."""
    encoding = _converted("msam10.pfb")[0].Encoding
    assert (encoding[0x58], encoding[0x03]) == ("check", "square")


def test_outlines_are_those_that_a_postscript_interpreter_reads() -> None:
    """The library reads the file as a program; subroutines, flexes and widths are in it."""
    font = T1Font(str(_file("cmr10.pfb")))
    wanted, found = font.getGlyphSet(), _converted("cmr10.pfb")[0].CharStrings
    assert len(wanted) > 100
    assert set(found.keys()) == set(wanted.keys())
    for name in sorted(wanted):
        assert _shape(found[name]) == _shape(wanted[name]), name


def _shape(glyph: Any) -> tuple[object, ...]:
    """Area, bounds and width: lines that go on as they came are one line in CFF."""
    area, bounds = AreaPen(), BoundsPen({})
    glyph.draw(area)
    glyph.draw(bounds)
    return area.value, bounds.bounds, glyph.width


def test_what_is_no_font_of_tex_is_refused() -> None:
    with pytest.raises(CopyError, match="no glyphs"):
        to_cff(b"%!PS-AdobeFont-1.0: X\n/FontName /X def\ncurrentfile eexec\nabcd", 60, 4)
