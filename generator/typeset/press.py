"""What serves all copies of a bank: formats, page plan, masters, figures; and how it is kept.

A press is in the cache under a digest of all that it depends on, so that a build with the same bank
finds it ready. `preparation` makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from generator.compose.frame import LabelPlace
from generator.compose.plan import Page
from generator.files.cache import hold
from generator.files.whole import read_sealed, sums_of
from generator.layout import Anchor, Layout
from generator.typeset.letters import kept_files
from generator.typeset.pdftex import Format

READY = "press.json"


@dataclass(frozen=True)
class Side:
    """What papers, or keys, have in common.

    Attributes:
        name: ``paper`` or ``key``.
        format: The format with the template.
        master: PDF with the pages that are the same in all copies, in order.
        varying: Numbers of the pages that a copy contributes.
        anchors: Where texts are stamped.
    """

    name: str
    format: Format
    master: Path
    varying: tuple[int, ...]
    anchors: tuple[Anchor, ...]


@dataclass(frozen=True)
class FigureSheet:
    """The variants of figures: a PDF with a page for each, and their names.

    Attributes:
        on_paper: False for figures that only keys show.
        images: The names of those that are images, which are objects of their own.
    """

    pdf: Path
    names: tuple[str, ...]
    on_paper: bool
    images: frozenset[str] = frozenset()


@dataclass(frozen=True)
class FigurePlaces:
    """Where figures stand on the pages, and labels in figures.

    Attributes:
        figures: The figures of the pages, by the slots of the paper.
        labels: Slot of a figure to the places of its labels.
        sizes: Slot of a figure to its width and height, in points.
    """

    figures: Layout
    labels: Mapping[str, Mapping[str, LabelPlace]]
    sizes: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Press:
    """What is ready before the first copy.

    Attributes:
        digest: Of everything that it was made from.
        plan: The pages.
        layout: Where the boxes of the pages stand, but for those of codes.
        key_slots: Slot of a canvas to the slot that takes its place in the key.
        places: Where figures stand, and labels in them.
    """

    digest: str
    plan: tuple[Page, ...]
    layout: Layout
    paper: Side
    key: Side
    figures: tuple[FigureSheet, ...]
    key_slots: Mapping[str, str]
    places: FigurePlaces


# Others may write to a cache folder: what is read from there is data, and never run.
FILE = TypeAdapter(tuple[Press, list[str]])


def reference_pages(side: Side) -> Path:
    """The pages of the reference copy that vary: they are looked at when a press is made."""
    return side.master.with_name(f"{side.name}-boxes.pdf")


def variant_name(slot: str, index: int) -> str:
    """What the stock calls a variant of a figure."""
    return f"{slot}~{index}"


def kept_press(folder: Path) -> Press | None:
    """The press in a folder; None if it is not there as it was made."""
    data = read_sealed(folder / READY)
    if data is None:
        return None
    try:
        press, sums = FILE.validate_json(data)
    except ValidationError:
        return None
    press = moved_press(press, folder)
    hold_press(press)
    return press if sums == sums_of_press(press) else None


def hold_press(press: Press) -> None:
    """Keeps the files of a press as long as this process may need them."""
    for folder in (press.paper.format.folder, *(sheet.pdf.parent for sheet in press.figures)):
        hold(folder)


def sums_of_press(press: Press) -> list[str]:
    """Digests of the files of a press."""
    files = [sheet.pdf for sheet in press.figures]
    for side in (press.paper, press.key):
        files += [side.master, side.format.folder / f"{side.format.name}.fmt"]
    files += kept_files(press.paper.format.folder)
    return sums_of(files)


def moved_press(press: Press, folder: Path) -> Press:
    """The press with its files in a folder, wherever it was made."""

    def move(side: Side) -> Side:
        form = replace(side.format, folder=folder)
        return replace(side, format=form, master=folder / side.master.name)

    sheets = tuple(
        replace(sheet, pdf=folder.parent / sheet.pdf.parent.name / sheet.pdf.name)
        for sheet in press.figures
    )
    return replace(press, paper=move(press.paper), key=move(press.key), figures=sheets)
