"""Moodle XML: https://docs.moodle.org/en/Moodle_XML_format."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from xml.etree import ElementTree as xml

from generator.exchange.pictures import QuestionPicture
from generator.exchange.questions import Blank, DrawnQuestion
from generator.exchange.scores import decimal, shares, tolerance


def moodle_xml(
    questions: Sequence[DrawnQuestion],
    html: Mapping[str, str],
    pictures: Mapping[str, bytes],
    name: str,
) -> bytes:
    """A question bank.

    Args:
        html: Each text with formulas between ``\\(`` and ``\\)``.
        pictures: Name of a figure to the SVG.
        name: What the category is called.
    """
    quiz = xml.Element("quiz")
    category = xml.SubElement(quiz, "question", type="category")
    _text(category, "category", f"$course$/{name}")
    for question in questions:
        _add(quiz, question, html, pictures)
    xml.indent(quiz)
    return bytes(xml.tostring(quiz, encoding="utf-8", xml_declaration=True)) + b"\n"


def _add(
    quiz: xml.Element,
    question: DrawnQuestion,
    html: Mapping[str, str],
    pictures: Mapping[str, bytes],
) -> None:
    kind = _kind(question)
    element = xml.SubElement(quiz, "question", type=kind)
    _text(element, "name", question.name)
    text = html[question.text]
    if kind == "cloze":
        text += "".join(_cloze(blank, html) for blank in question.blanks)
    asked = _html(element, "questiontext", text + "".join(map(_image, question.figures)))
    for figure in question.figures:
        _file(asked, figure, pictures)
    _html(element, "generalfeedback", html[question.solution])
    xml.SubElement(element, "defaultgrade").text = decimal(question.points)
    if question.form == "choice":
        _choices(element, question, html, pictures)
    elif question.form == "match":
        _matches(element, question, html)
    elif question.form == "essay":
        xml.SubElement(element, "responseformat").text = "editor"
        _html(element, "graderinfo", _rubric(question, html))
    elif kind != "cloze":
        _answer(element, question.blanks[0])


def _kind(question: DrawnQuestion) -> str:
    if question.form == "choice":
        return "multichoice"
    if question.form == "match":
        return "matching"
    if question.form == "essay":
        return "essay"
    if len(question.blanks) > 1:
        return "cloze"
    return "shortanswer" if question.blanks[0].bounds is None else "numerical"


def _image(figure: QuestionPicture) -> str:
    return f'<p><img src="@@PLUGINFILE@@/{figure.name}.svg" alt=""/></p>'


def _file(parent: xml.Element, figure: QuestionPicture, pictures: Mapping[str, bytes]) -> None:
    """The file of a figure, behind the text that shows it."""
    file = xml.SubElement(parent, "file", name=f"{figure.name}.svg", path="/", encoding="base64")
    file.text = base64.b64encode(pictures[figure.name]).decode()


def _choices(
    element: xml.Element,
    question: DrawnQuestion,
    html: Mapping[str, str],
    pictures: Mapping[str, bytes],
) -> None:
    """Moodle knows one right answer, or fractions of several; the sum is never below zero."""
    xml.SubElement(element, "single").text = "true" if question.single else "false"
    xml.SubElement(element, "shuffleanswers").text = "false"
    xml.SubElement(element, "answernumbering").text = "abc"
    for choice, fraction in zip(question.choices, _fractions(question), strict=True):
        answer = xml.SubElement(element, "answer", fraction=decimal(fraction * 100), format="html")
        shown = _image(choice.figure) if choice.figure is not None else ""
        xml.SubElement(answer, "text").text = html[choice.text] + shown
        if choice.figure is not None:
            _file(answer, choice.figure, pictures)
        _html(answer, "feedback", html[choice.why])


def _fractions(question: DrawnQuestion) -> Iterable[Fraction]:
    right = sum(choice.right for choice in question.choices)
    if question.single:
        return [Fraction(choice.right) for choice in question.choices]
    found = shares(question)
    # Where only all right boxes together earn anything, a wrong one takes all.
    if found is None or not right:
        return [Fraction(1, right) if choice.right else Fraction(-1) for choice in question.choices]
    return [
        Fraction(1, right) if choice.right else Fraction(-1, right) for choice in question.choices
    ]


def _matches(element: xml.Element, question: DrawnQuestion, html: Mapping[str, str]) -> None:
    xml.SubElement(element, "shuffleanswers").text = "true"
    for left, right in [*question.pairs, *(("", right) for right in question.extra)]:
        row = xml.SubElement(element, "subquestion", format="html")
        xml.SubElement(row, "text").text = html[left] if left else ""
        answer = xml.SubElement(row, "answer")
        xml.SubElement(answer, "text").text = html[right]


def _answer(element: xml.Element, blank: Blank) -> None:
    answer = xml.SubElement(element, "answer", fraction="100", format="moodle_auto_format")
    if blank.bounds is None:
        xml.SubElement(answer, "text").text = blank.value
        return
    middle, far = tolerance(blank)
    xml.SubElement(answer, "text").text = decimal(middle)
    xml.SubElement(answer, "tolerance").text = decimal(far)


def _cloze(blank: Blank, html: Mapping[str, str]) -> str:
    if blank.bounds is None:
        field = f"{{1:SHORTANSWER:={_escaped(blank.value)}}}"
    else:
        middle, far = tolerance(blank)
        field = f"{{1:NUMERICAL:={decimal(middle)}:{decimal(far)}}}"
    return f"<p>{html[blank.label]} {field} {html[blank.unit] if blank.unit else ''}</p>"


def _escaped(text: str) -> str:
    return "".join(f"\\{sign}" if sign in '}#~/"\\' else sign for sign in text)


def _rubric(question: DrawnQuestion, html: Mapping[str, str]) -> str:
    rows = "".join(f"<li>{decimal(points)}: {html[text]}</li>" for points, text in question.rubric)
    return f"<ul>{rows}</ul>"


def _text(parent: xml.Element, tag: str, text: str) -> xml.Element:
    element = xml.SubElement(parent, tag)
    xml.SubElement(element, "text").text = text
    return element


def _html(parent: xml.Element, tag: str, html: str) -> xml.Element:
    element = _text(parent, tag, html)
    element.set("format", "html")
    return element
