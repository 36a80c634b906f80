"""Images in gray: papers are printed in black alone, and a run with colors is refused by the press.

Pictures are converted pixel by pixel. In a PDF the operators that set colors are replaced; what is
more than paths, texts and gray pictures (pictures in color, patterns, transparency) is drawn as a
gray picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

import PIL.Image
import pypdfium2
from PIL import ImageChops
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ContentStream, FloatObject, NameObject

from generator.work.locks import PDFIUM

_DPI: Final = 600
_MOST_PIXELS: Final = 12_000_000
_JPEG_QUALITY: Final = 95
COLORED: Final = 40
"""Difference between red, green and blue, of 255, that is no gray of a scan."""
_GRAY_MODES: Final = {"1", "L", "I", "I;16"}
_RED, _GREEN, _BLUE = 0.299, 0.587, 0.114
"""ITU-R BT.601, as Pillow has it."""
_TO_GRAY: Final = {b"rg": b"g", b"RG": b"G", b"k": b"g", b"K": b"G"}
_OTHER_COLORS: Final = {b"cs", b"CS", b"sc", b"SC", b"scn", b"SCN", b"sh", b"INLINE IMAGE"}


def in_gray(suffix: str, content: bytes, width_mm: float) -> tuple[str, bytes]:
    """Suffix and content of an image without colors; one that has none stays as it is.

    Args:
        suffix: ``.png``, ``.jpg``, ``.jpeg`` or ``.pdf``.
        width_mm: How wide it is printed.
    """
    if suffix != ".pdf":
        return suffix, _gray_picture(content)
    try:
        return suffix, _gray_pdf(content)
    except _Colorful:
        return ".png", _drawn(content, width_mm)


class _Colorful(Exception):
    """A PDF has colors that no operator sets, or is transparent."""


def has_colors(content: bytes) -> bool:
    """Whether a picture has more than shades of gray."""
    with PIL.Image.open(BytesIO(content)) as picture:
        bands = picture.convert("RGB").split()
    pairs = zip(bands, bands[1:] + bands[:1], strict=True)
    return any(ImageChops.difference(*pair).getextrema()[1] > COLORED for pair in pairs)  # type: ignore[operator]


def _gray_picture(content: bytes) -> bytes:
    sink = BytesIO()
    with PIL.Image.open(BytesIO(content)) as picture:
        if picture.mode in _GRAY_MODES and "transparency" not in picture.info:
            return content
        kind = picture.format
        if kind == "JPEG":
            picture.convert("L").save(sink, kind, quality=_JPEG_QUALITY)
        else:
            clear = picture.convert("RGBA")
            paper = PIL.Image.new("RGBA", clear.size, "white")
            PIL.Image.alpha_composite(paper, clear).convert("L").save(sink, kind, optimize=True)
    return sink.getvalue()


def _gray_pdf(content: bytes) -> bytes:
    """A PDF whose operators set grays.

    Raises:
        _Colorful: That does not do it.
    """
    page = PdfReader(BytesIO(content)).pages[0]
    _check_resources(page.get("/Resources", {}).get_object())
    stream = page.get_contents()
    if stream is None:
        return content
    parsed = ContentStream(stream, None)
    operations = [*_gray_operations(parsed.operations)]
    if operations == parsed.operations and "/Group" not in page:
        return content
    parsed.operations = operations
    page[NameObject("/Contents")] = parsed
    page.pop("/Group", None)
    sink = BytesIO()
    writer = PdfWriter()
    writer.add_page(page)
    writer.write(sink)
    return sink.getvalue()


def _check_resources(resources: Any) -> None:
    """Refuses what is not paths, texts and gray pictures alone."""
    if any(resources.get(name) for name in ("/Pattern", "/Shading", "/ColorSpace")):
        raise _Colorful
    for state in _members(resources, "/ExtGState"):
        opaque = all(float(state.get(name, 1)) == 1 for name in ("/ca", "/CA"))
        usual = state.get("/SMask", "/None") == "/None" and state.get("/BM", "/Normal") == "/Normal"
        if not (opaque and usual):
            raise _Colorful
    for picture in _members(resources, "/XObject"):
        gray = picture.get("/ColorSpace") == "/DeviceGray" or picture.get("/ImageMask")
        if picture.get("/Subtype") != "/Image" or "/SMask" in picture or not gray:
            raise _Colorful
    if any(font.get("/Subtype") == "/Type3" for font in _members(resources, "/Font")):
        raise _Colorful


def _members(resources: Any, kind: str) -> Iterator[Any]:
    found = resources.get(kind)
    for member in found.get_object().values() if found is not None else ():
        yield member.get_object()


def _gray_operations(operations: list[tuple[Any, bytes]]) -> Iterator[tuple[Any, bytes]]:
    for operands, operator in operations:
        if operator in _OTHER_COLORS:
            raise _Colorful
        if operator in _TO_GRAY:
            yield [FloatObject(f"{_gray(*map(float, operands)):.4f}")], _TO_GRAY[operator]
        else:
            yield operands, operator


def _gray(*channels: float) -> float:
    """Red, green and blue, or cyan, magenta, yellow and black, as a gray from 0 (black) to 1."""
    if len(channels) == 4:
        *inks, black = channels
        channels = tuple((1 - ink) * (1 - black) for ink in inks)
    red, green, blue = channels
    return min(1.0, max(0.0, _RED * red + _GREEN * green + _BLUE * blue))


def _drawn(content: bytes, width_mm: float) -> bytes:
    """A PDF as a gray PNG that is as sharp as print."""
    with PDFIUM:
        document = pypdfium2.PdfDocument(content)
        try:
            page = document[0]
            width_pt, height_pt = page.get_size()
            scale = width_mm / 25.4 * _DPI / width_pt
            scale = min(scale, (_MOST_PIXELS / (width_pt * height_pt)) ** 0.5)
            bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False)
            picture = bitmap.to_pil().convert("L")
        finally:
            document.close()
    sink = BytesIO()
    picture.save(sink, "PNG", optimize=True)
    return sink.getvalue()
