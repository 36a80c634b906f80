"""Key cards and sheets by problem: what is on them, and that they come with the batch."""

from __future__ import annotations

import csv
import json
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from pypdf import PdfReader
from shipped import Batch, find
from small_bank import changed, load
from small_project import EXAM_ID, Project

from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam
from generator.codes.check_character import with_check
from generator.correct.card import NONE, Card, CardPlan, compose_card
from generator.correct.card_press import CardPress, prepare_card_press
from generator.correct.card_template import card_template, cards_source
from generator.correct.problem_sheet import Column, SheetPlan, lay_out
from generator.draw.draw import draw_problem, reference_draw
from generator.errors import CopyError
from generator.exact.dice import Dice
from generator.files.program import FIGURES
from generator.pipeline.cards import CardMaker, CardShelf, card_stock
from generator.pipeline.sheet_maker import KeptCard, SheetMaker
from generator.record.batch import open_batch
from generator.solve.solve import solve_problem
from generator.typeset.pdftex import run
from generator.verify.readback import read_pages
from generator.verify.tokens import _pattern, are_written_alike, first_missing

pytestmark = pytest.mark.slow


def text_of(pdf: Path) -> str:
    return "\n".join(page.text for page in read_pages(pdf, codes=False))


# --- the model ------------------------------------------------------------------------------------


def test_a_card_has_choices_and_numbers_in_the_order_of_the_paper(batch: Batch) -> None:
    plan = CardPlan(batch.exam)
    code, solutions = next(iter(batch.copies.items()))
    tokens = compose_card(plan, code, solutions).tokens
    assert tokens[0] == with_check(code)
    at = tokens.index("1.1")
    marks = [option.correct for option in solutions["1"].options["1.1"]]
    expected = [label if right else NONE for label, right in zip("abcd", marks, strict=True)]
    assert list(tokens[at + 1 : at + 5]) == expected
    answers = solutions["3"].answers["3.1"]
    own = [str(answers[step]) for step in ("h1", "h2", "h3", "h4", "o1", "o2")]
    rest = iter(tokens[at:])
    assert all(answer in rest for answer in own)


def test_card_and_sheet_have_the_question_that_the_copy_has(tmp_path: Path) -> None:
    exam = load(tmp_path)
    plan = CardPlan(exam)
    sheets = SheetPlan(plan)
    picked = set()
    for number in range(12):
        code = f"E{number:04}"
        draws = {it.id: Dice(bytes(32), exam.id, code, it.id, 0) for it in exam.problems}
        solutions = {
            it.id: solve_problem(it, draw_problem(it, draws[it.id])) for it in exam.problems
        }
        card = compose_card(plan, code, solutions)
        chosen = int(solutions["1"].draw.choices["1.3"].options[0])
        assert card.picks["1.3"] == chosen - 1
        assert ("1.3/next_q" in card.rows) is (chosen == 2)
        titles = [column.title for column in sheets.columns["1"]]
        cells = dict(zip(titles, sheets.rows(solutions)["1"], strict=True))
        assert cells["1.3 question"] == str(chosen)
        assert bool(cells["1.3/2 next_q"]) is (chosen == 2)
        picked.add(chosen)
    assert picked == {1, 2}


def test_a_word_that_is_another_one_after_the_fallback_can_be_set(tmp_path: Path) -> None:
    """In the reference copy it is the same, so that nothing stands beside it."""
    said = "scaled: total * k * (x + y + z)\n      word: \"'yes' if total > 0 else 'no'\""
    text = changed("open.yaml", "scaled: total * k * (x + y + z)", said)
    exam = load(tmp_path, open=text)
    plan, press = CardPlan(exam), prepare_card_press(exam, tmp_path)
    copies = (Dice(bytes(32), exam.id, f"E{number:04}", "1", 0) for number in range(40))
    found = (solve_problem(exam.problems[0], draw_problem(exam.problems[0], it)) for it in copies)
    own = next(it for it in found if it.values["word"] == "no")
    choice = solve_problem(exam.problems[1], reference_draw(exam.problems[1]))
    card = compose_card(plan, "E0001", {"1": own, "2": choice})
    assert "yes" in card.rows["1.2/word"]
    body = cards_source(exam, [(card, "0" * 8, "")])
    source = f"\\begin{{document}}\n{body}\\end{{document}}\n"
    pdf = run(press.format, source, tmp_path, "chunk").pdf.read_bytes()
    assert len(card_stock(press).read_chunk(pdf)) == 1


