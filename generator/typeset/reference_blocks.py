"""What the reference copy says: by its blocks texts are measured, and the pages are tried.

The reference copy has one question of each set of alternatives. So there are as many of it as the
largest set has questions, and each question is in one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from generator.bank.exam import Exam
from generator.bank.problem import Problem
from generator.bank.template import Shown, Text
from generator.codes.page_code import REFERENCE_CODE
from generator.compose.blocks import key_blocks, paper_blocks
from generator.compose.given import Answers, Given, split
from generator.compose.highest import highest
from generator.draw.draw import reference_draw, resolve
from generator.errors import all_at_once
from generator.solve.promises import refuse_broken
from generator.solve.solve import solve_problem


class ReferenceBlocks:
    """Blocks of the reference copy, as TeX.

    Attributes:
        reference: Of ``paper`` and of ``key``, the blocks that vary, by their names.
        references: The same, with other alternatives in each.
        static: The blocks that do not vary.
        questions: The questions that vary, each with all that is measured of it.
    """

    def __init__(self, exam: Exam) -> None:
        """Solves the reference copy.

        Raises:
            InputError: A promise of the bank does not hold for it.
        """
        self._exam = exam
        alternatives = [part for problem in exam.problems for part in problem.alternatives_parts]
        counts = [1, *(len(part.alternatives) for part in alternatives)]
        self._papers, self._keys = list(paper_blocks(exam)), list(key_blocks(exam))
        given = [_reference(exam, shift) for shift in range(max(counts))]
        self.references = [self._blocks(*it, varying=True) for it in given]
        self.reference = self.references[0]
        self.static = self._blocks(*given[0], varying=False)
        self.questions = self._questions(given)

    def _questions(self, references: Sequence[tuple[Given, Answers]]) -> dict[str, list[str]]:
        """The blocks of questions that vary, each with all that is measured of it."""
        found: dict[str, list[str]] = {}
        for given, answers in references:
            for whole in self._exam.problems:
                problem = resolve(whole, answers.solutions[whole.id].draw.choices)
                values = given.values[problem.id]
                intro = list(highest(problem, problem.intro, values))
                found.setdefault(f"{problem.id}/intro", []).extend(intro)
                for part in problem.parts:
                    asks = list(highest(problem, part.ask, values))
                    if part.has_rows:
                        rows = given.rows[part.id]
                        asks = [
                            part.set_ask(ask, set_rows)
                            for ask in asks
                            for set_rows in _highest_rows(problem, rows, values)
                        ]
                    found.setdefault(f"{part.id}/ask", []).extend(asks)
        varying = {block.name for block in self._papers if block.varies}
        return {name: list(dict.fromkeys(asks)) for name, asks in found.items() if name in varying}

    def _blocks(
        self, given: Given, answers: Answers, *, varying: bool
    ) -> dict[str, dict[str, str]]:
        """The blocks that vary, or those that do not, of paper and key."""
        paper = {it.name: it.render(given) for it in self._papers if it.varies is varying}
        key = {it.name: it.render(answers) for it in self._keys if it.varies is varying}
        return {"paper": paper, "key": paper | key}


def _highest_rows(
    problem: Problem, rows: Sequence[tuple[str, Text]], values: Mapping[str, Shown]
) -> Iterator[list[tuple[str, str]]]:
    """Rows as the reference copy has them, and each in its highest versions, all at once."""
    versions = [list(highest(problem, text, values)) for _, text in rows]
    for number in range(max(map(len, versions))):
        yield [
            (label, own[min(number, len(own) - 1)])
            for (label, _), own in zip(rows, versions, strict=True)
        ]


def _reference(exam: Exam, shift: int = 0) -> tuple[Given, Answers]:
    solutions = {
        problem.id: solve_problem(problem, reference_draw(problem, shift))
        for problem in exam.problems
    }
    all_at_once(partial(refuse_broken, it, solutions[it.id]) for it in exam.problems)
    return split(exam, REFERENCE_CODE, solutions)
