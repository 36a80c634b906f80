"""What verify finds: each thing that can be wrong with a finished paper or key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from generator.bank.problem import Exam
from generator.codes.page_code import PageCode
from generator.exact.secret import REFERENCE_SECRET
from generator.verify.readback import PageReading
from generator.verify.verify import (
    Expected,
    Forbidden,
    check_key,
    check_paper,
    first_missing,
    forbid,
    words_in_order,
)

EXAM, CODE, MARK = "exam-1", "E0007", "ABCD1234"
KEY = REFERENCE_SECRET.tag_key


def page(number: int, text: str = "", code: str = CODE) -> PageReading:
    """A page as it should be."""
    found = PageCode(EXAM, code, number)
    return PageReading(f"{found.text}\n{text}\n{MARK}", (found.payload(KEY),) * 2)


def wrong(
    pages: list[PageReading],
    expected: list[Expected] | None = None,
    forbidden: Forbidden | None = None,
) -> list[str]:
    return check_paper(expected or [], pages, EXAM, CODE, 2, KEY, forbidden or Forbidden(), MARK)


def test_a_sound_paper_has_nothing_wrong() -> None:
    assert wrong([page(1), page(2, "i = −1.5 and 2.0")], [Expected(2, ("-1.5", "2.0"))]) == []


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ([page(1)], "1 pages, expected 2"),
        ([page(1), page(1)], "expected exam-1-E0007-2"),
        ([page(1), page(2, code="E0008")], "says exam-1-E0008-2"),
        ([page(1), replace(page(2), codes=page(2).codes[:1])], "1 page codes can be read"),
        ([page(1), replace(page(2), codes=("EXAM-1-E0007-2-00000000",) * 2)], "a page code says"),
        ([page(1), replace(page(2), text="")], "is missing"),
        ([page(1), page(2, "KEY")], "it says KEY"),
    ],
)
def test_what_is_wrong_is_named(pages: list[PageReading], words: str) -> None:
    assert any(words in text for text in wrong(pages))


@pytest.mark.parametrize(
    ("tokens", "text", "missing"),
    [
        (("1.5",), "−1.5", "1.5"),
        (("-1.5",), "− 1.5", None),
        (("-1.5",), "1.5", "-1.5"),
        (("1.5",), "11.5", "1.5"),
        (("1.5",), "1.55", "1.5"),
        (("2", "3"), "3 2", "3"),
        (("2", "2"), "2", "2"),
        (("0.5",), "0.5.", None),
        (("7",), "7×7", None),
        (("Adam",), "the optimizer Adam", None),
    ],
)
def test_values_are_found_whole_and_in_order(
    tokens: tuple[str, ...], text: str, missing: str | None
) -> None:
    assert first_missing(tokens, text) == missing


def test_a_key_must_show_the_answers() -> None:
    def key(text: str) -> PageReading:
        return PageReading(f"{PageCode(EXAM, CODE, 1).text} KEY\n{text}\n{MARK}", ())

    answers = [Expected(1, ("0.65",))]
    assert check_key([], answers, [key("w = 0.65")], EXAM, CODE, 1, MARK) == []
    found = check_key([], answers, [key("w = 0.56")], EXAM, CODE, 1, MARK)
    assert "the answer 0.65 is missing" in found[0]
    scannable = replace(key("0.65"), codes=("X",))
    assert "scannable" in check_key([], answers, [scannable], EXAM, CODE, 1, MARK)[0]


def test_leaks_are_found(exam: Exam) -> None:
    students = [("03712041", "Jürgen", "Müller-Lüdenscheidt"), ("12", "Max", "Pooling")]
    forbidden = forbid(exam, students)
    assert forbidden.found("code 03712041 here") == ["a registration number (03712041)"]
    assert "a name" in forbidden.found("by Müller-Lüdenscheidt, Jürgen.")[0]
    assert forbidden.found("Jürgen met Mr Müller") == []
    assert forbidden.found("page 12 of 20") == []
    answer = "the third layer: each output channel is a learned weighted sum of all input channels"
    assert "of an answer" in forbidden.found(answer)[0]
    questions = " ".join(part.ask.source for problem in exam.problems for part in problem.parts)
    assert forbidden.found(questions) == []


def test_words_of_a_tex_text() -> None:
    source = r"Regularize the network by an $L_2$ penalty on \emph{its} weights."
    assert words_in_order(source) == (
        *("Regularize", "the", "network", "by", "an"),
        *("penalty", "on", "its", "weights"),
    )
