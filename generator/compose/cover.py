"""The cover as TeX: its blocks in order, and what they show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from pylatex import Command

from generator.bank.covers import OwnText, logo_block
from generator.bank.exam import Exam
from generator.compose.frame import fields
from generator.compose.latex import command, escaped, sequence, tex

Cell = TypeVar("Cell")

MOST_CELLS = 14
"""Cells of a table beside each other; more of them are in several rows."""
AIDS = "aids"


def cover(exam: Exam) -> Iterator[Command]:
    """The commands that define the cover of an exam."""
    cells = [*(problem.id for problem in exam.problems), "sum"]
    scores = (command("ScoreTable", tex(",".join(row)), str(len(row))) for row in _rows(cells))
    yield command("ScoresAre", sequence(scores))
    if exam.grades.scale:
        yield command("GradesAre", sequence(_grades(exam)))
    yield command("FactsAre", tex(",".join(exam.facts)))
    yield command("InstructionsAre", sequence(_instructions(exam)))
    logo = exam.logo.slot if exam.logo is not None else ""
    shows = logo_block(exam.cover)
    blocks = (_block(it, logo if it == shows else "") for it in exam.cover.blocks)
    yield command("CoverIs", sequence(blocks))


_SHOWN = {
    "sticker": ("university", "chair"),
    "institution": ("university", "chair"),
    "title": ("course", "title", "module"),
    "heading": ("course", "title", "date"),
}
"""Block to the fields that it shows."""


def cover_texts(exam: Exam) -> Iterator[tuple[str, str]]:
    """The texts of an exam on its cover, in the order of its blocks, with their fields."""
    said = fields(exam)
    own = [it.text for it in exam.cover.rules if isinstance(it, OwnText)]
    for block in exam.cover.blocks:
        if isinstance(block, OwnText):
            yield "text", block.text
        elif block == "instructions":
            yield from (("rules", text) for text in own)
        else:
            names = (*exam.facts, "date") if block == "facts" else _SHOWN.get(block, ())
            yield from ((name, said[name]) for name in names)


def _block(block: str | OwnText, logo: str) -> Command:
    """A block of the cover.

    Args:
        logo: The slot of the logo, if the block shows it.
    """
    if isinstance(block, OwnText):
        return command("CoverText", block.text)
    return (
        command("LogoBlock", tex(block), tex(logo)) if logo else command("CoverBlock", tex(block))
    )


def _instructions(exam: Exam) -> Iterator[Command]:
    """Working instructions, in each of the languages; own texts in the first list alone."""
    for language in ("", *exam.cover.languages):
        prefix = f"{language}/" if language else ""
        rules = [it for it in exam.cover.rules if not (language and isinstance(it, OwnText))]
        items = [_rule(prefix, it) for it in rules]
        if exam.aids is not None:
            items.append(command("CoverRule", tex(f"{prefix}{AIDS}"), tex(AIDS)))
        if items:
            yield command("Instructions", tex(f"{prefix}instructions"), sequence(items))


def _rule(prefix: str, rule: str | OwnText) -> Command:
    if isinstance(rule, OwnText):
        return command("OwnRule", rule.text)
    return command("CoverRule", tex(prefix + rule), tex(""))


def _grades(exam: Exam) -> Iterator[Command]:
    number = exam.conventions.number
    for row in _rows([*exam.grades.scale]):
        names = "".join(rf"\GradeCell{{{escaped(name)}}}" for name, _ in row)
        least = "".join(rf"\GradeCell{{{number(points)}}}" for _, points in row)
        yield command("GradeTable", tex(names), tex(least), str(len(row) + 1))


def _rows(cells: Sequence[Cell]) -> Iterator[Sequence[Cell]]:
    """Cells in rows of about the same length."""
    count = -(-len(cells) // MOST_CELLS)
    for index in range(count):
        start, end = (len(cells) * at // count for at in (index, index + 1))
        yield cells[start:end]
