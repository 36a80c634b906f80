"""Lists that a release has written are parsed again, and held against the ledger.

They are read with a parser that had no part in writing them; what they must say comes from records,
bindings and print runs, not from the rows that were written.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from generator.compose.key_data import KEY_HEADER, NONE_RIGHT
from generator.errors import CopyError
from generator.record.copy import Copy, Holder
from generator.record.ledger import Ledger
from generator.release.print_run import Run

_SHOWN: Final = 5
"""So many of the cells that are wrong are named."""


def check_keys(lines: bytes, copies: Sequence[Copy], problems: Iterable[str]) -> None:
    """Looks whether lines of ``keys.csv`` say what is recorded, all of it and nothing else.

    Args:
        problems: The problems of the exam.

    Raises:
        CopyError: They do not.
    """
    known = list(problems)
    said: dict[tuple[str, ...], str] = {}
    wrong: list[str] = []
    for row in csv.reader(StringIO(lines.decode())):
        cell = tuple(row[:3])
        if len(row) != len(KEY_HEADER) or cell in said:
            wrong.append(f"the line {','.join(row)!r} is not like the others, or there twice")
        said[cell] = row[-1]
    for copy in copies:
        recorded = json.loads(copy.record)
        for problem in known:
            for part, values in recorded[problem]["answers"].items():
                for name, value in values.items():
                    wanted = _in_cell(value)
                    found = said.pop((copy.code, part, name), None)
                    if found != wanted and not (found and wanted and found == f"'{wanted}"):
                        wrong.append(f"{copy.code}, {part}, {name} is {found!r}, not {wanted!r}")
    wrong += (f"{', '.join(cell)} is not recorded" for cell in said)
    _refuse("keys.csv", wrong)


def _in_cell(value: Any) -> str | None:
    """What a cell says of an answer; tables have none."""
    if isinstance(value, str):
        return value
    if any(not isinstance(member, str) for member in value):
        return None
    return " ".join(value) if value else NONE_RIGHT


def check_binding(path: Path, ledger: Ledger) -> None:
    """Looks whether ``binding.csv`` names every copy and reprint once, with whoever has it.

    Raises:
        CopyError: It does not.
    """
    with path.open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    said = {code: [cell.removeprefix("'") for cell in cells] for code, *cells in rows}
    wanted = dict(_bound(ledger))
    wrong = [
        f"{code} is {said.get(code)}, not {wanted.get(code)}"
        for code in dict.fromkeys((*wanted, *said))
        if said.get(code) != wanted.get(code)
    ]
    if len(rows) != len(said):
        wrong.append(f"{len(rows)} lines for {len(said)} copies")
    _refuse(path.name, wrong)


def _bound(ledger: Ledger) -> Iterator[tuple[str, list[str]]]:
    holders = ledger.holders()
    codes = {copy.code: copy for copy in ledger.active()}
    of = {code: code for code in codes} | {it.code: it.of for it in ledger.reprints.values()}
    for code, own in of.items():
        if own in codes:
            holder = holders.get(own, Holder(""))
            person = holder.registration_number, *holder.full_name
            cells = (*person, codes[own].room or "", holder.seat)
            yield code, [cell.removeprefix("'") for cell in cells]


def check_tickets(
    ticket: bytes, jdf: bytes, runs: Sequence[Run], spares: Collection[str], pages: int
) -> None:
    """Looks whether tickets of the print shop name every run with its copies.

    Args:
        ticket: The ticket as JSON.
        jdf: The same as JDF.
        spares: The codes of spare copies.
        pages: Pages of a paper.

    Raises:
        CopyError: They do not.
    """
    wrong = []
    said = json.loads(ticket)
    if said["copies"] != sum(len(run.papers) for run in runs) or said["pages_per_copy"] != pages:
        wrong.append(f"{said['copies']} copies of {said['pages_per_copy']} pages")
    files = {f"runs/{run.file}": run for run in runs}
    wrong += _differ("runs", [run["file"] for run in said["runs"]], list(files))
    for run in said["runs"]:
        own = files.get(run["file"])
        if own is not None:
            codes = own.codes
            spare = sum(code in spares for code in codes)
            wanted = {
                "room": own.room or None,
                "copies": len(codes),
                "spare": spare,
                "pages": len(codes) * pages,
                "first": codes[0],
                "last": codes[-1],
                "paper_color": own.paper_color or None,
            }
            for name, value in wanted.items():
                wrong += _differ(f"{run['file']}, {name}", run[name], value)
    listed = {
        element.get("Run"): element.get("NDoc")
        for element in ElementTree.fromstring(jdf).iter()
        if element.get("NDoc")  # media of runs on other paper have the name of the run, too
    }
    wrong += _differ("the JDF", listed, {it: str(len(run.papers)) for it, run in files.items()})
    _refuse("the job ticket", wrong)


def _differ(what: str, found: object, wanted: object) -> list[str]:
    return [] if found == wanted else [f"{what} is {found!r}, not {wanted!r}"]


def _refuse(name: str, wrong: Sequence[str]) -> None:
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise CopyError(f"{name} does not say what is recorded: {'; '.join(wrong[:_SHOWN])}{more}")
