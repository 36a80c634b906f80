"""Plain text that text2qti makes a quiz of Canvas from: https://github.com/gpoore/text2qti."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from generator.exchange.pictures import QuestionPicture
from generator.exchange.questions import Blank, DrawnQuestion
from generator.exchange.scores import decimal

LEAST = Fraction(1, 10_000)


def canvas_text(
    questions: Sequence[DrawnQuestion], markdown: Mapping[str, str], title: str, folder: str = ""
) -> str:
    """The questions, numbered; several asked values of a question are questions of their own.

    Args:
        markdown: Each text as Markdown with formulas between dollar signs.
        folder: Where the figures are, seen from the text.
    """
    lines = [f"Quiz title: {title}", ""]
    number = 1
    asked: Counter[str] = Counter()
    for question in filter(fits_canvas, questions):
        for text, *answers in _bodies(question, markdown, folder):
            # Canvas takes questions with the same text for the same, whatever their options are.
            asked[text] += 1
            stem = f"{text}\n\n({asked[text]})" if asked[text] > 1 else text
            lines += [f"Title: {question.name}", f"Points: {_points(question)}"]
            lines += [_indented(f"{number}. ", stem), *answers, ""]
            number += 1
    return "\n".join(lines)


def fits_canvas(question: DrawnQuestion) -> bool:
    """Whether Canvas knows such a question: one without a right option it does not."""
    return question.form != "choice" or any(choice.right for choice in question.choices)


def _points(question: DrawnQuestion) -> str:
    """Points of one of the questions that are made of it; Canvas knows whole and half ones."""
    count = max(len(question.blanks), 1) if question.form == "numbers" else 1
    return decimal(Fraction(max(round(question.points / count * 2), 1), 2))


def _bodies(
    question: DrawnQuestion, markdown: Mapping[str, str], folder: str
) -> Iterator[list[str]]:
    text = "\n\n".join([markdown[question.text], *(_image(it, folder) for it in question.figures)])
    if question.form == "numbers":
        for blank in question.blanks:
            unit = f" {markdown[blank.unit]}" if blank.unit else ""
            asked = f"{text}\n\n{markdown[blank.label]} ?{unit}"
            yield [asked, _number(blank)]
    elif question.form == "choice":
        yield [text, *_choices(question, markdown, folder)]
    else:
        yield [text, "____"]


def _number(blank: Blank) -> str:
    """A number, or a text: Canvas compares no numbers that are nearly zero."""
    if blank.bounds is None or min(map(abs, blank.bounds)) < LEAST:
        return _indented("*   ", blank.value)
    least, most = blank.bounds
    return f"=   [{decimal(least)}, {decimal(most)}]"


def _image(figure: QuestionPicture, folder: str) -> str:
    return f"![]({folder}/{figure.name}.svg)"


def _choices(question: DrawnQuestion, markdown: Mapping[str, str], folder: str) -> Iterator[str]:
    for label, choice in zip("abcdefgh", question.choices, strict=False):
        if question.single:
            mark = f"{'*' if choice.right else ''}{label}) "
        else:
            mark = "[*] " if choice.right else "[ ] "
        shown = f" {_image(choice.figure, folder)}" if choice.figure is not None else ""
        yield _indented(mark, f"{markdown[choice.text]}{shown}".strip())


def _indented(mark: str, text: str) -> str:
    """A text behind a mark; its further lines stand below its first."""
    first, *rest = text.strip().split("\n")
    return "\n".join([mark + first, *(" " * len(mark) + line if line else "" for line in rest)])
