"""What multiple choice gives away to someone who knows nothing, measured over many draws.

Three things: whether options that are all alike foretell the last one, what an empty sheet earns,
and whether words such as *always* and *only* stand in false statements more often than in true ones
(a sign that is taught to those who take tests: Millman, Bishop, Ebel 1965, *An analysis of
test-wiseness*).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from generator.bank.exam import Exam
from generator.bank.problem import Problem
from generator.exact.numbers import format_number
from generator.language.catalogue import Catalogue
from generator.solve.solve import Solution

TELLING = Fraction(15, 100)
"""Shares of true and false statements that have such words may differ by so much, by chance."""

FEW_STATEMENTS = 20
"""With fewer statements, a share says nothing."""


@dataclass
class Guesses:
    """What many draws of a problem gave away; what other draws gave can be added.

    Attributes:
        last: Whether the last option was like the others, where all others were alike, of questions
            that may have several numbers of right options.
        blank: What marking nothing earned, in points, to the number of draws.
        sayings: Part, what an option says, and whether it is right.
    """

    last: Counter[bool] = field(default_factory=Counter)
    blank: Counter[Fraction] = field(default_factory=Counter)
    sayings: set[tuple[str, str, bool]] = field(default_factory=set)

    def add(self, other: Guesses) -> None:
        """Adds what other draws gave away."""
        self.last.update(other.last)
        self.blank.update(other.blank)
        self.sayings |= other.sayings

    def look(self, problem: Problem, solution: Solution) -> None:
        """Counts what a draw gives away.

        Args:
            problem: As the copy has it.
        """
        blank: Fraction | None = None
        for part in problem.parts:
            options = solution.options.get(part.id, ())
            if not options:
                continue
            truths = [option.correct for option in options]
            blank = (blank or Fraction(0)) + (Fraction(0) if any(truths) else part.points)
            if len(set(part.right_counts)) > 1:
                for index, truth in enumerate(truths):
                    others = {*truths[:index], *truths[index + 1 :]}
                    if len(others) == 1:
                        self.last[truth in others] += 1
            self.sayings.update(
                (part.id, it.say.source, it.correct) for it in options if it.shown is None
            )
        if blank is not None:
            self.blank[blank] += 1


@dataclass(frozen=True)
class Words:
    """In how many statements there is one of the words, and in how many there could be."""

    true: int
    all_true: int
    false: int
    all_false: int

    @property
    def telling(self) -> bool:
        """Whether a guesser does better by looking for the words."""
        if min(self.all_true, self.all_false) < FEW_STATEMENTS:
            return False
        shares = Fraction(self.true, self.all_true), Fraction(self.false, self.all_false)
        return abs(shares[0] - shares[1]) > TELLING

    def __str__(self) -> str:
        return (
            f"in {self.true} of {self.all_true} true and {self.false} of {self.all_false} false "
            "statements"
        )


def count_words(catalogue: Catalogue, sayings: Iterable[tuple[str, str, bool]]) -> Words:
    """In how many statements there are words that admit no exception.

    Statements that are true in some copies and false in others are left out.

    Args:
        sayings: Part, what an option says, and whether it is right.
    """
    listed = catalogue.text("check.absolute_words")
    pattern = re.compile(rf"\b({'|'.join(re.escape(it) for it in listed.split(', '))})\b", re.I)
    truths: dict[tuple[str, str], set[bool]] = {}
    for part, say, correct in sayings:
        truths.setdefault((part, say), set()).add(correct)
    found: Counter[tuple[bool, bool]] = Counter()
    for (_, say), both in truths.items():
        if len(both) == 1:
            found[True in both, pattern.search(say) is not None] += 1
    true, false = ([found[truth, has] for has in (True, False)] for truth in (True, False))
    return Words(true[0], sum(true), false[0], sum(false))


def guess_rows(exam: Exam, found: Guesses) -> Iterator[tuple[str, str]]:
    """What a guesser could use, in words; nothing where there is no multiple choice."""
    if total := found.last.total():
        share = found.last[True] / total
        yield "all options but one are alike", f"so is the last one in {share:.1%}"
    if total := found.blank.total():
        mean = sum(points * count for points, count in found.blank.items()) / total
        least, most = (format_number(bound(found.blank)) for bound in (min, max))
        spread = "in every copy" if least == most else f"on average, {least} to {most} in a copy"
        yield "marking nothing earns", f"{float(mean):.2f} points {spread}"
    if found.sayings:
        catalogue = exam.conventions.catalogue
        words = count_words(catalogue, found.sayings)
        listed = catalogue.text("check.absolute_words").split(", ")
        yield f"words such as {listed[0]} and {listed[-1]} stand", str(words)


def in_exam(parts: Iterable[Guesses]) -> Guesses:
    """The problems' guesses together; an empty sheet earns what it earns in all of them."""
    whole = Guesses()
    for found in parts:
        whole.last.update(found.last)
        whole.sayings |= found.sayings
        if found.blank:
            whole.blank = _sums(whole.blank, found.blank) if whole.blank else found.blank
    return whole


def _sums(one: Counter[Fraction], other: Counter[Fraction]) -> Counter[Fraction]:
    """Sums of independent draws."""
    sums: Counter[Fraction] = Counter()
    for points, count in one.items():
        for more, times in other.items():
            sums[points + more] += count * times
    return sums
