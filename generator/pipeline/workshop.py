"""One bank and one secret: copies are drawn, solved, marked and composed, nothing is typeset."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from generator.bank.covers import MODEL
from generator.bank.exam import Exam
from generator.codes.page_code import REFERENCE_CODE, CodeError, record_mark
from generator.codes.sheet import symbol_version
from generator.compose.blocks import Block, Source, key_blocks, paper_blocks
from generator.compose.frame import fields, marks
from generator.compose.given import Answers, Given, key_slots, split
from generator.compose.key_data import key_document
from generator.draw.draw import NO_BANDS, Band, Draw, reference_draw
from generator.errors import Complaint, InputError
from generator.exact.secret import Secret
from generator.layout import A4, LARGE_PRINT, Enlarged
from generator.pipeline.corrected_texts import Told, told_by
from generator.pipeline.key_texts import KeyTexts
from generator.record.copy import Copy, Recorded, encode_problems
from generator.record.record import RefusedDraw, record_copy, recorded_answers, solve_recorded
from generator.solve.solve import Solution, solve_problem
from generator.typeset.press import Side


@dataclass(frozen=True)
class Registered:
    """A copy after draw, solve and record.

    Attributes:
        copy: With its record, its mark and the digest of what its key says.
        refusals: Recorded draws that the bank no longer admits.
        changes: Answers that differ from the recorded ones.
        doubts: Recorded draws that stay, though a condition does not hold for them any more.
        given_up: Why its first draw could not be taken; empty if it was.
        told: The words of its key, where that is no more what it was.
    """

    copy: Copy
    refusals: tuple[RefusedDraw, ...]
    changes: tuple[str, ...]
    doubts: tuple[RefusedDraw, ...] = ()
    given_up: str = ""
    told: Told = field(default_factory=dict)


@dataclass(frozen=True)
class Composed:
    """The TeX of a copy, all of its blocks."""

    given: Given
    answers: Answers
    paper: Mapping[str, str]
    key: Mapping[str, str]


class Workshop:
    """One bank and one secret, and all that is done with single copies."""

    def __init__(
        self,
        exam: Exam,
        secret: Secret,
        digits: int,
        bands: Mapping[str, Band] = NO_BANDS,
        key_texts: KeyTexts | None = None,
    ) -> None:
        """Prepares what all copies share.

        Args:
            digits: Digits of the copy codes.
            bands: Problem id to the work that a copy may take.
            key_texts: Keeps what is composed for keys until it is typeset.
        """
        self._key_texts = key_texts
        self.exam = exam
        self.secret = secret
        self.digits = digits
        self.bands = bands
        try:
            self.version = symbol_version(exam.id, digits)
        except CodeError as error:  # the bank was read for four digits; a large batch has more
            raise InputError([Complaint(exam.file, 0, 0, "id", f"{error}; shorten it")]) from None
        self._paper_blocks: tuple[Block[Given], ...] = tuple(paper_blocks(exam))
        self._key_blocks: tuple[Block[Answers], ...] = tuple(key_blocks(exam))

    # draw, solve, record

    def register(self, copy: Copy, redraw: Collection[str], first_epoch: int = 0) -> Registered:
        """Draws what is new, solves all, and marks the record.

        Args:
            first_epoch: The epoch of what is drawn for the first time.
        """
        outcome = record_copy(self.exam, copy, self.secret, redraw, self.bands, first_epoch)
        if outcome.refusals:
            return Registered(copy, outcome.refusals, ())
        composed = self.compose(copy.code, outcome.solutions)
        key_content = self._key_content(composed, outcome.problems)
        if self._key_texts is not None:
            own = {name: tex for name, tex in composed.key.items() if name in self.varying}
            self._key_texts.put(key_content, own)
        recorded = replace(outcome.copy, mark=self._mark(composed), key_content=key_content)
        told: Told = {}
        if copy.key_content not in {"", key_content}:
            told = told_by(key_document(self.exam, copy.code, "", 0, outcome.solutions))
        return Registered(recorded, (), outcome.changes, outcome.doubts, told=told)

    def register_reference(self) -> Copy:
        """The reference copy, drawn from what the bank writes out."""
        draws = {problem.id: reference_draw(problem) for problem in self.exam.problems}
        return self.register_draws(REFERENCE_CODE, draws)

    def register_draws(self, code: str, draws: Mapping[str, Draw]) -> Copy:
        """A copy that is drawn already."""
        solutions = {
            problem.id: solve_problem(problem, draws[problem.id]) for problem in self.exam.problems
        }
        recorded = {
            name: Recorded(solution.draw, recorded_answers(solution))
            for name, solution in solutions.items()
        }
        mark = self._mark(self.compose(code, solutions))
        return Copy(code, record=encode_problems(recorded), mark=mark)

    def mark(self, copy: Copy) -> str:
        """The mark of a recorded copy, of what its paper would show now."""
        return self._mark(self.compose(copy.code, self.solutions(copy)))

    def _mark(self, composed: Composed) -> str:
        """The mark of what the paper shows: titles, points, all texts, all figures."""
        # What is usual is left out (`_fields`), so that papers of before keep their marks.
        shows = [
            self._fields,
            composed.given.code,
            composed.paper,
            sorted(composed.given.figures.items()),
        ]
        return record_mark(self.secret.mark_key, json.dumps(shows).encode())

    def _key_content(self, composed: Composed, problems: Mapping[str, Recorded]) -> str:
        """Digest of what a key says: its blocks, the recorded answers, and what is in JSON only."""
        answers = {name: recorded.answers for name, recorded in problems.items()}
        content = [composed.key, answers, self._explanations, *self._solved_figures]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    @property
    def _solved_figures(self) -> list[tuple[str, str]]:
        """The files beside the exam that only keys show, where there are any."""
        return [
            (figure.slot, figure.file.digest)
            for problem in self.exam.problems
            for figure in problem.figures()
            if figure.file is not None and figure.slot in key_slots(problem)
        ]

    @cached_property
    def _fields(self) -> list[object]:
        """What every paper shows: the fields of the cover, titles, points, boxes to mark."""
        exam = self.exam
        return [
            exam.id,
            sorted(fields(exam).items()),
            *([] if exam.cover == MODEL else [repr(exam.cover), repr(exam.grades.scale)]),
            *([] if exam.sheet == A4 else [exam.sheet.name]),
            *([] if exam.columns == 1 else [exam.columns]),
            [(problem.id, problem.title, str(problem.points)) for problem in exam.problems],
            [
                (part.id, str(part.points), marks(part))
                for problem in exam.problems
                for part in problem.questions()
            ],
            *self._own_figures,
        ]

    @property
    def _own_figures(self) -> list[tuple[str, str, str]]:
        """The files beside the exam that papers show, where there are any."""
        return [
            (figure.slot, figure.file.digest, str(figure.width_mm))
            for problem in self.exam.problems
            for figure in problem.figures()
            if figure.file is not None and figure.slot not in key_slots(problem)
        ] + self._logo

    @property
    def _logo(self) -> list[tuple[str, str, str]]:
        logo = self.exam.logo
        if logo is None or logo.file is None:
            return []
        return [(logo.slot, logo.file.digest, str(logo.width_mm))]

    @cached_property
    def _explanations(self) -> list[list[object]]:
        """Other acceptable answers and common mistakes, as the bank has them."""
        return [
            [
                part.id,
                [text.source for text in part.also_accept],
                [
                    [it.text.source, str(it.earns), *(f"{k}: {v}" for k, v in it.gives.items())]
                    for it in part.mistakes
                ],
            ]
            for problem in self.exam.problems
            for part in problem.questions()
            if part.boxed
        ]

    def solutions(self, copy: Copy) -> dict[str, Solution]:
        """The solutions of a recorded copy.

        Raises:
            CopyError: The bank gives other answers than are recorded.
        """
        return solve_recorded(self.exam, copy)

    def compose(self, code: str, solutions: Mapping[str, Solution]) -> Composed:
        """All blocks of a copy."""
        return self._composed(code, solutions, {})

    def compose_recorded(self, copy: Copy, solutions: Mapping[str, Solution]) -> Composed:
        """All blocks of a recorded copy; what its key says may be known from when it was recorded.

        Args:
            solutions: Those of its record.
        """
        kept = self._key_texts.take(copy.key_content) if self._key_texts is not None else None
        return self._composed(copy.code, solutions, kept or {})

    def _composed(
        self, code: str, solutions: Mapping[str, Solution], known: Mapping[str, str]
    ) -> Composed:
        given, answers = split(self.exam, code, solutions)
        key = {
            block.name: known[block.name] if block.name in known else self._rendered(block, answers)
            for block in self._key_blocks
        }
        paper = {block.name: self._rendered(block, given) for block in self._paper_blocks}
        return Composed(given, answers, paper, key)

    def _rendered(self, block: Block[Source], source: Source) -> str:
        """The TeX of a block; what is the same in all copies is made once."""
        if block.varies:
            return block.render(source)
        known = self._same.get(id(block))
        if known is None:
            known = self._same[id(block)] = block.render(source)
        return known

    @cached_property
    def _same(self) -> dict[int, str]:
        """The TeX of the blocks that all copies have in common."""
        return {}

    def contributed(self, side: Side, composed: Composed) -> dict[str, str]:
        """The blocks that a copy contributes to the pages of a side."""
        blocks = {**composed.paper, **(composed.key if side.name == "key" else {})}
        return {name: tex for name, tex in blocks.items() if name in self.varying}

    @cached_property
    def varying(self) -> frozenset[str]:
        """The names of the blocks that copies contribute."""
        varying = {block.name for block in self._paper_blocks if block.varies}
        return frozenset(varying | {block.name for block in self._key_blocks if block.varies})

    def extra_time(self, copy: Copy) -> str:
        """What the cover says of it; in letters that the font of the stamps has."""
        minutes = copy.accommodation.extra_minutes
        say = self.exam.conventions.catalogue.text
        return say("stamp.extra_time", count=minutes) if minutes else ""

    def enlarged(self, side: Side, copy: Copy) -> Enlarged | None:
        """How a copy stands on a larger sheet; None for one as others are."""
        large = copy.accommodation.large_print and side.name == "paper"
        return LARGE_PRINT[self.exam.sheet] if large else None
