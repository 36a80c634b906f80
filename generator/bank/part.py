"""What every subproblem answers to, whatever its kind: the stages ask, ``bank/kinds`` answers.

A stage never asks of which kind a part is. It asks for texts, figures, options, an answer box; a
part that has none of them gives none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import ClassVar, Literal

from generator.bank.plot import Plot
from generator.bank.template import Text
from generator.errors import Complaint, InputError
from generator.exact.dice import Dice
from generator.exact.numbers import Value
from generator.expressions import Expression

OPTION_LABELS = "abcdefgh"
"""What papers and keys call the options of a part, at most eight."""

FALSE_BOX = "-false"
"""What stands behind the label of an option to name its second box."""

Setting = Literal["question", "option", "reason", "answer", "plain"]
"""How a text is set: the first two on paper and key, ``plain`` in the key's file alone."""


NOTHING = Text("")


@dataclass(frozen=True)
class PartText:
    """A text of a part, with how it is set."""

    text: Text
    setting: Setting

    @property
    def on_paper(self) -> bool:
        """Whether papers show it; else it is the key's alone."""
        return self.setting in {"question", "option"}


@dataclass(frozen=True)
class BankFile:
    """A file beside the exam, as it was read.

    Attributes:
        name: Its path from the folder of the exam, e.g. ``figures/graph.tex``.
        path: The file as messages call it.
    """

    name: str
    path: str
    content: bytes = field(repr=False)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of what was read."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Figure:
    """A figure and what it depends on: TikZ, or an image.

    Attributes:
        slot: Where it stands, unique in the exam, e.g. ``3-intro``.
        name: The name of the TikZ file without ``.tex``, or of the image.
        values: The drawn names.
        compute: Computes coordinates from the values; None where none are needed.
        file: The file beside the exam; None for a figure of ``latex/figures``.
        width_mm: How wide an image is printed; 0 for TikZ.
        place: Line and column in the file of its problem, from 1.
        labels: What ``\\FigureLabel`` prints, set for each copy.
        answers: The same, for the key alone.
        plot: What is drawn in place of a file.
    """

    slot: str
    name: str
    values: tuple[str, ...]
    compute: Callable[[Mapping[str, Value]], Mapping[str, str]] | None
    file: BankFile | None = None
    width_mm: Fraction = Fraction(0)
    place: tuple[int, int] = (0, 0)
    labels: Mapping[str, Text] = field(default_factory=dict)
    answers: Mapping[str, Text] = field(default_factory=dict)
    plot: Plot | None = None

    @property
    def block(self) -> str:
        """The name of the block with its labels, e.g. ``3.1/ask/labels``."""
        owner, _, place = self.slot.partition("-")
        return f"{owner}/{'answer' if place.startswith('canvas') else place}/labels"

    @property
    def of_option(self) -> bool:
        """Whether it belongs to an option, which not every copy may have."""
        return self.slot.partition("-")[2].startswith("option")

    @property
    def shown(self) -> tuple[str, ...]:
        """The names that it shows on the paper."""
        printed = (name for text in self.labels.values() for name in text.printed)
        plotted = sorted(self.plot.names) if self.plot is not None else ()
        return tuple(dict.fromkeys((*self.values, *plotted, *printed)))

    @property
    def varies(self) -> bool:
        """Whether what each copy sets of it may differ."""
        labels = (*self.labels.values(), *self.answers.values())
        return any(text.varies for text in labels) or bool(self.plot and self.plot.names)

    @property
    def is_set(self) -> bool:
        """Whether anything of it is set on the page of a copy."""
        return bool(self.labels) or self.plot is not None

    @property
    def is_image(self) -> bool:
        """Whether it is a file that is printed as it is."""
        return self.width_mm > 0


@dataclass(frozen=True)
class Shared:
    """A pool from which parts of several problems have their questions.

    Attributes:
        pool: Its file.
        before: The parts that choose before this one, each with what its questions are known by: a
            copy has none of those that they chose.
    """

    pool: str
    before: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class RubricItem:
    """What earns points: a text, or a step whose result earns them.

    Attributes:
        trivial: Whether a result that follows from an earlier error takes no work any more; None
            where the bank leaves that to the program.
    """

    points: Fraction
    text: Text | None
    step: str | None
    trivial: Expression | None = None


@dataclass(frozen=True)
class Mistake:
    """A common mistake and the points it still earns.

    Attributes:
        gives: Steps of the part to what the student computes in their place.
        may_coincide: Whether copies may be drawn in which it leads to the right result.
        line: Line and ``column`` in the file, from 1.
    """

    text: Text
    earns: Fraction
    gives: Mapping[str, Expression] = field(default_factory=dict)
    may_coincide: bool = False
    line: int = 0
    column: int = 0


@dataclass(frozen=True)
class About:
    """What is said of a question, for those who choose and check questions."""

    topic: str = ""
    outcome: str = ""
    difficulty: str = ""
    minutes: Fraction | None = None
    tags: tuple[str, ...] = ()
    author: str = ""
    source: str = ""
    version: str = ""

    def within(self, outer: About) -> About:
        """With what the outer one says and this one leaves out; tags of both."""
        own = {name: value for name, value in vars(self).items() if value}
        tags = tuple(dict.fromkeys((*outer.tags, *self.tags)))
        # The time of a problem is not that of each of its parts.
        return replace(outer, **{"minutes": None, **own, "tags": tags})


