"""Key cards and sheets by problem: typeset by worker processes, read back, and kept.

A card is kept in the work folder under a digest of all that it was made from, with the rows of the
copy for the sheets: a build makes only those that are new. A sheet is kept under a digest of its
rows.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from shutil import copyfile

from generator.bank.exam import Exam
from generator.codes.check_character import with_check
from generator.correct.card import Card, CardPlan, compose_card
from generator.correct.card_mistakes import wrong_of_copy
from generator.correct.card_press import CardPress, prepare_card_press
from generator.correct.card_template import cards_source
from generator.correct.errata import HEADER, errata
from generator.correct.problem_sheet import SheetPlan
from generator.correct.sheet_template import errata_source
from generator.errors import Complaint, CopyError, copies_failed
from generator.files.csv_table import write_csv
from generator.files.whole import link, sha256_of, write_whole
from generator.layout import Layout
from generator.pipeline.sheet_maker import KeptCard, SheetMaker, joined_cells, make_sheets
from generator.record.copy import Copy
from generator.record.ledger import Ledger
from generator.record.record import solve_recorded
from generator.release.joined import join_files
from generator.release.place import Place
from generator.stamp.cff import FontPress
from generator.stamp.pdf import PdfFile
from generator.stamp.pieces import Content, Stock
from generator.stamp.stamp import CopyPages, Stamper
from generator.typeset.pdftex import run
from generator.verify.readback import PageReading, read_pages
from generator.verify.shared import SharedPages
from generator.verify.tokens import first_missing
from generator.work.pool import spread
from generator.work.progress import cpu_seconds

_CORRECTORS = "correctors"
_MOST_FAILED = 8
"""Of a chunk that failed, so many cards are looked for: where more fail, it is the bank's fault."""


class CardShelf:
    """Where cards are kept."""

    def __init__(self, folder: Path, press: CardPress) -> None:
        self.folder = folder
        self._press = press

    def pdf(self, copy: Copy) -> Path:
        """Where the card of a copy is, or would be."""
        parts = (self._press.digest, copy.code, copy.mark, copy.key_content, str(copy.key_revision))
        digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
        return Path(f"{self.folder}/{copy.code}-{digest}.pdf")

    def put(self, copy: Copy, pdf: bytes, rows: Mapping[str, Sequence[str]]) -> KeptCard:
        """Keeps a card; what it says of itself is written last."""
        path = self.pdf(copy)
        write_whole(path, pdf)
        digest = hashlib.sha256(pdf).hexdigest()
        joined = {name: joined_cells(row) for name, row in rows.items()}
        data = json.dumps({"sha256": digest, "rows": joined}, ensure_ascii=False)
        write_whole(path.with_suffix(".json"), data.encode())
        return KeptCard(copy.code, digest, joined)

    def find(self, copy: Copy) -> KeptCard | None:
        """The card of a copy; None if it is not there as it was put."""
        path = self.pdf(copy)
        try:
            data = json.loads(path.with_suffix(".json").read_bytes())
            whole = hashlib.sha256(path.read_bytes()).hexdigest() == data["sha256"]
        except (OSError, ValueError, KeyError):
            return None
        return KeptCard(copy.code, data["sha256"], data["rows"]) if whole else None

    def drop_others(self, copies: Iterable[Copy]) -> None:
        """Removes the cards that are kept of other records or other copies."""
        wanted = {self.pdf(copy).stem for copy in copies}
        for path in self.folder.glob("*"):
            if path.stem not in wanted:
                path.unlink()


def card_stock(press: CardPress) -> Stock:
    """The fonts of cards and sheets by problem."""
    fonts = FontPress.beside(press.master.parent)
    stock = Stock(press.master.read_bytes(), fonts)
    if press.names:
        stock.add_forms(press.forms.read_bytes(), tuple(press.calls))
    return stock


