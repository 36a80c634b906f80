"""GIFT: https://docs.moodle.org/en/GIFT_format.

A question has one answer there, so each asked value of a question makes one of its own.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from generator.exchange.questions import Blank, DrawnQuestion
from generator.exchange.scores import decimal, tolerance

_LISTING = re.compile(r"<pre>.*?</pre>", re.DOTALL)
_SIGNS = re.compile(r"([~=#{}:\\])")


def gift(
    questions: Sequence[DrawnQuestion], html: Mapping[str, str], pictures: Mapping[str, bytes]
) -> str:
    """The questions, one after the other.

    Args:
        html: Each text with formulas between ``\\(`` and ``\\)``.
        pictures: Name of a figure to the SVG; it is put into the text.
    """
    return "\n".join(text for question in questions for text in _entries(question, html, pictures))


def _entries(
    question: DrawnQuestion, html: Mapping[str, str], pictures: Mapping[str, bytes]
) -> Iterator[str]:
    text = html[question.text] + "".join(_picture(pictures[it.name]) for it in question.figures)
    if question.form != "numbers":
        yield _entry(question.name, text, _answers(question, html, pictures))
        return
    for blank in question.blanks:
        name = f"{question.name} {blank.name}" if len(question.blanks) > 1 else question.name
        unit = f" {html[blank.unit]}" if blank.unit else ""
        asked = f"<p>{html[blank.label]} ?{unit}</p>"
        yield _entry(name, text + asked, _number(blank))


def _entry(name: str, text: str, answers: str) -> str:
    return f"::{_escaped(name)}::[html]{_escaped(_one_line(text))}{{{answers}}}\n"


def _answers(
    question: DrawnQuestion, html: Mapping[str, str], pictures: Mapping[str, bytes]
) -> str:
    if question.form == "essay":
        return ""
    if question.form == "match":
        rows = [*question.pairs, *(("", right) for right in question.extra)]
        return "".join(
            f"\n={_option(html[left] if left else '')} -> {_option(html[right])}"
            for left, right in rows
        )
    right = sum(choice.right for choice in question.choices)
    found = ""
    for choice in question.choices:
        if question.single:
            sign = "=" if choice.right else "~"
        else:
            share = Fraction(100, right) if choice.right else Fraction(-100)
            sign = f"~%{decimal(share)}%"
        why = f"#{_option(html[choice.why])}" if choice.why else ""
        shown = _picture(pictures[choice.figure.name]) if choice.figure is not None else ""
        found += f"\n{sign}{_option(html[choice.text] + shown)}{why}"
    return found + "\n"


def _number(blank: Blank) -> str:
    if blank.bounds is None:
        return f"={_escaped(blank.value)}"
    middle, far = tolerance(blank)
    return f"#{decimal(middle)}:{decimal(far)}"


def _option(html: str) -> str:
    return _escaped(_one_line(html))


def _one_line(html: str) -> str:
    """An empty line would end the question; those of a listing become breaks."""
    kept = _LISTING.sub(lambda listing: listing[0].replace("\n", "<br/>"), html)
    return " ".join(line.strip() for line in kept.split("\n") if line.strip())


def _escaped(text: str) -> str:
    return _SIGNS.sub(r"\\\1", text)


def _picture(svg: bytes) -> str:
    return f'<img src="data:image/svg+xml;base64,{base64.b64encode(svg).decode()}" alt=""/>'
