"""Reading and writing PDFs object by object."""

from __future__ import annotations

import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    ByteStringObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NullObject,
    NumberObject,
    TextStringObject,
)

from generator.stamp.pdf import (
    Interner,
    PdfError,
    PdfFile,
    PdfWriter,
    Prefix,
    hexadecimal,
    reference,
    references,
    renumbered,
    renumbered_body,
    serialize,
    stream_object,
)

# What a compressed stream may well hold by chance.
TREACHEROUS = b"\x00endobj\nendstream\nstream\n1 0 obj\nxref\n\xff\r\n"


def small_document(pages: int = 3, start: tuple[bytes, ...] = ()) -> bytes:
    """A document with a page tree of two levels; each page has a content of its own."""
    sink = BytesIO()
    writer = PdfWriter(sink, Prefix(start))
    root, top, node, info = (writer.reserve() for _ in range(4))
    kids = []
    for page in range(pages):
        content = writer.add(stream_object(b"%% %d %b" % (page, TREACHEROUS), b""))
        body = b"<< /Type /Page /Parent %d 0 R /Contents %d 0 R >>"
        kids.append(writer.add(body % (node if page else top, content)))
    listed = b" ".join(b"%d 0 R" % kid for kid in kids[1:])
    size = b"/MediaBox [0 0 100 100] /Resources << >>"
    tree = b"<< /Type /Pages /Count %d /Kids [%d 0 R\n%d 0 R] %b >>"
    writer.put(top, tree % (pages, kids[0], node, size))
    inner = b"<< /Type /Pages /Parent %d 0 R /Count %d /Kids [%b] >>"
    writer.put(node, inner % (top, pages - 1, listed))
    writer.put(root, b"<< /Type /Catalog /Pages %d 0 R >>" % top)
    writer.put(info, b"<< /Title %b >>" % hexadecimal("Wörter (1 0 R)"))
    writer.close(root, info)
    return sink.getvalue()


def read_everything(data: bytes) -> None:
    file = PdfFile(data)
    for number in range(1, file.size):
        file.parts(number)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    data = small_document()
    file = PdfFile(data)
    contents = [
        file.parts(reference(file.value(page), b"Contents"))[1] or b"" for page in file.pages()
    ]
    assert contents == [b"%% %d %b" % (page, TREACHEROUS) for page in range(3)]
    path = tmp_path / "small.pdf"
    path.write_bytes(data)
    checked = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    reader = PdfReader(BytesIO(data), strict=True)
    assert len(reader.pages) == 3
    assert reader.metadata is not None
    assert reader.metadata.title == "Wörter (1 0 R)"


def test_a_prefix_is_the_same_as_its_objects_one_by_one() -> None:
    start = (b"<< /A 1 >>", stream_object(b"x", b""))
    file = PdfFile(small_document(start=start))
    assert file.parts(1) == (b"<< /A 1 >>", None)
    assert file.parts(2)[1] == b"x"


def test_the_identity_comes_from_the_content() -> None:
    def identity(data: bytes) -> bytes:
        return data[data.rindex(b"/ID") :].split(b">", 1)[0]

    same, other = small_document(), small_document(4)
    assert same == small_document()
    assert identity(same) == identity(small_document())
    assert identity(same) != identity(other)
    assert identity(same) != identity(small_document(start=(b"null",)))


@pytest.mark.parametrize("damage", ["truncated", "shifted", "empty", "no PDF", "wrong length"])
def test_damaged_files_are_refused(damage: str) -> None:
    data = small_document()
    damaged = {
        "truncated": data[: len(data) // 2],
        "shifted": data.replace(b"%PDF-1.4\n", b"%PDF-1.4\n\n"),
        "empty": b"",
        "no PDF": b"startxref\n5\n%%EOF\n",
        "wrong length": data.replace(b"/Length 4", b"/Length 3"),
    }[damage]
    assert damaged != data
    with pytest.raises(PdfError):
        read_everything(damaged)


def test_a_missing_reference_names_its_key() -> None:
    with pytest.raises(PdfError, match="/Contents"):
        reference(b"<< /ContentsX 3 0 R >>", b"Contents")


def test_references_are_found_and_renumbered() -> None:
    value = b"<< /A 12 0 R /B [1 0 R 2 0 R] /C 0 /D 10.5 >>"
    assert references(value) == [12, 1, 2]
    assert renumbered(value, lambda n: n + 100) == (
        b"<< /A 112 0 R /B [101 0 R 102 0 R] /C 0 /D 10.5 >>"
    )


def test_a_stream_is_never_renumbered() -> None:
    start = (stream_object(b"1 0 R", b"/X 1 0 R"),)
    body = renumbered_body(PdfFile(small_document(start=start)), 1, lambda _: 7)
    assert body == stream_object(b"1 0 R", b"/X 7 0 R")


def test_values_are_written_as_they_were() -> None:
    value = DictionaryObject(
        {
            NameObject("/A"): ArrayObject(
                [NumberObject(-3), FloatObject("0.24"), BooleanObject(True), NullObject()]
            ),
            NameObject("/B"): DictionaryObject({NameObject("/C"): NameObject("/pgf@ca0.5")}),
            NameObject("/S"): ByteStringObject(b"a(1 0 R\x00"),
            NameObject("/R"): IndirectObject(4, 0, None),
        }
    )
    assert serialize(value, lambda target: b"<%d>" % target.idnum) == (
        b"<< /A [-3 0.24 true null] /B << /C /pgf@ca0.5 >> /S <6128312030205200> /R <4> >>"
    )
    assert serialize(TextStringObject("/a/b"), lambda _: b"") == b"<2f612f62>"


def test_equal_objects_are_interned_once() -> None:
    start = (
        b"<< /Font 2 0 R /Other 3 0 R >>",
        b"<< /File 4 0 R >>",
        b"<< /File 5 0 R >>",
        stream_object(TREACHEROUS, b""),
        stream_object(TREACHEROUS, b""),
        b"<< /File 7 0 R >>",
        stream_object(b"another", b""),
    )
    data = small_document(start=start)
    file, reader = PdfFile(data), PdfReader(BytesIO(data))
    interner = Interner()
    write = interner.source(file)
    written = [write(IndirectObject(number, 0, reader)) for number in (2, 3, 6, 1)]
    assert written == [b"2 0 R", b"2 0 R", b"4 0 R", b"5 0 R"]
    assert interner.bodies[1] == b"<< /File 1 0 R >>"
    assert interner.bodies[0] == stream_object(TREACHEROUS, b"")
    assert interner.bodies[4] == b"<< /Font 2 0 R /Other 2 0 R >>"
    again = interner.source(file)
    assert again(IndirectObject(6, 0, reader)) == b"4 0 R"
    assert len(interner.bodies) == 5