class CardMaker:
    """Makes chunks of finished cards; a worker process has one."""

    def __init__(
        self, exam: Exam, press: CardPress, stock: Stock, shelf: CardShelf, scratch: Path
    ) -> None:
        self._exam = exam
        self._press = press
        self._shelf = shelf
        self._scratch = scratch
        self._plan = CardPlan(exam)
        self._sheets = SheetPlan(self._plan)
        self._stock = stock
        self._stamper = Stamper(stock, exam.id, (), None)
        self._shared = SharedPages(stock.prefix)
        self._notes = {stock.forms[name]: what for name, what in press.calls.items()}

    def make(self, copies: Sequence[Copy]) -> list[KeptCard]:
        """Makes the cards of copies and keeps them.

        Raises:
            CopyError: A card failed to typeset, or does not say what it should; says whose.
        """
        try:
            return self._make(copies)
        except CopyError as error:
            if error.failed:
                raise
            raise self._by_copy(copies, error) from None

    def _by_copy(self, copies: Sequence[Copy], error: CopyError) -> CopyError:
        """The error of a chunk, of which it is not known whose it is: its halves are tried."""
        found: dict[str, Sequence[Complaint]] = {}
        waiting = _halves(copies)
        while waiting and len(found) < _MOST_FAILED:
            some = waiting.pop(0)
            try:
                self._make(some)
            except CopyError as own:
                if own.failed:
                    found |= {code: (first,) for code, first in own.failed.items()}
                elif len(some) == 1:
                    found[some[0].code] = own.complaints
                else:
                    waiting += _halves(some)
        if found:
            return copies_failed(found)
        return CopyError(error.complaints, failed={it.code: error.complaints[0] for it in copies})

    def _make(self, copies: Sequence[Copy]) -> list[KeptCard]:
        solved = [solve_recorded(self._exam, copy) for copy in copies]
        wrong = [wrong_of_copy(self._exam, solutions) for solutions in solved]
        cards = [
            compose_card(self._plan, copy.code, solutions, own)
            for copy, solutions, own in zip(copies, solved, wrong, strict=True)
        ]
        pages = self._typeset(copies, cards)
        kept: list[KeptCard] = []
        wrong_cards: dict[str, list[str]] = {}
        for copy, card, solutions, own in zip(copies, cards, solved, wrong, strict=True):
            pdf = self._stamper.stamp(CopyPages(copy.code, pages[copy.code], {}, {}))
            if said := self._wrong(copy, card, pdf):
                wrong_cards[copy.code] = said
            else:
                kept.append(self._shelf.put(copy, pdf, self._sheets.rows(solutions, own)))
        if wrong_cards:
            failed = {code: Complaint("", 0, 0, "", said[0]) for code, said in wrong_cards.items()}
            raise CopyError(chain.from_iterable(wrong_cards.values()), failed=failed)
        return kept

    def _wrong(self, copy: Copy, card: Card, pdf: bytes) -> list[str]:
        """What is wrong with a card: by what PDFium reads, if it is by what operators say."""
        known = self._shared.known(pdf, any_figures=True)
        read = [known[index] for index in sorted(known)]
        wrong = check_card(self._exam, copy, card, read)
        if wrong or len(read) != len(PdfFile(pdf).pages()):
            read = read_pages(pdf, codes=False)
            self._shared.keep(pdf, dict(enumerate(read)))
            wrong = check_card(self._exam, copy, card, read)
        return wrong or list(self._wrong_notes(copy, card, pdf))

    def _wrong_notes(self, copy: Copy, card: Card, pdf: bytes) -> Iterator[str]:
        """Whether a card shows the texts of its questions, and in their order."""
        shown = [self._notes.get(number, "") for number in self._shared.called(pdf)]
        forms = set(self._notes.values())
        names = [f"notes/{part}/{index}" for part, index in card.picks.items()]
        if shown != [name for name in (*names, "elsewhere") if name in forms]:
            yield f"card of {copy.code}: the notes are not those of its questions"

    def _typeset(
        self, copies: Sequence[Copy], cards: Sequence[Card]
    ) -> dict[str, tuple[Content, ...]]:
        """Code to the pages of its card."""
        entries = [
            (card, copy.mark, revision_text(self._exam, copy))
            for copy, card in zip(copies, cards, strict=True)
        ]
        source = f"\\begin{{document}}\n{cards_source(self._exam, entries)}\\end{{document}}\n"
        with tempfile.TemporaryDirectory(prefix="cards-", dir=self._scratch) as folder:
            typeset = run(self._press.format, source, Path(folder), name="chunk")
            contents = iter(self._stock.read_chunk(typeset.pdf.read_bytes()))
        pages: dict[str, tuple[Content, ...]] = {copy.code: () for copy in copies}
        for note in typeset.notes:
            if note[0] == "CARD":
                pages[note[1]] += (next(contents),)
        return pages


