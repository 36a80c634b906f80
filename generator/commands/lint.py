"""Warnings about a problem: what is allowed, but seldom meant.

They follow from the problem itself and from what many draws of it showed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction

from generator.bank.problem import Problem
from generator.bank.read.lists import has_decimal_commas
from generator.bank.template import MATH
from generator.commands.guess import count_words
from generator.commands.stress import Stress
from generator.draw.fairness import Measured, show_branches
from generator.errors import Complaint
from generator.exact.numbers import WITH_A_POINT, number_advice

FEW_VARIANTS = 30
"""With fewer distinct draws, neighbors in a room are likely to have the same problem."""

FRACTIONS = ("fraction", "mixed")
LONG_EXPANSION = 4
"""Decimal places beyond which a result is laborious to compute and to mark by hand."""

NEARLY_ALL = Fraction(95, 100)

SMALL_WORK = 6
"""A load that makes no difference: about one multiplication."""

_LISTS = re.compile(r"\b(one_of|permutation_of|except): *(?=\[)")

_BRACKETS = re.compile(r"(?<!<)< *([A-Za-z]\w*) *>>?|\{\{ *([A-Za-z]\w*) *\}\}")

_LEADING_ZERO = re.compile(r"(?<=[\[,\s])0\d+(?=[\],\s])")

FEW_ACCEPTED = 0.005
"""Of the attempts; with fewer, a copy might fail to be drawn."""


def lint(problem: Problem, stress: Stress, measured: Measured | None) -> Iterator[Complaint]:
    """What is allowed, but seldom meant."""
    looked = _Lint(problem, stress)
    yield from looked.decimal_commas()
    yield from looked.texts_like_numbers()
    yield from looked.unseen()
    yield from looked.single_brackets()
    yield from looked.constant()
    yield from looked.printed()
    yield from looked.distractors()
    yield from looked.expansions()
    yield from looked.silent()
    yield from looked.leading_zeros()
    yield from looked.few()
    yield from looked.alternatives()
    yield from looked.absolute_words()
    if measured is not None:
        yield from looked.narrow(measured)


class _Lint:
    """The warnings about one problem, each at its place."""

    def __init__(self, problem: Problem, stress: Stress) -> None:
        self.problem = problem
        self.stress = stress

    def say(self, name: str, where: str, message: str) -> Complaint:
        """A warning at the place of a name, if it has one."""
        line, column = self.problem.places.get(name, (0, 0))
        return Complaint(self.problem.file, line, column, where, message)

    def unseen(self) -> Iterator[Complaint]:
        """Drawn names that neither a text nor a figure of the paper shows."""
        shown = set(self.problem.intro.names)
        for part in self.problem.questions():
            shown |= {name for it in part.texts() if it.on_paper for name in it.text.names}
        shown |= {name for figure in self.problem.figures() for name in figure.shown}
        for name, group in self.problem.variables.items():
            is_constant = len(group.members) == 1
            if name not in shown and not is_constant:
                message = f"{name} is drawn, but no question and no figure shows it"
                yield self.say(name, f"problem {self.problem.id}", message)

    def single_brackets(self) -> Iterator[Complaint]:
        """Names of values in other brackets than those that print values."""
        names = {*self.problem.variables, *self.problem.rounding}
        questions = (it.text for part in self.problem.questions() for it in part.texts())
        for text in dict.fromkeys([self.problem.intro, *questions]):
            for found in _BRACKETS.finditer(MATH.sub("", text.source)):
                if (name := found[1] or found[2]) in names:
                    message = f"{found[0]!r} is printed as it stands; << {name} >> prints the value"
                    where = f"problem {self.problem.id}"
                    yield Complaint(self.problem.file, text.line, 0, where, message)

    def absolute_words(self) -> Iterator[Complaint]:
        """Words that admit no exception and tell true statements from false ones."""
        words = count_words(self.problem.conventions.catalogue, self.stress.guesses.sayings)
        if words.telling:
            message = (
                f"words that admit no exception (always, only, has to, …) stand {words}: who looks "
                "for them guesses better; use them in both alike"
            )
            yield self.say("", f"problem {self.problem.id}", message)

    def decimal_commas(self) -> Iterator[Complaint]:
        """Lists such as [1,5, 2,4], which YAML reads as four whole numbers."""
        source = self.problem.source
        for found in _LISTS.finditer(source):
            if has_decimal_commas(source[found.end() :]):
                before = source[: found.end()]
                count = source[found.end() : source.index("]", found.end())].count(",") + 1
                column = len(before) - before.rfind("\n")
                message = f"{count} members? {WITH_A_POINT}"
                line = before.count("\n") + 1
                where = f"problem {self.problem.id}: {found[1]}"
                yield Complaint(self.problem.file, line, column, where, message)

    def texts_like_numbers(self) -> Iterator[Complaint]:
        """Members such as 1/3, which nothing can be computed with."""
        for name, group in self.problem.variables.items():
            texts = [it for it in group.members if isinstance(it, str)]
            likely = next((it for it in texts if number_advice(it)), None)
            if likely is not None and all(it.isdigit() or number_advice(it) for it in texts):
                message = (
                    f"{likely!r} is a text, printed as it is, and no number; "
                    f"{number_advice(likely)}"
                )
                yield self.say(name, f"problem {self.problem.id}", message)

    def silent(self) -> Iterator[Complaint]:
        """Rounding and signs that may not be meant."""
        lines = {part.id: part.ask.line for part in self.problem.questions()}
        lines |= {part.id: part.ask.line for part in self.problem.parts}
        lines[self.problem.id] = self.problem.intro.line
        for name, message in self.stress.silent.warnings():
            if name in lines:
                yield Complaint(self.problem.file, lines[name], 0, name, message)
            else:
                yield self.say(name, f"problem {self.problem.id}", message)

    def leading_zeros(self) -> Iterator[Complaint]:
        """Members such as 007, which are numbers without their zeros."""
        source = self.problem.source
        for found in _LISTS.finditer(source):
            end = source.find("]", found.end())
            for zeros in _LEADING_ZERO.finditer(
                source, found.end(), end if end > 0 else len(source)
            ):
                number = zeros[0].lstrip("0") or "0"
                line = source.count("\n", 0, zeros.start()) + 1
                column = zeros.start() - source.rfind("\n", 0, zeros.start())
                message = f'{zeros[0]} is the number {number}; for the zeros, write "{zeros[0]}"'
                where = f"problem {self.problem.id}: {found[1]}"
                yield Complaint(self.problem.file, line, column, where, message)

    def constant(self) -> Iterator[Complaint]:
        for answer, counts in self.stress.answers.items():
            text, count = counts.most_common(1)[0]
            total = counts.total()
            if total > 1 and count >= NEARLY_ALL * total:
                part, _, name = answer.partition(" ")
                message = f"{name} is {cut(text)} in {percent(count, total)} of the draws"
                yield self.say(name, part, message)

    def printed(self) -> Iterator[Complaint]:
        for (answer, shown), count in self.stress.printed.items():
            total = self.stress.answers[answer].total()
            part, _, name = answer.partition(" ")
            alike = self.problem.form(name).kind == self.problem.form(shown).kind
            if name != shown and alike and count >= NEARLY_ALL * total:
                message = (
                    f"the question prints the answer {name}: it is the value of {shown} in "
                    f"{percent(count, total)} of the draws"
                )
                yield self.say(name, part, message)
        asks = {part.id: part.ask.source for part in self.problem.questions()}
        for answer, count in self.stress.told.items():
            counts = self.stress.answers[answer]
            part, _, name = answer.partition(" ")
            # One that never changes is reported as such; texts of which all are there are a choice.
            listed = all(text in asks[part] for text in counts)
            if count >= NEARLY_ALL * counts.total() and not listed:
                shown = percent(count, counts.total())
                message = f"the question has the answer {name} in its text in {shown} of the draws"
                yield self.say(name, part, message)

    def distractors(self) -> Iterator[Complaint]:
        for (where, index), count in self.stress.true_distractors.items():
            if count:
                message = (
                    f"the wrong value number {index + 1} is the right one in "
                    f"{percent(count, self.stress.draws)} of the draws, and is left out there"
                )
                yield self.say("", where, message)

    def expansions(self) -> Iterator[Complaint]:
        for name, count in self.stress.places.items():
            if count > LONG_EXPANSION and self.problem.form(name).kind not in FRACTIONS:
                message = (
                    f"{name} has up to {count} decimal places; state its decimals, or draw from "
                    "shorter lists"
                )
                yield self.say(name, f"problem {self.problem.id}", message)

    def few(self) -> Iterator[Complaint]:
        found = len(self.stress.variants)
        if 1 < found < FEW_VARIANTS:
            message = f"only {found} distinct draws: of more copies, some are alike in this problem"
            yield self.say("", f"problem {self.problem.id}", message)

    def alternatives(self) -> Iterator[Complaint]:
        """Questions of a pool that are not the same work."""
        for part in self.problem.parts:
            medians = {
                number: _median(self.stress.loads[part.id, number])
                for number in range(1, len(part.alternatives) + 1)
                if self.stress.loads.get((part.id, number))
            }
            low, high = min(medians.values(), default=0), max(medians.values(), default=0)
            if high - low > max(self.problem.fairness.band * (high + low), Fraction(SMALL_WORK)):
                loads = ", ".join(f"{load} of number {it}" for it, load in medians.items())
                message = f"the alternatives are not the same work: their median loads are {loads}"
                yield self.say("", part.id, message)

    def narrow(self, measured: Measured) -> Iterator[Complaint]:
        """Bands and branch patterns that few draws meet."""
        where = f"problem {self.problem.id}: fairness"
        patterns = measured.patterns()
        seen = {pattern for pattern, _ in patterns}
        for pattern in self.problem.fairness.branches or ():
            if pattern not in seen:
                message = (
                    f"no draw has the branch pattern {show_branches(pattern)}; take it out, or "
                    "correct it: make check lists those that there are"
                )
                yield self.say("", where, message)
        accepted = fair_share(measured) * self.stress.draws / max(self.stress.attempts, 1)
        if accepted < FEW_ACCEPTED:
            message = (
                f"a copy takes {1 / accepted:,.0f} attempts or so; widen the band ({measured.band})"
                if accepted
                else f"no draw is in the band ({measured.band})"
            )
            yield self.say("", where, message)


def fair_share(measured: Measured) -> float:
    """The share of admissible draws that are in the band."""
    band = measured.band
    inside = sum(
        count for load, count in measured.spread().items() if band.lowest <= load <= band.highest
    )
    return inside / max(measured.loads.total(), 1)


def _median(counts: Mapping[int, int]) -> int:
    ordered = sorted(Counter(counts).elements())
    return ordered[(len(ordered) - 1) // 2]


def percent(count: int, total: int) -> str:
    """A share, or nothing of nothing."""
    return f"{count / total:.1%}" if total else ""


def cut(text: str, most: int = 40) -> str:
    """A text, shortened to a line."""
    return text if len(text) <= most else text[: most - 1] + "…"
