"""What verify finds: each thing that can be wrong with a finished paper or key."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pytest
from probe_bank import DRAW, EXAM, probe, question

from generator.bank.exam import Exam
from generator.bank.template import Shown, read_text
from generator.codes.page_code import PageCode
from generator.exact.secret import REFERENCE_SECRET
from generator.verify.expect import Claim, Expected, Piece, Reading, text_claim
from generator.verify.leaks import Forbidden, coincidences, forbid
from generator.verify.readback import PageReading
from generator.verify.verify import check_key, check_paper
from generator.verify.visible import gap_behind

EXAM_ID, CODE, MARK = "exam-1", "E0007", "ABCD1234"
KEY = REFERENCE_SECRET.tag_key


def page(number: int, text: str = "", code: str = CODE) -> PageReading:
    """A page as it should be."""
    found = PageCode(EXAM_ID, code, number)
    on_cover = code if number == 1 else ""
    return PageReading(f"{found.text}\n{on_cover}\n{text}\n{MARK}", (found.payload(KEY),) * 2)


def wrong(
    pages: list[PageReading],
    expected: list[Expected] | None = None,
    forbidden: Forbidden | None = None,
) -> list[str]:
    return check_paper(expected or [], pages, EXAM_ID, CODE, 2, KEY, forbidden or Forbidden(), MARK)


def says(number: int, *texts: str) -> list[Expected]:
    """A page that shows texts, with nothing but blanks and signs between them."""
    return [Expected(number, (Claim("1.1", tuple(Piece(text, 40) for text in texts)),))]


def test_a_sound_paper_has_nothing_wrong() -> None:
    assert wrong([page(1), page(2, "i = −1.5 and 2.0")], says(2, "i=-1.5", "2.0")) == []


@pytest.mark.parametrize("said", ["", "E0008", "E0007.1", "E00071"])
def test_a_cover_says_the_code_of_its_copy_beside_its_page_code(said: str) -> None:
    cover = page(1)
    cover = replace(cover, text=cover.text.replace(f"\n{CODE}\n", f"\n{said}\n"))
    assert "code of the copy is missing" in "".join(wrong([cover, page(2)]))


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ([page(1)], "1 pages, expected 2"),
        ([page(1), page(1)], "expected exam-1-E0007-2"),
        ([page(1), page(2, code="E0008")], "says exam-1-E0008-2"),
        ([page(1), replace(page(2), codes=page(2).codes[:1])], "1 page codes can be read"),
        ([page(1), replace(page(2), codes=("EXAM-1-E0007-2-00000000",) * 2)], "a page code says"),
        ([page(1), replace(page(2), text="")], "is missing"),
        ([page(1), replace(page(2), text=page(21).text)], "text exam-1-E0007-2 is missing"),
        ([replace(page(1), text=page(11).text), page(2)], "text exam-1-E0007-1 is missing"),
        ([page(1), page(2, "exam-1-E0007-2 KEY")], "its page code says KEY"),
        ([page(1), replace(page(2), crossed=(False, True))], "page 2: a tick box has a cross"),
    ],
)
def test_what_is_wrong_is_named(pages: list[PageReading], words: str) -> None:
    assert any(words in text for text in wrong(pages))


def test_a_question_may_speak_of_a_key() -> None:
    assert wrong([page(1), page(2, "Which column is the primary KEY ?")]) == []


@pytest.mark.parametrize(
    ("source", "text", "sound"),
    [
        # a minus, a dash, a hyphen, a digit or an exponent before a value, as the source has it
        ("$<a> - <b>$", "25 − 7", True),
        ("$<a> - <b>$", "25 − −7", False),
        ("$<a> - <b>$", "25 7", False),
        ("$<a> - <b>$", "7 − 25", False),
        ("$x^2 - <a>x + <b> = 0$", "x\n2 −25x+ 7 = 0", True),
        ("$x^2 - <a>x + <b> = 0$", "x\n2 −7x+ 25 = 0", False),
        ("$e^{-<b>}$", "e\n−7", True),
        ("$e^{-<b>}$", "e\n7", False),
        ("0<b> and <a>--<b>, <a>-fold", "07 and 25–7, 25-fold", True),
        ("0<b> and <a>--<b>, <a>-fold", "7 and 25–7, 25-fold", False),
        ("$<a>--<b>$", "25 − −7", True),
        ("<a>:<b>", "25:7", True),
        ("<a>:<b>", "25:17", False),
        # an upper script is set first
        (r"$\sum_{k=<b>}^{<a>} k$ and $\int_{<b>}^{<a>} x$", "P25\nk=7 k and R 25\n7\nx", True),
        (r"$\sum_{k=<b>}^{<a>} k$ and $\int_{<b>}^{<a>} x$", "P7\nk=25 k and R 25\n7\nx", False),
        (r"$\sum_{k=<b>}^{<a>} k$ and $\int_{<b>}^{<a>} x$", "P25\nk=7 k and R 7\n25\nx", False),
        # where an upper limit is wider than the sign below it, the sign is read within it
        (r"$\prod_{k=<b>}^{n-<a>} k$", "1 nY−25\nk=7\nk", True),
        (r"$\prod_{k=<b>}^{<a>} k$", "1 25Y\nk=7\nk", True),
        (r"$\prod_{k=<b>}^{<a>} k$", "1 251\nk=7\nk", False),
        (r"$\prod\limits_{k=<b>}^{n-<a>} k$", "1 n−Y25\nk=7\nk", True),
        (r"$\prod_{k=<b>}^{n-<a>} k$", "1 nY25\nk=7\nk", False),
        (r"$\prod_{k=<b>}^{n-<a>} k$", "1 nY−26\nk=7\nk", False),
        (r"$\prod_{k=<b>}^{n-<a>} k$", "1 n−2Y5\nk=7\nk", False),
        (r"$x_{k=<b>}^{n-<a>} k$", "1 xnY−25\nk=7\nk", False),
        # brackets and roots that are made of parts, with what is read of them
        (r"$\begin{pmatrix} <a> & <b> \\ <b> & -<a> \end{pmatrix}$", "(\n25 7\n7 −25!", True),
        (r"$\begin{pmatrix} <a> & <b> \\ <b> & -<a> \end{pmatrix}$", "(\n25 7\n7 25!", False),
        (r"$\sqrt[<b>]{<a>}$", "√7\n25", True),
        (r"$\sqrt[<b>]{<a>}$", "√7\n2", False),
        # a command that is not known may print whatever it likes, but the values
        (r"Of \foreign{x}{<a>} there are <b>.", "Of which 25 are x there are 7.", True),
        (r"Of \foreign{x}{<a>} there are <b>.", "Of which 26 are x there are 7.", False),
        (r"Of \foreign{x}{<a>} there are <b>.", "Of which 25 are x there are 8.", False),
        (r"$a \ne <a>$, $x \mapsto <b>$", "a ̸= 25, x 7→ 7", True),
        (r"$a \ne <a>$, $x \mapsto <b>$", "a ̸= 25, x 7→ 8", False),
        (r"a \textcolor{red}{word}\hspace{2mm}<a>", "a word 25", True),
        ("the naïve <a>", "the na\u0131\u0308ve 2", False),
        ("the naïve <a>", "the naïve 25", True),
        # the second level of a list has dashes
        (
            r"\begin{itemize}\item x\begin{itemize}\item <a>\end{itemize}\item <b>\end{itemize}",
            "• x – 25 • 7",
            True,
        ),
        (
            r"\begin{itemize}\item x\begin{itemize}\item <a>\end{itemize}\item <b>\end{itemize}",
            "• x – 26 • 7",
            False,
        ),
        # lengths without braces are no text
        # a space ends a number, beside a command that is not known too
        (r"Of \foreign{<a>} or \foreign{<b>}.", "Of 25 or 7. 0 1 2", True),
        (r"Of \foreign{<a>} or \foreign{<b>}.", "Of 25 or 7.0 1 2", False),
        (r"A\kern-2mm<a>\hskip 1em plus 2fil minus 3pt\raise 2pt\hbox{<b>}", "A25 7", True),
        (r"A\kern-2mm<a>\hskip 1em plus 2fil minus 3pt\raise 2pt\hbox{<b>}", "A25 2", False),
    ],
)
def test_the_source_tells_what_stands_beside_a_value(source: str, text: str, sound: bool) -> None:
    values = {"a": Shown(25, r"\ensuremath{25}"), "b": Shown(7, r"\ensuremath{7}")}
    bank_text = read_text(source.replace("<a>", "<< a >>").replace("<b>", "<< b >>"))
    claims = list(text_claim("1.1", bank_text, values, 0))
    assert (list(Reading(text).missing(claims)) == []) is sound


@pytest.mark.parametrize(("text", "sound"), [("276X8\nk=0 now", True), ("27X68\nk=0 now", False)])
def test_a_sign_may_be_read_before_the_base_of_a_number(text: str, sound: bool) -> None:
    values = {"a": Shown(190, r"\ensuremath{276_{8}}")}
    claims = list(text_claim("1.1", read_text(r"$\sum_{k=0}^{<< a >>}$ now"), values, 0))
    assert (list(Reading(text).missing(claims)) == []) is sound


def test_what_stands_above_an_arrow_at_the_end_is_followed_by_what_is_read_of_it() -> None:
    assert gap_behind(r"It is $\xrightarrow{x}$") > 0
    assert gap_behind(r"$\xrightarrow{x} y$") == 0


def test_what_is_missing_is_named() -> None:
    values = {"a": Shown(25, r"\ensuremath{25}")}
    claims = list(text_claim("1.1", read_text("It has $n = << a >>$ rows."), values, 0))
    (missing,) = Reading("It has n = 35 rows.").missing(claims)
    assert missing.startswith("1.1: expected 'Ithasn=25rows.' (a), and it says 'Ithasn=35rows.'")


def test_a_key_must_show_the_answers() -> None:
    def key(text: str) -> PageReading:
        return PageReading(f"{PageCode(EXAM_ID, CODE, 1).text} KEY\n{CODE}\n{text}\n{MARK}", ())

    answers = says(1, "w=0.65")
    assert check_key(answers, [key("w = 0.65")], EXAM_ID, CODE, 1, MARK) == []
    found = check_key(answers, [key("w = 0.56")], EXAM_ID, CODE, 1, MARK)
    assert "expected 'w=0.65'" in found[0]
    paper = replace(key("w = 0.65"), text=key("w = 0.65").text.replace(" KEY", ""))
    assert "does not say KEY" in check_key(answers, [paper], EXAM_ID, CODE, 1, MARK)[0]


@pytest.mark.parametrize(
    ("crossed", "said"),
    [
        ((True, False), ""),
        ((True,), "1 tick boxes, expected 2"),
        ((False, False), "option a of 1.1 is right, but has no cross"),
        ((True, True), "option b of 1.1 has a cross, but is wrong"),
    ],
)
def test_a_key_must_have_its_crosses(crossed: tuple[bool, ...], said: str) -> None:
    shown = PageReading(f"{PageCode(EXAM_ID, CODE, 1).text} KEY\n{CODE}\n{MARK}", (), crossed)
    crosses = {1: {"a of 1.1": True, "b of 1.1": False}}
    found = check_key([], [shown], EXAM_ID, CODE, 1, MARK, crosses)
    assert found == ([f"key of {CODE}, page 1: {said}"] if said else [])


@pytest.mark.parametrize("said", ["", "E0008"])
def test_a_key_says_the_code_of_its_copy_beside_its_page_code(said: str) -> None:
    shown = PageReading(f"exam-1-E0007-1 KEY\n{said}\n{MARK}", ())
    assert "code of the copy is missing" in "".join(check_key([], [shown], EXAM_ID, CODE, 1, MARK))


def test_four_proper_words_of_six_are_a_leak(tmp_path: Path) -> None:
    problem = question("<< a >> << b >>") + "    answer: so a b gives the wrong result\n"
    forbidden = forbid(probe(tmp_path, problem), ())
    assert forbidden.found("so a b gives the wrong") == []
    assert forbidden.found("a b gives the wrong result") != []


def test_leaks_are_found(exam: Exam) -> None:
    students = [
        ("03712041", "Jürgen", "Müller-Lüdenscheidt"),
        ("s1234567", "An", "Answer"),
        ("12", "Max", "Pooling"),
    ]
    forbidden = forbid(exam, students)
    assert forbidden.found("code 03712041 here") == ["a registration number (03712041)"]
    assert forbidden.found("by S1234567.") == ["a registration number (s1234567)"]
    assert "a name" in forbidden.found("by Müller-Lüdenscheidt, Jürgen.")[0]
    assert forbidden.found("Jürgen met Mr Müller; xs12345678") == []
    assert forbidden.found("page 12 of 20") == []
    assert forbidden.found("An answer counts only if the approach is documented") == []
    answer = "the third layer: each output channel is a learned weighted sum of all input channels"
    assert "of an answer" in forbidden.found(answer)[0]
    questions = " ".join(part.ask.source for problem in exam.problems for part in problem.parts)
    assert forbidden.found(questions) == []


def test_coincidences_are_said_at_their_line_and_can_be_confirmed(tmp_path: Path) -> None:
    ask = (
        "There are\n$<< a >>$ images, and $60000$ more by s1234567.\nDouble << b >>, Thomas Bayes."
    )
    draw = DRAW.replace("from: 20, to: 60", "one_of: [10000, 20000]").replace("a: 25", "a: 10000")
    people = [
        ("60000", "An", "Answer"),
        ("10000", "Thomas", "Bayes"),
        ("s1234567", "Twice", "Double"),
        ("00071", "Bo", "Probe"),
    ]
    exam = probe(tmp_path, question(ask, draw))
    found = sorted(
        (it.line, it.where, it.message.split("'")[1]) for it in coincidences(exam, people)
    )
    assert found == [
        (6, "a", "10000"),
        (15, "1.1", "60000"),
        (15, "1.1", "s1234567"),
        (16, "1.1", "Thomas Bayes"),
    ]
    confirmed = EXAM.replace(
        "problems:", 'coincidences: ["60000", "10000", s1234567, Thomas Bayes]\nproblems:'
    )
    exam = probe(tmp_path, question(ask, draw), confirmed)
    assert coincidences(exam, people) == []
    assert forbid(exam, people).found("60000, 10000, s1234567, Thomas Bayes") == []
    assert forbid(exam, people).found("00071") == ["a registration number (00071)"]


def test_what_worker_processes_get_names_nobody(exam: Exam) -> None:
    students = [("03712041", "Jürgen", "Müller-Lüdenscheidt")]
    sent = pickle.dumps(forbid(exam, students))
    for word in ("03712041", "jürgen", "müller", "lüdenscheidt"):
        assert word.encode() not in sent
