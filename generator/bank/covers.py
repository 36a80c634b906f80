"""Covers: which blocks stand on the first page, and which working instructions. They are data.

Three come with the program; an exam names one, or says what it wants in place of its blocks and
rules. A block is a command of ``latex/variantexam.cls`` (``\\VX@cover@NAME``), a rule a text of the
catalogues.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

HEADS: Final = ("sticker", "name")
"""Blocks that leave room for the copy code; one of them comes first."""
LOGO: Final = "logo"
"""The block that shows the logo in a line of its own; without it, it stands beside another one."""
BESIDE: Final = ("sticker", "institution", "heading")
"""Blocks that have room for the logo; the first of them on a cover shows it."""
BLOCKS: Final = (
    *HEADS,
    "institution",
    "title",
    "heading",
    "facts",
    "scores",
    "grades",
    "instructions",
    LOGO,
    "fill",
    "room",
)
RULES: Final = ("complete", "total", "corners", "boxes", "reasons", "pens", "devices")


@dataclass(frozen=True)
class OwnText:
    """A text of the exam's own, plain."""

    text: str


@dataclass(frozen=True)
class Cover:
    """What stands on the first page.

    Attributes:
        blocks: Names of blocks, and own texts, in order.
        rules: Names of working instructions, and own ones, in order.
        languages: Codes of the languages in which working instructions are given as well.
    """

    blocks: tuple[str | OwnText, ...]
    rules: tuple[str | OwnText, ...]
    languages: tuple[str, ...] = ()


def logo_block(cover: Cover) -> str | None:
    """The block that shows the logo, if the exam has one; None where no block does."""
    named = [it for it in cover.blocks if isinstance(it, str)]
    return LOGO if LOGO in named else next((it for it in named if it in BESIDE), None)


MODEL: Final = Cover(("sticker", "title", "facts", "scores", "instructions", "fill", "room"), RULES)
COVERS: Final[Mapping[str, Cover]] = {
    "model": MODEL,
    "school": Cover(
        ("name", "institution", "title", "facts", "instructions", "fill", "scores", "grades"),
        ("complete", "corners", "boxes", "reasons", "pens"),
    ),
    "quiz": Cover(
        ("name", "heading", "scores", "instructions", "fill"), ("corners", "boxes", "reasons")
    ),
}
