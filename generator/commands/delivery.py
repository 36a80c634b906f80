"""What goes to the print shop in one archive, and the check of one that was received.

The check needs no bank and no secret: the archive says itself what is in it.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyzipper

from generator.errors import Complaint, CopyError, InputError
from generator.files.whole import write_whole
from generator.language.catalogue import DEFAULT, load_catalogue
from generator.record.batch import open_batch
from generator.record.ledger import Ledger
from generator.release.amend import amending
from generator.release.place import Place, place_of
from generator.release.recipients import SUMS
from generator.verify.preflight import preflight
from generator.verify.readback import PageReading, read_booklet, read_pages

PACKED = "packed"
TICKET = "job-ticket.json"
README = "README.txt"
FIRST_DATE = (1980, 1, 1, 0, 0, 0)
"""Of all files in archives: the same files make the same archive."""
MAX_BYTES = 20_000_000_000


# --- packing ------------------------------------------------------------------------------------


def pack(exam_file: Path, out: Path, passphrase: str | None) -> str:
    """Packs the print shop's folder into ``OUT/<exam id>-print-shop.zip``.

    Args:
        passphrase: For AES-256; None for an archive that everybody can open.

    Raises:
        InputError: There is no batch, or the folder is not as it was released.
        CopyError: A run is no PDF/A-1b, or not black alone.
    """
    place = place_of(exam_file, out)
    archive = out / f"{place.exam_id}-print-shop.zip"
    with amending(place) as amendment:
        folder = place.folder / "print-shop"
        files = {path: (folder / path).read_bytes() for path in _names(folder)}
        if wrong := [*_wrong_sums(files)]:
            message = "build again, then pack"
            raise InputError(
                [
                    Complaint(str(folder / name), 0, 0, "", f"{what}; {message}")
                    for name, what in wrong
                ]
            )
        if unfit := [*_unfit(files)]:
            raise CopyError(unfit, advice="Nothing was packed. Build with this version, then pack.")
        readme = _readme(
            _language(place, amendment.ledger), place.exam_id, json.loads(files[TICKET])
        )
        content = zipped({**files, README: readme.encode()}, passphrase)
        write_whole(archive, content)
        digest = hashlib.sha256(content).hexdigest()
        amendment.ledger.note(PACKED, (), "", {"sha256": digest, "encrypted": bool(passphrase)})
    size = f"{len(content) / 1e6:.1f} MB, SHA-256 {digest}"
    locked = "encrypted; tell the passphrase by another way" if passphrase else "not encrypted"
    return f"{archive}: {size}; {locked}"


def _language(place: Place, ledger: Ledger) -> str:
    """That of the exam; versions that kept no bank did not know of any but English."""
    if not ledger.sources:
        return DEFAULT
    with open_batch(place.folder) as batch:
        return batch.exam.conventions.language


def _readme(language: str, exam_id: str, ticket: Mapping[str, Any]) -> str:
    say = load_catalogue(language).text
    pages = say("office.pages", count=int(ticket["pages_per_copy"]))
    return say("office.shop_readme", exam=exam_id, pages=pages)


def _unfit(files: Mapping[str, bytes]) -> Iterator[str]:
    """What a press can't have of the runs; earlier versions made others."""
    for name, content in files.items():
        if name.startswith("runs/"):
            yield from (f"{name}: {what}" for what in preflight(content))