def test_a_sheet_has_a_cell_for_every_column(batch: Batch) -> None:
    plan = CardPlan(batch.exam)
    sheets = SheetPlan(plan)
    solutions = list(batch.copies.values())[7]
    rows = sheets.rows(solutions)
    titles = [column.title for column in sheets.columns["3"]]
    cells = dict(zip(titles, rows["3"], strict=True))
    solution = solutions["3"]
    assert cells["3.1 h1"] == solution.answers["3.1"]["h1"]
    assert cells["3.2 mse after fallback"] == solution.fallback_answers["3.2"]["mse"]
    assert len(set(titles)) == len(titles)
    right = [option.correct for option in solutions["1"].options["1.9"]]
    options = dict(zip([it.title for it in sheets.columns["1"]], rows["1"], strict=True))
    assert options["1.9 options"].replace("none", "").split() == [
        label for label, it in zip("abcd", right, strict=True) if it
    ]


def test_columns_are_in_as_few_lines_as_they_need() -> None:
    columns = [Column("1.1", None, "key", f"a{it}", "$a$") for it in range(5)]
    narrow = lay_out(columns, [["1"] * 5])
    assert (narrow.landscape, narrow.lines) == (False, ((0, 1, 2, 3, 4),))
    wide = lay_out(columns, [["1" * 26] * 5])
    assert (wide.landscape, wide.lines) == (True, ((0, 1, 2, 3, 4),))
    many = lay_out([replace(columns[0], kind="value"), *columns * 4], [["1" * 26] * 21])
    assert many.lines[-1] == (0,)
    assert sorted(at for line in many.lines for at in line) == list(range(21))


def test_tokens_are_found_as_wholes_and_in_order() -> None:
    assert first_missing(["1.5", "-2"], "h 1.5 \u22122 x") is None
    assert first_missing(["1.5"], "11.5 -1.5 1.55 1.5.1") == "1.5"
    assert first_missing(["2", "1"], "1 2") == "1"
    for beside in ["", *" *(x7_.,-€$\u2212"]:
        for behind in ["", *" *(x7_.,-"]:
            found = _pattern("1.5").search(f"{beside}1.5{behind}".replace("\u2212", "-"))
            alone = are_written_alike(["1.5"], f"{beside}1.5{behind}".replace("\u2212", "-"))
            assert found is not None or not alone, (beside, behind)  # quick, never more lenient


# --- the batch ------------------------------------------------------------------------------------


def test_cards_come_with_the_keys(built: Project) -> None:
    folder = built.out / "correctors"
    codes = sorted(built.codes().values())
    assert sorted(path.stem for path in (folder / "cards").iterdir()) == codes
    for code in codes:
        [page] = read_pages(folder / "cards" / f"{code}.pdf", codes=False)
        [problem] = built.key(code)["problems"]  # type: ignore[misc]
        answers = [str(it) for part in problem["parts"] for it in part["answers"].values()]
        assert with_check(code) in page.text
        assert "KEY" in page.text.split()
        assert str(built.key(code)["record"]) in page.text
        assert first_missing(answers[:6], page.text) is None
        assert set(answers) <= set(page.text.replace("\u2212", "-").split())


def card_press(built: Project, exam: Exam) -> CardPress:
    """That of the build."""
    layout = json.loads((built.out / "examiner" / "layout.json").read_bytes())
    pages: dict[str, int] = {}
    for number, page in enumerate(layout["pages"], 1):
        for box in page["boxes"]:
            if "part" in box:
                pages.setdefault(box["part"], number)
    return prepare_card_press(exam, built.out.parent / ".work" / ".cache", pages)


