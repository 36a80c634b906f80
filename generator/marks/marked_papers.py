"""What can be marked: the copies in use, their subproblems, and what these can earn."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Self

from generator.bank.exam import Exam
from generator.bank.part import OPTION_LABELS, Part
from generator.bank.problem import Problem
from generator.correct.follow_through import read_value
from generator.correct.written import read_written
from generator.draw.draw import resolve
from generator.errors import Complaint, InputError
from generator.exact.numbers import Complex, NumberError, Value
from generator.record.batch import Batch
from generator.record.turnout import ABSENT, WITHDREW, turnout
from generator.record.typed_copy import read_code
from generator.solve.solve import Solution

KEPT = 2_048
"""Of so many copies the subproblems are kept in memory, and of few of them the solutions."""

Solve = Callable[[str], Mapping[str, Solution]]
"""Code of a copy in use to the solutions of its problems."""


class Refused(InputError):
    """What somebody wants to record cannot be: nothing was changed.

    Attributes:
        reason: Its key in the catalogues, e.g. ``refused.above``.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__([Complaint("", 0, 0, "", message)])
        self.reason = reason


@dataclass(frozen=True)
class MarkedPart:
    """A subproblem as one copy has it, as far as marks depend on it.

    Attributes:
        id: E.g. ``3.1``.
        problem: The problem's id.
        maximum: The points that it can earn.
        rubric: Points of each item of the rubric, and of each row of matching or numbering.
        mistakes: What each mistake of the bank still earns.
        steps: The steps of its problem, of which a student may have written values.
        options: Labels of its options; empty where it is answered in a box.
        right: Labels of the right ones.
        scoring: What crosses earn, see `ChoicePart`; empty where all must be right.
        two_boxes: Each option has a box for true and one for false.
        written_rows: How many rows of matching or numbering it has.
    """

    id: str
    problem: str
    maximum: Fraction
    rubric: tuple[Fraction, ...] = ()
    mistakes: tuple[Fraction, ...] = ()
    steps: tuple[str, ...] = ()
    options: str = ""
    right: frozenset[str] = field(default_factory=frozenset)
    scoring: str = ""
    two_boxes: bool = False
    written_rows: int = 0

    def points(self, ticks: Collection[str], *, done: bool = False) -> Fraction | None:
        """What is earned by what is ticked; None where nothing is and nobody is done.

        Rubric items add up, at most to the maximum; a mistake says what the subproblem still earns
        with it, so the least of those that are ticked counts in their place. Of multiple choice, a
        sheet without a cross earns something only once somebody has seen that it has none.

        Args:
            ticks: ``r0`` an item of the rubric, ``m0`` a mistake, ``o:a`` a cross at an option,
                ``f:a`` a cross in its second box.
        """
        if self.options:
            return self._choice(ticks) if ticks or done else None
        if left := [self.mistakes[int(it[1:])] for it in ticks if it[0] == "m"]:
            return min(*left, self.maximum)
        earned = [self.rubric[int(it[1:])] for it in ticks if it[0] == "r"]
        return min(sum(earned, Fraction(0)), self.maximum) if earned else None

    def _choice(self, ticks: Collection[str]) -> Fraction:
        """What crosses earn by the rule that the paper states."""
        good = sum(self._is_good(label, ticks) for label in self.options)
        count = len(self.options)
        if not self.scoring or "all_or_nothing" in self.scoring:
            return self.maximum if good == count else Fraction(0)
        bad = 0
        if "deducting" in self.scoring:
            blank = [it for it in self.options if not {f"o:{it}", f"f:{it}"} & set(ticks)]
            bad = count - good - (len(blank) if self.two_boxes else 0)
        return self.maximum * max(good - bad, 0) / count

    def _is_good(self, label: str, ticks: Collection[str]) -> bool:
        crossed, second = f"o:{label}" in ticks, f"f:{label}" in ticks
        is_right = label in self.right
        return crossed == is_right and (not self.two_boxes or second != is_right)

    @property
    def key_crosses(self) -> tuple[str, ...]:
        """The ticks of a sheet that is crossed as the key is."""
        second = [f"f:{it}" for it in self.options if self.two_boxes and it not in self.right]
        return tuple(sorted([*(f"o:{it}" for it in self.right), *second]))

    def share_near(self, points: Fraction) -> Fraction | None:
        """The points of options or rows of which each earns a share, written with two decimals."""
        count = len(self.options) if "per_option" in self.scoring else self.written_rows
        if not count:
            return None
        shares = (self.maximum * at / count for at in range(count + 1))
        return next((it for it in shares if abs(it - points) <= Fraction(1, 200)), None)

    def knows(self, tick: str) -> bool:
        """Whether there is what a tick stands for."""
        kind, number = tick[:1], tick[1:]
        if kind in {"o", "f"} and number[:1] == ":":
            return number[1:] in tuple(self.options) and (kind == "o" or self.two_boxes)
        items = {"r": self.rubric, "m": self.mistakes}.get(kind, ())
        return number.isascii() and number.isdigit() and int(number) < len(items)


