"""Key cards of a batch: typeset in chunks by worker processes, read back, and kept.

A card is kept in the work folder under a digest of all that it was made from, with the rows of the
copy for the sheets by problem: a build makes only those that are new.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.bank.problem import Exam
from generator.codes.check_character import with_check
from generator.correct.card import Card, CardPlan, compose_card
from generator.correct.card_press import CardPress
from generator.correct.card_template import card_source
from generator.correct.sheet import SheetPlan
from generator.errors import CopyError
from generator.files.whole import write_whole
from generator.record.copy import Copy
from generator.record.record import solve_recorded
from generator.solve.solve import Solution
from generator.stamp.cff import FontPress
from generator.stamp.pieces import Content, Stock
from generator.stamp.stamp import CopyPages, Stamper
from generator.typeset.pdftex import run
from generator.verify.readback import read_pages
from generator.verify.verify import first_missing


@dataclass(frozen=True)
class KeptCard:
    """A finished card.

    Attributes:
        code: The copy's code.
        sha256: Digest of the PDF.
        rows: Problem id to the cells of the copy in the sheet of the problem.
    """

    code: str
    sha256: str
    rows: Mapping[str, tuple[str, ...]]


class CardShelf:
    """Where cards are kept."""

    def __init__(self, folder: Path, press: CardPress) -> None:
        self.folder = folder
        self._press = press

    def pdf(self, copy: Copy) -> Path:
        """Where the card of a copy is, or would be."""
        parts = (self._press.digest, copy.code, copy.mark, copy.key_content, str(copy.key_revision))
        digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
        return self.folder / f"{copy.code}-{digest}.pdf"

    def put(self, copy: Copy, pdf: bytes, rows: Mapping[str, Sequence[str]]) -> KeptCard:
        """Keeps a card; what it says of itself is written last."""
        path = self.pdf(copy)
        write_whole(path, pdf)
        digest = hashlib.sha256(pdf).hexdigest()
        data = json.dumps({"sha256": digest, "rows": rows}, ensure_ascii=False)
        write_whole(path.with_suffix(".json"), data.encode())
        return KeptCard(copy.code, digest, {name: tuple(row) for name, row in rows.items()})

    def find(self, copy: Copy) -> KeptCard | None:
        """The card of a copy; None if it is not there as it was put."""
        path = self.pdf(copy)
        try:
            data = json.loads(path.with_suffix(".json").read_bytes())
            whole = hashlib.sha256(path.read_bytes()).hexdigest() == data["sha256"]
        except (OSError, ValueError, KeyError):
            return None
        rows = {name: tuple(row) for name, row in data["rows"].items()}
        return KeptCard(copy.code, data["sha256"], rows) if whole else None

    def drop_others(self, copies: Iterator[Copy]) -> None:
        """Removes the cards that are kept of other records or other copies."""
        wanted = {self.pdf(copy).stem for copy in copies}
        for path in self.folder.iterdir():
            if path.stem not in wanted:
                path.unlink()


class CardMaker:
    """Makes chunks of finished cards; a worker process has one."""

    def __init__(self, exam: Exam, press: CardPress, shelf: CardShelf, scratch: Path) -> None:
        self._exam = exam
        self._press = press
        self._shelf = shelf
        self._scratch = scratch
        self._plan = CardPlan(exam)
        self._sheets = SheetPlan(self._plan)
        fonts = FontPress(press.master.parent / "fonts")
        self._stock = Stock(press.master.read_bytes(), fonts)
        self._stamper = Stamper(self._stock, exam.id, (), None)

    def make(self, copies: Sequence[Copy]) -> list[KeptCard]:
        """Makes the cards of copies and keeps them.

        Raises:
            CopyError: A card failed to typeset, or does not say what it should.
        """
        solved = [solve_recorded(self._exam, copy) for copy in copies]
        pairs = zip(copies, solved, strict=True)
        cards = [compose_card(self._plan, copy.code, solutions) for copy, solutions in pairs]
        pages = self._typeset(copies, cards)
        made = [
            self._finish(copy, card, solutions, pages[copy.code])
            for copy, card, solutions in zip(copies, cards, solved, strict=True)
        ]
        wrong = [problem for _, problems in made for problem in problems]
        if wrong:
            raise CopyError(wrong)
        return [card for card, _ in made]

    def _typeset(
        self, copies: Sequence[Copy], cards: Sequence[Card]
    ) -> dict[str, tuple[Content, ...]]:
        """Code to the pages of its card."""
        sources = (
            card_source(self._exam, card, copy.mark, revision_text(self._exam, copy))
            for copy, card in zip(copies, cards, strict=True)
        )
        source = "\\begin{document}\n" + "".join(sources) + "\\end{document}\n"
        with tempfile.TemporaryDirectory(prefix="cards-", dir=self._scratch) as folder:
            typeset = run(self._press.format, source, Path(folder), name="chunk")
            contents = iter(self._stock.read_chunk(typeset.pdf.read_bytes()))
        pages: dict[str, tuple[Content, ...]] = {copy.code: () for copy in copies}
        for note in typeset.notes:
            if note[0] == "CARD":
                pages[note[1]] += (next(contents),)
        return pages

    def _finish(
        self,
        copy: Copy,
        card: Card,
        solutions: Mapping[str, Solution],
        pages: tuple[Content, ...],
    ) -> tuple[KeptCard, list[str]]:
        """Stamps a card, reads it back, and keeps it."""
        pdf = self._stamper.stamp(CopyPages(copy.code, pages, {}, {}))
        wrong = check_card(self._exam, copy, card, pdf)
        return self._shelf.put(copy, pdf, self._sheets.rows(solutions)), wrong


def revision_text(exam: Exam, copy: Copy) -> str:
    """What a card says of the revision of its key; nothing of the first."""
    if copy.key_revision == 1:
        return ""
    return exam.conventions.catalogue.text("key.revision", number=copy.key_revision)


def check_card(exam: Exam, copy: Copy, card: Card, pdf: bytes) -> list[str]:
    """All that is wrong with a finished card; nothing if all is well."""
    readings = read_pages(pdf, codes=False)
    wrong = []
    for number, reading in enumerate(readings, 1):
        for text in (with_check(copy.code), "KEY", exam.id, copy.mark):
            if text not in reading.text:
                wrong.append(f"card of {copy.code}, page {number}: the text {text} is missing")
    missing = first_missing(card.tokens, "\n".join(reading.text for reading in readings))
    if missing is not None:
        where = "is not on it, or not where it should be"
        wrong.append(f"card of {copy.code}: {missing!r} of the key {where}")
    return wrong


def make_cards(maker: CardMaker, copies: Sequence[Copy]) -> list[KeptCard]:
    """What worker processes do."""
    return maker.make(copies)