def with_another_number(source: str) -> str:
    return re.sub(r"\\K\{\\ensuremath\{[^{}]*\}\}", r"\\K{7.25}", source)


def with_the_part_of_another(source: str) -> str:
    """Cards that share what stands in a part show what others share."""
    numbers: dict[str, list[str]] = {}
    for part, number in re.findall(r"\\Part\{(.*?)\}\{\d*\}\{([1-9]\d*)\}", source):
        numbers.setdefault(part, []).append(number)

    def next_one(same: re.Match[str]) -> str:
        its = numbers[same[1]]
        return rf"\Same{{{same[1]}}}{{{its[(its.index(same[2]) + 1) % len(its)]}}}"

    return re.sub(r"\\Same\{(.*?)\}\{(\d+)\}", next_one, source)


def with_the_notes_of_another(source: str) -> str:
    """Each question calls the first one's notes."""
    wrong = r"\makeatletter\let\RightCall\VC@called\def\VC@called#1{\RightCall{1}}\makeatother"
    return wrong + source


@pytest.mark.parametrize(
    "plant", [with_another_number, with_the_part_of_another, with_the_notes_of_another]
)
def test_a_wrong_number_on_a_card_is_found(
    built: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: Callable[[str], str]
) -> None:
    """One card is read by PDFium, later ones by their operators; TeX is given other numbers."""
    with open_batch(built.out) as opened:
        own = list(opened.ledger.active())
        copies = own + [replace(copy, code=f"{copy.code}.1") for copy in own]  # as reprints have
        press = card_press(built, opened.exam)
        stock, shelf = card_stock(press), CardShelf(tmp_path, press)
        maker = CardMaker(opened.exam, press, stock, shelf, tmp_path)
        maker.make(copies)

        def planted(exam: Exam, entries: Sequence[tuple[Card, str, str]]) -> str:
            source = plant(cards_source(exam, entries))
            assert source != cards_source(exam, entries)
            return source

        monkeypatch.setattr("generator.pipeline.cards.cards_source", planted)
        with pytest.raises(CopyError) as found:
            maker.make(copies)
    expected = len(own) if plant is with_the_part_of_another else len(copies)
    assert len(found.value.messages) == expected


def test_cards_name_nobody(built: Project) -> None:
    for path in (built.out / "correctors").rglob("*.pdf"):
        assert "Pat" not in text_of(path), path


def test_all_cards_have_bookmarks_in_the_order_of_codes(built: Project) -> None:
    pdf = built.out / "correctors" / "cards.pdf"
    reader = PdfReader(pdf)
    entries = [(entry.title, reader.get_destination_page_number(entry)) for entry in reader.outline]
    codes = sorted(built.codes().values())
    assert entries == [(with_check(code), page) for page, code in enumerate(codes)]
    for code, page in zip(codes, read_pages(pdf, codes=False), strict=True):
        assert with_check(code) in page.text
    subprocess.run(["qpdf", "--check", str(pdf)], check=True, capture_output=True)


