"""PDF as a file of numbered objects: reading what pdfTeX wrote, writing finished documents.

A finished document is put together from pieces that are already in their final form: streams stay
compressed as they came. The reader therefore gives the bytes of objects, and the writer takes
bytes. What needs to be understood (fonts, resources) is read by ``pypdf``.

Both sides know plain cross-reference tables only (ISO 32000-1, 7.5.4), which pdfTeX writes with
``\\pdfobjcompresslevel=0`` and which every archival format allows.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from io import BytesIO
from mmap import mmap
from typing import BinaryIO, Final

from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from generator.errors import CopyError

_ENTRY_LENGTH: Final = 20  # of the cross-reference table
_START: Final = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*\Z")
_TABLE: Final = re.compile(rb"xref\s+0 (\d+)\s*?\n")
_HEAD: Final = re.compile(rb"(\d+) 0 obj\s*")
_STREAM: Final = re.compile(rb"\s*stream\r?\n")
_LENGTH: Final = re.compile(rb"/Length\s+(\d+)(?!\d*\s+\d+\s+R)")
_LENGTH_ELSEWHERE: Final = re.compile(rb"/Length\s+(\d+)\s+0\s+R\b")
_ROOT: Final = re.compile(rb"/Root\s+(\d+) 0 R")
_REFERENCE: Final = re.compile(rb"\b(\d+) 0 R\b")
_PARENT: Final = re.compile(rb"/Parent (\d+) 0 R")
_IN_TREE: Final = re.compile(rb"/Type /Pages|/Parent \d+ 0 R|/Count \d+|/Kids \[[^\]]*\]")


class PdfError(CopyError):
    """A PDF that is not as it should be."""


class PdfFile:
    """The objects of a PDF, by number.

    Attributes:
        data: The whole file, in memory or mapped.
        size: Object numbers are below this.
        root: Number of the catalog.
        table: Where the cross-reference table starts.
    """

    def __init__(self, data: bytes | mmap, *, keeps: bool = False) -> None:
        """Reads where the objects are.

        Args:
            data: The whole file.
            keeps: Whether objects that were read are kept: for small files that are read twice.

        Raises:
            PdfError: If there is no plain cross-reference table.
        """
        self._kept: dict[int, tuple[bytes, bytes | None]] | None = {} if keeps else None
        start = _START.search(data, max(0, len(data) - 64))
        table = _TABLE.match(data, int(start[1])) if start else None
        if not table:
            raise PdfError("not a finished PDF with a plain cross-reference table")
        self.data = data
        self.size = int(table[1])
        self.table = table.start()
        self._entries = table.end()
        root = _ROOT.search(data, self._entries + self.size * _ENTRY_LENGTH)
        if not root:
            raise PdfError("a PDF without a catalog")
        self.root = int(root[1])
        self._pages: list[int] | None = None

    def offset(self, number: int) -> int:
        """Returns where an object starts."""
        entry = self._entries + number * _ENTRY_LENGTH
        return int(self.data[entry : entry + 10])

    def has_entries(self, table: bytes) -> bool:
        """Whether the cross-reference table begins with some entries, byte by byte."""
        return self.data[self._entries : self._entries + len(table)] == table

    def begins_with(self, number: int, body: bytes) -> bool:
        """Whether an object is, or begins with, these bytes."""
        head = _HEAD.match(self.data, self.offset(number))
        return head is not None and self.data[head.end() : head.end() + len(body)] == body

    def parts(self, number: int) -> tuple[bytes, bytes | None]:
        """Returns an object: its dictionary (or other value), and its raw stream if it has one."""
        if self._kept is None:
            return self._read(number)
        if number not in self._kept:
            self._kept[number] = self._read(number)
        return self._kept[number]

    def _read(self, number: int) -> tuple[bytes, bytes | None]:
        data, head, offset = self.data, b"%d 0 obj" % number, self.offset(number)
        start = offset + len(head)
        if data[offset:start] != head:
            raise PdfError(f"object {number} is not where it should be")
        end = data.find(b"endobj", start)
        if end < 0:
            raise PdfError(f"object {number} has no end")
        value_end = data.find(b"stream", start, end)
        if value_end < 0:
            return data[start:end].strip(), None
        value = data[start:value_end].strip()
        stream = _STREAM.match(self.data, value_end)
        length = self._length(value)
        if not stream or length is None:
            raise PdfError(f"object {number} is a stream without a length")
        stream_end = stream.end() + length
        if not self.data[stream_end : stream_end + 12].lstrip().startswith(b"endstream"):
            raise PdfError(f"the stream of object {number} has not the length that it names")
        return value, self.data[stream.end() : stream_end]

    def _length(self, value: bytes) -> int | None:
        """The length of a stream, which an included PDF may state in an object of its own."""
        if length := _LENGTH.search(value):
            return int(length[1])
        elsewhere = _LENGTH_ELSEWHERE.search(value)
        return int(self.value(int(elsewhere[1]))) if elsewhere else None

    def value(self, number: int) -> bytes:
        """Returns the dictionary of an object as it is written."""
        return self.parts(number)[0]

    def pages(self) -> list[int]:
        """Returns the numbers of the page objects in the order of the pages."""
        if self._pages is None:
            self._pages = list(self._leaves(self._reference(self.root, b"Pages")))
        return list(self._pages)

    def content(self, index: int) -> bytes:
        """Returns the operators of a page, counted from 0, without their compression."""
        value = self.value(self.pages()[index])
        start = value.index(b"/Contents")
        end = value.find(b"]", start)
        parts = (self.parts(it) for it in references(value[start : end if end > 0 else None]))
        return b"\n".join(
            zlib.decompress(stream) if b"/Filter" in head else stream
            for head, stream in parts
            if stream is not None
        )

    def _leaves(self, number: int) -> Iterator[int]:
        value = self.value(number)
        kids = value.find(b"/Kids")
        if kids < 0:
            yield number
            return
        for kid in references(value[kids : value.index(b"]", kids)]):
            yield from self._leaves(kid)

    def _reference(self, number: int, key: bytes) -> int:
        return reference(self.value(number), key)


def page_digests(
    file: PdfFile, known: dict[int, bytes] | None = None, known_end: int = 0
) -> Iterator[bytes]:
    """Digests of all that each page of a PDF shows; equal pages have equal ones in any file.

    They cover the page, what it inherits, and what these refer to, but no object numbers.

    Args:
        known: Digests of objects that other files have too; takes what is found.
        known_end: The last number of such an object.
    """
    digests = _Digests(file, {} if known is None else known, known_end)
    for number in file.pages():
        yield digests.page(number)


def content_digests(file: PdfFile) -> Iterator[tuple[list[bytes], bytes]]:
    """Of each page the streams of its contents, and the digest of all that it inherits."""
    digests = _Digests(file, {}, 0)
    for number in file.pages():
        value = file.value(number)
        parent, *contents = references(value)
        yield [file.parts(content)[1] or b"" for content in contents], digests.node(parent)


class _Digests:
    """Digests of objects and pages; remembers those of objects that pages share."""

    def __init__(self, file: PdfFile, shared: dict[int, bytes], shared_end: int) -> None:
        self._file = file
        self._shared = shared
        self._shared_end = shared_end
        self._own: dict[int, bytes] = {}
        self._nodes: dict[int, bytes] = {}

    def page(self, number: int) -> bytes:
        value = self._file.value(number)
        entries = _REFERENCE.sub(self._object, _IN_TREE.sub(b"", value))
        return self._with_inherited(value, entries)

    def _with_inherited(self, value: bytes, entries: bytes) -> bytes:
        parent = _PARENT.search(value)
        inherited = self.node(int(parent[1])) if parent else b""
        entries = b" ".join(entries.split())
        bare = entries == b"<< >>"
        return inherited if bare else hashlib.sha256(entries + inherited).digest()

    def node(self, number: int) -> bytes:
        """A node of the page tree, with the nodes above it."""
        if number not in self._nodes:
            value = self._file.value(number)
            entries = _REFERENCE.sub(self._remembered, _IN_TREE.sub(b"", value))
            self._nodes[number] = self._with_inherited(value, entries)
        return self._nodes[number]

    def _remembered(self, match: re.Match[bytes]) -> bytes:
        number = int(match[1])
        digests = self._shared if number <= self._shared_end else self._own
        if number not in digests:
            digests[number] = self._object(match)
        return digests[number]

    def _object(self, match: re.Match[bytes]) -> bytes:
        value, stream = self._file.parts(int(match[1]))
        shown = _REFERENCE.sub(self._remembered, value) + b"\n" + (stream or b"")
        return hashlib.sha256(shown).hexdigest().encode("ascii")


def reference(value: bytes, key: bytes) -> int:
    """Returns the number of the object that an entry of a dictionary refers to.

    Raises:
        PdfError: It has no such entry, or one that refers to nothing.
    """
    match = re.search(rb"/" + key + rb"\s+(\d+) 0 R\b", value)
    if not match:
        raise PdfError(f"no reference /{key.decode()} in {value[:60]!r}")
    return int(match[1])


def references(value: bytes) -> list[int]:
    """Returns the numbers of all objects that a value refers to, in order.

    Only for values without literal strings, which might hold what looks like a reference.
    """
    return [int(number) for number in _REFERENCE.findall(value)]


def renumbered(value: bytes, number_of: Callable[[int], int]) -> bytes:
    """Returns a value with other numbers in its references; see `references`."""
    return _REFERENCE.sub(lambda match: b"%d 0 R" % number_of(int(match[1])), value)


def renumbered_body(file: PdfFile, number: int, number_of: Callable[[int], int]) -> bytes:
    """Returns an object with other numbers in its references; see `references`."""
    value, stream = file.parts(number)
    value = renumbered(value, number_of)
    return value if stream is None else b"%b\nstream\n%b\nendstream" % (value, stream)


@lru_cache(maxsize=64)
def inflated(stream: bytes) -> bytes:
    """Returns what a compressed stream holds: the pages of a copy are asked for at several stages.

    Raises:
        zlib.error: It is damaged.
    """
    return zlib.decompress(stream)


def stream_object(data: bytes, entries: bytes = b"/Filter /FlateDecode") -> bytes:
    """Returns the body of a stream object; all entries of its dictionary but the length."""
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(data), entries, data)


def hexadecimal(text: str) -> bytes:
    """Returns a text as a PDF string: hexadecimal, so that it never looks like anything else."""
    data = text.encode("ascii") if text.isascii() else b"\xfe\xff" + text.encode("utf-16-be")
    return b"<%b>" % data.hex().encode("ascii")


Change = Callable[[IndirectObject, Callable[[IndirectObject], bytes]], bytes | None]


class Interner:
    """Copies objects out of a PDF that ``pypdf`` reads, equal ones once.

    Two objects are equal if they and everything that they refer to have the same bytes.

    Attributes:
        bodies: The objects so far; the first one has the number 1.
    """

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self._numbers: dict[bytes, int] = {}

    def add(self, body: bytes) -> int:
        """Adds an object whose references are already numbers of this interner."""
        number = self._numbers.get(body)
        if number is None:
            self.bodies.append(body)
            number = self._numbers[body] = len(self.bodies)
        return number

    def source(
        self, file: PdfFile, change: Change = lambda target, refer: None
    ) -> Callable[[PdfObject], bytes]:
        """Returns the function that writes values of a PDF and interns what they refer to.

        Args:
            file: The PDF.
            change: Gives an object another body, or None to leave it as it is.
        """
        known: dict[int, bytes] = {}

        def refer(target: IndirectObject) -> bytes:
            if target.idnum not in known:
                body = change(target, refer) or object_body(file, target, refer)
                known[target.idnum] = b"%d 0 R" % self.add(body)
            return known[target.idnum]

        return lambda value: serialize(value, refer)


def object_body(
    file: PdfFile, target: IndirectObject, refer: Callable[[IndirectObject], bytes]
) -> bytes:
    """Returns an object as it is to be written, streams as they are encoded.

    Raises:
        PdfError: Its stream is read in two ways.
    """
    value = target.get_object()
    if value is None:
        return b"null"
    if not isinstance(value, StreamObject):
        return serialize(value, refer)
    stream = file.parts(target.idnum)[1]
    if stream is None:
        raise PdfError(f"object {target.idnum} is read in two ways")
    entries = {key: item for key, item in dict.items(value) if key != "/Length"}
    return stream_object(stream, _entries(entries, refer))


def serialize(value: PdfObject, refer: Callable[[IndirectObject], bytes]) -> bytes:
    """Writes a value that ``pypdf`` has read, on one line; strings are written in hexadecimal.

    Args:
        value: Anything but a stream.
        refer: Writes a reference.
    """
    if isinstance(value, IndirectObject):
        return refer(value)
    if isinstance(value, DictionaryObject):
        return b"<< %b >>" % _entries(dict(dict.items(value)), refer)
    if isinstance(value, ArrayObject):
        return b"[%b]" % b" ".join(serialize(item, refer) for item in value)
    if isinstance(value, TextStringObject | ByteStringObject):
        return b"<%b>" % value.original_bytes.hex().encode("ascii")
    buffer = BytesIO()
    value.write_to_stream(buffer)
    return buffer.getvalue()


def _entries(entries: Mapping[str, PdfObject], refer: Callable[[IndirectObject], bytes]) -> bytes:
    return b" ".join(
        b"%b %b" % (key.encode("ascii"), serialize(item, refer)) for key, item in entries.items()
    )


class PdfWriter:
    """Writes a PDF object by object; memory holds 20 bytes an object and nothing else.

    The document's ``/ID`` is a digest of its objects: equal documents have equal bytes, dates are
    not written.
    """

    def __init__(self, sink: BinaryIO, start: Prefix) -> None:
        """Starts a document.

        Args:
            sink: Where it goes; written from the front to the back, without seeking.
            start: The objects that it starts with, written at once.
        """
        self._sink = sink
        self._table = bytearray(start.table)
        self._digest = hashlib.sha256(start.digest)
        self._position = len(start.data)
        sink.write(start.data)

    def reserve(self) -> int:
        """Takes the next number for an object that will be put later."""
        self._table += _free_entry()
        return len(self._table) // _ENTRY_LENGTH - 1

    def put(self, number: int, body: bytes) -> None:
        """Writes an object under a number that was reserved."""
        entry = number * _ENTRY_LENGTH
        self._table[entry : entry + _ENTRY_LENGTH] = _used_entry(self._position)
        data = b"%d 0 obj\n%b\nendobj\n" % (number, body)
        self._position += len(data)
        self._digest.update(data)
        self._sink.write(data)

    def add(self, body: bytes) -> int:
        """Writes an object under the next number, and returns that."""
        number = self.reserve()
        self.put(number, body)
        return number

    def close(self, root: int, info: int) -> None:
        """Writes the cross-reference table and the trailer.

        Args:
            root: Number of the catalog.
            info: Number of the information dictionary.
        """
        size = len(self._table) // _ENTRY_LENGTH
        identity = self._digest.hexdigest()[:32].encode("ascii")
        self._sink.write(b"xref\n0 %d\n" % size)
        self._sink.write(self._table)
        self._sink.write(
            b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%b> <%b>] >>\n"
            b"startxref\n%d\n%%%%EOF\n" % (size, root, info, identity, identity, self._position)
        )


def joined_pages(pdfs: Iterable[bytes], entries: bytes) -> bytes:
    """Returns a PDF of the pages of others, one after the other; nothing else of these is taken.

    Args:
        pdfs: Their pages have all that they need themselves, and inherit nothing.
        entries: Of the information dictionary.

    Raises:
        PdfError: If one has no plain cross-reference table.
    """
    sink = BytesIO()
    writer = PdfWriter(sink, Prefix())
    tree, root, info = writer.reserve(), writer.reserve(), writer.reserve()
    pages: list[int] = []
    for pdf in pdfs:
        file = PdfFile(pdf)
        numbers = {reference(file.value(file.root), b"Pages"): tree}
        found = file.pages()
        waiting = list(reversed(found))
        numbers |= {page: writer.reserve() for page in found}
        pages += (numbers[page] for page in found)

        def number_of(
            old: int, numbers: dict[int, int] = numbers, todo: list[int] = waiting
        ) -> int:
            if old not in numbers:
                numbers[old] = writer.reserve()
                todo.append(old)
            return numbers[old]

        while waiting:
            old = waiting.pop()
            writer.put(numbers[old], renumbered_body(file, old, number_of))
    kids = b" ".join([b"%d 0 R" % page for page in pages])
    writer.put(tree, b"<< /Type /Pages /Count %d /Kids [%b] >>" % (len(pages), kids))
    writer.put(root, b"<< /Type /Catalog /Pages %d 0 R >>" % tree)
    writer.put(info, b"<< %b >>" % entries)
    writer.close(root, info)
    return sink.getvalue()


def append_update(file: PdfFile, bodies: Sequence[bytes]) -> bytes:
    """Returns a file with more objects, as an update behind it (ISO 32000-1, 7.5.6).

    Args:
        bodies: They get the numbers from ``file.size`` on; the last one is the new catalog.
    """
    data = bytearray(file.data)
    entries = []
    for number, body in enumerate(bodies, file.size):
        entries.append(_used_entry(len(data)))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    size = file.size + len(bodies)
    table = b"xref\n%d %d\n%b" % (file.size, len(bodies), b"".join(entries))
    trailer = b"trailer\n<< /Size %d /Root %d 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(data + table + trailer % (size, size - 1, file.table, len(data)))


class Prefix:
    """The first objects of a document in their final form, for many documents that start alike.

    Attributes:
        data: The file's header and the objects.
        table: Their entries in the cross-reference table, that of object 0 included.
        digest: Digest of the data.
    """

    def __init__(self, bodies: Iterable[bytes] = ()) -> None:
        """Puts objects under the numbers from 1 on."""
        # The four bytes above 127 tell programs that move files that this is no text (7.5.2).
        data = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
        table = bytearray(b"0000000000 65535 f \n")
        for number, body in enumerate(bodies, 1):
            table += _used_entry(len(data))
            data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
        self.data = bytes(data)
        self.table = bytes(table)
        self.digest = hashlib.sha256(data).digest()


def _used_entry(offset: int) -> bytes:
    return b"%010d 00000 n \n" % offset


def _free_entry() -> bytes:
    return b"0000000000 00000 f \n"
