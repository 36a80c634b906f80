"""What a key says besides the answer: other acceptable answers, and common mistakes.

Both are plain text in the bank. A mistake that is a formula shows what it gives with the numbers of
the copy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from generator.bank.characters import known_characters
from generator.bank.part import Part
from generator.bank.problem import Problem
from generator.bank.template import FORMULA, Shown, Text, read_text
from generator.exact.numbers import NumberError
from generator.solve.mistakes import MistakeAnswer
from generator.solve.printed import tex
from generator.solve.solve import Solution

_KEPT = re.compile(rf"({FORMULA}|<<.*?>>|<%.*?%>)", re.DOTALL)
_LINES = re.compile(r"\s*\n\s*")
_OPENING_QUOTE = re.compile(r"(?<![^\s(\[])'(?=\S)")


def key_notes(
    problem: Problem, part: Part, solution: Solution, shown: Mapping[str, Shown]
) -> Iterator[str]:
    """The notes of a part as TeX, one command each.

    Args:
        problem: As the copy has it.
        solution: What the copy has drawn, and what follows.
        shown: Its values as texts print them.
    """
    for text in part.also_accept:
        yield rf"\Accepted{{{as_tex(text).render(shown)}}}"
    wrong: dict[int, list[str]] = {}
    for answer in solution.mistakes(problem, part):
        if not answer.fallback and answer.value != solution.values[answer.step]:
            wrong.setdefault(answer.number, []).append(_wrong_result(problem, answer))
    for number, mistake in enumerate(part.mistakes):
        said = as_tex(mistake.text).render(shown)
        if number in wrong:
            said += rf" $\rightarrow$~{', '.join(wrong[number])}"
        yield rf"\Mistake{{{problem.conventions.number(mistake.earns)}}}{{{said}}}"


def _wrong_result(problem: Problem, answer: MistakeAnswer) -> str:
    symbol = problem.symbol(answer.step)
    if isinstance(answer.value, str):
        return rf"${symbol} =$ {tex(problem, answer.step, answer.value)}"
    try:
        number = tex(problem, answer.step, answer.value)
    except NumberError:
        number = problem.conventions.math_digits(str(answer.printed))
    return rf"${symbol} = {number}$"


@lru_cache(maxsize=4096)
def as_tex(text: Text) -> Text:
    """A note of the bank as TeX."""
    return read_text(noted(text.source), text.line)


def noted(plain: str) -> str:
    """A note as TeX: all is escaped but its formulas, and tags where it has some."""
    # PyLaTeX is imported when a key has notes.
    from generator.compose.latex import escaped

    pieces = _KEPT.split(plain)
    pieces[::2] = (escaped(_settable(_LINES.sub(" ", it))) for it in pieces[::2])
    return "".join(pieces)


def _settable(plain: str) -> str:
    """A text with opening quotes, and with a box for what no font has: the key's data have it."""
    quoted = _OPENING_QUOTE.sub("`", plain)
    if quoted.isascii():
        return quoted
    return "".join(it if it.isascii() or it in known_characters() else "\u25a1" for it in quoted)