class Papers:
    """The copies of a batch that can be marked.

    Attributes:
        exam: The exam as the batch was made of it.
        codes: Of the copies in use, in order; of what was printed again, the latest.
        unheld: Those that nobody is known to have written on: spares, those in place of which
            their students were given others, and those of students who did not come or gave up.
        turnout: Copy to what was noted of who has it, see `generator.record.turnout`.
        parts: The ids of all subproblems, in order.
        step: Points are multiples of it.
        catalogue: What refusals are said in: the exam's language, unless somebody else is told.
        read_code: Reads a code as somebody typed it; raises InputError.
    """

    def __init__(
        self,
        exam: Exam,
        codes: Collection[str],
        solve: Solve,
        read_code: Callable[[str], str] = str,
        why_not: Callable[[str], str] = lambda code: "",
        unheld: Collection[str] = (),
        noted: Mapping[str, str] | None = None,
    ) -> None:
        """Takes the copies.

        Args:
            codes: See `codes`.
            solve: See `Solve`.
            read_code: Reads a code as somebody typed it.
            why_not: Why a code that is not among these is none.
            unheld: See `unheld`.
            noted: See `turnout`.
        """
        self.exam = exam
        self.catalogue = exam.conventions.catalogue
        self.codes = tuple(codes)
        self.unheld = frozenset(unheld)
        self.turnout = dict(noted or {})
        self.parts = tuple(part.id for problem in exam.problems for part in problem.parts)
        self.step = exam.grades.step
        self.read_code = read_code
        self._known = frozenset(codes)
        self._solve = lru_cache(maxsize=KEPT // 8)(solve)
        self._why_not = why_not
        self._problem_of = {part.id: problem for problem in exam.problems for part in problem.parts}
        self._parts_of = lru_cache(maxsize=KEPT)(self._read_parts)

    @classmethod
    def of(cls, batch: Batch) -> Self:
        """The copies of a batch."""
        void, holders = batch.ledger.voided(), batch.ledger.holders()
        noted = turnout(batch.events)
        codes, unheld, latest_noted = [], [], {}
        for code in batch.codes():
            latest = code
            while latest in void:
                latest = void[latest]
            codes.append(latest)
            if code in noted:
                latest_noted[latest] = noted[code]
            if code not in holders or noted.get(code) in {ABSENT, WITHDREW}:
                unheld.append(latest)
        papers = cls(
            batch.exam,
            codes,
            batch.solutions,
            lambda typed: read_code(batch.exam_id, batch, typed),
            lambda code: _why_void(batch, code, papers.say),
            unheld,
            latest_noted,
        )
        return papers

    def problem_of(self, part: str) -> Problem:
        """The problem that a subproblem belongs to.

        Raises:
            Refused: There is no such subproblem.
        """
        if part not in self._problem_of:
            raise self.refusal("refused.part", part=part, parts=", ".join(self.parts))
        return self._problem_of[part]

    def part(self, code: str, part: str) -> MarkedPart:
        """A subproblem as a copy has it.

        Raises:
            Refused: There is no such subproblem, or the copy is void or was never built.
        """
        self.problem_of(part)
        if not self.is_in_use(code):
            raise self.refusal("refused.copy", code=code, why=self.why_void(code))
        return self._parts_of(code)[part]

    def is_in_use(self, code: str) -> bool:
        """Whether a copy can be marked: it was built, and is not void."""
        return code in self._known

    def why_void(self, code: str) -> str:
        """Why a copy cannot be marked."""
        return self._why_not(code) or self.say("marks.never_built")

    def solution(self, code: str, problem: str) -> Solution:
        """How a problem of a copy is solved."""
        return self._solve(code)[problem]

    def _read_parts(self, code: str) -> dict[str, MarkedPart]:
        found: dict[str, MarkedPart] = {}
        for problem in self.exam.problems:
            solution = self._solve(code)[problem.id]
            own = resolve(problem, solution.draw.choices)
            found |= {part.id: _marked(own, part, solution) for part in own.parts}
        return found

    # What people type.

    def read_points(self, part: MarkedPart, text: str) -> Fraction:
        """Points as somebody typed them: ``3,5`` is a number where the exam writes so.

        Raises:
            Refused: They are no number, above the maximum, below zero, or between two steps.
        """
        number = self.exam.conventions.number
        values = {"points": text.strip(), "most": number(part.maximum), "part": part.id}
        try:
            points = read_written(text, comma=self.exam.conventions.decimal_sign == ",")
        except NumberError:
            raise self.refusal("refused.no_number", example=number(self.step), **values) from None
        if points > part.maximum:
            raise self.refusal("refused.above", **values)
        if points < 0:
            raise self.refusal("refused.below", **values)
        if (share := part.share_near(points)) is not None:
            return share
        if points % self.step and points != part.maximum:
            raise self.refusal("refused.between", step=number(self.step), **values)
        return points

    def check_given(self, code: str, part: MarkedPart, step: str, text: str) -> None:
        """Whether what a student wrote for a step can be read.

        Raises:
            Refused: There is no such step in the problem, or it is no value of its kind.
        """
        whole = self._problem_of[part.id]
        solution = self.solution(code, whole.id)
        own = resolve(whole, solution.draw.choices)
        steps = own.steps
        if step in own.variables:
            raise self.refusal("refused.drawn", step=step)
        if step not in steps:
            named = ", ".join(steps.order) or "–"
            raise self.refusal("refused.step", step=step, problem=whole.id, steps=named)
        key = solution.values[step]
        try:
            comma = self.exam.conventions.decimal_sign == ","
            read_value(text, key, comma, own.units.get(step, ""), own.form(step))
        except NumberError:
            example = self._example(key)
            raise self.refusal("refused.given", step=step, typed=text, example=example) from None

    def _example(self, key: Value) -> str:
        """How a value of the same kind is typed."""
        digits = self.exam.conventions.digits
        if isinstance(key, tuple):
            apart = "; " if self.exam.conventions.decimal_sign == "," else ", "
            return f"({apart.join([self._example(key[0])] * len(key))})" if key else "()"
        if isinstance(key, bool):
            return "true, false"
        return f"{digits('0.5')}+2i" if isinstance(key, Complex) else digits("-0.25")

    def say(self, key: str, **values: object) -> str:
        """A text in the language of `catalogue`."""
        return self.catalogue.text(key, **values)

    def refusal(self, reason: str, **values: object) -> Refused:
        """A refusal in the language of `catalogue`."""
        return Refused(reason, self.say(reason, **values))


def _why_void(batch: Batch, code: str, say: Callable[..., str]) -> str:
    """Why a copy that was built is in use no more; else nothing."""
    if (new := batch.ledger.voided().get(code)) is not None:
        return say("marks.reprinted", new=new)
    own = code.partition(".")[0]
    is_gone = own in batch.ledger.withdrawn() and own not in batch.codes()
    return say("marks.withdrawn") if is_gone else ""


def _marked(problem: Problem, part: Part, solution: Solution) -> MarkedPart:
    options = tuple(zip(OPTION_LABELS, solution.options.get(part.id, ()), strict=False))
    rows = len(part.gaps) if part.is_written else 0
    return MarkedPart(
        part.id,
        problem.id,
        part.points,
        (part.points / rows,) * rows if rows else tuple(item.points for item in part.rubric),
        tuple(mistake.earns for mistake in part.mistakes),
        tuple(problem.steps.order),
        "".join(label for label, _ in options),
        frozenset(label for label, option in options if option.correct),
        part.scoring,
        part.two_boxes,
        rows,
    )
