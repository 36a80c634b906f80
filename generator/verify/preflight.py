"""What PDF/A-1b (ISO 19005-1) and a black-and-white press demand of a print run, looked up in it.

Every run is looked at before it is handed over, so this must be quick and need no Java, as the
validators of the standard do. It looks at what is demanded of files such as these, object by
object: they have neither forms nor annotations nor attachments, and a file that has is refused.
`make test-hall` asks one of those validators, Preflight of Apache PDFBox, as well.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from mmap import mmap
from typing import Final, NamedTuple

from generator.stamp.pdf import PdfError, PdfFile, reference

_FORBIDDEN: Final = {
    rb"/Encrypt\b": "is encrypted (6.1.3)",
    rb"/(?:LZWDecode|Crypt)\b": "has a stream that is compressed by LZW or encrypted (6.1.10)",
    rb"/(?:ObjStm|XRef)\b": "has objects or the table of them in streams (6.1.4)",
    rb"/(?:EmbeddedFiles?|FFilter|F\s*\()": "refers to another file (6.1.7, 6.1.11)",
    rb"/OCProperties\b": "has layers (6.1.13)",
    rb"/(?:JavaScript|JS|Launch|AA|OpenAction|AcroForm|Annots)\b": "has actions, forms or "
    "annotations (6.5, 6.6, 6.9)",
    rb"/SMask\s*(?!/None)[\d<]|/S\s*/Transparency\b|/(?:CA|ca)\s+0?\.\d": "is transparent (6.4)",
    rb"/(?:TR|TR2|HTP|OPI|Alternates)\b": "has transfer functions or other images (6.2)",
    rb"/Interpolate\s+true": "has an image that is interpolated (6.2.4)",
    rb"/S\s*/PS\b|/Subtype\s*/PS\b": "has PostScript in it (6.2.7)",
    rb"/Device(?:RGB|CMYK)\b": "has colors",
}
_COLORED: Final = [
    # What begins with one letter is looked for ten times as fast as with one of several.
    re.compile(rb"%b(?<![\w/.]%b)(?=\s|\Z)" % (operator, operator))
    for operator in (b"rg", b"RG", b"k", b"K")
]
_FONT: Final = re.compile(rb"/Type\s*/Font\b(?!Descriptor)")
_DESCRIPTOR: Final = re.compile(rb"/Type\s*/FontDescriptor\b")
_FONT_FILE: Final = re.compile(rb"/FontFile[23]?\s+\d+ 0 R")
_SUBSET: Final = re.compile(rb"/FontName\s*/[A-Z]{6}\+(?=.*/FontFile3?\s)", re.DOTALL)
"""Of a Type 1 font, whose name has the tag of a subset."""
_VARIES: Final = re.compile(rb"\b\d+(?= 0 R\b)|(?<=/Length )\d+\b")
"""Numbers of objects, and lengths of streams: no demand depends on them."""
_STRING: Final = re.compile(rb"/(Title|Producer)\s*<([0-9A-Fa-f]*)>")


def preflight(data: bytes | mmap) -> list[str]:
    """All that is wrong with a file; nothing if it is PDF/A-1b, and black and gray alone."""
    try:
        file = PdfFile(data)
        wrong = [*_structure(file), *_metadata(file), *_intent(file), *_objects(file)]
    except (PdfError, ValueError, zlib.error) as error:
        return [f"cannot be read: {error}"]
    return list(dict.fromkeys(wrong))


def _structure(file: PdfFile) -> Iterator[str]:
    data = bytes(file.data[:64])
    if not re.match(rb"%PDF-1\.[0-4]\r?\n%[\x80-\xff]{4}", data):
        yield "has not the header of PDF 1.4 with four bytes above 127 (6.1.2)"
    if not re.search(rb"/ID\s*\[\s*<", bytes(file.data[-400:])):
        yield "has no /ID in its trailer (6.1.3)"
    if file.data.rfind(b"startxref") != file.data.find(b"startxref"):
        yield "was changed after it was written"


def _metadata(file: PdfFile) -> Iterator[str]:
    root = file.value(file.root)
    try:
        value, stream = file.parts(reference(root, b"Metadata"))
    except PdfError:
        yield "has no XMP metadata (6.7.2)"
        return
    text = (stream or b"").decode("utf-8", "replace")
    if b"/Filter" in value:
        yield "has XMP metadata with a filter (6.7.2)"
    if "<pdfaid:part>1</" not in text or "<pdfaid:conformance>B</" not in text:
        yield "does not say that it is PDF/A-1b (6.7.11)"
    info = re.search(rb"/Info (\d+) 0 R", bytes(file.data[-400:]))
    for name, encoded in _STRING.findall(file.value(int(info[1]))) if info else ():
        raw = bytes.fromhex(encoded.decode())
        said = raw[2:].decode("utf-16-be") if raw.startswith(b"\xfe\xff") else raw.decode()
        if said.replace("&", "&amp;").replace("<", "&lt;") not in text:
            yield f"says another {name.decode()} in its XMP metadata (6.7.3)"


def _intent(file: PdfFile) -> Iterator[str]:
    found = re.search(rb"/OutputIntents \[(\d+) 0 R\]", file.value(file.root))
    if found is None or b"/GTS_PDFA1" not in file.value(int(found[1])):
        yield "has no output intent (6.2.2)"
        return
    value, profile = file.parts(reference(file.value(int(found[1])), b"DestOutputProfile"))
    head = profile or b""
    if head[36:40] != b"acsp" or head[16:20] != b"GRAY" or b"/N 1" not in value:
        yield "has an output intent that is no ICC profile of gray (6.2.2)"


class _Seen(NamedTuple):
    """What is seen in the dictionary of an object.

    Attributes:
        wrong: What is wrong with it.
        is_bare_font: It is a font that should be embedded and has no descriptor.
        is_descriptor: It describes a font.
        draws: Its stream, where it has one, draws.
    """

    wrong: tuple[str, ...]
    is_bare_font: bool
    is_descriptor: bool
    draws: bool


def _objects(file: PdfFile) -> Iterator[str]:
    fonts = descriptors = 0
    known: dict[bytes, _Seen] = {}  # most objects are pages and their contents, and look alike
    for number in range(1, file.size):
        value, stream = file.parts(number)
        kind = _VARIES.sub(b"0", value)
        seen = known.get(kind)
        if seen is None:
            seen = known[kind] = _look_at(value)
        fonts += seen.is_bare_font
        descriptors += seen.is_descriptor
        yield from seen.wrong
        if stream is not None and seen.draws and _is_colored(_plain(value, stream)):
            yield "has colors"
    if fonts:
        yield f"has {fonts} fonts that are not embedded (6.3.4)"
    if not descriptors:
        yield "has no fonts"


def _look_at(value: bytes) -> _Seen:
    """Looks at the dictionary of an object, or another value."""
    wrong = [what for pattern, what in _FORBIDDEN.items() if re.search(pattern, value)]
    is_simple = _FONT.search(value) and b"/Type0" not in value
    is_bare = bool(is_simple and b"/FontDescriptor" not in value and b"/Type3" not in value)
    is_descriptor = bool(_DESCRIPTOR.search(value))
    if is_descriptor and not _FONT_FILE.search(value):
        wrong.append("has a font that is not embedded (6.3.4)")
    if is_descriptor and _SUBSET.search(value) and b"/CharSet" not in value:
        wrong.append("has a subset of a font without the list of its glyphs (6.3.5)")
    return _Seen(tuple(wrong), is_bare, is_descriptor, _draws(value))


def _draws(value: bytes) -> bool:
    """Whether a stream is one that draws: contents of a page, or a figure."""
    return (b"/Subtype" not in value and b"/N 1" not in value and b"/Length1" not in value) or (
        b"/Subtype /Form" in value
    )


def _is_colored(plain: bytes) -> bool:
    """Whether a content has an operator that sets a color."""
    return any(operator.search(plain) for operator in _COLORED)


def _plain(value: bytes, stream: bytes) -> bytes:
    return zlib.decompress(stream) if b"/FlateDecode" in value else stream
