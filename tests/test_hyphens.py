"""Words that are broken: where it is allowed, how it is set, and how a page with them is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from one_problem import make_reference, one_part, write_one

from generator.bank.read.exam_file import load_exam
from generator.language.hyphens import break_places
from generator.verify.readback import read_pages
from generator.verify.visible import BREAK, compact, visible

ASK = (
    "Bestimmen Sie die Wahrscheinlichkeitsdichtefunktion der multiplizierten Zufallsvariablen, und "
    "unterscheiden Sie Vor- und Nachteile der Maximum-Likelihood-Schätzung gegenüber der "
    "Überschreitungswahrscheinlichkeit bei Stichprobenumfängen. Zahlentheoretische << a >>"
)


def reference(folder: Path, ask: str, more: str) -> Path:
    """The paper of the reference copy of an exam with this question."""
    draw = "[{names: [a], from: 2, to: 30}]"
    problem = one_part(draw, "{a: 25}", ask, "{z: 2*a}").replace("space: 45 mm", "space: 20 mm")
    file = write_one(folder, problem, more)
    done = make_reference(file, folder)
    assert done.returncode == 0, done.stderr
    return folder / "one-1" / "reference" / "E0743.pdf"


def test_words_have_their_places_by_the_language() -> None:
    assert break_places(["Die Wahrscheinlichkeit."], "de") == ("wahr-schein-lich-keit",)
    assert break_places(["a probability"], "en") == ("prob-ab-il-ity",)
    assert break_places(["größere Fälle"], "de") == ("grö-ßere",)


@pytest.mark.parametrize(
    "text", ["kurz", r"\mathrm", "E0743-Sonderfall", "слово-слово", "x_abcdefgh"]
)
def test_what_is_no_word_stays_whole(text: str) -> None:
    assert break_places([text], "de") == ()


def test_a_language_without_patterns_breaks_nothing() -> None:
    assert break_places(["Wahrscheinlichkeit"], "tlh") == ()


@pytest.mark.slow
def test_a_broken_word_is_read_whole_and_other_hyphens_are_kept(tmp_path: Path) -> None:
    paper = reference(tmp_path, ASK, "language: de\n")
    page = read_pages(paper, codes=False)[1].text
    (part,) = load_exam(tmp_path / "exam.yaml", tmp_path).problems[0].parts
    expected = visible(part.ask.source.partition("<<")[0])
    assert BREAK in page
    assert expected in compact(page)
    assert "Vor-undNachteile" in compact(page)
    # A hyphen that is none of the text's is found wherever it stands, and so is one that is lost.
    assert expected not in compact(page.replace(BREAK, "-"))
    assert expected not in compact(page.replace("Vor-", f"Vor{BREAK}"))


@pytest.mark.slow
def test_english_words_are_broken_only_where_they_must_be(tmp_path: Path) -> None:
    wide = (
        r"\parbox{24mm}{\raggedright the counterrevolutionaries} "
        + "and characteristically so " * 12
    )
    page = read_pages(reference(tmp_path, wide + "<< a >>", ""), codes=False)[1].text
    assert page.count(BREAK) == 1