def _names(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def zipped(files: Mapping[str, bytes], passphrase: str | None) -> bytes:
    """An archive; the same files make the same one, unless it is encrypted."""
    target = io.BytesIO()
    options: dict[str, Any] = {"compression": pyzipper.ZIP_DEFLATED}
    if passphrase is not None:
        options["encryption"] = pyzipper.WZ_AES
    with pyzipper.AESZipFile(target, "w", **options) as archive:
        if passphrase is not None:
            archive.setpassword(passphrase.encode())
            archive.setencryption(pyzipper.WZ_AES, nbits=256)
        for name, content in sorted(files.items()):
            entry = archive.zipinfo_cls(name, FIRST_DATE)
            entry.compress_type = pyzipper.ZIP_DEFLATED
            archive.writestr(entry, content)
    return target.getvalue()


# --- checking -----------------------------------------------------------------------------------


def verify(received: Path, passphrase: str | None) -> str:
    """Checks a print shop's folder or archive that was received.

    Checksums, the job ticket against the files, and in every run that it is PDF/A-1b and black
    alone, that each page says which one it is, as text and in both of its codes, that sets are
    whole, and that none comes twice.

    Args:
        received: The folder, or the ZIP file.
        passphrase: Of an archive that is encrypted.

    Raises:
        InputError: It is no such folder or archive, or cannot be opened.
        CopyError: Something is wrong with what was received; all of it is named.
    """
    files = _received(received, passphrase)
    if TICKET not in files or SUMS not in files:
        message = f"has no {TICKET} or no {SUMS}; name a folder or archive for a print shop"
        raise InputError([Complaint(str(received), 0, 0, "", message)])
    wrong = [f"{name}: {what}" for name, what in _wrong_sums(files)]
    try:
        ticket = json.loads(files[TICKET])
        pages = 0
        for run in ticket["runs"]:
            pages += int(run["pages"])
            wrong += _wrong_run(run, ticket, files)
    except (ValueError, LookupError, TypeError) as error:
        wrong.append(f"{TICKET}: cannot be read: {error!r}")
        raise CopyError(wrong, advice=_ADVICE) from None
    if wrong:
        raise CopyError(wrong, advice=_ADVICE)
    return (
        f"{received}: {len(files)} files, {len(ticket['runs'])} runs, {ticket['copies']} sets, "
        f"{pages} pages: all as they should be"
    )


_ADVICE = "Do not print it; ask for it to be sent again."


_DAMAGED = (
    *(OSError, zipfile.BadZipFile, pyzipper.BadZipFile, zlib.error, struct.error),
    *(EOFError, LookupError, ValueError, NotImplementedError),
)
"""What reading an archive raises that was damaged on the way, wherever it was."""


def _received(received: Path, passphrase: str | None) -> dict[str, bytes]:
    """Path to content of what was received."""
    if received.is_dir():
        return {name: (received / name).read_bytes() for name in _names(received)}
    try:
        with pyzipper.AESZipFile(received) as archive:
            if sum(info.file_size for info in archive.infolist()) > MAX_BYTES:
                raise InputError([Complaint(str(received), 0, 0, "", "is too large to be one")])
            if passphrase is not None:
                archive.setpassword(passphrase.encode())
            files = {
                info.filename: archive.read(info)
                for info in archive.infolist()
                if not info.is_dir()
            }
    except _DAMAGED as error:
        message = f"is no folder and no archive that can be read: {error}"
        raise InputError([Complaint(str(received), 0, 0, "", message)]) from None
    except RuntimeError:
        message = (
            "is encrypted, and this is not its passphrase"
            if passphrase is not None
            else "is encrypted; --encrypted asks for the passphrase, --passphrase-file names a file"
        )
        raise InputError([Complaint(str(received), 0, 0, "", message)]) from None
    files.pop(README, None)
    return files


def _wrong_sums(files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Files that are missing, others than SHA256SUMS says, or not in it."""
    sums = {}
    for line in files.get(SUMS, b"").decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition("  ")
        sums[name] = digest
    for name in sorted(sums.keys() | files.keys() - {SUMS}):
        if name not in files:
            yield name, "is missing"
        elif name not in sums:
            yield name, f"is not in {SUMS}"
        elif hashlib.sha256(files[name]).hexdigest() != sums[name]:
            yield name, f"is another file than {SUMS} says"


_PAGE = re.compile(r"-(E[0-9]+(?:\.[1-9][0-9]*)?)-([1-9][0-9]*)$")


def _wrong_run(
    run: Mapping[str, Any], ticket: Mapping[str, Any], files: Mapping[str, bytes]
) -> Iterator[str]:
    """What is wrong with a print run: its file, and whether its pages are those of the ticket."""
    name, pages = str(run["file"]), int(ticket["pages_per_copy"])
    if name not in files:
        return  # said with the sums
    for wrong in preflight(files[name]):
        yield f"{name}: {wrong}"
    try:
        folded = run.get("form") == "booklet"
        readings = read_booklet(files[name], pages) if folded else read_pages(files[name])
    except CopyError as error:
        yield f"{name}: {error}"
        return
    if len(readings) != int(run["pages"]):
        yield f"{name}: {len(readings)} pages, expected {run['pages']}"
    sets: list[str] = []
    for index, reading in enumerate(readings):
        number = index % pages + 1
        code = _code_of(reading, str(ticket["job"]), number)
        if code is None:
            yield f"{name}: page {index + 1} of the file is not page {number} of a set"
        elif number == 1:
            sets.append(code)
        elif not sets or code != sets[-1]:
            yield f"{name}: page {index + 1} of the file is of {code}, and not of its set"
    if twice := sorted({code for code in sets if sets.count(code) > 1}):
        yield f"{name}: {', '.join(twice)} comes twice"


def _code_of(reading: PageReading, exam: str, number: int) -> str | None:
    """The copy code that a page bears in both of its symbols and as text; None if they differ."""
    heads = {text.rpartition("-")[0] for text in reading.codes}
    if len(reading.codes) < 2 or len(heads) != 1:
        return None
    head = heads.pop()
    match = _PAGE.search(head)
    if match is None or head != f"{exam.upper()}{match[0]}" or int(match[2]) != number:
        return None
    return match[1] if f"{exam}{match[0]}" in reading.text else None