def _halves(copies: Sequence[Copy]) -> list[Sequence[Copy]]:
    """Two halves; nothing of a single copy."""
    half = len(copies) // 2
    return [copies[:half], copies[half:]] if half else []


def revision_text(exam: Exam, copy: Copy) -> str:
    """What a card says of the revision of its key; nothing of the first."""
    if copy.key_revision == 1:
        return ""
    return exam.conventions.catalogue.text("key.revision", number=copy.key_revision)


def check_card(exam: Exam, copy: Copy, card: Card, readings: Sequence[PageReading]) -> list[str]:
    """All that is wrong with a finished card; nothing if all is well."""
    wrong = []
    badge = exam.conventions.catalogue.text("key.badge")
    for number, reading in enumerate(readings, 1):
        for text in (with_check(copy.code), badge, exam.id, copy.mark):
            if text not in reading.text:
                wrong.append(f"card of {copy.code}, page {number}: the text {text} is missing")
    missing = first_missing(card.tokens, "\n".join(reading.text for reading in readings))
    if missing is not None:
        where = "is not on it, or not where it should be"
        wrong.append(f"card of {copy.code}: {missing!r} of the key {where}")
    return wrong


class CardStage:
    """Cards and sheets of a build: made beside the keys or after them, released with them.

    Attributes:
        press: What all cards share.
        shelf: Where cards are kept.
        sums: Code of each copy to the SHA-256 of its card, when all cards are there.
    """

    def __init__(self, exam: Exam, place: Place, layout: Layout) -> None:
        self._exam = exam
        self._place = place
        self.press = prepare_card_press(exam, place.cache, layout.pages_of_parts())
        self.shelf = CardShelf(place.work / "cards", self.press)
        self.sums: Mapping[str, str] = {}
        self._sheets = place.work / "sheets"
        self._cards: dict[str, KeptCard] = {}
        for folder in (self.shelf.folder, self._sheets):
            folder.mkdir(parents=True, exist_ok=True)

    def missing(self, copies: Iterable[Copy]) -> list[str]:
        """The codes of the copies whose cards are to be made; the others' are taken as they are."""
        found = {copy.code: self.shelf.find(copy) for copy in copies}
        self._cards = {code: card for code, card in found.items() if card is not None}
        return [code for code in found if code not in self._cards]

    def maker(self) -> CardMaker:
        """What worker processes make cards with."""
        return CardMaker(self._exam, self.press, self.stock, self.shelf, self._place.scratch)

    @cached_property
    def stock(self) -> Stock:
        """What cards and sheets share: fonts."""
        return card_stock(self.press)

    def take(self, cards: Iterable[KeptCard]) -> None:
        """Takes cards that were made."""
        self._cards |= {card.code: card for card in cards}

    def make_sheets(self, codes: Sequence[str], jobs: int) -> float:
        """Makes the sheets by problem with their tables, when all cards are there.

        Args:
            codes: The copies in their order.

        Returns:
            The CPU time that it took, in seconds.

        Raises:
            CopyError: A sheet is not as it should be.
        """
        cards = [self._cards[code] for code in codes]
        self.sums = {card.code: card.sha256 for card in cards}
        maker = SheetMaker(
            self._exam, self.press, self.stock, cards, self._sheets, self._place.scratch
        )
        made = list(spread(make_sheets, maker, *maker.tasks(jobs)))
        maker.write_tables()
        maker.drop_others()
        return sum(made)

    def joining(self, staging: Path, copies: Iterable[Copy]) -> dict[str, partial[str]]:
        """Path of the file of all cards to what writes it, which a process may do."""
        name = f"{_CORRECTORS}/cards.pdf"
        cards = [(copy.code, self.shelf.pdf(copy)) for copy in copies]
        return {name: partial(join_cards, self._exam.id, cards, staging / name)}

    def release(self, ledger: Ledger, staging: Path, sums: dict[str, str]) -> None:
        """Puts cards and sheets into the correctors' folder.

        Args:
            staging: The staged folder of the batch.
            sums: Takes the digests that are known, by path below the staged folder.
        """
        folder = staging / _CORRECTORS
        (folder / "cards").mkdir(exist_ok=True)  # those of withdrawn copies may be there
        (folder / "by-problem").mkdir()
        for copy in ledger.active():
            name = f"{_CORRECTORS}/cards/{copy.code}.pdf"
            link(self.shelf.pdf(copy), f"{staging}/{name}")
            sums[name] = self.sums[copy.code]
        for problem in self._exam.problems:
            sheet = self._sheets / f"P{problem.id}.pdf"
            link(sheet, folder / "by-problem" / sheet.name)
            table = sheet.with_suffix(".csv")
            # No link: what people work in is not what the next build finds.
            copyfile(table, folder / "by-problem" / table.name)