NOTHING_SAID = About()


@dataclass(frozen=True)
class ResultBox:
    """A small box for the result of a step."""

    step: str
    width_mm: Fraction


@dataclass(frozen=True)
class Gap:
    """What belongs into a gap or a result box.

    Attributes:
        name: What it is called.
        text: What belongs there; None where it is the value of the step of this name.
    """

    name: str
    text: Text | None = None


@dataclass(frozen=True)
class ChoiceDraw:
    """What a copy has of a part from which something is chosen.

    Attributes:
        options: What stands at a, b, c, ...: a pool's statement is its name, a computed one
            ``name/right`` or ``name/wrong/N``; an order is its labels; a fixed option its index.
            Of a part with alternatives the only one is the number of the question, from 1.
        labels: In an ordering question the label of each step, in the right order.
    """

    options: tuple[str, ...]
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class SolvedOption:
    """An option of multiple choice with its truth.

    Attributes:
        option: What was drawn, as in :class:`ChoiceDraw`.
        correct: Whether it is to be marked.
        say: What it says.
        why: Why it is right or wrong.
        shown: The value that a computed statement prints; None for the others.
        right: The value that it should print; None for the others.
        printed: Names for which it prints another value than that of the copy.
        figure: It stands behind what the option says.
    """

    option: str
    correct: bool
    say: Text
    why: Text
    shown: Value | None = None
    right: Value | None = None
    printed: Mapping[str, Value] = field(default_factory=dict)
    figure: Figure | None = None


class Crowded(Exception):
    """For these values a part has too few options that differ enough."""

    def __init__(self, part: str, needed: int, found: int) -> None:
        super().__init__(f"only {found} of {needed} wrong values are far enough from the others")
        self.part = part


@dataclass(frozen=True)
class Use:
    """How often a part prints something, for the report.

    Attributes:
        true: Whether it is right.
        share: The share of the copies that have it, on average.
    """

    true: bool
    share: float


