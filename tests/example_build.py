"""An example exam built once a session, for a student: its papers, keys and data, to look at."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from ctypes import c_float
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from generator import build

ROSTER = "registration_number,name,first_name\n03712041,Nguyen,Anh\n"


@dataclass(frozen=True)
class BuiltCopy:
    """A copy of an example.

    Attributes:
        paper: The text of each page.
        key: The text of each page of the key.
        thick: Lines of at least 2 pt on each page, of the paper and of the key.
        problems: The problems of the key's data.
    """

    paper: tuple[str, ...]
    key: tuple[str, ...]
    thick: tuple[list[int], list[int]]
    problems: list[Any]


def build_example(folder: Path, into: Path, roster: str = ROSTER) -> Path:
    """Builds it; returns the folder of the batch.

    Its fairness bands are made of a few draws: `check` is what looks at many.
    """
    bank = into / "bank"
    shutil.copytree(folder, bank)
    exam = (bank / "exam.yaml").read_text("utf-8")
    (bank / "exam.yaml").write_text(exam.replace("per_room: 2", "per_room: 0"), "utf-8")
    for file in bank.glob("problem-*.yaml"):
        text = file.read_text("utf-8")
        if "fairness: {" in text:
            text = text.replace("fairness: {", "fairness: {draws: 100, ")
        else:
            text += "fairness: {draws: 100}\n"
        file.write_text(text, "utf-8")
    (into / "roster.csv").write_text(roster, "utf-8")
    build(bank / "exam.yaml", into / "roster.csv", into / "out", jobs=1)
    return next(file.parent.parent for file in (into / "out").glob("*/examiner/manifest.json"))


def built_copies(batch: Path) -> Iterator[BuiltCopy]:
    for data in sorted(batch.glob("correctors/keys/*.json")):
        paper = batch / "print-shop" / "papers" / f"{data.stem}.pdf"
        problems = json.loads(data.read_text())["problems"]
        key = data.with_suffix(".pdf")
        yield BuiltCopy(_pages(paper), _pages(key), (_thick(paper), _thick(key)), problems)


def _pages(pdf: Path) -> tuple[str, ...]:
    document = pypdfium2.PdfDocument(pdf)
    return tuple(page.get_textpage().get_text_range() for page in document)


def _thick(pdf: Path) -> list[int]:
    found = []
    for page in pypdfium2.PdfDocument(pdf):
        width = c_float()
        count = 0
        for shape in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]):
            pdfium.FPDFPageObj_GetStrokeWidth(shape.raw, width)
            left, bottom, right, top = shape.get_bounds()
            count += width.value > 2 and max(right - left, top - bottom) > 20
        found.append(count)
    return found