def release_errata(
    exam: Exam, press: CardPress, place: Place, staging: Path, ledger: Ledger
) -> None:
    """Puts what corrections have changed into the correctors' folder, with the former keys.

    Args:
        staging: The staged folder of the batch, with the keys of today.

    Raises:
        CopyError: The page failed to typeset, or does not name a copy.
    """
    codes = ledger.codes()
    if not (found := errata(ledger.changes, codes)):
        return
    folder = staging / _CORRECTORS
    write_csv(folder / "errata.csv", HEADER, (erratum.row for erratum in found))
    with tempfile.TemporaryDirectory(prefix="errata-", dir=place.scratch) as scratch:
        source = errata_source(exam, found)
        pdf = run(press.format, source, Path(scratch), "errata").pdf.read_bytes()
    text = "".join(reading.text for reading in read_pages(pdf, codes=False))
    if missing := [it.code for it in found if with_check(it.code) not in text]:
        raise CopyError(f"the page of errata does not name {', '.join(missing)}")
    (folder / "errata.pdf").write_bytes(pdf)
    _keep_former_keys(place.folder / _CORRECTORS, folder, ledger)


def _keep_former_keys(before: Path, folder: Path, ledger: Ledger) -> None:
    """Keeps the keys that were released before their corrections, as ``former/E0312-r1.pdf``."""
    former = folder / "former"
    former.mkdir()
    for code, revision in ledger.changes:
        for end in (".pdf", ".json"):
            kept = before / "former" / f"{code}-r{revision - 1}{end}"
            if not kept.exists() and ledger[code].key_revision == revision:
                kept = _released_key(before, code, revision - 1, end)
            if kept.exists():
                link(kept, former / f"{code}-r{revision - 1}{end}")


def _released_key(before: Path, code: str, revision: int, end: str) -> Path:
    """The released key of a copy, if it is of this revision; else a path where nothing is."""
    data = before / "keys" / f"{code}.json"
    try:
        is_that = json.loads(data.read_text("utf-8"))["key_revision"] == revision
    except (OSError, ValueError, LookupError, TypeError):
        is_that = False
    return before / "keys" / f"{code}{end}" if is_that else before / "former" / f"{code}.none"


def make_cards(maker: CardMaker, copies: Sequence[Copy]) -> tuple[list[KeptCard], float]:
    """What worker processes do; returns the cards, and the CPU time that they took, in seconds."""
    before = cpu_seconds()
    return maker.make(copies), cpu_seconds() - before


def make_cards_and_sheets(
    stage: CardStage, copies: Sequence[Copy], most: int
) -> Mapping[str, str] | None:
    """What a process does beside others, where few cards are missing.

    Args:
        copies: All copies of the batch.
        most: Of more cards none is made.

    Returns:
        The sums of the cards; see `CardStage`. None if too many are missing.
    """
    missing = set(stage.missing(copies))
    if len(missing) > most:
        return None
    if missing:
        stage.take(stage.maker().make([copy for copy in copies if copy.code in missing]))
    stage.make_sheets([copy.code for copy in copies], 1)
    return stage.sums


def join_cards(exam_id: str, cards: Sequence[tuple[str, Path]], target: Path) -> str:
    """Joins cards to one file with a bookmark for each, and reads it back.

    Args:
        cards: Code of each copy and where its card is, in their order.

    Returns:
        The SHA-256 of the file.

    Raises:
        CopyError: See `join_files`.
    """
    join_files(target, f"{exam_id} cards", cards)
    return sha256_of(target)
