"""What recipients get as data: lists, the manifest, checksums. Everybody gets a folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from generator.layout import LARGE_PRINT, Layout
from generator.record.copy import Copy, Holder
from generator.record.ledger import Ledger

SUMS = "SHA256SUMS"
LAYOUT = "layout.json"
_NOBODY = Holder("")
BINDING_HEADER = ("code", "registration_number", "last_name", "first_name", "room", "seat")


def binding_rows(
    ledger: Ledger,
) -> Iterator[tuple[str, ...]]:
    """Which copy is whose, and each of its reprints; copies without an owner have empty cells."""
    holders = ledger.holders()
    reprints: dict[str, list[str]] = {}
    for reprint in ledger.reprints.values():
        reprints.setdefault(reprint.of, []).append(reprint.code)
    for copy in ledger.active():
        holder = holders.get(copy.code, _NOBODY)
        names = (holder.registration_number, holder.last_name, holder.first_name)
        for code in (copy.code, *reprints.get(copy.code, ())):
            yield code, *names, copy.room or "", holder.seat


def manifest(pages: int, ledger: Ledger) -> bytes:
    """Every copy of the batch, and every reprint, with its digests.

    Args:
        pages: Pages of a paper.
    """
    copies = [_manifest_entry(pages, copy) for copy in ledger.active()]
    of = {entry["code"]: entry for entry in copies}
    voided = ledger.voided()
    for code in voided:
        if code in of:
            of[code]["void"] = True
    for reprint in ledger.reprints.values():
        if reprint.of not in of:  # withdrawn
            continue
        entry = {**of[reprint.of], "code": reprint.code, "reprint_of": reprint.of}
        entry["paper_sha256"] = reprint.paper_sha256
        entry.pop("void", None)
        copies.append(entry | ({"void": True} if reprint.code in voided else {}))
    return _json({"exam": ledger.exam, "copies": copies})


def ledger_head(ledger: Ledger) -> bytes:
    """How far the ledger is, kept beside it: an older one that was put back is known by it."""
    return _json({"events": len(ledger.events)})


def _manifest_entry(pages: int, copy: Copy) -> dict[str, Any]:
    return {
        "code": copy.code,
        "record": copy.mark,
        "pages": pages,
        "paper_sha256": copy.paper_sha256,
        "key_sha256": copy.key_sha256,
        "room": copy.room,
        "spare": copy.spare is not None,
    }


def large_layout(layout: Layout) -> str:
    """The name of the file for papers in large print, where there are any."""
    return f"layout-{LARGE_PRINT[layout.sheet].sheet.name}.json"


def layout_file(layout: Layout) -> bytes:
    """Where the boxes of all copies stand, for programs that read scanned pages."""
    return _json(layout.document())


def sums_file(sums: Mapping[str, str]) -> bytes:
    """Checksums as ``sha256sum -c`` reads them from the same folder."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())).encode()


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()
