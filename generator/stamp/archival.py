"""What makes a PDF an archival one: PDF/A-1b (ISO 19005-1), in shades of gray.

Streams, fonts and the file's structure are as the standard wants them anyway. What is left is to
say in XMP what the file is, and by an ICC profile what its grays are.
"""

from __future__ import annotations

import struct
from functools import cache
from typing import Final
from xml.sax.saxutils import escape

from generator.stamp.pdf import PdfWriter, stream_object

GAMMA: Final = 2.2
_D50: Final = (0.9642, 1.0, 0.8249)
"""The white of the profile connection space (ICC.1:2001-04, 6.3.4.3)."""

_XMP: Final = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<pdf:Producer>{producer}</pdf:Producer></rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"""


def write_archival(writer: PdfWriter, title: str, producer: str) -> bytes:
    """Writes what a PDF/A-1b has besides.

    Args:
        title: As in the information dictionary, as is `producer`: both must say the same.

    Returns:
        Entries of the catalog, each with a blank in front.
    """
    xmp = _XMP.format(title=escape(title), producer=escape(producer)).encode()
    # Whoever looks for it must find it without decoding anything: no filter (6.7.2).
    metadata = writer.add(stream_object(xmp, b"/Type /Metadata /Subtype /XML"))
    profile = writer.add(stream_object(gray_profile(), b"/N 1"))
    intent = writer.add(
        b"<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (Gray gamma 2.2) "
        b"/Info (Gray gamma 2.2) /DestOutputProfile %d 0 R >>" % profile
    )
    return b" /Metadata %d 0 R /OutputIntents [%d 0 R]" % (metadata, intent)


@cache
def gray_profile() -> bytes:
    """An ICC profile of gray with a gamma (ICC.1:2001-04, version 2.4)."""
    tags = {
        b"desc": _described(b"Gray gamma 2.2"),
        b"cprt": b"text\0\0\0\0" + b"No copyright\0",
        b"wtpt": b"XYZ \0\0\0\0" + b"".join(map(_fixed, _D50)),
        b"kTRC": b"curv\0\0\0\0" + struct.pack(">IH", 1, round(GAMMA * 256)),
    }
    start = 128 + 4 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += name + struct.pack(">II", start + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    size = start + len(data)
    head = struct.pack(">I4sI4s4s4s", size, b"\0\0\0\0", 0x02400000, b"mntr", b"GRAY", b"XYZ ")
    head += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    head += b"".join(map(_fixed, _D50))
    return head + bytes(128 - len(head)) + table + data


def _described(name: bytes) -> bytes:
    """A text in ASCII; its forms in Unicode and ScriptCode are empty (6.5.17)."""
    plain = struct.pack(">I", len(name) + 1) + name + b"\0"
    return b"desc\0\0\0\0" + plain + bytes(8) + bytes(3 + 67)


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))
