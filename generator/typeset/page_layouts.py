"""Where boxes stand on the pages, as the class tells, and what can be seen there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from generator.bank.exam import Exam
from generator.compose.frame import marks
from generator.compose.plan import Page
from generator.errors import Complaint, InputError
from generator.layout import PT_PER_MM, Anchor, Box, Layout, told_box
from generator.typeset.ink import unseen


def told_layout(exam: Exam, plan: Iterable[Page], notes: Iterable[Sequence[str]]) -> Layout:
    """Where the boxes of the pages stand, as the class told."""
    boxes: dict[int, list[Box]] = {page.number: [] for page in plan}
    for note in notes:
        if note[0] == "BOX":
            number, box = told_box(note[1:], exam.sheet)
            boxes[number].append(_valued(exam, box) if box.kind == "mark" else box)
    pages = {number: tuple(own) for number, own in boxes.items()}
    return Layout(pages, exam.sheet)


def _valued(exam: Exam, box: Box) -> Box:
    """A marking box with its value; the class knows it by its place in the row."""
    parts = {part.id: part for problem in exam.problems for part in problem.parts}
    part = box.names["part"]
    value = marks(parts[part]).split(",")[int(box.names["value"]) - 1]
    return replace(box, names={"part": part, "value": value})


def unseen_texts(
    layout: Layout, pdf: Path, numbers: Sequence[int]
) -> Iterator[tuple[int, str, str]]:
    """Number of a page, part, and what cannot be seen of it; figures are not there yet.

    Args:
        numbers: Of the pages, in their order in the PDF.
    """
    figures = {
        index: [box for box in layout.pages[number] if box.kind == "figure"]
        for index, number in enumerate(numbers, 1)
    }
    for index, part, said in unseen(
        pdf,
        range(1, len(numbers) + 1),
        lambda index, y_mm: layout.part_at(numbers[index - 1], y_mm),
        left_out=figures,
    ):
        yield numbers[index - 1], part, f"the text {said}"


def compare_layouts(paper: Layout, key: Layout, answer_slots: Mapping[str, str]) -> None:
    """A key is its paper with the answers in it: what is found on one is looked for on the other.

    Args:
        answer_slots: Slot of a figure to the slot that takes its place in the key.

    Raises:
        InputError: A box stands elsewhere.
    """
    moved = [
        f"page {number}: {box.kind} {' '.join(box.names.values())}".rstrip()
        for number, boxes in paper.pages.items()
        for ours, theirs in zip_longest(_of_key(boxes, answer_slots), key.pages[number])
        if ours != theirs and (box := ours or theirs)
    ]
    if moved:
        message = f"boxes stand elsewhere on keys than on papers: {'; '.join(moved)}"
        raise InputError([Complaint("latex/variantexam.cls", 0, 0, "", message)])


def _of_key(boxes: Iterable[Box], answer_slots: Mapping[str, str]) -> Iterator[Box]:
    """The boxes of a paper as its key calls them."""
    for box in boxes:
        slot = box.names.get("slot", "")
        yield replace(box, names={"slot": answer_slots[slot]}) if slot in answer_slots else box


def told_anchor(fields: Sequence[str]) -> Anchor:
    """Where a text is stamped, as the class told."""
    page, name, x_mm, y_mm, align, font, size = fields
    return Anchor(
        None if page == "all" else int(page),
        name,
        float(x_mm) * PT_PER_MM,
        float(y_mm) * PT_PER_MM,
        align,  # type: ignore[arg-type]
        font,
        float(size),
    )
