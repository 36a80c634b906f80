"""What the pages of a copy must say, and whether they do.

What is expected is made from the record and the texts of the bank, block by block: see
:mod:`generator.verify.visible`. On its page, each block stands whole and behind the one before it.
So a value that is wrong, missing or exchanged with another is found, wherever it stands.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import accumulate
from string import ascii_lowercase

from generator.bank.exam import Exam
from generator.bank.part import Part
from generator.bank.problem import Problem
from generator.bank.read.gaps import IN_TEX
from generator.bank.template import Shown, Text
from generator.compose.answer_pieces import answer_pieces, paragraphs
from generator.compose.cover import cover_texts
from generator.compose.given import Given
from generator.compose.latex import escaped
from generator.compose.plan import Page, Section
from generator.language.catalogue import DEFAULT, load_catalogue
from generator.typeset.overflow import ALL, MODEL, NONE, NOTES, WORKING, Moved, Overflow
from generator.verify.visible import (
    KEPT,
    UNKNOWN,
    Segment,
    compact,
    compact_line,
    gap_behind,
    plain_text,
    segments,
)

_OPTION = " option "
_ROW = ", step "
_DIGIT_BEFORE = re.compile(r"\d[.,]?\Z")
_NUMERIC = frozenset("0123456789.,")
_DIGIT_BEHIND = re.compile(r"[.,]?\d")
_PART_BEFORE = re.compile(r"\d\.?\Z|\.\Z")
_PART_BEHIND = re.compile(r"\.?\d")
"""Where commands are not known, a comma may be anything."""

FAR = 5000
"""A gap as long as a page."""

HEADER = 120
"""Between the number of a part and its question: its credits."""

_KNOWN_GAPS = (FAR, HEADER)
"""Before a block whose first characters are known."""

WINDOW = 24
"""So much is shown of what a page says."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What is visible without a gap, with the values of a copy.

    Attributes:
        text: The characters, as :func:`~generator.verify.visible.compact` leaves them.
        gap: So many characters may stand before it.
        near: Values that are visible somewhere in this gap.
        ends: Where each value ends in ``text``, in order.
        names: The names of these values.
        cuts: At one of these places within ``text`` may stand a letter as which a sign is read.
    """

    text: str
    gap: int = 0
    near: tuple[str, ...] = ()
    ends: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    cuts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """A block that a page shows whole.

    Attributes:
        where: What people call it: ``3.1``, ``option b of 1.2``.
        pieces: What is visible of it, in order.
        needed: False for a block that only says where the next one begins.
        behind: So many characters of it may follow that are not known.
    """

    where: str
    pieces: tuple[Piece, ...]
    needed: bool = True
    behind: int = 0

    def __hash__(self) -> int:
        """Of its name alone: claims are looked up page by page, most of them the very same."""
        return hash(self.where)


@dataclass(frozen=True)
class Expected:
    """What a page must say: its number, and its blocks in order.

    Attributes:
        last: The last page, where the blocks stand on several.
    """

    page: int
    claims: tuple[Claim, ...]
    last: int = 0


# What a page must say -----------------------------------------------------------------------------


def expect(exam: Exam, given: Given, plan: Iterable[Page]) -> list[Expected]:
    """What each page of a copy must say: its questions with their values, and every option."""
    problems = {problem.id: problem for problem in exam.problems}
    return [
        Expected(
            page.number,
            (
                *(cover_claims(exam) if page.kind == "cover" else ()),
                *(
                    claim
                    for section in page.sections
                    for claim in _section_claims(problems[section.problem], given, section)
                ),
            ),
        )
        for page in plan
        if page.sections or page.kind == "cover"
    ]


def cover_claims(exam: Exam) -> Iterator[Claim]:
    """Every text of the exam that stands on its cover, in the order of its blocks."""
    for name, said in cover_texts(exam):
        yield from _claim(f"cover, {name}", escaped(said), (), FAR)


def expect_key(
    expected: Iterable[Expected],
    blocks: Mapping[str, str],
    plan: Sequence[Page],
    overflow: Overflow = NONE,
    say: Callable[..., str] | None = None,
) -> list[Expected]:
    """What each page of a key must say: what the paper says, with answers, reasons and rubrics.

    Args:
        expected: What the paper must say.
        blocks: Name to the TeX of all blocks of the key, as they were composed from the record.
        overflow: What stands on pages behind those of the paper.
        say: The words of the exam's language; English by default.
    """
    say = say or load_catalogue(DEFAULT).text
    parts = {page.number: [part.id for part in page.parts] for page in plan}
    texts = _KeyTexts(blocks, overflow, say, {it.part: it for it in overflow.moved})
    pages = [
        Expected(page.page, tuple(texts.with_answers(page.claims, parts[page.page])))
        for page in expected
    ]
    return pages + list(texts.moved({part: page for page in parts for part in parts[page]}))


@dataclass(frozen=True)
class _KeyTexts:
    """What a key says, as far as it depends on what has no room in its boxes.

    Attributes:
        moved_parts: Part to what of its answer has none.
    """

    blocks: Mapping[str, str]
    overflow: Overflow
    say: Callable[..., str]
    moved_parts: Mapping[str, Moved]

    def with_answers(self, claims: Iterable[Claim], parts: Sequence[str]) -> Iterator[Claim]:
        """The blocks of a page, each with what a key says of it behind it."""
        for claim in claims:
            yield from _with_filled_gaps(claim, parts, self.blocks)
            part, _, label = claim.where.partition(_OPTION)
            if label:
                reason = self.blocks.get(f"{part}/key/{ascii_lowercase.index(label) + 1}", "")
                yield from _claim(f"the reason of {claim.where}", reason, (), claim.behind)
            elif part in parts:
                moved = self.moved_parts.get(part)
                source = self.blocks.get(f"{part}/answer", "")
                answer = _claim(f"the answer of {part}", _in_box(source, moved, self.say), (), FAR)
                source = _filled(self.blocks.get(f"{part}/results", ""), self.blocks)
                results = _claim(f"the results of {part}", source, (), FAR)
                # Without a box, where the answer stands is said last.
                is_boxed = moved is None or moved.level < ALL
                yield from (*answer, *results) if is_boxed else (*results, *answer)

    def moved(self, pages: Mapping[str, int]) -> Iterator[Expected]:
        """What the pages at the end say: on its page each heading, on all of them the pieces.

        Args:
            pages: Part to the page of its box.
        """
        claims: list[Claim] = []
        for moved in self.overflow.moved:
            heading = {"part": moved.part, "from": pages[moved.part]}
            title = self.say("key.over_part", **heading)
            yield Expected(
                moved.page, tuple(_claim(f"what is left of {moved.part}", title, (), FAR))
            )
            for name, piece in answer_pieces(self.blocks[f"{moved.part}/answer"]):
                if name == "RubricItem" and moved.level == ALL:
                    claims += _claim(f"the answer of {moved.part}", piece, (), FAR)
                elif moved.level >= _LEAVES.get(name, moved.level + 1):
                    for paragraph in paragraphs(piece):
                        claims += _claim(f"the answer of {moved.part}", paragraph, (), FAR)
        if claims:
            first = self.overflow.moved[0].page
            yield Expected(first, tuple(claims), first + self.overflow.pages - 1)


@lru_cache(maxsize=2048)
def _in_box(answer: str, moved: Moved | None, say: Callable[..., str]) -> str:
    """What stands in the box of a part.

    Args:
        answer: The block.
        moved: What of it has no room there, if anything.
    """
    return "\n".join(_pieces_in_box(answer, moved or Moved("", 0, 0), say))


def _pieces_in_box(answer: str, moved: Moved, say: Callable[..., str]) -> Iterator[str]:
    level, page = moved.level, moved.page
    if level == ALL:
        yield say("key.over_all", over=page)
        return
    for name, piece in answer_pieces(answer):
        if name == "Brief":
            yield piece if level >= WORKING else ""
            yield say("key.over_working", over=page) if level == WORKING else ""
        elif level < _LEAVES.get(name, level + 1):
            yield piece
        elif name == "Model":
            yield say("key.over_model", over=page)
        elif name == "Notes" and level == NOTES:
            yield say("key.over_notes", over=page)


_LEAVES = {"Notes": NOTES, "Working": WORKING, "Model": MODEL}
"""The level from which on a piece is not in its box."""


def _with_filled_gaps(
    claim: Claim, parts: Sequence[str], blocks: Mapping[str, str]
) -> Iterator[Claim]:
    """A question as the key has it; its rows are in it."""
    part, is_row, _ = claim.where.partition(_ROW)
    if is_row:
        if IN_TEX.search(blocks.get(f"{part}/ask", "")) is None:
            yield claim
        return
    ask = blocks.get(f"{claim.where}/ask", "") if claim.where in parts else ""
    if not ask or IN_TEX.search(ask) is None:
        yield claim
        return
    for filled in _claim(claim.where, _filled(ask, blocks), (), HEADER):
        yield replace(filled, pieces=(claim.pieces[0], *filled.pieces))


def _filled(source: str, blocks: Mapping[str, str]) -> str:
    """A text with what belongs into its gaps."""
    return IN_TEX.sub(lambda gap: rf"\mbox{{{blocks[f'{gap[1]}/gap/{gap[2]}']}}}", source)


def _section_claims(problem: Problem, given: Given, section: Section) -> Iterator[Claim]:
    values = given.values[problem.id]
    heading, numbers = _headings(problem)
    yield from heading
    if section.first:
        yield from text_claim(f"problem {problem.id}", problem.intro, values, FAR)
    parts = {part.id: part for part in problem.parts}
    for planned in section.parts:
        part = parts[planned.id]
        ask = given.questions.get(part.id, part.ask)
        yield from text_claim(part.id, ask, values, HEADER, number=numbers[part.id])
        for label, text in given.rows.get(part.id, ()):
            where = f"{part.id}{_ROW}{label}"
            yield from text_claim(where, text, values, FAR, label, needed=True)
        for label, option in zip(ascii_lowercase, given.options.get(part.id, ()), strict=False):
            where = f"{part.id}{_OPTION}{label}"
            yield from text_claim(where, option.text, option.values, FAR, label, needed=True)


@lru_cache(maxsize=64)
def _headings(problem: Problem) -> tuple[tuple[Claim, ...], Mapping[str, str]]:
    """The heading of a problem, and the number of each of its parts: no copy has others."""
    say = problem.conventions.catalogue.text
    heading = f"{say('paper.problem', problem=problem.id)} {problem.title}"
    claims = _claim(f"the heading of problem {problem.id}", escaped(heading), (), FAR)
    return claims, {part.id: _number(problem, part) for part in problem.parts}


def _number(problem: Problem, part: Part) -> str:
    """The number of a question, with its credits where they stand below it."""
    if part.option_count and problem.choice:
        return compact(part.id)
    points = problem.conventions.number(part.points)
    said = problem.conventions.catalogue.text("paper.credits", points=points)
    return compact(f"{part.id}{said}")


def text_claim(
    where: str,
    text: Text,
    values: Mapping[str, Shown],
    gap: int,
    label: str = "",
    *,
    number: str = "",
    needed: bool = False,
) -> tuple[Claim, ...]:
    """The claim of a text of the bank; one without values only tells where the next one begins.

    Args:
        number: What stands before it as a piece of its own.
        needed: Whether it has to be there even without values.
    """
    if not text.varies:
        return _claim(where, text.source, (), gap, label, number, needed=needed)
    names = sorted(text.names)
    said = tuple([(name, values[name].tex) for name in names])
    source = text.render({name: _slot(name, values[name]) for name in names})
    return _claim(where, source, said, gap, label, number)


def _slot(name: str, shown: Shown) -> Shown:
    """A value that prints its name between marks; a drawn text is read with its surroundings."""
    pieces = segments(shown.tex)
    if isinstance(shown.value, str | tuple) or len(pieces) != 1 or pieces[0].gap:
        return shown
    return Shown(shown.value, f"\x01{name}\x02")


@lru_cache(maxsize=2048)
def _claim(
    where: str,
    source: str,
    values: tuple[tuple[str, str], ...],
    gap: int,
    label: str = "",
    number: str = "",
    *,
    needed: bool = True,
) -> tuple[Claim, ...]:
    """The claim of a block; nothing where nothing of it is known to be visible.

    Kept: most blocks of a copy are those of others, too.

    Args:
        values: Names, and the TeX of their values.
        gap: So many characters may stand before it.
        label: What stands right before it.
        number: What stands before it as a piece of its own.
    """
    said = {name: _pieces_of(tex) for name, tex in values}
    pieces = [_piece(segment, said) for segment in segments(source)]
    if not pieces:
        return ()
    first = pieces[0]
    if label and (first.gap or not first.text):
        pieces.insert(0, Piece(label, gap))
    elif label:
        ends = tuple(end + len(label) for end in first.ends)
        cuts = tuple(cut + len(label) for cut in first.cuts)
        pieces[0] = replace(first, text=label + first.text, gap=gap, ends=ends, cuts=cuts)
    else:
        pieces[0] = replace(first, gap=gap + first.gap)
    if number:
        pieces.insert(0, Piece(number, FAR))
    return (Claim(where, tuple(pieces), needed, gap_behind(source)),)


@lru_cache(maxsize=8192)
def _pieces_of(tex: str) -> tuple[str, ...]:
    """What is visible of a value, as it is set: a base below a number is another piece."""
    return tuple(piece for segment in segments(tex) for piece in segment.pieces)


def _piece(segment: Segment, said: Mapping[str, Sequence[str]]) -> Piece:
    parts: list[str] = []
    ends, names = [], []
    length = 0
    for part in segment.pieces:
        name = part[1:-1] if part.startswith("\x01") else None
        own = (part,) if name is None else said[name]
        parts += own
        length += sum(map(len, own))
        if name is not None:
            ends.append(length)
            names.append(name)
    near = tuple("".join(said[name]) for name in segment.near)
    cuts = tuple(_cuts(parts)) if segment.split else ()
    return Piece("".join(parts), segment.gap, near, tuple(ends), tuple(names), cuts)


def _cuts(parts: Sequence[str]) -> Iterator[int]:
    """Where a text may be split by a sign: between its pieces, and not between digits of one."""
    start = 0
    for part in parts:
        yield from (start,) if start else ()
        for at in range(1, len(part)):
            if not part[at - 1 : at + 1].isdigit():
                yield start + at
        start += len(part)


# What a page says ---------------------------------------------------------------------------------


class Reading:
    """A page as it was read, and without what is not compared."""

    def __init__(self, text: str, kept: str | None = None) -> None:
        """Takes what was read.

        Args:
            kept: What of it is compared, as :func:`~generator.verify.visible.compact` leaves it.
        """
        self._text = text
        self.kept = kept if kept is not None else "".join(map(compact_line, text.split("\n")))
        self.beside: list[tuple[str, str]] = []
        """What stands between blocks, each with its place; known when all were looked for."""
        self._reached = (0, 0)
        self._begun = 0

    @cached_property
    def _lines(self) -> list[str]:
        return self._text.split("\n")

    @cached_property
    def _starts(self) -> list[int]:
        """How many characters are kept before each line."""
        kept = map(compact_line, self._lines[:-1])
        return list(accumulate(map(len, kept), initial=0))

    def missing(self, claims: Iterable[Claim]) -> Iterator[str]:
        """What the page does not say of some blocks, in words."""
        place = 0
        before, is_open = "", False
        for claim in claims:
            end = self._straight(claim.pieces, place)
            if end is None:
                self._reached = (0, place)
                end = self._follow(claim.pieces, 0, place)
            if not claim.needed:
                shown = "".join([piece.text for piece in claim.pieces])
                self.beside.append((f"{claim.where}: {shown}", "" if end is None else "shown"))
            if end is not None:
                if not is_open and claim.pieces[0].gap in _KNOWN_GAPS and self._begun >= place:
                    self.beside.append((f"{before}, {claim.where}", self.kept[place : self._begun]))
                place, before, is_open = end, claim.where, claim.behind > 0
            elif claim.needed:
                index, start = self._reached
                yield f"{claim.where}: {self._differ(claim.pieces[index], start)}"
        if not is_open:
            self.beside.append((f"{before}, the end", self.kept[place:]))

    def _straight(self, pieces: Sequence[Piece], start: int) -> int | None:
        """Where pieces end if each is the first of its kind, as nearly all are; else None."""
        begun = -1
        for piece in pieces:
            text = piece.text
            at = self.kept.find(text, start, start + piece.gap + len(text))
            begun = at if begun < 0 else begun
            if at < 0 or piece.near:
                return None
            may_go_on = text[:1].isdigit() or text[-1:].isdigit()
            if may_go_on and not self._is_whole(piece, at, start):
                return None
            start = at + len(text)
        self._begun = begun
        return start

    def _follow(self, pieces: Sequence[Piece], index: int, start: int) -> int | None:
        """Where pieces end that stand behind a place, each within its gap."""
        if index == len(pieces):
            return start
        self._reached = max(self._reached, (index, start))
        piece = pieces[index]
        last = start + piece.gap + len(piece.text)
        if not self._is_near(piece, start, last):
            return None
        at = self.kept.find(piece.text, start, last)
        while at >= 0:
            if self._is_whole(piece, at, start):
                end = self._follow(pieces, index + 1, at + len(piece.text))
                if end is not None:
                    self._begun = at
                    return end
            at = self.kept.find(piece.text, at + 1, last)
        ends = self._split_ends(piece, start, last)
        found = (self._follow(pieces, index + 1, it) for it in ends)
        end = next((it for it in found if it is not None), None)
        self._begun = -1  # not known
        return end

    def _split_ends(self, piece: Piece, start: int, last: int) -> Iterator[int]:
        """Where a piece ends in which a sign is read."""
        for cut in piece.cuts:
            before, behind = piece.text[:cut], piece.text[cut:]
            at = self.kept.find(before, start, last)
            while at >= 0:
                sign = at + cut
                if self.kept[sign : sign + 1].isupper() and self.kept.startswith(behind, sign + 1):
                    end = sign + 1 + len(behind)
                    if self._is_whole(piece, at, start, end):
                        yield end
                at = self.kept.find(before, at + 1, last)

    def _is_near(self, piece: Piece, start: int, last: int) -> bool:
        return all(self._stands(value, start, last + UNKNOWN) for value in piece.near)

    def _stands(self, value: str, start: int, last: int) -> bool:
        """Whether a value is between two places, and no part of a longer number."""
        at = self.kept.find(value, start, last)
        while value and at >= 0:
            # Spaces count here: behind "31." may stand the digits of something else.
            line, place = self._place(at)
            last_line, end = self._place(at + len(value) - 1)
            before = line[max(place - 2, 0) : place]
            if not (_PART_BEFORE.search(before) or _PART_BEHIND.match(last_line, end + 1)):
                return True
            at = self.kept.find(value, at + 1, last)
        return not value

    def _is_whole(self, piece: Piece, at: int, start: int, end: int | None = None) -> bool:
        """Whether a number at either end of a piece is no part of a longer one on the page.

        Args:
            end: Where the piece ends, if something else stands within it.
        """
        if not piece.text:
            return True
        end = at + len(piece.text) if end is None else end
        if piece.text[0].isdigit() and at > start and self.kept[at - 1] in "0123456789.,-":
            line, place = self._place(at)
            before = line[max(place - 2, 0) : place]
            known = not UNKNOWN <= piece.gap < FAR
            if _DIGIT_BEFORE.search(before) or (known and before.endswith("-")):
                return False
        if piece.text[-1].isdigit() and self.kept[end : end + 1] in _NUMERIC:
            line, place = self._place(end - 1)
            return _DIGIT_BEHIND.match(line, place + 1) is None
        return True

    def _place(self, index: int) -> tuple[str, int]:
        """The line of a character that is kept, and where it stands there."""
        number = bisect_right(self._starts, index) - 1
        line, places = _read_line(self._lines[number])
        return line, places[index - self._starts[number]]

    def _differ(self, piece: Piece, start: int) -> str:
        """The longest beginning of a piece that is on the page, and what follows there."""
        low, high, at = 0, len(piece.text), -1
        while low < high:
            middle = (low + high + 1) // 2
            found = self.kept.find(piece.text[:middle], start)
            low, high, at = (middle, high, found) if found >= 0 else (low, middle - 1, at)
        wanted = piece.text[max(low - WINDOW, 0) : low + WINDOW]
        shown = self.kept[max(at + low - WINDOW, 0) : at + low + WINDOW] if at >= 0 else ""
        name = piece.names[bisect_right(piece.ends, low)] if low < (piece.ends or (0,))[-1] else ""
        whose = f" ({name})" if name else ""
        found_there = f"it says {shown!r}" if shown else "nothing like it was found"
        return f"expected {wanted!r}{whose}, and {found_there} (without spaces)"


@lru_cache(maxsize=8192)
def _read_line(text: str) -> tuple[str, tuple[int, ...]]:
    """A line that was read, and where the characters that are kept stand in it."""
    line = plain_text(text)
    return line, tuple(place for place, character in enumerate(line) if character in KEPT)