@dataclass(frozen=True, kw_only=True)
class Part:
    """A subproblem of any kind.

    Attributes:
        id: Problem and part, e.g. ``3.1``.
        points: What it earns.
        ask: The question.
        new_page: It starts a page.
        figure: Figure behind the question.
        language: What its listing is written in; empty where that is not said.
        space_mm: The least height of the answer box; 0 where there is none.
        fallback: Names of steps of earlier parts for which values are printed.
        steps: The steps of this part in their written order.
        answers: Those that are asked for or that a rubric refers to.
        answer: The model answer.
        results: Small boxes at the foot of the answer box.
        gaps: What belongs there, and into the gaps of the question.
        columns: So many options stand side by side.
        scoring: What its boxes earn: the rule's key in the catalogue; empty where none is stated.
        states_scoring: The rule stands with the question, not with the problem.
        two_boxes: Each option has a box for true and one for false.
        question: What an alternative is known by: a copy has no question twice.
        alternatives: The questions of which each copy has one, where it is not always the same.
        shared: The pool from which these are, if other problems draw from it, too.
        reference_alternative: Index of the reference copy's question among them.
        about: What is said of it.
    """

    id: str
    points: Fraction
    ask: Text
    new_page: bool
    figure: Figure | None
    language: str = ""
    space_mm: Fraction = Fraction(0)
    fallback: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    answer: Text = NOTHING
    rubric: tuple[RubricItem, ...] = ()
    also_accept: tuple[Text, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    solver: tuple[str, ...] = ()
    results: tuple[ResultBox, ...] = ()
    gaps: tuple[Gap, ...] = ()
    question: str = ""
    alternatives: tuple[Part, ...] = ()
    shared: Shared | None = None
    reference_alternative: int = 0
    about: About = NOTHING_SAID

    columns: int = 1
    scoring: str = ""
    states_scoring: bool = False
    two_boxes: bool = False

    boxed: ClassVar[bool] = False
    """Whether it is answered in words or numbers, and marked by a rubric."""

    chooses: ClassVar[bool] = False
    """Whether a copy has a :class:`ChoiceDraw` of the part."""

    crowded: ClassVar[tuple[str, str, str]] = (
        "the gap between options",
        "wrong",
        "add wrong values, or lower gap or count",
    )
    """What a :class:`Crowded` draw did not meet, in which field, and what to do."""

    has_rows: ClassVar[bool] = False
    """Whether labeled rows stand beneath the question, which may differ between copies."""

    @property
    def is_written(self) -> bool:
        """Whether a letter or a number is to be written into each of its rows."""
        return self.has_rows and not self.option_count

    @property
    def form(self) -> str:
        """What the class calls the layout.

        ``open`` has an answer box, ``gaps`` places for answers in the question, ``choice`` options.
        """
        raise NotImplementedError

    # What it says and shows.

    def questions(self) -> tuple[Part, ...]:
        """Itself, or in its place all questions that a copy may have instead."""
        return self.alternatives or (self,)

    def texts(self) -> Iterator[PartText]:
        """All texts, with how each is set; of alternatives, each question has its own."""
        yield PartText(self.ask, "question")
        yield PartText(self.answer, "answer")
        for item in self.rubric:
            if item.text is not None:
                yield PartText(item.text, "answer")
        yield from (PartText(gap.text, "answer") for gap in self.gaps if gap.text is not None)
        yield from (PartText(text, "plain") for text in self.also_accept)
        yield from (PartText(mistake.text, "plain") for mistake in self.mistakes)

    def paper_figures(self) -> Iterator[Figure]:
        """The figures of the paper, in their order."""
        if self.figure is not None:
            yield self.figure

    @property
    def solved_figures(self) -> Mapping[str, Figure]:
        """Slot of a figure of the paper to the figure with the solution, which the key has."""
        return {}

    def layout(self, height_mm: Fraction, *, key: bool) -> tuple[str, ...]:
        """The command of the class that places the part, with its arguments."""
        raise NotImplementedError

    def set_ask(self, ask: str, rows: Sequence[tuple[str, str]]) -> str:
        """The TeX of the question, with the labeled rows beneath it."""
        return ask

    @property
    def varies(self) -> bool:
        """Whether its options, or their order, may differ between copies."""
        return False

    # How it is marked.

    @property
    def marks(self) -> tuple[Fraction, ...]:
        """What the marking boxes say; none where a scanner could count the crosses."""
        return ()

    # What is chosen for a copy.

    @property
    def option_count(self) -> int:
        """How many options it has, in every copy."""
        return 0

    def draw(self, dice: Dice, attempt: int, values: Mapping[str, Value]) -> ChoiceDraw:
        """Draws what is chosen.

        Args:
            values: All drawn names and steps, computed when they are looked up.

        Raises:
            InputError: Nothing can be chosen for these values.
            Crowded: The same, but the values of another attempt may do.
        """
        raise NotImplementedError

    def reference_choice(self, values: Mapping[str, Value]) -> ChoiceDraw:
        """What the reference copy has.

        Args:
            values: Its drawn names and steps.
        """
        raise NotImplementedError

    def admits(self, choice: ChoiceDraw) -> bool:
        """Whether a recorded choice is still one of the bank."""
        raise NotImplementedError

    def solve(self, choice: ChoiceDraw, values: Mapping[str, Value]) -> tuple[SolvedOption, ...]:
        """The options with their truth.

        Args:
            values: All drawn names and steps.
        """
        return ()

    @property
    def row_texts(self) -> tuple[Text, ...]:
        """What its rows say, in whatever order."""
        return ()

    def rows(self, choice: ChoiceDraw) -> tuple[tuple[str, Text], ...]:
        """What stands labeled beneath the question; it does not tell the answer."""
        return ()

    def filled(self, choice: ChoiceDraw | None) -> tuple[Gap, ...]:
        """What belongs into the gaps of a copy.

        Args:
            choice: What was chosen; None where nothing is.
        """
        return self.gaps

    # What check and report ask.

    def equal_distractors(
        self, values: Mapping[str, Value]
    ) -> Iterator[tuple[tuple[str, int], bool]]:
        """Computed distractors, by name and number, and whether each equals the right value."""
        return iter(())

    def evaluations(self) -> Iterator[tuple[str, int, Callable[[Mapping[str, Value]], Value]]]:
        """What is computed besides the steps: the field, its line, and the computation."""
        return iter(())

    def known_statements(self) -> Iterator[tuple[bool, Text, Text]]:
        """Options whose truth is the same in all copies: it, what they say, and why."""
        return iter(())

    def known_rows(self) -> Iterator[tuple[str, Text, Text]]:
        """What belongs together in all copies: a number or nothing, a row, what belongs to it."""
        return iter(())

    def option_name(self, choice: ChoiceDraw, option: str) -> str:
        """What an option is called in all copies, whatever its labels and values are."""
        return option

    def expected_use(self) -> dict[str, Use]:
        """What it can print, by the names of :meth:`option_name`."""
        return {}

    @property
    def right_share(self) -> float | None:
        """The share of copies in which a place holds a right option; None if it never changes."""
        return None

    @property
    def right_counts(self) -> Sequence[int]:
        """The numbers of right options, all equally likely; none where it never changes."""
        return ()


def written_marks(points: Fraction, *steps: Fraction) -> tuple[Fraction, ...]:
    """What marking boxes say: 0 up to the points, in halves or quarters where there are such."""
    step = marking_step(points, *steps)
    return tuple(step * index for index in range(int(points / step) + 1))


def marking_step(*points: Fraction) -> Fraction:
    """In which steps points are given: whole ones, halves, or quarters where there are any."""
    if all(it.denominator == 1 for it in points):
        return Fraction(1)
    return Fraction(1, 4) if any(it.denominator == 4 for it in points) else Fraction(1, 2)


def refuse(where: str, message: str) -> InputError:
    """The error of a draw that a part cannot serve; the caller adds the file."""
    return InputError([Complaint("", 0, 0, where, message)])
