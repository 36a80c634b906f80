"""Type 1 fonts as CFF."""

from __future__ import annotations

import subprocess
from io import BytesIO
from pathlib import Path

from fontTools.cffLib import CFFFontSet

from generator.stamp.cff import to_cff


def test_a_font_of_signs_keeps_its_encoding() -> None:
    """A PDF has no encoding for it: what is at a code stands in the font alone."""
    found = subprocess.run(["kpsewhich", "msam10.pfb"], check=True, capture_output=True, text=True)
    pfb = Path(found.stdout.strip()).read_bytes()
    pieces, position = [], 0
    while pfb[position + 1] != 3:  # PFB: 0x80, kind, length in four bytes, data
        length = int.from_bytes(pfb[position + 2 : position + 6], "little")
        pieces.append(pfb[position + 6 : position + 6 + length])
        position += 6 + length
    cff = CFFFontSet()
    cff.decompile(BytesIO(to_cff(b"".join(pieces), *map(len, pieces[:2]))), None)
    encoding = cff[0].Encoding
    assert (encoding[0x58], encoding[0x03]) == ("check", "square")
