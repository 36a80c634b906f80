"""Characters: what a keyboard has is set, and what cannot be set is named with its place."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from one_problem import load_one, make_reference, one_part, write_one
from shipped import question, reference_solutions

from generator.bank.characters import as_set, formulas, known_characters, with_joined_scripts
from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam
from generator.errors import InputError
from generator.verify.visible import compact, visible

KEYBOARD = "€°±×·µ½²→‰≤α–…§³´äöüßÄÖÜ„“”‚‘’«»¹¼¾¬|¦÷"


def asked(folder: Path, text: str, more: str = "") -> Exam:
    draw, reference = "[{names: [a], from: 2, to: 30}]", "{a: 25}"
    return load_one(folder, one_part(draw, reference, f"{text} << a >>", "{z: 2*a}"), more)


def made(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """The reference copy of an exam with a text."""
    draw, reference = "[{names: [a], from: 2, to: 30}]", "{a: 25}"
    problem = one_part(draw, reference, f"{text} << a >>", "{z: 2*a}")
    file = write_one(folder, problem.replace("space: 45 mm", "space: 20 mm"))
    return make_reference(file, folder)


def test_all_of_a_keyboard_is_known() -> None:
    assert {it for it in KEYBOARD if not it.isascii()} - known_characters() - {"´"} == set()


@pytest.mark.slow
def test_every_known_character_can_be_set_in_text_and_in_math(tmp_path: Path) -> None:
    odd = {"\u2423", "\u200c", "\N{SOFT HYPHEN}"}  # a mark of its own, and what is only a place
    every = sorted(known_characters() - odd)
    text = " ".join(every)
    # Each by itself, since exponents cannot follow each other.
    math = " ".join(f"$x{chr(code)}$" for code in formulas())
    done = made(tmp_path, f"{text} {math}")
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_euro_and_degree_on_the_finished_page(tmp_path: Path) -> None:
    done = made(tmp_path, "A book costs 5 €, at 20 °C, \\textbf{½ €}, $x² ≤ 10⁻⁵$, Nguyễn, in")
    assert done.returncode == 0, done.stderr
    paper = tmp_path / "one-1" / "reference" / "E0743.pdf"
    text = subprocess.run(
        ["pdftotext", "-f", "2", "-l", "2", paper, "-"], capture_output=True, text=True, check=True
    ).stdout
    for said in ("5 €", "20 °C", "½ €", "Nguyễn"):
        assert said in text


def test_what_cannot_be_set_is_named_with_its_place_and_advice(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        asked(tmp_path, "So ☃, שלום, ①", "keys_released: 2030-02-11\n")
    found = [(it.line, it.where, it.message) for it in caught.value.problems]
    assert {line for line, _, _ in found} == {12}
    assert {where for _, where, _ in found} == {"parts.1.1.ask"}
    messages = "\n".join(message for _, _, message in found)
    assert "'☃' (U+2603, snowman) cannot be set on paper; leave it out" in messages
    hebrew = "'שלום' (U+05E9) cannot be set on paper; papers have no Hebrew letters; write the word"
    assert messages.count(hebrew) == messages.count("Hebrew") == 1
    assert "'①' (U+2460, circled digit one) cannot be set on paper; write '1'" in messages


def test_cover_fields_are_looked_at_too(tmp_path: Path) -> None:
    file = write_one(tmp_path, one_part("[]", "{}", "Why?", "{z: '2'}"))
    file.write_text(file.read_text().replace("Ada Musterfrau", "اد"), "utf-8")
    with pytest.raises(InputError, match=r"examiner: 'اد' \(U\+0627"):
        load_exam(file, tmp_path)


def test_texts_that_only_key_cards_show_are_looked_at_too(tmp_path: Path) -> None:
    problem = one_part("[{names: [a], from: 2, to: 30}]", "{a: 25}", "<< a >>", "{z: 2*a}")
    with pytest.raises(InputError, match=r"also_accept.0: '☃'"):
        load_one(tmp_path, problem + "    also_accept: ['☃']\n")


def test_digits_up_that_follow_each_other_are_one_exponent() -> None:
    assert with_joined_scripts("10⁻⁵ x² a₁₂") == (r"10\ensuremath{^{-5}} x² a\ensuremath{_{12}}")


@pytest.mark.parametrize(
    ("source", "page"),
    [("$x² + 10⁻⁵$", "x2 + 10−5"), ("½ ≠ 5", "½ ̸= 5"), ("5 °C ℝ", "5 °C R")],
)
def test_the_readback_knows_what_is_seen_of_a_character(source: str, page: str) -> None:
    assert visible(as_set(source)) == compact(page)


def test_drawn_texts_and_questions_keep_their_characters(tmp_path: Path) -> None:
    exam = asked(tmp_path, "Bei 20 °C und 5 €:")
    text = question(exam, "1.1", reference_solutions(exam)["1"])
    assert text.startswith("Bei 20 °C und 5 €:")
