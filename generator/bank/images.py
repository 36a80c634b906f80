"""Image files of a bank: PNG, JPEG, PDF and SVG, looked at before anything is typeset.

What pdfTeX would stumble over, leave out or turn, and what would swell every copy, is refused here
with what to do about it; so TeX is only handed what it can include.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import PurePath
from typing import Final

MOST_BYTES: Final = 2_000_000
"""Each copy has its images in its file."""

MOST_PIXELS: Final = 25_000_000
_PICTURES: Final = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
_MM_PER_INCH: Final = 25.4
_PRINTED_DPI: Final = 300
_ORIENTATION: Final = 0x0112  # Exif: the camera was held on its side
_UPRIGHT: Final = (None, 1)
_LINK: Final = re.compile(rb"""(?:href\s*=\s*["']|url\(\s*["']?)\s*([^#"'\s)][^"')]*)""")
_SHOWN: Final = 60


class ImageError(ValueError):
    """A file that cannot be printed; the message says what to do."""


def check_size(size_bytes: int, width_mm: float) -> None:
    """Refuses a file that is too large, before it is read.

    Args:
        width_mm: How wide it is printed.

    Raises:
        ImageError: It is, or it is empty.
    """
    if not size_bytes:
        raise ImageError("is empty; export it again")
    if size_bytes > MOST_BYTES:
        pixels = round(width_mm / _MM_PER_INCH * _PRINTED_DPI)
        raise ImageError(
            f"has {size_bytes / 1e6:.1f} MB, and every copy would; at most "
            f"{MOST_BYTES / 1e6:.0f} MB: {pixels} pixels across are enough for {width_mm:g} mm"
        )


def check_image(name: str, content: bytes) -> None:
    """Refuses what pdfTeX could not include as it is meant.

    Args:
        name: Its suffix says what it is.

    Raises:
        ImageError: It is not what its name says, or cannot be read.
    """
    _CHECKS[_suffix(name)](content)


def printable(name: str, content: bytes) -> tuple[str, bytes]:
    """Suffix and content of an image as pdfTeX includes it: an SVG becomes a PDF.

    Raises:
        ImageError: An SVG cannot be drawn.
    """
    suffix = _suffix(name)
    return (".pdf", _drawn(content)) if suffix == ".svg" else (suffix, content)


def _suffix(name: str) -> str:
    return PurePath(name).suffix.lower()


def _check_picture(content: bytes, kind: str) -> None:
    import PIL.Image  # few banks have images

    try:
        with PIL.Image.open(BytesIO(content)) as picture:
            if picture.format != kind:
                raise ImageError(f"is no {kind} but {picture.format}; name it by what it is")
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise ImageError(
                    f"has {width} × {height} pixels; at most {MOST_PIXELS / 1e6:.0f} million: "
                    "scale it down"
                )
            if kind == "JPEG" and picture.getexif().get(_ORIENTATION) not in _UPRIGHT:
                raise ImageError("is turned by its Exif data alone; save it upright, without them")
            picture.load()
    except ImageError:
        raise
    # Pillow raises whatever its decoders do.
    except Exception as error:
        raise ImageError(
            f"cannot be read as {kind}: {_first_line(error)}; export it again"
        ) from None


def _check_pdf(content: bytes) -> None:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it says here what is wrong
    try:
        reader = PdfReader(BytesIO(content), strict=False)
        if reader.is_encrypted:
            raise ImageError("is encrypted; save it without a password")
        count = len(reader.pages)
    except ImageError:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError, OSError) as error:
        raise ImageError(f"cannot be read as PDF: {_first_line(error)}; export it again") from None
    if count != 1:
        raise ImageError(f"has {count} pages; save the one that is the figure by itself")


def _check_svg(content: bytes) -> None:
    for match in _LINK.finditer(content):
        link = match[1].decode("utf-8", "replace")
        if not link.startswith(("data:", "http://www.w3.org/")):
            raise ImageError(
                f"refers to {link[:_SHOWN]!r}, which is another file; put it into the SVG"
            )
    _check_pdf(_drawn(content))


@lru_cache(maxsize=32)
def _drawn(content: bytes) -> bytes:
    # It is imported where a bank has an SVG; most have none.
    import cairosvg

    try:
        return bytes(cairosvg.svg2pdf(bytestring=content))
    # CairoSVG raises whatever the XML and its numbers lead to.
    except Exception as error:
        raise ImageError(f"cannot be drawn as SVG: {_first_line(error)}; export it again") from None


def _first_line(error: Exception) -> str:
    said = str(error).strip().splitlines()
    return said[0][:_SHOWN] if said else type(error).__name__


_CHECKS: Final[Mapping[str, Callable[[bytes], None]]] = {
    **{
        suffix: lambda content, kind=kind: _check_picture(content, kind)  # type: ignore[misc]
        for suffix, kind in _PICTURES.items()
    },
    ".pdf": _check_pdf,
    ".svg": _check_svg,
}
