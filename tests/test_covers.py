"""Covers: blocks and working instructions are data; nothing is printed over something else."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from one_problem import load_one, make_reference, one_part, write_one
from shipped import ROOT

from generator.bank.covers import BLOCKS, COVERS, HEADS, RULES, OwnText, logo_block
from generator.commands.check import colored_figures
from generator.compose.cover import cover, cover_texts
from generator.errors import InputError
from generator.verify.expect import Reading, cover_claims
from generator.verify.figure_readback import areas_of, wrong_images
from generator.verify.leaks import coincidences
from generator.verify.readback import picture_of, read_pages

PROBLEM = one_part("[{names: [a], from: 2, to: 30}]", "{a: 25}", "<< a >>", "{z: 2*a}").replace(
    "space: 45 mm", "space: 20 mm"
)
OWN = """\
second_examiner: Dr. Max Mustermann
aids: a ruler
point_boxes: false
grades: {scale: {"1.0": 2, "2.0": 1, "5.0": 0}}
cover:
  blocks: [name, title, facts, {text: Good luck to all of you!}, scores, grades, instructions]
  rules: [corners, "Write with a pen, dear pupils."]
  languages: [de]
"""


def made(folder: Path, more: str, problem: str = PROBLEM) -> subprocess.CompletedProcess[str]:
    file = write_one(folder, problem, more)
    return make_reference(file, folder)


def refused(folder: Path, more: str) -> str:
    with pytest.raises(InputError) as caught:
        load_one(folder, PROBLEM, more)
    return "\n".join(map(str, caught.value.problems))


def test_the_covers_that_come_along_have_known_blocks_and_rules() -> None:
    assert set(COVERS) == {"model", "school", "quiz"}
    for known in COVERS.values():
        assert known.blocks[0] in HEADS
        assert set(known.blocks) <= set(BLOCKS)
        assert set(known.rules) <= set(RULES)
    look = (ROOT / "latex" / "variantexam.cls").read_text("utf-8")
    for block in BLOCKS:
        assert rf"\newcommand\VX@cover@{block}{{" in look


def test_one_word_names_a_cover_and_a_mapping_changes_it(tmp_path: Path) -> None:
    assert load_one(tmp_path, PROBLEM, "cover: quiz\n").cover == COVERS["quiz"]
    own = load_one(tmp_path, PROBLEM, 'cover: {like: school, rules: [pens, "Be kind."]}\n').cover
    assert own.blocks == COVERS["school"].blocks
    assert own.rules == ("pens", OwnText("Be kind."))


def test_what_is_wrong_with_a_cover_is_said_at_its_place(tmp_path: Path) -> None:
    assert "cover: expected model, school or quiz" in refused(tmp_path, "cover: fancy\n").replace(
        "cover.like", "cover"
    )
    assert "expected sticker or name first" in refused(tmp_path, "cover: {blocks: [title]}\n")
    twice = refused(tmp_path, "cover: {blocks: [name, title, title]}\n")
    assert "cover.blocks.2: title is there already" in twice
    both = refused(tmp_path, "cover: {blocks: [name, {block: title, text: x}]}\n")
    assert "cover.blocks.1: expected a known name or a text" in both
    assert "en is the language of the exam" in refused(tmp_path, "cover: {languages: [en]}\n")


def test_a_student_with_a_name_of_the_cover_is_named_before_papers_are_made(tmp_path: Path) -> None:
    exam = load_one(tmp_path, PROBLEM, OWN)
    people = [("03712041", "Max", "Mustermann"), ("03712042", "Dear", "Pupils")]
    found = {complaint.where: complaint for complaint in coincidences(exam, people)}
    assert found.keys() == {"second_examiner"}
    assert found["second_examiner"].line == 16
    (written,) = coincidences(exam, [("03712043", "dear", "pupils")])
    assert (written.where, written.line) == ("cover", 20)


@pytest.mark.slow
def test_a_cover_of_ones_own_says_all_that_it_should(tmp_path: Path) -> None:
    done = made(tmp_path, OWN)
    assert done.returncode == 0, done.stderr
    page = read_pages(tmp_path / "one-1" / "reference" / "E0743.pdf", codes=False)[0].text
    said = " ".join(page.split())
    for text in ("Dr. Max Mustermann", "Good luck to all of you!", "Write with a pen", "Grade 1.0"):
        assert text in said
    assert "Permitted aids: a ruler." in said
    assert "Bearbeitungshinweise" in said
    assert "Erlaubte Hilfsmittel: a ruler." in said
    assert "Place student sticker" not in said
    exam = load_one(tmp_path, PROBLEM, OWN)
    assert list(Reading(page).missing(cover_claims(exam))) == []
    for _, text in cover_texts(exam):
        broken = page.replace(text.split()[-1], "")
        assert list(Reading(broken).missing(cover_claims(exam))), text


@pytest.mark.slow
def test_long_fields_wrap_or_are_refused_at_their_line(tmp_path: Path) -> None:
    long = "Prof. Dr. Ada Musterfrau-Lüdenscheidt, Prof. Dr. Max Mustermann-Oberhausen, Dr. Eve"
    done = made(tmp_path, f"second_examiner: {long}\n")
    assert done.returncode == 0, done.stderr
    chair = "Chair of all that is not yet known but will be found out before long, " * 20
    file = tmp_path / "exam.yaml"
    text = file.read_text("utf-8").replace("Chair of Tests", chair.strip(", "))
    file.write_text(text, "utf-8")
    done = make_reference(file, tmp_path)
    assert done.returncode == 2
    assert "exam.yaml:3: chair: what stands beside the sticker is" in done.stderr
    assert not Path(tmp_path / "one-1" / "reference" / "E0743.json.tmp").exists()


@pytest.mark.slow
def test_many_problems_have_their_scores_in_several_rows(tmp_path: Path) -> None:
    names = [f"problem-{number}.yaml" for number in range(1, 18)]
    file = write_one(tmp_path, PROBLEM, "cover: quiz\n")
    text = file.read_text("utf-8").replace("[problem-1.yaml]", f"[{', '.join(names)}]")
    text = text.replace("credits: 2", "credits: 34").replace("pages: 4", "pages: 12")
    file.write_text(text.replace("additional_pages: 1", "additional_pages: 0"), "utf-8")
    for number, name in enumerate(names, 1):
        own = PROBLEM.replace('id: "1"', f'id: "{number}"').replace('"1.1"', f'"{number}.1"')
        (tmp_path / name).write_text(own.replace("points: 2\nf", "points: 2\nnew_page: false\nf"))
    done = make_reference(file, tmp_path)
    assert done.returncode == 0, done.stderr
    page = read_pages(tmp_path / "one-1" / "reference" / "E0743.pdf", codes=False)[0].text
    assert "P 1 P 2" in " ".join(page.split())
    assert "P 17 Sum" in " ".join(page.split())


def test_a_table_of_grades_stands_there_where_a_scale_is_stated(tmp_path: Path) -> None:
    """Without one, its heading would stand alone."""
    school = "cover: school\n"
    assert "GradesAre" not in "".join(
        it.dumps() for it in cover(load_one(tmp_path, PROBLEM, school))
    )
    school += 'grades: {scale: {"1.0": 2, "5.0": 0}}\n'
    assert r"\GradeCell{1.0}" in "".join(
        it.dumps() for it in cover(load_one(tmp_path, PROBLEM, school))
    )


LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30">'
    '<rect width="90" height="30" fill="#333"/><circle cx="15" cy="15" r="10" fill="red"/></svg>'
)


def test_what_is_wrong_with_a_logo_is_said_at_its_line(tmp_path: Path) -> None:
    assert "exam.yaml:16:7: logo.image: there is no image" in refused(tmp_path, "logo: logo.svg\n")
    assert "exam.yaml:16:7: logo.image: expected the name of a PNG" in refused(
        tmp_path, "logo: logo.gif\n"
    )
    (tmp_path / "logo.svg").write_text(LOGO)
    (tmp_path / "logo.png").write_text(LOGO)
    assert "logo.png cannot be read as PNG" in refused(tmp_path, "logo: logo.png\n")
    wide = refused(tmp_path, "logo: {image: logo.svg, width: 70 mm}\n")
    assert "logo.width: expected more than 0 and at most 66 mm" in wide
    bare = refused(tmp_path, "logo: logo.svg\ncover: {blocks: [name, title]}\n")
    assert "exam.yaml:16:1: logo: the cover has no block that shows it" in bare
    nothing = refused(tmp_path, "cover: {blocks: [name, logo]}\n")
    assert "exam.yaml:16:24: cover.blocks.1: there is no logo" in nothing


def test_the_first_block_with_room_shows_the_logo(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(LOGO)
    shown = {name: logo_block(cover) for name, cover in COVERS.items()}
    assert shown == {"model": "sticker", "school": "institution", "quiz": "heading"}
    own = "logo: {image: logo.svg, width: 150 mm}\ncover: {blocks: [name, logo, institution]}\n"
    exam = load_one(tmp_path, PROBLEM, own)
    assert r"\LogoBlock{logo}{cover-logo}" in "".join(it.dumps() for it in cover(exam))
    assert exam.contents["logo.svg"] == LOGO.encode()


@pytest.mark.slow
def test_a_logo_is_looked_at_on_the_finished_cover(tmp_path: Path) -> None:
    """Its page is read back with it; a page without it is told. No boxes for points either."""
    from generator.typeset.preparation import prepare_press

    (tmp_path / "logo.svg").write_text(LOGO)
    exam = load_one(tmp_path, PROBLEM, "point_boxes: false\nlogo: logo.svg\n")
    press = prepare_press(exam, tmp_path / "cache")
    (place,) = press.places.figures.pages[1]
    assert place.names == {"slot": "cover-logo"}
    assert round(place.width_mm, 1) == 35
    assert round(place.x_mm + place.width_mm, 1) == 189
    (told,) = colored_figures(exam, press)
    assert (told.file, told.line, told.where) == (exam.file, 17, "cover-logo")
    (sheet,) = press.figures
    areas = areas_of(press.places.figures, {}, {"cover-logo": picture_of(sheet.pdf, 0)}, {})
    assert set(areas) == {1}
    blank = (1.0,) * 64
    pictures = {"cover-logo": picture_of(sheet.pdf, 0)}
    assert list(wrong_images(areas[1], pictures, [blank]))
    kinds = {box.kind for boxes in press.layout.pages.values() for box in boxes}
    assert "mark" not in kinds
    assert {"answer", "sticker", "score"} <= kinds
    assert json.dumps(press.layout.document())