def test_the_sheet_has_a_line_for_every_copy(built: Project) -> None:
    folder = built.out / "correctors" / "by-problem"
    with (folder / "P3.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    codes = sorted(built.codes().values())
    assert [row["code"] for row in rows] == codes
    text = text_of(folder / "P3.pdf")
    for row in rows:
        [problem] = built.key(row["code"])["problems"]  # type: ignore[misc]
        parts = {part["id"]: part for part in problem["parts"]}
        assert row["3.3 w21_new"] == parts["3.3"]["answers"]["w21_new"]
        after = parts["3.3"]["answers_from_fallback"]["w21_new"]
        assert row["3.3 w21_new after fallback"] == after
        assert row["i1"] == parts["3.1"]["given"]["i1"]
        line = text.replace("\u2013", "-")[text.index(with_check(row["code"])) :]
        assert first_missing([row["3.1 h1"], row["3.1 o2"], row["3.2 mse"]], line) is None
    assert EXAM_ID in text


def test_pages_of_a_sheet_are_set_anew_only_where_they_are_others(
    built: Project, tmp_path: Path
) -> None:
    exam = load_exam(built.exam, FIGURES)
    work = built.out.parent / ".work"
    press = card_press(built, exam)
    stock = card_stock(press)
    kept = [json.loads(it.read_bytes()) for it in (work / EXAM_ID / "cards").glob("*.json")]
    rows = [kept[number % len(kept)]["rows"] for number in range(60)]
    cards = [KeptCard(f"E{number:04}", "", row) for number, row in enumerate(rows, 1)]

    def make(own: list[KeptCard], folder: Path) -> tuple[int, bytes]:
        """How many pages with copies were set, and the sheet."""
        folder.mkdir(exist_ok=True)
        maker = SheetMaker(exam, press, stock, own, folder, tmp_path)
        pages = sum(map(maker.make, maker.tasks(1)[0]))
        return pages, maker.pdf(exam.problems[0]).read_bytes()

    new = tmp_path / "new"
    pages, first = make(cards[:-1], new)
    assert pages > 2
    assert make(cards[:-1], new) == (0, first)
    grown = make(cards, new)
    assert grown[0] == 1
    assert grown[1] == make(cards, tmp_path / "whole")[1]
    shorter = make(cards[:20], new)
    assert shorter[1] == make(cards[:20], tmp_path / "short")[1]
    assert make(cards[:20], new) == (0, shorter[1])
    (new / "P3.pdf").write_bytes(shorter[1][:-1])
    assert make(cards, new) == (pages, grown[1])
    reader = PdfReader(new / "P3.pdf")
    assert len(reader.pages) > pages
    assert all(str(number) in page.extract_text() for number, page in enumerate(reader.pages, 1))


def test_only_cards_of_new_keys_are_made_again(project: Project) -> None:
    cards = project.out / "correctors" / "cards"
    before = {path.name: path.read_bytes() for path in cards.iterdir()}
    project.roster.write_text(project.roster.read_text() + "04444444;Late;Lee;HS 1;9;Physik\n")
    assert "(1 made now)" in project.build()
    after = {path.name: path.read_bytes() for path in cards.iterdir()}
    assert before.items() < after.items()
    assert len(after) == len(before) + 1
    reader = PdfReader(project.out / "correctors" / "cards.pdf")
    assert len(reader.pages) == len(after)


def test_a_released_card_that_was_lost_is_made_again(project: Project) -> None:
    card = next((project.out / "correctors" / "cards").iterdir())
    content = card.read_bytes()
    card.unlink()
    project.build()
    assert card.read_bytes() == content


def test_a_corrected_formula_gives_errata_and_keeps_the_former_key(project: Project) -> None:
    codes = sorted(project.codes().values())
    folder = project.out / "correctors"
    assert not (folder / "errata.csv").exists()
    first = (folder / "keys" / f"{codes[0]}.pdf").read_bytes()
    before = _updated_weights(project, codes)
    project.edit(project.problem, "w21 - alpha*grad_w21", "w21 - 2*alpha*grad_w21")
    project.build()
    after = _updated_weights(project, codes)
    card = text_of(folder / "cards" / f"{codes[0]}.pdf").replace("\u2212", "-")
    assert after[codes[0]] in card.split()
    assert "revision 2" in card
    with (folder / "errata.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["code"], row["revision"], row["part"]) for row in rows} == {
        (code, "2", "3.3") for code in codes
    }
    own = {
        row["code"]: (row["before"], row["after"]) for row in rows if row["quantity"] == "w21_new"
    }
    assert own == {code: (before[code], after[code]) for code in codes}
    page = text_of(folder / "errata.pdf")
    assert all(with_check(code) in page for code in codes)
    assert (folder / "former" / f"{codes[0]}-r1.pdf").read_bytes() == first
    second = (folder / "keys" / f"{codes[0]}.pdf").read_bytes()
    project.edit(project.problem, "The square root of the MSE", "The root of the MSE")
    project.build()
    assert (folder / "former" / f"{codes[0]}-r1.pdf").read_bytes() == first
    assert (folder / "former" / f"{codes[0]}-r2.pdf").read_bytes() == second
    with (folder / "errata.csv").open(newline="") as file:
        last = [row for row in csv.DictReader(file) if row["revision"] == "3"]
    assert {tuple(row.values()) for row in last} == {
        (code, "3", "3.2", "mistakes", "1: The square root of the MSE", "1: The root of the MSE")
        for code in codes
    }
    assert "3.2 mistakes" in text_of(folder / "errata.pdf")
    done = ["sha256sum", "-c", "--quiet", "SHA256SUMS"]
    subprocess.run(done, cwd=folder, check=True)


def _updated_weights(project: Project, codes: list[str]) -> dict[str, str]:
    """Code to the answer w21_new in its key."""
    found = {}
    for code in codes:
        [problem] = project.key(code)["problems"]  # type: ignore[misc]
        found[code] = problem["parts"][2]["answers"]["w21_new"]
    return found


@pytest.mark.parametrize("name", ["cards.pdf", "by-problem/P3.pdf"])
def test_what_is_released_has_its_checksum(built: Project, name: str) -> None:
    sums = (built.out / "correctors" / "SHA256SUMS").read_text()
    assert f"  {name}\n" in sums
    done = ["sha256sum", "-c", "--quiet", "SHA256SUMS"]
    subprocess.run(done, cwd=built.out / "correctors", check=True)


def test_questions_on_cards_are_those_whose_answers_differ(exam: Exam) -> None:
    plan = CardPlan(exam)
    on_cards = {it.part.id for questions in plan.questions.values() for it in questions}
    assert {"2.3", "3.1", "3.2", "3.3", "4.2", "6.5", "7.1", "7.3", "7.4"} <= on_cards
    assert not {"2.1", "5.3", "8.4"} & on_cards
    assert {"2.1", "5.3", "8.4"} <= set(plan.elsewhere)
    assert not on_cards & set(plan.elsewhere)
    assert "2.1 (p. 5), 2.2" in card_template(plan, {"2.1": 5}).replace("~", " ")
    rows = {row.step for it in plan.questions["3"] for row in it.rows}
    assert rows == set(find(exam, "3").steps.order)


def test_mistakes_are_columns_of_card_and_sheet(batch: Batch) -> None:
    plan = CardPlan(batch.exam)
    sheets = SheetPlan(plan)
    solutions = next(iter(batch.copies.values()))
    values = solutions["3"].values
    titles = [column.title for column in sheets.columns["3"]]
    cells = dict(zip(titles, sheets.rows(solutions)["3"], strict=True))
    # The step goes up: the gradient is added.
    up = next(title for title in titles if title.startswith("3.3 w21_new mistake") and "C" in title)
    expected = values["w21"] + values["alpha"] * values["grad_w21"]  # type: ignore[operator]
    assert Fraction(cells[up]) == expected
    # Twice the mean squared error.
    assert Fraction(cells["3.2 mse mistake A"]) == 2 * values["mse"]  # type: ignore[operator]
    card = compose_card(plan, "E0001", solutions)
    assert cells["3.2 mse mistake A"].lstrip("-") in card.rows["3.2/mse"]


@pytest.mark.parametrize(
    ("token", "text", "is_there"),
    [
        ("-27.50", "\N{MINUS SIGN}£27.50", True),
        ("-18,000.00", "\N{MINUS SIGN}CHF 18,000.00", True),
        ("18'000.00", "CHF 18\N{RIGHT SINGLE QUOTATION MARK}000.00", True),
        ("27.50", "\N{MINUS SIGN}£27.50", False),
        ("-27.50", "£27.50", False),
        ("-5", "7 \N{MINUS SIGN} A 5", False),
    ],
)
def test_prices_are_read_with_their_sign(token: str, text: str, is_there: bool) -> None:
    assert (first_missing([token], text) is None) == is_there
